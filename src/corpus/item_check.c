/*
 * The thirteen data checks of service items, SI-01 … SI-13 (docs/checks.md), one function and
 * one table entry each.  Only SI-01, SI-02 and SI-05 refuse the item.
 */
#include "corpus/corpus.h"

#include "text/text.h"

struct check {
    sm_op *op;
    const json_t *item;
    sm_str where;
    sm_note *note;
    size_t n, cap;
    const char *id;
    bool refuses;
};

SM_PRINTF(2, 3)
static void found(struct check *c, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    SM_GROW(c->op->arena, c->note, c->n, c->cap);
    c->note[c->n++] = (sm_note){
        .level = c->refuses ? SM_NOTE_REFUSED : SM_NOTE_WARNING,
        .code = sm_str_of(c->id),
        .where = c->where,
        /* a cut in the middle of a character is mended */
        .text = sm_utf8_mend(c->op->arena, sm_str_dup(c->op->arena, sm_str_of(text))),
    };
}

static sm_str text_of(const struct check *c, const char *key)
{
    return sm_json_str(c->item, key);
}

static json_t *value_of(const struct check *c, const char *key)
{
    return json_object_get(c->item, key);
}

/* -1 when the item does not say. */
static double visits(const struct check *c)
{
    const json_t *v = value_of(c, "onsite_visits");
    return json_is_number(v) ? json_number_value(v) : -1;
}

/* A limit in calendar days; a working day counts 7/5 of one. */
static double calendar_days(const json_t *limit)
{
    double v = json_number_value(json_object_get(limit, "value"));
    sm_str unit = sm_json_str(limit, "unit");
    if (sm_str_has(unit, SM_STR("工作日")))
        return v * 7.0 / 5.0;
    if (sm_str_has(unit, SM_STR("月")))
        return v * 30.0;
    if (sm_str_has(unit, SM_STR("年")))
        return v * 365.0;
    if (sm_str_has(unit, SM_STR("小时")))
        return v / 24.0;
    return v;
}

static void immediate(struct check *c)
{
    double days = calendar_days(value_of(c, "promised_limit"));
    bool at_once = sm_str_eq(text_of(c, "case_kind"), SM_STR("即办件"));
    if (at_once && days > 0)
        found(c, "办件类型是即办件，承诺办结时限却不是当场办结；请改办件类型或时限");
    if (!at_once && days <= 0)
        found(c, "承诺办结时限是当场办结，办件类型却不是即办件；请改办件类型或时限");
}

static void within_legal(struct check *c)
{
    const json_t *legal = value_of(c, "legal_limit"), *promised = value_of(c, "promised_limit");
    double most = calendar_days(legal), days = calendar_days(promised);
    if (json_is_object(legal) && most > 0 && days > most + 1e-9)
        found(c, "承诺办结时限（%g%s）长于法定办结时限（%g%s）；自然日与工作日按 7 比 5 折算",
              json_number_value(json_object_get(promised, "value")),
              json_string_value(json_object_get(promised, "unit")),
              json_number_value(json_object_get(legal, "value")),
              json_string_value(json_object_get(legal, "unit")));
}

static void visit_reason(struct check *c)
{
    bool reason = text_of(c, "onsite_reason").n > 0;
    if (visits(c) > 0 && !reason)
        found(c, "到现场次数大于 0，应写明必须现场办理的原因（onsite_reason）");
    if (visits(c) == 0 && reason)
        found(c, "到现场次数为 0，不应再写必须现场办理的原因");
}

static void no_visit_needs_post(struct check *c)
{
    if (visits(c) == 0 && sm_str_eq(text_of(c, "online"), SM_STR("仅窗口")) &&
        !json_is_true(value_of(c, "express")))
        found(c, "不用到现场又不能网上办，应提供邮寄申请（express）");
}

static void online_means_no_visit(struct check *c)
{
    if (sm_str_eq(text_of(c, "online"), SM_STR("全程网办")) && visits(c) > 0)
        found(c, "网办深度是全程网办，到现场次数却是 %.10g；应为 0", visits(c));
}

static void fee_complete(struct check *c)
{
    const json_t *fee = value_of(c, "fee");
    bool pays_online = json_is_true(json_object_get(fee, "online_pay"));
    if (!json_is_true(json_object_get(fee, "charged"))) {
        if (pays_online)
            found(c, "不收费的事项不应打开网上支付");
        return;
    }
    if (sm_json_str(fee, "basis").n == 0)
        found(c, "收费事项没有收费依据（fee.basis）");
    if (json_array_size(json_object_get(fee, "items")) == 0)
        found(c, "收费事项没有收费项目（fee.items）");
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(fee, "items"), i, one)
    {
        if (sm_json_str(one, "name").n == 0 || sm_json_str(one, "standard").n == 0)
            found(c, "第 %zu 个收费项目缺名称或标准", i + 1);
    }
    if (!json_is_boolean(json_object_get(fee, "online_pay")))
        found(c, "收费事项没有写明是否支持网上支付（fee.online_pay）");
}

static bool has_area_code(sm_str phone)
{
    size_t digits = 0;
    for (size_t i = 0; i < phone.n; i++)
        digits += phone.p[i] >= '0' && phone.p[i] <= '9';
    return digits >= 8 &&
           (sm_str_starts(phone, SM_STR("0")) || sm_str_starts(phone, SM_STR("(0")) ||
            sm_str_starts(phone, SM_STR("（0")) || sm_str_starts(phone, SM_STR("+86")));
}

