/*
 * The checker "pattern": params are one pattern, or a list `patterns` of them.
 *
 *   match    what is wrong (PCRE2, UTF-8; \d and \w are ASCII), looked for line by line
 *   where    the roles of lines that are read
 *   needs    one of these must stand in the line, else it is not looked at: for speed alone
 *   group    the part of the match that is the finding: 0 … 9
 *   unless   silent where this is found, too: in the line, or with
 *   near     so many characters around the match
 *   suggest  what should stand there; $0 … $9 are the match's parts, $$ is $; "" deletes;
 *            $a1 and $c1 are a part's number in Arabic and in Chinese numerals
 *   why      for the finding
 *   kinds    the types of documents that this one of `patterns` is for; a rule's own kinds are for
 *            all
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "review/pack.h"

enum {
    MAX_PATTERNS = 500,
    MAX_PATTERN_BYTES = 16384,
    MAX_GROUPS = 10,
    MATCH_LIMIT = 2000000,
    DEPTH_LIMIT = 20000,
    MAX_NEAR = 200
};

typedef struct pattern {
    const pcre2_code *match, *unless; /* unless may be NULL */
    size_t near;                      /* characters; 0: the whole line */
    size_t group;
    const char **needs;
    size_t n_needs;
    sm_str suggest, why;
    bool suggests;
    const json_t *kinds; /* NULL: all */
} pattern;

typedef struct patterns {
    pattern *p;
    size_t n;
} patterns;

static void free_code(void *code)
{
    pcre2_code_free(code);
}

static sm_rc compile(sm_op *op, const sm_rule *rule, sm_str text, const pcre2_code **out)
{
    if (!text.n || text.n > MAX_PATTERN_BYTES)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：正则为空或过长", SM_ARG(rule->id));
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
                                     PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
    if (!code) {
        PCRE2_UCHAR why[160];
        pcre2_get_error_message(error, why, sizeof(why));
        return sm_fail(op, SM_E_INVALID, "规则%.*s：正则第%zu字节处不对：%s", SM_ARG(rule->id),
                       (size_t)at, (const char *)why);
    }
    sm_arena_defer(op->arena, free_code, code);
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, matching is slower */
    *out = code;
    return SM_OK;
}

static sm_rc whole_number(sm_op *op, const sm_rule *rule, const json_t *o, const char *key,
                          size_t max, size_t *out)
{
    const json_t *v = json_object_get(o, key);
    *out = 0;
    if (!v)
        return SM_OK;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || (size_t)json_integer_value(v) > max)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：%s要是0到%zu的整数", SM_ARG(rule->id), key,
                       max);
    *out = (size_t)json_integer_value(v);
    return SM_OK;
}

static sm_rc read_needs(sm_op *op, const sm_rule *rule, const json_t *list, pattern *p)
{
    p->n_needs = json_array_size(list);
    p->needs = SM_NEWS(op->arena, const char *, p->n_needs);
    for (size_t i = 0; i < p->n_needs; i++) {
        p->needs[i] = json_string_value(json_array_get(list, i));
        if (!p->needs[i] || !*p->needs[i])
            return sm_fail(op, SM_E_INVALID, "规则%.*s：needs要是文字的列表", SM_ARG(rule->id));
    }
    return SM_OK;
}

static sm_rc make_one(sm_op *op, const sm_rule *rule, const json_t *o, pattern *p)
{
    sm_rc rc = compile(op, rule, sm_json_str(o, "match"), &p->match);
    if (rc == SM_OK && json_object_get(o, "unless"))
        rc = compile(op, rule, sm_json_str(o, "unless"), &p->unless);
    if (rc == SM_OK)
        rc = whole_number(op, rule, o, "near", MAX_NEAR, &p->near);
    if (rc == SM_OK)
        rc = whole_number(op, rule, o, "group", MAX_GROUPS - 1, &p->group);
    if (rc == SM_OK)
        rc = read_needs(op, rule, json_object_get(o, "needs"), p);
    if (rc != SM_OK)
        return rc;
    uint32_t groups = 0;
    pcre2_pattern_info(p->match, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (p->group > groups)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：正则没有第%zu组", SM_ARG(rule->id), p->group);
    p->suggests = json_is_string(json_object_get(o, "suggest"));
    p->suggest = sm_json_str(o, "suggest");
    p->why = sm_json_str(o, "why");
    p->kinds = json_object_get(o, "kinds");
    return SM_OK;
}

sm_rc sm_pattern_make(sm_op *op, const sm_rule *rule, const void **made)
{
    const json_t *list = json_object_get(rule->params, "patterns");
    patterns *all = SM_NEW(op->arena, patterns);
    size_t n = list ? json_array_size(list) : 1;
    if (!n || n > MAX_PATTERNS)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：patterns要有1到%d条", SM_ARG(rule->id),
                       MAX_PATTERNS);
    all->p = SM_NEWS(op->arena, pattern, n);
    sm_rc rc = SM_OK;
    for (; rc == SM_OK && all->n < n; all->n++)
        rc =
            make_one(op, rule, list ? json_array_get(list, all->n) : rule->params, &all->p[all->n]);
    *made = all;
    return rc;
}

/* -------------------------------------------------------------------- run */

typedef struct search {
    sm_check *c;
    const sm_rule *rule;
    pcre2_match_data *data;
    pcre2_match_context *limits;
} search;

