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
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    LOAD_MS = 15 * 60 * 1000, /* a large file from a slow disk */
    LOOK_MS = 50,
    STOP_MS = 3000,
    MAX_ARGS = 64,
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

static const char *beside(sm_arena *a, const char *relative)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? (exe[n] = 0, strrchr(exe, '/')) : NULL;
    if (!slash)
        return NULL;
    *slash = 0;
    return sm_path(a, exe, relative);
}

const char *sm_engine_program(sm_arena *a)
{
    const char *const places[] = { getenv("SUNMAO_ENGINE"), beside(a, "sunmao-engine"),
                                   beside(a, "../libexec/sunmao/sunmao-engine"),
                                   beside(a, "../libexec/sunmao-engine") };
    for (size_t i = 0; i < SM_LEN(places); i++)
        if (places[i] && *places[i] && access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

typedef struct args {
    sm_arena *a;
    char *v[MAX_ARGS];
    size_t n;
} args;

static void add(args *x, const char *option, sm_str value)
{
    if (x->n + 3 > MAX_ARGS)
        return;
    x->v[x->n++] = sm_cstr(x->a, sm_str_of(option));
    x->v[x->n++] = sm_cstr(x->a, value);
}

static void add_number(args *x, const char *option, int64_t n)
{
    if (n > 0)
        add(x, option, sm_strf(x->a, "%lld", (long long)n));
}

static void list_args(args *x, const char *program, const sm_backend *b, const char *socket)
{
    const sm_engine_options *o = &b->engine;
    x->v[x->n++] = sm_cstr(x->a, sm_str_of(program));
    add(x, "--model", b->source);
    add(x, "--socket", sm_str_of(socket));
    add(x, "--alias", b->name);
    add_number(x, "--ctx", o->ctx_tokens);
    add_number(x, "--parallel", o->parallel);
    add_number(x, "--threads", o->threads);
    add_number(x, "--batch", o->batch);
    add_number(x, "--gpu-layers", o->gpu_layers);
    for (size_t i = 0; i < o->n_loras; i++)
        add(x, "--lora", o->lora[i]);
    if (b->template.n)
        add(x, "--chat-template", b->template);
    if (o->no_draft)
        x->v[x->n++] = sm_cstr(x->a, SM_STR("--no-draft"));
    x->v[x->n] = NULL;
}

/* Between fork and exec only what signal handlers may do, too: this process has threads. */
static _Noreturn void become(char *const *argv, int log)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(0); /* nothing to read */
    dup2(log, 1);
    dup2(log, 2);
    close_range(3, UINT_MAX, 0);
    execv(argv[0], argv);
    _exit(127);
}

static sm_rc start(sm_op *op, sm_reach *r, const char *program, const sm_backend *b)
{
    args x = { .a = op->arena };
    list_args(&x, program, b, r->socket);
    r->log = memfd_create("engine", MFD_CLOEXEC);
    if (r->log < 0)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    pid_t pid = fork();
    if (pid == 0)
        become(x.v, r->log);
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
    enum { REFUSED = 7 };
    int status;
    if (waitpid(r->engine, &status, WNOHANG) != r->engine)
        return SM_OK;
    r->engine = 0;
    sm_str why = reason(op, r->log);
    if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED)
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
    const char *program = sm_engine_program(op->arena);
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
