#include "access/access.h"

#include <string.h>

#include <openssl/rand.h>

#include "text/text.h"

enum { SALT_BYTES = 16 };

/* The setting that names the last record, "id digest": without it records could be taken off the
 * end unseen. */
static const char HEAD[] = "ledger_head";

static sm_str hex_sm3(sm_arena *a, sm_str s)
{
    sm_digest d = sm_sm3(s);
    return sm_digest_hex(a, &d);
}

/* One record as it stands in the table; `digest` is SM3 over the others, each with its length
 * before it, so that no two records give the same bytes. */
struct record {
    int64_t id, time_ms, test, about;
    sm_str kind, session, question, act, reason, evidence, top, answer, model, corpus, prev, digest;
};

static sm_str digest_of(sm_arena *a, const struct record *r)
{
    const sm_str field[] = { r->kind, r->session, r->question, r->act,    r->reason, r->evidence,
                             r->top,  r->answer,  r->model,    r->corpus, r->prev };
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_addf(&b, "%lld;%lld;%lld;%lld;", (long long)r->id, (long long)r->time_ms,
                (long long)r->test, (long long)r->about);
    for (size_t i = 0; i < SM_LEN(field); i++)
        sm_buf_addf(&b, "%zu:%.*s;", field[i].n, SM_ARG(field[i]));
    sm_str hex = hex_sm3(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return hex;
}

static sm_rc last_of(sm_op *op, sm_db *db, int64_t *id, sm_str *digest)
{
    sm_stmt *q;
    *id = 0;
    *digest = (sm_str){ 0 };
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT id, digest FROM ledger ORDER BY id DESC LIMIT 1", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *id = sm_stmt_int(q, 0);
        *digest = sm_stmt_str(op, q, 1);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

static sm_rc insert(sm_op *op, sm_db *db, struct record *r)
{
    sm_rc rc = last_of(op, db, &r->id, &r->prev);
    if (rc < 0)
        return rc;
    r->id++;
    r->digest = digest_of(op->arena, r);
    rc = sm_db_set(op, db, HEAD,
                   sm_strf(op->arena, "%lld %.*s", (long long)r->id, SM_ARG(r->digest)));
    if (rc < 0)
        return rc;
    return sm_db_run(
        op, db,
        "INSERT INTO ledger(id, time_ms, kind, session, question, act, reason, evidence, top,"
        " answer, model, corpus, test, about, prev, digest) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "iissssssssssiiss", r->id, r->time_ms, r->kind, r->session, r->question, r->act, r->reason,
        r->evidence, r->top, r->answer, r->model, r->corpus, r->test, r->about, r->prev, r->digest);
}

static sm_rc salt_of(sm_op *op, sm_str *hex)
{
    unsigned char salt[SALT_BYTES];
    char *p = sm_alloc(op->arena, 2 * SALT_BYTES + 1);
    if (RAND_bytes(salt, sizeof(salt)) != 1)
        return sm_fail(op, SM_E_UNAVAILABLE, "系统的随机数不可用");
    for (size_t i = 0; i < sizeof(salt); i++)
        snprintf(p + 2 * i, 3, "%02x", salt[i]);
    *hex = (sm_str){ p, 2 * SALT_BYTES };
    return SM_OK;
}

/* The session's name may itself tell who it is: only its digest is kept. */
static sm_str session_digest(sm_arena *a, sm_str session)
{
    return session.n ? hex_sm3(a, session) : (sm_str){ 0 };
}

sm_rc sm_ledger_append(sm_op *op, sm_db *db, sm_ledger_entry *e)
{
    sm_arena *a = op->arena;
    size_t masked = 0;
    sm_str salt, question = sm_text_mask(a, e->question, &masked);
    sm_rc rc = salt_of(op, &salt);
    if (rc < 0)
        return rc;
    struct record r = { .time_ms = e->time_ms ? e->time_ms : sm_wall_ms(),
                        .kind = SM_STR("ask"),
                        .session = session_digest(a, e->session),
                        .question =
                            hex_sm3(a, sm_strf(a, "%.*s%.*s", SM_ARG(salt), SM_ARG(question))),
                        .act = e->act,
                        .reason = e->reason,
                        .evidence = e->evidence,
                        .top = e->top,
                        .answer = hex_sm3(a, e->answer),
                        .model = e->model,
                        .corpus = e->corpus,
                        .test = e->test };
    rc = insert(op, db, &r);
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "INSERT INTO ledger_text(id, salt, question) VALUES(?,?,?)", "iss",
                       r.id, salt, question);
    if (rc == SM_OK)
        e->id = r.id;
    return rc;
}

sm_rc sm_ledger_act(sm_op *op, sm_db *db, sm_str user, const char *act, sm_str object)
{
    struct record r = { .time_ms = sm_wall_ms(),
                        .kind = SM_STR("act"),
                        .act = sm_str_of(act),
                        .reason = object,
                        .top = user };
    return insert(op, db, &r);
}

static sm_rc exists(sm_op *op, sm_db *db, int64_t id)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT 1 FROM ledger WHERE id = ? AND kind = 'ask'", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "台账里没有第 %lld 号提问", (long long)id);
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc;
}

