/*
 * Checking a new configuration and taking it up while calls wait and run.
 */
#include <stdlib.h>

#include "schedule/inner.h"

enum { MAX_ID_BYTES = 128 };
static const int64_t MAX_BUDGET = INT64_MAX / 8;

/* --------------------------------------------------------------- checks */

static int by_id(const void *a, const void *b)
{
    const sm_department *const *x = a, *const *y = b;
    return sm_str_cmp((*x)->id, (*y)->id);
}

static sm_rc check_numbers(sm_op *op, const sm_department *d)
{
    if (!d->id.n || d->id.n > MAX_ID_BYTES)
        return sm_fail(op, SM_E_INVALID, "部门的编号不能为空，也不能超过 %d 字节", MAX_ID_BYTES);
    if (d->weight > SM_SCHEDULE_MAX_WEIGHT)
        return sm_fail(op, SM_E_INVALID, "部门 %.*s 的权重超过了 %d", SM_ARG(d->id),
                       SM_SCHEDULE_MAX_WEIGHT);
    int64_t least = SM_MIN(SM_MIN(d->minute_tokens, d->day_tokens), d->month_tokens);
    int64_t most = SM_MAX(SM_MAX(d->minute_tokens, d->day_tokens), d->month_tokens);
    if (least < 0 || most > MAX_BUDGET)
        return sm_fail(op, SM_E_INVALID, "部门 %.*s 的用量上限不合理", SM_ARG(d->id));
    return SM_OK;
}

/* The departments by id, each once. */
static sm_rc sorted(sm_op *op, const sm_schedule_config *c, const sm_department ***out)
{
    const sm_department **d = SM_NEWS(op->arena, const sm_department *, c->n_departments + 1);
    for (size_t i = 0; i < c->n_departments; i++) {
        d[i] = &c->department[i];
        sm_rc rc = check_numbers(op, d[i]);
        if (rc < 0)
            return rc;
    }
    qsort(d, c->n_departments, sizeof *d, by_id);
    for (size_t i = 1; i < c->n_departments; i++)
        if (sm_str_eq(d[i - 1]->id, d[i]->id))
            return sm_fail(op, SM_E_INVALID, "部门 %.*s 出现了两次", SM_ARG(d[i]->id));
    *out = d;
    return SM_OK;
}

static const sm_department *parent_of(const sm_department *const *all, size_t n,
                                      const sm_department *d)
{
    const sm_department key = { .id = d->parent }, *k = &key;
    const sm_department *const *found = bsearch(&k, all, n, sizeof *all, by_id);
    return found ? *found : NULL;
}

static sm_rc check_tree(sm_op *op, const sm_schedule_config *c)
{
    const sm_department **all = NULL;
    sm_rc rc = sorted(op, c, &all);
    for (size_t i = 0; rc >= 0 && i < c->n_departments; i++) {
        const sm_department *d = &c->department[i];
        for (int depth = 1; d->parent.n && rc >= 0; depth++) {
            const sm_department *up = parent_of(all, c->n_departments, d);
            if (!up)
                return sm_fail(op, SM_E_INVALID, "部门 %.*s 的上级 %.*s 不存在", SM_ARG(d->id),
                               SM_ARG(d->parent));
            if (depth >= SM_SCHEDULE_MAX_DEPTH)
                return sm_fail(op, SM_E_INVALID, "部门 %.*s 的层级超过 %d 层，或上级成了环",
                               SM_ARG(c->department[i].id), SM_SCHEDULE_MAX_DEPTH);
            d = up;
        }
    }
    return rc;
}

static sm_rc check_back_ends(sm_op *op, const sm_schedule_config *c)
{
    for (size_t i = 0; i < c->n_back_ends; i++) {
        const sm_back_end *b = &c->back_end[i];
        if (b->slots < 1 || b->slots > SM_SCHEDULE_MAX_SLOTS)
            return sm_fail(op, SM_E_INVALID, "模型后端 %lld 的并发数应在 1 到 %d 之间",
                           (long long)b->id, SM_SCHEDULE_MAX_SLOTS);
        if (!(b->tokens_per_second >= 0 && b->tokens_per_second <= 1e9))
            return sm_fail(op, SM_E_INVALID, "模型后端 %lld 的速度不合理", (long long)b->id);
        for (size_t j = 0; j < i; j++)
            if (c->back_end[j].id == b->id)
                return sm_fail(op, SM_E_INVALID, "模型后端 %lld 出现了两次", (long long)b->id);
    }
    return SM_OK;
}

