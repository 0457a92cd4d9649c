#include "../fixture.h"

#include "answer/answer.h"

static sm_value number(double v)
{
    return (sm_value){ .type = SM_VALUE_NUMBER, .number = v };
}

static sm_value truth(bool v)
{
    return (sm_value){ .type = SM_VALUE_BOOL, .truth = v };
}

static sm_value text(const char *v)
{
    return (sm_value){ .type = SM_VALUE_TEXT, .text = sm_str_of(v) };
}

static sm_truth eval(const char *rule)
{
    sm_op op;
    sm_truth t = SM_UNKNOWN;
    sm_op_begin(&op);
    const sm_binding var[] = { { SM_STR("age"), number(60) },
                               { SM_STR("local"), truth(true) },
                               { SM_STR("sex"), text("男") } };
    must(&op, sm_expr_eval(&op, sm_str_of(rule), var, SM_LEN(var), &t));
    sm_op_end(&op);
    return t;
}

static void rules_are_three_valued(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        sm_truth is;
    } cases[] = {
        { "age >= 60", SM_TRUE },
        { "age > 60", SM_FALSE },
        { "age < 61 && local", SM_TRUE },
        { "unknown && false", SM_FALSE },
        { "false && unknown", SM_FALSE },
        { "unknown || true", SM_TRUE },
        { "unknown && true", SM_UNKNOWN },
        { "unknown || false", SM_UNKNOWN },
        { "!unknown", SM_UNKNOWN },
        { "unknown > 3", SM_UNKNOWN },
        { "unknown == 'x'", SM_UNKNOWN },
        { "sex == '男'", SM_TRUE },
        { "sex != '男'", SM_FALSE },
        { "!(age == 60)", SM_FALSE },
        { "age + 5 * 2 == 70", SM_TRUE },
        { "(age + 5) * 2 == 130", SM_TRUE },
        { "-age == -60", SM_TRUE },
        { "age - 1 >= 59.5", SM_FALSE },
        { "local == true || age < 3", SM_TRUE },
        { "true && !false", SM_TRUE },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        if (eval(cases[i].rule) != cases[i].is)
            fail_msg("%s", cases[i].rule);
}

static void operators_bind_as_in_c_and_from_the_left(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        sm_truth is;
    } cases[] = {
        { "true || false && false", SM_TRUE },
        { "(true || false) && false", SM_FALSE },
        { "false && false || true", SM_TRUE },
        { "!false || true", SM_TRUE },
        { "!true == false", SM_TRUE },
        { "!!local", SM_TRUE },
        { "10 - 4 - 3 == 3", SM_TRUE },
        { "10 - (4 - 3) == 9", SM_TRUE },
        { "2 * 3 + 4 * 5 == 26", SM_TRUE },
        { "2 - -1 == 3", SM_TRUE },
        { "- - age == 60", SM_TRUE },
        { "age*2+1>=121&&local", SM_TRUE },
        { "age >= 60\t&&\n sex == '男' ", SM_TRUE },
        { "0.1 + 0.2 == 0.3", SM_TRUE },
        { "'' == ''", SM_TRUE },
        { "'a' != 'A'", SM_TRUE },
        { "local != false", SM_TRUE },
        { "age <= 60 && age >= 60 && !(age != 60)", SM_TRUE },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        if (eval(cases[i].rule) != cases[i].is)
            fail_msg("%s", cases[i].rule);
}

/* One of false, true, unknown as a rule writes it. */
static const char *const spelt[] = {
    [SM_FALSE] = "false", [SM_TRUE] = "true", [SM_UNKNOWN] = "nobody"
};

