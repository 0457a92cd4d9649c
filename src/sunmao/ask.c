#include "sunmao/inner.h"

#include <stdlib.h>
#include <sys/stat.h>

/* The classifier file's time, so that a long-lived reader takes up a new one. */
static int64_t stamp_of(sm_op *op, const sm_sunmao *s)
{
    struct stat st;
    if (stat(sm_path(op->arena, s->data_dir, "model/guide.model"), &st) < 0)
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static void close_held(sm_held_guide *h)
{
    sm_guide_close(h->guide);
    free(h);
}

void sm_drop_guide(sm_sunmao *s)
{
    sm_held_guide *h = s->guide;
    s->guide = NULL;
    if (!h)
        return;
    h->replaced = true;
    if (h->users == 0)
        close_held(h);
}

/* NULL on failure. */
static sm_held_guide *open_held(sm_op *op, sm_sunmao *s, int64_t stamp)
{
    sm_held_guide *h = calloc(1, sizeof(*h));
    if (!h) {
        sm_fail(op, SM_E_LIMIT, "内存不够");
        return NULL;
    }
    h->stamp = stamp;
    if (sm_guide_open(op, s->data_dir, s->share_dir, s->searcher, &h->guide) < 0) {
        free(h);
        return NULL;
    }
    return h;
}

struct hold {
    sm_sunmao *sunmao;
    sm_held_guide *held;
};

static void leave_guide(void *obj)
{
    struct hold *hold = obj;
    pthread_mutex_lock(&hold->sunmao->guide_lock);
    if (--hold->held->users == 0 && hold->held->replaced)
        close_held(hold->held);
    pthread_mutex_unlock(&hold->sunmao->guide_lock);
}

/* Held until the op's arena closes. */
static sm_rc hold_guide(sm_op *op, sm_sunmao *s, sm_guide **out)
{
    struct hold *hold = SM_NEW(op->arena, struct hold);
    pthread_mutex_lock(&s->guide_lock);
    int64_t stamp = stamp_of(op, s);
    if (s->guide && stamp != s->guide->stamp)
        sm_drop_guide(s);
    if (!s->guide)
        s->guide = open_held(op, s, stamp);
    *hold = (struct hold){ s, s->guide };
    if (s->guide)
        s->guide->users++;
    pthread_mutex_unlock(&s->guide_lock);
    if (!hold->held)
        return op->rc;
    sm_arena_defer(op->arena, leave_guide, hold);
    *out = hold->held->guide;
    return SM_OK;
}

static sm_question for_this(const sm_sunmao *s, const sm_question *question)
{
    sm_question q = *question;
    if (q.as_of == SM_DATE_NONE)
        q.as_of = sm_sunmao_today(s);
    if (s->read_only) {
        q.no_record = true;
        q.session = (sm_str){ 0 };
    }
    return q;
}

sm_rc sm_sunmao_ask(sm_op *op, sm_sunmao *s, const sm_question *question, sm_reply **out)
{
    sm_question q = for_this(s, question);
    sm_guide *guide;
    sm_rc rc = hold_guide(op, s, &guide);
    return rc == SM_OK ? sm_guide_ask(op, guide, &q, out) : rc;
}

sm_rc sm_sunmao_think(sm_op *op, sm_sunmao *s, const sm_question *question, sm_thought **out)
{
    sm_question q = for_this(s, question);
    sm_guide *guide;
    sm_rc rc = hold_guide(op, s, &guide);
    return rc == SM_OK ? sm_guide_think(op, guide, &q, out) : rc;
}

static sm_rc describe(sm_op *op, sm_db *db, sm_date as_of, sm_found *f)
{
    sm_clause *clause = NULL;
    sm_doc *doc;
    sm_rc rc;
    if (f->hit.clause.n) {
        rc = sm_corpus_clause(op, db, f->hit.row, &clause);
        if (rc == SM_OK)
            rc = sm_corpus_version(op, db, clause->version, &doc);
    } else {
        rc = sm_corpus_version(op, db, f->hit.row, &doc);
        if (rc == SM_OK && sm_corpus_clause_at(op, db, doc->id, SM_STR("scope"), &clause) < 0)
            sm_op_clear(op);
    }
    if (rc < 0)
        return rc;
    f->title = doc->title;
    f->text = clause ? clause->text : (sm_str){ 0 };
    f->state = sm_doc_state(doc, as_of);
    return SM_OK;
}

sm_rc sm_sunmao_search(sm_op *op, sm_sunmao *s, sm_kind kind, sm_str text, size_t top,
                       sm_date as_of, bool with_text, sm_found **out, size_t *n, bool lexical_only)
{
    const sm_snapshot *snap;
    sm_matches *m;
    sm_filter filter = { .as_of = as_of,
                         .pass = as_of == SM_DATE_NONE ? SM_PASS_ALL : SM_PASS_IN_FORCE };
    sm_rc rc = sm_searcher_pin(op, s->searcher, &snap);
    if (rc == SM_OK)
        rc = (lexical_only ? sm_search : sm_match)(op, snap, kind, text, &filter, top, &m);
    if (rc < 0)
        return rc;
    sm_db *db = NULL;
    if (with_text && m->n)
        rc = sm_sunmao_corpus_db(op, s, &db);
    sm_found *found = SM_NEWS(op->arena, sm_found, m->n + 1);
    for (size_t i = 0; rc == SM_OK && i < m->n; i++) {
        found[i].hit = m->hit[i];
        if (with_text)
            rc = describe(op, db, as_of == SM_DATE_NONE ? sm_sunmao_today(s) : as_of, &found[i]);
    }
    if (rc < 0)
        return rc;
    *out = found;
    *n = m->n;
    return SM_OK;
}
