/*
 * What comes of a review: the mended copy, the report, the signed copy.
 */
#include "server/reviews.h"

#include <time.h>

#include "format/label.h"
#include "review/mend.h"

enum { OUT_BYTES = 256 << 20 };

/* -------------------------------------------------------------------- mending */

/* A review with its findings as they were told, whatever the rules have become since. */
typedef struct told {
    sm_review_row row;
    sm_review review;
    sm_str *decision; /* of each finding, in Chinese */
    sm_str *mend;     /* "text", "layout" or "" */
    bool *accepted;
    json_t *decisions; /* owned by the arena */
    sm_db *db;
} told;

static sm_severity severity_of(sm_str name)
{
    for (int s = SM_ERROR; s < SM_HINT; s++)
        if (sm_str_eq(name, sm_str_of(sm_severity_name((sm_severity)s))))
            return (sm_severity)s;
    return SM_HINT;
}

static sm_finding finding_of(sm_arena *a, const json_t *j)
{
    sm_rule *rule = SM_NEW(a, sm_rule);
    const json_t *suggest = json_object_get(j, "suggest");
    *rule = (sm_rule){ .id = sm_json_str(j, "rule"),
                       .severity = severity_of(sm_json_str(j, "severity")),
                       .title = sm_json_str(j, "title"),
                       .source = sm_json_str(j, "source"),
                       .status = sm_json_str(j, "status") };
    return (sm_finding){
        .rule = rule,
        .para = (int)json_integer_value(json_object_get(j, "para")),
        .start = (size_t)json_integer_value(json_object_get(j, "start")),
        .end = (size_t)json_integer_value(json_object_get(j, "end")),
        .text = sm_json_str(j, "text"),
        .suggest = sm_json_str(j, "suggest"),
        .suggests = json_is_string(suggest),
        .deletes = json_is_string(suggest) && json_string_length(suggest) == 0,
        .why = sm_json_str(j, "why"),
        .confidence = json_number_value(json_object_get(j, "confidence")),
        .by_model = json_is_true(json_object_get(j, "model")),
        .page = (int)json_integer_value(json_object_get(j, "page")),
    };
}

static void take_decision(sm_arena *a, told *t, const json_t *d)
{
    static const char *const words[] = { [SM_REVIEW_ACCEPT] = "采纳",
                                         [SM_REVIEW_DISMISS] = "忽略",
                                         [SM_REVIEW_NEVER] = "不再提示",
                                         [SM_REVIEW_UNDO] = "" };
    size_t k = (size_t)json_integer_value(json_object_get(d, "finding"));
    sm_str reason = sm_json_str(d, "reason");
    sm_review_act act;
    if (k >= t->review.n || !sm_review_act_parse(sm_json_str(d, "act"), &act))
        return;
    t->accepted[k] = act == SM_REVIEW_ACCEPT;
    t->decision[k] =
        reason.n ? sm_strf(a, "%s：%.*s", words[act], SM_ARG(reason)) : sm_str_of(words[act]);
}

static sm_rc tell(sm_request *r, told *t)
{
    sm_op *op = sm_request_op(r);
    sm_arena *a = op->arena;
    json_t *findings, *one;
    size_t i;
    *t = (told){ 0 };
    sm_rc rc = sm_review_find(r, &t->db, &t->row, &t->decisions);
    if (rc < 0)
        return rc;
    sm_json_own(a, t->decisions);
    rc = sm_json_parse(op, t->row.findings, "findings", &findings);
    if (rc < 0)
        return rc;
    size_t n = json_array_size(findings);
    t->review =
        (sm_review){ .finding = SM_NEWS(a, sm_finding, n + 1), .n = n, .kind = t->row.kind };
    t->decision = SM_NEWS(a, sm_str, n + 1);
    t->mend = SM_NEWS(a, sm_str, n + 1);
    t->accepted = SM_NEWS(a, bool, n + 1);
    json_array_foreach(findings, i, one)
    {
        t->review.finding[i] = finding_of(a, one);
        t->mend[i] = sm_json_str(one, "mend");
        t->decision[i] = SM_STR("未处理");
    }
    json_array_foreach(t->decisions, i, one) take_decision(a, t, one);
    return SM_OK;
}

static sm_finding *accepted(sm_arena *a, const told *t, sm_str mend, size_t *n)
{
    sm_finding *f = SM_NEWS(a, sm_finding, t->review.n + 1);
    *n = 0;
    for (size_t i = 0; i < t->review.n; i++)
        if (t->accepted[i] && sm_str_eq(t->mend[i], mend))
            f[(*n)++] = t->review.finding[i];
    return f;
}

