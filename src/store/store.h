/*
 * store/store.h - the one door to the database: a data directory's SQLite file,
 * its migrations, statements and transactions.
 *
 * Rests on base and SQLite.  One sm_db belongs to one thread at a time; open as
 * many as there are threads.  WAL: readers go on while one writer writes; a
 * commit is there wholly or not at all after a crash.
 */
#ifndef SM_STORE_STORE_H
#define SM_STORE_STORE_H

#include "base/base.h"

typedef struct sm_db sm_db;

typedef enum sm_db_mode {
    SM_DB_READ,   /* E_NOTFOUND when there is none */
    SM_DB_WRITE,  /* E_NOTFOUND when there is none; migrates */
    SM_DB_CREATE, /* made when there is none */
} sm_db_mode;

/* Two files, so that asking (which writes the record) never waits for a long import:
 * corpus.db holds documents, clauses, findings; record.db holds the ledger, the
 * sessions, the hand-over queue and the feedback. */
typedef enum sm_db_file { SM_DB_CORPUS, SM_DB_RECORD } sm_db_file;

/* Opens <dir>/corpus.db or <dir>/record.db and brings its schema up to date (write modes).
 * E_CORRUPT when it is no database of ours or newer than this program. */
sm_rc sm_db_open(sm_op *op, const char *dir, sm_db_file file, sm_db_mode mode, sm_db **out);
void sm_db_close(sm_db *db); /* NULL is fine; rolls back */
void sm_db_rest(sm_db *db); /* ends what is going on: statements, the transaction, the attachment */

/* Open handles of one database, lent to one op after another.  May be used by threads; the mode is
 * theirs all.  Closing takes NULL and waits for nobody: what is still lent is closed when it comes
 * back. */
typedef struct sm_db_pool sm_db_pool;
sm_db_pool *sm_db_pool_open(const char *dir, sm_db_file file, sm_db_mode mode);
void sm_db_pool_close(sm_db_pool *p);
/* Comes back when the op's arena closes. */
sm_rc sm_db_pool_lend(sm_op *op, sm_db_pool *p, sm_db **out);
/* Comes back with _give, whatever happens. */
sm_rc sm_db_pool_take(sm_op *op, sm_db_pool *p, sm_db **out);
void sm_db_pool_give(sm_db_pool *p, sm_db *db);

/* Whether another handle has changed the file since this one asked last; true the first time. */
sm_rc sm_db_changed(sm_op *op, sm_db *db, bool *out);
/* What a folder above keeps with the handle until it rests. */
void sm_db_attach(sm_db *db, void *what);
void *sm_db_attached(const sm_db *db);

/* One or more statements without parameters. */
sm_rc sm_db_exec(sm_op *op, sm_db *db, const char *sql);

/* BEGIN IMMEDIATE … COMMIT; an unfinished one rolls back when the db closes. */
sm_rc sm_db_begin(sm_op *op, sm_db *db);
sm_rc sm_db_commit(sm_op *op, sm_db *db);
void sm_db_rollback(sm_db *db);

/* A prepared statement, cached in the db by its text and ready to bind again.
 *
 *   sm_stmt *q;
 *   rc = sm_db_query(op, db, &q, "SELECT a, b FROM t WHERE c = ? AND d > ?", "si", c, (int64_t)5);
 *   while ((rc = sm_stmt_step(op, q)) == SM_OK) use(sm_stmt_str(q, 0), sm_stmt_int(q, 1));
 *   if (rc != SM_E_NOTFOUND) return rc;
 *
 * Bind letters: i int64_t, d double, s sm_str (empty binds ''), n sm_str (empty
 * binds NULL), b sm_str as a blob.  Slices must live until the last step. */
typedef struct sm_stmt sm_stmt;
sm_rc sm_db_query(sm_op *op, sm_db *db, sm_stmt **out, const char *sql, const char *binds, ...);
/* SM_OK: a row; SM_E_NOTFOUND: done (not recorded in op; the statement is reset). */
sm_rc sm_stmt_step(sm_op *op, sm_stmt *q);
void sm_stmt_reset(sm_stmt *q); /* when leaving before the end */
int64_t sm_stmt_int(const sm_stmt *q, int column);
double sm_stmt_double(const sm_stmt *q, int column);
sm_str sm_stmt_str(sm_op *op, const sm_stmt *q, int column); /* copied into the arena */

/* Runs a statement that gives no rows. Same bind letters. */
sm_rc sm_db_run(sm_op *op, sm_db *db, const char *sql, const char *binds, ...);
int64_t sm_db_last_id(const sm_db *db);
int64_t sm_db_changes(const sm_db *db);

/* Named values of the data directory ("corpus_version", …). "" when absent. */
sm_rc sm_db_setting(sm_op *op, sm_db *db, const char *name, sm_str *out);
sm_rc sm_db_set(sm_op *op, sm_db *db, const char *name, sm_str value);

/* A consistent copy of the database while others use it, into `path`. */
sm_rc sm_db_backup(sm_op *op, sm_db *db, const char *path);
/* SQLite's own integrity check; E_CORRUPT with its first words. */
sm_rc sm_db_check(sm_op *op, sm_db *db);

#endif
