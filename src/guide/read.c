/*
 * The numbers that a turn is decided by.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

static const double MOST = 30; /* of a log ratio */

static double clipped(double x, double most)
{
    return SM_MAX(-most, SM_MIN(x, most));
}

static double p_of(const sm_turn *t, size_t i)
{
    return t->item && i < t->item->n ? t->item->hit[i].p : 0;
}

static void read_intents(const sm_turn *t, double *v)
{
    const double *p = t->reading.p;
    double small_talk = p[SM_INTENT_GREETING] + p[SM_INTENT_ACK] + p[SM_INTENT_HANDOFF];
    double ours = p[SM_INTENT_IN_SCOPE] + small_talk, out = 0;
    for (int i = 0; i < SM_N_INTENTS; i++)
        out += p[i];
    out -= ours;
    v[SM_SIGNAL_OUT] = clipped(sm_log((out + 1e-7) / (ours + 1e-7)), 14);
    v[SM_SIGNAL_CRISIS] = sm_log_p(p[SM_INTENT_CRISIS]);
    v[SM_SIGNAL_ABSENT] = sm_log_p(p[SM_INTENT_ABSENT]);
    v[SM_SIGNAL_HARM] =
        sm_log_p(p[SM_INTENT_HARMFUL] + p[SM_INTENT_PROMPT_ATTACK] + p[SM_INTENT_ABUSE]);
    v[SM_SIGNAL_OTHER] =
        sm_log_p(p[SM_INTENT_NOT_GOVERNMENT] + p[SM_INTENT_PERSONAL_RECORD] +
                 p[SM_INTENT_LEGAL_MEDICAL] + p[SM_INTENT_POLITICAL] + p[SM_INTENT_NONSENSE]);
}

static void read_ranking(sm_turn *t, double *v)
{
    const sm_matches *m = t->item;
    double p1 = SM_MAX(p_of(t, 0), 1e-4);
    v[SM_SIGNAL_P1] = sm_odds(p1);
    v[SM_SIGNAL_RATIO] = sm_log_p(p_of(t, 1) / p1);
    v[SM_SIGNAL_RATIO3] = sm_log_p(p_of(t, 2) / p1);
    v[SM_SIGNAL_NEAREST] = m ? m->nearest : 0;
    v[SM_SIGNAL_NOVEL] = m ? m->novel : 0;
    v[SM_SIGNAL_NEAR_ONE] = m ? m->near_one : 0;
    v[SM_SIGNAL_NEAR_SEVERAL] = m ? m->near_several : 0;
    v[SM_SIGNAL_FIRST_ONE] = m ? m->first_one : 0;
    v[SM_SIGNAL_FIRST_SEVERAL] = m ? m->first_several : 0;
    v[SM_SIGNAL_FIRST_MORE] = v[SM_SIGNAL_FIRST_SEVERAL] - v[SM_SIGNAL_FIRST_ONE];
    v[SM_SIGNAL_COVER] = m ? m->coverage : 0;
    v[SM_SIGNAL_CHARS] = sm_log(1.0 + (double)SM_MIN(sm_utf8_count(t->text), (size_t)100));
}

/* The longest of the item's names that stands in the text. */
static sm_str longest_name(sm_turn *t, const sm_doc *doc, const json_t *item)
{
    json_t *e;
    size_t i;
    sm_arena *a = t->op->arena;
    sm_str text = sm_text_normal(a, t->text), name = sm_text_normal(a, doc->title), longest = { 0 };
    if (sm_str_has(text, name))
        longest = name;
    json_array_foreach(json_object_get(item, "aliases"), i, e)
    {
        name = sm_text_normal(a, sm_str_of(json_string_value(e)));
        if (name.n > longest.n && sm_str_has(text, name))
            longest = name;
    }
    return longest;
}

sm_rc sm_read_name(sm_turn *t)
{
    sm_doc *doc;
    json_t *item;
    t->named = (sm_str){ 0 };
    t->named_share = t->left_out = 0;
    if (!t->item || t->item->n == 0)
        return SM_OK;
    sm_rc rc = sm_item_of_code(t, t->item->hit[0].id, &doc, &item);
    if (rc < 0)
        return rc;
    size_t chars = sm_utf8_count(sm_text_normal(t->op->arena, t->text));
    t->named = longest_name(t, doc, item);
    t->named_share = chars ? (double)sm_utf8_count(t->named) / (double)chars : 0;
    t->left_out = sm_left_out(t, item);
    return SM_OK;
}

