/*
 * review/opinion_inner.h - private to review: what is asked (opinion.c) and what is taken of the
 * replies (opinion_taken.c).
 */
#ifndef SM_REVIEW_OPINION_INNER_H
#define SM_REVIEW_OPINION_INNER_H

#include "review/opinion.h"
#include "review/pack.h"

enum {
    SM_ASKED_OF_ONE = 10, /* findings of one reply that are looked at */
    SM_ASKED_QUOTE_MIN = 2,
    SM_ASKED_QUOTE_MAX = 200,
    SM_ASKED_REASON_MIN = 2,
    SM_ASKED_REASON_MAX = 100
};

typedef struct sm_asked_rule {
    sm_rule rule; /* without parameters and examples */
    unsigned where;
    sm_str question;
} sm_asked_rule;

typedef struct sm_asked_line {
    int para, page;
    sm_role role;
    sm_str text, inert; /* of the whole paragraph; as it goes into a prompt */
    size_t chars;
} sm_asked_line;

/* Words that the speller would write otherwise. */
typedef struct sm_asked_doubt {
    sm_finding finding; /* in characters, its texts copied */
    sm_str sentence, from, to;
} sm_asked_doubt;

typedef struct sm_asked_request {
    bool spelling;
    size_t first, n; /* lines, or doubts */
    bool *rule;      /* which are asked about */
} sm_asked_request;

struct sm_opinion {
    sm_arena *a;
    const sm_prompt *review, *spelling;
    sm_str head; /* type, issuer and title */
    sm_asked_rule *rule;
    size_t n_rules, rule_cap;
    sm_asked_line *line;
    size_t n_lines, line_cap;
    sm_asked_doubt *doubt;
    size_t n_doubts;
    sm_asked_request *request;
    size_t n, cap;
    const sm_finding *known; /* without a model */
    size_t n_known;
    sm_finding found[SM_OPINION_FINDINGS];
    size_t n_found, left;
};

#endif
