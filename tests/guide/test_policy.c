/* On the demo city: when clauses answer, of which place's document, and which of its clauses. */
#include "city.h"

static void a_rule_on_a_neighbouring_matter_leaves_the_answer_to_the_guide(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "租房能提公积金吗，得连着缴几个月", "GJJ-005", "", "P14" },
        { "我妈得了尿毒症，能从公积金账户里提钱给她看病吗", "GJJ-010", "", "P14" },
        { "第二套房，面积超过140平，契税怎么交", "SW-006", "", "P14" },
        { "公积金贷款第二套首付几成", "P14", "四", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_rule_for_bicycles_is_none_for_cars(void **state)
{
    (void)state;
    OP(op);
    assert_false(cites(ask_first(&op, "小轿车逆行罚多少"), "P36", ""));
    assert_true(cites(ask_first(&op, "骑电动车逆行罚多少"), "P36", "第七条"));
    sm_op_end(&op);
}

/* All that the place has issued is found by its name. */
static void a_place_s_document_that_what_is_asked_does_not_find_answers_nothing(void **state)
{
    (void)state;
    OP(op);
    assert_false(cites(ask_first(&op, "养金毛犯不犯法，我住江南区"), "P46", ""));
    sm_op_end(&op);
}

static void a_district_is_known_by_its_short_name(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "江北五层楼装电梯，区里补几万", "P24", "第三条", "" },
        { "清溪低保线现在是多少", "P33", "一", "" },
        { "清溪县一家五口，人均400，低保一月能拿多少，按880减对不对", "P33", "一", "" },
        { "在云山把农房改民宿，一间客房补多少钱", "P07", "二/（三）", "" },
        { "我在长江北路的五层楼装电梯，市里补几万", "P22", "第四条", "P24" }, /* a street */
    };
    check_answers(e, SM_LEN(e));
}

static void a_sum_that_a_district_s_own_document_has_names_the_matter(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "我家老二户口在江北，我和他爸都在江南区住，江北多给的那1200一年能领不", "P45", "问2",
          "" },
    };
    check_answers(e, SM_LEN(e));
}

static void of_several_places_the_one_in_the_phrase_that_asks_is_meant(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "公司在江南区，社保在江南区，房子买在高新区，高新区的叠加补贴能申请吗", "P03", "第三条",
          "" },
        { "住在江南区，孩子想去滨湖上学，滨湖附加分怎么算", "P19", "", "P18" },
    };
    check_answers(e, SM_LEN(e));
}

static void who_asks_whether_he_gets_it_sees_what_decides_that(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "大专学历，在滨湖的酒店干了三年，区里买房补贴有我的份吗", "P04", "第三条", "" },
        { "店开了五个月，一次性创业补贴能领吗", "P05", "第四条", "" },
        { "云山县返乡开店半年了，县里加的那份能不能领", "P07", "三", "" },
        { "江北的楼装电梯，我爸82，他摊的那份钱能不能少一点", "P24", "第五条", "" }, /* an age */
        { "养了三条狗罚多少？我家在乡下，不在县城", "P34", "第三条", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_fine_comes_with_the_clause_that_is_violated(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "狗没牵绳罚多少钱", "P34", "第十条", "" },
        { "超过限养数量养狗罚多少", "P34", "第五条", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void who_pays_for_it_is_told_only_who_asks_that(void **state)
{
    (void)state;
    OP(op);
    assert_false(cites(ask_first(&op, "博士买房市里补助拿多少，一次发吗"), "P01", "第十条"));
    assert_true(cites(ask_first(&op, "人才购房补贴的资金市和区各出多少"), "P01", "第十条"));
    sm_op_end(&op);
}

static void a_transition_is_told_with_the_standard_that_it_points_to(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "2024年7月就拿到联合审查意见，今年电梯才做使用登记，六层，按哪个标准补", "P22", "第四条",
          "P23" },
        { "2025年4月交的创业补贴材料已经受理，一直没办结，按新标准吗", "P05", "第五条", "P06" },
        { "2025年12月20号付款买的二级能效冰箱，今年还能按原标准结算吗", "P26", "二", "" },
        { "2024年2月网签的房，硕士，人才购房补贴标准按哪个", "P02", "第四条", "" },
        { "2025年2月开的小店，5月就受理了，一次性创业补贴多少", "P05", "第五条", "P06" },
        { "2025年12月30日付的款，冰箱补贴多少", "P26", "二", "" },
    };
    static const char *const rule[] = { "P22", "P05", "P25", "P01", "P05", "P25" };
    static const char *const says[] = {
        "第十三条", "第十二条", "六", "第十三条", "第十二条", "六"
    };
    check_answers(e, SM_LEN(e));
    for (size_t i = 0; i < SM_LEN(e); i++) {
        OP(op);
        assert_true(cites(ask_first(&op, e[i].text), rule[i], says[i]));
        sm_op_end(&op);
    }
}

