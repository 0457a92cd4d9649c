/*
 * Dates and times of day.
 */
#include "text/fact.h"

#include <string.h>

/* A whole number below 10000 in either script with one blank allowed before: bytes read. */
static size_t small(const sm_scan *x, size_t at, int *v, size_t *n_digits)
{
    int64_t whole;
    double han;
    size_t gap = sm_scan_gap(x, at), n = sm_digits_at(x->s, at + gap, &whole, n_digits);
    sm_scan_spend(x, n + 1);
    if (n > 0) {
        *v = whole <= 9999 ? (int)whole : -1;
        return gap + n;
    }
    n = sm_han_at(x->s, at + gap, &han);
    *n_digits = n / 3;
    *v = n && han >= 0 && han <= 9999 ? (int)han : -1;
    return n ? gap + n : 0;
}

/* 年, 月, 日 with one blank allowed before: bytes read. */
static size_t sign_at(const sm_scan *x, size_t at, const char *sign)
{
    size_t gap = sm_scan_gap(x, at);
    return sm_scan_word(x, at + gap, sign) ? gap + strlen(sign) : 0;
}

static size_t add_date(sm_scan *x, int y, int m, int d, size_t at, size_t end)
{
    sm_date day = sm_date_of(y ? y : 2000, m, d ? d : 1);
    if (day == SM_DATE_NONE)
        return 0;
    sm_str key = y && d ? sm_strf(x->a, "date:%04d-%02d-%02d", y, m, d)
                 : y    ? sm_strf(x->a, "date:%04d-%02d", y, m)
                        : sm_strf(x->a, "date:%02d-%02d", m, d);
    sm_scan_add(x, SM_FACT_DATE, day, key, at, end);
    return end - at;
}

/* The date that 至 joins to this place, or NULL. */
static const sm_fact *date_before(const sm_scan *x, size_t at)
{
    if (x->n == 0 || x->fact[x->n - 1].kind != SM_FACT_DATE || x->last >= at)
        return NULL;
    size_t sign = sm_scan_range_sign(x, x->last);
    return sign && x->last + sign == at ? &x->fact[x->n - 1] : NULL;
}

/* 至 of 3月1日至15日 and 2026年1月至6月 takes the month or the year before it: bytes read. */
static size_t rest_of_range(sm_scan *x, size_t at, int v, size_t i)
{
    static const char form[] = "date:2026-01-02";
    const sm_fact *before = date_before(x, at);
    sm_str key = before ? before->key : (sm_str){ 0 };
    int64_t y = 0, m = 0;
    if (!before)
        return 0;
    size_t month = v <= 12 ? sign_at(x, i, "月") : 0;
    if (month && key.n == strlen("date:2026-01") && sm_str_to_int(sm_str_sub(key, 5, 9), &y))
        return add_date(x, (int)y, v, 0, at, i + month);
    size_t day = v <= 31 ? sign_at(x, i, "日") : 0;
    day += v <= 31 && !day ? sign_at(x, i, "号") : 0;
    if (!day)
        return 0;
    if (sm_str_starts(key, SM_STR("date:--"))) {
        sm_scan_add(x, SM_FACT_DATE, v, sm_strf(x->a, "date:--%02d", v), at, i + day);
        return i + day - at;
    }
    bool whole = key.n == strlen(form);
    if (!whole && key.n != strlen("date:01-02"))
        return 0;
    sm_str_to_int(sm_str_sub(key, 5, 9), &y);
    sm_str_to_int(whole ? sm_str_sub(key, 10, 12) : sm_str_sub(key, 5, 7), &m);
    return add_date(x, whole ? (int)y : 0, (int)m, v, at, i + day);
}

/* 15日 of 每月15日: the day of a month, no length.  Bytes read. */
static size_t day_of_month(sm_scan *x, size_t at, int v, size_t i)
{
    static const char *const months[] = {
        "每月", "每个月", "次月", "当月", "下月", "下个月", "本月", "上月", "翌月", "首月",
    };
    size_t sign = v <= 31 ? sign_at(x, i, "日") : 0;
    sign += v <= 31 && !sign ? sign_at(x, i, "号") : 0;
    for (size_t k = 0; x->all && sign && k < SM_LEN(months); k++) {
        size_t n = strlen(months[k]);
        if (n > 3 && at >= n && sm_scan_word(x, at - n, months[k])) {
            sm_scan_add(x, SM_FACT_DATE, v, sm_strf(x->a, "date:--%02d", v), at, i + sign);
            return i + sign - at;
        }
    }
    return 0;
}

