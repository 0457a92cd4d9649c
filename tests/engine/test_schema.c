#include "engine/schema.h"

#include "gbnf.h"

enum { N = 12 };

/* A schema, texts its grammar must admit and texts it must not. */
static const struct {
    const char *schema, *yes[N], *no[N];
} cases[] = {
    { "{\"type\":\"boolean\"}", { "true", "false" }, { "null", "\"true\"", "" } },
    { "{\"type\":\"null\"}", { "null" }, { "0" } },
    { "{\"type\":\"string\"}",
      { "\"\"", "\"云澜市\"", "\"a\\n\\u00e9\\\"\"" },
      { "\"", "\"\n\"", "\"\\x\"", "\"\\ud800\"", "a" } },
    { "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}",
      { "\"ab\"", "\"云澜市\"", "\"a\\n\"" },
      { "\"a\"", "\"abcd\"" } },
    { "{\"type\":\"string\",\"minLength\":3}", { "\"abc\"", "\"abcd\"" }, { "\"ab\"" } },
    { "{\"type\":\"integer\"}", { "0", "-1", "1200" }, { "01", "-0", "1.5", "+1", "1e3" } },
    { "{\"type\":\"number\"}", { "0", "-1.5", "2e10", "0.25" }, { ".5", "1.", "00", "--1" } },
    { "{\"type\":\"number\",\"minimum\":0}", { "0", "1.5" }, { "-1" } },
    { "{\"type\":\"string\",\"enum\":[\"甲\",\"a\\\"b\"],\"description\":\"x\"}",
      { "\"甲\"", "\"a\\\"b\"" },
      { "\"乙\"", "甲" } },
    { "{\"enum\":[1,null,\"x\",{\"a\":[1]}]}",
      { "1", "null", "\"x\"", "{\"a\":[1]}" },
      { "2", "{}" } },
    { "{\"const\":\"是\"}", { "\"是\"" }, { "\"否\"" } },
    { "{\"type\":[\"string\",\"null\"],\"maxLength\":1}",
      { "null", "\"a\"", "\"\"" },
      { "\"ab\"", "1" } },
    { "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"default\":null,\"title\":\"T\"}",
      { "7", "null" },
      { "\"a\"" } },
    { "{\"oneOf\":[{\"const\":1},{\"const\":2}]}", { "1", "2" }, { "3" } },
    { "{\"allOf\":[{\"type\":\"boolean\"}]}", { "true" }, { "1" } },
    { "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}",
      { "[]", "[1]", "[1,2]", "[ 1, 2 ]", "[\n  1,\n  2\n]" },
      { "[1,]", "[\"a\"]", "[1 2]" } },
    { "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":1,\"maxItems\":2}",
      { "[true]", "[true,false]" },
      { "[]", "[true,true,true]" } },
    { "{\"type\":\"array\",\"minItems\":2}", { "[1,\"a\"]", "[1,2,{}]" }, { "[1]" } },
    { "{\"type\":\"array\",\"maxItems\":0}", { "[]" }, { "[1]" } },
    { "{\"type\":\"array\",\"items\":{\"const\":0},\"maxItems\":1}", { "[]", "[0]" }, { "[0,0]" } },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":"
      "\"string\"}},"
      "\"required\":[\"a\",\"b\"],\"additionalProperties\":false}",
      { "{\"a\":1,\"b\":\"x\"}", "{ \"a\": 1, \"b\": \"x\" }",
        "{\n  \"a\": 1,\n  \"b\": \"x\"\n}" },
      { "{\"b\":\"x\",\"a\":1}", "{\"a\":1}", "{}", "{\"a\":1,\"b\":\"x\",\"c\":1}",
        "{\"a\":\"1\",\"b\":\"x\"}", "{\"a\":1\"b\":\"x\"}" } },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":2},\"c\":{"
      "\"const\":3}},"
      "\"required\":[\"b\"]}",
      { "{\"b\":2}", "{\"a\":1,\"b\":2}", "{\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}" },
      { "{}", "{\"a\":1}", "{\"a\":1,\"c\":3}", "{,\"b\":2}", "{\"b\":2,}", "{\"b\":2,\"d\":1}" } },
    { "{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":2}}}",
      { "{}", "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}" },
      { "{,}", "{\"a\":1,}", "{\"b\":2,\"a\":1}" } },
    { "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
      { "{}" },
      { "{\"a\":1}" } },
    { "{\"type\":\"object\"}", { "{}", "{\"a\":{\"b\":[1,null]}}" }, { "[]", "1" } },
    { "{\"type\":\"object\",\"properties\":{\"ab\":{\"const\":1}},\"additionalProperties\":"
      "{\"type\":\"integer\"}}",
      { "{}", "{\"ab\":1}", "{\"ab\":1,\"x\":2}", "{\"a\":3}", "{\"abc\":3,\"b\":4}", "{\"\":1}" },
      { "{\"ab\":2}", "{\"x\":2,\"ab\":1}", "{\"x\":2,\"ab\":3}", "{\"x\":\"s\"}",
        "{\"a\\u0062\":2}" } },
    { "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":true}",
      { "{\"x\":1}", "{\"x\":[],\"y\":2}" },
      { "{}", "{\"y\":2}" } },
    { "{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},"
      "\"next\":"
      "{\"anyOf\":[{\"$ref\":\"#/$defs/"
      "node\"},{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"],"
      "\"additionalProperties\":false}},\"$ref\":\"#/$defs/node\"}",
      { "{\"v\":1,\"next\":null}",
        "{\"v\":1,\"next\":{\"v\":2,\"next\":{\"v\":3,\"next\":null}}}" },
      { "{\"v\":1}", "{\"v\":1,\"next\":{\"v\":2}}" } },
    { "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", { "[]", "[[],[[]]]" }, { "[1]", "[[]" } },
    { "{\"definitions\":{\"a/b\":{\"const\":1}},\"$ref\":\"#/definitions/a~1b\"}",
      { "1" },
      { "2" } },
    { "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/x\"},\"b\":{\"$ref\":\"#/$defs/x\"}},"
      "\"required\":[\"a\",\"b\"],\"$defs\":{\"x\":{\"const\":0}}}",
      { "{\"a\":0,\"b\":0}" },
      { "{\"a\":0}" } },
    { "{\"type\":\"string\",\"pattern\":\"^[0-9]{3}-[A-Z]+$\"}",
      { "\"123-A\"", "\"000-ABC\"" },
      { "\"12-A\"", "\"123-\"", "\"x123-A\"", "\"123-Ax\"" } },
    { "{\"type\":\"string\",\"pattern\":\"^\\\\d+号|附件$\"}",
      { "\"12号\"", "\"12号楼\"", "\"附件\"", "\"见附件\"" },
      { "\"第12号\"", "\"附件一\"", "\"\"" } },
    { "{\"type\":\"string\",\"pattern\":\"^(?:ab|c)?(d\\\\.){1,2}[^x-z\\\\s]$\"}",
      { "\"d.a\"", "\"abd.d.云\"", "\"cd.w\"" },
      { "\"abcd.a\"", "\"dxa\"", "\"d.y\"", "\"d. \"", "\"d.\\\"\"" } },
    { "{\"type\":\"string\",\"pattern\":\"^\\\"\\\\\\\\\\\\t[!-~]$\"}",
      { "\"\\\"\\\\\\ta\"", "\"\\\"\\\\\\t!\"" },
      { "\"\\\"\\\\\\t\"\"", "\"a\"" } },
    { "{\"type\":\"string\",\"format\":\"date\"}",
      { "\"2026-11-23\"", "\"2024-02-29\"", "\"2000-02-29\"", "\"2026-12-31\"" },
      { "\"2026-02-29\"", "\"1900-02-29\"", "\"2026-04-31\"", "\"2026-13-01\"", "\"2026-1-1\"",
        "\"2026-00-10\"", "\"2026-10-00\"" } },
    { "{\"type\":\"string\",\"format\":\"date-time\"}",
      { "\"2026-11-23T08:30:00Z\"", "\"2026-11-23T08:30:00.5+08:00\"" },
      { "\"2026-11-23\"", "\"2026-11-23T24:00:00Z\"", "\"2026-11-23 08:30:00Z\"" } },
    { "{\"type\":\"string\",\"format\":\"uuid\"}",
      { "\"123e4567-e89b-12d3-a456-426614174000\"" },
      { "\"123e4567\"" } },
    { "{}", { "1", "\"a\"", "null", "[{\"a\":[true]}]" }, { "", "tru", "{a:1}" } },
};

