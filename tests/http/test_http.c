/* What a well-behaved client sees: targets, answers, bodies, waiting, addresses, the log. */
#include "web.h"

static web *w;

static int open_web(void **state)
{
    (void)state;
    w = web_open(NULL);
    return 0;
}

static int close_web(void **state)
{
    (void)state;
    web_close(w);
    return 0;
}

/* ---------------------------------------------------------------- targets */

static void a_route_is_found_and_answers_json(void **state)
{
    (void)state;
    reply a = get(w, "/hello");
    assert_int_equal(a.status, 200);
    assert_text(a.body, "{\"ok\":true}");
    assert_text(header(&a, "Content-Type"), "application/json; charset=utf-8");
    assert_text(header(&a, "Cache-Control"), "no-store");
    assert_text(header(&a, "X-Content-Type-Options"), "nosniff");
    assert_int_equal(header(&a, "X-Trace-Id").n, 16);
}

static void segments_of_a_path_reach_the_handler(void **state)
{
    (void)state;
    reply a = get(w, "/look/7/at/%E4%B8%8A%E6%B5%B7");
    assert_string_equal(text_of(w, &a, "a"), "7");
    assert_string_equal(text_of(w, &a, "b"), "上海");
    assert_string_equal(text_of(w, &a, "path"), "/look/7/at/上海");
    a = get(w, "/look/7");
    assert_string_equal(text_of(w, &a, "b"), "");
}

static void a_path_that_is_not_there_goes_to_404(void **state)
{
    (void)state;
    static const char *const lost[] = { "/none",       "/hello/",     "/hello/more", "/look/",
                                        "/look//at/x", "/look/7/at/", "//hello",     "/HELLO" };
    for (size_t i = 0; i < SM_LEN(lost); i++)
        assert_failure(w, get(w, lost[i]), 404, "E_NOTFOUND");
}

static void another_method_is_told_which_ones_there_are(void **state)
{
    (void)state;
    reply a = post(w, "/look/7", SM_STR(""));
    assert_failure(w, a, 405, "E_INVALID");
    assert_text(header(&a, "Allow"), "GET, HEAD, DELETE");
    a = get(w, "/echo");
    assert_failure(w, a, 405, "E_INVALID");
    assert_text(header(&a, "Allow"), "POST");
}

static void head_has_the_headers_of_get_and_no_body(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "HEAD /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n");
    reply a = take_reply(w, &c, true), b = take_reply(w, &c, false);
    assert_int_equal(a.status, 200);
    assert_text(header(&a, "Content-Length"), "11");
    assert_int_equal(b.status, 200);
    assert_text(b.body, "{\"ok\":true}");
    hang_up(&c);
}

static void escapes_are_decoded_once(void **state)
{
    (void)state;
    reply a = get(w, "/look/%2525?q=a%2Bb+c%26");
    assert_string_equal(text_of(w, &a, "a"), "%25");
    assert_string_equal(text_of(w, &a, "q"), "a+b c&");
    a = get(w, "/l%6Fok/a+b");
    assert_string_equal(text_of(w, &a, "a"), "a+b");
}

static void an_escaped_slash_parts_no_segments(void **state)
{
    (void)state;
    reply a = get(w, "/look/a%2Fat%2fb");
    assert_string_equal(text_of(w, &a, "a"), "a/at/b");
    assert_failure(w, get(w, "/look%2F7"), 404, "E_NOTFOUND");
}

static void dots_stay_what_they_are(void **state)
{
    (void)state;
    reply a = get(w, "/look/..");
    assert_string_equal(text_of(w, &a, "a"), "..");
    a = get(w, "/look/%2e%2e%2f..%2Fetc");
    assert_string_equal(text_of(w, &a, "a"), "../../etc");
    assert_failure(w, get(w, "/look/../hello"), 404, "E_NOTFOUND");
}

