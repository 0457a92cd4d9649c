/*
 * sm_train: from pairs to a model in use.
 *
 *   pairs → questions (masked, normalised, one per text) → hold-out: the newest 15 %, else a
 *   seeded 15 % → out-of-fold rows of the others → fusion (and trees, where allowed) → the
 *   hold-out under the new model and under the current one → paired bootstrap → if it is not
 *   worse: what was learned from all questions, with fusion and calibration fitted on the
 *   out-of-fold rows and the hold-out's, written, swapped in.
 *
 * Not worse: of 1,000 seeded resamples of the hold-out, at least SWAP_FROM show hit@1 + R@10 of
 * the new one at or above the old one's; a tie is not worse.  So only a loss that is there at
 * 95 % keeps a model out, and a model of the same worth with newer questions gets in.  Questions
 * the current model has learned already say nothing about it and are left out of the comparison;
 * when fewer than MIN_FRESH remain, the untrained ranking is what to beat.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/train.h"
#include "text/text.h"

enum { RESAMPLES = 1000, MIN_FRESH = 20, HOLDOUT_PERCENT = 15, GBDT_FROM = 10000, STEPS = 6 };
static const double SWAP_FROM = 0.05;
static const uint64_t STANDARD_SEED = 20261123;

/* --------------------------------------------------------------- opening */

struct own_list {
    const sm_index *x;
    sm_arena *a;
    sm_own *own;
    size_t n, cap;
    uint32_t passage;
};

static sm_rc add_own(sm_op *op, void *ctx, const sm_passage *p)
{
    struct own_list *l = ctx;
    uint32_t at = l->passage++;
    (void)op;
    if (at >= sm_index_n(l->x) || !sm_str_eq(sm_index_id(l->x, at), p->id))
        return SM_OK; /* not the passages the index was made of: it will be refreshed */
    for (size_t i = 0; i < p->n_questions; i++) {
        SM_GROW(l->a, l->own, l->n, l->cap);
        l->own[l->n++] = (sm_own){ sm_text_normal(l->a, p->question[i]), at };
    }
    return SM_OK;
}

static void close_searcher(void *p)
{
    sm_searcher_close(p);
}

sm_rc sm_study_open(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db, sm_kind kind,
                    const sm_pair *pair, size_t n, sm_study *out)
{
    sm_study s = { 0 };
    sm_rc rc = sm_index_compact(op, data_dir, db, kind);
    if (rc == SM_OK)
        rc = sm_searcher_open(op, data_dir, share_dir, &s.searcher);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, close_searcher, s.searcher);
    rc = sm_searcher_pin(op, s.searcher, &s.snap);
    if (rc < 0)
        return rc;
    s.now = sm_snapshot_view(s.snap, kind);
    if (!s.now)
        return sm_fail(op, SM_E_NOTFOUND, "还没有可以训练的内容；请先导入%s",
                       kind == SM_KIND_ITEM  ? "事项"
                       : kind == SM_KIND_LAW ? "法规"
                                             : "政策");
    s.c.bound = *s.now->part[0].bound;
    s.c.bound.name = s.c.bound.aim_off = s.c.bound.aim = NULL;
    s.c.bound.parent_prior = NULL;
    s.c.bound.vec = NULL;
    s.c.lexicon = s.now->lexicon;
    s.c.words = s.now->words;
    s.c.n_words = s.now->n_words;
    struct own_list own = { .x = s.c.bound.x, .a = op->arena };
    rc = sm_corpus_passages(op, db, kind, 0, add_own, &own);
    s.c.own = own.own;
    s.c.n_own = own.n;
    if (rc == SM_OK)
        rc = sm_catalogue_open(op, pair, n, &s.c);
    if (rc == SM_OK && s.c.n_questions == 0)
        rc = sm_fail(op, SM_E_INVALID, "没有可以用来训练的问句：%zu 条里没有一条的编号在库中", n);
    if (rc == SM_OK)
        *out = s;
    return rc;
}

/* -------------------------------------------------------------- hold-out */

struct dated {
    sm_str time;
    uint64_t hash;
    size_t at;
};

static int newest_first(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    int c = sm_str_cmp(y->time, x->time);
    if (c == 0)
        c = x->hash < y->hash ? -1 : x->hash > y->hash;
    return c;
}