static json_t *parse(sm_op *op, const char *text)
{
    json_t *v = NULL;
    if (sm_json_parse(op, sm_str_of(text), "test", &v) < 0)
        fail_msg("%s: %.*s", text, SM_ARG(op->msg));
    return v;
}

static const gbnf *grammar(sm_op *op, const char *schema)
{
    sm_str g;
    if (sm_schema_grammar(op, schema ? parse(op, schema) : NULL, &g) < 0)
        fail_msg("%s: %.*s", schema, SM_ARG(op->msg));
    return gbnf_read(op->arena, g);
}

static void a_grammar_admits_what_fits_its_schema_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_op op;
        sm_op_begin(&op);
        const gbnf *g = grammar(&op, cases[i].schema);
        for (size_t k = 0; k < N && cases[i].yes[k]; k++)
            if (!gbnf_admits(g, cases[i].yes[k]))
                fail_msg("%s refuses %s", cases[i].schema, cases[i].yes[k]);
        for (size_t k = 0; k < N && cases[i].no[k]; k++)
            if (gbnf_admits(g, cases[i].no[k]))
                fail_msg("%s admits %s", cases[i].schema, cases[i].no[k]);
        sm_op_end(&op);
    }
}

static const struct {
    int64_t lo, hi;
} ranges[] = {
    { 0, 0 },    { 0, 9 },   { 1, 12 },      { 0, 120 },     { 18, 65 },   { 100, 100 },
    { 7, 1000 }, { -5, 5 },  { -120, -7 },   { -1, 0 },      { 199, 201 }, { 95, 1105 },
    { -30, 12 }, { 10, 99 }, { 1000, 2026 }, { 999, 10001 }, { 340, 340 }, { 0, 255 },
};

