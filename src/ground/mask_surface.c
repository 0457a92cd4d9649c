/*
 * What may be written that is not free: the surfaces of the evidence's facts, alone, in other
 * numerals and with their neighbours; what else of it has a sign that is not free; quotations of
 * its phrases and sentences; names of the catalogue; citations and pointers; ordinary words.
 *
 * A surface is a proposal: whether it may stand where it is written is asked there (mask.c).
 */
#include "ground/mask_inner.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_SURFACES = 200000,
    MAX_NEIGHBOURS = 3, /* facts that a fact is offered with: 3至5个工作日 */
    NEIGHBOUR_BYTES = 12,
    CONTEXT_CHARS = 6, /* after a fact that is another one without them */
    MAX_QUOTES = 40000,
    LEAST_QUOTE = 6,
    MAX_POINTED = 8, /* sentences of one pointer */
    MAX_CHAINED = 4
};

static const struct {
    const char *open, *close;
} marks[] = { { "", "" }, { "「", "」" }, { "“", "”" }, { "《", "》" } };

enum { BARE, CORNER, CURLY, TITLE };

size_t sm_surface_bytes(const sm_surface *s)
{
    return s->n + (s->mark ? 6u : 0u);
}

int sm_surface_byte(const sm_surface *s, size_t at)
{
    size_t open = s->mark ? 3 : 0;
    if (at < open)
        return (uint8_t)marks[s->mark].open[at];
    at -= open;
    if (at < s->n)
        return (uint8_t)s->body[at];
    at -= s->n;
    return at < open ? (uint8_t)marks[s->mark].close[at] : -1;
}

void sm_surface_copy(const sm_surface *s, size_t from, char *to)
{
    int b;
    for (size_t i = from; (b = sm_surface_byte(s, i)) >= 0; i++)
        *to++ = (char)b;
}

/* -------------------------------------------------------------------- keys */

static sm_str *slot_of(const sm_keys *k, sm_str key)
{
    size_t i = sm_hash64(key, 0) & (k->n_slots - 1);
    while (k->slot[i].p && !sm_str_eq(k->slot[i], key))
        i = (i + 1) & (k->n_slots - 1);
    return &k->slot[i];
}

static void make_room(sm_arena *a, sm_keys *k)
{
    sm_keys more = { .n = k->n, .n_slots = SM_MAX(k->n_slots * 2, (size_t)64) };
    more.slot = SM_NEWS(a, sm_str, more.n_slots);
    memset(more.slot, 0, more.n_slots * sizeof(*more.slot));
    for (size_t i = 0; i < k->n_slots; i++)
        if (k->slot[i].p)
            *slot_of(&more, k->slot[i]) = k->slot[i];
    *k = more;
}

void sm_keys_add(sm_arena *a, sm_keys *k, sm_str key)
{
    if (k->n * 2 >= k->n_slots)
        make_room(a, k);
    sm_str *slot = slot_of(k, key);
    k->n += !slot->p;
    *slot = slot->p ? *slot : sm_str_dup(a, key);
}

void sm_keys_read(sm_arena *a, sm_keys *k, sm_str text)
{
    sm_arena *room = sm_arena_open();
    sm_fact *fact;
    size_t n = sm_text_facts_all(room, text, NULL, &fact);
    for (size_t i = 0; i < n; i++)
        sm_keys_add(a, k, fact[i].key);
    sm_arena_close(room);
}

bool sm_keys_has(const sm_keys *k, sm_str key)
{
    return k->n_slots && slot_of(k, key)->p;
}

bool sm_keys_hold(const sm_keys *k, sm_str text)
{
    sm_arena *a = sm_arena_open();
    sm_fact *fact;
    size_t n = sm_text_facts_all(a, text, NULL, &fact);
    bool all = true;
    for (size_t i = 0; all && i < n; i++)
        all = sm_keys_has(k, fact[i].key);
    sm_arena_close(a);
    return all;
}

/* ------------------------------------------------------------------ reading */

typedef struct reading {
    sm_op *op;
    const sm_evidence *e;
    sm_surfaces *out;
    sm_keys *keys;
    size_t n_quotes;
} reading;

