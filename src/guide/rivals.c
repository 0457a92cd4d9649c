/*
 * Which items a question may mean instead of the best one, or as well: what is offered when it is
 * asked back.
 */
#include <string.h>

#include "guide/turn.h"
#include "guide/weights.h"

enum { LOOKED_AT = 8, MAX_KIN = 24 };
static const double MOST_APART = 20;

static const char *const names[SM_N_RIVAL_CUES] = {
#define SM_RIVAL_CUE_ROW(id, name) name,
    SM_RIVAL_CUE_TABLE(SM_RIVAL_CUE_ROW)
#undef SM_RIVAL_CUE_ROW
};

const char *sm_rival_cue_name(int cue)
{
    return names[cue];
}

static void add(sm_turn *t, sm_str code)
{
    for (size_t i = 0; i < t->n_rivals; i++)
        if (sm_str_eq(t->rival[i].code, code))
            return;
    if (t->n_rivals < SM_MAX_RIVALS && !sm_str_eq(code, t->item->hit[0].id))
        t->rival[t->n_rivals++] = (sm_rival){ .code = code };
}

static void list_rivals(sm_turn *t)
{
    sm_str kin[MAX_KIN];
    const sm_matches *m = t->item;
    for (size_t i = 1; i < m->n && i < LOOKED_AT; i++)
        add(t, m->hit[i].id);
    for (size_t i = 0; i < m->n_several; i++)
        add(t, m->several[i].id);
    size_t n = sm_unclear_kin_of(sm_intents_unclear(t->g->intents), m->hit[0].id, kin, MAX_KIN);
    for (size_t i = 0; i < n; i++)
        add(t, kin[i]);
}

static double vote_of(const sm_matches *m, sm_str code)
{
    double all = 0, mine = 0;
    for (size_t i = 0; i < m->n_several; i++) {
        all += m->several[i].vote;
        mine += sm_str_eq(m->several[i].id, code) ? m->several[i].vote : 0;
    }
    return all > 0 ? mine / all : 0;
}

static double place_of(const sm_matches *m, sm_str code)
{
    for (size_t i = 1; i < m->n; i++)
        if (sm_str_eq(m->hit[i].id, code))
            return 1 / (double)i;
    return 0;
}

/* Log ratio of the text's words, each rival against the best item. */
static void weigh_words(sm_turn *t, double *apart)
{
    sm_str code[SM_MAX_RIVALS + 1] = { t->item->hit[0].id };
    double log_p[SM_MAX_RIVALS + 1];
    for (size_t i = 0; i < t->n_rivals; i++)
        code[i + 1] = t->rival[i].code;
    sm_unclear_weigh(sm_intents_unclear(t->g->intents), t->op->arena, t->text, code,
                     t->n_rivals + 1, log_p);
    for (size_t i = 0; i < t->n_rivals; i++)
        apart[i] = SM_MAX(-MOST_APART, SM_MIN(log_p[i + 1] - log_p[0], MOST_APART));
}

static void weigh(sm_turn *t, sm_rival *r, double apart)
{
    const sm_matches *m = t->item;
    double *x = r->cue, p = sm_p_of(m, r->code);
    size_t links = sm_unclear_links(sm_intents_unclear(t->g->intents), m->hit[0].id, r->code);
    x[SM_RIVAL_CUE_TEXT] = sm_log_p(p);
    x[SM_RIVAL_CUE_SHARE] = p / SM_MAX(m->hit[0].p, 1e-6);
    x[SM_RIVAL_CUE_PLACE] = place_of(m, r->code);
    x[SM_RIVAL_CUE_VOTE] = vote_of(m, r->code);
    x[SM_RIVAL_CUE_VOTE_BOTH] = vote_of(m, r->code) > 0 && vote_of(m, m->hit[0].id) > 0;
    x[SM_RIVAL_CUE_KIN] = links > 0;
    x[SM_RIVAL_CUE_LINKS] = sm_log(1 + (double)links);
    x[SM_RIVAL_CUE_WORDS] = (links > 0) * apart / 10;
    x[SM_RIVAL_CUE_KIN_TEXT] = (links > 0) * x[SM_RIVAL_CUE_TEXT];
    x[SM_RIVAL_CUE_VOTE_TEXT] = x[SM_RIVAL_CUE_VOTE] * x[SM_RIVAL_CUE_TEXT];
    for (int k = 0; k < SM_N_RIVAL_CUES; k++)
        r->score += sm_rival_weight[k] * x[k];
}

static void sort_rivals(sm_turn *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->n_rivals; i++) {
        sm_rival r = t->rival[i];
        size_t at = i;
        for (; at > 0 && t->rival[at - 1].score < r.score; at--)
            t->rival[at] = t->rival[at - 1];
        t->rival[at] = r;
    }
    for (size_t i = 0; i < t->n_rivals; i++)
        sum += t->rival[i].p = sm_exp(t->rival[i].score - t->rival[0].score);
    for (size_t i = 0; i < t->n_rivals; i++)
        t->rival[i].p /= sum;
}

void sm_weigh_rivals(sm_turn *t)
{
    double apart[SM_MAX_RIVALS];
    t->rival = SM_NEWS(t->op->arena, sm_rival, SM_MAX_RIVALS);
    t->n_rivals = 0;
    if (t->item->n == 0)
        return;
    list_rivals(t);
    weigh_words(t, apart);
    for (size_t i = 0; i < t->n_rivals; i++)
        weigh(t, &t->rival[i], apart[i]);
    sort_rivals(t);
}
