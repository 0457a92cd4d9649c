/*
 * sm_match: candidates, features, fusion, calibration, for one question against a pinned
 * snapshot.  About .3 ms on a few hundred items, 1 ms on 56,000 articles.
 */
#include "search/model.h"

#include <string.h>

static size_t part_of(const sm_view *v, uint32_t passage)
{
    size_t k = v->n_parts - 1;
    while (k > 0 && passage < v->part[k].first)
        k--;
    return k;
}

static void fill_hit(const sm_view *v, uint32_t passage, sm_hit *hit)
{
    size_t k = part_of(v, passage);
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

/* The most alike of a name's logged questions; those that point at it alone, and at others, too. */
static void nearest_of(const sm_model *model, const sm_alike *alike, uint32_t name, float *one,
                       float *several)
{
    const sm_memory *m = &model->memory;
    float most[2] = { 0 };
    uint32_t from = model->question_off ? model->question_off[name] : 0;
    uint32_t to = model->question_off ? model->question_off[name + 1] : m->n_questions;
    for (uint32_t i = from; i < to; i++) {
        uint32_t q = model->question ? model->question[i] : i,
                 n = m->aim_off[q + 1] - m->aim_off[q];
        bool mine = model->question != NULL;
        for (uint32_t k = 0; k < n && !mine; k++)
            mine = m->aim[m->aim_off[q] + k] == name;
        if (mine)
            most[n > 1] = SM_MAX(most[n > 1], alike->score[q]);
    }
    *one = sm_like_of(alike, most[0]);
    *several = sm_like_of(alike, most[1]);
}

static void near_first(const sm_model *model, const sm_alike *alike, sm_matches *m)
{
    float one = 0, several = 0;
    uint32_t first = sm_model_find(model, m->hit[0].id);
    if (first != UINT32_MAX)
        nearest_of(model, alike, first, &one, &several);
    m->first_one = (double)one;
    m->first_several = (double)several;
}

double sm_match_likeness(const sm_matches *m, sm_str id)
{
    float one, several;
    uint32_t name = m->alike ? sm_model_find(m->model, id) : UINT32_MAX;
    if (name == UINT32_MAX)
        return 0;
    nearest_of(m->model, m->alike, name, &one, &several);
    return (double)SM_MAX(one, several);
}

static const sm_alike *kept(sm_arena *a, const sm_alike *alike)
{
    sm_alike *out = SM_NEW(a, sm_alike);
    float *score = SM_NEWS(a, float, alike->n + 1u);
    memcpy(score, alike->score, alike->n * sizeof(*score));
    *out = (sm_alike){ score, alike->n, alike->self };
    return out;
}

static void tell_question(const sm_view *v, const sm_cands *c, sm_matches *m)
{
    m->novel = c->novel;
    m->nearest = (double)c->nearest;
    m->n_terms = c->n_terms;
    m->near_one = (double)c->near_one;
    m->near_several = (double)c->near_several;
    for (; m->n_several < c->n_several; m->n_several++)
        m->several[m->n_several] =
            (struct sm_pointed){ sm_model_name(v->model, c->several[m->n_several].name),
                                 (double)c->several[m->n_several].vote };
}

/* From candidates to the ranked list; works in `s`. */
static void rank(sm_arena *a, sm_arena *s, const sm_view *v, sm_kind kind, const sm_cands *c,
                 const uint8_t *allowed, size_t top, const sm_alike *keep, sm_matches *m)
{
    const sm_model *model = v->model;
    const sm_fusion *fusion = model ? &model->fusion : sm_fusion_shipped(kind);
    sm_ranking ranking = { (const float *const *)c->x, c->known, allowed, c->n };
    sm_rank *list;
    tell_question(v, c, m);
    size_t n = sm_rank_list(s, fusion, model ? &model->gbdt : NULL, &ranking, top, &list);
    if (n == 0)
        return;
    sm_group g = { .n_terms = (uint32_t)c->n_terms,
                   .nearest = c->nearest,
                   .novel = (float)c->novel };
    sm_top first;
    float stats[SM_N_STATS];
    sm_cands_top(v, c, list[0].at, &first);
    m->n = SM_MIN(n, top);
    m->hit = SM_NEWS(a, sm_hit, m->n + 1);
    m->coverage = (double)first.cover;
    for (size_t i = 0; i < m->n; i++) {
        fill_hit(v, c->passage[list[i].at], &m->hit[i]);
        m->hit[i].score = (double)list[i].score;
    }
    if (keep) {
        near_first(model, keep, m);
        m->model = model;
        m->alike = keep;
    }
    const sm_calibration *cal = model ? &model->calibration : sm_calibration_shipped(kind);
    if (!cal)
        return;
    sm_stats_of(list, n, &first, &g, stats);
    spread(list, sm_calibrated(cal, stats), m);
}

static const uint8_t *allowed_of(sm_arena *s, const sm_view *v, const sm_cands *c,
                                 const sm_filter *f)
{
    uint8_t *allowed = SM_NEWS(s, uint8_t, c->n + 1);
    for (size_t i = 0; c->n && i < v->n_parts; i++) /* all of them, part after part */
        sm_index_allowed(v->part[i].bound->x, f, v->part[i].hidden, allowed + v->part[i].first);
    return allowed;
}

/* A small catalogue's features are the same whatever the filter, so they are worked out once. */
static void match_each(sm_arena *a, sm_arena *s, const sm_view *v, sm_kind kind, sm_str text,
                       const sm_filter *f, size_t n_filters, size_t top, bool keep, sm_matches *m)
{
    sm_query q;
    sm_cands c;
    const sm_alike *alike = NULL;
    const sm_fusion *fusion = v->model ? &v->model->fusion : sm_fusion_shipped(kind);
    uint32_t wanted = sm_rank_wants(fusion, v->model ? &v->model->gbdt : NULL);
    sm_query_of(s, v, text, &q);
    for (size_t i = 0; i < n_filters; i++) {
        const sm_filter *one = f ? &f[i] : NULL;
        if (i == 0 || !c.all)
            sm_cands_of(s, v, &q, one, wanted, &c);
        if (keep && c.alike.n && !alike)
            alike = kept(a, &c.alike);
        rank(a, s, v, kind, &c, c.all ? allowed_of(s, v, &c, one) : NULL, top, alike, &m[i]);
    }
}

void sm_match_view(sm_arena *a, const sm_view *v, sm_kind kind, sm_str text, const sm_filter *f,
                   size_t n_filters, size_t top, bool keep, sm_matches *m)
{
    sm_arena *scratch = sm_arena_open();
    for (size_t i = 0; i < n_filters; i++)
        m[i] = (sm_matches){ .trained = v->model != NULL };
    match_each(a, scratch, v, kind, text, f, n_filters, top, keep, m);
    sm_arena_close(scratch);
}

static sm_rc match_snapshot(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text,
                            const sm_filter *f, size_t n_filters, size_t top, bool keep,
                            sm_matches **out)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    sm_matches *m = SM_NEWS(op->arena, sm_matches, n_filters);
    sm_rc rc = sm_op_check(op);
    if (rc < 0)
        return rc;
    if (v)
        sm_match_view(op->arena, v, kind, text, f, n_filters, top, keep, m);
    for (size_t i = 0; i < n_filters; i++)
        out[i] = &m[i];
    return SM_OK;
}

sm_rc sm_match(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, const sm_filter *f,
               size_t top, sm_matches **out)
{
    return match_snapshot(op, snap, kind, text, f, 1, top, true, out);
}

sm_rc sm_match_each(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text,
                    const sm_filter *f, size_t n_filters, size_t top, sm_matches **out)
{
    return match_snapshot(op, snap, kind, text, f, n_filters, top, true, out);
}

sm_rc sm_match_piece(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text,
                     const sm_filter *f, size_t top, sm_matches **out)
{
    return match_snapshot(op, snap, kind, text, f, 1, top, false, out);
}
