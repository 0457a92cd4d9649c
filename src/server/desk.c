/*
 * The staff's desk: the queue, one conversation, what an operator does with it.
 */
#include "server/inner.h"

#include <string.h>

enum { NEAR_ITEMS = 5 };

/* ------------------------------------------------------------------ showing */

static sm_str item_name(sm_op *op, sm_db *corpus, sm_str code)
{
    sm_doc *d;
    if (code.n == 0)
        return (sm_str){ 0 };
    if (sm_corpus_doc(op, corpus, code, &d) == SM_OK)
        return d->title;
    sm_op_clear(op); /* withdrawn since */
    return (sm_str){ 0 };
}

static json_t *handover_json(sm_op *op, sm_db *corpus, const sm_handover *h)
{
    return json_pack(
        "{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:I,s:b}", "id",
        (json_int_t)h->id, "session_short", sm_json_of(sm_str_sub(h->session, 0, 6)), "question",
        sm_json_of(h->question), "last", sm_json_of(h->last), "reason", sm_json_of(h->reason),
        "item", sm_json_of(h->item), "item_name", sm_json_of(item_name(op, corpus, h->item)),
        "region", sm_json_of(h->region), "department", sm_json_of(h->department), "state",
        sm_desk_state_name(h->state), "since", (json_int_t)h->since_ms, "taken",
        (json_int_t)h->taken_ms, "closed", (json_int_t)h->closed_ms, "taken_by",
        (json_int_t)h->taken_by, "taker", sm_json_of(h->taker), "contact", sm_json_of(h->contact),
        "outcome", sm_json_of(h->outcome), "place", (json_int_t)h->place, "test", (int)h->test);
}

/* Those of the settings, else those that have items. */
static sm_rc departments(sm_request *r, sm_db *corpus, json_t **out)
{
    sm_op *op = sm_request_op(r);
    sm_doc *d = NULL;
    size_t n = 0;
    json_t *seen = json_object();
    json_t *list = sm_words_json(sm_str_of(sm_server_of(r)->set->departments));
    sm_rc rc = SM_OK;
    if (json_array_size(list) == 0)
        rc = sm_corpus_docs(op, corpus, SM_KIND_ITEM, &d, &n);
    for (size_t i = 0; rc == SM_OK && json_array_size(list) < 200 && i < n; i++)
        if (d[i].parent.n && !json_object_getn(seen, d[i].parent.p, d[i].parent.n)) {
            json_object_setn_new(seen, d[i].parent.p, d[i].parent.n, json_true());
            json_array_append_new(list, sm_json_of(d[i].parent));
        }
    json_decref(seen);
    *out = list;
    return rc;
}

static sm_rc list(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *record, *corpus;
    sm_handover *h;
    size_t n;
    int64_t waiting;
    int64_t limit;
    sm_desk_filter f = { .state = sm_request_query(r, "state"),
                         .department = sm_request_query(r, "department") };
    if (sm_str_eq(f.state, SM_STR("all")))
        f.state = (sm_str){ 0 };
    sm_rc rc = sm_request_int(r, "limit", 1, 200, 50, &limit);
    if (rc == SM_OK)
        rc = sm_request_int(r, "before", 0, INT64_MAX, 0, &f.before);
    f.limit = (size_t)limit;
    if (rc == SM_OK)
        rc = sm_request_record(r, &record);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &corpus);
    if (rc == SM_OK)
        rc = sm_desk_list(op, record, &f, &h, &n);
    if (rc == SM_OK)
        rc = sm_desk_waiting(op, record, &waiting);
    json_t *places = NULL;
    if (rc == SM_OK)
        rc = departments(r, corpus, &places);
    if (rc < 0)
        return rc;
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, handover_json(op, corpus, &h[i]));
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:o,s:I,s:o}", "handovers", rows, "office",
                                     sm_office_json(sm_server_of(r)), "waiting",
                                     (json_int_t)waiting, "departments", places));
}

static json_t *lines_json(const sm_line *l, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I,s:s,s:o,s:o}", "time", (json_int_t)l[i].time_ms,
                                              "sender", l[i].sender, "name", sm_json_of(l[i].name),
                                              "text", sm_json_of(l[i].text)));
    return list;
}

/* What is in hand, and what is nearest to the question. */
static sm_rc near_items(sm_request *r, sm_db *corpus, const sm_handover *h, json_t **out)
{
    sm_op *op = sm_request_op(r);
    sm_found *found = NULL;
    size_t n = 0;
    json_t *items = json_array();
    sm_rc rc = SM_OK;
    if (h->item.n)
        json_array_append_new(items, json_pack("{s:o,s:o}", "code", sm_json_of(h->item), "name",
                                               sm_json_of(item_name(op, corpus, h->item))));
    if (h->question.n)
        rc = sm_sunmao_search(op, sm_server_of(r)->s, SM_KIND_ITEM, h->question, NEAR_ITEMS,
                              SM_DATE_NONE, true, &found, &n, false);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (!sm_str_eq(found[i].hit.id, h->item))
            json_array_append_new(items, json_pack("{s:o,s:o}", "code", sm_json_of(found[i].hit.id),
                                                   "name", sm_json_of(found[i].title)));
    *out = items;
    return rc;
}

