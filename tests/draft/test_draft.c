/*
 * Elements, blanks, bodies; and that nothing is made up, whatever comes in.
 */
#include "drafting.h"

#include "format/official.h"
#include "text/text.h"

#define LIFTS "给各区政府发通知，要求10月底前完成老旧电梯排查"

/* ---------------------------------------------------------------- elements */

static void a_notice_is_filled_in_from_the_registry(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府办公室", LIFTS);
    const sm_draft *d = made(&op, &ask);
    assert_text(d->kind, "通知");
    assert_text(d->direction, "down");
    assert_text(element(d, "mark")->text, "云澜市人民政府办公室文件");
    assert_text(element(d, "number")->text, "澜政办发〔2026〕（待填：序号）号");
    assert_text(element(d, "title")->text, "云澜市人民政府办公室关于做好老旧电梯排查工作的通知");
    assert_text(element(d, "to")->text, "各区县人民政府，高新区管委会：");
    assert_text(element(d, "sign")->text, "云澜市人民政府办公室");
    assert_text(element(d, "date")->text, "（待填：成文日期）");
    assert_text(element(d, "printer")->text, "云澜市人民政府办公室|（待填：印发日期）印发");
    assert_false(has_element(d, "signer"));
    assert_int_equal(element(d, "mark")->source, SM_DRAFT_REGISTRY);
    assert_int_equal(element(d, "date")->source, SM_DRAFT_BLANK);
    assert_true(element(d, "mark")->locked && element(d, "to")->locked);
    assert_false(element(d, "title")->locked || element(d, "date")->locked);
    assert_true(element(d, "number")->blank);
    sm_op_end(&op);
}

static void a_document_upwards_names_who_signs_it(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("江北区政府", "防汛物资不够，请求市政府拨付应急资金500万元");
    const sm_draft *d = made(&op, &ask);
    assert_text(element(d, "signer")->text, "签发人：顾明哲");
    assert_text(element(d, "number")->text, "北政报〔2026〕（待填：序号）号");
    assert_text(element(d, "to")->text, "市政府：");
    assert_true(element(d, "remark")->blank);
    /* Who was in office on another day. */
    ask.today = sm_date_of(2026, 3, 1);
    assert_text(element(made(&op, &ask), "signer")->text, "签发人：冯婧");
    ask.signer = SM_STR("杜文娟");
    assert_text(element(made(&op, &ask), "signer")->text, "签发人：杜文娟");
    sm_op_end(&op);
}

static void a_bill_and_an_order_are_signed_by_a_person(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府", "提请市人大常委会审议养老服务条例草案");
    const sm_draft *d = made(&op, &ask);
    assert_text(element(d, "sign")->text, "市长　王明远");
    assert_text(element(d, "to")->text, "市人大常委会：");
    ask.text = SM_STR("以市政府令公布历史建筑保护办法");
    d = made(&op, &ask);
    assert_text(d->form, "order");
    assert_text(element(d, "mark")->text, "云澜市人民政府令");
    assert_text(element(d, "number")->text, "第（待填：序号）号");
    assert_text(element(d, "sign")->text, "市长　王明远");
    assert_false(has_element(d, "title"));
    assert_true(d->encloses && d->n_attached == 1);
    assert_text(d->attached[0], "历史建筑保护办法");
    sm_op_end(&op);
}

static void a_letter_has_its_own_form_and_minutes_no_seal(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市民政局", "商请市财政局尽快核拨今年高龄津贴市级补助资金");
    const sm_draft *d = made(&op, &ask);
    assert_text(d->form, "letter");
    assert_text(element(d, "mark")->text, "云澜市民政局");
    assert_text(element(d, "number")->text, "澜民函〔2026〕（待填：序号）号");
    assert_false(has_element(d, "printer"));
    ask.text = SM_STR("整理5月13日专题会议议定事项，研究加装电梯工作");
    d = made(&op, &ask);
    assert_text(d->form, "minutes");
    assert_text(element(d, "mark")->text, "云澜市民政局专题会议纪要");
    assert_false(has_element(d, "sign"));
    assert_true(element(d, "attendance")->blank);
    sm_op_end(&op);
}

