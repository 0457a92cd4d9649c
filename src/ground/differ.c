/*
 * In what a sentence differs from the clauses nearest to it, told twice: in characters as they are
 * written, and in words, those that say the same being one.
 */
#include "ground/differ.h"

#include "ground/differ_weights.h"

#include "ground/lexicon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_CLAUSE = 160, /* signs of one that are looked at */
    MAX_GRAMS = 64,   /* pairs, and signs, of a sentence's clause */
    WINDOW = 3,
    MAX_WINDOW = WINDOW * (MAX_CLAUSE + 1),
    SHORT = 5, /* of one replaced by another as a whole */
    PUT_IN = 6,
    LONE = 6, /* words of a clause that are paired */
    CUES = 8  /* and cues */
};

typedef struct clause {
    const uint32_t *c;
    uint32_t n, passage;
    uint32_t cues; /* bits */
} clause;

typedef struct gram {
    uint64_t key;
    uint32_t clause;
} gram;

typedef struct row {
    uint64_t key, passages; /* a bit each */
} row;

/* The evidence, in characters or in words. */
typedef struct side {
    clause *clause;
    size_t n, cap;
    gram *gram; /* signs and pairs of clauses, by key */
    size_t n_grams, cap_grams;
    row *row; /* rows of one to three signs, of titles too, by key */
    size_t n_rows, cap_rows;
} side;

enum { CHARACTERS, WORDS, N_SIDES };

struct sm_differ {
    size_t n; /* passages */
    side side[N_SIDES];
};

/* ------------------------------------------------------------------- signs */

/* A sign is a character, a numeral of whatever value, or a word by what it says. */
static const uint32_t NUMERAL = '#', PARTED = '|';

enum { FIRST_WORD = 0x110000, N_WORDS = 0x20000 };

typedef enum word_class { CUE, LIGHT, THING, NAME, N_CLASSES } word_class;

static uint32_t sign_of(word_class class, uint64_t name)
{
    return FIRST_WORD + (uint32_t) class * N_WORDS + (uint32_t)(sm_mix64(name) % N_WORDS);
}

/* 0 for what is a character, else 1 + its class. */
static uint32_t class_of(uint32_t sign)
{
    return sign < FIRST_WORD ? 0 : 1 + (sign - FIRST_WORD) / N_WORDS;
}

static bool is_in(const char *set, uint32_t c)
{
    sm_str s = sm_str_of(set);
    while (s.n)
        if (sm_utf8_next(&s) == c)
            return true;
    return false;
}

static bool is_numeral(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0x4e00 && is_in("一二三四五六七八九十百千万零两", c));
}

static bool parts_clauses(uint32_t c)
{
    return c <= ' ' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == 0x3000 ||
           (c > 0x7f && is_in("，。；：、！？—", c));
}

static bool is_dropped(uint32_t c)
{
    return c == '"' || c == '\'' || c == '(' || c == ')' || c == '[' || c == ']' ||
           (c > 0x7f && is_in("“”‘’（）《》〔〕「」", c));
}

/* The characters of the next clause, without brackets; false at the end. */
static bool next_clause(sm_str *rest, uint32_t *out, uint32_t *n)
{
    *n = 0;
    while (rest->n) {
        uint32_t c = sm_text_fold(sm_utf8_next(rest));
        if (parts_clauses(c)) {
            if (*n)
                return true;
            continue;
        }
        if (!is_dropped(c) && *n < MAX_CLAUSE)
            out[(*n)++] = c;
    }
    return *n > 0;
}

static uint32_t add_character(uint32_t *out, uint32_t n, uint32_t c)
{
    bool numeral = is_numeral(c), more = n && out[n - 1] == NUMERAL;
    if ((numeral || c == '.') && more)
        return n;
    out[n] = numeral ? NUMERAL : c;
    return n + 1;
}

static uint32_t in_characters(const uint32_t *c, uint32_t n, uint32_t *out)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        k = add_character(out, k, c[i]);
    return k;
}

