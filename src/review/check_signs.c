/*
 * Signs that come in pairs: one left alone, and one within another of its kind.
 *
 * Pairs are looked for within a paragraph; the lines of a title are one, and quotation marks may
 * open each paragraph of a long quotation and close with the last.
 */
#include <string.h>

#include "review/inner.h"

enum { MAX_OPEN = 64, MAX_LOOK = 12 };

typedef enum family { BOOK, QUOTE, BRACKET, OTHER } family;

static const struct pair {
    const char *open, *shut;
    family family;
    int same; /* which pairs may close each other: （ and ) */
} pairs[] = {
    { "《", "》", BOOK, 0 },  { "〈", "〉", BOOK, 1 },    { "“", "”", QUOTE, 2 },
    { "‘", "’", QUOTE, 3 },   { "（", "）", BRACKET, 4 }, { "(", ")", BRACKET, 4 },
    { "【", "】", OTHER, 5 }, { "〔", "〕", OTHER, 6 },   { "「", "」", OTHER, 7 },
    { "『", "』", OTHER, 8 },
};

typedef struct sign {
    const struct pair *pair;
    const sm_line *line;
    size_t at, n; /* bytes of line->text */
} sign;

typedef struct nested {
    sign open, shut;
    size_t outer; /* where the outer one is open */
} nested;

typedef struct walk {
    sm_check *c;
    const sm_rule *rule;
    bool nesting; /* what is looked for */
    sign open[MAX_OPEN];
    size_t n;
    sign shut[MAX_OPEN]; /* without an open one */
    size_t n_shut;
    nested in[MAX_OPEN];
    size_t n_in;
} walk;

static const struct pair *sign_at(sm_str s, size_t at, bool *opens, size_t *n)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    for (size_t i = 0; i < SM_LEN(pairs); i++)
        for (int k = 0; k < 2; k++) {
            sm_str half = sm_str_of(k ? pairs[i].shut : pairs[i].open);
            if (!sm_str_starts(rest, half))
                continue;
            *opens = k == 0;
            *n = half.n;
            return &pairs[i];
        }
    return NULL;
}

/* 1）, a) and ②）: labels of items have no open one. */
static bool is_label_end(sm_str text, size_t at)
{
    static const char *const before[] = { "；", "，", "。", "：", "、", "（", "(", ";", " ", "　" };
    size_t i = at;
    while (i > 0 && ((text.p[i - 1] >= '0' && text.p[i - 1] <= '9') ||
                     (text.p[i - 1] >= 'a' && text.p[i - 1] <= 'z') ||
                     (text.p[i - 1] >= 'A' && text.p[i - 1] <= 'Z')))
        i--;
    if (i == at && i >= 3 && sm_text_integer(sm_str_sub(text, i - 3, i)) > 0)
        i -= 3;
    if (i == at || at - i > 3)
        return false;
    for (size_t k = 0; k < SM_LEN(before); k++)
        if (sm_str_ends(sm_str_sub(text, 0, i), sm_str_of(before[k])))
            return true;
    return i == 0;
}

static sm_str slice(const sign *from, const sign *to)
{
    return sm_str_sub(from->line->text, from->at, to->at + to->n);
}

/* ----------------------------------------------------------------- nesting */

static void report_nested(const walk *w, const nested *in)
{
    sm_str s = slice(&in->open, &in->shut);
    sm_str words = sm_str_sub(s, in->open.n, s.n - in->shut.n);
    /* 《 holds 〈, and 〈 holds 《; quotation marks likewise. */
    const struct pair *p = in->open.pair, *as = p->same % 2 ? p - 1 : p + 1;
    sm_finding *f = sm_find_slice(w->c, w->rule, in->open.line, s);
    sm_propose(f, sm_strf(w->c->a, "%s%.*s%s", as->open, SM_ARG(words), as->shut));
}

