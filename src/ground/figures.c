/*
 * The facts of a sentence: each must stand in the evidence, as it is bounded, in its own place.
 *
 * A place is known by the words around it.  Among the facts of one family (money, lengths of time,
 * dates …) the one that the sentence names must be explained by its words at least as well as any
 * that differs.
 */
#include "ground/figures.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------- same */

static int family_of(sm_fact_kind k)
{
    static const int families[SM_N_FACT_KINDS] = {
        [SM_FACT_NUMBER] = 1, [SM_FACT_MONEY] = 2,  [SM_FACT_PERCENT] = 3, [SM_FACT_WORKDAYS] = 4,
        [SM_FACT_DAYS] = 4,   [SM_FACT_MONTHS] = 4, [SM_FACT_YEARS] = 4,   [SM_FACT_AGE] = 5,
        [SM_FACT_DATE] = 6,   [SM_FACT_TIME] = 7,   [SM_FACT_ARTICLE] = 0, [SM_FACT_DOC_NO] = 9,
        [SM_FACT_PHONE] = 10, [SM_FACT_TITLE] = 0,  [SM_FACT_ORGAN] = 0,   [SM_FACT_ADDRESS] = 0,
        [SM_FACT_WEB] = 11,
    };
    return families[k];
}

/* Units that measure the same, in the least of them; 工作日 measures nothing but itself, and a
 * month has no number of days. */
static const struct {
    const char *unit;
    int what;
    double by;
} measures[] = {
    { "厘米", 1, 1 },   { "米", 1, 100 },        { "公里", 1, 100000 }, { "毫米", 1, 0.1 },
    { "分钟", 2, 1 },   { "小时", 2, 60 },       { "千克", 3, 1 },      { "吨", 3, 1000 },
    { "平方米", 4, 1 }, { "亩", 4, 2000.0 / 3 }, { "公顷", 4, 10000 },  { "平方公里", 4, 1000000 },
};

/* What the fact measures and how much of it; 0: nothing that another unit measures. */
static int measured(const sm_fact *f, double *v)
{
    *v = f->value;
    if (f->kind == SM_FACT_MONTHS)
        return 5;
    if (f->kind == SM_FACT_YEARS) {
        *v *= 12;
        return 5;
    }
    if (f->kind == SM_FACT_DAYS) {
        *v *= 1440;
        return 2;
    }
    for (size_t i = 0; f->kind == SM_FACT_NUMBER && i < SM_LEN(measures); i++) {
        size_t digits = strlen("number:");
        while (digits < f->key.n && strchr("0123456789.", f->key.p[digits]))
            digits++;
        if (sm_str_eq(sm_str_sub(f->key, digits, f->key.n), sm_str_of(measures[i].unit))) {
            *v *= measures[i].by;
            return measures[i].what;
        }
    }
    return 0;
}

static bool same_amount(const sm_fact *a, const sm_fact *b)
{
    double x, y;
    int k = measured(a, &x);
    return k && k == measured(b, &y) && fabs(x - y) < 1e-9 * (1 + fabs(x));
}

/* The unit of a plain number, as its key has it. */
static sm_str unit_of(const sm_fact *f)
{
    size_t n = strlen("number:");
    while (n < f->key.n && strchr("0123456789.-", f->key.p[n]))
        n++;
    return sm_str_sub(f->key, n, f->key.n);
}

/* 一千五 of 1500元, 满七十 of 70周岁, 七十平 of 70平方米, 承诺二十个 of 20个工作日: what people
 * leave out when it was said just before. */
static bool same_unsaid(const sm_fact *said, const sm_fact *held)
{
    if (said->kind != SM_FACT_NUMBER || said->value < 3 || fabs(said->value - held->value) > 1e-9)
        return false;
    sm_str unit = unit_of(said);
    if (sm_str_ends(said->text, SM_STR("个")))
        return held->kind == SM_FACT_WORKDAYS || held->kind == SM_FACT_MONTHS;
    if (unit.n && !sm_str_eq(unit, SM_STR("平")))
        return false;
    return held->kind == SM_FACT_MONEY || held->kind == SM_FACT_AGE ||
           (held->kind == SM_FACT_NUMBER && sm_str_eq(unit_of(held), SM_STR("平方米")));
}