/* Marks the hold-out; 0 when there are too few questions to hold any out. */
static size_t hold_out(sm_arena *a, const sm_catalogue *c, uint64_t seed, uint8_t *held)
{
    struct dated *d = SM_NEWS(a, struct dated, c->n_questions + 1);
    size_t n = c->n_questions * HOLDOUT_PERCENT / 100, dated = 0;
    for (size_t i = 0; i < c->n_questions; i++)
        dated += c->question[i].time.n > 0;
    for (size_t i = 0; i < c->n_questions; i++)
        d[i] = (struct dated){ 2 * dated > c->n_questions ? c->question[i].time : (sm_str){ 0 },
                               sm_mix64(c->question[i].hash ^ seed), i };
    qsort(d, c->n_questions, sizeof(*d), newest_first);
    for (size_t i = 0; i < n; i++)
        held[d[i].at] = 1;
    return n;
}

/* ------------------------------------------------------------ comparison */

/* Two models are learned side by side: without the hold-out, to be tried, and from everything. */
enum { TRIAL, WHOLE, N_LESSONS };
struct lesson {
    sm_op op;
    const sm_catalogue *c;
    const uint8_t *keep;
    uint64_t seed;
    sm_model m;
};

static void learn_one(void *lessons, size_t i)
{
    struct lesson *l = (struct lesson *)lessons + i;
    sm_learn(&l->op, l->c, l->keep, NULL, l->seed, &l->m);
}

struct trial {
    const sm_study *s;
    struct lesson lesson[N_LESSONS];
    sm_fusion tried; /* weights without the hold-out's rows */
    uint64_t seed;
    uint8_t *keep;  /* not held out */
    uint32_t *held; /* the questions held out, n_held */
    size_t n_held;
    sm_result *linear, *gbdt, *old; /* per held-out question */
    uint8_t *fresh;                 /* the current model has not learned it */
    bool use_gbdt;
    double p_not_worse;
    sm_result sum_new, sum_old; /* means */
    sm_rows rows;               /* out-of-fold, then the hold-out's too */
};

static sm_result mean_of(const sm_result *r, const uint8_t *pick, size_t n)
{
    sm_result m = { 0 };
    float k = 0;
    for (size_t i = 0; i < n; i++) {
        if (pick && !pick[i])
            continue;
        m.hit1 += r[i].hit1;
        m.hit3 += r[i].hit3;
        m.r10 += r[i].r10;
        m.r100 += r[i].r100;
        m.rr10 += r[i].rr10;
        k++;
    }
    k = SM_MAX(k, 1);
    return (sm_result){ m.hit1 / k, m.hit3 / k, m.r10 / k, m.r100 / k, m.rr10 / k };
}

static bool learned_already(const sm_view *v, const sm_question *q)
{
    sm_near near[SM_NEAR];
    sm_alike alike;
    if (!v->model)
        return false;
    sm_arena *a = sm_arena_open();
    sm_memory_weigh(a, &v->model->memory, &q->query.bag, &alike);
    size_t n = sm_memory_near(a, &alike, near);
    sm_arena_close(a);
    return n && near[0].like > 0.999f;
}

/* The current model on the hold-out, or the untrained ranking when it knows most of it. */
static void old_results(struct trial *t, sm_kind kind)
{
    const sm_catalogue *c = &t->s->c;
    sm_view view = *t->s->now;
    size_t fresh = 0, k = 0;
    for (size_t i = 0; i < c->n_questions; i++)
        if (!t->keep[i])
            fresh += t->fresh[k++] = !learned_already(&view, &c->question[i]);
    if (fresh < MIN_FRESH && fresh < t->n_held) {
        view.model = NULL;
        view.part[0].bound = &t->s->c.bound; /* tied to no model */
        memset(t->fresh, 1, t->n_held);
    }
    const sm_fusion *f = view.model ? &view.model->fusion : sm_fusion_shipped(kind);
    k = 0;
    for (size_t i = 0; i < c->n_questions; i++)
        if (!t->keep[i])
            sm_question_result(&view, c, &c->question[i], f, view.model ? &view.model->gbdt : NULL,
                               &t->old[k++]);
}

