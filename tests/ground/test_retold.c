#include "ground/retold.h"

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

static sm_resting rests(sm_op *op, const char *sentence, size_t nearest)
{
    sm_evidence *e;
    assert_int_equal(sm_evidence_read(op, passages, SM_LEN(passages), &e), SM_OK);
    return sm_retold_read(op->arena, sm_retold_of(op->arena, e), sm_str_of(sentence), nearest);
}

/* "1.2 1.1": passages and sentences from 1; "=" when it says all of them. */
static void must_rest(int line, const char *sentence, size_t nearest, const char *on)
{
    sm_op op;
    sm_op_begin(&op);
    sm_resting r = rests(&op, sentence, nearest);
    sm_buf b;
    sm_buf_init(&b, 256);
    for (size_t i = 0; i < r.n; i++)
        sm_buf_addf(&b, "%s%zu.%zu", i ? " " : "", r.on[i].passage + 1, r.on[i].sentence + 1);
    sm_buf_addf(&b, "%s", r.whole ? "=" : "");
    if (!sm_str_eq(sm_buf_str(&b), sm_str_of(on)))
        print_error("%d %s: %.*s\n", line, sentence, SM_ARG(sm_buf_str(&b))), _fail(__FILE__, line);
    sm_buf_done(&b);
    sm_op_end(&op);
}
#define RESTS(sentence, on) must_rest(__LINE__, sentence, SIZE_MAX, on)

static void what_says_the_same_in_other_words_is_whole(void **state)
{
    (void)state;
    RESTS("本人到户籍所在地派出所申请，补领收费40元。", "1.1=");
    RESTS("需由本人去户籍所在地派出所申请，补领收费四十元", "1.1");
    RESTS("请本人到户籍所在地派出所申请，补领收费四十元", "1.1=");
    RESTS("承诺办结时限是二十个工作日。", "1.2=");
    RESTS("申请应当在网签后提出", "2.2=");
}

static void what_leaves_out_or_puts_in_is_not(void **state)
{
    (void)state;
    RESTS("补领收费40元。", "1.1");
    RESTS("连续缴纳职工基本养老保险满6个月的，可以申请购房补贴。", "2.1");
    RESTS("连续缴纳职工基本养老保险满6个月，并且在两县首次购房的，可以申请购房补贴。", "2.1");
    RESTS("连续缴纳职工基本养老保险满3个月，并且在五区首次购房的，可以申请购房补贴。", "2.1");
    RESTS("连续缴纳职工基本养老保险满6个月，并且在五区首次购房的，不可以申请购房补贴。", "2.1");
    RESTS("在五区首次购房，并且连续缴纳职工基本养老保险满6个月的，可以申请购房补贴。", "2.1");
    RESTS("申请可以在网签后提出。", "2.2");
    RESTS("申请应当在网签前提出。", "2.2");
}

/* Words that hold a sentence together are no tokens; all others are something. */
static void what_only_seems_to_say_nothing_is_not_whole(void **state)
{
    (void)state;
    RESTS("申请应当在网签后提出，有钱好办事。", "2.2");
    RESTS("申请原则上应当在网签后提出。", "2.2");
    RESTS("请您按规定，申请应当在网签后提出。", "2.2=");
}

static void what_joins_sentences_rests_on_each(void **state)
{
    (void)state;
    RESTS("承诺办结时限是20个工作日，申请应当在网签后提出。", "1.2 2.2=");
    RESTS("补领收费40元，承诺办结时限是20个工作日。", "1.1 1.2");
}

static void nothing_rests_on_a_question_or_by_chance_on_an_old_rule(void **state)
{
    (void)state;
    RESTS("新护照号码会和旧的一样。", "3.1");
    RESTS("在五区首次购房的，可以申请购房补贴。", "2.1");
    must_rest(__LINE__, "在五区首次购房的，可以申请购房补贴。", 3, "4.1=");
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
        cmocka_unit_test(what_says_the_same_in_other_words_is_whole),
        cmocka_unit_test(what_leaves_out_or_puts_in_is_not),
        cmocka_unit_test(what_only_seems_to_say_nothing_is_not_whole),
        cmocka_unit_test(what_joins_sentences_rests_on_each),
        cmocka_unit_test(nothing_rests_on_a_question_or_by_chance_on_an_old_rule),
        cmocka_unit_test(what_shares_nothing_rests_on_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