static bool same(const sm_fact *said, const sm_fact *held)
{
    return sm_fact_within(said->key, held->key) || same_amount(said, held) ||
           same_unsaid(said, held);
}

/* 张, 本, 证: one paper. */
static bool is_paper(sm_str term)
{
    static const char *const papers[] = { "张", "本", "证", "件", "份", "册", "副", "枚" };
    for (size_t i = 0; i < SM_LEN(papers); i++)
        if (sm_str_eq(term, sm_str_of(papers[i])))
            return true;
    return false;
}

/* Each of the terms (人/月) after 每 before the figure, or a paper's for another's. */
static bool terms_stand(sm_str terms, sm_str before, sm_str held)
{
    sm_str term, other;
    while (sm_str_cut(&terms, '/', &term)) {
        char each[32];
        if (sm_str_starts(term, SM_STR("个")))
            term = sm_str_sub(term, strlen("个"), term.n);
        snprintf(each, sizeof(each), "每%.*s", SM_ARG(term));
        bool stands = sm_str_has(before, sm_str_of(each));
        for (sm_str rest = held; !stands && is_paper(term) && sm_str_cut(&rest, '/', &other);)
            stands = is_paper(other);
        if (!stands)
            return false;
    }
    return true;
}

static bool has_terms(sm_str all, sm_str some)
{
    sm_str term, other;
    bool has = true;
    while (has && sm_str_cut(&some, '/', &term)) {
        has = false;
        for (sm_str rest = all; !has && sm_str_cut(&rest, '/', &other);)
            has = sm_str_eq(term, other);
    }
    return has;
}

/* 每人每月 is said once of 200元、600元、1200元: each is per head and month. */
static bool same_carried(const sm_fact *said, const sm_reading *r, uint32_t k)
{
    const sm_fact *held = &r->fact[k];
    size_t slash = sm_str_find(said->key, SM_STR("/"), 0);
    sm_str amount, rest = held->key;
    sm_str_cut(&rest, '/', &amount);
    if (said->kind != SM_FACT_MONEY || held->kind != SM_FACT_MONEY || slash == SIZE_MAX ||
        !sm_str_eq(sm_str_sub(said->key, 0, slash), amount))
        return false;
    for (size_t i = 0; i < r->n_parts; i++)
        if (k >= r->part[i].fact && k < r->part[i].fact + r->part[i].n_facts &&
            terms_stand(sm_str_sub(said->key, slash + 1, said->key.n),
                        sm_str_sub(r->text, r->part[i].at, (size_t)(held->text.p - r->text.p)),
                        rest))
            return true;
    static const char *const ends[] = { "。", "；", "\n" };
    for (uint32_t i = k; i-- > 0;) {
        const sm_fact *before = &r->fact[i];
        size_t at = sm_str_find(before->key, SM_STR("/"), 0);
        size_t from = (size_t)(before->text.p - r->text.p);
        size_t to = (size_t)(held->text.p - r->text.p);
        if (sm_str_has_any(sm_str_sub(r->text, from, to), ends, SM_LEN(ends)))
            return false;
        if (before->kind == SM_FACT_MONEY && at != SIZE_MAX)
            return has_terms(sm_str_sub(before->key, at + 1, before->key.n),
                             sm_str_sub(said->key, slash + 1, said->key.n));
    }
    return false;
}

static bool is_length(const sm_fact *f)
{
    double v;
    return family_of(f->kind) == 4 || f->kind == SM_FACT_AGE || measured(f, &v);
}

/* A range has a least and a most; a date is not known to include itself. */
static sm_fact_bound plain_bound(const sm_fact *f)
{
    if (f->bound == SM_BOUND_FROM || (f->bound == SM_BOUND_MORE && f->kind == SM_FACT_DATE))
        return SM_BOUND_AT_LEAST;
    if (f->bound == SM_BOUND_TO || (f->bound == SM_BOUND_LESS && f->kind == SM_FACT_DATE))
        return SM_BOUND_AT_MOST;
    return f->bound;
}

