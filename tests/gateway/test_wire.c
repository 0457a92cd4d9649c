/* What passes through the gateway, a part at a time: JSON as it lies, events, the breaker, the
 * loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "gateway/breaker.h"
#include "gateway/loop.h"
#include "gateway/raw.h"
#include "gateway/sse.h"
#include "gateway/wanted.h"
#include "model/registry.h"

#define assert_str(s, text) assert_true(sm_str_eq((s), sm_str_of(text)))

/* -------------------------------------------------------------------------- raw */

static void json_is_checked_as_the_standard_has_it(void **state)
{
    static const char *const good[] = { "{}",
                                        " [ ] ",
                                        "0",
                                        "-0.5e+3",
                                        "\"\"",
                                        "null",
                                        "[true,false,null]",
                                        "{\"a\":{\"b\":[1,2,{\"c\":\"\\u00e9\\n\"}]}}",
                                        "\t{\r\n\"键\" : \"值\" }" };
    static const char *const bad[] = { "",
                                       " ",
                                       "{",
                                       "}",
                                       "[1,]",
                                       "{\"a\":1,}",
                                       "{a:1}",
                                       "01",
                                       "1.",
                                       "+1",
                                       ".5",
                                       "1e",
                                       "nul",
                                       "\"",
                                       "\"\\x\"",
                                       "\"\\u12\"",
                                       "\"\n\"",
                                       "[1 2]",
                                       "{\"a\" 1}",
                                       "[]]",
                                       "{} {}",
                                       "\"\xff\"",
                                       "\"\xed\xa0\x80\"" };
    (void)state;
    for (size_t i = 0; i < SM_LEN(good); i++)
        assert_true(sm_raw_check(sm_str_of(good[i]), NULL));
    for (size_t i = 0; i < SM_LEN(bad); i++)
        assert_false(sm_raw_check(sm_str_of(bad[i]), NULL));
}

static void depth_has_a_limit(void **state)
{
    char text[300];
    (void)state;
    for (int deep = SM_RAW_MAX_DEPTH; deep <= SM_RAW_MAX_DEPTH + 1; deep++) {
        memset(text, '[', (size_t)deep);
        memset(text + deep, ']', (size_t)deep);
        text[2 * deep] = 0;
        assert_int_equal(sm_raw_check(sm_str_of(text), NULL), deep == SM_RAW_MAX_DEPTH);
    }
}

static void members_and_items_are_found_where_they_lie(void **state)
{
    sm_str text = SM_STR(" { \"a\" : [1, {\"x\":\"]}\"}, \"\\\"\"] ,\"b\":-1.5e3,\"c\":\"}\" } "),
           one;
    sm_raw_member m;
    size_t pos = 0, n = 0;
    int64_t number;
    (void)state;
    assert_true(sm_raw_next(text, &pos, &m));
    assert_str(m.key, "a");
    while (sm_raw_item(m.value, &n, &one))
        number = (int64_t)one.n;
    assert_int_equal(number, 4);
    assert_true(sm_raw_next(text, &pos, &m));
    assert_str(m.value, "-1.5e3");
    assert_true(sm_raw_next(text, &pos, &m));
    assert_str(m.value, "\"}\"");
    assert_false(sm_raw_next(text, &pos, &m));
    assert_int_equal(sm_raw_find(text, "d").n, 0);
    assert_true(sm_raw_int(SM_STR("-42"), &number) && number == -42);
    assert_false(sm_raw_int(SM_STR("4.2"), &number));
}

/* ----------------------------------------------------------------------- wanted */

static sm_str written(sm_op *op, sm_service service, const char *body, const char *name)
{
    sm_wanted w;
    sm_buf b;
    sm_str out;
    const char *param;
    assert_int_equal(sm_wanted_read(op, service, sm_str_of(body), &w, &param), SM_OK);
    sm_buf_init(&b, 4096);
    sm_wanted_write(&w, sm_str_of(name), 0, &b);
    assert_int_equal(sm_buf_take(op, &b, &out), SM_OK);
    return out;
}

