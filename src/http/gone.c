/*
 * Noticing that a client has closed its end, also while its connection sleeps and libmicrohttpd
 * does not look at it.
 */
#include "http/inner.h"

#include <sys/epoll.h>

enum { EVENTS_AT_ONCE = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void sm_gone_lock(void)
{
    pthread_mutex_lock(&lock);
}

void sm_gone_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

/* Once watched, a connection stays in the epoll until it is closed: each request would pay twice
 * for coming and going. */
void sm_connection_on_gone(sm_http *h, sm_connection *k, void (*fn)(void *ctx), void *ctx)
{
    struct epoll_event e = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = k };
    if (fn && !k->armed)
        epoll_ctl(h->gone, k->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, k->fd, &e);
    if (fn)
        k->watched = k->armed = true;
    k->gone = fn;
    k->gone_ctx = ctx;
}

void sm_connection_unwatch(sm_http *h, sm_connection *k)
{
    sm_gone_lock();
    if (k->watched)
        epoll_ctl(h->gone, EPOLL_CTL_DEL, k->fd, NULL);
    k->watched = k->armed = false;
    sm_gone_unlock();
}

void sm_connection_gone(sm_http *h, sm_connection *k)
{
    void (*fn)(void *ctx) = k->gone;
    void *ctx = k->gone_ctx;
    sm_connection_on_gone(h, k, NULL, NULL);
    if (fn)
        fn(ctx);
}

/* The lock keeps the connections that are told of: each leaves the epoll under it. */
void sm_gone_look(sm_http *h)
{
    struct epoll_event e[EVENTS_AT_ONCE];
    sm_gone_lock();
    int n = epoll_wait(h->gone, e, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < n; i++) {
        sm_connection *k = e[i].data.ptr;
        k->armed = false;
        sm_connection_gone(h, k);
    }
    sm_gone_unlock();
}
