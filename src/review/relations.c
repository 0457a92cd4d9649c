/*
 * What one sentence reckons: a share and what it comes to, so many times so much, a period and its
 * two days, what there is and what is added to it.
 */
#include <math.h>
#include <string.h>

#include "review/grid.h"

static bool near_slip(sm_check *c, const sm_figure *f, double value)
{
    double scale = f->value / f->number.value;
    sm_str as = sm_number_like(c->a, &f->number, value / scale);
    return sm_number_distance(f->number.text, as) == 1;
}

static size_t sentence_begin(sm_str s, size_t at)
{
    size_t begin = 0;
    for (size_t i = 0; (i = sm_str_find(s, SM_STR("。"), i)) < at; i += 3)
        begin = i + 3;
    return begin;
}

static void report(sm_check *c, const sm_rule *rule, const sm_figure *f, double right,
                   const char *how)
{
    sm_finding *found = sm_find_slice(c, rule, f->line, f->text);
    sm_str as = sm_figure_like(c->a, f, right);
    sm_propose(found, as);
    found->confidence = .85;
    sm_because(c, found, "%s，应为%.*s", how, SM_ARG(as));
}

/* a …承担p%即b */
static void check_that_is(sm_check *c, const sm_rule *rule, const sm_figure *f, size_t k)
{
    const sm_figure *p = &f[k - 1], *y = &f[k];
    sm_str text = y->line->text, gap = sm_str_sub(text, p->end, y->at);
    if (p->kind != SM_FACT_PERCENT || y->kind == SM_FACT_PERCENT || gap.n > 30 ||
        !(sm_str_starts(gap, SM_STR("即")) || sm_str_starts(gap, SM_STR("，即"))))
        return;
    const sm_figure *whole = NULL;
    size_t begin = sentence_begin(text, y->at);
    for (size_t i = k - 1; i-- > 0 && f[i].at >= begin;) {
        if (f[i].kind != y->kind || !sm_str_eq(f[i].unit, y->unit))
            continue;
        double is = f[i].value * p->value / 100;
        if (sm_figure_near(is, y->value, y->half + f[i].half * p->value / 100))
            return;
        if (f[i].value > y->value)
            whole = &f[i];
    }
    if (!whole)
        return;
    double unit = y->half * 2;
    report(c, rule, y, round(whole->value * p->value / 100 / unit) * unit, "按所写的比例计算");
}

/* 184个摊位每个每月600元，发放4个月，共需44.16万元 */
static void check_product(sm_check *c, const sm_rule *rule, const sm_line *line,
                          const sm_figure *total)
{
    static const char *const words[] = { "共需", "共计", "合计", "共", "总计", "需资金" };
    sm_str clause = sm_clause_before(line->text, total->at);
    size_t begin = sentence_begin(line->text, total->at);
    if (total->kind != SM_FACT_MONEY || !sm_str_has_any(clause, words, SM_LEN(words)) ||
        !sm_str_has(sm_str_sub(line->text, begin, total->at), SM_STR("每")))
        return;
    sm_fact *fact;
    sm_str part = sm_str_sub(line->text, begin, total->at);
    size_t n = sm_text_facts(c->a, part, &fact), used = 0;
    double v[5], all = 1;
    for (size_t i = 0; i < n; i++) {
        bool counts = fact[i].kind == SM_FACT_NUMBER || fact[i].kind == SM_FACT_MONEY ||
                      fact[i].kind == SM_FACT_MONTHS || fact[i].kind == SM_FACT_DAYS ||
                      fact[i].kind == SM_FACT_YEARS;
        if (!counts || fact[i].value <= 0)
            continue;
        if (used == SM_LEN(v))
            return;
        v[used++] = fact[i].value;
        all *= fact[i].value;
    }
    for (unsigned set = 1; set < 1u << used; set++) {
        double product = 1;
        for (size_t i = 0; i < used; i++)
            product *= set >> i & 1 ? v[i] : 1;
        if (sm_figure_near(product, total->value, total->half))
            return;
    }
    if (used >= 2 && near_slip(c, total, all))
        report(c, rule, total, all, "按所写的数量和标准计算");
}

/* 达到a …现有b，新增c */
static void check_added(sm_check *c, const sm_rule *rule, const sm_figure *f, size_t k)
{
    const sm_figure *had = &f[k - 1], *more = &f[k], *whole = NULL;
    sm_str text = more->line->text;
    if (!sm_str_has(sm_clause_before(text, had->at), SM_STR("现有")) ||
        !sm_str_has(sm_clause_before(text, more->at), SM_STR("新增")) ||
        !sm_str_eq(had->unit, more->unit) || had->kind != more->kind)
        return;
    for (size_t i = 0; i < k - 1; i++)
        if (sm_str_eq(f[i].unit, more->unit) &&
            sm_str_has(sm_clause_before(text, f[i].at), SM_STR("达到")))
            whole = &f[i];
    if (whole && !sm_figure_near(had->value + more->value, whole->value, 1e-6) &&
        near_slip(c, more, whole->value - had->value))
        report(c, rule, more, whole->value - had->value, "现有的加上新增的与总数不符");
}

