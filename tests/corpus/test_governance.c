#include "../fixture.h"

#include "corpus/corpus.h"

static sm_op op;
static const char *dir;
static sm_db *db;
static sm_str laws;
static sm_defect *finding; /* of the demo, on 2026-11-23 */
static size_t n_findings;

static void import_into(sm_kind kind, const char *path, sm_import_report **r)
{
    must(&op, sm_corpus_import(&op, db, kind, &path, 1, false, r));
}

static int setup(void **state)
{
    (void)state;
    sm_import_report *r;
    sm_str regions;
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
    must(&op, sm_file_read(&op, DEMO "/regions.tsv", 1 << 20, &regions));
    must(&op, sm_region_import(&op, db, "regions.tsv", regions));
    must(&op, sm_file_read(&op, SM_SOURCE_DIR "/share/laws.tsv", 1 << 26, &laws));
    import_into(SM_KIND_POLICY, DEMO "/policies", &r);
    import_into(SM_KIND_ITEM, DEMO "/items.jsonl", &r);
    must(&op, sm_corpus_check(&op, db, sm_date_of(2026, 11, 23), laws, &finding, &n_findings));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sm_db_close(db);
    remove_dir(dir);
    sm_op_end(&op);
    return 0;
}

static size_t count(sm_defect_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < n_findings; i++)
        n += finding[i].kind == kind;
    return n;
}

/* The finding of a kind between two documents, either way round; `value` "" for any. */
static const sm_defect *between(sm_defect_kind kind, const char *a, const char *b,
                                 const char *value)
{
    for (size_t i = 0; i < n_findings; i++) {
        const sm_defect *f = &finding[i];
        bool so = sm_str_eq(f->a, sm_str_of(a)) && sm_str_eq(f->b, sm_str_of(b));
        bool other = sm_str_eq(f->a, sm_str_of(b)) && sm_str_eq(f->b, sm_str_of(a));
        if (f->kind == kind && (so || other) &&
            (*value == 0 || sm_str_eq(f->a_value, sm_str_of(value))))
            return f;
    }
    return NULL;
}

static void documents_expired_to_come_and_replaced_are_told_as_of_the_day(void **state)
{
    (void)state;
    static const char *const pairs[][2] = { { "P02", "P01" }, { "P06", "P05" }, { "P09", "P08" },
                                            { "P12", "P11" }, { "P15", "P14" }, { "P17", "P16" },
                                            { "P21", "P20" }, { "P23", "P22" }, { "P26", "P25" },
                                            { "P28", "P27" }, { "P36", "P35" } };
    for (size_t i = 0; i < SM_LEN(pairs); i++)
        assert_non_null(between(SM_FINDING_SUPERSEDED, pairs[i][0], pairs[i][1], ""));
    assert_int_equal(count(SM_FINDING_SUPERSEDED), SM_LEN(pairs));
    assert_int_equal(count(SM_FINDING_NOT_YET), 3);
    assert_non_null(between(SM_FINDING_EXPIRED, "P27", "", ""));
    assert_non_null(between(SM_FINDING_EXPIRED, "P39", "", ""));
}

static void near_duplicates_are_found_and_successors_are_none(void **state)
{
    (void)state;
    assert_non_null(between(SM_FINDING_NEAR_DUPLICATE, "P13", "P45", ""));
    assert_non_null(between(SM_FINDING_NEAR_DUPLICATE, "P30", "P46", ""));
    assert_non_null(between(SM_FINDING_NEAR_DUPLICATE, "P40", "P47", ""));
    assert_int_equal(count(SM_FINDING_NEAR_DUPLICATE), 3);
}

static void two_policies_on_one_matter_are_set_against_each_other_value_by_value(void **state)
{
    (void)state;
    static const char *const values[][2] = { { "500元", "600元" },
                                             { "36个月", "24个月" },
                                             { "3个月", "6个月" } };
    for (size_t i = 0; i < SM_LEN(values); i++) {
        const sm_defect *f = between(SM_FINDING_CONFLICT, "P43", "P44", values[i][0]);
        assert_non_null(f);
        assert_true(f && sm_str_eq(f->b_value, sm_str_of(values[i][1])));
    }
    for (size_t i = 0; i < n_findings; i++)
        if (finding[i].kind == SM_FINDING_CONFLICT)
            assert_true(sm_str_eq(finding[i].a, SM_STR("P43")) &&
                        sm_str_eq(finding[i].b, SM_STR("P44")));
}

