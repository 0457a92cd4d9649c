/*
 * The staff's side of a hand-over: the queue, and what passes between a citizen and a person.
 *
 * A hand-over waits, is in one person's hands, or is closed.  Each step is checked and written in
 * the caller's transaction: of two people who take the same one, the second is refused.  A question
 * without a conversation can be handed over, but there is nowhere to answer it.
 */
#include <string.h>

#include "guide/state.h"
#include "text/text.h"

enum { LIST_MAX = 500, LINES_MAX = 1000 };

static const char *const state_names[SM_N_DESK_STATES] = {
    [SM_DESK_WAITING] = "waiting", [SM_DESK_TAKEN] = "taken", [SM_DESK_CLOSED] = "closed"
};

/* What a conversation may end with, and what the citizen is told then. */
static const struct {
    const char *name, *said;
} outcomes[] = {
    { "answered", "本次人工服务已结束，您可以继续提问。" },
    { "forwarded_outside", "您的问题已转请其他单位处理，本次人工服务已结束。" },
    { "no_reply", "一直没有收到您的回复，本次人工服务先到这里；有需要请再提问。" },
    { "not_ours", "您的问题不属于这里办理的范围，本次人工服务已结束。" },
};

const char *sm_desk_state_name(sm_desk_state s)
{
    return s < SM_N_DESK_STATES ? state_names[s] : "";
}

/* ------------------------------------------------------------------ reading */

static const char HANDOVER[] =
    "SELECT h.row, h.time_ms, h.taken_ms, h.closed_ms, h.session, h.question, h.reason, h.item,"
    " h.region, h.department, h.contact, h.outcome, h.state, h.taken_by, coalesce(u.display, ''),"
    " h.test,"
    " CASE h.state WHEN 'waiting' THEN (SELECT count(*) FROM handover w WHERE w.state = 'waiting'"
    " AND w.test = h.test AND w.row <= h.row) ELSE 0 END,"
    " coalesce((SELECT said FROM (SELECT time_ms AS at, text AS said FROM message"
    " WHERE session = h.session AND sender = 'citizen' UNION ALL"
    " SELECT time_ms, question FROM turn WHERE session = h.session) ORDER BY at DESC LIMIT 1),"
    " h.question)"
    " FROM handover h LEFT JOIN user u ON u.id = h.taken_by";

static sm_desk_state state_of(sm_str name)
{
    int i = SM_DESK_WAITING;
    while (i < SM_DESK_CLOSED && !sm_str_eq(name, sm_str_of(state_names[i])))
        i++;
    return (sm_desk_state)i;
}

static sm_handover read_handover(sm_op *op, const sm_stmt *q)
{
    return (sm_handover){ .id = sm_stmt_int(q, 0),
                          .since_ms = sm_stmt_int(q, 1),
                          .taken_ms = sm_stmt_int(q, 2),
                          .closed_ms = sm_stmt_int(q, 3),
                          .session = sm_stmt_str(op, q, 4),
                          .question = sm_stmt_str(op, q, 5),
                          .reason = sm_stmt_str(op, q, 6),
                          .item = sm_stmt_str(op, q, 7),
                          .region = sm_stmt_str(op, q, 8),
                          .department = sm_stmt_str(op, q, 9),
                          .contact = sm_stmt_str(op, q, 10),
                          .outcome = sm_stmt_str(op, q, 11),
                          .state = state_of(sm_stmt_str(op, q, 12)),
                          .taken_by = sm_stmt_int(q, 13),
                          .taker = sm_stmt_str(op, q, 14),
                          .test = sm_stmt_int(q, 15) != 0,
                          .place = sm_stmt_int(q, 16),
                          .last = sm_stmt_str(op, q, 17) };
}

struct list {
    sm_handover *h;
    size_t n, cap;
};

