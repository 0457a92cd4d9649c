/*
 * engine/reply.h - what a job writes, as OpenAI's JSON: whole, or in chunks as it comes.
 *
 * Rests on base, http and job.h.  A reply belongs to its job: made by the handler, then of the
 * worker's thread.  All bytes it sends are valid UTF-8, whatever the model writes.
 */
#ifndef SM_ENGINE_REPLY_H
#define SM_ENGINE_REPLY_H

#include "engine/grounded.h"
#include "engine/job.h"
#include "engine/think.h"
#include "engine/tools.h"
#include "http/http.h"

enum { SM_MAX_STOPS = 16, SM_STOP_BYTES = 256, SM_REPLY_BYTES = 16 << 20, SM_N_LEGACY = 4 };

typedef enum sm_refusal_code {
    SM_REFUSED_INVALID,
    SM_REFUSED_CONTEXT,
    SM_REFUSED_UNSUPPORTED,
    SM_REFUSED_MODEL,
    SM_REFUSED_QUEUE,
    SM_REFUSED_LOADING,
    SM_REFUSED_FAILED,
    SM_REFUSED_ROUTE
} sm_refusal_code;

/* {"error":{"message","type","code","param"}} and its status; param may be NULL. */
json_t *sm_refusal_json(sm_refusal_code code, const char *param, sm_str message);
int sm_refusal_status(sm_refusal_code code);

typedef struct sm_reply {
    sm_job *job;
    const sm_lm *m;
    bool chat, streams, tells_usage, drops_reasoning;
    sm_tool_form tool_form; /* what calls are looked for; NONE: none was offered */
    sm_str model;
    char id[40];
    int64_t created_s;
    sm_str stop[SM_MAX_STOPS];
    size_t n_stops, longest_stop;
    sm_grounded *ground; /* NULL: none; then no half a fact is given out */
    sm_request *r;       /* waits, unless it streams */
    sm_stream *s;
    sm_buf head;    /* how each chunk begins */
    sm_buf text;    /* all that was written */
    size_t n_given; /* of it, given out */
    bool begun;     /* a chunk was sent */
    sm_think think;
    sm_calls calls;
    sm_buf content, reasoning;      /* of a whole reply, or of the next chunk */
    sm_buf made_calls;              /* JSON, comma-separated */
    sm_buf chances;                 /* log-probabilities not sent yet: JSON, comma-separated */
    sm_buf legacy[SM_N_LEGACY];     /* the same for a completion */
    size_t n_counted, n_characters; /* bytes of text, and the characters in them */
    sm_buf chunk;
    size_t n_reasoning_tokens;
    int status; /* of the answer in `chunk`, when it does not stream */
} sm_reply;

/* Of the job's arena; job, m, the flags and, for a chat, think are set by the caller. */
void sm_reply_begin(sm_reply *p);
bool sm_reply_take(sm_job *j, const sm_pick *pick);
/* Ends the stream and closes the job, or lets the request go on with its answer in `chunk`. */
void sm_reply_end(sm_job *j, sm_finish why);
void sm_reply_close(sm_reply *p); /* with its job */

/* "…" with what JSON escapes escaped, and U+FFFD for what is no UTF-8. */
void sm_reply_quote(sm_buf *b, sm_str text);

/* reply_chances.c: what is told of a token's chances, if it was asked for. */
void sm_chances_keep(sm_reply *p, const sm_pick *pick);
void sm_chances_add(sm_reply *p, sm_buf *b); /* ,"logprobs":{…}: of what was kept since the last */

#endif
