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

struct loan {
    sm_db_pool *pool;
    sm_db *db;
};

static void give_back(void *obj)
{
    struct loan *loan = obj;
    sm_db_pool *p = loan->pool;
    if (loan->db)
        sm_db_rest(loan->db);
    pthread_mutex_lock(&p->lock);
    bool keep = loan->db && !p->closed && p->n_idle < MAX_IDLE;
    if (keep)
        p->idle[p->n_idle++] = loan->db;
    bool last = --p->n_lent == 0 && p->closed;
    pthread_mutex_unlock(&p->lock);
    if (!keep)
        sm_db_close(loan->db);
    if (last)
        end(p);
}

sm_rc sm_db_pool_lend(sm_op *op, sm_db_pool *p, sm_db **out)
{
    struct loan *loan = SM_NEW(op->arena, struct loan);
    *loan = (struct loan){ .pool = p };
    pthread_mutex_lock(&p->lock);
    p->n_lent++;
    if (p->n_idle > 0)
        loan->db = p->idle[--p->n_idle];
    pthread_mutex_unlock(&p->lock);
    sm_arena_defer(op->arena, give_back, loan);
    if (!loan->db) {
        sm_rc rc = sm_db_open(op, p->dir, p->file, p->mode, &loan->db);
        if (rc < 0)
            return rc;
    }
    *out = loan->db;
    return SM_OK;
}
