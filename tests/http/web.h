/*
 * tests/http/web.h - a server with routes of the tests' own, and a client over raw sockets.
 */
#ifndef SM_TESTS_HTTP_WEB_H
#define SM_TESTS_HTTP_WEB_H

#include "http/http.h"

#include "../fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { MAX_STREAMS = 1024, MAX_LINES = 4096 };

/* ------------------------------------------------------------ the server */

typedef struct line {
    char trace[20], method[12], route[40], message[120];
    int status;
    sm_rc rc;
} line;

typedef struct web {
    sm_op op;
    const char *dir;
    sm_http *http;
    sm_http_options o;
    pthread_mutex_t lock;
    line line[MAX_LINES];
    size_t n_lines;
    sm_stream *stream[MAX_STREAMS];
    size_t n_streams;
    sm_request *waiting[64];
    size_t n_waiting, n_left; /* left: clients that closed their end early */
    atomic_int in_slow, max_in_slow, n_slow;
    atomic_bool refuse; /* what `admit` says */
    atomic_int n_admitted;
} web;

static inline void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static inline web *web_of(sm_request *r)
{
    return sm_request_ctx(r);
}

static inline sm_rc web_hello(sm_request *r)
{
    return sm_respond_json(r, 200, json_pack("{s:b}", "ok", 1));
}

static inline sm_rc web_echo(sm_request *r)
{
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    return rc < 0 ? rc : sm_respond_json(r, 200, json_incref(j));
}

/* Everything of the target that a handler can see. */
static inline sm_rc web_look(sm_request *r)
{
    int64_t n;
    sm_rc rc = sm_request_int(r, "n", 1, 9, 5, &n);
    if (rc < 0)
        return rc;
    json_t *j = json_object();
    json_object_set_new(j, "method", sm_json_of(sm_request_method(r)));
    json_object_set_new(j, "path", sm_json_of(sm_request_path(r)));
    json_object_set_new(j, "a", sm_json_of(sm_request_segment(r, "a")));
    json_object_set_new(j, "b", sm_json_of(sm_request_segment(r, "b")));
    json_object_set_new(j, "q", sm_json_of(sm_request_query(r, "q")));
    json_object_set_new(j, "cookie", sm_json_of(sm_request_cookie(r, "sid")));
    json_object_set_new(j, "address", sm_json_of(sm_request_address(r)));
    json_object_set_new(j, "tls", json_boolean(sm_request_behind_tls(r)));
    json_object_set_new(j, "n", json_integer(n));
    return sm_respond_json(r, 200, j);
}

static inline sm_rc web_file(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_str bytes = { 0 };
    const char *path = sm_cstr(op->arena, sm_request_file(r));
    sm_rc rc = sm_file_read(op, path, 1 << 22, &bytes);
    if (rc < 0)
        return rc;
    sm_digest d = sm_sha256(bytes);
    sm_str hex = sm_digest_hex(op->arena, &d);
    return sm_respond_json(r, 200,
                           json_pack("{s:I,s:s}", "bytes", (json_int_t)bytes.n, "sha256", hex.p));
}

static inline sm_rc web_slow(sm_request *r)
{
    web *w = web_of(r);
    int64_t ms;
    sm_rc rc = sm_request_int(r, "ms", 0, 5000, 50, &ms);
    if (rc < 0)
        return rc;
    int now = atomic_fetch_add(&w->in_slow, 1) + 1;
    if (now > atomic_load(&w->max_in_slow))
        atomic_store(&w->max_in_slow, now);
    sleep_ms((int)ms);
    atomic_fetch_sub(&w->in_slow, 1);
    atomic_fetch_add(&w->n_slow, 1);
    return sm_respond_json(r, 200, json_pack("{s:I}", "slept", (json_int_t)ms));
}

static inline void web_left(void *ctx)
{
    web *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->n_left++;
    pthread_mutex_unlock(&w->lock);
}

