/*
 * A model puts an unsure question into other words, to search with (guide/rewriting.c says what of
 * it is used).  The call is short and runs on the model thread; whatever goes wrong, the question
 * stays as it was read.
 */
#include "server/inner.h"

#include <stdlib.h>
#include <string.h>

enum { WROTE_BYTES = 4096, MOST_MS = 6000 };

/* Belongs to whoever opened it and to its call, until both have let it go. */
struct sm_rewrite_job {
    atomic_int users;
    _Atomic(sm_model_call *) call;
    atomic_bool cancelled;
    sm_server *sv;
    sm_rewrite_ask ask;
    sm_wanted wanted;
    sm_events events;
    char wrote[WROTE_BYTES];
    size_t n_wrote;
    bool full, whole; /* more came than is read; the writer finished */
    int64_t began_us, took_us;
};

static void let_go(sm_rewrite_job *j)
{
    if (atomic_fetch_sub(&j->users, 1) != 1)
        return;
    sm_model_call *c = atomic_load(&j->call);
    if (c)
        sm_model_call_done(c);
    free(j);
}

void sm_rewrite_close(sm_rewrite_job *j)
{
    if (j)
        let_go(j);
}

void sm_rewrite_cancel(void *job)
{
    sm_rewrite_job *j = job;
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
    sm_rewrite_job *j = job;
    j->full = text.n > WROTE_BYTES - j->n_wrote;
    if (j->full)
        return false;
    memcpy(j->wrote + j->n_wrote, text.p, text.n);
    j->n_wrote += text.n;
    return true;
}

static sm_taken on_bytes(void *job, sm_str bytes)
{
    sm_rewrite_job *j = job;
    return sm_events_read(&j->events, bytes) ? SM_TAKEN : SM_TAKEN_GONE;
}

static bool is_full(void *job)
{
    (void)job;
    return false;
}

static void on_end(void *job, const char *trace, sm_call_end *e)
{
    sm_rewrite_job *j = job;
    (void)trace;
    j->whole = e->status == 200 && !e->error.status && !j->full && !j->events.cut;
    j->took_us = sm_now_us() - j->began_us;
    j->ask.done(j->ask.ctx);
    let_go(j);
}

static const sm_call_calls calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_end
};

sm_rewrite_job *sm_rewrite_open(sm_server *sv, const sm_rewrite_ask *ask)
{
    sm_rewrite_job *j = calloc(1, sizeof(*j));
    if (!j)
        abort();
    atomic_store(&j->users, 1);
    j->sv = sv;
    j->ask = *ask;
    return j;
}

void sm_rewrite_start(sm_rewrite_job *j)
{
    const char *param;
    sm_op *op = j->ask.op;
    sm_str model = sm_str_of(j->sv->set->model);
    sm_str body =
        sm_rewriting_request(op->arena, sm_worder_prompts(j->sv->worder), j->ask.question, model);
    j->began_us = sm_now_us();
    if (sm_wanted_read(op, SM_SERVICE_CHAT, body, &j->wanted, &param) < 0) {
        sm_op_clear(op);
        j->ask.done(j->ask.ctx);
        return;
    }
    j->events = (sm_events){ .text = on_text, .ctx = j };
    atomic_fetch_add(&j->users, 2); /* the call's, and ours until the handle is stored */
    sm_model_call *c = sm_models_call(j->sv->models, &(sm_call_ask){ .wanted = &j->wanted,
                                                                     .class = SM_CLASS_CITIZEN,
                                                                     .first_ms = MOST_MS,
                                                                     .most_ms = MOST_MS,
                                                                     .calls = &calls,
                                                                     .ctx = j });
    atomic_store(&j->call, c);
    if (atomic_load(&j->cancelled))
        sm_models_cancel(c);
    let_go(j);
}

sm_str sm_rewrite_text(const sm_rewrite_job *j, sm_arena *a)
{
    return j->whole ? sm_rewriting_read(a, (sm_str){ j->wrote, j->n_wrote }) : (sm_str){ 0 };
}

double sm_rewrite_ms(const sm_rewrite_job *j)
{
    return (double)j->took_us / 1000.0;
}
