/*
 * A service item's JSON: the schema and the elements as clauses.  docs/service-item.schema.json
 * says the same for people; item_keys.c knows the national platform's spelling.
 */
#include "corpus/import.h"

#include <string.h>

#include "text/text.h"

enum { MAX_ENTRIES = 500, MAX_TEXT_BYTES = 64 * 1024 };

/* --------------------------------------------------------------- schema */

enum { TEXT = 1, LIST = 2, OBJECT = 4, NUMBER = 8 };
static const struct {
    const char *key;
    int type;
    bool required;
} schema[] = {
    { "code", TEXT, true },
    { "name", TEXT, true },
    { "dept", TEXT, true },
    { "type", TEXT, false },
    { "level", TEXT, false },
    { "audience", LIST, false },
    { "domain", TEXT, false },
    { "scope", TEXT, false },
    { "aliases", LIST, false },
    { "keywords", LIST, false },
    { "case_kind", TEXT, true },
    { "legal_limit", OBJECT, false },
    { "promised_limit", OBJECT, true },
    { "conditions", LIST, false },
    { "situations", LIST, false },
    { "materials", LIST, false },
    { "steps", LIST, false },
    { "fee", OBJECT, true },
    { "result", TEXT, false },
    { "basis", LIST, false },
    { "places", LIST, false },
    { "consult", TEXT, false },
    { "complaint", TEXT, false },
    { "online", TEXT, false },
    { "onsite_visits", NUMBER, false },
    { "cross_region", TEXT, false },
    { "faq", LIST, false },
    { "eligibility", LIST, false },
    { "rule", TEXT, false },
    { "rule_explain", TEXT, false },
    { "effective_from", TEXT, false },
    { "effective_to", TEXT, false },
};

static bool fits(const json_t *v, int type)
{
    return ((type & TEXT) && json_is_string(v)) || ((type & LIST) && json_is_array(v)) ||
           ((type & OBJECT) && json_is_object(v)) || ((type & NUMBER) && json_is_number(v));
}

static const char *type_name(int type)
{
    return type == TEXT ? "文字" : type == LIST ? "列表" : type == OBJECT ? "对象" : "数字";
}

static sm_rc check_key(sm_op *op, const json_t *item, const char *key, int type, bool required)
{
    const json_t *v = json_object_get(item, key);
    if (!v)
        return required ? sm_fail(op, SM_E_INVALID, "缺少 %s", key) : SM_OK;
    if (!fits(v, type))
        return sm_fail(op, SM_E_INVALID, "%s 应当是%s", key, type_name(type));
    if (required && json_is_string(v) && json_string_length(v) == 0)
        return sm_fail(op, SM_E_INVALID, "%s 不能为空", key);
    return SM_OK;
}

/* Sizes at every depth; the parser has bounded the depth (SM_JSON_MAX_DEPTH). */
static sm_rc check_sizes(sm_op *op, json_t *v, const char *key)
{
    sm_rc rc = SM_OK;
    size_t i;
    const char *k;
    json_t *one;
    if (json_is_array(v) && json_array_size(v) > MAX_ENTRIES)
        return sm_fail(op, SM_E_LIMIT, "%s 超过 %d 项", key, MAX_ENTRIES);
    if (json_is_string(v) && json_string_length(v) > MAX_TEXT_BYTES)
        return sm_fail(op, SM_E_LIMIT, "%s 超过 %d 字节", key, MAX_TEXT_BYTES);
    json_array_foreach(v, i, one)
    {
        if (rc == SM_OK)
            rc = check_sizes(op, one, key);
    }
    json_object_foreach(v, k, one)
    {
        if (rc == SM_OK)
            rc = check_sizes(op, one, k);
    }
    return rc;
}

static sm_rc check_limit(sm_op *op, const json_t *item, const char *key)
{
    const json_t *v = json_object_get(item, key), *value = json_object_get(v, "value");
    if (v && (!json_is_number(value) || sm_json_str(v, "unit").n == 0))
        return sm_fail(op, SM_E_INVALID, "%s 要有数字 value 和单位 unit", key);
    if (v && json_number_value(value) < 0)
        return sm_fail(op, SM_E_INVALID, "%s 的 value 不能是负数", key);
    return SM_OK;
}

