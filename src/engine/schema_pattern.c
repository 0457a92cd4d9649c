/*
 * Regular expressions inside JSON strings, as a grammar.  Where a character of the expression's can
 * stand in a JSON string only escaped, the escape is what the grammar admits.
 */
#include "engine/schema_inner.h"

#include <string.h>

enum { MAX_NESTING = 16, MAX_TIMES = 1000 };

struct reader {
    sm_schema *s;
    sm_str at;
    sm_str rest;
    int nesting;
};

static sm_rc fail(struct reader *r, const char *what)
{
    return sm_schema_fail(r->s, SM_E_INVALID, r->at, "pattern：%s", what);
}

static bool next_is(const struct reader *r, const char *what)
{
    return sm_str_starts(r->rest, sm_str_of(what));
}

static bool skip(struct reader *r, const char *what)
{
    if (!next_is(r, what))
        return false;
    r->rest = sm_str_sub(r->rest, strlen(what), r->rest.n);
    return true;
}

/* ----------------------------------------------------------------- classes */

/* Inside a class: what is admitted, and what is kept out where the class is negated.  Blanks are
 * admitted only as such; whatever else ECMA counts as one is kept out. */
static const struct {
    char name;
    const char *admitted, *excluded;
} shorthands[] = {
    { 'd', "0-9", "0-9" },
    { 'w', "a-zA-Z0-9_", "a-zA-Z0-9_" },
    { 's', " ", " \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000\\uFEFF" },
};

#define NEVER "\"\\\\\\x00-\\x1F\\x7F" /* in a class: what never stands in a string as it is */

static int find_shorthand(const struct reader *r)
{
    if (r->rest.n < 2 || r->rest.p[0] != '\\')
        return -1;
    for (size_t i = 0; i < SM_LEN(shorthands); i++)
        if ((shorthands[i].name | 0x20) == (r->rest.p[1] | 0x20))
            return (int)i;
    return -1;
}

static sm_rc read_hex(struct reader *r, size_t n, uint32_t *out)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        const char *digits = "0123456789abcdef", *at;
        if (!r->rest.n || !(at = strchr(digits, r->rest.p[0] | 0x20)) || !*at)
            return fail(r, "\\x 或 \\u 后面不是十六进制数");
        v = v << 4 | (uint32_t)(at - digits);
        r->rest = sm_str_sub(r->rest, 1, r->rest.n);
    }
    if (v >= 0xd800 && v < 0xe000)
        return fail(r, "不支持代理区的 \\u");
    *out = v;
    return SM_OK;
}

/* Behind a backslash: one character.  Shorthands have been looked for. */
static sm_rc read_escape(struct reader *r, uint32_t *out)
{
    static const char letters[] = "tnrfv", meant[] = "\t\n\r\f\v";
    if (!r->rest.n)
        return fail(r, "以反斜杠结尾");
    uint32_t c = sm_schema_next_char(&r->rest);
    if (c == 'x' || c == 'u')
        return read_hex(r, c == 'x' ? 2 : 4, out);
    const char *at = c < 0x80 ? strchr(letters, (int)c) : NULL;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter && !at)
        return fail(r, "不支持这种转义（\\b、反向引用、\\p 等）");
    *out = at && *at ? (uint32_t)meant[at - letters] : c;
    return SM_OK;
}

static sm_rc read_class_char(struct reader *r, uint32_t *out)
{
    if (!r->rest.n)
        return fail(r, "方括号没有闭合");
    if (skip(r, "\\"))
        return read_escape(r, out);
    *out = sm_schema_next_char(&r->rest);
    return SM_OK;
}

/* The part of a range that stands in a string as it is; true if there is any. */
static bool add_range(sm_buf *b, uint32_t from, uint32_t to)
{
    static const uint32_t special[] = { '"', '\\', 0x7f };
    size_t before = b->n;
    from = SM_MAX(from, 0x20u);
    for (size_t i = 0; i <= SM_LEN(special) && from <= to; i++) {
        uint32_t end = i < SM_LEN(special) && special[i] <= to ? special[i] - 1 : to;
        if (i < SM_LEN(special) && special[i] < from)
            continue;
        if (from <= end) {
            sm_schema_add_char(b, from);
            if (end > from) {
                sm_buf_addc(b, '-');
                sm_schema_add_char(b, end);
            }
        }
        if (end == to)
            break;
        from = end + 2;
    }
    return b->n > before;
}

