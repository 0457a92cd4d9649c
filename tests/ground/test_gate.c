#include "ground/ground.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RETURN "离职的应当退还全部补贴；但因工伤离职的除外。"

#define REFUSED                                                                                                                         \
    "有下列情形之一的，不予补贴：\n（一）已经享受过住房补贴的；\n（二）在本市有自有住房的。\n" \
    "补贴由市住房和城乡建设局发放。"

#define NESTED                                                                                                                       \
    "入住者应当符合下列条件：\n（一）年满六十周岁；\n（二）没有下列情形：\n（1）拖欠房租。\n" \
    "护理补贴每人每月800元。\n以上标准只适用于江北区。\n序 | 690\n次 | 贺某成\n"                          \
    "住户办证：\n（一）有下列情形的，不予受理：\n1.未备案；\n2.未交费。\n"                               \
    "（二）租住本小区的，凭备案证明申请。"

/* A gate over six passages; what it gave, a line each: "said|text|passages". */
static const sm_source passages[] = {
    { { "HJ-001/fee", 10 },
      { "办事指南《补领身份证》收费", sizeof("办事指南《补领身份证》收费") - 1 },
      { "补领身份证每证收费40元。", sizeof("补领身份证每证收费40元。") - 1 } },
    { { "HJ-001/time", 11 },
      { "办事指南《补领身份证》时限", sizeof("办事指南《补领身份证》时限") - 1 },
      { "自受理之日起20个工作日内办结。", sizeof("自受理之日起20个工作日内办结。") - 1 } },
    { { "P01/第四条", sizeof("P01/第四条") - 1 },
      { "《办法》第四条", sizeof("《办法》第四条") - 1 },
      { REFUSED, sizeof(REFUSED) - 1 } },
    { { "HJ-001/faq/1", 12 },
      { "办事指南《补领身份证》问答", sizeof("办事指南《补领身份证》问答") - 1 },
      { "问：孩子也要交钱吗？\n答：要交。", sizeof("问：孩子也要交钱吗？\n答：要交。") - 1 } },
    { { "P02/1", 5 }, { "《规定》", sizeof("《规定》") - 1 }, { RETURN, sizeof(RETURN) - 1 } },
    { { "P03/1", 5 }, { "《细则》", sizeof("《细则》") - 1 }, { NESTED, sizeof(NESTED) - 1 } },
};

typedef struct heard {
    sm_op op;
    sm_evidence *evidence;
    sm_buf all, shown;
    sm_gate_report report;
    char last_code[32];
} heard;

static void take(void *ctx, const sm_gated *g)
{
    heard *h = ctx;
    sm_buf_addf(&h->all, "%s|%.*s|%s|", sm_gated_how_name(g->how), SM_ARG(g->text), g->code);
    for (size_t i = 0; i < g->n_sources; i++) {
        sm_str text = sm_evidence_source(h->evidence, g->source[i].passage)->text;
        assert_true(g->source[i].at + g->source[i].n <= text.n);
        sm_buf_addf(&h->all, "%zu", g->source[i].passage + 1);
    }
    sm_buf_addc(&h->all, '\n');
    if (g->how != SM_GATED_DROPPED)
        sm_buf_addf(&h->shown, "%.*s\n", SM_ARG(g->text));
    assert_true(g->how == SM_GATED_DROPPED ? g->text.n == 0 : g->text.n > 0);
}

static void begin(heard *h)
{
    memset(h, 0, sizeof(*h));
    sm_op_begin(&h->op);
    sm_buf_init(&h->all, 1 << 20);
    sm_buf_init(&h->shown, 1 << 20);
    assert_int_equal(sm_evidence_read(&h->op, passages, SM_LEN(passages), &h->evidence), SM_OK);
}

static void done(heard *h)
{
    sm_buf_done(&h->all);
    sm_buf_done(&h->shown);
    sm_op_end(&h->op);
}

static void through(heard *h, const sm_gate_options *like, sm_str text, size_t piece, bool cut)
{
    sm_gate_options o = *like;
    o.take = take;
    o.ctx = h;
    sm_gate *g = sm_gate_open(&h->op, h->evidence, &o);
    for (size_t at = 0; at < text.n; at += piece)
        sm_gate_add(g, sm_str_sub(text, at, at + piece));
    sm_gate_end(g, cut, &h->report);
    sm_buf_addc(&h->shown, 0);
    sm_buf_addc(&h->all, 0);
}

