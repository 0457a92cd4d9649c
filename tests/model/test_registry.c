#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

/* A record.db of one's own, and a GGUF file of nothing but what a model must say. */
typedef struct place {
    sm_op op;
    char dir[40];
    sm_db *db;
} place;

#define BY SM_STR("wang")

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int set_up(void **state)
{
    place *p = calloc(1, sizeof(*p));
    strcpy(p->dir, "/tmp/sunmao-registry-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    sm_op_begin(&p->op);
    assert_int_equal(sm_db_open(&p->op, p->dir, SM_DB_RECORD, SM_DB_CREATE, &p->db), SM_OK);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    sm_db_close(p->db);
    nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    sm_op_end(&p->op);
    free(p);
    return 0;
}

/* The code, and the failure is dealt with. */
static sm_rc seen(place *p, sm_rc rc)
{
    sm_op_clear(&p->op);
    return rc;
}

static sm_backend server(const char *name, const char *url)
{
    return (
        sm_backend){ .name = sm_str_of(name), .kind = SM_BACKEND_SERVER, .source = sm_str_of(url) };
}

/* In production, by way of a probe and an evaluation that passed. */
static int64_t in_production(place *p, const char *name)
{
    sm_backend b = server(name, "http://127.0.0.1:9");
    sm_promotion gate = { .prompts = SM_STR("p") };
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_OK);
    b.can = SM_CAN_CHAT;
    assert_int_equal(sm_backend_probed(&p->op, p->db, BY, &b), SM_OK);
    sm_evaluation e = { .figures = SM_STR("{}"),
                        .subject = sm_backend_subject(p->op.arena, &b),
                        .passed = true };
    e.digest = sm_evaluation_digest(p->op.arena, e.subject, gate.prompts);
    assert_int_equal(sm_evaluation_put(&p->op, p->db, BY, &b, &e), SM_OK);
    assert_int_equal(sm_backend_promote(&p->op, p->db, BY, b.id, &gate), SM_OK);
    return b.id;
}

static sm_registry *snapshot(place *p)
{
    sm_registry *r;
    assert_int_equal(sm_registry_read(&p->op, p->db, &r), SM_OK);
    return r;
}

static int64_t count(place *p, const char *sql)
{
    sm_stmt *q;
    assert_int_equal(sm_db_query(&p->op, p->db, &q, sql, ""), SM_OK);
    assert_int_equal(sm_stmt_step(&p->op, q), SM_OK);
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return n;
}

/* ------------------------------------------------------------------ back ends */

static void addresses_are_checked_and_trimmed(void **state)
{
    static const struct {
        const char *url, *kept; /* NULL: refused */
    } urls[] = {
        { "http://10.1.2.3:8000/v1", "http://10.1.2.3:8000" },
        { "https://models.example.gov.cn/v1/", "https://models.example.gov.cn" },
        { "http://[::1]:8000", "http://[::1]:8000" },
        { "https://host/some/path/v1", "https://host/some/path" },
        { "unix:/run/model.sock", "unix:/run/model.sock" },
        { "http://user:secret@host", NULL },
        { "http://host/v1?key=secret", NULL },
        { "http://host#x", NULL },
        { "ftp://host", NULL },
        { "file:///etc/passwd", NULL },
        { "http://", NULL },
        { "http://host:0", NULL },
        { "http://host:65536", NULL },
        { "http://host:80:80", NULL },
        { "http://ho st", NULL },
        { "http://host\nX: y", NULL },
        { "http://[::1", NULL },
        { "http://主机", NULL },
        { "unix:relative.sock", NULL },
        { "", NULL },
    };
    place *p = *state;
    for (size_t i = 0; i < SM_LEN(urls); i++) {
        sm_backend b = server("x", urls[i].url), *kept;
        b.name = sm_strf(p->op.arena, "m%zu", i);
        sm_rc rc = seen(p, sm_backend_add(&p->op, p->db, BY, &b));
        assert_int_equal(rc, urls[i].kept ? SM_OK : SM_E_INVALID);
        if (!urls[i].kept)
            continue;
        assert_int_equal(sm_backend_named(&p->op, p->db, b.name, &kept), SM_OK);
        assert_true(sm_str_eq(kept->source, sm_str_of(urls[i].kept)));
        assert_int_equal(kept->state, SM_BACKEND_TEST);
    }
}

