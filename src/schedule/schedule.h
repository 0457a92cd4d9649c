/*
 * schedule/schedule.h - which call runs next, and on which back end: fair between departments, live
 * classes first, within budgets, honest when it refuses.
 *
 * Rests on base.  Knows nothing of HTTP, databases or clocks: the caller passes now_us (monotonic;
 * never runs back) and starts, watches and ends the calls itself.  Deterministic.  A schedule
 * belongs to one thread.  It owns its calls: one lives from _submit until _finish, _cancel or a
 * last word from _expire; strings given in are copied.  Out of memory aborts.
 *
 * The order.  Each class has a tree of departments; on every level start-time fair queueing (Goyal,
 * Vin, Cheng: Start-time Fair Queueing, 1996) by token cost over weight: a call costs its prompt
 * plus what its department and class usually generate, put right when it ends.  Who was idle banks
 * nothing. Between classes: citizen before staff before batch, and each keeps a headroom of slots
 * that lower classes do not fill.  So that nobody starves: while a class waits, it earns `share` of
 * every token that a higher class starts; when that pays for its next call, this call goes before
 * that class, into any slot the higher class could use.  What it is started without is taken off
 * what it earned.
 */
#ifndef SM_SCHEDULE_SCHEDULE_H
#define SM_SCHEDULE_SCHEDULE_H

#include "base/base.h"

/* name, stable name, for people, queue bound, wait limit in ms, share, headroom, of the slots */
#define SM_CLASS_TABLE(X)                                       \
    X(CITIZEN, "citizen", "群众办事", 2000, 60000, 0.0, 0.0)    \
    X(STAFF, "staff", "工作人员办公", 2000, 120000, 0.20, 0.40) \
    X(BATCH, "batch", "批量任务", 100000, 86400000, 0.05, 0.50)

typedef enum sm_class {
#define SM_CLASS_ENUM(name, id, text, bound, wait, share, headroom) SM_CLASS_##name,
    SM_CLASS_TABLE(SM_CLASS_ENUM)
#undef SM_CLASS_ENUM
        SM_N_CLASSES
} sm_class;

const char *sm_class_id(sm_class c);           /* "citizen" */
const char *sm_class_text(sm_class c);         /* Chinese */
bool sm_class_parse(sm_str id, sm_class *out); /* false: no such class */

/* ------------------------------------------------------- configuration */

enum {
    SM_SCHEDULE_MAX_DEPARTMENTS = 20000,
    SM_SCHEDULE_MAX_DEPTH = 16,
    SM_SCHEDULE_MAX_BACK_ENDS = 4096,
    SM_SCHEDULE_MAX_SLOTS = 4096,
    SM_SCHEDULE_MAX_CANDIDATES = 256,
    SM_SCHEDULE_MAX_WEIGHT = 1000000,
    SM_SCHEDULE_MAX_YIELDS = 2,
    SM_SCHEDULE_MAX_ATTEMPTS = 8, /* on different back ends */
};

/* Limits hold for a department with all below it; 0 = none.  A department's own calls, beside those
 * of its children, count as one more child of the children's mean weight. */
typedef struct sm_department {
    sm_str id, parent;                               /* parent "": under the root, which is always
                                                        there: id "", no limits, who has no department */
    uint32_t weight;                                 /* among its siblings; 0 reads as 1 */
    int64_t minute_tokens, day_tokens, month_tokens; /* budgets */
    uint32_t concurrency;                            /* calls running at once */
} sm_department;

typedef enum sm_back_end_state {
    SM_BACK_END_UP,
    SM_BACK_END_SOON, /* starting again: calls for it wait */
    SM_BACK_END_DOWN, /* calls for it alone are refused */
} sm_back_end_state;

typedef struct sm_back_end {
    int64_t id;
    uint32_t slots;           /* calls it takes at once, at least 1 */
    double tokens_per_second; /* 0 = not known; only for choosing among candidates */
    sm_back_end_state state;
} sm_back_end;

typedef struct sm_class_rules {
    uint32_t queue_max; /* calls waiting, all departments */
    int64_t wait_us;    /* refused when not started after so long; 0 = waits for ever */
    double share; /* of a higher class's tokens that this class earns while it waits, 0 … 0.5 */
    double headroom; /* part of the slots, at most, that this class leaves free for citizens,
                        0 … 0.9, and never all; how many are needed is learned from how many
                        citizens run */
} sm_class_rules;

typedef struct sm_schedule_config {
    const sm_department *department;
    size_t n_departments;
    const sm_back_end *back_end;
    size_t n_back_ends;
    sm_class_rules rules[SM_N_CLASSES];
    bool preempts; /* running batch calls yield to live ones; else only waiting ones do */
    bool strict;   /* budgets hold back prompt + max_tokens, not prompt + what is usual */
} sm_schedule_config;

