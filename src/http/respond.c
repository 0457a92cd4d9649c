#include "http/inner.h"

#include <stdlib.h>

void sm_respond_header(sm_request *r, const char *name, const char *value)
{
    if (r->n_headers < SM_MAX_RESPONSE_HEADERS) {
        r->header[r->n_headers].name = name;
        r->header[r->n_headers++].value = value;
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
    if (type)
        sm_respond_header(r, "Content-Type", type);
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
    if (r->answered) { /* a failure after the answer: the answer goes */
        MHD_destroy_response(r->response);
        r->answered = false;
    }
    r->rc = rc;
    sm_str msg = r->op.msg.n ? r->op.msg : sm_str_of(sm_rc_text(rc));
    if (rc == SM_E_INTERNAL || rc == SM_E_CORRUPT) /* its words are for the log */
        msg = sm_str_of(sm_rc_text(rc));
    sm_respond_json(
        r, status,
        json_pack("{s:{s:s,s:o}}", "error", "code", sm_rc_name(rc), "message", sm_json_of(msg)));
}

void sm_connection_does(sm_request *r, sm_doing doing, int64_t seconds)
{
    if (!r->connection)
        return;
    pthread_mutex_lock(&r->h->lock);
    r->connection->doing = doing;
    r->connection->until_us = seconds ? sm_now_us() + seconds * 1000000 : 0;
    pthread_mutex_unlock(&r->h->lock);
}

/* What every answer says: what the page may load is the fallback's matter. */
static const char *const standing[][2] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
};

static bool has_header(const sm_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (sm_str_eq(sm_str_of(r->header[i].name), sm_str_of(name)))
            return true;
    return false;
}

enum MHD_Result sm_respond_now(sm_request *r)
{
    for (size_t i = 0; i < SM_LEN(standing); i++)
        MHD_add_response_header(r->response, standing[i][0], standing[i][1]);
    if (!has_header(r, "Cache-Control"))
        MHD_add_response_header(r->response, "Cache-Control", "no-store");
    MHD_add_response_header(r->response, "X-Trace-Id", r->trace);
    for (size_t i = 0; i < r->n_headers; i++)
        MHD_add_response_header(r->response, r->header[i].name, r->header[i].value);
    enum MHD_Result rc = MHD_queue_response(r->c, (unsigned)r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    if (r->streams) { /* open for hours: what led to it is not needed any more */
        sm_connection_does(r, SM_DOING_SEND, 0);
        r->path = r->query = (sm_str){ 0 };
        r->n_segments = 0;
        r->kept = NULL;
        sm_arena_reset(r->op.arena);
    }
    return rc;
}
