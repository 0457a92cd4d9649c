/* Which rule an act of a past day is under: on the demo city with two rules on roof gardens, of
 * which only the newer names the other. */
#include "city.h"

static const char old_rule[] = "---\n"
                               "id: Z1\n"
                               "title: 云澜市屋顶花园补助暂行办法\n"
                               "issuer: 云澜市园林局\n"
                               "kind: 规范性文件\n"
                               "level: 市级\n"
                               "region: 云澜市\n"
                               "issued: 2022-01-01\n"
                               "effective: 2022-01-01\n"
                               "expires: 2024-12-31\n"
                               "status: 失效\n"
                               "audience: 自然人\n"
                               "---\n"
                               "# 云澜市屋顶花园补助暂行办法\n\n"
                               "第一条 为了鼓励屋顶花园建设，制定本办法。\n\n"
                               "第二条 屋顶花园补助标准为每平方米60元，每户不超过3000元。\n\n"
                               "第三条 本办法自2022年1月1日起施行，有效期至2024年12月31日。\n";
static const char new_rule[] = "---\n"
                               "id: Z2\n"
                               "title: 云澜市屋顶花园补助实施办法\n"
                               "issuer: 云澜市园林局\n"
                               "kind: 规范性文件\n"
                               "level: 市级\n"
                               "region: 云澜市\n"
                               "issued: 2025-01-01\n"
                               "effective: 2025-01-01\n"
                               "status: 有效\n"
                               "audience: 自然人\n"
                               "---\n"
                               "# 云澜市屋顶花园补助实施办法\n\n"
                               "第一条 为了鼓励屋顶花园建设，制定本办法。\n\n"
                               "第二条 屋顶花园补助标准为每平方米90元，每户不超过5000元。\n\n"
                               "第三条 2024年12月31日以前已经完成验收的屋顶花园，"
                               "仍按《云澜市屋顶花园补助暂行办法》规定的标准补助。\n\n"
                               "第四条 申请人的户籍应当在2020年1月1日以后迁入。\n\n"
                               "第五条 本办法自2025年1月1日起施行。\n";

static void put(const char *folder, const char *name, const char *text)
{
    must(&all, sm_file_write(&all, sm_path(all.arena, folder, name), sm_str_of(text)));
}

static int setup(void **state)
{
    setup_city(state);
    const char *folder = fresh_dir(&all);
    put(folder, "z1.md", old_rule);
    put(folder, "z2.md", new_rule);
    import(&all, city, SM_KIND_POLICY, folder);
    remove_dir(folder);
    return 0;
}

static const char only_for[] = "以下是旧规定，只用于新规定说仍按它办的情形";
static const char no_basis[] = "不能作为现在的依据";

static void a_rule_that_only_the_newer_names_is_opened_as_still_applying(void **state)
{
    (void)state;
    static const char *const asked[] = { "我家屋顶花园2024年6月验收的，屋顶花园补助标准是多少",
                                         "2024年5月屋顶花园通过验收，每平方米补助多少" };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i]);
        /* what reaches back to an earlier day is not about that */
        if (!cites(r, "Z2", "第三条") || !cites(r, "Z1", "第二条") ||
            !sm_str_has(r->answer, sm_str_of(only_for)) ||
            sm_str_has(r->answer, sm_str_of(no_basis)))
            fail_msg("%s: %.*s", asked[i], SM_ARG(r->answer));
        sm_op_end(&op);
    }
}

static void whom_the_transition_is_not_about_gets_the_rule_of_today(void **state)
{
    (void)state;
    static const char *const asked[] = {
        "我2000年出生的，屋顶花园补助标准是多少",
        "我2019年毕业的，现在屋顶花园补助标准是多少",
        "去年毕业的，一次性创业补贴是多少钱",
        "2023年以前就来了，今年买房，购房补贴博士多少",
        "2022年参加工作，准备买房，购房补贴博士多少",
        "我1999年生的，购房补贴博士多少",
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i]);
        if (cites(r, "Z1", "") || cites(r, "P02", "") || cites(r, "P06", "") ||
            cites(r, "Z2", "第三条") || sm_str_has(r->answer, sm_str_of(only_for)))
            fail_msg("%s: %.*s", asked[i], SM_ARG(r->answer));
        sm_op_end(&op);
    }
}

static void who_asks_for_the_old_rule_of_a_birth_is_told_of_the_transition(void **state)
{
    (void)state;
    OP(op);
    assert_true(cites(ask_first(&op, "2024年底出生的宝宝育儿补贴按老标准吗"), "P11", "第六条"));
    sm_op_end(&op);
}

static void a_past_day_alone_finds_no_transition(void **state)
{
    (void)state;
    static const char *const asked[] = { "2023年10月以前的，人才购房补贴多少",
                                         "2023年来的，人才购房补贴多少" };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i]);
        if (sm_str_has(r->answer, sm_str_of(only_for)))
            fail_msg("%s: %.*s", asked[i], SM_ARG(r->answer));
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_only_the_newer_names_is_opened_as_still_applying),
        cmocka_unit_test(whom_the_transition_is_not_about_gets_the_rule_of_today),
        cmocka_unit_test(who_asks_for_the_old_rule_of_a_birth_is_told_of_the_transition),
        cmocka_unit_test(a_past_day_alone_finds_no_transition),
    };
    return cmocka_run_group_tests(tests, setup, teardown_city);
}
