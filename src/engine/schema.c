#include "engine/schema_inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- keywords */

enum type { OBJECT = 1, ARRAY = 2, STRING = 4, INTEGER = 8, NUMBER = 16, BOOLEAN = 32, NONE = 64 };
enum { ALL_TYPES = 127, ANNOTATION = 0, ALONE = 256 /* stands for the whole schema */ };

static const struct {
    const char *name;
    int types; /* that it says something about */
} keywords[] = {
    { "type", ALL_TYPES },
    { "title", ANNOTATION },
    { "description", ANNOTATION },
    { "default", ANNOTATION },
    { "examples", ANNOTATION },
    { "deprecated", ANNOTATION },
    { "readOnly", ANNOTATION },
    { "writeOnly", ANNOTATION },
    { "$schema", ANNOTATION },
    { "$id", ANNOTATION },
    { "$comment", ANNOTATION },
    { "$defs", ANNOTATION },
    { "definitions", ANNOTATION },
    { "const", ALONE },
    { "enum", ALONE },
    { "anyOf", ALONE },
    { "oneOf", ALONE },
    { "allOf", ALONE },
    { "$ref", ALONE },
    { "properties", OBJECT },
    { "required", OBJECT },
    { "additionalProperties", OBJECT },
    { "items", ARRAY },
    { "minItems", ARRAY },
    { "maxItems", ARRAY },
    { "minLength", STRING },
    { "maxLength", STRING },
    { "pattern", STRING },
    { "format", STRING },
    { "minimum", INTEGER | NUMBER },
    { "maximum", INTEGER | NUMBER },
    { "exclusiveMinimum", INTEGER | NUMBER },
    { "exclusiveMaximum", INTEGER | NUMBER },
};

static const struct {
    const char *name;
    enum type type;
} type_names[] = {
    { "object", OBJECT }, { "array", ARRAY },     { "string", STRING }, { "integer", INTEGER },
    { "number", NUMBER }, { "boolean", BOOLEAN }, { "null", NONE },
};

