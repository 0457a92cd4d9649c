/*
 * ground/foreign.h - private to ground: characters that a sentence has and its evidence has not.
 */
#ifndef SM_GROUND_FOREIGN_H
#define SM_GROUND_FOREIGN_H

#include "ground/ground.h"

/* The first of them; "" when there are none.  Han, digits and the marks of Chinese text are no
 * strangers; a Latin word is one unless the evidence has the whole word, in whatever case or width;
 * of all else (other scripts, numerals and signs: ٢٠٠, ㉒, Ⅻ, <) the evidence must have the very
 * run.  A word that means a figure can so hide in no script that the scanner of facts cannot read.
 */
sm_str sm_foreign_in(const sm_evidence *e, sm_str sentence);

#endif
