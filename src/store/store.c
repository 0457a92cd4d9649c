#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/schema.h"

enum { APPLICATION_ID = 0x534d414f, BUSY_MS = 10000, MAX_STATEMENTS = 128 };

struct sm_stmt {
    sqlite3_stmt *s; /* NULL: a free place */
    sm_db *db;
    bool busy; /* handed out and not stepped to its end */
};

struct sm_db {
    sqlite3 *c;
    const char *path;
    sm_stmt stmt[MAX_STATEMENTS];
    size_t n_stmts;
    bool in_transaction;
    int64_t data_version; /* when _changed was asked last */
    void *attached;
};

static const char *const file_names[] = {
    [SM_DB_CORPUS] = "corpus.db", [SM_DB_RECORD] = "record.db"
};

static sm_rc fail(sm_op *op, const sm_db *db, int e, const char *doing)
{
    sm_rc rc = SM_E_INTERNAL;
    int kind = e & 0xff;
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED)
        rc = SM_E_CONFLICT;
    else if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
        rc = SM_E_CORRUPT;
    else if (kind == SQLITE_FULL || kind == SQLITE_TOOBIG)
        rc = SM_E_LIMIT;
    else if (kind == SQLITE_READONLY || kind == SQLITE_PERM || kind == SQLITE_CANTOPEN)
        rc = SM_E_DENIED;
    return sm_fail(op, rc, "%s %s：%s", db->path, doing,
                   db->c ? sqlite3_errmsg(db->c) : sqlite3_errstr(e));
}

/* ----------------------------------------------------------- opening */

static sm_rc pragma_int(sm_op *op, sm_db *db, const char *sql, int64_t *v)
{
    sqlite3_stmt *s;
    int e = sqlite3_prepare_v2(db->c, sql, -1, &s, NULL);
    if (e == SQLITE_OK)
        e = sqlite3_step(s);
    if (e == SQLITE_ROW)
        *v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return e == SQLITE_ROW ? SM_OK : fail(op, db, e, "读不出版本");
}

static sm_rc exec(sm_op *op, sm_db *db, const char *sql)
{
    int e = sqlite3_exec(db->c, sql, NULL, NULL, NULL);
    return e == SQLITE_OK ? SM_OK : fail(op, db, e, "执行失败");
}

static sm_rc migrate(sm_op *op, sm_db *db, sm_db_file file)
{
    const sm_schema *schema = &sm_schemas[file];
    int64_t at = 0;
    sm_rc rc = exec(op, db, "BEGIN IMMEDIATE");
    if (rc == SM_OK)
        rc = pragma_int(op, db, "PRAGMA user_version", &at);
    if (rc == SM_OK && at > (int64_t)schema->n) /* another, newer program was faster */
        rc = sm_fail(op, SM_E_CORRUPT, "%s 由更新版本的程序建立，请升级程序", db->path);
    for (size_t i = (size_t)at; rc == SM_OK && i < schema->n; i++)
        rc = exec(op, db, schema->step[i]);
    if (rc == SM_OK)
        rc =
            exec(op, db,
                 sm_strf(op->arena, "PRAGMA user_version = %zu; PRAGMA application_id = %d; COMMIT",
                         schema->n, APPLICATION_ID)
                     .p);
    return rc;
}

/* Reads only: a file that is not ours stays as it is.  In one transaction, since another process
 * may be making it at the moment. */
static sm_rc check_ours(sm_op *op, sm_db *db, sm_db_file file, int64_t *version)
{
    int64_t id = 0, n_tables = 0;
    sm_rc rc = exec(op, db, "BEGIN");
    if (rc == SM_OK)
        rc = pragma_int(op, db, "PRAGMA user_version", version);
    if (rc == SM_OK)
        rc = pragma_int(op, db, "PRAGMA application_id", &id);
    if (rc == SM_OK)
        rc = pragma_int(op, db, "SELECT count(*) FROM sqlite_schema", &n_tables);
    if (rc == SM_OK)
        rc = exec(op, db, "COMMIT");
    if (rc < 0)
        return rc;
    bool empty = id == 0 && *version == 0 && n_tables == 0;
    if (id != APPLICATION_ID && !empty)
        return sm_fail(op, SM_E_CORRUPT, "%s 不是榫卯的数据库", db->path);
    if (*version > (int64_t)sm_schemas[file].n)
        return sm_fail(op, SM_E_CORRUPT, "%s 由更新版本的程序建立，请升级程序", db->path);
    return SM_OK;
}

