/*
 * A model words an answer.  The call runs on the model thread, and so does the gate, a delta at a
 * time: it is far quicker than a model writes.  Whatever goes wrong, the answer stays as it was
 * composed.  Where there is a voter, another model (or the same again), sentences whose verdict is
 * open wait for its vote, asked for in one call when the first has written all.
 */
#include "server/inner.h"

#include <stdlib.h>
#include <string.h>

enum { IDENTITY_BYTES = 64 * 1024, REPLY_BYTES = 4096, VOTE_MS = 8000 };

typedef enum mode { MODE_OFF, MODE_AUTO, MODE_ALL } mode;

struct sm_worder {
    mode mode;
    sm_prompts *prompts;
    sm_answer_cache *cache;
};

/* Belongs to whoever opened it and to its call, until both have let it go. */
struct sm_word_job {
    atomic_int users;
    _Atomic(sm_model_call *) call, vote_call;
    atomic_bool cancelled;
    sm_server *sv;
    sm_word_ask ask;
    sm_wording *wording;
    sm_wanted wanted, vote_wanted;
    sm_events events;
    char reply[REPLY_BYTES]; /* the voter's */
    size_t n_reply;
    bool cut; /* the writer did not finish */
    sm_str key;
    bool stopped; /* the gate has had enough */
    int64_t began_us;
    json_t *trace;
};

/* ------------------------------------------------------------------------- the worder */

static sm_rc read_mode(sm_op *op, const char *text, mode *out)
{
    static const char *const names[] = { "off", "auto", "all" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (mode)i;
            return SM_OK;
        }
    return sm_fail(op, SM_E_INVALID, "设置 guide.wording 应当是 auto、all 或 off，不是“%s”", text);
}

sm_rc sm_worder_open(sm_op *op, sm_server *sv, sm_worder **out)
{
    mode m = MODE_OFF;
    sm_prompts *prompts;
    sm_rc rc = read_mode(op, sv->set->wording, &m);
    if (rc == SM_OK)
        rc = sm_prompts_open(op, sm_sunmao_share_dir(sv->s), &prompts);
    if (rc < 0)
        return rc;
    sm_worder *w = calloc(1, sizeof(*w));
    if (!w)
        abort();
    *w = (sm_worder){ .mode = m,
                      .prompts = prompts,
                      .cache = sm_answer_cache_open((size_t)sv->set->cache_mb << 20) };
    *out = w;
    return SM_OK;
}

void sm_worder_close(sm_worder *w)
{
    if (!w)
        return;
    sm_prompts_close(w->prompts);
    sm_answer_cache_close(w->cache);
    free(w);
}

sm_cache_figures sm_worder_cache(sm_worder *w)
{
    return sm_answer_cache_figures(w->cache);
}

sm_str sm_model_identity(sm_server *sv, sm_arena *a, sm_str alias)
{
    sm_books *pin;
    size_t n = 0;
    sm_buf b;
    sm_buf_init(&b, IDENTITY_BYTES);
    const sm_registry *r = sm_models_pin(sv->models, &pin);
    const sm_alias *row = alias.n ? sm_registry_alias(r, alias, 0, (sm_str){ 0 }, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        const sm_backend *m = sm_registry_backend(r, row[i].backend);
        if (!m || m->state != SM_BACKEND_PRODUCTION)
            continue;
        sm_buf_addf(&b, "%s%.*s=%.*s", b.n ? "," : "", SM_ARG(m->name), SM_ARG(m->sm3));
        if (m->kind == SM_BACKEND_SERVER)
            sm_buf_addf(&b, "%.*s#%.*s", SM_ARG(m->source), SM_ARG(m->remote_name));
    }
    sm_models_unpin(pin);
    sm_str text = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return text;
}

static bool is_of_sources(const char *reason)
{
    static const char *const reasons[] = { "item", "two_items", "policy" };
    for (size_t i = 0; i < SM_LEN(reasons); i++)
        if (strcmp(reason, reasons[i]) == 0)
            return true;
    return false;
}

static bool has_model(sm_server *sv)
{
    sm_arena *a = sm_arena_open();
    bool there = sm_model_identity(sv, a, sm_str_of(sv->set->model)).n > 0;
    sm_arena_close(a);
    return there;
}

bool sm_worder_rewrites(sm_server *sv, const sm_thought *thought)
{
    return sv->worder->mode != MODE_OFF && sm_thought_unsure(thought) && has_model(sv);
}

const sm_prompts *sm_worder_prompts(const sm_worder *w)
{
    return w->prompts;
}

bool sm_worder_wants(sm_server *sv, const sm_thought *thought)
{
    const sm_answer *answer = sm_thought_answer(thought);
    const sm_worder *w = sv->worder;
    if (w->mode == MODE_OFF || !answer || answer->as_it_is ||
        !is_of_sources(sm_thought_reply(thought)->reason) ||
        (w->mode == MODE_AUTO && !sm_wording_gains(answer)))
        return false;
    return has_model(sv);
}

