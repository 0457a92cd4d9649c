#include "ground/differ.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FAR_MORE = 3000 };

static sm_difference read(sm_op *op, const char *sentence, bool a, bool b)
{
    const sm_source passages[] = {
        { SM_STR("a"), SM_STR("办事指南《居住证》"), SM_STR("本人提交身份证和照片，当场领取。") },
        { SM_STR("b"), SM_STR("办事指南《护照》"), SM_STR("护照自受理之日起7日内制作完成。") },
    };
    const bool among[] = { a, b };
    sm_difference d;
    sm_differ_read(op->arena, sm_differ_of(op->arena, passages, 2), sm_str_of(sentence), among, &d);
    return d;
}

static void a_copy_has_nothing_put_in(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_difference d = read(&op, "护照自受理之日起9日内制作完成。", true, true);
    assert_true(d.put_in[0] + d.put_in[1] + d.left_out[0] + d.left_out[1] == 0); /* 7, 9: facts */
    d = read(&op, "护照自批准之日起7日内制作完成。", true, true);
    assert_true(d.put_in[0] == 2 && d.put_in[1] > 0);
    sm_op_end(&op);
}

static void words_that_say_the_same_differ_as_characters_only(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_difference d = read(&op, "本人递交身份证和相片", true, true);
    assert_true(d.put_in[0] > 0);
    assert_true(d.put_in[1] == 0);
    sm_op_end(&op);
}

static void passages_that_are_not_asked_for_explain_nothing(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    assert_true(read(&op, "本人提交身份证和照片", true, false).unmatched[0] == 0);
    assert_true(read(&op, "本人提交身份证和照片", false, true).unmatched[0] > 5);
    assert_true(read(&op, "本人提交身份证和照片", false, false).unmatched[0] > 5);
    sm_op_end(&op);
}

static void features_are_few_and_each_is_there_once(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_rng r = { 5 };
    char *text = SM_NEWS(op.arena, char, 6 * FAR_MORE + 1), *p = text;
    for (int i = 0; i < FAR_MORE; i++) {
        uint32_t c = 0x4e00 + sm_rng_below(&r, 20000);
        *p++ = (char)(0xe0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
        if (i % 7 == 0)
            *p++ = ',';
    }
    sm_difference d = read(&op, text, true, true);
    assert_true(d.n > 1000 && d.n <= SM_DIFFER_MAX);
    for (size_t i = 0; i < d.n; i++)
        assert_true(d.feature[i] < SM_DIFFER_FEATURES &&
                    (i == 0 || d.feature[i] > d.feature[i - 1]));
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_nothing_put_in),
        cmocka_unit_test(words_that_say_the_same_differ_as_characters_only),
        cmocka_unit_test(passages_that_are_not_asked_for_explain_nothing),
        cmocka_unit_test(features_are_few_and_each_is_there_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
