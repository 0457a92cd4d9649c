#include "../fixture.h"

#include <pthread.h>

#include "access/access.h"

#define BY    SM_STR("root")
#define GOOD  SM_STR("Yun-Lan-2026")
#define OTHER SM_STR("Another#Word9")
#define NONE  ((sm_str){ 0 })

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

/* A failure that is wanted; its message may be looked at before the next call. */
#define fails(call, code)                 \
    do {                                  \
        sm_op_clear(&op);                 \
        assert_int_equal((call), (code)); \
        assert_int_equal(op.rc, (code));  \
        last = sm_cstr(op.arena, op.msg); \
        sm_op_clear(&op);                 \
    } while (0)
static const char *last;

static int64_t add(const char *name, sm_role role)
{
    sm_user u = { .name = sm_str_of(name), .role = role };
    must(&op, sm_user_add_with(&op, db, BY, &u, GOOD));
    return u.id;
}

static sm_user *get(int64_t id)
{
    sm_user *u;
    must(&op, sm_user_get(&op, db, id, &u));
    return u;
}

static sm_login *enter(const char *name, sm_str password)
{
    sm_login *l;
    must(&op, sm_login_open(&op, db, sm_str_of(name), password, &l));
    return l;
}

static void guess_wrong(const char *name, int times)
{
    sm_login *l;
    for (int i = 0; i < times; i++)
        fails(sm_login_open(&op, db, sm_str_of(name), SM_STR("wrong"), &l), SM_E_DENIED);
}

static void run(const char *sql, int64_t value)
{
    must(&op, sm_db_run(&op, db, sql, "i", value));
}

static int64_t count(const char *sql)
{
    sm_stmt *q;
    must(&op, sm_db_query(&op, db, &q, sql, ""));
    must(&op, sm_stmt_step(&op, q));
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return n;
}

/* The acts from the first on, as "who act what" lines. */
static const char *acts(void)
{
    sm_ledger_record *r;
    size_t n;
    sm_str text = { 0 };
    must(&op, sm_ledger_records(
                  &op, db, &(sm_ledger_filter){ .kind = SM_STR("act"), .limit = 1000 }, &r, &n));
    while (n--)
        text = sm_strf(op.arena, "%.*s%.*s %.*s %.*s\n", SM_ARG(text), SM_ARG(r[n].top),
                       SM_ARG(r[n].act), SM_ARG(r[n].reason));
    return sm_cstr(op.arena, text);
}

static bool files_hold(sm_str what)
{
    static const char *const files[] = { "record.db", "record.db-wal", "record.db-shm" };
    for (size_t i = 0; i < SM_LEN(files); i++) {
        sm_str data;
        if (sm_file_read(&op, sm_path(op.arena, dir, files[i]), 1 << 26, &data) == SM_OK &&
            sm_str_has(data, what))
            return true;
        sm_op_clear(&op);
    }
    return false;
}

/* -------------------------------------------------------------- accounts */

static void what_was_added_is_listed_and_found(void **state)
{
    (void)state;
    sm_user *user, u = { .name = SM_STR("wang"),
                         .display = SM_STR("王芳"),
                         .role = SM_ROLE_OPERATOR,
                         .department = SM_STR("市医保局") };
    size_t n;
    must(&op, sm_user_add_with(&op, db, BY, &u, GOOD));
    assert_true(u.id > 0 && !u.must_change && !u.disabled);
    add("li", SM_ROLE_AUDITOR);
    must(&op, sm_user_list(&op, db, &user, &n));
    assert_int_equal(n, 2);
    assert_string_equal(sm_cstr(op.arena, user[0].name), "li");
    assert_string_equal(sm_cstr(op.arena, user[0].display), "li");
    assert_string_equal(sm_cstr(op.arena, user[1].display), "王芳");
    assert_string_equal(sm_cstr(op.arena, user[1].department), "市医保局");
    must(&op, sm_user_named(&op, db, SM_STR("wang"), &user));
    assert_true(user->id == u.id && user->role == SM_ROLE_OPERATOR && user->locked_until == 0);
    fails(sm_user_named(&op, db, SM_STR("zhao"), &user), SM_E_NOTFOUND);
    fails(sm_user_get(&op, db, 99, &user), SM_E_NOTFOUND);
}

