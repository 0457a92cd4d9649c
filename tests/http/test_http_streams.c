/* Server-sent events, and closing a server with everything still going on. */
#include "web.h"

static web *w;

static int open_web(void **state)
{
    (void)state;
    w = web_open(NULL);
    return 0;
}

static int open_beating_web(void **state)
{
    (void)state;
    w = web_open(&(sm_http_options){ .heartbeat_s = 1, .header_s = 1, .send_s = 2 });
    return 0;
}

static int close_web(void **state)
{
    (void)state;
    web_close(w);
    return 0;
}

#define STREAM "GET /stream HTTP/1.1\r\n" HOST "\r\n"

static client open_stream(web *on, const char *request)
{
    size_t before = web_count(on, &on->n_streams);
    client c = dial(on);
    puts_(&c, request);
    assert_true(wait_for(&c, "\r\n\r\n"));
    web_await(on, &on->n_streams, before + 1);
    return c;
}

/* ---------------------------------------------------------------- messages */

static void messages_are_written_as_the_standard_has_it(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, STREAM);
    web_await(w, &w->n_streams, 1);
    sm_stream *s = w->stream[0];
    assert_true(sm_stream_send(s, "reply", 7, SM_STR("{\"a\":1}")));
    assert_true(sm_stream_send(s, NULL, 0, SM_STR("一\n二\r\n三\r四\n")));
    assert_true(sm_stream_send(s, "empty", 0, SM_STR("")));
    sm_stream_close(s);
    w->n_streams = 0;
    reply a = take_reply(w, &c, false);
    assert_text(header(&a, "Content-Type"), "text/event-stream; charset=utf-8");
    assert_text(header(&a, "Cache-Control"), "no-store");
    assert_text(header(&a, "X-Accel-Buffering"), "no");
    assert_true(a.whole);
    assert_text(a.body, "event: reply\nid: 7\ndata: {\"a\":1}\n\n"
                        "data: 一\ndata: 二\ndata: 三\ndata: 四\n\n"
                        "event: empty\ndata: \n\n");
    puts_(&c, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(take_reply(w, &c, false).status, 200);
    hang_up(&c);
}

static void a_body_comes_in_pieces_as_they_are(void **state)
{
    (void)state;
    reply a = get(w, "/pieces");
    assert_int_equal(a.status, 207);
    assert_text(header(&a, "Content-Type"), "text/x-pieces");
    assert_true(a.whole);
    assert_int_equal(a.body.n, 300 * strlen("一二三四五"));
}

static void a_client_that_leaves_is_noticed_without_a_word_sent(void **state)
{
    (void)state;
    client waits = dial(w), reads = open_stream(w, STREAM);
    puts_(&waits, "GET /wait HTTP/1.1\r\n" HOST "\r\n");
    web_await(w, &w->n_waiting, 1);
    assert_int_equal(web_count(w, &w->n_left), 0);
    hang_up(&waits);
    web_await(w, &w->n_left, 1);
    sm_request_go_on(w->waiting[0]);
    slam(&reads);
    web_await(w, &w->n_left, 2);
}

static void who_got_the_whole_answer_has_not_left(void **state)
{
    (void)state;
    client waits = dial(w), reads = open_stream(w, STREAM);
    puts_(&waits, "GET /wait HTTP/1.1\r\n" HOST "\r\n");
    web_await(w, &w->n_waiting, 1);
    sm_request_go_on(w->waiting[0]);
    assert_int_equal(take_reply(w, &waits, false).status, 200);
    sm_stream_close(w->stream[0]);
    w->n_streams = 0;
    assert_true(wait_for(&reads, "0\r\n\r\n"));
    hang_up(&waits);
    hang_up(&reads);
    web_await(w, &w->n_lines, 2);
    assert_int_equal(web_count(w, &w->n_left), 0);
}

static void what_was_sent_before_the_end_is_delivered(void **state)
{
    (void)state;
    for (int n = 0; n <= 1000; n = n * 10 + (n == 0)) {
        reply a = get(w, sm_strf(w->op.arena, "/burst?n=%d", n).p);
        size_t got = 0;
        assert_true(a.whole);
        for (size_t at = 0; (at = sm_str_find(a.body, SM_STR("event: "), at)) != SIZE_MAX; at++)
            got++;
        assert_int_equal(got, n);
    }
}

