#include "gguf/gguf.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A file in the making.  Each test writes a sound one with one thing changed. */
struct file {
    sm_buf b;
    uint64_t n_tensors, n_values; /* what the head says */
};

static void le(struct file *f, uint64_t v, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        sm_buf_addc(&f->b, (char)(v >> (8 * i) & 0xff));
}

static void text(struct file *f, const char *s)
{
    le(f, strlen(s), 8);
    sm_buf_add(&f->b, sm_str_of(s));
}

static void text_value(struct file *f, const char *key, const char *s)
{
    text(f, key);
    le(f, SM_GGUF_STRING, 4);
    text(f, s);
    f->n_values++;
}

static void value(struct file *f, const char *key, sm_gguf_type type, uint64_t v, size_t n_bytes)
{
    text(f, key);
    le(f, type, 4);
    le(f, v, n_bytes);
    f->n_values++;
}

static void tensor(struct file *f, const char *name, uint32_t type, uint64_t a, uint64_t b,
                   uint64_t offset)
{
    text(f, name);
    le(f, 2, 4);
    le(f, a, 8);
    le(f, b, 8);
    le(f, type, 4);
    le(f, offset, 8);
    f->n_tensors++;
}

static void begin(struct file *f)
{
    *f = (struct file){ 0 };
    sm_buf_init(&f->b, 1 << 24);
    sm_buf_add(&f->b, SM_STR("GGUF"));
    le(f, 3, 4);
    le(f, 0, 8); /* the counts, put by end */
    le(f, 0, 8);
}

static void put(struct file *f, size_t at, uint64_t v, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        f->b.p[at + i] = (char)(v >> (8 * i) & 0xff);
}

static void end(struct file *f, size_t data_bytes)
{
    put(f, 8, f->n_tensors, 8);
    put(f, 16, f->n_values, 8);
    while (f->b.n % 32)
        sm_buf_addc(&f->b, 0);
    for (size_t i = 0; i < data_bytes; i++)
        sm_buf_addc(&f->b, 'w');
    assert_false(f->b.failed);
}

static void sound_values(struct file *f)
{
    text_value(f, "general.architecture", "qwen2");
    text_value(f, "general.name", "测试模型");
    text_value(f, "general.license", "apache-2.0");
    text_value(f, "tokenizer.chat_template", "{{ messages }}");
    text_value(f, "tokenizer.ggml.model", "gpt2");
    value(f, "general.file_type", SM_GGUF_U32, 15, 4);
    value(f, "qwen2.context_length", SM_GGUF_U32, 32768, 4);
    value(f, "qwen2.embedding_length", SM_GGUF_U64, 64, 8);
    value(f, "qwen2.block_count", SM_GGUF_U16, 2, 2);
    text(f, "tokenizer.ggml.tokens");
    le(f, SM_GGUF_ARRAY, 4);
    le(f, SM_GGUF_STRING, 4);
    le(f, 3, 8);
    text(f, "a");
    text(f, "b");
    text(f, "");
    f->n_values++;
}

static void sound(struct file *f)
{
    begin(f);
    sound_values(f);
    tensor(f, "token_embd.weight", 8, 64, 3, 0); /* Q8_0: 3 rows of 2 blocks, 204 bytes */
    tensor(f, "output_norm.weight", 0, 64, 1, 224);
    end(f, 224 + 256);
}

static sm_rc parse(sm_op *op, const struct file *f, sm_gguf **g)
{
    return sm_gguf_parse(op, "m.gguf", sm_buf_str(&f->b), f->b.n, g);
}

