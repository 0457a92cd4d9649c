#include "corpus/import.h"

#include <string.h>

#include "text/text.h"

enum {
    CLAUSE_CHARS = 600,
    SECTION_CHARS = 260,
    LEAD_CHARS = 200, /* of what leads in to a list, or closes it, and stands with each item */
    MAX_LEVELS = 9
};

void sm_piece_add(sm_pieces *p, sm_str path, sm_str heading, sm_str text, size_t pos)
{
    if (text.n == 0)
        return;
    SM_GROW(p->a, p->piece, p->n, p->cap);
    p->piece[p->n++] = (sm_piece){ path, heading, text, pos };
}

void sm_pieces_number(sm_pieces *p)
{
    size_t cap = 16;
    while (cap < 4 * p->n)
        cap *= 2;
    uint64_t *seen = p->n > 1 ? SM_NEWS(p->a, uint64_t, cap) : NULL;
    for (size_t i = 0; seen && i < p->n; i++) {
        sm_str path = p->piece[i].path;
        for (size_t again = 2;; again++) {
            uint64_t h = sm_hash64(path, 1) | 1;
            size_t at = (size_t)(h >> 8) & (cap - 1);
            while (seen[at] && seen[at] != h)
                at = (at + 1) & (cap - 1);
            if (!seen[at]) {
                seen[at] = h;
                break;
            }
            path = sm_strf(p->a, "%.*s·%zu", SM_ARG(p->piece[i].path), again);
        }
        p->piece[i].path = path;
    }
}

/* One paragraph with the number it begins with. */
struct para {
    sm_str text;
    size_t pos;
    sm_mark mark;
    bool heading, row;
    size_t table; /* of a row: where its table begins */
};

struct cutter {
    sm_pieces *out;
    struct para *para;
    size_t n;
    sm_str heading[3]; /* 编, 章, 节 */
};

static sm_str join(sm_arena *a, sm_str x, const char *between, sm_str y)
{
    if (x.n == 0 || y.n == 0)
        return x.n ? x : y;
    return sm_strf(a, "%.*s%s%.*s", SM_ARG(x), between, SM_ARG(y));
}

static sm_str headings(struct cutter *c)
{
    sm_str s = { 0 };
    for (size_t i = 0; i < SM_LEN(c->heading); i++)
        s = join(c->out->a, s, " / ", c->heading[i]);
    return s;
}

