/*
 * Where calls are: waiting in a queue or among the retries, or running on a back end.
 */
#include <stdlib.h>

#include "schedule/inner.h"

static const double USUAL_AT_FIRST = 256; /* generated tokens, before any call has told */

/* --------------------------------------------------------------- lists */

void sm_list_add(sm_list *l, sm_call *c, int link)
{
    c->link[link] = (sm_link){ .before = l->last };
    *(l->last ? &l->last->link[link].after : &l->first) = c;
    l->last = c;
    l->n++;
}

void sm_list_add_front(sm_list *l, sm_call *c, int link)
{
    c->link[link] = (sm_link){ .after = l->first };
    *(l->first ? &l->first->link[link].before : &l->last) = c;
    l->first = c;
    l->n++;
}

void sm_list_remove(sm_list *l, sm_call *c, int link)
{
    sm_link *at = &c->link[link];
    *(at->before ? &at->before->link[link].after : &l->first) = at->after;
    *(at->after ? &at->after->link[link].before : &l->last) = at->before;
    *at = (sm_link){ 0 };
    l->n--;
}

/* ------------------------------------------------------------- waiting */

static void count_waiting(const sm_queue *q, int step)
{
    for (size_t i = 0; i < q->pool->n_groups; i++)
        q->pool->group[i]->waiting[q->class] += (uint32_t)step;
}

static void enter_queue(sm_schedule *s, sm_call *c, bool in_front)
{
    sm_queue *q = c->queue = sm_unit_queue(sm_unit_leaf(c->unit), c->pool, c->class);
    if (in_front)
        sm_list_add_front(&q->calls, c, SM_IN_QUEUE);
    else
        sm_list_add(&q->calls, c, SM_IN_QUEUE);
    count_waiting(q, 1);
    if (q->calls.n == 1)
        sm_tree_enter(s, q);
}

static void leave_queue(sm_schedule *s, sm_call *c)
{
    sm_queue *q = c->queue;
    sm_list_remove(&q->calls, c, SM_IN_QUEUE);
    count_waiting(q, -1);
    c->queue = NULL;
    if (!q->calls.n)
        sm_tree_leave(s, q);
}

/* What excludes a back end does not fit its pool's trees: it waits apart. */
void sm_call_wait(sm_schedule *s, sm_call *c, int64_t now_us, bool in_front)
{
    sm_class_state *k = &s->class[c->class];
    c->since_us = now_us;
    c->unit->class[c->class].waiting++;
    sm_list_add(&k->order, c, SM_IN_ORDER);
    if (c->n_excluded)
        sm_list_add(&k->retries, c, SM_IN_QUEUE);
    else
        enter_queue(s, c, in_front);
}

static void leave(sm_schedule *s, sm_call *c)
{
    if (c->queue)
        leave_queue(s, c);
    else
        sm_list_remove(c->lost ? &s->lost : &s->class[c->class].retries, c, SM_IN_QUEUE);
}

void sm_call_unwait(sm_schedule *s, sm_call *c)
{
    leave(s, c);
    sm_list_remove(&s->class[c->class].order, c, SM_IN_ORDER);
    c->unit->class[c->class].waiting--;
}

/* ------------------------------------------------------------- running */

void sm_call_run(sm_schedule *s, sm_call *c, sm_station *v, int64_t now_us)
{
    c->station = v;
    sm_station_count(v, 1);
    v->started++;
    sm_unit_run(s, c->unit, 1);
    c->unit->class[c->class].running++;
    s->class[c->class].n.running++;
    sm_list_add(&s->running, c, SM_IN_ORDER);
    if (v->group && c->class == SM_CLASS_BATCH)
        sm_list_add(&v->group->batch, c, SM_IN_QUEUE);
    if (v->group && c->class == SM_CLASS_CITIZEN)
        sm_group_citizen(v->group, 1, now_us);
}

