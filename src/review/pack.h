/*
 * review/pack.h - private to review: what a rule pack keeps beside its rules.
 */
#ifndef SM_REVIEW_PACK_H
#define SM_REVIEW_PACK_H

#include "review/inner.h"

/* Where a rule stands; for one that was changed, where that stands. */
typedef struct sm_rule_origin {
    const char *folder; /* its file of words is looked for there */
    const char *path;
    size_t line_no;
} sm_rule_origin;

struct sm_rules {
    sm_op own; /* its arena holds everything */
    sm_rule *rule;
    size_t n, cap, n_shipped;
    sm_rule_origin *origin; /* of each rule */
    size_t origin_cap;
    const void **made; /* of each rule, what its checker made of the parameters; NULL nothing */
    sm_str version;
};

const sm_checker *sm_checker_named(sm_str name); /* NULL: none */

/* What `made` holds for a rule that is being run. */
const void *sm_rule_made(const sm_check *c, const sm_rule *rule);
/* The roles of "where", a bit each; absent: all but SM_ROLE_NONE.  false: a name is not known. */
bool sm_rule_where(const sm_rule *rule, unsigned *mask);

/* Whether a list of texts holds a name. */
bool sm_named(const json_t *list, sm_str name);

/* The text of a file of words that a parameter names: in the rules' own folder, else in the one
 * above. */
sm_rc sm_rule_file(sm_op *op, const sm_rule *rule, const char *key, const char *folder,
                   sm_str *text);

/* What a checker in C looks things up in: params "table" names the file, tab-separated, '#' begins
 * a line of comment.  Cells that a row lacks are empty. */
enum { SM_TABLE_COLUMNS = 8 };
typedef struct sm_table {
    struct sm_table_row {
        sm_str cell[SM_TABLE_COLUMNS];
    } * row;
    size_t n, cap;
} sm_table;
sm_rc sm_table_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                    const void **made);

/* Both check the parameters; what is wrong is the message. */
sm_rc sm_pattern_make(sm_op *op, const sm_rule *rule, const void **made);
/* *read is the text of the rule's file of words, "" without one. */
sm_rc sm_dictionary_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                         const void **made);

/* Whether a rule is on, in force on the day, and for this kind of document. */
bool sm_rule_applies(const sm_check *c, const sm_rule *rule);

void sm_pattern_run(sm_check *c, const sm_rule *rule);
void sm_dictionary_run(sm_check *c, const sm_rule *rule);
/* The bar lower by `easier`, in log-odds: what the speller is not sure of. */
void sm_spelling_run(sm_check *c, const sm_rule *rule, double easier);

#endif