/* What is said may be less than what is held, never more.  A time limit is a bound by itself. */
static bool bound_fits(const sm_fact *said, const sm_fact *held)
{
    sm_fact_bound s = plain_bound(said), h = plain_bound(held);
    if (s == h)
        return true;
    if (s == SM_BOUND_NONE)
        return h == SM_BOUND_AT_LEAST || h == SM_BOUND_AT_MOST;
    if (h != SM_BOUND_NONE)
        return false;
    if (s == SM_BOUND_AT_MOST)
        return is_length(said) || said->kind == SM_FACT_MONEY || said->kind == SM_FACT_PERCENT ||
               said->kind == SM_FACT_TIME || said->kind == SM_FACT_DATE;
    return s == SM_BOUND_AT_LEAST && said->kind != SM_FACT_WORKDAYS &&
           (is_length(said) || said->kind == SM_FACT_DATE || said->kind == SM_FACT_NUMBER);
}

/* 不满16周岁的不能办 of 年满16周岁: the other side of a limit, said with the other sign. */
static bool is_other_side(const sm_fact *said, const sm_fact *held)
{
    static const sm_fact_bound sides[][2] = { { SM_BOUND_LESS, SM_BOUND_AT_LEAST },
                                              { SM_BOUND_MORE, SM_BOUND_AT_MOST } };
    sm_fact_bound s = plain_bound(said), h = plain_bound(held);
    for (size_t i = 0; i < SM_LEN(sides); i++)
        if ((s == sides[i][0] && h == sides[i][1]) || (s == sides[i][1] && h == sides[i][0]))
            return true;
    return false;
}

/* A clause beside this one that denies. */
static bool denied_beside(const sm_reading *s, uint32_t part)
{
    for (uint32_t p = 0; p < s->n_parts; p++)
        if (p != part && s->part[p].n_denials)
            return true;
    return false;
}

/* 最多3所 of 可以填报3所: what may be is not exceeded. */
static bool is_allowed(const sm_fact *said, const sm_fact *held, unsigned cues)
{
    static const unsigned may = 1u << SM_CUE_MAY | 1u << SM_CUE_ONLY;
    return plain_bound(said) == SM_BOUND_AT_MOST && held->bound == SM_BOUND_NONE &&
           said->kind == SM_FACT_NUMBER && (cues & may) != 0;
}

/* ----------------------------------------------------------------- places */

enum { FACT_NEAR = 3 };

typedef struct window {
    uint32_t from, to; /* bytes of its text */
} window;

/* From the fact of the family before it to the next 、 or fact of the family, within its clause:
 * what a figure measures is said before it. */
static window window_of(const sm_reading *r, const sm_part *p, uint32_t k)
{
    window w = { p->at, p->at + p->n };
    int family = family_of(r->fact[k].kind);
    uint32_t end = (uint32_t)(r->fact[k].text.p - r->text.p + (ptrdiff_t)r->fact[k].text.n);
    for (uint32_t i = p->fact; i < p->fact + p->n_facts; i++) {
        const sm_fact *f = &r->fact[i];
        uint32_t at = (uint32_t)(f->text.p - r->text.p);
        if (family_of(f->kind) != family || i == k)
            continue;
        if (i < k)
            w.from = at + (uint32_t)f->text.n;
        else if (at < w.to)
            w.to = at;
    }
    size_t comma = sm_str_find(r->text, SM_STR("、"), end);
    if (comma < w.to)
        w.to = (uint32_t)comma;
    return w;
}

static bool piece_in(const sm_reading *r, const sm_part *p, window w, const sm_piece *what)
{
    for (uint32_t i = p->piece; i < p->piece + p->n_pieces; i++) {
        const sm_piece *q = &r->piece[i];
        if (q->at < w.from || q->at >= w.to)
            continue;
        for (int k = 0; k < 4; k++)
            if (what->key[k / 2] && what->key[k / 2] == q->key[k % 2])
                return true;
    }
    return false;
}

static bool stands_beside(const sm_row *r, uint32_t self, const sm_fact *said)
{
    for (uint32_t j = r->part->fact; j < r->part->fact + r->part->n_facts; j++)
        if (j != self && same(said, &r->of->fact[j]))
            return true;
    return false;
}

/* 一类区域5元、二类区域4元: several of one family. */
static bool is_parallel(const sm_row *r, const sm_fact *said)
{
    size_t n = 0;
    for (uint32_t j = r->part->fact; j < r->part->fact + r->part->n_facts; j++)
        n += family_of(r->of->fact[j].kind) == family_of(said->kind);
    return n > 1;
}

