/*
 * Who may call what, and how often.
 */
#include "server/inner.h"

#include <string.h>

static const char COOKIE[] = "sunmao_login";

/* Before the password that was given is changed, only these go. */
static bool goes_before_change(const sm_route *route)
{
    static const char *const paths[] = { "/v1/me", "/v1/me/password", "/v1/logout" };
    for (size_t i = 0; i < SM_LEN(paths); i++)
        if (strcmp(route->path, paths[i]) == 0)
            return true;
    return false;
}

static sm_rc check_rate(sm_request *r, const char *cost)
{
    sm_server *sv = sm_server_of(r);
    static const struct {
        const char *cost;
        size_t at;
    } allowances[] = { { "ask", offsetof(sm_settings, asks_per_minute) },
                       { "read", offsetof(sm_settings, reads_per_minute) },
                       { "login", offsetof(sm_settings, logins_per_minute) } };
    sm_op *op = sm_request_op(r);
    int wait_s = 0;
    if (!sv->set->rate)
        return SM_OK;
    for (size_t i = 0; i < SM_LEN(allowances); i++) {
        if (strcmp(allowances[i].cost, cost) != 0)
            continue;
        unsigned per_minute =
            *(const unsigned *)(const void *)((const char *)sv->set + allowances[i].at);
        sm_str key = sm_strf(op->arena, "%s %.*s", cost, SM_ARG(sm_request_address(r)));
        if (sm_limits_take(sv->limits, key, per_minute, &wait_s))
            return SM_OK;
        sm_respond_header(r, "Retry-After", sm_strf(op->arena, "%d", wait_s).p);
        return sm_respond_status(r, 429, SM_E_LIMIT, "请求太频繁，请 %d 秒后再试", wait_s);
    }
    return SM_OK;
}

static bool changes(const sm_request *r)
{
    sm_str m = sm_request_method(r);
    return !sm_str_eq(m, SM_STR("GET")) && !sm_str_eq(m, SM_STR("HEAD"));
}

static sm_rc admit_staff(sm_request *r, const sm_route *route)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_login *login;
    sm_str token = sm_request_cookie(r, COOKIE);
    if (token.n != SM_LOGIN_TOKEN_CHARS)
        return sm_respond_status(r, 401, SM_E_DENIED, "请先登录");
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_login_find(op, db, token, &login);
    if (rc == SM_E_DENIED)
        return sm_respond_status(r, 401, SM_E_DENIED, "登录已失效，请重新登录");
    if (rc < 0)
        return rc;
    if (!(route->allow & (1u << login->user.role)))
        return sm_fail(op, SM_E_DENIED, "“%s”这个角色不能做这件事", sm_role_text(login->user.role));
    if (login->user.must_change && !goes_before_change(route))
        return sm_fail(op, SM_E_DENIED, "请先修改密码");
    if (changes(r) && !sm_secret_eq(sm_request_header(r, "X-CSRF-Token"), login->csrf))
        return sm_fail(op, SM_E_DENIED, "页面已过期，请刷新后再试");
    sm_request_keep(r, login);
    return SM_OK;
}

/* Pages of other sites must not make the browser of someone here write; browsers tell. */
static bool from_elsewhere(const sm_request *r)
{
    sm_str site = sm_request_header(r, "Sec-Fetch-Site");
    return changes(r) &&
           (sm_str_eq(site, SM_STR("cross-site")) || sm_str_eq(site, SM_STR("same-site")));
}

sm_rc sm_admit(sm_request *r)
{
    const sm_route *route = sm_request_route(r);
    if (from_elsewhere(r))
        return sm_fail(sm_request_op(r), SM_E_DENIED, "不接受别的网站发来的请求");
    if (!route)
        return check_rate(r, "read");
    bool open = (route->allow & SM_FOR(PUBLIC)) != 0;
    sm_rc rc = route->cost ? check_rate(r, route->cost) : SM_OK;
    return rc < 0 || open ? rc : admit_staff(r, route);
}

const sm_login *sm_request_login(const sm_request *r)
{
    return sm_request_kept(r);
}

const sm_user *sm_request_user(const sm_request *r)
{
    const sm_login *login = sm_request_login(r);
    return login ? &login->user : NULL;
}

/* ------------------------------------------------------------ for handlers */

sm_rc sm_request_record(sm_request *r, sm_db **out)
{
    return sm_sunmao_record_db(sm_request_op(r), sm_server_of(r)->s, out);
}

sm_rc sm_request_corpus(sm_request *r, sm_db **out)
{
    return sm_sunmao_corpus_db(sm_request_op(r), sm_server_of(r)->s, out);
}

sm_rc sm_json_text(sm_op *op, const json_t *j, const char *key, size_t max, sm_str *out)
{
    const json_t *v = json_object_get(j, key);
    if (v && !json_is_null(v) && !json_is_string(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是文字", key);
    sm_str text = sm_json_str(j, key);
    if (text.n > max)
        return sm_fail(op, SM_E_LIMIT, "%s 有 %zu 字节，超过 %zu 字节的上限", key, text.n, max);
    if (text.n && memchr(text.p, 0, text.n))
        return sm_fail(op, SM_E_INVALID, "%s 里不能有空字符", key);
    *out = text;
    return SM_OK;
}

sm_rc sm_json_flag(sm_op *op, const json_t *j, const char *key, bool *out)
{
    const json_t *v = json_object_get(j, key);
    if (v && !json_is_null(v) && !json_is_boolean(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是 true 或 false", key);
    *out = json_is_true(v);
    return SM_OK;
}

sm_rc sm_json_number(sm_op *op, const json_t *v, const char *what, int64_t *out)
{
    if (!json_is_integer(v) || json_integer_value(v) < 1)
        return sm_fail(op, SM_E_INVALID, "%s 应当是正整数", what);
    *out = json_integer_value(v);
    return SM_OK;
}

sm_rc sm_request_number(sm_request *r, const char *name, int64_t *out)
{
    int64_t v;
    if (!sm_str_to_int(sm_request_segment(r, name), &v) || v < 1)
        return sm_fail(sm_request_op(r), SM_E_INVALID, "网址里的编号应当是正整数");
    *out = v;
    return SM_OK;
}

static bool is_token(sm_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return s.n == SM_SESSION_CHARS;
}

sm_rc sm_check_session(sm_op *op, sm_db *record, sm_str session)
{
    bool known = false;
    sm_rc rc = is_token(session) ? sm_talk_known(op, record, session, &known) : SM_OK;
    if (rc == SM_OK && !known)
        rc = sm_fail(op, SM_E_NOTFOUND, "没有这个会话，可能已经删除；请重新开始");
    return rc;
}

sm_rc sm_request_session(sm_request *r, sm_db *record, sm_str *out)
{
    *out = sm_request_segment(r, "session");
    return sm_check_session(sm_request_op(r), record, *out);
}

sm_rc sm_respond_ok(sm_request *r)
{
    return sm_respond_json(r, 200, json_pack("{s:b}", "ok", 1));
}
