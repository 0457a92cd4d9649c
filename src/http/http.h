/*
 * http/http.h - serving HTTP/1.1 and server-sent events; the only place that knows libmicrohttpd.
 *
 * Rests on base.  A server has three kinds of threads: a few that read, write and run quick
 * handlers; workers for slow handlers, whose connection waits meanwhile; one that accepts
 * connections, keeps watch over slow clients and sends heartbeats.  A request and its op belong to
 * the thread that runs its handler; while it waits (sm_request_wait), to whoever will let it go on.
 * Every limit on what a stranger controls is in sm_http_options or in the enum below.
 */
#ifndef SM_HTTP_HTTP_H
#define SM_HTTP_HTTP_H

#include "base/base.h"

typedef struct sm_http sm_http;
typedef struct sm_request sm_request;
typedef struct sm_stream sm_stream;

enum {
    SM_HTTP_CONNECTION_BYTES = 16 * 1024, /* request line and headers together */
    SM_HTTP_MAX_HEADERS = 100,
    SM_HTTP_HEADER_S = 20, /* for the headers; a body may stay behind 8 KiB/s by this much */
    SM_HTTP_IDLE_S = 65,   /* kept alive without a request */
    SM_HTTP_SEND_S = 120,  /* for a client to take its response, and a second for each 8 KiB */
    SM_HTTP_HEARTBEAT_S = 15,
    SM_HTTP_STREAM_BYTES = 256 * 1024, /* waiting to be read; more closes the stream */
    SM_HTTP_PIECES_BYTES = 8 << 20,    /* the same of a body in pieces, whose sender waits */
    SM_HTTP_MAX_WAITING = 512          /* requests that wait for a worker */
};

typedef sm_rc sm_handler(sm_request *r);

typedef struct sm_route {
    const char *method; /* "GET" answers HEAD, too */
    const char *path;   /* "/v1/desk/{id}/take": {…} is one segment, not empty */
    sm_handler *run;
    size_t max_body;  /* bytes; 0: none is taken */
    unsigned allow;   /* for `admit`, means nothing here */
    bool slow;        /* runs on a worker and may block */
    bool spool;       /* the body goes into a file */
    const char *cost; /* for `admit`: which allowance it draws on; may be NULL */
} sm_route;

typedef struct sm_route_list {
    const sm_route *route;
    size_t n;
} sm_route_list;

/* One line of the log, when the answer has been sent: of a stream, when it ends.  Every slice is
 * good during the call only.  A client that went away before its answer has E_CANCELLED, 499; what
 * is no HTTP has no line. */
typedef struct sm_http_line {
    sm_str trace, method, route; /* the route's pattern, never the path */
    int status;
    sm_rc rc;
    sm_str message; /* of failures of ours only: a client's mistakes may quote personal text */
    double ms;
} sm_http_line;

typedef struct sm_http_options {
    const char *listen; /* "127.0.0.1:8750", "[::1]:8750", "unix:/path" */
    const sm_route_list *routes;
    size_t n_routes;
    /* Before a body is read; a failure answers at once.  Must be quick. */
    sm_handler *admit;
    sm_handler *fallback; /* GET of what no route has */
    /* The body of a failure's answer, where the standard one will not do; NULL: it will. */
    json_t *(*failure)(sm_request *r, sm_rc rc, int status, sm_str message);
    void (*log)(void *ctx, const sm_http_line *line);
    void *ctx;
    const char *spool_dir;
    bool trust_proxy; /* the client's address is the last of X-Forwarded-For */
    unsigned threads, workers, max_connections, max_waiting; /* 0: the standard ones */
    unsigned max_per_address;                       /* connections; 0, or trust_proxy: any number */
    unsigned header_s, idle_s, send_s, heartbeat_s; /* 0: those of the enum */
} sm_http_options;

/* E_INVALID for an address that cannot be read, E_UNAVAILABLE when it cannot be had. */
sm_rc sm_http_open(sm_op *op, const sm_http_options *o, sm_http **out);
/* Lets requests in work and those that wait finish (who waits must be let go on), ends the streams,
 * gives the last answers two seconds, closes.  NULL is fine. */
void sm_http_close(sm_http *h);
const char *sm_http_address(const sm_http *h); /* as it is listening: a port of 0 filled in */

