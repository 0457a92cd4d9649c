#include "../fixture.h"

#include <time.h>

#include "access/access.h"

static sm_op op;
static const char *dir;
static sm_db *db;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_RECORD, SM_DB_CREATE, &db));
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

static const char *reason_of(const char *act)
{
    return strcmp(act, "handoff") == 0 ? "unknown" : "item";
}

static int64_t ask_at(const char *act, const char *top, int64_t time_ms, bool test)
{
    sm_ledger_entry e = { .time_ms = time_ms,
                          .session = SM_STR("s1"),
                          .question = SM_STR("身份证怎么补"),
                          .act = sm_str_of(act),
                          .reason = sm_str_of(reason_of(act)),
                          .top = sm_str_of(top),
                          .test = test };
    must(&op, sm_ledger_append(&op, db, &e));
    return e.id;
}

static int64_t ask(const char *act, const char *top)
{
    return ask_at(act, top, 0, false);
}

static void handover(int64_t since_ms, int64_t wait_s, int64_t close_s, bool test)
{
    const char *state = close_s ? "closed" : wait_s ? "taken" : "waiting";
    must(&op,
         sm_db_run(&op, db,
                   "INSERT INTO handover(session, time_ms, question, reason, item, region, state,"
                   " taken_ms, closed_ms, test) VALUES('', ?, '', '', '', '', ?, ?, ?, ?)",
                   "isiii", since_ms, sm_str_of(state), wait_s ? since_ms + 1000 * wait_s : 0,
                   close_s ? since_ms + 1000 * close_s : 0, (int64_t)test));
}

static sm_figures *figures(int days)
{
    sm_figures *f;
    must(&op, sm_figures_read(&op, db, days, &f));
    return f;
}

/* The last midnight here, in ms. */
static int64_t midnight(void)
{
    enum { DAY = 86400, EAST = 8 * 3600 };
    int64_t now = sm_wall_ms() / 1000;
    return (now - (now + EAST) % DAY) * 1000;
}

/* -------------------------------------------------------------------- the days */

static void an_empty_ledger_gives_days_of_nothing(void **state)
{
    (void)state;
    sm_figures *f = figures(7);
    assert_int_equal(f->n_days, 7);
    for (size_t i = 1; i < f->n_days; i++)
        assert_int_equal(f->day[i].date, f->day[i - 1].date + 1);
    assert_int_equal(f->acts.total, 0);
    assert_int_equal(f->n_top, 0);
    assert_int_equal(f->median_wait_s, -1);
    assert_int_equal(f->median_close_s, -1);
}

static void a_day_begins_at_midnight_here(void **state)
{
    (void)state;
    int64_t night = midnight();
    ask_at("answer", "HJ-001", night, false);
    ask_at("clarify", "", night - 1, false);
    ask_at("refuse", "", night - 86400000, false);
    ask_at("crisis", "", night - 86400001, false);
    sm_figures *f = figures(2);
    assert_int_equal(f->day[1].n.answer, 1);
    assert_int_equal(f->day[1].n.total, 1);
    assert_int_equal(f->day[0].n.clarify, 1);
    assert_int_equal(f->day[0].n.refuse, 1);
    assert_int_equal(f->day[0].n.total, 2);
    assert_int_equal(f->acts.total, 3);
    assert_int_equal(f->acts.crisis, 0);
    assert_int_equal(figures(3)->acts.crisis, 1);
}

