/*
 * The rule language of `eligibility`: recursive descent over at most SM_EXPR_MAX_BYTES, depth
 * bounded, three-valued.  What is unknown stays unknown: unknown && false is false, unknown ||
 * true is true, everything else that touches an unknown is unknown.
 */
#include "answer/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    sm_op *op;
    sm_str text;
    size_t at;
    int depth;
    const sm_binding *var;
    size_t n_vars;
    sm_rc rc;
};

static sm_value fail(struct parser *p, const char *what)
{
    if (p->rc == SM_OK)
        p->rc = sm_fail(p->op, SM_E_INVALID, "资格规则第 %zu 个字节处：%s（规则：%.*s）", p->at + 1,
                        what, SM_ARG(p->text));
    return (sm_value){ .type = SM_VALUE_UNKNOWN };
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t' ||
                                 p->text.p[p->at] == '\n' || p->text.p[p->at] == '\r'))
        p->at++;
}

static bool take(struct parser *p, const char *sign)
{
    skip_blanks(p);
    sm_str s = sm_str_of(sign);
    if (!sm_str_starts(sm_str_sub(p->text, p->at, p->text.n), s))
        return false;
    p->at += s.n;
    return true;
}

static sm_value from_bool(bool b)
{
    return (sm_value){ .type = SM_VALUE_BOOL, .truth = b };
}

static sm_value parse_or(struct parser *p);

