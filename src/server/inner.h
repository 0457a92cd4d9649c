/*
 * server/inner.h - private to server.
 *
 *   server.c    open and close, the log
 *   settings.c  the configuration file
 *   admit.c     who may call what, how often
 *   limits.c    allowances per address
 *   recorder.c  one thread that commits what came in together
 *   hub.c       who is told of what, as it happens
 *   jobs.c      what takes longer than a request: import, check
 *   wording.c   a model words an answer, while its request sleeps or streams
 *   writing.c   a model writes one text for a request that sleeps
 *   docx.c      a DOCX as an answer
 * and one file per capability, with its routes at its end:
 *   ask.c read.c talk.c desk.c keeper.c people.c audit.c site.c models.c shares.c meter.c plan.c
 *   gateway.c ground.c review.c review_copy.c review_model.c
 *   review_compare.c (with reviews.c: its tables, sweeper.c: what goes after its days)
 *   review_rules.c (with rule_changes.c: its table, rule_edit.c: the files, rule_trial.c)
 *   draft.c
 */
#ifndef SM_SERVER_INNER_H
#define SM_SERVER_INNER_H

#include "server/server.h"

#include <pthread.h>

#include "gateway/gateway.h"
#include "http/http.h"
#include "model/model.h"

#define SM_FOR(role) (1u << SM_ROLE_##role)
enum { SM_FOR_ALL_STAFF = (1 << SM_N_ROLES) - 2 };

enum {
    SM_BODY_SMALL = 16 * 1024,
    SM_BODY_ASK = 1 << 20,
    SM_BODY_IMPORT = 64 << 20,
    SM_SESSION_BYTES = 16, /* of randomness */
    SM_SESSION_CHARS = 22
};

/* ------------------------------------------------------------- recorder.c */

typedef struct sm_recorder sm_recorder;
typedef struct sm_sweeper sm_sweeper; /* reviews.h */
/* In a transaction on record.db, under `op`, which is the recorder's until `done`. */
typedef sm_rc sm_record_fn(sm_op *op, sm_db *db, void *ctx);
typedef void sm_recorded_fn(void *ctx);

sm_rc sm_recorder_open(sm_op *op, sm_sunmao *s, sm_recorder **out);
void sm_recorder_close(sm_recorder *r); /* after writing what is queued */
/* Calls fn, commits, calls done; when fn or the commit fails, op has the failure and nothing of fn
 * is kept. */
void sm_recorder_put(sm_recorder *r, sm_op *op, sm_record_fn *fn, sm_recorded_fn *done, void *ctx);
/* The same, and waits. */
sm_rc sm_recorder_run(sm_recorder *r, sm_op *op, sm_record_fn *fn, void *ctx);

/* --------------------------------------------------------------- limits.c */

typedef struct sm_limits sm_limits;
sm_limits *sm_limits_open(void);
void sm_limits_close(sm_limits *l);
/* Takes one from the allowance of `key`, which fills at per_minute up to as many; false when it is
 * empty, with the seconds to wait. */
bool sm_limits_take(sm_limits *l, sm_str key, unsigned per_minute, int *wait_s);

/* ------------------------------------------------------------------ hub.c */

typedef struct sm_hub sm_hub;
sm_hub *sm_hub_open(void);
void sm_hub_close(sm_hub *h); /* ends the streams */
typedef struct sm_listening {
    size_t max;      /* so many listen to the topic at most */
    int64_t last;    /* it has been told all up to this number */
    int64_t user;    /* it stands on this person's login; 0: on none */
    int64_t life_ms; /* after which it must be asked for again; 0: never */
} sm_listening;
/* Takes the stream over.  When `max` listen already the oldest makes room: a page that was closed
 * is noticed late, and one that is loaded again and again must not be kept out by its own past.
 * False, and the stream is closed, when there are too many on the whole. */
bool sm_hub_join(sm_hub *h, sm_str topic, sm_stream *s, const sm_listening *as);
void sm_hub_leave(sm_hub *h, int64_t user); /* logins of this person have ended */
/* Between these two nobody else tells the topic anything: what is read there and told is the newest
 * word, and numbers come in their order.  False when nobody listens (end it all the same);
 * *told: what all who listen have been told. */
