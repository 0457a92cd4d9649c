/*
 * Which item a turn is about, when the conversation has a matter in hand or a question pending.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

/* Of the likeliest candidate: enough to take it as the answer to our question; enough to leave what
 * is in hand for a matter that is neither it nor its kin and that the text alone does not name,
 * else the text is read as a new question. */
static const double OPTION_ENOUGH = 0.30, NEW_ENOUGH = 0.30;
static const double CONTEXT_ADDS = 0.1; /* to the probability: what was said before matters */
static const double SURELY_NEW =
    0.8; /* of the likeliest candidate, when the text alone names it, too */
static const double NAMED_P = 0.9,
                    NAMED_SHARE = 0.34; /* surely another item, by so much of the text */

double sm_p_of(const sm_matches *m, sm_str code)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (sm_str_eq(m->hit[i].id, code))
            return m->hit[i].p;
    return 0;
}

/* "2", "第二个", "选二", or the label itself. */
static size_t option_named(const sm_turn *t)
{
    sm_str s = sm_str_trim(t->text);
    static const char *const before[] = { "选", "第" }, *const after[] = { "个", "项", "种", "。" };
    for (size_t i = 0; i < t->talk.n_options; i++)
        if (sm_str_eq(s, t->talk.option[i].label))
            return i;
    for (size_t i = 0; i < SM_LEN(before); i++)
        if (sm_str_starts(s, sm_str_of(before[i])))
            s = sm_str_sub(s, 3, s.n);
    for (size_t i = 0; i < SM_LEN(after); i++)
        if (sm_str_ends(s, sm_str_of(after[i])))
            s.n -= 3;
    int64_t n = s.n && s.n <= 6 ? sm_text_integer(s) : -1;
    return n >= 1 && (size_t)n <= t->talk.n_options ? (size_t)n - 1 : SIZE_MAX;
}

/* A neighbour of what was offered: the answer to our question, although we did not offer it. */
static bool kin_of_option(const sm_turn *t, sm_str code)
{
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    for (size_t i = 0; t->talk.pending == SM_PENDING_CHOICE && i < t->talk.n_options; i++)
        if (sm_unclear_links(u, t->talk.option[i].code, code) > 0)
            return true;
    return false;
}

/* The text has the name of an item in it that is neither in hand, nor its kin, nor offered. */
static sm_rc names_another(sm_turn *t, bool *another)
{
    *another = false;
    if (t->item->n == 0 || t->item->hit[0].p < NAMED_P)
        return SM_OK;
    for (size_t i = 0; i < t->n_candidates; i++)
        if (sm_str_eq(t->candidate[i].code, t->item->hit[0].id) && sm_is_akin(&t->candidate[i]))
            return SM_OK;
    sm_rc rc = sm_read_name(t);
    *another = t->named_share >= NAMED_SHARE;
    return rc;
}

sm_rc sm_resolve(sm_turn *t)
{
    bool pending = t->talk.pending == SM_PENDING_CHOICE && t->talk.n_options;
    bool offered = pending || t->talk.pending == SM_PENDING_NEAREST;
    size_t i = offered ? option_named(t) : SIZE_MAX;
    if (i != SIZE_MAX) {
        t->chosen = t->talk.option[i].code;
        t->took_option = t->chosen.n > 0;
        t->none_fits = !t->took_option;
        return SM_OK;
    }
    if (!pending && !t->talk.item.n)
        return SM_OK;
    if (t->talk.topic.n) {
        sm_str both = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(t->talk.topic), SM_ARG(t->text));
        sm_rc rc = sm_match(t->op, t->snap, SM_KIND_ITEM, both, &t->filter, SM_MAX_CANDIDATES,
                            &t->context);
        if (rc < 0)
            return rc;
    }
    sm_rc rc = sm_weigh_candidates(t);
    if (rc < 0 || t->n_candidates == 0)
        return rc;
    bool another;
    rc = names_another(t, &another);
    if (rc < 0 || another)
        return rc;
    const sm_candidate *best = &t->candidate[0];
    bool fresh = !sm_is_akin(best) && !kin_of_option(t, best->code) && t->item->n &&
                 sm_str_eq(t->item->hit[0].id, best->code) &&
                 sm_p_of(t->context, best->code) < t->item->hit[0].p + CONTEXT_ADDS;
    if (!fresh && best->p >= (pending ? OPTION_ENOUGH : sm_is_akin(best) ? 0 : NEW_ENOUGH))
        t->chosen = best->code;
    t->surely_new = fresh && best->p >= SURELY_NEW && t->item->hit[0].p >= NAMED_P;
    t->keeps_item = best->cue[SM_CUE_HAND] > 0;
    return SM_OK;
}
