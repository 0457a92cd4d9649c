#include "answer/answer.h"

#include <string.h>

#include "ground/ground.h"
#include "text/text.h"

enum {
    EVIDENCE_BYTES = 24 * 1024, /* of what a model is given to read */
    MAX_TOKENS = 700,
    WORDED_BYTES = 16 * 1024, /* of what it writes */
    TOLD_SENTENCES = 60,      /* in the trace */
    TOLD_BYTES = 300,         /* of each */
    GAINS_CHARS = 160
};

static const char *const prompts[] = {
    [SM_WORDING_SHORT] = "short", [SM_WORDING_COMPARE] = "compare", [SM_WORDING_STEPS] = "steps"
};

struct sm_wording {
    sm_op *op;
    const sm_prompt *prompt;
    const sm_answer *answer;
    sm_wording_ask ask;
    sm_evidence *evidence;
    sm_source *source;
    sm_cite *cite; /* one a source */
    size_t n;
    sm_str data;
    const sm_prompts *prompts;
    sm_gate *gate; /* NULL: what passed was recalled */
    sm_gate_report report;
    sm_buf wrote;               /* where a further reader is heard: what the writer wrote */
    size_t n_taken, n_skip;     /* sentences the gate told of; that were told of before */
    bool listing, over;         /* who waits for a vote is looked up; no vote comes any more */
    sm_str asked[SM_VOTES_MAX]; /* sentences a further reader is asked about */
    sm_vote vote[SM_VOTES_MAX]; /* and what it said */
    size_t n_asked;
    json_t *told; /* what the gate did, a sentence each */
    json_t *kept; /* what passed */
    sm_claim *claim;
    size_t n_claims, cap;
    bool *used;  /* sources that what passed rests on */
    bool *whole; /* sources that were shown */
    sm_claim_fn *tell;
    void *tell_ctx;
};

/* ----------------------------------------------------------------- is it worth it? */

bool sm_wording_gains(const sm_answer *answer)
{
    size_t n_chars = 0;
    const sm_cite *first = NULL;
    for (size_t i = 0; i < answer->n_claims; i++) {
        const sm_claim *c = &answer->claim[i];
        n_chars += sm_utf8_count(c->text);
        if (c->n_cites && first && !sm_str_eq(c->cite[0].doc, first->doc))
            return true;
        if (c->n_cites)
            first = c->cite;
    }
    return n_chars >= GAINS_CHARS;
}

sm_wording_kind sm_wording_kind_of(const sm_answer *answer)
{
    sm_wording_kind kind = SM_WORDING_SHORT;
    sm_str first = { 0 };
    for (size_t i = 0; i < answer->n_claims; i++) {
        const sm_claim *c = &answer->claim[i];
        if (c->n_cites == 0)
            continue;
        bool of_item = sm_str_starts(c->cite[0].title, SM_STR("办事指南"));
        if (sm_str_starts(c->cite[0].clause, SM_STR("steps/")))
            kind = SM_WORDING_STEPS;
        if (!of_item && first.n && !sm_str_eq(first, c->cite[0].doc))
            return SM_WORDING_COMPARE;
        if (!of_item)
            first = c->cite[0].doc;
    }
    return kind;
}

/* -------------------------------------------------------------------- the evidence */

static bool has_source(const sm_wording *w, sm_str id)
{
    for (size_t i = 0; i < w->n; i++)
        if (sm_str_eq(w->source[i].id, id))
            return true;
    return false;
}

/* 《…》第四条（云澜市人民政府，自2024-04-01起施行） */
static sm_str title_of(sm_arena *a, const sm_cite *c)
{
    bool of_item = sm_str_starts(c->title, SM_STR("办事指南"));
    const char *comma = c->organ.n && c->date.n ? "，" : "";
    sm_str since = c->date.n == 0 ? (sm_str){ 0 }
                   : of_item      ? sm_strf(a, "%.*s版", SM_ARG(c->date))
                                  : sm_strf(a, "自%.*s起施行", SM_ARG(c->date));
    if (c->organ.n == 0 && since.n == 0)
        return c->title;
    return sm_strf(a, "%.*s（%.*s%s%.*s）", SM_ARG(c->title), SM_ARG(c->organ), comma,
                   SM_ARG(since));
}