/* ------------------------------------------------------------- a request */

sm_op *sm_request_op(sm_request *r);
void *sm_request_ctx(const sm_request *r);
const sm_route *sm_request_route(const sm_request *r); /* NULL in fallback */
sm_str sm_request_method(const sm_request *r);
/* Decoded, valid UTF-8 without control characters, begins with "/"; ".." is not resolved. */
sm_str sm_request_path(const sm_request *r);
sm_str sm_request_segment(const sm_request *r, const char *name);
/* Decoded; "" when absent, and when it is no UTF-8 or has control characters. */
sm_str sm_request_query(const sm_request *r, const char *name);
sm_str sm_request_header(const sm_request *r, const char *name);
sm_str sm_request_cookie(const sm_request *r, const char *name);
sm_str sm_request_address(const sm_request *r);  /* of the client; IPv6 as its /64 */
sm_str sm_request_peer(const sm_request *r);     /* the same with IPv6 whole; "" when local */
bool sm_request_behind_tls(const sm_request *r); /* as a trusted proxy says */
sm_str sm_request_body(const sm_request *r);
sm_str sm_request_file(const sm_request *r); /* where the body was spooled; removed afterwards */
/* The body as a JSON object; E_INVALID says where it is not. */
sm_rc sm_request_json(sm_request *r, json_t **out);
/* An integer of the query, `otherwise` when absent; E_INVALID unless lo … hi. */
sm_rc sm_request_int(sm_request *r, const char *name, int64_t lo, int64_t hi, int64_t otherwise,
                     int64_t *out);
/* Something of the application's that travels with the request. */
void sm_request_keep(sm_request *r, void *what);
void *sm_request_kept(const sm_request *r);

/* ------------------------------------------------------------- answering */

/* A handler answers once, or returns a failure, which is answered as
 * {"error":{"code","message"}} with the code's status. */
sm_rc sm_respond_json(sm_request *r, int status, json_t *v); /* takes the reference */
/* `body` lives in the op's arena or longer. */
sm_rc sm_respond_bytes(sm_request *r, int status, const char *type, sm_str body);
void sm_respond_header(sm_request *r, const char *name, const char *value);
/* The same failure with another status: 401, 429. */
sm_rc sm_respond_status(sm_request *r, int status, sm_rc rc, const char *fmt, ...) SM_PRINTF(4, 5);

/* In a quick handler, never in a slow one: the connection sleeps, whatever runs meanwhile, until
 * sm_request_go_on (from any thread, once); then `then` runs as the handler.  Call it before
 * handing the request on; a failure returned after it says that the request was not handed on. */
void sm_request_wait(sm_request *r, sm_handler *then);
void sm_request_go_on(sm_request *r);

/* fn(ctx) is called once, on whatever thread, when the client closes its end (or half of it) before
 * its answer is complete, waiting or being streamed to.  Another call replaces it; after one with a
 * NULL fn, sm_stream_close or the end of the request it is not called any more.  It must be quick,
 * and call nothing of http but sm_stream_send, _write, _gone. */
void sm_request_on_gone(sm_request *r, void (*fn)(void *ctx), void *ctx);

/* --------------------------------------------------------------- streams */

/* Answers with server-sent events.  The handle may be used from any thread, until it is put back
 * with sm_stream_close, which ends the stream. */
sm_stream *sm_respond_stream(sm_request *r);
/* event may be NULL, id 0 for none; false when the client is gone or reads too slowly.  That a
 * client is gone is noticed when something is sent, heartbeats included. */
bool sm_stream_send(sm_stream *s, const char *event, int64_t id, sm_str data);
bool sm_stream_gone(sm_stream *s);
/* As sm_request_on_gone. */
void sm_stream_on_gone(sm_stream *s, void (*fn)(void *ctx), void *ctx);
void sm_stream_close(sm_stream *s); /* what was sent is still delivered */

/* Answers with a body that comes in pieces, its length not known: a stream without events and
 * heartbeats, written by sm_stream_write only.  `type` outlives the request. */
sm_stream *sm_respond_pieces(sm_request *r, int status, const char *type);
bool sm_stream_write(sm_stream *s, sm_str bytes); /* false as of sm_stream_send */
size_t sm_stream_waiting(sm_stream *s);           /* bytes that the client has not taken yet */

#endif
