/*
 * review/structure.h - private to review: the checkers of groups E, F and G, named in one table
 * (check_structure.c), and what they share.
 */
#ifndef SM_REVIEW_STRUCTURE_H
#define SM_REVIEW_STRUCTURE_H

#include "review/inner.h"

/* Figures of ten and Chinese figures up to 99 at the front of a text; bytes taken, 0 none. */
size_t sm_figure_at(sm_str s, int64_t *value, bool *han);
sm_str sm_figure_han(sm_arena *a, int64_t n); /* 1 … 99 */
bool sm_line_in_body(const sm_line *l);       /* text and headings */

/* check_attached.c */
sm_checker_fn sm_attached_missing, sm_attached_name, sm_attached_single, sm_attached_late,
    sm_attached_label, sm_attached_issued, sm_attached_total, sm_attached_after_imprint;

/* check_dates.c */
sm_checker_fn sm_dates_form, sm_dates_impossible, sm_dates_printed, sm_dates_cited, sm_dates_word,
    sm_dates_remark, sm_dates_joint, sm_dates_contact, sm_dates_deadline;

#endif
