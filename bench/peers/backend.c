/*
 * A back end that speaks OpenAI's API and thinks nothing: what is left is the cost of whoever
 * stands before it.  It misbehaves on request, for the tests.
 *
 *   bench_backend [--listen PORT|unix:PATH] [--gap-us N]    prints its port, serves until killed
 *
 * The model's name in the body says what it does: "ok", or a fault (modes[] below).  max_tokens is
 * the number of a stream's chunks (16).  GET /v1/models, /health: 200.  GET /stats: what it has
 * seen.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { MAX_FDS = 16384, IN_BYTES = 16 << 20, N_EVENTS = 128, CHUNKS = 16, DRIP_US = 1000000 };

#define JSON_HEAD  "Content-Type: application/json\r\n"
#define EVENT_HEAD "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"

typedef enum mode {
    OK,
    SLOW,         /* whole, after 0.3 s; the first chunk of a stream, too */
    STALL,        /* never answers */
    STALL_MID,    /* after some chunks; whole: in the middle of the body */
    GARBAGE,      /* not HTTP */
    GARBAGE_JSON, /* 200, application/json, and no JSON */
    GARBAGE_MID,  /* a stream's third event is no JSON */
    CLOSE,        /* without a byte */
    CLOSE_MID,    /* in the middle */
    NO_DONE,      /* ends well, without [DONE] */
    ERROR_MID,    /* an error event in the stream */
    REFUSE,       /* a stream that is nothing but an error of the caller's */
    LINGER,       /* no end of the body after [DONE] */
    BIG_EVENT,    /* a stream's second event has a megabyte */
    TEXT_400,     /* 400, and no JSON: cut characters and other encodings */
    PLAIN,        /* JSON where a stream was asked for */
    HUGE,         /* 1 GB */
    HEADERS,      /* 10,000 of them */
    DRIP,         /* one byte a second, from the first header on */
    DRIP_MID,     /* one byte a second, after some chunks */
    REDIRECT,
    USAGE_ALL, /* "usage":null in every chunk, and usage with the last choice */
    STATUS     /* e400, e401, e404, e429, e500, e503 */
} mode;

static const struct {
    const char *name;
    mode mode;
} modes[] = {
    { "slow", SLOW },
    { "stall", STALL },
    { "stall-mid", STALL_MID },
    { "garbage", GARBAGE },
    { "garbage-json", GARBAGE_JSON },
    { "garbage-mid", GARBAGE_MID },
    { "close", CLOSE },
    { "close-mid", CLOSE_MID },
    { "no-done", NO_DONE },
    { "error-mid", ERROR_MID },
    { "refuse", REFUSE },
    { "linger", LINGER },
    { "big-event", BIG_EVENT },
    { "text-400", TEXT_400 },
    { "plain", PLAIN },
    { "huge", HUGE },
    { "headers", HEADERS },
    { "drip", DRIP },
    { "drip-mid", DRIP_MID },
    { "redirect", REDIRECT },
    { "usage-all", USAGE_ALL },
};

typedef struct text {
    char *p;
    size_t n, cap;
} text;

typedef struct connection {
    text in, out;
    size_t sent, drip_from; /* from there on a byte at a time */
    bool streams, usage, drips, endless, closes, hangs;
    mode mode;
    int chunk, n_chunks; /* of a stream under way */
    int64_t next_us;     /* 0: nothing to do by itself */
    bool writing;        /* EPOLLOUT is watched */
} connection;

static connection *of[MAX_FDS];
static int epoll_fd, gap_us;
static size_t max_fd;
static struct {
    unsigned long requests, completed, closed_early, connections;
    char last_head[8192], last_body[65536];
} seen;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void add(text *t, const char *p, size_t n)
{
    if (t->n + n + 1 > t->cap) {
        t->cap = 2 * (t->n + n + 1);
        t->p = realloc(t->p, t->cap);
        if (!t->p)
            abort();
    }
    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
}

static void say(text *t, const char *s)
{
    add(t, s, strlen(s));
}

