/*
 * Rule packs, registries and the review itself: what is refused, what is limited, what order
 * findings come in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/inner.h"

/* As tests/fixture.h has them, which knows another sm_finding. */
static const char *fresh_dir(sm_op *op)
{
    char *dir = sm_cstr(op->arena, SM_STR("/tmp/sunmao-test-XXXXXX"));
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void remove_dir(const char *dir)
{
    char command[512];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

typedef struct state {
    sm_op op;
    const char *dir, *own;
    sm_rules *rules;
    sm_roster *roster;
} state;

static int set_up(void **s)
{
    state *t = calloc(1, sizeof(*t));
    sm_op_begin(&t->op);
    t->dir = fresh_dir(&t->op);
    t->own = fresh_dir(&t->op);
    *s = t;
    return 0;
}

static int tear_down(void **s)
{
    state *t = *s;
    sm_rules_close(t->rules);
    sm_roster_close(t->roster);
    remove_dir(t->dir);
    remove_dir(t->own);
    sm_op_end(&t->op);
    free(t);
    return 0;
}

static void put(state *t, const char *dir, const char *name, const char *text)
{
    assert_int_equal(sm_file_write(&t->op, sm_path(t->op.arena, dir, name), sm_str_of(text)),
                     SM_OK);
}

static void assert_says(state *t, sm_rc rc, const char *part)
{
    if (t->op.rc != rc || !sm_str_has(t->op.msg, sm_str_of(part)))
        fail_msg("%s “%.*s” is not %s “%s”", sm_rc_name(t->op.rc), SM_ARG(t->op.msg),
                 sm_rc_name(rc), part);
    sm_op_clear(&t->op);
}

static void open_rules(state *t, const char *own)
{
    sm_rules_close(t->rules);
    t->rules = NULL;
    if (sm_rules_open(&t->op, t->dir, own, &t->rules) != SM_OK)
        fail_msg("%.*s", SM_ARG(t->op.msg));
}

static void refused(state *t, const char *line, const char *why)
{
    put(t, t->dir, "T.jsonl", line);
    sm_rules *r = NULL;
    assert_true(sm_rules_open(&t->op, t->dir, NULL, &r) != SM_OK);
    assert_null(r);
    assert_says(t, SM_E_INVALID, why);
}

#define RULE(id, checker, params)                                                \
    "{\"id\":\"" id "\",\"severity\":\"error\",\"title\":\"t\",\"why\":\"错\"," \
    "\"checker\":\"" checker "\",\"params\":" params "}\n"

static sm_review *review_at(state *t, const char *doc, const char *today)
{
    sm_layout *l;
    sm_review *r;
    sm_review_options o = { .today = sm_str_of(today), .roster = t->roster };
    assert_int_equal(sm_official_read(&t->op, "例", sm_str_of(doc), &l), SM_OK);
    if (sm_review_run(&t->op, l, t->rules, &o, &r) != SM_OK)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    return r;
}

static sm_review *review(state *t, const char *doc)
{
    return review_at(t, doc, "2026-11-23");
}

/* "id para:start-end text>suggest; …" */
static const char *findings(state *t, const sm_review *r)
{
    sm_str s = SM_STR("");
    for (size_t i = 0; i < r->n; i++) {
        const sm_finding *f = &r->finding[i];
        s = sm_strf(t->op.arena, "%.*s%s%.*s %d:%zu-%zu %.*s%s%.*s", SM_ARG(s), i ? "; " : "",
                    SM_ARG(f->rule->id), f->para, f->start, f->end, SM_ARG(f->text),
                    f->suggests ? ">" : "", SM_ARG(f->suggest));
    }
    return sm_cstr(t->op.arena, s);
}

/* ------------------------------------------------------------------ packs */

static void what_is_no_rule_is_refused_with_its_line(void **s)
{
    state *t = *s;
    refused(t, "{\"id\":\"T1\"\n", "T.jsonl 第1行：");
    refused(t, RULE("T1", "pattern", "{\"match\":\"a\"}") "[1]\n", "第2行：");
    refused(t, RULE("T1", "magic", "{}"), "没有检查方法“magic”");
    refused(t, RULE("T1", "pattern", "{\"match\":\"(a\"}"), "第1行：规则T1：正则第2字节处不对");
    refused(t, RULE("T1", "pattern", "{\"match\":\"\"}"), "正则为空");
    refused(t, RULE("T1", "pattern", "{\"patterns\":[]}"), "patterns要有");
    refused(t, RULE("T1", "pattern", "{\"match\":\"a\",\"group\":1}"), "没有第1组");
    refused(t, RULE("T1", "pattern", "{\"match\":\"a\",\"near\":-1}"), "near要是");
    refused(t, RULE("T1", "pattern", "{\"match\":\"a\",\"where\":[\"nowhere\"]}"), "where里");
    refused(t, RULE("T1", "pattern", "{\"match\":\"\\\\Ca\"}"), "正则第");
    refused(t, RULE("T1", "dictionary", "{}"), "没有词");
    refused(t, RULE("T1", "dictionary", "{\"words\":[1]}"), "words要是");
    refused(t, RULE("T1", "dictionary", "{\"words\":{\"a\":1}}"), "不是文字");
    refused(t, RULE("T1", "dictionary", "{\"file\":\"../../etc/passwd\"}"), "file要是");
    refused(t,
            RULE("T1", "pattern", "{\"match\":\"a\"}") RULE("T1", "pattern", "{\"match\":\"b\"}"),
            "写了两次");
    refused(t, "{\"id\":\"T1\",\"severity\":\"fatal\",\"title\":\"t\",\"checker\":\"pattern\"}",
            "severity要是");
    refused(t,
            "{\"id\":\"T1\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"pattern\","
            "\"from\":\"2026\",\"params\":{\"match\":\"a\"}}",
            "YYYY-MM-DD");
    sm_rules *r = NULL;
    assert_int_equal(sm_rules_open(&t->op, "/nowhere", NULL, &r), SM_E_NOTFOUND);
    assert_says(t, SM_E_NOTFOUND, "/nowhere");
}

static void an_organisation_switches_changes_and_adds_rules(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        RULE("T1", "pattern", "{\"match\":\"甲\",\"suggest\":\"乙\"}")
            RULE("T2", "pattern", "{\"match\":\"丙\"}"));
    put(t, t->own, "own.jsonl",
        "{\"id\":\"T1\",\"params\":{\"suggest\":\"丁\"},\"severity\":\"hint\"}\n"
        "{\"id\":\"T2\",\"on\":false}\n" RULE("X-1", "dictionary", "{\"file\":\"words.tsv\"}"));
    put(t, t->own, "words.tsv", "戊\t己\n");
    open_rules(t, NULL);
    sm_str version = sm_str_dup(t->op.arena, sm_rules_version(t->rules));
    assert_int_equal(version.n, 64);
    assert_string_equal(findings(t, review(t, "甲丙戊")), "T1 0:0-1 甲>乙; T2 0:1-2 丙");
    open_rules(t, t->own);
    assert_false(sm_str_eq(version, sm_rules_version(t->rules)));
    sm_review *r = review(t, "甲丙戊");
    assert_string_equal(findings(t, r), "T1 0:0-1 甲>丁; X-1 0:2-3 戊>己");
    assert_int_equal(r->finding[0].rule->severity, SM_HINT);
    version = sm_str_dup(t->op.arena, sm_rules_version(t->rules));
    put(t, t->own, "words.tsv", "戊\t庚\n");
    open_rules(t, t->own);
    assert_false(sm_str_eq(version, sm_rules_version(t->rules)));
}

static void rules_hold_from_and_to_a_day(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        "{\"id\":\"T1\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"pattern\","
        "\"from\":\"2026-01-01\",\"to\":\"2026-06-30\",\"params\":{\"match\":\"甲\"}}");
    open_rules(t, NULL);
    assert_int_equal(review_at(t, "甲", "2025-12-31")->n, 0);
    assert_int_equal(review_at(t, "甲", "2026-01-01")->n, 1);
    assert_int_equal(review_at(t, "甲", "2026-06-30")->n, 1);
    assert_int_equal(review_at(t, "甲", "2026-07-01")->n, 0);
}

