/*
 * Units, and what a price is per.
 */
#include "text/fact.h"

#include <string.h>

static const sm_unit units[] = {
    { "个工作日", SM_FACT_WORKDAYS, 1, "", "" },
    { "工作日", SM_FACT_WORKDAYS, 1, "", "" },
    { "个自然日", SM_FACT_DAYS, 1, "", "" },
    { "自然日", SM_FACT_DAYS, 1, "", "" },
    { "个日历日", SM_FACT_DAYS, 1, "", "" },
    { "日历日", SM_FACT_DAYS, 1, "", "" },
    { "日历天", SM_FACT_DAYS, 1, "", "" },
    { "日", SM_FACT_DAYS, 1, "", "常" },
    { "天", SM_FACT_DAYS, 1, "", "然津" },
    { "个月", SM_FACT_MONTHS, 1, "", "" },
    { "月", SM_FACT_NUMBER, 1, "月", "球饼" },
    { "月份", SM_FACT_NUMBER, 1, "月", "" },
    { "周年", SM_FACT_YEARS, 1, "", "" },
    { "年", SM_FACT_YEARS, 1, "", "级轻纪龄度" },
    { "周岁", SM_FACT_AGE, 1, "", "" },
    { "岁", SM_FACT_AGE, 1, "", "" },
    { "万亿元", SM_FACT_MONEY, 1e12, "", "" },
    { "亿元", SM_FACT_MONEY, 1e8, "", "" },
    { "千万元", SM_FACT_MONEY, 1e7, "", "" },
    { "百万元", SM_FACT_MONEY, 1e6, "", "" },
    { "万元", SM_FACT_MONEY, 1e4, "", "" },
    { "千元", SM_FACT_MONEY, 1e3, "", "" },
    { "百元", SM_FACT_MONEY, 1e2, "", "" },
    { "元", SM_FACT_MONEY, 1, "", "旦素宵器件" },
    { "圆", SM_FACT_MONEY, 1, "", "形满圈" },
    { "块钱", SM_FACT_MONEY, 1, "", "" },
    { "块", SM_FACT_MONEY, 1, "", "儿地" },
    { "角", SM_FACT_MONEY, 0.1, "", "形星落色洲债" },
    { "美元", SM_FACT_NUMBER, 1, "美元", "" },
    { "港元", SM_FACT_NUMBER, 1, "港元", "" },
    { "欧元", SM_FACT_NUMBER, 1, "欧元", "" },
    { "%", SM_FACT_PERCENT, 1, "", "" },
    { "％", SM_FACT_PERCENT, 1, "", "" },
    { "‰", SM_FACT_PERCENT, 0.1, "", "" },
    { "成", SM_FACT_PERCENT, 10, "", "员立年都功绩本果熟人效品交为分长就语型套件不" },
    { "个百分点", SM_FACT_NUMBER, 1, "百分点", "" },
    { "百分点", SM_FACT_NUMBER, 1, "百分点", "" },
    { "平方公里", SM_FACT_NUMBER, 1, "平方公里", "" },
    { "平方米", SM_FACT_NUMBER, 1, "平方米", "" },
    { "平米", SM_FACT_NUMBER, 1, "平方米", "" },
    { "㎡", SM_FACT_NUMBER, 1, "平方米", "" },
    { "立方米", SM_FACT_NUMBER, 1, "立方米", "" },
    { "公顷", SM_FACT_NUMBER, 1, "公顷", "" },
    { "亩", SM_FACT_NUMBER, 1, "亩", "" },
    { "公里", SM_FACT_NUMBER, 1, "公里", "" },
    { "千米", SM_FACT_NUMBER, 1, "公里", "" },
    { "厘米", SM_FACT_NUMBER, 1, "厘米", "" },
    { "毫米", SM_FACT_NUMBER, 1, "毫米", "" },
    { "米", SM_FACT_NUMBER, 1, "米", "" },
    { "千克", SM_FACT_NUMBER, 1, "千克", "" },
    { "公斤", SM_FACT_NUMBER, 1, "千克", "" },
    { "吨", SM_FACT_NUMBER, 1, "吨", "" },
    { "个小时", SM_FACT_NUMBER, 1, "小时", "" },
    { "小时", SM_FACT_NUMBER, 1, "小时", "" },
    { "个星期", SM_FACT_NUMBER, 1, "周", "" },
    { "星期", SM_FACT_NUMBER, 1, "周", "一二三四五六日天几末" },
    { "周", SM_FACT_NUMBER, 1, "周", "岁年边一二三四五六日天末知转全围期界密易到" },
    { "个季度", SM_FACT_NUMBER, 1, "个季度", "" },
    { "个学期", SM_FACT_NUMBER, 1, "学期", "" },
    { "学期", SM_FACT_NUMBER, 1, "学期", "" },
    { "个学年", SM_FACT_NUMBER, 1, "学年", "" },
    { "学年", SM_FACT_NUMBER, 1, "学年", "" },
    { "时", SM_FACT_NUMBER, 1, "小时", "间候期代" },
    { "分钟", SM_FACT_NUMBER, 1, "分钟", "" },
    { "学时", SM_FACT_NUMBER, 1, "学时", "" },
    { "课时", SM_FACT_NUMBER, 1, "课时", "" },
    { "分", SM_FACT_NUMBER, 1, "分", "之别类局公支期段析散配工管布开清批次层级担摊享" },
    { "倍", SM_FACT_NUMBER, 1, "倍", "" },
    { "件", SM_FACT_NUMBER, 1, "件", "事" },
    { "所", SM_FACT_NUMBER, 1, "所", "述示列属有在需得谓以" },
    { "份", SM_FACT_NUMBER, 1, "份", "额" },
    { "人次", SM_FACT_NUMBER, 1, "人次", "" },
    { "次", SM_FACT_NUMBER, 1, "次", "性要序于品日年生供告" },
    { "户", SM_FACT_NUMBER, 1, "户", "口籍型" },
    { "人", SM_FACT_NUMBER, 1, "人", "民员口" },
    { "名", SM_FACT_NUMBER, 1, "人", "称字录义额" },
    { "只", SM_FACT_NUMBER, 1, "只", "需有要能是限可" },
    { "条", SM_FACT_NUMBER, 1, "条", "件例款目文龙" },
    { "台", SM_FACT_NUMBER, 1, "台", "账湾风" },
    { "层", SM_FACT_NUMBER, 1, "层", "次级" },
    { "楼", SM_FACT_NUMBER, 1, "楼", "盘" },
    { "套", SM_FACT_NUMBER, 1, "套", "餐" },
    { "折", SM_FACT_NUMBER, 1, "折", "合算叠旧" },
    { "辆", SM_FACT_NUMBER, 1, "辆", "" },
    { "期", SM_FACT_NUMBER, 1, "期", "限间满末" },
};

