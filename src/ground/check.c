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

static bool only_where(const sm_evidence *e, bool *among, const bool *fits)
{
    bool any = false;
    for (size_t i = 0; i < e->n; i++)
        any |= among[i] && fits[i];
    for (size_t i = 0; any && i < e->n; i++)
        among[i] &= fits[i];
    return any;
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

/* A sentence that names one document, or one article of it, rests on that alone.  True when it
 * names an article that there is. */
static bool restrict_to_named(sm_arena *a, const sm_evidence *e, const sm_reading *s, bool *among)
{
    static const sm_fact_kind kinds[] = { SM_FACT_TITLE, SM_FACT_ARTICLE };
    bool *fits = SM_NEWS(a, bool, e->n + 1), article = false;
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
            article = only_where(e, among, fits) && kinds[k] == SM_FACT_ARTICLE;
    }
    return article;
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

/* ----------------------------------------------------------------- refusals */

/* A sentence that says that something is not done, which no passage says of anything. */
static bool refuses_alone(const sm_evidence *e, const bool *among, sm_str s)
{
    static const char *const said[] = { "不能办", "不予",   "不可办", "不可以办",
                                        "不得办", "无法办", "不办理", "不给办",
                                        "办不了", "不受理", "不批准" };
    static const char *const held[] = { "不能",   "不予",   "不可", "不得",   "无法",
                                        "不办",   "不给",   "办不", "不受理", "不批准",
                                        "不符合", "不接受", "不再", "不行",   "禁止",
                                        "拒绝",   "退回",   "失效", "暂停",   "停止" };
    bool any = false;
    for (size_t i = 0; i < e->n && !any; i++)
        any = among[i] && sm_str_has_any(e->passage[i].source.text, held, SM_LEN(held));
    return !any && sm_str_has_any(s, said, SM_LEN(said));
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
    sm_difference differs;
    sm_verdict v;
} check;

static sm_span where_of(const check *c, const sm_place *p)
{
    if (p->loose || !p->fits)
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

/* The facts of a sentence that stands as it is. */
static void tell_facts(check *c)
{
    c->v.n_facts = c->s.n_facts;
    c->v.fact = SM_NEWS(c->a, sm_checked_fact, c->s.n_facts + 1);
    for (size_t i = 0; i < c->s.n_facts; i++)
        c->v.fact[i] = (sm_checked_fact){ c->s.fact[i].text, sm_fact_kind_name(c->s.fact[i].kind),
                                          true, where_of(c, &c->place[i]) };
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
        if (!p->found && f->kind == SM_FACT_ORGAN)
            continue; /* weighed with its wording */
        if (!p->found)
            fail(c, p->rival > 0 ? SM_CONTRADICTED : SM_UNSUPPORTED, "fact_absent",
                 sm_strf(c->a, "“%.*s”在证据里没有", SM_ARG(f->text)));
        else if (!p->fits)
            fail(c, SM_CONTRADICTED, "bound",
                 sm_strf(c->a, "“%.*s”的界限与证据不同", SM_ARG(f->text)));
        else if (slot)
            fail(c, SM_CONTRADICTED, "fact_slot",
                 sm_strf(c->a, "“%.*s”在证据里说的不是这个", SM_ARG(f->text)));
    }
}

/* What tells most against the sentence; `alone`: it decides, however the rest lies. */
static const struct {
    sm_measure_kind m;
    double over;
    bool alone;
    sm_verdict_kind kind;
    const char *code, *why;
} reasons[] = {
    { SM_M_MISNAMED, 1.9, false, SM_UNSUPPORTED, "subject", "所说的那一条没有这样规定" },
    { SM_M_MISPLACED, 1.9, false, SM_UNSUPPORTED, "subject", "证据说的是另一件事" },
    { SM_M_OTHER_NAME, 0, false, SM_UNSUPPORTED, "subject", "证据说的是另一件事" },
    { SM_M_INSERTED, 0, false, SM_PARTIAL, "wording", "夹了证据里没有的话" },
    { SM_M_ABSENT_ORGAN, 0, false, SM_CONTRADICTED, "organ", "证据里没有这个机关" },
    { SM_M_TURNED_COPY, 0, true, SM_CONTRADICTED, "negation", "肯定与否定同证据相反" },
    { SM_M_OPPOSED_ROW, 0, false, SM_CONTRADICTED, "wording", "证据说的正相反" },
    { SM_M_NUMERAL, 0, true, SM_CONTRADICTED, "fact_absent", "数目与证据不同" },
    { SM_M_STALE, 0, true, SM_CONTRADICTED, "subject", "依据的文件不在施行期内" },
    { SM_M_OPPOSED, 0, false, SM_CONTRADICTED, "wording", "证据说的正相反" },
    { SM_M_ROLE, 0, false, SM_CONTRADICTED, "organ", "由谁来做与证据不同" },
    { SM_M_MODAL, 0, false, SM_CONTRADICTED, "modality", "可以、应当、不得与证据不同" },
    { SM_M_BOTH, 0, false, SM_CONTRADICTED, "modality", "证据说的是其中之一" },
    { SM_M_EITHER, 0, false, SM_CONTRADICTED, "modality", "证据说的是都要" },
    { SM_M_AFFIRMED, 0, false, SM_CONTRADICTED, "negation", "证据否定的说成了肯定的" },
    { SM_M_ALL, 0, false, SM_PARTIAL, "condition", "证据没有说一律如此" },
    { SM_M_ONLY, 0, false, SM_PARTIAL, "condition", "证据没有说只是如此" },
    { SM_M_ANSWER, 0, false, SM_CONTRADICTED, "negation", "是与否同证据相反" },
    { SM_M_DENIED, 0, false, SM_CONTRADICTED, "negation", "肯定与否定同证据相反" },
    { SM_M_LOST, 0, false, SM_CONTRADICTED, "negation", "证据否定的说成了肯定的" },
    { SM_M_ORDER, 0, false, SM_CONTRADICTED, "wording", "先后次序与证据不同" },
    { SM_M_OTHER_N, 1.5, false, SM_UNSUPPORTED, "subject", "证据说的是另一件事" },
    { SM_M_ABSENT_N, 1.5, false, SM_PARTIAL, "wording", "有的话在证据里没有" },
    { SM_M_EXCEPTION, 0.5, false, SM_PARTIAL, "exception", "漏了证据里的例外" },
    { SM_M_CONDITION, 0.5, false, SM_PARTIAL, "condition", "漏了证据里的条件" },
};

static void judge_signals(check *c)
{
    for (size_t i = 0; i < SM_LEN(reasons); i++)
        if (reasons[i].alone && c->m.v[reasons[i].m] > reasons[i].over)
            fail(c, reasons[i].kind, reasons[i].code, sm_str_of(reasons[i].why));
}

static double weighed(const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < SM_LEN(sm_trees); i++) {
        size_t at = 1;
        while (at < SM_TREE_LEAVES)
            at = 2 * at + ((float)v[sm_trees[i].measure[at - 1]] > sm_trees[i].over[at - 1]);
        sum += (double)sm_trees[i].leaf[at - SM_TREE_LEAVES];
    }
    return sum;
}

