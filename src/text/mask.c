/*
 * Personal data: ID numbers, bank cards, mobile numbers.
 *
 * Digits come in groups: rows of digits, parted by one blank or hyphen.  At
 * each group's start the group alone is tried first, then the longest row of
 * groups with one kind of sign between them, so that two numbers beside each
 * other are not read as one, and 2026-11-23 2026-11-25 is no card.
 */
#include "text/numeral.h"
#include "text/text.h"

#include <string.h>

enum { MAX_DIGITS = 20, MAX_PASSES = 8 };

struct row {
    char digit[MAX_DIGITS]; /* ASCII; X last for an ID number */
    size_t at[MAX_DIGITS];  /* offset of each in the text */
    size_t bytes[MAX_DIGITS];
    size_t n, end;
    size_t group[MAX_DIGITS]; /* digits in each */
    size_t n_groups;
};

static size_t x_at(sm_str s, size_t i)
{
    if (i < s.n && (s.p[i] == 'X' || s.p[i] == 'x'))
        return 1;
    sm_str rest = sm_str_sub(s, i, s.n);
    return sm_str_starts(rest, SM_STR("Ｘ")) || sm_str_starts(rest, SM_STR("ｘ")) ? 3 : 0;
}

/* One blank or hyphen, half or full width: bytes, and which of the two. */
static size_t sign_at(sm_str s, size_t i, int *kind)
{
    static const struct {
        const char *text;
        int kind;
    } signs[] = { { " ", 1 },  { "-", 2 }, { "　", 1 }, { "\xc2\xa0", 1 },
                  { "－", 2 }, { "–", 2 }, { "—", 2 } };
    for (size_t k = 0; k < SM_LEN(signs); k++)
        if (sm_str_starts(sm_str_sub(s, i, s.n), sm_str_of(signs[k].text))) {
            *kind = signs[k].kind;
            return strlen(signs[k].text);
        }
    return 0;
}

static void add_digit(struct row *r, char digit, size_t at, size_t bytes)
{
    r->digit[r->n] = digit;
    r->at[r->n] = at;
    r->bytes[r->n++] = bytes;
    r->end = at + bytes;
}

/* Adds the group of digits at i; false when it does not fit, *end behind it all the same. */
static bool add_group(sm_str s, size_t i, struct row *r, size_t *end)
{
    size_t before = r->n, k;
    bool fits = true;
    for (int d = 0; (k = sm_digit_at(s, i, &d)) > 0; i += k) {
        fits = fits && r->n < MAX_DIGITS;
        if (fits)
            add_digit(r, (char)('0' + d), i, k);
    }
    *end = i;
    if (fits)
        r->group[r->n_groups++] = r->n - before;
    return fits;
}

/* The X that ends an ID number, after one sign or none. */
static struct row with_x(sm_str s, const struct row *r)
{
    struct row x = *r;
    int kind;
    size_t sign = r->n == 17 ? sign_at(s, r->end, &kind) : 0;
    size_t k = r->n == 17 ? x_at(s, r->end) : 0;
    if (k)
        add_digit(&x, 'X', r->end, k);
    else if (sign && (k = x_at(s, r->end + sign)) > 0)
        add_digit(&x, 'X', r->end + sign, k);
    return x;
}

static int number(const char *d, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (d[i] - '0');
    return v;
}

static bool is_id(const struct row *r)
{
    if (r->n != 18)
        return false;
    int year = number(r->digit + 6, 4);
    return year >= 1900 &&
           sm_date_of(year, number(r->digit + 10, 2), number(r->digit + 12, 2)) != SM_DATE_NONE &&
           sm_date_of(year, 1, 1) <= sm_today(); /* born this year at the latest */
}

/* Groups as numbers are dictated: all single digits, or none but the last under `least`. */
static bool grouped(const struct row *r, size_t least)
{
    bool single = true, long_enough = true;
    for (size_t i = 0; i < r->n_groups; i++) {
        single = single && r->group[i] == 1;
        long_enough = long_enough && (i + 1 == r->n_groups || r->group[i] >= least);
    }
    return single || long_enough;
}

