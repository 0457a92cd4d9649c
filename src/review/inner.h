/*
 * review/inner.h - private to review: a document as its parts are recognised, and what checkers
 * work with.
 *
 *   rules.c      the rule pack, its own folder and an organisation's
 *   outline.c    which paragraph is what: mark, number, title, recipients, headings, signature …
 *   pattern.c    the checker "pattern": regular expressions with limits
 *   dictionary.c the checker "dictionary": words and what they should be
 *   review.c     runs the rules, puts the findings in order
 *   opinion.c    what a model is asked beside them; opinion_taken.c what is taken of its replies
 *   check_*.c    checkers in C, one file for each group of rules that needs them
 */
#ifndef SM_REVIEW_INNER_H
#define SM_REVIEW_INNER_H

#include "review/review.h"
#include "text/text.h"

/* ------------------------------------------------------------------ outline */

typedef enum sm_role {
    SM_ROLE_NONE, /* empty, or not known */
    SM_ROLE_COPYNO,
    SM_ROLE_SECRECY,
    SM_ROLE_URGENCY,
    SM_ROLE_MARK, /* 发文机关标志 */
    SM_ROLE_NUMBER,
    SM_ROLE_SIGNER,
    SM_ROLE_TITLE, /* each line of it */
    SM_ROLE_TO,
    SM_ROLE_TEXT, /* of the body */
    SM_ROLE_H1,
    SM_ROLE_H2,
    SM_ROLE_H3,
    SM_ROLE_H4,
    SM_ROLE_NOTE, /* 附件说明 */
    SM_ROLE_SIGN,
    SM_ROLE_DATE,
    SM_ROLE_REMARK,     /* 附注 */
    SM_ROLE_ATTACH,     /* 附件1 */
    SM_ROLE_ATITLE,     /* an attachment's title */
    SM_ROLE_CELL,       /* of a table */
    SM_ROLE_ATTENDANCE, /* 出席：… */
    SM_ROLE_CC,
    SM_ROLE_PRINTER, /* 印发机关和印发日期 */
    SM_N_ROLES
} sm_role;
/* "number", … as in the notation of format/official.h and in a rule's "where"; "body" there stands
 * for text and headings. */
const char *sm_line_role_name(sm_role r);
bool sm_line_role_parse(sm_str name, sm_role *out);

typedef struct sm_line {
    const sm_par *par;
    int para;
    sm_role role;
    int doc;      /* 0 the document, 1 … its attachments and what is issued with it */
    sm_str text;  /* trimmed slice of par->text */
    sm_str label; /* the number in front: "一、", "（一）", "1."; "" none */
    sm_str rest;  /* what follows the label */
} sm_line;

typedef struct sm_outline {
    sm_line *line;
    size_t n;
    sm_str mark, number, title; /* title: its lines joined; "" none */
    sm_str kind;                /* "通知"; from the title's end; "" none of the fifteen */
    sm_str issuer;              /* from the mark, the signature or the title */
    sm_str date;                /* 成文日期 as YYYY-MM-DD; "" unknown or not a date */
    bool laid_out;              /* fonts and sizes are known */
    bool letter, order, minutes;
} sm_outline;

sm_rc sm_outline_read(sm_op *op, const sm_layout *doc, const sm_roster *roster, sm_outline *out);
/* The first line of a role at or after i; n: none. */
size_t sm_outline_next(const sm_outline *o, sm_role role, size_t i);

/* ----------------------------------------------------------------- checkers */

typedef struct sm_check {
    sm_op *op;
    sm_arena *a;
    const sm_layout *doc;
    const sm_outline *o;
    const sm_review_options *opt;
    const sm_roster *roster; /* NULL: none */
    const sm_rules *rules;
    sm_finding *found;
    size_t n_found, cap;
    struct sm_figures *figures; /* of its lines (figure.h), read when they are first asked for */
} sm_check;

typedef void sm_checker_fn(sm_check *c, const sm_rule *rule);
typedef struct sm_checker {
    const char *name;
    sm_checker_fn *run;
} sm_checker;

/* A table for each file of checkers; rules.c lists them. */
extern const sm_checker sm_checkers_basic[];     /* pattern, dictionary */
extern const sm_checker sm_checkers_type[];      /* check_type.c: group A, routing */
extern const sm_checker sm_checkers_head[];      /* check_head.c: groups B, C, D */
extern const sm_checker sm_checkers_structure[]; /* check_structure.c: groups E, F, G */
extern const sm_checker sm_checkers_figures[];   /* check_figures.c: group H */
extern const sm_checker sm_checkers_signs[];     /* check_signs.c: group I */
extern const sm_checker sm_checkers_cited[];     /* check_cited.c: group J */
extern const sm_checker sm_checkers_names[];     /* check_names.c: groups K, L */
extern const sm_checker sm_checkers_wording[];   /* check_wording.c: group M */
extern const sm_checker sm_checkers_layout[];    /* check_layout.c: FM */
extern const sm_checker sm_checkers_spelling[];  /* check_spelling.c: SP */
/* each ends with a NULL name */

/* A finding at bytes at … at + n of a line's paragraph text (not of line->text): the caller fills
 * in more. line NULL: the page.  Confidence .9, why the rule's, until the caller says otherwise. */
sm_finding *sm_find(sm_check *c, const sm_rule *rule, const sm_line *line, size_t at, size_t n);
/* The same for a slice of the paragraph's text. */
sm_finding *sm_find_slice(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str slice);
void sm_propose(sm_finding *f, sm_str text); /* "" deletes */
void sm_because(sm_check *c, sm_finding *f, const char *fmt, ...) SM_PRINTF(3, 4);

/* Whether a rule's "where" (a list of roles; absent: everything but marks of the page) has this
 * line. */
bool sm_rule_reads(const sm_rule *rule, const sm_line *line);
/* params: a member, or the default. */
sm_str sm_param_str(const sm_rule *rule, const char *key, const char *other);
double sm_param_num(const sm_rule *rule, const char *key, double other);
const json_t *sm_param(const sm_rule *rule, const char *key); /* NULL */

#endif
