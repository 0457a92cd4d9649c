/*
 * Figures: parts against their sum and shares of it, changes against what they changed from, two
 * ways of grouping digits, one thing with two values.
 *
 * What is silent on ordinary text matters more than one more find: parts need not be all of a
 * whole (其中), so a sum is doubted only where it all but fits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "review/figure.h"
#include "review/grid.h"
#include "review/pack.h"

/* How many lines before and after are searched for what is said again, and how many numbers a share
 * is tried against: a hostile document must not take long. */
enum { AROUND = 300, MAX_VALUES = 3000 };

/* Lines that speak: tables are read as tables. */
static bool is_prose(const sm_line *l)
{
    return l->text.n && l->role != SM_ROLE_CELL && l->role != SM_ROLE_NUMBER &&
           l->role != SM_ROLE_DATE && l->role != SM_ROLE_NONE;
}

static sm_finding *find_figure(sm_check *c, const sm_rule *rule, const sm_figure *f)
{
    return sm_find_slice(c, rule, f->line, f->text);
}

static sm_str between(const sm_figure *a, const sm_figure *b)
{
    return sm_str_sub(a->line->text, a->end, b->at);
}

static bool same_unit(const sm_figure *a, const sm_figure *b)
{
    return a->kind == b->kind && sm_str_eq(a->unit, b->unit);
}

static size_t end_with_unit(const sm_figure *f)
{
    bool apart = f->unit.n && f->unit.p == f->line->text.p + f->end;
    return apart ? f->end + f->unit.n : f->end;
}

static bool has_any(sm_str s, const char *const *words, size_t n)
{
    return sm_str_has_any(s, words, n);
}

/* ------------------------------------------------------ from a to b, by c */

static const char *const more_words[] = { "提高", "上升", "增加", "增长", "提升", "升高", "扩大" };
static const char *const less_words[] = { "下降", "降低", "减少", "回落", "缩短", "压缩", "缩小" };

static bool ends_as_change(sm_str s)
{
    const char *const *sets[] = { more_words, less_words };
    sm_str end = SM_STR("了");
    if (sm_str_ends(s, end))
        s = sm_str_sub(s, 0, s.n - end.n);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < SM_LEN(more_words); i++)
            if (sm_str_ends(s, sm_str_of(sets[k][i])))
                return true;
    return false;
}

/* 由a（升）至b，提高c: three figures in a row of one sentence. */
static bool is_from_to_by(const sm_figure *f)
{
    static const char *const tos[] = { "至", "到", "为", "达" };
    static const char *const others[] = { "。", "；", "同比", "环比", "其中", "比" };
    sm_str before = sm_clause_before(f->line->text, f->at), to = between(&f[0], &f[1]),
           by = between(&f[1], &f[2]);
    bool from = sm_str_has(before, SM_STR("由")) || sm_str_has(before, SM_STR("从"));
    return from && has_any(to, tos, SM_LEN(tos)) && !sm_str_has(to, SM_STR("，")) &&
           ends_as_change(by) && by.n < 60 && !has_any(by, others, SM_LEN(others));
}

/* H08 */
static void check_points(sm_check *c, const sm_rule *rule)
{
    sm_pattern_run(c, rule);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!is_prose(line) || !sm_str_has(line->text, SM_STR("%")))
            continue;
        sm_figure *f;
        size_t n = sm_figures_of(c, line, &f);
        for (size_t k = 0; k + 2 < n; k++) {
            bool percents = f[k].kind == SM_FACT_PERCENT && f[k + 1].kind == SM_FACT_PERCENT &&
                            f[k + 2].kind == SM_FACT_PERCENT;
            if (!percents || !is_from_to_by(&f[k]) ||
                !sm_figure_near(fabs(f[k].value - f[k + 1].value), f[k + 2].value, 1e-6))
                continue;
            sm_str sign = sm_str_sub(f[k + 2].text, f[k + 2].number.text.n, f[k + 2].text.n);
            sm_propose(sm_find_slice(c, rule, line, sign), SM_STR("个百分点"));
        }
    }
}

