/*
 * Pools: lists of candidates, and the choice among them.
 */
#include <math.h>
#include <stdlib.h>

#include "schedule/inner.h"

enum { MAX_IDLE_POOLS = 512 };
static const double SLACK_TURNS = 4; /* so many calls off its share, the less loaded goes first */

sm_station *sm_station_find(const sm_schedule *s, int64_t id)
{
    for (size_t i = 0; i < s->n_stations; i++)
        if (s->station[i]->id == id)
            return s->station[i];
    return NULL;
}

static bool is_free(const sm_station *v)
{
    return v->state == SM_BACK_END_UP && v->running < v->slots;
}

void sm_station_counts(sm_station *v, int step)
{
    if (!v->group || v->state != SM_BACK_END_UP)
        return;
    v->group->n_slots += v->slots * (uint32_t)step;
    if (is_free(v))
        v->group->n_free += (v->slots - v->running) * (uint32_t)step;
}

void sm_station_count(sm_station *v, int step)
{
    sm_station_counts(v, -1);
    v->running += (uint32_t)step;
    sm_station_counts(v, 1);
}

/* ---------------------------------------------------------- candidates */

static sm_place *places_of(const sm_schedule *s, const sm_candidate *c, size_t n)
{
    sm_place *place = sm_need(calloc(n, sizeof *place));
    for (size_t i = 0; i < n; i++) {
        place[i].asked = c[i];
        place[i].asked.weight = SM_MAX(c[i].weight, 1U);
        place[i].station = sm_station_find(s, c[i].back_end);
    }
    return place;
}

static bool same(const sm_pool *p, const sm_candidate *c, size_t n)
{
    if (p->n_places != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const sm_candidate *a = &p->place[i].asked;
        if (a->back_end != c[i].back_end || a->weight != SM_MAX(c[i].weight, 1U) ||
            a->tier != c[i].tier)
            return false;
    }
    return true;
}

static uint64_t hash_of(const sm_candidate *c, size_t n)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = sm_mix64(h ^ (uint64_t)c[i].back_end) +
            ((uint64_t)SM_MAX(c[i].weight, 1U) << 32 ^ c[i].tier);
    return h;
}

void sm_pool_free(sm_pool *p)
{
    free(p->place);
    free(p->group);
    free(p);
}

static void drop_idle(sm_schedule *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_pools; i++) {
        sm_pool *p = s->pool[i];
        if (p->n_calls) {
            s->pool_hash[n] = s->pool_hash[i];
            s->pool[n++] = p;
            continue;
        }
        for (size_t j = 0; j < s->n_units; j++) {
            sm_unit_forget(s->unit[j], p);
            if (s->unit[j]->own)
                sm_unit_forget(s->unit[j]->own, p);
        }
        sm_pool_free(p);
    }
    s->n_pools = n;
}

static sm_pool *pool_new(sm_schedule *s, uint64_t hash, const sm_candidate *c, size_t n)
{
    if (s->n_pools >= MAX_IDLE_POOLS)
        drop_idle(s);
    if (s->n_pools == s->cap_pools) {
        s->cap_pools = s->cap_pools ? 2 * s->cap_pools : 16;
        s->pool = sm_need(realloc(s->pool, s->cap_pools * sizeof *s->pool));
        s->pool_hash = sm_need(realloc(s->pool_hash, s->cap_pools * sizeof *s->pool_hash));
    }
    sm_pool *p = sm_need(calloc(1, sizeof *p));
    *p = (sm_pool){ .place = places_of(s, c, n), .n_places = n, .id = s->next_pool_id++ };
    s->pool_hash[s->n_pools] = hash;
    s->pool[s->n_pools++] = p;
    sm_regroup(s, true);
    return p;
}

sm_pool *sm_pool_of(sm_schedule *s, const sm_candidate *c, size_t n)
{
    uint64_t hash = hash_of(c, n);
    for (size_t i = 0; i < s->n_pools; i++)
        if (s->pool_hash[i] == hash && same(s->pool[i], c, n))
            return s->pool[i];
    return pool_new(s, hash, c, n);
}

bool sm_pool_has(const sm_pool *p, const sm_group *g)
{
    for (size_t i = 0; i < p->n_groups; i++)
        if (p->group[i] == g)
            return true;
    return false;
}

/* -------------------------------------------------------------- choice */

static bool is_excluded(const sm_call *c, int64_t back_end)
{
    for (int i = 0; i < c->n_excluded; i++)
        if (c->excluded[i] == back_end)
            return true;
    return false;
}

bool sm_call_has_hope(const sm_call *c)
{
    for (size_t i = 0; i < c->pool->n_places; i++) {
        const sm_place *at = &c->pool->place[i];
        if (at->station && at->station->state != SM_BACK_END_DOWN &&
            !is_excluded(c, at->asked.back_end))
            return true;
    }
    return false;
}

/* The tier in use for this call: what it excludes may leave it a later one than its pool's. */
static uint32_t tier_of(const sm_pool *p, const sm_call *c)
{
    if (!c->n_excluded)
        return p->tier;
    uint32_t tier = UINT32_MAX;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_place *at = &p->place[i];
        if (at->station && at->station->state == SM_BACK_END_UP &&
            !is_excluded(c, at->asked.back_end))
            tier = SM_MIN(tier, at->asked.tier);
    }
    return tier;
}

struct choice {
    uint32_t tier;
    double least, slack; /* turns */
};

static bool could(const sm_place *at, const sm_call *c, uint32_t tier)
{
    return at->asked.tier == tier && at->station && is_free(at->station) &&
           !(c->n_excluded && is_excluded(c, at->asked.back_end));
}

static struct choice look(const sm_pool *p, const sm_call *c)
{
    struct choice o = { .tier = tier_of(p, c), .least = HUGE_VAL };
    uint32_t heaviest = 1;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_place *at = &p->place[i];
        if (!could(at, c, o.tier))
            continue;
        o.least = SM_MIN(o.least, at->turn);
        heaviest = SM_MAX(heaviest, at->asked.weight);
    }
    o.slack = SLACK_TURNS / heaviest;
    return o;
}

static double load(const sm_pool *p, const sm_station *v)
{
    return (v->running + 1) / (p->by_speed ? v->speed : v->slots);
}

sm_station *sm_pool_choose(const sm_pool *p, const sm_call *c, const sm_group *only)
{
    struct choice o = look(p, c);
    sm_station *best = NULL;
    double best_late = 0, best_load = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_place *at = &p->place[i];
        if (!could(at, c, o.tier) || (only && at->station->group != only))
            continue;
        double late = SM_MAX(at->turn - o.least - o.slack, 0), l = load(p, at->station);
        if (best && (late > best_late || (late >= best_late && l >= best_load)))
            continue;
        best = at->station;
        best_late = late;
        best_load = l;
    }
    return best;
}

void sm_pool_took(sm_pool *p, const sm_station *v)
{
    double turn = 0;
    for (size_t i = 0; i < p->n_places; i++)
        if (p->place[i].station == v) {
            turn = p->place[i].turn;
            p->place[i].turn += 1.0 / p->place[i].asked.weight;
        }
    /* Who could not take a call then is not owed one later. */
    for (size_t i = 0; i < p->n_places; i++)
        if (p->place[i].station && !is_free(p->place[i].station))
            p->place[i].turn = SM_MAX(p->place[i].turn, turn);
}