bool sm_hub_begin(sm_hub *h, sm_str topic, int64_t *told);
void sm_hub_end(sm_hub *h, sm_str topic);
/* With a number, only those who have not been told it. */
void sm_hub_tell(sm_hub *h, sm_str topic, const char *event, int64_t id, sm_str data);
enum { SM_HUB_MAX_STREAMS = 10000 };

/* ----------------------------------------------------------------- jobs.c */

typedef struct sm_jobs sm_jobs;
sm_jobs *sm_jobs_open(sm_server *sv);
void sm_jobs_close(sm_jobs *j); /* waits for the one in work; a task's op is cancelled */
/* A task of the model's administration: under op, for the person `who`; *report is a new object. */
typedef sm_rc sm_job_fn(sm_op *op, sm_server *sv, sm_str who, int64_t object, json_t **report);
sm_rc sm_jobs_put(sm_request *r, sm_jobs *jobs, const char *kind, sm_job_fn *task, int64_t object);
/* The job of the segment {id}. */
sm_rc sm_jobs_show(sm_request *r, sm_jobs *jobs);

/* ------------------------------------------------------------- wording.c */

typedef struct sm_worder sm_worder;
sm_rc sm_worder_open(sm_op *op, sm_server *sv, sm_worder **out);
void sm_worder_close(sm_worder *w); /* NULL is fine */
sm_cache_figures sm_worder_cache(sm_worder *w);

/* What stands behind the alias now: another model, or another file under its name, is another
 * identity.  "" when nothing does. */
sm_str sm_model_identity(sm_server *sv, sm_arena *a, sm_str alias);

/* Whether a model is to word it: the setting says so, there is one, and the answer gains. */
bool sm_worder_wants(sm_server *sv, const sm_thought *thought);

/* Whether there is a model to put it into other words, and it is so unsure that this may help. */
bool sm_worder_rewrites(sm_server *sv, const sm_thought *thought);
const sm_prompts *sm_worder_prompts(const sm_worder *w);

typedef struct sm_word_ask {
    sm_op *op;           /* the worder's from start to done */
    sm_thought *thought; /* the answer goes back into it, worded, if anything passed the gate */
    sm_str question;     /* lives as long as op */
    /* On whatever thread: each claim as it passes; then done, once, perhaps before _start returns
     */
    void (*claim)(void *ctx, const sm_claim *claim);
    void (*done)(void *ctx);
    void *ctx;
} sm_word_ask;
typedef struct sm_word_job sm_word_job;
sm_word_job *sm_word_open(sm_server *sv, const sm_word_ask *ask);
void sm_word_start(sm_word_job *j);
void sm_word_cancel(void *job);        /* what passed so far stays; done comes soon */
json_t *sm_word_trace(sm_word_job *j); /* after done: what there is to tell of it; borrowed */
void sm_word_close(sm_word_job *j);    /* NULL is fine; after done, or without a start */

/* ------------------------------------------------------------- writing.c */

typedef struct sm_write_ask {
    sm_op *op;      /* the job's from start to done */
    sm_str request; /* a chat request that streams; lives as long as op */
    sm_class class;
    int64_t most_ms;
    size_t max_bytes;        /* over which it is as good as nothing */
    void (*done)(void *ctx); /* on whatever thread, once, perhaps before _start returns */
    void *ctx;
} sm_write_ask;
typedef struct sm_write_job sm_write_job;
sm_write_job *sm_write_open(sm_server *sv, const sm_write_ask *ask);
void sm_write_start(sm_write_job *j);
void sm_write_cancel(void *job);
sm_str sm_write_text(const sm_write_job *j); /* after done; "" when it did not finish */
double sm_write_ms(const sm_write_job *j);
void sm_write_close(sm_write_job *j); /* NULL is fine; after done, or without a start */

/* ---------------------------------------------------------------- docx.c */

/* A DOCX to save, as `stem`.docx. */
sm_rc sm_respond_docx(sm_request *r, sm_str stem, sm_str bytes);
/* Who answers for what an AI made: as the settings name it, else the department of who signs.
 * E_INVALID when there is neither. */
