#include "laid_test.h"

#define W_NS              "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define R_NS              "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define R_TYPE            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define ROOT(name, inner) "<w:" name " " W_NS " " R_NS ">" inner "</w:" name ">"
#define BODY(inner)       ROOT("document", "<w:body>" inner "</w:body>")
#define T(text)           "<w:r><w:t>" text "</w:t></w:r>"
#define P(text)           "<w:p>" T(text) "</w:p>"
#define RELATIONS(inner)                                                                           \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" inner \
    "</Relationships>"
#define RELATION(id, type, target) \
    "<Relationship Id=\"" id "\" Type=\"" R_TYPE type "\" Target=\"" target "\"/>"
#define TYPES                             \
    {                                     \
        "[Content_Types].xml", "<Types/>" \
    }
#define MAIN_RELATION                                                                     \
    {                                                                                     \
        "_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "word/document.xml")) \
    }

static sm_rc read_bytes(struct state *t, const char *name, sm_str bytes)
{
    sm_op_clear(&t->op);
    t->l = NULL;
    return sm_layout_read(&t->op, name, bytes, SM_FORMAT_AUTO, NULL, &t->l);
}

static void read_parts(struct state *t, const struct part *parts, size_t n)
{
    if (read_bytes(t, "a.docx", zip_of(t, parts, n)) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
}

/* A document of its main part and others beside it. */
#define READ(t, ...)                                                       \
    do {                                                                   \
        const struct part parts[] = { TYPES, MAIN_RELATION, __VA_ARGS__ }; \
        read_parts(t, parts, SM_LEN(parts));                               \
    } while (0)
#define READ_BODY(t, inner) READ(t, { "word/document.xml", BODY(inner) })

static void assert_refused(struct state *t, const char *name, sm_str bytes, sm_rc rc,
                           const char *says)
{
    sm_rc got = read_bytes(t, name, bytes);
    if (got != rc)
        fail_msg("%s: %s %.*s", says, sm_rc_name(got), SM_ARG(t->op.msg));
    assert_null(t->l);
    assert_says(t, name);
    assert_says(t, says);
}

static void assert_str(sm_str got, const char *wanted)
{
    if (!sm_str_eq(got, sm_str_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", SM_ARG(got), wanted);
}

static void assert_near(double got, double wanted)
{
    if (got - wanted > .01 || wanted - got > .01)
        fail_msg("%f is not %f", got, wanted);
}

/* ------------------------------------------------------------ text, pages */

static void every_line_of_a_text_is_a_paragraph_and_empty_ones_too(void **state)
{
    struct state *t = *state;
    const char *text = "\xef\xbb\xbf题目\r\n\r\n　　正文 \n\n尾";
    assert_int_equal(read_bytes(t, "a.txt", sm_str_of(text)), SM_OK);
    assert_string_equal(shape_of(t), "P[题目] P[] P[　　正文 ] P[] P[尾]");
    assert_int_equal(t->l->n_body, 5);
    assert_int_equal(t->l->n_sections, 1);
    const sm_run *r = &t->l->par[2].run[0];
    assert_memory_equal(text + r->at, "　　正文 ", r->n_at);
    assert_int_equal(r->bold, -1);
}

static void a_converted_text_has_no_places(void **state)
{
    struct state *t = *state;
    assert_int_equal(read_bytes(t, "a.txt", SM_STR("\xb9\xd8\xd3\xda")), SM_OK);
    assert_string_equal(shape_of(t), "P[关于]");
    assert_int_equal(t->l->par[0].run[0].n_at, 0);
}

static void headings_and_tables_of_pages_and_markdown_come_out(void **state)
{
    struct state *t = *state;
    assert_int_equal(
        read_bytes(t, "a.md", SM_STR("# 题\n\n甲\n\n| 类 | 额 |\n|---|---|\n| 乙 | 1 |\n")), SM_OK);
    assert_string_equal(shape_of(t), "P[题] P[甲] C0.0.0[类] C0.0.1[额] C0.1.0[乙] C0.1.1[1]");
    assert_int_equal(t->l->par[0].outline, 1);
    assert_int_equal(read_bytes(t, "a.html", SM_STR("<h2>题</h2><p>甲</p>")), SM_OK);
    assert_string_equal(shape_of(t), "P[题] P[甲]");
    assert_int_equal(t->l->par[0].outline, 2);
}

/* -------------------------------------------------------------- places */

static void a_run_says_where_its_text_stands_in_the_part(void **state)
{
    struct state *t = *state;
    const char *part = BODY("<w:p><w:r><w:t>甲&amp;&#20057;</w:t><w:tab/>"
                            "<w:t xml:space=\"preserve\"> 丙 </w:t><w:br/></w:r>"
                            "<w:r><w:t> 丁\n戊 </w:t></w:r><w:r><w:t/></w:r></w:p><w:p/>");
    READ(t, { "word/document.xml", part });
    const sm_par *p = t->l->par;
    assert_string_equal(shape_of(t), "P[甲&乙\t 丙 \u2028丁 戊] P[]");
    assert_int_equal(p->n_runs, 5);
    static const char *const stands[] = { "甲&amp;&#20057;", "", " 丙 ", "", "丁\n戊" };
    size_t at = 0;
    for (size_t i = 0; i < p->n_runs; i++) {
        assert_ptr_equal(p->run[i].text.p, p->text.p + at);
        at += p->run[i].text.n;
        assert_int_equal(p->run[i].n_at, strlen(stands[i]));
        assert_memory_equal(part + p->run[i].at, stands[i], p->run[i].n_at);
    }
    assert_int_equal(at, p->text.n);
    assert_memory_equal(part + p->at, "<w:p><w:r>", 10);
    assert_memory_equal(part + p->at + p->n_at, "<w:p/>", 6);
    assert_int_equal(t->l->par[1].n_at, 6);
    assert_str(t->l->part[0], "word/document.xml");
}

static void text_that_is_not_written_plainly_has_no_place(void **state)
{
    struct state *t = *state;
    READ_BODY(t, "<w:p><w:r><w:t><![CDATA[甲]]></w:t><w:t>乙<!-- x -->丙</w:t></w:r></w:p>");
    assert_string_equal(shape_of(t), "P[甲乙丙]");
    assert_int_equal(t->l->par[0].run[0].n_at, 0);
    assert_int_equal(t->l->par[0].run[1].n_at, 0);
}

/* --------------------------------------------------------------- looks */

#define STYLE(type, id, more) "<w:style w:type=\"" type "\" w:styleId=\"" id "\"" more "</w:style>"
#define STYLES_RELATION       RELATION("rId2", "styles", "styles.xml")
#define OWN_RELATIONS(inner)                             \
    {                                                    \
        "word/_rels/document.xml.rels", RELATIONS(inner) \
    }

static void looks_come_from_defaults_styles_and_the_run_itself(void **state)
{
    struct state *t = *state;
    READ(
        t,
        { "word/document.xml",
          BODY("<w:p><w:r><w:t>甲</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"B\"/>"
               "<w:jc w:val=\"center\"/></w:pPr><w:r><w:t>乙</w:t></w:r>"
               "<w:r><w:rPr><w:rStyle w:val=\"C\"/><w:color w:val=\"00ff00\"/><w:u "
               "w:val=\"single\"/></w:rPr><w:t>丙</w:t></w:r>"
               "<w:r><w:rPr><w:rStyle w:val=\"C\"/><w:b/></w:rPr><w:t>丁</w:t></w:r></w:p>") },
        OWN_RELATIONS(STYLES_RELATION),
        { "word/styles.xml",
          ROOT(
              "styles",
              "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" "
              "w:eastAsia=\"宋体\"/><w:sz w:val=\"21\"/></w:rPr></w:rPrDefault><w:pPrDefault>"
              "<w:pPr><w:spacing w:after=\"160\"/></w:pPr></w:pPrDefault></w:docDefaults>" STYLE(
                  "paragraph", "N",
                  " w:default=\"1\"><w:name w:val=\"正文\"/><w:rPr><w:sz "
                  "w:val=\"32\"/></w:rPr>")
                  STYLE(
                      "paragraph", "A",
                      "><w:name w:val=\"heading 1\"/><w:basedOn w:val=\"N\"/><w:pPr><w:outlineLvl "
                      "w:val=\"0\"/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/></w:pPr><w:rPr>"
                      "<w:b/><w:rFonts w:eastAsia=\"黑体\"/></w:rPr>")
                      STYLE("paragraph", "B",
                            "><w:name w:val=\"我的\"/><w:basedOn w:val=\"A\"/><w:rPr>"
                            "<w:i/></w:rPr>")
                          STYLE("character", "C", "><w:rPr><w:b/><w:sz w:val=\"44\"/></w:rPr>")) });
    const sm_par *p = t->l->par;
    assert_str(p[0].style, "正文");
    assert_str(p[0].run[0].font, "宋体");
    assert_str(p[0].run[0].latin, "Times New Roman");
    assert_near(p[0].run[0].size, 16);
    assert_near(p[0].after, 8);
    assert_near(p[0].line_times, 1);
    assert_int_equal(p[0].align, SM_ALIGN_LEFT);
    assert_str(p[1].style, "我的");
    assert_int_equal(p[1].outline, 1);
    assert_int_equal(p[1].align, SM_ALIGN_CENTER);
    assert_near(p[1].line, 28);
    assert_near(p[1].line_times, 0);
    assert_str(p[1].run[0].font, "黑体");
    assert_true(p[1].run[0].bold == 1 && p[1].run[0].italic == 1 && !p[1].run[0].underlined);
    assert_int_equal(p[1].run[0].colour, SM_COLOUR_AUTO);
    assert_near(p[1].run[1].size, 22);
    assert_true(p[1].run[1].bold == 0); /* a toggle in both styles is off */
    assert_int_equal(p[1].run[1].colour, 0x00ff00);
    assert_int_equal(p[1].run[1].underlined, 1);
    assert_true(p[1].run[2].bold == 1);
}

static void styles_based_on_one_another_in_a_ring_end(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY("<w:p><w:pPr><w:pStyle w:val=\"A\"/></w:pPr>" T("甲") "</w:p>") },
         { "word/styles.xml", ROOT("styles", STYLE("paragraph", "A", "><w:basedOn w:val=\"B\"/>")
                                                 STYLE("paragraph", "B",
                                                       "><w:basedOn w:val=\"A\"/><w:rPr><w:sz "
                                                       "w:val=\"30\"/></w:rPr>")) });
    assert_near(t->l->par[0].run[0].size, 15);
}

static void fonts_of_the_theme_are_named(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY("<w:p><w:r><w:rPr><w:rFonts w:asciiTheme=\"minorHAnsi\" w:eastAsia=\"黑体\" "
                "w:eastAsiaTheme=\"minorEastAsia\"/></w:rPr><w:t>甲</w:t></w:r>"
                "<w:r><w:rPr><w:rFonts w:eastAsiaTheme=\"majorEastAsia\"/></w:rPr><w:t>乙</w:t>"
                "</w:r></w:p>") },
         OWN_RELATIONS(RELATION("a", "theme", "theme/theme1.xml")),
         { "word/theme/theme1.xml",
           "<a:theme xmlns:a=\"x\"><a:themeElements><a:fontScheme><a:majorFont><a:latin "
           "typeface=\"Cambria\"/><a:ea typeface=\"方正小标宋简体\"/></a:majorFont><a:minorFont>"
           "<a:latin typeface=\"Calibri\"/><a:ea typeface=\"\"/><a:font script=\"Jpan\" "
           "typeface=\"MS\"/><a:font script=\"Hans\" typeface=\"宋体\"/></a:minorFont>"
           "</a:fontScheme></a:themeElements></a:theme>" });
    assert_str(t->l->par[0].run[0].font, "宋体");
    assert_str(t->l->par[0].run[0].latin, "Calibri");
    assert_str(t->l->par[0].run[1].font, "方正小标宋简体");
}

