/*
 * Numbers in order: sorting them, finding one.
 */
#include "base/base.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Few at a time and without a call for every comparison: by insertion over shrinking gaps. */
void sm_sort_u64(uint64_t *v, size_t n)
{
    enum { MANY = 2048 };
    static const size_t gaps[] = { 701, 301, 132, 57, 23, 10, 4, 1 };
    if (n > MANY) {
        qsort(v, n, sizeof(*v), ascending);
        return;
    }
    for (size_t g = 0; g < SM_LEN(gaps); g++)
        for (size_t i = gaps[g]; i < n; i++) {
            uint64_t x = v[i];
            size_t k = i;
            for (; k >= gaps[g] && v[k - gaps[g]] > x; k -= gaps[g])
                v[k] = v[k - gaps[g]];
            v[k] = x;
        }
}

size_t sm_distinct_u64(uint64_t *v, size_t n)
{
    size_t m = 0;
    sm_sort_u64(v, n);
    for (size_t i = 0; i < n; i++)
        if (m == 0 || v[m - 1] != v[i])
            v[m++] = v[i];
    return m;
}

/* How many of n evenly spread keys lie in a stretch. */
static size_t expected(uint64_t stretch, size_t n)
{
    return (size_t)((stretch >> 32) * n >> 32);
}

/* Keys are evenly spread hashes: the place is guessed, and guessed again from how far off that was,
 * which leaves a few steps on either side. */
static size_t guess_again(const uint64_t *key, size_t n, size_t at, uint64_t k)
{
    return key[at] < k ? SM_MIN(at + expected(k - key[at], n), n - 1)
                       : at - SM_MIN(expected(key[at] - k, n), at);
}

static size_t find_from(const uint64_t *key, size_t n, size_t at, uint64_t k)
{
    size_t lo = at, hi = at + 1; /* key[lo] <= k < key[hi], beyond the ends as far as need be */
    for (size_t step = 4; lo > 0 && key[lo] > k; step *= 2) {
        hi = lo;
        lo -= SM_MIN(lo, step);
    }
    for (size_t step = 4; hi < n && key[hi] <= k; step *= 2) {
        lo = hi;
        hi += SM_MIN(n - hi, step);
    }
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (key[mid] <= k)
            lo = mid;
        else
            hi = mid;
    }
    return key[lo] == k ? lo : SIZE_MAX;
}

size_t sm_find_u64(const uint64_t *key, size_t n, uint64_t k)
{
    if (n == 0)
        return SIZE_MAX;
    size_t at = guess_again(key, n, expected(k, n), k);
    return find_from(key, n, guess_again(key, n, at, k), k);
}

/* Each guess is made for a run of keys before the next one: the memory that they look at is fetched
 * side by side. */
void sm_find_all_u64(const uint64_t *key, size_t n, const uint64_t *k, size_t n_k, size_t *out)
{
    enum { RUN = 32 };
    for (size_t from = 0; from < n_k; from += RUN) {
        size_t m = SM_MIN(n_k - from, (size_t)RUN), *at = out + from;
        for (size_t i = 0; i < m; i++) {
            at[i] = n ? expected(k[from + i], n) : 0;
            __builtin_prefetch(key + at[i]);
        }
        for (int again = 0; n && again < 2; again++)
            for (size_t i = 0; i < m; i++) {
                at[i] = guess_again(key, n, at[i], k[from + i]);
                __builtin_prefetch(key + at[i]);
            }
        for (size_t i = 0; i < m; i++)
            at[i] = n ? find_from(key, n, at[i], k[from + i]) : SIZE_MAX;
    }
}
