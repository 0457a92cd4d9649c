#include "ground/ground.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    sm_op *op = calloc(1, sizeof(*op));
    if (!op)
        return -1;
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

static sm_verdict check(sm_op *op, const char *title, const char *text, const char *sentence)
{
    sm_source p = { SM_STR("p"), sm_str_of(title), sm_str_of(text) };
    sm_evidence *e;
    sm_verdict v;
    assert_int_equal(sm_evidence_read(op, &p, 1, &e), SM_OK);
    sm_ground_check(op->arena, e, sm_str_of(sentence), NULL, 0, &v);
    return v;
}

static void expect(sm_op *op, const char *text, const char *sentence, bool supported)
{
    sm_verdict v = check(op, "", text, sentence);
    if ((v.kind == SM_SUPPORTED) != supported)
        fail_msg("%s / %s: %s %s", text, sentence, sm_verdict_name(v.kind), v.code);
}

/* ---------------------------------------------------------------- evidence */

static void evidence_over_its_limits_is_refused(void **state)
{
    static char big[SM_EVIDENCE_MAX_BYTES + 1];
    sm_op *op = *state;
    sm_evidence *e = NULL;
    sm_source many[SM_EVIDENCE_MAX + 1];
    for (size_t i = 0; i < SM_LEN(many); i++)
        many[i] = (sm_source){ sm_strf(op->arena, "%zu", i), { 0 }, SM_STR("一") };
    assert_int_equal(sm_evidence_read(op, many, SM_LEN(many), &e), SM_E_LIMIT);
    sm_op_clear(op);
    memset(big, 'a', sizeof(big));
    sm_source one = { SM_STR("x"), { 0 }, { big, sizeof(big) } };
    assert_int_equal(sm_evidence_read(op, &one, 1, &e), SM_E_LIMIT);
    assert_null(e);
}

static void evidence_needs_distinct_ids_and_text(void **state)
{
    sm_op *op = *state;
    sm_evidence *e = NULL;
    sm_source twice[] = { { SM_STR("x"), { 0 }, SM_STR("一") },
                          { SM_STR("x"), { 0 }, SM_STR("二") } };
    assert_int_equal(sm_evidence_read(op, twice, 2, &e), SM_E_INVALID);
    sm_op_clear(op);
    twice[1].id = (sm_str){ 0 };
    assert_int_equal(sm_evidence_read(op, twice, 2, &e), SM_E_INVALID);
    sm_op_clear(op);
    twice[1] = (sm_source){ SM_STR("y"), { 0 }, { "\xff", 1 } };
    assert_int_equal(sm_evidence_read(op, twice, 2, &e), SM_E_INVALID);
    assert_null(e);
    sm_op_clear(op);
    assert_int_equal(sm_evidence_read(op, NULL, 0, &e), SM_OK);
    assert_int_equal(sm_evidence_n(e), 0);
}

static void sentences_are_slices_of_the_text(void **state)
{
    sm_op *op = *state;
    sm_source p = { SM_STR("p"), { 0 }, SM_STR("甲。乙；\n丙") };
    const sm_str *s;
    sm_evidence *e;
    assert_int_equal(sm_evidence_read(op, &p, 1, &e), SM_OK);
    assert_int_equal(sm_evidence_sentences(e, 0, &s), 3);
    assert_ptr_equal(s[0].p, p.text.p);
    assert_true(sm_str_eq(s[2], SM_STR("丙")));
}

/* ---------------------------------------------------------------- verdicts */

static void a_sentence_of_the_evidence_is_supported_as_it_stands(void **state)
{
    expect(*state, "婴儿出生后一个月内申报；逾期也可以补报，不影响入户。",
           "逾期也可以补报，不影响入户。", true);
    expect(*state, "任何地方不得以没有结婚证为由拒绝登记。",
           "任何地方不得以没有结婚证为由拒绝登记。", true);
}

