#include "format/official.h"
#include "laid_test.h"

#include <sys/wait.h>
#include <unistd.h>

#define NS "xmlns:ofd=\"http://www.ofdspec.org/2016\""
#define ENTRANCE                                                                                    \
    "<ofd:OFD " NS " Version=\"1.1\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo>"                    \
    "<ofd:DocID>1</ofd:DocID><ofd:Title>检查通知</ofd:Title><ofd:Author>办公室</ofd:Author>" \
    "</ofd:DocInfo><ofd:DocRoot>D/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
#define DOCUMENT(common, pages)                                                       \
    "<ofd:Document " NS "><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297" \
    "</ofd:PhysicalBox></ofd:PageArea>" common "</ofd:CommonData><ofd:Pages>" pages   \
    "</ofd:Pages></ofd:Document>"
#define ONE_PAGE  "<ofd:Page ID=\"1\" BaseLoc=\"P/0.xml\"/>"
#define TWO_PAGES ONE_PAGE "<ofd:Page ID=\"2\" BaseLoc=\"P/1.xml\"/>"
#define PAGE(objects)                                                                         \
    "<ofd:Page " NS "><ofd:Content><ofd:Layer ID=\"3\">" objects "</ofd:Layer></ofd:Content>" \
    "</ofd:Page>"
#define FONTS                                                                                   \
    "<ofd:Res " NS "><ofd:Fonts><ofd:Font ID=\"5\" FontName=\"仿宋_GB2312\"/>"                \
    "<ofd:Font ID=\"6\" FontName=\"黑体\" Bold=\"true\"/></ofd:Fonts>"                        \
    "<ofd:DrawParams><ofd:DrawParam ID=\"7\"><ofd:FillColor Value=\"255 0 0\"/>"                \
    "</ofd:DrawParam><ofd:DrawParam ID=\"8\" Relative=\"7\"/></ofd:DrawParams>"                 \
    "<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID=\"9\" Width=\"50\" Height=\"10\">" \
    "<ofd:Content>" TEXT(                                                                       \
        "0 0 50 10", "", "0", "5", "",                                                          \
        "组合") "</ofd:Content>"                                                                \
                "</ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
#define TEXT(box, more, x, y, code, text)                                      \
    "<ofd:TextObject Boundary=\"" box "\" Font=\"5\" Size=\"5.644\" " more ">" \
    "<ofd:TextCode X=\"" x "\" Y=\"" y "\" " code ">" text "</ofd:TextCode></ofd:TextObject>"
#define LINE(box, data)                                                                        \
    "<ofd:PathObject Boundary=\"" box "\"><ofd:AbbreviatedData>" data "</ofd:AbbreviatedData>" \
    "</ofd:PathObject>"

static sm_rc read_parts(struct state *t, const struct part *parts, size_t n,
                        const sm_format_limits *limits)
{
    static const sm_format_limits standard = SM_FORMAT_LIMITS_INIT;
    return read_with(t, sm_ofd_layout, SM_FORMAT_OFD, "a.ofd", zip_of(t, parts, n),
                     limits ? limits : &standard);
}

static sm_rc read_page(struct state *t, const char *page)
{
    const struct part parts[] = {
        { "OFD.xml", ENTRANCE },
        { "D/Document.xml", DOCUMENT("<ofd:PublicRes>R.xml</ofd:PublicRes>", ONE_PAGE) },
        { "D/R.xml", FONTS },
        { "D/P/0.xml", page },
    };
    return read_parts(t, parts, SM_LEN(parts), NULL);
}