static void a_name_a_role_and_lengths_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = { "",    "a",   "Wang", "王芳",
                                       "a b", "cli", "a/b",  "abcdefghijklmnopqrstuvwxyz0123456" };
    sm_str password = { 0 };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_user u = { .name = sm_str_of(bad[i]), .role = SM_ROLE_KEEPER };
        fails(sm_user_add(&op, db, BY, &u, &password), SM_E_INVALID);
        fails(sm_user_add_with(&op, db, BY, &u, GOOD), SM_E_INVALID);
    }
    char *text = sm_alloc(op.arena, 92);
    memset(text, 'x', 91);
    const sm_user wrong[] = {
        { .name = SM_STR("wang"), .role = SM_ROLE_PUBLIC },
        { .name = SM_STR("wang"), .role = SM_N_ROLES },
        { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER, .display = { text, 61 } },
        { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER, .department = { text, 91 } },
        { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER, .display = SM_STR("a\nb") },
        { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER, .display = SM_STR("\xff") },
    };
    for (size_t i = 0; i < SM_LEN(wrong); i++) {
        sm_user u = wrong[i];
        fails(sm_user_add(&op, db, BY, &u, &password), SM_E_INVALID);
        assert_int_equal(u.id, 0);
    }
    assert_int_equal(password.n, 0);
    assert_int_equal(count("SELECT count(*) FROM user"), 0);
    assert_int_equal(count("SELECT count(*) FROM ledger"), 0);
}

static void a_name_is_taken_once(void **state)
{
    (void)state;
    sm_str password;
    add("wang", SM_ROLE_KEEPER);
    sm_user u = { .name = SM_STR("wang"), .role = SM_ROLE_AUDITOR };
    fails(sm_user_add(&op, db, BY, &u, &password), SM_E_CONFLICT);
    assert_int_equal(count("SELECT count(*) FROM user"), 1);
    assert_string_equal(acts(), "root user.add wang:keeper\n");
}

static void role_names_go_there_and_back(void **state)
{
    (void)state;
    sm_role role;
    for (int i = SM_ROLE_KEEPER; i < SM_N_ROLES; i++) {
        assert_true(sm_role_parse(sm_str_of(sm_role_name((sm_role)i)), &role));
        assert_int_equal(role, i);
    }
    assert_false(sm_role_parse(SM_STR("public"), &role));
    assert_false(sm_role_parse(NONE, &role));
    assert_string_equal(sm_role_text(SM_ROLE_OPERATOR), "坐席");
}

static void a_change_takes_and_is_recorded_by_what_changed(void **state)
{
    (void)state;
    sm_user u = *get(add("wang", SM_ROLE_KEEPER));
    must(&op, sm_user_change(&op, db, BY, &u)); /* nothing changed */
    u.display = SM_STR("王芳");
    must(&op, sm_user_change(&op, db, BY, &u));
    u.role = SM_ROLE_OPERATOR;
    must(&op, sm_user_change(&op, db, BY, &u));
    u.disabled = true;
    must(&op, sm_user_change(&op, db, BY, &u));
    assert_true(get(u.id)->disabled && get(u.id)->role == SM_ROLE_OPERATOR);
    assert_string_equal(sm_cstr(op.arena, get(u.id)->display), "王芳");
    u.disabled = false;
    must(&op, sm_user_change(&op, db, BY, &u));
    assert_string_equal(acts(), "root user.add wang:keeper\nroot user.change wang\n"
                                "root user.role wang:operator\nroot user.disable wang\n"
                                "root user.enable wang\n");
    u.role = SM_ROLE_PUBLIC;
    fails(sm_user_change(&op, db, BY, &u), SM_E_INVALID);
    u.id = 99;
    u.role = SM_ROLE_KEEPER;
    fails(sm_user_change(&op, db, BY, &u), SM_E_NOTFOUND);
}

