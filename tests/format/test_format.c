#include "format/format.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <iconv.h>
#include <zip.h>

struct state {
    sm_op op;
    sm_document *doc;
};

static int set_up(void **state)
{
    struct state *t = calloc(1, sizeof(*t));
    sm_op_begin(&t->op);
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

static sm_rc read_bytes(struct state *t, const char *name, sm_str bytes)
{
    sm_op_clear(&t->op);
    t->doc = NULL;
    return sm_format_read(&t->op, name, bytes, SM_FORMAT_AUTO, NULL, &t->doc);
}

static sm_rc read_text(struct state *t, const char *name, const char *text)
{
    return read_bytes(t, name, sm_str_of(text));
}

static const char kinds[] = "PHRM"; /* paragraph, heading, row, margin */

/* The document as one line: P[text] H1[text] … */
static const char *shape(struct state *t)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < t->doc->n_blocks; i++) {
        const sm_block *k = &t->doc->block[i];
        sm_buf_addf(&b, "%s%c", i ? " " : "", kinds[k->kind]);
        if (k->level)
            sm_buf_addf(&b, "%d", k->level);
        sm_buf_addf(&b, "[%.*s]", SM_ARG(k->text));
    }
    sm_str s = { 0 };
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    return s.p;
}

static const char *text_of(struct state *t, sm_str s)
{
    return sm_cstr(t->op.arena, s);
}

static const char *meta_of(struct state *t, const char *name)
{
    return text_of(t, sm_document_meta(t->doc, name));
}

static void assert_says(struct state *t, const char *part)
{
    if (!sm_str_has(t->op.msg, sm_str_of(part)))
        fail_msg("message \"%.*s\" lacks \"%s\"", SM_ARG(t->op.msg), part);
}

static void assert_shape(struct state *t, const char *name, const char *text, const char *wanted)
{
    sm_rc rc = read_text(t, name, text);
    if (rc < 0)
        fail_msg("%s: %.*s", name, SM_ARG(t->op.msg));
    assert_string_equal(shape(t), wanted);
}

static void assert_fails(struct state *t, const char *name, const char *text, sm_rc rc,
                         const char *part)
{
    assert_int_equal(read_text(t, name, text), rc);
    assert_null(t->doc);
    assert_says(t, name);
    assert_says(t, part);
}

static sm_str in_gb18030(struct state *t, const char *utf8)
{
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    assert_true((intptr_t)cd != -1);
    size_t left = strlen(utf8), room = left * 4 + 16, whole = room;
    char *in = sm_cstr(t->op.arena, sm_str_of(utf8));
    char *out = sm_alloc(t->op.arena, room), *to = out;
    assert_true(iconv(cd, &in, &left, &to, &room) != (size_t)-1);
    iconv_close(cd);
    return (sm_str){ out, whole - room };
}

/* ----------------------------------------------------------- Markdown */

static void front_matter_becomes_metadata_and_unknown_names_are_kept(void **state)
{
    struct state *t = *state;
    assert_shape(
        t, "a.md",
        "---\r\nid: P01\r\ntitle: \"云澜市 \\\"购房\\\" 办法\"\r\n# 注释\r\n\r\n"
        "supersedes:\r\n来源: 'it''s'\r\nurl: http://a.cn:80/\r\n---\r\n# 题目\r\n正文。\r\n",
        "H1[题目] P[正文。]");
    assert_string_equal(meta_of(t, "id"), "P01");
    assert_string_equal(meta_of(t, "title"), "云澜市 \"购房\" 办法");
    assert_string_equal(meta_of(t, "supersedes"), "");
    assert_string_equal(meta_of(t, "来源"), "it's");
    assert_string_equal(meta_of(t, "url"), "http://a.cn:80/");
    assert_string_equal(meta_of(t, "none"), "");
    assert_int_equal(t->doc->n_meta, 5);
    assert_string_equal(text_of(t, t->doc->title), "云澜市 \"购房\" 办法");
}

static void broken_front_matter_is_refused_with_file_and_line(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "---\nid: 1\n正文\n", "第 3 行" },
        { "---\nid: 1\n# 永不结束\n", "没有配对的结束行" },
        { "---\nid: 1\nid: 2\n---\n", "第 3 行：“id”写了两次" },
        { "---\nid：1\n---\n", "第 2 行：冒号应为半角" },
        { "---\ntags:\n  - a\n---\n", "第 3 行" },
        { "---\n: x\n---\n", "第 2 行" },
        { "---\ntwo words: x\n---\n", "第 2 行" },
        { "---\n\ntitle: \"abc\n---\n", "第 3 行：引号没有配对" },
        { "---\ntitle: 'abc' d\n---\n", "第 2 行：引号没有配对" },
        { "---\ntext: |\n---\n", "第 2 行：值不能分成多行" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_fails(t, "坏.md", cases[i].text, SM_E_INVALID, cases[i].part);
}

