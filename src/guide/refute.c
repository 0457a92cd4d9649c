/*
 * What a question takes for granted, held against the source; the first claim that the source tells
 * otherwise is corrected, in the source's own words and with its citation.
 *
 * Evidence is looked for only where such a thing stands: a fee in the fee, a wait in the limits, an
 * age in the conditions, an amount in the clauses quoted.  What is not found there is let stand, or
 * said to be unknown: a correction must never be wrong.
 */
#include <string.h>

#include "guide/refuting.h"

static const double MATTER_ALIKE = 0.35; /* of an item's name in the title of a policy about it */
static const double CLEARLY = 1.25;      /* so much more like it is a policy not surely about it */
static const double ITEM_NEAR = 0.4;     /* an item that clauses answer for */
static const double POLICY_NEAR = 0.05;  /* of the head "policy": its clauses tell amounts, too */
static const double AGE_ALIKE = 0.2;  /* of a premise's wording in the segment with another age */
static const double OF_MATTER = 0.05; /* of the ranking: a document found that is about it */
enum { LOOKED_AT = 4, RIVALS = 3 };

static sm_rc read_item(sm_refuting *x, sm_str code)
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
static bool is_about(sm_refuting *x, const sm_doc *policy)
{
    bool near = sm_head_p(SM_HEAD_POLICY, &x->t->signals) >= POLICY_NEAR;
    double alike = x->doc ? sm_text_shared(x->a, x->name, policy->title) : 1;
    x->surely = alike >= SM_MATTER_SURELY;
    return alike >= (near ? MATTER_ALIKE : SM_MATTER_SURELY) && (near || x->doc);
}

/* The first document in force that is quoted, or that was found: an old rule corrects nothing. */
static sm_rc read_policy(sm_refuting *x)
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
    x->region = doc ? doc->region : (sm_str){ 0 };
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

static sm_rc correct(sm_refuting *x, sm_refuted *found)
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
static sm_rc told_by_answer(sm_refuting *x, const sm_premise *p, bool *so)
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

static bool is_of_thing(const sm_premise *p)
{
    return p->slot == SM_PREMISE_AMOUNT || p->slot == SM_PREMISE_TERM;
}

/* Lengths and ages are told in many sentences: that the one meant is another must be surer. */
static bool hardly_told(const sm_premise *p, const sm_told *told)
{
    return p->slot != SM_PREMISE_AMOUNT && told->alike < SM_TERM_ALIKE;
}

/* What stands where it is claimed, in the policy in force or in the answer, is right; what that
 * policy tells otherwise is wrong, unless the guide has it.  The guide comes after both. */
static sm_rc try_figure(sm_refuting *x, const sm_premise *p, sm_refuted *found, bool *settled,
                        bool *done)
{
    sm_told told, by_item;
    bool so = false, of_thing = is_of_thing(p);
    sm_telling is = sm_figure_told(x->a, p, x->policy, x->n_policy, &told);
    sm_rc rc = x->by_policy || of_thing ? told_by_answer(x, p, &so) : SM_OK;
    *settled = so || ((of_thing || p->slot == SM_PREMISE_AGE) && is == SM_TELLS_SO);
    if (of_thing && is == SM_TELLS_SO)
        x->so = told;
    if (rc < 0 || *settled || !of_thing || is != SM_TELLS_OTHERWISE || hardly_told(p, &told))
        return rc;
    is = x->doc ? sm_told_by_item(x, p, &by_item) : SM_TELLS_NOTHING;
    *settled = is == SM_TELLS_SO && by_item.alone; /* two differ */
    bool nearer = is == SM_TELLS_OTHERWISE && !x->surely && CLEARLY * by_item.alike > told.alike;
    if (!*settled && !nearer) {
        sm_refuted_by_figure(x, found, &told);
        *done = true;
    }
    return rc;
}

/* An age that no guide tells: "年满30周岁的单身居民可以独立申请". */
static bool refute_age_by_policy(const sm_refuting *x, const sm_premise *p, sm_refuted *found)
{
    sm_told told;
    if (p->slot != SM_PREMISE_AGE || !x->surely ||
        sm_figure_told(x->a, p, x->policy, x->n_policy, &told) != SM_TELLS_OTHERWISE ||
        told.alike < AGE_ALIKE)
        return false;
    sm_refuted_by_figure(x, found, &told);
    return true;
}