static void assert_page(struct state *t, const char *page, const char *wanted)
{
    if (read_page(t, page) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_string_equal(shape_of(t), wanted);
}

/* ------------------------------------------------------------------ text */

static void glyphs_stand_where_offsets_and_matrices_put_them(void **state)
{
    struct state *t = *state;
    assert_page(t,
                PAGE(TEXT("28 40 100 6", "", "0", "5", "DeltaX=\"g 3 5.6 11.2\"", "公文格式　甲")),
                "P[公文格式　甲]");
    assert_true(t->l->par[0].x == 28);
    assert_true(t->l->par[0].wide > 33 && t->l->par[0].wide < 45);
    assert_true(t->l->par[0].run[0].size == 16);
    assert_true(sm_str_eq(t->l->par[0].run[0].font, SM_STR("仿宋_GB2312")));
    /* The second is drawn first, at twice the size by its matrix. */
    assert_page(
        t,
        PAGE("<ofd:TextObject Boundary=\"61.872 40 50 12\" Font=\"6\" Size=\"1\" "
             "CTM=\"5.644 0 0 5.644 0 0\"><ofd:FillColor Value=\"255 0 0\"/>"
             "<ofd:TextCode X=\"0\" Y=\"0.886\" DeltaX=\"1\">乙丙</ofd:TextCode>"
             "</ofd:TextObject>" TEXT("50 40 20 6", "", "0", "5", "DeltaX=\"5.644\"", "前甲")),
        "P[前甲乙丙]");
    const sm_par *p = &t->l->par[0];
    assert_int_equal(p->n_runs, 2);
    assert_int_equal(p->run[1].colour, 0xff0000);
    assert_int_equal(p->run[1].bold, 1);
    assert_true(p->run[1].size == 16);
    assert_int_equal(p->run[0].colour, SM_COLOUR_AUTO);
}

static void gaps_become_blanks_and_doubles_become_bold(void **state)
{
    struct state *t = *state;
    assert_page(t,
                PAGE(TEXT("28 40 40 6", "", "0", "5", "DeltaX=\"5.644\"", "甲乙")
                         TEXT("28.3 40 40 6", "", "0", "5", "DeltaX=\"5.644\"", "甲乙")
                             TEXT("60 40.5 40 6", "", "0", "5", "DeltaX=\"5.644\"", "丙丁")),
                "P[甲乙 丙丁]");
    assert_int_equal(t->l->par[0].run[0].bold, 1);
    /* Set wide apart in one piece: that is how it looks, not what it says. */
    assert_page(t, PAGE(TEXT("28 40 140 6", "", "0", "5", "DeltaX=\"g 3 20\"", "人民政府")),
                "P[人民政府]");
}

static void no_offsets_and_bad_offsets_do_no_harm(void **state)
{
    struct state *t = *state;
    assert_page(t, PAGE(TEXT("28 40 40 6", "", "0", "5", "", "甲乙丙")), "P[甲乙丙]");
    static const char *const offsets[] = {
        "g 99999999999 5", "g -5 5", "g",  "g 3", "x", "1e99", "nan",
        "5 5 5 5 5 5 5 5", "g 0 5",  "- -"
    };
    for (size_t i = 0; i < SM_LEN(offsets); i++) {
        sm_str page = sm_strf(t->op.arena,
                              PAGE(TEXT("28 40 40 6", "", "0", "5", "DeltaX=\"%s\"", "甲乙丙丁")),
                              offsets[i]);
        assert_int_equal(read_page(t, page.p), SM_OK);
        size_t n = 0;
        for (size_t k = 0; k < t->l->n_pars; k++)
            n += t->l->par[k].text.n;
        assert_true(n >= 12);
    }
}

static void turned_text_stands_apart(void **state)
{
    struct state *t = *state;
    assert_page(t,
                PAGE(TEXT("50 100 100 100", "CTM=\"0.7 0.7 -0.7 0.7 0 0\"", "0", "5", "",
                          "内部资料") TEXT("28 40 40 6", "", "0", "5", "", "正文在此")
                         TEXT("100 40 6 40", "", "0", "5", "DeltaY=\"6\"", "竖排")
                             TEXT("28 60 40 6", "Visible=\"false\"", "0", "5", "", "不见")),
                "P[正文在此] X[内部资料] X[竖排]");
}

static void composites_templates_and_parameters_are_drawn(void **state)
{
    struct state *t = *state;
    const struct part parts[] = {
        { "OFD.xml", "\xef\xbb\xbf<OFD xmlns=\"http://www.ofdspec.org\"><DocBody>"
                     "<DocRoot>/D/Document.xml</DocRoot></DocBody></OFD>" },
        { "D/Document.xml", DOCUMENT("<ofd:PublicRes>../D/./R.xml</ofd:PublicRes>"
                                     "<ofd:TemplatePage ID=\"4\" BaseLoc=\"/D/T.xml\"/>",
                                     ONE_PAGE) },
        { "D/R.xml", FONTS },
        { "D/T.xml", PAGE(TEXT("28 20 40 6", "DrawParam=\"8\"", "0", "5", "", "红头")) },
        { "D/P/0.xml",
          "<Page><Template TemplateID=\"4\"/><Area><PhysicalBox>0 0 148 210</PhysicalBox></Area>"
          "<Content><Layer><PageBlock><CompositeObject ResourceID=\"9\" Boundary=\"28 60 50 10\" "
          "CTM=\"1 0 0 1 10 0\"/></PageBlock></Layer></Content></Page>" },
    };
    if (read_parts(t, parts, SM_LEN(parts), NULL) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_string_equal(shape_of(t), "P[红头] P[组合]");
    assert_int_equal(t->l->par[0].run[0].colour, 0xff0000);
    assert_true(t->l->par[1].x == 38);
    assert_true(t->l->section[0].wide == 148 && t->l->section[0].high == 210);
}

/* ---------------------------------------------------------------- tables */

#define CELL(x, y, text) TEXT(x " " y " 30 6", "", "0", "5", "", text)

static void tables_come_from_lines_and_merged_cells_once(void **state)
{
    struct state *t = *state;
    /* Two columns, two rows; the first row is one cell. */
    assert_page(t,
                PAGE(LINE("30 50 100 30", "M 0 0 L 100 0 L 100 30 L 0 30 C") LINE(
                    "30 65 100 0", "M 0 0 L 60 0 M 60 0 L 100 0") LINE("80 65 0 15", "S 0 0 L 0 15")
                         CELL("32", "54", "表头") CELL("32", "68", "左格") CELL("32", "40", "表前")
                             CELL("32", "90", "表后")),
                "P[表前] C0.0.0[表头] C0.1.0[左格] C0.1.1[] P[表后]");
    assert_int_equal(t->l->n_body, 5);
    /* The same, drawn as thin filled shapes; two lines in one cell are one paragraph. */
#define BAR(box, w, h)                                                                          \
    "<ofd:PathObject Boundary=\"" box "\" Stroke=\"false\" Fill=\"true\"><ofd:AbbreviatedData>" \
    "M 0 0 L " w " 0 L " w " " h " L 0 " h " C</ofd:AbbreviatedData></ofd:PathObject>"
    assert_page(t,
                PAGE(BAR("30 50 50 .4", "50", ".4") BAR("30 80 50 .4", "50", ".4")
                         BAR("30 50 .4 30", ".4", "30") BAR("55 50 .4 30", ".4", "30")
                             BAR("80 50 .4 30", ".4", "30") CELL("32", "54", "公文格式")
                                 CELL("32", "61", "标准") CELL("57", "61", "丁")),
                "C0.0.0[公文格式标准] C0.0.1[丁]");
    /* A frame and loose lines make no table. */
    assert_page(
        t,
        PAGE(LINE("20 20 170 250", "M 0 0 L 170 0 L 170 250 L 0 250 C") CELL("32", "54", "框中")),
        "P[框中]");
}

static void a_drawn_line_belongs_to_the_text_above(void **state)
{
    struct state *t = *state;
    assert_page(
        t,
        PAGE("<ofd:PathObject Boundary=\"28 50 156 1\"><ofd:StrokeColor Value=\"255 0 0\"/>"
             "<ofd:AbbreviatedData>M 0 0 L 156 0</ofd:AbbreviatedData></ofd:PathObject>" LINE(
                 "28 200 156 0", "M 0 0 L 156 0") CELL("80", "40", "文号")
                 CELL("28", "60", "正文")),
        "P[文号]_ P[正文] P[]_");
    assert_int_equal(t->l->par[0].rule_colour, 0xff0000);
    assert_int_equal(t->l->par[2].rule_colour, SM_COLOUR_AUTO);
}

/* ----------------------------------------------------- what is no text */

static void scans_ask_for_character_recognition(void **state)
{
    struct state *t = *state;
    assert_int_equal(read_page(t, PAGE("<ofd:ImageObject ResourceID=\"1\" "
                                       "Boundary=\"0 0 210 297\"/>")),
                     SM_E_INVALID);
    assert_says(t, "扫描");
    assert_says(t, "OCR");
    const struct part half[] = {
        { "OFD.xml", ENTRANCE },
        { "D/Document.xml", DOCUMENT("", TWO_PAGES) },
        { "D/P/0.xml", PAGE(CELL("28", "40", "正文")) },
        { "D/P/1.xml", PAGE("<ofd:ImageObject Boundary=\"10 10 190 270\"/>") },
    };
    assert_int_equal(read_parts(t, half, SM_LEN(half), NULL), SM_E_INVALID);
    assert_says(t, "从第 2 页起");
    assert_int_equal(read_page(t, PAGE("")), SM_E_INVALID);
    assert_int_equal(
        read_page(t, PAGE("<ofd:TextObject Boundary=\"28 40 60 6\" Font=\"5\" Size=\"5\">"
                          "<ofd:CGTransform CodePosition=\"0\" CodeCount=\"2\" GlyphCount=\"2\">"
                          "<ofd:Glyphs>12 13</ofd:Glyphs></ofd:CGTransform>"
                          "<ofd:TextCode X=\"0\" Y=\"5\">\xee\x80\x80\xee\x80\x81</ofd:TextCode>"
                          "</ofd:TextObject>")),
        SM_E_INVALID);
    assert_says(t, "字形");
}

static void seals_notes_and_properties_are_told(void **state)
{
    struct state *t = *state;
    const struct part parts[] = {
        { "OFD.xml",
          "<ofd:OFD " NS "><ofd:DocBody><ofd:DocInfo><ofd:Title> 检查通知 </ofd:Title>"
          "<ofd:CustomDatas><ofd:CustomData Name=\"AIGC\">是</ofd:CustomData></ofd:CustomDatas>"
          "</ofd:DocInfo><ofd:DocRoot>D/Document.xml</ofd:DocRoot>"
          "<ofd:Signatures>/S/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>" },
        { "D/Document.xml",
          "<ofd:Document " NS "><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
          "</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>" ONE_PAGE "</ofd:Pages>"
          "<ofd:Annotations>A/Annotations.xml</ofd:Annotations>"
          "<ofd:Attachments>A/Attachments.xml</ofd:Attachments></ofd:Document>" },
        { "D/P/0.xml", PAGE(CELL("28", "40", "正文")) },
        { "D/A/Annotations.xml", "<Annotations><Page PageID=\"1\"><FileLoc>P.xml</FileLoc></Page>"
                                 "</Annotations>" },
        { "D/A/P.xml", "<PageAnnot><Annot Type=\"Highlight\"/></PageAnnot>" },
        { "D/A/Attachments.xml", "<Attachments><Attachment Name=\"原文.xml\"/></Attachments>" },
        { "S/Signatures.xml", "<Signatures><Signature ID=\"1\"/></Signatures>" },
    };
    if (read_parts(t, parts, SM_LEN(parts), NULL) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_int_equal(t->l->flags, SM_LAYOUT_PAGES | SM_LAYOUT_SEALED | SM_LAYOUT_COMMENTS);
    assert_int_equal(t->l->n_props, 3);
    assert_true(sm_str_eq(t->l->prop[0].value, SM_STR("检查通知")));
    assert_true(sm_str_eq(t->l->prop[1].name, SM_STR("AIGC")));
    assert_true(sm_str_eq(t->l->prop[2].value, SM_STR("原文.xml")));
}

/* --------------------------------------------------------------- attacks */

static void what_is_missing_or_leads_out_is_an_error(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *entrance, *document, *part;
    } cases[] = {
        { "<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>", "<Document/>",
          "文件以外" },
        { "<OFD><DocBody><DocRoot>D/None.xml</DocRoot></DocBody></OFD>", "<Document/>",
          "缺少部件 D/None.xml" },
        { ENTRANCE, DOCUMENT("", "<Page BaseLoc=\"P/9.xml\"/>"), "缺少部件 D/P/9.xml" },
        { ENTRANCE, DOCUMENT("", "<Page BaseLoc=\"..\\..\\x\"/>"), "文件以外" },
        { ENTRANCE, DOCUMENT("<PublicRes>none</PublicRes>", ONE_PAGE), "缺少部件 D/none" },
        { ENTRANCE, "<Document/>", "没有文字" },
        { "<a/>", "<Document/>", "入口" },
        { "<OFD/>", "<Document/>", "没有文字" },
        { "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><OFD>&b;</OFD>", "<Document/>",
          "DOCTYPE" },
        { "<OFD>", "<Document/>", "XML" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        const struct part parts[] = { { "OFD.xml", cases[i].entrance },
                                      { "D/Document.xml", cases[i].document },
                                      { "D/P/0.xml", PAGE("") } };
        sm_rc rc = read_parts(t, parts, SM_LEN(parts), NULL);
        assert_true(rc == SM_E_CORRUPT || rc == SM_E_INVALID);
        assert_says(t, "a.ofd");
        assert_says(t, cases[i].part);
    }
    assert_int_equal(read_page(t, PAGE("<ofd:CompositeObject ResourceID=\"77\"/>")), SM_E_CORRUPT);
    assert_int_equal(read_page(t, "<Page><Template TemplateID=\"77\"/></Page>"), SM_E_CORRUPT);
}

static char *repeated(struct state *t, const char *before, const char *what, size_t n,
                      const char *after)
{
    sm_buf b;
    sm_str s = { 0 };
    sm_buf_init(&b, 64 << 20);
    sm_buf_add(&b, sm_str_of(before));
    for (size_t i = 0; i < n; i++)
        sm_buf_add(&b, sm_str_of(what));
    sm_buf_add(&b, sm_str_of(after));
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    return sm_cstr(t->op.arena, s);
}

static void too_much_of_anything_is_an_error(void **state)
{
    struct state *t = *state;
    const char *pages = repeated(t,
                                 "<Document><CommonData><PageArea><PhysicalBox>0 0 210 297"
                                 "</PhysicalBox></PageArea></CommonData><Pages>",
                                 ONE_PAGE, 10000, "</Pages></Document>");
    const struct part many[] = { { "OFD.xml", ENTRANCE },
                                 { "D/Document.xml", pages },
                                 { "D/P/0.xml", PAGE(CELL("28", "40", "正文")) } };
    assert_int_equal(read_parts(t, many, SM_LEN(many), NULL), SM_E_LIMIT);
    assert_says(t, "页");
    assert_int_equal(read_page(t, repeated(t, "<Page>", "<PageBlock>", 100, "</Page>")),
                     SM_E_LIMIT);
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    limits.zip_ratio = 100000;
    const struct part lines[] = {
        { "OFD.xml", ENTRANCE },
        { "D/Document.xml", DOCUMENT("", ONE_PAGE) },
        { "D/P/0.xml", repeated(t, "<ofd:Page " NS "><ofd:Content>", LINE("0 0 9 9", "M 0 0 L 9 0"),
                                20001, "</ofd:Content></ofd:Page>") },
    };
    assert_int_equal(read_parts(t, lines, SM_LEN(lines), &limits), SM_E_LIMIT);
    assert_says(t, "线条");
    /* One composite that draws itself. */
    const struct part self[] = {
        { "OFD.xml", ENTRANCE },
        { "D/Document.xml", DOCUMENT("<ofd:PublicRes>R.xml</ofd:PublicRes>", ONE_PAGE) },
        { "D/R.xml", "<Res><CompositeGraphicUnits><CompositeGraphicUnit ID=\"9\"><Content>"
                     "<CompositeObject ResourceID=\"9\"/></Content></CompositeGraphicUnit>"
                     "</CompositeGraphicUnits></Res>" },
        { "D/P/0.xml", PAGE("<ofd:CompositeObject ResourceID=\"9\"/>") },
    };
    assert_int_equal(read_parts(t, self, SM_LEN(self), NULL), SM_E_LIMIT);
    limits = (sm_format_limits)SM_FORMAT_LIMITS_INIT;
    limits.text_bytes = 5;
    assert_int_equal(read_parts(t, (const struct part[]){ { "OFD.xml", ENTRANCE } }, 1, &limits),
                     SM_E_LIMIT);
}

static void zip_bombs_are_left_early(void **state)
{
    struct state *t = *state;
    char *page = repeated(t, "<Page><Content>", "                                ", 1 << 20,
                          "</Content></Page>");
    assert_int_equal(read_page(t, page), SM_E_LIMIT);
    assert_says(t, "炸弹");
}

/* ---------------------------------------------------------- whole documents */

static const char document[] =
    "@mark 云澜市人民政府办公室文件\n"
    "@number 云政办发〔2026〕12号\n"
    "@title 云澜市人民政府办公室关于印发数字政府建设三年行动计划的通知\n"
    "@to 各区人民政府，市政府各部门，各直属机构，各有关单位，驻云各单位，市属国有企业：\n"
    "《云澜市数字政府建设三年行动计划（2026—2028年）》已经市政府同意，现印发给你们，请结合实际"
    "认真贯彻执行。执行中遇到的问题，请径向市政务服务和数据管理局反映（电话：0990-1234567）。\n"
    "@h1 一、总体要求\n"
    "@h2 （一）指导思想。坚持以人民为中心，全面提升政务服务水平，深入推进“一网通办”改革，持续"
    "优化营商环境，让企业和群众办事更加便捷高效。\n"
    "@h2 （二）工作目标。到2028年底，全市政务服务事项网上可办率达到98%以上，“一件事一次办”主题"
    "不少于120个，12345热线办结率不低于95%。\n"
    "@row 序号 | 任务 | 牵头单位 | 完成时限\n"
    "@row 1 | 建成统一的政务服务平台 | 市政务服务和数据管理局 | 2026年12月\n"
    "@row 2 | 编制数据资源目录 |  | 2027年6月\n"
    "按照上述任务分工，各单位要切实加强组织领导。\n"
    "@note 附件：1. 云澜市数字政府建设三年行动计划任务分工表及有关说明材料汇编\n"
    "@note 2. 联系方式\n"
    "@sign 云澜市人民政府办公室\n"
    "@date 2026年3月2日\n"
    "@cc "
    "抄送：市委各部门，市人大常委会办公室，市政协办公室，市监委，市中级人民法院，市人民检察院。\n"
    "@printer 云澜市人民政府办公室 | 2026年3月3日印发\n";

static sm_str made_by(struct state *t, const char *habit)
{
    const char *maker = getenv("SUNMAO_MAKE_OFD");
    char in[] = "/tmp/sunmao-test-ofd-XXXXXX";
    int fd = mkstemp(in), status = 1;
    assert_true(fd >= 0 && write(fd, document, sizeof(document) - 1) == sizeof(document) - 1);
    close(fd);
    char *out = sm_cstr(t->op.arena, sm_strf(t->op.arena, "%s.ofd", in));
    pid_t pid = fork();
    if (pid == 0) {
        execl(maker, maker, habit, in, out, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    sm_str bytes;
    assert_int_equal(sm_file_read(&t->op, out, 16 << 20, &bytes), SM_OK);
    unlink(in);
    unlink(out);
    return bytes;
}

static void assert_same_pars(struct state *t, const sm_layout *wanted, const char *habit)
{
    const sm_layout *l = t->l;
    if (l->n_body != wanted->n_body)
        fail_msg("%s: %zu paragraphs, not %zu: %s", habit, l->n_body, wanted->n_body, shape_of(t));
    for (size_t i = 0; i < l->n_body; i++) {
        const sm_par *p = &l->par[i], *w = &wanted->par[i];
        if (!sm_str_eq(p->text, w->text) || p->ruled != w->ruled || p->place != w->place ||
            p->row != w->row || p->col != w->col)
            fail_msg("%s: [%.*s], not [%.*s]", habit, SM_ARG(p->text), SM_ARG(w->text));
        for (size_t k = 0; k < p->n_runs && p->n_runs == w->n_runs; k++)
            if (p->run[k].size != w->run[k].size || p->run[k].colour != w->run[k].colour)
                fail_msg("%s: %.*s is not %.*s", habit, SM_ARG(p->run[k].text),
                         SM_ARG(w->run[k].text));
    }
}

static void every_habit_gives_the_document_that_was_set(void **state)
{
    struct state *t = *state;
    static const char *const habits[] = { "--habit=0", "--habit=1", "--habit=2",
                                          "--habit=3", "--habit=4", "--habit=5" };
    sm_layout *wanted;
    if (!getenv("SUNMAO_MAKE_OFD"))
        skip();
    assert_int_equal(sm_official_read(&t->op, "a.txt", sm_str_of(document), &wanted), SM_OK);
    for (size_t i = 0; i < SM_LEN(habits); i++) {
        sm_layout *l = NULL;
        sm_str bytes = made_by(t, habits[i]);
        sm_rc rc = sm_layout_read(&t->op, "a.ofd", bytes, SM_FORMAT_AUTO, NULL, &l);
        if (rc < 0)
            fail_msg("%.*s", SM_ARG(t->op.msg));
        t->l = l;
        assert_same_pars(t, wanted, habits[i]);
        assert_int_equal(l->n_pages, 2);
        assert_int_equal(l->n_pars - l->n_body, 2);
        assert_true(sm_str_eq(l->par[l->n_body].text, SM_STR("— 1 —")));
        assert_true(sm_str_eq(l->par[l->n_body].run[1].field, SM_STR("PAGE")));
        const sm_section *s = &l->section[0];
        assert_true(s->left > 27 && s->left < 29 && s->top > 36 && s->top < 38);
        assert_true(s->right > 25 && s->right < 27);
        const sm_par *body = &l->par[4], *title = &l->par[2];
        assert_true(body->first_chars == 2 && body->line > 28.5 && body->line < 29.5);
        assert_int_equal(title->align, SM_ALIGN_CENTER);
    }
}

static void every_cut_of_a_file_is_an_error(void **state)
{
    struct state *t = *state;
    sm_layout *l;
    if (!getenv("SUNMAO_MAKE_OFD"))
        skip();
    sm_str whole = made_by(t, "--habit=0");
    for (size_t n = 0; n < whole.n; n += whole.n / 50) {
        sm_op_clear(&t->op);
        sm_str cut = sm_str_sub(whole, 0, n);
        sm_rc rc = sm_layout_read(&t->op, "a.ofd", cut, SM_FORMAT_AUTO, NULL, &l);
        assert_true(rc == SM_E_CORRUPT || rc == SM_E_INVALID);
    }
    sm_op_clear(&t->op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(glyphs_stand_where_offsets_and_matrices_put_them),
        T(gaps_become_blanks_and_doubles_become_bold),
        T(no_offsets_and_bad_offsets_do_no_harm),
        T(turned_text_stands_apart),
        T(composites_templates_and_parameters_are_drawn),
        T(tables_come_from_lines_and_merged_cells_once),
        T(a_drawn_line_belongs_to_the_text_above),
        T(scans_ask_for_character_recognition),
        T(seals_notes_and_properties_are_told),
        T(what_is_missing_or_leads_out_is_an_error),
        T(too_much_of_anything_is_an_error),
        T(zip_bombs_are_left_early),
        T(every_habit_gives_the_document_that_was_set),
        T(every_cut_of_a_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
