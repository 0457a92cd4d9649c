#include "../fixture.h"

#include "access/access.h"

static sm_op op;
static const char *dir;
static sm_db *db;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
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

static int64_t ask(const char *question)
{
    sm_ledger_entry e = { .session = SM_STR("s1"),
                          .question = sm_str_of(question),
                          .act = SM_STR("answer"),
                          .reason = SM_STR("item"),
                          .top = SM_STR("HJ-001"),
                          .answer = SM_STR("不收费") };
    must(&op, sm_ledger_append(&op, db, &e));
    return e.id;
}

static void a_chain_of_entries_verifies(void **state)
{
    (void)state;
    int64_t n;
    for (int i = 1; i <= 20; i++)
        assert_int_equal(ask("身份证怎么补"), i);
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 20);
}

static void a_changed_field_breaks_the_chain(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    ask("二");
    must(&op, sm_db_exec(&op, db, "UPDATE ledger SET top = 'HJ-002' WHERE id = 1"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static void a_removed_record_breaks_the_chain(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    ask("二");
    ask("三");
    must(&op, sm_db_exec(&op, db, "PRAGMA foreign_keys = OFF; DELETE FROM ledger WHERE id = 2"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static void a_changed_question_breaks_the_chain(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    must(&op, sm_db_exec(&op, db, "UPDATE ledger_text SET question = '别的'"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static void records_taken_off_the_end_are_missed(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    ask("二");
    must(&op, sm_db_exec(&op, db,
                         "DELETE FROM ledger_text WHERE id = 2; DELETE FROM ledger WHERE id = 2"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static void a_forged_question_without_a_salt_breaks_the_chain(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    must(&op, sm_db_exec(&op, db, "UPDATE ledger_text SET question = '别的', salt = ''"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static bool record_holds(const char *what)
{
    static const char *const files[] = { "record.db", "record.db-wal" };
    for (size_t i = 0; i < SM_LEN(files); i++) {
        sm_str data;
        if (sm_file_read(&op, sm_path(op.arena, dir, files[i]), 1 << 26, &data) == SM_OK &&
            sm_str_has(data, sm_str_of(what)))
            return true;
        sm_op_clear(&op);
    }
    return false;
}

static void what_is_forgotten_is_nowhere_in_the_files(void **state)
{
    (void)state;
    static const char words[] = "我叫王小明住在江北区某路";
    int64_t n, id = ask(words);
    ask("另一个问题");
    must(&op, sm_db_run(&op, db,
                        "INSERT INTO turn(session, time_ms, question, act, reason, answer)"
                        " VALUES('s1', 1, ?, '', '', '')",
                        "s", sm_str_of(words)));
    must(&op,
         sm_db_run(&op, db,
                   "INSERT INTO handover(session, time_ms, question, reason, item, region, state)"
                   " VALUES('s1', 1, ?, '', '', '', 'waiting')",
                   "s", sm_str_of(words)));
    assert_true(record_holds(words));
    must(&op, sm_ledger_forget(&op, db, id, (sm_str){ 0 }, &n));
    assert_int_equal(n, 1);
    assert_false(record_holds(words));
    assert_true(record_holds("另一个问题"));
    must(&op, sm_ledger_verify(&op, db, &n));
}

static void forgetting_keeps_the_chain(void **state)
{
    (void)state;
    int64_t n;
    sm_ledger_row *row;
    size_t rows;
    int64_t id = ask("我的电话是13912345678");
    ask("另一个问题");
    must(&op, sm_ledger_forget(&op, db, id, (sm_str){ 0 }, &n));
    assert_int_equal(n, 1);
    must(&op, sm_ledger_verify(&op, db, &n));
    must(&op, sm_ledger_list(&op, db, 10, &row, &rows));
    assert_int_equal(rows, 2);
    assert_int_equal(row[1].question.n, 0);
    must(&op, sm_ledger_forget(&op, db, 0, SM_STR("s1"), &n));
    assert_int_equal(n, 1);
    must(&op, sm_ledger_verify(&op, db, &n));
}

static void keep(int64_t id, const char *json)
{
    must(&op, sm_trace_keep(&op, db, id, sm_str_of(json)));
}

static bool has_trace(int64_t id)
{
    sm_str json;
    sm_rc rc = sm_trace_read(&op, db, id, &json);
    sm_op_clear(&op);
    assert_true(rc == SM_OK || rc == SM_E_NOTFOUND);
    return rc == SM_OK;
}

static void a_trace_goes_with_its_entry(void **state)
{
    (void)state;
    int64_t n, first = ask("一"), second = ask("二"), third = ask("三");
    sm_str json;
    keep(first, "{\"wrote\":\"独一无二的原话\"}");
    keep(second, "{}");
    must(&op, sm_trace_read(&op, db, first, &json));
    assert_true(sm_str_has(json, SM_STR("独一无二的原话")));
    assert_false(has_trace(third));
    must(&op, sm_ledger_forget(&op, db, first, (sm_str){ 0 }, &n));
    assert_false(has_trace(first));
    assert_false(record_holds("独一无二的原话"));
    assert_true(has_trace(second));
    must(&op, sm_ledger_forget(&op, db, 0, SM_STR("s1"), &n));
    assert_false(has_trace(second));
    must(&op, sm_ledger_verify(&op, db, &n));
}

static void an_old_trace_is_swept_and_one_too_long_is_not_kept(void **state)
{
    (void)state;
    int64_t first = ask("一"), second = ask("二");
    char *big = sm_alloc(op.arena, SM_TRACE_MAX_BYTES + 2);
    memset(big, 'x', SM_TRACE_MAX_BYTES + 1);
    keep(first, "{}");
    keep(second, big);
    assert_false(has_trace(second));
    must(&op, sm_trace_sweep(&op, db, sm_wall_ms() - 1000));
    assert_true(has_trace(first));
    must(&op, sm_trace_sweep(&op, db, sm_wall_ms() + 1000));
    assert_false(has_trace(first));
}

static void questions_are_masked(void **state)
{
    (void)state;
    sm_ledger_row *row;
    size_t rows;
    ask("我的电话是13912345678，帮我办");
    must(&op, sm_ledger_list(&op, db, 10, &row, &rows));
    assert_false(sm_str_has(row[0].question, SM_STR("13912345678")));
    assert_true(sm_str_has(row[0].question, SM_STR("139****5678")));
}

static void feedback_is_a_record_and_shows_on_its_entry(void **state)
{
    (void)state;
    sm_ledger_row *row;
    size_t rows;
    int64_t n, id = ask("一");
    must(&op, sm_ledger_feedback(&op, db, id, SM_STR("chose:HJ-005")));
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 2);
    must(&op, sm_ledger_list(&op, db, 10, &row, &rows));
    assert_true(sm_str_eq(row[0].verdict, SM_STR("chose:HJ-005")));
    assert_int_equal(sm_ledger_feedback(&op, db, 99, SM_STR("right")), SM_E_NOTFOUND);
    sm_op_clear(&op);
    assert_int_equal(sm_ledger_feedback(&op, db, id, SM_STR("maybe")), SM_E_INVALID);
}

static void a_keeper_may_say_that_a_question_is_not_our_business(void **state)
{
    (void)state;
    sm_ledger_row *row;
    size_t rows;
    int64_t id = ask("一");
    must(&op, sm_ledger_feedback(&op, db, id, SM_STR("out")));
    must(&op, sm_ledger_list(&op, db, 10, &row, &rows));
    assert_true(sm_str_eq(row[0].verdict, SM_STR("out")));
}

static void an_act_stands_in_the_chain_and_goes_with_its_transaction(void **state)
{
    (void)state;
    int64_t n;
    ask("一");
    must(&op, sm_db_begin(&op, db));
    must(&op, sm_ledger_act(&op, db, SM_STR("wang"), "desk.take", SM_STR("7")));
    must(&op, sm_db_commit(&op, db));
    must(&op, sm_db_begin(&op, db));
    must(&op, sm_ledger_act(&op, db, SM_STR("wang"), "desk.close", SM_STR("7")));
    sm_db_rollback(db);
    ask("二");
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 3);
    must(&op, sm_db_exec(&op, db, "UPDATE ledger SET top = 'zhao' WHERE kind = 'act'"));
    assert_int_equal(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

static void fill_with_each_kind(void)
{
    sm_ledger_entry test = { .question = SM_STR("试一试"), .act = SM_STR("refuse"), .test = true };
    int64_t id = ask("一");
    must(&op, sm_ledger_act(&op, db, SM_STR("wang"), "desk.take", SM_STR("7")));
    must(&op, sm_ledger_feedback(&op, db, id, SM_STR("wrong")));
    must(&op, sm_ledger_append(&op, db, &test));
}

static void the_audit_sees_every_record_newest_first(void **state)
{
    (void)state;
    sm_ledger_record *r;
    size_t n;
    fill_with_each_kind();
    must(&op, sm_ledger_records(&op, db, &(sm_ledger_filter){ .limit = 100 }, &r, &n));
    assert_int_equal(n, 4);
    assert_true(r[0].id == 4 && r[0].test && sm_str_eq(r[0].kind, SM_STR("ask")));
    assert_true(sm_str_eq(r[1].kind, SM_STR("feedback")) && r[1].about == 1);
    assert_true(sm_str_eq(r[1].act, SM_STR("wrong")));
    assert_true(sm_str_eq(r[2].kind, SM_STR("act")) && sm_str_eq(r[2].act, SM_STR("desk.take")));
    assert_true(sm_str_eq(r[2].top, SM_STR("wang")) && sm_str_eq(r[2].reason, SM_STR("7")));
    assert_true(r[2].question.n == 0 && !r[2].test && r[2].time_ms > 0);
    assert_true(sm_str_eq(r[3].question, SM_STR("一")) && sm_str_eq(r[3].verdict, SM_STR("wrong")));
    assert_true(sm_str_eq(r[3].top, SM_STR("HJ-001")) && sm_str_eq(r[3].reason, SM_STR("item")));
}

static void the_audit_goes_on_where_it_was_and_by_kind(void **state)
{
    (void)state;
    sm_ledger_record *r;
    size_t n;
    fill_with_each_kind();
    must(&op, sm_ledger_records(&op, db, &(sm_ledger_filter){ .before = 4, .limit = 2 }, &r, &n));
    assert_true(n == 2 && r[0].id == 3 && r[1].id == 2);
    must(&op, sm_ledger_records(&op, db, &(sm_ledger_filter){ .kind = SM_STR("ask"), .limit = 10 },
                                &r, &n));
    assert_true(n == 2 && r[0].id == 4 && r[1].id == 1);
    must(&op, sm_ledger_records(&op, db, &(sm_ledger_filter){ .before = 1, .limit = 10 }, &r, &n));
    assert_int_equal(n, 0);
    assert_int_equal(sm_ledger_records(&op, db, &(sm_ledger_filter){ .limit = 0 }, &r, &n),
                     SM_E_INVALID);
    assert_int_equal(sm_ledger_records(&op, db, &(sm_ledger_filter){ .limit = 1001 }, &r, &n),
                     SM_E_INVALID);
    assert_int_equal(
        sm_ledger_records(&op, db, &(sm_ledger_filter){ .kind = SM_STR("x"), .limit = 1 }, &r, &n),
        SM_E_INVALID);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_chain_of_entries_verifies),
        EACH(a_changed_field_breaks_the_chain),
        EACH(a_removed_record_breaks_the_chain),
        EACH(a_changed_question_breaks_the_chain),
        EACH(records_taken_off_the_end_are_missed),
        EACH(a_forged_question_without_a_salt_breaks_the_chain),
        EACH(what_is_forgotten_is_nowhere_in_the_files),
        EACH(forgetting_keeps_the_chain),
        EACH(a_trace_goes_with_its_entry),
        EACH(an_old_trace_is_swept_and_one_too_long_is_not_kept),
        EACH(questions_are_masked),
        EACH(feedback_is_a_record_and_shows_on_its_entry),
        EACH(a_keeper_may_say_that_a_question_is_not_our_business),
        EACH(an_act_stands_in_the_chain_and_goes_with_its_transaction),
        EACH(the_audit_sees_every_record_newest_first),
        EACH(the_audit_goes_on_where_it_was_and_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
