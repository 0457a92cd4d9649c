/*
 * A text cut into clauses and tokens, each with how it is said.
 */
#include "ground/inner.h"

#include <string.h>

/* ------------------------------------------------------------- characters */

typedef struct glyph {
    uint32_t c, at, n;
    int32_t fact; /* the fact it is of, or -1 */
} glyph;

typedef struct reader {
    sm_arena *a;
    sm_reading *r;
    glyph *g;
    size_t n;
    uint32_t sentence;
    /* how things are said at this place */
    uint8_t mod;
    bool mod_neg;
    uint8_t neg_left; /* characters that a bare 不 still denies */
    bool cued;
} reader;

enum { NEG_REACH = 4, NEG_REACH_LONG = 5 };

bool sm_is_figure(const sm_fact *f)
{
    return f->kind != SM_FACT_ORGAN && f->kind != SM_FACT_ADDRESS && f->kind != SM_FACT_TITLE;
}

static void glyphs_of(reader *x)
{
    sm_str rest = x->r->text;
    size_t f = 0;
    x->g = SM_NEWS(x->a, glyph, rest.n + 1);
    while (rest.n) {
        const char *p = rest.p;
        uint32_t c = sm_text_fold(sm_utf8_next(&rest));
        while (f < x->r->n_facts && p >= x->r->fact[f].text.p + x->r->fact[f].text.n)
            f++;
        bool in = f < x->r->n_facts && p >= x->r->fact[f].text.p && sm_is_figure(&x->r->fact[f]);
        x->g[x->n++] = (glyph){ c, (uint32_t)(p - x->r->text.p), (uint32_t)(rest.p - p),
                                in ? (int32_t)f : -1 };
    }
}

static bool ends_sentence(uint32_t c)
{
    return c == 0x3002 || c == '!' || c == '?' || c == ';' || c == '\n';
}

static bool ends_clause(uint32_t c)
{
    return c == ',' || c == '(' || c == ')' || c == 0xff0c || ends_sentence(c);
}

/* A colon ends a clause before a list; else it parts a label from what it labels. */
static bool opens_list(const reader *x, size_t at)
{
    if (x->g[at].c != ':')
        return false;
    while (++at < x->n && x->g[at].c == ' ')
        continue;
    return at >= x->n || x->g[at].c == '\n';
}

static bool stops(const reader *x, size_t at)
{
    return x->g[at].fact < 0 && (ends_clause(x->g[at].c) || opens_list(x, at));
}

/* Quotation marks do not part what they stand between. */
static bool is_quote(uint32_t c)
{
    return c == 0x201c || c == 0x201d || c == 0x2018 || c == 0x2019 || c == 0x300c || c == 0x300d ||
           c == '"' || c == '\'';
}

/* ------------------------------------------------------------------- cues */

static bool has(unsigned cues, int cue)
{
    return cues >> cue & 1;
}

static void take_cues(reader *x, sm_part *part, size_t at, const sm_word *w)
{
    unsigned c = w->cue;
    part->cues |= c;
    part->n_denials += has(c, SM_CUE_NOT) || has(c, SM_CUE_MAY_NOT) || has(c, SM_CUE_NEED_NOT);
    for (uint8_t k = SM_CUE_FIRST; k <= SM_CUE_BY; k++)
        if (has(c, k)) {
            SM_GROW(x->a, x->r->event, x->r->n_events, x->r->cap_events);
            x->r->event[x->r->n_events++] =
                (sm_event){ x->g[at].at, (uint32_t)x->r->n_parts - 1, k };
        }
    if (has(c, SM_CUE_NOT)) {
        size_t reach = x->g[at].c == 0x975e && w->n == 1 ? 2 /* 非 */
                       : w->n > 1                        ? NEG_REACH_LONG
                                                         : NEG_REACH;
        x->neg_left = x->neg_left ? 0 : (uint8_t)reach;
    } else if (has(c, SM_CUE_MAY_NOT) || has(c, SM_CUE_NEED_NOT)) {
        x->mod = has(c, SM_CUE_MAY_NOT) ? SM_MOD_MAY : SM_MOD_MUST;
        x->mod_neg = true;
        x->neg_left = 0;
    } else if (has(c, SM_CUE_MAY) || has(c, SM_CUE_MUST)) {
        x->mod = has(c, SM_CUE_MAY) ? SM_MOD_MAY : SM_MOD_MUST;
        x->mod_neg = false;
        x->neg_left = 0;
    } else {
        return;
    }
    x->cued = true;
}

static bool denied(const reader *x)
{
    return x->mod_neg != (x->neg_left > 0);
}

/* ----------------------------------------------------------------- pieces */

static void add_char(reader *x, const glyph *g, const sm_word *w)
{
    sm_reading *r = x->r;
    SM_GROW(x->a, r->chr, r->n_chars, r->cap_chars);
    r->chr[r->n_chars++] = (sm_char){ g->c,
                                      g->at,
                                      (uint32_t)r->n_parts - 1,
                                      x->mod,
                                      denied(x),
                                      w && (w->cue || w->kind == SM_WORD_LIGHT),
                                      w && has(w->cue, SM_CUE_OPENING) };
}

