/*
 * The greedy algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.  After
 * MOST changes it takes the path that has come furthest and begins anew from its end: time
 * (n + m) * MOST, memory MOST squared, however different the two are.
 */
#include "review/diff.h"

enum { MOST = 512 };

typedef struct rows {
    const uint64_t *a, *b;
    int32_t n, m;
    int32_t *match; /* of a, in the whole of b */
    int32_t offset; /* of b */
    int32_t *trace; /* after d changes the furthest x on diagonal k: at(d, k) */
} rows;

static int32_t *at(const rows *r, int32_t d, int32_t k)
{
    return &r->trace[(size_t)d * (size_t)(d + 1) / 2 + (size_t)((k + d) / 2)];
}

/* Whether the path to (d, k) comes from the diagonal above: one of b is inserted. */
static bool from_above(const rows *r, int32_t d, int32_t k)
{
    return k == -d || (k != d && *at(r, d - 1, k - 1) < *at(r, d - 1, k + 1));
}

static int32_t follow(const rows *r, int32_t x, int32_t k)
{
    while (x < r->n && x - k < r->m && r->a[x] == r->b[x - k])
        x++;
    return x;
}

static void take_path(const rows *r, int32_t d, int32_t k)
{
    for (;; d--) {
        int32_t x = *at(r, d, k), begin = 0, from = k;
        if (d > 0) {
            bool above = from_above(r, d, k);
            from = above ? k + 1 : k - 1;
            begin = *at(r, d - 1, from) + !above;
        }
        for (int32_t i = begin; i < x; i++)
            r->match[i] = r->offset + i - k;
        if (d == 0)
            return;
        k = from;
    }
}

/* The diagonal on which the most was passed. */
static int32_t furthest(const rows *r, int32_t d)
{
    int32_t best = d, most = -1;
    for (int32_t k = -d; k <= d; k += 2) {
        int32_t x = *at(r, d, k), y = x - k;
        if (x <= r->n && y <= r->m && x + y > most) {
            most = x + y;
            best = k;
        }
    }
    return best;
}

/* One stretch: to the end of both, or as far as MOST changes go; what is left is in *r. */
static void stretch(rows *r)
{
    for (int32_t d = 0; d <= MOST; d++)
        for (int32_t k = -d; k <= d; k += 2) {
            int32_t x = d == 0                ? 0
                        : from_above(r, d, k) ? *at(r, d - 1, k + 1)
                                              : *at(r, d - 1, k - 1) + 1;
            x = *at(r, d, k) = follow(r, x, k);
            if (x >= r->n && x - k >= r->m) {
                take_path(r, d, k);
                r->n = r->m = 0;
                return;
            }
        }
    int32_t k = furthest(r, MOST), x = SM_MIN(*at(r, MOST, k), r->n), y = SM_MIN(x - k, r->m);
    take_path(r, MOST, k);
    r->a += x;
    r->match += x;
    r->n -= x;
    r->b += y;
    r->offset += y;
    r->m -= y;
}

sm_rc sm_diff(sm_op *op, const uint64_t *a, size_t n, const uint64_t *b, size_t m, int32_t *match)
{
    if (n > INT32_MAX / 4 || m > INT32_MAX / 4)
        return sm_fail(op, SM_E_LIMIT, "太长，不能对比");
    for (size_t i = 0; i < n; i++)
        match[i] = -1;
    size_t most = SM_MIN((size_t)MOST, n + m) + 1;
    sm_arena *own = sm_arena_open(); /* of many comparisons in one operation each lets go of it */
    rows r = { .a = a,
               .b = b,
               .n = (int32_t)n,
               .m = (int32_t)m,
               .match = match,
               .trace = SM_NEWS(own, int32_t, most * (most + 1) / 2) };
    sm_rc rc = SM_OK;
    while (r.n > 0 && r.m > 0 && (rc = sm_op_check(op)) == SM_OK)
        stretch(&r);
    sm_arena_close(own);
    return rc;
}
