#include "model/loop.h"

#include <stdlib.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { N_EVENTS = 64 };

struct sm_loop {
    int epoll, wake;
    bool stopping;
    int64_t now_us;
    struct epoll_event event[N_EVENTS];
    int n_events, at_event;
    sm_timer **heap; /* from 1 */
    size_t n_timers, cap;
    _Atomic(sm_post *) posted; /* last first */
};

sm_rc sm_loop_open(sm_op *op, sm_loop **out)
{
    sm_loop *l = calloc(1, sizeof(*l));
    if (!l)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
    if (l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &e) < 0) {
        sm_loop_close(l);
        return sm_fail(op, SM_E_LIMIT, "文件描述符不够");
    }
    l->now_us = sm_now_us();
    *out = l;
    return SM_OK;
}

void sm_loop_close(sm_loop *l)
{
    if (!l)
        return;
    if (l->epoll >= 0)
        close(l->epoll);
    if (l->wake >= 0)
        close(l->wake);
    free(l->heap);
    free(l);
}

void sm_loop_stop(sm_loop *l)
{
    l->stopping = true;
}

int64_t sm_loop_now(const sm_loop *l)
{
    return l->now_us;
}

/* ------------------------------------------------------------- descriptors */

void sm_watch_set(sm_loop *l, sm_watch *w, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = w };
    epoll_ctl(l->epoll, w->on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &e);
    w->on = true;
}

void sm_watch_stop(sm_loop *l, sm_watch *w)
{
    if (!w->on)
        return;
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    w->on = false;
    for (int i = l->at_event; i < l->n_events; i++)
        if (l->event[i].data.ptr == w)
            l->event[i].events = 0;
}

/* ------------------------------------------------------------------ timers */

static void put(sm_loop *l, size_t place, sm_timer *t)
{
    l->heap[place] = t;
    t->place = place;
}

static void rise(sm_loop *l, sm_timer *t)
{
    size_t i = t->place;
    for (; i > 1 && l->heap[i / 2]->at_us > t->at_us; i /= 2)
        put(l, i, l->heap[i / 2]);
    put(l, i, t);
}

static void sink(sm_loop *l, sm_timer *t)
{
    size_t i = t->place;
    for (size_t child; (child = 2 * i) <= l->n_timers; i = child) {
        if (child < l->n_timers && l->heap[child + 1]->at_us < l->heap[child]->at_us)
            child++;
        if (l->heap[child]->at_us >= t->at_us)
            break;
        put(l, i, l->heap[child]);
    }
    put(l, i, t);
}

void sm_timer_set(sm_loop *l, sm_timer *t, int64_t at_us)
{
    t->at_us = at_us;
    if (t->place == 0) {
        if (l->n_timers + 2 > l->cap) {
            l->cap = SM_MAX(64, 2 * l->cap);
            l->heap = realloc(l->heap, l->cap * sizeof(*l->heap));
            if (!l->heap)
                abort();
        }
        put(l, ++l->n_timers, t);
    }
    rise(l, t);
    sink(l, t);
}

void sm_timer_stop(sm_loop *l, sm_timer *t)
{
    if (t->place == 0)
        return;
    sm_timer *last = l->heap[l->n_timers--];
    size_t place = t->place;
    t->place = 0;
    if (last == t)
        return;
    put(l, place, last);
    rise(l, last);
    sink(l, last);
}

static void run_timers(sm_loop *l)
{
    while (l->n_timers && l->heap[1]->at_us <= l->now_us) {
        sm_timer *t = l->heap[1];
        sm_timer_stop(l, t);
        t->fn(t->ctx);
    }
}

static int wait_ms(const sm_loop *l)
{
    if (l->n_timers == 0)
        return -1;
    int64_t us = l->heap[1]->at_us - sm_now_us();
    return us <= 0 ? 0 : (int)SM_MIN((us + 999) / 1000, 60000);
}

/* ------------------------------------------------------------------- posts */

void sm_loop_post(sm_loop *l, sm_post *p)
{
    sm_post *head = atomic_load(&l->posted);
    do
        p->next = head;
    while (!atomic_compare_exchange_weak(&l->posted, &head, p));
    if (!head)
        (void)!write(l->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static void run_posts(sm_loop *l)
{
    sm_post *last = atomic_exchange(&l->posted, NULL), *first = NULL;
    while (last) {
        sm_post *next = last->next;
        last->next = first;
        first = last;
        last = next;
    }
    while (first) {
        sm_post *p = first;
        first = p->next; /* p may go with its call */
        p->fn(p->ctx);
    }
}

void sm_loop_run(sm_loop *l)
{
    while (!l->stopping) {
        l->n_events = epoll_wait(l->epoll, l->event, N_EVENTS, wait_ms(l));
        l->now_us = sm_now_us();
        for (l->at_event = 0; l->at_event < l->n_events;) {
            struct epoll_event *e = &l->event[l->at_event++];
            sm_watch *w = e->data.ptr;
            if (!w)
                (void)!read(l->wake, &(uint64_t){ 0 }, sizeof(uint64_t));
            else if (e->events)
                w->fn(w->ctx, e->events);
        }
        run_posts(l);
        run_timers(l);
    }
}
