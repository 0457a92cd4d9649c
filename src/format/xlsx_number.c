#include "format/reader.h"
#include "format/xlsx.h"

#include <math.h>
#include <string.h>

enum { MAX_CODE_BYTES = 256, MAX_SHOWN_BYTES = 1024, MAX_DECIMALS = 30 };

#define LAST_DAY 2958465.0 /* 9999-12-31 */

sm_str sm_xlsx_builtin(int id)
{
    static const struct {
        int id;
        const char *code;
    } codes[] = {
        { 1, "0" },
        { 2, "0.00" },
        { 3, "#,##0" },
        { 4, "#,##0.00" },
        { 9, "0%" },
        { 10, "0.00%" },
        { 11, "0.00E+00" },
        { 14, "yyyy/m/d" },
        { 15, "d-m-yy" },
        { 16, "d-m" },
        { 17, "m-yy" },
        { 18, "h:mm AM/PM" },
        { 19, "h:mm:ss AM/PM" },
        { 20, "h:mm" },
        { 21, "h:mm:ss" },
        { 22, "yyyy/m/d h:mm" },
        { 27, "yyyy\"年\"m\"月\"" }, /* 27 to 58: Chinese (18.8.30, zh-cn) */
        { 28, "m\"月\"d\"日\"" },
        { 29, "m\"月\"d\"日\"" },
        { 30, "m-d-yy" },
        { 31, "yyyy\"年\"m\"月\"d\"日\"" },
        { 32, "h\"时\"mm\"分\"" },
        { 33, "h\"时\"mm\"分\"ss\"秒\"" },
        { 36, "yyyy\"年\"m\"月\"" },
        { 37, "#,##0;-#,##0" },
        { 38, "#,##0;-#,##0" },
        { 39, "#,##0.00;-#,##0.00" },
        { 40, "#,##0.00;-#,##0.00" },
        { 45, "mm:ss" },
        { 46, "[h]:mm:ss" },
        { 49, "@" },
        { 50, "yyyy\"年\"m\"月\"" },
        { 51, "m\"月\"d\"日\"" },
        { 57, "yyyy\"年\"m\"月\"" },
        { 58, "m\"月\"d\"日\"" },
    };
    for (size_t i = 0; i < SM_LEN(codes); i++)
        if (codes[i].id == id)
            return sm_str_of(codes[i].code);
    return SM_STR("General");
}

/* A number that nobody formatted: all its digits, as far as they mean something. */
static sm_str plain(sm_arena *a, double v)
{
    if (fabs(v) < 1e15 && v == floor(v))
        return sm_strf(a, "%.0f", v);
    if (fabs(v) < 1e15 && fabs(v) >= 1e-9) {
        int decimals = 10;
        while (decimals > 0 && fabs(v) >= sm_ten_to(11 - decimals))
            decimals--;
        sm_str s = sm_strf(a, "%.*f", decimals, v);
        while (s.n && s.p[s.n - 1] == '0')
            s.n--;
        return s.n && s.p[s.n - 1] == '.' ? sm_str_sub(s, 0, s.n - 1) : s;
    }
    return sm_strf(a, "%.6G", v);
}

/* The next piece of a format: a character, or what quotes, brackets and backslashes hold. */
struct piece {
    enum { SIGN, LITERAL, BRACKET, SPACING } kind;
    sm_str text;
};

static bool next_piece(sm_str *code, struct piece *p)
{
    if (code->n == 0)
        return false;
    char c = code->p[0];
    size_t end, n = 1;
    *p = (struct piece){ SIGN, sm_str_sub(*code, 0, 1) };
    if (c == '"' || c == '[') {
        end = sm_str_find(*code, c == '"' ? SM_STR("\"") : SM_STR("]"), 1);
        end = SM_MIN(end, code->n);
        *p = (struct piece){ c == '"' ? LITERAL : BRACKET, sm_str_sub(*code, 1, end) };
        n = SM_MIN(end + 1, code->n);
    } else if (c == '\\' || c == '_' || c == '*') {
        sm_str rest = sm_str_after(*code, 1);
        size_t k = 1;
        while (k < rest.n && ((unsigned char)rest.p[k] & 0xc0) == 0x80)
            k++;
        *p = (struct piece){ c == '\\' ? LITERAL : SPACING, sm_str_sub(rest, 0, k) };
        n = SM_MIN(1 + k, code->n);
    }
    *code = sm_str_after(*code, n);
    return true;
}

