/*
 * A model reads a document that was reviewed, after its review has been shown: request for request
 * on the model thread (review/opinion.h says what of it is used).  Whatever goes wrong, the review
 * stays as it is, and says that the model has not read it all.
 */
#include "server/reviews.h"

#include <stdlib.h>

/* Belongs to the request that opens it until it is started, then to its calls, one after the
 * other. */
struct sm_review_job {
    sm_op op;
    sm_server *sv;
    sm_opinion *opinion; /* NULL: it could not be made */
    sm_str alias;
    json_t *about;
    sm_review_more more;
    size_t at; /* the request in work */
    sm_wanted wanted;
    sm_events events;
    sm_buf reply;
    bool failed;
};

void sm_review_job_close(sm_review_job *j)
{
    if (!j)
        return;
    json_decref(j->about);
    sm_buf_done(&j->reply);
    sm_op_end(&j->op);
    free(j);
}

static size_t n_requests(const sm_review_job *j)
{
    return j->opinion ? sm_opinion_n(j->opinion) : 0;
}

/* The rules are held for as long as the job: the request's own go with it, and newer files may
 * replace them. */
static void prepare(sm_review_job *j, const sm_layout *l, const sm_review *without, sm_str model)
{
    const sm_prompts *prompts = sm_worder_prompts(j->sv->worder);
    const sm_reviewer *reviewer;
    sm_rc rc = sm_sunmao_reviewer(&j->op, j->sv->s, &reviewer);
    if (rc == SM_OK)
        rc = sm_reviewer_opinion(&j->op, reviewer, prompts, l, without, &j->opinion);
    j->failed = rc < 0;
    if (j->failed) {
        sm_op_clear(&j->op);
        j->opinion = NULL;
    }
    sm_str version = j->opinion ? sm_opinion_version(j->opinion) : (sm_str){ 0 };
    size_t left = j->opinion ? sm_opinion_left(j->opinion) : 0;
    j->about =
        json_pack("{s:o,s:o,s:o,s:I}", "alias", sm_json_of(j->alias), "name", sm_json_of(model),
                  "prompt", sm_json_of(version), "left", (json_int_t)left);
}

sm_review_job *sm_review_job_open(sm_server *sv, const sm_layout *l, const sm_review *without)
{
    sm_review_job *j = calloc(1, sizeof(*j));
    if (!j)
        abort();
    sm_op_begin(&j->op);
    sm_buf_init(&j->reply, SM_OPINION_REPLY);
    j->sv = sv;
    j->alias = sm_str_of(sv->set->model_);
    sm_str model = sm_model_identity(sv, j->op.arena, j->alias);
    if (model.n)
        prepare(j, l, without, model);
    if (model.n && (j->failed || n_requests(j) || sm_opinion_left(j->opinion)))
        return j;
    sm_review_job_close(j);
    return NULL;
}

sm_str sm_review_job_about(const sm_review_job *j, sm_arena *a)
{
    return sm_json_dump(a, j->about);
}

/* ------------------------------------------------------------------ the end */

static sm_rc record(sm_op *op, sm_db *db, void *job)
{
    sm_review_job *j = job;
    return sm_reviews_model(op, db, &j->more);
}

static void recorded(void *job)
{
    sm_review_job_close(job);
}

static void finish(sm_review_job *j)
{
    const sm_finding *f = NULL;
    size_t n = j->opinion ? sm_opinion_found(j->opinion, &f) : 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, sm_review_told_json(&f[i]));
    sm_json_own(j->op.arena, list);
    j->more.whole = !j->failed;
    j->more.findings = list;
    j->more.what =
        sm_strf(j->op.arena, "%.*s %.*s %.*s", SM_ARG(j->alias),
                SM_ARG(sm_json_str(j->about, "name")), SM_ARG(sm_json_str(j->about, "prompt")));
    sm_recorder_put(j->sv->recorder, &j->op, record, recorded, j);
}

/* ---------------------------------------------------------------- the calls */

static void ask_next(sm_review_job *j);

static void on_begin(void *job, const char *trace)
{
    (void)job, (void)trace;
}

static bool on_text(void *job, sm_str text)
{
    sm_review_job *j = job;
    sm_buf_add(&j->reply, text);
    return !j->reply.failed;
}

static sm_taken on_bytes(void *job, sm_str bytes)
{
    sm_review_job *j = job;
    return sm_events_read(&j->events, bytes) ? SM_TAKEN : SM_TAKEN_GONE;
}

static bool is_full(void *job)
{
    (void)job;
    return false;
}

/* A reply that is none does not speak against the next; a call that failed does. */
static void on_end(void *job, const char *trace, sm_call_end *e)
{
    sm_review_job *j = job;
    (void)trace;
    bool too_long = j->reply.failed;
    bool ended = e->status == 200 && !e->error.status;
    bool whole = ended && !too_long && !j->events.cut;
    if (!whole || !sm_opinion_replied(j->opinion, j->at, sm_buf_str(&j->reply)))
        j->failed = true;
    j->at++;
    if (ended || too_long)
        ask_next(j);
    else
        finish(j);
}

static const sm_call_calls calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_end
};

/* The end may come before the call returns, and takes the job with it. */
static void ask_next(sm_review_job *j)
{
    const char *param;
    if (j->at >= n_requests(j)) {
        finish(j);
        return;
    }
    sm_buf_done(&j->reply);
    sm_buf_init(&j->reply, SM_OPINION_REPLY);
    j->events = (sm_events){ .text = on_text, .ctx = j };
    if (sm_wanted_read(&j->op, SM_SERVICE_CHAT, sm_opinion_request(j->opinion, j->at, j->alias),
                       &j->wanted, &param) < 0) {
        sm_op_clear(&j->op);
        j->failed = true;
        finish(j);
        return;
    }
    int64_t most_ms = SM_MAX(1, j->sv->set->model_s) * INT64_C(1000);
    sm_model_call_done(sm_models_call(j->sv->models, &(sm_call_ask){ .wanted = &j->wanted,
                                                                     .class = SM_CLASS_STAFF,
                                                                     .first_ms = most_ms,
                                                                     .most_ms = most_ms,
                                                                     .calls = &calls,
                                                                     .ctx = j }));
}

void sm_review_job_start(sm_review_job *j, const sm_review_row *row)
{
    j->more.id = row->id;
    j->more.user = row->user;
    j->more.login = sm_str_dup(j->op.arena, row->login);
    ask_next(j);
}
