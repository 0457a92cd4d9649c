/* Which time a question asks for, which a text tells, and on the demo city that the office's limit
 * answers none but its own. */
#include "city.h"

static void how_it_is_put_tells_which_time_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sm_when_kind kind;
    } asked[] = {
        { "补身份证几天能拿到", SM_WHEN_OFFICE },
        { "信访几天内给答复", SM_WHEN_OFFICE },
        { "施工许可证审批期限是多少天", SM_WHEN_OFFICE },
        { "最晚什么时候下证", SM_WHEN_OFFICE },
        { "公示完到拿钱多久", SM_WHEN_OFFICE },
        { "前几天刚换的证，多久下来", SM_WHEN_OFFICE },
        { "补贴从哪个月开始算", SM_WHEN_OFFICE },
        { "买了车几天内要去上牌", SM_WHEN_WITHIN },
        { "复议期限是几天", SM_WHEN_WITHIN },
        { "最晚什么时候交", SM_WHEN_WITHIN },
        { "居民医保什么时候交", SM_WHEN_SEASON },
        { "年报几月到几月报", SM_WHEN_SEASON },
        { "演出几天前申请", SM_WHEN_AHEAD },
        { "到期前多久去续", SM_WHEN_AHEAD },
        { "导游证能用几年", SM_WHEN_VALID },
        { "证明几天内有效", SM_WHEN_VALID },
        { "操作证几年复审", SM_WHEN_EVERY },
        { "生存认证多久做一次", SM_WHEN_EVERY },
        { "要公示多久", SM_WHEN_LASTS },
        { "经营要满多久", SM_WHEN_TERM },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        sm_when w = sm_when_asked(sm_str_of(asked[i].text));
        if (w.kind != asked[i].kind)
            print_error("%s\n", asked[i].text);
        assert_int_equal(w.kind, asked[i].kind);
    }
}

static void a_text_tells_one_kind_and_not_another(void **state)
{
    (void)state;
    static const struct {
        const char *question, *text;
        bool told;
    } tells[] = {
        { "几天内提出", "自知道该行为之日起60日内提出", true },
        { "几天内提出", "自受理之日起30日内办结", false },
        { "几天内提出", "有效期届满三十日前提出申请", false },
        { "几天内登记", "取得证明之日起30日内，到公安机关办理登记", true },
        { "什么时候交", "一般在每年9月至12月集中参保期参保缴费", true },
        { "什么时候交", "截至当年8月31日年满6周岁", false },
        { "什么时候交", "给付3个月", false },
        { "提前几天续", "应在有效期届满60日前提出", true },
        { "有效期几年", "有效期五年，应在届满30日前申请", true },
        { "有效期几年", "在收到通知之日起15日内申请", false },
        { "几年复审", "每三年复审一次", true },
        { "几年年审", "登记有效期一年", true },
        { "公示几天", "在网站公示15个工作日", true },
        { "要满几年", "连续缴费满6个月", true },
        { "对结果不服几天内", "事故发生之日起30日内申请", false },
        { "对结果不服几天内", "不服的，15日内申请再次鉴定", true },
        { "什么时候领", "补贴多少钱", false },
    };
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(tells); i++) {
        sm_when w = sm_when_asked(sm_str_of(tells[i].question));
        bool told = sm_when_told(a, &w, (sm_str){ 0 }, sm_str_of(tells[i].text));
        if (told != tells[i].told)
            print_error("%s: %s\n", tells[i].question, tells[i].text);
        assert_int_equal(told, tells[i].told);
    }
    sm_arena_close(a);
}

static void any_bytes_are_read(void **state)
{
    (void)state;
    sm_arena *a = sm_arena_open();
    sm_rng r = { 11 };
    for (int i = 0; i < 2000; i++) {
        char text[96];
        size_t n = sm_rng_below(&r, sizeof(text));
        for (size_t k = 0; k < n; k++)
            text[k] = (char)sm_rng_next(&r);
        sm_when w = sm_when_asked((sm_str){ text, n });
        for (int kind = 0; kind < SM_N_WHEN; kind++) {
            w.kind = (sm_when_kind)kind;
            (void)sm_when_told(a, &w, (sm_str){ text, n / 2 }, (sm_str){ text, n });
        }
    }
    sm_arena_close(a);
}

