#include "text/numeral.h"

#include "text/text.h"

#include <math.h>
#include <string.h>

enum { MAX_SIGNS = 24, WAN = 10000, YI = 100000000 };

size_t sm_digit_at(sm_str s, size_t at, int *d)
{
    int v = -1;
    size_t n = 0;
    if (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') {
        v = s.p[at] - '0';
        n = 1;
    } else if (at < s.n && s.n - at >= 3 && (uint8_t)s.p[at] == 0xef &&
               (uint8_t)s.p[at + 1] == 0xbc && (uint8_t)s.p[at + 2] >= 0x90 &&
               (uint8_t)s.p[at + 2] <= 0x99) {
        v = (uint8_t)s.p[at + 2] - 0x90;
        n = 3;
    }
    if (d && n)
        *d = v;
    return n;
}

size_t sm_digits_at(sm_str s, size_t at, int64_t *v, size_t *n_digits)
{
    const int64_t most = 900000000000000;
    int64_t all = 0;
    size_t i = at, n = 0;
    int d = 0;
    for (size_t k; (k = sm_digit_at(s, i, &d)) > 0; i += k, n++)
        all = all < most ? all * 10 + d : all;
    *v = all;
    *n_digits = n;
    return i - at;
}

/* A comma between digits that groups three. */
static bool groups_three(sm_str s, size_t at)
{
    size_t i = at, k;
    for (int n = 0; n < 3; n++, i += k)
        if ((k = sm_digit_at(s, i, NULL)) == 0)
            return false;
    return sm_digit_at(s, i, NULL) == 0;
}

/* A comma, full-width only after a full-width digit: bytes read. */
static size_t grouping_comma(sm_str s, size_t at)
{
    bool wide = at + 3 < s.n && (uint8_t)s.p[at - 1] >= 0x80 && memcmp(s.p + at, "，", 3) == 0 &&
                (uint8_t)s.p[at + 3] == 0xef;
    return s.p[at] == ',' ? 1 : wide ? 3 : 0;
}

size_t sm_arabic_at(sm_str s, size_t at, double *v)
{
    double all = 0, scale = 1;
    bool point = false;
    size_t i = at;
    while (i < s.n) {
        int d = 0;
        size_t k = sm_digit_at(s, i, &d);
        if (k && point) {
            scale /= 10;
            all += d * scale;
        } else if (k) {
            all = all < 1e200 ? all * 10 + d : all; /* finite, whatever the unit */
        } else if (!point && i > at && s.p[i] == '.' && sm_digit_at(s, i + 1, NULL)) {
            point = true;
            k = 1;
        } else if (!point && i > at && (k = grouping_comma(s, i)) > 0 && groups_three(s, i + k)) {
            ;
        } else {
            break;
        }
        i += k;
    }
    *v = all;
    return i - at;
}

/* ------------------------------------------------------------ numerals */

struct sign {
    int8_t digit; /* -1 for a multiplier */
    int by;       /* 10, 100, 1000, WAN, YI; 1 for 廿 and 卅 */
};

static bool sign_of(uint32_t c, struct sign *out)
{
    static const struct {
        uint16_t c;
        struct sign sign;
    } table[] = {
        /* ascending */
        { 0x25cb, { 0, 0 } },    { 0x3007, { 0, 0 } },    { 0x4e00, { 1, 0 } },
        { 0x4e03, { 7, 0 } },    { 0x4e07, { -1, WAN } }, { 0x4e09, { 3, 0 } },
        { 0x4e24, { 2, 0 } },    { 0x4e5d, { 9, 0 } },    { 0x4e8c, { 2, 0 } },
        { 0x4e94, { 5, 0 } },    { 0x4ebf, { -1, YI } },  { 0x4edf, { -1, 1000 } },
        { 0x4f0d, { 5, 0 } },    { 0x4f70, { -1, 100 } }, { 0x516b, { 8, 0 } },
        { 0x516d, { 6, 0 } },    { 0x5341, { -1, 10 } },  { 0x5343, { -1, 1000 } },
        { 0x5345, { 30, 1 } },   { 0x53c1, { 3, 0 } },    { 0x56db, { 4, 0 } },
        { 0x58f9, { 1, 0 } },    { 0x5eff, { 20, 1 } },   { 0x62fe, { -1, 10 } },
        { 0x634c, { 8, 0 } },    { 0x67d2, { 7, 0 } },    { 0x7396, { 9, 0 } },
        { 0x767e, { -1, 100 } }, { 0x8086, { 4, 0 } },    { 0x8d30, { 2, 0 } },
        { 0x9646, { 6, 0 } },    { 0x96f6, { 0, 0 } },
    };
    size_t from = 0, to = SM_LEN(table);
    while (to - from > 1) {
        size_t middle = (from + to) / 2;
        *(table[middle].c <= c ? &from : &to) = middle;
    }
    if (table[from].c == c)
        *out = table[from].sign;
    return table[from].c == c;
}

bool sm_is_han_numeral(uint32_t c)
{
    struct sign sign;
    return sign_of(c, &sign) && sign.by < WAN;
}

/* A Chinese number half read. */
struct reading {
    double above, wan, part; /* 亿 and over; 万; under 万 */
    int pending;             /* a digit without its multiplier, -1 for none */
    int last_by;             /* the multiplier before it, 0 after 零 */
    int least_by;            /* within the part multipliers must fall */
    double row;              /* all signs read as a row of digits */
    size_t n_row;
    bool zero, structured, odd;
};

static void take_digit(struct reading *r, int digit)
{
    r->zero |= digit == 0;
    r->row = r->row * 10 + digit;
    r->n_row++;
    if (r->structured && r->pending > 0)
        r->odd = true;
    r->pending = digit;
    if (digit == 0)
        r->last_by = 0;
}

