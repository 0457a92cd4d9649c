/*
 * ground/units.h - private to ground: the units that a sentence is measured in, and what those who
 * measure share.
 */
#ifndef SM_GROUND_UNITS_H
#define SM_GROUND_UNITS_H

#include "ground/measure.h"

typedef struct sm_unit {
    uint32_t part, n_parts;   /* of the sentence */
    uint32_t piece, n_pieces; /* in a row */
    uint32_t line, row;       /* that explain most of it */
    double weight, best;
} sm_unit;

static inline void sm_raise(double *v, double x)
{
    *v = x > *v ? x : *v;
}

static inline bool sm_is(unsigned cues, int cue)
{
    return cues >> cue & 1;
}

static const unsigned sm_denials = 1u << SM_CUE_NOT | 1u << SM_CUE_NEED_NOT | 1u << SM_CUE_MAY_NOT;

/* What a line itself says of a piece, without its context. */
uint8_t sm_own_bits(const sm_found_in *f, const sm_line *l, size_t i);
bool sm_in_any(const sm_found_in *f, size_t i, uint32_t subject, bool any_subject);
bool sm_shares_key(const sm_piece *a, const sm_piece *b);
unsigned sm_line_cues(const sm_found_in *f, uint32_t line);
unsigned sm_unit_cues(const sm_found_in *f, const sm_unit *u);
uint32_t sm_unit_denials(const sm_found_in *f, const sm_unit *u);

/* turns.c: what is denied, demanded or allowed here and not there. */
void sm_measure_turns(const sm_found_in *f, const sm_unit *u, sm_measure *m);
/* order.c: 先 X 再 Y, X 后 Y, Y 前 X. */
void sm_measure_order(const sm_found_in *f, const sm_unit *u, sm_measure *m);
/* signs.c: numerals that are no facts, opposites, other subjects, roles, states, answers. */
void sm_measure_numerals(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_opposed(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_opposed_clause(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_misplaced(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_roles(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_state(const sm_found_in *f, const sm_unit *u, sm_measure *m);
void sm_measure_answer(const sm_found_in *f, const sm_unit *u, sm_measure *m);

#endif
