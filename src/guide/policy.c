/*
 * When clauses answer better than a guide: the question shares more of its wording with a clause
 * in force than with any item, or asks for a value that the clause holds.  Text out of force is
 * looked at only when nothing in force answers or when the question speaks of an old or a coming
 * rule.
 */
#include <string.h>

#include "guide/transition.h"
#include "guide/turn.h"
#include "guide/weights.h"
#include "text/text.h"

enum { MAX_CLAUSES = 24, LOOKED_AT = 60 };
static const double SAME_MATTER = 0.4;          /* of a title, in another one */
static const double POLICY_AT = 0.65;           /* of the head "policy" */
static const double POLICY_AT_FOLLOWING = 0.35; /* behind a question that clauses answered */
/* An item is named surely, by so much of the text; so much of the name's wording must stand there.
 */
static const double NAMED_P = 0.5, NAMED_SHARE = 0.3, NAMED_WORDS = 0.9;
static const double STANDS_THERE = 0.2; /* so much of a follow-up in the document in hand */
static const double ABOUT_THE_SAME =
    1.5; /* how much less a document may be weighed by its content */
static const double FACET_SURE = 0.6, GUIDE_NEAR = 0.6, GUIDE_SURE = 0.8;
/* An item answers instead of a document that speaks of another matter: so much surer, itself so
 * likely, so little of its names there. */
static const double ITEM_LEADS = 0.5, ITEM_LIKELY = 0.7, NAMES_IT = 0.5;
static const double RIGHT_AT = 0.75, NOT_IN_TITLE = 0.05; /* the title has nothing of it */
/* … or so certain, with so much of what is asked and so much more of it than the document. */
static const double GUIDE_CERTAIN = 0.9, GUIDE_HAS = 0.8, GUIDE_MORE = 0.25, NAMES_MOST = 0.65;
/* A document has what is asked: so much of the wording, in its title too; the two heads. */
static const double HAS_IT = 0.8, CALLS_IT = 0.6, SURELY_CLAUSES = 0.95, SURELY_RIGHT = 0.75;
static const double OLD_AS_WELL = 0.5; /* of a transition: what is quoted beside the standard */
static const double LEAST_SUM = 100;   /* smaller ones stand everywhere */
static const double KNOWS = 0.85, KNOWS_MORE = 0.4;
static const double AS_GOOD_AS_KNOWN = 0.75; /* likeness to a known question about items */
/* By the head right_policy, which knows nothing of a city that learned nothing, and by the title.
 */
static const double HARDLY_RIGHT = 0.06, HARDLY_TITLE = 0.25;
static const double BARELY_P = 0.07, BARELY_TITLE = 0.2;
static const double LITTLE_P = 0.2, LITTLE_TITLE = 0.1, LITTLE_TEXT = 0.4;
static const double ANOTHER_MATTER = 0.4; /* how much more one out of force must be weighed */
static const double COMPARABLE = 6;       /* the same of one to be held against it */

/* The first document of a comma-separated list of ids that is there. */
static sm_rc first_of(sm_turn *t, sm_str ids, sm_doc **out)
{
    sm_str id;
    *out = NULL;
    while (!*out && sm_str_cut(&ids, ',', &id)) {
        sm_rc rc = sm_corpus_doc(t->op, t->corpus, sm_str_trim(id), out);
        if (rc < 0 && rc != SM_E_NOTFOUND)
            return rc;
        if (rc < 0) {
            sm_op_clear(t->op);
            *out = NULL;
        }
    }
    return SM_OK;
}

/* What the document replaced, as far back as was in force on `day` (none given: once). */
static sm_rc earlier(sm_turn *t, const sm_doc *doc, sm_date day, sm_doc **out)
{
    sm_doc *old = NULL;
    sm_rc rc = first_of(t, doc->supersedes, &old);
    for (int steps = 0; rc == SM_OK && old && day != SM_DATE_NONE && steps < 8; steps++) {
        sm_doc *older;
        if (old->effective <= day || old->supersedes.n == 0)
            break;
        rc = first_of(t, old->supersedes, &older);
        if (!older)
            break;
        old = older;
    }
    *out = old;
    return rc;
}

