/*
 * engine/ask_inner.h - private to the reading of requests.
 *
 *   ask.c          fields that several requests have: sampling, model, length
 *   ask_text.c     conversations and prompts
 *   ask_vectors.c  texts to be made vectors of, pairs to be ranked
 */
#ifndef SM_ENGINE_ASK_INNER_H
#define SM_ENGINE_ASK_INNER_H

#include "engine/ask.h"

/* One reading of a request: where its failure goes, and what it becomes. */
typedef struct sm_asking {
    sm_op *op; /* the job's */
    const sm_offer *o;
    sm_refused *why;
    json_t *v;
    sm_job *job;
    sm_reply *reply;
} sm_asking;

void sm_asking_begin(sm_asking *a, const sm_offer *o, sm_refused *why);
/* The failure, if there is one, goes from the job's op to the request's, and the job is closed. */
sm_rc sm_asking_end(sm_asking *a, sm_op *op, sm_rc rc);

bool sm_asking_has(const json_t *v); /* there and not null */
sm_rc sm_asking_wrong(sm_asking *a, const char *name, const char *what);
sm_rc sm_asking_bool(sm_asking *a, const json_t *from, const char *name, bool *out);
sm_rc sm_asking_integer(sm_asking *a, const char *name, int64_t lo, int64_t hi, int64_t *out);

sm_rc sm_asking_body(sm_asking *a, sm_str body);
sm_rc sm_asking_kind(sm_asking *a, sm_lm_kind kind, const char *what);
sm_rc sm_asking_model(sm_asking *a);
/* Model, stream, sampling, stops: what a conversation and a prompt have in common. */
sm_rc sm_asking_common(sm_asking *a);
sm_rc sm_asking_length(sm_asking *a); /* max_tokens, held against prompt and context */
/* A text, or its tokens. */
sm_rc sm_asking_text(sm_asking *a, const json_t *v, const char *param, sm_run *out);

typedef struct sm_tokens {
    int32_t *t;
    size_t n, cap;
} sm_tokens;

void sm_tokens_add(sm_asking *a, sm_tokens *to, int32_t token);
sm_rc sm_tokens_add_text(sm_asking *a, sm_tokens *to, sm_str text, bool special);

#endif
