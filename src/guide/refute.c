/*
 * What a question takes for granted, held against the source; the first claim that the source tells
 * otherwise is corrected, in the source's own words and with its citation.
 *
 * Evidence is looked for only where such a thing stands: a fee in the fee, a wait in the limits, an
 * age in the conditions, an amount in the clauses quoted.  What is not found there is let stand, or
 * said to be unknown: a correction must never be wrong.
 */
#include <string.h>

#include "guide/premise.h"
#include "guide/turn.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

static const char LEAD[] = "您说的与资料不一致：";
static const double SAME_WAIT = 0.25; /* so much may two lengths differ: 一个月, 20个工作日 */
static const double CONFIRM_ALIKE = 0.3; /* of a premise's wording in the segment that has it */
static const double MATTER_ALIKE = 0.35,
                    MATTER_SURELY = 0.55; /* of an item's name in the title of a policy about it */
static const double CLEARLY = 1.25;       /* so much more like it is a policy not surely about it */
static const double ITEM_NEAR = 0.4;      /* an item that clauses answer for */
static const double POLICY_NEAR = 0.05;   /* of the head "policy": its clauses tell amounts, too */
static const double TERM_ALIKE = 0.3;     /* the same of a length */
enum { ANSWER_SENTENCES = 2 };

/* What the answer rests on. */
typedef struct refuting {
    sm_turn *t;
    sm_arena *a;
    const sm_doc *doc; /* the item; NULL: clauses answer */
    sm_clause *clause;
    size_t n_clauses;
    bool by_policy;    /* clauses answer */
    sm_clause *policy; /* in force, about the same matter */
    size_t n_policy;
    bool surely;  /* it is */
    sm_str name;  /* the item's */
    bool unknown; /* a figure is claimed of which the source says nothing */
    sm_told so;   /* what tells that a figure claimed is right; no clause: nothing does */
} refuting;

/* A correction found: the sentence and the clauses it rests on. */
typedef struct refuted {
    sm_str sentence;
    const sm_clause *clause[2];
    size_t n;
    int64_t gives_way; /* a clause that says what is wrong, or what is said now; 0: none */
} refuted;

static const sm_clause *clause_at(const refuting *x, const char *path)
{
    for (size_t i = 0; i < x->n_clauses; i++)
        if (sm_str_eq(x->clause[i].path, sm_str_of(path)))
            return &x->clause[i];
    return NULL;
}

static bool of_list(const sm_clause *c, const char *list)
{
    return sm_str_starts(c->path, sm_str_of(list));
}

static void say(const refuting *x, refuted *out, sm_str words, const sm_clause *c)
{
    *out = (refuted){ .sentence = sm_strf(x->a, "%s%.*s", LEAD, SM_ARG(words)),
                      .clause = { c },
                      .n = 1 };
    if (sm_str_ends(out->sentence, SM_STR("；")))
        out->sentence.n -= strlen("；");
    if (!sm_str_ends(out->sentence, SM_STR("。")))
        out->sentence = sm_strf(x->a, "%.*s。", SM_ARG(out->sentence));
}

/* --------------------------------------------------------------------- FAQs */

/* Of an FAQ only the answer tells. */
static sm_str told_text(const sm_clause *c)
{
    sm_faq faq;
    return sm_faq_split(c, &faq) ? faq.answers : c->text;
}

static bool faq_about(const refuting *x, const sm_premise *p, sm_faq *out)
{
    return sm_faq_about(x->a, x->clause, x->n_clauses, p, x->t->said, out);
}

static sm_str first_sentences(const refuting *x, sm_str text)
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

static bool refute_by_faq(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_faq faq;
    if (!faq_about(x, p, &faq))
        return false;
    bool same_lack = speaks_of_lack(p->phrase) == speaks_of_lack(faq.asks);
    if (!opposite(p->sign, sm_rule_sign_of_answer(faq.asks, faq.answers), same_lack))
        return false;
    say(x, out, first_sentences(x, faq.answers), faq.clause);
    return true;
}