/* A word's own sign, or its cue's; 0 for one that says nothing. */
static uint32_t sign_of_word(const sm_word *w)
{
    if (w->cue & ~(1u << SM_CUE_PLAIN | 1u << SM_CUE_OPENING))
        return sign_of(CUE, (uint64_t)w->cue << 32 | w->name);
    if (w->kind == SM_WORD_GLUE || w->group == 0)
        return 0;
    return sign_of(w->kind == SM_WORD_NAME    ? NAME
                   : w->kind == SM_WORD_LIGHT ? LIGHT
                                              : THING,
                   w->name);
}

static uint32_t in_words(const uint32_t *c, uint32_t n, uint32_t *out, uint32_t *cues)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n && k < MAX_CLAUSE;) {
        const sm_word *w = sm_word_at(c + i, n - i);
        if (!w) {
            k = add_character(out, k, c[i++]);
            continue;
        }
        i += w->n;
        *cues |= w->cue;
        uint32_t sign = w->n_spelled ? 0 : sign_of_word(w);
        if (sign)
            out[k++] = sign;
        for (uint8_t p = 0; p < w->n_spelled && k < MAX_CLAUSE; p++)
            if ((sign = sign_of_word(w->spelled[p])))
                out[k++] = sign;
    }
    return k;
}

static clause in_signs(int which, const uint32_t *c, uint32_t n, uint32_t *out)
{
    clause in = { .c = out };
    in.n = which == WORDS ? in_words(c, n, out, &in.cues) : in_characters(c, n, out);
    return in;
}

/* ---------------------------------------------------------------- evidence */

static uint64_t row_key(const uint32_t *c, uint32_t n)
{
    uint64_t key = 0;
    for (uint32_t i = 0; i < n; i++)
        key = key << 21 | c[i];
    return key;
}

static void add_rows(sm_arena *a, side *d, uint32_t passage, clause c)
{
    for (uint32_t k = 1; k <= 3; k++)
        for (uint32_t i = 0; i + k <= c.n; i++) {
            SM_GROW(a, d->row, d->n_rows, d->cap_rows);
            d->row[d->n_rows++] = (row){ row_key(c.c + i, k), UINT64_C(1) << passage % 64 };
        }
}

static void add_clause(sm_arena *a, side *d, uint32_t passage, clause c)
{
    SM_GROW(a, d->clause, d->n, d->cap);
    uint32_t *own = SM_NEWS(a, uint32_t, c.n + 1);
    memcpy(own, c.c, c.n * sizeof(*own));
    for (uint32_t k = 1; k <= 2; k++)
        for (uint32_t i = 0; i + k <= c.n; i++) {
            SM_GROW(a, d->gram, d->n_grams, d->cap_grams);
            d->gram[d->n_grams++] = (gram){ row_key(own + i, k), (uint32_t)d->n };
        }
    d->clause[d->n++] = (clause){ own, c.n, passage, c.cues };
    add_rows(a, d, passage, c);
}

static int by_key(const void *a, const void *b)
{
    const gram *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->clause > y->clause) - (x->clause < y->clause);
}

static int by_row(const void *a, const void *b)
{
    uint64_t x = ((const row *)a)->key, y = ((const row *)b)->key;
    return (x > y) - (x < y);
}

static void sort_side(side *d)
{
    size_t kept = 0;
    if (d->n_grams)
        qsort(d->gram, d->n_grams, sizeof(*d->gram), by_key);
    if (d->n_rows)
        qsort(d->row, d->n_rows, sizeof(*d->row), by_row);
    for (size_t i = 0; i < d->n_rows; i++)
        if (kept && d->row[kept - 1].key == d->row[i].key)
            d->row[kept - 1].passages |= d->row[i].passages;
        else
            d->row[kept++] = d->row[i];
    d->n_rows = kept;
}

