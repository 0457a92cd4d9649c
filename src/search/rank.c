/*
 * From features to a ranked list, from a list to the probability that its first is right, and
 * the rows that both are fitted on.
 */
#include "search/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { F = SM_N_FEATURES, NEWTON_STEPS = 25 };
/* A taken-away gold counts this much against a question with it. */
static const double AWAY_WEIGHT = 0.25, RIDGE = 1.0;

/* ----------------------------------------------------------------- rows */

static void *must(void *p)
{
    if (!p) {
        fputs("sunmao: out of memory\n", stderr);
        abort();
    }
    return p;
}

static void reserve(sm_rows *r, size_t n)
{
    if (r->n_groups + 2 > r->cap_groups) {
        r->cap_groups = 2 * r->n_groups + 64;
        r->off = must(realloc(r->off, r->cap_groups * sizeof(*r->off)));
        r->group = must(realloc(r->group, r->cap_groups * sizeof(*r->group)));
        r->off[0] = 0;
    }
    if (r->n + n > r->cap) {
        r->cap = 2 * (r->n + n) + 1024;
        r->x = must(realloc(r->x, r->cap * F * sizeof(*r->x)));
        r->known = must(realloc(r->known, r->cap));
        r->gold = must(realloc(r->gold, r->cap));
    }
}

static bool is_gold(const uint32_t *gold, size_t n, uint32_t passage)
{
    for (size_t i = 0; i < n; i++)
        if (gold[i] == passage)
            return true;
    return false;
}

static int descending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x > y ? -1 : x < y;
}

/* How likely a candidate is to be taken for the gold, whatever the weights. */
static float *promise(const sm_cands *c, size_t keep, float *bar)
{
    float *p = must(malloc(2 * (c->n + 1) * sizeof(*p))), *sorted = p + c->n, most = 1;
    for (size_t i = 0; i < c->n; i++)
        most = SM_MAX(most, c->x[SM_F_BM25F][i]);
    for (size_t i = 0; i < c->n; i++) {
        p[i] = c->x[SM_F_BM25F][i] / most + c->x[SM_F_NEAR][i] + 0.5f * c->x[SM_F_OWN][i] +
               2 * c->x[SM_F_CLASS_P][i] + c->x[SM_F_COS][i];
        sorted[i] = p[i];
    }
    qsort(sorted, c->n, sizeof(*sorted), descending);
    *bar = keep < c->n ? sorted[keep] : -INFINITY;
    return p;
}

void sm_rows_add(sm_rows *r, const sm_cands *c, const uint32_t *gold, size_t n_gold, size_t keep)
{
    float bar, *p = promise(c, keep, &bar);
    reserve(r, c->n);
    for (size_t i = 0; i < c->n; i++) {
        bool good = is_gold(gold, n_gold, c->passage[i]);
        if (!good && p[i] <= bar)
            continue;
        for (int k = 0; k < F; k++)
            r->x[r->n * F + (size_t)k] = c->x[k][i];
        r->known[r->n] = c->known[i];
        r->gold[r->n++] = good;
    }
    r->group[r->n_groups] =
        (sm_group){ (uint32_t)n_gold, (uint32_t)c->n_terms, c->nearest, (float)c->novel };
    r->off[++r->n_groups] = r->n;
    free(p);
}

void sm_rows_append(sm_rows *r, const sm_rows *more)
{
    for (size_t g = 0; g < more->n_groups; g++) {
        size_t from = more->off[g], n = more->off[g + 1] - from;
        reserve(r, n);
        memcpy(r->x + r->n * F, more->x + from * F, n * F * sizeof(*r->x));
        memcpy(r->known + r->n, more->known + from, n);
        memcpy(r->gold + r->n, more->gold + from, n);
        r->n += n;
        r->group[r->n_groups] = more->group[g];
        r->off[++r->n_groups] = r->n;
    }
}

void sm_rows_done(sm_rows *r)
{
    free(r->off);
    free(r->x);
    free(r->known);
    free(r->gold);
    free(r->group);
    *r = (sm_rows){ 0 };
}

/* -------------------------------------------------------------- ranking */

/* One number for a scored candidate: the lower the better, and of equals the earlier candidate. */
static uint64_t key_of(float score, uint32_t at)
{
    union {
        float f;
        uint32_t u;
    } v = { score + 0.0f }; /* no negative zero */
    uint32_t rising = v.u >> 31 ? ~v.u : v.u | UINT32_C(1) << 31;
    return (uint64_t)~rising << 32 | at;
}

/* Brings the k lowest to the front, in any order. */
static void gather_lowest(uint64_t *v, size_t n, size_t k)
{
    size_t from = 0, to = n;
    while (to - from > 1 && k > from && k < to) {
        uint64_t a = v[from], b = v[from + (to - from) / 2], c = v[to - 1];
        uint64_t mid = SM_MAX(SM_MIN(a, b), SM_MIN(SM_MAX(a, b), c));
        size_t i = from, j = to - 1;
        for (;; i++, j--) {
            while (v[i] < mid)
                i++;
            while (v[j] > mid)
                j--;
            if (i >= j)
                break;
            uint64_t x = v[i];
            v[i] = v[j];
            v[j] = x;
        }
        /* all are distinct: [from, i) is below mid, v[i] is mid or above */
        if (k <= i)
            to = i;
        else
            from = i;
    }
}

