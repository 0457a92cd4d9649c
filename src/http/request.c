/*
 * From libmicrohttpd's callbacks to a handler and back.
 */
#include "http/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ------------------------------------------------------------- accessors */

sm_op *sm_request_op(sm_request *r)
{
    return &r->op;
}

void *sm_request_ctx(const sm_request *r)
{
    return r->h->o.ctx;
}

const sm_route *sm_request_route(const sm_request *r)
{
    return r->route;
}

sm_str sm_request_method(const sm_request *r)
{
    return r->method;
}

sm_str sm_request_path(const sm_request *r)
{
    return r->path;
}

sm_str sm_request_header(const sm_request *r, const char *name)
{
    return sm_str_trim(sm_str_of(MHD_lookup_connection_value(r->c, MHD_HEADER_KIND, name)));
}

sm_str sm_request_cookie(const sm_request *r, const char *name)
{
    sm_str rest = sm_request_header(r, "Cookie"), part;
    while (sm_str_cut(&rest, ';', &part)) {
        part = sm_str_trim(part);
        size_t eq = sm_str_find(part, SM_STR("="), 0);
        if (eq != SIZE_MAX && sm_str_eq(sm_str_sub(part, 0, eq), sm_str_of(name)))
            return sm_str_sub(part, eq + 1, part.n);
    }
    return (sm_str){ 0 };
}

/* What our own proxy added to X-Forwarded-For comes last. */
static sm_str last_forwarded(const sm_request *r)
{
    sm_str list = r->forwarded, one = { 0 };
    while (sm_str_cut(&list, ',', &one))
        one = sm_str_trim(one);
    return one;
}

sm_str sm_request_address(const sm_request *r)
{
    char client[SM_CLIENT_BYTES];
    bool told = r->h->o.trust_proxy && sm_client_parse(last_forwarded(r), client);
    return sm_str_dup(r->op.arena, sm_str_of(told ? client : r->connection->client));
}

sm_str sm_request_peer(const sm_request *r)
{
    char client[SM_CLIENT_BYTES];
    if (r->h->o.trust_proxy && sm_client_parse(last_forwarded(r), client))
        return sm_str_dup(r->op.arena, last_forwarded(r));
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return sm_peer_text(r->op.arena, info->client_addr);
}

bool sm_request_behind_tls(const sm_request *r)
{
    return r->h->o.trust_proxy &&
           sm_str_eq(sm_request_header(r, "X-Forwarded-Proto"), SM_STR("https"));
}

sm_str sm_request_body(const sm_request *r)
{
    return sm_buf_str(&r->body);
}

sm_str sm_request_file(const sm_request *r)
{
    return r->file_path;
}

sm_rc sm_request_json(sm_request *r, json_t **out)
{
    json_t *j;
    sm_rc rc = sm_json_parse(&r->op, sm_request_body(r), "请求的正文", &j);
    if (rc == SM_OK && !json_is_object(j))
        rc = sm_fail(&r->op, SM_E_INVALID, "请求的正文应当是一个 JSON 对象");
    if (rc == SM_OK)
        *out = j;
    return rc;
}

sm_rc sm_request_int(sm_request *r, const char *name, int64_t lo, int64_t hi, int64_t otherwise,
                     int64_t *out)
{
    sm_str text = sm_request_query(r, name);
    int64_t v = otherwise;
    if (text.n && (!sm_str_to_int(text, &v) || v < lo || v > hi))
        return sm_fail(&r->op, SM_E_INVALID, "%s 应当是 %lld 到 %lld 之间的整数", name,
                       (long long)lo, (long long)hi);
    *out = v;
    return SM_OK;
}

void sm_request_keep(sm_request *r, void *what)
{
    r->kept = what;
}

void *sm_request_kept(const sm_request *r)
{
    return r->kept;
}

/* ----------------------------------------------------------- begin and end */

static const char *new_trace(char *trace)
{
    static atomic_uint_fast64_t counter;
    static atomic_uint_fast64_t seed;
    uint_fast64_t s = atomic_load(&seed);
    if (s == 0) {
        atomic_compare_exchange_strong(&seed, &s, (uint_fast64_t)sm_wall_ms() << 20);
        s = atomic_load(&seed);
    }
    uint64_t v = sm_mix64((uint64_t)(s + atomic_fetch_add(&counter, 1)));
    snprintf(trace, 17, "%016llx", (unsigned long long)v);
    return trace;
}

