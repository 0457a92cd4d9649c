/*
 * Worded answers by the digest of all they were made from: bounded in bytes, the least recently
 * used go first.
 */
#include "answer/answer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS = 4096 };

typedef struct entry {
    uint64_t hash;
    struct entry *chain;         /* of the same place in the table */
    struct entry *newer, *older; /* by use */
    size_t n_key, n_value;
    char bytes[]; /* key, value */
} entry;

struct sm_answer_cache {
    pthread_mutex_t lock; /* guards all below */
    entry *table[CHAINS];
    entry *newest, *oldest;
    size_t max_bytes;
    sm_cache_figures f;
};

sm_answer_cache *sm_answer_cache_open(size_t max_bytes)
{
    sm_answer_cache *c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    c->max_bytes = max_bytes;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void sm_answer_cache_close(sm_answer_cache *c)
{
    if (!c)
        return;
    for (entry *e = c->newest, *older; e; e = older) {
        older = e->older;
        free(e);
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* -------------------------------------------------------------- with the lock held */

static size_t size_of(const entry *e)
{
    return sizeof(*e) + e->n_key + e->n_value;
}

static sm_str value_of(const entry *e)
{
    return (sm_str){ e->bytes + e->n_key, e->n_value };
}

static entry **place_of(sm_answer_cache *c, sm_str key, uint64_t hash)
{
    entry **at = &c->table[hash % CHAINS];
    while (*at && !((*at)->hash == hash && sm_str_eq((sm_str){ (*at)->bytes, (*at)->n_key }, key)))
        at = &(*at)->chain;
    return at;
}

static void unlink_use(sm_answer_cache *c, entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        c->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        c->oldest = e->newer;
}

static void link_newest(sm_answer_cache *c, entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    if (c->newest)
        c->newest->newer = e;
    else
        c->oldest = e;
    c->newest = e;
}

static void drop(sm_answer_cache *c, entry **at)
{
    entry *e = *at;
    *at = e->chain;
    unlink_use(c, e);
    c->f.bytes -= size_of(e);
    c->f.n--;
    free(e);
}

static void make_room(sm_answer_cache *c, size_t n)
{
    while (c->oldest && c->f.bytes + n > c->max_bytes) {
        const entry *e = c->oldest;
        drop(c, place_of(c, (sm_str){ e->bytes, e->n_key }, e->hash));
    }
}

/* --------------------------------------------------------------------------------- */

sm_str sm_answer_cache_get(sm_answer_cache *c, sm_arena *a, sm_str key)
{
    sm_str value = { 0 };
    pthread_mutex_lock(&c->lock);
    entry *e = *place_of(c, key, sm_hash64(key, 0));
    if (e) {
        unlink_use(c, e);
        link_newest(c, e);
        value = sm_str_dup(a, value_of(e));
    }
    c->f.hits += e != NULL;
    c->f.misses += e == NULL;
    pthread_mutex_unlock(&c->lock);
    return value;
}

void sm_answer_cache_put(sm_answer_cache *c, sm_str key, sm_str value)
{
    size_t n = sizeof(entry) + key.n + value.n;
    if (n > c->max_bytes || value.n == 0)
        return;
    entry *e = malloc(n);
    if (!e)
        abort();
    *e = (entry){ .hash = sm_hash64(key, 0), .n_key = key.n, .n_value = value.n };
    memcpy(e->bytes, key.p, key.n);
    memcpy(e->bytes + key.n, value.p, value.n);
    pthread_mutex_lock(&c->lock);
    entry **at = place_of(c, key, e->hash);
    if (*at)
        drop(c, at);
    make_room(c, n);
    at = &c->table[e->hash % CHAINS];
    e->chain = *at;
    *at = e;
    link_newest(c, e);
    c->f.bytes += n;
    c->f.n++;
    pthread_mutex_unlock(&c->lock);
}

sm_cache_figures sm_answer_cache_figures(sm_answer_cache *c)
{
    pthread_mutex_lock(&c->lock);
    sm_cache_figures f = c->f;
    pthread_mutex_unlock(&c->lock);
    return f;
}
