/*
 * model/usage.h - what was used: per day, department, back end and class, added up.
 *
 * Rests on store.  The gateway keeps a sum in memory and adds it here every few seconds; the
 * operator's page and /metrics read it.  A call that no back end was found for counts for back end
 * 0.
 */
#ifndef SM_MODEL_USAGE_H
#define SM_MODEL_USAGE_H

#include "model/registry.h"

enum { SM_USAGE_BUCKETS = 12 };
/* Upper ends of the buckets of times to first token, in ms; the last has none (INT64_MAX). */
extern const int64_t sm_usage_bound_ms[SM_USAGE_BUCKETS];

typedef struct sm_usage {
    sm_date day; /* local */
    int64_t department, backend;
    sm_class class_;
    int64_t calls; /* answered, whole or in part */
    int64_t prompt_tokens, generated_tokens;
    int64_t refused;           /* by us: budget, queue, rights */
    int64_t failed;            /* by the back end */
    int64_t busy_ms;           /* from sent to ended, of all calls added up */
    int64_t n_first, first_ms; /* calls with a first token, and their waits for it added up */
    int64_t bucket[SM_USAGE_BUCKETS]; /* of those waits */
} sm_usage;

/* Counts one wait for the first token. */
void sm_usage_first(sm_usage *u, int64_t ms);
/* Adds what is in `u` to its row.  Opens no transaction of its own. */
sm_rc sm_usage_add(sm_op *op, sm_db *db, const sm_usage *u);
/* Every row of the days from … to, by day, department, back end, class. */
sm_rc sm_usage_read(sm_op *op, sm_db *db, sm_date from, sm_date to, sm_usage **out, size_t *n);
/* Adds b to a; the keys stay a's. */
void sm_usage_sum(sm_usage *a, const sm_usage *b);
/* The wait that a share q of the calls did not exceed, read off the buckets; -1 without any. */
double sm_usage_quantile(const sm_usage *u, double q);
/* Tokens that a department itself (not those below it) has used on a day, and in its month. */
sm_rc sm_usage_spent(sm_op *op, sm_db *db, sm_date day, int64_t department, int64_t *today_tokens,
                     int64_t *month_tokens);

#endif
