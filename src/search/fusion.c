/*
 * The learned fusion: a linear listwise softmax, its weights apart for passages with and without
 * logged questions.  No weight but the length's falls below zero: of what comes from logged
 * questions because else "already asked for" turns into "wrong" (see docs/training.md), of the
 * rest because it costs nothing (±.001) and keeps "why this item" readable.  Plain full-batch
 * descent with Adam's step and a projection: small, smooth problems, no line search, the same bits
 * every time.
 */
#include "search/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { F = SM_N_FEATURES, N_WEIGHTS = 2 * F + 1, STEPS = 300 };
static const double L2 = 2e-4, FEW = 0.5; /* held to the prior by L2 + FEW / questions */

static const float NOTHING = 12; /* below the best by this much: no share */

#define SM_FEATURE_NAME(name, text, logged) #text,

const char *sm_feature_name(int feature)
{
    static const char *const name[] = { SM_FEATURE_TABLE(SM_FEATURE_NAME) };
    return name[feature];
}

float sm_fusion_score(const sm_fusion *f, const float *x, bool known)
{
    float s = known ? f->bias : 0.0f;
    for (int k = 0; k < F; k++)
        s += f->w[known][k] * x[k];
    return s;
}

/* Adam with a lower bound per weight. */
struct descent {
    double m[N_WEIGHTS], v[N_WEIGHTS];
    double first_m, first_v; /* the share of the zeros they began from: 0.9^t, 0.999^t */
};

static void descend(struct descent *d, double *w, const double *g, const bool *positive, int n,
                    double rate)
{
    double c1 = 1 - (d->first_m *= 0.9), c2 = 1 - (d->first_v *= 0.999);
    for (int k = 0; k < n; k++) {
        d->m[k] = 0.9 * d->m[k] + 0.1 * g[k];
        d->v[k] = 0.999 * d->v[k] + 0.001 * g[k] * g[k];
        w[k] -= rate * d->m[k] / c1 / (sqrt(d->v[k] / c2) + 1e-8);
        if (positive[k] && w[k] < 0)
            w[k] = 0;
    }
}

/* Deviation of every feature over all rows. */
static void deviations(const sm_rows *rows, double *scale)
{
    double sum[F] = { 0 }, square[F] = { 0 };
    for (size_t i = 0; i < rows->n; i++)
        for (int k = 0; k < F; k++) {
            double x = (double)rows->x[i * F + (size_t)k];
            sum[k] += x;
            square[k] += x * x;
        }
    double n = rows->n ? (double)rows->n : 1;
    for (int k = 0; k < F; k++) {
        double v = square[k] / n - sum[k] / n * (sum[k] / n);
        scale[k] = v > 1e-12 ? sqrt(v) : 1;
    }
}

/* Adds one question's gradient; false when no gold is among its candidates. */
static bool group_gradient(const sm_rows *rows, size_t g, const sm_fusion *f, float *p,
                           double *grad)
{
    size_t from = rows->off[g], to = rows->off[g + 1], golds = 0;
    float max = -INFINITY, sum = 0;
    for (size_t i = from; i < to; i++) {
        golds += rows->gold[i];
        p[i - from] = sm_fusion_score(f, rows->x + i * F, rows->known[i]);
        max = SM_MAX(max, p[i - from]);
    }
    if (golds == 0)
        return false;
    for (size_t i = from; i < to; i++)
        sum += p[i - from] = p[i - from] > max - NOTHING ? sm_expf(p[i - from] - max) : 0;
    float part[N_WEIGHTS] = { 0 };
    for (size_t i = from; i < to; i++) {
        float e = p[i - from] / sum - (rows->gold[i] ? 1.0f / (float)golds : 0.0f);
        if (fabsf(e) < 1e-5f)
            continue;
        float *w = part + (rows->known[i] ? F : 0);
        for (int k = 0; k < F; k++)
            w[k] += e * rows->x[i * F + (size_t)k];
        if (rows->known[i])
            part[2 * F] += e;
    }
    for (int k = 0; k < N_WEIGHTS; k++)
        grad[k] += (double)part[k];
    return true;
}

static void unpack(const double *w, const double *scale, sm_fusion *out)
{
    for (int known = 0; known < 2; known++)
        for (int k = 0; k < F; k++)
            out->w[known][k] = (float)(w[known * F + k] / scale[k]);
    out->bias = (float)w[2 * F];
}

/* The questions in PARTS runs, whose gradients add up in the same order on any machine. */
enum { PARTS = 2 };
struct part {
    double grad[N_WEIGHTS];
    size_t n;
    float *p;
};
struct pass {
    const sm_rows *rows;
    const sm_fusion *f;
    struct part part[PARTS];
};

static void part_gradient(void *pass, size_t i)
{
    struct pass *s = pass;
    struct part *t = &s->part[i];
    size_t to = s->rows->n_groups * (i + 1) / PARTS;
    memset(t->grad, 0, sizeof(t->grad));
    t->n = 0;
    for (size_t g = s->rows->n_groups * i / PARTS; g < to; g++)
        t->n += group_gradient(s->rows, g, s->f, t->p, t->grad);
}

