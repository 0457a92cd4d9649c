/*
 * What a question takes for granted: "听说结婚登记要收200元，在哪交？"
 *
 * A phrase is a premise when it reports, guesses or insists (听说, …对吧, 不是…吗, 既然), or when
 * it names a fee or a wait as a thing there is.  What people tell of themselves is none, and a
 * plain question has none.
 */
#include "guide/premise.h"

#include <string.h>

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

enum {
    MAX_PHRASES = 24,
    TAG_CHARS = 6,
    FEE_BELOW = 10000,
    NEAR_BYTES = 9,
    CHARGE_BYTES = 24,
    FAR_BYTES = 15,
    PAPER_BYTES = 18
};

static const char *const reports[] = { "听说",   "据说",   "都说", "都讲",   "既然",
                                       "我记得", "印象中", "以为", "按理说", "据我所知" };
/* A duty that is asked why of is taken for granted. */
static const char *const whys[] = { "为什么要", "为啥要",   "凭什么",     "凭啥",     "怎么还要",
                                    "咋还要",   "怎么还得", "为什么还要", "为啥还要", "难道" };
static const char *const tags[] = { "对吧",   "对吗",     "对不对",   "是吧",     "是吗",
                                    "没错吧", "是真的吗", "真的吗",   "是这样吗", "是这样吧",
                                    "真的么", "是真的么", "真的假的", "真的不",   "对不",
                                    "对么",   "是么",     "是不是",   "吧" };

typedef struct phrase {
    sm_str text;
    bool marked;
} phrase;

/* -------------------------------------------------------------- which phrases */

static bool only_a_tag(sm_str p)
{
    for (size_t i = 0; i < SM_LEN(tags); i++)
        if (sm_str_ends(p, sm_str_of(tags[i])))
            return sm_utf8_count(p) <= TAG_CHARS;
    return false;
}

static bool guesses(sm_str p)
{
    static const char *const sounds[] = { "啊", "呀", "哦" };
    for (size_t i = 0; i < SM_LEN(sounds); i++)
        if (sm_str_ends(p, sm_str_of(sounds[i])))
            p.n -= strlen(sounds[i]);
    return sm_str_ends_any(p, tags, SM_LEN(tags));
}

/* "派出所说要3个月", "听邻居讲": somebody says so. */
static bool reported_speech(sm_str p)
{
    static const char *const says[] = { "说", "讲" };
    static const char *const what[] = { "要",   "得",   "不", "能", "可以", "只",
                                        "必须", "没有", "收", "免", "最",   "需" };
    static const char *const asks_to[] = { "跟我说", "帮我说", "给我说",
                                           "和我说", "对我说", "我想说" };
    for (size_t i = 0; i < SM_LEN(says); i++) {
        size_t at = sm_str_find(p, sm_str_of(says[i]), 0);
        if (at == SIZE_MAX || at == 0 || HAS(p, asks_to))
            continue;
        if (sm_str_has(sm_str_sub(p, 0, at), SM_STR("听")))
            return true;
        sm_str rest = sm_str_sub(p, at + 3, at + 3 + FAR_BYTES);
        if (HAS(rest, what))
            return true;
    }
    return false;
}

/* 不是…吗: insisted on, not asked. */
static bool insists(sm_str p)
{
    static const char *const asks[] = { "吗", "么", "嘛" };
    size_t at = sm_str_find(p, SM_STR("不是"), 0);
    bool is_it = at != SIZE_MAX && at >= 3 && memcmp(p.p + at - 3, "是", 3) == 0; /* 是不是 */
    if (at == SIZE_MAX || is_it)
        return false;
    sm_str rest = sm_str_sub(p, at, p.n);
    return HAS(rest, asks) || sm_str_starts(rest, SM_STR("不是说")) ||
           sm_str_starts(rest, SM_STR("不是要")) || sm_str_starts(rest, SM_STR("不是得"));
}

static bool asks(sm_str p)
{
    static const char *const ends[] = { "不", "没", "么", "否" };
    for (size_t i = 0; i < SM_LEN(ends); i++)
        if (sm_str_ends(p, sm_str_of(ends[i])))
            return true;
    static const char *const words[] = { "怎么",   "咋",     "哪",     "什么",    "啥", "多少",
                                         "几",     "吗",     "如何",   "呢",      "谁", "多久",
                                         "能不能", "行不行", "要不要", "可不可以" };
    return HAS(p, words);
}

