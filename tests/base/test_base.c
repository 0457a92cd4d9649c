#include "base/base.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct state {
    sm_op op;
    char dir[32];
};

static int set_up(void **state)
{
    struct state *t = calloc(1, sizeof(*t));
    sm_op_begin(&t->op);
    strcpy(t->dir, "/tmp/sm-base-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct state *t = *state;
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", t->dir);
    assert_int_equal(system(command), 0);
    sm_op_end(&t->op);
    free(t);
    return 0;
}

static const char *in_dir(struct state *t, const char *name)
{
    return sm_path(t->op.arena, t->dir, name);
}

static void assert_str(sm_str s, const char *wanted)
{
    if (!sm_str_eq(s, sm_str_of(wanted)))
        fail_msg("\"%.*s\", wanted \"%s\"", SM_ARG(s), wanted);
}

static void assert_says(struct state *t, const char *part)
{
    if (!sm_str_has(t->op.msg, sm_str_of(part)))
        fail_msg("message \"%.*s\" lacks \"%s\"", SM_ARG(t->op.msg), part);
}

/* --------------------------------------------------------------- arena */

static void arena_memory_is_zeroed_and_aligned_at_every_size(void **state)
{
    struct state *t = *state;
    for (size_t n = 1; n < 40000; n = n * 3 / 2 + 1) {
        char *p = sm_alloc(t->op.arena, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0x5a, n);
    }
}

static void arena_objects_do_not_overlap(void **state)
{
    struct state *t = *state;
    enum { N = 3000 };
    unsigned char *p[N];
    for (size_t i = 0; i < N; i++) {
        p[i] = sm_alloc(t->op.arena, 1 + i % 97);
        memset(p[i], (int)(i % 251), 1 + i % 97);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < 1 + i % 97; k++)
            assert_int_equal(p[i][k], i % 251);
}

struct note {
    char *log;
    char letter;
};

static void write_letter(void *obj)
{
    const struct note *n = obj;
    n->log[strlen(n->log)] = n->letter;
}

static void what_was_deferred_runs_once_and_last_added_first(void **state)
{
    (void)state;
    char log[8] = "";
    sm_arena *a = sm_arena_open();
    struct note *x = SM_NEWS(a, struct note, 3);
    for (size_t i = 0; i < 3; i++) {
        x[i] = (struct note){ log, (char)('a' + i) };
        sm_arena_defer(a, write_letter, &x[i]);
    }
    sm_arena_reset(a);
    assert_string_equal(log, "cba");
    sm_arena_close(a);
    assert_string_equal(log, "cba");
    sm_arena_close(NULL);
}

static void an_array_grows_and_keeps_its_items(void **state)
{
    struct state *t = *state;
    int *item = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < 5000; i++) {
        SM_GROW(t->op.arena, item, n, cap);
        item[n++] = i;
    }
    assert_true(cap >= 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(item[i], i);
}

static void a_formatted_string_has_its_length_and_a_nul(void **state)
{
    struct state *t = *state;
    sm_str s = sm_strf(t->op.arena, "%s 第 %d 条", "办法", 12);
    assert_str(s, "办法 第 12 条");
    assert_int_equal(s.p[s.n], 0);
    sm_str copy = sm_str_dup(t->op.arena, sm_str_sub(s, 0, 6));
    assert_string_equal(copy.p, "办法");
    assert_string_equal(sm_cstr(t->op.arena, (sm_str){ 0 }), "");
}

/* -------------------------------------------------------------- buffer */

static void a_buffer_holds_its_maximum_and_not_a_byte_more(void **state)
{
    struct state *t = *state;
    sm_buf b;
    sm_buf_init(&b, 10);
    sm_buf_add(&b, SM_STR("12345"));
    sm_buf_addf(&b, "%d", 67890);
    assert_false(b.failed);
    assert_str(sm_buf_str(&b), "1234567890");
    sm_buf_addc(&b, 'x');
    assert_true(b.failed);
    assert_str(sm_buf_str(&b), "1234567890");
    sm_str out = SM_STR("untouched");
    assert_int_equal(sm_buf_take(&t->op, &b, &out), SM_E_LIMIT);
    assert_str(out, "untouched");
    assert_says(t, "10");
}

static void a_failed_buffer_stays_failed_even_for_what_would_fit(void **state)
{
    (void)state;
    sm_buf b;
    sm_buf_init(&b, 4);
    sm_buf_add(&b, SM_STR("12345"));
    assert_true(b.failed);
    sm_buf_addc(&b, 'a');
    sm_buf_addf(&b, "%c", 'b');
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
    sm_buf_done(&b);
}

static void a_buffer_never_asks_for_more_than_size_max(void **state)
{
    (void)state;
    sm_buf b;
    sm_buf_init(&b, 100);
    sm_buf_addc(&b, 'a');
    sm_buf_add(&b, (sm_str){ "x", SIZE_MAX });
    assert_true(b.failed);
    assert_str(sm_buf_str(&b), "a");
    sm_buf_done(&b);
}

static void an_empty_buffer_is_taken_as_an_empty_string(void **state)
{
    struct state *t = *state;
    sm_buf b;
    sm_str s = SM_STR("x");
    sm_buf_init(&b, 10);
    sm_buf_add(&b, (sm_str){ 0 });
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    assert_int_equal(s.n, 0);
}

/* ------------------------------------------------------------- strings */

static void strings_compare_by_bytes_and_shorter_first(void **state)
{
    (void)state;
    assert_true(sm_str_eq((sm_str){ 0 }, SM_STR("")));
    assert_true(sm_str_eq(sm_str_of(NULL), SM_STR("")));
    assert_false(sm_str_eq(SM_STR("a"), SM_STR("b")));
    assert_true(sm_str_cmp(SM_STR("a"), SM_STR("ab")) < 0);
    assert_true(sm_str_cmp(SM_STR("b"), SM_STR("ab")) > 0);
    assert_int_equal(sm_str_cmp(SM_STR("云"), SM_STR("云")), 0);
    assert_true(sm_str_cmp((sm_str){ 0 }, SM_STR("a")) < 0);
}

static void finding_respects_where_it_starts(void **state)
{
    (void)state;
    sm_str s = SM_STR("条款条");
    assert_int_equal(sm_str_find(s, SM_STR("条"), 0), 0);
    assert_int_equal(sm_str_find(s, SM_STR("条"), 1), 6);
    assert_int_equal(sm_str_find(s, SM_STR("条"), 7), SIZE_MAX);
    assert_int_equal(sm_str_find(s, SM_STR(""), 9), 9);
    assert_int_equal(sm_str_find(s, SM_STR(""), 10), SIZE_MAX);
    assert_int_equal(sm_str_find((sm_str){ 0 }, SM_STR("x"), 0), SIZE_MAX);
    assert_true(sm_str_has(s, SM_STR("款条")));
    static const char *const either[] = { "无", "款条" };
    assert_true(sm_str_has_any(s, either, 2));
    assert_false(sm_str_has_any(s, either, 1));
    assert_true(sm_str_starts(s, SM_STR("条款")) && sm_str_ends(s, SM_STR("款条")));
    assert_false(sm_str_starts(SM_STR("a"), SM_STR("ab")) ||
                 sm_str_ends(SM_STR("b"), SM_STR("ab")));
}

static void slices_are_clamped_to_the_string(void **state)
{
    (void)state;
    assert_str(sm_str_sub(SM_STR("abcdef"), 2, 4), "cd");
    assert_str(sm_str_sub(SM_STR("abcdef"), 4, 99), "ef");
    assert_str(sm_str_sub(SM_STR("abcdef"), 6, 9), "");
    assert_str(sm_str_sub(SM_STR("abcdef"), 4, 2), "");
}

static void trimming_takes_ascii_blanks_and_the_wide_space(void **state)
{
    (void)state;
    assert_str(sm_str_trim(SM_STR(" \t\u3000 甲 乙\u3000\r\n")), "甲 乙");
    assert_str(sm_str_trim(SM_STR("\u3000\u3000")), "");
    assert_str(sm_str_trim((sm_str){ 0 }), "");
}

static void cutting_gives_every_part_and_stops_at_the_end(void **state)
{
    (void)state;
    sm_str rest = SM_STR("a,,b,"), part;
    static const char *const wanted[] = { "a", "", "b" };
    for (size_t i = 0; i < SM_LEN(wanted); i++) {
        assert_true(sm_str_cut(&rest, ',', &part));
        assert_str(part, wanted[i]);
    }
    assert_false(sm_str_cut(&rest, ',', &part));
}

static void an_integer_is_the_whole_string_or_none(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(sm_str_to_int(SM_STR("-42"), &v) && v == -42);
    assert_true(sm_str_to_int(SM_STR("9223372036854775807"), &v) && v == INT64_MAX);
    v = 7;
    static const char *const bad[] = { "",    "12a",  "a12",
                                       "1.5", "--1",  "-",
                                       "一",  "0x10", "123456789012345678901234567890" };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        assert_false(sm_str_to_int(sm_str_of(bad[i]), &v));
    assert_int_equal(v, 7);
}

/* ---------------------------------------------------------------- JSON */

static sm_rc parse(struct state *t, sm_str text, json_t **out)
{
    sm_op_clear(&t->op);
    return sm_json_parse(&t->op, text, "甲.json", out);
}

static sm_str nested(struct state *t, int depth)
{
    char *p = sm_alloc(t->op.arena, (size_t)depth * 2 + 1);
    memset(p, '[', (size_t)depth);
    memset(p + depth, ']', (size_t)depth);
    return (sm_str){ p, (size_t)depth * 2 };
}

static void json_is_read_to_sixty_four_levels_and_no_deeper(void **state)
{
    struct state *t = *state;
    json_t *v = NULL;
    assert_int_equal(parse(t, nested(t, SM_JSON_MAX_DEPTH), &v), SM_OK);
    assert_non_null(v);
    v = NULL;
    assert_int_equal(parse(t, nested(t, SM_JSON_MAX_DEPTH + 1), &v), SM_E_LIMIT);
    assert_null(v);
    assert_says(t, "64");
    assert_int_equal(parse(t, nested(t, 100000), &v), SM_E_LIMIT);
}

static void brackets_inside_json_strings_are_no_depth(void **state)
{
    struct state *t = *state;
    sm_buf b;
    sm_str s;
    json_t *v;
    sm_buf_init(&b, 4096);
    sm_buf_add(&b, SM_STR("[\"\\\""));
    for (int i = 0; i < 200; i++)
        sm_buf_addc(&b, '[');
    sm_buf_add(&b, SM_STR("\"]"));
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    assert_int_equal(parse(t, s, &v), SM_OK);
}

static void bad_json_is_refused_with_the_name_and_the_place(void **state)
{
    struct state *t = *state;
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "[1 2]",
        "{'a':1}",
        "{\"a\":01}",
        "[NaN]",
        "{\"a\":1}x",
        "\"a\"",
        "3",
        "null",
        "[tru]",
        "{\"a\":\"\\x\"}",
        "[\"\\ud800\"]",
        "[\"\\u0000\"]",
        "[\"\t\"]",
        "[1e999]",
        "[/*c*/]",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        json_t *v = NULL;
        if (parse(t, sm_str_of(bad[i]), &v) != SM_E_INVALID)
            fail_msg("%s was read", bad[i]);
        assert_null(v);
        assert_says(t, "甲.json");
        assert_says(t, "第 1 行第");
    }
    json_t *v;
    assert_int_equal(parse(t, SM_STR("{\"a\":1,\n\n \"b\":?}"), &v), SM_E_INVALID);
    assert_says(t, "第 3 行第 6 列");
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
    struct state *t = *state;
    const sm_str bad[] = {
        SM_STR("[true\0]"), SM_STR("{\"a\":false\0}"), SM_STR("[null\0\0,1]"), SM_STR("[]\0"),
        SM_STR("\0[]"),     SM_STR("[1\0]"),           SM_STR("[\"\0\"]"),
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        json_t *v = NULL;
        assert_int_equal(parse(t, bad[i], &v), SM_E_INVALID);
        assert_null(v);
        assert_says(t, "甲.json");
        assert_says(t, "NUL");
    }
    json_t *v;
    assert_int_equal(parse(t, SM_STR("[1,\n true\0]"), &v), SM_E_INVALID);
    assert_says(t, "第 2 行第 6 列");
}

