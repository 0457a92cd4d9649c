#include "format/official.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/parts.h"

struct state {
    sm_op op;
    sm_layout layout;
    sm_section section[2];
    sm_par par[16];
    sm_str docx;
};

static int set_up(void **state)
{
    struct state *t = calloc(1, sizeof(*t));
    sm_op_begin(&t->op);
    t->section[0] = (sm_section){ .wide = 210,
                                  .high = 297,
                                  .top = 37,
                                  .bottom = 35,
                                  .left = 28,
                                  .right = 26,
                                  .header = 15,
                                  .footer = 24,
                                  .grid_line = 28.95,
                                  .grid_lines = 22,
                                  .grid_chars = 28 };
    t->section[1] = t->section[0];
    t->layout = (sm_layout){ .section = t->section, .n_sections = 1, .par = t->par };
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct state *t = *state;
    sm_op_end(&t->op);
    free(t);
    return 0;
}

static sm_par *add(struct state *t, sm_par_place place, const char *text)
{
    sm_par *p = &t->par[t->layout.n_pars++];
    *p = (sm_par){ .place = place, .text = sm_str_of(text), .line = 28.95, .table = -1 };
    p->row = p->col = -1;
    if (p->text.n) {
        p->run = SM_NEWS(t->op.arena, sm_run, 4);
        p->run[p->n_runs++] = (sm_run){ .text = p->text,
                                        .font = SM_STR("仿宋_GB2312"),
                                        .latin = SM_STR("Times New Roman"),
                                        .size = 16,
                                        .colour = SM_COLOUR_AUTO };
    }
    return p;
}

static void cell(struct state *t, int row, int col, const char *text)
{
    sm_par *p = add(t, SM_PAR_CELL, text);
    p->table = 0;
    p->row = row;
    p->col = col;
}

static sm_rc write_docx(struct state *t)
{
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    sm_rc rc = sm_docx_write(&t->op, &t->layout, &b);
    if (rc == SM_OK)
        rc = sm_buf_take(&t->op, &b, &t->docx);
    else
        sm_buf_done(&b);
    return rc;
}

static sm_str part(struct state *t, const char *name)
{
    sm_str s = { 0 };
    if (sm_part_read(&t->op, t->docx, name, NULL, &s) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    return s;
}

static void assert_part(struct state *t, const char *name, const char *holds)
{
    sm_str s = part(t, name);
    if (!sm_str_has(s, sm_str_of(holds)))
        fail_msg("%s lacks %s:\n%.*s", name, holds, SM_ARG(s));
}

static void assert_document(struct state *t, const char *holds)
{
    assert_part(t, "word/document.xml", holds);
}

/* The text of every body paragraph as the importer reads it. */
static const char *read_back(struct state *t)
{
    sm_document *doc;
    if (sm_format_read(&t->op, "a.docx", t->docx, SM_FORMAT_DOCX, NULL, &doc) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < doc->n_blocks; i++)
        if (doc->block[i].kind != SM_BLOCK_HEADER)
            sm_buf_addf(&b, "%s%.*s", b.n ? "/" : "", SM_ARG(doc->block[i].text));
    sm_str s = { 0 };
    sm_buf_take(&t->op, &b, &s);
    return s.p;
}

static void what_is_written_is_read_again(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "云澜市人民政府关于<供水>&“用水”的通知");
    add(t, SM_PAR_BODY, "");
    add(t, SM_PAR_BODY, "一、总体要求");
    assert_int_equal(write_docx(t), SM_OK);
    assert_string_equal(read_back(t), "云澜市人民政府关于<供水>&“用水”的通知/一、总体要求");
}

static void the_same_layout_gives_the_same_bytes(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    add(t, SM_PAR_FOOTER, "— 1 —");
    assert_int_equal(write_docx(t), SM_OK);
    sm_str first = t->docx;
    assert_int_equal(write_docx(t), SM_OK);
    assert_true(sm_str_eq(first, t->docx));
}

static void the_page_is_that_of_the_section(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>");
    assert_document(t,
                    "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1587\"");
    assert_document(t, "<w:docGrid w:type=\"linesAndChars\" w:linePitch=\"579\" w:charSpace=\"-8");
}