static void figures_stand_however_they_are_written(void **state)
{
    expect(*state, "承诺办结时限：5个工作日", "承诺五个工作日办结。", true);
    expect(*state, "补贴期限累计不超过36个月。", "补贴期限累计最多三年。", true);
    expect(*state, "最高贷款额度为800000元。", "最高贷款额度为80万元。", true);
    expect(*state, "承诺办结时限：5个工作日", "承诺5日办结。", false);
    expect(*state, "承诺办结时限：5个工作日", "承诺6个工作日办结。", false);
}

static void a_figure_needs_its_own_place(void **state)
{
    expect(*state, "男方年满22周岁、女方年满20周岁", "男方年满22周岁。", true);
    expect(*state, "男方年满22周岁、女方年满20周岁", "女方年满22周岁。", false);
    expect(*state, "博士研究生20万元；硕士研究生8万元。", "硕士研究生20万元。", false);
    expect(*state, "法定办结时限：20个工作日。承诺办结时限：5个工作日。",
           "法定办结时限是5个工作日。", false);
}

static void a_bound_must_not_be_turned(void **state)
{
    expect(*state, "市级补贴总额不得超过网签合同总价的15%。",
           "市级补贴总额不得低于网签合同总价的15%。", false);
    expect(*state, "未满16周岁的，护照有效期五年。", "16周岁以上的，护照有效期五年。", false);
}

static void a_denial_must_not_be_turned(void **state)
{
    expect(*state, "任何地方不得以没有结婚证为由拒绝登记。", "没有结婚证的可以拒绝登记。", false);
    expect(*state, "补缴年限不享受政府缴费补贴。", "补缴年限享受政府缴费补贴。", false);
    expect(*state, "过期期间不得驾驶。", "过期期间可以驾驶。", false);
}

static void a_denial_that_no_clause_has_is_not_supported(void **state)
{
    static const char *const denials[] = {
        "老人投靠子女户口迁入绝对不能办理。",
        "老人投靠子女户口迁入不予办理。",
        "老人投靠子女户口迁入不需要材料。",
        "不收居民户口簿。",
        "不需要提供居民身份证。",
        "绝对不能办理。",
    };
    for (size_t i = 0; i < SM_LEN(denials); i++) {
        sm_verdict v = check(*state, "办事指南《老人投靠子女户口迁入》",
                             "老人及子女的居民身份证、居民户口簿（必要，原件，1份）。\n"
                             "问：老家还有其他子女，还能投靠我吗？\n答：可以。\n"
                             "申请：老人或子女到迁入地派出所申请，子女可代为递交。\n"
                             "问：养老金会自动转过来吗？\n答：不会自动变化，需要转移的另行办理。",
                             denials[i]);
        if (v.kind == SM_SUPPORTED)
            fail_msg("%s", denials[i]);
    }
    sm_verdict v = check(*state, "办事指南《老人投靠子女户口迁入》",
                         "被投靠的子女为本市常住户口且已成年", denials[1]);
    assert_int_not_equal(v.kind, SM_SUPPORTED);
}

static void nobody_is_added_and_nothing_made_general(void **state)
{
    expect(*state, "亲子鉴定意见书由司法鉴定机构出具。", "亲子鉴定意见书由公安机关出具。", false);
    expect(*state, "随父落户的，提交亲子鉴定意见书。", "所有人都要提交亲子鉴定意见书。", false);
    expect(*state, "提交身份证、户口簿。", "提交身份证、户口簿和婚检报告。", false);
}

static void a_document_out_of_force_supports_nothing_said_of_today(void **state)
{
    sm_verdict v = check(*state, "《云澜市户籍准入管理办法》（已失效）第六条",
                         "夫妻投靠，结婚满2年。", "夫妻投靠要结婚满2年。");
    assert_int_not_equal(v.kind, SM_SUPPORTED);
}

