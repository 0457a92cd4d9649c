/*
 * corpus/governance.h - private to corpus: what the parts of the governance report share.
 *
 *   governance.c  validity, missing elements, notes of the import, the report itself, kept tasks
 *   alike.c       texts that say nearly the same: sketches, tf-idf cosine
 *   reference.c   the laws cited, against share/laws.tsv
 *   statement.c   a clause taken apart into single facts with their wording
 *   conflict.c    policy against policy, guide against policy, value by value
 *   words.c       guide against policy: limits, 不受…限制, departments
 */
#ifndef SM_CORPUS_GOVERNANCE_H
#define SM_CORPUS_GOVERNANCE_H

#include "corpus/corpus.h"

/* A document under check with its clauses. */
typedef struct sm_subject {
    const sm_doc *doc;
    sm_clause *clause;
    size_t n_clauses;
    sm_str text; /* title and clauses, one a line */
    sm_state state;
} sm_subject;

typedef struct sm_report {
    sm_op *op;
    sm_db *db;
    sm_date as_of;
    sm_subject *policy;
    size_t n_policies;
    sm_subject *item;
    size_t n_items;
    sm_defect *f;
    size_t n, cap;
} sm_report;

void sm_report_add(sm_report *r, sm_defect f);
bool sm_docs_succeed(const sm_doc *a, const sm_doc *b); /* either replaces the other */

/* ---------------------------------------------------------------- alike.c */

enum { SM_SKETCH = 128 }; /* smallest hashes kept of a text */
typedef struct sm_sketch {
    uint64_t hash[SM_SKETCH];
    size_t n;
} sm_sketch;
void sm_sketch_of(sm_arena *a, sm_str text, sm_sketch *out);
/* Estimated share of common 5-character runs (Jaccard), 0 … 1. */
double sm_sketch_likeness(const sm_sketch *a, const sm_sketch *b);
sm_rc sm_check_duplicates(sm_report *r);

/* tf-idf vectors of single characters and bigrams over one set of texts. */
typedef struct sm_bags sm_bags;
sm_bags *sm_bags_make(sm_arena *a, const sm_str *text, size_t n);
/* The cosine of text i with every text, into score[n]. */
void sm_bags_like(const sm_bags *b, size_t i, double *score);
double sm_bags_idf(const sm_bags *b, uint64_t token); /* a token not there counts as seen once */

/* ------------------------------------------------------------ reference.c */

sm_rc sm_check_references(sm_report *r, sm_str laws_tsv);

/* ------------------------------------------------------------ statement.c */

/* What a value is about; two values of one family and unit can be compared. */
typedef enum sm_family {
    SM_FAMILY_MONEY,
    SM_FAMILY_PERCENT,
    SM_FAMILY_WORKDAYS,
    SM_FAMILY_DAYS,
    SM_FAMILY_MONTHS, /* years count 12 */
    SM_FAMILY_AGE,
    SM_FAMILY_AMOUNT,    /* with a unit of its own: 16平方米, 一只 */
    SM_FAMILY_EDUCATION, /* 大专以上 … 博士以上 */
    SM_FAMILY_TITLE,     /* 初级以上 … 高级以上 */
    SM_FAMILY_START,     /* 自当月起 0, 自次月起 1 */
} sm_family;

typedef enum sm_said_bound {
    SM_SAID_NONE,
    SM_SAID_LEAST,
    SM_SAID_MOST,
    SM_SAID_WITHIN
} sm_said_bound;

/* One value in its wording. */
typedef struct sm_statement {
    sm_family family;
    sm_said_bound bound;
    double value;
    sm_str unit; /* AMOUNT and MONEY: 平方米, /证 */
    sm_str text; /* as written */
    const sm_clause *clause;
    sm_str near, sentence; /* the few words the value stands in; the sentence */
    /* tokens, sorted: near without the values, the sentence, the clause with its headings */
    const uint64_t *core, *said, *wide;
    size_t n_core, n_said, n_wide;
} sm_statement;

typedef struct sm_statements {
    sm_statement *s;
    size_t n, cap;
} sm_statements;

void sm_statements_of(sm_arena *a, const sm_clause *c, sm_statements *out);
size_t sm_token_set(sm_arena *a, sm_str text, const uint64_t **out); /* sorted, distinct */
bool sm_token_in(const uint64_t *set, size_t n, uint64_t token);

/* ------------------------------------------------------------- conflict.c */

/* A document taken apart for comparing. */
typedef struct sm_side {
    const sm_subject *subject; /* NULL: not read yet */
    sm_statements of;
    const uint64_t *token, *title; /* of the whole text, of the title; sorted */
    size_t n_tokens, n_title;
    const bool *others; /* per clause: it is another guide's; NULL when none is */
} sm_side;

typedef struct sm_matching {
    sm_report *r;
    sm_arena *a;
    sm_bags *bags, *titles; /* policies first, then items */
    sm_side *side;
    sm_str *region; /* where the guides hold: home and what lies above it */
    sm_str *place;  /* home and all below it, longest first */
    size_t n_regions, n_places;
} sm_matching;

sm_rc sm_check_conflicts(sm_report *r);
/* The idf-weighted share of tokens found near (1) or only far (.5). */
double sm_found_in(const sm_matching *w, const uint64_t *token, size_t n, const uint64_t *near,
                   size_t n_near, const uint64_t *far, size_t n_far);
/* The share of a guide's name that a clause and its headings hold. */
double sm_clause_about(const sm_matching *w, const sm_side *guide, const sm_clause *c);
/* The beginning of a text, on one line. */
sm_str sm_one_line(sm_arena *a, sm_str s);
/* Adds one finding; `values` gives paths and values, `says` and `rules` are quoted. */
void sm_item_conflict(sm_report *r, const sm_subject *item, const sm_subject *policy,
                      const sm_defect *values, sm_str says, sm_str rules);

/* ---------------------------------------------------------------- words.c */

/* What contradicts without two values of one kind: time limits, 不受…限制, another department. */
void sm_compare_words(sm_matching *w, const sm_side *guide, const sm_side *rule);

#endif
