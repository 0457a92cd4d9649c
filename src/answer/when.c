#include "answer/when.h"

#include <string.h>

#include "text/text.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

enum { ROUND_BYTES = 24, YEAR_DIGITS = 4 };
static const double LONGEST = 200; /* 1996年 is no length */
static const double ALIKE = 0.4;   /* of a question, in an FAQ's */

const char *sm_when_name(sm_when_kind kind)
{
    static const char *const names[SM_N_WHEN] = {
#define SM_WHEN_ROW(id, name) name,
        SM_WHEN_TABLE(SM_WHEN_ROW)
#undef SM_WHEN_ROW
    };
    return names[kind];
}

#define ENDS(s, words)   sm_str_ends_any((s), (words), SM_LEN(words))
#define STARTS(s, words) sm_str_starts_any((s), (words), SM_LEN(words))

/* ------------------------------------------------------------------- a question */

static const char *const lengths[] = { "多久",     "多长",   "几天",         "几个工作日",
                                       "几个月",   "几年",   "几周",         "几个星期",
                                       "多少天",   "多少日", "多少个工作日", "多少工作日",
                                       "多少个月", "多少年", "几小时",       "几个小时" };
static const char *const days[] = { "什么时候", "什么时间", "啥时候",   "啥时间", "何时",
                                    "几时",     "几月",     "几号",     "哪天",   "哪个月",
                                    "哪一天",   "哪几天",   "哪几个月", "多会儿" };

/* One phrase, parted at the word that asks for a time. */
struct asks {
    sm_str phrase, left, right;
    bool length, day;
};

static size_t first_of(sm_str p, const char *const *word, size_t n, size_t *len)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t at = sm_str_find(p, sm_str_of(word[i]), 0);
        if (at < first || (at != SIZE_MAX && at == first && strlen(word[i]) > *len)) {
            first = at;
            *len = strlen(word[i]);
        }
    }
    return first;
}

static struct asks part(sm_str p)
{
    size_t of_length = 0, of_day = 0;
    size_t length = first_of(p, lengths, SM_LEN(lengths), &of_length);
    size_t day = first_of(p, days, SM_LEN(days), &of_day);
    struct asks q = { .phrase = p, .left = p, .right = { 0 } };
    q.length = length < day;
    q.day = day < length;
    if (!q.length && !q.day)
        return q;
    size_t at = q.length ? length : day, n = q.length ? of_length : of_day;
    q.left = sm_str_sub(p, 0, at);
    q.right = sm_str_sub(p, at + n, p.n);
    return q;
}

/* What comes of it, and what only the office does: "几天内能批", "什么时候出结果". */
static bool of_office(sm_str behind)
{
    static const char *const words[] = {
        "出结果", "出来", "出证", "下来", "下证", "拿",   "到账", "到手",   "到卡", "批",   "审",
        "能好",   "办好", "弄好", "补好", "办完", "弄完", "办成", "办结",   "搞定", "结果", "答复",
        "回复",   "回话", "回音", "给我", "给信", "给钱", "给个", "给说法", "给书", "发证", "发放",
        "发钱",   "发下", "能发", "发到", "打款", "打钱", "打到", "打卡",   "能打", "通知", "放款",
        "开出",   "能开", "告诉", "知道", "寄",   "通电", "通水", "通气",   "出具", "领到", "转好",
        "转完",   "办下", "改好", "装好", "解决", "处理", "回应", "给结论", "给开", "能完"
    };
    static const char *const ends[] = { "发", "给", "出", "好", "到", "下", "批", "打", "通" };
    static const char *const of_citizen[] = { "提出", "换发", "补发" };
    return HAS(behind, words) || (ENDS(behind, ends) && !ENDS(behind, of_citizen));
}