/* In one piece and in many: it must come to the same. */
static void must_show_as(const char *file, int line, const sm_gate_options *o, const char *text,
                         bool cut, const char *shown)
{
    static const size_t pieces[] = { 100000, 1, 2, 3, 5, 7 };
    heard first, h;
    begin(&first);
    through(&first, o, sm_str_of(text), pieces[0], cut);
    if (strcmp(first.shown.p, shown) != 0)
        print_error("%s:%d %s\nshown:\n%sbut:\n%s%s", file, line, text, shown, first.shown.p,
                    first.all.p),
            _fail(file, line);
    for (size_t i = 1; i < SM_LEN(pieces); i++) {
        begin(&h);
        through(&h, o, sm_str_of(text), pieces[i], cut);
        assert_string_equal(h.all.p, first.all.p);
        done(&h);
    }
    done(&first);
}

static void must_show(const char *file, int line, const char *text, bool cut, const char *shown)
{
    must_show_as(file, line, &(sm_gate_options){ .by_sentence = true }, text, cut, shown);
}
#define SHOWS(text, shown) must_show(__FILE__, __LINE__, text, false, shown)
#define SHOWS_WHOLE(text, shown) \
    must_show_as(__FILE__, __LINE__, &(sm_gate_options){ 0 }, text, false, shown)

#define FEE  "补领身份证每证收费40元。"
#define TIME "自受理之日起20个工作日内办结。"

static void what_the_evidence_says_passes_and_what_it_does_not_is_not_shown(void **state)
{
    (void)state;
    SHOWS(FEE TIME, FEE "\n" TIME "\n");
    SHOWS(FEE "\n\n" TIME, FEE "\n" TIME "\n");
    SHOWS("办理时请携带结婚证和户口簿原件到银行排队。" TIME, TIME "\n");
    SHOWS("", "");
    SHOWS("。。！\n\n；", "");
}

static void a_decimal_point_a_number_and_an_address_end_no_sentence(void **state)
{
    (void)state;
    heard h;
    begin(&h);
    through(
        &h, &(sm_gate_options){ 0 },
        SM_STR("费率3.5是多少呢甲。1. 乙乙丁丁丁戊戊戊己己庚庚。请看https://a.cn/x?y=1;z丙。没完"),
        4, false);
    assert_int_equal(h.report.n_dropped, 4);
    done(&h);
}

static void markers_are_read_and_taken_off(void **state)
{
    (void)state;
    SHOWS("补领身份证每证收费40元[1]。自受理之日起20个工作日内办结。[2]", FEE "\n" TIME "\n");
    SHOWS("补领身份证每证收费40元。 [1]" TIME "[2][3]", FEE "\n" TIME "\n");
    SHOWS("补领身份证每证收费40元。【1】" TIME "［2，3］", FEE "\n" TIME "\n");
    SHOWS("补领身份证每证收费40元[9]。", FEE "\n");
    SHOWS("补领身份证每证收费40元。”）[1]" TIME, FEE "\n" TIME "\n");
}

static void what_is_cited_is_not_taken_on_trust(void **state)
{
    (void)state;
    heard h;
    begin(&h);
    through(&h, &(sm_gate_options){ 0 }, SM_STR(FEE "[2]"), 100, false);
    assert_string_equal(h.all.p, "said|" FEE "|ok|1\n");
    done(&h);
    SHOWS("自受理之日起30个工作日内办结[2]。", "");
}

static void a_pointer_is_the_stored_sentence(void **state)
{
    (void)state;
    SHOWS("<2.1>", TIME "\n");
    SHOWS("< 2.1 >", "");
    SHOWS(FEE "<2.1>。", FEE "\n" TIME "\n");
    SHOWS("<3.2>", "有下列情形之一的，不予补贴：（一）已经享受过住房补贴的；\n");
    SHOWS("<3.2-3>",
          "有下列情形之一的，不予补贴：（一）已经享受过住房补贴的；（二）在本市有自有住房的。\n");
    SHOWS("<3.3>", "有下列情形之一的，不予补贴：（二）在本市有自有住房的。\n");
    SHOWS("<5.1>", RETURN "\n");
    SHOWS("<4.1>", "问：孩子也要交钱吗？答：要交。\n");
    SHOWS("<2.1><2.1>", TIME "\n");
    SHOWS("<0.1><6.1><2.0><2.2><2.2-1><9999.9999>", "");
}

