/*
 * The ledger and how an answer came about, as the auditor reads them; the figures, for all who work
 * here.
 */
#include "server/inner.h"

static sm_rc ledger(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_ledger_record *row;
    size_t n;
    int64_t total;
    sm_ledger_filter f = { .kind = sm_request_query(r, "kind") };
    sm_rc rc = sm_request_int(r, "limit", 1, SM_LEDGER_MAX_RECORDS, 100, &f.limit);
    if (rc == SM_OK)
        rc = sm_request_int(r, "before", 0, INT64_MAX, 0, &f.before);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_ledger_records(op, db, &f, &row, &n);
    if (rc == SM_OK)
        rc = sm_ledger_count(op, db, f.kind, &total);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        bool act = sm_str_eq(row[i].kind, SM_STR("act"));
        json_array_append_new(
            list,
            json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:b,s:o}", "id", (json_int_t)row[i].id,
                      "time", (json_int_t)row[i].time_ms, "kind", sm_json_of(row[i].kind), "act",
                      sm_json_of(row[i].act), "reason", sm_json_of(row[i].reason), "top",
                      sm_json_of(act ? (sm_str){ 0 } : row[i].top), "question",
                      sm_json_of(row[i].question), "verdict", sm_json_of(row[i].verdict), "about",
                      (json_int_t)row[i].about, "test", (int)row[i].test, "user",
                      sm_json_of(act ? row[i].top : (sm_str){ 0 })));
    }
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:I}", "records", list, "total", (json_int_t)total));
}

static sm_rc verify(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    int64_t n = 0;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_ledger_verify(op, db, &n);
    if (rc == SM_E_CORRUPT) /* a finding, not a failure of this request */
        return sm_respond_json(r, 200,
                               json_pack("{s:b,s:I,s:o}", "whole", 0, "records", (json_int_t)n,
                                         "message", sm_json_of(op->msg)));
    if (rc < 0)
        return rc;
    return sm_respond_json(r, 200,
                           json_pack("{s:b,s:I,s:s}", "whole", 1, "records", (json_int_t)n,
                                     "message", "台账完整，链条没有断"));
}

static sm_rc trace(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    int64_t id;
    sm_str text;
    sm_rc rc = sm_request_number(r, "record", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_trace_read(op, db, id, &text);
    return rc < 0 ? rc : sm_respond_bytes(r, 200, "application/json; charset=utf-8", text);
}

/* ------------------------------------------------------------------ figures */

static json_t *counts_json(const sm_act_counts *c)
{
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "answer", (json_int_t)c->answer, "clarify",
                     (json_int_t)c->clarify, "handoff", (json_int_t)c->handoff, "refuse",
                     (json_int_t)c->refuse, "crisis", (json_int_t)c->crisis, "total",
                     (json_int_t)c->total);
}

static json_t *days_json(sm_op *op, const sm_figures *f)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->n_days; i++) {
        json_t *one = counts_json(&f->day[i].n);
        json_object_set_new(one, "date", sm_json_of(sm_date_iso(op->arena, f->day[i].date)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *top_json(sm_op *op, sm_db *corpus, const sm_figures *f)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->n_top; i++) {
        sm_doc *d = NULL;
        if (sm_corpus_doc(op, corpus, f->top[i].id, &d) < 0)
            sm_op_clear(op); /* withdrawn since: the id says enough */
        json_array_append_new(list, json_pack("{s:o,s:o,s:I}", "code", sm_json_of(f->top[i].id),
                                              "name", sm_json_of(d ? d->title : f->top[i].id), "n",
                                              (json_int_t)f->top[i].n));
    }
    return list;
}

static sm_rc figures(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *record, *corpus;
    sm_figures *f;
    int64_t days;
    sm_rc rc = sm_request_int(r, "days", 1, SM_FIGURES_MAX_DAYS, 30, &days);
    if (rc == SM_OK)
        rc = sm_request_record(r, &record);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &corpus);
    if (rc == SM_OK)
        rc = sm_figures_read(op, record, (int)days, &f);
    if (rc < 0)
        return rc;
    json_t *handovers =
        json_pack("{s:I,s:I,s:I,s:I,s:I}", "waiting", (json_int_t)f->waiting, "taken",
                  (json_int_t)f->taken, "closed", (json_int_t)f->closed, "median_wait_s",
                  (json_int_t)f->median_wait_s, "median_close_s", (json_int_t)f->median_close_s);
    return sm_respond_json(
        r, 200,
        json_pack("{s:o,s:o,s:o,s:{s:I,s:I},s:o,s:I,s:I}", "days", days_json(op, f), "acts",
                  counts_json(&f->acts), "top", top_json(op, corpus, f), "feedback", "right",
                  (json_int_t)f->right, "wrong", (json_int_t)f->wrong, "handovers", handovers,
                  "unanswered", (json_int_t)f->unanswered, "tests", (json_int_t)f->tests));
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/ledger",
      .run = ledger,
      .allow = SM_FOR(AUDITOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/ledger/verify",
      .run = verify,
      .allow = SM_FOR(AUDITOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/traces/{record}",
      .run = trace,
      .allow = SM_FOR(AUDITOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/figures",
      .run = figures,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
};
const sm_route_list sm_routes_audit = { routes, SM_LEN(routes) };