static void a_paragraph_keeps_its_look(void **state)
{
    struct state *t = *state;
    sm_par *p = add(t, SM_PAR_BODY, "正文");
    p->align = SM_ALIGN_BOTH;
    p->first_chars = 2;
    p->first = 32;
    p->breaks = true;
    p->outline = 1;
    p->run->bold = 1;
    p->run->colour = 0xff0000;
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "<w:pageBreakBefore/>");
    assert_document(t, "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"579\" "
                       "w:lineRule=\"exact\"/><w:ind w:left=\"0\" w:right=\"0\" "
                       "w:firstLineChars=\"200\" w:firstLine=\"640\"/><w:jc w:val=\"both\"/>"
                       "<w:outlineLvl w:val=\"0\"/>");
    assert_document(t, "w:eastAsia=\"仿宋_GB2312\"");
    assert_document(t, "<w:b/><w:i w:val=\"0\"/><w:color w:val=\"FF0000\"/><w:sz w:val=\"32\"/>");
}

static void text_without_a_run_is_written_too(void **state)
{
    struct state *t = *state;
    sm_par *p = add(t, SM_PAR_BODY, "前文中间后文");
    p->run->text = sm_str_sub(p->text, 6, 12);
    assert_int_equal(write_docx(t), SM_OK);
    assert_string_equal(read_back(t), "前文中间后文");
}

static void the_red_line_is_the_border_of_its_paragraph(void **state)
{
    struct state *t = *state;
    sm_par *p = add(t, SM_PAR_BODY, "云政发〔2026〕3号");
    p->ruled = true;
    p->rule_colour = 0xff0000;
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"11\" "
                       "w:color=\"FF0000\"/></w:pBdr>");
}

static sm_par *number(struct state *t, sm_align align)
{
    sm_par *p = add(t, SM_PAR_FOOTER, "— 1 —");
    p->align = align;
    p->line = 0;
    p->run[0].text = sm_str_sub(p->text, 0, 4);
    p->run[1] = p->run[2] = p->run[0];
    p->run[1].text = sm_str_sub(p->text, 4, 5);
    p->run[1].field = SM_STR("PAGE");
    p->run[2].text = sm_str_sub(p->text, 5, p->text.n);
    p->n_runs = 3;
    return p;
}

static void page_numbers_stand_right_on_odd_pages_and_left_on_even_ones(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    number(t, SM_ALIGN_RIGHT);
    number(t, SM_ALIGN_LEFT);
    t->section[0].even_differs = true;
    assert_int_equal(write_docx(t), SM_OK);
    assert_part(t, "word/settings.xml", "<w:evenAndOddHeaders/>");
    assert_document(t, "<w:footerReference w:type=\"default\" r:id=\"rId1\"/>"
                       "<w:footerReference w:type=\"even\" r:id=\"rId2\"/>");
    assert_part(t, "word/footer1.xml", "<w:jc w:val=\"right\"/>");
    assert_part(t, "word/footer2.xml", "<w:jc w:val=\"left\"/>");
    assert_part(t, "word/footer1.xml", "<w:fldSimple w:instr=\" PAGE \">");
    assert_part(t, "word/_rels/document.xml.rels", "Target=\"footer2.xml\"");
    assert_part(t, "[Content_Types].xml", "/word/footer2.xml");
}

static void a_first_page_may_have_no_number(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    number(t, SM_ALIGN_CENTER);
    add(t, SM_PAR_FOOTER, "");
    t->section[0].first_differs = true;
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "<w:footerReference w:type=\"first\" r:id=\"rId2\"/>");
    assert_document(t, "<w:titlePg/>");
}

static void more_footers_than_a_section_has_are_refused(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    number(t, SM_ALIGN_CENTER);
    number(t, SM_ALIGN_CENTER);
    assert_int_equal(write_docx(t), SM_E_INVALID);
}

static void a_section_ends_with_its_last_paragraph(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "竖页");
    sm_par *p = add(t, SM_PAR_BODY, "横页");
    p->section = 1;
    t->layout.n_sections = 2;
    t->section[1] = (sm_section){ .wide = 297, .high = 210, .landscape = true };
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "</w:sectPr></w:pPr>");
    assert_document(t, "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>");
    assert_string_equal(read_back(t), "竖页/横页");
}