static bool is_year(int y, size_t n_digits)
{
    return n_digits == 4 && y >= 1900 && y <= 2200;
}

/* 2026-11-23, 2026/11/23, 2026.11.23 */
static size_t iso_date(sm_scan *x, size_t at, int y, size_t i)
{
    static const char *const signs[] = { "-", "/", ".", "－" };
    int m, d;
    size_t n_digits, sign = sm_scan_any(x, i, signs, SM_LEN(signs));
    if (sign == 0 || !sm_digit_at(x->s, i + sign, NULL))
        return 0;
    size_t k = small(x, i + sign, &m, &n_digits), next = i + sign + k;
    if (n_digits > 2 || next + sign > x->s.n || memcmp(x->s.p + i, x->s.p + next, sign) != 0 ||
        !sm_digit_at(x->s, next + sign, NULL))
        return 0;
    k = small(x, next + sign, &d, &n_digits);
    return n_digits > 2 ? 0 : add_date(x, y, m, d, at, next + sign + k);
}

/* 23日 after a month: bytes read. */
static size_t day_at(const sm_scan *x, size_t at, int *d)
{
    size_t n_digits, n = small(x, at, d, &n_digits);
    size_t sign = n ? sign_at(x, at + n, "日") : 0;
    if (n && !sign)
        sign = sign_at(x, at + n, "号");
    return sign && *d >= 1 && *d <= 31 ? n + sign : 0;
}

/* 上半年, 第三季度, 三季度: bytes read; *name is H1, Q3. */
static size_t part_of_year(const sm_scan *x, size_t at, const char **name)
{
    static const struct {
        const char *text, *name;
    } list[] = {
        { "上半年", "H1" }, { "下半年", "H2" }, { "一季度", "Q1" }, { "二季度", "Q2" },
        { "三季度", "Q3" }, { "四季度", "Q4" }, { "1季度", "Q1" },  { "2季度", "Q2" },
        { "3季度", "Q3" },  { "4季度", "Q4" },
    };
    size_t order = sm_scan_word(x, at, "第") ? 3 : 0;
    for (size_t i = 0; i < SM_LEN(list); i++)
        if (sm_scan_word(x, at + order, list[i].text)) {
            *name = list[i].name;
            return order + strlen(list[i].text);
        }
    return 0;
}

size_t sm_read_part_of_year(sm_scan *x, size_t at)
{
    const char *name;
    size_t n = part_of_year(x, at, &name);
    if (n)
        sm_scan_add(x, SM_FACT_DATE, 0, sm_strf(x->a, "date:%s", name), at, at + n);
    return n;
}

/* What follows 2026年: a month and a day, a month, or nothing. */
static size_t after_year(sm_scan *x, size_t at, int y, size_t i)
{
    int m = 0, d = 0;
    size_t n_digits, n = small(x, i, &m, &n_digits), sign = n ? sign_at(x, i + n, "月") : 0;
    if (sign && m >= 1 && m <= 12) {
        size_t end = i + n + sign, day = day_at(x, end, &d);
        return add_date(x, y, m, day ? d : 0, at, end + day);
    }
    const char *part = NULL;
    size_t k = x->all ? part_of_year(x, i, &part) : 0;
    sm_scan_add(x, SM_FACT_DATE, sm_date_of(y, 1, 1),
                k ? sm_strf(x->a, "date:%04d-%s", y, part) : sm_strf(x->a, "date:%04d", y), at,
                i + k);
    return i + k - at;
}

/* 2024 of 2024—2026年: bytes read. */
static size_t first_year(sm_scan *x, size_t at, int y, size_t i)
{
    int y2;
    size_t n_digits, sign = sm_scan_range_sign(x, i),
                     n = sign ? small(x, i + sign, &y2, &n_digits) : 0;
    if (n == 0 || !is_year(y2, n_digits) || y2 < y ||
        !(sign_at(x, i + sign + n, "年") || sign_at(x, i + sign + n, "学年")))
        return 0;
    sm_scan_add(x, SM_FACT_DATE, sm_date_of(y, 1, 1), sm_strf(x->a, "date:%04d", y), at, i);
    return i - at;
}

