/*
 * One thing with two values: the same words before two figures that differ by a slip of the pen, a
 * figure in the text against the cell of its row, capitals against figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "review/grid.h"

enum { MAX_PHRASE = 12, LEAST_PHRASE = 4, MAX_FIGURES = 20000, MAX_GROUP = 60, MAX_CELLS = 2000 };

typedef struct said {
    sm_figure f;
    sm_str phrase; /* the Han characters before it, joining words off */
    sm_str key;    /* its last four */
    sm_str digits; /* that stand right before the phrase: 2025 of 2025年全市… */
    sm_str time;   /* the nearest year or season before in the paragraph */
} said;

typedef struct facts {
    said *s;
    size_t n, cap;
} facts;

static sm_str last_char(sm_str s)
{
    size_t i = s.n;
    while (i > 0 && (s.p[--i] & 0xc0) == 0x80)
        ;
    return sm_str_sub(s, i, s.n);
}

static bool last_is_han(sm_str s)
{
    sm_str ch = last_char(s);
    return ch.n && sm_is_han(sm_utf8_next(&ch));
}

static sm_str without_joining(sm_str s)
{
    static const char *const words[] = { "共计", "合计", "总计", "达到", "共有", "共", "为",
                                         "达",   "约",   "是",   "有",   "近",   "计" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_ends(s, sm_str_of(words[i])))
            return sm_str_sub(s, 0, s.n - strlen(words[i]));
    return s;
}

static sm_str phrase_before(sm_str text, size_t at, size_t *from)
{
    sm_str s = without_joining(sm_str_sub(text, 0, at));
    size_t end = s.n, i = end;
    for (int n = 0; n < MAX_PHRASE && last_is_han(sm_str_sub(text, 0, i)); n++)
        i -= last_char(sm_str_sub(text, 0, i)).n;
    *from = i;
    return sm_str_sub(text, i, end);
}

static sm_str digits_before(sm_str text, size_t at)
{
    size_t i = at;
    while (i > 0 && text.p[i - 1] >= '0' && text.p[i - 1] <= '9')
        i--;
    return sm_str_sub(text, i, at);
}

/* 2025年, 上年, 三季度 …: the last such word before `at`; a day is none (于6月30日前). */
static sm_str time_before(sm_str text, size_t at)
{
    static const char *const words[] = { "年", "季度", "月", "同期", "调整前", "调整后" };
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < SM_LEN(words); i++)
        for (size_t k = 0; (k = sm_str_find(text, sm_str_of(words[i]), k)) < at; k++) {
            bool day = k + 3 < text.n && text.p[k + 3] >= '0' && text.p[k + 3] <= '9';
            if (!(day && i == 2) && (best == SIZE_MAX || k > best))
                best = k;
        }
    if (best == SIZE_MAX)
        return (sm_str){ 0 };
    size_t from = best - digits_before(text, best).n;
    if (from == best && from >= 3) /* 上年, 三季度 */
        from -= 3;
    return sm_str_sub(text, from, best + 3);
}

/* 于6月30日前将补助资金: the day says nothing of what is counted. */
static void drop_day(said *s)
{
    static const char *const words[] = { "日以前", "日前", "日起", "日", "月底前", "年底前" };
    for (size_t i = 0; i < SM_LEN(words) && s->digits.n; i++)
        if (sm_str_starts(s->phrase, sm_str_of(words[i]))) {
            s->phrase = sm_str_sub(s->phrase, strlen(words[i]), s->phrase.n);
            s->digits = (sm_str){ 0 };
        }
}

static void take(sm_check *c, const sm_line *line, facts *all)
{
    sm_figure *f;
    size_t n = sm_figures_of(c, line, &f);
    for (size_t i = 0; i < n && all->n < MAX_FIGURES; i++) {
        size_t from;
        sm_str phrase = phrase_before(line->text, f[i].at, &from);
        if (!f[i].exact || !f[i].unit.n || f[i].kind == SM_FACT_PERCENT)
            continue;
        SM_GROW(c->a, all->s, all->n, all->cap);
        said *s = &all->s[all->n++];
        *s = (said){ .f = f[i],
                     .phrase = phrase,
                     .digits = digits_before(line->text, from),
                     .time = time_before(line->text, f[i].at) };
        drop_day(s);
        s->key = s->phrase;
        if (s->key.n > 3 * LEAST_PHRASE)
            s->key = sm_str_sub(s->key, s->key.n - 3 * LEAST_PHRASE, s->key.n);
    }
}

