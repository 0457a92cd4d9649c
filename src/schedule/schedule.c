/*
 * Whose turn it is: the order between classes, starts, ends and yields.
 */
#include "schedule/inner.h"

enum { MAX_RETRIES_LOOKED_AT = 64 };
/* A class that is served in its turn may get so many calls ahead of what it earns: a short burst of
 * a higher class does not make it due. */
static const double AHEAD_CALLS = 8;

/* ----------------------------------------------------------- whose turn */

struct turn {
    sm_group *group;
    sm_call *call;
    bool due;
};

static sm_call *oldest(const sm_node *leaf)
{
    sm_call *first = leaf->queue[0]->calls.first;
    for (uint32_t i = 1; i < leaf->n_queues; i++)
        if (leaf->queue[i]->calls.first->seq < first->seq)
            first = leaf->queue[i]->calls.first;
    return first;
}

static sm_call *first_of(const sm_group *g, sm_class k)
{
    const sm_node *leaf = sm_tree_first(g->root[k]);
    return leaf ? oldest(leaf) : NULL;
}

/* A lower class that has earned its next call against k. */
static bool due_before(sm_group *g, sm_class k, struct turn *out)
{
    for (int c = (int)k + 1; c < SM_N_CLASSES; c++) {
        if (g->earned[c][k] <= 0)
            continue;
        sm_call *call = first_of(g, (sm_class)c);
        if (!call || call->cost > g->earned[c][k])
            continue;
        *out = (struct turn){ .group = g, .call = call, .due = true };
        return true;
    }
    return false;
}

static bool turn_in(const sm_schedule *s, sm_group *g, struct turn *out)
{
    for (int k = 0; k < SM_N_CLASSES; k++) {
        if (!sm_group_is_open(s, g, (sm_class)k))
            continue;
        if (due_before(g, (sm_class)k, out))
            return true;
        sm_call *call = first_of(g, (sm_class)k);
        if (!call)
            continue;
        *out = (struct turn){ .group = g, .call = call };
        return true;
    }
    return false;
}

/* The back end its pool likes best, if it is the call's turn there, too; else the best in the
 * group. */
static sm_station *station_for(const struct turn *t)
{
    sm_call *c = t->call;
    sm_station *v = sm_pool_choose(c->pool, c, NULL);
    if (!v || v->group == t->group || first_of(v->group, c->class) == c)
        return v;
    return sm_pool_choose(c->pool, c, t->group);
}

/* ----------------------------------------------------------------- start */

static void earn(const sm_schedule *s, sm_group *g, sm_class k, double tokens)
{
    for (int c = (int)k + 1; c < SM_N_CLASSES; c++)
        if (g->root[c]->n)
            g->earned[c][k] += s->class[c].rules.share * tokens;
    for (int j = 0; j < (int)k && g->root[k]->n; j++)
        g->earned[k][j] = SM_MAX(g->earned[k][j] - tokens, -AHEAD_CALLS * tokens);
}

/* A call pays once, however often it is started. */
static void pay(sm_schedule *s, sm_call *c, sm_group *g)
{
    c->node = g ? sm_tree_node(s, g, c->class, sm_unit_leaf(c->unit)) : NULL;
    if (c->paid || !g)
        return;
    c->paid = true;
    sm_tree_pay(c->node, c->cost);
    earn(s, g, c->class, c->cost);
}

static void keep_pace(sm_class_state *k, int64_t now_us)
{
    if (k->last_start_us && k->order.n) {
        double us = (double)(now_us - k->last_start_us);
        k->interval_us = k->interval_us > 0 ? k->interval_us + (us - k->interval_us) / 16 : us;
    }
    k->last_start_us = now_us;
}

static void start(sm_schedule *s, sm_call *c, sm_station *v, bool due, int64_t now_us,
                  sm_start *out)
{
    sm_class_state *k = &s->class[c->class];
    keep_pace(k, now_us);
    sm_call_unwait(s, c);
    pay(s, c, v->group);
    sm_pool_took(c->pool, v);
    c->attempts++;
    c->due = due;
    c->generated = 0;
    k->n.started++;
    k->n.started_due += due;
    sm_call_run(s, c, v, now_us);
    *out = (sm_start){ .call = c,
                       .user = c->user,
                       .back_end = v->id,
                       .waited_us = now_us - c->since_us,
                       .attempt = c->attempts };
}

static bool start_retry(sm_schedule *s, sm_class k, int64_t now_us, sm_start *out)
{
    sm_list *l = &s->class[k].retries;
    for (uint32_t n = SM_MIN(l->n, (uint32_t)MAX_RETRIES_LOOKED_AT); n > 0; n--) {
        sm_call *c = l->first;
        sm_station *v = sm_pool_choose(c->pool, c, NULL);
        if (v && !sm_unit_path_is_full(c->unit) &&
            (!v->group || sm_group_is_open(s, v->group, k))) {
            start(s, c, v, false, now_us, out);
            return true;
        }
        sm_list_remove(l, c, SM_IN_QUEUE);
        sm_list_add(l, c, SM_IN_QUEUE);
    }
    return false;
}

