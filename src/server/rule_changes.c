/*
 * Changes of an organisation's rules and registry, as record.db keeps them, and what a person does
 * with them.
 */
#include "server/rules.h"

static sm_rc ended(sm_rc rc)
{
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

#define COLUMNS                                                                                   \
    "id, list, rows, note, state, who, time_ms, tried, tried_of, reason, decided_by, decided_ms," \
    " undoes"

static sm_change_row row_of(sm_op *op, const sm_stmt *q)
{
    sm_change_row c = { .id = sm_stmt_int(q, 0),
                        .rows = sm_stmt_str(op, q, 2),
                        .note = sm_stmt_str(op, q, 3),
                        .state = sm_stmt_str(op, q, 4),
                        .who = sm_stmt_str(op, q, 5),
                        .time_ms = sm_stmt_int(q, 6),
                        .tried = sm_stmt_str(op, q, 7),
                        .tried_of = sm_stmt_str(op, q, 8),
                        .reason = sm_stmt_str(op, q, 9),
                        .decided_by = sm_stmt_str(op, q, 10),
                        .decided_ms = sm_stmt_int(q, 11),
                        .undoes = sm_stmt_int(q, 12) };
    sm_own_list_parse(sm_stmt_str(op, q, 1), &c.list);
    return c;
}

/* Drafts first, then the newest. */
sm_rc sm_changes_list(sm_op *op, sm_db *db, sm_change_row **out, size_t *n)
{
    sm_stmt *q;
    sm_change_row *row = NULL;
    size_t cap = 0;
    *n = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " COLUMNS " FROM review_change WHERE state <> 'dropped'"
                           " ORDER BY state = 'draft' DESC, max(decided_ms, time_ms) DESC, id DESC"
                           " LIMIT ?",
                           "i", (int64_t)SM_CHANGES_LISTED);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, row, *n, cap);
        row[(*n)++] = row_of(op, q);
    }
    *out = row;
    return ended(rc);
}

sm_rc sm_changes_get(sm_op *op, sm_db *db, int64_t id, sm_change_row *out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT " COLUMNS " FROM review_change WHERE id = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_NOTFOUND, "没有这次改动");
    if (rc < 0)
        return rc;
    *out = row_of(op, q);
    sm_stmt_reset(q);
    return SM_OK;
}

/* Kept as it was written here. */
static json_t *parsed(sm_op *op, sm_str text)
{
    sm_op own = { .arena = op->arena };
    json_t *j;
    return text.n && sm_json_parse(&own, text, "review_change", &j) == SM_OK ? json_incref(j)
                                                                             : json_null();
}

json_t *sm_change_json(sm_op *op, const sm_change_row *c)
{
    return json_pack("{s:I,s:s,s:o,s:o,s:o,s:o,s:I,s:o,s:o,s:o,s:I,s:I}", "id", (json_int_t)c->id,
                     "list", sm_own_list_name(c->list), "rows", parsed(op, c->rows), "note",
                     sm_json_of(c->note), "state", sm_json_of(c->state), "who", sm_json_of(c->who),
                     "time", (json_int_t)c->time_ms, "tried", parsed(op, c->tried), "reason",
                     sm_json_of(c->reason), "decided_by", sm_json_of(c->decided_by), "decided",
                     (json_int_t)c->decided_ms, "undoes", (json_int_t)c->undoes);
}

/* -------------------------------------------------------------------- deeds */

static sm_rc note(sm_op *op, sm_db *db, const sm_change_deed *d, const char *act)
{
    return sm_ledger_act(
        op, db, d->user->name, act,
        sm_strf(op->arena, "%lld %s", (long long)d->change.id, sm_own_list_name(d->change.list)));
}

static sm_rc insert(sm_op *op, sm_db *db, sm_change_deed *d, const char *state)
{
    sm_change_row *c = &d->change;
    c->time_ms = sm_wall_ms();
    sm_rc rc = sm_db_run(op, db,
                         "INSERT INTO review_change(list, rows, note, state, who, time_ms, undoes)"
                         " VALUES(?,?,?,?,?,?,?)",
                         "sssssii", sm_str_of(sm_own_list_name(c->list)), c->rows, c->note,
                         sm_str_of(state), d->user->display, c->time_ms, c->undoes);
    if (rc == SM_OK)
        c->id = sm_db_last_id(db);
    return rc;
}