static void judge_wording(check *c)
{
    double score = weighed(c->m.v);
    c->v.open = c->v.kind == SM_SUPPORTED && score > SM_MEASURE_SURE && score <= SM_MEASURE_OPEN;
    if (score <= SM_MEASURE_LIMIT)
        return;
    if (c->v.cover < 0.5)
        fail(c, SM_UNSUPPORTED, "wording", SM_STR("大部分的话在证据里没有"));
    for (size_t i = 0; i < SM_LEN(reasons); i++)
        if (c->m.v[reasons[i].m] > reasons[i].over)
            fail(c, reasons[i].kind, reasons[i].code, sm_str_of(reasons[i].why));
    fail(c, SM_PARTIAL, "wording", SM_STR("与证据的说法对不上"));
}

static void fact_measures(check *c)
{
    for (size_t i = 0; i < c->s.n_facts; i++) {
        const sm_place *p = &c->place[i];
        c->m.v[SM_M_ABSENT_ORGAN] += !p->found && c->s.fact[i].kind == SM_FACT_ORGAN;
        double d = p->found && !p->loose ? p->rival - p->best : 0;
        if (d > c->m.v[SM_M_SLOT])
            c->m.v[SM_M_SLOT] = d;
        c->m.v[SM_M_LATER] = SM_MAX(c->m.v[SM_M_LATER], p->later);
        c->m.v[SM_M_FACT_CONDITION] = SM_MAX(c->m.v[SM_M_FACT_CONDITION], p->unconditioned);
        c->m.v[SM_M_FACT_UNSAID] = SM_MAX(c->m.v[SM_M_FACT_UNSAID], p->unsaid);
    }
}

static void measure_difference(check *c, sm_str sentence)
{
    sm_difference *d = &c->differs;
    sm_differ_read(c->a, c->e->differ, sentence, c->among, d);
    double *v = c->m.v, all = d->put_in[0] + d->left_out[0];
    v[SM_M_UNMATCHED] = all > 0 ? d->put_in[0] / all : 0;
    v[SM_M_PUT_IN] = d->put_in[0];
    v[SM_M_LEFT_OUT] = d->left_out[0];
    v[SM_M_UNMATCHED_WORDS] = d->unmatched[1];
    v[SM_M_LEFT_OUT_WORDS] = d->left_out[1];
    sm_differ_weight w = sm_differ_weigh(d);
    v[SM_M_LEARNED] = w.all;
    v[SM_M_LEARNED_AGAINST] = w.against;
    v[SM_M_LEARNED_WORST] = w.worst;
    v[SM_M_UNLEARNED] = w.unknown;
    v[SM_M_TURNED_COPY] = sm_copied_turned(c->a, c->e->copied, sentence).n > 0;
}

