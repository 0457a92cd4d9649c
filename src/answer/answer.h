/*
 * answer/answer.h - composing a cited answer without a model: elements of a
 * service item, or clauses of policies and laws.
 *
 * Rests on ground, search, corpus and below.  Every sentence is a claim with its
 * citations and has passed ground's gate; a sentence that does not pass is dropped.
 */
#ifndef SM_ANSWER_ANSWER_H
#define SM_ANSWER_ANSWER_H

#include "base/base.h"
#include "corpus/corpus.h"
#include "search/search.h"

/* What of an item is asked for; NONE: how it is done, in short. */
#define SM_FACET_TABLE(X)                   \
    X(NONE, "none", "怎么办")               \
    X(MATERIALS, "materials", "带什么材料") \
    X(TIME, "time", "多久办好")             \
    X(FEE, "fee", "收不收费")               \
    X(PLACE, "place", "去哪里办")           \
    X(STEPS, "steps", "怎么个流程")         \
    X(CONDITIONS, "conditions", "什么条件") \
    X(ONLINE, "online", "能不能网上办")     \
    X(RESULT, "result", "办完拿到什么")     \
    X(BASIS, "basis", "依据什么规定")       \
    X(ELIGIBILITY, "eligibility", "算算我够不够条件")
typedef enum sm_facet {
#define SM_FACET_ENUM(id, name, text) SM_FACET_##id,
    SM_FACET_TABLE(SM_FACET_ENUM)
#undef SM_FACET_ENUM
        SM_N_FACETS
} sm_facet;
const char *sm_facet_name(sm_facet f);
const char *sm_facet_text(sm_facet f); /* Chinese, for a button */
bool sm_facet_parse(sm_str name, sm_facet *out);

typedef struct sm_cite {
    sm_str doc, clause;   /* ids: "HJ-001" + "fee", "P01" + "第四条" */
    sm_str title;         /* for showing: 《云澜市人才购房补贴实施办法》第四条 */
    sm_str quote;         /* bytes of the clause that carry the sentence */
    sm_str digest;        /* SM3 of the clause's text, hex */
    int64_t row, pos;     /* clause row; byte offset of the quote in the clause's text */
    sm_str date;          /* version date shown: effective or issued, ISO */
    sm_str organ;         /* who issued it, or whose matter it is; "" when not known */
    sm_str heading, text; /* of the whole clause */
} sm_cite;

typedef struct sm_claim {
    sm_str text; /* one sentence or list line, Chinese; a model's may be a whole clause */
    sm_str
        of; /* of a model's: the document and what of it (材料之一); of two items: which; else "" */
    sm_cite *cite;
    size_t n_cites;
    /* "model", how: "said", "quoted", "replaced" (ground/gate.h); "template": a sentence of ours
     * around what a model worded; NULL: composed from its source */
    const char *by, *how;
    bool corrects; /* what the question took for granted; the first of an answer, if one does */
    bool aside;    /* its clause is not for a model to quote: alone it would mislead */
} sm_claim;

typedef struct sm_answer {
    sm_claim *claim;
    size_t n_claims;
    sm_facet *more; /* facets one tap away */
    size_t n_more;
    sm_str date; /* newest version date among the sources, ISO */
    /* Why nobody may word it anew: "past" (it quotes what is not in force), "conflict" (its sources
     * differ); NULL: it may be. */
    const char *as_it_is;
} sm_answer;

/* One item; the facets asked for first and alone; none gives 结论, what it takes, where, and leaves
 * the rest one tap away.  `region` chooses among places; `question` chooses the FAQ entry
 * and the condition it touches, with half as much of what was asked `before` where the question is
 * too short to say it, else "".  Where a conflict with a policy in force is on record for the
 * fact, both are shown, each with source and date. */
typedef struct sm_facets { /* asked for, likeliest first; none: NONE */
    sm_facet f[3];
    size_t n;
} sm_facets;
sm_rc sm_answer_item(sm_op *op, sm_db *db, const sm_doc *item, sm_facets facets, sm_str region,
                     sm_str question, sm_str before, sm_date as_of, sm_answer **out);

/* Quotes the sentences of the hits' clauses that answer the question.  A document out of force
 * as of `as_of` is quoted only under an opening sentence with its state and date, followed by
 * the current rule when `current` has one.  E_NOTFOUND (not recorded) when no sentence carries
 * what is asked. */
typedef struct sm_clause_hits {
    const sm_hit *hit;
    size_t n;
    bool still; /* out of force, but what replaced it says what it still applies to */
} sm_clause_hits;
sm_rc sm_answer_clauses(sm_op *op, sm_db *db, sm_clause_hits found, sm_clause_hits current,
                        sm_str question, sm_date as_of, sm_answer **out);

/* Puts more's claims behind those of `to`, without those whose clause is cited there already. */
void sm_answer_append(sm_op *op, sm_answer *to, const sm_answer *more);

/* Puts a sentence of ours, which corrects what the question took for granted, before all others;
 * it rests on clauses of the document (n ≥ 1) and its facts stand in them.  A claim that says no
 * more than it goes. */
void sm_answer_correct(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                       const sm_clause *const *clause, size_t n);

/* Puts a sentence that rests on a clause before all others; a claim that says no more goes. */
void sm_answer_lead(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                    const sm_clause *clause);

/* An item's clauses that may answer: no FAQ of another district when the place is known, none of a
 * year gone by that the question does not name. */
sm_rc sm_answer_elements(sm_op *op, sm_db *db, const sm_doc *item, sm_str region, sm_str question,
                         sm_date as_of, sm_clause **out, size_t *n);

/* Without the claims that rest on the clause first; a new one, since the composed one may be
 * shared. */
sm_answer *sm_answer_without(sm_op *op, const sm_answer *answer, int64_t row);

/* What an FAQ's clause asks and what it is told, slices of its text; false: it is no FAQ's. */
bool sm_faq_parts(sm_str text, sm_str *asks, sm_str *tells);

/* Puts a sentence that rests on a clause behind all others. */
void sm_answer_add(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                   const sm_clause *clause);

/* ---------------------------------------------------------- eligibility */

typedef enum sm_truth { SM_FALSE, SM_TRUE, SM_UNKNOWN } sm_truth;

/* A variable's value: unknown, or text, number or truth. */
typedef struct sm_value {
    enum { SM_VALUE_UNKNOWN, SM_VALUE_TEXT, SM_VALUE_NUMBER, SM_VALUE_BOOL } type;
    sm_str text;
    double number;
    bool truth;
} sm_value;
typedef struct sm_binding {
    sm_str name;
    sm_value value;
} sm_binding;

enum { SM_EXPR_MAX_BYTES = 4096, SM_EXPR_MAX_DEPTH = 64 };

/* Evaluates an item's rule (|| && ! == != < <= > >= + - * ( ) 'text' numbers true false) in
 * three-valued logic.  E_INVALID with the column for a rule that cannot be read, a type that
 * does not fit, or over the limits. */
sm_rc sm_expr_eval(sm_op *op, sm_str rule, const sm_binding *var, size_t n, sm_truth *out);
/* The variable to ask next: the first of `order` that the rule names and that is not bound (one
 * bound to "unknown" was asked already); NULL when the outcome is settled or all were asked. */
sm_rc sm_expr_next(sm_op *op, sm_str rule, const sm_binding *var, size_t n, const sm_str *order,
                   size_t n_order, const sm_str **out);

#include "answer/when.h"
#include "answer/wording.h"

#endif