/* How many groups were set, 0: no match.  A pattern that reaches its limits is an error of the
 * review, not a line passed over. */
static int match(const search *s, const pcre2_code *code, sm_str text, size_t from)
{
    PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : "");
    int n = pcre2_match(code, p, text.n, from, PCRE2_NO_UTF_CHECK, s->data, s->limits);
    if (n == PCRE2_ERROR_JIT_STACKLIMIT) /* the interpreter has no such limit */
        n = pcre2_match(code, p, text.n, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, s->data,
                        s->limits);
    if (n >= 0)
        return n ? n : MAX_GROUPS;
    if (n != PCRE2_ERROR_NOMATCH)
        sm_fail(s->c->op, SM_E_LIMIT, "规则%.*s的正则在一行文字上超过了匹配上限",
                SM_ARG(s->rule->id));
    return 0;
}

static bool boundary(sm_str s, size_t at)
{
    return at >= s.n || (s.p[at] & 0xc0) != 0x80;
}

/* `near` characters before and after. */
static sm_str around(sm_str line, size_t from, size_t to, size_t near)
{
    for (size_t i = 0; i < near && from > 0; i++)
        while (--from > 0 && !boundary(line, from))
            ;
    for (size_t i = 0; i < near && to < line.n; i++)
        while (++to < line.n && !boundary(line, to))
            ;
    return sm_str_sub(line, from, to);
}

static sm_str part(const PCRE2_SIZE *v, int n, size_t i, sm_str text)
{
    return (int)i < n && v[2 * i] != PCRE2_UNSET ? sm_str_sub(text, v[2 * i], v[2 * i + 1])
                                                 : (sm_str){ 0 };
}

/* As in the text where it is no number. */
static void add_part(sm_buf *b, char how, sm_str part)
{
    int64_t v = how ? sm_text_integer(part) : -1;
    if (v < 0 || v >= 1000000000000)
        sm_buf_add(b, part);
    else if (how == 'a')
        sm_buf_addf(b, "%lld", (long long)v);
    else
        sm_text_han(b, v, false);
}

static sm_str filled(const search *s, sm_str as, const PCRE2_SIZE *v, int n, sm_str text)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < as.n; i++) {
        char next = i + 1 < as.n ? as.p[i + 1] : 0, how = 0;
        if ((next == 'a' || next == 'c') && i + 2 < as.n) {
            how = next;
            next = as.p[i + 2];
        }
        if (as.p[i] != '$' || (next != '$' && (next < '0' || next > '9'))) {
            sm_buf_addc(&b, as.p[i]);
            continue;
        }
        i += how ? 2 : 1;
        if (next == '$')
            sm_buf_addc(&b, '$');
        else
            add_part(&b, how, part(v, n, (size_t)(next - '0'), text));
    }
    sm_str out = { 0 };
    sm_buf_take(s->c->op, &b, &out);
    return out;
}

static void add(const search *s, const pattern *p, const sm_line *line, sm_str text,
                const PCRE2_SIZE *v, int n)
{
    sm_str what = part(v, n, p->group, text);
    if (!what.n)
        return;
    sm_finding *f = sm_find_slice(s->c, s->rule, line, what);
    if (p->suggests)
        sm_propose(f, filled(s, p->suggest, v, n, text));
    if (p->why.n)
        f->why = p->why;
}

static bool excused(const search *s, const pattern *p, sm_str text, size_t from, size_t to)
{
    if (!p->unless)
        return false;
    return match(s, p->unless, p->near ? around(text, from, to, p->near) : text, 0) > 0;
}

static void run_line(const search *s, const pattern *p, const sm_line *line)
{
    sm_str text = line->text;
    size_t at = 0;
    if (p->n_needs && !sm_str_has_any(text, p->needs, p->n_needs))
        return;
    while (at <= text.n && s->c->op->rc == SM_OK) {
        int n = match(s, p->match, text, at);
        if (!n)
            return;
        PCRE2_SIZE v[2 * MAX_GROUPS];
        const PCRE2_SIZE *found = pcre2_get_ovector_pointer(s->data);
        n = SM_MIN(n, MAX_GROUPS);
        for (int i = 0; i < 2 * n; i++) /* the search for `unless` writes there, too */
            v[i] = found[i];
        if (!excused(s, p, text, v[0], v[1]))
            add(s, p, line, text, v, n);
        at = v[1] > v[0] ? v[1] : v[1] + 1;
        while (!boundary(text, at))
            at++;
    }
}

void sm_pattern_run(sm_check *c, const sm_rule *rule)
{
    const patterns *all = sm_rule_made(c, rule);
    unsigned where;
    if (!all || !sm_rule_where(rule, &where))
        return;
    search s = { .c = c, .rule = rule };
    s.data = pcre2_match_data_create(64, NULL);
    s.limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(s.limits, MATCH_LIMIT);
    pcre2_set_depth_limit(s.limits, DEPTH_LIMIT);
    for (size_t i = 0; i < c->o->n && c->op->rc == SM_OK; i++)
        if (where >> c->o->line[i].role & 1 && c->o->line[i].text.n)
            for (size_t k = 0; k < all->n; k++)
                if (!all->p[k].kinds || sm_named(all->p[k].kinds, c->o->kind))
                    run_line(&s, &all->p[k], &c->o->line[i]);
    pcre2_match_context_free(s.limits);
    pcre2_match_data_free(s.data);
}
