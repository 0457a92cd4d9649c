#include "guide/state.h"

#include <string.h>

#include "text/text.h"

/* ------------------------------------------------------------ to and from JSON */

static json_t *options_json(const sm_talk *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_options; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "label", sm_json_of(t->option[i].label),
                                              "code", sm_json_of(t->option[i].code)));
    return list;
}

static json_t *earlier_json(const sm_talk *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < SM_MAX_EARLIER && t->earlier[i].n; i++)
        json_array_append_new(list, sm_json_of(t->earlier[i]));
    return list;
}

static json_t *bindings_json(const sm_talk *t)
{
    json_t *map = json_object();
    for (size_t i = 0; i < t->n_bindings; i++) {
        const sm_value *v = &t->binding[i].value;
        json_t *j = v->type == SM_VALUE_BOOL     ? json_boolean(v->truth)
                    : v->type == SM_VALUE_NUMBER ? json_real(v->number)
                    : v->type == SM_VALUE_TEXT   ? sm_json_of(v->text)
                                                 : json_null();
        json_object_setn_new(map, t->binding[i].name.p, t->binding[i].name.n, j);
    }
    return map;
}

static json_t *talk_json(const sm_talk *t)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:i,s:i,s:o,s:o,s:o,s:o,s:I}", "item",
                     sm_json_of(t->item), "earlier", earlier_json(t), "topic", sm_json_of(t->topic),
                     "policy", sm_json_of(t->asked_of_policy), "document", sm_json_of(t->document),
                     "region", sm_json_of(t->region), "audience", sm_json_of(t->audience), "facet",
                     (int)t->facet, "pending", (int)t->pending, "asked", t->asked, "question",
                     sm_json_of(t->question), "options", options_json(t), "variable",
                     sm_json_of(t->variable), "bindings", bindings_json(t), "turns",
                     (json_int_t)t->n_turns);
}

static int small_int(const json_t *obj, const char *key, int below)
{
    json_int_t v = json_integer_value(json_object_get(obj, key));
    return v >= 0 && v < below ? (int)v : 0;
}

static void read_bindings(const json_t *map, sm_talk *t)
{
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)map, name, v)
    {
        if (t->n_bindings == SM_MAX_BINDINGS)
            return;
        sm_value value = { .type = SM_VALUE_UNKNOWN };
        if (json_is_boolean(v))
            value = (sm_value){ .type = SM_VALUE_BOOL, .truth = json_is_true(v) };
        else if (json_is_number(v))
            value = (sm_value){ .type = SM_VALUE_NUMBER, .number = json_number_value(v) };
        else if (json_is_string(v))
            value = (sm_value){ .type = SM_VALUE_TEXT, .text = sm_str_of(json_string_value(v)) };
        t->binding[t->n_bindings++] = (sm_binding){ sm_str_of(name), value };
    }
}

static void talk_read(const json_t *j, sm_talk *t)
{
    t->item = sm_json_str(j, "item");
    t->topic = sm_json_str(j, "topic");
    t->asked_of_policy = sm_json_str(j, "policy");
    t->document = sm_json_str(j, "document");
    t->region = sm_json_str(j, "region");
    t->audience = sm_json_str(j, "audience");
    t->facet = (sm_facet)small_int(j, "facet", SM_N_FACETS);
    t->pending = (sm_pending)small_int(j, "pending", SM_N_PENDINGS);
    t->asked = small_int(j, "asked", 100);
    t->question = sm_json_str(j, "question");
    t->variable = sm_json_str(j, "variable");
    t->n_turns = json_integer_value(json_object_get(j, "turns"));
    size_t i;
    json_t *o;
    json_array_foreach(json_object_get(j, "earlier"), i, o)
    {
        if (i < SM_MAX_EARLIER)
            t->earlier[i] = sm_str_of(json_string_value(o));
    }
    json_array_foreach(json_object_get(j, "options"), i, o)
    {
        if (t->n_options < SM_MAX_OPTIONS)
            t->option[t->n_options++] =
                (sm_option){ sm_json_str(o, "label"), sm_json_str(o, "code") };
    }
    read_bindings(json_object_get(j, "bindings"), t);
}

