/*
 * Term-at-a-time scoring into 16-bit accumulators, and the scan for the best.
 *
 * A term adds weight x impact, both whole numbers.  Weights are idf times the largest factor with
 * which no passage can pass 65,535, were it to hold every term at full impact: nothing saturates,
 * and a short question is weighed finer than a long one.
 */
#include "search/file.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TERMS = 64, BLOCK = SM_SCORE_BLOCK, MAX_SUM = 65535 / SM_MAX_IMPACT };

/* The scan twice, for AVX2 and for any x86-64; the same results.  Sanitizers and C libraries other
 * than glibc have no part in choosing one at load time. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(SM_ARENA_MALLOC)
#define SM_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define SM_CLONES
#endif

/* ------------------------------------------------------------ accumulators */

/* Buffers go from question to question within a thread: fresh pages cost more than the scoring. */
struct spare {
    size_t bytes;
};
enum { N_SPARE = 4, SPARE_HEAD = 64 };
static _Thread_local struct spare *spare[N_SPARE];
static pthread_key_t spare_key;
static pthread_once_t spare_once = PTHREAD_ONCE_INIT;

static void free_spare(void *thread_has_some)
{
    (void)thread_has_some;
    for (size_t i = 0; i < N_SPARE; i++) {
        free(spare[i]);
        spare[i] = NULL;
    }
}

static void make_spare_key(void)
{
    pthread_key_create(&spare_key, free_spare);
}

/* Runs when the arena closes, on whichever thread that is. */
static void give_back(void *p)
{
    struct spare *b = p;
    for (size_t i = 0; i < N_SPARE; i++)
        if (!spare[i] || spare[i]->bytes < b->bytes) {
            struct spare *out = spare[i];
            spare[i] = b;
            b = out;
            if (!b)
                break;
        }
    free(b);
    pthread_once(&spare_once, make_spare_key);
    pthread_setspecific(spare_key, &spare_key);
}

/* Zeroed, a multiple of a block, aligned to one. */
static uint16_t *accumulators(sm_arena *a, size_t n)
{
    size_t bytes = (n + 2 * BLOCK - 1) / BLOCK * BLOCK * sizeof(uint16_t);
    struct spare *b = NULL;
    for (size_t i = 0; i < N_SPARE && !b; i++)
        if (spare[i] && spare[i]->bytes >= bytes) {
            b = spare[i];
            spare[i] = NULL;
        }
    if (!b) {
        b = aligned_alloc(SPARE_HEAD, SPARE_HEAD + bytes);
        if (!b)
            abort();
        b->bytes = bytes;
    }
    sm_arena_defer(a, give_back, b);
    return memset((char *)b + SPARE_HEAD, 0, bytes);
}

/* ------------------------------------------------------------------ scoring */

struct term {
    sm_postings list;
    uint32_t weight;
};

static int by_idf(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    if (x->list.idf > y->list.idf || x->list.idf < y->list.idf)
        return x->list.idf > y->list.idf ? -1 : 1;
    return x->list.passage < y->list.passage ? -1 : x->list.passage > y->list.passage;
}

/* The idf of a term in 30 % of the collection that the statistics speak of: a delta skips what its
 * base skips. */
static float common_idf(const sm_index *x, sm_field field)
{
    uint32_t n = field == SM_FIELD_PARENT ? x->head.n_stat_parents : x->head.n_stat_passages;
    float df = SM_COMMON_SHARE * (float)n;
    return n < SM_COMMON_FROM ? -1.0f : logf(1.0f + ((float)n - df + 0.5f) / (df + 0.5f));
}

static size_t look_up(sm_arena *a, const sm_index *x, sm_field field, const uint64_t *key, size_t n,
                      struct term **out, float *factor)
{
    struct term *t = SM_NEWS(a, struct term, n + 1);
    float common = common_idf(x, field), sum = 0;
    size_t m = 0;
    sm_postings *list = SM_NEWS(a, sm_postings, n + 1);
    sm_index_lists(x, field, key, n, list);
    for (size_t i = 0; i < n; i++)
        if (list[i].n && list[i].idf >= common)
            t[m++].list = list[i];
    if (m > MAX_TERMS)
        qsort(t, m, sizeof(*t), by_idf);
    m = SM_MIN(m, (size_t)MAX_TERMS);
    for (size_t i = 0; i < m; i++)
        sum += SM_MAX(t[i].list.idf, 0.0f);
    *factor = (float)(MAX_SUM - MAX_TERMS) / SM_MAX(sum, 1.0f);
    for (size_t i = 0; i < m; i++)
        t[i].weight = (uint32_t)SM_MAX(lrintf(*factor * t[i].list.idf), 1);
    *out = t;
    return m;
}

/* Eight at a time: a list's passages are distinct, so that no store is read back by the next. */
static void add(uint16_t *v, const struct term *t)
{
    const uint32_t *d = t->list.passage, n = t->list.n, by = t->weight;
    const uint8_t *w = t->list.impact;
    uint32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint32_t s[8];
        for (uint32_t k = 0; k < 8; k++)
            s[k] = v[d[i + k]] + by * w[i + k];
        for (uint32_t k = 0; k < 8; k++)
            v[d[i + k]] = (uint16_t)s[k];
    }
    for (; i < n; i++)
        v[d[i]] = (uint16_t)(v[d[i]] + by * w[i]);
}

