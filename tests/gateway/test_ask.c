/* Asking a model and waiting for the answer, as the dialogue will: against a server in this
 * process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http/http.h"
#include "gateway/gateway.h"

typedef struct place {
    sm_op op;
    char dir[40];
    sm_db *db;
    sm_http *far;
    sm_models *models;
    atomic_bool slow; /* the server far away waits before it answers */
    atomic_int asked;
} place;

#define BY SM_STR("wang")

static sm_rc answer(sm_request *r)
{
    place *p = sm_request_ctx(r);
    atomic_fetch_add(&p->asked, 1);
    for (int i = 0; i < 400 && atomic_load(&p->slow); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    return sm_respond_json(r, 200,
                           json_pack("{s:[{s:{s:s}}],s:{s:i,s:i}}", "choices", "message", "content",
                                     "好", "usage", "prompt_tokens", 3, "completion_tokens", 1));
}

static sm_rc list(sm_request *r)
{
    return sm_respond_json(r, 200, json_pack("{s:[]}", "data"));
}

static const sm_route route[] = {
    { .method = "POST",
      .path = "/v1/chat/completions",
      .run = answer,
      .max_body = 4096,
      .slow = true },
    { .method = "GET", .path = "/v1/models", .run = list },
};
static const sm_route_list routes[] = { { route, SM_LEN(route) } };

static int set_up(void **state)
{
    place *p = calloc(1, sizeof(*p));
    strcpy(p->dir, "/tmp/sunmao-ask-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    sm_op_begin(&p->op);
    assert_int_equal(sm_db_open(&p->op, p->dir, SM_DB_RECORD, SM_DB_CREATE, &p->db), SM_OK);
    sm_http_options o = { .listen = "127.0.0.1:0", .routes = routes, .n_routes = 1, .ctx = p };
    assert_int_equal(sm_http_open(&p->op, &o, &p->far), SM_OK);
    *state = p;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    place *p = *state;
    atomic_store(&p->slow, false);
    sm_models_close(p->models);
    sm_http_close(p->far);
    sm_db_close(p->db);
    nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    sm_op_end(&p->op);
    free(p);
    return 0;
}

static void register_far(place *p)
{
    sm_backend b = { .name = SM_STR("far"),
                     .kind = SM_BACKEND_SERVER,
                     .source = sm_strf(p->op.arena, "http://%s", sm_http_address(p->far)) };
    assert_int_equal(sm_backend_add(&p->op, p->db, BY, &b), SM_OK);
}

static void open_models(place *p)
{
    sm_models_options o = { .data_dir = p->dir,
                            .engine = "",
                            .ca = "",
                            .first_byte_ms = 5000,
                            .idle_ms = 5000,
                            .total_ms = 5000,
                            .health_ms = 1000,
                            .max_answer_bytes = 1 << 20,
                            .slots = 4 };
    assert_int_equal(sm_models_open(&p->op, &o, &p->models), SM_OK);
}

static sm_rc ask(sm_op *op, place *p, const char *model, sm_str *out)
{
    sm_wanted w;
    const char *param;
    sm_str body =
        sm_strf(op->arena, "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\"}]}", model);
    assert_int_equal(sm_wanted_read(op, SM_SERVICE_CHAT, body, &w, &param), SM_OK);
    return sm_models_ask(op, p->models, &(sm_call_ask){ .wanted = &w, .by_name = true }, out);
}

static void an_answer_comes_whole(void **state)
{
    place *p = *state;
    sm_str text;
    register_far(p);
    open_models(p);
    assert_int_equal(ask(&p->op, p, "far", &text), SM_OK);
    assert_true(sm_str_has(text, SM_STR("好")));
}

static void a_first_model_is_seen_while_it_runs(void **state)
{
    place *p = *state;
    sm_str text;
    open_models(p);
    assert_int_equal(ask(&p->op, p, "far", &text), SM_E_UNAVAILABLE);
    sm_op_clear(&p->op);
    register_far(p);
    assert_int_equal(sm_models_reload(&p->op, p->models), SM_OK);
    assert_int_equal(ask(&p->op, p, "far", &text), SM_OK);
    assert_int_equal(ask(&p->op, p, "near", &text), SM_E_UNAVAILABLE);
    assert_true(p->op.msg.n > 0);
}

static void an_operations_deadline_holds(void **state)
{
    place *p = *state;
    sm_op op;
    sm_str text;
    register_far(p);
    open_models(p);
    atomic_store(&p->slow, true);
    sm_op_begin(&op);
    op.deadline_us = sm_now_us() + 200000;
    assert_int_equal(ask(&op, p, "far", &text), SM_E_TIMEOUT);
    sm_op_end(&op);
}

static void *cancel_when_asked(void *ctx)
{
    place *p = ((void **)ctx)[0];
    atomic_bool *cancel = ((void **)ctx)[1];
    while (atomic_load(&p->asked) == 0)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    atomic_store(cancel, true);
    return NULL;
}

static void a_cancelled_operation_waits_no_longer(void **state)
{
    place *p = *state;
    sm_op op;
    sm_str text;
    atomic_bool cancel = false;
    pthread_t other;
    void *both[] = { p, &cancel };
    register_far(p);
    open_models(p);
    atomic_store(&p->slow, true);
    sm_op_begin(&op);
    op.cancel = &cancel;
    pthread_create(&other, NULL, cancel_when_asked, both);
    assert_int_equal(ask(&op, p, "far", &text), SM_E_CANCELLED);
    pthread_join(other, NULL);
    sm_op_end(&op);
}

static void *ask_in_thread(void *ctx)
{
    place *p = ctx;
    sm_op op;
    sm_str text;
    sm_op_begin(&op);
    sm_rc rc = ask(&op, p, "far", &text);
    sm_op_end(&op);
    return (void *)(intptr_t)rc;
}

static void who_waits_at_the_end_is_told(void **state)
{
    place *p = *state;
    pthread_t other;
    void *rc;
    register_far(p);
    open_models(p);
    atomic_store(&p->slow, true);
    pthread_create(&other, NULL, ask_in_thread, p);
    while (atomic_load(&p->asked) == 0)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    sm_models_quiesce(p->models, 50);
    pthread_join(other, &rc);
    assert_int_equal((intptr_t)rc, SM_E_UNAVAILABLE);
    sm_str text;
    assert_int_equal(ask(&p->op, p, "far", &text), SM_E_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_comes_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_first_model_is_seen_while_it_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_operations_deadline_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_operation_waits_no_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_waits_at_the_end_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
