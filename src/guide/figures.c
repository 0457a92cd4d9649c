/*
 * A figure that a question takes for granted, held against clauses: the segment most like the claim
 * tells whether it is so.
 *
 * Only figures of one kind, one unit and one direction are compared: a share with a share, "at
 * least 12 months" with "at least", never with "at most 3 months".
 */
#include <string.h>

#include "guide/premise.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

enum { RATE_BYTES = 9, MAX_SPOTS = 256, HEAD_BYTES = 90, QUOTED_BYTES = 600, RIVALS_BYTES = 300 };
static const double WORKDAY = 7.0 / 5;    /* in days */
static const double IDEA_ADDS = 0.25;     /* for what is told in other words */
static const double QUALIFIER_ADDS = 0.3; /* for another figure that both have: 80 周岁 */
static const double SEGMENT_ALIKE =
    0.15;                              /* of a claim's wording in the segment with another figure */
static const double SAME_PLACE = 0.75; /* so near to the best is a segment that has the claim */
static const double AS_LIKE = 0.95;
static const double HARDLY_ALIKE = 0.1; /* less: the figure stands there for something else */

/* A piece of a clause between 。；and the like that holds a figure of the kind. */
typedef struct spot {
    sm_str text;
    sm_fact_kind kind;
    double value, alike, qualifiers;
    const sm_clause *clause;
} spot;

typedef struct spots {
    spot at[MAX_SPOTS];
    size_t n;
} spots;

double sm_days_of(const sm_fact *f)
{
    return f->value * (f->kind == SM_FACT_WORKDAYS ? WORKDAY
                       : f->kind == SM_FACT_MONTHS ? 30
                       : f->kind == SM_FACT_YEARS  ? 365
                                                   : 1);
}

static bool of_a_kind(const sm_fact *a, const sm_fact *b)
{
    bool days = sm_fact_is_days(a->kind), too = sm_fact_is_days(b->kind);
    return a->kind == b->kind ||
           (sm_fact_is_length(a->kind) && sm_fact_is_length(b->kind) && days == too);
}

/* How long ahead it must be done: 到期前30天, 届满前六个月. */
static bool is_ahead(sm_str text)
{
    static const char *const words[] = { "到期前", "期满前", "届满前", "过期前", "届满", "提前" };
    return HAS(text, words);
}

static bool comparable(const sm_premise *p, const sm_fact *f, sm_str segment)
{
    return of_a_kind(f, &p->figure) ||
           (sm_fact_is_length(f->kind) && sm_fact_is_length(p->figure.kind) &&
            is_ahead(p->phrase) && is_ahead(segment));
}

/* 12个月 is 1年. */
static double size_of(const sm_fact *f)
{
    return f->kind == SM_FACT_MONTHS    ? f->value * 30
           : f->kind == SM_FACT_YEARS   ? f->value * 360
           : sm_fact_is_length(f->kind) ? sm_days_of(f)
                                        : f->value;
}

static bool same(double a, double b)
{
    return a <= b && a >= b;
}

/* "由50万元提高到80万元", "原政策每年2000元的补贴停止执行"; an example is no rule either. */
bool sm_figure_was(sm_str segment, const sm_fact *f)
{
    static const char *const ends[] = { "停止执行", "不再执行", "原政策", "原标准",
                                        "以前已经", "例如",     "某",     "起施行" };
    static const char *const moves[] = { "提高到", "提高至", "调整为", "调整到", "降低到",
                                         "降至",   "上调",   "增加到", "降为" };
    size_t at = (size_t)(f->text.p - segment.p) + f->text.n;
    sm_str right = sm_str_sub(segment, at, segment.n);
    for (size_t i = 0; i < SM_LEN(moves); i++)
        if (sm_str_starts(right, sm_str_of(moves[i])))
            return true;
    return HAS(segment, ends);
}

static bool is_least(sm_fact_bound b)
{
    return b == SM_BOUND_AT_LEAST || b == SM_BOUND_MORE;
}

static bool is_most(sm_fact_bound b)
{
    return b == SM_BOUND_AT_MOST || b == SM_BOUND_LESS;
}

/* What one must have is no upper limit, and the other way. */
static bool bounds_apart(const sm_premise *p, const sm_fact *f)
{
    sm_fact_bound claimed = p->figure.bound;
    if (claimed == SM_BOUND_NONE && sm_fact_is_length(f->kind) &&
        sm_rule_sign_of(p->phrase) == SM_RULE_MUST)
        claimed = SM_BOUND_AT_LEAST;
    return (is_least(claimed) && is_most(f->bound)) || (is_most(claimed) && is_least(f->bound));
}