/* ---------------------------------------------------------------- checkers */

static void a_pattern_fills_in_parts_and_heeds_what_stands_near(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        RULE("T1", "pattern",
             "{\"patterns\":[{\"match\":\"(\\\\d+)-(\\\\d+)(月)\",\"suggest\":\"$1—$2$3$$\"},"
             "{\"match\":\"第(\\\\d)条\",\"group\":1,\"unless\":\"办法\",\"near\":3},"
             "{\"match\":\"x*\",\"why\":\"空\"}]}"));
    open_rules(t, NULL);
    assert_string_equal(findings(t, review(t, "于3-5月。")), "T1 0:1-5 3-5月>3—5月$");
    assert_string_equal(findings(t, review(t, "按第3条办理；办法第4条")), "T1 0:2-3 3");
    assert_string_equal(findings(t, review(t, "甲xx乙")), "T1 0:1-3 xx");
}

static void where_names_the_lines_that_are_read(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        RULE("T1", "pattern", "{\"match\":\"甲\",\"where\":[\"number\",\"row\"]}")
            RULE("T2", "pattern", "{\"match\":\"甲\",\"where\":[\"body\"],\"kinds\":[\"通知\"]}"));
    open_rules(t, NULL);
    const char *doc = "@number 甲〔2026〕1号\n@title 关于甲的通知\n@p 甲。\n@row 甲|乙";
    assert_string_equal(findings(t, review(t, doc)),
                        "T1 0:0-1 甲; T2 2:0-1 甲; T1 3:0-1 甲; T2 3:0-1 甲");
    doc = "@number 甲〔2026〕1号\n@title 关于甲的函\n@p 甲。";
    assert_string_equal(findings(t, review(t, doc)), "T1 0:0-1 甲");
}