static void a_message_never_quotes_what_may_be_a_secret(void **state)
{
    place *p = *state;
    sm_backend b = server("x", "http://user:hunter2@host/v1");
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_E_INVALID);
    assert_false(sm_str_has(p->op.msg, SM_STR("hunter2")));
    sm_op_clear(&p->op);
    b = server("x", "http://host");
    b.key_from = SM_STR("sk-hunter2");
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_E_INVALID);
    assert_false(sm_str_has(p->op.msg, SM_STR("hunter2")));
    sm_op_clear(&p->op);
}

static void a_key_comes_from_its_file_or_the_environment(void **state)
{
    place *p = *state;
    sm_str key, path = sm_strf(p->op.arena, "%s/key", p->dir);
    sm_str from = sm_strf(p->op.arena, "file:%.*s", SM_ARG(path));
    assert_int_equal(sm_file_write(&p->op, path.p, SM_STR("  sk-abc\n")), SM_OK);
    assert_int_equal(sm_key_source_read(&p->op, from, &key), SM_OK);
    assert_true(sm_str_eq(key, SM_STR("sk-abc")));
    assert_int_equal(setenv("SUNMAO_KEY_TEST", "sk-env", 1), 0);
    assert_int_equal(sm_key_source_read(&p->op, SM_STR("env:SUNMAO_KEY_TEST"), &key), SM_OK);
    assert_true(sm_str_eq(key, SM_STR("sk-env")));
    assert_int_equal(sm_key_source_read(&p->op, (sm_str){ 0 }, &key), SM_OK);
    assert_int_equal(key.n, 0);
    assert_int_equal(seen(p, sm_key_source_read(&p->op, SM_STR("env:SUNMAO_KEY_NONE"), &key)),
                     SM_E_UNAVAILABLE);
    assert_int_equal(sm_file_write(&p->op, path.p, SM_STR("a\r\nX-Evil: b")), SM_OK);
    assert_int_equal(seen(p, sm_key_source_read(&p->op, from, &key)), SM_E_UNAVAILABLE);
}

static void what_is_no_model_file_is_refused(void **state)
{
    place *p = *state;
    const char *path = sm_path(p->op.arena, p->dir, "x.gguf");
    sm_backend b = { .name = SM_STR("x"), .source = sm_str_of(path) };
    assert_int_equal(seen(p, sm_backend_add(&p->op, p->db, BY, &b)), SM_E_NOTFOUND);
    assert_int_equal(sm_file_write(&p->op, path, SM_STR("GGUF\3")), SM_OK);
    assert_int_equal(seen(p, sm_backend_add(&p->op, p->db, BY, &b)), SM_E_CORRUPT);
    b.source = sm_str_of(p->dir);
    assert_int_equal(seen(p, sm_backend_add(&p->op, p->db, BY, &b)), SM_E_INVALID);
    assert_int_equal(count(p, "SELECT count(*) FROM model"), 0);
}

static void nothing_goes_to_production_without_an_evaluation_of_what_it_is(void **state)
{
    place *p = *state;
    sm_backend b = server("qwen", "http://127.0.0.1:9"), *now;
    sm_promotion gate = { .prompts = SM_STR("prompts-1") };
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_OK);
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
    b.can = SM_CAN_CHAT | SM_CAN_TOOLS;
    assert_int_equal(sm_backend_probed(&p->op, p->db, BY, &b), SM_OK);
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);

    sm_evaluation e = { .figures = SM_STR("{}"), .subject = sm_backend_subject(p->op.arena, &b) };
    e.digest = sm_evaluation_digest(p->op.arena, e.subject, gate.prompts);
    assert_int_equal(sm_evaluation_put(&p->op, p->db, BY, &b, &e), SM_OK); /* did not pass */
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
    e.passed = true;
    assert_int_equal(sm_evaluation_put(&p->op, p->db, BY, &b, &e), SM_OK);
    gate.require_quality = true;
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
    gate = (sm_promotion){ .prompts = SM_STR("prompts-2") }; /* judged by other prompts */
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
    gate.prompts = SM_STR("prompts-1");

    b.remote_name = SM_STR("another"); /* another model than was judged */
    assert_int_equal(sm_backend_change(&p->op, p->db, BY, &b), SM_OK);
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
    b.remote_name = (sm_str){ 0 };
    assert_int_equal(sm_backend_change(&p->op, p->db, BY, &b), SM_OK);
    assert_int_equal(sm_backend_promote(&p->op, p->db, BY, b.id, &gate), SM_OK);
    assert_int_equal(sm_backend_get(&p->op, p->db, b.id, &now), SM_OK);
    assert_int_equal(now->state, SM_BACKEND_PRODUCTION);
    assert_int_equal(now->can, SM_CAN_CHAT | SM_CAN_TOOLS);
    assert_int_equal(seen(p, sm_backend_promote(&p->op, p->db, BY, b.id, &gate)), SM_E_CONFLICT);
}

