/*
 * Official documents reviewed for the staff: what is found, and what a person decides about it.
 */
#include "server/reviews.h"

#include "format/convert.h"

enum {
    FILE_BYTES = 32 << 20,
    NAME_BYTES = 255,
    MAX_DECIDED = 20000, /* findings of one call */
    DECIDE_BODY = 256 * 1024,
};
#define DAY_MS INT64_C(86400000)

/* -------------------------------------------------------------------- reading */

typedef struct document {
    sm_str name, bytes;
    sm_layout *layout;
    sm_review *review;
    const sm_rules *rules;
    sm_review_job *job; /* NULL: no model is asked */
} document;

static sm_str last_part(sm_str name)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\')
            return sm_str_sub(name, i, name.n);
    return name;
}

static sm_rc check_name(sm_op *op, sm_str name)
{
    if (!name.n || name.n > NAME_BYTES)
        return sm_fail(op, SM_E_INVALID, "文件名应当是 1 到 %d 个字节", NAME_BYTES);
    return SM_OK;
}

static sm_rc pasted(sm_request *r, document *d)
{
    sm_op *op = sm_request_op(r);
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "name", NAME_BYTES, &d->name);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "text", FILE_BYTES, &d->bytes);
    if (rc < 0)
        return rc;
    d->name = sm_str_trim(last_part(d->name));
    if (!d->name.n)
        d->name = SM_STR("粘贴的文字.txt");
    if (!sm_str_ends(d->name, SM_STR(".txt")))
        d->name = sm_strf(op->arena, "%.*s.txt", SM_ARG(d->name));
    return sm_str_trim(d->bytes).n ? SM_OK : sm_fail(op, SM_E_INVALID, "text 里没有文字");
}

static sm_rc given(sm_request *r, document *d)
{
    sm_str name = sm_request_query(r, "name");
    if (!name.n && sm_str_starts(sm_request_header(r, "Content-Type"), SM_STR("application/json")))
        return pasted(r, d);
    d->name = sm_str_trim(last_part(name));
    d->bytes = sm_request_body(r);
    return check_name(sm_request_op(r), d->name);
}

sm_rc sm_review_read(sm_op *op, sm_str name, sm_str bytes, sm_layout **out)
{
    const char *program = sm_own_program(op->arena);
    if (!program)
        return sm_fail(op, SM_E_INTERNAL, "找不到本程序的文件");
    return sm_layout_read_apart(op, program, sm_cstr(op->arena, name), bytes, NULL, out);
}

static sm_str without_ending(sm_str name)
{
    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.')
            return sm_str_sub(name, 0, i - 1);
    return name;
}

/* A .doc becomes the DOCX that is reviewed, kept and mended, where the site allows it. */
static sm_rc convert(sm_op *op, const sm_server *sv, document *d)
{
    if (!sv->set->convert || !sm_convertible(d->bytes))
        return SM_OK;
    sm_rc rc = sm_convert(op, sm_cstr(op->arena, d->name), d->bytes, &d->bytes);
    if (rc == SM_OK)
        d->name = sm_strf(op->arena, "%.*s.docx", SM_ARG(without_ending(d->name)));
    return rc;
}

/* *readable false: what was given is at fault, and op says how. */
static sm_rc review(sm_op *op, sm_server *sv, document *d, bool *readable)
{
    const sm_reviewer *reviewer;
    sm_rc rc = sm_sunmao_reviewer(op, sv->s, &reviewer);
    if (rc < 0)
        return rc;
    rc = convert(op, sv, d);
    if (rc == SM_OK)
        rc = sm_review_read(op, d->name, d->bytes, &d->layout);
    if (rc == SM_OK)
        rc = sm_reviewer_run(op, reviewer, d->layout, &d->review);
    *readable = rc != SM_E_INVALID && rc != SM_E_CORRUPT && rc != SM_E_LIMIT && rc != SM_E_TIMEOUT;
    d->rules = sm_reviewer_rules(reviewer);
    if (rc == SM_OK)
        d->job = sm_review_job_open(sv, d->layout, d->review);
    return rc;
}