static void the_time_asked_for_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *text, *has;
    } asked[] = {
        { "车身改了颜色几天内得去登记", "十日内" },
        { "残疾人机动轮椅车燃油补贴什么时候申报", "3月至5月" },
        { "车辆购置税最晚什么时候交", "六十日内" },
        { "劳务派遣许可证到期前多久去续", "60日前" },
        { "菜市场电子秤多久检一次", "一年" },
        { "导游证几年换一次", "三年" },
        { "新公司最晚多少天要去开公积金账户", "30日内" },
        { "公司换了监事，多久之内备案", "三十日内" },
        { "个体户年报几月到几月报", "1月1日至6月30日" },
        { "公司歇业最多能歇几年", "三年" },
        { "狗证多久年审", "有效期一年" },
        { "行政复议几天内提", "60日内" },
        { "第一次办护照多久能拿到", "承诺办结时限：7个工作日" },
        { "居民身份证到期换领几天下来", "承诺办结时限：15个工作日" },
        { "工伤认定啥时候出结果", "承诺办结时限：40个自然日" },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        bool first = r->n_claims && sm_str_has(r->claim[0].text, sm_str_of(asked[i].has));
        if (!first)
            print_error("%s\n", asked[i].text);
        assert_true(first);
        assert_false(sm_str_has(r->answer, SM_STR("没有写明")));
        sm_op_end(&op);
    }
}

static void what_no_source_tells_is_said_and_the_limit_named(void **state)
{
    (void)state;
    static const char *const asked[] = { "兽药经营许可什么时候申请", "夜间施工证明提前几天",
                                         "失业登记管多久" };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i]);
        assert_true(sm_str_starts(r->answer, SM_STR("您问的")));
        assert_true(sm_str_has(r->answer, SM_STR("没有写明")));
        assert_false(sm_str_has(r->answer, SM_STR("\n承诺办结时限")));
        sm_op_end(&op);
    }
}

static void of_two_items_each_has_its_own_time_under_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *has[2];
    } asked[] = {
        { "居民用电和企业用电报装几天",
          { "居民用电新装：\n承诺办结时限：3个工作日",
            "企业（非居民）用电报装：\n承诺办结时限：15个工作日" } },
        { "出生证换发和补发各几天",
          { "出生医学证明换发：\n承诺办结时限：5个工作日",
            "出生医学证明补发：\n承诺办结时限：10个工作日" } },
        { "工伤认定和劳动能力鉴定各多久",
          { "工伤认定申请：\n承诺办结时限：40个自然日",
            "工伤职工劳动能力鉴定申请：\n承诺办结时限：50个自然日" } },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        for (size_t k = 0; k < 2; k++)
            assert_true(sm_str_has(r->answer, sm_str_of(asked[i].has[k])));
        sm_op_end(&op);
    }
}

static void of_two_items_the_one_that_tells_no_time_is_named(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "安全员证和特种作业证几年复审");
    assert_true(sm_str_starts(r->answer, SM_STR("您问的“高危行业主要负责人")));
    assert_true(sm_str_has(r->answer, SM_STR("每三年复审一次")));
    assert_false(sm_str_has(r->answer, SM_STR("\n承诺办结时限")));
    sm_op_end(&op);
}

static void a_coming_month_is_answered_by_what_will_be_in_force(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "2027年1月滨湖区85岁老人高龄津贴多少");
    assert_true(sm_str_starts(r->answer, SM_STR("请注意：《")));
    assert_true(sm_str_has(r->answer, SM_STR("每人每月150元")));
    r = ask_first(&op, "滨湖区85岁老人高龄津贴多少");
    assert_false(sm_str_has(r->answer, SM_STR("每人每月150元")));
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_is_put_tells_which_time_is_asked_for),
        cmocka_unit_test(a_text_tells_one_kind_and_not_another),
        cmocka_unit_test(any_bytes_are_read),
        cmocka_unit_test(the_time_asked_for_comes_first),
        cmocka_unit_test(what_no_source_tells_is_said_and_the_limit_named),
        cmocka_unit_test(of_two_items_each_has_its_own_time_under_its_name),
        cmocka_unit_test(of_two_items_the_one_that_tells_no_time_is_named),
        cmocka_unit_test(a_coming_month_is_answered_by_what_will_be_in_force),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
