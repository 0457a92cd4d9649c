/* Protected facts: the written forms of forms.tsv and organs.tsv, and what holds of all of them. */
#include "text/fact.h"
#include "text/text.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = sm_arena_open();
    return 0;
}

static int tear_down(void **state)
{
    sm_arena_close(*state);
    return 0;
}

enum { MAX_NAMES = 64, MAX_BYTES = 1 << 20 };

static sm_str file_of(sm_op *op, const char *name)
{
    sm_str all;
    const char *path = sm_path(op->arena, SM_SOURCE_DIR "/tests/text", name);
    assert_int_equal(sm_file_read(op, path, MAX_BYTES, &all), SM_OK);
    return all;
}

/* The keys of all facts with the marks of their bounds, blanks between. */
static sm_str keys_of(sm_arena *a, sm_str text, const sm_organs *organs)
{
    static const char *const marks[] = {
        [SM_BOUND_NONE] = "",  [SM_BOUND_AT_LEAST] = ">=", [SM_BOUND_AT_MOST] = "<=",
        [SM_BOUND_MORE] = ">", [SM_BOUND_LESS] = "<",      [SM_BOUND_ABOUT] = "~",
        [SM_BOUND_FROM] = "[", [SM_BOUND_TO] = "]",
    };
    sm_fact *f;
    size_t n = sm_text_facts_all(a, text, organs, &f);
    sm_str all = { "", 0 };
    for (size_t i = 0; i < n; i++)
        all = sm_strf(a, "%.*s%s%s%.*s", SM_ARG(all), i ? " " : "", marks[f[i].bound],
                      SM_ARG(f[i].key));
    return all;
}

/* Reads the table and the names after "= " in it; gives how many rows are wrong. */
static size_t wrong_rows(sm_op *op, const char *file, size_t *n_rows)
{
    sm_str all = file_of(op, file), rest = all, line, name[MAX_NAMES];
    size_t n_names = 0, wrong = 0;
    while (sm_str_cut(&rest, '\n', &line))
        if (sm_str_starts(line, SM_STR("= ")) && n_names < MAX_NAMES)
            name[n_names++] = sm_str_sub(line, 2, line.n);
    const sm_organs *organs = n_names ? sm_organs_of(op->arena, name, n_names) : NULL;
    *n_rows = 0;
    while (sm_str_cut(&all, '\n', &line)) {
        sm_str text, wanted = line;
        if (line.n == 0 || line.p[0] == '#' || sm_str_starts(line, SM_STR("= ")))
            continue;
        assert_true(sm_str_cut(&wanted, '\t', &text));
        sm_str got = keys_of(op->arena, text, organs);
        if (!sm_str_eq(got, wanted)) {
            print_error("%.*s: \"%.*s\", wanted \"%.*s\"\n", SM_ARG(text), SM_ARG(got),
                        SM_ARG(wanted));
            wrong++;
        }
        ++*n_rows;
    }
    return wrong;
}

static void written_forms_have_the_keys_of_the_tables(void **state)
{
    static const char *const files[] = { "forms.tsv", "organs.tsv" };
    (void)state;
    size_t all = 0, n;
    sm_op op = { 0 };
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(files); i++) {
        assert_int_equal(wrong_rows(&op, files[i], &n), 0);
        all += n;
    }
    assert_true(all >= 1500);
    sm_op_end(&op);
}

/* The text of the n-th fact. */
static void assert_text(sm_arena *a, const char *s, size_t n, const char *wanted)
{
    sm_fact *f;
    size_t n_facts = sm_text_facts_all(a, sm_str_of(s), NULL, &f);
    assert_true(n < n_facts);
    if (!sm_str_eq(f[n].text, sm_str_of(wanted)))
        fail_msg("%s: \"%.*s\", wanted \"%s\"", s, SM_ARG(f[n].text), wanted);
}

static void the_text_of_a_fact_is_what_says_it(void **state)
{
    sm_arena *a = *state;
    assert_text(a, "请到市人社局办理", 0, "市人社局");
    assert_text(a, "请到市卫生健康委员会办理", 0, "市卫生健康委员会");
    assert_text(a, "请到滨湖街道办事处办理", 0, "滨湖街道办事处");
    assert_text(a, "由市公安局交警支队负责", 0, "市公安局交警支队");
    assert_text(a, "每证收取40元整", 0, "40元整");
    assert_text(a, "收取40元/证", 0, "40元/证");
    assert_text(a, "依据第十条第二款第（三）项办理", 0, "第十条第二款第（三）项");
    assert_text(a, "第十条第（一）、（二）项", 0, "第十条第（一）");
    assert_text(a, "第十条第（一）、（二）项", 1, "（二）项");
    assert_text(a, "公告2025年第3号规定", 0, "公告2025年第3号");
    assert_text(a, "地址：云澜市滨湖路18号2楼大厅", 0, "滨湖路18号2楼");
    assert_text(a, "登录www.yunlan.gov.cn。", 0, "www.yunlan.gov.cn");
    assert_text(a, "拨打0999-6123456转8012", 0, "0999-6123456转8012");
    assert_text(a, "不超过5万元的", 0, "5万元");
    assert_text(a, "三至五个工作日", 0, "三");
    assert_text(a, "三至五个工作日", 1, "五个工作日");
}