static int keyword_types(const char *name)
{
    for (size_t i = 0; i < SM_LEN(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return keywords[i].types;
    return -1;
}

static sm_rc read_type(sm_schema *s, const json_t *v, sm_str at, int *types)
{
    for (size_t i = 0; i < SM_LEN(type_names); i++)
        if (json_is_string(v) && strcmp(json_string_value(v), type_names[i].name) == 0) {
            *types |= (int)type_names[i].type;
            return SM_OK;
        }
    return sm_schema_fail(s, SM_E_INVALID, at, "type 的值无法识别");
}

static sm_rc read_types(sm_schema *s, const json_t *node, sm_str at, int *types)
{
    const json_t *v = json_object_get(node, "type");
    if (!json_is_array(v))
        return v ? read_type(s, v, at, types) : SM_OK;
    for (size_t i = 0; i < json_array_size(v); i++) {
        sm_rc rc = read_type(s, json_array_get(v, i), at, types);
        if (rc < 0)
            return rc;
    }
    return *types ? SM_OK : sm_schema_fail(s, SM_E_INVALID, at, "type 是空数组");
}

/* The one keyword that stands for the whole, if any; nothing that says more may stand beside it. */
static sm_rc find_alone(sm_schema *s, json_t *node, sm_str at, const char **alone)
{
    const char *key;
    json_t *v;
    json_object_foreach(node, key, v)
    {
        if (keyword_types(key) == ALONE && *alone)
            return sm_schema_fail(s, SM_E_INVALID, at, "不支持 %s 与 %s 并列", *alone, key);
        if (keyword_types(key) == ALONE)
            *alone = key;
    }
    if (!*alone)
        return SM_OK;
    bool listed = strcmp(*alone, "enum") == 0 || strcmp(*alone, "const") == 0;
    json_object_foreach(node, key, v)
    {
        int types = keyword_types(key);
        if (types != ANNOTATION && types != ALONE && !(listed && strcmp(key, "type") == 0))
            return sm_schema_fail(s, SM_E_INVALID, at, "不支持 %s 与 %s 并列", *alone, key);
    }
    return SM_OK;
}

/* Which types the keywords speak about, where the schema names none. */
static int implied_types(json_t *node)
{
    const char *key;
    json_t *v;
    int types = 0;
    json_object_foreach(node, key, v) types |= keyword_types(key) == ALONE ? 0 : keyword_types(key);
    return types;
}

static sm_rc check_keywords(sm_schema *s, json_t *node, int types, sm_str at)
{
    const char *key;
    json_t *v;
    json_object_foreach(node, key, v)
    {
        int about = keyword_types(key);
        if (about < 0)
            return sm_schema_fail(s, SM_E_INVALID, at, "不支持关键字 %.64s", key);
        if (about != ANNOTATION && about != ALONE && types && !(about & types))
            return sm_schema_fail(s, SM_E_INVALID, at, "%s 与 type 不符", key);
    }
    return SM_OK;
}

/* ------------------------------------------------------------------- types */

static sm_str quote_json(sm_schema *s, const json_t *v)
{
    return sm_schema_quote(s->op->arena, sm_json_dump(s->op->arena, v));
}

static sm_rc visit(sm_schema *s, json_t *node, sm_str at, sm_str *out);

static sm_rc read_count(sm_schema *s, const json_t *node, const char *key, sm_str at, int64_t *out)
{
    const json_t *v = json_object_get(node, key);
    if (!v)
        return SM_OK;
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return sm_schema_fail(s, SM_E_INVALID, at, "%s 要是非负整数", key);
    if (json_integer_value(v) > SM_SCHEMA_MAX_LENGTH)
        return sm_schema_fail(s, SM_E_LIMIT, at, "%s 超过 %d", key, SM_SCHEMA_MAX_LENGTH);
    *out = json_integer_value(v);
    return SM_OK;
}

static sm_rc read_counts(sm_schema *s, const json_t *node, const char *least, const char *most,
                         sm_str at, int64_t *min, int64_t *max)
{
    *min = 0;
    *max = SM_SCHEMA_NO_MAX;
    sm_rc rc = read_count(s, node, least, at, min);
    if (rc == SM_OK)
        rc = read_count(s, node, most, at, max);
    if (rc == SM_OK && *max != SM_SCHEMA_NO_MAX && *max < *min)
        rc = sm_schema_fail(s, SM_E_INVALID, at, "%s 小于 %s", most, least);
    return rc;
}

static const struct {
    const char *name, *body;
    unsigned needs; /* fixed rules, a bit each */
} formats[] = {
    { "date", "date", 1u << SM_BASE_DATE },
    { "time", "time", 1u << SM_BASE_TIME },
    { "date-time", "date \"T\" time", 1u << SM_BASE_DATE | 1u << SM_BASE_TIME },
    { "uuid",
      "[0-9a-f]{8} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{12}", 0 },
    { "email", "[a-zA-Z0-9_+]+ ( \".\" [a-zA-Z0-9_+]+ )* \"@\" [a-zA-Z0-9]+ ( [.-] [a-zA-Z0-9]+ )*",
      0 },
};

static sm_rc write_format(sm_schema *s, const char *name, sm_str at, sm_str *out)
{
    for (size_t i = 0; i < SM_LEN(formats); i++)
        if (strcmp(formats[i].name, name) == 0) {
            s->base_rules |= formats[i].needs;
            *out = sm_strf(s->op->arena, "\"\\\"\" ( %s ) \"\\\"\"", formats[i].body);
            return SM_OK;
        }
    return sm_schema_fail(s, SM_E_INVALID, at, "不支持 format %.32s", name);
}

static sm_rc write_string(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    const json_t *pattern = json_object_get(node, "pattern"),
                 *format = json_object_get(node, "format");
    int64_t min, max;
    sm_rc rc = read_counts(s, node, "minLength", "maxLength", at, &min, &max);
    bool counted = min > 0 || max != SM_SCHEMA_NO_MAX;
    if (rc < 0)
        return rc;
    if ((pattern && !json_is_string(pattern)) || (format && !json_is_string(format)))
        return sm_schema_fail(s, SM_E_INVALID, at, "pattern 和 format 要是文字");
    if (!!pattern + !!format + counted > 1)
        return sm_schema_fail(s, SM_E_INVALID, at, "不支持 pattern、format、长度限制并用");
    if (format)
        return write_format(s, json_string_value(format), at, out);
    if (pattern) {
        sm_str inside;
        rc = sm_schema_pattern(s, sm_json_str(node, "pattern"), at, &inside);
        if (rc == SM_OK)
            *out = sm_strf(s->op->arena, "\"\\\"\" ( %.*s ) \"\\\"\"", SM_ARG(inside));
        return rc;
    }
    if (!counted) {
        *out = sm_schema_base(s, SM_BASE_STRING);
        return SM_OK;
    }
    sm_str many = sm_schema_repeat(s, sm_schema_base(s, SM_BASE_CHAR), min, max);
    *out = sm_strf(s->op->arena, "\"\\\"\" %.*s \"\\\"\"", SM_ARG(many));
    return SM_OK;
}

static const int64_t most_integer = 999999999999999999; /* SM_SCHEMA_MAX_DIGITS nines */

/* The nearest whole number on the inside of a bound; false when it has too many digits. */
static bool round_inwards(const json_t *v, bool lower, bool exclusive, int64_t *out)
{
    int64_t step = exclusive ? (lower ? 1 : -1) : 0, n;
    double x = json_number_value(v);
    if (json_is_integer(v)) {
        n = json_integer_value(v);
        n = n > most_integer || n < -most_integer ? n : n + step;
    } else if (x > 9e17 || x < -9e17) {
        n = x > 0 ? INT64_MAX : INT64_MIN;
    } else {
        n = (int64_t)(lower ? ceil(x) : floor(x));
        n += (double)n == x ? step : 0;
    }
    *out = SM_MAX(SM_MIN(n, most_integer), -most_integer);
    return lower ? n <= most_integer : n >= -most_integer;
}

static sm_rc read_bound(sm_schema *s, const json_t *node, const char *key, bool lower, sm_str at,
                        int64_t *out)
{
    const json_t *v = json_object_get(node, key);
    int64_t n;
    if (!v)
        return SM_OK;
    if (!json_is_number(v))
        return sm_schema_fail(s, SM_E_INVALID, at, "%s 要是数", key);
    if (!round_inwards(v, lower, key[0] == 'e', &n))
        return sm_schema_fail(s, SM_E_LIMIT, at, "%s 超过 %d 位", key, SM_SCHEMA_MAX_DIGITS);
    *out = lower ? SM_MAX(*out, n) : SM_MIN(*out, n);
    return SM_OK;
}

static sm_rc write_integer(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    int64_t lo = -most_integer, hi = most_integer;
    sm_rc rc = read_bound(s, node, "minimum", true, at, &lo);
    if (rc == SM_OK)
        rc = read_bound(s, node, "exclusiveMinimum", true, at, &lo);
    if (rc == SM_OK)
        rc = read_bound(s, node, "maximum", false, at, &hi);
    if (rc == SM_OK)
        rc = read_bound(s, node, "exclusiveMaximum", false, at, &hi);
    if (rc == SM_OK && lo > hi)
        rc = sm_schema_fail(s, SM_E_INVALID, at, "最小值大于最大值，没有这样的整数");
    if (rc == SM_OK)
        *out = lo == -most_integer && hi == most_integer ? sm_schema_base(s, SM_BASE_INTEGER)
                                                         : sm_schema_range(s, lo, hi);
    return rc;
}

/* Of bounds on numbers that are not whole, only "not negative" can be told from the spelling. */
static sm_rc write_number(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    static const char *const refused[] = { "maximum", "exclusiveMinimum", "exclusiveMaximum" };
    const json_t *min = json_object_get(node, "minimum");
    for (size_t i = 0; i < SM_LEN(refused); i++)
        if (json_object_get(node, refused[i]))
            return sm_schema_fail(s, SM_E_INVALID, at, "number 不支持 %s（integer 支持）",
                                  refused[i]);
    if (min && (!json_is_number(min) || json_number_value(min) != 0))
        return sm_schema_fail(s, SM_E_INVALID, at, "number 的 minimum 只支持 0（integer 不限）");
    *out = sm_schema_base(s, SM_BASE_NUMBER);
    if (min)
        *out = SM_STR("( \"0\" | [1-9] [0-9]{0,15} ) ( \".\" [0-9]{1,16} )?");
    return SM_OK;
}

static sm_rc write_array(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    sm_arena *a = s->op->arena;
    json_t *items = json_object_get(node, "items");
    int64_t min, max;
    sm_str item;
    sm_rc rc = read_counts(s, node, "minItems", "maxItems", at, &min, &max);
    if (rc < 0)
        return rc;
    sm_str sp = sm_schema_base(s, SM_BASE_SP);
    if (max == 0) {
        *out = SM_STR("\"[\" sp \"]\"");
        return SM_OK;
    }
    if (items)
        rc = visit(s, items, sm_strf(a, "%.*s/items", SM_ARG(at)), &item);
    else
        item = sm_schema_base(s, SM_BASE_ANY);
    if (rc < 0)
        return rc;
    sm_str next = sm_schema_rule(s, sm_strf(a, "\",\" %.*s %.*s", SM_ARG(sp), SM_ARG(item)));
    sm_str rest = sm_schema_repeat(s, next, min > 1 ? min - 1 : 0,
                                   max == SM_SCHEMA_NO_MAX ? SM_SCHEMA_NO_MAX : max - 1);
    *out =
        sm_strf(a, "\"[\" sp ( %.*s %.*s )%s sp \"]\"", SM_ARG(item), SM_ARG(rest), min ? "" : "?");
    return SM_OK;
}

/* ----------------------------------------------------------------- objects */

struct member {
    sm_str rule, name;
    bool required;
};

struct members {
    struct member *item;
    size_t n, cap;
    sm_str extra; /* a member of another name, or "" */
};

static int by_name(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

/* What follows the first n_done bytes of names lo ... hi in a name that is none of them. */
static sm_str other_names(sm_schema *s, const sm_str *name, size_t lo, size_t hi, size_t n_done)
{
    sm_buf b, heads;
    bool ends = lo < hi && name[lo].n == n_done;
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    sm_buf_init(&heads, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    for (size_t i = lo + ends; i < hi && s->n_rules < SM_SCHEMA_MAX_RULES;) {
        sm_str rest = sm_str_sub(name[i], n_done, name[i].n);
        size_t before = rest.n, end = i;
        uint32_t c = sm_schema_next_char(&rest);
        size_t n_char = before - rest.n;
        sm_str head = sm_str_sub(name[i], 0, n_done + n_char);
        while (end < hi && sm_str_starts(name[end], head))
            end++;
        sm_str more = other_names(s, name, i, end, n_done + n_char);
        sm_schema_add_char(&heads, c);
        sm_buf_addf(&b, "%.*s %.*s | ",
                    SM_ARG(sm_schema_quote(s->op->arena, sm_str_sub(head, n_done, head.n))),
                    SM_ARG(more));
        i = end;
    }
    sm_buf_addf(&b, "[^\"\\\\\\x00-\\x1F\\x7F%.*s] char*%s", SM_ARG(sm_buf_str(&heads)),
                ends ? "" : " | \"\"");
    sm_str rule = sm_schema_rule(s, sm_buf_str(&b));
    sm_buf_done(&b);
    sm_buf_done(&heads);
    return rule;
}

static bool needs_escape(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7f || s.p[i] == '"' || s.p[i] == '\\')
            return true;
    return false;
}

static sm_rc other_name(sm_schema *s, const struct members *m, sm_str at, sm_str *out)
{
    sm_str *name = SM_NEWS(s->op->arena, sm_str, m->n + 1);
    for (size_t i = 0; i < m->n; i++) {
        name[i] = m->item[i].name;
        if (needs_escape(name[i]))
            return sm_schema_fail(s, SM_E_INVALID, at,
                                  "属性名含引号、反斜杠或控制字符时，不支持 additionalProperties");
    }
    qsort(name, m->n, sizeof(*name), by_name);
    sm_schema_base(s, SM_BASE_CHAR);
    *out = other_names(s, name, 0, m->n, 0);
    return SM_OK;
}

static bool is_required(const json_t *node, sm_str name)
{
    const json_t *list = json_object_get(node, "required");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (sm_str_eq((sm_str){ json_string_value(v), json_string_length(v) }, name))
            return true;
    }
    return false;
}

static sm_rc add_member(sm_schema *s, struct members *m, sm_str name, json_t *schema, bool required,
                        sm_str at)
{
    sm_arena *a = s->op->arena;
    sm_str value;
    if (m->n >= SM_SCHEMA_MAX_PROPERTIES)
        return sm_schema_fail(s, SM_E_LIMIT, at, "属性超过 %d 个", SM_SCHEMA_MAX_PROPERTIES);
    if (name.n > SM_SCHEMA_MAX_NAME_BYTES)
        return sm_schema_fail(s, SM_E_LIMIT, at, "属性名超过 %d 字节", SM_SCHEMA_MAX_NAME_BYTES);
    sm_rc rc =
        visit(s, schema, sm_strf(a, "%.*s/properties/%.*s", SM_ARG(at), SM_ARG(name)), &value);
    if (rc < 0)
        return rc;
    json_t *key = sm_json_of(name);
    sm_json_own(a, key);
    sm_str body = sm_strf(a, "%.*s \":\" sp %.*s", SM_ARG(quote_json(s, key)), SM_ARG(value));
    SM_GROW(a, m->item, m->n, m->cap);
    m->item[m->n++] = (struct member){ sm_schema_rule(s, body), name, required };
    return SM_OK;
}

/* Asked for, but not described: as what other members are. */
static sm_rc add_undescribed(sm_schema *s, const json_t *node, struct members *m, sm_str at)
{
    json_t *list = json_object_get(node, "required");
    json_t *other = json_object_get(node, "additionalProperties");
    if (list && !json_is_array(list))
        return sm_schema_fail(s, SM_E_INVALID, at, "required 要是数组");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        sm_str name = { json_string_value(v), json_string_length(v) };
        bool known = false;
        if (!json_is_string(v))
            return sm_schema_fail(s, SM_E_INVALID, at, "required 里要是属性名");
        for (size_t k = 0; k < m->n; k++)
            known = known || sm_str_eq(m->item[k].name, name);
        if (known)
            continue;
        if (json_is_false(other))
            return sm_schema_fail(s, SM_E_INVALID, at, "required 的 %.64s 不在 properties 里",
                                  name.p);
        sm_rc rc = add_member(s, m, name, other ? other : json_true(), true, at);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

static sm_rc read_members(sm_schema *s, json_t *node, struct members *m, sm_str at)
{
    json_t *properties = json_object_get(node, "properties"), *v;
    json_t *other = json_object_get(node, "additionalProperties");
    const char *key;
    if (properties && !json_is_object(properties))
        return sm_schema_fail(s, SM_E_INVALID, at, "properties 要是对象");
    json_object_foreach(properties, key, v)
    {
        sm_rc rc = add_member(s, m, sm_str_of(key), v, is_required(node, sm_str_of(key)), at);
        if (rc < 0)
            return rc;
    }
    sm_rc rc = add_undescribed(s, node, m, at);
    /* Where nothing is said, others may come only if none is described. */
    if (rc < 0 || (other ? json_is_false(other) : m->n > 0))
        return rc;
    sm_str value, name;
    rc = other_name(s, m, at, &name);
    if (rc < 0)
        return rc;
    rc = visit(s, other ? other : json_true(),
               sm_strf(s->op->arena, "%.*s/additionalProperties", SM_ARG(at)), &value);
    if (rc == SM_OK)
        m->extra = sm_schema_rule(s, sm_strf(s->op->arena, "\"\\\"\" %.*s \"\\\":\" sp %.*s",
                                             SM_ARG(name), SM_ARG(value)));
    return rc;
}

/* Members in order, each that is not required left out or not: first is what may come while none
 * has, more is what may come behind one. */
static sm_str chain_members(sm_schema *s, const struct members *m)
{
    sm_arena *a = s->op->arena;
    sm_str first = SM_STR("\"\""), more = SM_STR("\"\"");
    if (m->extra.n) {
        more = sm_schema_rule(s, sm_strf(a, "( \",\" sp %.*s )*", SM_ARG(m->extra)));
        first = sm_schema_rule(s, sm_strf(a, "( %.*s %.*s )?", SM_ARG(m->extra), SM_ARG(more)));
    }
    for (size_t i = m->n; i-- > 0;) {
        const struct member *p = &m->item[i];
        sm_str begin = sm_strf(a, "%.*s %.*s", SM_ARG(p->rule), SM_ARG(more));
        sm_str next = sm_strf(a, "\",\" sp %.*s %.*s", SM_ARG(p->rule), SM_ARG(more));
        if (!p->required) {
            begin = sm_strf(a, "%.*s | %.*s", SM_ARG(begin), SM_ARG(first));
            next = sm_strf(a, "%.*s | %.*s", SM_ARG(next), SM_ARG(more));
        }
        first = sm_schema_rule(s, begin);
        more = sm_schema_rule(s, next);
    }
    return first;
}

static sm_rc write_object(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    struct members m = { 0 };
    sm_schema_base(s, SM_BASE_SP);
    sm_rc rc = read_members(s, node, &m, at);
    if (rc == SM_OK)
        *out = sm_strf(s->op->arena, "\"{\" sp %.*s sp \"}\"", SM_ARG(chain_members(s, &m)));
    return rc;
}

/* ------------------------------------------------------------------- whole */

static sm_rc write_scalar(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    (void)s, (void)at;
    *out = json_is_null(node) ? SM_STR("\"null\"") : SM_STR("\"true\" | \"false\"");
    return SM_OK;
}

static const struct {
    enum type type;
    sm_rc (*write)(sm_schema *s, json_t *node, sm_str at, sm_str *out);
    bool nests;
} writers[] = {
    { OBJECT, write_object, true },  { ARRAY, write_array, true },
    { STRING, write_string, false }, { INTEGER, write_integer, false },
    { NUMBER, write_number, false }, { BOOLEAN, write_scalar, false },
};

static sm_rc write_types(sm_schema *s, json_t *node, int types, sm_str at, sm_str *out)
{
    sm_str all = { 0 };
    for (size_t i = 0; i < SM_LEN(writers); i++) {
        sm_str one;
        if (!(types & (int)writers[i].type))
            continue;
        s->nesting += writers[i].nests;
        sm_rc rc = writers[i].write(s, node, at, &one);
        s->nesting -= writers[i].nests;
        if (rc < 0)
            return rc;
        all = all.n ? sm_strf(s->op->arena, "%.*s | %.*s", SM_ARG(all), SM_ARG(one)) : one;
    }
    if (types & NONE)
        all = all.n ? sm_strf(s->op->arena, "%.*s | \"null\"", SM_ARG(all)) : SM_STR("\"null\"");
    *out = sm_schema_rule(s, all);
    return SM_OK;
}

static int type_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return OBJECT;
    case JSON_ARRAY:
        return ARRAY;
    case JSON_STRING:
        return STRING;
    case JSON_INTEGER:
        return INTEGER | NUMBER;
    case JSON_REAL:
        return NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return BOOLEAN;
    case JSON_NULL:
        break;
    }
    return NONE;
}

static sm_rc write_values(sm_schema *s, const json_t *list, int types, sm_str at, sm_str *out)
{
    sm_buf b;
    size_t n = json_array_size(list);
    if (n == 0)
        return sm_schema_fail(s, SM_E_INVALID, at, "enum 要是不空的数组");
    if (n > SM_SCHEMA_MAX_CHOICES)
        return sm_schema_fail(s, SM_E_LIMIT, at, "enum 超过 %d 个值", SM_SCHEMA_MAX_CHOICES);
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, i);
        if (types && !(type_of(v) & types)) {
            sm_buf_done(&b);
            return sm_schema_fail(s, SM_E_INVALID, at, "enum 的值与 type 不符");
        }
        sm_buf_addf(&b, "%s%.*s", i ? " | " : "", SM_ARG(quote_json(s, v)));
    }
    *out = sm_schema_rule(s, sm_buf_str(&b));
    s->rules.failed |= b.failed;
    sm_buf_done(&b);
    return SM_OK;
}

