/* Clients that mean harm, or are broken: each is refused or cut, and the server serves on. */
#include "web.h"

static web *w;

static int open_web(void **state)
{
    (void)state;
    w = web_open(NULL);
    return 0;
}

/* libmicrohttpd may miss that half of a request is all there will be. */
static int open_impatient_web(void **state)
{
    (void)state;
    w = web_open(&(sm_http_options){ .header_s = 1 });
    return 0;
}

/* Whatever a test did, the next client is served. */
static int close_web(void **state)
{
    (void)state;
    reply a = get(w, "/hello");
    web_close(w);
    return a.status == 200 ? 0 : -1;
}

/* ----------------------------------------------------------- bodies too long */

static void a_body_announced_too_long_is_refused_unread(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4097\r\n\r\n");
    reply a = take_reply(w, &c, false);
    assert_failure(w, a, 413, "E_LIMIT");
    assert_non_null(strstr(message_of(w, &a), "4096"));
    assert_false(more(&c));
    hang_up(&c);
}

static void whoever_sends_too_much_regardless_still_learns_why(void **state)
{
    (void)state;
    sm_str flood = { sm_alloc(w->op.arena, 8 << 20), 8 << 20 };
    client c = dial(w);
    puts_(&c, "POST /file HTTP/1.1\r\n" HOST "Content-Length: 8388608\r\n\r\n");
    put(&c, flood);
    assert_failure(w, take_reply(w, &c, false), 413, "E_LIMIT");
    hang_up(&c);
}

static void chunks_over_the_limit_are_refused(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1001\r\n");
    char body[4097];
    memset(body, 'x', sizeof(body));
    put(&c, (sm_str){ body, sizeof(body) });
    puts_(&c, "\r\n0\r\n\r\n");
    assert_failure(w, take_reply(w, &c, false), 413, "E_LIMIT");
    hang_up(&c);
}

static void chunks_without_end_are_cut(void **state)
{
    (void)state;
    static const char *const path[] = { "/echo", "/file", "/slow-echo" };
    char chunk[65536 + 9];
    memcpy(chunk, "10000\r\n", 7);
    memset(chunk + 7, 'x', 65536);
    memcpy(chunk + 7 + 65536, "\r\n", 2);
    for (size_t i = 0; i < SM_LEN(path); i++) {
        client c = dial(w);
        puts_(&c, sm_strf(w->op.arena,
                          "POST %s HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", path[i])
                      .p);
        bool cut = false;
        for (int k = 0; k < 1000 && !cut; k++)
            cut = !put(&c, (sm_str){ chunk, sizeof(chunk) });
        assert_true(cut);
        hang_up(&c);
    }
}

static void a_route_that_takes_no_body_gets_none(void **state)
{
    (void)state;
    assert_failure(w, get_with(w, "/hello", "Content-Length: 5\r\n"), 413, "E_LIMIT");
    assert_failure(w, get_with(w, "/hello", "Transfer-Encoding: chunked\r\n"), 413, "E_LIMIT");
    assert_int_equal(get_with(w, "/hello", "Content-Length: 0\r\n").status, 200);
}

/* -------------------------------------------------- lengths that say two things */

static void expect_end(const char *request, bool may_be_silent)
{
    client c = dial(w);
    puts_(&c, request);
    reply a = take_reply(w, &c, false);
    if (!(may_be_silent && a.status == 0) && (a.status < 400 || a.status >= 500))
        fail_msg("%d to %s", a.status, request);
    if (a.status)
        assert_false(wait_for(&c, "HTTP/1.1")); /* what follows is no request */
    hang_up(&c);
}

static void a_length_that_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "-1",
        "+1",
        "x",
        "1x",
        "0x1",
        "1,1",
        "1 1",
        "1.0",
        "99999999999999999999",
        "9223372036854775808",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        expect_end(sm_strf(w->op.arena,
                           "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %s\r\n\r\n{"
                           "GET /hello HTTP/1.1\r\n" HOST "\r\n",
                           bad[i])
                       .p,
                   false);
}

static void headers_that_say_two_things_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 30\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \r\n",
        "Content-Length: 2\r\nHost: elsewhere\r\n",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        expect_end(sm_strf(w->op.arena,
                           "POST /echo HTTP/1.1\r\n" HOST "%s\r\n{}GET /hello HTTP/1.1\r\n" HOST
                           "\r\n",
                           bad[i])
                       .p,
                   false);
    expect_end("GET /hello HTTP/1.1\r\n\r\n", false);
}