static sm_rc taken(sm_op *op, sm_rc rc, sm_buf *b, sm_str *out)
{
    if (rc < 0) {
        sm_buf_done(b);
        return rc;
    }
    return sm_buf_take(op, b, out);
}

static sm_str stamp_of(sm_arena *a, int64_t ms)
{
    char text[40];
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&s, &tm));
    return sm_strf(a, "%s", text);
}

typedef sm_rc mend_fn(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                      const sm_mend_options *o, sm_buf *out, sm_mended *done);

/* *docx becomes the mended one; *fixed and *left count on. */
static sm_rc mend_by(sm_op *op, mend_fn *fn, const told *t, const char *kind, int64_t now,
                     sm_str *docx, size_t *fixed, size_t *left)
{
    size_t n;
    const sm_finding *f = accepted(op->arena, t, sm_str_of(kind), &n);
    sm_mend_options o = { .date = stamp_of(op->arena, now) };
    sm_mended done = { 0 };
    sm_layout *l;
    sm_buf b;
    if (n == 0)
        return SM_OK;
    sm_rc rc = sm_review_read(op, t->row.name, *docx, &l);
    if (rc < 0)
        return rc;
    sm_buf_init(&b, OUT_BYTES);
    rc = taken(op, fn(op, *docx, l, f, n, &o, &b, &done), &b, docx);
    *fixed += done.n_fixed;
    *left += done.n_left;
    return rc;
}

/* The layout first: it moves no word, so that the findings' places hold. */
static sm_rc mend(sm_op *op, const told *t, int64_t now, sm_str *docx, size_t *fixed, size_t *left)
{
    *fixed = *left = 0;
    sm_rc rc = mend_by(op, sm_mend_typeset, t, "layout", now, docx, fixed, left);
    return rc < 0 ? rc : mend_by(op, sm_mend_fix, t, "text", now, docx, fixed, left);
}

/* As a file of that name, with `more` behind its stem. */
static sm_rc respond_file(sm_request *r, sm_str name, const char *more, sm_str bytes)
{
    sm_str stem = name;
    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.') {
            stem.n = i - 1;
            break;
        }
    return sm_respond_docx(r, sm_strf(sm_request_op(r)->arena, "%.*s%s", SM_ARG(stem), more),
                           bytes);
}

static sm_rc check_fixable(sm_op *op, const sm_review_row *row)
{
    return row->fixable
               ? SM_OK
               : sm_fail(op, SM_E_INVALID,
                         "原件不是 DOCX，不能在原件上修改；请用 WPS 或 Word 另存为 DOCX 再审");
}

/* *file is the original, then with what was accepted. */
static sm_rc mended(sm_request *r, told *t, sm_review_file *file, size_t *n_fixed, size_t *n_left)
{
    sm_op *op = sm_request_op(r);
    sm_rc rc = tell(r, t);
    if (rc == SM_OK)
        rc = check_fixable(op, &t->row);
    if (rc == SM_OK)
        rc = sm_reviews_file(op, t->db, t->row.id, file);
    return rc == SM_OK ? mend(op, t, sm_wall_ms(), &file->bytes, n_fixed, n_left) : rc;
}

static sm_rc fixed(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    told t;
    sm_review_file file;
    size_t n_fixed, n_left;
    sm_rc rc = mended(r, &t, &file, &n_fixed, &n_left);
    if (rc < 0)
        return rc;
    sm_respond_header(r, "X-Review-Fixed", sm_strf(op->arena, "%zu", n_fixed).p);
    sm_respond_header(r, "X-Review-Left", sm_strf(op->arena, "%zu", n_left).p);
    return respond_file(r, t.row.name, "（修订稿）", file.bytes);
}

static sm_rc report(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_date today = sm_sunmao_today(sm_server_of(r)->s);
    told t;
    sm_str bytes;
    sm_buf b;
    sm_rc rc = tell(r, &t);
    if (rc < 0)
        return rc;
    sm_report_options o = { .document = t.row.name,
                            .digest = sm_strf(op->arena, "SM3 %.*s", SM_ARG(t.row.digest)),
                            .reviewer = t.row.signed_by,
                            .date = sm_date_chinese(op->arena, today),
                            .decision = t.decision };
    sm_buf_init(&b, OUT_BYTES);
    rc = taken(op, sm_review_report(op, &t.review, &o, &b), &b, &bytes);
    return rc < 0 ? rc : respond_file(r, t.row.name, "（审核报告）", bytes);
}

/* -------------------------------------------------------------------- signing */

typedef struct signing {
    sm_review_row *row;
    const sm_user *user;
    sm_str copy;
    const json_t *decisions;
} signing;

