/* On the demo city: what answers is about the matter asked, not about the place named with it, nor
 * about one word of it; and it is for who asks. */
#include "city.h"

static void a_district_s_name_brings_in_no_other_matter(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "高新区绕城内初一能放吗", "P40", "一", "P03" },
        { "云山县90多岁老人有钱领吗", "P30", "第三条", "P07" },
        { "清溪县能养藏獒吗", "P34", "第八条", "P33" },
        { "滨湖区老人75岁现在有补贴吗", "P30", "第二条", "P04" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_district_s_own_rule_still_answers(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "滨湖区博士买房还能补多少", "P04", "第五条", "" },
        { "江南区外地孩子积分入学啥时候网上报名", "P18", "第五条", "P16" },
        { "清溪县低保多少钱", "P33", "一", "" },
        { "江北区三孩一年多给多少", "P13", "问3", "" },
        { "云山县几点能放鞭炮", "P41", "二", "P40" },
    };
    check_answers(e, SM_LEN(e));
}

/* Behind its opening sentence, with state and date. */
static void the_matter_s_only_rule_is_quoted_though_it_is_not_in_force(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "装修噪音周末早上8点可以开工，这是条例定的吧", "P42", "第七条", "P37" },
        { "高新区小区装修午休时间能施工吗", "P42", "第七条", "P03" },
        { "扩岗补助还有吗", "P27", "二", "SYB-002" },
    };
    check_answers(e, SM_LEN(e));
    OP(op);
    sm_reply *r = ask_first(&op, e[0].text);
    assert_true(sm_str_has(r->answer, SM_STR("尚未施行")));
    r = ask_first(&op, e[2].text);
    assert_true(sm_str_has(r->answer, SM_STR("已失效")));
    sm_op_end(&op);
}

static void an_item_answers_where_clauses_share_one_word(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "研究生贷款多少", "JYX-009", "", "P14" },
        { "表妹爸妈都不在了，跟着外婆过，国家每月给生活费吗", "JZ-007", "", "P11" },
    };
    check_answers(e, SM_LEN(e));
}

static void what_names_no_matter_is_not_answered(void **state)
{
    (void)state;
    static const char *const texts[] = { "我爸90了能领多少钱", "高新区政务中心在哪",
                                         "狗咬人了怎么办", "大学生创业有补贴吗" }; /* which? */
    for (size_t i = 0; i < SM_LEN(texts); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, texts[i]);
        if (r->act == SM_ACT_ANSWER)
            fail_msg("%s: %.*s", texts[i], SM_ARG(r->answer));
        sm_op_end(&op);
    }
}

static void a_figure_chooses_the_item_whose_bound_it_keeps(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "大型活动3000人要几天批，找谁", "ZA-004", "promised_limit", "ZA-005" },
        { "搞6000人的音乐节要提前几天报", "ZA-005", "", "ZA-004" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_restricted_item_does_not_answer_for_its_plain_sibling(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "结婚要带什么");
    assert_int_equal(r->act, SM_ACT_CLARIFY);
    assert_true(sm_str_has(r->answer, SM_STR("内地居民结婚登记")));
    r = ask_first(&op, "登记结婚要花钱吗"); /* the same for both */
    assert_true(cites(r, "HY-001", "fee") && !cites(r, "HY-002", ""));
    r = ask_first(&op, "和台湾人结婚要带什么");
    assert_true(r->act == SM_ACT_ANSWER && cites(r, "HY-002", ""));
    sm_op_end(&op);
}

static void the_clause_is_for_who_asks(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "公租房外地人社保满12个月就行对吧", "P08", "第五条", "" },
        { "公租房人均月收入不超3500对吧", "P08", "第三条", "" },
    };
    check_answers(e, SM_LEN(e));
    OP(op);
    assert_false(cites(ask_first(&op, e[0].text), "P08", "第三条"));
    sm_op_end(&op);
}

static void of_two_rules_in_conflict_both_say_what_is_asked(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "夫妻俩都是硕士租房补贴领两份吗");
    assert_true(cites(r, "P44", "三") && cites(r, "P43", "第六条"));
    assert_true(sm_str_has(r->answer, SM_STR("另有现行文件说法不同：第六条")));
    sm_op_end(&op);
}

/* Untrained, which its names and aliases make up for. */
static void a_city_without_policies_answers_from_its_guides(void **state)
{
    (void)state;
    OP(op);
    const char *own = fresh_dir(&all);
    sm_sunmao *with_policies = city;
    city = open_city(&all, own);
    must(&op, sm_sunmao_regions(&op, city, DEMO "/regions.tsv"));
    import(&op, city, SM_KIND_ITEM, DEMO "/items.jsonl");
    sm_reply *r = ask_first(&op, "居民身份证挂失申报收费吗");
    bool answers = r->act == SM_ACT_ANSWER && cites(r, "SF-006", "fee");
    sm_op_end(&op);
    sm_sunmao_close(city);
    city = with_policies;
    remove_dir(own);
    assert_true(answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_district_s_name_brings_in_no_other_matter),
        cmocka_unit_test(a_district_s_own_rule_still_answers),
        cmocka_unit_test(the_matter_s_only_rule_is_quoted_though_it_is_not_in_force),
        cmocka_unit_test(an_item_answers_where_clauses_share_one_word),
        cmocka_unit_test(what_names_no_matter_is_not_answered),
        cmocka_unit_test(a_figure_chooses_the_item_whose_bound_it_keeps),
        cmocka_unit_test(a_restricted_item_does_not_answer_for_its_plain_sibling),
        cmocka_unit_test(the_clause_is_for_who_asks),
        cmocka_unit_test(of_two_rules_in_conflict_both_say_what_is_asked),
        cmocka_unit_test(a_city_without_policies_answers_from_its_guides),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