static void chunks_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "zz\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "2\r\n{}0\r\n\r\n",      "2 \r\n{}\r\n0\r\n\r\n",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        expect_end(sm_strf(w->op.arena,
                           "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s",
                           bad[i])
                       .p,
                   true);
}

/* --------------------------------------------------------------- too much of it */

static void a_hundred_headers_are_enough(void **state)
{
    (void)state;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < SM_HTTP_MAX_HEADERS - 1; i++)
        sm_buf_addf(&b, "X-%d: %d\r\n", i, i);
    assert_int_equal(get_with(w, "/hello", b.p).status, 200);
    sm_buf_addf(&b, "X-More: 1\r\n");
    assert_failure(w, get_with(w, "/hello", b.p), 413, "E_LIMIT");
    sm_buf_done(&b);
}

/* The answer, if the client comes to read it before the reset: 4xx, and the end. */
static void expect_refusal(client *c)
{
    reply a = take_reply(w, c, false);
    if (a.status && (a.status < 400 || a.status >= 500))
        fail_msg("%d", a.status);
    assert_true(ended(c));
    hang_up(c);
}

static void ten_thousand_headers_are_cut(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "GET /hello HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 10000; i++)
        if (!puts_(&c, "A: b\r\n"))
            break;
    puts_(&c, "\r\n");
    expect_refusal(&c);
}

static void a_header_of_a_megabyte_is_cut(void **state)
{
    (void)state;
    char *p = sm_alloc(w->op.arena, 1 << 20);
    memset(p, 'x', 1 << 20);
    client c = dial(w);
    puts_(&c, "GET /hello HTTP/1.1\r\n" HOST "Cookie: ");
    put(&c, (sm_str){ p, 1 << 20 });
    puts_(&c, "\r\n\r\n");
    expect_refusal(&c);
}

static void a_request_line_of_a_megabyte_is_cut(void **state)
{
    (void)state;
    static const char fill[] = { 'x', '%', '&', '/', '?', ' ' };
    char *p = sm_alloc(w->op.arena, 1 << 20);
    for (size_t i = 0; i < SM_LEN(fill); i++) {
        memset(p, fill[i], 1 << 20);
        client c = dial(w);
        puts_(&c, "GET /");
        put(&c, (sm_str){ p, 1 << 20 });
        puts_(&c, " HTTP/1.1\r\n" HOST "\r\n");
        expect_refusal(&c);
    }
}

/* Every part of a query costs libmicrohttpd memory of the connection. */
static void a_query_of_thousands_of_parts_harms_nobody(void **state)
{
    (void)state;
    for (size_t n = 16; n <= 8192; n *= 2) {
        char *p = sm_alloc(w->op.arena, n + 1);
        for (size_t i = 0; i < n; i++)
            p[i] = i % 2 ? '&' : 'a';
        reply a = get(w, sm_strf(w->op.arena, "/look/7?%s", p).p);
        assert_true(a.status == 0 || a.status == 200 || (a.status >= 400 && a.status < 500));
    }
}

static void a_long_but_allowed_request_is_served(void **state)
{
    (void)state;
    char value[6001] = "";
    memset(value, 'x', sizeof(value) - 1);
    reply a = get_with(w, "/look/7", sm_strf(w->op.arena, "Cookie: sid=%s\r\n", value).p);
    assert_int_equal(a.status, 200);
    assert_string_equal(text_of(w, &a, "cookie"), value);
    a = get(w, sm_strf(w->op.arena, "/look/7?q=%s", value).p);
    assert_string_equal(text_of(w, &a, "q"), value);
}

/* ----------------------------------------------------------------- no HTTP at all */