static void a_sound_file_is_read_with_its_facts(void **state)
{
    (void)state;
    sm_op op;
    struct file f;
    sm_gguf *g = NULL;
    sm_gguf_facts facts;
    sm_op_begin(&op);
    sound(&f);
    assert_int_equal(parse(&op, &f, &g), SM_OK);
    assert_int_equal(g->version, 3);
    assert_int_equal(g->n_tensors, 2);
    assert_int_equal(g->tensor[0].n_bytes, 204);
    assert_int_equal(g->tensor[0].offset, g->data_offset);
    assert_int_equal(g->tensor[1].offset, g->data_offset + 224);
    assert_int_equal(sm_gguf_facts_of(&op, g, &facts), SM_OK);
    assert_true(sm_str_eq(facts.architecture, SM_STR("qwen2")));
    assert_true(sm_str_eq(facts.name, SM_STR("测试模型")));
    assert_true(sm_str_eq(facts.licence, SM_STR("apache-2.0")));
    assert_true(sm_str_eq(facts.quantisation, SM_STR("Q4_K_M")));
    assert_true(sm_str_eq(facts.chat_template, SM_STR("{{ messages }}")));
    assert_int_equal(facts.n_context_tokens, 32768);
    assert_int_equal(facts.n_embed, 64);
    assert_int_equal(facts.n_layers, 2);
    assert_int_equal(facts.n_vocab, 3);
    assert_int_equal(facts.n_parameters, 64 * 4);
    assert_int_equal(facts.pooling, SM_GGUF_POOLING_UNKNOWN);
    assert_false(facts.is_embedder);
    sm_buf_done(&f.b);
    sm_op_end(&op);
}

/* ------------------------------------------------- what is refused, and why */

static void with_magic(struct file *f)
{
    sound(f);
    f->b.p[3] = 'f';
}

static void with_version_1(struct file *f)
{
    sound(f);
    put(f, 4, 1, 4);
}

static void with_big_endian(struct file *f)
{
    sound(f);
    put(f, 4, 3u << 24, 4);
}

static void with_many_tensors(struct file *f)
{
    sound(f);
    put(f, 8, UINT64_MAX, 8);
}

static void with_more_tensors_than_bytes(struct file *f)
{
    sound(f);
    put(f, 8, SM_GGUF_MAX_TENSORS, 8);
}

static void with_many_values(struct file *f)
{
    sound(f);
    put(f, 16, 1ull << 60, 8);
}

static void with_endless_key(struct file *f)
{
    sound(f);
    put(f, 24, UINT64_MAX - 3, 8);
}

static void with_endless_string(struct file *f)
{
    sound(f);
    put(f, 24 + 8 + 20 + 4, 1ull << 40, 8);
}

static void with_unknown_value_type(struct file *f)
{
    sound(f);
    put(f, 24 + 8 + 20, 13, 4);
}

static void with_key_twice(struct file *f)
{
    begin(f);
    sound_values(f);
    text_value(f, "general.name", "b");
    end(f, 0);
}

static void with_huge_array(struct file *f)
{
    begin(f);
    text(f, "a");
    le(f, SM_GGUF_ARRAY, 4);
    le(f, SM_GGUF_U64, 4);
    le(f, (1ull << 61) + 1, 8);
    f->n_values++;
    end(f, 64);
}

static void with_deep_arrays(struct file *f)
{
    begin(f);
    text(f, "a");
    le(f, SM_GGUF_ARRAY, 4);
    for (int i = 0; i < 1000; i++) {
        le(f, SM_GGUF_ARRAY, 4);
        le(f, 1, 8);
    }
    f->n_values++;
    end(f, 64);
}

static void with_bad_bool(struct file *f)
{
    begin(f);
    value(f, "a", SM_GGUF_BOOL, 2, 1);
    end(f, 0);
}

static void with_odd_alignment(struct file *f)
{
    begin(f);
    sound_values(f);
    value(f, "general.alignment", SM_GGUF_U32, 24, 4);
    end(f, 0);
}

static void with_no_alignment(struct file *f)
{
    begin(f);
    sound_values(f);
    value(f, "general.alignment", SM_GGUF_U32, 0, 4);
    end(f, 0);
}

static void with_unknown_tensor_type(struct file *f)
{
    begin(f);
    tensor(f, "a", 4, 64, 1, 0);
    end(f, 256);
}

static void with_overflowing_shape(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 1ull << 33, 1ull << 33, 0);
    end(f, 256);
}

static void with_zero_dimension(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 0, 4, 0);
    end(f, 256);
}

static void with_ragged_row(struct file *f)
{
    begin(f);
    tensor(f, "a", 12, 64, 1, 0);
    end(f, 256);
}

static void with_five_dimensions(struct file *f)
{
    begin(f);
    text(f, "a");
    le(f, 5, 4);
    for (int i = 0; i < 60; i++)
        sm_buf_addc(&f->b, 0);
    f->n_tensors++;
    end(f, 256);
}

static void with_tensor_past_the_end(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 64, 2, 0);
    end(f, 511);
}

static void with_wild_offset(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 64, 1, UINT64_MAX - 31);
    end(f, 256);
}

