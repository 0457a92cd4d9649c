/*
 * engine/sample.h - chooses the next token from a row of logits.
 *
 * Rests on base, lm.h and job.h.  The same row, sampling and history give the same token on every
 * machine.  The room is shared by the samplers of one thread.
 */
#ifndef SM_ENGINE_SAMPLE_H
#define SM_ENGINE_SAMPLE_H

#include "engine/job.h"

typedef struct sm_sampler sm_sampler;
typedef struct sm_room sm_room;

sm_room *sm_room_open(const sm_lm *m);
void sm_room_close(sm_room *r); /* NULL is fine */

/* `how` outlives it. */
sm_sampler *sm_sampler_open(const sm_lm *m, sm_room *room, const sm_sampling *how, sm_run prompt);
void sm_sampler_close(sm_sampler *s); /* NULL is fine */
/* Writes into the row.  E_INTERNAL when no number in it is finite, E_INVALID when grammar and
 * filter leave nothing. */
sm_rc sm_sampler_pick(sm_op *op, sm_sampler *s, float *logits, sm_pick *out);
void sm_sampler_accept(sm_sampler *s, int32_t token); /* it is written: history, grammar, filter */

#endif