static sm_rc add_class_item(struct reader *r, bool negated, sm_buf *b)
{
    uint32_t from, to;
    int k = find_shorthand(r);
    if (k >= 0 && r->rest.p[1] != shorthands[k].name)
        return fail(r, "方括号里不支持 \\D、\\W、\\S");
    if (k >= 0) {
        sm_buf_addf(b, "%s", negated ? shorthands[k].excluded : shorthands[k].admitted);
        r->rest = sm_str_sub(r->rest, 2, r->rest.n);
        return SM_OK;
    }
    sm_rc rc = read_class_char(r, &from);
    to = from;
    if (rc == SM_OK && r->rest.n > 1 && r->rest.p[0] == '-' && r->rest.p[1] != ']') {
        skip(r, "-");
        rc = read_class_char(r, &to);
    }
    if (rc < 0)
        return rc;
    if (to < from)
        return fail(r, "方括号里的范围前后颠倒");
    add_range(b, from, to);
    return SM_OK;
}

static sm_rc read_class(struct reader *r, sm_str *out)
{
    sm_buf b;
    bool negated = skip(r, "^");
    sm_rc rc = SM_OK;
    sm_buf_init(&b, 1 << 14);
    while (rc == SM_OK && !skip(r, "]"))
        rc = add_class_item(r, negated, &b);
    if (rc == SM_OK && b.n == 0 && !negated)
        rc = fail(r, "方括号是空的，或只有引号、反斜杠、控制字符");
    if (rc == SM_OK)
        *out = sm_strf(r->s->op->arena, negated ? "[^%.*s" NEVER "]" : "[%.*s]",
                       SM_ARG(sm_buf_str(&b)));
    sm_buf_done(&b);
    return rc;
}

static sm_str shorthand(struct reader *r, int k)
{
    bool negated = r->rest.p[1] != shorthands[k].name;
    r->rest = sm_str_sub(r->rest, 2, r->rest.n);
    return sm_strf(r->s->op->arena, negated ? "[^%s" NEVER "]" : "[%s]",
                   negated ? shorthands[k].excluded : shorthands[k].admitted);
}

/* ------------------------------------------------------------- expressions */

static sm_rc read_choice(struct reader *r, sm_str *out);

/* A character as JSON spells it in a string. */
static sm_str literal(struct reader *r, uint32_t c)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    sm_arena *a = r->s->op->arena;
    const char *at = c < 0x80 ? strchr(named, (int)c) : NULL;
    if (at && *at)
        return sm_schema_quote(a, sm_strf(a, "\\%c", letters[at - named]));
    if (c < 0x20 || c == 0x7f)
        return sm_schema_quote(a, sm_strf(a, "\\u%04x", (unsigned)c));
    sm_buf b;
    sm_buf_init(&b, 32);
    sm_buf_addc(&b, '"');
    sm_schema_add_char(&b, c);
    sm_buf_addc(&b, '"');
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

static sm_rc read_group(struct reader *r, sm_str *out)
{
    sm_str inside;
    if (next_is(r, "?") && !skip(r, "?:"))
        return fail(r, "不支持前后查看和命名的分组");
    if (r->nesting >= MAX_NESTING)
        return fail(r, "分组嵌套太深");
    r->nesting++;
    sm_rc rc = read_choice(r, &inside);
    r->nesting--;
    if (rc == SM_OK && !skip(r, ")"))
        rc = fail(r, "圆括号没有闭合");
    if (rc == SM_OK)
        *out = sm_schema_rule(r->s, inside);
    return rc;
}

static sm_rc read_atom(struct reader *r, sm_str *out)
{
    uint32_t c;
    int k = find_shorthand(r);
    if (k >= 0) {
        *out = shorthand(r, k);
        return SM_OK;
    }
    if (skip(r, "("))
        return read_group(r, out);
    if (skip(r, "["))
        return read_class(r, out);
    if (skip(r, ".")) {
        *out = SM_STR("[^" NEVER "]");
        return SM_OK;
    }
    if (memchr("*+?{}^$", r->rest.p[0], 7))
        return fail(r, "量词或 ^ $ 的位置不对（^ $ 只能在整个选项的两端）");
    if (skip(r, "\\")) {
        sm_rc rc = read_escape(r, &c);
        if (rc < 0)
            return rc;
    } else {
        c = sm_schema_next_char(&r->rest);
    }
    *out = literal(r, c);
    return SM_OK;
}