/* How a fact of the sentence stands in a clause beside what is held against: 0 not, else its
 * weight, below 0 when it is bounded otherwise. */
static double beside(const sm_fact *fact, const sm_row *r, window there, uint32_t self,
                     const sm_fact *said)
{
    for (uint32_t j = r->part->fact; j < r->part->fact + r->part->n_facts; j++) {
        uint32_t at = (uint32_t)(r->of->fact[j].text.p - r->of->text.p);
        /* held against the fact that this one is, the sentence's own is the one beside */
        if (!same(fact, &r->of->fact[j]) || (j == self && !stands_beside(r, self, said)))
            continue;
        bool within = j != self && at >= there.from && at < there.to;
        if (!within && family_of(fact->kind) != family_of(said->kind) && is_parallel(r, said))
            return 0; /* it goes with another of them */
        double w = within ? FACT_NEAR : FACT_NEAR * 0.5;
        return bound_fits(fact, &r->of->fact[j]) ? w : -w;
    }
    return 0;
}

/* Other facts of the sentence that stand with it there, too, or in the clauses before it. */
static double together(const sm_found_in *f, const sm_place *said, uint32_t row, window there,
                       uint32_t self)
{
    const window nowhere = { 0, 0 };
    const sm_fact *fact = f->s->fact;
    uint32_t first = f->e->line[f->e->row[row].sentence].row;
    double sum = 0;
    for (uint32_t i = said->first_fact; i < said->first_fact + said->n_facts; i++) {
        if (i == said->fact)
            continue;
        double w = beside(&fact[i], &f->e->row[row], there, self, &fact[said->fact]);
        for (uint32_t r = row; !(w > 0 || w < 0) && r-- > first;)
            w = beside(&fact[i], &f->e->row[r], nowhere, UINT32_MAX, &fact[said->fact]);
        sum += w;
    }
    return sum;
}

/* What the evidence's figure is said of, and the sentence does not say. */
static double unsaid_in(const sm_found_in *f, const sm_row *r, window w)
{
    const double share = 0.4, most = 1.2;
    double sum = 0;
    for (uint32_t i = r->part->piece; i < r->part->piece + r->part->n_pieces; i++) {
        const sm_piece *q = &r->of->piece[i];
        bool here = q->at < w.from || q->at >= w.to;
        for (int k = 0; k < 2; k++)
            here |= q->key[k] && sm_find_u64(f->said, f->n_said, q->key[k]) != SIZE_MAX;
        sum += here ? 0 : sm_piece_weight(q) * share;
    }
    return sum < most ? sum : most;
}

/* What stands before the first fact of a line is said of all of them. */
static bool in_head(const sm_found_in *f, const sm_row *r, const sm_piece *what)
{
    const sm_line *l = &f->e->line[r->sentence];
    for (uint32_t k = l->row; k < l->row + l->n_rows; k++) {
        const sm_part *p = f->e->row[k].part;
        window w = { p->at, p->at + p->n };
        if (p->n_facts)
            w.to = (uint32_t)(r->of->fact[p->fact].text.p - r->of->text.p);
        if (piece_in(r->of, p, w, what))
            return true;
        if (p->n_facts)
            break;
    }
    return false;
}

static bool opposed_in(const sm_reading *r, const sm_part *p, window w, const sm_piece *what)
{
    const uint32_t *other;
    size_t n = what->group ? sm_opposites_of(what->group, &other) : 0;
    for (uint32_t i = p->piece; i < p->piece + p->n_pieces; i++)
        for (size_t k = 0; k < n; k++)
            if (r->piece[i].at >= w.from && r->piece[i].at < w.to && r->piece[i].group == other[k])
                return true;
    return false;
}