/* Of the documents found, one to come that replaces `doc`. */
static const sm_pick_doc *coming_after(const sm_pick_doc *d, size_t n, const sm_doc *doc)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].state == SM_STATE_NOT_YET && sm_str_has(d[i].doc->supersedes, doc->id))
            return &d[i];
    return NULL;
}

/* … one to come of the district that a follow-up is about. */
static const sm_pick_doc *coming_here(const sm_turn *t, const sm_pick_doc *d, size_t n,
                                      const sm_doc *doc)
{
    for (size_t i = 0; i < n && t->talk.region.n; i++)
        if (d[i].state == SM_STATE_NOT_YET && sm_str_eq(d[i].doc->region, t->talk.region) &&
            sm_same_matter(t, doc, d[i].doc))
            return &d[i];
    return NULL;
}

bool sm_has_rule_here(const sm_turn *t)
{
    return t->n_picked && t->talk.region.n &&
           (sm_str_eq(t->picked[0].doc->region, t->talk.region) ||
            coming_here(t, t->picked, t->n_picked, t->picked[0].doc));
}

/* Of the documents found, the likeliest about the same that will be in force on that day and is not
 * yet. */
static const sm_pick_doc *in_force_by(sm_turn *t, const sm_doc *doc, sm_date day)
{
    for (size_t i = 0; i < t->n_picked; i++) {
        const sm_pick_doc *d = &t->picked[i];
        if (d->state == SM_STATE_NOT_YET && d->doc->effective <= day &&
            sm_text_shared(t->op->arena, doc->title, d->doc->title) >= SAME_MATTER)
            return d;
    }
    return NULL;
}

/* ---------------------------------------------------------------- looking */

/* The clauses in force, and the others, that a text finds. */
static sm_rc look(sm_turn *t, sm_str text, sm_found *now, sm_found *rest)
{
    sm_filter f[2] = { t->filter, t->filter };
    sm_matches *m[2];
    sm_shares share[2];
    f[0].pass = SM_PASS_IN_FORCE;
    f[1].pass = SM_PASS_REST;
    sm_rc rc = sm_match_each(t->op, t->snap, SM_KIND_POLICY, text, f, 2, MAX_CLAUSES, m);
    for (int k = 0; rc == SM_OK && k < 2; k++) {
        share[k] = (sm_shares){ .filter = &f[k] };
        for (size_t i = 0; i < m[k]->n && i < SM_SHARES; i++)
            share[k].passage[share[k].n++] = m[k]->hit[i].passage;
    }
    if (rc == SM_OK)
        rc = sm_search_shares(t->op, t->snap, SM_KIND_POLICY, text, LOOKED_AT, share, 2);
    for (int k = 0; rc == SM_OK && k < 2; k++) {
        sm_found *found = k ? rest : now;
        *found = (sm_found){ .hit = m[k]->hit, .n = m[k]->n, .match = m[k] };
        for (size_t i = 0; i < share[k].n; i++)
            found->fit = SM_MAX(found->fit, share[k].coverage[i]);
    }
    return rc;
}

/* *out NULL when no clause carries what is asked.  `still`: see sm_clause_hits. */
static sm_rc quote(sm_turn *t, const sm_found *main, const sm_found *current, bool still,
                   sm_answer **out)
{
    sm_clause_hits found = { main->hit, main->n, still };
    sm_clause_hits now = { current ? current->hit : NULL, current ? current->n : 0, false };
    *out = NULL;
    sm_rc rc = sm_answer_clauses(t->op, t->corpus, found, now,
                                 t->follows_policy ? t->said : t->text, t->today, out);
    if (rc != SM_E_NOTFOUND)
        return rc;
    sm_op_clear(t->op);
    return SM_OK;
}

sm_rc sm_look_policies(sm_turn *t)
{
    sm_read_matter(t); /* the guide wants it, too */
    if (sm_snapshot_n_passages(t->snap, SM_KIND_POLICY) == 0)
        return SM_OK;
    t->day_spoken = sm_past_day_of(t, &t->day_phrase);
    t->coming_day = sm_coming_day_of(t);
    t->now = t->rest = (sm_found){ 0 };
    sm_rc rc = look(t, t->text, &t->now, &t->rest);
    t->found = t->now;
    t->found_rest = t->rest;
    if (rc == SM_OK && !sm_str_eq(t->matter, t->text)) /* a district's name finds all it has */
        rc = look(t, t->matter, &t->now, &t->rest);
    return rc == SM_OK ? sm_pick_documents(t) : rc;
}

