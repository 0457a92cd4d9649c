/*
 * The classifier of a closed catalogue: softmax over names on character 1-3-grams of unit
 * length.  An n-gram has weights only for the names it was seen with, which keeps training at
 * milliseconds per thousand questions and the table at a few bytes per distinct pair.
 */
#include "search/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"
#include "text/text.h"

enum { MAX_GRAMS = 3 * SM_QUESTION_CHARS, EPOCHS = 10 };
static const float RATE = 1.0f, START = 1.2f;
static const float NOTHING = 10.0f, TOO_SMALL = 1e-4f;
/* An n-gram is left out of a step this often: the others learn to do without it. */
static const double DROPPED = 0.3;

struct head {
    uint32_t n_labels, n_grams, n_weights, reserved;
};

static size_t grams_of(sm_str normal, uint64_t out[MAX_GRAMS])
{
    sm_str head = sm_utf8_head(normal, SM_QUESTION_CHARS);
    return sm_distinct_u64(
        out, sm_text_tokens(head, SM_TOKEN_UNI | SM_TOKEN_BI | SM_TOKEN_TRI, out, MAX_GRAMS));
}

size_t sm_gram_vector(const uint64_t *key, const float *idf, size_t n_keys, const uint64_t *gram,
                      size_t n, sm_gram *out)
{
    enum { RUN = 64 };
    size_t m = 0, id[RUN];
    float sum = 0;
    for (size_t from = 0; from < n; from += RUN) {
        size_t run = SM_MIN(n - from, (size_t)RUN);
        sm_find_all_u64(key, n_keys, gram + from, run, id);
        for (size_t i = 0; i < run; i++)
            if (id[i] != SIZE_MAX)
                __builtin_prefetch(idf + id[i]);
        for (size_t i = 0; i < run; i++) {
            if (id[i] == SIZE_MAX)
                continue;
            out[m++] = (sm_gram){ (uint32_t)id[i], idf[id[i]] };
            sum += idf[id[i]] * idf[id[i]];
        }
    }
    float norm = sum > 0 ? 1.0f / sqrtf(sum) : 0.0f;
    for (size_t i = 0; i < m; i++)
        out[i].x *= norm;
    return m;
}

/* ------------------------------------------------------------- training */

struct trainer {
    size_t n_rows, n_keys, n_labels, n_weights;
    const sm_maxent_row *input;
    uint64_t *key;
    float *idf, *w, *power;
    uint32_t *off, *label;
    uint8_t *has;
    sm_gram *gram; /* of all rows, row after row */
    size_t *row_off;
    float *score;
    sm_rng rng;
};

static void learn_keys(sm_arena *a, struct trainer *t)
{
    uint64_t gram[MAX_GRAMS], *all = NULL;
    size_t cap = 0, n = 0;
    for (size_t r = 0; r < t->n_rows; r++) {
        size_t m = grams_of(t->input[r].normal, gram);
        for (size_t i = 0; i < m; i++) {
            SM_GROW(a, all, n, cap);
            all[n++] = gram[i];
        }
    }
    sm_sort_u64(all, n);
    t->key = SM_NEWS(a, uint64_t, n + 1);
    t->idf = SM_NEWS(a, float, n + 1);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && all[j] == all[i];)
            j++;
        t->key[t->n_keys] = all[i];
        t->idf[t->n_keys++] = logf(1.0f + (float)t->n_rows / (float)(j - i));
    }
}

static void learn_rows(sm_arena *a, struct trainer *t)
{
    uint64_t gram[MAX_GRAMS];
    sm_gram x[MAX_GRAMS];
    size_t cap = 0, n = 0;
    t->row_off = SM_NEWS(a, size_t, t->n_rows + 1);
    for (size_t r = 0; r < t->n_rows; r++) {
        size_t m =
            sm_gram_vector(t->key, t->idf, t->n_keys, gram, grams_of(t->input[r].normal, gram), x);
        for (size_t i = 0; i < m; i++) {
            SM_GROW(a, t->gram, n, cap);
            t->gram[n++] = x[i];
        }
        t->row_off[r + 1] = n;
        t->has[t->input[r].label] = 1;
    }
}