/* How much is spared is not how much there is. */
static bool spares_apart(sm_str phrase, sm_str segment)
{
    static const char *const words[] = { "免征", "免税", "免除", "免予", "减免" };
    static const char *const said[] = { "免", "减" };
    return HAS(segment, words) && !HAS(phrase, said);
}

/* So much for each of what is measured ("每平方米18元") is no sum, unless it is claimed so. */
static bool rates_apart(sm_str phrase, sm_str segment, const sm_fact *f)
{
    static const char *const units[] = { "平方米", "千瓦时", "立方米", "公里", "公斤", "亩", "吨" };
    size_t at = (size_t)(f->text.p - segment.p);
    sm_str left = sm_str_sub(segment, at - SM_MIN(at, (size_t)RATE_BYTES), at),
           right = sm_str_sub(segment, at + f->text.n, segment.n);
    for (size_t i = 0; i < SM_LEN(units); i++) {
        sm_str unit = sm_str_of(units[i]);
        bool rate = sm_str_ends(left, unit) || (sm_str_starts(right, SM_STR("/")) &&
                                                sm_str_starts(sm_str_sub(right, 1, right.n), unit));
        if (rate && !sm_str_has(phrase, unit))
            return true;
    }
    return false;
}

static sm_str next_segment(sm_str *rest)
{
    const char *from = rest->p;
    while (rest->n) {
        const char *at = rest->p;
        uint32_t c = sm_utf8_next(rest);
        if (c == 0x3002 || c == 0xff1b || c == ';' || c == '\n' || c == 0xff1a)
            return (sm_str){ from, (size_t)(at - from) };
    }
    return (sm_str){ from, (size_t)(rest->p - from) };
}

/* One thing in the words of people and of rules. */
static double same_things(sm_str phrase, sm_str text)
{
    static const struct {
        const char *said[6], *written[4]; /* NULL ends */
    } things[] = { { { "参保", "社保", "医保", "养老" }, { "保险", "参保" } },
                   { { "外地", "外来", "打工" }, { "外来", "务工" } },
                   { { "首套" }, { "首套" } },
                   { { "首付" }, { "首付" } },
                   { { "二套", "第二套" }, { "第二套" } },
                   { { "低保" }, { "最低生活保障" } },
                   { { "管", "能用", "可以用", "一换", "到期" }, { "有效期", "有效的" } },
                   { { "到期前", "过期前", "提前" }, { "届满", "期满前" } },
                   { { "复审", "一审", "年审", "审一" }, { "复审", "审验" } },
                   { { "最高", "最多", "封顶" }, { "最高", "最多", "不超过" } } };
    double n = 0;
    for (size_t i = 0; i < SM_LEN(things); i++)
        n += HAS(phrase, things[i].said) && HAS(text, things[i].written);
    return n;
}

/* The claim's other figures that the segment has, too. */
static double qualifiers(sm_arena *a, const sm_premise *p, const sm_fact *f, size_t n)
{
    sm_fact *own;
    size_t n_own = sm_text_facts(a, p->phrase, &own);
    double found = 0;
    for (size_t i = 0; i < n_own; i++) {
        bool has = false;
        for (size_t k = 0; k < n; k++)
            has |= own[i].kind == f[k].kind && same(own[i].value, f[k].value);
        found += has && !sm_str_eq(own[i].text, p->figure.text);
    }
    return found;
}

/* What stands over a clause's segments: its headings, and its first line where that is one. */
static sm_str head_of(sm_arena *a, const sm_clause *c)
{
    size_t end = sm_str_find(c->text, SM_STR("\n"), 0);
    sm_str first =
        end == SIZE_MAX || end > HEAD_BYTES ? (sm_str){ 0 } : sm_str_sub(c->text, 0, end);
    return sm_strf(a, "%.*s\n%.*s", SM_ARG(c->heading), SM_ARG(first));
}

static void add_spots(sm_arena *a, const sm_premise *p, const sm_wordset *said, const sm_clause *c,
                      spots *out)
{
    sm_str rest = c->text, head = head_of(a, c);
    while (rest.n && out->n < MAX_SPOTS) {
        sm_str segment = sm_str_trim(next_segment(&rest));
        sm_fact *f;
        size_t n = sm_text_facts(a, segment, &f);
        bool any = false;
        for (size_t i = 0; i < n; i++)
            any |= comparable(p, &f[i], segment);
        if (!any || spares_apart(p->phrase, segment))
            continue;
        sm_str whole = sm_strf(a, "%.*s\n%.*s", SM_ARG(head), SM_ARG(segment));
        sm_wordset has = sm_wordset_of(a, whole);
        double also = qualifiers(a, p, f, n);
        double alike = sm_wordset_shared(said, &has) + QUALIFIER_ADDS * also +
                       IDEA_ADDS * same_things(p->phrase, whole);
        for (size_t i = 0; i < n && out->n < MAX_SPOTS; i++)
            if (comparable(p, &f[i], segment) && !sm_figure_was(segment, &f[i]) &&
                !bounds_apart(p, &f[i]) && !rates_apart(p->phrase, segment, &f[i]))
                out->at[out->n++] = (spot){ segment, f[i].kind, size_of(&f[i]), alike, also, c };
    }
}

