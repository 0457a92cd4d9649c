/*
 * gateway/inner.h - what the files of the gateway share; private to it.
 *
 *   models.c   open and close, the model thread, taking up a new registry, the status
 *   books.c    the books' thread: the registry as it is now, what was used
 *   host.c     a back end as it runs: health, breaker, figures
 *   child.c    an engine of ours as a child process
 *   route.c    which back ends may take a call, and why not the others
 *   call.c     a call's life: queued, sent, tried elsewhere, ended
 *   reply.c    what a back end answers, as it comes
 *   events.c   what a stream's events say
 *   status.c   the status, and waiting for an answer
 *   notes.c    the calls' traces and the last ones of them
 */
#ifndef SM_GATEWAY_INNER_H
#define SM_GATEWAY_INNER_H

#include "gateway/gateway.h"

#include <pthread.h>

#include "gateway/breaker.h"
#include "gateway/client.h"
#include "gateway/loop.h"
#include "gateway/raw.h"
#include "gateway/sse.h"
#include "model/model.h"

typedef struct sm_host sm_host;
typedef struct sm_child sm_child;

/* ----------------------------------------------------------------- books.c */

typedef struct sm_spent {
    int64_t department, day_tokens, month_tokens;
} sm_spent;

struct sm_books {
    atomic_int users;
    sm_op op;
    sm_registry *registry;
    sm_spent *spent; /* of departments with such budgets, when it was read */
    size_t n_spent;
};

typedef struct sm_keeper sm_keeper;
/* Reads the registry once.  changed(ctx, books) comes on the books' thread, with a pin of its own.
 */
sm_rc sm_keeper_open(sm_op *op, const char *data_dir, bool (*changed)(void *ctx, sm_books *b),
                     void *ctx, sm_keeper **out);
sm_rc sm_keeper_start(sm_op *op, sm_keeper *k); /* the thread */
void sm_keeper_stop(sm_keeper *k);              /* nothing is called any more; NULL is fine */
void sm_keeper_close(sm_keeper *k);             /* after writing what was used; NULL is fine */
sm_books *sm_keeper_pin(sm_keeper *k);
/* Looks now; when it returns, _pin gives what is there. */
sm_rc sm_keeper_look(sm_op *op, sm_keeper *k);
/* Adds to the row of its department, back end and class; the day is put in here.  Any thread. */
void sm_keeper_used(sm_keeper *k, const sm_usage *u);
void sm_keeper_key_used(sm_keeper *k, int64_t key);

/* ---------------------------------------------------------------- notes.c */

enum { SM_NOTES_BYTES = 4096, SM_LAST_CALLS = 128 };

/* Adds {"us":…,"backend":…,"note":…} to a call's trace; `note` is English. */
void sm_note(sm_model_call *c, sm_str backend, const char *fmt, ...) SM_PRINTF(3, 4);
typedef struct sm_past sm_past; /* the last calls */
sm_past *sm_past_open(void);
void sm_past_close(sm_past *p);
void sm_past_add(sm_past *p, const sm_model_call *c, const sm_call_end *e);
json_t *sm_past_json(const sm_past *p); /* the newest first */

/* ----------------------------------------------------------------- models.c */

struct sm_models {
    sm_models_options o;
    sm_op own;
    sm_keeper *keeper;
    pthread_mutex_t lock; /* guards starting, and waits of quiesce */
    pthread_cond_t idle;
    atomic_bool started, refusing;
    atomic_int n_calls;
    _Atomic int64_t looked_us; /* when the registry was last looked at, before the start */
    pthread_t thread;
    /* the model thread's alone */
    sm_loop *loop;
    sm_client *client;
    sm_schedule *schedule;
    sm_books *books;
    sm_host *hosts;
    sm_model_call *calls; /* all of them */
    sm_past *past;
    sm_buf out; /* events on their way to a caller, within one turn */
    sm_timer schedule_timer, calendar_timer;
    sm_post stop_post;
    bool pumping, pump_again;
    int64_t logged_us;
    double retries; /* that may still be made */
    int64_t retries_us;
    char *run_dir;
    const char *engine; /* NULL: there is none */
    bool made_run_dir;
};

/* While there was no model: is there one now?  Then it all starts.  Any thread. */
void sm_models_look(sm_models *m);
void sm_models_pump(sm_models *m); /* starts what can start; not from within head and bytes */
void sm_models_log(sm_models *m, const char *level, const char *code, sm_str backend,
                   const char *fmt, ...) SM_PRINTF(5, 6);
sm_host *sm_models_host(sm_models *m, int64_t id); /* NULL: none, or gone */
void sm_models_drop_host(sm_host *h); /* one that is gone, when its last call has left */

/* ------------------------------------------------------------------ host.c */

enum { SM_WAIT_BUCKETS = 64 };

typedef struct sm_host_figures {
    uint64_t calls, failed, prompt_tokens, generated_tokens;
    double tokens_per_s;            /* of a running stream, lately */
    uint32_t wait[SM_WAIT_BUCKETS]; /* for the first token, by powers of 2^¼ ms */
    uint64_t n_waits;
} sm_host_figures;

typedef enum sm_host_health { SM_HOST_UNKNOWN, SM_HOST_GOOD, SM_HOST_BAD } sm_host_health;

