/*
 * Risk at each coverage: what part of the answers is wrong when only the surest are given.
 */
#include "eval/inner.h"

#include <stdlib.h>

void sm_answered_add(sm_answered *a, double p, bool right)
{
    if (a->n == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 256;
        a->one = realloc(a->one, a->cap * sizeof(*a->one));
        if (!a->one)
            abort();
    }
    a->one[a->n++] = (sm_answered_one){ p, right };
}

/* Surest first; among equals the wrong ones first, so that no order flatters. */
static int by_p(const void *x, const void *y)
{
    const sm_answered_one *a = x, *b = y;
    if (a->p > b->p || a->p < b->p)
        return a->p > b->p ? -1 : 1;
    return (int)a->right - (int)b->right;
}

double sm_risk_at(sm_answered *a, double coverage)
{
    size_t n = (size_t)((double)a->n * coverage + 0.5), wrong = 0;
    qsort(a->one, a->n, sizeof(*a->one), by_p);
    for (size_t i = 0; i < n; i++)
        wrong += !a->one[i].right;
    return n ? (double)wrong / (double)n : 0;
}

double sm_risk_area(sm_answered *a)
{
    double sum = 0, wrong = 0;
    qsort(a->one, a->n, sizeof(*a->one), by_p);
    for (size_t i = 0; i < a->n; i++) {
        wrong += !a->one[i].right;
        sum += wrong / (double)(i + 1);
    }
    return a->n ? sum / (double)a->n : 0;
}

double sm_risk_bar(sm_answered *a, double coverage)
{
    size_t n = (size_t)((double)a->n * coverage + 0.5);
    qsort(a->one, a->n, sizeof(*a->one), by_p);
    return n ? a->one[n - 1].p : 1;
}