/* 到期前几天, 演出前几天交; 前几天 by itself is the other day. */
static bool asks_ahead(const struct asks *q)
{
    static const char *const ahead[] = { "提前", "提早" };
    static const char *const fore[] = { "前", "之前", "以前" };
    static const char *const terms[] = { "期前", "满前", "期满之前", "到期之前" };
    if (!q->length)
        return false;
    if (HAS(q->phrase, ahead) || ENDS(q->left, terms))
        return true;
    bool before = sm_str_ends(q->left, SM_STR("前")) && q->left.n > strlen("前") &&
                  !sm_str_has(q->right, SM_STR("了")) && !sm_str_has(q->phrase, SM_STR("几年")) &&
                  !sm_str_has(q->phrase, SM_STR("个月"));
    return (before || STARTS(q->right, fore)) && !of_office(q->right);
}

/* 几年一次, 多久年审 */
static bool asks_every(const struct asks *q)
{
    static const char *const once[] = { "一次", "一回", "一趟", "一换", "一检", "一审" };
    static const char *const again[] = { "复审", "年审", "年检", "审验", "校验",
                                         "检验", "复核", "复评", "换一" };
    static const char *const each[] = { "每", "每隔" };
    sm_str near = sm_str_sub(q->right, 0, ROUND_BYTES);
    if (sm_str_has(near, SM_STR("一次性")))
        return false;
    return q->length && (HAS(near, once) || STARTS(q->right, again) || ENDS(q->left, each));
}

/* How long it is good for; a day (有效期到几号) may be that of one's own paper. */
static bool asks_valid(const struct asks *q, bool *sure)
{
    static const char *const past[] = { "那", "这", "前" };
    static const char *const words[] = { "有效期", "有效期限", "使用期限", "保留期" };
    static const char *const terms[] = { "许可期限", "贷款期限", "租赁期限", "歇业期限",
                                         "停业期限", "补贴期限", "领取期限", "享受期限" };
    static const char *const lefts[] = { "管",   "能管", "能用", "用到", "可以用", "有效",
                                         "保留", "能占", "能挂", "能歇", "能停",   "可管" };
    static const char *const rights[] = { "有效", "过期", "失效", "到期", "作废", "内有效" };
    if (HAS(q->phrase, terms))
        return true;
    if ((!q->length && !q->day) || ENDS(q->left, past))
        return false;
    bool valid = HAS(q->phrase, words) || ENDS(q->left, lefts) || STARTS(q->right, rights);
    if (valid)
        *sure = q->length;
    return valid;
}

/* 要满几年, 交多久才能领: how long one must have had or done something. */
static bool asks_term(const struct asks *q)
{
    static const char *const lefts[] = { "满", "够", "连续交", "连续缴", "连交", "连缴" };
    static const char *const since[] = { "交",   "缴",   "住",   "干",   "离职", "辞职", "毕业",
                                         "退伍", "结婚", "离婚", "入职", "参保", "工作", "上班",
                                         "开业", "经营", "停保", "封存", "买房", "购房" };
    static const char *const uses[] = { "拿来", "才能" };
    if (!q->length)
        return false;
    if (ENDS(q->left, lefts) || sm_str_starts(q->right, SM_STR("以上")))
        return true;
    return q->right.n && ENDS(q->left, since) && (HAS(q->right, uses) || !of_office(q->right));
}

/* 公示要多久: a stage of it and nothing of what comes behind. */
static bool asks_lasts(const struct asks *q, sm_str *stage)
{
    static const char *const stages[] = { "公示",   "公告", "冷静期", "轮候",
                                          "等待期", "歇业", "停业",   "保留" };
    static const char *const between[] = { "",   "期",   "要",   "得",   "需要", "最长", "一般",
                                           "满", "得满", "要满", "期要", "期各", "各",   "有" };
    for (size_t i = 0; q->length && i < SM_LEN(stages); i++) {
        size_t at = sm_str_find(q->left, sm_str_of(stages[i]), 0);
        if (at == SIZE_MAX || of_office(q->right))
            continue;
        sm_str after = sm_str_sub(q->left, at + strlen(stages[i]), q->left.n);
        for (size_t k = 0; k < SM_LEN(between); k++)
            if (sm_str_eq(after, sm_str_of(between[k]))) {
                *stage = sm_str_of(stages[i]);
                return true;
            }
    }
    return false;
}

