/*
 * Logging in and out; the accounts.
 */
#include "server/inner.h"

#include <string.h>

static json_t *user_json(const sm_user *u)
{
    return json_pack("{s:I,s:o,s:o,s:s,s:s,s:o,s:b,s:b,s:b}", "id", (json_int_t)u->id, "name",
                     sm_json_of(u->name), "display", sm_json_of(u->display), "role",
                     sm_role_name(u->role), "role_text", sm_role_text(u->role), "department",
                     sm_json_of(u->department), "must_change", (int)u->must_change, "disabled",
                     (int)u->disabled, "locked", (int)(u->locked_until > sm_wall_ms()));
}

static sm_rc respond_login(sm_request *r, const sm_login *login)
{
    return sm_respond_json(
        r, 200,
        json_pack("{s:o,s:o}", "user", user_json(&login->user), "csrf", sm_json_of(login->csrf)));
}

/* ------------------------------------------------------------------ oneself */

static void set_cookie(sm_request *r, sm_str token, const char *more)
{
    sm_respond_header(r, "Set-Cookie",
                      sm_strf(sm_request_op(r)->arena,
                              "sunmao_login=%.*s; Path=/v1; HttpOnly; SameSite=Strict%s%s",
                              SM_ARG(token), sm_request_behind_tls(r) ? "; Secure" : "", more)
                          .p);
}

/* How long the account stays locked, for programs; the message tells people. */
static void say_when_open(sm_request *r, sm_db *db, sm_str name)
{
    sm_op *op = sm_request_op(r);
    sm_str told = op->msg;
    sm_user *u;
    int64_t left_ms = sm_user_named(op, db, name, &u) == SM_OK ? u->locked_until - sm_wall_ms() : 0;
    op->msg = told;
    if (left_ms > 0)
        sm_respond_header(r, "Retry-After",
                          sm_strf(op->arena, "%lld", (long long)(left_ms + 999) / 1000).p);
}

static sm_rc read_credentials(sm_request *r, sm_str *name, sm_str *password)
{
    sm_op *op = sm_request_op(r);
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "name", 200, name);
    return rc < 0 ? rc : sm_json_text(op, j, "password", SM_PASSWORD_MAX_BYTES, password);
}

static sm_rc log_in(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_str name, password;
    sm_login *login;
    sm_db *db;
    sm_rc rc = read_credentials(r, &name, &password);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc < 0)
        return rc;
    rc = sm_login_open(op, db, name, password, &login);
    if (rc == SM_E_LIMIT) { /* locked */
        say_when_open(r, db, name);
        return sm_respond_status(r, 429, rc, "%.*s", SM_ARG(op->msg));
    }
    if (rc == SM_E_DENIED)
        return sm_respond_status(r, 401, rc, "%.*s", SM_ARG(op->msg));
    if (rc < 0)
        return rc;
    set_cookie(r, login->token, "");
    return respond_login(r, login);
}

static sm_rc log_out(sm_request *r)
{
    sm_db *db;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_login_close(sm_request_op(r), db, sm_request_cookie(r, "sunmao_login"));
    if (rc < 0)
        return rc;
    sm_hub_leave(sm_server_of(r)->hub, sm_request_user(r)->id);
    set_cookie(r, (sm_str){ 0 }, "; Max-Age=0");
    return sm_respond_ok(r);
}

static sm_rc me(sm_request *r)
{
    return respond_login(r, sm_request_login(r));
}

static sm_rc set_password(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_str old, new;
    sm_db *db;
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "old", SM_PASSWORD_MAX_BYTES, &old);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "new", SM_PASSWORD_MAX_BYTES, &new);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_user_set_password(op, db, sm_request_user(r)->id, old, new,
                                  sm_request_cookie(r, "sunmao_login"));
    if (rc < 0)
        return rc;
    sm_hub_leave(sm_server_of(r)->hub, sm_request_user(r)->id);
    return sm_respond_ok(r);
}

/* ----------------------------------------------------------------- accounts */