/* [3] and <2.1> are ours to write; a footnote's would be read as one. */
static bool has_mark(sm_str s)
{
    for (size_t i = 0; i + 1 < s.n; i++)
        if ((s.p[i] == '[' || s.p[i] == '<') && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
            return true;
    return false;
}

static void add(reading *r, sm_str body, unsigned mark, sm_surface_kind kind)
{
    sm_surfaces *o = r->out;
    size_t bytes = body.n + (mark ? 6 : 0);
    if (body.n == 0 || bytes > SM_SURFACE_BYTES || o->n == MAX_SURFACES ||
        (kind == SM_SURFACE_TEXT && has_mark(body)))
        return;
    SM_GROW(r->op->arena, o->item, o->n, o->cap);
    o->item[o->n++] = (sm_surface){ body.p, (uint16_t)body.n, (uint8_t)mark, (uint8_t)kind };
}

static void add_text(reading *r, sm_str body)
{
    add(r, body, BARE, SM_SURFACE_TEXT);
}

/* Signs that open or close what is quoted, named, cited: never offered by themselves. */
static bool is_fence(uint32_t c)
{
    static const uint32_t fences[] = { '"',    '\'',   '`',    '[',    ']',    '<',    '>',
                                       0xab,   0xbb,   0x2018, 0x2019, 0x201a, 0x201c, 0x201d,
                                       0x201e, 0x2039, 0x203a, 0x3008, 0x3009, 0x300a, 0x300b,
                                       0x300c, 0x300d, 0x300e, 0x300f, 0x301d, 0x301e, 0x301f,
                                       0xff02, 0xff07, 0xff1c, 0xff1e, 0xff3b, 0xff3d, 0xff40 };
    for (size_t i = 0; i < SM_LEN(fences); i++)
        if (fences[i] == c)
            return true;
    return c < ' ' || c == 0x7f;
}

static bool is_closed(uint32_t c)
{
    return !sm_mask_is_free(c) && !is_fence(c);
}

/* So many characters more, as far as they are no fences. */
static size_t after_words(sm_str s, size_t at, size_t n)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    for (size_t i = 0; i < n && rest.n; i++) {
        sm_str ahead = rest;
        if (is_fence(sm_utf8_next(&ahead)))
            break;
        rest = ahead;
    }
    return s.n - rest.n;
}

/* --------------------------------------------------------------- numerals */

/* 二十 for 20: below 10000. */
static sm_str in_han(sm_arena *a, int64_t v)
{
    static const char *const digit[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    static const char *const by[] = { "千", "百", "十", "" };
    static const int64_t unit[] = { 1000, 100, 10, 1 };
    sm_buf b;
    bool zero = false;
    sm_buf_init(&b, 64);
    for (size_t i = 0; i < 4; i++) {
        int64_t d = v / unit[i] % 10;
        zero = zero || (d == 0 && b.n);
        if (d == 0)
            continue;
        if (zero)
            sm_buf_add(&b, SM_STR("零"));
        zero = false;
        if (!(i == 2 && d == 1 && b.n == 0))
            sm_buf_add(&b, sm_str_of(digit[d]));
        sm_buf_add(&b, sm_str_of(by[i]));
    }
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* The numeral that a fact begins with, and what follows it. */
static sm_str leading_numeral(sm_str fact)
{
    sm_str rest = fact;
    while (rest.n) {
        sm_str ahead = rest;
        uint32_t c = sm_utf8_next(&ahead);
        if (!sm_mask_is_numeral(c) || c == 0x534a)
            break;
        rest = ahead;
    }
    return sm_str_sub(fact, 0, fact.n - rest.n);
}

/* 20个工作日 where the evidence has 二十个工作日, and the other way: only if it is the same fact.
 */
static void add_other_numerals(reading *r, sm_str fact)
{
    sm_arena *a = r->op->arena;
    sm_str numeral = leading_numeral(fact);
    int64_t v = numeral.n ? sm_text_integer(numeral) : -1;
    if (v <= 0 || v > 9999 || numeral.n == fact.n)
        return;
    sm_str rest = sm_str_sub(fact, numeral.n, fact.n);
    sm_str other[] = { sm_strf(a, "%lld%.*s", (long long)v, SM_ARG(rest)),
                       sm_strf(a, "%.*s%.*s", SM_ARG(in_han(a, v)), SM_ARG(rest)) };
    for (size_t i = 0; i < SM_LEN(other); i++)
        if (!sm_str_eq(other[i], fact) && sm_keys_hold(r->keys, other[i]))
            add_text(r, other[i]);
}

/* ------------------------------------------------------------------- facts */

static void add_facts(reading *r, sm_str text)
{
    sm_fact *fact;
    size_t n = sm_text_facts_all(r->op->arena, text, NULL, &fact);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)(fact[i].text.p - text.p), end = at + fact[i].text.n;
        add_text(r, fact[i].text);
        add_text(r, sm_str_sub(text, at, after_words(text, end, CONTEXT_CHARS)));
        add_other_numerals(r, fact[i].text);
        for (size_t k = i + 1; k < n && k <= i + MAX_NEIGHBOURS; k++) {
            size_t next = (size_t)(fact[k].text.p - text.p);
            if (next > end + NEIGHBOUR_BYTES)
                break;
            end = next + fact[k].text.n;
            add_text(r, sm_str_sub(text, at, end));
        }
    }
}

