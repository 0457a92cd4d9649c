/*
 * A stretch of text as numbers, every run of it looked up once; then each place and everything that
 * could stand there: only the runs that hold the place are looked up again.
 *
 * Chances are interpolated with absolute discounting (Ney, Essen and Kneser 1994) from one to five
 * characters, from the left and from the right.
 */
#include "review/speller.h"

#include <stdlib.h>
#include <string.h>

#include "review/spell_file.h"

enum { RUN = SM_SPELL_RUN, REACH = RUN - 1, OFTEN = 20, MOST_FIXED = 64, BESIDE = 40 };
static const double DISCOUNT = SM_SPELL_DISCOUNT, WORSE = -2.0;
/* Where either side makes a character this likely, it is not looked into. */
static const double LIKELY = 0.01;

/* A run: how often it was seen (0: never), what is left to shorter ones behind and before it. */
typedef struct cell {
    float count, after, before;
} cell;

struct sm_speller {
    sm_map map; /* n 0: the bytes are another's */
    const sm_spell_head *head;
    const uint32_t *code, *first, *cand, *slot;
    const uint8_t *pairs;
    float count[64], share[32];
    cell one[SM_SPELL_KINDS + SM_SPELL_MAX_CHARS]; /* each character alone */
};

/* ------------------------------------------------------------------- file */

static cell look_up(const sm_speller *s, uint64_t name)
{
    uint32_t n = s->head->n_slots, print = (uint32_t)(name >> 48) | 1u, v;
    for (size_t i = sm_spell_slot(name, n); (v = s->slot[i]); i = i + 1 < n ? i + 1 : 0)
        if (v >> 16 == print)
            return (cell){ s->count[v >> 10 & 63], s->share[v >> 5 & 31], s->share[v & 31] };
    return (cell){ 0 };
}

static bool fits(const sm_spell_head *h, size_t n)
{
    uint64_t rows = (uint64_t)h->n_chars + SM_SPELL_KINDS;
    return memcmp(h->magic, SM_SPELL_MAGIC, sizeof(h->magic)) == 0 && h->n_slots > 0 &&
           h->n_chars <= SM_SPELL_MAX_CHARS && h->row_bytes >= (rows + 7) / 8 &&
           n == sizeof(*h) + ((uint64_t)h->n_chars * 2 + 1 + h->n_cands + h->n_slots) * 4 +
                    rows * h->row_bytes;
}

/* Every number that the file has must lead somewhere; a table without a free slot would be looked
 * through for ever. */
static bool sound(const sm_speller *s)
{
    const sm_spell_head *h = s->head;
    size_t free_slots = 0;
    for (uint32_t i = 0; i < h->n_chars; i++)
        if (s->first[i] > s->first[i + 1] || (i && s->code[i - 1] >= s->code[i]))
            return false;
    for (uint32_t i = 0; i < h->n_cands; i++)
        if (SM_CAND_ID(s->cand[i]) < SM_SPELL_KINDS ||
            SM_CAND_ID(s->cand[i]) >= h->n_chars + SM_SPELL_KINDS)
            return false;
    for (uint32_t i = 0; i < h->n_slots && !free_slots; i++)
        free_slots += !s->slot[i];
    return s->first[0] == 0 && s->first[h->n_chars] == h->n_cands && free_slots;
}

static sm_rc over(sm_op *op, sm_str bytes, sm_speller *s)
{
    s->head = (const void *)bytes.p;
    if (bytes.n < sizeof(*s->head) || !fits(s->head, bytes.n))
        return sm_fail(op, SM_E_CORRUPT, "不是错别字模型，或者版本不对；请重新训练");
    s->code = (const uint32_t *)(const void *)(s->head + 1);
    s->first = s->code + s->head->n_chars;
    s->cand = s->first + s->head->n_chars + 1;
    s->slot = s->cand + s->head->n_cands;
    s->pairs = (const uint8_t *)(s->slot + s->head->n_slots);
    if (!sound(s))
        return sm_fail(op, SM_E_CORRUPT, "错别字模型已损坏；请重新训练");
    for (unsigned i = 0; i < SM_LEN(s->count); i++)
        s->count[i] = sm_spell_count_of(i);
    for (unsigned i = 0; i < SM_LEN(s->share); i++)
        s->share[i] = sm_spell_share_of(i);
    for (uint32_t id = 0; id < SM_SPELL_KINDS + s->head->n_chars; id++)
        s->one[id] = look_up(s, sm_spell_name(sm_spell_key(0, id), 1));
    return SM_OK;
}

