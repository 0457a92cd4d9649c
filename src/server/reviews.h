/*
 * server/reviews.h - private to server: what is kept of documents reviewed, in record.db.
 *
 * Rests on base and store.  A review is kept with its findings and what was decided; the document
 * itself, its paragraphs and its signed copy are beside it and go after so many days.  What
 * changes runs on the recorder, which opens the transaction.
 */
#ifndef SM_SERVER_REVIEWS_H
#define SM_SERVER_REVIEWS_H

#include "server/inner.h"

enum {
    SM_REVIEW_REASON_MAX = 600, /* bytes */
    SM_REVIEWS_LISTED = 200,
    SM_NEVER_LISTED = 500
};

typedef enum sm_review_act {
    SM_REVIEW_ACCEPT,
    SM_REVIEW_DISMISS,
    SM_REVIEW_NEVER, /* dismissed for the whole organisation, from now on */
    SM_REVIEW_UNDO,  /* what was decided is taken back */
    SM_N_REVIEW_ACTS
} sm_review_act;
const char *sm_review_act_name(sm_review_act act); /* "accept" … */
bool sm_review_act_parse(sm_str name, sm_review_act *out);

typedef struct sm_review_row {
    int64_t id, user, time_ms;
    sm_str login;                          /* the person's name, for the ledger; when it is added */
    sm_str who, name, digest, kind, rules; /* digest: SM3 of the file; rules: the pack's version */
    sm_str findings;                       /* JSON: a list; "" in a list of reviews */
    const json_t *silenced; /* rules of findings left out, as the organisation wants it; when it
                             * is added */
    int64_t n, n_silenced, n_decided;
    sm_str model_state; /* "": no model is asked; "pending", "done", "failed": not all was read */
    sm_str model;       /* JSON: {"alias","name","prompt","left"}; "" */
    sm_str signed_by, signed_digest; /* "" not signed; SM3 of the signed copy, "" there is none */
    int64_t signed_ms;
    bool kept, fixable;
} sm_review_row;

typedef struct sm_review_file {
    sm_str bytes, paragraphs; /* JSON: a list */
    sm_str copy;              /* the signed one */
} sm_review_file;

/* Keeps a new one with its file, and counts its findings by rule; sets its id and time. */
sm_rc sm_reviews_add(sm_op *op, sm_db *db, sm_review_row *row, const sm_review_file *file);
/* What a model found in one that is there. */
typedef struct sm_review_more {
    int64_t id, user;
    sm_str login;
    bool whole;             /* it has read all that it was asked about */
    const json_t *findings; /* a list, not numbered yet */
    sm_str what;            /* which model by which prompts, for the ledger */
} sm_review_more;
/* Adds them behind those that are there, whose numbers stay; to one that was signed meanwhile
 * nothing is added.  Writes to the ledger which model was used. */
sm_rc sm_reviews_model(sm_op *op, sm_db *db, const sm_review_more *m);
/* Those that wait for a model are not waited for any more: the server has been started again. */
sm_rc sm_reviews_interrupted(sm_op *op, sm_db *db);
/* Of this person, newest first; below `before`, 0 from the newest. */
sm_rc sm_reviews_list(sm_op *op, sm_db *db, int64_t user, int64_t before, int64_t limit,
                      sm_review_row **out, size_t *n);
/* E_NOTFOUND when there is none, or it is another person's. */
sm_rc sm_reviews_get(sm_op *op, sm_db *db, int64_t id, int64_t user, sm_review_row *out);
/* E_NOTFOUND when it is deleted already. */
sm_rc sm_reviews_file(sm_op *op, sm_db *db, int64_t id, sm_review_file *out);
/* The paragraphs alone; "" when they are deleted. */
sm_rc sm_reviews_paragraphs(sm_op *op, sm_db *db, int64_t id, sm_str *out);
/* Deletes what is older than `before_ms` but the reviews themselves. */
sm_rc sm_reviews_sweep(sm_op *op, sm_db *db, int64_t before_ms);

/* What a person decides about findings, by their index. */
typedef struct sm_review_deed {
    int64_t id;
    const sm_user *user;
    sm_review_act act;
    const size_t *finding;
    size_t n;
    sm_str reason;
} sm_review_deed;
/* E_CONFLICT when it is signed, E_INVALID for a finding there is not. */
sm_rc sm_reviews_decide(sm_op *op, sm_db *db, const sm_review_deed *d);
/* [{"finding","act","reason","who","time"}]: a new list. */
sm_rc sm_reviews_decisions(sm_op *op, sm_db *db, int64_t id, json_t **out);

/* E_CONFLICT when it is signed, or what was decided is not what `row` and the copy were made of. */
sm_rc sm_reviews_sign(sm_op *op, sm_db *db, const sm_review_row *row, const sm_user *user,
                      sm_str copy, const json_t *decisions);

/* Whether a finding is not to be told in this organisation: {"rule words": true}, a new object. */
sm_rc sm_reviews_never(sm_op *op, sm_db *db, json_t **out);
sm_str sm_reviews_never_key(sm_arena *a, sm_str rule, sm_str words);
/* {"rules":[{"rule","found","accepted","dismissed","never","silenced"}],
 *  "never":[{"id","rule","words","reason","who","time"}]}: a new object. */
sm_rc sm_reviews_rules(sm_op *op, sm_db *db, json_t **out);
/* Told again from now on; E_NOTFOUND when there is none. */
sm_rc sm_reviews_tell_again(sm_op *op, sm_db *db, int64_t never, const sm_user *user);

/* -------------------------------------------------------------- sweeper.c */

enum { SM_SWEEP_MS = 3600000 };
/* Sweeps now, and then again and again until it is closed, which must be before the recorder is. */
sm_rc sm_sweeper_open(sm_op *op, sm_recorder *recorder, unsigned days, int64_t every_ms,
                      sm_sweeper **out);
void sm_sweeper_close(sm_sweeper *s); /* NULL is fine */

/* --------------------------------------------------------------- review.c */

/* In the child without rights. */
sm_rc sm_review_read(sm_op *op, sm_str name, sm_str bytes, sm_layout **out);
/* The review of the segment {id}, when it is this person's, with what was decided: a new list. */
sm_rc sm_review_find(sm_request *r, sm_db **db, sm_review_row *row, json_t **decisions);
json_t *sm_review_told_json(const sm_finding *f); /* but for its number */
json_t *sm_review_line_json(const sm_server *sv, const sm_review_row *row);
/* review_copy.c: the mended or the signed copy of the review of the segment {id}. */
sm_rc sm_review_copy(sm_request *r, bool as_signed, sm_str *out);

/* ---------------------------------------------------------- review_model.c */

typedef struct sm_review_job sm_review_job;
/* What a model is to be asked of a review.  NULL: the setting names none that is in production, or
 * there is nothing to ask. */
sm_review_job *sm_review_job_open(sm_server *sv, const sm_layout *l, const sm_review *without);
sm_str sm_review_job_about(const sm_review_job *j, sm_arena *a); /* sm_review_row.model */
/* Asks, and adds to the review what is found; the job takes care of itself from here on. */
void sm_review_job_start(sm_review_job *j, const sm_review_row *row);
void sm_review_job_close(sm_review_job *j); /* one that was not started; NULL is fine */

#endif