static void a_new_role_or_a_disabling_ends_the_logins_another_name_does_not(void **state)
{
    (void)state;
    sm_login *l, *other;
    sm_user u = *get(add("wang", SM_ROLE_KEEPER));
    add("li", SM_ROLE_KEEPER);
    other = enter("li", GOOD);
    l = enter("wang", GOOD);
    u.display = SM_STR("王芳");
    must(&op, sm_user_change(&op, db, BY, &u));
    must(&op, sm_login_find(&op, db, l->token, &l));
    u.role = SM_ROLE_OPERATOR;
    must(&op, sm_user_change(&op, db, BY, &u));
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    l = enter("wang", GOOD);
    u.disabled = true;
    must(&op, sm_user_change(&op, db, BY, &u));
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    must(&op, sm_login_find(&op, db, other->token, &l));
}

static void the_last_administrator_stays(void **state)
{
    (void)state;
    sm_user keeper = *get(add("wang", SM_ROLE_KEEPER));
    keeper.role = SM_ROLE_OPERATOR; /* with no administrator at all, others may still change */
    must(&op, sm_user_change(&op, db, BY, &keeper));
    sm_user first = *get(add("admin1", SM_ROLE_ADMINISTRATOR));
    sm_user second = *get(add("admin2", SM_ROLE_ADMINISTRATOR));
    sm_login *l = enter("admin2", GOOD);
    first.disabled = true;
    must(&op, sm_user_change(&op, db, BY, &first));
    sm_user down = second;
    down.role = SM_ROLE_AUDITOR;
    fails(sm_user_change(&op, db, BY, &down), SM_E_CONFLICT);
    second.disabled = true;
    fails(sm_user_change(&op, db, BY, &second), SM_E_CONFLICT);
    assert_false(get(second.id)->disabled);
    must(&op, sm_login_find(&op, db, l->token, &l)); /* what was refused ended nothing */
    first.disabled = false;
    must(&op, sm_user_change(&op, db, BY, &first));
    must(&op, sm_user_change(&op, db, BY, &second));
}

/* ------------------------------------------------------------- passwords */

static void a_given_password_opens_and_must_be_changed(void **state)
{
    (void)state;
    sm_user u = { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER };
    sm_str password;
    must(&op, sm_user_add(&op, db, BY, &u, &password));
    assert_true(u.must_change && password.n == 16);
    for (size_t i = 0; i < password.n; i++)
        assert_null(strchr("0O1lIioL", password.p[i]));
    sm_login *l = enter("wang", password);
    assert_true(l->user.must_change);
    must(&op, sm_user_set_password(&op, db, u.id, password, OTHER, l->token));
    must(&op, sm_login_find(&op, db, l->token, &l));
    assert_false(l->user.must_change);
    enter("wang", OTHER);
    fails(sm_login_open(&op, db, SM_STR("wang"), password, &l), SM_E_DENIED);
}

static void given_passwords_differ_and_never_hold_the_name(void **state)
{
    (void)state;
    sm_str one, two;
    sm_user u = { .name = SM_STR("a2"), .role = SM_ROLE_KEEPER };
    must(&op, sm_user_add(&op, db, BY, &u, &one));
    for (int i = 0; i < 20; i++) {
        must(&op, sm_user_reset(&op, db, BY, u.id, &two));
        assert_false(sm_str_eq(one, two));
        assert_false(sm_str_has(two, SM_STR("a2")) || sm_str_has(two, SM_STR("A2")));
        one = two;
    }
}

