/*
 * The daemon: listening, connections, the watch over slow clients.
 */
#include "http/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { MAX_CONNECTIONS = 4096, BACKLOG = 1024 };

/* ------------------------------------------------------------- listening */

static int listen_unix(sm_op *op, sm_http *h, const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct stat st;
    if (strlen(path) >= sizeof(un.sun_path)) {
        sm_fail(op, SM_E_INVALID, "unix 套接字的路径太长：%s", path);
        return -1;
    }
    memcpy(un.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0) {
        close(fd);
        sm_fail(op, SM_E_UNAVAILABLE, "%s 上已经有一个服务在运行", path);
        return -1;
    }
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) /* left behind by one that was killed */
        unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 || chmod(path, 0660) < 0 ||
        listen(fd, BACKLOG) < 0) {
        sm_fail(op, SM_E_UNAVAILABLE, "不能在 %s 上接受连接：%s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    h->unix_path = sm_cstr(h->own, sm_str_of(path));
    return fd;
}

typedef union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} address;

/* "127.0.0.1:8750" or "[::1]:8750". */
static sm_rc read_address(sm_op *op, const char *text, address *a, socklen_t *n)
{
    const char *colon = strrchr(text, ':');
    int64_t port = -1;
    *a = (address){ 0 };
    if (colon && sm_str_to_int(sm_str_of(colon + 1), &port) && port >= 0 && port <= 65535) {
        sm_str host = { text, (size_t)(colon - text) };
        bool six = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
        const char *name = sm_cstr(op->arena, six ? sm_str_sub(host, 1, host.n - 1) : host);
        if (six && inet_pton(AF_INET6, name, &a->in6.sin6_addr) == 1) {
            a->in6.sin6_family = AF_INET6;
            a->in6.sin6_port = htons((uint16_t)port);
            *n = sizeof(a->in6);
            return SM_OK;
        }
        if (!six && inet_pton(AF_INET, name, &a->in.sin_addr) == 1) {
            a->in.sin_family = AF_INET;
            a->in.sin_port = htons((uint16_t)port);
            *n = sizeof(a->in);
            return SM_OK;
        }
    }
    return sm_fail(op, SM_E_INVALID,
                   "监听地址“%s”应当是 127.0.0.1:8750、[::1]:8750 或 unix:/路径 的形式", text);
}

static int listen_tcp(sm_op *op, const char *text)
{
    address a;
    socklen_t n = 0;
    int on = 1;
    if (read_address(op, text, &a, &n) < 0)
        return -1;
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, &a.any, n) < 0 || listen(fd, BACKLOG) < 0) {
        sm_fail(op, SM_E_UNAVAILABLE, "不能在 %s 上接受连接：%s", text, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static char *address_of(sm_arena *own, int fd, const char *listen)
{
    address a = { 0 };
    socklen_t n = sizeof(a);
    char host[INET6_ADDRSTRLEN] = "";
    if (strncmp(listen, "unix:", 5) == 0 || getsockname(fd, &a.any, &n) < 0)
        return sm_cstr(own, sm_str_of(listen));
    if (a.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host));
        return sm_cstr(own, sm_strf(own, "[%s]:%u", host, ntohs(a.in6.sin6_port)));
    }
    inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host));
    return sm_cstr(own, sm_strf(own, "%s:%u", host, ntohs(a.in.sin_port)));
}

/* ----------------------------------------------------------- connections */

static void connection_changed(void *http, struct MHD_Connection *c, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    sm_http *h = http;
    sm_connection *k = *context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        k = calloc(1, sizeof(*k));
        if (!k || !info)
            abort();
        k->fd = info->connect_fd;
        k->until_us = sm_now_us() + SM_HTTP_HEADER_S * INT64_C(1000000);
        pthread_mutex_lock(&h->lock);
        k->next = h->connections;
        if (k->next)
            k->next->prev = k;
        h->connections = k;
        pthread_mutex_unlock(&h->lock);
        *context = k;
        return;
    }
    if (!k)
        return;
    pthread_mutex_lock(&h->lock);
    if (k->prev)
        k->prev->next = k->next;
    else
        h->connections = k->next;
    if (k->next)
        k->next->prev = k->prev;
    pthread_mutex_unlock(&h->lock);
    free(k);
    *context = NULL;
}

/* The descriptor is closed only after connection_changed has taken it off the list. */
static void cut_slow(sm_http *h)
{
    int64_t now = sm_now_us();
    pthread_mutex_lock(&h->lock);
    for (sm_connection *k = h->connections; k; k = k->next)
        if (k->until_us && now > k->until_us) {
            shutdown(k->fd, SHUT_RDWR);
            k->until_us = 0;
        }
    pthread_mutex_unlock(&h->lock);
}