static void only_the_name_and_the_options_change(void **state)
{
    sm_op op;
    (void)state;
    sm_op_begin(&op);
    assert_str(
        written(&op, SM_SERVICE_EMBED, "{ \"input\":\"x\", \"model\" : \"a\",\"z\":1.0 }", "b\"c"),
        "{ \"input\":\"x\", \"model\" : \"b\\\"c\",\"z\":1.0 }");
    assert_str(written(&op, SM_SERVICE_COMPLETIONS,
                       "{\"prompt\":\"x\",\"stream\":true,\"model\":\"a\"}", "b"),
               "{\"stream_options\":{\"include_usage\":true},\"prompt\":\"x\",\"stream\":true,"
               "\"model\":\"b\"}");
    assert_str(
        written(&op, SM_SERVICE_COMPLETIONS,
                "{\"stream_options\":{\"include_usage\":false,\"k\":[1]},\"prompt\":\"x\","
                "\"model\":\"a\",\"stream\":true}",
                "b"),
        "{\"stream_options\":{\"include_usage\":true,\"k\":[1]},\"prompt\":\"x\",\"model\":\"b\","
        "\"stream\":true}");
    assert_str(
        written(&op, SM_SERVICE_COMPLETIONS,
                "{\"stream_options\":null,\"prompt\":\"x\",\"model\":\"a\",\"stream\":false}", "b"),
        "{\"stream_options\":null,\"prompt\":\"x\",\"model\":\"b\",\"stream\":false}");
    sm_op_end(&op);
}

#define GROUND                                                                   \
    "\"sunmao_ground\":{\"evidence\":[{\"id\":\"a\",\"title\":\"《办法》\"," \
    "\"text\":\"承诺20个工作日办结。\"}]}"

static json_t *grounded(sm_op *op, unsigned can)
{
    sm_wanted w;
    sm_buf b;
    json_t *v;
    const char *param;
    sm_str body = SM_STR("{" GROUND ",\"messages\":[{\"role\":\"user\"}],\"model\":\"a\"}");
    assert_int_equal(sm_wanted_read(op, SM_SERVICE_CHAT, body, &w, &param), SM_OK);
    sm_buf_init(&b, sm_wanted_most_bytes(&w));
    sm_wanted_write(&w, SM_STR("b"), can, &b);
    assert_int_equal(sm_json_parse(op, sm_buf_str(&b), "written", &v), SM_OK);
    assert_str(sm_json_str(v, "model"), "b");
    assert_int_equal(json_array_size(json_object_get(v, "messages")), 1);
    sm_buf_done(&b);
    return v;
}

/* A grammar or pattern with what the evidence says, and nothing else added. */
static void has_it(const json_t *whole, const json_t *form)
{
    assert_int_equal(json_object_size(whole), 3);
    assert_non_null(strstr(json_string_value(form), "0个工作日"));
    assert_null(json_object_get(whole, "sunmao_ground"));
}

