/*
 * OpenAI's API for applications: a key in place of a login, and everything in OpenAI's words, so
 * that what calls another service today calls this one by changing an address.
 */
#include "server/inner.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"

enum {
    BODY_BYTES = 8 << 20,
    FULL_BYTES = 64 * 1024 /* so much may wait to be read by a stream's client */
};

/* -------------------------------------------------------------------- errors */

/* For the log. */
static sm_rc rc_of(int status)
{
    static const struct {
        int status;
        sm_rc rc;
    } known[] = { { 400, SM_E_INVALID },   { 401, SM_E_DENIED }, { 403, SM_E_DENIED },
                  { 404, SM_E_NOTFOUND },  { 413, SM_E_LIMIT },  { 429, SM_E_LIMIT },
                  { 499, SM_E_CANCELLED }, { 504, SM_E_TIMEOUT } };
    for (size_t i = 0; i < SM_LEN(known); i++)
        if (known[i].status == status)
            return known[i].rc;
    return status < 500 ? SM_E_INVALID : SM_E_UNAVAILABLE;
}

static sm_rc respond_error(sm_request *r, const sm_model_error *e)
{
    sm_arena *a = sm_request_op(r)->arena;
    sm_model_error *kept = SM_NEW(a, sm_model_error);
    *kept = *e;
    sm_request_keep(r, kept);
    if (e->retry_after_s)
        sm_respond_header(r, "Retry-After", sm_strf(a, "%lld", (long long)e->retry_after_s).p);
    if (e->position)
        sm_respond_header(r, "X-Sunmao-Position", sm_strf(a, "%u", (unsigned)e->position).p);
    return sm_respond_status(r, e->status, rc_of(e->status), "%s", e->message);
}

static sm_rc refuse(sm_request *r, int status, const char *code, const char *param, const char *fmt,
                    ...) SM_PRINTF(5, 6);

static sm_rc refuse(sm_request *r, int status, const char *code, const char *param, const char *fmt,
                    ...)
{
    sm_model_error e = {
        .status = status, .type = "invalid_request_error", .code = code, .param = param
    };
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e.message, sizeof(e.message), fmt, ap);
    va_end(ap);
    return respond_error(r, &e);
}

/* ----------------------------------------------------------------------- keys */

typedef struct caller {
    const sm_registry *registry;
    const sm_app_key *key;
} caller;

static void unpin(void *pin)
{
    sm_models_unpin(pin);
}

static sm_str bearer(const sm_request *r)
{
    static const char word[] = "Bearer ";
    sm_str h = sm_request_header(r, "Authorization");
    bool is = h.n > sizeof(word) - 1 && strncasecmp(h.p, word, sizeof(word) - 1) == 0;
    return is ? sm_str_trim(sm_str_sub(h, sizeof(word) - 1, h.n)) : (sm_str){ 0 };
}

/* Guessing keys costs as much as guessing passwords. */
static sm_rc refuse_key(sm_request *r, const char *text)
{
    sm_server *sv = sm_server_of(r);
    int wait_s = 0;
    sm_str who = sm_strf(sm_request_op(r)->arena, "login %.*s", SM_ARG(sm_request_address(r)));
    if (sv->set->rate && !sm_limits_take(sv->limits, who, sv->set->logins_per_minute, &wait_s)) {
        sm_respond_header(r, "Retry-After", sm_strf(sm_request_op(r)->arena, "%d", wait_s).p);
        return refuse(r, 429, "rate_limit_exceeded", NULL, "无效的密钥太多，请 %d 秒后再试",
                      wait_s);
    }
    sm_respond_header(r, "WWW-Authenticate", "Bearer");
    return refuse(r, 401, "invalid_api_key", NULL, "%s", text);
}