static void a_new_password_is_held_against_the_rule(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool fine;
    } cases[] = {
        { "Aa1-Aa1-A", false },             /* nine */
        { "Aa1-Aa1-Aa", true },             /* ten */
        { "abcdefgh12", false },            /* two classes */
        { "abcdefgh1234567", false },       /* fifteen of two */
        { "abcdefgh12345678", true },       /* sixteen need no mixture */
        { "云澜市办事大厅的门牌A1", true }, /* characters, not bytes, and they are a class */
        { "云澜市A1大厅", false },          /* eight of them */
        { "xx-WANG-2026x", false },         /* the name */
        { "Aa1-Aa1-Aa\n", false },
        { "Aa1-Aa1-Aa\xff", false },
    };
    int64_t id = add("wang", SM_ROLE_KEEPER);
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_str p = sm_str_of(cases[i].password);
        sm_user u = { .name = sm_strf(op.arena, "wang%zu", i), .role = SM_ROLE_KEEPER };
        if (cases[i].fine) {
            must(&op, sm_user_add_with(&op, db, BY, &u, p));
            continue;
        }
        fails(sm_user_set_password(&op, db, id, GOOD, p, NONE), SM_E_INVALID);
        if (i != 7) /* the name there is another one */
            fails(sm_user_add_with(&op, db, BY, &u, p), SM_E_INVALID);
    }
    char *longest = sm_alloc(op.arena, 202);
    memset(longest, 'x', 201);
    fails(sm_user_set_password(&op, db, id, GOOD, (sm_str){ longest, 201 }, NONE), SM_E_INVALID);
    fails(sm_user_set_password(&op, db, id, GOOD, GOOD, NONE), SM_E_INVALID);
    must(&op, sm_user_set_password(&op, db, id, GOOD, (sm_str){ longest, 200 }, NONE));
    enter("wang", (sm_str){ longest, 200 });
    sm_login *l;
    fails(sm_login_open(&op, db, SM_STR("wang"), (sm_str){ longest, 201 }, &l), SM_E_DENIED);
}

static void ones_own_change_ends_the_other_logins(void **state)
{
    (void)state;
    int64_t id = add("wang", SM_ROLE_KEEPER);
    sm_login *l, *here = enter("wang", GOOD), *there = enter("wang", GOOD);
    must(&op, sm_user_set_password(&op, db, id, GOOD, OTHER, here->token));
    must(&op, sm_login_find(&op, db, here->token, &l));
    fails(sm_login_find(&op, db, there->token, &l), SM_E_DENIED);
    must(&op, sm_user_set_password(&op, db, id, OTHER, GOOD, NONE));
    fails(sm_login_find(&op, db, here->token, &l), SM_E_DENIED);
    assert_non_null(strstr(acts(), "wang user.password wang\n"));
}

static void a_wrong_old_password_counts_as_a_failed_login(void **state)
{
    (void)state;
    int64_t id = add("wang", SM_ROLE_KEEPER);
    sm_login *l;
    guess_wrong("wang", 3);
    fails(sm_user_set_password(&op, db, id, SM_STR("wrong"), OTHER, NONE), SM_E_DENIED);
    fails(sm_user_set_password(&op, db, id, SM_STR("wrong"), OTHER, NONE), SM_E_DENIED);
    fails(sm_user_set_password(&op, db, id, GOOD, OTHER, NONE), SM_E_LIMIT);
    fails(sm_login_open(&op, db, SM_STR("wang"), GOOD, &l), SM_E_LIMIT);
}

static void a_reset_gives_a_password_unlocks_and_ends_the_logins(void **state)
{
    (void)state;
    int64_t id = add("admin", SM_ROLE_ADMINISTRATOR); /* the last one, who forgot */
    sm_login *l = enter("admin", GOOD);
    sm_str password;
    guess_wrong("admin", SM_LOGIN_FAILURES);
    assert_true(get(id)->locked_until > sm_wall_ms());
    must(&op, sm_user_reset(&op, db, BY, id, &password));
    assert_true(get(id)->locked_until == 0 && get(id)->must_change && !get(id)->disabled);
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    fails(sm_login_open(&op, db, SM_STR("admin"), GOOD, &l), SM_E_DENIED);
    enter("admin", password);
    fails(sm_user_reset(&op, db, BY, 99, &password), SM_E_NOTFOUND);
    assert_non_null(strstr(acts(), "root user.reset admin\n"));
}

