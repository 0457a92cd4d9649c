#include "format/xlsx.h"
#include "laid_test.h"

#define MAIN             "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define REL              "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define TYPE             "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

#define WORKBOOK(sheets) "<workbook " MAIN " " REL "><sheets>" sheets "</sheets></workbook>"
#define SHEET(n)         "<sheet name=\"表" #n "\" sheetId=\"" #n "\" r:id=\"rId" #n "\"/>"
#define RELS                                                                                  \
    "<Relationships>"                                                                         \
    "<Relationship Id=\"rId1\" Type=\"" TYPE "worksheet\" Target=\"worksheets/sheet1.xml\"/>" \
    "<Relationship Id=\"rId2\" Type=\"" TYPE "worksheet\" Target=\"/xl/worksheets/b.xml\"/>"  \
    "<Relationship Id=\"rId8\" Type=\"" TYPE "sharedStrings\" Target=\"sharedStrings.xml\"/>" \
    "<Relationship Id=\"rId9\" Type=\"" TYPE "styles\" Target=\"styles.xml\"/></Relationships>"
#define STRINGS                                                                                      \
    "<sst " MAIN "><si><t>项目</t></si><si><r><t>金</t></r><r><rPr><b/></rPr><t>额\n元</t></r>" \
    "<rPh sb=\"0\" eb=\"1\"><t>jin</t></rPh></si></sst>"
#define STYLES                                                                                    \
    "<styleSheet " MAIN "><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"      \
    "<numFmt numFmtId=\"165\" formatCode=\"&quot;¥&quot;#,##0.00;[Red]\\-#,##0.00\"/></numFmts>" \
    "<fonts><font><sz val=\"11\"/><name val=\"宋体\"/></font><font><b/><sz val=\"16\"/>"        \
    "<color rgb=\"FFFF0000\"/><name val=\"黑体\"/></font></fonts><cellXfs><xf numFmtId=\"0\" "  \
    "fontId=\"0\"/><xf numFmtId=\"2\" fontId=\"1\"/><xf numFmtId=\"164\" fontId=\"0\"/>"          \
    "<xf numFmtId=\"165\" fontId=\"0\"/><xf numFmtId=\"10\" fontId=\"0\"/></cellXfs></styleSheet>"
#define DATA(rows) "<worksheet " MAIN "><sheetData>" rows "</sheetData></worksheet>"

static sm_rc read_within(struct state *t, const struct part *parts, size_t n,
                         const sm_format_limits *limits)
{
    return read_with(t, sm_xlsx_layout, SM_FORMAT_XLSX, "a.xlsx", zip_of(t, parts, n), limits);
}

/* A workbook of one sheet, or two. */
static sm_rc read_sheet(struct state *t, const char *first, const char *second)
{
    static const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    const struct part parts[] = {
        { "xl/workbook.xml", second ? WORKBOOK(SHEET(2) SHEET(1)) : WORKBOOK(SHEET(1)) },
        { "xl/_rels/workbook.xml.rels", RELS },
        { "xl/sharedStrings.xml", STRINGS },
        { "xl/styles.xml", STYLES },
        { "xl/worksheets/sheet1.xml", first },
        { second ? "xl/worksheets/b.xml" : NULL, second },
    };
    return read_within(t, parts, SM_LEN(parts), &limits);
}