static void with_crooked_offset(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 8, 1, 4);
    end(f, 256);
}

static void with_overlap(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 64, 1, 0);
    tensor(f, "b", 0, 64, 1, 224);
    end(f, 512);
}

static void with_tensor_twice(struct file *f)
{
    begin(f);
    tensor(f, "a", 0, 8, 1, 0);
    tensor(f, "a", 0, 8, 1, 32);
    end(f, 64);
}

static const struct {
    void (*write)(struct file *f);
    sm_rc rc;
    const char *says;
} bad[] = {
    { with_magic, SM_E_CORRUPT, "没有 GGUF 标志" },
    { with_version_1, SM_E_CORRUPT, "版本号不是 2 或 3" },
    { with_big_endian, SM_E_CORRUPT, "大端" },
    { with_many_tensors, SM_E_LIMIT, "张量数" },
    { with_more_tensors_than_bytes, SM_E_CORRUPT, "截断" },
    { with_many_values, SM_E_LIMIT, "元数据条数" },
    { with_endless_key, SM_E_LIMIT, "键名" },
    { with_endless_string, SM_E_LIMIT, "字符串" },
    { with_unknown_value_type, SM_E_CORRUPT, "值的类型" },
    { with_key_twice, SM_E_CORRUPT, "重复的键名" },
    { with_huge_array, SM_E_CORRUPT, "数组的长度溢出" },
    { with_deep_arrays, SM_E_LIMIT, "嵌套" },
    { with_bad_bool, SM_E_CORRUPT, "布尔值" },
    { with_odd_alignment, SM_E_CORRUPT, "general.alignment" },
    { with_no_alignment, SM_E_CORRUPT, "general.alignment" },
    { with_unknown_tensor_type, SM_E_CORRUPT, "张量的类型" },
    { with_overflowing_shape, SM_E_CORRUPT, "相乘溢出" },
    { with_zero_dimension, SM_E_CORRUPT, "一维为零" },
    { with_ragged_row, SM_E_CORRUPT, "整数倍" },
    { with_five_dimensions, SM_E_CORRUPT, "维数超过 4" },
    { with_tensor_past_the_end, SM_E_CORRUPT, "张量 a 超出文件末尾" },
    { with_wild_offset, SM_E_CORRUPT, "超出文件末尾" },
    { with_crooked_offset, SM_E_CORRUPT, "没有对齐" },
    { with_overlap, SM_E_CORRUPT, "张量 b 与另一个张量重叠" },
    { with_tensor_twice, SM_E_CORRUPT, "重名的张量" },
};

static void every_unsound_head_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        struct file f;
        sm_gguf *g = NULL;
        sm_op_begin(&op);
        bad[i].write(&f);
        sm_rc rc = parse(&op, &f, &g);
        if (rc != bad[i].rc || g || !sm_str_has(op.msg, sm_str_of(bad[i].says)))
            fail_msg("%s: %s \"%.*s\"", bad[i].says, sm_rc_name(rc), SM_ARG(op.msg));
        assert_true(sm_str_has(op.msg, SM_STR("m.gguf")));
        sm_buf_done(&f.b);
        sm_op_end(&op);
    }
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct file f;
    sound(&f);
    for (size_t n = 0; n < f.b.n; n++) {
        sm_op op;
        sm_gguf *g = NULL;
        char *cut = malloc(n + 1); /* exactly as long: a read beyond it is seen */
        memcpy(cut, f.b.p, n);
        sm_op_begin(&op);
        assert_int_equal(sm_gguf_parse(&op, "m.gguf", (sm_str){ cut, n }, n, &g), SM_E_CORRUPT);
        assert_null(g);
        sm_op_end(&op);
        free(cut);
    }
    sm_buf_done(&f.b);
}

static const struct {
    const char *key, *value;
} missing[] = { { "general.architecture", "Qwen 2" }, { "general.name", "\xff\xfe" } };

static void facts_that_no_model_can_do_without_are_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(missing); i++) {
        sm_op op;
        struct file f;
        sm_gguf *g = NULL;
        sm_gguf_facts facts = { .n_layers = -1 };
        sm_op_begin(&op);
        begin(&f);
        if (i > 0)
            text_value(&f, "general.architecture", "qwen2");
        text_value(&f, missing[i].key, missing[i].value);
        value(&f, "qwen2.block_count", SM_GGUF_U32, 2, 4);
        end(&f, 0);
        assert_int_equal(parse(&op, &f, &g), SM_OK);
        assert_int_equal(sm_gguf_facts_of(&op, g, &facts), SM_E_CORRUPT);
        assert_int_equal(facts.n_layers, -1);
        sm_buf_done(&f.b);
        sm_op_end(&op);
    }
}

