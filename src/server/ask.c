/*
 * A question, and what the person thinks of the answer.
 */
#include "server/inner.h"

#include <stdlib.h>

enum { REWRITE_BYTES = 4096, REWRITE_MS = 6000 };
static const int64_t SWEEP_MS = 3600 * 1000, DAY_MS = 24 * 3600 * 1000;

/* Its op outlives the request: a stream's request is over when its answer begins.  Used by the
 * request, and by who words or records the answer. */
typedef struct asking {
    atomic_int users;
    sm_op op;
    sm_server *sv;
    sm_request *r; /* until it is answered */
    sm_stream *stream;
    sm_question q;
    bool is_new;      /* the conversation */
    int64_t handover; /* with a person, to whom the text goes; 0: the machine answers */
    sm_thought *thought;
    sm_write_job *rewriting; /* NULL: it was sure enough, or there is no model */
    sm_word_job *words;      /* NULL: nobody words it */
    sm_reply *reply;
    const char *state;
    int64_t began_us;
    double think_ms;
    size_t n_sent; /* claims that were streamed as they passed */
} asking;

static void let_go(void *asking_)
{
    asking *a = asking_;
    if (atomic_fetch_sub(&a->users, 1) != 1)
        return;
    sm_word_close(a->words);
    sm_write_close(a->rewriting);
    sm_op_end(&a->op);
    free(a);
}

/* -------------------------------------------------------------- the request */

static sm_rc read_as_of(sm_op *op, const json_t *j, sm_date *out)
{
    sm_str text;
    sm_rc rc = sm_json_text(op, j, "as_of", 10, &text);
    if (rc < 0 || text.n == 0)
        return rc;
    *out = sm_date_parse(text);
    return *out == SM_DATE_NONE ? sm_fail(op, SM_E_INVALID, "as_of 不是 YYYY-MM-DD 的形式") : SM_OK;
}

static sm_rc read_question(sm_request *r, sm_question *q)
{
    sm_op *op = sm_request_op(r);
    json_t *j;
    *q = (sm_question){ .as_of = SM_DATE_NONE };
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK && !json_is_string(json_object_get(j, "text")))
        rc = sm_fail(op, SM_E_INVALID, "缺少文字 text");
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "text", SM_QUESTION_MAX_BYTES, &q->text);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "session", SM_SESSION_CHARS, &q->session);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "region", 90, &q->region);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "audience", 30, &q->audience);
    if (rc == SM_OK)
        rc = read_as_of(op, j, &q->as_of);
    if (rc == SM_OK)
        rc = sm_json_flag(op, j, "test", &q->test);
    return rc;
}