static void what_is_no_text_is_no_path(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "/look/%",         "/look/%4",        "/look/%zz",           "/look/a%",
        "/look/%00",       "/look/a%0Ab",     "/look/%1F",           "/look/%7f",
        "/look/%C0%AF",    "/look/%E0%80%AF", "/look/%F0%80%80%AF",  "/look/%ED%A0%80",
        "/look/%ED%BF%BF", "/look/%80",       "/look/%C3",           "/look/%E4%B8",
        "/look/%FF",       "/look/%FE",       "/look/%F4%90%80%80",  "/look/%F8%88%80%80%80",
        "/look/\xff",      "/look/\xc3(",     "/look/%E4%B8/at/%8A", "look/7",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        assert_failure(w, get(w, bad[i]), 400, "E_INVALID");
    assert_int_equal(get(w, "/look/\xe4\xb8\x8a").status, 200);
    assert_int_equal(get(w, "/look/%F4%8F%BF%BF").status, 200);
}

static void an_absolute_target_is_its_path(void **state)
{
    (void)state;
    reply a = get(w, "http://localhost/look/7?q=1");
    assert_string_equal(text_of(w, &a, "path"), "/look/7");
    assert_string_equal(text_of(w, &a, "q"), "1");
    assert_failure(w, get(w, "https://localhost"), 400, "E_INVALID");
}

static void a_query_is_read_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *target, *q;
    } t[] = {
        { "/look/7?q=%E5%A9%9A%E5%A7%BB&n=3", "婚姻" },
        { "/look/7?x=1&q=2&q=3", "2" },
        { "/look/7?qq=1", "" },
        { "/look/7?q", "" },
        { "/look/7?q=", "" },
        { "/look/7?&&q=a=b&&", "a=b" },
        { "/look/7?q=a?b/c", "a?b/c" },
        { "/look/7?q=%zz", "" },
        { "/look/7?q=%ED%A0%80", "" },
        { "/look/7?q=a%00b", "" },
    };
    for (size_t i = 0; i < SM_LEN(t); i++) {
        reply a = get(w, t[i].target);
        assert_int_equal(a.status, 200);
        assert_string_equal(text_of(w, &a, "q"), t[i].q);
    }
}

static void an_integer_of_the_query_keeps_its_bounds(void **state)
{
    (void)state;
    static const char *const bad[] = { "0", "10", "-1", "x", "1x", "%201", "99999999999999999999" };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        assert_failure(w, get(w, sm_strf(w->op.arena, "/look/7?n=%s", bad[i]).p), 400, "E_INVALID");
    reply a = get(w, "/look/7?n=9");
    assert_int_equal(json_integer_value(json_object_get(json_of(w, &a), "n")), 9);
    a = get(w, "/look/7?n=");
    assert_int_equal(json_integer_value(json_object_get(json_of(w, &a), "n")), 5);
}

static void a_cookie_is_found_among_others(void **state)
{
    (void)state;
    reply a = get_with(w, "/look/7", "Cookie: xsid=1; sid=abc; other=2\r\n");
    assert_string_equal(text_of(w, &a, "cookie"), "abc");
    a = get_with(w, "/look/7", "Cookie: sid\r\n");
    assert_string_equal(text_of(w, &a, "cookie"), "");
    a = get_with(w, "/look/7", "Cookie: ;;;=;sid=;sid=x\r\n");
    assert_string_equal(text_of(w, &a, "cookie"), "");
}

/* ----------------------------------------------------------------- bodies */

static void json_goes_there_and_back(void **state)
{
    (void)state;
    reply a = post(w, "/echo", SM_STR("{\"问\":\"怎么领证？\"}"));
    assert_int_equal(a.status, 200);
    assert_text(a.body, "{\"问\":\"怎么领证？\"}");
    a = post(w, "/slow-echo", SM_STR("{\"a\":1}"));
    assert_text(a.body, "{\"a\":1}");
}

static void a_body_that_is_no_json_object_is_told_so(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "x", "[1]", "\"a\"", "{\"a\":1", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}"
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        reply a = post(w, "/echo", sm_str_of(bad[i]));
        assert_failure(w, a, 400, "E_INVALID");
        assert_non_null(strstr(message_of(w, &a), "请求的正文"));
    }
}

