/*
 * A discrete-event simulation of back ends and callers around the real schedule: what the planner
 * reckons with and what shows that the schedule is fair at sizes no test machine has.
 *
 * A back end (a card) takes `slots` calls at once and is as busy with each as reading its prompt
 * and writing its share of a full batch takes; all its calls pass in step, so that one stays slots
 * × that time: what a full card does, and more than a half empty one.  The first token comes when
 * the prompt has been read.  Sizes are drawn from exponential distributions.  The same seed gives
 * the same run.
 */
#ifndef SM_SCHEDULE_SIMULATE_H
#define SM_SCHEDULE_SIMULATE_H

#include "schedule/schedule.h"

/* Callers of one department and class. */
typedef struct sm_sim_source {
    sm_str department;
    sm_class class;
    double per_second;                      /* arrivals, independent of each other; 0: a flood */
    uint32_t outstanding;                   /* of a flood: so many calls are always on their way */
    double prompt_tokens, generated_tokens; /* means */
    uint32_t max_tokens;
    size_t list; /* which candidates */
} sm_sim_source;

typedef struct sm_sim_list {
    const sm_candidate *candidate;
    size_t n;
} sm_sim_list;

typedef struct sm_sim {
    const sm_schedule_config *config;
    const sm_sim_source *source;
    size_t n_sources;
    const sm_sim_list *list;
    double prefill_per_second; /* tokens a card reads, while it writes none */
    double decode_per_second;  /* tokens a card writes, all slots together, while it reads none */
    uint32_t slots;            /* of every card, as configured */
    double warm_up_s, measured_s;
    uint64_t seed;
} sm_sim;

/* Calls and tokens that ended, and waits of calls that came, while measured. */
typedef struct sm_sim_count {
    uint64_t submitted, started, done, preempted;
    uint64_t refused[SM_N_REFUSALS]; /* in the warm-up, too */
    double tokens;
    double longest_wait_s; /* also of those that were still waiting at the end */
} sm_sim_count;

typedef struct sm_sim_waits {
    double *first_token_s; /* ascending, from asking to the first token */
    double *wait_s;        /* ascending, for a slot */
    size_t n;
} sm_sim_waits;

typedef struct sm_sim_result {
    sm_sim_count *source; /* as configured */
    sm_sim_waits waits[SM_N_CLASSES];
    double busy; /* part of the slots, in the mean */
} sm_sim_result;

sm_rc sm_simulate(sm_op *op, const sm_sim *sim, sm_sim_result *out);

/* Of ascending values; 0 when there are none.  q: 0 … 1. */
double sm_quantile(const double *v, size_t n, double q);
/* Jain's index (Jain, Chiu, Hawe: A Quantitative Measure of Fairness, 1984): 1 when all are equal.
 */
double sm_jain(const double *v, size_t n);

#endif
