/*
 * Documents reviewed, as record.db keeps them.
 */
#include "server/reviews.h"

static const char *const acts[SM_N_REVIEW_ACTS] = { [SM_REVIEW_ACCEPT] = "accept",
                                                    [SM_REVIEW_DISMISS] = "dismiss",
                                                    [SM_REVIEW_NEVER] = "dismiss_always",
                                                    [SM_REVIEW_UNDO] = "undo" };

const char *sm_review_act_name(sm_review_act act)
{
    return acts[act];
}

bool sm_review_act_parse(sm_str name, sm_review_act *out)
{
    for (size_t i = 0; i < SM_LEN(acts); i++)
        if (sm_str_eq(name, sm_str_of(acts[i]))) {
            *out = (sm_review_act)i;
            return true;
        }
    return false;
}

/* Ends a query: that there are no more rows is no failure. */
static sm_rc ended(sm_rc rc)
{
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

static sm_str number_text(sm_op *op, int64_t n)
{
    return sm_strf(op->arena, "%lld", (long long)n);
}

/* ------------------------------------------------------------------ adding */

static sm_rc count_found(sm_op *op, sm_db *db, sm_str rule, bool silenced)
{
    return sm_db_run(op, db,
                     "INSERT INTO review_rule(rule, found, silenced) VALUES(?, ?, ?)"
                     " ON CONFLICT(rule) DO UPDATE SET found = found + excluded.found,"
                     " silenced = silenced + excluded.silenced",
                     "sii", rule, (int64_t)!silenced, (int64_t)silenced);
}

static sm_rc count_all(sm_op *op, sm_db *db, const sm_review_row *row)
{
    json_t *list, *one;
    size_t i;
    sm_rc rc = sm_json_parse(op, row->findings, "findings", &list);
    if (rc < 0)
        return rc;
    json_array_foreach(list, i, one)
    {
        if (rc == SM_OK)
            rc = count_found(op, db, sm_json_str(one, "rule"), false);
    }
    json_array_foreach(row->silenced, i, one)
    {
        if (rc == SM_OK)
            rc = count_found(op, db, sm_str_of(json_string_value(one)), true);
    }
    return rc;
}

sm_rc sm_reviews_add(sm_op *op, sm_db *db, sm_review_row *row, const sm_review_file *file)
{
    row->time_ms = sm_wall_ms();
    sm_rc rc =
        sm_db_run(op, db,
                  "INSERT INTO review(user, who, name, digest, kind, rules, time_ms, fixable,"
                  " findings, n, n_silenced, model_state, model) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  "isssssiisiiss", row->user, row->who, row->name, row->digest, row->kind,
                  row->rules, row->time_ms, (int64_t)row->fixable, row->findings, row->n,
                  (int64_t)json_array_size(row->silenced), row->model_state, row->model);
    if (rc < 0)
        return rc;
    row->id = sm_db_last_id(db);
    rc = sm_db_run(op, db,
                   "INSERT INTO review_file(review, time_ms, bytes, paragraphs) VALUES(?,?,?,?)",
                   "iibs", row->id, row->time_ms, file->bytes, file->paragraphs);
    if (rc == SM_OK)
        rc = count_all(op, db, row);
    row->kept = true;
    return rc == SM_OK ? sm_ledger_act(op, db, row->login, "review.add", number_text(op, row->id))
                       : rc;
}

sm_rc sm_reviews_sweep(sm_op *op, sm_db *db, int64_t before_ms)
{
    return sm_db_run(op, db, "DELETE FROM review_file WHERE time_ms < ?", "i", before_ms);
}

/* ----------------------------------------------------------------- reading */

#define COLUMNS                                                                  \
    "id, user, who, name, digest, kind, rules, time_ms, fixable, n, n_silenced," \
    " signed_by, signed_ms, signed_digest,"                                      \
    " (SELECT count(*) FROM review_decision d WHERE d.review = review.id),"      \
    " EXISTS(SELECT 1 FROM review_file f WHERE f.review = review.id), model_state, model"
enum { N_COLUMNS = 18 };

static sm_review_row row_of(sm_op *op, const sm_stmt *q)
{
    return (sm_review_row){ .id = sm_stmt_int(q, 0),
                            .user = sm_stmt_int(q, 1),
                            .who = sm_stmt_str(op, q, 2),
                            .name = sm_stmt_str(op, q, 3),
                            .digest = sm_stmt_str(op, q, 4),
                            .kind = sm_stmt_str(op, q, 5),
                            .rules = sm_stmt_str(op, q, 6),
                            .time_ms = sm_stmt_int(q, 7),
                            .fixable = sm_stmt_int(q, 8) != 0,
                            .n = sm_stmt_int(q, 9),
                            .n_silenced = sm_stmt_int(q, 10),
                            .signed_by = sm_stmt_str(op, q, 11),
                            .signed_ms = sm_stmt_int(q, 12),
                            .signed_digest = sm_stmt_str(op, q, 13),
                            .n_decided = sm_stmt_int(q, 14),
                            .kept = sm_stmt_int(q, 15) != 0,
                            .model_state = sm_stmt_str(op, q, 16),
                            .model = sm_stmt_str(op, q, 17) };
}

sm_rc sm_reviews_list(sm_op *op, sm_db *db, int64_t user, int64_t before, int64_t limit,
                      sm_review_row **out, size_t *n)
{
    sm_review_row *row = NULL;
    size_t cap = 0, count = 0;
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " COLUMNS " FROM review WHERE user = ? AND id < ?"
                           " ORDER BY id DESC LIMIT ?",
                           "iii", user, before ? before : INT64_MAX, limit);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, row, count, cap);
        row[count++] = row_of(op, q);
    }
    *out = row;
    *n = count;
    return ended(rc);
}

