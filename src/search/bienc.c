/*
 * A bi-encoder of n-gram vectors, trained as a residual on BM25: softmax over one gold, hard
 * negatives from BM25's best, golds of other questions and random passages, by
 * score = 20 cos + .3 BM25; row-wise Adagrad.  Separate tables for questions and passages:
 * people and offices do not use the same words.
 *
 * Deterministic: one thread, a seeded order, first values from the n-gram's own hash, eight
 * lanes summed in a fixed order whether the machine has AVX2 or not (no fused operations).
 */
#include "search/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"

enum {
    LANES = 8,
    WIDTH = SM_DIM / LANES,
    N_HARD = 20,
    N_OTHER = 16,
    N_RANDOM = 16,
    N_CANDS = 1 + N_HARD + N_OTHER + N_RANDOM,
    EPOCHS = 6,
    MAX_STEPS = 16000
};
static const float TAU = 20.0f, BETA = 0.3f, RATE = 0.03f, SIGMA = 0.01f;

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(32)));
typedef struct vec {
    lanes l[WIDTH];
} vec;

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define SM_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define SM_CLONES
#endif

static inline float sum_lanes(const lanes *x)
{
    lanes v = *x;
    return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

static inline float dot(const vec *a, const vec *b)
{
    lanes s = a->l[0] * b->l[0];
    for (int i = 1; i < WIDTH; i++)
        s += a->l[i] * b->l[i];
    return sum_lanes(&s);
}

/* ------------------------------------------------------------- training */

/* A table being trained. */
struct table {
    uint32_t n;
    const uint64_t *key;
    const float *idf;
    vec *e;
    float *power;
};

/* A text as weighted rows of a table. */
struct text {
    const uint32_t *id;
    const float *w;
    size_t n;
};

struct trainer {
    const sm_forward *docs;
    const sm_bienc_row *row;
    size_t n_rows;
    struct table q, d;
    uint32_t *q_id; /* of all rows, row after row */
    float *q_w;
    size_t *q_off;
    uint32_t *order;
    sm_rng rng;
};

/* About normal with deviation SIGMA, from the key alone. */
static void first_values(vec *v, uint64_t key, uint64_t seed)
{
    uint64_t s = sm_mix64(key ^ seed);
    for (int i = 0; i < SM_DIM; i++) {
        s = sm_mix64(s + 0x9e3779b97f4a7c15ULL);
        float sum = 0;
        for (int k = 0; k < 4; k++)
            sum += (float)((s >> (16 * k)) & 0xffff) / 65536.0f - 0.5f;
        v->l[i / LANES][i % LANES] = SIGMA * 1.7320508f * sum;
    }
}

static sm_rc table_open(sm_op *op, struct table *t, uint64_t seed)
{
    size_t bytes = ((size_t)t->n + 1) * sizeof(vec);
    t->e = aligned_alloc(64, (bytes + 63) / 64 * 64);
    t->power = calloc((size_t)t->n + 1, sizeof(float));
    if (!t->e || !t->power)
        return sm_fail(op, SM_E_LIMIT, "训练向量的内存不够");
    for (uint32_t i = 0; i < t->n; i++)
        first_values(&t->e[i], t->key[i], seed);
    return SM_OK;
}

SM_CLONES static float encode(const vec *e, const struct text *x, vec *out)
{
    vec sum = { 0 };
    for (size_t i = 0; i < x->n; i++)
        for (int l = 0; l < WIDTH; l++)
            sum.l[l] += x->w[i] * e[x->id[i]].l[l];
    float norm = sqrtf(dot(&sum, &sum)) + 1e-6f;
    for (int l = 0; l < WIDTH; l++)
        out->l[l] = sum.l[l] / norm;
    return norm;
}

SM_CLONES static void update(struct table *t, const struct text *x, const vec *g)
{
    float square = dot(g, g) / (float)SM_DIM;
    for (size_t i = 0; i < x->n; i++) {
        uint32_t id = x->id[i];
        t->power[id] += square * x->w[i] * x->w[i];
        float step = RATE * x->w[i] / sqrtf(t->power[id] + 1e-8f);
        for (int l = 0; l < WIDTH; l++)
            t->e[id].l[l] -= step * g->l[l];
    }
}

static struct text doc_text(const sm_forward *f, uint32_t d)
{
    return (struct text){ f->term + f->off[d], f->w + f->off[d], f->off[d + 1] - f->off[d] };
}

static bool is_gold(const sm_bienc_row *r, uint32_t d)
{
    for (uint32_t i = 0; i < r->n_golds; i++)
        if (r->golds[i] == d)
            return true;
    return false;
}

struct cands {
    uint32_t doc[N_CANDS];
    float bm25[N_CANDS], norm[N_CANDS], g[N_CANDS];
    vec v[N_CANDS];
    size_t n;
};

static void add(struct cands *c, const sm_bienc_row *r, uint32_t d, bool gold)
{
    if (is_gold(r, d) != gold)
        return;
    float score = r->n_hard ? r->hard_score[r->n_hard - 1] * 0.7f : 0.0f;
    for (uint32_t i = 0; i < r->n_hard; i++)
        if (r->hard[i] == d)
            score = r->hard_score[i];
    c->doc[c->n] = d;
    c->bm25[c->n++] = score;
}

static void draw(struct trainer *t, const sm_bienc_row *r, struct cands *c)
{
    c->n = 0;
    add(c, r, r->gold, true);
    for (int k = 0; k < N_HARD && r->n_hard; k++)
        add(c, r, r->hard[sm_rng_below(&t->rng, r->n_hard)], false);
    for (int k = 0; k < N_OTHER; k++)
        add(c, r, t->row[sm_rng_below(&t->rng, (uint32_t)t->n_rows)].gold, false);
    for (int k = 0; k < N_RANDOM; k++)
        add(c, r, sm_rng_below(&t->rng, t->docs->n_docs), false);
}

/* c->g becomes d loss / d cos. */
static void losses(struct cands *c, const vec *q)
{
    float max = -INFINITY, sum = 0;
    for (size_t k = 0; k < c->n; k++) {
        c->g[k] = TAU * dot(q, &c->v[k]) + BETA * c->bm25[k];
        max = SM_MAX(max, c->g[k]);
    }
    for (size_t k = 0; k < c->n; k++)
        sum += c->g[k] = sm_expf(c->g[k] - max);
    for (size_t k = 0; k < c->n; k++)
        c->g[k] = TAU * (c->g[k] / sum - (k == 0 ? 1.0f : 0.0f));
}

static void step(struct trainer *t, uint32_t i, struct cands *c)
{
    const sm_bienc_row *r = &t->row[i];
    struct text x = { t->q_id + t->q_off[i], t->q_w + t->q_off[i], t->q_off[i + 1] - t->q_off[i] };
    vec q, gq = { 0 };
    draw(t, r, c);
    if (c->n < 2 || x.n == 0)
        return;
    float q_norm = encode(t->q.e, &x, &q);
    for (size_t k = 0; k < c->n; k++) {
        struct text d = doc_text(t->docs, c->doc[k]);
        c->norm[k] = encode(t->d.e, &d, &c->v[k]);
    }
    losses(c, &q);
    for (size_t k = 0; k < c->n; k++) {
        float g = c->g[k], cosine = dot(&q, &c->v[k]);
        if (fabsf(g) < 2e-3f * TAU)
            continue;
        vec gd;
        for (int l = 0; l < WIDTH; l++) {
            gq.l[l] += g * (c->v[k].l[l] - cosine * q.l[l]) / q_norm;
            gd.l[l] = g * (q.l[l] - cosine * c->v[k].l[l]) / c->norm[k];
        }
        struct text d = doc_text(t->docs, c->doc[k]);
        update(&t->d, &d, &gd);
    }
    update(&t->q, &x, &gq);
}

/* ----------------------------------------------------- question n-grams */

struct place {
    uint64_t key;
    uint32_t at;
};

static int by_place_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* Terms of the questions with the corpus' idf, the highest for those it lacks. */
static void question_terms(sm_arena *a, struct trainer *t)
{
    size_t n = 0, m = 0;
    for (size_t r = 0; r < t->n_rows; r++)
        n += t->row[r].bag->n;
    struct place *p = SM_NEWS(a, struct place, n + 1);
    for (size_t r = 0, at = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->row[r].bag->n; i++)
            p[at++] = (struct place){ t->row[r].bag->key[i], 0 };
    if (n)
        qsort(p, n, sizeof(*p), by_place_key);
    uint64_t *key = SM_NEWS(a, uint64_t, n + 1);
    float *idf = SM_NEWS(a, float, n + 1), max = 1;
    for (size_t i = 0; i < n; i++)
        if (m == 0 || key[m - 1] != p[i].key)
            key[m++] = p[i].key;
    for (uint32_t i = 0; i < t->docs->n_terms; i++) {
        size_t at = sm_find_u64(key, m, t->docs->key[i]);
        max = SM_MAX(max, t->docs->idf[i]);
        if (at != SIZE_MAX)
            idf[at] = t->docs->idf[i];
    }
    for (size_t i = 0; i < m; i++)
        if (idf[i] <= 0)
            idf[i] = max;
    t->q.n = (uint32_t)m;
    t->q.key = key;
    t->q.idf = idf;
}

static void question_rows(sm_arena *a, struct trainer *t)
{
    size_t n = 0;
    t->q_off = SM_NEWS(a, size_t, t->n_rows + 1);
    for (size_t r = 0; r < t->n_rows; r++)
        t->q_off[r + 1] = n += t->row[r].bag->n;
    t->q_id = SM_NEWS(a, uint32_t, n + 1);
    t->q_w = SM_NEWS(a, float, n + 1);
    for (size_t r = 0; r < t->n_rows; r++) {
        const sm_bag *b = t->row[r].bag;
        for (size_t i = 0; i < b->n; i++) {
            size_t id = sm_find_u64(t->q.key, t->q.n, b->key[i]);
            t->q_id[t->q_off[r] + i] = (uint32_t)id;
            t->q_w[t->q_off[r] + i] = t->q.idf[id];
        }
    }
}

/* ----------------------------------------------------------- the tables */

/* Rows that training moved, ascending by key. */
static sm_str pack_table(sm_arena *a, const struct table *t)
{
    size_t n = 0;
    struct place *p = SM_NEWS(a, struct place, t->n + 1u);
    for (uint32_t i = 0; i < t->n; i++)
        if (t->power[i] > 0)
            p[n++] = (struct place){ t->key[i], i };
    if (n)
        qsort(p, n, sizeof(*p), by_place_key);
    sm_packer out;
    sm_pack_init(&out, a, 64 + n * (16 + SM_DIM));
    uint64_t head[1] = { n };
    sm_pack(&out, head, sizeof(head));
    uint64_t *key = sm_pack_room(&out, n * sizeof(*key));
    float *idf = sm_pack_room(&out, n * sizeof(*idf));
    float *scale = sm_pack_room(&out, n * sizeof(*scale));
    int8_t *v = sm_pack_room(&out, n * SM_DIM);
    for (size_t i = 0; i < n; i++) {
        const vec *e = &t->e[p[i].at];
        float max = 1e-12f;
        for (int d = 0; d < SM_DIM; d++)
            max = SM_MAX(max, fabsf(e->l[d / LANES][d % LANES]));
        key[i] = p[i].key;
        idf[i] = t->idf[p[i].at];
        scale[i] = max;
        for (int d = 0; d < SM_DIM; d++)
            v[i * SM_DIM + (size_t)d] = (int8_t)lrintf(e->l[d / LANES][d % LANES] / max * 127.0f);
    }
    return sm_pack_done(&out);
}

static sm_str pack(sm_arena *a, const struct trainer *t)
{
    sm_str q = pack_table(a, &t->q), d = pack_table(a, &t->d);
    sm_packer p;
    sm_pack_init(&p, a, 16 + q.n + d.n + 64);
    uint64_t head[2] = { q.n, d.n };
    sm_pack(&p, head, sizeof(head));
    sm_pack(&p, q.p, q.n);
    sm_pack(&p, d.p, d.n);
    return sm_pack_done(&p);
}

sm_rc sm_bienc_train(sm_op *op, const sm_forward *docs, const sm_bienc_row *row, size_t n,
                     uint64_t seed, sm_str *blob)
{
    sm_arena *a = sm_arena_open();
    struct trainer t = { .docs = docs, .row = row, .n_rows = n, .rng = { seed } };
    t.d = (struct table){ .n = docs->n_terms, .key = docs->key, .idf = docs->idf };
    question_terms(a, &t);
    question_rows(a, &t);
    t.order = SM_NEWS(a, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        t.order[i] = (uint32_t)i;
    struct cands *c = aligned_alloc(64, (sizeof(*c) + 63) / 64 * 64);
    sm_rc rc = c ? table_open(op, &t.q, seed) : sm_fail(op, SM_E_LIMIT, "训练向量的内存不够");
    if (rc == SM_OK)
        rc = table_open(op, &t.d, seed + 1);
    size_t epochs = n ? SM_MIN((size_t)EPOCHS, SM_MAX((size_t)2, MAX_STEPS / n)) : 0;
    for (size_t e = 0; rc == SM_OK && e < epochs; e++) {
        for (size_t i = n; i-- > 1;) {
            uint32_t j = sm_rng_below(&t.rng, (uint32_t)i + 1), x = t.order[i];
            t.order[i] = t.order[j];
            t.order[j] = x;
        }
        for (size_t i = 0; i < n; i++)
            step(&t, t.order[i], c);
        rc = sm_op_check(op);
    }
    if (rc == SM_OK)
        *blob = pack(op->arena, &t);
    free(c);
    free(t.q.e);
    free(t.q.power);
    free(t.d.e);
    free(t.d.power);
    sm_arena_close(a);
    return rc;
}

/* -------------------------------------------------------------- reading */

static bool table_read(sm_str blob, sm_table *t)
{
    sm_unpacker u = { blob, 0, false };
    uint64_t n;
    if (!sm_unpack(&u, &n, sizeof(n)) || n > UINT32_MAX / SM_DIM)
        return false;
    t->n = (uint32_t)n;
    t->key = sm_unpack_room(&u, n, sizeof(*t->key));
    t->idf = sm_unpack_room(&u, n, sizeof(*t->idf));
    t->scale = sm_unpack_room(&u, n, sizeof(*t->scale));
    t->v = sm_unpack_room(&u, n, SM_DIM);
    return !u.failed && sm_finite(t->idf, n) && sm_finite(t->scale, n);
}

bool sm_bienc_open(sm_str blob, sm_bienc *out)
{
    sm_unpacker u = { blob, 0, false };
    uint64_t head[2];
    sm_bienc e;
    if (!sm_unpack(&u, head, sizeof(head)))
        return false;
    const char *q = sm_unpack_room(&u, head[0], 1), *d = sm_unpack_room(&u, head[1], 1);
    if (u.failed || !table_read((sm_str){ q, head[0] }, &e.q) ||
        !table_read((sm_str){ d, head[1] }, &e.d))
        return false;
    *out = e;
    return true;
}

void sm_bienc_question(const sm_bienc *e, const sm_bag *q, float out[SM_DIM])
{
    float sum[SM_DIM] = { 0 }, square = 0;
    size_t id[SM_QUESTION_TERMS];
    sm_find_all_u64(e->q.key, e->q.n, q->key, q->n, id);
    for (size_t i = 0; i < q->n; i++)
        if (id[i] != SIZE_MAX) {
            __builtin_prefetch(e->q.idf + id[i]);
            __builtin_prefetch(e->q.scale + id[i]);
            __builtin_prefetch(e->q.v + id[i] * SM_DIM);
        }
    for (size_t i = 0; i < q->n; i++) {
        if (id[i] == SIZE_MAX)
            continue;
        float w = e->q.idf[id[i]] * e->q.scale[id[i]];
        for (int d = 0; d < SM_DIM; d++)
            sum[d] += w * (float)e->q.v[id[i] * SM_DIM + (size_t)d];
    }
    for (int d = 0; d < SM_DIM; d++)
        square += sum[d] * sum[d];
    float norm = square > 0 && isfinite(square) ? 1.0f / sqrtf(square) : 0.0f;
    for (int d = 0; d < SM_DIM; d++)
        out[d] = norm > 0 ? sum[d] * norm : 0.0f;
}

SM_CLONES static void add_term(float *sum, const sm_postings *p, float w, const int8_t *v)
{
    float e[SM_DIM];
    for (int d = 0; d < SM_DIM; d++)
        e[d] = w * (float)v[d];
    for (uint32_t i = 0; i < p->n; i++) {
        float *s = sum + (size_t)p->passage[i] * SM_DIM, x = (float)p->impact[i];
        for (int d = 0; d < SM_DIM; d++)
            s[d] += x * e[d];
    }
}

int8_t *sm_bienc_passages(sm_arena *a, const sm_bienc *e, const sm_index *x)
{
    size_t n = sm_index_n(x);
    float *sum = calloc(n * SM_DIM + 1, sizeof(*sum));
    int8_t *out = SM_NEWS(a, int8_t, n * SM_DIM + 1);
    for (uint32_t t = 0; sum && t < e->d.n; t++) {
        sm_postings p;
        if (sm_index_postings(x, SM_FIELD_ALL, e->d.key[t], &p))
            add_term(sum, &p, p.idf / 31.0f * e->d.scale[t], e->d.v + (size_t)t * SM_DIM);
    }
    for (size_t i = 0; sum && i < n; i++) {
        float square = 0, *s = sum + i * SM_DIM;
        for (int d = 0; d < SM_DIM; d++)
            square += s[d] * s[d];
        float norm = square > 0 && isfinite(square) ? 127.0f / sqrtf(square) : 0.0f;
        for (int d = 0; d < SM_DIM; d++)
            out[i * SM_DIM + (size_t)d] = (int8_t)(norm > 0 ? lrintf(s[d] * norm) : 0);
    }
    free(sum);
    return out;
}
