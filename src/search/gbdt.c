/*
 * Small boosted trees on top of the linear fusion: listwise softmax, second order, features
 * cut into at most 64 quantile bins, trees grown level by level.  Deterministic: rows in
 * order, one thread, ties go to the earlier feature and bin.
 */
#include "search/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"

enum {
    N_INPUTS = SM_N_FEATURES + 1,
    N_BINS = 64,
    DEPTH = 5,
    N_LEAVES = 1 << DEPTH,
    TREES = 160,
    MAX_NODES = 2 * N_LEAVES
};
static const double RATE = 0.08, LAMBDA = 4.0, MIN_HESSIAN = 3.0, MIN_GAIN = 0.5;
static const uint16_t LEAF = UINT16_MAX;

struct cell {
    double g, h;
};

struct grower {
    const sm_rows *rows;
    float cut[N_INPUTS][N_BINS]; /* upper edges; the last bin has none */
    int n_cuts[N_INPUTS];
    uint8_t *bin; /* N_INPUTS x n */
    float *score, *g, *h;
    uint8_t *node; /* the row's node within its level */
    struct cell *cell;
    sm_gbdt_node *out;
    size_t n_out;
};

static float input(const sm_rows *r, size_t i, int k)
{
    return k < SM_N_FEATURES ? r->x[i * SM_N_FEATURES + (size_t)k] : (float)r->known[i];
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static int bin_of(const float *cut, int n, float x)
{
    int lo = 0, hi = n;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (x <= cut[mid])
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Quantiles of a spread sample of 20,000 rows. */
static void cut_feature(struct grower *t, int k, float *sample)
{
    const sm_rows *r = t->rows;
    size_t n = SM_MIN(r->n, (size_t)20000);
    for (size_t i = 0; i < n; i++)
        sample[i] = input(r, i * r->n / n, k);
    qsort(sample, n, sizeof(*sample), by_float);
    int m = 0;
    for (int b = 1; b < N_BINS; b++) {
        float x = sample[(size_t)b * (n - 1) / N_BINS];
        if (m == 0 || x > t->cut[k][m - 1])
            t->cut[k][m++] = x;
    }
    t->n_cuts[k] = m;
    for (size_t i = 0; i < r->n; i++)
        t->bin[(size_t)k * r->n + i] = (uint8_t)bin_of(t->cut[k], m, input(r, i, k));
}

static void gradients(struct grower *t)
{
    const sm_rows *r = t->rows;
    for (size_t q = 0; q < r->n_groups; q++) {
        size_t from = r->off[q], to = r->off[q + 1], golds = 0;
        float max = -INFINITY, sum = 0;
        for (size_t i = from; i < to; i++) {
            golds += r->gold[i];
            max = SM_MAX(max, t->score[i]);
        }
        for (size_t i = from; i < to; i++)
            sum += t->g[i] = sm_expf(t->score[i] - max);
        for (size_t i = from; i < to; i++) {
            float p = golds ? t->g[i] / sum : 0.0f;
            t->g[i] = p - (golds && r->gold[i] ? 1.0f / (float)golds : 0.0f);
            t->h[i] = p * (1 - p) + (golds ? 1e-6f : 0.0f);
        }
    }
}

static double gain_of(struct cell c)
{
    return c.g * c.g / (c.h + LAMBDA);
}

struct split {
    int feature, bin;
    double gain;
};

static struct split best_split(const struct grower *t, int node, struct cell all)
{
    struct split best = { -1, 0, MIN_GAIN };
    for (int k = 0; k < N_INPUTS; k++) {
        const struct cell *c = t->cell + ((size_t)node * N_INPUTS + (size_t)k) * N_BINS;
        struct cell left = { 0 };
        for (int b = 0; b < t->n_cuts[k]; b++) {
            left.g += c[b].g;
            left.h += c[b].h;
            struct cell right = { all.g - left.g, all.h - left.h };
            if (left.h < MIN_HESSIAN || right.h < MIN_HESSIAN)
                continue;
            double gain = gain_of(left) + gain_of(right) - gain_of(all);
            if (gain > best.gain + 1e-9)
                best = (struct split){ k, b, gain };
        }
    }
    return best;
}

static void histograms(struct grower *t, int n_nodes)
{
    size_t n = t->rows->n;
    memset(t->cell, 0, sizeof(*t->cell) * (size_t)n_nodes * N_INPUTS * N_BINS);
    for (int k = 0; k < N_INPUTS; k++) {
        const uint8_t *bin = t->bin + (size_t)k * n;
        for (size_t i = 0; i < n; i++) {
            if (t->node[i] >= n_nodes || t->h[i] <= 0)
                continue;
            struct cell *c =
                t->cell + ((size_t)t->node[i] * N_INPUTS + (size_t)k) * N_BINS + bin[i];
            c->g += (double)t->g[i];
            c->h += (double)t->h[i];
        }
    }
}

static struct cell total(const struct grower *t, int node)
{
    struct cell sum = { 0 };
    const struct cell *c = t->cell + (size_t)node * N_INPUTS * N_BINS;
    for (int b = 0; b < N_BINS; b++) {
        sum.g += c[b].g;
        sum.h += c[b].h;
    }
    return sum;
}

/* What becomes of each node of a level: a feature and bin, and where its two parts go. */
struct fate {
    int feature, bin, left;
    float value;
};

static void settle(struct grower *t, const struct fate *fate, int n_nodes)
{
    size_t n = t->rows->n;
    for (size_t i = 0; i < n; i++) {
        if (t->node[i] >= n_nodes)
            continue;
        const struct fate *f = &fate[t->node[i]];
        if (f->feature < 0) {
            t->score[i] += f->value;
            t->node[i] = UINT8_MAX;
        } else {
            t->node[i] = (uint8_t)(f->left + (t->bin[(size_t)f->feature * n + i] > f->bin));
        }
    }
}

static void grow(struct grower *t)
{
    uint16_t place[N_LEAVES] = { 0 }; /* node of the level -> node of the tree */
    size_t root = t->n_out;
    int n_nodes = 1;
    memset(t->node, 0, t->rows->n);
    gradients(t);
    t->out[t->n_out++] = (sm_gbdt_node){ 0 };
    for (int depth = 0; n_nodes > 0; depth++) {
        struct fate fate[N_LEAVES];
        uint16_t next[2 * N_LEAVES];
        int n_next = 0;
        histograms(t, n_nodes);
        for (int k = 0; k < n_nodes; k++) {
            struct cell all = total(t, k);
            struct split s = { -1, 0, 0 };
            if (depth < DEPTH)
                s = best_split(t, k, all);
            sm_gbdt_node *node = &t->out[root + place[k]];
            fate[k] = (struct fate){ s.feature, s.bin, n_next,
                                     (float)(-RATE * all.g / (all.h + LAMBDA)) };
            *node = (sm_gbdt_node){ .feature = LEAF, .at = fate[k].value };
            if (s.feature < 0)
                continue;
            uint16_t left = (uint16_t)(t->n_out - root);
            *node = (sm_gbdt_node){ .feature = (uint16_t)s.feature,
                                    .left = left,
                                    .right = (uint16_t)(left + 1),
                                    .at = t->cut[s.feature][s.bin] };
            next[n_next++] = left;
            next[n_next++] = (uint16_t)(left + 1);
            t->n_out += 2;
        }
        settle(t, fate, n_nodes);
        for (int k = 0; k < n_next && k < N_LEAVES; k++)
            place[k] = next[k];
        n_nodes = n_next;
    }
}

static sm_rc open_grower(sm_op *op, struct grower *t, const sm_rows *rows, const sm_fusion *base)
{
    size_t n = rows->n + 1;
    t->rows = rows;
    t->bin = malloc(n * N_INPUTS);
    t->score = malloc(n * sizeof(float));
    t->g = malloc(n * sizeof(float));
    t->h = malloc(n * sizeof(float));
    t->node = malloc(n);
    t->cell = calloc((size_t)N_LEAVES * N_INPUTS * N_BINS, sizeof(*t->cell));
    t->out = calloc((size_t)TREES * MAX_NODES, sizeof(*t->out));
    float *sample = malloc(20000 * sizeof(float));
    bool ok = t->bin && t->score && t->g && t->h && t->node && t->cell && t->out && sample;
    for (int k = 0; ok && k < N_INPUTS; k++)
        cut_feature(t, k, sample);
    for (size_t i = 0; ok && i < rows->n; i++)
        t->score[i] = sm_fusion_score(base, rows->x + i * SM_N_FEATURES, rows->known[i]);
    free(sample);
    return ok ? SM_OK : sm_fail(op, SM_E_LIMIT, "训练提升树的内存不够");
}

static void close_grower(struct grower *t)
{
    free(t->bin);
    free(t->score);
    free(t->g);
    free(t->h);
    free(t->node);
    free(t->cell);
    free(t->out);
    free(t);
}

sm_rc sm_gbdt_fit(sm_op *op, const sm_rows *rows, const sm_fusion *base, sm_str *blob)
{
    uint32_t root[TREES + 1] = { 0 };
    struct grower *t = calloc(1, sizeof(*t));
    if (!t)
        return sm_fail(op, SM_E_LIMIT, "训练提升树的内存不够");
    if (rows->n == 0) {
        free(t);
        return sm_fail(op, SM_E_INVALID, "没有可以训练提升树的样本");
    }
    sm_rc rc = open_grower(op, t, rows, base);
    for (int i = 0; rc == SM_OK && i < TREES; i++) {
        grow(t);
        root[i + 1] = (uint32_t)t->n_out;
        rc = sm_op_check(op);
    }
    if (rc == SM_OK) {
        sm_packer p;
        uint32_t head[2] = { TREES, (uint32_t)t->n_out };
        sm_pack_init(&p, op->arena, sizeof(root) + t->n_out * sizeof(*t->out) + 64);
        sm_pack(&p, head, sizeof(head));
        sm_pack(&p, root, sizeof(root));
        sm_pack(&p, t->out, t->n_out * sizeof(*t->out));
        *blob = sm_pack_done(&p);
    }
    close_grower(t);
    return rc;
}

/* -------------------------------------------------------------- reading */

/* Children come after their parent within the tree, so every walk ends. */
static bool tree_ok(const sm_gbdt_node *node, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!isfinite(node[i].at))
            return false;
        if (node[i].feature == LEAF)
            continue;
        if (node[i].feature >= N_INPUTS || node[i].left <= i || node[i].left >= n ||
            node[i].right <= i || node[i].right >= n)
            return false;
    }
    return n > 0;
}