static void whole_numbers_between_bounds_are_told_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(ranges); i++) {
        sm_op op;
        sm_op_begin(&op);
        int64_t lo = ranges[i].lo, hi = ranges[i].hi;
        const gbnf *g = grammar(&op, sm_strf(op.arena,
                                             "{\"type\":\"integer\",\"minimum\":%lld,"
                                             "\"exclusiveMaximum\":%lld}",
                                             (long long)lo, (long long)hi + 1)
                                         .p);
        for (int64_t n = lo - 150; n <= hi + 150; n++) {
            /* All near a bound, else every seventh. */
            if (n % 7 && n > lo + 150 && n < hi - 150)
                continue;
            if (gbnf_admits(g, sm_strf(op.arena, "%lld", (long long)n).p) != (lo <= n && n <= hi))
                fail_msg("%lld ... %lld: %lld", (long long)lo, (long long)hi, (long long)n);
        }
        assert_false(gbnf_admits(g, "-0"));
        assert_false(gbnf_admits(g, "007"));
        sm_op_end(&op);
    }
}

static const struct {
    const char *bound;
    int64_t yes, no;
} bounds[] = {
    { "\"minimum\":0.5", 1, 0 },
    { "\"exclusiveMinimum\":3", 4, 3 },
    { "\"maximum\":-2.5", -3, -2 },
    { "\"exclusiveMaximum\":2.0", 1, 2 },
    { "\"minimum\":-1e30,\"maximum\":-5", -999999999999999999, -4 },
    { "\"minimum\":5,\"maximum\":9223372036854775807", 999999999999999999, 4 },
    { "\"maximum\":999999999999999998", 999999999999999998, 999999999999999999 },
};

static void bounds_of_every_kind_are_rounded_inwards(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(bounds); i++) {
        sm_op op;
        sm_op_begin(&op);
        const gbnf *g =
            grammar(&op, sm_strf(op.arena, "{\"type\":\"integer\",%s}", bounds[i].bound).p);
        assert_true(gbnf_admits(g, sm_strf(op.arena, "%lld", (long long)bounds[i].yes).p));
        assert_false(gbnf_admits(g, sm_strf(op.arena, "%lld", (long long)bounds[i].no).p));
        sm_op_end(&op);
    }
}

static bool admits_length(sm_op *op, const gbnf *g, size_t n)
{
    char *s = sm_alloc(op->arena, n + 3);
    memset(s, 'a', n + 2);
    s[0] = s[n + 1] = '"';
    return gbnf_admits(g, s);
}

