/*
 * Each kind of claim held against the place where such a thing stands in an item: a fee against the
 * fee, a wait against the limits, an age against the conditions.
 *
 * What is not found there is let stand: a correction must never be wrong.
 */
#include <string.h>

#include "guide/refuting.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

static const char LEAD[] = "您说的与资料不一致：";
static const double SAME_WAIT = 0.25; /* so much may two lengths differ: 一个月, 20个工作日 */
static const double AGE_RATIO = 1.6, AGE_APART = 6; /* ages of one thing are no further apart */
enum { ANSWER_SENTENCES = 2 };

const sm_clause *sm_clause_at(const sm_refuting *x, const char *path)
{
    for (size_t i = 0; i < x->n_clauses; i++)
        if (sm_str_eq(x->clause[i].path, sm_str_of(path)))
            return &x->clause[i];
    return NULL;
}

bool sm_of_list(const sm_clause *c, const char *list)
{
    return sm_str_starts(c->path, sm_str_of(list));
}

void sm_refuted_by(const sm_refuting *x, sm_refuted *out, sm_str words, const sm_clause *c)
{
    *out = (sm_refuted){ .sentence = sm_strf(x->a, "%s%.*s", LEAD, SM_ARG(words)),
                         .clause = { c },
                         .n = 1 };
    if (sm_str_ends(out->sentence, SM_STR("；")))
        out->sentence.n -= strlen("；");
    if (!sm_str_ends(out->sentence, SM_STR("。")))
        out->sentence = sm_strf(x->a, "%.*s。", SM_ARG(out->sentence));
}

void sm_refuted_by_figure(const sm_refuting *x, sm_refuted *out, const sm_told *told)
{
    sm_refuted_by(x, out, told->segment, told->clause);
    out->alike = told->alike;
}

/* --------------------------------------------------------------------- FAQs */

/* Of an FAQ only the answer tells. */
sm_str sm_told_text(const sm_clause *c)
{
    sm_faq faq;
    return sm_faq_split(c, &faq) ? faq.answers : c->text;
}

static bool faq_about(const sm_refuting *x, const sm_premise *p, sm_faq *out)
{
    return sm_faq_about(x->a, x->clause, x->n_clauses, p, x->t->said, out);
}

static sm_str first_sentences(const sm_refuting *x, sm_str text)
{
    sm_str *s;
    size_t n = sm_text_sentences(x->a, text, &s);
    if (n == 0)
        return text;
    n = SM_MIN(n, (size_t)ANSWER_SENTENCES);
    return (sm_str){ s[0].p, (size_t)(s[n - 1].p + s[n - 1].n - s[0].p) };
}

static bool speaks_of_lack(sm_str text)
{
    static const char *const words[] = { "没有", "没", "无" };
    return HAS(text, words);
}

/* A rule the FAQ answers with the opposite. */
static bool opposite(sm_rule_sign claimed, sm_rule_sign told, bool same_lack)
{
    return (claimed == SM_RULE_MAY && told == SM_RULE_MAY_NOT && same_lack) ||
           (claimed == SM_RULE_MAY_NOT && told == SM_RULE_MAY && same_lack) ||
           (claimed == SM_RULE_MUST && told == SM_RULE_NEED_NOT) ||
           (claimed == SM_RULE_MUST && told == SM_RULE_MAY && !same_lack) ||
           (claimed == SM_RULE_NEED_NOT && told == SM_RULE_MUST);
}

static bool refute_by_faq(const sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_faq faq;
    if (!faq_about(x, p, &faq))
        return false;
    bool same_lack = speaks_of_lack(p->phrase) == speaks_of_lack(faq.asks);
    if (!opposite(p->sign, sm_rule_sign_of_answer(faq.asks, faq.answers), same_lack))
        return false;
    sm_refuted_by(x, out, first_sentences(x, faq.answers), faq.clause);
    return true;
}

/* --------------------------------------------------------------------- rules */

static bool refute_by_sentence(const sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_str what = sm_premise_object(p->phrase);
    bool is_matter = what.n >= 6 && sm_str_has(x->name, sm_str_sub(what, what.n - 6, what.n));
    if (p->sign != SM_RULE_MUST || what.n < 6 || is_matter)
        return false;
    sm_wordset object = sm_wordset_of(x->a, sm_in_formal_words(x->a, what));
    for (size_t i = 0; i < x->n_clauses; i++) {
        sm_str *s;
        size_t n = sm_text_sentences(x->a, sm_told_text(&x->clause[i]), &s);
        for (size_t k = 0; k < n; k++)
            if (sm_spares(x->a, s[k], &object)) {
                sm_refuted_by(x, out, s[k], &x->clause[i]);
                return true;
            }
    }
    return false;
}

