/*
 * review/speller.h - wrong characters found by statistics: what a character may be mistaken for
 * (share/review/spell/chars.tsv: the same or nearly the same sound, the same look), held against
 * what stands around it in an organisation's own texts.
 *
 * Rests on base and text.  A speller is a mapped file that never changes and may be shared by
 * threads.  Counts belong to one thread.  Same texts, same file, on every machine.
 */
#ifndef SM_REVIEW_SPELLER_H
#define SM_REVIEW_SPELLER_H

#include "base/base.h"

/* ---------------------------------------------------------------- training */

/* Runs of one to five characters, counted.  At most 512 MiB: past that the rarest long runs are
 * forgotten. */
typedef struct sm_spell_counts sm_spell_counts;

/* E_INVALID names the line of the table that cannot be read. */
sm_rc sm_spell_counts_open(sm_op *op, const char *chars_tsv, sm_spell_counts **out);
void sm_spell_counts_close(sm_spell_counts *c); /* NULL is fine */
/* Each line of the text stands for itself.  A negative weight takes out what was put in with the
 * positive one. */
sm_rc sm_spell_counts_add(sm_op *op, sm_spell_counts *c, sm_str text, int weight);
uint64_t sm_spell_counts_chars(const sm_spell_counts *c); /* characters counted */
/* A speller's file, at most SM_SPELL_MAX_BYTES, as bytes in the op's arena. */
sm_rc sm_spell_counts_pack(sm_op *op, sm_spell_counts *c, sm_str *out);

enum { SM_SPELL_MAX_BYTES = 40 << 20 };

/* ---------------------------------------------------------------- checking */

typedef struct sm_speller sm_speller;

/* E_NOTFOUND without the file, E_CORRUPT when it is none of ours. */
sm_rc sm_speller_open(sm_op *op, const char *path, sm_speller **out);
/* Over bytes that outlive it. */
sm_rc sm_speller_of(sm_op *op, sm_str bytes, sm_speller **out);
void sm_speller_close(sm_speller *s); /* NULL is fine */

enum { SM_SPELL_FEATURES = 25 };
/* The weights of a logistic regression over what tells a wrong character, the last one alone; from
 * which log-odds on a character is wrong, and from which on beside one that is. */
typedef struct sm_spell_weights {
    double w[SM_SPELL_FEATURES + 1];
    double first, next;
} sm_spell_weights;
extern const sm_spell_weights sm_spell_fitted; /* by `sunmao eval speller` */

typedef struct sm_misspelt {
    size_t at;      /* code point of the text */
    uint32_t right; /* what should stand there */
    double odds;    /* log-odds that it should */
} sm_misspelt;

/* In order of place.  w NULL: sm_spell_fitted. */
size_t sm_speller_check(sm_arena *a, const sm_speller *s, sm_str text, const sm_spell_weights *w,
                        sm_misspelt **out);

/* Everything that could stand in a place, with what there is to tell by: for fitting weights. */
typedef struct sm_spell_case {
    size_t at;
    uint32_t right;
    float x[SM_SPELL_FEATURES];
} sm_spell_case;
size_t sm_speller_cases(sm_arena *a, const sm_speller *s, sm_str text, sm_spell_case **out);

#endif