/* -------------------------------------------------------------------- showing */

static json_t *paragraphs_json(const sm_layout *l)
{
    static const char *const places[] = {
        [SM_PAR_BODY] = "body",     [SM_PAR_CELL] = "cell",     [SM_PAR_BOX] = "box",
        [SM_PAR_HEADER] = "header", [SM_PAR_FOOTER] = "footer", [SM_PAR_NOTE] = "note"
    };
    static const char *const aligns[] = { [SM_ALIGN_UNKNOWN] = "",
                                          [SM_ALIGN_LEFT] = "left",
                                          [SM_ALIGN_CENTER] = "center",
                                          [SM_ALIGN_RIGHT] = "right",
                                          [SM_ALIGN_BOTH] = "both" };
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_body; i++) {
        const sm_par *p = &l->par[i];
        json_array_append_new(list,
                              json_pack("{s:i,s:s,s:o,s:s,s:i,s:i,s:i,s:i,s:i}", "para", (int)i,
                                        "place", places[p->place], "text", sm_json_of(p->text),
                                        "align", aligns[p->align], "outline", p->outline, "table",
                                        p->table, "row", p->row, "col", p->col, "page", p->page));
    }
    return list;
}

static const char *mend_of(const sm_finding *f)
{
    static const char *const set[] = { "FM-01", "FM-02", "FM-03", "FM-04",
                                       "FM-05", "FM-06", "FM-07", "FM-13" }; /* sm_mend_typeset */
    for (size_t i = 0; i < SM_LEN(set); i++)
        if (sm_str_eq(f->rule->id, sm_str_of(set[i])))
            return "layout";
    bool layout = sm_str_starts(f->rule->id, SM_STR("FM-"));
    return f->suggests && f->para >= 0 && !layout ? "text" : "";
}

json_t *sm_review_told_json(const sm_finding *f)
{
    json_t *one = sm_review_finding_json(f);
    json_object_set_new(one, "title", sm_json_of(f->rule->title));
    json_object_set_new(one, "mend", json_string(mend_of(f)));
    return one;
}

/* Those the organisation does not want to be told are left out: their rules are in *silenced. */
static json_t *findings_json(sm_arena *a, const sm_review *v, const json_t *never,
                             json_t **silenced)
{
    json_t *list = json_array();
    *silenced = json_array();
    sm_json_own(a, *silenced);
    for (size_t i = 0; i < v->n; i++) {
        const sm_finding *f = &v->finding[i];
        sm_str key = sm_reviews_never_key(a, f->rule->id, f->text);
        if (json_object_getn(never, key.p, key.n)) {
            json_array_append_new(*silenced, sm_json_of(f->rule->id));
            continue;
        }
        json_t *one = sm_review_told_json(f);
        json_object_set_new(one, "finding", json_integer((json_int_t)json_array_size(list)));
        json_array_append_new(list, one);
    }
    return list;
}

/* {"state","alias","name","prompt","left"}; null when no model is asked. */
static json_t *model_json(const sm_review_row *row)
{
    json_t *j = row->model.n ? json_loadb(row->model.p, row->model.n, 0, NULL) : NULL;
    if (!j)
        return json_null();
    json_object_set_new(j, "state", sm_json_of(row->model_state));
    return j;
}