/* The policy comes before the guide, whose FAQ that has it otherwise gives way. */
static bool refute_by_exclusion(const sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_str sentence;
    sm_faq faq;
    for (size_t i = 0; p->sign == SM_RULE_MAY && x->surely && i < x->n_policy; i++)
        if (sm_leaves_out(x->a, p->phrase, x->name, &x->policy[i], &sentence)) {
            sm_refuted_by(x, out, sentence, &x->policy[i]);
            if (faq_about(x, p, &faq) &&
                sm_rule_sign_of_answer(faq.asks, faq.answers) == SM_RULE_MAY)
                out->gives_way = faq.clause->row;
            return true;
        }
    return false;
}

static bool refute_rule(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    return refute_by_exclusion(x, p, out) || refute_by_faq(x, p, out) ||
           refute_by_sentence(x, p, out);
}

/* ---------------------------------------------------------------------- fee */

/* An FAQ says that it is not to be paid. */
static bool spared_by_faq(const sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_faq faq;
    if (!p->yes || !faq_about(x, p, &faq) ||
        sm_rule_sign_of_answer(faq.asks, faq.answers) != SM_RULE_NEED_NOT)
        return false;
    sm_refuted_by(x, out, first_sentences(x, faq.answers), faq.clause);
    return true;
}

static bool refute_fee(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    static const char *const handling[] = { "申请", "办", "领" };
    const sm_clause *fee = sm_clause_at(x, "fee");
    json_t *j;
    bool other = sm_item_json(x->t->op, x->doc, &j) < 0 || sm_is_other_money(p->phrase, x->doc, j);
    bool of_item = !x->by_policy || sm_text_shared(x->a, x->name, x->t->said) >= SM_MATTER_SURELY ||
                   (HAS(x->t->said, handling) && sm_names_fee(p->phrase));
    if (!of_item) /* clauses of another matter answer */
        return false;
    if (!fee || other) { /* what it costs to handle tells nothing of another kind of money */
        x->unknown |= p->has_figure;
        return other && spared_by_faq(x, p, out);
    }
    bool differs = sm_fee_is_free(fee->text) ? p->yes
                   : p->has_figure           ? !sm_figure_stands(x->a, p, fee->text)
                                             : !p->yes;
    sm_faq faq;
    if (differs && !p->yes && !p->has_figure && faq_about(x, p, &faq) &&
        sm_rule_sign_of_answer(faq.asks, faq.answers) == SM_RULE_NEED_NOT)
        return false;
    if (!differs || (!p->yes && !p->has_figure && sm_told_free(x->clause, x->n_clauses, fee)))
        return false;
    if (spared_by_faq(x, p, out))
        return true;
    for (size_t i = 0; p->has_figure && i < x->n_clauses; i++) /* another thing that costs that */
        if (sm_figure_stands(x->a, p, x->clause[i].text))
            return false;
    sm_str words =
        sm_fee_is_free(fee->text) ? sm_strf(x->a, "%.*s不收费", SM_ARG(x->name)) : fee->text;
    sm_refuted_by(x, out, words, fee);
    out->gives_way = sm_fee_is_free(fee->text) ? fee->row : 0; /* once is enough */
    return true;
}

/* --------------------------------------------------------------------- wait */

/* The text tells of a wait of about so many days. */
static bool as_long(const sm_refuting *x, sm_str text, double days, double raw)
{
    sm_str rest = text, one;
    while (sm_text_phrase(&rest, &one)) {
        sm_fact *f;
        size_t n = sm_text_facts(x->a, one, &f);
        for (size_t i = 0; i < n; i++) {
            double is = sm_days_of(&f[i]);
            bool near = days <= is * (1 + SAME_WAIT) && days >= is * (1 - SAME_WAIT);
            bool same = sm_fact_is_days(f[i].kind) && f[i].value <= raw &&
                        f[i].value >= raw; /* 15天, 15个工作日 */
            if (sm_fact_is_length(f[i].kind) && (near || same) && !sm_is_other_length(one, &f[i]))
                return true;
        }
    }
    return false;
}

