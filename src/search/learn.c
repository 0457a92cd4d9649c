/*
 * What training works on, and what it learns before the features are weighed: the question
 * memory, the classifier, the bi-encoder.  The same code learns on a fold and on everything.
 */
#include "search/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { N_HARD = 100, DOC_TERMS = 160, MAX_LABELS = 20000, MAX_PER_TEXT = 50 };

/* ---------------------------------------------------------- the forward */

struct posting {
    float w;
    uint32_t term;
};

static int heaviest(const void *a, const void *b)
{
    const struct posting *x = a, *y = b;
    if (x->w > y->w || x->w < y->w)
        return x->w > y->w ? -1 : 1;
    return x->term < y->term ? -1 : x->term > y->term;
}

/* Keeps the `max` heaviest terms of each document, in place. */
static void shorten(const uint32_t *off, struct posting *all, uint32_t max, sm_forward *f)
{
    uint32_t n = 0;
    for (uint32_t d = 0; d < f->n_docs; d++) {
        uint32_t m = off[d + 1] - off[d];
        if (m > 1)
            qsort(all + off[d], m, sizeof(*all), heaviest);
        for (uint32_t i = 0; i < SM_MIN(m, max); i++, n++) {
            f->term[n] = all[off[d] + i].term;
            f->w[n] = all[off[d] + i].w;
        }
        f->off[d + 1] = n;
    }
}

sm_rc sm_forward_build(sm_op *op, const sm_index *x, uint32_t max_terms, sm_forward *out)
{
    sm_forward f = { .n_docs = sm_index_n(x), .n_terms = sm_index_n_terms(x) };
    uint64_t *key = SM_NEWS(op->arena, uint64_t, f.n_terms + 1u);
    float *idf = SM_NEWS(op->arena, float, f.n_terms + 1u);
    uint32_t least = f.n_docs >= 10000 ? 3 : 1; /* passages a term must be in */
    uint32_t *off = calloc((size_t)f.n_docs + 2, sizeof(*off));
    sm_postings p;
    for (uint32_t t = 0; off && t < f.n_terms; t++) {
        key[t] = sm_index_term(x, t);
        if (!sm_index_postings(x, SM_FIELD_ALL, key[t], &p))
            continue;
        idf[t] = p.idf;
        for (uint32_t i = 0; i < p.n && p.n >= least; i++)
            off[p.passage[i] + 2]++;
    }
    for (uint32_t d = 0; off && d < f.n_docs; d++)
        off[d + 2] += off[d + 1];
    size_t n = off ? off[f.n_docs + 1] : 0;
    struct posting *all = malloc((n + 1) * sizeof(*all));
    f.off = SM_NEWS(op->arena, uint32_t, f.n_docs + 1u);
    f.term = SM_NEWS(op->arena, uint32_t, n + 1);
    f.w = SM_NEWS(op->arena, float, n + 1);
    f.key = key;
    f.idf = idf;
    sm_rc rc = off && all ? SM_OK : sm_fail(op, SM_E_LIMIT, "训练的内存不够");
    for (uint32_t t = 0; rc == SM_OK && t < f.n_terms; t++) {
        if (!sm_index_postings(x, SM_FIELD_ALL, key[t], &p) || p.n < least)
            continue;
        for (uint32_t i = 0; i < p.n; i++)
            all[off[p.passage[i] + 1]++] =
                (struct posting){ p.idf * (float)p.impact[i] / 31.0f, t };
    }
    if (rc == SM_OK)
        shorten(off, all, max_terms, &f);
    free(all);
    free(off);
    *out = f;
    return rc;
}

/* ------------------------------------------------------------ questions */

struct draft {
    uint64_t hash;
    sm_str normal;
    const sm_pair *pair;
    sm_str id;
    size_t at;
};

static int by_text(const void *a, const void *b)
{
    const struct draft *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    int c = sm_str_cmp(x->normal, y->normal);
    if (c == 0)
        c = sm_str_cmp(x->id, y->id);
    if (c == 0)
        c = x->at < y->at ? -1 : x->at > y->at;
    return c;
}