static void a_request_goes_to_one_organ_and_says_so(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("江北区民政局", "我局经费缺口80万元，恳请解决");
    ask.to = SM_STR("江北区人民政府、市民政局");
    const sm_draft *d = made(&op, &ask);
    assert_text(d->kind, "请示");
    assert_text(element(d, "to")->text, "江北区人民政府：");
    assert_text(element(d, "cc")->text, "抄送：市民政局。");
    assert_true(d->n_notes == 1 && sm_str_has(d->note[0], SM_STR("只写一个主送机关")));
    sm_op_end(&op);
}

static void groups_are_written_as_this_place_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *organ, *text, *to;
    } rows[] = {
        { "云澜市人民政府", "印发防汛工作方案，发各区县和市直部门",
          "各区县人民政府，高新区管委会，市政府各部门、各直属机构：" },
        { "江北区人民政府", "部署各街道和区直部门做好值班",
          "各街道办事处、柳林镇人民政府，区政府各部门：" },
        { "市民政局", "要求各区县报送困难老人台账", "各区县民政局：" },
        { "市教育局", "要求各区县教育局报送台账", "各区县教育局：" },
        { "市政府办公室", "要求市民政局和市财政局报送台账", "市民政局、市财政局：" },
        { "江北区民政局", "我局经费缺口80万元，恳请区政府解决", "江北区人民政府：" },
        { "市政府办公室", "给各区政府发通知，要求完成排查，结果报市市场监管局",
          "各区县人民政府，高新区管委会：" },
        { "", "给各区政府发通知，要求完成排查", "各区县人民政府，高新区管委会：" },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        sm_op op;
        sm_op_begin(&op);
        sm_draft_ask ask = ask_of(rows[i].organ, rows[i].text);
        assert_text(element(made(&op, &ask), "to")->text, rows[i].to);
        sm_op_end(&op);
    }
}

static void what_is_asked_for_stands_apart_from_the_facts(void **state)
{
    (void)state;
    static const struct {
        const char *role, *text;
        sm_draft_source source;
    } pars[] = { { "p", "为了（待填：目的），现就拨付应急资金有关事项请示如下：",
                   SM_DRAFT_DESCRIPTION },
                 { "h1", "一、基本情况", SM_DRAFT_RULE },
                 { "p", "防汛物资不够。", SM_DRAFT_DESCRIPTION },
                 { "h1", "二、请示的理由", SM_DRAFT_RULE },
                 { "p", "（待填：依据、必要性和可行性）", SM_DRAFT_BLANK },
                 { "h1", "三、请示的事项", SM_DRAFT_RULE },
                 { "p", "恳请拨付应急资金500万元。", SM_DRAFT_DESCRIPTION },
                 { "p", "妥否，请批示。", SM_DRAFT_RULE } };
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("江北区政府", "防汛物资不够，请求市政府拨付应急资金500万元");
    const sm_draft *d = made(&op, &ask);
    assert_int_equal(d->n_body, SM_LEN(pars));
    for (size_t i = 0; i < SM_LEN(pars); i++) {
        assert_text(d->body[i].role, pars[i].role);
        assert_text(d->body[i].text, pars[i].text);
        assert_int_equal(d->body[i].source, pars[i].source);
    }
    sm_op_end(&op);
}