static void and_or_and_not_follow_the_three_valued_tables(void **state)
{
    (void)state;
    static const sm_truth all[3][3] = { /* F, T, U across */
                                        { SM_FALSE, SM_FALSE, SM_FALSE },
                                        { SM_FALSE, SM_TRUE, SM_UNKNOWN },
                                        { SM_FALSE, SM_UNKNOWN, SM_UNKNOWN }
    };
    static const sm_truth some[3][3] = { { SM_FALSE, SM_TRUE, SM_UNKNOWN },
                                         { SM_TRUE, SM_TRUE, SM_TRUE },
                                         { SM_UNKNOWN, SM_TRUE, SM_UNKNOWN } };
    static const sm_truth not [3] = { SM_TRUE, SM_FALSE, SM_UNKNOWN };
    char rule[64];
    for (int a = 0; a < 3; a++) {
        snprintf(rule, sizeof(rule), "!%s", spelt[a]);
        assert_int_equal(eval(rule), not [a]);
        for (int b = 0; b < 3; b++) {
            snprintf(rule, sizeof(rule), "%s && %s", spelt[a], spelt[b]);
            assert_int_equal(eval(rule), all[a][b]);
            snprintf(rule, sizeof(rule), "%s || %s", spelt[a], spelt[b]);
            assert_int_equal(eval(rule), some[a][b]);
        }
    }
}

static void whatever_else_touches_the_unknown_is_unknown(void **state)
{
    (void)state;
    static const char *const rules[] = { "nobody == nobody", "nobody != 3",   "nobody + 1 > 0",
                                         "1 - nobody < 5",   "-nobody < 0",   "nobody * 0 == 0",
                                         "'x' == nobody",    "nobody == true" };
    for (size_t i = 0; i < SM_LEN(rules); i++)
        if (eval(rules[i]) != SM_UNKNOWN)
            fail_msg("%s", rules[i]);
}

static void errors_name_the_byte_where_reading_stopped(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *place, *why;
    } cases[] = {
        { "age >= ", "第 8 个字节处", "没有写完" },
        { "(age > 3", "第 9 个字节处", "右括号" },
        { "age == 'open", "第 13 个字节处", "右引号" },
        { "age > 3 )", "第 9 个字节处", "多余" },
        { "age > 1.2.3", "第 12 个字节处", "数字" },
        { "age >", "第 6 个字节处", "没有写完" },
        { "age > 'x'", "第 10 个字节处", "不是同一类" },
        { "sex > '女'", "字节处", "大小只能在数字之间" },
        { "local + 1 == 2", "字节处", "加、减、乘" },
        { "!age", "字节处", "!" },
        { "age && local", "字节处", "应当是判断" },
        { "age + 1", "字节处", "不是判断" },
        { "age = 60", "第 5 个字节处", "多余" },
        { "1 < 2 < 3", "第 7 个字节处", "多余" },
        { "age > 3 & local", "第 9 个字节处", "多余" },
        { "?", "第 1 个字节处", "变量、数字或文字" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_op op;
        sm_truth t = SM_TRUE;
        sm_op_begin(&op);
        const sm_binding var[] = { { SM_STR("age"), number(60) },
                                   { SM_STR("local"), truth(true) },
                                   { SM_STR("sex"), text("男") } };
        if (sm_expr_eval(&op, sm_str_of(cases[i].rule), var, SM_LEN(var), &t) != SM_E_INVALID)
            fail_msg("%s was read", cases[i].rule);
        if (!sm_str_has(op.msg, sm_str_of(cases[i].place)) ||
            !sm_str_has(op.msg, sm_str_of(cases[i].why)))
            fail_msg("%s: %.*s", cases[i].rule, SM_ARG(op.msg));
        assert_int_equal(t, SM_TRUE); /* untouched */
        sm_op_end(&op);
    }
}

static void bad_rules_get_an_error_with_the_place(void **state)
{
    (void)state;
    static const char *const bad[] = { "",           "age >=",    "(age > 3",      "age > 'x'",
                                       "'open",      "age > 3 )", "1 + true == 2", "age",
                                       "local && 3", "!3",        "-'a' == 1",     "age ? 1",
                                       "3 3" };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_truth t;
        sm_op_begin(&op);
        const sm_binding var[] = { { SM_STR("age"), number(60) },
                                   { SM_STR("local"), truth(true) } };
        if (sm_expr_eval(&op, sm_str_of(bad[i]), var, SM_LEN(var), &t) != SM_E_INVALID)
            fail_msg("%s", bad[i]);
        assert_true(sm_str_has(op.msg, SM_STR("个字节处")));
        sm_op_end(&op);
    }
}