static sm_rc write_choices(sm_schema *s, json_t *list, const char *key, sm_str at, sm_str *out)
{
    size_t n = json_array_size(list);
    sm_str all = { 0 };
    if (n == 0)
        return sm_schema_fail(s, SM_E_INVALID, at, "%s 要是不空的数组", key);
    if (n > SM_SCHEMA_MAX_CHOICES)
        return sm_schema_fail(s, SM_E_LIMIT, at, "%s 超过 %d 个", key, SM_SCHEMA_MAX_CHOICES);
    if (n > 1 && strcmp(key, "allOf") == 0)
        return sm_schema_fail(s, SM_E_INVALID, at, "不支持多于一项的 allOf");
    for (size_t i = 0; i < n; i++) {
        sm_str one;
        sm_rc rc = visit(s, json_array_get(list, i),
                         sm_strf(s->op->arena, "%.*s/%s/%zu", SM_ARG(at), key, i), &one);
        if (rc < 0)
            return rc;
        all = all.n ? sm_strf(s->op->arena, "%.*s | %.*s", SM_ARG(all), SM_ARG(one)) : one;
    }
    *out = sm_schema_rule(s, all);
    return SM_OK;
}

/* One step of a JSON pointer: ~1 is /, ~0 is ~. */
static json_t *step(sm_arena *a, const json_t *v, sm_str part)
{
    int64_t i;
    char *key = sm_cstr(a, part), *to = key;
    for (const char *from = key; *from; from++) {
        bool escaped = from[0] == '~' && (from[1] == '0' || from[1] == '1');
        *to++ = escaped ? (from[1] == '0' ? '~' : '/') : *from;
        from += escaped;
    }
    *to = 0;
    if (json_is_array(v))
        return sm_str_to_int(part, &i) && i >= 0 ? json_array_get(v, (size_t)i) : NULL;
    return json_object_get(v, key);
}