sm_rc sm_ledger_note(sm_op *op, sm_db *db, int64_t id, sm_str verdict)
{
    bool known = sm_str_eq(verdict, SM_STR("right")) || sm_str_eq(verdict, SM_STR("wrong")) ||
                 sm_str_eq(verdict, SM_STR("out")) ||
                 (sm_str_starts(verdict, SM_STR("chose:")) && verdict.n > 6 && verdict.n < 200);
    if (!known)
        return sm_fail(op, SM_E_INVALID, "反馈应当是 right、wrong、out 或 chose:编码");
    sm_rc rc = exists(op, db, id);
    struct record r = {
        .time_ms = sm_wall_ms(), .kind = SM_STR("feedback"), .act = verdict, .about = id
    };
    return rc < 0 ? rc : insert(op, db, &r);
}

sm_rc sm_ledger_feedback(sm_op *op, sm_db *db, int64_t id, sm_str verdict)
{
    sm_rc rc = sm_db_begin(op, db);
    if (rc == SM_OK)
        rc = sm_ledger_note(op, db, id, verdict);
    if (rc == SM_OK)
        return sm_db_commit(op, db);
    sm_db_rollback(db);
    return rc;
}

sm_rc sm_ledger_is_of(sm_op *op, sm_db *db, int64_t id, sm_str session)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT 1 FROM ledger WHERE id = ? AND kind = 'ask' AND session = ?",
                           "is", id, session_digest(op->arena, session));
    if (rc == SM_OK)
        rc = session.n ? sm_stmt_step(op, q) : SM_E_NOTFOUND;
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_DENIED, "这条记录不属于这个会话");
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc;
}

/* ------------------------------------------------------------------ verify */

static void read_record(sm_op *op, const sm_stmt *q, struct record *r)
{
    *r = (struct record){ .id = sm_stmt_int(q, 0),
                          .time_ms = sm_stmt_int(q, 1),
                          .kind = sm_stmt_str(op, q, 2),
                          .session = sm_stmt_str(op, q, 3),
                          .question = sm_stmt_str(op, q, 4),
                          .act = sm_stmt_str(op, q, 5),
                          .reason = sm_stmt_str(op, q, 6),
                          .evidence = sm_stmt_str(op, q, 7),
                          .top = sm_stmt_str(op, q, 8),
                          .answer = sm_stmt_str(op, q, 9),
                          .model = sm_stmt_str(op, q, 10),
                          .corpus = sm_stmt_str(op, q, 11),
                          .test = sm_stmt_int(q, 12),
                          .about = sm_stmt_int(q, 13),
                          .prev = sm_stmt_str(op, q, 14),
                          .digest = sm_stmt_str(op, q, 15) };
}

