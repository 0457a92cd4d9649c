/*
 * Departments: the tree's nodes, by id, and what of them is running.
 */
#include <stdlib.h>
#include <string.h>

#include "schedule/inner.h"

void *sm_need(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ------------------------------------------------------------ one node */

sm_unit *sm_unit_new(sm_str id)
{
    sm_unit *d = sm_need(calloc(1, sizeof *d));
    char *copy = sm_need(malloc(id.n + 1));
    if (id.n)
        memcpy(copy, id.p, id.n);
    copy[id.n] = '\0';
    *d = (sm_unit){ .id = { copy, id.n }, .weight = 1, .minute = -1 };
    for (int k = 0; k < SM_N_CLASSES; k++)
        d->class[k].usual = -1;
    return d;
}

void sm_unit_free(sm_unit *d)
{
    if (!d)
        return;
    sm_unit_free(d->own);
    for (uint32_t i = 0; i < d->n_queues; i++)
        free(d->queue[i]);
    free(d->queue);
    free(d->node);
    free((char *)(uintptr_t)d->id.p);
    free(d);
}

sm_unit *sm_unit_leaf(sm_unit *d)
{
    return d->own ? d->own : d;
}

/* -------------------------------------------------------------- queues */

/* Where the queue is, or belongs. */
static uint32_t queue_at(const sm_unit *leaf, const sm_pool *p, sm_class k)
{
    uint32_t from = 0, to = leaf->n_queues;
    while (from < to) {
        uint32_t mid = (from + to) / 2;
        const sm_queue *q = leaf->queue[mid];
        if (q->pool->id < p->id || (q->pool == p && q->class < k))
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

sm_queue *sm_unit_queue(sm_unit *leaf, sm_pool *p, sm_class k)
{
    uint32_t at = queue_at(leaf, p, k);
    if (at < leaf->n_queues && leaf->queue[at]->pool == p && leaf->queue[at]->class == k)
        return leaf->queue[at];
    if (leaf->n_queues == leaf->cap_queues) {
        leaf->cap_queues = leaf->cap_queues ? 2 * leaf->cap_queues : 4;
        leaf->queue = sm_need(realloc(leaf->queue, leaf->cap_queues * sizeof *leaf->queue));
    }
    memmove(&leaf->queue[at + 1], &leaf->queue[at], (leaf->n_queues - at) * sizeof *leaf->queue);
    sm_queue *q = leaf->queue[at] = sm_need(calloc(1, sizeof *q));
    *q = (sm_queue){ .leaf = leaf, .pool = p, .class = k };
    leaf->n_queues++;
    return q;
}

void sm_unit_forget(sm_unit *leaf, const sm_pool *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < leaf->n_queues; i++) {
        if (leaf->queue[i]->pool == p)
            free(leaf->queue[i]);
        else
            leaf->queue[n++] = leaf->queue[i];
    }
    leaf->n_queues = n;
}

/* ------------------------------------------------------------- running */

bool sm_unit_is_full(const sm_unit *d)
{
    return d->concurrency && d->all.running >= d->concurrency;
}

bool sm_unit_path_is_full(const sm_unit *d)
{
    for (; d; d = d->parent)
        if (sm_unit_is_full(d))
            return true;
    return false;
}

static void settle_all(const sm_schedule *s, sm_unit *d)
{
    for (size_t i = 0; d->node && i < s->n_groups * SM_N_CLASSES; i++)
        if (d->node[i])
            sm_tree_settle(d->node[i]);
}

void sm_unit_run(sm_schedule *s, sm_unit *d, int step)
{
    d->mine.running += (uint32_t)step;
    for (; d; d = d->parent) {
        bool was = sm_unit_is_full(d);
        d->all.running += (uint32_t)step;
        if (was != sm_unit_is_full(d))
            settle_all(s, d);
    }
}

/* --------------------------------------------------------------- by id */

static size_t slot_of(const sm_schedule *s, sm_str id)
{
    size_t mask = s->n_by_id - 1, i = (size_t)sm_hash64(id, 0) & mask;
    while (s->by_id[i] && !sm_str_eq(s->unit[s->by_id[i] - 1]->id, id))
        i = (i + 1) & mask;
    return i;
}

void sm_unit_index(sm_schedule *s)
{
    size_t n = 16;
    while (n < 2 * s->n_units)
        n *= 2;
    free(s->by_id);
    s->by_id = sm_need(calloc(n, sizeof *s->by_id));
    s->n_by_id = n;
    for (size_t i = 0; i < s->n_units; i++)
        s->by_id[slot_of(s, s->unit[i]->id)] = (uint32_t)i + 1;
}

bool sm_schedule_find_department(const sm_schedule *s, sm_str id, size_t *out)
{
    uint32_t at = s->by_id[slot_of(s, id)];
    if (!at)
        return false;
    *out = at - 1;
    return true;
}

sm_unit *sm_unit_find(const sm_schedule *s, sm_str id)
{
    size_t i;
    return sm_schedule_find_department(s, id, &i) ? s->unit[i] : NULL;
}

sm_unit *sm_unit_add(sm_schedule *s, sm_str id)
{
    if (s->n_units == s->cap_units) {
        s->cap_units = s->cap_units ? 2 * s->cap_units : 16;
        s->unit = sm_need(realloc(s->unit, s->cap_units * sizeof *s->unit));
    }
    sm_unit *d = sm_unit_new(id);
    s->unit[s->n_units++] = d;
    if (2 * s->n_units > s->n_by_id)
        sm_unit_index(s);
    else
        s->by_id[slot_of(s, id)] = (uint32_t)s->n_units;
    return d;
}