static void add_source(sm_wording *w, const sm_source *s, const sm_cite *c, size_t *bytes)
{
    size_t n = s->text.n + s->title.n;
    if (w->n == SM_EVIDENCE_MAX || *bytes + n > EVIDENCE_BYTES || s->text.n == 0 ||
        has_source(w, s->id) || sm_ground_orders(w->op->arena, s->text))
        return;
    *bytes += n;
    w->source[w->n] = *s;
    w->cite[w->n++] = *c;
}

static void collect(sm_wording *w)
{
    sm_arena *a = w->op->arena;
    size_t bytes = 0;
    w->source = SM_NEWS(a, sm_source, SM_EVIDENCE_MAX);
    w->cite = SM_NEWS(a, sm_cite, SM_EVIDENCE_MAX);
    for (size_t i = 0; i < w->answer->n_claims; i++)
        for (size_t k = 0; k < w->answer->claim[i].n_cites && !w->answer->claim[i].aside; k++) {
            const sm_cite *c = &w->answer->claim[i].cite[k];
            sm_str title = title_of(a, c);
            if (c->heading.n)
                title = sm_strf(a, "%.*s %.*s", SM_ARG(title), SM_ARG(c->heading));
            sm_source s = { sm_strf(a, "%.*s/%.*s", SM_ARG(c->doc), SM_ARG(c->clause)), title,
                            c->text };
            add_source(w, &s, c, &bytes);
        }
    for (size_t i = 0; i < w->ask.n_more; i++) {
        const sm_source *s = &w->ask.more[i];
        size_t slash = sm_str_find(s->id, SM_STR("/"), 0);
        sm_digest d = sm_sm3(s->text);
        sm_cite c = { .doc = sm_str_sub(s->id, 0, slash),
                      .clause =
                          slash == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(s->id, slash + 1, s->id.n),
                      .title = s->title,
                      .digest = sm_digest_hex(a, &d),
                      .text = s->text };
        add_source(w, s, &c, &bytes);
    }
}

/* Numbered as the gate reads it: [2] the passage, <2.3> its sentences. */
static sm_rc write_data(sm_wording *w)
{
    sm_arena *a = w->op->arena;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < w->n; i++) {
        const sm_str *s;
        size_t n = sm_evidence_sentences(w->evidence, i, &s);
        sm_buf_addf(&b, "%s[%zu] %.*s", i ? "\n" : "", i + 1,
                    SM_ARG(sm_prompt_inert(a, w->source[i].title)));
        for (size_t k = 0; k < n; k++)
            sm_buf_addf(&b, "\n<%zu.%zu> %.*s", i + 1, k + 1, SM_ARG(sm_prompt_inert(a, s[k])));
    }
    return sm_buf_take(w->op, &b, &w->data);
}

/* ------------------------------------------------------------------------ claims */

static void add_claim(sm_wording *w, const sm_claim *c)
{
    SM_GROW(w->op->arena, w->claim, w->n_claims, w->cap);
    w->claim[w->n_claims] = *c;
    w->n_claims++;
    if (w->tell)
        w->tell(w->tell_ctx, &w->claim[w->n_claims - 1]);
}

static bool is_same_clause(const sm_cite *a, const sm_cite *b)
{
    return sm_str_eq(a->doc, b->doc) && sm_str_eq(a->clause, b->clause);
}

static bool rests_on(const sm_claim *c, const sm_cite *source)
{
    for (size_t k = 0; k < c->n_cites; k++)
        if (is_same_clause(&c->cite[k], source))
            return true;
    return false;
}

/* Conditions of one matter: who meets one need not meet the next, so none is shown alone. */
static bool is_of_one_list(const sm_cite *a, const sm_cite *b)
{
    return sm_str_eq(a->doc, b->doc) && sm_str_starts(a->clause, SM_STR("conditions/")) &&
           sm_str_starts(b->clause, SM_STR("conditions/"));
}

