#include "engine/tools.h"

#include "gbnf.h"

#define TOOL(name, parameters) \
    "{\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"parameters\":" parameters "}}"
#define CITY                                                                                       \
    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]" \
    "}"

static json_t *parse(sm_op *op, const char *text)
{
    json_t *v = NULL;
    if (sm_json_parse(op, sm_str_of(text), "test", &v) < 0)
        fail_msg("%s: %.*s", text, SM_ARG(op->msg));
    return v;
}

/* ------------------------------------------------------------ what is written */

struct seen {
    sm_buf text, calls;
    size_t n;
};

static void take_text(void *ctx, sm_str text)
{
    struct seen *s = ctx;
    assert_true(text.n > 0 && ((uint8_t)text.p[0] & 0xc0) != 0x80);
    sm_buf_add(&s->text, text);
}

static void take_call(void *ctx, const sm_tool_call *call)
{
    struct seen *s = ctx;
    assert_int_equal(call->index, s->n++);
    assert_true(call->id.n > 5 && sm_str_starts(call->id, SM_STR("call_")));
    sm_buf_addf(&s->calls, "%.*s(%.*s);", SM_ARG(call->name), SM_ARG(call->arguments));
}

#define TAGS SM_TOOL_FORM_TAGS
#define DS   SM_TOOL_FORM_DEEPSEEK
#define V31  SM_TOOL_FORM_DEEPSEEK_V31
#define CALL(name, arguments) \
    "<tool_call>\n{\"name\": \"" name "\", \"arguments\": " arguments "}\n</tool_call>"

static const struct {
    sm_tool_form form;
    const char *written, *text, *calls;
} cases[] = {
    { SM_TOOL_FORM_NONE, "a <tool_call> b", "a <tool_call> b", "" },
    { TAGS, "晴天。", "晴天。", "" },
    { TAGS, CALL("weather", "{\"city\": \"云澜\"}"), "", "weather({\"city\":\"云澜\"});" },
    { TAGS, "我查。\n" CALL("a", "{}") "\n" CALL("b", "{\"x\":1}") "\n", "我查。",
      "a({});b({\"x\":1});" },
    { TAGS, CALL("a", "{}") "\n好 了", "好 了", "a({});" },
    { TAGS, CALL("a", "\"{\\\"x\\\": 2}\""), "", "a({\"x\":2});" },
    { TAGS, "1 < 2 <b> <tool_cal\n\n云", "1 < 2 <b> <tool_cal\n\n云", "" },
    { TAGS, "<tool_call>{\"name\": \"a\"", "<tool_call>{\"name\": \"a\"", "" },
    { TAGS, "x<tool_call>no JSON</tool_call>y", "x<tool_call>no JSON</tool_call>y", "" },
    { TAGS, "<tool_call>{\"name\":\"a b\",\"arguments\":{}}</tool_call>",
      "<tool_call>{\"name\":\"a b\",\"arguments\":{}}</tool_call>", "" },
    { TAGS, "<tool_call>{\"name\":\"a\",\"arguments\":[]}</tool_call>",
      "<tool_call>{\"name\":\"a\",\"arguments\":[]}</tool_call>", "" },
    { TAGS, "甲</tool_call>乙", "甲乙", "" },
    { DS,
      "查。<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n"
      "{\"city\": \"云\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>b\n"
      "```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
      "查。", "weather({\"city\":\"云\"});b({});" },
    { DS,
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>a\n{}<｜tool▁call▁end｜>",
      "", "a({});" },
    { DS, "<｜tool▁call▁begin｜>function a<｜tool▁call▁end｜>",
      "<｜tool▁call▁begin｜>function a<｜tool▁call▁end｜>", "" },
    { V31,
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>a<｜tool▁sep｜>{\"x\": [1]}<｜tool▁call▁end｜>"
      "<｜tool▁call▁begin｜>b<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
      "", "a({\"x\":[1]});b({});" },
    { V31, "比 <｜tool 小", "比 <｜tool 小", "" },
};

static void feed(sm_tool_form form, sm_str written, size_t step, struct seen *s)
{
    sm_calls c;
    const sm_calls_sink sink = { take_text, take_call, s };
    *s = (struct seen){ 0 };
    sm_buf_init(&s->text, 1 << 20);
    sm_buf_init(&s->calls, 1 << 20);
    sm_calls_init(&c, form, SM_STR("request-7"));
    for (size_t i = 0, to; i < written.n; i = to) {
        to = SM_MIN(i + step, written.n);
        while (to < written.n && ((uint8_t)written.p[to] & 0xc0) == 0x80)
            to++; /* whole characters, as the engine feeds them */
        sm_calls_feed(&c, sm_str_sub(written, i, to), &sink);
    }
    sm_calls_end(&c, &sink);
    sm_calls_done(&c);
}

static void done(struct seen *s)
{
    sm_buf_done(&s->text);
    sm_buf_done(&s->calls);
}

static void calls_are_found_wherever_the_chunks_are_cut(void **state)
{
    (void)state;
    for (size_t k = 0; k < SM_LEN(cases); k++)
        for (size_t step = 1; step < 60; step++) {
            struct seen s;
            feed(cases[k].form, sm_str_of(cases[k].written), step, &s);
            if (!sm_str_eq(sm_buf_str(&s.text), sm_str_of(cases[k].text)) ||
                !sm_str_eq(sm_buf_str(&s.calls), sm_str_of(cases[k].calls)))
                fail_msg("%zu by %zu: \"%.*s\" | %.*s", k, step, SM_ARG(sm_buf_str(&s.text)),
                         SM_ARG(sm_buf_str(&s.calls)));
            done(&s);
        }
}

static void a_call_without_end_is_given_up(void **state)
{
    (void)state;
    struct seen s;
    size_t n = SM_CALL_MAX_BYTES * 2;
    char *long_call = malloc(n);
    memset(long_call, 'x', n);
    memcpy(long_call, "<tool_call>", 11);
    feed(TAGS, (sm_str){ long_call, n }, 4096, &s);
    assert_true(sm_str_eq(sm_buf_str(&s.text), (sm_str){ long_call, n }));
    assert_int_equal(s.n, 0);
    done(&s);
    free(long_call);
}

static void the_number_of_calls_has_a_limit(void **state)
{
    (void)state;
    struct seen s;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < SM_CALLS_MAX + 2; i++)
        sm_buf_addf(&b, "%s", CALL("a", "{}"));
    feed(TAGS, sm_buf_str(&b), 100, &s);
    assert_int_equal(s.n, SM_CALLS_MAX);
    assert_true(sm_str_eq(sm_buf_str(&s.text), SM_STR(CALL("a", "{}") CALL("a", "{}"))));
    done(&s);
    sm_buf_done(&b);
}