sm_rc sm_producer_of(sm_op *op, const sm_settings *set, const sm_user *user, sm_str *out);

/* ---------------------------------------------------------------- site.c */

typedef struct sm_pages sm_pages;
/* The built pages, mapped; a folder without them is told in the log and served without. */
sm_pages *sm_pages_open(const char *dir, const char *frame_ancestors);
void sm_pages_close(sm_pages *p);
bool sm_pages_there(const sm_pages *p);
sm_rc sm_serve_page(sm_request *r);
json_t *sm_office_json(sm_server *sv);
json_t *sm_words_json(sm_str list); /* of a setting's words, "；" or ";" between */

/* ------------------------------------------------------------------------ */

struct sm_server {
    sm_arena *own;
    sm_sunmao *s;
    const sm_settings *set;
    sm_http *http;
    sm_recorder *recorder;
    sm_limits *limits;
    sm_hub *hub;
    sm_jobs *jobs;
    sm_models *models;
    sm_worder *worder;
    sm_sweeper *sweeper;
    _Atomic int64_t swept_ms; /* when old traces were deleted */
    sm_jobs *model_jobs;      /* apart: an evaluation takes minutes, and no writer's turn */
    sm_pages *pages;
    sm_office office;
    const char *spool_dir;
    FILE *log;
    pthread_mutex_t log_lock;
};

/* admit.c: who is calling; NULL for the public. */
sm_rc sm_admit(sm_request *r);
const sm_login *sm_request_login(const sm_request *r);
const sm_user *sm_request_user(const sm_request *r);

static inline sm_server *sm_server_of(const sm_request *r)
{
    return sm_request_ctx(r);
}

/* Lent until the request ends. */
sm_rc sm_request_record(sm_request *r, sm_db **out);
sm_rc sm_request_corpus(sm_request *r, sm_db **out);
/* E_INVALID unless the JSON has it as a text of at most `max` bytes; absent gives "". */
sm_rc sm_json_text(sm_op *op, const json_t *j, const char *key, size_t max, sm_str *out);
/* E_INVALID unless it is true or false; absent gives false. */
sm_rc sm_json_flag(sm_op *op, const json_t *j, const char *key, bool *out);
/* E_INVALID unless `v` is a positive integer; `what` names it in the message. */
sm_rc sm_json_number(sm_op *op, const json_t *v, const char *what, int64_t *out);
/* E_INVALID unless the segment is a positive number. */
sm_rc sm_request_number(sm_request *r, const char *name, int64_t *out);
/* E_NOTFOUND unless the segment {session} is a conversation of ours. */
sm_rc sm_request_session(sm_request *r, sm_db *record, sm_str *out);
sm_rc sm_check_session(sm_op *op, sm_db *record, sm_str session);
/* New calls go by what the registry has become. */
void sm_registry_changed_here(sm_request *r);
/* {"state","queue","person"} of a conversation. */
sm_rc sm_talk_state(sm_op *op, sm_db *record, sm_str session, json_t **out);
/* Tells both sides that the conversation or the queue has changed. */
void sm_tell_talk(sm_server *sv, sm_op *op, sm_str session);
void sm_tell_desk(sm_server *sv, sm_op *op, int64_t handover);
sm_rc sm_respond_ok(sm_request *r);
json_t *sm_document_json(const sm_doc *d, sm_date today);
json_t *sm_clauses_json(const sm_clause *c, size_t n);

/* gateway.c: a failure in OpenAI's words, when the route is one of its; NULL otherwise. */
json_t *sm_gateway_failure(sm_request *r, sm_rc rc, int status, sm_str message);

extern const sm_route_list sm_routes_ask, sm_routes_read, sm_routes_talk, sm_routes_desk,
    sm_routes_keeper, sm_routes_people, sm_routes_audit, sm_routes_jobs, sm_routes_site,
    sm_routes_models, sm_routes_shares, sm_routes_meter, sm_routes_plan, sm_routes_gateway,
    sm_routes_ground, sm_routes_review, sm_routes_review_copy, sm_routes_review_compare,
    sm_routes_review_rules, sm_routes_draft;

#endif