static void read_rivals(sm_turn *t, double *v)
{
    sm_weigh_rivals(t);
    if (t->n_rivals == 0)
        return;
    const sm_rival *r = &t->rival[0];
    v[SM_SIGNAL_RIVAL] = clipped(r->score, MOST);
    v[SM_SIGNAL_RIVAL_LEADS] = t->n_rivals > 1 ? clipped(r->score - t->rival[1].score, 5) : 5;
    v[SM_SIGNAL_RIVAL_VOTE] = r->cue[SM_RIVAL_CUE_VOTE];
    v[SM_SIGNAL_RIVAL_LINKS] = r->cue[SM_RIVAL_CUE_LINKS];
    v[SM_SIGNAL_RIVAL_WORDS] = r->cue[SM_RIVAL_CUE_WORDS];
    v[SM_SIGNAL_RIVAL_SHARE] = r->cue[SM_RIVAL_CUE_SHARE];
}

static void read_neighbours(sm_turn *t, double *v)
{
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    v[SM_SIGNAL_CLASS] = sm_odds(t->reading.unclear);
    t->apart = (sm_apart){ .ratio = MOST };
    if (t->item && t->item->n)
        sm_unclear_read(u, t->op->arena, t->text, t->item->hit[0].id, &t->apart);
    v[SM_SIGNAL_TELLS] = clipped(t->apart.ratio, MOST);
    v[SM_SIGNAL_TELLS_MEAN] =
        clipped(t->apart.ratio / (double)SM_MAX(t->apart.n_tokens, (size_t)4), 4);
    v[SM_SIGNAL_NEAR] = sm_log(1.0 + (double)t->apart.n_near);
    double kin = 0;
    for (size_t i = 1; t->item && i < t->item->n && i < 4; i++)
        if (sm_unclear_links(u, t->item->hit[0].id, t->item->hit[i].id))
            kin = SM_MAX(kin, p_of(t, i));
    v[SM_SIGNAL_KIN] = kin;
    v[SM_SIGNAL_FACET] = 1 - t->reading.facet[SM_FACET_NONE];
}

static void read_documents(const sm_turn *t, double *v)
{
    if (t->n_picked == 0)
        return;
    const sm_pick_doc *d = &t->picked[0];
    double item_near = t->item && t->item->n ? sm_match_likeness(t->item, t->item->hit[0].id) : 0;
    v[SM_SIGNAL_DOC_SHARE] = d->share;
    v[SM_SIGNAL_DOC_MORE] = d->share - v[SM_SIGNAL_COVER];
    v[SM_SIGNAL_DOC_SCORE] = clipped(d->score, MOST);
    v[SM_SIGNAL_DOC_LEADS] = t->n_picked > 1 ? clipped(d->score - d[1].score, 5) : 5;
    v[SM_SIGNAL_DOC_NEAR] = d->cue[SM_DOC_CUE_NEAR];
    v[SM_SIGNAL_DOC_CLOSER] = d->cue[SM_DOC_CUE_NEAR] - item_near;
}