static sm_str text_of(struct cutter *c, size_t from, size_t to)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    for (size_t i = from; i < to; i++)
        sm_buf_addf(&b, "%s%.*s", i > from ? "\n" : "", SM_ARG(c->para[i].text));
    sm_str s = sm_str_dup(c->out->a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

static size_t chars_of(struct cutter *c, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += sm_utf8_count(c->para[i].text);
    return n;
}

/* A label as a step of a path: 一、 gives 一, 1. gives 1. */
static sm_str step_name(sm_str label)
{
    static const char *const tails[] = { "、", ".", "．" };
    for (size_t i = 0; i < SM_LEN(tails); i++)
        if (sm_str_ends(label, sm_str_of(tails[i])))
            label.n -= strlen(tails[i]);
    return label;
}

static size_t next_of_kind(struct cutter *c, size_t from, size_t to, sm_mark_kind kind)
{
    for (size_t i = from; i < to; i++)
        if (c->para[i].mark.kind == kind)
            return i;
    return to;
}

/* The kind of numbering one level down within from … to: the first that occurs twice or more. */
static sm_mark_kind below(struct cutter *c, size_t from, size_t to, sm_mark_kind above)
{
    for (int kind = SM_MAX((int)above + 1, (int)SM_MARK_ONE); kind <= SM_MARK_FOUR; kind++) {
        size_t first = next_of_kind(c, from, to, (sm_mark_kind)kind);
        if (first < to && next_of_kind(c, first + 1, to, (sm_mark_kind)kind) < to)
            return (sm_mark_kind)kind;
    }
    return SM_MARK_NONE;
}

/* Items mean nothing without what leads in to them (不予补贴的情形): of a long one its last
 * paragraph, or of that its last sentence; every item has it, so that none is longer. */
static sm_str lead_of(struct cutter *c, size_t from, size_t to)
{
    sm_str last = c->para[to - 1].text, *sentence;
    if (chars_of(c, from, to) <= LEAD_CHARS)
        return text_of(c, from, to);
    size_t n = sm_text_sentences(c->out->a, last, &sentence);
    if (sm_utf8_count(last) > LEAD_CHARS && n)
        last = sentence[n - 1];
    return sm_utf8_count(last) <= LEAD_CHARS ? last : (sm_str){ 0 };
}

/* Where what closes a list of `kind` begins (外省户籍的不享受前项补贴), which is said of all of it:
 * at plain paragraphs behind the last item, where no other item has any; `to` where none do. */
static size_t closing_of(struct cutter *c, size_t first, size_t to, sm_mark_kind kind)
{
    size_t last = first, closing;
    for (size_t i = first; i < to; i++)
        last = c->para[i].mark.kind == kind ? i : last;
    for (closing = last + 1; closing < to && c->para[closing].mark.kind != SM_MARK_NONE;)
        closing++;
    for (size_t i = first; i < last; i++)
        if (c->para[i].mark.kind == SM_MARK_NONE)
            return to;
    for (size_t i = closing; i < to; i++) /* who signed it is no sentence */
        if (c->para[i].mark.kind != SM_MARK_NONE || !sm_str_ends(c->para[i].text, SM_STR("。")))
            return to;
    return chars_of(c, closing, to) <= LEAD_CHARS ? closing : to;
}

/* What stands before and behind every clause of a section. */
struct around {
    sm_str lead, closing;
};

/* One clause, or several when it is too long and numbered further down; the words before the
 * first of them stand in their heading and, like what closes the list, with each. */
static void cut_section(struct cutter *c, size_t from, size_t to, sm_str path, sm_str heading,
                        struct around around, int depth)
{
    sm_arena *a = c->out->a;
    sm_mark_kind own = c->para[from].mark.kind;
    size_t most = own == SM_MARK_ARTICLE ? CLAUSE_CHARS : SECTION_CHARS;
    sm_mark_kind kind = below(c, from + 1, to, own);
    if (chars_of(c, from, to) <= most || kind == SM_MARK_NONE || depth >= MAX_LEVELS) {
        sm_str text = join(a, around.lead, "\n", text_of(c, from, to));
        sm_piece_add(c->out, path, heading, join(a, text, "\n", around.closing), c->para[from].pos);
        return;
    }
    size_t first = next_of_kind(c, from + 1, to, kind);
    sm_str lead = text_of(c, from, first);
    sm_str under = join(a, heading, " / ", sm_utf8_head(lead, 120));
    if (sm_utf8_count(lead) > 30)
        sm_piece_add(c->out, path, heading, join(a, around.lead, "\n", lead), c->para[from].pos);
    size_t closing = closing_of(c, first, to, kind);
    around.lead = join(a, around.lead, "\n", lead_of(c, from, first));
    around.closing = join(a, text_of(c, closing, to), "\n", around.closing);
    for (size_t i = first; i < closing;) {
        size_t end = SM_MIN(next_of_kind(c, i + 1, to, kind), closing);
        sm_str name = step_name(c->para[i].mark.label);
        cut_section(c, i, end, sm_strf(a, "%.*s/%.*s", SM_ARG(path), SM_ARG(name)), under, around,
                    depth + 1);
        i = end;
    }
}

static bool is_division(sm_mark_kind kind)
{
    return kind == SM_MARK_PART || kind == SM_MARK_CHAPTER || kind == SM_MARK_SECTION;
}

static void enter_division(struct cutter *c, const struct para *p)
{
    size_t level = (size_t)(p->mark.kind - SM_MARK_PART);
    c->heading[level] = p->text;
    for (size_t i = level + 1; i < SM_LEN(c->heading); i++)
        c->heading[i] = (sm_str){ 0 };
}

/* Cuts at every paragraph of `kind`; what stands before the first is 序. */
static void cut_at(struct cutter *c, sm_mark_kind kind)
{
    size_t i = 0;
    while (i < c->n && c->para[i].mark.kind != kind && !is_division(c->para[i].mark.kind))
        i++;
    if (i > 0)
        sm_piece_add(c->out, SM_STR("序"), (sm_str){ 0 }, text_of(c, 0, i), c->para[0].pos);
    while (i < c->n) {
        if (is_division(c->para[i].mark.kind)) {
            enter_division(c, &c->para[i++]);
            continue;
        }
        size_t end = i + 1;
        while (end < c->n && c->para[end].mark.kind != kind && !is_division(c->para[end].mark.kind))
            end++;
        sm_str name = step_name(c->para[i].mark.label);
        if (name.n == 0)
            name = sm_strf(c->out->a, "段%zu", i + 1);
        cut_section(c, i, end, name, headings(c), (struct around){ { 0 }, { 0 } }, 0);
        i = end;
    }
}

static bool asks(sm_str s)
{
    return sm_str_starts(s, SM_STR("问：")) || sm_str_starts(s, SM_STR("问:")) ||
           sm_str_starts(s, SM_STR("Q：")) || sm_str_starts(s, SM_STR("Q:"));
}

static size_t count_asks(const struct cutter *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += asks(c->para[i].text);
    return n;
}

static void cut_questions(struct cutter *c)
{
    size_t i = 0, no = 0;
    while (i < c->n && !asks(c->para[i].text))
        i++;
    if (i > 0)
        sm_piece_add(c->out, SM_STR("序"), (sm_str){ 0 }, text_of(c, 0, i), c->para[0].pos);
    while (i < c->n) {
        size_t end = i + 1;
        while (end < c->n && !asks(c->para[end].text))
            end++;
        sm_piece_add(c->out, sm_strf(c->out->a, "问%zu", ++no), c->para[i].text, text_of(c, i, end),
                     c->para[i].pos);
        i = end;
    }
}

/* The first row of the table that goes on here, which says what its columns are. */
static sm_str columns_of(struct cutter *c, size_t at)
{
    const struct para *first = &c->para[c->para[at].row ? c->para[at].table : at];
    bool goes_on = first < &c->para[at] && sm_utf8_count(first->text) <= LEAD_CHARS;
    return goes_on ? first->text : (sm_str){ 0 };
}

/* No numbering: paragraphs, headings and rows of a table with what follows or precedes.  Short ones
 * stay together, since one often limits what the one before it says. */
static void cut_paragraphs(struct cutter *c)
{
    sm_str under = { 0 };
    for (size_t i = 0, no = 0; i < c->n;) {
        size_t from = i, end;
        if (c->para[i].heading)
            under = c->para[i++].text;
        for (end = SM_MIN(i + 1, c->n); end < c->n && !c->para[end].heading; end++)
            if (chars_of(c, from, end + 1) > (c->para[end].row ? CLAUSE_CHARS : SECTION_CHARS))
                break;
        sm_str text = join(c->out->a, columns_of(c, from), "\n", text_of(c, from, end));
        sm_piece_add(c->out, sm_strf(c->out->a, "段%zu", ++no), under, text, c->para[from].pos);
        i = end;
    }
}

static size_t count_of(const struct cutter *c, sm_mark_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->para[i].mark.kind == kind;
    return n;
}

void sm_cut_document(sm_pieces *p, const sm_document *doc)
{
    struct cutter c = { .out = p, .para = SM_NEWS(p->a, struct para, doc->n_blocks + 1) };
    for (size_t i = 0; i < doc->n_blocks; i++) {
        const sm_block *b = &doc->block[i];
        if (b->kind == SM_BLOCK_HEADER)
            continue;
        bool title = b->kind == SM_BLOCK_HEADING && b->level == 1 && sm_str_eq(b->text, doc->title);
        if (title || (c.n == 0 && sm_str_eq(b->text, doc->title)))
            continue;
        sm_mark mark = b->kind == SM_BLOCK_ROW ? (sm_mark){ 0 } : sm_text_mark(b->text);
        bool row = b->kind == SM_BLOCK_ROW, goes_on = row && c.n && c.para[c.n - 1].row;
        c.para[c.n] = (struct para){ b->text, b->pos,
                                     mark,    b->kind == SM_BLOCK_HEADING,
                                     row,     goes_on ? c.para[c.n - 1].table : c.n };
        c.n++;
    }
    if (c.n == 0)
        return;
    if (count_of(&c, SM_MARK_ARTICLE) >= 2)
        cut_at(&c, SM_MARK_ARTICLE);
    else if (count_asks(&c) >= 2)
        cut_questions(&c);
    else if (count_of(&c, SM_MARK_ONE) >= 2)
        cut_at(&c, SM_MARK_ONE);
    else if (count_of(&c, SM_MARK_TWO) >= 2)
        cut_at(&c, SM_MARK_TWO);
    else if (count_of(&c, SM_MARK_THREE) >= 2)
        cut_at(&c, SM_MARK_THREE);
    else
        cut_paragraphs(&c);
}