/* How much of what stands around the sentence's fact stands around the evidence's. */
static double affinity(const sm_found_in *f, const sm_place *said, uint32_t row, uint32_t k)
{
    const sm_row *r = &f->e->row[row];
    const sm_part *p = &f->s->part[said->part];
    window here = window_of(f->s, p, said->fact), there = window_of(r->of, r->part, k);
    double sum = together(f, said, row, there, k) - unsaid_in(f, r, there);
    for (uint32_t i = said->piece; i < said->piece + said->n_pieces; i++) {
        const sm_piece *q = &f->s->piece[i];
        double w = sm_piece_weight(q);
        bool near = q->clause == said->part && q->at >= here.from && q->at < here.to;
        w *= near ? 1 : q->clause == said->part ? 0.25 : 0.5;
        if (piece_in(r->of, r->part, there, q))
            sum += w;
        else if (opposed_in(r->of, r->part, there, q))
            sum -= w;
        else if (in_head(f, r, q))
            sum += w * 0.7;
        else if (f->bits[row * f->s->n_pieces + i])
            sum += w * 0.4;
        else if (sm_line_bits(f, r->sentence, i, true))
            sum += w * 0.6;
    }
    return sum;
}

/* Of the family; of another only what the sentence does not say itself. */
static bool is_rival(const sm_found_in *f, const sm_place *said, const sm_fact *fact,
                     const sm_fact *held)
{
    int a = family_of(fact->kind), b = family_of(held->kind);
    if (a == 0 || b == 0)
        return false;
    if (a == b)
        return true;
    for (uint32_t i = 0; i < f->s->n_facts; i++)
        if (i != said->fact && same(&f->s->fact[i], held))
            return false;
    return a <= 5 && b <= 5;
}

/* 50万元 of 由50万元提高到80万元: what was. */
static bool outdated(const sm_found_in *f, const sm_row *r, uint32_t k)
{
    static const char *const to[] = { "提高到", "提高至", "提高为", "调整为", "调整到", "调整至",
                                      "降低到", "降低至", "降至",   "降到",   "改为",   "增加到" };
    sm_str text = r->of->text, fact = r->of->fact[k].text;
    size_t at = (size_t)(fact.p - text.p), end = r->part->at + r->part->n;
    bool from = at >= 3 && (sm_str_starts(sm_str_sub(text, at - 3, at), SM_STR("由")) ||
                            sm_str_starts(sm_str_sub(text, at - 3, at), SM_STR("从")));
    if (!from || !sm_str_has_any(sm_str_sub(text, at + fact.n, end), to, SM_LEN(to)))
        return false;
    for (size_t i = 0; i < f->s->n_parts; i++)
        if (f->s->part[i].cues >> SM_CUE_ONCE & 1)
            return false;
    return !sm_str_has_any(f->s->text, to, SM_LEN(to));
}

static void hold_against(const sm_found_in *f, sm_place *said, uint32_t row)
{
    const sm_row *r = &f->e->row[row];
    const sm_fact *fact = &f->s->fact[said->fact];
    for (uint32_t k = r->part->fact; k < r->part->fact + r->part->n_facts; k++) {
        const sm_fact *held = &r->of->fact[k];
        bool is_same = same(fact, held) || same_carried(fact, r->of, k);
        bool fits = is_same &&
                    (bound_fits(fact, held) || is_allowed(fact, held, r->part->cues) ||
                     (is_other_side(fact, held) && denied_beside(f->s, said->part))) &&
                    !outdated(f, r, k);
        if (!is_same && !is_rival(f, said, fact, held))
            continue;
        double x = affinity(f, said, row, k);
        said->found |= is_same;
        if (!fits) {
            said->rival = x > said->rival ? x : said->rival;
        } else if (!said->fits || x > said->best) {
            said->best = x;
            said->where_row = row;
            said->where_fact = k;
            said->fits = true;
        }
    }
}

/* The share of its line's last condition before a fact that the sentence leaves out. */
static double unconditioned(const sm_found_in *f, const sm_place *p)
{
    const sm_row *r = &f->e->row[p->where_row];
    const sm_line *l = &f->e->line[r->sentence];
    for (uint32_t k = p->where_row; k-- > l->row;)
        if (f->e->row[k].part->condition)
            return sm_row_unsaid(f, k);
    return 0;
}

/* The share of the words around a fact that its line says only after it. */
static double later(const sm_found_in *f, const sm_place *p)
{
    const sm_row *r = &f->e->row[p->where_row];
    const sm_line *l = &f->e->line[r->sentence];
    double all = 0, after = 0;
    for (uint32_t i = p->piece; i < p->piece + p->n_pieces; i++) {
        double w = sm_piece_weight(&f->s->piece[i]);
        bool before = false, behind = false;
        for (uint32_t k = l->row; k < l->row + l->n_rows; k++) {
            bool here = f->bits[k * f->s->n_pieces + i] != 0;
            before |= here && k <= p->where_row;
            behind |= here && k > p->where_row;
        }
        all += w;
        after += behind && !before ? w : 0;
    }
    return all > 0 ? after / all : 0;
}