static void a_table_has_all_its_cells(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "表");
    cell(t, 0, 0, "序号");
    cell(t, 0, 1, "名称");
    cell(t, 0, 2, "数量");
    cell(t, 1, 0, "1");
    cell(t, 1, 2, "5");
    cell(t, 2, 0, "合计");
    assert_int_equal(write_docx(t), SM_OK);
    assert_string_equal(read_back(t), "表/序号 | 名称 | 数量/1 |  | 5/合计");
    assert_document(t, "<w:gridSpan w:val=\"3\"/>");
    sm_element *e;
    size_t n, rows = 0;
    sm_str xml = part(t, "word/document.xml");
    assert_int_equal(sm_elements_read(&t->op, "d", xml, NULL, &e, &n), SM_OK);
    for (size_t i = 0; i < n; i++)
        rows += sm_str_eq(e[i].name, SM_STR("w:tr"));
    assert_int_equal(rows, 3);
}

static void properties_stand_where_office_suites_look(void **state)
{
    struct state *t = *state;
    sm_meta prop[] = { { SM_STR("title"), SM_STR("关于<供水>的通知") },
                       { SM_STR("AIGC"), SM_STR("{\"Label\":\"1\"}") } };
    t->layout.prop = prop;
    t->layout.n_props = 2;
    add(t, SM_PAR_BODY, "正文");
    assert_int_equal(write_docx(t), SM_OK);
    assert_part(t, "docProps/core.xml", "<dc:title>关于&lt;供水&gt;的通知</dc:title>");
    assert_part(t, "docProps/custom.xml",
                "pid=\"2\" name=\"AIGC\"><vt:lpwstr>{&quot;Label&quot;:&quot;1&quot;}</vt:lpwstr>");
    assert_part(t, "_rels/.rels", "docProps/custom.xml");
    assert_part(t, "[Content_Types].xml", "/docProps/custom.xml");
}

static void what_xml_cannot_hold_is_shown(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "甲\x01乙\t丙");
    assert_int_equal(write_docx(t), SM_OK);
    assert_document(t, "甲\xef\xbf\xbd乙</w:t><w:tab/>");
}

static void assert_same_paragraph(const sm_par *was, const sm_par *is)
{
    assert_int_equal(was->text.n, is->text.n);
    assert_memory_equal(was->text.p, is->text.p, was->text.n);
    if (was->align)
        assert_int_equal(was->align, is->align);
    assert_int_equal(was->breaks, is->breaks);
    assert_int_equal(was->ruled, is->ruled);
    assert_int_equal(was->table, is->table);
    assert_int_equal(was->row, is->row);
    assert_int_equal(was->col, is->col);
    const double lengths[][2] = {
        { was->first_chars, is->first_chars },
        { was->first, is->first },
        { was->left, is->left },
        { was->right, is->right },
        { was->line, is->line },
        { was->before, is->before },
        { was->after, is->after },
    };
    for (size_t i = 0; i < SM_LEN(lengths); i++)
        assert_true(lengths[i][0] - lengths[i][1] < .06 && lengths[i][1] - lengths[i][0] < .06);
    assert_int_equal(was->n_runs, is->n_runs);
    for (size_t i = 0; i < was->n_runs; i++) {
        const sm_run *a = &was->run[i], *b = &is->run[i];
        assert_true(sm_str_eq(a->text, b->text) && sm_str_eq(a->font, b->font));
        assert_true(sm_str_eq(a->latin, b->latin) && sm_str_eq(a->field, b->field));
        assert_true(a->size > b->size - .3 && a->size < b->size + .3);
        assert_int_equal(a->colour, b->colour);
        assert_int_equal(a->bold, b->bold);
    }
}

static void an_official_document_is_read_as_it_was_laid_out(void **state)
{
    struct state *t = *state;
    sm_str text =
        SM_STR("@mark 云澜市人民政府文件\n@number 云政发〔2026〕3号\n"
               "@title 云澜市人民政府关于供水的通知\n@to 各区县人民政府：\n"
               "为做好供水工作，现通知如下。\n@h1 一、总体要求\n@h2 （一）加强领导。要落实。\n"
               "@row 序号|名称\n@row 1|水厂\n@note 附件：名单\n@sign 云澜市人民政府\n"
               "@date 2026年4月9日\n@attach 附件\n@atitle 名单\n甲。\n"
               "@cc 抄送：市委办公室。\n@printer 市政府办公室|2026年4月9日印发\n");
    sm_layout *was, *is;
    assert_int_equal(sm_official_read(&t->op, "a.txt", text, &was), SM_OK);
    t->layout = *was;
    assert_int_equal(write_docx(t), SM_OK);
    assert_int_equal(sm_layout_read(&t->op, "a.docx", t->docx, SM_FORMAT_DOCX, NULL, &is), SM_OK);
    assert_int_equal(was->n_pars, is->n_pars);
    for (size_t i = 0; i < was->n_pars; i++) {
        if (was->par[i].place != is->par[i].place)
            fail_msg("paragraph %zu", i);
        assert_same_paragraph(&was->par[i], &is->par[i]);
    }
    const sm_section *a = was->section, *b = is->section;
    assert_true(a->top - b->top < .1 && b->top - a->top < .1);
    assert_true(b->grid_chars > 27.9 && b->grid_chars < 28.1);
    assert_int_equal(a->even_differs, b->even_differs);
}