/* 26年3月1日: bytes read. */
static size_t short_year(sm_scan *x, size_t at, int v, size_t i)
{
    int m, d;
    size_t n_digits, sign = sign_at(x, i, "年"), n = sign ? small(x, i + sign, &m, &n_digits) : 0;
    size_t month = n && m >= 1 && m <= 12 ? sign_at(x, i + sign + n, "月") : 0;
    size_t day = month ? day_at(x, i + sign + n + month, &d) : 0;
    return day ? add_date(x, 2000 + v, m, d, at, i + sign + n + month + day) : 0;
}

/* 2026-11 and 2026/11: bytes read. */
static size_t iso_month(sm_scan *x, size_t at, int y, size_t i)
{
    int m;
    size_t n_digits;
    if (!sm_scan_word(x, i, "-") && !sm_scan_word(x, i, "/"))
        return 0;
    size_t n = sm_digit_at(x->s, i + 1, NULL) ? small(x, i + 1, &m, &n_digits) : 0, end = i + 1 + n;
    bool ends = n && end >= x->s.n;
    ends |=
        n && !ends && (uint8_t)x->s.p[end] >= 0x80 && !sm_scan_one_of(x, end, "年元万号％—～至");
    return ends && n_digits <= 2 && m >= 1 && m <= 12 ? add_date(x, y, m, 0, at, end) : 0;
}

size_t sm_read_date(sm_scan *x, size_t at)
{
    int v, d;
    size_t n_digits, n = small(x, at, &v, &n_digits), i = at + n;
    if (n == 0 || v < 1)
        return 0;
    if (is_year(v, n_digits)) {
        size_t sign = sign_at(x, i, "年");
        sign = sign ? sign : sign_at(x, i, "学年");
        size_t taken = sign ? after_year(x, at, v, i + sign) : iso_date(x, at, v, i);
        taken = taken || sign ? taken : first_year(x, at, v, i);
        taken = taken || sign || !x->all ? taken : iso_month(x, at, v, i);
        if (taken)
            return taken;
    }
    size_t taken = rest_of_range(x, at, v, i);
    taken = taken ? taken : day_of_month(x, at, v, i);
    if (!taken && x->all && v >= 10 && n_digits == 2 && sm_digit_at(x->s, at, NULL))
        taken = short_year(x, at, v, i);
    if (taken)
        return taken;
    size_t month = v <= 12 && n_digits <= 2 ? sign_at(x, i, "月") : 0;
    size_t day = month ? day_at(x, i + month, &d) : 0;
    if (day)
        return add_date(x, 0, v, d, at, i + month + day);
    static const char *const thirds[] = { "上旬", "中旬", "下旬" };
    size_t third = month && x->all ? sm_scan_any(x, i + month, thirds, SM_LEN(thirds)) : 0;
    if (third)
        sm_scan_add(x, SM_FACT_DATE, v,
                    sm_strf(x->a, "date:%02d-%.*s", v, (int)third, x->s.p + i + month), at,
                    i + month + third);
    return third ? i + month + third - at : 0;
}

/* ------------------------------------------------------------ times of day */

static const struct day_part {
    const char *text;
    bool later; /* 3点 is 15:00 */
} day_parts[] = {
    { "上午", false }, { "下午", true },  { "中午", false }, { "凌晨", false },
    { "早上", false }, { "早晨", false }, { "晚上", true },  { "傍晚", true },
};

static const struct day_part *day_part_at(const sm_scan *x, size_t at)
{
    for (size_t i = 0; i < SM_LEN(day_parts); i++)
        if (sm_scan_word(x, at, day_parts[i].text))
            return &day_parts[i];
    return NULL;
}

/* The time that 至 joins to this place, or NULL. */
static const sm_fact *joined_to(const sm_scan *x, size_t at)
{
    if (x->n == 0 || x->fact[x->n - 1].kind != SM_FACT_TIME || x->last >= at)
        return NULL;
    size_t sign = sm_scan_range_sign(x, x->last);
    return sign && x->last + sign == at ? &x->fact[x->n - 1] : NULL;
}

