#include "ground/ground.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

/* What a long sentence copies and turns by one word; and what only sounds so. */
static const char passage[] =
    "持居民身份证到签发派出所说明情况，经核实未落户的可以补发，补发当场办结，不用回原登记地提档。"
    "全日制大专以上学历、中级以上职称的人员，应当在公布之日起五日内提出，逾期不再受理；"
    "遗失声明无须登报，任何地方不得以没有结婚证为由拒绝登记。问：孩子可以单独办护照吗？";

static sm_verdict_kind verdict(const char *sentence)
{
    sm_op op;
    sm_evidence *e;
    sm_verdict v;
    const sm_source source = { SM_STR("X/1"), SM_STR("办事指南《补发》"), sm_str_of(passage) };
    sm_op_begin(&op);
    assert_int_equal(sm_evidence_read(&op, &source, 1, &e), SM_OK);
    sm_ground_check(op.arena, e, sm_str_of(sentence), NULL, 0, &v);
    sm_op_end(&op);
    return v.kind;
}

static void one_word_turns_a_copy(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "持居民身份证到签发派出所说明情况，经核实未落户的不可以补发，补发当场办结，不用回原登记地提"
        "档。",
        "持居民身份证到签发派出所说明情况，经核实未落户的可以补发，补发当场办结，必须回原登记地提档"
        "。",
        "持居民身份证到签发派出所说明情况，经核实落户的可以补发，补发当场办结，不用回原登记地提档"
        "。",
        "全日制大专以下学历、中级以上职称的人员，应当在公布之日起五日内提出。",
        "全日制大专以上学历、中级以下职称的人员，应当在公布之日起五日内提出。",
        "遗失声明必须登报。",
        "任何地方可以以没有结婚证为由拒绝登记。",
    };
    for (size_t i = 0; i < SM_LEN(lies); i++)
        if (verdict(lies[i]) == SM_SUPPORTED)
            fail_msg("supported: %s", lies[i]);
}

static void the_same_in_other_words_turns_nothing(void **state)
{
    (void)state;
    static const char *const said[] = {
        "经核实未落户的可以补发，补发当场办结，不用回原登记地提档。",
        "经核实未落户的能够补发，不必回原登记地提档。",
        "遗失声明不用登报。",
        "任何地方不能以没有结婚证为由拒绝登记。",
        "应当在公布之日起五日内提出，逾期不再受理。",
    };
    for (size_t i = 0; i < SM_LEN(said); i++)
        if (verdict(said[i]) == SM_CONTRADICTED)
            fail_msg("contradicted: %s", said[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_word_turns_a_copy),
                                        cmocka_unit_test(the_same_in_other_words_turns_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
