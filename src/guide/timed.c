/*
 * When the item's guide does not tell by when or in which season, for how long or how often: the
 * clauses in force about the same matter may.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { LOOKED_AT = 3 };
static const double ABOUT_IT = 0.35;       /* of the item's name in a document's title */
static const double SENTENCE_SHARED = 0.1; /* of the name and the question, in the sentence */
static const double OUTRIGHT = 0.1;

/* The best sentence so far, in its clause and document. */
struct found {
    const sm_doc *doc;
    sm_clause *clause;
    double score;
};

/* "5月10日至5月31日网上申请" shares no word with the matter's name, the document is about it. */
static bool is_about(const sm_when *w, sm_str sentence, double shared)
{
    static const char *const acts[] = { "申请", "申报", "报名", "登记", "参保", "缴费" };
    return w->kind == SM_WHEN_SEASON ? sm_str_has_any(sentence, acts, SM_LEN(acts))
                                     : shared >= SENTENCE_SHARED;
}

static double tells(sm_turn *t, const sm_when *w, const sm_doc *doc, sm_str text)
{
    sm_arena *a = t->op->arena;
    sm_str *sentence;
    double best = 0;
    sm_wordset asked = { 0 }; /* once a sentence tells it */
    size_t n = sm_text_sentences(a, text, &sentence);
    for (size_t i = 0; i < n; i++) {
        if (!sm_when_told(a, w, doc->title, sentence[i]))
            continue;
        if (!asked.n[0])
            asked = sm_wordset_of(a, t->text);
        sm_wordset has = sm_wordset_of(a, sentence[i]);
        double shared = sm_wordset_shared(&asked, &has);
        bool outright = sm_when_told_outright(a, w, doc->title, sentence[i]);
        if (is_about(w, sentence[i], shared))
            best = SM_MAX(best, shared + (outright ? OUTRIGHT : 0));
    }
    return best;
}

static sm_rc look_in(sm_turn *t, const sm_when *w, sm_pick_doc *d, struct found *best)
{
    sm_found found;
    sm_rc rc = sm_pick_clauses(t, d, &found);
    for (size_t i = 0; rc == SM_OK && i < found.n; i++) {
        sm_clause *c;
        rc = sm_corpus_clause(t->op, t->corpus, found.hit[i].row, &c);
        if (rc < 0)
            return rc;
        double score = tells(t, w, d->doc, c->text);
        if (score > best->score)
            *best = (struct found){ .doc = d->doc, .clause = c, .score = score };
    }
    return rc;
}

/* The first claim that tells it; as many as there are: none does. */
static size_t told_at(sm_turn *t, const sm_answer *answer, const sm_when *w)
{
    size_t i = 0;
    for (; i < answer->n_claims; i++) {
        const sm_claim *c = &answer->claim[i];
        sm_str title = c->n_cites ? c->cite[0].title : (sm_str){ 0 };
        if (sm_when_told(t->op->arena, w, title, c->text))
            break;
    }
    return i;
}

bool sm_lacks_time(sm_turn *t, const sm_answer *answer)
{
    sm_when w = sm_when_asked(sm_asked_words(t));
    return w.sure && told_at(t, answer, &w) == answer->n_claims;
}

sm_rc sm_item_tells_time(sm_turn *t, sm_str code, bool *tells_it)
{
    static const char *const where[] = { "conditions/", "steps/", "faq/" };
    sm_when w = sm_when_asked(sm_asked_words(t));
    sm_doc *doc;
    sm_clause *c;
    size_t n;
    *tells_it = false;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_answer_elements(t->op, t->corpus, doc, t->talk.region, t->said, t->today, &c, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        for (size_t k = 0; k < SM_LEN(where); k++)
            *tells_it |= sm_str_starts(c[i].path, sm_str_of(where[k])) &&
                         sm_when_told(t->op->arena, &w, doc->title, c[i].text);
    return rc;
}

static void put_first(sm_turn *t, size_t at)
{
    const sm_answer *a = t->answer; /* the composed one may be shared */
    sm_answer *moved = SM_NEW(t->op->arena, sm_answer);
    *moved = *a;
    moved->claim = SM_NEWS(t->op->arena, sm_claim, a->n_claims);
    moved->claim[0] = a->claim[at];
    for (size_t i = 0, n = 1; i < a->n_claims; i++)
        if (i != at)
            moved->claim[n++] = a->claim[i];
    t->answer = moved;
}

sm_rc sm_look_for_time(sm_turn *t)
{
    sm_turn p = *t;
    struct found best = { .score = 0 };
    sm_str name;
    bool of_item = t->reply->act == SM_ACT_ANSWER && t->n_parts == 0 && t->talk.item.n &&
                   strcmp(t->reply->reason, "item") == 0;
    sm_when w = sm_when_asked(sm_asked_words(t));
    if (!of_item || !w.sure)
        return SM_OK;
    size_t at = told_at(t, t->answer, &w);
    if (at < t->answer->n_claims) {
        put_first(t, at);
        return SM_OK;
    }
    sm_rc rc = sm_item_name(t, t->talk.item, &name);
    if (rc < 0)
        return rc;
    p.text = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(name), SM_ARG(sm_asked_words(t)));
    p.follows_policy = false;
    rc = sm_look_policies(&p);
    for (size_t i = 0, n = 0; rc == SM_OK && i < p.n_picked && n < LOOKED_AT; i++) {
        sm_pick_doc *d = &p.picked[i];
        if (d->state != SM_STATE_IN_FORCE ||
            sm_text_shared(t->op->arena, name, d->doc->title) < ABOUT_IT)
            continue;
        n++;
        rc = look_in(&p, &w, d, &best);
    }
    if (rc < 0 || !best.clause)
        return rc;
    sm_answer *first = SM_NEW(t->op->arena, sm_answer);
    *first = (sm_answer){ .more = t->answer->more, .n_more = t->answer->n_more };
    sm_answer_add(t->op, first, best.clause->text, best.doc, best.clause);
    sm_answer_append(t->op, first, t->answer);
    t->answer = first;
    return SM_OK;
}
