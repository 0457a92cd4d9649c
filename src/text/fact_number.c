/*
 * Numbers with their units: money, shares, lengths of time, counts.
 */
#include "text/fact.h"

#include <math.h>
#include <string.h>

static const sm_unit yuan = { "元", SM_FACT_MONEY, 1, "", "" };

static void add_quantity(sm_scan *x, double v, const sm_unit *unit, sm_str per, size_t at,
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

/* 统一, 星期三: the numeral ends a word. */
static bool ends_word(const sm_scan *x, size_t at)
{
    static const char *const before[] = { "统", "唯", "单", "逐", "专", "划",   "同",  "某",
                                          "另", "任", "初", "高", "周", "星期", "礼拜" };
    for (size_t i = 0; i < SM_LEN(before); i++) {
        size_t k = strlen(before[i]);
        if (at >= k && sm_scan_word(x, at - k, before[i])) /* but 提高三年 */
            return at < k + 3 || !sm_scan_one_of(x, at - k - 3, "提最较增新");
    }
    return false;
}

/* Words that only look like a numeral and a unit: 第三人, 十分, 一人一档. */
static bool ordinary_word(const sm_scan *x, size_t at, size_t end, const sm_unit *unit,
                          size_t unit_bytes)
{
    bool plain = unit->kind == SM_FACT_NUMBER || unit->kind == SM_FACT_YEARS;
    if (plain && ends_word(x, at))
        return true;
    if (end - at != 3)
        return false;
    if (sm_scan_word(x, at, "十分") || sm_scan_word(x, at, "百分"))
        return strcmp(unit->text, "分") == 0;
    if (!sm_scan_word(x, at, "一"))
        return false;
    if (strcmp(unit->text, "时") == 0 || strcmp(unit->text, "块") == 0)
        return true;
    return plain && sm_scan_word(x, end + unit_bytes, "一");
}

/* 十到十五, without a unit: both at once. */
static size_t bare_range(sm_scan *x, size_t at, size_t end, const sm_quantity *q, size_t end2,
                         const sm_quantity *q2)
{
    if (!x->all || !q->han || !q2->han || q->v < 0 || q2->v <= q->v)
        return 0;
    size_t sign = sm_scan_range_sign(x, end);
    if (!sign || ends_word(x, at))
        return 0;
    add_quantity(x, q->v, NULL, (sm_str){ 0 }, at, end);
    add_quantity(x, q2->v, NULL, (sm_str){ 0 }, end + sign, end2);
    return end2 - at;
}

/* 万 of 三至五万: what the numeral that ends at `end` is counted in, or 0. */
static double last_multiplier(const sm_scan *x, size_t end)
{
    static const struct {
        const char *text;
        double by;
    } list[] = { { "百", 1e2 }, { "千", 1e3 }, { "万", 1e4 }, { "亿", 1e8 } };
    for (size_t i = 0; i < SM_LEN(list); i++)
        if (sm_scan_word(x, end - 3, list[i].text))
            return list[i].by;
    return 0;
}

/* 3 of 3至5个工作日 takes the unit of 5, and its 万: bytes read, 0 when it is no range. */
static size_t first_of_range(sm_scan *x, size_t at, size_t end, const sm_quantity *q)
{
    sm_quantity q2;
    size_t bytes = 0, sign = sm_scan_range_sign(x, end);
    size_t m = sign ? sm_scan_quantity(x, end + sign, &q2) : 0;
    if (m == 0 || q2.v < 0)
        return 0;
    const sm_unit *unit = sm_unit_at(x, end + sign + m, &bytes);
    if (!unit)
        unit = sm_counter_at(x, end + sign + m, false, &bytes);
    if (!unit)
        return bare_range(x, at, end, q, end + sign + m, &q2);
    sm_str per;
    sm_per_after(x, end + sign + m + bytes, unit->kind == SM_FACT_MONEY, &per);
    if (unit->kind == SM_FACT_MONEY && per.n == 0)
        per = x->per = sm_per_before(x, at);
    double v = q->v, by = q->han && q2.han ? last_multiplier(x, end + sign + m) : q2.big;
    if (q->big <= 0 && by > 0 && q->v < q2.v / by)
        v *= by;
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
    if (m && q.v >= 0 && !sm_unit_at(x, end + sign + m, &bytes) &&
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
    if (n == 0 || n2 > 3 || low == 0 || sm_scan_word(x, after, "/") ||
        sm_unit_at(x, after, &bytes) || (at > 0 && x->s.p[at - 1] == '/'))
        return 0;
    sm_scan_add(x, SM_FACT_NUMBER, (double)top / (double)low,
                sm_strf(x->a, "number:%lld/%lld", (long long)top, (long long)low), at, end + 1 + n);
    return end + 1 + n - at;
}

/* 半 of 一年半: bytes read.  一年半载 is no length. */
static size_t and_half(const sm_scan *x, size_t at, const sm_unit *unit, double *v)
{
    size_t bytes;
    bool length = unit->kind == SM_FACT_YEARS || unit->kind == SM_FACT_DAYS;
    if (!length || !sm_scan_word(x, at, "半") || sm_scan_word(x, at, "半载") ||
        sm_unit_at(x, at + 3, &bytes))
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
    const sm_unit *unit = sm_unit_at(x, at + 3, &bytes);
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

/* Is it the second of 每证3至5元? */
static bool joins_range(const sm_scan *x, size_t at)
{
    size_t sign = x->n ? sm_scan_range_sign(x, x->last) : 0;
    return sign && x->last + sign == at;
}

static size_t with_unit(sm_scan *x, size_t at, size_t end, const sm_quantity *q,
                        const sm_unit *unit, size_t bytes)
{
    sm_str per = { 0 };
    double v = q->v;
    if (unit->kind == SM_FACT_MONEY && unit->by == 1)
        bytes += small_change(x, end + bytes, &v);
    bytes += and_half(x, end + bytes, unit, &v);
    bytes += sm_per_after(x, end + bytes, unit->kind == SM_FACT_MONEY, &per);
    if (unit->kind == SM_FACT_MONEY && per.n == 0)
        per = joins_range(x, at) ? x->per : sm_per_before(x, at);
    if (unit->kind == SM_FACT_MONEY && sm_scan_word(x, end + bytes, "整"))
        bytes += 3;
    if (strcmp(unit->text, "折") == 0 && v >= 10 && v < 100)
        v /= 10; /* 85折 */
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
    const sm_unit *unit = sm_unit_at(x, end, &bytes);
    if (unit && unit->kind == SM_FACT_MONEY)
        return with_unit(x, at, end, &q, unit, bytes);
    return with_unit(x, at, end, &q, &yuan, 0);
}

/* 一个半月, 两个半小时: bytes read. */
static size_t and_a_half(sm_scan *x, size_t at, size_t end, double v)
{
    static const char *const units[] = { "个半月", "个半小时", "个半钟头" };
    for (size_t i = 0; v > 0 && i < SM_LEN(units); i++) {
        if (!sm_scan_word(x, end, units[i]))
            continue;
        sm_str number = sm_number_text(x->a, v + 0.5);
        size_t next = end + strlen(units[i]);
        sm_scan_add(
            x, i ? SM_FACT_NUMBER : SM_FACT_MONTHS, v + 0.5,
            sm_strf(x->a, "%s:%.*s%s", i ? "number" : "months", SM_ARG(number), i ? "小时" : ""),
            at, next);
        return next - at;
    }
    return 0;
}

/* 八五折, 三五天: two signs that name no one number.  Bytes read. */
static size_t two_signs(sm_scan *x, size_t at, size_t n)
{
    double v1, v2;
    size_t bytes;
    if (!x->all || n != 6 || sm_han_at(sm_str_sub(x->s, at, at + 3), 0, &v1) != 3 ||
        sm_han_at(sm_str_sub(x->s, at + 3, at + 6), 0, &v2) != 3 || v1 > 9 || v2 > 9)
        return 0;
    const sm_unit *unit = sm_unit_at(x, at + n, &bytes);
    if (!unit)
        unit = sm_counter_at(x, at + n, false, &bytes);
    if (!unit)
        return 0;
    sm_str first = sm_number_text(x->a, v1 * unit->by),
           second = sm_number_text(x->a, v2 * unit->by);
    if (strcmp(unit->text, "折") == 0)
        add_quantity(x, v1 + v2 / 10, unit, (sm_str){ 0 }, at, at + n + bytes);
    else if (v2 > v1)
        sm_scan_add(x, unit->kind, v1 * unit->by,
                    sm_strf(x->a, "%s:%.*s~%.*s%s", sm_fact_kind_name(unit->kind), SM_ARG(first),
                            SM_ARG(second), unit->name),
                    at, at + n + bytes);
    else
        return 0;
    return n + bytes;
}

/* 十万, 两万五, 十五: numerals that are a number without a unit.  千万, 十一长假, 二十大 are words.
 */
static bool is_number_alone(const sm_scan *x, size_t at, size_t end)
{
    static const char *const after[] = { "大",   "届",     "行",   "节气", "计",
                                         "变",   "生肖",   "孝",   "夜",   "长假",
                                         "假期", "黄金周", "期间", "而立", "不惑" };
    bool counted = false; /* 三三两两 is no number */
    for (size_t i = at; i < end; i += 3)
        counted |= sm_scan_one_of(x, i, "十百千万亿拾佰仟廿卅零〇○点");
    return x->all && counted && end - at >= 6 && !sm_scan_one_of(x, at, "百千万零〇") &&
           !ends_word(x, at) && !sm_scan_any(x, end, after, SM_LEN(after));
}

static size_t with_counter(sm_scan *x, size_t at, size_t end, const sm_quantity *q)
{
    size_t bytes;
    bool one = q->han && end - at == 3 && sm_scan_word(x, at, "一");
    const sm_unit *unit = sm_counter_at(x, end, one, &bytes);
    if (!unit || (q->han && (sm_scan_one_of(x, at, "百千万") || ends_word(x, at) ||
                             (one && sm_scan_one_of(x, at - (at >= 3 ? 3 : 0), "上下每同各")))))
        return 0;
    add_quantity(x, q->v, unit, (sm_str){ 0 }, at, end + bytes);
    return end + bytes - at;
}

/* Words with a numeral in them that a unit seems to follow: bytes. */
static size_t other_word(const sm_scan *x, size_t at)
{
    static const struct {
        const char *text, *not_before;
    } words[] = {
        { "四周", "岁内以后左年" },
        { "四处", "" },
        { "百年", "" },
        { "千年", "" },
        { "三轮", "" },
        { "三番五次", "" },
        { "五花八门", "" },
        { "四面八方", "" },
        { "四通八达", "" },
        { "五湖四海", "" },
        { "三言两语", "" },
        { "一五一十", "" },
        { "千家万户", "" },
        { "百家争鸣", "" },
        { "七嘴八舌", "" },
        { "一年四季", "" },
        { "一年到头", "" },
        { "一年一度", "" },
        { "三天两头", "" },
        { "五个一批", "" },
        { "一级政府", "" },
        { "两个维护", "" },
        { "百日", "" },
    };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t n = strlen(words[i].text);
        if (sm_scan_word(x, at, words[i].text) &&
            !(words[i].not_before[0] && sm_scan_one_of(x, at + n, words[i].not_before)))
            return n;
    }
    return 0;
}

/* 6:4 */
static size_t ratio(sm_scan *x, size_t at, size_t end)
{
    static const char *const signs[] = { ":", "：", "∶" };
    int64_t one, other;
    size_t n1, n2, sign = x->all ? sm_scan_any(x, end, signs, SM_LEN(signs)) : 0;
    if (sign == 0 || sm_digits_at(x->s, at, &one, &n1) != end - at || n1 > 4)
        return 0;
    size_t n = sm_digits_at(x->s, end + sign, &other, &n2);
    if (n == 0 || n2 > 6)
        return 0;
    sm_scan_add(x, SM_FACT_NUMBER, other > 0 ? (double)one / (double)other : 0,
                sm_strf(x->a, "number:%lld:%lld", (long long)one, (long long)other), at,
                end + sign + n);
    return end + sign + n - at;
}

size_t sm_read_number(sm_scan *x, size_t at)
{
    sm_quantity q;
    size_t n = sm_scan_quantity(x, at, &q), end = at + n, bytes = 0, m;
    if (n == 0)
        return sign_first(x, at);
    if (x->all && q.han && (m = other_word(x, at)) > 0)
        return m;
    if (x->all && (m = and_a_half(x, at, end, q.v)) > 0)
        return m;
    if (x->all && sm_scan_word(x, at, "百分百") && end - at == 3) {
        sm_scan_add(x, SM_FACT_PERCENT, 100, SM_STR("percent:100"), at, at + 9);
        return 9;
    }
    if (q.v < 0)
        return (m = two_signs(x, at, n)) > 0 ? m : n;
    if (sm_scan_word(x, end, "分之") && (m = fraction(x, at, end + 6, q.v)) > 0)
        return m;
    const sm_unit *unit = sm_unit_at(x, end, &bytes);
    if (unit && q.han && ordinary_word(x, at, end, unit, bytes))
        return n;
    if (unit)
        return with_unit(x, at, end, &q, unit, bytes);
    if ((m = with_counter(x, at, end, &q)) > 0 || (m = first_of_range(x, at, end, &q)) > 0)
        return m;
    if (q.han && is_number_alone(x, at, end))
        add_quantity(x, q.v, NULL, (sm_str){ 0 }, at, end);
    if (q.han)
        return n;
    if ((m = ratio(x, at, end)) > 0 || (m = slash_fraction(x, at, end)) > 0)
        return m;
    if (!add_long_row(x, at, end))
        add_quantity(x, q.v, NULL, (sm_str){ 0 }, at, end);
    return n;
}