/* ISO/IEC 7812-1, annex B.  No bank's numbers begin with 0 or 1; those of organs (11…) do. */
static bool is_card(const struct row *r)
{
    int sum = 0;
    if (r->n < 16 || r->n > 19 || r->digit[0] < '2' || r->digit[r->n - 1] == 'X' || !grouped(r, 4))
        return false;
    for (size_t i = 0; i < r->n; i++) {
        int d = r->digit[r->n - 1 - i] - '0';
        d = i % 2 ? d * 2 : d;
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* Digits of the country's code before a mobile number, -1 when it is none. */
static int mobile_prefix(const struct row *r)
{
    static const char *const codes[] = { "", "86", "086", "0086" };
    for (size_t i = 0; i < SM_LEN(codes); i++) {
        size_t k = strlen(codes[i]);
        if (r->n == 11 + k && memcmp(r->digit, codes[i], k) == 0 && r->digit[k] == '1' &&
            r->digit[k + 1] >= '3' && grouped(r, 3))
            return (int)k;
    }
    return -1;
}

static bool letter_at(sm_str s, size_t i)
{
    return i < s.n && (uint8_t)((s.p[i] | 0x20) - 'a') < 26;
}

/* A row inside a longer code, such as 1199000000000017TT, a unified social credit code. */
static bool inside_code(sm_str s, const struct row *r)
{
    return letter_at(s, r->end) || (r->at[0] > 0 && letter_at(s, r->at[0] - 1));
}

/* How many leading digits stay before the hidden ones; the last four always stay. */
static bool hides(sm_str s, const struct row *r, size_t *head)
{
    int prefix = mobile_prefix(r);
    if (is_id(r))
        *head = 6;
    else if (is_card(r) && !inside_code(s, r))
        *head = 0;
    else if (prefix >= 0)
        *head = (size_t)prefix + 3;
    else
        return false;
    return true;
}

/* The number that begins with the group at i; *next is behind what need not be looked at again. */
static bool find(sm_str s, size_t i, struct row *out, size_t *head, size_t *next)
{
    struct row r = { 0 };
    bool found = false;
    int kind = 0, same = 0;
    size_t end = i, h;
    bool fits = add_group(s, i, &r, &end);
    *next = end;
    while (fits) {
        struct row one = with_x(s, &r);
        if (hides(s, &one, &h)) {
            *out = one;
            *head = h;
            *next = SM_MAX(one.end, end);
            found = true;
            if (r.n_groups == 1)
                break;
        }
        size_t sign = sign_at(s, end, &same);
        if (sign == 0 || (kind && same != kind) || !sm_digit_at(s, end + sign, NULL))
            break;
        kind = same;
        fits = add_group(s, end + sign, &r, &end);
    }
    return found;
}

static sm_str mask_once(sm_arena *a, sm_str s, size_t *n_masked)
{
    char *copy = NULL; /* made when the first is found */
    size_t from = 0, n = 0;
    for (size_t i = 0; i < s.n;) {
        struct row r;
        size_t head, next;
        if (((uint8_t)s.p[i] & 0xc0) == 0x80 || !sm_digit_at(s, i, NULL)) {
            i++;
            continue;
        }
        if (find(s, i, &r, &head, &next)) {
            if (!copy)
                copy = sm_alloc(a, s.n + 1);
            for (size_t k = head; k + 4 < r.n; k++) {
                memcpy(copy + n, s.p + from, r.at[k] - from);
                n += r.at[k] - from;
                copy[n++] = '*';
                from = r.at[k] + r.bytes[k];
            }
            ++*n_masked;
        }
        i = next;
    }
    if (!copy)
        return s;
    memcpy(copy + n, s.p + from, s.n - from);
    return (sm_str){ copy, n + s.n - from };
}

/* The digits that stay may make a number with what stood beside them: again until nothing is found,
 * so that what was masked once has nothing left to mask. */
sm_str sm_text_mask(sm_arena *a, sm_str s, size_t *n_masked)
{
    for (int pass = 0; pass < MAX_PASSES; pass++) {
        size_t n = 0;
        s = mask_once(a, s, &n);
        *n_masked += n;
        if (n == 0)
            break;
    }
    return s;
}
