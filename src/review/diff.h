/*
 * review/diff.h - private to review: which elements of one row stand in another, in order.
 */
#ifndef SM_REVIEW_DIFF_H
#define SM_REVIEW_DIFF_H

#include "base/base.h"

/* match[i]: where a[i] stands in b, -1 nowhere; ascending.  The fewest changes (Myers 1986) as long
 * as there are few; with more of them than a bound, which keeps the time linear, perhaps some more
 * than the fewest. */
sm_rc sm_diff(sm_op *op, const uint64_t *a, size_t n, const uint64_t *b, size_t m, int32_t *match);

#endif