/* ------------------------------------------------------------- what is asked */

#define TWO "\"tools\":[" TOOL("a", "{}") "," TOOL("weather", CITY) "]"

static const struct {
    const char *request;
    sm_tool_choice choice;
    bool offered, parallel;
} requests[] = {
    { "{}", SM_TOOL_CHOICE_NONE, false, true },
    { "{\"tools\":[],\"tool_choice\":\"auto\"}", SM_TOOL_CHOICE_NONE, false, true },
    { "{\"tools\":null,\"tool_choice\":null}", SM_TOOL_CHOICE_NONE, false, true },
    { "{" TWO "}", SM_TOOL_CHOICE_AUTO, true, true },
    { "{" TWO ",\"tool_choice\":\"none\"}", SM_TOOL_CHOICE_NONE, false, true },
    { "{" TWO ",\"tool_choice\":\"required\",\"parallel_tool_calls\":false}",
      SM_TOOL_CHOICE_REQUIRED, true, false },
    { "{" TWO ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}}",
      SM_TOOL_CHOICE_NAMED, true, true },
};

static void a_request_says_which_tools_may_or_must_be_called(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(requests); i++) {
        sm_op op;
        sm_tools t;
        sm_op_begin(&op);
        assert_int_equal(sm_tools_read(&op, parse(&op, requests[i].request), &t), SM_OK);
        assert_int_equal(t.choice, requests[i].choice);
        assert_int_equal(t.tools != NULL, requests[i].offered);
        assert_int_equal(t.parallel, requests[i].parallel);
        sm_op_end(&op);
    }
}

static const struct {
    const char *request, *says;
} bad[] = {
    { "{\"tools\":{}}", "tools 要是数组" },
    { "{\"tools\":[1]}", "tools[0].type" },
    { "{\"tools\":[{\"type\":\"code\"}]}", "tools[0].type" },
    { "{\"tools\":[" TOOL("a", "{}") "," TOOL("a b", "{}") "]}", "tools[1].function.name" },
    { "{\"tools\":[" TOOL("a", "{}") "," TOOL("a", "{}") "]}", "重名" },
    { "{\"tools\":[" TOOL("a", "[]") "]}", "parameters" },
    { "{\"tool_choice\":\"required\"}", "没有 tools" },
    { "{" TWO ",\"tool_choice\":\"any\"}", "tool_choice" },
    { "{" TWO ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"c\"}}}",
      "不在 tools 里" },
    { "{" TWO ",\"tool_choice\":{}}", "不在 tools 里" },
    { "{" TWO ",\"parallel_tool_calls\":1}", "parallel_tool_calls" },
};