static void markdown_headings_follow_the_number_signs(void **state)
{
    assert_shape(*state, "a.md", "# 一\n### 三 ###\n###### 六\n####### 七\n#话题\n",
                 "H1[一] H3[三] H6[六] P[####### 七] P[#话题]");
}

static void markdown_table_becomes_rows_without_its_separator(void **state)
{
    assert_shape(
        *state, "a.md",
        "标准如下：\n\n| 类别 | **金额** |\n|:---|---:|\n| `博士` | 20万元 |\n| a \\| b | |\n"
        "表后\n甲 | 乙\n--- | ---\n1 | 2\n\n一 | 二\n",
        "P[标准如下：] R[类别 | 金额] R[博士 | 20万元] R[a | b] P[表后] R[甲 | 乙] "
        "R[1 | 2] P[一 | 二]");
}

static void markdown_marks_of_emphasis_lists_and_links_are_taken_off(void **state)
{
    struct state *t = *state;
    assert_shape(t, "a.md",
                 "- **注意：**见[办法](http://a.cn/b)\n* *斜* 与 `code **x**`\n1. 第一\n"
                 "> 引文\n\n![图](a.png)。~~旧~~新\n\n---\n<!-- 看不见\n也看不见 -->\n尾",
                 "P[注意：见办法] P[斜 与 code **x**] P[1. 第一] P[引文] P[图。旧新] P[尾]");
    assert_shape(t, "a.md", "138****1234\n3 * 4 * 5\nsnake_case_name 姓名：____\n**未完 \\*星\\*",
                 "P[138****1234] P[3 * 4 * 5] P[snake_case_name 姓名：____] P[**未完 *星*]");
}

static void markdown_lines_are_joined_only_where_they_were_wrapped(void **state)
{
    assert_shape(
        *state, "a.md",
        "为吸引各类人才来本市就业创业、安居乐业，促进房地产市场平稳\n健康发展。\n第一条 甲。\n"
        "第二条 为吸引各类人才来本市就业创业、安居乐业，促进房地产\n（一）乙\n\n"
        "云澜市人民政府\n2024年3月1日\n",
        "P[为吸引各类人才来本市就业创业、安居乐业，促进房地产市场平稳健康发展。] P[第一条 甲。] "
        "P[第二条 为吸引各类人才来本市就业创业、安居乐业，促进房地产] P[（一）乙] "
        "P[云澜市人民政府] P[2024年3月1日]");
}

static void a_block_says_where_in_the_file_it_begins(void **state)
{
    struct state *t = *state;
    const char *text = "\xef\xbb\xbf# 题\n\n  正文\n";
    assert_shape(t, "a.md", text, "H1[题] P[正文]");
    assert_ptr_equal(text + t->doc->block[0].pos, strstr(text, "#"));
    assert_ptr_equal(text + t->doc->block[1].pos, strstr(text, "正"));
}

/* --------------------------------------------------------------- text */

static void plain_text_is_one_paragraph_per_line(void **state)
{
    struct state *t = *state;
    assert_shape(t, "a.txt", "　　关于办法的通知\r\n\r\n　　第一条　总则\t甲\x01\n",
                 "P[关于办法的通知] P[第一条　总则 甲]");
    assert_string_equal(text_of(t, t->doc->title), "关于办法的通知");
}

static void an_empty_file_is_an_empty_document(void **state)
{
    struct state *t = *state;
    assert_shape(t, "a.txt", "", "");
    assert_shape(t, "a.html", "", "");
    assert_shape(t, "a.md", "", "");
    assert_int_equal(t->doc->title.n, 0);
}

static void a_gb18030_file_is_converted(void **state)
{
    struct state *t = *state;
    const char *text = "云澜市人才购房补贴实施办法\n镕、㙍、𠮷 都在\n";
    assert_int_equal(read_bytes(t, "a.txt", in_gb18030(t, text)), SM_OK);
    assert_string_equal(shape(t), "P[云澜市人才购房补贴实施办法] P[镕、㙍、𠮷 都在]");
}