static int by_str(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

/* Sorted distinct ids of the pairs that the index has. */
static void list_names(sm_op *op, sm_catalogue *c, const sm_pair *pair, size_t n)
{
    sm_str *id = SM_NEWS(op->arena, sm_str, n + 1);
    size_t m = 0, k = 0;
    uint32_t *name_of, *off, *aim;
    for (size_t i = 0; i < n; i++)
        id[i] = pair[i].id;
    if (n)
        qsort(id, n, sizeof(*id), by_str);
    for (size_t i = 0; i < n; i++)
        if (m == 0 || !sm_str_eq(id[m - 1], id[i]))
            id[m++] = id[i];
    sm_names_aim(op->arena, c->x, id, (uint32_t)m, &name_of, &off, &aim);
    for (size_t i = 0; i < m; i++)
        if (off[i] < off[i + 1])
            id[k++] = id[i];
    c->name = id;
    c->n_names = k;
    sm_names_aim(op->arena, c->x, id, (uint32_t)k, &name_of, &c->aim_off, &c->aim);
}

static size_t find_name(const sm_catalogue *c, sm_str id)
{
    const sm_str *at = c->n_names ? bsearch(&id, c->name, c->n_names, sizeof(id), by_str) : NULL;
    return at ? (size_t)(at - c->name) : SIZE_MAX;
}

static void fill_question(sm_op *op, sm_catalogue *c, const struct draft *d, size_t n,
                          sm_question *q)
{
    size_t n_gold = 0;
    q->text = d->pair->text;
    q->hash = d->hash;
    q->name = SM_NEWS(op->arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        if (sm_str_cmp(d[i].pair->time, q->time) > 0)
            q->time = d[i].pair->time;
        if ((i && sm_str_eq(d[i].id, d[i - 1].id)) || q->n_names == MAX_PER_TEXT)
            continue;
        q->name[q->n_names++] = (uint32_t)find_name(c, d[i].id);
    }
    for (size_t i = 0; i < q->n_names; i++)
        n_gold += c->aim_off[q->name[i] + 1] - c->aim_off[q->name[i]];
    q->gold = SM_NEWS(op->arena, uint32_t, n_gold + 1);
    for (size_t i = 0; i < q->n_names; i++)
        for (uint32_t k = c->aim_off[q->name[i]]; k < c->aim_off[q->name[i] + 1]; k++)
            q->gold[q->n_gold++] = c->aim[k];
}

static void list_questions(sm_op *op, sm_catalogue *c, const sm_pair *pair, size_t n)
{
    struct draft *d = SM_NEWS(op->arena, struct draft, n + 1);
    size_t m = 0, masked = 0;
    for (size_t i = 0; i < n; i++) {
        sm_str text =
            sm_text_mask(op->arena, sm_utf8_head(pair[i].text, SM_QUESTION_CHARS), &masked);
        sm_str normal = sm_text_normal(op->arena, text);
        if (find_name(c, pair[i].id) == SIZE_MAX || normal.n == 0) {
            c->n_skipped++;
            continue;
        }
        d[m] = (struct draft){ sm_hash64(normal, 1), normal, &pair[i], pair[i].id, m };
        m++;
    }
    if (m)
        qsort(d, m, sizeof(*d), by_text);
    c->question = SM_NEWS(op->arena, sm_question, m + 1);
    sm_view view = { .lexicon = c->lexicon, .words = c->words, .n_words = c->n_words };
    for (size_t i = 0, j; i < m; i = j) {
        for (j = i + 1; j < m && sm_str_eq(d[i].normal, d[j].normal);)
            j++;
        sm_question *q = &c->question[c->n_questions++];
        fill_question(op, c, d + i, j - i, q);
        sm_query_of(op->arena, &view, d[i].normal, &q->query);
    }
}

static void find_hard(sm_arena *scratch, const sm_index *x, sm_question *q)
{
    sm_scores s;
    sm_ranked *top;
    sm_index_score(scratch, x, SM_FIELD_ALL, q->query.bag.key, q->query.bag.n, &s);
    size_t n = sm_scores_top(scratch, &s, x, NULL, N_HARD, &top);
    for (size_t i = 0; i < n; i++) {
        q->hard[i] = top[i].passage;
        q->hard_score[i] = top[i].score;
    }
    q->n_hard = (uint32_t)n;
}

static void find_hard_of_half(void *catalogue, size_t half)
{
    sm_catalogue *c = catalogue;
    sm_arena *scratch = sm_arena_open();
    size_t from = half ? c->n_questions / 2 : 0, to = half ? c->n_questions : c->n_questions / 2;
    for (size_t i = from; i < to; i++) {
        find_hard(scratch, c->x, &c->question[i]);
        sm_arena_reset(scratch);
    }
    sm_arena_close(scratch);
}

/* BM25's best of every question. */
static void find_all_hard(sm_op *op, sm_catalogue *c)
{
    size_t n = SM_MIN((size_t)N_HARD, (size_t)c->bound.n) + 1;
    for (size_t i = 0; i < c->n_questions; i++) {
        c->question[i].hard = SM_NEWS(op->arena, uint32_t, n);
        c->question[i].hard_score = SM_NEWS(op->arena, float, n);
    }
    sm_parallel(2, find_hard_of_half, c);
}

sm_rc sm_catalogue_open(sm_op *op, const sm_pair *pair, size_t n, sm_catalogue *c)
{
    c->x = c->bound.x;
    sm_rc rc = sm_forward_build(op, c->x, DOC_TERMS, &c->docs);
    if (rc < 0)
        return rc;
    list_names(op, c, pair, n);
    list_questions(op, c, pair, n);
    find_all_hard(op, c);
    return sm_op_check(op);
}

/* ------------------------------------------------------------- learning */

/* The questions a learner may see, with the names it may see of them. */
struct lesson {
    const sm_question **q;
    uint32_t **name;
    size_t *n_names;
    size_t n;
};

static void list_lesson(sm_op *op, const sm_catalogue *c, const uint8_t *keep, const uint8_t *drop,
                        struct lesson *l)
{
    l->q = SM_NEWS(op->arena, const sm_question *, c->n_questions + 1);
    l->name = SM_NEWS(op->arena, uint32_t *, c->n_questions + 1);
    l->n_names = SM_NEWS(op->arena, size_t, c->n_questions + 1);
    for (size_t i = 0; i < c->n_questions; i++) {
        const sm_question *q = &c->question[i];
        uint32_t *name = SM_NEWS(op->arena, uint32_t, q->n_names + 1);
        size_t n = 0;
        for (size_t k = 0; k < q->n_names && (!keep || keep[i]); k++)
            if (!drop || !drop[q->name[k]])
                name[n++] = q->name[k];
        if (n == 0)
            continue;
        l->q[l->n] = q;
        l->name[l->n] = name;
        l->n_names[l->n++] = n;
    }
}

static void set_names(sm_op *op, const sm_catalogue *c, const struct lesson *l, sm_model *m)
{
    size_t bytes = 0;
    for (size_t i = 0; i < c->n_names; i++)
        bytes += c->name[i].n;
    uint32_t *off = SM_NEWS(op->arena, uint32_t, c->n_names + 1);
    uint32_t *count = SM_NEWS(op->arena, uint32_t, c->n_names + 1);
    char *text = sm_alloc(op->arena, bytes + 1);
    for (size_t i = 0; i < c->n_names; i++) {
        memcpy(text + off[i], c->name[i].p, c->name[i].n);
        off[i + 1] = off[i] + (uint32_t)c->name[i].n;
    }
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < l->n_names[i]; k++)
            count[l->name[i][k]]++;
    m->n_names = (uint32_t)c->n_names;
    m->name_off = off;
    m->name_text = text;
    m->name_count = count;
}