static void evidence_becomes_what_the_back_end_understands(void **state)
{
    static const struct {
        unsigned can;
        const char *member, *within;
    } cases[] = {
        { SM_CAN_GRAMMAR | SM_CAN_JSON_SCHEMA, "grammar", NULL },
        { SM_CAN_STRUCTURED | SM_CAN_JSON_SCHEMA, "structured_outputs", "grammar" },
        { SM_CAN_GUIDED, "guided_grammar", NULL },
        { SM_CAN_EBNF, "ebnf", NULL },
    };
    sm_op op;
    (void)state;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        const json_t *v = grounded(&op, cases[i].can), *form = json_object_get(v, cases[i].member);
        has_it(v, cases[i].within ? json_object_get(form, cases[i].within) : form);
    }
    for (int pattern = 0; pattern < 2; pattern++) {
        const json_t *v = grounded(&op, SM_CAN_JSON_SCHEMA | (pattern ? SM_CAN_PATTERN : 0)), *text,
                     *s;
        s = json_object_get(json_object_get(json_object_get(v, "response_format"), "json_schema"),
                            "schema");
        s = json_object_get(json_object_get(s, "properties"), "sentences");
        s = json_object_get(json_object_get(s, "items"), "properties");
        text = json_object_get(json_object_get(s, "text"), "pattern");
        assert_int_equal(json_is_string(text), pattern);
        if (pattern)
            has_it(v, text);
        s = json_object_get(json_object_get(json_object_get(s, "cites"), "items"), "enum");
        assert_string_equal(json_string_value(json_array_get(s, 0)), "a");
    }
    assert_int_equal(json_object_size(grounded(&op, 0)), 2);
    assert_non_null(
        json_object_get(grounded(&op, SM_CAN_GROUND | SM_CAN_GRAMMAR), "sunmao_ground"));
    sm_op_end(&op);
}

static void evidence_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "\"sunmao_ground\":1",
        "\"sunmao_ground\":{}",
        "\"sunmao_ground\":{\"evidence\":[{\"id\":1}]}",
        GROUND ",\"grammar\":\"root ::= x\"",
        GROUND ",\"response_format\":{\"type\":\"json_object\"}",
        GROUND ",\"tools\":[{}]",
    };
    sm_op op;
    (void)state;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_wanted w;
        const char *param = NULL;
        sm_str body =
            sm_strf(op.arena, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],%s}", bad[i]);
        sm_op_clear(&op);
        assert_true(sm_wanted_read(&op, SM_SERVICE_CHAT, body, &w, &param) < 0);
        assert_string_equal(param, "sunmao_ground");
    }
    sm_op_end(&op);
}

static void what_a_request_needs_is_seen(void **state)
{
    static const struct {
        const char *more;
        unsigned needs;
    } cases[] = {
        { "", SM_CAN_CHAT },
        { ",\"tools\":[]", SM_CAN_CHAT },
        { ",\"tools\":[{}]", SM_CAN_CHAT | SM_CAN_TOOLS },
        { ",\"response_format\":{\"type\":\"text\"}", SM_CAN_CHAT },
        { ",\"response_format\":{\"type\":\"json_object\"}", SM_CAN_CHAT | SM_CAN_JSON_SCHEMA },
        { ",\"grammar\":\"root ::= x\"", SM_CAN_CHAT | SM_CAN_GRAMMAR },
        { ",\"logprobs\":true", SM_CAN_CHAT | SM_CAN_LOGPROBS },
        { ",\"logprobs\":null", SM_CAN_CHAT },
    };
    sm_op op;
    (void)state;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_wanted w;
        const char *param;
        sm_str body = sm_strf(op.arena, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]%s}",
                              cases[i].more);
        assert_int_equal(sm_wanted_read(&op, SM_SERVICE_CHAT, body, &w, &param), SM_OK);
        assert_int_equal(w.needs, cases[i].needs);
    }
    sm_op_end(&op);
}

static sm_rc read_message(sm_op *op, sm_service service, const char *before, const char *members,
                          const char **param)
{
    sm_wanted w;
    *param = NULL;
    sm_op_clear(op);
    return sm_wanted_read(
        op, service,
        sm_strf(op->arena, "{\"model\":\"m\",%s[{\"role\":\"user\",%s}]}", before, members), &w,
        param);
}