static void a_stream_without_a_reader_of_bodies_ends_at_once(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "HEAD /stream HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(take_reply(w, &c, true).status, 200);
    reply a = take_reply(w, &c, false);
    assert_text(a.body, "{\"ok\":true}");
    assert_true(sm_stream_gone(w->stream[0]));
    hang_up(&c);
}

static void an_old_client_gets_its_stream_without_chunks(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "GET /stream HTTP/1.0\r\n\r\n");
    web_await(w, &w->n_streams, 1);
    sm_stream_send(w->stream[0], "a", 1, SM_STR("b"));
    assert_true(wait_for(&c, "\r\n\r\nevent: a\nid: 1\ndata: b\n\n"));
    sm_stream_close(w->stream[0]);
    w->n_streams = 0;
    assert_false(more(&c));
    hang_up(&c);
}

static void a_worker_may_open_a_stream(void **state)
{
    (void)state;
    client c = open_stream(w, "GET /slow-stream HTTP/1.1\r\n" HOST "\r\n");
    assert_true(sm_stream_send(w->stream[0], "a", 1, SM_STR("b")));
    assert_true(wait_for(&c, "data: b\n\n"));
    hang_up(&c);
}

static void heartbeats_keep_a_stream_and_find_who_is_gone(void **state)
{
    (void)state;
    client stays = open_stream(w, STREAM), leaves = open_stream(w, STREAM);
    for (int i = 0; i < 3; i++)
        assert_true(wait_for(&stays, ": \n\n"));
    hang_up(&leaves);
    for (int i = 0; i < 2000 && !sm_stream_gone(w->stream[1]); i++)
        sleep_ms(5);
    assert_true(sm_stream_gone(w->stream[1]));
    assert_false(sm_stream_gone(w->stream[0]));
    hang_up(&stays);
}

/* ------------------------------------------------------------------- readers */

static void whoever_reads_too_slowly_loses_the_stream(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof(text));
    client c = open_stream(w, STREAM);
    size_t sent = 0;
    while (sm_stream_send(w->stream[0], "x", 1, (sm_str){ text, sizeof(text) }))
        sent += sizeof(text);
    assert_true(sm_stream_gone(w->stream[0]));
    assert_false(sm_stream_send(w->stream[0], "x", 1, SM_STR("")));
    assert_true(sent >= SM_HTTP_STREAM_BYTES - 2 * sizeof(text));
    assert_true(sent < (size_t)64 << 20); /* what the kernel holds, and no more than the limit */
    assert_true(wait_for(&c, "0\r\n\r\n"));
    hang_up(&c);
}

static void a_message_over_the_limit_is_not_sent(void **state)
{
    (void)state;
    sm_str huge = { sm_alloc(w->op.arena, SM_HTTP_STREAM_BYTES + 1), SM_HTTP_STREAM_BYTES + 1 };
    memset((char *)(uintptr_t)huge.p, 'x', huge.n);
    client c = open_stream(w, STREAM);
    assert_false(sm_stream_send(w->stream[0], "x", 1, huge));
    hang_up(&c);
}

/* ------------------------------------------------------------------- many of them */

enum { CROWD = 500, MESSAGES = 40, SENDERS = 2 };

typedef struct sender {
    pthread_t thread;
    size_t from, to;
} sender;

static void *send_all(void *what)
{
    const sender *t = what;
    char text[32];
    for (int m = 1; m <= MESSAGES; m++)
        for (size_t i = t->from; i < t->to; i++) {
            snprintf(text, sizeof(text), "%d", m);
            sm_stream_send(w->stream[i], "m", m, sm_str_of(text));
        }
    return NULL;
}

