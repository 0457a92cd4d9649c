/*
 * A question of ours that the person did not answer: "几天能下来" when it was asked which of
 * several items is meant.  Nothing is chosen for them in silence: what is the same whichever is
 * meant is said; what stands in one element is said of each by its name; else the likeliest is
 * answered by its name, or the question is asked again.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

static const double ASKS_ON = 0.9;              /* the wording "stay" */
static const double CHOOSES = 0.3;              /* the wording "choice" */
static const double NAMES = 0.9, POINTS = 0.05; /* of the option, by the text alone */
static const double NEAR = 0.2;                 /* likeness to a known question about it */
static const double FACET_SURE = 0.6;
enum { BARE_CHARS = 8 };

static const char *const element[SM_N_FACETS] = { [SM_FACET_TIME] = "promised_limit",
                                                  [SM_FACET_FEE] = "fee",
                                                  [SM_FACET_ONLINE] = "online",
                                                  [SM_FACET_RESULT] = "result" };

/* How long the office takes, what it charges: no deadline and no tax. */
static bool asks_element(const sm_turn *t)
{
    bool other = (t->facet == SM_FACET_TIME && sm_when_asked(t->said).kind != SM_WHEN_OFFICE) ||
                 (t->facet == SM_FACET_FEE && sm_asks_due(t->said));
    return !other && element[t->facet] && t->facet_p >= FACET_SURE;
}

/* Something in the text agrees with an option's label or speaks against it. */
static bool tells_apart(const sm_turn *t)
{
    static const sm_cue of[] = { SM_CUE_LABEL, SM_CUE_TERM, SM_CUE_BOUND, SM_CUE_PLACE,
                                 SM_CUE_NEGATED };
    for (size_t i = 0; i < t->n_candidates; i++)
        for (size_t k = 0; k < SM_LEN(of); k++)
            if (t->candidate[i].cue[of[k]] != 0)
                return true;
    return false;
}

static bool is_offered(const sm_turn *t, sm_str code)
{
    for (size_t i = 0; i < t->talk.n_options; i++)
        if (sm_str_eq(t->talk.option[i].code, code))
            return true;
    return false;
}

static bool says_nothing_of(const sm_turn *t, const sm_candidate *c)
{
    const double *f = t->reading.follow, *x = c->cue;
    if (tells_apart(t) || x[SM_CUE_TEXT_P] >= NAMES)
        return false;
    if (sm_only_changes(t))
        return true;
    bool asks_on = f[SM_FOLLOW_STAY] >= ASKS_ON;
    bool points = x[SM_CUE_TEXT_P] >= POINTS || x[SM_CUE_NEAR] >= NEAR;
    return asks_on || (f[SM_FOLLOW_CHOICE] < CHOOSES && !points);
}

void sm_leave_choice(sm_turn *t)
{
    bool pending = t->talk.pending == SM_PENDING_CHOICE, bare;
    if ((!pending && t->talk.pending != SM_PENDING_LEFT) || t->n_candidates == 0)
        return;
    const sm_candidate *c = &t->candidate[0];
    bare = pending && asks_element(t) && !t->named.n && sm_utf8_count(t->said) <= BARE_CHARS &&
           t->reading.follow[SM_FOLLOW_STAY] >= ASKS_ON;
    for (size_t i = 1; i < t->n_candidates && bare && !is_offered(t, c->code); i++)
        c = &t->candidate[i];
    if (!is_offered(t, c->code) || (!bare && !sm_str_eq(t->chosen, c->code)))
        return;
    t->leaves_choice = says_nothing_of(t, c);
    if (t->leaves_choice)
        t->chosen = c->code;
}

static sm_rc text_of(sm_turn *t, sm_str code, sm_str *out)
{
    sm_clause *c;
    sm_rc rc = sm_corpus_clause_at(t->op, t->corpus, code, sm_str_of(element[t->facet]), &c);
    *out = rc == SM_OK ? c->text : (sm_str){ 0 };
    if (rc == SM_E_NOTFOUND) {
        sm_op_clear(t->op);
        rc = SM_OK;
    }
    return rc;
}