/* What is not free and no fact either: （一）, 一网通办, ①, and the characters after it. */
static void add_closed(reading *r, sm_str text)
{
    enum { MAX_AFTER = 2 };
    for (size_t at = 0; at < text.n;) {
        sm_str rest = sm_str_sub(text, at, text.n);
        bool closed = is_closed(sm_utf8_next(&rest));
        size_t end = text.n - rest.n;
        while (closed && rest.n && is_closed(sm_utf8_next(&rest)))
            end = text.n - rest.n;
        for (size_t n = 0; closed && n <= MAX_AFTER; n++)
            add_text(r, sm_str_sub(text, at, after_words(text, end, n)));
        at = end;
    }
}

/* -------------------------------------------------------------- quotations */

static void add_quote(reading *r, sm_str body)
{
    body = sm_str_trim(body);
    if (body.n < LEAST_QUOTE || r->n_quotes >= MAX_QUOTES)
        return;
    r->n_quotes++;
    if (!sm_str_has(body, SM_STR("「")) && !sm_str_has(body, SM_STR("」")))
        add(r, body, CORNER, SM_SURFACE_TEXT);
    if (!sm_str_has(body, SM_STR("“")) && !sm_str_has(body, SM_STR("”")))
        add(r, body, CURLY, SM_SURFACE_TEXT);
}

/* The bytes of a comma, colon or stop at `at`. */
static size_t phrase_end(sm_str s, size_t at)
{
    static const char *const ends[] = { "，", "：", "；", "。", "！", "？", "\n" };
    for (size_t i = 0; i < SM_LEN(ends); i++)
        if (sm_str_starts(sm_str_sub(s, at, s.n), sm_str_of(ends[i])))
            return strlen(ends[i]);
    return 0;
}

/* Every run of phrases of one sentence, with the stop after it and without. */
static void quote_phrases(reading *r, sm_str s)
{
    size_t start[MAX_CHAINED] = { 0 }, n = 1;
    for (size_t at = 0, k; at < s.n; at += k) {
        k = phrase_end(s, at);
        if (k == 0 && at + 1 < s.n) {
            k = 1;
            continue;
        }
        bool last = at + SM_MAX(k, (size_t)1) >= s.n;
        for (size_t i = 0; i < n; i++) {
            add_quote(r, sm_str_sub(s, start[i], k ? at : s.n));
            if (last && k)
                add_quote(r, sm_str_sub(s, start[i], s.n));
        }
        k = SM_MAX(k, (size_t)1);
        if (n == MAX_CHAINED)
            memmove(start, start + 1, (n - 1) * sizeof(*start));
        n = SM_MIN(n + 1, (size_t)MAX_CHAINED);
        start[n - 1] = at + k;
    }
}

/* What the evidence itself has in quotation marks. */
static void quote_quoted(reading *r, sm_str text, const char *open, const char *close)
{
    for (size_t at = 0; (at = sm_str_find(text, sm_str_of(open), at)) != SIZE_MAX;) {
        at += strlen(open);
        size_t end = sm_str_find(text, sm_str_of(close), at);
        if (end == SIZE_MAX)
            return;
        sm_str body = sm_str_sub(text, at, end);
        if (body.n <= SM_SURFACE_BYTES - 6 && !sm_str_has(body, sm_str_of(open))) {
            add(r, body, CORNER, SM_SURFACE_TEXT);
            add(r, body, CURLY, SM_SURFACE_TEXT);
        }
    }
}

static void add_quotes(reading *r, size_t passage)
{
    const sm_str *sentence;
    size_t n = sm_evidence_sentences(r->e, passage, &sentence);
    for (size_t i = 0; i < n; i++)
        quote_phrases(r, sentence[i]);
    sm_str text = sm_evidence_source(r->e, passage)->text;
    quote_quoted(r, text, "“", "”");
    quote_quoted(r, text, "「", "」");
    quote_quoted(r, text, "‘", "’");
}

