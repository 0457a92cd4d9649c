/*
 * engine/job.h - one request as the worker sees it: tokens in, tokens or vectors out.
 *
 * Rests on base and lm.h.  A handler makes a job and hands it over (worker.h); from then on it is
 * the worker's, which calls `take` for each token and `end` once, last, all on its own thread.
 * `gone` may be set from any thread at any time until `end`.
 */
#ifndef SM_ENGINE_JOB_H
#define SM_ENGINE_JOB_H

#include "engine/lm.h"

typedef struct sm_job sm_job;

enum { SM_MAX_TOP_LOGPROBS = 20, SM_MAX_BIAS = 1024 };

typedef struct sm_bias {
    int32_t token;
    float add;
} sm_bias;

/* Says what may come next, whatever the model thinks: grounded answers are masked by one.  Whoever
 * allows a token allows what it begins with, if that is a token. */
typedef struct sm_filter {
    void *ctx;
    void (*check)(void *ctx, const int32_t *token, size_t n, bool *ok); /* sets each */
    void (*accept)(void *ctx, int32_t token); /* it has been written; end tokens are not told */
    void (*close)(void *ctx);                 /* may be NULL */
} sm_filter;

typedef struct sm_sampling {
    double temperature; /* 0: the likeliest, of equal ones the lowest number */
    double top_p, min_p;
    int64_t top_k; /* 0: any number */
    double presence, frequency, repeat;
    uint64_t seed;
    const sm_bias *bias;
    size_t n_bias;
    sm_grammar *grammar; /* NULL: none; closed with the job */
    sm_filter filter;    /* check is NULL: none */
    int n_top; /* log-probabilities of so many beside the chosen one; -1: of none at all */
} sm_sampling;

typedef struct sm_chance {
    int32_t token;
    float logprob; /* of the model with bias and penalties, before temperature and cuts */
} sm_chance;

typedef struct sm_pick {
    int32_t token;
    float logprob;
    size_t n_top;
    sm_chance top[SM_MAX_TOP_LOGPROBS];
} sm_pick;

typedef enum sm_finish {
    SM_FINISH_END,    /* the model ended its turn */
    SM_FINISH_ENOUGH, /* take() said so */
    SM_FINISH_LENGTH, /* max_tokens, or the context is full */
    SM_FINISH_GONE,   /* nobody listens any more */
    SM_FINISH_FAILED  /* the job's op says why */
} sm_finish;

typedef struct sm_run {
    const int32_t *token;
    size_t n;
} sm_run;

struct sm_job {
    sm_op op; /* begun; everything of the job lives in its arena */
    int lora; /* -1: none */
    /* Text. */
    sm_run prompt; /* of one token at least; with max_tokens it fits the context */
    size_t max_tokens;
    bool may_draft;
    sm_sampling sampling;
    bool (*take)(sm_job *j, const sm_pick *p); /* false: it is enough */
    /* Vectors: of each of the texts, n_each numbers after the other. */
    const sm_run *text;
    size_t n_text, n_each, n_text_done;
    float *vector;

    void (*end)(sm_job *j, sm_finish why); /* closes the job, sooner or later */
    void *ctx;
    atomic_bool gone;
    /* What it took. */
    int64_t came_us, begun_us, first_us;
    size_t n_cached, n_written, n_drafted, n_accepted;
    sm_job *next;
};

sm_job *sm_job_open(void);
void sm_job_close(sm_job *j); /* NULL is fine */

#endif