static void add_composed(sm_wording *w, const sm_claim *c)
{
    add_claim(w, c);
    for (size_t i = 0; i < w->n; i++)
        if (rests_on(c, &w->cite[i])) {
            w->used[i] = true;
            w->whole[i] |= sm_str_has(c->text, w->source[i].text);
        }
}

static bool cites(const sm_claim *c, const char *prefix)
{
    return c->n_cites && sm_str_starts(c->cite[0].clause, sm_str_of(prefix));
}

/* Whether the composed claim comes before anything that a model says: what corrects the question,
 * or what the answer begins with, the nearest to what was asked (its whole list of conditions), and
 * behind a sentence that only names the matter the nearest that others asked.  A model cannot leave
 * them out. */
static bool is_lead(const sm_answer *a, size_t claim)
{
    const sm_claim *first = &a->claim[0], *c = &a->claim[claim];
    size_t listed = 0, faq = 1;
    while (listed < claim && first->n_cites && a->claim[listed + 1].n_cites &&
           is_of_one_list(&first->cite[0], &a->claim[listed + 1].cite[0]))
        listed++;
    while (faq < a->n_claims && !cites(&a->claim[faq], "faq/"))
        faq++;
    return listed == claim || (claim == faq && cites(first, "name") && c->n_cites);
}

/* Nothing was said yet, and the model's first is not what the answer begins with anyway. */
static bool begins(const sm_wording *w, const sm_span *span, size_t n)
{
    const sm_claim *first = &w->answer->claim[0];
    bool own = !w->ask.corrects && !cites(first, "name") && first->n_cites == 1 && n &&
               rests_on(first, &w->cite[span[0].passage]);
    return w->n_claims == 0 && !own;
}

static void begin_claims(sm_wording *w, const sm_span *span, size_t n)
{
    bool now = begins(w, span, n);
    for (size_t i = 0; now && i < w->answer->n_claims; i++)
        if (is_lead(w->answer, i))
            add_composed(w, &w->answer->claim[i]);
}

/* The passage is shown, or will be before anything else. */
static bool is_told(const sm_wording *w, const sm_gated *g)
{
    size_t p = g->source[0].passage;
    bool told = w->whole[p], now = begins(w, g->source, g->n_sources);
    for (size_t i = 0; now && !told && i < w->answer->n_claims; i++)
        told = is_lead(w->answer, i) && rests_on(&w->answer->claim[i], &w->cite[p]) &&
               sm_str_has(w->answer->claim[i].text, w->source[p].text);
    return told;
}

/* A model may put two matters side by side, or name one of three steps: each is named. */
static sm_str matter_of(const sm_wording *w, const sm_cite *c)
{
    static const struct {
        const char *prefix, *name;
    } elements[] = { { "materials/", "材料之一" }, { "conditions/", "条件之一" },
                     { "steps/", "步骤之一" },     { "places/", "地点之一" },
                     { "basis/", "设定依据之一" }, { "situations/", "情形" },
                     { "faq/", "常有人问" },       { "eligibility", "条件概要" } };
    sm_arena *a = w->op->arena;
    size_t n_listed = 0;
    for (size_t i = 0; i < w->n; i++)
        n_listed += is_of_one_list(c, &w->cite[i]);
    if (n_listed > 1)
        return sm_strf(a, "%.*s 条件", SM_ARG(c->title));
    for (size_t i = 0; i < SM_LEN(elements); i++)
        if (sm_str_starts(c->clause, sm_str_of(elements[i].prefix)))
            return sm_strf(a, "%.*s %s", SM_ARG(c->title), elements[i].name);
    bool of_item = sm_str_starts(c->title, SM_STR("办事指南")); /* whose headings are its domain */
    return c->heading.n && !of_item
               ? sm_strf(a, "%.*s（%.*s）", SM_ARG(c->title), SM_ARG(c->heading))
               : c->title;
}

