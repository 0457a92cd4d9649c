/*
 * schedule/plan.h - how many cards for which wait: from arrivals, sizes of calls, and what one card
 * was measured to do.
 *
 * The number comes from running the real schedule (schedule/simulate.h).  Where to look first comes
 * from a formula, which is told beside it.
 *
 * - C, the part of calls that wait at all: Erlang's C (Erlang 1917; Cooper, Introduction to
 * Queueing Theory, 1981, ch. 3).
 * - Of classes that do not break into running calls, the mean wait of class k is
 *   C·S/c / ((1 - load above k)·(1 - load to k)), S the time a call holds a slot (Cobham, Priority
 *   assignment in waiting line problems, 1954; Kella, Yechiali, Waiting times in the non-preemptive
 *   priority M/M/c queue, 1985).
 * - That, times (1+v²)/2, v the variation of S (Allen, Cunneen: Probability, Statistics and
 * Queueing Theory, 1978); and P(wait > t) = C·exp(-t·C / mean wait).
 *
 * Staff and batch count without the slots of their headroom, as if those were always free: on the
 * safe side.  Shares are left out, and batch, which yields, does not count for the others.
 */
#ifndef SM_SCHEDULE_PLAN_H
#define SM_SCHEDULE_PLAN_H

#include "schedule/schedule.h"

enum { SM_PLAN_MAX_CARDS = 2000 };

typedef struct sm_plan_ask {
    double per_hour[SM_N_CLASSES];
    double wait_s[SM_N_CLASSES]; /* for a slot, at most, at the quantile; 0: as long as it takes */
    double quantile;             /* 0.5 … 0.99 */
    double prompt_tokens, generated_tokens; /* means */
    double prefill_per_second;              /* tokens a card reads, while it writes none */
    double decode_per_second; /* tokens a card writes, all slots together, while it reads none */
    uint32_t slots;           /* calls a card takes at once */
} sm_plan_ask;

typedef struct sm_plan_class {
    double wait_s, formula_wait_s; /* at the quantile */
    double first_token_s;          /* at the quantile, wait and reading */
    double refused;                /* part of the calls, 0 … 1 */
} sm_plan_class;

typedef struct sm_plan {
    uint32_t cards;         /* that meet what was asked */
    uint32_t formula_cards; /* by the formula alone */
    double busy;            /* part of the slots */
    double hold_s;          /* how long a call holds a slot, in the mean */
    sm_plan_class class[SM_N_CLASSES];
} sm_plan;

/* E_INVALID: a number that cannot be; E_LIMIT: more than SM_PLAN_MAX_CARDS would be needed. */
sm_rc sm_plan_cards(sm_op *op, const sm_plan_ask *ask, sm_plan *out);

/* By simulation, with so many cards; `cards` and `formula_cards` are left alone. */
sm_rc sm_plan_try(sm_op *op, const sm_plan_ask *ask, uint32_t cards, uint64_t seed, sm_plan *out);

/* Erlang's C: the part of calls that wait, with n servers and a load of `erlangs` (calls there at
 * once in the mean); 1 when the load is n or more. */
double sm_erlang_c(double n, double erlangs);
/* The formula's wait of a class at the quantile; HUGE_VAL when its load cannot be borne. */
double sm_plan_formula(const sm_plan_ask *ask, uint32_t cards, sm_class k);

#endif
