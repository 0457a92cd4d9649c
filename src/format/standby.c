#include "format/standby.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/layout.h"

enum {
    MAX_ENVIRONMENT = 16,
    MAX_WORDS = 4096, /* bytes of a name and its limits */
    N_FILES = 2,      /* input and output of a child */
    PATIENCE_S = 5    /* for one that stands by and does not answer */
};

/* --------------------------------------------------------- a program started */

/* What the child needs of our environment; no secret is among it. */
static char **environment(sm_arena *a)
{
    static const char *const names[] = { "PATH",         "LANG",
                                         "LC_ALL",       "LD_LIBRARY_PATH",
                                         "GCONV_PATH",   "SUNMAO_PDFTOTEXT",
                                         "ASAN_OPTIONS", "UBSAN_OPTIONS" };
    _Static_assert(SM_LEN(names) < MAX_ENVIRONMENT, "room for the end");
    char **env = SM_NEWS(a, char *, MAX_ENVIRONMENT);
    size_t n = 0;
    for (size_t i = 0; i < SM_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value)
            env[n++] = sm_cstr(a, sm_strf(a, "%s=%s", names[i], value));
    }
    return env;
}

static int spawn(sm_arena *a, const char *program, const char *const *words, size_t n_words, int in,
                 int out, pid_t *pid)
{
    char **argv = SM_NEWS(a, char *, n_words + 2);
    argv[0] = sm_cstr(a, sm_str_of(program));
    for (size_t i = 0; i < n_words; i++)
        argv[i + 1] = sm_cstr(a, sm_str_of(words[i]));
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
#ifndef SM_ARENA_MALLOC /* a sanitizer's report is wanted */
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#endif
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int e = posix_spawn(pid, program, &files, &attributes, argv, environment(a));
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return e;
}

/* ------------------------------------------------------------ one that stands by */

/* One for the process, whoever reads; what it does is not told apart from a program started. */
static struct {
    pthread_mutex_t lock;
    char *program; /* NULL: none stands by */
    int to;        /* a socket whose other end is its input */
    pid_t pid;
} standby = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The two files that come with a message, or go with it. */
union files {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(N_FILES * sizeof(int))];
};

static int send_child(int to, const sm_child *c, int in, int out)
{
    union files files = { 0 };
    struct iovec words[] = { { (void *)(uintptr_t)c->name, strlen(c->name) + 1 },
                             { (void *)(uintptr_t)c->limits, strlen(c->limits) + 1 } };
    struct msghdr m = { .msg_iov = words,
                        .msg_iovlen = SM_LEN(words),
                        .msg_control = files.bytes,
                        .msg_controllen = sizeof(files.bytes) };
    if (words[0].iov_len + words[1].iov_len > MAX_WORDS)
        return ENAMETOOLONG;
    const int both[N_FILES] = { in, out };
    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(both)),
                                           .cmsg_level = SOL_SOCKET,
                                           .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), both, sizeof(both));
    return sendmsg(to, &m, MSG_NOSIGNAL) < 0 ? errno : 0;
}

static void dismiss(void)
{
    close(standby.to);
    kill(standby.pid, SIGKILL);
    while (waitpid(standby.pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(standby.program);
    standby.program = NULL;
}

/* ENOENT: none stands by for this program. */
static int ask_standby(const sm_child *c, int in, int out, pid_t *pid)
{
    int32_t answer = -ENOENT;
    pthread_mutex_lock(&standby.lock);
    if (standby.program && strcmp(standby.program, c->program) == 0) {
        int e = send_child(standby.to, c, in, out);
        ssize_t n = e ? 0 : recv(standby.to, &answer, sizeof(answer), 0);
        if (e)
            answer = -e;
        if (n != sizeof(answer) && e != ENAMETOOLONG) {
            answer = -ENOENT;
            dismiss(); /* it has died, or might answer for another later */
        }
    }
    pthread_mutex_unlock(&standby.lock);
    *pid = answer;
    return answer > 0 ? 0 : -answer;
}

int sm_child_start(sm_arena *a, const sm_child *c, int in, int out, pid_t *pid)
{
    const char *const words[] = { "read-layout", "--", c->name, c->limits };
    return ask_standby(c, in, out, pid) == 0
               ? 0
               : spawn(a, c->program, words, SM_LEN(words), in, out, pid);
}

sm_rc sm_layout_standby(sm_op *op, const char *program)
{
    static const char *const words[] = { "read-layout" };
    static const struct timeval patience = { .tv_sec = PATIENCE_S };
    int ends[2], e = 0;
    pthread_mutex_lock(&standby.lock);
    if (standby.program)
        dismiss();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        e = errno;
    if (e == 0) {
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        e = spawn(op->arena, program, words, SM_LEN(words), ends[1], STDERR_FILENO, &standby.pid);
        close(ends[1]);
        standby.to = ends[0];
        standby.program = e ? NULL : strdup(program);
        if (e)
            close(ends[0]);
    }
    pthread_mutex_unlock(&standby.lock);
    return e == 0 ? SM_OK
                  : sm_fail(op, SM_E_UNAVAILABLE, "读取文件的进程启动失败（%s：%s）", program,
                            strerror(e));
}

/* ------------------------------------------------------------------ its own side */

/* A message's words and files; false: nothing more comes. */
static bool receive(int from, char *words, const char **limits, int *both)
{
    union files files;
    struct iovec all = { words, MAX_WORDS };
    struct msghdr m = { .msg_iov = &all,
                        .msg_iovlen = 1,
                        .msg_control = files.bytes,
                        .msg_controllen = sizeof(files.bytes) };
    ssize_t n;
    do
        n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(N_FILES * sizeof(int)) ||
        words[n - 1])
        return false;
    memcpy(both, CMSG_DATA(c), N_FILES * sizeof(int));
    *limits = words + strlen(words) + 1;
    return *limits < words + n;
}

_Noreturn void sm_layout_standby_child(sm_op *op, int from)
{
    static char words[MAX_WORDS];
    const char *limits;
    int both[N_FILES];
    while (receive(from, words, &limits, both)) {
        /* A child of our parent's, which waits for it as for one that it started. */
        int32_t pid = (int32_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
            dup2(both[0], STDIN_FILENO);
            dup2(both[1], STDOUT_FILENO);
            sm_layout_apart_child(op, words, limits, STDIN_FILENO, STDOUT_FILENO);
        }
        if (pid < 0)
            pid = -errno;
        close(both[0]);
        close(both[1]);
        if (send(from, &pid, sizeof(pid), MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(0);
}