void sm_index_score(sm_arena *a, const sm_index *x, sm_field field, const uint64_t *term,
                    size_t n_terms, sm_scores *s)
{
    struct term *t;
    float factor;
    uint32_t n = field == SM_FIELD_PARENT ? sm_index_n_parents(x) : sm_index_n(x);
    size_t m = look_up(a, x, field, term, n_terms, &t, &factor);
    *s = (sm_scores){ accumulators(a, n), n, 2.2f / ((float)SM_MAX_IMPACT * factor) };
    for (size_t i = 0; i < m; i++)
        add(s->v, &t[i]);
}

/* ------------------------------------------------------------- the best */

/* One number for a scored passage: the higher the better, and of equals the lower passage. */
static uint64_t key_of(uint32_t v, uint32_t passage)
{
    return (uint64_t)v << 32 | (UINT32_MAX - passage);
}

/* Puts e in place of the root of a heap whose root is the least. */
static void replace_least(uint64_t *h, size_t n, uint64_t e)
{
    size_t i = 0, child;
    while ((child = 2 * i + 1) < n) {
        child += child + 1 < n && h[child + 1] < h[child];
        if (h[child] >= e)
            break;
        h[i] = h[child];
        i = child;
    }
    h[i] = e;
}

static void push(uint64_t *h, size_t *n, size_t top, uint64_t e)
{
    if (*n == top) {
        if (e > h[0])
            replace_least(h, top, e);
        return;
    }
    size_t i = (*n)++;
    for (; i && h[(i - 1) / 2] > e; i = (i - 1) / 2)
        h[i] = h[(i - 1) / 2];
    h[i] = e;
}

static int best_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x > y ? -1 : x < y;
}

enum { LANES = 16 };
typedef uint16_t lanes __attribute__((vector_size(2 * LANES), may_alias));
typedef uint64_t words __attribute__((vector_size(2 * LANES)));

/* The first passage at or after `from` that could pass the bar; `n` or more when there is none.
 * `more`: what its parents add to a block at most; may be NULL. */
SM_CLONES
static uint32_t next_above(const uint16_t *v, const uint16_t *more, uint32_t from, uint32_t n,
                           uint32_t bar)
{
    while (from < n) {
        uint32_t add = more ? more[from / BLOCK] : 0;
        uint16_t need = (uint16_t)SM_MIN(bar > add ? bar - add : 0, 65535u);
        const lanes *a = (const void *)(v + from / LANES * LANES); /* aligned to a block */
        if (from % BLOCK == 0) {
            words w = (words)((a[0] > need) | (a[1] > need) | (a[2] > need) | (a[3] > need));
            if (!(w[0] | w[1] | w[2] | w[3])) {
                from += BLOCK;
                continue;
            }
        }
        if (from % LANES == 0) {
            words w = (words)(a[0] > need);
            if (!(w[0] | w[1] | w[2] | w[3])) {
                from += LANES;
                continue;
            }
        }
        do
            if (v[from] > need)
                return from;
        while (++from % LANES);
    }
    return from;
}

/* What parents add to a block at most: those between its lowest and highest number, when they are
 * few. */
static uint16_t *block_more(sm_arena *a, const sm_index *x, const uint16_t *more)
{
    enum { FEW = 2 * BLOCK };
    uint32_t n_blocks = (sm_index_n(x) + BLOCK - 1) / BLOCK;
    uint16_t *out = SM_NEWS(a, uint16_t, n_blocks + 1u), all = 0;
    for (uint32_t i = 0; i < x->head.n_parents; i++)
        all = SM_MAX(all, more[i]);
    for (uint32_t b = 0; b < n_blocks; b++) {
        uint32_t from = x->block_parent[2 * b], to = x->block_parent[2 * b + 1];
        out[b] = to - from > FEW ? all : 0;
        for (uint32_t i = from; i <= to && to - from <= FEW; i++)
            out[b] = SM_MAX(out[b], more[i]);
    }
    return out;
}

size_t sm_scores_best(sm_arena *a, const sm_scores *s, const sm_index *x, const sm_pick *pick,
                      size_t top, sm_ranked **out)
{
    uint64_t *heap = SM_NEWS(a, uint64_t, top + 1);
    const uint16_t *more = pick->parent_adds, *block = more ? block_more(a, x, more) : NULL;
    const sm_filter *f = pick->filter;
    size_t n = 0;
    uint32_t bar = 0;
    for (uint32_t d = 0; top && (d = next_above(s->v, block, d, s->n, bar)) < s->n; d++) {
        uint32_t v = s->v[d] + (more ? more[x->doc[d].parent] : 0u);
        if (v <= bar || (pick->hidden && pick->hidden[d]) || (f && !sm_index_allows(x, d, f)))
            continue;
        push(heap, &n, top, key_of(v, d));
        bar = n == top ? (uint32_t)(heap[0] >> 32) : 0;
    }
    if (n)
        qsort(heap, n, sizeof(*heap), best_first);
    sm_ranked *r = SM_NEWS(a, sm_ranked, n + 1);
    for (size_t i = 0; i < n; i++)
        r[i] = (sm_ranked){ UINT32_MAX - (uint32_t)heap[i], (float)(heap[i] >> 32) * s->scale };
    *out = r;
    return n;
}

size_t sm_scores_top(sm_arena *a, const sm_scores *s, const sm_index *x, const sm_filter *f,
                     size_t top, sm_ranked **out)
{
    return sm_scores_best(a, s, x, &(sm_pick){ .filter = f }, top, out);
}