static void take_all(sm_check *c, facts *all)
{
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].text.n && c->o->line[i].role != SM_ROLE_CELL)
            take(c, &c->o->line[i], all);
}

/* -------------------------------------------------------------- same words */

/* A slip of the pen: a digit changed, lost, added or swapped; a point moved. */
static bool is_slip(const sm_number *a, const sm_number *b)
{
    if (a->value == b->value || a->text.n < 2 || b->text.n < 2)
        return false;
    /* 88 and 98 are two numbers sooner than a slip. */
    return sm_number_distance(a->text, b->text) == 1 && (a->text.n > 2 || b->text.n > 2);
}

/* What two phrases do not share must be words that say nothing of what is counted. */
static bool only_joins(sm_str s)
{
    static const char *const words[] = { "现安排", "拟安排", "安排", "申请", "拨付", "下达", "落实",
                                         "给予",   "同意",   "现",   "将",   "该",   "本",   "的",
                                         "对",     "按",     "把",   "请",   "由",   "及",   "和" };
    while (s.n) {
        size_t took = 0;
        for (size_t i = 0; i < SM_LEN(words) && !took; i++)
            if (sm_str_starts(s, sm_str_of(words[i])))
                took = strlen(words[i]);
        if (!took)
            return false;
        s = sm_str_sub(s, took, s.n);
    }
    return true;
}

static bool same_words(const said *a, const said *b)
{
    size_t n = 0, most = SM_MIN(a->phrase.n, b->phrase.n);
    while (n < most && a->phrase.p[a->phrase.n - n - 1] == b->phrase.p[b->phrase.n - n - 1])
        n++;
    n -= n % 3;
    return n >= 3 * LEAST_PHRASE && only_joins(sm_str_sub(a->phrase, 0, a->phrase.n - n)) &&
           only_joins(sm_str_sub(b->phrase, 0, b->phrase.n - n));
}

static bool same_time(const said *a, const said *b)
{
    return sm_str_eq(a->digits, b->digits) &&
           (sm_str_eq(a->time, b->time) || !a->time.n || !b->time.n) && (!a->time.n == !b->time.n);
}

static int by_key(const void *x, const void *y)
{
    const said *a = x, *b = y;
    int d = sm_str_cmp(a->f.unit, b->f.unit);
    d = d ? d : sm_str_cmp(a->key, b->key);
    d = d ? d : a->f.line->para - b->f.line->para;
    return d ? d : (a->f.at > b->f.at) - (a->f.at < b->f.at);
}

static size_t times_said(const facts *all, const said *s)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        n += all->s[i].f.value == s->f.value && sm_str_eq(all->s[i].f.unit, s->f.unit);
    return n;
}

/* The later of two, unless it is said more often. */
static void report_pair(sm_check *c, const sm_rule *rule, const facts *all, const said *a,
                        const said *b)
{
    bool first = times_said(all, b) > times_said(all, a);
    const said *wrong = first ? a : b, *right = first ? b : a;
    sm_finding *f = sm_find_slice(c, rule, wrong->f.line, wrong->f.text);
    f->confidence = .8;
    sm_propose(f, right->f.text);
    sm_because(c, f, "“%.*s”另一处是%.*s", SM_ARG(wrong->phrase), SM_ARG(right->f.text));
}

static void compare_group(sm_check *c, const sm_rule *rule, const facts *all, size_t from,
                          size_t to)
{
    const said *s = all->s;
    for (size_t i = from; i < to && to - from <= MAX_GROUP; i++)
        for (size_t k = i + 1; k < to; k++)
            if (same_words(&s[i], &s[k]) && same_time(&s[i], &s[k]) &&
                is_slip(&s[i].f.number, &s[k].f.number)) {
                report_pair(c, rule, all, &s[i], &s[k]);
                break;
            }
}

static void compare_words(sm_check *c, const sm_rule *rule, facts *all)
{
    if (all->n)
        qsort(all->s, all->n, sizeof(*all->s), by_key);
    for (size_t i = 0, end; i < all->n; i = end) {
        for (end = i + 1; end < all->n && sm_str_eq(all->s[end].key, all->s[i].key) &&
                          sm_str_eq(all->s[end].f.unit, all->s[i].f.unit);
             end++)
            ;
        if (all->s[i].key.n == 3 * LEAST_PHRASE)
            compare_group(c, rule, all, i, end);
    }
}