/* Said as 不收费 when false: never guessed. */
static sm_rc check_fee(sm_op *op, const json_t *item)
{
    const json_t *fee = json_object_get(item, "fee"), *items = json_object_get(fee, "items");
    if (!json_is_boolean(json_object_get(fee, "charged")))
        return sm_fail(op, SM_E_INVALID, "fee.charged 应当是 true 或 false");
    if (items && !json_is_array(items))
        return sm_fail(op, SM_E_INVALID, "fee.items 应当是列表");
    return SM_OK;
}

static sm_rc check_dates(sm_op *op, const json_t *item)
{
    static const char *const keys[] = { "effective_from", "effective_to" };
    for (size_t i = 0; i < SM_LEN(keys); i++) {
        sm_str v = sm_json_str(item, keys[i]);
        if (v.n && sm_date_parse(v) == SM_DATE_NONE)
            return sm_fail(op, SM_E_INVALID, "%s 应当是 YYYY-MM-DD 的日期", keys[i]);
    }
    return SM_OK;
}

/* Lists of objects: each with its own required text. */
static sm_rc check_entries(sm_op *op, const json_t *item)
{
    static const struct {
        const char *list, *key;
    } entries[] = { { "conditions", "text" }, { "materials", "name" }, { "situations", "question" },
                    { "faq", "q" },           { "basis", "law" },      { "eligibility", "var" } };
    for (size_t i = 0; i < SM_LEN(entries); i++) {
        size_t k;
        json_t *one;
        json_array_foreach(json_object_get(item, entries[i].list), k, one)
        {
            if (sm_json_str(one, entries[i].key).n == 0)
                return sm_fail(op, SM_E_INVALID, "%s 第 %zu 项缺少 %s", entries[i].list, k + 1,
                               entries[i].key);
        }
    }
    return SM_OK;
}

/* A part of an item is cited by its id: those without one are numbered. */
static void number_entries(sm_arena *a, json_t *item)
{
    static const struct {
        const char *list, *prefix;
    } lists[] = { { "conditions", "c" }, { "situations", "s" }, { "materials", "m" } };
    for (size_t i = 0; i < SM_LEN(lists); i++) {
        size_t k;
        json_t *one;
        json_array_foreach(json_object_get(item, lists[i].list), k, one)
        {
            if (json_is_object(one) && sm_json_str(one, "id").n == 0)
                json_object_set_new(one, "id",
                                    sm_json_of(sm_strf(a, "%s%zu", lists[i].prefix, k + 1)));
        }
    }
}

static sm_rc check(sm_op *op, json_t *item)
{
    sm_rc rc = check_sizes(op, item, "整件");
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(schema); i++)
        rc = check_key(op, item, schema[i].key, schema[i].type, schema[i].required);
    if (rc == SM_OK)
        rc = check_limit(op, item, "promised_limit");
    if (rc == SM_OK)
        rc = check_limit(op, item, "legal_limit");
    if (rc == SM_OK)
        rc = check_fee(op, item);
    if (rc == SM_OK)
        rc = check_dates(op, item);
    return rc == SM_OK ? check_entries(op, item) : rc;
}

sm_rc sm_item_read(sm_op *op, const json_t *in, json_t **out)
{
    if (!json_is_object(in))
        return sm_fail(op, SM_E_INVALID, "不是 JSON 对象");
    json_t *item = json_deep_copy(in);
    sm_json_own(op->arena, item);
    sm_item_map(op->arena, item);
    number_entries(op->arena, item);
    sm_rc rc = check(op, item);
    if (rc < 0) {
        sm_str code = sm_json_str(item, "code");
        if (code.n)
            op->msg =
                sm_strf(op->arena, "%.*s：%.*s", SM_ARG(sm_utf8_head(code, 64)), SM_ARG(op->msg));
        return rc;
    }
    *out = item;
    return SM_OK;
}

/* -------------------------------------------------------------- elements */

static void add(sm_pieces *p, const char *path, sm_str text)
{
    sm_piece_add(p, sm_str_dup(p->a, sm_str_of(path)), (sm_str){ 0 }, text, 0);
}

static void add_labelled(sm_pieces *p, const json_t *item, const char *key, const char *label)
{
    sm_str v = sm_json_str(item, key);
    if (v.n)
        add(p, key, sm_strf(p->a, "%s：%.*s", label, SM_ARG(v)));
}

