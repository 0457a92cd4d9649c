/*
 * An engine of ours as a child process: started, listened to, started again when it ends, the first
 * time at once and then later and later.  It dies with the model thread.  What it writes to its
 * standard error goes into our log.
 */
#include "gateway/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text/text.h"

#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
    LINE_BYTES = 4096,
    LINES_A_SECOND = 50, /* more are dropped */
    FIRST_BACK_OFF_MS = 500,
    MOST_BACK_OFF_MS = 30000,
    CALM_US = 60000000,   /* up for so long: its past is forgotten */
    START_US = 600000000, /* a large file takes its time */
    STOP_MS = 3000,
    EXIT_USAGE = 2
};

struct sm_child {
    sm_host *h;
    sm_child_state state;
    pid_t pid; /* 0: none */
    sm_watch end, errors;
    sm_timer timer;
    int64_t started_us, up_us, restarts;
    int64_t back_off_ms; /* before the next start */
    char why[160];
    char line[LINE_BYTES];
    size_t n_line;
    bool line_too_long;
    int64_t second;
    unsigned lines_in_second;
};

static void start(sm_child *c);

sm_child_state sm_child_state_of(const sm_child *c)
{
    return c->state;
}

const char *sm_child_why(const sm_child *c)
{
    return c->why;
}

static void say_why(sm_child *c, const char *text)
{
    snprintf(c->why, sizeof(c->why), "%s", text);
}

/* ------------------------------------------------------------- what it writes */

/* Why it will not run the file, in its own words. */
static void note_reason(sm_child *c, const json_t *line)
{
    const char *message = json_string_value(json_object_get(line, "message"));
    const char *level = json_string_value(json_object_get(line, "level"));
    if (message && level && strcmp(level, "error") == 0)
        say_why(c, message);
}

/* Its own line of each request: we have one, and its health we ask for all the time. */
static bool is_chatter(sm_str line)
{
    return sm_str_has(line, SM_STR("\"event\":\"request\"")) &&
           (sm_str_has(line, SM_STR("\"/health\"")) || sm_str_has(line, SM_STR("\"status\":200")));
}

static void log_line(sm_child *c)
{
    sm_models *m = c->h->m;
    int64_t second = sm_now_us() / 1000000;
    sm_str text = sm_str_trim((sm_str){ c->line, c->n_line });
    if (second != c->second)
        c->lines_in_second = 0;
    c->second = second;
    if (text.n == 0 || !m->o.log || is_chatter(text) || ++c->lines_in_second > LINES_A_SECOND)
        return;
    sm_arena *a = sm_arena_open();
    text = sm_utf8_mend(a, text);
    json_t *line = text.p[0] == '{' ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    if (!json_is_object(line)) {
        json_decref(line);
        line = json_pack("{s:s,s:o}", "level", "info", "message", sm_json_of(text));
    }
    sm_arena_close(a);
    note_reason(c, line);
    json_object_set_new(line, "engine", sm_json_of(c->h->b.name));
    json_object_set_new(line, "time", json_integer(sm_wall_ms()));
    m->o.log(m->o.ctx, line);
}

static void take_bytes(sm_child *c, sm_str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i] == '\n') {
            log_line(c);
            c->n_line = 0;
        } else if (c->n_line < sizeof(c->line)) {
            c->line[c->n_line++] = bytes.p[i];
        }
    }
}

static void stop_listening(sm_child *c)
{
    if (c->errors.fd < 0)
        return;
    sm_watch_stop(c->h->m->loop, &c->errors);
    close(c->errors.fd);
    c->errors.fd = -1;
}

static bool read_some(sm_child *c)
{
    char bytes[4096];
    ssize_t n = read(c->errors.fd, bytes, sizeof(bytes));
    if (n > 0)
        take_bytes(c, (sm_str){ bytes, (size_t)n });
    return n > 0;
}

static void on_errors(void *child, uint32_t events)
{
    sm_child *c = child;
    if (!read_some(c) && (events & (EPOLLHUP | EPOLLERR)))
        stop_listening(c);
}

/* ------------------------------------------------------------------ starting */

static void on_end(void *child, uint32_t events);

static void fail_to_start(sm_child *c, const char *why)
{
    say_why(c, why);
    c->state = SM_CHILD_WAITING;
    c->back_off_ms =
        c->back_off_ms ? SM_MIN(2 * c->back_off_ms, MOST_BACK_OFF_MS) : FIRST_BACK_OFF_MS;
    sm_timer_set(c->h->m->loop, &c->timer, sm_now_us() + c->back_off_ms * 1000);
}

static void start(sm_child *c)
{
    sm_host *h = c->h;
    int pipes[2];
    if (!h->m->engine || access(h->m->engine, X_OK) < 0) {
        c->state = SM_CHILD_REFUSED;
        say_why(c, "the program sunmao-engine is not installed");
        sm_host_tell(h);
        return;
    }
    if (pipe2(pipes, O_CLOEXEC) < 0) {
        fail_to_start(c, "no descriptors are left");
        return;
    }
    unlink(h->socket);
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    c->pid = sm_engine_spawn(&(sm_engine_start){ .program = h->m->engine,
                                                 .socket = h->socket,
                                                 .backend = &h->b,
                                                 .errors = pipes[1],
                                                 .most_bytes = h->m->o.engine_bytes });
    close(pipes[1]);
    int end = c->pid > 0 ? (int)syscall(SYS_pidfd_open, c->pid, 0U) : -1;
    if (end < 0) {
        close(pipes[0]);
        c->pid = 0;
        fail_to_start(c, "no process could be started");
        return;
    }
    c->state = SM_CHILD_STARTING;
    say_why(c, "it is starting");
    c->started_us = sm_now_us();
    c->n_line = 0;
    c->end = (sm_watch){ .fd = end, .fn = on_end, .ctx = c };
    c->errors = (sm_watch){ .fd = pipes[0], .fn = on_errors, .ctx = c };
    sm_watch_set(h->m->loop, &c->end, EPOLLIN);
    sm_watch_set(h->m->loop, &c->errors, EPOLLIN);
    sm_host_check_soon(h, 10);
}