static void say_response(text *t, const char *status, const char *head, const char *body)
{
    char line[256];
    snprintf(line, sizeof(line), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, head,
             strlen(body));
    say(t, line);
    say(t, body);
}

static void say_chunk(text *t, const char *body)
{
    char line[32];
    snprintf(line, sizeof(line), "%zx\r\n", strlen(body));
    say(t, line);
    say(t, body);
    say(t, "\r\n");
}

/* ----------------------------------------------------------------- answers */

static const char whole_chat[] =
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
    "\"model\":\"ok\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"新生儿出生后一个月内，由父亲、母亲或者其他监护人向常住户口所在地的户口登记机关申报。\"},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":16,"
    "\"total_tokens\":36}}";
static const char whole_text[] =
    "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1700000000,\"model\":\"ok\","
    "\"choices\":[{\"index\":0,\"text\":\"好的\",\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":16,\"total_tokens\":36}}";
static const char whole_embedding[] =
    "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.1,0.2]}]"
    ","
    "\"model\":\"ok\",\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}";
static const char whole_rerank[] =
    "{\"id\":\"r\",\"model\":\"ok\",\"results\":[{\"index\":0,\"relevance_score\":0.9}],"
    "\"usage\":{\"total_tokens\":5}}";

static const char *whole_for(const char *path)
{
    if (strstr(path, "/embeddings"))
        return whole_embedding;
    if (strstr(path, "/rerank"))
        return whole_rerank;
    return strstr(path, "/chat/") ? whole_chat : whole_text;
}

static void chunk_text(char to[static 512], const connection *c, const char *extra)
{
    snprintf(to, 512,
             "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":"
             "1700000000,\"model\":\"ok\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
             "\"字%d\"},\"finish_reason\":%s}]%s}\n\n",
             c->chunk, c->chunk + 1 == c->n_chunks ? "\"stop\"" : "null", extra);
}

static void end_stream(connection *c)
{
    char usage[256];
    snprintf(usage, sizeof(usage),
             "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":"
             "1700000000,\"model\":\"ok\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,"
             "\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n",
             c->n_chunks, 20 + c->n_chunks);
    if (c->usage && c->mode != USAGE_ALL)
        say_chunk(&c->out, usage);
    if (c->mode != NO_DONE)
        say_chunk(&c->out, "data: [DONE]\n\n");
    c->hangs = c->mode == LINGER;
    if (!c->hangs)
        say(&c->out, "0\r\n\r\n");
    c->streams = false;
    c->next_us = 0;
    seen.completed++;
}

