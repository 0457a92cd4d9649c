/*
 * Allowances per address: a bucket that fills with time.  A table of fixed size, so that a stranger
 * with many addresses costs no memory; a key it has no place for takes the place of the one not
 * used for longest among its neighbours.
 */
#include "server/inner.h"

#include <stdlib.h>

enum { N_BUCKETS = 1 << 14, NEIGHBOURS = 8 };

typedef struct bucket {
    uint64_t key; /* 0: free */
    int64_t at_us;
    double left;
} bucket;

struct sm_limits {
    pthread_mutex_t lock;
    uint64_t seed; /* so that nobody can aim at a neighbour's bucket */
    bucket bucket[N_BUCKETS];
};

sm_limits *sm_limits_open(void)
{
    sm_limits *l = calloc(1, sizeof(*l));
    if (!l)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    l->seed = sm_mix64((uint64_t)sm_wall_ms() ^ (uint64_t)(uintptr_t)l);
    return l;
}

void sm_limits_close(sm_limits *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static bucket *find(sm_limits *l, uint64_t key)
{
    bucket *oldest = &l->bucket[key % N_BUCKETS];
    for (uint64_t i = 0; i < NEIGHBOURS; i++) {
        bucket *b = &l->bucket[(key + i) % N_BUCKETS];
        if (b->key == key)
            return b;
        if (b->key == 0 || b->at_us < oldest->at_us)
            oldest = b;
    }
    *oldest = (bucket){ 0 };
    return oldest;
}

bool sm_limits_take(sm_limits *l, sm_str name, unsigned per_minute, int *wait_s)
{
    uint64_t key = sm_hash64(name, l->seed) | 1;
    int64_t now = sm_now_us();
    double most = (double)per_minute, per_us = most / 60e6;
    pthread_mutex_lock(&l->lock);
    bucket *b = find(l, key);
    b->left = b->key ? SM_MIN(most, b->left + (double)(now - b->at_us) * per_us) : most;
    b->key = key;
    b->at_us = now;
    bool taken = b->left >= 1;
    if (taken)
        b->left -= 1;
    else
        *wait_s = per_minute ? (int)((1 - b->left) / per_us / 1e6) + 1 : 60;
    pthread_mutex_unlock(&l->lock);
    return taken;
}