static void depth_and_size_are_limited(void **state)
{
    (void)state;
    sm_op op;
    sm_truth t;
    static char deep[4000], huge[SM_EXPR_MAX_BYTES + 10];
    memset(deep, '(', sizeof(deep) - 1);
    memset(huge, ' ', sizeof(huge) - 1);
    sm_op_begin(&op);
    assert_int_equal(sm_expr_eval(&op, sm_str_of(deep), NULL, 0, &t), SM_E_INVALID);
    sm_op_clear(&op);
    assert_int_equal(sm_expr_eval(&op, sm_str_of(huge), NULL, 0, &t), SM_E_LIMIT);
    sm_op_end(&op);
}

static sm_rc eval_text(const char *rule)
{
    sm_op op;
    sm_truth t;
    sm_op_begin(&op);
    sm_rc rc = sm_expr_eval(&op, sm_str_of(rule), NULL, 0, &t);
    sm_op_end(&op);
    return rc;
}

/* `open` n times, "true", `close` n times. */
static const char *wrapped(char *out, const char *open, const char *close, int n)
{
    *out = 0;
    for (int i = 0; i < n; i++)
        strcat(out, open);
    strcat(out, "true");
    for (int i = 0; i < n; i++)
        strcat(out, close);
    return out;
}

static void limits_are_reached_and_not_passed(void **state)
{
    (void)state;
    static char rule[SM_EXPR_MAX_BYTES + 16];
    assert_int_equal(eval_text(wrapped(rule, "(", ")", SM_EXPR_MAX_DEPTH / 2 - 1)), SM_OK);
    assert_int_equal(eval_text(wrapped(rule, "(", ")", SM_EXPR_MAX_DEPTH / 2)), SM_E_INVALID);
    assert_int_equal(eval_text(wrapped(rule, "!", "", SM_EXPR_MAX_DEPTH - 2)), SM_OK);
    assert_int_equal(eval_text(wrapped(rule, "!", "", SM_EXPR_MAX_DEPTH - 1)), SM_E_INVALID);
    assert_int_equal(eval_text(wrapped(rule, "!", "", SM_EXPR_MAX_BYTES - 4)), SM_E_INVALID);
    memset(rule, ' ', sizeof(rule));
    memcpy(rule, "true", 4);
    rule[SM_EXPR_MAX_BYTES] = 0;
    assert_int_equal(eval_text(rule), SM_OK);
    rule[SM_EXPR_MAX_BYTES] = ' ';
    rule[SM_EXPR_MAX_BYTES + 1] = 0;
    assert_int_equal(eval_text(rule), SM_E_LIMIT);
    *rule = 0;
    for (int i = 0; i < 400; i++)
        strcat(rule, "a == 1 || "); /* long and flat is not deep */
    assert_int_equal(eval_text(strcat(rule, "true")), SM_OK);
}

static void every_rule_of_the_demo_can_be_read(void **state)
{
    (void)state;
    sm_op op;
    sm_str all, line;
    size_t n = 0;
    sm_op_begin(&op);
    must(&op, sm_file_read(&op, DEMO "/items.jsonl", 16 << 20, &all));
    while (sm_str_cut(&all, '\n', &line)) {
        json_t *j;
        sm_truth t;
        must(&op, sm_json_parse(&op, line, "items", &j));
        sm_str rule = sm_json_str(j, "rule");
        if (rule.n == 0)
            continue;
        must(&op, sm_expr_eval(&op, rule, NULL, 0, &t));
        assert_int_equal(t, SM_UNKNOWN);
        n++;
    }
    assert_int_equal(n, 140);
    sm_op_end(&op);
}

static void the_next_variable_is_the_first_not_asked(void **state)
{
    (void)state;
    sm_op op;
    const sm_str *next;
    const sm_str order[] = { SM_STR("a"), SM_STR("b"), SM_STR("c") };
    sm_binding var[] = { { SM_STR("a"), truth(true) },
                         { SM_STR("b"), { .type = SM_VALUE_UNKNOWN } } };
    sm_op_begin(&op);
    must(&op, sm_expr_next(&op, SM_STR("a && b && c"), var, 0, order, 3, &next));
    assert_true(sm_str_eq(*next, SM_STR("a")));
    must(&op, sm_expr_next(&op, SM_STR("a && b && c"), var, 2, order, 3, &next));
    assert_true(sm_str_eq(*next, SM_STR("c")));
    var[0].value.truth = false;
    must(&op, sm_expr_next(&op, SM_STR("a && b && c"), var, 1, order, 3, &next));
    assert_null(next);
    sm_op_end(&op);
}