static void indents_in_characters_win_and_spacing_has_three_rules(void **state)
{
    struct state *t = *state;
    READ_BODY(t,
              "<w:p><w:pPr><w:ind w:firstLineChars=\"200\" w:firstLine=\"420\"/><w:spacing "
              "w:line=\"360\" w:lineRule=\"auto\" w:before=\"156\" w:beforeLines=\"50\"/></w:pPr>"
              "<w:r><w:rPr><w:sz w:val=\"32\"/></w:rPr><w:t>甲</w:t></w:r></w:p>"
              "<w:p><w:pPr><w:ind w:left=\"640\" w:hanging=\"320\" w:right=\"200\"/><w:spacing "
              "w:line=\"300\" w:lineRule=\"atLeast\" w:afterLines=\"100\"/></w:pPr></w:p>"
              "<w:p><w:pPr><w:ind w:start=\"1cm\"/><w:spacing w:line=\"28.5pt\" "
              "w:lineRule=\"exact\"/><w:jc w:val=\"end\"/></w:pPr></w:p>");
    const sm_par *p = t->l->par;
    assert_near(p[0].first_chars, 2);
    assert_near(p[0].first, 32);
    assert_near(p[0].line_times, 1.5);
    assert_near(p[0].before, 7.8);
    assert_near(p[1].left, 32);
    assert_near(p[1].first, -16);
    assert_near(p[1].first_chars, 0);
    assert_near(p[1].right, 10);
    assert_true(p[1].line_at_least);
    assert_near(p[1].line, 15);
    assert_near(p[1].after, 12);
    assert_near(p[2].left, 28.35);
    assert_near(p[2].line, 28.5);
    assert_int_equal(p[2].align, SM_ALIGN_RIGHT);
}

#define SECTION(more)                                                                           \
    "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"2098\" w:bottom=\"1984\" " \
    "w:left=\"1588\" w:right=\"1474\" w:header=\"851\" w:footer=\"1361\"/>" more "</w:sectPr>"