/* 由a提高到b，增加c倍 or c%. */
static void check_ratio(sm_check *c, const sm_rule *rule, const sm_figure *f)
{
    bool times = sm_str_eq(f[2].unit, SM_STR("倍")), percent = f[2].kind == SM_FACT_PERCENT;
    if ((!times && !percent) || f[0].kind == SM_FACT_PERCENT || !same_unit(&f[0], &f[1]) ||
        !is_from_to_by(f))
        return;
    double is = fabs(f[1].value - f[0].value) / f[0].value * (percent ? 100 : 1);
    double hidden = (f[0].half / f[0].value + f[1].half / f[1].value) * is;
    bool whole = f[0].number.decimals + f[1].number.decimals == 0 && f[0].half < 1;
    if (sm_figure_near(is, f[2].value, f[2].half * 1.02 + (whole ? 0 : hidden)))
        return;
    sm_finding *found = find_figure(c, rule, &f[2]);
    double unit = sm_ten_to(f[2].number.decimals);
    sm_str right = times ? sm_strf(c->a, "%.0f%%", is * 100)
                         : sm_figure_like(c->a, &f[2], round(is * unit) / unit);
    if (times) {
        found->text = sm_str_sub(f[2].line->text, f[2].at, end_with_unit(&f[2]));
        found->end = found->start + found->text.n;
    }
    sm_propose(found, right);
    sm_because(c, found, "从%.*s到%.*s，相差%.*s", SM_ARG(f[0].text), SM_ARG(f[1].text),
               SM_ARG(right));
}

/* H10: where the way to the new value is told, it is the difference. */
static void check_change(sm_check *c, const sm_rule *rule)
{
    sm_pattern_run(c, rule);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!is_prose(line) ||
            !(sm_str_has(line->text, SM_STR("由")) || sm_str_has(line->text, SM_STR("从"))))
            continue;
        sm_figure *f;
        size_t n = sm_figures_of(c, line, &f);
        for (size_t k = 0; k + 2 < n; k++) {
            double by = fabs(f[k + 1].value - f[k].value);
            double half = f[k].half + f[k + 1].half + f[k + 2].half;
            bool whole = f[k].number.decimals + f[k + 1].number.decimals == 0;
            check_ratio(c, rule, &f[k]);
            if (f[k].kind == SM_FACT_PERCENT || !same_unit(&f[k], &f[k + 1]) ||
                !same_unit(&f[k], &f[k + 2]) || !is_from_to_by(&f[k]) ||
                sm_figure_near(by, f[k + 2].value, whole ? 1e-6 : half))
                continue;
            sm_finding *found = find_figure(c, rule, &f[k + 2]);
            sm_str right = sm_figure_like(c->a, &f[k + 2], by);
            sm_propose(found, right);
            sm_because(c, found, "从%.*s到%.*s，相差%.*s，不是%.*s", SM_ARG(f[k].text),
                       SM_ARG(f[k + 1].text), SM_ARG(right), SM_ARG(f[k + 2].text));
        }
    }
}

/* -------------------------------------------------------------------- sums */

typedef struct sum {
    const sm_figure *total;
    const sm_figure *part[40];
    size_t n;
    double value;
} sum;

static void add_part(sum *s, const sm_figure *f)
{
    if (s->n == SM_LEN(s->part))
        return;
    s->part[s->n++] = f;
    s->value += f->value;
}

/* Whole numbers, in 万元, too, add up; what has decimals may have been rounded in its last one. */
static bool fits(const sum *s)
{
    double half = s->total->half;
    bool whole = s->total->number.decimals == 0;
    for (size_t i = 0; i < s->n; i++) {
        half = SM_MIN(half, s->part[i]->half);
        whole &= s->part[i]->number.decimals == 0;
    }
    return sm_figure_near(s->value, s->total->value,
                          half < 1 && whole ? 1e-6 : half * (whole ? 1 : (double)s->n + 1));
}