static json_t *resolve(sm_schema *s, sm_str ref)
{
    json_t *v = (json_t *)(uintptr_t)s->root;
    sm_str part, rest = ref;
    if (!sm_str_cut(&rest, '/', &part) || !sm_str_eq(part, SM_STR("#")))
        return NULL;
    while (v && sm_str_cut(&rest, '/', &part))
        v = step(s->op->arena, v, part);
    return v;
}

/* A target is written once, however often it is referred to; inside itself, too, as long as an
 * object or array stands between. */
static sm_rc write_ref(sm_schema *s, sm_str ref, sm_str at, sm_str *out)
{
    json_t *target = resolve(s, ref);
    if (!target)
        return sm_schema_fail(s, SM_E_INVALID, at, "$ref 找不到 %.*s（只支持本文档内的引用）",
                              (int)SM_MIN(ref.n, (size_t)128), ref.p);
    for (size_t i = 0; i < s->n_refs; i++) {
        if (s->ref[i].target != target)
            continue;
        if (s->ref[i].nesting == s->nesting)
            return sm_schema_fail(s, SM_E_INVALID, at, "$ref 只引用到自己，没有内容");
        *out = s->ref[i].name;
        return SM_OK;
    }
    SM_GROW(s->op->arena, s->ref, s->n_refs, s->refs_cap);
    size_t k = s->n_refs++;
    sm_str name = sm_strf(s->op->arena, "def%zu", s->n_rules++), body;
    s->ref[k] = (sm_schema_ref){ target, name, s->nesting };
    sm_rc rc = visit(s, target, ref, &body);
    s->ref[k].nesting = -1;
    if (rc < 0)
        return rc;
    sm_buf_addf(&s->rules, "%.*s ::= %.*s\n", SM_ARG(name), SM_ARG(body));
    *out = name;
    return SM_OK;
}