sm_rc sm_reviews_get(sm_op *op, sm_db *db, int64_t id, int64_t user, sm_review_row *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " COLUMNS ", findings FROM review WHERE id = ? AND user = ?",
                           "ii", id, user);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_NOTFOUND, "没有这次审核，或者不是您审的");
    if (rc < 0)
        return rc;
    *out = row_of(op, q);
    out->findings = sm_stmt_str(op, q, N_COLUMNS);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_reviews_file(sm_op *op, sm_db *db, int64_t id, sm_review_file *out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT bytes, copy FROM review_file WHERE review = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_NOTFOUND, "文件过了保存期限，已经删除；请重新上传");
    if (rc < 0)
        return rc;
    *out = (sm_review_file){ .bytes = sm_stmt_str(op, q, 0), .copy = sm_stmt_str(op, q, 1) };
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_reviews_paragraphs(sm_op *op, sm_db *db, int64_t id, sm_str *out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT paragraphs FROM review_file WHERE review = ?", "i", id);
    *out = (sm_str){ 0 };
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK)
        *out = sm_stmt_str(op, q, 0);
    return ended(rc);
}

/* ---------------------------------------------------------------- deciding */

static sm_rc undo(sm_op *op, sm_db *db, const sm_review_deed *d, size_t finding)
{
    sm_rc rc = sm_db_run(op, db,
                         "DELETE FROM review_never WHERE (rule, words) IN (SELECT rule, words FROM"
                         " review_decision WHERE review = ? AND finding = ?"
                         " AND act = 'dismiss_always')",
                         "ii", d->id, (int64_t)finding);
    if (rc == SM_OK && sm_db_changes(db) > 0)
        rc = sm_ledger_act(op, db, d->user->name, "review.tell_again", number_text(op, d->id));
    return rc < 0
               ? rc
               : sm_db_run(op, db, "DELETE FROM review_decision WHERE review = ? AND finding = ?",
                           "ii", d->id, (int64_t)finding);
}

static sm_rc silence(sm_op *op, sm_db *db, const sm_review_deed *d, const json_t *finding)
{
    sm_rc rc = sm_db_run(op, db,
                         "INSERT OR IGNORE INTO review_never(rule, words, reason, who, time_ms)"
                         " VALUES(?,?,?,?,?)",
                         "ssssi", sm_json_str(finding, "rule"), sm_json_str(finding, "text"),
                         d->reason, d->user->display, sm_wall_ms());
    return rc < 0 ? rc
                  : sm_ledger_act(op, db, d->user->name, "review.dismiss_always",
                                  sm_json_str(finding, "rule"));
}

/* What was decided of it before is taken back first. */
static sm_rc decide_one(sm_op *op, sm_db *db, const sm_review_deed *d, const json_t *list, size_t k)
{
    const json_t *f = json_array_get(list, k);
    if (!f)
        return sm_fail(op, SM_E_INVALID, "这次审核没有第 %zu 条意见", k);
    if (d->act == SM_REVIEW_ACCEPT && json_is_null(json_object_get(f, "suggest")))
        return sm_fail(op, SM_E_INVALID, "第 %zu 条意见没有改法，不能采纳；请在原件上改", k);
    sm_rc rc = undo(op, db, d, k);
    if (rc == SM_OK && d->act == SM_REVIEW_NEVER)
        rc = silence(op, db, d, f);
    if (rc < 0 || d->act == SM_REVIEW_UNDO)
        return rc;
    return sm_db_run(op, db,
                     "INSERT INTO review_decision(review, finding, rule, words, act, reason, who,"
                     " time_ms) VALUES(?,?,?,?,?,?,?,?)",
                     "iisssssi", d->id, (int64_t)k, sm_json_str(f, "rule"), sm_json_str(f, "text"),
                     sm_str_of(acts[d->act]), d->reason, d->user->display, sm_wall_ms());
}

