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

bool sm_starts_any(sm_str s, const char *const *words, size_t n);
bool sm_ends_any(sm_str s, const char *const *words, size_t n);
sm_str sm_first_sentence(sm_str s);                 /* up to its full stop */
size_t sm_line_next(const sm_outline *o, size_t i); /* the next with words; n: none */

/* ------------------------------------------------------------------- items */

enum {
    SM_ITEM_TOP = 1,    /* 一、 and 第…条; 第…章 is 0 */
    SM_ITEM_MAX = 99,   /* the highest number of a heading */
    SM_ITEM_SPAN = 200, /* items that are looked at around one; further away nothing is told */
};

/* A numbered line. */
typedef struct sm_item {
    const sm_line *line;
    size_t at; /* of the line in the outline */
    int level; /* as it is written */
    int want;  /* as it should be */
    int64_t value;
    int64_t right; /* the value, where `want` changes it, too */
    bool article;  /* 第…条, 第…章 */
    double sure;   /* that `want` is right */
} sm_item;

typedef struct sm_items {
    sm_item *i;
    size_t n, cap;
} sm_items;

sm_items sm_items_read(sm_check *c);
sm_str sm_item_label(sm_arena *a, int level, int64_t value);
const sm_item *sm_item_parent(const sm_items *all, size_t i);
bool sm_item_in_statute(const sm_items *all, size_t i);
/* The nearest as it is written, before (step −1) or after i, none of a higher level between. */
const sm_item *sm_item_beside(const sm_items *all, size_t i, int level, int step);
const sm_item *sm_item_next(const sm_items *all, size_t i); /* of its list; NULL: the last */

/* ---------------------------------------------------------------- checkers */

/* check_counts.c, check_tables.c */
sm_checker_fn sm_count_announced, sm_attached_total;

/* check_attached.c */
sm_checker_fn sm_attached_missing, sm_attached_name, sm_attached_single, sm_attached_late,
    sm_attached_label, sm_attached_issued, sm_attached_after_imprint;

/* check_dates.c */
sm_checker_fn sm_dates_form, sm_dates_impossible, sm_dates_printed, sm_dates_cited, sm_dates_word,
    sm_dates_remark, sm_dates_joint, sm_dates_contact, sm_dates_deadline;

#endif
