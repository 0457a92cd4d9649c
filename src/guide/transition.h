/*
 * guide/transition.h - private to guide: what an act of a past day falls under when the rule has
 * changed since.
 */
#ifndef SM_GUIDE_TRANSITION_H
#define SM_GUIDE_TRANSITION_H

#include "guide/turn.h"

typedef struct sm_transition {
    int64_t row; /* of the clause; 0 for none */
    bool to_new; /* the new rule applies; else what was before it */
} sm_transition;

/* All of the new rule `d`, whose text is there, and of t->day_spoken.  The rule covers what has
 * come about since a day that is not after it. */
bool sm_reaches_back(sm_turn *t, const sm_pick_doc *d);
/* It has a clause on acts until that day or later, and the question tells of such a one. */
bool sm_find_transition(sm_turn *t, const sm_pick_doc *d, sm_transition *out);

/* Puts the best clause that tells the standard, or one by its row, before the others. */
void sm_put_standard_first(sm_turn *t, const sm_pick_doc *d, sm_found *found);
void sm_put_clause_first(sm_found *found, int64_t row);

#endif
