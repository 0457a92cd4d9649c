#include "base/base.h"

#include <pthread.h>

struct jobs {
    size_t n;
    void (*job)(void *ctx, size_t i);
    void *ctx;
    atomic_size_t next;
};

static void *work(void *p)
{
    struct jobs *j = p;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->n;)
        j->job(j->ctx, i);
    return NULL;
}

void sm_parallel(size_t n, void (*job)(void *ctx, size_t i), void *ctx)
{
    struct jobs jobs = { .n = n, .job = job, .ctx = ctx };
    pthread_t other;
    bool started = n > 1 && pthread_create(&other, NULL, work, &jobs) == 0;
    work(&jobs);
    if (started)
        pthread_join(other, NULL);
}
