#include "gateway/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <sys/epoll.h>

enum { KEPT_HANDLES = 256, TRACE_BYTES = 160 };

struct sm_target {
    char *base, *socket;
    struct curl_slist *headers;
};

typedef struct socket_watch {
    sm_watch watch;
    sm_client *client;
    struct socket_watch *next;
} socket_watch;

struct sm_client {
    sm_loop *loop;
    char *ca; /* NULL: the system's */
    CURLM *multi;
    sm_timer timer;
    socket_watch *free_watches;
    sm_exchange *free_exchanges;
    size_t n_free;
};

struct sm_exchange {
    sm_client *client;
    CURL *easy;
    sm_sent sent;
    sm_fault fault; /* found by us, while libcurl says it could not write */
    struct curl_slist trace;
    char trace_line[TRACE_BYTES];
    /* the answer */
    int status;
    bool headed;
    char type[64];
    int64_t retry_after_s;
    size_t n_headers, n_header_bytes, n_bytes;
    sm_exchange *next;
};

const char *sm_fault_id(sm_fault f)
{
    static const char *const id[] = {
#define FAULT_ID(name, id, text) id,
        SM_FAULT_TABLE(FAULT_ID)
#undef FAULT_ID
    };
    return id[f];
}

const char *sm_fault_text(sm_fault f)
{
    static const char *const text[] = {
#define FAULT_TEXT(name, id, text) text,
        SM_FAULT_TABLE(FAULT_TEXT)
#undef FAULT_TEXT
    };
    return text[f];
}

/* ------------------------------------------------------------------ targets */

static char *copy(const char *s)
{
    char *c = strdup(s);
    if (!c)
        abort();
    return c;
}

static void add_header(sm_target *t, const char *line)
{
    struct curl_slist *more = curl_slist_append(t->headers, line);
    if (!more)
        abort();
    t->headers = more;
}

sm_target *sm_target_open(const char *base, const char *socket, sm_str key)
{
    sm_target *t = calloc(1, sizeof(*t));
    if (!t)
        abort();
    t->base = copy(base);
    t->socket = *socket ? copy(socket) : NULL;
    add_header(t, "Content-Type: application/json");
    add_header(t, "Accept:");
    add_header(t, "Expect:"); /* no 100-continue: it would cost a round trip */
    if (key.n) {
        char line[4200];
        snprintf(line, sizeof(line), "Authorization: Bearer %.*s", SM_ARG(key));
        add_header(t, line);
        explicit_bzero(line, sizeof(line));
    }
    return t;
}

void sm_target_close(sm_target *t)
{
    if (!t)
        return;
    curl_slist_free_all(t->headers);
    free(t->base);
    free(t->socket);
    free(t);
}

/* ------------------------------------------------------ libcurl and the loop */

static sm_fault fault_of(CURLcode rc)
{
    static const struct {
        CURLcode rc;
        sm_fault fault;
    } known[] = {
        { CURLE_OK, SM_FAULT_NONE },
        { CURLE_COULDNT_RESOLVE_HOST, SM_FAULT_NAME },
        { CURLE_COULDNT_CONNECT, SM_FAULT_CONNECT },
        { CURLE_OPERATION_TIMEDOUT, SM_FAULT_TIMEOUT },
        { CURLE_WRITE_ERROR, SM_FAULT_STOPPED },
        { CURLE_UNSUPPORTED_PROTOCOL, SM_FAULT_GARBAGE },
        { CURLE_WEIRD_SERVER_REPLY, SM_FAULT_GARBAGE },
        { CURLE_BAD_CONTENT_ENCODING, SM_FAULT_GARBAGE },
        { CURLE_OUT_OF_MEMORY, SM_FAULT_SIZE },
        { CURLE_SSL_CONNECT_ERROR, SM_FAULT_TLS },
        { CURLE_PEER_FAILED_VERIFICATION, SM_FAULT_TLS },
        { CURLE_SSL_CERTPROBLEM, SM_FAULT_TLS },
        { CURLE_SSL_CACERT_BADFILE, SM_FAULT_TLS },
    };
    for (size_t i = 0; i < SM_LEN(known); i++)
        if (known[i].rc == rc)
            return known[i].fault;
    return SM_FAULT_CUT;
}

