#include "engine/draft.h"

enum {
    MATCH_LOOK = 64, /* a longer match is as good */
    MOST_COUNTED = 4
};

static const double PRIOR_HELD = 3, PRIOR_TRIED = 4, /* a first guess: three of four hold */
    FADE = 0.8,                                      /* at each guess */
    FORGET = 0.02,                   /* at each guess not made: some day it is tried again */
    LEARN = 0.2, GUESSED_ROW = 0.12; /* of a row not seen yet, in batches of one row */

/* ------------------------------------------------------------------- cost */

void sm_cost_learn(sm_cost *c, size_t rows, int64_t took_us)
{
    if (rows == 0 || rows > SM_COST_ROWS || took_us <= 0)
        return;
    double *us = &c->us[rows], took = (double)took_us;
    *us = *us > 0 ? *us + LEARN * (SM_MIN(took, *us * 4) - *us) : took;
}

double sm_cost_of(const sm_cost *c, size_t rows)
{
    size_t below = SM_MIN(rows, SM_COST_ROWS), above = below;
    while (below > 0 && !(c->us[below] > 0))
        below--;
    while (above < SM_COST_ROWS && !(c->us[above] > 0))
        above++;
    bool has_below = below > 0, has_above = c->us[above] > 0;
    if (!has_below)
        return has_above ? c->us[above] : 0;
    if (below == rows)
        return c->us[rows];
    if (!has_above)
        return c->us[below] * (1 + GUESSED_ROW * (double)(rows - below) / (double)below);
    double part = (double)(rows - below) / (double)(above - below);
    return c->us[below] + part * (c->us[above] - c->us[below]);
}

/* ------------------------------------------------------------------ match */

static size_t match_length(const int32_t *a, const int32_t *b, size_t max)
{
    size_t n = 0;
    while (n < max && a[-(ptrdiff_t)n] == b[-(ptrdiff_t)n])
        n++;
    return n;
}

size_t sm_draft_find(const int32_t *token, size_t n, size_t max, int32_t *out)
{
    size_t best = SM_DRAFT_MATCH - 1, from = 0;
    if (n <= SM_DRAFT_MATCH)
        return 0;
    const int32_t *end = &token[n - 1];
    for (size_t i = n - 1; i-- > 0 && best < MATCH_LOOK;) {
        if (token[i] != *end)
            continue;
        size_t length = match_length(&token[i], end, SM_MIN(i + 1, (size_t)MATCH_LOOK));
        if (length > best) {
            best = length;
            from = i + 1;
        }
    }
    for (size_t i = 0; from && i < max; i++) /* past its end it begins anew: a loop */
        out[i] = from + i < n ? token[from + i] : out[from + i - n];
    return from ? max : 0;
}

/* ----------------------------------------------------------------- length */

void sm_draft_init(sm_draft *d)
{
    *d = (sm_draft){ PRIOR_HELD, PRIOR_TRIED };
}

/* Tokens a batch gains: one, and each guess as far as all before it hold. */
static double expect(double p, size_t n)
{
    double sum = 1, all = 1;
    for (size_t i = 0; i < n; i++)
        sum += all *= p;
    return sum;
}

size_t sm_draft_length(sm_draft *d, const sm_cost *c, size_t rows, size_t max)
{
    static const size_t lengths[] = { 3, 7, SM_DRAFT_MAX };
    double p = d->held / d->tried, plain = sm_cost_of(c, rows), best = 1.02;
    size_t length = 0;
    for (size_t i = 0; i < SM_LEN(lengths); i++) {
        size_t n = SM_MIN(lengths[i], max);
        double cost = sm_cost_of(c, rows + n);
        /* the others of the batch wait for the guesses, too */
        double gain =
            cost > 0 ? (expect(p, n) + (double)rows - 1) / (double)rows * plain / cost : 1.1;
        if (gain > best) {
            best = gain;
            length = n;
        }
    }
    if (length == 0) {
        d->held += FORGET * (PRIOR_HELD - d->held);
        d->tried += FORGET * (PRIOR_TRIED - d->tried);
    }
    return length;
}

void sm_draft_learn(sm_draft *d, size_t n_drafted, size_t n_held)
{
    if (n_drafted == 0)
        return;
    double held = (double)SM_MIN(n_held, (size_t)MOST_COUNTED); /* luck must not last too long */
    d->held = d->held * FADE + held;
    d->tried = d->tried * FADE + held + (n_held < n_drafted ? 1 : 0);
}
