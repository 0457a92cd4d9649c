/*
 * Aliases: what callers' names stand for; undoing a change; the list of changes.
 */
#include "model/registry.h"

#include "model/rows.h"

/* -------------------------------------------------------------------- checks */

/* "", "department:<id>" of one there is, "clerk:<name>". */
static sm_rc check_scope(sm_op *op, sm_db *db, sm_str scope)
{
    int64_t id;
    bool there = false;
    if (scope.n == 0)
        return SM_OK;
    if (sm_str_starts(scope, SM_STR("clerk:")))
        return sm_check_called(op, "智能体的名字", sm_str_sub(scope, 6, scope.n));
    if (!sm_str_starts(scope, SM_STR("department:")) ||
        !sm_str_to_int(sm_str_sub(scope, 11, scope.n), &id) ||
        !sm_str_eq(scope, sm_strf(op->arena, "department:%lld", (long long)id)))
        return sm_fail(op, SM_E_INVALID, "范围应当是空、department:编号 或 clerk:名字");
    sm_rc rc = sm_row_exists(op, db, "SELECT 1 FROM department WHERE id = ?", "i", (sm_str){ 0 },
                             id, &there);
    return rc == SM_OK && !there
               ? sm_fail(op, SM_E_NOTFOUND, "没有编号为 %lld 的部门", (long long)id)
               : rc;
}

static sm_rc check_target(sm_op *op, sm_db *db, const sm_alias *t)
{
    sm_backend *b;
    sm_rc rc = sm_backend_get(op, db, t->backend, &b);
    if (rc == SM_OK && b->state != SM_BACKEND_PRODUCTION)
        rc = sm_fail(op, SM_E_CONFLICT,
                     "%.*s 在%s状态，别名只能指向生产状态的模型；先运行 sunmao model promote %.*s",
                     SM_ARG(b->name), sm_backend_state_text(b->state), SM_ARG(b->name));
    if (rc == SM_OK)
        rc = sm_check_range(op, "权重", t->weight, 0, SM_ALIAS_MAX_WEIGHT);
    return rc == SM_OK ? sm_check_range(op, "层级", t->tier, 0, SM_ALIAS_MAX_TIERS - 1) : rc;
}

static sm_rc check_targets(sm_op *op, sm_db *db, const sm_alias *t, size_t n)
{
    bool first_has_weight = n == 0;
    if (n > SM_ALIAS_MAX_TARGETS)
        return sm_fail(op, SM_E_LIMIT, "一个别名最多 %d 个模型", (int)SM_ALIAS_MAX_TARGETS);
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = check_target(op, db, &t[i]);
        if (rc < 0)
            return rc;
        for (size_t k = 0; k < i; k++)
            if (t[k].backend == t[i].backend)
                return sm_fail(op, SM_E_INVALID, "同一个模型写了两次");
        first_has_weight |= t[i].tier == 0 && t[i].weight > 0;
    }
    return first_has_weight ? SM_OK
                            : sm_fail(op, SM_E_INVALID, "第 0 层至少要有一个权重大于 0 的模型");
}

/* --------------------------------------------------------------------- rows */

static sm_rc read_rows(sm_op *op, sm_stmt *q, sm_alias **out, size_t *n)
{
    sm_alias *a = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc;
    while ((rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, a, have, cap);
        sm_alias_read(op, q, &a[have++]);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = a;
    *n = have;
    return SM_OK;
}

sm_rc sm_alias_list(sm_op *op, sm_db *db, sm_alias **out, size_t *n)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        op, db, &q,
        "SELECT " SM_ALIAS_COLUMNS " FROM alias a ORDER BY a.name, a.scope, a.tier, a.model", "");
    return rc == SM_OK ? read_rows(op, q, out, n) : rc;
}

static sm_rc rows_of(sm_op *op, sm_db *db, sm_str name, sm_str scope, sm_alias **out, size_t *n)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " SM_ALIAS_COLUMNS
                    " FROM alias a WHERE a.name = ? AND a.scope = ? ORDER BY a.tier, a.model",
                    "ss", name, scope);
    return rc == SM_OK ? read_rows(op, q, out, n) : rc;
}

/* [[model, weight, tier] …] */
static sm_str targets_text(sm_arena *a, const sm_alias *t, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[I,I,I]", (json_int_t)t[i].backend,
                                              (json_int_t)t[i].weight, (json_int_t)t[i].tier));
    sm_str text = sm_json_dump(a, list);
    json_decref(list);
    return text;
}

