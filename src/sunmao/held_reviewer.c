/*
 * What a data directory is reviewed by, as its files stand now: opened by the first review and anew
 * when a file has changed.  Reviews in work keep what they began with.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sunmao/inner.h"

struct sm_held_reviewer {
    sm_reviewer *reviewer;
    int users;
    bool replaced;
};

/* ---------------------------------------------------------------- the files */

/* The sum does not depend on the order in which a folder is read. */
static uint64_t stamp_of(sm_op *op, const char *path, const struct stat *st)
{
    int64_t facts[] = { (int64_t)st->st_ino, (int64_t)st->st_size, (int64_t)st->st_mtim.tv_sec,
                        st->st_mtim.tv_nsec };
    sm_str of = sm_strf(op->arena, "%s %lld %lld %lld %lld", path, (long long)facts[0],
                        (long long)facts[1], (long long)facts[2], (long long)facts[3]);
    return sm_hash64(of, 0);
}

static uint64_t stamp_file(sm_op *op, const char *dir, const char *name)
{
    struct stat st;
    const char *path = sm_path(op->arena, dir, name);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? stamp_of(op, path, &st) : 0;
}

static uint64_t stamp_folder(sm_op *op, const char *dir)
{
    uint64_t sum = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        sum += stamp_file(op, dir, e->d_name);
    if (d)
        closedir(d);
    return sum;
}

static uint64_t stamp_all(sm_op *op, const sm_sunmao *s)
{
    struct stat st;
    const char *own = sm_path(op->arena, s->data_dir, "review");
    uint64_t there = stat(own, &st) == 0 && S_ISDIR(st.st_mode);
    return there + stamp_folder(op, own) + stamp_folder(op, sm_path(op->arena, own, "rules")) +
           stamp_folder(op, sm_path(op->arena, own, "words")) +
           stamp_file(op, s->data_dir, "model/" SM_SPELLER_FILE);
}

/* ------------------------------------------------------------------ holding */

static void close_held(sm_held_reviewer *h)
{
    sm_reviewer_close(h->reviewer);
    free(h);
}

void sm_drop_reviewer(sm_sunmao *s)
{
    sm_held_reviewer *h = s->reviewer;
    s->reviewer = NULL;
    if (!h)
        return;
    h->replaced = true;
    if (h->users == 0)
        close_held(h);
}

/* NULL on failure. */
static sm_held_reviewer *open_held(sm_op *op, sm_sunmao *s)
{
    sm_reviewer_options o = { .today = SM_DATE_NONE };
    sm_held_reviewer *h = calloc(1, sizeof(*h));
    if (!h) {
        sm_fail(op, SM_E_LIMIT, "内存不够");
        return NULL;
    }
    sm_sunmao_review_options(op->arena, s, &o);
    if (sm_reviewer_open(op, &o, &h->reviewer) < 0) {
        free(h);
        return NULL;
    }
    return h;
}

/* Under an operation of its own: that the new files cannot be read is no failure of a review that
 * has the old ones. */
static void take_up(sm_op *op, sm_sunmao *s, uint64_t stamp)
{
    sm_op own;
    sm_op_begin(&own);
    sm_held_reviewer *h = open_held(&own, s);
    free(s->review_trouble);
    s->review_trouble = h ? NULL : strdup(sm_cstr(own.arena, own.msg));
    if (h) {
        sm_drop_reviewer(s);
        s->reviewer = h;
    } else if (!s->reviewer)
        sm_fail(op, own.rc, "%.*s", SM_ARG(own.msg));
    s->review_stamp = h || s->reviewer ? stamp : 0;
    sm_op_end(&own);
}

struct hold {
    sm_sunmao *sunmao;
    sm_held_reviewer *held;
};

static void leave(void *obj)
{
    struct hold *hold = obj;
    pthread_mutex_lock(&hold->sunmao->review_lock);
    if (--hold->held->users == 0 && hold->held->replaced)
        close_held(hold->held);
    pthread_mutex_unlock(&hold->sunmao->review_lock);
}

sm_rc sm_sunmao_reviewer(sm_op *op, sm_sunmao *s, const sm_reviewer **out)
{
    struct hold *hold = SM_NEW(op->arena, struct hold);
    uint64_t stamp = stamp_all(op, s);
    pthread_mutex_lock(&s->review_lock);
    if (!s->reviewer || stamp != s->review_stamp)
        take_up(op, s, stamp);
    *hold = (struct hold){ s, s->reviewer };
    if (s->reviewer)
        s->reviewer->users++;
    pthread_mutex_unlock(&s->review_lock);
    if (!hold->held)
        return op->rc;
    sm_arena_defer(op->arena, leave, hold);
    *out = hold->held->reviewer;
    return SM_OK;
}

sm_str sm_sunmao_review_trouble(sm_op *op, sm_sunmao *s)
{
    pthread_mutex_lock(&s->review_lock);
    sm_str text = sm_str_dup(op->arena, sm_str_of(s->review_trouble));
    pthread_mutex_unlock(&s->review_lock);
    return text;
}

static void close_reviewer(void *r)
{
    sm_reviewer_close(r);
}

sm_rc sm_sunmao_reviewer_with(sm_op *op, sm_sunmao *s, const char *own_dir, const sm_reviewer **out)
{
    sm_reviewer_options o = { .own_dir = own_dir, .today = SM_DATE_NONE };
    sm_reviewer *r;
    sm_sunmao_review_options(op->arena, s, &o);
    sm_rc rc = sm_reviewer_open(op, &o, &r);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, close_reviewer, r);
    *out = r;
    return SM_OK;
}
