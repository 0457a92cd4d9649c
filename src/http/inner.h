/*
 * http/inner.h - private to http.
 *
 *   http.c     the daemon: listening, connections, the watch
 *   request.c  from libmicrohttpd's callbacks to a handler and back
 *   target.c   the request's target: decoding, queries, routes
 *   respond.c  responses
 *   stream.c   server-sent events
 *   worker.c   threads for slow handlers
 */
#ifndef SM_HTTP_INNER_H
#define SM_HTTP_INNER_H

#include "http/http.h"

#include <pthread.h>
#include <sys/socket.h>

#include <microhttpd.h>

enum { SM_MAX_SEGMENTS = 8, SM_MAX_RESPONSE_HEADERS = 12 };

/* What a connection is doing, for the watch. */
typedef enum sm_doing { SM_DOING_HEADERS, SM_DOING_BODY, SM_DOING_WORK, SM_DOING_SEND } sm_doing;

typedef struct sm_connection {
    int fd;
    sm_doing doing;
    int64_t until_us; /* then it is cut; 0: never */
    struct sm_connection *next, *prev;
} sm_connection;

typedef struct sm_workers sm_workers;

struct sm_http {
    sm_arena *own;
    sm_http_options o;
    struct MHD_Daemon *daemon;
    char *address, *unix_path;
    sm_workers *workers;
    pthread_t watch;
    bool watching;
    atomic_bool stopping;
    pthread_mutex_t lock; /* guards what follows */
    sm_connection *connections;
    sm_stream *streams;
    size_t n_waiting; /* requests suspended for a worker or their application */
    pthread_cond_t none_waiting;
};

typedef struct sm_segment {
    sm_str name, value;
} sm_segment;

struct sm_request {
    sm_http *h;
    sm_op op;
    struct MHD_Connection *c;
    sm_connection *connection;
    const sm_route *route;
    sm_handler *run;
    sm_str method, path, query;
    sm_segment segment[SM_MAX_SEGMENTS];
    size_t n_segments;
    char trace[17];
    int64_t began_us;
    void *kept;
    /* the body */
    sm_buf body;
    int file; /* -1: none */
    sm_str file_path;
    size_t n_body;
    bool begun, too_long, spool_failed;
    /* the answer */
    bool answered, waiting, streams;
    int status;
    struct MHD_Response *response;
    sm_rc rc;
    struct {
        const char *name, *value;
    } header[SM_MAX_RESPONSE_HEADERS];
    size_t n_headers;
    sm_request *next; /* in the workers' queue */
};

/* request.c */
void *sm_request_begin(void *http, const char *uri, struct MHD_Connection *c);
enum MHD_Result sm_request_step(void *http, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *n_data, void **request);
void sm_request_end(void *http, struct MHD_Connection *c, void **request,
                    enum MHD_RequestTerminationCode why);
void sm_request_suspend(sm_request *r);
void sm_request_run(sm_request *r); /* the handler, and the answer to a failure */

/* target.c */
/* Cuts and decodes; E_INVALID for what is no path. */
sm_rc sm_target_read(sm_request *r, sm_str uri);
/* SM_OK, E_NOTFOUND, or E_INVALID with *allowed set: another method would do. */
sm_rc sm_route_find(sm_request *r, sm_str *allowed);

/* respond.c */
void sm_respond_failure(sm_request *r, sm_rc rc, int status);
enum MHD_Result sm_respond_now(sm_request *r);
void sm_connection_does(sm_request *r, sm_doing doing, int64_t seconds);

/* stream.c */
void sm_streams_beat(sm_http *h);
void sm_streams_close(sm_http *h);

/* worker.c */
sm_rc sm_workers_open(sm_op *op, unsigned n, sm_workers **out);
bool sm_workers_put(sm_workers *w, sm_request *r); /* false when too many wait */
void sm_workers_close(sm_workers *w);              /* does what is queued */

#endif
