/*
 * Protected facts: one scanner, left to right.  The character at each place
 * chooses the readers that are asked, the most special first; a reader takes a
 * whole numeral or none of it, so that no fact begins inside a longer number.
 */
#include "text/fact.h"
#include "text/organ.h"

#include <string.h>

bool sm_scan_word(const sm_scan *x, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at <= x->s.n && x->s.n - at >= n && memcmp(x->s.p + at, word, n) == 0;
}

size_t sm_scan_any(const sm_scan *x, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_scan_word(x, at, words[i]))
            return strlen(words[i]);
    return 0;
}

bool sm_scan_one_of(const sm_scan *x, size_t at, const char *set)
{
    const char *p = x->s.p + at;
    for (size_t i = 0; at + 3 <= x->s.n && set[i]; i += 3)
        if (p[0] == set[i] && p[1] == set[i + 1] && p[2] == set[i + 2])
            return true;
    return false;
}

size_t sm_scan_gap(const sm_scan *x, size_t at)
{
    return at < x->s.n && x->s.p[at] == ' ' ? 1 : 0;
}

size_t sm_scan_range_sign(const sm_scan *x, size_t at)
{
    static const char *const signs[] = {
        "至", "到", "——", "—", "–", "―", "～", "〜", "~", "－", "-"
    };
    return sm_scan_any(x, at, signs, SM_LEN(signs));
}

size_t sm_scan_quantity(const sm_scan *x, size_t at, sm_quantity *q)
{
    *q = (sm_quantity){ 0 };
    size_t n = sm_arabic_at(x->s, at, &q->v);
    q->raw = q->v;
    if (n == 0) {
        n = sm_han_at(x->s, at, &q->v);
        q->han = true;
        q->raw = q->v;
        return n;
    }
    if (sm_scan_word(x, at + n, "万亿"))
        q->big = 1e12;
    else if (sm_scan_word(x, at + n, "亿"))
        q->big = 1e8;
    else if (sm_scan_word(x, at + n, "万"))
        q->big = 1e4;
    if (q->big > 0) {
        q->v *= q->big;
        n += q->big > 1e8 ? 6 : 3;
    }
    return n;
}

void sm_scan_add(sm_scan *x, sm_fact_kind kind, double value, sm_str key, size_t at, size_t end)
{
    SM_GROW(x->a, x->fact, x->n, x->cap);
    x->fact[x->n++] = (sm_fact){ kind, value, key, sm_str_sub(x->s, at, end), SM_BOUND_NONE };
    x->last = end;
}

typedef size_t reader(sm_scan *x, size_t at);

static reader *const of_digits[] = { sm_read_phone, sm_read_date, sm_read_time, sm_read_number,
                                     NULL };
static reader *const of_numerals[] = { sm_read_date, sm_read_time, sm_read_number, NULL };
static reader *const of_day_parts[] = { sm_read_time, NULL };
static reader *const of_ordinals[] = { sm_read_ordinal, NULL };
static reader *const of_titles[] = { sm_read_title, NULL };
static reader *const of_brackets[] = { sm_read_doc_no, sm_read_phone, NULL };
static reader *const of_signs[] = { sm_read_number, NULL };

static reader *const *readers_of(uint32_t c)
{
    if ((c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19))
        return of_digits;
    switch (c) {
    case '(':
    case '[':
    case 0xff08:
    case 0xff3b:
    case 0x3014:
    case 0x3010:
        return of_brackets;
    case 0x300a:
        return of_titles;
    case 0x7b2c: /* 第 */
        return of_ordinals;
    case 0x4e0a:
    case 0x4e0b:
    case 0x4e2d:
    case 0x51cc:
    case 0x65e9:
    case 0x665a:
    case 0x508d:
        return of_day_parts; /* 上 下 中 凌 早 晚 傍 */
    case 0xa5:
    case 0xffe5:
    case 0x4e07:
    case 0x534a: /* ¥ ￥, 万 of 万分之, 半 */
        return of_signs;
    default:
        return c >= 0x3007 && sm_is_han_numeral(c) ? of_numerals : NULL;
    }
}