/* --------------------------------------------------------------------- rules */

static bool refute_by_sentence(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_str what = sm_premise_object(p->phrase);
    bool is_matter = what.n >= 6 && sm_str_has(x->name, sm_str_sub(what, what.n - 6, what.n));
    if (p->sign != SM_RULE_MUST || what.n < 6 || is_matter)
        return false;
    sm_wordset object = sm_wordset_of(x->a, sm_in_formal_words(x->a, what));
    for (size_t i = 0; i < x->n_clauses; i++) {
        sm_str *s;
        size_t n = sm_text_sentences(x->a, told_text(&x->clause[i]), &s);
        for (size_t k = 0; k < n; k++)
            if (sm_spares(x->a, s[k], &object)) {
                say(x, out, s[k], &x->clause[i]);
                return true;
            }
    }
    return false;
}

/* The policy comes before the guide, whose FAQ that has it otherwise gives way. */
static bool refute_by_exclusion(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_str sentence;
    sm_faq faq;
    for (size_t i = 0; p->sign == SM_RULE_MAY && x->surely && i < x->n_policy; i++)
        if (sm_leaves_out(x->a, p->phrase, x->name, &x->policy[i], &sentence)) {
            say(x, out, sentence, &x->policy[i]);
            if (faq_about(x, p, &faq) &&
                sm_rule_sign_of_answer(faq.asks, faq.answers) == SM_RULE_MAY)
                out->gives_way = faq.clause->row;
            return true;
        }
    return false;
}

static bool refute_rule(refuting *x, const sm_premise *p, refuted *out)
{
    return refute_by_exclusion(x, p, out) || refute_by_faq(x, p, out) ||
           refute_by_sentence(x, p, out);
}

/* ---------------------------------------------------------------------- fee */

/* An FAQ says that it is not to be paid. */
static bool spared_by_faq(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_faq faq;
    if (!p->yes || !faq_about(x, p, &faq) ||
        sm_rule_sign_of_answer(faq.asks, faq.answers) != SM_RULE_NEED_NOT)
        return false;
    say(x, out, first_sentences(x, faq.answers), faq.clause);
    return true;
}

static bool refute_fee(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *fee = clause_at(x, "fee");
    json_t *j;
    bool other = sm_item_json(x->t->op, x->doc, &j) < 0 || sm_is_other_money(p->phrase, x->doc, j);
    if (!fee || other) { /* what it costs to handle tells nothing of another kind of money */
        x->unknown |= p->has_figure;
        return other && spared_by_faq(x, p, out);
    }
    bool differs = sm_fee_is_free(fee->text) ? p->yes
                   : p->has_figure           ? !sm_figure_stands(x->a, p, fee->text)
                                             : !p->yes;
    if (!differs || (!p->yes && !p->has_figure && sm_told_free(x->clause, x->n_clauses, fee)))
        return false;
    if (spared_by_faq(x, p, out))
        return true;
    for (size_t i = 0; p->has_figure && i < x->n_clauses; i++) /* another thing that costs that */
        if (sm_figure_stands(x->a, p, x->clause[i].text))
            return false;
    sm_str words =
        sm_fee_is_free(fee->text) ? sm_strf(x->a, "%.*s不收费", SM_ARG(x->name)) : fee->text;
    say(x, out, words, fee);
    out->gives_way = sm_fee_is_free(fee->text) ? fee->row : 0; /* once is enough */
    return true;
}

/* --------------------------------------------------------------------- wait */

/* The text tells of a wait of about so many days. */
static bool as_long(const refuting *x, sm_str text, double days, double raw)
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

static bool refute_wait(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *limit = clause_at(x, "promised_limit");
    double days = sm_days_of(&p->figure);
    if (!limit)
        return false;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool other = sm_str_eq(c->path, SM_STR("legal_limit")) || of_list(c, "materials/");
        if (!other &&
            as_long(x, told_text(c), days, p->figure.kind == SM_FACT_MONTHS ? -1 : p->figure.value))
            return false;
    }
    say(x, out, limit->text, limit);
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

