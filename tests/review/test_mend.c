#include "format/label.h"
#include "review/mend.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "format/parts.h"
#include "text/text.h"

struct state {
    sm_op op;
    sm_str docx, mended;
    sm_layout *layout;
    sm_finding finding[64];
    size_t n;
    sm_mended done;
};

static const sm_mend_options options = { .date = { "2026-11-23T09:30:00Z", 20 } };

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

#define W "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define DOCUMENT(inside)                                                      \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<w:document xmlns:w=\"" W  \
    "\" xmlns:v=\"urn:vendor\" xmlns:mc=\"http://schemas.openxmlformats.org/" \
    "markup-compatibility/2006\"><w:body>" inside                             \
    "<w:sectPr><w:pgSz w:w=\"11900\" w:h=\"16800\"/></w:sectPr></w:body></w:document>"
#define P(inside)    "<w:p v:odd='1'>" inside "</w:p>"
#define RUN(text)    "<w:r><w:t>" text "</w:t></w:r>"
#define BOLD(text)   "<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t>" text "</w:t></w:r>"
#define BEFORE(text) "<w:r><w:tab/><w:t>" text "</w:t><w:br/></w:r>"

static sm_layout *read_layout(struct state *t, sm_str docx)
{
    sm_layout *l = NULL;
    if (sm_layout_read(&t->op, "公文.docx", docx, SM_FORMAT_DOCX, NULL, &l) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    return l;
}

#define TYPES                                                                               \
    "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/" \
    "content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
#define RELATIONS                                                                                  \
    "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/"     \
    "2006/relationships\"><Relationship Id=\"rId1\" "                                              \
    "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" " \
    "Target=\"word/document.xml\"/></Relationships>"

/* A DOCX of this document.xml, with parts that nobody understands. */
static void make(struct state *t, const char *document)
{
    sm_part part[] = { { SM_STR("[Content_Types].xml"), SM_STR(TYPES) },
                       { SM_STR("_rels/.rels"), SM_STR(RELATIONS) },
                       { SM_STR("customXml/item1.xml"), SM_STR("<odd>保留</odd>") },
                       { SM_STR("word/document.xml"), sm_str_of(document) },
                       { SM_STR("word/media/seal.bin"), SM_STR("\x00\x01\xff印") } };
    sm_buf b;
    sm_buf_init(&b, 16 << 20);
    assert_int_equal(sm_parts_write(&t->op, SM_STR(""), part, SM_LEN(part), &b), SM_OK);
    sm_buf_take(&t->op, &b, &t->docx);
    t->layout = read_layout(t, t->docx);
    t->n = 0;
}

/* The first `old` in paragraph `para` should be `put`; NULL: a place, nothing proposed. */
static sm_finding *find(struct state *t, int para, const char *old, const char *put)
{
    static const sm_rule rule = { .id = { "X-1", 3 } };
    sm_str text = t->layout->par[para].text;
    size_t at = sm_str_find(text, sm_str_of(old), 0);
    if (at == SIZE_MAX)
        fail_msg("no %s in %.*s", old, SM_ARG(text));
    sm_finding *f = &t->finding[t->n++];
    *f = (sm_finding){ .rule = &rule,
                       .para = para,
                       .start = sm_utf8_count(sm_str_sub(text, 0, at)),
                       .text = sm_str_of(old),
                       .suggest = sm_str_of(put),
                       .suggests = put != NULL,
                       .deletes = put && !*put };
    f->end = f->start + sm_utf8_count(f->text);
    return f;
}

static sm_rc fix(struct state *t)
{
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    t->done = (sm_mended){ 0 };
    sm_op_clear(&t->op);
    sm_rc rc = sm_mend_fix(&t->op, t->docx, t->layout, t->finding, t->n, &options, &b, &t->done);
    if (rc == SM_OK)
        rc = sm_buf_take(&t->op, &b, &t->mended);
    else
        sm_buf_done(&b);
    return rc;
}

static sm_str part_of(struct state *t, sm_str docx, const char *name)
{
    sm_str s = { 0 };
    if (sm_part_read(&t->op, docx, name, NULL, &s) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    return s;
}

static sm_str document(struct state *t)
{
    return part_of(t, t->mended, "word/document.xml");
}

static void assert_document(struct state *t, const char *holds)
{
    sm_str s = document(t);
    if (!sm_str_has(s, sm_str_of(holds)))
        fail_msg("lacks %s:\n%.*s", holds, SM_ARG(s));
}

/* Text of a paragraph, with everything accepted (as the reader gives it). */
static void assert_accepted(struct state *t, int para, const char *text)
{
    sm_layout *l = read_layout(t, t->mended);
    sm_str is = l->par[para].text;
    if (!sm_str_eq(is, sm_str_of(text)))
        fail_msg("paragraph %d is %.*s", para, SM_ARG(is));
}

/* The document with our changes rejected: insertions taken out, deletions made text again. */
static sm_str reject(struct state *t, sm_str xml)
{
    sm_element *e;
    size_t n, done = 0;
    assert_int_equal(sm_elements_read(&t->op, "d", xml, NULL, &e, &n), SM_OK);
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    for (size_t i = 0; i < n; i++) {
        bool ours = sm_str_eq(sm_element_attr(xml, &e[i], "author"), SM_STR("榫卯"));
        if (e[i].at < done || !ours || !sm_str_eq(e[i].name, SM_STR("w:ins")))
            continue;
        sm_buf_add(&b, sm_str_sub(xml, done, e[i].at));
        done = e[i].end;
    }
    sm_buf_add(&b, sm_str_sub(xml, done, xml.n));
    sm_str s = { 0 };
    sm_buf_take(&t->op, &b, &s);
    return s;
}

/* All text of <w:t> and <w:delText> as it stands, in order. */
static sm_str raw_text(struct state *t, sm_str xml)
{
    sm_element *e;
    size_t n;
    assert_int_equal(sm_elements_read(&t->op, "d", xml, NULL, &e, &n), SM_OK);
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    for (size_t i = 0; i < n; i++) {
        sm_str local = sm_element_local(&e[i]);
        if (sm_str_eq(local, SM_STR("t")) || sm_str_eq(local, SM_STR("delText")))
            sm_buf_add(&b, sm_str_sub(xml, e[i].inside, e[i].inside_end));
        if (sm_str_eq(local, SM_STR("p")))
            sm_buf_addc(&b, '\n');
    }
    sm_str s = { 0 };
    sm_buf_take(&t->op, &b, &s);
    return s;
}

static void assert_same_part(struct state *t, const char *name)
{
    assert_true(sm_str_eq(part_of(t, t->docx, name), part_of(t, t->mended, name)));
}

/* Nothing was lost: every other part is the same, and without our insertions the text is the
 * original's, byte for byte; every mark has a number of its own. */
static void assert_nothing_lost(struct state *t)
{
    assert_same_part(t, "[Content_Types].xml");
    assert_same_part(t, "_rels/.rels");
    assert_same_part(t, "customXml/item1.xml");
    assert_same_part(t, "word/media/seal.bin");
    sm_str is = raw_text(t, reject(t, document(t)));
    sm_str was = raw_text(t, part_of(t, t->docx, "word/document.xml"));
    if (!sm_str_eq(is, was))
        fail_msg("was %.*s\nis %.*s", SM_ARG(was), SM_ARG(is));
    sm_element *e;
    size_t n, n_ids = 0;
    sm_str xml = document(t);
    assert_int_equal(sm_elements_read(&t->op, "d", xml, NULL, &e, &n), SM_OK);
    uint64_t *id = SM_NEWS(t->op.arena, uint64_t, n);
    for (size_t i = 0; i < n; i++) {
        int64_t v;
        if (sm_str_to_int(sm_element_attr(xml, &e[i], "id"), &v) &&
            !sm_str_has(e[i].name, SM_STR("comment")))
            id[n_ids++] = (uint64_t)v;
    }
    sm_sort_u64(id, n_ids);
    assert_int_equal(sm_distinct_u64(id, n_ids), n_ids);
}

static void assert_fixed(struct state *t, size_t n)
{
    if (fix(t) < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    if (t->done.n_fixed != n)
        fail_msg("%zu fixed; %.*s", t->done.n_fixed,
                 SM_ARG(t->done.n_left ? t->done.left[0].why : SM_STR("")));
    assert_nothing_lost(t);
}

static void assert_left(struct state *t, size_t finding, const char *why)
{
    for (size_t i = 0; i < t->done.n_left; i++)
        if (t->done.left[i].finding == finding) {
            if (!sm_str_has(t->done.left[i].why, sm_str_of(why)))
                fail_msg("%.*s", SM_ARG(t->done.left[i].why));
            return;
        }
    fail_msg("finding %zu was not left out", finding);
}

/* --------------------------------------------------------------------- text */

static void a_word_is_replaced_by_a_tracked_change(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(BOLD("截止目前，完成三项"))));
    find(t, 0, "截止", "截至");
    assert_fixed(t, 1);
    assert_document(
        t, P("<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t>截</w:t></w:r>"
             "<w:del w:id=\"1\" w:author=\"榫卯\" w:date=\"2026-11-23T09:30:00Z\">"
             "<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:delText "
             "xml:space=\"preserve\">止</w:delText></w:r></w:del>"
             "<w:ins w:id=\"2\" w:author=\"榫卯\" w:date=\"2026-11-23T09:30:00Z\">"
             "<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t "
             "xml:space=\"preserve\">至</w:t></w:r></w:ins>"
             "<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t>目前，完成三项</w:t></w:r>"));
    assert_accepted(t, 0, "截至目前，完成三项");
}

static void the_whole_text_of_a_run_leaves_no_empty_run(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲") RUN("乙") RUN("丙"))));
    find(t, 0, "乙", "丁");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "甲丁丙");
    assert_false(sm_str_has(document(t), SM_STR("<w:t></w:t>")));
    assert_false(sm_str_has(document(t), SM_STR("<w:r></w:r>")));
}

