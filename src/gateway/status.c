/*
 * The status, and waiting for an answer.
 */
#include "gateway/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/text.h"

/* ------------------------------------------------------------- what waits */

typedef struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
} waiter;

static void waiter_init(waiter *w)
{
    pthread_condattr_t by_clock;
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->cond, &by_clock);
    pthread_condattr_destroy(&by_clock);
    w->done = false;
}

static void waiter_done(waiter *w)
{
    pthread_cond_destroy(&w->cond);
    pthread_mutex_destroy(&w->lock);
}

static void wake(waiter *w)
{
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

/* Whether it is done after ms at most. */
static bool wait_for(waiter *w, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&w->lock);
    while (!w->done && pthread_cond_timedwait(&w->cond, &w->lock, &until) != ETIMEDOUT)
        ;
    bool done = w->done;
    pthread_mutex_unlock(&w->lock);
    return done;
}

/* ------------------------------------------------------------------- status */

static json_t *refusals_json(const sm_class_figures *f)
{
    json_t *all = json_array();
    for (int k = SM_REFUSED_NONE + 1; k < SM_N_REFUSALS; k++)
        if (f->refused[k])
            json_array_append_new(all, json_pack("{s:s,s:s,s:I}", "reason",
                                                 sm_refusal_id((sm_refusal_kind)k), "text",
                                                 sm_refusal_text((sm_refusal_kind)k), "n",
                                                 (json_int_t)f->refused[k]));
    return all;
}

static json_t *class_json(const sm_schedule *s, sm_class c)
{
    sm_class_figures f;
    uint64_t refused = 0;
    sm_schedule_class(s, c, &f);
    for (size_t i = 0; i < SM_N_REFUSALS; i++)
        refused += f.refused[i];
    int64_t waited = f.waiting ? sm_now_us() - f.oldest_us : 0;
    return json_pack("{s:s,s:i,s:i,s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:I,s:f}", "class", sm_class_id(c),
                     "waiting", (int)f.waiting, "running", (int)f.running, "started",
                     (json_int_t)f.started, "done", (json_int_t)f.done, "failed",
                     (json_int_t)f.failed, "gone", (json_int_t)f.gone, "refused",
                     (json_int_t)refused, "refusals", refusals_json(&f), "prompt_tokens",
                     (json_int_t)f.prompt_tokens, "generated_tokens",
                     (json_int_t)f.generated_tokens, "oldest_ms", (double)waited / 1000.0);
}

static json_t *department_json(const sm_department_figures *f)
{
    json_t *classes = json_array();
    for (int c = 0; c < SM_N_CLASSES; c++)
        json_array_append_new(classes,
                              json_pack("{s:s,s:i,s:i,s:I,s:I}", "class", sm_class_id((sm_class)c),
                                        "waiting", (int)f->class[c].waiting, "running",
                                        (int)f->class[c].running, "prompt_tokens",
                                        (json_int_t)f->class[c].prompt_tokens, "generated_tokens",
                                        (json_int_t)f->class[c].generated_tokens));
    return json_pack("{s:o,s:i,s:I,s:I,s:I,s:I,s:o}", "id", sm_json_of(f->id), "running",
                     (int)f->running, "minute_used", (json_int_t)f->minute_used, "day_used",
                     (json_int_t)f->day_used, "month_used", (json_int_t)f->month_used, "held",
                     (json_int_t)f->held, "classes", classes);
}

static json_t *status_json(sm_models *m)
{
    json_t *hosts = json_array(), *classes = json_array(), *departments = json_array();
    sm_department_figures f;
    for (sm_host *h = m->hosts; h; h = h->next)
        if (!h->gone)
            json_array_append_new(hosts, sm_host_json(h));
    for (int c = 0; c < SM_N_CLASSES; c++)
        json_array_append_new(classes, class_json(m->schedule, (sm_class)c));
    for (size_t i = 0; i < sm_schedule_n_departments(m->schedule); i++) {
        sm_schedule_department(m->schedule, i, sm_now_us(), &f);
        json_array_append_new(departments, department_json(&f));
    }
    return json_pack("{s:b,s:i,s:f,s:o,s:o,s:o,s:o}", "running", 1, "in_flight",
                     atomic_load(&m->n_calls), "retries_left", m->retries, "backends", hosts,
                     "classes", classes, "departments", departments, "calls",
                     sm_past_json(m->past));
}