static void what_is_no_request_is_refused_or_cut(void **state)
{
    (void)state;
    const sm_str bad[] = {
        SM_STR("\r\n\r\n\r\n"),
        SM_STR("GET\r\n\r\n"),
        SM_STR("GET \r\n\r\n"),
        SM_STR("GET /hello\r\n\r\n"),
        SM_STR(" GET /hello HTTP/1.1\r\n\r\n"),
        SM_STR("GET /hello HTTP/9.9\r\n" HOST "\r\n"),
        SM_STR("GET /hello HTTX/1.1\r\n" HOST "\r\n"),
        SM_STR("GET /hello there HTTP/1.1\r\n" HOST "\r\n"),
        SM_STR("GET /hello HTTP/1.1\r\nno colon\r\n\r\n"),
        SM_STR("GET /hello HTTP/1.1\r\n: empty\r\n\r\n"),
        SM_STR("GET /hel\0lo HTTP/1.1\r\n" HOST "\r\n"),
        SM_STR("GET /hello HTTP/1.1\r\nHo\0st: x\r\n\r\n"),
        SM_STR("GET /hello HTTP/1.1\r\n" HOST " folded: x\r\n\r\n"),
        SM_STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        SM_STR("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
        SM_STR("CONNECT localhost:22 HTTP/1.1\r\n" HOST "\r\n"),
        SM_STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        SM_STR("\0\0\0\0\r\n\r\n"),
        SM_STR("\xff\xfe / HTTP/1.1\r\n\r\n"),
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        client c = dial(w);
        put(&c, bad[i]);
        shutdown(c.fd, SHUT_WR);
        reply a = take_reply(w, &c, false);
        if (a.status >= 500 && a.status != 505)
            fail_msg("%d to number %zu", a.status, i);
        hang_up(&c);
    }
}

/* One of the bytes of a request in order is another one. */
static void a_spoiled_request_harms_nobody(void **state)
{
    (void)state;
    static const char good[] =
        "POST /echo?q=%E4%BA%8C HTTP/1.1\r\n" HOST "Cookie: sid=1\r\nTransfer-Encoding: chunked\r\n"
        "\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n";
    sm_rng rng = { 20261123 };
    for (int i = 0; i < 600; i++) {
        char spoiled[sizeof(good)];
        memcpy(spoiled, good, sizeof(good));
        for (uint32_t k = sm_rng_below(&rng, 3) + 1; k; k--)
            spoiled[sm_rng_below(&rng, sizeof(good) - 1)] = (char)sm_rng_below(&rng, 256);
        client c = dial(w);
        put(&c, (sm_str){ spoiled, sizeof(good) - 1 });
        if (i % 8 == 0) {
            shutdown(c.fd, SHUT_WR);
            assert_true(ended(&c));
        }
        if (i % 2)
            slam(&c);
        else
            hang_up(&c);
    }
}

/* ------------------------------------------------------------------ slow clients */

typedef struct trickler {
    const char *begin; /* sent at once; then a byte again and again */
    bool reads;        /* waits for the answer of `begin` first */
    bool cut;
    web *on;
    pthread_t thread;
} trickler;

static void *trickle(void *what)
{
    trickler *t = what;
    client c = { .fd = dial_address(sm_http_address(t->on->http)) };
    sm_buf_init(&c.in, 64u << 20);
    puts_(&c, t->begin);
    if (t->reads)
        wait_for(&c, "{\"ok\":true}");
    for (int i = 0; i < 150 && !t->cut; i++) {
        char dust;
        sleep_ms(100);
        t->cut = !puts_(&c, "x") || recv(c.fd, &dust, 1, MSG_DONTWAIT) == 0;
    }
    hang_up(&c);
    return NULL;
}

static void whoever_trickles_is_cut(void **state)
{
    (void)state;
    web *quick = web_open(&(sm_http_options){ .header_s = 1, .idle_s = 1, .send_s = 1 });
    trickler t[] = {
        { .begin = "" },
        { .begin = "GET /hello" },
        { .begin = "GET /hello HTTP/1.1\r\n" HOST "X: " },
        { .begin = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4000\r\n\r\n" },
        { .begin = "POST /file HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n" },
        { .begin = "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nF00\r\n" },
        { .begin = "GET /hello HTTP/1.1\r\n" HOST "\r\n", .reads = true },
        { .begin = "GET /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\nX: ", .reads = true },
    };
    for (size_t i = 0; i < SM_LEN(t); i++) {
        t[i].on = quick;
        assert_int_equal(pthread_create(&t[i].thread, NULL, trickle, &t[i]), 0);
    }
    for (size_t i = 0; i < SM_LEN(t); i++) {
        pthread_join(t[i].thread, NULL);
        if (!t[i].cut)
            fail_msg("not cut: %s", t[i].begin);
    }
    web_close(quick);
}

static void whoever_is_silent_or_never_reads_is_cut(void **state)
{
    (void)state;
    web *quick = web_open(&(sm_http_options){ .header_s = 1, .idle_s = 1, .send_s = 1 });
    static const char *const begin[] = { "", "GET /hel", "GET /hello HTTP/1.1\r\n" HOST "\r\n" };
    client c[3], deaf = dial(quick);
    puts_(&deaf, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    for (size_t i = 0; i < SM_LEN(c); i++) {
        c[i] = dial(quick);
        puts_(&c[i], begin[i]);
    }
    for (size_t i = 0; i < SM_LEN(c); i++) {
        assert_true(ended(&c[i]));
        assert_true(errno != EAGAIN);
        hang_up(&c[i]);
    }
    web_await(quick, &quick->n_lines, 2);
    reply a = take_reply(quick, &deaf, false);
    assert_false(a.whole);
    hang_up(&deaf);
    web_close(quick);
}

static void a_body_that_keeps_coming_is_not_cut(void **state)
{
    (void)state;
    web *quick = web_open(&(sm_http_options){ .header_s = 1 });
    client c = dial(quick);
    char part[16384];
    memset(part, 'x', sizeof(part));
    puts_(&c, "POST /file HTTP/1.1\r\n" HOST "Content-Length: 163840\r\n\r\n");
    for (int i = 0; i < 10; i++) {
        assert_true(put(&c, (sm_str){ part, sizeof(part) }));
        sleep_ms(200);
    }
    assert_int_equal(take_reply(quick, &c, false).status, 200);
    hang_up(&c);
    web_close(quick);
}

static void work_and_waiting_are_never_cut(void **state)
{
    (void)state;
    web *quick = web_open(&(sm_http_options){ .header_s = 1, .idle_s = 1, .send_s = 1 });
    client slow = dial(quick), waits = dial(quick);
    puts_(&waits, "GET /wait HTTP/1.1\r\n" HOST "\r\n");
    puts_(&slow, "GET /slow?ms=2500 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(take_reply(quick, &slow, false).status, 200);
    web_await(quick, &quick->n_waiting, 1);
    sm_request_go_on(quick->waiting[0]);
    assert_int_equal(take_reply(quick, &waits, false).status, 200);
    hang_up(&slow);
    hang_up(&waits);
    web_close(quick);
}

/* ------------------------------------------------------------------- too many of them */

static void an_address_has_only_so_many_connections(void **state)
{
    (void)state;
    web *few = web_open(&(sm_http_options){ .max_per_address = 3 });
    client c[3];
    for (size_t i = 0; i < SM_LEN(c); i++) {
        c[i] = dial(few);
        puts_(&c[i], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(take_reply(few, &c[i], false).status, 200);
    }
    assert_int_equal(get(few, "/hello").status, 0);
    hang_up(&c[1]);
    int status = 0;
    for (int i = 0; i < 1000 && status == 0; i++) {
        status = get(few, "/hello").status;
        sleep_ms(5);
    }
    assert_int_equal(status, 200);
    hang_up(&c[0]);
    hang_up(&c[2]);
    web_close(few);
}

static void a_full_server_lets_the_next_one_wait(void **state)
{
    (void)state;
    web *few = web_open(&(sm_http_options){ .max_connections = 4 });
    client c[4], next;
    for (size_t i = 0; i < SM_LEN(c); i++) {
        c[i] = dial(few);
        puts_(&c[i], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(take_reply(few, &c[i], false).status, 200);
    }
    next = dial(few);
    puts_(&next, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    char dust;
    sleep_ms(50);
    assert_int_equal(recv(next.fd, &dust, 1, MSG_DONTWAIT), -1);
    hang_up(&c[0]);
    assert_int_equal(take_reply(few, &next, false).status, 200);
    for (size_t i = 1; i < SM_LEN(c); i++)
        hang_up(&c[i]);
    hang_up(&next);
    web_close(few);
}

static void when_too_many_wait_for_a_worker_the_next_are_told_when_to_return(void **state)
{
    (void)state;
    web *few = web_open(&(sm_http_options){ .workers = 1, .max_waiting = 2 });
    client c[12];
    int served = 0, refused = 0;
    for (size_t i = 0; i < SM_LEN(c); i++) {
        c[i] = dial(few);
        puts_(&c[i], "GET /slow?ms=200 HTTP/1.1\r\n" HOST "\r\n");
    }
    for (size_t i = 0; i < SM_LEN(c); i++) {
        reply a = take_reply(few, &c[i], false);
        served += a.status == 200;
        refused += a.status == 503;
        if (a.status == 503)
            assert_text(header(&a, "Retry-After"), "5");
        hang_up(&c[i]);
    }
    assert_int_equal(served + refused, SM_LEN(c));
    assert_true(served >= 2 && refused >= 6);
    web_close(few);
}

/* ---------------------------------------------------------- clients that go away */

static void leaving_while_a_slow_handler_runs_harms_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        client c = dial(w);
        puts_(&c, "GET /slow?ms=5 HTTP/1.1\r\n" HOST "\r\n");
        sleep_ms(i % 8);
        if (i % 2)
            slam(&c);
        else
            hang_up(&c);
    }
}

static void leaving_while_a_request_waits_harms_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < 40; i++) {
        client c = dial(w);
        puts_(&c, "GET /wait HTTP/1.1\r\n" HOST "\r\n");
        web_await(w, &w->n_waiting, i + 1);
        if (i % 2)
            slam(&c);
        else
            hang_up(&c);
        if (i % 3 == 0)
            sleep_ms(2);
        sm_request_go_on(w->waiting[i]);
    }
}

static void leaving_in_the_middle_of_an_answer_harms_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        client c = dial(w);
        puts_(&c, i % 4 < 2 ? "GET /big HTTP/1.1\r\n" HOST "\r\n"
                            : "GET /burst?n=1000 HTTP/1.1\r\n" HOST "\r\n");
        more(&c);
        if (i % 2)
            slam(&c);
        else
            hang_up(&c);
    }
}

static void leaving_after_any_byte_harms_nobody(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "GET /look/%E4%B8%8A/at/2?q=1 HTTP/1.1\r\n" HOST "Cookie: sid=1\r\n\r\n",
        "POST /file HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nfour",
        "POST /slow-echo HTTP/1.1\r\n" HOST
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "GET /brief HTTP/1.1\r\n" HOST "\r\nGET /stream HTTP/1.1\r\n" HOST "\r\n",
    };
    for (size_t i = 0; i < SM_LEN(whole); i++)
        for (size_t n = 0; n <= strlen(whole[i]); n++) {
            client c = dial(w);
            put(&c, (sm_str){ whole[i], n });
            if (n % 3 == 0) {
                shutdown(c.fd, SHUT_WR);
                hang_up(&c);
            } else if (n % 3 == 1) {
                hang_up(&c);
            } else {
                slam(&c);
            }
        }
}