/* What is quoted: `main`; after text out of force the rule of today, if there is one; and what
 * `main` is to be held against, if that is asked. */
struct choice {
    sm_pick_doc main, current, other;
    bool has_current, has_other;
    sm_transition transition; /* of what is in force */
};

static void with_current(struct choice *c, const sm_pick_doc *main, const sm_pick_doc *current)
{
    *c = (struct choice){ .main = *main };
    if (current) {
        c->current = *current;
        c->has_current = true;
    }
}

/* The best document is in force: it answers, unless the question speaks of another time. */
static sm_rc choose_in_force(sm_turn *t, const sm_pick_doc *d, size_t n, struct choice *c)
{
    const sm_pick_doc *now = &d[0], *next = coming_after(d, n, now->doc);
    sm_date day = t->day_spoken;
    sm_doc *old = NULL;
    with_current(c, now, NULL);
    sm_date coming_day = t->coming_day;
    if (coming_day != SM_DATE_NONE && !next)
        next = in_force_by(t, now->doc, coming_day);
    if (!next && t->follows_policy)
        next = coming_here(t, d, n, now->doc);
    bool of_here = next && t->follows_policy && sm_str_eq(next->doc->region, t->talk.region);
    bool comes = coming_day != SM_DATE_NONE ? next && next->doc->effective <= coming_day
                                            : sm_speaks_of_future(t) || of_here;
    if (next && comes) {
        with_current(c, next, now);
        return SM_OK;
    }
    bool then = day != SM_DATE_NONE ? now->doc->effective > day : sm_speaks_of_past(t);
    sm_rc rc = then ? earlier(t, now->doc, day, &old) : SM_OK;
    if (rc == SM_OK && old && (day == SM_DATE_NONE || old->effective <= day)) {
        sm_pick_doc before = { .doc = old, .state = sm_doc_state(old, t->today), .from = &t->rest };
        with_current(c, &before, now);
    }
    return rc;
}

/* How a document is weighed apart from place and time. */
static double content(const sm_pick_doc *d)
{
    static const sm_doc_cue of[] = { SM_DOC_CUE_RANK, SM_DOC_CUE_RANK_ALL, SM_DOC_CUE_P,
                                     SM_DOC_CUE_NEAR, SM_DOC_CUE_TITLE,    SM_DOC_CUE_TEXT };
    double sum = 0;
    for (size_t i = 0; i < SM_LEN(of); i++)
        sum += sm_doc_weight[of[i]] * d->cue[of[i]];
    return sum;
}

/* Its clauses name the other by its title. */
static bool names(const sm_pick_doc *d, const sm_doc *other)
{
    for (size_t i = 0; d->text && i < d->text->n; i++)
        if (sm_str_has(d->text->clause[i].text, other->title))
            return true;
    return false;
}

/* One in force that is about the same as the first, or that the first, which is no longer, names;
 * behind clauses, of the same matter. */
static const sm_pick_doc *in_force_about(const sm_turn *t, const sm_pick_doc *d, size_t n)
{
    const sm_pick_doc *best = NULL;
    double least = content(&d[0]) - ABOUT_THE_SAME;
    for (size_t i = 1; i < n; i++)
        if (d[i].state == SM_STATE_IN_FORCE &&
            (t->follows_policy ? sm_same_matter(t, d[0].doc, d[i].doc) : content(&d[i]) >= least) &&
            (!best || content(&d[i]) > content(best)))
            best = &d[i];
    for (size_t i = 1; i < n && !best && d[0].state > SM_STATE_NOT_YET; i++)
        if (d[i].state == SM_STATE_IN_FORCE && names(&d[0], d[i].doc))
            best = &d[i];
    return best;
}

/* Two rules in force are to be held against each other: the second is the one nearest to what is
 * asked, of another place or another issuer. */