/* The questions in record.db are for the service's account and group only; SQLite gives the WAL the
 * mode of its database.  Never opened when it is there: closing it would drop SQLite's locks. */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd >= 0)
        close(fd);
}

/* While two processes make the same database, SQLite refuses one of them the change of mode at
 * once, without waiting. */
static sm_rc to_wal(sm_op *op, sm_db *db)
{
    int64_t until = sm_now_us() + BUSY_MS * INT64_C(1000);
    int e;
    while ((e = sqlite3_exec(db->c, "PRAGMA journal_mode = WAL", NULL, NULL, NULL)) != SQLITE_OK &&
           (e & 0xff) == SQLITE_BUSY && sm_now_us() < until)
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
    return e == SQLITE_OK ? SM_OK : fail(op, db, e, "执行失败");
}

static sm_rc open_file(sm_op *op, sm_db *db, sm_db_file file, sm_db_mode mode)
{
    int flags = mode == SM_DB_READ    ? SQLITE_OPEN_READONLY
                : mode == SM_DB_WRITE ? SQLITE_OPEN_READWRITE
                                      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (mode == SM_DB_CREATE)
        make_private(db->path);
    else if (!sm_file_exists(db->path))
        return sm_fail(op, SM_E_NOTFOUND, "没有数据库 %s；先用 sunmao init 或 import 建立",
                       db->path);
    int e = sqlite3_open_v2(db->path, &db->c, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (e != SQLITE_OK)
        return fail(op, db, e, "打不开");
    sqlite3_busy_timeout(db->c, BUSY_MS);
    sqlite3_extended_result_codes(db->c, 1);
    int64_t version = 0;
    sm_rc rc = exec(op, db, "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
    if (rc == SM_OK && (file == SM_DB_RECORD || mode == SM_DB_READ)) /* there are many of them */
        rc = exec(op, db, "PRAGMA cache_size = -512");
    if (rc == SM_OK)
        rc = check_ours(op, db, file, &version);
    if (rc < 0)
        return rc;
    bool current = version == (int64_t)sm_schemas[file].n;
    if (mode == SM_DB_READ)
        return current ? SM_OK
                       : sm_fail(op, SM_E_CORRUPT,
                                 "%s 还没有升级到当前版本，请先运行一次 sunmao init", db->path);
    rc = to_wal(op, db);
    if (rc == SM_OK)
        rc = exec(op, db,
                  "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
                  " PRAGMA secure_delete = ON");
    return rc == SM_OK && !current ? migrate(op, db, file) : rc;
}

sm_rc sm_db_open(sm_op *op, const char *dir, sm_db_file file, sm_db_mode mode, sm_db **out)
{
    sm_db *db = calloc(1, sizeof(*db));
    if (!db)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    db->path = strdup(sm_path(op->arena, dir, file_names[file]));
    sm_rc rc = db->path ? open_file(op, db, file, mode) : sm_fail(op, SM_E_LIMIT, "内存不够");
    if (rc < 0) {
        sm_db_close(db);
        return rc;
    }
    *out = db;
    return SM_OK;
}

void sm_db_close(sm_db *db)
{
    if (!db)
        return;
    sm_db_rollback(db);
    for (size_t i = 0; i < db->n_stmts; i++)
        sqlite3_finalize(db->stmt[i].s);
    sqlite3_close(db->c);
    free((void *)(uintptr_t)db->path);
    free(db);
}

/* -------------------------------------------------------- transactions */

sm_rc sm_db_exec(sm_op *op, sm_db *db, const char *sql)
{
    return exec(op, db, sql);
}

sm_rc sm_db_begin(sm_op *op, sm_db *db)
{
    sm_rc rc = exec(op, db, "BEGIN IMMEDIATE");
    if (rc == SM_OK)
        db->in_transaction = true;
    return rc;
}

sm_rc sm_db_commit(sm_op *op, sm_db *db)
{
    sm_rc rc = exec(op, db, "COMMIT");
    if (rc == SM_OK)
        db->in_transaction = false;
    else
        sm_db_rollback(db);
    return rc;
}

static void reset_busy(sm_db *db)
{
    for (size_t i = 0; i < db->n_stmts; i++)
        if (db->stmt[i].busy)
            sm_stmt_reset(&db->stmt[i]);
}

void sm_db_rest(sm_db *db)
{
    reset_busy(db);
    sm_db_rollback(db);
    db->attached = NULL;
}

void sm_db_attach(sm_db *db, void *what)
{
    db->attached = what;
}

void *sm_db_attached(const sm_db *db)
{
    return db->attached;
}

sm_rc sm_db_changed(sm_op *op, sm_db *db, bool *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "PRAGMA data_version", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    int64_t v = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    *out = v != db->data_version;
    db->data_version = v;
    return SM_OK;
}

void sm_db_rollback(sm_db *db)
{
    if (!db->in_transaction)
        return;
    reset_busy(db);
    sqlite3_exec(db->c, "ROLLBACK", NULL, NULL, NULL);
    db->in_transaction = false;
}

/* ---------------------------------------------------------- statements */

/* A free statement of this text, prepared when there is none. */
static sm_rc take(sm_op *op, sm_db *db, const char *sql, sm_stmt **out)
{
    size_t idle = SIZE_MAX;
    for (size_t i = 0; i < db->n_stmts; i++) {
        sm_stmt *q = &db->stmt[i];
        if (q->busy)
            continue;
        idle = i;
        if (q->s && strcmp(sqlite3_sql(q->s), sql) == 0) {
            *out = q;
            return SM_OK;
        }
    }
    if (db->n_stmts < MAX_STATEMENTS)
        idle = db->n_stmts++;
    else if (idle == SIZE_MAX)
        return sm_fail(op, SM_E_INTERNAL, "同时打开的查询太多");
    sm_stmt *q = &db->stmt[idle];
    sqlite3_finalize(q->s);
    *q = (sm_stmt){ .db = db };
    int e = sqlite3_prepare_v3(db->c, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->s, NULL);
    if (e != SQLITE_OK)
        return fail(op, db, e, "查询写得不对");
    *out = q;
    return SM_OK;
}

static int bind_str(sqlite3_stmt *s, int i, sm_str v)
{
    return sqlite3_bind_text64(s, i, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}

static sm_rc bind(sm_op *op, sm_stmt *q, const char *binds, va_list ap)
{
    int e = SQLITE_OK;
    if (sqlite3_bind_parameter_count(q->s) != (int)strlen(binds))
        return sm_fail(op, SM_E_INTERNAL, "绑定字母与查询的参数个数不同：%s", binds);
    for (int i = 1; *binds && e == SQLITE_OK; binds++, i++) {
        sm_str v;
        switch (*binds) {
        case 'i':
            e = sqlite3_bind_int64(q->s, i, va_arg(ap, int64_t));
            break;
        case 'd':
            e = sqlite3_bind_double(q->s, i, va_arg(ap, double));
            break;
        case 's':
            e = bind_str(q->s, i, va_arg(ap, sm_str));
            break;
        case 'n':
            v = va_arg(ap, sm_str);
            e = v.n ? bind_str(q->s, i, v) : sqlite3_bind_null(q->s, i);
            break;
        case 'b':
            v = va_arg(ap, sm_str);
            e = sqlite3_bind_blob64(q->s, i, v.p ? v.p : "", v.n, SQLITE_STATIC);
            break;
        default:
            return sm_fail(op, SM_E_INTERNAL, "不认识的绑定字母 %c", *binds);
        }
    }
    return e == SQLITE_OK ? SM_OK : fail(op, q->db, e, "绑定参数失败");
}

static sm_rc query(sm_op *op, sm_db *db, sm_stmt **out, const char *sql, const char *binds,
                   va_list ap)
{
    sm_stmt *q = NULL;
    sm_rc rc = take(op, db, sql, &q);
    if (rc == SM_OK)
        rc = bind(op, q, binds, ap);
    if (rc < 0)
        return rc;
    q->busy = true;
    *out = q;
    return SM_OK;
}

sm_rc sm_db_query(sm_op *op, sm_db *db, sm_stmt **out, const char *sql, const char *binds, ...)
{
    va_list ap;
    va_start(ap, binds);
    sm_rc rc = query(op, db, out, sql, binds, ap);
    va_end(ap);
    return rc;
}

sm_rc sm_stmt_step(sm_op *op, sm_stmt *q)
{
    int e = sqlite3_step(q->s);
    if (e == SQLITE_ROW)
        return SM_OK;
    sm_rc rc = e == SQLITE_DONE ? SM_E_NOTFOUND : fail(op, q->db, e, "查询失败");
    sm_stmt_reset(q);
    return rc;
}

void sm_stmt_reset(sm_stmt *q)
{
    sqlite3_reset(q->s);
    sqlite3_clear_bindings(q->s);
    q->busy = false;
}

int64_t sm_stmt_int(const sm_stmt *q, int column)
{
    return sqlite3_column_int64(q->s, column);
}

double sm_stmt_double(const sm_stmt *q, int column)
{
    return sqlite3_column_double(q->s, column);
}

sm_str sm_stmt_str(sm_op *op, const sm_stmt *q, int column)
{
    const void *p = sqlite3_column_blob(q->s, column);
    int n = sqlite3_column_bytes(q->s, column);
    return p && n > 0 ? sm_str_dup(op->arena, (sm_str){ p, (size_t)n }) : (sm_str){ 0 };
}

sm_rc sm_db_run(sm_op *op, sm_db *db, const char *sql, const char *binds, ...)
{
    sm_stmt *q;
    va_list ap;
    va_start(ap, binds);
    sm_rc rc = query(op, db, &q, sql, binds, ap);
    va_end(ap);
    while (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

int64_t sm_db_last_id(const sm_db *db)
{
    return sqlite3_last_insert_rowid(db->c);
}

int64_t sm_db_changes(const sm_db *db)
{
    return sqlite3_changes64(db->c);
}

/* ------------------------------------------------------------ settings */

sm_rc sm_db_setting(sm_op *op, sm_db *db, const char *name, sm_str *out)
{
    sm_stmt *q;
    *out = (sm_str){ 0 };
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT value FROM setting WHERE name = ?", "s", sm_str_of(name));
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *out = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_db_set(sm_op *op, sm_db *db, const char *name, sm_str value)
{
    return sm_db_run(op, db,
                     "INSERT INTO setting(name, value) VALUES(?, ?)"
                     " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                     "ss", sm_str_of(name), value);
}

/* -------------------------------------------------------------- upkeep */

static sm_rc copy_into(sm_op *op, sm_db *db, sm_db *to)
{
    int e = sqlite3_open_v2(to->path, &to->c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *b = e == SQLITE_OK ? sqlite3_backup_init(to->c, "main", db->c, "main") : NULL;
    sm_rc rc = b ? SM_OK : fail(op, to, e ? e : sqlite3_errcode(to->c), "备份打不开");
    while (rc == SM_OK && (e = sqlite3_backup_step(b, 1024)) != SQLITE_DONE) {
        if (e == SQLITE_BUSY || e == SQLITE_LOCKED)
            sqlite3_sleep(20);
        else if (e != SQLITE_OK)
            rc = fail(op, to, e, "备份失败");
        if (rc == SM_OK)
            rc = sm_op_check(op);
    }
    if (b)
        sqlite3_backup_finish(b);
    sqlite3_close(to->c);
    return rc;
}

/* Written beside and renamed: a failed backup leaves the one before it whole. */
sm_rc sm_db_backup(sm_op *op, sm_db *db, const char *path)
{
    const char *beside = sm_strf(op->arena, "%s.tmp-%ld", path, (long)getpid()).p;
    sm_db to = { .path = beside };
    unlink(beside);
    make_private(beside);
    sm_rc rc = copy_into(op, db, &to);
    if (rc == SM_OK && rename(beside, path) < 0)
        rc = sm_fail(op, SM_E_DENIED, "备份写不到 %s", path);
    if (rc < 0)
        unlink(beside);
    return rc;
}

sm_rc sm_db_check(sm_op *op, sm_db *db)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "PRAGMA integrity_check(1)", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc == SM_E_NOTFOUND ? SM_OK : rc;
    sm_str first = sm_stmt_str(op, q, 0);
    sm_stmt_reset(q);
    if (!sm_str_eq(first, SM_STR("ok")))
        return sm_fail(op, SM_E_CORRUPT, "%s 已损坏，请从备份恢复：%.*s", db->path, SM_ARG(first));
    return SM_OK;
}