sm_differ *sm_differ_of(sm_arena *a, const sm_source *source, size_t n)
{
    sm_differ *d = SM_NEW(a, sm_differ);
    d->n = n;
    uint32_t c[MAX_CLAUSE], signs[MAX_CLAUSE], k;
    for (uint32_t i = 0; i < n; i++) {
        sm_str text = source[i].text, title = source[i].title;
        while (next_clause(&text, c, &k))
            for (int w = 0; w < N_SIDES; w++)
                add_clause(a, &d->side[w], i, in_signs(w, c, k, signs));
        while (next_clause(&title, c, &k))
            for (int w = 0; w < N_SIDES; w++)
                add_rows(a, &d->side[w], i, in_signs(w, c, k, signs));
    }
    for (int w = 0; w < N_SIDES; w++)
        sort_side(&d->side[w]);
    return d;
}

/* The first of n things in order, each of `size` bytes and beginning with its key, that is not
 * below the key. */
static size_t first_at(const void *thing, size_t n, size_t size, uint64_t key)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        uint64_t k;
        memcpy(&k, (const char *)thing + mid * size, sizeof(k));
        if (k < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static size_t first_of(const side *d, uint64_t key)
{
    return first_at(d->gram, d->n_grams, sizeof(*d->gram), key);
}

/* The passages that have a row, a bit each. */
static uint64_t passages_of(const side *d, uint64_t key)
{
    size_t i = first_at(d->row, d->n_rows, sizeof(*d->row), key);
    return i < d->n_rows && d->row[i].key == key ? d->row[i].passages : 0;
}

static bool has(const uint64_t *v, size_t n, uint64_t key)
{
    size_t i = first_at(v, n, sizeof(*v), key);
    return i < n && v[i] == key;
}

/* ------------------------------------------------------------- the nearest */

/* Which of the sentence's characters and pairs a clause has, a bit each. */
typedef struct shared {
    uint64_t one, two;
} shared;

typedef struct window {
    uint32_t first, n; /* clauses */
} window;

static void note_shared(const side *d, const uint32_t *c, uint32_t n, uint32_t k, shared *of)
{
    uint64_t seen[MAX_GRAMS];
    uint32_t n_seen = 0;
    for (uint32_t i = 0; i + k <= n && n_seen < MAX_GRAMS; i++) {
        uint64_t key = row_key(c + i, k);
        bool again = false;
        for (uint32_t j = 0; j < n_seen && !again; j++)
            again = seen[j] == key;
        if (again)
            continue;
        for (size_t g = first_of(d, key); g < d->n_grams && d->gram[g].key == key; g++)
            *(k == 1 ? &of[d->gram[g].clause].one : &of[d->gram[g].clause].two) |= UINT64_C(1)
                                                                                   << n_seen;
        seen[n_seen++] = key;
    }
}

static double worth(shared s, uint32_t n_chars)
{
    return 2 * __builtin_popcountll(s.two) + 0.5 * __builtin_popcountll(s.one) -
           0.15 * sqrt((double)n_chars);
}

static window find_window(const side *d, const shared *of, const bool *among)
{
    window best = { 0 };
    double most = -INFINITY;
    for (uint32_t i = 0; i < d->n; i++) {
        shared all = { 0 };
        uint32_t chars = 0;
        if (!among[d->clause[i].passage] || (!of[i].one && !of[i].two))
            continue;
        for (uint32_t k = 0; k < WINDOW && i + k < d->n; k++) {
            if (d->clause[i + k].passage != d->clause[i].passage)
                break;
            all.one |= of[i + k].one;
            all.two |= of[i + k].two;
            chars += d->clause[i + k].n + (k > 0);
            double x = worth(all, chars);
            if (x > most) {
                most = x;
                best = (window){ i, k + 1 };
            }
        }
    }
    return best;
}

static uint32_t write_window(const side *d, window w, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < w.n; k++) {
        const clause *c = &d->clause[w.first + k];
        if (k)
            out[n++] = PARTED;
        memcpy(out + n, c->c, c->n * sizeof(*out));
        n += c->n;
    }
    return n;
}

/* ---------------------------------------------------------------- features */

typedef struct telling {
    sm_arena *a;
    const side *side;
    const bool *among;
    uint64_t passages; /* those of `among`, a bit each */
    uint64_t nearest;  /* that of the nearest clauses */
    int which;
    clause said;
    uint64_t *near_rows, *rows; /* room for those of the nearest clauses, and of this one */
    shared *of;                 /* room for what each clause of the side shares */
    uint32_t *feature;
    size_t n, cap;
    double chars, equal, put_in, left_out;
} telling;

