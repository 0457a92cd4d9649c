#include "ground/resting.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PASSAGE(id, title, text)                              \
    {                                                         \
        { id, sizeof(id) - 1 }, { title, sizeof(title) - 1 }, \
        {                                                     \
            text, sizeof(text) - 1                            \
        }                                                     \
    }

static const sm_source passages[] = {
    PASSAGE("1", "办事指南《补领居民身份证》",
            "本人到户籍所在地派出所申请，补领收费40元。承诺办结时限：20个工作日。"),
    PASSAGE("2", "《云澜市购房补贴办法》第五条",
            "第五条 连续缴纳职工基本养老保险满6个月，并且在五区首次购房的，可以申请购房补贴。\n"
            "申请应当在网签后提出。"),
    PASSAGE("3", "办事指南《护照换发》", "问：新护照号码会和旧的一样吗？\n答：不一样。"),
    PASSAGE("4", "《云澜市购房补贴办法（试行）》（已失效）第三条",
            "第三条 在五区首次购房的，可以申请购房补贴。"),
};

/* "1.2 1.1": passages and sentences from 1. */
static void must_rest(int line, const char *sentence, const char *on)
{
    sm_op op;
    sm_evidence *e;
    sm_buf b;
    sm_op_begin(&op);
    sm_buf_init(&b, 256);
    assert_int_equal(sm_evidence_read(&op, passages, SM_LEN(passages), &e), SM_OK);
    sm_resting r = sm_rests_on(op.arena, sm_rest_index_of(op.arena, e), sm_str_of(sentence));
    for (size_t i = 0; i < r.n; i++)
        sm_buf_addf(&b, "%s%zu.%zu", i ? " " : "", r.on[i].passage + 1, r.on[i].sentence + 1);
    if (!sm_str_eq(sm_buf_str(&b), sm_str_of(on)))
        print_error("%d %s: %.*s\n", line, sentence, SM_ARG(sm_buf_str(&b))), _fail(__FILE__, line);
    sm_buf_done(&b);
    sm_op_end(&op);
}
#define RESTS(sentence, on) must_rest(__LINE__, sentence, on)

static void a_clause_rests_on_the_sentence_that_has_most_of_it(void **state)
{
    (void)state;
    RESTS("补领收费四十元。", "1.1");
    RESTS("20个工作日办结。", "1.2");
    RESTS("养老保险要满6个月。", "2.1");
    RESTS("网签以后才能申请。", "2.2");
    RESTS("新护照的号码不一样。", "3.1");
}

static void a_clause_that_only_names_the_matter_rests_on_nothing(void **state)
{
    (void)state;
    RESTS("补领居民身份证，承诺办结时限是20个工作日。", "1.2");
    RESTS("云澜市购房补贴", "");
}

static void it_rests_on_each_in_the_order_in_which_it_tells_them(void **state)
{
    (void)state;
    RESTS("承诺办结时限是20个工作日，补领收费40元。", "1.2 1.1");
    RESTS("本人到派出所申请，补领收费40元。", "1.1");
    RESTS("补领收费40元，时限20个工作日，网签后提出，连续缴纳养老保险，新护照号码。",
          "1.1 1.2 2.2");
}

static void nothing_rests_on_a_rule_out_of_force(void **state)
{
    (void)state;
    RESTS("在五区首次购房的，可以申请购房补贴。", "2.1");
}

static void what_shares_nothing_rests_on_nothing(void **state)
{
    (void)state;
    RESTS("", "");
    RESTS("。，；", "");
    RESTS("hello", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clause_rests_on_the_sentence_that_has_most_of_it),
        cmocka_unit_test(a_clause_that_only_names_the_matter_rests_on_nothing),
        cmocka_unit_test(it_rests_on_each_in_the_order_in_which_it_tells_them),
        cmocka_unit_test(nothing_rests_on_a_rule_out_of_force),
        cmocka_unit_test(what_shares_nothing_rests_on_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
