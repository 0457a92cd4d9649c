/*
 * access/access.h - people, their roles and logins; and the ledger: what was
 * asked, which evidence was seen, what was said, and who did what.
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

/* Feedback on an entry is a record of its own: verdict "right", "wrong", "out" (a keeper: not our
 * business) or "chose:<code>" (a person confirmed that item). */
sm_rc sm_ledger_feedback(sm_op *op, sm_db *db, int64_t id, sm_str verdict);

/* Recomputes the chain.  E_CORRUPT names the first record that does not hold, or says that
 * records are missing at the end. */
sm_rc sm_ledger_verify(sm_op *op, sm_db *db, int64_t *n_records);

/* What a person did ("desk.take", "user.add", …) to what (`object`, an id; never personal text), a
 * record of kind "act".  Opens no transaction of its own. */
sm_rc sm_ledger_act(sm_op *op, sm_db *db, sm_str user, const char *act, sm_str object);

/* How the answer of an entry came about, JSON for the staff: kept beside the chain, in the caller's
 * transaction; one over the limit is not kept.  It goes with the entry's text and when it is old.
 * Read: E_NOTFOUND when there is none. */
enum { SM_TRACE_MAX_BYTES = 64 * 1024 };
sm_rc sm_trace_keep(sm_op *op, sm_db *db, int64_t id, sm_str json);
sm_rc sm_trace_read(sm_op *op, sm_db *db, int64_t id, sm_str *json);
sm_rc sm_trace_sweep(sm_op *op, sm_db *db, int64_t before_ms); /* in the caller's transaction */

/* Deletes the personal text of an entry, or of all of a session, from the ledger, its trace, the
 * dialogue, the hand-over queue with its contact and the messages to and from a person, and from
 * the file's free pages; the chain stays.  A hand-over of it that is not closed is: "withdrawn". */
sm_rc sm_ledger_forget(sm_op *op, sm_db *db, int64_t id, sm_str session, int64_t *n_forgotten);

/* Walks the entries with their text still there, newest first. */
typedef struct sm_ledger_row {
    int64_t id, time_ms;
    sm_str question, act, reason, top, verdict;
} sm_ledger_row;
sm_rc sm_ledger_list(sm_op *op, sm_db *db, int64_t limit, sm_ledger_row **out, size_t *n);
/* Questions that nothing answered and nobody has judged since, their text still there, no tests;
 * newest first. */
sm_rc sm_ledger_unanswered(sm_op *op, sm_db *db, int64_t limit, sm_ledger_row **out, size_t *n);

/* ------------------------------------------------------------- figures */

typedef struct sm_act_counts {
    int64_t answer, clarify, handoff, refuse, crisis, total;
} sm_act_counts;

typedef struct sm_day_counts {
    sm_date date; /* local */
    sm_act_counts n;
} sm_day_counts;

typedef struct sm_top_count {
    sm_str id; /* of what was answered with */
    int64_t n;
} sm_top_count;

enum { SM_FIGURES_MAX_DAYS = 366, SM_FIGURES_TOP = 10 };

/* Of the last days, today included; tests are in `tests` only. */
typedef struct sm_figures {
    sm_day_counts *day; /* the first is the oldest */
    size_t n_days;
    sm_act_counts acts;
    sm_top_count top[SM_FIGURES_TOP]; /* the commonest first */
    size_t n_top;
    int64_t right, wrong;                  /* the last word on each answer */
    int64_t waiting, taken;                /* hand-overs, as they stand now */
    int64_t closed;                        /* of those asked for in these days */
    int64_t median_wait_s, median_close_s; /* of them, from then to taken, to closed; -1: none */
    int64_t unanswered;                    /* as many as sm_ledger_unanswered has, of any time */
    int64_t tests;                         /* questions asked to try the service out */
} sm_figures;
/* days: 1 … SM_FIGURES_MAX_DAYS, else E_INVALID. */
sm_rc sm_figures_read(sm_op *op, sm_db *db, int days, sm_figures **out);

/* The same without a transaction of its own. */
sm_rc sm_ledger_note(sm_op *op, sm_db *db, int64_t id, sm_str verdict);
/* E_DENIED unless entry `id` was asked in `session`. */
sm_rc sm_ledger_is_of(sm_op *op, sm_db *db, int64_t id, sm_str session);

/* Every record as it stands, tests too, newest first: the audit's view.  Of an ask `top` is the
 * item, of an act the person and `reason` the object; a feedback's `act` is its verdict and `about`
 * the ask it is on.  `question` is "" once forgotten, `verdict` an ask's last feedback. */
typedef struct sm_ledger_record {
    int64_t id, time_ms, about;
    sm_str kind, act, reason, top, question, verdict;
    bool test;
} sm_ledger_record;
enum { SM_LEDGER_MAX_RECORDS = 1000 }; /* of one call */
typedef struct sm_ledger_filter {
    sm_str kind;    /* "ask", "act", "feedback"; "" for all */
    int64_t before; /* only ids below this one; 0: from the newest */
    int64_t limit;
} sm_ledger_filter;
/* E_INVALID for a kind there is not or a limit outside 1 … SM_LEDGER_MAX_RECORDS. */
sm_rc sm_ledger_records(sm_op *op, sm_db *db, const sm_ledger_filter *f, sm_ledger_record **out,
                        size_t *n);
/* How many there are of a kind, "" for all; E_INVALID as above. */
sm_rc sm_ledger_count(sm_op *op, sm_db *db, sm_str kind, int64_t *out);

