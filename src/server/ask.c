/*
 * A question, and what the person thinks of the answer.
 */
#include "server/inner.h"

typedef struct asking {
    sm_request *r;
    sm_question q;
    bool is_new;      /* the conversation */
    int64_t handover; /* with a person, to whom the text goes; 0: the machine answers */
    sm_thought *thought;
    sm_reply *reply;
    const char *state;
} asking;

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

static void stream_reply(sm_request *r, json_t *reply)
{
    sm_op *op = sm_request_op(r);
    sm_stream *s = sm_respond_stream(r);
    size_t i;
    json_t *claim;
    send_json(op, s, "start", part_of(reply, false));
    json_array_foreach(json_object_get(reply, "claims"), i, claim)
        sm_stream_send(s, "claim", 0, sm_json_dump(op->arena, claim));
    send_json(op, s, "reply", part_of(reply, true));
    sm_stream_close(s);
}

static bool wants_stream(const sm_request *r)
{
    return sm_str_has(sm_request_header(r, "Accept"), SM_STR("text/event-stream"));
}

static json_t *reply_json(const asking *a)
{
    static const sm_reply to_person = { .act = SM_ACT_HANDOFF, .reason = "delivered" };
    json_t *j = sm_reply_json(a->handover ? &to_person : a->reply);
    if (a->handover)
        json_object_set_new(j, "act", json_string("person"));
    json_object_set_new(j, "session", sm_json_of(a->q.session));
    json_object_set_new(j, "state", json_string(a->state));
    return j;
}

static sm_handler answer;

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
    return a->thought ? sm_guide_record(op, db, a->thought, &a->reply) : SM_OK;
}

static void recorded(void *ctx)
{
    sm_request_go_on(((asking *)ctx)->r);
}

static sm_rc think_and_record(sm_request *r, asking *a)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    sm_rc rc = a->handover ? SM_OK : sm_sunmao_think(op, sv->s, &a->q, &a->thought);
    if (rc < 0)
        return rc;
    sm_request_wait(r, answer);
    sm_recorder_put(sv->recorder, op, record, recorded, a);
    return SM_OK;
}

static sm_rc answer(sm_request *r)
{
    asking *a = sm_request_kept(r);
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    if (op->rc < 0)
        return op->rc;
    if (!a->handover && !a->reply) /* the person has closed it in this moment */
        return think_and_record(r, a);
    bool queued = !a->handover && a->reply->queue_place > 0;
    if (queued)
        a->state = "waiting";
    json_t *j = reply_json(a);
    if (queued || a->handover) {
        sm_tell_desk(sv, op, a->handover);
        sm_tell_talk(sv, op, a->q.session);
    }
    if (!wants_stream(r))
        return sm_respond_json(r, 200, j);
    stream_reply(r, j);
    json_decref(j);
    return SM_OK;
}

static sm_rc ask(sm_request *r)
{
    asking *a = SM_NEW(sm_request_op(r)->arena, asking);
    a->r = r;
    sm_request_keep(r, a);
    sm_rc rc = read_question(r, &a->q);
    if (rc == SM_OK)
        rc = find_talk(r, a);
    return rc < 0 ? rc : think_and_record(r, a);
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
