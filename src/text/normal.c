#include "text/text.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "t2s.inc" /* sm_t2s[]: simplified form of U+3400 … U+9FFF, 0 for none */

enum {
    MAX_RUN = 64,        /* characters composed together */
    MAX_DECOMPOSED = 32, /* code points that one becomes; U+FDFA becomes 18 */
};

static inline bool is_blank(uint32_t c)
{
    if (c > 0x3000) /* most are Han */
        return false;
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x3000 || c == 0xa0 || c == 0x85 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f;
}

/* The simplified form, followed to its end: 薴, 苧, 苎. */
static inline uint32_t simplified(uint32_t c)
{
    for (int i = 0; i < 4 && c >= 0x3400 && c <= 0x9fff && sm_t2s[c - 0x3400]; i++)
        c = sm_t2s[c - 0x3400];
    return c;
}

/* What needs no library: ASCII, Han, full-width forms, Chinese punctuation. 0: ask utf8proc. */
static inline uint32_t simple(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c < 0x80)
        return c;
    if (c >= 0x3400 && c <= 0x9fff)
        return simplified(c);
    if (c >= 0xff01 && c <= 0xff5e)
        return c >= 0xff21 && c <= 0xff3a ? c - 0xfee0 + 32 : c - 0xfee0;
    if (c >= 0x3001 && c <= 0x3020)
        return c;
    if (c == 0x2014 || c == 0x2018 || c == 0x2019 || c == 0x201c || c == 0x201d || c == 0xb7 ||
        c == 0xfffd)
        return c;
    return 0;
}

struct normal {
    sm_arena *a;
    char *p;
    size_t n, cap;
    bool blank; /* one is due before the next character */
};

static void grow(struct normal *o, size_t more)
{
    size_t cap = o->cap * 2 + more;
    char *p = sm_alloc(o->a, cap);
    memcpy(p, o->p, o->n);
    o->p = p;
    o->cap = cap;
}

static inline void reserve(struct normal *o, size_t more)
{
    if (o->cap - o->n < more)
        grow(o, more);
}

static inline void put(struct normal *o, uint32_t c)
{
    if (is_blank(c)) {
        o->blank = o->n > 0;
        return;
    }
    if (c == 0)
        return;
    reserve(o, 5);
    if (o->blank)
        o->p[o->n++] = ' ';
    o->blank = false;
    char *p = o->p + o->n;
    if (c < 0x800 || c > 0xffff) {
        o->n += sm_utf8_put(c, p);
        return;
    }
    p[0] = (char)(0xe0 | c >> 12);
    p[1] = (char)(0x80 | (c >> 6 & 0x3f));
    p[2] = (char)(0x80 | (c & 0x3f));
    o->n += 3;
}

/* Takes back the last character put, since a mark may join it; 0 when a blank or nothing is before.
 */
static uint32_t take_back(struct normal *o)
{
    if (o->n == 0 || o->blank)
        return 0;
    size_t at = o->n - 1;
    while (at > 0 && ((uint8_t)o->p[at] & 0xc0) == 0x80)
        at--;
    sm_str last = { o->p + at, o->n - at };
    o->n = at;
    return sm_utf8_next(&last);
}

/* Normalises the run of characters at the front of *s that are not simple, together with the one
 * before it.  At most MAX_RUN at a time: utf8proc orders the marks of a run in quadratic time. */
static void put_composed(struct normal *o, sm_str *s)
{
    const utf8proc_option_t how =
        UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_int32_t piece[MAX_RUN * MAX_DECOMPOSED];
    char bytes[4 * MAX_RUN];
    size_t n_bytes = 0;
    uint32_t c = take_back(o);
    for (size_t read = 0; read < MAX_RUN; read++) {
        sm_str ahead = *s;
        if (read || !c) {
            if (s->n == 0)
                break;
            c = sm_utf8_next(&ahead);
            if (c == 0 || is_blank(c) || simple(c))
                break;
            *s = ahead;
        }
        n_bytes += sm_utf8_put(c, bytes + n_bytes);
    }
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)bytes,
                                            (utf8proc_ssize_t)n_bytes, piece, SM_LEN(piece), how);
    n = n > 0 && n <= (utf8proc_ssize_t)SM_LEN(piece) ? utf8proc_normalize_utf32(piece, n, how) : 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        uint32_t one = simple((uint32_t)piece[i]);
        put(o, one ? one : (uint32_t)piece[i]);
    }
}

sm_str sm_text_normal(sm_arena *a, sm_str s)
{
    struct normal o = { .a = a, .cap = s.n + 16 };
    o.p = sm_alloc(a, o.cap);
    while (s.n) {
        sm_str at = s;
        uint32_t c = sm_utf8_next(&s), one = simple(c);
        if (one || c == 0 || is_blank(c)) {
            put(&o, one ? one : c);
            continue;
        }
        s = at;
        put_composed(&o, &s);
    }
    return (sm_str){ o.p, o.n };
}

/* Something left to match by. */
static bool says_something(sm_str s)
{
    while (s.n) {
        uint32_t c = sm_utf8_next(&s);
        if (sm_is_han(c) || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c > 0x80 && c < 0x2000))
            return true;
    }
    return false;
}

/* Which three bytes in a row a text has, one bit for several of them. */
struct threes {
    uint64_t bit[16];
};

static uint32_t three(const char *s)
{
    const uint8_t *p = (const uint8_t *)s;
    return (p[0] * 31u + p[1] * 5u + p[2] * 67u) & 1023u;
}

static void note_threes(struct threes *t, sm_str s)
{
    for (size_t i = 0; i + 3 <= s.n; i++) {
        uint32_t k = three(s.p + i);
        t->bit[k / 64] |= UINT64_C(1) << k % 64;
    }
}

static bool may_hold(const struct threes *t, sm_str word)
{
    if (word.n < 3)
        return true;
    uint32_t first = three(word.p), last = three(word.p + word.n - 3);
    return (t->bit[first / 64] >> first % 64 & 1) && (t->bit[last / 64] >> last % 64 & 1);
}

sm_str sm_text_strip(sm_arena *a, sm_str query, const sm_str *words, size_t n_words)
{
    char *p = sm_cstr(a, query);
    sm_str left = { p, query.n };
    struct threes held = { { 0 } };
    note_threes(&held, query);
    for (size_t i = 0; i < n_words; i++) {
        if (words[i].n == 0)
            continue;
        bool blank = memchr(words[i].p, ' ', words[i].n) != NULL; /* may fit where one was cut */
        if (!blank && !may_hold(&held, words[i]))
            continue;
        for (size_t at = 0; (at = sm_str_find(left, words[i], at)) != SIZE_MAX; at += words[i].n)
            memset(p + at, ' ', words[i].n);
    }
    size_t n = 0; /* one space where words were cut */
    for (size_t i = 0; i < query.n; i++)
        if (p[i] != ' ' || (n > 0 && p[n - 1] != ' '))
            p[n++] = p[i];
    left = sm_str_trim((sm_str){ p, n });
    return says_something(left) ? left : query;
}

uint32_t sm_text_fold(uint32_t c)
{
    uint32_t one = simple(c);
    return one ? one : c;
}