/* Whether a figure stands in other words of the document, too, with its unit. */
static bool said_elsewhere(const sm_check *c, const sm_figure *f)
{
    sm_str told = sm_str_sub(f->line->text, f->at, end_with_unit(f));
    size_t here = (size_t)(f->line - c->o->line), from = here > AROUND ? here - AROUND : 0;
    for (size_t i = from; i < SM_MIN(here + AROUND, c->o->n); i++) {
        const sm_line *l = &c->o->line[i];
        for (size_t at = l == f->line ? SIZE_MAX : sm_str_find(l->text, told, 0); at != SIZE_MAX;
             at = sm_str_find(l->text, told, at + 1)) {
            char before = at ? l->text.p[at - 1] : 0;
            if (!(before >= '0' && before <= '9') && before != '.')
                return true;
        }
    }
    return false;
}

static int distance_to(sm_check *c, const sm_figure *f, double value)
{
    if (value <= 0)
        return 99;
    double scale = f->value / f->number.value;
    return sm_number_distance(f->number.text, sm_number_like(c->a, &f->number, value / scale));
}

/* From the first of the figures to the last, one of them put right: which is wrong, who wrote it
 * knows. */
static void report_span(sm_check *c, sm_finding *f, const sum *s, const sm_figure *wrong,
                        double right)
{
    sm_str text = s->total->line->text;
    size_t from = s->total->at, to = end_with_unit(s->total);
    for (size_t i = 0; i < s->n; i++) {
        from = SM_MIN(from, s->part[i]->at);
        to = SM_MAX(to, end_with_unit(s->part[i]));
    }
    sm_str before = sm_str_sub(text, from, wrong->at), after = sm_str_sub(text, wrong->end, to);
    f->start = (size_t)(text.p - s->total->line->par->text.p) + from;
    f->text = sm_str_sub(text, from, to);
    f->end = f->start + f->text.n;
    sm_str as = sm_figure_like(c->a, wrong, right);
    sm_propose(f, sm_strf(c->a, "%.*s%.*s%.*s", SM_ARG(before), SM_ARG(as), SM_ARG(after)));
    f->confidence = .6;
}

/* Which of the figures is most likely wrong: the one that the fewest slips of the pen explain. */
static void report_sum(sm_check *c, const sm_rule *rule, const sum *s, double confidence)
{
    const sm_figure *wrong = s->total;
    double right = s->value;
    int best = distance_to(c, s->total, s->value) + (said_elsewhere(c, s->total) ? 50 : 0);
    bool tie = false;
    for (size_t i = 0; i < s->n; i++) {
        double should = s->total->value - (s->value - s->part[i]->value);
        int d = distance_to(c, s->part[i], should) + (said_elsewhere(c, s->part[i]) ? 50 : 0);
        tie = d == best ? true : d < best ? false : tie;
        if (d <= best && should > 0) {
            best = d;
            wrong = s->part[i];
            right = should;
        }
    }
    sm_finding *f = find_figure(c, rule, wrong);
    sm_str told = sm_figure_like(c->a, s->total, s->value);
    sm_because(c, f, "各项之和是%.*s，合计写的是%.*s", SM_ARG(told), SM_ARG(s->total->text));
    f->confidence = confidence;
    if (tie || best > 1)
        report_span(c, f, s, wrong, right);
    else if (right > 0)
        sm_propose(f, sm_figure_like(c->a, wrong, right));
}

static size_t sentence_end(sm_str text, size_t at)
{
    size_t end = sm_str_find(text, SM_STR("。"), at);
    return end == SIZE_MAX ? text.n : end;
}

/* The last figure of a unit before `at`, in its sentence; in the one before where nothing but
 * 其中 begins this one. */
static const sm_figure *total_before(const sm_line *line, const sm_figure *f, size_t n, size_t at,
                                     const sm_figure *like)
{
    size_t begin = 0;
    for (size_t i = 0; (i = sm_str_find(line->text, SM_STR("。"), i)) < at; i += 3)
        if (i + 3 < at)
            begin = i + 3;
    const sm_figure *total = NULL;
    for (size_t i = 0; i < n && f[i].at < at; i++)
        if (f[i].at >= begin && f[i].exact && same_unit(&f[i], like))
            total = &f[i];
    return total;
}

/* Parts all of one counting word's kind: 386处，其中水库48座、堤防62段 … */
static bool counts_all(const sm_figure *total)
{
    static const char *const units[] = { "处", "个", "项", "件" };
    return has_any(total->unit, units, SM_LEN(units)) && total->unit.n == 3;
}