/* ------------------------------------------------------- text and tables */

/* "金额（万元）": what is counted and in which unit, and how much of the figure's that is. */
static bool heading_unit(sm_str heading, sm_str *noun, sm_str *unit, double *scale)
{
    *scale = 1;
    size_t open = sm_str_find(heading, SM_STR("（"), 0),
           shut = sm_str_find(heading, SM_STR("）"), 0);
    if (open != SIZE_MAX && shut != SIZE_MAX && shut > open + 3) {
        *noun = sm_str_sub(heading, 0, open);
        *unit = sm_str_sub(heading, open + 3, shut);
    } else if (sm_str_ends(heading, SM_STR("数")) && heading.n >= 6) { /* 户数, 低保人数 */
        *noun = sm_str_sub(heading, 0, heading.n - 6);
        *unit = sm_str_sub(heading, heading.n - 6, heading.n - 3);
    } else
        return false;
    if (sm_str_starts(*unit, SM_STR("万")) && unit->n > 3) {
        *scale = 1e4;
        *unit = sm_str_sub(*unit, 3, unit->n);
    } else if (sm_str_starts(*unit, SM_STR("亿")) && unit->n > 3) {
        *scale = 1e8;
        *unit = sm_str_sub(*unit, 3, unit->n);
    }
    return unit->n > 0;
}

/* The sentence of a figure up to it. */
static sm_str sentence_before(const sm_figure *f)
{
    sm_str s = sm_str_sub(f->line->text, 0, f->at);
    for (size_t at; (at = sm_str_find(s, SM_STR("。"), 0)) != SIZE_MAX;)
        s = sm_str_sub(s, at + 3, s.n);
    return s;
}

/* Any cell of the table has the value: then the figure is that one's. */
static bool in_grid(const sm_grid *g, double value)
{
    for (size_t i = 0; i < g->n_rows * g->n_cols; i++)
        for (double scale = 1; scale <= 1e8 && g->cell[i].has; scale *= 1e4)
            if (fabs(g->cell[i].number.value * scale - value) < 1e-6 * value)
                return true;
    return false;
}

static bool is_of_row(const sm_grid *g, size_t row, sm_str sentence)
{
    static const char *const wholes[] = { "共", "总", "合计" };
    sm_str label = sm_grid_at(g, row, 0)->text;
    if (sm_grid_at(g, row, 0)->has && g->n_cols > 1)
        label = sm_grid_at(g, row, 1)->text;
    if (sm_is_total_label(sm_grid_at(g, row, 0)->text) || sm_is_total_label(label)) {
        for (size_t r = 1; r < g->n_rows; r++) /* of a part, not of all */
            if (sm_grid_at(g, r, 0)->text.n > 3 && sm_str_has(sentence, sm_grid_at(g, r, 0)->text))
                return false;
        return sm_str_has_any(sentence, wholes, SM_LEN(wholes));
    }
    return label.n >= 6 && sm_str_has(sentence, label);
}

/* 完工2个，惠及居民680户。情况如下表。 and the table's total of 户数. */
static bool leads_to(const sm_check *c, const sm_grid *g, size_t row, size_t col,
                     const sm_figure *f)
{
    const sm_line *first = sm_grid_at(g, 0, 0)->line;
    if (!first || !sm_is_total_label(sm_grid_at(g, row, 0)->text) ||
        sm_str_has(f->line->text, sm_grid_at(g, row, col)->number.text))
        return false;
    const sm_line *before = first > c->o->line ? first - 1 : first;
    return before == f->line && sm_str_has(f->line->text, SM_STR("如下"));
}

static void compare_cell(sm_check *c, const sm_rule *rule, const facts *all, const sm_grid *g,
                         size_t row, size_t col)
{
    const sm_cell *cell = sm_grid_at(g, row, col);
    sm_str noun, unit;
    double scale;
    if (!cell->has || cell->percent ||
        !heading_unit(sm_grid_at(g, 0, col)->text, &noun, &unit, &scale))
        return;
    for (size_t i = 0; i < all->n; i++) {
        const sm_figure *f = &all->s[i].f;
        sm_str sentence = sentence_before(f);
        if (!sm_str_eq(f->unit, unit) || !is_slip(&f->number, &cell->number) ||
            fabs(f->value - cell->number.value * scale) < 1e-6 * f->value || in_grid(g, f->value) ||
            !(leads_to(c, g, row, col, f) ||
              (noun.n >= 6 && sm_str_has(sm_clause_before(f->line->text, f->at), noun) &&
               is_of_row(g, row, sentence))))
            continue;
        sm_finding *found = sm_find_slice(c, rule, f->line, f->text);
        found->confidence = .8;
        sm_propose(found, sm_figure_like(c->a, f, cell->number.value * scale));
        sm_because(c, found, "表中“%.*s”写的是%.*s", SM_ARG(sm_grid_at(g, 0, col)->text),
                   SM_ARG(cell->text));
    }
}