static void add_feature(telling *t, char kind, uint32_t edge, const uint32_t *a, uint32_t n_a,
                        const uint32_t *b, uint32_t n_b)
{
    if (t->n == SM_DIFFER_MAX)
        return;
    uint64_t h = sm_mix64((uint64_t)t->which << 40 | (uint64_t)(uint8_t)kind << 32 | edge);
    for (uint32_t i = 0; i < n_a; i++)
        h = sm_mix64(h ^ a[i]);
    if (b)
        h = sm_mix64(h ^ UINT64_C(0x3e0000000));
    for (uint32_t i = 0; i < n_b; i++)
        h = sm_mix64(h ^ b[i]);
    SM_GROW(t->a, t->feature, t->n, t->cap);
    t->feature[t->n++] = (uint32_t)(h % SM_DIFFER_FEATURES);
}

static void add_all(telling *t, char kind, const uint32_t *c, uint32_t n)
{
    for (uint32_t k = 1; k <= 2; k++)
        for (uint32_t i = 0; i + k <= n; i++)
            add_feature(t, kind, 0, c + i, k, NULL, 0);
}

/* What classes of words they are, whatever words. */
static uint32_t classes_of(const uint32_t *c, uint32_t n)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < n; i++)
        bits |= 1u << (c[i] == NUMERAL ? N_CLASSES + 1 : class_of(c[i]));
    return bits;
}

enum { NOWHERE, ELSEWHERE, NEAR }; /* in the passage of the nearest clauses, or its title */

static uint32_t stands(const telling *t, uint64_t key)
{
    uint64_t p = passages_of(t->side, key) & t->passages;
    return p & t->nearest ? NEAR : p ? ELSEWHERE : NOWHERE;
}

static uint32_t all_stand(const telling *t, const uint32_t *c, uint32_t n)
{
    uint32_t least = NEAR;
    for (uint32_t i = 0; i < n; i++)
        least = SM_MIN(least, stands(t, c[i]));
    return least;
}

static bool all_said(const telling *t, const uint32_t *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bool here = false;
        for (uint32_t k = 0; k < t->said.n && !here; k++)
            here = t->said.c[k] == c[i];
        if (!here)
            return false;
    }
    return true;
}

/* The shape of a difference: how long, what classes, whether it stands elsewhere. */
static void tell_shape(telling *t, char edge, const uint32_t *a, uint32_t n_a, const uint32_t *b,
                       uint32_t n_b)
{
    uint32_t shape[] = { classes_of(a, n_a), classes_of(b, n_b), SM_MIN(n_a, 4), SM_MIN(n_b, 4),
                         all_stand(t, b, n_b) << 1 | all_said(t, a, n_a) };
    add_feature(t, 'T', (uint32_t)edge, shape, 2, NULL, 0);
    add_feature(t, 'U', (uint32_t)edge, shape, 5, NULL, 0);
    add_feature(t, 'V', (uint32_t)edge, shape + 2, 3, NULL, 0);
    if (n_b && n_b <= SHORT)
        add_feature(t, 'W', shape[0], b, n_b, NULL, 0);
}

/* One place where they differ: `a` of the evidence, `b` of the sentence. */
static void tell_gap(telling *t, char edge, const uint32_t *a, uint32_t n_a, const uint32_t *b,
                     uint32_t n_b)
{
    if (n_a && n_b && n_a <= SHORT && n_b <= SHORT)
        add_feature(t, 'r', 0, a, n_a, b, n_b);
    if (t->which == WORDS)
        tell_shape(t, edge, a, n_a, b, n_b);
    if (n_b) {
        t->put_in += n_b;
        add_feature(t, 'I', (uint32_t)edge, b, SM_MIN(n_b, PUT_IN), NULL, 0);
        add_all(t, 'i', b, n_b);
    }
    if (n_a) {
        t->left_out += n_a;
        if (!edge || n_a <= PUT_IN)
            add_feature(t, 'D', (uint32_t)edge, a, SM_MIN(n_a, PUT_IN), NULL, 0);
    }
}

