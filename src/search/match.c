/*
 * sm_match: candidates, features, fusion, calibration, for one question against a pinned
 * snapshot.  About .3 ms on a few hundred items, 1 ms on 56,000 articles.
 */
#include "search/model.h"

#include <string.h>

static void fill_hit(const sm_view *v, uint32_t passage, sm_hit *hit)
{
    size_t k = v->n_parts - 1;
    while (k > 0 && passage < v->part[k].first)
        k--;
    const sm_index *x = v->part[k].bound->x;
    uint32_t local = passage - v->part[k].first;
    hit->id = sm_index_id(x, local);
    hit->clause = sm_index_clause(x, local);
    hit->row = sm_index_row(x, local);
    hit->passage = passage;
}

/* The rest share what is left in proportion to the softmax, never more than the first one's own
 * ratio allows: when the first is unlikely for being outside the catalogue, so are they. */
static void spread(const sm_rank *list, double first, sm_matches *m)
{
    double share = (double)list[0].share, ratio = first / share;
    if (share < 1)
        ratio = SM_MIN(ratio, (1 - first) / (1 - share));
    for (size_t i = 0; i < m->n; i++)
        m->hit[i].p = i == 0 ? first : SM_MIN(ratio * (double)list[i].share, first);
}

/* The number of an id among the model's names, which are sorted; UINT32_MAX for none. */
static uint32_t name_of(const sm_model *model, sm_str id)
{
    uint32_t lo = 0, hi = model->n_names;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (sm_str_cmp(sm_model_name(model, mid), id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < model->n_names && sm_str_eq(sm_model_name(model, lo), id) ? lo : UINT32_MAX;
}

/* The nearest logged questions of every name; those of the first hit's, apart by whether they point
 * at it alone. */
static void near_names(sm_arena *a, const sm_model *model, const sm_cands *c, sm_matches *m)
{
    const sm_memory *memory = &model->memory;
    uint32_t first = name_of(model, m->hit[0].id);
    float *likeness = SM_NEWS(a, float, model->n_names + 1u);
    for (uint32_t i = 0; i < memory->n_questions; i++) {
        uint32_t from = memory->aim_off[i], to = memory->aim_off[i + 1];
        double *nearest = to - from > 1 ? &m->first_several : &m->first_one;
        for (uint32_t k = from; k < to && c->like[i] > 0; k++) {
            uint32_t name = memory->aim[k];
            likeness[name] = SM_MAX(likeness[name], c->like[i]);
            if (name == first)
                *nearest = SM_MAX(*nearest, (double)c->like[i]);
        }
    }
    m->model = model;
    m->likeness = likeness;
}

double sm_match_likeness(const sm_matches *m, sm_str id)
{
    uint32_t name = m->model ? name_of(m->model, id) : UINT32_MAX;
    return name == UINT32_MAX ? 0 : (double)m->likeness[name];
}

void sm_match_view(sm_arena *a, const sm_view *v, sm_kind kind, sm_str text, const sm_filter *f,
                   size_t top, sm_matches *m)
{
    sm_query q;
    sm_cands c;
    const sm_model *model = v->model;
    *m = (sm_matches){ .trained = model != NULL };
    sm_query_of(a, v, text, &q);
    sm_cands_of(a, v, &q, f, &c);
    m->novel = c.novel;
    m->nearest = (double)c.nearest;
    m->n_terms = c.n_terms;
    m->near_one = (double)c.near_one;
    m->near_several = (double)c.near_several;
    for (; m->n_several < c.n_several; m->n_several++)
        m->several[m->n_several] =
            (struct sm_pointed){ sm_model_name(model, c.several[m->n_several].name),
                                 (double)c.several[m->n_several].vote };
    if (c.n == 0)
        return;
    const sm_fusion *fusion = model ? &model->fusion : sm_fusion_shipped(kind);
    sm_rank *list = sm_rank_list(a, fusion, model ? &model->gbdt : NULL, c.x, c.known, c.n);
    sm_group g = { .n_terms = (uint32_t)c.n_terms, .nearest = c.nearest, .novel = (float)c.novel };
    float stats[SM_N_STATS];
    m->n = SM_MIN(c.n, top);
    m->hit = SM_NEWS(a, sm_hit, m->n + 1);
    m->coverage = (double)c.x[(size_t)list[0].at * SM_N_FEATURES + SM_F_COVER];
    for (size_t i = 0; i < m->n; i++) {
        fill_hit(v, c.passage[list[i].at], &m->hit[i]);
        m->hit[i].score = (double)list[i].score;
    }
    if (model && c.like)
        near_names(a, model, &c, m);
    const sm_calibration *cal = model ? &model->calibration : sm_calibration_shipped(kind);
    if (!cal)
        return;
    sm_stats_of(list, c.n, c.x, c.known, &g, stats);
    spread(list, sm_calibrated(cal, stats), m);
}

sm_rc sm_match(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, const sm_filter *f,
               size_t top, sm_matches **out)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    sm_matches *m = SM_NEW(op->arena, sm_matches);
    sm_rc rc = sm_op_check(op);
    if (rc < 0)
        return rc;
    if (v)
        sm_match_view(op->arena, v, kind, text, f, top, m);
    *out = m;
    return SM_OK;
}
