/*
 * The question memory: postings over known questions, walked term at a time.  A few
 * thousand short texts, so exact and without pruning.
 */
#include "search/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"

static const float K1 = 1.2f, B = 0.75f;
enum { MAX_QUESTIONS = 1 << 22 };

struct head {
    uint32_t n_questions, n_terms, n_posts, n_aims;
};

struct post {
    uint64_t key;
    uint32_t question;
};

static int by_key(const void *a, const void *b)
{
    const struct post *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->question < y->question ? -1 : x->question > y->question;
}

/* All (term, question) pairs, ascending. */
static struct post *posts_of(sm_arena *a, const sm_memory_row *row, size_t n, size_t *n_posts)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        total += row[i].bag.n;
    struct post *post = SM_NEWS(a, struct post, total + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < row[i].bag.n; k++)
            post[at++] = (struct post){ row[i].bag.key[k], (uint32_t)i };
    if (total)
        qsort(post, total, sizeof(*post), by_key);
    *n_posts = total;
    return post;
}

sm_str sm_memory_build(sm_arena *a, const sm_memory_row *row, size_t n)
{
    size_t n_posts, n_terms = 0, n_aims = 0;
    struct post *post = posts_of(a, row, n, &n_posts);
    for (size_t i = 0; i < n_posts; i++)
        n_terms += i == 0 || post[i].key != post[i - 1].key;
    for (size_t i = 0; i < n; i++)
        n_aims += row[i].n_aims;
    struct head head = { (uint32_t)n, (uint32_t)n_terms, (uint32_t)n_posts, (uint32_t)n_aims };
    sm_packer p;
    sm_pack_init(&p, a, sizeof(head) + n_terms * 16 + n_posts * 4 + n * 8 + n_aims * 4 + 512);
    sm_pack(&p, &head, sizeof(head));
    uint64_t *key = sm_pack_room(&p, n_terms * sizeof(*key));
    float *idf = sm_pack_room(&p, n_terms * sizeof(*idf));
    uint32_t *off = sm_pack_room(&p, (n_terms + 1) * sizeof(*off));
    uint32_t *question = sm_pack_room(&p, n_posts * sizeof(*question));
    size_t t = 0;
    for (size_t i = 0, j; i < n_posts; i = j) {
        for (j = i; j < n_posts && post[j].key == post[i].key; j++)
            question[j] = post[j].question;
        key[t] = post[i].key;
        idf[t] = logf(1.0f + ((float)n - (float)(j - i) + 0.5f) / ((float)(j - i) + 0.5f));
        off[++t] = (uint32_t)j;
    }
    float *norm = sm_pack_room(&p, n * sizeof(*norm));
    float average = n ? SM_MAX((float)n_posts / (float)n, 1.0f) : 1.0f;
    for (size_t i = 0; i < n; i++)
        norm[i] = K1 * (1 - B + B * (float)row[i].bag.n / average);
    uint32_t *aim_off = sm_pack_room(&p, (n + 1) * sizeof(*aim_off));
    uint32_t *aim = sm_pack_room(&p, n_aims * sizeof(*aim));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < row[i].n_aims; k++)
            aim[aim_off[i] + k] = row[i].aim[k];
        aim_off[i + 1] = aim_off[i] + (uint32_t)row[i].n_aims;
    }
    return sm_pack_done(&p);
}

bool sm_memory_open(sm_str blob, uint32_t n_aims, sm_memory *out)
{
    sm_unpacker u = { blob, 0, false };
    struct head h;
    sm_memory m = { 0 };
    if (!sm_unpack(&u, &h, sizeof(h)) || h.n_questions > MAX_QUESTIONS)
        return false;
    m.n_questions = h.n_questions;
    m.n_terms = h.n_terms;
    m.key = sm_unpack_room(&u, h.n_terms, sizeof(*m.key));
    m.idf = sm_unpack_room(&u, h.n_terms, sizeof(*m.idf));
    m.off = sm_unpack_room(&u, (size_t)h.n_terms + 1, sizeof(*m.off));
    m.post = sm_unpack_room(&u, h.n_posts, sizeof(*m.post));
    m.norm = sm_unpack_room(&u, h.n_questions, sizeof(*m.norm));
    m.aim_off = sm_unpack_room(&u, (size_t)h.n_questions + 1, sizeof(*m.aim_off));
    m.aim = sm_unpack_room(&u, h.n_aims, sizeof(*m.aim));
    if (u.failed || !sm_offsets_ok(m.off, h.n_terms, h.n_posts) ||
        !sm_offsets_ok(m.aim_off, h.n_questions, h.n_aims) ||
        !sm_below(m.post, h.n_posts, h.n_questions) || !sm_below(m.aim, h.n_aims, n_aims) ||
        !sm_finite(m.idf, h.n_terms) || !sm_finite(m.norm, h.n_questions))
        return false;
    *out = m;
    return true;
}

enum { LANES = 4, GROUP = 8 }; /* a group: one lane of so many vectors in a row */

static size_t padded(size_t n)
{
    return (n + GROUP * LANES - 1) / (GROUP * LANES) * (GROUP * LANES);
}

enum { MAX_NORMS = 256 };