sm_rc sm_speller_of(sm_op *op, sm_str bytes, sm_speller **out)
{
    sm_speller *s = calloc(1, sizeof(*s));
    sm_rc rc = s ? over(op, bytes, s) : sm_fail(op, SM_E_LIMIT, "内存不够");
    if (rc < 0)
        sm_speller_close(s);
    else
        *out = s;
    return rc;
}

sm_rc sm_speller_open(sm_op *op, const char *path, sm_speller **out)
{
    sm_map m;
    sm_speller *s;
    sm_rc rc = sm_map_open(op, path, &m);
    if (rc < 0)
        return rc;
    rc = m.n <= SM_SPELL_MAX_BYTES
             ? sm_speller_of(op, (sm_str){ (const char *)m.p, m.n }, &s)
             : sm_fail(op, SM_E_CORRUPT, "不是错别字模型，或者版本不对；请重新训练");
    if (rc < 0) {
        sm_map_close(&m);
        return rc;
    }
    s->map = m;
    *out = s;
    return SM_OK;
}

void sm_speller_close(sm_speller *s)
{
    if (!s)
        return;
    if (s->map.n)
        sm_map_close(&s->map);
    free(s);
}

/* ------------------------------------------------------------------- runs */

static bool paired(const sm_speller *s, unsigned a, unsigned b)
{
    return s->pairs[(size_t)a * s->head->row_bytes + b / 8] >> b % 8 & 1;
}

/* What could stand in a place. */
typedef struct one_case {
    double chance; /* of the text with it, as a logarithm */
    uint16_t id;
    float x[SM_SPELL_FEATURES];
} one_case;

/* The runs of each length from each place; beside it the same for one place changed. */
typedef struct stretch {
    const sm_speller *s;
    uint16_t *id;
    size_t n;
    cell (*at)[RUN];
    cell changed[RUN][RUN];
    one_case *some; /* what could stand in one place */
    size_t cap;
    sm_arena *a;
    size_t place; /* that is changed; n: none */
} stretch;

static void read_runs(const sm_speller *s, const uint16_t *id, size_t n, cell out[RUN])
{
    uint64_t key = 0;
    memset(out, 0, RUN * sizeof(*out));
    for (size_t k = 0; k < RUN && k < n; k++) {
        key = sm_spell_key(key, id[k]);
        if (k == 1 && !paired(s, id[0], id[1]))
            return;
        out[k] = k ? look_up(s, sm_spell_name(key, (unsigned)k + 1)) : s->one[id[0]];
        if (!(out[k].count > 0)) /* nor is a longer one known */
            return;
    }
}

static const cell *run_at(const stretch *t, size_t from, size_t length)
{
    return from <= t->place && t->place < from + length
               ? &t->changed[from + REACH - t->place][length - 1]
               : &t->at[from][length - 1];
}

/* Puts `id` in a place and reads the runs that hold it, to be looked at beside what stands there.
 */
static void change(stretch *t, size_t place, uint16_t id)
{
    uint16_t was = t->id[place];
    t->id[place] = id;
    for (size_t from = place > REACH ? place - REACH : 0; from <= place; from++)
        read_runs(t->s, t->id + from, t->n - from, t->changed[from + REACH - place]);
    t->id[place] = was;
    t->place = place;
}

/* ---------------------------------------------------------------- chances */

static double alone(const stretch *t, size_t i)
{
    return ((double)run_at(t, i, 1)->count + 0.5) / ((double)t->s->head->total + 4000);
}

static double seen_more(const cell *c)
{
    return (double)c->count - DISCOUNT * SM_MIN(1.0, (double)c->count);
}

