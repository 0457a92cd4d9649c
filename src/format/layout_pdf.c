/*
 * PDF with a text layer: pages, lines and words as pdftotext found them.  It tells neither fonts
 * nor sizes, so none are known here.
 */
#include "format/laid.h"
#include "format/pdf.h"
#include "text/text.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define BASE_LINE .86 /* of a line's height, from above */
#define WORD_GAP  .15 /* of the height: between Latin words */
#define HAN_GAP   .6  /* between Chinese ones a blank is wider */

struct box {
    double x0, y0, x1, y1;
};

struct pdf {
    sm_laid laid;
    XML_Parser parser;
    sm_buf word;
    struct box line, at;
    sm_glyph *glyph; /* of the line */
    size_t n, cap, n_glyphs;
    uint32_t look, n_words;
    int section;
    uint16_t part;
    bool in_word;
    sm_rc rc;
};

static double number_of(const char **atts, const char *name)
{
    for (; atts[0]; atts += 2)
        if (strcmp(atts[0], name) == 0)
            return SM_MIN(SM_MAX(strtod(atts[1], NULL), -1e5), 1e5) * SM_MM_PER_PT;
    return 0;
}

static struct box box_of(const char **atts)
{
    return (struct box){ number_of(atts, "xMin"), number_of(atts, "yMin"), number_of(atts, "xMax"),
                         number_of(atts, "yMax") };
}

static void stop(struct pdf *p, sm_rc rc)
{
    if (rc == SM_OK || p->rc < 0)
        return;
    p->rc = rc;
    XML_StopParser(p->parser, XML_FALSE);
}

static sm_rc on_page(struct pdf *p, const char **atts)
{
    sm_layout *l = p->laid.to->l;
    if (++l->n_pages > SM_LAID_MAX_PAGES)
        return sm_fail(p->laid.to->r->op, SM_E_LIMIT, "文件 %s 超过 %d 页的上限；请拆分成几个文件",
                       p->laid.to->r->name, SM_LAID_MAX_PAGES);
    p->section = sm_laid_section(&p->laid, number_of(atts, "width"), number_of(atts, "height"));
    return sm_op_check(p->laid.to->r->op);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **atts)
{
    struct pdf *p = ctx;
    if (strcmp(name, "page") == 0)
        stop(p, on_page(p, atts));
    if (strcmp(name, "line") == 0) {
        p->line = box_of(atts);
        p->glyph = NULL; /* the last line keeps its own */
        p->n = p->cap = 0;
    }
    if (strcmp(name, "word") == 0) {
        p->at = box_of(atts);
        p->word.n = 0;
        p->in_word = true;
    }
}

static void on_text(void *ctx, const XML_Char *s, int n)
{
    struct pdf *p = ctx;
    if (p->in_word)
        sm_buf_add(&p->word, (sm_str){ s, (size_t)n });
}

static void add_glyph(struct pdf *p, uint32_t code, double x, double wide)
{
    double high = p->line.y1 - p->line.y0;
    SM_GROW(p->laid.a, p->glyph, p->n, p->cap);
    p->glyph[p->n++] = (sm_glyph){ .code = code,
                                   .look = p->look,
                                   .stretch = p->n_words,
                                   .x = x,
                                   .y = p->line.y0 + BASE_LINE * high,
                                   .wide = wide,
                                   .em = high };
}

static sm_rc on_word_end(struct pdf *p)
{
    sm_reader *r = p->laid.to->r;
    sm_str text = sm_buf_str(&p->word);
    double all = 0, x = p->at.x0, high = p->line.y1 - p->line.y0;
    for (sm_str rest = text; rest.n;)
        all += sm_advance_of(sm_utf8_next(&rest), 1);
    p->n_glyphs += text.n;
    if (p->word.failed || p->n_glyphs > r->limits->text_bytes)
        return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件",
                       r->name, r->limits->text_bytes);
    const sm_glyph *last = p->n ? &p->glyph[p->n - 1] : NULL;
    sm_str head = text;
    bool han = last && last->code >= 0x2000 && text.n && sm_utf8_next(&head) >= 0x2000;
    double gap = last ? x - last->x - last->wide : 0;
    if (last && gap > high * (han ? HAN_GAP : WORD_GAP))
        add_glyph(p, ' ', last->x + last->wide, gap);
    p->n_words++;
    while (text.n) {
        uint32_t code = sm_utf8_next(&text);
        double wide = (p->at.x1 - p->at.x0) * sm_advance_of(code, 1) / all;
        add_glyph(p, code, x, wide);
        x += wide;
    }
    return SM_OK;
}

static void on_line_end(struct pdf *p)
{
    sm_item item = { .page = p->laid.to->l->n_pages, .section = p->section, .part = p->part };
    item.line = (sm_line){ .glyph = p->glyph, .n = p->n, .page = item.page };
    if (sm_line_measure(&item.line))
        sm_laid_item(&p->laid, &item);
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct pdf *p = ctx;
    if (strcmp(name, "word") == 0) {
        p->in_word = false;
        stop(p, on_word_end(p));
    }
    if (strcmp(name, "line") == 0)
        on_line_end(p);
}

static sm_rc parse(struct pdf *p, sm_str xhtml)
{
    enum { CHUNK = 1 << 20 };
    sm_reader *r = p->laid.to->r;
    p->parser = XML_ParserCreate("UTF-8");
    if (!p->parser)
        return sm_fail(r->op, SM_E_INTERNAL, "读取 %s 时内存不足", r->name);
    XML_SetUserData(p->parser, p);
    XML_SetElementHandler(p->parser, on_start, on_end);
    XML_SetCharacterDataHandler(p->parser, on_text);
    sm_buf_init(&p->word, r->limits->text_bytes);
    bool done = false;
    for (size_t at = 0; !done && p->rc == SM_OK;) {
        size_t n = SM_MIN(xhtml.n - at, (size_t)CHUNK);
        done = at + n == xhtml.n;
        if (XML_Parse(p->parser, xhtml.p + at, (int)n, done) != XML_STATUS_OK && p->rc == SM_OK)
            p->rc = sm_fail(r->op, SM_E_CORRUPT,
                            "文件 %s 的文字层读不出来（%s）；请重新导出，或提交 DOCX、OFD", r->name,
                            XML_ErrorString(XML_GetErrorCode(p->parser)));
        at += n;
    }
    sm_buf_done(&p->word);
    XML_ParserFree(p->parser);
    return p->rc;
}

sm_rc sm_pdf_layout(sm_layout_build *b, sm_str bytes)
{
    struct pdf *p = SM_NEW(b->r->op->arena, struct pdf);
    sm_str xhtml = { 0 };
    p->laid = sm_laid_begin(b);
    p->look =
        sm_laid_look(&p->laid, &(sm_look){ .bold = -1, .italic = -1, .colour = SM_COLOUR_AUTO });
    sm_rc rc = sm_layout_add_part(b, sm_str_of(b->r->name), &p->part);
    if (rc == SM_OK)
        rc = sm_pdf_text(b->r, bytes, SM_LAID_MAX_PAGES + 1, &xhtml);
    if (rc == SM_OK)
        rc = parse(p, xhtml);
    if (rc == SM_OK && p->n_glyphs == 0)
        return sm_fail(b->r->op, SM_E_INVALID,
                       "文件 %s 共 %d 页，没有文字，可能是扫描件；"
                       "请先用文字识别（OCR）软件转成带文字的 PDF，或提供原来的电子文件",
                       b->r->name, b->l->n_pages);
    b->l->flags |= SM_LAYOUT_PAGES;
    return rc == SM_OK ? sm_laid_end(&p->laid) : rc;
}
