/*
 * A softmax classifier over character 1-3-grams: tf-idf rows of unit length, plain
 * stochastic gradient with one Adagrad step size per n-gram, weights kept as int8 with one
 * scale per n-gram.  Deterministic: one thread, a seeded order.
 */
#include "search/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/learned.h"
#include "text/text.h"

enum { MAX_GRAMS = SM_LINEAR_GRAMS, MAX_LABELS = 8192, EPOCHS = 10 };
static const uint64_t MAGIC = 0x32304e494c4d53ULL; /* "SMLIN02" */
static const float RATE = 0.6f, DECAY = 2e-6f;
/* An n-gram is left out of a step this often: the others learn to do without it. */
static const double DROPPED = 0.3;

struct head {
    uint64_t magic;
    uint32_t n_labels, stride; /* see stride_of */
    uint32_t n_grams, reserved;
};

struct sm_linear {
    struct head head;
    const uint64_t *key;  /* n_grams, ascending */
    const float *idf;     /* n_grams */
    const float *scale;   /* n_grams */
    const float *bias;    /* stride */
    const int8_t *weight; /* n_grams x stride */
};

/* Weights of an n-gram: few labels in a power of two, many in whole vectors. */
static size_t stride_of(size_t n_labels)
{
    size_t stride = 2;
    while (stride < n_labels && stride < 16)
        stride *= 2;
    return n_labels <= 16 ? stride : (n_labels + 15) / 16 * 16;
}

/* The distinct n-grams of a text, ascending. */
static size_t grams_of(sm_arena *a, sm_str text, uint64_t *out)
{
    sm_str normal = sm_text_normal(a, sm_utf8_head(text, MAX_GRAMS / 4));
    return sm_distinct_u64(
        out, sm_text_tokens(normal, SM_TOKEN_UNI | SM_TOKEN_BI | SM_TOKEN_TRI, out, MAX_GRAMS));
}

static void softmax(float *s, size_t n)
{
    float max = s[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        max = SM_MAX(max, s[i]);
    for (size_t i = 0; i < n; i++)
        sum += s[i] = sm_expf(s[i] - max);
    for (size_t i = 0; i < n; i++)
        s[i] /= sum;
}

/* ------------------------------------------------------------- training */

struct trainer {
    size_t n_rows, n_keys, n_labels, stride;
    uint64_t *key;
    float *idf, *weight, *bias, *power;
    sm_gram **row;
    size_t *row_n;
    const sm_row *input;
    float *score;
    sm_rng rng;
};

static void learn_keys(sm_op *op, struct trainer *t)
{
    uint64_t gram[MAX_GRAMS];
    size_t cap = 0, n = 0;
    uint64_t *all = NULL;
    sm_arena *scratch = sm_arena_open();
    for (size_t r = 0; r < t->n_rows; r++) {
        size_t m = grams_of(scratch, t->input[r].text, gram);
        for (size_t i = 0; i < m; i++) {
            SM_GROW(op->arena, all, n, cap);
            all[n++] = gram[i];
        }
        sm_arena_reset(scratch);
    }
    sm_arena_close(scratch);
    sm_sort_u64(all, n);
    t->key = SM_NEWS(op->arena, uint64_t, n + 1);
    t->idf = SM_NEWS(op->arena, float, n + 1);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && all[j] == all[i];)
            j++;
        t->key[t->n_keys] = all[i];
        t->idf[t->n_keys++] = logf(1.0f + (float)t->n_rows / (float)(j - i));
    }
}

static void learn_rows(sm_op *op, struct trainer *t)
{
    uint64_t gram[MAX_GRAMS];
    sm_arena *scratch = sm_arena_open();
    t->row = SM_NEWS(op->arena, sm_gram *, t->n_rows);
    t->row_n = SM_NEWS(op->arena, size_t, t->n_rows);
    for (size_t r = 0; r < t->n_rows; r++) {
        size_t n = grams_of(scratch, t->input[r].text, gram);
        t->row[r] = SM_NEWS(op->arena, sm_gram, n + 1);
        t->row_n[r] = sm_gram_vector(t->key, t->idf, t->n_keys, gram, n, t->row[r]);
        sm_arena_reset(scratch);
    }
    sm_arena_close(scratch);
}