/* Who has the conversation. */
static sm_rc find_holder(sm_op *op, sm_db *db, asking *a)
{
    sm_handover *open;
    sm_rc rc = sm_check_session(op, db, a->q.session);
    if (rc < 0)
        return rc;
    a->handover = 0;
    a->state = "machine";
    rc = sm_desk_open_of(op, db, a->q.session, &open);
    if (rc == SM_OK) {
        a->handover = open->state == SM_DESK_TAKEN ? open->id : 0;
        a->state = a->handover ? "person" : "waiting";
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* A new conversation's name, so that a person can answer whatever is handed over, or one there is.
 */
static sm_rc find_talk(sm_request *r, asking *a)
{
    sm_db *db;
    a->state = "machine";
    a->is_new = a->q.session.n == 0 || sm_str_eq(a->q.session, SM_STR("new"));
    if (a->is_new)
        return sm_random_text(sm_request_op(r), SM_SESSION_BYTES, &a->q.session);
    sm_rc rc = sm_request_record(r, &db);
    return rc < 0 ? rc : find_holder(sm_request_op(r), db, a);
}

/* ---------------------------------------------------------------- the answer */

static json_t *part_of(const json_t *reply, bool all)
{
    json_t *j = json_copy((json_t *)(uintptr_t)reply);
    if (!all) {
        json_object_del(j, "answer");
        json_object_del(j, "claims");
    }
    return j;
}

static void send_json(sm_op *op, sm_stream *s, const char *event, json_t *j)
{
    sm_stream_send(s, event, 0, sm_json_dump(op->arena, j));
    json_decref(j);
}

static bool wants_stream(const sm_request *r)
{
    return sm_str_has(sm_request_header(r, "Accept"), SM_STR("text/event-stream"));
}

static json_t *reply_json(const asking *a)
{
    static const sm_reply to_person = { .act = SM_ACT_HANDOFF, .reason = "delivered" };
    const sm_reply *reply = a->handover ? &to_person
                            : a->reply  ? a->reply
                                        : sm_thought_reply(a->thought);
    json_t *j = sm_reply_json(reply);
    if (a->handover)
        json_object_set_new(j, "act", json_string("person"));
    json_object_set_new(j, "session", sm_json_of(a->q.session));
    json_object_set_new(j, "state", json_string(a->state));
    return j;
}

static void begin_stream(asking *a)
{
    a->stream = sm_respond_stream(a->r);
    json_t *reply = reply_json(a);
    send_json(&a->op, a->stream, "start", part_of(reply, false));
    json_decref(reply);
}

static void send_claim(void *asking_, const sm_claim *claim)
{
    asking *a = asking_;
    if (!a->stream)
        return;
    send_json(&a->op, a->stream, "claim", sm_claim_json(claim));
    a->n_sent++;
}

/* All claims in their order, those that were sent as they passed left out. */
static void end_stream(asking *a, size_t n_sent)
{
    if (a->op.rc < 0) {
        send_json(&a->op, a->stream, "error",
                  json_pack("{s:{s:s,s:s}}", "error", "code", sm_rc_name(a->op.rc), "message",
                            sm_rc_text(a->op.rc)));
    } else {
        json_t *reply = reply_json(a), *claim;
        size_t i;
        json_array_foreach(json_object_get(reply, "claims"), i, claim)
        {
            if (i >= n_sent)
                sm_stream_send(a->stream, "claim", 0, sm_json_dump(a->op.arena, claim));
        }
        send_json(&a->op, a->stream, "reply", part_of(reply, true));
        json_decref(reply);
    }
    sm_stream_close(a->stream);
    a->stream = NULL;
}

/* ---------------------------------------------------------------- the record */

static double ms_since(int64_t us)
{
    return (double)(sm_now_us() - us) / 1000.0;
}

static json_t *stages_json(const asking *a, const json_t *words)
{
    json_t *stages = json_array();
    json_array_append_new(stages, json_pack("{s:s,s:f}", "stage", "think", "ms", a->think_ms));
    if (a->rewriting)
        json_array_append_new(stages,
                              json_pack("{s:s,s:f,s:b}", "stage", "rewrite", "ms",
                                        sm_write_ms(a->rewriting), "tried", a->q.rewritten.n > 0));
    if (words)
        json_array_append_new(stages, json_pack("{s:s,s:f}", "stage", "word", "ms",
                                                json_real_value(json_object_get(words, "ms"))));
    json_array_append_new(stages,
                          json_pack("{s:s,s:f}", "stage", "all", "ms", ms_since(a->began_us)));
    return stages;
}

static json_t *evidence_json(const sm_reply *r)
{
    json_t *all = json_array();
    for (size_t i = 0; i < r->n_claims; i++)
        for (size_t k = 0; k < r->claim[i].n_cites; k++) {
            const sm_cite *c = &r->claim[i].cite[k];
            json_array_append_new(all,
                                  json_pack("{s:i,s:o,s:o,s:o,s:o,s:o}", "claim", (int)i, "doc",
                                            sm_json_of(c->doc), "clause", sm_json_of(c->clause),
                                            "title", sm_json_of(c->title), "digest",
                                            sm_json_of(c->digest), "date", sm_json_of(c->date)));
        }
    return all;
}

static json_t *scored_json(const sm_scored *s, size_t n, const char *id, const char *name)
{
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, json_pack("{s:o,s:o,s:f}", id, sm_json_of(s[i].code), name,
                                             sm_json_of(s[i].name), "score", s[i].score));
    return all;
}

/* How the answer came about; docs/grounding.md says what is in it. */
static sm_str trace_text(const asking *a)
{
    const sm_reply *r = a->reply;
    size_t n;
    const sm_scored *document = sm_thought_documents(a->thought, &n);
    json_t *words = a->words ? sm_word_trace(a->words) : NULL;
    json_t *j =
        json_pack("{s:I,s:I,s:s,s:s,s:f,s:o,s:o,s:o,s:o}", "record", (json_int_t)r->ledger_id,
                  "time", (json_int_t)sm_wall_ms(), "act", sm_act_name(r->act), "reason", r->reason,
                  "confidence", r->confidence, "stages", stages_json(a, words), "items",
                  scored_json(r->item, r->n_items, "code", "name"), "documents",
                  scored_json(document, n, "id", "title"), "evidence", evidence_json(r));
    if (words)
        json_object_set(j, "wording", words);
    sm_str text = sm_json_dump(((asking *)(uintptr_t)a)->op.arena, j);
    json_decref(j);
    return text;
}

static sm_rc keep_trace(sm_op *op, sm_db *db, const asking *a)
{
    sm_server *sv = a->sv;
    int64_t now = sm_wall_ms(), swept = atomic_load(&sv->swept_ms);
    sm_rc rc = SM_OK;
    if (sv->set->trace_days == 0 || a->reply->ledger_id == 0)
        return SM_OK;
    if (now - swept > SWEEP_MS) {
        atomic_store(&sv->swept_ms, now);
        rc = sm_trace_sweep(op, db, now - sv->set->trace_days * DAY_MS);
    }
    return rc == SM_OK ? sm_trace_keep(op, db, a->reply->ledger_id, trace_text(a)) : rc;
}

/* While the machine thought, a person may have taken the conversation or closed it, or its owner
 * deleted it: what holds is what holds now. */
static sm_rc record(sm_op *op, sm_db *db, void *ctx)
{
    asking *a = ctx;
    sm_rc rc = a->is_new ? SM_OK : find_holder(op, db, a);
    if (rc < 0)
        return rc;
    if (a->handover)
        return sm_desk_say(op, db, a->q.session, a->q.text);
    if (!a->thought)
        return SM_OK;
    rc = sm_guide_record(op, db, a->thought, &a->reply);
    return rc == SM_OK ? keep_trace(op, db, a) : rc;
}

/* ------------------------------------------------------------------ answering */

/* Tells whoever waits for it. */
static void tell_others(asking *a)
{
    bool queued = !a->handover && a->reply && a->reply->queue_place > 0;
    if (queued)
        a->state = "waiting";
    if (queued || a->handover) {
        sm_tell_desk(a->sv, &a->op, a->handover);
        sm_tell_talk(a->sv, &a->op, a->q.session);
    }
}

static sm_rc think_and_record(sm_request *r, asking *a);

static sm_rc answer(sm_request *r)
{
    asking *a = sm_request_kept(r);
    sm_request_on_gone(r, NULL, NULL);
    if (a->op.rc < 0)
        return sm_fail(sm_request_op(r), a->op.rc, "%.*s", SM_ARG(a->op.msg));
    if (!a->handover && !a->reply) /* the person has closed it in this moment */
        return think_and_record(r, a);
    tell_others(a);
    if (!wants_stream(r))
        return sm_respond_json(r, 200, reply_json(a));
    begin_stream(a);
    end_stream(a, 0);
    return SM_OK;
}

static void recorded(void *asking_)
{
    asking *a = asking_;
    if (a->stream) {
        if (a->op.rc == SM_OK)
            tell_others(a);
        end_stream(a, a->n_sent);
    } else {
        sm_request_go_on(a->r);
    }
    let_go(a);
}

static void put_record(void *asking_)
{
    asking *a = asking_;
    sm_recorder_put(a->sv->recorder, &a->op, record, recorded, a);
}

/* A stream begins at once, and its request is over; any other waits. */
static void word(sm_request *r, asking *a)
{
    a->words = sm_word_open(a->sv, &(sm_word_ask){ .op = &a->op,
                                                   .thought = a->thought,
                                                   .question = a->q.text,
                                                   .claim = send_claim,
                                                   .done = put_record,
                                                   .ctx = a });
    if (wants_stream(r)) {
        begin_stream(a);
        sm_stream_on_gone(a->stream, sm_word_cancel, a->words);
    } else {
        sm_request_wait(r, answer);
        sm_request_on_gone(r, sm_word_cancel, a->words);
    }
    sm_word_start(a->words);
}

static sm_rc word_and_record(sm_request *r, asking *a)
{
    atomic_fetch_add(&a->users, 1);
    if (a->thought && !a->words && sm_worder_wants(a->sv, a->thought)) {
        word(r, a);
        return SM_OK;
    }
    sm_request_wait(r, answer);
    put_record(a);
    return SM_OK;
}

static sm_rc think(sm_request *r, asking *a)
{
    int64_t start = sm_now_us();
    sm_rc rc = a->handover ? SM_OK : sm_sunmao_think(&a->op, a->sv->s, &a->q, &a->thought);
    if (rc < 0)
        return sm_fail(sm_request_op(r), rc, "%.*s", SM_ARG(a->op.msg));
    a->think_ms += ms_since(start);
    return SM_OK;
}

/* With the model's words, if it wrote any that can be used. */
static sm_rc think_again(sm_request *r)
{
    asking *a = sm_request_kept(r);
    sm_request_on_gone(r, NULL, NULL);
    sm_str wrote = sm_write_text(a->rewriting);
    a->q.rewritten = wrote.n ? sm_rewriting_read(a->op.arena, wrote) : (sm_str){ 0 };
    sm_rc rc = a->q.rewritten.n ? think(r, a) : SM_OK;
    return rc < 0 ? rc : word_and_record(r, a);
}

static void rewritten(void *asking_)
{
    asking *a = asking_;
    sm_request_go_on(a->r);
    let_go(a);
}

static sm_rc think_and_record(sm_request *r, asking *a)
{
    sm_rc rc = think(r, a);
    if (rc < 0)
        return rc;
    if (!a->thought || a->rewriting || !sm_worder_rewrites(a->sv, a->thought))
        return word_and_record(r, a);
    atomic_fetch_add(&a->users, 1);
    sm_str request = sm_rewriting_request(a->op.arena, sm_worder_prompts(a->sv->worder), a->q.text,
                                          sm_str_of(a->sv->set->model));
    a->rewriting = sm_write_open(a->sv, &(sm_write_ask){ .op = &a->op,
                                                         .request = request,
                                                         .class = SM_CLASS_CITIZEN,
                                                         .most_ms = REWRITE_MS,
                                                         .max_bytes = REWRITE_BYTES,
                                                         .done = rewritten,
                                                         .ctx = a });
    sm_request_wait(r, think_again);
    sm_request_on_gone(r, sm_write_cancel, a->rewriting);
    sm_write_start(a->rewriting);
    return SM_OK;
}

/* What outlives the request. */
static void keep_question(asking *a)
{
    sm_str *const texts[] = { &a->q.text, &a->q.session, &a->q.region, &a->q.audience };
    for (size_t i = 0; i < SM_LEN(texts); i++)
        *texts[i] = sm_str_dup(a->op.arena, *texts[i]);
}

static sm_rc ask(sm_request *r)
{
    asking *a = calloc(1, sizeof(*a));
    if (!a)
        abort();
    atomic_store(&a->users, 1);
    sm_op_begin(&a->op);
    a->r = r;
    a->sv = sm_server_of(r);
    a->began_us = sm_now_us();
    sm_arena_defer(sm_request_op(r)->arena, let_go, a);
    sm_request_keep(r, a);
    sm_rc rc = read_question(r, &a->q);
    if (rc == SM_OK)
        rc = find_talk(r, a);
    if (rc < 0)
        return rc;
    keep_question(a);
    return think_and_record(r, a);
}

/* ----------------------------------------------------------------- feedback */

struct judging {
    int64_t record;
    sm_str session, verdict;
};

static sm_rc judge(sm_op *op, sm_db *db, void *ctx)
{
    const struct judging *j = ctx;
    sm_rc rc = sm_ledger_is_of(op, db, j->record, j->session);
    return rc < 0 ? rc : sm_ledger_note(op, db, j->record, j->verdict);
}

static sm_rc feedback(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    struct judging what = { 0 };
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "session", SM_SESSION_CHARS, &what.session);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "verdict", 10, &what.verdict);
    if (rc == SM_OK)
        rc = sm_json_number(op, json_object_get(j, "record"), "record", &what.record);
    if (rc < 0)
        return rc;
    if (!sm_str_eq(what.verdict, SM_STR("right")) && !sm_str_eq(what.verdict, SM_STR("wrong")))
        return sm_fail(op, SM_E_INVALID, "verdict 应当是 right 或 wrong");
    rc = sm_recorder_run(sm_server_of(r)->recorder, op, judge, &what);
    return rc < 0 ? rc : sm_respond_ok(r);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/ask",
      .run = ask,
      .allow = SM_FOR(PUBLIC),
      .cost = "ask",
      .max_body = SM_BODY_ASK },
    { .method = "POST",
      .path = "/v1/feedback",
      .run = feedback,
      .allow = SM_FOR(PUBLIC),
      .cost = "ask",
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_ask = { routes, SM_LEN(routes) };
