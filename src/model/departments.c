/*
 * Departments: the tree's nodes, by id, and what of them is running.
 */
#include <stdlib.h>
#include <string.h>

#include "model/schedule_parts.h"

void *sm_need(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ------------------------------------------------------------ one node */

sm_dept *sm_dept_new(sm_str id)
{
    sm_dept *d = sm_need(calloc(1, sizeof *d));
    char *copy = sm_need(malloc(id.n + 1));
    if (id.n)
        memcpy(copy, id.p, id.n);
    copy[id.n] = '\0';
    *d = (sm_dept){ .id = { copy, id.n }, .weight = 1, .minute = -1 };
    for (int k = 0; k < SM_N_CLASSES; k++)
        d->class[k].usual = -1;
    return d;
}

void sm_dept_free(sm_dept *d)
{
    if (!d)
        return;
    sm_dept_free(d->own);
    for (sm_queue *q = d->queues, *next; q; q = next) {
        next = q->next;
        free(q);
    }
    free(d->node);
    free((char *)(uintptr_t)d->id.p);
    free(d);
}

sm_dept *sm_dept_leaf(sm_dept *d)
{
    return d->own ? d->own : d;
}

bool sm_dept_is_full(const sm_dept *d)
{
    return d->concurrency && d->all.running >= d->concurrency;
}

bool sm_dept_path_is_full(const sm_dept *d)
{
    for (; d; d = d->parent)
        if (sm_dept_is_full(d))
            return true;
    return false;
}

static void settle_all(const sm_schedule *s, sm_dept *d)
{
    for (size_t i = 0; d->node && i < s->n_groups * SM_N_CLASSES; i++)
        if (d->node[i])
            sm_tree_settle(d->node[i]);
}

void sm_dept_run(sm_schedule *s, sm_dept *d, int step)
{
    d->mine.running += (uint32_t)step;
    for (; d; d = d->parent) {
        bool was = sm_dept_is_full(d);
        d->all.running += (uint32_t)step;
        if (was != sm_dept_is_full(d))
            settle_all(s, d);
    }
}

/* --------------------------------------------------------------- by id */

static size_t slot_of(const sm_schedule *s, sm_str id)
{
    size_t mask = s->n_by_id - 1, i = (size_t)sm_hash64(id, 0) & mask;
    while (s->by_id[i] && !sm_str_eq(s->dept[s->by_id[i] - 1]->id, id))
        i = (i + 1) & mask;
    return i;
}

void sm_dept_index(sm_schedule *s)
{
    size_t n = 16;
    while (n < 2 * s->n_depts)
        n *= 2;
    free(s->by_id);
    s->by_id = sm_need(calloc(n, sizeof *s->by_id));
    s->n_by_id = n;
    for (size_t i = 0; i < s->n_depts; i++)
        s->by_id[slot_of(s, s->dept[i]->id)] = (uint32_t)i + 1;
}

bool sm_schedule_find_department(const sm_schedule *s, sm_str id, size_t *out)
{
    uint32_t at = s->by_id[slot_of(s, id)];
    if (!at)
        return false;
    *out = at - 1;
    return true;
}

sm_dept *sm_dept_find(const sm_schedule *s, sm_str id)
{
    size_t i;
    return sm_schedule_find_department(s, id, &i) ? s->dept[i] : NULL;
}

sm_dept *sm_dept_take_in(sm_schedule *s, sm_str id)
{
    if (s->n_depts == s->cap_depts) {
        s->cap_depts = s->cap_depts ? 2 * s->cap_depts : 16;
        s->dept = sm_need(realloc(s->dept, s->cap_depts * sizeof *s->dept));
    }
    sm_dept *d = sm_dept_new(id);
    s->dept[s->n_depts++] = d;
    if (2 * s->n_depts > s->n_by_id)
        sm_dept_index(s);
    else
        s->by_id[slot_of(s, id)] = (uint32_t)s->n_depts;
    return d;
}
