/*
 * review/review.h - official documents reviewed: what is wrong by which rule, where, why, and how
 * to mend it.
 *
 * Rests on base, text, format and roster.  The rules are data (share/review/rules,
 * docs/review-rules.md), a small set of checkers reads them.  Nothing here changes a document:
 * mend.h does.  A rule pack and a registry never change once they are open and may be shared by
 * threads.
 */
#ifndef SM_REVIEW_REVIEW_H
#define SM_REVIEW_REVIEW_H

#include "format/layout.h"
#include "roster/roster.h"

/* -------------------------------------------------------------------- rules */

typedef enum sm_severity { SM_ERROR, SM_WARNING, SM_HINT } sm_severity;
const char *sm_severity_name(sm_severity s); /* "error" … */

/* One line of share/review/rules/GROUP.jsonl. */
typedef struct sm_rule {
    sm_str id; /* "B01", "FM-02", "X-…" of an organisation */
    sm_severity severity;
    sm_str title;    /* what is checked, in a few words */
    sm_str why;      /* for the finding, one sentence */
    sm_str source;   /* standard and clause, or the registry */
    sm_str status;   /* "C", "H" or "P", as the fact sheets mark it */
    sm_str checker;  /* "pattern", "dictionary", or the name of a checker in C */
    sm_str from, to; /* dates of effect; "" open */
    bool on;
    const json_t *params;        /* for the checker; may be NULL */
    const json_t *wrong, *right; /* examples: see tests/review */
} sm_rule;

typedef struct sm_rules sm_rules;
/* All *.jsonl of a folder, in order of their names, then those of `own` (an organisation's; NULL
 * none), where a rule with a known id switches it or changes its parameters.  E_INVALID names file
 * and line: a pattern that cannot be read, a checker there is not. */
sm_rc sm_rules_open(sm_op *op, const char *dir, const char *own, sm_rules **out);
void sm_rules_close(sm_rules *r); /* NULL is fine */
size_t sm_rules_all(const sm_rules *r, const sm_rule **out);
size_t sm_rules_shipped(const sm_rules *r); /* so many of the first ship; the others are `own`'s */
sm_str sm_rules_version(const sm_rules *r); /* SM3, hex, of what was read */

/* ----------------------------------------------------------------- findings */

typedef struct sm_finding {
    const sm_rule *rule;
    int para;          /* from 0 in document order, empty ones and cells counted; -1: the page */
    size_t start, end; /* code points within the paragraph */
    sm_str text;       /* what stands there; for a missing element the words beside it */
    sm_str suggest;    /* what should stand in its place; "" with `deletes`: nothing */
    bool suggests, deletes; /* whether there is a proposal; whether it is to delete */
    sm_str why;             /* one sentence, with the values */
    double confidence;      /* 0 … 1; at .9 and more it is safe to mend without asking */
    bool by_model;
    int page; /* from 1; 0 unknown */
} sm_finding;

typedef struct sm_review {
    sm_finding *finding; /* as a reviewer reads: by paragraph, then place; the page's first */
    size_t n;
    sm_str kind;     /* "通知", …, or "" */
    bool classified; /* a mark of secrecy in mark position: everything stops, B12 is the only
                        finding */
} sm_review;

typedef struct sm_review_options {
    sm_str today;                     /* YYYY-MM-DD */
    const sm_roster *roster;          /* NULL: rules that need one are silent */
    const struct sm_speller *speller; /* speller.h; NULL: wrong characters are not looked for */
    /* Laws and documents known: NULL: what is cited is not looked up.  True and the state, in force
     * or not, of what is named; *article false when it has no such article. */
    bool (*law)(void *ctx, sm_str title, sm_str article, bool *article_there, bool *in_force);
    void *ctx;
    const char *only; /* a rule's id: nothing else is checked (tests, trying a rule); NULL all */
} sm_review_options;

/* A document may be laid out or bare text (sm_layout_read of pasted text): rules of layout are then
 * silent.  E_LIMIT over 20,000 paragraphs. */
sm_rc sm_review_run(sm_op *op, const sm_layout *doc, const sm_rules *rules,
                    const sm_review_options *o, sm_review **out);

/* {"rule","severity","para","start","end","text","suggest","why"}, "suggest" null without a
 * proposal, and "source", "status", "confidence", "model", "page": a new object. */
json_t *sm_review_finding_json(const sm_finding *f);

#endif