/* :30 or ：30, with seconds passed over: bytes read. */
static size_t colon_minutes(const sm_scan *x, size_t at, int *m)
{
    static const char *const signs[] = { ":", "：", "∶" };
    int64_t v;
    size_t n_digits, sign = sm_scan_any(x, at, signs, SM_LEN(signs));
    size_t n = sign ? sm_digits_at(x->s, at + sign, &v, &n_digits) : 0;
    if (n == 0 || n_digits != 2 || v > 59)
        return 0;
    *m = (int)v;
    size_t end = at + sign + n, again = sm_scan_any(x, end, signs, SM_LEN(signs));
    n = again ? sm_digits_at(x->s, end + again, &v, &n_digits) : 0;
    return (n && n_digits == 2 && v <= 59 ? end + again + n : end) - at;
}

/* 30分 or 半 after 时 or 点: bytes read. */
static size_t said_minutes(const sm_scan *x, size_t at, int *m)
{
    size_t n_digits, n;
    int v;
    *m = 0;
    if (sm_scan_word(x, at, "半") && !sm_scan_word(x, at, "半年") && !sm_scan_word(x, at, "半天")) {
        *m = 30;
        return 3;
    }
    n = small(x, at, &v, &n_digits);
    if (n && v >= 0 && v <= 59 && sm_scan_word(x, at + n, "分") &&
        !sm_scan_word(x, at + n, "分钟")) {
        *m = v;
        return n + 3;
    }
    return 0;
}

/* 点 also counts the points of a list: it is a time when something says so. */
static bool says_clock(const sm_scan *x, size_t at)
{
    static const char *const after[] = { "前",   "后", "以前", "以后", "之前", "之后", "起",
                                         "开始", "至", "到",   "—",    "-",    "~",    "～" };
    return sm_scan_any(x, at, after, SM_LEN(after)) > 0;
}

static bool other_word_of_hour(const sm_scan *x, size_t at)
{
    static const char *const words[] = { "时间", "时候", "时期", "时代", "时效" };
    return sm_scan_any(x, at, words, SM_LEN(words)) > 0;
}

/* The rest of a time after its hour: bytes read, 0 when it is none. */
static size_t after_hour(const sm_scan *x, size_t i, bool sure, bool one_sign, int *m)
{
    size_t n = colon_minutes(x, i, m);
    if (n)
        return n;
    bool dot = sm_scan_word(x, i, "点");
    if (!dot && (!sm_scan_word(x, i, "时") || other_word_of_hour(x, i)))
        return 0;
    n = said_minutes(x, i + 3, m);
    bool clock = dot && (sm_scan_word(x, i, "点钟") || sm_scan_word(x, i, "点整"));
    if (n == 0 && clock)
        return 6;
    if (n == 0 && !sure && (one_sign || (dot && !says_clock(x, i + 3))))
        return 0;
    return 3 + n;
}

size_t sm_read_time(sm_scan *x, size_t at)
{
    const struct day_part *part = day_part_at(x, at);
    const sm_fact *before = part ? NULL : joined_to(x, at);
    size_t i = at + (part ? strlen(part->text) : 0), n_digits = 0;
    int h = -1, m = 0;
    size_t n = small(x, i, &h, &n_digits);
    if (n == 0 || n_digits > 2 || h < 0 || h > 24)
        return 0;
    i += n;
    bool one_sign =
        n_digits == 1 && !sm_digit_at(x->s, i - 1, NULL) && !sm_digit_at(x->s, i - 3, NULL);
    size_t k = after_hour(x, i, part || before, one_sign, &m);
    if (k == 0 || (h == 24 && m > 0))
        return 0;
    bool later = part ? part->later
                      : before && before->value >= 720 && day_part_at(x, x->last - before->text.n);
    if ((later && h < 12) || (part && strcmp(part->text, "中午") == 0 && h < 3))
        h += 12;
    sm_scan_add(x, SM_FACT_TIME, h * 60 + m, sm_strf(x->a, "time:%02d:%02d", h, m), at, i + k);
    return i + k - at;
}