bool sm_gbdt_open(sm_str blob, sm_gbdt *out)
{
    sm_unpacker u = { blob, 0, false };
    uint32_t head[2];
    sm_gbdt g = { 0 };
    if (!sm_unpack(&u, head, sizeof(head)) || head[0] > 4096)
        return false;
    g.n_trees = head[0];
    g.root = sm_unpack_room(&u, (size_t)head[0] + 1, sizeof(*g.root));
    g.node = sm_unpack_room(&u, head[1], sizeof(*g.node));
    if (u.failed || !sm_offsets_ok(g.root, head[0], head[1]))
        return false;
    for (uint32_t i = 0; i < g.n_trees; i++)
        if (!tree_ok(g.node + g.root[i], g.root[i + 1] - g.root[i]))
            return false;
    *out = g;
    return true;
}

float sm_gbdt_score(const sm_gbdt *g, const float *x, bool known)
{
    float sum = 0;
    for (uint32_t i = 0; i < g->n_trees; i++) {
        const sm_gbdt_node *tree = g->node + g->root[i], *n = tree;
        while (n->feature != LEAF) {
            float v = n->feature < SM_N_FEATURES ? x[n->feature] : (float)known;
            n = tree + (v <= n->at ? n->left : n->right);
        }
        sum += n->at;
    }
    return sum;
}