static void add_limit(sm_pieces *p, const json_t *item, const char *key, const char *label)
{
    const json_t *v = json_object_get(item, key);
    if (!v)
        return;
    double n = json_number_value(json_object_get(v, "value"));
    sm_str unit = sm_json_str(v, "unit");
    static const char *const bare[] = { "日", "天", "年", "个" }; /* 3日, 2年; else 3个工作日 */
    const char *between = "个";
    for (size_t i = 0; i < SM_LEN(bare); i++)
        if (sm_str_starts(unit, sm_str_of(bare[i])))
            between = "";
    if (n <= 0)
        add(p, key, sm_strf(p->a, "%s：当场办结（即时办理）", label));
    else
        add(p, key, sm_strf(p->a, "%s：%.10g%s%.*s", label, n, between, SM_ARG(unit)));
}

static void add_fee(sm_pieces *p, const json_t *fee)
{
    if (!fee)
        return;
    if (!json_is_true(json_object_get(fee, "charged"))) {
        add(p, "fee", SM_STR("办理本事项不收费")); /* what it gives may cost */
        return;
    }
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_addf(&b, "收费：");
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(fee, "items"), i, one)
    {
        sm_buf_addf(&b, "%s%.*s %.*s", i ? "；" : "", SM_ARG(sm_json_str(one, "name")),
                    SM_ARG(sm_json_str(one, "standard")));
    }
    sm_str basis = sm_json_str(fee, "basis");
    if (basis.n)
        sm_buf_addf(&b, "（收费依据：%.*s）", SM_ARG(basis));
    add(p, "fee", sm_str_dup(p->a, sm_buf_str(&b)));
    sm_buf_done(&b);
}

static sm_str entry_path(sm_pieces *p, const char *list, const json_t *entry, size_t i)
{
    sm_str id = sm_json_str(entry, "id");
    return id.n ? sm_strf(p->a, "%s/%.*s", list, SM_ARG(id)) : sm_strf(p->a, "%s/%zu", list, i + 1);
}

static void add_material(sm_pieces *p, sm_str path, const json_t *m)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_addf(&b, "%.*s（%.*s", SM_ARG(sm_json_str(m, "name")),
                SM_ARG(sm_json_str(m, "required")));
    if (sm_json_str(m, "kind").n)
        sm_buf_addf(&b, "，%.*s", SM_ARG(sm_json_str(m, "kind")));
    if (sm_json_str(m, "form").n)
        sm_buf_addf(&b, "，%.*s", SM_ARG(sm_json_str(m, "form")));
    json_int_t copies = json_integer_value(json_object_get(m, "copies"));
    if (copies > 0)
        sm_buf_addf(&b, "，%lld份", (long long)copies);
    sm_str source = sm_json_str(m, "source"), issuer = sm_json_str(m, "issuer");
    if (source.n || issuer.n)
        sm_buf_addf(&b, "，来源：%.*s%s%.*s", SM_ARG(source), source.n && issuer.n ? "、" : "",
                    SM_ARG(issuer));
    sm_buf_addf(&b, "）");
    size_t i;
    json_t *point;
    json_array_foreach(json_object_get(m, "check_points"), i, point)
    {
        sm_buf_addf(&b, "%s%s", i ? "；" : "。要点：",
                    json_string_value(point) ? json_string_value(point) : "");
    }
    sm_piece_add(p, path, (sm_str){ 0 }, sm_str_dup(p->a, sm_buf_str(&b)), 0);
    sm_buf_done(&b);
}

static void add_situation(sm_pieces *p, sm_str path, const json_t *s)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_add(&b, sm_json_str(s, "question"));
    size_t i;
    json_t *o;
    json_array_foreach(json_object_get(s, "options"), i, o)
    {
        sm_buf_addf(&b, "%s%.*s", i ? "；" : " ", SM_ARG(sm_json_str(o, "label")));
    }
    sm_piece_add(p, path, (sm_str){ 0 }, sm_str_dup(p->a, sm_buf_str(&b)), 0);
    sm_buf_done(&b);
}

