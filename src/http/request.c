/*
 * From libmicrohttpd's callbacks to a handler and back.
 */
#include "http/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

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

/* A home has a whole /64 of IPv6 addresses; it is one client. */
static sm_str v6_client(sm_arena *a, struct in6_addr in)
{
    char text[INET6_ADDRSTRLEN];
    if (IN6_IS_ADDR_V4MAPPED(&in)) {
        inet_ntop(AF_INET, (const uint8_t *)&in + 12, text, sizeof(text));
        return sm_str_dup(a, sm_str_of(text));
    }
    memset((uint8_t *)&in + 8, 0, 8);
    inet_ntop(AF_INET6, &in, text, sizeof(text));
    return sm_strf(a, "%s/64", text);
}

static sm_str client_of(sm_arena *a, const struct sockaddr *sa)
{
    char text[INET_ADDRSTRLEN];
    if (sa && sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof(in));
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
        return sm_str_dup(a, sm_str_of(text));
    }
    if (sa && sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof(in));
        return v6_client(a, in.sin6_addr);
    }
    return SM_STR("local");
}

/* What our own proxy added to X-Forwarded-For comes last. */
static sm_str forwarded(const sm_request *r)
{
    sm_str list = sm_request_header(r, "X-Forwarded-For"), one = { 0 };
    struct in6_addr in6;
    struct in_addr in;
    while (sm_str_cut(&list, ',', &one))
        one = sm_str_trim(one);
    const char *text = sm_cstr(r->op.arena, one);
    if (inet_pton(AF_INET, text, &in) == 1)
        return one;
    return inet_pton(AF_INET6, text, &in6) == 1 ? v6_client(r->op.arena, in6) : (sm_str){ 0 };
}

sm_str sm_request_address(const sm_request *r)
{
    sm_str told = r->h->o.trust_proxy ? forwarded(r) : (sm_str){ 0 };
    if (told.n)
        return told;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return client_of(r->op.arena, info ? info->client_addr : NULL);
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
    if (!r)
        return NULL;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    *r = (sm_request){ .h = http, .c = c, .file = -1, .began_us = sm_now_us() };
    r->connection = info ? info->socket_context : NULL;
    sm_op_begin(&r->op);
    sm_buf_init(&r->body, 0);
    new_trace(r->trace);
    if (sm_target_read(r, sm_str_dup(r->op.arena, sm_str_of(uri))) < 0)
        r->rc = SM_E_INVALID;
    return r;
}

static enum MHD_Result count_one(void *n, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind, (void)name, (void)value;
    ++*(size_t *)n;
    return MHD_YES;
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
    if (!r->h->o.log)
        return;
    bool ours = r->rc == SM_E_INTERNAL || r->rc == SM_E_CORRUPT || r->rc == SM_E_UNAVAILABLE;
    sm_http_line line = { .trace = sm_str_of(r->trace),
                          .method = r->method,
                          .route = sm_str_of(r->route ? r->route->path : "-"),
                          .status = r->status,
                          .rc = r->rc,
                          .message = ours ? r->op.msg : (sm_str){ 0 },
                          .ms = (double)(sm_now_us() - r->began_us) / 1000.0 };
    r->h->o.log(r->h->o.ctx, &line);
}

void sm_request_end(void *http, struct MHD_Connection *c, void **request,
                    enum MHD_RequestTerminationCode why)
{
    sm_request *r = *request;
    (void)http, (void)c, (void)why;
    if (!r)
        return;
    write_log(r);
    sm_connection_does(r, SM_DOING_HEADERS, SM_HTTP_IDLE_S);
    if (r->response)
        MHD_destroy_response(r->response);
    if (r->file >= 0)
        close(r->file);
    if (r->file_path.n)
        unlink(r->file_path.p);
    sm_buf_done(&r->body);
    sm_op_end(&r->op);
    free(r);
    *request = NULL;
}

/* --------------------------------------------------------------- the body */

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