/* Share of resamples in which the new one is at or above the old one. */
static double bootstrap(const struct trial *t, const sm_result *now)
{
    sm_rng rng = { t->seed };
    float *gain = malloc((t->n_held + 1) * sizeof(*gain));
    size_t n = 0, good = 0;
    for (size_t i = 0; gain && i < t->n_held; i++)
        if (t->fresh[i])
            gain[n++] = now[i].hit1 + now[i].r10 - t->old[i].hit1 - t->old[i].r10;
    for (int r = 0; n && r < RESAMPLES; r++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)gain[sm_rng_below(&rng, (uint32_t)n)];
        good += sum >= -1e-6;
    }
    free(gain);
    return n ? (double)good / RESAMPLES : 1;
}

/* A run of the held-out questions under the new model, with their rows. */
struct half {
    struct trial *t;
    const sm_view *v;
    const sm_gbdt *gbdt;
    size_t from, to;
    sm_rows rows;
};

static void try_half(void *halves, size_t i)
{
    struct half *h = (struct half *)halves + i;
    const sm_catalogue *c = &h->t->s->c;
    sm_arena *a = sm_arena_open();
    for (size_t k = h->from; k < h->to; k++) {
        const sm_question *q = &c->question[h->t->held[k]];
        sm_question_result(h->v, c, q, &h->t->tried, NULL, &h->t->linear[k]);
        if (h->gbdt)
            sm_question_result(h->v, c, q, &h->t->tried, h->gbdt, &h->t->gbdt[k]);
        sm_fit_row(a, h->v, &q->query, q, &h->rows);
        sm_arena_reset(a);
    }
    sm_arena_close(a);
}

static void try_held_out(struct trial *t, const sm_view *v, const sm_gbdt *gbdt)
{
    struct half half[2] = {
        { .t = t, .v = v, .gbdt = gbdt, .to = t->n_held / 2 },
        { .t = t, .v = v, .gbdt = gbdt, .from = t->n_held / 2, .to = t->n_held }
    };
    sm_parallel(SM_LEN(half), try_half, half);
    for (size_t i = 0; i < SM_LEN(half); i++) {
        sm_rows_append(&t->rows, &half[i].rows);
        sm_rows_done(&half[i].rows);
    }
}

/* The new model's results on the hold-out, and the hold-out's rows for the final fit. */
static sm_rc new_results(sm_op *op, struct trial *t, bool trees)
{
    const sm_catalogue *c = &t->s->c;
    sm_model m = t->lesson[TRIAL].m;
    sm_bound b;
    sm_view v;
    sm_str blob;
    sm_gbdt gbdt = { 0 };
    sm_rc rc = sm_catalogue_view(op, c, &m, &b, &v);
    if (rc < 0)
        return rc;
    sm_fusion_fit(&t->rows, sm_fusion_shipped(SM_KIND_ITEM), sm_fusion_shipped(SM_KIND_ITEM),
                  &t->tried);
    m.fusion = t->tried;
    if (trees)
        rc = sm_gbdt_fit(op, &t->rows, &m.fusion, &blob);
    if (trees && rc == SM_OK && !sm_gbdt_open(blob, &gbdt))
        rc = sm_fail(op, SM_E_INTERNAL, "提升树没有建成");
    if (rc == SM_OK)
        try_held_out(t, &v, trees ? &gbdt : NULL);
    return rc;
}

static sm_rc compare(sm_op *op, struct trial *t, sm_kind kind, bool trees)
{
    sm_rc rc = new_results(op, t, trees);
    if (rc < 0)
        return rc;
    old_results(t, kind);
    sm_result linear = mean_of(t->linear, NULL, t->n_held),
              gbdt = mean_of(t->gbdt, NULL, t->n_held);
    t->use_gbdt = trees && gbdt.r10 + gbdt.hit1 > linear.r10 + linear.hit1;
    t->p_not_worse = bootstrap(t, t->use_gbdt ? t->gbdt : t->linear);
    t->sum_new = t->use_gbdt ? gbdt : linear;
    t->sum_old = mean_of(t->old, t->fresh, t->n_held);
    return SM_OK;
}

/* ------------------------------------------------------------ the result */

