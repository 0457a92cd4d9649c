/*
 * Threads for slow handlers: the connection sleeps while one of them runs it.
 */
#include "http/inner.h"

#include <stdlib.h>

struct sm_workers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    sm_request *first, *last;
    size_t n_queued;
    bool closing;
    pthread_t thread[16];
    unsigned n, max_queued;
};

static sm_request *take(sm_workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->closing)
        pthread_cond_wait(&w->work, &w->lock);
    sm_request *r = w->first;
    if (r) {
        w->first = r->next;
        w->n_queued--;
    }
    pthread_mutex_unlock(&w->lock);
    return r;
}

static void *work(void *workers)
{
    for (sm_request *r; (r = take(workers)) != NULL;) {
        sm_request_run(r);
        sm_request_go_on(r);
    }
    return NULL;
}

sm_rc sm_workers_open(sm_op *op, unsigned n, unsigned max_waiting, sm_workers **out)
{
    sm_workers *w = calloc(1, sizeof(*w));
    if (!w)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    w->max_queued = max_waiting;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    for (n = SM_MIN(n, SM_LEN(w->thread)); w->n < n; w->n++)
        if (pthread_create(&w->thread[w->n], NULL, work, w) != 0) {
            sm_workers_close(w);
            return sm_fail(op, SM_E_LIMIT, "开不了新的线程");
        }
    *out = w;
    return SM_OK;
}

bool sm_workers_put(sm_workers *w, sm_request *r)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->n_queued < w->max_queued;
    if (room) {
        r->next = NULL;
        if (w->first)
            w->last->next = r;
        else
            w->first = r;
        w->last = r;
        w->n_queued++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

void sm_workers_close(sm_workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->n; i++)
        pthread_join(w->thread[i], NULL);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