static sm_rc targets_parse(sm_op *op, sm_str text, sm_alias **out, size_t *n)
{
    json_t *list;
    sm_rc rc = sm_json_parse(op, text, "别名的变更记录", &list);
    if (rc < 0)
        return rc;
    *n = json_array_size(list);
    *out = SM_NEWS(op->arena, sm_alias, *n);
    for (size_t i = 0; i < *n; i++) {
        const json_t *t = json_array_get(list, i);
        (*out)[i] = (sm_alias){ .backend = json_integer_value(json_array_get(t, 0)),
                                .weight = json_integer_value(json_array_get(t, 1)),
                                .tier = json_integer_value(json_array_get(t, 2)) };
    }
    return SM_OK;
}

/* ------------------------------------------------------------------- changing */

static sm_rc replace(sm_op *op, sm_db *db, sm_str name, sm_str scope, const sm_alias *t, size_t n)
{
    sm_rc rc =
        sm_db_run(op, db, "DELETE FROM alias WHERE name = ? AND scope = ?", "ss", name, scope);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        rc = sm_db_run(op, db,
                       "INSERT INTO alias(name, scope, model, weight, tier) VALUES(?,?,?,?,?)",
                       "ssiii", name, scope, t[i].backend, t[i].weight, t[i].tier);
    return rc;
}

static sm_rc set(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope, const sm_alias *t,
                 size_t n, const char *act)
{
    sm_alias *before = NULL;
    size_t n_before = 0;
    bool taken = false;
    sm_rc rc = check_scope(op, db, scope);
    if (rc == SM_OK)
        rc = sm_row_exists(op, db, "SELECT 1 FROM model WHERE name = ?", "s", name, 0, &taken);
    if (rc == SM_OK && taken)
        rc = sm_fail(op, SM_E_CONFLICT, "%.*s 是一个模型的名字，不能再作别名", SM_ARG(name));
    if (rc == SM_OK)
        rc = check_targets(op, db, t, n);
    if (rc == SM_OK)
        rc = rows_of(op, db, name, scope, &before, &n_before);
    if (rc == SM_OK && n == 0 && n_before == 0)
        rc = sm_fail(op, SM_E_NOTFOUND, "没有别名 %.*s", SM_ARG(name));
    if (rc == SM_OK)
        rc = replace(op, db, name, scope, t, n);
    return rc == SM_OK ? sm_registry_note_change(op, db, by, act, name, scope,
                                                 targets_text(op->arena, before, n_before),
                                                 targets_text(op->arena, t, n))
                       : rc;
}

sm_rc sm_alias_set(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope,
                   const sm_alias *target, size_t n)
{
    sm_rc rc = sm_check_called(op, "别名", name);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    return sm_registry_end(op, db, set(op, db, by, name, scope, target, n, "alias.set"));
}

/* The last change that stands: what rolled back is no change, and what was rolled back is none. */
static sm_rc last_change(sm_op *op, sm_db *db, sm_str name, sm_str scope, int64_t *id,
                         sm_str *before)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT id, before FROM model_event WHERE name = ? AND scope = ?"
                           " AND act = 'alias.set' AND undone = 0 ORDER BY id DESC LIMIT 1",
                           "ss", name, scope);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "别名 %.*s 没有可以撤回的变更", SM_ARG(name));
    if (rc < 0)
        return rc;
    *id = sm_stmt_int(q, 0);
    *before = sm_stmt_str(op, q, 1);
    sm_stmt_reset(q);
    return SM_OK;
}

static sm_rc roll_back(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope)
{
    int64_t id = 0;
    sm_str text = { 0 };
    sm_alias *t = NULL;
    size_t n = 0;
    sm_rc rc = last_change(op, db, name, scope, &id, &text);
    if (rc == SM_OK)
        rc = targets_parse(op, text, &t, &n);
    if (rc == SM_OK)
        rc = set(op, db, by, name, scope, t, n, "alias.rollback");
    return rc == SM_OK
               ? sm_db_run(op, db, "UPDATE model_event SET undone = 1 WHERE id = ?", "i", id)
               : rc;
}

sm_rc sm_alias_rollback(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, roll_back(op, db, by, name, scope));
}

/* --------------------------------------------------------------------- events */

sm_rc sm_model_events(sm_op *op, sm_db *db, int64_t limit, sm_model_event **out, size_t *n)
{
    sm_stmt *q;
    sm_model_event *e = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT id, time_ms, by, act, name, scope, before, after FROM model_event"
                    " ORDER BY id DESC LIMIT ?",
                    "i", limit);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, e, have, cap);
        e[have++] = (sm_model_event){ .id = sm_stmt_int(q, 0),
                                      .time_ms = sm_stmt_int(q, 1),
                                      .by = sm_stmt_str(op, q, 2),
                                      .act = sm_stmt_str(op, q, 3),
                                      .name = sm_stmt_str(op, q, 4),
                                      .scope = sm_stmt_str(op, q, 5),
                                      .before = sm_stmt_str(op, q, 6),
                                      .after = sm_stmt_str(op, q, 7) };
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = e;
    *n = have;
    return SM_OK;
}