static void what_stands_beside_the_text_in_a_run_stays(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(BEFORE("甲乙丙") BEFORE("丁"))));
    find(t, 0, "甲", "戊");
    find(t, 0, "丙", "己");
    find(t, 0, "丁", "庚");
    assert_fixed(t, 3);
    sm_element *e;
    size_t n, tabs = 0, breaks = 0;
    sm_str xml = document(t);
    assert_int_equal(sm_elements_read(&t->op, "d", xml, NULL, &e, &n), SM_OK);
    for (size_t i = 0; i < n; i++) {
        tabs += sm_str_eq(e[i].name, SM_STR("w:tab"));
        breaks += sm_str_eq(e[i].name, SM_STR("w:br"));
    }
    assert_int_equal(tabs, 2);
    assert_int_equal(breaks, 2);
}

static void words_are_deleted_and_put_in(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("会议的的内容")) P(RUN("特此通知"))));
    find(t, 0, "的的", "的");
    find(t, 1, "通知", "通知。");
    assert_fixed(t, 2);
    assert_accepted(t, 0, "会议的内容");
    assert_accepted(t, 1, "特此通知。");
}

static void a_word_that_goes_is_only_deleted(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("各县市等等"))));
    find(t, 0, "等等", "");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "各县市");
    assert_false(sm_str_has(document(t), SM_STR("<w:ins")));
}

