#include "text/text.h"

static bool is_alnum(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static uint64_t key_of(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t k = sm_mix64(a << 42 | b << 21 | c);
    return k ? k : 1;
}

size_t sm_text_tokens(sm_str s, unsigned flags, uint64_t *out, size_t max)
{
    uint32_t last = 0, before = 0; /* Han characters just read, 0 at a break */
    size_t n = 0;
    while (s.n && n < max) {
        sm_str at = s;
        uint32_t c = sm_utf8_next(&s);
        if (is_alnum(c)) {
            while (s.n && is_alnum((uint8_t)s.p[0]))
                s = (sm_str){ s.p + 1, s.n - 1 };
            uint64_t k = sm_hash64((sm_str){ at.p, (size_t)(s.p - at.p) }, 7);
            out[n++] = k ? k : 1;
            last = before = 0;
        } else if (sm_is_han(c)) {
            if (flags & SM_TOKEN_UNI)
                out[n++] = key_of(0, 0, c);
            if ((flags & SM_TOKEN_BI) && last && n < max)
                out[n++] = key_of(0, last, c);
            if ((flags & SM_TOKEN_TRI) && before && n < max)
                out[n++] = key_of(before, last, c);
            before = last;
            last = c;
        } else {
            last = before = 0;
        }
    }
    return n;
}