static inline sm_rc web_rested(sm_request *r)
{
    sm_rc rc = sm_request_op(r)->rc;
    return rc < 0 ? rc : sm_respond_json(r, 200, json_pack("{s:s}", "rested", sm_request_kept(r)));
}

/* Who answers it is another thread of the test. */
static inline sm_rc web_wait(sm_request *r)
{
    web *w = web_of(r);
    static char well[] = "well";
    sm_request_keep(r, well);
    sm_request_on_gone(r, web_left, w);
    sm_request_wait(r, web_rested);
    pthread_mutex_lock(&w->lock);
    w->waiting[w->n_waiting++] = r;
    pthread_mutex_unlock(&w->lock);
    return SM_OK;
}

static inline void *web_go_on(void *request)
{
    sleep_ms(1);
    sm_request_go_on(request);
    return NULL;
}

/* Goes on at once, perhaps before this returns. */
static inline sm_rc web_brief(sm_request *r)
{
    pthread_t t;
    static char briefly[] = "briefly";
    sm_request_keep(r, briefly);
    sm_request_wait(r, web_rested);
    if (pthread_create(&t, NULL, web_go_on, r) != 0)
        return sm_fail(sm_request_op(r), SM_E_INTERNAL, "thread");
    pthread_detach(t);
    return SM_OK;
}

static inline sm_rc web_not_handed_on(sm_request *r)
{
    sm_request_wait(r, web_rested);
    return sm_fail(sm_request_op(r), SM_E_CONFLICT, "没有交出去");
}

static inline sm_rc web_pieces(sm_request *r)
{
    sm_stream *s = sm_respond_pieces(r, 207, "text/x-pieces");
    for (int i = 0; i < 300; i++)
        sm_stream_write(s, SM_STR("一二三四五"));
    sm_stream_close(s);
    return SM_OK;
}

static inline sm_rc web_stream(sm_request *r)
{
    web *w = web_of(r);
    sm_stream *s = sm_respond_stream(r);
    sm_stream_on_gone(s, web_left, w);
    pthread_mutex_lock(&w->lock);
    if (w->n_streams < MAX_STREAMS)
        w->stream[w->n_streams++] = s;
    pthread_mutex_unlock(&w->lock);
    return SM_OK;
}

/* All at once, then the end. */
static inline sm_rc web_burst(sm_request *r)
{
    int64_t n;
    sm_rc rc = sm_request_int(r, "n", 0, 100000, 3, &n);
    if (rc < 0)
        return rc;
    sm_stream *s = sm_respond_stream(r);
    for (int64_t i = 1; i <= n; i++)
        sm_stream_send(s, "tick", i, SM_STR("一行\n又一行"));
    sm_stream_close(s);
    return SM_OK;
}

static inline sm_rc web_big(sm_request *r)
{
    size_t n = 16u << 20;
    char *p = sm_alloc(sm_request_op(r)->arena, n);
    memset(p, 'x', n);
    return sm_respond_bytes(r, 200, "text/plain", (sm_str){ p, n });
}

static inline sm_rc web_broken(sm_request *r)
{
    return sm_fail(sm_request_op(r), SM_E_INTERNAL, "内情：%s", "表坏了");
}

static inline sm_rc web_silent(sm_request *r)
{
    (void)r;
    return SM_OK;
}

static inline sm_rc web_late_failure(sm_request *r)
{
    sm_respond_header(r, "Cache-Control", "public, max-age=600");
    sm_respond_bytes(r, 200, "text/plain", SM_STR("好"));
    return sm_fail(sm_request_op(r), SM_E_NOTFOUND, "后来没有找到");
}

static inline sm_rc web_late_stream_failure(sm_request *r)
{
    web_stream(r);
    return sm_fail(sm_request_op(r), SM_E_NOTFOUND, "后来没有找到");
}

static inline sm_rc web_status(sm_request *r)
{
    sm_respond_header(r, "Retry-After", "7");
    return sm_respond_status(r, 429, SM_E_LIMIT, "太快了：%d", 7);
}

