/*
 * server/rules.h - private to server: an organisation's own rules and registry, changed by page.
 *
 * Rests on base, store, review and sunmao.  The files of DATA/review are the truth: what is live is
 * read there.  A change is a number of rows of one file, each with what it was and what it is to
 * be; it is kept in record.db as a draft, is tried on the documents that are kept, and is then
 * written into the file by a person with a reason.  What was live is taken back by the same rows
 * the other way round.
 */
#ifndef SM_SERVER_RULES_H
#define SM_SERVER_RULES_H

#include "server/reviews.h"

typedef enum sm_own_list {
    SM_OWN_RULES, /* rules / *.jsonl */
    SM_OWN_ORGANS,
    SM_OWN_PEOPLE,
    SM_OWN_TERMS,
    SM_N_OWN_LISTS
} sm_own_list;
const char *sm_own_list_name(sm_own_list l); /* "rules", "organs" … */
bool sm_own_list_parse(sm_str name, sm_own_list *out);

enum {
    SM_CHANGE_ROWS = 500,
    SM_CHANGE_BODY = 1 << 20,
    SM_CHANGE_NOTE_MAX = 600, /* bytes; of a reason too */
    SM_CHANGES_LISTED = 100,
    SM_TRIED_PLACES = 20
};

/* ------------------------------------------------------------- rule_edit.c */

const char *sm_own_dir(sm_arena *a, const sm_server *sv); /* DATA/review, there or not */
/* SM3 of all files that a change could touch or rest on, hex. */
sm_rc sm_own_digest(sm_op *op, const char *dir, sm_str *out);

typedef struct sm_own_line {
    sm_str file; /* "terms.tsv", "rules/own.jsonl" */
    size_t line_no;
    sm_str text;
    const json_t *rule; /* of a rule; NULL: it cannot be read */
    const sm_str *cell; /* of the others */
    size_t n_cells;
} sm_own_line;
/* Lines that hold something, in order. */
sm_rc sm_own_lines(sm_op *op, const char *dir, sm_own_list l, sm_own_line **out, size_t *n);

typedef struct sm_own_edit {
    const char *file; /* relative to the folder */
    sm_str text;      /* all of it, as it is to be */
    size_t *line_no;  /* of each row of the change; 0: it is gone */
    size_t n_rows;
    size_t bad_row; /* after a failure: whose fault it was; SIZE_MAX: of none */
} sm_own_edit;
/* `rows`: [{"was","now"}], null for none; cells as a list of texts, a rule as an object.
 * `all`: what rules there are, NULL not known.  E_INVALID, E_LIMIT; E_CONFLICT when a row is not
 * there as it was. */
sm_rc sm_own_apply(sm_op *op, const char *dir, sm_own_list l, const json_t *rows,
                   const sm_rules *all, sm_own_edit *out);
json_t *sm_own_reverse(const json_t *rows); /* a new list */

/* ------------------------------------------------------------ rule_trial.c */

/* What is wrong in which line, for the page. */
typedef struct sm_own_trouble {
    sm_str file, message; /* file "" not known */
    int64_t line, row;    /* 0 and -1: not known */
} sm_own_trouble;
/* From a message of sm_reviewer_open over the folder `dir`. */
sm_own_trouble sm_own_trouble_of(const char *dir, sm_str message);

/* What documents would be reviewed by with the edit in place; held until the op's arena closes.
 * After E_INVALID or E_LIMIT *trouble says where. */
sm_rc sm_own_open_with(sm_op *op, sm_server *sv, const sm_own_edit *edit, const sm_reviewer **out,
                       sm_own_trouble *trouble);
/* The documents that are kept, newest first, reviewed by either.
 * {"documents","left","unread","added","removed","altered","ms","places":[…]}: a new object. */
sm_rc sm_own_try(sm_request *r, sm_db *db, const sm_reviewer *now, const sm_reviewer *then,
                 json_t **out);

/* ---------------------------------------------------------- rule_changes.c */

typedef struct sm_change_row {
    int64_t id, time_ms, decided_ms, undoes;
    sm_own_list list;
    sm_str rows, note, state, who; /* rows: JSON; state: draft, live, dropped, undone */
    sm_str tried, tried_of;        /* JSON, "" not yet; the digest it was tried on */
    sm_str reason, decided_by;
} sm_change_row;
sm_rc sm_changes_list(sm_op *op, sm_db *db, sm_change_row **out, size_t *n);
sm_rc sm_changes_get(sm_op *op, sm_db *db, int64_t id, sm_change_row *out);
json_t *sm_change_json(sm_op *op, const sm_change_row *c);

/* All on the recorder. */
typedef struct sm_change_deed {
    const sm_user *user;
    const char *dir;
    sm_change_row change; /* new: list, rows, note; the others: id; gets the id of a new one */
    sm_str reason;
    const sm_own_edit *edit; /* of live and undo */
    sm_str digest;           /* what the edit was made of */
} sm_change_deed;
sm_rc sm_change_new(sm_op *op, sm_db *db, void *deed);
sm_rc sm_change_tried(sm_op *op, sm_db *db, void *deed);
sm_rc sm_change_live(sm_op *op, sm_db *db, void *deed);
sm_rc sm_change_drop(sm_op *op, sm_db *db, void *deed);
sm_rc sm_change_undo(sm_op *op, sm_db *db, void *deed);

#endif