static bool read_number(struct reader *r, int64_t *out)
{
    size_t n = 0;
    while (n < r->rest.n && r->rest.p[n] >= '0' && r->rest.p[n] <= '9')
        n++;
    if (n == 0 || n > 6 || !sm_str_to_int(sm_str_sub(r->rest, 0, n), out))
        return false;
    r->rest = sm_str_sub(r->rest, n, r->rest.n);
    return true;
}

/* *any is false when there is none. */
static sm_rc read_quantifier(struct reader *r, bool *any, int64_t *min, int64_t *max)
{
    *any = true;
    *min = next_is(r, "+") ? 1 : 0;
    *max = next_is(r, "?") ? 1 : SM_SCHEMA_NO_MAX;
    if (!skip(r, "*") && !skip(r, "+") && !skip(r, "?")) {
        *any = skip(r, "{");
        if (!*any)
            return SM_OK;
        if (!read_number(r, min))
            return fail(r, "花括号里不是次数");
        *max = *min;
        if (skip(r, ",") && !read_number(r, max))
            *max = SM_SCHEMA_NO_MAX;
        if (!skip(r, "}"))
            return fail(r, "花括号没有闭合");
    }
    skip(r, "?"); /* lazy: which one matches makes no difference to whether one does */
    if (*min > MAX_TIMES || *max > MAX_TIMES || (*max != SM_SCHEMA_NO_MAX && *max < *min))
        return fail(r, "次数超过 1000，或上限小于下限");
    return SM_OK;
}

static sm_rc read_sequence(struct reader *r, sm_buf *b)
{
    while (r->rest.n && !next_is(r, "|") && !next_is(r, ")") &&
           !(r->nesting == 0 && (next_is(r, "$|") || sm_str_eq(r->rest, SM_STR("$"))))) {
        sm_str atom;
        bool any = false;
        int64_t min = 1, max = 1;
        sm_rc rc = read_atom(r, &atom);
        if (rc == SM_OK)
            rc = read_quantifier(r, &any, &min, &max);
        if (rc < 0)
            return rc;
        if (any)
            atom = sm_schema_repeat(r->s, sm_schema_rule(r->s, atom), min, max);
        sm_buf_addf(b, "%.*s ", SM_ARG(atom));
    }
    return SM_OK;
}

/* Alternatives.  Outermost, each that is not tied to an end of the string may have more there. */
static sm_rc read_choice(struct reader *r, sm_str *out)
{
    sm_buf b;
    bool outermost = r->nesting == 0;
    sm_rc rc;
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    do {
        sm_buf_addf(&b, "%s", b.n ? "| " : "");
        if (outermost && !skip(r, "^"))
            sm_buf_addf(&b, "%.*s* ", SM_ARG(sm_schema_base(r->s, SM_BASE_CHAR)));
        sm_buf_addf(&b, "\"\" ");
        rc = read_sequence(r, &b);
        if (rc == SM_OK && outermost && !skip(r, "$"))
            sm_buf_addf(&b, "%.*s* ", SM_ARG(sm_schema_base(r->s, SM_BASE_CHAR)));
    } while (rc == SM_OK && skip(r, "|"));
    if (rc == SM_OK)
        *out = sm_str_dup(r->s->op->arena, sm_buf_str(&b));
    r->s->rules.failed |= b.failed;
    sm_buf_done(&b);
    return rc;
}

sm_rc sm_schema_pattern(sm_schema *s, sm_str pattern, sm_str at, sm_str *out)
{
    struct reader r = { .s = s, .at = at, .rest = pattern };
    if (pattern.n > SM_SCHEMA_MAX_PATTERN_BYTES)
        return sm_schema_fail(s, SM_E_LIMIT, at, "pattern 超过 %d 字节",
                              SM_SCHEMA_MAX_PATTERN_BYTES);
    sm_rc rc = read_choice(&r, out);
    if (rc == SM_OK && r.rest.n)
        rc = fail(&r, "有多余的右括号");
    return rc;
}