static void what_does_not_hold_is_replaced_once_by_what_was_meant(void **state)
{
    (void)state;
    heard h;
    SHOWS("自受理之日起20个工作日内由区长亲自办结。自受理之日起20个工作日内由市长亲自办结。",
          TIME "\n");
    SHOWS("区长亲自给您办结。", "");
    begin(&h);
    through(&h, &(sm_gate_options){ 0 }, SM_STR("自受理之日起20个工作日内由区长亲自办结。"), 100,
            false);
    assert_string_equal(h.shown.p, TIME "\n");
    assert_int_equal(h.report.n_replaced, 1);
    assert_int_equal(h.report.n_said, 0);
    done(&h);
}

static void what_is_contradicted_is_dropped_and_counted(void **state)
{
    (void)state;
    heard h;
    begin(&h);
    through(&h, &(sm_gate_options){ 0 }, SM_STR("自受理之日起25个工作日内办结。" FEE), 100, false);
    assert_string_equal(h.shown.p, FEE "\n");
    assert_int_equal(h.report.n_contradicted, 1);
    assert_int_equal(h.report.n_replaced, 0);
    done(&h);
}

static void what_misleads_alone_is_not_said_alone(void **state)
{
    (void)state;
    SHOWS("离职的应当退还全部补贴。", RETURN "\n");
    SHOWS("离职的应当退还全部补贴，但因工伤离职的除外。", RETURN "\n");
    SHOWS("离职的应当退还全部补贴。离职的应当退还全部补贴。", RETURN "\n");
    SHOWS("可以补贴的有：\n- 已经享受过住房补贴的；\n",
          "有下列情形之一的，不予补贴：（一）已经享受过住房补贴的；\n");
}

static void what_is_quoted_brings_what_it_rests_on(void **state)
{
    (void)state;
    SHOWS("（一）年满六十周岁；", "入住者应当符合下列条件：（一）年满六十周岁；\n");
    SHOWS("（1）拖欠房租。", "（二）没有下列情形：（1）拖欠房租。\n");
    SHOWS("<6.4>", "（二）没有下列情形：（1）拖欠房租。\n");
    SHOWS("以上标准只适用于江北区。", "护理补贴每人每月800元。以上标准只适用于江北区。\n");
    SHOWS("（二）没有下列情形：", "");
    SHOWS("<6.1>", "");
    SHOWS("<6.7-8>", "序 | 690；次 | 贺某成\n");
    SHOWS("（二）租住本小区的，凭备案证明申请。",
          "住户办证：（二）租住本小区的，凭备案证明申请。\n");
}

/* Whatever is taken of it, and once. */
static void a_passage_is_shown_whole(void **state)
{
    (void)state;
    SHOWS_WHOLE("<3.2>", REFUSED "\n");
    SHOWS_WHOLE("<3.2-3><3.4>", REFUSED "\n");
    SHOWS_WHOLE("补贴由市住房和城乡建设局发放。在本市有自有住房的。", REFUSED "\n");
    SHOWS_WHOLE("补贴由市住房和城乡建设局直接发放。" FEE, REFUSED "\n" FEE "\n");
    SHOWS_WHOLE("序 | 690", NESTED "\n");
    SHOWS_WHOLE("答：要交。", "问：孩子也要交钱吗？\n答：要交。\n");
    heard h;
    begin(&h);
    through(&h, &(sm_gate_options){ 0 }, SM_STR("离职的应当退还全部补贴；" FEE), 3, false);
    assert_string_equal(h.all.p, "quoted|" RETURN "|whole|5\nsaid|" FEE "|ok|1\n");
    done(&h);
}

static void a_long_passage_is_not_parted(void **state)
{
    (void)state;
    sm_buf b;
    heard h;
    sm_buf_init(&b, 10000);
    for (int i = 0; i < 50; i++)
        sm_buf_addf(&b, "第%d类人员由第%d科受理。", i, i);
    sm_buf_add(&b, SM_STR(RETURN));
    sm_source s = { SM_STR("P04/1"), SM_STR("《通知》"), sm_buf_str(&b) };
    begin(&h);
    assert_int_equal(sm_evidence_read(&h.op, &s, 1, &h.evidence), SM_OK);
    through(&h, &(sm_gate_options){ 0 }, SM_STR("离职的应当退还全部补贴。<1.1>"), 3, false);
    assert_string_equal(h.all.p, "dropped||long|\ndropped||long|\n");
    done(&h);
    sm_buf_done(&b);
}