void *sm_request_begin(void *http, const char *uri, struct MHD_Connection *c)
{
    sm_request *r = calloc(1, sizeof(*r));
    if (!r || !(r->uri = strdup(uri ? uri : "")))
        abort();
    r->h = http;
    r->c = c;
    r->file = -1;
    r->connection = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    sm_request_close(r->connection->request);
    r->connection->request = r;
    sm_connection_until(r, sm_now_us(), r->h->o.header_s);
    return r;
}

/* Outlives the arena: the log has it last. */
static sm_str known_method(const char *method)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS" };
    for (size_t i = 0; i < SM_LEN(known); i++)
        if (strcmp(known[i], method) == 0)
            return sm_str_of(known[i]);
    return SM_STR("OTHER");
}

static void write_log(sm_request *r)
{
    if (!r->h->o.log || !r->begun)
        return;
    bool gone = !r->answering;
    bool ours = r->rc == SM_E_INTERNAL || r->rc == SM_E_CORRUPT || r->rc == SM_E_UNAVAILABLE;
    sm_http_line line = { .trace = sm_str_of(r->trace),
                          .method = r->method,
                          .route = sm_str_of(r->route ? r->route->path : "-"),
                          .status = gone ? sm_rc_http(SM_E_CANCELLED) : r->status,
                          .rc = gone ? SM_E_CANCELLED : r->rc,
                          .message = ours ? r->op.msg : (sm_str){ 0 },
                          .ms = (double)(sm_now_us() - r->began_us) / 1000.0 };
    r->h->o.log(r->h->o.ctx, &line);
}

void sm_request_close(sm_request *r)
{
    if (!r)
        return;
    write_log(r);
    sm_gone_lock();
    sm_connection_gone(r->h, r->connection);
    sm_stream_request_ends(r->stream);
    sm_gone_unlock();
    r->connection->request = NULL;
    sm_connection_until(r, sm_now_us(), r->h->o.idle_s);
    if (r->response)
        MHD_destroy_response(r->response);
    sm_request_drop_body(r);
    if (r->op.arena)
        sm_op_end(&r->op);
    if (r->busy)
        atomic_fetch_sub(&r->h->n_busy, 1);
    if (r->answering)
        atomic_fetch_sub(&r->h->n_answering, 1);
    free(r->uri);
    free(r);
}

void sm_request_end(void *http, struct MHD_Connection *c, void **request,
                    enum MHD_RequestTerminationCode why)
{
    (void)http, (void)c, (void)why;
    sm_request_close(*request);
    *request = NULL;
}

/* --------------------------------------------------------------- the body */

void sm_request_drop_body(sm_request *r)
{
    if (r->file >= 0)
        close(r->file);
    r->file = -1;
    if (r->file_path.n)
        unlink(r->file_path.p);
    r->file_path = (sm_str){ 0 };
    sm_buf_done(&r->body);
}

