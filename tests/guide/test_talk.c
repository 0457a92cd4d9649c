/* What a conversation carries from turn to turn, on the demo city. */
#include "city.h"

static sm_str source(const sm_reply *r)
{
    assert_true(r->n_claims > 0 && r->claim[0].n_cites > 0);
    return r->claim[0].cite[0].doc;
}

static void another_place_stays_with_the_matter_of_the_clauses(void **state)
{
    (void)state;
    OP(op);
    say(&op, "place", "清溪县低保标准多少");
    sm_reply *r = say(&op, "place", "滨湖区的");
    assert_true(sm_str_eq(source(r), SM_STR("P32")));
    assert_true(sm_str_has(r->answer, SM_STR("880元")));
    say(&op, "own", "硕士在云澜买新房能补多少");
    r = say(&op, "own", "我单位和房子都在高新区");
    assert_true(sm_str_eq(source(r), SM_STR("P03")));
    say(&op, "fireworks", "云山县过年能放鞭炮吗");
    r = say(&op, "fireworks", "那江南区呢");
    assert_true(cites(r, "P40", "") || cites(r, "P47", ""));
    sm_op_end(&op);
}

static void a_place_without_a_rule_of_its_own_is_told_of_the_citys(void **state)
{
    (void)state;
    OP(op);
    say(&op, "own", "江北区老楼加装电梯补多少");
    sm_reply *r = say(&op, "own", "我家是古城区的");
    assert_true(sm_str_starts(r->answer, SM_STR("没有找到古城区自己的规定")));
    assert_true(sm_str_eq(source(r), SM_STR("P22")));
    sm_op_end(&op);
}

static void a_districts_coming_rule_is_told_under_its_opening_sentence(void **state)
{
    (void)state;
    OP(op);
    say(&op, "coming", "高龄津贴一个月多少钱");
    sm_reply *r = say(&op, "coming", "我们家是滨湖区的");
    assert_true(
        sm_str_starts(r->answer, SM_STR("请注意：《滨湖区高龄津贴提标扩面实施办法》尚未施行")));
    assert_true(cites(r, "P31", "") && cites(r, "P30", ""));
    sm_op_end(&op);
}

static void another_person_or_kind_stays_with_the_documents(void **state)
{
    (void)state;
    static const char *const said[] = { "我老公博士，我俩一起买呢", "博士呢", "买二手房行吗" };
    OP(op);
    for (size_t i = 0; i < SM_LEN(said); i++) {
        const char *session = sm_strf(op.arena, "person-%zu", i).p;
        say(&op, session, "硕士买房补贴多少");
        assert_true(sm_str_eq(source(say(&op, session, said[i])), SM_STR("P01")));
    }
    sm_op_end(&op);
}

static void a_longer_message_goes_on_with_the_documents(void **state)
{
    (void)state;
    OP(op);
    say(&op, "longer", "公积金账户能贷多少钱买房");
    sm_reply *r = say(&op, "longer", "我们家有三个小孩，我爱人也在缴，能多贷一些不");
    assert_true(sm_str_eq(source(r), SM_STR("P14")));
    assert_true(sm_str_has(r->answer, SM_STR("三孩")));
    r = say(&op, "longer", "我妈妈今年八十三，高龄津贴能领到多少"); /* another matter */
    assert_true(sm_str_eq(source(r), SM_STR("P30")));
    sm_op_end(&op);
}

static void another_matter_leaves_the_documents(void **state)
{
    (void)state;
    OP(op);
    say(&op, "leaves", "硕士买房补贴多少");
    assert_false(cites(say(&op, "leaves", "那租房补贴呢"), "P01", ""));
    sm_reply *r = say(&op, "leaves", "新生儿上户口要带什么材料");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("HJ-001")));
    sm_op_end(&op);
}

static void another_item_that_is_named_is_a_new_question(void **state)
{
    (void)state;
    OP(op);
    say(&op, "another", "新生儿医保最晚什么时候办");
    sm_reply *r = say(&op, "another", "身份证补办多久能好");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("SF-003")));
    r = say(&op, "another", "多少钱");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("SF-003")));
    sm_op_end(&op);
}