static bool close_to(const sum *s)
{
    double off = fabs(s->value - s->total->value) / s->total->value;
    return s->n >= 3 ? off <= .2 : off <= .1;
}

/* The parts between `from` and `to` that share a unit with `like`, or any, where like is NULL. */
static void take_parts(sum *s, const sm_figure *f, size_t n, size_t from, size_t to,
                       const sm_figure *like)
{
    for (size_t i = 0; i < n; i++) {
        bool in = f[i].at >= from && f[i].end <= to && f[i].kind != SM_FACT_PERCENT;
        if (in && f[i].exact && (like ? same_unit(&f[i], like) : f[i].kind == SM_FACT_NUMBER))
            add_part(s, &f[i]);
    }
}

/* …共a，其中b、c */
static void check_of_which(sm_check *c, const sm_rule *rule, const sm_line *line,
                           const sm_figure *f, size_t n, size_t at)
{
    size_t from = at + 6, to = sentence_end(line->text, from); /* 其中, 包括 */
    size_t again = sm_str_find(line->text, SM_STR("其中"), from),
           semi = sm_str_find(line->text, SM_STR("；"), from);
    to = SM_MIN(to, SM_MIN(again, semi));
    if (sm_str_ends(sm_str_sub(line->text, 0, at), SM_STR("（")))
        to = SM_MIN(to, sm_str_find(line->text, SM_STR("）"), from));
    bool seen_any = false;
    for (size_t i = 0; i < n; i++) {
        bool first = f[i].at >= from && f[i].end <= to;
        for (size_t k = 0; k < i && first; k++)
            first = !(f[k].at >= from && same_unit(&f[k], &f[i]));
        if (!first || !f[i].exact || f[i].kind == SM_FACT_PERCENT)
            continue;
        sum s = { .total = total_before(line, f, n, at, &f[i]) };
        if (!s.total)
            continue;
        take_parts(&s, f, n, from, to, &f[i]);
        seen_any |= s.n > 1;
        if (s.n > 1 && !fits(&s) && close_to(&s))
            report_sum(c, rule, &s, .9);
    }
    const sm_figure *total = NULL;
    for (size_t i = 0; i < n && f[i].at < at; i++)
        total = f[i].exact && counts_all(&f[i]) ? &f[i] : NULL;
    sum all = { .total = total };
    take_parts(&all, f, n, from, to, NULL);
    if (!seen_any && total && all.n >= 3 && !fits(&all) && close_to(&all))
        report_sum(c, rule, &all, .8);
}

/* Where a total is called one that closes parts: bytes of the word, 0 none. */
static size_t total_word(sm_str s, size_t at, bool *sure)
{
    static const char *const words[] = { "共计", "合计", "总计", "总共", "共" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_starts(sm_str_sub(s, at, s.n), sm_str_of(words[i]))) {
            *sure = i < 4;
            return strlen(words[i]);
        }
    return 0;
}

static size_t begin_of_parts(sm_str text, size_t at)
{
    size_t begin = 0;
    static const char *const marks[] = { "。", "；", "：" };
    for (size_t m = 0; m < SM_LEN(marks); m++)
        for (size_t i = 0; (i = sm_str_find(text, sm_str_of(marks[m]), i)) < at; i += 3)
            begin = SM_MAX(begin, i + 3);
    return begin;
}

/* 甲a、乙b，共c */
static void check_closing(sm_check *c, const sm_rule *rule, const sm_line *line, const sm_figure *f,
                          size_t n, const sm_figure *total)
{
    static const char *const not_parts[] = { "其中", "其余", "含", "包括" };
    sm_str clause = sm_clause_before(line->text, total->at);
    size_t from = total->at - clause.n, word = 0, at = 0;
    bool sure = false;
    for (; at < clause.n && !word; at += word ? 0 : 1)
        word = total_word(clause, at, &sure);
    sm_str rest = sm_str_sub(clause, at + word, clause.n);
    size_t begin = begin_of_parts(line->text, from + at);
    if (!word || sm_utf8_count(rest) > 8 || !total->exact ||
        has_any(sm_str_sub(line->text, begin, from), not_parts, SM_LEN(not_parts)))
        return;
    sum s = { .total = total };
    take_parts(&s, f, n, begin, from + at, total);
    double off = fabs(s.value - total->value) / total->value;
    if (s.n > 1 && !fits(&s) && off <= (sure ? .5 : .3))
        report_sum(c, rule, &s, sure ? .95 : .85);
}