static void say_big_event(connection *c)
{
    enum { BYTES = 1 << 20 };
    char *event = malloc(BYTES + 200);
    if (!event)
        abort();
    int n = sprintf(event, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    memset(event + n, 'x', BYTES);
    sprintf(event + n + BYTES, "\"}}]}\n\n");
    say_chunk(&c->out, event);
    free(event);
}

static bool breaks(connection *c)
{
    if (c->mode == REFUSE)
        say_chunk(&c->out, "data: {\"error\":{\"message\":\"no such grammar\",\"type\":"
                           "\"invalid_request_error\",\"code\":null}}\n\n");
    if (c->mode == REFUSE) {
        say(&c->out, "0\r\n\r\n");
        c->streams = false;
        return true;
    }
    if (c->mode == BIG_EVENT && c->chunk == 1)
        say_big_event(c);
    if (c->chunk < 2)
        return false;
    if (c->mode == STALL_MID)
        c->hangs = true;
    else if (c->mode == CLOSE_MID)
        c->closes = true;
    else if (c->mode == GARBAGE_MID)
        say_chunk(&c->out, "data: {\"id\": nonsense\n\n");
    else if (c->mode == ERROR_MID)
        say_chunk(&c->out, "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n");
    else if (c->mode == DRIP_MID)
        c->drips = true;
    else
        return false;
    c->drip_from = c->out.n;
    c->streams = false;
    if (c->drips)
        say_chunk(&c->out, "data: {\"id\":\"never comes to an end, at one byte a second\"}\n\n");
    return true;
}

/* As many chunks as there are, or the next one when there is a gap. */
static void go_on(connection *c)
{
    char chunk[512];
    while (c->streams) {
        if (breaks(c))
            return;
        if (c->chunk == c->n_chunks) {
            end_stream(c);
            return;
        }
        bool last = c->chunk + 1 == c->n_chunks;
        chunk_text(chunk, c,
                   c->mode != USAGE_ALL ? ""
                   : last ? ",\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3}"
                          : ",\"usage\":null");
        say_chunk(&c->out, chunk);
        c->chunk++;
        if (gap_us) {
            c->next_us = now_us() + gap_us;
            return;
        }
    }
}

static void begin_stream(connection *c, int n_chunks)
{
    say(&c->out, "HTTP/1.1 200 OK\r\n" EVENT_HEAD "\r\n");
    c->streams = true;
    c->chunk = 0;
    c->n_chunks = n_chunks;
    if (c->mode == SLOW)
        c->next_us = now_us() + 300000;
    else
        go_on(c);
}

static void say_status(connection *c, const char *mode_name)
{
    char status[64], body[256];
    int code = atoi(mode_name + 1);
    snprintf(status, sizeof(status), "%d Error", code);
    snprintf(
        body, sizeof(body),
        "{\"error\":{\"message\":\"the back end says %d\",\"type\":\"x\",\"param\":\"messages\","
        "\"code\":\"c%d\"}}",
        code, code);
    say_response(&c->out, status, code == 429 ? JSON_HEAD "Retry-After: 2\r\n" : JSON_HEAD, body);
}

static void say_headers(connection *c)
{
    char line[64];
    say(&c->out, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10000; i++) {
        snprintf(line, sizeof(line), "X-Header-%d: 0123456789\r\n", i);
        say(&c->out, line);
    }
    say(&c->out, JSON_HEAD "Content-Length: 2\r\n\r\n{}");
}

static void answer_mode(connection *c, const char *name, const char *path, bool stream, int chunks)
{
    const char *whole = whole_for(path);
    if (c->mode == STATUS) {
        say_status(c, name);
    } else if (c->mode == TEXT_400) {
        char words[601] = "";
        for (int i = 0; i < 198; i++)
            strcat(words, "\xe5\xad\x97");
        strcat(words, "\xff\xb2");
        say_response(&c->out, "400 No", "Content-Type: text/plain\r\n", words);
    } else if (c->mode == STALL) {
        c->hangs = true;
    } else if (c->mode == GARBAGE) {
        say(&c->out, "\x01\x02 this is not HTTP\r\n\r\n");
        c->closes = true;
    } else if (c->mode == GARBAGE_JSON) {
        say_response(&c->out, "200 OK", JSON_HEAD, "{\"choices\": [ oh");
    } else if (c->mode == CLOSE) {
        c->closes = true;
    } else if (c->mode == HUGE) {
        say(&c->out,
            "HTTP/1.1 200 OK\r\n" JSON_HEAD "Content-Length: 1000000000\r\n\r\n{\"choices\":\"");
        c->endless = true;
    } else if (c->mode == HEADERS) {
        say_headers(c);
    } else if (c->mode == DRIP) {
        say_response(&c->out, "200 OK", JSON_HEAD, whole);
        c->drips = true;
    } else if (c->mode == REDIRECT) {
        say_response(&c->out, "307 Elsewhere", "Location: http://127.0.0.1:1/\r\n", "");
    } else if (stream && c->mode != PLAIN) {
        begin_stream(c, chunks);
    } else if (c->mode == SLOW) {
        c->next_us = now_us() + 300000;
    } else {
        say_response(&c->out, "200 OK", JSON_HEAD, whole);
        if (c->mode == STALL_MID || c->mode == CLOSE_MID) {
            c->out.n -= 20;
            c->hangs = c->mode == STALL_MID;
            c->closes = c->mode == CLOSE_MID;
        }
        seen.completed++;
    }
}

static void choose(connection *c, const char *body, char name[static 64])
{
    const char *m = strstr(body, "\"model\":");
    c->mode = OK;
    name[0] = 0;
    if (m && sscanf(m + 8, " \"%60[^\"]\"", name) == 1) {
        if (name[0] == 'e' && name[1] >= '3' && name[1] <= '5')
            c->mode = STATUS;
        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
            if (strcmp(modes[i].name, name) == 0)
                c->mode = modes[i].mode;
    }
}

static void say_stats(connection *c)
{
    text t = { 0 };
    char line[256];
    size_t open = 0;
    for (size_t i = 0; i <= max_fd; i++)
        open += of[i] != NULL;
    snprintf(line, sizeof(line),
             "{\"requests\":%lu,\"completed\":%lu,\"closed_early\":%lu,\"connections\":%lu,"
             "\"open\":%zu,\"head\":\"",
             seen.requests, seen.completed, seen.closed_early, seen.connections, open);
    say(&t, line);
    for (const char *p = seen.last_head; *p; p++) {
        if (*p == '"' || *p == '\\')
            add(&t, "\\", 1);
        if (*p == '\n')
            add(&t, "\\n", 2);
        else if ((unsigned char)*p >= ' ')
            add(&t, p, 1);
    }
    say(&t, "\",\"body\":");
    say(&t, seen.last_body[0] ? seen.last_body : "null");
    say(&t, "}");
    say_response(&c->out, "200 OK", JSON_HEAD, t.p);
    free(t.p);
}

static void answer(connection *c, const char *head, const char *path, const char *body, size_t n)
{
    char name[64];
    if (strncmp(head, "GET ", 4) == 0) {
        if (strncmp(path, "/stats", 6) == 0)
            say_stats(c);
        else
            say_response(&c->out, "200 OK", JSON_HEAD, "{\"object\":\"list\",\"data\":[]}");
        return;
    }
    const char *chunks = strstr(body, "\"max_tokens\":");
    bool stream = strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
    seen.requests++;
    snprintf(seen.last_head, sizeof(seen.last_head), "%s", head);
    seen.last_body[0] = 0;
    if (n < sizeof(seen.last_body))
        memcpy(seen.last_body, body, n + 1);
    c->usage = strstr(body, "\"include_usage\":true") != NULL;
    choose(c, body, name);
    answer_mode(c, name, path, stream, chunks ? atoi(chunks + 13) : CHUNKS);
}

/* ------------------------------------------------------------- connections */

static void close_connection(int fd)
{
    connection *c = of[fd];
    if (c->streams || c->hangs || c->drips || c->endless || c->next_us)
        seen.closed_early += !c->closes;
    of[fd] = NULL;
    free(c->in.p);
    free(c->out.p);
    free(c);
    close(fd);
}

/* Requests that are whole are answered; the rest waits.  False: it is no HTTP. */
static bool take_requests(connection *c)
{
    while (c->in.n && !c->streams && !c->hangs && !c->next_us && !c->endless) {
        char *end = memmem(c->in.p, c->in.n, "\r\n\r\n", 4);
        if (!end)
            return c->in.n < IN_BYTES;
        size_t head = (size_t)(end - c->in.p) + 4, length = 0;
        *end = 0;
        const char *told = strcasestr(c->in.p, "\r\nContent-Length:");
        if (told)
            length = (size_t)strtoull(told + 17, NULL, 10);
        if (length > IN_BYTES)
            return false;
        if (c->in.n < head + length) {
            *end = '\r';
            return true;
        }
        char path[256] = "", kept = c->in.p[head + length];
        sscanf(c->in.p, "%*s %255s", path);
        c->in.p[head + length] = 0;
        answer(c, c->in.p, path, c->in.p + head, length);
        c->in.p[head + length] = kept;
        memmove(c->in.p, c->in.p + head + length, c->in.n - head - length);
        c->in.n -= head + length;
    }
    return true;
}

static void watch(int fd, bool writing)
{
    connection *c = of[fd];
    if (writing == c->writing)
        return;
    struct epoll_event e = { .events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.fd = fd };
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &e);
    c->writing = writing;
}

