/*
 * The national platform's spelling of an item to ours, key by key: one table.  A key of ours that
 * is already there wins; keys that nobody knows stay as they are.  A code we do not know is never
 * guessed at: its key stays absent, and the schema then refuses the item if the key is required.
 */
#include "corpus/import.h"

#include <string.h>

#include "text/text.h"

struct row;
struct mapping {
    sm_arena *a;
    json_t *item;
};
typedef void map_fn(struct mapping *m, const struct row *r);
struct row {
    const char *theirs, *ours;
    map_fn *map;
    const char *more; /* of a limit or place: the key beside it; of a list: the key of its texts */
};

/* Codes and their words, by the key of theirs. */
static const struct {
    const char *theirs, *code, *word;
} words[] = {
    { "task_type", "1", "行政许可" },
    { "task_type", "2", "行政处罚" },
    { "task_type", "3", "行政强制" },
    { "task_type", "4", "行政征收" },
    { "task_type", "5", "行政给付" },
    { "task_type", "6", "行政检查" },
    { "task_type", "7", "行政确认" },
    { "task_type", "8", "行政奖励" },
    { "task_type", "9", "行政裁决" },
    { "task_type", "10", "其他行政权力" },
    { "task_type", "11", "公共服务" },
    { "task_type", "20", "公共服务" },
    { "project_type", "1", "即办件" },
    { "project_type", "2", "承诺件" },
    { "use_level", "1", "国家级" },
    { "use_level", "2", "省级" },
    { "use_level", "3", "市级" },
    { "use_level", "4", "县级" },
    { "use_level", "5", "乡级" },
    { "use_level", "6", "村级" },
    { "online_handle_depth", "1", "仅窗口" },
    { "online_handle_depth", "I", "仅窗口" },
    { "online_handle_depth", "2", "网上申报预审" },
    { "online_handle_depth", "II", "网上申报预审" },
    { "online_handle_depth", "3", "网上申报预审" },
    { "online_handle_depth", "III", "网上申报预审" },
    { "online_handle_depth", "4", "全程网办" },
    { "online_handle_depth", "IV", "全程网办" },
    { "is_online", "0", "仅窗口" },
    { "required", "1", "必要" },
    { "required", "2", "非必要" },
    { "required", "3", "容缺后补" },
    { "form", "1", "纸质" },
    { "form", "2", "电子" },
    { "form", "3", "纸质或电子" },
    { "kind", "1", "原件" },
    { "kind", "2", "复印件" },
    { "kind", "3", "原件和复印件" },
    { "source_channel", "10", "申请人自备" },
    { "source_channel", "20", "政府部门核发" },
    { "source_channel", "99", "其他" },
    { "limit", "", "工作日" },
    { "limit", "1", "工作日" },
    { "limit", "2", "自然日" },
    { "limit", "天", "自然日" },
    { "limit", "日", "自然日" },
    { "limit", "月", "月" },
    { "limit", "个月", "月" },
    { "limit", "小时", "小时" },
    { "limit", "年", "年" },
};

static bool same_code(sm_str a, sm_str b)
{
    int64_t x, y;
    return sm_str_eq(a, b) || (sm_str_to_int(a, &x) && sm_str_to_int(b, &y) && x == y);
}

/* The word for a code, or for the word itself; "" when it is unknown. */
static sm_str word_of(const char *theirs, sm_str value)
{
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (strcmp(words[i].theirs, theirs) == 0 && (same_code(value, sm_str_of(words[i].code)) ||
                                                     sm_str_eq(value, sm_str_of(words[i].word))))
            return sm_str_of(words[i].word);
    return (sm_str){ 0 };
}

/* A scalar of theirs as text: "20", 20 and 20.0 alike; true is 1. */
static sm_str scalar(sm_arena *a, const json_t *obj, const char *key)
{
    const json_t *v = json_object_get(obj, key);
    if (json_is_integer(v))
        return sm_strf(a, "%lld", (long long)json_integer_value(v));
    if (json_is_real(v))
        return sm_strf(a, "%.15g", json_real_value(v));
    if (json_is_boolean(v))
        return json_is_true(v) ? SM_STR("1") : SM_STR("0");
    return sm_str_trim(sm_json_str(obj, key));
}

