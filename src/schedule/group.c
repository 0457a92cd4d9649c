/*
 * Groups: back ends that the same pools use, found anew when pools or the tiers in use change.  The
 * virtual times, what classes have earned, and every call are carried over.
 */
#include <stdlib.h>

#include "schedule/inner.h"

static bool tier_in_use(sm_pool *p)
{
    uint32_t up = UINT32_MAX, soon = UINT32_MAX, any = UINT32_MAX;
    p->by_speed = true;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_station *v = p->place[i].station;
        uint32_t tier = p->place[i].asked.tier;
        any = SM_MIN(any, tier);
        if (!v)
            continue;
        if (v->state == SM_BACK_END_UP)
            up = SM_MIN(up, tier);
        if (v->state == SM_BACK_END_SOON)
            soon = SM_MIN(soon, tier);
        p->by_speed &= v->speed > 0;
    }
    p->hopeless = up == UINT32_MAX && soon == UINT32_MAX;
    uint32_t tier = up != UINT32_MAX ? up : soon != UINT32_MAX ? soon : any;
    bool changed = tier != p->tier;
    p->tier = tier;
    return changed;
}

static bool in_use(const sm_pool *p, size_t i)
{
    return p->place[i].station && p->place[i].asked.tier == p->tier;
}

static void sign_stations(sm_schedule *s)
{
    for (size_t i = 0; i < s->n_stations; i++)
        s->station[i]->signature = 0;
    for (size_t i = 0; i < s->n_pools; i++)
        for (size_t j = 0; j < s->pool[i]->n_places; j++)
            if (in_use(s->pool[i], j)) {
                uint64_t *signature = &s->pool[i]->place[j].station->signature;
                *signature = sm_mix64(*signature + i + 1);
            }
}

static sm_group *group_new(sm_schedule *s, const sm_group *old)
{
    sm_group *g = sm_need(calloc(1, sizeof *g));
    s->group = sm_need(realloc(s->group, (s->n_groups + 1) * sizeof *s->group));
    g->index = (uint32_t)s->n_groups;
    g->old = old ? old->index : SM_NOWHERE;
    if (old) {
        g->citizens = old->citizens;
        g->citizens_us = old->citizens_us;
    }
    for (int c = 0; old && c < SM_N_CLASSES; c++)
        for (int k = 0; k < c; k++)
            g->earned[c][k] = old->earned[c][k];
    s->group[s->n_groups++] = g;
    return g;
}

static sm_group *group_of(sm_schedule *s, uint64_t signature)
{
    for (size_t i = 0; i < s->n_groups; i++)
        if (s->group[i]->station[0]->signature == signature)
            return s->group[i];
    return NULL;
}

/* Groups in the order of the first of their back ends. */
static void make_groups(sm_schedule *s)
{
    for (size_t i = 0; i < s->n_stations; i++) {
        sm_station *v = s->station[i];
        const sm_group *old = v->group;
        v->group = NULL;
        if (!v->signature)
            continue;
        sm_group *g = group_of(s, v->signature);
        if (!g)
            g = group_new(s, old);
        g->station = sm_need(realloc(g->station, (g->n_stations + 1) * sizeof(sm_station *)));
        g->station[g->n_stations++] = v;
        v->group = g;
        sm_station_counts(v, 1);
    }
}

static void link_pool(sm_pool *p)
{
    free(p->group);
    p->group = sm_need(calloc(p->n_places, sizeof(sm_group *)));
    p->n_groups = 0;
    for (size_t i = 0; i < p->n_places; i++)
        if (in_use(p, i) && !sm_pool_has(p, p->place[i].station->group))
            p->group[p->n_groups++] = p->place[i].station->group;
}

/* ------------------------------------------------------------ headroom */

void sm_group_citizen(sm_group *g, int step, int64_t now_us)
{
    static const double MEMORY_US = 20e6;
    double passed = (double)(now_us - g->citizens_us);
    g->citizens += (g->n_citizens - g->citizens) * (1 - sm_exp(-passed / MEMORY_US));
    g->citizens_us = now_us;
    g->n_citizens += (uint32_t)step;
}

/* How many free slots keep a citizen from waiting, but for one time in MISS.  While others wait,
 * every slot but these is busy; citizens come at rate a/S and slots come free at n/S (a: citizens
 * running in the mean, n slots, S the time a call takes), so that i of them are taken with
 * probability (a/n)^i. */
