/* HTML character references: numeric, and the names that pages really use. */
#include "format/reader.h"

#include "text/text.h"

static const struct {
    const char *name;
    uint16_t c;
    bool bare; /* also read without the semicolon, as browsers do */
} names[] = {
    { "amp", '&', true },        { "lt", '<', true },         { "gt", '>', true },
    { "quot", '"', true },       { "nbsp", 0xa0, true },      { "apos", '\'', false },
    { "ldquo", 0x201c, false },  { "rdquo", 0x201d, false },  { "lsquo", 0x2018, false },
    { "rsquo", 0x2019, false },  { "mdash", 0x2014, false },  { "ndash", 0x2013, false },
    { "hellip", 0x2026, false }, { "middot", 0xb7, true },    { "bull", 0x2022, false },
    { "ensp", 0x2002, false },   { "emsp", 0x2003, false },   { "thinsp", 0x2009, false },
    { "times", 0xd7, true },     { "divide", 0xf7, true },    { "plusmn", 0xb1, true },
    { "deg", 0xb0, true },       { "permil", 0x2030, false }, { "le", 0x2264, false },
    { "ge", 0x2265, false },     { "ne", 0x2260, false },     { "copy", 0xa9, true },
    { "reg", 0xae, true },       { "trade", 0x2122, false },  { "yen", 0xa5, true },
    { "sect", 0xa7, true },      { "para", 0xb6, true },      { "laquo", 0xab, true },
    { "raquo", 0xbb, true },     { "minus", 0x2212, false },  { "sup2", 0xb2, true },
    { "sup3", 0xb3, true },      { "frac12", 0xbd, true },    { "rarr", 0x2192, false },
    { "larr", 0x2190, false },   { "zwnj", 0x200c, false },   { "shy", 0xad, true },
};

enum { MAX_NAME = 8 };

/* 128 to 159 mean windows-1252 (HTML Living Standard, 13.2.5.80). */
static const uint16_t c1[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
};

static int digit(char c, unsigned base)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int low = c | 32;
    return base == 16 && low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static size_t take_number(sm_str s, uint32_t *out)
{
    bool hex = s.n > 2 && (s.p[2] | 32) == 'x';
    size_t from = hex ? 3 : 2, i = from;
    uint32_t c = 0;
    for (int d; i < s.n && (d = digit(s.p[i], hex ? 16 : 10)) >= 0; i++)
        c = SM_MIN(c * (hex ? 16 : 10) + (uint32_t)d, 0x110000u);
    if (i == from)
        return 0;
    if (c >= 0x80 && c < 0xa0)
        c = c1[c - 0x80];
    if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
        c = 0xfffd;
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    *out = c;
    return i + (i < s.n && s.p[i] == ';');
}

static size_t take_name(sm_str s, uint32_t *out)
{
    size_t n = 1;
    while (n < s.n && n <= MAX_NAME &&
           (digit(s.p[n], 10) >= 0 || ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z')))
        n++;
    sm_str name = sm_str_sub(s, 1, n);
    bool closed = n < s.n && s.p[n] == ';';
    for (size_t i = 0; i < SM_LEN(names); i++) {
        if (!sm_str_eq(name, sm_str_of(names[i].name)) || (!closed && !names[i].bare))
            continue;
        *out = names[i].c;
        return n + closed;
    }
    return 0;
}

size_t sm_entity_take(sm_str s, char out[4], size_t *n_out)
{
    uint32_t c = 0;
    if (s.n < 2)
        return 0;
    size_t taken = s.p[1] == '#' ? take_number(s, &c) : take_name(s, &c);
    if (taken)
        *n_out = sm_utf8_put(c, out);
    return taken;
}
