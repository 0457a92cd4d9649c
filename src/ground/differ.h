/*
 * ground/differ.h - private to ground: in what a sentence differs from the clauses nearest to it,
 * as features whose weights are learned.
 *
 * Each clause of the sentence is laid on the one to three neighbouring clauses of the evidence that
 * share most of it.  What was put in, left out and put in place of something, and characters that
 * stand nowhere, are features, numerals being all the same: which of them tell against a sentence
 * and which are only another way to say it is learned from pairs (tools/fit_ground.py).
 */
#ifndef SM_GROUND_DIFFER_H
#define SM_GROUND_DIFFER_H

#include "ground/ground.h"

typedef struct sm_differ sm_differ;

enum {
    SM_DIFFER_SLOTS = 1 << 17, /* of the table of weights */
    SM_DIFFER_FEATURES = SM_DIFFER_SLOTS << 12,
    SM_DIFFER_MAX = 4096 /* features of one sentence */
};

sm_differ *sm_differ_of(sm_arena *a, const sm_source *source, size_t n);

typedef struct sm_difference {
    const uint32_t *feature; /* below SM_DIFFER_FEATURES, ascending, each once */
    size_t n;
    double unmatched[2]; /* characters, and words, numerals as one, that the clauses have not */
    double put_in[2], left_out[2];
} sm_difference;

/* `among` tells of each passage whether it counts. */
void sm_differ_read(sm_arena *a, const sm_differ *d, sm_str sentence, const bool *among,
                    sm_difference *out);
/* What its features tell by the weights that were learned (differ_weights.h). */
typedef struct sm_differ_weight {
    double all, against, worst;
    double unknown; /* share of the features */
} sm_differ_weight;

sm_differ_weight sm_differ_weigh(const sm_difference *d);

#endif
