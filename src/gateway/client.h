/*
 * gateway/client.h - calls over HTTP to the back ends, many at once on one thread; the only place
 * that knows libcurl.
 *
 * Rests on base, loop.h and libcurl's multi interface.  Everything belongs to the loop's thread.
 * Nothing is contacted but what a target names: no redirect is followed, no proxy of the
 * environment, no other protocol than HTTP/1.1 with or without TLS; no compressed answer is asked
 * for. Connections are kept and used again.
 */
#ifndef SM_GATEWAY_CLIENT_H
#define SM_GATEWAY_CLIENT_H

#include "gateway/loop.h"

typedef struct sm_client sm_client;
typedef struct sm_target sm_target;
typedef struct sm_exchange sm_exchange;

enum {
    SM_CLIENT_HEADER_BYTES = 32 * 1024, /* of an answer */
    SM_CLIENT_HEADERS = 200,
    SM_CLIENT_CONNECT_MS = 5000,
    SM_CLIENT_CONNECTIONS = 2048 /* kept */
};

/* ca: a file of certificates in place of the system's; "": none. */
sm_rc sm_client_open(sm_op *op, sm_loop *l, const char *ca, sm_client **out);
void sm_client_close(sm_client *c); /* NULL is fine; every exchange has ended or was cancelled */

/* Where calls go.  base: "https://host:port" (with a path, perhaps), socket: of a unix socket, key:
 * for "Authorization: Bearer"; the last two may be "". */
sm_target *sm_target_open(const char *base, const char *socket, sm_str key);
void sm_target_close(sm_target *t); /* when no exchange uses it; NULL is fine */

/* name, stable name, in English for logs and traces */
#define SM_FAULT_TABLE(X)                                          \
    X(NONE, "none", "")                                            \
    X(NAME, "name", "its name cannot be resolved")                 \
    X(CONNECT, "connect", "it cannot be connected to")             \
    X(TLS, "tls", "TLS failed")                                    \
    X(TIMEOUT, "timeout", "it took too long")                      \
    X(CUT, "cut", "it closed the connection early")                \
    X(GARBAGE, "garbage", "what it answered is no valid response") \
    X(SIZE, "size", "its answer is too large")                     \
    X(STOPPED, "stopped", "the exchange was stopped")              \
    X(STATUS, "status", "it answered with an error")               \
    X(KEY, "key", "it refuses our key")                            \
    X(BUSY, "busy", "it asked to come back later")                 \
    X(STALL, "stall", "nothing came from it for too long")         \
    X(REQUEST, "request", "it refuses the request")

typedef enum sm_fault {
#define SM_FAULT_ENUM(name, id, text) SM_FAULT_##name,
    SM_FAULT_TABLE(SM_FAULT_ENUM)
#undef SM_FAULT_ENUM
} sm_fault;
const char *sm_fault_id(sm_fault f);
const char *sm_fault_text(sm_fault f);

typedef struct sm_reply_head {
    int status;
    sm_str type;           /* Content-Type, "" when there is none */
    int64_t retry_after_s; /* 0: not told in seconds */
} sm_reply_head;

/* head and bytes come from within libcurl: they must not send or cancel anything; false stops the
 * exchange, which then ends as STOPPED.  end comes last and once, unless the exchange is cancelled;
 * the exchange is gone then. */
typedef struct sm_exchange_calls {
    bool (*head)(void *ctx, const sm_reply_head *h);
    bool (*bytes)(void *ctx, sm_str bytes);
    void (*end)(void *ctx, sm_fault fault);
} sm_exchange_calls;

typedef struct sm_sent {
    const sm_target *to;
    const char *path;
    bool post;
    sm_str body;       /* stays until the end */
    const char *trace; /* for X-Request-Id; NULL: none */
    size_t max_bytes;  /* of the answer's body */
    int64_t total_ms;  /* 0: without end */
    const sm_exchange_calls *calls;
    void *ctx;
} sm_sent;

sm_exchange *sm_client_send(sm_client *c, const sm_sent *s);
/* Closes its connection; nothing is called any more.  Not from within head and bytes. */
void sm_exchange_cancel(sm_exchange *x);
/* Nothing more is read until _resume; from anywhere. */
void sm_exchange_pause(sm_exchange *x);
void sm_exchange_resume(sm_exchange *x); /* not from within head and bytes */

#endif