/* ------------------------------------------------------------- people */

/* name, Chinese.  The first is nobody in particular: the public. */
#define SM_ROLE_TABLE(X)              \
    X(PUBLIC, "public", "公众")       \
    X(KEEPER, "keeper", "语料管理员") \
    X(OPERATOR, "operator", "坐席")   \
    X(AUDITOR, "auditor", "审计员")   \
    X(ADMINISTRATOR, "administrator", "系统管理员")
typedef enum sm_role {
#define SM_ROLE_ENUM(id, name, text) SM_ROLE_##id,
    SM_ROLE_TABLE(SM_ROLE_ENUM)
#undef SM_ROLE_ENUM
        SM_N_ROLES
} sm_role;
const char *sm_role_name(sm_role role);
const char *sm_role_text(sm_role role);
bool sm_role_parse(sm_str name, sm_role *out); /* never PUBLIC */

typedef struct sm_user {
    int64_t id;
    /* login name: 2 … 32 of a-z 0-9 . _ -, not "cli" (what the command line signs its acts with);
     * the name shown, ≤ 60 bytes, the login name when empty */
    sm_str name, display;
    sm_role role;
    sm_str department; /* "" or ≤ 90 bytes */
    bool must_change;  /* the password was given, not chosen: no other call until it is changed */
    bool disabled;
    int64_t locked_until; /* wall ms; 0: not locked */
} sm_user;

enum {
    SM_PASSWORD_MIN_CHARS = 10,
    SM_PASSWORD_MAX_BYTES = 200,
    SM_LOGIN_FAILURES = 5,                 /* in a row, then locked */
    SM_LOGIN_LOCK_MS = 15 * 60 * 1000,     /* standards: 10 to 30 minutes */
    SM_LOGIN_IDLE_MS = 30 * 60 * 1000,     /* a login unused for so long is over */
    SM_LOGIN_MAX_MS = 12 * 60 * 60 * 1000, /* and in any case after this */
    SM_LOGIN_TOKEN_CHARS = 43              /* 256 bits, base64url */
};

/* Passwords are kept as argon2id hashes (RFC 9106; 19 MiB, 2 passes, 1 lane); hashing takes tens of
 * milliseconds, always before the write transaction.  All calls here write what they do to the
 * ledger, with `by` as the person who does it, and run in one transaction of their own, but for
 * those that say otherwise.  The acts are user.add, user.role (object "name:role"), user.change,
 * .disable, .enable, .reset, .password (object: the name), login.ok, .failed, .locked, .close (no
 * object; no person either where no such name exists: what was typed is not kept). */

/* An account with a random password that must be changed at the first login; the password goes to
 * *password once, is wiped with the op's arena and kept nowhere.  u->id and the rest come back.
 * E_INVALID tells what is wrong; E_CONFLICT: the name is taken. */
sm_rc sm_user_add(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str *password);
/* The same with a password of the caller's choice, which need not be changed. */
sm_rc sm_user_add_with(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str password);
/* Changes display, role, department, disabled by u->id; ends that person's logins when role or
 * disabled change.  E_CONFLICT rather than leave no administrator who can log in. */
sm_rc sm_user_change(sm_op *op, sm_db *db, sm_str by, const sm_user *u);
/* A new random password, to be changed; unlocks; ends the person's logins.  Leaves the account as
 * enabled or disabled as it was, so that it is the way back for a last administrator, too. */
sm_rc sm_user_reset(sm_op *op, sm_db *db, sm_str by, int64_t id, sm_str *password);
/* The person's own change: E_DENIED when `old` is not it (counts as a failed login), E_INVALID when
 * the new one is too short, too plain (three of: lower, upper, digit, other; or 16 characters), the
 * old one or holds the name.  Ends the person's other logins. */
sm_rc sm_user_set_password(sm_op *op, sm_db *db, int64_t id, sm_str old, sm_str password,
                           sm_str keep_token);
sm_rc sm_user_list(sm_op *op, sm_db *db, sm_user **out, size_t *n);
sm_rc sm_user_get(sm_op *op, sm_db *db, int64_t id, sm_user **out);
sm_rc sm_user_named(sm_op *op, sm_db *db, sm_str name, sm_user **out);

/* A login: the token goes into the cookie, only its SM3 into the database. */
typedef struct sm_login {
    sm_str token, csrf; /* 256 bits each, base64url */
    sm_user user;
} sm_login;
/* E_DENIED for a wrong name, a wrong password, a disabled account alike, in about the same time;
 * E_LIMIT while locked, with the minutes left in the message: nothing is checked or counted then,
 * so a lock always ends.  Sweeps the logins that are over. */
sm_rc sm_login_open(sm_op *op, sm_db *db, sm_str name, sm_str password, sm_login **out);
/* Who holds this token; E_DENIED when nobody (unknown, over, disabled).  Notes its use at most once
 * a minute. */
sm_rc sm_login_find(sm_op *op, sm_db *db, sm_str token, sm_login **out);
sm_rc sm_login_close(sm_op *op, sm_db *db, sm_str token); /* of nobody: SM_OK, no record */
/* Equal, in a time that does not tell where they differ. */
bool sm_secret_eq(sm_str a, sm_str b);
/* n random bytes, 1 … 256, as base64url text (RFC 4648, section 5, without padding). */
sm_rc sm_random_text(sm_op *op, size_t n_bytes, sm_str *out);

#endif
