/*
 * Which document answers, and which of its clauses: weighed by named cues, the weights (weights.h)
 * fitted by tools/fit_guide.py on authored questions.
 */
#include <math.h>
#include <string.h>

#include "guide/turn.h"
#include "guide/weights.h"
#include "text/text.h"

enum { N_KINDS_ASKED = 3 };
static const double SAID_WEIGHT = 4;
/* The ranking of clauses finds a document; finds it nowhere; how much less that one weighs. */
static const double FOUND_RANK = 0.5, FOUND_P = 0.1, UNFOUND_RANK = 0.05, UNFOUND = 8;
/* A place that is named prefers its own document, beyond the fitted weight: its name is left out of
 * the wording that documents are compared by. */
static const double OWN_PLACE = 2.5, OWN_TEXT = 0.75, OWN_RANK = 0.3, OWN_P = 0.4, OWN_NEAR = 0.3;

static const char *const doc_names[SM_N_DOC_CUES] = {
#define SM_DOC_CUE_ROW(id, name) name,
    SM_DOC_CUE_TABLE(SM_DOC_CUE_ROW)
#undef SM_DOC_CUE_ROW
};
static const char *const clause_names[SM_N_CLAUSE_CUES] = {
#define SM_CLAUSE_CUE_ROW(id, name) name,
    SM_CLAUSE_CUE_TABLE(SM_CLAUSE_CUE_ROW)
#undef SM_CLAUSE_CUE_ROW
};

const char *sm_doc_cue_name(int cue)
{
    return doc_names[cue];
}

const char *sm_clause_cue_name(int cue)
{
    return clause_names[cue];
}

/* ------------------------------------------------------------- documents */

static bool listed(const sm_pick_doc *d, size_t n, int64_t version)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].doc->version == version)
            return true;
    return false;
}

static sm_rc add_document(sm_turn *t, const sm_found *f, int64_t row, sm_pick_doc *d, size_t *n)
{
    sm_clause *c;
    sm_rc rc = sm_corpus_clause(t->op, t->corpus, row, &c);
    if (rc < 0 || listed(d, *n, c->version))
        return rc;
    sm_pick_doc *one = &d[*n];
    *one = (sm_pick_doc){ .from = f };
    rc = sm_corpus_version(t->op, t->corpus, c->version, &one->doc);
    if (rc == SM_OK)
        rc = sm_shelf_take(t->op, t->g->shelf, t->corpus, one->doc, &one->text);
    if (rc < 0)
        return rc;
    one->state = sm_doc_state(one->doc, t->today);
    ++*n;
    return SM_OK;
}

static sm_rc add_documents(sm_turn *t, const sm_found *f, sm_pick_doc *d, size_t *n)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < f->n && *n < SM_MAX_PICKED; i++)
        rc = add_document(t, f, f->hit[i].row, d, n);
    return rc;
}

static double share_of_best(const sm_found *f, const sm_hit *hit)
{
    return hit->p / (f->hit[0].p > 0 ? f->hit[0].p : 1);
}

/* By a ranking of clauses: the best of the document, and all of them. */
static void weigh_ranking(const sm_found *f, sm_pick_doc *d)
{
    double *x = d->cue;
    x[SM_DOC_CUE_RANK] = x[SM_DOC_CUE_RANK_ALL] = x[SM_DOC_CUE_P] = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!sm_str_eq(f->hit[i].id, d->doc->id))
            continue;
        double share = share_of_best(f, &f->hit[i]);
        x[SM_DOC_CUE_RANK] = SM_MAX(x[SM_DOC_CUE_RANK], share);
        x[SM_DOC_CUE_RANK_ALL] += share;
        x[SM_DOC_CUE_P] = SM_MAX(x[SM_DOC_CUE_P], f->hit[i].p);
    }
}

static void weigh_likeness(const sm_turn *t, sm_pick_doc *d)
{
    for (size_t i = 0; t->now.match && i < d->text->n; i++)
        d->cue[SM_DOC_CUE_NEAR] =
            SM_MAX(d->cue[SM_DOC_CUE_NEAR], sm_match_likeness(t->now.match, d->text->name[i]));
}

