/*
 * Clauses quoted as an answer.
 */
#include "answer/compose.h"

#include "text/text.h"

enum { MAX_QUOTED = 3, SHORT_CLAUSE_BYTES = 1800, MAX_SENTENCES = 6, MAX_SAME = 2 };
static const double SECOND_AT_LEAST = 0.20; /* of the first clause's rank */
/* A sentence has a word of the question; two clauses say the same. */
static const double TOUCHED = 0.05, SAME_MATTER = 0.35;

struct source {
    sm_doc *doc;
    sm_clause *clause;
    sm_state state;
};

static sm_rc source_of(sm_op *op, sm_db *db, const sm_hit *hit, sm_str question, sm_date as_of,
                       struct source *s)
{
    sm_rc rc = sm_corpus_clause(op, db, hit->row, &s->clause);
    if (rc == SM_OK)
        rc = sm_clause_for_asker(op, db, question, &s->clause);
    if (rc == SM_OK)
        rc = sm_corpus_version(op, db, s->clause->version, &s->doc);
    if (rc == SM_OK)
        s->state = sm_doc_state(s->doc, as_of);
    return rc;
}

static sm_str date_of(sm_arena *a, const sm_doc *doc)
{
    return sm_date_iso(a, doc->effective != SM_DATE_NONE ? doc->effective : doc->issued);
}

/* The clause's own words: whole when short, else the sentences nearest to the question with what
 * leads in to them. */
static sm_str excerpt(sm_arena *a, const sm_clause *c, sm_str question)
{
    if (c->text.n <= SHORT_CLAUSE_BYTES)
        return c->text;
    sm_str *part;
    size_t n = sm_text_sentences(a, c->text, &part), best = 0;
    double most = -1;
    sm_wordset asked = sm_wordset_of(a, question);
    for (size_t i = 0; i < n; i++) {
        sm_wordset has = sm_wordset_of(a, part[i]);
        double shared = sm_wordset_shared(&asked, &has);
        if (shared > most) {
            most = shared;
            best = i;
        }
    }
    if (n == 0)
        return c->text;
    size_t from = best > 0 ? best - 1 : 0, to = SM_MIN(best + 2, n);
    while (to < n && to - from < MAX_SENTENCES &&
           (size_t)(part[to].p + part[to].n - part[from].p) < SHORT_CLAUSE_BYTES)
        to++;
    return (sm_str){ part[from].p, (size_t)(part[to - 1].p + part[to - 1].n - part[from].p) };
}

static void quote(sm_draft *d, const struct source *s, sm_str question)
{
    sm_arena *a = d->op->arena;
    sm_str text = excerpt(a, s->clause, question);
    d->organ = sm_doc_organ(s->doc);
    if (s->state != SM_STATE_IN_FORCE)
        d->answer->as_it_is = "past";
    sm_draft_say_one(d, text, s->clause, sm_cite_title(a, s->doc, s->clause->path),
                     date_of(a, s->doc));
}

/* 已失效, 尚未施行, 已被…替代, each with its date: the sentence that must come before the text.
 * `still`: of text that a newer rule says still applies, whatever its own record tells. */
static sm_rc opening(sm_op *op, sm_db *db, const struct source *s, bool still, sm_str *out)
{
    static const char no_basis[] = "以下内容不能作为现在的依据。";
    static const char no_old_basis[] = "以下是旧规定，不能作为现在的依据。";
    static const char still_so[] = "以下是旧规定，只用于新规定说仍按它办的情形。";
    sm_arena *a = op->arena;
    sm_str day = sm_date_chinese(a, s->doc->effective), last = sm_date_chinese(a, s->doc->ends);
    sm_str by = { 0 };
    if (s->state == SM_STATE_REPLACED && s->doc->superseded_by.n) {
        sm_str ids = s->doc->superseded_by, id;
        sm_doc *next;
        if (sm_str_cut(&ids, ',', &id) && sm_corpus_doc(op, db, sm_str_trim(id), &next) == SM_OK)
            by = next->title;
        else
            sm_op_clear(op);
    }
    const char *title = sm_cstr(a, s->doc->title);
    const char *worth = still ? still_so : s->state == SM_STATE_REPLACED ? no_old_basis : no_basis;
    switch (s->state) {
    case SM_STATE_NOT_YET:
        *out = sm_strf(a, "请注意：《%s》尚未施行，自%.*s起施行，现在还不能按它办。", title,
                       SM_ARG(day));
        break;
    case SM_STATE_REPLACED:
        *out = by.n ? sm_strf(a, "请注意：《%s》已被《%.*s》替代，施行到%.*s为止，%s", title,
                              SM_ARG(by), SM_ARG(last), worth)
                    : sm_strf(a, "请注意：《%s》已被替代，%s", title, worth);
        break;
    case SM_STATE_EXPIRED:
        *out = sm_strf(a, "请注意：《%s》已失效，有效期到%.*s为止，%s", title, SM_ARG(last), worth);
        break;
    case SM_STATE_REPEALED:
        *out = sm_strf(a, "请注意：《%s》已废止，%s", title, worth);
        break;
    case SM_STATE_IN_FORCE: /* by its own record: only the newer rule names it */
        *out = sm_strf(a, "请注意：《%s》之后已有新规定，%s", title, worth);
        break;
    }
    return SM_OK;
}

/* The opening's dates come from the document's metadata, which is its own source. */
static void say_opening(sm_draft *d, const struct source *s, sm_str text)
{
    sm_arena *a = d->op->arena;
    sm_clause *meta = SM_NEW(a, sm_clause);
    *meta = *s->clause;
    meta->text = text;
    sm_draft_say_one(d, text, meta, sm_cite_title(a, s->doc, (sm_str){ 0 }), date_of(a, s->doc));
    sm_claim *claim = &d->answer->claim[d->answer->n_claims - 1];
    claim->cite[0].quote = s->doc->title;
}