/* 是不是要交50块, 是最多12个月吗, 提前30天去就行: guessed at, with a figure. */
static bool guesses_figure(sm_arena *a, sm_str p)
{
    static const char *const settles[] = { "就行", "就可以", "就好" };
    sm_fact *f;
    bool is_it = (sm_str_starts(p, SM_STR("是")) && sm_str_ends(p, SM_STR("吗"))) ||
                 (sm_str_ends_any(p, settles, SM_LEN(settles)) && !asks(p));
    return (is_it || sm_str_has(p, SM_STR("是不是"))) && sm_text_facts(a, p, &f) > 0;
}

/* A duty that is stated, not asked for; and such as were common and are no more. */
static bool states_duty(sm_str p)
{
    static const char *const words[] = { "必须",   "得先",     "要先",    "非得",
                                         "一定要", "要登报",   "得登报",  "要单位",
                                         "得单位", "要居委会", "得居委会" };
    return HAS(p, words) && !asks(p);
}

/* "主动辞职也能领失业金，在哪领": what is asked next takes it for granted. */
static bool states_permission(sm_str p)
{
    static const char *const words[] = { "也能", "就能", "也可以", "就可以", "可以提前" };
    return HAS(p, words) && !asks(p);
}

static size_t read_phrases(sm_arena *a, sm_str text, phrase *p)
{
    size_t n = 0;
    bool reported = false;
    sm_str rest = text, one;
    while (n < MAX_PHRASES && sm_text_phrase(&rest, &one)) {
        one = sm_str_trim(one);
        if (one.n == 0)
            continue;
        bool begins = HAS(one, reports) || HAS(one, whys) || reported_speech(one);
        reported = begins || (reported && !asks(one));
        p[n] = (phrase){ one, reported || guesses(one) || insists(one) || states_duty(one) ||
                                  states_permission(one) || guesses_figure(a, one) };
        if (only_a_tag(one) && n > 0)
            p[n - 1].marked = true;
        n++;
    }
    return n;
}

/* ---------------------------------------------------------------- of oneself */

static sm_str before(sm_str p, const sm_fact *f)
{
    return sm_str_sub(p, 0, (size_t)(f->text.p - p.p));
}

static sm_str behind(sm_str p, const sm_fact *f)
{
    return sm_str_sub(p, (size_t)(f->text.p - p.p) + f->text.n, p.n);
}

static sm_str last_bytes(sm_str s, size_t n)
{
    return s.n > n ? sm_str_sub(s, s.n - n, s.n) : s;
}

static bool tells_duty(sm_str p)
{
    static const char *const words[] = { "要",   "得",   "必须", "才",   "收",   "需", "规定",
                                         "就能", "可以", "不能", "以上", "以下", "费" };
    return HAS(p, words);
}

/* "我交了12个月社保", "我爸今年82岁", "欠我3万元": a figure of the person's own. */
static bool is_own(sm_str p, const sm_fact *f)
{
    static const char
        *const done[] = { "欠", "还有", "还差", "已经", "今年", "花了", "交了", "缴了" },
               *const just_done[] = { "了", "过", "着" };
    static const char *const persons[] = { "我",   "俺",   "咱", "爸",   "妈",   "爷",   "奶",
                                           "老公", "老婆", "媳", "儿子", "女儿", "孩子", "娃",
                                           "丈夫", "妻子", "父", "母",   "老伴", "外婆", "姥" };
    static const char *const heard[] = { "听说", "听人", "据说", "知道" };
    static const char *const regular[] = { "每月", "每个月", "一个月", "一年", "工资",
                                           "收入", "房租",   "月租",   "存款", "余额" };
    sm_str left = last_bytes(before(p, f), NEAR_BYTES), right = behind(p, f);
    static const char *const no_past[] = { "超过", "过了", "到了", "满了" }; /* "过了60就得" */
    bool bounds = sm_str_ends_any(left, no_past, SM_LEN(no_past));
    if (HAS(right, heard)) /* "都81岁了才听说": what is heard comes behind */
        return true;
    if (HAS(left, done) || (sm_str_ends_any(left, just_done, SM_LEN(just_done)) && !bounds) ||
        sm_str_starts(right, SM_STR("了")) || sm_str_starts(right, SM_STR("多了")))
        return true;
    sm_str lead = before(p, f);
    bool of_person = HAS(lead, persons);
    return of_person && (!tells_duty(p) || HAS(p, regular));
}

/* -------------------------------------------------------------------- a claim */

static const char *const asks_amount[] = { "多少", "几块", "几元", "几百", "多久", "几天" };