static void what_only_names_a_past_day_is_under_the_rule_of_that_day(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "2025年3月一次性创业补贴是多少钱", "P06", "第四条", "" },
        { "2022年六层楼加装电梯补助多少钱", "P23", "第四条", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_past_day_since_the_rule_is_in_force_is_no_other_time(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "去年十一月网签的新房，博士，购房补贴多少", "P01", "第四条", "P02" },
        { "去年二月自己开店，当时一次性创业补贴是多少", "P06", "第四条", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void a_rule_answers_for_the_day_it_reaches_back_to(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "2025年3月出生的三孩，育儿补贴有差额补吗", "P11", "第六条", "P12" },
    };
    check_answers(e, SM_LEN(e));
}

static void coming_days_are_told_in_many_words(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "过了元旦电动车还是30天内上牌吗", "P35", "第四条", "" },
        { "来年滨湖85岁老人高龄津贴一个月多少", "P31", "第三条", "" },
        { "过完年滨湖区75岁有高龄津贴吗", "P31", "", "" },
        { "下个月买的电动车几天内要上牌", "P36", "第三条", "P35" }, /* still in force then */
        { "一级能效空调元旦后还有没有补贴", "P25", "六", "" },
    };
    check_answers(e, SM_LEN(e));
}

static void what_a_document_surely_has_is_not_refused(void **state)
{
    (void)state;
    static const struct expected_source e[] = {
        { "我个人不分类扔垃圾，情节严重要罚5万？太吓人了吧", "P37", "第十一条", "" },
    };
    check_answers(e, SM_LEN(e));
    OP(op);
    assert_true(ask_first(&op, "垃圾分类志愿者招聘吗")->act != SM_ACT_ANSWER);
    sm_op_end(&op);
}

static void of_a_rule_that_has_ended_the_one_it_names_is_told(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "去年国庆古城区历史城区停车首小时8块，今年还这样收吗");
    assert_true(cites(r, "P38", ""));
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_on_a_neighbouring_matter_leaves_the_answer_to_the_guide),
        cmocka_unit_test(a_rule_for_bicycles_is_none_for_cars),
        cmocka_unit_test(a_place_s_document_that_what_is_asked_does_not_find_answers_nothing),
        cmocka_unit_test(a_district_is_known_by_its_short_name),
        cmocka_unit_test(a_sum_that_a_district_s_own_document_has_names_the_matter),
        cmocka_unit_test(of_several_places_the_one_in_the_phrase_that_asks_is_meant),
        cmocka_unit_test(who_asks_whether_he_gets_it_sees_what_decides_that),
        cmocka_unit_test(a_fine_comes_with_the_clause_that_is_violated),
        cmocka_unit_test(who_pays_for_it_is_told_only_who_asks_that),
        cmocka_unit_test(a_transition_is_told_with_the_standard_that_it_points_to),
        cmocka_unit_test(what_only_names_a_past_day_is_under_the_rule_of_that_day),
        cmocka_unit_test(a_past_day_since_the_rule_is_in_force_is_no_other_time),
        cmocka_unit_test(a_rule_answers_for_the_day_it_reaches_back_to),
        cmocka_unit_test(coming_days_are_told_in_many_words),
        cmocka_unit_test(what_a_document_surely_has_is_not_refused),
        cmocka_unit_test(of_a_rule_that_has_ended_the_one_it_names_is_told),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
