#include "../fixture.h"

#include <sqlite3.h>

#include "store/store.h"

static sm_op op;
static const char *dir;
static sm_db *db;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
    must(&op, sm_db_exec(&op, db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB)"));
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

static int64_t count(sm_db *of, const char *sql)
{
    sm_stmt *q;
    must(&op, sm_db_query(&op, of, &q, sql, ""));
    must(&op, sm_stmt_step(&op, q));
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return n;
}

static void what_was_bound_comes_back(void **state)
{
    (void)state;
    sm_stmt *q;
    must(&op, sm_db_run(&op, db, "INSERT INTO t VALUES(?, ?, ?, ?)", "isdb", (int64_t)7,
                        SM_STR("办事"), 1.5, ((sm_str){ "a\0b", 3 })));
    assert_int_equal(sm_db_last_id(db), 7);
    assert_int_equal(sm_db_changes(db), 1);
    must(&op, sm_db_query(&op, db, &q, "SELECT b, c, d, a FROM t WHERE a = ?", "i", (int64_t)7));
    must(&op, sm_stmt_step(&op, q));
    assert_true(sm_str_eq(sm_stmt_str(&op, q, 0), SM_STR("办事")));
    assert_true(sm_stmt_double(q, 1) > 1.4 && sm_stmt_double(q, 1) < 1.6);
    assert_int_equal(sm_stmt_str(&op, q, 2).n, 3);
    assert_int_equal(sm_stmt_int(q, 3), 7);
    assert_int_equal(sm_stmt_step(&op, q), SM_E_NOTFOUND);
    assert_int_equal(op.rc, SM_OK);
}

static void an_empty_text_binds_as_text_or_as_null(void **state)
{
    (void)state;
    const sm_str none = { 0 };
    must(&op, sm_db_run(&op, db, "INSERT INTO t(b) VALUES(?)", "s", none));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(b) VALUES(?)", "n", none));
    assert_int_equal(count(db, "SELECT count(*) FROM t WHERE b = ''"), 1);
    assert_int_equal(count(db, "SELECT count(*) FROM t WHERE b IS NULL"), 1);
}

static void one_text_may_be_walked_twice_at_once(void **state)
{
    (void)state;
    static const char sql[] = "SELECT a FROM t ORDER BY a";
    sm_stmt *outer, *inner;
    int n = 0;
    must(&op, sm_db_exec(&op, db, "INSERT INTO t(a) VALUES(1), (2), (3)"));
    must(&op, sm_db_query(&op, db, &outer, sql, ""));
    while (sm_stmt_step(&op, outer) == SM_OK) {
        must(&op, sm_db_query(&op, db, &inner, sql, ""));
        while (sm_stmt_step(&op, inner) == SM_OK)
            n++;
    }
    assert_int_equal(n, 9);
}

static void a_wrong_query_fails_and_the_next_one_works(void **state)
{
    (void)state;
    sm_stmt *q;
    assert_int_equal(sm_db_query(&op, db, &q, "SELECT nothing FROM nowhere", ""), SM_E_INTERNAL);
    sm_op_clear(&op);
    assert_int_equal(sm_db_query(&op, db, &q, "SELECT a FROM t WHERE a = ?", ""), SM_E_INTERNAL);
    sm_op_clear(&op);
    assert_int_equal(count(db, "SELECT count(*) FROM t"), 0);
}

static void what_is_not_committed_is_gone_when_the_database_closes(void **state)
{
    (void)state;
    must(&op, sm_db_begin(&op, db));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(a) VALUES(1)", ""));
    sm_db_close(db);
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_WRITE, &db));
    assert_int_equal(count(db, "SELECT count(*) FROM t"), 0);
}

static void a_second_begin_fails_and_leaves_the_first_to_roll_back(void **state)
{
    (void)state;
    must(&op, sm_db_begin(&op, db));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(a) VALUES(1)", ""));
    assert_int_equal(sm_db_begin(&op, db), SM_E_INTERNAL);
    sm_op_clear(&op);
    sm_db_rollback(db);
    assert_int_equal(count(db, "SELECT count(*) FROM t"), 0);
}