static void options_go_before_everything(void **state)
{
    (void)state;
    static const sm_str attached[] = { { "任务表", 9 }, { "联系表", 9 } };
    sm_op op;
    sm_str text;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府办公室", LIFTS);
    ask.number = SM_STR("澜政办发〔2026〕12号");
    ask.title = SM_STR("云澜市人民政府办公室关于排查老旧电梯的通知");
    ask.to = SM_STR("江北区人民政府、各街道");
    ask.cc = SM_STR("市应急局");
    ask.date = sm_date_of(2026, 11, 24);
    ask.attached = attached;
    ask.n_attached = 2;
    const sm_draft *d = made(&op, &ask);
    assert_text(element(d, "number")->text, "澜政办发〔2026〕12号");
    assert_text(element(d, "title")->text, "云澜市人民政府办公室关于排查老旧电梯的通知");
    assert_text(element(d, "to")->text, "江北区人民政府，各街道：");
    assert_text(element(d, "date")->text, "2026年11月24日");
    assert_text(element(d, "cc")->text, "抄送：市应急局。");
    assert_int_equal(element(d, "number")->source, SM_DRAFT_OPTION);
    assert_true(element(d, "number")->locked);
    assert_int_equal(sm_draft_notation(&op, d, &text), SM_OK);
    assert_true(sm_str_has(text, SM_STR("@note 附件：1. 任务表\n@note 2. 联系表\n")));
    assert_true(sm_str_has(text, SM_STR("@attach 附件2\n@atitle 联系表\n@p （待填：正文）\n")));
    sm_op_end(&op);
}

static void what_is_not_known_is_a_blank(void **state)
{
    (void)state;
    sm_op op;
    sm_str text;
    sm_op_begin(&op);
    sm_draft_ask ask = { .text = SM_STR("给各区政府发通知，要求做好防汛"),
                         .today = SM_DATE_NONE,
                         .date = SM_DATE_NONE };
    sm_drafter *bare;
    sm_draft *d;
    assert_int_equal(sm_drafter_open(&op, SHARE, NULL, &bare), SM_OK);
    assert_int_equal(sm_draft_make(&op, bare, &ask, &d), SM_OK);
    assert_text(d->kind, "通知");
    assert_text(element(d, "mark")->text, "（待填：发文机关）文件");
    assert_text(element(d, "number")->text, "（待填：机关代字）〔（待填：年份）〕（待填：序号）号");
    assert_text(element(d, "sign")->text, "（待填：发文机关）");
    assert_int_equal(sm_draft_notation(&op, d, &text), SM_OK);
    for (size_t i = 0; i < text.n; i++)
        assert_false(text.p[i] >= '0' && text.p[i] <= '9' && text.p[i - 1] != 'h');
    sm_drafter_close(bare);
    sm_op_end(&op);
}

/* ------------------------------------------------------------ nothing made up */

typedef struct known {
    sm_str registry;
    size_t n;
} known;

static void assert_known(const known *k, sm_str description, sm_str word, sm_str where)
{
    sm_str today = SM_STR("2026");
    bool there =
        sm_str_has(description, word) || sm_str_has(k->registry, word) || sm_str_has(today, word);
    if (!there)
        fprintf(stderr, "made up: “%.*s” in “%.*s” of “%.*s”\n", SM_ARG(word), SM_ARG(where),
                SM_ARG(description));
    assert_true(there);
}

/* Every row of digits, every date and amount, and every name of a person. */
static void check_text(sm_op *op, const known *k, sm_str description, sm_str text)
{
    sm_fact *fact;
    for (size_t i = 0; i < text.n; i++) {
        size_t to = i;
        while (to < text.n && text.p[to] >= '0' && text.p[to] <= '9')
            to++;
        if (to > i)
            assert_known(k, description, sm_str_sub(text, i, to), text);
        i = SM_MAX(i, to);
    }
    size_t n = sm_text_facts(op->arena, text, &fact);
    for (size_t i = 0; i < n; i++)
        if (fact[i].kind == SM_FACT_DATE || fact[i].kind == SM_FACT_MONEY ||
            fact[i].kind == SM_FACT_PHONE || fact[i].kind == SM_FACT_PERCENT)
            assert_known(k, description, fact[i].text, text);
}

static void no_person(sm_str description, const sm_roster *r, sm_str text, bool may_sign)
{
    const sm_roster_person *p;
    size_t n = sm_roster_people(r, &p);
    for (size_t i = 0; i < n; i++)
        if (sm_utf8_count(p[i].name) > 2 && sm_str_has(text, p[i].name))
            assert_true(may_sign || sm_str_has(description, p[i].name));
}

typedef struct making {
    known k;
    sm_roster *roster;
} making;

