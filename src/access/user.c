#include "access/access.h"

#include "access/account.h"
#include "access/password.h"
#include "text/text.h"

enum { NAME_MIN = 2, NAME_MAX = 32, DISPLAY_MAX = 60, DEPARTMENT_MAX = 90 };

/* ---------------------------------------------------------------- roles */

static const struct {
    const char *name, *text;
} roles[] = {
#define ROLE(id, role_name, role_text) [SM_ROLE_##id] = { role_name, role_text },
    SM_ROLE_TABLE(ROLE)
#undef ROLE
};

const char *sm_role_name(sm_role role)
{
    return roles[role].name;
}

const char *sm_role_text(sm_role role)
{
    return roles[role].text;
}

bool sm_role_parse(sm_str name, sm_role *out)
{
    for (size_t i = SM_ROLE_PUBLIC + 1; i < SM_LEN(roles); i++)
        if (sm_str_eq(name, sm_str_of(roles[i].name))) {
            *out = (sm_role)i;
            return true;
        }
    return false;
}

/* --------------------------------------------------------------- checks */

static sm_rc check_name(sm_op *op, sm_str name)
{
    bool fine = name.n >= NAME_MIN && name.n <= NAME_MAX;
    for (size_t i = 0; fine && i < name.n; i++) {
        char c = name.p[i];
        fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
    if (!fine)
        return sm_fail(op, SM_E_INVALID,
                       "用户名应当是 %d 到 %d 个小写字母、数字、点、下划线或连字符", (int)NAME_MIN,
                       (int)NAME_MAX);
    if (sm_str_eq(name, SM_STR("cli")))
        return sm_fail(op, SM_E_INVALID, "用户名 cli 留给命令行自己，请换一个");
    return SM_OK;
}

static sm_rc check_line(sm_op *op, const char *what, sm_str s, size_t max_bytes)
{
    if (s.n > max_bytes)
        return sm_fail(op, SM_E_INVALID, "%s太长，最多 %zu 字节", what, max_bytes);
    bool fine = sm_utf8_valid(s, NULL);
    for (size_t i = 0; fine && i < s.n; i++)
        fine = (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;
    return fine ? SM_OK : sm_fail(op, SM_E_INVALID, "%s里有不能用的字符", what);
}

static sm_rc check_fields(sm_op *op, const sm_user *u)
{
    if (u->role == SM_ROLE_PUBLIC || u->role >= SM_N_ROLES)
        return sm_fail(op, SM_E_INVALID, "用户要有一个角色");
    sm_rc rc = check_line(op, "显示的名字", u->display, DISPLAY_MAX);
    return rc == SM_OK ? check_line(op, "部门", u->department, DEPARTMENT_MAX) : rc;
}

static sm_rc check_new(sm_op *op, const sm_user *u)
{
    sm_rc rc = check_name(op, u->name);
    return rc == SM_OK ? check_fields(op, u) : rc;
}

/* --------------------------------------------------------------- adding */

/* Which role it was belongs to the record: rights are what an audit asks for. */
static sm_str with_role(sm_arena *a, sm_str name, sm_role role)
{
    return sm_strf(a, "%.*s:%s", SM_ARG(name), sm_role_name(role));
}

static sm_rc insert(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str hash)
{
    sm_account other;
    sm_rc rc = sm_account_named(op, db, u->name, &other);
    if (rc == SM_OK)
        return sm_fail(op, SM_E_CONFLICT, "用户名 %.*s 已经有人用了", SM_ARG(u->name));
    if (rc != SM_E_NOTFOUND)
        return rc;
    rc = sm_db_run(op, db,
                   "INSERT INTO user(name, display, role, department, hash, must_change, created)"
                   " VALUES(?,?,?,?,?,?,?)",
                   "sssssii", u->name, u->display, sm_str_of(sm_role_name(u->role)), u->department,
                   hash, (int64_t)u->must_change, sm_wall_ms());
    if (rc < 0)
        return rc;
    u->id = sm_db_last_id(db);
    return sm_ledger_act(op, db, by, "user.add", with_role(op->arena, u->name, u->role));
}

static sm_rc add(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str password, bool must_change)
{
    sm_str hash;
    sm_user made = { .name = u->name,
                     .display = u->display.n ? u->display : u->name,
                     .role = u->role,
                     .department = u->department,
                     .must_change = must_change };
    sm_rc rc = sm_password_hash(op, password, &hash);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_account_end(op, db, insert(op, db, by, &made, hash));
    if (rc == SM_OK)
        *u = made;
    return rc;
}

sm_rc sm_user_add(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str *password)
{
    sm_str random;
    sm_rc rc = check_new(op, u);
    if (rc == SM_OK)
        rc = sm_password_random(op, u->name, &random);
    if (rc == SM_OK)
        rc = add(op, db, by, u, random, true);
    if (rc == SM_OK)
        *password = random;
    return rc;
}

sm_rc sm_user_add_with(sm_op *op, sm_db *db, sm_str by, sm_user *u, sm_str password)
{
    sm_rc rc = check_new(op, u);
    if (rc == SM_OK)
        rc = sm_password_check(op, u->name, password);
    return rc == SM_OK ? add(op, db, by, u, password, false) : rc;
}

/* ------------------------------------------------------------- changing */

static bool administers(const sm_user *u)
{
    return u->role == SM_ROLE_ADMINISTRATOR && !u->disabled;
}

static sm_rc keep_an_administrator(sm_op *op, sm_db *db)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT 1 FROM user WHERE role = ? AND disabled = 0 LIMIT 1",
                           "s", sm_str_of(sm_role_name(SM_ROLE_ADMINISTRATOR)));
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc == SM_E_NOTFOUND
               ? sm_fail(op, SM_E_CONFLICT,
                         "这是最后一个能登录的系统管理员，不能停用，也不能改作别的角色")
               : rc;
}