static void weigh_wording(sm_turn *t, sm_pick_doc *d, size_t n)
{
    const sm_wordset *title[SM_MAX_PICKED], *whole[SM_MAX_PICKED];
    sm_str formal = sm_formal_text(t->op, t->snap, SM_KIND_POLICY, t->matter);
    sm_wordset q = sm_wordset_of(t->op->arena, t->matter),
               wider = sm_wordset_of(t->op->arena, formal);
    for (size_t i = 0; i < n; i++) {
        title[i] = &d[i].text->title;
        whole[i] = &d[i].text->whole;
    }
    double *by_title = sm_wordset_shared_among(t->op->arena, &wider, title, n);
    double *by_text = sm_wordset_shared_among(t->op->arena, &wider, whole, n);
    for (size_t i = 0; i < n; i++) {
        d[i].cue[SM_DOC_CUE_TITLE] = by_title[i];
        d[i].cue[SM_DOC_CUE_TEXT] = by_text[i];
        d[i].share = sm_wordset_shared(&q, whole[i]);
    }
}

static bool is_of_place(const sm_turn *t, const sm_pick_doc *d)
{
    return t->talk.region.n && sm_str_eq(d->doc->region, t->talk.region);
}

/* The place that is named has a document of its own about what is asked: what is asked finds it, or
 * it has as much of that wording as the others, and the whole text finds it surely, or it is like a
 * question known to be about it.  Then the ranking of the whole text counts. */
static bool is_own(const sm_turn *t, sm_pick_doc *d, double most)
{
    if (!t->names_region || !is_of_place(t, d) || d->cue[SM_DOC_CUE_TEXT] < OWN_TEXT * most)
        return false;
    sm_pick_doc of_whole = *d;
    weigh_ranking(d->state == SM_STATE_IN_FORCE ? &t->found : &t->found_rest, &of_whole);
    const double *x = of_whole.cue;
    bool is_found = d->cue[SM_DOC_CUE_RANK] >= OWN_RANK;
    if (!is_found && x[SM_DOC_CUE_RANK] >= FOUND_RANK &&
        (x[SM_DOC_CUE_P] >= OWN_P || x[SM_DOC_CUE_NEAR] >= OWN_NEAR)) {
        *d = of_whole;
        is_found = true;
    }
    return is_found;
}

/* The text speaks of a day or of a time before the document: of a day since it is in force, or
 * after it ended, it tells nothing else than today. */
static bool is_of_then(const sm_turn *t, const sm_pick_doc *d, bool past)
{
    if (t->day_spoken == SM_DATE_NONE)
        return past;
    bool ended = d->doc->ends != SM_DATE_NONE && d->doc->ends < t->day_spoken;
    return d->state == SM_STATE_IN_FORCE ? d->doc->effective > t->day_spoken : !ended;
}

static void weigh_document(const sm_turn *t, bool past, bool future, sm_pick_doc *d)
{
    bool of_place = is_of_place(t, d), then = is_of_then(t, d, past);
    bool gone = d->state > SM_STATE_NOT_YET;
    double *x = d->cue;
    x[SM_DOC_CUE_NAMED_PLACE] = of_place && t->names_region;
    x[SM_DOC_CUE_GIVEN_PLACE] = of_place && !t->names_region;
    x[SM_DOC_CUE_HOME] = t->talk.region.n && !of_place;
    x[SM_DOC_CUE_IN_FORCE] = d->state == SM_STATE_IN_FORCE;
    x[SM_DOC_CUE_NOT_YET] = d->state == SM_STATE_NOT_YET;
    x[SM_DOC_CUE_GONE_PAST] = gone && then;
    x[SM_DOC_CUE_FORCE_PAST] = d->state == SM_STATE_IN_FORCE && then;
    x[SM_DOC_CUE_NOT_YET_FUTURE] =
        d->state == SM_STATE_NOT_YET &&
        (t->coming_day != SM_DATE_NONE ? d->doc->effective <= t->coming_day : future);
    for (int k = 0; k < SM_N_DOC_CUES; k++)
        d->score += sm_doc_weight[k] * x[k];
}