static void sections_have_pages_margins_and_a_grid(void **state)
{
    struct state *t = *state;
    READ(
        t,
        { "word/document.xml",
          BODY("<w:p><w:pPr>" SECTION(
              "<w:titlePg/><w:docGrid w:type=\"linesAndChars\" "
              "w:linePitch=\"579\" w:charSpace=\"-850\"/>") "</w:pPr></w:p>" P("甲") "<w:p><w:pPr><"
                                                                                     "w:sectPr><w:"
                                                                                     "type "
                                                                                     "w:val="
                                                                                     "\"continuous"
                                                                                     "\"/></"
                                                                                     "w:sectPr></"
                                                                                     "w:pPr>"
                                                                                     "</w:p>" P(
                                                                                         "乙") "<w:"
                                                                                               "sec"
                                                                                               "tPr"
                                                                                               "><"
                                                                                               "w:"
                                                                                               "pgS"
                                                                                               "z "
                                                                                               "w:"
                                                                                               "w="
                                                                                               "\"1"
                                                                                               "683"
                                                                                               "8\""
                                                                                               " w:"
                                                                                               "h="
                                                                                               "\"1"
                                                                                               "190"
                                                                                               "6\""
                                                                                               " w:"
                                                                                               "ori"
                                                                                               "ent"
                                                                                               "=\""
                                                                                               "lan"
                                                                                               "dsc"
                                                                                               "ape"
                                                                                               "\"/"
                                                                                               ">"
                                                                                               "<w:"
                                                                                               "doc"
                                                                                               "Gri"
                                                                                               "d "
                                                                                               "w:"
                                                                                               "lin"
                                                                                               "ePi"
                                                                                               "tch"
                                                                                               "=\""
                                                                                               "312"
                                                                                               "\"/"
                                                                                               "></"
                                                                                               "w:"
                                                                                               "sec"
                                                                                               "tPr"
                                                                                               ">") },
        { "word/settings.xml", ROOT("settings", "<w:evenAndOddHeaders/>") },
        { "word/styles.xml", ROOT("styles", STYLE("paragraph", "a",
                                                  " w:default=\"1\"><w:rPr><w:sz "
                                                  "w:val=\"32\"/></w:rPr>")) });
    const sm_section *s = t->l->section;
    assert_int_equal(t->l->n_sections, 3);
    assert_near(s[0].wide, 210);
    assert_near(s[0].high, 297);
    assert_near(s[0].top, 37);
    assert_near(s[0].left, 28.01);
    assert_near(s[0].footer, 24);
    assert_near(s[0].grid_line, 28.95);
    assert_near(s[0].grid_lines, 22);
    assert_near(s[0].grid_chars, 28);
    assert_true(s[0].first_differs && s[0].even_differs && !s[0].landscape);
    assert_true(s[2].landscape && !s[2].first_differs);
    assert_near(s[2].grid_line, 0);
    const sm_par *p = t->l->par;
    static const int section[] = { 0, 1, 1, 2 };
    static const bool breaks[] = { false, false, false, true };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(p[i].section, section[i]);
        assert_int_equal(p[i].breaks, breaks[i]);
    }
}

static void pages_break_before_what_stands_behind_the_break(void **state)
{
    struct state *t = *state;
    READ_BODY(t, P("甲") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>" P(
                     "乙") "<w:p><w:r><w:br w:type=\"page\"/><w:t>丙</w:t></w:r></w:p>"
                           "<w:p><w:r><w:t>丁</w:t><w:br w:type=\"page\"/></w:r></w:p>" P(
                               "戊") "<w:p><w:pPr><w:pageBreakBefore/></w:pPr>" T("己") "</w:p>");
    static const bool breaks[] = { false, false, true, true, false, true, true };
    for (size_t i = 0; i < SM_LEN(breaks); i++)
        assert_int_equal(t->l->par[i].breaks, breaks[i]);
    assert_string_equal(shape_of(t), "P[甲] P[] P[乙] P[丙] P[丁] P[戊] P[己]");
}

static void a_file_that_was_saved_with_its_pages_tells_them(void **state)
{
    struct state *t = *state;
#define PAGE "<w:lastRenderedPageBreak/>"
    READ_BODY(t, P("甲") "<w:p><w:r>" PAGE "<w:t>乙</w:t></w:r></w:p>"
                         "<w:p><w:r><w:t>丙</w:t>" PAGE "<w:t>丁</w:t></w:r></w:p>" P("戊"));
    static const int page[] = { 1, 2, 2, 3 };
    for (size_t i = 0; i < SM_LEN(page); i++)
        assert_int_equal(t->l->par[i].page, page[i]);
    assert_int_equal(t->l->n_pages, 3);
    assert_false(t->l->flags & SM_LAYOUT_PAGES); /* no places on them */
    READ_BODY(t, P("甲") P("乙"));
    assert_int_equal(t->l->par[1].page, 0);
    assert_int_equal(t->l->n_pages, 0);
}

/* --------------------------------------------------------------- lists */

#define LEVEL(at, format, text, more)                                                            \
    "<w:lvl w:ilvl=\"" at "\"><w:start w:val=\"1\"/><w:numFmt w:val=\"" format "\"/><w:lvlText " \
    "w:val=\"" text "\"/>" more "</w:lvl>"
#define IN_LIST(num, level, text)                                             \
    "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"" level "\"/><w:numId w:val=\"" num \
    "\"/></w:numPr></w:pPr>" T(text) "</w:p>"
#define NUM(id, of, more) \
    "<w:num w:numId=\"" id "\"><w:abstractNumId w:val=\"" of "\"/>" more "</w:num>"

static void labels_of_lists_are_written_out(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY(IN_LIST("1", "0", "甲") IN_LIST("1", "1", "乙") IN_LIST("1", "1", "丙")
                    IN_LIST("1", "0", "丁") IN_LIST("1", "1", "戊") IN_LIST("1", "2", "己")
                        IN_LIST("2", "0", "庚") IN_LIST("1", "0", "辛") IN_LIST("3", "0", "壬")
                            IN_LIST("0", "0", "无") IN_LIST("9", "0", "缺")) },
         OWN_RELATIONS(RELATION("n", "numbering", "numbering.xml")),
         { "word/numbering.xml",
           ROOT("numbering",
                "<w:abstractNum w:abstractNumId=\"5\">" LEVEL(
                    "0", "chineseCounting", "%1、",
                    "<w:pPr><w:ind w:firstLine=\"640\"/></w:pPr><w:rPr><w:rFonts "
                    "w:eastAsia=\"黑体\"/></w:rPr>") LEVEL("1", "japaneseCounting", "（%2）", "")
                    LEVEL("2", "decimal", "%1.%3",
                          "<w:isLgl/>") "</w:abstractNum><w:abstractNum "
                                        "w:abstractNumId=\"6\">" LEVEL(
                                            "0", "decimalEnclosedParen", "%1",
                                            "") "</w:abstractNum>" NUM("1", "5", "")
                                            NUM("2", "6", "") NUM("3", "5",
                                                                  "<w:lvlOverride "
                                                                  "w:ilvl=\"0\"><w:"
                                                                  "startOverride w:val=\"1\"/>"
                                                                  "</w:lvlOverride>")) });
    assert_string_equal(shape_of(t), "P[一、甲] P[（一）乙] P[（二）丙] P[二、丁] P[（一）戊] "
                                     "P[2.1己] P[⑴庚] P[三、辛] P[一、壬] P[无] P[缺]");
    const sm_par *p = t->l->par;
    assert_int_equal(p[0].run[0].n_at, 0);
    assert_str(p[0].run[0].text, "一、");
    assert_str(p[0].run[0].font, "黑体");
    assert_str(p[0].run[1].text, "甲");
    assert_str(p[0].run[1].font, "");
    assert_near(p[0].first, 32);
}