/* Where a weight is: the (n-gram, name) pairs of the training rows and of the names' texts. */
static void learn_support(sm_arena *a, struct trainer *t, const sm_maxent_word *word,
                          size_t n_words)
{
    size_t n = 0;
    uint64_t *pair = SM_NEWS(a, uint64_t, t->row_off[t->n_rows] + n_words + 1);
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = t->row_off[r]; i < t->row_off[r + 1]; i++)
            pair[n++] = (uint64_t)t->gram[i].id << 32 | t->input[r].label;
    for (size_t i = 0; i < n_words; i++) {
        size_t id = sm_find_u64(t->key, t->n_keys, word[i].key);
        if (id != SIZE_MAX && t->has[word[i].label])
            pair[n++] = (uint64_t)id << 32 | word[i].label;
    }
    n = sm_distinct_u64(pair, n);
    t->n_weights = n;
    t->off = SM_NEWS(a, uint32_t, t->n_keys + 1);
    t->label = SM_NEWS(a, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        t->label[i] = (uint32_t)pair[i];
        t->off[(pair[i] >> 32) + 1] = (uint32_t)i + 1;
    }
    t->w = SM_NEWS(a, float, n + 1);
    t->power = SM_NEWS(a, float, n + 1);
    for (size_t i = 0; i < n_words; i++) {
        size_t id = sm_find_u64(t->key, t->n_keys, word[i].key);
        uint64_t want = (uint64_t)id << 32 | word[i].label;
        size_t at = id == SIZE_MAX ? SIZE_MAX : sm_find_u64(pair, n, want);
        if (at != SIZE_MAX)
            t->w[at] += START * word[i].w;
    }
}

/* What is below the best by NOTHING or more has no share. */
static void to_probabilities(float *s, const uint8_t *has, size_t n)
{
    float max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (has[i])
            max = SM_MAX(max, s[i]);
    for (size_t i = 0; i < n; i++)
        sum += s[i] = has[i] && s[i] > max - NOTHING ? sm_expf(s[i] - max) : 0.0f;
    for (size_t i = 0; i < n; i++)
        s[i] /= sum > 0 ? sum : 1.0f;
}

/* The row's n-grams that take part in this step. */
static size_t draw(struct trainer *t, size_t r, sm_gram *out)
{
    size_t n = 0;
    for (size_t i = t->row_off[r]; i < t->row_off[r + 1]; i++)
        if (sm_rng_unit(&t->rng) >= DROPPED)
            out[n++] = t->gram[i];
    return n;
}

static void step(struct trainer *t, size_t r)
{
    float *s = t->score;
    sm_gram gram[MAX_GRAMS];
    size_t n = draw(t, r, gram);
    memset(s, 0, t->n_labels * sizeof(*s));
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = t->off[gram[i].id]; k < t->off[gram[i].id + 1]; k++)
            s[t->label[k]] += gram[i].x * t->w[k];
    to_probabilities(s, t->has, t->n_labels);
    s[t->input[r].label] -= 1.0f;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = t->off[gram[i].id]; k < t->off[gram[i].id + 1]; k++) {
            float d = s[t->label[k]] * gram[i].x;
            if (fabsf(d) < TOO_SMALL)
                continue;
            t->power[k] += d * d;
            t->w[k] -= RATE * d / sqrtf(t->power[k] + 0.05f);
        }
}

static sm_str pack(sm_arena *a, const struct trainer *t)
{
    size_t n = t->n_keys;
    struct head head = { (uint32_t)t->n_labels, (uint32_t)n, (uint32_t)t->n_weights, 0 };
    sm_packer p;
    sm_pack_init(&p, a, sizeof(head) + n * 20 + t->n_weights * 5 + t->n_labels + 512);
    sm_pack(&p, &head, sizeof(head));
    sm_pack(&p, t->key, n * sizeof(*t->key));
    sm_pack(&p, t->idf, n * sizeof(*t->idf));
    float *scale = sm_pack_room(&p, n * sizeof(*scale));
    sm_pack(&p, t->off, (n + 1) * sizeof(*t->off));
    sm_pack(&p, t->label, t->n_weights * sizeof(*t->label));
    int8_t *w = sm_pack_room(&p, t->n_weights);
    sm_pack(&p, t->has, t->n_labels);
    for (size_t g = 0; g < n; g++) {
        float max = 1e-9f;
        for (uint32_t k = t->off[g]; k < t->off[g + 1]; k++)
            max = SM_MAX(max, fabsf(t->w[k]));
        scale[g] = max;
        for (uint32_t k = t->off[g]; k < t->off[g + 1]; k++)
            w[k] = (int8_t)lrintf(t->w[k] / max * 127.0f);
    }
    return sm_pack_done(&p);
}