static void measure_among(check *c, sm_str sentence)
{
    bool article = restrict_to_named(c->a, c->e, &c->s, c->among);
    c->m = (sm_measure){ 0 };
    sm_find_pieces(c->a, c->e, &c->s, c->among, &c->found);
    sm_measure_wording(&c->found, &c->m);
    c->place = SM_NEWS(c->a, sm_place, c->s.n_facts + 1);
    sm_place_facts(&c->found, c->place);
    fact_measures(c);
    measure_difference(c, sentence);
    c->m.v[SM_M_MISNAMED] = article ? c->m.v[SM_M_ABSENT_N] : 0;
    c->v.nearest = c->m.nearest;
    c->v.cover = c->m.cover;
}

/* The passages in force; false: there are none, or no others. */
static bool only_in_force(check *c)
{
    bool *in_force = SM_NEWS(c->a, bool, c->e->n + 1), any = false, other = false;
    for (size_t i = 0; i < c->e->n; i++) {
        in_force[i] = c->among[i] && !sm_out_of_force(c->e, c->e->passage[i].subject);
        any |= in_force[i];
        other |= c->among[i] && !in_force[i];
    }
    if (any && other)
        c->among = in_force;
    return any && other;
}

static bool all_stand(const check *c)
{
    for (size_t i = 0; i < c->s.n_facts; i++)
        if (!c->place[i].fits)
            return false;
    return true;
}

/* What an old rule says and one in force says as well rests on that. */
static void prefer_in_force(check *c, sm_str sentence)
{
    static const double as_well = 0.9;
    check old = *c;
    if (!only_in_force(c))
        return;
    measure_among(c, sentence);
    if (!all_stand(c) || c->v.cover < old.v.cover * as_well)
        *c = old;
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
    measure_among(c, sentence);
    if (c->m.v[SM_M_STALE] > 0)
        prefer_in_force(c, sentence);
    return true;
}

static sm_str without_stop(sm_str s)
{
    static const char *const stops[] = { "。", "；", ";", "." };
    s = sm_str_trim(s);
    for (size_t i = 0; i < SM_LEN(stops); i++)
        if (sm_str_ends(s, sm_str_of(stops[i])))
            return sm_str_sub(s, 0, s.n - strlen(stops[i]));
    return s;
}

static sm_str without_opening(sm_str s)
{
    static const char *const openings[] = { "按规定，", "根据规定，", "按照规定，", "您好，",
                                            "请注意，", "答：",       "另外，",     "此外，" };
    for (size_t i = 0; i < SM_LEN(openings); i++)
        if (sm_str_starts(s, sm_str_of(openings[i])))
            return sm_str_sub(s, strlen(openings[i]), s.n);
    return s;
}

/* A whole sentence of a passage, as it stands there, follows from it. */
static bool is_stored(const check *c, sm_str sentence)
{
    sentence = without_opening(without_stop(sentence));
    for (size_t i = 0; i < c->e->n; i++)
        for (size_t k = 0; c->among[i] && k < c->e->passage[i].n_sentences; k++)
            if (sm_str_eq(without_opening(without_stop(c->e->passage[i].sentence[k])), sentence))
                return true;
    return false;
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
    if (is_stored(&c, sentence) && c.m.v[SM_M_STALE] <= 0) {
        tell_facts(&c);
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
    judge_signals(&c);
    if (refuses_alone(e, c.among, sentence))
        fail(&c, SM_UNSUPPORTED, "negation", SM_STR("证据没有说不能办"));
    judge_wording(&c);
    *out = c.v;
}

void sm_ground_measure(sm_arena *a, const sm_evidence *e, sm_str sentence, double *v,
                       sm_difference *out)
{
    check c = { .a = a, .e = e, .v = { .kind = SM_SUPPORTED, .code = "ok" } };
    if (measure(&c, sentence, NULL, 0)) {
        judge_facts(&c);
        sm_str quote = false_quote(e, c.among, sentence);
        if (quote.n)
            fail(&c, SM_UNSUPPORTED, "quote", quote);
        if (sm_foreign_in(e, sentence).n)
            fail(&c, SM_UNSUPPORTED, "wording", sentence);
        judge_signals(&c);
        memcpy(v, c.m.v, sizeof(c.m.v));
    }
    v[SM_N_MEASURES] = c.v.kind != SM_SUPPORTED;
    *out = c.differs;
}