/* The greatest figure of the paragraph before. */
static const sm_figure *whole_before(const sm_figure *f, size_t k, const sm_figure *like)
{
    const sm_figure *most = NULL;
    while (k-- > 0)
        if (f[k].exact && same_unit(&f[k], like) && (!most || f[k].value > most->value))
            most = &f[k];
    return most;
}

/* 总投资a。资金来源为b、c、d。  共a个。上半年完成b个，下半年完成c个。  k is the last of them. */
static void check_halves(sm_check *c, const sm_rule *rule, const sm_line *line, const sm_figure *f,
                         size_t n, size_t k)
{
    size_t begin = begin_of_parts(line->text, f[k].at), end = sentence_end(line->text, f[k].at);
    sm_str sentence = sm_str_sub(line->text, begin, end);
    bool halves = sm_str_has(sentence, SM_STR("上半年")) && sm_str_has(sentence, SM_STR("下半年")),
         sources = sm_str_has(sentence, SM_STR("资金来源"));
    if ((!halves && !sources) || (k + 1 < n && f[k + 1].end <= end) || !f[k].exact)
        return;
    size_t first = k;
    while (first > 0 && f[first - 1].at >= begin)
        first--;
    sum s = { .total = whole_before(f, first, &f[k]) };
    take_parts(&s, f, n, begin, end, &f[k]);
    if (s.total && s.n > 1 && s.n == k + 1 - first && !fits(&s) && close_to(&s))
        report_sum(c, rule, &s, .85);
}

/* a，比b增加c */
static void check_compared(sm_check *c, const sm_rule *rule, const sm_figure *f)
{
    static const char *const others[] = { "。", "；", "，" };
    sm_str than = between(&f[0], &f[1]), by = between(&f[1], &f[2]);
    size_t n_more = SM_LEN(more_words), n_less = SM_LEN(less_words);
    bool more = has_any(by, more_words, n_more), less = has_any(by, less_words, n_less);
    if (f[0].kind == SM_FACT_PERCENT || !same_unit(&f[0], &f[1]) || !same_unit(&f[0], &f[2]) ||
        !(sm_str_has(than, SM_STR("，比")) || sm_str_has(than, SM_STR("，较"))) ||
        sm_str_has(than, SM_STR("。")) || more == less || by.n > 18 ||
        has_any(by, others, SM_LEN(others)))
        return;
    double is = more ? f[0].value - f[1].value : f[1].value - f[0].value;
    bool whole = f[0].number.decimals + f[1].number.decimals + f[2].number.decimals == 0;
    if (is <= 0 || sm_figure_near(is, f[2].value, whole ? 1e-6 : f[0].half + f[1].half + f[2].half))
        return;
    sm_finding *found = find_figure(c, rule, &f[2]);
    sm_str right = sm_figure_like(c->a, &f[2], is);
    sm_propose(found, right);
    sm_because(c, found, "%.*s与%.*s相差%.*s", SM_ARG(f[0].text), SM_ARG(f[1].text), SM_ARG(right));
}

/* ------------------------------------------------------------------ shares */

typedef struct values {
    double *v;
    size_t n, cap;
} values;

/* Every number of the document, of tables, too: any of them may be what a share is of. */
static void take_values(sm_check *c, values *all)
{
    for (size_t i = 0; i < c->o->n && all->n < MAX_VALUES; i++) {
        const sm_line *l = &c->o->line[i];
        if (!l->text.n)
            continue;
        sm_figure *f;
        size_t n = sm_figures_of(c, l, &f);
        for (size_t k = 0; k < n; k++)
            if (f[k].kind != SM_FACT_PERCENT) {
                SM_GROW(c->a, all->v, all->n, all->cap);
                all->v[all->n++] = f[k].value;
            }
    }
}