static void pass(sm_wording *w, sm_gated_how how, sm_str text, const sm_span *span, size_t n)
{
    sm_arena *a = w->op->arena;
    sm_claim c = { .text = sm_str_dup(a, text),
                   .cite = SM_NEWS(a, sm_cite, n + 1),
                   .by = "model",
                   .how = sm_gated_how_name(how) };
    json_t *spans = json_array();
    if (n)
        c.of = matter_of(w, &w->cite[span[0].passage]);
    for (size_t i = 0; i < n; i++) {
        sm_cite *cite = &c.cite[c.n_cites++];
        *cite = w->cite[span[i].passage];
        cite->quote =
            sm_str_sub(w->source[span[i].passage].text, span[i].at, span[i].at + span[i].n);
        cite->pos = (int64_t)span[i].at;
        w->used[span[i].passage] = true;
        json_array_append_new(spans, json_pack("[I,I,I]", (json_int_t)span[i].passage,
                                               (json_int_t)span[i].at, (json_int_t)span[i].n));
    }
    json_array_append_new(w->kept, json_pack("{s:i,s:o,s:o}", "how", (int)how, "text",
                                             sm_json_of(text), "spans", spans));
    begin_claims(w, span, n);
    add_claim(w, &c);
}

/* All of the passage is shown, or what it says in other words. */
static bool is_whole(const sm_wording *w, const sm_gated *g)
{
    return g->how == SM_GATED_QUOTED || g->how == SM_GATED_REPLACED ||
           g->source[0].n == w->source[g->source[0].passage].text.n;
}

/* What rests on a passage, and what stands in one list with that; false when one of them is too
 * long to be shown. */
static bool pass_list(sm_wording *w, const sm_gated *g)
{
    size_t p = g->source[0].passage;
    for (size_t i = 0; i < w->n; i++)
        if (is_of_one_list(&w->cite[p], &w->cite[i]) &&
            sm_utf8_count(w->source[i].text) > SM_GATE_WHOLE_CHARS)
            return false;
    for (size_t i = 0; i < w->n; i++) {
        if (i == p)
            pass(w, g->how, g->text, g->source, g->n_sources);
        else if (!w->whole[i] && is_of_one_list(&w->cite[p], &w->cite[i]))
            pass(w, SM_GATED_QUOTED, w->source[i].text, &(sm_span){ i, 0, w->source[i].text.n }, 1);
        else
            continue;
        w->whole[i] |= i != p || is_whole(w, g);
    }
    return true;
}

/* For the staff: masked, since a writer may repeat what a person told of themselves. */
static json_t *head_json(sm_wording *w, sm_str text)
{
    size_t n_masked = 0;
    return sm_json_of(sm_utf8_fit(sm_text_mask(w->op->arena, text, &n_masked), TOLD_BYTES));
}

static void note(sm_wording *w, const sm_gated *g)
{
    if (json_array_size(w->told) >= TOLD_SENTENCES)
        return;
    json_t *j = json_pack("{s:s,s:s,s:o,s:o}", "how", sm_gated_how_name(g->how), "code", g->code,
                          "wrote", head_json(w, g->wrote), "text", head_json(w, g->text));
    if (g->verdict) {
        json_object_set_new(j, "verdict", json_string(sm_verdict_name(g->verdict->kind)));
        json_object_set_new(j, "why", head_json(w, g->verdict->why));
    }
    json_array_append_new(w->told, j);
}

/* It is said already: it comes before anything a model says. */
static bool is_correction(const sm_wording *w, sm_str text)
{
    return w->ask.corrects && sm_str_eq(text, w->answer->claim[0].text);
}

static void take(void *wording, const sm_gated *g)
{
    sm_wording *w = wording;
    if (w->n_taken++ < w->n_skip)
        return;
    sm_gated dropped = { .how = SM_GATED_DROPPED, .wrote = g->wrote, .verdict = g->verdict };
    bool shown = g->how != SM_GATED_DROPPED, rests = shown && g->n_sources;
    if (is_correction(w, g->text) || (rests && is_whole(w, g) && is_told(w, g)))
        dropped.code = "repeat";
    else if (rests && !pass_list(w, g))
        dropped.code = "long";
    else if (shown && !rests)
        pass(w, g->how, g->text, g->source, 0);
    note(w, dropped.code ? &dropped : g);
}

