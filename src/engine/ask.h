/*
 * engine/ask.h - from a request's JSON to a job.
 *
 * Rests on base, lm.h, job.h, reply.h.  Called on the threads of http; nothing here touches the
 * model's context.  Everything that can be refused is refused here, before anything is computed.
 */
#ifndef SM_ENGINE_ASK_H
#define SM_ENGINE_ASK_H

#include "engine/job.h"
#include "engine/reply.h"
#include "engine/template.h"

enum {
    SM_ASK_BODY_BYTES = 8 << 20,
    SM_ASK_MAX_TEXTS = 2048 /* of one call for vectors */
};

/* What a request may name, and what it may have. */
typedef struct sm_offer {
    const sm_lm *m;
    const char *id; /* of the model */
    sm_template template;
    const sm_lora_file *lora;
    size_t n_lora;
} sm_offer;

/* A failure has its message in op, and what it is called in the rest. */
typedef struct sm_refused {
    sm_refusal_code code;
    const char *param;
} sm_refused;

/* The reply (and job, not begun to run) lives in the job's op; on failure nothing is left. */
sm_rc sm_ask_chat(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why);
sm_rc sm_ask_completion(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why);
/* Jobs for vectors; *extra is the request, in the job's arena. */
sm_rc sm_ask_embeddings(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                        sm_refused *why);
sm_rc sm_ask_rerank(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                    sm_refused *why);
sm_rc sm_refuse(sm_op *op, sm_refused *why, sm_refusal_code code, const char *param,
                const char *fmt, ...) SM_PRINTF(5, 6);

#endif
