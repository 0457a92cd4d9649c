/*
 * Two versions of a document compared: equal paragraphs first, then in each gap between them those
 * that are alike, then the words of those.
 */
#include "review/compare.h"

#include "review/diff.h"
#include "text/text.h"

enum {
    MAX_PARS = 20000,
    MAX_CELLS = 40000, /* of a gap's table; a larger gap is halved */
    MAX_JUDGED = 1000, /* characters by which paragraphs are held to be alike */
    MAX_ISLAND = 3     /* so few equal characters between two changes are changed with them */
};
/* From which on two paragraphs are versions of one; where one alone stands in the place of one, a
 * date written otherwise. */
#define ALIKE      .4
#define ALIKE_LONE .15

typedef struct comparing {
    sm_op *op;
    const sm_layout *a, *b;
    int32_t *match;                /* of each paragraph of a */
    uint64_t **grams_a, **grams_b; /* sorted; NULL: not made yet */
    size_t *n_grams_a, *n_grams_b;
    sm_comparison *out;
    size_t cap;
} comparing;

/* --------------------------------------------------------------- paragraphs */

/* Characters and pairs, each as often as it stands there. */
static void make_grams(sm_arena *a, sm_str text, uint64_t **out, size_t *n)
{
    text = sm_utf8_head(text, MAX_JUDGED);
    uint64_t *g = SM_NEWS(a, uint64_t, 2 * text.n + 1);
    uint32_t before = 0;
    *n = 0;
    while (text.n) {
        uint32_t c = sm_utf8_next(&text);
        g[(*n)++] = c;
        if (before)
            g[(*n)++] = (uint64_t)before << 32 | c;
        before = c;
    }
    sm_sort_u64(g, *n);
    *out = g;
}

static double alike(comparing *c, size_t i, size_t k)
{
    sm_arena *a = c->op->arena;
    const sm_par *x = &c->a->par[i], *y = &c->b->par[k];
    if (!x->text.n || !y->text.n || x->place != y->place)
        return x->text.n == y->text.n && x->place == y->place;
    if (!c->grams_a[i])
        make_grams(a, x->text, &c->grams_a[i], &c->n_grams_a[i]);
    if (!c->grams_b[k])
        make_grams(a, y->text, &c->grams_b[k], &c->n_grams_b[k]);
    const uint64_t *p = c->grams_a[i], *q = c->grams_b[k];
    size_t n = c->n_grams_a[i], m = c->n_grams_b[k], both = 0;
    for (size_t s = 0, t = 0; s < n && t < m;) {
        both += p[s] == q[t];
        uint64_t least = SM_MIN(p[s], q[t]);
        s += p[s] == least;
        t += q[t] == least;
    }
    return 2.0 * (double)both / (double)(n + m);
}

/* The pairs of a gap, in order, that are most alike on the whole. */
static void pair_gap(comparing *c, size_t i0, size_t i1, size_t k0, size_t k1)
{
    size_t n = i1 - i0, m = k1 - k0, w = m + 1;
    double least = n == 1 && m == 1 ? ALIKE_LONE : ALIKE;
    if (!n || !m)
        return;
    if (n * m > MAX_CELLS && n > 1 && m > 1) {
        pair_gap(c, i0, i0 + n / 2, k0, k0 + m / 2);
        pair_gap(c, i0 + n / 2, i1, k0 + m / 2, k1);
        return;
    }
    double *best = SM_NEWS(c->op->arena, double, (n + 1) * w);
    double *is = SM_NEWS(c->op->arena, double, n *m);
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            double s = is[(i - 1) * m + k - 1] = alike(c, i0 + i - 1, k0 + k - 1);
            double both = s >= least ? best[(i - 1) * w + k - 1] + s : 0;
            best[i * w + k] = SM_MAX(both, SM_MAX(best[(i - 1) * w + k], best[i * w + k - 1]));
        }
    for (size_t i = n, k = m; i && k;) {
        double s = is[(i - 1) * m + k - 1], now = best[i * w + k];
        if (now <= best[(i - 1) * w + k])
            i--;
        else if (now <= best[i * w + k - 1])
            k--;
        else if (s >= least) {
            c->match[i0 + --i] = (int32_t)(k0 + --k);
        }
    }
}