static void numbers_are_written_in_every_way_that_documents_use(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *format;
        int start;
        const char *wanted;
    } cases[] = {
        { "chineseCounting", 10, "十" },
        { "chineseCounting", 21, "二十一" },
        { "chineseCountingThousand", 105, "一百零五" },
        { "chineseCounting", 1010, "一千零一十" },
        { "chineseCounting", 12003, "一万二千零三" },
        { "chineseLegalSimplified", 12, "壹拾贰" },
        { "ideographDigital", 20, "二〇" },
        { "decimalFullWidth", 12, "１２" },
        { "decimalEnclosedCircle", 20, "⑳" },
        { "decimalEnclosedCircleChinese", 21, "21" },
        { "decimalEnclosedFullstop", 1, "⒈" },
        { "ideographTraditional", 2, "乙" },
        { "ideographZodiac", 12, "亥" },
        { "decimalZero", 3, "03" },
        { "upperLetter", 28, "BB" },
        { "lowerRoman", 14, "xiv" },
        { "upperRoman", 4, "IV" },
        { "none", 4, "" },
        { "ordinalText", 4, "4" },
        { "decimal", 2147483647, "30000" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_str numbering =
            sm_strf(t->op.arena,
                    ROOT("numbering", "<w:abstractNum w:abstractNumId=\"1\"><w:lvl "
                                      "w:ilvl=\"0\"><w:start w:val=\"%d\"/><w:numFmt "
                                      "w:val=\"%s\"/><w:lvlText w:val=\"%%1\"/></w:lvl>"
                                      "</w:abstractNum>" NUM("1", "1", "")),
                    cases[i].start, cases[i].format);
        READ(t, { "word/document.xml", BODY(IN_LIST("1", "0", "")) },
             { "word/numbering.xml", sm_cstr(t->op.arena, numbering) });
        assert_str(t->l->par[0].text, cases[i].wanted);
    }
}

static void a_style_brings_its_list_and_says_its_own_indent(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY("<w:p><w:pPr><w:pStyle w:val=\"A\"/></w:pPr>" T("甲") "</w:p>") },
         { "word/styles.xml",
           ROOT("styles", STYLE("paragraph", "A",
                                "><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr><w:ind "
                                "w:left=\"400\"/></w:pPr>")) },
         { "word/numbering.xml",
           ROOT("numbering",
                "<w:abstractNum w:abstractNumId=\"1\">" LEVEL("0", "decimal", "%1.", "")
                    LEVEL("1", "upperLetter", "%2.",
                          "<w:pStyle w:val=\"A\"/><w:pPr><w:ind w:left=\"800\" "
                          "w:hanging=\"200\"/></w:pPr>") "</w:abstractNum>" NUM("1", "1", "")) });
    assert_str(t->l->par[0].text, "A.甲");
    assert_near(t->l->par[0].left, 20);
    assert_near(t->l->par[0].first, -10);
}

/* ------------------------------------------------------------- what is read */

static void changes_are_read_as_if_accepted(void **state)
{
    struct state *t = *state;
    READ_BODY(
        t,
        "<w:p><w:ins w:id=\"1\">" T(
            "甲") "</w:ins><w:del w:id=\"2\"><w:r><w:delText>x</w:delText>"
                  "</w:r></w:del><w:moveFrom>" T("y") "</w:moveFrom><w:moveTo>" T(
                      "乙") "</w:moveTo></w:p>"
                            "<w:p><w:pPr><w:jc w:val=\"right\"/><w:rPr><w:del "
                            "w:id=\"3\"/></w:rPr></w:pPr>" T(
                                "前") "</w:p><w:p><w:pPr><w:jc "
                                      "w:val=\"center\"/><w:pPrChange><w:pPr><w:jc w:val=\"left\"/>"
                                      "</w:pPr></w:pPrChange></w:pPr>" T(
                                          "后") "</w:p>"
                                                "<w:tbl><w:tr><w:trPr><w:del "
                                                "w:id=\"4\"/></w:trPr><w:tc>" P(
                                                    "去") "</w:tc></w:tr>"
                                                          "<w:tr><w:tc><w:p><w:pPr><w:rPr><w:del/"
                                                          "></w:rPr></w:pPr>" T(
                                                              "末") "</w:p></w:tc></w:tr>"
                                                                    "</w:tbl>");
    assert_string_equal(shape_of(t), "P[甲乙] P[前后] C0.1.0[末]");
    assert_int_equal(t->l->par[1].align, SM_ALIGN_CENTER);
    assert_int_equal(t->l->par[1].n_runs, 2);
    assert_true(t->l->flags & SM_LAYOUT_CHANGES);
}

static void hidden_text_is_left_out_and_links_and_controls_are_entered(void **state)
{
    struct state *t = *state;
    READ_BODY(
        t,
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:hyperlink r:id=\"q\">" T(
            "甲") "</w:hyperlink><w:smartTag><w:sdt><w:sdtPr><w:rPr><w:b/></w:rPr></"
                  "w:sdtPr><w:sdtContent>" T(
                      "乙") "</w:sdtContent></w:sdt></"
                            "w:smartTag><w:r><w:sym w:font=\"Wingdings\" "
                            "w:char=\"F0FE\"/>"
                            "<w:noBreakHyphen/></w:r><w:r><w:ruby><w:rt>" T(
                                "z") "</w:rt><w:rubyBase>" T("丙") "</"
                                                                   "w:"
                                                                   "rubyBase"
                                                                   "></"
                                                                   "w:ruby><"
                                                                   "/w:r><w:"
                                                                   "r><w:"
                                                                   "commentR"
                                                                   "eference"
                                                                   " w:id="
                                                                   "\"1\"/"
                                                                   "></"
                                                                   "w:r></"
                                                                   "w:p>"
                                                                   "<w:sdt><"
                                                                   "w:"
                                                                   "sdtConte"
                                                                   "nt>" P("丁") "</w:sdtContent></"
                                                                                 "w:sdt>");
    assert_string_equal(shape_of(t), "P[甲乙☑-丙] P[丁]");
    assert_true(t->l->flags & SM_LAYOUT_COMMENTS);
}

