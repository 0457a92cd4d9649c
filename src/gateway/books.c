/*
 * The books' thread: it alone has a handle on the database.  What was used is added up in memory
 * and written every few seconds; nobody waits for it.
 */
#include "gateway/inner.h"

#include <stdlib.h>
#include <time.h>

enum {
    LOOK_MS = 250, /* for changes made by another process */
    WRITE_MS = 3000,
    N_ROWS = 4096, /* of usage, between two writings; a power of two */
    N_KEYS = 1024
};

struct sm_keeper {
    sm_op own;
    sm_db *db;
    pthread_mutex_t db_lock; /* the handle's, with what is read from it */
    bool (*changed)(void *ctx, sm_books *b);
    void *ctx;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    bool closing;
    sm_books *now;
    sm_usage *row; /* hashed; calls + refused + failed = 0: free */
    size_t n_rows;
    struct {
        int64_t key, wall_ms;
    } used[N_KEYS]; /* hashed, one of a chain wins: only the time matters */
};

/* ---------------------------------------------------------------- the registry */

static void unpin(sm_books *b)
{
    if (atomic_fetch_sub(&b->users, 1) != 1)
        return;
    sm_op_end(&b->op);
    free(b);
}

void sm_models_unpin(sm_books *b)
{
    if (b)
        unpin(b);
}

sm_books *sm_keeper_pin(sm_keeper *k)
{
    pthread_mutex_lock(&k->lock);
    sm_books *b = k->now;
    atomic_fetch_add(&b->users, 1);
    pthread_mutex_unlock(&k->lock);
    return b;
}

static sm_rc read_spent(sm_books *b, sm_db *db)
{
    const sm_registry *r = b->registry;
    b->spent = SM_NEWS(b->op.arena, sm_spent, r->n_depts + 1);
    for (size_t i = 0; i < r->n_depts; i++) {
        const sm_dept *d = &r->dept[i];
        sm_spent *s = &b->spent[b->n_spent];
        s->department = d->id;
        sm_rc rc = sm_usage_spent(&b->op, db, sm_today(), d->id, &s->day_tokens, &s->month_tokens);
        if (rc < 0)
            return rc;
        b->n_spent += s->day_tokens || s->month_tokens;
    }
    return SM_OK;
}

/* With the handle's lock held. */
static sm_rc read_books(sm_op *op, sm_keeper *k, sm_books **out)
{
    sm_books *b = calloc(1, sizeof(*b));
    if (!b)
        abort();
    atomic_store(&b->users, 1);
    sm_op_begin(&b->op);
    sm_rc rc = sm_registry_read(&b->op, k->db, &b->registry);
    if (rc == SM_OK)
        rc = read_spent(b, k->db);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(b->op.msg));
        unpin(b);
        return rc;
    }
    *out = b;
    return SM_OK;
}

/* The model thread hears of it first: a call that was let in by what is new finds it there. */
static void publish(sm_keeper *k, sm_books *b)
{
    bool told = k->changed(k->ctx, b);
    pthread_mutex_lock(&k->lock);
    sm_books *before = k->now;
    k->now = b;
    atomic_fetch_add(&b->users, 1);
    pthread_mutex_unlock(&k->lock);
    if (!told) /* it may have begun meanwhile, with what was there before */
        k->changed(k->ctx, b);
    unpin(before);
    unpin(b);
}

sm_rc sm_keeper_look(sm_op *op, sm_keeper *k)
{
    bool changed = false;
    sm_books *b = NULL;
    pthread_mutex_lock(&k->db_lock);
    sm_rc rc = sm_registry_changed(op, k->db, k->now->registry->revision, &changed);
    if (rc == SM_OK && changed)
        rc = read_books(op, k, &b);
    if (b)
        publish(k, b);
    pthread_mutex_unlock(&k->db_lock);
    return rc;
}

/* ------------------------------------------------------------- what was used */

static bool is_free(const sm_usage *u)
{
    return u->calls + u->refused + u->failed == 0;
}

static sm_usage *find_row(sm_usage *rows, const sm_usage *of)
{
    uint64_t h =
        sm_mix64((uint64_t)of->department * 31 + (uint64_t)of->backend * 8 + (uint64_t)of->class_);
    for (size_t i = 0; i < N_ROWS; i++) {
        sm_usage *u = &rows[(h + i) % N_ROWS];
        if (is_free(u) || (u->department == of->department && u->backend == of->backend &&
                           u->class_ == of->class_ && u->day == of->day))
            return u;
    }
    return NULL;
}

void sm_keeper_used(sm_keeper *k, const sm_usage *used)
{
    sm_usage one = *used;
    one.day = sm_today();
    pthread_mutex_lock(&k->lock);
    sm_usage *u = find_row(k->row, &one);
    if (u && is_free(u)) {
        *u = one;
        k->n_rows++;
    } else if (u) {
        sm_usage_sum(u, &one);
    }
    if (k->n_rows > N_ROWS / 2)
        pthread_cond_signal(&k->work);
    pthread_mutex_unlock(&k->lock);
}