/* The row's n-grams that take part in this step. */
static size_t draw(struct trainer *t, size_t r, sm_gram out[MAX_GRAMS])
{
    size_t n = 0;
    for (size_t i = 0; i < t->row_n[r]; i++)
        if (sm_rng_unit(&t->rng) >= DROPPED)
            out[n++] = t->row[r][i];
    return n;
}

static void step(struct trainer *t, size_t r)
{
    float *s = t->score;
    sm_gram gram[MAX_GRAMS];
    size_t n = draw(t, r, gram);
    memcpy(s, t->bias, t->stride * sizeof(*s));
    for (size_t i = 0; i < n; i++) {
        const float *w = t->weight + gram[i].id * t->stride;
        float x = gram[i].x;
        for (size_t l = 0; l < t->stride; l++)
            s[l] += x * w[l];
    }
    softmax(s, t->n_labels);
    s[t->input[r].label] -= 1.0f;
    float norm = 0;
    for (size_t l = 0; l < t->n_labels; l++)
        norm += s[l] * s[l];
    for (size_t i = 0; i < n; i++) {
        uint32_t id = gram[i].id;
        float x = gram[i].x, *w = t->weight + id * t->stride;
        t->power[id] += norm * x * x;
        float rate = RATE * 8.0f * x / sqrtf(t->power[id] * 16.0f + 1.0f);
        for (size_t l = 0; l < t->stride; l++)
            w[l] -= rate * s[l] + DECAY * w[l];
    }
    for (size_t l = 0; l < t->n_labels; l++)
        t->bias[l] -= 0.01f * s[l];
}

static sm_str pack(sm_op *op, const struct trainer *t)
{
    size_t n = t->n_keys;
    size_t bytes = sizeof(struct head) + n * (sizeof(uint64_t) + 2 * sizeof(float)) +
                   t->stride * sizeof(float) + n * t->stride;
    char *p = sm_alloc(op->arena, bytes), *w = p;
    struct head head = { .magic = MAGIC,
                         .n_labels = (uint32_t)t->n_labels,
                         .stride = (uint32_t)t->stride,
                         .n_grams = (uint32_t)n };
    w = mempcpy(w, &head, sizeof(head));
    w = mempcpy(w, t->key, n * sizeof(uint64_t));
    w = mempcpy(w, t->idf, n * sizeof(float));
    float *scale = (float *)(void *)w;
    w += n * sizeof(float);
    w = mempcpy(w, t->bias, t->stride * sizeof(float));
    for (size_t g = 0; g < n; g++) {
        const float *row = t->weight + g * t->stride;
        float max = 1e-9f;
        for (size_t l = 0; l < t->stride; l++)
            max = SM_MAX(max, fabsf(row[l]));
        scale[g] = max / 127.0f;
        for (size_t l = 0; l < t->stride; l++)
            *w++ = (char)(int8_t)lrintf(row[l] / scale[g]);
    }
    return (sm_str){ p, bytes };
}