static sm_rc check_unsigned(sm_op *op, const sm_review_row *row)
{
    return row->signed_ms ? sm_fail(op, SM_E_CONFLICT, "这次审核已经签发，不能再改；要改请重新上传")
                          : SM_OK;
}

sm_rc sm_reviews_decide(sm_op *op, sm_db *db, const sm_review_deed *d)
{
    sm_review_row row;
    json_t *list;
    sm_rc rc = sm_reviews_get(op, db, d->id, d->user->id, &row);
    if (rc == SM_OK)
        rc = check_unsigned(op, &row);
    if (rc == SM_OK)
        rc = sm_json_parse(op, row.findings, "findings", &list);
    for (size_t i = 0; rc == SM_OK && i < d->n; i++)
        rc = decide_one(op, db, d, list, d->finding[i]);
    return rc;
}

sm_rc sm_reviews_decisions(sm_op *op, sm_db *db, int64_t id, json_t **out)
{
    sm_stmt *q;
    json_t *list = json_array();
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT finding, act, reason, who, time_ms FROM review_decision"
                           " WHERE review = ? ORDER BY finding",
                           "i", id);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK)
        json_array_append_new(list, json_pack("{s:I,s:o,s:o,s:o,s:I}", "finding",
                                              (json_int_t)sm_stmt_int(q, 0), "act",
                                              sm_json_of(sm_stmt_str(op, q, 1)), "reason",
                                              sm_json_of(sm_stmt_str(op, q, 2)), "who",
                                              sm_json_of(sm_stmt_str(op, q, 3)), "time",
                                              (json_int_t)sm_stmt_int(q, 4)));
    rc = ended(rc);
    if (rc < 0)
        json_decref(list);
    else
        *out = list;
    return rc;
}

/* ----------------------------------------------------------------- signing */

static sm_rc check_same(sm_op *op, sm_db *db, int64_t id, const json_t *decisions)
{
    json_t *now;
    sm_rc rc = sm_reviews_decisions(op, db, id, &now);
    if (rc < 0)
        return rc;
    bool same = json_equal(now, decisions) != 0;
    json_decref(now);
    return same ? SM_OK : sm_fail(op, SM_E_CONFLICT, "处理的结果刚刚又有改动，请看过再签发");
}

sm_rc sm_reviews_sign(sm_op *op, sm_db *db, const sm_review_row *row, const sm_user *user,
                      sm_str copy, const json_t *decisions)
{
    sm_review_row now;
    sm_rc rc = sm_reviews_get(op, db, row->id, user->id, &now);
    if (rc == SM_OK)
        rc = check_unsigned(op, &now);
    if (rc == SM_OK)
        rc = check_same(op, db, row->id, decisions);
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "UPDATE review SET signed_by = ?, signed_ms = ?, signed_digest = ?"
                       " WHERE id = ?",
                       "sisi", user->display, row->signed_ms, row->signed_digest, row->id);
    if (rc == SM_OK && copy.n)
        rc = sm_db_run(op, db, "UPDATE review_file SET copy = ? WHERE review = ?", "bi", copy,
                       row->id);
    return rc < 0 ? rc
                  : sm_ledger_act(
                        op, db, user->name, "review.sign",
                        sm_strf(op->arena, "%lld %.*s", (long long)row->id,
                                SM_ARG(row->signed_digest.n ? row->signed_digest : row->digest)));
}

/* ------------------------------------------------------------ by a model */

/* *n_silenced: those the organisation does not want to be told. */
static sm_rc add_found(sm_op *op, sm_db *db, const json_t *found, const json_t *never, json_t *list,
                       int64_t *n_silenced)
{
    size_t i;
    json_t *one;
    json_array_foreach(found, i, one)
    {
        sm_str rule = sm_json_str(one, "rule");
        sm_str key = sm_reviews_never_key(op->arena, rule, sm_json_str(one, "text"));
        bool silenced = json_object_getn(never, key.p, key.n) != NULL;
        sm_rc rc = count_found(op, db, rule, silenced);
        if (rc < 0)
            return rc;
        *n_silenced += silenced;
        if (silenced)
            continue;
        json_object_set_new(one, "finding", json_integer((json_int_t)json_array_size(list)));
        json_array_append(list, one);
    }
    return SM_OK;
}