static void fields_say_what_is_computed(void **state)
{
    struct state *t = *state;
#define CHAR(type) "<w:r><w:fldChar w:fldCharType=\"" type "\"/></w:r>"
#define CODE(text) "<w:r><w:instrText> " text " </w:instrText></w:r>"
    READ_BODY(t, "<w:p>" T("— ") CHAR("begin") CODE("PAGE  \\* MERGEFORMAT") CHAR("separate") T("3")
                     CHAR("end") T("—") "</w:p><w:p><w:fldSimple w:instr=\" NUMPAGES \">" T(
                         "9") "</w:fldSimple></w:p><w:p>" CHAR("begin") CODE("HYPERLINK x")
                         CHAR("separate") T("链") CHAR("end") "</w:p><w:p>" CHAR("begin")
                             CODE("PAGE") CHAR("end") "</w:p><w:p>" CHAR("begin") CODE("IF")
                                 CHAR("begin") CODE("PAGE") CHAR("separate") T("1") CHAR("end")
                                     CHAR("separate") T("果") CHAR("end") "</w:p>");
    assert_string_equal(shape_of(t), "P[—3—] P[9] P[链] P[] P[果]");
    const sm_par *p = t->l->par;
    assert_str(p[0].run[0].field, "");
    assert_str(p[0].run[1].field, "PAGE");
    assert_str(p[0].run[2].field, "");
    assert_str(p[1].run[0].field, "NUMPAGES");
    assert_str(p[2].run[0].field, "");
    assert_int_equal(p[3].n_runs, 1);
    assert_str(p[3].run[0].field, "PAGE");
    assert_str(p[4].run[0].field, "IF");
}

#define MC_NS "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\""

static void a_text_box_is_read_once_behind_its_anchor(void **state)
{
    struct state *t = *state;
    READ_BODY(
        t,
        "<w:p>" T(
            "锚") "<w:r><mc:AlternateContent " MC_NS "><mc:Choice Requires=\"wps\"><w:drawing>"
                  "<wps:txbx xmlns:wps=\"x\"><w:txbxContent>" P("文件") "<w:tbl><w:tr><w:tc>" P(
                      "格") "</w:tc></w:tr></w:tbl></w:txbxContent></wps:txbx></w:drawing></"
                            "mc:Choice><mc:Fallback>"
                            "<w:pict><v:textbox xmlns:v=\"y\"><w:txbxContent>" P(
                                "文件") "</w:txbxContent></v:textbox></w:pict></mc:Fallback></"
                                        "mc:AlternateContent></w:r>" T("尾") "</"
                                                                             "w:p><w:p><w:r><mc:"
                                                                             "AlternateContent"
                                                                             " " MC_NS
                                                                             "><mc:Fallback><w:t>"
                                                                             "退</w:t></"
                                                                             "mc:Fallback>"
                                                                             "</"
                                                                             "mc:AlternateContent><"
                                                                             "/w:r></w:p>");
    assert_string_equal(shape_of(t), "P[锚尾] X[文件] C0.0.0[格] P[退]");
    assert_int_equal(t->l->n_body, 4);
    assert_int_equal(t->l->par[1].table, -1);
}

static void tables_count_rows_and_columns_of_the_grid(void **state)
{
    struct state *t = *state;
#define CELL(props, text) "<w:tc><w:tcPr>" props "</w:tcPr>" text "</w:tc>"
    READ_BODY(
        t,
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"T\"/></w:tblPr><w:tr>" CELL(
            "<w:gridSpan w:val=\"2\"/>", P("甲"))
            CELL("",
                 P("乙") "<w:p/>") "</w:tr><w:tr><w:trPr>"
                                   "<w:gridBefore w:val=\"1\"/></w:trPr>" CELL(
                                       "",
                                       "<w:tbl><w:tr>" CELL("", P("内")) "</w:tr></w:tbl>" P(
                                           "丙")) "</w:tr></w:tbl>" P("后") "<w:tbl><w:"
                                                                            "tr>" CELL(
                                                                                "",
                                                                                P("丁")) "</w:tr></"
                                                                                         "w:tbl>");
    assert_string_equal(shape_of(t), "C0.0.0[甲] C0.0.2[乙] C0.0.2[] C1.0.0[内] C0.1.1[丙] P[后] "
                                     "C2.0.0[丁]");
    assert_int_equal(t->l->par[5].table, -1);
}

static void headers_footers_and_notes_stand_behind_the_body(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY(P("文") "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"f1\"/>"
                        "<w:footerReference w:type=\"even\" r:id=\"f2\"/><w:headerReference "
                        "w:type=\"first\" r:id=\"h\"/></w:sectPr>") },
         OWN_RELATIONS(RELATION("f1", "footer", "footer1.xml") RELATION(
             "f2", "footer", "/word/f/../footer2.xml") RELATION("h", "header", "header1.xml")
                           RELATION("n", "footnotes", "footnotes.xml")),
         { "word/footer1.xml", ROOT("ftr", P("单")) }, { "word/footer2.xml", ROOT("ftr", P("双")) },
         { "word/header1.xml", ROOT("hdr", P("首")) }, { "word/header9.xml", ROOT("hdr", P("无")) },
         { "word/footnotes.xml",
           ROOT("footnotes", "<w:footnote w:type=\"separator\" w:id=\"0\">" P(
                                 "x") "</w:footnote>"
                                      "<w:footnote w:id=\"2\">" P("注") "</w:footnote>") });
    assert_string_equal(shape_of(t), "P[文] F[单] F[双] H[首] N[注]");
    assert_int_equal(t->l->n_body, 1);
    assert_int_equal(t->l->par[1].pages, SM_PAGES_ALL);
    assert_int_equal(t->l->par[2].pages, SM_PAGES_EVEN);
    assert_int_equal(t->l->par[3].pages, SM_PAGES_FIRST);
    assert_str(t->l->part[t->l->par[2].part], "word/footer2.xml");
}

static void lines_are_seen_as_borders_drawings_and_old_drawings(void **state)
{
    struct state *t = *state;
#define DRAWN(geometry, cx, cy, colour)                                                     \
    "<w:p><w:r><w:drawing><wps:wsp xmlns:wps=\"x\" xmlns:a=\"y\"><wps:spPr><a:xfrm><a:ext " \
    "cx=\"" cx "\" cy=\"" cy "\"/></a:xfrm><a:prstGeom prst=\"" geometry                    \
    "\"/><a:ln><a:solidFill><a:srgbClr val=\"" colour                                       \
    "\"/></a:solidFill></a:ln></wps:spPr></wps:wsp></w:drawing></w:r></w:p>"
#define OLD(shape) "<w:p><w:r><w:pict><v:" shape " xmlns:v=\"v\"/></w:pict></w:r></w:p>"
    READ_BODY(
        t,
        "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\"/><w:bottom w:val=\"single\" "
        "w:color=\"FF0000\"/></w:pBdr></w:pPr></w:p>"
        "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"nil\"/></w:pBdr></w:pPr></w:p>" DRAWN(
            "line", "5616000", "0", "FF0000") DRAWN("line", "100", "561600", "FF0000")
            DRAWN("rect", "5616000", "36000", "ff0000") DRAWN(
                "rect", "5616000", "3600000",
                "FF0000") OLD("line from=\"0,12pt\" to=\"442pt,12pt\" strokecolor=\"red\"")
                OLD("line from=\"0,12pt\" to=\"0,200pt\" strokecolor=\"red\"") OLD(
                    "shape type=\"#_x0000_t32\" style=\"position:absolute;width:442pt;height:0\" "
                    "strokecolor=\"#f00 [3]\""));
    assert_string_equal(shape_of(t), "P[]_ P[] P[]_ P[] P[]_ P[] P[]_ P[] P[]_");
    for (size_t i = 0; i < t->l->n_pars; i++)
        if (t->l->par[i].ruled)
            assert_int_equal(t->l->par[i].rule_colour, 0xff0000);
}