static void text_over_several_runs_keeps_each_ones_look(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("关于印") BOLD("发工作") RUN("法案的通知"))));
    find(t, 0, "印发工作法案", "转发工作方案");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "关于转发工作方案的通知");
    assert_document(t, "<w:b/></w:rPr><w:delText xml:space=\"preserve\">发工作</w:delText>");
}

static void several_places_in_one_run_are_mended(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙丙丁戊己庚"))));
    find(t, 0, "己庚", "九");
    find(t, 0, "甲", "一");
    find(t, 0, "乙", "二");
    find(t, 0, "丁", "四");
    assert_fixed(t, 4);
    assert_accepted(t, 0, "一二丙四戊九");
}

static void two_insertions_at_one_place_stand_in_their_order(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙"))));
    find(t, 0, "甲", "甲一");
    find(t, 0, "乙", "二乙");
    assert_fixed(t, 2);
    assert_accepted(t, 0, "甲一二乙");
    make(t, DOCUMENT(P(RUN("甲乙"))));
    find(t, 0, "甲", "一甲");
    find(t, 0, "乙", "乙二");
    assert_fixed(t, 2);
    assert_accepted(t, 0, "一甲乙二");
}

static void an_insertion_before_a_deletion_stands_before_it(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙丙"))));
    find(t, 0, "甲", "甲、");
    find(t, 0, "乙", "");
    assert_fixed(t, 2);
    assert_accepted(t, 0, "甲、丙");
}

static void references_and_blanks_are_kept_as_they_were(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("A&amp;B &#x7532; 乙&lt;丙"))));
    find(t, 0, "甲 乙", "丁");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "A&B 丁<丙");
    assert_document(t, "<w:t xml:space=\"preserve\">A&amp;B </w:t>");
    assert_document(t, "<w:delText xml:space=\"preserve\">&#x7532; 乙</w:delText>");
}

static void what_is_put_in_is_text_whatever_it_holds(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙"))));
    find(t, 0, "乙", "<w:p/>&");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "甲<w:p/>&");
}

