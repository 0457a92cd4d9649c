/*
 * The keeper's tasks: what the last check found, and what was settled of it.
 */
#include <string.h>

#include "corpus/corpus.h"
#include "corpus/memo.h"
#include "text/text.h"

static const char AS_OF[] = "check_as_of", REVISION[] = "check_revision"; /* settings */

/* ------------------------------------------------------------------- saving */

/* settled: 0 open, 1 settled; 2 is added while the list is gone through. */
static sm_rc save_one(sm_op *op, sm_db *db, const sm_defect *f, int64_t now)
{
    return sm_db_run(
        op, db,
        "INSERT INTO finding(kind, a, a_path, a_value, b, b_path, b_value, text, first_seen)"
        " VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(kind, a, a_path, a_value, b, b_path, b_value)"
        " DO UPDATE SET text = excluded.text, settled = settled & 1",
        "isssssssi", (int64_t)f->kind, f->a, f->a_path, f->a_value, f->b, f->b_path, f->b_value,
        f->text, now);
}

static sm_rc note_check(sm_op *op, sm_db *db, sm_date as_of)
{
    int64_t revision;
    sm_rc rc = sm_corpus_revision(op, db, &revision);
    if (rc == SM_OK)
        rc = sm_db_set(op, db, AS_OF, sm_date_iso(op->arena, as_of));
    if (rc == SM_OK)
        rc = sm_db_set(op, db, REVISION, sm_strf(op->arena, "%lld", (long long)revision));
    return rc;
}

static sm_rc save(sm_op *op, sm_db *db, sm_date as_of, const sm_defect *f, size_t n)
{
    int64_t now = sm_wall_ms();
    sm_rc rc = sm_db_exec(op, db, "UPDATE finding SET settled = settled + 2");
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (f[i].kind != SM_FINDING_UNANSWERED)
            rc = save_one(op, db, &f[i], now);
    if (rc == SM_OK)
        rc = sm_db_exec(op, db, "DELETE FROM finding WHERE settled = 2");
    if (rc == SM_OK)
        rc = sm_db_exec(op, db, "UPDATE finding SET settled = 1 WHERE settled = 3");
    return rc == SM_OK ? note_check(op, db, as_of) : rc;
}

sm_rc sm_task_save(sm_op *op, sm_db *db, sm_date as_of, const sm_defect *f, size_t n)
{
    sm_rc rc = sm_db_begin(op, db);
    if (rc == SM_OK)
        rc = save(op, db, as_of, f, n);
    if (rc == SM_OK)
        return sm_db_commit(op, db);
    sm_db_rollback(db);
    return rc;
}

sm_rc sm_check_last(sm_op *op, sm_db *db, sm_date *as_of, int64_t *revision)
{
    sm_str day, number;
    int64_t n = 0;
    sm_rc rc = sm_db_setting(op, db, AS_OF, &day);
    if (rc == SM_OK)
        rc = sm_db_setting(op, db, REVISION, &number);
    if (rc < 0)
        return rc;
    *as_of = sm_date_parse(day);
    *revision = sm_str_to_int(number, &n) ? n : 0;
    return SM_OK;
}

/* ------------------------------------------------------------------ reading */

#define FINDING "kind, a, a_path, a_value, b, b_path, b_value, text"

static sm_defect read_finding(sm_op *op, const sm_stmt *q)
{
    return (sm_defect){ .kind = (sm_defect_kind)sm_stmt_int(q, 0),
                         .a = sm_stmt_str(op, q, 1),
                         .a_path = sm_stmt_str(op, q, 2),
                         .a_value = sm_stmt_str(op, q, 3),
                         .b = sm_stmt_str(op, q, 4),
                         .b_path = sm_stmt_str(op, q, 5),
                         .b_value = sm_stmt_str(op, q, 6),
                         .text = sm_stmt_str(op, q, 7) };
}