/* -------------------------------------------------------------------- aliases */

static void an_alias_stands_for_models_in_production_only(void **state)
{
    place *p = *state;
    sm_backend b = server("small", "http://127.0.0.1:9");
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_OK);
    sm_alias t[2] = { { .backend = b.id, .weight = 1 } };
    const sm_str name = SM_STR("chat-default"), all = { 0 };
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, all, t, 1)), SM_E_CONFLICT);
    t[0].backend = in_production(p, "large");
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, t, 1), SM_OK);
    t[1] = t[0];
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, all, t, 2)), SM_E_INVALID);
    t[0].weight = 0;
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, all, t, 1)), SM_E_INVALID);
    t[0].weight = SM_ALIAS_MAX_WEIGHT + 1;
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, all, t, 1)), SM_E_INVALID);
    t[0].weight = 1;
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, SM_STR("large"), all, t, 1)),
                     SM_E_CONFLICT); /* a model's name */
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, SM_STR("department:7"), t, 1)),
                     SM_E_NOTFOUND);
    assert_int_equal(seen(p, sm_alias_set(&p->op, p->db, BY, name, SM_STR("somebody"), t, 1)),
                     SM_E_INVALID);
    assert_int_equal(seen(p, sm_backend_retire(&p->op, p->db, BY, t[0].backend)), SM_E_CONFLICT);
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, NULL, 0), SM_OK);
    assert_int_equal(sm_backend_retire(&p->op, p->db, BY, t[0].backend), SM_OK);
    assert_null(sm_registry_backend(snapshot(p), t[0].backend));
}

static int64_t weight_of(place *p, int64_t backend)
{
    size_t n;
    const sm_alias *a = sm_registry_alias(snapshot(p), SM_STR("chat"), 0, (sm_str){ 0 }, &n);
    for (size_t i = 0; i < n; i++)
        if (a[i].backend == backend)
            return a[i].weight;
    return -1;
}

static void rolling_back_goes_one_change_further_each_time(void **state)
{
    place *p = *state;
    int64_t a = in_production(p, "a"), b = in_production(p, "b");
    const sm_str name = SM_STR("chat"), all = { 0 };
    const sm_alias only_a[] = { { .backend = a, .weight = 100 } },
                   canary[] = { { .backend = a, .weight = 95 }, { .backend = b, .weight = 5 } },
                   only_b[] = { { .backend = b, .weight = 100 } };
    assert_int_equal(seen(p, sm_alias_rollback(&p->op, p->db, BY, name, all)), SM_E_NOTFOUND);
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, only_a, 1), SM_OK);
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, canary, 2), SM_OK);
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, only_b, 1), SM_OK);
    assert_int_equal(sm_alias_rollback(&p->op, p->db, BY, name, all), SM_OK);
    assert_int_equal(weight_of(p, a), 95);
    assert_int_equal(weight_of(p, b), 5);
    assert_int_equal(sm_alias_rollback(&p->op, p->db, BY, name, all), SM_OK);
    assert_int_equal(weight_of(p, a), 100);
    assert_int_equal(weight_of(p, b), -1);
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, canary, 2), SM_OK);
    assert_int_equal(sm_alias_rollback(&p->op, p->db, BY, name, all), SM_OK);
    assert_int_equal(weight_of(p, a), 100);
    assert_int_equal(sm_alias_rollback(&p->op, p->db, BY, name, all), SM_OK); /* before the first */
    assert_int_equal(weight_of(p, a), -1);
    assert_int_equal(seen(p, sm_alias_rollback(&p->op, p->db, BY, name, all)), SM_E_NOTFOUND);
}