uint32_t sm_rank_wants(const sm_fusion *f, const sm_gbdt *gbdt)
{
    uint32_t wanted = SM_FEATURE_BIT(SM_F_NEAR_MAX) | SM_FEATURE_BIT(SM_F_OWN_MAX);
    if (gbdt && gbdt->n_trees)
        return SM_FEATURES_ALL;
    for (int k = 0; k < F; k++)
        for (int known = 0; known < 2; known++)
            if (f->w[known][k] > 0 || f->w[known][k] < 0)
                wanted |= SM_FEATURE_BIT(k);
    return wanted;
}

/* One passage after the other the same sum as sm_fusion_score: a weight of nothing adds nothing. */
static void fuse(const sm_fusion *f, bool known, const sm_ranking *r, float *restrict s)
{
    for (size_t i = 0; i < r->n; i++)
        s[i] = known ? f->bias : 0.0f;
    for (int k = 0; k < F; k++) {
        const float w = f->w[known][k], *restrict x = r->x[k];
        if (w > 0 || w < 0)
            for (size_t i = 0; i < r->n; i++)
                s[i] += w * x[i];
    }
}

static void add_trees(const sm_gbdt *gbdt, const sm_ranking *r, float *s)
{
    float row[F];
    for (size_t i = 0; i < r->n; i++) {
        for (int k = 0; k < F; k++)
            row[k] = r->x[k][i];
        s[i] += sm_gbdt_score(gbdt, row, r->known[i]);
    }
}

static float *scores_of(sm_arena *a, const sm_fusion *f, const sm_gbdt *gbdt, const sm_ranking *r)
{
    float *s = SM_NEWS(a, float, r->n + 1), *other = NULL;
    size_t n_known = 0;
    for (size_t i = 0; i < r->n; i++)
        n_known += r->known[i];
    fuse(f, n_known > 0, r, s);
    if (n_known > 0 && n_known < r->n) {
        other = SM_NEWS(a, float, r->n + 1);
        fuse(f, false, r, other);
    }
    for (size_t i = 0; other && i < r->n; i++)
        s[i] = r->known[i] ? s[i] : other[i];
    if (gbdt && gbdt->n_trees)
        add_trees(gbdt, r, s);
    for (size_t i = 0; i < r->n; i++)
        s[i] = isfinite(s[i]) ? s[i] : -1e30f;
    return s;
}

size_t sm_rank_list(sm_arena *a, const sm_fusion *f, const sm_gbdt *gbdt, const sm_ranking *r,
                    size_t top, sm_rank **out)
{
    const float *score = scores_of(a, f, gbdt, r);
    uint64_t *key = SM_NEWS(a, uint64_t, r->n + 1);
    float sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (!r->allowed || r->allowed[i])
            key[n++] = key_of(score[i], (uint32_t)i);
    top = SM_MIN(n, SM_MAX(top, (size_t)SM_LIST));
    gather_lowest(key, n, top);
    sm_sort_u64(key, top);
    sm_rank *list = SM_NEWS(a, sm_rank, top + 1);
    for (size_t i = 0; i < top; i++)
        list[i] = (sm_rank){ (uint32_t)key[i], score[(uint32_t)key[i]], 0 };
    size_t m = SM_MIN(n, (size_t)SM_LIST);
    for (size_t i = 0; i < m; i++)
        sum += list[i].share = sm_expf(list[i].score - list[0].score);
    for (size_t i = 0; i < m; i++)
        list[i].share /= sum;
    *out = list;
    return n;
}

static float gap(const sm_rank *list, size_t n, size_t to)
{
    float g = n > to ? list[0].score - list[to].score : 10.0f;
    return SM_MIN(g, 10.0f);
}

void sm_stats_of(const sm_rank *list, size_t n, const sm_top *top, const sm_group *g,
                 float out[SM_N_STATS])
{
    memset(out, 0, SM_N_STATS * sizeof(*out));
    if (n == 0)
        return;
    float p1 = SM_MIN(list[0].share, 0.999f), p2 = n > 1 ? list[1].share : 0, entropy = 0;
    for (size_t i = 0; i < n && i < SM_LIST; i++)
        if (list[i].share > 1e-9f)
            entropy -= list[i].share * logf(list[i].share);
    out[0] = SM_MAX(logf(p1 / (1 - p1)), -5.0f);
    out[1] = p1 - p2;
    out[2] = entropy;
    out[3] = gap(list, n, 1);
    out[4] = gap(list, n, 5);
    out[5] = top->cover;
    out[6] = g->nearest;
    out[7] = g->novel;
    out[8] = logf(1.0f + (float)g->n_terms);
    out[9] = top->near;
    out[10] = top->class_p;
    out[11] = top->known;
}