void sm_request_suspend(sm_request *r)
{
    r->waiting = true;
    pthread_mutex_lock(&r->h->lock);
    r->h->n_waiting++;
    pthread_mutex_unlock(&r->h->lock);
    MHD_suspend_connection(r->c);
}

void sm_request_wait(sm_request *r, sm_handler *then)
{
    r->run = then;
    sm_request_suspend(r);
}

void sm_request_go_on(sm_request *r)
{
    sm_http *h = r->h;
    MHD_resume_connection(r->c); /* from here on r is another thread's */
    pthread_mutex_lock(&h->lock);
    if (--h->n_waiting == 0)
        pthread_cond_broadcast(&h->none_waiting);
    pthread_mutex_unlock(&h->lock);
}

void sm_request_run(sm_request *r)
{
    sm_handler *run = r->run;
    r->run = NULL;
    sm_rc rc = run(r);
    if (rc < 0)
        sm_respond_failure(r, rc, sm_rc_http(rc));
    else if (!r->answered && !r->run)
        sm_respond_failure(r, SM_E_INTERNAL, 500);
}

static enum MHD_Result fail_now(sm_request *r, sm_rc rc)
{
    sm_respond_failure(r, rc, sm_rc_http(rc));
    return sm_respond_now(r);
}

static sm_rc check_length(sm_request *r)
{
    sm_str told = sm_request_header(r, "Content-Length");
    size_t max = r->route ? r->route->max_body : 0;
    int64_t n = 0;
    if (told.n && (!sm_str_to_int(told, &n) || n < 0))
        return sm_fail(&r->op, SM_E_INVALID, "Content-Length 不是数");
    if ((uint64_t)n > max)
        return sm_fail(&r->op, SM_E_LIMIT, "请求的正文有 %lld 字节，超过 %zu 字节的上限",
                       (long long)n, max);
    sm_buf_done(&r->body);
    sm_buf_init(&r->body, max + 1);
    sm_connection_does(r, SM_DOING_BODY, SM_HTTP_HEADER_S + n / 8192);
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

/* The headers are here; what is refused now is refused unread. */
static enum MHD_Result first_step(sm_request *r, const char *method)
{
    size_t n_headers = 0;
    r->begun = true;
    r->method = known_method(method);
    MHD_get_connection_values(r->c, MHD_HEADER_KIND, count_one, &n_headers);
    sm_rc rc = r->rc;
    if (rc == SM_OK && atomic_load(&r->h->stopping))
        rc = sm_fail(&r->op, SM_E_UNAVAILABLE, "服务正在停止，请稍后再试");
    if (rc == SM_OK && n_headers > SM_HTTP_MAX_HEADERS)
        rc = sm_fail(&r->op, SM_E_LIMIT, "请求头超过 %d 个", SM_HTTP_MAX_HEADERS);
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

static enum MHD_Result send_now(sm_request *r)
{
    sm_connection_does(r, SM_DOING_SEND, SM_HTTP_SEND_S);
    return sm_respond_now(r);
}

enum MHD_Result sm_request_step(void *http, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *n_data, void **request)
{
    sm_request *r = *request;
    (void)http, (void)c, (void)url, (void)version;
    if (!r)
        return MHD_NO;
    if (!r->begun)
        return first_step(r, method);
    if (*n_data) {
        size_t n = *n_data;
        *n_data = 0;
        return take_body(r, data, n);
    }
    if (!r->waiting) {
        sm_rc rc = whole_body(r);
        if (rc < 0)
            return fail_now(r, rc);
        sm_connection_does(r, SM_DOING_WORK, 0);
        if (r->route && r->route->slow) {
            sm_request_suspend(r);
            if (!sm_workers_put(r->h->workers, r)) {
                sm_respond_header(r, "Retry-After", "5");
                sm_fail(&r->op, SM_E_UNAVAILABLE, "现在用的人太多，请稍后再试");
                sm_respond_failure(r, SM_E_UNAVAILABLE, 503);
                sm_request_go_on(r);
            }
            return MHD_YES;
        }
    }
    r->waiting = false;
    if (!r->answered)
        sm_request_run(r);
    return r->waiting ? MHD_YES : send_now(r);
}