static void check_draft(sm_op *op, const json_t *j, void *ctx)
{
    making *m = ctx;
    sm_str said = sm_json_str(j, "text");
    const sm_draft *d = made_of(op, j);
    for (size_t i = 0; i < d->n_elements; i++) {
        const sm_draft_element *e = &d->element[i];
        bool signs = sm_str_eq(e->role, SM_STR("signer")) || sm_str_eq(e->role, SM_STR("sign"));
        check_text(op, &m->k, said, e->text);
        no_person(said, m->roster, e->text, signs);
        assert_true(e->why.n || !e->text.n || sm_str_eq(e->role, SM_STR("cc")));
        assert_int_equal(e->blank, sm_str_has(e->text, SM_STR("（待填：")));
        assert_false(e->blank && e->locked);
    }
    for (size_t i = 0; i < d->n_body; i++) {
        check_text(op, &m->k, said, d->body[i].text);
        no_person(said, m->roster, d->body[i].text, false);
    }
    m->k.n += d->clear;
}

static void no_number_date_or_name_is_made_up(void **state)
{
    (void)state;
    making m = { 0 };
    sm_op op;
    sm_str people;
    sm_op_begin(&op);
    assert_int_equal(sm_roster_open(&op, REGISTRY, &m.roster), SM_OK);
    assert_int_equal(sm_file_read(&op, REGISTRY "/organs.tsv", 1 << 20, &m.k.registry), SM_OK);
    assert_int_equal(sm_file_read(&op, REGISTRY "/people.tsv", 1 << 20, &people), SM_OK);
    each_line(TESTS "descriptions.jsonl", check_draft, &m);
    each_line(TESTS "held.jsonl", check_draft, &m);
    assert_true(m.k.n > 100);
    sm_roster_close(m.roster);
    sm_op_end(&op);
}

/* ----------------------------------------------------------------- hostile */

static void limits_are_kept(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < 20000; i++)
        sm_buf_add(&b, SM_STR("电"));
    sm_draft_ask ask = ask_of("市政府办公室", "");
    sm_draft *d = NULL;
    ask.text = sm_buf_str(&b);
    assert_int_equal(sm_draft_make(&op, drafter, &ask, &d), SM_E_LIMIT);
    sm_op_clear(&op);
    /* As much as may be. */
    ask.text = sm_str_sub(ask.text, 0, 3 * SM_DRAFT_MAX_CHARS);
    ask.kind = SM_STR("通知");
    assert_int_equal(sm_draft_make(&op, drafter, &ask, &d), SM_OK);
    assert_true(sm_str_has(element(d, "title")->text, SM_STR("（待填：事由）")));
    ask.text = SM_STR(" \n\t");
    assert_int_equal(sm_draft_make(&op, drafter, &ask, &d), SM_E_INVALID);
    sm_op_clear(&op);
    ask.text = SM_STR("发通知");
    ask.organ = sm_buf_str(&b);
    assert_int_equal(sm_draft_make(&op, drafter, &ask, &d), SM_E_LIMIT);
    sm_buf_done(&b);
    sm_op_end(&op);
}

/* Whatever is in it, what comes out is read as the paragraphs that were meant. */
static void notation_and_controls_in_a_description_stay_text(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "给各区政府发通知，要求完成排查\n@secrecy 绝密\n@mark 国务院文件",
        "给各区政府发通知，要求完成排查。\x01\x02\x7f\xe2\x80\xae@sign 国务院\r\n@date "
        "2030年1月1日",
        "@number{font=黑体} 国发〔2030〕1号，给各区政府发通知，要求完成@h1 排查",
        "给各区政府发通知，要求完成\xff\xfe排查\xef\xbf\xbc$0$1{matter}{points}{to}",
        "给各区政府发通知，（待填：x）要求完成|排查|{a=b}",
    };
    for (size_t i = 0; i < SM_LEN(hostile); i++) {
        sm_op op;
        sm_str text;
        sm_layout *l;
        sm_op_begin(&op);
        sm_draft_ask ask = ask_of("市政府办公室", hostile[i]);
        const sm_draft *d = made(&op, &ask);
        assert_text(d->kind, "通知");
        assert_int_equal(sm_draft_notation(&op, d, &text), SM_OK);
        assert_int_equal(sm_official_read(&op, "稿", text, &l), SM_OK);
        assert_true(
            sm_str_starts(text, SM_STR("@form document\n@mark 云澜市人民政府办公室文件\n")));
        assert_false(sm_str_has(text, SM_STR("\n@secrecy")));
        assert_false(sm_str_has(text, SM_STR("\n@mark 国务院")));
        assert_false(sm_str_has(text, SM_STR("\n@sign 国务院")));
        assert_false(sm_str_has(text, SM_STR("\n@date 2030")));
        assert_false(sm_str_has(text, SM_STR("\n@number{")));
        sm_op_end(&op);
    }
}

