/*
 * The notation of official documents, laid out by GB/T 9704-2012.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"

static int set_up(void **state)
{
    sm_op *op = calloc(1, sizeof(*op));
    sm_op_begin(op);
    *state = op;
    return 0;
}

static int tear_down(void **state)
{
    sm_op_end(*state);
    free(*state);
    return 0;
}

static sm_layout *laid_out(sm_op *op, const char *text)
{
    sm_layout *l = NULL;
    if (sm_official_read(op, "例", sm_str_of(text), &l) != SM_OK)
        fail_msg("%.*s", SM_ARG(op->msg));
    return l;
}

static void assert_run(sm_op *op, const sm_run *r, const char *font, double size, const char *text)
{
    assert_string_equal(sm_cstr(op->arena, r->font), font);
    assert_string_equal(sm_cstr(op->arena, r->text), text);
    assert_true(r->size == size);
}

static void elements_are_set_as_the_standard_has_them(void **state)
{
    sm_op *op = *state;
    const sm_layout *l = laid_out(op, "@form document\n@mark 云澜市人民政府文件\n"
                                      "@number 澜政发〔2026〕1号\n@title 关于甲的通知\n@to 各区：\n"
                                      "正文。\n@h1 一、甲\n@h2 （一）甲。乙丙\n@h3 1. 甲");
    assert_int_equal(l->n_body, 8);
    const sm_par *p = l->par;
    assert_run(op, &p[0].run[0], "方正小标宋简体", 42, "云澜市人民政府文件");
    assert_int_equal(p[0].run[0].colour, 0xff0000);
    assert_true(p[1].ruled && p[1].rule_colour == 0xff0000 && p[1].align == SM_ALIGN_CENTER);
    assert_run(op, &p[2].run[0], "方正小标宋简体", 22, "关于甲的通知");
    assert_true(p[2].align == SM_ALIGN_CENTER && p[2].before > 2 * 28);
    assert_true(p[3].first == 0 && p[3].before > 28);
    assert_run(op, &p[4].run[0], "仿宋_GB2312", 16, "正文。");
    assert_true(p[4].first == 32 && p[4].first_chars == 2 && p[4].line == 28.95);
    assert_run(op, &p[5].run[0], "黑体", 16, "一、甲");
    assert_run(op, &p[6].run[0], "楷体_GB2312", 16, "（一）甲。");
    assert_run(op, &p[6].run[1], "仿宋_GB2312", 16, "乙丙");
    assert_run(op, &p[7].run[0], "仿宋_GB2312", 16, "1. 甲");
    const sm_section *s = l->section;
    assert_true(s->wide == 210 && s->high == 297 && s->top == 37 && s->left == 28);
    assert_true(s->bottom == 35 && s->right == 26);
}

static void the_number_of_an_upward_document_shares_its_signers_line(void **state)
{
    sm_op *op = *state;
    const sm_layout *l =
        laid_out(op, "@number 澜民报〔2026〕8号\n@signer 签发人：沈国平\n@title 甲");
    assert_int_equal(l->n_body, 2);
    assert_true(sm_str_starts(l->par[0].text, SM_STR("澜民报〔2026〕8号　")));
    assert_true(sm_str_ends(l->par[0].text, SM_STR("　签发人：沈国平")));
    assert_run(op, &l->par[0].run[1], "楷体_GB2312", 16, "沈国平");
    assert_true(l->par[0].ruled && l->par[0].left == 16 && l->par[0].right == 16);
}

static void a_signature_is_centred_on_its_date(void **state)
{
    sm_op *op = *state;
    const sm_layout *l =
        laid_out(op, "@sign 云澜市民政局\n@date 2026年3月5日\n@remark （此件公开发布）");
    assert_true(l->par[1].right == 64);
    assert_true(l->par[0].right == (4 + (6.0 - 6.0) / 2) * 16);
    assert_true(l->par[2].first_chars == 2);
}

static void rows_make_tables_and_the_imprint_has_its_lines(void **state)
{
    sm_op *op = *state;
    const sm_layout *l = laid_out(op, "@row 甲|乙\n@row 1|\n正文\n@row 丙\n@cc 抄送：市局。\n"
                                      "@printer 市局|2026年3月5日印发");
    assert_int_equal(l->n_body, 9);
    assert_true(l->par[1].place == SM_PAR_CELL && l->par[1].table == 0 && l->par[1].col == 1);
    assert_true(l->par[3].row == 1 && l->par[3].text.n == 0);
    assert_true(l->par[4].table == -1);
    assert_true(l->par[5].table == 1 && l->par[5].row == 0);
    assert_true(l->par[6].ruled && !l->par[6].text.n);
    assert_true(l->par[7].ruled && l->par[8].ruled);
    assert_true(sm_str_ends(l->par[8].text, SM_STR("　2026年3月5日印发")));
}

static void attachments_begin_a_page_and_pages_are_numbered(void **state)
{
    sm_op *op = *state;
    const sm_layout *l = laid_out(op, "正文\n@attach 附件\n@atitle 甲\n@pagebreak\n@atitle 乙");
    assert_false(l->par[0].breaks);
    assert_true(l->par[1].breaks && !l->par[2].breaks && l->par[3].breaks);
    assert_int_equal(l->n_pars, l->n_body + 2);
    const sm_par *odd = &l->par[l->n_body], *even = odd + 1;
    assert_true(odd->place == SM_PAR_FOOTER && odd->align == SM_ALIGN_RIGHT && odd->right == 14);
    assert_true(even->align == SM_ALIGN_LEFT && even->left == 14);
    assert_run(op, &odd->run[1], "宋体", 14, "1");
    assert_string_equal(sm_cstr(op->arena, odd->run[1].field), "PAGE");
    assert_true(l->section->even_differs && !l->section->first_differs);
    l = laid_out(op, "@form letter\n@mark 云澜市民政局\n@number 澜民函〔2026〕1号");
    assert_true(l->section->first_differs && l->n_pars == l->n_body + 3);
    assert_true(l->par[0].ruled && l->par[1].align == SM_ALIGN_RIGHT);
    l = laid_out(op, "@page{numbers=no,left=25.5}\n正文");
    assert_true(l->n_pars == 1 && l->section->left == 25.5);
}

static void keys_change_what_the_standard_has(void **state)
{
    sm_op *op = *state;
    const sm_layout *l = laid_out(
        op, "@p{font=宋体, size=14, bold=1, indent=0, line=20, align=left, colour=00ff00} 甲");
    const sm_par *p = l->par;
    assert_run(op, &p->run[0], "宋体", 14, "甲");
    assert_true(p->run[0].bold == 1 && p->run[0].colour == 0x00ff00);
    assert_true(p->first == 0 && p->line == 20 && p->align == SM_ALIGN_LEFT);
}

static void what_is_no_notation_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        { "甲\n@headline 乙", "第2行：不认识的要素" },
        { "@form poem", "不认识的格式" },
        { "@p{size} 甲", "名=值" },
        { "@p{size=big} 甲", "要写一个数" },
        { "@p{size=1e9} 甲", "要写一个数" },
        { "@p{weight=1} 甲", "不认识的键" },
        { "@p{align=top} 甲", "对齐" },
        { "@p{colour=red} 甲", "颜色" },
        { "@p{size=1 甲", "缺少“}”" },
        { "@page{depth=1}", "不认识的键" },
        { "@page{top=-1}", "要写一个数" },
        { "甲\r乙", "有控制字符" },
        { "\xff", "不是UTF-8" },
    };
    sm_op *op = *state;
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_layout *l = NULL;
        assert_int_equal(sm_official_read(op, "例", sm_str_of(bad[i].text), &l), SM_E_INVALID);
        if (!sm_str_has(op->msg, sm_str_of(bad[i].why)))
            fail_msg("“%.*s” lacks “%s”", SM_ARG(op->msg), bad[i].why);
        assert_null(l);
        sm_op_clear(op);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(elements_are_set_as_the_standard_has_them),
        TEST(the_number_of_an_upward_document_shares_its_signers_line),
        TEST(a_signature_is_centred_on_its_date),
        TEST(rows_make_tables_and_the_imprint_has_its_lines),
        TEST(attachments_begin_a_page_and_pages_are_numbered),
        TEST(keys_change_what_the_standard_has),
        TEST(what_is_no_notation_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
