/*
 * A load that does not wait: requests are due at fixed times, whatever became of those before, and
 * a wait is counted from when it was due (so a server that stalls hides nothing).
 *
 *   bench_gateway load PORT|unix:PATH KEY MODEL RATE SECONDS whole|CHUNKS [CONNECTIONS]
 *       prints rate=… p50_us=… p90_us=… p99_us=… max_us=… first_p50_us=… first_p99_us=… failed=…
 *   bench_gateway streams PORT KEY MODEL N CHUNKS PID
 *       N streams at once; prints the memory that PID has for them
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { MAX_CONNECTIONS = 8192, BODY_BYTES = 4096, TAIL_BYTES = 8 };

typedef struct connection {
    int fd;
    bool busy, first_seen, failed;
    int64_t due_us, first_us;
    size_t n_in, body_left; /* SIZE_MAX: chunked, or the head is not here */
    char head[2048], tail[TAIL_BYTES];
    size_t n_head;
    bool headed, chunked;
} connection;

static connection pool[MAX_CONNECTIONS];
static size_t n_pool;
static int epoll_fd;
static char request[BODY_BYTES + 1024];
static size_t n_request;
static uint32_t *waits, *firsts;
static size_t n_waits, n_firsts, n_failed;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int dial(const char *where)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct sockaddr_in in = { .sin_family = AF_INET };
    bool local = strncmp(where, "unix:", 5) == 0;
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    if (local) {
        snprintf(un.sun_path, sizeof(un.sun_path), "%s", where + 5);
    } else {
        in.sin_port = htons((uint16_t)atoi(where));
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    }
    if (fd < 0 || connect(fd, local ? (void *)&un : (void *)&in,
                          local ? (socklen_t)sizeof(un) : (socklen_t)sizeof(in)) < 0) {
        perror(where);
        exit(1);
    }
    return fd;
}

static void open_pool(const char *where, size_t n)
{
    epoll_fd = epoll_create1(0);
    for (n_pool = 0; n_pool < n; n_pool++) {
        connection *c = &pool[n_pool];
        c->fd = dial(where);
        struct epoll_event e = { .events = EPOLLIN, .data.u64 = n_pool };
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e);
    }
}

static void write_request(const char *key, const char *model, const char *how)
{
    char body[BODY_BYTES];
    int chunks = atoi(how);
    int n = snprintf(body, sizeof(body),
                     "{\"model\":\"%s\",%s\"max_tokens\":%d,\"messages\":[{\"role\":\"system\","
                     "\"content\":\"你是政务服务助手，只根据给出的依据回答。\"},{\"role\":\"user\","
                     "\"content\":\"新生儿怎么上户口，要带什么材料，多久能办好？\"}]}",
                     model, chunks ? "\"stream\":true," : "", chunks ? chunks : 16);
    n_request = (size_t)snprintf(request, sizeof(request),
                                 "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                                 "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                                 "Content-Length: %d\r\n\r\n%s",
                                 key, n, body);
}

static void begin(connection *c, int64_t due)
{
    c->busy = true;
    c->due_us = due;
    c->headed = c->chunked = c->first_seen = c->failed = false;
    c->n_head = c->n_in = 0;
    memset(c->tail, 0, sizeof(c->tail));
    if (send(c->fd, request, n_request, MSG_NOSIGNAL) != (ssize_t)n_request) {
        perror("send");
        exit(1);
    }
}

/* The head is whole: is the answer as it should be, and how does it end? */
static void read_head(connection *c)
{
    c->headed = true;
    c->failed = strncmp(c->head, "HTTP/1.1 200", 12) != 0;
    c->chunked = strcasestr(c->head, "\r\nTransfer-Encoding: chunked") != NULL;
    const char *told = strcasestr(c->head, "\r\nContent-Length:");
    c->body_left = told ? (size_t)strtoull(told + 17, NULL, 10) : 0;
}

static void take_tail(connection *c, const char *p, size_t n)
{
    size_t keep = n < TAIL_BYTES ? TAIL_BYTES - n : 0;
    memmove(c->tail, c->tail + TAIL_BYTES - keep, keep);
    memcpy(c->tail + keep, p + (n - (TAIL_BYTES - keep)), TAIL_BYTES - keep);
}

/* Whether the answer is complete. */
static bool take(connection *c, const char *p, size_t n)
{
    if (!c->headed) {
        size_t room = sizeof(c->head) - 1 - c->n_head, m = n < room ? n : room;
        memcpy(c->head + c->n_head, p, m);
        c->head[c->n_head + m] = 0;
        char *end = strstr(c->head, "\r\n\r\n");
        if (!end) {
            c->n_head += m;
            return false;
        }
        size_t used = (size_t)(end - c->head) + 4 - c->n_head;
        end[2] = 0;
        read_head(c);
        p += used;
        n -= used;
    }
    if (n && !c->first_seen) {
        c->first_seen = true;
        c->first_us = now_us();
    }
    if (!c->chunked) {
        c->body_left -= n < c->body_left ? n : c->body_left;
        return c->body_left == 0;
    }
    if (n)
        take_tail(c, p, n);
    return memcmp(c->tail + 1, "\r\n0\r\n\r\n", 7) == 0;
}

