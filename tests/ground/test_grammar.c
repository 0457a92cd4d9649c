/* The grammar of evidence: what it lets through, and that nothing else can be drawn from it. */
#include "../engine/gbnf.h"
#include "ground/mask_inner.h"
#include "said.h"

#include <stdio.h>

#define SM_LIT(lit)             \
    {                           \
        "" lit, sizeof(lit) - 1 \
    }

static const sm_source town[] = {
    { SM_LIT("HJ-001/limit"), SM_LIT("办事指南《居住证申领》"),
      SM_LIT("承诺办结时限为20个工作日，法定办结时限为3至5个月。收费标准：20元/证。"
             "首次申领不收费，补领的一次性收取工本费十元。") },
    { SM_LIT("ZC-002/4"), SM_LIT("《云澜市居住证管理办法》第四条"),
      SM_LIT("根据《居住证暂行条例》和澜政规〔2024〕3号，年满十六周岁的，由云澜市公安局办理。"
             "自2026年11月23日起施行。咨询电话0891-6543210，地址滨湖路18号2楼3号窗口。") },
};

static sm_str grammar_of(sm_op *op, const sm_source *s, size_t n, sm_keys *keys)
{
    sm_evidence *e;
    sm_str text = { 0 };
    *keys = (sm_keys){ 0 };
    assert_int_equal(sm_evidence_read(op, s, n, &e), SM_OK);
    assert_int_equal(sm_ground_gbnf(op, e, &text), SM_OK);
    for (size_t i = 0; i < n; i++) {
        sm_keys_read(op->arena, keys, s[i].text);
        sm_keys_read(op->arena, keys, s[i].title);
    }
    return text;
}

static void it_lets_the_evidence_through_and_nothing_else(void **state)
{
    static const char *const good[] = { "需20个工作日，收20元/证。",
                                        "20个工作日内，可办结[1]。",
                                        "一般在网点申请，可办理，云澜市公安局，",
                                        "依据《居住证暂行条例》[2]，请携带材料。",
                                        "原文是「首次申领不收费」。",
                                        "<1.1>\n<2.3>\n",
                                        "申请。[1][2]\n请携带材料。" },
                             *const bad[] = { "需30个工作日。",   "需200元/证。",
                                              "需20元/证书。",    "由云澜市民政局，",
                                              "原文是「收费」。", "原文是“首次”。",
                                              "见[3]。",          "<1.9>\n",
                                              "申请<1.1>\n",      "第五条，",
                                              "二十五个，",       "" };
    sm_op op;
    sm_keys keys;
    (void)state;
    sm_op_begin(&op);
    const gbnf *g = gbnf_read(op.arena, grammar_of(&op, town, SM_LEN(town), &keys));
    for (size_t i = 0; i < SM_LEN(good); i++)
        if (!gbnf_admits(g, good[i]))
            fail_msg("should be let through: %s", good[i]);
    for (size_t i = 0; i < SM_LEN(bad); i++)
        if (gbnf_admits(g, bad[i]))
            fail_msg("should be stopped: %s", bad[i]);
    sm_op_end(&op);
}

/* ----------------------------------------------------------------- drawing */

static void draw(const gbnf *g, const gbnf_node *n, sm_rng *rng, sm_buf *out)
{
    size_t choices = n->kind == GBNF_CHARS ? n->n / 2 : n->n; /* a range is two numbers */
    uint32_t some = choices ? sm_rng_below(rng, (uint32_t)choices) : 0;
    char bytes[4];
    if (n->kind == GBNF_CHARS && !n->negated && n->n) {
        uint32_t lo = n->range[2 * some], hi = n->range[2 * some + 1];
        uint32_t c = lo + sm_rng_below(rng, hi - lo + 1);
        sm_buf_add(out, (sm_str){ bytes, sm_utf8_put(c, bytes) });
    } else if (n->kind == GBNF_SEQUENCE) {
        for (size_t i = 0; i < n->n; i++)
            draw(g, n->child[i], rng, out);
    } else if (n->kind == GBNF_CHOICE) {
        draw(g, n->child[some], rng, out);
    } else if (n->kind == GBNF_REPEAT) {
        int64_t times = n->min + sm_rng_below(rng, 30);
        for (int64_t i = 0; i < SM_MIN(times, n->max); i++)
            draw(g, n->child[0], rng, out);
    } else if (n->kind == GBNF_RULE) {
        draw(g, gbnf_find(g, n->name), rng, out);
    }
}