/* What a price or a rate is per, as it stands in the key. */
static const struct {
    const char *text, *name;
} pers[] = {
    { "平方米", "平方米" }, { "平米", "平方米" }, { "㎡", "平方米" }, { "立方米", "立方米" },
    { "千瓦时", "千瓦时" }, { "个月", "月" },     { "学年", "学年" }, { "学期", "学期" },
    { "人次", "人次" },     { "车次", "车次" },   { "床位", "床位" }, { "小时", "小时" },
    { "公里", "公里" },     { "千米", "公里" },   { "公斤", "千克" }, { "千克", "千克" },
    { "标准箱", "标准箱" }, { "车位", "车位" },   { "天", "日" },
};

/* Counters are not kept apart: 三张, 三个 and 3 are the same; measures are.  Read only where
 * everything is looked for, and after 一 only when `one`. */
static const struct counter {
    sm_unit unit;
    bool one;
} counters[] = {
    { { "个人", SM_FACT_NUMBER, 1, "人", "所账信贷自" }, false },
    { { "个", SM_FACT_NUMBER, 1, "", "别性体" }, false },
    { { "类", SM_FACT_NUMBER, 1, "", "似型" }, false },
    { { "种", SM_FACT_NUMBER, 1, "", "子植" }, false },
    { { "项", SM_FACT_NUMBER, 1, "", "目链" }, false },
    { { "张", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "本", SM_FACT_NUMBER, 1, "", "人市区省县科级地身次来金办法条校院" }, true },
    { { "册", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "页", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "枚", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "封", SM_FACT_NUMBER, 1, "", "顶闭" }, true },
    { { "间", SM_FACT_NUMBER, 1, "", "隔接" }, true },
    { { "座", SM_FACT_NUMBER, 1, "", "谈落机" }, false },
    { { "栋", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "幢", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "批", SM_FACT_NUMBER, 1, "", "准复" }, false },
    { { "轮", SM_FACT_NUMBER, 1, "", "流换岗胎" }, false },
    { { "档", SM_FACT_NUMBER, 1, "", "案次" }, false },
    { { "步", SM_FACT_NUMBER, 1, "", "" }, false },
    { { "位", SM_FACT_NUMBER, 1, "", "置于一" }, false },
    { { "家", SM_FACT_NUMBER, 1, "", "庭人长属乡具里" }, false },
    { { "级", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "处", SM_FACT_NUMBER, 1, "", "理罚分方长置于" }, false },
    { { "门", SM_FACT_NUMBER, 1, "", "口诊面票" }, false },
    { { "组", SM_FACT_NUMBER, 1, "", "织成合" }, false },
    { { "遍", SM_FACT_NUMBER, 1, "", "" }, false },
    { { "趟", SM_FACT_NUMBER, 1, "", "" }, false },
    { { "盒", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "瓶", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "箱", SM_FACT_NUMBER, 1, "", "" }, true },
    { { "支", SM_FACT_NUMBER, 1, "", "付持出队部撑" }, true },
    { { "寸", SM_FACT_NUMBER, 1, "寸", "" }, true },
    { { "升", SM_FACT_NUMBER, 1, "升", "级学" }, true },
    { { "克", SM_FACT_NUMBER, 1, "克", "服" }, true },
    { { "秒", SM_FACT_NUMBER, 1, "秒", "" }, true },
    { { "斤", SM_FACT_NUMBER, 1, "斤", "" }, true },
    { { "千瓦时", SM_FACT_NUMBER, 1, "千瓦时", "" }, true },
    { { "千瓦", SM_FACT_NUMBER, 1, "千瓦", "" }, true },
    { { "度", SM_FACT_NUMBER, 1, "度", "假" }, false },
};