static void a_quotation_must_be_word_for_word(void **state)
{
    expect(*state, "津贴和工资不重复领。", "指南写明“津贴和工资可以同时领取”。", false);
}

static void nothing_to_check_is_not_supported(void **state)
{
    static const char *const nothing[] = { "", " ", "。", "的。", "\xff\xfe" };
    for (size_t i = 0; i < SM_LEN(nothing); i++) {
        sm_verdict v = check(*state, "", "不收费", nothing[i]);
        assert_int_equal(v.kind, SM_UNSUPPORTED);
    }
    char *big = sm_alloc(((sm_op *)*state)->arena, 20000);
    for (size_t i = 0; i + 3 < 19998; i += 3)
        memcpy(big + i, "费", 3);
    assert_int_equal(check(*state, "", "不收费", big).kind, SM_UNSUPPORTED);
}

static void only_the_passages_asked_for_count(void **state)
{
    sm_op *op = *state;
    sm_source p[] = { { SM_STR("a"), { 0 }, SM_STR("承诺办结时限：5个工作日") },
                      { SM_STR("b"), { 0 }, SM_STR("咨询电话：0999-81100001") } };
    sm_evidence *e;
    sm_verdict v;
    const size_t second = 1, none = 7;
    assert_int_equal(sm_evidence_read(op, p, 2, &e), SM_OK);
    sm_ground_check(op->arena, e, SM_STR("承诺5个工作日办结。"), NULL, 0, &v);
    assert_int_equal(v.kind, SM_SUPPORTED);
    assert_int_equal(v.nearest.passage, 0);
    sm_ground_check(op->arena, e, SM_STR("承诺5个工作日办结。"), &second, 1, &v);
    assert_int_not_equal(v.kind, SM_SUPPORTED);
    sm_ground_check(op->arena, e, SM_STR("承诺5个工作日办结。"), &none, 1, &v);
    assert_int_not_equal(v.kind, SM_SUPPORTED);
}

static void spans_lie_in_their_passages(void **state)
{
    sm_verdict v =
        check(*state, "办事指南《结婚登记》", "收费：工本费 9元。承诺办结时限：1个工作日",
              "工本费9元，承诺1个工作日办结。");
    assert_int_equal(v.n_facts, 2);
    for (size_t i = 0; i < v.n_facts; i++)
        assert_true(v.fact[i].ok && v.fact[i].where.n > 0 &&
                    v.fact[i].where.at + v.fact[i].where.n <= 60);
    assert_true(v.nearest.n > 0);
}

/* ---------------------------------------------------------------- contract */

static void the_contract_says_which_member_is_wrong(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"sentence\":3,\"evidence\":[]}",
        "{\"sentence\":\"a\"}",
        "{\"sentence\":\"a\",\"evidence\":[3]}",
        "{\"sentence\":\"a\",\"evidence\":[{\"id\":\"x\"}]}",
        "{\"sentence\":\"a\",\"evidence\":[{\"text\":\"x\"}]}",
    };
    sm_op *op = *state;
    for (size_t i = 0; i < SM_LEN(wrong); i++) {
        json_t *in, *out = NULL;
        assert_int_equal(sm_json_parse(op, sm_str_of(wrong[i]), "x", &in), SM_OK);
        assert_int_equal(sm_ground_answer(op, in, NULL, &out), SM_E_INVALID);
        assert_null(out);
        assert_true(op->msg.n > 0);
        sm_op_clear(op);
    }
}