static void assert_sheet(struct state *t, const char *first, const char *second, const char *wanted)
{
    if (read_sheet(t, first, second) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_string_equal(shape_of(t), wanted);
}

static void cells_show_what_a_reader_of_the_sheet_sees(void **state)
{
    struct state *t = *state;
    assert_sheet(
        t,
        DATA("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
             "<row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>内联</t></is></c>"
             "<c r=\"B3\" s=\"1\"><f>1+1</f><v>1234.565</v></c><c r=\"C3\" s=\"2\"><v>46357</v></c>"
             "<c r=\"D3\" s=\"3\"><v>-1234567.8</v></c><c r=\"E3\" s=\"4\"><v>0.985</v></c></row>"
             "<row><c t=\"str\"><f>A1</f><v>项目</v></c><c><v>0.30000000000000004</v></c>"
             "<c t=\"b\"><v>1</v></c><c t=\"e\"><v>#DIV/0!</v></c><c s=\"2\"/>"
             "<c><v>440301199001011234</v></c></row>"),
        NULL,
        "C0.0.0[项目] C0.0.1[金额 元] C0.2.0[内联] C0.2.1[1234.57] C0.2.2[2026-12-01] "
        "C0.2.3[-1,234,567.80] C0.2.4[98.50%] C0.3.0[项目] C0.3.1[0.3] C0.3.2[TRUE] "
        "C0.3.3[#DIV/0!] C0.3.5[4.40301E+17]");
    const sm_run *run = t->l->par[3].run;
    assert_true(run->size == 16 && run->bold == 1 && run->colour == 0xff0000);
    assert_true(sm_str_eq(run->font, SM_STR("黑体")));
    assert_int_equal(t->l->n_body, t->l->n_pars);
}

static void sheets_come_in_the_workbooks_order_and_merged_cells_once(void **state)
{
    struct state *t = *state;
    assert_sheet(t, DATA("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"),
                 "<worksheet " MAIN "><sheetData><row r=\"1\"><c r=\"A1\"><v>2</v></c>"
                 "<c r=\"B1\"><v>3</v></c><c r=\"C1\"><v>4</v></c></row><row r=\"2\"><c r=\"A2\">"
                 "<v>5</v></c><c r=\"B2\"><v>6</v></c></row></sheetData>"
                 "<mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells></worksheet>",
                 "C0.0.0[2] C0.0.2[4] C1.0.0[1]");
    assert_true(sm_str_eq(t->l->prop[0].value, SM_STR("表2")));
    assert_true(sm_str_eq(t->l->part[1], SM_STR("xl/worksheets/sheet1.xml")));
}

static void numbers_follow_their_formats(void **state)
{
    struct state *t = *state;
    static const struct {
        double value;
        const char *code, *wanted;
    } cases[] = {
        { 5, "General", "5" },
        { 0.1 + 0.2, "General", "0.3" },
        { 123456789012, "General", "123456789012" },
        { -2.5, "General", "-2.5" },
        { 2.345, "0.00", "2.35" },
        { 1.005, "0.00", "1.01" },
        { 1234567, "#,##0", "1,234,567" },
        { 0, "#,##0", "0" },
        { 12, "00000", "00012" },
        { 0.5, "#.##", ".5" },
        { 0.12, "0%", "12%" },
        { 12345678, "0.0,,", "12.3" },
        { -3, "0;(0)", "(3)" },
        { 0, "0;-0;\"零\"", "零" },
        { 12, "0\"元\"", "12元" },
        { 12, "[$¥-804]#,##0.00", "¥12.00" },
        { 12, "_ * #,##0.00_ ", "12.00" },
        { 0.00012, "0.00E+00", "1.20E-04" },
        { 46357, "yyyy-mm-dd", "2026-12-01" },
        { 46357, "yyyy\"年\"m\"月\"d\"日\"", "2026年12月1日" },
        { 46357, "[$-804]yyyy/m/d;@", "2026/12/1" },
        { 46357.75, "yyyy/m/d h:mm", "2026/12/1 18:00" },
        { 0.75, "h:mm AM/PM", "6:00 PM" },
        { 1.5, "[h]:mm", "36:00" },
        { 0.5 + 1.0 / 1440, "h\"时\"mm\"分\"", "12时01分" },
        { 59, "yyyy-mm-dd", "1900-02-28" },
        { 61, "yyyy-mm-dd", "1900-03-01" },
        { 5, "@", "5" },
        { -1, "yyyy-mm-dd", "-1" },
        { 1e300, "0.00", "1E+300" },
        { 7, "", "7" },
        { 7, "\"", "7" },
        { 7, "[", "7" },
        { 7, "\\", "7" },
        { 7, "0.000000000000000000000000000000000000000", NULL },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_str s = sm_xlsx_number(t->op.arena, cases[i].value, sm_str_of(cases[i].code), false);
        if (cases[i].wanted && !sm_str_eq(s, sm_str_of(cases[i].wanted)))
            fail_msg("%g as %s: \"%.*s\", not \"%s\"", cases[i].value, cases[i].code, SM_ARG(s),
                     cases[i].wanted);
    }
    sm_str mac = sm_xlsx_number(t->op.arena, 44895, SM_STR("yyyy-mm-dd"), true);
    assert_true(sm_str_eq(mac, SM_STR("2026-12-01")));
}

static void what_a_stranger_writes_is_held_to_limits(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *sheet;
        sm_rc rc;
    } cases[] = {
        { DATA("<row r=\"1048577\"><c><v>1</v></c></row>"), SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>"), SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c r=\"1A\"><v>1</v></c></row>"), SM_E_CORRUPT },
        { DATA("<row r=\"0\"><c><v>1</v></c></row>"), SM_E_CORRUPT },
        { DATA("<c><v>1</v></c>"), SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c t=\"s\"><v>2</v></c></row>"), SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c t=\"s\"><v>-1</v></c></row>"), SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c t=\"s\"><v>x</v></c></row>"), SM_E_CORRUPT },
        { "<worksheet><mergeCell ref=\"A1:\"/></worksheet>", SM_OK },
        { "<worksheet><mergeCell ref=\"A0:B1\"/></worksheet>", SM_E_CORRUPT },
        { "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>", SM_E_CORRUPT },
        { "<worksheet>", SM_E_CORRUPT },
        { DATA("<row r=\"1\"><c><v>1e999</v></c><c><v>nan</v></c></row>"), SM_OK },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        if (read_sheet(t, cases[i].sheet, NULL) != cases[i].rc)
            fail_msg("%s: %d %.*s", cases[i].sheet, t->op.rc, SM_ARG(t->op.msg));
}

static void missing_parts_and_limits_are_told(void **state)
{
    struct state *t = *state;
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    const struct part none[] = { { "xl/workbook.xml", WORKBOOK(SHEET(1)) } };
    assert_int_equal(read_within(t, none, 1, &limits), SM_E_CORRUPT);
    assert_says(t, "xl/_rels/workbook.xml.rels");
    const struct part no_sheet[] = { none[0], { "xl/_rels/workbook.xml.rels", RELS } };
    assert_int_equal(read_within(t, no_sheet, 2, &limits), SM_E_CORRUPT);
    assert_says(t, "xl/sharedStrings.xml");
    const struct part sheet[] = {
        none[0],
        no_sheet[1],
        { "xl/sharedStrings.xml", STRINGS },
        { "xl/styles.xml", STYLES },
        { "xl/worksheets/sheet1.xml",
          DATA("<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c></row>") },
    };
    limits.text_bytes = 20;
    assert_int_equal(read_within(t, sheet, 5, &limits), SM_E_LIMIT);
    limits = (sm_format_limits)SM_FORMAT_LIMITS_INIT;
    limits.blocks = 1;
    assert_int_equal(read_within(t, sheet, 5, &limits), SM_E_LIMIT);
    limits.blocks = 2;
    assert_int_equal(read_within(t, sheet, 5, &limits), SM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(cells_show_what_a_reader_of_the_sheet_sees),
        T(sheets_come_in_the_workbooks_order_and_merged_cells_once),
        T(numbers_follow_their_formats),
        T(what_a_stranger_writes_is_held_to_limits),
        T(missing_parts_and_limits_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