/* The condition that tells ages of the person in question. */
static bool refute_age(refuting *x, const sm_premise *p, refuted *out)
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
            if (f[k].kind != SM_FACT_AGE || (men && sm_str_has(p->phrase, SM_STR("女"))) ||
                (women && sm_str_has(p->phrase, SM_STR("男"))))
                continue;
            if (f[k].value <= p->figure.value && f[k].value >= p->figure.value)
                return false;
            if (!told && of_list(c, "conditions/"))
                told = c;
        }
    }
    if (!told || has_another_age_right(x->a, p, told->text))
        return false;
    say(x, out, told->text, told);
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
static size_t telling_clauses(const refuting *x, const sm_premise *p, sm_clause *out)
{
    static const char *const where[] = { "faq/", "result", "scope" };
    size_t n = 0;
    for (size_t i = 0; i < x->n_clauses; i++) {
        bool tells = of_list(&x->clause[i], "conditions/") && is_requirement(p);
        for (size_t k = 0; k < SM_LEN(where); k++)
            tells |= of_list(&x->clause[i], where[k]);
        if (tells)
            out[n++] = x->clause[i];
    }
    return n;
}

static sm_telling told_by_item(const refuting *x, const sm_premise *p, sm_told *told)
{
    sm_clause *c = SM_NEWS(x->a, sm_clause, x->n_clauses + 1);
    return sm_figure_told(x->a, p, c, telling_clauses(x, p, c), told);
}

/* The item's segment that is most like the premise must have the figure claimed. */
static bool refute_amount(refuting *x, const sm_premise *p, refuted *out)
{
    sm_told told;
    sm_telling is = told_by_item(x, p, &told);
    if (is == SM_TELLS_SO)
        x->so = told;
    if (is == SM_TELLS_OTHERWISE)
        say(x, out, told.segment, told.clause);
    x->unknown |= is == SM_TELLS_NOTHING;
    return is == SM_TELLS_OTHERWISE;
}

/* A length is told in many sentences: that the one meant is another must be surer. */
static bool refute_term(refuting *x, const sm_premise *p, refuted *out)
{
    sm_told told;
    for (size_t i = 0; i < x->n_clauses; i++)
        if (sm_figure_stands(x->a, p, x->clause[i].text))
            return false;
    if (told_by_item(x, p, &told) != SM_TELLS_OTHERWISE || told.alike < TERM_ALIKE)
        return false;
    say(x, out, told.segment, told.clause);
    return true;
}

/* -------------------------------------------------------------------- online */

static bool refute_online(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *online = clause_at(x, "online"), *visits = clause_at(x, "onsite_visits");
    if (!online)
        return false;
    bool all = sm_str_has(online->text, SM_STR("全程网办")),
         none = sm_str_has(online->text, SM_STR("仅窗口"));
    bool differs = p->yes ? none || (p->wholly && !all) : all;
    if (!differs)
        return false;
    sm_str words = visits ? sm_strf(x->a, "%.*s，%.*s", SM_ARG(online->text), SM_ARG(visits->text))
                          : online->text;
    say(x, out, words, online);
    if (visits)
        out->clause[out->n++] = visits;
    return true;
}

/* --------------------------------------------------------------------- place */

static bool refute_place(refuting *x, const sm_premise *p, refuted *out)
{
    static const char *const where[] = { "name", "places/", "steps/", "consult" };
    const char *const *words = sm_office_words(p->office);
    const sm_clause *name = clause_at(x, "name"), *place = NULL;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool tells = false;
        for (size_t k = 0; k < SM_LEN(where); k++)
            tells |= of_list(c, where[k]);
        for (size_t k = 0; tells && words && words[k]; k++)
            if (sm_str_has(c->text, sm_str_of(words[k])))
                return false;
        if (!place && of_list(c, "places/"))
            place = c;
    }
    if (!name || !place || !words)
        return false;
    say(x, out,
        sm_strf(x->a, "%.*s由%.*s办理，去%.*s", SM_ARG(x->name), SM_ARG(x->doc->parent),
                SM_ARG(place->text)),
        name);
    out->clause[out->n++] = place;
    return true;
}