/* Behind clauses: of the documents about the matter, the one that holds what was said now. */
static void weigh_said(sm_turn *t, sm_pick_doc *d, size_t n)
{
    const sm_wordset *whole[SM_MAX_PICKED];
    sm_wordset said = sm_wordset_of(t->op->arena, sm_without_places(t, t->said));
    said.n[0] = 0; /* single characters match by chance */
    for (size_t i = 0; i < n; i++)
        whole[i] = &d[i].text->whole;
    double *share = sm_wordset_shared_among(t->op->arena, &said, whole, n);
    for (size_t i = 0; i < n; i++)
        d[i].score += SAID_WEIGHT * share[i];
}

/* The ranking finds it for what is asked; finds nothing in it. */
static bool is_found(const sm_pick_doc *d)
{
    return d->cue[SM_DOC_CUE_RANK] >= FOUND_RANK && d->cue[SM_DOC_CUE_P] >= FOUND_P;
}

/* What shares a place's name or a common word with the question, and the ranking finds nothing in,
 * is about another matter when it finds something elsewhere. */
static void put_unfound_last(sm_pick_doc *d, size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found |= is_found(&d[i]) && d[i].state == SM_STATE_IN_FORCE;
    for (size_t i = 0; i < n && found; i++)
        if (d[i].cue[SM_DOC_CUE_RANK] < UNFOUND_RANK && !d[i].kindred)
            d[i].score -= UNFOUND;
}

static void sort_documents(sm_pick_doc *d, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && d[k].score > d[k - 1].score; k--) {
            sm_pick_doc x = d[k];
            d[k] = d[k - 1];
            d[k - 1] = x;
        }
    for (size_t i = 0; i < n; i++)
        d[i].p = sm_exp(d[i].score - d[0].score);
}

/* What the place that is named has of its own about the first one's matter comes before it. */
static void put_own_first(const sm_turn *t, sm_pick_doc *d, size_t n)
{
    if (!n || !t->names_region || is_of_place(t, &d[0]) || d[0].state != SM_STATE_IN_FORCE)
        return;
    for (size_t i = 1; i < n; i++) {
        sm_pick_doc own = d[i];
        if (!is_of_place(t, &own) || own.state != SM_STATE_IN_FORCE ||
            !sm_same_matter(t, own.doc, d[0].doc))
            continue;
        own.score = d[0].score;
        own.p = d[0].p;
        memmove(&d[1], &d[0], i * sizeof(*d));
        d[0] = own;
        return;
    }
}

/* Documents of the matter in hand, whether or not this text finds them. */
static sm_rc add_kindred(sm_turn *t, sm_pick_doc *d, size_t *n)
{
    sm_matches *m[2];
    sm_rc rc = sm_find_kindred(t, m);
    for (int k = 0; rc == SM_OK && k < 2 && m[k]; k++) {
        size_t first = *n;
        sm_found found = { .hit = m[k]->hit, .n = m[k]->n };
        rc = add_documents(t, &found, d, n);
        for (size_t i = first; i < *n; i++)
            d[i].from = k ? &t->rest : &t->now;
    }
    return rc == SM_OK ? sm_keep_kindred(t, d, n) : rc;
}

sm_rc sm_pick_documents(sm_turn *t)
{
    size_t n = 0;
    sm_pick_doc *d = t->picked = SM_NEWS(t->op->arena, sm_pick_doc, SM_MAX_PICKED);
    sm_rc rc = add_kindred(t, d, &n);
    if (rc == SM_OK)
        rc = add_documents(t, &t->now, d, &n);
    if (rc == SM_OK)
        rc = add_documents(t, &t->rest, d, &n);
    if (rc == SM_OK)
        rc = add_documents(t, &t->found, d, &n);
    if (rc == SM_OK)
        rc = sm_keep_kindred(t, d, &n);
    if (rc < 0)
        return rc;
    weigh_wording(t, d, n);
    bool past = sm_speaks_of_past(t) || t->day_spoken != SM_DATE_NONE;
    bool future = sm_speaks_of_future(t);
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = SM_MAX(most, d[i].cue[SM_DOC_CUE_TEXT]);
    for (size_t i = 0; i < n; i++) {
        weigh_ranking(d[i].from == &t->found ? &t->now : d[i].from, &d[i]); /* what is asked */
        weigh_likeness(t, &d[i]);
        bool own = is_own(t, &d[i], most);
        weigh_document(t, past, future, &d[i]);
        d[i].score += own ? OWN_PLACE : 0;
    }
    if (t->follows_policy)
        weigh_said(t, d, n);
    put_unfound_last(d, n);
    sort_documents(d, n);
    put_own_first(t, d, n);
    t->n_picked = n;
    return SM_OK;
}

