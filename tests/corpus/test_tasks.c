/* What a check finds, kept as the keeper's tasks; the findings here are made up. */
#include "../fixture.h"

#include "corpus/corpus.h"

static sm_op op;
static const char *dir;
static sm_db *db;

static sm_defect all[6]; /* what a check found */

static sm_defect found(sm_defect_kind kind, const char *a, const char *path, const char *value)
{
    return (sm_defect){ .kind = kind,
                         .a = sm_str_of(a),
                         .a_path = sm_str_of(path),
                         .a_value = sm_str_of(value),
                         .text = SM_STR("请看一看") };
}

static int setup(void **state)
{
    (void)state;
    all[0] = found(SM_FINDING_EXPIRED, "P02", "", "2023年6月30日");
    all[1] = found(SM_FINDING_CONFLICT, "P03", "", "3000元");
    all[1].b = SM_STR("P04");
    all[1].b_value = SM_STR("3600元");
    all[2] = found(SM_FINDING_ITEM_CONFLICT, "HJ-001", "", "5日");
    all[2].b = SM_STR("P03");
    all[2].b_value = SM_STR("7日");
    all[3] = found(SM_FINDING_MISSING, "HJ-001", "fee", "");
    all[4] = found(SM_FINDING_MISSING, "HJ-001", "consult", "");
    all[5] = found(SM_FINDING_PERSONAL, "items.jsonl:3", "", "");
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
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

static void save(const sm_defect *f, size_t n)
{
    must(&op, sm_task_save(&op, db, sm_date_of(2026, 11, 23), f, n));
}

static size_t list(sm_task_filter f, sm_task **out)
{
    size_t n;
    must(&op, sm_task_list(&op, db, &f, out, &n));
    return n;
}

static size_t open_tasks(sm_task **out)
{
    return list((sm_task_filter){ .kind = SM_N_FINDINGS }, out);
}

static int64_t id_of(sm_defect_kind kind)
{
    sm_task *t;
    assert_true(list((sm_task_filter){ .kind = kind }, &t) > 0);
    return t->id;
}

static void settle(sm_defect_kind kind)
{
    must(&op, sm_task_settle(&op, db, id_of(kind), SM_STR("zhao"), SM_STR("已改")));
}

static void findings_of_every_kind_become_tasks(void **state)
{
    (void)state;
    sm_task *t;
    int64_t count[SM_N_FINDINGS];
    save(all, SM_LEN(all));
    assert_int_equal(open_tasks(&t), SM_LEN(all));
    assert_true(t[0].first_seen_ms > 0);
    assert_true(sm_str_eq(t[0].finding.a, SM_STR("P02")));
    assert_true(sm_str_eq(t[0].finding.text, SM_STR("请看一看")));
    must(&op, sm_task_count(&op, db, count));
    assert_int_equal(count[SM_FINDING_MISSING], 2);
    assert_int_equal(count[SM_FINDING_CONFLICT], 1);
    assert_int_equal(count[SM_FINDING_REFUSED], 0);
}

static void a_list_is_of_a_kind_of_a_document_and_of_so_many(void **state)
{
    (void)state;
    sm_task *t;
    save(all, SM_LEN(all));
    assert_int_equal(list((sm_task_filter){ .kind = SM_FINDING_MISSING }, &t), 2);
    assert_int_equal(list((sm_task_filter){ .kind = SM_N_FINDINGS, .doc = SM_STR("P03") }, &t), 2);
    assert_int_equal(list((sm_task_filter){ .kind = SM_N_FINDINGS, .limit = 4 }, &t), 4);
    assert_int_equal(list((sm_task_filter){ .kind = SM_N_FINDINGS, .settled = true }, &t), 0);
}

static void one_found_again_keeps_its_row_and_its_day(void **state)
{
    (void)state;
    sm_task *before, *after;
    save(all, SM_LEN(all));
    must(&op, sm_db_exec(&op, db, "UPDATE finding SET first_seen = 7"));
    sm_defect again[SM_LEN(all)];
    memcpy(again, all, sizeof(all));
    again[0].text = SM_STR("换了说法");
    open_tasks(&before);
    save(again, SM_LEN(again));
    assert_int_equal(open_tasks(&after), SM_LEN(all));
    for (size_t i = 0; i < SM_LEN(all); i++) {
        assert_int_equal(after[i].id, before[i].id);
        assert_int_equal(after[i].first_seen_ms, 7);
    }
    assert_true(sm_str_eq(after[0].finding.text, SM_STR("换了说法")));
}

static void the_same_found_twice_in_a_check_is_one_task(void **state)
{
    (void)state;
    sm_task *t;
    const sm_defect twice[] = { all[0], all[0] };
    save(twice, 2);
    assert_int_equal(open_tasks(&t), 1);
}

static void one_found_no_more_is_gone_unless_settled(void **state)
{
    (void)state;
    sm_task *t;
    save(all, SM_LEN(all));
    settle(SM_FINDING_EXPIRED);
    save(NULL, 0);
    assert_int_equal(open_tasks(&t), 0);
    assert_int_equal(list((sm_task_filter){ .kind = SM_N_FINDINGS, .settled = true }, &t), 1);
    assert_true(sm_str_eq(t->note, SM_STR("已改")));
    assert_true(sm_str_eq(t->settled_by, SM_STR("zhao")));
    assert_true(t->settled && t->settled_ms > 0);
}

static void a_settled_one_stays_settled_until_a_value_changes(void **state)
{
    (void)state;
    sm_defect f = all[1];
    sm_task *t;
    save(&f, 1);
    settle(SM_FINDING_CONFLICT);
    save(&f, 1);
    assert_int_equal(open_tasks(&t), 0);
    f.b_value = SM_STR("4000元");
    save(&f, 1);
    assert_int_equal(open_tasks(&t), 1);
    assert_true(sm_str_eq(t->finding.b_value, SM_STR("4000元")));
    assert_int_equal(list((sm_task_filter){ .kind = SM_N_FINDINGS, .settled = true }, &t), 1);
}

static void only_open_tasks_can_be_settled(void **state)
{
    (void)state;
    char *big = sm_alloc(op.arena, SM_TASK_NOTE_MAX + 2);
    memset(big, 'x', SM_TASK_NOTE_MAX + 1);
    save(all, SM_LEN(all));
    int64_t id = id_of(SM_FINDING_CONFLICT);
    assert_int_equal(sm_task_settle(&op, db, id, SM_STR("zhao"), sm_str_of(big)), SM_E_INVALID);
    sm_op_clear(&op);
    must(&op, sm_task_settle(&op, db, id, SM_STR("zhao"), (sm_str){ 0 }));
    assert_int_equal(sm_task_settle(&op, db, id, SM_STR("qian"), (sm_str){ 0 }), SM_E_CONFLICT);
    assert_true(sm_str_has(op.msg, SM_STR("zhao")));
    sm_op_clear(&op);
    assert_int_equal(sm_task_settle(&op, db, 999, SM_STR("zhao"), (sm_str){ 0 }), SM_E_NOTFOUND);
    sm_op_clear(&op);
}

static void an_answer_shows_open_conflicts_and_nothing_else(void **state)
{
    (void)state;
    sm_defect *f;
    size_t n;
    save(all, SM_LEN(all));
    must(&op, sm_conflict_of(&op, db, SM_STR("HJ-001"), &f, &n));
    assert_int_equal(n, 1);
    assert_int_equal(f->kind, SM_FINDING_ITEM_CONFLICT);
    must(&op, sm_conflict_of(&op, db, SM_STR("P03"), &f, &n));
    assert_int_equal(n, 2);
    settle(SM_FINDING_CONFLICT);
    must(&op, sm_conflict_of(&op, db, SM_STR("P03"), &f, &n));
    assert_int_equal(n, 1);
    must(&op, sm_conflict_of(&op, db, SM_STR("P02"), &f, &n));
    assert_int_equal(n, 0);
}

static void what_citizens_asked_is_not_kept_in_the_corpus(void **state)
{
    (void)state;
    sm_task *t;
    const sm_defect f = found(SM_FINDING_UNANSWERED, "无人机要报备吗", "", "");
    save(&f, 1);
    assert_int_equal(open_tasks(&t), 0);
}

static void the_last_check_is_on_record(void **state)
{
    (void)state;
    sm_date as_of;
    int64_t revision, now;
    must(&op, sm_check_last(&op, db, &as_of, &revision));
    assert_int_equal(as_of, SM_DATE_NONE);
    assert_int_equal(revision, 0);
    must(&op, sm_corpus_revision(&op, db, &now));
    save(all, SM_LEN(all));
    must(&op, sm_check_last(&op, db, &as_of, &revision));
    assert_int_equal(as_of, sm_date_of(2026, 11, 23));
    assert_int_equal(revision, now);
}

/* The whole way: import checks, a task is settled under the lock, the ledger tells by whom. */
static void settling_is_an_act_in_the_ledger(void **state)
{
    (void)state;
    sm_db *corpus, *record;
    sm_stmt *q;
    sm_task *t;
    size_t n;
    int64_t records;
    sm_sunmao *s = open_city(&op, fresh_dir(&op));
    import(&op, s, SM_KIND_POLICY, DEMO "/policies");
    must(&op, sm_sunmao_corpus_db(&op, s, &corpus));
    must(&op, sm_task_list(&op, corpus, &(sm_task_filter){ .kind = SM_N_FINDINGS }, &t, &n));
    assert_true(n > 0);
    must(&op, sm_sunmao_settle_task(&op, s, t->id, SM_STR("zhao"), SM_STR("已核实")));
    assert_int_equal(sm_sunmao_settle_task(&op, s, t->id, SM_STR("zhao"), (sm_str){ 0 }),
                     SM_E_CONFLICT);
    sm_op_clear(&op);
    must(&op, sm_sunmao_record_db(&op, s, &record));
    must(&op, sm_ledger_verify(&op, record, &records));
    assert_int_equal(records, 1);
    must(&op, sm_db_query(&op, record, &q, "SELECT top, act, reason FROM ledger", ""));
    must(&op, sm_stmt_step(&op, q));
    assert_true(sm_str_eq(sm_stmt_str(&op, q, 0), SM_STR("zhao")));
    assert_true(sm_str_eq(sm_stmt_str(&op, q, 1), SM_STR("task.settle")));
    assert_true(sm_str_eq(sm_stmt_str(&op, q, 2), sm_strf(op.arena, "%lld", (long long)t->id)));
    sm_stmt_reset(q);
    must(&op, sm_task_list(&op, corpus, &(sm_task_filter){ .kind = SM_N_FINDINGS, .settled = true },
                           &t, &n));
    assert_int_equal(n, 1);
    json_t *j = sm_task_json(t);
    assert_true(sm_str_eq(sm_json_str(j, "note"), SM_STR("已核实")));
    assert_true(json_is_true(json_object_get(j, "settled")));
    json_decref(j);
    remove_dir(sm_sunmao_data_dir(s));
    sm_sunmao_close(s);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(findings_of_every_kind_become_tasks),
        EACH(a_list_is_of_a_kind_of_a_document_and_of_so_many),
        EACH(one_found_again_keeps_its_row_and_its_day),
        EACH(the_same_found_twice_in_a_check_is_one_task),
        EACH(one_found_no_more_is_gone_unless_settled),
        EACH(a_settled_one_stays_settled_until_a_value_changes),
        EACH(only_open_tasks_can_be_settled),
        EACH(an_answer_shows_open_conflicts_and_nothing_else),
        EACH(what_citizens_asked_is_not_kept_in_the_corpus),
        EACH(the_last_check_is_on_record),
        EACH(settling_is_an_act_in_the_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