/* --------------------------------------------------------------------- all */

typedef bool refuter(refuting *x, const sm_premise *p, refuted *out);
static refuter *const of_item[] = {
    [SM_PREMISE_FEE] = refute_fee,       [SM_PREMISE_WAIT] = refute_wait,
    [SM_PREMISE_AGE] = refute_age,       [SM_PREMISE_TERM] = refute_term,
    [SM_PREMISE_AMOUNT] = refute_amount, [SM_PREMISE_ONLINE] = refute_online,
    [SM_PREMISE_PLACE] = refute_place,   [SM_PREMISE_RULE] = refute_rule,
};

static sm_rc read_item(refuting *x, sm_str code)
{
    sm_doc *doc;
    sm_turn *t = x->t;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_answer_elements(t->op, t->corpus, doc, t->talk.region, t->said, t->today,
                                &x->clause, &x->n_clauses);
    if (rc < 0)
        return rc;
    x->doc = doc;
    x->name = doc->title;
    return SM_OK;
}

/* Its title has the item's matter; it need not be near where it surely has. */
static bool is_about(refuting *x, const sm_doc *policy)
{
    bool near = sm_head_p(SM_HEAD_POLICY, &x->t->signals) >= POLICY_NEAR;
    double alike = x->doc ? sm_text_shared(x->a, x->name, policy->title) : 1;
    x->surely = alike >= MATTER_SURELY;
    return alike >= (near ? MATTER_ALIKE : MATTER_SURELY) && (near || x->doc);
}

/* The first document in force that is quoted, or that was found: an old rule corrects nothing. */
static sm_rc read_policy(refuting *x)
{
    sm_turn *t = x->t;
    sm_doc *doc = NULL;
    sm_rc rc = SM_OK;
    x->surely = x->by_policy;
    for (size_t i = 0; x->by_policy && rc == SM_OK && !doc && i < t->answer->n_claims; i++) {
        const sm_claim *c = &t->answer->claim[i];
        if (c->n_cites)
            rc = sm_corpus_doc(t->op, t->corpus, c->cite[0].doc, &doc);
        if (rc == SM_OK && doc && sm_doc_state(doc, t->today) != SM_STATE_IN_FORCE)
            doc = NULL;
    }
    if (!x->by_policy && t->n_picked && t->picked[0].state == SM_STATE_IN_FORCE &&
        is_about(x, t->picked[0].doc))
        doc = t->picked[0].doc;
    x->n_policy = 0;
    return rc == SM_OK && doc
               ? sm_corpus_clauses(t->op, t->corpus, doc->version, &x->policy, &x->n_policy)
               : rc;
}

/* The items that the answer is about, or is near to when clauses answer. */
static size_t items_of(const sm_turn *t, sm_str out[2])
{
    if (t->n_parts == 2) {
        out[0] = t->part_pair.code[0];
        out[1] = t->part_pair.code[1];
        return 2;
    }
    bool by_item = strcmp(t->reply->reason, "item") == 0;
    bool near = t->item && t->item->n && t->item->hit[0].p >= ITEM_NEAR;
    if (!by_item && !near)
        return 0;
    out[0] = by_item ? t->talk.item : t->item->hit[0].id;
    return out[0].n > 0;
}

static sm_rc correct(refuting *x, refuted *found)
{
    sm_turn *t = x->t;
    sm_doc *doc;
    sm_rc rc = sm_corpus_version(t->op, t->corpus, found->clause[0]->version, &doc);
    if (rc < 0)
        return rc;
    if (found->gives_way)
        t->answer = sm_answer_without(t->op, t->answer, found->gives_way);
    sm_answer_correct(t->op, t->answer, found->sentence, doc, found->clause, found->n);
    t->reply->correction = t->answer->claim[0].text;
    return SM_OK;
}