typedef struct block {
    uint32_t a, b, n;
} block;

typedef struct range {
    uint32_t a, a_end, b, b_end;
} range;

/* The longest row of characters that both have, the first of equal ones. */
static block longest(const uint32_t *a, const uint32_t *b, range r)
{
    uint16_t run[2][MAX_CLAUSE + 1] = { 0 };
    block best = { r.a, r.b, 0 };
    for (uint32_t i = r.a; i < r.a_end; i++) {
        uint16_t *now = run[i & 1], *before = run[~i & 1];
        for (uint32_t j = r.b; j < r.b_end; j++) {
            uint32_t k = j - r.b;
            now[k + 1] = a[i] == b[j] ? (uint16_t)(before[k] + 1) : 0;
            if (now[k + 1] > best.n)
                best = (block){ i + 1 - now[k + 1], j + 1 - now[k + 1], now[k + 1] };
        }
    }
    return best;
}

static int by_place(const void *x, const void *y)
{
    uint32_t a = ((const block *)x)->b, b = ((const block *)y)->b;
    return (a > b) - (a < b);
}

/* All rows that both have, as the longest parts what is left and right of it. */
static size_t match(const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b,
                    block out[static MAX_CLAUSE])
{
    range todo[2 * MAX_CLAUSE + 2];
    size_t n = 0, n_todo = 0;
    todo[n_todo++] = (range){ 0, n_a, 0, n_b };
    while (n_todo && n < MAX_CLAUSE) {
        range r = todo[--n_todo];
        block m = longest(a, b, r);
        if (m.n == 0)
            continue;
        out[n++] = m;
        if (r.a < m.a && r.b < m.b)
            todo[n_todo++] = (range){ r.a, m.a, r.b, m.b };
        if (m.a + m.n < r.a_end && m.b + m.n < r.b_end)
            todo[n_todo++] = (range){ m.a + m.n, r.a_end, m.b + m.n, r.b_end };
    }
    qsort(out, n, sizeof(*out), by_place);
    return n;
}

static void tell_gaps(telling *t, const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b)
{
    block m[MAX_CLAUSE + 1];
    size_t n = match(a, n_a, b, n_b, m);
    m[n] = (block){ n_a, n_b, 0 };
    uint32_t at_a = 0, at_b = 0;
    bool first = true;
    for (size_t i = 0; i <= n; i++) {
        uint32_t gap_a = m[i].a - at_a, gap_b = m[i].b - at_b;
        char edge = first ? '^' : i == n ? '$' : 0;
        if (gap_a || gap_b)
            tell_gap(t, edge, a + at_a, gap_a, b + at_b, gap_b);
        first = false;
        t->equal += m[i].n;
        at_a = m[i].a + m[i].n;
        at_b = m[i].b + m[i].n;
    }
    t->chars += n_b;
}

typedef struct held {
    const uint32_t *c;
    uint32_t n;
    const uint64_t *rows;
    size_t n_rows;
} held;

/* Rows of the sentence that stand nowhere, or not in the nearest. */
static void tell_rows(telling *t, held here, held near)
{
    for (uint32_t k = 1; k <= 3; k++)
        for (uint32_t i = 0; i + k <= here.n; i++) {
            uint64_t key = row_key(here.c + i, k);
            if (has(near.rows, near.n_rows, key))
                continue;
            static const char kinds[] = { [NOWHERE] = 's', [ELSEWHERE] = 'n', [NEAR] = 'm' };
            add_feature(t, kinds[stands(t, key)], 0, here.c + i, k, NULL, 0);
        }
}

/* Signs that only one of both has: cues, or words and characters. */
static uint32_t lone(held from, held other, bool cues, uint32_t most, uint32_t *out)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < from.n && k < most; i++) {
        uint32_t class = class_of(from.c[i]);
        if ((class == 1 + CUE) == cues && class != 1 + LIGHT && from.c[i] != PARTED &&
            !has(other.rows, other.n_rows, from.c[i]))
            out[k++] = from.c[i];
    }
    return k;
}