/* -------------------------------------------------------------- a further reader */

static sm_vote vote_of(void *wording, sm_str sentence)
{
    sm_wording *w = wording;
    for (size_t i = 0; i < w->n_asked; i++)
        if (sm_str_eq(w->asked[i], sentence))
            return w->vote[i];
    if (!w->listing)
        return w->over ? SM_VOTE_NONE : SM_VOTE_WAIT;
    if (w->n_asked == SM_VOTES_MAX)
        return SM_VOTE_NONE;
    w->asked[w->n_asked] = sm_str_dup(w->op->arena, sentence);
    w->vote[w->n_asked++] = SM_VOTE_HOLDS; /* so that the rest is looked at, too */
    return SM_VOTE_HOLDS;
}

static sm_gate *open_gate(sm_wording *w)
{
    sm_gate_options o = { .max_bytes = WORDED_BYTES, .ctx = w };
    o.take = w->listing ? NULL : take;
    o.vote = w->ask.voted ? vote_of : NULL;
    if (w->ask.corrects)
        o.trusted[0] = sm_cstr(w->op->arena, w->answer->claim[0].text);
    return sm_gate_open(w->op, w->evidence, &o);
}

size_t sm_wording_open(sm_wording *w, bool cut)
{
    sm_gate_report unused;
    if (!w->gate || !sm_gate_waits(w->gate))
        return 0;
    w->listing = true;
    sm_gate *g = open_gate(w);
    sm_gate_add(g, sm_buf_str(&w->wrote));
    sm_gate_end(g, cut, &unused);
    w->listing = false;
    for (size_t i = 0; i < w->n_asked; i++)
        w->vote[i] = SM_VOTE_NONE;
    return w->n_asked;
}

sm_str sm_wording_vote_request(const sm_wording *w, sm_str model)
{
    return sm_vote_request(w->op->arena, w->prompts,
                           &(sm_vote_ask){ model, w->data, w->asked, w->n_asked });
}

void sm_wording_voted(sm_wording *w, sm_str reply)
{
    bool holds[SM_VOTES_MAX];
    if (!sm_vote_read(w->op, reply, w->n_asked, holds))
        return;
    for (size_t i = 0; i < w->n_asked; i++)
        w->vote[i] = holds[i] ? SM_VOTE_HOLDS : SM_VOTE_FAILS;
}

/* What waited goes on, behind what was told before. */
static void go_on(sm_wording *w)
{
    if (!sm_gate_waits(w->gate))
        return;
    w->over = true;
    w->n_skip = w->n_taken;
    w->n_taken = 0;
    w->gate = open_gate(w);
    sm_gate_add(w->gate, sm_buf_str(&w->wrote));
}

/* ------------------------------------------------------------------------ its life */

static void done_wrote(void *wording)
{
    sm_buf_done(&((sm_wording *)wording)->wrote);
}

sm_rc sm_wording_begin(sm_op *op, const sm_prompts *p, const sm_answer *answer,
                       const sm_wording_ask *ask, sm_wording **out)
{
    if (answer->n_claims == 0 || answer->as_it_is)
        return SM_E_NOTFOUND;
    sm_wording *w = SM_NEW(op->arena, sm_wording);
    *w = (sm_wording){ .op = op,
                       .prompt = sm_prompt_named(p, prompts[ask->kind]),
                       .answer = answer,
                       .ask = *ask,
                       .told = json_array(),
                       .kept = json_array() };
    sm_json_own(op->arena, w->told);
    sm_json_own(op->arena, w->kept);
    collect(w);
    if (w->n == 0)
        return SM_E_NOTFOUND;
    sm_rc rc = sm_evidence_read(op, w->source, w->n, &w->evidence);
    if (rc == SM_OK)
        rc = write_data(w);
    if (rc < 0)
        return rc;
    w->used = SM_NEWS(op->arena, bool, w->n);
    w->whole = SM_NEWS(op->arena, bool, w->n);
    w->prompts = p;
    sm_buf_init(&w->wrote, WORDED_BYTES);
    sm_arena_defer(op->arena, done_wrote, w);
    w->gate = open_gate(w);
    *out = w;
    return SM_OK;
}