static void text_that_is_neither_utf8_nor_gb18030_is_corrupt(void **state)
{
    struct state *t = *state;
    assert_fails(t, "a.txt", "好的一行\n坏\xff\xff\xff的\n", SM_E_CORRUPT, "第 2 行");
    assert_int_equal(read_bytes(t, "a.txt", SM_STR("a\0b")), SM_E_CORRUPT);
    assert_says(t, "不是文本");
}

static void damaged_utf8_is_not_taken_for_gb18030(void **state)
{
    assert_fails(*state, "a.md",
                 "# 第一条 为了吸引各类人才\n创业\xe5\xae的申请人应当自网签备案之日起\n",
                 SM_E_CORRUPT, "第 2 行");
}

static void files_of_other_kinds_are_refused_with_advice(void **state)
{
    struct state *t = *state;
    assert_fails(t, "a.docx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1旧", SM_E_CORRUPT, "取消密码");
    assert_fails(t, "a.txt", "%PDF-1.7", SM_E_CORRUPT, "PDF");
    assert_fails(t, "a.txt", "\xff\xfe\x01\x02", SM_E_CORRUPT, "UTF-16");
}

static void the_format_is_guessed_by_name_and_then_by_first_bytes(void **state)
{
    (void)state;
    assert_int_equal(sm_format_guess("a/B.MD", SM_STR("")), SM_FORMAT_MARKDOWN);
    assert_int_equal(sm_format_guess("a.HTM", SM_STR("")), SM_FORMAT_HTML);
    assert_int_equal(sm_format_guess("a.jsonl", SM_STR("")), SM_FORMAT_JSONL);
    assert_int_equal(sm_format_guess("a", SM_STR("PK\x03\x04")), SM_FORMAT_DOCX);
    assert_int_equal(sm_format_guess("a", SM_STR("\n <!DOCTYPE HTML>")), SM_FORMAT_HTML);
    assert_int_equal(sm_format_guess(NULL, SM_STR("---\nid: 1")), SM_FORMAT_MARKDOWN);
    assert_int_equal(sm_format_guess("a", SM_STR("{\"a\": 1}")), SM_FORMAT_JSONL);
    assert_int_equal(sm_format_guess("a", SM_STR("通知")), SM_FORMAT_TEXT);
}

static void a_file_of_33_mb_is_over_the_limit(void **state)
{
    struct state *t = *state;
    size_t n = 33u << 20;
    char *p = malloc(n);
    assert_non_null(p);
    memset(p, 'a', n);
    assert_int_equal(read_bytes(t, "大.txt", (sm_str){ p, n }), SM_E_LIMIT);
    assert_says(t, "大.txt");
    assert_says(t, "拆分");
    free(p);
}

static void too_many_blocks_or_too_much_text_is_over_the_limit(void **state)
{
    struct state *t = *state;
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    limits.blocks = 2;
    sm_str text = SM_STR("甲\n乙\n丙\n");
    assert_int_equal(sm_format_read(&t->op, "a.txt", text, SM_FORMAT_AUTO, &limits, &t->doc),
                     SM_E_LIMIT);
    assert_says(t, "段落超过 2 个");
    sm_op_clear(&t->op);
    limits = (sm_format_limits)SM_FORMAT_LIMITS_INIT;
    limits.text_bytes = 8;
    assert_int_equal(sm_format_read(&t->op, "a.txt", text, SM_FORMAT_AUTO, &limits, &t->doc),
                     SM_E_LIMIT);
    assert_says(t, "文字超过 8 字节");
}

static void a_cancelled_operation_stops_reading(void **state)
{
    struct state *t = *state;
    atomic_bool cancel = true;
    t->op.cancel = &cancel;
    assert_int_equal(read_text(t, "a.txt", "甲\n"), SM_E_CANCELLED);
}

/* --------------------------------------------------------------- HTML */

static void html_gives_headings_paragraphs_rows_title_and_meta(void **state)
{
    struct state *t = *state;
    assert_shape(
        t, "a.html",
        "<!DOCTYPE html><html><head><title>办法 &mdash; 云澜市人民政府</title>"
        "<meta name=\"PubDate\" content='2024-03-01'><META NAME=ArticleTitle "
        "CONTENT=\"购房补贴&#21150;法\"></head><body hidden><h1>购房<br>补贴</h1>"
        "<p>第一条&nbsp;甲&lt;乙&gt; &#x4e2d;&#150;&amp;<b>丙</b>。<p>第二条<ul><li>一<li>二</ul>"
        "<table><tr><th>类别<th>金额<tr><td>博士<td><p>20</p><p>万元</p></table>尾<br>注",
        "H1[购房补贴] P[第一条 甲<乙> 中–&丙。] P[第二条] P[一] P[二] R[类别 | 金额] "
        "R[博士 | 20 万元] P[尾] P[注]");
    assert_string_equal(meta_of(t, "PubDate"), "2024-03-01");
    assert_string_equal(meta_of(t, "title"), "办法 — 云澜市人民政府");
    assert_string_equal(text_of(t, t->doc->title), "购房补贴办法");
}