static void choose_other(const sm_turn *t, struct choice *c)
{
    static const char *const compared[] = { "区别",     "不同",     "不一样", "差别",   "对比",
                                            "相比",     "比较",     "哪个好", "哪个高", "哪个多",
                                            "哪个划算", "哪个合算", "比起来" };
    if (c->has_current || c->main.state != SM_STATE_IN_FORCE ||
        !sm_str_has_any(t->text, compared, SM_LEN(compared)))
        return;
    const sm_pick_doc *best = NULL;
    for (size_t i = 0; i < t->n_picked; i++) {
        const sm_pick_doc *d = &t->picked[i];
        if (d->state == SM_STATE_IN_FORCE && d->doc->version != c->main.doc->version &&
            content(d) >= content(&t->picked[0]) - COMPARABLE &&
            (!best || content(d) > content(best)))
            best = d;
    }
    if (best) {
        c->other = *best;
        c->has_other = true;
    }
}

/* The best document is out of force: what replaced it answers if the question is of today. */
static sm_rc choose_out_of_force(sm_turn *t, const sm_pick_doc *d, size_t n, struct choice *c)
{
    const sm_pick_doc *now = NULL;
    sm_doc *next;
    sm_rc rc = first_of(t, d[0].doc->superseded_by, &next);
    if (rc < 0)
        return rc;
    sm_pick_doc successor = { .doc = next, .from = &t->now };
    if (d[0].state == SM_STATE_NOT_YET) /* what it is to replace */
        rc = first_of(t, d[0].doc->supersedes, &successor.doc);
    if (rc < 0)
        return rc;
    if (successor.doc)
        successor.state = sm_doc_state(successor.doc, t->today);
    bool in_force = successor.doc && successor.state == SM_STATE_IN_FORCE;
    sm_date coming_day = t->coming_day;
    bool comes = coming_day != SM_DATE_NONE && d[0].doc->effective <= coming_day;
    bool of_here = t->follows_policy && sm_str_eq(d[0].doc->region, t->talk.region);
    bool timed = d[0].state == SM_STATE_NOT_YET
                     ? sm_speaks_of_future(t) || comes || of_here
                     : sm_speaks_of_past(t) || t->day_spoken != SM_DATE_NONE;
    if (in_force && !timed) {
        with_current(c, &successor, NULL);
        return SM_OK;
    }
    if (!in_force)
        now = in_force_about(t, d, n);
    if (now && !timed)
        with_current(c, now, NULL);
    else
        with_current(c, &d[0], in_force ? &successor : now);
    return SM_OK;
}

/* Of a day before the rule in force: whether that reaches back to it, or what it says of the
 * transition. */
static sm_rc choose_by_transition(sm_turn *t, struct choice *c)
{
    sm_pick_doc *now = &c->current;
    if (!c->has_current || t->day_spoken == SM_DATE_NONE || now->state != SM_STATE_IN_FORCE ||
        now->doc->effective <= t->day_spoken || c->main.state == SM_STATE_NOT_YET)
        return SM_OK;
    sm_rc rc =
        now->text ? SM_OK : sm_shelf_take(t->op, t->g->shelf, t->corpus, now->doc, &now->text);
    if (rc < 0)
        return rc;
    if (!sm_find_transition(t, now, &c->transition))
        c->transition.to_new = sm_reaches_back(t, now);
    if (c->transition.to_new) {
        c->main = *now;
        c->has_current = false;
    }
    return SM_OK;
}

/* The clause on the transition, and the standard that it points to: here, or in what was before. */
static sm_rc quote_transition(sm_turn *t, const struct choice *c, sm_found *main, sm_found *current,
                              sm_answer **out)
{
    sm_answer *old = NULL;
    sm_put_standard_first(t, &c->main, main);
    sm_put_clause_first(c->transition.to_new ? main : current, c->transition.row);
    if (c->transition.to_new)
        return quote(t, main, NULL, false, out);
    current->n = 1;
    for (size_t i = 1; i < main->n; i++)
        if (main->hit[i].p < OLD_AS_WELL * main->hit[0].p)
            main->n = i;
    sm_rc rc = quote(t, current, NULL, false, out);
    if (rc == SM_OK && *out)
        rc = quote(t, main, NULL, true, &old);
    if (rc == SM_OK && old)
        sm_answer_append(t->op, *out, old);
    return rc;
}

