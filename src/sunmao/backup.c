/*
 * Backup, restore, verify of a data directory, also while it is used.
 */
#include "sunmao/inner.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE_BYTES = 1 << 30, MAX_NAMES = 4096 };

static const char *const folders[] = { "index", "model", "review", "review/rules", "review/words" };
static const char *const databases[] = {
    [SM_DB_CORPUS] = "corpus.db", [SM_DB_RECORD] = "record.db"
};

static sm_rc copy_file(sm_op *op, const char *from, const char *to)
{
    sm_op step;
    sm_str data;
    sm_op_begin(&step);
    sm_rc rc = sm_file_read(&step, from, MAX_FILE_BYTES, &data);
    if (rc == SM_OK)
        rc = sm_file_write(&step, to, data);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(step.msg));
    sm_op_end(&step);
    return rc;
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Its files; folders in it are named by themselves. */
static sm_rc copy_folder(sm_op *op, const char *from, const char *to)
{
    DIR *dir = opendir(from);
    if (!dir)
        return SM_OK; /* nothing was built or trained yet */
    sm_rc rc = sm_dir_make(op, to);
    struct dirent *e;
    while (rc == SM_OK && (e = readdir(dir)) != NULL) {
        const char *path = sm_path(op->arena, from, e->d_name);
        if (e->d_name[0] != '.' && !strstr(e->d_name, ".tmp-") && is_file(path))
            rc = copy_file(op, path, sm_path(op->arena, to, e->d_name));
    }
    closedir(dir);
    return rc;
}

static sm_rc check_empty(sm_op *op, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return sm_dir_make(op, path);
    bool empty = true;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        empty &= strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    closedir(dir);
    return empty ? SM_OK : sm_fail(op, SM_E_CONFLICT, "%s 不是空文件夹，请换一个地方", path);
}

/* `current` goes last: without it a copy cut short is seen to be none. */
static sm_rc copy_files(sm_op *op, const char *from, const char *to)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(folders); i++)
        rc = copy_folder(op, sm_path(op->arena, from, folders[i]),
                         sm_path(op->arena, to, folders[i]));
    const char *current = sm_path(op->arena, from, "current");
    if (rc == SM_OK && sm_file_exists(current))
        rc = copy_file(op, current, sm_path(op->arena, to, "current"));
    return rc;
}

sm_rc sm_sunmao_backup(sm_op *op, sm_sunmao *s, const char *to_dir)
{
    int lock = -1;
    sm_rc rc = check_empty(op, to_dir);
    if (rc == SM_OK) /* no import or training moves the corpus and the index apart meanwhile */
        rc = sm_lock_open(op, sm_path(op->arena, s->data_dir, "lock"), SM_LOCK_WAIT_MS, &lock);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(databases); i++) {
        sm_db *db;
        sm_op_progress(op, "备份数据库", i, SM_LEN(databases));
        rc = sm_db_open(op, s->data_dir, (sm_db_file)i, SM_DB_READ, &db);
        if (rc < 0)
            break;
        rc = sm_db_backup(op, db, sm_path(op->arena, to_dir, databases[i]));
        sm_db_close(db);
    }
    if (rc == SM_OK)
        rc = copy_files(op, s->data_dir, to_dir);
    sm_lock_close(lock);
    return rc;
}

sm_rc sm_sunmao_restore(sm_op *op, const char *from_dir, const char *data_dir)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; i < SM_LEN(databases); i++)
        if (!sm_file_exists(sm_path(op->arena, from_dir, databases[i])))
            return sm_fail(op, SM_E_NOTFOUND, "%s 里没有 %s，不是完整的备份", from_dir,
                           databases[i]);
    rc = check_empty(op, data_dir);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(databases); i++)
        rc = copy_file(op, sm_path(op->arena, from_dir, databases[i]),
                       sm_path(op->arena, data_dir, databases[i]));
    if (rc == SM_OK)
        rc = copy_files(op, from_dir, data_dir);
    return rc;
}

/* ----------------------------------------------------------------- verify */

static sm_rc verify_clauses(sm_op *op, sm_db *db, sm_verify_report *r)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT count(*) FROM doc", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    r->n_documents = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    sm_op row; /* one row's memory at a time */
    sm_op_begin(&row);
    rc = sm_db_query(op, db, &q, "SELECT text, digest, row FROM clause", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        sm_digest d = sm_sm3(sm_stmt_str(&row, q, 0));
        if (!sm_str_eq(sm_digest_hex(row.arena, &d), sm_stmt_str(&row, q, 1)))
            rc = sm_fail(op, SM_E_CORRUPT, "第 %lld 号条款的内容与摘要不符，请从备份恢复",
                         (long long)sm_stmt_int(q, 2));
        r->n_clauses++;
        if (r->n_clauses % 1000 == 0)
            sm_arena_reset(row.arena);
    }
    sm_stmt_reset(q);
    sm_op_end(&row);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_sunmao_verify(sm_op *op, sm_sunmao *s, sm_verify_report *out)
{
    sm_verify_report r = { 0 };
    sm_db *corpus, *record;
    const sm_snapshot *snap;
    sm_rc rc = sm_sunmao_corpus_db(op, s, &corpus);
    if (rc == SM_OK)
        rc = sm_sunmao_record_db(op, s, &record);
    if (rc == SM_OK)
        rc = sm_db_check(op, corpus);
    if (rc == SM_OK)
        rc = sm_db_check(op, record);
    if (rc == SM_OK)
        rc = verify_clauses(op, corpus, &r);
    if (rc == SM_OK)
        rc = sm_ledger_verify(op, record, &r.n_records);
    if (rc == SM_OK)
        rc = sm_searcher_pin(op, s->searcher, &snap);
    if (rc == SM_OK)
        rc = sm_snapshot_verify(op, snap, &r.n_index_files);
    if (rc == SM_OK && r.n_clauses && r.n_index_files == 0)
        rc = sm_fail(op, SM_E_CORRUPT, "有 %lld 条条款，却没有索引；请重新导入任一文件以重建索引",
                     (long long)r.n_clauses);
    if (rc == SM_OK)
        *out = r;
    return rc;
}