static void read_cut(const sm_turn *t, double *v)
{
    v[SM_SIGNAL_TWO] = sm_odds(t->reading.two);
    v[SM_SIGNAL_TOLD] = sm_tells_two(t->text);
    v[SM_SIGNAL_CUT] = t->cut_p;
    v[SM_SIGNAL_CUT_WEAK] = t->cut_weak;
    v[SM_SIGNAL_CUT_SAME] = t->cut_same;
    v[SM_SIGNAL_CUT_FACET] = t->cut_facet;
    v[SM_SIGNAL_TWO_CUT] = v[SM_SIGNAL_TWO] * t->cut_weak;
    if (t->cut_p <= 0)
        return;
    double first = sm_p_of(t->item, t->part_pair.code[0]),
           second = sm_p_of(t->item, t->part_pair.code[1]);
    bool asks[2] = { sm_asks(t->part[0]), sm_asks(t->part[1]) };
    v[SM_SIGNAL_CUT_TOP] = p_of(t, 0) <= SM_MAX(first, second);
    v[SM_SIGNAL_CUT_OTHER] = sm_log_p(SM_MIN(first, second)) - sm_log_p(0);
    v[SM_SIGNAL_CUT_SCORE] = clipped(t->part_pair.score, MOST) + MOST;
    v[SM_SIGNAL_CUT_PARTNERS] = t->part_pair.cue[SM_PART_CUE_PARTNERS];
    v[SM_SIGNAL_CUT_BOTH_ASK] = asks[0] && asks[1];
    v[SM_SIGNAL_CUT_ONE_ASKS] = asks[0] != asks[1];
    v[SM_SIGNAL_CUT_BOTH_WANT] = sm_wants(t->part[0]) && sm_wants(t->part[1]);
    v[SM_SIGNAL_CUT_DONE] = sm_tells_done(t->part[0]);
    v[SM_SIGNAL_CUT_TOLD] = sm_tells_two(t->text) * t->cut_weak;
}

static void read_clauses(const sm_turn *t, double *v)
{
    v[SM_SIGNAL_ROUTE] = sm_odds(t->reading.policy);
    v[SM_SIGNAL_POLICY] = t->found.n ? t->found.hit[0].p : 0;
    v[SM_SIGNAL_FIT] = t->found.fit;
    v[SM_SIGNAL_FIT_REST] = t->found_rest.fit;
    v[SM_SIGNAL_ROUTE_POLICY] = v[SM_SIGNAL_ROUTE] * v[SM_SIGNAL_POLICY];
    v[SM_SIGNAL_TIMED] = sm_speaks_of_past(t) || sm_speaks_of_future(t);
    read_documents(t, v);
}

/* How well the best item fits, times what else is known of the wording. */
static void read_fits(const sm_turn *t, double *v)
{
    static const sm_signal of[][2] = {
        { SM_SIGNAL_OUT_FITS, SM_SIGNAL_OUT },     { SM_SIGNAL_ABSENT_FITS, SM_SIGNAL_ABSENT },
        { SM_SIGNAL_HARM_FITS, SM_SIGNAL_HARM },   { SM_SIGNAL_OTHER_FITS, SM_SIGNAL_OTHER },
        { SM_SIGNAL_CLASS_FITS, SM_SIGNAL_CLASS }, { SM_SIGNAL_LEFT_OUT_FITS, SM_SIGNAL_LEFT_OUT },
        { SM_SIGNAL_FACET_FITS, SM_SIGNAL_FACET }, { SM_SIGNAL_NAMED_FITS, SM_SIGNAL_NAMED },
    };
    for (size_t i = 0; i < SM_LEN(of); i++)
        v[of[i][0]] = p_of(t, 0) * v[of[i][1]];
}

static void read_candidates(const sm_turn *t, double *v)
{
    double akin = 0;
    for (size_t i = 0; i < t->n_candidates; i++)
        akin += sm_is_akin(&t->candidate[i]) ? t->candidate[i].p : 0;
    v[SM_SIGNAL_AKIN] = akin;
    v[SM_SIGNAL_BEST] = t->n_candidates ? t->candidate[0].p : 0;
    v[SM_SIGNAL_OUT_AKIN] = akin * v[SM_SIGNAL_OUT];
    v[SM_SIGNAL_HARM_AKIN] = akin * v[SM_SIGNAL_HARM];
}

sm_rc sm_read_signals(sm_turn *t)
{
    double *v = t->signals.v;
    sm_rc rc = sm_cut_parts(t);
    if (rc == SM_OK)
        rc = sm_look_policies(t);
    if (rc == SM_OK)
        rc = sm_read_name(t);
    if (rc < 0)
        return rc;
    v[SM_SIGNAL_NAMED] = t->named_share;
    v[SM_SIGNAL_LEFT_OUT] = t->left_out;
    read_intents(t, v);
    read_ranking(t, v);
    read_neighbours(t, v);
    if (t->item)
        read_rivals(t, v);
    read_cut(t, v);
    read_clauses(t, v);
    read_fits(t, v);
    read_candidates(t, v);
    return SM_OK;
}
