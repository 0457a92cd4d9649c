#include "http/inner.h"

#include <stdlib.h>
#include <string.h>

void sm_respond_header(sm_request *r, const char *name, const char *value)
{
    if (r->n_answer_headers < SM_MAX_RESPONSE_HEADERS) {
        r->header[r->n_answer_headers].name = name;
        r->header[r->n_answer_headers++].value = value;
    }
}

sm_rc sm_respond_bytes(sm_request *r, int status, const char *type, sm_str body)
{
    if (r->answered)
        return sm_fail(&r->op, SM_E_INTERNAL, "一个请求只能答一次");
    r->response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
    if (!r->response)
        abort();
    r->answered = true;
    r->status = status;
    r->type = type;
    r->n_response = body.n;
    return SM_OK;
}

sm_rc sm_respond_json(sm_request *r, int status, json_t *v)
{
    sm_str text = sm_json_dump(r->op.arena, v);
    json_decref(v);
    return sm_respond_bytes(r, status, "application/json; charset=utf-8", text);
}

sm_rc sm_respond_status(sm_request *r, int status, sm_rc rc, const char *fmt, ...)
{
    va_list ap;
    char text[512];
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sm_op_clear(&r->op);
    sm_fail(&r->op, rc, "%s", text);
    sm_respond_failure(r, rc, status);
    return SM_OK;
}

void sm_respond_failure(sm_request *r, sm_rc rc, int status)
{
    if (r->answered) { /* a failure after the answer: the answer goes, with its headers */
        MHD_destroy_response(r->response);
        sm_gone_lock();
        sm_stream_request_ends(r->stream);
        sm_gone_unlock();
        r->stream = NULL;
        r->answered = r->streams = false;
        r->n_answer_headers = 0;
    }
    r->rc = rc;
    sm_str msg = r->op.msg.n ? r->op.msg : sm_str_of(sm_rc_text(rc));
    if (rc == SM_E_INTERNAL || rc == SM_E_CORRUPT) /* its words are for the log */
        msg = sm_str_of(sm_rc_text(rc));
    json_t *j = r->h->o.failure ? r->h->o.failure(r, rc, status, msg) : NULL;
    if (!j)
        j = json_pack("{s:{s:s,s:o}}", "error", "code", sm_rc_name(rc), "message", sm_json_of(msg));
    sm_respond_json(r, status, j);
}

void sm_connection_until(sm_request *r, int64_t then_us, int64_t seconds)
{
    r->connection->until_us = seconds ? then_us + seconds * 1000000 : 0;
}

/* What every answer says: what the page may load is the fallback's matter. */
static const char *const standing[][2] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
};

static bool has_header(const sm_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_answer_headers; i++)
        if (strcmp(r->header[i].name, name) == 0)
            return true;
    return false;
}

static void add_headers(sm_request *r)
{
    for (size_t i = 0; i < SM_LEN(standing); i++)
        MHD_add_response_header(r->response, standing[i][0], standing[i][1]);
    MHD_add_response_header(r->response, "X-Trace-Id", r->trace);
    if (r->type)
        MHD_add_response_header(r->response, "Content-Type", r->type);
    bool failed = r->rc < 0;
    if (failed || !has_header(r, "Cache-Control"))
        MHD_add_response_header(r->response, "Cache-Control", "no-store");
    for (size_t i = 0; i < r->n_answer_headers; i++)
        if (!failed || strcmp(r->header[i].name, "Cache-Control") != 0)
            MHD_add_response_header(r->response, r->header[i].name, r->header[i].value);
}

/* A stream is open for hours: what led to it is not needed any more. */
static void forget_request(sm_request *r)
{
    sm_request_drop_body(r);
    r->path = r->raw_path = r->query = r->encoding = r->forwarded = (sm_str){ 0 };
    r->n_segments = r->n_answer_headers = 0;
    r->kept = NULL;
    sm_op_clear(&r->op);
    sm_arena_reset(r->op.arena);
}

enum MHD_Result sm_respond_now(sm_request *r)
{
    sm_http *h = r->h;
    if (!r->streams)
        sm_request_on_gone(r, NULL, NULL);
    add_headers(r);
    atomic_fetch_add(&h->n_answering, 1);
    r->answering = true;
    sm_connection_until(r, sm_now_us(),
                        r->streams ? 0 : h->o.send_s + (int64_t)r->n_response / SM_SLOWEST_BYTES_S);
    enum MHD_Result rc = MHD_queue_response(r->c, (unsigned)r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    if (r->streams)
        forget_request(r);
    if (r->busy)
        atomic_fetch_sub(&h->n_busy, 1);
    r->busy = false;
    return rc;
}