static void properties_and_flags_say_what_the_file_is(void **state)
{
    struct state *t = *state;
    READ(t, { "word/document.xml", BODY(P("文")) },
         OWN_RELATIONS(RELATION("l", "hyperlink", "http://a\" TargetMode=\"External")
                           RELATION("i", "image", "http://a/b.png\" TargetMode=\"External")),
         { "docProps/core.xml",
           "<cp:coreProperties xmlns:cp=\"x\" xmlns:dc=\"y\"><dc:title> 题 "
           "</dc:title><dc:creator>某</dc:creator><cp:revision/></cp:coreProperties>" },
         { "docProps/app.xml", "<Properties><Application>WPS Office</Application><TitlesOfParts>x"
                               "</TitlesOfParts></Properties>" },
         { "docProps/custom.xml", "<Properties xmlns:vt=\"v\"><property name=\"AIGC\"><vt:lpwstr>{}"
                                  "</vt:lpwstr></property></Properties>" },
         { "word/vbaProject.bin", "x" }, { "_xmlsignatures/sig1.xml", "x" });
    static const char *const wanted[] = { "title=题", "creator=某", "Application=WPS Office",
                                          "AIGC={}" };
    assert_int_equal(t->l->n_props, SM_LEN(wanted));
    for (size_t i = 0; i < SM_LEN(wanted); i++)
        assert_str(sm_strf(t->op.arena, "%.*s=%.*s", SM_ARG(t->l->prop[i].name),
                           SM_ARG(t->l->prop[i].value)),
                   wanted[i]);
    assert_int_equal(t->l->flags, SM_LAYOUT_MACROS | SM_LAYOUT_EXTERNAL | SM_LAYOUT_SEALED);
    READ(t, { "word/document.xml", BODY(P("文")) },
         OWN_RELATIONS(RELATION("l", "hyperlink", "http://a\" TargetMode=\"External")));
    assert_int_equal(t->l->flags, 0);
}

static void strict_and_foreign_namespaces_and_odd_prefixes_read_alike(void **state)
{
    struct state *t = *state;
    static const char *const documents[] = {
        "<document "
        "xmlns=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><body><p><r><t>甲</t></r>"
        "</p></body></document>",
        "<ns0:document xmlns:ns0=\"http://purl.oclc.org/ooxml/wordprocessingml/main\" "
        "xmlns:a=\"a\">"
        "<ns0:body><ns0:p><ns0:r><a:t>x</a:t><ns0:t>甲</ns0:t></ns0:r></ns0:p></ns0:body></"
        "ns0:document>",
        "<w:document xmlns:w=\"http://vendor.example/w\" "
        "xmlns:wpsCustomData=\"http://www.wps.cn/x\">"
        "<w:body><w:p><w:pPr><wpsCustomData:q/></w:pPr><w:r><w:t>甲</w:t></w:r></w:p></w:body></"
        "w:document>",
    };
    for (size_t i = 0; i < SM_LEN(documents); i++) {
        READ(t, { "word/document.xml", documents[i] });
        assert_string_equal(shape_of(t), "P[甲]");
    }
    const struct part elsewhere[] = {
        TYPES,
        { "_rels/.rels", RELATIONS(RELATION("x", "officeDocument", "/office/main2.xml")) },
        { "office/main2.xml", BODY(P("甲")) },
    };
    read_parts(t, elsewhere, SM_LEN(elsewhere));
    assert_str(t->l->part[0], "office/main2.xml");
    assert_int_equal(read_bytes(t, "其实是.wps", zip_of(t, elsewhere, SM_LEN(elsewhere))), SM_OK);
}

/* ------------------------------------------------------------ what is refused */

