/*
 * model/remote.h - asking one back end and waiting for it: for probes and evaluations, which run on
 * a thread of their own.  Serving has its own client, which never waits.
 *
 * Rests on base and libcurl.  A sm_remote belongs to one thread.  It contacts its address and
 * nothing else: no redirects, no proxies of the environment, no other protocols.
 */
#ifndef SM_MODEL_REMOTE_H
#define SM_MODEL_REMOTE_H

#include "base/base.h"

enum {
    SM_REMOTE_CONNECT_MS = 5000,
    SM_REMOTE_CALL_MS = 300 * 1000,
    SM_REMOTE_MAX_BYTES = 16 << 20 /* of a response */
};

typedef struct sm_remote sm_remote;

typedef struct sm_heard {
    int status; /* HTTP */
    sm_str body;
    json_t *json;               /* NULL when the body is none; of a stream: the last event */
    sm_str text;                /* of a stream: what it said, joined */
    int64_t first_us, total_us; /* from sending to the first byte of content, to the end */
    int64_t prompt_tokens, generated_tokens; /* of its "usage"; 0 when it has none */
} sm_heard;

/* base: as sm_backend.source; key: "" for none. */
sm_rc sm_remote_open(sm_op *op, sm_str base, sm_str key, sm_remote **out);
void sm_remote_close(sm_remote *r); /* NULL is fine */
void sm_remote_patience(sm_remote *r, int64_t call_ms);

/* E_UNAVAILABLE when nothing was answered, E_TIMEOUT, E_LIMIT; any HTTP status is SM_OK.  `body`
 * NULL: a GET.  Takes no reference. */
sm_rc sm_remote_call(sm_op *op, sm_remote *r, const char *path, const json_t *body, sm_heard *out);
/* The same with "stream": true set in a copy of the body; reads the events. */
sm_rc sm_remote_stream(sm_op *op, sm_remote *r, const char *path, const json_t *body,
                       sm_heard *out);

#endif
