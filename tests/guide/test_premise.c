/* What a question takes for granted, by its words alone. */
#include "../fixture.h"

#include "guide/premise.h"

static size_t premises(sm_arena *a, const char *text, sm_premise *p)
{
    return sm_premises_of(a, sm_str_of(text), p);
}

static void a_reported_fee_is_a_premise_with_its_figure(void **state)
{
    (void)state;
    sm_arena *a = sm_arena_open();
    sm_premise p[SM_MAX_PREMISES];
    assert_true(premises(a, "听说结婚登记要收200元，在哪交？", p) >= 1);
    assert_int_equal(p[0].slot, SM_PREMISE_FEE);
    assert_true(p[0].has_figure && p[0].yes);
    assert_int_equal((int)p[0].figure.value, 200);
    assert_true(premises(a, "补居住证那15块钱在哪交", p) >= 1);
    assert_int_equal(p[0].slot, SM_PREMISE_FEE);
    assert_true(premises(a, "身份证到期换新的不是免费的吗", p) >= 1);
    assert_int_equal(p[0].slot, SM_PREMISE_FEE);
    assert_false(p[0].yes);
    sm_arena_close(a);
}

static void each_kind_of_claim_has_its_slot(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sm_premise_slot slot;
    } claims[] = {
        { "身份证补办不是要15个工作日吗", SM_PREMISE_WAIT },
        { "换身份证要等60个工作日，怎么坐车", SM_PREMISE_WAIT },
        { "听说女方18岁就能登记结婚", SM_PREMISE_AGE },
        { "老年公交卡要满70岁，去哪办", SM_PREMISE_AGE },
        { "听说硕士买房补贴有5万元", SM_PREMISE_AMOUNT },
        { "博士购房补贴不是15万吗", SM_PREMISE_AMOUNT },
        { "听说注册公司网上办不了", SM_PREMISE_ONLINE },
        { "低保要到派出所办对吧", SM_PREMISE_PLACE },
        { "既然外地户口不能在这办护照，那去哪", SM_PREMISE_RULE },
        { "结婚登记可以托人代办，对吧", SM_PREMISE_RULE },
        { "补身份证要交50块，在哪交", SM_PREMISE_FEE },
        { "博士买房补20万对吧", SM_PREMISE_AMOUNT },
        { "护理补贴重度每月400对吧", SM_PREMISE_AMOUNT },
        { "月收入不能超过5000吧", SM_PREMISE_AMOUNT },
        { "购房补贴要参保24个月是吗", SM_PREMISE_TERM },
        { "夫妻投靠落户要结婚满2年，怎么办", SM_PREMISE_TERM },
        { "女孩18岁就能领证了，带啥去", SM_PREMISE_AGE },
    };
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(claims); i++) {
        sm_premise p[SM_MAX_PREMISES];
        bool found = false;
        size_t n = premises(a, claims[i].text, p);
        for (size_t k = 0; k < n; k++)
            found |= p[k].slot == claims[i].slot;
        if (!found)
            print_error("%s\n", claims[i].text);
        assert_true(found);
    }
    sm_arena_close(a);
}

static void plain_questions_and_own_facts_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = { "结婚登记要多少钱",
                                         "身份证补办几天能拿",
                                         "领结婚证要不要户口本",
                                         "外地户口能在这办护照吗",
                                         "高龄津贴多大年纪能领",
                                         "我25岁，本科毕业两年，想落户怎么办",
                                         "我交了12个月社保，能贷款吗",
                                         "每月公积金交2000元，想办贷款要什么材料",
                                         "我爸今年82岁，津贴怎么领",
                                         "老板欠我3万元工资，去哪投诉",
                                         "房子88平方米，花了120万买的，怎么办房产证",
                                         "来这住了7个月了，想办居住证",
                                         "补证要登报不",
                                         "" };
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(texts); i++) {
        sm_premise p[SM_MAX_PREMISES];
        size_t n = premises(a, texts[i], p);
        if (n)
            print_error("%s\n", texts[i]);
        assert_int_equal(n, 0);
    }
    sm_arena_close(a);
}