/* Of the character at i, given those on its left. */
static double from_left(const stretch *t, size_t i)
{
    double p = alone(t, i);
    for (size_t m = 2; m <= RUN && m <= i + 1; m++) {
        const cell *h = run_at(t, i + 1 - m, m - 1);
        if (!(h->count > 0) || !(h->after > 0))
            break;
        p = seen_more(run_at(t, i + 1 - m, m)) / (double)h->count + (double)h->after * p;
    }
    return p;
}

static double from_right(const stretch *t, size_t i)
{
    double p = alone(t, i);
    for (size_t m = 2; m <= RUN && i + m <= t->n; m++) {
        const cell *h = run_at(t, i + 1, m - 1);
        if (!(h->count > 0) || !(h->before > 0))
            break;
        p = seen_more(run_at(t, i, m)) / (double)h->count + (double)h->before * p;
    }
    return p;
}

/* Of all that the character at i has a part in. */
static void around(const stretch *t, size_t i, double *left, double *right)
{
    *left = *right = 1;
    for (size_t k = i; k < t->n && k <= i + REACH; k++)
        *left *= from_left(t, k);
    for (size_t k = i + 1; k-- > 0 && k + REACH >= i;)
        *right *= from_right(t, k);
    *left = sm_log(*left);
    *right = sm_log(*right);
}

/* --------------------------------------------------------------- features */

/* What is to be said of what stands in a place, or could. */
typedef struct view {
    double left, right, often, with_left, with_right;
    unsigned threes, longest; /* runs of three that hold it and are known; the longest known one */
} view;

static double log1(float count)
{
    return sm_log(1 + (double)count);
}

static bool known(const stretch *t, size_t from, size_t length)
{
    return from + length <= t->n && run_at(t, from, length)->count > 0;
}

static void see_runs(const stretch *t, size_t i, view *v)
{
    for (size_t length = 2; length <= RUN; length++)
        for (size_t from = i + 1 > length ? i + 1 - length : 0; from <= i; from++) {
            if (!known(t, from, length))
                continue;
            v->longest = (unsigned)length;
            v->threes += length == 3;
        }
}

static view view_of(const stretch *t, size_t i)
{
    view v = { .often = log1(run_at(t, i, 1)->count),
               .with_left = log1(run_at(t, i - 1, 2)->count),
               .with_right = log1(run_at(t, i, 2)->count) };
    around(t, i, &v.left, &v.right);
    see_runs(t, i, &v);
    return v;
}

static void features(const view *is, const view *could, uint32_t cand, float x[SM_SPELL_FEATURES])
{
    double left = could->left - is->left, right = could->right - is->right;
    unsigned sound = SM_CAND_SOUND(cand), look = SM_CAND_LOOK(cand), code = SM_CAND_CODE(cand);
    const double all[SM_SPELL_FEATURES] = {
        left,
        right,
        SM_MIN(left, right),
        is->often,
        could->often,
        could->with_left - is->with_left,
        could->with_right - is->with_right,
        SM_MIN(could->with_left, could->with_right),
        is->with_left + is->with_right > 0 ? 0 : 1,
        sound == SM_SOUND_SAME,
        sound == SM_SOUND_TONE,
        sound == SM_SOUND_NEAR,
        sound == SM_SOUND_CLOSE,
        look < 3,
        look < 10,
        look < 30,
        code,
        sound == SM_SOUND_NONE && look < 10,
        sound == SM_SOUND_NONE && code,
        (is->left + is->right) / 10,
        is->threes,
        could->threes,
        is->longest,
        could->longest,
        0, /* lead */
    };
    for (size_t k = 0; k < SM_SPELL_FEATURES; k++)
        x[k] = (float)all[k];
}

/* How often a run was seen, looked up by itself. */
static float seen(const stretch *t, size_t from, size_t length)
{
    uint64_t key = 0;
    if (length == 2 && !paired(t->s, t->id[from], t->id[from + 1]))
        return 0;
    for (size_t k = 0; k < length; k++)
        key = sm_spell_key(key, t->id[from + k]);
    return look_up(t->s, sm_spell_name(key, (unsigned)length)).count;
}

/* Whether with `id` in a place any three characters that hold it are known, or two are often:
 * little to look up for the many that are not. */
