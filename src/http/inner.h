/*
 * http/inner.h - private to http.
 *
 *   http.c     the daemons: accepting, connections, the watch, opening and closing
 *   gone.c     noticing that a client has closed its end
 *   listen.c   listening sockets, and what a client's address is called
 *   peer.c     how many connections each address has
 *   request.c  from libmicrohttpd's callbacks to a handler and back
 *   target.c   the request's target: decoding, queries, routes
 *   respond.c  responses
 *   stream.c   server-sent events
 *   worker.c   threads for slow handlers
 *
 * libmicrohttpd's own thread pool is not used: its threads compete for the listening socket, and
 * one may take nearly all connections; and stopping it while they do may abort the process (0.9.75,
 * MHD_quiesce_daemon against MHD_epoll).  Here each thread is a daemon without a listening socket,
 * and the watch hands them the connections in turn.
 */
#ifndef SM_HTTP_INNER_H
#define SM_HTTP_INNER_H

#include "http/http.h"

#include <pthread.h>
#include <sys/socket.h>

#include <microhttpd.h>

enum {
    SM_MAX_SEGMENTS = 8,
    SM_MAX_RESPONSE_HEADERS = 12,
    SM_MAX_THREADS = 64,
    SM_CLIENT_BYTES = 56,      /* "2001:db8:…/64" and its NUL */
    SM_SLOWEST_BYTES_S = 8192, /* of a body, either way */
    SM_PEER_CHAINS = 1024
};

typedef struct sm_connection {
    int fd;
    char client[SM_CLIENT_BYTES];
    _Atomic int64_t until_us; /* then it is cut; 0: never */
    void (*gone)(void *ctx);  /* guarded by the lock of gone.c, and so is gone_ctx */
    void *gone_ctx;
    bool watched, armed; /* it is in h->gone, and will be told of; guarded by that lock, too */
    sm_request *request; /* libmicrohttpd loses one whose query does not fit its memory */
    struct sm_connection *next, *prev;
} sm_connection;

typedef struct sm_workers sm_workers;
typedef struct sm_peer sm_peer;

typedef struct sm_peers {
    sm_peer *chain[SM_PEER_CHAINS];
} sm_peers;

struct sm_http {
    sm_arena *own;
    sm_http_options o; /* with the standard limits filled in */
    int listening;     /* -1: no more */
    int gone;          /* epoll: the connections somebody wants to know the end of */
    char *address, *unix_path;
    struct MHD_Daemon *daemon[SM_MAX_THREADS];
    unsigned n_daemons, turn;
    sm_workers *workers;
    pthread_t watch;
    bool watching;
    atomic_bool stopping;
    atomic_uint n_connections;
    atomic_uint n_busy;      /* requests in a handler's hands, and callers of sm_request_go_on */
    atomic_uint n_answering; /* answers on their way */
    pthread_mutex_t lock;    /* guards what follows */
    sm_connection *connections;
    sm_stream *streams;
    sm_peers peers;
};

typedef struct sm_segment {
    sm_str name, value;
} sm_segment;

struct sm_request {
    sm_http *h;
    sm_op op;
    struct MHD_Connection *c;
    sm_connection *connection;
    char *uri; /* until the headers are here */
    const sm_route *route;
    sm_handler *run;
    sm_str method, path, query;
    sm_str raw_path; /* still escaped: %2F parts no segments */
    sm_segment segment[SM_MAX_SEGMENTS];
    size_t n_segments;
    char trace[17];
    int64_t began_us;
    void *kept;
    /* of the headers */
    size_t n_headers, n_lengths, n_encodings, n_hosts;
    sm_str encoding, forwarded;
    /* the body */
    sm_buf body;
    int file; /* -1: none */
    sm_str file_path;
    size_t n_body;
    int64_t body_began_us;
    bool begun, too_long, spool_failed;
    /* the answer */
    bool busy, answering; /* it is counted in n_busy, in n_answering */
    bool answered, waiting, streams;
    int status;
    struct MHD_Response *response;
    sm_stream *stream;
    size_t n_response;
    sm_rc rc;
    const char *type;
    struct {
        const char *name, *value;
    } header[SM_MAX_RESPONSE_HEADERS];
    size_t n_answer_headers;
    sm_request *next; /* in the workers' queue */
};

/* listen.c */
/* The listening socket, or -1 with the failure in op; *unix_path is set when there is one to
 * remove. */
int sm_listen(sm_op *op, sm_arena *own, const char *where, char **unix_path);
char *sm_listen_address(sm_arena *own, int fd, const char *where);
/* "192.0.2.7", "2001:db8::/64" (a home has a whole /64: it is one client), "local". */
void sm_client_name(const struct sockaddr *sa, char client[static SM_CLIENT_BYTES]);
sm_str sm_peer_text(sm_arena *a, const struct sockaddr *sa); /* whole; "" of a local one */
bool sm_client_parse(sm_str text, char client[static SM_CLIENT_BYTES]);

/* peer.c; with h->lock held */
bool sm_peer_add(sm_peers *p, const char *client, unsigned max); /* false: it has enough */
void sm_peer_drop(sm_peers *p, const char *client);
void sm_peers_done(sm_peers *p);

/* gone.c; a lock of its own, which outlives every server, and the calls that need it held */
void sm_gone_lock(void);
void sm_gone_unlock(void);
void sm_connection_on_gone(sm_http *h, sm_connection *k, void (*fn)(void *ctx), void *ctx);
void sm_connection_gone(sm_http *h, sm_connection *k);    /* it ended before its answer */
void sm_connection_unwatch(sm_http *h, sm_connection *k); /* before it is closed; takes the lock */
void sm_gone_look(sm_http *h);                            /* takes it itself */

/* request.c */
void *sm_request_begin(void *http, const char *uri, struct MHD_Connection *c);
enum MHD_Result sm_request_step(void *http, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *n_data, void **request);
void sm_request_end(void *http, struct MHD_Connection *c, void **request,
                    enum MHD_RequestTerminationCode why);
void sm_request_close(sm_request *r); /* NULL is fine */
void sm_request_run(sm_request *r);   /* the handler, and the answer to a failure */
void sm_request_drop_body(sm_request *r);

/* target.c */
/* Cuts and decodes; E_INVALID for what is no path. */
sm_rc sm_target_read(sm_request *r, sm_str uri);
/* SM_OK, E_NOTFOUND, or E_INVALID with *allowed set: another method would do. */
sm_rc sm_route_find(sm_request *r, sm_str *allowed);

/* respond.c */
void sm_respond_failure(sm_request *r, sm_rc rc, int status);
enum MHD_Result sm_respond_now(sm_request *r);
/* From now, or from then_us; 0 seconds: without end. */
void sm_connection_until(sm_request *r, int64_t then_us, int64_t seconds);

/* stream.c */
void sm_stream_request_ends(sm_stream *s); /* with the lock of gone.c held; NULL is fine */
void sm_streams_beat(sm_http *h);
void sm_streams_close(sm_http *h);

/* worker.c */
sm_rc sm_workers_open(sm_op *op, unsigned n, unsigned max_waiting, sm_workers **out);
bool sm_workers_put(sm_workers *w, sm_request *r); /* false when too many wait */
void sm_workers_close(sm_workers *w);              /* does what is queued */

#endif
