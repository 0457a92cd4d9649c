/*
 * The keeper's work: what nothing answered, the documents with their versions, the tasks.
 */
#include "server/inner.h"

#include <string.h>

/* ----------------------------------------------------------- not answered */

static const double ALIKE = 0.5; /* as in the governance report */
enum { MAX_UNANSWERED = 500, NEAR = 3, MAX_JUDGED = 200 };

static sm_rc near_of(sm_request *r, sm_str text, json_t **out)
{
    sm_op *op = sm_request_op(r);
    sm_found *found;
    size_t n;
    sm_rc rc = sm_sunmao_search(op, sm_server_of(r)->s, SM_KIND_ITEM, text, NEAR, SM_DATE_NONE,
                                true, &found, &n, false);
    if (rc < 0)
        return rc;
    *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(*out, json_pack("{s:o,s:o}", "code", sm_json_of(found[i].hit.id),
                                              "name", sm_json_of(found[i].title)));
    return SM_OK;
}

static json_t *records_of(const sm_ledger_row *row, const size_t *group, size_t n, size_t which)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (group[i] == which)
            json_array_append_new(
                list, json_pack("{s:I,s:I,s:o,s:o}", "record", (json_int_t)row[i].id, "time",
                                (json_int_t)row[i].time_ms, "question", sm_json_of(row[i].question),
                                "reason", sm_json_of(row[i].reason)));
    return list;
}

static sm_rc unanswered(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_ledger_row *row;
    size_t n;
    int64_t limit;
    sm_rc rc = sm_request_int(r, "limit", 1, MAX_UNANSWERED, 200, &limit);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_ledger_unanswered(op, db, limit, &row, &n);
    if (rc < 0)
        return rc;
    size_t *group = SM_NEWS(op->arena, size_t, n + 1), n_groups = 0;
    sm_str *text = SM_NEWS(op->arena, sm_str, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = row[i].question;
    rc = sm_group_alike(op, text, n, ALIKE, group);
    json_t *groups = json_array();
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        json_t *near, *records;
        if (group[i] < n_groups)
            continue;
        n_groups = group[i] + 1;
        rc = near_of(r, text[i], &near);
        if (rc < 0)
            break;
        records = records_of(row, group, n, group[i]);
        json_array_append_new(groups, json_pack("{s:o,s:I,s:o,s:o}", "text", sm_json_of(text[i]),
                                                "n", (json_int_t)json_array_size(records),
                                                "records", records, "near", near));
    }
    if (rc < 0) {
        json_decref(groups);
        return rc;
    }
    return sm_respond_json(r, 200, json_pack("{s:o}", "groups", groups));
}

struct judging {
    const json_t *records;
    sm_str verdict, who;
};

static sm_rc judge(sm_op *op, sm_db *db, void *ctx)
{
    const struct judging *what = ctx;
    sm_rc rc = SM_OK;
    size_t i;
    int64_t id;
    json_t *one;
    json_array_foreach((json_t *)(uintptr_t)what->records, i, one)
    {
        if (rc == SM_OK)
            rc = sm_json_number(op, one, "records 里的记录号", &id);
        if (rc == SM_OK)
            rc = sm_ledger_note(op, db, id, what->verdict);
        if (rc == SM_OK)
            rc = sm_ledger_act(op, db, what->who, "unanswered.judge",
                               sm_strf(op->arena, "%lld", (long long)id));
    }
    return rc;
}

static sm_rc check_verdict(sm_request *r, sm_str verdict)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_doc *d;
    if (sm_str_eq(verdict, SM_STR("out")))
        return SM_OK;
    if (!sm_str_starts(verdict, SM_STR("chose:")))
        return sm_fail(op, SM_E_INVALID, "verdict 应当是 out 或 chose:事项编码");
    sm_rc rc = sm_request_corpus(r, &db);
    return rc < 0 ? rc : sm_corpus_doc(op, db, sm_str_sub(verdict, 6, verdict.n), &d);
}

static sm_rc judge_unanswered(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    struct judging what = { .who = sm_request_user(r)->name };
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "verdict", 200, &what.verdict);
    if (rc == SM_OK)
        rc = check_verdict(r, what.verdict);
    if (rc < 0)
        return rc;
    what.records = json_object_get(j, "records");
    size_t n = json_array_size(what.records);
    if (n == 0 || n > MAX_JUDGED)
        return sm_fail(op, SM_E_INVALID, "records 应当是 1 到 %d 个记录号", MAX_JUDGED);
    rc = sm_recorder_run(sm_server_of(r)->recorder, op, judge, &what);
    return rc < 0 ? rc : sm_respond_ok(r);
}

/* ------------------------------------------------------------------- corpus */