static sm_piece *add_piece(reader *x, size_t at, size_t n, sm_piece_kind kind)
{
    sm_reading *r = x->r;
    SM_GROW(x->a, r->piece, r->n_pieces, r->cap_pieces);
    sm_piece *p = &r->piece[r->n_pieces++];
    *p = (sm_piece){ .at = x->g[at].at,
                     .n = x->g[at + n - 1].at + x->g[at + n - 1].n - x->g[at].at,
                     .clause = (uint32_t)r->n_parts - 1,
                     .kind = (uint8_t)kind,
                     .chars = (uint8_t)n,
                     .mod = x->mod,
                     .neg = denied(x),
                     .cued = x->cued };
    x->cued &= kind == SM_PIECE_LIGHT;
    return p;
}

static void said(reader *x, size_t chars)
{
    x->neg_left = x->neg_left > chars ? (uint8_t)(x->neg_left - chars) : 0;
}

static bool is_word_char(uint32_t c)
{
    return sm_is_han(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == 0x3007;
}

/* A character of a run; its neighbours in the run give its keys. */
static void add_run_char(reader *x, size_t at, uint32_t before)
{
    sm_reading *r = x->r;
    sm_piece *p = add_piece(x, at, 1, SM_PIECE_CHAR);
    p->key[0] = before ? sm_pair_key(before, x->g[at].c) : 0;
    p->key[1] = 0;
    if (before && r->n_pieces >= 2)
        r->piece[r->n_pieces - 2].key[1] = p->key[0];
    if (!before)
        p->key[0] = 0;
}

static void add_word(reader *x, size_t at, size_t n, const sm_word *w)
{
    if (w->kind == SM_WORD_GLUE || w->group == 0)
        return;
    sm_piece *p = add_piece(x, at, n, w->kind == SM_WORD_LIGHT ? SM_PIECE_LIGHT : SM_PIECE_WORD);
    p->name = w->kind == SM_WORD_NAME;
    p->key[0] = sm_group_key(w->group);
    p->group = w->group;
    p->word = w;
    said(x, w->n);
}

/* The word at `at`; bytes of the run before it in *before.  Characters taken. */
static size_t take_word(reader *x, sm_part *part, size_t at, size_t end, uint32_t *before)
{
    uint32_t c[16];
    size_t n = 0;
    while (n < SM_LEN(c) && at + n < end && is_word_char(x->g[at + n].c) && x->g[at + n].fact < 0) {
        c[n] = x->g[at + n].c;
        n++;
    }
    const sm_word *w = n ? sm_word_at(c, n) : NULL;
    if (w && w->cue)
        take_cues(x, part, at, w);
    size_t taken = w ? w->n : 1;
    for (size_t i = 0; i < taken; i++)
        add_char(x, &x->g[at + i], w);
    if (!w || w->kind == SM_WORD_WHOLE) {
        for (size_t i = 0; i < taken; i++) {
            add_run_char(x, at + i, *before);
            *before = x->g[at + i].c;
            said(x, 1);
        }
        return taken;
    }
    *before = 0;
    add_word(x, at, taken, w);
    for (size_t i = 0; i < w->n_spelled; i++) {
        if (w->spelled[i]->cue)
            take_cues(x, part, at, w->spelled[i]);
        add_word(x, at, taken, w->spelled[i]);
    }
    return taken;
}

/* ---------------------------------------------------------------- clauses */

static void close_part(reader *x, uint32_t end_at, uint32_t stop)
{
    static const char *const tails[] = { "的",   "时",     "后",     "的话", "前",
                                         "期间", "情况下", "情形下", "以后", "之后" };
    sm_reading *r = x->r;
    sm_part *p = &r->part[r->n_parts - 1];
    p->n = end_at - p->at;
    p->n_pieces = (uint32_t)r->n_pieces - p->piece;
    sm_str text = sm_str_sub(r->text, p->at, end_at);
    while (p->fact + p->n_facts < r->n_facts &&
           r->fact[p->fact + p->n_facts].text.p < r->text.p + end_at)
        p->n_facts++;
    p->head = stop == ':';
    p->condition = stop == ',' && (sm_str_ends_any(text, tails, SM_LEN(tails)) ||
                                   has(p->cues, SM_CUE_IF) || sm_str_starts(text, SM_STR("除")));
    p->asks = stop == '?';
    bool bare = p->n_pieces == 0 && p->n_facts == 0;
    if (bare &&
        (has(p->cues, SM_CUE_NOT) || has(p->cues, SM_CUE_NEED_NOT) || has(p->cues, SM_CUE_MAY_NOT)))
        p->answers = -1;
    else if (bare && (has(p->cues, SM_CUE_MAY) || has(p->cues, SM_CUE_MUST)))
        p->answers = 1;
}

static void open_part(reader *x, uint32_t at)
{
    sm_reading *r = x->r;
    uint32_t fact = r->n_parts ? r->part[r->n_parts - 1].fact + r->part[r->n_parts - 1].n_facts : 0;
    SM_GROW(x->a, r->part, r->n_parts, r->cap_parts);
    r->part[r->n_parts++] = (sm_part){
        .at = at, .sentence = x->sentence, .piece = (uint32_t)r->n_pieces, .fact = fact
    };
    x->mod = SM_MOD_NONE;
    x->mod_neg = false;
    x->neg_left = 0;
    x->cued = false;
}

/* One clause: up to, without, its stop.  Where it ended. */
static size_t read_part(reader *x, size_t at)
{
    uint32_t before = 0;
    open_part(x, x->g[at].at);
    sm_part *part = &x->r->part[x->r->n_parts - 1];
    size_t end = at;
    while (end < x->n && !stops(x, end))
        end++;
    for (size_t i = at; i < end;) {
        if (x->g[i].fact >= 0) {
            before = 0;
            x->cued = false;
            said(x, 1);
            i++;
        } else if (is_word_char(x->g[i].c)) {
            i += take_word(x, part, i, end, &before);
        } else {
            before = is_quote(x->g[i].c) ? before : 0;
            i++;
        }
    }
    uint32_t stop = end < x->n ? x->g[end].c : 0;
    close_part(x, end < x->n ? x->g[end].at : (uint32_t)x->r->text.n, stop);
    if (stop && ends_sentence(stop))
        x->sentence++;
    return end < x->n ? end + 1 : end;
}

/* A character alone has itself for a key. */
static void key_lone_chars(sm_reading *r)
{
    for (size_t i = 0; i < r->n_pieces; i++) {
        sm_piece *p = &r->piece[i];
        if (p->kind != SM_PIECE_CHAR || p->key[0] || p->key[1])
            continue;
        sm_str s = sm_str_sub(r->text, p->at, p->at + p->n);
        p->key[0] = sm_pair_key(0, sm_text_fold(sm_utf8_next(&s)));
    }
}

/* 不得超过网签合同总价的15%: a bound that does not stand beside its figure. */
static void bound_far(sm_reading *r, const sm_part *p, uint32_t k)
{
    static const struct {
        const char *word;
        sm_fact_bound bound;
    } words[] = {
        { "不得超过", SM_BOUND_AT_MOST },  { "不能超过", SM_BOUND_AT_MOST },
        { "不超过", SM_BOUND_AT_MOST },    { "不得高于", SM_BOUND_AT_MOST },
        { "不高于", SM_BOUND_AT_MOST },    { "不得多于", SM_BOUND_AT_MOST },
        { "最多", SM_BOUND_AT_MOST },      { "最高", SM_BOUND_AT_MOST },
        { "至多", SM_BOUND_AT_MOST },      { "上限", SM_BOUND_AT_MOST },
        { "不得低于", SM_BOUND_AT_LEAST }, { "不能低于", SM_BOUND_AT_LEAST },
        { "不低于", SM_BOUND_AT_LEAST },   { "不得少于", SM_BOUND_AT_LEAST },
        { "不少于", SM_BOUND_AT_LEAST },   { "至少", SM_BOUND_AT_LEAST },
        { "最低", SM_BOUND_AT_LEAST },     { "最少", SM_BOUND_AT_LEAST },
        { "不能高于", SM_BOUND_AT_MOST },  { "不能少于", SM_BOUND_AT_LEAST },
    };
    sm_fact *f = &r->fact[k];
    uint32_t from = p->at, at = (uint32_t)(f->text.p - r->text.p);
    if (k > p->fact)
        from = (uint32_t)(r->fact[k - 1].text.p - r->text.p + (ptrdiff_t)r->fact[k - 1].text.n);
    sm_str before = sm_str_sub(r->text, from, at);
    for (size_t i = 0; i < SM_LEN(words) && f->bound == SM_BOUND_NONE; i++)
        if (sm_str_has(before, sm_str_of(words[i].word)))
            f->bound = words[i].bound;
}

static void bound_facts(sm_reading *r)
{
    for (size_t i = 0; i < r->n_parts; i++) {
        const sm_part *p = &r->part[i];
        for (uint32_t k = p->fact; k < p->fact + p->n_facts; k++)
            if (r->fact[k].bound == SM_BOUND_NONE && r->fact[k].kind <= SM_FACT_AGE)
                bound_far(r, p, k);
    }
}

void sm_read_text(sm_arena *a, sm_str text, const sm_organs *organs, sm_reading *out)
{
    *out = (sm_reading){ .text = text };
    out->n_facts = sm_text_facts_all(a, text, organs, &out->fact);
    reader x = { .a = a, .r = out };
    glyphs_of(&x);
    for (size_t at = 0; at < x.n;)
        at = read_part(&x, at);
    /* A question asks in all of its clauses. */
    for (size_t i = out->n_parts; i-- > 1;)
        if (out->part[i].asks && out->part[i - 1].sentence == out->part[i].sentence)
            out->part[i - 1].asks = true;
    key_lone_chars(out);
    bound_facts(out);
    out->n_sentences = x.sentence + 1;
}