static bool is_date_sign(char c)
{
    return c && strchr("ymdhsYMDHS", c) != NULL;
}

static bool is_elapsed(sm_str bracket)
{
    return sm_str_is(bracket, "h") || sm_str_is(bracket, "hh") || sm_str_is(bracket, "m") ||
           sm_str_is(bracket, "mm") || sm_str_is(bracket, "s") || sm_str_is(bracket, "ss");
}

static bool is_date(sm_str code)
{
    for (struct piece p; next_piece(&code, &p);)
        if ((p.kind == SIGN && is_date_sign(p.text.p[0])) ||
            (p.kind == BRACKET && is_elapsed(p.text)))
            return true;
    return false;
}

/* The part of the format for this number: positive; negative; zero. */
static sm_str section_of(sm_str code, double v, bool *own_sign)
{
    sm_str section[4] = { { 0 } }, rest = code;
    size_t n = 0, from = 0;
    for (struct piece p; n < 3 && next_piece(&rest, &p);)
        if (p.kind == SIGN && p.text.p[0] == ';') {
            size_t at = (size_t)(p.text.p - code.p);
            section[n++] = sm_str_sub(code, from, at);
            from = at + 1;
        }
    section[n++] = sm_str_sub(code, from, code.n);
    *own_sign = v < 0 && n > 1;
    return v < 0 && n > 1 ? section[1] : v == 0 && n > 2 ? section[2] : section[0];
}

/* --------------------------------------------------------------- dates */

struct moment {
    int year, month, day, hour, minute, second;
    double days; /* since the beginning */
    bool half;   /* hours by AM and PM */
};

static struct moment moment_of(double v, bool from_1904)
{
    struct moment m = { .days = v };
    int64_t seconds = (int64_t)llround(v * 86400), days = seconds / 86400, of_day = seconds % 86400;
    m.hour = (int)(of_day / 3600), m.minute = (int)(of_day / 60 % 60),
    m.second = (int)(of_day % 60);
    /* 1900 was no leap year, but spreadsheets have always had its 29 February as day 60. */
    sm_date base = from_1904   ? sm_date_of(1904, 1, 1)
                   : days < 60 ? sm_date_of(1899, 12, 31)
                               : sm_date_of(1899, 12, 30);
    sm_arena *a = sm_arena_open();
    sm_str iso = sm_date_iso(a, base + (sm_date)days);
    int64_t part[3] = { 0 };
    for (size_t i = 0; i < 3 && iso.n == 10; i++)
        sm_str_to_int(i == 0 ? sm_str_sub(iso, 0, 4) : sm_str_sub(iso, 2 + i * 3, 4 + i * 3),
                      &part[i]);
    m.year = (int)part[0], m.month = (int)part[1], m.day = (int)part[2];
    sm_arena_close(a);
    return m;
}

static void add_date_part(sm_buf *b, const struct moment *m, char c, size_t n, bool minutes)
{
    int width = n >= 2 ? 2 : 1;
    switch (c) {
    case 'y':
        sm_buf_addf(b, n <= 2 ? "%02d" : "%04d", n <= 2 ? m->year % 100 : m->year);
        break;
    case 'm':
        sm_buf_addf(b, "%0*d", width, minutes ? m->minute : m->month);
        break;
    case 'd':
        sm_buf_addf(b, "%0*d", width, m->day);
        break;
    case 'h':
        sm_buf_addf(b, "%0*d", width, m->half ? (m->hour + 11) % 12 + 1 : m->hour);
        break;
    default:
        sm_buf_addf(b, "%0*d", width, m->second);
        break;
    }
}