static void the_nearest_scope_of_an_alias_counts(void **state)
{
    place *p = *state;
    int64_t a = in_production(p, "a"), b = in_production(p, "b"), c = in_production(p, "c");
    sm_dept top = { .name = SM_STR("市政府") }, below = { .name = SM_STR("市民政局") },
            other = { .name = SM_STR("市水务局") };
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &top), SM_OK);
    below.parent = top.id;
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &below), SM_OK);
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &other), SM_OK);
    const sm_str name = SM_STR("chat"), none = { 0 };
    sm_str scope = sm_strf(p->op.arena, "department:%lld", (long long)top.id);
    sm_alias t = { .backend = a, .weight = 1 };
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, none, &t, 1), SM_OK);
    t.backend = b;
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, scope, &t, 1), SM_OK);
    t.backend = c;
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, SM_STR("clerk:guide"), &t, 1), SM_OK);
    const sm_registry *r = snapshot(p);
    size_t n;
    assert_int_equal(sm_registry_alias(r, name, below.id, none, &n)->backend, b);
    assert_int_equal(sm_registry_alias(r, name, top.id, none, &n)->backend, b);
    assert_int_equal(sm_registry_alias(r, name, other.id, none, &n)->backend, a);
    assert_int_equal(sm_registry_alias(r, name, 0, none, &n)->backend, a);
    assert_int_equal(sm_registry_alias(r, name, below.id, SM_STR("guide"), &n)->backend, c);
    assert_int_equal(sm_registry_alias(r, name, below.id, SM_STR("review"), &n)->backend, b);
    assert_null(sm_registry_alias(r, SM_STR("none"), below.id, none, &n));
    assert_int_equal(n, 0);
    assert_int_equal(seen(p, sm_dept_remove(&p->op, p->db, BY, top.id)), SM_E_CONFLICT);
}

/* ---------------------------------------------------------- departments, keys */

static void departments_are_a_tree(void **state)
{
    place *p = *state;
    sm_dept d[SM_DEPT_MAX_DEPTH + 1] = { 0 };
    for (int i = 0; i < SM_DEPT_MAX_DEPTH; i++) {
        d[i] = (sm_dept){ .name = sm_strf(p->op.arena, "d%d", i), .parent = i ? d[i - 1].id : 0 };
        assert_int_equal(sm_dept_add(&p->op, p->db, BY, &d[i]), SM_OK);
        assert_int_equal(d[i].weight, SM_DEPT_WEIGHT);
    }
    sm_dept deep = { .name = SM_STR("deep"), .parent = d[SM_DEPT_MAX_DEPTH - 1].id };
    assert_int_equal(seen(p, sm_dept_add(&p->op, p->db, BY, &deep)), SM_E_INVALID);
    d[0].parent = d[3].id; /* a ring */
    assert_int_equal(seen(p, sm_dept_change(&p->op, p->db, BY, &d[0])), SM_E_INVALID);
    d[0].parent = d[0].id;
    assert_int_equal(seen(p, sm_dept_change(&p->op, p->db, BY, &d[0])), SM_E_INVALID);
    d[0].parent = 0;
    sm_dept twice = { .name = SM_STR("d1") }, other = { .name = SM_STR("other") };
    assert_int_equal(seen(p, sm_dept_add(&p->op, p->db, BY, &twice)), SM_E_CONFLICT);
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &other), SM_OK);
    d[1].parent = other.id; /* with all below it, as deep as before */
    assert_int_equal(sm_dept_change(&p->op, p->db, BY, &d[1]), SM_OK);
    other.parent = d[0].id; /* one level too many now */
    assert_int_equal(seen(p, sm_dept_change(&p->op, p->db, BY, &other)), SM_E_INVALID);
    assert_int_equal(seen(p, sm_dept_remove(&p->op, p->db, BY, d[3].id)), SM_E_CONFLICT);
    assert_int_equal(sm_dept_remove(&p->op, p->db, BY, d[SM_DEPT_MAX_DEPTH - 1].id), SM_OK);
    d[2].weight = 0;
    assert_int_equal(seen(p, sm_dept_change(&p->op, p->db, BY, &d[2])), SM_E_INVALID);
    d[2].weight = 1;
    d[2].per_day = -1;
    assert_int_equal(seen(p, sm_dept_change(&p->op, p->db, BY, &d[2])), SM_E_INVALID);
}

