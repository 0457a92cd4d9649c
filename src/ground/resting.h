/*
 * ground/resting.h - private to ground: on which sentences of the evidence a sentence rests.
 *
 * A verdict says whether what is said follows; this, which of the evidence's own sentences say it.
 */
#ifndef SM_GROUND_RESTING_H
#define SM_GROUND_RESTING_H

#include "ground/inner.h"

enum { SM_RESTS_ON = 3 };

typedef struct sm_resting {
    struct {
        size_t passage, sentence; /* from 0, as sm_evidence_sentences has them */
    } on[SM_RESTS_ON];            /* in the order in which it tells them */
    size_t n;                     /* 0: it shares nothing with any */
} sm_resting;

typedef struct sm_rest_index sm_rest_index;

/* The sentences of the evidence, which must stay. */
sm_rest_index *sm_rest_index_of(sm_arena *a, const sm_evidence *e);
/* For each clause the sentence that has most of it; of those that say as much, the shortest.
 * A clause that only names the matter rests on none; passages out of force are left out
 * (sm_rest_usable). */
sm_resting sm_rests_on(sm_arena *a, const sm_rest_index *r, sm_str sentence);
/* False for a passage out of force: its words say nothing of today. */
bool sm_rest_usable(const sm_rest_index *r, size_t passage);

#endif
