/*
 * The rows that fusion and calibration are fitted on.  Everything learned from logged questions
 * is out of fold: a row's features come from a model that never saw its question, and of a fifth
 * of the names no question at all, so that the weights for what nobody has asked for yet are
 * learned too.
 *
 * A small catalogue gets thinned copies besides: questions the fold's model did see, with two
 * fifths of their characters taken out.  Authored questions are made to differ; real ones come
 * back in nearly the same words, and without these rows the fusion would trust the logged
 * questions less than they deserve.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/train.h"
#include "text/text.h"

/* With more questions than rows are wanted of, half of them teach enough. */
enum { FOLDS = 4, FEW_FOLDS = 2, MAX_FIT = 6000, SMALL = 2000, KEEP_SMALL = 64, KEEP = 400 };
static const double DROPPED = 0.2, THINNED = 0.25, THIN = 0.4;

sm_rc sm_catalogue_view(sm_op *op, const sm_catalogue *c, const sm_model *m, sm_bound *b,
                        sm_view *out)
{
    *b = c->bound;
    if (m) {
        sm_bound_names(op, m, b);
        b->vec = m->bienc_blob.n ? sm_bienc_passages(op->arena, &m->bienc, b->x) : NULL;
    }
    *out = (sm_view){ .part = { { b, 0, NULL } },
                      .n_parts = 1,
                      .model = m,
                      .lexicon = c->lexicon,
                      .words = c->words,
                      .n_words = c->n_words };
    return sm_op_check(op);
}

void sm_fit_row(sm_arena *a, const sm_view *v, const sm_query *q, const sm_question *of,
                sm_rows *rows)
{
    sm_cands c;
    sm_cands_of(a, v, q, NULL, SM_FEATURES_ALL, &c);
    size_t keep = v->part[0].bound->n <= SMALL ? KEEP_SMALL : KEEP;
    sm_rows_add(rows, &c, of->gold, of->n_gold, keep);
}

/* ---------------------------------------------------------------- folds */

struct fold {
    const sm_catalogue *c;
    const uint8_t *keep;
    uint64_t seed;
    size_t n_kept;
    int number, of;
    sm_op op;
    sm_rows rows;
    sm_rc rc;
};

static int fold_of(const sm_question *q, uint64_t seed, int folds)
{
    return (int)(sm_mix64(q->hash + seed) % (uint64_t)folds);
}

/* Characters in runs of two to four, each run left out with probability THIN. */
static sm_str thin(sm_arena *a, sm_str s, sm_rng *rng)
{
    char *out = sm_alloc(a, s.n + 1);
    size_t n = 0;
    while (s.n) {
        sm_str run = sm_utf8_head(s, 2 + sm_rng_below(rng, 3));
        if (sm_rng_unit(rng) >= THIN) {
            memcpy(out + n, run.p, run.n);
            n += run.n;
        }
        s = sm_str_sub(s, run.n, s.n);
    }
    return (sm_str){ out, n };
}

static void add_thinned(sm_arena *a, const struct fold *f, const sm_view *v, const sm_question *q,
                        sm_rows *rows)
{
    sm_query thinned;
    sm_rng rng = { q->hash ^ f->seed };
    if (sm_rng_unit(&rng) >= THINNED)
        return;
    sm_str text = thin(a, q->query.normal, &rng);
    sm_query_of(a, v, text, &thinned);
    if (thinned.bag.n >= 3)
        sm_fit_row(a, v, &thinned, q, rows);
}

static void fold_rows(struct fold *f, const uint8_t *learned, const uint8_t *dropped,
                      const sm_view *v, double share)
{
    const sm_catalogue *c = f->c;
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < c->n_questions && sm_op_check(&f->op) == SM_OK; i++) {
        const sm_question *q = &c->question[i];
        sm_rng rng = { q->hash + 11 };
        if ((f->keep && !f->keep[i]) || sm_rng_unit(&rng) >= share)
            continue;
        if (!learned[i])
            sm_fit_row(a, v, &q->query, q, &f->rows);
        else if (c->bound.n <= SMALL && !dropped[q->name[0]])
            add_thinned(a, f, v, q, &f->rows);
        sm_arena_reset(a);
    }
    sm_arena_close(a);
}