static void a_key_given_twice_is_refused_at_any_level(void **state)
{
    struct state *t = *state;
    json_t *v;
    assert_int_equal(parse(t, SM_STR("{\"a\":1,\"b\":2,\"a\":3}"), &v), SM_E_INVALID);
    assert_says(t, "duplicate");
    assert_int_equal(parse(t, SM_STR("[{\"x\":{\"a\":1,\"a\":1}}]"), &v), SM_E_INVALID);
}

static void json_that_is_not_utf8_is_refused(void **state)
{
    struct state *t = *state;
    json_t *v;
    static const char *const bad[] = {
        "[\"\xff\"]",     "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]",
        "[\"\xe4\xba\"]", "{\"\x80\":1}",   "[\"\xf4\x90\x80\x80\"]"
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        assert_int_equal(parse(t, sm_str_of(bad[i]), &v), SM_E_INVALID);
    assert_int_equal(parse(t, SM_STR("[\"\xf0\xa0\x80\x80云\"]"), &v), SM_OK);
}

static void json_members_are_borrowed_and_absent_ones_are_empty(void **state)
{
    struct state *t = *state;
    json_t *v;
    assert_int_equal(parse(t, SM_STR("{\"z\":\"云\",\"n\":null,\"i\":3,\"a\":[1.5,true]}"), &v),
                     SM_OK);
    assert_str(sm_json_str(v, "z"), "云");
    assert_str(sm_json_str(v, "n"), "");
    assert_str(sm_json_str(v, "i"), "");
    assert_str(sm_json_str(v, "none"), "");
    assert_str(sm_json_dump(t->op.arena, v), "{\"z\":\"云\",\"n\":null,\"i\":3,\"a\":[1.5,true]}");
    json_t *bad = sm_json_of(SM_STR("\xff"));
    assert_true(json_is_null(bad));
    json_decref(bad);
}

/* ---------------------------------------------------------------- dates */

static void every_day_from_1600_to_2200_goes_out_and_comes_back(void **state)
{
    (void)state;
    sm_date first = sm_date_of(1600, 1, 1), last = sm_date_of(2200, 12, 31);
    assert_int_equal(last - first, 601 * 365 + 146 - 1); /* 146 leap years */
    sm_arena *a = sm_arena_open();
    for (sm_date d = first; d <= last; d++) {
        sm_str iso = sm_date_iso(a, d);
        assert_int_equal(iso.n, 10);
        assert_int_equal(sm_date_parse(iso), d);
        if ((d - first) % 1000 == 0)
            sm_arena_reset(a);
    }
    sm_arena_close(a);
}

static void known_days_have_their_numbers(void **state)
{
    struct state *t = *state;
    assert_int_equal(sm_date_of(1970, 1, 1), 0);
    assert_int_equal(sm_date_of(1969, 12, 31), -1);
    assert_int_equal(sm_date_of(2000, 3, 1), 11017);
    assert_int_equal(sm_date_of(2026, 11, 23), 20780);
    assert_str(sm_date_chinese(t->op.arena, sm_date_of(2026, 1, 3)), "2026年1月3日");
    assert_str(sm_date_iso(t->op.arena, sm_date_of(1, 1, 1)), "0001-01-01");
    assert_str(sm_date_iso(t->op.arena, SM_DATE_NONE), "");
    assert_str(sm_date_chinese(t->op.arena, SM_DATE_NONE), "");
}

static void the_twenty_ninth_of_february_is_only_in_leap_years(void **state)
{
    (void)state;
    for (int y = 1600; y <= 2200; y++) {
        bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        assert_int_equal(sm_date_of(y, 2, 29) != SM_DATE_NONE, leap);
        assert_int_equal(sm_date_of(y, 2, 30), SM_DATE_NONE);
        assert_int_equal(sm_date_of(y, 3, 1) - sm_date_of(y, 2, 28), leap ? 2 : 1);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-1-3",
        "2026-13-01",
        "2026-00-10",
        "2026-04-31",
        "2026/04/01",
        "2026-04-01 ",
        " 2026-04-01",
        "2026-04-0a",
        "20260401",
        "2026-02-29",
        "-026-04-01",
        "2026-04-00",
        "0000-01-01",
        "２０２６-04-01",
        "2026-04-01T00:00",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++)
        if (sm_date_parse(sm_str_of(bad[i])) != SM_DATE_NONE)
            fail_msg("\"%s\" was read as a date", bad[i]);
    assert_int_equal(sm_date_of(10000, 1, 1), SM_DATE_NONE);
    assert_int_equal(sm_date_of(2026, -1, 1), SM_DATE_NONE);
    assert_int_equal(sm_date_of(2026, 1, INT32_MAX), SM_DATE_NONE);
}

static void today_is_what_the_environment_says_when_that_is_a_date(void **state)
{
    (void)state;
    const char *was = getenv("SUNMAO_TODAY");
    char kept[16] = "";
    if (was)
        snprintf(kept, sizeof(kept), "%s", was);
    setenv("SUNMAO_TODAY", "2024-02-29", 1);
    assert_int_equal(sm_today(), sm_date_of(2024, 2, 29));
    unsetenv("SUNMAO_TODAY");
    sm_date clock = sm_today();
    assert_true(clock > sm_date_of(2024, 1, 1));
    setenv("SUNMAO_TODAY", "yesterday", 1);
    assert_in_range(sm_today() - clock, 0, 1);
    if (was)
        setenv("SUNMAO_TODAY", kept, 1);
}

/* --------------------------------------------------------------- hashes */

static sm_str hex(struct state *t, sm_digest d)
{
    return sm_digest_hex(t->op.arena, &d);
}

static void sm3_gives_the_vectors_of_the_standard(void **state)
{
    struct state *t = *state;
    sm_buf b;
    sm_buf_init(&b, 64);
    for (int i = 0; i < 16; i++)
        sm_buf_add(&b, SM_STR("abcd"));
    assert_str(hex(t, sm_sm3(SM_STR("abc"))),
               "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_str(hex(t, sm_sm3(sm_buf_str(&b))),
               "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    assert_str(hex(t, sm_sm3((sm_str){ 0 })),
               "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
    sm_buf_done(&b);
}

static void sha256_gives_the_vectors_of_the_standard(void **state)
{
    struct state *t = *state;
    assert_str(hex(t, sm_sha256(SM_STR("abc"))),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_str(hex(t, sm_sha256((sm_str){ 0 })),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static uint64_t bits_of(double v)
{
    uint64_t b;
    memcpy(&b, &v, sizeof(b));
    return b;
}

static int64_t ulps_apart(double a, double b)
{
    return llabs((int64_t)bits_of(a) - (int64_t)bits_of(b));
}

static void exp_log_and_powers_have_the_same_bits_on_every_machine(void **state)
{
    (void)state;
    sm_rng r = { 1 };
    uint64_t seen = 0;
    for (int i = 0; i < 200000; i++) {
        double x = sm_rng_unit(&r) * 80 - 60, y = ldexp(0.5 + sm_rng_unit(&r), i % 80 - 40);
        double near = 1 + (sm_rng_unit(&r) - 0.5) * ldexp(1, -(i % 50));
        assert_true(ulps_apart(sm_exp(x), exp(x)) <= 1);
        assert_true(ulps_apart(sm_log(y), log(y)) <= 1);
        float f = sm_expf((float)x), g = expf((float)x);
        assert_true(f == g || f == nextafterf(g, f));
        assert_true(ulps_apart(sm_log(near), log(near)) <= 1);
        seen = sm_mix64(seen ^ bits_of(sm_exp(x)) ^ bits_of((double)f)) ^ bits_of(sm_log(y)) ^
               bits_of(sm_log(near));
    }
    assert_true(seen == 0xab555f7f03747e5cULL);
    assert_true(sm_exp(0) == 1 && sm_log(1) == 0);
    assert_true(isinf(sm_exp(1000)) && sm_exp(-1000) == 0 && isnan(sm_exp(NAN)));
    assert_true(sm_exp(-745) > 0 && isfinite(sm_exp(709.7)));
    assert_true(sm_expf(0) == 1 && isinf(sm_expf(1000)) && sm_expf(-1000) == 0);
    assert_true(isnan(sm_expf(NAN)) && sm_expf(-103) > 0 && isfinite(sm_expf(88.7f)));
    assert_true(isinf(sm_log(0)) && isnan(sm_log(-1)) && isinf(sm_log(INFINITY)));
    assert_true(ulps_apart(sm_log(5e-324), log(5e-324)) <= 2);
    for (int n = -22; n <= 22; n++) {
        char written[8];
        snprintf(written, sizeof(written), "1e%d", n);
        assert_true(sm_ten_to(n) == strtod(written, NULL));
    }
    assert_true(isinf(sm_ten_to(INT_MAX)) && sm_ten_to(INT_MIN) == 0);
}

static void the_quick_hash_is_the_same_on_every_machine(void **state)
{
    (void)state;
    uint64_t seen[64];
    for (size_t n = 0; n < SM_LEN(seen); n++) {
        static const char zeros[64];
        seen[n] = sm_hash64((sm_str){ zeros, n }, 1);
        for (size_t k = 0; k < n; k++)
            assert_true(seen[k] != seen[n]); /* the length counts */
    }
    assert_true(sm_hash64(SM_STR("云澜"), 1) != sm_hash64(SM_STR("云澜"), 2));
    assert_true(sm_mix64(1) == 0x5692161d100b05e5ULL);
    sm_rng r = { 0 };
    assert_true(sm_rng_next(&r) == 0xe220a8397b1dcdafULL); /* splitmix64, seed 0 */
    assert_true(sm_rng_next(&r) == 0x6e789e6aa1b965f4ULL);
}

static void random_numbers_stay_in_their_range(void **state)
{
    (void)state;
    sm_rng r = { 42 };
    size_t count[7] = { 0 };
    for (int i = 0; i < 70000; i++) {
        count[sm_rng_below(&r, 7)]++;
        double u = sm_rng_unit(&r);
        assert_true(u >= 0 && u < 1);
    }
    for (size_t i = 0; i < 7; i++)
        assert_in_range(count[i], 9500, 10500);
}

/* ---------------------------------------------------------------- files */

static void a_file_comes_back_as_written_and_leaves_nothing_beside_it(void **state)
{
    struct state *t = *state;
    sm_str data;
    const char *path = in_dir(t, "a");
    assert_int_equal(sm_file_write(&t->op, path, SM_STR("一\0二")), SM_OK);
    assert_int_equal(sm_file_read(&t->op, path, 7, &data), SM_OK);
    assert_int_equal(data.n, 7);
    assert_memory_equal(data.p, "一\0二", 7);
    assert_int_equal(sm_file_write(&t->op, path, (sm_str){ 0 }), SM_OK);
    assert_int_equal(sm_file_read(&t->op, path, 0, &data), SM_OK);
    assert_int_equal(data.n, 0);
    char command[128];
    snprintf(command, sizeof(command), "test \"$(ls -A %s)\" = a", t->dir);
    assert_int_equal(system(command), 0);
}

static void reading_tells_missing_folder_and_too_big_apart(void **state)
{
    struct state *t = *state;
    sm_str data = SM_STR("untouched");
    assert_int_equal(sm_file_read(&t->op, in_dir(t, "none"), 9, &data), SM_E_NOTFOUND);
    assert_says(t, "none");
    sm_op_clear(&t->op);
    assert_int_equal(sm_file_read(&t->op, t->dir, 9, &data), SM_E_INVALID);
    sm_op_clear(&t->op);
    assert_int_equal(sm_file_write(&t->op, in_dir(t, "b"), SM_STR("0123456789")), SM_OK);
    assert_int_equal(sm_file_read(&t->op, in_dir(t, "b"), 9, &data), SM_E_LIMIT);
    assert_says(t, "9");
    assert_str(data, "untouched");
    sm_op_clear(&t->op);
    assert_int_equal(sm_file_write(&t->op, in_dir(t, "no/such/c"), SM_STR("x")), SM_E_NOTFOUND);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    struct state *t = *state;
    sm_str data;
    const char *sub = in_dir(t, "d"), *path = in_dir(t, "d/e");
    assert_int_equal(sm_dir_make(&t->op, path), SM_OK); /* a folder where the file should go */
    assert_true(sm_file_write(&t->op, path, SM_STR("new")) < 0);
    assert_true(sm_file_exists(path));
    sm_op_clear(&t->op);
    assert_true(sm_file_read(&t->op, path, 9, &data) == SM_E_INVALID);
    char command[128];
    snprintf(command, sizeof(command), "test \"$(ls -A %s)\" = e", sub);
    assert_int_equal(system(command), 0);
}

/* Writes one letter 64 KiB long, then the next, until it is killed. */
static void write_forever(const char *path)
{
    static char page[1 << 16];
    for (unsigned i = 0;; i++) {
        sm_op op;
        sm_op_begin(&op);
        memset(page, (int)('a' + i % 26), sizeof(page));
        sm_file_write(&op, path, (sm_str){ page, sizeof(page) });
        sm_op_end(&op);
    }
}

static void assert_whole(const char *path)
{
    sm_op op;
    sm_str data;
    sm_op_begin(&op);
    assert_int_equal(sm_file_read(&op, path, 1 << 20, &data), SM_OK);
    assert_int_equal(data.n, 1 << 16);
    for (size_t k = 1; k < data.n; k++)
        assert_int_equal(data.p[k], data.p[0]);
    sm_op_end(&op);
}

static void a_reader_sees_the_old_file_or_the_new_one_even_when_the_writer_is_killed(void **state)
{
    struct state *t = *state;
    const char *path = in_dir(t, "f");
    char page[1 << 16];
    memset(page, 'A', sizeof(page));
    assert_int_equal(sm_file_write(&t->op, path, (sm_str){ page, sizeof(page) }), SM_OK);
    for (int round = 0; round < 5; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_forever(path);
        for (int i = 0; i < 200; i++)
            assert_whole(path);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_whole(path);
    }
}

static void folders_are_made_with_their_parents(void **state)
{
    struct state *t = *state;
    struct stat st;
    const char *path = in_dir(t, "x/y/z");
    assert_int_equal(sm_dir_make(&t->op, path), SM_OK);
    assert_int_equal(sm_dir_make(&t->op, path), SM_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(sm_file_write(&t->op, in_dir(t, "x/file"), SM_STR("1")), SM_OK);
    assert_int_equal(sm_dir_make(&t->op, in_dir(t, "x/file/sub")), SM_E_NOTFOUND);
}

static void a_file_is_mapped_and_an_empty_one_is_not(void **state)
{
    struct state *t = *state;
    sm_map m = { 0 };
    assert_int_equal(sm_file_write(&t->op, in_dir(t, "m"), SM_STR("映射")), SM_OK);
    assert_int_equal(sm_map_open(&t->op, in_dir(t, "m"), &m), SM_OK);
    assert_int_equal(m.n, 6);
    assert_memory_equal(m.p, "映射", 6);
    sm_map_close(&m);
    assert_null(m.p);
    sm_map_close(&m);
    assert_int_equal(sm_file_write(&t->op, in_dir(t, "m"), (sm_str){ 0 }), SM_OK);
    assert_int_equal(sm_map_open(&t->op, in_dir(t, "m"), &m), SM_E_CORRUPT);
    sm_op_clear(&t->op);
    assert_int_equal(sm_map_open(&t->op, in_dir(t, "none"), &m), SM_E_NOTFOUND);
}

/* ----------------------------------------------------------------- lock */

/* In a child: takes the lock, says so on the pipe, keeps it for a while. */
static void hold_lock(const char *path, int say, int keep_ms)
{
    sm_op op;
    int fd;
    sm_op_begin(&op);
    bool got = sm_lock_open(&op, path, 0, &fd) == SM_OK;
    char c = got ? 'y' : 'n';
    if (write(say, &c, 1) == 1)
        usleep((useconds_t)keep_ms * 1000);
    _exit(0); /* the lock goes with the process */
}

static pid_t start_holder(const char *path, int keep_ms)
{
    int pipe_fd[2];
    char c = 0;
    assert_int_equal(pipe(pipe_fd), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        hold_lock(path, pipe_fd[1], keep_ms);
    close(pipe_fd[1]);
    assert_int_equal(read(pipe_fd[0], &c, 1), 1);
    close(pipe_fd[0]);
    assert_int_equal(c, 'y');
    return child;
}

static void a_lock_held_by_another_process_is_waited_for_and_then_refused(void **state)
{
    struct state *t = *state;
    const char *path = in_dir(t, "lock");
    int fd = -1;
    pid_t child = start_holder(path, 60000);
    assert_int_equal(sm_lock_open(&t->op, path, 60, &fd), SM_E_CONFLICT);
    assert_int_equal(fd, -1);
    assert_says(t, "lock");
    sm_op_clear(&t->op);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(sm_lock_open(&t->op, path, 1000, &fd), SM_OK);
    sm_lock_close(fd);
}

static void a_lock_given_back_in_time_is_taken(void **state)
{
    struct state *t = *state;
    const char *path = in_dir(t, "lock");
    int fd = -1, second = -1;
    pid_t child = start_holder(path, 100);
    assert_int_equal(sm_lock_open(&t->op, path, 10000, &fd), SM_OK);
    assert_int_equal(sm_lock_open(&t->op, path, 0, &second), SM_E_CONFLICT); /* this process too */
    sm_lock_close(fd);
    sm_lock_close(-1);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* ------------------------------------------------------------ operation */

static void the_first_failure_wins(void **state)
{
    struct state *t = *state;
    assert_int_equal(sm_fail(&t->op, SM_E_NOTFOUND, "缺 %s", "甲"), SM_E_NOTFOUND);
    assert_int_equal(sm_fail(&t->op, SM_E_INTERNAL, "后来的"), SM_E_INTERNAL);
    assert_int_equal(t->op.rc, SM_E_NOTFOUND);
    assert_str(t->op.msg, "缺 甲");
    sm_op_clear(&t->op);
    assert_int_equal(t->op.rc, SM_OK);
    assert_int_equal(t->op.msg.n, 0);
    sm_fail(&t->op, SM_E_LIMIT, "新的");
    assert_str(t->op.msg, "新的");
}

static void a_set_flag_cancels_the_operation(void **state)
{
    struct state *t = *state;
    atomic_bool stop = false;
    assert_int_equal(sm_op_check(&t->op), SM_OK);
    t->op.cancel = &stop;
    assert_int_equal(sm_op_check(&t->op), SM_OK);
    atomic_store(&stop, true);
    assert_int_equal(sm_op_check(&t->op), SM_E_CANCELLED);
    assert_int_equal(t->op.rc, SM_E_CANCELLED);
}

static void a_deadline_that_has_passed_times_the_operation_out(void **state)
{
    struct state *t = *state;
    t->op.deadline_us = sm_now_us() + 3600 * 1000000LL;
    assert_int_equal(sm_op_check(&t->op), SM_OK);
    t->op.deadline_us = sm_now_us() - 1;
    assert_int_equal(sm_op_check(&t->op), SM_E_TIMEOUT);
}

static void count_progress(void *ctx, const char *stage, size_t done, size_t total)
{
    assert_string_equal(stage, "步骤");
    assert_true(done <= total);
    ++*(int *)ctx;
}

static void progress_is_told_when_someone_listens(void **state)
{
    struct state *t = *state;
    int calls = 0;
    sm_op_progress(&t->op, "步骤", 0, 1);
    t->op.progress = count_progress;
    t->op.progress_ctx = &calls;
    sm_op_progress(&t->op, "步骤", 1, 1);
    assert_int_equal(calls, 1);
}

static void every_code_has_a_name_a_text_and_a_status(void **state)
{
    (void)state;
    for (int rc = 0; rc >= SM_E_INTERNAL; rc--) {
        assert_string_not_equal(sm_rc_name((sm_rc)rc), "E_UNKNOWN");
        assert_string_not_equal(sm_rc_text((sm_rc)rc), "未知错误");
        assert_in_range(sm_rc_http((sm_rc)rc), 200, 504);
    }
    assert_string_equal(sm_rc_name(SM_E_CONFLICT), "E_CONFLICT");
    assert_int_equal(sm_rc_http(SM_E_CONFLICT), 409);
    assert_string_equal(sm_rc_name((sm_rc)-99), "E_UNKNOWN");
    assert_int_equal(sm_rc_http((sm_rc)-99), 500);
}

static void a_word_is_found_wherever_it_stands(void **state)
{
    (void)state;
    sm_rng rng = { 7 };
    char text[120], what[12];
    for (int round = 0; round < 20000; round++) {
        size_t n = sm_rng_below(&rng, sizeof(text)), m = 1 + sm_rng_below(&rng, sizeof(what) - 1);
        size_t from = n ? sm_rng_below(&rng, (uint32_t)n) : 0;
        for (size_t i = 0; i < n; i++)
            text[i] = (char)('a' + sm_rng_below(&rng, 2));
        for (size_t i = 0; i < m; i++)
            what[i] = (char)('a' + sm_rng_below(&rng, 2));
        const char *want = memmem(text + from, n - from, what, m);
        size_t got = sm_str_find((sm_str){ text, n }, (sm_str){ what, m }, from);
        assert_int_equal(got, want ? (size_t)(want - text) : SIZE_MAX);
    }
}

static void numbers_are_sorted_and_found_however_they_are_spread(void **state)
{
    struct state *t = *state;
    sm_rng rng = { 11 };
    static const uint64_t spread[] = { UINT64_MAX, 1000, 3 };
    for (size_t round = 0; round < 300; round++) {
        size_t n = sm_rng_below(&rng, 3000), m = 200, out[200];
        uint64_t *v = SM_NEWS(t->op.arena, uint64_t, n + 1), k[200];
        for (size_t i = 0; i < n; i++)
            v[i] = sm_rng_next(&rng) % spread[round % 3];
        n = sm_distinct_u64(v, n);
        for (size_t i = 1; i < n; i++)
            assert_true(v[i - 1] < v[i]);
        for (size_t i = 0; i < m; i++)
            k[i] = n && i % 2 ? v[sm_rng_below(&rng, (uint32_t)n)]
                              : sm_rng_next(&rng) % spread[round % 3];
        sm_find_all_u64(v, n, k, m, out);
        for (size_t i = 0; i < m; i++) {
            size_t at = 0;
            while (at < n && v[at] != k[i])
                at++;
            assert_int_equal(out[i], at < n ? at : SIZE_MAX);
            assert_int_equal(sm_find_u64(v, n, k[i]), out[i]);
        }
        sm_arena_reset(t->op.arena);
    }
}

static void memory_that_was_used_before_is_clean_again(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        sm_arena *a = sm_arena_open();
        for (size_t n = 1; n < 400000; n = n * 3 + 1) {
            char *p = sm_alloc(a, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xff, n);
        }
        sm_arena_close(a);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arena_memory_is_zeroed_and_aligned_at_every_size),
        TEST(arena_objects_do_not_overlap),
        TEST(what_was_deferred_runs_once_and_last_added_first),
        TEST(an_array_grows_and_keeps_its_items),
        TEST(a_formatted_string_has_its_length_and_a_nul),
        TEST(a_buffer_holds_its_maximum_and_not_a_byte_more),
        TEST(a_failed_buffer_stays_failed_even_for_what_would_fit),
        TEST(a_buffer_never_asks_for_more_than_size_max),
        TEST(an_empty_buffer_is_taken_as_an_empty_string),
        TEST(strings_compare_by_bytes_and_shorter_first),
        TEST(finding_respects_where_it_starts),
        TEST(a_word_is_found_wherever_it_stands),
        TEST(numbers_are_sorted_and_found_however_they_are_spread),
        TEST(memory_that_was_used_before_is_clean_again),
        TEST(slices_are_clamped_to_the_string),
        TEST(trimming_takes_ascii_blanks_and_the_wide_space),
        TEST(cutting_gives_every_part_and_stops_at_the_end),
        TEST(an_integer_is_the_whole_string_or_none),
        TEST(json_is_read_to_sixty_four_levels_and_no_deeper),
        TEST(brackets_inside_json_strings_are_no_depth),
        TEST(bad_json_is_refused_with_the_name_and_the_place),
        TEST(a_nul_byte_is_refused_wherever_it_stands),
        TEST(a_key_given_twice_is_refused_at_any_level),
        TEST(json_that_is_not_utf8_is_refused),
        TEST(json_members_are_borrowed_and_absent_ones_are_empty),
        TEST(every_day_from_1600_to_2200_goes_out_and_comes_back),
        TEST(known_days_have_their_numbers),
        TEST(the_twenty_ninth_of_february_is_only_in_leap_years),
        TEST(what_is_no_date_is_refused),
        TEST(today_is_what_the_environment_says_when_that_is_a_date),
        TEST(sm3_gives_the_vectors_of_the_standard),
        TEST(sha256_gives_the_vectors_of_the_standard),
        TEST(exp_log_and_powers_have_the_same_bits_on_every_machine),
        TEST(the_quick_hash_is_the_same_on_every_machine),
        TEST(random_numbers_stay_in_their_range),
        TEST(a_file_comes_back_as_written_and_leaves_nothing_beside_it),
        TEST(reading_tells_missing_folder_and_too_big_apart),
        TEST(a_failed_write_leaves_the_old_file),
        TEST(a_reader_sees_the_old_file_or_the_new_one_even_when_the_writer_is_killed),
        TEST(folders_are_made_with_their_parents),
        TEST(a_file_is_mapped_and_an_empty_one_is_not),
        TEST(a_lock_held_by_another_process_is_waited_for_and_then_refused),
        TEST(a_lock_given_back_in_time_is_taken),
        TEST(the_first_failure_wins),
        TEST(a_set_flag_cancels_the_operation),
        TEST(a_deadline_that_has_passed_times_the_operation_out),
        TEST(progress_is_told_when_someone_listens),
        TEST(every_code_has_a_name_a_text_and_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
