/*
 * access/access.h - the ledger: what was asked, which evidence was seen, what
 * was said.  (People, roles and quotas come here later.)
 *
 * Rests on base, text, store.  Append-only; every record carries the SM3 of
 * the one before it.  Personal text lies in a table of its own and enters the
 * chain only as a salted digest, so that deleting it on lawful request leaves
 * the chain whole.  A sm_db and so these calls belong to one thread.
 */
#ifndef SM_ACCESS_ACCESS_H
#define SM_ACCESS_ACCESS_H

#include "base/base.h"
#include "store/store.h"

typedef struct sm_ledger_entry {
    int64_t id;         /* out: 1, 2, … */
    int64_t time_ms;    /* 0: now */
    sm_str session;     /* stored as a digest only */
    sm_str question;    /* masked before it is stored */
    sm_str act, reason; /* "answer", "item" … */
    sm_str evidence;    /* digests of the passages seen, comma-separated */
    sm_str top;         /* the answered item's code or document id, "" if none */
    sm_str answer;      /* stored as a digest only */
    sm_str model, corpus;
    bool test; /* kept out of the figures */
} sm_ledger_entry;

/* Within a transaction of the caller's (sm_db_begin), so that it comes with what it records. */
sm_rc sm_ledger_append(sm_op *op, sm_db *db, sm_ledger_entry *e);

/* Feedback on an entry is a record of its own: verdict "right", "wrong" or
 * "chose:<code>" (a person confirmed that item). */
sm_rc sm_ledger_feedback(sm_op *op, sm_db *db, int64_t id, sm_str verdict);

/* Recomputes the chain.  E_CORRUPT names the first record that does not hold, or says that
 * records are missing at the end. */
sm_rc sm_ledger_verify(sm_op *op, sm_db *db, int64_t *n_records);

/* Deletes the personal text of an entry, or of all of a session, from the ledger, the dialogue and
 * the hand-over queue, and from the file's free pages; the chain stays. */
sm_rc sm_ledger_forget(sm_op *op, sm_db *db, int64_t id, sm_str session, int64_t *n_forgotten);

/* Walks the entries with their text still there, newest first. */
typedef struct sm_ledger_row {
    int64_t id, time_ms;
    sm_str question, act, reason, top, verdict;
} sm_ledger_row;
sm_rc sm_ledger_list(sm_op *op, sm_db *db, int64_t limit, sm_ledger_row **out, size_t *n);

#endif
