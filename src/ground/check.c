/*
 * One sentence against the evidence: facts first, then how it is worded, then the verdict.
 */
#include "ground/figures.h"
#include "ground/foreign.h"
#include "ground/weights.h"

#include <string.h>

enum { MAX_PIECES = 512 };

/* So much better must another place explain a fact before that alone decides. */
static const double slot_margin = 1.5;

/* ------------------------------------------------------------- restricting */

static void only_where(const sm_evidence *e, bool *among, const bool *fits)
{
    bool any = false;
    for (size_t i = 0; i < e->n; i++)
        any |= among[i] && fits[i];
    for (size_t i = 0; any && i < e->n; i++)
        among[i] &= fits[i];
}

static bool title_has(const sm_read_passage *p, const sm_fact *fact)
{
    if (fact->kind == SM_FACT_TITLE) {
        sm_str name = sm_str_sub(fact->key, strlen("title:"), fact->key.n);
        return name.n >= 6 && sm_str_has(p->source.title, name);
    }
    bool any = false;
    for (size_t k = 0; k < p->title.n_facts; k++) {
        any |= p->title.fact[k].kind == fact->kind;
        if (p->title.fact[k].kind == fact->kind &&
            (sm_fact_within(fact->key, p->title.fact[k].key) ||
             sm_fact_within(p->title.fact[k].key, fact->key)))
            return true;
    }
    return !any; /* what is of no one article may be of this */
}

/* A sentence that names one document, or one article of it, rests on that alone. */
static void restrict_to_named(sm_arena *a, const sm_evidence *e, const sm_reading *s, bool *among)
{
    static const sm_fact_kind kinds[] = { SM_FACT_TITLE, SM_FACT_ARTICLE };
    bool *fits = SM_NEWS(a, bool, e->n + 1);
    for (size_t k = 0; k < SM_LEN(kinds); k++) {
        const sm_fact *one = NULL;
        size_t n = 0;
        for (size_t i = 0; i < s->n_facts; i++)
            if (s->fact[i].kind == kinds[k]) {
                one = &s->fact[i];
                n++;
            }
        for (size_t i = 0; n == 1 && i < e->n; i++)
            fits[i] = title_has(&e->passage[i], one);
        if (n == 1)
            only_where(e, among, fits);
    }
}

/* --------------------------------------------------------------- quotations */

enum { MIN_QUOTE_BYTES = 18 };

/* The first quotation that no passage has word for word, or empty. */
static sm_str false_quote(const sm_evidence *e, const bool *among, sm_str s)
{
    static const char *const marks[][2] = { { "“", "”" }, { "「", "」" } };
    for (size_t k = 0; k < SM_LEN(marks); k++)
        for (size_t at = 0, end; (at = sm_str_find(s, sm_str_of(marks[k][0]), at)) != SIZE_MAX;
             at = end) {
            end = sm_str_find(s, sm_str_of(marks[k][1]), at);
            if (end == SIZE_MAX)
                break;
            sm_str said = sm_str_sub(s, at + 3, end);
            bool held = said.n < MIN_QUOTE_BYTES;
            for (size_t i = 0; i < e->n && !held; i++)
                held = among[i] && (sm_str_has(e->passage[i].source.text, said) ||
                                    sm_str_has(e->passage[i].source.title, said));
            if (!held)
                return said;
        }
    return (sm_str){ 0 };
}

/* ------------------------------------------------------------------ verdict */

typedef struct check {
    sm_arena *a;
    const sm_evidence *e;
    sm_reading s;
    bool *among;
    sm_found_in found;
    sm_place *place;
    sm_measure m;
    sm_verdict v;
} check;

static sm_span where_of(const check *c, const sm_place *p)
{
    if (p->loose)
        return (sm_span){ 0 };
    const sm_row *r = &c->e->row[p->where_row];
    const sm_read_passage *q = &c->e->passage[r->passage];
    if (r->of != &q->text)
        return (sm_span){ r->passage, 0, q->source.text.n };
    sm_str t = r->of->fact[p->where_fact].text;
    return (sm_span){ r->passage, (size_t)(t.p - r->of->text.p), t.n };
}

static void fail(check *c, sm_verdict_kind kind, const char *code, sm_str why)
{
    if (c->v.kind != SM_SUPPORTED)
        return;
    c->v.kind = kind;
    c->v.code = code;
    c->v.why = why;
}

static void judge_facts(check *c)
{
    c->v.n_facts = c->s.n_facts;
    c->v.fact = SM_NEWS(c->a, sm_checked_fact, c->s.n_facts + 1);
    for (size_t i = 0; i < c->s.n_facts; i++) {
        const sm_place *p = &c->place[i];
        const sm_fact *f = &c->s.fact[i];
        bool slot = p->found && !p->loose && p->rival > p->best + slot_margin;
        c->v.fact[i] = (sm_checked_fact){
            f->text, sm_fact_kind_name(f->kind), p->found && p->fits && !slot, { 0 }
        };
        if (c->v.fact[i].ok)
            c->v.fact[i].where = where_of(c, p);
        if (!p->found)
            fail(c, p->rival > 0 ? SM_CONTRADICTED : SM_UNSUPPORTED,
                 f->kind == SM_FACT_ORGAN ? "organ" : "fact_absent",
                 sm_strf(c->a, "“%.*s”在证据里没有", SM_ARG(f->text)));
        else if (!p->fits)
            fail(c, SM_CONTRADICTED, "bound",
                 sm_strf(c->a, "“%.*s”的界限与证据不同", SM_ARG(f->text)));
        else if (slot)
            fail(c, SM_CONTRADICTED, "fact_slot",
                 sm_strf(c->a, "“%.*s”在证据里说的不是这个", SM_ARG(f->text)));
    }
}

