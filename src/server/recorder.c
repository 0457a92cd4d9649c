/*
 * One thread writes record.db.  While it commits one batch, the next gathers: under load a commit
 * carries many, and alone it is not put off.  A commit is on the disk (synchronous = FULL) before
 * anyone in it is answered.
 */
#include "server/inner.h"

#include <stdlib.h>

enum { BATCH = 512 };

typedef struct entry {
    sm_op *op;
    sm_record_fn *fn;
    sm_recorded_fn *done;
    void *ctx;
    struct entry *next;
} entry;

struct sm_recorder {
    sm_op own;
    sm_db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    entry *first, *last;
    bool closing;
};

static entry *take_batch(sm_recorder *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->first && !r->closing)
        pthread_cond_wait(&r->work, &r->lock);
    entry *batch = r->first, *end = batch;
    for (size_t n = 1; end && end->next && n < BATCH; n++)
        end = end->next;
    if (end) {
        r->first = end->next;
        end->next = NULL;
    }
    if (!r->first)
        r->last = NULL;
    pthread_mutex_unlock(&r->lock);
    return batch;
}

/* One that fails leaves nothing, and does not disturb the others. */
static void write_one(sm_recorder *r, entry *e)
{
    sm_rc rc = sm_db_run(e->op, r->db, "SAVEPOINT one", "");
    if (rc == SM_OK)
        rc = e->fn(e->op, r->db, e->ctx);
    sm_op end;
    sm_op_begin(&end);
    if (rc < 0)
        sm_db_run(&end, r->db, "ROLLBACK TO one", "");
    if (sm_db_run(&end, r->db, "RELEASE one", "") < 0)
        sm_fail(e->op, end.rc, "%.*s", SM_ARG(end.msg));
    if (rc < 0) /* a failure that was not recorded in op is one all the same */
        sm_fail(e->op, rc, "%s", sm_rc_text(rc));
    sm_op_end(&end);
}

static void write_batch(sm_recorder *r, entry *batch)
{
    sm_op op;
    sm_op_begin(&op);
    sm_rc rc = sm_db_begin(&op, r->db);
    for (entry *e = batch; rc == SM_OK && e; e = e->next)
        write_one(r, e);
    if (rc == SM_OK)
        rc = sm_db_commit(&op, r->db);
    if (rc < 0)
        sm_db_rollback(r->db);
    for (entry *e = batch, *next; e; e = next) {
        next = e->next; /* the entry lies in the op's arena: done may end it */
        if (rc < 0)
            sm_fail(e->op, rc, "没能记下来：%.*s", SM_ARG(op.msg));
        e->done(e->ctx);
    }
    sm_op_end(&op);
}

static void *write_all(void *recorder)
{
    for (entry *batch; (batch = take_batch(recorder)) != NULL;)
        write_batch(recorder, batch);
    return NULL;
}

sm_rc sm_recorder_open(sm_op *op, sm_sunmao *s, sm_recorder **out)
{
    sm_recorder *r = calloc(1, sizeof(*r));
    if (!r)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_op_begin(&r->own);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->work, NULL);
    sm_rc rc = sm_sunmao_record_db(&r->own, s, &r->db);
    if (rc == SM_OK)
        rc = sm_db_exec(&r->own, r->db, "PRAGMA synchronous = FULL");
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(r->own.msg));
    else if (pthread_create(&r->thread, NULL, write_all, r) != 0)
        rc = sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    if (rc < 0) {
        sm_op_end(&r->own);
        free(r);
        return rc;
    }
    *out = r;
    return SM_OK;
}

void sm_recorder_close(sm_recorder *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->closing = true;
    pthread_cond_signal(&r->work);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    pthread_cond_destroy(&r->work);
    pthread_mutex_destroy(&r->lock);
    sm_op_end(&r->own);
    free(r);
}

void sm_recorder_put(sm_recorder *r, sm_op *op, sm_record_fn *fn, sm_recorded_fn *done, void *ctx)
{
    entry *e = SM_NEW(op->arena, entry);
    *e = (entry){ .op = op, .fn = fn, .done = done, .ctx = ctx };
    pthread_mutex_lock(&r->lock);
    if (r->last)
        r->last->next = e;
    else
        r->first = e;
    r->last = e;
    pthread_cond_signal(&r->work);
    pthread_mutex_unlock(&r->lock);
}

struct waiting {
    sm_record_fn *fn;
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
};

static sm_rc call_waiting(sm_op *op, sm_db *db, void *waiting)
{
    struct waiting *w = waiting;
    return w->fn(op, db, w->ctx);
}

static void wake_waiting(void *waiting)
{
    struct waiting *w = waiting;
    pthread_mutex_lock(&w->lock);
    w->is_done = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

sm_rc sm_recorder_run(sm_recorder *r, sm_op *op, sm_record_fn *fn, void *ctx)
{
    struct waiting w = { .fn = fn, .ctx = ctx };
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.done, NULL);
    sm_recorder_put(r, op, call_waiting, wake_waiting, &w);
    pthread_mutex_lock(&w.lock);
    while (!w.is_done)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.done);
    pthread_mutex_destroy(&w.lock);
    return op->rc;
}
