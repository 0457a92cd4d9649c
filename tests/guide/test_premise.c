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
        { "开公交的过了60就得降成小车证吧", SM_PREMISE_AGE },
        { "这个许可证管三年对吧", SM_PREMISE_TERM },
        { "电工证两年复审一次吧", SM_PREMISE_TERM },
        { "许可证到期前20天去换就行？", SM_PREMISE_TERM },
        { "暂住证明是不是能用半年", SM_PREMISE_TERM },
        { "护照300一本是吗", SM_PREMISE_FEE },
        { "执照丢了补办80块是吧", SM_PREMISE_FEE },
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
                                         "奶奶都78岁零五个月了才听说有这个钱，能补吗",
                                         "工作人员讲优待证几十天才下来",
                                         "能领那个八十块一个月的补助吗",
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
                   { "听说居民医保一年要交400元", SM_PREMISE_WAIT },
                   { "听说没上牌上路罚50元", SM_PREMISE_FEE },
                   { "充电服务费每千瓦时不超过0.5元吧", SM_PREMISE_FEE },
                   { "要在费用支付之日起2年内提出吧", SM_PREMISE_FEE },
                   { "连续停24小时最高收费封顶吧", SM_PREMISE_AMOUNT },
                   { "每户最高70平方米吧", SM_PREMISE_AMOUNT },
                   { "个人不能在网上卖药吧", SM_PREMISE_ONLINE },
                   { "网上说不用户口本也能办，是吧", SM_PREMISE_ONLINE },
                   { "要在银行开账户存入20万元吧", SM_PREMISE_PLACE } };
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(claims); i++) {
        sm_premise p[SM_MAX_PREMISES];
        size_t n = premises(a, claims[i].text, p);
        for (size_t k = 0; k < n; k++)
            assert_int_not_equal(p[k].slot, claims[i].not_it);
    }
    sm_premise p[SM_MAX_PREMISES];
    assert_true(premises(a, "大班的保教费全免了是吧", p) >= 1);
    assert_true(p[0].slot == SM_PREMISE_FEE && !p[0].yes);
    assert_true(premises(a, "办借书证不用交押金吧", p) >= 1);
    assert_true(p[0].slot == SM_PREMISE_FEE && !p[0].yes);
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
    assert_int_equal(told(a, "租赁补贴每月多120元吧", "租赁补贴标准为每月每平方米18元。", &t),
                     SM_TELLS_NOTHING);
    assert_int_equal(told(a, "两项上浮20%加20%是不是40%", "月还款额上浮不超过收入的40%。", &t),
                     SM_TELLS_NOTHING);
    assert_int_equal(told(a, "许可证到期前20天去换吧", "许可证有效期届满前三个月申请换证。", &t),
                     SM_TELLS_OTHERWISE);
    sm_arena_close(a);
}

static bool finds_faq(sm_arena *a, const char *text, const char *asks)
{
    sm_premise p[SM_MAX_PREMISES];
    sm_clause c = { .path = SM_STR("faq/1"), .text = sm_strf(a, "问：%s\n答：不能。", asks) };
    sm_faq faq;
    size_t n = premises(a, text, p);
    return n > 0 && sm_faq_about(a, &c, 1, &p[n - 1], sm_str_of(text), &faq);
}

static void an_faq_about_another_thing_of_the_matter_is_not_asked(void **state)
{
    (void)state;
    sm_arena *a = sm_arena_open();
    assert_true(finds_faq(a, "藏獒也能登记对吧", "藏獒能登记吗？"));
    assert_true(finds_faq(a, "父母买房可以提子女的公积金对吧", "父母买房能提子女的公积金吗？"));
    assert_false(finds_faq(a, "房贷听说能换成公积金那种", "消费贷、经营贷能转成公积金贷款吗？"));
    assert_false(finds_faq(a, "听说有服务券能叫人上门送餐", "服务券能取现吗？"));
    assert_false(finds_faq(a, "房子买了四年，公积金还能提是吗", "父母买房能提子女的公积金吗？"));
    sm_arena_close(a);
}

static void a_limit_that_there_is_not_is_found_by_its_name(void **state)
{
    (void)state;
    sm_arena *a = sm_arena_open();
    sm_str sentence, rule = SM_STR("亲属投靠：（一）夫妻投靠，不受结婚年限限制；"),
                     fits = SM_STR("本市落户不设社保年限。"),
                     other = SM_STR("结婚年限按登记计算。");
    assert_true(sm_sets_no_limit(a, SM_STR("要结婚满3年才能迁"), rule, &sentence));
    assert_true(sm_sets_no_limit(a, SM_STR("社保要交满1年"), fits, &sentence));
    assert_false(sm_sets_no_limit(a, SM_STR("社保要交满1年"), rule, &sentence));
    assert_false(sm_sets_no_limit(a, SM_STR("要结婚满3年才能迁"), other, &sentence));
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
        cmocka_unit_test(an_faq_about_another_thing_of_the_matter_is_not_asked),
        cmocka_unit_test(a_limit_that_there_is_not_is_found_by_its_name),
        cmocka_unit_test(any_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