static void no_password_and_no_token_is_in_the_files(void **state)
{
    (void)state;
    static const char wrong[] = "Typed-In-The-Name-Field-7";
    sm_user u = { .name = SM_STR("wang"), .role = SM_ROLE_KEEPER };
    sm_str first, second;
    sm_login *l, *none;
    must(&op, sm_user_add(&op, db, BY, &u, &first));
    l = enter("wang", first);
    must(&op, sm_user_set_password(&op, db, u.id, first, OTHER, l->token));
    must(&op, sm_user_reset(&op, db, BY, u.id, &second));
    add("li", SM_ROLE_KEEPER);
    l = enter("li", GOOD);
    fails(sm_login_open(&op, db, sm_str_of(wrong), GOOD, &none), SM_E_DENIED);
    fails(sm_login_open(&op, db, SM_STR("li"), sm_str_of(wrong), &none), SM_E_DENIED);
    assert_true(files_hold(SM_STR("wang")) && files_hold(l->csrf)); /* they are looked into */
    const sm_str secret[] = { first, second, GOOD, OTHER, l->token, sm_str_of(wrong) };
    for (size_t i = 0; i < SM_LEN(secret); i++)
        assert_false(files_hold(secret[i]));
    assert_int_equal(count("SELECT count(*) FROM user WHERE hash NOT LIKE"
                           " '$argon2id$v=19$m=19456,t=2,p=1$%'"),
                     0);
}

/* ---------------------------------------------------------------- logins */

static void a_token_finds_its_person_until_it_is_closed(void **state)
{
    (void)state;
    add("wang", SM_ROLE_OPERATOR);
    sm_login *found, *l = enter("wang", GOOD), *second = enter("wang", GOOD);
    assert_true(l->token.n == SM_LOGIN_TOKEN_CHARS && l->csrf.n == SM_LOGIN_TOKEN_CHARS);
    assert_false(sm_str_eq(l->token, l->csrf) || sm_str_eq(l->token, second->token));
    must(&op, sm_login_find(&op, db, l->token, &found));
    assert_true(sm_str_eq(found->user.name, SM_STR("wang")));
    assert_int_equal(found->user.role, SM_ROLE_OPERATOR);
    assert_true(sm_str_eq(found->csrf, l->csrf) && sm_str_eq(found->token, l->token));
    must(&op, sm_login_close(&op, db, l->token));
    fails(sm_login_find(&op, db, l->token, &found), SM_E_DENIED);
    must(&op, sm_login_find(&op, db, second->token, &found));
    must(&op, sm_login_close(&op, db, l->token)); /* once more: nothing to do */
    assert_string_equal(acts(), "root user.add wang:operator\nwang login.ok \nwang login.ok \n"
                                "wang login.close \n");
    assert_int_equal(op.rc, SM_OK);
}

static void an_unknown_token_is_nobodys(void **state)
{
    (void)state;
    sm_login *l;
    sm_str random;
    must(&op, sm_random_text(&op, 32, &random));
    fails(sm_login_find(&op, db, random, &l), SM_E_DENIED);
    fails(sm_login_find(&op, db, NONE, &l), SM_E_DENIED);
    fails(sm_login_find(&op, db, SM_STR("short"), &l), SM_E_DENIED);
}

static void an_unused_login_is_over_after_the_idle_time_and_gone(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    sm_login *l = enter("wang", GOOD);
    run("UPDATE login SET used = ?", sm_wall_ms() - SM_LOGIN_IDLE_MS + 5000);
    must(&op, sm_login_find(&op, db, l->token, &l));
    run("UPDATE login SET used = ?", sm_wall_ms() - SM_LOGIN_IDLE_MS);
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    assert_int_equal(count("SELECT count(*) FROM login"), 0);
}