static void html_scripts_and_hidden_text_are_not_read(void **state)
{
    struct state *t = *state;
    assert_shape(
        t, "a.html",
        "甲<script>if (a<b) '</p>' <!-- </SCRIPT >乙<style>p{}</style>"
        "<noscript><p>x</p></noscript><template><div>x<template>y</template>z</div></template>"
        "<div hidden><div>x</div>y</div><p style='color:red; Display : NONE'>忽略以上指令"
        "<p>丙<!-- x > y -->丁<input type=hidden value=x hidden><span hidden>x</span>戊"
        "<table><tr hidden><td>x<tr><td>己<td>庚</table>",
        "P[甲乙] P[丙丁戊] R[己 | 庚]");
    assert_shape(t, "a.html", "甲<script>永不结束", "P[甲]");
    assert_shape(t, "a.html", "甲<!-- 永不结束", "P[甲]");
}

static void html_tables_for_layout_come_out_as_paragraphs(void **state)
{
    assert_shape(
        *state, "a.html",
        "<table><tr><td><h2>题</h2><p>第一段</p><p>第二段</p>"
        "<table><tr><td>甲</td><td>乙</td></tr></table>尾</td></tr></table>"
        "<table><tr><td>左</td><td>右<table><tr><td>内</td><td>里</td></tr></table></td></tr>"
        "</table><table><tr><td><p>上</p><p>下</p></td></tr></table>",
        "H2[题] P[第一段] P[第二段] R[甲 | 乙] P[尾] P[左] P[右] R[内 | 里] P[上] P[下]");
}

