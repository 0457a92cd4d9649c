#include "ground/mask.h"
#include "ground/mask_inner.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "said.h"

static int set_up(void **state)
{
    sm_op *op = malloc(sizeof(*op));
    sm_op_begin(op);
    *state = op;
    return 0;
}

static int tear_down(void **state)
{
    sm_op_end(*state);
    free(*state);
    return 0;
}

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
             "自2026年11月23日起施行。咨询电话0891-6543210，地址滨湖路18号2楼3号窗口。"
             "本办法所称“居住半年以上”，是指连续居住六个月以上。（一）有合法稳定住所；①租房的。") },
};
static const sm_str items[] = { SM_LIT("居住证申领"), SM_LIT("老年人优待证办理（60岁以上）") };

static sm_mask *mask_of(sm_op *op, const sm_source *s, size_t n, sm_evidence **e)
{
    sm_mask *m = NULL;
    assert_int_equal(sm_evidence_read(op, s, n, e), SM_OK);
    assert_int_equal(sm_mask_open(op, *e, items, SM_LEN(items), &m), SM_OK);
    return m;
}

static sm_mask *town_mask(sm_op *op)
{
    sm_evidence *e;
    return mask_of(op, town, SM_LEN(town), &e);
}

/* A character a time, as tokens may be. */
static bool writes(const sm_mask *m, sm_mask_state *s, sm_str text)
{
    for (sm_str rest = text; rest.n;) {
        sm_str one = rest;
        sm_utf8_next(&rest);
        one.n -= rest.n;
        if (!sm_mask_write(m, s, one))
            return false;
    }
    return true;
}

static bool may_say(const sm_mask *m, const char *text)
{
    sm_mask_state s, whole;
    sm_mask_begin(m, &s);
    sm_mask_begin(m, &whole);
    bool by_one = writes(m, &s, sm_str_of(text)) && sm_mask_may_end(m, &s);
    bool at_once = sm_mask_write(m, &whole, sm_str_of(text)) && sm_mask_may_end(m, &whole);
    assert_int_equal(by_one, at_once);
    return by_one;
}

#define CAN_SAY(m, text)   \
    if (!may_say(m, text)) \
    fail_msg("should be let through: %s", text)
#define CANNOT_SAY(m, text) \
    if (may_say(m, text))   \
    fail_msg("should be stopped: %s", text)

