/*
 * What a question and a passage have in common: candidates of a question and the features
 * that the fusion weighs.  One walk per term over the candidates that hold it; everything
 * here is read-only and works on an arena.
 */
#include "search/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { F = SM_N_FEATURES, ALL_UP_TO = 2000, TOP_LEXICAL = 150, TOP_DENSE = 150, MAX_PICKS = 2000 };
static const float K1 = 1.2f, COS_WEIGHT = 40.0f, EXTRA_WEIGHT = 0.25f, CLASS_FLOOR = -10.0f,
                   USUAL_MASS = 100.0f;

/* ------------------------------------------------------------ questions */

static bool seen_before(uint64_t *slot, size_t n_slots, uint64_t key)
{
    size_t i = sm_mix64(key) % n_slots;
    for (; slot[i]; i = (i + 1) % n_slots)
        if (slot[i] == key)
            return true;
    slot[i] = key;
    return false;
}

static void add_tokens(sm_bag *b, uint64_t *slot, size_t n_slots, const uint64_t *token, size_t n,
                       bool pair)
{
    for (size_t i = 0; i < n && b->n < SM_QUESTION_TERMS; i++)
        if (!seen_before(slot, n_slots, token[i])) {
            b->key[b->n] = token[i];
            b->tf[b->n] = 1;
            b->pair[b->n++] = pair;
        }
}

void sm_bag_of(sm_arena *a, sm_str normal, sm_bag *out)
{
    uint64_t token[SM_QUESTION_CHARS], slot[4 * SM_QUESTION_TERMS] = { 0 };
    normal = sm_utf8_head(normal, SM_QUESTION_CHARS);
    *out = (sm_bag){ SM_NEWS(a, uint64_t, SM_QUESTION_TERMS), SM_NEWS(a, float, SM_QUESTION_TERMS),
                     SM_NEWS(a, bool, SM_QUESTION_TERMS), 0 };
    size_t n = sm_text_tokens(normal, SM_TOKEN_UNI, token, SM_LEN(token));
    add_tokens(out, slot, SM_LEN(slot), token, SM_MIN(n, (size_t)SM_QUESTION_TERMS / 2), false);
    n = sm_text_tokens(normal, SM_TOKEN_BI, token, SM_LEN(token));
    add_tokens(out, slot, SM_LEN(slot), token, n, true);
}

enum { MAX_LAY = 64 };

/* The lines that begin with a character: from *at up to the result.  UTF-8 keeps the order of code
 * points. */
static size_t lines_of(const sm_lexicon *l, uint32_t c, size_t *at)
{
    size_t lo = 0, hi = l->n_firsts;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->first[mid].c < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == l->n_firsts || l->first[lo].c != c)
        return *at = 0;
    *at = l->first[lo].line;
    return lo + 1 < l->n_firsts ? l->first[lo + 1].line : l->n;
}

/* Lines whose lay words the question holds, without those inside a longer one that it holds. */
static size_t lay_lines(const sm_lexicon *l, sm_str normal, size_t out[MAX_LAY])
{
    size_t line[MAX_LAY], n = 0, m = 0;
    for (sm_str rest = normal, next = normal; rest.n; rest = next) {
        size_t i, end = lines_of(l, sm_utf8_next(&next), &i);
        for (; i < end && n < MAX_LAY; i++) {
            bool known = false;
            if (!sm_str_starts(rest, l->line[i].lay))
                continue;
            for (size_t k = 0; k < n; k++)
                known |= line[k] == i;
            if (!known)
                line[n++] = i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        sm_str one = l->line[line[i]].lay;
        bool inside = false;
        for (size_t k = 0; k < n && !inside; k++)
            inside = l->line[line[k]].lay.n > one.n && sm_str_has(l->line[line[k]].lay, one);
        if (!inside)
            out[m++] = line[i];
    }
    return m;
}

/* Terms of the official words for the question's lay words. */
static void extra_terms(sm_arena *a, const sm_lexicon *l, sm_query *q)
{
    uint64_t slot[4 * SM_QUESTION_TERMS] = { 0 };
    size_t line[MAX_LAY], n = lay_lines(l, q->normal, line);
    q->extra = SM_NEWS(a, uint64_t, SM_QUESTION_TERMS);
    for (size_t i = 0; i < q->bag.n; i++)
        seen_before(slot, SM_LEN(slot), q->bag.key[i]);
    for (size_t i = 0; i < n; i++) {
        sm_bag bag;
        sm_bag_of(a, l->line[line[i]].formal, &bag);
        for (size_t k = 0; k < bag.n && q->n_extra < SM_QUESTION_TERMS; k++)
            if (!seen_before(slot, SM_LEN(slot), bag.key[k]))
                q->extra[q->n_extra++] = bag.key[k];
    }
}

/* The longest lay word that `text` begins with, or NULL. */
static const sm_lay_word *lay_word_at(const sm_lexicon *l, const size_t *line, size_t n,
                                      sm_str text)
{
    const sm_lay_word *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(text, l->line[line[i]].lay) &&
            (!best || l->line[line[i]].lay.n > best->lay.n))
            best = &l->line[line[i]];
    return best;
}