static void what_a_guide_does_not_have_is_looked_for_in_the_clauses_or_said(void **state)
{
    (void)state;
    OP(op);
    say(&op, "unwritten", "住房公积金个人住房贷款最多多少");
    assert_true(cites(say(&op, "unwritten", "二孩呢"), "P14", ""));
    say(&op, "nurse", "护士执业注册怎么办");
    sm_reply *r = say(&op, "nurse", "注销呢");
    assert_true(sm_str_starts(r->answer, SM_STR("这份办事指南里没有“注销”这个说法")));
    sm_op_end(&op);
}

static void another_act_goes_to_the_sibling(void **state)
{
    (void)state;
    static const char *const talk[][3] = { { "残疾证到期了怎么换", "丢了呢", "CJR-003" },
                                           { "工伤怎么认定", "评残呢", "GS-002" },
                                           { "个体户怎么注册", "注销呢", "QY-014" } };
    OP(op);
    for (size_t i = 0; i < SM_LEN(talk); i++) {
        say(&op, talk[i][2], talk[i][0]);
        sm_reply *r = say(&op, talk[i][2], talk[i][1]);
        assert_int_equal(r->act, SM_ACT_ANSWER);
        assert_true(sm_str_eq(r->item[0].code, sm_str_of(talk[i][2])));
    }
    sm_op_end(&op);
}

static void what_hangs_on_a_situation_is_asked(void **state)
{
    (void)state;
    OP(op);
    say(&op, "moves", "公司改名");
    sm_reply *r = say(&op, "moves", "搬到另一个区呢");
    assert_int_equal(r->act, SM_ACT_CLARIFY);
    assert_string_equal(r->reason, "situation");
    sm_op_end(&op);
}

static void a_choice_not_made_is_answered_for_each_by_its_name(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = say(&op, "each", "想开个小吃店要办什么");
    assert_int_equal(r->act, SM_ACT_CLARIFY);
    for (size_t i = 0; i < 2; i++) { /* the second question is answered for each, too */
        r = say(&op, "each", i ? "网上能办吗" : "多久下来");
        assert_int_equal(r->act, SM_ACT_ANSWER);
        assert_true(cites(r, "SP-001", "") && cites(r, "SP-008", ""));
        assert_true(r->claim[0].of.n > 0 && r->n_options > 2);
    }
    assert_true(sm_str_eq(say(&op, "each", "1")->item[0].code, r->option[0].code));
    sm_op_end(&op);
}

static void what_is_asked_of_the_likeliest_is_answered_by_its_name(void **state)
{
    (void)state;
    OP(op);
    say(&op, "named", "公司要注销");
    sm_reply *r = say(&op, "named", "公告多少天");
    assert_true(
        sm_str_starts(r->answer, SM_STR("您还没有选是哪一件，下面说的是“公司普通注销登记”")));
    assert_true(sm_str_has(r->answer, SM_STR("四十五日")));
    sm_op_end(&op);
}

static void what_chooses_nothing_is_asked_again(void **state)
{
    (void)state;
    OP(op);
    say(&op, "again", "换驾照");
    assert_int_equal(say(&op, "again", "明年呢")->act, SM_ACT_CLARIFY);
    sm_reply *r = say(&op, "again", "丢了");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("JS-004")));
    sm_op_end(&op);
}

static void what_was_asked_last_is_answered_of_another_condition(void **state)
{
    (void)state;
    OP(op);
    say(&op, "condition", "普通话测试多少钱");
    assert_true(cites(say(&op, "condition", "要是学生呢"), "JYX-011", "fee"));
    say(&op, "word", "新房办房产证登记费多少");
    assert_true(cites(say(&op, "word", "换成门面呢"), "BDC-002", "fee"));
    sm_op_end(&op);
}

static void a_choice_told_in_own_words_is_answered_as_to_what_was_asked(void **state)
{
    (void)state;
    OP(op);
    assert_int_equal(say(&op, "told", "驾驶证到期了怎么换")->act, SM_ACT_CLARIFY);
    sm_reply *r = say(&op, "told", "过期五个月了");
    assert_true(sm_str_eq(r->item[0].code, SM_STR("JS-003")));
    assert_true(cites(r, "JS-003", "fee"));
    sm_op_end(&op);
}

static void a_figure_rules_an_option_out(void **state)
{
    (void)state;
    OP(op);
    assert_int_equal(say(&op, "figure", "驾照过期了")->act, SM_ACT_CLARIFY);
    sm_reply *r = say(&op, "figure", "刚过了四个月，没给注销"); /* offered: 一年以上 */
    assert_true(sm_str_eq(r->item[0].code, SM_STR("JS-003")));
    sm_op_end(&op);
}