/* The demo's planted contradictions: item, policy, one value on each side. */
static const char *const planted[][4] = {
    { "JZ-001", "P32", "950元", "880元" },
    { "JZ-002", "P32", "820元", "880元" },
    { "JZ-005", "P32", "1425元", "1320元" },
    { "JY-004", "P05", "1年", "6个月" },
    { "RC-003", "P01", "6个月", "12个月" },
    { "ZB-001", "P08", "3600元", "3500元" },
    { "ZB-002", "P08", "15平方米", "16平方米" },
    { "YL-001", "P30", "12个月", "6个月" },
    { "SYB-003", "P27", "60%", "90%" },
    { "HJ-004", "P20", "60周岁", "不受年龄限制" },
    { "HJ-007", "P20", "中级以上", "初级以上" },
    { "GJJ-012", "P14", "10个工作日", "合计8个工作日" },
    { "ZA-002", "P34", "3个工作日", "当场" },
    { "HJB-010", "P42", "云澜市生态环境局", "区县住房城乡建设部门" },
};

static void every_planted_contradiction_of_a_guide_is_found_with_both_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(planted); i++) {
        const sm_defect *f =
            between(SM_FINDING_ITEM_CONFLICT, planted[i][0], planted[i][1], planted[i][2]);
        if (!f || !sm_str_eq(f->b_value, sm_str_of(planted[i][3])))
            print_error("%s against %s\n", planted[i][0], planted[i][1]);
        assert_non_null(f);
        assert_true(f && sm_str_eq(f->b_value, sm_str_of(planted[i][3])));
        assert_true(f && f->a_path.n && f->b_path.n && sm_str_has(f->text, f->b_value));
    }
}

static void few_guides_are_blamed_that_are_right(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < n_findings; i++) {
        bool known = finding[i].kind != SM_FINDING_ITEM_CONFLICT;
        for (size_t k = 0; k < SM_LEN(planted); k++)
            known |= sm_str_eq(finding[i].a, sm_str_of(planted[k][0]));
        wrong += !known;
    }
    assert_true(wrong <= 3);
    assert_int_equal(count(SM_FINDING_DEAD_REFERENCE), 0);
}

static void masked_and_refused_files_are_in_the_report(void **state)
{
    (void)state;
    assert_int_equal(count(SM_FINDING_PERSONAL), 2);
    assert_int_equal(count(SM_FINDING_REFUSED), 1);
}

static void a_settled_task_stays_settled_and_an_open_one_keeps_its_row(void **state)
{
    (void)state;
    sm_defect *f;
    size_t n, left;
    must(&op, sm_task_save(&op, db, sm_date_of(2026, 11, 23), finding, n_findings));
    must(&op, sm_conflict_of(&op, db, SM_STR("ZB-001"), &f, &n));
    assert_true(n >= 2);
    must(&op,
         sm_db_run(
             &op, db,
             "UPDATE finding SET settled = 1, first_seen = 5 WHERE a = 'ZB-001' AND a_value = ?",
             "s", SM_STR("3600元")));
    must(&op, sm_db_run(&op, db, "UPDATE finding SET first_seen = 7 WHERE a = 'JZ-001'", ""));
    must(&op, sm_task_save(&op, db, sm_date_of(2026, 11, 23), finding, n_findings));
    must(&op, sm_conflict_of(&op, db, SM_STR("ZB-001"), &f, &left));
    assert_int_equal(left, n - 1);
    sm_stmt *q;
    must(&op, sm_db_query(&op, db, &q, "SELECT first_seen FROM finding WHERE a = 'JZ-001'", ""));
    must(&op, sm_stmt_step(&op, q));
    assert_int_equal(sm_stmt_int(q, 0), 7);
    sm_stmt_reset(q);
    must(&op, sm_task_save(&op, db, sm_date_of(2026, 11, 23), NULL, 0));
    must(&op, sm_conflict_of(&op, db, SM_STR("JZ-001"), &f, &n));
    assert_int_equal(n, 0);
}

static void questions_alike_fall_into_one_group(void **state)
{
    (void)state;
    const sm_str text[] = { SM_STR("无人机飞行要不要报备"), SM_STR("哪里能买到演唱会门票"),
                            SM_STR("无人机飞行怎么报备"), SM_STR("演唱会门票哪里买"),
                            SM_STR("今天天气怎么样") };
    size_t group[SM_LEN(text)];
    must(&op, sm_group_alike(&op, text, SM_LEN(text), 0.3, group));
    assert_int_equal(group[0], 0);
    assert_int_equal(group[1], 1);
    assert_int_equal(group[2], 0);
    assert_int_equal(group[3], 1);
    assert_int_equal(group[4], 2);
}

/* ------------------------------------------------- citations, on a corpus of their own */