/* The table's rules, nothing else. */
void sm_schedule_config_init(sm_schedule_config *c);

typedef struct sm_schedule sm_schedule;
typedef struct sm_call sm_call;

sm_schedule *sm_schedule_open(void);    /* no department and no back end yet */
void sm_schedule_close(sm_schedule *s); /* NULL is fine; calls still in it are dropped */

/* Takes the place of the configuration before; queued and running calls stay, counted as before.  A
 * department that is gone keeps its calls, under the root, until they have ended, and gets no more;
 * then its figures are gone, too.  A back end that is gone is DOWN.
 * E_INVALID names what is wrong (same id twice, unknown parent, a ring, a number out of range);
 * then nothing changed. */
sm_rc sm_schedule_configure(sm_op *op, sm_schedule *s, const sm_schedule_config *c, int64_t now_us);

/* Between configurations: a health check's word, a circuit breaker's (slots 1: probing).  slots 0
 * leaves them.  False: no such back end. */
bool sm_schedule_back_end(sm_schedule *s, int64_t id, sm_back_end_state state, uint32_t slots);

/* ------------------------------------------------------- a call's life */

typedef struct sm_candidate {
    int64_t back_end;
    uint32_t weight; /* share within its tier; 0 reads as 1 */
    uint32_t
        tier; /* a tier is used when every lower number is down or excluded, not when it is busy */
} sm_candidate;

typedef struct sm_call_spec {
    sm_str department;
    sm_class class;
    uint32_t prompt_tokens; /* estimate */
    uint32_t max_tokens;    /* generated, at most; 0 for calls that generate nothing (embeddings) */
    const sm_candidate *candidate;
    size_t n_candidates;
    void *user; /* given back with the call */
} sm_call_spec;

/* name, stable name, for people */
#define SM_REFUSAL_TABLE(X)                                              \
    X(NONE, "none", "")                                                  \
    X(QUEUE, "queue_full", "排队的请求已满，请稍后再试")                 \
    X(MINUTE, "budget_minute", "本部门本分钟的用量已到上限，请稍后再试") \
    X(DAY, "budget_day", "本部门今天的用量已到上限")                     \
    X(MONTH, "budget_month", "本部门本月的用量已到上限")                 \
    X(BACK_END, "no_back_end", "所需的模型暂时不可用")                   \
    X(DEPARTMENT, "no_department", "没有这个部门")                       \
    X(SIZE, "over_budget_size", "一次请求就超过了本部门的用量上限")      \
    X(WAIT, "waited_too_long", "排队等候超过了时限，请稍后再试")

typedef enum sm_refusal_kind {
#define SM_REFUSAL_ENUM(name, id, text) SM_REFUSED_##name,
    SM_REFUSAL_TABLE(SM_REFUSAL_ENUM)
#undef SM_REFUSAL_ENUM
        SM_N_REFUSALS
} sm_refusal_kind;

const char *sm_refusal_id(sm_refusal_kind k);
const char *sm_refusal_text(sm_refusal_kind k); /* Chinese */

typedef struct sm_admission {
    sm_refusal_kind refused; /* NONE: queued */
    uint32_t position; /* among its department's calls of the class, from 1: taken, or the one it
                          would have had */
    uint32_t class_waiting; /* calls of the class in front of or beside it, all departments */
    uint32_t retry_after_s; /* when refused, at least 1; 0: a retry makes no sense */
    sm_str department; /* whose budget it was (it may be one above); borrowed until configured */
} sm_admission;

/* Queues a call, or refuses it (then *out is NULL).  A budget is refused here and never later. */
sm_call *sm_schedule_submit(sm_schedule *s, const sm_call_spec *spec, int64_t now_us,
                            sm_admission *out);

typedef struct sm_start {
    sm_call *call;
    void *user;
    int64_t back_end;
    int64_t waited_us; /* since it was submitted, or put back */
    uint32_t attempt;  /* 1, 2 … */
} sm_start;

/* The next call to start now; it counts as running from here.  Call until it says false. */
bool sm_schedule_next(sm_schedule *s, int64_t now_us, sm_start *out);

/* So many tokens generated so far in this attempt (a total, not a step): budgets see them at once.
 */
void sm_schedule_progress(sm_schedule *s, sm_call *call, uint32_t generated_tokens, int64_t now_us);

typedef enum sm_outcome {
    SM_OUTCOME_DONE,   /* teaches what the department usually generates */
    SM_OUTCOME_FAILED, /* the back end failed it */
    SM_OUTCOME_GONE,   /* the caller went away */
} sm_outcome;

/* Ends a running call; it is charged what is told here.  `call` is gone. */
void sm_schedule_finish(sm_schedule *s, sm_call *call, uint32_t prompt_tokens,
                        uint32_t generated_tokens, sm_outcome outcome, int64_t now_us);