/* The text, while it is still there, must be what the record's salted digest says. */
static bool text_holds(sm_op *op, const struct record *r, sm_str salt, sm_str question)
{
    sm_str both = sm_strf(op->arena, "%.*s%.*s", SM_ARG(salt), SM_ARG(question));
    return sm_str_eq(hex_sm3(op->arena, both), r->question);
}

sm_rc sm_ledger_verify(sm_op *op, sm_db *db, int64_t *n_records)
{
    sm_stmt *q;
    sm_op one;
    char prev[65] = "";
    int64_t n = 0;
    sm_str head;
    sm_rc rc = sm_db_setting(op, db, HEAD, &head);
    if (rc < 0)
        return rc;
    bool ended = head.n == 0; /* the record that the head names was met */
    rc = sm_db_query(
        op, db, &q,
        "SELECT l.id, time_ms, kind, session, l.question, act, reason, evidence, top, answer,"
        " model, corpus, test, about, prev, digest, t.salt, t.question, t.id IS NOT NULL"
        " FROM ledger l LEFT JOIN ledger_text t ON t.id = l.id ORDER BY l.id",
        "");
    if (rc < 0)
        return rc;
    sm_op_begin(&one);
    while ((rc = sm_stmt_step(op, q)) == SM_OK) {
        struct record r;
        read_record(&one, q, &r);
        n++;
        bool whole = r.id == n && sm_str_eq(r.prev, sm_str_of(prev)) &&
                     sm_str_eq(r.digest, digest_of(one.arena, &r)) && r.digest.n == 64 &&
                     (!sm_stmt_int(q, 18) ||
                      text_holds(&one, &r, sm_stmt_str(&one, q, 16), sm_stmt_str(&one, q, 17)));
        if (!whole) {
            sm_stmt_reset(q);
            rc = sm_fail(op, SM_E_CORRUPT, "台账第 %lld 号记录被改动过，或它前面有记录缺失",
                         (long long)n);
            break;
        }
        ended = ended ||
                sm_str_eq(head, sm_strf(one.arena, "%lld %.*s", (long long)n, SM_ARG(r.digest)));
        memcpy(prev, r.digest.p, 64);
        sm_arena_reset(one.arena);
    }
    sm_op_end(&one);
    if (rc != SM_E_NOTFOUND)
        return rc;
    if (!ended)
        return sm_fail(op, SM_E_CORRUPT, "台账第 %lld 号之后的记录缺失", (long long)n);
    *n_records = n;
    return SM_OK;
}

/* ------------------------------------------------------------ forget, list */

/* Nobody is left whom a person could answer: what waits or is in hand is over. */
static sm_rc withdraw(sm_op *op, sm_db *db, sm_str session)
{
    return sm_db_run(op, db,
                     "UPDATE handover SET state = 'closed', closed_ms = ?, outcome = 'withdrawn'"
                     " WHERE session = ? AND state IN ('waiting', 'taken')",
                     "is", sm_wall_ms(), session);
}

/* The same question stands in the dialogue and in the queue, under the session's own name.  The
 * dialogue's state and what was said to a person may quote it too, so they go with it, and with
 * them how to reach the person who asked. */
