/* A grammar (GBNF) read and tried on texts, for the tests of what writes grammars: which places of
 * the text can be reached, rule by rule.  Slow and simple; nothing of libllama's. */
#ifndef SM_TESTS_ENGINE_GBNF_H
#define SM_TESTS_ENGINE_GBNF_H

#include "base/base.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GBNF_MAX_TEXT = 2048 };

typedef enum { GBNF_CHARS, GBNF_SEQUENCE, GBNF_CHOICE, GBNF_REPEAT, GBNF_RULE } gbnf_kind;

typedef struct gbnf_node {
    gbnf_kind kind;
    bool negated;
    size_t n, cap; /* of range pairs, or of children */
    uint32_t *range;
    struct gbnf_node **child;
    int64_t min, max;
    sm_str name;
} gbnf_node;

typedef struct gbnf_rule {
    sm_str name;
    gbnf_node *body;
} gbnf_rule;

typedef struct gbnf {
    sm_arena *a;
    const char *p, *end;
    gbnf_rule *rule;
    size_t n, cap;
} gbnf;

typedef struct gbnf_places {
    bool at[GBNF_MAX_TEXT + 1];
} gbnf_places;

static inline uint32_t gbnf_code_point(const char **p)
{
    const uint8_t *s = (const uint8_t *)*p;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (s[i] & 0x3fu);
    *p += n;
    return c;
}

static inline uint32_t gbnf_char(gbnf *g)
{
    if (*g->p != '\\')
        return gbnf_code_point(&g->p);
    char c = g->p[1];
    g->p += 2;
    size_t n = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (n) {
        char hex[9] = "";
        memcpy(hex, g->p, n);
        g->p += n;
        return (uint32_t)strtoul(hex, NULL, 16);
    }
    if (c == 'n' || c == 'r' || c == 't')
        return c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
    if (!strchr("\\\"[]-", c))
        fail_msg("libllama knows no escape \\%c", c);
    return (uint32_t)c;
}

static inline gbnf_node *gbnf_new(gbnf *g, gbnf_kind kind)
{
    gbnf_node *n = SM_NEW(g->a, gbnf_node);
    n->kind = kind;
    return n;
}

static inline void gbnf_add(gbnf *g, gbnf_node *to, gbnf_node *child)
{
    SM_GROW(g->a, to->child, to->n, to->cap);
    to->child[to->n++] = child;
}

static inline void gbnf_add_range(gbnf *g, gbnf_node *to, uint32_t from, uint32_t last)
{
    if (to->n + 2 > to->cap)
        SM_GROW(g->a, to->range, to->n, to->cap);
    to->range[to->n++] = from;
    SM_GROW(g->a, to->range, to->n, to->cap);
    to->range[to->n++] = last;
}

static inline void gbnf_blanks(gbnf *g, bool lines)
{
    while (g->p < g->end && (*g->p == ' ' || (lines && *g->p == '\n')))
        g->p++;
}

static gbnf_node *gbnf_choice(gbnf *g);

static inline gbnf_node *gbnf_class(gbnf *g)
{
    gbnf_node *n = gbnf_new(g, GBNF_CHARS);
    g->p++;
    n->negated = *g->p == '^';
    g->p += n->negated;
    while (*g->p != ']') {
        uint32_t from = gbnf_char(g), to = from;
        if (g->p[0] == '-' && g->p[1] != ']') {
            g->p++;
            to = gbnf_char(g);
        }
        assert_true(from <= to);
        gbnf_add_range(g, n, from, to);
    }
    g->p++;
    return n;
}

static inline gbnf_node *gbnf_literal(gbnf *g)
{
    gbnf_node *n = gbnf_new(g, GBNF_SEQUENCE);
    g->p++;
    while (*g->p != '"') {
        gbnf_node *one = gbnf_new(g, GBNF_CHARS);
        uint32_t c = gbnf_char(g);
        gbnf_add_range(g, one, c, c);
        gbnf_add(g, n, one);
    }
    g->p++;
    return n;
}

static inline gbnf_node *gbnf_atom(gbnf *g)
{
    gbnf_node *n;
    if (*g->p == '"')
        return gbnf_literal(g);
    if (*g->p == '[')
        return gbnf_class(g);
    if (*g->p == '(') {
        g->p++;
        n = gbnf_choice(g);
        assert_int_equal(*g->p, ')');
        g->p++;
        return n;
    }
    const char *from = g->p;
    while (isalnum((unsigned char)*g->p) || *g->p == '-')
        g->p++;
    if (g->p == from)
        fail_msg("no grammar: %.40s", from);
    n = gbnf_new(g, GBNF_RULE);
    n->name = (sm_str){ from, (size_t)(g->p - from) };
    return n;
}

static inline gbnf_node *gbnf_repeated(gbnf *g, gbnf_node *what)
{
    gbnf_node *n = gbnf_new(g, GBNF_REPEAT);
    char *end;
    char c = *g->p;
    gbnf_add(g, n, what);
    n->min = c == '+';
    n->max = c == '?' ? 1 : INT64_MAX;
    g->p++;
    if (c != '{')
        return n;
    n->min = n->max = strtoll(g->p, &end, 10);
    if (*end == ',')
        n->max = end[1] == '}' ? INT64_MAX : strtoll(end + 1, &end, 10);
    g->p = strchr(end, '}') + 1;
    assert_true(n->min <= 2000 && (n->max <= 2000 || n->max == INT64_MAX));
    return n;
}

