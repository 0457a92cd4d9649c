/* Which place a question is about, when the place's name is not put in full, and where it is no
 * place. */
#include "city.h"

#include "text/text.h"

static void region_is(const char *text, const char *region)
{
    OP(op);
    sm_reply *r = ask_first(&op, text);
    if (!sm_str_eq(r->region, sm_str_of(region)))
        fail_msg("%s: %.*s", text, SM_ARG(r->region));
    sm_op_end(&op);
}

static void a_short_name_stands_for_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *region;
    } of[] = {
        { "江北的高龄津贴去哪领", "江北区" },       { "江北乡下的老屋翻建找谁批", "江北区" },
        { "江北企业给员工参保去哪", "江北区" },     { "江北道路运输证去哪换", "江北区" },
        { "江北园林局电话多少", "江北区" },         { "江北民政局在哪", "江北区" },
        { "江北江南两个区的低保哪个高", "江北区" }, { "满三年内江北的低保要重新审吗", "江北区" },
        { "住滨湖江边，居住证在哪办", "滨湖区" },
    };
    for (size_t i = 0; i < SM_LEN(of); i++)
        region_is(of[i].text, of[i].region);
}

static void within_another_name_it_does_not(void **state)
{
    (void)state;
    static const char *const of[] = {
        "我从浙江北边的县搬来，身份证在哪换", "浙江北仑人在这办居住证", "黑龙江北安的户口怎么迁来",
        "江北路上的店要办营业执照",           "江北镇的身份证在哪换",   "江北大桥边上办居住证"
    };
    for (size_t i = 0; i < SM_LEN(of); i++)
        region_is(of[i], "");
}

static void with_its_short_name_the_same_is_answered(void **state)
{
    (void)state;
    OP(op);
    sm_reply *r = ask_first(&op, "云山乡下正月初三放鞭炮行不行");
    sm_reply *full = ask_first(&op, "云山县乡下正月初三放鞭炮行不行");
    assert_int_equal(r->act, SM_ACT_ANSWER);
    assert_true(sm_str_eq(r->answer, full->answer));
    sm_op_end(&op);
}

/* In a city whose districts are called like everyday words. */
static void an_everyday_word_is_no_district(void **state)
{
    (void)state;
    static const struct {
        const char *text, *region;
    } of[] = {
        { "退役的解放军士兵身份证怎么补", "" },
        { "解放的身份证窗口在哪", "解放区" },
        { "新市民怎么办居住证", "" },
        { "新市的居住证窗口在哪", "新市区" },
        { "安居房怎么申请", "" },
        { "住安居，居住证怎么办", "安居区" },
        { "开新华书店要办什么证", "" },
        { "在新华开书店要办什么证", "新华区" },
        { "新兴产业的公司怎么注册", "" },
        { "新兴企业怎么注册公司", "新兴县" },
    };
    OP(op);
    sm_str rows = SM_STR("海州市\t全省\n解放区\t海州市\n新市区\t海州市\n安居区\t海州市\n"
                         "新华区\t海州市\n新兴县\t海州市\n全省\t全国\n");
    const char *own = fresh_dir(&all), *path = sm_path(op.arena, dir, "regions.tsv");
    sm_sunmao *demo = city;
    must(&op, sm_file_write(&op, path, rows));
    city = open_city(&all, own);
    must(&op, sm_sunmao_regions(&op, city, path));
    import(&op, city, SM_KIND_ITEM, DEMO "/items.jsonl");
    for (size_t i = 0; i < SM_LEN(of); i++)
        region_is(of[i].text, of[i].region);
    sm_op_end(&op);
    sm_sunmao_close(city);
    city = demo;
    remove_dir(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_name_stands_for_the_place),
        cmocka_unit_test(within_another_name_it_does_not),
        cmocka_unit_test(with_its_short_name_the_same_is_answered),
        cmocka_unit_test(an_everyday_word_is_no_district),
    };
    return cmocka_run_group_tests(tests, setup_city, teardown_city);
}