static void use_is_noted_once_a_minute_and_keeps_a_login(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    sm_login *l = enter("wang", GOOD);
    int64_t then = sm_wall_ms() - 30 * 1000;
    run("UPDATE login SET used = ?", then);
    must(&op, sm_login_find(&op, db, l->token, &l));
    assert_int_equal(count("SELECT used FROM login"), then);
    then = sm_wall_ms() - 61 * 1000;
    run("UPDATE login SET used = ?", then);
    must(&op, sm_login_find(&op, db, l->token, &l));
    assert_true(count("SELECT used FROM login") >= then + 61 * 1000);
}

static void a_login_is_over_after_its_whole_time_however_much_it_is_used(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    sm_login *l = enter("wang", GOOD);
    run("UPDATE login SET created = ?", sm_wall_ms() - SM_LOGIN_MAX_MS + 5000);
    must(&op, sm_login_find(&op, db, l->token, &l));
    run("UPDATE login SET created = ?", sm_wall_ms() - SM_LOGIN_MAX_MS);
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    assert_int_equal(count("SELECT count(*) FROM login"), 0);
}

static void a_new_login_sweeps_those_that_are_over(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    enter("wang", GOOD);
    run("UPDATE login SET used = ?", sm_wall_ms() - SM_LOGIN_IDLE_MS - 1);
    enter("wang", GOOD);
    run("UPDATE login SET created = ?", sm_wall_ms() - SM_LOGIN_MAX_MS - 1);
    enter("wang", GOOD);
    assert_int_equal(count("SELECT count(*) FROM login"), 1);
}

static void a_disabled_person_gets_the_answer_of_a_wrong_password(void **state)
{
    (void)state;
    sm_user u = *get(add("wang", SM_ROLE_KEEPER));
    sm_login *l = enter("wang", GOOD);
    run("UPDATE user SET disabled = ?", 1); /* behind the back of sm_user_change */
    fails(sm_login_find(&op, db, l->token, &l), SM_E_DENIED);
    fails(sm_login_open(&op, db, u.name, GOOD, &l), SM_E_DENIED);
    const char *disabled = last;
    fails(sm_login_open(&op, db, u.name, SM_STR("wrong"), &l), SM_E_DENIED);
    assert_string_equal(last, disabled);
    fails(sm_user_set_password(&op, db, u.id, GOOD, OTHER, NONE), SM_E_DENIED);
}

static void an_unknown_name_gets_the_same_answer_and_is_not_kept(void **state)
{
    (void)state;
    sm_login *l;
    add("wang", SM_ROLE_KEEPER);
    guess_wrong("wang", 1);
    const char *known = last;
    guess_wrong("nobody-here", 1);
    assert_string_equal(last, known);
    fails(sm_login_open(&op, db, NONE, NONE, &l), SM_E_DENIED);
    assert_string_equal(acts(), "root user.add wang:keeper\nwang login.failed \n login.failed \n"
                                " login.failed \n");
    assert_false(files_hold(SM_STR("nobody-here")));
}

static void five_wrong_passwords_lock_even_for_the_right_one(void **state)
{
    (void)state;
    sm_login *l;
    int64_t id = add("wang", SM_ROLE_KEEPER);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    int64_t until = get(id)->locked_until;
    assert_true(until > sm_wall_ms() && until <= sm_wall_ms() + SM_LOGIN_LOCK_MS);
    fails(sm_login_open(&op, db, SM_STR("wang"), GOOD, &l), SM_E_LIMIT);
    assert_non_null(strstr(last, "15 分钟"));
    assert_string_equal(
        acts(), "root user.add wang:keeper\nwang login.failed \nwang login.failed \n"
                "wang login.failed \nwang login.failed \nwang login.failed \nwang login.locked \n");
    run("UPDATE user SET locked_until = ?", sm_wall_ms() + 61 * 1000);
    fails(sm_login_open(&op, db, SM_STR("wang"), GOOD, &l), SM_E_LIMIT);
    assert_non_null(strstr(last, " 2 分钟"));
}