static void long_lengths_are_counted_in_blocks(void **state)
{
    (void)state;
    static const size_t max[] = { 1000, 1001, 1099, 1100, 1150, 1999 };
    for (size_t i = 0; i < SM_LEN(max); i++) {
        sm_op op;
        sm_op_begin(&op);
        const gbnf *g =
            grammar(&op, sm_strf(op.arena, "{\"type\":\"string\",\"maxLength\":%zu}", max[i]).p);
        static const size_t inside[] = { 0, 1, 99, 100, 101, 198, 199, 200, 999, 1000 };
        for (size_t k = 0; k < SM_LEN(inside); k++)
            assert_true(admits_length(&op, g, inside[k]));
        assert_true(admits_length(&op, g, max[i] - 1) && admits_length(&op, g, max[i]));
        assert_false(admits_length(&op, g, max[i] + 1));
        sm_op_end(&op);
    }
    sm_op op;
    sm_op_begin(&op);
    const gbnf *g = grammar(&op, "{\"type\":\"string\",\"minLength\":1234,\"maxLength\":1301}");
    assert_false(admits_length(&op, g, 1233) || admits_length(&op, g, 1302));
    assert_true(admits_length(&op, g, 1234) && admits_length(&op, g, 1301));
    sm_op_end(&op);
}

static void without_a_schema_any_object_is_admitted(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    const gbnf *g = grammar(&op, NULL);
    assert_true(gbnf_admits(g, "{}") && gbnf_admits(g, "{\"a\": [1, {\"b\": null}]}"));
    assert_false(gbnf_admits(g, "[]") || gbnf_admits(g, "1"));
    sm_op_end(&op);
}

static const struct {
    const char *schema;
    sm_rc rc;
    const char *says;
} bad[] = {
    { "[]", SM_E_INVALID, "schema 要是对象" },
    { "false", SM_E_INVALID, "不接受任何值" },
    { "{\"type\":\"text\"}", SM_E_INVALID, "type" },
    { "{\"type\":[]}", SM_E_INVALID, "空数组" },
    { "{\"type\":\"object\",\"patternProperties\":{}}", SM_E_INVALID, "patternProperties" },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"not\":{}}}}", SM_E_INVALID, "#/properties/a" },
    { "{\"if\":{}}", SM_E_INVALID, "if" },
    { "{\"type\":\"array\",\"uniqueItems\":true}", SM_E_INVALID, "uniqueItems" },
    { "{\"type\":\"array\",\"prefixItems\":[]}", SM_E_INVALID, "prefixItems" },
    { "{\"type\":\"integer\",\"multipleOf\":2}", SM_E_INVALID, "multipleOf" },
    { "{\"type\":\"number\",\"maximum\":2}", SM_E_INVALID, "maximum" },
    { "{\"type\":\"number\",\"minimum\":2}", SM_E_INVALID, "minimum" },
    { "{\"type\":\"integer\",\"minimum\":\"2\"}", SM_E_INVALID, "minimum" },
    { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}", SM_E_INVALID, "最小值大于最大值" },
    { "{\"type\":\"integer\",\"minimum\":1e30}", SM_E_LIMIT, "minimum" },
    { "{\"type\":\"integer\",\"maxLength\":2}", SM_E_INVALID, "maxLength 与 type 不符" },
    { "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", SM_E_INVALID, "maxLength 小于" },
    { "{\"type\":\"string\",\"maxLength\":-1}", SM_E_INVALID, "非负" },
    { "{\"type\":\"string\",\"maxLength\":1e3}", SM_E_INVALID, "maxLength" },
    { "{\"type\":\"string\",\"maxLength\":1000000}", SM_E_LIMIT, "maxLength" },
    { "{\"type\":\"string\",\"format\":\"ipv6\"}", SM_E_INVALID, "format ipv6" },
    { "{\"type\":\"string\",\"format\":\"date\",\"maxLength\":3}", SM_E_INVALID, "并用" },
    { "{\"type\":\"string\",\"pattern\":\"(\"}", SM_E_INVALID, "没有闭合" },
    { "{\"type\":\"string\",\"pattern\":\"a)\"}", SM_E_INVALID, "右括号" },
    { "{\"type\":\"string\",\"pattern\":\"[a\"}", SM_E_INVALID, "没有闭合" },
    { "{\"type\":\"string\",\"pattern\":\"[z-a]\"}", SM_E_INVALID, "颠倒" },
    { "{\"type\":\"string\",\"pattern\":\"(?=a)\"}", SM_E_INVALID, "前后查看" },
    { "{\"type\":\"string\",\"pattern\":\"\\\\bword\"}", SM_E_INVALID, "转义" },
    { "{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", SM_E_INVALID, "转义" },
    { "{\"type\":\"string\",\"pattern\":\"a{2,1}\"}", SM_E_INVALID, "次数" },
    { "{\"type\":\"string\",\"pattern\":\"a{9999999}\"}", SM_E_INVALID, "次数" },
    { "{\"type\":\"string\",\"pattern\":\"*a\"}", SM_E_INVALID, "量词" },
    { "{\"type\":\"string\",\"pattern\":\"(a$)\"}", SM_E_INVALID, "位置不对" },
    { "{\"type\":\"string\",\"pattern\":\"\\\\\"}", SM_E_INVALID, "反斜杠结尾" },
    { "{\"enum\":[]}", SM_E_INVALID, "enum" },
    { "{\"type\":\"string\",\"enum\":[1]}", SM_E_INVALID, "与 type 不符" },
    { "{\"enum\":[1],\"minimum\":0}", SM_E_INVALID, "enum 与 minimum 并列" },
    { "{\"anyOf\":[]}", SM_E_INVALID, "anyOf" },
    { "{\"anyOf\":[{}],\"oneOf\":[{}]}", SM_E_INVALID, "并列" },
    { "{\"anyOf\":[{}],\"type\":\"object\"}", SM_E_INVALID, "anyOf 与 type 并列" },
    { "{\"allOf\":[{},{}]}", SM_E_INVALID, "allOf" },
    { "{\"$ref\":\"#/$defs/none\"}", SM_E_INVALID, "$ref" },
    { "{\"$ref\":\"https://example.com/s\"}", SM_E_INVALID, "$ref" },
    { "{\"$ref\":\"#\"}", SM_E_INVALID, "引用到自己" },
    { "{\"$defs\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/$defs/a\"}]}},"
      "\"$ref\":\"#/$defs/a\"}",
      SM_E_INVALID, "引用到自己" },
    { "{\"type\":\"object\",\"properties\":[]}", SM_E_INVALID, "properties" },
    { "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":false}", SM_E_INVALID,
      "required 的 x" },
    { "{\"type\":\"object\",\"required\":[1]}", SM_E_INVALID, "required" },
};