/* 费 that the service itself may take; not what one pays into an insurance or for other things. */
bool sm_names_fee(sm_str p)
{
    static const char *const not_fee[] = { "免费", "学费", "电费", "水费", "话费",   "保费",
                                           "缴费", "消费", "药费", "疗费", "生活费", "保险费",
                                           "养费", "经费", "费率", "报销" };
    return sm_str_has(p, SM_STR("押金")) || (sm_str_has(p, SM_STR("费")) && !HAS(p, not_fee));
}

/* An amount that one gets, or that bounds something, is no fee. */
static bool gives(sm_str p)
{
    static const char *const words[] = { "补贴",   "津贴", "补助", "最高",   "最多",  "贷",
                                         "发放",   "收入", "奖励", "以下",   "以上",  "封顶",
                                         "救助金", "每月", "每年", "报销",   "起付",  "低保",
                                         "资本",   "资金", "待遇", "养老金", "优待金" };
    return HAS(p, words);
}

/* "补20万", "再叠加4万": what is paid out, by the word before it. */
static bool is_paid_out(sm_str p, const sm_fact *f)
{
    static const char *const words[] = { "补", "给", "发", "贷", "奖", "领", "叠加", "标准是" };
    sm_str left = before(p, f);
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_ends(left, sm_str_of(words[i])))
            return true;
    return gives(p);
}

static bool pays(sm_str p)
{
    static const char *const words[] = { "收", "交", "缴", "付", "花", "要", "带", "免" };
    return HAS(p, words) && !gives(p);
}

/* "开证明的20块钱", "那15块钱": a sum there is. */
static bool is_definite(sm_str p, const sm_fact *f)
{
    sm_str left = before(p, f);
    return sm_str_ends(left, SM_STR("的")) || sm_str_ends(left, SM_STR("那")) ||
           sm_str_ends(left, SM_STR("这"));
}

/* 30元一块牌子 */
static bool is_price(sm_str p, const sm_fact *f)
{
    static const char *const units[] = { "一本", "一张", "一个", "一块", "一次",
                                         "一份", "一证", "一人", "一件", "一科" };
    sm_str right = behind(p, f);
    return sm_str_starts_any(right, units, SM_LEN(units)) &&
           !sm_str_starts(right, SM_STR("一个月")) && !gives(p);
}

/* A fine, or so much for each of what is used, is no fee for the handling. */
static bool is_fine_or_rate(sm_str p)
{
    static const char *const words[] = {
        "罚", "每千瓦时", "每平方米", "每立方米", "每吨", "每公里"
    };
    return HAS(p, words);
}

/* What somebody else takes for doing it. */
static bool of_agent(sm_str p)
{
    static const char *const words[] = { "代办", "跑腿", "黄牛" };
    return HAS(p, words);
}

static bool is_charged(sm_str p, const sm_fact *f)
{
    static const char *const words[] = { "要", "收", "交", "缴" };
    sm_str left = before(p, f);
    return sm_str_ends_any(left, words, SM_LEN(words));
}

/* "要交35块", told and not asked for: a sum there is. */
static bool is_told_sum(sm_str p, const sm_fact *f)
{
    return is_charged(p, f) && !asks(p);
}

/* What it costs, not what one gets or is to have; no office's fee is so high unless it is called
 * one. */
static bool of_fee(const phrase *p, const sm_fact *f)
{
    static const char *const surely[] = { "手续费", "工本费" };
    if (f->kind != SM_FACT_MONEY || is_own(p->text, f) || of_agent(p->text) ||
        is_fine_or_rate(p->text))
        return false;
    if (is_price(p->text, f) || HAS(p->text, surely) ||
        (sm_names_fee(p->text) && is_charged(p->text, f)))
        return true;
    if (is_paid_out(p->text, f))
        return false;
    bool told = p->marked || is_told_sum(p->text, f) || (pays(p->text) && is_definite(p->text, f));
    return sm_names_fee(p->text) || (told && f->value < FEE_BELOW);
}

bool sm_is_other_length(sm_str text, const sm_fact *f)
{
    static const char *const lefts[] = {
        "满",   "够",   "超过", "有效期", "冷静", "连续", "到期",   "每",   "缴",   "居住",
        "毕业", "经营", "离职", "公告",   "提前", "期限", "之日起", "不足", "未满", "剩",
        "前",   "近",   "不到", "至少",   "参保", "社保", "公示",   "年限"
    };
    static const char *const rights[] = { "以上", "以内", "内", "前", "以前", "有效" };
    if (HAS(last_bytes(before(text, f), FAR_BYTES), lefts))
        return true;
    sm_str right = behind(text, f);
    for (size_t i = 0; i < SM_LEN(rights); i++)
        if (sm_str_starts(right, sm_str_of(rights[i])) ||
            sm_str_ends(f->text, sm_str_of(rights[i])))
            return true;
    return false;
}