static void a_dictionary_takes_the_longest_word_and_spares_longer_right_ones(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        RULE("T1", "dictionary",
             "{\"words\":{\"帐\":\"账\",\"帐户\":[\"账户\",\"户头\"],\"们们\":\"\",\"坏\":null},"
             "\"unless\":[\"蚊帐\",\"帐篷\"]}") RULE("T2", "dictionary", "{\"file\":\"w.tsv\"}"));
    put(t, t->dir, "w.tsv", "# 注\n其它\t其他\t其它语\t统一用“其他”\n布署\t部署|布置\n了了\t-\n");
    open_rules(t, NULL);
    sm_review *r = review(t, "蚊帐和帐户、帐篷，记帐；他们们坏");
    assert_string_equal(findings(t, r),
                        "T1 0:3-5 帐户>账户; T1 0:10-11 帐>账; T1 0:13-15 们们>; T1 0:15-16 坏");
    assert_true(r->finding[2].deletes);
    assert_false(r->finding[3].suggests);
    assert_true(r->finding[0].confidence < r->finding[1].confidence);
    assert_string_equal(findings(t, review(t, "其它语和其它布署完了了")),
                        "T2 0:4-6 其它>其他; T2 0:6-8 布署>部署; T2 0:9-11 了了>");
    put(t, t->dir, "w.tsv", "其它\t其他\t别的\n");
    sm_rules *other = NULL;
    assert_int_equal(sm_rules_open(&t->op, t->dir, NULL, &other), SM_E_INVALID);
    assert_says(t, SM_E_INVALID, "词表第1行：“别的”里没有“其它”");
}