static uint64_t *tokens_of(sm_arena *a, const sm_layout *l)
{
    uint64_t *t = SM_NEWS(a, uint64_t, l->n_pars + 1);
    for (size_t i = 0; i < l->n_pars; i++)
        t[i] = sm_hash64(l->par[i].text, (uint64_t)l->par[i].place + 1);
    return t;
}

static sm_rc align(comparing *c)
{
    sm_arena *a = c->op->arena;
    size_t n = c->a->n_pars, m = c->b->n_pars;
    c->match = SM_NEWS(a, int32_t, n + 1);
    sm_rc rc = sm_diff(c->op, tokens_of(a, c->a), n, tokens_of(a, c->b), m, c->match);
    if (rc < 0)
        return rc;
    c->grams_a = SM_NEWS(a, uint64_t *, n + 1);
    c->grams_b = SM_NEWS(a, uint64_t *, m + 1);
    c->n_grams_a = SM_NEWS(a, size_t, n + 1);
    c->n_grams_b = SM_NEWS(a, size_t, m + 1);
    for (size_t i = 0, i0 = 0, k0 = 0; i <= n; i++) {
        if (i < n && c->match[i] < 0)
            continue;
        size_t k = i < n ? (size_t)c->match[i] : m;
        pair_gap(c, i0, i, k0, k);
        i0 = i + 1;
        k0 = k + 1;
        rc = sm_op_check(c->op);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

/* -------------------------------------------------------------------- words */

typedef struct words {
    sm_str *word;
    uint64_t *token;
    size_t n;
} words;

static bool is_latin(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A character each, numbers and Latin words whole: 2026 becomes 2027, not 6 becomes 7. */
static words words_of(sm_arena *a, sm_str text)
{
    words w = { SM_NEWS(a, sm_str, text.n + 1), SM_NEWS(a, uint64_t, text.n + 1), 0 };
    while (text.n) {
        sm_str rest = text;
        if (is_latin(*rest.p))
            while (rest.n && is_latin(*rest.p))
                rest = sm_str_sub(rest, 1, rest.n);
        else
            sm_utf8_next(&rest);
        sm_str one = { text.p, text.n - rest.n };
        w.word[w.n] = one;
        w.token[w.n++] = sm_hash64(one, 0);
        text = rest;
    }
    return w;
}

/* A change and the equal words behind it. */
typedef struct island {
    size_t a0, a1, b0, b1; /* what is deleted and inserted: words from … to */
    size_t same;           /* words */
} island;

/* The equal words between two changes are so few that they only disturb the reader. */
static bool is_small(const island *before, const island *next)
{
    size_t left = SM_MAX(before->a1 - before->a0, before->b1 - before->b0),
           right = SM_MAX(next->a1 - next->a0, next->b1 - next->b0);
    return before->same <= MAX_ISLAND && 2 * before->same <= SM_MIN(left, right);
}

/* The first may be empty: what is equal at the beginning stands behind it. */
static size_t islands_of(const words *x, const words *y, const int32_t *match, island *out)
{
    size_t n = 0;
    out[n++] = (island){ 0 };
    for (size_t i = 0, k = 0; i < x->n || k < y->n;) {
        bool kept = i < x->n && match[i] >= 0;
        if (kept && (size_t)match[i] == k) {
            out[n - 1].same++;
            i++;
            k++;
            continue;
        }
        if (out[n - 1].same)
            out[n++] = (island){ i, i, k, k, 0 };
        if (i < x->n && !kept)
            out[n - 1].a1 = ++i;
        else
            out[n - 1].b1 = ++k;
    }
    return n;
}

static size_t join_islands(island *is, size_t n)
{
    size_t kept = 1;
    for (size_t i = 1; i < n; i++) {
        island *before = &is[kept - 1];
        if (is_small(before, &is[i])) {
            before->a1 = is[i].a1;
            before->b1 = is[i].b1;
            before->same = is[i].same;
        } else
            is[kept++] = is[i];
    }
    return kept;
}

static sm_str join(const words *w, size_t from, size_t to)
{
    if (from >= to)
        return (sm_str){ 0 };
    return (sm_str){ w->word[from].p,
                     (size_t)(w->word[to - 1].p + w->word[to - 1].n - w->word[from].p) };
}

static void add_piece(sm_piece *p, size_t *n, sm_piece_kind kind, sm_str text)
{
    if (text.n)
        p[(*n)++] = (sm_piece){ kind, text };
}

static sm_rc compare_words(sm_op *op, sm_str a, sm_str b, sm_compared *row)
{
    sm_arena *ar = op->arena;
    if (sm_str_eq(a, b)) {
        sm_piece *whole = SM_NEW(ar, sm_piece);
        *whole = (sm_piece){ SM_PIECE_SAME, a };
        row->piece = whole;
        row->n_pieces = a.n > 0;
        return SM_OK;
    }
    words x = words_of(ar, a), y = words_of(ar, b);
    int32_t *match = SM_NEWS(ar, int32_t, x.n + 1);
    sm_rc rc = sm_diff(op, x.token, x.n, y.token, y.n, match);
    if (rc < 0)
        return rc;
    island *is = SM_NEWS(ar, island, x.n + y.n + 2);
    size_t n = join_islands(is, islands_of(&x, &y, match, is)), n_pieces = 0;
    sm_piece *p = SM_NEWS(ar, sm_piece, 3 * n);
    for (size_t i = 0; i < n; i++) {
        add_piece(p, &n_pieces, SM_PIECE_DELETED, join(&x, is[i].a0, is[i].a1));
        add_piece(p, &n_pieces, SM_PIECE_INSERTED, join(&y, is[i].b0, is[i].b1));
        add_piece(p, &n_pieces, SM_PIECE_SAME, join(&x, is[i].a1, is[i].a1 + is[i].same));
    }
    row->piece = p;
    row->n_pieces = n_pieces;
    return SM_OK;
}

/* --------------------------------------------------------------------- rows */

static sm_compared *add_row(comparing *c, int a, int b)
{
    SM_GROW(c->op->arena, c->out->row, c->out->n, c->cap);
    sm_compared *row = &c->out->row[c->out->n++];
    *row = (sm_compared){ .a = a, .b = b };
    row->place = a >= 0 ? c->a->par[a].place : c->b->par[b].place;
    return row;
}

static void add_whole(comparing *c, int a, int b)
{
    sm_compared *row = add_row(c, a, b);
    sm_str text = a >= 0 ? c->a->par[a].text : c->b->par[b].text;
    sm_piece *p = SM_NEW(c->op->arena, sm_piece);
    row->n_pieces = text.n > 0;
    *p = (sm_piece){ a >= 0 ? SM_PIECE_DELETED : SM_PIECE_INSERTED, text };
    row->piece = p;
    if (text.n)
        *(a >= 0 ? &c->out->n_deleted : &c->out->n_inserted) += 1;
}

static sm_rc add_pair(comparing *c, int a, int b)
{
    sm_arena *ar = c->op->arena;
    const sm_par *x = &c->a->par[a], *y = &c->b->par[b];
    sm_compared *row = add_row(c, a, b);
    sm_rc rc = compare_words(c->op, x->text, y->text, row);
    if (rc < 0)
        return rc;
    sm_shared_text *t = SM_NEWS(ar, sm_shared_text, row->n_pieces + 1);
    size_t n = 0, at_a = 0, at_b = 0;
    for (size_t i = 0; i < row->n_pieces; i++) {
        const sm_piece *p = &row->piece[i];
        if (p->kind == SM_PIECE_SAME)
            t[n++] = (sm_shared_text){ at_a, at_b, p->text.n };
        else
            row->changed = true;
        at_a += p->kind == SM_PIECE_INSERTED ? 0 : p->text.n;
        at_b += p->kind == SM_PIECE_DELETED ? 0 : p->text.n;
    }
    row->layout = sm_compare_layout(ar, x, y, t, n, &row->n_layout);
    c->out->n_changed += row->changed;
    c->out->n_layout += row->n_layout > 0;
    return SM_OK;
}

static sm_rc make_rows(comparing *c)
{
    size_t k = 0, m = c->b->n_pars;
    for (size_t i = 0; i <= c->a->n_pars; i++) {
        size_t to = i == c->a->n_pars ? m : c->match[i] >= 0 ? (size_t)c->match[i] : k;
        while (k < to)
            add_whole(c, -1, (int)k++);
        if (i == c->a->n_pars)
            break;
        sm_rc rc = SM_OK;
        if (c->match[i] < 0)
            add_whole(c, (int)i, -1);
        else
            rc = add_pair(c, (int)i, (int)k++);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

sm_rc sm_compare(sm_op *op, const sm_layout *a, const sm_layout *b, sm_comparison **out)
{
    if (a->n_pars > MAX_PARS || b->n_pars > MAX_PARS)
        return sm_fail(op, SM_E_LIMIT, "超过 %d 段，不能对比", MAX_PARS);
    comparing c = { .op = op, .a = a, .b = b, .out = SM_NEW(op->arena, sm_comparison) };
    sm_rc rc = align(&c);
    if (rc == SM_OK)
        rc = make_rows(&c);
    if (rc < 0)
        return rc;
    c.out->page = sm_compare_pages(op->arena, a, b, &c.out->n_page);
    *out = c.out;
    return SM_OK;
}

bool sm_compared_differs(const sm_compared *c)
{
    bool whole = c->a < 0 || c->b < 0;
    return whole ? c->n_pieces > 0 : c->changed || c->n_layout > 0;
}

/* ------------------------------------------------------------------ showing */

static const char *const kinds[] = {
    [SM_PIECE_SAME] = "same", [SM_PIECE_DELETED] = "deleted", [SM_PIECE_INSERTED] = "inserted"
};
static const char *const places[] = {
    [SM_PAR_BODY] = "body",     [SM_PAR_CELL] = "cell",     [SM_PAR_BOX] = "box",
    [SM_PAR_HEADER] = "header", [SM_PAR_FOOTER] = "footer", [SM_PAR_NOTE] = "note"
};

static json_t *texts_json(const sm_str *s, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, sm_json_of(s[i]));
    return list;
}

static json_t *row_json(const sm_compared *row, size_t change)
{
    json_t *pieces = json_array();
    for (size_t i = 0; i < row->n_pieces; i++)
        json_array_append_new(pieces, json_pack("{s:s,s:o}", "kind", kinds[row->piece[i].kind],
                                                "text", sm_json_of(row->piece[i].text)));
    return json_pack("{s:i,s:i,s:s,s:I,s:o,s:o}", "a", row->a, "b", row->b, "place",
                     places[row->place], "change", (json_int_t)change, "pieces", pieces, "layout",
                     texts_json(row->layout, row->n_layout));
}

json_t *sm_comparison_json(const sm_comparison *c)
{
    json_t *rows = json_array();
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        json_array_append_new(
            rows, row_json(&c->row[i], sm_compared_differs(&c->row[i]) ? ++n : (size_t)0));
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "changes", (json_int_t)n, "inserted",
                     (json_int_t)c->n_inserted, "deleted", (json_int_t)c->n_deleted, "changed",
                     (json_int_t)c->n_changed, "layout", (json_int_t)c->n_layout, "page",
                     texts_json(c->page, c->n_page), "rows", rows);
}

static void put_row(sm_buf *b, const sm_compared *row)
{
    static const char *const marks[][2] = { [SM_PIECE_SAME] = { "", "" },
                                            [SM_PIECE_DELETED] = { "[-", "-]" },
                                            [SM_PIECE_INSERTED] = { "{+", "+}" } };
    bool of_b = row->a < 0;
    sm_buf_addf(b, "%s第 %d 段：", of_b ? "新件" : "原件", (of_b ? row->b : row->a) + 1);
    for (size_t i = 0; i < row->n_pieces; i++)
        sm_buf_addf(b, "%s%.*s%s", marks[row->piece[i].kind][0], SM_ARG(row->piece[i].text),
                    marks[row->piece[i].kind][1]);
    sm_buf_addc(b, '\n');
    for (size_t i = 0; i < row->n_layout; i++)
        sm_buf_addf(b, "  版式：%.*s\n", SM_ARG(row->layout[i]));
}

void sm_comparison_text(const sm_comparison *c, sm_buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += sm_compared_differs(&c->row[i]);
    sm_buf_addf(out, "改动 %zu 段：改字 %zu 段，增加 %zu 段，删去 %zu 段，版式 %zu 段\n", n,
                c->n_changed, c->n_inserted, c->n_deleted, c->n_layout);
    for (size_t i = 0; i < c->n_page; i++)
        sm_buf_addf(out, "页面：%.*s\n", SM_ARG(c->page[i]));
    for (size_t i = 0; i < c->n; i++)
        if (sm_compared_differs(&c->row[i]))
            put_row(out, &c->row[i]);
}