/* 几天内 as a bound, not what a paper may date from and not when one gets it. */
static bool asks_inside(const struct asks *q)
{
    static const char *const inside[] = { "内", "之内", "以内", "时间内", "时间之内", "里" };
    static const char *const of_paper[] = { "内的", "以内的", "之内的" };
    return STARTS(q->right, inside) && !STARTS(q->right, of_paper);
}

/* "多久必须去", "我还有几天" */
static bool asks_duty(const struct asks *q)
{
    static const char *const duties[] = { "必须", "应当", "要去", "得去" };
    static const char *const years[] = { "几年", "多少年" };
    bool left_over = sm_str_ends(q->left, SM_STR("有")) && !q->right.n;
    return (left_over || STARTS(q->right, duties)) && !HAS(q->phrase, years);
}

/* 最晚, 截止, 期限, but for 办理期限 and the like. */
static bool asks_last(const struct asks *q, bool *sure)
{
    static const char *const last[] = { "最晚", "最迟", "截止", "期限", "时效" };
    static const char *const offices[] = { "审批", "办理", "办结", "受理", "答复", "审核",
                                           "法定", "承诺", "有效", "处理", "审查" };
    for (size_t i = 0; i < SM_LEN(last); i++) {
        size_t at = sm_str_find(q->phrase, sm_str_of(last[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str lead = sm_str_sub(q->phrase, 0, at),
               rest = sm_str_sub(q->phrase, at + strlen(last[i]), q->phrase.n);
        *sure = q->length || q->day;
        return !ENDS(lead, offices) && !of_office(rest);
    }
    return false;
}

static bool asks_within(const struct asks *q, bool *sure)
{
    static const char *const comes[] = { "能办", "可办", "能取", "可取", "取证", "能领", "取到" };
    static const char *const before[] = { "前", "之前", "以前", "份前", "份之前", "份以前" };
    if (HAS(q->right, comes)) /* 几天内能取 */
        return false;
    bool bound = q->length ? asks_inside(q) || asks_duty(q) : q->day && STARTS(q->right, before);
    return bound ? !of_office(q->right) : asks_last(q, sure);
}

/* When one comes, not when it begins to count. */
static bool asks_season(const struct asks *q)
{
    static const char *const others[] = { "生效", "算", "享受", "能用", "施行", "实施",
                                          "执行", "涨", "停",   "上班", "窗",   "楼" };
    static const char *const acts[] = { "报", "申", "交", "缴",   "办", "续", "提",
                                        "登", "填", "考", "认定", "去", "来" };
    static const char *const of_result[] = { "结果", "钱", "款", "证", "照", "本" };
    static const char *const between[] = { "到", "从", "至", "在" };
    if (!q->day || of_office(q->right) || ENDS(q->left, between) || HAS(q->right, others))
        return false;
    if (HAS(q->right, acts) || sm_str_ends(q->right, SM_STR("开始")))
        return true;
    return !q->right.n && !ENDS(q->left, of_result);
}

/* "都过了两个月了还来得及吗": a deadline is what tells. */
static bool asks_whether_late(sm_str p)
{
    static const char *const words[] = { "来得及", "赶趟", "晚没晚", "会不会晚", "晚不晚" };
    static const char *const gone[] = { "过", "都", "已", "拖", "了" };
    size_t len = 0, at = first_of(p, words, SM_LEN(words), &len);
    return at != SIZE_MAX && HAS(sm_str_sub(p, 0, at), gone);
}

static void read_phrase(sm_str p, sm_when *w)
{
    struct asks q = part(p);
    w->sure = true;
    if (asks_term(&q)) {
        w->kind = SM_WHEN_TERM;
        w->sure = false;
    } else if (asks_every(&q)) {
        w->kind = SM_WHEN_EVERY;
    } else if (asks_ahead(&q)) {
        w->kind = SM_WHEN_AHEAD;
    } else if (asks_valid(&q, &w->sure)) {
        w->kind = SM_WHEN_VALID;
    } else if (asks_lasts(&q, &w->stage)) {
        w->kind = SM_WHEN_LASTS;
        w->sure = false;
    } else if (asks_within(&q, &w->sure)) {
        w->kind = SM_WHEN_WITHIN;
    } else if (asks_season(&q)) {
        w->kind = SM_WHEN_SEASON;
    } else if (asks_whether_late(p)) {
        w->kind = SM_WHEN_WITHIN;
        w->sure = false;
    }
    w->sure = w->sure && w->kind != SM_WHEN_OFFICE;
}

static const char *const objects[] = { "不服", "异议", "不满", "申诉", "不认", "不同意" };

static const char *const renewals[] = { "续", "延", "期满", "到期", "过期", "换", "届满" };
static const char *const of_years[] = { "几年内", "几年之内", "几年以内", "多少年内" };

sm_when sm_when_asked(sm_str question)
{
    sm_when w = { .kind = SM_WHEN_OFFICE };
    sm_str rest = question, phrase;
    while (!w.sure && sm_text_phrase(&rest, &phrase)) {
        sm_when of = { .kind = SM_WHEN_OFFICE };
        read_phrase(sm_str_trim(phrase), &of);
        if (of.sure || w.kind == SM_WHEN_OFFICE)
            w = of;
    }
    w.question = question;
    w.remedy = HAS(question, objects);
    w.years = HAS(question, of_years);
    w.renews = HAS(question, renewals);
    return w;
}

bool sm_asks_when(sm_str question)
{
    sm_str rest = question, phrase;
    while (sm_text_phrase(&rest, &phrase)) {
        struct asks q = part(phrase);
        if (q.length || q.day)
            return true;
    }
    return false;
}

/* ----------------------------------------------------------------------- a text */

/* A figure of a phrase, what stands on either side, and the phrase behind. */
struct figure {
    sm_str phrase, left, right, next;
    const sm_fact *fact;
};

static bool is_length(const sm_fact *f)
{
    return sm_fact_is_length(f->kind) && f->value < LONGEST;
}

static bool is_inside(const struct figure *x)
{
    static const char *const rights[] = { "内", "以内", "之内", "期间" };
    return STARTS(x->right, rights);
}

static bool is_ahead(const struct figure *x)
{
    static const char *const rights[] = { "前", "以前", "之前" };
    static const char *const lefts[] = { "前", "前至少", "提前", "提前至少", "至", "以前" };
    static const char *const counted[] = { "申请前", "近", "学前" };
    if (HAS(x->left, counted) || sm_str_has(x->phrase, SM_STR("工资")))
        return false;
    bool to = sm_str_ends(x->left, SM_STR("至"));
    if (x->fact->bound == SM_BOUND_LESS && sm_str_has(x->left, SM_STR("有效期"))) /* 不足一年 */
        return true;
    return STARTS(x->right, rights) || (!to && ENDS(x->left, lefts)) ||
           (to && sm_str_has(x->left, SM_STR("前")));
}

/* 有效期届满三十日前: when to renew, not when to apply at first. */
static bool is_of_end(const struct figure *x)
{
    static const char *const ends[] = { "届满", "期满", "到期" };
    return is_ahead(x) && HAS(x->left, ends);
}

/* "三十日内" and no more: what is to be done stands behind the comma. */
static sm_str behind(const struct figure *x)
{
    static const char *const rights[] = { "内", "以内", "之内" };
    for (size_t i = 0; i < SM_LEN(rights); i++)
        if (sm_str_eq(x->right, sm_str_of(rights[i])))
            return x->next;
    return x->right.n ? x->right : x->phrase;
}

/* What the citizen has to do by then, nothing of the office behind the figure. */
static bool is_within(const struct figure *x)
{
    static const char *const since[] = { "之日起", "日起", "之日前" };
    static const char *const offices[] = { "决定", "审查",     "作出",       "办结", "答复",
                                           "送达", "核发",     "发放",       "裁决", "核查",
                                           "审核", "可取",     "到账",       "出证", "发证",
                                           "反馈", "异议",     "一次性告知", "检查", "不重复",
                                           "现场", "完成",     "通知本",     "制发", "告知补",
                                           "颁发", "组织评估", "补发" };
    static const char *const acts[] = { "申请", "提出", "申报", "办理", "缴",   "提交", "登记",
                                        "备案", "起诉", "诉讼", "参保", "报告", "告知", "报送",
                                        "换",   "补",   "续",   "申领", "变更", "注销", "建证",
                                        "签",   "存入", "报名", "认证", "开工", "复查", "复评",
                                        "复议", "处置", "提",   "领证", "上牌", "建立" };
    if (is_ahead(x))
        return true;
    if (x->fact->bound == SM_BOUND_AT_LEAST)
        return false;
    bool bounded = is_inside(x) || HAS(x->left, since);
    sm_str what = behind(x);
    return bounded && HAS(what, acts) && !HAS(what, offices);
}

/* 毕业未超过五年: so many years may have passed. */
static bool is_within_years(const struct figure *x)
{
    return x->fact->kind == SM_FACT_YEARS && (is_inside(x) || x->fact->bound == SM_BOUND_AT_MOST);
}

static bool is_valid(const struct figure *x)
{
    static const char *const words[] = {
        "有效", "保留期", "期限", "最长", "年限", "最多", "不超过"
    };
    bool named = HAS(x->left, words) || sm_str_starts(x->right, SM_STR("有效"));
    return named && !is_ahead(x) && !is_inside(x) && x->fact->bound != SM_BOUND_LESS &&
           !sm_str_has(x->left, SM_STR("届满")) && !sm_str_has(x->left, SM_STR("超过有效期"));
}

static bool is_every(const struct figure *x)
{
    static const char *const lefts[] = { "每", "每满", "每隔" };
    return ENDS(x->left, lefts) || sm_str_starts(x->right, SM_STR("一"));
}

static bool is_term(const struct figure *x)
{
    return x->fact->bound == SM_BOUND_AT_LEAST || sm_str_ends(x->left, SM_STR("满"));
}

static bool is_of_kind(const struct figure *x, sm_when_kind kind)
{
    switch (kind) {
    case SM_WHEN_WITHIN:
        return is_within(x);
    case SM_WHEN_AHEAD:
        return is_ahead(x);
    case SM_WHEN_VALID:
        return is_valid(x);
    case SM_WHEN_EVERY:
        return is_every(x);
    case SM_WHEN_TERM:
        return is_term(x);
    case SM_WHEN_LASTS:
        return !is_inside(x) && !is_ahead(x);
    case SM_WHEN_OFFICE:
    case SM_WHEN_SEASON:
    case SM_N_WHEN:
        break;
    }
    return false;
}

/* 每年复审, 长期有效, 没有时限: told without a figure. */
static bool told_without(sm_str p, sm_when_kind kind)
{
    static const char *const yearly[] = { "每年", "每季", "每月", "每半年" };
    static const char *const again[] = { "一次", "复审", "年审", "年检", "校验", "检验",
                                         "复核", "注册", "认证", "体检", "提交", "评价",
                                         "检查", "检测", "申报", "集中" };
    static const char *const forever[] = { "长期有效", "永久有效", "终身有效" };
    static const char *const never[] = { "没有硬性时限", "没有时限", "没有时间限制", "不限时间" };
    if (kind == SM_WHEN_VALID)
        return HAS(p, forever);
    if (kind == SM_WHEN_WITHIN)
        return HAS(p, never);
    return kind == SM_WHEN_EVERY && HAS(p, yearly) && HAS(p, again);
}

/* 3月, not 3个月 and not 年满…3月; a month of one year alone tells of no other. */
static bool names_month(sm_str p)
{
    static const char *const numerals[] = { "一", "二", "三", "四", "五", "六", "七",
                                            "八", "九", "十", "0",  "1",  "2",  "3",
                                            "4",  "5",  "6",  "7",  "8",  "9" };
    for (size_t at = 0; (at = sm_str_find(p, SM_STR("月"), at)) != SIZE_MAX; at += 3)
        if (ENDS(sm_str_sub(p, 0, at), numerals))
            return true;
    return false;
}

static bool of_one_year(sm_str p)
{
    size_t at = sm_str_find(p, SM_STR("年"), 0), n = 0;
    while (at != SIZE_MAX && n < at && p.p[at - n - 1] >= '0' && p.p[at - n - 1] <= '9')
        n++;
    return n == YEAR_DIGITS && !sm_str_has(p, SM_STR("日至"));
}

static bool is_season(sm_str p)
{
    static const char *const others[] = { "年满", "未满", "施行",   "出生",  "取消",
                                          "退休", "公告", "有效期", "截至",  "登记成立",
                                          "享受", "到账", "打卡",   "同一月" };
    static const char *const words[] = { "春季", "秋季", "上半年", "下半年",
                                         "年底", "年初", "随时可", "随时申" };
    return !HAS(p, others) && !of_one_year(p) && (HAS(p, words) || names_month(p));
}

/* There is a season, and the text leaves open which; 申报期限 is none. */
static bool is_some_season(sm_str p)
{
    static const char *const words[] = { "集中参保期", "报名时段", "集中申报" };
    static const char period[] = "申报期";
    size_t at = sm_str_find(p, sm_str_of(period), 0);
    bool limit =
        at != SIZE_MAX && sm_str_starts(sm_str_sub(p, at + strlen(period), p.n), SM_STR("限"));
    return HAS(p, words) || (at != SIZE_MAX && !limit);
}

/* Up to the next mark of a pause; 、 is none, a list is read together. */
static bool next_phrase(sm_str *rest, sm_str *phrase)
{
    static const char *const marks[] = { "，", "。", "；", "：", "\n", "？", "！", ",", ";" };
    if (rest->n == 0)
        return false;
    size_t len = 0, at = first_of(*rest, marks, SM_LEN(marks), &len);
    size_t to = at == SIZE_MAX ? rest->n : at;
    *phrase = sm_str_sub(*rest, 0, to);
    *rest = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*rest, at + len, rest->n);
    return true;
}

/* What a phrase is held against. */
struct sought {
    sm_when_kind kind;
    bool any;   /* its question asks for that kind: any length will do */
    bool years; /* 几年内 */
    bool some;  /* a season left open */
    bool renews;
};

static bool figure_tells(const struct figure *x, const struct sought *s)
{
    if (!is_length(x->fact) || (s->kind == SM_WHEN_WITHIN && !s->renews && is_of_end(x)))
        return false;
    if (s->any && (s->kind == SM_WHEN_VALID || !is_valid(x)))
        return true;
    return is_of_kind(x, s->kind) || (s->years && s->kind == SM_WHEN_WITHIN && is_within_years(x));
}

/* The first phrase of what is left. */
static sm_str peek(sm_str rest)
{
    sm_str p = { 0 };
    next_phrase(&rest, &p);
    return p;
}

static bool phrase_tells(sm_arena *a, sm_str p, sm_str rest, const struct sought *s)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, p, &f);
    if (told_without(p, s->kind))
        return true;
    if (s->kind == SM_WHEN_SEASON && (s->some ? is_some_season(p) : is_season(p)))
        return true;
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)(f[i].text.p - p.p);
        struct figure x = { .phrase = p,
                            .left = sm_str_sub(p, 0, at),
                            .right = sm_str_sub(p, at + f[i].text.n, p.n),
                            .next = peek(rest),
                            .fact = &f[i] };
        if (figure_tells(&x, s))
            return true;
    }
    return false;
}