static sm_rc show(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *record, *corpus;
    sm_handover *h;
    sm_line *line;
    size_t n;
    int64_t id;
    json_t *items = NULL;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &record);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &corpus);
    if (rc == SM_OK)
        rc = sm_desk_get(op, record, id, &h);
    if (rc == SM_OK)
        rc = sm_desk_lines(op, record, h->session, &line, &n);
    if (rc == SM_OK)
        rc = near_items(r, corpus, h, &items);
    if (rc < 0)
        return rc;
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:o,s:o}", "handover", handover_json(op, corpus, h),
                                     "lines", lines_json(line, n), "items", items));
}

/* -------------------------------------------------------------------- doing */

void sm_tell_desk(sm_server *sv, sm_op *op, int64_t handover)
{
    static const sm_str desk = { "desk", 4 };
    sm_db *db;
    int64_t n, told;
    if (sm_hub_begin(sv->hub, desk, &told) && sm_sunmao_record_db(op, sv->s, &db) == SM_OK &&
        sm_desk_waiting(op, db, &n) == SM_OK) {
        sm_hub_tell(sv->hub, desk, "desk", 0,
                    sm_strf(op->arena, "{\"waiting\":%lld}", (long long)n));
        if (handover)
            sm_hub_tell(sv->hub, desk, "line", 0,
                        sm_strf(op->arena, "{\"handover\":%lld}", (long long)handover));
    }
    sm_hub_end(sv->hub, desk);
    sm_op_clear(op); /* as in sm_tell_talk */
}

typedef struct doing {
    int64_t id;
    const sm_user *user;
    sm_str text, more;
    sm_rc (*run)(sm_op *op, sm_db *db, const struct doing *d);
    sm_handover *h;
} doing;

static sm_rc do_take(sm_op *op, sm_db *db, const doing *d)
{
    return sm_desk_take(op, db, d->id, d->user);
}

static sm_rc do_answer(sm_op *op, sm_db *db, const doing *d)
{
    return sm_desk_answer(op, db, d->id, d->user, d->text);
}

static sm_rc do_forward(sm_op *op, sm_db *db, const doing *d)
{
    return sm_desk_forward(op, db, d->id, d->user, d->text, d->more);
}

static sm_rc do_close(sm_op *op, sm_db *db, const doing *d)
{
    return sm_desk_close(op, db, d->id, d->user, d->text);
}

static sm_rc record(sm_op *op, sm_db *db, void *ctx)
{
    doing *d = ctx;
    sm_rc rc = d->run(op, db, d);
    return rc < 0 ? rc : sm_desk_get(op, db, d->id, &d->h);
}

/* What the body says under `text` and `more`. */
static sm_rc act(sm_request *r, doing *d, const char *text, const char *more)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    sm_db *corpus;
    json_t *j;
    d->user = sm_request_user(r);
    sm_rc rc = sm_request_number(r, "id", &d->id);
    if (rc == SM_OK)
        rc = sm_request_json(r, &j);
    if (rc == SM_OK && text)
        rc = sm_json_text(op, j, text, SM_DESK_TEXT_MAX, &d->text);
    if (rc == SM_OK && more)
        rc = sm_json_text(op, j, more, SM_DESK_TEXT_MAX, &d->more);
    if (rc == SM_OK)
        rc = sm_recorder_run(sv->recorder, op, record, d);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &corpus);
    if (rc < 0)
        return rc;
    sm_tell_desk(sv, op, d->id);
    sm_tell_talk(sv, op, d->h->session);
    return sm_respond_json(r, 200, json_pack("{s:o}", "handover", handover_json(op, corpus, d->h)));
}

static sm_rc take(sm_request *r)
{
    return act(r, &(doing){ .run = do_take }, NULL, NULL);
}

static sm_rc answer(sm_request *r)
{
    return act(r, &(doing){ .run = do_answer }, "text", NULL);
}

static sm_rc forward(sm_request *r)
{
    return act(r, &(doing){ .run = do_forward }, "department", "note");
}

static sm_rc close_it(sm_request *r)
{
    return act(r, &(doing){ .run = do_close }, "outcome", NULL);
}

static sm_rc events(sm_request *r)
{
    sm_server *sv = sm_server_of(r);
    sm_stream *s = sm_respond_stream(r);
    sm_listening as = { .max = 1000,
                        .user = sm_request_user(r)->id,
                        .life_ms = SM_LOGIN_IDLE_MS }; /* then the login is looked at again */
    if (sm_hub_join(sv->hub, SM_STR("desk"), s, &as))
        sm_tell_desk(sv, sm_request_op(r), 0);
    return SM_OK;
}

static const sm_route routes[] = {
    { .method = "GET", .path = "/v1/desk", .run = list, .allow = SM_FOR(OPERATOR), .slow = true },
    { .method = "GET", .path = "/v1/desk/events", .run = events, .allow = SM_FOR(OPERATOR) },
    { .method = "GET",
      .path = "/v1/desk/{id}",
      .run = show,
      .allow = SM_FOR(OPERATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/desk/{id}/take",
      .run = take,
      .allow = SM_FOR(OPERATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/desk/{id}/answer",
      .run = answer,
      .allow = SM_FOR(OPERATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/desk/{id}/forward",
      .run = forward,
      .allow = SM_FOR(OPERATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/desk/{id}/close",
      .run = close_it,
      .allow = SM_FOR(OPERATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_desk = { routes, SM_LEN(routes) };