static bool plausible(stretch *t, size_t i, uint16_t id)
{
    uint16_t was = t->id[i];
    t->id[i] = id;
    float left = seen(t, i - 1, 2), right = seen(t, i, 2);
    bool ok = left >= OFTEN || right >= OFTEN || (left > 0 && i > 1 && seen(t, i - 2, 3) > 0) ||
              (left > 0 && right > 0 && seen(t, i - 1, 3) > 0) ||
              (right > 0 && i + 2 < t->n && seen(t, i, 3) > 0);
    t->id[i] = was;
    return ok;
}

/* How far each is ahead of the best of the others. */
static void set_leads(one_case *c, size_t n)
{
    enum { LEAD = SM_SPELL_FEATURES - 1, ALONE = 10 };
    double best = -1e9, second = -1e9;
    for (size_t i = 0; i < n; i++)
        if (c[i].chance > best) {
            second = best;
            best = c[i].chance;
        } else
            second = SM_MAX(second, c[i].chance);
    for (size_t i = 0; i < n; i++) {
        double lead = c[i].chance - (c[i].chance < best ? best : second);
        c[i].x[LEAD] = (float)SM_MAX(SM_MIN(lead, ALONE), -ALONE);
    }
}

typedef void case_fn(void *ctx, size_t place, uint16_t id, const float x[SM_SPELL_FEATURES]);

/* Calls fn for everything that could stand in a place. */
static void each_case(stretch *t, size_t i, case_fn *fn, void *ctx)
{
    const sm_speller *s = t->s;
    size_t n = 0;
    t->place = t->n;
    if (t->id[i] < SM_SPELL_KINDS || from_left(t, i) > LIKELY || from_right(t, i) > LIKELY)
        return;
    const uint32_t *c = s->cand + s->first[t->id[i] - SM_SPELL_KINDS];
    const uint32_t *end = s->cand + s->first[t->id[i] - SM_SPELL_KINDS + 1];
    view is = view_of(t, i);
    for (; c < end; c++) {
        uint16_t id = SM_CAND_ID(*c);
        if (!paired(s, t->id[i - 1], id) && !paired(s, id, t->id[i + 1]))
            continue;
        if (!plausible(t, i, id))
            continue;
        change(t, i, id);
        view could = view_of(t, i);
        if (could.left + could.right < is.left + is.right + WORSE)
            continue;
        SM_GROW(t->a, t->some, n, t->cap);
        one_case *k = &t->some[n++];
        k->id = id;
        k->chance = could.left + could.right;
        features(&is, &could, *c, k->x);
    }
    t->place = t->n;
    set_leads(t->some, n);
    for (size_t k = 0; k < n; k++)
        fn(ctx, i, t->some[k].id, t->some[k].x);
}

/* --------------------------------------------------------------- stretches */

static stretch *stretch_open(sm_arena *a, const sm_speller *s, sm_str text)
{
    stretch *t = SM_NEW(a, stretch);
    size_t most = SM_MIN(sm_utf8_count(text) + 2, (size_t)SM_SPELL_LINE);
    t->id = SM_NEWS(a, uint16_t, most);
    t->at = sm_alloc_n(a, sizeof(*t->at), most);
    t->a = a;
    t->s = s;
    return t;
}

/* The next stretch of the text; false at its end. */
static bool stretch_next(stretch *t, sm_str *rest)
{
    if (!rest->n)
        return false;
    t->n = sm_spell_line(t->s->code, t->s->head->n_chars, rest, t->id);
    for (size_t i = 0; i < t->n; i++)
        read_runs(t->s, t->id + i, t->n - i, t->at[i]);
    t->place = t->n;
    return true;
}

static uint32_t character(const sm_speller *s, uint16_t id)
{
    return s->code[id - SM_SPELL_KINDS];
}

/* ------------------------------------------------------------------ cases */

typedef struct gathering {
    sm_arena *a;
    const sm_speller *s;
    size_t base; /* code points before the stretch */
    sm_spell_case *one;
    size_t n, cap;
} gathering;