/* --------------------------------------------------------------- clauses */

/* What kinds of figure a question asks for, by its words, likeliest first. */
static const sm_fact_kind *kinds_asked(sm_str text)
{
    static const struct {
        const char *word;
        sm_fact_kind kind[N_KINDS_ASKED];
    } words[] = {
        { "多少钱", { SM_FACT_MONEY, SM_FACT_MONEY, SM_FACT_MONEY } },
        { "补多少", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "给多少", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "补吗", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "补不补", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "给补", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "给吗", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "有没有补", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "怎么收", { SM_FACT_MONEY, SM_FACT_MONEY, SM_FACT_MONEY } },
        { "几万", { SM_FACT_MONEY, SM_FACT_MONEY, SM_FACT_MONEY } },
        { "几百", { SM_FACT_MONEY, SM_FACT_MONEY, SM_FACT_MONEY } },
        { "几成", { SM_FACT_PERCENT, SM_FACT_PERCENT, SM_FACT_PERCENT } },
        { "比例", { SM_FACT_PERCENT, SM_FACT_PERCENT, SM_FACT_PERCENT } },
        { "利率", { SM_FACT_PERCENT, SM_FACT_PERCENT, SM_FACT_PERCENT } },
        { "分几年", { SM_FACT_PERCENT, SM_FACT_YEARS, SM_FACT_PERCENT } },
        { "几倍", { SM_FACT_NUMBER, SM_FACT_NUMBER, SM_FACT_NUMBER } },
        { "几分", { SM_FACT_NUMBER, SM_FACT_NUMBER, SM_FACT_NUMBER } },
        { "几点", { SM_FACT_TIME, SM_FACT_TIME, SM_FACT_TIME } },
        { "多久", { SM_FACT_MONTHS, SM_FACT_WORKDAYS, SM_FACT_DAYS } },
        { "几天", { SM_FACT_WORKDAYS, SM_FACT_DAYS, SM_FACT_DAYS } },
        { "多少天", { SM_FACT_WORKDAYS, SM_FACT_DAYS, SM_FACT_DAYS } },
        { "几个月", { SM_FACT_MONTHS, SM_FACT_MONTHS, SM_FACT_MONTHS } },
        { "几年", { SM_FACT_YEARS, SM_FACT_MONTHS, SM_FACT_YEARS } },
        { "多大", { SM_FACT_AGE, SM_FACT_AGE, SM_FACT_NUMBER } },
        { "几岁", { SM_FACT_AGE, SM_FACT_AGE, SM_FACT_NUMBER } },
        { "封顶", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_MONEY } },
        { "哪天", { SM_FACT_DATE, SM_FACT_DATE, SM_FACT_DATE } },
        { "截止", { SM_FACT_DATE, SM_FACT_DATE, SM_FACT_DATE } },
        { "啥时候", { SM_FACT_DATE, SM_FACT_MONTHS, SM_FACT_DATE } },
        { "什么时候", { SM_FACT_DATE, SM_FACT_MONTHS, SM_FACT_DATE } },
        { "罚", { SM_FACT_MONEY, SM_FACT_MONEY, SM_FACT_MONEY } },
        { "多少", { SM_FACT_MONEY, SM_FACT_PERCENT, SM_FACT_NUMBER } },
        { "几", { SM_FACT_NUMBER, SM_FACT_MONEY, SM_FACT_MONTHS } },
    };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_has(text, sm_str_of(words[i].word)))
            return words[i].kind;
    return NULL;
}