static size_t dead_references(const char *basis, sm_str *text)
{
    sm_op one;
    sm_db *other;
    sm_import_report *r;
    sm_defect *f;
    size_t n, found = 0;
    sm_op_begin(&one);
    const char *home = fresh_dir(&one);
    const char *path = sm_path(one.arena, home, "items.jsonl");
    must(&one,
         sm_file_write(
             &one, path,
             sm_strf(
                 one.arena,
                 "{\"code\":\"A-1\",\"name\":\"某事\",\"dept\":\"某局\",\"case_kind\":\"承诺件\","
                 "\"promised_limit\":{\"value\":5,\"unit\":\"工作日\"},\"fee\":{\"charged\":false},"
                 "\"basis\":[%s]}\n",
                 basis)));
    must(&one, sm_db_open(&one, home, SM_DB_CORPUS, SM_DB_CREATE, &other));
    must(&one, sm_corpus_import(&one, other, SM_KIND_ITEM, &path, 1, true, &r));
    must(&one, sm_corpus_check(&one, other, sm_date_of(2026, 11, 23), laws, &f, &n));
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FINDING_DEAD_REFERENCE) {
            found++;
            *text = sm_str_dup(op.arena, f[i].text);
        }
    sm_db_close(other);
    remove_dir(home);
    sm_op_end(&one);
    return found;
}

static void a_law_cited_must_exist_hold_the_article_and_be_in_force(void **state)
{
    (void)state;
    sm_str text = { 0 };
    assert_int_equal(
        dead_references(
            "{\"law\":\"中华人民共和国民法典\",\"article\":\"第一千零四十六条至第一千零四十九条\"}",
            &text),
        0);
    assert_int_equal(
        dead_references("{\"law\":\"民法典\",\"article\":\"第一千二百六十条\"}", &text), 0);
    assert_int_equal(
        dead_references("{\"law\":\"民法典\",\"article\":\"第十条、第一千二百六十一条\"}", &text),
        1);
    assert_true(sm_str_has(text, SM_STR("1260 条")));
    assert_int_equal(
        dead_references("{\"law\":\"中华人民共和国婚姻法\",\"article\":\"第八条\"}", &text), 1);
    assert_true(sm_str_has(text, SM_STR("已经废止")));
    assert_int_equal(
        dead_references("{\"law\":\"中华人民共和国榫卯法\",\"article\":\"第一条\"}", &text), 1);
    assert_true(sm_str_has(text, SM_STR("没有这部法")));
    assert_int_equal(dead_references("{\"law\":\"婚姻登记档案管理办法\",\"article\":\"\"}", &text),
                     0);
}

/* ---------------------------------------------------------- items' data checks */

static const char sound[] =
    "{\"code\":\"A-1\",\"name\":\"甲证核发\",\"dept\":\"某局\",\"type\":\"行政许可\",\"audience\":["
    "\"自然人\"],"
    "\"user_topic_type\":\"户籍\",\"case_kind\":\"承诺件\",\"legal_limit\":{\"value\":20,\"unit\":"
    "\"工作日\"},"
    "\"promised_limit\":{\"value\":28,\"unit\":\"日\"},\"onsite_visits\":1,\"onsite_reason\":"
    "\"须当面核对\","
    "\"online\":\"网上申报预审\",\"fee\":{\"charged\":true,\"basis\":\"价费〔2001〕1号\",\"online_"
    "pay\":true,"
    "\"items\":[{\"name\":\"工本费\",\"standard\":\"10元/证\"}]},\"consult\":\"0999-1234567\","
    "\"complaint\":\"0999-12345\",\"result\":\"甲证\",\"result_type\":\"证照\",\"result_sample\":"
    "\"jia.pdf\","
    "\"steps\":[{\"text\":\"受理\"},{\"text\":\"审核\"},{\"text\":\"决定\"},{\"text\":\"办结\"},{"
    "\"text\":\"送达\"}],"
    "\"faq\":[{\"q\":\"问\",\"a\":\"答\"}],\"materials\":[{\"id\":\"m1\",\"name\":\"申请表\","
    "\"source\":\"申请人自备\","
    "\"required\":\"必要\"}],\"conditions\":[{\"id\":\"c1\",\"text\":\"年满18周岁\"}],"
    "\"basis\":[{\"law\":\"中华人民共和国民法典\",\"article\":\"第十条\"}]}";