static sm_rc learn_memory(sm_op *op, const sm_catalogue *c, const struct lesson *l, sm_model *m)
{
    sm_memory_row *row = SM_NEWS(op->arena, sm_memory_row, l->n + 1);
    for (size_t i = 0; i < l->n; i++)
        row[i] = (sm_memory_row){ l->q[i]->query.bag, l->name[i], l->n_names[i] };
    m->memory_blob = sm_memory_build(op->arena, row, l->n);
    return sm_memory_open(m->memory_blob, (uint32_t)c->n_names, &m->memory)
               ? SM_OK
               : sm_fail(op, SM_E_INTERNAL, "问句库没有建成");
}

/* The n-grams of the passages of every name. */
static sm_maxent_word *list_words(sm_op *op, const sm_catalogue *c, size_t *n)
{
    size_t cap = 0;
    sm_maxent_word *word = NULL;
    const sm_forward *f = &c->docs;
    for (uint32_t k = 0; k < c->n_names; k++)
        for (uint32_t i = c->aim_off[k]; i < c->aim_off[k + 1]; i++)
            for (uint32_t t = f->off[c->aim[i]]; t < f->off[c->aim[i] + 1]; t++) {
                SM_GROW(op->arena, word, *n, cap);
                word[(*n)++] = (sm_maxent_word){ f->key[f->term[t]], k, f->w[t] };
            }
    return word;
}