/* What tells most against the sentence. */
static const struct {
    sm_measure_kind m;
    double over;
    sm_verdict_kind kind;
    const char *code, *why;
} reasons[] = {
    { SM_M_ANSWER, 0, SM_CONTRADICTED, "negation", "是与否同证据相反" },
    { SM_M_DENIED, 0, SM_CONTRADICTED, "negation", "肯定与否定同证据相反" },
    { SM_M_MODAL, 0, SM_CONTRADICTED, "modality", "可以、应当、不得与证据不同" },
    { SM_M_BOTH, 0, SM_CONTRADICTED, "modality", "证据说的是其中之一" },
    { SM_M_ALL, 0, SM_PARTIAL, "condition", "证据没有说全部如此" },
    { SM_M_ONLY, 0, SM_PARTIAL, "condition", "证据没有说只是如此" },
    { SM_M_OTHER, 0.1, SM_UNSUPPORTED, "subject", "证据说的是另一件事" },
    { SM_M_ABSENT_N, 1.5, SM_PARTIAL, "wording", "有的话在证据里没有" },
    { SM_M_CONDITION, 0.5, SM_PARTIAL, "condition", "漏了证据里的条件" },
    { SM_M_EXCEPTION, 0.5, SM_PARTIAL, "exception", "漏了证据里的例外" },
};

static void judge_wording(check *c)
{
    double x = 0;
    for (size_t i = 0; i < SM_N_MEASURES; i++)
        x += sm_measure_weights[i] * c->m.v[i];
    if (x <= SM_MEASURE_LIMIT)
        return;
    if (c->v.cover < 0.5)
        fail(c, SM_UNSUPPORTED, "wording", SM_STR("大部分的话在证据里没有"));
    for (size_t i = 0; i < SM_LEN(reasons); i++)
        if (c->m.v[reasons[i].m] > reasons[i].over)
            fail(c, reasons[i].kind, reasons[i].code, sm_str_of(reasons[i].why));
    fail(c, SM_PARTIAL, "wording", SM_STR("与证据的说法对不上"));
}

static void slot_measure(check *c)
{
    for (size_t i = 0; i < c->s.n_facts; i++) {
        const sm_place *p = &c->place[i];
        double d = p->found && !p->loose ? p->rival - p->best : 0;
        if (d > c->m.v[SM_M_SLOT])
            c->m.v[SM_M_SLOT] = d;
    }
}

static bool measure(check *c, sm_str sentence, const size_t *among, size_t n_among)
{
    sm_read_text(c->a, sentence, c->e->organs, &c->s);
    c->among = SM_NEWS(c->a, bool, c->e->n + 1);
    for (size_t i = 0; i < (among ? n_among : c->e->n); i++)
        if (!among || among[i] < c->e->n)
            c->among[among ? among[i] : i] = true;
    if ((c->s.n_pieces == 0 && c->s.n_facts == 0) || c->s.n_pieces > MAX_PIECES)
        return false;
    restrict_to_named(c->a, c->e, &c->s, c->among);
    sm_find_pieces(c->a, c->e, &c->s, c->among, &c->found);
    sm_measure_wording(&c->found, &c->m);
    c->place = SM_NEWS(c->a, sm_place, c->s.n_facts + 1);
    sm_place_facts(&c->found, c->place);
    slot_measure(c);
    c->v.nearest = c->m.nearest;
    c->v.cover = c->m.cover;
    return true;
}

void sm_ground_check(sm_arena *a, const sm_evidence *e, sm_str sentence, const size_t *among,
                     size_t n_among, sm_verdict *out)
{
    check c = { .a = a, .e = e, .v = { .kind = SM_SUPPORTED, .code = "ok" } };
    sentence = sm_utf8_mend(a, sm_str_trim(sentence));
    if (sentence.n > SM_SENTENCE_MAX_BYTES || !measure(&c, sentence, among, n_among)) {
        fail(&c, SM_UNSUPPORTED, "empty", SM_STR("没有可以核对的内容，或太长"));
        *out = c.v;
        return;
    }
    judge_facts(&c);
    sm_str quote = false_quote(e, c.among, sentence);
    if (quote.n)
        fail(&c, SM_UNSUPPORTED, "quote", sm_strf(a, "“%.*s”不是原文", SM_ARG(quote)));
    sm_str foreign = sm_foreign_in(e, sentence);
    if (foreign.n)
        fail(&c, SM_UNSUPPORTED, "wording", sm_strf(a, "资料里没有“%.*s”", SM_ARG(foreign)));
    judge_wording(&c);
    *out = c.v;
}

void sm_ground_measure(sm_arena *a, const sm_evidence *e, sm_str sentence, double *v)
{
    check c = { .a = a, .e = e, .v = { .kind = SM_SUPPORTED, .code = "ok" } };
    if (measure(&c, sentence, NULL, 0)) {
        judge_facts(&c);
        sm_str quote = false_quote(e, c.among, sentence);
        if (quote.n)
            fail(&c, SM_UNSUPPORTED, "quote", quote);
        memcpy(v, c.m.v, sizeof(c.m.v));
    }
    v[SM_N_MEASURES] = c.v.kind != SM_SUPPORTED;
}