static void the_later_of_two_that_overlap_is_left_out_and_told(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙丙丁"))));
    find(t, 0, "乙丙", "二三");
    find(t, 0, "甲乙", "一二");
    find(t, 0, "丁", "四");
    assert_fixed(t, 2);
    assert_accepted(t, 0, "一二丙四");
    assert_int_equal(t->done.n_left, 1);
    assert_left(t, 0, "相重");
}

static void without_a_proposal_nothing_changes(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙"))));
    find(t, 0, "甲", NULL);
    assert_fixed(t, 0);
    assert_int_equal(t->done.n_left, 0);
    assert_same_part(t, "word/document.xml");
}

static void another_text_at_the_place_is_a_conflict(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙丙"))));
    find(t, 0, "乙", "二")->start = 0;
    assert_int_equal(fix(t), SM_E_CONFLICT);
    sm_layout *l = t->layout;
    make(t, DOCUMENT(P(RUN("甲丁丙"))));
    t->layout = l;
    find(t, 0, "乙", "二");
    assert_int_equal(fix(t), SM_E_CONFLICT);
    make(t, DOCUMENT(P(BOLD("甲乙丙"))));
    t->layout = l;
    find(t, 0, "乙", "二");
    assert_int_equal(fix(t), SM_E_CONFLICT);
}

/* ----------------------------------------------------------------- structures */

static void a_cell_is_mended_as_any_paragraph(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT("<w:tbl><w:tr><w:tc>" P(RUN("序号")) "</w:tc><w:tc>" P(
                RUN("合记")) "</w:tc>"
                             "</w:tr></w:tbl>" P("")));
    find(t, 1, "合记", "合计");
    assert_fixed(t, 1);
    assert_accepted(t, 1, "合计");
}

static void a_link_stays_a_link(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("见") "<w:hyperlink w:anchor=\"a\">" BOLD("附件一") "</w:hyperlink>" RUN(
                "。"))));
    find(t, 0, "附件一。", "附件1；");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "见附件1；");
    assert_document(t, "<w:hyperlink w:anchor=\"a\">");
}

static void a_comment_stays_where_it_was(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲") "<w:commentRangeStart w:id=\"7\"/>" RUN(
                "乙丙") "<w:commentRangeEnd w:id=\"7\"/><w:r><w:commentReference "
                        "w:id=\"7\"/></w:r>")));
    find(t, 0, "乙", "二");
    assert_fixed(t, 1);
    assert_document(t, "<w:commentRangeStart w:id=\"7\"/><w:del w:id=\"8\"");
    assert_document(t, "<w:commentRangeEnd w:id=\"7\"/><w:r><w:commentReference");
}

#define FIELD(instruction, result)                                                  \
    "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>" instruction \
    "</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>" RUN(   \
        result) "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"

static void what_a_field_computes_is_left_alone(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("共") FIELD(" NUMPAGES ", "3") RUN("页贰")) P(
                RUN("第") "<w:fldSimple w:instr=\" PAGE \">" RUN("5") "</w:fldSimple>")));
    find(t, 0, "3", "4");
    find(t, 0, "贰", "二");
    find(t, 1, "5", "6");
    assert_fixed(t, 1);
    assert_left(t, 0, "域");
    assert_left(t, 2, "域");
}

static void somebody_elses_insertion_stays_theirs(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲") "<w:ins w:id=\"4\" w:author=\"王\">" RUN("乙丙丁") "</w:ins>")));
    find(t, 0, "丙", "三");
    assert_fixed(t, 1);
    assert_accepted(t, 0, "甲乙三丁");
    assert_document(t, "</w:del></w:ins><w:ins w:id=\"6\" w:author=\"榫卯\"");
    assert_document(t, "</w:ins><w:ins w:id=\"7\" w:author=\"王\">");
}

static void a_format_change_of_the_run_has_one_number_in_each_piece(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:r><w:rPr><w:b/><w:rPrChange w:id=\"3\" w:author=\"王\"><w:rPr/>"
                       "</w:rPrChange></w:rPr><w:t>甲乙丙</w:t></w:r>")));
    find(t, 0, "乙", "二");
    assert_fixed(t, 1);
}

static void text_in_a_box_is_mended_with_that_around_it(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:r><w:t>外甲</w:t><w:pict><v:textbox><w:txbxContent>" P(
                RUN("内乙")) "</w:txbxContent></v:textbox></w:pict><w:t>外丙</w:t></w:r>")));
    int outer = sm_str_has(t->layout->par[0].text, SM_STR("外")) ? 0 : 1;
    find(t, outer, "甲", "一");
    find(t, outer, "丙", "三");
    find(t, 1 - outer, "乙", "二");
    assert_fixed(t, 3);
    assert_accepted(t, outer, "外一外三");
    assert_accepted(t, 1 - outer, "内二");
}

