#include "model/remote.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

struct sm_remote {
    CURL *curl;
    struct curl_slist *headers;
    sm_arena *own;
    sm_str base; /* "http://engine" for a unix socket */
    int64_t call_ms;
};

static void start_curl(void)
{
    static atomic_flag started = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&started))
        curl_global_init(CURL_GLOBAL_DEFAULT);
}

sm_rc sm_remote_open(sm_op *op, sm_str base, sm_str key, sm_remote **out)
{
    start_curl();
    sm_remote *r = calloc(1, sizeof(*r));
    CURL *curl = r ? curl_easy_init() : NULL;
    if (!curl) {
        free(r);
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    }
    *r = (sm_remote){ .curl = curl, .own = sm_arena_open(), .call_ms = SM_REMOTE_CALL_MS };
    bool local = sm_str_starts(base, SM_STR("unix:"));
    r->base = local ? SM_STR("http://engine") : sm_str_dup(r->own, base);
    r->headers = curl_slist_append(NULL, "Content-Type: application/json");
    r->headers = curl_slist_append(r->headers, "Expect:");
    if (key.n)
        r->headers = curl_slist_append(
            r->headers, sm_strf(r->own, "Authorization: Bearer %.*s", SM_ARG(key)).p);
    if (local)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH,
                         sm_cstr(r->own, sm_str_sub(base, 5, base.n)));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, r->headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)SM_REMOTE_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "sunmao/" SM_VERSION);
    *out = r;
    return SM_OK;
}

void sm_remote_close(sm_remote *r)
{
    if (!r)
        return;
    curl_easy_cleanup(r->curl);
    curl_slist_free_all(r->headers);
    sm_arena_close(r->own);
    free(r);
}

void sm_remote_patience(sm_remote *r, int64_t call_ms)
{
    r->call_ms = call_ms;
}

/* -------------------------------------------------------------------- hearing */

typedef struct hearing {
    sm_op *op;
    sm_buf body;
    size_t n_read; /* bytes of the body looked at for events */
    sm_buf text;
    json_t *last;
    int64_t sent_us, first_us;
    bool streams;
} hearing;

static void take_delta(hearing *h, const json_t *event)
{
    const json_t *choice = json_array_get(json_object_get(event, "choices"), 0);
    const json_t *delta = json_object_get(choice, "delta");
    sm_str text = sm_json_str(delta ? delta : choice, delta ? "content" : "text");
    sm_str thought = sm_json_str(delta, "reasoning_content");
    if ((text.n || thought.n) && h->first_us == 0)
        h->first_us = sm_now_us() - h->sent_us;
    sm_buf_add(&h->text, text);
}

static void take_event(hearing *h, sm_str line)
{
    if (!sm_str_starts(line, SM_STR("data:")))
        return;
    line = sm_str_trim(sm_str_sub(line, 5, line.n));
    json_t *event = json_loadb(line.p, line.n, 0, NULL);
    if (!event)
        return; /* [DONE] */
    take_delta(h, event);
    const json_t *usage = json_object_get(event, "usage");
    if (json_is_object(usage) || !h->last) {
        json_decref(h->last);
        h->last = json_incref(event);
    }
    json_decref(event);
}

static void take_lines(hearing *h)
{
    sm_str all = sm_buf_str(&h->body);
    size_t end;
    while ((end = sm_str_find(all, SM_STR("\n"), h->n_read)) != SIZE_MAX) {
        take_event(h, sm_str_sub(all, h->n_read, end));
        h->n_read = end + 1;
    }
}

static size_t hear(char *bytes, size_t size, size_t n, void *ctx)
{
    hearing *h = ctx;
    sm_buf_add(&h->body, (sm_str){ bytes, size * n });
    if (h->body.failed)
        return 0;
    if (!h->streams && h->first_us == 0)
        h->first_us = sm_now_us() - h->sent_us;
    if (h->streams)
        take_lines(h);
    return size * n;
}

static int watch(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    hearing *h = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return h->op->cancel && atomic_load(h->op->cancel);
}

static sm_rc failed(sm_op *op, const hearing *h, CURLcode e)
{
    if (h->body.failed)
        return sm_fail(op, SM_E_LIMIT, "回答超过了 %d 字节的上限", (int)SM_REMOTE_MAX_BYTES);
    if (e == CURLE_OPERATION_TIMEDOUT)
        return sm_fail(op, SM_E_TIMEOUT, "模型没有在限定时间内回答");
    if (e == CURLE_ABORTED_BY_CALLBACK)
        return sm_fail(op, SM_E_CANCELLED, "已取消");
    return sm_fail(op, SM_E_UNAVAILABLE, "连不上模型：%s", curl_easy_strerror(e));
}

static sm_rc finish(sm_op *op, sm_remote *r, hearing *h, sm_heard *out)
{
    long status = 0;
    json_t *json = h->streams ? json_incref(h->last) : NULL;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    *out = (sm_heard){ .status = (int)status,
                       .first_us = h->first_us,
                       .total_us = sm_now_us() - h->sent_us,
                       .body = sm_str_dup(op->arena, sm_buf_str(&h->body)),
                       .text = sm_str_dup(op->arena, sm_buf_str(&h->text)) };
    if (!json)
        json =
            json_loadb(out->body.p ? out->body.p : "", out->body.n, JSON_REJECT_DUPLICATES, NULL);
    if (json)
        sm_json_own(op->arena, json);
    out->json = json;
    const json_t *usage = json_object_get(json, "usage");
    out->prompt_tokens = json_integer_value(json_object_get(usage, "prompt_tokens"));
    out->generated_tokens = json_integer_value(json_object_get(usage, "completion_tokens"));
    return SM_OK;
}

static sm_rc call(sm_op *op, sm_remote *r, const char *path, const json_t *body, bool streams,
                  sm_heard *out)
{
    hearing h = { .op = op, .streams = streams };
    sm_rc rc = sm_op_check(op);
    if (rc < 0)
        return rc;
    sm_str sent = body ? sm_json_dump(op->arena, body) : (sm_str){ 0 };
    sm_buf_init(&h.body, SM_REMOTE_MAX_BYTES);
    sm_buf_init(&h.text, SM_REMOTE_MAX_BYTES);
    CURL *c = r->curl;
    curl_easy_setopt(c, CURLOPT_URL, sm_strf(op->arena, "%.*s%s", SM_ARG(r->base), path).p);
    if (body) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)sent.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, sent.p);
    } else {
        curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)r->call_ms);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, hear);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &h);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, &h);
    h.sent_us = sm_now_us();
    CURLcode e = curl_easy_perform(c);
    rc = e == CURLE_OK ? finish(op, r, &h, out) : failed(op, &h, e);
    sm_buf_done(&h.body);
    sm_buf_done(&h.text);
    json_decref(h.last);
    return rc;
}

sm_rc sm_remote_call(sm_op *op, sm_remote *r, const char *path, const json_t *body, sm_heard *out)
{
    return call(op, r, path, body, false, out);
}

sm_rc sm_remote_stream(sm_op *op, sm_remote *r, const char *path, const json_t *body, sm_heard *out)
{
    json_t *copy = json_deep_copy(body);
    json_object_set_new(copy, "stream", json_true());
    json_object_set_new(copy, "stream_options", json_pack("{s:b}", "include_usage", 1));
    sm_rc rc = call(op, r, path, copy, true, out);
    json_decref(copy);
    return rc;
}