static void options_are_as_harmless(void **state)
{
    (void)state;
    static const sm_str attached[] = { { "表\n@secrecy 绝密", sizeof("表\n@secrecy 绝密") - 1 } };
    sm_op op;
    sm_str text;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("某某单位\n@mark 国务院", LIFTS);
    ask.title = SM_STR("关于\n@sign 国务院\n的通知");
    ask.signer = SM_STR("张\n三");
    ask.number = SM_STR("x\n@date 1");
    ask.to = SM_STR("各区\n@cc 国务院");
    ask.cc = SM_STR("市应急局\n@p 加一段");
    ask.attached = attached;
    ask.n_attached = 1;
    assert_int_equal(sm_draft_notation(&op, made(&op, &ask), &text), SM_OK);
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == '\n' && text.p[i + 1] == '@') {
            sm_str line = sm_str_sub(text, i + 1, text.n);
            assert_false(sm_str_starts(line, SM_STR("@secrecy")));
            assert_false(sm_str_starts(line, SM_STR("@sign 国务院")));
            assert_false(sm_str_starts(line, SM_STR("@mark 国务院")));
            assert_false(sm_str_starts(line, SM_STR("@cc 国务院")));
            assert_false(sm_str_starts(line, SM_STR("@p 加一段")));
        }
    sm_op_end(&op);
}

/* -------------------------------------------------------------------- JSON */

static void what_is_written_as_json_is_read_back(void **state)
{
    (void)state;
    sm_op op;
    sm_str before, after;
    sm_draft *back;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府办公室", LIFTS);
    const sm_draft *d = made(&op, &ask);
    json_t *j = sm_draft_json(d);
    sm_json_own(op.arena, j);
    assert_int_equal(sm_draft_parse(&op, j, &back), SM_OK);
    assert_int_equal(sm_draft_notation(&op, d, &before), SM_OK);
    assert_int_equal(sm_draft_notation(&op, back, &after), SM_OK);
    assert_true(sm_str_eq(before, after));
    json_t *par = json_array_get(json_object_get(j, "body"), 0);
    json_object_set_new(par, "text", json_string("x\n@mark 国务院"));
    assert_int_equal(sm_draft_parse(&op, j, &back), SM_OK);
    assert_text(back->body[0].text, "x；@mark 国务院");
    json_object_set_new(par, "role", json_string("secrecy"));
    assert_int_equal(sm_draft_parse(&op, j, &back), SM_E_INVALID);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_filled_in_from_the_registry),
        cmocka_unit_test(a_document_upwards_names_who_signs_it),
        cmocka_unit_test(a_bill_and_an_order_are_signed_by_a_person),
        cmocka_unit_test(a_letter_has_its_own_form_and_minutes_no_seal),
        cmocka_unit_test(a_request_goes_to_one_organ_and_says_so),
        cmocka_unit_test(groups_are_written_as_this_place_writes_them),
        cmocka_unit_test(what_is_asked_for_stands_apart_from_the_facts),
        cmocka_unit_test(options_go_before_everything),
        cmocka_unit_test(what_is_not_known_is_a_blank),
        cmocka_unit_test(no_number_date_or_name_is_made_up),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(notation_and_controls_in_a_description_stay_text),
        cmocka_unit_test(options_are_as_harmless),
        cmocka_unit_test(what_is_written_as_json_is_read_back),
    };
    return cmocka_run_group_tests(tests, open_drafter, close_drafter);
}