/* The claim stands where it is claimed, or nearly: what agrees is right. */
static bool agrees(const spot *so, const spot *other)
{
    return so && so->alike >= HARDLY_ALIKE && (!other || so->alike >= SAME_PLACE * other->alike);
}

/* Other figures that stand in a place as like the claim, by so much: they are quoted, too, where
 * one clause has them; else none is known to be the one meant. */
static bool take_rivals(const spots *s, const spot *other, double claimed, double by,
                        sm_str *segment)
{
    const char *from = other->text.p, *to = from + other->text.n;
    for (size_t i = 0; i < s->n; i++) {
        const spot *r = &s->at[i];
        if (same(r->value, other->value) || same(r->value, claimed) || r->alike < by * other->alike)
            continue;
        if (r->clause != other->clause && r->alike >= AS_LIKE * other->alike)
            return false;
        if (r->clause != other->clause)
            continue;
        from = SM_MIN(from, r->text.p);
        to = SM_MAX(to, r->text.p + r->text.n);
    }
    *segment = (sm_str){ from, (size_t)(to - from) };
    return segment->n <= (by < AS_LIKE ? RIVALS_BYTES : QUOTED_BYTES);
}

/* What one adds up or works out oneself stands in no source: "30%加30%是不是上浮60%". */
static bool is_sum(sm_str phrase)
{
    static const char *const signs[] = {
        "加起来", "×", "＋", "=", "＝", "%加", "万加", "元加", "乘"
    };
    return HAS(phrase, signs);
}

/* Another figure of the claim itself does not contradict it. */
static bool is_claimed_too(const sm_premise *p, const sm_fact *own, size_t n, double value)
{
    bool is = false;
    for (size_t i = 0; i < n; i++)
        is |= of_a_kind(&own[i], &p->figure) && same(size_of(&own[i]), value);
    return is;
}

sm_telling sm_figure_told(sm_arena *a, const sm_premise *p, const sm_clause *clause, size_t n,
                          sm_told *out)
{
    spots s = { .n = 0 };
    sm_wordset said = sm_wordset_of(a, sm_premise_core(p->phrase));
    const spot *so = NULL, *other = NULL;
    double rival = 0; /* of the same unit: 3年 beside 6个月 is of something else */
    double elsewhere = 0;
    double claimed = size_of(&p->figure);
    sm_fact *own;
    size_t n_own = sm_text_facts(a, p->phrase, &own);
    if (sm_figure_was(p->phrase, &p->figure) || is_sum(p->phrase))
        return SM_TELLS_NOTHING;
    for (size_t i = 0; i < n; i++)
        add_spots(a, p, &said, &clause[i], &s);
    for (size_t i = 0; i < s.n; i++) {
        if (!same(s.at[i].value, claimed) && is_claimed_too(p, own, n_own, s.at[i].value))
            continue;
        const spot **best = same(s.at[i].value, claimed) ? &so : &other;
        if (!*best || s.at[i].alike > (*best)->alike)
            *best = &s.at[i];
        if (best == &other && s.at[i].kind == p->figure.kind)
            rival = SM_MAX(rival, s.at[i].alike);
    }
    for (size_t i = 0; so && i < s.n; i++)
        if (!same(s.at[i].value, claimed) && s.at[i].text.p != so->text.p)
            elsewhere = SM_MAX(elsewhere, s.at[i].alike);
    bool is_so = agrees(so, other);
    const spot *told = is_so ? so : other && other->alike >= SEGMENT_ALIKE ? other : NULL;
    sm_str segment = told ? told->text : (sm_str){ 0 };
    if (!told || (!is_so && !take_rivals(&s, other, claimed, SAME_PLACE, &segment) &&
                  !take_rivals(&s, other, claimed, AS_LIKE, &segment)))
        return SM_TELLS_NOTHING;
    *out = (sm_told){ .segment = segment,
                      .clause = told->clause,
                      .alike = told->alike,
                      .alone = !is_so || so->alike > rival,
                      .leads = !is_so || so->alike > elsewhere };
    return is_so ? SM_TELLS_SO : SM_TELLS_OTHERWISE;
}

bool sm_figure_stands(sm_arena *a, const sm_premise *p, sm_str text)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    for (size_t i = 0; i < n; i++)
        if (of_a_kind(&f[i], &p->figure) &&
            (same(size_of(&f[i]), size_of(&p->figure)) || same(f[i].value, p->figure.value)))
            return true;
    return false;
}