static void compare_tables(sm_check *c, const sm_rule *rule, const facts *all)
{
    sm_grid *g;
    size_t n = sm_tables_of(c, &g), left = MAX_CELLS;
    for (size_t i = 0; i < n; i++)
        for (size_t r = 1; r < g[i].n_rows; r++)
            for (size_t k = 1; k < g[i].n_cols && left > 0; k++, left--)
                compare_cell(c, rule, all, &g[i], r, k);
}

/* ---------------------------------------------------------------- capitals */

static bool is_capital(sm_str s)
{
    static const char *const signs[] = { "壹", "贰", "叁", "肆", "伍", "陆",
                                         "柒", "捌", "玖", "拾", "佰", "仟" };
    return sm_str_has_any(s, signs, SM_LEN(signs));
}

static sm_str capital_of(sm_op *op, double v)
{
    int64_t cents = (int64_t)llround(v * 100);
    if (v < 1 || v >= 1e12 || cents % 100)
        return (sm_str){ 0 };
    sm_buf b;
    sm_buf_init(&b, 400);
    sm_text_han(&b, cents / 100, true);
    sm_buf_add(&b, SM_STR("元整"));
    sm_str out = { 0 };
    sm_buf_take(op, &b, &out);
    return out;
}

static void compare_capitals(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    if (!is_capital(line->text))
        return;
    sm_fact *f;
    size_t n = sm_text_facts(c->a, line->text, &f);
    for (size_t i = 0; i + 1 < n; i++) {
        const sm_fact *a = &f[i], *b = &f[i + 1];
        size_t gap = (size_t)(b->text.p - a->text.p) - a->text.n;
        bool first = is_capital(a->text);
        if (a->kind != SM_FACT_MONEY || b->kind != SM_FACT_MONEY || gap > 36 ||
            first == is_capital(b->text) || fabs(a->value - b->value) < .005)
            continue;
        const sm_fact *capital = first ? a : b, *figure = first ? b : a;
        sm_finding *found = sm_find_slice(c, rule, line, capital->text);
        sm_str right = capital_of(c->op, figure->value);
        if (right.n)
            sm_propose(found, right);
        sm_because(c, found, "大写金额与%.*s不符", SM_ARG(figure->text));
    }
}

/* ------------------------------------------------------------ other facts */

/* 自2026年7月1日起施行: the day, in the line; kind 0: none. */
static bool effective_day(sm_check *c, const sm_line *line, sm_fact *out)
{
    static const char *const words[] = { "起施行", "起实施", "起执行", "起生效" };
    sm_fact *f;
    if (!sm_str_has_any(line->text, words, SM_LEN(words)) || sm_str_has(line->text, SM_STR("废止")))
        return false;
    size_t n = sm_text_facts(c->a, line->text, &f);
    for (size_t i = 0; i < n; i++) {
        size_t end = (size_t)(f[i].text.p - line->text.p) + f[i].text.n;
        sm_str after = sm_str_sub(line->text, end, line->text.n);
        for (size_t k = 0; f[i].kind == SM_FACT_DATE && k < SM_LEN(words); k++)
            if (sm_str_starts(after, sm_str_of(words[k]))) {
                *out = f[i];
                return true;
            }
    }
    return false;
}

/* What puts a text in force and the one text it puts in force name the same day. */
static void compare_days(sm_check *c, const sm_rule *rule)
{
    const sm_line *inner = NULL;
    sm_fact first = { 0 }, second = { 0 }, f;
    size_t n_first = 0, n_second = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!line->text.n || line->role == SM_ROLE_CELL || !effective_day(c, line, &f))
            continue;
        if (line->doc == 0) {
            first = f;
            n_first++;
        } else {
            second = f;
            inner = line;
            n_second++;
        }
    }
    if (n_first != 1 || n_second != 1 || first.value == second.value)
        return;
    sm_finding *found = sm_find_slice(c, rule, inner, second.text);
    sm_propose(found, first.text);
    sm_because(c, found, "前文写的施行日期是%.*s", SM_ARG(first.text));
}