static void set_figures(sm_op *op, const struct trial *t, sm_kind kind, sm_model *m)
{
    const sm_catalogue *c = &t->s->c;
    json_t *weights = json_object();
    for (int k = 0; k < SM_N_FEATURES; k++)
        json_object_set_new(
            weights, sm_feature_name(k),
            json_pack("[f,f]", (double)m->fusion.w[0][k], (double)m->fusion.w[1][k]));
    json_t *j = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:b,s:f,s:f,s:f,s:f,s:f,s:o}", "kind",
                          sm_kind_name(kind), "version", (json_int_t)1, "seed", (json_int_t)m->seed,
                          "questions", (json_int_t)c->n_questions, "names", (json_int_t)c->n_names,
                          "holdout", (json_int_t)t->n_held, "trees", (int)t->use_gbdt, "hit1",
                          (double)t->sum_new.hit1, "hit3", (double)t->sum_new.hit3, "recall10",
                          (double)t->sum_new.r10, "recall100", (double)t->sum_new.r100, "mrr10",
                          (double)t->sum_new.rr10, "weights", weights);
    sm_json_own(op->arena, j);
    m->figures = sm_json_dump(op->arena, j);
}

/* Everything learned from all questions; the weights from all rows. */
static sm_rc final_model(sm_op *op, struct trial *t, sm_kind kind, sm_model *m)
{
    sm_rc rc = SM_OK;
    *m = t->lesson[WHOLE].m;
    sm_fusion_fit(&t->rows, sm_fusion_shipped(SM_KIND_ITEM), &t->tried, &m->fusion);
    if (t->use_gbdt) {
        rc = sm_gbdt_fit(op, &t->rows, &m->fusion, &m->gbdt_blob);
        if (rc == SM_OK && !sm_gbdt_open(m->gbdt_blob, &m->gbdt))
            rc = sm_fail(op, SM_E_INTERNAL, "提升树没有建成");
    }
    if (rc < 0)
        return rc;
    sm_calibration_fit(&t->rows, &m->fusion, &m->gbdt, &m->calibration);
    set_figures(op, t, kind, m);
    return SM_OK;
}

static sm_rc write_model(sm_op *op, const char *data_dir, sm_kind kind, const struct trial *t,
                         const sm_model *m, sm_train_report *r)
{
    sm_str bytes;
    sm_model *written = NULL;
    sm_rc rc = sm_model_bytes(op, m, &bytes);
    if (rc == SM_OK)
        rc = sm_dir_make(op, sm_path(op->arena, data_dir, "model"));
    if (rc < 0)
        return rc;
    sm_digest d = sm_sm3(bytes);
    r->digest = sm_digest_hex(op->arena, &d);
    r->model_bytes = bytes.n;
    sm_str file = sm_strf(op->arena, "%.*s.model", SM_ARG(r->digest));
    const char *path = sm_strf(op->arena, "%s/model/%s", data_dir, file.p).p;
    rc = sm_file_write(op, path, bytes);
    if (rc == SM_OK)
        rc = sm_model_open(op, path, &written); /* what readers will do, before they do */
    if (rc == SM_OK)
        rc = sm_vectors_write(op, sm_snapshot_index_path(op, t->s->snap, data_dir, kind), t->s->c.x,
                              written);
    sm_model_close(written);
    return rc == SM_OK ? sm_current_set_model(op, data_dir, kind, file) : rc;
}

static void fill_report(sm_op *op, const struct trial *t, sm_train_report *r)
{
    r->n_holdout = t->n_held;
    r->n_skipped = t->s->c.n_skipped;
    r->hit1 = (double)t->sum_new.hit1;
    r->hit3 = (double)t->sum_new.hit3;
    r->recall10 = (double)t->sum_new.r10;
    r->mrr10 = (double)t->sum_new.rr10;
    r->old_hit1 = (double)t->sum_old.hit1;
    r->old_recall10 = (double)t->sum_old.r10;
    r->p_not_worse = t->p_not_worse;
    r->used_gbdt = t->use_gbdt;
    if (r->swapped && r->n_holdout == 0)
        r->text =
            sm_strf(op->arena,
                    "用 %zu 条问句训练完成（跳过 %zu 条编号不在库中的）。问句太少，没有留出检验。"
                    "新模型已启用。",
                    t->s->c.n_questions, r->n_skipped);
    else if (r->swapped)
        r->text = sm_strf(op->arena,
                          "用 %zu 条问句训练完成（跳过 %zu 条编号不在库中的）。留出 %zu 条检验："
                          "首位命中 %.1f%%，前三命中 %.1f%%，此前为首位 %.1f%%。新模型已启用。",
                          t->s->c.n_questions, r->n_skipped, r->n_holdout, 100 * r->hit1,
                          100 * r->hit3, 100 * r->old_hit1);
    else
        r->text = sm_strf(op->arena,
                          "新模型没有启用：留出 %zu 条检验，首位命中 %.1f%%，低于现用的 %.1f%%"
                          "（不低于现用的概率 %.1f%%）。请检查新增问句的编号是否标错。",
                          r->n_holdout, 100 * r->hit1, 100 * r->old_hit1, 100 * r->p_not_worse);
}