/* "一年要交400元": so much in so long, no wait. */
static bool is_period(sm_arena *a, sm_str p, const sm_fact *f)
{
    static const char *const does[] = {
        "交", "缴", "领", "补", "发", "给", "贷", "最", "多", "加"
    };
    sm_str right = behind(p, f);
    sm_fact *g;
    size_t n = sm_text_facts(a, right, &g);
    for (size_t i = 0; i < n; i++)
        if (g[i].kind == SM_FACT_MONEY || g[i].kind == SM_FACT_PERCENT)
            return true;
    if (sm_str_starts(right, SM_STR("要")))
        right = sm_str_sub(right, strlen("要"), right.n);
    return sm_str_starts_any(right, does, SM_LEN(does));
}

/* 三天之内要报: by when one must do it. */
static bool is_deadline(sm_str right)
{
    static const char *const within[] = { "之内", "以内", "内" };
    for (size_t i = 0; i < SM_LEN(within); i++)
        if (sm_str_starts(right, sm_str_of(within[i]))) {
            sm_str rest = sm_str_sub(right, strlen(within[i]), right.n);
            return sm_str_starts(rest, SM_STR("要")) || sm_str_starts(rest, SM_STR("得")) ||
                   sm_str_starts(rest, SM_STR("必须"));
        }
    return false;
}

/* "管三年", "两年一换", "四年复审一次": how long a thing is good for, how often it is due. */
static bool is_good_for(sm_str p, const sm_fact *f)
{
    static const char *const bounds[] = { "最多", "最长", "最少" };
    static const char *const lefts[] = { "管", "能用", "可以用", "有效" }, *const rights[] = {
        "一换", "一审", "一次", "复审", "年审", "年检", "有效", "换一", "审一", "到期"
    };
    return sm_str_ends_any(before(p, f), lefts, SM_LEN(lefts)) ||
           sm_str_starts_any(behind(p, f), rights, SM_LEN(rights)) ||
           HAS(last_bytes(before(p, f), NEAR_BYTES), bounds);
}

/* No office takes years: those are of 驾龄, 社保, a card. */
static bool of_wait(sm_arena *a, const phrase *p, const sm_fact *f)
{
    static const char *const waits[] = { "等", "拿", "办", "批", "审",   "下来", "到账",
                                         "出", "要", "得", "才", "下证", "取" };
    static const char *const comes[] = { "拿", "下", "出", "到", "领", "取" };
    sm_str left = last_bytes(before(p->text, f), NEAR_BYTES), right = behind(p->text, f);
    bool enables = sm_str_starts(right, SM_STR("才能")) || sm_str_starts(right, SM_STR("就能")) ||
                   sm_str_starts(right, SM_STR("就可以"));
    if (enables && !HAS(right, comes)) /* 等半年才能销户 */
        return false;
    if (!sm_fact_is_length(f->kind) || is_own(p->text, f) || sm_is_other_length(p->text, f) ||
        is_good_for(p->text, f) || is_period(a, p->text, f) || is_deadline(right) ||
        f->kind == SM_FACT_YEARS)
        return false;
    return (p->marked && HAS(p->text, waits)) || sm_str_has(left, SM_STR("要等")) ||
           sm_str_has(left, SM_STR("得等")) ||
           (f->kind == SM_FACT_WORKDAYS && sm_str_ends(left, SM_STR("要")));
}

/* 要满20岁, "18岁就能领证了" state a rule, whoever says it. */
static bool of_age(const phrase *p, const sm_fact *f)
{
    static const char *const rules[] = { "要满", "得满", "必须满", "须满" };
    sm_str right = behind(p->text, f);
    bool enables = sm_str_starts(right, SM_STR("就能")) || sm_str_starts(right, SM_STR("就可以"));
    return f->kind == SM_FACT_AGE && !is_own(p->text, f) &&
           (p->marked || (enables && !asks(p->text)) ||
            HAS(last_bytes(before(p->text, f), NEAR_BYTES), rules));
}

/* "要交满5年", "有效期三年": a length that is a condition, or how long a thing is good for. */
static bool of_term(const phrase *p, const sm_fact *f)
{
    static const char *const duties[] = { "要", "得", "必须" };
    bool told = HAS(before(p->text, f), duties) && !asks(p->text);
    return (p->marked || told) && sm_fact_is_length(f->kind) && !is_own(p->text, f) &&
           (sm_is_other_length(p->text, f) || is_good_for(p->text, f));
}