static sm_app_key key_for(int64_t department)
{
    return (sm_app_key){ .name = SM_STR("12345 平台"),
                         .department = department,
                         .highest = SM_CLASS_STAFF };
}

static void a_key_is_found_by_its_secret_which_is_kept_nowhere(void **state)
{
    place *p = *state;
    sm_dept d = { .name = SM_STR("市民政局") };
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &d), SM_OK);
    sm_str secret[20];
    for (size_t i = 0; i < SM_LEN(secret); i++) {
        sm_app_key k = key_for(d.id);
        assert_int_equal(sm_key_add(&p->op, p->db, BY, &k, &secret[i]), SM_OK);
        assert_int_equal(secret[i].n, SM_KEY_CHARS);
        assert_int_equal(k.id, (int64_t)i + 1);
    }
    const sm_registry *r = snapshot(p);
    sm_digest digest;
    for (size_t i = 0; i < SM_LEN(secret); i++) {
        assert_true(sm_key_digest(secret[i], &digest));
        assert_int_equal(sm_registry_key(r, &digest)->id, (int64_t)i + 1);
    }
    assert_false(sm_key_digest(SM_STR("sk-short"), &digest));
    digest = sm_sm3(SM_STR("another"));
    assert_null(sm_registry_key(r, &digest));
    sm_str whole;
    sm_db_close(p->db); /* so that all is in the file */
    assert_int_equal(
        sm_file_read(&p->op, sm_path(p->op.arena, p->dir, "record.db"), 1 << 26, &whole), SM_OK);
    assert_true(sm_str_has(whole, SM_STR("12345 平台")));
    assert_false(sm_str_has(whole, sm_str_sub(secret[3], 12, secret[3].n)));
    assert_int_equal(sm_db_open(&p->op, p->dir, SM_DB_RECORD, SM_DB_WRITE, &p->db), SM_OK);
    assert_int_equal(sm_key_revoke(&p->op, p->db, BY, 3), SM_OK);
    assert_int_equal(seen(p, sm_key_revoke(&p->op, p->db, BY, 3)), SM_E_CONFLICT);
    assert_true(sm_key_digest(secret[2], &digest));
    assert_null(sm_registry_key(snapshot(p), &digest));
}

static void a_key_admits_its_addresses_only(void **state)
{
    static const struct {
        const char *addresses, *from;
        bool admitted;
    } cases[] = {
        { "", "203.0.113.9", true },
        { "", "", true },
        { "10.0.0.0/8", "10.255.1.2", true },
        { "10.0.0.0/8", "11.0.0.1", false },
        { "10.1.2.3", "10.1.2.3", true },
        { "10.1.2.3", "10.1.2.4", false },
        { "192.168.4.0/22", "192.168.7.255", true },
        { "192.168.4.0/22", "192.168.8.0", false },
        { "10.0.0.0/8, 192.168.0.0/16", "192.168.1.1", true },
        { "2001:db8::/32", "2001:db8:1:2::/64", true },
        { "2001:db8::/32", "2001:db9::/64", false },
        { "2001:db8::/32", "10.1.2.3", false },
        { "::/64", "10.1.2.3", false },
        { "::/64", "::/64", true },
        { "0.0.0.0/0", "10.1.2.3", true },
        { "0.0.0.0/0", "2001:db8::/64", false },
        { "2001:db8::1/128", "2001:db8::1", true },
        { "2001:db8::1", "2001:db8::2", false },
        { "10.0.0.0/8", "", false },
    };
    place *p = *state;
    sm_dept d = { .name = SM_STR("市民政局") };
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &d), SM_OK);
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_app_key k = key_for(d.id);
        sm_str secret;
        k.addresses = sm_str_of(cases[i].addresses);
        assert_int_equal(sm_key_add(&p->op, p->db, BY, &k, &secret), SM_OK);
        assert_int_equal(sm_key_admits(&k, sm_str_of(cases[i].from)), cases[i].admitted);
    }
    static const char *const wrong[] = { "10.0.0.0/33",       "10.0.0", "x",
                                         "1.2.3.4/-1",        "::/129", ",",
                                         "10.0.0.0/8;1.2.3.4" };
    for (size_t i = 0; i < SM_LEN(wrong); i++) {
        sm_app_key k = key_for(d.id);
        sm_str secret;
        k.addresses = sm_str_of(wrong[i]);
        assert_int_equal(seen(p, sm_key_add(&p->op, p->db, BY, &k, &secret)), SM_E_INVALID);
    }
}