/* ------------------------------------------------------------- the database */

sm_rc sm_talk_load(sm_op *op, sm_db *record, sm_str session, sm_talk *t)
{
    *t = (sm_talk){ .session = session };
    if (session.n == 0 || !record)
        return SM_OK;
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, record, &q, "SELECT state FROM session WHERE id = ?", "s", session);
    if (rc < 0)
        return rc;
    rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return SM_OK;
    if (rc < 0)
        return rc;
    sm_str text = sm_stmt_str(op, q, 0);
    sm_stmt_reset(q);
    json_t *j;
    rc = sm_json_parse(op, text, "会话", &j);
    if (rc == SM_OK)
        talk_read(j, t);
    return rc;
}

sm_rc sm_talk_known(sm_op *op, sm_db *record, sm_str session, bool *known)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, record, &q, "SELECT 1 FROM session WHERE id = ?", "s", session);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    *known = rc == SM_OK;
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_talk_forget(sm_op *op, sm_db *record, sm_str begin)
{
    static const char *const tables[] = { "DELETE FROM turn WHERE substr(session, 1, ?1) = ?2",
                                          "DELETE FROM session WHERE substr(id, 1, ?1) = ?2" };
    sm_rc rc = sm_db_begin(op, record);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(tables); i++)
        rc = sm_db_run(op, record, tables[i], "is", (int64_t)sm_utf8_count(begin), begin);
    if (rc == SM_OK)
        return sm_db_commit(op, record);
    sm_db_rollback(record);
    return rc;
}

sm_rc sm_talk_save(sm_op *op, sm_db *record, const sm_talk *t, sm_str question,
                   const sm_reply *reply)
{
    if (t->session.n == 0 || !record)
        return SM_OK;
    size_t masked = 0;
    json_t *j = talk_json(t);
    sm_json_own(op->arena, j);
    int64_t now = sm_wall_ms();
    sm_rc rc = sm_db_run(op, record,
                         "INSERT INTO session(id, state, updated) VALUES(?, ?, ?)"
                         " ON CONFLICT(id) DO UPDATE SET state = excluded.state,"
                         " updated = excluded.updated",
                         "ssi", t->session,
                         sm_text_mask(op->arena, sm_json_dump(op->arena, j), &masked), now);
    if (rc < 0)
        return rc;
    return sm_db_run(op, record,
                     "INSERT INTO turn(session, time_ms, question, act, reason, answer)"
                     " VALUES(?, ?, ?, ?, ?, ?)",
                     "sissss", t->session, now, sm_text_mask(op->arena, question, &masked),
                     sm_str_of(sm_act_name(reply->act)), sm_str_of(reply->reason), reply->answer);
}

/* Who asks for a person does so about what they asked before. */
static sm_rc find_matter(sm_op *op, sm_db *record, sm_str session, const char *reason,
                         sm_str *question)
{
    sm_stmt *q;
    if (strcmp(reason, "asked") != 0)
        return SM_OK;
    sm_rc rc = sm_db_query(op, record, &q,
                           "SELECT question FROM turn WHERE session = ? ORDER BY row DESC LIMIT 1",
                           "s", session);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *question = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_talk_hand_over(sm_op *op, sm_db *record, const sm_talk *t, sm_str question,
                        const char *reason, bool test, int64_t *place)
{
    size_t masked = 0;
    sm_handover *h;
    sm_rc rc = sm_desk_open_of(op, record, t->session, &h);
    if (rc == SM_E_NOTFOUND) {
        rc = find_matter(op, record, t->session, reason, &question);
        if (rc < 0)
            return rc;
        rc = sm_db_run(
            op, record,
            "INSERT INTO handover(session, time_ms, question, reason, item, region, state, test)"
            " VALUES(?, ?, ?, ?, ?, ?, 'waiting', ?)",
            "sissssi", t->session, sm_wall_ms(), sm_text_mask(op->arena, question, &masked),
            sm_str_of(reason), t->item, t->region, (int64_t)test);
        if (rc == SM_OK)
            rc = sm_desk_get(op, record, sm_db_last_id(record), &h);
    }
    if (rc == SM_OK)
        *place = h->place;
    return rc;
}