static sm_rc quote_other(sm_turn *t, sm_pick_doc *d, sm_answer *to)
{
    sm_found found;
    sm_answer *other = NULL;
    sm_rc rc = sm_pick_clauses(t, d, &found);
    if (rc == SM_OK)
        rc = quote(t, &found, NULL, false, &other);
    if (rc == SM_OK && other) {
        sm_answer_append(t->op, to, other);
        t->compares = true;
    }
    return rc;
}

/* Out of force, and nothing on record took or keeps its place. */
static bool stands_alone(const sm_pick_doc *d)
{
    return d->state == SM_STATE_NOT_YET    ? d->doc->supersedes.n == 0
           : d->state != SM_STATE_IN_FORCE ? d->doc->superseded_by.n == 0
                                           : false;
}

/* One that stands alone and says so much more of what is asked that the first, which is in force,
 * must be about another matter; else the first. */
static size_t about_the_matter(const sm_turn *t, const sm_pick_doc *d, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n && !sm_keeps_kindred(t) && d[0].state == SM_STATE_IN_FORCE; i++)
        if (stands_alone(&d[i]) && content(&d[i]) > content(&d[best]) + (best ? 0 : ANOTHER_MATTER))
            best = i;
    return best;
}

static sm_rc compose(sm_turn *t, sm_answer **out)
{
    struct choice c;
    sm_found main, current;
    size_t first = about_the_matter(t, t->picked, t->n_picked);
    const sm_pick_doc *d = t->picked + first;
    size_t n = t->n_picked - first;
    sm_rc rc = d[0].state == SM_STATE_IN_FORCE ? choose_in_force(t, d, n, &c)
                                               : choose_out_of_force(t, d, n, &c);
    if (rc == SM_OK)
        rc = choose_by_transition(t, &c);
    if (rc == SM_OK)
        rc = sm_pick_clauses(t, &c.main, &main);
    if (rc == SM_OK && c.has_current)
        rc = sm_pick_clauses(t, &c.current, &current);
    if (rc == SM_OK && c.transition.row)
        rc = quote_transition(t, &c, &main, &current, out);
    else if (rc == SM_OK)
        rc = quote(t, &main, c.has_current ? &current : NULL, false, out);
    if (rc < 0 || !*out)
        return rc;
    choose_other(t, &c);
    return c.has_other ? quote_other(t, &c.other, *out) : SM_OK;
}

/* What was asked of it is what a short reply will follow; no item is in hand any more. */
static void new_policy_in_hand(sm_turn *t)
{
    if (!t->follows_policy || !t->talk.asked_of_policy.n)
        t->talk.asked_of_policy = sm_utf8_head(sm_own_words(t), 120);
    t->talk.document = t->answer->n_claims ? t->answer->claim[0].cite[0].doc : (sm_str){ 0 };
    t->talk.item = t->talk.topic = (sm_str){ 0 };
    t->talk.pending = SM_PENDING_NONE;
    t->talk.n_options = 0;
    t->talk.asked = 0;
}

/* An answer that has the words of the matter named neither in a title nor in what it quotes is
 * about another one: "公租房补贴" is no 租房补贴. */