static void integers_of_every_width_keep_their_sign(void **state)
{
    (void)state;
    sm_op op;
    struct file f;
    sm_gguf *g = NULL;
    int64_t n = 0;
    sm_op_begin(&op);
    begin(&f);
    value(&f, "i8", SM_GGUF_I8, 0xff, 1);
    value(&f, "i32", SM_GGUF_I32, 0xfffffffe, 4);
    value(&f, "i64", SM_GGUF_I64, (uint64_t)INT64_MIN, 8);
    value(&f, "u16", SM_GGUF_U16, 0xffff, 2);
    value(&f, "u64", SM_GGUF_U64, UINT64_MAX, 8);
    value(&f, "f32", SM_GGUF_F32, 0, 4);
    end(&f, 0);
    assert_int_equal(parse(&op, &f, &g), SM_OK);
    assert_true(sm_gguf_integer(g, "i8", &n) && n == -1);
    assert_true(sm_gguf_integer(g, "i32", &n) && n == -2);
    assert_true(sm_gguf_integer(g, "i64", &n) && n == INT64_MIN);
    assert_true(sm_gguf_integer(g, "u16", &n) && n == 0xffff);
    assert_false(sm_gguf_integer(g, "u64", &n));
    assert_false(sm_gguf_integer(g, "f32", &n));
    assert_false(sm_gguf_integer(g, "none", &n));
    sm_buf_done(&f.b);
    sm_op_end(&op);
}

/* The reader takes a first megabyte; what goes on behind it is read, too. */
static void a_head_longer_than_the_first_read_is_read_from_its_file(void **state)
{
    (void)state;
    enum { N = 300000 };
    sm_op op;
    struct file f;
    sm_gguf *g = NULL;
    sm_gguf_facts facts;
    char path[] = "/tmp/sm-gguf-XXXXXX";
    sm_op_begin(&op);
    begin(&f);
    text(&f, "tokenizer.ggml.tokens");
    le(&f, SM_GGUF_ARRAY, 4);
    le(&f, SM_GGUF_STRING, 4);
    le(&f, N, 8);
    for (int i = 0; i < N; i++)
        text(&f, "token");
    f.n_values++;
    text_value(&f, "general.architecture", "bert");
    value(&f, "bert.context_length", SM_GGUF_U32, 512, 4);
    value(&f, "bert.embedding_length", SM_GGUF_U32, 64, 4);
    value(&f, "bert.block_count", SM_GGUF_U32, 2, 4);
    value(&f, "bert.pooling_type", SM_GGUF_U32, 2, 4);
    end(&f, 0);
    close(mkstemp(path));
    assert_int_equal(sm_file_write(&op, path, sm_buf_str(&f.b)), SM_OK);
    assert_int_equal(sm_gguf_read(&op, path, &g), SM_OK);
    assert_int_equal(sm_gguf_facts_of(&op, g, &facts), SM_OK);
    assert_int_equal(facts.n_vocab, N);
    assert_int_equal(facts.pooling, SM_GGUF_POOLING_CLS);
    assert_true(facts.is_embedder);
    unlink(path);
    assert_int_equal(sm_gguf_read(&op, path, &g), SM_E_NOTFOUND);
    sm_buf_done(&f.b);
    sm_op_end(&op);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    static const char *const path[] = { "/tmp", "/dev/zero", "/dev/null" };
    for (size_t i = 0; i < SM_LEN(path); i++) {
        sm_op op;
        sm_gguf *g = NULL;
        sm_op_begin(&op);
        assert_int_equal(sm_gguf_read(&op, path[i], &g), SM_E_INVALID);
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_file_is_read_with_its_facts),
        cmocka_unit_test(every_unsound_head_is_refused_with_its_reason),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(facts_that_no_model_can_do_without_are_asked_for),
        cmocka_unit_test(integers_of_every_width_keep_their_sign),
        cmocka_unit_test(a_head_longer_than_the_first_read_is_read_from_its_file),
        cmocka_unit_test(what_is_no_regular_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