static sm_date date_of(const sm_doc *d)
{
    return d->effective != SM_DATE_NONE ? d->effective : d->issued;
}

static bool fits(const sm_doc *d, sm_str q, sm_str state, sm_date today)
{
    bool named = q.n == 0 || sm_str_has(d->title, q) || sm_str_has(d->id, q) ||
                 sm_str_has(d->parent, q) || sm_str_has(d->doc_no, q) || sm_str_has(d->issuer, q);
    return named &&
           (state.n == 0 || sm_str_eq(state, sm_str_of(sm_state_text(sm_doc_state(d, today)))));
}

static sm_rc line_of(sm_op *op, sm_db *db, const sm_doc *d, sm_date today, json_t **out)
{
    sm_task *task;
    size_t n;
    sm_rc rc =
        sm_task_list(op, db, &(sm_task_filter){ .kind = SM_N_FINDINGS, .doc = d->id }, &task, &n);
    if (rc < 0)
        return rc;
    *out = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:I,s:o,s:I}", "id", sm_json_of(d->id), "title",
                     sm_json_of(d->title), "doc_no", sm_json_of(d->doc_no), "department",
                     sm_json_of(d->parent), "issuer", sm_json_of(d->issuer), "region",
                     sm_json_of(d->region), "state", sm_state_text(sm_doc_state(d, today)),
                     "version", (json_int_t)d->seq, "date",
                     sm_json_of(sm_date_iso(op->arena, date_of(d))), "findings", (json_int_t)n);
    return SM_OK;
}

static sm_rc corpus(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_date today = sm_sunmao_today(sm_server_of(r)->s);
    sm_str q = sm_request_query(r, "q"), state = sm_request_query(r, "state");
    sm_kind kind;
    sm_db *db;
    sm_doc *d = NULL;
    size_t n = 0, n_fit = 0;
    int64_t page, size;
    if (!sm_kind_parse(sm_request_query(r, "kind"), &kind))
        return sm_fail(op, SM_E_INVALID, "kind 应当是 item、policy 或 law");
    sm_rc rc = sm_request_int(r, "page", 1, 1000000, 1, &page);
    if (rc == SM_OK)
        rc = sm_request_int(r, "size", 1, 200, 50, &size);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = sm_corpus_docs(op, db, kind, &d, &n);
    json_t *list = json_array(), *line;
    int64_t from = (page - 1) * size;
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        if (!fits(&d[i], q, state, today))
            continue;
        if ((int64_t)n_fit >= from && (int64_t)n_fit < from + size) {
            rc = line_of(op, db, &d[i], today, &line);
            if (rc == SM_OK)
                json_array_append_new(list, line);
        }
        n_fit++;
    }
    if (rc < 0) {
        json_decref(list);
        return rc;
    }
    return sm_respond_json(r, 200,
                           json_pack("{s:I,s:o}", "total", (json_int_t)n_fit, "documents", list));
}

static json_t *tasks_json(const sm_task *t, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, sm_task_json(&t[i]));
    return list;
}

/* Where the file lay is nobody's business. */
static sm_str file_of(sm_str source)
{
    size_t from = source.n;
    while (from > 0 && source.p[from - 1] != '/')
        from--;
    return sm_str_sub(source, from, source.n);
}

static json_t *history_json(sm_op *op, const sm_doc *d, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:I,s:o,s:o,s:o,s:I}", "version", (json_int_t)d[i].seq, "date",
                            sm_json_of(sm_date_iso(op->arena, date_of(&d[i]))), "digest",
                            sm_json_of(d[i].digest), "source", sm_json_of(file_of(d[i].source)),
                            "revision", (json_int_t)d[i].revision));
    return list;
}

static const sm_doc *version_of(const sm_doc *all, size_t n, int64_t seq)
{
    for (size_t i = 0; i < n; i++)
        if (seq == 0 || all[i].seq == seq)
            return &all[i];
    return NULL;
}

/* SI-01 … SI-13 of an item, as at its import. */
static sm_rc notes_json(sm_op *op, const sm_doc *d, json_t **out)
{
    sm_note *note = NULL;
    size_t n = 0;
    json_t *item;
    sm_rc rc = SM_OK;
    if (d->kind == SM_KIND_ITEM) {
        rc = sm_item_json(op, d, &item);
        if (rc == SM_OK)
            rc = sm_item_check(op, item, d->id, &note, &n);
    }
    if (rc < 0)
        return rc;
    json_t *j = sm_import_json(&(sm_import_report){ .note = note, .n_notes = n });
    *out = json_incref(json_object_get(j, "notes"));
    json_decref(j);
    return SM_OK;
}

