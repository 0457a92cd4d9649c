/*
 * eval/speller.h - private to eval: weights of the speller fitted.
 */
#ifndef SM_EVAL_SPELLER_H
#define SM_EVAL_SPELLER_H

#include "review/speller.h"

/* One thing that could stand in a place of a sentence, and whether it should. */
typedef struct sm_spell_row {
    float x[SM_SPELL_FEATURES];
    size_t sentence;
    int fold;
    bool right;
} sm_spell_row;

double sm_spell_odds(const double w[SM_SPELL_FEATURES + 1], const float x[SM_SPELL_FEATURES]);
/* On all rows but those of one fold (-1: on all). */
void sm_spell_fit(const sm_spell_row *row, size_t n, int without, double w[SM_SPELL_FEATURES + 1]);

#endif
