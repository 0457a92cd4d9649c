/*
 * gateway/sse.h - cuts a stream of server-sent events (HTML standard, 9.2) into whole events.
 *
 * Rests on base.  Bytes come in any pieces; an event goes out when its empty line is here, as it
 * was written and with its data.  Belongs to one thread.
 */
#ifndef SM_GATEWAY_SSE_H
#define SM_GATEWAY_SSE_H

#include "base/base.h"

enum { SM_SSE_EVENT_BYTES = 4 << 20 };

typedef struct sm_sse {
    sm_buf held; /* the event that is not whole yet */
    bool line_begins;
    bool cr; /* the last byte was CR: a LF after it belongs to it */
} sm_sse;

typedef struct sm_sse_event {
    sm_str text; /* all of it, with its empty line */
    sm_str data; /* of one data line, borrowed; of several, empty and `many` set */
    bool many, has_data;
    bool comment; /* nothing but comments */
} sm_sse_event;

/* False ends the cutting. */
typedef bool sm_sse_fn(void *ctx, const sm_sse_event *e);

void sm_sse_init(sm_sse *s);
void sm_sse_done(sm_sse *s);
/* False when fn said so or an event is longer than SM_SSE_EVENT_BYTES. */
bool sm_sse_push(sm_sse *s, sm_str bytes, sm_sse_fn *fn, void *ctx);
bool sm_sse_is_empty(const sm_sse *s); /* no event was begun and not ended */

#endif
