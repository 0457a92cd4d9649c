/*
 * Departments: a tree with weights and budgets.
 */
#include "model/registry.h"

#include "model/rows.h"

enum { NAME_BYTES = 90, MAX_CONCURRENCY = 1000000 };
static const int64_t max_budget_tokens = INT64_C(1000000000000000);

/* One number of a query with one number; E_NOTFOUND, not recorded, without a row. */
static sm_rc one_number(sm_op *op, sm_db *db, const char *sql, int64_t given, int64_t *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, sql, "i", given);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *out = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return SM_OK;
}

/* How many levels the department heads, itself one. */
static sm_rc height(sm_op *op, sm_db *db, int64_t id, int64_t *out)
{
    *out = 1;
    return id == 0
               ? SM_OK
               : one_number(op, db,
                            "WITH RECURSIVE below(id, n) AS (SELECT ?, 1 UNION ALL"
                            " SELECT d.id, n + 1 FROM department d JOIN below b ON d.parent = b.id"
                            " WHERE n < 64) SELECT max(n) FROM below",
                            id, out);
}

static sm_rc check_place(sm_op *op, sm_db *db, const sm_dept *d)
{
    int64_t depth;
    sm_rc rc = height(op, db, d->id, &depth);
    for (int64_t at = d->parent; rc == SM_OK && at != 0; depth++) {
        if (at == d->id)
            return sm_fail(op, SM_E_INVALID, "部门不能放在自己或自己的下级部门之下");
        if (depth >= SM_DEPT_MAX_DEPTH)
            return sm_fail(op, SM_E_INVALID, "部门最多 %d 级", (int)SM_DEPT_MAX_DEPTH);
        int64_t id = at;
        rc = one_number(op, db, "SELECT parent FROM department WHERE id = ?", id, &at);
        if (rc == SM_E_NOTFOUND)
            return sm_fail(op, rc, "没有编号为 %lld 的上级部门", (long long)id);
    }
    return rc;
}

static sm_rc check(sm_op *op, const sm_dept *d)
{
    sm_rc rc = d->name.n ? sm_check_line(op, "部门的名字", d->name, NAME_BYTES)
                         : sm_fail(op, SM_E_INVALID, "部门要有名字");
    int64_t number;
    if (rc == SM_OK && sm_str_to_int(d->name, &number)) /* the command line takes either */
        rc = sm_fail(op, SM_E_INVALID, "部门的名字不能是数字，会与编号混淆");
    if (rc == SM_OK)
        rc = sm_check_range(op, "权重", d->weight, 1, SM_DEPT_MAX_WEIGHT);
    if (rc == SM_OK)
        rc = sm_check_range(op, "每分钟的词元", d->per_minute, 0, max_budget_tokens);
    if (rc == SM_OK)
        rc = sm_check_range(op, "每天的词元", d->per_day, 0, max_budget_tokens);
    if (rc == SM_OK)
        rc = sm_check_range(op, "每月的词元", d->per_month, 0, max_budget_tokens);
    return rc == SM_OK ? sm_check_range(op, "同时的请求", d->concurrency, 0, MAX_CONCURRENCY) : rc;
}

static sm_rc check_free(sm_op *op, sm_db *db, const sm_dept *d)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT 1 FROM department WHERE name = ? AND id <> ?", "si",
                           d->name, d->id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return SM_OK;
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc < 0 ? rc : sm_fail(op, SM_E_CONFLICT, "已经有叫 %.*s 的部门了", SM_ARG(d->name));
}

/* -------------------------------------------------------------------- adding */

static sm_rc add(sm_op *op, sm_db *db, sm_str by, sm_dept *d)
{
    int64_t n = 0;
    sm_rc rc = one_number(op, db, "SELECT count(*) FROM department WHERE id > ?", 0, &n);
    if (rc == SM_OK && n >= SM_DEPT_MAX)
        rc = sm_fail(op, SM_E_LIMIT, "最多 %d 个部门", (int)SM_DEPT_MAX);
    if (rc == SM_OK)
        rc = check_free(op, db, d);
    if (rc == SM_OK)
        rc = check_place(op, db, d);
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "INSERT INTO department(name, parent, weight, per_minute, per_day,"
                       " per_month, concurrency) VALUES(?,?,?,?,?,?,?)",
                       "siiiiii", d->name, d->parent, d->weight, d->per_minute, d->per_day,
                       d->per_month, d->concurrency);
    if (rc == SM_OK)
        d->id = sm_db_last_id(db);
    return rc == SM_OK ? sm_registry_note(op, db, by, "department.add", d->name) : rc;
}

sm_rc sm_dept_add(sm_op *op, sm_db *db, sm_str by, sm_dept *d)
{
    sm_dept made = *d;
    made.id = 0;
    if (made.weight == 0)
        made.weight = SM_DEPT_WEIGHT;
    sm_rc rc = check(op, &made);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_registry_end(op, db, add(op, db, by, &made));
    if (rc == SM_OK)
        *d = made;
    return rc;
}

