/* The desk without a guide: hand-overs in record.db, and what staff and citizens do with them. */
#include "../fixture.h"

#include "guide/state.h"

static sm_op op;
static const char *dir;
static sm_db *db;
static sm_user li, wang;

static void add_user(const char *name, const char *display, sm_user *u)
{
    must(&op, sm_db_run(&op, db,
                        "INSERT INTO user(name, display, role, department, hash, must_change,"
                        " created) VALUES(?, ?, 'operator', '', '', 0, 0)",
                        "ss", sm_str_of(name), sm_str_of(display)));
    *u = (sm_user){ .id = sm_db_last_id(db),
                    .name = sm_str_of(name),
                    .display = sm_str_of(display) };
}

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_RECORD, SM_DB_CREATE, &db));
    add_user("lixiao", "李晓", &li);
    add_user("wangfang", "王芳", &wang);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sm_db_close(db);
    remove_dir(dir);
    sm_op_end(&op);
    return 0;
}

static int64_t hand_over(const char *session, const char *question, bool test)
{
    int64_t place;
    sm_talk t = { .session = sm_str_of(session), .item = SM_STR("HJ-001") };
    must(&op, sm_talk_hand_over(&op, db, &t, sm_str_of(question), "unknown", test, &place));
    return place;
}

static sm_handover *open_of(const char *session)
{
    sm_handover *h;
    must(&op, sm_desk_open_of(&op, db, sm_str_of(session), &h));
    return h;
}

static sm_handover *get(int64_t id)
{
    sm_handover *h;
    must(&op, sm_desk_get(&op, db, id, &h));
    return h;
}

static size_t list(sm_desk_filter f, sm_handover **out)
{
    size_t n;
    f.limit = f.limit ? f.limit : 100;
    must(&op, sm_desk_list(&op, db, &f, out, &n));
    return n;
}

static void turn(const char *session, const char *question, const char *answer, int64_t time_ms)
{
    must(&op,
         sm_db_run(&op, db,
                   "INSERT INTO turn(session, time_ms, question, act, reason, answer)"
                   " VALUES(?, ?, ?, 'answer', 'item', ?)",
                   "siss", sm_str_of(session), time_ms, sm_str_of(question), sm_str_of(answer)));
}

