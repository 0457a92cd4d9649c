/*
 * Files of documents reviewed go after their days, also where nobody comes by: once when the server
 * starts, then every hour.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "server/reviews.h"

#define DAY_MS INT64_C(86400000)

struct sm_sweeper {
    sm_recorder *recorder;
    int64_t keep_ms, every_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `closing` */
    pthread_cond_t end;
    bool closing;
};

static sm_rc sweep(sm_op *op, sm_db *db, void *ctx)
{
    return sm_reviews_sweep(op, db, *(const int64_t *)ctx);
}

static sm_rc sweep_now(sm_op *op, sm_sweeper *s)
{
    int64_t before = sm_wall_ms() - s->keep_ms;
    return sm_recorder_run(s->recorder, op, sweep, &before);
}

/* False when it is time to end. */
static bool wait_for_next(sm_sweeper *s)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += s->every_ms / 1000;
    until.tv_nsec += s->every_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    while (!s->closing && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&s->end, &s->lock, &until);
    bool closing = s->closing;
    pthread_mutex_unlock(&s->lock);
    return !closing;
}

/* One that fails is made good by the next. */
static void *sweep_on(void *sweeper)
{
    while (wait_for_next(sweeper)) {
        sm_op op;
        sm_op_begin(&op);
        sweep_now(&op, sweeper);
        sm_op_end(&op);
    }
    return NULL;
}

sm_rc sm_sweeper_open(sm_op *op, sm_recorder *recorder, unsigned days, int64_t every_ms,
                      sm_sweeper **out)
{
    sm_sweeper *s = calloc(1, sizeof(*s));
    if (!s)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    *s = (sm_sweeper){ .recorder = recorder,
                       .keep_ms = SM_MAX(1, days) * DAY_MS,
                       .every_ms = every_ms };
    sm_rc rc = sweep_now(op, s);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->end, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&s->lock, NULL);
    if (rc == SM_OK && pthread_create(&s->thread, NULL, sweep_on, s) != 0)
        rc = sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    if (rc < 0) {
        pthread_cond_destroy(&s->end);
        pthread_mutex_destroy(&s->lock);
        free(s);
        return rc;
    }
    *out = s;
    return SM_OK;
}

void sm_sweeper_close(sm_sweeper *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_signal(&s->end);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->end);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