/* Of an FAQ the answer; *asks the question. */
static sm_str told_part(sm_str text, sm_str *asks)
{
    size_t at = sm_str_find(text, SM_STR("答："), 0);
    *asks = (sm_str){ 0 };
    if (at == SIZE_MAX)
        return text;
    *asks = sm_str_sub(text, 0, at);
    return sm_str_sub(text, at + strlen("答："), text.n);
}

/* Whoever does not accept a decision asks of what comes then. */
static bool of_remedy(sm_str title, sm_str text)
{
    static const char *const words[] = { "不服", "异议", "复议", "诉讼", "起诉",
                                         "复查", "复评", "复核", "仲裁", "再次鉴定" };
    return HAS(text, words) || HAS(title, words);
}

/* A sentence that has the stage, and a length that is no deadline. */
static bool stage_lasts(sm_arena *a, sm_str text, sm_str stage)
{
    struct sought lasts = { .kind = SM_WHEN_LASTS };
    sm_str *sentence;
    size_t n = sm_text_sentences(a, text, &sentence);
    for (size_t i = 0; i < n; i++) {
        sm_str rest = sentence[i], p;
        while (sm_str_has(sentence[i], stage) && next_phrase(&rest, &p))
            if (phrase_tells(a, p, rest, &lasts))
                return true;
    }
    return false;
}

