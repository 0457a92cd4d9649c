/*
 * An organisation's own rules and registry by page: seen, changed in drafts, tried, put live, taken
 * back.
 */
#include "server/rules.h"

/* -------------------------------------------------------------------- seeing */

static json_t *trouble_json(const sm_own_trouble *t)
{
    return json_pack("{s:o,s:I,s:I,s:o}", "file", sm_json_of(t->file.n ? t->file : SM_STR("")),
                     "line", (json_int_t)t->line, "row", (json_int_t)t->row, "message",
                     sm_json_of(t->message));
}

static const sm_own_line *own_of(const sm_own_line *line, size_t n, sm_str id)
{
    for (size_t i = 0; i < n; i++)
        if (line[i].rule && sm_str_eq(sm_json_str(line[i].rule, "id"), id))
            return &line[i];
    return NULL;
}

static json_t *own_json(const sm_own_line *l)
{
    if (!l)
        return json_null();
    return json_pack("{s:o,s:I,s:O}", "file", sm_json_of(l->file), "line", (json_int_t)l->line_no,
                     "rule", l->rule);
}

static json_t *rule_json(const sm_rule *r, bool shipped, const sm_own_line *own)
{
    return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:b,s:o}", "id", sm_json_of(r->id),
                     "severity", sm_severity_name(r->severity), "title", sm_json_of(r->title),
                     "why", sm_json_of(r->why.n ? r->why : SM_STR("")), "source",
                     sm_json_of(r->source.n ? r->source : SM_STR("")), "status",
                     sm_json_of(r->status.n ? r->status : SM_STR("")), "checker",
                     sm_json_of(r->checker), "on", (int)r->on, "shipped", (int)shipped, "own",
                     own_json(own));
}

static json_t *rules_json(const sm_rules *rules, const sm_own_line *line, size_t n_lines)
{
    const sm_rule *all;
    size_t n = sm_rules_all(rules, &all);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, rule_json(&all[i], i < sm_rules_shipped(rules),
                                              own_of(line, n_lines, all[i].id)));
    return list;
}

/* Files that somebody has broken by hand are told, and do not keep the page away. */
static sm_rc show(sm_request *r)
{
    sm_op *op = sm_request_op(r), own = { .arena = op->arena };
    sm_server *sv = sm_server_of(r);
    const char *dir = sm_own_dir(op->arena, sv);
    const sm_reviewer *reviewer = NULL;
    sm_own_line *line = NULL;
    size_t n = 0;
    sm_rc rc = sm_own_lines(op, dir, SM_OWN_RULES, &line, &n);
    if (rc < 0)
        return rc;
    sm_str wrong = sm_sunmao_reviewer(&own, sv->s, &reviewer) < 0
                       ? own.msg
                       : sm_sunmao_review_trouble(op, sv->s);
    sm_own_trouble t = sm_own_trouble_of(dir, wrong);
    const sm_rules *rules = reviewer ? sm_reviewer_rules(reviewer) : NULL;
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:o,s:o}", "version",
                                     sm_json_of(rules ? sm_rules_version(rules) : SM_STR("")),
                                     "trouble", wrong.n ? trouble_json(&t) : json_null(), "rules",
                                     rules ? rules_json(rules, line, n) : json_array()));
}

static bool has(const sm_own_line *l, sm_str q)
{
    return !q.n || sm_str_has(l->text, q);
}

static json_t *line_json(const sm_own_line *l)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < l->n_cells; i++)
        json_array_append_new(cells, sm_json_of(l->cell[i].n ? l->cell[i] : SM_STR("")));
    return json_pack("{s:I,s:o}", "line", (json_int_t)l->line_no, "cells", cells);
}

static sm_rc show_list(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_str q = sm_str_trim(sm_request_query(r, "q"));
    sm_own_list list;
    sm_own_line *line;
    size_t n, n_fit = 0;
    int64_t page, size;
    if (!sm_own_list_parse(sm_request_segment(r, "list"), &list) || list == SM_OWN_RULES)
        return sm_fail(op, SM_E_NOTFOUND, "没有这张表：有 organs、people 和 terms");
    sm_rc rc = sm_request_int(r, "page", 1, 1000000, 1, &page);
    if (rc == SM_OK)
        rc = sm_request_int(r, "size", 1, 200, 50, &size);
    if (rc == SM_OK)
        rc = sm_own_lines(op, sm_own_dir(op->arena, sm_server_of(r)), list, &line, &n);
    if (rc < 0)
        return rc;
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        if (!has(&line[i], q))
            continue;
        if ((int64_t)n_fit / size == page - 1)
            json_array_append_new(rows, line_json(&line[i]));
        n_fit++;
    }
    return sm_respond_json(r, 200,
                           json_pack("{s:I,s:o}", "total", (json_int_t)n_fit, "rows", rows));
}