static void no_back_end_is_made_to_fetch_an_address(void **state)
{
    static const char *const good[] = {
        "\"content\":\"see http://a.b/c\"",
        "\"content\":null",
        "\"content\":[\"http://a.b\"]",
        "\"content\":[{\"type\":\"text\",\"text\":\"http://a.b \\u4e2d\"}]",
        "\"content\":[{\"type\":\"refusal\",\"refusal\":\"no: no\"}]",
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image\\/png;base64,"
        "\\/9j\",\"detail\":\"low\"}}]",
        "\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"//uQ+/==\",\"format\":"
        "\"wav\"}}]",
        "\"content\":[{\"type\":\"file\",\"file\":{\"filename\":\"C:\\u4e2d\",\"file_data\":\"data:"
        "a;"
        "base64,AA\"}}]",
        "\"content\":[[[[[[[[\"deep\"]]]]]]]]",
        "\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"url\\\":\\\"http://a\\\"}\"}}]",
    };
    static const char *const bad[] = {
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a.b/c\"}}]",
        "\"content\":[{\"type\":\"image_url\",\"image_url\":\"https://a.b/c\"}]",
        "\"content\":[{\"image_url\":{\"url\":\"file:///etc/passwd\"}}]",
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"/etc/passwd\"}}]",
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\" data:,http://a\"}}]",
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"\\u0068ttp:\\/\\/a\"}}]",
        "\"content\":[{\"type\":\"image_url\",\"image\\u005furl\":{\"\\u0075rl\":\"http\\u003a\\/"
        "\\/"
        "a\"}}]",
        "\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"http://a\"}}]",
        "\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"http\\u003a//a\"}}]",
        "\"content\":[{\"type\":\"video_url\",\"video_url\":{\"url\":\"ftp://a\"}}]",
        "\"content\":[{\"type\":\"video\",\"video\":[\"data:,x\",\"http://a\"]}]",
        "\"content\":[{\"type\":\"file\",\"file\":{\"file_url\":\"http://a\"}}]",
        "\"content\":[{\"type\":\"text\",\"text\":\"x\",\"type\":\"image_url\",\"image_url\":"
        "{\"url\":\"data:,x\",\"url\":\"http://a\"}}]",
        "\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{"
        "\"url\":\"http://a\"}}]",
        "\"content\":{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a\"}}",
        "\"content\":\"x\",\"content\":[{\"image_url\":\"http://a\"}]",
        "\"c\\u006fntent\":[{\"image_url\":\"http://a\"}]",
        "\"content\":[[[[[[[[[\"deep\"]]]]]]]]]",
    };
    sm_op op;
    const char *param;
    (void)state;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(good); i++)
        if (read_message(&op, SM_SERVICE_CHAT, "\"messages\":", good[i], &param) != SM_OK)
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        if (read_message(&op, SM_SERVICE_CHAT, "\"messages\":", bad[i], &param) != SM_E_DENIED)
            fail_msg("let through: %s", bad[i]);
        assert_string_equal(param, "messages");
        assert_int_equal(
            read_message(&op, SM_SERVICE_EMBED, "\"input\":\"x\",\"messages\":", bad[i], &param),
            SM_E_DENIED);
        assert_int_equal(read_message(&op, SM_SERVICE_RERANK,
                                      "\"query\":\"a:b\",\"documents\":", bad[i], &param),
                         SM_E_DENIED);
        assert_string_equal(param, "documents");
    }
    sm_op_end(&op);
}

/* -------------------------------------------------------------------------- sse */

typedef struct got {
    char data[8][40];
    size_t n;
} got;

static bool take_event(void *ctx, const sm_sse_event *e)
{
    got *g = ctx;
    if (e->has_data)
        snprintf(g->data[g->n++], sizeof(g->data[0]), "%s%.*s", e->many ? "many" : "",
                 SM_ARG(e->data));
    return g->n < 8;
}

static void events_come_out_whole_however_they_come_in(void **state)
{
    static const char text[] =
        ": hi\n\ndata: a\n\ndata: b\r\n\r\nevent: x\rdata:c\r\r\ndata: d\ndata: e\n\ndata: cut";
    (void)state;
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        sm_sse s;
        got g = { .n = 0 };
        sm_sse_init(&s);
        for (size_t at = 0; at < sizeof(text) - 1; at += piece)
            assert_true(
                sm_sse_push(&s, sm_str_sub(sm_str_of(text), at, at + piece), take_event, &g));
        assert_int_equal(g.n, 4);
        assert_string_equal(g.data[0], "a");
        assert_string_equal(g.data[1], "b");
        assert_string_equal(g.data[2], "c");
        assert_string_equal(g.data[3], "many");
        assert_false(sm_sse_is_empty(&s));
        sm_sse_done(&s);
    }
}

