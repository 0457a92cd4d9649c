/*
 * A conversation as the citizen sees it: asking for a person, writing to them, what they say.
 */
#include "server/inner.h"

enum { CONTACT_BYTES = 60 };

sm_rc sm_talk_state(sm_op *op, sm_db *record, sm_str session, json_t **out)
{
    sm_handover *h;
    sm_rc rc = sm_desk_open_of(op, record, session, &h);
    if (rc < 0 && rc != SM_E_NOTFOUND)
        return rc;
    bool open = rc == SM_OK;
    *out = json_pack("{s:s,s:I,s:o}", "state",
                     !open                       ? "machine"
                     : h->state == SM_DESK_TAKEN ? "person"
                                                 : "waiting",
                     "queue", (json_int_t)(open ? h->place : 0), "person",
                     sm_json_of(open ? h->taker : (sm_str){ 0 }));
    return SM_OK;
}

static json_t *message_json(const sm_line *l)
{
    return json_pack("{s:I,s:I,s:s,s:o,s:o}", "id", (json_int_t)l->message, "time",
                     (json_int_t)l->time_ms, "sender", l->sender, "name", sm_json_of(l->name),
                     "text", sm_json_of(l->text));
}

static void tell_since(sm_server *sv, sm_op *op, sm_str session, int64_t told)
{
    sm_db *db;
    json_t *state;
    sm_line *line;
    size_t n;
    if (sm_sunmao_record_db(op, sv->s, &db) < 0 || sm_talk_state(op, db, session, &state) < 0)
        return;
    sm_json_own(op->arena, state);
    if (sm_desk_messages(op, db, session, told, &line, &n) < 0)
        return;
    sm_hub_tell(sv->hub, session, "state", 0, sm_json_dump(op->arena, state));
    for (size_t i = 0; i < n; i++) {
        json_t *j = message_json(&line[i]);
        sm_json_own(op->arena, j);
        sm_hub_tell(sv->hub, session, "message", line[i].message, sm_json_dump(op->arena, j));
    }
}

/* Two messages may be committed before either is told: each page is told all that it has not been
 * told, in the order of their numbers, so that its Last-Event-ID leaves none out. */
void sm_tell_talk(sm_server *sv, sm_op *op, sm_str session)
{
    int64_t told;
    if (sm_hub_begin(sv->hub, session, &told))
        tell_since(sv, op, session, told);
    sm_hub_end(sv->hub, session);
    sm_op_clear(op); /* what was done is done: telling is a favour */
}

struct calling {
    sm_str session, text;
    bool test;
    sm_handover *h;
};

static sm_rc call(sm_op *op, sm_db *db, void *ctx)
{
    struct calling *c = ctx;
    sm_rc rc = sm_check_session(op, db, c->session); /* deleted in this moment? */
    return rc < 0 ? rc : sm_desk_ask(op, db, c->session, c->text, c->test, &c->h);
}

/* The conversation, and a text of the body. */
static sm_rc read_call(sm_request *r, const char *key, size_t max, struct calling *c, json_t **body)
{
    sm_db *db;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_request_session(r, db, &c->session);
    if (rc == SM_OK)
        rc = sm_request_json(r, body);
    return rc < 0 ? rc : sm_json_text(sm_request_op(r), *body, key, max, &c->text);
}

static sm_rc handover(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    struct calling c = { 0 };
    json_t *j;
    sm_rc rc = read_call(r, "contact", CONTACT_BYTES, &c, &j);
    if (rc == SM_OK)
        rc = sm_json_flag(op, j, "test", &c.test);
    if (rc == SM_OK)
        rc = sm_recorder_run(sv->recorder, op, call, &c);
    if (rc < 0)
        return rc;
    sm_tell_desk(sv, op, 0);
    sm_tell_talk(sv, op, c.session);
    return sm_respond_json(r, 200,
                           json_pack("{s:s,s:I,s:o}", "state",
                                     c.h->state == SM_DESK_TAKEN ? "person" : "waiting", "queue",
                                     (json_int_t)c.h->place, "office", sm_office_json(sv)));
}

