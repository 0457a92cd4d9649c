/*
 * ground/copied.h - private to ground: clauses that are copied but for a word that turns them.
 *
 * "不可以提取" copies "可以提取" and says its opposite; in a long sentence that is one word of
 * fifty. So clauses are compared without the words that allow, demand, deny or bound; where the
 * rest is the same, those words must say the same, too.
 */
#ifndef SM_GROUND_COPIED_H
#define SM_GROUND_COPIED_H

#include "ground/ground.h"

typedef struct sm_copied sm_copied;

/* The clauses of the passages; questions are none. */
sm_copied *sm_copied_of(sm_arena *a, const sm_source *source, size_t n);
/* The first clause of the sentence that copies some of them and agrees with none; "" when there is
 * none. */
sm_str sm_copied_turned(sm_arena *a, const sm_copied *of, sm_str sentence);

#endif