static void a_key_calls_what_it_is_scoped_to(void **state)
{
    place *p = *state;
    int64_t a = in_production(p, "a");
    sm_alias t = { .backend = a, .weight = 1 };
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, SM_STR("chat"), (sm_str){ 0 }, &t, 1), SM_OK);
    const sm_registry *r = snapshot(p);
    sm_app_key k = { .models = { 0 } };
    assert_true(sm_key_allows(r, &k, SM_STR("chat")));
    assert_false(sm_key_allows(r, &k, SM_STR("a"))); /* a model by its name is asked for by name */
    k.models = SM_STR("a,embed");
    assert_true(sm_key_allows(r, &k, SM_STR("a")));
    assert_false(sm_key_allows(r, &k, SM_STR("chat")));
    k.expires_ms = 1000;
    assert_true(sm_key_expired(&k, 1000));
    assert_false(sm_key_expired(&k, 999));
}

/* ------------------------------------------------------------------ snapshots */

static void a_snapshot_knows_when_it_is_out_of_date(void **state)
{
    place *p = *state;
    bool changed;
    const sm_registry *r = snapshot(p);
    assert_int_equal(r->revision, 0);
    assert_int_equal(sm_registry_changed(&p->op, p->db, r->revision, &changed), SM_OK);
    assert_false(changed);
    sm_dept d = { .name = SM_STR("市民政局") };
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &d), SM_OK);
    assert_int_equal(sm_registry_changed(&p->op, p->db, r->revision, &changed), SM_OK);
    assert_true(changed);
    r = snapshot(p);
    sm_app_key k = key_for(d.id);
    sm_str secret;
    assert_int_equal(sm_key_add(&p->op, p->db, BY, &k, &secret), SM_OK);
    r = snapshot(p);
    assert_int_equal(sm_key_used(&p->op, p->db, k.id, 5), SM_OK); /* is no change */
    assert_int_equal(sm_registry_changed(&p->op, p->db, r->revision, &changed), SM_OK);
    assert_false(changed);
}

static void every_change_is_an_act_of_the_ledger(void **state)
{
    place *p = *state;
    int64_t a = in_production(p, "a"); /* add, probe, eval, promote */
    sm_alias t = { .backend = a, .weight = 1 };
    sm_dept d = { .name = SM_STR("市民政局") };
    sm_str secret, name = SM_STR("chat"), all = { 0 };
    assert_int_equal(sm_alias_set(&p->op, p->db, BY, name, all, &t, 1), SM_OK);
    assert_int_equal(sm_alias_rollback(&p->op, p->db, BY, name, all), SM_OK);
    assert_int_equal(sm_dept_add(&p->op, p->db, BY, &d), SM_OK);
    d.weight = 7;
    assert_int_equal(sm_dept_change(&p->op, p->db, BY, &d), SM_OK);
    sm_app_key k = key_for(d.id);
    assert_int_equal(sm_key_add(&p->op, p->db, BY, &k, &secret), SM_OK);
    assert_int_equal(sm_key_revoke(&p->op, p->db, BY, k.id), SM_OK);
    assert_int_equal(sm_dept_remove(&p->op, p->db, BY, d.id), SM_OK);
    assert_int_equal(sm_backend_retire(&p->op, p->db, BY, a), SM_OK);
    assert_int_equal(count(p, "SELECT count(*) FROM ledger WHERE kind = 'act' AND top = 'wang'"),
                     12);
    assert_int_equal(count(p, "SELECT count(*) FROM model_event"), 12);
    int64_t n;
    assert_int_equal(sm_ledger_verify(&p->op, p->db, &n), SM_OK);
    sm_model_event *e;
    size_t n_events;
    assert_int_equal(sm_model_events(&p->op, p->db, 3, &e, &n_events), SM_OK);
    assert_int_equal(n_events, 3);
    assert_true(sm_str_eq(e[0].act, SM_STR("model.retire")));
    assert_true(sm_str_eq(e[0].before, SM_STR("production")));
}