/* An item that is for going on with what one has. */
static bool is_renewal(sm_str title)
{
    static const char *const words[] = { "延续", "换", "签注", "延期", "续", "检验", "满" };
    return HAS(title, words);
}

static bool tells(sm_arena *a, const sm_when *w, sm_str title, sm_str text, sm_when_kind kind,
                  bool some)
{
    sm_str asked, rest = told_part(text, &asked), p;
    if (w->remedy && !of_remedy(title, text))
        return false;
    if (kind == SM_WHEN_LASTS)
        return stage_lasts(a, text, w->stage);
    static const char *const refusals[] = { "不服", "有异议", "不认可", "不满意" };
    if (HAS(asked, refusals) && !w->remedy && sm_when_asked(asked).kind != kind)
        return false;
    struct sought s = {
        .kind = kind, .years = w->years, .some = some, .renews = w->renews || is_renewal(title)
    };
    s.any = kind != SM_WHEN_SEASON && asked.n && sm_when_asked(asked).kind == kind;
    while (next_phrase(&rest, &p))
        if (phrase_tells(a, p, rest, &s))
            return true;
    return false;
}

/* An FAQ that asks in nearly the same words when or how long, and not of the office. */
static bool asks_alike(sm_arena *a, const sm_when *w, sm_str text)
{
    sm_str asked, rest, phrase;
    told_part(text, &asked);
    if (!asked.n || sm_text_shared(a, w->question, asked) < ALIKE)
        return false;
    for (rest = asked; sm_text_phrase(&rest, &phrase);) {
        struct asks q = part(phrase);
        if ((q.length || q.day) && !of_office(q.right))
            return true;
    }
    return false;
}

