#include "review/figure.h"

#include <math.h>
#include <string.h>

enum { MAX_DIGITS = 24 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A comma that three digits follow and no fourth. */
static bool groups(sm_str s, size_t at)
{
    if (at + 3 >= s.n)
        return false;
    for (size_t i = at + 1; i <= at + 3; i++)
        if (!is_digit(s.p[i]))
            return false;
    return at + 4 >= s.n || !is_digit(s.p[at + 4]);
}

size_t sm_number_read(sm_str s, sm_number *out)
{
    *out = (sm_number){ 0 };
    size_t i = 0;
    double v = 0, unit = 1;
    for (; i < s.n && i < MAX_DIGITS; i++) {
        if (is_digit(s.p[i]))
            v = v * 10 + (s.p[i] - '0');
        else if (s.p[i] == ',' && i && groups(s, i))
            out->grouped = true;
        else
            break;
    }
    if (i && i + 1 < s.n && s.p[i] == '.' && is_digit(s.p[i + 1]))
        for (i++; i < s.n && i < MAX_DIGITS && is_digit(s.p[i]); i++, out->decimals++)
            v += (s.p[i] - '0') * (unit /= 10);
    out->text = sm_str_sub(s, 0, i);
    out->value = v;
    return i;
}

static sm_str grouped(sm_arena *a, sm_str plain)
{
    size_t whole = sm_str_find(plain, SM_STR("."), 0);
    whole = whole == SIZE_MAX ? plain.n : whole;
    sm_str out = sm_str_sub(plain, 0, whole % 3);
    for (size_t i = whole % 3; i < whole; i += 3) {
        sm_str three = sm_str_sub(plain, i, i + 3);
        out = sm_strf(a, "%.*s%s%.*s", SM_ARG(out), out.n ? "," : "", SM_ARG(three));
    }
    sm_str rest = sm_str_sub(plain, whole, plain.n);
    return sm_strf(a, "%.*s%.*s", SM_ARG(out), SM_ARG(rest));
}

sm_str sm_number_like(sm_arena *a, const sm_number *n, double v)
{
    int decimals = n->decimals;
    while (decimals < 4 && fabs(v * sm_ten_to(decimals) - round(v * sm_ten_to(decimals))) > 1e-6)
        decimals++;
    sm_str plain = sm_strf(a, "%.*f", decimals, v);
    return n->grouped ? grouped(a, plain) : plain;
}

int sm_number_distance(sm_str a, sm_str b)
{
    int d[MAX_DIGITS + 1][MAX_DIGITS + 1];
    size_t n = SM_MIN(a.n, MAX_DIGITS), m = SM_MIN(b.n, MAX_DIGITS);
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (int)i;
    for (size_t k = 0; k <= m; k++)
        d[0][k] = (int)k;
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            int best = d[i - 1][k - 1] + (a.p[i - 1] != b.p[k - 1]);
            best = SM_MIN(best, SM_MIN(d[i - 1][k], d[i][k - 1]) + 1);
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1])
                best = SM_MIN(best, d[i - 2][k - 2] + 1);
            d[i][k] = best;
        }
    return d[n][m];
}

/* ----------------------------------------------------------------- figures */

static bool is_mark(uint32_t ch)
{
    static const char marks[] = "，。；：、！？,;（）()“”";
    sm_str s = { marks, sizeof(marks) - 1 };
    while (s.n)
        if (sm_utf8_next(&s) == ch)
            return true;
    return false;
}

sm_str sm_clause_before(sm_str text, size_t at)
{
    sm_str rest = sm_str_sub(text, 0, at);
    size_t from = 0;
    while (rest.n) {
        uint32_t ch = sm_utf8_next(&rest);
        if (is_mark(ch))
            from = at - rest.n;
    }
    return sm_str_sub(text, from, at);
}