static void slips_are_told_unless_a_word_explains_them(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl", RULE("T1", "slips", "{\"table\":\"w.tsv\"}"));
    put(t, t->dir, "w.tsv", "# 注\n验收\t\t受\n经验\n项目\t象\n受理\n");
    open_rules(t, NULL);
    assert_string_equal(findings(t, review(t, "象目的验受工作，经验受到重视，验受理材料")),
                        "T1 0:0-2 象目>项目; T1 0:3-5 验受>验收");
    assert_string_equal(findings(t, review(t, "验受、验受、验受、")), ""); /* a habit */
    put(t, t->dir, "w.tsv", "验\t\t受\n");
    sm_rules *other = NULL;
    assert_int_equal(sm_rules_open(&t->op, t->dir, NULL, &other), SM_E_INVALID);
    assert_says(t, SM_E_INVALID, "“验”不是两个字的词");
}

static void a_pattern_without_end_is_an_error_that_names_its_rule(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl", RULE("T1", "pattern", "{\"match\":\"(a+)+$\"}"));
    open_rules(t, NULL);
    sm_layout *l;
    sm_review *r;
    sm_review_options o = { .today = SM_STR("2026-11-23") };
    assert_int_equal(sm_official_read(&t->op, "例",
                                      SM_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa甲"),
                                      &l),
                     SM_OK);
    assert_int_equal(sm_review_run(&t->op, l, t->rules, &o, &r), SM_E_LIMIT);
    assert_says(t, SM_E_LIMIT, "规则T1");
}

/* ------------------------------------------------------------------ limits */

static void too_many_findings_and_too_long_documents_are_refused(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl", RULE("T1", "pattern", "{\"match\":\"a\"}"));
    open_rules(t, NULL);
    sm_par *par = SM_NEWS(t->op.arena, sm_par, 20001);
    sm_layout l = { .par = par, .n_pars = 20000, .n_body = 20000 };
    for (int i = 0; i < 20001; i++)
        par[i].text = SM_STR("a");
    sm_review *r;
    sm_review_options o = { .today = SM_STR("2026-11-23") };
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_OK);
    assert_int_equal(r->n, 20000);
    par[7].text = SM_STR("aa");
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_E_LIMIT);
    assert_says(t, SM_E_LIMIT, "20000处");
    l.n_pars = l.n_body = 20001;
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_E_LIMIT);
    assert_says(t, SM_E_LIMIT, "20000段");
    l.n_pars = l.n_body = 8;
    par[7].text = SM_STR("\xff");
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_E_INVALID);
    assert_says(t, SM_E_INVALID, "第8段");
    l.n_pars = l.n_body = 0;
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_OK);
    assert_int_equal(r->n, 0);
}

static void findings_come_as_a_reader_meets_them(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl",
        RULE("T9", "pattern", "{\"match\":\"乙\"}") RULE("T1", "pattern", "{\"match\":\"甲乙|甲\"}")
            RULE("T2", "pattern", "{\"patterns\":[{\"match\":\"甲\"},{\"match\":\"甲\"}]}"));
    open_rules(t, NULL);
    assert_string_equal(
        findings(t, review(t, "@p 丙甲乙\n@p\n@p 乙甲")),
        "T1 0:1-3 甲乙; T2 0:1-2 甲; T9 0:2-3 乙; T9 2:0-1 乙; T1 2:1-2 甲; T2 2:1-2 甲");
    const sm_review *r = review(t, "@p 丙甲");
    json_t *j = sm_review_finding_json(&r->finding[0]);
    sm_json_own(t->op.arena, j);
    sm_str line = sm_json_dump(t->op.arena, j);
    sm_str wanted =
        SM_STR("{\"rule\":\"T1\",\"severity\":\"error\",\"para\":0,\"start\":1,\"end\":2,"
               "\"text\":\"甲\",\"suggest\":null,\"why\":\"错\"");
    assert_true(sm_str_starts(line, wanted));
}

/* --------------------------------------------------------- marks of secrecy */