/* "个人创业担保贷款最高50万，怎么申请": an amount that is told, and nothing behind it. */
static bool is_told_amount(sm_str p, const sm_fact *f)
{
    static const char *const bounds[] = { "最高", "最多", "每月", "每年", "每个月", "一年" };
    sm_str left = before(p, f);
    bool bound = false;
    for (size_t i = 0; i < SM_LEN(bounds); i++)
        bound |= sm_str_ends(left, sm_str_of(bounds[i]));
    return bound && gives(left) && behind(p, f).n <= strlen("元") && !asks(p);
}

static bool of_amount(const phrase *p, const sm_fact *f)
{
    return (f->kind == SM_FACT_MONEY || f->kind == SM_FACT_PERCENT) && !is_own(p->text, f) &&
           (p->marked || is_told_amount(p->text, f));
}

static bool is_bare(const sm_fact *f)
{
    char last =
        f->key.n ? f->key.p[f->key.n - 1] : 0; /* of "number:24", not of "number:60平方米" */
    return f->kind == SM_FACT_NUMBER && last >= '0' && last <= '9';
}

/* Nothing is counted by it: 每月400, not 24小时. */
static bool is_without_unit(sm_str p, const sm_fact *f)
{
    static const char *const goes_on[] = { "块", "元", "钱", "对", "是", "吧", "吗",   "啊", "呢",
                                           "不", "没", "的", "了", "算", "真", "左右", "以", "一" };
    sm_str right = behind(p, f);
    return is_bare(f) && (right.n == 0 || sm_str_starts_any(right, goes_on, SM_LEN(goes_on)));
}

/* 15万 of a claim is money, as people say it; so is the 400 of 每月400 where something is paid. */
static void read_as_money(sm_str p, sm_fact *f)
{
    bool bare = f->value >= 10 && is_without_unit(p, f);
    if (f->kind == SM_FACT_NUMBER &&
        (sm_str_ends(f->text, SM_STR("万")) ||
         (bare && (is_paid_out(p, f) || is_told_sum(p, f) || is_price(p, f)))))
        f->kind = SM_FACT_MONEY;
}

/* "到60就要降", "女的55就能领": an age, as people say it. */
static void read_as_age(sm_str p, sm_fact *f)
{
    static const char *const lefts[] = { "满", "到", "过", "过了", "女的", "男的" },
                             *const rights[] = { "就",   "才", "以上", "以后",
                                                 "可以", "能", "的",   "领" };
    if (is_bare(f) && f->value >= 14 && f->value <= 100 &&
        sm_str_ends_any(before(p, f), lefts, SM_LEN(lefts)) &&
        sm_str_starts_any(behind(p, f), rights, SM_LEN(rights)))
        f->kind = SM_FACT_AGE;
}

/* 几十天, 十几块: no figure. */
static bool is_vague(sm_str p, const sm_fact *f)
{
    return sm_str_ends(before(p, f), SM_STR("几")) || sm_str_starts(behind(p, f), SM_STR("几"));
}

static void add(sm_premise *out, size_t *n, sm_premise one)
{
    if (*n < SM_MAX_PREMISES)
        out[(*n)++] = one;
}

static void read_figures(sm_arena *a, const phrase *p, sm_premise *out, size_t *n)
{
    sm_fact *f;
    size_t n_facts = sm_text_facts(a, p->text, &f);
    if (HAS(p->text, asks_amount))
        return;
    for (size_t i = 0; i < n_facts; i++) {
        if (is_vague(p->text, &f[i]))
            continue;
        read_as_age(p->text, &f[i]);
        read_as_money(p->text, &f[i]);
        sm_premise one = { .phrase = p->text, .has_figure = true, .figure = f[i], .yes = true };
        if (of_fee(p, &f[i]))
            one.slot = SM_PREMISE_FEE;
        else if (of_wait(a, p, &f[i]))
            one.slot = SM_PREMISE_WAIT;
        else if (of_age(p, &f[i]))
            one.slot = SM_PREMISE_AGE;
        else if (of_amount(p, &f[i]))
            one.slot = SM_PREMISE_AMOUNT;
        else if (of_term(p, &f[i]))
            one.slot = SM_PREMISE_TERM;
        else
            continue;
        add(out, n, one);
    }
}