static void a_chunked_body_is_put_together(void **state)
{
    (void)state;
    reply a = ask(w, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                     "3\r\n{\"a\r\n5;x=y\r\n\":12}\r\n0\r\nTrailer: x\r\n\r\n");
    assert_int_equal(a.status, 200);
    assert_text(a.body, "{\"a\":12}");
}

static void a_body_comes_after_the_word_to_go_on(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_true(wait_for(&c, "HTTP/1.1 100 Continue\r\n\r\n"));
    puts_(&c, "{}");
    reply a = take_reply(w, &c, false);
    assert_text(a.body, "{}");
    hang_up(&c);
}

static size_t files_in(const char *dir)
{
    char command[256], text[32] = "";
    snprintf(command, sizeof(command), "ls '%s' | wc -l", dir);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof(text), f));
    pclose(f);
    return (size_t)atoi(text);
}

static void an_upload_is_spooled_and_removed(void **state)
{
    (void)state;
    size_t n = 1 << 20;
    char *p = sm_alloc(w->op.arena, n);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(i * 7 % 251);
    sm_digest d = sm_sha256((sm_str){ p, n });
    reply a = post(w, "/file", (sm_str){ p, n });
    assert_int_equal(a.status, 200);
    assert_string_equal(text_of(w, &a, "sha256"), sm_digest_hex(w->op.arena, &d).p);
    web_line(w, 0);
    assert_int_equal(files_in(w->dir), 0);
}

static void an_upload_given_up_leaves_no_file(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "POST /file HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nhalf");
    for (int i = 0; i < 1000 && files_in(w->dir) == 0; i++)
        sleep_ms(5);
    assert_int_equal(files_in(w->dir), 1);
    hang_up(&c);
    line l = web_line(w, 0);
    assert_int_equal(l.status, 499);
    assert_int_equal(l.rc, SM_E_CANCELLED);
    assert_int_equal(files_in(w->dir), 0);
}

static void an_upload_that_opens_a_stream_leaves_no_file(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "POST /file-stream HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nfour");
    assert_true(wait_for(&c, "\r\n\r\n"));
    assert_int_equal(files_in(w->dir), 0);
    hang_up(&c);
}

/* ---------------------------------------------------------------- answers */

static void failures_of_ours_keep_their_words_for_the_log(void **state)
{
    (void)state;
    reply a = get(w, "/broken");
    assert_failure(w, a, 500, "E_INTERNAL");
    assert_false(sm_str_has(a.body, SM_STR("表坏了")));
    line l = web_line(w, 0);
    assert_string_equal(l.message, "内情：表坏了");
    assert_text(header(&a, "X-Trace-Id"), l.trace);
}

static void a_handler_that_says_nothing_is_an_error_of_ours(void **state)
{
    (void)state;
    assert_failure(w, get(w, "/silent"), 500, "E_INTERNAL");
}

static void a_failure_after_an_answer_takes_its_place(void **state)
{
    (void)state;
    reply a = get(w, "/late-failure");
    assert_failure(w, a, 404, "E_NOTFOUND");
    assert_text(header(&a, "Cache-Control"), "no-store");
    assert_text(header(&a, "Content-Type"), "application/json; charset=utf-8");
    a = get(w, "/late-stream-failure");
    assert_failure(w, a, 404, "E_NOTFOUND");
    assert_text(header(&a, "Content-Type"), "application/json; charset=utf-8");
    assert_true(sm_stream_gone(w->stream[0]));
    assert_false(sm_stream_send(w->stream[0], "x", 1, SM_STR("y")));
}

static void a_failure_may_have_a_status_of_its_own(void **state)
{
    (void)state;
    reply a = get(w, "/status");
    assert_failure(w, a, 429, "E_LIMIT");
    assert_string_equal(message_of(w, &a), "太快了：7");
    assert_text(header(&a, "Retry-After"), "7");
}