/* It may hold for who asks: what a named place has issued comes before the city's. */
static bool may_hold(const sm_refuting *x, const sm_doc *doc)
{
    const sm_turn *t = x->t;
    bool in_chain = !t->names_region,
         local = t->names_region && sm_str_eq(x->region, t->talk.region);
    for (size_t i = 0; i < t->n_chain; i++)
        in_chain |= sm_str_eq(doc->region, t->region_chain[i]);
    return local ? sm_str_eq(doc->region, x->region) : in_chain;
}

/* The figure stands so in another document in force that was found: a district's, one about
 * another side of the matter.  It is not known to be wrong. */
static sm_rc told_elsewhere(sm_refuting *x, const sm_premise *p, double alike, bool *is)
{
    sm_turn *t = x->t;
    sm_rc rc = SM_OK;
    *is = false;
    for (size_t i = 0; rc == SM_OK && !*is && i < SM_MIN(t->n_picked, (size_t)LOOKED_AT); i++) {
        sm_clause *c;
        sm_told told;
        size_t n;
        const sm_doc *doc = t->picked[i].doc;
        if (t->picked[i].state != SM_STATE_IN_FORCE || !may_hold(x, doc) ||
            t->picked[i].cue[SM_DOC_CUE_P] < OF_MATTER)
            continue;
        rc = sm_corpus_clauses(t->op, t->corpus, doc->version, &c, &n);
        *is = rc == SM_OK && sm_figure_told(x->a, p, c, n, &told) == SM_TELLS_SO &&
              told.alike >= SM_CONFIRM_ALIKE && told.alike >= alike;
    }
    return rc;
}

static bool has_length(sm_arena *a, sm_str text, const sm_fact *length)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    bool has = false;
    for (size_t i = 0; i < n; i++)
        has |= sm_str_eq(f[i].key, length->key);
    return has;
}

/* The next items of a doubtful ranking have the figure: one of them may be meant. */
static sm_rc told_by_rival(sm_refuting *x, const sm_premise *p, bool *is)
{
    sm_turn *t = x->t;
    sm_rc rc = SM_OK;
    bool sure = sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals) >= SM_ITEM_SURELY;
    *is = false;
    for (size_t i = 0; rc == SM_OK && !sure && !*is && i < SM_MIN(t->item->n, (size_t)RIVALS);
         i++) {
        sm_refuting r = { .t = t, .a = x->a };
        if (x->doc && sm_str_eq(t->item->hit[i].id, x->doc->id))
            continue;
        rc = read_item(&r, t->item->hit[i].id);
        for (size_t k = 0; rc == SM_OK && k < r.n_clauses; k++)
            *is |=
                p->slot == SM_PREMISE_FEE
                    ? sm_of_list(&r.clause[k], "fee") && sm_figure_stands(x->a, p, r.clause[k].text)
                    : has_length(x->a, sm_told_text(&r.clause[k]), &p->figure);
    }
    return rc;
}

/* A rule is right where its own figure is: "经营满6个月就行". */
static bool rests_on(const sm_premise *rule, const sm_premise *figure)
{
    return figure && rule->slot == SM_PREMISE_RULE && rule->phrase.p == figure->phrase.p;
}

static sm_rc try_premises(sm_refuting *x, const sm_premise *p, size_t n, sm_refuted *found,
                          bool *done)
{
    const sm_premise *right = NULL;
    sm_rc rc = read_policy(x);
    for (size_t i = 0; rc == SM_OK && i < n && !*done; i++) {
        bool settled = false;
        if (rests_on(&p[i], right))
            continue;
        if (p[i].has_figure && p[i].slot != SM_PREMISE_WAIT)
            rc = try_figure(x, &p[i], found, &settled, done);
        if (settled && x->so.clause && x->so.alike >= SM_TERM_ALIKE)
            right = &p[i];
        if (!settled && rc == SM_OK && !*done && x->doc &&
            (!x->by_policy || p[i].slot != SM_PREMISE_AMOUNT))
            *done = sm_refute_by_item(x, &p[i], found);
        bool of_office = p[i].slot == SM_PREMISE_FEE || p[i].slot == SM_PREMISE_WAIT;
        if (*done && of_office && p[i].has_figure && !x->by_policy && rc == SM_OK) {
            bool rival;
            rc = told_by_rival(x, &p[i], &rival);
            *done = rc == SM_OK && !rival;
        }
        if (!settled && rc == SM_OK && !*done)
            *done = refute_age_by_policy(x, &p[i], found);
        if (*done && is_of_thing(&p[i]) && rc == SM_OK) {
            bool elsewhere;
            rc = told_elsewhere(x, &p[i], found->alike, &elsewhere);
            *done = rc == SM_OK && !elsewhere;
        }
    }
    return rc;
}