static void an_event_without_end_is_too_long(void **state)
{
    static char much[65536];
    sm_sse s;
    got g = { .n = 0 };
    size_t n = 0;
    (void)state;
    memset(much, 'x', sizeof(much));
    sm_sse_init(&s);
    while (n <= SM_SSE_EVENT_BYTES &&
           sm_sse_push(&s, (sm_str){ much, sizeof(much) }, take_event, &g))
        n += sizeof(much);
    assert_true(n <= SM_SSE_EVENT_BYTES);
    sm_sse_done(&s);
}

/* ---------------------------------------------------------------------- breaker */

enum { SECOND = 1000000 };

static void a_breaker_opens_at_failures_and_not_at_a_few_among_many(void **state)
{
    sm_breaker b = { 0 };
    int64_t now = 1000 * (int64_t)SECOND;
    (void)state;
    for (int i = 0; i < 10; i++)
        sm_breaker_good(&b, now);
    for (int i = 0; i < 9; i++)
        sm_breaker_bad(&b, now);
    assert_true(sm_breaker_lets(&b, now));
    sm_breaker_bad(&b, now);
    assert_false(sm_breaker_lets(&b, now));
    assert_int_equal(b.state, SM_BREAKER_OPEN);
}

static void old_failures_are_forgotten(void **state)
{
    sm_breaker b = { 0 };
    int64_t now = 1000 * (int64_t)SECOND;
    (void)state;
    for (int i = 0; i < 20; i++)
        sm_breaker_bad(&b, now + (int64_t)i * 5 * SECOND);
    assert_int_equal(b.state, SM_BREAKER_CLOSED);
}

static void half_open_lets_one_try_and_each_failure_doubles_the_wait(void **state)
{
    sm_breaker b = { 0 };
    int64_t now = 1000 * (int64_t)SECOND;
    (void)state;
    for (int i = 0; i < SM_BREAKER_FAILURES; i++)
        sm_breaker_bad(&b, now);
    for (int64_t wait = SM_BREAKER_OPEN_MS; wait <= SM_BREAKER_MOST_MS; wait *= 2) {
        assert_int_equal(b.until_us - now, wait * 1000);
        assert_false(sm_breaker_lets(&b, b.until_us - 1));
        now = b.until_us;
        assert_true(sm_breaker_lets(&b, now));
        sm_breaker_sent(&b);
        assert_false(sm_breaker_lets(&b, now));
        sm_breaker_bad(&b, now);
    }
    now = b.until_us;
    assert_true(sm_breaker_lets(&b, now));
    sm_breaker_sent(&b);
    sm_breaker_none(&b); /* the caller left: no news, the next one may try */
    assert_true(sm_breaker_lets(&b, now));
    sm_breaker_good(&b, now);
    assert_int_equal(b.state, SM_BREAKER_CLOSED);
    assert_int_equal(b.open_ms, 0);
}

/* ------------------------------------------------------------------------- loop */

typedef struct tick {
    sm_loop *l;
    sm_timer t;
    int *order, *n, number;
} tick;

static void on_tick(void *ctx)
{
    tick *k = ctx;
    k->order[(*k->n)++] = k->number;
    if (k->number == 99)
        sm_loop_stop(k->l);
}