/* ---------------------------------------------------------------------- usage */

static void usage_adds_up(void **state)
{
    place *p = *state;
    sm_date day = sm_date_of(2026, 11, 23);
    sm_usage u = { .day = day,
                   .department = 1,
                   .backend = 2,
                   .class_ = SM_CLASS_BATCH,
                   .calls = 2,
                   .prompt_tokens = 1000,
                   .generated_tokens = 100,
                   .busy_ms = 5000 };
    sm_usage_first(&u, 7);
    sm_usage_first(&u, 90);
    assert_int_equal(sm_usage_add(&p->op, p->db, &u), SM_OK);
    assert_int_equal(sm_usage_add(&p->op, p->db, &u), SM_OK);
    u.day = sm_date_of(2026, 11, 1);
    assert_int_equal(sm_usage_add(&p->op, p->db, &u), SM_OK);
    u.day = sm_date_of(2026, 10, 31);
    assert_int_equal(sm_usage_add(&p->op, p->db, &u), SM_OK);
    sm_usage *row;
    size_t n;
    assert_int_equal(sm_usage_read(&p->op, p->db, day, day, &row, &n), SM_OK);
    assert_int_equal(n, 1);
    assert_int_equal(row->calls, 4);
    assert_int_equal(row->n_first, 4);
    assert_int_equal(row->first_ms, 194);
    assert_int_equal(row->bucket[0], 2);
    assert_int_equal(row->bucket[3], 2);
    int64_t today, month;
    assert_int_equal(sm_usage_spent(&p->op, p->db, day, 1, &today, &month), SM_OK);
    assert_int_equal(today, 2200);
    assert_int_equal(month, 3300);
    const sm_backend b = { .price_in = 0.002, .price_out = 0.01, .watts = 720, .slots = 4 };
    sm_priced priced = { 0 };
    sm_priced_add(&priced, row, &b);
    assert_true(priced.cost_yuan > 0.00599 && priced.cost_yuan < 0.00601);
    assert_true(priced.energy_wh > 0.499 && priced.energy_wh < 0.501);
}

static void quantiles_come_from_the_buckets(void **state)
{
    (void)state;
    sm_usage u = { 0 };
    assert_true(sm_usage_quantile(&u, 0.5) < 0);
    for (int i = 0; i < 100; i++)
        sm_usage_first(&u, i < 99 ? 40 : 100000);
    assert_true(sm_usage_quantile(&u, 0.5) > 25 && sm_usage_quantile(&u, 0.5) <= 50);
    assert_true(sm_usage_quantile(&u, 0.99) <= 50);
    assert_true(sm_usage_quantile(&u, 1) >= 30000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(addresses_are_checked_and_trimmed),
        TEST(a_message_never_quotes_what_may_be_a_secret),
        TEST(a_key_comes_from_its_file_or_the_environment),
        TEST(what_is_no_model_file_is_refused),
        TEST(nothing_goes_to_production_without_an_evaluation_of_what_it_is),
        TEST(an_alias_stands_for_models_in_production_only),
        TEST(rolling_back_goes_one_change_further_each_time),
        TEST(the_nearest_scope_of_an_alias_counts),
        TEST(departments_are_a_tree),
        TEST(a_key_is_found_by_its_secret_which_is_kept_nowhere),
        TEST(a_key_admits_its_addresses_only),
        TEST(a_key_calls_what_it_is_scoped_to),
        TEST(a_snapshot_knows_when_it_is_out_of_date),
        TEST(every_change_is_an_act_of_the_ledger),
        TEST(usage_adds_up),
        TEST(quantiles_come_from_the_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