/* -------------------------------------------------------------------------- one job */

static void let_go(sm_word_job *j)
{
    if (atomic_fetch_sub(&j->users, 1) != 1)
        return;
    sm_model_call *of[] = { atomic_load(&j->call), atomic_load(&j->vote_call) };
    for (size_t i = 0; i < SM_LEN(of); i++)
        if (of[i])
            sm_model_call_done(of[i]);
    json_decref(j->trace);
    free(j);
}

sm_word_job *sm_word_open(sm_server *sv, const sm_word_ask *ask)
{
    sm_word_job *j = calloc(1, sizeof(*j));
    if (!j)
        abort();
    atomic_store(&j->users, 1);
    j->sv = sv;
    j->ask = *ask;
    j->trace = json_object();
    return j;
}

void sm_word_close(sm_word_job *j)
{
    if (j)
        let_go(j);
}

json_t *sm_word_trace(sm_word_job *j)
{
    return j->trace;
}

void sm_word_cancel(void *job)
{
    sm_word_job *j = job;
    atomic_store(&j->cancelled, true);
    sm_model_call *of[] = { atomic_load(&j->call), atomic_load(&j->vote_call) };
    for (size_t i = 0; i < SM_LEN(of); i++)
        if (of[i])
            sm_models_cancel(of[i]);
}

/* Puts what passed into the thought; failures here leave it as it was.  `keep`: for who asks the
 * same. */
static void finish(sm_word_job *j, bool cut, bool keep)
{
    json_t *report;
    sm_op *op = j->ask.op;
    const sm_answer *worded = sm_wording_end(j->wording, cut, j->ask.claim, j->ask.ctx, &report);
    if (worded && sm_thought_worded(op, j->ask.thought, worded) < 0)
        sm_op_clear(op);
    if (keep)
        sm_answer_cache_put(j->sv->worder->cache, j->key, sm_wording_kept(j->wording));
    json_object_update(j->trace, report);
    json_decref(report);
    json_object_set_new(j->trace, "cut", json_boolean(cut));
    json_object_set_new(j->trace, "ms", json_real((double)(sm_now_us() - j->began_us) / 1000.0));
    j->ask.done(j->ask.ctx);
}

/* ------------------------------------------------------------------------- the call */

static void on_begin(void *job, const char *trace)
{
    (void)job, (void)trace;
}

static bool on_text(void *job, sm_str text)
{
    sm_word_job *j = job;
    j->stopped = !sm_wording_add(j->wording, text, j->ask.claim, j->ask.ctx);
    return !j->stopped;
}

static sm_taken on_bytes(void *job, sm_str bytes)
{
    sm_word_job *j = job;
    return sm_events_read(&j->events, bytes) ? SM_TAKEN : SM_TAKEN_GONE;
}

static bool is_full(void *job)
{
    (void)job;
    return false;
}

static void tell_end(sm_word_job *j, const char *trace, const sm_call_end *e)
{
    json_t *t = j->trace;
    json_object_set_new(t, "call", json_string(trace));
    json_object_set_new(t, "backend", sm_json_of(e->backend));
    json_object_set_new(t, "queued_ms", json_real((double)e->queued_us / 1000.0));
    json_object_set_new(t, "first_ms",
                        e->first_us < 0 ? json_null() : json_real((double)e->first_us / 1000.0));
    json_object_set_new(t, "prompt_tokens", json_integer(SM_MAX(0, e->prompt_tokens)));
    json_object_set_new(t, "generated_tokens", json_integer(SM_MAX(0, e->generated_tokens)));
    if (e->error.status && !j->stopped)
        json_object_set_new(t, "failure", json_string(e->error.code ? e->error.code : "failed"));
}

/* The handle goes to *at; the call lets the job go when it has ended. */
static void call_model(sm_word_job *j, const sm_call_ask *ask, _Atomic(sm_model_call *) *at)
{
    atomic_fetch_add(&j->users, 2); /* the call's, and ours until the handle is stored */
    sm_model_call *c = sm_models_call(j->sv->models, ask);
    atomic_store(at, c);
    if (atomic_load(&j->cancelled))
        sm_models_cancel(c);
    let_go(j);
}

/* ------------------------------------------------------------------------- the vote */

static bool on_vote(void *job, sm_str text)
{
    sm_word_job *j = job;
    size_t n = SM_MIN(text.n, sizeof(j->reply) - j->n_reply);
    memcpy(j->reply + j->n_reply, text.p, n);
    j->n_reply += n;
    return n == text.n;
}