json_t *sm_review_line_json(const sm_server *sv, const sm_review_row *row)
{
    json_t *j = json_pack(
        "{s:I,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:b,s:b,s:o}", "id", (json_int_t)row->id, "name",
        sm_json_of(row->name), "digest", sm_json_of(row->digest), "kind", sm_json_of(row->kind),
        "rules", sm_json_of(row->rules), "time", (json_int_t)row->time_ms, "n", (json_int_t)row->n,
        "silenced", (json_int_t)row->n_silenced, "decided", (json_int_t)row->n_decided, "fixable",
        (int)row->fixable, "kept", (int)row->kept, "signed", json_null());
    json_object_set_new(
        j, "kept_until",
        json_integer((json_int_t)(row->time_ms + SM_MAX(1, sv->set->days) * DAY_MS)));
    json_object_set_new(j, "model", model_json(row));
    if (row->signed_ms)
        json_object_set_new(j, "signed",
                            json_pack("{s:o,s:I,s:o,s:o}", "who", sm_json_of(row->signed_by),
                                      "time", (json_int_t)row->signed_ms, "digest",
                                      sm_json_of(row->digest), "copy_digest",
                                      sm_json_of(row->signed_digest)));
    return j;
}

/* With its paragraphs, findings and decisions; takes the decisions. */
static sm_rc whole_json(sm_op *op, const sm_server *sv, const sm_review_row *row, sm_str paragraphs,
                        json_t *decisions, json_t **out)
{
    json_t *findings, *pars = NULL;
    sm_rc rc = sm_json_parse(op, row->findings, "findings", &findings);
    if (rc == SM_OK)
        rc = sm_json_parse(op, paragraphs.n ? paragraphs : SM_STR("[]"), "paragraphs", &pars);
    if (rc < 0) {
        json_decref(decisions);
        return rc;
    }
    json_t *j = sm_review_line_json(sv, row);
    json_object_set(j, "paragraphs", pars);
    json_object_set(j, "findings", findings);
    json_object_set_new(j, "decisions", decisions);
    *out = j;
    return SM_OK;
}

/* --------------------------------------------------------------------- adding */

typedef struct adding {
    sm_review_row row;
    sm_review_file file;
} adding;

static sm_rc record_new(sm_op *op, sm_db *db, void *ctx)
{
    adding *a = ctx;
    return sm_reviews_add(op, db, &a->row, &a->file);
}

static sm_rc record_classified(sm_op *op, sm_db *db, void *ctx)
{
    const sm_user *user = ctx;
    return sm_ledger_act(op, db, user->name, "review.classified", SM_STR(""));
}

/* That it came is recorded, and nothing of it: not even its name. */
static sm_rc refuse_classified(sm_request *r)
{
    sm_user user = *sm_request_user(r);
    sm_rc rc =
        sm_recorder_run(sm_server_of(r)->recorder, sm_request_op(r), record_classified, &user);
    if (rc < 0)
        return rc;
    return sm_respond_json(
        r, 403,
        json_pack(
            "{s:{s:s,s:s}}", "error", "code", "classified", "message",
            "文件有密级标志，审核已停止：本系统不处理涉密文件。文件没有保存；已记下有过这件事。"
            "请按保密规定处置，不要在联网的计算机上处理"));
}

static sm_rc keep(sm_request *r, const document *d, adding *a)
{
    sm_op *op = sm_request_op(r);
    const sm_user *user = sm_request_user(r);
    sm_db *db;
    json_t *never, *silenced;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_reviews_never(op, db, &never);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, never);
    json_t *findings = findings_json(op->arena, d->review, never, &silenced);
    json_t *paragraphs = paragraphs_json(d->layout);
    sm_digest digest = sm_sm3(d->bytes);
    a->row = (sm_review_row){ .user = user->id,
                              .login = user->name,
                              .who = user->display,
                              .name = d->name,
                              .digest = sm_digest_hex(op->arena, &digest),
                              .kind = d->review->kind,
                              .rules = sm_rules_version(d->rules),
                              .fixable = d->layout->format == SM_FORMAT_DOCX,
                              .findings = sm_json_dump(op->arena, findings),
                              .n = (int64_t)json_array_size(findings),
                              .silenced = silenced,
                              .n_silenced = (int64_t)json_array_size(silenced) };
    if (d->job) {
        a->row.model_state = SM_STR("pending");
        a->row.model = sm_review_job_about(d->job, op->arena);
    }
    a->file =
        (sm_review_file){ .bytes = d->bytes, .paragraphs = sm_json_dump(op->arena, paragraphs) };
    json_decref(findings);
    json_decref(paragraphs);
    return sm_recorder_run(sm_server_of(r)->recorder, op, record_new, a);
}