/* The gradient of all questions together; how many of them have a gold. */
static size_t gradient(struct pass *s, double *grad)
{
    size_t n = 0;
    sm_parallel(PARTS, part_gradient, s);
    memset(grad, 0, N_WEIGHTS * sizeof(*grad));
    for (int i = 0; i < PARTS; i++) {
        n += s->part[i].n;
        for (int k = 0; k < N_WEIGHTS; k++)
            grad[k] += s->part[i].grad[k];
    }
    return n;
}

void sm_fusion_fit(const sm_rows *rows, const sm_fusion *prior, const sm_fusion *start,
                   sm_fusion *out)
{
    double w[N_WEIGHTS], grad[N_WEIGHTS], scale[F], from[N_WEIGHTS];
    bool positive[N_WEIGHTS] = { false };
    size_t widest = 0;
    deviations(rows, scale);
    for (int k = 0; k < 2 * F; k++)
        positive[k] = k % F != SM_F_LENGTH;
    for (size_t g = 0; g < rows->n_groups; g++)
        widest = SM_MAX(widest, rows->off[g + 1] - rows->off[g]);
    struct pass pass = { .rows = rows, .f = out };
    float *p = malloc((widest + 1) * PARTS * sizeof(*p));
    for (size_t i = 0; i < PARTS; i++)
        pass.part[i].p = p + i * (widest + 1);
    struct descent d = { .first_m = 1, .first_v = 1 };
    for (int k = 0; k < 2 * F; k++)
        from[k] = (double)prior->w[k / F][k % F] * scale[k % F];
    from[2 * F] = (double)prior->bias;
    for (int k = 0; k < 2 * F; k++)
        w[k] = (double)start->w[k / F][k % F] * scale[k % F];
    w[2 * F] = (double)start->bias;
    unpack(w, scale, out);
    for (int step = start == prior ? 0 : STEPS / 2; p && step < STEPS; step++) {
        size_t n = gradient(&pass, grad);
        if (n == 0)
            break;
        for (int k = 0; k < N_WEIGHTS; k++)
            grad[k] = grad[k] / (double)n / (k < 2 * F ? scale[k % F] : 1) +
                      (L2 + FEW / (double)n) * (w[k] - from[k]);
        descend(&d, w, grad, positive, N_WEIGHTS, step < STEPS / 2 ? 0.05 : 0.015);
        unpack(w, scale, out);
    }
    free(p);
}

/* ------------------------------------------------------------- shipped */

/* Fitted by `bench_match weights` on demo/queries-train.jsonl and STARD's training questions.
 * First row: an untrained catalogue, item or clause texts alone; its features of logged questions
 * and second row, out of fold, are where training on few questions starts from. */
static const sm_fusion SHIPPED_ITEM = {
    .w = { { [SM_F_BM25F] = 0.09f,
             [SM_F_UNI] = 0.17f,
             [SM_F_TITLE] = 0.085f,
             [SM_F_PARENT] = 0.09f,
             [SM_F_LEXICON] = 0.15f,
             [SM_F_LENGTH] = -2.2f,
             [SM_F_OWN] = 0.9f,
             [SM_F_OWN_MAX] = 5.8f,
             [SM_F_COS] = 1.0f,
             [SM_F_COS_PARENT] = 2.0f,
             [SM_F_NEAR_PARENT] = 0.2f },
           { [SM_F_BM25F] = 0.03f,
             [SM_F_UNI] = 0.13f,
             [SM_F_TITLE] = 0.016f,
             [SM_F_PARENT] = 0.046f,
             [SM_F_LEXICON] = 0.07f,
             [SM_F_LENGTH] = -1.3f,
             [SM_F_COS] = 1.0f,
             [SM_F_COS_PARENT] = 1.3f,
             [SM_F_NEAR_MAX] = 8.1f,
             [SM_F_CLASS] = 0.6f } },
};
static const sm_fusion SHIPPED_TEXT = {
    .w = { { [SM_F_BM25F] = 0.05f,
             [SM_F_UNI] = 0.06f,
             [SM_F_COVER] = 8.4f,
             [SM_F_LEXICON] = 0.08f,
             [SM_F_LENGTH] = -1.2f } },
};

const sm_fusion *sm_fusion_shipped(sm_kind kind)
{
    return kind == SM_KIND_ITEM ? &SHIPPED_ITEM : &SHIPPED_TEXT;
}

static const sm_calibration SHIPPED_CALIBRATION = {
    { 0.029f, 0.562f, -0.413f, 0.236f, 0.024f, -0.625f, 6.173f, 1.85f, 1.642f, -1.684f, 0, 0 },
    -7.387f,
};

const sm_calibration *sm_calibration_shipped(sm_kind kind)
{
    return kind == SM_KIND_ITEM ? &SHIPPED_CALIBRATION : NULL;
}