static void a_key_is_within_one_that_says_more(void **state)
{
    (void)state;
    static const struct {
        const char *key, *held;
        bool within;
    } rows[] = {
        { "money:40", "money:40", true },
        { "money:40", "money:40/证", true },
        { "money:4", "money:40/证", false },
        { "money:40/证", "money:40", false },
        { "money:300/月", "money:300/人/月", true },
        { "money:300/人", "money:300/人/月", true },
        { "money:300/户", "money:300/人/月", false },
        { "article:10", "article:10.2.3", true },
        { "article:10.2", "article:10.2.3", true },
        { "article:1", "article:10.2.3", false },
        { "article:10.2.3", "article:10", false },
        { "article:12", "article:12-1", false },
        { "date:2026", "date:2026-11-23", true },
        { "date:2026-11", "date:2026-11-23", true },
        { "date:11-23", "date:2026-11-23", true },
        { "date:2026-1", "date:2026-11-23", false },
        { "date:2026-11-23", "date:2026-11", false },
        { "date:H1", "date:2026-H1", true },
        { "address:滨湖路18号", "address:滨湖路18号/2楼", true },
        { "address:3号窗口", "address:滨湖路18号/2楼/3号窗口", true },
        { "address:滨湖路1号", "address:滨湖路18号/2楼", false },
        { "address:8号", "address:滨湖路18号", false },
        { "phone:09996123456", "phone:09996123456-8012", true },
        { "phone:0999612345", "phone:09996123456", false },
        { "web:yunlan.gov.cn", "web:yunlan.gov.cn/index", true },
        { "organ:公安局", "organ:云澜市公安局", true },
        { "organ:市公安局", "organ:云澜市公安局", true },
        { "organ:交通警察支队", "organ:云澜市公安局交通警察支队", true },
        { "organ:区公安局", "organ:云澜市公安局", false },
        { "organ:人民医院", "organ:云澜市第一人民医院", false },
        { "organ:云澜市公安局", "organ:公安局", false },
        { "workdays:20", "days:20", false },
        { "number:3", "number:3份", false },
        { "title:办法", "title:停车办法", false },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        if (sm_fact_within(sm_str_of(rows[i].key), sm_str_of(rows[i].held)) != rows[i].within)
            fail_msg("%s within %s", rows[i].key, rows[i].held);
}

static void every_kind_of_fact_has_a_name(void **state)
{
    (void)state;
    for (int k = 0; k < SM_N_FACT_KINDS; k++)
        assert_true(strlen(sm_fact_kind_name((sm_fact_kind)k)) > 0);
}

/* The steps for `bytes` of the pattern over and over. */
static size_t steps_for(sm_arena *a, const char *pattern, size_t bytes)
{
    size_t n = strlen(pattern), all = bytes / n * n;
    char *p = sm_alloc(a, all);
    for (size_t i = 0; i < all; i += n)
        memcpy(p + i, pattern, n);
    size_t steps = sm_scan_steps(a, (sm_str){ p, all }, NULL);
    sm_arena_reset(a);
    return steps;
}

static void work_grows_as_the_text_does_whatever_it_is(void **state)
{
    static const char *const patterns[] = {
        "《",       "《》",     "1",         "１",      "一",     "十",       "亿",        "1万",
        "1,",       "1.",       "1-",        "1至",     "第",     "第1、",    "第（1）、", "（",
        "(1",       "〔2024〕", "局",        "公安局",  "市",     "区公安局", "市中心",    "云路",
        "路1号",    "1号1号",   "a.",        "a",       "a@",     "http://",  "www.a.cn",  "每",
        "每人",     "每人1元",  "元/人·月",  "百分之",  "万分之", "1/",       "1元",       "最高",
        "不超过1",  "（含",     "1以上（含", "1月1日",  "2026年", "0999-",    "400-",      "转1",
        "上半年",   "半",       "负",        "地下",    "A区",    "三五",     " ",         "\n",
        "\xe4",     "\xff",     "一个半",    "零",      "点五",   "一点",     "：",        "1:",
        "滨湖街道", "和",       "第一、",    "令第1号", "号",     "每月1日",  "1日至",     "·",
    };
    enum { HALF = 50000, MOST_PER_BYTE = 3000 };
    for (size_t i = 0; i < SM_LEN(patterns); i++) {
        size_t half = steps_for(*state, patterns[i], HALF),
               whole = steps_for(*state, patterns[i], 2 * HALF);
        if (whole > half * 21 / 10 + MOST_PER_BYTE || whole > 2 * (size_t)HALF * MOST_PER_BYTE)
            fail_msg("\"%s\": %zu steps, %zu for half of it", patterns[i], whole, half);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(written_forms_have_the_keys_of_the_tables),
        TEST(the_text_of_a_fact_is_what_says_it),
        TEST(a_key_is_within_one_that_says_more),
        TEST(every_kind_of_fact_has_a_name),
        TEST(work_grows_as_the_text_does_whatever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