static void draw_from(sm_op *op, const sm_source *s, size_t n, uint64_t seed, size_t texts,
                      size_t *n_facts)
{
    sm_keys keys;
    sm_rng rng = { seed };
    const gbnf *g = gbnf_read(op->arena, grammar_of(op, s, n, &keys));
    for (size_t i = 0; i < texts; i++) {
        sm_buf b;
        sm_fact *fact;
        sm_arena *a = sm_arena_open();
        sm_buf_init(&b, 1 << 20);
        draw(g, gbnf_find(g, SM_STR("root")), &rng, &b);
        sm_str said = without_marks(a, sm_buf_str(&b));
        size_t k = sm_text_facts_all(a, said, NULL, &fact);
        *n_facts += k;
        for (size_t j = 0; j < k; j++)
            if (!sm_keys_has(&keys, fact[j].key))
                fail_msg("%.*s is in: %.*s", SM_ARG(fact[j].key), SM_ARG(said));
        sm_buf_done(&b);
        sm_arena_close(a);
    }
}

/* SUNMAO_DRAWS times as many. */
static size_t more(size_t n)
{
    const char *asked = getenv("SUNMAO_DRAWS");
    return asked ? n * (size_t)atoll(asked) : n;
}

static void whatever_is_drawn_from_it_says_no_fact_of_its_own(void **state)
{
    sm_op op;
    size_t n_facts = 0;
    (void)state;
    sm_op_begin(&op);
    draw_from(&op, town, SM_LEN(town), 1, more(3000), &n_facts);
    assert_true(n_facts > 3000);
    sm_op_end(&op);
}

static void nor_over_any_evidence(void **state)
{
    FILE *f = fopen(SM_SOURCE_DIR "/eval/ground/dev-a.jsonl", "r");
    char *line = NULL;
    size_t cap = 0, n_facts = 0;
    (void)state;
    assert_non_null(f);
    for (size_t k = 0; getline(&line, &cap, f) > 0; k++) {
        sm_op op;
        json_t *v, *one;
        size_t i, n = 0;
        sm_source s[SM_EVIDENCE_MAX];
        if (k % 5)
            continue;
        sm_op_begin(&op);
        assert_int_equal(sm_json_parse(&op, sm_str_of(line), "pair", &v), SM_OK);
        json_array_foreach(json_object_get(v, "evidence"), i, one)
        {
            s[n++] = (sm_source){ sm_json_str(one, "id"), sm_json_str(one, "title"),
                                  sm_json_str(one, "text") };
        }
        draw_from(&op, s, n, k + 1, more(60), &n_facts);
        sm_op_end(&op);
    }
    assert_true(n_facts > 1000);
    free(line);
    fclose(f);
}

static void it_is_as_long_as_a_server_takes(void **state)
{
    sm_op op;
    sm_keys keys;
    sm_source s[SM_EVIDENCE_MAX];
    (void)state;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(s); i++) {
        sm_buf b;
        sm_buf_init(&b, 8192);
        for (size_t k = 0; b.n < 3900; k++)
            sm_buf_addf(&b, "满%zu周岁的收%zu元，%zu个工作日办结“第%zu批”。", k, i * 100 + k, k + i,
                        k);
        sm_str text = { 0 };
        assert_int_equal(sm_buf_take(&op, &b, &text), SM_OK);
        s[i] = (sm_source){ sm_strf(op.arena, "%zu", i), SM_STR("《办法》"), text };
    }
    sm_str text = grammar_of(&op, s, SM_LEN(s), &keys);
    assert_true(text.n > 20000 && text.n <= SM_GROUND_GBNF_BYTES);
    sm_op_end(&op);
}

static void its_words_are_words_beside_whatever_may_stand_there(void **state)
{
    (void)state;
    assert_int_equal(sm_grammar_wrong_words(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lets_the_evidence_through_and_nothing_else),
        cmocka_unit_test(whatever_is_drawn_from_it_says_no_fact_of_its_own),
        cmocka_unit_test(nor_over_any_evidence),
        cmocka_unit_test(its_words_are_words_beside_whatever_may_stand_there),
        cmocka_unit_test(it_is_as_long_as_a_server_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