static sm_rc try_item(sm_refuting *x, sm_str code, const sm_premise *p, size_t n, sm_refuted *found,
                      bool *done)
{
    sm_rc rc = read_item(x, code);
    return rc == SM_OK ? try_premises(x, p, n, found, done) : rc;
}

/* The list of papers is a whole one: what nothing of the item speaks of is not among them. */
static void tell_unlisted(sm_refuting *x, const sm_premise *p, size_t n)
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
static sm_rc refute_before_asking(sm_refuting *x, const sm_premise *p, size_t n)
{
    sm_turn *t = x->t;
    sm_refuted first = { 0 };
    bool known = strcmp(t->reply->reason, "situation") == 0 ||
                 (t->item && t->item->n && t->item->hit[0].p >= ITEM_NEAR);
    for (size_t k = 0; known && k < t->reply->n_options; k++) {
        sm_refuted found = { 0 };
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
static sm_rc confirm(sm_refuting *x)
{
    sm_turn *t = x->t;
    const sm_told *so = &x->so;
    sm_doc *doc;
    size_t looked = x->by_policy ? t->answer->n_claims : 1;
    if (!so->clause || so->alike < SM_CONFIRM_ALIKE || !so->leads)
        return SM_OK;
    for (size_t i = 0; i < looked; i++)
        if (sm_str_has(t->answer->claim[i].text, so->segment))
            return SM_OK;
    sm_rc rc = sm_corpus_version(t->op, t->corpus, so->clause->version, &doc);
    if (rc == SM_OK)
        sm_answer_lead(t->op, t->answer, so->segment, doc, so->clause);
    return rc;
}

/* A fee of several cases, one of which has the sum: all of them are said first. */
static void lead_with_fee(sm_refuting *x, const sm_premise *p, size_t n)
{
    sm_turn *t = x->t;
    const sm_clause *fee = x->doc && !x->by_policy ? sm_clause_at(x, "fee") : NULL;
    const sm_claim *first = t->answer->claim;
    bool claimed = false;
    for (size_t i = 0; i < n; i++)
        claimed |= p[i].slot == SM_PREMISE_FEE && p[i].has_figure;
    if (!claimed || !fee || sm_fee_is_free(fee->text) || first->n_cites == 0 ||
        first->cite[0].row == fee->row)
        return;
    t->answer = sm_answer_without(t->op, t->answer, fee->row);
    sm_answer_lead(t->op, t->answer, fee->text, x->doc, fee);
}

/* 保教费, not 收费. */
static bool names_one_fee(sm_str p)
{
    static const char *const no_name[] = { "收", "免", "交", "缴", "用" };
    for (size_t at = 0; (at = sm_str_find(p, SM_STR("费"), at)) != SIZE_MAX; at += strlen("费"))
        if (at > 0 && !sm_str_ends_any(sm_str_sub(p, 0, at), no_name, SM_LEN(no_name)))
            return true;
    return false;
}

/* Free or not is said of other money than the handling's: what the guide tells of that comes first.
 */
static void lead_with_faq(sm_refuting *x, const sm_premise *p, size_t n)
{
    sm_turn *t = x->t;
    sm_faq faq;
    for (size_t i = 0; i < n && x->doc && !x->by_policy; i++) {
        if (p[i].slot != SM_PREMISE_FEE || p[i].has_figure || !names_one_fee(p[i].phrase) ||
            !sm_faq_about(x->a, x->clause, x->n_clauses, &p[i], t->said, &faq))
            continue;
        t->answer = sm_answer_without(t->op, t->answer, faq.clause->row);
        sm_answer_lead(t->op, t->answer, faq.answers, x->doc, faq.clause);
        return;
    }
}

sm_rc sm_refute(sm_turn *t)
{
    sm_premise p[SM_MAX_PREMISES];
    sm_refuting x = { .t = t,
                      .a = t->op->arena,
                      .by_policy = strcmp(t->reply->reason, "policy") == 0 };
    sm_refuted found;
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
    if (rc == SM_OK && n_codes == 1) {
        lead_with_fee(&x, p, n);
        lead_with_faq(&x, p, n);
    }
    if (rc == SM_OK)
        rc = confirm(&x);
    if (rc == SM_OK)
        tell_unlisted(&x, p, n);
    if (rc == SM_OK && x.unknown && !x.so.clause && !t->help.n)
        t->help = SM_STR("您提到的数，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。");
    return rc;
}