static sm_rc forget_copies(sm_op *op, sm_db *db, int64_t id)
{
    sm_stmt *q;
    sm_str session = { 0 }, question = { 0 }, *name = NULL;
    size_t n = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT l.session, t.question FROM ledger l JOIN ledger_text t ON t.id = l.id"
                    " WHERE l.id = ? AND l.session <> ''",
                    "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc == SM_E_NOTFOUND ? SM_OK : rc;
    session = sm_stmt_str(op, q, 0);
    question = sm_stmt_str(op, q, 1);
    sm_stmt_reset(q);
    rc = sm_db_query(op, db, &q,
                     "SELECT session FROM turn WHERE question = ?1 UNION"
                     " SELECT session FROM handover WHERE question = ?1",
                     "s", question);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, name, n, cap);
        name[n++] = sm_stmt_str(op, q, 0);
    }
    rc = rc == SM_E_NOTFOUND ? SM_OK : rc;
    static const char *const copies[] = {
        "DELETE FROM turn WHERE session = ? AND question = ?",
        "UPDATE handover SET question = '' WHERE session = ? AND question = ?"
    };
    static const char *const around[] = { "DELETE FROM session WHERE id = ?",
                                          "DELETE FROM message WHERE session = ?",
                                          "UPDATE handover SET contact = '' WHERE session = ?" };
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        if (!sm_str_eq(session_digest(op->arena, name[i]), session))
            continue;
        for (size_t k = 0; rc == SM_OK && k < SM_LEN(copies); k++)
            rc = sm_db_run(op, db, copies[k], "ss", name[i], question);
        for (size_t k = 0; rc == SM_OK && k < SM_LEN(around); k++)
            rc = sm_db_run(op, db, around[k], "s", name[i]);
        if (rc == SM_OK)
            rc = withdraw(op, db, name[i]);
    }
    return rc;
}

static sm_rc forget_one(sm_op *op, sm_db *db, int64_t id, int64_t *n)
{
    sm_rc rc = exists(op, db, id);
    if (rc == SM_OK)
        rc = forget_copies(op, db, id);
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "DELETE FROM ledger_text WHERE id = ?", "i", id);
    *n += rc == SM_OK ? sm_db_changes(db) : 0;
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "DELETE FROM trace WHERE id = ?", "i", id);
    return rc;
}

static sm_rc forget_session(sm_op *op, sm_db *db, sm_str session, int64_t *n)
{
    static const char *const tables[] = {
        "DELETE FROM turn WHERE session = ?", "DELETE FROM session WHERE id = ?",
        "DELETE FROM message WHERE session = ?",
        "UPDATE handover SET question = '', contact = '' WHERE session = ?"
    };
    sm_rc rc = sm_db_run(
        op, db, "DELETE FROM ledger_text WHERE id IN (SELECT id FROM ledger WHERE session = ?)",
        "s", session_digest(op->arena, session));
    *n += rc == SM_OK ? sm_db_changes(db) : 0;
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "DELETE FROM trace WHERE id IN (SELECT id FROM ledger WHERE session = ?)",
                       "s", session_digest(op->arena, session));
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(tables); i++)
        rc = sm_db_run(op, db, tables[i], "s", session);
    return rc == SM_OK ? withdraw(op, db, session) : rc;
}

/* Deleted rows are overwritten (secure_delete); the WAL still holds the pages as they were until it
 * is checkpointed, which a reader may put off. */
static void scrub(sm_db *db)
{
    sm_op quiet;
    sm_op_begin(&quiet);
    sm_db_exec(&quiet, db, "PRAGMA wal_checkpoint(TRUNCATE)");
    sm_op_end(&quiet);
}

sm_rc sm_ledger_forget(sm_op *op, sm_db *db, int64_t id, sm_str session, int64_t *n_forgotten)
{
    int64_t n = 0;
    sm_rc rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    if (id > 0)
        rc = forget_one(op, db, id, &n);
    if (rc == SM_OK && session.n)
        rc = forget_session(op, db, session, &n);
    if (rc < 0) {
        sm_db_rollback(db);
        return rc;
    }
    rc = sm_db_commit(op, db);
    if (rc < 0)
        return rc;
    scrub(db);
    *n_forgotten = n;
    return SM_OK;
}