static void what_is_nearly_the_sources_sentence_is_that_sentence(void **state)
{
    (void)state;
    SHOWS("补贴由市住房和城乡建设局直接发放。", "补贴由市住房和城乡建设局发放。\n");
    SHOWS("补贴由市住房和城乡建设局发放", "补贴由市住房和城乡建设局发放。\n");
    SHOWS("补贴，由市住房和城乡建设局发放！", "补贴由市住房和城乡建设局发放。\n");
}

static void thoughts_are_never_shown(void **state)
{
    (void)state;
    SHOWS("<think>" FEE "</think>" TIME, TIME "\n");
    SHOWS("<think>a<think>" FEE "</think>" FEE "</think>\n" TIME, TIME "\n");
    SHOWS("<THINK >" FEE "\n" FEE "</Think>" TIME, TIME "\n");
    SHOWS(TIME "<think>" FEE, TIME "\n");
    SHOWS("补领身份证每证</think>" TIME, TIME "\n");
    SHOWS("<thinking>{\"sentences\":[{\"text\":\"" FEE "\"}]}</thinking>" TIME, TIME "\n");
}

static void markup_is_taken_off(void **state)
{
    (void)state;
    SHOWS("**补领身份证**每证收费`40元`。", FEE "\n");
    SHOWS("**补领身份证每证收费40元。**\n**收费是多少**\n" TIME, FEE "\n" TIME "\n");
    SHOWS("- 补领身份证每证收费40元。\n* 自受理之日起20个工作日内办结。", FEE "\n" TIME "\n");
    SHOWS("1. 补领身份证每证收费40元。\n2、自受理之日起20个工作日内办结。", FEE "\n" TIME "\n");
    SHOWS("> [补领身份证](https://x.cn/a)每证收费40元。", FEE "\n");
    SHOWS("![图](javascript:alert)补领身份证每证收费40元。", FEE "\n");
    SHOWS("<b>补领身份证</b>每证收费<span class=\"x\">40元</span>。", FEE "\n");
    SHOWS("## 收费标准是什么呢\n" FEE, FEE "\n");
    SHOWS("补领身份证&nbsp;每证收费40元。", FEE "\n");
    SHOWS("<|im_start|>补领身份证每证收费40元。<!-- x -->", FEE "\n");
}

static void what_cannot_be_seen_is_taken_off(void **state)
{
    (void)state;
    SHOWS("补领\u200b身份证\u202e每证收费\ufeff40元。\x01\x7f", FEE "\n");
    SHOWS("补领身份证每证收费\U000E0041\ufe0f40元。", FEE "\n");
    SHOWS("\xff\xe4\xba补领身份证每\xc0\x80证收费40元。\xf0\x9f", FEE "\n");
}

static void the_json_form_is_read_as_it_comes(void **state)
{
    (void)state;
    SHOWS("{\"sentences\":[{\"text\":\"" FEE "\",\"cites\":[\"HJ-001/fee\"]},"
          "{\"cites\":[2],\"text\":\"" TIME "\"}]}",
          FEE "\n" TIME "\n");
    SHOWS("```json\n{\"sentences\": [ {\"text\": \"\\u8865领身份证每证收费40元\\u3002" TIME
          "\"} ]}\n```",
          FEE "\n" TIME "\n");
    SHOWS("{\"sentences\":[{\"text\":\"" FEE
          "\",\"cites\":[]},{\"text\":\"自受理之日起20个工作日内办结",
          FEE "\n");
    SHOWS("{\"sentences\":[{\"text\":\"<2.1>\"},{\"text\":\"**补领身份证**每证收费40元[1]。\"}]}",
          TIME "\n" FEE "\n");
    SHOWS("{\"a\":{\"b\":[[[[\"" FEE "\"]]]]},\"text\":7}", "");
    SHOWS("{{{{{{{{{{{{{{{{{{{{{{{{\"text\":\"" FEE "\"}", FEE "\n");
}

static void half_a_sentence_of_a_writer_that_broke_off_is_dropped(void **state)
{
    (void)state;
    must_show(__FILE__, __LINE__, FEE "自受理之日起20个工作日内办结", true, FEE "\n");
    must_show(__FILE__, __LINE__, FEE "自受理之日起20个工作日内办结", false, FEE "\n" TIME "\n");
    must_show(__FILE__, __LINE__, FEE, true, FEE "\n");
}

