/*
 * sunmao review --batch: the documents of a folder, two at a time, their results in order.
 */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format/layout.h"

enum { MAX_FILES = 100000, MAX_DEPTH = 16 };

struct batch {
    const sm_reviewer *r;
    const char *program, *dir;
    sm_cli *c;
    FILE *out;
    sm_str *name; /* within dir, sorted */
    size_t n, cap;
    pthread_mutex_t lock; /* guards what follows */
    char **line;          /* of each file, until it is written */
    size_t written, done;
    bool failed;
};

/* ------------------------------------------------------------------ names */

static int by_name(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

static sm_rc walk(struct batch *b, sm_str below, int depth);

static sm_rc take(struct batch *b, sm_str name, int depth)
{
    sm_op *op = &b->c->op;
    struct stat st;
    if (stat(sm_path(op->arena, b->dir, sm_cstr(op->arena, name)), &st) < 0)
        return SM_OK; /* gone in the meantime, or a link to nowhere */
    if (S_ISDIR(st.st_mode))
        return walk(b, name, depth + 1);
    if (!S_ISREG(st.st_mode)) /* a pipe or device would never end */
        return SM_OK;
    if (b->n == MAX_FILES)
        return sm_fail(op, SM_E_LIMIT, "%s：文件超过 %d 个", b->dir, MAX_FILES);
    SM_GROW(op->arena, b->name, b->n, b->cap);
    b->name[b->n++] = name;
    return SM_OK;
}

static sm_rc walk(struct batch *b, sm_str below, int depth)
{
    sm_op *op = &b->c->op;
    const char *path = below.n ? sm_path(op->arena, b->dir, sm_cstr(op->arena, below)) : b->dir;
    if (depth > MAX_DEPTH)
        return sm_fail(op, SM_E_LIMIT, "%s：文件夹超过 %d 层", path, MAX_DEPTH);
    DIR *dir = opendir(path);
    if (!dir)
        return sm_fail(op, errno == EACCES ? SM_E_DENIED : SM_E_NOTFOUND, "打不开文件夹 %s：%s",
                       path, strerror(errno));
    sm_rc rc = SM_OK;
    for (struct dirent *e; rc == SM_OK && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            rc = take(b,
                      below.n ? sm_strf(op->arena, "%.*s/%s", SM_ARG(below), e->d_name)
                              : sm_str_dup(op->arena, sm_str_of(e->d_name)),
                      depth);
    closedir(dir);
    return rc;
}

/* -------------------------------------------------------------- documents */

static json_t *error_json(sm_op *op, sm_rc rc, const char *file, double ms)
{
    sm_str msg = op->msg.n ? op->msg : sm_str_of(sm_rc_text(rc));
    return json_pack("{s:o,s:{s:s,s:o},s:f}", "file", sm_json_of(sm_str_of(file)), "error", "code",
                     sm_rc_name(rc), "message", sm_json_of(msg), "ms", ms);
}

static json_t *review_file(struct batch *b, sm_op *op, const char *file)
{
    static const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    int64_t began = sm_now_us();
    sm_layout *l;
    sm_review *v;
    sm_str bytes;
    sm_rc rc = sm_file_read(op, sm_path(op->arena, b->dir, file), limits.file_bytes, &bytes);
    if (rc == SM_OK)
        rc = sm_reviewer_read(op, b->r, file, bytes, b->program, &l, &v);
    double ms = (double)(sm_now_us() - began) / 1000;
    return rc < 0 ? error_json(op, rc, file, ms) : sm_review_json(file, v, ms, false);
}

/* With the lock held. */
static void write_ready(struct batch *b)
{
    for (; b->written < b->n && b->line[b->written]; b->written++) {
        b->failed |= fprintf(b->out, "%s\n", b->line[b->written]) < 0;
        free(b->line[b->written]);
    }
    b->done++;
    sm_op_progress(&b->c->op, "审核", b->done, b->n);
}

static void job(void *ctx, size_t i)
{
    struct batch *b = ctx;
    sm_op op;
    sm_op_begin(&op);
    json_t *j = review_file(b, &op, sm_cstr(op.arena, b->name[i]));
    sm_str text = sm_json_dump(op.arena, j);
    char *line = strndup(text.p, text.n);
    json_decref(j);
    sm_op_end(&op);
    if (!line)
        abort(); /* as in an arena */
    pthread_mutex_lock(&b->lock);
    b->line[i] = line;
    write_ready(b);
    pthread_mutex_unlock(&b->lock);
}

static sm_rc review_all(struct batch *b)
{
    sm_op *op = &b->c->op;
    sm_rc rc = walk(b, (sm_str){ 0 }, 0);
    if (rc < 0)
        return rc;
    if (b->n)
        qsort(b->name, b->n, sizeof(*b->name), by_name);
    b->line = SM_NEWS(op->arena, char *, b->n + 1);
    if (sm_layout_standby(op, b->program) < 0)
        sm_op_clear(op); /* each is started, then */
    pthread_mutex_init(&b->lock, NULL);
    sm_parallel(b->n, job, b);
    pthread_mutex_destroy(&b->lock);
    return SM_OK;
}

sm_rc sm_cli_review_batch(sm_cli *c, const sm_reviewer *r, const char *dir, const char *out)
{
    struct batch b = { .r = r, .dir = dir, .c = c, .program = sm_own_program(c->op.arena) };
    if (!b.program)
        return sm_fail(&c->op, SM_E_INTERNAL, "找不到本程序的文件");
    sm_rc rc = sm_cli_out(c, out, &b.out);
    if (rc < 0)
        return rc;
    rc = review_all(&b);
    b.failed |= fflush(b.out) != 0 || ferror(b.out);
    if (b.out != stdout)
        b.failed |= fclose(b.out) != 0;
    if (rc == SM_OK && b.failed)
        rc = sm_fail(&c->op, SM_E_LIMIT, "写输出时出错：磁盘满了或输出已关闭");
    return rc;
}
