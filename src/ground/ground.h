/*
 * ground/ground.h - evidence and claims: whether a sentence's protected facts
 * stand in the passages it cites.  (First form; relations and verdicts follow.)
 *
 * Rests on base and text.  Pure; any thread.
 */
#ifndef SM_GROUND_GROUND_H
#define SM_GROUND_GROUND_H

#include "base/base.h"

/* True when every number with its unit, date, amount, percentage, document number,
 * article, title and phone of the sentence occurs in at least one of the passages.
 * *missing (may be NULL) is the first that does not. */
bool sm_ground_holds(sm_arena *a, sm_str sentence, const sm_str *passage, size_t n_passages,
                     sm_str *missing);

#endif
