/*
 * The daemons: accepting, connections, the watch over slow clients, opening and closing.
 */
#include "http/inner.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum {
    MAX_CONNECTIONS = 4096,
    OTHER_FILES = 128, /* descriptors kept for everything else */
    ACCEPT_AT_ONCE = 64,
    TICK_MS = 250,
    LAST_ANSWERS_MS = 2000 /* how long a stop waits for slow readers */
};

static void sleep_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* ----------------------------------------------------------- connections */

static void link_connection(sm_http *h, sm_connection *k)
{
    pthread_mutex_lock(&h->lock);
    k->next = h->connections;
    if (k->next)
        k->next->prev = k;
    h->connections = k;
    pthread_mutex_unlock(&h->lock);
}

static void unlink_connection(sm_http *h, sm_connection *k)
{
    pthread_mutex_lock(&h->lock);
    if (k->prev)
        k->prev->next = k->next;
    else
        h->connections = k->next;
    if (k->next)
        k->next->prev = k->prev;
    if (h->o.max_per_address)
        sm_peer_drop(&h->peers, k->client);
    pthread_mutex_unlock(&h->lock);
    atomic_fetch_sub(&h->n_connections, 1);
}

static void connection_changed(void *http, struct MHD_Connection *c, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    sm_http *h = http;
    sm_connection *k = *context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        sm_request_close(k->request);
        sm_connection_unwatch(h, k);
        unlink_connection(h, k);
        free(k);
        return;
    }
    k = calloc(1, sizeof(*k));
    if (!k)
        abort();
    k->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    sm_client_name(MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                   k->client);
    k->until_us = sm_now_us() + h->o.header_s * INT64_C(1000000);
    link_connection(h, k);
    *context = k;
}

/* The descriptor is closed only after unlink_connection. */
static void cut_slow(sm_http *h)
{
    int64_t now = sm_now_us();
    pthread_mutex_lock(&h->lock);
    for (sm_connection *k = h->connections; k; k = k->next) {
        int64_t until = k->until_us;
        if (until && now > until) {
            shutdown(k->fd, SHUT_RDWR);
            k->until_us = 0;
        }
    }
    pthread_mutex_unlock(&h->lock);
}

/* ------------------------------------------------------------- accepting */

static bool admit_peer(sm_http *h, const struct sockaddr *sa)
{
    char client[SM_CLIENT_BYTES];
    if (h->o.max_per_address == 0)
        return true;
    sm_client_name(sa, client);
    pthread_mutex_lock(&h->lock);
    bool room = sm_peer_add(&h->peers, client, h->o.max_per_address);
    pthread_mutex_unlock(&h->lock);
    return room;
}

/* libmicrohttpd owns fd from here on; it refuses only for want of memory. */
static void hand_over(sm_http *h, int fd, const struct sockaddr *sa, socklen_t n)
{
    char client[SM_CLIENT_BYTES];
    atomic_fetch_add(&h->n_connections, 1);
    if (MHD_add_connection(h->daemon[h->turn++ % h->n_daemons], fd, sa, n) == MHD_YES)
        return;
    atomic_fetch_sub(&h->n_connections, 1);
    sm_client_name(sa, client);
    pthread_mutex_lock(&h->lock);
    sm_peer_drop(&h->peers, client);
    pthread_mutex_unlock(&h->lock);
}

static bool has_room(sm_http *h)
{
    return atomic_load(&h->n_connections) < h->o.max_connections;
}