static void a_document_without_a_prefix_is_refused_with_advice(void **state)
{
    struct state *t = *state;
    make(t, "<document xmlns=\"" W "\"><body><p><r><t>甲乙</t></r></p></body></document>");
    find(t, 0, "甲", "一");
    assert_int_equal(fix(t), SM_E_INVALID);
}

static void proposals_with_line_breaks_are_left_to_people(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("甲乙"))));
    find(t, 0, "乙", "二\n三");
    assert_fixed(t, 0);
    assert_left(t, 0, "换行");
}

/* Any findings over any runs: what is accepted is the text with the proposals applied. */
static void whatever_the_places_the_text_comes_out_right(void **state)
{
    struct state *t = *state;
    sm_rng rng = { 6 };
    static const char *const words[] = { "甲", "乙", "丙丁", "&amp;", "戊 ", "己庚辛" };
    for (int round = 0; round < 150; round++) {
        sm_buf b;
        sm_buf_init(&b, 1 << 20);
        for (uint32_t k = 1 + sm_rng_below(&rng, 6); k > 0; k--) {
            sm_buf_add(&b, SM_STR("<w:r><w:rPr><w:i/></w:rPr>"));
            for (uint32_t j = 1 + sm_rng_below(&rng, 2); j > 0; j--)
                sm_buf_addf(&b, "<w:t xml:space=\"preserve\">%s%s</w:t>",
                            words[sm_rng_below(&rng, 6)], words[sm_rng_below(&rng, 6)]);
            sm_buf_add(&b, SM_STR("</w:r>"));
        }
        sm_str body = { 0 };
        sm_buf_take(&t->op, &b, &body);
        make(t, sm_strf(t->op.arena, DOCUMENT("<w:p>%.*s</w:p>"), SM_ARG(body)).p);
        sm_str text = t->layout->par[0].text;
        size_t chars = sm_utf8_count(text), at = 0;
        sm_buf want;
        sm_buf_init(&want, 1 << 20);
        size_t expected = 0;
        while (at < chars && t->n < 16) {
            size_t from = at + sm_rng_below(&rng, 3), to = from + 1 + sm_rng_below(&rng, 4);
            if (to > chars)
                break;
            sm_str head = sm_utf8_head(text, from), all = sm_utf8_head(text, to);
            sm_str put = sm_str_of(sm_rng_below(&rng, 3) ? words[sm_rng_below(&rng, 3)] : "");
            sm_finding *f = &t->finding[t->n++];
            *f = (sm_finding){ .start = from,
                               .end = to,
                               .text = sm_str_sub(text, head.n, all.n),
                               .suggest = put,
                               .suggests = true,
                               .deletes = !put.n };
            sm_buf_add(&want, sm_str_sub(text, sm_utf8_head(text, at).n, head.n));
            sm_buf_add(&want, put);
            expected += !sm_str_eq(f->text, put);
            at = to;
        }
        sm_buf_add(&want, sm_str_sub(text, sm_utf8_head(text, at).n, text.n));
        sm_buf_addc(&want, 0);
        assert_fixed(t, expected);
        assert_accepted(t, 0, want.p);
        sm_buf_done(&want);
    }
}

/* ------------------------------------------------------------------ typeset */

static void layout_finding(struct state *t, const char *rule, int para)
{
    sm_rule *r = SM_NEW(t->op.arena, sm_rule);
    r->id = sm_str_of(rule);
    t->finding[t->n++] = (sm_finding){ .rule = r, .para = para };
}

static void assert_set(struct state *t, size_t n)
{
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    sm_op_clear(&t->op);
    sm_rc rc =
        sm_mend_typeset(&t->op, t->docx, t->layout, t->finding, t->n, &options, &b, &t->done);
    if (rc < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    sm_buf_take(&t->op, &b, &t->mended);
    if (t->done.n_fixed != n)
        fail_msg("%zu set", t->done.n_fixed);
    assert_nothing_lost(t);
}

#define MARK(id) "w:id=\"" id "\" w:author=\"榫卯\" w:date=\"2026-11-23T09:30:00Z\""

static void the_page_is_set_to_the_standard(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("正文"))));
    layout_finding(t, "FM-01", -1);
    layout_finding(t, "FM-02", -1);
    assert_set(t, 2);
    assert_document(t, "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
                       "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" "
                       "w:left=\"1588\"/><w:sectPrChange " MARK(
                           "1") "><w:sectPr>"
                                "<w:pgSz w:w=\"11900\" w:h=\"16800\"/></w:sectPr></w:sectPrChange>"
                                "</w:sectPr>");
    sm_layout *l = read_layout(t, t->mended);
    assert_true(l->section[0].top > 36.9 && l->section[0].top < 37.1);
}