static void set_text(json_t *obj, const char *key, sm_str text)
{
    if (text.n && !json_object_get(obj, key))
        json_object_set_new(obj, key, sm_json_of(text));
}

/* 1 and 0, 是 and 否; *known is false for anything else. */
static bool yes(sm_str v, bool *known)
{
    static const char *const yeses[] = { "1", "是", "收费", "支持", "true" }, *const noes[] = {
        "0", "2", "否", "不收费", "不支持", "false"
    };
    *known = true;
    for (size_t i = 0; i < SM_LEN(yeses); i++)
        if (sm_str_eq(v, sm_str_of(yeses[i])))
            return true;
    for (size_t i = 0; i < SM_LEN(noes); i++)
        if (sm_str_eq(v, sm_str_of(noes[i])))
            return false;
    *known = false;
    return false;
}

/* ------------------------------------------------------------ the ways */

static void as_text(struct mapping *m, const struct row *r)
{
    set_text(m->item, r->ours, scalar(m->a, m->item, r->theirs));
}

static void as_word(struct mapping *m, const struct row *r)
{
    set_text(m->item, r->ours, word_of(r->theirs, scalar(m->a, m->item, r->theirs)));
}

static void as_date(struct mapping *m, const struct row *r)
{
    sm_str v = scalar(m->a, m->item, r->theirs), ours;
    sm_date d = sm_date_parse(sm_str_sub(v, 0, 10));
    int64_t packed;
    if (d == SM_DATE_NONE && v.n == 8 && sm_str_to_int(v, &packed))
        d = sm_date_of((int)(packed / 10000), (int)(packed / 100 % 100), (int)(packed % 100));
    ours = d == SM_DATE_NONE ? v : sm_date_iso(m->a, d);
    set_text(m->item, r->ours, ours);
}

static void as_number(struct mapping *m, const struct row *r)
{
    int64_t n;
    if (!json_object_get(m->item, r->ours) && sm_str_to_int(scalar(m->a, m->item, r->theirs), &n))
        json_object_set_new(m->item, r->ours, json_integer(n));
}

static void as_limit(struct mapping *m, const struct row *r)
{
    sm_str unit = word_of("limit", scalar(m->a, m->item, r->more));
    int64_t n;
    if (json_object_get(m->item, r->ours) || unit.n == 0 ||
        !sm_str_to_int(scalar(m->a, m->item, r->theirs), &n))
        return;
    json_object_set_new(m->item, r->ours,
                        json_pack("{s:I,s:o}", "value", (json_int_t)n, "unit", sm_json_of(unit)));
}

/* A text (one entry a line), a list of texts or of objects, as a list of objects. */
static void as_list(struct mapping *m, const struct row *r)
{
    json_t *v = json_object_get(m->item, r->theirs), *one, *list;
    if (!v || json_object_get(m->item, r->ours))
        return;
    list = json_array();
    if (json_is_string(v)) {
        sm_str text = sm_json_str(m->item, r->theirs), line;
        while (sm_str_cut(&text, '\n', &line))
            if (sm_str_trim(line).n)
                json_array_append_new(list,
                                      json_pack("{s:o}", r->more, sm_json_of(sm_str_trim(line))));
    }
    size_t i;
    json_array_foreach(v, i, one)
    {
        json_array_append_new(list, json_is_string(one) ? json_pack("{s:O}", r->more, one)
                                                        : json_deep_copy(one));
    }
    json_object_set_new(m->item, r->ours, list);
}

static void as_audience(struct mapping *m, const struct row *r)
{
    sm_str codes = scalar(m->a, m->item, r->theirs);
    if (codes.n == 0 || json_object_get(m->item, r->ours))
        return;
    bool firm = sm_str_has(codes, SM_STR("法人")) || sm_str_has(codes, SM_STR("组织"));
    for (size_t i = 0; i < codes.n; i++)
        firm |= codes.p[i] >= '2' && codes.p[i] <= '9';
    json_t *list = json_array();
    if (sm_str_has(codes, SM_STR("1")) || sm_str_has(codes, SM_STR("自然人")))
        json_array_append_new(list, json_string("自然人"));
    if (firm)
        json_array_append_new(list, json_string("法人"));
    json_object_set_new(m->item, r->ours, list);
}