static void five_hundred_streams_get_every_message_in_order(void **state)
{
    (void)state;
    client *c = calloc(CROWD, sizeof(*c));
    sender t[SENDERS];
    assert_non_null(c);
    for (size_t i = 0; i < CROWD; i++) {
        c[i] = dial(w);
        puts_(&c[i], STREAM);
    }
    web_await(w, &w->n_streams, CROWD);
    for (size_t i = 0; i < SENDERS; i++) {
        t[i] = (sender){ .from = CROWD * i / SENDERS, .to = CROWD * (i + 1) / SENDERS };
        assert_int_equal(pthread_create(&t[i].thread, NULL, send_all, &t[i]), 0);
    }
    for (size_t i = 0; i < SENDERS; i++)
        pthread_join(t[i].thread, NULL);
    for (size_t i = 0; i < CROWD; i++)
        for (int m = 1; m <= MESSAGES; m++)
            assert_true(wait_for(&c[i], sm_strf(w->op.arena, "id: %d\ndata: %d\n\n", m, m).p));
    for (size_t i = 0; i < CROWD; i++)
        assert_true(wait_for(&c[i], ": \n\n"));
    for (size_t i = 0; i < CROWD; i++)
        hang_up(&c[i]);
    free(c);
}

static void *send_until_told(void *stop)
{
    while (!atomic_load((atomic_bool *)stop)) {
        size_t n = web_count(w, &w->n_streams);
        for (size_t i = n > 8 ? n - 8 : 0; i < n; i++)
            sm_stream_send(w->stream[i], "m", 1, SM_STR("x"));
    }
    return NULL;
}

/* Sending, leaving and ending at the same moment. */
static void leaving_in_the_middle_of_a_message_harms_nobody(void **state)
{
    (void)state;
    atomic_bool stop = false;
    pthread_t t[2];
    for (size_t i = 0; i < SM_LEN(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, send_until_told, &stop), 0);
    for (int i = 0; i < 200; i++) {
        client c = open_stream(w, STREAM);
        if (i % 4 == 0)
            wait_for(&c, "data: x\n\n");
        if (i % 2)
            slam(&c);
        else
            hang_up(&c);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < SM_LEN(t); i++)
        pthread_join(t[i], NULL);
}

static void *end_streams(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < 200; i++) {
        web_await(w, &w->n_streams, i + 1);
        sm_stream_send(w->stream[i], "last", 1, SM_STR("x"));
        sm_stream_close(w->stream[i]);
    }
    return NULL;
}

static void ending_and_leaving_at_once_harms_nobody(void **state)
{
    (void)state;
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, end_streams, NULL), 0);
    for (int i = 0; i < 200; i++) {
        client c = dial(w);
        puts_(&c, STREAM);
        web_await(w, &w->n_streams, (size_t)i + 1);
        if (i % 2)
            hang_up(&c);
        else
            slam(&c);
    }
    pthread_join(t, NULL);
    w->n_streams = 0;
}

/* ------------------------------------------------------------------- closing */

static void *let_go_on_later(void *on)
{
    web *x = on;
    sleep_ms(200);
    for (size_t i = 0; i < x->n_waiting; i++)
        sm_request_go_on(x->waiting[i]);
    return NULL;
}

