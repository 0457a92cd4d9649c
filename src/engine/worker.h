/*
 * engine/worker.h - the thread that owns the model's context: texts join and leave it at any
 * token.
 *
 * Rests on base, lm.h, job.h.  In each round it first writes one token of each running text (or
 * more, where a guess held), then computes one part of the prompts that wait: a long prompt holds
 * up those who read along by one part at most.
 */
#ifndef SM_ENGINE_WORKER_H
#define SM_ENGINE_WORKER_H

#include "engine/job.h"

typedef struct sm_worker sm_worker;

typedef struct sm_worker_options {
    size_t max_queued; /* jobs that wait for a place */
    bool may_draft;
} sm_worker_options;

/* Since the beginning; read at any time. */
typedef struct sm_worker_figures {
    uint64_t n_jobs, n_failed, n_gone, n_refused;
    uint64_t n_prompt, n_cached, n_written, n_drafted, n_accepted; /* tokens */
    uint64_t n_batches, prompt_us, write_us;
    uint64_t first_us, n_first; /* from coming to the first token */
    uint64_t n_running, n_queued;
} sm_worker_figures;

sm_rc sm_worker_open(sm_op *op, sm_lm *m, const sm_worker_options *o, sm_worker **out);
/* Jobs that are under way, wait or still come end as SM_FINISH_FAILED, E_UNAVAILABLE. */
void sm_worker_stop(sm_worker *w);
void sm_worker_close(sm_worker *w); /* NULL is fine */
/* A place in the queue for one sm_worker_put; false when enough wait. */
bool sm_worker_promise(sm_worker *w);
void sm_worker_put(sm_worker *w, sm_job *j);
void sm_worker_figures_read(sm_worker *w, sm_worker_figures *out);

#endif