struct sm_host {
    sm_models *m;
    sm_arena *own;
    sm_backend b;
    sm_target *target;
    sm_child *child; /* of kind file */
    const char *socket;
    sm_breaker breaker;
    sm_host_health health;
    bool misconfigured; /* it refuses our key, or does not know the model */
    bool key_doubted;   /* it was refused: to be read again when nobody uses the target */
    bool suspected;     /* a connection to our engine broke: it may be dead, which we hear soon */
    bool gone;          /* no longer in the registry: goes with its last call */
    char why[160];      /* it is not to be called; "" */
    int64_t busy_until_us, heard_us;
    unsigned n_running, n_bad_checks;
    sm_exchange *check;
    int check_status;
    sm_timer timer, state_timer;
    sm_back_end_state told_state; /* to the schedule */
    uint32_t told_slots;
    sm_host_figures figures;
    sm_host *next;
};

sm_host *sm_host_open(sm_models *m, const sm_backend *b);
/* With n_running 0.  Stops its engine, and waits for its end when told so. */
void sm_host_close(sm_host *h, bool wait);
/* Whether it would run the same with this definition. */
bool sm_host_fits(const sm_host *h, const sm_backend *b);
void sm_host_update(sm_host *h, const sm_backend *b); /* what may change while it runs */
/* The state and the slots that the schedule is to know; tells it when they changed. */
void sm_host_tell(sm_host *h);
uint32_t sm_host_slots(const sm_host *h);
sm_back_end_state sm_host_state(sm_host *h);
const char *sm_host_why(sm_host *h); /* it is not UP; "" */
void sm_host_sent(sm_host *h);
/* An attempt has ended; fault NONE: well. */
void sm_host_heard(sm_host *h, sm_fault fault, int64_t retry_after_s, const char *note);
void sm_host_first(sm_host *h, int64_t wait_us);
void sm_host_check_soon(sm_host *h, int64_t in_ms);
json_t *sm_host_json(sm_host *h);

/* ----------------------------------------------------------------- child.c */

typedef enum sm_child_state {
    SM_CHILD_WAITING, /* to be started: at once, or after a while */
    SM_CHILD_STARTING,
    SM_CHILD_UP,
    SM_CHILD_REFUSED /* it will not run as it is */
} sm_child_state;

sm_child *sm_child_open(sm_host *h);
void sm_child_close(sm_child *c, bool wait); /* NULL is fine; asks it to end, then makes it */
sm_child_state sm_child_state_of(const sm_child *c);
const char *sm_child_why(const sm_child *c);
void sm_child_answers(sm_child *c); /* its health was seen */
void sm_child_look(sm_child *c);    /* is its socket still there? */
void sm_child_restart(sm_child *c, const char *why);
json_t *sm_child_json(const sm_child *c);

/* ----------------------------------------------------------------- route.c */

enum { SM_ROUTE_MAX = 64 };

typedef struct sm_route_found {
    sm_candidate candidate[SM_ROUTE_MAX];
    size_t n;
    unsigned n_known;                /* that the name stands for */
    unsigned n_lacking, n_too_small; /* of them, without what the request needs; too short */
    unsigned n_resting;              /* that asked to be left alone for a while */
    unsigned lacks;                  /* SM_CAN_… that one of them lacks */
    int64_t soonest_us;              /* one that rests now is back; 0: not known */
} sm_route_found;

/* Notes in the call's trace why the others are skipped. */
void sm_call_route(sm_model_call *c, sm_route_found *out);

/* ------------------------------------------------------------------ call.c */

struct sm_model_call {
    atomic_int users;
    sm_models *m;
    sm_post post, cancel_post;
    atomic_bool cancel_asked;
    sm_call_ask ask;
    sm_wanted wanted;
    char model[SM_WANTED_NAME_BYTES + 1];
    char clerk[80];
    char trace[SM_CALL_TRACE_CHARS + 1];
    sm_buf notes;
    sm_call *ticket; /* in the schedule; NULL: not, or no more */
    sm_host *host;   /* while an attempt runs */
    sm_exchange *exchange;
    unsigned attempt;
    sm_timer timer, limit; /* of an attempt; of the whole call */
    sm_buf sent;           /* the body as it went to the host */
    /* the answer */
    sm_buf whole; /* or an error's text */
    sm_sse sse;
    int status;
    int64_t retry_after_s;
    bool streams, begun, complete, full, ended, cancelled;
    bool late;      /* its own limit is over; it is cancelled, too */
    sm_fault fault; /* found while reading it */
    char fault_note[200];
    int64_t prompt_tokens, generated_tokens; /* as the host says; -1: it does not */
    uint32_t n_events;
    int64_t asked_us, queued_us, sent_us, first_us, event_us, full_us;
    sm_model_call *next, *prev; /* in m->calls */
};

void sm_call_start(sm_model_call *c, const sm_start *s);
void sm_call_expired(sm_model_call *c, const sm_expired *e);
void sm_call_preempted(sm_model_call *c);
void sm_call_stop(sm_model_call *c);   /* the service ends */
void sm_call_revoke(sm_model_call *c); /* its key has gone: unless it runs, it ends */
void sm_call_end_with(sm_model_call *c, int status, const char *type, const char *code,
                      int64_t retry_after_s, const char *fmt, ...) SM_PRINTF(6, 7);

/* ----------------------------------------------------------------- reply.c */

extern const sm_exchange_calls sm_reply_calls;
/* What the attempt that just ended came to, all considered: NONE is a whole answer, a stream that
 * was completed, or an error of the caller's to pass on. */
sm_fault sm_reply_fault(sm_model_call *c, sm_fault of_exchange);
void sm_reply_begin(sm_model_call *c);                              /* before an attempt */
void sm_call_attempt_ended(sm_model_call *c, sm_fault of_exchange); /* call.c */

#endif