static sm_rc list(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_user *u;
    size_t n;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_user_list(op, db, &u, &n);
    if (rc < 0)
        return rc;
    json_t *users = json_array(), *roles = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(users, user_json(&u[i]));
    for (int k = SM_ROLE_PUBLIC + 1; k < SM_N_ROLES; k++)
        json_array_append_new(roles, json_pack("{s:s,s:s}", "name", sm_role_name((sm_role)k),
                                               "text", sm_role_text((sm_role)k)));
    return sm_respond_json(r, 200, json_pack("{s:o,s:o}", "users", users, "roles", roles));
}

/* What the body says over what is in *u; absent keys stay. */
static sm_rc read_user(sm_request *r, sm_user *u)
{
    sm_op *op = sm_request_op(r);
    sm_str text;
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK && json_object_get(j, "display"))
        rc = sm_json_text(op, j, "display", 60, &u->display);
    if (rc == SM_OK && json_object_get(j, "department"))
        rc = sm_json_text(op, j, "department", 90, &u->department);
    if (rc == SM_OK && json_object_get(j, "name") && u->id == 0)
        rc = sm_json_text(op, j, "name", 32, &u->name);
    if (rc == SM_OK && json_object_get(j, "role")) {
        rc = sm_json_text(op, j, "role", 30, &text);
        if (rc == SM_OK && !sm_role_parse(text, &u->role))
            rc = sm_fail(op, SM_E_INVALID, "没有“%.*s”这个角色", SM_ARG(text));
    }
    if (rc == SM_OK && json_object_get(j, "disabled"))
        rc = sm_json_flag(op, j, "disabled", &u->disabled);
    return rc;
}

static sm_rc add(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_user u = { 0 };
    sm_str password;
    sm_rc rc = read_user(r, &u);
    if (rc == SM_OK && u.role == SM_ROLE_PUBLIC)
        rc = sm_fail(op, SM_E_INVALID, "请选择角色");
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_user_add(op, db, sm_request_user(r)->name, &u, &password);
    if (rc < 0)
        return rc;
    return sm_respond_json(
        r, 200, json_pack("{s:o,s:o}", "user", user_json(&u), "password", sm_json_of(password)));
}

static sm_rc change(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_user *u;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_user_get(op, db, id, &u);
    if (rc == SM_OK)
        rc = read_user(r, u);
    if (rc == SM_OK)
        rc = sm_user_change(op, db, sm_request_user(r)->name, u);
    if (rc == SM_OK)
        rc = sm_user_get(op, db, id, &u);
    if (rc < 0)
        return rc;
    sm_hub_leave(sm_server_of(r)->hub, id);
    return sm_respond_json(r, 200, json_pack("{s:o}", "user", user_json(u)));
}

static sm_rc reset(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    int64_t id;
    sm_str password;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_user_reset(op, db, sm_request_user(r)->name, id, &password);
    if (rc < 0)
        return rc;
    sm_hub_leave(sm_server_of(r)->hub, id);
    return sm_respond_json(r, 200, json_pack("{s:o}", "password", sm_json_of(password)));
}

sm_rc sm_server_first_account(sm_op *op, sm_sunmao *s, sm_str *password)
{
    sm_db *db;
    sm_user *u, admin = { .name = SM_STR("admin"),
                          .display = SM_STR("系统管理员"),
                          .role = SM_ROLE_ADMINISTRATOR };
    size_t n;
    *password = (sm_str){ 0 };
    sm_rc rc = sm_sunmao_record_db(op, s, &db);
    if (rc == SM_OK)
        rc = sm_user_list(op, db, &u, &n);
    return rc < 0 || n ? rc : sm_user_add(op, db, SM_STR("serve"), &admin, password);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/login",
      .run = log_in,
      .allow = SM_FOR(PUBLIC),
      .cost = "login",
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/logout",
      .run = log_out,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET", .path = "/v1/me", .run = me, .allow = SM_FOR_ALL_STAFF },
    { .method = "POST",
      .path = "/v1/me/password",
      .run = set_password,
      .allow = SM_FOR_ALL_STAFF,
      .cost = "login",
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/users",
      .run = list,
      .allow = SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/users",
      .run = add,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/users/{id}",
      .run = change,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/users/{id}/reset",
      .run = reset,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_people = { routes, SM_LEN(routes) };