static bool is_share(double part, double whole, const sm_figure *p)
{
    return whole > 0 && sm_figure_near(100 * part / whole, p->value, p->half * 1.02);
}

static bool explained(const values *all, const sm_figure *f, const sm_figure *p)
{
    for (const sm_figure *y = f; y < p; y++)
        for (size_t i = 0; y->kind != SM_FACT_PERCENT && i < all->n; i++)
            if (is_share(y->value, all->v[i], p))
                return true;
    return false;
}

/* The word before 率 that says what is counted: 按期办结率 → 办结. */
static sm_str rate_stem(sm_str clause)
{
    static const char *const others[] = { "增长率", "增率", "税率", "利率", "汇率",   "频率",
                                          "效率",   "费率", "倍率", "速率", "死亡率", "出生率" };
    size_t at = SIZE_MAX;
    for (size_t i = 0; (i = sm_str_find(clause, SM_STR("率"), i)) != SIZE_MAX; i += 3)
        at = i;
    if (at == SIZE_MAX || at < 6 || clause.n - at > 12 || has_any(clause, others, SM_LEN(others)))
        return (sm_str){ 0 };
    return sm_str_sub(clause, at - 6, at);
}

/* Just so many, or 达到 so many, which is no bound where shares are told. */
static bool is_told(const sm_figure *f)
{
    return f->exact || sm_str_ends(sm_str_sub(f->line->text, 0, f->at), SM_STR("达到"));
}

/* What the share is of and what part: the figures its own sentence gives. */
static bool share_of(const sm_figure *f, const sm_figure *p, const sm_figure **part,
                     const sm_figure **whole)
{
    const sm_line *line = p->line;
    sm_str clause = sm_clause_before(line->text, p->at), stem = rate_stem(clause);
    size_t begin = begin_of_parts(line->text, p->at);
    *part = *whole = NULL;
    for (const sm_figure *y = p; y-- > f && y->at >= begin && !*part;) {
        bool next =
            sm_str_starts(between(y, p), SM_STR("，占")) ||
            (sm_utf8_count(between(y, p)) <= 12 && sm_str_has(between(y, p), SM_STR("，占")));
        bool named = stem.n && sm_str_has(sm_clause_before(line->text, y->at), stem) && y->exact;
        if (named || (next && sm_str_starts(clause, SM_STR("占")) && y->exact))
            *part = y;
    }
    if (p > f && sm_str_has(sm_clause_before(line->text, p[-1].at), SM_STR("占")) &&
        sm_str_starts(sm_str_sub(line->text, end_with_unit(&p[-1]), line->text.n), SM_STR("的"))) {
        *whole = &p[-1]; /* a，占b的c% */
        *part = p - f > 1 && p[-2].exact && same_unit(&p[-2], *whole) && p[-2].at >= begin ? &p[-2]
                                                                                           : NULL;
        return *part && (*whole)->value > (*part)->value;
    }
    for (const sm_figure *x = *part; *part && x-- > f && !*whole;)
        if (is_told(x) && same_unit(x, *part) && x->value > (*part)->value)
            *whole = x;
    return *whole != NULL && (*part)->kind != SM_FACT_PERCENT;
}

/* a …占监测对象的c%: the one figure of another paragraph that counts what is named. */
static bool share_of_named(sm_check *c, const sm_figure *f, const sm_figure *p,
                           const sm_figure **part, sm_figure *whole)
{
    sm_str clause = sm_clause_before(p->line->text, p->at);
    if (p == f || !sm_str_starts(clause, SM_STR("占")) || !sm_str_ends(clause, SM_STR("的")) ||
        clause.n < 18 || sm_utf8_count(between(&p[-1], p)) > 14)
        return false;
    sm_str noun = sm_str_sub(clause, 3, clause.n - 3);
    size_t n_found = 0, here = (size_t)(p->line - c->o->line);
    *part = &p[-1];
    for (size_t i = here > AROUND ? here - AROUND : 0; i < SM_MIN(here + AROUND, c->o->n); i++) {
        const sm_line *l = &c->o->line[i];
        sm_figure *all;
        size_t n = sm_str_has(l->text, noun) && l != p->line ? sm_figures_of(c, l, &all) : 0;
        for (size_t k = 0; k < n; k++)
            if (same_unit(&all[k], *part) &&
                sm_str_ends(sm_clause_before(l->text, all[k].at), noun)) {
                *whole = all[k];
                n_found++;
            }
    }
    return n_found == 1 && whole->value > (*part)->value;
}

