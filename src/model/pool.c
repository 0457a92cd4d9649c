/*
 * Pools: lists of candidates, and the choice among them.
 */
#include <math.h>
#include <stdlib.h>

#include "model/schedule_parts.h"

enum { MAX_IDLE_POOLS = 512 };
static const double SLACK_TURNS = 4; /* so many calls off its share, the less loaded goes first */

sm_server *sm_server_find(const sm_schedule *s, int64_t id)
{
    for (size_t i = 0; i < s->n_servers; i++)
        if (s->server[i]->id == id)
            return s->server[i];
    return NULL;
}

void sm_server_limits(const sm_schedule *s, sm_server *v)
{
    for (int k = 0; k < SM_N_CLASSES; k++) {
        uint32_t room = (uint32_t)(s->class[k].rules.headroom * v->slots + 0.5);
        v->limit[k] = v->slots - SM_MIN(room, v->slots - 1);
    }
}

static bool is_open(const sm_server *v, sm_class k)
{
    return v->state == SM_BACK_END_UP && v->running < v->limit[k];
}

void sm_server_opens(sm_server *v, int step)
{
    for (int k = 0; v->group && k < SM_N_CLASSES; k++)
        if (is_open(v, (sm_class)k))
            v->group->n_open[k] += (uint32_t)step;
}

void sm_server_count(sm_server *v, int step)
{
    sm_server_opens(v, -1);
    v->running += (uint32_t)step;
    sm_server_opens(v, 1);
}

/* ---------------------------------------------------------- candidates */

static sm_place *places_of(const sm_schedule *s, const sm_candidate *c, size_t n)
{
    sm_place *place = sm_need(calloc(n, sizeof *place));
    for (size_t i = 0; i < n; i++) {
        place[i].asked = c[i];
        place[i].asked.weight = SM_MAX(c[i].weight, 1U);
        place[i].server = sm_server_find(s, c[i].back_end);
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

static void forget_queues(sm_dept *d, const sm_pool *p)
{
    for (sm_queue **q = &d->queues; *q;) {
        sm_queue *at = *q;
        if (at->pool == p) {
            *q = at->next;
            free(at);
        } else {
            q = &at->next;
        }
    }
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
        for (size_t j = 0; j < s->n_depts; j++) {
            forget_queues(s->dept[j], p);
            if (s->dept[j]->own)
                forget_queues(s->dept[j]->own, p);
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
    *p = (sm_pool){ .place = places_of(s, c, n), .n_places = n };
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
        if (at->server && at->server->state != SM_BACK_END_DOWN &&
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
        if (at->server && at->server->state == SM_BACK_END_UP &&
            !is_excluded(c, at->asked.back_end))
            tier = SM_MIN(tier, at->asked.tier);
    }
    return tier;
}

struct choice {
    uint32_t tier;
    double least, slack; /* turns */
};

static bool could(const sm_place *at, const sm_call *c, sm_class k, uint32_t tier)
{
    return at->asked.tier == tier && at->server && is_open(at->server, k) &&
           !(c->n_excluded && is_excluded(c, at->asked.back_end));
}

static struct choice look(const sm_pool *p, const sm_call *c, sm_class k)
{
    struct choice o = { .tier = tier_of(p, c), .least = HUGE_VAL };
    uint32_t heaviest = 1;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_place *at = &p->place[i];
        if (!could(at, c, k, o.tier))
            continue;
        o.least = SM_MIN(o.least, at->turn);
        heaviest = SM_MAX(heaviest, at->asked.weight);
    }
    o.slack = SLACK_TURNS / heaviest;
    return o;
}

static double load(const sm_pool *p, const sm_server *v)
{
    return (v->running + 1) / (p->by_speed ? v->speed : v->slots);
}

sm_server *sm_pool_choose(sm_pool *p, const sm_call *c, sm_class k, const sm_group *only)
{
    struct choice o = look(p, c, k);
    sm_server *best = NULL;
    double best_late = 0, best_load = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_place *at = &p->place[i];
        if (!could(at, c, k, o.tier) || (only && at->server->group != only))
            continue;
        double late = SM_MAX(at->turn - o.least - o.slack, 0), l = load(p, at->server);
        if (best && (late > best_late || (late >= best_late && l >= best_load)))
            continue;
        best = at->server;
        best_late = late;
        best_load = l;
    }
    return best;
}

void sm_pool_took(sm_pool *p, const sm_server *v, sm_class k)
{
    double turn = 0;
    for (size_t i = 0; i < p->n_places; i++)
        if (p->place[i].server == v) {
            turn = p->place[i].turn;
            p->place[i].turn += 1.0 / p->place[i].asked.weight;
        }
    /* Who could not take a call then is not owed one later. */
    for (size_t i = 0; i < p->n_places; i++)
        if (p->place[i].server && !is_open(p->place[i].server, k))
            p->place[i].turn = SM_MAX(p->place[i].turn, turn);
}