static void *keep_watch(void *http)
{
    sm_http *h = http;
    for (unsigned tick = 0; !atomic_load(&h->stopping); tick++) {
        nanosleep(&(struct timespec){ .tv_nsec = 250 * 1000 * 1000 }, NULL);
        if (tick % 4 == 0)
            cut_slow(h);
        if (tick % (4 * SM_HTTP_HEARTBEAT_S) == 4 * SM_HTTP_HEARTBEAT_S - 1)
            sm_streams_beat(h);
    }
    return NULL;
}

/* ------------------------------------------------------------ open, close */

/* Targets are decoded by us, strictly. */
static size_t leave_escaped(void *ctx, struct MHD_Connection *c, char *s)
{
    (void)ctx, (void)c;
    return strlen(s);
}

static void quiet(void *ctx, const char *fmt, va_list ap)
{
    (void)ctx, (void)fmt, (void)ap;
}

static unsigned allow_connections(unsigned wanted)
{
    struct rlimit lim;
    unsigned n = wanted ? wanted : MAX_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
        lim.rlim_cur = lim.rlim_max;
        setrlimit(RLIMIT_NOFILE, &lim);
        if (lim.rlim_cur != RLIM_INFINITY && lim.rlim_cur < (rlim_t)n + 128)
            n = lim.rlim_cur > 256 ? (unsigned)lim.rlim_cur - 128 : 128;
    }
    return n;
}

static sm_rc start(sm_op *op, sm_http *h, int fd)
{
    const sm_http_options *o = &h->o;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = o->threads ? o->threads : (unsigned)SM_MAX(2, SM_MIN(cpus, 64));
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG;
    h->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, sm_request_step, h, MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_CONNECTION_LIMIT, allow_connections(o->max_connections),
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)SM_HTTP_SEND_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)SM_HTTP_CONNECTION_BYTES, MHD_OPTION_URI_LOG_CALLBACK, sm_request_begin, h,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        sm_request_end, h, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, h,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!h->daemon) {
        close(fd);
        return sm_fail(op, SM_E_UNAVAILABLE, "HTTP 服务没能启动");
    }
    return SM_OK;
}

sm_rc sm_http_open(sm_op *op, const sm_http_options *o, sm_http **out)
{
    bool local = strncmp(o->listen, "unix:", 5) == 0;
    sm_http *h = calloc(1, sizeof(*h));
    if (!h)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    h->own = sm_arena_open();
    h->o = *o;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->none_waiting, NULL);
    int fd = local ? listen_unix(op, h, o->listen + 5) : listen_tcp(op, o->listen);
    sm_rc rc = fd < 0 ? op->rc : sm_workers_open(op, o->workers ? o->workers : 2, &h->workers);
    if (rc < 0 && fd >= 0)
        close(fd);
    if (rc == SM_OK) {
        h->address = address_of(h->own, fd, o->listen);
        rc = start(op, h, fd);
    }
    if (rc == SM_OK) {
        h->watching = pthread_create(&h->watch, NULL, keep_watch, h) == 0;
        if (!h->watching)
            rc = sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    }
    if (rc < 0) {
        sm_http_close(h);
        return rc;
    }
    *out = h;
    return SM_OK;
}

/* A request that began just before the stop may come to wait just after it: looked at twice. */
static void wait_for_all(sm_http *h)
{
    for (int i = 0; i < 2; i++) {
        nanosleep(&(struct timespec){ .tv_nsec = 50 * 1000 * 1000 }, NULL);
        pthread_mutex_lock(&h->lock);
        while (h->n_waiting)
            pthread_cond_wait(&h->none_waiting, &h->lock);
        pthread_mutex_unlock(&h->lock);
    }
}

void sm_http_close(sm_http *h)
{
    if (!h)
        return;
    atomic_store(&h->stopping, true);
    if (h->watching)
        pthread_join(h->watch, NULL);
    if (h->daemon) {
        MHD_socket fd = MHD_quiesce_daemon(h->daemon);
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
        wait_for_all(h);
        sm_streams_close(h);
        MHD_stop_daemon(h->daemon);
    }
    sm_workers_close(h->workers);
    if (h->unix_path)
        unlink(h->unix_path);
    pthread_cond_destroy(&h->none_waiting);
    pthread_mutex_destroy(&h->lock);
    sm_arena_close(h->own);
    free(h);
}

const char *sm_http_address(const sm_http *h)
{
    return h->address;
}