static void a_sentence_without_an_end_is_dropped(void **state)
{
    (void)state;
    sm_buf b;
    sm_buf_init(&b, 100000);
    for (int i = 0; i < 2000; i++)
        sm_buf_add(&b, SM_STR("补领"));
    sm_buf_add(&b, SM_STR("。" FEE));
    sm_buf_addc(&b, 0);
    SHOWS(b.p, FEE "\n");
    sm_buf_done(&b);
}

static void a_writer_that_does_not_hold_is_given_up(void **state)
{
    (void)state;
    heard h;
    sm_buf b;
    sm_buf_init(&b, 100000);
    for (int i = 0; i < 6; i++)
        sm_buf_addf(&b, "请携带%d号结婚证明到银行排队领取号码。", i);
    sm_buf_add(&b, SM_STR(FEE));
    begin(&h);
    through(&h, &(sm_gate_options){ 0 }, sm_buf_str(&b), 3, false);
    assert_true(h.report.gave_up);
    assert_int_equal(h.report.n_dropped, 6);
    assert_string_equal(h.shown.p, "");
    done(&h);
    begin(&h);
    through(&h, &(sm_gate_options){ .max_failures = 7 }, sm_buf_str(&b), 3, false);
    assert_false(h.report.gave_up);
    assert_string_equal(h.shown.p, FEE "\n");
    done(&h);
    sm_buf_done(&b);
}

static void limits_hold(void **state)
{
    (void)state;
    heard h;
    begin(&h);
    through(&h, &(sm_gate_options){ .max_sentences = 1 }, SM_STR(FEE TIME), 1, false);
    assert_string_equal(h.shown.p, FEE "\n");
    done(&h);
    begin(&h);
    through(&h, &(sm_gate_options){ .max_bytes = sizeof(FEE TIME) - 2 }, SM_STR(FEE TIME), 5,
            false);
    assert_string_equal(h.shown.p, FEE "\n");
    done(&h);
}

static void our_own_sentences_and_repeats(void **state)
{
    (void)state;
    heard h;
    begin(&h);
    through(&h, &(sm_gate_options){ .trusted = { "请注意：不是200元。" } },
            SM_STR("请注意：不是200元。请注意：不是300元。" FEE FEE), 2, false);
    assert_string_equal(h.shown.p, "请注意：不是200元。\n" FEE "\n");
    done(&h);
}

static void a_bare_answer_brings_its_question(void **state)
{
    (void)state;
    static const char whole[] = "问：孩子也要交钱吗？答：要交。\n";
    SHOWS("<4.2>\n", whole);
    SHOWS("答：要交。[4]", whole);
    SHOWS("<4.1>\n<4.2>\n", whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_evidence_says_passes_and_what_it_does_not_is_not_shown),
        cmocka_unit_test(a_decimal_point_a_number_and_an_address_end_no_sentence),
        cmocka_unit_test(markers_are_read_and_taken_off),
        cmocka_unit_test(what_is_cited_is_not_taken_on_trust),
        cmocka_unit_test(a_pointer_is_the_stored_sentence),
        cmocka_unit_test(what_does_not_hold_is_replaced_once_by_what_was_meant),
        cmocka_unit_test(what_is_contradicted_is_dropped_and_counted),
        cmocka_unit_test(what_misleads_alone_is_not_said_alone),
        cmocka_unit_test(what_is_quoted_brings_what_it_rests_on),
        cmocka_unit_test(a_passage_is_shown_whole),
        cmocka_unit_test(a_long_passage_is_not_parted),
        cmocka_unit_test(what_is_nearly_the_sources_sentence_is_that_sentence),
        cmocka_unit_test(thoughts_are_never_shown),
        cmocka_unit_test(markup_is_taken_off),
        cmocka_unit_test(what_cannot_be_seen_is_taken_off),
        cmocka_unit_test(the_json_form_is_read_as_it_comes),
        cmocka_unit_test(half_a_sentence_of_a_writer_that_broke_off_is_dropped),
        cmocka_unit_test(a_sentence_without_an_end_is_dropped),
        cmocka_unit_test(a_writer_that_does_not_hold_is_given_up),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(our_own_sentences_and_repeats),
        cmocka_unit_test(a_bare_answer_brings_its_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
