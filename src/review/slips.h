/*
 * review/slips.h - private to review: a wrong character within a common word, told without a
 * corpus.
 */
#ifndef SM_REVIEW_SLIPS_H
#define SM_REVIEW_SLIPS_H

#include "review/pack.h"

/* The rule's table, as what sm_rule_made gives. */
sm_rc sm_slips_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                    const void **made);
/* Whether the two in the middle of four characters (0: none there) are a slip for a word: which
 * character should stand there, and for which of the two.  What makes a word with the character
 * before or behind is none. */
bool sm_slip_of(const void *made, const uint32_t four[4], uint32_t *right, bool *second);

#endif