/* False where 万 or 亿 begins a word and not a number. */
static bool take_multiplier(struct reading *r, int by)
{
    int digit = r->pending;
    if (by >= WAN && digit < 0 && r->part == 0 && r->wan == 0)
        return false;
    r->odd |= r->n_row > 1 && !r->structured && !r->zero;
    r->structured = true;
    r->n_row = 0;
    r->pending = -1;
    r->last_by = by;
    if (by < WAN) {
        r->odd |= by >= r->least_by;
        r->part += (digit > 0 ? digit : 1) * (double)by;
        r->least_by = by;
        return true;
    }
    double below = r->part + (digit > 0 ? digit : 0);
    r->part = 0;
    r->least_by = WAN;
    if (by == WAN) {
        r->odd |= r->wan > 0;
        r->wan = below * WAN;
    } else {
        r->above = (r->above + r->wan + below) * YI;
        r->wan = 0;
    }
    return true;
}

static double total(const struct reading *r)
{
    if (!r->structured) /* 二〇二四; but 三五 is no number */
        return r->n_row == 1 || r->n_row >= 4 || r->zero ? r->row : -1;
    if (r->odd)
        return -1;
    double tail = r->pending > 0 ? r->pending : 0;
    if (tail > 0 && r->last_by >= 100) /* 一万二 is 12000 */
        tail *= r->last_by / 10;
    return r->above + r->wan + r->part + tail;
}

/* 点五 after a numeral; 九点五十分 is a time. */
static size_t decimals(sm_str s, size_t at, double *v)
{
    struct sign sign;
    double scale = 1, more = 0;
    sm_str rest = sm_str_sub(s, at, s.n);
    if (!sm_str_starts(rest, SM_STR("点")))
        return 0;
    rest = sm_str_sub(rest, 3, rest.n);
    size_t n = 0;
    while (rest.n) {
        sm_str ahead = rest;
        if (!sign_of(sm_utf8_next(&ahead), &sign) || sign.by != 0)
            break;
        scale /= 10;
        more += sign.digit * scale;
        rest = ahead;
        n += 3;
    }
    if (n == 0 || sm_str_starts(rest, SM_STR("十")) || sm_str_starts(rest, SM_STR("分")) ||
        sm_str_starts(rest, SM_STR("刻")))
        return 0;
    *v += more;
    return 3 + n;
}

size_t sm_han_at(sm_str s, size_t at, double *v)
{
    struct reading r = { .pending = -1, .least_by = WAN };
    sm_str rest = sm_str_sub(s, at, s.n);
    size_t n = 0;
    for (int signs = 0; rest.n && signs < MAX_SIGNS; signs++) {
        struct sign sign;
        sm_str ahead = rest;
        if ((uint8_t)rest.p[0] < 0xe2 || !sign_of(sm_utf8_next(&ahead), &sign))
            break;
        if (sign.digit < 0 && !take_multiplier(&r, sign.by))
            break;
        if (sign.by == 1) { /* 廿三 */
            r.structured = true;
            r.part += sign.digit;
            r.least_by = 10;
        } else if (sign.digit >= 0) {
            take_digit(&r, sign.digit);
        }
        n += 3;
        rest = ahead;
    }
    if (n == 0)
        return 0;
    double all = total(&r);
    if (all >= 0)
        n += decimals(s, at + n, &all);
    *v = all;
    return n;
}

int64_t sm_text_integer(sm_str s)
{
    double v = -1;
    s = sm_str_trim(s);
    if (s.n == 0 || s.n > 72)
        return -1;
    size_t n = sm_arabic_at(s, 0, &v);
    if (n == 0)
        n = sm_han_at(s, 0, &v);
    return n == s.n && v >= 0 && v < 9e15 && v - floor(v) < 1e-9 ? (int64_t)v : -1;
}

sm_str sm_number_text(sm_arena *a, double v)
{
    if (v >= 1e12 || v <= -1e12)
        return sm_strf(a, "%.0f", v);
    sm_str s = sm_strf(a, "%.6f", v);
    while (s.n && s.p[s.n - 1] == '0')
        s.n--;
    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    return s;
}

static void put_han(sm_buf *b, int64_t v, bool capital, bool front)
{
    static const char *const digits[][10] = {
        { "零", "一", "二", "三", "四", "五", "六", "七", "八", "九" },
        { "零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖" }
    };
    static const struct {
        int64_t of;
        const char *name[2];
    } powers[] = { { 100000000, { "亿", "亿" } },
                   { 10000, { "万", "万" } },
                   { 1000, { "千", "仟" } },
                   { 100, { "百", "佰" } },
                   { 10, { "十", "拾" } } };
    enum { WITH_MANY = 2, TEN = 4 }; /* before 亿 and 万 stands any number; 十 alone needs no 一 */
    bool gap = false;
    for (size_t i = 0; i < SM_LEN(powers); i++) {
        int64_t n = v / powers[i].of;
        gap |= !front && !n;
        if (!n)
            continue;
        if (gap)
            sm_buf_add(b, sm_str_of(digits[capital][0]));
        if (i < WITH_MANY)
            put_han(b, n, capital, front);
        else if (n > 1 || i < TEN || !front || capital)
            sm_buf_add(b, sm_str_of(digits[capital][n]));
        sm_buf_add(b, sm_str_of(powers[i].name[capital]));
        v -= n * powers[i].of;
        front = gap = false;
    }
    if (gap && v)
        sm_buf_add(b, sm_str_of(digits[capital][0]));
    if (v || front)
        sm_buf_add(b, sm_str_of(digits[capital][v]));
}

void sm_text_han(sm_buf *b, int64_t v, bool capital)
{
    put_han(b, v, capital, true);
}