sm_str sm_maxent_train(sm_arena *a, const sm_maxent_row *row, size_t n, const sm_maxent_word *word,
                       size_t n_words, uint32_t n_labels, uint64_t seed)
{
    sm_arena *scratch = sm_arena_open();
    struct trainer t = { .n_rows = n, .n_labels = n_labels, .input = row };
    t.has = SM_NEWS(scratch, uint8_t, n_labels + 1u);
    t.score = SM_NEWS(scratch, float, n_labels + 1u);
    learn_keys(scratch, &t);
    learn_rows(scratch, &t);
    learn_support(scratch, &t, word, n_words);
    uint32_t *order = SM_NEWS(scratch, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    t.rng = (sm_rng){ seed };
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        for (size_t i = n; i-- > 1;) {
            size_t j = sm_rng_below(&t.rng, (uint32_t)i + 1);
            uint32_t x = order[i];
            order[i] = order[j];
            order[j] = x;
        }
        for (size_t i = 0; i < n; i++)
            step(&t, order[i]);
    }
    sm_str blob = pack(a, &t);
    sm_arena_close(scratch);
    return blob;
}

/* -------------------------------------------------------------- reading */

bool sm_maxent_open(sm_str blob, uint32_t n_labels, sm_maxent *out)
{
    sm_unpacker u = { blob, 0, false };
    struct head h;
    sm_maxent m = { 0 };
    if (!sm_unpack(&u, &h, sizeof(h)) || h.n_labels != n_labels)
        return false;
    m.n_labels = h.n_labels;
    m.n_grams = h.n_grams;
    m.key = sm_unpack_room(&u, h.n_grams, sizeof(*m.key));
    m.idf = sm_unpack_room(&u, h.n_grams, sizeof(*m.idf));
    m.scale = sm_unpack_room(&u, h.n_grams, sizeof(*m.scale));
    m.off = sm_unpack_room(&u, (size_t)h.n_grams + 1, sizeof(*m.off));
    m.label = sm_unpack_room(&u, h.n_weights, sizeof(*m.label));
    m.w = sm_unpack_room(&u, h.n_weights, 1);
    m.has = sm_unpack_room(&u, h.n_labels, 1);
    if (u.failed || !sm_offsets_ok(m.off, h.n_grams, h.n_weights) ||
        !sm_below(m.label, h.n_weights, h.n_labels) || !sm_finite(m.idf, h.n_grams) ||
        !sm_finite(m.scale, h.n_grams))
        return false;
    *out = m;
    return true;
}

void sm_maxent_predict(const sm_maxent *m, sm_str normal, float *log_p)
{
    uint64_t gram[MAX_GRAMS];
    sm_gram x[MAX_GRAMS];
    size_t n = sm_gram_vector(m->key, m->idf, m->n_grams, gram, grams_of(normal, gram), x);
    memset(log_p, 0, m->n_labels * sizeof(*log_p));
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(m->off + x[i].id);
        __builtin_prefetch(m->scale + x[i].id);
    }
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(m->label + m->off[x[i].id]);
        __builtin_prefetch(m->w + m->off[x[i].id]);
    }
    for (size_t i = 0; i < n; i++) {
        const float by = x[i].x * m->scale[x[i].id] / 127.0f;
        const uint32_t *label = m->label + m->off[x[i].id];
        const uint32_t n_labels = m->off[x[i].id + 1] - m->off[x[i].id];
        const int8_t *w = m->w + m->off[x[i].id];
        uint32_t k = 0;
        for (; k + 4 <= n_labels; k += 4) { /* an n-gram's labels are distinct */
            float s[4];
            for (uint32_t j = 0; j < 4; j++)
                s[j] = log_p[label[k + j]] + by * (float)w[k + j];
            for (uint32_t j = 0; j < 4; j++)
                log_p[label[k + j]] = s[j];
        }
        for (; k < n_labels; k++)
            log_p[label[k]] += by * (float)w[k];
    }
    float max = -INFINITY, sum = 0;
    for (uint32_t l = 0; l < m->n_labels; l++)
        if (m->has[l])
            max = SM_MAX(max, log_p[l]);
    for (uint32_t l = 0; l < m->n_labels; l++)
        if (m->has[l])
            sum += sm_expf(log_p[l] - max);
    float z = max + logf(SM_MAX(sum, 1e-30f));
    for (uint32_t l = 0; l < m->n_labels; l++)
        log_p[l] = m->has[l] ? log_p[l] - z : -INFINITY;
}