/* What only the sentence has with what only the evidence has, wherever they stand. */
static void tell_pairs(telling *t, held near, held said, bool cues)
{
    uint32_t most = cues ? CUES : LONE, put[CUES + 1] = { 0 }, left[CUES + 1] = { 0 };
    uint32_t n_put = lone(said, near, cues, most, put);
    uint32_t n_left = lone(near, said, cues, most, left);
    for (uint32_t i = 0; i < n_put + cues; i++) /* 0 at the end: none */
        for (uint32_t k = 0; k < n_left + cues; k++)
            add_feature(t, cues ? 'c' : 'x', 0, put + i, 1, left + k, 1);
}

/* The shape of what only the sentence has: classes, how many, what stands elsewhere. */
static void tell_lone(telling *t, held near, held said)
{
    uint32_t put[MAX_CLAUSE], n = lone(said, near, false, MAX_CLAUSE, put);
    uint32_t nowhere[1 + N_CLASSES] = { 0 }, elsewhere = 0, names = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t there = stands(t, put[i]);
        uint32_t shape[] = { there, class_of(put[i]), SM_MIN(n, 4), t->said.cues != 0 };
        add_feature(t, 'y', 0, shape, SM_LEN(shape), NULL, 0);
        elsewhere += there != NOWHERE;
        names += there == ELSEWHERE && class_of(put[i]) == 1 + NAME;
        nowhere[class_of(put[i])] += there == NOWHERE;
    }
    uint32_t shape[] = { SM_MIN(nowhere[1 + NAME], 2), SM_MIN(nowhere[1 + THING], 3),
                         SM_MIN(nowhere[0], 4), SM_MIN(elsewhere, 3) };
    add_feature(t, 'z', SM_MIN(names, 2), shape, SM_LEN(shape), NULL, 0);
}

/* How both deny, demand, tell an order, all or some. */
static void tell_cues(telling *t, uint32_t near)
{
    static const uint32_t masks[] = {
        1u << SM_CUE_NOT | 1u << SM_CUE_NEED_NOT | 1u << SM_CUE_MAY_NOT | 1u << SM_CUE_MUST |
            1u << SM_CUE_MAY,
        1u << SM_CUE_FIRST | 1u << SM_CUE_BEFORE | 1u << SM_CUE_AFTER | 1u << SM_CUE_THEN,
        1u << SM_CUE_ONLY | 1u << SM_CUE_ALL | 1u << SM_CUE_EXCEPT | 1u << SM_CUE_IF,
        1u << SM_CUE_BOTH | 1u << SM_CUE_EITHER,
    };
    for (uint32_t i = 0; i < SM_LEN(masks); i++) {
        uint32_t pair[] = { t->said.cues & masks[i], near & masks[i] };
        add_feature(t, 'g', i, pair, 2, NULL, 0);
    }
}

/* Words that both have in another order. */
static void tell_order(telling *t, held near)
{
    uint32_t at[MAX_CLAUSE], n = 0, turned = 0;
    for (uint32_t i = 0; i < t->said.n; i++) {
        uint32_t k = 0;
        while (class_of(t->said.c[i]) > 1 + LIGHT && k < near.n && near.c[k] != t->said.c[i])
            k++;
        if (class_of(t->said.c[i]) > 1 + LIGHT && k < near.n)
            at[n++] = k;
    }
    for (uint32_t i = 1; i < n; i++)
        turned += at[i] < at[i - 1];
    uint32_t shape[] = { SM_MIN(turned, 3), SM_MIN(n, 6),
                         (t->said.cues >> SM_CUE_FIRST & 15) != 0 };
    add_feature(t, 'o', 0, shape, 3, NULL, 0);
    add_feature(t, 'p', 0, shape, 1, NULL, 0);
}