void sm_call_unrun(sm_schedule *s, sm_call *c, int64_t now_us)
{
    sm_station *v = c->station;
    if (v->group && c->class == SM_CLASS_BATCH) {
        sm_list_remove(&v->group->batch, c, SM_IN_QUEUE);
        v->group->n_yielding -= c->yielding;
    }
    if (v->group && c->class == SM_CLASS_CITIZEN)
        sm_group_citizen(v->group, -1, now_us);
    sm_list_remove(&s->running, c, SM_IN_ORDER);
    s->class[c->class].n.running--;
    c->unit->class[c->class].running--;
    sm_unit_run(s, c->unit, -1);
    sm_station_count(v, -1);
    c->station = NULL;
}

void sm_call_free(sm_schedule *s, sm_call *c)
{
    c->pool->n_calls--;
    sm_list_add(&s->free_calls, c, SM_IN_ORDER);
}

static sm_call *call_new(sm_schedule *s)
{
    sm_call *c = s->free_calls.last;
    if (!c)
        return sm_need(calloc(1, sizeof *c));
    sm_list_remove(&s->free_calls, c, SM_IN_ORDER);
    *c = (sm_call){ 0 };
    return c;
}

/* ----------------------------------------------------------- admission */

static uint32_t usual(const sm_schedule *s, const sm_unit *d, const sm_call_spec *spec)
{
    double known = d->class[spec->class].usual;
    if (known < 0)
        known = s->class[spec->class].usual;
    if (known < 0)
        known = USUAL_AT_FIRST;
    return known < spec->max_tokens ? (uint32_t)(known + 0.5) : spec->max_tokens;
}

/* When half of those who wait have started, by the pace of late. */
static uint32_t drain_s(const sm_schedule *s, sm_class k)
{
    enum { MOST_S = 300 };
    const sm_class_state *c = &s->class[k];
    double us = c->interval_us * c->order.n / 2;
    return us < 1e6 ? 1 : us > MOST_S * 1e6 ? MOST_S : (uint32_t)(us / 1e6);
}

/* A department may have as many waiting as there is room left, so that a flood of one leaves room
 * for the others (Choudhury, Hahne: Dynamic Queue Length Thresholds, 1998). */
static bool has_room(const sm_class_state *k, uint32_t own_waiting)
{
    return k->order.n < k->rules.queue_max && own_waiting < k->rules.queue_max - k->order.n;
}

static sm_refusal_kind admit(sm_schedule *s, sm_unit *d, const sm_call_spec *spec, sm_pool **pool,
                             int64_t now_us, sm_admission *out)
{
    const sm_class_state *k = &s->class[spec->class];
    if (!d || d->gone)
        return SM_REFUSED_DEPARTMENT;
    out->position = d->class[spec->class].waiting + 1;
    out->class_waiting = k->order.n;
    if (!spec->n_candidates || spec->n_candidates > SM_SCHEDULE_MAX_CANDIDATES)
        return SM_REFUSED_BACK_END;
    *pool = sm_pool_of(s, spec->candidate, spec->n_candidates);
    if ((*pool)->hopeless) {
        out->retry_after_s = 5;
        return SM_REFUSED_BACK_END;
    }
    int64_t tokens =
        (int64_t)spec->prompt_tokens + (s->strict ? spec->max_tokens : usual(s, d, spec));
    sm_refusal_kind over = sm_budget_check(s, d, tokens, now_us, out);
    if (over != SM_REFUSED_NONE)
        return over;
    if (has_room(k, d->class[spec->class].waiting))
        return SM_REFUSED_NONE;
    out->retry_after_s = drain_s(s, spec->class);
    return SM_REFUSED_QUEUE;
}

