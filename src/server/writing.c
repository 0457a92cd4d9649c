/*
 * A model is asked once and what it writes is kept until it has finished: to put a question into
 * other words, to draft a document's body.  The call runs on the model thread; what breaks off,
 * runs out of time or grows over its limit is as good as nothing.
 */
#include "server/inner.h"

#include <stdlib.h>
#include <string.h>

/* Belongs to whoever opened it and to its call, until both have let it go. */
struct sm_write_job {
    atomic_int users;
    _Atomic(sm_model_call *) call;
    atomic_bool cancelled;
    sm_server *sv;
    sm_write_ask ask;
    sm_wanted wanted;
    sm_events events;
    bool full, whole; /* more came than is kept; the writer finished */
    int64_t began_us, took_us;
    size_t n_wrote;
    char wrote[];
};

static void let_go(sm_write_job *j)
{
    if (atomic_fetch_sub(&j->users, 1) != 1)
        return;
    sm_model_call *c = atomic_load(&j->call);
    if (c)
        sm_model_call_done(c);
    free(j);
}

void sm_write_close(sm_write_job *j)
{
    if (j)
        let_go(j);
}

void sm_write_cancel(void *job)
{
    sm_write_job *j = job;
    atomic_store(&j->cancelled, true);
    sm_model_call *c = atomic_load(&j->call);
    if (c)
        sm_models_cancel(c);
}

static void on_begin(void *job, const char *trace)
{
    (void)job, (void)trace;
}

static bool on_text(void *job, sm_str text)
{
    sm_write_job *j = job;
    j->full = text.n > j->ask.max_bytes - j->n_wrote;
    if (j->full)
        return false;
    memcpy(j->wrote + j->n_wrote, text.p, text.n);
    j->n_wrote += text.n;
    return true;
}

static sm_taken on_bytes(void *job, sm_str bytes)
{
    sm_write_job *j = job;
    return sm_events_read(&j->events, bytes) ? SM_TAKEN : SM_TAKEN_GONE;
}

static bool is_full(void *job)
{
    (void)job;
    return false;
}

static void on_end(void *job, const char *trace, sm_call_end *e)
{
    sm_write_job *j = job;
    (void)trace;
    j->whole = e->status == 200 && !e->error.status && !j->full && !j->events.cut;
    j->took_us = sm_now_us() - j->began_us;
    j->ask.done(j->ask.ctx);
    let_go(j);
}

static const sm_call_calls calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_end
};

sm_write_job *sm_write_open(sm_server *sv, const sm_write_ask *ask)
{
    sm_write_job *j = calloc(1, sizeof(*j) + ask->max_bytes);
    if (!j)
        abort();
    atomic_store(&j->users, 1);
    j->sv = sv;
    j->ask = *ask;
    return j;
}

/* The first model may have been registered since the server began. */
static void look(sm_server *sv)
{
    sm_books *pin;
    sm_models_pin(sv->models, &pin);
    sm_models_unpin(pin);
}

void sm_write_start(sm_write_job *j)
{
    const char *param;
    const sm_write_ask *ask = &j->ask;
    j->began_us = sm_now_us();
    look(j->sv);
    if (sm_wanted_read(ask->op, SM_SERVICE_CHAT, ask->request, &j->wanted, &param) < 0) {
        sm_op_clear(ask->op);
        ask->done(ask->ctx);
        return;
    }
    j->events = (sm_events){ .text = on_text, .ctx = j };
    atomic_fetch_add(&j->users, 2); /* the call's, and ours until the handle is stored */
    sm_model_call *c = sm_models_call(j->sv->models, &(sm_call_ask){ .wanted = &j->wanted,
                                                                     .class = ask->class,
                                                                     .first_ms = ask->most_ms,
                                                                     .most_ms = ask->most_ms,
                                                                     .calls = &calls,
                                                                     .ctx = j });
    atomic_store(&j->call, c);
    if (atomic_load(&j->cancelled))
        sm_models_cancel(c);
    let_go(j);
}

sm_str sm_write_text(const sm_write_job *j)
{
    return j->whole ? (sm_str){ j->wrote, j->n_wrote } : (sm_str){ 0 };
}

double sm_write_ms(const sm_write_job *j)
{
    return (double)j->took_us / 1000.0;
}