bool sm_schedule_next(sm_schedule *s, int64_t now_us, sm_start *out)
{
    for (int k = 0; k < SM_N_CLASSES; k++)
        if (start_retry(s, (sm_class)k, now_us, out))
            return true;
    for (size_t i = 0; i < s->n_groups; i++) {
        struct turn t;
        if (!turn_in(s, s->group[i], &t))
            continue;
        start(s, t.call, station_for(&t), t.due, now_us, out);
        return true;
    }
    return false;
}

/* ------------------------------------------------------------ running */

void sm_schedule_progress(sm_schedule *s, sm_call *c, uint32_t generated_tokens, int64_t now_us)
{
    (void)s;
    c->generated = generated_tokens;
    uint64_t used = (uint64_t)c->prompt + generated_tokens;
    sm_budget_hold(c, (uint32_t)SM_MIN(used, UINT32_MAX), now_us);
}

static void learn(double *usual, double generated)
{
    *usual = *usual < 0 ? generated : *usual + (generated - *usual) / 16;
}

static void count_end(sm_class_figures *k, sm_unit_class *d, sm_outcome outcome)
{
    switch (outcome) {
    case SM_OUTCOME_DONE:
        k->done++;
        d->done++;
        break;
    case SM_OUTCOME_FAILED:
        k->failed++;
        d->failed++;
        break;
    case SM_OUTCOME_GONE:
        k->gone++;
        d->gone++;
        break;
    }
}

void sm_schedule_finish(sm_schedule *s, sm_call *c, uint32_t prompt_tokens,
                        uint32_t generated_tokens, sm_outcome outcome, int64_t now_us)
{
    sm_class_state *k = &s->class[c->class];
    sm_unit_class *d = &c->unit->class[c->class];
    int64_t used = (int64_t)prompt_tokens + generated_tokens;
    sm_call_unrun(s, c, now_us);
    if (c->node)
        sm_tree_correct(c->node, (double)used - c->cost);
    sm_budget_settle(c, used, now_us);
    if (outcome == SM_OUTCOME_DONE && c->max_tokens) {
        learn(&d->usual, generated_tokens);
        learn(&k->usual, generated_tokens);
    }
    count_end(&k->n, d, outcome);
    k->n.prompt_tokens += prompt_tokens;
    k->n.generated_tokens += generated_tokens;
    d->prompt_tokens += prompt_tokens;
    d->generated_tokens += generated_tokens;
    sm_call_free(s, c);
}

bool sm_schedule_retry(sm_schedule *s, sm_call *c, uint32_t prompt_tokens,
                       uint32_t generated_tokens, bool exclude, int64_t now_us)
{
    if (exclude && c->n_excluded == SM_SCHEDULE_MAX_ATTEMPTS)
        return false;
    if (exclude)
        c->excluded[c->n_excluded++] = c->station->id;
    if (!sm_call_has_hope(c)) {
        c->n_excluded -= exclude;
        return false;
    }
    sm_class_figures *n = &s->class[c->class].n;
    n->wasted_tokens += (uint64_t)prompt_tokens + generated_tokens;
    bool yielded = c->yielding && !exclude;
    n->preempted += yielded;
    n->retried += !yielded;
    sm_call_unrun(s, c, now_us);
    c->node = NULL;
    c->yields = (uint8_t)(c->yields + yielded);
    c->yielding = false;
    sm_call_wait(s, c, now_us, true);
    return true;
}

/* -------------------------------------------------------------- yields */

static uint32_t live_in_want(const sm_schedule *s, const sm_group *g)
{
    uint32_t n = 0;
    for (int k = 0; k < SM_CLASS_BATCH; k++)
        if (g->root[k]->n && !sm_group_is_open(s, g, (sm_class)k))
            n += g->waiting[k];
    return n;
}

static sm_call *newest_to_yield(const sm_group *g)
{
    sm_call *c = g->batch.last;
    while (c && (c->due || c->yielding || c->yields >= SM_SCHEDULE_MAX_YIELDS))
        c = c->link[SM_IN_QUEUE].before;
    return c;
}

sm_call *sm_schedule_preempt(sm_schedule *s)
{
    for (size_t i = 0; s->preempts && i < s->n_groups; i++) {
        sm_group *g = s->group[i];
        if (!g->batch.n || g->n_yielding >= live_in_want(s, g))
            continue;
        sm_call *c = newest_to_yield(g);
        if (!c)
            continue;
        c->yielding = true;
        g->n_yielding++;
        return c;
    }
    return NULL;
}