static void put_back(sm_exchange *x)
{
    sm_client *c = x->client;
    if (c->n_free == KEPT_HANDLES) {
        curl_easy_cleanup(x->easy);
        free(x);
        return;
    }
    x->next = c->free_exchanges;
    c->free_exchanges = x;
    c->n_free++;
}

static void tell_ended(sm_client *c)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
        sm_exchange *x = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        CURL *easy = m->easy_handle;
        sm_fault fault = fault_of(m->data.result); /* m is gone with the handle */
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x);
        curl_multi_remove_handle(c->multi, easy);
        if (x->fault)
            fault = x->fault;
        const sm_exchange_calls *calls = x->sent.calls;
        void *ctx = x->sent.ctx;
        put_back(x);
        calls->end(ctx, fault);
    }
}

static void on_socket(void *watch, uint32_t events)
{
    socket_watch *w = watch;
    sm_client *c = w->client;
    int mask = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    int running;
    curl_multi_socket_action(c->multi, w->watch.fd, mask, &running);
    tell_ended(c);
}

static void on_timer(void *client)
{
    sm_client *c = client;
    int running;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    tell_ended(c);
}

static int set_timer(CURLM *multi, long ms, void *client)
{
    sm_client *c = client;
    (void)multi;
    if (ms < 0)
        sm_timer_stop(c->loop, &c->timer);
    else
        sm_timer_set(c->loop, &c->timer, sm_loop_now(c->loop) + ms * INT64_C(1000));
    return 0;
}

static socket_watch *take_watch(sm_client *c, curl_socket_t fd)
{
    socket_watch *w = c->free_watches;
    if (w)
        c->free_watches = w->next;
    else if (!(w = malloc(sizeof(*w))))
        abort();
    *w = (socket_watch){ .watch = { .fd = fd, .fn = on_socket, .ctx = w }, .client = c };
    curl_multi_assign(c->multi, fd, w);
    return w;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *client, void *watch)
{
    sm_client *c = client;
    socket_watch *w = watch;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (!w)
            return 0;
        sm_watch_stop(c->loop, &w->watch);
        curl_multi_assign(c->multi, fd, NULL);
        w->next = c->free_watches;
        c->free_watches = w;
        return 0;
    }
    if (!w)
        w = take_watch(c, fd);
    sm_watch_set(c->loop, &w->watch,
                 (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                     (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0));
    return 0;
}

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
}

sm_rc sm_client_open(sm_op *op, sm_loop *l, const char *ca, sm_client **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    sm_client *c = calloc(1, sizeof(*c));
    if (!c || !(c->multi = curl_multi_init())) {
        free(c);
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    }
    c->loop = l;
    c->ca = *ca ? copy(ca) : NULL;
    c->timer = (sm_timer){ .fn = on_timer, .ctx = c, .anywhere = true };
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)SM_CLIENT_CONNECTIONS);
    *out = c;
    return SM_OK;
}

void sm_client_close(sm_client *c)
{
    if (!c)
        return;
    for (sm_exchange *x = c->free_exchanges, *next; x; x = next) {
        next = x->next;
        curl_easy_cleanup(x->easy);
        free(x);
    }
    curl_multi_cleanup(c->multi);
    sm_timer_stop(c->loop, &c->timer);
    for (socket_watch *w = c->free_watches, *next; w; w = next) {
        next = w->next;
        free(w);
    }
    free(c->ca);
    free(c);
}

/* --------------------------------------------------------------- an exchange */

static void begin_head(sm_exchange *x, sm_str line)
{
    int64_t status = 0;
    size_t blank = sm_str_find(line, SM_STR(" "), 0);
    if (blank != SIZE_MAX)
        sm_str_to_int(sm_str_sub(line, blank + 1, blank + 4), &status);
    x->status = (int)status;
    x->type[0] = 0;
    x->retry_after_s = 0;
}

