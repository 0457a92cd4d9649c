/*
 * gateway/gateway.h - calling the models of the registry: one thread that queues calls fairly,
 * sends them to the back ends, passes their answers on, and keeps the engines of local models
 * running.
 *
 * Rests on base, store, registry.h, schedule.h and wanted.h.  Two threads, begun when there is a
 * back end and not before: the model thread (an event loop; it never waits for a disk) and the
 * books' thread (reads the registry, writes what was used).  The functions here may be called by
 * any thread; callbacks come on the model thread and must not block.
 *
 * Nothing is contacted but the addresses in the registry and the sockets of our own engines.
 */
#ifndef SM_GATEWAY_GATEWAY_H
#define SM_GATEWAY_GATEWAY_H

#include "gateway/wanted.h"
#include "model/model.h"
#include "schedule/schedule.h"

typedef struct sm_models sm_models;
typedef struct sm_model_call sm_model_call;

/* 0: the standard one of schedule.h */
typedef struct sm_class_limits {
    uint32_t queue_max; /* calls waiting */
    int64_t wait_ms;    /* refused when not begun after so long */
} sm_class_limits;

typedef struct sm_models_options {
    const char *data_dir;
    const char *engine;      /* the program; "": see sm_engine_program */
    uint64_t engine_bytes;   /* memory of its own that an engine may take; 0: no limit */
    const char *ca;          /* certificates of servers; "": the system's */
    int64_t first_byte_ms;   /* to a stream's first event */
    int64_t idle_ms;         /* from event to event */
    int64_t total_ms;        /* of a whole answer, and of a stream */
    int64_t health_ms;       /* from one look at a back end to the next */
    size_t max_answer_bytes; /* whole, or a stream's all together */
    uint32_t slots;          /* requests at once of a server that does not say */
    sm_class_limits class[SM_N_CLASSES];
    bool batch_stays;    /* running batch calls make no room for live ones */
    bool strict_budgets; /* a call holds back all it may write, not what is usual */
    /* One JSON line for what went wrong or changed; takes the reference.  Any thread. */
    void (*log)(void *ctx, json_t *line);
    void *ctx;
} sm_models_options;

/* Strings live as long as it does. */
sm_rc sm_models_open(sm_op *op, const sm_models_options *o, sm_models **out);
/* Takes no more calls, lets those in work finish for grace_ms, then ends them; each has its end. */
void sm_models_quiesce(sm_models *m, int64_t grace_ms);
void sm_models_close(
    sm_models *m); /* after _quiesce, or none in work; stops the engines.  NULL is fine */
/* Takes up what the registry has become; when it returns, new calls see it. */
sm_rc sm_models_reload(sm_op *op, sm_models *m);

/* ---------------------------------------------------------------- the registry as it is now */

typedef struct sm_books sm_books;
/* Never changes; put back with _unpin.  An empty registry when there is nothing. */
const sm_registry *sm_models_pin(sm_models *m, sm_books **pin);
void sm_models_unpin(sm_books *pin);

/* ------------------------------------------------------------------ a call */

/* What comes to a caller's ear in the words of OpenAI's API: {"error":{message,type,param,code}}.
 */
typedef struct sm_model_error {
    int status; /* HTTP; 0: none */
    const char *type, *code;
    const char *param;     /* NULL: none */
    char message[400];     /* Chinese */
    int64_t retry_after_s; /* 0: not told */
    uint32_t position;     /* in the queue, when refused; 0: not told */
} sm_model_error;

typedef struct sm_call_end {
    int status;           /* 200; a back end's 4xx, which is passed on; or the error's */
    sm_model_error error; /* status 0: none */
    /* Of a whole answer (the status says which): the receiver may take it and leave it empty. */
    sm_buf *body;
    bool begun;                              /* the stream's beginning was told */
    bool cancelled;                          /* by sm_models_cancel */
    int64_t prompt_tokens, generated_tokens; /* as the back end says, or our count */
    int64_t queued_us, first_us, total_us;
    sm_str backend;
} sm_call_end;

typedef enum sm_taken { SM_TAKEN, SM_TAKEN_FULL, SM_TAKEN_GONE } sm_taken;

/* trace is the call's name.  end comes exactly once; begin and bytes only of streams, after each
 * other.  FULL: taken, but no more until sm_models_go_on (or so long that the call ends); GONE: the
 * call is cancelled. */
typedef struct sm_call_calls {
    void (*begin)(void *ctx, const char *trace);
    sm_taken (*bytes)(void *ctx, sm_str bytes); /* whole events */
    bool (*is_full)(void *ctx);                 /* after FULL: still? */
    void (*end)(void *ctx, const char *trace, sm_call_end *e);
} sm_call_calls;

enum { SM_CALL_TRACE_CHARS = 16, SM_REQUEST_ID_BYTES = 128 };

typedef struct sm_call_ask {
    const sm_wanted *wanted; /* it and its body stay until begin or end */
    int64_t department;      /* 0: the site itself */
    int64_t key;             /* the application's; 0: none */
    sm_str clerk;            /* scope of aliases; "": none */
    bool by_name;            /* a back end's own name will do, too */
    sm_class class;
    char request_id[SM_REQUEST_ID_BYTES + 1]; /* passed to the back end; "": the trace */
    /* From when it was asked, waiting in the queue included: to its first event, and altogether; it
     * ends with 504 then.  0: no limits but the standard ones. */
    int64_t first_ms, most_ms;
    const sm_call_calls *calls;
    void *ctx;
} sm_call_ask;

/* Never fails: what is wrong comes with the end, perhaps before this returns.  The handle is the
 * caller's until put back with _done. */
sm_model_call *sm_models_call(sm_models *m, const sm_call_ask *ask);
const char *sm_model_call_trace(const sm_model_call *c); /* 16 hex digits */
void sm_models_cancel(sm_model_call *c);                 /* the end still comes, soon */
void sm_model_call_done(sm_model_call *c);

/* The same and waits, until op's deadline or cancel; *out is the answer's text.  Failures are
 * E_UNAVAILABLE, E_TIMEOUT, E_LIMIT (refused by budget or queue), E_INVALID, E_CANCELLED. */
sm_rc sm_models_ask(sm_op *op, sm_models *m, const sm_call_ask *ask, sm_str *out);

/* Reads what `bytes` of a stream of chat has been given. */
typedef struct sm_events {
    bool (*text)(void *ctx, sm_str text); /* what the model writes, as it comes; false: enough */
    void *ctx;
    bool cut; /* it was stopped before it was done: its limit of tokens, a filter */
} sm_events;
bool sm_events_read(sm_events *e, sm_str bytes); /* false: `text` said so */

/* ------------------------------------------------------------------ figures */

/* {"running":…,"backends":[…],"classes":{…},"calls":[…]}: a new object; docs/models.md has it all.
 */
json_t *sm_models_status(sm_models *m);
/* {"error":{"message","type","param","code"}} */
json_t *sm_model_error_json(const sm_model_error *e);

#endif