static sm_rc write_alone(sm_schema *s, json_t *node, const char *key, int types, sm_str at,
                         sm_str *out)
{
    json_t *v = json_object_get(node, key);
    if (strcmp(key, "$ref") == 0)
        return write_ref(s, sm_json_str(node, key), at, out);
    if (strcmp(key, "enum") == 0)
        return write_values(s, v, types, at, out);
    if (strcmp(key, "const") != 0)
        return write_choices(s, v, key, at, out);
    json_t *list = json_pack("[O]", v);
    sm_json_own(s->op->arena, list);
    return write_values(s, list, types, at, out);
}

static sm_rc visit_object(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    const char *alone = NULL;
    int types = 0;
    sm_rc rc = read_types(s, node, at, &types);
    if (rc == SM_OK)
        rc = check_keywords(s, node, types, at);
    if (rc == SM_OK)
        rc = find_alone(s, node, at, &alone);
    if (rc < 0)
        return rc;
    if (alone)
        return write_alone(s, node, alone, types, at, out);
    if (!types)
        types = implied_types(node);
    if (!types) {
        *out = sm_schema_base(s, SM_BASE_ANY);
        return SM_OK;
    }
    return write_types(s, node, types, at, out);
}

static sm_rc visit(sm_schema *s, json_t *node, sm_str at, sm_str *out)
{
    sm_rc rc;
    if (s->depth >= SM_SCHEMA_MAX_DEPTH)
        return sm_schema_fail(s, SM_E_LIMIT, at, "嵌套超过 %d 层", SM_SCHEMA_MAX_DEPTH);
    if (s->n_rules > SM_SCHEMA_MAX_RULES || s->rules.failed)
        return sm_schema_fail(s, SM_E_LIMIT, at, "太复杂，超过 %d 条语法规则", SM_SCHEMA_MAX_RULES);
    s->depth++;
    if (json_is_true(node)) {
        *out = sm_schema_base(s, SM_BASE_ANY);
        rc = SM_OK;
    } else if (json_is_object(node)) {
        rc = visit_object(s, node, at, out);
    } else {
        rc = sm_schema_fail(s, SM_E_INVALID, at,
                            json_is_false(node) ? "false 不接受任何值" : "schema 要是对象");
    }
    s->depth--;
    return rc;
}

sm_rc sm_schema_add(sm_schema *s, const json_t *schema, const char *what, sm_str *out)
{
    s->root = schema;
    s->what = what;
    s->n_refs = 0;
    return visit(s, (json_t *)(uintptr_t)schema, SM_STR("#"), out);
}

sm_rc sm_schema_grammar(sm_op *op, const json_t *schema, sm_str *out)
{
    sm_str root = SM_STR("object8");
    sm_schema *s = sm_schema_begin(op);
    sm_rc rc = SM_OK;
    if (schema)
        rc = sm_schema_add(s, schema, "response_format", &root);
    else
        sm_schema_base(s, SM_BASE_ANY);
    return rc < 0 ? rc : sm_schema_end(s, root, out);
}