/* ------------------------------------------------------------------- parts */

static void a_part_is_exchanged_and_the_others_stay(void **state)
{
    struct state *t = *state;
    add(t, SM_PAR_BODY, "正文");
    assert_int_equal(write_docx(t), SM_OK);
    sm_str styles = part(t, "word/styles.xml");
    sm_part change[] = { { SM_STR("word/document.xml"), SM_STR("<a/>") },
                         { SM_STR("word/new.xml"), SM_STR("<b/>") } };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    assert_int_equal(sm_parts_write(&t->op, t->docx, change, 2, &b), SM_OK);
    sm_buf_take(&t->op, &b, &t->docx);
    assert_true(sm_str_eq(part(t, "word/document.xml"), SM_STR("<a/>")));
    assert_true(sm_str_eq(part(t, "word/new.xml"), SM_STR("<b/>")));
    assert_true(sm_str_eq(part(t, "word/styles.xml"), styles));
    assert_int_equal(part(t, "word/none.xml").n, 0);
}

static void elements_know_their_places(void **state)
{
    struct state *t = *state;
    sm_str xml = SM_STR("<?xml version='1.0'?><w:a x='1' w:b=\"2>\"><c/><d>甲&amp;</d></w:a>");
    sm_element *e;
    size_t n;
    assert_int_equal(sm_elements_read(&t->op, "x", xml, NULL, &e, &n), SM_OK);
    assert_int_equal(n, 3);
    assert_true(sm_str_eq(sm_element_local(&e[0]), SM_STR("a")));
    assert_true(sm_str_eq(sm_element_attr(xml, &e[0], "b"), SM_STR("2>")));
    assert_int_equal(sm_element_attr(xml, &e[0], "z").n, 0);
    assert_int_equal(sm_element_child(e, 0, "d"), 2);
    assert_true(sm_str_eq(sm_str_sub(xml, e[1].at, e[1].end), SM_STR("<c/>")));
    assert_int_equal(e[1].inside, e[1].inside_end);
    assert_true(sm_str_eq(sm_str_sub(xml, e[2].inside, e[2].inside_end), SM_STR("甲&amp;")));
    assert_int_equal(e[0].n_within, 2);
    assert_int_equal(e[0].end, xml.n);
}

static void xml_that_could_do_harm_is_refused(void **state)
{
    struct state *t = *state;
    sm_element *e;
    size_t n;
    sm_str xml = SM_STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>");
    assert_int_equal(sm_elements_read(&t->op, "x", xml, NULL, &e, &n), SM_E_CORRUPT);
    sm_op_clear(&t->op);
    sm_format_limits few = SM_FORMAT_LIMITS_INIT;
    few.xml_depth = 2;
    xml = SM_STR("<a><a><a/></a></a>");
    assert_int_equal(sm_elements_read(&t->op, "x", xml, &few, &e, &n), SM_E_LIMIT);
    sm_op_clear(&t->op);
    assert_int_equal(sm_elements_read(&t->op, "x", SM_STR("<a>"), NULL, &e, &n), SM_E_CORRUPT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(what_is_written_is_read_again),
        T(the_same_layout_gives_the_same_bytes),
        T(the_page_is_that_of_the_section),
        T(a_paragraph_keeps_its_look),
        T(text_without_a_run_is_written_too),
        T(the_red_line_is_the_border_of_its_paragraph),
        T(page_numbers_stand_right_on_odd_pages_and_left_on_even_ones),
        T(a_first_page_may_have_no_number),
        T(more_footers_than_a_section_has_are_refused),
        T(a_section_ends_with_its_last_paragraph),
        T(a_table_has_all_its_cells),
        T(properties_stand_where_office_suites_look),
        T(what_xml_cannot_hold_is_shown),
        T(an_official_document_is_read_as_it_was_laid_out),
        T(a_part_is_exchanged_and_the_others_stay),
        T(elements_know_their_places),
        T(xml_that_could_do_harm_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
