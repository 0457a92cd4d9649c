/*
 * guide/refuting.h - private to guide: what a claim is held against, and what was found wrong.
 */
#ifndef SM_GUIDE_REFUTING_H
#define SM_GUIDE_REFUTING_H

#include "guide/premise.h"
#include "guide/turn.h"

#define SM_ITEM_SURELY   0.8  /* of the head "right_item" */
#define SM_CONFIRM_ALIKE 0.3  /* of a premise's wording in the segment that has it */
#define SM_TERM_ALIKE    0.3  /* the same of a length */
#define SM_MATTER_SURELY 0.55 /* of an item's name in the title of a policy about it */

/* What the answer rests on. */
typedef struct sm_refuting {
    sm_turn *t;
    sm_arena *a;
    const sm_doc *doc; /* the item; NULL: clauses answer */
    sm_clause *clause;
    size_t n_clauses;
    bool by_policy;    /* clauses answer */
    sm_clause *policy; /* in force, about the same matter */
    size_t n_policy;
    sm_str region; /* the policy's */
    bool surely;   /* it is */
    sm_str name;   /* the item's */
    bool unknown;  /* a figure is claimed of which the source says nothing */
    sm_told so;    /* what tells that a figure claimed is right; no clause: nothing does */
} sm_refuting;

/* A correction found: the sentence and the clauses it rests on. */
typedef struct sm_refuted {
    sm_str sentence;
    const sm_clause *clause[2];
    size_t n;
    double alike;      /* of a figure: the sentence to the claim */
    int64_t gives_way; /* a clause that says what is wrong, or what is said now; 0: none */
} sm_refuted;

/* against.c: the claim is wrong by what the item, and for some the policy about it, tells. Evidence
 * is looked for only where such a thing stands: a fee in the fee, a wait in the limits. */
bool sm_refute_by_item(sm_refuting *x, const sm_premise *p, sm_refuted *out);
/* What the item tells of the figure claimed. */
sm_telling sm_told_by_item(const sm_refuting *x, const sm_premise *p, sm_told *told);

const sm_clause *sm_clause_at(const sm_refuting *x, const char *path); /* NULL: none */
bool sm_of_list(const sm_clause *c, const char *list);                 /* "conditions/" */
sm_str sm_told_text(const sm_clause *c);                               /* of an FAQ its answer */
/* The correction is these words; those that tell the figure. */
void sm_refuted_by(const sm_refuting *x, sm_refuted *out, sm_str words, const sm_clause *c);
void sm_refuted_by_figure(const sm_refuting *x, sm_refuted *out, const sm_told *told);

#endif
