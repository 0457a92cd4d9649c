/*
 * ground/figures.h - private to ground: where a sentence's facts stand in the evidence.
 */
#ifndef SM_GROUND_FIGURES_H
#define SM_GROUND_FIGURES_H

#include "ground/measure.h"

typedef struct sm_place {
    uint32_t fact, part;      /* of the sentence */
    uint32_t piece, n_pieces; /* around it, its conditions with it */
    uint32_t first_fact, n_facts;
    bool found, fits; /* it stands there; and bounded alike */
    bool loose;       /* it stands there as words, not as a fact */
    uint32_t where_row, where_fact;
    double later;                 /* share of the words around it that stand there only after it */
    double unconditioned, unsaid; /* of its condition, of the words around it there */
    double best, rival; /* how well the words around it explain it, and the best that differs */
} sm_place;

/* One for each fact of the sentence. */
void sm_place_facts(const sm_found_in *f, sm_place *place);

#endif
