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

void sm_connection_on_gone(sm_http *h, sm_connection *k, void (*fn)(void *ctx), void *ctx)
{
    struct epoll_event e = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = k };
    if (fn && !k->gone)
        epoll_ctl(h->gone, EPOLL_CTL_ADD, k->fd, &e);
    else if (!fn && k->gone)
        epoll_ctl(h->gone, EPOLL_CTL_DEL, k->fd, NULL);
    k->gone = fn;
    k->gone_ctx = ctx;
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
    for (int i = 0; i < n; i++)
        sm_connection_gone(h, e[i].data.ptr);
    sm_gone_unlock();
}