/* The outer one at `level` was closed: what lies in it is nested. */
static void close_nested(walk *w, size_t level)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->n_in; i++)
        if (w->in[i].outer == level)
            report_nested(w, &w->in[i]);
        else
            w->in[kept++] = w->in[i];
    w->n_in = kept;
}

static void note_nested(walk *w, const sign *open, const sign *shut)
{
    if (open->line != shut->line || open->pair->family > QUOTE)
        return;
    for (size_t i = w->n; i-- > 0;) {
        if (w->open[i].pair->family != open->pair->family)
            continue;
        if (w->open[i].pair == open->pair && w->n_in < MAX_OPEN)
            w->in[w->n_in++] = (nested){ *open, *shut, i };
        return;
    }
}

/* ------------------------------------------------------------------- alone */

static size_t first_of(sm_str s, size_t from, const char *const *marks, size_t n)
{
    size_t best = s.n;
    for (size_t i = 0; i < n; i++)
        best = SM_MIN(best, sm_str_find(s, sm_str_of(marks[i]), from));
    return best;
}

static bool ends_after(sm_str s, size_t from, const char *word, size_t *end)
{
    sm_str w = sm_str_of(word);
    bool found = false;
    for (size_t at = from; (at = sm_str_find(s, w, at)) != SIZE_MAX; at += 3) {
        *end = at + w.n;
        found = true;
    }
    return found;
}

/* Where a title that is not closed must end: behind the last word that a document ends with. */
static size_t end_of_title(sm_str s, size_t from)
{
    static const char *const marks[] = { "。", "；", "，", "（", "！", "？", "《", "：", "”" };
    static const char *const types[] = { "通知", "意见", "决定", "批复", "请示", "办法", "条例",
                                         "细则", "方案", "规划", "标准", "规范", "纲要", "计划",
                                         "公告", "通告", "规则", "预案", "指南", "措施", "法",
                                         "函",   "通报", "目录", "公报", "议案" };
    size_t stop = first_of(s, from, marks, SM_LEN(marks)), best = 0;
    sm_str part = sm_str_sub(s, 0, stop);
    for (size_t i = 0; i < SM_LEN(types); i++) {
        size_t end;
        if (ends_after(part, from, types[i], &end))
            best = SM_MAX(best, end);
    }
    size_t rule = 0;
    if (!best && ends_after(part, from, "规定", &rule))
        best = rule;
    return best ? best : stop;
}

/* 〔2026〕3号 and 以下简称… end by themselves, anything else with its clause. */
static size_t end_of_bracket(sm_str s, size_t from)
{
    static const char *const marks[] = { "，", "。", "；", "！", "？" };
    static const char *const ends[] = { "。", "；" };
    size_t number = sm_str_find(s, SM_STR("〕"), from), no = SIZE_MAX;
    if (number != SIZE_MAX && number - from < 40)
        no = sm_str_find(s, SM_STR("号"), number);
    if (no != SIZE_MAX && no - number < 12)
        return no + 3;
    bool contact = sm_str_starts(sm_str_sub(s, from, s.n), SM_STR("联系人"));
    return contact ? first_of(s, from, ends, SM_LEN(ends))
                   : first_of(s, from, marks, SM_LEN(marks));
}

static void report_open(const walk *w, const sign *open)
{
    sm_str s = open->line->text;
    size_t from = open->at + open->n, end;
    if (open->pair->family == BOOK)
        end = end_of_title(s, from);
    else
        end = end_of_bracket(s, from);
    if (end <= from)
        end = s.n;
    sm_finding *f = sm_find_slice(w->c, w->rule, open->line, sm_str_sub(s, open->at, end));
    sm_propose(f, sm_strf(w->c->a, "%.*s%s", SM_ARG(f->text), open->pair->shut));
    f->confidence = open->pair->family == QUOTE ? .6 : .75;
    sm_because(w->c, f, "“%s”没有对应的“%s”", open->pair->open, open->pair->shut);
}