static bool is_swap(sm_str a, sm_str b)
{
    int count[128] = { 0 };
    if (a.n != b.n || a.n < 2)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        count[a.p[i] & 127]++;
        count[b.p[i] & 127]--;
    }
    for (size_t i = 0; i < SM_LEN(count); i++)
        if (count[i])
            return false;
    return sm_number_distance(a, b) == 1;
}

/* 城市a户、农村b户 come to a figure that is said elsewhere, or all but said. */
static void compare_halves(sm_check *c, const sm_rule *rule, const facts *all, size_t i)
{
    static const char *const halves[][2] = { { "城市", "农村" }, { "城镇", "农村" },
                                             { "东段", "西段" }, { "南段", "北段" },
                                             { "一期", "二期" }, { "男", "女" } };
    const sm_figure *a = &all->s[i].f, *b = &all->s[i + 1].f;
    sm_str ca = sm_clause_before(a->line->text, a->at), cb = sm_clause_before(b->line->text, b->at);
    bool pair = false;
    for (size_t k = 0; k < SM_LEN(halves); k++)
        pair |=
            sm_str_ends(ca, sm_str_of(halves[k][0])) && sm_str_ends(cb, sm_str_of(halves[k][1]));
    if (a->line != b->line || !pair || !sm_str_eq(a->unit, b->unit))
        return;
    double sum = a->value + b->value;
    const sm_figure *like = NULL;
    for (size_t k = 0; k < all->n; k++) {
        const sm_figure *f = &all->s[k].f;
        if (!sm_str_eq(f->unit, a->unit) || f == a || f == b)
            continue;
        if (f->value == sum)
            return;
        sm_str as = sm_number_like(c->a, &f->number, sum * f->number.value / f->value);
        if (sm_number_distance(f->number.text, as) == 1 && f->number.text.n > 2)
            like = f;
    }
    if (!like)
        return;
    sm_finding *found = sm_find_slice(c, rule, like->line, like->text);
    found->confidence = .8;
    sm_propose(found, sm_figure_like(c->a, like, sum));
    sm_because(c, found, "两部分之和是%.*s", SM_ARG(sm_figure_like(c->a, like, sum)));
}

/* What is paid in parts comes to the project's whole but for two digits that changed places. */
static void compare_paid(sm_check *c, const sm_rule *rule, const facts *all, size_t i)
{
    const sm_figure *a = &all->s[i].f, *b = &all->s[i + 1].f;
    if (a->kind != SM_FACT_MONEY || b->kind != SM_FACT_MONEY || a->line != b->line)
        return;
    size_t n = 0;
    for (size_t k = 0; k < all->n; k++)
        n += all->s[k].f.line == a->line && all->s[k].f.kind == SM_FACT_MONEY;
    if (n != 2)
        return;
    double sum = a->value + b->value;
    const sm_figure *whole = NULL;
    for (size_t k = 0; k < all->n; k++) {
        const sm_figure *f = &all->s[k].f;
        if (f->value == sum)
            return;
        sm_str as = sm_number_like(c->a, &f->number, sum * f->number.value / f->value);
        if (f->kind == SM_FACT_MONEY && f->number.text.n > 2 && is_swap(f->number.text, as) &&
            sm_str_has(sm_clause_before(f->line->text, f->at), SM_STR("总")))
            whole = f;
    }
    if (!whole)
        return;
    sm_finding *found = sm_find_slice(c, rule, whole->line, whole->text);
    found->confidence = .75;
    sm_propose(found, sm_figure_like(c->a, whole, sum));
    sm_because(c, found, "各项资金之和是%.*s", SM_ARG(sm_figure_like(c->a, whole, sum)));
}

void sm_twice_check(sm_check *c, const sm_rule *rule)
{
    facts all = { 0 };
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].text.n)
            compare_capitals(c, rule, &c->o->line[i]);
    take_all(c, &all);
    compare_tables(c, rule, &all);
    compare_days(c, rule);
    for (size_t i = 0; i + 1 < SM_MIN(all.n, 500); i++) {
        compare_halves(c, rule, &all, i);
        compare_paid(c, rule, &all, i);
    }
    compare_words(c, rule, &all);
    sm_agree_check(c, rule);
}