static void failures_while_locked_do_not_make_it_longer(void **state)
{
    (void)state;
    sm_login *l;
    int64_t id = add("wang", SM_ROLE_KEEPER);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    run("UPDATE user SET locked_until = ?", sm_wall_ms() + 60 * 1000);
    int64_t until = get(id)->locked_until, records = count("SELECT count(*) FROM ledger");
    for (int i = 0; i < 6; i++)
        fails(sm_login_open(&op, db, SM_STR("wang"), SM_STR("wrong"), &l), SM_E_LIMIT);
    assert_int_equal(get(id)->locked_until, until);
    assert_int_equal(count("SELECT count(*) FROM ledger"), records);
}

static void a_lock_ends_and_five_more_are_free(void **state)
{
    (void)state;
    sm_login *l;
    int64_t id = add("wang", SM_ROLE_KEEPER);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    run("UPDATE user SET locked_until = ?", sm_wall_ms() - 1);
    assert_int_equal(get(id)->locked_until, 0);
    guess_wrong("wang", SM_LOGIN_FAILURES - 1);
    enter("wang", GOOD);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    fails(sm_login_open(&op, db, SM_STR("wang"), GOOD, &l), SM_E_LIMIT);
}

static void a_success_starts_the_count_anew(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    for (int i = 0; i < 3; i++) {
        guess_wrong("wang", SM_LOGIN_FAILURES - 1);
        enter("wang", GOOD);
    }
}

static void a_lock_leaves_open_logins_and_other_people_alone(void **state)
{
    (void)state;
    add("wang", SM_ROLE_KEEPER);
    add("li", SM_ROLE_KEEPER);
    sm_login *l = enter("wang", GOOD);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    must(&op, sm_login_find(&op, db, l->token, &l));
    enter("li", GOOD);
}

enum { GUESSERS = 8 };

static void *guess(void *out)
{
    sm_op mine;
    sm_db *own = NULL;
    sm_login *l;
    sm_rc *rc = out;
    sm_op_begin(&mine);
    *rc = sm_db_open(&mine, dir, SM_DB_RECORD, SM_DB_WRITE, &own);
    if (*rc == SM_OK)
        *rc = sm_login_open(&mine, own, SM_STR("wang"), SM_STR("wrong"), &l);
    sm_db_close(own);
    sm_op_end(&mine);
    return NULL;
}

static void guessing_at_once_gives_no_more_guesses(void **state)
{
    (void)state;
    pthread_t thread[GUESSERS];
    sm_rc rc[GUESSERS];
    int denied = 0, locked = 0;
    int64_t n;
    add("wang", SM_ROLE_KEEPER);
    for (int i = 0; i < GUESSERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, guess, &rc[i]), 0);
    for (int i = 0; i < GUESSERS; i++) {
        pthread_join(thread[i], NULL);
        denied += rc[i] == SM_E_DENIED;
        locked += rc[i] == SM_E_LIMIT;
    }
    assert_int_equal(denied, SM_LOGIN_FAILURES);
    assert_int_equal(locked, GUESSERS - SM_LOGIN_FAILURES);
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 1 + SM_LOGIN_FAILURES + 1);
}