static const sm_route web_route[] = {
    { .method = "GET", .path = "/hello", .run = web_hello, .cost = "hello" },
    { .method = "POST", .path = "/echo", .run = web_echo, .max_body = 4096 },
    { .method = "GET", .path = "/look/{a}", .run = web_look },
    { .method = "GET", .path = "/look/{a}/at/{b}", .run = web_look },
    { .method = "DELETE", .path = "/look/{a}", .run = web_look },
    { .method = "POST", .path = "/file", .run = web_file, .max_body = 1 << 20, .spool = true },
    { .method = "GET", .path = "/slow", .run = web_slow, .slow = true },
    { .method = "POST", .path = "/slow-echo", .run = web_echo, .max_body = 4096, .slow = true },
    { .method = "GET", .path = "/wait", .run = web_wait },
    { .method = "GET", .path = "/brief", .run = web_brief },
    { .method = "GET", .path = "/not-handed-on", .run = web_not_handed_on },
    { .method = "GET", .path = "/stream", .run = web_stream },
    { .method = "GET", .path = "/pieces", .run = web_pieces },
    { .method = "GET", .path = "/slow-stream", .run = web_stream, .slow = true },
    { .method = "POST",
      .path = "/file-stream",
      .run = web_stream,
      .max_body = 1 << 20,
      .spool = true },
    { .method = "GET", .path = "/burst", .run = web_burst },
    { .method = "GET", .path = "/big", .run = web_big },
    { .method = "GET", .path = "/broken", .run = web_broken },
    { .method = "GET", .path = "/silent", .run = web_silent },
    { .method = "GET", .path = "/late-failure", .run = web_late_failure },
    { .method = "GET", .path = "/late-stream-failure", .run = web_late_stream_failure },
    { .method = "GET", .path = "/status", .run = web_status },
};

static const sm_route_list web_routes[] = { { web_route, SM_LEN(web_route) } };

static inline sm_rc web_page(sm_request *r)
{
    return sm_respond_bytes(r, 200, "text/plain; charset=utf-8", sm_request_path(r));
}

static inline sm_rc web_admit(sm_request *r)
{
    atomic_fetch_add(&web_of(r)->n_admitted, 1);
    if (atomic_load(&web_of(r)->refuse))
        return sm_fail(sm_request_op(r), SM_E_DENIED, "今天不办公");
    return SM_OK;
}

static inline void keep_text(char *to, size_t max, sm_str s)
{
    size_t n = SM_MIN(s.n, max - 1);
    if (n)
        memcpy(to, s.p, n);
    to[n] = 0;
}

static inline void web_log(void *ctx, const sm_http_line *l)
{
    web *w = ctx;
    pthread_mutex_lock(&w->lock);
    line *k = &w->line[w->n_lines++ % MAX_LINES];
    keep_text(k->trace, sizeof(k->trace), l->trace);
    keep_text(k->method, sizeof(k->method), l->method);
    keep_text(k->route, sizeof(k->route), l->route);
    keep_text(k->message, sizeof(k->message), l->message);
    k->status = l->status;
    k->rc = l->rc;
    pthread_mutex_unlock(&w->lock);
}

/* `o` may be NULL; what it leaves open is filled in. */
static inline web *web_open(const sm_http_options *o)
{
    web *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    sm_op_begin(&w->op);
    w->dir = fresh_dir(&w->op);
    pthread_mutex_init(&w->lock, NULL);
    w->o = o ? *o : (sm_http_options){ 0 };
    if (!w->o.listen)
        w->o.listen = "127.0.0.1:0";
    if (!w->o.routes) {
        w->o.routes = web_routes;
        w->o.n_routes = SM_LEN(web_routes);
    }
    w->o.admit = web_admit;
    w->o.log = web_log;
    w->o.ctx = w;
    w->o.spool_dir = w->dir;
    must(&w->op, sm_http_open(&w->op, &w->o, &w->http));
    return w;
}

