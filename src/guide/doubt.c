/*
 * An answer that is no likelier to be what was asked for than not: that is said before it, and the
 * nearest others stay on offer behind it.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

/* Of the answer's probability; of a follow-up's candidate, which is more often wrong than it says.
 */
static const double DOUBT_BELOW = 0.5, DOUBT_FOLLOWING = 0.7;
static const double NAMED_SHARE = 0.2; /* by so much of the text it is no guess which item */
static const double OTHER_AT = 0.03;   /* of the text: likely enough to be offered */
enum { OTHERS = 3 };

/* The text has the name of the item that it finds first. */
static sm_rc names_best(sm_turn *t, bool *names)
{
    sm_rc rc = t->item->n ? sm_read_name(t) : SM_OK;
    *names = t->item->n && t->named_share >= NAMED_SHARE;
    return rc;
}

/* The first of the clauses is of a document about that item, or whose matter the text names. */
static sm_rc names_document(sm_turn *t, bool names_item, bool *names)
{
    const sm_claim *c = t->answer->claim;
    sm_doc *doc;
    sm_str name;
    *names = false;
    if (!t->answer->n_claims || !c->n_cites)
        return SM_OK;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, c->cite[0].doc, &doc);
    if (rc == SM_OK && names_item)
        rc = sm_item_name(t, t->item->hit[0].id, &name);
    *names = rc == SM_OK && ((names_item && sm_is_about(t, doc, name)) || sm_names_subject(t, doc));
    return rc;
}

/* What answers is named in the text. */
static sm_rc names_answer(sm_turn *t, bool *names)
{
    sm_rc rc = names_best(t, names);
    if (rc == SM_OK && strcmp(t->reply->reason, "policy") == 0)
        return names_document(t, *names, names);
    *names &= t->item->n && sm_str_eq(t->item->hit[0].id, t->talk.item);
    return rc;
}

sm_rc sm_doubts_best(sm_turn *t, bool *doubts)
{
    bool names;
    sm_rc rc = names_best(t, &names);
    *doubts = !names && sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals) < DOUBT_BELOW;
    return rc;
}

static bool is_told(const sm_turn *t, sm_str code)
{
    bool part = t->n_parts == 2 &&
                (sm_str_eq(code, t->part_pair.code[0]) || sm_str_eq(code, t->part_pair.code[1]));
    return part || sm_str_eq(code, t->talk.item);
}

static sm_rc add_other(sm_turn *t, sm_str code, sm_option *option, size_t *n)
{
    if (*n == OTHERS || !code.n || is_told(t, code))
        return SM_OK;
    for (size_t i = 0; i < *n; i++)
        if (sm_str_eq(option[i].code, code))
            return SM_OK;
    option[*n].code = code;
    sm_rc rc = sm_item_name(t, code, &option[*n].label);
    *n += rc == SM_OK;
    if (rc != SM_E_NOTFOUND) /* a neighbour that the catalogue does not have */
        return rc;
    sm_op_clear(t->op);
    return SM_OK;
}

/* Of a follow-up its other candidates, then what the text finds. */
static sm_rc list_others(sm_turn *t, sm_option *option, size_t *n)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < t->n_candidates; i++)
        if (t->candidate[i].p >= OTHER_AT)
            rc = add_other(t, t->candidate[i].code, option, n);
    for (size_t i = 0; rc == SM_OK && i < t->item->n && t->item->hit[i].p >= OTHER_AT; i++)
        rc = add_other(t, t->item->hit[i].id, option, n);
    return rc;
}

/* No guess: what was chosen, what is in hand in another place or year, what is named; or it is said
 * already that the guide in hand does not have the word. */
static sm_rc is_settled(sm_turn *t, bool *settled)
{
    *settled = t->took_option || t->leaves_choice || t->same_whichever || t->unwritten.n ||
               ((t->keeps_item || t->follows_policy) && sm_only_changes(t));
    return *settled ? SM_OK : names_answer(t, settled);
}

/* A follow-up that is read as a new question is weighed as a follow-up, too. */
static bool is_doubtful(const sm_turn *t)
{
    double p = t->sufficient.p;
    for (size_t i = 0; !t->chosen.n && i < t->n_candidates; i++)
        if (sm_str_eq(t->candidate[i].code, t->talk.item))
            p = SM_MIN(p, t->candidate[i].p);
    return p < (t->chosen.n ? DOUBT_FOLLOWING : DOUBT_BELOW);
}

static sm_str sentence(sm_turn *t, sm_str name)
{
    if (strcmp(t->reply->reason, "policy") == 0)
        return SM_STR("没有把握下面说的就是您要问的，这是资料里最接近的条款。");
    if (strcmp(t->reply->reason, "two_items") == 0)
        return SM_STR("没有把握您问的就是下面两件事。");
    return sm_strf(t->op->arena, "没有把握您问的就是“%.*s”，下面是它的内容。", SM_ARG(name));
}

/* "工伤医药费去哪报，再做个鉴定", read as one thing: the other one is a tap away. */
static sm_rc offer_aside(sm_turn *t)
{
    sm_option option = { .code = t->left_aside };
    if (!t->left_aside.n || strcmp(t->reply->reason, "item") != 0 || is_told(t, option.code))
        return SM_OK;
    sm_rc rc = sm_item_name(t, option.code, &option.label);
    if (rc < 0)
        return rc;
    t->reply->question = SM_STR("如果还要问另一件，请选：");
    sm_offer_beside(t, SM_PENDING_NEAREST, &option, 1);
    return SM_OK;
}

sm_rc sm_say_doubt(sm_turn *t)
{
    sm_option option[OTHERS];
    size_t n = 0;
    bool settled;
    sm_str name = { 0 };
    bool computed = strcmp(t->reply->reason, "eligibility") == 0;
    if (t->reply->act != SM_ACT_ANSWER || !t->answer || computed)
        return SM_OK;
    sm_rc rc = is_settled(t, &settled);
    if (rc < 0)
        return rc;
    if (settled || !is_doubtful(t))
        return offer_aside(t);
    if (t->talk.item.n)
        rc = sm_item_name(t, t->talk.item, &name);
    if (rc == SM_OK)
        rc = list_others(t, option, &n);
    if (rc < 0)
        return rc;
    t->doubt = sentence(t, name);
    if (!n)
        return SM_OK;
    if (!t->talk.topic.n) /* what is asked of the one that is chosen */
        t->talk.topic = t->talk.asked_of_policy;
    t->reply->question = SM_STR("如果不是，您要问的是哪一件？");
    sm_offer_beside(t, SM_PENDING_NEAREST, option, n);
    return SM_OK;
}
