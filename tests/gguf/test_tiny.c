/* The tool that writes models with random weights: what it writes is sound, is what was asked for,
 * and is the same every time. */
#include "gguf/gguf.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { MAX_FILE_BYTES = 64 << 20 };

static const char *vocabs, *tool;

static int make(sm_op *op, const char *path, const char *vocab, const char *options)
{
    sm_str command = sm_strf(op->arena, "%s --out %s --vocab %s/ggml-vocab-%s.gguf %s 2>/dev/null",
                             tool, path, vocabs, vocab, options);
    int status = system(command.p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const struct {
    const char *options, *vocab, *kind, *architecture, *quantisation;
    int64_t n_layers, n_vocab, n_experts;
    sm_gguf_pooling pooling;
    bool chats;
} cases[] = {
    { "--kind qwen2", "qwen2", "model", "qwen2", "Q8_0", 4, 151936, 0, -1, true },
    { "--kind qwen2 --type f16", "qwen2", "model", "qwen2", "F16", 4, 151936, 0, -1, true },
    { "--kind qwen2 --type q4_0", "qwen2", "model", "qwen2", "Q4_0", 4, 151936, 0, -1, true },
    { "--kind qwen2 --type q4_k", "qwen2", "model", "qwen2", "Q4_K_S", 4, 151936, 0, -1, true },
    { "--kind deepseek2", "deepseek-llm", "model", "deepseek2", "Q8_0", 4, 102400, 8, -1, true },
    { "--kind bert", "bert-bge", "model", "bert", "Q8_0", 2, 30522, 0, SM_GGUF_POOLING_CLS, false },
    { "--kind reranker", "bert-bge", "model", "bert", "Q8_0", 2, 30522, 0, SM_GGUF_POOLING_RANK,
      false },
    { "--kind lora", "qwen2", "adapter", "qwen2", "Q8_0", 0, 0, 0, -1, true },
};

static void check(sm_op *op, const char *path, size_t i)
{
    sm_gguf *g;
    sm_gguf_facts f;
    if (sm_gguf_read(op, path, &g) < 0 || sm_gguf_facts_of(op, g, &f) < 0)
        fail_msg("%s: %.*s", cases[i].options, SM_ARG(op->msg));
    assert_true(sm_str_eq(f.kind, sm_str_of(cases[i].kind)));
    assert_true(sm_str_eq(f.architecture, sm_str_of(cases[i].architecture)));
    assert_true(sm_str_eq(f.quantisation, sm_str_of(cases[i].quantisation)));
    assert_int_equal(f.n_layers, cases[i].n_layers);
    assert_int_equal(f.n_vocab, cases[i].n_vocab);
    assert_int_equal(f.n_experts, cases[i].n_experts);
    assert_int_equal(f.pooling, cases[i].pooling);
    assert_int_equal(f.is_embedder, !cases[i].chats);
    bool talks = cases[i].chats && sm_str_eq(f.kind, SM_STR("model"));
    assert_int_equal(f.chat_template.n > 0, talks);
    assert_true(g->n_tensors > 0 && f.n_weight_bytes > 0);
    const sm_gguf_tensor *last = &g->tensor[g->n_tensors - 1];
    assert_true(g->file_bytes - (last->offset + last->n_bytes) < g->alignment);
}

static void every_kind_is_written_as_asked(void **state)
{
    (void)state;
    char dir[] = "/tmp/sm-tiny-XXXXXX";
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_op op;
        sm_op_begin(&op);
        const char *path = sm_path(op.arena, dir, "model.gguf");
        assert_int_equal(make(&op, path, cases[i].vocab, cases[i].options), 0);
        check(&op, path, i);
        remove(path);
        sm_op_end(&op);
    }
    remove(dir);
}

static sm_digest digest_of(sm_op *op, const char *path)
{
    sm_str bytes;
    assert_int_equal(sm_file_read(op, path, MAX_FILE_BYTES, &bytes), SM_OK);
    remove(path);
    return sm_sha256(bytes);
}

static void the_seed_alone_makes_the_weights(void **state)
{
    (void)state;
    static const char *const options[] = { "--kind bert --seed 7", "--kind bert --seed 7",
                                           "--kind bert --seed 8" };
    char dir[] = "/tmp/sm-tiny-XXXXXX";
    sm_op op;
    sm_digest d[3];
    assert_non_null(mkdtemp(dir));
    sm_op_begin(&op);
    for (size_t i = 0; i < 3; i++) {
        const char *path = sm_path(op.arena, dir, "model.gguf");
        assert_int_equal(make(&op, path, "bert-bge", options[i]), 0);
        d[i] = digest_of(&op, path);
    }
    assert_memory_equal(&d[0], &d[1], sizeof(d[0]));
    assert_memory_not_equal(&d[0], &d[2], sizeof(d[0]));
    remove(dir);
    sm_op_end(&op);
}

static void what_cannot_be_made_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options, *vocab;
        int code;
    } bad[] = {
        { "", "qwen2", 2 },
        { "--kind gpt", "qwen2", 2 },
        { "--kind qwen2 --size 3B", "qwen2", 2 },
        { "--kind deepseek2 --size 7B", "qwen2", 2 },
        { "--kind qwen2 --type q9", "qwen2", 2 },
        { "--kind qwen2 --seed x", "qwen2", 2 },
        { "--kind qwen2 --template llama", "qwen2", 2 },
        { "--kind", "qwen2", 2 },
        { "--kind qwen2", "no-such-vocabulary", 1 },
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_op_begin(&op);
        assert_int_equal(make(&op, "/tmp/sm-tiny-never.gguf", bad[i].vocab, bad[i].options),
                         bad[i].code);
        assert_false(sm_file_exists("/tmp/sm-tiny-never.gguf"));
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_as_asked),
        cmocka_unit_test(the_seed_alone_makes_the_weights),
        cmocka_unit_test(what_cannot_be_made_is_refused),
    };
    vocabs = getenv("SUNMAO_VOCABS");
    tool = getenv("SUNMAO_MAKE_TINY");
    if (!vocabs || !*vocabs || !tool) {
        puts("no vocabularies (make engine fetches them): nothing is tested");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
