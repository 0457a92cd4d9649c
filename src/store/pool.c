/*
 * Opening a database takes longer than all that one question reads from it: handles are lent and
 * kept.
 */
#include <pthread.h>
#include <stdlib.h>

#include "store/store.h"

enum { MAX_IDLE = 8 };

struct sm_db_pool {
    sm_arena *own;
    const char *dir;
    sm_db_file file;
    sm_db_mode mode;
    pthread_mutex_t lock; /* guards what follows */
    sm_db *idle[MAX_IDLE];
    size_t n_idle, n_lent;
    bool closed;
};

sm_db_pool *sm_db_pool_open(const char *dir, sm_db_file file, sm_db_mode mode)
{
    sm_arena *own = sm_arena_open();
    sm_db_pool *p = SM_NEW(own, sm_db_pool);
    *p =
        (sm_db_pool){ .own = own, .dir = sm_cstr(own, sm_str_of(dir)), .file = file, .mode = mode };
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

static void end(sm_db_pool *p)
{
    for (size_t i = 0; i < p->n_idle; i++)
        sm_db_close(p->idle[i]);
    pthread_mutex_destroy(&p->lock);
    sm_arena_close(p->own);
}

void sm_db_pool_close(sm_db_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    bool last = p->n_lent == 0;
    pthread_mutex_unlock(&p->lock);
    if (last)
        end(p);
}

void sm_db_pool_give(sm_db_pool *p, sm_db *db)
{
    if (db)
        sm_db_rest(db);
    pthread_mutex_lock(&p->lock);
    bool keep = db && !p->closed && p->n_idle < MAX_IDLE;
    if (keep)
        p->idle[p->n_idle++] = db;
    bool last = --p->n_lent == 0 && p->closed;
    pthread_mutex_unlock(&p->lock);
    if (!keep)
        sm_db_close(db);
    if (last)
        end(p);
}

sm_rc sm_db_pool_take(sm_op *op, sm_db_pool *p, sm_db **out)
{
    sm_db *db = NULL;
    sm_rc rc = SM_OK;
    pthread_mutex_lock(&p->lock);
    p->n_lent++;
    if (p->n_idle > 0)
        db = p->idle[--p->n_idle];
    pthread_mutex_unlock(&p->lock);
    if (!db)
        rc = sm_db_open(op, p->dir, p->file, p->mode, &db);
    if (rc == SM_OK)
        *out = db;
    else
        sm_db_pool_give(p, NULL);
    return rc;
}

struct loan {
    sm_db_pool *pool;
    sm_db *db;
};

static void give_back(void *obj)
{
    const struct loan *loan = obj;
    sm_db_pool_give(loan->pool, loan->db);
}

sm_rc sm_db_pool_lend(sm_op *op, sm_db_pool *p, sm_db **out)
{
    struct loan *loan = SM_NEW(op->arena, struct loan);
    loan->pool = p;
    sm_rc rc = sm_db_pool_take(op, p, &loan->db);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, give_back, loan);
    *out = loan->db;
    return SM_OK;
}