static sm_rc learn_both(sm_op *op, struct trial *t)
{
    for (int i = 0; i < N_LESSONS; i++) {
        struct lesson *l = &t->lesson[i];
        l->c = &t->s->c;
        l->keep = i == TRIAL ? t->keep : NULL;
        l->seed = t->seed;
        sm_op_begin(&l->op);
        l->op.cancel = op->cancel;
        l->op.deadline_us = op->deadline_us;
    }
    sm_parallel(N_LESSONS, learn_one, t->lesson);
    for (int i = 0; i < N_LESSONS; i++)
        if (t->lesson[i].op.rc < 0)
            sm_fail(op, t->lesson[i].op.rc, "%.*s", SM_ARG(t->lesson[i].op.msg));
    return op->rc;
}

static void forget_both(struct trial *t)
{
    for (int i = 0; i < N_LESSONS; i++)
        if (t->lesson[i].c)
            sm_op_end(&t->lesson[i].op);
}

static sm_rc run(sm_op *op, const char *data_dir, sm_kind kind, const sm_train_options *o,
                 struct trial *t, sm_train_report *r)
{
    const sm_catalogue *c = &t->s->c;
    uint8_t *held = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    t->n_held = hold_out(op->arena, c, t->seed, held);
    t->keep = SM_NEWS(op->arena, uint8_t, c->n_questions + 1);
    for (size_t i = 0; i < c->n_questions; i++)
        t->keep[i] = !held[i];
    t->held = SM_NEWS(op->arena, uint32_t, t->n_held + 1);
    for (size_t i = 0, k = 0; i < c->n_questions; i++)
        if (held[i])
            t->held[k++] = (uint32_t)i;
    t->linear = SM_NEWS(op->arena, sm_result, t->n_held + 1);
    t->gbdt = SM_NEWS(op->arena, sm_result, t->n_held + 1);
    t->old = SM_NEWS(op->arena, sm_result, t->n_held + 1);
    t->fresh = SM_NEWS(op->arena, uint8_t, t->n_held + 1);
    sm_op_progress(op, "训练", 1, STEPS);
    sm_rc rc = sm_fit_rows(op, c, t->keep, t->seed, &t->rows);
    sm_op_progress(op, "训练", 2, STEPS);
    if (rc == SM_OK)
        rc = learn_both(op, t);
    sm_op_progress(op, "训练", 4, STEPS);
    if (rc == SM_OK)
        rc = compare(op, t, kind, o->gbdt && c->bound.n >= GBDT_FROM);
    r->swapped = o->force || t->p_not_worse >= SWAP_FROM;
    if (rc < 0 || !r->swapped)
        return rc;
    sm_model m;
    rc = final_model(op, t, kind, &m);
    sm_op_progress(op, "训练", 5, STEPS);
    return rc == SM_OK ? write_model(op, data_dir, kind, t, &m, r) : rc;
}

sm_rc sm_train(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db, sm_kind kind,
               const sm_pair *pair, size_t n, const sm_train_options *o, sm_train_report **out)
{
    static const sm_train_options standard = { .gbdt = true };
    int64_t began = sm_now_us();
    sm_study s;
    sm_train_report *r = SM_NEW(op->arena, sm_train_report);
    o = o ? o : &standard;
    sm_rc rc = sm_study_open(op, data_dir, share_dir, db, kind, pair, n, &s);
    if (rc < 0)
        return rc;
    struct trial t = { .s = &s, .seed = o->seed ? o->seed : STANDARD_SEED };
    r->n_pairs = n;
    rc = run(op, data_dir, kind, o, &t, r);
    sm_rows_done(&t.rows);
    forget_both(&t);
    if (rc < 0)
        return rc;
    sm_op_progress(op, "训练", STEPS, STEPS);
    r->seconds = (double)(sm_now_us() - began) / 1e6;
    fill_report(op, &t, r);
    *out = r;
    return SM_OK;
}