static sm_rc check(sm_op *op, const sm_schedule_config *c)
{
    if (c->n_departments > SM_SCHEDULE_MAX_DEPARTMENTS)
        return sm_fail(op, SM_E_INVALID, "部门数超过了 %d", SM_SCHEDULE_MAX_DEPARTMENTS);
    if (c->n_back_ends > SM_SCHEDULE_MAX_BACK_ENDS)
        return sm_fail(op, SM_E_INVALID, "模型后端数超过了 %d", SM_SCHEDULE_MAX_BACK_ENDS);
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_class_rules *r = &c->rules[k];
        if (!(r->share >= 0 && r->share <= 0.5 && r->headroom >= 0 && r->headroom <= 0.9 &&
              r->wait_us >= 0))
            return sm_fail(op, SM_E_INVALID, "类别“%s”的调度规则超出范围",
                           sm_class_text((sm_class)k));
    }
    sm_rc rc = check_back_ends(op, c);
    return rc < 0 ? rc : check_tree(op, c);
}

/* -------------------------------------------------------------- taking up */

static void move_queues(sm_unit *from, sm_unit *to)
{
    to->queue = from->queue;
    to->n_queues = from->n_queues;
    to->cap_queues = from->cap_queues;
    from->queue = NULL;
    from->n_queues = from->cap_queues = 0;
    for (uint32_t i = 0; i < to->n_queues; i++)
        to->queue[i]->leaf = to;
}

/* Its own calls become one child among the others. */
static void give_own(sm_unit *d)
{
    if (!d->own) {
        d->own = sm_unit_new((sm_str){ "", 0 });
        d->own->parent = d;
        move_queues(d, d->own);
    }
    d->own->order = 0;
    d->own->weight = d->n_children ? d->children_weight / d->n_children : 1;
}

static void take_department(sm_schedule *s, const sm_department *c, uint32_t order)
{
    sm_unit *d = sm_unit_find(s, c->id);
    if (!d)
        d = sm_unit_add(s, c->id);
    d->gone = false;
    d->order = order;
    d->weight = SM_MAX(c->weight, 1U);
    d->minute_tokens = c->minute_tokens;
    d->day_tokens = c->day_tokens;
    d->month_tokens = c->month_tokens;
    d->concurrency = c->concurrency;
}

static uint32_t calls_of(const sm_unit *d)
{
    uint32_t n = 0;
    for (int k = 0; k < SM_N_CLASSES; k++)
        n += d->class[k].waiting + d->class[k].running;
    return n;
}

static void sum_up(sm_schedule *s, int64_t now_us)
{
    for (size_t i = 0; i < s->n_units; i++) {
        sm_budget_minute(s->unit[i], now_us);
        s->unit[i]->all = (sm_toll){ 0 };
    }
    for (size_t i = 0; i < s->n_units; i++)
        for (sm_unit *d = s->unit[i]; d; d = d->parent) {
            const sm_toll *m = &s->unit[i]->mine;
            d->all.minute += m->minute;
            d->all.day += m->day;
            d->all.month += m->month;
            d->all.held += m->held;
            d->all.running += m->running;
        }
}

static void take_tree(sm_schedule *s, const sm_schedule_config *c)
{
    if (!s->n_units)
        sm_unit_add(s, (sm_str){ "", 0 });
    for (size_t i = 1; i < s->n_units; i++)
        s->unit[i]->gone = true;
    for (size_t i = 0; i < c->n_departments; i++)
        take_department(s, &c->department[i], (uint32_t)i + 1);
    for (size_t i = 0; i < s->n_units; i++) {
        sm_unit *d = s->unit[i];
        d->n_children = 0;
        d->children_weight = 0;
        d->parent = i ? s->unit[0] : NULL;
    }
    for (size_t i = 0; i < c->n_departments; i++)
        sm_unit_find(s, c->department[i].id)->parent = sm_unit_find(s, c->department[i].parent);
    for (size_t i = 1; i < s->n_units; i++) {
        s->unit[i]->parent->n_children++;
        s->unit[i]->parent->children_weight += s->unit[i]->weight;
    }
    for (size_t i = 0; i < s->n_units; i++)
        if (s->unit[i]->n_children || s->unit[i]->own || i == 0)
            give_own(s->unit[i]);
}