#define WEB_TEST(f) cmocka_unit_test_setup_teardown(f, open_web, close_web)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(a_body_announced_too_long_is_refused_unread),
        WEB_TEST(whoever_sends_too_much_regardless_still_learns_why),
        WEB_TEST(chunks_over_the_limit_are_refused),
        WEB_TEST(chunks_without_end_are_cut),
        WEB_TEST(a_route_that_takes_no_body_gets_none),
        WEB_TEST(a_length_that_is_no_number_is_refused),
        WEB_TEST(headers_that_say_two_things_are_refused),
        WEB_TEST(chunks_that_are_none_are_refused),
        WEB_TEST(a_hundred_headers_are_enough),
        WEB_TEST(ten_thousand_headers_are_cut),
        WEB_TEST(a_header_of_a_megabyte_is_cut),
        WEB_TEST(a_request_line_of_a_megabyte_is_cut),
        cmocka_unit_test_setup_teardown(a_query_of_thousands_of_parts_harms_nobody,
                                        open_impatient_web, close_web),
        WEB_TEST(a_long_but_allowed_request_is_served),
        cmocka_unit_test_setup_teardown(what_is_no_request_is_refused_or_cut, open_impatient_web,
                                        close_web),
        cmocka_unit_test_setup_teardown(a_spoiled_request_harms_nobody, open_impatient_web,
                                        close_web),
        WEB_TEST(whoever_trickles_is_cut),
        WEB_TEST(whoever_is_silent_or_never_reads_is_cut),
        WEB_TEST(a_body_that_keeps_coming_is_not_cut),
        WEB_TEST(work_and_waiting_are_never_cut),
        WEB_TEST(an_address_has_only_so_many_connections),
        WEB_TEST(a_full_server_lets_the_next_one_wait),
        WEB_TEST(when_too_many_wait_for_a_worker_the_next_are_told_when_to_return),
        WEB_TEST(leaving_while_a_slow_handler_runs_harms_nobody),
        WEB_TEST(leaving_while_a_request_waits_harms_nobody),
        WEB_TEST(leaving_in_the_middle_of_an_answer_harms_nobody),
        WEB_TEST(leaving_after_any_byte_harms_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