bool sm_tells_amount(sm_turn *t, const sm_answer *answer)
{
    sm_fact *f;
    for (size_t i = 0; i < answer->n_claims; i++) {
        size_t n = sm_text_facts(t->op->arena, answer->claim[i].text, &f);
        for (size_t k = 0; k < n; k++)
            if (f[k].kind == SM_FACT_MONEY || f[k].kind == SM_FACT_PERCENT)
                return true;
    }
    return false;
}

static void weigh_figures(sm_arena *a, sm_str text, const sm_fact_kind *kind, double *x)
{
    sm_fact *f;
    size_t n = kind ? sm_text_facts(a, text, &f) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < N_KINDS_ASKED; k++)
            if (f[i].kind == kind[k])
                x[SM_CLAUSE_CUE_KIND + SM_MIN(k, (size_t)1)] = 1;
    x[SM_CLAUSE_CUE_FIGURE] = n > 0;
}

/* The best of its sentences: a long clause holds a bit of everything. */
static double best_sentence(sm_arena *a, const sm_wordset *q, sm_str text)
{
    sm_str *s;
    double most = 0;
    size_t n = sm_text_sentences(a, text, &s);
    for (size_t i = 0; i < n; i++) {
        sm_wordset one = sm_wordset_of(a, s[i]);
        most = SM_MAX(most, sm_wordset_shared(q, &one));
    }
    return most;
}

static bool is_formal(sm_str text)
{
    static const char *const words[] = { "起施行",        "负责解释", "制定本",   "为深入",
                                         "为了",          "特制定",   "通知如下", "公告如下",
                                         "通告如下",      "解读如下", "重申如下", "问答依据",
                                         "常务委员会通过" };
    return sm_str_has_any(text, words, SM_LEN(words));
}

/* Between offices: who pays for it, who checks it.  It tells nobody what is due to him. */
static bool is_between_offices(sm_str text)
{
    static const char *const words[] = { "列支",         "年度预算", "所需资金",
                                         "数据共享机制", "抽查比例", "专项检查" };
    bool shared = sm_str_has(text, SM_STR("分担")) && sm_str_has(text, SM_STR("财政"));
    return shared || sm_str_has_any(text, words, SM_LEN(words));
}

static bool asks_of_offices(sm_str text)
{
    static const char *const words[] = { "谁出", "出钱", "出多少", "各出", "资金",   "财政",
                                         "预算", "分担", "承担",   "经费", "拨款",   "抽查",
                                         "检查", "备案", "发完",   "用完", "没钱了", "谁掏" };
    return sm_str_has_any(text, words, SM_LEN(words));
}

/* How well each clause answers one question, by wording and by holding the kind of figure. */
sm_pick_clause *sm_weigh_clauses(sm_turn *t, const sm_pick_doc *d, sm_str question)
{
    sm_arena *a = t->op->arena;
    const sm_shelved *s = d->text;
    sm_pick_clause *c = SM_NEWS(a, sm_pick_clause, s->n + 1);
    const sm_wordset **set = SM_NEWS(a, const sm_wordset *, s->n + 1);
    sm_wordset q = sm_wordset_of(a, question);
    const sm_fact_kind *kinds = kinds_asked(question);
    bool of_citizen = !asks_of_offices(t->text);
    for (size_t i = 0; i < s->n; i++)
        set[i] = &s->text[i];
    double *by_text = sm_wordset_shared_among(a, &q, set, s->n);
    for (size_t i = 0; i < s->n; i++)
        set[i] = &s->heading[i];
    double *by_heading = sm_wordset_shared_among(a, &q, set, s->n);
    for (size_t i = 0; i < s->n; i++) {
        double *x = c[i].cue;
        x[SM_CLAUSE_CUE_TEXT] = by_text[i];
        x[SM_CLAUSE_CUE_HEADING] = by_heading[i];
        x[SM_CLAUSE_CUE_SENTENCE] = best_sentence(a, &q, s->clause[i].text);
        x[SM_CLAUSE_CUE_NEAR] = t->now.match ? sm_match_likeness(t->now.match, s->name[i]) : 0;
        x[SM_CLAUSE_CUE_FORMAL] =
            is_formal(s->clause[i].text) || (of_citizen && is_between_offices(s->clause[i].text));
        x[SM_CLAUSE_CUE_FIRST] = i == 0;
        x[SM_CLAUSE_CUE_LENGTH] = sm_log(1.0 + (double)sm_utf8_count(s->clause[i].text));
        weigh_figures(a, s->clause[i].text, kinds, x);
    }
    return c;
}