static bool refute_wait(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    const sm_clause *limit = sm_clause_at(x, "promised_limit");
    double days = sm_days_of(&p->figure);
    if (!limit)
        return false;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool other = sm_str_eq(c->path, SM_STR("legal_limit")) || sm_of_list(c, "materials/");
        if (!other && as_long(x, sm_told_text(c), days,
                              p->figure.kind == SM_FACT_MONTHS ? -1 : p->figure.value))
            return false;
    }
    sm_refuted_by(x, out, limit->text, limit);
    return true;
}

/* ---------------------------------------------------------------------- age */

/* "80岁才有那75岁怎么办": the other age is the one that is claimed, and it is right. */
static bool has_another_age_right(sm_arena *a, const sm_premise *p, sm_str text)
{
    sm_fact *f, *g;
    size_t n_f = sm_text_facts(a, p->phrase, &f), n_g = sm_text_facts(a, text, &g);
    for (size_t i = 0; i < n_f; i++)
        for (size_t k = 0; k < n_g; k++)
            if (f[i].kind == SM_FACT_AGE && sm_str_eq(f[i].key, g[k].key) &&
                !sm_str_eq(f[i].key, p->figure.key))
                return true;
    return false;
}

/* 16 and 55 are no ages of one thing. */
static bool is_like_age(double a, double b)
{
    double less = SM_MIN(a, b), more = SM_MAX(a, b);
    return more <= less * AGE_RATIO || more - less <= AGE_APART;
}

/* The condition that tells ages of the person in question. */
static bool refute_age(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    const sm_clause *told = NULL;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        sm_fact *f;
        size_t n = sm_text_facts(x->a, c->text, &f), from = 0;
        for (size_t k = 0; k < n; k++) {
            size_t at = (size_t)(f[k].text.p - c->text.p);
            sm_str lead = sm_str_sub(c->text, from, at);
            from = at + f[k].text.n;
            bool men = sm_str_has(lead, SM_STR("男")) && !sm_str_has(lead, SM_STR("女")),
                 women = sm_str_has(lead, SM_STR("女")) && !sm_str_has(lead, SM_STR("男"));
            if (f[k].kind != SM_FACT_AGE || sm_figure_was(c->text, &f[k]) ||
                (men && sm_str_has(p->phrase, SM_STR("女"))) ||
                (women && sm_str_has(p->phrase, SM_STR("男"))))
                continue;
            if (f[k].value <= p->figure.value && f[k].value >= p->figure.value)
                return false;
            bool like = is_like_age(p->figure.value, f[k].value);
            if (!told && like && sm_of_list(c, "conditions/"))
                told = c;
        }
    }
    if (!told || has_another_age_right(x->a, p, told->text))
        return false;
    sm_refuted_by(x, out, told->text, told);
    return true;
}

/* ------------------------------------------------------------------- figures */

/* It is about what one must have, or may have at most. */
static bool is_requirement(const sm_premise *p)
{
    sm_rule_sign sign = sm_rule_sign_of(p->phrase);
    return p->slot == SM_PREMISE_TERM || p->figure.bound != SM_BOUND_NONE || sign == SM_RULE_MUST ||
           sign == SM_RULE_MAY_NOT || sign == SM_RULE_MAY;
}

/* Where an item tells what one gets; its conditions tell what one must have. */
static size_t telling_clauses(const sm_refuting *x, const sm_premise *p, sm_clause *out)
{
    static const char *const where[] = { "faq/", "result", "scope" };
    size_t n = 0;
    for (size_t i = 0; i < x->n_clauses; i++) {
        bool tells = sm_of_list(&x->clause[i], "conditions/") && is_requirement(p);
        for (size_t k = 0; k < SM_LEN(where); k++)
            tells |= sm_of_list(&x->clause[i], where[k]);
        if (tells)
            out[n++] = x->clause[i];
    }
    return n;
}

sm_telling sm_told_by_item(const sm_refuting *x, const sm_premise *p, sm_told *told)
{
    sm_clause *c = SM_NEWS(x->a, sm_clause, x->n_clauses + 1);
    return sm_figure_told(x->a, p, c, telling_clauses(x, p, c), told);
}