/* False when the system has no descriptor or memory left. */
static bool accept_some(sm_http *h)
{
    for (int i = 0; i < ACCEPT_AT_ONCE && has_room(h); i++) {
        struct sockaddr_storage a = { 0 };
        socklen_t n = sizeof(a);
        int fd = accept4(h->listening, (struct sockaddr *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
        if (admit_peer(h, (struct sockaddr *)&a))
            hand_over(h, fd, (struct sockaddr *)&a, n);
        else
            close(fd);
    }
    return true;
}

static void *keep_watch(void *http)
{
    sm_http *h = http;
    int64_t beat_us = h->o.heartbeat_s * INT64_C(1000000), tick_us = TICK_MS * INT64_C(1000);
    int64_t next_cut = sm_now_us() + tick_us, next_beat = sm_now_us() + beat_us;
    while (!atomic_load(&h->stopping)) {
        bool room = has_room(h);
        struct pollfd p[] = { { .fd = room ? h->listening : -1, .events = POLLIN },
                              { .fd = h->gone, .events = POLLIN } };
        poll(p, SM_LEN(p), room ? TICK_MS : 10);
        if (p[0].revents && !accept_some(h))
            sleep_ms(10);
        if (p[1].revents)
            sm_gone_look(h);
        int64_t now = sm_now_us();
        if (now >= next_cut) {
            cut_slow(h);
            next_cut = now + tick_us;
        }
        if (now >= next_beat) {
            sm_streams_beat(h);
            next_beat = now + beat_us;
        }
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

static unsigned allow_connections(unsigned n)
{
    struct rlimit lim;
    if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
        lim.rlim_cur = lim.rlim_max;
        setrlimit(RLIMIT_NOFILE, &lim);
        if (lim.rlim_cur != RLIM_INFINITY && lim.rlim_cur < (rlim_t)n + OTHER_FILES)
            n = lim.rlim_cur > 2 * OTHER_FILES ? (unsigned)lim.rlim_cur - OTHER_FILES : OTHER_FILES;
    }
    return n;
}

static unsigned or_standard(unsigned given, unsigned standard)
{
    return given ? given : standard;
}

static void fill_in(sm_http_options *o)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    o->threads = or_standard(o->threads, (unsigned)SM_MAX(2, SM_MIN(cpus, SM_MAX_THREADS)));
    o->threads = SM_MIN(o->threads, SM_MAX_THREADS);
    o->workers = or_standard(o->workers, 2);
    o->max_connections = allow_connections(or_standard(o->max_connections, MAX_CONNECTIONS));
    o->max_waiting = or_standard(o->max_waiting, SM_HTTP_MAX_WAITING);
    o->header_s = or_standard(o->header_s, SM_HTTP_HEADER_S);
    o->idle_s = or_standard(o->idle_s, SM_HTTP_IDLE_S);
    o->send_s = or_standard(o->send_s, SM_HTTP_SEND_S);
    o->heartbeat_s = or_standard(o->heartbeat_s, SM_HTTP_HEARTBEAT_S);
    if (o->trust_proxy) /* they all come from the proxy */
        o->max_per_address = 0;
}

static sm_rc start_daemons(sm_op *op, sm_http *h)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET;
    /* without any byte; the watch has the finer limits */
    unsigned silent_s = SM_MAX(h->o.send_s, SM_MAX(h->o.idle_s, h->o.header_s));
    for (; h->n_daemons < h->o.threads; h->n_daemons++) {
        struct MHD_Daemon *d = MHD_start_daemon(
            flags, 0, NULL, NULL, sm_request_step, h, MHD_OPTION_CONNECTION_LIMIT,
            h->o.max_connections + 1, MHD_OPTION_CONNECTION_TIMEOUT, silent_s,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SM_HTTP_CONNECTION_BYTES,
            MHD_OPTION_URI_LOG_CALLBACK, sm_request_begin, h, MHD_OPTION_UNESCAPE_CALLBACK,
            leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, sm_request_end, h,
            MHD_OPTION_NOTIFY_CONNECTION, connection_changed, h, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_END);
        if (!d)
            return sm_fail(op, SM_E_UNAVAILABLE, "HTTP 服务没能启动");
        h->daemon[h->n_daemons] = d;
    }
    return SM_OK;
}

static sm_rc open_parts(sm_op *op, sm_http *h)
{
    h->listening = sm_listen(op, h->own, h->o.listen, &h->unix_path);
    if (h->listening < 0)
        return op->rc;
    h->gone = epoll_create1(EPOLL_CLOEXEC);
    if (h->gone < 0)
        return sm_fail(op, SM_E_LIMIT, "开不了新的描述符：%s", strerror(errno));
    h->address = sm_listen_address(h->own, h->listening, h->o.listen);
    sm_rc rc = sm_workers_open(op, h->o.workers, h->o.max_waiting, &h->workers);
    if (rc == SM_OK)
        rc = start_daemons(op, h);
    if (rc < 0)
        return rc;
    h->watching = pthread_create(&h->watch, NULL, keep_watch, h) == 0;
    return h->watching ? SM_OK : sm_fail(op, SM_E_LIMIT, "开不了新的线程");
}

sm_rc sm_http_open(sm_op *op, const sm_http_options *o, sm_http **out)
{
    sm_http *h = calloc(1, sizeof(*h));
    if (!h)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    h->own = sm_arena_open();
    h->listening = h->gone = -1;
    h->o = *o;
    fill_in(&h->o);
    pthread_mutex_init(&h->lock, NULL);
    sm_rc rc = open_parts(op, h);
    if (rc < 0) {
        sm_http_close(h);
        return rc;
    }
    *out = h;
    return SM_OK;
}

static void cut_all(sm_http *h)
{
    pthread_mutex_lock(&h->lock);
    for (sm_connection *k = h->connections; k; k = k->next)
        shutdown(k->fd, SHUT_RDWR);
    pthread_mutex_unlock(&h->lock);
}

/* After `stopping` is set a count of 0 stays 0. */
static void wait_for_none(atomic_uint *n, int64_t at_most_ms)
{
    for (int64_t ms = 0; atomic_load(n) && (at_most_ms == 0 || ms < at_most_ms); ms += 5)
        sleep_ms(5);
}

/* libmicrohttpd may be stopped only when no connection sleeps and nobody is about to wake one; and
 * when none is left, for it crashes on a malformed request while it stops (0.9.75: to a daemon that
 * stops MHD_queue_response says yes without having queued). */
void sm_http_close(sm_http *h)
{
    if (!h)
        return;
    atomic_store(&h->stopping, true);
    if (h->watching) {
        shutdown(h->listening, SHUT_RDWR); /* wakes the watch */
        pthread_join(h->watch, NULL);
    }
    if (h->unix_path) /* while it is still ours */
        unlink(h->unix_path);
    if (h->listening >= 0)
        close(h->listening);
    wait_for_none(&h->n_busy, 0);
    sm_streams_close(h);
    wait_for_none(&h->n_answering, LAST_ANSWERS_MS);
    cut_all(h);
    wait_for_none(&h->n_connections, LAST_ANSWERS_MS);
    for (unsigned i = 0; i < h->n_daemons; i++)
        MHD_stop_daemon(h->daemon[i]);
    sm_workers_close(h->workers);
    if (h->gone >= 0)
        close(h->gone);
    sm_peers_done(&h->peers);
    pthread_mutex_destroy(&h->lock);
    sm_arena_close(h->own);
    free(h);
}

const char *sm_http_address(const sm_http *h)
{
    return h->address;
}
