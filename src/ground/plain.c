/*
 * A sentence as it is shown: Markdown and HTML taken off, markers read.  What is checked is what is
 * left, so that nothing here can let a falsehood through.
 */
#include "ground/reader.h"

#include <string.h>

#include "text/text.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---------------------------------------------------------------------- markers */

static const struct {
    const char *open, *close;
} brackets[] = { { "[", "]" }, { "［", "］" }, { "【", "】" } };

static const char *const between[] = { ",", "，", "、", "-", " " };

static size_t prefix(sm_str s, const char *const *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(of[i])))
            return strlen(of[i]);
    return 0;
}

/* [2], [1,3]: its bytes; 0 when it may become one, SIZE_MAX when it is none.  Four digits are a
 * year's: 〔2024〕 is written [2024], too. */
static size_t read_marker(sm_str s, sm_heard *h)
{
    size_t k = 0, at, step, n_digits = 0, value = 0;
    while (k < SM_LEN(brackets) && !sm_str_starts(s, sm_str_of(brackets[k].open)))
        k++;
    if (k == SM_LEN(brackets))
        return SIZE_MAX;
    size_t n_before = h ? h->n_cites : 0;
    for (at = strlen(brackets[k].open); at < s.n && at < 24; at += step) {
        sm_str rest = sm_str_sub(s, at, s.n);
        bool closed = sm_str_starts(rest, sm_str_of(brackets[k].close));
        step = 1;
        if (digit(rest.p[0]) && n_digits < 2) {
            value = 10 * value + (size_t)(rest.p[0] - '0');
            n_digits++;
            continue;
        }
        step = closed ? strlen(brackets[k].close) : prefix(rest, between, SM_LEN(between));
        if (step == 0 || n_digits == 0)
            break;
        if (h && h->n_cites < SM_HEARD_CITES)
            h->cite[h->n_cites++] = value;
        if (closed)
            return at + step;
        n_digits = value = 0;
    }
    if (h)
        h->n_cites = n_before;
    return at == s.n && s.n < 24 ? 0 : SIZE_MAX;
}

size_t sm_plain_mark(sm_str s)
{
    return s.n == 0 ? 0 : read_marker(s, NULL);
}

static bool number(sm_str *s, size_t *out)
{
    size_t n = 0, value = 0;
    while (n < s->n && n < 4 && digit(s->p[n]))
        value = 10 * value + (size_t)(s->p[n++] - '0');
    *s = sm_str_sub(*s, n, s->n);
    *out = value;
    return n > 0;
}

bool sm_plain_pointer(sm_str inner, sm_heard *h)
{
    sm_str s = sm_str_trim(inner);
    size_t passage, first, last;
    if (!number(&s, &passage) || !sm_str_starts(s, SM_STR(".")))
        return false;
    s = sm_str_sub(s, 1, s.n);
    if (!number(&s, &first))
        return false;
    last = first;
    if (sm_str_starts(s, SM_STR("-"))) {
        s = sm_str_sub(s, 1, s.n);
        if (!number(&s, &last))
            return false;
    }
    if (s.n)
        return false;
    h->passage = passage;
    h->first = first;
    h->last = last;
    return true;
}

/* ----------------------------------------------------------------------- markup */

/* "## ", "- ", "> ", "1. ": off the front of a line. */
static sm_str without_line_mark(sm_str s, bool *heading)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == '#')
        n++;
    *heading = n > 0;
    s = sm_str_trim(sm_str_sub(s, n, s.n));
    while (sm_str_starts(s, SM_STR(">")))
        s = sm_str_trim(sm_str_sub(s, 1, s.n));
    static const char *const bullets[] = { "- ", "* ", "+ ", "• ", "•", "·", "— ", "|" };
    s = sm_str_trim(sm_str_sub(s, prefix(s, bullets, SM_LEN(bullets)), s.n));
    static const char *const after[] = { ". ", "、", "．", ") ", "）" };
    for (n = 0; n < s.n && n < 3 && digit(s.p[n]); n++)
        ;
    size_t sign = n ? prefix(sm_str_sub(s, n, s.n), after, SM_LEN(after)) : 0;
    sm_str rest = sm_str_sub(s, n + sign, s.n);
    if (sign && rest.n && !digit(rest.p[0]))
        s = sm_str_trim(rest);
    return s;
}

