#include "access/access.h"

#include "access/account.h"
#include "access/password.h"

enum { TOKEN_BYTES = 32, NOTE_MS = 60 * 1000 /* a use is written down so often at most */ };

/* -------------------------------------------------------------- opening */

static sm_rc sweep(sm_op *op, sm_db *db, int64_t now)
{
    return sm_db_run(op, db, "DELETE FROM login WHERE created <= ? OR used <= ?", "ii",
                     now - SM_LOGIN_MAX_MS, now - SM_LOGIN_IDLE_MS);
}

static sm_rc insert(sm_op *op, sm_db *db, const sm_login *l)
{
    int64_t now = sm_wall_ms();
    sm_rc rc = sweep(op, db, now);
    if (rc == SM_OK)
        rc = sm_db_run(
            op, db, "INSERT INTO login(token, user, csrf, created, used) VALUES(?,?,?,?,?)",
            "sisii", sm_token_digest(op->arena, l->token), l->user.id, l->csrf, now, now);
    if (rc == SM_OK)
        rc = sm_ledger_act(op, db, l->user.name, "login.ok", (sm_str){ 0 });
    return rc;
}

static sm_rc refuse(sm_op *op)
{
    return sm_fail(op, SM_E_DENIED, "用户名或密码不对，或账号已停用");
}

/* What was typed as a name may be anything, a password too: it is not kept. */
static sm_rc refuse_nobody(sm_op *op, sm_db *db)
{
    sm_rc rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_ledger_act(op, db, (sm_str){ 0 }, "login.failed", (sm_str){ 0 });
    rc = sm_account_end(op, db, rc);
    return rc < 0 ? rc : refuse(op);
}

static sm_rc admit(sm_op *op, sm_db *db, const sm_account *a, bool right, sm_login *l)
{
    bool admitted = false;
    sm_rc rc = sm_random_text(op, TOKEN_BYTES, &l->token);
    if (rc == SM_OK)
        rc = sm_random_text(op, TOKEN_BYTES, &l->csrf);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_account_settle(op, db, a, right, &admitted);
    if (rc == SM_OK && admitted)
        rc = insert(op, db, l);
    rc = sm_account_end(op, db, rc); /* a failure counts: it is committed, too */
    return rc == SM_OK && !admitted ? refuse(op) : rc;
}

sm_rc sm_login_open(sm_op *op, sm_db *db, sm_str name, sm_str password, sm_login **out)
{
    sm_account a = { 0 };
    bool right;
    sm_rc rc = sm_account_named(op, db, name, &a);
    bool known = rc == SM_OK;
    if (known)
        rc = sm_account_open(op, &a);
    if (known ? rc < 0 : rc != SM_E_NOTFOUND)
        return rc;
    rc = sm_password_verify(op, a.hash, password, &right);
    if (rc < 0)
        return rc;
    if (!known)
        return refuse_nobody(op, db);
    sm_login *l = SM_NEW(op->arena, sm_login);
    l->user = a.user;
    rc = admit(op, db, &a, right, l);
    if (rc == SM_OK)
        *out = l;
    return rc;
}

/* -------------------------------------------------------------- finding */

struct times {
    int64_t created, used;
};

static sm_rc read_login(sm_op *op, sm_db *db, sm_str digest, sm_account *a, sm_str *csrf,
                        struct times *t)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " SM_ACCOUNT_COLUMNS ", l.csrf, l.created, l.used"
                           " FROM login l JOIN user u ON u.id = l.user WHERE l.token = ?",
                           "s", digest);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    rc = sm_account_read(op, q, a);
    *csrf = sm_stmt_str(op, q, SM_ACCOUNT_N_COLUMNS);
    *t = (struct times){ .created = sm_stmt_int(q, SM_ACCOUNT_N_COLUMNS + 1),
                         .used = sm_stmt_int(q, SM_ACCOUNT_N_COLUMNS + 2) };
    sm_stmt_reset(q);
    return rc;
}

static bool is_over(const sm_account *a, const struct times *t, int64_t now)
{
    return a->user.disabled || now - t->created >= SM_LOGIN_MAX_MS ||
           now - t->used >= SM_LOGIN_IDLE_MS;
}

static sm_rc nobody(sm_op *op)
{
    return sm_fail(op, SM_E_DENIED, "没有登录，或登录已失效，请重新登录");
}

sm_rc sm_login_find(sm_op *op, sm_db *db, sm_str token, sm_login **out)
{
    sm_account a;
    sm_str csrf;
    struct times t;
    if (token.n != SM_LOGIN_TOKEN_CHARS)
        return nobody(op);
    sm_str digest = sm_token_digest(op->arena, token);
    sm_rc rc = read_login(op, db, digest, &a, &csrf, &t);
    if (rc < 0)
        return rc == SM_E_NOTFOUND ? nobody(op) : rc;
    int64_t now = sm_wall_ms();
    if (is_over(&a, &t, now)) {
        rc = sm_db_run(op, db, "DELETE FROM login WHERE token = ?", "s", digest);
        return rc < 0 ? rc : nobody(op);
    }
    if (now - t.used >= NOTE_MS)
        rc = sm_db_run(op, db, "UPDATE login SET used = ? WHERE token = ?", "is", now, digest);
    if (rc < 0)
        return rc;
    *out = SM_NEW(op->arena, sm_login);
    **out = (sm_login){ .token = sm_str_dup(op->arena, token), .csrf = csrf, .user = a.user };
    return SM_OK;
}

sm_rc sm_login_close(sm_op *op, sm_db *db, sm_str token)
{
    sm_account a;
    sm_str csrf, digest = sm_token_digest(op->arena, token);
    struct times t;
    sm_rc rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = read_login(op, db, digest, &a, &csrf, &t);
    if (rc == SM_E_NOTFOUND) /* over already */
        return sm_account_end(op, db, SM_OK);
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "DELETE FROM login WHERE token = ?", "s", digest);
    if (rc == SM_OK)
        rc = sm_ledger_act(op, db, a.user.name, "login.close", (sm_str){ 0 });
    return sm_account_end(op, db, rc);
}