sm_call *sm_schedule_submit(sm_schedule *s, const sm_call_spec *spec, int64_t now_us,
                            sm_admission *out)
{
    sm_unit *d = sm_unit_find(s, spec->department);
    sm_pool *pool = NULL;
    *out = (sm_admission){ 0 };
    out->refused = admit(s, d, spec, &pool, now_us, out);
    if (out->refused != SM_REFUSED_NONE) {
        s->class[spec->class].n.refused[out->refused]++;
        if (d)
            d->class[spec->class].refused[out->refused]++;
        return NULL;
    }
    uint32_t expected = usual(s, d, spec);
    sm_call *c = call_new(s);
    c->unit = d;
    c->pool = pool;
    c->user = spec->user;
    c->seq = s->seq++;
    c->class = spec->class;
    c->prompt = spec->prompt_tokens;
    c->max_tokens = spec->max_tokens;
    c->cost = SM_MAX((double)c->prompt + expected, 1);
    pool->n_calls++;
    sm_budget_hold(c, c->prompt + (s->strict ? c->max_tokens : expected), now_us);
    sm_call_wait(s, c, now_us, false);
    return c;
}

/* ------------------------------------------------------- ends of a wait */

/* What a call paid and did not get. */
static void pay_back(sm_schedule *s, sm_call *c)
{
    if (!c->paid || !c->pool->n_groups)
        return;
    sm_tree_correct(sm_tree_node(s, c->pool->group[0], c->class, sm_unit_leaf(c->unit)), -c->cost);
}

static void drop_waiting(sm_schedule *s, sm_call *c, int64_t now_us)
{
    sm_call_unwait(s, c);
    pay_back(s, c);
    sm_budget_settle(c, 0, now_us);
    sm_call_free(s, c);
}

void sm_schedule_cancel(sm_schedule *s, sm_call *c, int64_t now_us)
{
    if (c->station) {
        sm_schedule_finish(s, c, c->prompt, c->generated, SM_OUTCOME_GONE, now_us);
        return;
    }
    s->class[c->class].n.gone++;
    c->unit->class[c->class].gone++;
    drop_waiting(s, c, now_us);
}

static bool is_lost(const sm_call *c)
{
    return !c->lost && (c->n_excluded ? !sm_call_has_hope(c) : c->pool->hopeless);
}

static void find_lost(sm_schedule *s)
{
    s->look_for_hopeless = false;
    for (int k = 0; k < SM_N_CLASSES; k++)
        for (sm_call *c = s->class[k].order.first; c; c = c->link[SM_IN_ORDER].after)
            if (is_lost(c)) {
                leave(s, c);
                c->lost = true;
                sm_list_add(&s->lost, c, SM_IN_QUEUE);
            }
}

static bool is_late(const sm_class_state *k, int64_t now_us)
{
    return k->order.first && k->rules.wait_us &&
           now_us - k->order.first->since_us >= k->rules.wait_us;
}

static sm_call *late(const sm_schedule *s, int64_t now_us)
{
    for (int k = 0; k < SM_N_CLASSES; k++)
        if (is_late(&s->class[k], now_us))
            return s->class[k].order.first;
    return NULL;
}

bool sm_schedule_expire(sm_schedule *s, int64_t now_us, sm_expired *out)
{
    if (s->look_for_hopeless)
        find_lost(s);
    sm_call *c = s->lost.first ? s->lost.first : late(s, now_us);
    if (!c)
        return false;
    sm_refusal_kind why = c->lost ? SM_REFUSED_BACK_END : SM_REFUSED_WAIT;
    *out = (sm_expired){
        .user = c->user, .class = c->class, .refused = why, .retry_after_s = drain_s(s, c->class)
    };
    s->class[c->class].n.refused[why]++;
    c->unit->class[c->class].refused[why]++;
    drop_waiting(s, c, now_us);
    return true;
}

int64_t sm_schedule_next_event_us(const sm_schedule *s)
{
    int64_t at = SM_MIN(s->day_end_us, s->month_end_us);
    if (s->look_for_hopeless || s->lost.n)
        return 0;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_class_state *c = &s->class[k];
        if (c->order.first && c->rules.wait_us)
            at = SM_MIN(at, c->order.first->since_us + c->rules.wait_us);
    }
    return at;
}
