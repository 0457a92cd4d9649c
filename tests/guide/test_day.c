/* Which day the words of a question speak of, and whether they ask for a right or a sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guide/turn.h"

#define OP(op) \
    sm_op op;  \
    sm_op_begin(&op)

/* Of 2026-11-23. */
static sm_date day_of(sm_op *op, const char *text, bool coming)
{
    sm_turn *t = SM_NEW(op->arena, sm_turn);
    t->op = op;
    t->text = sm_str_of(text);
    t->today = sm_date_of(2026, 11, 23);
    sm_str phrase;
    return coming ? sm_coming_day_of(t) : sm_past_day_of(t, &phrase);
}

static void a_past_day_is_that_of_an_act(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int y, m, d; /* 0: none */
    } told[] = {
        { "我1999年生的，培训补贴能领吗", 0, 0, 0 },
        { "2000年5月3日出生，能不能报", 0, 0, 0 },
        { "我生于2001年", 0, 0, 0 },
        { "2020年硕士毕业，补贴多少", 0, 0, 0 },
        { "2018年就参加工作了", 0, 0, 0 },
        { "那栋楼2003年建成", 0, 0, 0 },
        { "2023年来这里落户，打算买房", 0, 0, 0 },
        { "5月6日买的车", 0, 0, 0 }, /* of no year */
        { "2001年出生，2025年3月买的车，补多少", 2025, 3, 1 },
        { "2025年3月买的车，我是2001年出生", 2025, 3, 1 },
        { "2024年9月下单，2025年还没到货", 2024, 9, 1 },
        { "2023年在外地，2024年回来了", 2024, 1, 1 },
        { "2023年毕业前买的房，2024年2月网签", 2024, 2, 1 },
        { "2024年学生补助多少", 2024, 1, 1 },
        { "2025年前开的店", 2024, 12, 31 },
        { "2025年前后开的店", 2025, 1, 1 },
        { "2025年前三季度开的店", 2025, 1, 1 },
        { "2025年前半年开的店", 2025, 1, 1 },
        { "2025年前两个月开的店", 2025, 1, 1 },
        { "2025年前6个月开的店", 2025, 1, 1 },
        { "去年3月前买的", 2025, 2, 28 },
        { "去年3月前后买的", 2025, 3, 15 },
        { "年纪大了", 0, 0, 0 },
    };
    OP(op);
    for (size_t i = 0; i < SM_LEN(told); i++) {
        sm_date want = told[i].y ? sm_date_of(told[i].y, told[i].m, told[i].d) : SM_DATE_NONE;
        if (day_of(&op, told[i].text, false) != want)
            fail_msg("%s", told[i].text);
    }
    sm_op_end(&op);
}

static void what_is_behind_a_year_is_not_always_the_new_year(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool coming;
    } told[] = {
        { "年后再去办行吗", true },    { "成年后，年后去办行吗", true },
        { "下月去办行吗", true },      { "成年后自己能办吗", false },
        { "今年后半年怎么交", false }, { "当年后面还补吗", false },
        { "满一周年后怎么领", false }, { "往年后期怎么算", false },
        { "学年后半段怎么交", false }, { "高中及以下月补多少", false },
    };
    OP(op);
    for (size_t i = 0; i < SM_LEN(told); i++)
        if ((day_of(&op, told[i].text, true) != SM_DATE_NONE) != told[i].coming)
            fail_msg("%s", told[i].text);
    sm_op_end(&op);
}

static void any_bytes_tell_a_day_or_none(void **state)
{
    (void)state;
    static const char *const piece[] = { "年", "年后", "2024年", "去年", "3月",  "出生",
                                         "买", "，",   "现在",   "\xe5", "下月", "前" };
    OP(op);
    sm_rng r = { 7 };
    for (int i = 0; i < 4000; i++) {
        sm_str text = { 0 };
        for (size_t k = sm_rng_below(&r, 12); k > 0; k--)
            text =
                sm_strf(op.arena, "%.*s%s", SM_ARG(text), piece[sm_rng_below(&r, SM_LEN(piece))]);
        (void)day_of(&op, sm_cstr(op.arena, text), i % 2);
    }
    sm_op_end(&op);
}

static void a_sum_asks_how_much_and_not_whose_right_it_is(void **state)
{
    (void)state;
    assert_false(sm_asks_own_right(SM_STR("能贷30万吗")));
    assert_false(sm_asks_own_right(SM_STR("能领两千吗")));
    assert_false(sm_asks_own_right(SM_STR("能贷三十万吗")));
    assert_false(sm_asks_own_right(SM_STR("能拿八百块吗")));
    assert_true(sm_asks_own_right(SM_STR("能领一次性补贴吗")));
    assert_true(sm_asks_own_right(SM_STR("能领三孩补贴吗")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_past_day_is_that_of_an_act),
        cmocka_unit_test(what_is_behind_a_year_is_not_always_the_new_year),
        cmocka_unit_test(any_bytes_tell_a_day_or_none),
        cmocka_unit_test(a_sum_asks_how_much_and_not_whose_right_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
