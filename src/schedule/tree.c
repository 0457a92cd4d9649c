/*
 * Start-time fair queueing on the tree of departments.
 *
 * A node that gets to work starts at the later of its parent's virtual time and its own last
 * finish: idle time banks nothing.  A call moves every node on its path by cost over weight.  What
 * it cost in truth is put right the same way when it ends, so a department that guesses low is soon
 * behind.
 */
#include <stdlib.h>

#include "schedule/inner.h"

static bool before(const sm_node *a, const sm_node *b)
{
    if (a->start < b->start || a->start > b->start)
        return a->start < b->start;
    return a->unit->order < b->unit->order;
}

static void put(sm_node *parent, uint32_t at, sm_node *n)
{
    parent->heap[at] = n;
    n->at = at;
}

static void sift_up(sm_node *parent, sm_node *n)
{
    uint32_t at = n->at;
    for (uint32_t up; at > 0 && before(n, parent->heap[up = (at - 1) / 2]); at = up)
        put(parent, at, parent->heap[up]);
    put(parent, at, n);
}

static void sift_down(sm_node *parent, sm_node *n)
{
    uint32_t at = n->at;
    for (;;) {
        uint32_t down = 2 * at + 1;
        if (down + 1 < parent->n && before(parent->heap[down + 1], parent->heap[down]))
            down++;
        if (down >= parent->n || !before(parent->heap[down], n))
            break;
        put(parent, at, parent->heap[down]);
        at = down;
    }
    put(parent, at, n);
}

static void place(sm_node *n)
{
    sift_up(n->parent, n);
    sift_down(n->parent, n);
}

static void add(sm_node *parent, sm_node *n)
{
    if (parent->n == parent->cap) {
        parent->cap = parent->cap ? 2 * parent->cap : 4;
        parent->heap = sm_need(realloc(parent->heap, parent->cap * sizeof *parent->heap));
    }
    put(parent, parent->n++, n);
    sift_up(parent, n);
}

static void drop(sm_node *parent, sm_node *n)
{
    sm_node *last = parent->heap[--parent->n];
    uint32_t at = n->at;
    n->at = SM_NOWHERE;
    if (last == n)
        return;
    put(parent, at, last);
    place(last);
}

void sm_tree_settle(sm_node *n)
{
    for (sm_node *p = n->parent; p; n = p, p = n->parent) {
        bool wants = (n->n_queues || n->n) && !sm_unit_is_full(n->unit);
        if (wants == (n->at != SM_NOWHERE))
            return;
        if (wants) {
            n->start = SM_MAX(p->now, n->finish);
            add(p, n);
        } else {
            drop(p, n);
        }
    }
}

sm_node *sm_tree_first(sm_node *root)
{
    if (!root || !root->n)
        return NULL;
    while (root->n)
        root = root->heap[0];
    return root;
}

void sm_tree_pay(sm_node *leaf, double tokens)
{
    for (sm_node *n = leaf, *p = n->parent; p; n = p, p = n->parent) {
        p->now = SM_MAX(p->now, n->start);
        n->finish = n->start + tokens / n->unit->weight;
        n->start = n->finish;
        if (n->at != SM_NOWHERE)
            sift_down(p, n);
    }
}

void sm_tree_correct(sm_node *leaf, double tokens)
{
    for (sm_node *n = leaf, *p = n->parent; p; n = p, p = n->parent) {
        n->finish += tokens / n->unit->weight;
        n->start += tokens / n->unit->weight;
        if (n->at != SM_NOWHERE)
            place(n);
    }
}

static sm_node *node_new(sm_schedule *s, sm_unit *d, sm_node *parent)
{
    sm_node *n = sm_need(calloc(1, sizeof *n));
    *n = (sm_node){ .unit = d, .parent = parent, .at = SM_NOWHERE, .next = s->nodes };
    s->nodes = n;
    return n;
}

/* The virtual times it had in the tree of before, if that was the same place. */
static void take_over(sm_node *n, const sm_node *old)
{
    const sm_unit *above = old->parent ? old->parent->unit : NULL;
    if (above != n->unit->parent)
        return;
    n->start = old->start;
    n->finish = old->finish;
    n->now = old->now;
}

sm_node *sm_tree_node(sm_schedule *s, const sm_group *g, sm_class k, sm_unit *d)
{
    size_t tree = (size_t)g->index * SM_N_CLASSES + k;
    if (!d->node)
        d->node = sm_need(calloc(s->n_groups * SM_N_CLASSES, sizeof(sm_node *)));
    if (d->node[tree])
        return d->node[tree];
    sm_node *n = node_new(s, d, d->parent ? sm_tree_node(s, g, k, d->parent) : NULL);
    d->node[tree] = n;
    if (d->old_node && g->old != SM_NOWHERE) {
        const sm_node *old = d->old_node[(size_t)g->old * SM_N_CLASSES + k];
        if (old)
            take_over(n, old);
    }
    return n;
}

void sm_tree_enter(sm_schedule *s, sm_queue *q)
{
    for (size_t i = 0; i < q->pool->n_groups; i++) {
        sm_node *leaf = sm_tree_node(s, q->pool->group[i], q->class, q->leaf);
        if (leaf->n_queues == leaf->cap_queues) {
            leaf->cap_queues = leaf->cap_queues ? 2 * leaf->cap_queues : 2;
            leaf->queue = sm_need(realloc(leaf->queue, leaf->cap_queues * sizeof *leaf->queue));
        }
        leaf->queue[leaf->n_queues++] = q;
        sm_tree_settle(leaf);
    }
}

void sm_tree_leave(sm_schedule *s, sm_queue *q)
{
    for (size_t i = 0; i < q->pool->n_groups; i++) {
        sm_group *g = q->pool->group[i];
        sm_node *leaf = sm_tree_node(s, g, q->class, q->leaf);
        uint32_t at = 0;
        while (leaf->queue[at] != q)
            at++;
        leaf->queue[at] = leaf->queue[--leaf->n_queues];
        sm_tree_settle(leaf);
        for (int k = 0; k < (int)q->class && !g->root[q->class]->n; k++)
            g->earned[q->class][k] = 0;
    }
}