static sm_rc spool_open(sm_request *r)
{
    char *path = sm_cstr(r->op.arena, sm_strf(r->op.arena, "%s/upload-XXXXXX", r->h->o.spool_dir));
    r->file = mkostemp(path, O_CLOEXEC);
    if (r->file < 0)
        return sm_fail(&r->op, SM_E_UNAVAILABLE, "存不下上传的文件：%s", strerror(errno));
    r->file_path = sm_str_of(path);
    return SM_OK;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

/* MHD_NO cuts the connection: a stranger that goes on and on. */
static enum MHD_Result take_body(sm_request *r, const char *data, size_t n)
{
    size_t max = r->route ? r->route->max_body : 0;
    r->n_body += n;
    sm_connection_until(r, r->body_began_us,
                        r->h->o.header_s + (int64_t)r->n_body / SM_SLOWEST_BYTES_S);
    if (r->n_body > max) {
        r->too_long = true;
        return r->n_body > 2 * max + (1 << 20) ? MHD_NO : MHD_YES;
    }
    if (r->file >= 0)
        r->spool_failed = r->spool_failed || !write_all(r->file, data, n);
    else
        sm_buf_add(&r->body, (sm_str){ data, n });
    return MHD_YES;
}

/* ---------------------------------------------------------------- handling */

/* Not while the server is being closed: it waits for those who are in. */
static bool enter(sm_request *r)
{
    atomic_fetch_add(&r->h->n_busy, 1);
    r->busy = true;
    return !atomic_load(&r->h->stopping);
}

static void suspend(sm_request *r)
{
    r->waiting = true;
    atomic_fetch_add(&r->h->n_busy, 1);
    MHD_suspend_connection(r->c);
}

void sm_request_wait(sm_request *r, sm_handler *then)
{
    r->run = then;
    suspend(r);
}

void sm_request_go_on(sm_request *r)
{
    sm_http *h = r->h;
    MHD_resume_connection(r->c); /* from here on r is another thread's */
    atomic_fetch_sub(&h->n_busy, 1);
}

void sm_request_on_gone(sm_request *r, void (*fn)(void *ctx), void *ctx)
{
    sm_gone_lock();
    sm_connection_on_gone(r->h, r->connection, fn, ctx);
    sm_gone_unlock();
}

void sm_request_run(sm_request *r)
{
    sm_handler *run = r->run;
    r->run = NULL;
    sm_rc rc = run(r);
    bool waits = r->run != NULL;
    if (rc == SM_OK && waits) /* it is another thread's */
        return;
    if (rc < 0)
        sm_respond_failure(r, rc, sm_rc_http(rc));
    else if (!r->answered)
        sm_respond_failure(r, SM_E_INTERNAL, 500);
    if (waits)
        sm_request_go_on(r);
}

static enum MHD_Result fail_now(sm_request *r, sm_rc rc)
{
    sm_respond_failure(r, rc, sm_rc_http(rc));
    return sm_respond_now(r);
}

static bool same_word(sm_str s, const char *word)
{
    return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static enum MHD_Result note_header(void *request, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    sm_request *r = request;
    sm_str n = sm_str_of(name), v = sm_str_trim(sm_str_of(value));
    (void)kind;
    r->n_headers++;
    r->n_hosts += same_word(n, "Host");
    r->n_lengths += same_word(n, "Content-Length");
    if (same_word(n, "Transfer-Encoding")) {
        r->n_encodings++;
        r->encoding = v;
    } else if (same_word(n, "X-Forwarded-For")) {
        r->forwarded = v;
    }
    return MHD_YES;
}

/* What a proxy before us may have read in another way than we do (RFC 9112, 6.3) is refused. */
static sm_rc check_headers(sm_request *r)
{
    MHD_get_connection_values(r->c, MHD_HEADER_KIND, note_header, r);
    if (r->n_headers > SM_HTTP_MAX_HEADERS)
        return sm_fail(&r->op, SM_E_LIMIT, "请求头超过 %d 个", SM_HTTP_MAX_HEADERS);
    if (r->n_hosts > 1 || r->n_lengths + r->n_encodings > 1 ||
        (r->n_encodings && !same_word(r->encoding, "chunked")))
        return sm_fail(&r->op, SM_E_INVALID,
                       "请求头里的 Host、Content-Length、Transfer-Encoding 有重复或不明确之处");
    return SM_OK;
}

static sm_rc check_length(sm_request *r)
{
    sm_str told = sm_request_header(r, "Content-Length");
    size_t max = r->route ? r->route->max_body : 0;
    int64_t n = 0;
    if (told.n && (!sm_str_to_int(told, &n) || n < 0))
        return sm_fail(&r->op, SM_E_INVALID, "Content-Length 不是数");
    if (max == 0 && (n > 0 || r->n_encodings))
        return sm_fail(&r->op, SM_E_LIMIT, "这个地址不接受正文");
    if ((uint64_t)n > max)
        return sm_fail(&r->op, SM_E_LIMIT, "请求的正文有 %lld 字节，超过 %zu 字节的上限",
                       (long long)n, max);
    sm_buf_init(&r->body, max);
    r->body_began_us = sm_now_us();
    sm_connection_until(r, r->body_began_us, r->h->o.header_s);
    return SM_OK;
}

/* Pages are read only, and a page that is not there is told as such. */
static sm_rc find_route(sm_request *r)
{
    sm_str allowed;
    sm_rc rc = sm_route_find(r, &allowed);
    r->run = r->route ? r->route->run : r->h->o.fallback;
    bool reads = sm_str_eq(r->method, SM_STR("GET")) || sm_str_eq(r->method, SM_STR("HEAD"));
    if (rc == SM_OK || (rc == SM_E_NOTFOUND && reads && r->h->o.fallback))
        return SM_OK;
    if (rc == SM_E_NOTFOUND)
        return sm_fail(&r->op, rc, "没有这个地址");
    sm_respond_header(r, "Allow", sm_cstr(r->op.arena, allowed));
    return sm_fail(&r->op, SM_E_INVALID, "这个地址只接受 %.*s", SM_ARG(allowed));
}

static void begin(sm_request *r, const char *method)
{
    sm_op_begin(&r->op);
    r->begun = true;
    r->began_us = sm_now_us();
    r->method = known_method(method);
    new_trace(r->trace);
}

static sm_rc refuse_stopping(sm_request *r)
{
    sm_respond_header(r, "Retry-After", "5");
    return sm_fail(&r->op, SM_E_UNAVAILABLE, "服务正在停止，请稍后再试");
}

/* The headers are here; what is refused now is refused unread. */
static enum MHD_Result first_step(sm_request *r, const char *method)
{
    begin(r, method);
    sm_rc rc = atomic_load(&r->h->stopping) ? refuse_stopping(r) : SM_OK;
    if (rc == SM_OK)
        rc = check_headers(r);
    if (rc == SM_OK)
        rc = sm_target_read(r, sm_str_of(r->uri));
    if (rc == SM_OK) {
        rc = find_route(r);
        if (rc == SM_E_INVALID) {
            sm_respond_failure(r, rc, 405);
            return sm_respond_now(r);
        }
    }
    if (rc == SM_OK)
        rc = check_length(r);
    if (rc == SM_OK && r->h->o.admit)
        rc = r->h->o.admit(r);
    if (rc == SM_OK && r->answered)
        return sm_respond_now(r);
    if (rc == SM_OK && r->route && r->route->spool)
        rc = spool_open(r);
    return rc < 0 ? fail_now(r, rc) : MHD_YES;
}

static sm_rc whole_body(sm_request *r)
{
    if (r->too_long)
        return sm_fail(&r->op, SM_E_LIMIT, "请求的正文超过 %zu 字节的上限",
                       r->route ? r->route->max_body : 0);
    if (r->spool_failed)
        return sm_fail(&r->op, SM_E_UNAVAILABLE, "存不下上传的文件：磁盘可能已满");
    return SM_OK;
}

/* The connection sleeps while a worker has it. */
static enum MHD_Result give_to_worker(sm_request *r)
{
    suspend(r);
    if (!sm_workers_put(r->h->workers, r)) {
        sm_respond_header(r, "Retry-After", "5");
        sm_fail(&r->op, SM_E_UNAVAILABLE, "现在用的人太多，请稍后再试");
        sm_respond_failure(r, SM_E_UNAVAILABLE, 503);
        sm_request_go_on(r);
    }
    return MHD_YES;
}

static enum MHD_Result whole_request(sm_request *r)
{
    sm_rc rc = whole_body(r);
    if (rc == SM_OK && !enter(r))
        rc = refuse_stopping(r);
    if (rc < 0)
        return fail_now(r, rc);
    sm_connection_until(r, 0, 0);
    if (r->route && r->route->slow)
        return give_to_worker(r);
    sm_request_run(r);
    return r->waiting ? MHD_YES : sm_respond_now(r);
}

/* After sm_request_go_on. */
static enum MHD_Result awake(sm_request *r)
{
    r->waiting = false;
    if (!r->answered)
        sm_request_run(r);
    return r->waiting ? MHD_YES : sm_respond_now(r);
}

enum MHD_Result sm_request_step(void *http, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *n_data, void **request)
{
    sm_request *r = *request;
    size_t n = *n_data;
    (void)http, (void)c, (void)url, (void)version;
    if (!r)
        return MHD_NO;
    if (!r->begun)
        return first_step(r, method);
    *n_data = 0;
    if (n)
        return take_body(r, data, n);
    return r->waiting ? awake(r) : whole_request(r);
}