/* Streams are put back only after the server is gone: their handles outlive it. */
static inline void web_close(web *w)
{
    sm_http_close(w->http);
    for (size_t i = 0; i < w->n_streams; i++)
        sm_stream_close(w->stream[i]);
    remove_dir(w->dir);
    pthread_mutex_destroy(&w->lock);
    sm_op_end(&w->op);
    free(w);
}

static inline size_t web_count(web *w, const size_t *n)
{
    pthread_mutex_lock(&w->lock);
    size_t now = *n;
    pthread_mutex_unlock(&w->lock);
    return now;
}

/* At most ten seconds. */
static inline void web_await(web *w, const size_t *n, size_t at_least)
{
    for (int i = 0; i < 2000 && web_count(w, n) < at_least; i++)
        sleep_ms(5);
    assert_true(web_count(w, n) >= at_least);
}

static inline line web_line(web *w, size_t i)
{
    web_await(w, &w->n_lines, i + 1);
    pthread_mutex_lock(&w->lock);
    line k = w->line[i % MAX_LINES];
    pthread_mutex_unlock(&w->lock);
    return k;
}

/* ------------------------------------------------------------ the client */

typedef struct client {
    int fd;
    sm_buf in;
    size_t at; /* what is before it has been looked at */
} client;

typedef struct reply {
    int status; /* 0: the connection ended first */
    sm_str head, body;
    bool whole;
} reply;

static inline int dial_address(const char *address)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    bool local = strncmp(address, "unix:", 5) == 0;
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const struct timeval patience = { .tv_sec = 20 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (local) {
        snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + 5);
        assert_return_code(connect(fd, (struct sockaddr *)&un, sizeof(un)), errno);
        return fd;
    }
    in.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_return_code(connect(fd, (struct sockaddr *)&in, sizeof(in)), errno);
    return fd;
}

static inline client dial(web *w)
{
    client c = { .fd = dial_address(sm_http_address(w->http)) };
    sm_buf_init(&c.in, 64u << 20);
    return c;
}

static inline void hang_up(client *c)
{
    close(c->fd);
    sm_buf_done(&c->in);
}

/* With a reset instead of an orderly end. */
static inline void slam(client *c)
{
    const struct linger none = { .l_onoff = 1 };
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    hang_up(c);
}

/* False when the other side has gone. */
static inline bool put(client *c, sm_str s)
{
    while (s.n) {
        ssize_t n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        s = sm_str_sub(s, (size_t)n, s.n);
    }
    return true;
}

static inline bool puts_(client *c, const char *s)
{
    return put(c, sm_str_of(s));
}

static inline bool more(client *c)
{
    char buf[65536];
    ssize_t n = recv(c->fd, buf, sizeof(buf), 0);
    if (n <= 0)
        return false;
    sm_buf_add(&c->in, (sm_str){ buf, (size_t)n });
    assert_false(c->in.failed);
    return true;
}

static inline sm_str unread(const client *c)
{
    return sm_str_sub(sm_buf_str(&c->in), c->at, c->in.n);
}

/* Reads until `what` is there; false when the connection ended first. */
static inline bool wait_for(client *c, const char *what)
{
    for (;;) {
        size_t hit = sm_str_find(unread(c), sm_str_of(what), 0);
        if (hit != SIZE_MAX) {
            c->at += hit + strlen(what);
            return true;
        }
        if (!more(c))
            return false;
    }
}

static inline bool ended(client *c)
{
    while (more(c))
        ;
    return true;
}

/* The value of a header of a reply, "" when absent. */
static inline sm_str header(const reply *a, const char *name)
{
    sm_str rest = a->head, one;
    size_t n = strlen(name);
    while (sm_str_cut(&rest, '\n', &one))
        if (one.n > n && strncasecmp(one.p, name, n) == 0 && one.p[n] == ':')
            return sm_str_trim(sm_str_sub(one, n + 1, one.n));
    return (sm_str){ 0 };
}