double sm_headroom(double citizens, double slots, sm_class k, double most)
{
    static const double MISS = 0.002, MOST = 0.95;
    double taken = SM_MIN(citizens / slots, MOST);
    double n = taken > MISS ? sm_log(MISS) / sm_log(taken) : 1;
    n = SM_MAX(n, 1) + (k == SM_CLASS_BATCH);
    n = (double)(uint32_t)(SM_MIN(n, most * slots) + 0.5);
    return k == SM_CLASS_CITIZEN ? 0 : SM_MIN(n, slots - 1); /* one is left to every class */
}

bool sm_group_is_open(const sm_schedule *s, const sm_group *g, sm_class k)
{
    return g->n_free &&
           g->n_free > sm_headroom(g->citizens, g->n_slots, k, s->class[k].rules.headroom);
}

/* ------------------------------------------------------- what is kept */

typedef void unit_fn(sm_schedule *s, sm_unit *d);

static void for_all(sm_schedule *s, unit_fn *fn)
{
    for (size_t i = 0; i < s->n_units; i++) {
        fn(s, s->unit[i]);
        if (s->unit[i]->own)
            fn(s, s->unit[i]->own);
    }
}

static void put_aside(sm_schedule *s, sm_unit *d)
{
    (void)s;
    d->old_node = d->node;
    d->node = NULL;
}

/* Who is not ahead of the others has no time to keep. */
static bool is_ahead(const sm_node *n)
{
    return n && n->parent && n->finish > n->parent->now;
}

static void keep_times(sm_schedule *s, sm_unit *d)
{
    for (size_t i = 0; d->old_node && i < s->n_groups; i++)
        for (size_t k = 0; k < SM_N_CLASSES; k++) {
            const sm_group *g = s->group[i];
            if (g->old != SM_NOWHERE && is_ahead(d->old_node[g->old * SM_N_CLASSES + k]))
                sm_tree_node(s, g, (sm_class)k, d);
        }
}

static void forget_old(sm_schedule *s, sm_unit *d)
{
    (void)s;
    free(d->old_node);
    d->old_node = NULL;
}

static void open_queues(sm_schedule *s, sm_unit *d)
{
    for (uint32_t j = 0; j < d->n_queues; j++) {
        sm_queue *q = d->queue[j];
        if (!q->calls.n)
            continue;
        sm_tree_enter(s, q);
        for (size_t i = 0; i < q->pool->n_groups; i++)
            q->pool->group[i]->waiting[q->class] += q->calls.n;
    }
}

static void link_running(sm_schedule *s)
{
    for (sm_call *c = s->running.first; c; c = c->link[SM_IN_ORDER].after) {
        sm_group *g = c->station->group;
        c->node = g ? sm_tree_node(s, g, c->class, sm_unit_leaf(c->unit)) : NULL;
        if (!g)
            continue;
        g->n_citizens += c->class == SM_CLASS_CITIZEN;
        if (c->class != SM_CLASS_BATCH)
            continue;
        sm_list_add(&g->batch, c, SM_IN_QUEUE);
        g->n_yielding += c->yielding;
    }
}

static void free_groups(sm_group **group, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(group[i]->station);
        free(group[i]);
    }
    free(group);
}

static void free_nodes(sm_node *n)
{
    while (n) {
        sm_node *next = n->next;
        free(n->heap);
        free(n->queue);
        free(n);
        n = next;
    }
}

static void rebuild(sm_schedule *s)
{
    sm_group **old = s->group;
    size_t n_old = s->n_groups;
    sm_node *old_nodes = s->nodes;
    s->group = NULL;
    s->n_groups = 0;
    s->nodes = NULL;
    sign_stations(s);
    make_groups(s);
    for (size_t i = 0; i < s->n_pools; i++)
        link_pool(s->pool[i]);
    for_all(s, put_aside);
    for (size_t i = 0; i < s->n_groups; i++)
        for (int k = 0; k < SM_N_CLASSES; k++)
            s->group[i]->root[k] = sm_tree_node(s, s->group[i], (sm_class)k, s->unit[0]);
    for_all(s, keep_times);
    for_all(s, open_queues);
    link_running(s);
    for_all(s, forget_old);
    free_nodes(old_nodes);
    free_groups(old, n_old);
}

void sm_regroup(sm_schedule *s, bool always)
{
    bool changed = always;
    for (size_t i = 0; i < s->n_pools; i++)
        changed |= tier_in_use(s->pool[i]);
    if (changed)
        rebuild(s);
}

void sm_groups_free(sm_schedule *s)
{
    free_nodes(s->nodes);
    free_groups(s->group, s->n_groups);
}