/* "要交登记费", "收押金": before what is called a fee stands that it is taken. */
static bool charges_fee(sm_str p)
{
    static const char *const fees[] = { "费", "押金" };
    static const char *const no_cost[] = { "在", "求", "有", "把", "因" }; /* 要在费用支付之日… */
    static const char *const takes[] = { "要收", "收取", "得收", "会收", "收我", "收了", "说收",
                                         "先收", "交",   "缴",   "要付", "花",   "掏" };
    if (!sm_names_fee(p) || gives(p))
        return false;
    for (size_t i = 0; i < SM_LEN(fees); i++) {
        size_t at = sm_str_find(p, sm_str_of(fees[i]), 0);
        sm_str left = last_bytes(sm_str_sub(p, 0, at == SIZE_MAX ? 0 : at), CHARGE_BYTES);
        size_t wants = sm_str_find(left, SM_STR("要"), 0);
        sm_str what = sm_str_sub(left, wants == SIZE_MAX ? left.n : wants + strlen("要"), left.n);
        if (HAS(left, takes) ||
            (wants != SIZE_MAX && !sm_str_starts_any(what, no_cost, SM_LEN(no_cost))))
            return true;
    }
    return false;
}

/* "不用交押金", "保教费全免了". */
static bool claims_free(sm_str p)
{
    static const char *const frees[] = { "不收费", "免费",   "不要钱", "不用钱", "不花钱", "不收钱",
                                         "不交钱", "不用交", "不用花", "免工本", "全免",   "减免",
                                         "免了",   "免收",   "免交",   "免押金", "免除" };
    return HAS(p, frees);
}

/* That it costs or does not, without a figure. */
static void read_fee(const phrase *p, sm_premise *out, size_t *n)
{
    static const char *const costs[] = { "收费", "要钱", "交钱", "收钱", "花钱", "掏钱" };
    if (of_agent(p->text) || is_fine_or_rate(p->text))
        return;
    bool free = claims_free(p->text), bars = sm_rule_sign_of(p->text) == SM_RULE_MAY_NOT;
    bool costly = !free && !bars && (HAS(p->text, costs) || charges_fee(p->text));
    bool has_figure =
        *n > 0 && out[*n - 1].slot == SM_PREMISE_FEE && out[*n - 1].phrase.p == p->text.p;
    if ((free || costly) && !has_figure)
        add(out, n, (sm_premise){ .slot = SM_PREMISE_FEE, .phrase = p->text, .yes = costly });
}

/* Where it is done is spoken of, not where it was read or what is sold there: "网上说", "网上卖".
 */
static bool names_net(sm_str p)
{
    static const char *const net[] = { "线上",   "手机上", "用手机", "手机就", "手机能",
                                       "手机办", "在线",   "网办",   "APP" };
    static const char *const others[] = {
        "说", "讲", "有人", "看", "查到", "传", "卖", "买", "销"
    };
    size_t at = sm_str_find(p, SM_STR("网上"), 0);
    sm_str rest = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(p, at + strlen("网上"), p.n);
    return HAS(p, net) || (at != SIZE_MAX && !sm_str_starts_any(rest, others, SM_LEN(others)));
}

static void read_online(const phrase *p, sm_premise *out, size_t *n)
{
    static const char *const nots[] = { "网上办不了", "网上不能", "不能网上",   "不能在网上",
                                        "网上没法",   "网上不行", "网上弄不了", "不支持网上" };
    static const char *const only[] = { "只能去",   "只能到",   "必须去",   "必须到", "必须本人到",
                                        "必须当面", "只能现场", "一定要到", "非得去" };
    static const char *const spots[] = { "窗口", "大厅", "现场", "派出所", "柜台", "政务中心" };
    static const char *const go[] = { "要回", "要去", "得去", "要到", "得到", "得回", "要跑" };
    static const char *const desks[] = { "窗口", "大厅", "现场", "柜台" };
    static const char *const spared[] = { "不用", "不需要", "不要" };
    static const char *const yes[] = { "能", "可以", "全程", "就行", "搞定" };
    static const char *const whole[] = { "全程", "不用跑", "不用去", "不用到", "一次都不用" };
    sm_premise one = { .slot = SM_PREMISE_ONLINE, .phrase = p->text };
    bool net = names_net(p->text);
    if ((net && HAS(p->text, nots)) || (HAS(p->text, only) && HAS(p->text, spots)) ||
        (HAS(p->text, go) && HAS(p->text, desks) && !HAS(p->text, spared))) {
        add(out, n, one);
        return;
    }
    one.yes = true;
    one.wholly = HAS(p->text, whole);
    if (net && HAS(p->text, yes) && !sm_str_has(p->text, SM_STR("不能")))
        add(out, n, one);
}

/* ------------------------------------------------------------------- offices */