/* The checks that the sound item fails after `key` was set to `value` (JSON; "" takes it out). */
static const char *failed_with(const char *key, const char *value)
{
    json_t *item, *v = NULL;
    sm_note *note;
    size_t n;
    must(&op, sm_json_parse(&op, sm_str_of(sound), "item", &item));
    if (*value) {
        v = json_loads(value, JSON_DECODE_ANY, NULL);
        assert_non_null(v);
        json_object_set_new(item, key, v);
    } else {
        json_object_del(item, key);
    }
    must(&op, sm_item_check(&op, item, SM_STR("A-1"), &note, &n));
    sm_str codes = { .p = "", .n = 0 };
    for (size_t i = 0; i < n; i++)
        codes = sm_strf(op.arena, "%.*s%s%.*s", SM_ARG(codes), i ? " " : "", SM_ARG(note[i].code));
    return sm_cstr(op.arena, codes);
}

static void a_sound_item_passes_all_thirteen_checks(void **state)
{
    (void)state;
    assert_string_equal(failed_with("name", "\"甲证核发\""), "");
}

static void each_check_finds_its_own_fault_and_no_other(void **state)
{
    (void)state;
    static const char *const faults[][3] = {
        { "case_kind", "\"即办件\"", "SI-01" },
        { "promised_limit", "{\"value\":0,\"unit\":\"工作日\"}", "SI-01" },
        { "promised_limit", "{\"value\":29,\"unit\":\"日\"}", "SI-02" },
        { "onsite_reason", "", "SI-03" },
        { "onsite_visits", "0", "SI-03" },
        { "online", "\"全程网办\"", "SI-05" },
        { "fee", "{\"charged\":false,\"online_pay\":true}", "SI-06" },
        { "fee",
          "{\"charged\":true,\"basis\":\"甲\",\"online_pay\":true,\"items\":[{\"name\":\"费\"}]}",
          "SI-06" },
        { "complaint", "\"0999-1234567\"", "SI-07" },
        { "consult", "\"1234567\"", "SI-07" },
        { "complaint", "", "SI-07" },
        { "audience", "[\"法人\"]", "SI-08" },
        { "faq", "[]", "SI-09" },
        { "steps", "[{\"text\":\"受理\"}]", "SI-09" },
        { "result_sample", "", "SI-10" },
        { "result_type", "\"批文\"", "SI-10" },
        { "materials", "[{\"name\":\"户口簿\",\"source\":\"政府部门核发\",\"required\":\"必要\"}]",
          "SI-11" },
        { "materials", "[{\"name\":\"其他材料\"}]", "SI-12" },
        { "conditions", "[{\"text\":\"符合其他条件\"}]", "SI-12" },
        { "basis", "[]", "SI-13" },
        { "basis", "[{\"law\":\"民法典\"}]", "SI-13" },
    };
    for (size_t i = 0; i < SM_LEN(faults); i++)
        assert_string_equal(failed_with(faults[i][0], faults[i][1]), faults[i][2]);
}

static void no_visit_and_no_net_needs_the_post(void **state)
{
    (void)state;
    json_t *item;
    sm_note *note;
    size_t n;
    must(&op, sm_json_parse(&op, sm_str_of(sound), "item", &item));
    json_object_set_new(item, "onsite_visits", json_integer(0));
    json_object_del(item, "onsite_reason");
    json_object_set_new(item, "online", json_string("仅窗口"));
    must(&op, sm_item_check(&op, item, SM_STR("A-1"), &note, &n));
    assert_int_equal(n, 1);
    assert_true(n == 1 && sm_str_eq(note[0].code, SM_STR("SI-04")));
    json_object_set_new(item, "express", json_true());
    must(&op, sm_item_check(&op, item, SM_STR("A-1"), &note, &n));
    assert_int_equal(n, 0);
    json_object_del(item, "express");
    json_object_del(item, "onsite_visits"); /* not said: nothing to check */
    must(&op, sm_item_check(&op, item, SM_STR("A-1"), &note, &n));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_expired_to_come_and_replaced_are_told_as_of_the_day),
        cmocka_unit_test(near_duplicates_are_found_and_successors_are_none),
        cmocka_unit_test(two_policies_on_one_matter_are_set_against_each_other_value_by_value),
        cmocka_unit_test(every_planted_contradiction_of_a_guide_is_found_with_both_values),
        cmocka_unit_test(few_guides_are_blamed_that_are_right),
        cmocka_unit_test(masked_and_refused_files_are_in_the_report),
        cmocka_unit_test(a_settled_task_stays_settled_and_an_open_one_keeps_its_row),
        cmocka_unit_test(questions_alike_fall_into_one_group),
        cmocka_unit_test(a_law_cited_must_exist_hold_the_article_and_be_in_force),
        cmocka_unit_test(a_sound_item_passes_all_thirteen_checks),
        cmocka_unit_test(each_check_finds_its_own_fault_and_no_other),
        cmocka_unit_test(no_visit_and_no_net_needs_the_post),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