/* What clauses surely answer, and has nothing of the item in hand. */
static void a_whole_question_about_a_policy_leaves_the_item_in_hand(void **state)
{
    (void)state;
    OP(op);
    say(&op, "whole-question", "社保卡补办多少钱");
    sm_reply *r = say(&op, "whole-question",
                      "我博士，在高新区上班交社保，房子也买在高新区，区里另外补的那份有我吗");
    assert_string_equal(r->reason, "policy");
    assert_true(sm_str_has(r->answer, SM_STR("高新区人才购房叠加补贴")));
    sm_op_end(&op);
}

static void an_age_is_no_danger(void **state)
{
    (void)state;
    static const char *const ages[] = { "我妈80了", "明天我就80了", "我爸80了有什么钱可以领",
                                        "我奶奶83了", "我孩子3岁了" };
    static const char *const dangers[] = { "我爸85岁摔倒了", "外婆82了出门没回来",
                                           "我妈72了躺地上不动", "我70了不想活了" };
    OP(op);
    for (size_t i = 0; i < SM_LEN(ages); i++)
        assert_int_not_equal(say(&op, "", ages[i])->act, SM_ACT_CRISIS);
    for (size_t i = 0; i < SM_LEN(dangers); i++)
        assert_int_equal(say(&op, "", dangers[i])->act, SM_ACT_CRISIS);
    sm_op_end(&op);
}

static void what_reads_as_for_us_is_no_danger_unless_a_word_tells_it(void **state)
{
    (void)state;
    static const char *const ours[] = { "三轮车能不能拉我12岁的闺女去学校",
                                        "卡被我弄没了，先停用一下", "发洪水把地淹了，补不补",
                                        "电动车可以搭两个小孩不" };
    static const char *const dangers[] = { "我爷爷嘴歪了手抬不动", "车翻沟里了，司机不动",
                                           "墙要塌了，里面还有人", "我弟去了缅甸，联系不到了" };
    OP(op);
    for (size_t i = 0; i < SM_LEN(ours); i++) {
        sm_reply *r = say(&op, "", ours[i]);
        assert_false(r->act == SM_ACT_CRISIS || sm_str_has(r->answer, SM_STR("请立刻")));
    }
    for (size_t i = 0; i < SM_LEN(dangers); i++)
        assert_int_equal(say(&op, "", dangers[i])->act, SM_ACT_CRISIS);
    say(&op, "worker", "因工死亡的抚恤金怎么领");
    assert_int_not_equal(say(&op, "worker", "她三个娃娃呢，也按三成给？")->act, SM_ACT_CRISIS);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_place_stays_with_the_matter_of_the_clauses),
        cmocka_unit_test(a_place_without_a_rule_of_its_own_is_told_of_the_citys),
        cmocka_unit_test(a_districts_coming_rule_is_told_under_its_opening_sentence),
        cmocka_unit_test(another_person_or_kind_stays_with_the_documents),
        cmocka_unit_test(a_longer_message_goes_on_with_the_documents),
        cmocka_unit_test(another_matter_leaves_the_documents),
        cmocka_unit_test(another_item_that_is_named_is_a_new_question),
        cmocka_unit_test(what_a_guide_does_not_have_is_looked_for_in_the_clauses_or_said),
        cmocka_unit_test(another_act_goes_to_the_sibling),
        cmocka_unit_test(what_hangs_on_a_situation_is_asked),
        cmocka_unit_test(a_choice_not_made_is_answered_for_each_by_its_name),
        cmocka_unit_test(what_is_asked_of_the_likeliest_is_answered_by_its_name),
        cmocka_unit_test(what_chooses_nothing_is_asked_again),
        cmocka_unit_test(what_was_asked_last_is_answered_of_another_condition),
        cmocka_unit_test(a_choice_told_in_own_words_is_answered_as_to_what_was_asked),
        cmocka_unit_test(a_figure_rules_an_option_out),
        cmocka_unit_test(a_whole_question_about_a_policy_leaves_the_item_in_hand),
        cmocka_unit_test(an_age_is_no_danger),
        cmocka_unit_test(what_reads_as_for_us_is_no_danger_unless_a_word_tells_it),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