/* What is shown does not wait for the model. */
static sm_rc keep_and_ask(sm_request *r, const document *d, adding *a)
{
    sm_rc rc = keep(r, d, a);
    if (d->job && rc == SM_OK)
        sm_review_job_start(d->job, &a->row);
    else
        sm_review_job_close(d->job);
    return rc;
}

static sm_rc add(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    document d = { 0 };
    adding a = { 0 };
    json_t *j;
    bool readable = true;
    int64_t began = sm_now_us();
    sm_rc rc = given(r, &d);
    if (rc < 0)
        return rc;
    rc = review(op, sv, &d, &readable);
    if (!readable) /* what is wrong with it is for its owner to read, not for the log */
        return sm_respond_status(r, 422, rc == SM_E_CORRUPT ? SM_E_INVALID : rc, "%.*s",
                                 SM_ARG(op->msg));
    if (rc == SM_OK && d.review->classified)
        return refuse_classified(r);
    if (rc == SM_OK)
        rc = keep_and_ask(r, &d, &a);
    if (rc == SM_OK)
        rc = whole_json(op, sv, &a.row, a.file.paragraphs, json_array(), &j);
    if (rc < 0)
        return rc;
    json_object_set_new(j, "ms", json_real((double)(sm_now_us() - began) / 1000));
    return sm_respond_json(r, 201, j);
}

/* -------------------------------------------------------------------- looking */

static sm_rc list(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_review_row *row;
    size_t n;
    int64_t limit, before;
    sm_rc rc = sm_request_int(r, "limit", 1, SM_REVIEWS_LISTED, 50, &limit);
    if (rc == SM_OK)
        rc = sm_request_int(r, "before", 0, INT64_MAX, 0, &before);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_reviews_list(op, db, sm_request_user(r)->id, before, limit, &row, &n);
    if (rc < 0)
        return rc;
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, sm_review_line_json(sm_server_of(r), &row[i]));
    return sm_respond_json(r, 200, json_pack("{s:o}", "reviews", rows));
}

sm_rc sm_review_find(sm_request *r, sm_db **db, sm_review_row *row, json_t **decisions)
{
    sm_op *op = sm_request_op(r);
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, db);
    if (rc == SM_OK)
        rc = sm_reviews_get(op, *db, id, sm_request_user(r)->id, row);
    return rc < 0 ? rc : sm_reviews_decisions(op, *db, id, decisions);
}

static sm_rc show(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_review_row row;
    sm_str paragraphs = { 0 };
    json_t *decisions, *j;
    sm_rc rc = sm_review_find(r, &db, &row, &decisions);
    if (rc < 0)
        return rc;
    rc = sm_reviews_paragraphs(op, db, row.id, &paragraphs);
    if (rc < 0) {
        json_decref(decisions);
        return rc;
    }
    rc = whole_json(op, sm_server_of(r), &row, paragraphs, decisions, &j);
    return rc < 0 ? rc : sm_respond_json(r, 200, j);
}

/* ------------------------------------------------------------------- deciding */

static sm_rc record_decision(sm_op *op, sm_db *db, void *ctx)
{
    return sm_reviews_decide(op, db, ctx);
}

/* "finding": one, or "findings": a list. */
static sm_rc read_which(sm_op *op, const json_t *j, sm_review_deed *d)
{
    const json_t *many = json_object_get(j, "findings"), *one = json_object_get(j, "finding");
    size_t n = many ? json_array_size(many) : 1;
    if (n == 0 || n > MAX_DECIDED)
        return sm_fail(op, SM_E_INVALID, "findings 应当是 1 到 %d 个序号", MAX_DECIDED);
    size_t *k = SM_NEWS(op->arena, size_t, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = many ? json_array_get(many, i) : one;
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return sm_fail(op, SM_E_INVALID, "finding 应当是意见的序号，从 0 起");
        k[i] = (size_t)json_integer_value(v);
    }
    d->finding = k;
    d->n = n;
    return SM_OK;
}