static void a_variable_the_rule_does_not_name_is_not_asked(void **state)
{
    (void)state;
    sm_op op;
    const sm_str *next = NULL;
    const sm_str order[] = { SM_STR("age"), SM_STR("a"), SM_STR("edu_level"), SM_STR("edu") };
    sm_op_begin(&op);
    must(&op, sm_expr_next(&op, SM_STR("edu == '本科'"), NULL, 0, order, 4, &next));
    assert_ptr_equal(next,
                     &order[3]); /* not `edu_level`, and `a` and `age` are no part of a word */
    must(&op, sm_expr_next(&op, SM_STR("x || y"), NULL, 0, order, 4, &next));
    assert_null(next);
    must(&op, sm_expr_next(&op, SM_STR("a || age > 3"), NULL, 0, order, 4, &next));
    assert_ptr_equal(next, &order[0]); /* the order given, not that of the rule */
    must(&op, sm_expr_next(&op, SM_STR("true || edu == 'x'"), NULL, 0, order, 4, &next));
    assert_null(next); /* settled */
    next = &order[0];
    assert_int_equal(sm_expr_next(&op, SM_STR("edu =="), NULL, 0, order, 4, &next), SM_E_INVALID);
    assert_ptr_equal(next, &order[0]);
    sm_op_end(&op);
}

/* Asks its way through one item's rule, answering each question with `answer`: it must come to an
 * end. */
static void ask_through(sm_op *op, const json_t *item, const sm_value answer[3])
{
    sm_binding var[64];
    sm_str order[64];
    const json_t *list = json_object_get(item, "eligibility"), *v;
    size_t n = 0, n_order = 0, i;
    json_array_foreach(list, i, v) order[n_order++] = sm_json_str(v, "var");
    for (const sm_str *next;; n++) {
        must(op, sm_expr_next(op, sm_json_str(item, "rule"), var, n, order, n_order, &next));
        if (!next)
            break;
        assert_true(n < n_order);
        sm_str type = sm_json_str(json_array_get(list, (size_t)(next - order)), "type");
        bool is_number = sm_str_eq(type, SM_STR("number")),
             is_truth = sm_str_eq(type, SM_STR("bool"));
        var[n] = (sm_binding){ *next, answer[is_number ? 0 : is_truth ? 1 : 2] };
    }
    sm_truth t;
    must(op, sm_expr_eval(op, sm_json_str(item, "rule"), var, n, &t));
    assert_true(t != SM_UNKNOWN || answer[0].type == SM_VALUE_UNKNOWN);
}

static void every_rule_of_the_demo_is_settled_by_asking(void **state)
{
    (void)state;
    const sm_value yes[3] = { number(30), truth(true), text("本科") };
    const sm_value no[3] = { number(0), truth(false), text("无") };
    const sm_value unsure[3] = { { 0 }, { 0 }, { 0 } };
    sm_op op;
    sm_str all, line;
    sm_op_begin(&op);
    must(&op, sm_file_read(&op, DEMO "/items.jsonl", 16 << 20, &all));
    while (sm_str_cut(&all, '\n', &line)) {
        json_t *j;
        must(&op, sm_json_parse(&op, line, "items", &j));
        if (sm_json_str(j, "rule").n == 0)
            continue;
        ask_through(&op, j, yes);
        ask_through(&op, j, no);
        ask_through(&op, j, unsure);
    }
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_three_valued),
        cmocka_unit_test(operators_bind_as_in_c_and_from_the_left),
        cmocka_unit_test(and_or_and_not_follow_the_three_valued_tables),
        cmocka_unit_test(whatever_else_touches_the_unknown_is_unknown),
        cmocka_unit_test(errors_name_the_byte_where_reading_stopped),
        cmocka_unit_test(limits_are_reached_and_not_passed),
        cmocka_unit_test(a_variable_the_rule_does_not_name_is_not_asked),
        cmocka_unit_test(every_rule_of_the_demo_is_settled_by_asking),
        cmocka_unit_test(bad_rules_get_an_error_with_the_place),
        cmocka_unit_test(depth_and_size_are_limited),
        cmocka_unit_test(every_rule_of_the_demo_can_be_read),
        cmocka_unit_test(the_next_variable_is_the_first_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