/* Whose key it is; what is wrong with it is answered, and c->key is NULL then. */
static sm_rc find_caller(sm_request *r, caller *c)
{
    sm_books *pin;
    sm_digest digest;
    sm_str secret = bearer(r);
    *c = (caller){ .registry = sm_models_pin(sm_server_of(r)->models, &pin) };
    sm_arena_defer(sm_request_op(r)->arena, unpin, pin);
    if (secret.n == 0)
        return refuse_key(r, "缺少密钥：请在请求头里带上 Authorization: Bearer sk-…");
    const sm_app_key *k =
        sm_key_digest(secret, &digest) ? sm_registry_key(c->registry, &digest) : NULL;
    if (!k)
        return refuse_key(r, "密钥不对，或已经吊销");
    if (sm_key_expired(k, sm_wall_ms()))
        return refuse_key(r, "密钥已经过期");
    if (!sm_key_admits(k, sm_request_peer(r)))
        return refuse(r, 403, "address_not_allowed", NULL, "这个密钥不能从这个地址使用");
    c->key = k;
    return SM_OK;
}

/* The key's own class, or a lesser one when the caller says so. */
static sm_class class_of(const sm_request *r, const sm_app_key *k)
{
    sm_str text = sm_request_header(r, "X-Sunmao-Class");
    sm_class c;
    if (sm_str_ends(text, SM_STR("-live")))
        text.n -= 5;
    return sm_class_parse(text, &c) && c > k->highest ? c : k->highest;
}

/* --------------------------------------------------------------- a call's way back */

/* Belongs to the handler and to the call until both have let it go. */
typedef struct passing {
    atomic_int users;
    _Atomic(sm_model_call *) call;
    atomic_bool ended; /* the call has */
    sm_request *r;     /* until it goes on */
    sm_stream *stream;
    char request_id[SM_REQUEST_ID_BYTES + 1];
} passing;

static void let_go(passing *p)
{
    if (atomic_fetch_sub(&p->users, 1) != 1)
        return;
    sm_model_call *c = atomic_load(&p->call);
    if (c)
        sm_model_call_done(c);
    free(p);
}

static void on_gone(void *passing_)
{
    passing *p = passing_;
    sm_model_call *c = atomic_load(&p->call);
    if (c)
        sm_models_cancel(c);
}

static void name_call(passing *p, const char *trace)
{
    sm_arena *a = sm_request_op(p->r)->arena;
    sm_respond_header(p->r, "X-Sunmao-Trace", sm_cstr(a, sm_str_of(trace)));
    sm_respond_header(p->r, "X-Request-Id",
                      sm_cstr(a, sm_str_of(p->request_id[0] ? p->request_id : trace)));
}

static void on_begin(void *passing_, const char *trace)
{
    passing *p = passing_;
    sm_request *r = p->r;
    name_call(p, trace);
    p->stream = sm_respond_pieces(r, 200, "text/event-stream; charset=utf-8");
    sm_stream_on_gone(p->stream, on_gone, p);
    p->r = NULL;
    sm_request_go_on(r);
}

static sm_taken on_bytes(void *passing_, sm_str bytes)
{
    passing *p = passing_;
    if (!sm_stream_write(p->stream, bytes))
        return SM_TAKEN_GONE;
    return sm_stream_waiting(p->stream) > FULL_BYTES ? SM_TAKEN_FULL : SM_TAKEN;
}

static bool is_full(void *passing_)
{
    return sm_stream_waiting(((passing *)passing_)->stream) > FULL_BYTES / 2;
}

/* A stream that breaks off says so, and has no [DONE]. */
static void end_stream(passing *p, const sm_call_end *e)
{
    if (e->error.status && !e->cancelled) {
        json_t *j = sm_model_error_json(&e->error);
        char *text = json_dumps(j, JSON_COMPACT);
        sm_buf b;
        sm_buf_init(&b, 4096);
        sm_buf_addf(&b, "data: %s\n\n", text ? text : "{}");
        sm_stream_write(p->stream, sm_buf_str(&b));
        sm_buf_done(&b);
        free(text);
        json_decref(j);
    }
    sm_stream_close(p->stream);
}

static void free_text(void *text)
{
    free(text);
}

/* What a back end says against a request is the caller's to read, in whatever words. */
static void respond_body(sm_request *r, sm_call_end *e)
{
    sm_str text = sm_buf_str(e->body);
    json_t *j = e->status == 200 ? NULL : json_loadb(text.p ? text.p : "", text.n, 0, NULL);
    bool ours = e->status != 200 && !json_is_object(json_object_get(j, "error"));
    json_decref(j);
    if (ours) {
        refuse(r, e->status, "upstream_refused", NULL, "模型服务不接受这个请求：%.200s",
               sm_cstr(sm_request_op(r)->arena, text));
        return;
    }
    if (text.p)
        sm_arena_defer(sm_request_op(r)->arena, free_text, e->body->p);
    *e->body = (sm_buf){ 0 };
    sm_respond_bytes(r, e->status, "application/json; charset=utf-8", text);
}