bool sm_when_told_outright(sm_arena *a, const sm_when *asked, sm_str title, sm_str text)
{
    return asked->kind != SM_WHEN_OFFICE && tells(a, asked, title, text, asked->kind, false);
}

bool sm_when_told(sm_arena *a, const sm_when *asked, sm_str title, sm_str text)
{
    static const sm_when_kind serves[SM_N_WHEN] = { [SM_WHEN_WITHIN] = SM_WHEN_SEASON,
                                                    [SM_WHEN_SEASON] = SM_WHEN_WITHIN,
                                                    [SM_WHEN_VALID] = SM_WHEN_EVERY };
    static const char *const lapses[] = { "失效", "作废" };
    sm_when_kind other = serves[asked->kind];
    if (asked->kind == SM_WHEN_VALID && (asked->years || HAS(text, lapses)))
        other = SM_WHEN_WITHIN;
    if (asked->kind == SM_WHEN_EVERY && sm_str_has(text, SM_STR("有效期")))
        other = SM_WHEN_VALID;
    if (asks_alike(a, asked, text))
        return true;
    if (sm_when_told_outright(a, asked, title, text))
        return true;
    if (other != SM_WHEN_OFFICE && tells(a, asked, title, text, other, false))
        return true;
    bool season = asked->kind == SM_WHEN_SEASON || other == SM_WHEN_SEASON;
    return season && tells(a, asked, title, text, SM_WHEN_SEASON, true);
}