/* Does the word stand at `at`?  A first look spares most calls. */
static bool stands(const sm_scan *x, size_t at, const char *word)
{
    return x->s.p[at] == word[0] && (!word[1] || (at + 2 < x->s.n && x->s.p[at + 2] == word[2] &&
                                                  sm_scan_word(x, at, word)));
}

/* The longest unit at `at`, or NULL; *bytes includes one blank before it. */
const sm_unit *sm_unit_at(const sm_scan *x, size_t at, size_t *bytes)
{
    const sm_unit *best = NULL;
    size_t gap = sm_scan_gap(x, at), longest = 0;
    if (at + gap >= x->s.n || ((uint8_t)x->s.p[at + gap] < 0x80 && x->s.p[at + gap] != '%'))
        return NULL;
    for (size_t i = 0; i < SM_LEN(units); i++)
        if (stands(x, at + gap, units[i].text) && strlen(units[i].text) > longest) {
            longest = strlen(units[i].text);
            best = &units[i];
        }
    if (!best || sm_scan_one_of(x, at + gap + longest, best->not_before))
        return NULL;
    *bytes = gap + longest;
    return best;
}

const sm_unit *sm_counter_at(const sm_scan *x, size_t at, bool one, size_t *bytes)
{
    size_t gap = sm_scan_gap(x, at);
    if (!x->all || at + gap >= x->s.n || (uint8_t)x->s.p[at + gap] < 0xe4)
        return NULL;
    for (size_t i = 0; i < SM_LEN(counters); i++) {
        const sm_unit *unit = &counters[i].unit;
        if (!stands(x, at + gap, unit->text))
            continue;
        size_t k = gap + strlen(unit->text);
        if ((one && !counters[i].one) || sm_scan_one_of(x, at + k, unit->not_before))
            return NULL;
        *bytes = k;
        return unit;
    }
    return NULL;
}

/* The name of the Han word of n bytes in a key. */
static sm_str per_name(sm_str word)
{
    for (size_t i = 0; i < SM_LEN(pers); i++)
        if (sm_str_eq(word, sm_str_of(pers[i].text)))
            return sm_str_of(pers[i].name);
    return word;
}