static bool answers(const sm_turn *t)
{
    static const char *const of[] = { "item", "policy", "two_items" };
    bool ok = false;
    for (size_t i = 0; i < SM_LEN(of); i++)
        ok |= strcmp(t->reply->reason, of[i]) == 0;
    return ok && t->reply->act == SM_ACT_ANSWER && t->answer && t->answer->n_claims;
}

/* The clauses that the answer quotes have the figure where the premise has it. */
static sm_rc told_by_answer(refuting *x, const sm_premise *p, bool *so)
{
    sm_turn *t = x->t;
    size_t n = 0, n_claims = t->answer ? t->answer->n_claims : 0;
    sm_clause *c = SM_NEWS(x->a, sm_clause, n_claims + 1);
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n_claims; i++) {
        sm_clause *one = NULL;
        if (t->answer->claim[i].n_cites)
            rc = sm_corpus_clause(t->op, t->corpus, t->answer->claim[i].cite[0].row, &one);
        if (rc == SM_OK && one)
            c[n++] = *one;
    }
    sm_told told;
    *so = rc == SM_OK && sm_figure_told(x->a, p, c, n, &told) == SM_TELLS_SO;
    return rc;
}

/* What stands where it is claimed, in the policy in force or in the answer, is right; what that
 * policy tells otherwise is wrong, unless the guide has it.  The guide comes after both. */
static sm_rc try_figure(refuting *x, const sm_premise *p, refuted *found, bool *settled, bool *done)
{
    sm_told told, by_item;
    bool so = false, of_thing = p->slot == SM_PREMISE_AMOUNT || p->slot == SM_PREMISE_TERM;
    sm_telling is = sm_figure_told(x->a, p, x->policy, x->n_policy, &told);
    sm_rc rc = x->by_policy || of_thing ? told_by_answer(x, p, &so) : SM_OK;
    *settled = so || (of_thing && is == SM_TELLS_SO);
    if (of_thing && is == SM_TELLS_SO)
        x->so = told;
    if (rc < 0 || *settled || !of_thing || is != SM_TELLS_OTHERWISE ||
        (p->slot == SM_PREMISE_TERM && told.alike < TERM_ALIKE))
        return rc;
    is = x->doc ? told_by_item(x, p, &by_item) : SM_TELLS_NOTHING;
    *settled = is == SM_TELLS_SO && by_item.alone; /* two differ */
    bool nearer = is == SM_TELLS_OTHERWISE && !x->surely && CLEARLY * by_item.alike > told.alike;
    if (!*settled && !nearer) {
        say(x, found, told.segment, told.clause);
        *done = true;
    }
    return rc;
}

/* A rule is right where its own figure is: "经营满6个月就行". */
static bool rests_on(const sm_premise *rule, const sm_premise *figure)
{
    return figure && rule->slot == SM_PREMISE_RULE && rule->phrase.p == figure->phrase.p;
}

static sm_rc try_premises(refuting *x, const sm_premise *p, size_t n, refuted *found, bool *done)
{
    const sm_premise *right = NULL;
    sm_rc rc = read_policy(x);
    for (size_t i = 0; rc == SM_OK && i < n && !*done; i++) {
        bool settled = false;
        if (rests_on(&p[i], right))
            continue;
        if (p[i].has_figure && p[i].slot != SM_PREMISE_WAIT)
            rc = try_figure(x, &p[i], found, &settled, done);
        if (settled && x->so.clause && x->so.alike >= TERM_ALIKE)
            right = &p[i];
        if (!settled && rc == SM_OK && !*done && x->doc &&
            (!x->by_policy || p[i].slot != SM_PREMISE_AMOUNT))
            *done = of_item[p[i].slot](x, &p[i], found);
    }
    return rc;
}

static sm_rc try_item(refuting *x, sm_str code, const sm_premise *p, size_t n, refuted *found,
                      bool *done)
{
    sm_rc rc = read_item(x, code);
    return rc == SM_OK ? try_premises(x, p, n, found, done) : rc;
}

