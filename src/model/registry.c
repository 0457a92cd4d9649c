/*
 * The snapshot that the gateway serves from, and finding things in it.
 */
#include "model/registry.h"

#include <stdlib.h>
#include <string.h>

#include "model/rows.h"

enum { MAX_TRIES = 5 };

static sm_rc revision(sm_op *op, sm_db *db, int64_t *out)
{
    sm_str text;
    sm_rc rc = sm_db_setting(op, db, "model_revision", &text);
    if (rc == SM_OK && !sm_str_to_int(text, out))
        *out = 0;
    return rc;
}

sm_rc sm_registry_changed(sm_op *op, sm_db *db, int64_t have, bool *out)
{
    int64_t now;
    sm_rc rc = revision(op, db, &now);
    if (rc == SM_OK)
        *out = now != have;
    return rc;
}

/* ------------------------------------------------------------------ reading */

static sm_rc read_backends(sm_op *op, sm_db *db, sm_registry *r)
{
    sm_stmt *q;
    size_t cap = 0;
    sm_rc rc = sm_db_query(
        op, db, &q,
        "SELECT " SM_BACKEND_COLUMNS " FROM model m WHERE m.state <> 'retired' ORDER BY m.id", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, r->backend, r->n_backends, cap);
        rc = sm_backend_read(op, q, &r->backend[r->n_backends++]);
        if (rc < 0)
            sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* Hex digests sort as their bytes do. */
static sm_rc read_keys(sm_op *op, sm_db *db, sm_registry *r)
{
    sm_stmt *q;
    size_t cap = 0;
    sm_rc rc = sm_db_query(
        op, db, &q,
        "SELECT " SM_KEY_COLUMNS " FROM app_key k WHERE k.revoked = 0 ORDER BY k.digest", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, r->key, r->n_keys, cap);
        rc = sm_app_key_read(op, q, &r->key[r->n_keys++]);
        if (rc < 0)
            sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* Every change makes a new revision: what was read between two equal ones belongs together. */
sm_rc sm_registry_read(sm_op *op, sm_db *db, sm_registry **out)
{
    int64_t before = 0, after = 0;
    for (int i = 0; i < MAX_TRIES; i++) {
        sm_registry *r = SM_NEW(op->arena, sm_registry);
        sm_rc rc = revision(op, db, &before);
        if (rc == SM_OK)
            rc = read_backends(op, db, r);
        if (rc == SM_OK)
            rc = sm_alias_list(op, db, &r->alias, &r->n_aliases);
        if (rc == SM_OK)
            rc = sm_dept_list(op, db, &r->dept, &r->n_depts);
        if (rc == SM_OK)
            rc = read_keys(op, db, r);
        if (rc == SM_OK)
            rc = revision(op, db, &after);
        if (rc < 0)
            return rc;
        if (before == after) {
            r->revision = after;
            *out = r;
            return SM_OK;
        }
    }
    return sm_fail(op, SM_E_CONFLICT, "模型登记正在被频繁修改，请稍后再试");
}

/* ------------------------------------------------------------------ finding */

static int by_id(const void *key, const void *row)
{
    int64_t a = *(const int64_t *)key, b = *(const int64_t *)row;
    return a < b ? -1 : a > b;
}

_Static_assert(offsetof(sm_backend, id) == 0 && offsetof(sm_dept, id) == 0, "bsearch by id");

const sm_backend *sm_registry_backend(const sm_registry *r, int64_t id)
{
    return r->n_backends ? bsearch(&id, r->backend, r->n_backends, sizeof(*r->backend), by_id)
                         : NULL;
}

const sm_backend *sm_registry_backend_named(const sm_registry *r, sm_str name)
{
    for (size_t i = 0; i < r->n_backends; i++)
        if (sm_str_eq(r->backend[i].name, name))
            return &r->backend[i];
    return NULL;
}

const sm_dept *sm_registry_dept(const sm_registry *r, int64_t id)
{
    return r->n_depts ? bsearch(&id, r->dept, r->n_depts, sizeof(*r->dept), by_id) : NULL;
}

static int by_digest(const void *digest, const void *row)
{
    return memcmp(digest, &((const sm_app_key *)row)->digest, sizeof(sm_digest));
}

const sm_app_key *sm_registry_key(const sm_registry *r, const sm_digest *digest)
{
    return r->n_keys ? bsearch(digest, r->key, r->n_keys, sizeof(*r->key), by_digest) : NULL;
}

static int alias_cmp(const sm_alias *a, sm_str name, sm_str scope)
{
    int d = sm_str_cmp(a->name, name);
    return d ? d : sm_str_cmp(a->scope, scope);
}

/* The rows of one name in one scope. */
static const sm_alias *rows_of(const sm_registry *r, sm_str name, sm_str scope, size_t *n)
{
    size_t lo = 0, hi = r->n_aliases;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (alias_cmp(&r->alias[mid], name, scope) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *n = 0;
    while (lo + *n < r->n_aliases && alias_cmp(&r->alias[lo + *n], name, scope) == 0)
        ++*n;
    return *n ? &r->alias[lo] : NULL;
}

const sm_alias *sm_registry_alias(const sm_registry *r, sm_str name, int64_t dept, sm_str clerk,
                                  size_t *n)
{
    char scope[sizeof("clerk:") + SM_BACKEND_NAME_BYTES];
    const sm_alias *found = NULL;
    *n = 0;
    if (clerk.n && clerk.n <= SM_BACKEND_NAME_BYTES) {
        snprintf(scope, sizeof(scope), "clerk:%.*s", SM_ARG(clerk));
        found = rows_of(r, name, sm_str_of(scope), n);
    }
    const sm_dept *d = sm_registry_dept(r, dept);
    for (int depth = 0; !found && d && depth < SM_DEPT_MAX_DEPTH; depth++) {
        snprintf(scope, sizeof(scope), "department:%lld", (long long)d->id);
        found = rows_of(r, name, sm_str_of(scope), n);
        d = sm_registry_dept(r, d->parent);
    }
    return found ? found : rows_of(r, name, (sm_str){ 0 }, n);
}