static void on_timer(void *child)
{
    start(child);
}

/* -------------------------------------------------------------------- ending */

static void forget(sm_child *c)
{
    while (c->errors.fd >= 0 && read_some(c)) /* its last words */
        ;
    stop_listening(c);
    if (c->end.fd >= 0) {
        sm_watch_stop(c->h->m->loop, &c->end);
        close(c->end.fd);
        c->end.fd = -1;
    }
    c->pid = 0;
    unlink(c->h->socket);
}

static void describe_end(char *to, size_t n, int status)
{
    if (WIFSIGNALED(status))
        snprintf(to, n, "it was ended by signal %d", WTERMSIG(status));
    else
        snprintf(to, n, "it ended with status %d", WEXITSTATUS(status));
}

static void on_end(void *child, uint32_t events)
{
    sm_child *c = child;
    sm_host *h = c->h;
    int status = 0;
    char how[64];
    (void)events;
    if (waitpid(c->pid, &status, WNOHANG) != c->pid)
        return;
    int64_t ran_us = sm_now_us() - c->started_us;
    c->why[0] = 0;
    forget(c);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    describe_end(how, sizeof(how), status);
    sm_models_log(h->m, "error", "ENGINE", h->b.name, "%s after %.1f s%s%s", how,
                  (double)ran_us / 1e6, c->why[0] ? ": " : "", c->why);
    h->health = SM_HOST_UNKNOWN;
    h->heard_us = 0;
    h->suspected = false;
    h->breaker = (sm_breaker){ 0 }; /* its calls failed with it: no news */
    if (code == SM_ENGINE_REFUSED || code == EXIT_USAGE) {
        c->state = SM_CHILD_REFUSED;
        if (!c->why[0])
            say_why(c, "the engine refuses the file");
    } else {
        bool was_up = c->state == SM_CHILD_UP;
        if (was_up && ran_us > CALM_US)
            c->back_off_ms = 0;
        int64_t wait_ms = was_up && c->back_off_ms == 0 ? 0 : c->back_off_ms;
        c->restarts++;
        fail_to_start(c, how);
        sm_timer_set(h->m->loop, &c->timer, sm_now_us() + wait_ms * 1000);
    }
    sm_host_tell(h);
}

void sm_child_answers(sm_child *c)
{
    if (c->state != SM_CHILD_STARTING)
        return;
    c->state = SM_CHILD_UP;
    c->up_us = sm_now_us();
    c->why[0] = 0;
}

void sm_child_restart(sm_child *c, const char *why)
{
    sm_models_log(c->h->m, "error", "ENGINE", c->h->b.name, "%s: it is started again", why);
    if (c->pid)
        kill(-c->pid, SIGKILL);
}

void sm_child_look(sm_child *c)
{
    struct stat st;
    if (c->state == SM_CHILD_UP && lstat(c->h->socket, &st) < 0 && errno == ENOENT)
        sm_child_restart(c, "its socket is gone");
    if (c->state == SM_CHILD_STARTING && sm_now_us() - c->started_us > START_US)
        sm_child_restart(c, "it takes too long to start");
    if (c->state == SM_CHILD_UP && c->back_off_ms && sm_now_us() - c->up_us > CALM_US)
        c->back_off_ms = 0;
}

/* ------------------------------------------------------------- open and close */

sm_child *sm_child_open(sm_host *h)
{
    sm_child *c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    c->h = h;
    c->end.fd = c->errors.fd = -1;
    c->timer = (sm_timer){ .fn = on_timer, .ctx = c };
    say_why(c, "it is to be started");
    sm_timer_set(h->m->loop, &c->timer, sm_loop_now(h->m->loop));
    return c;
}

/* Waits for its end; an engine that is told to end does so in some milliseconds. */
static void wait_for_end(pid_t pid)
{
    int status;
    for (int ms = 0; ms < STOP_MS; ms += 5) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return;
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
}

static void *wait_aside(void *pid)
{
    wait_for_end((pid_t)(intptr_t)pid);
    return NULL;
}

void sm_child_close(sm_child *c, bool wait)
{
    pthread_t aside;
    if (!c)
        return;
    pid_t pid = c->pid;
    sm_timer_stop(c->h->m->loop, &c->timer);
    if (pid)
        kill(pid, SIGTERM);
    if (pid && !wait && pthread_create(&aside, NULL, wait_aside, (void *)(intptr_t)pid) == 0)
        pthread_detach(aside);
    else if (pid)
        wait_for_end(pid);
    forget(c);
    free(c);
}

json_t *sm_child_json(const sm_child *c)
{
    static const char *const states[] = { "waiting", "starting", "up", "refused" };
    return json_pack("{s:s,s:i,s:I,s:f}", "state", states[c->state], "pid", (int)c->pid, "restarts",
                     (json_int_t)c->restarts, "up_s",
                     c->state == SM_CHILD_UP ? (double)(sm_now_us() - c->up_us) / 1e6 : 0.0);
}