static void a_reader_goes_on_while_a_writer_writes(void **state)
{
    (void)state;
    sm_db *reader;
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_READ, &reader));
    must(&op, sm_db_begin(&op, db));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(a) VALUES(1)", ""));
    assert_int_equal(count(reader, "SELECT count(*) FROM t"), 0);
    must(&op, sm_db_commit(&op, db));
    assert_int_equal(count(reader, "SELECT count(*) FROM t"), 1);
    sm_db_close(reader);
}

static void a_setting_is_empty_until_it_is_set(void **state)
{
    (void)state;
    sm_str v;
    must(&op, sm_db_setting(&op, db, "x", &v));
    assert_int_equal(v.n, 0);
    must(&op, sm_db_set(&op, db, "x", SM_STR("1")));
    must(&op, sm_db_set(&op, db, "x", SM_STR("2")));
    must(&op, sm_db_setting(&op, db, "x", &v));
    assert_true(sm_str_eq(v, SM_STR("2")));
}

static void a_missing_database_is_not_made_by_reading_or_writing(void **state)
{
    (void)state;
    sm_db *none;
    assert_int_equal(sm_db_open(&op, dir, SM_DB_RECORD, SM_DB_READ, &none), SM_E_NOTFOUND);
    sm_op_clear(&op);
    assert_int_equal(sm_db_open(&op, dir, SM_DB_RECORD, SM_DB_WRITE, &none), SM_E_NOTFOUND);
    sm_op_clear(&op);
    assert_false(sm_file_exists(sm_path(op.arena, dir, "record.db")));
}

static void a_database_is_for_its_owner_and_group_only(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(stat(sm_path(op.arena, dir, "corpus.db"), &st), 0);
    assert_int_equal(st.st_mode & 07, 0);
}