static bool stopped(state *t, const char *doc)
{
    const sm_review *r = review(t, doc);
    if (r->classified) {
        assert_int_equal(r->n, 1);
        assert_string_equal(sm_cstr(t->op.arena, r->finding[0].rule->id), "B12");
        assert_true(r->finding[0].text.n > 0);
    }
    return r->classified;
}

static void a_mark_of_secrecy_stops_even_a_pack_without_the_rule(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl", RULE("T1", "pattern", "{\"match\":\"密\"}"));
    open_rules(t, NULL);
    assert_true(stopped(t, "机密★1年\n关于防汛的通知\n各区："));
    assert_true(stopped(t, "@mark 云澜市人民政府文件\n@secrecy 秘密\n@number 澜政发〔2026〕1号"));
    assert_true(stopped(t, "@row 000012|机密★1年\n@title 关于防汛的通知\n@to 各区：\n@p 好。"));
    assert_true(stopped(t, "云澜市人民政府\n内部资料\n绝密★长期\n关于防汛的通知"));
    assert_true(stopped(t, "@title 关于防汛的通知\n@p 好。\n@sign 市局\n@date 2026年3月5日\n"
                           "@attach 附件1\n@secrecy 秘密★2年\n@atitle 名单"));
    assert_false(
        stopped(t, "@title 关于保密工作的通知\n@to 各区：\n@p 机密★1年的文件要专人管理。"));
    assert_false(
        stopped(t, "@title 关于保密工作的通知\n@to 各区：\n@p 分三级：\n@row 绝密|2\n@row 机密|3"));
}

static void a_mark_in_properties_or_page_headers_stops(void **s)
{
    state *t = *s;
    put(t, t->dir, "T.jsonl", RULE("T1", "pattern", "{\"match\":\"密\"}"));
    open_rules(t, NULL);
    sm_par par[2] = { { .text = SM_STR("正文。") },
                      { .text = SM_STR(" 秘密★5年"), .place = SM_PAR_HEADER } };
    sm_meta prop = { SM_STR("category"), SM_STR("机密") };
    sm_layout l = { .par = par, .n_pars = 2, .n_body = 1 };
    sm_review_options o = { .today = SM_STR("2026-11-23") };
    sm_review *r;
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_OK);
    assert_true(r->classified && r->finding[0].para == -1);
    assert_string_equal(sm_cstr(t->op.arena, r->finding[0].text), "秘密★5年");
    par[1].text = SM_STR("机密文件管理办法");
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_OK);
    assert_false(r->classified);
    l.prop = &prop;
    l.n_props = 1;
    assert_int_equal(sm_review_run(&t->op, &l, t->rules, &o, &r), SM_OK);
    assert_true(r->classified);
}

/* ---------------------------------------------------------------- registry */

static void an_organ_is_found_by_its_names_on_a_day(void **s)
{
    state *t = *s;
    put(t, t->dir, "organs.tsv",
        "# 注\n"
        "云澜市环境保护局\t市环保局、环保局\t澜环\tdepartment\t云澜市人民政府\t9\t\t2019-"
        "01\t云澜市生态环境局\n"
        "云澜市生态环境局\t市生态环境局、环保局\t澜环\tdepartment\t云澜市人民政府\t9\t2019-"
        "02\t\t\n");
    put(t, t->dir, "people.tsv", "王明远\t市长\t云澜市人民政府\t2024-01-18\t\t2\n");
    assert_int_equal(sm_roster_open(&t->op, t->dir, &t->roster), SM_OK);
    const sm_roster_organ *o;
    const sm_roster_person *p;
    const sm_roster_term *terms;
    assert_int_equal(sm_roster_organs(t->roster, &o), 2);
    assert_int_equal(o[0].order, 9);
    assert_int_equal(sm_roster_people(t->roster, &p), 1);
    assert_int_equal(p[0].rank, 2);
    assert_int_equal(sm_roster_terms(t->roster, &terms), 0);
    const sm_roster *r = t->roster;
    assert_ptr_equal(sm_roster_organ_named(r, SM_STR("云澜市环境保护局"), SM_STR("")), &o[0]);
    assert_ptr_equal(sm_roster_organ_named(r, SM_STR("环保局"), SM_STR("2018-05-01")), &o[0]);
    assert_ptr_equal(sm_roster_organ_named(r, SM_STR("环保局"), SM_STR("2019-01-31")), &o[0]);
    assert_ptr_equal(sm_roster_organ_named(r, SM_STR("环保局"), SM_STR("2026-05-01")), &o[1]);
    assert_ptr_equal(sm_roster_organ_named(r, SM_STR("市环保局"), SM_STR("2026-05-01")), &o[0]);
    assert_null(sm_roster_organ_named(r, SM_STR("市水务局"), SM_STR("")));
    assert_null(sm_roster_organ_named(r, SM_STR(""), SM_STR("")));
}