static void add_elapsed(sm_buf *b, const struct moment *m, sm_str unit)
{
    char c = (char)(unit.p[0] | 32);
    double times = c == 'h' ? 24 : c == 'm' ? 1440 : 86400;
    sm_buf_addf(b, "%.0f", floor(m->days * times + 1e-6));
}

static char peek_date_sign(sm_str code)
{
    for (struct piece p; next_piece(&code, &p);)
        if (p.kind == SIGN && is_date_sign(p.text.p[0]))
            return (char)(p.text.p[0] | 32);
    return 0;
}

/* Takes "AM/PM" or "上午/下午" off the code. */
static bool take_half(sm_buf *b, sm_str *code, const struct moment *m)
{
    if (code->n >= 5 && sm_str_is(sm_str_sub(*code, 0, 5), "AM/PM")) {
        sm_buf_add(b, m->hour < 12 ? SM_STR("AM") : SM_STR("PM"));
        *code = sm_str_after(*code, 5);
        return true;
    }
    if (sm_str_starts(*code, SM_STR("上午/下午"))) {
        sm_buf_add(b, m->hour < 12 ? SM_STR("上午") : SM_STR("下午"));
        *code = sm_str_after(*code, SM_STR("上午/下午").n);
        return true;
    }
    return false;
}

static void show_date(sm_buf *b, double v, sm_str code, bool from_1904)
{
    struct moment m = moment_of(v, from_1904);
    m.half = sm_str_has(code, SM_STR("AM/PM")) || sm_str_has(code, SM_STR("上午/下午"));
    char last = 0;
    while (code.n) {
        struct piece p;
        if (take_half(b, &code, &m) || !next_piece(&code, &p))
            continue;
        if (p.kind == BRACKET && is_elapsed(p.text)) {
            add_elapsed(b, &m, p.text);
            last = (char)(p.text.p[0] | 32);
        } else if (p.kind == SIGN && is_date_sign(p.text.p[0])) {
            char c = (char)(p.text.p[0] | 32);
            size_t n = 1;
            while (code.n && (code.p[0] | 32) == c)
                code = sm_str_after(code, 1), n++;
            /* m is minutes behind hours and before seconds */
            add_date_part(b, &m, c, n, last == 'h' || peek_date_sign(code) == 's');
            last = c;
        } else if (p.kind == LITERAL || p.kind == SIGN) {
            sm_buf_add(b, p.text);
        }
    }
}

/* ------------------------------------------------------------- numbers */

struct shape {
    int zeros, decimals, least_decimals, percents;
    bool grouped, scientific, digits, point;
    int thousands; /* commas behind the digits */
};

static struct shape shape_of(sm_str code)
{
    struct shape s = { 0 };
    for (struct piece p; next_piece(&code, &p);) {
        char c = p.kind == SIGN ? p.text.p[0] : 0;
        if (c == '0' || c == '#' || c == '?') {
            s.digits = true;
            s.grouped = s.grouped || s.thousands > 0;
            s.thousands = 0;
            if (s.scientific)
                continue;
            if (s.point)
                s.decimals++, s.least_decimals = c == '#' ? s.least_decimals : s.decimals;
            else
                s.zeros += c == '0' || s.zeros > 0;
        } else if (c == '.') {
            s.point = true;
        } else if (c == ',') {
            s.thousands += s.digits;
        } else if (c == '%') {
            s.percents++;
        } else if (c == 'E' || c == 'e') {
            s.scientific = s.digits;
        }
    }
    s.decimals = SM_MIN(s.decimals, MAX_DECIMALS);
    s.zeros = SM_MIN(s.zeros, MAX_DECIMALS);
    return s;
}