sm_str sm_formal_text(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    sm_str rest = sm_text_normal(op->arena, sm_utf8_head(text, SM_QUESTION_CHARS));
    size_t line[MAX_LAY], n = v && v->lexicon ? lay_lines(v->lexicon, rest, line) : 0;
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    while (rest.n) {
        const sm_lay_word *w = n ? lay_word_at(v->lexicon, line, n, rest) : NULL;
        sm_str formal = w ? w->formal : sm_utf8_head(rest, 1), first;
        size_t taken = w ? w->lay.n : formal.n;
        sm_str_cut(&formal, ' ', &first);
        sm_buf_add(&b, first);
        rest = sm_str_sub(rest, taken, rest.n);
    }
    sm_str out = sm_str_dup(op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

bool sm_in_lay_word(const sm_snapshot *snap, sm_kind kind, sm_str text, size_t at, size_t n)
{
    const sm_view *v = sm_snapshot_view(snap, kind);
    if (!v || !v->lexicon)
        return false;
    for (sm_str rest = text, next = text; rest.n && (size_t)(rest.p - text.p) <= at; rest = next) {
        size_t i, before = at - (size_t)(rest.p - text.p);
        size_t end = lines_of(v->lexicon, sm_utf8_next(&next), &i);
        for (; i < end; i++) {
            sm_str lay = v->lexicon->line[i].lay;
            if (lay.n > n && lay.n >= before + n && sm_str_starts(rest, lay))
                return true;
        }
    }
    return false;
}

void sm_query_of(sm_arena *a, const sm_view *v, sm_str text, sm_query *out)
{
    *out = (sm_query){ .normal = sm_text_normal(a, sm_utf8_head(text, SM_QUESTION_CHARS)) };
    out->bare = sm_text_strip(a, out->normal, v->words, v->n_words);
    sm_bag_of(a, out->bare, &out->bag);
    if (v->lexicon)
        extra_terms(a, v->lexicon, out);
}

/* ----------------------------------------------------------- candidates */

/* One part's work on one question. */
struct work {
    sm_arena *a;
    const sm_view *v;
    const struct sm_part *part;
    const sm_bound *b;
    const sm_query *q;
    const sm_filter *f;
    sm_scores score, parent_score;
    float *cos;        /* n, or NULL */
    float *cos_parent; /* n_parents */
    uint32_t *pick;    /* ascending */
    size_t n_picks, max_picks;
    uint16_t *row;   /* n: place among the picks + 1, 0 for none; NULL: all are picked */
    float *x[F];     /* n_picks each; NULL for what nobody wants */
    sm_postings *of; /* of every term of the bag; n 0 for one that is not there */
};

/* The two memories' nearest questions, and the classifier's word; shared by the parts. */
struct known {
    sm_near near[SM_NEAR];
    size_t n_near;
    sm_alike alike; /* every logged question */
    float *log_p;   /* n_names, or NULL */
    float best_log_p;
};

static bool allowed(const struct work *w, uint32_t p)
{
    return !(w->part->hidden && w->part->hidden[p]) && (!w->f || sm_index_allows(w->b->x, p, w->f));
}

static void pick(struct work *w, uint32_t p)
{
    if (!w->row[p] && w->n_picks < w->max_picks) {
        w->row[p] = 1; /* any; list_picks gives it its place */
        w->n_picks++;
    }
}

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx2", "default")))
#endif
static void
cosines(const int8_t *vec, size_t n, const float *q, float *out)
{
    /* The question in 12 bits: whole numbers add up the same in any order. */
    int16_t whole[SM_DIM];
    for (int d = 0; d < SM_DIM; d++)
        whole[d] = (int16_t)lrintf(q[d] * 2047.0f);
    for (size_t i = 0; i < n; i++) {
        int32_t sum = 0;
        for (int d = 0; d < SM_DIM; d++)
            sum += (int32_t)vec[i * SM_DIM + (size_t)d] * whole[d];
        out[i] = (float)sum / (127.0f * 2047.0f);
    }
}

static void dense(struct work *w)
{
    float q[SM_DIM];
    const sm_bound *b = w->b;
    if (!b->vec || !w->v->model)
        return;
    sm_bienc_question(&w->v->model->bienc, &w->q->bag, q);
    w->cos = SM_NEWS(w->a, float, b->n + 1u);
    w->cos_parent = SM_NEWS(w->a, float, sm_index_n_parents(b->x) + 1u);
    cosines(b->vec, b->n, q, w->cos);
    for (uint32_t p = 0; p < b->n; p++)
        w->cos_parent[b->parent[p]] = SM_MAX(w->cos_parent[b->parent[p]], w->cos[p]);
}

struct ranked {
    float score;
    uint32_t passage;
};

static bool worse(struct ranked a, struct ranked b)
{
    return a.score < b.score || (a.score <= b.score && a.passage > b.passage);
}

/* Puts x in a heap of the best `cap`, the worst of them on top. */
static size_t heap_put(struct ranked *heap, size_t n, size_t cap, struct ranked x)
{
    size_t i = n;
    if (n == cap) {
        if (!worse(heap[0], x))
            return n;
        for (i = 0;;) {
            size_t c = 2 * i + 1;
            if (c >= n)
                break;
            c += c + 1 < n && worse(heap[c + 1], heap[c]);
            if (!worse(heap[c], x))
                break;
            heap[i] = heap[c];
            i = c;
        }
        heap[i] = x;
        return n;
    }
    for (; i > 0 && worse(x, heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = x;
    return n + 1;
}

/* The best by BM25F plus what the bi-encoder and the official words add. */
static void pick_blended(struct work *w, const sm_scores *extra)
{
    struct ranked heap[TOP_DENSE];
    size_t n = 0;
    float floor = -INFINITY;
    for (uint32_t p = 0; p < w->b->n; p++) {
        float s = (float)w->score.v[p] * w->score.scale;
        if (w->cos)
            s += COS_WEIGHT * w->cos[p];
        if (extra->v)
            s += EXTRA_WEIGHT * (float)extra->v[p] * extra->scale;
        if (s <= floor || !allowed(w, p))
            continue;
        n = heap_put(heap, n, TOP_DENSE, (struct ranked){ s, p });
        floor = n == TOP_DENSE ? heap[0].score : -INFINITY;
    }
    for (size_t i = 0; i < n; i++)
        pick(w, heap[i].passage);
}

static void pick_near(struct work *w, const struct known *k, const sm_near *own, size_t n_own)
{
    const sm_model *m = w->v->model;
    for (size_t i = 0; i < n_own; i++)
        for (uint32_t j = w->b->own.aim_off[own[i].question];
             j < w->b->own.aim_off[own[i].question + 1]; j++)
            if (allowed(w, w->b->own.aim[j]))
                pick(w, w->b->own.aim[j]);
    for (size_t i = 0; m && i < k->n_near; i++)
        for (uint32_t j = m->memory.aim_off[k->near[i].question];
             j < m->memory.aim_off[k->near[i].question + 1]; j++) {
            uint32_t name = m->memory.aim[j];
            for (uint32_t t = w->b->aim_off[name]; t < w->b->aim_off[name + 1]; t++)
                if (allowed(w, w->b->aim[t]))
                    pick(w, w->b->aim[t]);
        }
}

static void pick_best(struct work *w)
{
    sm_scores extra = { 0 };
    sm_ranked *top;
    if (w->q->n_extra)
        sm_index_score(w->a, w->b->x, SM_FIELD_ALL, w->q->extra, w->q->n_extra, &extra);
    sm_pick allowed_only = { .filter = w->f, .hidden = w->part->hidden };
    size_t n = sm_scores_best(w->a, &w->score, w->b->x, &allowed_only, TOP_LEXICAL, &top);
    for (size_t i = 0; i < n; i++)
        pick(w, top[i].passage);
    if (w->cos || extra.v)
        pick_blended(w, &extra);
}

/* ------------------------------------------------------------- features */

/* First i in [from, n) with v[i] >= x, by doubling steps. */
static uint32_t seek(const uint32_t *v, uint32_t from, uint32_t n, uint32_t x)
{
    uint32_t step = 1, lo = from, hi = from;
    while (hi < n && v[hi] < x) {
        lo = hi + 1;
        hi = hi + step < n ? hi + step : n;
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

/* Adds idf x (k1 + 1) x tf part of one term to a column; where given, idf to another. */
static void walk(const struct work *w, const sm_postings *list, float unit, float *restrict x,
                 float *restrict cover)
{
    const uint32_t *passage = list->passage, n = list->n;
    const uint8_t *impact = list->impact;
    const float idf = list->idf;
    for (uint32_t at = 0; at < n; at++) {
        uint32_t row = passage[at];
        if (w->row) {
            row = w->row[row] - 1u;
            if (row == UINT32_MAX)
                continue;
        }
        x[row] += unit * (float)impact[at];
        if (cover)
            cover[row] += idf;
    }
}

static void leap(const struct work *w, const sm_postings *list, float unit, float *restrict x,
                 float *restrict cover)
{
    uint32_t at = 0;
    for (size_t i = 0; i < w->n_picks && at < list->n; i++) {
        at = seek(list->passage, at, list->n, w->pick[i]);
        if (at == list->n || list->passage[at] != w->pick[i])
            continue;
        x[i] += unit * (float)list->impact[at];
        if (cover)
            cover[i] += list->idf;
    }
}

/* A short list is walked, in a long one the picks are looked for. */
static void gather(const struct work *w, const sm_postings *p, sm_feature column, float *cover,
                   float weight)
{
    enum { SHORT = 8 };
    float unit = weight * p->idf * (K1 + 1) / 31.0f;
    if (w->x[column])
        (!w->row || p->n < SHORT * w->n_picks ? walk : leap)(w, p, unit, w->x[column], cover);
}

static void scale(float *restrict x, size_t n, float by)
{
    for (size_t i = 0; x && i < n; i++)
        x[i] *= by;
}

static uint32_t passage_of(const struct work *w, size_t row)
{
    return w->row ? w->pick[row] : (uint32_t)row;
}

/* As if every question had the same idf mass: a long one's BM25 must not drown the rest. */
static float unit_of(double mass)
{
    return mass > 0 ? USUAL_MASS / (float)mass : 0;
}

static void terms(struct work *w, double mass)
{
    const sm_bag *bag = &w->q->bag;
    sm_postings list[SM_QUESTION_TERMS];
    float unit = unit_of(mass), *cover = w->x[SM_F_COVER];
    for (size_t t = 0; t < bag->n; t++)
        if (w->of[t].n)
            gather(w, &w->of[t], bag->pair[t] ? SM_F_BI : SM_F_UNI, cover, 1);
    if (w->x[SM_F_TITLE])
        sm_index_lists(w->b->x, SM_FIELD_TITLE, bag->key, bag->n, list);
    for (size_t t = 0; w->x[SM_F_TITLE] && t < bag->n; t++)
        if (list[t].n)
            gather(w, &list[t], SM_F_TITLE, NULL, 1);
    if (w->x[SM_F_LEXICON])
        sm_index_lists(w->b->x, SM_FIELD_ALL, w->q->extra, w->q->n_extra, list);
    for (size_t t = 0; w->x[SM_F_LEXICON] && t < w->q->n_extra; t++)
        if (list[t].n)
            gather(w, &list[t], SM_F_LEXICON, NULL, EXTRA_WEIGHT);
    scale(w->x[SM_F_UNI], w->n_picks, unit);
    scale(w->x[SM_F_BI], w->n_picks, unit);
    scale(w->x[SM_F_TITLE], w->n_picks, unit);
    scale(w->x[SM_F_LEXICON], w->n_picks, unit);
    for (size_t i = 0; w->x[SM_F_BM25F] && i < w->n_picks; i++)
        w->x[SM_F_BM25F][i] = w->x[SM_F_UNI][i] + w->x[SM_F_BI][i];
    for (size_t i = 0; cover && i < w->n_picks; i++)
        cover[i] = mass > 0 ? cover[i] / (float)mass : 0;
}

/* A column that is looked up by passage, and one by its parent. */
static void spread(const struct work *w, sm_feature f, const float *of)
{
    for (size_t i = 0; of && w->x[f] && i < w->n_picks; i++)
        w->x[f][i] = of[passage_of(w, i)];
}

static void spread_parent(const struct work *w, sm_feature f, const float *of)
{
    for (size_t i = 0; of && w->x[f] && i < w->n_picks; i++)
        w->x[f][i] = of[w->b->parent[passage_of(w, i)]];
}

static void lexical(struct work *w, double mass)
{
    uint32_t n_parents = sm_index_n_parents(w->b->x);
    float unit = unit_of(mass), *parent = SM_NEWS(w->a, float, n_parents + 1u);
    terms(w, mass);
    for (uint32_t i = 0; w->parent_score.v && i < n_parents; i++)
        parent[i] = unit * (float)w->parent_score.v[i] * w->parent_score.scale;
    spread_parent(w, SM_F_PARENT, parent);
    spread(w, SM_F_LENGTH, w->b->length);
    spread(w, SM_F_COS, w->cos);
    spread_parent(w, SM_F_COS_PARENT, w->cos_parent);
    spread_parent(w, SM_F_PRIOR_PARENT, w->b->parent_prior);
}

/* The columns of one memory: the sum of likenesses and the greatest. */
static void vote(const struct work *w, uint32_t p, const sm_near *near, sm_feature sum,
                 sm_feature max)
{
    uint32_t row = w->row ? w->row[p] - 1u : p;
    if (row == UINT32_MAX)
        return;
    if (w->x[sum])
        w->x[sum][row] += near->like;
    if (w->x[max])
        w->x[max][row] = SM_MAX(w->x[max][row], near->like);
}

static void neighbours(struct work *w, const struct known *k, const sm_near *own, size_t n_own)
{
    const sm_model *m = w->v->model;
    for (size_t i = 0; i < n_own; i++)
        for (uint32_t j = w->b->own.aim_off[own[i].question];
             j < w->b->own.aim_off[own[i].question + 1]; j++)
            vote(w, w->b->own.aim[j], &own[i], SM_F_OWN, SM_F_OWN_MAX);
    if (!m || k->n_near == 0)
        return;
    float *parent = SM_NEWS(w->a, float, sm_index_n_parents(w->b->x) + 1u);
    for (size_t i = 0; i < k->n_near; i++)
        for (uint32_t j = m->memory.aim_off[k->near[i].question];
             j < m->memory.aim_off[k->near[i].question + 1]; j++) {
            uint32_t name = m->memory.aim[j];
            for (uint32_t t = w->b->aim_off[name]; t < w->b->aim_off[name + 1]; t++) {
                vote(w, w->b->aim[t], &k->near[i], SM_F_NEAR, SM_F_NEAR_MAX);
                parent[w->b->parent[w->b->aim[t]]] += k->near[i].like;
            }
        }
    spread_parent(w, SM_F_NEAR_PARENT, parent);
}

/* What the classifier says of a passage; false when nothing. */
static bool class_of(const sm_bound *b, const float *log_p, uint32_t passage, float *out)
{
    uint32_t name = b->name ? b->name[passage] : UINT32_MAX;
    if (name == UINT32_MAX || !log_p || !isfinite(log_p[name]))
        return false;
    *out = log_p[name];
    return true;
}

static void classes(struct work *w, const struct known *k, uint8_t *known)
{
    for (size_t i = 0; i < w->n_picks; i++) {
        uint32_t p = passage_of(w, i);
        float log_p;
        known[i] = w->b->known && w->b->known[p];
        if (!class_of(w->b, k->log_p, p, &log_p))
            continue;
        if (w->x[SM_F_CLASS])
            w->x[SM_F_CLASS][i] = SM_MAX(log_p - k->best_log_p, CLASS_FLOOR);
        if (w->x[SM_F_CLASS_P])
            w->x[SM_F_CLASS_P][i] = sm_expf(log_p);
    }
}

/* --------------------------------------------------------- all together */

static void ask_model(sm_arena *a, const sm_view *v, const sm_query *q, struct known *k)
{
    const sm_model *m = v->model;
    if (!m)
        return;
    sm_memory_weigh(a, &m->memory, &q->bag, &k->alike);
    k->n_near = sm_memory_near(a, &k->alike, k->near);
    if (m->maxent.n_labels == 0)
        return;
    k->log_p = SM_NEWS(a, float, m->n_names + 1u);
    k->best_log_p = -INFINITY;
    sm_maxent_predict(&m->maxent, q->normal, k->log_p);
    for (uint32_t i = 0; i < m->n_names; i++)
        k->best_log_p = SM_MAX(k->best_log_p, k->log_p[i]);
}

/* Adds to the vote for a name, the most voted kept first. */
static void add_vote(sm_cands *c, uint32_t name, float like)
{
    size_t i = 0;
    while (i < c->n_several && c->several[i].name != name)
        i++;
    if (i == c->n_several && c->n_several < SM_MAX_SEVERAL)
        c->several[c->n_several++] = (sm_named_vote){ name, 0 };
    else if (i == c->n_several)
        return;
    c->several[i].vote += like;
    for (; i > 0 && c->several[i - 1].vote < c->several[i].vote; i--) {
        sm_named_vote x = c->several[i];
        c->several[i] = c->several[i - 1];
        c->several[i - 1] = x;
    }
}

static void weigh_several(const sm_memory *m, const struct known *k, sm_cands *out)
{
    for (size_t i = 0; i < k->n_near; i++) {
        uint32_t from = m->aim_off[k->near[i].question], to = m->aim_off[k->near[i].question + 1];
        bool several = to - from > 1;
        float *nearest = several ? &out->near_several : &out->near_one;
        *nearest = SM_MAX(*nearest, k->near[i].like);
        for (uint32_t j = from; several && j < to; j++)
            add_vote(out, m->aim[j], k->near[i].like);
    }
}

static bool remembered(const sm_view *v, uint64_t key)
{
    for (size_t i = 0; i < v->n_parts; i++) {
        const sm_memory *own = &v->part[i].bound->own;
        if (sm_find_u64(own->key, own->n_terms, key) != SIZE_MAX)
            return true;
    }
    return v->model && sm_find_u64(v->model->memory.key, v->model->memory.n_terms, key) != SIZE_MAX;
}

static void weigh(const sm_view *v, const sm_query *q, sm_cands *out)
{
    size_t n = 0, pairs = 0, novel = 0;
    for (size_t i = 0; i < v->n_parts; i++)
        n += v->part[i].bound->n;
    for (size_t t = 0; t < q->bag.n; t++) {
        float idf = logf(1.0f + ((float)n + 0.5f) / 0.5f);
        bool known = false;
        for (size_t i = 0; i < v->n_parts; i++) {
            const sm_postings *p = &out->term[i][t];
            if (p->n == 0)
                continue;
            idf = known ? SM_MIN(idf, p->idf) : p->idf;
            known = true;
        }
        out->mass += (double)idf;
        pairs += q->bag.pair[t];
        novel += q->bag.pair[t] && !known && !remembered(v, q->bag.key[t]);
    }
    out->n_terms = q->bag.n;
    out->novel = pairs ? (double)novel / (double)pairs : (out->mass > 0 ? 0 : 1);
}

static void list_picks(struct work *w)
{
    uint16_t n = 0;
    _Static_assert(MAX_PICKS < UINT16_MAX, "a row fits");
    w->pick = SM_NEWS(w->a, uint32_t, w->n_picks + 1);
    for (uint32_t p = 0; p < w->b->n; p++)
        if (w->row[p]) {
            w->pick[n++] = p;
            w->row[p] = n;
        }
}

static void pick_some(struct work *w, const struct known *k, const sm_near *own, size_t n_own)
{
    const sm_bag *bag = &w->q->bag;
    w->row = SM_NEWS(w->a, uint16_t, w->b->n + 1u);
    sm_index_score(w->a, w->b->x, SM_FIELD_ALL, bag->key, bag->n, &w->score);
    pick_best(w);
    pick_near(w, k, own, n_own);
    list_picks(w);
}

static void do_part(struct work *w, const struct known *k, bool all, sm_cands *out)
{
    sm_near own[SM_NEAR];
    const sm_bag *bag = &w->q->bag;
    sm_alike alike;
    sm_memory_weigh(w->a, &w->b->own, bag, &alike);
    size_t n_own = sm_memory_near(w->a, &alike, own);
    dense(w);
    sm_index_score(w->a, w->b->x, SM_FIELD_PARENT, bag->key, bag->n, &w->parent_score);
    if (all)
        w->n_picks = w->b->n;
    else
        pick_some(w, k, own, n_own);
    for (int f = 0; f < F; f++)
        w->x[f] = out->x[f] ? out->x[f] + out->n : NULL;
    lexical(w, out->mass);
    neighbours(w, k, own, n_own);
    classes(w, k, out->known + out->n);
    for (size_t i = 0; i < w->n_picks; i++)
        out->passage[out->n + i] = w->part->first + passage_of(w, i);
    out->n += w->n_picks;
    if (n_own)
        out->nearest = SM_MAX(out->nearest, own[0].like);
}

/* The lists of every term in every part, looked up once. */
static void look_up(sm_arena *a, const sm_view *v, const sm_bag *bag, sm_cands *out)
{
    for (size_t i = 0; i < v->n_parts; i++) {
        out->term[i] = SM_NEWS(a, sm_postings, bag->n + 1);
        sm_index_lists(v->part[i].bound->x, SM_FIELD_ALL, bag->key, bag->n, out->term[i]);
    }
}

bool sm_cands_take_all(const sm_view *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->n_parts; i++)
        n += v->part[i].bound->n;
    return n <= ALL_UP_TO;
}

void sm_cands_of(sm_arena *a, const sm_view *v, const sm_query *q, const sm_filter *f,
                 uint32_t wanted, sm_cands *out)
{
    struct known k = { .n_near = 0 };
    size_t cap = 0;
    *out = (sm_cands){ .all = sm_cands_take_all(v) };
    for (size_t i = 0; i < v->n_parts; i++)
        cap += SM_MIN((size_t)v->part[i].bound->n, (size_t)MAX_PICKS);
    out->passage = SM_NEWS(a, uint32_t, cap + 1);
    out->known = SM_NEWS(a, uint8_t, cap + 1);
    if (wanted & SM_FEATURE_BIT(SM_F_BM25F))
        wanted |= SM_FEATURE_BIT(SM_F_UNI) | SM_FEATURE_BIT(SM_F_BI);
    for (int x = 0; x < F; x++)
        out->x[x] = wanted & SM_FEATURE_BIT(x) ? SM_NEWS(a, float, cap + 1) : NULL;
    look_up(a, v, &q->bag, out);
    weigh(v, q, out);
    ask_model(a, v, q, &k);
    out->alike = k.alike;
    out->log_p = k.log_p;
    if (k.n_near) {
        out->nearest = k.near[0].like;
        weigh_several(&v->model->memory, &k, out);
    }
    for (size_t i = 0; i < v->n_parts && q->bag.n; i++) {
        struct work w = { .a = a,
                          .v = v,
                          .part = &v->part[i],
                          .b = v->part[i].bound,
                          .q = q,
                          .f = f,
                          .of = out->term[i],
                          .max_picks = MAX_PICKS };
        do_part(&w, &k, out->all, out);
    }
}

/* The share of the question's mass that one passage holds. */
static float cover_of(const sm_cands *c, size_t part, uint32_t passage)
{
    float sum = 0;
    for (size_t t = 0; t < c->n_terms; t++) {
        const sm_postings *p = &c->term[part][t];
        uint32_t at = seek(p->passage, 0, p->n, passage);
        if (at < p->n && p->passage[at] == passage)
            sum += p->idf;
    }
    return c->mass > 0 ? sum / (float)c->mass : 0;
}

void sm_cands_top(const sm_view *v, const sm_cands *c, size_t row, sm_top *out)
{
    size_t k = v->n_parts - 1;
    while (k > 0 && c->passage[row] < v->part[k].first)
        k--;
    const sm_bound *b = v->part[k].bound;
    uint32_t p = c->passage[row] - v->part[k].first;
    float log_p;
    *out = (sm_top){ .cover = c->x[SM_F_COVER] ? c->x[SM_F_COVER][row] : cover_of(c, k, p),
                     .near = SM_MAX(c->x[SM_F_NEAR_MAX][row], c->x[SM_F_OWN_MAX][row]),
                     .known = c->known[row] };
    if (class_of(b, c->log_p, p, &log_p))
        out->class_p = sm_expf(log_p);
}
