/*
 * Listening sockets, and what a client's address is called.
 */
#include "http/inner.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { BACKLOG = 1024 };

typedef union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} address;

static int refuse(sm_op *op, int fd, const char *where)
{
    sm_fail(op, SM_E_UNAVAILABLE, "不能在 %s 上接受连接：%s", where, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A socket nobody answers on was left behind by a server that was killed. */
static bool is_dead(int fd, const struct sockaddr_un *un)
{
    struct stat st;
    if (lstat(un->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    return connect(fd, (const struct sockaddr *)un, sizeof(*un)) < 0 && errno == ECONNREFUSED;
}

static int listen_unix(sm_op *op, const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(un.sun_path)) {
        sm_fail(op, SM_E_INVALID, "unix 套接字的路径太长：%s", path);
        return -1;
    }
    memcpy(un.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && is_dead(fd, &un))
        unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0) {
        if (errno != EADDRINUSE)
            return refuse(op, fd, path);
        close(fd);
        sm_fail(op, SM_E_UNAVAILABLE, "%s 已被占用：可能已经有一个服务在运行", path);
        return -1;
    }
    if (chmod(path, 0660) < 0 || listen(fd, BACKLOG) < 0) {
        unlink(path);
        return refuse(op, fd, path);
    }
    return fd;
}

/* "127.0.0.1:8750" or "[::1]:8750". */
static sm_rc read_address(sm_op *op, const char *text, address *a, socklen_t *n)
{
    const char *colon = strrchr(text, ':');
    int64_t port = -1;
    *a = (address){ 0 };
    if (colon && sm_str_to_int(sm_str_of(colon + 1), &port) && port >= 0 && port <= 65535) {
        sm_str host = { text, (size_t)(colon - text) };
        bool six = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
        const char *name = sm_cstr(op->arena, six ? sm_str_sub(host, 1, host.n - 1) : host);
        if (six && inet_pton(AF_INET6, name, &a->in6.sin6_addr) == 1) {
            a->in6.sin6_family = AF_INET6;
            a->in6.sin6_port = htons((uint16_t)port);
            *n = sizeof(a->in6);
            return SM_OK;
        }
        if (!six && inet_pton(AF_INET, name, &a->in.sin_addr) == 1) {
            a->in.sin_family = AF_INET;
            a->in.sin_port = htons((uint16_t)port);
            *n = sizeof(a->in);
            return SM_OK;
        }
    }
    return sm_fail(op, SM_E_INVALID,
                   "监听地址“%s”应当是 127.0.0.1:8750、[::1]:8750 或 unix:/路径 的形式", text);
}

static int listen_tcp(sm_op *op, const char *text)
{
    address a;
    socklen_t n = 0;
    int on = 1;
    if (read_address(op, text, &a, &n) < 0)
        return -1;
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, &a.any, n) < 0 || listen(fd, BACKLOG) < 0)
        return refuse(op, fd, text);
    return fd;
}

int sm_listen(sm_op *op, sm_arena *own, const char *where, char **unix_path)
{
    if (strncmp(where, "unix:", 5) != 0)
        return listen_tcp(op, where);
    int fd = listen_unix(op, where + 5);
    if (fd >= 0)
        *unix_path = sm_cstr(own, sm_str_of(where + 5));
    return fd;
}

char *sm_listen_address(sm_arena *own, int fd, const char *where)
{
    address a = { 0 };
    socklen_t n = sizeof(a);
    char host[INET6_ADDRSTRLEN] = "";
    if (strncmp(where, "unix:", 5) == 0 || getsockname(fd, &a.any, &n) < 0)
        return sm_cstr(own, sm_str_of(where));
    if (a.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host));
        return sm_cstr(own, sm_strf(own, "[%s]:%u", host, ntohs(a.in6.sin6_port)));
    }
    inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host));
    return sm_cstr(own, sm_strf(own, "%s:%u", host, ntohs(a.in.sin_port)));
}

/* --------------------------------------------------------------- clients */

static void name_of_v6(struct in6_addr in, char client[static SM_CLIENT_BYTES])
{
    if (IN6_IS_ADDR_V4MAPPED(&in)) {
        inet_ntop(AF_INET, (const uint8_t *)&in + 12, client, SM_CLIENT_BYTES);
        return;
    }
    memset((uint8_t *)&in + 8, 0, 8);
    inet_ntop(AF_INET6, &in, client, SM_CLIENT_BYTES);
    size_t n = strlen(client);
    snprintf(client + n, SM_CLIENT_BYTES - n, "/64");
}

void sm_client_name(const struct sockaddr *sa, char client[static SM_CLIENT_BYTES])
{
    address a = { 0 };
    if (sa && sa->sa_family == AF_INET) {
        memcpy(&a.in, sa, sizeof(a.in));
        inet_ntop(AF_INET, &a.in.sin_addr, client, SM_CLIENT_BYTES);
    } else if (sa && sa->sa_family == AF_INET6) {
        memcpy(&a.in6, sa, sizeof(a.in6));
        name_of_v6(a.in6.sin6_addr, client);
    } else {
        memcpy(client, "local", sizeof("local"));
    }
}

sm_str sm_peer_text(sm_arena *arena, const struct sockaddr *sa)
{
    address a = { 0 };
    char *text = sm_alloc(arena, INET6_ADDRSTRLEN);
    if (sa && sa->sa_family == AF_INET) {
        memcpy(&a.in, sa, sizeof(a.in));
        inet_ntop(AF_INET, &a.in.sin_addr, text, INET6_ADDRSTRLEN);
    } else if (sa && sa->sa_family == AF_INET6) {
        memcpy(&a.in6, sa, sizeof(a.in6));
        bool mapped = IN6_IS_ADDR_V4MAPPED(&a.in6.sin6_addr);
        inet_ntop(mapped ? AF_INET : AF_INET6,
                  (const uint8_t *)&a.in6.sin6_addr + (mapped ? 12 : 0), text, INET6_ADDRSTRLEN);
    }
    return sm_str_of(text);
}

bool sm_client_parse(sm_str text, char client[static SM_CLIENT_BYTES])
{
    char z[INET6_ADDRSTRLEN] = "";
    struct in6_addr in6;
    struct in_addr in;
    if (text.n == 0 || text.n >= sizeof(z))
        return false;
    memcpy(z, text.p, text.n);
    if (inet_pton(AF_INET, z, &in) == 1) {
        memcpy(client, z, text.n + 1);
        return true;
    }
    if (inet_pton(AF_INET6, z, &in6) != 1)
        return false;
    name_of_v6(in6, client);
    return true;
}