static void the_chain_holds_over_all_of_it(void **state)
{
    (void)state;
    int64_t n, id = add("wang", SM_ROLE_KEEPER);
    sm_str password;
    sm_login *l = enter("wang", GOOD);
    sm_user u = *get(id);
    guess_wrong("wang", SM_LOGIN_FAILURES);
    guess_wrong("nobody-here", 1);
    must(&op, sm_user_reset(&op, db, BY, id, &password));
    l = enter("wang", password);
    must(&op, sm_user_set_password(&op, db, id, password, GOOD, l->token));
    must(&op, sm_login_close(&op, db, l->token));
    u.role = SM_ROLE_AUDITOR;
    u.department = SM_STR("市审计局");
    must(&op, sm_user_change(&op, db, BY, &u));
    must(&op, sm_ledger_verify(&op, db, &n));
    assert_int_equal(n, 15);
    must(&op, sm_db_exec(&op, db, "UPDATE ledger SET top = 'li' WHERE act = 'login.locked'"));
    fails(sm_ledger_verify(&op, db, &n), SM_E_CORRUPT);
}

/* --------------------------------------------------------------- secrets */

static void secrets_are_equal_only_to_themselves(void **state)
{
    (void)state;
    assert_true(sm_secret_eq(SM_STR("abc"), SM_STR("abc")));
    assert_true(sm_secret_eq(NONE, NONE));
    assert_false(sm_secret_eq(SM_STR("abc"), SM_STR("abd")));
    assert_false(sm_secret_eq(SM_STR("abc"), SM_STR("ab")));
    assert_false(sm_secret_eq(SM_STR("abc"), NONE));
}

static void random_text_is_base64url_of_its_length(void **state)
{
    (void)state;
    sm_str a, b;
    for (size_t n = 1; n <= 48; n++) {
        must(&op, sm_random_text(&op, n, &a));
        assert_int_equal(a.n, (n * 8 + 5) / 6);
        for (size_t i = 0; i < a.n; i++)
            assert_non_null(
                strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", a.p[i]));
    }
    must(&op, sm_random_text(&op, 32, &a));
    must(&op, sm_random_text(&op, 32, &b));
    assert_true(a.n == SM_LOGIN_TOKEN_CHARS && !sm_str_eq(a, b));
    fails(sm_random_text(&op, 0, &a), SM_E_INVALID);
    fails(sm_random_text(&op, 257, &a), SM_E_INVALID);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_added_is_listed_and_found),
        EACH(a_name_a_role_and_lengths_are_checked),
        EACH(a_name_is_taken_once),
        EACH(role_names_go_there_and_back),
        EACH(a_change_takes_and_is_recorded_by_what_changed),
        EACH(a_new_role_or_a_disabling_ends_the_logins_another_name_does_not),
        EACH(the_last_administrator_stays),
        EACH(a_given_password_opens_and_must_be_changed),
        EACH(given_passwords_differ_and_never_hold_the_name),
        EACH(a_new_password_is_held_against_the_rule),
        EACH(ones_own_change_ends_the_other_logins),
        EACH(a_wrong_old_password_counts_as_a_failed_login),
        EACH(a_reset_gives_a_password_unlocks_and_ends_the_logins),
        EACH(no_password_and_no_token_is_in_the_files),
        EACH(a_token_finds_its_person_until_it_is_closed),
        EACH(an_unknown_token_is_nobodys),
        EACH(an_unused_login_is_over_after_the_idle_time_and_gone),
        EACH(use_is_noted_once_a_minute_and_keeps_a_login),
        EACH(a_login_is_over_after_its_whole_time_however_much_it_is_used),
        EACH(a_new_login_sweeps_those_that_are_over),
        EACH(a_disabled_person_gets_the_answer_of_a_wrong_password),
        EACH(an_unknown_name_gets_the_same_answer_and_is_not_kept),
        EACH(five_wrong_passwords_lock_even_for_the_right_one),
        EACH(failures_while_locked_do_not_make_it_longer),
        EACH(a_lock_ends_and_five_more_are_free),
        EACH(a_success_starts_the_count_anew),
        EACH(a_lock_leaves_open_logins_and_other_people_alone),
        EACH(guessing_at_once_gives_no_more_guesses),
        EACH(the_chain_holds_over_all_of_it),
        EACH(secrets_are_equal_only_to_themselves),
        EACH(random_text_is_base64url_of_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