static bool of_another_matter(sm_turn *t, const sm_answer *answer)
{
    if (t->named_share < NAMED_SHARE || t->item->hit[0].p < NAMED_P)
        return false;
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    for (size_t i = 0; i < answer->n_claims; i++) {
        sm_buf_add(&b, answer->claim[i].text);
        for (size_t k = 0; k < answer->claim[i].n_cites; k++)
            sm_buf_add(&b, answer->claim[i].cite[k].title);
    }
    sm_wordset name = sm_wordset_of(t->op->arena, t->named);
    sm_wordset said = sm_wordset_of(t->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return sm_wordset_shared(&name, &said) < NAMED_WORDS;
}

/* Looked for behind the item in hand, they must be about that. */
static sm_rc is_of_item(sm_turn *t, const sm_answer *answer, bool *is)
{
    sm_doc *doc;
    sm_str name;
    *is = true;
    if (!t->behind_item || !answer->n_claims)
        return SM_OK;
    sm_rc rc = sm_item_name(t, t->talk.item, &name);
    if (rc == SM_OK)
        rc = sm_corpus_doc(t->op, t->corpus, answer->claim[0].cite[0].doc, &doc);
    if (rc == SM_OK)
        *is = sm_is_about(t, doc, name);
    return rc;
}

/* How much of an item's name or one of its aliases, of the one that has most, stands in a text. */
static double names_in(sm_turn *t, const sm_doc *item, const json_t *json, const sm_wordset *text)
{
    json_t *e;
    size_t i;
    sm_wordset name = sm_wordset_of(t->op->arena, item->title);
    double most = sm_wordset_shared(&name, text);
    json_array_foreach(json_object_get(json, "aliases"), i, e)
    {
        name = sm_wordset_of(t->op->arena, sm_str_of(json_string_value(e)));
        most = SM_MAX(most, sm_wordset_shared(&name, text));
    }
    return most;
}

/* How much of a text's wording the item has, in all that is on record of it, and how much the
 * document: a word counts the more the fewer of them and of the others found hold it. */
static void hold(sm_turn *t, sm_str text, const json_t *item, const sm_pick_doc *d, double *by_item,
                 double *by_doc)
{
    const sm_wordset *set[SM_MAX_PICKED + 1];
    sm_wordset has = sm_item_words(t, item), asked = sm_wordset_of(t->op->arena, text);
    for (size_t i = 0; i < t->n_picked; i++)
        set[i] = &t->picked[i].text->whole;
    set[t->n_picked] = &has;
    double *share = sm_wordset_shared_among(t->op->arena, &asked, set, t->n_picked + 1);
    *by_item = share[t->n_picked];
    *by_doc = share[d - t->picked];
}

/* The item has nearly all that is asked, in official words too, and the document, which is of a
 * neighbouring matter, much less: a rule on loans of the fund for who wants to draw on it.  Of
 * another day a guide tells nothing. */
static bool item_knows_more(sm_turn *t, const sm_pick_doc *d, const json_t *item)
{
    bool of_another_day = t->day_spoken != SM_DATE_NONE || sm_speaks_of_past(t) ||
                          sm_speaks_of_future(t) || d->cue[SM_DOC_CUE_NEAR] >= AS_GOOD_AS_KNOWN;
    double by_item, by_doc, formal_item, formal_doc;
    if (of_another_day || t->item->hit[0].p < GUIDE_CERTAIN ||
        sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals) < GUIDE_CERTAIN)
        return false;
    sm_str formal = sm_formal_text(t->op, t->snap, SM_KIND_ITEM, t->matter);
    hold(t, t->matter, item, d, &by_item, &by_doc);
    hold(t, formal, item, d, &formal_item, &formal_doc);
    return by_item >= by_doc && formal_item >= GUIDE_HAS && formal_item - formal_doc >= GUIDE_MORE;
}

/* An item is so much surer to be meant, and the document does not speak of it: "研究生贷款" is no
 * loan of the housing fund; or it has what is asked. */
static sm_rc is_of_item_instead(sm_turn *t, const sm_pick_doc *d, bool *instead)
{
    sm_doc *doc;
    json_t *json;
    double right = sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals);
    double lead = right - sm_head_p(SM_HEAD_RIGHT_POLICY, &t->signals);
    *instead = false;
    if (t->item->n == 0 || t->item->hit[0].p < ITEM_LIKELY)
        return SM_OK;
    sm_rc rc = sm_item_of_code(t, t->item->hit[0].id, &doc, &json);
    if (rc < 0)
        return rc;
    double named = names_in(t, doc, json, &d->text->whole);
    bool untold =
        named < NAMES_IT || (right >= RIGHT_AT && d->cue[SM_DOC_CUE_TITLE] < NOT_IN_TITLE);
    *instead =
        (lead >= ITEM_LEADS && untold) || (named < NAMES_MOST && item_knows_more(t, d, json));
    return rc;
}

/* None of its clauses is likely and its title has nothing of the question; or that is nearly so,
 * and it has little of the wording either. */
static bool is_hardly_found(const sm_pick_doc *d)
{
    double p = d->cue[SM_DOC_CUE_P], title = d->cue[SM_DOC_CUE_TITLE];
    return (p < BARELY_P && title < BARELY_TITLE) ||
           (p < LITTLE_P && title < LITTLE_TITLE && d->cue[SM_DOC_CUE_TEXT] < LITTLE_TEXT);
}