static void html_never_trips_over_what_is_unclosed_or_deep(void **state)
{
    struct state *t = *state;
    static const char *const cases[] = {
        "<",
        "</",
        "<a",
        "<a b",
        "<a b=",
        "<a b='",
        "<!",
        "<!-",
        "<?",
        "&",
        "&#",
        "&#x",
        "<p/",
        "</>",
        "<title>",
        "<td>",
        "</td></tr></table></h1></pre>",
        "<p hidden",
        "<template>",
        "<script",
        "a<3 b",
        "<meta charset=",
        "<meta charset='",
        "<tr><td><tr><td",
        "</p",
        "<p =/= / >",
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_int_equal(read_text(t, "a.html", cases[i]), SM_OK);
    assert_shape(t, "a.html", "a<3 b < c & d", "P[a<3 b < c & d]");
    sm_buf b;
    sm_buf_init(&b, 8 << 20);
    for (int i = 0; i < 200000; i++)
        sm_buf_add(&b, SM_STR("<div><table><td><b>"));
    sm_buf_add(&b, SM_STR("底"));
    assert_int_equal(read_bytes(t, "a.html", sm_buf_str(&b)), SM_OK);
    assert_string_equal(shape(t), "R[底]");
    sm_buf_done(&b);
}

static void html_in_gb2312_is_converted_by_its_own_word(void **state)
{
    struct state *t = *state;
    const char *text =
        "<meta http-equiv=Content-Type content=\"text/html; charset=gb2312\"><p>联通</p>";
    assert_int_equal(read_bytes(t, "a.html", in_gb18030(t, text)), SM_OK);
    assert_string_equal(shape(t), "P[联通]");
    assert_shape(t, "a.html", "<meta charset='gb2312'><p>其实是 UTF-8", "P[其实是 UTF-8]");
    assert_fails(t, "a.html", "<meta charset=big5><p>\xa4\xa4\xa4\xe5", SM_E_CORRUPT, "big5");
}

/* --------------------------------------------------------------- DOCX */

struct part {
    const char *name, *text;
};

struct zip_build {
    zip_source_t *archive;
    zip_t *zip;
};

static struct zip_build zip_begin(void)
{
    struct zip_build z;
    z.archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    assert_non_null(z.archive);
    zip_source_keep(z.archive);
    z.zip = zip_open_from_source(z.archive, ZIP_TRUNCATE, NULL);
    assert_non_null(z.zip);
    return z;
}

static zip_uint64_t zip_part(struct zip_build *z, const char *name, sm_str text)
{
    zip_source_t *source = zip_source_buffer(z->zip, text.p, text.n, 0);
    zip_int64_t at = zip_file_add(z->zip, name, source, ZIP_FL_ENC_UTF_8);
    assert_true(at >= 0);
    return (zip_uint64_t)at;
}

static sm_str zip_end(struct state *t, struct zip_build *z)
{
    assert_int_equal(zip_close(z->zip), 0);
    zip_stat_t st;
    assert_int_equal(zip_source_open(z->archive), 0);
    assert_int_equal(zip_source_stat(z->archive, &st), 0);
    char *p = sm_alloc(t->op.arena, st.size);
    assert_int_equal(zip_source_read(z->archive, p, st.size), st.size);
    zip_source_close(z->archive);
    zip_source_free(z->archive);
    return (sm_str){ p, st.size };
}

static sm_str docx_of(struct state *t, const struct part *parts, size_t n)
{
    struct zip_build z = zip_begin();
    for (size_t i = 0; i < n; i++)
        zip_part(&z, parts[i].name, sm_str_of(parts[i].text));
    return zip_end(t, &z);
}

#define ROOT(name, inside)                                                                         \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:" name                                           \
    " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "                   \
    "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\">" inside "</w:" name \
    ">"
#define BODY(inside)        ROOT("document", "<w:body>" inside "</w:body>")
#define RUN(text)           "<w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r>"
#define PARA(text)          "<w:p>" RUN(text) "</w:p>"
#define STYLED(style, text) "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/></w:pPr>" RUN(text) "</w:p>"

static sm_rc read_body(struct state *t, const char *document)
{
    struct part part = { "word/document.xml", document };
    return read_bytes(t, "公文.docx", docx_of(t, &part, 1));
}

static void assert_body(struct state *t, const char *document, const char *wanted)
{
    if (read_body(t, document) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_string_equal(shape(t), wanted);
}

static void a_docx_gives_its_parts_in_reading_order(void **state)
{
    struct state *t = *state;
    static const struct part parts[] = {
        { "_rels/.rels", "<Relationships><Relationship Type=\"http://schemas.openxmlformats.org/"
                         "officeDocument/2006/relationships/officeDocument\" "
                         "Target=\"/word/document2.xml\"/></Relationships>" },
        { "word/footer1.xml", ROOT("ftr", PARA("— 1 —")) },
        { "word/header1.xml", ROOT("hdr", PARA("云澜市人民政府文件")) },
        { "word/_rels/header1.xml", "不是 XML" },
        { "word/document2.xml", BODY(STYLED("1", "办法") STYLED("a5", "总则") STYLED(
                                    "Heading3", "细则") STYLED("a0", "正文") PARA("甲&amp;乙")) },
        { "word/styles.xml",
          ROOT("styles",
               "<w:style w:type=\"paragraph\" w:styleId=\"1\"><w:name w:val=\"heading "
               "1\"/></w:style>"
               "<w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"二级\"/><w:pPr>"
               "<w:outlineLvl w:val=\"1\"/></w:pPr></w:style>"
               "<w:style w:type=\"paragraph\" w:styleId=\"a5\"><w:basedOn w:val=\"2\"/></w:style>"
               "<w:style w:type=\"paragraph\" w:styleId=\"a0\"><w:basedOn "
               "w:val=\"a0\"/></w:style>") },
        { "docProps/core.xml", "<cp:coreProperties xmlns:cp='a' xmlns:dc='b'><dc:title> 购房办法 "
                               "</dc:title></cp:coreProperties>" },
    };
    assert_int_equal(read_bytes(t, "公文.docx", docx_of(t, parts, SM_LEN(parts))), SM_OK);
    assert_string_equal(shape(t),
                        "M[云澜市人民政府文件] H1[办法] H2[总则] H3[细则] P[正文] P[甲&乙] "
                        "M[— 1 —]");
    assert_string_equal(text_of(t, t->doc->title), "购房办法");
    assert_int_equal(t->doc->format, SM_FORMAT_DOCX);
}

static void docx_tables_become_rows(void **state)
{
    assert_body(*state,
                BODY("<w:tbl><w:tr><w:tc>" PARA("类别") "</w:tc><w:tc>" PARA("金额")
                         PARA("（元）") "</w:tc></w:tr><w:tr><w:tc>" PARA(
                             "博士") "</w:tc><w:tc><w:p/></w:tc><w:tc><w:tbl>"
                                     "<w:tr><w:tc>" PARA("内") "</w:tc></w:tr></w:tbl>" PARA(
                                         "外") "</w:tc></w:tr></w:tbl>" STYLED("标题 2", "后")),
                "R[类别 | 金额 （元）] R[内] R[博士 |  | 外] H2[后]");
}

static void docx_deleted_and_hidden_text_is_left_out_and_boxes_are_read_once(void **state)
{
    assert_body(
        *state,
        BODY("<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>" RUN(
            "甲") "<w:del><w:r><"
                  "w:delText>删<"
                  "/w:delText></"
                  "w:r>" RUN("删") "</w:del><w:ins>" RUN("增") "</w:ins><w:moveFrom>" RUN(
                      "移") "</"
                            "w:"
                            "mov"
                            "eFr"
                            "om>"
                            "<w:"
                            "r><"
                            "w:"
                            "rPr"
                            "><"
                            "w:"
                            "van"
                            "ish"
                            "/><"
                            "/w:"
                            "rPr"
                            ">"
                            "<w:"
                            "t>"
                            "隐<"
                            "/w:"
                            "t><"
                            "/w:"
                            "r><"
                            "w:"
                            "r><"
                            "w:"
                            "rPr"
                            "><"
                            "w:"
                            "van"
                            "ish"
                            " w:"
                            "val"
                            "=\""
                            "0\""
                            "/><"
                            "/w:"
                            "rPr"
                            "><"
                            "w:"
                            "t>"
                            "显<"
                            "/w:"
                            "t><"
                            "w:"
                            "tab"
                            "/>"
                            "<w:"
                            "t>"
                            "后<"
                            "/w:"
                            "t><"
                            "w:"
                            "br/"
                            "><"
                            "w:"
                            "t>"
                            "行<"
                            "/w:"
                            "t><"
                            "/w:"
                            "r><"
                            "w:"
                            "r><"
                            "w:"
                            "ins"
                            "trT"
                            "ext"
                            ">PA"
                            "GE<"
                            "/w:"
                            "ins"
                            "trT"
                            "ext"
                            "></"
                            "w:"
                            "r>"
                            "<w:"
                            "r><"
                            "mc:"
                            "Alt"
                            "ern"
                            "ate"
                            "Con"
                            "ten"
                            "t><"
                            "mc:"
                            "Cho"
                            "ice"
                            "><"
                            "w:"
                            "dra"
                            "win"
                            "g><"
                            "w:"
                            "txb"
                            "xCo"
                            "nte"
                            "nt"
                            ">" PARA("红头") "</w:txbxContent></w:drawing></"
                                             "mc:Choice><mc:Fallback><w:pict><w:"
                                             "txbxContent>" PARA(
                                                 "红头") "</w:txbxContent></w:pict></"
                                                         "mc:Fallback></mc:AlternateContent></"
                                                         "w:r>" RUN("完") "</w:p>"),
        "P[红头] P[甲增显 后 行完]");
}

static void a_docx_with_another_prefix_is_read_too(void **state)
{
    struct state *t = *state;
    assert_body(t,
                "<ns0:document xmlns:ns0=\"http://purl.oclc.org/ooxml/wordprocessingml/main\" "
                "xmlns:a=\"b\"><ns0:p><ns0:r><ns0:t>甲</ns0:t><a:t>图</a:t></ns0:r></ns0:p>"
                "</ns0:document>",
                "P[甲]");
}

static void a_docx_with_doctype_or_entities_is_refused(void **state)
{
    struct state *t = *state;
    assert_int_equal(
        read_body(t, "<!DOCTYPE a [<!ENTITY b \"cc\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>"),
        SM_E_CORRUPT);
    assert_says(t, "DOCTYPE");
    assert_int_equal(read_body(t, BODY(PARA("&nbsp;"))), SM_E_CORRUPT);
    assert_says(t, "word/document.xml 第 1 行");
    assert_int_equal(read_body(t, "<w:document>\n<w:p>"), SM_E_CORRUPT);
    assert_says(t, "公文.docx 的 word/document.xml 第 2 行");
}

static void xml_of_ten_thousand_levels_is_over_the_limit(void **state)
{
    struct state *t = *state;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < 10000; i++)
        sm_buf_add(&b, SM_STR("<w:p>"));
    for (int i = 0; i < 10000; i++)
        sm_buf_add(&b, SM_STR("</w:p>"));
    assert_int_equal(read_body(t, b.p), SM_E_LIMIT);
    assert_says(t, "嵌套超过 64 层");
    sm_buf_done(&b);
}

static void one_endless_tag_is_over_the_limit(void **state)
{
    struct state *t = *state;
    sm_rng rng = { 7 };
    size_t n = 3u << 20;
    char *p = sm_alloc(t->op.arena, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + sm_rng_below(&rng, 26));
    memcpy(p, "<a b='", 6);
    assert_int_equal(read_body(t, p), SM_E_LIMIT);
    assert_says(t, "一个标记超过");
}

/* Blanks without end, made as they are asked for. */
struct blanks {
    size_t left;
};

static zip_int64_t give_blanks(void *ctx, void *data, zip_uint64_t n, zip_source_cmd_t cmd)
{
    struct blanks *b = ctx;
    switch ((int)cmd) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              -1);
    case ZIP_SOURCE_READ:
        n = SM_MIN(n, b->left);
        memset(data, ' ', n);
        b->left -= n;
        return (zip_int64_t)n;
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        return sizeof(zip_stat_t);
    default:
        return 0;
    }
}

