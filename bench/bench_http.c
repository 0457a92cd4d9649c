/*
 * What serving costs: the memory of idle event streams, and a server to hold a load generator
 * against.
 *
 *   bench_http [STREAMS]       private dirty memory of a server before and with STREAMS (1000) open
 *   bench_http serve ADDRESS   GET /hello (quick JSON), GET /slow (a worker), GET /stream; until
 * EOF
 */
#include "http/http.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static sm_rc hello(sm_request *r)
{
    return sm_respond_json(r, 200, json_pack("{s:b}", "ok", 1));
}

/* Nobody sends anything: the server ends it. */
static sm_rc stream(sm_request *r)
{
    sm_respond_stream(r);
    return SM_OK;
}

static const sm_route route[] = {
    { .method = "GET", .path = "/hello", .run = hello },
    { .method = "GET", .path = "/slow", .run = hello, .slow = true },
    { .method = "GET", .path = "/stream", .run = stream },
};
static const sm_route_list routes[] = { { route, SM_LEN(route) } };

static sm_http *open_server(sm_op *op, const char *listen)
{
    sm_http *h = NULL;
    sm_http_options o = {
        .listen = listen, .routes = routes, .n_routes = SM_LEN(routes), .max_connections = 16384
    };
    if (sm_http_open(op, &o, &h) < 0)
        fprintf(stderr, "%.*s\n", SM_ARG(op->msg));
    return h;
}

static int serve(const char *listen)
{
    sm_op op;
    sm_op_begin(&op);
    sm_http *h = open_server(&op, listen);
    if (h) {
        puts(sm_http_address(h));
        fflush(stdout);
        while (getchar() != EOF)
            ;
        sm_http_close(h);
    }
    sm_op_end(&op);
    return h ? 0 : 1;
}

/* The server's own process; its port goes through the pipe, the end of the other one ends it. */
static void be_server(int port_to, int until)
{
    sm_op op;
    char end;
    sm_op_begin(&op);
    sm_http *h = open_server(&op, "127.0.0.1:0");
    int port = h ? atoi(strrchr(sm_http_address(h), ':') + 1) : 0;
    if (write(port_to, &port, sizeof(port)) == sizeof(port))
        (void)!read(until, &end, 1);
    sm_http_close(h);
    sm_op_end(&op);
    _exit(h ? 0 : 1);
}

static long dirty_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "Private_Dirty:", 14) == 0)
            kib = atol(line + 14);
    if (f)
        fclose(f);
    return kib;
}

static bool open_stream(int port)
{
    static const char request[] = "GET /stream HTTP/1.1\r\nHost: localhost\r\n"
                                  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\n"
                                  "Accept: text/event-stream\r\nAccept-Language: zh-CN\r\n"
                                  "Cookie: sid=0123456789abcdef0123456789abcdef\r\n\r\n";
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    char text[4096];
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0 &&
           write(fd, request, sizeof(request) - 1) > 0 && read(fd, text, sizeof(text)) > 0;
}

static int measure(int n)
{
    int port_of[2], end[2], port = 0;
    struct rlimit lim;
    getrlimit(RLIMIT_NOFILE, &lim);
    lim.rlim_cur = lim.rlim_max;
    setrlimit(RLIMIT_NOFILE, &lim);
    if (pipe(port_of) < 0 || pipe(end) < 0)
        return 1;
    pid_t server = fork();
    if (server == 0) {
        close(end[1]);
        be_server(port_of[1], end[0]);
    }
    if (server < 0 || read(port_of[0], &port, sizeof(port)) != sizeof(port) || port == 0)
        return 1;
    long before = dirty_kib(server);
    for (int i = 0; i < n; i++)
        if (!open_stream(port)) {
            fprintf(stderr, "%d streams, then no more\n", i);
            return 1;
        }
    nanosleep(&(struct timespec){ .tv_nsec = 200 * 1000 * 1000 }, NULL);
    long after = dirty_kib(server);
    printf("| an idle event stream, of %d | %.1f KiB | `bench_http %d` |\n", n,
           (double)(after - before) / n, n);
    close(end[1]);
    waitpid(server, NULL, 0);
    return 0;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    return measure(argc == 2 ? SM_MAX(1, atoi(argv[1])) : 1000);
}
