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
    if (!pending && !t->talk.item.n)
        return SM_OK;
    if (t->talk.topic.n) {
        sm_str both = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(t->talk.topic), SM_ARG(t->text));
        sm_rc rc = sm_match(t->op, t->snap, SM_KIND_ITEM, both, &t->filter, SM_MAX_CANDIDATES,
                            &t->context);
        if (rc < 0)
            return rc;
    }
    size_t i = pending ? option_named(t) : SIZE_MAX;
    if (i != SIZE_MAX && t->talk.option[i].code.n) {
        t->chosen = t->talk.option[i].code;
        return SM_OK;
    }
    sm_rc rc = sm_weigh_candidates(t);
    if (rc < 0 || t->n_candidates == 0)
        return rc;
    bool another;
    rc = names_another(t, &another);
    if (rc < 0 || another)
        return rc;
    const sm_candidate *best = &t->candidate[0];
    bool fresh = !sm_is_akin(best) && t->item->n && sm_str_eq(t->item->hit[0].id, best->code);
    if (!fresh && best->p >= (pending ? OPTION_ENOUGH : sm_is_akin(best) ? 0 : NEW_ENOUGH))
        t->chosen = best->code;
    t->keeps_item = best->cue[SM_CUE_HAND] > 0;
    return SM_OK;
}