/* ------------------------------------------------------------------- marks */

static void add_marks(reading *r, size_t passage)
{
    const sm_str *sentence;
    sm_arena *a = r->op->arena;
    size_t n = sm_evidence_sentences(r->e, passage, &sentence);
    add(r, sm_strf(a, "[%zu]", passage + 1), BARE, SM_SURFACE_CITE);
    for (size_t i = 1; i <= n; i++) {
        add(r, sm_strf(a, "<%zu.%zu>", passage + 1, i), BARE, SM_SURFACE_POINTER);
        for (size_t k = i + 1; k <= n && k < i + MAX_POINTED; k++)
            add(r, sm_strf(a, "<%zu.%zu-%zu>", passage + 1, i, k), BARE, SM_SURFACE_POINTER);
    }
}

/* ----------------------------------------------------------------- catalogue */

/* A name is a title that may be said; facts within it are not said by that. */
static sm_rc add_items(reading *r, const sm_str *item, size_t n_items)
{
    if (n_items > SM_MASK_ITEMS_MAX)
        return sm_fail(r->op, SM_E_LIMIT, "事项名称超过 %d 个", SM_MASK_ITEMS_MAX);
    for (size_t i = 0; i < n_items; i++) {
        if (!sm_utf8_valid(item[i], NULL))
            return sm_fail(r->op, SM_E_INVALID, "第 %zu 个事项名称不是 UTF-8 文字", i + 1);
        sm_str name = sm_str_trim(item[i]);
        if (name.n == 0 || name.n > SM_MASK_ITEM_BYTES || memchr(name.p, '\n', name.n))
            continue;
        sm_fact *fact;
        sm_str title = sm_strf(r->op->arena, "《%.*s》", SM_ARG(name));
        size_t n = sm_text_facts_all(r->op->arena, title, NULL, &fact);
        for (size_t k = 0; k < n; k++)
            if (fact[k].kind == SM_FACT_TITLE)
                sm_keys_add(r->op->arena, r->keys, fact[k].key);
        add(r, name, TITLE, SM_SURFACE_TEXT);
        add(r, name, CURLY, SM_SURFACE_TEXT);
        add(r, name, CORNER, SM_SURFACE_TEXT);
    }
    return SM_OK;
}

/* -------------------------------------------------------------------- order */

static int by_bytes(const void *a, const void *b)
{
    const sm_surface *x = a, *y = b;
    for (size_t i = 0;; i++) {
        int p = sm_surface_byte(x, i), q = sm_surface_byte(y, i);
        if (p != q)
            return p < q ? -1 : 1;
        if (p < 0)
            return (x->kind < y->kind) - (x->kind > y->kind); /* a mark before a text like it */
    }
}

static bool same_bytes(const sm_surface *x, const sm_surface *y)
{
    size_t n = sm_surface_bytes(x);
    if (n != sm_surface_bytes(y))
        return false;
    for (size_t i = 0; i < n; i++)
        if (sm_surface_byte(x, i) != sm_surface_byte(y, i))
            return false;
    return true;
}

static void put_in_order(sm_surfaces *s)
{
    size_t kept = 0;
    if (s->n)
        qsort(s->item, s->n, sizeof(*s->item), by_bytes);
    for (size_t i = 0; i < s->n; i++)
        if (kept == 0 || !same_bytes(&s->item[kept - 1], &s->item[i]))
            s->item[kept++] = s->item[i];
    s->n = kept;
}

sm_rc sm_surfaces_read(sm_op *op, const sm_evidence *e, const sm_str *item, size_t n_items,
                       sm_surfaces *out, sm_keys *keys)
{
    reading r = { .op = op, .e = e, .out = out, .keys = keys };
    const char *const *word;
    size_t n = sm_evidence_n(e);
    sm_rc rc = add_items(&r, item, n_items);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_keys_read(op->arena, keys, sm_evidence_source(e, i)->text);
        sm_keys_read(op->arena, keys, sm_evidence_source(e, i)->title);
    }
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        const sm_source *s = sm_evidence_source(e, i);
        add_marks(&r, i);
        add_facts(&r, s->text);
        add_facts(&r, s->title);
        add_closed(&r, s->text);
        add_closed(&r, s->title);
        add_quotes(&r, i);
    }
    n = sm_mask_words(&word);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        add_text(&r, sm_str_of(word[i]));
    put_in_order(out);
    return rc;
}