static void a_font_is_set_and_what_it_was_is_kept(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:r><w:rPr><w:rFonts w:ascii=\"Arial\" w:eastAsia=\"宋体\"/><w:i/>"
                       "<w:sz w:val=\"24\"/></w:rPr><w:t>为做好供水工作。</w:t></w:r>" RUN("又"))));
    layout_finding(t, "FM-03", 0);
    assert_set(t, 1);
    assert_document(t, "<w:rPr><w:rFonts w:ascii=\"Arial\" w:eastAsia=\"仿宋_GB2312\"/><w:i/>"
                       "<w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/><w:rPrChange " MARK(
                           "1") "><w:rPr><w:rFonts w:ascii=\"Arial\" w:eastAsia=\"宋体\"/><w:i/>"
                                "<w:sz w:val=\"24\"/></w:rPr></w:rPrChange></w:rPr>");
    assert_document(
        t, "<w:r><w:rPr><w:rFonts w:eastAsia=\"仿宋_GB2312\"/><w:sz w:val=\"32\"/>"
           "<w:szCs w:val=\"32\"/><w:rPrChange " MARK("2") "><w:rPr></w:rPr>"
                                                           "</w:rPrChange></w:rPr><w:t>又</w:t>");
    sm_layout *l = read_layout(t, t->mended);
    assert_true(sm_str_eq(l->par[0].run[0].font, SM_STR("仿宋_GB2312")));
    assert_true(l->par[0].run[0].size > 15.9 && l->par[0].run[0].size < 16.1);
}

static void pitch_and_indent_are_set_in_the_schemas_order(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:pPr><w:pStyle w:val=\"a\"/><w:spacing w:before=\"100\" "
                       "w:line=\"360\" w:lineRule=\"auto\"/><w:jc w:val=\"both\"/><w:rPr>"
                       "<w:b/></w:rPr></w:pPr>" RUN("为做好供水工作。"))));
    layout_finding(t, "FM-06", 0);
    layout_finding(t, "FM-07", 0);
    assert_set(t, 2);
    assert_document(
        t, "<w:pPr><w:pStyle w:val=\"a\"/><w:spacing w:before=\"100\" w:line=\"579\" "
           "w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"
           "<w:jc w:val=\"both\"/><w:rPr><w:b/></w:rPr><w:pPrChange " MARK(
               "1") "><w:pPr>"
                    "<w:pStyle w:val=\"a\"/><w:spacing w:before=\"100\" w:line=\"360\" "
                    "w:lineRule=\"auto\"/><w:jc w:val=\"both\"/></w:pPr></w:pPrChange></w:pPr>");
}

static void titles_headings_and_body_have_their_own_fonts(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("云澜市人民政府关于供水的通知")) P(RUN("各区县人民政府："))
                         P(RUN("为做好供水工作，现通知如下。")) P(RUN("一、总体要求"))
                             P(RUN("（一）加强领导。") RUN("要抓好落实。"))));
    layout_finding(t, "FM-04", 0);
    layout_finding(t, "FM-05", -1);
    layout_finding(t, "FM-13", 2);
    assert_set(t, 3);
    sm_layout *l = read_layout(t, t->mended);
    assert_true(sm_str_eq(l->par[0].run[0].font, SM_STR("方正小标宋简体")));
    assert_int_equal(l->par[0].align, SM_ALIGN_CENTER);
    assert_true(sm_str_eq(l->par[3].run[0].font, SM_STR("黑体")));
    assert_true(sm_str_eq(l->par[4].run[0].font, SM_STR("楷体_GB2312")));
    assert_true(sm_str_eq(l->par[4].run[1].font, SM_STR("仿宋_GB2312")));
    assert_int_equal(l->par[2].run[0].bold, 0);
}

static void a_section_inside_a_paragraph_is_set_with_it(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:pPr><w:sectPr><w:pgSz w:w=\"100\" w:h=\"100\"/></w:sectPr></w:pPr>" RUN(
                "为做好供水工作。")) P(RUN("又"))));
    layout_finding(t, "FM-01", -1);
    layout_finding(t, "FM-06", 0);
    assert_set(t, 2);
    assert_document(t, "<w:pPr><w:spacing w:line=\"579\" w:lineRule=\"exact\"/><w:sectPr>"
                       "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>");
}