static void a_line_may_have_the_evidence_of_the_one_before(void **state)
{
    sm_op op;
    json_t *last = NULL, *said;
    json_t *first = json_pack("{s:[{s:s,s:s,s:s}],s:s}", "evidence", "id", "a", "title", "收费",
                              "text", "每证收费20元。", "sentence", "每证收费20元。");
    json_t *second = json_pack("{s:s,s:s}", "evidence", "=", "sentence", "每证收费30元。");
    (void)state;
    sm_op_begin(&op);
    assert_int_equal(sm_ground_line(&op, second, &last), SM_E_INVALID);
    sm_op_clear(&op);
    assert_int_equal(sm_ground_line(&op, first, &last), SM_OK);
    assert_int_equal(sm_ground_line(&op, second, &last), SM_OK);
    assert_int_equal(sm_ground_answer(&op, second, NULL, &said), SM_OK);
    assert_string_equal(sm_json_str(said, "code").p, "fact_absent");
    json_decref(said);
    json_decref(first);
    json_decref(second);
    json_decref(last);
    sm_op_end(&op);
}

static void what_people_leave_out_of_a_figure(void **state)
{
    static const char *const held[][2] = {
        { "中级不超过1500元。", "中级最多一千五。" },
        { "年满70周岁可以换领。", "满七十可以换领。" },
        { "承诺办结时限：20个工作日。", "承诺办结时限是二十个。" },
        { "护理补贴按照轻度、中度分别为每人每月200元、400元。", "中度护理补贴每月400元。" },
        { "补领证件每证收取工本费20元。", "补领证件每张收取工本费20元。" },
    };
    (void)state;
    for (size_t i = 0; i < SM_LEN(held); i++) {
        sm_op op;
        sm_evidence *e;
        sm_verdict v;
        const sm_source s = { SM_STR("a"), SM_STR("规定"), sm_str_of(held[i][0]) };
        sm_op_begin(&op);
        assert_int_equal(sm_evidence_read(&op, &s, 1, &e), SM_OK);
        sm_ground_check(op.arena, e, sm_str_of(held[i][1]), NULL, 0, &v);
        for (size_t k = 0; k < v.n_facts; k++)
            assert_true(v.fact[k].ok);
        sm_ground_check(op.arena, e, SM_STR("中级最多一千八，满八十，三十个，每月600元。"), NULL, 0,
                        &v);
        assert_int_not_equal(v.kind, SM_SUPPORTED);
        sm_op_end(&op);
    }
}

static void a_verdict_is_told_as_json(void **state)
{
    sm_op *op = *state;
    json_t *in, *out;
    assert_int_equal(
        sm_json_parse(op,
                      SM_STR("{\"id\":[1],\"sentence\":\"不收费。\",\"evidence\":[{\"id\":\"x\","
                             "\"text\":\"不收费\"}]}"),
                      "x", &in),
        SM_OK);
    assert_int_equal(sm_ground_answer(op, in, NULL, &out), SM_OK);
    sm_json_own(op->arena, out);
    assert_string_equal(json_string_value(json_object_get(out, "verdict")), "supported");
    assert_true(json_equal(json_object_get(out, "id"), json_object_get(in, "id")));
    assert_true(json_is_array(json_object_get(out, "facts")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(evidence_over_its_limits_is_refused),
        TEST(evidence_needs_distinct_ids_and_text),
        TEST(sentences_are_slices_of_the_text),
        TEST(a_sentence_of_the_evidence_is_supported_as_it_stands),
        TEST(figures_stand_however_they_are_written),
        TEST(a_figure_needs_its_own_place),
        TEST(a_bound_must_not_be_turned),
        TEST(a_denial_must_not_be_turned),
        TEST(a_denial_that_no_clause_has_is_not_supported),
        TEST(nobody_is_added_and_nothing_made_general),
        TEST(a_document_out_of_force_supports_nothing_said_of_today),
        TEST(a_quotation_must_be_word_for_word),
        TEST(nothing_to_check_is_not_supported),
        TEST(only_the_passages_asked_for_count),
        TEST(spans_lie_in_their_passages),
        TEST(the_contract_says_which_member_is_wrong),
        TEST(a_verdict_is_told_as_json),
        TEST(a_line_may_have_the_evidence_of_the_one_before),
        TEST(what_people_leave_out_of_a_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