static sm_rc record_signed(sm_op *op, sm_db *db, void *ctx)
{
    const signing *s = ctx;
    return sm_reviews_sign(op, db, s->row, s->user, s->copy, s->decisions);
}

static sm_rc label(sm_op *op, const sm_server *sv, const sm_user *user, const sm_review_row *row,
                   sm_str *docx)
{
    sm_label_text text = { .label = SM_STR("1"),
                           .produce_id = sm_strf(op->arena, "review-%lld-%.*s", (long long)row->id,
                                                 SM_ARG(row->digest)) };
    sm_buf b;
    sm_rc rc = sm_producer_of(op, sv->set, user, &text.producer);
    if (rc < 0)
        return rc;
    sm_buf_init(&b, OUT_BYTES);
    return taken(op, sm_docx_label(op, *docx, &text, &b), &b, docx);
}

/* *copy is the original first. */
static sm_rc make_copy(sm_request *r, told *t, sm_str *copy)
{
    sm_op *op = sm_request_op(r);
    size_t n_fixed, n_left;
    sm_rc rc = mend(op, t, t->row.signed_ms, copy, &n_fixed, &n_left);
    if (rc == SM_OK)
        rc = label(op, sm_server_of(r), sm_request_user(r), &t->row, copy);
    if (rc < 0)
        return rc;
    sm_digest digest = sm_sm3(*copy);
    t->row.signed_digest = sm_digest_hex(op->arena, &digest);
    return SM_OK;
}

static sm_rc read_digest(sm_request *r, sm_str *digest)
{
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    return rc == SM_OK ? sm_json_text(sm_request_op(r), j, "digest", 128, digest) : rc;
}

static sm_rc check_digest(sm_op *op, const sm_review_row *row, sm_str digest)
{
    if (!sm_str_eq(digest, row->digest))
        return sm_fail(op, SM_E_CONFLICT, "digest 不是这份文件的 SM3：签发的应当是看过的这一份");
    return row->signed_ms ? sm_fail(op, SM_E_CONFLICT, "这次审核已经签发") : SM_OK;
}

static sm_rc sign(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    told t;
    sm_review_file file;
    signing s = { .user = sm_request_user(r) };
    sm_str digest = { 0 };
    sm_rc rc = read_digest(r, &digest);
    if (rc == SM_OK)
        rc = tell(r, &t);
    if (rc == SM_OK)
        rc = check_digest(op, &t.row, digest);
    if (rc == SM_OK)
        rc = sm_reviews_file(op, t.db, t.row.id, &file);
    if (rc < 0)
        return rc;
    t.row.signed_ms = sm_wall_ms();
    if (t.row.fixable) {
        s.copy = file.bytes;
        rc = make_copy(r, &t, &s.copy);
    }
    s.row = &t.row;
    s.decisions = t.decisions;
    if (rc == SM_OK)
        rc = sm_recorder_run(sm_server_of(r)->recorder, op, record_signed, &s);
    if (rc < 0)
        return rc;
    t.row.signed_by = s.user->display;
    return sm_respond_json(r, 200, sm_review_line_json(sm_server_of(r), &t.row));
}

static sm_rc read_signed(sm_request *r, told *t, sm_review_file *file)
{
    sm_op *op = sm_request_op(r);
    sm_rc rc = tell(r, t);
    if (rc == SM_OK && !t->row.signed_ms)
        rc = sm_fail(op, SM_E_CONFLICT, "这次审核还没有签发");
    if (rc == SM_OK)
        rc = check_fixable(op, &t->row);
    return rc == SM_OK ? sm_reviews_file(op, t->db, t->row.id, file) : rc;
}

static sm_rc signed_copy(sm_request *r)
{
    told t;
    sm_review_file file;
    sm_rc rc = read_signed(r, &t, &file);
    return rc < 0 ? rc : respond_file(r, t.row.name, "（签发稿）", file.copy);
}

sm_rc sm_review_copy(sm_request *r, bool as_signed, sm_str *out)
{
    told t;
    sm_review_file file = { 0 };
    size_t n_fixed, n_left;
    sm_rc rc = as_signed ? read_signed(r, &t, &file) : mended(r, &t, &file, &n_fixed, &n_left);
    if (rc == SM_OK)
        *out = as_signed ? file.copy : file.bytes;
    return rc;
}

/* --------------------------------------------------------------------- routes */

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/reviews/{id}/fixed",
      .run = fixed,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "GET",
      .path = "/v1/reviews/{id}/report",
      .run = report,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
    { .method = "POST",
      .path = "/v1/reviews/{id}/sign",
      .run = sign,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/reviews/{id}/signed",
      .run = signed_copy,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
};
const sm_route_list sm_routes_review_copy = { routes, SM_LEN(routes) };