/* [text](where): its bytes, with the text's; 0 when it is no link. */
static size_t link_at(sm_str s, sm_str *text)
{
    size_t close = sm_str_find(s, SM_STR("]("), 0);
    if (!sm_str_starts(s, SM_STR("[")) || close == SIZE_MAX)
        return 0;
    size_t end = sm_str_find(s, SM_STR(")"), close);
    *text = sm_str_sub(s, 1, close);
    return end == SIZE_MAX || sm_str_has(*text, SM_STR("[")) ? 0 : end + 1;
}

static const struct {
    const char *written, *shown;
} entities[] = { { "&nbsp;", " " },  { "&ensp;", " " }, { "&emsp;", " " },
                 { "&amp;", "&" },   { "&lt;", "＜" },  { "&gt;", "＞" },
                 { "&quot;", "\"" }, { "&#39;", "'" },  { "&middot;", "·" } };

static const char *const signs[] = { "**", "__", "~~", "`", "*", "|", "\\" };

/* Without the signs that a link's text may have in it. */
static size_t copy(char *to, size_t at, sm_str shown)
{
    while (shown.n) {
        size_t sign = prefix(shown, signs, SM_LEN(signs));
        if (sign == 0)
            to[at++] = *shown.p;
        shown = sm_str_sub(shown, sign ? sign : 1, shown.n);
    }
    return at;
}

/* How many bytes of s go, and what comes in their place. */
static size_t markup_at(sm_str s, sm_str *shown, sm_heard *h)
{
    *shown = (sm_str){ 0 };
    size_t n_cites = h->n_cites, mark = read_marker(s, h);
    if (mark != 0 && mark != SIZE_MAX) {
        if (!sm_str_starts(sm_str_sub(s, mark, s.n), SM_STR("(")))
            return mark;
        h->n_cites = n_cites; /* a link */
    }
    if (sm_str_starts(s, SM_STR("!["))) {
        size_t n = link_at(sm_str_sub(s, 1, s.n), shown);
        *shown = (sm_str){ 0 };
        if (n)
            return n + 1;
    }
    size_t n = link_at(s, shown);
    if (n)
        return n;
    for (size_t i = 0; i < SM_LEN(entities); i++)
        if (sm_str_starts(s, sm_str_of(entities[i].written))) {
            *shown = sm_str_of(entities[i].shown);
            return strlen(entities[i].written);
        }
    *shown = (sm_str){ 0 };
    return prefix(s, signs, SM_LEN(signs));
}

static bool says_something(sm_str s)
{
    while (s.n) {
        uint32_t c = sm_utf8_next(&s);
        if (sm_is_han(c) ||
            (c < 0x80 && ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))) ||
            (c >= 0xc0 && c < 0x2000) || (c >= 0xff10 && c <= 0xff5a) ||
            (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3105 && c <= 0x33ff) ||
            (c >= 0x2460 && c <= 0x24ff) || (c >= 0xa000 && c <= 0xd7ff) ||
            (c >= 0x10000 && c < 0x1f000))
            return true;
    }
    return false;
}

static bool ends_sentence(sm_str s)
{
    static const char *const ends[] = { "。", "；", "！", "？", "!", "?", ";" };
    return sm_str_ends_any(s, ends, SM_LEN(ends));
}

/* Blanks at the ends, and those that marks left behind. */
static sm_str tidy(char *p, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' || (to > 0 && p[to - 1] != ' '))
            p[to++] = p[i];
    return sm_str_trim((sm_str){ p, to });
}

void sm_plain(sm_str raw, bool line_begins, char *to, sm_heard *h)
{
    size_t n = 0;
    bool heading = false;
    sm_str s = line_begins ? without_line_mark(raw, &heading) : raw, shown;
    bool bold = line_begins && sm_str_starts(s, SM_STR("**")) && sm_str_ends(s, SM_STR("**"));
    while (s.n) {
        size_t gone = markup_at(s, &shown, h);
        if (gone == 0) {
            sm_str rest = s;
            sm_utf8_next(&rest);
            gone = s.n - rest.n;
            shown = (sm_str){ s.p, gone };
        }
        n = copy(to, n, shown);
        s = sm_str_sub(s, gone, s.n);
    }
    h->text = tidy(to, n);
    bold = bold && !ends_sentence(h->text);
    h->kind = heading || bold ? SM_HEARD_HEADING : SM_HEARD_SENTENCE;
    if (!says_something(h->text))
        h->text = (sm_str){ 0 };
}
