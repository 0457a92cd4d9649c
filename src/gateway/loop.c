#include "gateway/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { N_EVENTS = 64, MOST_SLEEP_US = 1000000 };

struct sm_loop {
    int epoll, wake;
    pthread_mutex_t turn; /* guards all but `posted` */
    bool stopping;
    int64_t now_us, wakes_us; /* when the sleep ends */
    uint64_t n_stops;         /* watches ever stopped */
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
    struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };
    pthread_mutex_init(&l->turn, NULL);
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
    pthread_mutex_destroy(&l->turn);
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
    l->n_stops++;
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

/* What is set for a time gone by comes in the next round: a timer must not keep the loop to itself.
 */
static void run_timers(sm_loop *l)
{
    for (size_t n = l->n_timers; n && l->n_timers && l->heap[1]->at_us <= l->now_us; n--) {
        sm_timer *t = l->heap[1];
        sm_timer_stop(l, t);
        t->fn(t->ctx);
    }
}

/* Those that are due and may run here. */
static void run_timers_anywhere(sm_loop *l)
{
    while (l->n_timers && l->heap[1]->at_us <= l->now_us && l->heap[1]->anywhere) {
        sm_timer *t = l->heap[1];
        sm_timer_stop(l, t);
        t->fn(t->ctx);
    }
}

static int64_t next_wake(const sm_loop *l)
{
    int64_t most = sm_now_us() + MOST_SLEEP_US;
    return l->n_timers ? SM_MIN(l->heap[1]->at_us, most) : most;
}

static int sleep_ms(const sm_loop *l)
{
    int64_t us = l->wakes_us - sm_now_us();
    return us <= 0 ? 0 : (int)((us + 999) / 1000);
}

/* ------------------------------------------------------------------- posts */

static void wake(sm_loop *l)
{
    (void)!write(l->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
}

/* Whether it is the only one. */
static bool push(sm_loop *l, sm_post *p)
{
    sm_post *head = atomic_load(&l->posted);
    do
        p->next = head;
    while (!atomic_compare_exchange_weak(&l->posted, &head, p));
    return head == NULL;
}

void sm_loop_post(sm_loop *l, sm_post *p)
{
    if (push(l, p))
        wake(l);
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

void sm_loop_do(sm_loop *l, sm_post *p)
{
    if (pthread_mutex_trylock(&l->turn) != 0) {
        sm_loop_post(l, p);
        return;
    }
    bool only = push(l, p); /* else it was woken for the others, whose turn is before */
    if (only) {
        l->now_us = sm_now_us();
        run_posts(l);
        run_timers_anywhere(l);
    }
    bool sooner = only && next_wake(l) < l->wakes_us;
    pthread_mutex_unlock(&l->turn);
    if (sooner)
        wake(l);
}

/* Whoever takes the turn meanwhile may stop a watch whose event is on its way: then the events are
 * asked for again. */
static void sleep_and_take(sm_loop *l)
{
    uint64_t n_stops = l->n_stops;
    l->wakes_us = next_wake(l);
    int ms = sleep_ms(l);
    pthread_mutex_unlock(&l->turn);
    struct epoll_event e[N_EVENTS];
    int n = epoll_wait(l->epoll, e, N_EVENTS, ms);
    pthread_mutex_lock(&l->turn);
    if (n_stops != l->n_stops)
        n = epoll_wait(l->epoll, e, N_EVENTS, 0);
    l->n_events = n;
    for (int i = 0; i < n; i++)
        l->event[i] = e[i];
}

void sm_loop_run(sm_loop *l)
{
    pthread_mutex_lock(&l->turn);
    while (!l->stopping) {
        sleep_and_take(l);
        l->now_us = sm_now_us();
        for (l->at_event = 0; l->at_event < l->n_events;) {
            struct epoll_event *e = &l->event[l->at_event++];
            sm_watch *w = e->data.ptr;
            if (w && e->events) /* without one: there are posts */
                w->fn(w->ctx, e->events);
        }
        l->n_events = l->at_event = 0;
        run_posts(l);
        run_timers(l);
    }
    pthread_mutex_unlock(&l->turn);
}