static sm_rc run_fold(struct fold *f)
{
    const sm_catalogue *c = f->c;
    sm_op *op = &f->op;
    uint8_t *learned = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    uint8_t *dropped = SM_NEWS(op->arena, uint8_t, c->n_names + 1);
    double share = f->n_kept > MAX_FIT ? (double)MAX_FIT / (double)f->n_kept : 1;
    for (size_t i = 0; i < c->n_questions; i++)
        learned[i] =
            (!f->keep || f->keep[i]) && fold_of(&c->question[i], f->seed, f->of) != f->number;
    sm_rng rng = { f->seed + 977 * (uint64_t)f->number };
    for (size_t i = 0; i < c->n_names; i++)
        dropped[i] = sm_rng_unit(&rng) < DROPPED;
    sm_model m;
    sm_bound b;
    sm_view v;
    sm_rc rc = sm_learn(op, c, learned, dropped, f->seed, &m);
    if (rc == SM_OK)
        rc = sm_catalogue_view(op, c, &m, &b, &v);
    if (rc == SM_OK)
        fold_rows(f, learned, dropped, &v, share);
    return rc == SM_OK ? op->rc : rc;
}

static void run_fold_at(void *fold, size_t i)
{
    struct fold *f = (struct fold *)fold + i;
    f->rc = run_fold(f);
}

sm_rc sm_fit_rows(sm_op *op, const sm_catalogue *c, const uint8_t *keep, uint64_t seed,
                  sm_rows *rows)
{
    struct fold fold[FOLDS];
    size_t kept = 0;
    for (size_t i = 0; i < c->n_questions; i++)
        kept += !keep || keep[i];
    int folds = kept > MAX_FIT ? FEW_FOLDS : FOLDS;
    for (int i = 0; i < folds; i++) {
        fold[i] = (struct fold){
            .c = c, .keep = keep, .seed = seed, .n_kept = kept, .number = i, .of = folds
        };
        sm_op_begin(&fold[i].op);
        fold[i].op.cancel = op->cancel;
        fold[i].op.deadline_us = op->deadline_us;
    }
    sm_parallel((size_t)folds, run_fold_at, fold);
    for (int i = 0; i < folds; i++) {
        if (fold[i].rc == SM_OK)
            sm_rows_append(rows, &fold[i].rows);
        else
            sm_fail(op, fold[i].rc, "%.*s", SM_ARG(fold[i].op.msg));
        sm_rows_done(&fold[i].rows);
        sm_op_end(&fold[i].op);
    }
    return op->rc;
}

/* -------------------------------------------------------------- results */

/* Best rank of each name of the question. */
static size_t name_rank(const sm_catalogue *c, uint32_t name, const sm_cands *cands,
                        const sm_rank *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = c->aim_off[name]; k < c->aim_off[name + 1]; k++)
            if (c->aim[k] == cands->passage[list[i].at])
                return i;
    return SIZE_MAX;
}

void sm_question_result(const sm_view *v, const sm_catalogue *c, const sm_question *q,
                        const sm_fusion *f, const sm_gbdt *gbdt, sm_result *out)
{
    sm_cands cands;
    sm_arena *a = sm_arena_open();
    size_t first = SIZE_MAX;
    *out = (sm_result){ 0 };
    sm_cands_of(a, v, &q->query, NULL, sm_rank_wants(f, gbdt), &cands);
    sm_ranking ranking = { (const float *const *)cands.x, cands.known, NULL, cands.n };
    sm_rank *list;
    size_t n = SM_MIN(sm_rank_list(a, f, gbdt, &ranking, 100, &list), (size_t)100);
    for (size_t i = 0; i < q->n_names; i++) {
        size_t rank = name_rank(c, q->name[i], &cands, list, n);
        first = SM_MIN(first, rank);
        out->r10 += rank < 10 ? 1.0f / (float)q->n_names : 0;
        out->r100 += rank < 100 ? 1.0f / (float)q->n_names : 0;
    }
    out->hit1 = first == 0;
    out->hit3 = first < 3;
    out->rr10 = first < 10 ? 1.0f / (float)(first + 1) : 0;
    sm_arena_close(a);
}