/* The digits alone: rounded half up on what 15 digits tell, as sheets do. */
static sm_str digits_of(sm_arena *a, double v, const struct shape *s)
{
    for (int i = 0; i < SM_MIN(s->percents, 4); i++)
        v *= 100;
    for (int i = 0; i < SM_MIN(s->thousands, 4); i++)
        v /= 1000;
    if (s->scientific)
        return sm_strf(a, "%.*E", s->decimals, v);
    double scale = sm_ten_to(SM_MIN(s->decimals, 15)),
           rounded = floor(v * scale * (1 + 1e-15) + .5);
    sm_str text = sm_strf(a, "%.*f", s->decimals, rounded < 9e15 ? rounded / scale : v);
    int least = s->least_decimals, have = s->decimals;
    while (have > least && text.n && text.p[text.n - 1] == '0')
        text.n--, have--;
    if (text.n && text.p[text.n - 1] == '.')
        text.n--;
    size_t point = sm_str_find(text, SM_STR("."), 0), whole = SM_MIN(point, text.n);
    sm_buf b;
    sm_buf_init(&b, MAX_SHOWN_BYTES);
    size_t width = SM_MAX(whole, (size_t)s->zeros);
    if (whole == 1 && text.p[0] == '0' && s->zeros == 0)
        whole = width = 0, text = sm_str_after(text, 1);
    for (size_t i = 0; i < width; i++) {
        if (s->grouped && i && (width - i) % 3 == 0)
            sm_buf_addc(&b, ',');
        sm_buf_addc(&b, i + whole < width ? '0' : text.p[i + whole - width]);
    }
    sm_buf_add(&b, sm_str_after(text, whole));
    sm_str out = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

/* "[$¥-804]" writes ¥; colours and conditions write nothing. */
static sm_str currency_of(sm_str bracket)
{
    if (!sm_str_starts(bracket, SM_STR("$")))
        return (sm_str){ 0 };
    sm_str rest = sm_str_after(bracket, 1), sign = { 0 };
    sm_str_cut(&rest, '-', &sign);
    return sign;
}

static void show_number(sm_arena *a, sm_buf *b, double v, sm_str code)
{
    struct shape s = shape_of(code);
    bool shown = false;
    for (struct piece p; next_piece(&code, &p);) {
        char c = p.kind == SIGN ? p.text.p[0] : 0;
        if (c && strchr("0#?.,Ee", c)) {
            if (!shown && s.digits)
                sm_buf_add(b, digits_of(a, v, &s));
            shown = true;
            if (s.scientific && (c == 'E' || c == 'e') && code.n)
                code = sm_str_after(code, 1); /* its sign */
        } else if (p.kind == BRACKET) {
            sm_buf_add(b, currency_of(p.text));
        } else if (p.kind == LITERAL || c) {
            sm_buf_add(b, p.text);
        }
    }
}

sm_str sm_xlsx_number(sm_arena *a, double v, sm_str code, bool from_1904)
{
    bool own_sign = false;
    sm_str section = section_of(sm_str_sub(code, 0, MAX_CODE_BYTES), v, &own_sign);
    if (section.n == 0 || sm_str_is(section, "General") || sm_str_eq(section, SM_STR("@")))
        return plain(a, v);
    bool date = is_date(section);
    if (!isfinite(v) || (date && (v < 0 || v > LAST_DAY)) || fabs(v) > 1e18)
        return plain(a, v);
    sm_buf b;
    sm_buf_init(&b, MAX_SHOWN_BYTES);
    if (v < 0 && !own_sign)
        sm_buf_addc(&b, '-');
    if (date)
        show_date(&b, v, section, from_1904);
    else
        show_number(a, &b, fabs(v), section);
    sm_str shown = b.failed ? (sm_str){ 0 } : sm_str_trim(sm_str_dup(a, sm_buf_str(&b)));
    sm_buf_done(&b);
    return shown.n ? shown : plain(a, v); /* a format that hides is not followed */
}