static void raw(const char *path, const char *sql)
{
    sqlite3 *c;
    assert_int_equal(sqlite3_open(path, &c), SQLITE_OK);
    assert_int_equal(sqlite3_exec(c, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(c);
}

static void refused_untouched(const char *path)
{
    sm_db *none;
    sm_str before, after;
    must(&op, sm_file_read(&op, path, 1 << 20, &before));
    assert_int_equal(sm_db_open(&op, dir, SM_DB_RECORD, SM_DB_CREATE, &none), SM_E_CORRUPT);
    sm_op_clear(&op);
    must(&op, sm_file_read(&op, path, 1 << 20, &after));
    assert_true(sm_str_eq(before, after));
}

static void a_file_that_is_not_ours_is_refused_and_stays_as_it_is(void **state)
{
    (void)state;
    const char *path = sm_path(op.arena, dir, "record.db");
    raw(path, "CREATE TABLE somebody_elses(x)");
    refused_untouched(path);
    unlink(path);
    must(&op, sm_file_write(
                  &op, path,
                  SM_STR("this is a text and no database at all, however long it may be ....")));
    refused_untouched(path);
}

static void a_database_of_a_newer_program_is_refused(void **state)
{
    (void)state;
    sm_db *none;
    sm_db_close(db);
    db = NULL;
    raw(sm_path(op.arena, dir, "corpus.db"), "PRAGMA user_version = 99");
    assert_int_equal(sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_WRITE, &none), SM_E_CORRUPT);
    sm_op_clear(&op);
}

static void a_backup_holds_what_was_committed(void **state)
{
    (void)state;
    sm_db *copy;
    const char *to = sm_path(op.arena, dir, "copy");
    must(&op, sm_dir_make(&op, to));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(a) VALUES(5)", ""));
    must(&op, sm_db_backup(&op, db, sm_path(op.arena, to, "corpus.db")));
    must(&op, sm_db_run(&op, db, "INSERT INTO t(a) VALUES(6)", ""));
    must(&op, sm_db_open(&op, to, SM_DB_CORPUS, SM_DB_READ, &copy));
    assert_int_equal(count(copy, "SELECT count(*) FROM t"), 1);
    must(&op, sm_db_check(&op, copy));
    sm_db_close(copy);
}

static void a_backup_that_fails_leaves_the_one_before(void **state)
{
    (void)state;
    sm_str before, after;
    const char *path = sm_path(op.arena, dir, "copy.db");
    must(&op, sm_db_backup(&op, db, path));
    must(&op, sm_file_read(&op, path, 1 << 24, &before));
    atomic_bool stop = true;
    op.cancel = &stop;
    for (int i = 0; i < 3000; i++) /* more than one step's pages */
        sm_db_exec(&op, db, "INSERT INTO t(d) VALUES(randomblob(4000))");
    assert_int_equal(sm_db_backup(&op, db, path), SM_E_CANCELLED);
    op.cancel = NULL;
    sm_op_clear(&op);
    must(&op, sm_file_read(&op, path, 1 << 24, &after));
    assert_true(sm_str_eq(before, after));
}

static void a_lent_handle_comes_back_at_rest_and_is_lent_again(void **state)
{
    (void)state;
    sm_db_pool *pool = sm_db_pool_open(dir, SM_DB_CORPUS, SM_DB_WRITE);
    sm_op one;
    sm_db *first, *second, *other;
    sm_stmt *q;
    must(&op, sm_db_exec(&op, db, "INSERT INTO t(a) VALUES(1), (2)"));
    sm_op_begin(&one);
    must(&one, sm_db_pool_lend(&one, pool, &first));
    must(&one, sm_db_begin(&one, first));
    must(&one, sm_db_run(&one, first, "DELETE FROM t", ""));
    sm_op_end(&one);
    sm_op_begin(&one);
    must(&one, sm_db_pool_lend(&one, pool, &second));
    must(&one, sm_db_pool_lend(&one, pool, &other));
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(other, second);
    must(&one, sm_db_query(&one, other, &q, "SELECT a FROM t ORDER BY a", ""));
    must(&one, sm_stmt_step(&one, q)); /* left in the middle */
    assert_int_equal(sm_stmt_int(q, 0), 1);
    sm_db_pool_close(pool); /* what is lent goes on */
    must(&one, sm_db_run(&one, second, "INSERT INTO t(a) VALUES(3)", ""));
    sm_op_end(&one);
    must(&op, sm_db_exec(&op, db, "DROP TABLE t")); /* nobody reads it any more */
}

static void damage_is_found(void **state)
{
    (void)state;
    const char *path = sm_path(op.arena, dir, "corpus.db");
    sm_db_close(db);
    db = NULL;
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, 4096, SEEK_SET);
    for (int i = 0; i < 8192; i++)
        fputc(0xee, f);
    fclose(f);
    sm_rc rc = sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_READ, &db);
    if (rc == SM_OK)
        rc = sm_db_check(&op, db);
    assert_int_equal(rc, SM_E_CORRUPT);
    sm_op_clear(&op);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_bound_comes_back),
        EACH(an_empty_text_binds_as_text_or_as_null),
        EACH(one_text_may_be_walked_twice_at_once),
        EACH(a_wrong_query_fails_and_the_next_one_works),
        EACH(what_is_not_committed_is_gone_when_the_database_closes),
        EACH(a_second_begin_fails_and_leaves_the_first_to_roll_back),
        EACH(a_reader_goes_on_while_a_writer_writes),
        EACH(a_setting_is_empty_until_it_is_set),
        EACH(a_lent_handle_comes_back_at_rest_and_is_lent_again),
        EACH(a_missing_database_is_not_made_by_reading_or_writing),
        EACH(a_database_is_for_its_owner_and_group_only),
        EACH(a_file_that_is_not_ours_is_refused_and_stays_as_it_is),
        EACH(a_database_of_a_newer_program_is_refused),
        EACH(a_backup_holds_what_was_committed),
        EACH(a_backup_that_fails_leaves_the_one_before),
        EACH(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