static void on_end(void *passing_, const char *trace, sm_call_end *e)
{
    passing *p = passing_;
    sm_request *r = p->r;
    atomic_store(&p->ended, true);
    if (p->stream) {
        end_stream(p, e);
    } else {
        sm_request_on_gone(r, NULL, NULL);
        name_call(p, trace);
        if (e->error.status)
            respond_error(r, &e->error);
        else
            respond_body(r, e);
        sm_request_go_on(r);
    }
    let_go(p);
}

static const sm_call_calls calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_end
};

/* ---------------------------------------------------------------------- calls */

static sm_rc never(sm_request *r)
{
    return sm_fail(sm_request_op(r), SM_E_INTERNAL, "没有回答");
}

static bool is_id(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n > 0 && s.n <= SM_REQUEST_ID_BYTES;
}

static sm_rc send(sm_request *r, const caller *by, const sm_wanted *w)
{
    passing *p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    atomic_store(&p->users, 2);
    p->r = r;
    sm_str id = sm_request_header(r, "X-Request-Id");
    sm_call_ask ask = { .wanted = w,
                        .department = by->key->department,
                        .key = by->key->id,
                        .by_name = by->key->models.n > 0,
                        .class = class_of(r, by->key),
                        .calls = &calls,
                        .ctx = p };
    if (is_id(id)) {
        memcpy(p->request_id, id.p, id.n);
        memcpy(ask.request_id, id.p, id.n);
    }
    sm_request_wait(r, never);
    sm_model_call *c = sm_models_call(sm_server_of(r)->models, &ask);
    atomic_store(&p->call, c); /* r goes nowhere until this handler returns */
    sm_request_on_gone(r, on_gone, p);
    if (atomic_load(&p->ended))
        sm_request_on_gone(r, NULL, NULL);
    let_go(p);
    return SM_OK;
}

static sm_rc refuse_body(sm_request *r, const char *param)
{
    sm_op *op = sm_request_op(r);
    int status = op->rc == SM_E_LIMIT ? 413 : 400;
    const char *code = op->rc == SM_E_DENIED ? "unsupported_content"
                       : param               ? "invalid_value"
                                             : "invalid_json";
    const char *text = sm_cstr(op->arena, op->msg);
    sm_op_clear(op);
    return refuse(r, status, code, param, "%s", text);
}

/* An adapter is one department's model: a key that may use every alias may not use it unnamed. */
static bool lists(const sm_app_key *k, sm_str name)
{
    return k->models.n && sm_key_allows(NULL, k, name);
}

static sm_rc call(sm_request *r, sm_service service)
{
    caller by;
    sm_wanted w;
    const char *param;
    sm_rc rc = find_caller(r, &by);
    if (rc < 0 || !by.key)
        return rc;
    if (sm_wanted_read(sm_request_op(r), service, sm_request_body(r), &w, &param) < 0)
        return refuse_body(r, param);
    if (!sm_key_allows(by.registry, by.key, w.model))
        return refuse(r, 404, "model_not_found", "model",
                      "没有“%.*s”这个模型，或者这个密钥不能用它", SM_ARG(w.model));
    if (w.lora.n && !lists(by.key, w.lora))
        return refuse(r, 404, "model_not_found", "lora",
                      "没有“%.*s”这个适配器，或者这个密钥不能用它", SM_ARG(w.lora));
    return send(r, &by, &w);
}

static sm_rc chat(sm_request *r)
{
    return call(r, SM_SERVICE_CHAT);
}

static sm_rc completions(sm_request *r)
{
    return call(r, SM_SERVICE_COMPLETIONS);
}

static sm_rc embeddings(sm_request *r)
{
    return call(r, SM_SERVICE_EMBED);
}

static sm_rc rerank(sm_request *r)
{
    return call(r, SM_SERVICE_RERANK);
}

/* --------------------------------------------------------------------- models */

