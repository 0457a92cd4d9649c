/* On the demo city: which money a question is about, and which figure corrects which.  A tax, a
 * contribution or a benefit is never answered, nor corrected, with what the handling costs. */
#include "city.h"

struct expected {
    const char *text, *says; /* NULL: that the source does not say it */
};

static void check(const struct expected *e, sm_str told)
{
    sm_str says = sm_str_of(e->says ? e->says : "我掌握的资料里没有写明");
    if (!sm_str_has(told, says))
        print_error("%s: %.*s\n", e->text, SM_ARG(told));
    assert_true(sm_str_has(told, says));
}

/* The rate comes first, and that the item takes no fee last, with the item's name. */
static void what_is_owed_is_not_answered_with_the_fee(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "二套150平契税", "2%" },
        { "车买了10万购置税大概多少", "百分之十" },
        { "补缴养老保险滞纳金怎么算", "万分之五" },
        { "单位公积金最低交几个点", "5%" },
        { "灵活就业养老保险按多少比例交", "20%" },
        { "图书馆借书证押金多少", "免押金" },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        size_t fee = sm_str_find(r->answer, SM_STR("本身不收费"), 0),
               rate = sm_str_find(r->answer, sm_str_of(asked[i].says), 0);
        check(&asked[i], r->answer);
        assert_true(rate < fee);
        assert_false(sm_str_starts(r->answer, SM_STR("不收费")));
        sm_op_end(&op);
    }
}

/* What one pays for elsewhere. */
static void that_the_handling_is_free_is_said_last_of_what_is_used(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "66岁坐公交车是不是就免费了", "满65周岁免费" },
        { "给娃打疫苗收不收钱", "免费接种" },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        check(&asked[i], r->answer);
        assert_false(sm_str_has(r->answer, SM_STR("办理本事项不收费")));
        assert_true(sm_str_find(r->answer, sm_str_of(asked[i].says), 0) <
                    sm_str_find(r->answer, SM_STR("本身不收费"), 0));
        sm_op_end(&op);
    }
}

static void what_no_source_tells_is_said_to_be_missing(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "居民医保一年交多少钱", NULL },
        { "维修基金要交几块钱一平", NULL },
        { "听说居民医保一年要交400元", NULL },
        { "申请公租房要交押金500元吧", NULL },
        { "2026年稳岗返还比例是90%对吧，我们公司怎么申请", NULL },
        { "失业金每个月能领到几多钱", NULL },
        { "居民用电一度多少钱", NULL },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        check(&asked[i], r->intro);
        assert_int_equal(r->correction.n, 0);
        sm_op_end(&op);
    }
}

static void what_the_handling_costs_is_still_told(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "契税申报要不要手续费", "不收费" }, { "办居住证要交钱吗", "不收费" },
        { "结婚证领证多少钱", "不收费" },     { "营业执照补办要多少钱", "不收费" },
        { "教师资格证补发多少钱", "不收费" }, { "补办社保卡要交多少钱", "不收费" },
        { "申请失业金要手续费吗", "不收费" }, { "请法律援助律师要交多少钱", "不收费" },
        { "补身份证要多少钱", "收费" },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i].text);
        check(&asked[i], r->claim[0].text);
        sm_op_end(&op);
    }
}

static void a_right_figure_is_never_corrected(void **state)
{
    (void)state;
    static const char *const right[] = {
        "博士买房补20万对吧",
        "加装电梯6层补20万是吧",
        "失能护理补贴重度每月400对吧",
        "创业担保贷款个人最高30万是吧",
        "公积金首套五年以上2.6%对吧",
        "人才购房补贴要参保满12个月对吧",
        "滨湖区明年元旦开始70岁以上有50块高龄津贴对吧",
        "江北区二孩每年能多拿1200对吧",
        "创业补贴经营满6个月就行对吧",
        "结婚领证不要户口本了吧？",
        "既然高龄津贴80岁才有那75岁怎么办",
        "继承有公证书的话5个工作日就能下来对吧",
        "听说补换领居住证15块",
        "房子买了四年了，公积金还能提是吗",
        "想开美发店，街道说还要公共场所卫生的证，要带什么",
        "听说服务券能叫人上门送餐，能换成现金吗",
        "我爷爷81岁零两个月了才听说有高龄津贴，怎么领",
        "人还没火化，听说费用能给免一些",
        "清溪县低保一个月810对吧",
    };
    for (size_t i = 0; i < SM_LEN(right); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, right[i]);
        if (r->correction.n)
            print_error("%s: %.*s\n", right[i], SM_ARG(r->correction));
        assert_int_equal(r->correction.n, 0);
        assert_false(sm_str_has(r->answer, SM_STR("您提到的数")));
        sm_op_end(&op);
    }
}