static void what_cannot_be_honoured_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_str g = { 0 };
        json_t *schema = json_loads(bad[i].schema, JSON_DECODE_ANY, NULL);
        assert_non_null(schema);
        sm_op_begin(&op);
        sm_json_own(op.arena, schema);
        sm_rc rc = sm_schema_grammar(&op, schema, &g);
        if (rc != bad[i].rc || g.p || !sm_str_has(op.msg, sm_str_of(bad[i].says)))
            fail_msg("%s: %s \"%.*s\"", bad[i].schema, sm_rc_name(rc), SM_ARG(op.msg));
        sm_op_end(&op);
    }
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    sm_op op;
    sm_str g = { 0 };
    sm_op_begin(&op);
    json_t *deep = json_object(), *wide = json_object(), *properties = json_object();
    for (int i = 0; i < 100; i++)
        deep = json_pack("{s:s,s:o}", "type", "array", "items", deep);
    sm_json_own(op.arena, deep);
    assert_int_equal(sm_schema_grammar(&op, deep, &g), SM_E_LIMIT);
    sm_op_clear(&op);
    for (int i = 0; i < 600; i++)
        json_object_set_new(properties, sm_strf(op.arena, "p%d", i).p, json_object());
    json_object_set_new(wide, "properties", properties);
    sm_json_own(op.arena, wide);
    assert_int_equal(sm_schema_grammar(&op, wide, &g), SM_E_LIMIT);
    sm_op_clear(&op);
    /* Each level doubles what is below it: refused, not written out. */
    json_t *bomb = json_object();
    for (int i = 0; i < 30; i++)
        bomb = json_pack("{s:[O,o]}", "anyOf", bomb, bomb);
    sm_json_own(op.arena, bomb);
    assert_int_equal(sm_schema_grammar(&op, bomb, &g), SM_E_LIMIT);
    assert_null(g.p);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grammar_admits_what_fits_its_schema_and_nothing_else),
        cmocka_unit_test(whole_numbers_between_bounds_are_told_exactly),
        cmocka_unit_test(bounds_of_every_kind_are_rounded_inwards),
        cmocka_unit_test(long_lengths_are_counted_in_blocks),
        cmocka_unit_test(without_a_schema_any_object_is_admitted),
        cmocka_unit_test(what_cannot_be_honoured_is_refused_by_name),
        cmocka_unit_test(depth_and_size_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