sm_str sm_wording_version(const sm_wording *w)
{
    return w->prompt->version;
}

static json_t *ground_json(const sm_wording *w)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->n; i++)
        json_array_append_new(list, json_pack("{s:o,s:o,s:o}", "id", sm_json_of(w->source[i].id),
                                              "title", sm_json_of(w->source[i].title), "text",
                                              sm_json_of(w->source[i].text)));
    return json_pack("{s:o,s:[]}", "evidence", list, "items");
}

sm_str sm_wording_request(const sm_wording *w, sm_str model)
{
    json_t *ground = ground_json(w);
    sm_str body = sm_prompt_body(w->op->arena, &(sm_prompt_ask){ .prompt = w->prompt,
                                                                 .model = model,
                                                                 .data = w->data,
                                                                 .question = w->ask.question,
                                                                 .max_tokens = MAX_TOKENS,
                                                                 .stream = true,
                                                                 .ground = ground });
    json_decref(ground);
    return body;
}

sm_str sm_wording_key(const sm_wording *w, sm_str model)
{
    sm_arena *a = w->op->arena;
    sm_str first = w->answer->claim[0].text;
    sm_str all =
        sm_strf(a, "%.*s\n%.*s\n%d %.*s\n%.*s\n", SM_ARG(w->prompt->version), SM_ARG(model),
                w->ask.corrects, SM_ARG(first), SM_ARG(sm_wording_request(w, (sm_str){ 0 })));
    sm_digest d = sm_sm3(all);
    return sm_digest_hex(a, &d);
}

bool sm_wording_add(sm_wording *w, sm_str text, sm_claim_fn *told, void *ctx)
{
    w->tell = told;
    w->tell_ctx = ctx;
    if (!w->ask.voted)
        return sm_gate_add(w->gate, text);
    size_t room = WORDED_BYTES - w->wrote.n;
    sm_buf_add(&w->wrote, sm_str_sub(text, 0, room));
    return sm_gate_add(w->gate, text) || (sm_gate_waits(w->gate) && text.n < room);
}

/* One claim of those kept, as it passed; false: it is not one of ours. */
static bool recall_one(sm_wording *w, const json_t *j, bool only_look)
{
    sm_span span[SM_GATED_SOURCES];
    const json_t *spans = json_object_get(j, "spans"), *one;
    size_t n = 0, i;
    json_int_t how = json_integer_value(json_object_get(j, "how"));
    sm_str text = sm_json_str(j, "text");
    if (text.n == 0 || how < SM_GATED_SAID || how > SM_GATED_REPLACED ||
        json_array_size(spans) > SM_LEN(span))
        return false;
    json_array_foreach(spans, i, one)
    {
        size_t v[3];
        for (size_t k = 0; k < 3; k++)
            v[k] = (size_t)json_integer_value(json_array_get(one, k));
        if (v[0] >= w->n || v[1] > w->source[v[0]].text.n || v[2] > w->source[v[0]].text.n - v[1])
            return false;
        span[n++] = (sm_span){ v[0], v[1], v[2] };
    }
    if (!only_look)
        pass(w, (sm_gated_how)how, text, span, n);
    return true;
}

bool sm_wording_recall(sm_wording *w, sm_str kept, sm_claim_fn *told, void *ctx)
{
    json_t *all;
    size_t i;
    const json_t *one;
    if (sm_json_parse(w->op, kept, "缓存的答复", &all) < 0) {
        sm_op_clear(w->op);
        return false;
    }
    const json_t *claims = json_object_get(all, "claims");
    json_array_foreach(claims, i, one)
    {
        if (!recall_one(w, one, true))
            return false;
    }
    w->tell = told;
    w->tell_ctx = ctx;
    w->gate = NULL;
    json_array_foreach(claims, i, one) recall_one(w, one, false);
    return true;
}