static inline gbnf_node *gbnf_choice(gbnf *g)
{
    gbnf_node *choice = gbnf_new(g, GBNF_CHOICE);
    gbnf_node *sequence = gbnf_new(g, GBNF_SEQUENCE);
    for (;;) {
        gbnf_blanks(g, false);
        if (g->p == g->end || *g->p == ')' || *g->p == '\n')
            break;
        if (*g->p == '|') {
            gbnf_add(g, choice, sequence);
            sequence = gbnf_new(g, GBNF_SEQUENCE);
            g->p++;
            continue;
        }
        gbnf_node *atom = gbnf_atom(g);
        if (g->p < g->end && strchr("*+?{", *g->p))
            atom = gbnf_repeated(g, atom);
        gbnf_add(g, sequence, atom);
    }
    gbnf_add(g, choice, sequence);
    return choice;
}

static inline gbnf *gbnf_read(sm_arena *a, sm_str text)
{
    gbnf *g = SM_NEW(a, gbnf);
    char *copy = sm_cstr(a, text);
    *g = (gbnf){ .a = a, .p = copy, .end = copy + text.n };
    for (gbnf_blanks(g, true); g->p < g->end; gbnf_blanks(g, true)) {
        gbnf_node *name = gbnf_atom(g);
        gbnf_blanks(g, false);
        assert_true(name->kind == GBNF_RULE && strncmp(g->p, "::=", 3) == 0);
        g->p += 3;
        SM_GROW(a, g->rule, g->n, g->cap);
        for (size_t i = 0; i < g->n; i++)
            if (sm_str_eq(g->rule[i].name, name->name))
                fail_msg("rule %.*s is there twice", SM_ARG(name->name));
        g->rule[g->n].name = name->name;
        g->rule[g->n++].body = gbnf_choice(g);
    }
    return g;
}

static inline bool gbnf_has(const gbnf_node *n, uint32_t c)
{
    for (size_t i = 0; i < n->n; i += 2)
        if (n->range[i] <= c && c <= n->range[i + 1])
            return !n->negated;
    return n->negated;
}

static inline void gbnf_walk(const gbnf *g, const gbnf_node *n, sm_str text,
                             const gbnf_places *from, gbnf_places *to);

static inline bool gbnf_any(const gbnf_places *p)
{
    return memchr(p->at, true, sizeof(p->at)) != NULL;
}

static inline bool gbnf_join(gbnf_places *to, const gbnf_places *p)
{
    bool more = false;
    for (size_t i = 0; i < sizeof(to->at); i++) {
        more = more || (p->at[i] && !to->at[i]);
        to->at[i] = to->at[i] || p->at[i];
    }
    return more;
}

static inline void gbnf_walk_repeat(const gbnf *g, const gbnf_node *n, sm_str text,
                                    const gbnf_places *from, gbnf_places *to)
{
    gbnf_places *here = malloc(2 * sizeof(*here)), *next = here + 1;
    *here = *from;
    for (int64_t k = 0; k <= n->max && gbnf_any(here); k++) {
        if (k >= n->min && !gbnf_join(to, here) && n->max == INT64_MAX)
            break;
        gbnf_walk(g, n->child[0], text, here, next);
        *here = *next;
    }
    free(here);
}

static inline const gbnf_node *gbnf_find(const gbnf *g, sm_str name)
{
    for (size_t i = 0; i < g->n; i++)
        if (sm_str_eq(g->rule[i].name, name))
            return g->rule[i].body;
    fail_msg("no rule %.*s", SM_ARG(name));
    return NULL;
}

static inline void gbnf_walk_sequence(const gbnf *g, const gbnf_node *n, sm_str text,
                                      const gbnf_places *from, gbnf_places *to)
{
    gbnf_places *next = malloc(sizeof(*next));
    *to = *from;
    for (size_t i = 0; i < n->n && gbnf_any(to); i++) {
        gbnf_walk(g, n->child[i], text, to, next);
        *to = *next;
    }
    free(next);
}

static inline void gbnf_walk_choice(const gbnf *g, const gbnf_node *n, sm_str text,
                                    const gbnf_places *from, gbnf_places *to)
{
    gbnf_places *one = malloc(sizeof(*one));
    for (size_t i = 0; i < n->n; i++) {
        gbnf_walk(g, n->child[i], text, from, one);
        gbnf_join(to, one);
    }
    free(one);
}

/* to: where n can end that begins at from. */
static inline void gbnf_walk(const gbnf *g, const gbnf_node *n, sm_str text,
                             const gbnf_places *from, gbnf_places *to)
{
    memset(to, 0, sizeof(*to));
    if (!gbnf_any(from))
        return;
    if (n->kind == GBNF_SEQUENCE)
        gbnf_walk_sequence(g, n, text, from, to);
    else if (n->kind == GBNF_CHOICE)
        gbnf_walk_choice(g, n, text, from, to);
    else if (n->kind == GBNF_REPEAT)
        gbnf_walk_repeat(g, n, text, from, to);
    else if (n->kind == GBNF_RULE)
        gbnf_walk(g, gbnf_find(g, n->name), text, from, to);
    else
        for (size_t i = 0; i < text.n; i++)
            if (from->at[i]) {
                const char *p = text.p + i;
                if (gbnf_has(n, gbnf_code_point(&p)))
                    to->at[p - text.p] = true;
            }
}

static inline bool gbnf_admits(const gbnf *g, const char *s)
{
    sm_str text = sm_str_of(s);
    gbnf_places from = { .at = { true } }, to;
    assert_true(text.n <= GBNF_MAX_TEXT);
    gbnf_walk(g, gbnf_find(g, SM_STR("root")), text, &from, &to);
    return to.at[text.n];
}

#endif
