/*
 * guide/premise.h - private to guide: what a question takes for granted.
 */
#ifndef SM_GUIDE_PREMISE_H
#define SM_GUIDE_PREMISE_H

#include "base/base.h"
#include "corpus/corpus.h"
#include "text/text.h"

typedef enum sm_premise_slot {
    SM_PREMISE_FEE,    /* that it costs, how much; that it does not */
    SM_PREMISE_WAIT,   /* how long it takes */
    SM_PREMISE_AGE,    /* from what age */
    SM_PREMISE_TERM,   /* how long one must have, how long a thing is good for */
    SM_PREMISE_AMOUNT, /* what one gets, or may have at most */
    SM_PREMISE_ONLINE, /* that it can be done online; that it cannot */
    SM_PREMISE_PLACE,  /* where, with whom */
    SM_PREMISE_RULE    /* what one may, must, need not do */
} sm_premise_slot;

typedef enum sm_rule_sign {
    SM_RULE_NONE,
    SM_RULE_MAY,
    SM_RULE_MAY_NOT,
    SM_RULE_MUST,
    SM_RULE_NEED_NOT
} sm_rule_sign;

typedef struct sm_premise {
    sm_premise_slot slot;
    sm_str phrase;   /* what is claimed, a slice of the text */
    sm_str context;  /* with the phrases beside it */
    bool has_figure; /* FEE, WAIT, AGE, AMOUNT */
    sm_fact figure;
    bool yes;          /* FEE: it costs; ONLINE: it can */
    bool wholly;       /* ONLINE: from beginning to end */
    sm_rule_sign sign; /* RULE */
    sm_str office;     /* PLACE: as the person called it */
} sm_premise;

enum { SM_MAX_PREMISES = 16 };

/* The claims of a text, in order; none for a plain question or for what one tells of oneself. */
size_t sm_premises_of(sm_arena *a, sm_str text, sm_premise out[SM_MAX_PREMISES]);

/* The claim without the words that mark it: 听说, 对吧. */
sm_str sm_premise_core(sm_str phrase);

/* May, must and so on, by the words of a phrase; by the first words of an answer. */
sm_rule_sign sm_rule_sign_of(sm_str phrase);
sm_rule_sign sm_rule_sign_of_answer(sm_str question, sm_str answer);

/* The paper or formality that a phrase says one must have ("登报", "单位证明"), a slice; "" for
 * none. */
sm_str sm_premise_paper(sm_str phrase);

/* A length of time that is no wait: how long one has lived here, how long a card is good for. */
bool sm_is_other_length(sm_str text, const sm_fact *f);
bool sm_names_fee(sm_str phrase);
/* Of an item's element "fee", as the corpus writes it. */
bool sm_fee_is_free(sm_str fee);
/* Another of the item's clauses tells that it is free, in one situation or for some: whoever says
 * so need not be wrong. */
bool sm_told_free(const sm_clause *clause, size_t n, const sm_clause *fee);

/* ------------------------------------------------- figures.c: what clauses tell of a figure */

typedef enum sm_telling { SM_TELLS_NOTHING, SM_TELLS_SO, SM_TELLS_OTHERWISE } sm_telling;
typedef struct sm_told {
    sm_str segment; /* that is most like the claim */
    const sm_clause *clause;
    double alike; /* to the claim */
    bool alone;   /* no other figure of the unit stands in a place as like it */
    bool leads;   /* … in another segment */
} sm_told;
/* Of the premise's figure; `out` unless nothing is told. */
sm_telling sm_figure_told(sm_arena *a, const sm_premise *p, const sm_clause *clause, size_t n,
                          sm_told *out);
/* What was and is no more: "由60周岁调整为63周岁". */
bool sm_figure_was(sm_str segment, const sm_fact *f);
/* The text has that figure, wherever. */
bool sm_figure_stands(sm_arena *a, const sm_premise *p, sm_str text);
double sm_days_of(const sm_fact *f);

/* ------------------------------------------------------------- faq.c: what an item is often asked
 */

typedef struct sm_faq {
    const sm_clause *clause;
    sm_str asks, answers; /* slices of its text */
} sm_faq;
bool sm_faq_split(const sm_clause *c, sm_faq *out);
/* The FAQ that asks about what is claimed in the text; false for none. */
bool sm_faq_about(sm_arena *a, const sm_clause *clause, size_t n, const sm_premise *p, sm_str text,
                  sm_faq *out);
/* What is said to be needed: the words behind 要, 得, 必须. */
sm_str sm_premise_object(sm_str phrase);
/* 户口本 as 户口簿. */
sm_str sm_in_formal_words(sm_arena *a, sm_str text);

/* excluded.c: the sentence says that the object is not needed. */
bool sm_spares(sm_arena *a, sm_str sentence, const sm_wordset *object);
/* A sentence says that for the thing claimed of there is no such limit: 不受结婚年限限制. */
bool sm_sets_no_limit(sm_arena *a, sm_str phrase, sm_str text, sm_str *sentence);
/* A sentence of the clause leaves out, by its name, a thing that the phrase has and the
 * matter's own name has not. */
bool sm_leaves_out(sm_arena *a, sm_str phrase, sm_str matter, const sm_clause *clause,
                   sm_str *sentence);

/* bureau.c: the i-th office as people call it, "" behind the last. */
sm_str sm_office_called(size_t i);
/* What in the evidence tells of an office as people call it: 社保局 is 社会保险, 人力资源; a NULL
 * ends it.  NULL for one that is not known. */
const char *const *sm_office_words(sm_str office);

#endif
