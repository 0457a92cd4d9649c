/*
 * Numbers with their units: money, shares, lengths of time, counts.
 */
#include "text/fact.h"

#include <math.h>
#include <string.h>

/* A unit, and the characters that right after it make another word of it (元旦, 所述). */
static const struct unit {
    const char *text;
    sm_fact_kind kind;
    double by;
    const char *name; /* in the key, for SM_FACT_NUMBER */
    const char *not_before;
} units[] = {
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
    { "年", SM_FACT_YEARS, 1, "", "级轻纪龄" },
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
    { "时", SM_FACT_NUMBER, 1, "小时", "间候期代" },
    { "分钟", SM_FACT_NUMBER, 1, "分钟", "" },
    { "学时", SM_FACT_NUMBER, 1, "学时", "" },
    { "课时", SM_FACT_NUMBER, 1, "课时", "" },
    { "分", SM_FACT_NUMBER, 1, "分", "之别类局公支期段析散配工管布开清批次层级" },
    { "倍", SM_FACT_NUMBER, 1, "倍", "" },
    { "件", SM_FACT_NUMBER, 1, "件", "事" },
    { "所", SM_FACT_NUMBER, 1, "所", "述示列属有在需得谓以" },
    { "份", SM_FACT_NUMBER, 1, "份", "额" },
    { "人次", SM_FACT_NUMBER, 1, "人次", "" },
    { "次", SM_FACT_NUMBER, 1, "次", "性要序于品日年生供" },
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

static const struct unit yuan = { "元", SM_FACT_MONEY, 1, "", "" };

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

/* The longest unit at `at`, or NULL; *bytes includes one blank before it. */
static const struct unit *unit_at(const sm_scan *x, size_t at, size_t *bytes)
{
    const struct unit *best = NULL;
    size_t gap = sm_scan_gap(x, at), longest = 0;
    if (at + gap >= x->s.n || ((uint8_t)x->s.p[at + gap] < 0x80 && x->s.p[at + gap] != '%'))
        return NULL;
    for (size_t i = 0; i < SM_LEN(units); i++) {
        size_t k = strlen(units[i].text);
        if (k > longest && sm_scan_word(x, at + gap, units[i].text)) {
            longest = k;
            best = &units[i];
        }
    }
    if (!best || sm_scan_one_of(x, at + gap + longest, best->not_before))
        return NULL;
    *bytes = gap + longest;
    return best;
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

/* 元/证, 元／人·月: bytes read; *per is "证", "人/月". */
static size_t per_unit(const sm_scan *x, size_t at, sm_str *per)
{
    static const char *const first[] = { "/", "／" };
    static const char *const more[] = { "/", "／", "·", "•" };
    size_t i = at;
    *per = (sm_str){ 0 };
    for (int terms = 0; terms < 3; terms++) {
        size_t k =
            terms ? sm_scan_any(x, i, more, SM_LEN(more)) : sm_scan_any(x, i, first, SM_LEN(first));
        sm_str name = { 0 };
        size_t n = k ? per_term(x, i + k, &name) : 0;
        if (n == 0)
            break;
        *per = per->n ? sm_strf(x->a, "%.*s/%.*s", SM_ARG(*per), SM_ARG(name)) : name;
        i += k + n;
    }
    return i - at;
}

static void add_quantity(sm_scan *x, double v, const struct unit *unit, sm_str per, size_t at,
                         size_t end)
{
    sm_fact_kind kind = unit ? unit->kind : SM_FACT_NUMBER;
    v *= unit ? unit->by : 1;
    sm_str number = sm_number_text(x->a, v);
    sm_str key = sm_strf(x->a, "%s:%.*s%s%s%.*s", sm_fact_kind_name(kind), SM_ARG(number),
                         unit ? unit->name : "", per.n ? "/" : "", SM_ARG(per));
    sm_scan_add(x, kind, v, key, at, end);
}

/* Twelve digits tell any two doubles apart; longer rows of digits are compared as written. */
static bool add_long_row(sm_scan *x, size_t at, size_t end)
{
    int64_t v;
    size_t n_digits, n = sm_digits_at(x->s, at, &v, &n_digits);
    if (n != end - at || n_digits < 13)
        return false;
    sm_buf b;
    sm_buf_init(&b, n);
    int d = 0;
    for (size_t i = at, k; i < end && (k = sm_digit_at(x->s, i, &d)) > 0; i += k)
        sm_buf_addc(&b, (char)('0' + d));
    sm_str row = sm_buf_str(&b);
    sm_scan_add(x, SM_FACT_NUMBER, (double)v, sm_strf(x->a, "number:%.*s", SM_ARG(row)), at, end);
    sm_buf_done(&b);
    return true;
}

/* Words that only look like a numeral and a unit: 第三人, 十分, 一人一档. */
static bool ordinary_word(const sm_scan *x, size_t at, size_t end, const struct unit *unit,
                          size_t unit_bytes)
{
    static const char *const before[] = { "统", "唯", "单", "逐", "专", "划",   "同",  "某",
                                          "另", "任", "初", "高", "周", "星期", "礼拜" };
    bool plain = unit->kind == SM_FACT_NUMBER || unit->kind == SM_FACT_YEARS;
    for (size_t i = 0; plain && i < SM_LEN(before); i++) {
        size_t k = strlen(before[i]);
        if (at >= k && sm_scan_word(x, at - k, before[i]))
            return true;
    }
    if (end - at != 3)
        return false;
    if (sm_scan_word(x, at, "十分"))
        return strcmp(unit->text, "分") == 0;
    if (!sm_scan_word(x, at, "一"))
        return false;
    if (strcmp(unit->text, "时") == 0 || strcmp(unit->text, "块") == 0)
        return true;
    return plain && sm_scan_word(x, end + unit_bytes, "一");
}

/* 3 of 3至5个工作日 takes the unit of 5, and its 万: bytes read, 0 when it is no range. */
static size_t first_of_range(sm_scan *x, size_t at, size_t end, const sm_quantity *q)
{
    sm_quantity q2;
    size_t bytes = 0, sign = sm_scan_range_sign(x, end);
    size_t m = sign ? sm_scan_quantity(x, end + sign, &q2) : 0;
    if (m == 0 || q2.v < 0)
        return 0;
    const struct unit *unit = unit_at(x, end + sign + m, &bytes);
    if (!unit)
        return 0;
    sm_str per;
    per_unit(x, end + sign + m + bytes, &per);
    double v = q->v;
    if (q->big <= 0 && q2.big > 0 && q->v < q2.raw)
        v *= q2.big;
    add_quantity(x, v, unit, per, at, end);
    return end - at;
}

/* 角 and 分 after 元: bytes read. */
static size_t small_change(const sm_scan *x, size_t at, double *v)
{
    static const struct {
        const char *text;
        double by;
    } coins[] = { { "角", 0.1 }, { "分", 0.01 } };
    size_t i = at;
    for (size_t c = 0; c < SM_LEN(coins); c++) {
        sm_quantity q;
        size_t zero = sm_scan_word(x, i, "零") ? 3 : 0;
        size_t n = sm_scan_quantity(x, i + zero, &q);
        if (n == 0 || q.v < 0 || q.v > 9 || !sm_scan_word(x, i + zero + n, coins[c].text))
            continue;
        *v += q.v * coins[c].by;
        i += zero + n + 3;
    }
    return i - at;
}

/* 百分之十五, 三分之二; `at` is the place after 分之, *out left alone when no number follows. */
static size_t fraction(sm_scan *x, size_t start, size_t at, double of)
{
    sm_quantity q;
    size_t n = sm_scan_quantity(x, at, &q);
    if (n == 0 || q.v < 0)
        return 0;
    bool share = of == 100 || of == 1000 || of == 10000;
    double v = share ? q.v * 100 / of : of > 0 ? q.v / of : 0;
    sm_str top = sm_number_text(x->a, share ? v : q.v), low = sm_number_text(x->a, of);
    sm_str key = share ? sm_strf(x->a, "percent:%.*s", SM_ARG(top))
                       : sm_strf(x->a, "number:%.*s/%.*s", SM_ARG(top), SM_ARG(low));
    sm_scan_add(x, share ? SM_FACT_PERCENT : SM_FACT_NUMBER, v, key, start, at + n);
    size_t end = at + n, sign = sm_scan_range_sign(x, end), bytes;
    size_t m = share && sign ? sm_scan_quantity(x, end + sign, &q) : 0;
    if (m && q.v >= 0 && !unit_at(x, end + sign + m, &bytes) &&
        !sm_scan_word(x, end + sign + m, "分之")) {
        top = sm_number_text(x->a, q.v * 100 / of);
        sm_scan_add(x, SM_FACT_PERCENT, q.v * 100 / of, sm_strf(x->a, "percent:%.*s", SM_ARG(top)),
                    end + sign, end + sign + m);
        end += sign + m;
    }
    return end - start;
}

/* 2/3 */
static size_t slash_fraction(sm_scan *x, size_t at, size_t end)
{
    int64_t top, low;
    size_t n1, n2;
    if (end >= x->s.n || x->s.p[end] != '/' || sm_digits_at(x->s, at, &top, &n1) != end - at ||
        n1 > 3)
        return 0;
    size_t n = sm_digits_at(x->s, end + 1, &low, &n2);
    size_t after = end + 1 + n, bytes;
    if (n == 0 || n2 > 3 || low == 0 || sm_scan_word(x, after, "/") || unit_at(x, after, &bytes) ||
        (at > 0 && x->s.p[at - 1] == '/'))
        return 0;
    sm_scan_add(x, SM_FACT_NUMBER, (double)top / (double)low,
                sm_strf(x->a, "number:%lld/%lld", (long long)top, (long long)low), at, end + 1 + n);
    return end + 1 + n - at;
}

/* 半 of 一年半: bytes read.  一年半载 is no length. */
static size_t and_half(const sm_scan *x, size_t at, const struct unit *unit, double *v)
{
    size_t bytes;
    bool length = unit->kind == SM_FACT_YEARS || unit->kind == SM_FACT_DAYS;
    if (!length || !sm_scan_word(x, at, "半") || sm_scan_word(x, at, "半载") ||
        unit_at(x, at + 3, &bytes))
        return 0;
    *v += 0.5;
    return 3;
}

/* 半年 (six months), 半个月, 半天, 半小时; 上半年 is no length. */
static size_t half(sm_scan *x, size_t at)
{
    static const char *const which[] = { "上", "下", "前", "后", "大", "多" };
    for (size_t i = 0; i < SM_LEN(which); i++)
        if (at >= 3 && sm_scan_word(x, at - 3, which[i]))
            return 0;
    size_t bytes = 0;
    const struct unit *unit = unit_at(x, at + 3, &bytes);
    if (!unit || bytes == 0)
        return 0;
    if (unit->kind == SM_FACT_YEARS)
        sm_scan_add(x, SM_FACT_MONTHS, 6, SM_STR("months:6"), at, at + 3 + bytes);
    else if (unit->kind == SM_FACT_MONTHS || unit->kind == SM_FACT_DAYS ||
             strcmp(unit->name, "小时") == 0)
        add_quantity(x, 0.5, unit, (sm_str){ 0 }, at, at + 3 + bytes);
    else
        return 0;
    return 3 + bytes;
}

static size_t with_unit(sm_scan *x, size_t at, size_t end, const sm_quantity *q,
                        const struct unit *unit, size_t bytes)
{
    sm_str per = { 0 };
    double v = q->v;
    if (unit->kind == SM_FACT_MONEY && unit->by == 1)
        bytes += small_change(x, end + bytes, &v);
    bytes += and_half(x, end + bytes, unit, &v);
    bytes += per_unit(x, end + bytes, &per);
    if (unit->kind == SM_FACT_MONEY && sm_scan_word(x, end + bytes, "整"))
        bytes += 3;
    add_quantity(x, v, unit, per, at, end + bytes);
    return end + bytes - at;
}

/* ¥500, 万分之五, 半年 */
static size_t sign_first(sm_scan *x, size_t at)
{
    sm_quantity q;
    if (sm_scan_word(x, at, "万"))
        return sm_scan_word(x, at, "万分之") ? fraction(x, at, at + 9, 10000) : 0;
    if (sm_scan_word(x, at, "半"))
        return half(x, at);
    size_t bytes = 0, k = sm_scan_word(x, at, "¥") ? 2 : sm_scan_word(x, at, "￥") ? 3 : 0;
    size_t gap = k ? sm_scan_gap(x, at + k) : 0;
    size_t n = k ? sm_scan_quantity(x, at + k + gap, &q) : 0;
    if (n == 0 || q.v < 0)
        return 0;
    size_t end = at + k + gap + n;
    const struct unit *unit = unit_at(x, end, &bytes);
    if (unit && unit->kind == SM_FACT_MONEY)
        return with_unit(x, at, end, &q, unit, bytes);
    return with_unit(x, at, end, &q, &yuan, 0);
}

size_t sm_read_number(sm_scan *x, size_t at)
{
    sm_quantity q;
    size_t n = sm_scan_quantity(x, at, &q), end = at + n, bytes = 0, m;
    if (n == 0)
        return sign_first(x, at);
    if (q.v < 0)
        return n;
    if (sm_scan_word(x, end, "分之") && (m = fraction(x, at, end + 6, q.v)) > 0)
        return m;
    const struct unit *unit = unit_at(x, end, &bytes);
    if (unit && q.han && ordinary_word(x, at, end, unit, bytes))
        return n;
    if (unit)
        return with_unit(x, at, end, &q, unit, bytes);
    if ((m = first_of_range(x, at, end, &q)) > 0)
        return m;
    if (q.han)
        return n;
    if ((m = slash_fraction(x, at, end)) > 0)
        return m;
    if (!add_long_row(x, at, end))
        add_quantity(x, q.v, NULL, (sm_str){ 0 }, at, end);
    return n;
}