static void somebody_elses_format_change_stays_and_is_told(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P("<w:r><w:rPr><w:b/><w:rPrChange w:id=\"3\" w:author=\"王\"><w:rPr/>"
                       "</w:rPrChange></w:rPr><w:t>为做好供水工作。</w:t></w:r>")));
    layout_finding(t, "FM-03", 0);
    layout_finding(t, "FM-10", -1);
    assert_set(t, 0);
    assert_left(t, 0, "他人");
    assert_left(t, 1, "手工");
    assert_same_part(t, "word/document.xml");
}

static void what_is_as_it_should_be_is_not_changed(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("为做好供水工作。"))));
    layout_finding(t, "FM-06", 0);
    layout_finding(t, "FM-02", -1);
    assert_set(t, 2);
    t->docx = t->mended;
    t->layout = read_layout(t, t->docx);
    assert_set(t, 2);
    assert_same_part(t, "word/document.xml");
}

/* -------------------------------------------------------------------- label */

static const sm_label_text label = { .label = { "2", 1 },
                                          .producer = { "云澜市<测试>", 17 },
                                          .produce_id = { "a-1", 3 } };

static sm_rc label_it(struct state *t)
{
    sm_buf b;
    sm_buf_init(&b, 64 << 20);
    sm_op_clear(&t->op);
    sm_rc rc = sm_docx_label(&t->op, t->docx, &label, &b);
    if (rc == SM_OK)
        sm_buf_take(&t->op, &b, &t->mended);
    else
        sm_buf_done(&b);
    return rc;
}

static const char labelled[] =
    "name=\"AIGC\"><vt:lpwstr xmlns:vt=\"http://schemas.openxmlformats.org/officeDocument/2006/"
    "docPropsVTypes\">{&quot;Label&quot;:&quot;2&quot;,&quot;ContentProducer&quot;:&quot;"
    "云澜市&lt;测试&gt;&quot;,&quot;ProduceID&quot;:&quot;a-1&quot;,&quot;ReservedCode1&quot;:"
    "&quot;&quot;,&quot;ContentPropagator&quot;:&quot;&quot;,&quot;PropagateID&quot;:&quot;&quot;,"
    "&quot;ReservedCode2&quot;:&quot;&quot;}</vt:lpwstr></property>";

static void the_label_is_a_property_that_the_package_knows_of(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("正文"))));
    assert_int_equal(label_it(t), SM_OK);
    assert_true(sm_str_has(part_of(t, t->mended, "docProps/custom.xml"), sm_str_of(labelled)));
    assert_true(sm_str_has(part_of(t, t->mended, "[Content_Types].xml"),
                           SM_STR("<Override PartName=\"/docProps/custom.xml\"")));
    assert_true(
        sm_str_has(part_of(t, t->mended, "_rels/.rels"), SM_STR("Target=\"docProps/custom.xml\"")));
    assert_same_part(t, "word/document.xml");
}

static void a_file_has_one_label(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("正文"))));
    assert_int_equal(label_it(t), SM_OK);
    t->docx = t->mended;
    assert_int_equal(label_it(t), SM_OK);
    sm_str s = part_of(t, t->mended, "docProps/custom.xml");
    size_t at = sm_str_find(s, SM_STR("AIGC"), 0);
    assert_true(at != SIZE_MAX && sm_str_find(s, SM_STR("AIGC"), at + 1) == SIZE_MAX);
    assert_same_part(t, "[Content_Types].xml");
    assert_same_part(t, "_rels/.rels");
}

static void other_properties_stay(void **state)
{
    struct state *t = *state;
    sm_meta prop[] = { { SM_STR("密级"), SM_STR("公开") }, { SM_STR("AIGC"), SM_STR("{}") } };
    sm_section section = { .wide = 210, .high = 297 };
    sm_layout l = { .prop = prop, .n_props = 2, .section = &section, .n_sections = 1 };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    assert_int_equal(sm_docx_write(&t->op, &l, &b), SM_OK);
    sm_buf_take(&t->op, &b, &t->docx);
    assert_int_equal(label_it(t), SM_OK);
    sm_str s = part_of(t, t->mended, "docProps/custom.xml");
    assert_true(sm_str_has(s, SM_STR("公开")));
    assert_true(sm_str_has(s, sm_str_of(labelled)));
    assert_false(sm_str_has(s, SM_STR("{}")));
    assert_same_part(t, "_rels/.rels");
}