static size_t n_now(const connection *c, size_t left)
{
    if (!c->drips)
        return left;
    return c->sent < c->drip_from ? c->drip_from - c->sent : 1;
}

/* False: it is closed. */
static bool flush(int fd)
{
    static char zeros[65536];
    connection *c = of[fd];
    for (;;) {
        size_t left = c->out.n - c->sent;
        if (left == 0 && !c->endless)
            break;
        ssize_t n = left ? send(fd, c->out.p + c->sent, n_now(c, left), MSG_NOSIGNAL)
                         : send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(fd, true);
            return true;
        }
        if (n <= 0) {
            close_connection(fd);
            return false;
        }
        if (left)
            c->sent += (size_t)n;
        if (c->drips && c->sent > c->drip_from) {
            c->next_us = now_us() + DRIP_US;
            return true;
        }
    }
    c->out.n = c->sent = 0;
    watch(fd, false);
    if (c->closes) {
        close_connection(fd);
        return false;
    }
    return true;
}

static void read_some(int fd)
{
    connection *c = of[fd];
    static char bytes[65536];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            close_connection(fd);
            return;
        }
        add(&c->in, bytes, (size_t)n);
        if (n < (ssize_t)sizeof(bytes))
            break;
    }
    if (!take_requests(c)) {
        close_connection(fd);
        return;
    }
    flush(fd);
}