sm_rc sm_linear_train(sm_op *op, const sm_row *row, size_t n, int n_labels, uint64_t seed,
                      sm_str *blob)
{
    if (n == 0 || n_labels < 1 || n_labels > MAX_LABELS)
        return sm_fail(op, SM_E_INVALID, "训练分类器需要 1 到 %d 个类别和至少一条样本", MAX_LABELS);
    struct trainer t = { .n_rows = n,
                         .n_labels = (size_t)n_labels,
                         .stride = stride_of((size_t)n_labels),
                         .input = row,
                         .rng = { seed ^ 0x5bd1e995u } };
    for (size_t i = 0; i < n; i++)
        if (row[i].label < 0 || row[i].label >= n_labels)
            return sm_fail(op, SM_E_INVALID, "第 %zu 条样本的类别不在范围内", i + 1);
    learn_keys(op, &t);
    learn_rows(op, &t);
    t.weight = calloc((t.n_keys + 1) * t.stride, sizeof(float));
    t.power = SM_NEWS(op->arena, float, t.n_keys + 1);
    t.bias = SM_NEWS(op->arena, float, t.stride);
    t.score = SM_NEWS(op->arena, float, t.stride);
    uint32_t *order = SM_NEWS(op->arena, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    sm_rng rng = { seed };
    sm_rc rc = t.weight ? SM_OK : sm_fail(op, SM_E_LIMIT, "训练分类器的内存不够");
    for (int epoch = 0; rc == SM_OK && epoch < EPOCHS; epoch++) {
        for (size_t i = n - 1; i > 0; i--) {
            size_t j = sm_rng_below(&rng, (uint32_t)i + 1);
            uint32_t x = order[i];
            order[i] = order[j];
            order[j] = x;
        }
        for (size_t i = 0; i < n; i++)
            step(&t, order[i]);
        rc = sm_op_check(op);
    }
    if (rc == SM_OK)
        *blob = pack(op, &t);
    free(t.weight);
    return rc;
}

/* -------------------------------------------------------------- reading */

sm_rc sm_linear_open(sm_op *op, sm_str blob, sm_linear **out)
{
    struct head h;
    if (blob.n < sizeof(h))
        return sm_fail(op, SM_E_CORRUPT, "分类器文件不完整");
    memcpy(&h, blob.p, sizeof(h));
    uint64_t bytes = sizeof(h) + (uint64_t)h.n_grams * 16 + (uint64_t)h.stride * 4 +
                     (uint64_t)h.n_grams * h.stride;
    if (h.magic != MAGIC || h.n_labels < 1 || h.n_labels > MAX_LABELS ||
        h.stride != stride_of(h.n_labels) || bytes != blob.n)
        return sm_fail(op, SM_E_CORRUPT, "分类器文件的格式不对");
    sm_linear *l = SM_NEW(op->arena, sm_linear);
    const char *p = blob.p + sizeof(h);
    if ((uintptr_t)p % 8) { /* a blob inside another file may start anywhere */
        char *copy = sm_alloc(op->arena, blob.n);
        memcpy(copy, p, blob.n - sizeof(h));
        p = copy;
    }
    const void *at = p;
    l->head = h;
    l->key = at;
    at = p += (size_t)h.n_grams * 8;
    l->idf = at;
    at = p += (size_t)h.n_grams * 4;
    l->scale = at;
    at = p += (size_t)h.n_grams * 4;
    l->bias = at;
    at = p += (size_t)h.stride * 4;
    l->weight = at;
    *out = l;
    return SM_OK;
}

int sm_linear_labels(const sm_linear *l)
{
    return (int)l->head.n_labels;
}

void sm_linear_grams(sm_str text, sm_grams *out)
{
    sm_arena *scratch = sm_arena_open();
    out->n = grams_of(scratch, text, out->key);
    sm_arena_close(scratch);
}

static void add_grams(const sm_linear *l, const sm_gram *x, size_t n, float *s)
{
    size_t stride = l->head.stride;
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(l->scale + x[i].id);
        __builtin_prefetch(l->weight + x[i].id * stride);
    }
    for (size_t i = 0; i < n; i++) {
        const int8_t *w = l->weight + x[i].id * stride;
        float k = x[i].x * l->scale[x[i].id];
        for (size_t j = 0; j < stride; j++)
            s[j] += k * (float)w[j];
    }
}

void sm_linear_predict_grams(const sm_linear *l, const sm_grams *g, double *p)
{
    enum { FEW = 64 };
    sm_gram x[MAX_GRAMS];
    float few[FEW], *s = few;
    size_t stride = l->head.stride;
    sm_arena *scratch = stride > FEW ? sm_arena_open() : NULL;
    if (scratch)
        s = SM_NEWS(scratch, float, stride);
    memcpy(s, l->bias, stride * sizeof(*s));
    add_grams(l, x, sm_gram_vector(l->key, l->idf, l->head.n_grams, g->key, g->n, x), s);
    softmax(s, l->head.n_labels);
    for (size_t j = 0; j < l->head.n_labels; j++)
        p[j] = (double)s[j];
    sm_arena_close(scratch);
}

void sm_linear_predict(const sm_linear *l, sm_str text, double *p)
{
    sm_grams g;
    sm_linear_grams(text, &g);
    sm_linear_predict_grams(l, &g, p);
}
