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
    const char *p = x->s.p + at;
    sm_scan_spend(x, 1);
    if (at >= x->s.n || p[0] != word[0]) /* spares most calls the rest */
        return false;
    size_t n = strlen(word);
    return x->s.n - at >= n && memcmp(p, word, n) == 0;
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
    sm_scan_spend(x, 1);
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

/* 万, 千万, 亿 … right after digits: bytes read. */
static size_t multiplier_at(const sm_scan *x, size_t at, double *by)
{
    static const struct {
        const char *text;
        double by;
        const char *not_before;
    } list[] = {
        { "万亿", 1e12, "" },
        { "亿", 1e8, "" },
        { "千万", 1e7, "" },
        { "百万", 1e6, "" },
        { "十万", 1e5, "" },
        { "万", 1e4, "" },
        { "千", 1e3, "克米瓦卡帕伏赫家古年里斤禧" },
        { "百", 1e2, "分货年姓家科" },
    };
    if (at + 3 > x->s.n || (uint8_t)x->s.p[at] < 0xe4)
        return 0;
    for (size_t i = 0; i < SM_LEN(list); i++)
        if (sm_scan_word(x, at, list[i].text)) {
            size_t n = strlen(list[i].text);
            *by = list[i].by;
            return sm_scan_one_of(x, at + n, list[i].not_before) ? 0 : n;
        }
    return 0;
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
        sm_scan_spend(x, n);
        return n;
    }
    sm_scan_spend(x, n);
    double by = 0, least, more;
    size_t k = multiplier_at(x, at + n, &by);
    q->big = by;
    q->v *= k ? by : 1;
    n += k;
    for (least = by; k > 0; least = by) { /* 1亿2000万 */
        size_t zero = sm_scan_word(x, at + n, "零") ? 3 : 0;
        size_t m = sm_arabic_at(x->s, at + n + zero, &more);
        k = m ? multiplier_at(x, at + n + zero + m, &by) : 0;
        if (k == 0 || by >= least || more * by >= least)
            break;
        q->v += more * by;
        n += zero + m + k;
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
static reader *const more_of_letters[] = { sm_read_web, sm_read_address, NULL };
static reader *const more_of_digits[] = { sm_read_web, sm_read_address, NULL };
static reader *const more_of_numerals[] = { sm_read_part_of_year, sm_read_address, NULL };
static reader *const more_of_brackets[] = { sm_read_item, NULL };
static reader *const more_of_organs[] = { sm_read_organ, NULL };
static reader *const more_of_halves[] = { sm_read_part_of_year, NULL };
static reader *const more_of_cellars[] = { sm_read_address, NULL };

/* The characters that organs' names end with: 会 关 办 厅 司 处 委 室 局 府 心 所 社 站 联 行 道 部
 * 队 院 馆. */
static bool ends_organ(uint32_t c)
{
    static const uint16_t list[] = {
        0x4f1a, 0x5173, 0x529e, 0x5385, 0x53f8, 0x5904, 0x59d4, 0x5ba4, 0x5c40, 0x5e9c, 0x5fc3,
        0x6240, 0x793e, 0x7ad9, 0x8054, 0x884c, 0x9053, 0x90e8, 0x961f, 0x9662, 0x9986
    }; /* ascending */
    size_t from = 0, to = SM_LEN(list);
    while (to - from > 1) {
        size_t middle = (from + to) / 2;
        *(list[middle] <= c ? &from : &to) = middle;
    }
    return list[from] == c;
}

static reader *const *more_readers_of(const sm_scan *x, uint32_t c)
{
    if (c < 0x80)
        return c >= '0' && c <= '9'                               ? more_of_digits
               : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? more_of_letters
               : c == '('                                         ? more_of_brackets
                                                                  : NULL;
    if (c >= 0xff00)
        return c >= 0xff10 && c <= 0xff19 ? more_of_digits : c == 0xff08 ? more_of_brackets : NULL;
    if (c == 0x4e0a || c == 0x4e0b)
        return more_of_halves; /* 上 下 */
    if (c == 0x8d1f || c == 0x5730)
        return more_of_cellars; /* 负 地 */
    if (ends_organ(c) || sm_organs_end(x->organs, c))
        return more_of_organs;
    return sm_is_han_numeral(c) ? more_of_numerals : NULL;
}

bool sm_fact_sign(uint32_t c)
{
    static const sm_scan plain = { 0 };
    return readers_of(c) || more_readers_of(&plain, c);
}

/* Does the part stand in the whole, both made of pieces parted by sep? */
static bool has_pieces(sm_str whole, sm_str part, char sep)
{
    for (size_t i = 0; (i = sm_str_find(whole, part, i)) != SIZE_MAX; i++)
        if ((i == 0 || whole.p[i - 1] == sep) &&
            (i + part.n == whole.n || whole.p[i + part.n] == sep))
            return true;
    return false;
}

/* 40 of 40/证, 300/月 of 300/人/月. */
static bool price_within(sm_str said, sm_str held)
{
    sm_str amount, other, term;
    sm_str_cut(&said, '/', &amount);
    sm_str_cut(&held, '/', &other);
    bool same = sm_str_eq(amount, other);
    while (same && sm_str_cut(&said, '/', &term))
        same = has_pieces(held, term, '/');
    return same;
}

/* The key after its kind, or "" when it is of another kind. */
static sm_str of_kind(sm_str key, sm_fact_kind kind)
{
    sm_str name = sm_str_of(sm_fact_kind_name(kind));
    return sm_str_starts(key, name) && key.n > name.n && key.p[name.n] == ':'
               ? sm_str_sub(key, name.n + 1, key.n)
               : (sm_str){ 0 };
}

bool sm_fact_within(sm_str key, sm_str held)
{
    static const struct {
        sm_fact_kind kind;
        char sep;
        bool whole_only; /* from the beginning */
    } narrowing[] = { { SM_FACT_ARTICLE, '.', true },
                      { SM_FACT_PHONE, '-', true },
                      { SM_FACT_WEB, '/', true },
                      { SM_FACT_DATE, '-', false },
                      { SM_FACT_ADDRESS, '/', false } };
    if (sm_str_eq(key, held))
        return true;
    for (size_t i = 0; i < SM_LEN(narrowing); i++) {
        sm_str said = of_kind(key, narrowing[i].kind), whole = of_kind(held, narrowing[i].kind);
        if (said.n && whole.n)
            return narrowing[i].whole_only
                       ? sm_str_starts(whole, said) && whole.p[said.n] == narrowing[i].sep
                       : has_pieces(whole, said, narrowing[i].sep);
    }
    sm_str said = of_kind(key, SM_FACT_MONEY), whole = of_kind(held, SM_FACT_MONEY);
    if (said.n && whole.n)
        return price_within(said, whole);
    return sm_organ_within(key, held);
}

static size_t scan(sm_scan *x, sm_fact **out)
{
    for (size_t at = 0; at < x->s.n;) {
        sm_str rest = sm_str_sub(x->s, at, x->s.n);
        uint32_t c = sm_utf8_next(&rest);
        reader *const *more = x->all ? more_readers_of(x, c) : NULL;
        size_t n = 0;
        for (; more && *more && n == 0; more++)
            n = (*more)(x, at);
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
    size_t steps = 0;
    sm_scan x = { .a = a, .s = s, .steps = &steps };
    return scan(&x, out);
}

size_t sm_text_facts_all(sm_arena *a, sm_str s, const sm_organs *organs, sm_fact **out)
{
    size_t steps = 0;
    sm_scan x = { .a = a, .s = s, .all = true, .organs = organs, .steps = &steps };
    return scan(&x, out);
}

size_t sm_scan_steps(sm_arena *a, sm_str s, const sm_organs *organs)
{
    size_t steps = 0;
    sm_fact *fact;
    sm_scan x = { .a = a, .s = s, .all = true, .organs = organs, .steps = &steps };
    scan(&x, &fact);
    return steps;
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