/* Readers asked before those, when everything is looked for. */
static reader *more_reader_of(const sm_scan *x, uint32_t c)
{
    static const uint32_t organ_ends[] = { 0x5c40, 0x59d4, 0x5385, 0x529e, 0x9662, 0x6240,
                                           0x5904, 0x884c, 0x4f1a, 0x5fc3, 0x5e9c, 0x8054,
                                           0x961f, 0x7ad9, 0x5ba4, 0x90e8, 0x9986, 0x53f8 };
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return sm_read_web;
    for (size_t i = 0; i < SM_LEN(organ_ends); i++)
        if (c == organ_ends[i]) /* 局 委 厅 办 院 所 处 行 会 心 府 联 队 站 室 部 馆 司 */
            return sm_read_organ;
    return sm_organs_end(x->organs, c) ? sm_read_organ : NULL;
}

bool sm_fact_sign(uint32_t c)
{
    static const sm_scan plain = { 0 };
    return readers_of(c) || more_reader_of(&plain, c);
}

/* What is less exact begins what is more exact, up to one of `ends`. */
static bool begins(sm_str key, sm_str held, const char *ends)
{
    return sm_str_starts(held, key) && held.n > key.n && strchr(ends, held.p[key.n]);
}

bool sm_fact_within(sm_str key, sm_str held)
{
    static const struct {
        const char *kind, *ends;
    } narrowing[] = { { "article:", "." }, { "date:", "-" },  { "address:", "/" },
                      { "phone:", "-" },   { "money:", "/" }, { "web:", "/" } };
    if (sm_str_eq(key, held))
        return true;
    for (size_t i = 0; i < SM_LEN(narrowing); i++)
        if (sm_str_starts(key, sm_str_of(narrowing[i].kind)))
            return begins(key, held, narrowing[i].ends);
    return sm_organ_within(key, held);
}

static size_t scan(sm_scan *x, sm_fact **out)
{
    for (size_t at = 0; at < x->s.n;) {
        sm_str rest = sm_str_sub(x->s, at, x->s.n);
        uint32_t c = sm_utf8_next(&rest);
        reader *more = x->all ? more_reader_of(x, c) : NULL;
        size_t n = more ? more(x, at) : 0;
        for (reader *const *reads = readers_of(c); reads && *reads && n == 0; reads++)
            n = (*reads)(x, at);
        at += n ? n : (size_t)(rest.p - (x->s.p + at));
    }
    sm_scan_bounds(x);
    *out = x->fact;
    return x->n;
}

size_t sm_text_facts(sm_arena *a, sm_str s, sm_fact **out)
{
    sm_scan x = { .a = a, .s = s };
    return scan(&x, out);
}

size_t sm_text_facts_all(sm_arena *a, sm_str s, const sm_organs *organs, sm_fact **out)
{
    sm_scan x = { .a = a, .s = s, .all = true, .organs = organs };
    return scan(&x, out);
}

const char *sm_fact_kind_name(sm_fact_kind kind)
{
    static const char *const names[SM_N_FACT_KINDS] = {
        [SM_FACT_NUMBER] = "number",   [SM_FACT_MONEY] = "money",
        [SM_FACT_PERCENT] = "percent", [SM_FACT_WORKDAYS] = "workdays",
        [SM_FACT_DAYS] = "days",       [SM_FACT_MONTHS] = "months",
        [SM_FACT_YEARS] = "years",     [SM_FACT_AGE] = "age",
        [SM_FACT_DATE] = "date",       [SM_FACT_TIME] = "time",
        [SM_FACT_ARTICLE] = "article", [SM_FACT_DOC_NO] = "doc_no",
        [SM_FACT_PHONE] = "phone",     [SM_FACT_TITLE] = "title",
        [SM_FACT_ORGAN] = "organ",     [SM_FACT_ADDRESS] = "address",
        [SM_FACT_WEB] = "web",
    };
    return (unsigned)kind < SM_N_FACT_KINDS ? names[kind] : "";
}