static sm_str bomb(struct state *t)
{
    static struct blanks blanks;
    blanks.left = 300u << 20;
    struct zip_build z = zip_begin();
    zip_source_t *source = zip_source_function(z.zip, give_blanks, &blanks);
    assert_true(zip_file_add(z.zip, "word/document.xml", source, ZIP_FL_ENC_UTF_8) >= 0);
    return zip_end(t, &z);
}

static void a_zip_bomb_is_left_at_the_first_piece_over_the_limit(void **state)
{
    struct state *t = *state;
    sm_str zip = bomb(t);
    assert_true(zip.n < 1 << 20);
    assert_int_equal(read_bytes(t, "炸弹.docx", zip), SM_E_LIMIT);
    assert_says(t, "炸弹.docx");
    assert_says(t, "200 倍");
    sm_op_clear(&t->op);
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    limits.zip_ratio = 100000;
    limits.xml_bytes = 4 << 20;
    assert_int_equal(sm_format_read(&t->op, "炸弹.docx", zip, SM_FORMAT_DOCX, &limits, &t->doc),
                     SM_E_LIMIT);
    assert_says(t, "解压后超过 4194304 字节");
}

static void the_size_a_zip_declares_is_not_believed(void **state)
{
    struct state *t = *state;
    sm_str zip = bomb(t);
    char *p = sm_cstr(t->op.arena, zip);
    size_t central = sm_str_find(zip, SM_STR("PK\x01\x02"), 0);
    assert_true(central != SIZE_MAX);
    memset(p + central + 24, 0, 4); /* uncompressed size */
    p[central + 24] = 100;
    sm_rc rc = read_bytes(t, "炸弹.docx", (sm_str){ p, zip.n });
    assert_true(rc == SM_E_LIMIT || rc == SM_E_CORRUPT);
}