/* The list of papers is a whole one: what nothing of the item speaks of is not among them. */
static void tell_unlisted(refuting *x, const sm_premise *p, size_t n)
{
    for (size_t i = 0; i < n && x->doc && !x->t->help.n; i++) {
        sm_str paper = p[i].slot == SM_PREMISE_RULE ? sm_premise_paper(p[i].phrase) : (sm_str){ 0 };
        sm_str last = sm_str_sub(paper, paper.n > 6 ? paper.n - 6 : 0, paper.n);
        bool told = paper.n == 0;
        for (size_t k = 0; k < x->n_clauses && !told; k++)
            told = sm_str_has(sm_in_formal_words(x->a, x->clause[k].text), last) ||
                   sm_str_has(x->clause[k].text, sm_in_formal_words(x->a, last));
        if (!told)
            x->t->help = sm_strf(x->a, "您提到的“%.*s”，这个事项的资料里没有写到。", SM_ARG(paper));
    }
}

/* Wrong whichever of the items offered is meant: it is said before they are asked of. */
static sm_rc refute_before_asking(refuting *x, const sm_premise *p, size_t n)
{
    sm_turn *t = x->t;
    refuted first = { 0 };
    bool known = strcmp(t->reply->reason, "situation") == 0 ||
                 (t->item && t->item->n && t->item->hit[0].p >= ITEM_NEAR);
    for (size_t k = 0; known && k < t->reply->n_options; k++) {
        refuted found = { 0 };
        bool done = false;
        sm_str code = t->reply->option[k].code;
        if (code.n == 0) /* none of them */
            continue;
        sm_rc rc = try_item(x, code, p, n, &found, &done);
        if (rc < 0 || !done)
            return rc;
        if (first.n == 0)
            first = found;
    }
    if (first.n == 0)
        return SM_OK;
    t->answer = SM_NEW(t->op->arena, sm_answer);
    return correct(x, &first);
}

/* What the question repeats rightly is said first, where the answer has it not, or an item's
 * summary has it somewhere. */
static sm_rc confirm(refuting *x)
{
    sm_turn *t = x->t;
    const sm_told *so = &x->so;
    sm_doc *doc;
    size_t looked = x->by_policy ? t->answer->n_claims : 1;
    if (!so->clause || so->alike < CONFIRM_ALIKE || !so->alone)
        return SM_OK;
    for (size_t i = 0; i < looked; i++)
        if (sm_str_has(t->answer->claim[i].text, so->segment))
            return SM_OK;
    sm_rc rc = sm_corpus_version(t->op, t->corpus, so->clause->version, &doc);
    if (rc == SM_OK)
        sm_answer_lead(t->op, t->answer, so->segment, doc, so->clause);
    return rc;
}

sm_rc sm_refute(sm_turn *t)
{
    sm_premise p[SM_MAX_PREMISES];
    refuting x = { .t = t,
                   .a = t->op->arena,
                   .by_policy = strcmp(t->reply->reason, "policy") == 0 };
    refuted found;
    sm_str code[2];
    bool done = false, asks = t->reply->act == SM_ACT_CLARIFY && t->reply->n_options > 0;
    size_t n = asks || answers(t) ? sm_premises_of(x.a, t->said, p) : 0;
    if (n == 0)
        return SM_OK;
    if (asks)
        return refute_before_asking(&x, p, n);
    size_t n_codes = items_of(t, code);
    sm_rc rc = SM_OK;
    for (size_t k = 0; rc == SM_OK && k < n_codes && !done; k++)
        rc = try_item(&x, code[k], p, n, &found, &done);
    if (rc == SM_OK && n_codes == 0) /* by clauses alone */
        rc = try_premises(&x, p, n, &found, &done);
    if (rc == SM_OK && done)
        return correct(&x, &found);
    if (rc == SM_OK)
        rc = confirm(&x);
    if (rc == SM_OK)
        tell_unlisted(&x, p, n);
    if (rc == SM_OK && x.unknown && !x.so.clause && !t->help.n)
        t->help = SM_STR("您提到的数，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。");
    return rc;
}
