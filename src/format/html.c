/*
 * HTML as it is on government sites: seldom valid, often wrapped in tables for
 * layout.  A tolerant tokenizer with no tree and no recursion: tags only cut
 * the text, switch rows on and off, or hide what is inside them.
 */
#include "format/reader.h"

#include "text/text.h"

#include <string.h>
#include <strings.h>

enum { CHARSET_WITHIN = 4096 };

struct tag {
    sm_str name;
    bool end, closed; /* </p>, <p/> */
    bool hidden;
    sm_str meta_name, content;
};

struct html {
    sm_reader *r;
    sm_rc rc; /* first failure; the walk ends */
    sm_str s;
    size_t at;
    sm_buf text; /* of the block or, with marks, the row being read */
    size_t text_pos;
    int level; /* of the heading we are in, or 0 */
    int pre;   /* open <pre> */
    bool in_row, row_begun;
    bool titled;    /* the title is taken, or has no end */
    sm_str skip;    /* the element whose inside is hidden, or empty */
    int skip_depth; /* of that name */
};

typedef void tag_fn(struct html *h, const struct tag *t);

struct element {
    const char *name;
    tag_fn *start, *end;
    bool empty; /* has no inside */
    bool ends;  /* an open one of the same name ends where it begins */
};

/* ------------------------------------------------------------ collecting */

static void begin_text(struct html *h)
{
    if (h->text.n == 0)
        h->text_pos = h->at;
}

static void add_text(struct html *h, sm_str s)
{
    if (h->skip.n)
        return;
    if (h->text.n == 0 && sm_str_trim(s).n == 0)
        return;
    begin_text(h);
    sm_buf_add(&h->text, s);
}

static void flush(struct html *h)
{
    if (h->rc == SM_OK && h->text.n)
        h->rc = sm_reader_block(h->r, h->level ? SM_BLOCK_HEADING : SM_BLOCK_PARA, h->level,
                                sm_buf_str(&h->text), h->text_pos);
    h->text.n = 0;
}

static void cut(struct html *h)
{
    if (h->in_row)
        sm_buf_addc(&h->text, SM_PIECE_END);
    else
        flush(h);
}

static void end_row(struct html *h)
{
    if (h->in_row && h->rc == SM_OK && h->text.n)
        h->rc = sm_reader_row(h->r, SM_BLOCK_ROW, sm_buf_str(&h->text), h->text_pos);
    if (h->in_row)
        h->text.n = 0;
    h->in_row = h->row_begun = false;
}

/* The row turned out to hold blocks of a page: it comes out as paragraphs. */
static void undo_row(struct html *h)
{
    sm_str rest = sm_buf_str(&h->text);
    if (!h->in_row)
        return;
    for (size_t i = 0; i < rest.n; i++)
        if (h->text.p[i] == SM_CELL_END)
            h->text.p[i] = SM_PIECE_END;
    for (sm_str piece; h->rc == SM_OK && sm_str_cut(&rest, SM_PIECE_END, &piece);)
        h->rc = sm_reader_block(h->r, SM_BLOCK_PARA, 0, piece, h->text_pos);
    h->text.n = 0;
    h->in_row = h->row_begun = false;
}

/* ------------------------------------------------------------- elements */

static void on_block(struct html *h, const struct tag *t)
{
    (void)t;
    cut(h);
    h->level = 0;
}

/* div and the like: they cut, but may lie inside a heading */
static void on_division(struct html *h, const struct tag *t)
{
    (void)t;
    cut(h);
}

static void on_heading(struct html *h, const struct tag *t)
{
    undo_row(h);
    flush(h);
    h->level = t->name.p[1] - '0';
}

static void on_heading_end(struct html *h, const struct tag *t)
{
    (void)t;
    cut(h);
    h->level = 0;
}

static void on_br(struct html *h, const struct tag *t)
{
    (void)t;
    if (h->level)
        add_text(h, SM_STR("\n"));
    else
        cut(h);
}

static void on_table(struct html *h, const struct tag *t)
{
    (void)t;
    undo_row(h);
    flush(h);
    h->level = 0;
}

static void on_table_end(struct html *h, const struct tag *t)
{
    (void)t;
    end_row(h);
    flush(h);
}

static void on_row(struct html *h, const struct tag *t)
{
    (void)t;
    end_row(h);
    flush(h);
    h->level = 0;
    h->in_row = true;
    h->text_pos = h->at;
}

static void on_cell(struct html *h, const struct tag *t)
{
    if (!h->in_row)
        on_row(h, t);
    if (h->row_begun)
        sm_buf_addc(&h->text, SM_CELL_END);
    h->row_begun = true;
}