static void phones(struct check *c)
{
    sm_str consult = text_of(c, "consult"), complaint = text_of(c, "complaint");
    if (consult.n == 0 || complaint.n == 0)
        found(c, "咨询电话（consult）和监督投诉电话（complaint）都要有");
    else if (sm_str_eq(consult, complaint))
        found(c, "咨询电话和监督投诉电话不应相同");
    if ((consult.n && !has_area_code(consult)) || (complaint.n && !has_area_code(complaint)))
        found(c, "电话要带区号");
}

static bool serves(const struct check *c, const char *whom)
{
    size_t i;
    json_t *one;
    json_array_foreach(value_of(c, "audience"), i, one)
    {
        if (sm_str_has(sm_str_of(json_string_value(one)), sm_str_of(whom)))
            return true;
    }
    return false;
}

static void topics(struct check *c)
{
    if (text_of(c, "user_topic_type").n && !serves(c, "自然人"))
        found(c, "有面向自然人的主题分类，服务对象里却没有自然人");
    if (text_of(c, "corp_topic_type").n && !serves(c, "法人") && !serves(c, "组织"))
        found(c, "有面向法人的主题分类，服务对象里却没有法人");
    if (json_array_size(value_of(c, "audience")) == 0)
        found(c, "没有写服务对象（audience）");
}

static void permit_guide(struct check *c)
{
    if (!sm_str_eq(text_of(c, "type"), SM_STR("行政许可")))
        return;
    if (json_array_size(value_of(c, "faq")) == 0)
        found(c, "行政许可至少要有一个常见问题（faq）");
    if (json_array_size(value_of(c, "steps")) < 5)
        found(c, "行政许可的办理流程至少五步：受理、审核、决定、办结、送达（现有 %zu 步）",
              json_array_size(value_of(c, "steps")));
}

static void result_sample(struct check *c)
{
    sm_str result = text_of(c, "result"), kind = text_of(c, "result_type");
    if (result.n && text_of(c, "result_sample").n == 0)
        found(c, "有办理结果名称，没有结果样本（result_sample）");
    if (kind.n && sm_str_ends(result, SM_STR("证")) && !sm_str_has(kind, SM_STR("证")))
        found(c, "办理结果是证件，结果类型却写“%.*s”", SM_ARG(kind));
    if (kind.n && sm_str_ends(result, SM_STR("文")) && !sm_str_has(kind, SM_STR("文")))
        found(c, "办理结果是批文，结果类型却写“%.*s”", SM_ARG(kind));
    if (kind.n && sm_str_ends(result, SM_STR("批复")) && !sm_str_has(kind, SM_STR("批")) &&
        !sm_str_has(kind, SM_STR("文")))
        found(c, "办理结果是批复，结果类型却写“%.*s”", SM_ARG(kind));
}

static void shared_material(struct check *c)
{
    size_t i, n = 0;
    json_t *m;
    sm_str first = { 0 };
    json_array_foreach(value_of(c, "materials"), i, m)
    {
        if (!sm_str_eq(sm_json_str(m, "source"), SM_STR("政府部门核发")) ||
            !sm_str_eq(sm_json_str(m, "required"), SM_STR("必要")))
            continue;
        if (n++ == 0)
            first = sm_json_str(m, "name");
    }
    if (n)
        found(c, "%zu 件必要材料由政府部门核发（如“%.*s”），能共享取得的不应再要申请人提交", n,
              SM_ARG(first));
}

static bool catch_all(sm_str text)
{
    static const char *const words[] = { "其他材料",   "其他资料",   "其它材料",
                                         "其他条件",   "其他证明",   "等材料",
                                         "要求的材料", "需要的其他", "需要提供的其他" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_has(text, sm_str_of(words[i])))
            return true;
    return false;
}

static void no_catch_all(struct check *c)
{
    size_t i;
    json_t *one;
    json_array_foreach(value_of(c, "materials"), i, one)
    {
        if (catch_all(sm_json_str(one, "name")))
            found(c, "材料“%.*s”是兜底说法，请写清是哪些", SM_ARG(sm_json_str(one, "name")));
    }
    json_array_foreach(value_of(c, "conditions"), i, one)
    {
        if (catch_all(sm_json_str(one, "text")))
            found(c, "条件“%.*s”是兜底说法，请写清是哪些", SM_ARG(sm_json_str(one, "text")));
    }
}

static void legal_basis(struct check *c)
{
    size_t i, n = 0;
    json_t *one;
    if (json_array_size(value_of(c, "basis")) == 0) {
        found(c, "没有设定依据（basis）");
        return;
    }
    json_array_foreach(value_of(c, "basis"), i, one)
    {
        n += sm_json_str(one, "article").n == 0;
    }
    if (n)
        found(c, "%zu 条设定依据没有写明条款（article），条件和材料的依据无从核对", n);
}

static const struct {
    const char *id;
    bool refuses;
    void (*run)(struct check *c);
} checks[] = {
    { "SI-01", true, immediate },
    { "SI-02", true, within_legal },
    { "SI-03", false, visit_reason },
    { "SI-04", false, no_visit_needs_post },
    { "SI-05", true, online_means_no_visit },
    { "SI-06", false, fee_complete },
    { "SI-07", false, phones },
    { "SI-08", false, topics },
    { "SI-09", false, permit_guide },
    { "SI-10", false, result_sample },
    { "SI-11", false, shared_material },
    { "SI-12", false, no_catch_all },
    { "SI-13", false, legal_basis },
};

sm_rc sm_item_check(sm_op *op, const json_t *item, sm_str where, sm_note **out, size_t *n)
{
    struct check c = { .op = op, .item = item, .where = where };
    for (size_t i = 0; i < SM_LEN(checks); i++) {
        c.id = checks[i].id;
        c.refuses = checks[i].refuses;
        checks[i].run(&c);
    }
    *out = c.note;
    *n = c.n;
    return SM_OK;
}