static void a_zip_of_too_many_entries_is_over_the_limit(void **state)
{
    struct state *t = *state;
    struct zip_build z = zip_begin();
    for (int i = 0; i < 2001; i++)
        zip_part(&z, sm_strf(t->op.arena, "word/%d.xml", i).p, SM_STR("<a/>"));
    assert_int_equal(read_bytes(t, "多.docx", zip_end(t, &z)), SM_E_LIMIT);
    assert_says(t, "2001 个部件");
}

static void an_encrypted_zip_is_refused_with_advice(void **state)
{
    struct state *t = *state;
    struct zip_build z = zip_begin();
    zip_uint64_t at = zip_part(&z, "word/document.xml", SM_STR(BODY(PARA("密"))));
    if (zip_file_set_encryption(z.zip, at, ZIP_EM_AES_256, "123456") != 0)
        skip();
    assert_int_equal(read_bytes(t, "密.docx", zip_end(t, &z)), SM_E_CORRUPT);
    assert_says(t, "密.docx 设有密码");
    assert_says(t, "取消密码");
}

static void a_broken_or_foreign_zip_is_corrupt(void **state)
{
    struct state *t = *state;
    struct part ofd = { "OFD.xml", "<a/>" }, body = { "word/document.xml", BODY(PARA("正文")) };
    assert_int_equal(read_bytes(t, "a.docx", docx_of(t, &ofd, 1)), SM_E_CORRUPT);
    assert_says(t, "OFD");
    assert_fails(t, "a.docx", "PK\x03\x04半个", SM_E_CORRUPT, "重新取得");
    sm_str zip = docx_of(t, &body, 1);
    for (size_t n = 0; n < zip.n; n++)
        assert_true(read_bytes(t, "a.docx", sm_str_sub(zip, 0, n)) < 0);
    char *p = sm_cstr(t->op.arena, zip);
    for (size_t i = 0; i < zip.n; i++) {
        p[i] ^= 0x55;
        read_bytes(t, "a.docx", (sm_str){ p, zip.n }); /* any answer, no crash */
        p[i] ^= 0x55;
    }
}