static void drop_departments(sm_schedule *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_units; i++) {
        if (s->unit[i]->gone && !calls_of(s->unit[i]))
            sm_unit_free(s->unit[i]);
        else
            s->unit[n++] = s->unit[i];
    }
    s->n_units = n;
    sm_unit_index(s);
}

static void take_station(sm_schedule *s, const sm_back_end *b)
{
    sm_station *v = sm_station_find(s, b->id);
    if (!v) {
        s->station = sm_need(realloc(s->station, (s->n_stations + 1) * sizeof *s->station));
        v = s->station[s->n_stations++] = sm_need(calloc(1, sizeof *v));
        v->id = b->id;
    }
    v->known = true;
    v->slots = b->slots;
    v->speed = b->tokens_per_second;
    v->state = b->state;
}

/* Those that are gone stay while calls run on them. */
static void take_stations(sm_schedule *s, const sm_schedule_config *c)
{
    for (size_t i = 0; i < s->n_stations; i++) {
        s->station[i]->known = false;
        s->station[i]->state = SM_BACK_END_DOWN;
    }
    for (size_t i = 0; i < c->n_back_ends; i++)
        take_station(s, &c->back_end[i]);
    for (size_t i = 0; i < s->n_pools; i++)
        for (size_t j = 0; j < s->pool[i]->n_places; j++) {
            sm_place *at = &s->pool[i]->place[j];
            at->station = sm_station_find(s, at->asked.back_end);
        }
}

static void drop_stations(sm_schedule *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_stations; i++) {
        sm_station *v = s->station[i];
        if (v->known || v->running || v->group)
            s->station[n++] = v;
        else
            free(v);
    }
    s->n_stations = n;
}

static bool anyone_waits(const sm_schedule *s)
{
    uint32_t n = 0;
    for (int k = 0; k < SM_N_CLASSES; k++)
        n += s->class[k].order.n;
    return n > 0;
}

sm_rc sm_schedule_configure(sm_op *op, sm_schedule *s, const sm_schedule_config *c, int64_t now_us)
{
    sm_rc rc = check(op, c);
    if (rc < 0)
        return rc;
    s->preempts = c->preempts;
    s->strict = c->strict;
    for (int k = 0; k < SM_N_CLASSES; k++)
        s->class[k].rules = c->rules[k];
    take_tree(s, c);
    sum_up(s, now_us);
    take_stations(s, c);
    s->look_for_hopeless = anyone_waits(s);
    sm_regroup(s, true);
    drop_departments(s);
    drop_stations(s);
    return SM_OK;
}

bool sm_schedule_back_end(sm_schedule *s, int64_t id, sm_back_end_state state, uint32_t slots)
{
    sm_station *v = sm_station_find(s, id);
    if (!v || !v->known)
        return false;
    sm_station_counts(v, -1);
    v->state = state;
    if (slots)
        v->slots = SM_MIN(slots, (uint32_t)SM_SCHEDULE_MAX_SLOTS);
    sm_station_counts(v, 1);
    s->look_for_hopeless |= state == SM_BACK_END_DOWN && anyone_waits(s);
    sm_regroup(s, false);
    return true;
}

sm_schedule *sm_schedule_open(void)
{
    sm_schedule *s = sm_need(calloc(1, sizeof *s));
    sm_schedule_config c;
    sm_schedule_config_init(&c);
    for (int k = 0; k < SM_N_CLASSES; k++) {
        s->class[k].rules = c.rules[k];
        s->class[k].usual = -1;
    }
    s->preempts = c.preempts;
    s->day_end_us = s->month_end_us = INT64_MAX;
    take_tree(s, &c);
    return s;
}

static void free_list(sm_list *l, int link)
{
    for (sm_call *c = l->first, *after; c; c = after) {
        after = c->link[link].after;
        free(c);
    }
}

void sm_schedule_close(sm_schedule *s)
{
    if (!s)
        return;
    for (int k = 0; k < SM_N_CLASSES; k++)
        free_list(&s->class[k].order, SM_IN_ORDER);
    free_list(&s->running, SM_IN_ORDER);
    free_list(&s->free_calls, SM_IN_ORDER);
    sm_groups_free(s);
    for (size_t i = 0; i < s->n_units; i++)
        sm_unit_free(s->unit[i]);
    for (size_t i = 0; i < s->n_stations; i++)
        free(s->station[i]);
    for (size_t i = 0; i < s->n_pools; i++)
        sm_pool_free(s->pool[i]);
    free(s->unit);
    free(s->by_id);
    free(s->station);
    free(s->pool);
    free(s->pool_hash);
    free(s);
}