/* By a figure of the same kind and meaning, of the policy in force before the guide. */
static void a_wrong_figure_is_corrected_with_one_of_its_kind(void **state)
{
    (void)state;
    static const struct expected wrong[] = {
        { "人才购房补贴要参保24个月是吗，我才14个月", "满12个月" },
        { "外地打工的申请公租房要社保36个月吧", "满12个月" },
        { "租房提公积金要连续交满12个月吧", "满3个月" },
        { "江北区低保标准是810元吧", "880元" },
        { "80岁高龄津贴每月200对吧", "每人每月100元" },
        { "个人创业担保贷款最高50万，怎么申请", "最高30万元" },
        { "夫妻双方公积金最多贷80万是吧", "120万元" },
        { "公租房人均月收入不能超过2500吧", "3500元" },
        { "育儿补贴每年5000，三胎的，去哪领", "3600元" },
        { "女孩18岁就能领证了，带啥去？", "女方年满20周岁" },
        { "驾照丢了补办要50块，在哪交？", "10元/证" },
        { "申请城里的低保要交一百块审核费，去哪里交", "不收费" },
        { "食品许可证管三年对吧", "有效期为五年" },
        { "饮用水卫生许可证到期前30天去换就行吧", "届满前六个月" },
        { "两口子结婚满三年才能迁户口是吧", "结婚年限" },
        { "大货车司机过了60就得降成小车证是吧", "63周岁" },
    };
    for (size_t i = 0; i < SM_LEN(wrong); i++) {
        OP(op);
        check(&wrong[i], ask_first(&op, wrong[i].text)->correction);
        sm_op_end(&op);
    }
}

/* The policy in force before the guide: its FAQ that has it otherwise is not shown. */
static void what_the_policy_leaves_out_is_not_given_by_the_guide(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "买二手房也能领人才购房补贴，需要什么");
    assert_true(sm_str_has(r->correction, SM_STR("不纳入补贴范围")));
    assert_false(sm_str_has(r->answer, SM_STR("可以申请首套")));
    sm_op_end(&op);
}

static void what_the_question_repeats_rightly_comes_first(void **state)
{
    (void)state;
    static const struct expected right[] = {
        { "公积金贷款一个人最高80万是吧", "提高到80万元" },
        { "人才购房补贴要参保满12个月对吧", "满12个月" },
        { "本科买房补3万，是这样吧", "3万元" },
        { "公办幼儿园保教费都免了吧，我家的上中班", "小班、中班仍按公示标准收取" },
        { "身份证裂了换张新的20块对吧", "损坏换领工本费" },
    };
    for (size_t i = 0; i < SM_LEN(right); i++) {
        OP(op);
        check(&right[i], ask_first(&op, right[i].text)->claim[0].text);
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_owed_is_not_answered_with_the_fee),
        cmocka_unit_test(what_no_source_tells_is_said_to_be_missing),
        cmocka_unit_test(that_the_handling_is_free_is_said_last_of_what_is_used),
        cmocka_unit_test(what_the_handling_costs_is_still_told),
        cmocka_unit_test(a_right_figure_is_never_corrected),
        cmocka_unit_test(a_wrong_figure_is_corrected_with_one_of_its_kind),
        cmocka_unit_test(what_the_question_repeats_rightly_comes_first),
        cmocka_unit_test(what_the_policy_leaves_out_is_not_given_by_the_guide),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
