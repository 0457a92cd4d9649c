/*
 * Logistic regression by Newton's method over few features.
 */
#include "eval/speller.h"

#include <math.h>
#include <string.h>

enum { N = SM_SPELL_FEATURES + 1, ROUNDS = 30 };
static const double RIDGE = 0.05;

double sm_spell_odds(const double w[N], const float x[SM_SPELL_FEATURES])
{
    double odds = w[SM_SPELL_FEATURES];
    for (size_t k = 0; k < SM_SPELL_FEATURES; k++)
        odds += w[k] * (double)x[k];
    return odds;
}

/* Solves h d = g by Cholesky's decomposition, h symmetric and positive. */
static void solve(double h[N][N], double g[N])
{
    for (size_t j = 0; j < N; j++) {
        for (size_t k = 0; k < j; k++)
            h[j][j] -= h[j][k] * h[j][k];
        h[j][j] = sqrt(h[j][j]);
        for (size_t i = j + 1; i < N; i++) {
            for (size_t k = 0; k < j; k++)
                h[i][j] -= h[i][k] * h[j][k];
            h[i][j] /= h[j][j];
        }
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < i; k++)
            g[i] -= h[i][k] * g[k];
        g[i] /= h[i][i];
    }
    for (size_t i = N; i-- > 0;) {
        for (size_t k = i + 1; k < N; k++)
            g[i] -= h[k][i] * g[k];
        g[i] /= h[i][i];
    }
}

static void add_row(const double w[N], const sm_spell_row *r, double h[N][N], double g[N])
{
    double x[N], p = 1 / (1 + sm_exp(-sm_spell_odds(w, r->x)));
    for (size_t k = 0; k < SM_SPELL_FEATURES; k++)
        x[k] = (double)r->x[k];
    x[SM_SPELL_FEATURES] = 1;
    for (size_t i = 0; i < N; i++) {
        g[i] += x[i] * (p - r->right);
        for (size_t k = 0; k <= i; k++)
            h[i][k] += x[i] * x[k] * p * (1 - p);
    }
}

void sm_spell_fit(const sm_spell_row *row, size_t n, int without, double w[N])
{
    memset(w, 0, N * sizeof(*w));
    for (int round = 0; round < ROUNDS; round++) {
        double h[N][N] = { 0 }, g[N], most = 0;
        for (size_t k = 0; k < N; k++) {
            g[k] = RIDGE * w[k];
            h[k][k] = RIDGE;
        }
        for (size_t i = 0; i < n; i++)
            if (row[i].fold != without)
                add_row(w, &row[i], h, g);
        solve(h, g);
        for (size_t k = 0; k < N; k++) {
            w[k] -= g[k];
            most = SM_MAX(most, fabs(g[k]));
        }
        if (most < 1e-5)
            return;
    }
}
