#include "access/account.h"

enum { MINUTE_MS = 60 * 1000 };

sm_rc sm_account_read(sm_op *op, const sm_stmt *q, sm_account *out)
{
    sm_role role;
    if (!sm_role_parse(sm_stmt_str(op, q, 3), &role))
        return sm_fail(op, SM_E_CORRUPT, "用户表里有不认识的角色");
    int64_t until = sm_stmt_int(q, 7);
    *out = (sm_account){ .user = { .id = sm_stmt_int(q, 0),
                                   .name = sm_stmt_str(op, q, 1),
                                   .display = sm_stmt_str(op, q, 2),
                                   .role = role,
                                   .department = sm_stmt_str(op, q, 4),
                                   .must_change = sm_stmt_int(q, 5) != 0,
                                   .disabled = sm_stmt_int(q, 6) != 0,
                                   .locked_until = until > sm_wall_ms() ? until : 0 },
                         .hash = sm_stmt_str(op, q, 8),
                         .failures = sm_stmt_int(q, 9) };
    return SM_OK;
}

static sm_rc read_one(sm_op *op, sm_stmt *q, sm_account *out)
{
    sm_rc rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    rc = sm_account_read(op, q, out);
    sm_stmt_reset(q);
    return rc;
}

sm_rc sm_account_get(sm_op *op, sm_db *db, int64_t id, sm_account *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT " SM_ACCOUNT_COLUMNS " FROM user u WHERE u.id = ?",
                           "i", id);
    if (rc == SM_OK)
        rc = read_one(op, q, out);
    return rc == SM_E_NOTFOUND ? sm_fail(op, rc, "没有第 %lld 号用户", (long long)id) : rc;
}

sm_rc sm_account_named(sm_op *op, sm_db *db, sm_str name, sm_account *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT " SM_ACCOUNT_COLUMNS " FROM user u WHERE u.name = ?",
                           "s", name);
    return rc == SM_OK ? read_one(op, q, out) : rc;
}

sm_rc sm_account_end(sm_op *op, sm_db *db, sm_rc rc)
{
    if (rc == SM_OK)
        return sm_db_commit(op, db);
    sm_db_rollback(db);
    return rc;
}

sm_rc sm_account_open(sm_op *op, const sm_account *a)
{
    int64_t left = a->user.locked_until - sm_wall_ms();
    if (a->user.locked_until == 0 || left <= 0)
        return SM_OK;
    return sm_fail(op, SM_E_LIMIT, "密码连续输错 %d 次，账号已锁定，请 %lld 分钟后再试",
                   (int)SM_LOGIN_FAILURES, (long long)((left + MINUTE_MS - 1) / MINUTE_MS));
}

static sm_rc count_failure(sm_op *op, sm_db *db, const sm_account *a)
{
    bool last = a->failures + 1 >= SM_LOGIN_FAILURES;
    sm_rc rc = sm_db_run(op, db, "UPDATE user SET failures = ?, locked_until = ? WHERE id = ?",
                         "iii", last ? (int64_t)0 : a->failures + 1,
                         last ? sm_wall_ms() + SM_LOGIN_LOCK_MS : (int64_t)0, a->user.id);
    if (rc == SM_OK)
        rc = sm_ledger_act(op, db, a->user.name, "login.failed", (sm_str){ 0 });
    if (rc == SM_OK && last)
        rc = sm_ledger_act(op, db, a->user.name, "login.locked", (sm_str){ 0 });
    return rc;
}

sm_rc sm_account_settle(sm_op *op, sm_db *db, const sm_account *a, bool right, bool *admitted)
{
    sm_account now;
    sm_rc rc = sm_account_get(op, db, a->user.id, &now);
    if (rc == SM_OK)
        rc = sm_account_open(op, &now);
    if (rc < 0)
        return rc;
    /* A password that was replaced while it was being checked is right no more. */
    bool ok = right && !now.user.disabled && sm_str_eq(a->hash, now.hash);
    if (!ok)
        rc = count_failure(op, db, &now);
    else if (now.failures)
        rc = sm_db_run(op, db, "UPDATE user SET failures = 0 WHERE id = ?", "i", now.user.id);
    if (rc == SM_OK)
        *admitted = ok;
    return rc;
}

sm_rc sm_account_end_logins(sm_op *op, sm_db *db, int64_t id, sm_str keep_token)
{
    return sm_db_run(op, db, "DELETE FROM login WHERE user = ? AND token <> ?", "is", id,
                     sm_token_digest(op->arena, keep_token));
}

sm_str sm_token_digest(sm_arena *a, sm_str token)
{
    sm_digest d = sm_sm3(token);
    return sm_digest_hex(a, &d);
}