/* The item's segment that is most like the premise must have the figure claimed. */
static bool refute_amount(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_told told;
    sm_telling is = sm_told_by_item(x, p, &told);
    if (is == SM_TELLS_SO)
        x->so = told;
    bool sure = sm_head_p(SM_HEAD_RIGHT_ITEM, &x->t->signals) >= SM_ITEM_SURELY;
    if (is == SM_TELLS_OTHERWISE && !sure && told.alike < SM_CONFIRM_ALIKE)
        is = SM_TELLS_NOTHING; /* another matter's, perhaps */
    if (is == SM_TELLS_OTHERWISE)
        sm_refuted_by_figure(x, out, &told);
    x->unknown |= is == SM_TELLS_NOTHING;
    return is == SM_TELLS_OTHERWISE;
}

/* "夫妻投靠，不受结婚年限限制" against "要结婚满2年". */
static bool refute_by_no_limit(const sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_str sentence;
    for (size_t i = 0; x->surely && i < x->n_policy; i++)
        if (sm_sets_no_limit(x->a, p->phrase, x->policy[i].text, &sentence)) {
            sm_refuted_by(x, out, sentence, &x->policy[i]);
            return true;
        }
    for (size_t i = 0; i < x->n_clauses; i++)
        if (sm_sets_no_limit(x->a, p->phrase, sm_told_text(&x->clause[i]), &sentence)) {
            sm_refuted_by(x, out, sentence, &x->clause[i]);
            return true;
        }
    return false;
}

static bool refute_term(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    sm_told told;
    bool stands = false;
    for (size_t i = 0; i < x->n_clauses; i++)
        stands |= sm_figure_stands(x->a, p, x->clause[i].text);
    if (!stands && refute_by_no_limit(x, p, out))
        return true;
    sm_telling is = sm_told_by_item(x, p, &told);
    if (is == SM_TELLS_SO && !x->so.clause)
        x->so = told;
    if (stands || is != SM_TELLS_OTHERWISE || told.alike < SM_TERM_ALIKE)
        return false;
    sm_refuted_by_figure(x, out, &told);
    return true;
}

/* -------------------------------------------------------------------- online */

static bool refute_online(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    const sm_clause *online = sm_clause_at(x, "online"), *visits = sm_clause_at(x, "onsite_visits");
    if (!online)
        return false;
    bool all = sm_str_has(online->text, SM_STR("全程网办")),
         none = sm_str_has(online->text, SM_STR("仅窗口"));
    bool differs = p->yes ? none || (p->wholly && !all) : all;
    if (!differs)
        return false;
    sm_str words = visits ? sm_strf(x->a, "%.*s，%.*s", SM_ARG(online->text), SM_ARG(visits->text))
                          : online->text;
    sm_refuted_by(x, out, words, online);
    if (visits)
        out->clause[out->n++] = visits;
    return true;
}

/* --------------------------------------------------------------------- place */

static bool refute_place(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    static const char *const where[] = { "name", "places/", "steps/", "consult" };
    const char *const *words = sm_office_words(p->office);
    const sm_clause *name = sm_clause_at(x, "name"), *place = NULL;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool tells = false;
        for (size_t k = 0; k < SM_LEN(where); k++)
            tells |= sm_of_list(c, where[k]);
        for (size_t k = 0; tells && words && words[k]; k++)
            if (sm_str_has(c->text, sm_str_of(words[k])))
                return false;
        if (!place && sm_of_list(c, "places/"))
            place = c;
    }
    if (!name || !place || !words)
        return false;
    sm_refuted_by(x, out,
                  sm_strf(x->a, "%.*s由%.*s办理，去%.*s", SM_ARG(x->name), SM_ARG(x->doc->parent),
                          SM_ARG(place->text)),
                  name);
    out->clause[out->n++] = place;
    return true;
}

typedef bool refuter(sm_refuting *x, const sm_premise *p, sm_refuted *out);
static refuter *const of_item[] = {
    [SM_PREMISE_FEE] = refute_fee,       [SM_PREMISE_WAIT] = refute_wait,
    [SM_PREMISE_AGE] = refute_age,       [SM_PREMISE_TERM] = refute_term,
    [SM_PREMISE_AMOUNT] = refute_amount, [SM_PREMISE_ONLINE] = refute_online,
    [SM_PREMISE_PLACE] = refute_place,   [SM_PREMISE_RULE] = refute_rule,
};

bool sm_refute_by_item(sm_refuting *x, const sm_premise *p, sm_refuted *out)
{
    return of_item[p->slot](x, p, out);
}