/* 依据云澜市人民政府《…》第四条（自2024-04-01起施行）。 */
static void name_sources(sm_wording *w)
{
    sm_arena *a = w->op->arena;
    sm_buf b;
    sm_str last = { 0 };
    sm_claim c = { .cite = SM_NEWS(a, sm_cite, w->n + 1), .by = "template" };
    sm_buf_init(&b, 8192);
    for (size_t i = 0; i < w->n; i++) {
        const sm_cite *from = &w->cite[i];
        if (!w->used[i] || sm_str_eq(from->title, last))
            continue;
        bool of_item = sm_str_starts(from->title, SM_STR("办事指南"));
        sm_buf_addf(&b, "%s%.*s%.*s", c.n_cites ? "、" : "依据", SM_ARG(from->organ),
                    SM_ARG(from->title));
        if (from->date.n)
            sm_buf_addf(&b, of_item ? "（%.*s版）" : "（自%.*s起施行）", SM_ARG(from->date));
        last = from->title;
        c.cite[c.n_cites] = *from;
        c.cite[c.n_cites].quote = (sm_str){ 0 };
        c.cite[c.n_cites++].pos = 0;
    }
    sm_buf_add(&b, SM_STR("。"));
    if (!b.failed && c.n_cites) {
        c.text = sm_str_dup(a, sm_buf_str(&b));
        add_claim(w, &c);
    }
    sm_buf_done(&b);
}

/* Of the same clause: two matters may say the same of each. */
static bool is_shown(const sm_wording *w, const sm_claim *c)
{
    for (size_t i = 0; i < w->n_claims; i++)
        if (sm_str_eq(w->claim[i].text, c->text) &&
            (c->n_cites == 0 || rests_on(&w->claim[i], &c->cite[0])))
            return true;
    return false;
}

static json_t *report_json(const sm_wording *w)
{
    const sm_gate_report *r = &w->report;
    json_t *evidence = json_array();
    for (size_t i = 0; i < w->n; i++)
        json_array_append_new(evidence,
                              json_pack("{s:o,s:o,s:o}", "id", sm_json_of(w->source[i].id), "title",
                                        sm_json_of(w->cite[i].title), "digest",
                                        sm_json_of(w->cite[i].digest)));
    return json_pack("{s:o,s:o,s:{s:I,s:I,s:I,s:I,s:I,s:b},s:O}", "prompt",
                     sm_json_of(w->prompt->version), "evidence", evidence, "gate", "said",
                     (json_int_t)r->n_said, "quoted", (json_int_t)r->n_quoted, "replaced",
                     (json_int_t)r->n_replaced, "dropped", (json_int_t)r->n_dropped, "contradicted",
                     (json_int_t)r->n_contradicted, "gave_up", (int)r->gave_up, "sentences",
                     w->told);
}

sm_answer *sm_wording_end(sm_wording *w, bool cut, sm_claim_fn *told, void *ctx, json_t **report)
{
    w->tell = told;
    w->tell_ctx = ctx;
    if (w->gate) {
        go_on(w);
        sm_gate_end(w->gate, cut, &w->report);
    }
    *report = report_json(w);
    if (json_array_size(w->kept) == 0)
        return NULL;
    name_sources(w);
    sm_answer *all = SM_NEW(w->op->arena, sm_answer);
    *all = *w->answer;
    size_t n_worded = w->n_claims;
    all->claim = SM_NEWS(w->op->arena, sm_claim, n_worded + w->answer->n_claims);
    all->n_claims = 0;
    for (size_t i = 0; i < n_worded; i++)
        all->claim[all->n_claims++] = w->claim[i];
    for (size_t i = 0; i < w->answer->n_claims; i++)
        if (!is_shown(w, &w->answer->claim[i]))
            all->claim[all->n_claims++] = w->answer->claim[i];
    return all;
}

sm_str sm_wording_kept(const sm_wording *w)
{
    json_t *j = json_pack("{s:O}", "claims", w->kept);
    sm_str text = sm_json_dump(w->op->arena, j);
    json_decref(j);
    return text;
}
