/*
 * eval/inner.h - private to eval: one line of a set being measured.
 */
#ifndef SM_EVAL_INNER_H
#define SM_EVAL_INNER_H

#include "eval/eval.h"

typedef struct sm_eval_line {
    sm_op *op; /* of this line only */
    sm_sunmao *s;
    sm_eval *e;
    const json_t *in;
    sm_date as_of;
    const char *set;
} sm_eval_line;

enum { SM_EVAL_COUNTS = 8, SM_EVAL_OTHERS = 3 };
typedef struct sm_eval_counts {
    size_t n, hit[SM_EVAL_COUNTS];
    size_t of[SM_EVAL_OTHERS]; /* other denominators: turns, the crisis lines */
} sm_eval_counts;

typedef sm_rc sm_eval_set(sm_eval_line *l, sm_eval_counts *c);

sm_rc sm_eval_ask(sm_eval_line *l, sm_str text, sm_reply **r);
void sm_eval_miss(sm_eval_line *l, sm_str text, const sm_reply *r, const char *why);
/* `what` in `text` after normalisation, not inside a longer number; or the same fact. */
bool sm_eval_tells(sm_arena *a, sm_str text, sm_str what);
/* Which clauses carry a facet. */
bool sm_eval_of_facet(sm_str facet, sm_str path);

/* questions.c */
sm_eval_set sm_eval_premise, sm_eval_paraphrase;

/* risk.c */
void sm_answered_add(sm_answered *a, double p, bool right);
double sm_risk_at(sm_answered *a, double coverage);  /* among the surest share */
double sm_risk_bar(sm_answered *a, double coverage); /* the least sure of them */
double sm_risk_area(sm_answered *a);                 /* AURC: the mean of the risks */

#endif