static bool asks_itself(const sm_turn *t)
{
    sm_str said = t->said;
    while (sm_str_ends(said, SM_STR("呢")) || sm_str_ends(said, SM_STR("？")))
        said.n -= 3;
    return sm_asks(said);
}

/* A follow-up asks what was asked before of something else: "那博士呢" is still about how much. */
static void weigh_what_was_asked(sm_turn *t, const sm_pick_doc *d, sm_pick_clause *c)
{
    const sm_pick_clause *asked = sm_weigh_clauses(t, d, sm_without_places(t, t->text));
    double now = sm_only_place(t) ? 0 : 0.5;
    for (size_t i = 0; i < d->text->n; i++)
        for (int k = 0; k < SM_N_CLAUSE_CUES; k++)
            c[i].cue[k] = now * c[i].cue[k] + (1 - now) * asked[i].cue[k];
}

/* By the ranking of the whole text: a place may be named in a clause. */
static void weigh_place(const sm_turn *t, const sm_pick_doc *d, int64_t row, double *x)
{
    const sm_found *f = d->from == &t->now    ? &t->found
                        : d->from == &t->rest ? &t->found_rest
                                              : d->from;
    for (size_t k = 0; f && k < f->n; k++)
        if (f->hit[k].row == row) {
            x[SM_CLAUSE_CUE_RANK] = share_of_best(f, &f->hit[k]);
            x[SM_CLAUSE_CUE_PLACE] = 1 / (1 + (double)k);
        }
}

double sm_clause_score(const sm_pick_clause *c)
{
    double score = 0;
    for (int k = 0; k < SM_N_CLAUSE_CUES; k++)
        score += sm_clause_weight[k] * c->cue[k];
    return score;
}

static void sort_by_p(sm_hit *hit, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && hit[k].p > hit[k - 1].p; k--) {
            sm_hit h = hit[k];
            hit[k] = hit[k - 1];
            hit[k - 1] = h;
        }
}

sm_rc sm_pick_clauses(sm_turn *t, sm_pick_doc *d, sm_found *out)
{
    sm_rc rc = d->text ? SM_OK : sm_shelf_take(t->op, t->g->shelf, t->corpus, d->doc, &d->text);
    if (rc < 0)
        return rc;
    const sm_shelved *s = d->text;
    sm_hit *hit = SM_NEWS(t->op->arena, sm_hit, s->n + 1);
    sm_pick_clause *c =
        sm_weigh_clauses(t, d, t->follows_policy ? sm_without_places(t, t->said) : t->text);
    if (t->follows_policy && !asks_itself(t))
        weigh_what_was_asked(t, d, c);
    double best = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        weigh_place(t, d, s->clause[i].row, c[i].cue);
        hit[i] = (sm_hit){ .id = d->doc->id,
                           .clause = s->clause[i].path,
                           .row = s->clause[i].row,
                           .p = sm_clause_score(&c[i]) };
        best = SM_MAX(best, hit[i].p);
    }
    for (size_t i = 0; i < s->n; i++)
        hit[i].p = sm_exp(hit[i].p - best);
    if (t->q->explain && !t->weighed_clauses) {
        t->weighed_clauses = c;
        t->weighed_doc = d->text;
        t->weighed_id = d->doc->id;
    }
    sm_lift_clauses(t, d, hit);
    sort_by_p(hit, s->n);
    *out = (sm_found){ .hit = hit, .n = s->n };
    return SM_OK;
}
