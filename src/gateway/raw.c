#include "gateway/raw.h"

#include <string.h>

#include "text/text.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t skip_blanks(sm_str t, size_t i)
{
    while (i < t.n && is_blank(t.p[i]))
        i++;
    return i;
}

/* ---------------------------------------------------------------- checking */

/* After the value that begins at i; SIZE_MAX when it is none. */
static size_t check_escape(sm_str t, size_t i)
{
    if (i >= t.n)
        return SIZE_MAX;
    if (t.p[i] != 'u')
        return memchr("\"\\/bfnrt", t.p[i], 8) ? i + 1 : SIZE_MAX;
    for (size_t k = 1; k <= 4; k++)
        if (i + k >= t.n || !is_hex(t.p[i + k]))
            return SIZE_MAX;
    return i + 5;
}

static size_t check_string(sm_str t, size_t i)
{
    size_t begin = ++i;
    bool ascii = true;
    while (i < t.n && t.p[i] != '"') {
        unsigned char c = (unsigned char)t.p[i];
        if (c < ' ')
            return SIZE_MAX;
        ascii = ascii && c < 0x80;
        i = c == '\\' ? check_escape(t, i + 1) : i + 1;
        if (i == SIZE_MAX)
            return i;
    }
    if (i >= t.n || (!ascii && !sm_utf8_valid(sm_str_sub(t, begin, i), NULL)))
        return SIZE_MAX;
    return i + 1;
}

static size_t check_digits(sm_str t, size_t i)
{
    size_t from = i;
    while (i < t.n && is_digit(t.p[i]))
        i++;
    return i > from ? i : SIZE_MAX;
}

static size_t check_number(sm_str t, size_t i)
{
    i += t.p[i] == '-';
    size_t from = i;
    i = check_digits(t, i);
    if (i == SIZE_MAX || (t.p[from] == '0' && i > from + 1))
        return SIZE_MAX;
    if (i < t.n && t.p[i] == '.')
        i = check_digits(t, i + 1);
    if (i < t.n && (t.p[i] == 'e' || t.p[i] == 'E')) {
        i++;
        i += i < t.n && (t.p[i] == '+' || t.p[i] == '-');
        i = check_digits(t, i);
    }
    return i;
}

static size_t check_word(sm_str t, size_t i)
{
    static const char *const words[] = { "true", "false", "null" };
    for (size_t k = 0; k < SM_LEN(words); k++)
        if (sm_str_starts(sm_str_sub(t, i, t.n), sm_str_of(words[k])))
            return i + strlen(words[k]);
    return SIZE_MAX;
}

static size_t check_scalar(sm_str t, size_t i)
{
    if (t.p[i] == '"')
        return check_string(t, i);
    if (t.p[i] == '-' || is_digit(t.p[i]))
        return check_number(t, i);
    return check_word(t, i);
}

/* A key and its colon. */
static size_t check_key(sm_str t, size_t i)
{
    i = skip_blanks(t, i);
    if (i >= t.n || t.p[i] != '"' || (i = check_string(t, i)) == SIZE_MAX)
        return SIZE_MAX;
    i = skip_blanks(t, i);
    return i < t.n && t.p[i] == ':' ? skip_blanks(t, i + 1) : SIZE_MAX;
}

typedef struct walk {
    sm_str t;
    size_t at;
    uint64_t is_object; /* bit per level */
    int depth;
} walk;

/* Opens what begins at w->at; true when a value must come next, false when it ended at once. */
static bool open_level(walk *w, bool *failed)
{
    bool object = w->t.p[w->at] == '{';
    if (w->depth == SM_RAW_MAX_DEPTH) {
        *failed = true;
        return false;
    }
    w->is_object = (w->is_object << 1) | object;
    w->depth++;
    size_t i = skip_blanks(w->t, w->at + 1);
    if (i < w->t.n && w->t.p[i] == (object ? '}' : ']')) {
        w->at = i;
        return false;
    }
    i = object ? check_key(w->t, i) : i;
    *failed = i == SIZE_MAX;
    w->at = *failed ? w->at : i;
    return !*failed;
}

/* After a value: closes levels; true when another value must come next. */
static bool go_on(walk *w, bool *failed)
{
    while (w->depth) {
        bool object = w->is_object & 1;
        size_t i = skip_blanks(w->t, w->at);
        w->at = i;
        if (i < w->t.n && w->t.p[i] == ',') {
            i = object ? check_key(w->t, i + 1) : skip_blanks(w->t, i + 1);
            *failed = i == SIZE_MAX;
            w->at = *failed ? w->at : i;
            return !*failed;
        }
        if (i >= w->t.n || w->t.p[i] != (object ? '}' : ']')) {
            *failed = true;
            return false;
        }
        w->at = i + 1;
        w->is_object >>= 1;
        w->depth--;
    }
    return false;
}

