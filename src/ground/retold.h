/*
 * ground/retold.h - private to ground: whether a sentence says all that the sentences of the
 * evidence say which it rests on, in their order, and nothing else.
 *
 * A verdict asks whether what is said follows.  Here it is asked whether anything was left out or
 * put in, whatever it is: a condition, a group, a place, a year.  Words that say the same are one
 * word; the, please and their like are none.
 */
#ifndef SM_GROUND_RETOLD_H
#define SM_GROUND_RETOLD_H

#include "ground/inner.h"

enum { SM_RESTS_ON = 3 };

typedef struct sm_resting {
    struct {
        size_t passage, sentence; /* from 0, as sm_evidence_sentences has them */
    } on[SM_RESTS_ON];            /* in the order in which it tells them */
    size_t n;
    bool whole; /* it says all of these, nothing else, and in their order */
} sm_resting;

typedef struct sm_retold sm_retold;

/* The sentences of the evidence, which must stay. */
sm_retold *sm_retold_of(sm_arena *a, const sm_evidence *e);
/* On which of them each clause of the sentence rests most; n is 0 when it shares nothing.  Passages
 * out of force count only when `nearest` (SIZE_MAX: none) is one. */
sm_resting sm_retold_read(sm_arena *a, const sm_retold *r, sm_str sentence, size_t nearest);

#endif