double sm_calibrated(const sm_calibration *c, const float stats[SM_N_STATS])
{
    double z = (double)c->bias;
    for (int k = 0; k < SM_N_STATS; k++)
        z += (double)c->w[k] * (double)stats[k];
    return isfinite(z) ? 1 / (1 + sm_exp(-z)) : 0;
}

/* ---------------------------------------------------------- calibration */

struct sample {
    float x[SM_N_STATS];
    double y, weight;
};

/* Solves A d = b for a symmetric positive A by elimination, in place. */
static void solve(double a[][SM_N_STATS + 1], double *b, int n)
{
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double f = a[i][k] / a[k][k];
            for (int j = k; j < n; j++)
                a[i][j] -= f * a[k][j];
            b[i] -= f * b[k];
        }
    for (int k = n; k-- > 0;) {
        for (int j = k + 1; j < n; j++)
            b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
}

/* Ridge logistic regression by Newton's method; the bias is not held down. */
static void fit(const struct sample *s, size_t n, sm_calibration *out)
{
    enum { N = SM_N_STATS + 1 };
    double w[N] = { 0 };
    for (int step = 0; step < NEWTON_STEPS; step++) {
        double h[N][N] = { { 0 } }, g[N] = { 0 };
        for (size_t i = 0; i < n; i++) {
            double z = w[SM_N_STATS];
            for (int k = 0; k < SM_N_STATS; k++)
                z += w[k] * (double)s[i].x[k];
            double p = 1 / (1 + sm_exp(-z)), v = s[i].weight * SM_MAX(p * (1 - p), 1e-6);
            for (int k = 0; k < N; k++) {
                double x = k < SM_N_STATS ? (double)s[i].x[k] : 1;
                g[k] -= s[i].weight * (p - s[i].y) * x;
                for (int j = 0; j < N; j++)
                    h[k][j] += v * x * (j < SM_N_STATS ? (double)s[i].x[j] : 1);
            }
        }
        for (int k = 0; k < N; k++) {
            g[k] -= k < SM_N_STATS ? RIDGE * w[k] : 0;
            h[k][k] += k < SM_N_STATS ? RIDGE : 1e-6;
        }
        solve(h, g, N);
        for (int k = 0; k < N; k++)
            w[k] += SM_MAX(-4.0, SM_MIN(g[k], 4.0));
    }
    for (int k = 0; k < SM_N_STATS; k++)
        out->w[k] = (float)w[k];
    out->bias = (float)w[SM_N_STATS];
}

/* The list of one group, with or without its golds. */
static void sample_of(const sm_rows *r, size_t g, bool away, const sm_fusion *f,
                      const sm_gbdt *gbdt, struct sample *s)
{
    size_t from = r->off[g], n = 0, all = r->off[g + 1] - from;
    sm_arena *a = sm_arena_open();
    float *x[F];
    uint8_t *known = SM_NEWS(a, uint8_t, all + 1), *gold = SM_NEWS(a, uint8_t, all + 1);
    for (int k = 0; k < F; k++)
        x[k] = SM_NEWS(a, float, all + 1);
    for (size_t i = from; i < r->off[g + 1]; i++) {
        if (away && r->gold[i])
            continue;
        for (int k = 0; k < F; k++)
            x[k][n] = r->x[i * F + (size_t)k];
        known[n] = r->known[i];
        gold[n++] = r->gold[i];
    }
    sm_ranking ranking = { (const float *const *)x, known, NULL, n };
    sm_rank *list;
    sm_rank_list(a, f, gbdt, &ranking, SM_LIST, &list);
    sm_group group = r->group[g];
    size_t first = list[0].at;
    sm_top top = { 0 };
    if (n)
        top =
            (sm_top){ x[SM_F_COVER][first], SM_MAX(x[SM_F_NEAR_MAX][first], x[SM_F_OWN_MAX][first]),
                      x[SM_F_CLASS_P][first], known[first] };
    if (away && n) /* what was near was near to what is now gone */
        group.nearest = SM_MIN(group.nearest, top.near);
    sm_stats_of(list, n, &top, &group, s->x);
    s->y = n && gold[first];
    s->weight = away ? AWAY_WEIGHT : 1;
    sm_arena_close(a);
}

void sm_calibration_fit(const sm_rows *rows, const sm_fusion *f, const sm_gbdt *gbdt,
                        sm_calibration *out)
{
    struct sample *s = must(calloc(2 * rows->n_groups + 1, sizeof(*s)));
    size_t n = 0;
    for (size_t g = 0; g < rows->n_groups; g++) {
        sample_of(rows, g, false, f, gbdt, &s[n++]);
        sample_of(rows, g, true, f, gbdt, &s[n++]);
    }
    fit(s, n, out);
    free(s);
}
