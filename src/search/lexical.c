/*
 * sm_search: BM25F with the parent's score added, over both parts of a view.
 */
#include <math.h>
#include <stdlib.h>

#include "search/index.h"
#include "search/model.h"

static const float PARENT_SHARE = 0.2f;

/* What each parent adds, in the unit of the passages' scores.  A delta's parent that goes on in the
 * base has the base's score. */
static uint16_t *parent_adds(sm_arena *a, const sm_scores *own, const sm_scores *base,
                             const uint32_t *in_base, float unit)
{
    uint16_t *out = SM_NEWS(a, uint16_t, own->n + 1u);
    for (uint32_t i = 0; i < own->n; i++) {
        bool other = in_base && in_base[i] != UINT32_MAX;
        float score =
            other ? (float)base->v[in_base[i]] * base->scale : (float)own->v[i] * own->scale;
        out[i] = (uint16_t)SM_MIN(PARENT_SHARE * score / unit + 0.5f, 65535.0f);
    }
    return out;
}

static int by_score(const void *a, const void *b)
{
    const sm_hit *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

/* First i in [from, n) with v[i] >= x, by doubling steps. */
static uint32_t seek(const uint32_t *v, uint32_t from, uint32_t n, uint32_t x)
{
    uint32_t step = 1, lo = from, hi = from;
    while (hi < n && v[hi] < x) {
        lo = hi + 1;
        hi = step < n - hi ? hi + step : n;
        step *= 2;
    }
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (v[mid] < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int by_passage(const void *a, const void *b)
{
    const sm_hit *x = *(sm_hit *const *)a, *y = *(sm_hit *const *)b;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

/* A part's hits: what share of the question's idf they hold.  Each list is walked once, the hits in
 * order of passage.  What is in no passage weighs as much as what is in one. */
static void cover(const struct sm_part *part, const sm_bag *bag, sm_hit **hit, size_t n)
{
    const float rarest = logf(1.0f + ((float)part->bound->n + 0.5f) / 1.5f);
    double all = 0;
    qsort(hit, n, sizeof(*hit), by_passage);
    for (size_t t = 0; t < bag->n; t++) {
        sm_postings list;
        if (!sm_index_postings(part->bound->x, SM_FIELD_ALL, bag->key[t], &list)) {
            all += (double)rarest;
            continue;
        }
        all += (double)list.idf;
        for (size_t i = 0, at = 0; i < n && at < list.n; i++) {
            uint32_t passage = hit[i]->passage - part->first;
            at = seek(list.passage, (uint32_t)at, list.n, passage);
            if (at < list.n && list.passage[at] == passage)
                hit[i]->coverage += (double)list.idf;
        }
    }
    for (size_t i = 0; i < n; i++)
        hit[i]->coverage = all > 0 ? hit[i]->coverage / all : 0;
}

static void cover_all(sm_arena *a, const sm_view *v, const sm_bag *bag, sm_matches *m)
{
    sm_hit **of = SM_NEWS(a, sm_hit *, m->n + 1);
    for (size_t p = 0; p < v->n_parts; p++) {
        uint32_t first = v->part[p].first, n = v->part[p].bound->n;
        size_t k = 0;
        for (size_t i = 0; i < m->n; i++)
            if (m->hit[i].passage >= first && m->hit[i].passage - first < n)
                of[k++] = &m->hit[i];
        if (k)
            cover(&v->part[p], bag, of, k);
    }
    m->coverage = m->n ? m->hit[0].coverage : 0;
}

/* A question scored against both parts of a view. */
struct scored {
    const sm_view *v;
    sm_query q;
    struct scored_part {
        sm_scores own, parent;
        uint16_t *parent_adds;
    } part[2];
};

static void score(sm_arena *a, const sm_snapshot *snap, sm_kind kind, const sm_view *v, sm_str text,
                  struct scored *out)
{
    sm_view plain = *v;
    plain.lexicon = NULL; /* official words are the matcher's */
    *out = (struct scored){ .v = v };
    sm_query_of(a, &plain, text, &out->q);
    const sm_bag *bag = &out->q.bag;
    for (size_t p = 0; p < v->n_parts; p++) {
        const sm_index *x = v->part[p].bound->x;
        const uint32_t *in_base = p ? sm_snapshot_delta_parents(snap, kind) : NULL;
        struct scored_part *s = &out->part[p];
        sm_index_score(a, x, SM_FIELD_ALL, bag->key, bag->n, &s->own);
        sm_index_score(a, x, SM_FIELD_PARENT, bag->key, bag->n, &s->parent);
        s->parent_adds = parent_adds(a, &s->parent, &out->part[0].parent, in_base, s->own.scale);
    }
}

/* The best `top` of both parts; *hit has room for twice as many. */
static size_t best_of(sm_arena *a, const struct scored *s, const sm_filter *f, size_t top,
                      sm_hit *hit)
{
    const sm_view *v = s->v;
    size_t n_hits = 0;
    for (size_t p = 0; p < v->n_parts; p++) {
        const sm_index *x = v->part[p].bound->x;
        sm_ranked *r;
        sm_pick pick = { f, v->part[p].hidden, s->part[p].parent_adds };
        size_t n = sm_scores_best(a, &s->part[p].own, x, &pick, top, &r);
        for (size_t i = 0; i < n; i++)
            hit[n_hits++] = (sm_hit){ .id = sm_index_id(x, r[i].passage),
                                      .clause = sm_index_clause(x, r[i].passage),
                                      .row = sm_index_row(x, r[i].passage),
                                      .passage = v->part[p].first + r[i].passage,
                                      .score = (double)r[i].score };
    }
    if (v->n_parts > 1 && n_hits)
        qsort(hit, n_hits, sizeof(*hit), by_score);
    return SM_MIN(n_hits, top);
}

sm_rc sm_search(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, const sm_filter *f,
                size_t top, sm_matches **out)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    sm_matches *m = SM_NEW(op->arena, sm_matches);
    if (!v || top == 0) {
        *out = m;
        return SM_OK;
    }
    struct scored s;
    score(op->arena, snap, kind, v, text, &s);
    m->hit = SM_NEWS(op->arena, sm_hit, 2 * top + 1);
    m->n_terms = s.q.bag.n;
    m->n = best_of(op->arena, &s, f, top, m->hit);
    cover_all(op->arena, v, &s.q.bag, m);
    sm_rc rc = sm_op_check(op);
    if (rc == SM_OK)
        *out = m;
    return rc;
}

/* Those of the passages that are among the hits. */
static size_t keep_asked(sm_hit *hit, size_t n, const sm_shares *of)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < of->n; k++)
            if (hit[i].passage == of->passage[k]) {
                hit[kept++] = hit[i];
                break;
            }
    return kept;
}

sm_rc sm_search_shares(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, size_t top,
                       sm_shares *of, size_t n)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    sm_arena *a = sm_arena_open();
    struct scored s;
    if (v)
        score(a, snap, kind, v, text, &s);
    for (size_t i = 0; v && i < n; i++) {
        sm_matches m = { .hit = SM_NEWS(a, sm_hit, 2 * top + 1) };
        m.n = keep_asked(m.hit, best_of(a, &s, of[i].filter, top, m.hit), &of[i]);
        cover_all(a, v, &s.q.bag, &m);
        for (size_t k = 0; k < of[i].n; k++)
            for (size_t h = 0; h < m.n; h++)
                if (m.hit[h].passage == of[i].passage[k])
                    of[i].coverage[k] = m.hit[h].coverage;
    }
    sm_arena_close(a);
    return sm_op_check(op);
}
