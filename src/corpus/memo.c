#include "corpus/memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { N_BUCKETS = 4096, MAX_BYTES = 4 << 20, MAX_JSON_BYTES = 1 << 20 };

struct sm_kept {
    sm_kept *next;
    struct generation *of;
    sm_memo_kind kind;
    sm_str key;
    const void *item;
    size_t n;
    json_t *json;
};

/* What was read of the file while it did not change. */
struct generation {
    sm_memo *memo;
    int64_t number;
    size_t users; /* handles and ops */
    sm_arena *arena;
    size_t bytes, json_bytes;
    sm_kept *bucket[N_BUCKETS];
};

struct sm_memo {
    sm_db_pool *pool;
    pthread_mutex_t lock; /* guards the generations, too */
    struct generation *now;
    int64_t number;
    size_t n_generations;
    bool closed;
};

/* ----------------------------------------------------------- generations */

sm_memo *sm_memo_open(const char *data_dir)
{
    sm_memo *m = calloc(1, sizeof(*m));
    if (!m)
        abort();
    pthread_mutex_init(&m->lock, NULL);
    m->pool = sm_db_pool_open(data_dir, SM_DB_CORPUS, SM_DB_READ);
    return m;
}

static void end(sm_memo *m)
{
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* With the lock held; true when the memo is to end, too. */
static bool let_go(struct generation *g)
{
    sm_memo *m = g->memo;
    if (--g->users > 0)
        return false;
    sm_arena_close(g->arena);
    free(g);
    return --m->n_generations == 0 && m->closed;
}

void sm_memo_close(sm_memo *m)
{
    if (!m)
        return;
    sm_db_pool_close(m->pool);
    pthread_mutex_lock(&m->lock);
    m->closed = true;
    bool last = m->now ? let_go(m->now) : m->n_generations == 0;
    m->now = NULL;
    pthread_mutex_unlock(&m->lock);
    if (last)
        end(m);
}

static void leave(void *generation)
{
    struct generation *g = generation;
    sm_memo *m = g->memo;
    pthread_mutex_lock(&m->lock);
    bool last = let_go(g);
    pthread_mutex_unlock(&m->lock);
    if (last)
        end(m);
}

/* With the lock held. */
static struct generation *current(sm_memo *m)
{
    if (!m->now) {
        struct generation *g = calloc(1, sizeof(*g));
        if (!g)
            abort();
        *g = (struct generation){
            .memo = m, .number = m->number, .users = 1, .arena = sm_arena_open()
        };
        m->now = g;
        m->n_generations++;
    }
    m->now->users++;
    return m->now;
}

/* Begins anew with whatever is read from now on. */
static void begin_anew(sm_memo *m)
{
    pthread_mutex_lock(&m->lock);
    m->number++;
    bool last = m->now ? let_go(m->now) : false; /* never while the memo is open */
    (void)last;
    m->now = NULL;
    pthread_mutex_unlock(&m->lock);
}

static struct generation *join(sm_memo *m)
{
    pthread_mutex_lock(&m->lock);
    struct generation *g = current(m);
    pthread_mutex_unlock(&m->lock);
    return g;
}

void sm_memo_give(sm_memo *m, sm_db *db)
{
    sm_db_pool_give(m->pool, db);
}

/* The generation is taken before the file is asked whether it has changed since this handle asked
 * last: all that any handle reads into a generation is then at least as new as every change that
 * was seen before it began, and a change is seen by every handle before it reads again. */
sm_rc sm_memo_take(sm_op *op, sm_memo *m, sm_db **out)
{
    sm_db *db;
    sm_rc rc = sm_db_pool_take(op, m->pool, &db);
    if (rc < 0)
        return rc;
    for (bool changed = true; rc == SM_OK && changed;) {
        struct generation *g = join(m);
        rc = sm_db_changed(op, db, &changed);
        if (rc == SM_OK && !changed) {
            sm_arena_defer(op->arena, leave, g);
            sm_db_attach(db, g);
        } else {
            leave(g);
            begin_anew(m);
        }
    }
    if (rc == SM_OK)
        *out = db;
    else
        sm_memo_give(m, db);
    return rc;
}

/* ----------------------------------------------------------------- lists */

static sm_kept **place_of(struct generation *g, sm_memo_kind kind, sm_str key)
{
    sm_kept **at = &g->bucket[sm_hash64(key, (uint64_t)kind) % N_BUCKETS];
    while (*at && ((*at)->kind != kind || !sm_str_eq((*at)->key, key)))
        at = &(*at)->next;
    return at;
}

bool sm_memo_find(sm_db *db, sm_memo_kind kind, sm_str key, sm_kept_list *out)
{
    struct generation *g = sm_db_attached(db);
    if (!g)
        return false;
    pthread_mutex_lock(&g->memo->lock);
    const sm_kept *k = *place_of(g, kind, key);
    pthread_mutex_unlock(&g->memo->lock);
    if (k)
        *out = (sm_kept_list){ k->item, k->n, k };
    return k != NULL;
}

void sm_memo_keep(sm_db *db, sm_memo_kind kind, sm_str key, const void *item, size_t n, size_t size,
                  sm_memo_dup *dup)
{
    struct generation *g = sm_db_attached(db);
    if (!g)
        return;
    pthread_mutex_lock(&g->memo->lock);
    sm_kept **at = place_of(g, kind, key);
    if (!*at && g->bytes < MAX_BYTES) {
        char *copy = sm_alloc_n(g->arena, size, n + 1);
        if (n)
            memcpy(copy, item, n * size);
        for (size_t i = 0; i < n; i++)
            g->bytes += size + dup(g->arena, copy + i * size);
        *at = SM_NEW(g->arena, sm_kept);
        **at = (sm_kept){
            .of = g, .kind = kind, .key = sm_str_dup(g->arena, key), .item = copy, .n = n
        };
        g->bytes += sizeof(**at) + key.n;
    }
    pthread_mutex_unlock(&g->memo->lock);
}

size_t sm_memo_dup_str(sm_arena *a, void *str)
{
    sm_str *s = str;
    *s = sm_str_dup(a, *s);
    return s->n;
}

json_t *sm_memo_json(const sm_kept *kept, sm_str text)
{
    sm_kept *k = (sm_kept *)(uintptr_t)kept; /* the reader's is ours */
    struct generation *g = k->of;
    pthread_mutex_lock(&g->memo->lock);
    if (!k->json && g->json_bytes < MAX_JSON_BYTES) {
        sm_op op = { .arena = g->arena };
        if (sm_json_parse(&op, text, "", &k->json) == SM_OK)
            g->json_bytes += text.n;
    }
    json_t *json = k->json;
    pthread_mutex_unlock(&g->memo->lock);
    return json;
}