static void facts_of_the_evidence_may_be_said(void **state)
{
    sm_mask *m = town_mask(*state);
    static const char *const rows[] = {
        "",
        "您好，居住证可以在窗口办理。",
        "20个工作日内办结。",
        "二十个工作日内办结[1]。",
        "法定时限是3至5个月，收费20元/证。",
        "工本费10元。",
        "由云澜市公安局办理，依据《居住证暂行条例》[2]。",
        "文号是澜政规〔2024〕3号。",
        "年满16周岁即可。",
        "自2026年11月23日起施行，电话0891-6543210。",
        "一般情况下，请统一到窗口办理，一次性告知。",
        "原文是「首次申领不收费」，所称“居住半年以上”如上。",
        "请办《居住证申领》或“居住证申领”。",
        "<1.1>\n<2.1-3>",
        "办结很快。[1][2]\n请带好材料。",
        "（一）有合法稳定住所；",
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        CAN_SAY(m, rows[i]);
}

static void other_facts_may_not(void **state)
{
    sm_mask *m = town_mask(*state);
    static const char *const rows[] = {
        "30个工作日内办结。",
        "20个月内办结。",
        "20日内办结。",
        "20万元。",
        "200元/证。",
        "20元/次。",
        "二十五个工作日。",
        "１５个工作日。",
        "⑳个工作日。",
        "年满60周岁。",
        "由云澜市民政局办理。",
        "依据《居民身份证法》。",
        "第五条规定。",
        "电话0891-6543211。",
        "网址www.example.gov.cn。",
        "原文是「收费二百元」。",
        "原文是“不用办理”。",
        "原文是\"不用办理\"。",
        "见[3]。",
        "见[0]。",
        "见[12]。",
        "<3.1>",
        "<1.9>",
        "<1.2-1>",
        "说<1.1>",
        "《老年人优待证》",
        "澜政规〔2025〕3号。",
        "上浮15%。",
        "½的费用。",
        "\xc0\xaf",
        "\xe4\xb8",
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        CANNOT_SAY(m, rows[i]);
}

static void a_catalogue_name_lends_no_fact(void **state)
{
    sm_mask *m = town_mask(*state);
    CAN_SAY(m, "请办《老年人优待证办理（60岁以上）》。");
    CANNOT_SAY(m, "满60岁即可。");
}

static void a_refused_write_leaves_the_state(void **state)
{
    sm_mask *m = town_mask(*state);
    sm_mask_state s, was;
    sm_mask_begin(m, &s);
    assert_true(sm_mask_write(m, &s, SM_STR("共需2")));
    assert_false(sm_mask_may_end(m, &s));
    was = s;
    assert_false(sm_mask_write(m, &s, SM_STR("1")));
    assert_memory_equal(&s, &was, sizeof(s));
    assert_true(sm_mask_write(m, &s, SM_STR("0个工作日")));
    assert_true(sm_mask_may_end(m, &s));
}

static void what_is_broken_off_stands_to_its_last_rest(void **state)
{
    sm_mask *m = town_mask(*state);
    assert_int_equal(sm_mask_settled(m, SM_STR("办结要20个工")), strlen("办结要"));
    assert_int_equal(sm_mask_settled(m, SM_STR("办结要20个工作日")), strlen("办结要20个工作日"));
    assert_int_equal(sm_mask_settled(m, SM_STR("办结\xe4\xb8")), strlen("办结"));
    assert_int_equal(sm_mask_settled(m, SM_STR("")), 0);
}

static void ordinary_words_say_no_fact(void **state)
{
    sm_op *op = *state;
    const char *const *word;
    size_t n = sm_mask_words(&word);
    size_t n_facts = 0;
    for (size_t i = 0; i < n; i++) {
        sm_fact *f;
        if (!sm_text_facts_all(op->arena, sm_str_of(word[i]), NULL, &f))
            continue;
        print_error("%s is a fact: %.*s\n", word[i], SM_ARG(f[0].key));
        n_facts++;
    }
    assert_int_equal(n_facts, 0);
}

/* ------------------------------------------------------------- what is held */

static void check_facts(const sm_mask *m, sm_str text)
{
    sm_arena *a = sm_arena_open();
    sm_fact *fact;
    sm_str said = without_marks(a, text);
    assert_true(sm_utf8_valid(text, NULL));
    size_t n = sm_text_facts_all(a, said, NULL, &fact);
    for (size_t i = 0; i < n; i++)
        if (!sm_keys_has(&m->keys, fact[i].key))
            fail_msg("%.*s was let through in: %.*s", SM_ARG(fact[i].key), SM_ARG(said));
    sm_arena_close(a);
}

/* ----------------------------------------------------------- random writers */

typedef struct writer {
    const sm_mask *m;
    const sm_evidence *e;
    sm_rng rng;
    sm_mask_state s;
    sm_buf text;
    size_t n_tried, n_written, n_rests;
} writer;

static const char *const sensitive[] = {
    "0",        "1",        "2",      "3",       "5",      "20",   "2026", "１",  "一",    "二",
    "三",       "十",       "百",     "千",      "万",     "亿",   "半",   "两",  "第",    "条",
    "款",       "项",       "年",     "月",      "日",     "号",   "时",   "分",  "点",    "元",
    "角",       "个",       "工作日", "周岁",    "%",      "％",   "‰",    "成",  "倍",    "¥",
    "￥",       "$",        ".",      ",",       "-",      "/",    ":",    "：",  "至",    "到",
    "～",       "—",        "约",     "满",      "上午",   "下午", "〔",   "〕",  "（",    "）",
    "(",        ")",        "[",      "]",       "<",      ">",    "[1]",  "[2]", "<1.1>", "「",
    "」",       "“",        "”",      "《",      "》",     "\"",   "局",   "委",  "厅",    "部",
    "院",       "办",       "中心",   "市",      "区",     "县",   "路",   "街",  "楼",    "窗口",
    "www.",     ".cn",      "@",      "http://", "gov",    "①",    "½",    "Ⅷ",   "⼀",    "般",
    "统",       "定",       "次性",   "。",      "，",     "；",   "\n",   " ",   "\xe4",  "\xb8",
    "\x80",     "\xe5\x8d", "\x81",   "\xff",    "不超过", "以上", "以下", "每",  "人",    "公安",
    "人民政府",
};
static const char plain[] = "的是在可以办理申请材料提交窗口网上受理结果居住证明本人户口请带好";

static sm_str pick_piece(writer *w, char *room)
{
    uint32_t kind = sm_rng_below(&w->rng, 8);
    if (kind < 4)
        return sm_str_of(sensitive[sm_rng_below(&w->rng, (uint32_t)SM_LEN(sensitive))]);
    if (kind == 4) {
        room[0] = (char)sm_rng_below(&w->rng, 256);
        return (sm_str){ room, 1 };
    }
    if (kind == 5) {
        size_t at = sm_rng_below(&w->rng, (sizeof(plain) - 1) / 3) * 3;
        return (sm_str){ plain + at, 3 };
    }
    sm_str text =
        sm_evidence_source(w->e, sm_rng_below(&w->rng, (uint32_t)sm_evidence_n(w->e)))->text;
    size_t at = sm_rng_below(&w->rng, (uint32_t)text.n + 1);
    return sm_str_sub(text, at, SM_MIN(at + 1 + sm_rng_below(&w->rng, 16), text.n));
}

/* Some byte may come next, or the text may end. */
static void go_on_somehow(writer *w)
{
    uint32_t from = sm_rng_below(&w->rng, 256);
    for (uint32_t i = 0; i < 256; i++) {
        char b = (char)((from + i) & 255);
        if (sm_mask_write(w->m, &w->s, (sm_str){ &b, 1 })) {
            sm_buf_addc(&w->text, b);
            return;
        }
    }
    if (!sm_mask_may_end(w->m, &w->s))
        fail_msg("a dead end: %.*s", SM_ARG(sm_buf_str(&w->text)));
}

static void write_some(writer *w)
{
    char room[1];
    sm_str piece = pick_piece(w, room);
    w->n_tried++;
    if (sm_mask_write(w->m, &w->s, piece)) {
        w->n_written++;
        sm_buf_add(&w->text, piece);
    } else if (sm_rng_below(&w->rng, 3) == 0) {
        go_on_somehow(w);
    }
    if (sm_mask_may_end(w->m, &w->s)) {
        w->n_rests++;
        check_facts(w->m, sm_buf_str(&w->text));
    }
}

/* Whatever is half written comes to an end. */
static void bring_to_rest(writer *w)
{
    for (int i = 0; i < 4000 && !sm_mask_may_end(w->m, &w->s); i++)
        go_on_somehow(w);
    assert_true(sm_mask_may_end(w->m, &w->s));
    check_facts(w->m, sm_buf_str(&w->text));
}

static size_t n_steps(void)
{
    const char *asked = getenv("SUNMAO_MASK_STEPS");
    return asked ? (size_t)atoll(asked) : 20000;
}

static void write_much(const sm_mask *m, const sm_evidence *e, uint64_t seed, size_t steps,
                       size_t *n_written, size_t *n_rests)
{
    writer w = { .m = m, .e = e, .rng = { seed } };
    sm_buf_init(&w.text, 1 << 20);
    for (size_t left = steps; left;) {
        size_t n = SM_MIN(left, (size_t)300);
        sm_mask_begin(m, &w.s);
        w.text.n = 0;
        for (size_t i = 0; i < n; i++)
            write_some(&w);
        bring_to_rest(&w);
        left -= n;
    }
    sm_buf_done(&w.text);
    *n_written += w.n_written;
    *n_rests += w.n_rests;
}

static void no_writer_gets_a_fact_of_its_own_through(void **state)
{
    sm_evidence *e;
    sm_mask *m = mask_of(*state, town, SM_LEN(town), &e);
    size_t written = 0, rests = 0;
    write_much(m, e, 1, n_steps(), &written, &rests);
    assert_true(written * 8 > n_steps()); /* it is not that nothing is let through */
    assert_true(rests * 8 > n_steps());
}

/* ---------------------------------------------------------- the development set */

typedef struct pair {
    sm_source source[SM_EVIDENCE_MAX];
    size_t n;
} pair;

static bool next_pair(sm_op *op, FILE *f, char **line, size_t *cap, pair *out)
{
    ssize_t n = getline(line, cap, f);
    json_t *v, *one;
    size_t i;
    if (n <= 0)
        return false;
    assert_int_equal(sm_json_parse(op, (sm_str){ *line, (size_t)n }, "pair", &v), SM_OK);
    out->n = 0;
    json_array_foreach(json_object_get(v, "evidence"), i, one)
    {
        out->source[out->n++] = (sm_source){ sm_json_str(one, "id"), sm_json_str(one, "title"),
                                             sm_json_str(one, "text") };
    }
    return true;
}

/* Every second pair's evidence; the same one is not taken twice in a row. */
static void with_each_evidence(void (*use)(const sm_mask *m, const sm_evidence *e, void *ctx),
                               void *ctx)
{
    static const char *const files[] = { "dev-a", "dev-b" };
    char *line = NULL;
    size_t cap = 0, k = 0;
    for (size_t i = 0; i < SM_LEN(files); i++) {
        char path[256];
        snprintf(path, sizeof(path), SM_SOURCE_DIR "/eval/ground/%s.jsonl", files[i]);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        for (;; k++) {
            sm_op op;
            pair p;
            sm_evidence *e;
            sm_op_begin(&op);
            bool more = next_pair(&op, f, &line, &cap, &p);
            if (more && k % 4 == 0) {
                const sm_mask *m = mask_of(&op, p.source, p.n, &e);
                use(m, e, ctx);
            }
            sm_op_end(&op);
            if (!more)
                break;
        }
        fclose(f);
    }
    free(line);
}

typedef struct count {
    size_t n, good, written, rests;
} count;

static void count_own_sentences(const sm_mask *m, const sm_evidence *e, void *ctx)
{
    count *c = ctx;
    const sm_str *sentence;
    for (size_t i = 0; i < sm_evidence_n(e); i++) {
        size_t n = sm_evidence_sentences(e, i, &sentence);
        for (size_t k = 0; k < n; k++) {
            sm_mask_state s;
            sm_mask_begin(m, &s);
            bool good = writes(m, &s, sentence[k]) && sm_mask_may_end(m, &s);
            c->n++;
            c->good += good;
            if (!good && getenv("SUNMAO_MASK_SHOW"))
                print_message("%.*s\n   stopped after: %.*s\n", SM_ARG(sentence[k]), s.n_tail,
                              (const char *)s.tail);
        }
    }
}

static void evidence_may_be_said_as_it_is(void **state)
{
    count c = { 0 };
    (void)state;
    with_each_evidence(count_own_sentences, &c);
    print_message("%zu of %zu sentences\n", c.good, c.n);
    assert_true(c.n > 200);
    assert_true(c.good * 100 >= c.n * 97);
}

static void write_over(const sm_mask *m, const sm_evidence *e, void *ctx)
{
    count *c = ctx;
    c->n++;
    if (sm_evidence_n(e))
        write_much(m, e, c->n, n_steps() / 40, &c->written, &c->rests);
}

static void nor_over_any_evidence(void **state)
{
    count c = { 0 };
    (void)state;
    with_each_evidence(write_over, &c);
    assert_true(c.n > 50);
    assert_true(c.rests > 0);
    print_message("%zu pieces written over %zu evidences, %zu rests\n", c.written, c.n, c.rests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts_of_the_evidence_may_be_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_facts_may_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_catalogue_name_lends_no_fact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_write_leaves_the_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_broken_off_stands_to_its_last_rest, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(ordinary_words_say_no_fact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_writer_gets_a_fact_of_its_own_through, set_up,
                                        tear_down),
        cmocka_unit_test(evidence_may_be_said_as_it_is),
        cmocka_unit_test(nor_over_any_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