sm_rc sm_task_list(sm_op *op, sm_db *db, const sm_task_filter *f, sm_task **out, size_t *n)
{
    sm_stmt *q;
    sm_task *task = NULL;
    size_t n_tasks = 0, cap = 0;
    sm_rc rc = sm_db_query(
        op, db, &q,
        "SELECT " FINDING ", row, first_seen, settled, note, settled_by, settled_ms FROM finding"
        " WHERE settled = ?1 AND (?2 < 0 OR kind = ?2) AND (?3 = '' OR a = ?3 OR b = ?3)"
        " ORDER BY kind, row LIMIT ?4",
        "iisi", (int64_t)f->settled, f->kind < SM_N_FINDINGS ? (int64_t)f->kind : -1, f->doc,
        f->limit && f->limit < INT64_MAX ? (int64_t)f->limit : -1);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, task, n_tasks, cap);
        task[n_tasks++] = (sm_task){ .id = sm_stmt_int(q, 8),
                                     .finding = read_finding(op, q),
                                     .first_seen_ms = sm_stmt_int(q, 9),
                                     .settled = sm_stmt_int(q, 10) != 0,
                                     .note = sm_stmt_str(op, q, 11),
                                     .settled_by = sm_stmt_str(op, q, 12),
                                     .settled_ms = sm_stmt_int(q, 13) };
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = task;
    *n = n_tasks;
    return SM_OK;
}

sm_rc sm_task_count(sm_op *op, sm_db *db, int64_t count[SM_N_FINDINGS])
{
    sm_stmt *q;
    int64_t n[SM_N_FINDINGS] = { 0 };
    sm_rc rc = sm_db_query(
        op, db, &q, "SELECT kind, count(*) FROM finding WHERE settled = 0 GROUP BY kind", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        int64_t kind = sm_stmt_int(q, 0);
        if (kind >= 0 && kind < SM_N_FINDINGS)
            n[kind] = sm_stmt_int(q, 1);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    for (int i = 0; i < SM_N_FINDINGS; i++)
        count[i] = n[i];
    return SM_OK;
}

static size_t dup_finding(sm_arena *a, void *item)
{
    sm_defect *f = item;
    return sm_memo_dup_str(a, &f->a) + sm_memo_dup_str(a, &f->a_path) +
           sm_memo_dup_str(a, &f->a_value) + sm_memo_dup_str(a, &f->b) +
           sm_memo_dup_str(a, &f->b_path) + sm_memo_dup_str(a, &f->b_value) +
           sm_memo_dup_str(a, &f->text);
}

sm_rc sm_conflict_of(sm_op *op, sm_db *db, sm_str doc, sm_defect **out, size_t *n)
{
    sm_stmt *q;
    sm_kept_list kept;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    if (sm_memo_find(db, SM_MEMO_CONFLICTS, doc, &kept)) {
        *out = SM_NEWS(op->arena, sm_defect, kept.n + 1);
        if (kept.n)
            memcpy(*out, kept.item, kept.n * sizeof(**out));
        *n = kept.n;
        return SM_OK;
    }
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " FINDING " FROM finding WHERE settled = 0 AND kind IN (?2, ?3)"
                    " AND (a = ?1 OR b = ?1) ORDER BY row",
                    "sii", doc, (int64_t)SM_FINDING_CONFLICT, (int64_t)SM_FINDING_ITEM_CONFLICT);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = read_finding(op, q);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    sm_memo_keep(db, SM_MEMO_CONFLICTS, doc, *out, *n, sizeof(**out), dup_finding);
    return SM_OK;
}

/* ----------------------------------------------------------------- settling */

static sm_rc check_open(sm_op *op, sm_db *db, int64_t id)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT settled, settled_by FROM finding WHERE row = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "没有第 %lld 号任务；可能最近一次检查已不再发现它", (long long)id);
    if (rc < 0)
        return rc;
    bool settled = sm_stmt_int(q, 0) != 0;
    sm_str by = sm_stmt_str(op, q, 1);
    sm_stmt_reset(q);
    return settled
               ? sm_fail(op, SM_E_CONFLICT, "第 %lld 号任务已由%.*s处理", (long long)id, SM_ARG(by))
               : SM_OK;
}

sm_rc sm_task_settle(sm_op *op, sm_db *db, int64_t id, sm_str by, sm_str note)
{
    sm_str said = sm_str_trim(sm_utf8_mend(op->arena, note));
    if (said.n > SM_TASK_NOTE_MAX)
        return sm_fail(op, SM_E_INVALID, "说明太长，最多 %d 个字", SM_TASK_NOTE_MAX / 3);
    sm_rc rc = check_open(op, db, id);
    if (rc < 0)
        return rc;
    return sm_db_run(op, db,
                     "UPDATE finding SET settled = 1, note = ?, settled_by = ?, settled_ms = ?"
                     " WHERE row = ? AND settled = 0",
                     "ssii", said, by, sm_wall_ms(), id);
}
