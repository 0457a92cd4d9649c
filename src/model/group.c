/*
 * Groups: back ends that the same pools use, found anew when pools or the tiers in use change.  The
 * virtual times, what classes have earned, and every call are carried over.
 */
#include <stdlib.h>

#include "model/schedule_parts.h"

static bool tier_in_use(sm_pool *p)
{
    uint32_t up = UINT32_MAX, soon = UINT32_MAX, any = UINT32_MAX;
    p->by_speed = true;
    for (size_t i = 0; i < p->n_places; i++) {
        const sm_server *v = p->place[i].server;
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
    return p->place[i].server && p->place[i].asked.tier == p->tier;
}

static void sign_servers(sm_schedule *s)
{
    for (size_t i = 0; i < s->n_servers; i++)
        s->server[i]->signature = 0;
    for (size_t i = 0; i < s->n_pools; i++)
        for (size_t j = 0; j < s->pool[i]->n_places; j++)
            if (in_use(s->pool[i], j)) {
                uint64_t *signature = &s->pool[i]->place[j].server->signature;
                *signature = sm_mix64(*signature + i + 1);
            }
}

static sm_group *group_new(sm_schedule *s, const sm_group *old)
{
    sm_group *g = sm_need(calloc(1, sizeof *g));
    s->group = sm_need(realloc(s->group, (s->n_groups + 1) * sizeof *s->group));
    g->index = (uint32_t)s->n_groups;
    g->old = old ? old->index : SM_NOWHERE;
    for (int c = 0; old && c < SM_N_CLASSES; c++)
        for (int k = 0; k < c; k++)
            g->earned[c][k] = old->earned[c][k];
    s->group[s->n_groups++] = g;
    return g;
}

static sm_group *group_of(sm_schedule *s, uint64_t signature)
{
    for (size_t i = 0; i < s->n_groups; i++)
        if (s->group[i]->server[0]->signature == signature)
            return s->group[i];
    return NULL;
}

/* Groups in the order of the first of their back ends. */
static void make_groups(sm_schedule *s)
{
    for (size_t i = 0; i < s->n_servers; i++) {
        sm_server *v = s->server[i];
        const sm_group *old = v->group;
        v->group = NULL;
        if (!v->signature)
            continue;
        sm_group *g = group_of(s, v->signature);
        if (!g)
            g = group_new(s, old);
        g->server = sm_need(realloc(g->server, (g->n_servers + 1) * sizeof(sm_server *)));
        g->server[g->n_servers++] = v;
        v->group = g;
        sm_server_opens(v, 1);
    }
}

static void link_pool(sm_pool *p)
{
    free(p->group);
    p->group = sm_need(calloc(p->n_places, sizeof(sm_group *)));
    p->n_groups = 0;
    for (size_t i = 0; i < p->n_places; i++)
        if (in_use(p, i) && !sm_pool_has(p, p->place[i].server->group))
            p->group[p->n_groups++] = p->place[i].server->group;
}

/* ------------------------------------------------------- what is kept */

typedef void dept_fn(sm_schedule *s, sm_dept *d);

static void for_all(sm_schedule *s, dept_fn *fn)
{
    for (size_t i = 0; i < s->n_depts; i++) {
        fn(s, s->dept[i]);
        if (s->dept[i]->own)
            fn(s, s->dept[i]->own);
    }
}

static void put_aside(sm_schedule *s, sm_dept *d)
{
    (void)s;
    d->old_node = d->node;
    d->node = NULL;
}

static void keep_times(sm_schedule *s, sm_dept *d)
{
    for (size_t i = 0; d->old_node && i < s->n_groups; i++)
        for (int k = 0; k < SM_N_CLASSES; k++) {
            const sm_group *g = s->group[i];
            if (g->old != SM_NOWHERE && d->old_node[(size_t)g->old * SM_N_CLASSES + (size_t)k])
                sm_tree_node(s, g, (sm_class)k, d);
        }
}

static void forget_old(sm_schedule *s, sm_dept *d)
{
    (void)s;
    free(d->old_node);
    d->old_node = NULL;
}

static void open_queues(sm_schedule *s, sm_dept *d)
{
    for (sm_queue *q = d->queues; q; q = q->next) {
        if (!q->calls.n)
            continue;
        sm_tree_open_queue(s, q, 1);
        for (size_t i = 0; i < q->pool->n_groups; i++)
            q->pool->group[i]->waiting[q->class] += q->calls.n;
    }
}

static void link_running(sm_schedule *s)
{
    for (sm_call *c = s->running.first; c; c = c->link[SM_IN_ORDER].after) {
        sm_group *g = c->server->group;
        c->node = g ? sm_tree_node(s, g, c->class, sm_dept_leaf(c->dept)) : NULL;
        if (!g || c->class != SM_CLASS_BATCH)
            continue;
        sm_list_add(&g->batch, c, SM_IN_QUEUE);
        g->n_yielding += c->yielding;
    }
}

static void free_groups(sm_group **group, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(group[i]->server);
        free(group[i]);
    }
    free(group);
}

static void free_nodes(sm_node *n)
{
    while (n) {
        sm_node *next = n->next;
        free(n->heap);
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
    sign_servers(s);
    make_groups(s);
    for (size_t i = 0; i < s->n_pools; i++)
        link_pool(s->pool[i]);
    for_all(s, put_aside);
    for (size_t i = 0; i < s->n_groups; i++)
        for (int k = 0; k < SM_N_CLASSES; k++)
            s->group[i]->root[k] = sm_tree_node(s, s->group[i], (sm_class)k, s->dept[0]);
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
