#include "ground/ground.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Sentences of one passage, copied but for characters that it has not. */
static const char passage[] =
    "第三条 在“云澜办”APP申请的，工本费每证15元，执行TSG 08标准，房屋不小于20㎡。";

static bool supported(const char *sentence)
{
    sm_op op;
    sm_evidence *e;
    sm_verdict v;
    const sm_source source = { SM_STR("P01/第三条"), SM_STR("《办法》第三条"), sm_str_of(passage) };
    sm_op_begin(&op);
    assert_int_equal(sm_evidence_read(&op, &source, 1, &e), SM_OK);
    sm_ground_check(op.arena, e, sm_str_of(sentence), NULL, 0, &v);
    sm_op_end(&op);
    return v.kind == SM_SUPPORTED;
}

static void what_the_evidence_writes_may_be_written(void **state)
{
    (void)state;
    static const char *const said[] = { "在“云澜办”APP申请的，工本费每证15元。",
                                        "在“云澜办”app申请的，工本费每证１５元。",
                                        "在“云澜办”ＡＰＰ申请的，工本费每证十五元。",
                                        "执行tsg 08标准。", "房屋不小于20㎡。" };
    for (size_t i = 0; i < SM_LEN(said); i++)
        if (!supported(said[i]))
            fail_msg("not supported: %s", said[i]);
}

static void what_it_does_not_may_not(void **state)
{
    (void)state;
    static const char *const added[] = {
        "①⑤⓪",    "㉒",      "⑵",    "Ⅻ", "༢༠༠",    "٢٠٠", "२००", "₂₀₀", "²⁰⁰",  "𝟚𝟘𝟘",   "2️⃣",
        "〥〦",   "㈦㈧",    "㊆",   "😀", "<b>",    "VIP", "AP",  "wx",  "yuan", "元amp", "면제",
        "円です", "пошлина", "يوان", "^", "\u202e", "|",   "=",   "ⅰ",   "㎏",   "Ａ",
    };
    for (size_t i = 0; i < SM_LEN(added); i++) {
        char sentence[256];
        snprintf(sentence, sizeof(sentence), "在“云澜办”APP申请的，工本费每证15元%s。", added[i]);
        if (supported(sentence))
            fail_msg("supported: %s", sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_the_evidence_writes_may_be_written),
                                        cmocka_unit_test(what_it_does_not_may_not) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
