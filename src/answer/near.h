/*
 * answer/near.h - private to answer: which of an item's clauses a question is about.
 */
#ifndef SM_ANSWER_NEAR_H
#define SM_ANSWER_NEAR_H

#include "answer/answer.h"

/* What is asked, and of what. */
typedef struct sm_near_asked {
    sm_str title, aliases; /* the item's names */
    sm_str question;
    bool of_office; /* how long the office takes */
} sm_near_asked;

/* How near each of n clauses of an item is to the question, from 0; comparable across items.  Of an
 * FAQ its question and its answer count.  Words of the title and those that only ask count nothing,
 * those of the aliases little; of the others each counts the more, the fewer of the clauses have
 * it. A clause that tells a figure of the kind that is asked for or told (a time, money, an age,
 * ...) is nearer, but for a time where the office's is asked for. */
double *sm_near(sm_arena *a, const sm_near_asked *asked, const sm_clause *const *clause, size_t n);

#endif
