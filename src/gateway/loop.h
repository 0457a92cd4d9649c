/*
 * gateway/loop.h - one thread that waits for descriptors, timers and what other threads hand to it.
 *
 * Rests on base and epoll.  Everything belongs to whoever has the loop's turn: the thread that runs
 * sm_loop_run, but while it sleeps another one may take the turn with sm_loop_do, which saves
 * waking it.  Only sm_loop_post and sm_loop_do are for all threads.  Watches, timers and posts are
 * the caller's memory and stay where they are while they are set.  Times are monotonic: a change of
 * the wall clock moves nothing.
 */
#ifndef SM_GATEWAY_LOOP_H
#define SM_GATEWAY_LOOP_H

#include "base/base.h"

typedef struct sm_loop sm_loop;

typedef struct sm_watch {
    int fd;
    bool on; /* watched */
    void (*fn)(void *ctx, uint32_t events);
    void *ctx;
} sm_watch;

typedef struct sm_timer {
    int64_t at_us;
    size_t place; /* in the heap, from 1; 0: not set */
    void (*fn)(void *ctx);
    void *ctx;
    bool anywhere; /* it may run on a thread that took the turn */
} sm_timer;

typedef struct sm_post {
    void (*fn)(void *ctx);
    void *ctx;
    struct sm_post *next;
} sm_post;

sm_rc sm_loop_open(sm_op *op, sm_loop **out);
void sm_loop_close(sm_loop *l);        /* NULL is fine */
void sm_loop_run(sm_loop *l);          /* until sm_loop_stop */
void sm_loop_stop(sm_loop *l);         /* on its thread */
int64_t sm_loop_now(const sm_loop *l); /* when this turn began */

/* Watches w->fd for `events` (EPOLLIN …), or for others than until now; w->fd is set before. */
void sm_watch_set(sm_loop *l, sm_watch *w, uint32_t events);
/* No more; before the descriptor is closed.  What this turn still has for it is not called. */
void sm_watch_stop(sm_loop *l, sm_watch *w);

void sm_timer_set(sm_loop *l, sm_timer *t, int64_t at_us); /* in place of when it was set to */
void sm_timer_stop(sm_loop *l, sm_timer *t);

/* Any thread: p->fn(p->ctx) on the loop's; in order of posting by one thread. */
void sm_loop_post(sm_loop *l, sm_post *p);
/* The same, on this thread and at once when the loop sleeps and nothing else is posted. */
void sm_loop_do(sm_loop *l, sm_post *p);

#endif
