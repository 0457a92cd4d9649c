/*
 * Who shares the compute: departments with weights and budgets, the keys of their applications.
 */
#include "server/inner.h"

/* ---------------------------------------------------------------- departments */

typedef struct spending {
    sm_dept *dept;
    size_t n;
    int64_t *today, *month; /* by the same index, with those below */
    int64_t *keys;
} spending;

static size_t index_of(const spending *s, int64_t id)
{
    size_t lo = 0, hi = s->n; /* by id */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->dept[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->n && s->dept[lo].id == id ? lo : SIZE_MAX;
}

/* To the department itself and all above it. */
static void spend(spending *s, const sm_usage *u, sm_date today)
{
    int64_t tokens = u->prompt_tokens + u->generated_tokens, at = u->department;
    for (int depth = 0; depth < SM_DEPT_MAX_DEPTH; depth++) {
        size_t i = index_of(s, at);
        if (i == SIZE_MAX)
            return;
        s->month[i] += tokens;
        s->today[i] += u->day == today ? tokens : 0;
        at = s->dept[i].parent;
    }
}

static sm_rc read_spending(sm_op *op, sm_db *db, spending *s)
{
    sm_usage *u = NULL;
    sm_app_key *k = NULL;
    size_t n_rows = 0, n_keys = 0;
    sm_date today = sm_today();
    sm_str iso = sm_date_iso(op->arena, today);
    sm_date first = sm_date_parse(sm_strf(op->arena, "%.*s-01", SM_ARG(sm_str_sub(iso, 0, 7))));
    sm_rc rc = sm_dept_list(op, db, &s->dept, &s->n);
    if (rc == SM_OK)
        rc = sm_usage_read(op, db, first, today, &u, &n_rows);
    if (rc == SM_OK)
        rc = sm_key_list(op, db, &k, &n_keys);
    if (rc < 0)
        return rc;
    s->today = SM_NEWS(op->arena, int64_t, s->n);
    s->month = SM_NEWS(op->arena, int64_t, s->n);
    s->keys = SM_NEWS(op->arena, int64_t, s->n);
    for (size_t i = 0; i < n_rows; i++)
        spend(s, &u[i], today);
    for (size_t i = 0; i < n_keys; i++) {
        size_t at = index_of(s, k[i].department);
        if (at != SIZE_MAX && !k[i].revoked_ms && !sm_key_expired(&k[i], sm_wall_ms()))
            s->keys[at]++;
    }
    return SM_OK;
}

static json_t *spending_json(const spending *s, size_t i)
{
    json_t *j = sm_dept_json(&s->dept[i]);
    json_object_set_new(j, "used_today", json_integer((json_int_t)s->today[i]));
    json_object_set_new(j, "used_month", json_integer((json_int_t)s->month[i]));
    json_object_set_new(j, "keys", json_integer((json_int_t)s->keys[i]));
    return j;
}

static sm_rc list_departments(sm_request *r)
{
    sm_db *db;
    spending s = { 0 };
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = read_spending(sm_request_op(r), db, &s);
    if (rc < 0)
        return rc;
    json_t *all = json_array();
    for (size_t i = 0; i < s.n; i++)
        json_array_append_new(all, spending_json(&s, i));
    return sm_respond_json(r, 200, json_pack("{s:o}", "departments", all));
}

static sm_rc respond_department(sm_request *r, sm_db *db, int64_t id)
{
    spending s = { 0 };
    sm_rc rc = read_spending(sm_request_op(r), db, &s);
    size_t i = rc == SM_OK ? index_of(&s, id) : 0;
    if (rc == SM_OK && i == SIZE_MAX)
        rc = sm_fail(sm_request_op(r), SM_E_NOTFOUND, "没有编号为 %lld 的部门", (long long)id);
    return rc < 0 ? rc
                  : sm_respond_json(r, 200, json_pack("{s:o}", "department", spending_json(&s, i)));
}

/* What the body says over what is in *d. */
static sm_rc read_department(sm_request *r, sm_dept *d)
{
    struct {
        const char *key;
        int64_t *at;
    } numbers[] = { { "parent", &d->parent },         { "weight", &d->weight },
                    { "per_minute", &d->per_minute }, { "per_day", &d->per_day },
                    { "per_month", &d->per_month },   { "concurrency", &d->concurrency } };
    sm_op *op = sm_request_op(r);
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK && json_object_get(j, "name"))
        rc = sm_json_text(op, j, "name", 200, &d->name);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(numbers); i++) {
        const json_t *v = json_object_get(j, numbers[i].key);
        if (v && !json_is_integer(v))
            rc = sm_fail(op, SM_E_INVALID, "%s 应当是整数", numbers[i].key);
        else if (v)
            *numbers[i].at = json_integer_value(v);
    }
    return rc;
}