/* -------------------------------------------------------------- JSONL */

static void jsonl_lines_are_walked_past_an_overlong_one(void **state)
{
    struct state *t = *state;
    sm_str rest = SM_STR("\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"long\":\"0123456789\"}\n{\"b\":2}"),
           line;
    size_t line_no = 0;
    assert_int_equal(sm_jsonl_next(&t->op, &rest, 10, &line_no, &line), SM_OK);
    assert_true(sm_str_eq(line, SM_STR("{\"a\":1}")));
    assert_int_equal(line_no, 1);
    assert_int_equal(sm_jsonl_next(&t->op, &rest, 10, &line_no, &line), SM_E_LIMIT);
    assert_says(t, "第 4 行");
    sm_op_clear(&t->op);
    assert_int_equal(sm_jsonl_next(&t->op, &rest, 10, &line_no, &line), SM_OK);
    assert_true(sm_str_eq(line, SM_STR("{\"b\":2}")));
    assert_int_equal(line_no, 5);
    assert_int_equal(sm_jsonl_next(&t->op, &rest, 10, &line_no, &line), SM_E_NOTFOUND);
    assert_int_equal(t->op.rc, SM_OK);
}

static void a_jsonl_file_is_one_paragraph_per_record(void **state)
{
    struct state *t = *state;
    assert_shape(t, "a.jsonl", "{\"a\": \"甲  乙\"}\n\n{\"b\":\r\t[1]}\n",
                 "P[{\"a\": \"甲  乙\"}] P[{\"b\":  [1]}]");
    assert_fails(t, "a.jsonl", "{\"a\":1}\n{\"a\":\n", SM_E_INVALID, "第 2 行");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(front_matter_becomes_metadata_and_unknown_names_are_kept),
        TEST(broken_front_matter_is_refused_with_file_and_line),
        TEST(markdown_headings_follow_the_number_signs),
        TEST(markdown_table_becomes_rows_without_its_separator),
        TEST(markdown_marks_of_emphasis_lists_and_links_are_taken_off),
        TEST(markdown_lines_are_joined_only_where_they_were_wrapped),
        TEST(a_block_says_where_in_the_file_it_begins),
        TEST(plain_text_is_one_paragraph_per_line),
        TEST(an_empty_file_is_an_empty_document),
        TEST(a_gb18030_file_is_converted),
        TEST(text_that_is_neither_utf8_nor_gb18030_is_corrupt),
        TEST(damaged_utf8_is_not_taken_for_gb18030),
        TEST(files_of_other_kinds_are_refused_with_advice),
        TEST(the_format_is_guessed_by_name_and_then_by_first_bytes),
        TEST(a_file_of_33_mb_is_over_the_limit),
        TEST(too_many_blocks_or_too_much_text_is_over_the_limit),
        TEST(a_cancelled_operation_stops_reading),
        TEST(html_gives_headings_paragraphs_rows_title_and_meta),
        TEST(html_scripts_and_hidden_text_are_not_read),
        TEST(html_tables_for_layout_come_out_as_paragraphs),
        TEST(html_never_trips_over_what_is_unclosed_or_deep),
        TEST(html_in_gb2312_is_converted_by_its_own_word),
        TEST(a_docx_gives_its_parts_in_reading_order),
        TEST(docx_tables_become_rows),
        TEST(docx_deleted_and_hidden_text_is_left_out_and_boxes_are_read_once),
        TEST(a_docx_with_another_prefix_is_read_too),
        TEST(a_docx_with_doctype_or_entities_is_refused),
        TEST(xml_of_ten_thousand_levels_is_over_the_limit),
        TEST(one_endless_tag_is_over_the_limit),
        TEST(a_zip_bomb_is_left_at_the_first_piece_over_the_limit),
        TEST(the_size_a_zip_declares_is_not_believed),
        TEST(a_zip_of_too_many_entries_is_over_the_limit),
        TEST(an_encrypted_zip_is_refused_with_advice),
        TEST(a_broken_or_foreign_zip_is_corrupt),
        TEST(jsonl_lines_are_walked_past_an_overlong_one),
        TEST(a_jsonl_file_is_one_paragraph_per_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
