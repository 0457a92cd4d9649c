/*
 * Clauses that must stand beside the best one, whatever their own rank: what decides who gets it,
 * what a phrase of its own asks, what a clause on fines points to.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { MIN_PHRASE_CHARS = 4 };
static const double PHRASE_ENOUGH = 0.45, LIFTED = 0.6;

static void lift(sm_hit *hit)
{
    hit->p = SM_MAX(hit->p, LIFTED);
}

/* ------------------------------------------------------------ who gets it */

/* "一万", "两千块", "二十四万"; not "一次性", "二孩". */
static bool is_sum(sm_str text)
{
    static const char *const digits[] = { "一", "二", "两", "三", "四", "五",
                                          "六", "七", "八", "九", "十" };
    static const char *const units[] = { "百", "千", "万", "亿", "元", "块" };
    if (!sm_str_starts_any(text, digits, SM_LEN(digits)))
        return false;
    while (sm_str_starts_any(text, digits, SM_LEN(digits)))
        text = sm_str_sub(text, sm_utf8_head(text, 1).n, text.n);
    return sm_str_starts_any(text, units, SM_LEN(units));
}

/* "能领多少", "能贷24万吗", "能领一万吗" asks how much. */
static bool asks_how_much(sm_str behind)
{
    if ((behind.n && behind.p[0] >= '0' && behind.p[0] <= '9') || is_sum(behind))
        return true;
    static const char *const much[] = {
        "的", "多少", "几", "到多少", "到几", "多久", "啥", "什么"
    };
    return sm_str_starts_any(behind, much, SM_LEN(much));
}

bool sm_asks_own_right(sm_str text)
{
    static const char *const right[] = {
        "我的份", "我份",   "轮得到",   "有没有我", "能领",     "能拿",     "能享受",   "能申请",
        "能申",   "能报",   "能贷",     "能参加",   "能不能领", "能不能拿", "能不能申", "能不能享",
        "可以领", "可以拿", "可以申请", "可以享受", "可以报",   "领得到",   "领得了",   "拿得到",
        "拿得了", "得领",   "符合条件", "符不符合", "够条件",   "够格",     "够不够",   "有资格",
        "该有",   "给补吗", "给补不",   "补不补"
    };
    for (size_t i = 0; i < SM_LEN(right); i++) {
        sm_str word = sm_str_of(right[i]);
        size_t at = sm_str_find(text, word, 0);
        if (at != SIZE_MAX && !asks_how_much(sm_str_sub(text, at + word.n, text.n)))
            return true;
    }
    return false;
}

/* For whom it is, on what conditions, for whom not. */
static bool decides_who(const sm_clause *c)
{
    static const char *const headings[] = { "条件", "对象", "适用范围" };
    static const char *const words[] = { "符合下列", "具备下列",   "符合以下", "具备以下",
                                         "条件之一", "的对象为",   "适用于",   "不适用",
                                         "不纳入",   "不享受",     "不再享受", "不再适用",
                                         "所称",     "只领取",     "只发给",   "划分",
                                         "哪些家庭", "哪些人",     "哪些企业", "能领吗",
                                         "能申请吗", "可以按照本", "可以领取" };
    sm_str first, text = c->text;
    sm_str_cut(&text, '\n', &first);
    bool headed = text.n && sm_str_has_any(first, headings, SM_LEN(headings));
    return headed || sm_str_has_any(c->heading, headings, SM_LEN(headings)) ||
           sm_str_has_any(c->text, words, SM_LEN(words));
}

/* Who asks whether it is for him must see what decides that. */
static void lift_deciding(const sm_turn *t, const sm_shelved *s, sm_hit *hit)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < s->n; i++)
        if (decides_who(&s->clause[i]) && (best == SIZE_MAX || hit[i].p > hit[best].p))
            best = i;
    if (best != SIZE_MAX && sm_asks_own_right(t->said))
        lift(&hit[best]);
}

/* ------------------------------------------------------- several questions */

static size_t best_of(const sm_pick_clause *c, size_t n)
{
    size_t top = 0;
    for (size_t i = 1; i < n; i++)
        if (sm_clause_score(&c[i]) > sm_clause_score(&c[top]))
            top = i;
    return top;
}

static bool tells_of_oneself(sm_str phrase)
{
    return sm_str_starts(phrase, SM_STR("我"));
}