static void on_pre(struct html *h, const struct tag *t)
{
    (void)t;
    cut(h);
    h->pre++;
}

static void on_pre_end(struct html *h, const struct tag *t)
{
    (void)t;
    cut(h);
    h->pre -= h->pre > 0;
}

/* Where </name begins at or after the place we are at, or SIZE_MAX. */
static size_t find_end(const struct html *h, sm_str name)
{
    for (size_t i = h->at; (i = sm_str_find(h->s, SM_STR("</"), i)) != SIZE_MAX; i += 2) {
        sm_str there = sm_str_sub(h->s, i + 2, i + 2 + name.n);
        if (there.n == name.n && strncasecmp(there.p, name.p, name.n) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* script, style: nothing inside is markup; without an end, all the rest is. */
static void on_raw(struct html *h, const struct tag *t)
{
    h->at = SM_MIN(find_end(h, t->name), h->s.n);
}

static void on_hidden(struct html *h, const struct tag *t)
{
    if (t->closed)
        return;
    h->skip = t->name;
    h->skip_depth = 1;
}

static void decode_references(sm_str s, sm_buf *b)
{
    while (s.n) {
        char bytes[4];
        size_t n = 0, taken = s.p[0] == '&' ? sm_entity_take(s, bytes, &n) : 0;
        if (taken)
            sm_buf_add(b, (sm_str){ bytes, n });
        else
            sm_buf_addc(b, s.p[0]);
        s = sm_str_after(s, taken ? taken : 1);
    }
}

static void add_meta(struct html *h, sm_str name, sm_str value)
{
    sm_buf b;
    sm_buf_init(&b, value.n + 16);
    decode_references(value, &b);
    if (h->rc == SM_OK)
        h->rc = sm_reader_meta(h->r, name, sm_buf_str(&b));
    sm_buf_done(&b);
}

static void on_title(struct html *h, const struct tag *t)
{
    if (h->titled || h->skip.n)
        return;
    h->titled = true;
    size_t end = find_end(h, t->name);
    if (end == SIZE_MAX)
        end = SM_MIN(sm_str_find(h->s, SM_STR("<"), h->at), h->s.n);
    add_meta(h, SM_STR("title"), sm_str_sub(h->s, h->at, end));
    h->at = end;
}

static void on_meta(struct html *h, const struct tag *t)
{
    if (t->meta_name.n && t->content.n)
        add_meta(h, t->meta_name, t->content);
}

static void on_nothing(struct html *h, const struct tag *t)
{
    (void)h;
    (void)t;
}

#define BLOCK_ELEMENT(tag)                              \
    {                                                   \
        .name = tag, .start = on_block, .end = on_block \
    }
#define DIVISION(tag)                                         \
    {                                                         \
        .name = tag, .start = on_division, .end = on_division \
    }
#define EMPTY(tag, fn)                                             \
    {                                                              \
        .name = tag, .start = fn, .end = on_nothing, .empty = true \
    }
#define HIDDEN(tag)                                        \
    {                                                      \
        .name = tag, .start = on_hidden, .end = on_nothing \
    }
#define RAW(tag)                                        \
    {                                                   \
        .name = tag, .start = on_raw, .end = on_nothing \
    }
#define HEADING(tag)                                            \
    {                                                           \
        .name = tag, .start = on_heading, .end = on_heading_end \
    }
#define CELL(tag)                                                      \
    {                                                                  \
        .name = tag, .start = on_cell, .end = on_nothing, .ends = true \
    }

static const struct element elements[] = {
    { .name = "p", .start = on_block, .end = on_block, .ends = true },
    DIVISION("div"),
    EMPTY("br", on_br),
    CELL("td"),
    CELL("th"),
    { .name = "tr", .start = on_row, .end = on_table_end, .ends = true },
    { .name = "table", .start = on_table, .end = on_table_end },
    BLOCK_ELEMENT("li"),
    BLOCK_ELEMENT("ul"),
    BLOCK_ELEMENT("ol"),
    BLOCK_ELEMENT("dl"),
    BLOCK_ELEMENT("dt"),
    BLOCK_ELEMENT("dd"),
    HEADING("h1"),
    HEADING("h2"),
    HEADING("h3"),
    HEADING("h4"),
    HEADING("h5"),
    HEADING("h6"),
    RAW("script"),
    RAW("style"),
    RAW("iframe"),
    RAW("textarea"),
    HIDDEN("noscript"),
    HIDDEN("template"),
    HIDDEN("svg"),
    HIDDEN("object"),
    HIDDEN("select"),
    { .name = "title", .start = on_title, .end = on_nothing },
    EMPTY("meta", on_meta),
    { .name = "pre", .start = on_pre, .end = on_pre_end },
    DIVISION("section"),
    DIVISION("article"),
    DIVISION("center"),
    DIVISION("header"),
    DIVISION("footer"),
    DIVISION("main"),
    DIVISION("nav"),
    DIVISION("aside"),
    DIVISION("body"),
    DIVISION("head"),
    DIVISION("html"),
    BLOCK_ELEMENT("blockquote"),
    BLOCK_ELEMENT("form"),
    BLOCK_ELEMENT("fieldset"),
    BLOCK_ELEMENT("legend"),
    BLOCK_ELEMENT("figure"),
    BLOCK_ELEMENT("figcaption"),
    BLOCK_ELEMENT("address"),
    BLOCK_ELEMENT("details"),
    BLOCK_ELEMENT("summary"),
    BLOCK_ELEMENT("caption"),
    BLOCK_ELEMENT("option"),
    EMPTY("hr", on_block),
    EMPTY("img", on_nothing),
    EMPTY("input", on_nothing),
    EMPTY("link", on_nothing),
    EMPTY("base", on_nothing),
    EMPTY("col", on_nothing),
    EMPTY("area", on_nothing),
    EMPTY("embed", on_nothing),
    EMPTY("param", on_nothing),
    EMPTY("source", on_nothing),
    EMPTY("track", on_nothing),
    EMPTY("wbr", on_nothing),
};

static const struct element *element_of(sm_str name)
{
    for (size_t i = 0; i < SM_LEN(elements); i++)
        if (sm_str_is(name, elements[i].name))
            return &elements[i];
    return NULL;
}

/* ------------------------------------------------------------ tokenizing */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static sm_str take_until(struct html *h, const char *stops)
{
    size_t from = h->at;
    while (h->at < h->s.n && !is_blank(h->s.p[h->at]) && !strchr(stops, h->s.p[h->at]))
        h->at++;
    return sm_str_sub(h->s, from, h->at);
}

static void pass_blanks(struct html *h)
{
    while (h->at < h->s.n && is_blank(h->s.p[h->at]))
        h->at++;
}

static sm_str take_value(struct html *h)
{
    char quote = h->at < h->s.n ? h->s.p[h->at] : 0;
    if (quote != '"' && quote != '\'')
        return take_until(h, ">");
    const char *close = memchr(h->s.p + h->at + 1, quote, h->s.n - h->at - 1);
    size_t from = h->at + 1;
    size_t to = close ? (size_t)(close - h->s.p) : h->s.n;
    h->at = close ? to + 1 : to;
    return sm_str_sub(h->s, from, to);
}

/* display:none and visibility:hidden, however blanks and case are put */
static bool style_hides(sm_str style)
{
    char plain[256];
    size_t n = 0;
    for (size_t i = 0; i < style.n && n + 1 < sizeof(plain); i++)
        if (!is_blank(style.p[i]))
            plain[n++] =
                style.p[i] >= 'A' && style.p[i] <= 'Z' ? (char)(style.p[i] | 32) : style.p[i];
    plain[n] = 0;
    return strstr(plain, "display:none") || strstr(plain, "visibility:hidden");
}

static void take_attribute(struct html *h, struct tag *t)
{
    sm_str name = take_until(h, "=>/");
    if (name.n == 0) { /* a stray / or = */
        h->at += h->at < h->s.n;
        return;
    }
    pass_blanks(h);
    sm_str value = { 0 };
    if (h->at < h->s.n && h->s.p[h->at] == '=') {
        h->at++;
        pass_blanks(h);
        value = take_value(h);
    }
    if (sm_str_is(name, "hidden"))
        t->hidden = true;
    else if (sm_str_is(name, "style"))
        t->hidden |= style_hides(value);
    else if (sm_str_is(name, "name") && t->meta_name.n == 0)
        t->meta_name = value;
    else if (sm_str_is(name, "content") && t->content.n == 0)
        t->content = value;
}

/* At '<' and a letter, or '</' and a letter.  False when the file ends inside. */
static bool take_tag(struct html *h, struct tag *t)
{
    h->at++;
    if (h->s.p[h->at] == '/') {
        t->end = true;
        h->at++;
    }
    t->name = take_until(h, "/>");
    for (pass_blanks(h); h->at < h->s.n && h->s.p[h->at] != '>'; pass_blanks(h))
        take_attribute(h, t);
    if (h->at >= h->s.n)
        return false;
    t->closed = h->s.p[h->at - 1] == '/';
    h->at++;
    return true;
}

/* Inside a hidden element only its own tags count.  True: the tag is hidden too. */
static bool still_hidden(struct html *h, const struct tag *t, const struct element *e)
{
    bool same = t->name.n == h->skip.n && strncasecmp(t->name.p, h->skip.p, h->skip.n) == 0;
    if (!t->end && h->skip_depth == 1 && sm_str_is(h->skip, "p") && e && e->start == on_block)
        same = true; /* a block ends an open <p> */
    if (!same)
        return true;
    const struct element *self = element_of(h->skip);
    if (!t->end && !(self && self->ends)) {
        h->skip_depth += !t->closed;
        return true;
    }
    bool over = !t->end || --h->skip_depth == 0;
    if (over)
        h->skip = (sm_str){ 0 };
    return t->end || !over;
}

static void handle_tag(struct html *h, const struct tag *t)
{
    const struct element *e = element_of(t->name);
    if (e && e->start == on_raw && !t->end) {
        on_raw(h, t);
        return;
    }
    if (h->skip.n && still_hidden(h, t, e))
        return;
    bool page = sm_str_is(t->name, "body") || sm_str_is(t->name, "html");
    if (t->hidden && !t->end && !page && !(e && e->empty))
        on_hidden(h, t);
    else if (e)
        (t->end ? e->end : e->start)(h, t);
}

static void pass(struct html *h, sm_str end)
{
    size_t at = sm_str_find(h->s, end, h->at);
    h->at = at == SIZE_MAX ? h->s.n : at + end.n;
}

static void take_markup(struct html *h)
{
    sm_str rest = sm_str_after(h->s, h->at);
    char c = rest.n > 1 ? rest.p[1] : 0;
    if (sm_str_starts(rest, SM_STR("<!--"))) {
        pass(h, SM_STR("-->"));
    } else if (c == '!' || c == '?' || (c == '/' && rest.n > 2 && !is_letter(rest.p[2]))) {
        pass(h, SM_STR(">"));
    } else if (is_letter(c) || (c == '/' && rest.n > 2)) {
        struct tag t = { 0 };
        if (take_tag(h, &t))
            handle_tag(h, &t);
    } else {
        add_text(h, SM_STR("<"));
        h->at++;
    }
}

static void take_reference(struct html *h)
{
    char bytes[4];
    size_t n = 0, taken = sm_entity_take(sm_str_after(h->s, h->at), bytes, &n);
    add_text(h, taken ? (sm_str){ bytes, n } : SM_STR("&"));
    h->at += taken ? taken : 1;
}

static void take_text(struct html *h)
{
    static const char stops[] = { '<', '&', '\n', SM_PIECE_END, SM_CELL_END };
    size_t from = h->at;
    while (h->at < h->s.n && !memchr(stops, h->s.p[h->at], sizeof(stops)))
        h->at++;
    sm_str run = sm_str_sub(h->s, from, h->at);
    h->at = from;
    add_text(h, run);
    h->at += run.n;
    if (run.n)
        return;
    if (h->s.p[h->at] == '\n' && h->pre && h->skip.n == 0)
        cut(h);
    else
        add_text(h, h->s.p[h->at] == '\n' ? SM_STR("\n") : SM_STR(" "));
    h->at++;
}

static void walk(struct html *h)
{
    while (h->at < h->s.n && h->rc == SM_OK) {
        char c = h->s.p[h->at];
        if (c == '<')
            take_markup(h);
        else if (c == '&')
            take_reference(h);
        else
            take_text(h);
    }
    end_row(h);
    flush(h);
}

/* The charset the page names in its first bytes, or empty. */
static sm_str charset_of(sm_str bytes)
{
    struct html h = { .s = sm_str_sub(bytes, 0, CHARSET_WITHIN) };
    for (; h.at + 8 < h.s.n; h.at++) {
        if (strncasecmp(h.s.p + h.at, "charset", 7) != 0)
            continue;
        h.at += 7;
        pass_blanks(&h);
        if (h.at >= h.s.n || h.s.p[h.at] != '=')
            continue;
        h.at++;
        pass_blanks(&h);
        if (h.at < h.s.n && (h.s.p[h.at] == '"' || h.s.p[h.at] == '\''))
            h.at++;
        return take_until(&h, "\"'/>;");
    }
    return (sm_str){ 0 };
}

sm_rc sm_html_read(sm_reader *r, sm_str bytes)
{
    struct html h = { .r = r };
    sm_rc rc = sm_reader_decode(r, bytes, charset_of(bytes), &h.s);
    if (rc < 0)
        return rc;
    if (sm_str_starts(h.s, SM_STR("\xef\xbb\xbf")))
        h.at = 3;
    sm_buf_init(&h.text, h.s.n * 2 + 64);
    walk(&h);
    if (h.rc == SM_OK && h.text.failed)
        h.rc = sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字过长；请拆分成几个文件后再导入", r->name);
    sm_buf_done(&h.text);
    return h.rc;
}