static void check_share(sm_check *c, const sm_rule *rule, const values *all, const sm_figure *f,
                        const sm_figure *p)
{
    const sm_figure *part, *whole;
    sm_figure named;
    if (p->kind != SM_FACT_PERCENT || !p->exact)
        return;
    if (!share_of(f, p, &part, &whole)) {
        whole = &named;
        if (!share_of_named(c, f, p, &part, &named))
            return;
    }
    bool told = whole + 1 == part && part + 1 == p && /* else others may be meant */
                sm_str_has(between(whole, part), SM_STR("其中")) &&
                sm_str_eq(sm_clause_before(p->line->text, p->at), SM_STR("占"));
    if (told ? is_share(part->value, whole->value, p) : explained(all, f, p))
        return;
    double is = 100 * part->value / whole->value;
    if (fabs(is - p->value) > 30)
        return;
    sm_finding *found = find_figure(c, rule, p);
    double unit = sm_ten_to(p->number.decimals);
    sm_str right = sm_figure_like(c->a, p, round(is * unit) / unit);
    sm_propose(found, right);
    found->confidence = .85;
    sm_because(c, found, "%.*s占%.*s的%.*s", SM_ARG(part->text), SM_ARG(whole->text),
               SM_ARG(right));
}

/* H11 */
static void check_sums(sm_check *c, const sm_rule *rule)
{
    values all = { 0 };
    bool read = false;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!is_prose(line))
            continue;
        sm_figure *f;
        size_t n = sm_figures_of(c, line, &f);
        static const char *const words[] = { "其中", "，包括" };
        for (size_t w = 0; n > 2 && w < SM_LEN(words); w++)
            for (size_t at = 0; (at = sm_str_find(line->text, sm_str_of(words[w]), at)) != SIZE_MAX;
                 at += 6)
                check_of_which(c, rule, line, f, n, at + (w ? 3 : 0));
        for (size_t k = 2; k < n; k++) {
            check_closing(c, rule, line, f, n, &f[k]);
            check_halves(c, rule, line, f, n, k);
            check_compared(c, rule, &f[k - 2]);
            if (f[k].kind != SM_FACT_PERCENT)
                continue;
            if (!read)
                take_values(c, &all);
            read = true;
            check_share(c, rule, &all, f, &f[k]);
        }
    }
    sm_relations_check(c, rule);
    sm_grids_check(c, rule);
}

/* ---------------------------------------------------------------- grouping */

/* H18: what counts is numbers of five digits and more, or grouped ones. */
static void check_grouping(sm_check *c, const sm_rule *rule)
{
    sm_figure *found = NULL;
    size_t n_found = 0, cap = 0, n_grouped = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!line->text.n || line->role == SM_ROLE_NUMBER)
            continue;
        sm_figure *f;
        size_t n = sm_figures_of(c, line, &f);
        for (size_t k = 0; k < n; k++)
            if (f[k].number.grouped || (f[k].number.value >= 10000 && f[k].unit.n)) {
                SM_GROW(c->a, found, n_found, cap);
                found[n_found++] = f[k];
                n_grouped += f[k].number.grouped;
            }
    }
    if (!n_grouped || n_grouped == n_found)
        return;
    bool group = n_grouped * 2 > n_found;
    for (size_t k = 0; k < n_found; k++) {
        if (found[k].number.grouped == group)
            continue;
        sm_number as = found[k].number;
        as.grouped = group;
        sm_propose(sm_find_slice(c, rule, found[k].line, as.text),
                   sm_number_like(c->a, &as, as.value));
    }
}

const sm_checker sm_checkers_figures[] = {
    { "points", check_points },     { "change", check_change },  { "sums", check_sums },
    { "grouping", check_grouping }, { "twice", sm_twice_check }, { NULL, NULL }
};