static sm_rc all_alike(sm_turn *t, const sm_talk *was, bool *alike)
{
    sm_str mine, other;
    sm_rc rc = text_of(t, t->chosen, &mine);
    *alike = mine.n > 0;
    for (size_t i = 0; rc == SM_OK && i < was->n_options; i++) {
        if (!was->option[i].code.n)
            continue;
        rc = text_of(t, was->option[i].code, &other);
        *alike = *alike && sm_str_eq(mine, other);
    }
    return rc;
}

/* The element of one item, under its name. */
static sm_rc add_element(sm_turn *t, sm_str code, sm_answer *to)
{
    sm_doc *doc;
    sm_answer *a;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_answer_item(t->op, t->corpus, doc, (sm_facets){ { t->facet }, 1 }, t->talk.region,
                            t->text, (sm_str){ 0 }, t->today, &a);
    for (size_t i = 0; rc == SM_OK && i < a->n_claims; i++) {
        if (!a->claim[i].n_cites ||
            !sm_str_eq(a->claim[i].cite[0].clause, sm_str_of(element[t->facet])))
            continue;
        to->claim[to->n_claims] = a->claim[i];
        to->claim[to->n_claims++].of = doc->title;
        break;
    }
    return rc;
}

/* "公告多少天": what one of them has besides the element. */
static bool points_at_one(const sm_turn *t, const sm_talk *was)
{
    double most = 0;
    for (size_t i = 0; i < was->n_options; i++)
        most = SM_MAX(most, sm_p_of(t->item, was->option[i].code));
    return most >= POINTS;
}

static sm_rc say_each(sm_turn *t, const sm_talk *was)
{
    sm_answer *each = SM_NEW(t->op->arena, sm_answer);
    *each = *t->answer;
    each->claim = SM_NEWS(t->op->arena, sm_claim, SM_MAX_OPTIONS + 1);
    each->n_claims = 0;
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < was->n_options; i++)
        if (was->option[i].code.n)
            rc = add_element(t, was->option[i].code, each);
    t->answer = each;
    t->tells_each = true;
    t->help = SM_STR("办的是哪一件，答复不一样：");
    return rc;
}

static sm_rc say_by_name(sm_turn *t, const sm_talk *was)
{
    sm_str name, others = { 0 };
    sm_rc rc = sm_item_name(t, t->chosen, &name);
    for (size_t i = 0; rc == SM_OK && i < was->n_options; i++)
        if (was->option[i].code.n && !sm_str_eq(was->option[i].code, t->chosen))
            others =
                sm_strf(t->op->arena, "%.*s“%.*s”", SM_ARG(others), SM_ARG(was->option[i].label));
    t->help = sm_strf(t->op->arena, "您还没有选是哪一件，下面说的是“%.*s”；如果是%.*s，请告诉我。",
                      SM_ARG(name), SM_ARG(others));
    return rc;
}

/* What was offered stays on offer. */
static void offer_again(sm_turn *t, const sm_talk *was)
{
    sm_offer_beside(t, SM_PENDING_LEFT, was->option, was->n_options);
    t->talk.question = was->question;
    t->talk.asked = was->asked;
}

sm_rc sm_answer_left(sm_turn *t)
{
    sm_talk was = t->talk;
    bool alike = false, asks_on = t->reading.follow[SM_FOLLOW_STAY] >= ASKS_ON;
    if (!asks_on && was.pending == SM_PENDING_CHOICE && was.asked < SM_MAX_ASKED) {
        sm_say_clarify(t, "topic", SM_STR("还不知道您说的是哪一件，要办的是哪一件？"), was.option,
                       was.n_options);
        return SM_OK;
    }
    sm_rc rc = asks_element(t) ? all_alike(t, &was, &alike) : SM_OK;
    if (rc == SM_OK)
        rc = sm_say_item(t, t->chosen, t->facets);
    bool points = points_at_one(t, &was);
    if (rc == SM_OK && asks_element(t) && !alike && !points)
        rc = say_each(t, &was);
    else if (rc == SM_OK && (!alike || points))
        rc = say_by_name(t, &was);
    offer_again(t, &was);
    return rc;
}