static void what_is_paid_or_had_is_no_fee_and_no_wait(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sm_premise_slot not_it;
    } claims[] = { { "博士买房补20万对吧", SM_PREMISE_FEE },
                   { "注册资本要一次交齐10万吧", SM_PREMISE_FEE },
                   { "购房补贴要参保24个月是吗", SM_PREMISE_WAIT },
                   { "个体户注销要公示45天对吧", SM_PREMISE_WAIT },
                   { "听说居民医保一年要交400元", SM_PREMISE_WAIT } };
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(claims); i++) {
        sm_premise p[SM_MAX_PREMISES];
        size_t n = premises(a, claims[i].text, p);
        for (size_t k = 0; k < n; k++)
            assert_int_not_equal(p[k].slot, claims[i].not_it);
    }
    assert_int_equal(sm_rule_sign_of(SM_STR("失能护理补贴重度每月400")), SM_RULE_NONE);
    assert_int_equal(sm_rule_sign_of(SM_STR("领证不要户口本了")), SM_RULE_NEED_NOT);
    sm_arena_close(a);
}

static sm_telling told(sm_arena *a, const char *claim, const char *clause, sm_told *out)
{
    sm_premise p[SM_MAX_PREMISES];
    sm_clause c = { .text = sm_str_of(clause) };
    assert_true(premises(a, claim, p) >= 1);
    return sm_figure_told(a, &p[0], &c, 1, out);
}

static void a_figure_is_held_against_one_of_its_kind(void **state)
{
    (void)state;
    static const char *const ages =
                                 "（一）年满80周岁的，津贴每月100元；\n（二）年满90周岁的，津贴每"
                                 "月200元；",
                             *const months = "连续缴纳养老保险满12个月；累计中断缴费不超过3个月。";
    sm_arena *a = sm_arena_open();
    sm_told t;
    assert_int_equal(told(a, "90岁津贴每月200元对吧", ages, &t), SM_TELLS_SO);
    assert_int_equal(told(a, "津贴每月300元对吧", ages, &t), SM_TELLS_OTHERWISE);
    assert_true(sm_str_has(t.segment, SM_STR("100元")) && sm_str_has(t.segment, SM_STR("200元")));
    assert_int_equal(told(a, "养老保险要缴满24个月吧", months, &t), SM_TELLS_OTHERWISE);
    assert_true(sm_str_has(t.segment, SM_STR("12个月")));
    assert_int_equal(told(a, "津贴每月300元对吧", "例如，津贴每月500元。", &t), SM_TELLS_NOTHING);
    assert_int_equal(told(a, "津贴每月300元对吧", "津贴自10个工作日内发放。", &t),
                     SM_TELLS_NOTHING);
    sm_arena_close(a);
}

static void any_bytes_are_read(void **state)
{
    (void)state;
    sm_arena *a = sm_arena_open();
    sm_premise p[SM_MAX_PREMISES];
    sm_rng r = { 7 };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < 400; i++)
        sm_buf_addf(&b, "听说要收%d元，", i);
    assert_true(sm_premises_of(a, sm_buf_str(&b), p) <= SM_MAX_PREMISES);
    sm_buf_done(&b);
    for (int i = 0; i < 2000; i++) {
        char text[64];
        size_t n = sm_rng_below(&r, sizeof(text));
        for (size_t k = 0; k < n; k++)
            text[k] = (char)sm_rng_next(&r);
        assert_true(sm_premises_of(a, (sm_str){ text, n }, p) <= SM_MAX_PREMISES);
    }
    sm_arena_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reported_fee_is_a_premise_with_its_figure),
        cmocka_unit_test(each_kind_of_claim_has_its_slot),
        cmocka_unit_test(plain_questions_and_own_facts_are_none),
        cmocka_unit_test(what_is_paid_or_had_is_no_fee_and_no_wait),
        cmocka_unit_test(a_figure_is_held_against_one_of_its_kind),
        cmocka_unit_test(any_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