/* One term of 元/人·月: bytes read. */
static size_t per_term(const sm_scan *x, size_t at, sm_str *name)
{
    size_t every = sm_scan_word(x, at, "每") ? 3 : 0;
    for (size_t i = 0; i < SM_LEN(pers); i++)
        if (sm_scan_word(x, at + every, pers[i].text)) {
            *name = sm_str_of(pers[i].name);
            return every + strlen(pers[i].text);
        }
    sm_str rest = sm_str_sub(x->s, at + every, x->s.n), all = rest;
    if (rest.n == 0)
        return 0;
    uint32_t c = sm_utf8_next(&rest);
    if (!sm_is_han(c) || sm_is_han_numeral(c))
        return 0;
    *name = sm_str_sub(all, 0, all.n - rest.n);
    return every + name->n;
}

enum { MAX_TERMS = 3 };

/* Where everything is looked for, in one order, whatever was written: 人/月. */
static sm_str joined_terms(const sm_scan *x, sm_str *term, size_t n)
{
    sm_str all = { 0 };
    for (size_t i = 1; x->all && i < n; i++)
        for (size_t k = i; k > 0 && sm_str_cmp(term[k], term[k - 1]) < 0; k--) {
            sm_str other = term[k];
            term[k] = term[k - 1];
            term[k - 1] = other;
        }
    for (size_t i = 0; i < n; i++)
        all = i ? sm_strf(x->a, "%.*s/%.*s", SM_ARG(all), SM_ARG(term[i])) : term[i];
    return all;
}

/* The sign before a term: / or, where everything is looked for, 每 itself. */
static size_t per_sign(const sm_scan *x, size_t at, bool first, bool *every)
{
    static const char *const signs[] = { "/", "／", "·", "•" };
    size_t n = sm_scan_any(x, at, signs, first ? 2 : SM_LEN(signs));
    *every = n == 0 && x->all && sm_scan_word(x, at, "每");
    return n;
}

size_t sm_per_after(const sm_scan *x, size_t at, bool price, sm_str *per)
{
    sm_str term[MAX_TERMS];
    size_t i = at, n = 0;
    *per = (sm_str){ 0 };
    while (n < MAX_TERMS) {
        bool every;
        size_t k = per_sign(x, i, n == 0, &every);
        every = every && price;
        size_t m = k || every ? per_term(x, i + k, &term[n]) : 0;
        if (m == 0 || (every && sm_digit_at(x->s, i + k + m, NULL)))
            break;
        i += k + m;
        n++;
    }
    if (n)
        *per = joined_terms(x, term, n);
    return i - at;
}

static bool ends_with(const sm_scan *x, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at >= x->last + n && memcmp(x->s.p + at - n, word, n) == 0;
}

/* Where the words between 每证 and its price begin. */
static size_t pass_back(const sm_scan *x, size_t at)
{
    static const char *const words[] = {
        "不得超过", "不超过", "不高于", "不低于", "不少于", "最高", "最低",   "最多",   "至少",
        "标准",     "定额",   "扣除",   "补贴",   "补助",   "发放", "给予",   "奖励",   "资助",
        "收取",     "收费",   "缴纳",   "支付",   "领取",   "增加", "加发",   "减免",   "合计",
        "限额",     "可",     "收",     "缴",     "交",     "付",   "发",     "为",     "约",
        "按",       "应",     "需",     "的",     "再",     "共",   "人民币", "工本费", " "
    };
    enum { MAX_WORDS = 5 };
    for (int n = 0; n < MAX_WORDS; n++) {
        size_t i = 0;
        while (i < SM_LEN(words) && !ends_with(x, at, words[i]))
            i++;
        if (i == SM_LEN(words))
            break;
        at -= strlen(words[i]);
    }
    return at;
}

/* The term that 每 begins and that ends at `at`: bytes with 每. */
static size_t term_before(const sm_scan *x, size_t at, sm_str *name)
{
    for (size_t n = 3; n <= 12 && at >= x->last + n + 3; n += 3) {
        if ((uint8_t)x->s.p[at - n] < 0xe4)
            return 0;
        if (!sm_scan_word(x, at - n - 3, "每"))
            continue;
        sm_str word = sm_str_sub(x->s, at - n, at);
        *name = per_name(word);
        return n <= 6 || name->p != word.p ? n + 3 : 0;
    }
    return 0;
}

sm_str sm_per_before(const sm_scan *x, size_t at)
{
    sm_str term[MAX_TERMS];
    size_t n = 0, i = x->all ? pass_back(x, at) : 0;
    for (size_t k; x->all && n < MAX_TERMS && (k = term_before(x, i, &term[n])) > 0; n++)
        i -= k;
    return n ? joined_terms(x, term, n) : (sm_str){ 0 };
}
