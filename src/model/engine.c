#include "model/engine.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum {
    NICE = 2, /* serving goes before computing */
    MAX_ARGS = 64
};

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

const char *sm_engine_program(sm_arena *a, const char *given)
{
    if (*given)
        return given;
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

static void list_args(args *x, const sm_engine_start *s)
{
    const sm_backend *b = s->backend;
    const sm_engine_options *o = &b->engine;
    x->v[x->n++] = sm_cstr(x->a, sm_str_of(s->program));
    add(x, "--model", b->source);
    add(x, "--socket", sm_str_of(s->socket));
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

extern char **environ;

/* Of our environment only what its libraries read: the keys of servers may stand there, too. */
static bool may_know(const char *line)
{
    static const char *const names[] = { "PATH=",   "HOME=", "LANG=",   "LC_",   "TZ=",
                                         "TMPDIR=", "LD_",   "OMP_",    "GOMP_", "GGML_",
                                         "MALLOC_", "CUDA_", "NVIDIA_", "HIP_",  "ROCR_",
                                         "HSA_",    "ASAN_", "UBSAN_",  "LSAN_", "TSAN_" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (strncmp(line, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static char **environment(sm_arena *a)
{
    size_t n = 0, k = 0;
    while (environ[n])
        n++;
    char **list = SM_NEWS(a, char *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (may_know(environ[i]))
            list[k++] = environ[i];
    return list;
}

/* Its own memory and not its address space: the model's file is mapped, and shared.  Without
 * the limit that was asked for it does not run. */
static bool set_limits(uint64_t most_bytes)
{
    struct rlimit no_core = { 0, 0 }, data;
    if (setrlimit(RLIMIT_CORE, &no_core) < 0)
        return false;
    if (most_bytes == 0)
        return true;
    if (getrlimit(RLIMIT_DATA, &data) < 0)
        return false;
    data.rlim_cur = data.rlim_max = SM_MIN((rlim_t)most_bytes, data.rlim_max);
    return setrlimit(RLIMIT_DATA, &data) == 0;
}

/* In the child: what may be called after a fork, and no more. */
_Noreturn static void become(char *const *argv, char *const *env, int errors, pid_t parent,
                             uint64_t most_bytes)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (!set_limits(most_bytes))
        _exit(1);
    setpriority(PRIO_PROCESS, 0, NICE);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(errors, 2) < 0)
        _exit(1);
    syscall(SYS_close_range, 3U, ~0U, 0);
    execve(argv[0], argv, env);
    _exit(127);
}

pid_t sm_engine_spawn(const sm_engine_start *s)
{
    args x = { .a = sm_arena_open() };
    list_args(&x, s);
    char **env = environment(x.a);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(x.v, env, s->errors, parent, s->most_bytes);
    sm_arena_close(x.a);
    return pid;
}