/* Logged questions, and the own questions of what was asked for at least once. */
static sm_rc learn_classes(sm_op *op, const sm_catalogue *c, const struct lesson *l, uint64_t seed,
                           sm_model *m)
{
    size_t n = 0, cap = 0;
    sm_maxent_row *row = NULL;
    uint32_t *name_of = SM_NEWS(op->arena, uint32_t, c->bound.n + 1u);
    if (c->n_names == 0 || c->n_names > MAX_LABELS)
        return SM_OK;
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < l->n_names[i]; k++) {
            SM_GROW(op->arena, row, n, cap);
            row[n++] = (sm_maxent_row){ l->q[i]->query.normal, l->name[i][k] };
        }
    for (uint32_t k = 0; k < c->n_names; k++)
        for (uint32_t i = c->aim_off[k]; i < c->aim_off[k + 1]; i++)
            name_of[c->aim[i]] = k + 1;
    for (size_t i = 0; i < c->n_own; i++) {
        uint32_t name = name_of[c->own[i].passage];
        if (!name || !m->name_count[name - 1])
            continue;
        SM_GROW(op->arena, row, n, cap);
        row[n++] = (sm_maxent_row){ c->own[i].normal, name - 1 };
    }
    size_t n_words = 0;
    sm_maxent_word *word = list_words(op, c, &n_words);
    m->maxent_blob = sm_maxent_train(op->arena, row, n, word, n_words, (uint32_t)c->n_names, seed);
    return sm_maxent_open(m->maxent_blob, (uint32_t)c->n_names, &m->maxent)
               ? SM_OK
               : sm_fail(op, SM_E_INTERNAL, "分类器没有建成");
}

static sm_rc learn_vectors(sm_op *op, const sm_catalogue *c, const struct lesson *l, uint64_t seed,
                           sm_model *m)
{
    size_t n = 0, cap = 0;
    sm_bienc_row *row = NULL;
    for (size_t i = 0; i < l->n; i++) {
        const sm_question *q = l->q[i];
        for (size_t k = 0; k < l->n_names[i]; k++)
            for (uint32_t p = c->aim_off[l->name[i][k]]; p < c->aim_off[l->name[i][k] + 1]; p++) {
                SM_GROW(op->arena, row, n, cap);
                row[n++] = (sm_bienc_row){ &q->query.bag, c->aim[p],           q->gold,  q->hard,
                                           q->hard_score, (uint32_t)q->n_gold, q->n_hard };
            }
    }
    sm_rc rc = sm_bienc_train(op, &c->docs, row, n, seed, &m->bienc_blob);
    if (rc == SM_OK && !sm_bienc_open(m->bienc_blob, &m->bienc))
        rc = sm_fail(op, SM_E_INTERNAL, "向量没有建成");
    return rc;
}

sm_rc sm_learn(sm_op *op, const sm_catalogue *c, const uint8_t *keep, const uint8_t *drop,
               uint64_t seed, sm_model *out)
{
    struct lesson l = { 0 };
    sm_model m = { .seed = seed };
    list_lesson(op, c, keep, drop, &l);
    set_names(op, c, &l, &m);
    sm_rc rc = learn_memory(op, c, &l, &m);
    if (rc == SM_OK)
        rc = learn_classes(op, c, &l, seed, &m);
    if (rc == SM_OK)
        rc = learn_vectors(op, c, &l, seed, &m);
    if (rc == SM_OK)
        *out = m;
    return rc;
}
