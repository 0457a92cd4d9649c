#include "ground/ground.h"

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

static bool holds(void *arena, const char *sentence, const char *passage)
{
    sm_str p = sm_str_of(passage);
    return sm_ground_holds(arena, sm_str_of(sentence), &p, 1, NULL);
}

static void a_sentence_without_facts_holds_on_anything(void **state)
{
    assert_true(holds(*state, "请带身份证到窗口办理。", "完全无关的一段。"));
    assert_true(sm_ground_holds(*state, SM_STR("可以网上办。"), NULL, 0, NULL));
    assert_true(sm_ground_holds(*state, (sm_str){ 0 }, NULL, 0, NULL));
}

static void facts_hold_however_they_are_written(void **state)
{
    static const char *const rows[][2] = {
        { "补贴5万元。", "给予五万元的一次性补贴" },
        { "20个工作日内办结。", "承诺二十个工作日办结" },
        { "按15%补贴。", "按百分之十五的比例" },
        { "自2026年11月23日起施行。", "施行日期：2026-11-23" },
        { "依据《婚姻登记条例》第九条。", "《婚姻登记条例》第9条规定" },
        { "收费40元/证。", "每证工本费40元/证" },
        { "满18岁可以办。", "年满十八周岁" },
        { "依据澜政规〔2024〕3号。", "依据澜政规[2024]3号" },
        { "拨打12345。", "热线电话：12345" },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        if (!holds(*state, rows[i][0], rows[i][1]))
            fail_msg("%s does not hold on %s", rows[i][0], rows[i][1]);
}

static void a_fact_that_differs_in_value_or_unit_does_not_hold(void **state)
{
    static const char *const rows[][2] = {
        { "补贴5万元。", "给予六万元" },
        { "20个工作日内办结。", "20日内办结" },
        { "20日内办结。", "20个工作日内办结" },
        { "按15%补贴。", "15元" },
        { "自2026年11月23日起施行。", "自2026年11月起施行" },
        { "依据第九条。", "依据第十九条" },
        { "收费40元。", "收费40元/证" },
        { "依据《婚姻登记条例》。", "依据《户口登记条例》" },
        { "拨打12345。", "拨打12333" },
        { "满18岁。", "满18年" },
        { "补贴5万元。", "" },
        { "补贴5000元。", "补贴50000元" },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        if (holds(*state, rows[i][0], rows[i][1]))
            fail_msg("%s holds on %s", rows[i][0], rows[i][1]);
}

static void facts_may_stand_in_different_passages(void **state)
{
    const sm_str passages[] = { SM_STR("补贴5万元"), SM_STR("20个工作日内") };
    assert_true(sm_ground_holds(*state, SM_STR("20个工作日内发5万元。"), passages, 2, NULL));
    assert_false(sm_ground_holds(*state, SM_STR("20个工作日内发5万元。"), passages, 1, NULL));
}

static void the_first_missing_fact_is_named_as_written(void **state)
{
    sm_str passage = SM_STR("补贴5万元"), sentence = SM_STR("发5万元，三十日内到账，按15%。");
    sm_str missing = { 0 };
    assert_false(sm_ground_holds(*state, sentence, &passage, 1, &missing));
    assert_true(sm_str_eq(missing, SM_STR("三十日")));
    assert_true(missing.p > sentence.p && missing.p < sentence.p + sentence.n);
    missing = SM_STR("untouched");
    assert_true(sm_ground_holds(*state, SM_STR("发5万元。"), &passage, 1, &missing));
    assert_true(sm_str_eq(missing, SM_STR("untouched")));
}

static void one_invented_figure_among_many_is_enough_to_fail(void **state)
{
    assert_false(holds(*state, "2026年11月23日起，20个工作日内发5万元，咨询12346。",
                       "自2026年11月23日起，在二十个工作日内发放5万元，咨询12345。"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sentence_without_facts_holds_on_anything),
        TEST(facts_hold_however_they_are_written),
        TEST(a_fact_that_differs_in_value_or_unit_does_not_hold),
        TEST(facts_may_stand_in_different_passages),
        TEST(the_first_missing_fact_is_named_as_written),
        TEST(one_invented_figure_among_many_is_enough_to_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
