/*
 * access/account.h - one row of the user table with what stays inside: the
 * hash and the count of failures.  Shared by user.c and login.c.
 */
#ifndef SM_ACCESS_ACCOUNT_H
#define SM_ACCESS_ACCOUNT_H

#include "access/access.h"

typedef struct sm_account {
    sm_user user;
    sm_str hash;
    int64_t failures; /* in a row, since the last success or lock */
} sm_account;

/* Of "user u"; sm_account_read takes them as columns 0 … SM_ACCOUNT_N_COLUMNS - 1. */
#define SM_ACCOUNT_COLUMNS                                                                      \
    "u.id, u.name, u.display, u.role, u.department, u.must_change, u.disabled, u.locked_until," \
    " u.hash, u.failures"
enum { SM_ACCOUNT_N_COLUMNS = 10 };
sm_rc sm_account_read(sm_op *op, const sm_stmt *q, sm_account *out);

/* E_NOTFOUND, recorded. */
sm_rc sm_account_get(sm_op *op, sm_db *db, int64_t id, sm_account *out);
/* E_NOTFOUND, not recorded: whoever logs in must not learn it. */
sm_rc sm_account_named(sm_op *op, sm_db *db, sm_str name, sm_account *out);

/* Commits when rc is SM_OK, else rolls back and returns rc. */
sm_rc sm_account_end(sm_op *op, sm_db *db, sm_rc rc);

/* E_LIMIT while the account is locked. */
sm_rc sm_account_open(sm_op *op, const sm_account *a);
/* In a transaction, after the password was held against a->hash: by the account as it is now, lets
 * the person in (*admitted, and the failures are over) or counts a failure, locks at the last one,
 * and writes that to the ledger; E_LIMIT when it was locked meanwhile. */
sm_rc sm_account_settle(sm_op *op, sm_db *db, const sm_account *a, bool right, bool *admitted);

/* Ends the person's logins but for the one of keep_token ("": all). */
sm_rc sm_account_end_logins(sm_op *op, sm_db *db, int64_t id, sm_str keep_token);
sm_str sm_token_digest(sm_arena *a, sm_str token);

#endif
