/*
 * Reaching one back end outside of serving: its server, or our engine started for it.
 */
#include "model/probe.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/engine.h"

enum {
    LOAD_MS = 15 * 60 * 1000, /* a large file from a slow disk */
    LOOK_MS = 50,
    STOP_MS = 3000,
    LOG_BYTES = 4096 /* of the log's end, for the reason of a failure */
};

struct sm_reach {
    sm_arena *own;
    sm_remote *remote;
    pid_t engine; /* 0: none */
    int log;      /* what the engine says; -1: none */
    const char *socket;
};

/* ------------------------------------------------------------------- the engine */

static sm_rc start(sm_op *op, sm_reach *r, const char *program, const sm_backend *b)
{
    r->log = memfd_create("engine", MFD_CLOEXEC);
    if (r->log < 0)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    pid_t pid = sm_engine_spawn(&(sm_engine_start){
        .program = program, .socket = r->socket, .backend = b, .errors = r->log });
    if (pid < 0)
        return sm_fail(op, SM_E_LIMIT, "开不了新的进程：%s", strerror(errno));
    r->engine = pid;
    return SM_OK;
}

/* The message of the last line of its log that has one. */
static sm_str reason(sm_op *op, int log)
{
    char *text = sm_alloc(op->arena, LOG_BYTES + 1);
    off_t end = lseek(log, 0, SEEK_END);
    off_t from = end > LOG_BYTES ? end - LOG_BYTES : 0;
    ssize_t n = pread(log, text, LOG_BYTES, from);
    sm_str rest = { text, n > 0 ? (size_t)n : 0 }, line, found = SM_STR("没有说明");
    while (sm_str_cut(&rest, '\n', &line)) {
        json_t *j = json_loadb(line.p, line.n, 0, NULL);
        if (sm_json_str(j, "message").n)
            found = sm_str_dup(op->arena, sm_json_str(j, "message"));
        json_decref(j);
    }
    return found;
}

static sm_rc has_ended(sm_op *op, sm_reach *r)
{
    int status;
    if (waitpid(r->engine, &status, WNOHANG) != r->engine)
        return SM_OK;
    r->engine = 0;
    sm_str why = reason(op, r->log);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SM_ENGINE_REFUSED)
        return sm_fail(op, SM_E_CORRUPT, "引擎不接受这个模型：%.*s", SM_ARG(why));
    return sm_fail(op, SM_E_UNAVAILABLE, "引擎没有起来：%.*s", SM_ARG(why));
}

static void nap(int ms)
{
    poll(NULL, 0, ms);
}

/* Until /health answers 200. */
static sm_rc wait_until_up(sm_op *op, sm_reach *r)
{
    int64_t until = sm_now_us() + LOAD_MS * INT64_C(1000);
    while (sm_now_us() < until) {
        sm_op look;
        sm_heard heard = { 0 };
        sm_rc rc = has_ended(op, r);
        if (rc == SM_OK)
            rc = sm_op_check(op);
        if (rc < 0)
            return rc;
        sm_op_begin(&look);
        rc = sm_remote_call(&look, r->remote, "/health", NULL, &heard);
        int status = heard.status;
        sm_op_end(&look);
        if (rc == SM_OK && status == 200)
            return SM_OK;
        nap(LOOK_MS);
    }
    return sm_fail(op, SM_E_TIMEOUT, "引擎过了 %d 分钟还没有载入模型", LOAD_MS / 60000);
}

static sm_rc open_engine(sm_op *op, const char *data_dir, const sm_backend *b, sm_reach *r)
{
    static atomic_uint last;
    struct sockaddr_un un;
    const char *program = sm_engine_program(op->arena, "");
    if (!program)
        return sm_fail(op, SM_E_NOTFOUND,
                       "没有找到 sunmao-engine；先 make engine，或用环境变量 SUNMAO_ENGINE 指明");
    char real[PATH_MAX]; /* it starts elsewhere than we do */
    const char *run = sm_path(op->arena, data_dir, "run");
    sm_rc rc = sm_dir_make(op, run);
    if (rc == SM_OK && !realpath(run, real))
        rc = sm_fail(op, SM_E_DENIED, "用不了文件夹 %s：%s", run, strerror(errno));
    if (rc < 0)
        return rc;
    sm_str name =
        sm_strf(op->arena, "test-%ld-%u.sock", (long)getpid(), atomic_fetch_add(&last, 1));
    r->socket = sm_cstr(r->own, sm_str_of(sm_path(op->arena, real, name.p)));
    if (strlen(r->socket) >= sizeof(un.sun_path))
        return sm_fail(op, SM_E_INVALID, "数据目录的路径太长，放不下套接字 %s", r->socket);
    rc = start(op, r, program, b);
    if (rc == SM_OK)
        rc =
            sm_remote_open(op, sm_strf(op->arena, "unix:%s", r->socket), (sm_str){ 0 }, &r->remote);
    return rc == SM_OK ? wait_until_up(op, r) : rc;
}

static sm_rc open_server(sm_op *op, const sm_backend *b, sm_reach *r)
{
    sm_str key;
    sm_rc rc = sm_key_source_read(op, b->key_from, &key);
    return rc == SM_OK ? sm_remote_open(op, b->source, key, &r->remote) : rc;
}

sm_rc sm_reach_open(sm_op *op, const char *data_dir, const sm_backend *b, sm_reach **out)
{
    sm_reach *r = calloc(1, sizeof(*r));
    if (!r)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    *r = (sm_reach){ .own = sm_arena_open(), .log = -1 };
    sm_rc rc = b->kind == SM_BACKEND_FILE ? open_engine(op, data_dir, b, r) : open_server(op, b, r);
    if (rc < 0)
        sm_reach_close(r);
    else
        *out = r;
    return rc;
}

sm_remote *sm_reach_remote(const sm_reach *r)
{
    return r->remote;
}

static void stop_engine(sm_reach *r)
{
    int64_t until = sm_now_us() + STOP_MS * INT64_C(1000);
    kill(r->engine, SIGTERM);
    while (waitpid(r->engine, NULL, WNOHANG) == 0) {
        if (sm_now_us() > until) {
            kill(r->engine, SIGKILL);
            waitpid(r->engine, NULL, 0);
            return;
        }
        nap(LOOK_MS / 5);
    }
}

void sm_reach_close(sm_reach *r)
{
    if (!r)
        return;
    sm_remote_close(r->remote);
    if (r->engine)
        stop_engine(r);
    if (r->socket)
        unlink(r->socket);
    if (r->log >= 0)
        close(r->log);
    sm_arena_close(r->own);
    free(r);
}