static sm_rc list_changes(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_change_row *c;
    size_t n;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_changes_list(op, db, &c, &n);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, sm_change_json(op, &c[i]));
    return sm_respond_json(r, 200, json_pack("{s:o}", "changes", list));
}

/* ------------------------------------------------------------------- changing */

/* What a change makes of the files as they stand, and what that is reviewed by. */
typedef struct making {
    sm_own_edit edit;
    sm_str digest;
    const sm_reviewer *now, *then; /* now: NULL, the files of today cannot be read */
    sm_own_trouble trouble;
    bool at_fault; /* the rows are: `trouble` says how */
} making;

static sm_rc make(sm_request *r, sm_own_list list, const json_t *rows, making *m)
{
    sm_op *op = sm_request_op(r), own = { .arena = op->arena };
    sm_server *sv = sm_server_of(r);
    const char *dir = sm_own_dir(op->arena, sv);
    *m = (making){ .trouble = { .row = -1 } };
    if (sm_sunmao_reviewer(&own, sv->s, &m->now) < 0)
        m->now = NULL;
    sm_rc rc = sm_own_digest(op, dir, &m->digest);
    if (rc < 0)
        return rc;
    rc = sm_own_apply(op, dir, list, rows, m->now ? sm_reviewer_rules(m->now) : NULL, &m->edit);
    if (rc < 0 && m->edit.bad_row != SIZE_MAX)
        m->trouble = (sm_own_trouble){ .row = (int64_t)m->edit.bad_row, .message = op->msg };
    else if (rc == SM_OK)
        rc = sm_own_open_with(op, sv, &m->edit, &m->then, &m->trouble);
    m->at_fault = rc == SM_E_INVALID || rc == SM_E_LIMIT || rc == SM_E_CONFLICT;
    return rc;
}

/* 422, with the row that is wrong. */
static sm_rc refuse(sm_request *r, sm_rc rc, const making *m)
{
    sm_op *op = sm_request_op(r);
    if (!m->at_fault || !m->trouble.message.n)
        return rc;
    sm_own_trouble t = m->trouble;
    sm_op_clear(op);
    return sm_respond_json(r, 422,
                           json_pack("{s:{s:s,s:o},s:o}", "error", "code", sm_rc_name(rc),
                                     "message", sm_json_of(t.message), "trouble",
                                     trouble_json(&t)));
}

static sm_rc respond_change(sm_request *r, int status, int64_t id)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_change_row c;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_changes_get(op, db, id, &c);
    return rc < 0 ? rc : sm_respond_json(r, status, sm_change_json(op, &c));
}

static sm_rc add(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_change_deed d = { .user = sm_request_user(r) };
    making m;
    json_t *j;
    sm_str list;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "list", 20, &list);
    if (rc == SM_OK && !sm_own_list_parse(list, &d.change.list))
        rc = sm_fail(op, SM_E_INVALID, "list 应当是 rules、organs、people 或 terms");
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "note", SM_CHANGE_NOTE_MAX, &d.change.note);
    if (rc < 0)
        return rc;
    const json_t *rows = json_object_get(j, "rows");
    rc = make(r, d.change.list, rows, &m);
    if (rc < 0)
        return refuse(r, rc, &m);
    d.change.rows = sm_json_dump(op->arena, rows);
    rc = sm_recorder_run(sm_server_of(r)->recorder, op, sm_change_new, &d);
    return rc < 0 ? rc : respond_change(r, 201, d.change.id);
}