/* … and neither is the city's rule on the matter, where it is the district's own. */
static bool is_barely_found(const sm_turn *t, const sm_pick_doc *d)
{
    bool barely = is_hardly_found(d),
         own = t->names_region && sm_str_eq(d->doc->region, t->talk.region);
    for (size_t i = 0; barely && own && i < t->n_picked; i++)
        barely = is_hardly_found(&t->picked[i]) || t->picked[i].state != SM_STATE_IN_FORCE ||
                 !sm_same_matter(t, d->doc, t->picked[i].doc);
    return barely;
}

/* A fee, a wait, a tax is asked for and the clauses tell none, but a guide is near. */
static bool lacks_what_a_guide_has(sm_turn *t, const sm_answer *answer)
{
    static const char *const free[] = { "不收", "免费", "免收", "免征", "免缴" };
    bool due = sm_asks_due(t->said), sure = t->facet_p >= FACET_SURE;
    bool fee = sure && t->facet == SM_FACET_FEE, wait = sure && t->facet == SM_FACET_TIME;
    if ((!fee && !wait && !due) || t->item->n == 0 || t->item->hit[0].p < GUIDE_NEAR)
        return false;
    for (size_t i = 0; i < answer->n_claims; i++) {
        sm_fact *f;
        sm_str text = answer->claim[i].text;
        size_t n = sm_text_facts(t->op->arena, text, &f);
        if ((fee || due) && sm_str_has_any(text, free, SM_LEN(free)))
            return false;
        for (size_t k = 0; k < n; k++)
            if (due   ? f[k].kind == SM_FACT_MONEY || f[k].kind == SM_FACT_PERCENT
                : fee ? f[k].kind == SM_FACT_MONEY
                      : sm_fact_is_days(f[k].kind) || f[k].kind == SM_FACT_MONTHS ||
                            f[k].kind == SM_FACT_DATE)
                return false;
    }
    return true;
}

/* By when, how often, for how long is asked, and not they but a guide that is near tells it. */
static sm_rc lacks_time_of_guide(sm_turn *t, const sm_answer *answer, bool *lacks)
{
    *lacks = false;
    if (t->item->n == 0 || t->item->hit[0].p < GUIDE_SURE || !sm_lacks_time(t, answer))
        return SM_OK;
    return sm_item_tells_time(t, t->item->hit[0].id, lacks);
}

/* The matter has no document of the place that a follow-up names: what is quoted is the city's. */
static sm_rc tell_whose_rule(sm_turn *t)
{
    if (!t->follows_policy || !t->names_region)
        return SM_OK;
    for (size_t i = 0; i < t->n_picked; i++)
        if (sm_str_eq(t->picked[i].doc->region, t->talk.region))
            return SM_OK; /* it may have one */
    for (size_t i = 0; i < t->answer->n_claims; i++) {
        sm_doc *doc;
        sm_rc rc = sm_corpus_doc(t->op, t->corpus, t->answer->claim[i].cite[0].doc, &doc);
        if (rc < 0 || sm_str_eq(doc->region, t->talk.region) ||
            sm_str_has(t->answer->claim[i].text, t->talk.region))
            return rc;
    }
    t->help = sm_strf(t->op->arena, "没有找到%.*s自己的规定，下面引的是上级的规定。",
                      SM_ARG(t->talk.region));
    return SM_OK;
}

/* The document has the question's words and the item, in all that is on record of it, has not:
 * "扩岗补助" stands in a notice only.  A word counts the more the fewer of them hold it.  What is
 * asked nearly as it was of items before is theirs. */
static sm_rc knows_more(sm_turn *t, const sm_pick_doc *d, bool *more)
{
    sm_doc *doc;
    json_t *json;
    *more = false;
    if (t->item->n == 0 || t->item->nearest >= AS_GOOD_AS_KNOWN)
        return SM_OK;
    sm_rc rc = sm_item_of_code(t, t->item->hit[0].id, &doc, &json);
    if (rc < 0)
        return rc;
    double by_item, has;
    hold(t, t->matter, json, d, &by_item, &has);
    *more = has >= KNOWS && has - by_item >= KNOWS_MORE;
    return SM_OK;
}

