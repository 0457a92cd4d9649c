/*
 * engine/grounded.h - a request's evidence as a filter over tokens: what it does not hold cannot be
 * written.
 *
 * Rests on base, ground, lm.h and job.h.  Lives in the job's arena; the worker's thread has its
 * state.
 */
#ifndef SM_ENGINE_GROUNDED_H
#define SM_ENGINE_GROUNDED_H

#include "engine/job.h"

typedef struct sm_grounded sm_grounded;

/* Of {"evidence":[{"id","title","text"}],"items":[names]}, which outlives it.  E_INVALID, E_LIMIT.
 */
sm_rc sm_grounded_open(sm_op *op, const sm_lm *m, const json_t *asked, sm_grounded **out);
sm_filter sm_grounded_filter(sm_grounded *g);
/* How much of the beginning of what was written may be given out: it might have ended there. */
size_t sm_grounded_settled(const sm_grounded *g, sm_str text);

#endif