static sm_rc record_change(sm_op *op, sm_db *db, sm_str by, const sm_user *old, const sm_user *u)
{
    sm_rc rc = SM_OK;
    if (!sm_str_eq(old->display, u->display) || !sm_str_eq(old->department, u->department))
        rc = sm_ledger_act(op, db, by, "user.change", old->name);
    if (rc == SM_OK && old->role != u->role)
        rc = sm_ledger_act(op, db, by, "user.role", with_role(op->arena, old->name, u->role));
    if (rc == SM_OK && old->disabled != u->disabled)
        rc = sm_ledger_act(op, db, by, u->disabled ? "user.disable" : "user.enable", old->name);
    return rc;
}

static sm_rc change(sm_op *op, sm_db *db, sm_str by, sm_user *u)
{
    sm_account a;
    sm_rc rc = sm_account_get(op, db, u->id, &a);
    if (rc < 0)
        return rc;
    u->display = u->display.n ? u->display : a.user.name;
    rc = sm_db_run(op, db,
                   "UPDATE user SET display = ?, role = ?, department = ?, disabled = ?"
                   " WHERE id = ?",
                   "sssii", u->display, sm_str_of(sm_role_name(u->role)), u->department,
                   (int64_t)u->disabled, u->id);
    if (rc == SM_OK && administers(&a.user) && !administers(u))
        rc = keep_an_administrator(op, db);
    if (rc == SM_OK && (a.user.role != u->role || a.user.disabled != u->disabled))
        rc = sm_account_end_logins(op, db, u->id, (sm_str){ 0 });
    return rc == SM_OK ? record_change(op, db, by, &a.user, u) : rc;
}

sm_rc sm_user_change(sm_op *op, sm_db *db, sm_str by, const sm_user *u)
{
    sm_user wanted = *u;
    sm_rc rc = check_fields(op, u);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_account_end(op, db, change(op, db, by, &wanted));
}

/* ------------------------------------------------------------ passwords */

static sm_rc put_password(sm_op *op, sm_db *db, int64_t id, sm_str hash, bool must_change)
{
    return sm_db_run(op, db,
                     "UPDATE user SET hash = ?, must_change = ?, failures = 0, locked_until = 0"
                     " WHERE id = ?",
                     "sii", hash, (int64_t)must_change, id);
}