/* The question names a sum, and the place's own document has that very sum: "江北额外那1200". */
static bool has_sum_named(sm_turn *t, const sm_pick_doc *d)
{
    sm_fact *said, *has;
    size_t n_said = sm_text_facts(t->op->arena, t->said, &said);
    if (!t->names_region || !sm_str_eq(d->doc->region, t->talk.region))
        return false;
    for (size_t i = 0; i < d->text->n; i++) {
        size_t n = sm_text_facts(t->op->arena, d->text->clause[i].text, &has);
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; has[k].kind == SM_FACT_MONEY && j < n_said; j++)
                if ((said[j].kind == SM_FACT_MONEY || said[j].kind == SM_FACT_NUMBER) &&
                    said[j].value >= LEAST_SUM && said[j].value >= has[k].value &&
                    said[j].value <= has[k].value)
                    return true;
    }
    return false;
}

/* By the head, unless the document is barely found or an item answers instead; or by its words. */
static sm_rc policy_answers(sm_turn *t, const sm_pick_doc *d, bool *answers)
{
    double p = sm_head_p(SM_HEAD_POLICY, &t->signals);
    bool of_item = false;
    *answers = false;
    if (sm_is_for_others(d->doc->title, t->text))
        return SM_OK;
    if (p < (t->follows_policy ? POLICY_AT_FOLLOWING : POLICY_AT))
        return t->fresh && !(*answers = has_sum_named(t, d)) ? knows_more(t, d, answers) : SM_OK;
    double in_hand = 0;
    sm_rc rc = d->kindred ? sm_said_in_hand(t, &in_hand) : SM_OK;
    *answers = d->kindred && (sm_only_changes(t) || in_hand >= STANDS_THERE);
    if (rc < 0 || *answers)
        return rc;
    rc = t->behind_item ? SM_OK : is_of_item_instead(t, d, &of_item); /* see is_of_item */
    bool right = sm_head_p(SM_HEAD_RIGHT_POLICY, &t->signals) >= HARDLY_RIGHT ||
                 d->cue[SM_DOC_CUE_TITLE] >= HARDLY_TITLE ||
                 d->cue[SM_DOC_CUE_NEAR] >= AS_GOOD_AS_KNOWN;
    *answers = rc == SM_OK && right && !of_item && !is_barely_found(t, d);
    return rc;
}

bool sm_clauses_surely(const sm_turn *t)
{
    return t->n_picked && sm_head_p(SM_HEAD_POLICY, &t->signals) >= SURELY_CLAUSES &&
           sm_head_p(SM_HEAD_RIGHT_POLICY, &t->signals) >= SURELY_RIGHT;
}

bool sm_clauses_have_it(const sm_turn *t)
{
    return sm_clauses_surely(t) && t->picked[0].cue[SM_DOC_CUE_TEXT] >= HAS_IT &&
           t->picked[0].cue[SM_DOC_CUE_TITLE] >= CALLS_IT;
}

sm_rc sm_try_policy(sm_turn *t, bool *done)
{
    sm_answer *answer = NULL;
    bool answers, lacks;
    if (t->n_picked == 0)
        return SM_OK;
    bool of_item = true;
    const sm_pick_doc *first = &t->picked[about_the_matter(t, t->picked, t->n_picked)];
    sm_rc rc = policy_answers(t, first, &answers);
    if (rc < 0 || (!answers && !t->q->explain))
        return rc;
    rc = compose(t, &answer);
    if (rc == SM_OK && answer)
        rc = is_of_item(t, answer, &of_item);
    if (rc < 0 || !answers || !answer || !of_item || of_another_matter(t, answer) ||
        lacks_what_a_guide_has(t, answer))
        return rc;
    rc = lacks_time_of_guide(t, answer, &lacks);
    if (rc < 0 || lacks)
        return rc;
    t->answer = answer;
    t->reply->act = SM_ACT_ANSWER;
    t->reply->reason = "policy";
    rc = tell_whose_rule(t);
    new_policy_in_hand(t);
    *done = true;
    return rc;
}