static size_t rows_of(const uint32_t *c, uint32_t n, uint64_t *out)
{
    size_t count = 0;
    for (uint32_t k = 1; k <= 3; k++)
        for (uint32_t i = 0; i + k <= n; i++)
            out[count++] = row_key(c + i, k);
    return sm_distinct_u64(out, count);
}

static void tell_clause(telling *t)
{
    const side *d = t->side;
    clause c = t->said;
    uint32_t near[MAX_WINDOW], cues = 0;
    memset(t->of, 0, (d->n + 1) * sizeof(*t->of));
    note_shared(d, c.c, c.n, 1, t->of);
    note_shared(d, c.c, c.n, 2, t->of);
    window w = find_window(d, t->of, t->among);
    uint32_t n_near = write_window(d, w, near);
    t->nearest = w.n ? UINT64_C(1) << d->clause[w.first].passage % 64 : 0;
    held there = { near, n_near, t->near_rows, rows_of(near, n_near, t->near_rows) };
    held here = { c.c, c.n, t->rows, rows_of(c.c, c.n, t->rows) };
    tell_gaps(t, near, n_near, c.c, c.n);
    tell_rows(t, here, there);
    if (t->which != WORDS)
        return;
    for (uint32_t i = 0; i < w.n; i++)
        cues |= d->clause[w.first + i].cues;
    tell_pairs(t, there, here, true);
    tell_pairs(t, there, here, false);
    tell_cues(t, cues);
    tell_lone(t, there, here);
    tell_order(t, there);
}

static int by_value(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static size_t distinct(uint32_t *v, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(v, n, sizeof(*v), by_value);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || v[i] != v[i - 1])
            v[kept++] = v[i];
    return kept;
}

void sm_differ_read(sm_arena *a, const sm_differ *d, sm_str sentence, const bool *among,
                    sm_difference *out)
{
    size_t most = SM_MAX(d->side[CHARACTERS].n, d->side[WORDS].n);
    telling t = { .a = a,
                  .among = among,
                  .near_rows = SM_NEWS(a, uint64_t, 3 * MAX_WINDOW),
                  .rows = SM_NEWS(a, uint64_t, 3 * MAX_CLAUSE),
                  .of = SM_NEWS(a, shared, most + 1) };
    uint32_t c[MAX_CLAUSE], signs[MAX_CLAUSE], n;
    for (size_t i = 0; i < SM_EVIDENCE_MAX && i < d->n; i++)
        t.passages |= (uint64_t)among[i] << i;
    *out = (sm_difference){ 0 };
    while (t.n < SM_DIFFER_MAX && next_clause(&sentence, c, &n))
        for (t.which = 0; t.which < N_SIDES; t.which++) {
            t.side = &d->side[t.which];
            t.said = in_signs(t.which, c, n, signs);
            double put_in = t.put_in, left_out = t.left_out, equal = t.equal, chars = t.chars;
            if (t.said.n)
                tell_clause(&t);
            out->put_in[t.which] += t.put_in - put_in;
            out->left_out[t.which] += t.left_out - left_out;
            out->unmatched[t.which] += (t.chars - chars) - (t.equal - equal);
        }
    out->feature = t.feature;
    out->n = distinct(t.feature, t.n);
}

/* ----------------------------------------------------------------- weights */

sm_differ_weight sm_differ_weigh(const sm_difference *d)
{
    int sum = 0, against = 0, worst = 0, n = 0;
    for (size_t i = 0; i < d->n; i++) {
        uint32_t slot = d->feature[i] % SM_DIFFER_SLOTS, rest = d->feature[i] / SM_DIFFER_SLOTS;
        const char *at = table[slot / ROW] + 3 * (slot % ROW);
        if (at[2] == ' ' || rest != (uint32_t)(at[0] - FIRST + 64 * (at[1] - FIRST)))
            continue;
        int w = at[2] - NONE;
        sum += w;
        against += w > 0 ? w : 0;
        worst = w > worst ? w : worst;
        n++;
    }
    double scale = unit * 3 / sqrt((double)n + 1);
    return (sm_differ_weight){ bias + scale * sum, scale * against, unit * worst,
                               d->n ? 1 - (double)n / (double)d->n : 0 };
}