/* Where the words of a title or a bracket without its open sign must begin. */
static size_t begin_of(sm_str s, size_t at, family of)
{
    static const char *const marks[] = { "，", "。", "；", "：", "、", "（", "“", "》", "！" };
    static const char *const verbs[] = { "根据", "按照", "依据", "依照", "贯彻", "落实",
                                         "印发", "执行", "转发", "制定", "修订", "现将" };
    size_t begin = 0;
    for (size_t i = 0; i < SM_LEN(marks); i++)
        for (size_t k = 0; (k = sm_str_find(s, sm_str_of(marks[i]), k)) < at; k += 3)
            begin = SM_MAX(begin, k + 3);
    for (size_t i = 0; i < SM_LEN(verbs) && of == BOOK; i++)
        for (size_t k = 0; (k = sm_str_find(s, sm_str_of(verbs[i]), k)) < at; k += 3)
            begin = SM_MAX(begin, k + 6);
    return begin;
}

static void report_shut(const walk *w, const sign *shut)
{
    sm_str s = shut->line->text;
    size_t begin = begin_of(s, shut->at, shut->pair->family);
    sm_finding *f =
        sm_find_slice(w->c, w->rule, shut->line, sm_str_sub(s, begin, shut->at + shut->n));
    f->confidence = .6;
    if (shut->pair->family == BOOK && begin < shut->at)
        sm_propose(f, sm_strf(w->c->a, "%s%.*s", shut->pair->open, SM_ARG(f->text)));
    sm_because(w->c, f, "“%s”没有对应的“%s”", shut->pair->shut, shut->pair->open);
}

/* One sign that should be its other half. */
static void report_turned(const walk *w, const sign *one, const char *as)
{
    sm_finding *f = sm_find_slice(w->c, w->rule, one->line,
                                  sm_str_sub(one->line->text, one->at, one->at + one->n));
    sm_propose(f, sm_str_of(as));
    sm_because(w->c, f, "这里应为“%s”", as);
}

/* Two open ones where one should close the other, or two that close. */
static bool turned(const walk *w, const sign *one, size_t i, size_t n)
{
    return i + 1 < n && one[i].pair == one[i + 1].pair && one[i].line == one[i + 1].line &&
           one[i].pair->family != BRACKET && w->n + w->n_shut == 2;
}

static bool opens_again(const walk *w, const sign *open)
{
    const sm_outline *o = w->c->o;
    size_t i = (size_t)(open->line - o->line) + 1;
    for (int seen = 0; i < o->n && seen < MAX_LOOK; i++) {
        sm_str s = o->line[i].text;
        if (!s.n)
            continue;
        seen++;
        if (sm_str_starts(s, sm_str_of(open->pair->open)))
            return true;
        size_t shut = sm_str_find(s, sm_str_of(open->pair->shut), 0),
               next = sm_str_find(s, sm_str_of(open->pair->open), 0);
        if (shut < next)
            return true;
    }
    return false;
}

/* The last paragraph of a quotation closes what an earlier one opened. */
static bool was_open(const walk *w, const sign *shut)
{
    const sm_outline *o = w->c->o;
    size_t i = (size_t)(shut->line - o->line);
    for (int seen = 0; i-- > 0 && seen<MAX_LOOK; seen += o->line[i].text.n> 0) {
        sm_str s = o->line[i].text;
        size_t n_open = 0, n_shut = 0;
        for (size_t k = 0; (k = sm_str_find(s, sm_str_of(shut->pair->open), k)) != SIZE_MAX; k++)
            n_open++;
        for (size_t k = 0; (k = sm_str_find(s, sm_str_of(shut->pair->shut), k)) != SIZE_MAX; k++)
            n_shut++;
        if (n_open > n_shut)
            return true;
    }
    return false;
}