static void the_date_is_the_local_one(void **state)
{
    (void)state;
    time_t now = (time_t)(sm_wall_ms() / 1000);
    struct tm tm;
    localtime_r(&now, &tm);
    sm_figures *f = figures(1);
    assert_int_equal(f->day[0].date, sm_date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
}

static void days_out_of_bounds_are_refused(void **state)
{
    (void)state;
    static const int days[] = { 0, -1, SM_FIGURES_MAX_DAYS + 1 };
    sm_figures *f;
    for (size_t i = 0; i < SM_LEN(days); i++) {
        assert_int_equal(sm_figures_read(&op, db, days[i], &f), SM_E_INVALID);
        sm_op_clear(&op);
    }
    assert_int_equal(figures(SM_FIGURES_MAX_DAYS)->n_days, SM_FIGURES_MAX_DAYS);
}

/* --------------------------------------------------------------------- the rest */

static void tests_are_in_their_own_figure_only(void **state)
{
    (void)state;
    int64_t id = ask_at("answer", "HJ-001", 0, true);
    ask_at("handoff", "", 0, true);
    must(&op, sm_ledger_feedback(&op, db, id, SM_STR("right")));
    handover(sm_wall_ms(), 5, 9, true);
    handover(sm_wall_ms(), 0, 0, true);
    sm_figures *f = figures(1);
    assert_int_equal(f->tests, 2);
    assert_int_equal(f->acts.total, 0);
    assert_int_equal(f->n_top, 0);
    assert_int_equal(f->right, 0);
    assert_int_equal(f->waiting + f->taken + f->closed, 0);
    assert_int_equal(f->median_wait_s, -1);
    assert_int_equal(f->unanswered, 0);
}

static void acts_of_staff_and_feedback_are_no_questions(void **state)
{
    (void)state;
    int64_t id = ask("answer", "HJ-001");
    must(&op, sm_ledger_feedback(&op, db, id, SM_STR("right")));
    must(&op, sm_ledger_act(&op, db, SM_STR("lixiao"), "desk.take", SM_STR("1")));
    assert_int_equal(figures(1)->acts.total, 1);
}

static void the_commonest_come_first_and_no_more_than_ten(void **state)
{
    (void)state;
    for (int i = 0; i < 13; i++)
        for (int k = 0; k <= i; k++)
            ask("answer", sm_strf(op.arena, "ID-%02d", i == 12 ? 11 : i).p);
    ask("clarify", "HJ-001");
    ask("answer", "");
    sm_figures *f = figures(1);
    assert_int_equal(f->n_top, SM_FIGURES_TOP);
    assert_true(sm_str_eq(f->top[0].id, SM_STR("ID-11")));
    assert_int_equal(f->top[0].n, 25);
    for (int i = 1; i < SM_FIGURES_TOP; i++) {
        assert_true(sm_str_eq(f->top[i].id, sm_strf(op.arena, "ID-%02d", 11 - i)));
        assert_int_equal(f->top[i].n, 12 - i);
    }
}

static void as_common_ones_come_by_id(void **state)
{
    (void)state;
    ask("answer", "B");
    ask("answer", "A");
    ask("answer", "C");
    sm_figures *f = figures(1);
    assert_true(sm_str_eq(f->top[0].id, SM_STR("A")));
    assert_true(sm_str_eq(f->top[2].id, SM_STR("C")));
}

static void more_ids_than_a_table_holds_are_all_counted(void **state)
{
    (void)state;
    must(&op, sm_db_begin(&op, db));
    for (int i = 0; i < 1500; i++)
        ask("answer", sm_strf(op.arena, "ID-%d", i).p);
    ask("answer", "ID-7");
    must(&op, sm_db_commit(&op, db));
    sm_figures *f = figures(1);
    assert_true(sm_str_eq(f->top[0].id, SM_STR("ID-7")));
    assert_int_equal(f->top[0].n, 2);
    assert_int_equal(f->top[1].n, 1);
}

static void the_last_word_on_an_answer_counts(void **state)
{
    (void)state;
    int64_t a = ask("answer", "A"), b = ask("answer", "B");
    must(&op, sm_ledger_feedback(&op, db, a, SM_STR("right")));
    must(&op, sm_ledger_feedback(&op, db, a, SM_STR("wrong")));
    must(&op, sm_ledger_feedback(&op, db, a, SM_STR("chose:HJ-001")));
    must(&op, sm_ledger_feedback(&op, db, b, SM_STR("right")));
    sm_figures *f = figures(1);
    assert_int_equal(f->wrong, 1);
    assert_int_equal(f->right, 1);
}

static void handovers_are_counted_and_timed(void **state)
{
    (void)state;
    int64_t now = sm_wall_ms();
    handover(now, 0, 0, false);
    handover(now, 10, 0, false);
    handover(now, 20, 100, false);
    handover(now, 90, 300, false);
    handover(now, 5, 200, false);
    handover(now - 5 * INT64_C(86400000), 1, 1, false); /* before these days */
    sm_figures *f = figures(1);
    assert_int_equal(f->waiting, 1);
    assert_int_equal(f->taken, 1);
    assert_int_equal(f->closed, 3);
    assert_int_equal(f->median_wait_s, 10); /* of 5 10 20 90 */
    assert_int_equal(f->median_close_s, 200);
}

/* ------------------------------------------------------------- the unanswered */

static void unanswered_ones_come_newest_first(void **state)
{
    (void)state;
    sm_ledger_row *row;
    size_t n;
    ask("answer", "A");
    int64_t a = ask("handoff", ""), b = ask("handoff", ""), c = ask("handoff", "");
    must(&op, sm_ledger_unanswered(&op, db, 2, &row, &n));
    assert_int_equal(n, 2);
    assert_int_equal(row[0].id, c);
    assert_int_equal(row[1].id, b);
    must(&op, sm_ledger_unanswered(&op, db, 10, &row, &n));
    assert_int_equal(n, 3);
    assert_int_equal(row[2].id, a);
    assert_true(sm_str_eq(row[2].question, SM_STR("身份证怎么补")));
    assert_true(sm_str_eq(row[2].reason, SM_STR("unknown")));
    assert_int_equal(figures(1)->unanswered, 3);
}

static void judged_forgotten_and_test_questions_are_not_among_them(void **state)
{
    (void)state;
    sm_ledger_row *row;
    size_t n;
    int64_t gone;
    must(&op, sm_ledger_feedback(&op, db, ask("handoff", ""), SM_STR("chose:HJ-001")));
    must(&op, sm_ledger_feedback(&op, db, ask("handoff", ""), SM_STR("out")));
    must(&op, sm_ledger_forget(&op, db, ask("handoff", ""), (sm_str){ 0 }, &gone));
    ask_at("handoff", "", 0, true);
    sm_ledger_entry asked = { .question = SM_STR("找人"),
                              .act = SM_STR("handoff"),
                              .reason = SM_STR("asked") };
    must(&op, sm_ledger_append(&op, db, &asked));
    must(&op, sm_ledger_unanswered(&op, db, 10, &row, &n));
    assert_int_equal(n, 0);
    assert_int_equal(figures(1)->unanswered, 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_empty_ledger_gives_days_of_nothing),
        EACH(a_day_begins_at_midnight_here),
        EACH(the_date_is_the_local_one),
        EACH(days_out_of_bounds_are_refused),
        EACH(tests_are_in_their_own_figure_only),
        EACH(acts_of_staff_and_feedback_are_no_questions),
        EACH(the_commonest_come_first_and_no_more_than_ten),
        EACH(as_common_ones_come_by_id),
        EACH(more_ids_than_a_table_holds_are_all_counted),
        EACH(the_last_word_on_an_answer_counts),
        EACH(handovers_are_counted_and_timed),
        EACH(unanswered_ones_come_newest_first),
        EACH(judged_forgotten_and_test_questions_are_not_among_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