/* 《处罚法》 for the whole name, and a name that stands without its marks. */
static bool named(const sm_found_in *f, const sm_fact *fact, uint32_t *passage)
{
    sm_str name = sm_str_sub(fact->key, strlen("title:"), fact->key.n);
    for (uint32_t i = 0; name.n >= 6 && i < f->e->n; i++)
        if (f->among[i] && (sm_str_has(f->e->passage[i].source.title, name) ||
                            sm_str_has(f->e->passage[i].source.text, name))) {
            *passage = i;
            return true;
        }
    return false;
}

/* A name whose every word stands in the evidence is known by its wording. */
static bool worded(const sm_found_in *f, const sm_fact *fact)
{
    uint32_t at = (uint32_t)(fact->text.p - f->s->text.p);
    size_t n = 0;
    for (size_t i = 0; i < f->s->n_pieces; i++) {
        if (f->s->piece[i].at < at || f->s->piece[i].at >= at + fact->text.n)
            continue;
        bool any = false;
        for (size_t r = 0; r < f->e->n_rows && !any; r++)
            any = f->bits[r * f->s->n_pieces + i] != 0;
        if (!any)
            return false;
        n++;
    }
    return n > 0;
}

/* 父母两个人, 两头, 新旧两本: what was named before, counted. */
static bool is_both(const sm_fact *f)
{
    static const char *const said[] = { "两个", "两个人", "两头", "两样", "两边", "两块", "两项" };
    for (size_t i = 0; i < SM_LEN(said); i++)
        if (sm_str_eq(f->text, sm_str_of(said[i])))
            return true;
    return false;
}

/* 一个, 一份, 一起: no count; 一周 and 一公里 measure. */
static bool is_no_count(const sm_fact *f)
{
    static const char *const units[] = { "周", "星期", "小时", "分钟", "秒",   "学期", "学年",
                                         "季", "公里", "里",   "米",   "公斤", "斤",   "吨",
                                         "升", "亩",   "公顷", "度",   "倍",   "成" };
    if (sm_str_has_any(f->text, units, SM_LEN(units)))
        return false;
    return f->kind == SM_FACT_NUMBER && fabs(f->value - 1) < 1e-9 &&
           sm_str_starts(f->text, SM_STR("一"));
}

void sm_place_facts(const sm_found_in *f, sm_place *place)
{
    const sm_reading *s = f->s;
    for (uint32_t p = 0, from = 0; p < s->n_parts; p++) {
        if (p && !s->part[p - 1].condition)
            from = p;
        for (uint32_t k = s->part[p].fact; k < s->part[p].fact + s->part[p].n_facts; k++) {
            sm_place *o = &place[k];
            uint32_t first = s->part[from].piece, end = s->part[p].piece + s->part[p].n_pieces;
            *o = (sm_place){ .fact = k, .part = p, .piece = first, .n_pieces = end - first };
            o->first_fact = s->part[from].fact;
            o->n_facts = s->part[p].fact + s->part[p].n_facts - o->first_fact;
            for (uint32_t r = 0; r < f->e->n_rows; r++)
                if (f->among[f->e->row[r].passage])
                    hold_against(f, o, r);
            uint32_t passage = 0;
            const sm_fact *fact = &s->fact[k];
            if (o->fits) {
                const sm_row *r = &f->e->row[o->where_row];
                o->later = later(f, o);
                o->unconditioned = unconditioned(f, o);
                o->unsaid = unsaid_in(f, r, window_of(r->of, r->part, o->where_fact));
            }
            if (o->found)
                continue;
            if ((fact->kind == SM_FACT_TITLE && named(f, fact, &passage)) || is_no_count(fact) ||
                is_both(fact) ||
                ((fact->kind == SM_FACT_ORGAN || fact->kind == SM_FACT_ADDRESS) && worded(f, fact)))
                o->found = o->fits = o->loose = true;
        }
    }
}
