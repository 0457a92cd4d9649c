/*
 * From a ranking to one outcome.  The probabilities are calibrated by training (docs/training.md);
 * the bars below say how much risk each outcome may carry.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

static const double ANSWER_AT = 0.52;                /* the best alone, or */
static const double LEADS_AT = 0.35, LEADS_BY = 3.5; /* this much, this many times the second */
static const double UNCLEAR_AT = 0.55;               /* of the head "unclear" */
static const double FACET_SURE = 0.6;
static const double RIVAL_AT = 0.12; /* among the rivals: its answer must be the same, too */
static const double KNOWN_AT = 0.22; /* below, even the matter is not known */
static const double OURS_AT = 0.30,
                    CLARIFY_OURS = 0.10; /* head "out" below: it is a question for us */
static const double CLARIFY_AT = 0.42;   /* the best three together */
static const double CLOSE = 0.3;         /* the second, of the best: it may be meant as well */

enum { NEAREST = 3 }; /* items offered with a hand-over */

static sm_rc answer_item(sm_turn *t, sm_str code)
{
    if (sm_wants_computing(t)) {
        sm_doc *doc;
        bool done = false;
        sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
        if (rc == SM_OK)
            rc = sm_eligibility_start(t, doc, &done);
        if (rc < 0 || done)
            return rc;
    }
    if (t->leaves_choice)
        return sm_answer_left(t);
    sm_rc rc = sm_say_item(t, code, t->facets);
    if (rc == SM_OK && t->unwritten.n)
        t->help = sm_strf(t->op->arena, "这份办事指南里没有“%.*s”这个说法，下面是它写明的。",
                          SM_ARG(t->unwritten));
    return rc;
}

sm_rc sm_hand_over_unknown(sm_turn *t)
{
    sm_say_plain(t, SM_ACT_HANDOFF, "unknown",
                 "这件事我没有查到可靠的办理依据，不能随便回答您。您可以换个说法再问，或者由工作人"
                 "员来答复。");
    sm_option option[NEAREST];
    size_t n = 0;
    for (; n < t->item->n && n < NEAREST; n++) {
        sm_rc rc = sm_item_name(t, t->item->hit[n].id, &option[n].label);
        if (rc < 0)
            return rc;
        option[n].code = t->item->hit[n].id;
    }
    if (n)
        sm_offer(t, SM_PENDING_NEAREST, option, n);
    return SM_OK;
}

static sm_rc element_text(sm_turn *t, sm_str code, const char *path, sm_str *out)
{
    sm_clause *c;
    sm_rc rc = sm_corpus_clause_at(t->op, t->corpus, code, sm_str_of(path), &c);
    *out = rc == SM_OK ? c->text : (sm_str){ 0 };
    if (rc == SM_E_NOTFOUND) {
        sm_op_clear(t->op);
        rc = SM_OK;
    }
    return rc;
}

/* What is asked for is the same whichever of them is meant: no need to ask which. */
static sm_rc same_answer(sm_turn *t, bool *same)
{
    static const char *const path[SM_N_FACETS] = { [SM_FACET_TIME] = "promised_limit",
                                                   [SM_FACET_FEE] = "fee",
                                                   [SM_FACET_ONLINE] = "online",
                                                   [SM_FACET_RESULT] = "result" };
    sm_str mine, other;
    *same = false;
    if (t->facet_p < FACET_SURE || !path[t->facet])
        return SM_OK;
    sm_rc rc = element_text(t, t->item->hit[0].id, path[t->facet], &mine);
    *same = mine.n > 0;
    for (size_t i = 0; rc == SM_OK && *same && i < t->n_rivals && t->rival[i].p >= RIVAL_AT; i++) {
        rc = element_text(t, t->rival[i].code, path[t->facet], &other);
        *same = sm_str_eq(mine, other);
    }
    return rc;
}

/* The best item answers, unless a new question has no word of its matter, or a plainer sibling may
 * be meant as well: then it is asked which, and that one answers where both say the same. */
static sm_rc answer_best(sm_turn *t)
{
    bool no_matter = false, same = false;
    sm_str code = t->item->hit[0].id, plainer = { 0 };
    sm_rc rc = t->fresh ? sm_names_no_matter(t, code, &no_matter) : SM_OK;
    if (rc == SM_OK && no_matter)
        return sm_hand_over_unknown(t);
    if (rc == SM_OK && t->n_rivals)
        rc = sm_plainer_sibling(t, &plainer);
    if (rc == SM_OK && plainer.n)
        rc = same_answer(t, &same);
    if (rc < 0)
        return rc;
    bool can_ask = t->talk.asked < SM_MAX_ASKED;
    return plainer.n && !same && can_ask ? sm_ask_which(t)
                                         : answer_item(t, plainer.n ? plainer : code);
}

sm_rc sm_decide(sm_turn *t)
{
    const sm_matches *m = t->item;
    if (t->chosen.n)
        return answer_item(t, t->chosen);
    if (m->n == 0)
        return sm_hand_over_unknown(t);
    double p1 = m->hit[0].p, p2 = m->n > 1 ? m->hit[1].p : 0, p3 = m->n > 2 ? m->hit[2].p : 0;
    bool can_ask = t->talk.asked < SM_MAX_ASKED, same = false, asked = false;
    bool unclear =
        !t->surely_new && sm_head_p(SM_HEAD_UNCLEAR, &t->signals) >= UNCLEAR_AT && p1 >= KNOWN_AT;
    bool clear = p1 >= ANSWER_AT || (p1 >= LEADS_AT && p1 >= LEADS_BY * p2);
    sm_rc rc = can_ask && unclear ? same_answer(t, &same) : SM_OK;
    if (rc < 0)
        return rc;
    if (can_ask && unclear && !same && t->n_rivals)
        return sm_ask_which(t);
    if (can_ask)
        rc = sm_ask_bare(t, &asked);
    if (rc < 0 || asked)
        return rc;
    bool close = can_ask && p2 >= CLOSE * p1 && p1 >= KNOWN_AT, doubts = false;
    if (clear && close)
        rc = sm_doubts_best(t, &doubts);
    if (rc == SM_OK && doubts)
        rc = same_answer(t, &t->same_whichever);
    if (rc < 0)
        return rc;
    if (clear && (!doubts || t->same_whichever))
        return answer_best(t);
    if (close)
        return sm_ask_which(t);
    bool surely_ours = sm_head_p(SM_HEAD_OUT, &t->signals) <= OURS_AT;
    if (p1 + p2 + p3 >= (surely_ours ? CLARIFY_OURS : CLARIFY_AT) && can_ask)
        return sm_ask_topic(t);
    if (can_ask && sm_wants_computing(t)) {
        sm_say_clarify(t, "topic", SM_STR("可以帮您算。请问要算哪件事的条件？"), NULL, 0);
        return SM_OK;
    }
    return sm_hand_over_unknown(t);
}