static inline bool take_chunks(client *c, sm_buf *body)
{
    for (;;) {
        size_t from = c->at;
        if (!wait_for(c, "\r\n"))
            return false;
        size_t n = strtoul(c->in.p + from, NULL, 16);
        while (c->in.n < c->at + n + 2)
            if (!more(c))
                return false;
        sm_buf_add(body, (sm_str){ c->in.p + c->at, n });
        c->at += n + 2;
        if (n == 0)
            return true;
    }
}

static inline bool take_body_of(client *c, reply *a, bool no_body, sm_buf *body)
{
    int64_t n = 0;
    if (no_body || a->status == 304 || a->status == 204)
        return true;
    if (sm_str_eq(header(a, "Transfer-Encoding"), SM_STR("chunked")))
        return take_chunks(c, body);
    if (!sm_str_to_int(header(a, "Content-Length"), &n))
        return false;
    while (c->in.n < c->at + (size_t)n)
        if (!more(c))
            return false;
    sm_buf_add(body, (sm_str){ c->in.p + c->at, (size_t)n });
    c->at += (size_t)n;
    return true;
}

/* One reply; its texts live in the server's arena. */
static inline reply take_reply(web *w, client *c, bool no_body)
{
    reply a = { 0 };
    size_t from = c->at;
    if (!wait_for(c, "\r\n\r\n"))
        return a;
    a.head = sm_str_dup(w->op.arena, (sm_str){ c->in.p + from, c->at - from });
    assert_true(sm_str_starts(a.head, SM_STR("HTTP/1.1 ")));
    a.status = atoi(a.head.p + 9);
    sm_buf body;
    sm_buf_init(&body, 64u << 20);
    a.whole = take_body_of(c, &a, no_body, &body);
    a.body = sm_str_dup(w->op.arena, sm_buf_str(&body));
    sm_buf_done(&body);
    return a;
}

static inline reply ask(web *w, const char *request)
{
    client c = dial(w);
    puts_(&c, request);
    reply a = take_reply(w, &c, strncmp(request, "HEAD ", 5) == 0);
    hang_up(&c);
    return a;
}

#define HOST "Host: localhost\r\n"

/* GET target, with more header lines. */
static inline reply get_with(web *w, const char *target, const char *headers)
{
    return ask(w, sm_strf(w->op.arena, "GET %s HTTP/1.1\r\n" HOST "%s\r\n", target, headers).p);
}

static inline reply get(web *w, const char *target)
{
    return get_with(w, target, "");
}

static inline reply post(web *w, const char *target, sm_str body)
{
    client c = dial(w);
    puts_(&c, sm_strf(w->op.arena, "POST %s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n",
                      target, body.n)
                  .p);
    put(&c, body);
    reply a = take_reply(w, &c, false);
    hang_up(&c);
    return a;
}

static inline json_t *json_of(web *w, const reply *a)
{
    json_t *j = NULL;
    must(&w->op, sm_json_parse(&w->op, a->body, "回答", &j));
    return j;
}

/* The code of a failure: "E_LIMIT". */
static inline const char *code_of(web *w, const reply *a)
{
    return json_string_value(json_object_get(json_object_get(json_of(w, a), "error"), "code"));
}

static inline const char *message_of(web *w, const reply *a)
{
    return json_string_value(json_object_get(json_object_get(json_of(w, a), "error"), "message"));
}

static inline const char *text_of(web *w, const reply *a, const char *key)
{
    return json_string_value(json_object_get(json_of(w, a), key));
}

#define assert_text(s, text)                                 \
    do {                                                     \
        sm_str s_ = (s);                                     \
        assert_int_equal(s_.n, strlen(text));                \
        assert_memory_equal(s_.p ? s_.p : "", (text), s_.n); \
    } while (0)

#define assert_failure(w, a, want_status, want_code)         \
    do {                                                     \
        reply a_ = (a);                                      \
        assert_int_equal(a_.status, (want_status));          \
        assert_string_equal(code_of((w), &a_), (want_code)); \
    } while (0)

#endif