/* One scalar, or one level opened. */
static bool step(walk *w)
{
    bool failed = false;
    char c = w->at < w->t.n ? w->t.p[w->at] : 0;
    if (c == '{' || c == '[') {
        if (open_level(w, &failed))
            return true;
    } else {
        size_t i = w->at < w->t.n ? check_scalar(w->t, w->at) : SIZE_MAX;
        failed = i == SIZE_MAX;
        w->at = failed ? w->at : i;
    }
    if (!failed && go_on(w, &failed))
        return true;
    if (failed)
        w->depth = -1;
    return false;
}

bool sm_raw_check(sm_str text, size_t *at)
{
    walk w = { .t = text, .at = skip_blanks(text, 0) };
    while (step(&w))
        ;
    if (w.depth == 0)
        w.at = skip_blanks(text, w.at);
    if (at)
        *at = w.at;
    return w.depth == 0 && w.at == text.n;
}

/* --------------------------------------------------------------- looking in */

static size_t skip_string(sm_str t, size_t i)
{
    for (i++; i < t.n && t.p[i] != '"'; i++)
        i += t.p[i] == '\\';
    return SM_MIN(i + 1, t.n);
}

/* After the value at i, of a text that was checked. */
static size_t skip_value(sm_str t, size_t i)
{
    int depth = 0;
    while (i < t.n) {
        char c = t.p[i];
        if (c == '"') {
            i = skip_string(t, i);
        } else if (c == '{' || c == '[') {
            depth++;
            i++;
        } else if (c == '}' || c == ']') {
            depth--;
            i++;
        } else if (depth || c == ',' || c == ':' || is_blank(c)) {
            i++;
        } else {
            while (i < t.n && !is_blank(t.p[i]) && !strchr(",]}", t.p[i]))
                i++;
        }
        if (depth <= 0)
            break;
    }
    return i;
}

/* Where the next member or element begins; SIZE_MAX at the end. */
static size_t next_at(sm_str t, size_t pos, char open)
{
    size_t i = skip_blanks(t, pos);
    if (pos == 0 && (i >= t.n || t.p[i] != open))
        return SIZE_MAX;
    if (pos == 0 || (i < t.n && t.p[i] == ','))
        i = skip_blanks(t, i + 1);
    return i < t.n && t.p[i] != '}' && t.p[i] != ']' ? i : SIZE_MAX;
}

bool sm_raw_next(sm_str object, size_t *pos, sm_raw_member *out)
{
    size_t from = next_at(object, *pos, '{');
    if (from == SIZE_MAX || object.p[from] != '"')
        return false;
    size_t end = skip_string(object, from);
    size_t at = skip_blanks(object, end);
    at = skip_blanks(object, at + 1);
    *pos = skip_value(object, at);
    out->key = sm_str_sub(object, from + 1, end - 1);
    out->value = sm_str_sub(object, at, *pos);
    out->from = from;
    return true;
}

sm_str sm_raw_find(sm_str object, const char *key)
{
    sm_raw_member m;
    for (size_t pos = 0; sm_raw_next(object, &pos, &m);)
        if (sm_str_eq(m.key, sm_str_of(key)))
            return m.value;
    return (sm_str){ 0 };
}

bool sm_raw_item(sm_str array, size_t *pos, sm_str *out)
{
    size_t from = next_at(array, *pos, '[');
    if (from == SIZE_MAX)
        return false;
    *pos = skip_value(array, from);
    *out = sm_str_sub(array, from, *pos);
    return true;
}

bool sm_raw_is_string(sm_str v)
{
    return v.n >= 2 && v.p[0] == '"';
}

bool sm_raw_is(sm_str v, const char *word)
{
    return sm_str_eq(v, sm_str_of(word));
}

bool sm_raw_plain(sm_str v, sm_str *out)
{
    if (!sm_raw_is_string(v) || memchr(v.p, '\\', v.n))
        return false;
    *out = sm_str_sub(v, 1, v.n - 1);
    return true;
}

bool sm_raw_int(sm_str v, int64_t *out)
{
    return v.n > 0 && v.n <= 18 && sm_str_to_int(v, out);
}

void sm_raw_add_string(sm_buf *b, sm_str text)
{
    sm_buf_addc(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"' || c == '\\')
            sm_buf_addc(b, '\\');
        if ((unsigned char)c < ' ')
            sm_buf_addf(b, "\\u%04x", (unsigned)c);
        else
            sm_buf_addc(b, c);
    }
    sm_buf_addc(b, '"');
}
