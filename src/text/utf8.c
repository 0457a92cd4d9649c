#include "text/text.h"

#include <string.h>

/* Length of the well-formed sequence at the front of s, 0 when there is none (RFC 3629). */
static size_t sequence(sm_str s, uint32_t *c)
{
    const uint8_t *p = (const uint8_t *)s.p;
    if (p[0] < 0x80) {
        *c = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < n)
        return 0;
    uint32_t v = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3f);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
        return 0;
    *c = v;
    return n;
}

bool sm_utf8_valid(sm_str s, size_t *bad_at)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t n = sequence((sm_str){ s.p + i, s.n - i }, &c);
        if (n == 0) {
            if (bad_at)
                *bad_at = i;
            return false;
        }
        i += n;
    }
    return true;
}

uint32_t sm_utf8_next_any(sm_str *s)
{
    uint32_t c;
    size_t n = sequence(*s, &c);
    if (n == 0) {
        c = 0xfffd;
        n = 1;
    }
    *s = (sm_str){ s->p + n, s->n - n };
    return c;
}

size_t sm_utf8_put(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

size_t sm_utf8_count(sm_str s)
{
    size_t n = 0;
    while (s.n) {
        sm_utf8_next(&s);
        n++;
    }
    return n;
}

sm_str sm_utf8_head(sm_str s, size_t n)
{
    sm_str rest = s;
    if (s.n <= n) /* no character takes less than a byte */
        return s;
    while (rest.n && n--)
        sm_utf8_next(&rest);
    return (sm_str){ s.p, s.n - rest.n };
}

sm_str sm_utf8_fit(sm_str s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n && ((uint8_t)s.p[n] & 0xc0) == 0x80)
        n--;
    return (sm_str){ s.p, n };
}

bool sm_is_han(uint32_t c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || c == 0x3007 ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

bool sm_is_hidden(uint32_t c)
{
    static const uint32_t from_to[][2] = {
        { 0x0, 0x8 },         { 0xb, 0x1f },      { 0x7f, 0x9f },       { 0xad, 0xad },
        { 0x34f, 0x34f },     { 0x61c, 0x61c },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
        { 0x180b, 0x180f },   { 0x200b, 0x200f }, { 0x202a, 0x202e },   { 0x2060, 0x206f },
        { 0x3164, 0x3164 },   { 0xd800, 0xf8ff }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
        { 0xffa0, 0xffa0 },   { 0xfff0, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
        { 0xe0000, 0x10ffff }
    };
    for (size_t i = 0; i < SM_LEN(from_to) && c >= from_to[i][0]; i++)
        if (c <= from_to[i][1])
            return true;
    return false;
}

sm_str sm_utf8_mend(sm_arena *a, sm_str s)
{
    if (sm_utf8_valid(s, NULL))
        return s;
    char *p = sm_alloc(a, 3 * s.n + 1);
    size_t n = 0;
    while (s.n)
        n += sm_utf8_put(sm_utf8_next(&s), p + n);
    return (sm_str){ p, n };
}