static sm_rc document(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_str id = sm_request_segment(r, "id");
    sm_db *db;
    sm_doc *all;
    sm_clause *c;
    sm_task *task;
    size_t n, n_clauses, n_tasks;
    int64_t seq;
    json_t *notes = NULL;
    sm_rc rc = sm_request_int(r, "version", 1, 1000000, 0, &seq);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = sm_corpus_versions(op, db, id, &all, &n);
    const sm_doc *d = rc == SM_OK ? version_of(all, n, seq) : NULL;
    if (rc == SM_OK && !d)
        return sm_fail(op, SM_E_NOTFOUND, "语料里没有 %.*s 的这个版本", SM_ARG(id));
    if (rc == SM_OK)
        rc = sm_corpus_clauses(op, db, d->version, &c, &n_clauses);
    if (rc == SM_OK)
        rc = sm_task_list(op, db, &(sm_task_filter){ .kind = SM_N_FINDINGS, .doc = id }, &task,
                          &n_tasks);
    if (rc == SM_OK)
        rc = notes_json(op, d, &notes);
    if (rc < 0)
        return rc;
    json_t *j = sm_document_json(d, sm_sunmao_today(sm_server_of(r)->s));
    json_object_set_new(j, "versions", json_integer((json_int_t)n));
    json_object_set_new(j, "clauses", sm_clauses_json(c, n_clauses));
    json_object_set_new(j, "history", history_json(op, all, n));
    json_object_set_new(j, "notes", notes);
    json_object_set_new(j, "findings", tasks_json(task, n_tasks));
    return sm_respond_json(r, 200, j);
}

/* -------------------------------------------------------------------- tasks */

static sm_rc read_filter(sm_request *r, sm_task_filter *f)
{
    sm_str name = sm_request_query(r, "kind");
    *f = (sm_task_filter){ .kind = SM_N_FINDINGS,
                           .settled = sm_str_eq(sm_request_query(r, "settled"), SM_STR("1")) };
    for (int k = 0; name.n && k < SM_N_FINDINGS; k++)
        if (sm_str_eq(name, sm_str_of(sm_defect_name((sm_defect_kind)k)))) {
            f->kind = (sm_defect_kind)k;
            return SM_OK;
        }
    return name.n ? sm_fail(sm_request_op(r), SM_E_INVALID, "没有这种待办") : SM_OK;
}

static sm_rc tasks(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_task_filter f;
    sm_task *task;
    size_t n;
    int64_t count[SM_N_FINDINGS];
    sm_date as_of;
    int64_t checked, revision;
    sm_rc rc = read_filter(r, &f);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = sm_task_list(op, db, &f, &task, &n);
    if (rc == SM_OK)
        rc = sm_task_count(op, db, count);
    if (rc == SM_OK)
        rc = sm_check_last(op, db, &as_of, &checked);
    if (rc == SM_OK)
        rc = sm_corpus_revision(op, db, &revision);
    if (rc < 0)
        return rc;
    json_t *kinds = json_array();
    for (int k = 0; k < SM_FINDING_UNANSWERED; k++) /* those have a page of their own */
        json_array_append_new(
            kinds, json_pack("{s:s,s:s,s:I}", "kind", sm_defect_name((sm_defect_kind)k), "title",
                             sm_defect_title((sm_defect_kind)k), "n", (json_int_t)count[k]));
    bool stale = checked != revision || as_of != sm_sunmao_today(sm_server_of(r)->s);
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:o,s:o,s:I,s:b}", "kinds", kinds, "tasks",
                                     tasks_json(task, n), "as_of",
                                     sm_json_of(sm_date_iso(op->arena, as_of)), "revision",
                                     (json_int_t)checked, "stale", (int)stale));
}

static sm_rc settle(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    int64_t id;
    sm_str note;
    json_t *j;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "note", SM_TASK_NOTE_MAX, &note);
    if (rc == SM_OK)
        rc = sm_sunmao_settle_task(op, sm_server_of(r)->s, id, sm_request_user(r)->name, note);
    return rc < 0 ? rc : sm_respond_ok(r);
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/unanswered",
      .run = unanswered,
      .allow = SM_FOR(KEEPER),
      .slow = true },
    { .method = "POST",
      .path = "/v1/unanswered",
      .run = judge_unanswered,
      .allow = SM_FOR(KEEPER),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/corpus",
      .run = corpus,
      .allow = SM_FOR(KEEPER) | SM_FOR(OPERATOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/corpus/{id}",
      .run = document,
      .allow = SM_FOR(KEEPER) | SM_FOR(OPERATOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/tasks",
      .run = tasks,
      .allow = SM_FOR(KEEPER) | SM_FOR(AUDITOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/tasks/{id}/settle",
      .run = settle,
      .allow = SM_FOR(KEEPER),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_keeper = { routes, SM_LEN(routes) };