sm_rc sm_user_reset(sm_op *op, sm_db *db, sm_str by, int64_t id, sm_str *password)
{
    sm_account a;
    sm_str random, hash;
    sm_rc rc = sm_account_get(op, db, id, &a);
    if (rc == SM_OK)
        rc = sm_password_random(op, a.user.name, &random);
    if (rc == SM_OK)
        rc = sm_password_hash(op, random, &hash);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = put_password(op, db, id, hash, true);
    if (rc == SM_OK)
        rc = sm_account_end_logins(op, db, id, (sm_str){ 0 });
    if (rc == SM_OK)
        rc = sm_ledger_act(op, db, by, "user.reset", a.user.name);
    rc = sm_account_end(op, db, rc);
    if (rc == SM_OK)
        *password = random;
    return rc;
}

static sm_rc replace(sm_op *op, sm_db *db, const sm_account *a, sm_str hash, sm_str keep_token)
{
    sm_rc rc = put_password(op, db, a->user.id, hash, false);
    if (rc == SM_OK)
        rc = sm_account_end_logins(op, db, a->user.id, keep_token);
    if (rc == SM_OK)
        rc = sm_ledger_act(op, db, a->user.name, "user.password", a->user.name);
    return rc;
}

sm_rc sm_user_set_password(sm_op *op, sm_db *db, int64_t id, sm_str old, sm_str password,
                           sm_str keep_token)
{
    sm_account a;
    sm_str hash = { 0 };
    bool right = false, admitted = false;
    sm_rc rc = sm_account_get(op, db, id, &a);
    if (rc == SM_OK)
        rc = sm_account_open(op, &a);
    if (rc == SM_OK)
        rc = sm_password_check(op, a.user.name, password);
    if (rc == SM_OK && sm_secret_eq(old, password))
        rc = sm_fail(op, SM_E_INVALID, "新密码不能与原来的相同");
    if (rc == SM_OK)
        rc = sm_password_verify(op, a.hash, old, &right);
    if (rc == SM_OK && right)
        rc = sm_password_hash(op, password, &hash);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_account_settle(op, db, &a, right, &admitted);
    if (rc == SM_OK && admitted)
        rc = replace(op, db, &a, hash, keep_token);
    rc = sm_account_end(op, db, rc); /* a failure counts: it is committed, too */
    return rc == SM_OK && !admitted ? sm_fail(op, SM_E_DENIED, "原密码不对") : rc;
}

/* -------------------------------------------------------------- reading */

sm_rc sm_user_list(sm_op *op, sm_db *db, sm_user **out, size_t *n)
{
    sm_stmt *q;
    sm_user *user = NULL;
    size_t n_users = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT " SM_ACCOUNT_COLUMNS " FROM user u ORDER BY u.name", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        sm_account a;
        rc = sm_account_read(op, q, &a);
        if (rc < 0) {
            sm_stmt_reset(q);
            return rc;
        }
        SM_GROW(op->arena, user, n_users, cap);
        user[n_users++] = a.user;
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = user;
    *n = n_users;
    return SM_OK;
}

static sm_user *user_of(sm_arena *a, const sm_account *account)
{
    sm_user *u = SM_NEW(a, sm_user);
    *u = account->user;
    return u;
}

sm_rc sm_user_get(sm_op *op, sm_db *db, int64_t id, sm_user **out)
{
    sm_account a;
    sm_rc rc = sm_account_get(op, db, id, &a);
    if (rc == SM_OK)
        *out = user_of(op->arena, &a);
    return rc;
}

sm_rc sm_user_named(sm_op *op, sm_db *db, sm_str name, sm_user **out)
{
    sm_account a;
    sm_rc rc = sm_account_named(op, db, name, &a);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "没有用户 %.*s", SM_ARG(name));
    if (rc == SM_OK)
        *out = user_of(op->arena, &a);
    return rc;
}