static void closing_ends_streams_and_finishes_what_waits_and_works(void **state)
{
    (void)state;
    web *x = web_open(NULL);
    client streams[20], waits[5], slow[5], idle = dial(x), half = dial(x), deaf = dial(x);
    pthread_t t;
    for (size_t i = 0; i < SM_LEN(streams); i++)
        streams[i] = open_stream(x, STREAM);
    for (size_t i = 0; i < SM_LEN(waits); i++) {
        waits[i] = dial(x);
        slow[i] = dial(x);
        puts_(&waits[i], "GET /wait HTTP/1.1\r\n" HOST "\r\n");
        puts_(&slow[i], "GET /slow?ms=50 HTTP/1.1\r\n" HOST "\r\n");
    }
    puts_(&half, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n{");
    puts_(&deaf, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    web_await(x, &x->n_waiting, SM_LEN(waits));
    const int all = SM_LEN(streams) + SM_LEN(waits) + SM_LEN(slow) + 2;
    for (int i = 0; i < 2000 && atomic_load(&x->n_admitted) < all; i++)
        sleep_ms(5);
    sleep_ms(100);
    assert_int_equal(pthread_create(&t, NULL, let_go_on_later, x), 0);
    sm_http_close(x->http);
    x->http = NULL;
    pthread_join(t, NULL);
    for (size_t i = 0; i < SM_LEN(streams); i++) {
        assert_true(wait_for(&streams[i], "0\r\n\r\n"));
        assert_false(sm_stream_send(x->stream[i], "late", 1, SM_STR("x")));
        assert_true(sm_stream_gone(x->stream[i]));
        hang_up(&streams[i]);
    }
    for (size_t i = 0; i < SM_LEN(waits); i++) {
        assert_int_equal(take_reply(x, &waits[i], false).status, 200);
        assert_int_equal(take_reply(x, &slow[i], false).status, 200);
        hang_up(&waits[i]);
        hang_up(&slow[i]);
    }
    assert_true(ended(&idle) && ended(&half) && ended(&deaf));
    hang_up(&idle);
    hang_up(&half);
    hang_up(&deaf);
    web_close(x);
}

typedef struct stormer {
    pthread_t thread;
    int port;
    unsigned seed;
} stormer;

/* Asks for everything, until nobody answers any more. */
static void *storm(void *what)
{
    stormer *s = what;
    static const char *const request[] = {
        "GET /hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /brief HTTP/1.1\r\n" HOST "\r\nGET /slow?ms=1 HTTP/1.1\r\n" HOST "\r\n",
        "GET /slow?ms=2 HTTP/1.1\r\n" HOST "\r\n",
        STREAM,
        "GET /burst?n=50 HTTP/1.1\r\n" HOST "\r\n",
        "POST /file HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nfour",
    };
    struct sockaddr_in in = { .sin_family = AF_INET };
    in.sin_port = htons((uint16_t)s->port);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (unsigned i = s->seed;; i++) {
        char text[4096];
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct timeval patience = { .tv_usec = 2000 };
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        bool on = fd >= 0 && connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
        for (unsigned k = 0; on && k < 3; k++) {
            const char *r = request[(i + k) % SM_LEN(request)];
            if (send(fd, r, strlen(r), MSG_NOSIGNAL) < 0 || recv(fd, text, sizeof(text), 0) == 0)
                break;
        }
        close(fd);
        if (!on)
            return NULL;
    }
}

static void closing_in_the_middle_of_a_storm_harms_nobody(void **state)
{
    (void)state;
    for (int round = 0; round < 15; round++) {
        web *x = web_open(NULL);
        stormer s[4];
        int port = atoi(strrchr(sm_http_address(x->http), ':') + 1);
        for (size_t i = 0; i < SM_LEN(s); i++) {
            s[i] = (stormer){ .port = port, .seed = (unsigned)i };
            assert_int_equal(pthread_create(&s[i].thread, NULL, storm, &s[i]), 0);
        }
        sleep_ms(20 + round * 7);
        sm_http_close(x->http);
        x->http = NULL;
        for (size_t i = 0; i < SM_LEN(s); i++)
            pthread_join(s[i].thread, NULL);
        web_close(x);
    }
}

static void a_server_closed_at_once_is_closed(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        web_close(web_open(NULL));
    sm_http_close(NULL);
    sm_stream_close(NULL);
}

#define WEB_TEST(f)     cmocka_unit_test_setup_teardown(f, open_web, close_web)
#define BEATING_TEST(f) cmocka_unit_test_setup_teardown(f, open_beating_web, close_web)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(messages_are_written_as_the_standard_has_it),
        WEB_TEST(what_was_sent_before_the_end_is_delivered),
        WEB_TEST(a_stream_without_a_reader_of_bodies_ends_at_once),
        WEB_TEST(an_old_client_gets_its_stream_without_chunks),
        WEB_TEST(a_worker_may_open_a_stream),
        BEATING_TEST(heartbeats_keep_a_stream_and_find_who_is_gone),
        WEB_TEST(whoever_reads_too_slowly_loses_the_stream),
        WEB_TEST(a_message_over_the_limit_is_not_sent),
        BEATING_TEST(five_hundred_streams_get_every_message_in_order),
        BEATING_TEST(leaving_in_the_middle_of_a_message_harms_nobody),
        BEATING_TEST(ending_and_leaving_at_once_harms_nobody),
        WEB_TEST(a_body_comes_in_pieces_as_they_are),
        WEB_TEST(a_client_that_leaves_is_noticed_without_a_word_sent),
        WEB_TEST(who_got_the_whole_answer_has_not_left),
        cmocka_unit_test(closing_ends_streams_and_finishes_what_waits_and_works),
        cmocka_unit_test(closing_in_the_middle_of_a_storm_harms_nobody),
        cmocka_unit_test(a_server_closed_at_once_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