static sm_rc read_deed(sm_op *op, const json_t *j, sm_review_deed *d)
{
    sm_str act;
    sm_rc rc = sm_json_text(op, j, "act", 40, &act);
    if (rc == SM_OK && !sm_review_act_parse(act, &d->act))
        rc = sm_fail(op, SM_E_INVALID, "act 应当是 accept、dismiss、dismiss_always 或 undo");
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "reason", SM_REVIEW_REASON_MAX, &d->reason);
    if (rc < 0)
        return rc;
    d->reason = sm_str_trim(d->reason);
    bool dismisses = d->act == SM_REVIEW_DISMISS || d->act == SM_REVIEW_NEVER;
    if (dismisses && !d->reason.n)
        return sm_fail(op, SM_E_INVALID, "忽略要写明原因（reason）");
    return read_which(op, j, d);
}

static sm_rc decide(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_review_deed d = { .user = sm_request_user(r) };
    sm_db *db;
    json_t *j, *decisions;
    sm_rc rc = sm_request_number(r, "id", &d.id);
    if (rc == SM_OK)
        rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = read_deed(op, j, &d);
    if (rc == SM_OK)
        rc = sm_recorder_run(sm_server_of(r)->recorder, op, record_decision, &d);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_reviews_decisions(op, db, d.id, &decisions);
    return rc < 0 ? rc : sm_respond_json(r, 200, json_pack("{s:o}", "decisions", decisions));
}
/* ---------------------------------------------------------------------- rules */

static void name_rules(const sm_rules *rules, json_t *list)
{
    const sm_rule *all;
    size_t n = sm_rules_all(rules, &all), i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        sm_str title = { 0 };
        for (size_t k = 0; k < n && !title.n; k++)
            if (sm_str_eq(all[k].id, sm_json_str(one, "rule")))
                title = all[k].title;
        json_object_set_new(one, "title", sm_json_of(title));
    }
}

static sm_rc rules(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    const sm_reviewer *reviewer;
    sm_db *db;
    json_t *j;
    sm_rc rc = sm_sunmao_reviewer(op, sm_server_of(r)->s, &reviewer);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_reviews_rules(op, db, &j);
    if (rc < 0)
        return rc;
    name_rules(sm_reviewer_rules(reviewer), json_object_get(j, "rules"));
    name_rules(sm_reviewer_rules(reviewer), json_object_get(j, "never"));
    return sm_respond_json(r, 200, j);
}

typedef struct telling {
    int64_t never;
    const sm_user *user;
} telling;

static sm_rc record_telling(sm_op *op, sm_db *db, void *ctx)
{
    const telling *t = ctx;
    return sm_reviews_tell_again(op, db, t->never, t->user);
}

static sm_rc tell_again(sm_request *r)
{
    telling t = { .user = sm_request_user(r) };
    sm_rc rc = sm_request_number(r, "id", &t.never);
    if (rc == SM_OK)
        rc = sm_recorder_run(sm_server_of(r)->recorder, sm_request_op(r), record_telling, &t);
    return rc < 0 ? rc : sm_respond_ok(r);
}
/* --------------------------------------------------------------------- routes */

/* The body of an upload stays in memory: one with a mark of secrecy must not touch the disk. */
static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/reviews",
      .run = add,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = FILE_BYTES,
      .slow = true },
    { .method = "GET",
      .path = "/v1/reviews",
      .run = list,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "GET",
      .path = "/v1/reviews/rules",
      .run = rules,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "DELETE",
      .path = "/v1/reviews/rules/{id}",
      .run = tell_again,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/reviews/{id}",
      .run = show,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "POST",
      .path = "/v1/reviews/{id}/decisions",
      .run = decide,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = DECIDE_BODY,
      .slow = true },
};
const sm_route_list sm_routes_review = { routes, SM_LEN(routes) };