static void timers_run_in_their_order(void **state)
{
    sm_op op;
    sm_loop *l;
    tick k[100];
    int order[100], n = 0;
    (void)state;
    sm_op_begin(&op);
    assert_int_equal(sm_loop_open(&op, &l), SM_OK);
    int64_t base = sm_now_us();
    for (int i = 0; i < 100; i++) {
        int number = i * 37 % 100;
        k[i] = (tick){ .l = l, .order = order, .n = &n, .number = number };
        k[i].t = (sm_timer){ .fn = on_tick, .ctx = &k[i] };
        sm_timer_set(l, &k[i].t, base + 100 - number); /* set again below */
    }
    for (int i = 0; i < 100; i++)
        sm_timer_set(l, &k[i].t, base + 10 * k[i].number);
    for (int i = 0; i < 100; i++)
        if (k[i].number % 10 == 3)
            sm_timer_stop(l, &k[i].t);
    sm_loop_run(l);
    assert_int_equal(n, 90);
    for (int i = 1; i < n; i++)
        assert_true(order[i - 1] < order[i]);
    sm_loop_close(l);
    sm_op_end(&op);
}

enum { POSTERS = 4, POSTS = 5000 };

typedef struct posting {
    sm_loop *l;
    sm_post post[POSTS];
    int seen, *left;
} posting;

typedef struct numbered {
    posting *p;
    int number;
} numbered;

static numbered numbers[POSTERS][POSTS];

static void on_post(void *ctx)
{
    numbered *n = ctx;
    assert_int_equal(n->number, n->p->seen); /* of one thread, in their order */
    n->p->seen++;
    if (--*n->p->left == 0)
        sm_loop_stop(n->p->l);
}

static void *post_many(void *ctx)
{
    posting *p = ctx;
    for (int i = 0; i < POSTS; i++) {
        if (i % 3)
            sm_loop_do(p->l, &p->post[i]);
        else
            sm_loop_post(p->l, &p->post[i]);
    }
    return NULL;
}

static void *run_loop(void *l)
{
    sm_loop_run(l);
    return NULL;
}

static void every_post_runs_once_on_whatever_thread(void **state)
{
    static posting p[POSTERS];
    int left = POSTERS * POSTS;
    pthread_t thread[POSTERS], runner;
    sm_op op;
    sm_loop *l;
    (void)state;
    sm_op_begin(&op);
    assert_int_equal(sm_loop_open(&op, &l), SM_OK);
    for (int t = 0; t < POSTERS; t++) {
        p[t].l = l;
        p[t].left = &left;
        for (int i = 0; i < POSTS; i++) {
            numbers[t][i] = (numbered){ &p[t], i };
            p[t].post[i] = (sm_post){ .fn = on_post, .ctx = &numbers[t][i] };
        }
    }
    pthread_create(&runner, NULL, run_loop, l);
    for (int t = 0; t < POSTERS; t++)
        pthread_create(&thread[t], NULL, post_many, &p[t]);
    for (int t = 0; t < POSTERS; t++)
        pthread_join(thread[t], NULL);
    pthread_join(runner, NULL);
    assert_int_equal(left, 0);
    sm_loop_close(l);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_checked_as_the_standard_has_it),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(members_and_items_are_found_where_they_lie),
        cmocka_unit_test(only_the_name_and_the_options_change),
        cmocka_unit_test(evidence_becomes_what_the_back_end_understands),
        cmocka_unit_test(evidence_that_is_none_is_refused),
        cmocka_unit_test(what_a_request_needs_is_seen),
        cmocka_unit_test(no_back_end_is_made_to_fetch_an_address),
        cmocka_unit_test(events_come_out_whole_however_they_come_in),
        cmocka_unit_test(an_event_without_end_is_too_long),
        cmocka_unit_test(a_breaker_opens_at_failures_and_not_at_a_few_among_many),
        cmocka_unit_test(old_failures_are_forgotten),
        cmocka_unit_test(half_open_lets_one_try_and_each_failure_doubles_the_wait),
        cmocka_unit_test(timers_run_in_their_order),
        cmocka_unit_test(every_post_runs_once_on_whatever_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