static sm_str wide(struct state *t, const char *name)
{
    sm_buf b;
    sm_buf_init(&b, 1000);
    sm_buf_add(&b, SM_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....."));
    for (; *name; name++) {
        sm_buf_addc(&b, *name);
        sm_buf_addc(&b, 0);
    }
    sm_str s = { 0 };
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    return s;
}

static void files_that_cannot_be_read_are_told_what_to_do(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *name, *bytes, *says;
        sm_rc rc;
    } cases[] = {
        { "空.docx", "", "是空的", SM_E_INVALID },
        { "a.rtf", "{\\rtf1 x}", "RTF", SM_E_INVALID },
        { "扫描.docx", "\x89PNG\r\n", "文字识别", SM_E_INVALID },
        { "a.jpg", "\xff\xd8\xff\xe0", "扫描件", SM_E_INVALID },
        { "a.ceb", "Founder CEB 3", "OFD、PDF", SM_E_INVALID },
        { "a.txt", "\xff\xfe\x2d", "UTF-16", SM_E_INVALID },
        { "a.doc", "<?xml version='1.0'?><w:wordDocument/>", "另存为 DOCX", SM_E_INVALID },
        { "断.docx", "不是 zip", "改过扩展名", SM_E_CORRUPT },
        { "a.pdf", "oops", "改过扩展名", SM_E_CORRUPT },
        { "断.docx", "PK\x03\x04 then nothing", "找不到压缩包的结尾", SM_E_CORRUPT },
        { "a.jsonl", "{\"a\":1}", "另存为 DOCX", SM_E_INVALID },
        { "a.txt", "\x01\xff\xff\xff", "UTF-8", SM_E_CORRUPT },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_refused(t, cases[i].name, sm_str_of(cases[i].bytes), cases[i].rc, cases[i].says);
    assert_refused(t, "旧.doc", wide(t, "WordDocument"), SM_E_INVALID, "旧版 .doc 或 .wps");
    assert_refused(t, "密.docx", wide(t, "EncryptedPackage"), SM_E_INVALID, "取消密码");
    assert_refused(t, "表.et", wide(t, "Workbook"), SM_E_INVALID, "XLSX");
    assert_refused(t, "残.wps", wide(t, "Oops"), SM_E_INVALID, "残缺");
}

static void a_truncated_document_is_never_half_read(void **state)
{
    struct state *t = *state;
    const struct part parts[] = { TYPES,
                                  MAIN_RELATION,
                                  { "word/document.xml", BODY(P("甲") P("乙")) } };
    sm_str whole = zip_of(t, parts, SM_LEN(parts));
    for (size_t n = 1; n < whole.n; n += 7) {
        assert_int_not_equal(read_bytes(t, "断.docx", sm_str_sub(whole, 0, n)), SM_OK);
        assert_null(t->l);
        assert_true(t->op.msg.n > 0);
    }
}

#define REFUSE(t, rc, says, ...)                                                \
    do {                                                                        \
        const struct part parts[] = { TYPES, __VA_ARGS__ };                     \
        assert_refused(t, "a.docx", zip_of(t, parts, SM_LEN(parts)), rc, says); \
    } while (0)

static void packages_that_lack_or_double_parts_are_refused(void **state)
{
    struct state *t = *state;
    REFUSE(t, SM_E_CORRUPT, "缺少部件 word/document.xml", { "word/x.xml", "<x/>" });
    REFUSE(t, SM_E_CORRUPT, "缺少部件 word/styles.xml", MAIN_RELATION,
           { "word/document.xml", BODY(P("甲")) }, OWN_RELATIONS(STYLES_RELATION));
    REFUSE(t, SM_E_CORRUPT, "缺少部件", MAIN_RELATION,
           { "word/document.xml",
             BODY(P("甲") "<w:sectPr><w:headerReference r:id=\"gone\"/></w:sectPr>") });
    REFUSE(t, SM_E_CORRUPT, "指向包外", MAIN_RELATION, { "word/document.xml", BODY(P("甲")) },
           { "word/../../etc/passwd", "x" });
    REFUSE(t, SM_E_CORRUPT, "指向包外", { "/etc/passwd", "x" });
    REFUSE(t, SM_E_CORRUPT, "DOCTYPE", MAIN_RELATION,
           { "word/document.xml", "<!DOCTYPE x [<!ENTITY a \"aaa\">]><w:document/>" });
    REFUSE(t, SM_E_CORRUPT, "不是合格的 XML", MAIN_RELATION,
           { "word/document.xml", "<w:document>" });
    REFUSE(t, SM_E_INVALID, "演示文稿", { "ppt/presentation.xml", "<x/>" });
    const struct part nothing[] = { { "a.txt", "x" } };
    assert_refused(t, "a.docx", zip_of(t, nothing, 1), SM_E_INVALID, "没有文档正文");
    /* two of a name: libzip writes none, so one is renamed by its bytes */
    const struct part twice[] = { TYPES,
                                  MAIN_RELATION,
                                  { "word/document.xml", BODY(P("甲")) },
                                  { "word/documenx.xml", BODY(P("乙")) } };
    sm_str bytes = zip_of(t, twice, SM_LEN(twice));
    for (size_t at = 0; (at = sm_str_find(bytes, SM_STR("documenx"), at)) != SIZE_MAX;)
        ((char *)(uintptr_t)bytes.p)[at + 7] = 't';
    assert_int_not_equal(read_bytes(t, "a.docx", bytes), SM_OK);
}

static const char *repeat(struct state *t, const char *before, const char *one, size_t n,
                          const char *after)
{
    sm_buf b;
    sm_buf_init(&b, 512 << 20);
    sm_buf_add(&b, sm_str_of(before));
    for (size_t i = 0; i < n; i++)
        sm_buf_add(&b, sm_str_of(one));
    sm_buf_add(&b, sm_str_of(after));
    sm_str s = { 0 };
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    return sm_cstr(t->op.arena, s);
}

#define DOCUMENT_BEGIN "<w:document " W_NS "><w:body>"
#define DOCUMENT_END   "</w:body></w:document>"

static void bombs_and_depths_and_masses_are_over_limits(void **state)
{
    struct state *t = *state;
    REFUSE(t, SM_E_LIMIT, "嵌套超过", MAIN_RELATION,
           { "word/document.xml", repeat(t, DOCUMENT_BEGIN, "<w:p>", 5000, "") });
    REFUSE(t, SM_E_LIMIT, "压缩炸弹", MAIN_RELATION,
           { "word/document.xml", repeat(t, DOCUMENT_BEGIN, " ", 30 << 20, DOCUMENT_END) });
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    limits.blocks = 1000;
    limits.zip_ratio = SIZE_MAX;
    static const char *const ones[] = { "<w:p/>", "<w:r><w:t>a</w:t></w:r>" };
    static const char *const says[] = { "段落超过 1000", "小段" };
    for (size_t i = 0; i < SM_LEN(ones); i++) {
        const struct part parts[] = {
            TYPES,
            MAIN_RELATION,
            { "word/document.xml", repeat(t, i ? DOCUMENT_BEGIN "<w:p>" : DOCUMENT_BEGIN, ones[i],
                                          20000, i ? "</w:p>" DOCUMENT_END : DOCUMENT_END) }
        };
        sm_op_clear(&t->op);
        assert_int_equal(
            sm_layout_read(&t->op, "多.docx", zip_of(t, parts, 3), SM_FORMAT_AUTO, &limits, &t->l),
            SM_E_LIMIT);
        assert_says(t, says[i]);
    }
    REFUSE(t, SM_E_LIMIT, "样式超过", MAIN_RELATION, { "word/document.xml", BODY(P("甲")) },
           { "word/styles.xml",
             repeat(t, "<w:styles>", "<w:style w:styleId=\"a\"/>", 10001, "</w:styles>") });
    REFUSE(t, SM_E_LIMIT, "自动编号超过", MAIN_RELATION, { "word/document.xml", BODY(P("甲")) },
           { "word/numbering.xml",
             repeat(t, "<w:numbering>", "<w:num w:numId=\"1\"/>", 20001, "</w:numbering>") });
}

static void elements_nested_as_nobody_would_do_no_harm(void **state)
{
    struct state *t = *state;
    static const char *const bodies[] = {
        "<w:p><w:pPr><w:p/><w:jc w:val=\"left\"/></w:pPr></w:p>",
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>a<w:p><w:pPr><w:rPr><w:del/></"
        "w:rPr></w:pPr>"
        "<w:r><w:t>b</w:t></w:r></w:p>c</w:t></w:r></w:p>",
        "<w:tr><w:tc><w:tc/></w:tc></w:tr><w:tc/><w:gridSpan/><w:sectPr><w:p/><w:tbl/></w:sectPr>",
        "<w:p><w:r><w:rPr><w:p/></w:rPr><w:t>a<w:t>b</w:t>c</w:t></w:r></w:p>",
        "<w:r><w:t>a</w:t></w:r><w:rPr/><w:fldChar w:fldCharType=\"end\"/>",
        "<w:p><w:r><w:fldChar "
        "w:fldCharType=\"begin\"/><w:txbxContent><w:p><w:pPr><w:sectPr/></w:pPr>"
        "</w:p></w:txbxContent></w:r></w:p>",
        "<w:p><w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:r><w:t>b</"
        "w:t>"
        "</w:r></w:p><w:p/>",
        "<w:tbl><w:trPr><w:del/></w:trPr><w:tr><w:trPr><w:p/><w:del/></w:trPr></w:tr></w:tbl>",
    };
    for (size_t i = 0; i < SM_LEN(bodies); i++)
        READ(t, { "word/document.xml",
                  sm_cstr(t->op.arena,
                          sm_strf(t->op.arena, DOCUMENT_BEGIN "%s" DOCUMENT_END, bodies[i])) });
}

/* ------------------------------------------------------------------ JSON */

static sm_str dump(struct state *t, const sm_layout *l)
{
    json_t *j = sm_layout_json(l);
    sm_json_own(t->op.arena, j);
    return sm_json_dump(t->op.arena, j);
}

static sm_layout *back(struct state *t, sm_str text)
{
    json_t *j;
    sm_layout *l = NULL;
    sm_op_clear(&t->op);
    assert_int_equal(sm_json_parse(&t->op, text, "layout", &j), SM_OK);
    sm_layout_parse(&t->op, j, &l);
    return l;
}

static void assert_same_run(const sm_run *a, const sm_run *b)
{
    assert_true(sm_str_eq(a->text, b->text) && sm_str_eq(a->font, b->font) &&
                sm_str_eq(a->latin, b->latin) && sm_str_eq(a->field, b->field));
    assert_memory_equal(&a->size, &b->size, sizeof(a->size));
    assert_true(a->bold == b->bold && a->italic == b->italic && a->underlined == b->underlined &&
                a->colour == b->colour && a->part == b->part && a->at == b->at &&
                a->n_at == b->n_at);
}

static void a_layout_comes_back_from_json_as_it_was(void **state)
{
    struct state *t = *state;
    READ(t,
         { "word/document.xml",
           BODY("<w:p><w:pPr><w:ind w:firstLineChars=\"200\"/><w:spacing w:line=\"579\" "
                "w:lineRule=\"exact\"/></w:pPr><w:r><w:rPr><w:sz w:val=\"31\"/><w:b/></w:rPr>"
                "<w:t>甲\"\\</w:t></w:r>" T("乙") "</w:p><w:tbl><w:tr><w:tc>" P(
                    "格") "</w:tc></w:tr></w:tbl>" SECTION("")) },
         { "docProps/core.xml", "<c:p xmlns:c=\"c\"><c:title>题</c:title></c:p>" });
    const sm_layout *l = t->l, *m = back(t, dump(t, t->l));
    assert_non_null(m);
    assert_true(m->format == l->format && m->flags == l->flags && m->n_body == l->n_body);
    assert_int_equal(m->n_pars, l->n_pars);
    assert_int_equal(m->n_props, 1);
    assert_str(m->prop[0].value, "题");
    assert_memory_equal(m->section, l->section, sizeof(*l->section));
    for (size_t i = 0; i < l->n_pars; i++) {
        const sm_par *a = &l->par[i], *b = &m->par[i];
        assert_true(sm_str_eq(a->text, b->text) && a->n_runs == b->n_runs);
        for (size_t k = 0; k < a->n_runs; k++)
            assert_same_run(&a->run[k], &b->run[k]);
        assert_memory_equal(&a->first, &b->first, sizeof(double));
        assert_memory_equal(&a->line, &b->line, sizeof(double));
        assert_true(a->place == b->place && a->table == b->table && a->row == b->row &&
                    a->col == b->col && a->at == b->at && a->n_at == b->n_at);
    }
    assert_true(sm_str_eq(dump(t, l), dump(t, m)));
}

static void a_layout_that_breaks_its_promises_is_not_taken(void **state)
{
    struct state *t = *state;
#define HEAD(sections)                                                                \
    "\"flags\":0,\"n_pages\":0,\"props\":[],\"parts\":[\"a\"],\"sections\":" sections \
    ",\"looks\":[[\"\",\"\",\"\",0.0,0,0,0,0]]"
    static const char *const cases[] = {
        "{}",
        "{\"format\":\"docx\",\"n_body\":2," HEAD("[{}]") ",\"pars\":[{\"text\":\"a\"}]}",
        "{\"format\":\"docx\",\"n_body\":0," HEAD("[]") ",\"pars\":[]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD("[{}]") ",\"pars\":[{\"text\":\"a\\nb\"}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"a\",\"section\":1}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"a\",\"place\":9}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"a\",\"runs\":[[1,0,1,0,0,0]]}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"a\",\"runs\":[[0,0,2,0,0,0]]}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"甲\",\"runs\":[[0,1,2,0,0,0]]}]}",
        "{\"format\":\"docx\",\"n_body\":1," HEAD(
            "[{}]") ",\"pars\":[{\"text\":\"a\",\"runs\":[[0,0,1,1,0,0]]}]}",
    };
    assert_non_null(
        back(t, SM_STR("{\"format\":\"docx\",\"n_body\":1," HEAD(
                    "[{}]") ",\"pars\":[{\"text\":\"甲\",\"runs\":[[0,0,3,0,0,0]]}]}")));
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        assert_null(back(t, sm_str_of(cases[i])));
        assert_int_equal(t->op.rc, SM_E_CORRUPT);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_line_of_a_text_is_a_paragraph_and_empty_ones_too),
        TEST(a_converted_text_has_no_places),
        TEST(headings_and_tables_of_pages_and_markdown_come_out),
        TEST(a_run_says_where_its_text_stands_in_the_part),
        TEST(text_that_is_not_written_plainly_has_no_place),
        TEST(looks_come_from_defaults_styles_and_the_run_itself),
        TEST(styles_based_on_one_another_in_a_ring_end),
        TEST(fonts_of_the_theme_are_named),
        TEST(indents_in_characters_win_and_spacing_has_three_rules),
        TEST(sections_have_pages_margins_and_a_grid),
        TEST(pages_break_before_what_stands_behind_the_break),
        TEST(a_file_that_was_saved_with_its_pages_tells_them),
        TEST(labels_of_lists_are_written_out),
        TEST(numbers_are_written_in_every_way_that_documents_use),
        TEST(a_style_brings_its_list_and_says_its_own_indent),
        TEST(changes_are_read_as_if_accepted),
        TEST(hidden_text_is_left_out_and_links_and_controls_are_entered),
        TEST(fields_say_what_is_computed),
        TEST(a_text_box_is_read_once_behind_its_anchor),
        TEST(tables_count_rows_and_columns_of_the_grid),
        TEST(headers_footers_and_notes_stand_behind_the_body),
        TEST(lines_are_seen_as_borders_drawings_and_old_drawings),
        TEST(properties_and_flags_say_what_the_file_is),
        TEST(strict_and_foreign_namespaces_and_odd_prefixes_read_alike),
        TEST(files_that_cannot_be_read_are_told_what_to_do),
        TEST(a_truncated_document_is_never_half_read),
        TEST(packages_that_lack_or_double_parts_are_refused),
        TEST(bombs_and_depths_and_masses_are_over_limits),
        TEST(elements_nested_as_nobody_would_do_no_harm),
        TEST(a_layout_comes_back_from_json_as_it_was),
        TEST(a_layout_that_breaks_its_promises_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