static void note_header(sm_exchange *x, sm_str line)
{
    size_t colon = sm_str_find(line, SM_STR(":"), 0);
    if (colon == SIZE_MAX)
        return;
    sm_str value = sm_str_trim(sm_str_sub(line, colon + 1, line.n));
    if (colon == 12 && strncasecmp(line.p, "Content-Type", 12) == 0)
        snprintf(x->type, sizeof(x->type), "%.*s", SM_ARG(value));
    else if (colon == 11 && strncasecmp(line.p, "Retry-After", 11) == 0 &&
             !sm_str_to_int(value, &x->retry_after_s))
        x->retry_after_s = 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *exchange)
{
    sm_exchange *x = exchange;
    sm_str line = sm_str_trim((sm_str){ p, size * n });
    x->n_headers++;
    x->n_header_bytes += size * n;
    if (x->n_headers > SM_CLIENT_HEADERS || x->n_header_bytes > SM_CLIENT_HEADER_BYTES) {
        x->fault = SM_FAULT_SIZE;
        return 0;
    }
    if (sm_str_starts(line, SM_STR("HTTP/")))
        begin_head(x, line);
    else if (line.n)
        note_header(x, line);
    if (line.n || x->status < 200 || x->headed) /* 1xx: the real one follows; trailers */
        return size * n;
    x->headed = true;
    sm_reply_head h = { .status = x->status,
                        .type = sm_str_of(x->type),
                        .retry_after_s = x->retry_after_s };
    return x->sent.calls->head(x->sent.ctx, &h) ? size * n : 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *exchange)
{
    sm_exchange *x = exchange;
    x->n_bytes += size * n;
    if (x->n_bytes > x->sent.max_bytes) {
        x->fault = SM_FAULT_SIZE;
        return 0;
    }
    return x->sent.calls->bytes(x->sent.ctx, (sm_str){ p, size * n }) ? size * n : 0;
}

/* What every exchange has; setting it once saves half of what an exchange costs. */
static void set_standing(sm_exchange *x)
{
    CURL *e = x->easy;
    if (x->client->ca)
        curl_easy_setopt(e, CURLOPT_CAINFO, x->client->ca);
    curl_easy_setopt(e, CURLOPT_PRIVATE, x);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* to end is not to wait for a name server */
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)SM_CLIENT_CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
}

static sm_exchange *take_exchange(sm_client *c)
{
    sm_exchange *x = c->free_exchanges;
    if (x) {
        c->free_exchanges = x->next;
        c->n_free--;
        return x;
    }
    x = calloc(1, sizeof(*x));
    if (!x || !(x->easy = curl_easy_init()))
        abort();
    x->client = c;
    set_standing(x);
    return x;
}

static struct curl_slist *headers_of(sm_exchange *x)
{
    if (!x->sent.trace)
        return x->sent.to->headers;
    snprintf(x->trace_line, sizeof(x->trace_line), "X-Request-Id: %s", x->sent.trace);
    x->trace = (struct curl_slist){ .data = x->trace_line, .next = x->sent.to->headers };
    return &x->trace;
}

sm_exchange *sm_client_send(sm_client *c, const sm_sent *s)
{
    sm_exchange *x = take_exchange(c);
    CURL *e = x->easy;
    char url[2048];
    x->sent = *s;
    x->fault = SM_FAULT_NONE;
    x->status = 0;
    x->headed = false;
    x->n_headers = x->n_header_bytes = x->n_bytes = 0;
    snprintf(url, sizeof(url), "%s%s", s->to->base, s->path);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, s->to->socket);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers_of(x));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)s->total_ms);
    if (s->post) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->body.n);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, s->body.p);
    } else {
        curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
    }
    curl_multi_add_handle(c->multi, e);
    return x;
}

void sm_exchange_cancel(sm_exchange *x)
{
    curl_multi_remove_handle(x->client->multi, x->easy);
    put_back(x);
}

void sm_exchange_pause(sm_exchange *x)
{
    curl_easy_pause(x->easy, CURLPAUSE_RECV);
}

void sm_exchange_resume(sm_exchange *x)
{
    curl_easy_pause(x->easy, CURLPAUSE_CONT);
}