static void what_is_no_registry_is_refused_with_its_line(void **s)
{
    static const struct {
        const char *file, *text, *why;
    } bad[] = {
        { "organs.tsv", "\n\t市局\n", "organs.tsv 第2行：缺少全称" },
        { "organs.tsv", "市局\t\t\t\t\tx\n", "排序" },
        { "organs.tsv", "市局\t\t\t\t\t1\t2026-13\n", "日期" },
        { "organs.tsv", "a\tb\tc\td\te\t1\t\t\t\tz\tz\n", "列太多" },
        { "organs.tsv", "\xff\n", "不是UTF-8" },
        { "people.tsv", "王明远\n", "people.tsv 第1行：缺少姓名" },
        { "terms.tsv", "other\ta\tb\n", "不认识的种类" },
        { "terms.tsv", "place\t\t\n", "都是空的" },
    };
    state *t = *s;
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        put(t, t->dir, bad[i].file, bad[i].text);
        assert_int_equal(sm_roster_open(&t->op, t->dir, &t->roster), SM_E_INVALID);
        assert_says(t, SM_E_INVALID, bad[i].why);
        put(t, t->dir, bad[i].file, "");
    }
    assert_int_equal(sm_roster_open(&t->op, "/nowhere", &t->roster), SM_OK);
}

static void no_two_checkers_have_one_name(void **unused)
{
    static const sm_checker *const tables[] = {
        sm_checkers_basic,   sm_checkers_type,   sm_checkers_head,  sm_checkers_structure,
        sm_checkers_figures, sm_checkers_signs,  sm_checkers_cited, sm_checkers_names,
        sm_checkers_wording, sm_checkers_layout,
    };
    const char *seen[512];
    size_t n = 0;
    (void)unused;
    for (size_t i = 0; i < SM_LEN(tables); i++)
        for (const sm_checker *c = tables[i]; c->name; c++) {
            for (size_t k = 0; k < n; k++)
                assert_string_not_equal(seen[k], c->name);
            assert_true(n < SM_LEN(seen));
            seen[n++] = c->name;
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_rule_is_refused_with_its_line),
        TEST(an_organisation_switches_changes_and_adds_rules),
        TEST(rules_hold_from_and_to_a_day),
        TEST(a_pattern_fills_in_parts_and_heeds_what_stands_near),
        TEST(where_names_the_lines_that_are_read),
        TEST(a_dictionary_takes_the_longest_word_and_spares_longer_right_ones),
        TEST(slips_are_told_unless_a_word_explains_them),
        TEST(a_pattern_without_end_is_an_error_that_names_its_rule),
        TEST(too_many_findings_and_too_long_documents_are_refused),
        TEST(findings_come_as_a_reader_meets_them),
        TEST(a_mark_of_secrecy_stops_even_a_pack_without_the_rule),
        TEST(a_mark_in_properties_or_page_headers_stops),
        TEST(an_organ_is_found_by_its_names_on_a_day),
        TEST(what_is_no_registry_is_refused_with_its_line),
        TEST(no_two_checkers_have_one_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