static void as_fee(struct mapping *m, const struct row *r)
{
    bool known, charged = yes(scalar(m->a, m->item, r->theirs), &known);
    if (!known || json_object_get(m->item, r->ours))
        return;
    json_t *fee = json_object(), *items = json_object_get(m->item, "fee_items");
    json_object_set_new(fee, "charged", json_boolean(charged));
    if (json_is_array(items))
        json_object_set(fee, "items", items);
    set_text(fee, "basis", scalar(m->a, m->item, "fee_basis"));
    bool online = yes(scalar(m->a, m->item, "is_pay_online"), &known);
    if (known)
        json_object_set_new(fee, "online_pay", json_boolean(online));
    json_object_set_new(m->item, r->ours, fee);
}

static void as_place(struct mapping *m, const struct row *r)
{
    sm_str address = scalar(m->a, m->item, r->theirs), hours = scalar(m->a, m->item, r->more);
    if (address.n == 0 || json_object_get(m->item, r->ours))
        return;
    if (hours.n)
        address = sm_strf(m->a, "%.*s（办理时间：%.*s）", SM_ARG(address), SM_ARG(hours));
    json_object_set_new(m->item, r->ours, json_pack("[o]", sm_json_of(address)));
}

static void map_material(sm_arena *a, json_t *material)
{
    static const char *const coded[] = { "required", "form", "kind" };
    for (size_t i = 0; i < SM_LEN(coded); i++) {
        sm_str word = word_of(coded[i], scalar(a, material, coded[i]));
        if (word.n)
            json_object_set_new(material, coded[i], sm_json_of(word));
    }
    set_text(material, "name", scalar(a, material, "material_name"));
    set_text(material, "source", word_of("source_channel", scalar(a, material, "source_channel")));
    set_text(material, "issuer", scalar(a, material, "source_organ"));
    set_text(material, "required", SM_STR("必要"));
    sm_str standard = scalar(a, material, "accept_standard");
    if (standard.n && !json_object_get(material, "check_points"))
        json_object_set_new(material, "check_points", json_pack("[o]", sm_json_of(standard)));
    int64_t copies;
    if (sm_str_to_int(scalar(a, material, "copies"), &copies))
        json_object_set_new(material, "copies", json_integer(copies));
}

static const struct row rows[] = {
    { "task_handle_item", "code", as_text, NULL }, /* the finest of three codes that is there */
    { "task_code", "code", as_text, NULL },
    { "row_guid", "code", as_text, NULL },
    { "task_name", "name", as_text, NULL },
    { "task_type", "type", as_word, NULL },
    { "dept_name", "dept", as_text, NULL },
    { "use_level", "level", as_word, NULL },
    { "server_type", "audience", as_audience, NULL },
    { "project_type", "case_kind", as_word, NULL },
    { "anticipate_day", "legal_limit", as_limit, "anticipate_type" },
    { "promise_day", "promised_limit", as_limit, "promise_type" },
    { "accept_condition", "conditions", as_list, "text" },
    { "handle_flow", "steps", as_list, "text" },
    { "by_law", "basis", as_list, "law" },
    { "is_fee", "fee", as_fee, NULL },
    { "result_name", "result", as_text, NULL },
    { "transact_addr", "places", as_place, "transact_time" },
    { "link_way", "consult", as_text, NULL },
    { "supervise_way", "complaint", as_text, NULL },
    { "online_handle_depth", "online", as_word, NULL },
    { "is_online", "online", as_word, NULL },
    { "limit_scene_num", "onsite_visits", as_number, NULL },
    { "limit_scene_explain", "onsite_reason", as_text, NULL },
    { "handle_area", "cross_region", as_text, NULL },
    { "plan_effective_date", "effective_from", as_date, NULL },
    { "plan_cancel_date", "effective_to", as_date, NULL },
};

void sm_item_map(sm_arena *a, json_t *item)
{
    struct mapping m = { a, item };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        if (json_object_get(item, rows[i].theirs))
            rows[i].map(&m, &rows[i]);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(item, "materials"), i, one)
    {
        if (json_is_object(one))
            map_material(a, one);
    }
    json_array_foreach(json_object_get(item, "basis"), i, one)
    {
        if (json_is_object(one) && !json_object_get(one, "article"))
            json_object_set_new(one, "article", json_string(""));
    }
}