static sm_rc add_department(sm_request *r)
{
    sm_db *db;
    sm_dept d = { 0 };
    sm_rc rc = read_department(r, &d);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_dept_add(sm_request_op(r), db, sm_request_user(r)->name, &d);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return respond_department(r, db, d.id);
}

static sm_rc department_of(sm_request *r, sm_db **db, sm_dept **out)
{
    sm_op *op = sm_request_op(r);
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, db);
    return rc == SM_OK ? sm_dept_named(op, *db, sm_strf(op->arena, "%lld", (long long)id), out)
                       : rc;
}

static sm_rc change_department(sm_request *r)
{
    sm_db *db;
    sm_dept *d;
    sm_rc rc = department_of(r, &db, &d);
    if (rc == SM_OK)
        rc = read_department(r, d);
    if (rc == SM_OK)
        rc = sm_dept_change(sm_request_op(r), db, sm_request_user(r)->name, d);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return respond_department(r, db, d->id);
}

static sm_rc remove_department(sm_request *r)
{
    sm_db *db;
    sm_dept *d;
    sm_rc rc = department_of(r, &db, &d);
    if (rc == SM_OK)
        rc = sm_dept_remove(sm_request_op(r), db, sm_request_user(r)->name, d->id);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return sm_respond_ok(r);
}

/* ----------------------------------------------------------------------- keys */

static sm_rc list_keys(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_app_key *k;
    sm_dept *d;
    size_t n, n_depts;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_key_list(op, db, &k, &n);
    if (rc == SM_OK)
        rc = sm_dept_list(op, db, &d, &n_depts);
    if (rc < 0)
        return rc;
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, sm_key_json(&k[i], d, n_depts));
    return sm_respond_json(r, 200, json_pack("{s:o}", "keys", all));
}

/* A list of texts as one, ","-separated. */
static sm_rc read_list(sm_op *op, const json_t *j, const char *key, sm_str *out)
{
    const json_t *list = json_object_get(j, key);
    sm_str all = { 0 };
    if (list && (!json_is_array(list) || json_array_size(list) > 100))
        return sm_fail(op, SM_E_INVALID, "%s 应当是最多 100 项的列表", key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        sm_str one = { json_string_value(v), json_string_length(v) };
        if (!json_is_string(v) || one.n == 0 || sm_str_has(one, SM_STR(",")))
            return sm_fail(op, SM_E_INVALID, "%s 里应当是文字，不带逗号", key);
        all = sm_strf(op->arena, "%.*s%s%.*s", SM_ARG(all), all.n ? "," : "", SM_ARG(one));
    }
    *out = all;
    return SM_OK;
}

static sm_rc read_key(sm_request *r, sm_app_key *k)
{
    sm_op *op = sm_request_op(r);
    json_t *j;
    sm_str class = { 0 };
    k->highest = SM_CLASS_STAFF;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "name", 200, &k->name);
    if (rc == SM_OK)
        rc = sm_json_number(op, json_object_get(j, "department"), "department", &k->department);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "class", 30, &class);
    if (rc == SM_OK && class.n && !sm_class_parse(class, &k->highest))
        rc = sm_fail(op, SM_E_INVALID, "class 应当是 citizen、staff 或 batch");
    if (rc == SM_OK)
        rc = read_list(op, j, "models", &k->models);
    if (rc == SM_OK)
        rc = read_list(op, j, "addresses", &k->addresses);
    if (rc < 0)
        return rc;
    const json_t *expires = json_object_get(j, "expires");
    if (expires && !json_is_integer(expires))
        return sm_fail(op, SM_E_INVALID, "expires 应当是整数（毫秒）");
    k->expires_ms = json_integer_value(expires);
    return SM_OK;
}

static sm_rc add_key(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_app_key k = { 0 };
    sm_dept *d;
    size_t n;
    sm_str secret;
    sm_rc rc = read_key(r, &k);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_key_add(op, db, sm_request_user(r)->name, &k, &secret);
    if (rc == SM_OK)
        rc = sm_dept_list(op, db, &d, &n);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return sm_respond_json(
        r, 200, json_pack("{s:o,s:o}", "key", sm_key_json(&k, d, n), "secret", sm_json_of(secret)));
}

static sm_rc revoke_key(sm_request *r)
{
    sm_db *db;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_key_revoke(sm_request_op(r), db, sm_request_user(r)->name, id);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return sm_respond_ok(r);
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/admin/departments",
      .run = list_departments,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/departments",
      .run = add_department,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/departments/{id}",
      .run = change_department,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "DELETE",
      .path = "/v1/admin/departments/{id}",
      .run = remove_department,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/keys",
      .run = list_keys,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/keys",
      .run = add_key,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/keys/{id}/revoke",
      .run = revoke_key,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_shares = { routes, SM_LEN(routes) };
