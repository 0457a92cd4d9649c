/*
 * What the schedule tells about itself.
 */
#include "schedule/inner.h"

void *sm_call_user(const sm_call *call)
{
    return call->user;
}

sm_class sm_call_class(const sm_call *call)
{
    return call->class;
}

bool sm_call_is_running(const sm_call *call)
{
    return call->station != NULL;
}

int64_t sm_call_back_end(const sm_call *call)
{
    return call->station ? call->station->id : 0;
}

size_t sm_schedule_n_departments(const sm_schedule *s)
{
    return s->n_units;
}

static int64_t left(int64_t budget, int64_t used)
{
    return budget ? budget - used : INT64_MAX;
}

void sm_schedule_department(const sm_schedule *s, size_t i, int64_t now_us,
                            sm_department_figures *out)
{
    sm_unit *d = s->unit[i];
    sm_budget_minute(d, now_us);
    *out = (sm_department_figures){
        .id = d->id,
        .own_day_tokens = d->mine.day,
        .own_month_tokens = d->mine.month,
        .minute_used = d->all.minute,
        .day_used = d->all.day,
        .month_used = d->all.month,
        .held = d->all.held,
        .minute_left = left(d->minute_tokens, d->all.minute),
        .day_left = left(d->day_tokens, d->all.day + d->all.held),
        .month_left = left(d->month_tokens, d->all.month + d->all.held),
        .running = d->all.running,
    };
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_unit_class *c = &d->class[k];
        out->class[k].prompt_tokens = c->prompt_tokens;
        out->class[k].generated_tokens = c->generated_tokens;
        out->class[k].done = c->done;
        out->class[k].failed = c->failed;
        out->class[k].gone = c->gone;
        out->class[k].waiting = c->waiting;
        out->class[k].running = c->running;
        for (int r = 0; r < SM_N_REFUSALS; r++)
            out->class[k].refused[r] = c->refused[r];
    }
}

void sm_schedule_class(const sm_schedule *s, sm_class c, sm_class_figures *out)
{
    const sm_class_state *k = &s->class[c];
    *out = k->n;
    out->waiting = k->order.n;
    out->oldest_us = k->order.first ? k->order.first->since_us : INT64_MAX;
}

size_t sm_schedule_n_back_ends(const sm_schedule *s)
{
    return s->n_stations;
}

void sm_schedule_back_end_figures(const sm_schedule *s, size_t i, sm_back_end_figures *out)
{
    const sm_station *v = s->station[i];
    *out = (sm_back_end_figures){ .id = v->id,
                                  .state = v->state,
                                  .slots = v->slots,
                                  .running = v->running,
                                  .started = v->started };
}
