/* Answers that may be another question's, one thing or two, what a question leaves out: on the demo
 * city. */
#include "city.h"

static bool is_doubtful(const sm_reply *r)
{
    return r->act == SM_ACT_ANSWER && sm_str_starts(r->intro, SM_STR("没有把握"));
}

static void an_answer_that_may_be_anothers_begins_with_that(void **state)
{
    (void)state;
    static const char *const texts[] = { "最低工资是多少", "养鸽子要不要办证",
                                         "大学毕业创业能拿多少" };
    for (size_t i = 0; i < SM_LEN(texts); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, texts[i]);
        assert_true(is_doubtful(r) && r->confidence < 0.5);
        assert_true(r->n_options > 0 && r->n_options <= 3);
        assert_true(sm_str_has(r->answer, r->question));
        assert_true(sm_str_has(r->answer, r->option[0].label));
        sm_op_end(&op);
    }
}

static void what_else_may_be_meant_is_chosen_by_number_or_name(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = say(&op, "number", "大学毕业创业能拿多少");
    sm_str code = r->option[0].code, label = r->option[0].label;
    r = say(&op, "number", "1");
    assert_true(r->act == SM_ACT_ANSWER && sm_str_eq(r->item[0].code, code));
    assert_false(is_doubtful(r));
    r = say(&op, "number", "要带什么");
    assert_true(sm_str_eq(r->item[0].code, code));
    say(&op, "name", "大学毕业创业能拿多少");
    r = say(&op, "name", sm_cstr(op.arena, label));
    assert_true(sm_str_eq(r->item[0].code, code));
    sm_op_end(&op);
}

static void none_of_it_takes_the_answer_back(void **state)
{
    (void)state;
    OP(op);
    say(&op, "none", "大学毕业创业能拿多少");
    sm_reply *r = say(&op, "none", "都不是");
    assert_true(r->act == SM_ACT_CLARIFY && r->n_options == 0);
    r = say(&op, "none", "居住证签注要带什么");
    assert_true(r->act == SM_ACT_ANSWER && sm_str_eq(r->item[0].code, SM_STR("HJ-017")));
    sm_op_end(&op);
}

static void what_is_named_is_no_guess(void **state)
{
    (void)state;
    static const char *const texts[] = { "硕士毕业租房补贴每月多少", "二孩育儿补贴一年多少",
                                         "补领结婚证去哪" };
    for (size_t i = 0; i < SM_LEN(texts); i++) {
        OP(op);
        assert_false(is_doubtful(ask_first(&op, texts[i])));
        sm_op_end(&op);
    }
}

static void a_reply_that_hardly_chooses_is_answered_in_doubt(void **state)
{
    (void)state;
    OP(op);
    say(&op, "hardly", "人才落户要什么材料");
    sm_reply *r = say(&op, "hardly", "大专呢");
    assert_true(is_doubtful(r) && r->n_options > 0);
    sm_op_end(&op);
}

static void of_two_close_items_it_is_asked_which(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "小孩读二年级，想转到你们这边学校");
    assert_int_equal(r->act, SM_ACT_CLARIFY);
    assert_true(r->n_options >= 2);
    sm_op_end(&op);
}

static void one_thing_is_not_answered_as_two(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "我是新车主，购置税怎么交");
    assert_string_equal(r->reason, "item");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("SW-005")));
    assert_true(r->n_options == 1 && sm_str_eq(r->option[0].code, SM_STR("CL-001")));
    r = ask_first(&op, "结婚证丢了想补，另外户口本也要换");
    assert_string_equal(r->reason, "two_items");
    sm_op_end(&op);
}

static void what_is_left_out_does_not_answer(void **state)
{
    (void)state;
    static const char *const q[][2] = { { "想开理发店，除了营业执照还要办什么", "WS-001" },
                                        { "除了公证还有别的办法继承房子吗", "BDC-004" },
                                        { "开旅馆，除了执照以外公安那边办啥", "ZA-003" } };
    OP(op);
    for (size_t i = 0; i < SM_LEN(q); i++) {
        sm_reply *r = ask_first(&op, q[i][0]);
        assert_int_equal(r->act, SM_ACT_ANSWER);
        assert_true(sm_str_eq(r->item[0].code, sm_str_of(q[i][1])));
    }
    sm_op_end(&op);
}

/* The 外 of 外国, 外省 does not end it. */
static void what_begins_with_outside_is_left_out(void **state)
{
    (void)state;
    static const char *const q[][2] = {
        { "外国朋友来工作除了外国人就业证还要办啥证", "外国人来华工作许可" },
        { "孩子来读书除了外省转入还能怎么入学", "义务教育阶段学生跨省转学" }
    };
    OP(op);
    for (size_t i = 0; i < SM_LEN(q); i++) {
        sm_reply *r = ask_first(&op, q[i][0]);
        assert_true(r->n_items && !sm_str_eq(r->item[0].name, sm_str_of(q[i][1])));
    }
    sm_op_end(&op);
}

static void what_is_left_today_is_said_to_be_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = { "养老院还有床位吗", "公租房还有空房吗" };
    OP(op);
    for (size_t i = 0; i < SM_LEN(texts); i++)
        assert_true(sm_str_has(ask_first(&op, texts[i])->intro, SM_STR("您问的现在还剩多少")));
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_may_be_anothers_begins_with_that),
        cmocka_unit_test(what_else_may_be_meant_is_chosen_by_number_or_name),
        cmocka_unit_test(none_of_it_takes_the_answer_back),
        cmocka_unit_test(what_is_named_is_no_guess),
        cmocka_unit_test(a_reply_that_hardly_chooses_is_answered_in_doubt),
        cmocka_unit_test(of_two_close_items_it_is_asked_which),
        cmocka_unit_test(one_thing_is_not_answered_as_two),
        cmocka_unit_test(what_is_left_out_does_not_answer),
        cmocka_unit_test(what_begins_with_outside_is_left_out),
        cmocka_unit_test(what_is_left_today_is_said_to_be_unknown),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
