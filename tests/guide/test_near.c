/* On the demo city: which of an item's FAQs and conditions a question is shown. */
#include "city.h"

struct expected {
    const char *text, *says;
};

static size_t place_of(sm_str answer, const char *words)
{
    return sm_str_find(answer, sm_str_of(words), 0);
}

static void check(const char *text, sm_str answer, const char *says)
{
    if (place_of(answer, says) == SIZE_MAX)
        print_error("%s: %.*s\n", text, SM_ARG(answer));
    assert_true(place_of(answer, says) != SIZE_MAX);
}

static void check_all(const struct expected *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        OP(op);
        check(e[i].text, ask_first(&op, e[i].text)->answer, e[i].says);
        sm_op_end(&op);
    }
}

/* Not the one that shares the words which all of the item's FAQs have. */
static void the_faq_with_the_words_that_its_siblings_have_not_is_shown(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "商场消防验收刚过，能直接开业了吧", "申请消防安全检查" },
        { "给残疾的爸爸办适老化改造，钱要不要我们自己先出", "一般不用垫付" },
        { "药店想带着卖点饼干，药品许可证管不管", "不能代替食品备案" },
        { "离婚房子过户给我，契税还交不交", "免征契税" },
        { "房子押给银行贷款，抵押的80块登记费归我付吧", "抵押人无需承担" },
        { "给工地干活被拖了工钱，想找法律援助，是不是先得去开个穷证明", "免予核查经济困难" },
    };
    check_all(asked, SM_LEN(asked));
}

static void the_kind_of_figure_that_is_asked_for_chooses(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "失业保险交了七年，失业金封顶能拿几个月", "最长18个月" },
        { "拿了三级社会体育指导员，几年以后能升二级", "达到规定年限" },
        { "卖烟花的门店最小得多大", "不小于10平方米" },
        { "卖几头猪要检疫，检疫这个事儿收多少钱一头", "检疫费已停征" },
    };
    check_all(asked, SM_LEN(asked));
}

/* Before how it is handled, where and how fast. */
static void what_decides_whether_it_is_so_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *text, *decides, *then;
    } asked[] = {
        { "私家车到第六年了，手机上点一点领个免检标志就可以了吧", "不是第六年", "可以全程网办" },
        { "公司从滨湖搬去江南，办住所变更就行了吧", "应当办理企业迁移登记", "去哪办" },
        { "焊工操作证是五年复审一次吧", "每三年复审一次", "承诺办结时限" },
    };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_str answer = ask_first(&op, asked[i].text)->answer;
        check(asked[i].text, answer, asked[i].decides);
        check(asked[i].text, answer, asked[i].then);
        assert_true(place_of(answer, asked[i].decides) < place_of(answer, asked[i].then));
        sm_op_end(&op);
    }
}

static void a_bare_question_about_an_element_has_no_faq_beside_it(void **state)
{
    (void)state;
    static const char *const asked[] = { "换身份证要等几天", "护照换发几天能好",
                                         "居住证签注在哪里办" };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_str answer = ask_first(&op, asked[i])->answer;
        if (place_of(answer, "问：") != SIZE_MAX)
            print_error("%s: %.*s\n", asked[i], SM_ARG(answer));
        assert_true(place_of(answer, "问：") == SIZE_MAX);
        sm_op_end(&op);
    }
}

/* "叉车证呢" says not what of it is asked. */
static void a_message_that_only_goes_on_is_read_with_what_was_asked_before(void **state)
{
    (void)state;
    static const struct {
        const char *first, *then, *says;
    } talks[] = {
        { "电工的特种作业操作证隔几年复审", "那叉车的证呢", "每四年复审一次" },
        { "离婚分到的房子过户要交契税吗", "那我爸留下的那套，我继承呢", "法定继承人" },
    };
    for (size_t i = 0; i < SM_LEN(talks); i++) {
        OP(op);
        const char *session = sm_strf(op.arena, "near-%zu", i).p;
        say(&op, session, talks[i].first);
        check(talks[i].then, say(&op, session, talks[i].then)->answer, talks[i].says);
        sm_op_end(&op);
    }
}

/* "离职多久能取" asks of no office's days. */
static void how_long_after_something_is_told_by_the_condition(void **state)
{
    (void)state;
    static const struct expected asked[] = {
        { "从单位辞职多久能把公积金取出来", "封存满半年" },
        { "住房公积金缴多久才能拿来交房租", "满3个月" },
    };
    check_all(asked, SM_LEN(asked));
}

/* … in words that take nothing for granted, of one matter or of two. */
static void an_faq_that_grants_what_the_policy_leaves_out_gives_way(void **state)
{
    (void)state;
    static const char *const asked[] = { "刚买了二手房，人才购房补贴去哪申请",
                                         "二手房过完户，人才购房补贴怎么申领" };
    for (size_t i = 0; i < SM_LEN(asked); i++) {
        OP(op);
        sm_reply *r = ask_first(&op, asked[i]);
        check(asked[i], r->claim[0].text, "不纳入补贴范围");
        assert_true(cites(r, "RC-003", "") && place_of(r->answer, "可以申请首套") == SIZE_MAX);
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_faq_with_the_words_that_its_siblings_have_not_is_shown),
        cmocka_unit_test(the_kind_of_figure_that_is_asked_for_chooses),
        cmocka_unit_test(what_decides_whether_it_is_so_comes_first),
        cmocka_unit_test(a_bare_question_about_an_element_has_no_faq_beside_it),
        cmocka_unit_test(a_message_that_only_goes_on_is_read_with_what_was_asked_before),
        cmocka_unit_test(an_faq_that_grants_what_the_policy_leaves_out_gives_way),
        cmocka_unit_test(how_long_after_something_is_told_by_the_condition),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