/* Puts a running call back: with `exclude` (the back end failed it) never to go there again, before
 * all that wait; without (it was preempted, or its back end will be back) in front of its
 * department's.  Its department has paid
 * for it and does not pay again; the tokens told here are counted as wasted and charged to nobody.
 * False: no candidate is left; the call is still running, to be finished. */
bool sm_schedule_retry(sm_schedule *s, sm_call *call, uint32_t prompt_tokens,
                       uint32_t generated_tokens, bool exclude, int64_t now_us);

/* Ends a waiting call, or a running one as _finish with OUTCOME_GONE and what _progress said. */
void sm_schedule_cancel(sm_schedule *s, sm_call *call, int64_t now_us);

typedef struct sm_expired {
    void *user;
    sm_class class;
    sm_refusal_kind refused; /* WAIT or BACK_END (all its candidates are down) */
    uint32_t retry_after_s;
} sm_expired;

/* A waiting call that is not to wait longer; it is gone.  Call until it says false. */
bool sm_schedule_expire(sm_schedule *s, int64_t now_us, sm_expired *out);

/* With `preempts`: a running batch call that should yield, because a live call waits and none of
 * its back ends has a slot for it; the newest (least is lost), never one that was started because
 * its class was due, nor one that has yielded SM_SCHEDULE_MAX_YIELDS times.  Stop it at its back
 * end, then _retry without `exclude` (or _finish, if it ended meanwhile).  NULL: none.  Each is
 * named once a start. */
sm_call *sm_schedule_preempt(sm_schedule *s);

void *sm_call_user(const sm_call *call);
sm_class sm_call_class(const sm_call *call);
bool sm_call_is_running(const sm_call *call);
int64_t sm_call_back_end(const sm_call *call); /* 0: not running */

/* When _expire or the calendar has something to do next; INT64_MAX: never.  _next has something to
 * do only after a _submit, _finish, _retry, _cancel, _back_end or _configure. */
int64_t sm_schedule_next_event_us(const sm_schedule *s);

/* ------------------------------------------------ usage and figures */

/* The day and month that budgets count in (any numbers, as 20261130 and 202611) and when they end
 * by now_us.  Usage starts again at 0 when the number changes; call again when the end has come.
 * Until the first call days and months have no end. */
void sm_schedule_calendar(sm_schedule *s, int32_t day, int32_t month, int64_t day_end_us,
                          int64_t month_end_us);

/* Loads what the registry kept; a department's own usage: those above are counted up here.
 * False: no such department. */
bool sm_schedule_usage_load(sm_schedule *s, sm_str department, int64_t day_tokens,
                            int64_t month_tokens);

typedef struct sm_department_figures {
    sm_str id; /* borrowed until configured */
    struct {
        uint64_t prompt_tokens, generated_tokens; /* charged */
        uint64_t done, failed, gone;
        uint64_t refused[SM_N_REFUSALS];
        uint32_t waiting, running;
    } class[SM_N_CLASSES]; /* its own calls, without those below */
    /* With those below.  Used and held back for calls on their way; a budget left is INT64_MAX
     * where there is none, and may be below 0. */
    int64_t own_day_tokens, own_month_tokens; /* its own, for the registry to keep */
    int64_t minute_used, day_used, month_used, held;
    int64_t minute_left, day_left, month_left;
    uint32_t running;
} sm_department_figures;

size_t sm_schedule_n_departments(const sm_schedule *s);
/* i: 0 … n-1.  Constant time. */
void sm_schedule_department(const sm_schedule *s, size_t i, int64_t now_us,
                            sm_department_figures *out);
bool sm_schedule_find_department(const sm_schedule *s, sm_str id, size_t *out);

typedef struct sm_class_figures {
    uint32_t waiting, running;
    uint64_t started, started_due; /* due: by what the class earned, out of turn */
    uint64_t done, failed, gone, preempted, retried;
    uint64_t wasted_tokens;          /* of attempts that failed or were preempted */
    uint64_t refused[SM_N_REFUSALS]; /* WAIT and BACK_END also of calls that had been queued */
    uint64_t prompt_tokens, generated_tokens;
    int64_t oldest_us; /* waiting since; INT64_MAX: none */
} sm_class_figures;
void sm_schedule_class(const sm_schedule *s, sm_class c, sm_class_figures *out);

typedef struct sm_back_end_figures {
    int64_t id;
    sm_back_end_state state;
    uint32_t slots, running;
    uint64_t started;
} sm_back_end_figures;
size_t sm_schedule_n_back_ends(const sm_schedule *s);
void sm_schedule_back_end_figures(const sm_schedule *s, size_t i, sm_back_end_figures *out);

#include "schedule/plan.h" /* the planner, which runs it */

#endif
