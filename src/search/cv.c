/*
 * Figures over pairs: cross-validation of the whole chain, and items whose questions are left
 * out.  Each fold learns, fits and ranks as sm_train does, on what it may see.
 */
#include <stdlib.h>
#include <string.h>

#include "search/train.h"

static const uint64_t SEED = 20261123;
enum { GBDT_FROM = 10000 };

enum method { LEXICAL, LINEAR, GBDT, N_METHODS };

struct sums {
    double r10, r100, rr10, hit1, hit3, n;
};

static void add(struct sums *s, const sm_result *r)
{
    s->r10 += (double)r->r10;
    s->r100 += (double)r->r100;
    s->rr10 += (double)r->rr10;
    s->hit1 += (double)r->hit1;
    s->hit3 += (double)r->hit3;
    s->n++;
}

/* A model learned and fitted on the questions kept, with what ranking needs. */
struct fitted {
    sm_op op;
    sm_model m;
    sm_bound bound;
    sm_view view;
    sm_gbdt gbdt;
};

static sm_rc fit(const sm_study *s, const uint8_t *keep, bool trees, struct fitted *f)
{
    sm_rows rows = { 0 };
    sm_str blob;
    sm_op_begin(&f->op);
    f->gbdt = (sm_gbdt){ 0 };
    sm_rc rc = sm_fit_rows(&f->op, &s->c, keep, SEED, &rows);
    if (rc == SM_OK)
        rc = sm_learn(&f->op, &s->c, keep, NULL, SEED, &f->m);
    if (rc == SM_OK) {
        sm_fusion_fit(&rows, sm_fusion_shipped(SM_KIND_ITEM), sm_fusion_shipped(SM_KIND_ITEM),
                      &f->m.fusion);
        rc = sm_catalogue_view(&f->op, &s->c, &f->m, &f->bound, &f->view);
    }
    if (rc == SM_OK && trees)
        rc = sm_gbdt_fit(&f->op, &rows, &f->m.fusion, &blob);
    if (rc == SM_OK && trees && !sm_gbdt_open(blob, &f->gbdt))
        rc = sm_fail(&f->op, SM_E_INTERNAL, "提升树没有建成");
    sm_rows_done(&rows);
    return rc;
}

/* BM25F with a fifth of the parent's, as sm_search ranks. */
static void lexical(sm_fusion *f)
{
    *f = (sm_fusion){ 0 };
    f->w[0][SM_F_BM25F] = 1;
    f->w[0][SM_F_PARENT] = 0.2f;
}

static sm_rc one_fold(sm_op *op, const sm_study *s, int fold, int folds, bool trees,
                      struct sums *sum)
{
    const sm_catalogue *c = &s->c;
    sm_fusion plain;
    sm_bound bound;
    sm_view untrained;
    struct fitted *f = SM_NEW(op->arena, struct fitted);
    uint8_t *keep = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    for (size_t i = 0; i < c->n_questions; i++)
        keep[i] = (int)(sm_mix64(c->question[i].hash + 99) % (uint64_t)folds) != fold;
    lexical(&plain);
    sm_rc rc = sm_catalogue_view(op, c, NULL, &bound, &untrained);
    if (rc == SM_OK)
        rc = fit(s, keep, trees, f);
    for (size_t i = 0; rc == SM_OK && i < c->n_questions; i++) {
        const sm_question *q = &c->question[i];
        sm_result r;
        if (keep[i])
            continue;
        sm_question_result(&untrained, c, q, &plain, NULL, &r);
        add(&sum[LEXICAL], &r);
        sm_question_result(&f->view, c, q, &f->m.fusion, NULL, &r);
        add(&sum[LINEAR], &r);
        if (trees) {
            sm_question_result(&f->view, c, q, &f->m.fusion, &f->gbdt, &r);
            add(&sum[GBDT], &r);
        }
    }
    if (rc < 0 && f->op.rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(f->op.msg));
    sm_op_end(&f->op);
    return rc == SM_OK ? sm_op_check(op) : rc;
}