static sm_rc decide(sm_op *op, sm_db *db, const sm_change_deed *d, int64_t id, const char *state)
{
    return sm_db_run(op, db,
                     "UPDATE review_change SET state = ?, reason = ?, decided_by = ?,"
                     " decided_ms = ? WHERE id = ?",
                     "sssii", sm_str_of(state), d->reason, d->user->display, sm_wall_ms(), id);
}

static sm_rc read_in(sm_op *op, sm_db *db, sm_change_deed *d, const char *state)
{
    sm_rc rc = sm_changes_get(op, db, d->change.id, &d->change);
    if (rc == SM_OK && !sm_str_eq(d->change.state, sm_str_of(state)))
        rc = sm_fail(op, SM_E_CONFLICT, "这次改动已经有人处理过，请刷新");
    return rc;
}

/* Nobody else writes between this look and the writing: all do on the recorder. */
static sm_rc check_digest(sm_op *op, const sm_change_deed *d)
{
    sm_str now;
    sm_rc rc = sm_own_digest(op, d->dir, &now);
    if (rc == SM_OK && !sm_str_eq(now, d->digest))
        rc = sm_fail(op, SM_E_CONFLICT, "规则或名录刚刚又有改动，请再试一次，看过结果再生效");
    return rc;
}

/* Last of all: when it fails nothing is recorded. */
static sm_rc write_file(sm_op *op, const sm_change_deed *d)
{
    const char *rules = sm_path(op->arena, d->dir, "rules");
    sm_rc rc = sm_dir_make(op, d->change.list == SM_OWN_RULES ? rules : d->dir);
    return rc < 0 ? rc
                  : sm_file_write(op, sm_path(op->arena, d->dir, d->edit->file), d->edit->text);
}

sm_rc sm_change_new(sm_op *op, sm_db *db, void *deed)
{
    sm_rc rc = insert(op, db, deed, "draft");
    return rc < 0 ? rc : note(op, db, deed, "review.change_draft");
}

sm_rc sm_change_tried(sm_op *op, sm_db *db, void *deed)
{
    sm_change_deed *d = deed;
    sm_str tried = d->change.tried, of = d->digest;
    sm_rc rc = read_in(op, db, d, "draft");
    return rc < 0
               ? rc
               : sm_db_run(op, db, "UPDATE review_change SET tried = ?, tried_of = ? WHERE id = ?",
                           "ssi", tried, of, d->change.id);
}

sm_rc sm_change_live(sm_op *op, sm_db *db, void *deed)
{
    sm_change_deed *d = deed;
    sm_rc rc = read_in(op, db, d, "draft");
    if (rc == SM_OK && !d->change.tried.n)
        rc = sm_fail(op, SM_E_CONFLICT, "还没有在以往的公文上试过，不能生效");
    if (rc == SM_OK && !sm_str_eq(d->change.tried_of, d->digest))
        rc = sm_fail(op, SM_E_CONFLICT, "试过之后规则或名录又有改动，请再试一次，看过结果再生效");
    if (rc == SM_OK)
        rc = check_digest(op, d);
    if (rc == SM_OK)
        rc = decide(op, db, d, d->change.id, "live");
    if (rc == SM_OK)
        rc = note(op, db, d, "review.change_live");
    return rc == SM_OK ? write_file(op, d) : rc;
}

sm_rc sm_change_drop(sm_op *op, sm_db *db, void *deed)
{
    sm_change_deed *d = deed;
    sm_rc rc = read_in(op, db, d, "draft");
    if (rc == SM_OK)
        rc = decide(op, db, d, d->change.id, "dropped");
    return rc < 0 ? rc : note(op, db, d, "review.change_drop");
}

/* Taking back is a change of its own, live at once. */
sm_rc sm_change_undo(sm_op *op, sm_db *db, void *deed)
{
    sm_change_deed *d = deed, back = *d;
    sm_rc rc = read_in(op, db, d, "live");
    if (rc == SM_OK)
        rc = check_digest(op, d);
    if (rc == SM_OK)
        rc = sm_db_run(op, db, "UPDATE review_change SET state = 'undone' WHERE id = ?", "i",
                       d->change.id);
    back.change.undoes = d->change.id;
    back.change.note = (sm_str){ "", 0 };
    if (rc == SM_OK)
        rc = insert(op, db, &back, "live");
    if (rc == SM_OK)
        rc = decide(op, db, &back, back.change.id, "live");
    if (rc == SM_OK)
        rc = note(op, db, d, "review.change_undo");
    return rc == SM_OK ? write_file(op, d) : rc;
}