static void a_label_without_its_producer_is_refused(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("正文"))));
    sm_label_text empty = { .label = { "1", 1 } };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    assert_int_equal(sm_docx_label(&t->op, t->docx, &empty, &b), SM_E_INVALID);
    assert_int_equal(b.n, 0);
    sm_buf_done(&b);
}

/* ------------------------------------------------------------------- report */

static void a_report_lists_what_was_found(void **state)
{
    struct state *t = *state;
    make(t, DOCUMENT(P(RUN("截止目前"))));
    static const sm_rule rule = { .id = { "M01", 3 }, .source = { "GB/T 15834", 10 } };
    sm_finding *f = find(t, 0, "截止", "截至");
    f->rule = &rule;
    f->why = SM_STR("截止不带宾语");
    find(t, 0, "目前", "");
    sm_review review = { .finding = t->finding, .n = 2, .kind = SM_STR("通知") };
    const sm_str decisions[] = { SM_STR("采纳"), SM_STR("不采纳：引文") };
    sm_report_options o = { .document = SM_STR("供水.docx"),
                            .digest = SM_STR("SM3 ab12"),
                            .reviewer = SM_STR("冯婧"),
                            .decision = decisions };
    sm_buf b;
    sm_buf_init(&b, 16 << 20);
    assert_int_equal(sm_review_report(&t->op, &review, &o, &b), SM_OK);
    sm_str docx = { 0 };
    sm_buf_take(&t->op, &b, &docx);
    sm_layout *l = read_layout(t, docx);
    sm_buf all;
    sm_buf_init(&all, 1 << 20);
    for (size_t i = 0; i < l->n_body; i++)
        sm_buf_addf(&all, "%.*s|", SM_ARG(l->par[i].text));
    sm_buf_addc(&all, 0);
    const char *want = "公文审核报告|文件：供水.docx|文种：通知|文件摘要：SM3 ab12|审核人：冯婧|"
                       "共发现2处：错误2处，警告0处，提示0处。|"
                       "序号|规则|位置|原文|建议|理由|依据|处理|"
                       "1|M01 错误|第1段第1字|截止|截至|截止不带宾语|GB/T 15834|采纳|"
                       "2|X-1 错误|第1段第3字|目前|（删去）|||不采纳：引文||";
    assert_string_equal(all.p, want);
    sm_buf_done(&all);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_word_is_replaced_by_a_tracked_change),
        T(the_whole_text_of_a_run_leaves_no_empty_run),
        T(what_stands_beside_the_text_in_a_run_stays),
        T(words_are_deleted_and_put_in),
        T(a_word_that_goes_is_only_deleted),
        T(text_over_several_runs_keeps_each_ones_look),
        T(several_places_in_one_run_are_mended),
        T(two_insertions_at_one_place_stand_in_their_order),
        T(an_insertion_before_a_deletion_stands_before_it),
        T(references_and_blanks_are_kept_as_they_were),
        T(what_is_put_in_is_text_whatever_it_holds),
        T(the_later_of_two_that_overlap_is_left_out_and_told),
        T(without_a_proposal_nothing_changes),
        T(another_text_at_the_place_is_a_conflict),
        T(a_cell_is_mended_as_any_paragraph),
        T(a_link_stays_a_link),
        T(a_comment_stays_where_it_was),
        T(what_a_field_computes_is_left_alone),
        T(somebody_elses_insertion_stays_theirs),
        T(a_format_change_of_the_run_has_one_number_in_each_piece),
        T(text_in_a_box_is_mended_with_that_around_it),
        T(a_document_without_a_prefix_is_refused_with_advice),
        T(proposals_with_line_breaks_are_left_to_people),
        T(whatever_the_places_the_text_comes_out_right),
        T(the_page_is_set_to_the_standard),
        T(a_font_is_set_and_what_it_was_is_kept),
        T(pitch_and_indent_are_set_in_the_schemas_order),
        T(titles_headings_and_body_have_their_own_fonts),
        T(a_section_inside_a_paragraph_is_set_with_it),
        T(somebody_elses_format_change_stays_and_is_told),
        T(what_is_as_it_should_be_is_not_changed),
        T(the_label_is_a_property_that_the_package_knows_of),
        T(a_file_has_one_label),
        T(other_properties_stay),
        T(a_label_without_its_producer_is_refused),
        T(a_report_lists_what_was_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