static bool read_some(connection *c)
{
    static char bytes[65536];
    ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);
    if (n <= 0) {
        fprintf(stderr, "the server closed a connection\n");
        exit(1);
    }
    return take(c, bytes, (size_t)n);
}

static void finish(connection *c)
{
    int64_t now = now_us();
    c->busy = false;
    if (c->failed)
        n_failed++;
    waits[n_waits++] = (uint32_t)(now - c->due_us);
    if (c->first_seen)
        firsts[n_firsts++] = (uint32_t)(c->first_us - c->due_us);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t quantile(uint32_t *v, size_t n, double q)
{
    return n ? v[(size_t)(q * (double)(n - 1))] : 0;
}

static void wait_for_events(int64_t until)
{
    struct epoll_event e[64];
    int64_t us = until - now_us();
    struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    int n = epoll_pwait2(epoll_fd, e, 64, us > 0 ? &t : &(struct timespec){ 0 }, NULL);
    for (int i = 0; i < n; i++) {
        connection *c = &pool[e[i].data.u64];
        if (c->busy && read_some(c))
            finish(c);
    }
}

static connection *idle_one(void)
{
    static size_t at;
    for (size_t i = 0; i < n_pool; i++) {
        connection *c = &pool[at++ % n_pool];
        if (!c->busy)
            return c;
    }
    return NULL;
}

static void load(double rate, double seconds)
{
    size_t n = (size_t)(rate * seconds), sent = 0;
    waits = calloc(n + 1, sizeof(*waits));
    firsts = calloc(n + 1, sizeof(*firsts));
    int64_t began = now_us() + 10000, due = began;
    while (n_waits < n) {
        connection *c = NULL;
        while (sent < n && (due = began + (int64_t)((double)sent * 1e6 / rate)) <= now_us() &&
               (c = idle_one()) != NULL) {
            begin(c, due);
            sent++;
        }
        int64_t now = now_us();
        bool all_busy = sent == n || (due <= now && !c);
        wait_for_events(all_busy ? now + 1000 : due);
        if (now > began + (int64_t)(seconds * 3e6) + 5000000)
            break;
    }
    double took = (double)(now_us() - began) / 1e6;
    qsort(waits, n_waits, sizeof(*waits), by_size);
    qsort(firsts, n_firsts, sizeof(*firsts), by_size);
    printf("rate=%.0f p50_us=%u p90_us=%u p99_us=%u max_us=%u first_p50_us=%u first_p99_us=%u "
           "failed=%zu\n",
           (double)n_waits / took, quantile(waits, n_waits, .5), quantile(waits, n_waits, .9),
           quantile(waits, n_waits, .99), quantile(waits, n_waits, 1),
           quantile(firsts, n_firsts, .5), quantile(firsts, n_firsts, .99),
           n_failed + (n - n_waits));
}

static long anonymous_kib(const char *pid)
{
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "Anonymous:", 10) == 0)
            kib = atol(line + 10);
    if (f)
        fclose(f);
    return kib;
}

static void streams(size_t n, const char *pid)
{
    waits = calloc(n + 1, sizeof(*waits));
    firsts = calloc(n + 1, sizeof(*firsts));
    long before = anonymous_kib(pid), most = 0;
    int64_t began = now_us(), looked = began;
    for (size_t i = 0; i < n; i++)
        begin(&pool[i], now_us());
    while (n_waits < n && now_us() - began < 120000000) {
        wait_for_events(now_us() + 100000);
        if (now_us() - looked > 250000) {
            long kib = anonymous_kib(pid);
            most = kib > most ? kib : most;
            looked = now_us();
        }
    }
    printf("streams=%zu whole=%zu failed=%zu before_mib=%.1f most_mib=%.1f\n", n, n_waits, n_failed,
           (double)before / 1024, (double)most / 1024);
}

int main(int argc, char **argv)
{
    struct rlimit lim;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL);
    getrlimit(RLIMIT_NOFILE, &lim);
    lim.rlim_cur = lim.rlim_max;
    setrlimit(RLIMIT_NOFILE, &lim);
    if (argc >= 8 && strcmp(argv[1], "load") == 0) {
        write_request(argv[3], argv[4], argv[7]);
        open_pool(argv[2], argc > 8 ? (size_t)atoi(argv[8]) : 64);
        load(atof(argv[5]), atof(argv[6]));
        return 0;
    }
    if (argc == 8 && strcmp(argv[1], "streams") == 0 && atoi(argv[5]) <= MAX_CONNECTIONS) {
        write_request(argv[3], argv[4], argv[6]);
        open_pool(argv[2], (size_t)atoi(argv[5]));
        streams((size_t)atoi(argv[5]), argv[7]);
        return 0;
    }
    fprintf(stderr, "usage: bench_gateway load … | streams … (see the top of the source)\n");
    return 2;
}
