#include "../fixture.h"

#include "server/reviews.h"

static sm_rc add_old(sm_op *op, sm_db *db, void *ctx)
{
    (void)ctx;
    return sm_db_run(op, db,
                     "INSERT INTO review_file(review, time_ms, bytes, paragraphs)"
                     " VALUES(?, ?, x'00', '[]')",
                     "ii", (int64_t)1, sm_wall_ms() - INT64_C(3) * 86400000);
}

static sm_rc add_review(sm_op *op, sm_db *db, void *ctx)
{
    sm_review_row row = { .findings = SM_STR("[]"), .silenced = ctx };
    return sm_reviews_add(op, db, &row, &(sm_review_file){ .paragraphs = SM_STR("[]") });
}

static int64_t count_files(sm_sunmao *s)
{
    sm_op own;
    sm_db *db;
    sm_stmt *q;
    sm_op_begin(&own);
    must(&own, sm_sunmao_record_db(&own, s, &db));
    must(&own, sm_db_query(&own, db, &q, "SELECT count(*) FROM review_file", ""));
    must(&own, sm_stmt_step(&own, q));
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    sm_op_end(&own);
    return n;
}

static sm_rc make_old(sm_op *op, sm_db *db, void *ctx)
{
    (void)ctx;
    return sm_db_run(op, db, "UPDATE review_file SET time_ms = 1", "");
}

static void old_files_go_where_nobody_comes_by(void **state)
{
    sm_op op;
    sm_recorder *recorder;
    sm_sweeper *sweeper;
    json_t *none = json_array();
    (void)state;
    sm_op_begin(&op);
    const char *dir = fresh_dir(&op);
    sm_sunmao *s = open_city(&op, dir);
    must(&op, sm_recorder_open(&op, s, &recorder));
    must(&op, sm_recorder_run(recorder, &op, add_review, none));
    must(&op, sm_recorder_run(recorder, &op, make_old, NULL));
    assert_int_equal(count_files(s), 1);
    must(&op, sm_sweeper_open(&op, recorder, 2, 20, &sweeper));
    assert_int_equal(count_files(s), 0); /* at once */

    must(&op, sm_recorder_run(recorder, &op, add_old, NULL));
    for (int i = 0; i < 500 && count_files(s); i++)
        usleep(20000);
    assert_int_equal(count_files(s), 0); /* and by itself */
    must(&op, sm_recorder_run(recorder, &op, add_review, none));
    usleep(100000);
    assert_int_equal(count_files(s), 1); /* a new one stays */

    sm_sweeper_close(sweeper);
    sm_recorder_close(recorder);
    sm_sunmao_close(s);
    json_decref(none);
    remove_dir(dir);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_files_go_where_nobody_comes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