static void whoever_is_not_admitted_is_refused_unread(void **state)
{
    (void)state;
    atomic_store(&w->refuse, true);
    client c = dial(w);
    puts_(&c, "POST /file HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
    assert_failure(w, take_reply(w, &c, false), 403, "E_DENIED");
    hang_up(&c);
    assert_int_equal(files_in(w->dir), 0);
}

static void pages_come_from_the_fallback_when_read(void **state)
{
    (void)state;
    web *pages = web_open(&(sm_http_options){ .fallback = web_page });
    reply a = get(pages, "/%E9%A6%96%E9%A1%B5/..%2fx?y");
    assert_int_equal(a.status, 200);
    assert_text(a.body, "/首页/../x");
    assert_failure(pages, post(pages, "/page", SM_STR("")), 404, "E_NOTFOUND");
    assert_int_equal(get(pages, "/hello").status, 200);
    web_close(pages);
}

/* ----------------------------------------------------- threads and waiting */

static void slow_handlers_run_on_workers_and_no_more_at_once(void **state)
{
    (void)state;
    client c[6];
    for (size_t i = 0; i < SM_LEN(c); i++) {
        c[i] = dial(w);
        puts_(&c[i], "GET /slow?ms=100 HTTP/1.1\r\n" HOST "\r\n");
    }
    assert_int_equal(get(w, "/hello").status, 200);
    for (size_t i = 0; i < SM_LEN(c); i++) {
        assert_int_equal(take_reply(w, &c[i], false).status, 200);
        hang_up(&c[i]);
    }
    assert_int_equal(atomic_load(&w->max_in_slow), 2);
}

static void a_request_waits_until_it_may_go_on(void **state)
{
    (void)state;
    client c = dial(w);
    for (size_t i = 0; i < 3; i++) {
        puts_(&c, "GET /wait HTTP/1.1\r\n" HOST "\r\n");
        web_await(w, &w->n_waiting, i + 1);
        assert_int_equal(get(w, "/hello").status, 200);
        sm_request_go_on(w->waiting[i]);
        reply a = take_reply(w, &c, false);
        assert_string_equal(text_of(w, &a, "rested"), "well");
    }
    hang_up(&c);
}

static void going_on_may_come_before_the_handler_returns(void **state)
{
    (void)state;
    client c[8];
    for (size_t k = 0; k < 20; k++)
        for (size_t i = 0; i < SM_LEN(c); i++) {
            if (k == 0)
                c[i] = dial(w);
            puts_(&c[i], "GET /brief HTTP/1.1\r\n" HOST "\r\n");
        }
    for (size_t i = 0; i < SM_LEN(c); i++) {
        for (size_t k = 0; k < 20; k++)
            assert_int_equal(take_reply(w, &c[i], false).status, 200);
        hang_up(&c[i]);
    }
}

static void a_request_not_handed_on_fails_and_does_not_hang(void **state)
{
    (void)state;
    assert_failure(w, get(w, "/not-handed-on"), 409, "E_CONFLICT");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    client c = dial(w);
    puts_(&c, "GET /look/1 HTTP/1.1\r\n" HOST "\r\nGET /slow?ms=30 HTTP/1.1\r\n" HOST "\r\n"
              "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n{\"b\":\"2\"}"
              "GET /brief HTTP/1.1\r\n" HOST "\r\nGET /look/3 HTTP/1.1\r\n" HOST "\r\n");
    reply a = take_reply(w, &c, false);
    assert_string_equal(text_of(w, &a, "a"), "1");
    assert_true(sm_str_has(take_reply(w, &c, false).body, SM_STR("slept")));
    assert_text(take_reply(w, &c, false).body, "{\"b\":\"2\"}");
    assert_true(sm_str_has(take_reply(w, &c, false).body, SM_STR("rested")));
    a = take_reply(w, &c, false);
    assert_string_equal(text_of(w, &a, "a"), "3");
    hang_up(&c);
}

static void a_connection_serves_many_requests(void **state)
{
    (void)state;
    client c = dial(w);
    for (int i = 0; i < 200; i++) {
        puts_(&c, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(take_reply(w, &c, false).status, 200);
    }
    puts_(&c, "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    assert_int_equal(take_reply(w, &c, false).status, 200);
    assert_false(more(&c));
    hang_up(&c);
}

/* --------------------------------------------------------------- addresses */

static const char *address_told(web *on, const char *headers)
{
    reply a = get_with(on, "/look/7", headers);
    return text_of(on, &a, "address");
}

static void a_forwarded_address_is_not_believed_without_a_proxy(void **state)
{
    (void)state;
    reply a = get_with(w, "/look/7", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n");
    assert_string_equal(text_of(w, &a, "address"), "127.0.0.1");
    assert_true(json_is_false(json_object_get(json_of(w, &a), "tls")));
}

static void behind_a_proxy_the_last_forwarded_address_counts(void **state)
{
    (void)state;
    web *p = web_open(&(sm_http_options){ .trust_proxy = true, .max_per_address = 1 });
    static const struct {
        const char *headers, *address;
    } t[] = {
        { "", "127.0.0.1" },
        { "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1" },
        { "X-Forwarded-For: 10.0.0.1, 192.0.2.2 \r\n", "192.0.2.2" },
        { "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 192.0.2.3\r\n", "192.0.2.3" },
        { "X-Forwarded-For: 2001:db8:1:2:3:4:5:6\r\n", "2001:db8:1:2::/64" },
        { "X-Forwarded-For: ::ffff:192.0.2.4\r\n", "192.0.2.4" },
        { "X-Forwarded-For: 192.0.2.5, <script>\r\n", "127.0.0.1" },
        { "X-Forwarded-For: 192.0.2.5,\r\n", "192.0.2.5" },
        { "X-Forwarded-For: 999.0.2.5\r\n", "127.0.0.1" },
        { "X-Forwarded-For: 192.0.2.6:1234\r\n", "127.0.0.1" },
    };
    client held = dial(p);
    for (size_t i = 0; i < SM_LEN(t); i++)
        assert_string_equal(address_told(p, t[i].headers), t[i].address);
    hang_up(&held);
    reply a = get_with(p, "/look/7", "X-Forwarded-Proto: https\r\n");
    assert_true(json_is_true(json_object_get(json_of(p, &a), "tls")));
    web_close(p);
}

static void a_local_socket_serves_and_goes_with_its_server(void **state)
{
    (void)state;
    const char *path = sm_path(w->op.arena, w->dir, "sm.sock");
    const char *listen = sm_strf(w->op.arena, "unix:%s", path).p;
    web *u = web_open(&(sm_http_options){ .listen = listen });
    struct stat st;
    assert_string_equal(sm_http_address(u->http), listen);
    assert_string_equal(address_told(u, ""), "local");
    assert_return_code(stat(path, &st), errno);
    assert_int_equal(st.st_mode & 0777, 0660);
    web_close(u);
    assert_int_equal(stat(path, &st), -1);
}

static void a_local_socket_left_behind_is_replaced_and_a_living_one_is_not(void **state)
{
    (void)state;
    const char *path = sm_path(w->op.arena, w->dir, "sm.sock");
    sm_http_options o = { .listen = sm_strf(w->op.arena, "unix:%s", path).p };
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
    int left = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_return_code(bind(left, (struct sockaddr *)&un, sizeof(un)), errno);
    close(left);
    web *u = web_open(&o);
    sm_op op;
    sm_http *second = NULL;
    sm_op_begin(&op);
    assert_int_equal(sm_http_open(&op, &u->o, &second), SM_E_UNAVAILABLE);
    assert_null(second);
    sm_op_end(&op);
    assert_int_equal(get(u, "/hello").status, 200);
    web_close(u);
    sm_op_begin(&op);
    must(&op, sm_file_write(&op, path, SM_STR("not a socket")));
    assert_int_equal(sm_http_open(&op, &(sm_http_options){ .listen = o.listen }, &second),
                     SM_E_UNAVAILABLE);
    assert_true(sm_file_exists(path));
    sm_op_end(&op);
}

static void an_address_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "8750",   "127.0.0.1",    "localhost:80", "127.0.0.1:65536", "127.0.0.1:-1",
        "[::1:80", "::1:80", "127.0.0.1:80x"
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_http *h = NULL;
        sm_op_begin(&op);
        assert_int_equal(sm_http_open(&op, &(sm_http_options){ .listen = bad[i] }, &h),
                         SM_E_INVALID);
        assert_null(h);
        sm_op_end(&op);
    }
}

static void a_port_taken_is_told(void **state)
{
    (void)state;
    sm_op op;
    sm_http *h = NULL;
    sm_op_begin(&op);
    sm_http_options o = { .listen = sm_http_address(w->http) };
    assert_int_equal(sm_http_open(&op, &o, &h), SM_E_UNAVAILABLE);
    sm_op_end(&op);
}

/* ------------------------------------------------------------------ the log */

static void the_log_has_the_route_and_never_the_path(void **state)
{
    (void)state;
    static const char *const target[] = { "/look/secret?q=secret", "/secret", "/look/%zzsecret",
                                          "/slow?ms=secret", "/burst?n=1&q=secret" };
    static const char *const route[] = { "/look/{a}", "-", "-", "/slow", "/burst" };
    static const int status[] = { 200, 404, 400, 400, 200 };
    for (size_t i = 0; i < SM_LEN(target); i++) {
        get(w, target[i]);
        line l = web_line(w, i);
        assert_string_equal(l.route, route[i]);
        assert_string_equal(l.method, "GET");
        assert_int_equal(l.status, status[i]);
        assert_int_equal(strlen(l.trace), 16);
        assert_string_equal(l.message, "");
    }
    ask(w, "secret /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(web_line(w, SM_LEN(target)).method, "OTHER");
}

#define WEB_TEST(f) cmocka_unit_test_setup_teardown(f, open_web, close_web)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(a_route_is_found_and_answers_json),
        WEB_TEST(segments_of_a_path_reach_the_handler),
        WEB_TEST(a_path_that_is_not_there_goes_to_404),
        WEB_TEST(another_method_is_told_which_ones_there_are),
        WEB_TEST(head_has_the_headers_of_get_and_no_body),
        WEB_TEST(escapes_are_decoded_once),
        WEB_TEST(an_escaped_slash_parts_no_segments),
        WEB_TEST(dots_stay_what_they_are),
        WEB_TEST(what_is_no_text_is_no_path),
        WEB_TEST(an_absolute_target_is_its_path),
        WEB_TEST(a_query_is_read_by_name),
        WEB_TEST(an_integer_of_the_query_keeps_its_bounds),
        WEB_TEST(a_cookie_is_found_among_others),
        WEB_TEST(json_goes_there_and_back),
        WEB_TEST(a_body_that_is_no_json_object_is_told_so),
        WEB_TEST(a_chunked_body_is_put_together),
        WEB_TEST(a_body_comes_after_the_word_to_go_on),
        WEB_TEST(an_upload_is_spooled_and_removed),
        WEB_TEST(an_upload_given_up_leaves_no_file),
        WEB_TEST(an_upload_that_opens_a_stream_leaves_no_file),
        WEB_TEST(failures_of_ours_keep_their_words_for_the_log),
        WEB_TEST(a_handler_that_says_nothing_is_an_error_of_ours),
        WEB_TEST(a_failure_after_an_answer_takes_its_place),
        WEB_TEST(a_failure_may_have_a_status_of_its_own),
        WEB_TEST(whoever_is_not_admitted_is_refused_unread),
        WEB_TEST(pages_come_from_the_fallback_when_read),
        WEB_TEST(slow_handlers_run_on_workers_and_no_more_at_once),
        WEB_TEST(a_request_waits_until_it_may_go_on),
        WEB_TEST(going_on_may_come_before_the_handler_returns),
        WEB_TEST(a_request_not_handed_on_fails_and_does_not_hang),
        WEB_TEST(pipelined_requests_are_answered_in_order),
        WEB_TEST(a_connection_serves_many_requests),
        WEB_TEST(a_forwarded_address_is_not_believed_without_a_proxy),
        WEB_TEST(behind_a_proxy_the_last_forwarded_address_counts),
        WEB_TEST(a_local_socket_serves_and_goes_with_its_server),
        WEB_TEST(a_local_socket_left_behind_is_replaced_and_a_living_one_is_not),
        WEB_TEST(an_address_that_is_none_is_refused),
        WEB_TEST(a_port_taken_is_told),
        WEB_TEST(the_log_has_the_route_and_never_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