sm_rc sm_ledger_list(sm_op *op, sm_db *db, int64_t limit, sm_ledger_row **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT l.id, l.time_ms, coalesce(t.question, ''), l.act, l.reason, l.top,"
                    " coalesce((SELECT f.act FROM ledger f WHERE f.about > 0 AND f.about = l.id "
                    "ORDER BY f.id DESC LIMIT 1), '')"
                    " FROM ledger l LEFT JOIN ledger_text t ON t.id = l.id WHERE l.kind = 'ask'"
                    " AND l.test = 0 ORDER BY l.id DESC LIMIT ?",
                    "i", limit);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = (sm_ledger_row){ .id = sm_stmt_int(q, 0),
                                          .time_ms = sm_stmt_int(q, 1),
                                          .question = sm_stmt_str(op, q, 2),
                                          .act = sm_stmt_str(op, q, 3),
                                          .reason = sm_stmt_str(op, q, 4),
                                          .top = sm_stmt_str(op, q, 5),
                                          .verdict = sm_stmt_str(op, q, 6) };
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* Counted on the indexes (store/schema.c), which hold all but the acts; the ids have no gaps. */
#define ALL      "coalesce((SELECT max(id) FROM ledger), 0)"
#define FEEDBACK "(SELECT count(*) FROM ledger WHERE kind = 'feedback')"
#define ASKED(t) "(SELECT count(*) FROM ledger WHERE kind = 'ask' AND test = " t ")"
static const struct {
    const char *name, *count;
} kinds[] = { { "", "SELECT " ALL },
              { "ask", "SELECT " ASKED("0") " + " ASKED("1") },
              { "feedback", "SELECT " FEEDBACK },
              { "act", "SELECT " ALL " - " FEEDBACK " - " ASKED("0") " - " ASKED("1") } };

static sm_rc find_kind(sm_op *op, sm_str name, size_t *at)
{
    for (*at = 0; *at < SM_LEN(kinds); ++*at)
        if (sm_str_eq(name, sm_str_of(kinds[*at].name)))
            return SM_OK;
    return sm_fail(op, SM_E_INVALID, "台账记录的种类应当是 ask、act 或 feedback");
}

sm_rc sm_ledger_count(sm_op *op, sm_db *db, sm_str kind, int64_t *out)
{
    sm_stmt *q;
    size_t at;
    sm_rc rc = find_kind(op, kind, &at);
    if (rc == SM_OK)
        rc = sm_db_query(op, db, &q, kinds[at].count, "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *out = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_ledger_records(sm_op *op, sm_db *db, const sm_ledger_filter *f, sm_ledger_record **out,
                        size_t *n)
{
    sm_stmt *q;
    sm_ledger_record *row = NULL;
    size_t n_rows = 0, cap = 0, kind;
    sm_rc rc = find_kind(op, f->kind, &kind);
    if (rc < 0)
        return rc;
    if (f->limit < 1 || f->limit > SM_LEDGER_MAX_RECORDS)
        return sm_fail(op, SM_E_INVALID, "一次查看的台账记录应当是 1 到 %d 条",
                       (int)SM_LEDGER_MAX_RECORDS);
    rc = sm_db_query(
        op, db, &q,
        "SELECT l.id, l.time_ms, l.about, l.kind, l.act, l.reason, l.top, coalesce(t.question, ''),"
        " coalesce((SELECT f.act FROM ledger f WHERE f.about > 0 AND f.about = l.id"
        " ORDER BY f.id DESC LIMIT 1), ''), l.test"
        " FROM ledger l LEFT JOIN ledger_text t ON t.id = l.id"
        " WHERE (?1 = '' OR l.kind = ?1) AND l.id < ?2 ORDER BY l.id DESC LIMIT ?3",
        "sii", f->kind, f->before > 0 ? f->before : INT64_MAX, f->limit);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, row, n_rows, cap);
        row[n_rows++] = (sm_ledger_record){ .id = sm_stmt_int(q, 0),
                                            .time_ms = sm_stmt_int(q, 1),
                                            .about = sm_stmt_int(q, 2),
                                            .kind = sm_stmt_str(op, q, 3),
                                            .act = sm_stmt_str(op, q, 4),
                                            .reason = sm_stmt_str(op, q, 5),
                                            .top = sm_stmt_str(op, q, 6),
                                            .question = sm_stmt_str(op, q, 7),
                                            .verdict = sm_stmt_str(op, q, 8),
                                            .test = sm_stmt_int(q, 9) != 0 };
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = row;
    *n = n_rows;
    return SM_OK;
}