/* A sentence that asks several things names each in a phrase of its own: the best clause of a
 * phrase is lifted next to the best of all; of what one tells of oneself, a clause that decides
 * who ("我家不在县城"). */
static void lift_for_phrases(sm_turn *t, const sm_pick_doc *d, sm_hit *hit)
{
    sm_str rest = t->text, phrase;
    size_t n_phrases = 0;
    for (sm_str r = t->text; sm_text_phrase(&r, &phrase);)
        n_phrases += sm_utf8_count(phrase) >= MIN_PHRASE_CHARS;
    while (n_phrases > 1 && d->text->n && sm_text_phrase(&rest, &phrase)) {
        bool asks = sm_asks(phrase);
        if (sm_utf8_count(phrase) < MIN_PHRASE_CHARS || !(asks || tells_of_oneself(phrase)))
            continue;
        sm_pick_clause *c = sm_weigh_clauses(t, d, phrase);
        size_t top = best_of(c, d->text->n);
        if (c[top].cue[SM_CLAUSE_CUE_TEXT] >= PHRASE_ENOUGH &&
            (asks || decides_who(&d->text->clause[top])))
            lift(&hit[top]);
    }
}

/* -------------------------------------------------------------- references */

/* The path that "违反第五条规定" points to; "" for none. */
static sm_str violated(sm_str text)
{
    size_t at = sm_str_find(text, SM_STR("违反第"), 0), to;
    if (at == SIZE_MAX)
        return (sm_str){ 0 };
    sm_str from = sm_str_sub(text, at + strlen("违反"), text.n);
    to = sm_str_find(from, SM_STR("条"), 0);
    return to != SIZE_MAX ? sm_str_sub(from, 0, to + strlen("条")) : (sm_str){ 0 };
}

/* What one is fined for stands in the clause that the best one points to, and so does for whom. */
static void lift_violated(const sm_shelved *s, sm_hit *hit)
{
    size_t top = 0;
    for (size_t i = 1; i < s->n; i++)
        if (hit[i].p > hit[top].p)
            top = i;
    sm_str path = s->n ? violated(s->clause[top].text) : (sm_str){ 0 };
    for (size_t i = 0; path.n && i < s->n; i++)
        if (sm_str_eq(s->clause[i].path, path))
            lift(&hit[i]);
}

static bool has_age(sm_arena *a, sm_str text)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FACT_AGE)
            return true;
    return false;
}

/* Who tells an age is shown the clause that it counts for. */
static void lift_age(const sm_turn *t, const sm_shelved *s, sm_hit *hit)
{
    sm_arena *a = t->op->arena;
    size_t best = SIZE_MAX;
    bool figure = sm_str_has(t->said, SM_STR("岁"));
    for (size_t i = 0; i < t->said.n; i++)
        figure |= t->said.p[i] >= '0' && t->said.p[i] <= '9';
    if (!figure || sm_without_ages(a, t->said).n == t->said.n)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (has_age(a, s->clause[i].text) && (best == SIZE_MAX || hit[i].p > hit[best].p))
            best = i;
    if (best != SIZE_MAX)
        lift(&hit[best]);
}

/* Of a day when the document will have ended, until when it holds is shown: "元旦后还有没有". */
static void lift_end(const sm_turn *t, const sm_pick_doc *d, sm_hit *hit)
{
    if (t->coming_day == SM_DATE_NONE || d->doc->ends == SM_DATE_NONE ||
        d->doc->ends >= t->coming_day || d->state != SM_STATE_IN_FORCE)
        return;
    for (size_t i = 0; i < d->text->n; i++) {
        sm_fact *f;
        size_t n = sm_text_facts(t->op->arena, d->text->clause[i].text, &f);
        for (size_t k = 0; k < n; k++)
            if (f[k].kind == SM_FACT_DATE && (sm_date)f[k].value == d->doc->ends)
                lift(&hit[i]);
    }
}

void sm_lift_clauses(sm_turn *t, const sm_pick_doc *d, sm_hit *hit)
{
    lift_violated(d->text, hit);
    lift_for_phrases(t, d, hit);
    lift_deciding(t, d->text, hit);
    lift_age(t, d->text, hit);
    lift_end(t, d, hit);
}