static void what_is_asked_wrongly_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_tools t = { .choice = (sm_tool_choice)77 };
        sm_op_begin(&op);
        assert_int_equal(sm_tools_read(&op, parse(&op, bad[i].request), &t), SM_E_INVALID);
        if (!sm_str_has(op.msg, sm_str_of(bad[i].says)))
            fail_msg("%s: %.*s", bad[i].request, SM_ARG(op.msg));
        assert_int_equal(t.choice, 77);
        sm_op_end(&op);
    }
}

/* ------------------------------------------------------------- what is forced */

#define DS_CALL(name, arguments)                                                       \
    "<｜tool▁call▁begin｜>function<｜tool▁sep｜>" name "\n```json\n" arguments "\n```" \
    "<｜tool▁call▁end｜>"

static const struct {
    const char *request;
    sm_tool_form form;
    const char *yes[3], *no[4];
} forced[] = {
    { "{" TWO ",\"tool_choice\":\"required\"}",
      TAGS,
      { CALL("a", "{\"q\":1}"), CALL("weather", "{\"city\": \"云\"}"),
        CALL("a", "{}") "\n" CALL("weather", "{\"city\":\"\"}") },
      { "", "好", CALL("weather", "{}"), CALL("b", "{}") } },
    { "{" TWO ",\"tool_choice\":\"required\",\"parallel_tool_calls\":false}",
      TAGS,
      { CALL("a", "{}") },
      { CALL("a", "{}") "\n" CALL("a", "{}") } },
    { "{" TWO ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}}",
      TAGS,
      { CALL("weather", "{\"city\":\"云\"}") },
      { CALL("a", "{}") } },
    { "{" TWO ",\"tool_choice\":\"required\"}",
      DS,
      { "<｜tool▁calls▁begin｜>" DS_CALL("a", "{}") "<｜tool▁calls▁end｜>",
        "<｜tool▁calls▁begin｜>" DS_CALL("a", "{}") "\n" DS_CALL(
            "weather", "{\"city\":\"云\"}") "<｜tool▁calls▁end｜>" },
      { DS_CALL("a", "{}"), "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>" } },
    { "{" TWO ",\"tool_choice\":\"required\"}",
      V31,
      { "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>a<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
        "<｜tool▁calls▁end｜>" },
      { "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>a<｜tool▁call▁end｜><｜tool▁calls▁end｜>" } },
};

static void a_forced_call_is_the_only_thing_that_can_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(forced); i++) {
        sm_op op;
        sm_tools t;
        sm_str text;
        sm_op_begin(&op);
        assert_int_equal(sm_tools_read(&op, parse(&op, forced[i].request), &t), SM_OK);
        assert_int_equal(sm_tools_grammar(&op, &t, forced[i].form, &text), SM_OK);
        const gbnf *g = gbnf_read(op.arena, text);
        for (size_t k = 0; k < SM_LEN(forced[i].yes) && forced[i].yes[k]; k++) {
            struct seen s;
            if (!gbnf_admits(g, forced[i].yes[k]))
                fail_msg("%zu refuses %s", i, forced[i].yes[k]);
            feed(forced[i].form, sm_str_of(forced[i].yes[k]), 5, &s);
            assert_true(s.n > 0 && s.text.n == 0); /* and what can be written is read again */
            done(&s);
        }
        for (size_t k = 0; k < SM_LEN(forced[i].no) && forced[i].no[k]; k++)
            if (gbnf_admits(g, forced[i].no[k]))
                fail_msg("%zu admits %s", i, forced[i].no[k]);
        sm_op_end(&op);
    }
}

static void a_tool_whose_schema_cannot_be_honoured_is_named(void **state)
{
    (void)state;
    sm_op op;
    sm_tools t;
    sm_str g = { 0 };
    sm_op_begin(&op);
    json_t *r =
        parse(&op, "{\"tools\":[" TOOL("lookup", "{\"not\":{}}") "],\"tool_choice\":\"required\"}");
    assert_int_equal(sm_tools_read(&op, r, &t), SM_OK);
    assert_int_equal(sm_tools_grammar(&op, &t, TAGS, &g), SM_E_INVALID);
    assert_true(sm_str_has(op.msg, SM_STR("lookup")) && sm_str_has(op.msg, SM_STR("not")));
    sm_op_clear(&op);
    assert_int_equal(sm_tools_grammar(&op, &t, SM_TOOL_FORM_NONE, &g), SM_E_INVALID);
    assert_null(g.p);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_found_wherever_the_chunks_are_cut),
        cmocka_unit_test(a_call_without_end_is_given_up),
        cmocka_unit_test(the_number_of_calls_has_a_limit),
        cmocka_unit_test(a_request_says_which_tools_may_or_must_be_called),
        cmocka_unit_test(what_is_asked_wrongly_is_refused_with_its_place),
        cmocka_unit_test(a_forced_call_is_the_only_thing_that_can_be_written),
        cmocka_unit_test(a_tool_whose_schema_cannot_be_honoured_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