static void accept_some(int listening)
{
    for (;;) {
        int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (fd >= MAX_FDS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        of[fd] = calloc(1, sizeof(connection));
        if (!of[fd])
            abort();
        if ((size_t)fd > max_fd)
            max_fd = (size_t)fd;
        seen.connections++;
        struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

/* Chunks after a gap, bytes that drip, answers that are late; the wait until the next, in ms. */
static int run_timers(void)
{
    int64_t now = now_us(), next = INT64_MAX;
    for (size_t fd = 0; fd <= max_fd; fd++) {
        connection *c = of[fd];
        if (!c || !c->next_us)
            continue;
        if (c->next_us <= now) {
            c->next_us = 0;
            if (c->streams)
                go_on(c);
            else if (!c->drips && c->mode == SLOW) {
                say_response(&c->out, "200 OK", JSON_HEAD, whole_chat);
                seen.completed++;
            }
            if (!flush((int)fd))
                continue;
        }
        if (c->next_us && c->next_us < next)
            next = c->next_us;
    }
    if (next == INT64_MAX)
        return -1;
    return next <= now ? 0 : (int)((next - now + 999) / 1000);
}

static int listen_on(const char *where)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct sockaddr_in in = { .sin_family = AF_INET };
    bool local = strncmp(where, "unix:", 5) == 0;
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (local) {
        snprintf(un.sun_path, sizeof(un.sun_path), "%s", where + 5);
        unlink(un.sun_path);
    } else {
        in.sin_port = htons((uint16_t)atoi(where));
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    }
    socklen_t n = local ? sizeof(un) : sizeof(in);
    if (fd < 0 || bind(fd, local ? (void *)&un : (void *)&in, n) < 0 || listen(fd, 4096) < 0) {
        perror(where);
        exit(1);
    }
    getsockname(fd, (void *)&in, &n);
    printf("%d\n", local ? 0 : ntohs(in.sin_port));
    fflush(stdout);
    return fd;
}

static void serve(int listening)
{
    struct epoll_event event[N_EVENTS], e = { .events = EPOLLIN, .data.fd = listening };
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listening, &e);
    for (int wait = -1;; wait = run_timers()) {
        int n = epoll_wait(epoll_fd, event, N_EVENTS, wait);
        for (int i = 0; i < n; i++) {
            int fd = event[i].data.fd;
            if (fd == listening)
                accept_some(fd);
            else if (of[fd] && (event[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                read_some(fd);
            else if (of[fd])
                flush(fd);
        }
    }
}

int main(int argc, char **argv)
{
    const char *where = "0";
    struct rlimit lim;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0)
            where = argv[i + 1];
        else if (strcmp(argv[i], "--gap-us") == 0)
            gap_us = atoi(argv[i + 1]);
    }
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &lim);
    lim.rlim_cur = lim.rlim_max;
    setrlimit(RLIMIT_NOFILE, &lim);
    serve(listen_on(where));
    return 0;
}
