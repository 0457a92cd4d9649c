/*
 * What a model may do: write sentences for the body, each of which goes through ground's gate.
 */
#include <string.h>

#include "draft/inner.h"

enum {
    OURS = 2, /* of the sources: the description and the elements */
    MAX_SOURCES = 40,
    SOURCE_BYTES = 24 * 1024, /* of the clauses, all together */
    PROMPT_BYTES = 256 * 1024,
    MAX_REFUSED = 100,
    MAX_NEW = 60,
    PAR_BYTES = 16 * 1024,
    REFUSED_CHARS = 100
};

/* --------------------------------------------------------------- evidence */

typedef struct sources {
    sm_source s[MAX_SOURCES];
    size_t n;
    sm_evidence *evidence;
} sources;

static sm_str elements_text(sm_op *op, const sm_draft *draft)
{
    sm_buf b;
    sm_buf_init(&b, PROMPT_BYTES);
    for (size_t i = 0; i < draft->n_elements; i++) {
        const sm_draft_element *e = &draft->element[i];
        bool tells = sm_str_eq(e->role, SM_STR("title")) || sm_str_eq(e->role, SM_STR("to")) ||
                     sm_str_eq(e->role, SM_STR("sign"));
        if (tells && !e->blank)
            sm_buf_addf(
                &b, "%.*s：%.*s。", SM_ARG(e->name),
                SM_ARG(sm_str_sub(e->text, 0, e->text.n - 3 * sm_str_ends(e->text, SM_STR("：")))));
    }
    sm_str s = sm_str_dup(op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return s.n ? s : draft->matter;
}

static sm_rc collect(sm_op *op, const sm_drafter *d, const sm_draft *draft, const sm_source *clause,
                     size_t n, sources *out)
{
    size_t bytes = 0;
    if (!draft->clear)
        return sm_fail(op, SM_E_INVALID, "文种还没有定，不能写正文");
    *out = (sources){ .n = OURS };
    out->s[0] = (sm_source){ SM_STR("description"), SM_STR("起草要求"), draft->text };
    out->s[1] = (sm_source){ SM_STR("elements"), SM_STR("公文要素"), elements_text(op, draft) };
    for (size_t i = 0; i < n && out->n < MAX_SOURCES; i++) {
        size_t more = clause[i].text.n + clause[i].title.n;
        if (!clause[i].text.n || bytes + more > SOURCE_BYTES ||
            sm_ground_orders(op->arena, clause[i].text))
            continue;
        bytes += more;
        out->s[out->n++] = clause[i];
    }
    if (!out->s[1].text.n)
        out->s[1].text = SM_STR("要素待填。");
    return sm_evidence_read_with(op, out->s, out->n, d->organs, &out->evidence);
}

/* ----------------------------------------------------------------- prompt */

static void put_sources(sm_buf *b, sm_arena *a, const sources *x)
{
    sm_buf_add(b, SM_STR("【资料】"));
    for (size_t i = 0; i < x->n; i++) {
        const sm_str *s;
        size_t n = sm_evidence_sentences(x->evidence, i, &s);
        sm_buf_addf(b, "\n[%zu] %.*s", i + 1, SM_ARG(sm_prompt_inert(a, x->s[i].title)));
        for (size_t k = 0; k < n; k++)
            sm_buf_addf(b, "\n<%zu.%zu> %.*s", i + 1, k + 1, SM_ARG(sm_prompt_inert(a, s[k])));
    }
    sm_buf_add(b, SM_STR("\n【资料完】\n"));
}

static void put_outline(sm_buf *b, sm_arena *a, const sm_draft *draft)
{
    sm_buf_add(b, SM_STR("【提纲】"));
    for (size_t i = 0; i < draft->n_body; i++)
        sm_buf_addf(b, "\n%.*s", SM_ARG(sm_prompt_inert(a, draft->body[i].text)));
    sm_buf_add(b, SM_STR("\n【提纲完】\n"));
}

sm_rc sm_draft_prompt_make(sm_op *op, const sm_drafter *d, const sm_draft *draft,
                           const sm_source *clause, size_t n, sm_draft_prompt *out)
{
    sources *x = SM_NEW(op->arena, sources);
    const sm_prompt *p = sm_prompt_named(d->prompts, "draft");
    sm_str user;
    sm_buf b;
    sm_rc rc = collect(op, d, draft, clause, n, x);
    if (rc < 0)
        return rc;
    sm_buf_init(&b, PROMPT_BYTES);
    put_sources(&b, op->arena, x);
    put_outline(&b, op->arena, draft);
    sm_buf_addf(&b, "【描述】\n%.*s\n【描述完】", SM_ARG(sm_prompt_inert(op->arena, draft->text)));
    rc = sm_buf_take(op, &b, &user);
    if (rc == SM_OK)
        *out = (sm_draft_prompt){ p->version, p->text, user };
    return rc;
}

sm_str sm_draft_request(sm_arena *a, const sm_draft_prompt *p, sm_str model, int max_tokens,
                        bool stream)
{
    json_t *body = json_pack("{s:o,s:b,s:i,s:i,s:[{s:s,s:o},{s:s,s:o}]}", "model",
                             sm_json_of(model), "stream", (int)stream, "temperature", 0,
                             "max_tokens", max_tokens, "messages", "role", "system", "content",
                             sm_json_of(p->system), "role", "user", "content", sm_json_of(p->user));
    sm_str s = sm_json_dump(a, body);
    json_decref(body);
    return s;
}

/* ------------------------------------------------------------------- take */

typedef struct taker {
    sm_op *op;
    sm_draft *draft;
    const sources *x;
    size_t section;        /* of the body: 0 before the first heading */
    sm_buf par;            /* what holds of the paragraph that is read */
    sm_str fresh[MAX_NEW]; /* paragraphs that go in */
    size_t at_section[MAX_NEW];
    size_t n_fresh;
    sm_draft_taken *out;
    size_t cap;
} taker;

static void refuse(taker *t, sm_str wrote, const char *code, sm_str why)
{
    sm_draft_taken *o = t->out;
    if (o->n_refused == MAX_REFUSED)
        return;
    SM_GROW(t->op->arena, o->refused, o->n_refused, t->cap);
    o->refused[o->n_refused++] =
        (sm_draft_refused){ sm_str_dup(t->op->arena, sm_utf8_head(wrote, REFUSED_CHARS)), code,
                            sm_str_dup(t->op->arena, why) };
}

/* A clause that was said in other words, in its own; the description is no text for a body. */
static bool is_clause(const sm_gated *g)
{
    return g->how == SM_GATED_REPLACED && strcmp(g->code, "own_words") == 0 && g->n_sources &&
           g->source[0].passage >= OURS;
}

static void take(void *taker_, const sm_gated *g)
{
    taker *t = taker_;
    if (g->how != SM_GATED_SAID && g->how != SM_GATED_QUOTED && !is_clause(g)) {
        refuse(t, g->wrote, g->code, g->verdict ? g->verdict->why : (sm_str){ 0 });
        return;
    }
    t->out->n_taken++;
    sm_buf_add(&t->par, g->text);
}

/* Everything up to the end of a model's thoughts. */
static sm_str without_thoughts(sm_str s)
{
    sm_str end = SM_STR("</think>"), begin = SM_STR("<think>");
    for (size_t at; (at = sm_str_find(s, end, 0)) != SIZE_MAX;)
        s = sm_str_sub(s, at + end.n, s.n);
    return sm_str_sub(s, 0, sm_str_find(s, begin, 0));
}

/* Signs of Markdown before a line, and around a heading. */
static sm_str plain(sm_str line)
{
    sm_str s = sm_str_trim(line);
    while (s.n && (s.p[0] == '#' || s.p[0] == '*' || s.p[0] == '>' || s.p[0] == ' '))
        s = sm_str_sub(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '*')
        s = sm_str_sub(s, 0, s.n - 1);
    return sm_str_trim(s);
}

static bool is_heading(const sm_draft_par *p)
{
    return sm_str_starts(p->role, SM_STR("h"));
}

/* The section that a line is the heading of; SIZE_MAX: of none. */
static size_t section_of(const taker *t, sm_str line)
{
    sm_mark mark = sm_text_mark(line);
    sm_str words = mark.kind == SM_MARK_NONE ? line : mark.rest;
    size_t section = 0;
    for (size_t i = 0; i < t->draft->n_body; i++) {
        const sm_draft_par *p = &t->draft->body[i];
        if (!is_heading(p))
            continue;
        section++;
        if (sm_str_eq(sm_text_mark(p->text).rest, words))
            return section;
    }
    return SIZE_MAX;
}

static bool is_skeletons(const taker *t, sm_str line)
{
    for (size_t i = 0; i < t->draft->n_body; i++)
        if (sm_str_eq(t->draft->body[i].text, line))
            return true;
    return false;
}

static void take_paragraph(taker *t, sm_str line)
{
    sm_gate_report report;
    sm_gate_options o = { .max_bytes = PAR_BYTES, .by_sentence = true, .take = take, .ctx = t };
    if (t->n_fresh == MAX_NEW) {
        refuse(t, line, "too_long", (sm_str){ 0 });
        return;
    }
    sm_buf_init(&t->par, PAR_BYTES);
    sm_gate *g = sm_gate_open(t->op, t->x->evidence, &o);
    sm_gate_add(g, line);
    sm_gate_end(g, false, &report);
    sm_str text = sm_said_clean(t->op->arena, sm_buf_str(&t->par));
    sm_buf_done(&t->par);
    if (!text.n)
        return;
    t->at_section[t->n_fresh] = t->section;
    t->fresh[t->n_fresh++] = text;
}

static void take_line(taker *t, sm_str line)
{
    line = plain(line);
    if (!line.n || is_skeletons(t, line)) {
        size_t at = line.n ? section_of(t, line) : SIZE_MAX;
        t->section = at == SIZE_MAX ? t->section : at;
        return;
    }
    size_t section = section_of(t, line);
    sm_mark mark = sm_text_mark(line);
    bool heading = mark.kind == SM_MARK_ONE && !sm_str_has(line, SM_STR("。"));
    if (section != SIZE_MAX)
        t->section = section;
    else if (heading)
        refuse(t, line, "heading", SM_STR("提纲里没有这个标题"));
    else
        take_paragraph(t, line);
}

/* Behind what is known of the section, before its blanks. */
static void put_fresh(taker *t, sm_draft_par *to, size_t *n, size_t section)
{
    for (size_t i = 0; i < t->n_fresh; i++)
        if (t->at_section[i] == section)
            to[(*n)++] = (sm_draft_par){ SM_STR("p"), t->fresh[i], SM_DRAFT_MODEL, false };
}

static void put_in(taker *t)
{
    sm_draft *d = t->draft;
    sm_draft_par *to = SM_NEWS(t->op->arena, sm_draft_par, d->n_body + t->n_fresh + 1);
    size_t n = 0, section = 0;
    bool put = false;
    for (size_t i = 0; i < d->n_body; i++) {
        const sm_draft_par *p = &d->body[i];
        if (!put && (p->blank || is_heading(p))) {
            put_fresh(t, to, &n, section);
            put = true;
        }
        if (is_heading(p)) {
            section++;
            put = false;
        }
        to[n++] = *p;
    }
    if (!put)
        put_fresh(t, to, &n, section);
    d->body = to;
    d->n_body = n;
    d->by_model |= t->n_fresh > 0;
}

sm_rc sm_draft_take(sm_op *op, const sm_drafter *d, sm_draft *draft, const sm_source *clause,
                    size_t n, sm_str wrote, sm_draft_taken *out)
{
    sources *x = SM_NEW(op->arena, sources);
    taker *t = SM_NEW(op->arena, taker);
    sm_draft_taken taken = { .cut = wrote.n > SM_DRAFT_MAX_WROTE };
    sm_rc rc = collect(op, d, draft, clause, n, x);
    if (rc < 0)
        return rc;
    *t = (taker){ .op = op, .draft = draft, .x = x, .out = &taken };
    sm_str rest = sm_utf8_mend(op->arena, sm_str_sub(wrote, 0, SM_DRAFT_MAX_WROTE)), line;
    for (rest = without_thoughts(rest); rc == SM_OK && sm_str_cut(&rest, '\n', &line);) {
        take_line(t, line);
        rc = sm_op_check(op);
    }
    if (rc < 0)
        return rc;
    put_in(t);
    if (t->n_fresh)
        draft->prompt_version = sm_prompt_named(d->prompts, "draft")->version;
    *out = taken;
    return SM_OK;
}
