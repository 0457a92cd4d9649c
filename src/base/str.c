#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

sm_str sm_str_of(const char *s)
{
    return s ? (sm_str){ s, strlen(s) } : (sm_str){ 0 };
}

bool sm_str_eq(sm_str a, sm_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int sm_str_cmp(sm_str a, sm_str b)
{
    size_t n = SM_MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool sm_str_starts(sm_str s, sm_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool sm_str_ends(sm_str s, sm_str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* Sixteen places at a time: those where both the first character's last byte and the word's last
 * byte stand are looked at closely.  A Han character's first byte tells next to nothing. */
enum { AT_ONCE = 16 };
typedef uint8_t bytes __attribute__((vector_size(AT_ONCE)));
typedef uint64_t halves __attribute__((vector_size(AT_ONCE)));

static bytes load(const char *p)
{
    bytes v;
    memcpy(&v, p, sizeof(v));
    return v;
}

size_t sm_str_find(sm_str s, sm_str what, size_t from)
{
    if (from > s.n)
        return SIZE_MAX;
    if (what.n == 0)
        return from;
    if (s.n - from < what.n)
        return SIZE_MAX;
    const size_t one = what.n > 2 ? 2 : 0, two = what.n - 1, end = s.n - what.n + 1;
    const uint8_t a = (uint8_t)what.p[one], b = (uint8_t)what.p[two];
    size_t i = from;
    for (; i < end && i + two + AT_ONCE <= s.n; i += AT_ONCE) {
        halves hit = (halves)((load(s.p + i + one) == a) & (load(s.p + i + two) == b));
        if (!(hit[0] | hit[1]))
            continue;
        for (size_t k = i; k < i + AT_ONCE && k < end; k++)
            if ((uint8_t)s.p[k + two] == b && memcmp(s.p + k, what.p, what.n) == 0)
                return k;
    }
    for (; i < end; i++)
        if ((uint8_t)s.p[i + two] == b && (uint8_t)s.p[i + one] == a &&
            memcmp(s.p + i, what.p, what.n) == 0)
            return i;
    return SIZE_MAX;
}

bool sm_str_has(sm_str s, sm_str what)
{
    return sm_str_find(s, what, 0) != SIZE_MAX;
}

bool sm_str_has_any(sm_str s, const char *const *what, size_t n)
{
    for (size_t i = 0; i < n && what[i]; i++)
        if (sm_str_has(s, sm_str_of(what[i])))
            return true;
    return false;
}

bool sm_str_starts_any(sm_str s, const char *const *what, size_t n)
{
    for (size_t i = 0; i < n && what[i]; i++)
        if (sm_str_starts(s, sm_str_of(what[i])))
            return true;
    return false;
}

bool sm_str_ends_any(sm_str s, const char *const *what, size_t n)
{
    for (size_t i = 0; i < n && what[i]; i++)
        if (sm_str_ends(s, sm_str_of(what[i])))
            return true;
    return false;
}

sm_str sm_str_sub(sm_str s, size_t from, size_t to)
{
    to = SM_MIN(to, s.n);
    if (from >= to)
        return (sm_str){ 0 };
    return (sm_str){ s.p + from, to - from };
}

static size_t blank_at_start(sm_str s)
{
    if (s.n && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
        return 1;
    return sm_str_starts(s, SM_STR("\u3000")) ? 3 : 0;
}

static size_t blank_at_end(sm_str s)
{
    if (s.n && (s.p[s.n - 1] == ' ' || (s.p[s.n - 1] >= '\t' && s.p[s.n - 1] <= '\r')))
        return 1;
    return sm_str_ends(s, SM_STR("\u3000")) ? 3 : 0;
}

sm_str sm_str_trim(sm_str s)
{
    for (size_t k; (k = blank_at_start(s)) > 0;)
        s = (sm_str){ s.p + k, s.n - k };
    for (size_t k; (k = blank_at_end(s)) > 0;)
        s.n -= k;
    return s;
}

bool sm_str_cut(sm_str *rest, char sep, sm_str *part)
{
    if (rest->n == 0)
        return false;
    const char *hit = memchr(rest->p, sep, rest->n);
    size_t n = hit ? (size_t)(hit - rest->p) : rest->n;
    *part = (sm_str){ rest->p, n };
    size_t eaten = hit ? n + 1 : n;
    *rest = (sm_str){ rest->p + eaten, rest->n - eaten };
    return true;
}

bool sm_str_to_int(sm_str s, int64_t *out)
{
    char text[24];
    if (s.n == 0 || s.n >= sizeof(text))
        return false;
    for (size_t i = 0; i < s.n; i++) /* no blanks, no plus, no NUL: strtoll would take them */
        if ((s.p[i] < '0' || s.p[i] > '9') && !(i == 0 && s.p[i] == '-'))
            return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (*end || end == text || errno == ERANGE)
        return false;
    *out = v;
    return true;
}

/* -------------------------------------------------------------- buffer */

void sm_buf_init(sm_buf *b, size_t max_bytes)
{
    *b = (sm_buf){ .max = max_bytes };
}

void sm_buf_done(sm_buf *b)
{
    free(b->p);
    *b = (sm_buf){ .max = b->max };
}

static bool buf_room(sm_buf *b, size_t more)
{
    if (b->failed || more > b->max || b->n > b->max - more) {
        b->failed = true;
        return false;
    }
    if (b->n + more + 1 <= b->cap)
        return true;
    size_t cap = SM_MAX(b->cap * 2, b->n + more + 64);
    char *p = realloc(b->p, cap);
    if (!p) {
        fputs("sunmao: out of memory\n", stderr);
        abort();
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void sm_buf_add(sm_buf *b, sm_str s)
{
    if (s.n == 0 || !buf_room(b, s.n))
        return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = 0;
}

void sm_buf_addc(sm_buf *b, char c)
{
    sm_buf_add(b, (sm_str){ &c, 1 });
}

void sm_buf_addf(sm_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        b->failed = true;
    else if (buf_room(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

sm_str sm_buf_str(const sm_buf *b)
{
    return (sm_str){ b->p, b->n };
}

sm_rc sm_buf_take(sm_op *op, sm_buf *b, sm_str *out)
{
    if (b->failed) {
        sm_buf_done(b);
        return sm_fail(op, SM_E_LIMIT, "内容超过 %zu 字节的上限", b->max);
    }
    *out = sm_str_dup(op->arena, sm_buf_str(b));
    sm_buf_done(b);
    return SM_OK;
}