/* ----------------------------------------------------------------- periods */

static void ymd(sm_date d, int *y, int *m, int *day, sm_arena *a)
{
    sm_str iso = sm_date_iso(a, d);
    int64_t v[3] = { 0 };
    sm_str_to_int(sm_str_sub(iso, 0, 4), &v[0]);
    sm_str_to_int(sm_str_sub(iso, 5, 7), &v[1]);
    sm_str_to_int(sm_str_sub(iso, 8, 10), &v[2]);
    *y = (int)v[0];
    *m = (int)v[1];
    *day = (int)v[2];
}

/* How many months lie between two days, the last one in. */
static double months_between(sm_arena *a, sm_date from, sm_date to)
{
    int y1, m1, d1, y2, m2, d2;
    ymd(from, &y1, &m1, &d1, a);
    ymd(to + 1, &y2, &m2, &d2, a);
    return (y2 - y1) * 12 + (m2 - m1) + (d2 - d1) / 30.0;
}

static bool is_full_date(const sm_fact *f)
{
    return f->kind == SM_FACT_DATE && sm_str_has(f->text, SM_STR("年")) &&
           sm_str_has(f->text, SM_STR("日"));
}

static sm_str span(sm_str s, const sm_fact *a, const sm_fact *b, const sm_fact *c)
{
    const sm_fact *all[] = { a, b, c };
    size_t from = s.n, to = 0;
    for (size_t i = 0; i < SM_LEN(all); i++) {
        size_t at = (size_t)(all[i]->text.p - s.p);
        from = SM_MIN(from, at);
        to = SM_MAX(to, at + all[i]->text.n);
    }
    return sm_str_sub(s, from, to);
}

/* 自a起至b止，共c个月；工期c个月，a开工，b完工 */
static void check_period(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str sentence)
{
    static const char *const words[] = { "工期", "期限", "为期", "共", "周期" };
    static const char *const others[] = { "前", "后", "内", "每", "届满", "之日起" };
    if (!sm_str_has_any(sentence, words, SM_LEN(words)))
        return;
    sm_fact *f;
    size_t n = sm_text_facts(c->a, sentence, &f);
    const sm_fact *from = NULL, *to = NULL, *length = NULL;
    for (size_t i = 0; i < n; i++) {
        if (is_full_date(&f[i])) {
            if (to)
                return;
            *(from ? &to : &from) = &f[i];
        } else if (f[i].kind == SM_FACT_MONTHS || f[i].kind == SM_FACT_YEARS) {
            if (length || f[i].bound == SM_BOUND_AT_MOST || f[i].bound == SM_BOUND_AT_LEAST)
                return;
            length = &f[i];
        }
    }
    if (!to || !length || from->value >= to->value)
        return;
    size_t end = (size_t)(length->text.p - sentence.p) + length->text.n;
    sm_str before = sm_clause_before(sentence, end - length->text.n),
           after = sm_str_sub(sentence, end, end + 3);
    if (!sm_str_has_any(before, words, SM_LEN(words)) ||
        sm_str_has_any(after, others, SM_LEN(others)))
        return;
    double unit = length->kind == SM_FACT_YEARS ? 12 : 1;
    double is = months_between(c->a, (sm_date)from->value, (sm_date)to->value);
    if (fabs(is - length->value * unit) < 1)
        return;
    sm_str whole = span(sentence, from, to, length);
    sm_finding *found = sm_find_slice(c, rule, line, whole);
    found->confidence = .6;
    if (unit == 1) {
        size_t at = (size_t)(length->text.p - whole.p);
        sm_str head = sm_str_sub(whole, 0, at),
               rest = sm_str_sub(whole, at + length->text.n, whole.n);
        sm_propose(found,
                   sm_strf(c->a, "%.*s%.0f个月%.*s", SM_ARG(head), round(is), SM_ARG(rest)));
    }
    sm_because(c, found, "从%.*s到%.*s约%.0f个月", SM_ARG(from->text), SM_ARG(to->text), round(is));
}

static void check_periods(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    sm_str s = line->text;
    if (!sm_str_has(s, SM_STR("个月")) && !sm_str_has(s, SM_STR("年")))
        return;
    for (size_t at = 0; at < s.n;) {
        size_t end = SM_MIN(sm_str_find(s, SM_STR("。"), at), s.n);
        sm_str sentence = sm_str_sub(s, at, end);
        if (sm_str_has(sentence, SM_STR("月")))
            check_period(c, rule, line, sentence);
        at = end + 3;
    }
}

void sm_relations_check(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!line->text.n || line->role == SM_ROLE_CELL || line->role == SM_ROLE_NUMBER ||
            line->role == SM_ROLE_DATE)
            continue;
        check_periods(c, rule, line);
        sm_figure *f;
        size_t n = sm_figures_of(c, line, &f);
        for (size_t k = 1; k < n; k++) {
            check_that_is(c, rule, f, k);
            check_added(c, rule, f, k);
            check_product(c, rule, line, &f[k]);
        }
    }
}