/* The change of the segment {id}, and what it makes today; `back`: taken back. */
static sm_rc begin(sm_request *r, bool back, sm_db **db, sm_change_deed *d, making *m)
{
    sm_op *op = sm_request_op(r);
    int64_t id;
    json_t *rows;
    *d = (sm_change_deed){ .user = sm_request_user(r),
                           .dir = sm_own_dir(op->arena, sm_server_of(r)) };
    *m = (making){ 0 };
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, db);
    if (rc == SM_OK)
        rc = sm_changes_get(op, *db, id, &d->change);
    if (rc == SM_OK && !sm_str_eq(d->change.state, back ? SM_STR("live") : SM_STR("draft")))
        rc = sm_fail(op, SM_E_CONFLICT, "这次改动已经有人处理过，请刷新");
    if (rc == SM_OK)
        rc = sm_json_parse(op, d->change.rows, "rows", &rows);
    if (rc < 0)
        return rc;
    if (back) {
        rows = sm_own_reverse(rows);
        sm_json_own(op->arena, rows);
        d->change.rows = sm_json_dump(op->arena, rows);
    }
    rc = make(r, d->change.list, rows, m);
    d->edit = &m->edit;
    d->digest = m->digest;
    return rc;
}

static sm_rc try_it(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_change_deed d;
    making m;
    json_t *tried;
    sm_rc rc = begin(r, false, &db, &d, &m);
    if (rc < 0)
        return refuse(r, rc, &m);
    /* Where the files of today cannot be read there is nothing to hold it against. */
    rc = sm_own_try(r, db, m.now ? m.now : m.then, m.then, &tried);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, tried);
    d.change.tried = sm_json_dump(op->arena, tried);
    rc = sm_recorder_run(sm_server_of(r)->recorder, op, sm_change_tried, &d);
    return rc < 0 ? rc : respond_change(r, 200, d.change.id);
}

static sm_rc read_reason(sm_request *r, sm_str *reason)
{
    sm_op *op = sm_request_op(r);
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "reason", SM_CHANGE_NOTE_MAX, reason);
    if (rc < 0)
        return rc;
    *reason = sm_str_trim(*reason);
    return reason->n ? SM_OK : sm_fail(op, SM_E_INVALID, "要写明理由（reason）");
}

static sm_rc decide(sm_request *r, bool back, sm_record_fn *fn)
{
    sm_db *db;
    sm_change_deed d;
    making m;
    sm_str reason = { 0 };
    const sm_reviewer *taken_up;
    sm_op *op = sm_request_op(r);
    sm_rc rc = read_reason(r, &reason);
    if (rc < 0)
        return rc;
    rc = begin(r, back, &db, &d, &m);
    if (rc < 0)
        return refuse(r, rc, &m);
    d.reason = reason;
    rc = sm_recorder_run(sm_server_of(r)->recorder, op, fn, &d);
    if (rc == SM_OK) /* who reviews next finds it open */
        rc = sm_sunmao_reviewer(op, sm_server_of(r)->s, &taken_up);
    return rc < 0 ? rc : respond_change(r, 200, d.change.id);
}

static sm_rc put_live(sm_request *r)
{
    return decide(r, false, sm_change_live);
}

static sm_rc take_back(sm_request *r)
{
    return decide(r, true, sm_change_undo);
}

static sm_rc drop(sm_request *r)
{
    sm_change_deed d = { .user = sm_request_user(r) };
    sm_rc rc = sm_request_number(r, "id", &d.change.id);
    if (rc == SM_OK)
        rc = sm_recorder_run(sm_server_of(r)->recorder, sm_request_op(r), sm_change_drop, &d);
    return rc < 0 ? rc : sm_respond_ok(r);
}

/* --------------------------------------------------------------------- routes */

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/review-own",
      .run = show,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "GET",
      .path = "/v1/review-own/{list}",
      .run = show_list,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "GET",
      .path = "/v1/review-changes",
      .run = list_changes,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "POST",
      .path = "/v1/review-changes",
      .run = add,
      .allow = SM_FOR(KEEPER) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_CHANGE_BODY,
      .slow = true },
    { .method = "POST",
      .path = "/v1/review-changes/{id}/try",
      .run = try_it,
      .allow = SM_FOR(KEEPER) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/review-changes/{id}/live",
      .run = put_live,
      .allow = SM_FOR(KEEPER) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/review-changes/{id}/undo",
      .run = take_back,
      .allow = SM_FOR(KEEPER) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "DELETE",
      .path = "/v1/review-changes/{id}",
      .run = drop,
      .allow = SM_FOR(KEEPER) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_review_rules = { routes, SM_LEN(routes) };