void sm_memory_ready(sm_arena *a, sm_memory *m)
{
    uint8_t *no = SM_NEWS(a, uint8_t, m->n_questions + 1u);
    float *one = SM_NEWS(a, float, MAX_NORMS);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_questions; i++) {
        uint32_t k = 0;
        while (k < n && (one[k] > 1 + m->norm[i] || one[k] < 1 + m->norm[i]))
            k++;
        if (k == MAX_NORMS)
            return;
        one[k] = 1 + m->norm[i];
        n = SM_MAX(n, k + 1);
        no[i] = (uint8_t)k;
    }
    m->norm_no = no;
    m->one_of_norm = one;
    m->n_norms = n;
}

/* Adds one term's share to every question that has it. */
static void add_term(const sm_memory *m, size_t t, float *score)
{
    const float idf = m->idf[t];
    const uint32_t *post = m->post + m->off[t], n = m->off[t + 1] - m->off[t];
    if (!m->norm_no || n < m->n_norms) {
        for (uint32_t i = 0; i < n; i++)
            score[post[i]] += idf / (1 + m->norm[post[i]]);
        return;
    }
    float by[MAX_NORMS];
    const uint8_t *no = m->norm_no;
    for (uint32_t k = 0; k < m->n_norms; k++)
        by[k] = idf / m->one_of_norm[k];
    /* Eight at a time: a list's questions are distinct, so that no store is read back by the next.
     */
    uint32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        float sum[8];
        for (uint32_t k = 0; k < 8; k++)
            sum[k] = score[post[i + k]] + by[no[post[i + k]]];
        for (uint32_t k = 0; k < 8; k++)
            score[post[i + k]] = sum[k];
    }
    for (; i < n; i++)
        score[post[i]] += by[no[post[i]]];
}

void sm_memory_weigh(sm_arena *a, const sm_memory *m, const sm_bag *q, sm_alike *out)
{
    float *score = SM_NEWS(a, float, padded(m->n_questions)), self = 0;
    float unseen = logf(1.0f + ((float)m->n_questions + 0.5f) / 0.5f);
    size_t t[SM_QUESTION_TERMS];
    sm_find_all_u64(m->key, m->n_terms, q->key, q->n, t);
    for (size_t i = 0; i < q->n; i++)
        if (t[i] != SIZE_MAX) {
            __builtin_prefetch(m->idf + t[i]);
            __builtin_prefetch(m->off + t[i]);
        }
    for (size_t i = 0; i < q->n; i++)
        if (t[i] != SIZE_MAX)
            __builtin_prefetch(m->post + m->off[t[i]]);
    for (size_t i = 0; i < q->n; i++) {
        self += t[i] == SIZE_MAX ? unseen : m->idf[t[i]];
        if (t[i] != SIZE_MAX)
            add_term(m, t[i], score);
    }
    *out = (sm_alike){ score, m->n_questions, self / (1 + K1) };
}

/* Keeps the best SM_NEAR, most alike first; ties: the earlier question. */
static size_t keep(sm_near *best, size_t n, sm_near x)
{
    if (n == SM_NEAR && x.like <= best[n - 1].like)
        return n;
    size_t i = n < SM_NEAR ? n++ : n - 1;
    for (; i > 0 && best[i - 1].like < x.like; i--)
        best[i] = best[i - 1];
    best[i] = x;
    return n;
}

/* The greatest of each group; n a multiple of GROUP x LANES.  One in GROUP is left. */
static size_t thin_out(const float *restrict v, size_t n, float *restrict out)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i += GROUP * LANES, m += LANES) {
        float most[LANES];
        for (size_t l = 0; l < LANES; l++)
            most[l] = v[i + l];
        for (size_t k = 1; k < GROUP; k++)
            for (size_t l = 0; l < LANES; l++) {
                float x = v[i + k * LANES + l];
                most[l] = x > most[l] ? x : most[l];
            }
        for (size_t l = 0; l < LANES; l++)
            out[m + l] = most[l];
    }
    return m;
}

/* A score that at least SM_NEAR reach, or 0: of the greatest of groups of groups, the one so far
 * down.  Short of it by what a division rounds away, since the likeness decides; from `self` on all
 * are as alike. */
static float bar_of(const float *group, size_t n, float *scratch, float self)
{
    float best[SM_NEAR] = { 0 };
    n = thin_out(group, n, scratch);
    for (size_t i = 0; i < n; i++) {
        if (scratch[i] <= best[SM_NEAR - 1])
            continue;
        size_t k = SM_NEAR - 1;
        for (; k > 0 && best[k - 1] < scratch[i]; k--)
            best[k] = best[k - 1];
        best[k] = scratch[i];
    }
    return SM_MIN(best[SM_NEAR - 1], self) * 0.999999f;
}

size_t sm_memory_near(sm_arena *a, const sm_alike *alike, sm_near out[SM_NEAR])
{
    size_t n = 0, n_groups = padded(alike->n) / GROUP;
    float *group = SM_NEWS(a, float, padded(n_groups)), *more = SM_NEWS(a, float, n_groups + 1);
    thin_out(alike->score, padded(alike->n), group);
    float bar = bar_of(group, padded(n_groups), more, alike->self);
    for (size_t g = 0; g < n_groups; g += LANES) {
        bool above = false;
        for (size_t l = 0; l < LANES; l++)
            above |= group[g + l] > bar;
        if (!above)
            continue;
        for (size_t i = g * GROUP; i < (g + LANES) * GROUP; i++)
            if (alike->score[i] > bar)
                n = keep(out, n, (sm_near){ (uint32_t)i, sm_like_of(alike, alike->score[i]) });
    }
    return n;
}
