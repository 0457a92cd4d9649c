/*
 * A guide's FAQ that grants what the policy about the same matter leaves out by name ("二手住房不
 * 纳入补贴范围" against "买二手房可以申请吗？可以"): it gives way to the policy's sentence, whether
 * or not the question takes the one or the other for granted.
 */
#include <string.h>

#include "guide/premise.h"
#include "guide/turn.h"

static const double MATTER_SURELY = 0.55; /* of an item's name in the title of a policy about it */

/* What an FAQ asks, when it says that one may; else "". */
static sm_str granted_by(sm_str text)
{
    sm_str asks, tells;
    bool grants =
        sm_faq_parts(text, &asks, &tells) && sm_rule_sign_of_answer(asks, tells) == SM_RULE_MAY;
    return grants ? asks : (sm_str){ 0 };
}

/* The likeliest in force whose title has the item's matter. */
static sm_doc *policy_about(const sm_turn *t, const sm_doc *item)
{
    for (size_t i = 0; i < t->n_picked; i++)
        if (t->picked[i].state == SM_STATE_IN_FORCE &&
            sm_text_shared(t->op->arena, item->title, t->picked[i].doc->title) >= MATTER_SURELY)
            return t->picked[i].doc;
    return NULL;
}

/* What the FAQ grants gives way to the sentence that leaves it out, if the policy has one. */
static sm_rc hold_against_policy(sm_turn *t, const sm_cite *faq, sm_str granted)
{
    sm_doc *item;
    sm_clause *c;
    size_t n;
    sm_str sentence;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, faq->doc, &item);
    sm_doc *policy = rc == SM_OK ? policy_about(t, item) : NULL;
    if (!policy)
        return rc;
    rc = sm_corpus_clauses(t->op, t->corpus, policy->version, &c, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (sm_leaves_out(t->op->arena, granted, item->title, &c[i], &sentence)) {
            t->answer = sm_answer_without(t->op, t->answer, faq->row);
            sm_answer_lead(t->op, t->answer, sentence, policy, &c[i]);
            break;
        }
    return rc;
}

sm_rc sm_mind_granted(sm_turn *t)
{
    static const char *const of_items[] = { "item", "two_items" };
    bool by_item = false;
    for (size_t i = 0; i < SM_LEN(of_items); i++)
        by_item |= strcmp(t->reply->reason, of_items[i]) == 0;
    if (!by_item || t->reply->act != SM_ACT_ANSWER || !t->answer)
        return SM_OK;
    const sm_answer *composed = t->answer;
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < composed->n_claims; i++) {
        const sm_claim *claim = &composed->claim[i];
        sm_str granted = claim->n_cites ? granted_by(claim->text) : (sm_str){ 0 };
        if (granted.n)
            rc = hold_against_policy(t, &claim->cite[0], granted);
    }
    return rc;
}