typedef struct status_ask {
    sm_post post;
    sm_models *m;
    waiter w;
    json_t *out;
} status_ask;

static void fill_status(void *ask)
{
    status_ask *a = ask;
    a->out = status_json(a->m);
    wake(&a->w);
}

json_t *sm_models_status(sm_models *m)
{
    status_ask a = { .m = m };
    sm_models_look(m);
    if (!atomic_load(&m->started))
        return json_pack("{s:b,s:[],s:[],s:[],s:[]}", "running", 0, "backends", "classes",
                         "departments", "calls");
    a.post = (sm_post){ .fn = fill_status, .ctx = &a };
    waiter_init(&a.w);
    sm_loop_post(m->loop, &a.post);
    while (!wait_for(&a.w, 1000))
        ;
    waiter_done(&a.w);
    return a.out;
}

/* It may quote what others wrote, and have been cut. */
json_t *sm_model_error_json(const sm_model_error *e)
{
    sm_arena *a = sm_arena_open();
    json_t *message = sm_json_of(sm_utf8_mend(a, sm_str_of(e->message)));
    sm_arena_close(a);
    return json_pack("{s:{s:o,s:s,s:s?,s:s}}", "error", "message", message, "type", e->type,
                     "param", e->param, "code", e->code);
}

/* ------------------------------------------------------------- asking and waiting */

typedef struct asking {
    waiter w;
    sm_buf text;
    sm_model_error error;
    int status;
} asking;

static void ask_begin(void *ask, const char *trace)
{
    (void)ask, (void)trace;
}

static sm_taken ask_bytes(void *ask, sm_str bytes)
{
    (void)ask, (void)bytes;
    return SM_TAKEN;
}

static bool ask_full(void *ask)
{
    (void)ask;
    return false;
}

static void ask_end(void *ask, const char *trace, sm_call_end *e)
{
    (void)trace;
    asking *a = ask;
    a->status = e->status;
    a->error = e->error;
    if (e->body) {
        a->text = *e->body;
        *e->body = (sm_buf){ 0 };
    }
    wake(&a->w);
}

static sm_rc rc_of(const sm_model_error *e, int status)
{
    if (status == 504)
        return SM_E_TIMEOUT;
    if (status == 429)
        return SM_E_LIMIT;
    if (status == 499)
        return SM_E_CANCELLED;
    return status >= 400 && status < 500 && !(e->status && status == 404) ? SM_E_INVALID
                                                                          : SM_E_UNAVAILABLE;
}

static sm_rc take_answer(sm_op *op, asking *a, sm_str *out)
{
    sm_rc rc = sm_op_check(op);
    if (rc == SM_OK && a->error.status)
        rc = sm_fail(op, rc_of(&a->error, a->status), "%s", a->error.message);
    else if (rc == SM_OK && a->status != 200)
        rc = sm_fail(op, rc_of(&a->error, a->status), "模型服务不接受这个请求");
    if (rc == SM_OK)
        *out = sm_str_dup(op->arena, sm_buf_str(&a->text));
    sm_buf_done(&a->text);
    return rc;
}

sm_rc sm_models_ask(sm_op *op, sm_models *m, const sm_call_ask *ask, sm_str *out)
{
    static const sm_call_calls calls = { ask_begin, ask_bytes, ask_full, ask_end };
    enum { LOOK_MS = 50 };
    asking a = { 0 };
    sm_call_ask mine = *ask;
    mine.calls = &calls;
    mine.ctx = &a;
    if (ask->wanted->stream)
        return sm_fail(op, SM_E_INTERNAL, "这里只能要完整的回答");
    waiter_init(&a.w);
    sm_model_call *c = sm_models_call(m, &mine);
    bool cancelled = false;
    while (!wait_for(&a.w, LOOK_MS))
        if (!cancelled && sm_op_check(op) < 0) {
            cancelled = true;
            sm_models_cancel(c);
        }
    sm_model_call_done(c);
    waiter_done(&a.w);
    return take_answer(op, &a, out);
}
