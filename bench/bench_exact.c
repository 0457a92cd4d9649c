/*
 * BM25F in floating point, as docs/search.md defines it, for holding the quantised index against:
 * the same tokens and fields, no impact of five bits, no rounded weight.
 * Only the questions' terms are kept.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search_bench.h"
#include "text/text.h"

enum { N_FIELDS = 4, TABLE = 1 << 18, MAX_TOKENS = 1 << 17 };
static const double K1 = 1.2, B = 0.75, WEIGHT[N_FIELDS] = { 1, 2, 1, 2 };

struct posting {
    uint32_t passage;
    float tf[N_FIELDS];
};

struct list {
    uint64_t key;
    struct posting *p;
    size_t n, cap;
};

struct exact {
    struct list *table;
    double (*length)[N_FIELDS], average[N_FIELDS];
    size_t n;
};

static struct list *slot_of(struct exact *x, uint64_t key)
{
    size_t i = key & (TABLE - 1);
    while (x->table[i].key && x->table[i].key != key)
        i = (i + 1) & (TABLE - 1);
    return &x->table[i];
}

static void count(struct exact *x, uint32_t passage, int field, uint64_t key)
{
    struct list *l = slot_of(x, key);
    if (!l->key)
        return;
    if (l->n == 0 || l->p[l->n - 1].passage != passage) {
        if (l->n == l->cap) {
            l->cap = l->cap ? 2 * l->cap : 16;
            l->p = realloc(l->p, l->cap * sizeof(*l->p));
            if (!l->p)
                abort();
        }
        l->p[l->n++] = (struct posting){ .passage = passage };
    }
    l->p[l->n - 1].tf[field]++;
}

static void read_all(struct exact *x, const struct passages *p)
{
    sm_arena *scratch = sm_arena_open();
    uint64_t *token = malloc(MAX_TOKENS * sizeof(*token));
    if (!token)
        abort();
    for (size_t d = 0; d < p->n; d++) {
        const sm_str field[] = { p->p[d].body, p->p[d].title, p->p[d].heading, p->p[d].alias };
        for (int f = 0; f < N_FIELDS; f++) {
            size_t n = sm_text_tokens(sm_text_normal(scratch, field[f]), SM_TOKEN_UNI | SM_TOKEN_BI,
                                      token, MAX_TOKENS);
            x->length[d][f] = (double)n;
            x->average[f] += (double)n / (double)p->n;
            for (size_t i = 0; i < n; i++)
                count(x, (uint32_t)d, f, token[i]);
        }
        sm_arena_reset(scratch);
    }
    free(token);
    sm_arena_close(scratch);
}

static void add_term(const struct exact *x, const struct list *l, double *score)
{
    double idf = log(1 + ((double)x->n - (double)l->n + .5) / ((double)l->n + .5));
    for (size_t i = 0; i < l->n; i++) {
        double tf = 0;
        for (int f = 0; f < N_FIELDS; f++)
            if (l->p[i].tf[f] > 0)
                tf += WEIGHT[f] * (double)l->p[i].tf[f] /
                      (1 - B + B * x->length[l->p[i].passage][f] / x->average[f]);
        score[l->p[i].passage] += idf * tf * (K1 + 1) / (K1 + tf);
    }
}

/* Ties go to the lower number, as in the index. */
static void best_ten(const double *score, size_t n, uint32_t *top)
{
    size_t m = 0;
    for (size_t d = 0; d < n; d++) {
        if (score[d] <= 0 || (m == 10 && score[d] <= score[top[9]]))
            continue;
        size_t i = m < 10 ? m++ : 9;
        for (; i && score[top[i - 1]] < score[d]; i--)
            top[i] = top[i - 1];
        top[i] = (uint32_t)d;
    }
    while (m < 10)
        top[m++] = UINT32_MAX;
}

void exact_top(const struct passages *p, const struct token_lists *q, double common, uint32_t *top)
{
    struct exact x = { .n = p->n };
    double *score = calloc(p->n, sizeof(*score));
    x.table = calloc(TABLE, sizeof(*x.table));
    x.length = calloc(p->n, sizeof(*x.length));
    if (!score || !x.table || !x.length)
        abort();
    for (size_t i = 0; i < q->off[q->n]; i++)
        slot_of(&x, q->token[i])->key = q->token[i];
    read_all(&x, p);
    for (size_t i = 0; i < q->n; i++) {
        memset(score, 0, p->n * sizeof(*score));
        for (size_t t = q->off[i]; t < q->off[i + 1]; t++)
            if ((double)slot_of(&x, q->token[t])->n <= common * (double)p->n)
                add_term(&x, slot_of(&x, q->token[t]), score);
        best_ten(score, p->n, top + 10 * i);
    }
    for (size_t i = 0; i < TABLE; i++)
        free(x.table[i].p);
    free(x.table);
    free(x.length);
    free(score);
}