#define REFUSED(call, code)                  \
    do {                                     \
        assert_int_equal((call), SM_##code); \
        sm_op_clear(&op);                    \
    } while (0)

static int64_t count(const char *sql)
{
    sm_stmt *q;
    must(&op, sm_db_query(&op, db, &q, sql, ""));
    must(&op, sm_stmt_step(&op, q));
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return n;
}

/* -------------------------------------------------------------------- the queue */

static void a_session_stands_in_the_queue_once(void **state)
{
    (void)state;
    assert_int_equal(hand_over("a", "无人机要报备吗", false), 1);
    assert_int_equal(hand_over("b", "演唱会门票哪里买", false), 2);
    assert_int_equal(hand_over("a", "那气球呢", false), 1);
    assert_int_equal(count("SELECT count(*) FROM handover"), 2);
    assert_true(sm_str_eq(open_of("a")->question, SM_STR("无人机要报备吗")));
    assert_true(sm_str_eq(open_of("a")->item, SM_STR("HJ-001")));
    assert_int_equal(open_of("a")->department.n, 0);
}

static void one_with_a_person_is_in_no_place_and_is_not_queued_again(void **state)
{
    (void)state;
    hand_over("a", "一", false);
    must(&op, sm_desk_take(&op, db, open_of("a")->id, &li));
    assert_int_equal(hand_over("a", "二", false), 0);
    assert_int_equal(count("SELECT count(*) FROM handover"), 1);
    must(&op, sm_desk_close(&op, db, open_of("a")->id, &li, SM_STR("answered")));
    assert_int_equal(hand_over("a", "三", false), 1);
    assert_int_equal(count("SELECT count(*) FROM handover"), 2);
}

static void questions_without_a_session_are_each_on_their_own(void **state)
{
    (void)state;
    assert_int_equal(hand_over("", "一", false), 1);
    assert_int_equal(hand_over("", "二", false), 2);
    sm_handover *h;
    assert_int_equal(sm_desk_open_of(&op, db, (sm_str){ 0 }, &h), SM_E_NOTFOUND);
    assert_int_equal(op.rc, SM_OK);
    must(&op, sm_desk_take(&op, db, 1, &li));
    REFUSED(sm_desk_answer(&op, db, 1, &li, SM_STR("您好")), E_CONFLICT);
    must(&op, sm_desk_close(&op, db, 1, &li, SM_STR("not_ours")));
    assert_int_equal(count("SELECT count(*) FROM message"), 0);
}

static void tests_queue_apart_and_are_listed_last(void **state)
{
    (void)state;
    sm_handover *h;
    assert_int_equal(hand_over("t1", "一", true), 1);
    assert_int_equal(hand_over("a", "二", false), 1);
    assert_int_equal(hand_over("t2", "三", true), 2);
    assert_int_equal(hand_over("b", "四", false), 2);
    assert_int_equal(list((sm_desk_filter){ .state = SM_STR("waiting") }, &h), 4);
    assert_true(sm_str_eq(h[0].session, SM_STR("a")));
    assert_true(sm_str_eq(h[1].session, SM_STR("b")));
    assert_true(sm_str_eq(h[2].session, SM_STR("t1")));
    assert_true(!h[1].test && h[2].test);
    assert_int_equal(h[1].place, 2);
    assert_int_equal(h[3].place, 2);
    int64_t n;
    must(&op, sm_desk_waiting(&op, db, &n));
    assert_int_equal(n, 2);
}

static void a_list_goes_on_behind_its_last_page(void **state)
{
    (void)state;
    static const char *const states[] = { "waiting", "" };
    char name[4] = "s0";
    for (int i = 0; i < 7; i++, name[1]++)
        hand_over(sm_cstr(op.arena, sm_str_of(name)), "问", i % 3 == 0);
    for (size_t k = 0; k < SM_LEN(states); k++) {
        sm_handover *all, *page;
        sm_desk_filter f = { .state = sm_str_of(states[k]) };
        assert_int_equal(list(f, &all), 7);
        assert_true(k == 0 ? all[0].id < all[1].id : all[0].id > all[1].id);
        f.limit = 3;
        for (size_t i = 0, n; i < 7; i += n) {
            n = list(f, &page);
            assert_int_equal(n, SM_MIN((size_t)3, 7 - i));
            for (size_t j = 0; j < n; j++)
                assert_int_equal(page[j].id, all[i + j].id);
            f.before = page[n - 1].id;
        }
        assert_int_equal(list(f, &page), 0);
    }
}

static void a_department_sees_its_own_and_those_of_none(void **state)
{
    (void)state;
    sm_handover *h;
    hand_over("a", "一", false);
    hand_over("b", "二", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    must(&op, sm_desk_forward(&op, db, 1, &li, SM_STR("市公安局"), (sm_str){ 0 }));
    assert_int_equal(list((sm_desk_filter){ .department = SM_STR("市公安局") }, &h), 2);
    assert_int_equal(list((sm_desk_filter){ .department = SM_STR("市民政局") }, &h), 1);
    assert_true(sm_str_eq(h[0].session, SM_STR("b")));
}

/* --------------------------------------------------------------- in one's hands */

static void of_two_people_who_take_one_the_second_is_refused(void **state)
{
    (void)state;
    hand_over("a", "一", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    assert_int_equal(sm_desk_take(&op, db, 1, &wang), SM_E_CONFLICT);
    assert_true(sm_str_has(op.msg, SM_STR("李晓")));
    sm_op_clear(&op);
    must(&op, sm_desk_take(&op, db, 1, &li)); /* one's own, again */
    sm_handover *h = get(1);
    assert_int_equal(h->state, SM_DESK_TAKEN);
    assert_int_equal(h->taken_by, li.id);
    assert_true(sm_str_eq(h->taker, SM_STR("李晓")));
    assert_true(h->taken_ms >= h->since_ms);
    assert_int_equal(h->place, 0);
    assert_int_equal(count("SELECT count(*) FROM ledger WHERE act = 'desk.take'"), 1);
    REFUSED(sm_desk_take(&op, db, 99, &li), E_NOTFOUND);
}

static void only_the_one_who_took_it_answers_forwards_and_closes(void **state)
{
    (void)state;
    hand_over("a", "一", false);
    REFUSED(sm_desk_answer(&op, db, 1, &li, SM_STR("您好")), E_CONFLICT);
    must(&op, sm_desk_take(&op, db, 1, &li));
    REFUSED(sm_desk_answer(&op, db, 1, &wang, SM_STR("您好")), E_CONFLICT);
    REFUSED(sm_desk_forward(&op, db, 1, &wang, SM_STR("市公安局"), (sm_str){ 0 }), E_CONFLICT);
    REFUSED(sm_desk_close(&op, db, 1, &wang, SM_STR("answered")), E_CONFLICT);
    must(&op, sm_desk_answer(&op, db, 1, &li, SM_STR("您好")));
    must(&op, sm_desk_close(&op, db, 1, &li, SM_STR("answered")));
    REFUSED(sm_desk_answer(&op, db, 1, &li, SM_STR("再说一句")), E_CONFLICT);
    REFUSED(sm_desk_take(&op, db, 1, &li), E_CONFLICT);
    assert_int_equal(get(1)->state, SM_DESK_CLOSED);
    assert_true(sm_str_eq(get(1)->outcome, SM_STR("answered")));
    assert_true(get(1)->closed_ms > 0);
}

static void what_is_empty_too_long_or_unknown_is_refused(void **state)
{
    (void)state;
    char *big = sm_alloc(op.arena, SM_DESK_TEXT_MAX + 2);
    memset(big, 'x', SM_DESK_TEXT_MAX + 1);
    hand_over("a", "一", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    REFUSED(sm_desk_answer(&op, db, 1, &li, SM_STR(" \n　")), E_INVALID);
    REFUSED(sm_desk_answer(&op, db, 1, &li, sm_str_of(big)), E_INVALID);
    REFUSED(sm_desk_forward(&op, db, 1, &li, (sm_str){ 0 }, (sm_str){ 0 }), E_INVALID);
    REFUSED(sm_desk_close(&op, db, 1, &li, SM_STR("done")), E_INVALID);
    REFUSED(sm_desk_say(&op, db, SM_STR("a"), (sm_str){ 0 }), E_INVALID);
    REFUSED(sm_desk_say(&op, db, SM_STR("a"), sm_str_of(big)), E_INVALID);
    big[SM_DESK_TEXT_MAX] = 0;
    must(&op, sm_desk_answer(&op, db, 1, &li, sm_str_of(big)));
}

static void a_forwarded_one_keeps_its_place_by_time(void **state)
{
    (void)state;
    hand_over("a", "一", false);
    hand_over("b", "二", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    assert_int_equal(get(2)->place, 1);
    must(&op, sm_desk_forward(&op, db, 1, &li, SM_STR(" 市公安局 "), SM_STR("要查底册")));
    assert_int_equal(get(1)->place, 1);
    assert_int_equal(get(2)->place, 2);
    assert_int_equal(get(1)->taken_by, 0);
    assert_int_equal(get(1)->taken_ms, 0);
    assert_true(sm_str_eq(get(1)->department, SM_STR("市公安局")));
    must(&op, sm_desk_take(&op, db, 1, &wang));
}

static void every_step_of_the_staff_is_in_the_ledger(void **state)
{
    (void)state;
    int64_t n;
    hand_over("a", "一", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    must(&op, sm_desk_answer(&op, db, 1, &li, SM_STR("您好")));
    must(&op, sm_desk_forward(&op, db, 1, &li, SM_STR("市公安局"), (sm_str){ 0 }));
    must(&op, sm_desk_take(&op, db, 1, &wang));
    must(&op, sm_desk_close(&op, db, 1, &wang, SM_STR("answered")));
    assert_int_equal(count("SELECT count(*) FROM ledger WHERE kind = 'act' AND reason = '1'"), 5);
    assert_int_equal(count("SELECT count(*) FROM ledger WHERE top = 'wangfang'"), 2);
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 5);
}

/* ------------------------------------------------------------ the citizen's side */

static void asking_for_a_person_hands_over_the_last_question(void **state)
{
    (void)state;
    sm_handover *h, *again;
    turn("a", "公积金怎么提", "……", 5);
    must(&op, sm_db_run(&op, db,
                        "INSERT INTO session(id, state, updated)"
                        " VALUES('a', '{\"item\":\"GJJ-001\",\"region\":\"江北区\"}', 1)",
                        ""));
    must(&op, sm_desk_ask(&op, db, SM_STR("a"), SM_STR("13912345678"), false, &h));
    assert_true(sm_str_eq(h->question, SM_STR("公积金怎么提")));
    assert_true(sm_str_eq(h->reason, SM_STR("asked")));
    assert_true(sm_str_eq(h->item, SM_STR("GJJ-001")));
    assert_true(sm_str_eq(h->region, SM_STR("江北区")));
    assert_true(sm_str_eq(h->contact, SM_STR("13912345678"))); /* as it was given */
    assert_int_equal(h->place, 1);
    must(&op, sm_desk_ask(&op, db, SM_STR("a"), (sm_str){ 0 }, false, &again));
    assert_int_equal(again->id, h->id);
    assert_true(sm_str_eq(again->contact, SM_STR("13912345678")));
    must(&op, sm_desk_ask(&op, db, SM_STR("a"), SM_STR("微信 abc"), false, &again));
    assert_true(sm_str_eq(get(h->id)->contact, SM_STR("微信 abc")));
}

static void a_contact_has_bounds(void **state)
{
    (void)state;
    sm_handover *h;
    const sm_str bad[] = { SM_STR("0123456789012345678901234567890123456789012345678901234567890"),
                           SM_STR("一行\n两行") };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        REFUSED(sm_desk_ask(&op, db, SM_STR("a"), bad[i], false, &h), E_INVALID);
    REFUSED(sm_desk_ask(&op, db, (sm_str){ 0 }, (sm_str){ 0 }, false, &h), E_INVALID);
    assert_int_equal(count("SELECT count(*) FROM handover"), 0);
}

static void what_a_citizen_says_is_masked_and_what_the_staff_say_is_not(void **state)
{
    (void)state;
    sm_line *l;
    size_t n;
    REFUSED(sm_desk_say(&op, db, SM_STR("a"), SM_STR("有人吗")), E_CONFLICT);
    hand_over("a", "一", false);
    must(&op, sm_desk_say(&op, db, SM_STR("a"), SM_STR("我电话13912345678")));
    must(&op, sm_desk_take(&op, db, 1, &li));
    must(&op, sm_desk_answer(&op, db, 1, &li, SM_STR("请打13887654321找我")));
    must(&op, sm_desk_messages(&op, db, SM_STR("a"), 0, &l, &n));
    assert_int_equal(n, 3);
    assert_string_equal(l[0].sender, "citizen");
    assert_true(sm_str_eq(l[0].text, SM_STR("我电话139****5678")));
    assert_string_equal(l[1].sender, "system");
    assert_true(sm_str_has(l[1].text, SM_STR("李晓")));
    assert_string_equal(l[2].sender, "staff");
    assert_true(sm_str_eq(l[2].name, SM_STR("李晓")));
    assert_true(sm_str_has(l[2].text, SM_STR("13887654321")));
    int64_t last = l[2].message;
    must(&op, sm_desk_messages(&op, db, SM_STR("a"), l[1].message, &l, &n));
    assert_int_equal(n, 1);
    assert_int_equal(l[0].message, last);
}

static void a_note_of_forwarding_is_for_the_staff_only(void **state)
{
    (void)state;
    sm_line *l;
    size_t n;
    bool noted = false;
    hand_over("a", "一", false);
    must(&op, sm_desk_take(&op, db, 1, &li));
    must(&op, sm_desk_forward(&op, db, 1, &li, SM_STR("市公安局"), SM_STR("此人来过三次")));
    must(&op, sm_desk_messages(&op, db, SM_STR("a"), 0, &l, &n));
    for (size_t i = 0; i < n; i++)
        assert_false(sm_str_has(l[i].text, SM_STR("三次")));
    assert_true(sm_str_has(l[n - 1].text, SM_STR("市公安局")));
    must(&op, sm_desk_lines(&op, db, SM_STR("a"), &l, &n));
    for (size_t i = 0; i < n; i++)
        noted =
            noted || (sm_str_eq(l[i].text, SM_STR("此人来过三次")) &&
                      sm_str_eq(l[i].name, SM_STR("李晓")) && strcmp(l[i].sender, "system") == 0);
    assert_true(noted);
}

static void lines_are_turns_and_messages_by_time(void **state)
{
    (void)state;
    static const char *const said[] = { "一", "答一", "二", "答二" };
    sm_line *l;
    size_t n;
    hand_over("a", "一", false);
    turn("a", "一", "答一", 1);
    turn("a", "二", "答二", 2);
    turn("b", "别人的", "……", 2);
    must(&op, sm_desk_say(&op, db, SM_STR("a"), SM_STR("三")));
    turn("a", "四", "答四", sm_wall_ms() + 1000);
    must(&op, sm_desk_lines(&op, db, SM_STR("a"), &l, &n));
    assert_int_equal(n, 7);
    for (size_t i = 0; i < SM_LEN(said); i++)
        assert_true(sm_str_eq(l[i].text, sm_str_of(said[i])));
    assert_string_equal(l[0].sender, "citizen");
    assert_string_equal(l[1].sender, "machine");
    assert_int_equal(l[1].message, 0);
    assert_true(sm_str_eq(l[4].text, SM_STR("三")) && l[4].message > 0);
    assert_true(sm_str_eq(l[6].text, SM_STR("答四")));
}

static void the_list_tells_what_the_citizen_wrote_last(void **state)
{
    (void)state;
    hand_over("a", "一", false);
    assert_true(sm_str_eq(get(1)->last, SM_STR("一")));
    turn("a", "二", "答二", 2);
    assert_true(sm_str_eq(get(1)->last, SM_STR("二")));
    must(&op, sm_desk_say(&op, db, SM_STR("a"), SM_STR("三")));
    must(&op, sm_desk_take(&op, db, 1, &li));
    must(&op, sm_desk_answer(&op, db, 1, &li, SM_STR("您好")));
    assert_true(sm_str_eq(get(1)->last, SM_STR("三")));
}

/* ---------------------------------------------------------------------- forgetting */

static void assert_forgotten(void)
{
    assert_int_equal(count("SELECT count(*) FROM message WHERE session = 'a'"), 0);
    assert_int_equal(count("SELECT count(*) FROM handover WHERE session = 'a'"
                           " AND (question <> '' OR contact <> '')"),
                     0);
    assert_int_equal(count("SELECT count(*) FROM handover WHERE session = 'a'"
                           " AND state = 'closed' AND outcome = 'withdrawn' AND closed_ms > 0"),
                     1);
    assert_int_equal(count("SELECT count(*) FROM handover WHERE state = 'waiting'"), 1);
    assert_int_equal(count("SELECT count(*) FROM message WHERE session = 'b'"), 1);
    assert_int_equal(count("SELECT count(*) FROM handover WHERE contact = 'b的'"), 1);
}

static int64_t two_conversations(void)
{
    sm_handover *h;
    sm_ledger_entry e = { .session = SM_STR("a"), .question = SM_STR("一"), .act = SM_STR("x") };
    must(&op, sm_ledger_append(&op, db, &e));
    hand_over("a", "一", false);
    hand_over("b", "二", false);
    must(&op, sm_desk_ask(&op, db, SM_STR("a"), SM_STR("a的"), false, &h));
    must(&op, sm_desk_ask(&op, db, SM_STR("b"), SM_STR("b的"), false, &h));
    must(&op, sm_desk_say(&op, db, SM_STR("a"), SM_STR("我再说一遍：一")));
    must(&op, sm_desk_say(&op, db, SM_STR("b"), SM_STR("你好")));
    return e.id;
}

static void forgetting_a_session_takes_its_messages_and_its_contact(void **state)
{
    (void)state;
    int64_t n;
    two_conversations();
    must(&op, sm_ledger_forget(&op, db, 0, SM_STR("a"), &n));
    assert_forgotten();
    assert_int_equal(count("SELECT count(*) FROM handover WHERE session = 'a'"
                           " AND state = 'closed' AND outcome = 'withdrawn' AND closed_ms > 0"),
                     1);
    assert_int_equal(count("SELECT count(*) FROM handover WHERE state = 'waiting'"), 1);
}

static void forgetting_a_question_takes_them_too(void **state)
{
    (void)state;
    int64_t n, id = two_conversations();
    must(&op, sm_ledger_forget(&op, db, id, (sm_str){ 0 }, &n));
    assert_forgotten();
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_session_stands_in_the_queue_once),
        EACH(one_with_a_person_is_in_no_place_and_is_not_queued_again),
        EACH(questions_without_a_session_are_each_on_their_own),
        EACH(tests_queue_apart_and_are_listed_last),
        EACH(a_list_goes_on_behind_its_last_page),
        EACH(a_department_sees_its_own_and_those_of_none),
        EACH(of_two_people_who_take_one_the_second_is_refused),
        EACH(only_the_one_who_took_it_answers_forwards_and_closes),
        EACH(what_is_empty_too_long_or_unknown_is_refused),
        EACH(a_forwarded_one_keeps_its_place_by_time),
        EACH(every_step_of_the_staff_is_in_the_ledger),
        EACH(asking_for_a_person_hands_over_the_last_question),
        EACH(a_contact_has_bounds),
        EACH(what_a_citizen_says_is_masked_and_what_the_staff_say_is_not),
        EACH(a_note_of_forwarding_is_for_the_staff_only),
        EACH(lines_are_turns_and_messages_by_time),
        EACH(the_list_tells_what_the_citizen_wrote_last),
        EACH(forgetting_a_session_takes_its_messages_and_its_contact),
        EACH(forgetting_a_question_takes_them_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