/* ------------------------------------------------------- changing, removing */

static sm_rc get(sm_op *op, sm_db *db, int64_t id, sm_dept *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " SM_DEPT_COLUMNS " FROM department d WHERE d.id = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "没有编号为 %lld 的部门", (long long)id);
    if (rc < 0)
        return rc;
    sm_dept_read(op, q, out);
    sm_stmt_reset(q);
    return SM_OK;
}

static json_t *numbers_json(const sm_dept *d)
{
    return json_pack("{s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "name", sm_json_of(d->name), "parent",
                     (json_int_t)d->parent, "weight", (json_int_t)d->weight, "per_minute",
                     (json_int_t)d->per_minute, "per_day", (json_int_t)d->per_day, "per_month",
                     (json_int_t)d->per_month, "concurrency", (json_int_t)d->concurrency);
}

static sm_str numbers_text(sm_arena *a, const sm_dept *d)
{
    json_t *j = numbers_json(d);
    sm_str text = sm_json_dump(a, j);
    json_decref(j);
    return text;
}

static sm_rc change(sm_op *op, sm_db *db, sm_str by, const sm_dept *d)
{
    sm_dept now = { 0 };
    sm_rc rc = get(op, db, d->id, &now);
    if (rc == SM_OK)
        rc = check_free(op, db, d);
    if (rc == SM_OK)
        rc = check_place(op, db, d);
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "UPDATE department SET name = ?, parent = ?, weight = ?, per_minute = ?,"
                       " per_day = ?, per_month = ?, concurrency = ? WHERE id = ?",
                       "siiiiiii", d->name, d->parent, d->weight, d->per_minute, d->per_day,
                       d->per_month, d->concurrency, d->id);
    return rc == SM_OK
               ? sm_registry_note_change(op, db, by, "department.change", now.name, (sm_str){ 0 },
                                         numbers_text(op->arena, &now), numbers_text(op->arena, d))
               : rc;
}

sm_rc sm_dept_change(sm_op *op, sm_db *db, sm_str by, const sm_dept *d)
{
    sm_rc rc = check(op, d);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, change(op, db, by, d));
}

static sm_rc remove_one(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    static const struct {
        const char *sql, *message;
    } ties[] = {
        { "SELECT 1 FROM department WHERE parent = ? LIMIT 1", "还有下级部门" },
        { "SELECT 1 FROM app_key WHERE department = ? AND revoked = 0 LIMIT 1",
          "还有没吊销的密钥" },
        { "SELECT 1 FROM alias WHERE scope = 'department:' || ? LIMIT 1", "还有专用的别名" },
    };
    sm_dept now = { 0 };
    sm_rc rc = get(op, db, id, &now);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(ties); i++) {
        bool tied = false;
        rc = sm_row_exists(op, db, ties[i].sql, "i", (sm_str){ 0 }, id, &tied);
        if (rc == SM_OK && tied)
            rc = sm_fail(op, SM_E_CONFLICT, "%.*s %s，不能删除", SM_ARG(now.name), ties[i].message);
    }
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "DELETE FROM department WHERE id = ?", "i", id);
    return rc == SM_OK
               ? sm_registry_note_change(op, db, by, "department.remove", now.name, (sm_str){ 0 },
                                         numbers_text(op->arena, &now), (sm_str){ 0 })
               : rc;
}

sm_rc sm_dept_remove(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, remove_one(op, db, by, id));
}

/* -------------------------------------------------------------------- reading */

sm_rc sm_dept_list(sm_op *op, sm_db *db, sm_dept **out, size_t *n)
{
    sm_stmt *q;
    sm_dept *d = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT " SM_DEPT_COLUMNS " FROM department d ORDER BY d.id", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, d, have, cap);
        sm_dept_read(op, q, &d[have++]);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = d;
    *n = have;
    return SM_OK;
}

sm_rc sm_dept_named(sm_op *op, sm_db *db, sm_str name, sm_dept **out)
{
    int64_t id = 0;
    sm_stmt *q;
    sm_dept *d = SM_NEW(op->arena, sm_dept);
    if (sm_str_to_int(name, &id)) {
        sm_rc rc = get(op, db, id, d);
        if (rc == SM_OK)
            *out = d;
        return rc;
    }
    sm_rc rc = sm_db_query(
        op, db, &q, "SELECT " SM_DEPT_COLUMNS " FROM department d WHERE d.name = ?", "s", name);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "没有叫 %.*s 的部门", SM_ARG(name));
    if (rc < 0)
        return rc;
    sm_dept_read(op, q, d);
    sm_stmt_reset(q);
    *out = d;
    return SM_OK;
}