void sm_keeper_key_used(sm_keeper *k, int64_t key)
{
    int64_t now = sm_wall_ms();
    size_t i = sm_mix64((uint64_t)key) % N_KEYS;
    pthread_mutex_lock(&k->lock);
    k->used[i].key = key;
    k->used[i].wall_ms = now;
    pthread_mutex_unlock(&k->lock);
}

static sm_rc write_rows(sm_op *op, sm_keeper *k, const sm_usage *rows)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < N_ROWS; i++)
        if (!is_free(&rows[i]))
            rc = sm_usage_add(op, k->db, &rows[i]);
    for (size_t i = 0; rc == SM_OK && i < N_KEYS; i++) {
        pthread_mutex_lock(&k->lock);
        int64_t key = k->used[i].key, wall_ms = k->used[i].wall_ms;
        k->used[i].key = 0;
        pthread_mutex_unlock(&k->lock);
        if (key)
            rc = sm_key_used(op, k->db, key, wall_ms);
    }
    return rc;
}

/* Put back what could not be written: the disk may have room again the next time. */
static void put_back(sm_keeper *k, const sm_usage *rows)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (!is_free(&rows[i]))
            sm_keeper_used(k, &rows[i]);
}

static void write_used(sm_keeper *k)
{
    sm_usage *rows = NULL, *fresh = NULL;
    pthread_mutex_lock(&k->lock);
    bool some = k->n_rows > 0;
    for (size_t i = 0; !some && i < N_KEYS; i++)
        some = k->used[i].key != 0;
    pthread_mutex_unlock(&k->lock);
    if (!some || !(fresh = calloc(N_ROWS, sizeof(*fresh))))
        return;
    pthread_mutex_lock(&k->lock);
    rows = k->row;
    k->row = fresh;
    k->n_rows = 0;
    pthread_mutex_unlock(&k->lock);
    sm_op op;
    sm_op_begin(&op);
    pthread_mutex_lock(&k->db_lock);
    sm_rc rc = sm_db_begin(&op, k->db);
    if (rc == SM_OK)
        rc = write_rows(&op, k, rows);
    if (rc == SM_OK)
        rc = sm_db_commit(&op, k->db);
    if (rc < 0)
        sm_db_rollback(k->db);
    pthread_mutex_unlock(&k->db_lock);
    if (rc < 0)
        put_back(k, rows);
    sm_op_end(&op);
    free(rows);
}

/* ------------------------------------------------------------------ the thread */

static bool wait_a_while(sm_keeper *k)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&k->lock);
    if (!k->closing)
        pthread_cond_timedwait(&k->work, &k->lock, &until);
    bool go_on = !k->closing;
    pthread_mutex_unlock(&k->lock);
    return go_on;
}

static bool is_crowded(sm_keeper *k)
{
    pthread_mutex_lock(&k->lock);
    bool crowded = k->n_rows > N_ROWS / 2;
    pthread_mutex_unlock(&k->lock);
    return crowded;
}

static void *keep(void *keeper)
{
    sm_keeper *k = keeper;
    int64_t written_us = sm_now_us();
    while (wait_a_while(k)) {
        sm_op op;
        sm_op_begin(&op);
        sm_keeper_look(&op, k); /* a failure: the next time */
        sm_op_end(&op);
        if (sm_now_us() - written_us < WRITE_MS * INT64_C(1000) && !is_crowded(k))
            continue;
        write_used(k);
        written_us = sm_now_us();
    }
    return NULL;
}

sm_rc sm_keeper_open(sm_op *op, const char *data_dir, bool (*changed)(void *ctx, sm_books *b),
                     void *ctx, sm_keeper **out)
{
    sm_keeper *k = calloc(1, sizeof(*k));
    pthread_condattr_t by_clock;
    if (!k || !(k->row = calloc(N_ROWS, sizeof(*k->row))))
        abort();
    sm_op_begin(&k->own);
    k->changed = changed;
    k->ctx = ctx;
    pthread_mutex_init(&k->lock, NULL);
    pthread_mutex_init(&k->db_lock, NULL);
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_cond_init(&k->work, &by_clock);
    pthread_condattr_destroy(&by_clock);
    sm_rc rc = sm_db_open(&k->own, data_dir, SM_DB_RECORD, SM_DB_WRITE, &k->db);
    if (rc == SM_OK)
        rc = read_books(&k->own, k, &k->now);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(k->own.msg));
        sm_keeper_close(k);
        return rc;
    }
    *out = k;
    return SM_OK;
}

sm_rc sm_keeper_start(sm_op *op, sm_keeper *k)
{
    if (pthread_create(&k->thread, NULL, keep, k) != 0)
        return sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    k->running = true;
    return SM_OK;
}

void sm_keeper_stop(sm_keeper *k)
{
    if (!k || !k->running)
        return;
    pthread_mutex_lock(&k->lock);
    k->closing = true;
    pthread_cond_signal(&k->work);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    k->running = false;
}

void sm_keeper_close(sm_keeper *k)
{
    if (!k)
        return;
    sm_keeper_stop(k);
    if (k->db)
        write_used(k);
    if (k->now)
        unpin(k->now);
    sm_db_close(k->db);
    pthread_cond_destroy(&k->work);
    pthread_mutex_destroy(&k->lock);
    pthread_mutex_destroy(&k->db_lock);
    sm_op_end(&k->own);
    free(k->row);
    free(k);
}