/* The real ones or the tests, in the order of the index, from behind `from` on. */
static sm_rc list_part(sm_op *op, sm_db *db, const sm_desk_filter *f, bool test, int64_t from,
                       struct list *list)
{
    bool waiting = sm_str_eq(f->state, SM_STR("waiting"));
    sm_stmt *q;
    sm_str sql = sm_strf(op->arena,
                         "%s WHERE h.test = ?1 AND %s AND (?3 = '' OR h.department IN ('', ?3))"
                         " AND (?4 = 0 OR h.row %s ?4) ORDER BY h.row %s LIMIT ?5",
                         HANDOVER, f->state.n ? "h.state = ?2" : "?2 = ''", waiting ? ">" : "<",
                         waiting ? "ASC" : "DESC");
    int64_t left = (int64_t)(SM_MIN(f->limit, (size_t)LIST_MAX) - list->n);
    sm_rc rc =
        sm_db_query(op, db, &q, sql.p, "issii", (int64_t)test, f->state, f->department, from, left);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, list->h, list->n, list->cap);
        list->h[list->n++] = read_handover(op, q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

static sm_rc is_test(sm_op *op, sm_db *db, int64_t id, bool *test)
{
    sm_stmt *q;
    *test = false;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT test FROM handover WHERE row = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *test = sm_stmt_int(q, 0) != 0;
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_desk_list(sm_op *op, sm_db *record, const sm_desk_filter *f, sm_handover **out, size_t *n)
{
    struct list list = { 0 };
    bool among_tests;
    sm_rc rc = is_test(op, record, f->before, &among_tests);
    if (rc == SM_OK && !among_tests)
        rc = list_part(op, record, f, false, f->before, &list);
    if (rc == SM_OK)
        rc = list_part(op, record, f, true, among_tests ? f->before : 0, &list);
    if (rc < 0)
        return rc;
    *out = list.h;
    *n = list.n;
    return SM_OK;
}

sm_rc sm_desk_waiting(sm_op *op, sm_db *record, int64_t *out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        op, record, &q, "SELECT count(*) FROM handover WHERE state = 'waiting' AND test = 0", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *out = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return SM_OK;
}

static sm_rc read_one(sm_op *op, sm_stmt *q, sm_handover **out)
{
    sm_rc rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *out = SM_NEW(op->arena, sm_handover);
    **out = read_handover(op, q);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_desk_get(sm_op *op, sm_db *record, int64_t id, sm_handover **out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, record, &q, sm_strf(op->arena, "%s WHERE h.row = ?", HANDOVER).p, "i", id);
    if (rc == SM_OK)
        rc = read_one(op, q, out);
    return rc == SM_E_NOTFOUND ? sm_fail(op, rc, "没有第 %lld 号转接单", (long long)id) : rc;
}

sm_rc sm_desk_open_of(sm_op *op, sm_db *record, sm_str session, sm_handover **out)
{
    sm_stmt *q;
    if (session.n == 0)
        return SM_E_NOTFOUND;
    sm_rc rc = sm_db_query(op, record, &q,
                           sm_strf(op->arena,
                                   "%s WHERE h.session = ? AND h.state IN ('waiting', 'taken')"
                                   " ORDER BY h.row LIMIT 1",
                                   HANDOVER)
                               .p,
                           "s", session);
    return rc == SM_OK ? read_one(op, q, out) : rc;
}

/* ------------------------------------------------------------------ writing */

static sm_rc check_text(sm_op *op, sm_str text, bool may_be_empty, sm_str *out)
{
    sm_str s = sm_str_trim(sm_utf8_mend(op->arena, text));
    if (s.n == 0 && !may_be_empty)
        return sm_fail(op, SM_E_INVALID, "内容不能是空的");
    if (s.n > SM_DESK_TEXT_MAX)
        return sm_fail(op, SM_E_INVALID, "内容太长，最多 %d 个字，请分几次发",
                       SM_DESK_TEXT_MAX / 3);
    *out = s;
    return SM_OK;
}

/* `sender` as in the table: a note is for the staff only. */
static sm_rc say(sm_op *op, sm_db *db, const sm_handover *h, const char *sender, sm_str name,
                 sm_str text)
{
    if (h->session.n == 0)
        return SM_OK;
    return sm_db_run(op, db,
                     "INSERT INTO message(session, time_ms, handover, sender, name, text)"
                     " VALUES(?, ?, ?, ?, ?, ?)",
                     "siisss", h->session, sm_wall_ms(), h->id, sm_str_of(sender), name, text);
}

static sm_rc act(sm_op *op, sm_db *db, const sm_user *user, const char *what, int64_t id)
{
    return sm_ledger_act(op, db, user->name, what, sm_strf(op->arena, "%lld", (long long)id));
}

/* The hand-over, when it is in this person's hands. */
static sm_rc in_hand(sm_op *op, sm_db *db, int64_t id, const sm_user *user, sm_handover **out)
{
    sm_handover *h;
    sm_rc rc = sm_desk_get(op, db, id, &h);
    if (rc < 0)
        return rc;
    if (h->state == SM_DESK_WAITING)
        return sm_fail(op, SM_E_CONFLICT, "第 %lld 号转接单还没有人接，请先接下", (long long)id);
    if (h->state == SM_DESK_CLOSED)
        return sm_fail(op, SM_E_CONFLICT, "第 %lld 号转接单已经办结", (long long)id);
    if (h->taken_by != user->id)
        return sm_fail(op, SM_E_CONFLICT, "第 %lld 号转接单正由%.*s处理", (long long)id,
                       SM_ARG(h->taker));
    *out = h;
    return SM_OK;
}

sm_rc sm_desk_take(sm_op *op, sm_db *record, int64_t id, const sm_user *user)
{
    sm_handover *h;
    sm_rc rc = sm_desk_get(op, record, id, &h);
    if (rc < 0)
        return rc;
    if (h->state != SM_DESK_WAITING)
        return in_hand(op, record, id, user, &h);
    rc = sm_db_run(op, record,
                   "UPDATE handover SET state = 'taken', taken_by = ?, taken_ms = ? WHERE row = ?",
                   "iii", user->id, sm_wall_ms(), id);
    if (rc == SM_OK)
        rc = say(
            op, record, h, "system", (sm_str){ 0 },
            sm_strf(op->arena, "工作人员%.*s已接手，请在这里直接留言。", SM_ARG(user->display)));
    return rc == SM_OK ? act(op, record, user, "desk.take", id) : rc;
}

sm_rc sm_desk_answer(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str text)
{
    sm_handover *h;
    sm_str said;
    sm_rc rc = check_text(op, text, false, &said);
    if (rc == SM_OK)
        rc = in_hand(op, record, id, user, &h);
    if (rc < 0)
        return rc;
    if (h->session.n == 0)
        return sm_fail(op, SM_E_CONFLICT, "提问的人没有留下会话，无法在这里回复");
    rc = say(op, record, h, "staff", user->display, said);
    return rc == SM_OK ? act(op, record, user, "desk.answer", id) : rc;
}

sm_rc sm_desk_forward(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str department,
                      sm_str note)
{
    sm_handover *h;
    sm_str to = sm_str_trim(sm_utf8_mend(op->arena, department)), said;
    if (to.n == 0 || to.n > SM_DESK_DEPARTMENT_MAX)
        return sm_fail(op, SM_E_INVALID, "要转给哪个部门？名称最多 %d 个字",
                       SM_DESK_DEPARTMENT_MAX / 3);
    sm_rc rc = check_text(op, note, true, &said);
    if (rc == SM_OK)
        rc = in_hand(op, record, id, user, &h);
    if (rc == SM_OK)
        rc = sm_db_run(op, record,
                       "UPDATE handover SET state = 'waiting', taken_by = 0, taken_ms = 0,"
                       " department = ? WHERE row = ?",
                       "si", to, id);
    if (rc == SM_OK && said.n)
        rc = say(op, record, h, "note", user->display, said);
    if (rc == SM_OK)
        rc = say(op, record, h, "system", (sm_str){ 0 },
                 sm_strf(op->arena, "您的问题已转给%.*s，请稍候。", SM_ARG(to)));
    return rc == SM_OK ? act(op, record, user, "desk.forward", id) : rc;
}

sm_rc sm_desk_close(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str outcome)
{
    sm_handover *h;
    size_t i = 0;
    while (i < SM_LEN(outcomes) && !sm_str_eq(outcome, sm_str_of(outcomes[i].name)))
        i++;
    if (i == SM_LEN(outcomes))
        return sm_fail(op, SM_E_INVALID,
                       "办结结果应当是 answered、forwarded_outside、no_reply 或 not_ours");
    sm_rc rc = in_hand(op, record, id, user, &h);
    if (rc == SM_OK)
        rc = sm_db_run(op, record,
                       "UPDATE handover SET state = 'closed', closed_ms = ?, outcome = ?"
                       " WHERE row = ?",
                       "isi", sm_wall_ms(), outcome, id);
    if (rc == SM_OK)
        rc = say(op, record, h, "system", (sm_str){ 0 }, sm_str_of(outcomes[i].said));
    return rc == SM_OK ? act(op, record, user, "desk.close", id) : rc;
}

/* ---------------------------------------------------------- the citizen's side */

static sm_rc check_contact(sm_op *op, sm_str contact, sm_str *out)
{
    sm_str s = sm_str_trim(sm_utf8_mend(op->arena, contact));
    if (s.n > SM_DESK_CONTACT_MAX)
        return sm_fail(op, SM_E_INVALID, "联系方式太长，最多 %d 个字符", SM_DESK_CONTACT_MAX);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ')
            return sm_fail(op, SM_E_INVALID, "联系方式里不能有换行和制表符");
    *out = s;
    return SM_OK;
}

static sm_rc last_question(sm_op *op, sm_db *db, sm_str session, sm_str *out)
{
    sm_stmt *q;
    *out = (sm_str){ 0 };
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT question FROM turn WHERE session = ? ORDER BY row DESC LIMIT 1",
                           "s", session);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *out = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

static sm_rc queue(sm_op *op, sm_db *record, sm_str session, bool test)
{
    sm_talk talk;
    sm_str question;
    int64_t place;
    sm_rc rc = sm_talk_load(op, record, session, &talk);
    if (rc == SM_OK)
        rc = last_question(op, record, session, &question);
    return rc == SM_OK ? sm_talk_hand_over(op, record, &talk, question, "asked", test, &place) : rc;
}

sm_rc sm_desk_ask(sm_op *op, sm_db *record, sm_str session, sm_str contact, bool test,
                  sm_handover **out)
{
    sm_str given;
    sm_handover *h;
    if (session.n == 0)
        return sm_fail(op, SM_E_INVALID, "没有会话，无法转人工");
    sm_rc rc = check_contact(op, contact, &given);
    if (rc == SM_OK)
        rc = queue(op, record, session, test);
    if (rc == SM_OK)
        rc = sm_desk_open_of(op, record, session, &h);
    if (rc == SM_OK && given.n) {
        rc = sm_db_run(op, record, "UPDATE handover SET contact = ? WHERE row = ?", "si", given,
                       h->id);
        h->contact = given;
    }
    if (rc == SM_OK)
        *out = h;
    return rc;
}

sm_rc sm_desk_say(sm_op *op, sm_db *record, sm_str session, sm_str text)
{
    sm_handover *h;
    sm_str said;
    size_t masked = 0;
    sm_rc rc = check_text(op, text, false, &said);
    if (rc == SM_OK)
        rc = sm_desk_open_of(op, record, session, &h);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_CONFLICT, "现在没有人工服务，请先转人工");
    if (rc < 0)
        return rc;
    return say(op, record, h, "citizen", (sm_str){ 0 }, sm_text_mask(op->arena, said, &masked));
}

/* ------------------------------------------------------------ the conversation */

static const char *sender_of(sm_str name)
{
    static const char *const senders[] = { "citizen", "staff" };
    for (size_t i = 0; i < SM_LEN(senders); i++)
        if (sm_str_eq(name, sm_str_of(senders[i])))
            return senders[i];
    return "system";
}

struct lines {
    sm_line *line;
    size_t n, cap;
};

static void add_line(sm_op *op, struct lines *l, sm_line line)
{
    SM_GROW(op->arena, l->line, l->n, l->cap);
    l->line[l->n++] = line;
}

sm_rc sm_desk_lines(sm_op *op, sm_db *record, sm_str session, sm_line **out, size_t *n)
{
    struct lines l = { 0 };
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        op, record, &q,
        "SELECT * FROM (SELECT time_ms AS at, 0 AS number, row AS seq, '' AS sender, '' AS name,"
        " question AS said, answer FROM turn WHERE session = ?1 UNION ALL"
        " SELECT time_ms, row, row, sender, name, text, '' FROM message WHERE session = ?1"
        " ORDER BY at DESC, number DESC, seq DESC LIMIT ?2) ORDER BY at, number, seq",
        "si", session, (int64_t)LINES_MAX);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        int64_t at = sm_stmt_int(q, 0), number = sm_stmt_int(q, 1);
        sm_str said = sm_stmt_str(op, q, 5);
        if (number)
            add_line(op, &l,
                     (sm_line){ at, number, sender_of(sm_stmt_str(op, q, 3)), sm_stmt_str(op, q, 4),
                                said });
        else {
            add_line(op, &l, (sm_line){ .time_ms = at, .sender = "citizen", .text = said });
            add_line(
                op, &l,
                (sm_line){ .time_ms = at, .sender = "machine", .text = sm_stmt_str(op, q, 6) });
        }
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = l.line;
    *n = l.n;
    return SM_OK;
}

sm_rc sm_desk_messages(sm_op *op, sm_db *record, sm_str session, int64_t after, sm_line **out,
                       size_t *n)
{
    struct lines l = { 0 };
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, record, &q,
                           "SELECT time_ms, row, sender, name, text FROM message WHERE session = ?"
                           " AND row > ? AND sender <> 'note' ORDER BY row LIMIT ?",
                           "sii", session, after, (int64_t)LINES_MAX);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK)
        add_line(op, &l,
                 (sm_line){ sm_stmt_int(q, 0), sm_stmt_int(q, 1), sender_of(sm_stmt_str(op, q, 2)),
                            sm_stmt_str(op, q, 3), sm_stmt_str(op, q, 4) });
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = l.line;
    *n = l.n;
    return SM_OK;
}