static void gather(void *ctx, size_t place, uint16_t id, const float x[SM_SPELL_FEATURES])
{
    gathering *g = ctx;
    SM_GROW(g->a, g->one, g->n, g->cap);
    sm_spell_case *c = &g->one[g->n++];
    c->at = g->base + place - 1;
    c->right = character(g->s, id);
    memcpy(c->x, x, sizeof(c->x));
}

size_t sm_speller_cases(sm_arena *a, const sm_speller *s, sm_str text, sm_spell_case **out)
{
    gathering g = { .a = a, .s = s };
    for (stretch *t = stretch_open(a, s, text); stretch_next(t, &text); g.base += t->n - 2)
        for (size_t i = 1; i + 1 < t->n; i++)
            each_case(t, i, gather, &g);
    *out = g.one;
    return g.n;
}

/* --------------------------------------------------------------- checking */

/* The best that could stand in each place of a stretch. */
typedef struct guess {
    double odds;
    uint16_t id; /* 0: nothing */
    bool fixed;
} guess;

typedef struct reading {
    const double *w;
    guess *best;
} reading;

static void weigh(void *ctx, size_t place, uint16_t id, const float x[SM_SPELL_FEATURES])
{
    reading *r = ctx;
    double odds = r->w[SM_SPELL_FEATURES];
    for (size_t k = 0; k < SM_SPELL_FEATURES; k++)
        odds += r->w[k] * (double)x[k];
    if (!r->best[place].id || odds > r->best[place].odds)
        r->best[place] = (guess){ .odds = odds, .id = id };
}

static void weigh_place(stretch *t, size_t i, reading *r)
{
    if (r->best[i].fixed)
        return;
    r->best[i] = (guess){ 0 };
    each_case(t, i, weigh, r);
}

/* Where wrong characters are, more are likely. */
static double bar(const size_t *fixed, size_t n, size_t i, const sm_spell_weights *w)
{
    for (size_t k = 0; k < n; k++)
        if (fixed[k] <= i + BESIDE && i <= fixed[k] + BESIDE)
            return w->next;
    return w->first;
}

/* The surest place past its bar; n: none. */
static size_t surest(const stretch *t, const guess *best, const size_t *fixed, size_t n,
                     const sm_spell_weights *w)
{
    size_t found = t->n;
    for (size_t i = 1; i + 1 < t->n; i++)
        if (best[i].id && !best[i].fixed && best[i].odds > bar(fixed, n, i, w) &&
            (found == t->n || best[i].odds > best[found].odds))
            found = i;
    return found;
}

/* Puts right what is surest, weighs again what stands around it, and so on. */
static void mend(stretch *t, reading *r, const sm_spell_weights *w)
{
    size_t fixed[MOST_FIXED], n = 0, i;
    for (i = 1; i + 1 < t->n; i++)
        weigh_place(t, i, r);
    while (n < MOST_FIXED && (i = surest(t, r->best, fixed, n, w)) < t->n) {
        r->best[i].fixed = true;
        fixed[n++] = i;
        t->id[i] = r->best[i].id;
        for (size_t k = i > REACH ? i - REACH : 0; k <= i; k++)
            read_runs(t->s, t->id + k, t->n - k, t->at[k]);
        for (size_t k = i > REACH ? i - REACH : 1; k <= i + REACH && k + 1 < t->n; k++)
            weigh_place(t, k, r);
    }
}

size_t sm_speller_check(sm_arena *a, const sm_speller *s, sm_str text, const sm_spell_weights *w,
                        sm_misspelt **out)
{
    size_t n = 0, cap = 0, base = 0;
    sm_misspelt *all = NULL;
    w = w ? w : &sm_spell_fitted;
    reading r = { .w = w->w };
    for (stretch *t = stretch_open(a, s, text); stretch_next(t, &text); base += t->n - 2) {
        r.best = SM_NEWS(a, guess, t->n);
        mend(t, &r, w);
        for (size_t i = 1; i + 1 < t->n; i++) {
            if (!r.best[i].fixed)
                continue;
            SM_GROW(a, all, n, cap);
            all[n++] = (sm_misspelt){ base + i - 1, character(s, r.best[i].id), r.best[i].odds };
        }
    }
    *out = all;
    return n;
}