static bool is_quoted(const sm_answer *a, const sm_clause *c)
{
    for (size_t i = 0; i < a->n_claims; i++)
        for (size_t k = 0; k < a->claim[i].n_cites; k++)
            if (a->claim[i].cite[k].row == c->row)
                return true;
    return false;
}

static void quote_other(sm_draft *d, const struct source *other, sm_str question)
{
    sm_arena *a = d->op->arena;
    sm_str title = sm_cite_title(a, other->doc, other->clause->path);
    d->organ = sm_doc_organ(other->doc);
    d->answer->as_it_is = "conflict";
    /* its title and date stand in the citation, not in its words */
    sm_draft_say_one(
        d, sm_strf(a, "另有现行文件说法不同：%.*s", SM_ARG(excerpt(a, other->clause, question))),
        other->clause, title, date_of(a, other->doc));
}

/* The clause not quoted yet that says most of what a sentence says; NULL: none says much of it. */
static sm_clause *same_as(sm_draft *d, sm_str sentence, sm_clause *c, const sm_wordset *words,
                          size_t n)
{
    sm_clause *best = NULL;
    double most = SAME_MATTER;
    sm_wordset has = sm_wordset_of(d->op->arena, sentence);
    for (size_t i = 0; i < n; i++) {
        double shared = sm_wordset_shared(&words[i], &has);
        if (shared > most && !is_quoted(d->answer, &c[i])) {
            most = shared;
            best = &c[i];
        }
    }
    return best;
}

/* Where two documents conflict, what the question touches is quoted of both: for a sentence here
 * that has a word of the question, the clause of the other that says the same of the matter. */
static sm_rc quote_same_matter(sm_draft *d, sm_db *db, const struct source *s, struct source *other,
                               sm_str question)
{
    sm_arena *a = d->op->arena;
    sm_clause *c;
    sm_str *sentence;
    size_t n, n_sentences = sm_text_sentences(a, s->clause->text, &sentence), more = 0;
    sm_rc rc = sm_corpus_clauses(d->op, db, other->doc->version, &c, &n);
    if (rc < 0)
        return rc;
    sm_wordset asked = sm_wordset_of(a, question), *words = SM_NEWS(a, sm_wordset, n + 1);
    for (size_t i = 0; i < n; i++)
        words[i] = sm_wordset_of(a, c[i].text);
    for (size_t i = 0; i < n_sentences && more < MAX_SAME; i++) {
        sm_wordset has = sm_wordset_of(a, sentence[i]);
        if (sm_wordset_shared(&asked, &has) < TOUCHED)
            continue;
        other->clause = same_as(d, sentence[i], c, words, n);
        if (other->clause) {
            quote_other(d, other, question);
            more++;
        }
    }
    return rc;
}

/* The clause of another document on record as conflicting with this one. */
static sm_rc quote_conflicts(sm_draft *d, sm_db *db, const struct source *s, sm_str question,
                             sm_date as_of)
{
    sm_defect *f;
    size_t n;
    sm_rc rc = sm_conflict_of(d->op, db, s->doc->id, &f, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        if (f[i].kind != SM_FINDING_CONFLICT)
            continue;
        bool a_side = sm_str_eq(f[i].a, s->doc->id);
        sm_str mine = a_side ? f[i].a_path : f[i].b_path;
        if (!sm_str_eq(mine, s->clause->path))
            continue;
        struct source other;
        sm_rc found = sm_corpus_doc(d->op, db, a_side ? f[i].b : f[i].a, &other.doc);
        if (found == SM_OK)
            found = sm_corpus_clause_at(d->op, db, other.doc->id,
                                        a_side ? f[i].b_path : f[i].a_path, &other.clause);
        if (found < 0 || sm_doc_state(other.doc, as_of) != SM_STATE_IN_FORCE) {
            sm_op_clear(d->op);
            continue;
        }
        quote_other(d, &other, question);
        return quote_same_matter(d, db, s, &other, question);
    }
    return rc;
}

sm_rc sm_answer_clauses(sm_op *op, sm_db *db, sm_clause_hits found, sm_clause_hits current,
                        sm_str question, sm_date as_of, sm_answer **out)
{
    if (found.n == 0)
        return SM_E_NOTFOUND;
    sm_draft d;
    sm_draft_begin(op, &d);
    struct source first, s;
    sm_rc rc = source_of(op, db, &found.hit[0], question, as_of, &first);
    if (rc < 0)
        return rc;
    bool opens = found.still || first.state != SM_STATE_IN_FORCE;
    if (opens) {
        sm_str text;
        rc = opening(op, db, &first, found.still, &text);
        say_opening(&d, &first, text);
    }
    quote(&d, &first, question);
    if (opens)
        d.answer->as_it_is = "past";
    if (rc == SM_OK && !opens)
        rc = quote_conflicts(&d, db, &first, question, as_of);
    for (size_t i = 1; rc == SM_OK && i < found.n && d.answer->n_claims < MAX_QUOTED; i++) {
        if (found.hit[i].p < SECOND_AT_LEAST * found.hit[0].p)
            break;
        rc = source_of(op, db, &found.hit[i], question, as_of, &s);
        if (rc == SM_OK && s.doc->version == first.doc->version && !is_quoted(d.answer, s.clause))
            quote(&d, &s, question);
    }
    if (rc == SM_OK && current.n) {
        rc = source_of(op, db, &current.hit[0], question, as_of, &s);
        if (rc == SM_OK && s.state == SM_STATE_IN_FORCE)
            quote(&d, &s, question);
    }
    if (rc == SM_OK)
        *out = d.answer;
    return rc;
}