static void on_vote_end(void *job, const char *trace, sm_call_end *e)
{
    sm_word_job *j = job;
    bool whole = e->status == 200 && !e->error.status && !j->events.cut;
    sm_wording_voted(j->wording, (sm_str){ j->reply, whole ? j->n_reply : 0 });
    json_object_set_new(j->trace, "vote_call", json_string(trace));
    finish(j, j->cut, whole && !j->cut);
    let_go(j);
}

static const sm_call_calls vote_calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_vote_end
};

/* False: there is nothing to ask, or nobody. */
static bool ask_voter(sm_word_job *j)
{
    const char *param;
    sm_op *op = j->ask.op;
    sm_str voter = sm_str_of(j->sv->set->voter);
    size_t n = sm_wording_open(j->wording, j->cut);
    if (n == 0 || atomic_load(&j->cancelled))
        return false;
    json_object_set_new(j->trace, "voted_on", json_integer((json_int_t)n));
    if (sm_wanted_read(op, SM_SERVICE_CHAT, sm_wording_vote_request(j->wording, voter),
                       &j->vote_wanted, &param) < 0) {
        sm_op_clear(op);
        return false;
    }
    j->events = (sm_events){ .text = on_vote, .ctx = j };
    call_model(j,
               &(sm_call_ask){ .wanted = &j->vote_wanted,
                               .class = SM_CLASS_CITIZEN,
                               .first_ms = VOTE_MS,
                               .most_ms = VOTE_MS,
                               .calls = &vote_calls,
                               .ctx = j },
               &j->vote_call);
    return true;
}

/* ---------------------------------------------------------------------- the writing */

static void on_end(void *job, const char *trace, sm_call_end *e)
{
    sm_word_job *j = job;
    bool whole = e->status == 200 && !e->error.status;
    j->cut = !j->stopped && (!whole || j->events.cut);
    tell_end(j, trace, e);
    if (!ask_voter(j))
        finish(j, j->cut, !j->cut);
    let_go(j);
}

static const sm_call_calls calls = {
    .begin = on_begin, .bytes = on_bytes, .is_full = is_full, .end = on_end
};

static void ask_writer(sm_word_job *j)
{
    const sm_settings *set = j->sv->set;
    j->events = (sm_events){ .text = on_text, .ctx = j };
    call_model(j,
               &(sm_call_ask){ .wanted = &j->wanted,
                               .class = SM_CLASS_CITIZEN,
                               .first_ms = set->first_s * INT64_C(1000),
                               .most_ms = set->deadline_s * INT64_C(1000),
                               .calls = &calls,
                               .ctx = j },
               &j->call);
}

static sm_rc prepare(sm_word_job *j)
{
    sm_op *op = j->ask.op;
    const sm_settings *set = j->sv->set;
    const sm_answer *answer = sm_thought_answer(j->ask.thought);
    const char *param;
    sm_str who = sm_model_identity(j->sv, op->arena, sm_str_of(set->model));
    sm_str voter = sm_model_identity(j->sv, op->arena, sm_str_of(set->voter));
    sm_wording_ask ask = { .kind = sm_wording_kind_of(answer),
                           .question = j->ask.question,
                           .corrects = sm_thought_reply(j->ask.thought)->correction.n > 0,
                           .voted = voter.n > 0 };
    sm_rc rc = who.n ? SM_OK : SM_E_NOTFOUND;
    if (rc == SM_OK)
        rc = sm_wording_begin(op, j->sv->worder->prompts, answer, &ask, &j->wording);
    if (rc == SM_OK)
        rc = sm_wanted_read(op, SM_SERVICE_CHAT,
                            sm_wording_request(j->wording, sm_str_of(set->model)), &j->wanted,
                            &param);
    if (rc < 0)
        return rc;
    j->key = sm_wording_key(
        j->wording, voter.n ? sm_strf(op->arena, "%.*s;%.*s", SM_ARG(who), SM_ARG(voter)) : who);
    json_object_set_new(j->trace, "alias", json_string(set->model));
    json_object_set_new(j->trace, "model", sm_json_of(who));
    if (voter.n)
        json_object_set_new(j->trace, "voter", sm_json_of(voter));
    json_object_set_new(j->trace, "key", sm_json_of(j->key));
    return SM_OK;
}

void sm_word_start(sm_word_job *j)
{
    sm_op *op = j->ask.op;
    j->began_us = sm_now_us();
    if (prepare(j) < 0) { /* it stays as it was composed */
        sm_op_clear(op);
        j->ask.done(j->ask.ctx);
        return;
    }
    sm_str kept = sm_answer_cache_get(j->sv->worder->cache, op->arena, j->key);
    bool cached = kept.n && sm_wording_recall(j->wording, kept, j->ask.claim, j->ask.ctx);
    json_object_set_new(j->trace, "cached", json_boolean(cached));
    if (cached)
        finish(j, false, false);
    else
        ask_writer(j);
}