static sm_str entry_text(sm_pieces *p, const char *list, const json_t *e, size_t i)
{
    if (json_is_string(e))
        return sm_str_dup(p->a, sm_str_of(json_string_value(e)));
    if (strcmp(list, "steps") == 0) {
        sm_str name = sm_json_str(e, "name");
        return sm_strf(p->a, "第%zu步%s%.*s：%.*s", i + 1, name.n ? " " : "", SM_ARG(name),
                       SM_ARG(sm_json_str(e, "text")));
    }
    if (strcmp(list, "basis") == 0)
        return sm_strf(p->a, "《%.*s》%.*s", SM_ARG(sm_json_str(e, "law")),
                       SM_ARG(sm_json_str(e, "article")));
    if (strcmp(list, "faq") == 0)
        return sm_strf(p->a, "问：%.*s\n答：%.*s", SM_ARG(sm_json_str(e, "q")),
                       SM_ARG(sm_json_str(e, "a")));
    if (strcmp(list, "places") == 0)
        return sm_json_str(e, "name").n ? sm_strf(p->a, "%.*s %.*s", SM_ARG(sm_json_str(e, "name")),
                                                  SM_ARG(sm_json_str(e, "address")))
                                        : sm_json_str(e, "address");
    return sm_json_str(e, "text");
}

static void add_entries(sm_pieces *p, const json_t *item, const char *list)
{
    size_t i;
    json_t *e;
    json_array_foreach(json_object_get(item, list), i, e)
    {
        sm_str path = entry_path(p, list, e, i);
        if (strcmp(list, "materials") == 0)
            add_material(p, path, e);
        else if (strcmp(list, "situations") == 0)
            add_situation(p, path, e);
        else
            sm_piece_add(p, path, (sm_str){ 0 }, entry_text(p, list, e, i), 0);
    }
}

static void add_audience(sm_pieces *p, const json_t *audience)
{
    size_t i;
    json_t *one;
    sm_str text = { 0 };
    json_array_foreach(audience, i, one)
    {
        if (json_is_string(one))
            text =
                sm_strf(p->a, "%.*s%s%s", SM_ARG(text), text.n ? "、" : "", json_string_value(one));
    }
    if (text.n)
        add(p, "audience", sm_strf(p->a, "服务对象：%.*s", SM_ARG(text)));
}

static void add_date(sm_pieces *p, const json_t *item, const char *key, const char *label)
{
    sm_date d = sm_date_parse(sm_json_str(item, key));
    if (d != SM_DATE_NONE)
        add(p, key, sm_strf(p->a, "%s：%.*s", label, SM_ARG(sm_date_chinese(p->a, d))));
}

void sm_item_pieces(sm_pieces *p, const json_t *item)
{
    static const char *const lists[] = { "conditions", "situations", "materials", "steps" };
    static const char *const more[] = { "basis", "places", "faq" };
    add(p, "name",
        sm_strf(p->a, "事项名称：%.*s；实施主体：%.*s", SM_ARG(sm_json_str(item, "name")),
                SM_ARG(sm_json_str(item, "dept"))));
    if (sm_json_str(item, "scope").n)
        add(p, "scope", sm_json_str(item, "scope"));
    for (size_t i = 0; i < SM_LEN(lists); i++)
        add_entries(p, item, lists[i]);
    add_limit(p, item, "legal_limit", "法定办结时限");
    add_limit(p, item, "promised_limit", "承诺办结时限");
    add_fee(p, json_object_get(item, "fee"));
    add_labelled(p, item, "result", "办理结果");
    for (size_t i = 0; i < SM_LEN(more); i++)
        add_entries(p, item, more[i]);
    add_labelled(p, item, "consult", "咨询电话");
    add_labelled(p, item, "complaint", "监督投诉电话");
    add_labelled(p, item, "online", "网办深度");
    const json_t *visits = json_object_get(item, "onsite_visits");
    if (visits)
        add(p, "onsite_visits",
            sm_strf(p->a, "到现场次数：%lld次", (long long)json_integer_value(visits)));
    add_labelled(p, item, "cross_region", "通办范围");
    if (sm_json_str(item, "rule_explain").n)
        add(p, "eligibility", sm_json_str(item, "rule_explain"));
    add_audience(p, json_object_get(item, "audience"));
    add_date(p, item, "effective_from", "施行日期");
    add_date(p, item, "effective_to", "有效期至");
}