static void read_place(const phrase *p, sm_premise *out, size_t *n)
{
    static const char *const there[] = { "去", "到", "在", "找", "归", "是" };
    static const char *const does[] = { "办", "领", "交", "申请", "登记", "报",
                                        "管", "弄", "开", "取",   "查" };
    static const char *const account[] = { "账户", "存入", "存款" };
    sm_str called;
    for (size_t i = 0; (called = sm_office_called(i)).n && !HAS(p->text, account); i++) {
        size_t at = sm_str_find(p->text, called, 0);
        if (at == SIZE_MAX || !HAS(p->text, does) ||
            !HAS(last_bytes(sm_str_sub(p->text, 0, at), NEAR_BYTES), there))
            continue;
        add(out, n,
            (sm_premise){ .slot = SM_PREMISE_PLACE,
                          .phrase = p->text,
                          .office = sm_str_sub(p->text, at, at + called.n) });
        return;
    }
}

/* --------------------------------------------------------------------- rules */

/* 失能, 技能: a 能 that allows nothing. */
static bool is_noun(sm_str p, size_t at)
{
    static const char *const before_it[] = { "失", "技", "功", "智", "性", "节", "职", "电" },
                             *const behind_it[] = { "力", "源", "耗", "效" };
    sm_str left = sm_str_sub(p, 0, at), right = sm_str_sub(p, at + strlen("能"), p.n);
    for (size_t i = 0; i < SM_LEN(before_it); i++)
        if (sm_str_ends(left, sm_str_of(before_it[i])))
            return true;
    return sm_str_starts_any(right, behind_it, SM_LEN(behind_it));
}

static bool allows(sm_str p)
{
    static const char *const may[] = { "可以", "让", "就行", "也行", "都行" };
    for (size_t at = 0; (at = sm_str_find(p, SM_STR("能"), at)) != SIZE_MAX; at += strlen("能"))
        if (!is_noun(p, at))
            return true;
    return HAS(p, may);
}

sm_rule_sign sm_rule_sign_of(sm_str p)
{
    static const char *const need_not[] = { "不用", "不需要", "无需", "用不着", "不必", "免得" };
    static const char *const may_not[] = { "不能", "不可以", "不了", "不行",   "不让",  "不给",
                                           "没法", "不得",   "不准", "不允许", "拿不到" };
    static const char *const no_may_not[] = { "免不了", "少不了", "受不了",
                                              "大不了", "不得不", "不得了" };
    static const char *const must[] = { "必须", "要", "得" };
    static const char *const no_must[] = { "只要", "要是", "要不要", "主要",
                                           "重要", "要么", "记得",   "觉得" };
    bool spared = sm_str_has(p, SM_STR("不要")) && !sm_str_has(p, SM_STR("要不要"));
    if (HAS(p, need_not) || spared)
        return SM_RULE_NEED_NOT;
    if (HAS(p, may_not) && !HAS(p, no_may_not))
        return SM_RULE_MAY_NOT;
    if (HAS(p, must) && !HAS(p, no_must))
        return SM_RULE_MUST;
    return allows(p) ? SM_RULE_MAY : SM_RULE_NONE;
}

/* What the first phrase of an answer says that does not begin with it. */
static sm_rule_sign sign_within(sm_str question, sm_str answer)
{
    static const char *const not_needed[] = { "不用",   "不需要", "无需",  "不必",
                                              "一般不", "不再",   "不强制" };
    static const char *const not_allowed[] = { "不能", "不可以", "不予", "只支持",
                                               "只有", "仅限",   "暂不" };
    sm_rule_sign asked = sm_rule_sign_of(question);
    bool open = asked == SM_RULE_NONE || asked == SM_RULE_MAY; /* 怎么办 asks for either */
    sm_str first = { 0 };
    sm_text_phrase(&answer, &first);
    if (asked == SM_RULE_MUST && HAS(first, not_needed))
        return SM_RULE_NEED_NOT;
    return open && HAS(first, not_allowed) ? SM_RULE_MAY_NOT : SM_RULE_NONE;
}