sm_rc sm_reviews_model(sm_op *op, sm_db *db, const sm_review_more *m)
{
    sm_review_row row;
    json_t *list, *never;
    int64_t n_silenced = 0;
    sm_rc rc = sm_reviews_get(op, db, m->id, m->user, &row);
    if (rc == SM_OK)
        rc = sm_json_parse(op, row.findings, "findings", &list);
    if (rc == SM_OK)
        rc = sm_reviews_never(op, db, &never);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, never);
    if (!row.signed_ms)
        rc = add_found(op, db, m->findings, never, list, &n_silenced);
    const char *state = m->whole && !row.signed_ms ? "done" : "failed";
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "UPDATE review SET findings = ?, n = ?, n_silenced = n_silenced + ?,"
                       " model_state = ? WHERE id = ?",
                       "siisi", sm_json_dump(op->arena, list), (int64_t)json_array_size(list),
                       n_silenced, sm_str_of(state), m->id);
    return rc < 0 ? rc
                  : sm_ledger_act(op, db, m->login, "review.model",
                                  sm_strf(op->arena, "%lld %s %.*s", (long long)m->id, state,
                                          SM_ARG(m->what)));
}

sm_rc sm_reviews_interrupted(sm_op *op, sm_db *db)
{
    return sm_db_run(op, db,
                     "UPDATE review SET model_state = 'failed' WHERE model_state = 'pending'", "");
}

/* ------------------------------------------------------- the organisation's */

sm_str sm_reviews_never_key(sm_arena *a, sm_str rule, sm_str words)
{
    return sm_strf(a, "%.*s %.*s", SM_ARG(rule), SM_ARG(words));
}

sm_rc sm_reviews_never(sm_op *op, sm_db *db, json_t **out)
{
    sm_stmt *q;
    json_t *known = json_object();
    sm_rc rc = sm_db_query(op, db, &q, "SELECT rule, words FROM review_never", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        sm_str key = sm_reviews_never_key(op->arena, sm_stmt_str(op, q, 0), sm_stmt_str(op, q, 1));
        json_object_setn_new(known, key.p, key.n, json_true());
    }
    rc = ended(rc);
    if (rc < 0)
        json_decref(known);
    else
        *out = known;
    return rc;
}

static sm_rc read_counts(sm_op *op, sm_db *db, json_t *list)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        op, db, &q,
        "SELECT r.rule, r.found, r.silenced, coalesce(sum(d.act = 'accept'), 0),"
        " coalesce(sum(d.act = 'dismiss'), 0), coalesce(sum(d.act = 'dismiss_always'), 0)"
        " FROM review_rule r LEFT JOIN review_decision d ON d.rule = r.rule"
        " GROUP BY r.rule ORDER BY coalesce(sum(d.act <> 'accept'), 0) DESC, r.rule",
        "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK)
        json_array_append_new(
            list, json_pack("{s:o,s:I,s:I,s:I,s:I,s:I}", "rule", sm_json_of(sm_stmt_str(op, q, 0)),
                            "found", (json_int_t)sm_stmt_int(q, 1), "silenced",
                            (json_int_t)sm_stmt_int(q, 2), "accepted",
                            (json_int_t)sm_stmt_int(q, 3), "dismissed",
                            (json_int_t)sm_stmt_int(q, 4), "never", (json_int_t)sm_stmt_int(q, 5)));
    return ended(rc);
}

static sm_rc read_never(sm_op *op, sm_db *db, json_t *list)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT id, rule, words, reason, who, time_ms FROM review_never"
                           " ORDER BY id DESC LIMIT ?",
                           "i", (int64_t)SM_NEVER_LISTED);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK)
        json_array_append_new(
            list,
            json_pack("{s:I,s:o,s:o,s:o,s:o,s:I}", "id", (json_int_t)sm_stmt_int(q, 0), "rule",
                      sm_json_of(sm_stmt_str(op, q, 1)), "words", sm_json_of(sm_stmt_str(op, q, 2)),
                      "reason", sm_json_of(sm_stmt_str(op, q, 3)), "who",
                      sm_json_of(sm_stmt_str(op, q, 4)), "time", (json_int_t)sm_stmt_int(q, 5)));
    return ended(rc);
}

sm_rc sm_reviews_rules(sm_op *op, sm_db *db, json_t **out)
{
    json_t *rules = json_array(), *never = json_array();
    json_t *j = json_pack("{s:o,s:o}", "rules", rules, "never", never);
    sm_rc rc = read_counts(op, db, rules);
    if (rc == SM_OK)
        rc = read_never(op, db, never);
    if (rc < 0)
        json_decref(j);
    else
        *out = j;
    return rc;
}

sm_rc sm_reviews_tell_again(sm_op *op, sm_db *db, int64_t never, const sm_user *user)
{
    sm_rc rc = sm_db_run(op, db, "DELETE FROM review_never WHERE id = ?", "i", never);
    if (rc == SM_OK && sm_db_changes(db) == 0)
        rc = sm_fail(op, SM_E_NOTFOUND, "没有这一条，可能已经恢复了");
    return rc < 0 ? rc
                  : sm_ledger_act(op, db, user->name, "review.tell_again", number_text(op, never));
}