sm_rc sm_cross_validate(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db,
                        sm_kind kind, const sm_pair *pair, size_t n, int folds, sm_cv_row **rows,
                        size_t *n_rows)
{
    static const char *const name[] = { "lexical", "linear", "gbdt" };
    struct sums sum[N_METHODS] = { { 0 } };
    sm_study s;
    if (folds < 2)
        return sm_fail(op, SM_E_INVALID, "交叉验证至少分两份");
    sm_rc rc = sm_study_open(op, data_dir, share_dir, db, kind, pair, n, &s);
    if (rc < 0)
        return rc;
    bool trees = s.c.bound.n >= GBDT_FROM;
    for (int f = 0; rc == SM_OK && f < folds; f++) {
        sm_op_progress(op, "交叉验证", (size_t)f, (size_t)folds);
        rc = one_fold(op, &s, f, folds, trees, sum);
    }
    if (rc < 0)
        return rc;
    sm_cv_row *row = SM_NEWS(op->arena, sm_cv_row, N_METHODS);
    size_t k = 0;
    for (int m = 0; m < N_METHODS; m++)
        if (sum[m].n > 0)
            row[k++] = (sm_cv_row){ name[m],
                                    sum[m].r10 / sum[m].n,
                                    sum[m].r100 / sum[m].n,
                                    sum[m].rr10 / sum[m].n,
                                    sum[m].hit1 / sum[m].n,
                                    sum[m].hit3 / sum[m].n };
    *rows = row;
    *n_rows = k;
    return SM_OK;
}

/* --------------------------------------------------------- items left out */

/* Names in turn: rotation r leaves out every name whose number falls to it. */
static bool left_out(const sm_question *q, int rotations, int r)
{
    for (size_t i = 0; i < q->n_names; i++)
        if ((int)(sm_mix64(q->name[i] + 77u) % (uint64_t)rotations) == r)
            return true;
    return false;
}

static bool held(const sm_question *q)
{
    return sm_mix64(q->hash ^ SEED) % 100 < 15;
}

/* hit@3 of held-out questions when no item is left out, by question. */
static sm_rc whole(sm_op *op, const sm_study *s, float *hit3)
{
    const sm_catalogue *c = &s->c;
    struct fitted *f = SM_NEW(op->arena, struct fitted);
    uint8_t *keep = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    for (size_t i = 0; i < c->n_questions; i++)
        keep[i] = !held(&c->question[i]);
    sm_rc rc = fit(s, keep, false, f);
    for (size_t i = 0; rc == SM_OK && i < c->n_questions; i++) {
        sm_result r;
        if (keep[i])
            continue;
        sm_question_result(&f->view, c, &c->question[i], &f->m.fusion, NULL, &r);
        hit3[i] = r.hit3;
    }
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(f->op.msg));
    sm_op_end(&f->op);
    return rc;
}

static sm_rc one_rotation(sm_op *op, const sm_study *s, int rotations, int r, const float *hit3,
                          struct sums *fresh, struct sums *loss)
{
    const sm_catalogue *c = &s->c;
    struct fitted *f = SM_NEW(op->arena, struct fitted);
    uint8_t *keep = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    for (size_t i = 0; i < c->n_questions; i++)
        keep[i] = !held(&c->question[i]) && !left_out(&c->question[i], rotations, r);
    sm_rc rc = fit(s, keep, false, f);
    for (size_t i = 0; rc == SM_OK && i < c->n_questions; i++) {
        const sm_question *q = &c->question[i];
        sm_result x;
        if (keep[i])
            continue;
        sm_question_result(&f->view, c, q, &f->m.fusion, NULL, &x);
        if (left_out(q, rotations, r)) {
            add(fresh, &x);
        } else {
            loss->hit3 += (double)hit3[i] - (double)x.hit3;
            loss->n++;
        }
    }
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(f->op.msg));
    sm_op_end(&f->op);
    return rc == SM_OK ? sm_op_check(op) : rc;
}

sm_rc sm_leave_items_out(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db,
                         const sm_pair *pair, size_t n, int rotations, double *new_hit1,
                         double *new_hit3, double *others_loss)
{
    struct sums fresh = { 0 }, loss = { 0 };
    sm_study s;
    if (rotations < 2)
        return sm_fail(op, SM_E_INVALID, "至少轮换两次");
    sm_rc rc = sm_study_open(op, data_dir, share_dir, db, SM_KIND_ITEM, pair, n, &s);
    if (rc < 0)
        return rc;
    float *hit3 = SM_NEWS(op->arena, float, s.c.n_questions + 1);
    rc = whole(op, &s, hit3);
    for (int r = 0; rc == SM_OK && r < rotations; r++) {
        sm_op_progress(op, "留出事项", (size_t)r, (size_t)rotations);
        rc = one_rotation(op, &s, rotations, r, hit3, &fresh, &loss);
    }
    if (rc < 0)
        return rc;
    *new_hit1 = fresh.n > 0 ? fresh.hit1 / fresh.n : 0;
    *new_hit3 = fresh.n > 0 ? fresh.hit3 / fresh.n : 0;
    *others_loss = loss.n > 0 ? loss.hit3 / loss.n : 0;
    return SM_OK;
}