sm_rule_sign sm_rule_sign_of_answer(sm_str question, sm_str answer)
{
    static const struct {
        const char *word;
        sm_rule_sign sign;
    } begins[] = { { "不用", SM_RULE_NEED_NOT },    { "不需要", SM_RULE_NEED_NOT },
                   { "无需", SM_RULE_NEED_NOT },    { "不必", SM_RULE_NEED_NOT },
                   { "不强制", SM_RULE_NEED_NOT },  { "不要", SM_RULE_NEED_NOT },
                   { "不能", SM_RULE_MAY_NOT },     { "不可以", SM_RULE_MAY_NOT },
                   { "不行", SM_RULE_MAY_NOT },     { "暂不能", SM_RULE_MAY_NOT },
                   { "一般不能", SM_RULE_MAY_NOT }, { "不算", SM_RULE_MAY_NOT },
                   { "不会", SM_RULE_NEED_NOT },    { "都不会", SM_RULE_NEED_NOT },
                   { "都能", SM_RULE_MAY },         { "可以的", SM_RULE_MAY },
                   { "不是", SM_RULE_NEED_NOT },    { "可以", SM_RULE_MAY },
                   { "能", SM_RULE_MAY },           { "都可以", SM_RULE_MAY },
                   { "要", SM_RULE_MUST },          { "需要", SM_RULE_MUST },
                   { "必须", SM_RULE_MUST },        { "还要", SM_RULE_MUST },
                   { "应当", SM_RULE_MUST } };
    for (size_t i = 0; i < SM_LEN(begins); i++)
        if (sm_str_starts(answer, sm_str_of(begins[i].word)))
            return begins[i].sign;
    return sign_within(question, answer);
}

sm_str sm_premise_core(sm_str p)
{
    static const char *const begins[] = { "听说",   "据说",   "都说",  "既然",
                                          "网上说", "不是说", "我记得" };
    for (size_t i = 0; i < SM_LEN(begins); i++)
        if (sm_str_starts(p, sm_str_of(begins[i])))
            p = sm_str_sub(p, strlen(begins[i]), p.n);
    for (size_t i = 0; i < SM_LEN(tags); i++)
        if (sm_str_ends(p, sm_str_of(tags[i])))
            p.n -= strlen(tags[i]);
    return p;
}

/* Back over Han characters to what names no thing: "要居委会开证明" gives 居委会开证明. */
static size_t begin_of_paper(sm_str p, size_t at)
{
    static const char *const stops[] = { "要", "得", "带", "先", "必须", "提供", "交", "有",
                                         "开", "拿", "的", "在", "去",   "和",   "还", "再" };
    size_t from = at;
    while (from >= 3 && at - from < PAPER_BYTES) {
        for (size_t i = 0; i < SM_LEN(stops); i++)
            if (sm_str_ends(sm_str_sub(p, 0, from), sm_str_of(stops[i])))
                return from;
        sm_str one = sm_str_sub(p, from - 3, from);
        if (!sm_is_han(sm_utf8_next(&one)))
            return from;
        from -= 3;
    }
    return from;
}

sm_str sm_premise_paper(sm_str p)
{
    static const char *const papers[] = { "登报",   "公证", "准生证", "介绍信", "担保人",
                                          "推荐信", "体检", "证明",   "公章",   "户口本",
                                          "户口簿", "合影", "保证书", "承诺书", "押金" };
    if (sm_rule_sign_of(p) != SM_RULE_MUST)
        return (sm_str){ 0 };
    for (size_t i = 0; i < SM_LEN(papers); i++) {
        size_t at = sm_str_find(p, sm_str_of(papers[i]), 0);
        if (at != SIZE_MAX)
            return sm_str_sub(p, begin_of_paper(p, at), at + strlen(papers[i]));
    }
    return (sm_str){ 0 };
}

static void read_rule(const phrase *p, sm_premise *out, size_t *n)
{
    sm_rule_sign sign = sm_rule_sign_of(p->text);
    if (sign != SM_RULE_NONE)
        add(out, n, (sm_premise){ .slot = SM_PREMISE_RULE, .phrase = p->text, .sign = sign });
}

/* With the phrase before it, and one behind it that only tells: "…能延续吧，过期一周". */
static sm_str in_context(const phrase *p, size_t n, size_t i)
{
    size_t to = i + 1 < n && !p[i + 1].marked && !asks(p[i + 1].text) ? i + 1 : i;
    const char *from = p[i ? i - 1 : 0].text.p;
    return (sm_str){ from, (size_t)(p[to].text.p + p[to].text.n - from) };
}

size_t sm_premises_of(sm_arena *a, sm_str text, sm_premise out[SM_MAX_PREMISES])
{
    phrase p[MAX_PHRASES];
    size_t n = 0, n_phrases = read_phrases(a, text, p);
    for (size_t i = 0; i < n_phrases; i++) {
        size_t first = n;
        read_figures(a, &p[i], out, &n);
        bool figure =
            n > first && out[n - 1].slot != SM_PREMISE_TERM && out[n - 1].slot != SM_PREMISE_AMOUNT;
        if (p[i].marked) {
            read_fee(&p[i], out, &n);
            read_online(&p[i], out, &n);
            read_place(&p[i], out, &n);
            if (!figure)
                read_rule(&p[i], out, &n);
        }
        for (size_t k = first; k < n; k++)
            out[k].context = in_context(p, n_phrases, i);
    }
    return n;
}