static bool is_name_byte(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static sm_value parse_text(struct parser *p)
{
    size_t from = ++p->at;
    while (p->at < p->text.n && p->text.p[p->at] != '\'')
        p->at++;
    if (p->at == p->text.n)
        return fail(p, "文字缺少右引号");
    return (sm_value){ .type = SM_VALUE_TEXT, .text = sm_str_sub(p->text, from, p->at++) };
}

static sm_value parse_number(struct parser *p)
{
    char digits[32];
    size_t n = 0;
    while (p->at < p->text.n && n + 1 < sizeof(digits) &&
           ((p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9') || p->text.p[p->at] == '.'))
        digits[n++] = p->text.p[p->at++];
    digits[n] = 0;
    char *end;
    double v = strtod(digits, &end);
    if (*end || end == digits)
        return fail(p, "数字写得不对");
    return (sm_value){ .type = SM_VALUE_NUMBER, .number = v };
}

static sm_value parse_name(struct parser *p)
{
    size_t from = p->at;
    while (p->at < p->text.n && is_name_byte(p->text.p[p->at]))
        p->at++;
    sm_str name = sm_str_sub(p->text, from, p->at);
    if (name.n == 0)
        return fail(p, "这里应当是变量、数字或文字");
    if (sm_str_eq(name, SM_STR("true")) || sm_str_eq(name, SM_STR("false")))
        return from_bool(name.p[0] == 't');
    for (size_t i = 0; i < p->n_vars; i++)
        if (sm_str_eq(p->var[i].name, name))
            return p->var[i].value;
    return (sm_value){ .type = SM_VALUE_UNKNOWN };
}

static sm_value parse_primary(struct parser *p)
{
    skip_blanks(p);
    if (p->at == p->text.n)
        return fail(p, "规则没有写完");
    char c = p->text.p[p->at];
    if (c == '\'')
        return parse_text(p);
    if ((c >= '0' && c <= '9') || c == '.')
        return parse_number(p);
    if (c != '(')
        return parse_name(p);
    p->at++;
    sm_value v = parse_or(p);
    if (p->rc == SM_OK && !take(p, ")"))
        return fail(p, "缺少右括号");
    return v;
}

static sm_value parse_unary(struct parser *p)
{
    if (++p->depth > SM_EXPR_MAX_DEPTH)
        return fail(p, "嵌套太深");
    sm_value v;
    skip_blanks(p);
    bool not_equal = sm_str_starts(sm_str_sub(p->text, p->at, p->text.n), SM_STR("!="));
    if (!not_equal && take(p, "!")) {
        v = parse_unary(p);
        if (v.type == SM_VALUE_BOOL)
            v.truth = !v.truth;
        else if (v.type != SM_VALUE_UNKNOWN)
            v = fail(p, "! 只能用在是否判断上");
    } else if (take(p, "-")) {
        v = parse_unary(p);
        if (v.type == SM_VALUE_NUMBER)
            v.number = -v.number;
        else if (v.type != SM_VALUE_UNKNOWN)
            v = fail(p, "负号只能用在数字上");
    } else {
        v = parse_primary(p);
    }
    p->depth--;
    return v;
}

static sm_value arithmetic(struct parser *p, sm_value a, sm_value b, char sign)
{
    if (a.type == SM_VALUE_UNKNOWN || b.type == SM_VALUE_UNKNOWN)
        return (sm_value){ .type = SM_VALUE_UNKNOWN };
    if (a.type != SM_VALUE_NUMBER || b.type != SM_VALUE_NUMBER)
        return fail(p, "加、减、乘只能用在数字上");
    double v = sign == '*'   ? a.number * b.number
               : sign == '+' ? a.number + b.number
                             : a.number - b.number;
    return (sm_value){ .type = SM_VALUE_NUMBER, .number = v };
}

static sm_value parse_product(struct parser *p)
{
    sm_value v = parse_unary(p);
    while (p->rc == SM_OK && take(p, "*"))
        v = arithmetic(p, v, parse_unary(p), '*');
    return v;
}

static sm_value parse_sum(struct parser *p)
{
    sm_value v = parse_product(p);
    while (p->rc == SM_OK) {
        if (take(p, "+"))
            v = arithmetic(p, v, parse_product(p), '+');
        else if (take(p, "-"))
            v = arithmetic(p, v, parse_product(p), '-');
        else
            break;
    }
    return v;
}

enum compare { EQ, NE, LE, GE, LT, GT };

static sm_value compare(struct parser *p, sm_value a, sm_value b, enum compare how)
{
    if (a.type == SM_VALUE_UNKNOWN || b.type == SM_VALUE_UNKNOWN)
        return (sm_value){ .type = SM_VALUE_UNKNOWN };
    if (a.type != b.type)
        return fail(p, "比较的两边不是同一类");
    if (a.type == SM_VALUE_NUMBER) {
        const bool is[] = { [EQ] = fabs(a.number - b.number) < 1e-9,
                            [NE] = fabs(a.number - b.number) >= 1e-9,
                            [LE] = a.number <= b.number,
                            [GE] = a.number >= b.number,
                            [LT] = a.number<b.number, [GT] = a.number> b.number };
        return from_bool(is[how]);
    }
    if (how != EQ && how != NE)
        return fail(p, "大小只能在数字之间比较");
    bool same = a.type == SM_VALUE_BOOL ? a.truth == b.truth : sm_str_eq(a.text, b.text);
    return from_bool(same == (how == EQ));
}

static sm_value parse_compare(struct parser *p)
{
    static const char *const sign[] = { "==", "!=", "<=", ">=", "<", ">" };
    sm_value v = parse_sum(p);
    for (size_t i = 0; p->rc == SM_OK && i < SM_LEN(sign); i++)
        if (take(p, sign[i]))
            return compare(p, v, parse_sum(p), (enum compare)i);
    return v;
}

/* The value that settles a join (false for &&, true for ||) wins over the unknown. */
static sm_value join(struct parser *p, sm_value a, sm_value b, bool settles)
{
    if ((a.type != SM_VALUE_BOOL && a.type != SM_VALUE_UNKNOWN) ||
        (b.type != SM_VALUE_BOOL && b.type != SM_VALUE_UNKNOWN))
        return fail(p, "&& 和 || 两边应当是判断");
    if ((a.type == SM_VALUE_BOOL && a.truth == settles) ||
        (b.type == SM_VALUE_BOOL && b.truth == settles))
        return from_bool(settles);
    if (a.type == SM_VALUE_UNKNOWN || b.type == SM_VALUE_UNKNOWN)
        return (sm_value){ .type = SM_VALUE_UNKNOWN };
    return from_bool(!settles);
}

static sm_value parse_and(struct parser *p)
{
    sm_value v = parse_compare(p);
    while (p->rc == SM_OK && take(p, "&&"))
        v = join(p, v, parse_compare(p), false);
    return v;
}

static sm_value parse_or(struct parser *p)
{
    if (++p->depth > SM_EXPR_MAX_DEPTH)
        return fail(p, "嵌套太深");
    sm_value v = parse_and(p);
    while (p->rc == SM_OK && take(p, "||"))
        v = join(p, v, parse_and(p), true);
    p->depth--;
    return v;
}

sm_rc sm_expr_eval(sm_op *op, sm_str rule, const sm_binding *var, size_t n, sm_truth *out)
{
    if (rule.n > SM_EXPR_MAX_BYTES)
        return sm_fail(op, SM_E_LIMIT, "资格规则超过 %d 字节的上限", SM_EXPR_MAX_BYTES);
    struct parser p = { .op = op, .text = rule, .var = var, .n_vars = n };
    sm_value v = parse_or(&p);
    skip_blanks(&p);
    if (p.rc == SM_OK && p.at != rule.n)
        fail(&p, "后面有多余的内容");
    if (p.rc == SM_OK && v.type != SM_VALUE_BOOL && v.type != SM_VALUE_UNKNOWN)
        fail(&p, "规则的结果不是判断");
    if (p.rc < 0)
        return p.rc;
    *out = v.type == SM_VALUE_UNKNOWN ? SM_UNKNOWN : v.truth ? SM_TRUE : SM_FALSE;
    return SM_OK;
}

static bool is_bound(sm_str name, const sm_binding *var, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(var[i].name, name))
            return true;
    return false;
}

/* Whether the rule speaks of the name at all, as a whole word outside quotes. */
static bool rule_names(sm_str rule, sm_str name)
{
    bool quoted = false;
    for (size_t at = 0; at < rule.n;) {
        size_t from = at;
        while (at < rule.n && !quoted && is_name_byte(rule.p[at]))
            at++;
        if (at > from && sm_str_eq(sm_str_sub(rule, from, at), name))
            return true;
        quoted ^= at == from && rule.p[at] == '\'';
        at += at == from;
    }
    return false;
}

sm_rc sm_expr_next(sm_op *op, sm_str rule, const sm_binding *var, size_t n, const sm_str *order,
                   size_t n_order, const sm_str **out)
{
    sm_truth now;
    sm_rc rc = sm_expr_eval(op, rule, var, n, &now);
    if (rc < 0)
        return rc;
    *out = NULL;
    if (now != SM_UNKNOWN)
        return SM_OK;
    for (size_t i = 0; i < n_order; i++)
        if (!is_bound(order[i], var, n) && rule_names(rule, order[i])) {
            *out = &order[i];
            return SM_OK;
        }
    return SM_OK;
}