static json_t *model_json(sm_str name, int64_t created_ms)
{
    return json_pack("{s:o,s:s,s:I,s:s}", "id", sm_json_of(name), "object", "model", "created",
                     (json_int_t)(created_ms / 1000), "owned_by", "sunmao");
}

/* When the oldest back end of a name was registered; -1: the name is not the caller's. */
static int64_t created_ms(const caller *by, sm_str name)
{
    size_t n = 0;
    int64_t ms = -1;
    if (!sm_key_allows(by->registry, by->key, name))
        return -1;
    const sm_alias *row =
        sm_registry_alias(by->registry, name, by->key->department, (sm_str){ 0 }, &n);
    for (size_t i = 0; i < n; i++) {
        const sm_backend *b = sm_registry_backend(by->registry, row[i].backend);
        if (b)
            ms = ms < 0 ? b->created_ms : SM_MIN(ms, b->created_ms);
    }
    const sm_backend *b =
        n == 0 && by->key->models.n ? sm_registry_backend_named(by->registry, name) : NULL;
    return b ? b->created_ms : ms;
}

static sm_rc models(sm_request *r)
{
    caller by;
    sm_rc rc = find_caller(r, &by);
    if (rc < 0 || !by.key)
        return rc;
    json_t *list = json_array();
    sm_str last = { 0 };
    for (size_t i = 0; i < by.registry->n_aliases; i++) {
        sm_str name = by.registry->alias[i].name;
        int64_t ms = sm_str_eq(name, last) ? -1 : created_ms(&by, name);
        last = name;
        if (ms >= 0)
            json_array_append_new(list, model_json(name, ms));
    }
    for (size_t i = 0; i < by.registry->n_backends; i++) {
        sm_str name = by.registry->backend[i].name;
        size_t n = 0;
        sm_registry_alias(by.registry, name, by.key->department, (sm_str){ 0 }, &n);
        int64_t ms = n ? -1 : created_ms(&by, name);
        if (ms >= 0)
            json_array_append_new(list, model_json(name, ms));
    }
    return sm_respond_json(r, 200, json_pack("{s:s,s:o}", "object", "list", "data", list));
}

static sm_rc model(sm_request *r)
{
    caller by;
    sm_str name = sm_request_segment(r, "id");
    sm_rc rc = find_caller(r, &by);
    if (rc < 0 || !by.key)
        return rc;
    int64_t ms = created_ms(&by, name);
    if (ms < 0)
        return refuse(r, 404, "model_not_found", "model",
                      "没有“%.*s”这个模型，或者这个密钥不能用它", SM_ARG(name));
    return sm_respond_json(r, 200, model_json(name, ms));
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/chat/completions",
      .run = chat,
      .allow = SM_FOR(PUBLIC),
      .max_body = BODY_BYTES },
    { .method = "POST",
      .path = "/v1/completions",
      .run = completions,
      .allow = SM_FOR(PUBLIC),
      .max_body = BODY_BYTES },
    { .method = "POST",
      .path = "/v1/embeddings",
      .run = embeddings,
      .allow = SM_FOR(PUBLIC),
      .max_body = BODY_BYTES },
    { .method = "POST",
      .path = "/v1/rerank",
      .run = rerank,
      .allow = SM_FOR(PUBLIC),
      .max_body = BODY_BYTES },
    { .method = "GET", .path = "/v1/models", .run = models, .allow = SM_FOR(PUBLIC) },
    { .method = "GET", .path = "/v1/models/{id}", .run = model, .allow = SM_FOR(PUBLIC) },
};
const sm_route_list sm_routes_gateway = { routes, SM_LEN(routes) };

static bool is_ours(const sm_route *route)
{
    return route >= routes && route < routes + SM_LEN(routes);
}

json_t *sm_gateway_failure(sm_request *r, sm_rc rc, int status, sm_str message)
{
    const sm_model_error *kept = sm_request_kept(r);
    sm_model_error e = { .type = status < 500 ? "invalid_request_error" : "server_error",
                         .code = rc == SM_E_LIMIT ? "request_too_large" : "request_failed" };
    if (!is_ours(sm_request_route(r)))
        return NULL;
    if (kept)
        return sm_model_error_json(kept);
    snprintf(e.message, sizeof(e.message), "%.*s", SM_ARG(message));
    return sm_model_error_json(&e);
}
