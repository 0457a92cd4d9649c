/*
 * engine/draft.h - guesses what comes next from what was there before: answers that quote their
 * evidence repeat long parts of the prompt.
 *
 * Rests on base.  Nothing but time depends on a guess: the model checks each (worker.c).  How long
 * a guess may be, or whether one is made at all, is learnt from how often they hold and from what
 * a batch of that many rows was seen to take.
 */
#ifndef SM_ENGINE_DRAFT_H
#define SM_ENGINE_DRAFT_H

#include "base/base.h"

enum {
    SM_DRAFT_MAX = 15,  /* with the token before it, rows by fours */
    SM_DRAFT_MATCH = 3, /* equal tokens that make a guess worth it */
    SM_COST_ROWS = 160
};

/* What a batch of n rows takes, as seen lately. */
typedef struct sm_cost {
    double us[SM_COST_ROWS + 1]; /* 0: not seen */
} sm_cost;

/* Of one text. */
typedef struct sm_draft {
    double held, tried; /* guessed tokens, older ones count less */
} sm_draft;

void sm_cost_learn(sm_cost *c, size_t rows, int64_t took_us);
double sm_cost_of(const sm_cost *c, size_t rows); /* 0: nothing is known */

void sm_draft_init(sm_draft *d);
/* What followed where the longest end of the text stood before (the latest such place): max tokens,
 * or none. */
size_t sm_draft_find(const int32_t *token, size_t n, size_t max, int32_t *out);
/* How many tokens to guess when `rows` rows are in the batch anyway; 0: it would not pay. */
size_t sm_draft_length(sm_draft *d, const sm_cost *c, size_t rows, size_t max);
void sm_draft_learn(sm_draft *d, size_t n_drafted, size_t n_held);

#endif