static sm_rc say(sm_op *op, sm_db *db, void *ctx)
{
    struct calling *c = ctx;
    sm_rc rc = sm_check_session(op, db, c->session);
    if (rc == SM_OK)
        rc = sm_desk_say(op, db, c->session, c->text);
    return rc < 0 ? rc : sm_desk_open_of(op, db, c->session, &c->h);
}

static sm_rc message(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    struct calling c = { 0 };
    json_t *j;
    sm_rc rc = read_call(r, "text", SM_DESK_TEXT_MAX, &c, &j);
    if (rc == SM_OK)
        rc = sm_recorder_run(sv->recorder, op, say, &c);
    if (rc < 0)
        return rc;
    sm_tell_desk(sv, op, c.h->id);
    sm_tell_talk(sv, op, c.session);
    return sm_respond_ok(r);
}

/* The number of the last message that the page has. */
static sm_rc read_after(sm_request *r, int64_t *after)
{
    sm_str last = sm_request_header(r, "Last-Event-ID");
    sm_rc rc = sm_request_int(r, "after", 0, INT64_MAX, 0, after);
    if (rc == SM_OK && last.n && !sm_str_to_int(last, after))
        rc = sm_fail(sm_request_op(r), SM_E_INVALID, "Last-Event-ID 不是数");
    return rc;
}

/* What a page is to be told: the state, and the messages that it has not had. */
struct view {
    sm_str session;
    int64_t after;
    sm_line *line;
    size_t n;
    json_t *state; /* the caller's */
};

static sm_rc read_view(sm_request *r, struct view *v)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_request_session(r, db, &v->session);
    if (rc == SM_OK)
        rc = read_after(r, &v->after);
    if (rc == SM_OK)
        rc = sm_desk_messages(op, db, v->session, v->after, &v->line, &v->n);
    return rc < 0 ? rc : sm_talk_state(op, db, v->session, &v->state);
}

static sm_rc conversation(sm_request *r)
{
    struct view v;
    sm_rc rc = read_view(r, &v);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    for (size_t i = 0; i < v.n; i++)
        json_array_append_new(list, message_json(&v.line[i]));
    json_object_set_new(v.state, "messages", list);
    return sm_respond_json(r, 200, v.state);
}

/* Told after joining what came since reading, so that nothing falls between. */
static sm_rc events(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    struct view v;
    sm_rc rc = read_view(r, &v);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, v.state);
    sm_stream *s = sm_respond_stream(r);
    sm_stream_send(s, "state", 0, sm_json_dump(op->arena, v.state));
    for (size_t i = 0; i < v.n; i++) {
        json_t *j = message_json(&v.line[i]);
        sm_json_own(op->arena, j);
        sm_stream_send(s, "message", v.line[i].message, sm_json_dump(op->arena, j));
    }
    int64_t last = v.n ? v.line[v.n - 1].message : v.after;
    if (sm_hub_join(sv->hub, v.session, s,
                    &(sm_listening){ .max = sv->set->streams_per_conversation, .last = last }))
        sm_tell_talk(sv, op, v.session);
    return SM_OK;
}

static sm_rc forget(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_str session;
    int64_t n;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_request_session(r, db, &session);
    if (rc == SM_OK)
        rc = sm_ledger_forget(op, db, 0, session, &n);
    if (rc < 0)
        return rc;
    sm_tell_desk(sm_server_of(r), op, 0);
    return sm_respond_ok(r);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/conversations/{session}/handover",
      .run = handover,
      .allow = SM_FOR(PUBLIC),
      .cost = "ask",
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/conversations/{session}/messages",
      .run = message,
      .allow = SM_FOR(PUBLIC),
      .cost = "ask",
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/conversations/{session}",
      .run = conversation,
      .allow = SM_FOR(PUBLIC),
      .cost = "read" },
    { .method = "GET",
      .path = "/v1/conversations/{session}/events",
      .run = events,
      .allow = SM_FOR(PUBLIC),
      .cost = "read" },
    { .method = "DELETE",
      .path = "/v1/conversations/{session}",
      .run = forget,
      .allow = SM_FOR(PUBLIC),
      .cost = "ask",
      .slow = true },
};
const sm_route_list sm_routes_talk = { routes, SM_LEN(routes) };