static void report_alone(walk *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->open[i].pair->family == QUOTE && opens_again(w, &w->open[i]))
            continue;
        if (turned(w, w->open, i, w->n)) {
            i++;
            report_turned(w, &w->open[i], w->open[i].pair->shut);
        } else
            report_open(w, &w->open[i]);
    }
    for (size_t i = 0; i < w->n_shut; i++) {
        if (w->shut[i].pair->family == QUOTE && was_open(w, &w->shut[i]))
            continue;
        if (turned(w, w->shut, i, w->n_shut)) {
            report_turned(w, &w->shut[i], w->shut[i].pair->open);
            i++;
        } else
            report_shut(w, &w->shut[i]);
    }
}

/* -------------------------------------------------------------------- walk */

static void shut_one(walk *w, const sign *shut)
{
    for (size_t i = w->n; i-- > 0;) {
        if (w->open[i].pair->same != shut->pair->same)
            continue;
        for (size_t k = i + 1; k < w->n && !w->nesting; k++)
            report_open(w, &w->open[k]);
        sign open = w->open[i];
        w->n = i;
        close_nested(w, i);
        if (w->nesting)
            note_nested(w, &open, shut);
        return;
    }
    if (w->n_shut < MAX_OPEN && !is_label_end(shut->line->text, shut->at) &&
        !(shut->pair->family == QUOTE && shut->pair->same == 3)) /* ’ is an apostrophe, too */
        w->shut[w->n_shut++] = *shut;
}

static void walk_line(walk *w, const sm_line *line)
{
    sm_str s = line->text;
    bool opens;
    for (size_t at = 0, n; at < s.n; at++) {
        if ((uint8_t)s.p[at] != 0xe2 && (uint8_t)s.p[at] != 0xe3 && (uint8_t)s.p[at] != 0xef &&
            s.p[at] != '(' && s.p[at] != ')')
            continue;
        const struct pair *p = sign_at(s, at, &opens, &n);
        if (!p)
            continue;
        sign one = { p, line, at, n };
        if (!opens)
            shut_one(w, &one);
        else if (w->n < MAX_OPEN)
            w->open[w->n++] = one;
        at += n - 1;
    }
}

/* A note under the title, （……通过）, that pages show as two lines. */
static bool is_note_in_two(const sm_line *line, const sm_line *next)
{
    return line->par->page > 0 && line->doc == next->doc &&
           sm_str_starts(line->text, SM_STR("（")) && !sm_str_has(line->text, SM_STR("）")) &&
           sm_str_ends(next->text, SM_STR("通过）")) && !sm_str_has(next->text, SM_STR("（"));
}

static bool goes_on(const sm_line *line, const sm_line *next)
{
    if (is_note_in_two(line, next))
        return true;
    return next->role == line->role && next->doc == line->doc &&
           (line->role == SM_ROLE_TITLE || line->role == SM_ROLE_ATITLE);
}

static void walk_all(sm_check *c, const sm_rule *rule, bool nesting)
{
    walk w = { .c = c, .rule = rule, .nesting = nesting };
    const sm_line *last = NULL;
    for (size_t i = 0; i <= c->o->n; i++) {
        const sm_line *line = i < c->o->n ? &c->o->line[i] : NULL;
        if (line && !line->text.n)
            continue;
        if (last && (!line || !goes_on(last, line))) {
            if (!nesting)
                report_alone(&w);
            w.n = w.n_shut = w.n_in = 0;
        }
        if (line)
            walk_line(&w, line);
        last = line;
    }
}

/* I06 */
static void check_pairs(sm_check *c, const sm_rule *rule)
{
    walk_all(c, rule, false);
}

/* I11 */
static void check_nesting(sm_check *c, const sm_rule *rule)
{
    walk_all(c, rule, true);
}

const sm_checker sm_checkers_signs[] = { { "pairs", check_pairs },
                                         { "nesting", check_nesting },
                                         { NULL, NULL } };