/* What a key says of the unit: "number:16平方米" 平方米, "money:40/证" 元. */
static sm_str unit_of_key(const sm_fact *f)
{
    if (f->kind == SM_FACT_MONEY)
        return SM_STR("元");
    if (f->kind == SM_FACT_PERCENT)
        return SM_STR("%");
    size_t i = sm_str_find(f->key, SM_STR(":"), 0) + 1;
    while (i < f->key.n && (is_digit(f->key.p[i]) || f->key.p[i] == '.'))
        i++;
    size_t slash = sm_str_find(f->key, SM_STR("/"), i);
    return sm_str_sub(f->key, i, slash == SIZE_MAX ? f->key.n : slash);
}

static sm_str next_han(sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    if (!rest.n || !sm_is_han(sm_utf8_next(&rest)))
        return (sm_str){ 0 };
    return sm_str_sub(s, at, s.n - rest.n);
}

/* Of each, of a time before, or the number of a thing: no part of a sum. */
static bool is_apart(sm_str clause)
{
    static const char *const words[] = { "每",   "人均", "户均", "日均", "平均", "比",   "较",
                                         "同比", "环比", "增加", "减少", "增长", "下降", "提高",
                                         "降低", "上升", "回落", "由",   "从",   "达标", "标准" };
    static const char *const ordinals[] = {
        "第", "附件", "附表", "表", "图", "〔", "国道", "省道"
    };
    return sm_str_has_any(clause, words, SM_LEN(words)) ||
           sm_str_ends_any(clause, ordinals, SM_LEN(ordinals));
}

static bool make_figure(const sm_line *line, const sm_fact *f, sm_figure *out)
{
    size_t at = (size_t)(f->text.p - line->text.p);
    bool wanted =
        f->kind == SM_FACT_NUMBER || f->kind == SM_FACT_MONEY || f->kind == SM_FACT_PERCENT;
    *out = (sm_figure){ .line = line,
                        .kind = f->kind,
                        .text = f->text,
                        .at = at,
                        .end = at + f->text.n,
                        .value = f->value,
                        .unit = unit_of_key(f) };
    if (!wanted || !sm_number_read(f->text, &out->number) || out->number.value <= 0)
        return false;
    if (!out->unit.n)
        out->unit = next_han(line->text, out->end);
    double scale = out->value / out->number.value;
    out->half = scale * sm_ten_to(-out->number.decimals) / 2;
    out->exact = (f->bound == SM_BOUND_NONE) && !is_apart(sm_clause_before(line->text, at));
    return true;
}

struct sm_figures {
    sm_figure **of; /* by line */
    size_t *n;
    bool *read;
};

static void read_figures(sm_check *c, const sm_line *line, struct sm_figures *all, size_t at)
{
    sm_fact *fact;
    size_t n = sm_text_facts(c->a, line->text, &fact);
    all->of[at] = SM_NEWS(c->a, sm_figure, n);
    for (size_t i = 0; i < n; i++)
        all->n[at] += make_figure(line, &fact[i], &all->of[at][all->n[at]]);
    all->read[at] = true;
}

size_t sm_figures_of(sm_check *c, const sm_line *line, sm_figure **out)
{
    struct sm_figures *all = c->figures;
    if (!all) {
        all = c->figures = SM_NEW(c->a, struct sm_figures);
        all->of = SM_NEWS(c->a, sm_figure *, c->o->n);
        all->n = SM_NEWS(c->a, size_t, c->o->n);
        all->read = SM_NEWS(c->a, bool, c->o->n);
    }
    size_t at = (size_t)(line - c->o->line);
    if (!all->read[at])
        read_figures(c, line, all, at);
    *out = all->of[at];
    return all->n[at];
}

sm_str sm_figure_like(sm_arena *a, const sm_figure *f, double value)
{
    double scale = f->value / f->number.value;
    sm_str number = sm_number_like(a, &f->number, value / scale);
    sm_str unit = sm_str_sub(f->text, f->number.text.n, f->text.n);
    return sm_strf(a, "%.*s%.*s", SM_ARG(number), SM_ARG(unit));
}

bool sm_figure_near(double a, double b, double half)
{
    return fabs(a - b) <= half + 1e-6 * (fabs(a) + fabs(b));
}
