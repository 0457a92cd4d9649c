#include "ground/gate.h"

#include <string.h>

#include "ground/reader.h"
#include "ground/resting.h"
#include "text/text.h"

enum {
    BYTES = 16 * 1024,
    SENTENCES = 40,
    FAILURES = 6,
    QUOTE_BYTES = 2048,
    QUOTED_AT_ONCE = 12, /* sentences of one pointer */
    MOST_AFTER = 6,      /* that a sentence brings with it */
};
static const double MEANT = 0.35;      /* of what was written, in what takes its place */
static const double NEAR_ENOUGH = 0.5; /* of what must not be left out, in what was written */
static const double ALL_OF_IT = 0.9;

struct sm_gate {
    const sm_evidence *e;
    sm_gate_options o;
    sm_reader reader;
    sm_arena *scratch;                /* of one sentence */
    size_t n_read, n_shown, n_failed; /* failed: in a row */
    bool closed, waits;
    uint64_t *shown; /* hashes of texts */
    size_t n_hashes;
    sm_rest_index *rests;
    bool **used; /* sentences of passages that were shown as they are */
    sm_gate_report report;
};

const char *sm_gated_how_name(sm_gated_how how)
{
    static const char *const names[] = { "said", "quoted", "replaced", "dropped" };
    return names[how];
}

/* -------------------------------------------------------------------- what goes out */

static void count(sm_gate_report *r, sm_gated_how how)
{
    size_t *const n[] = { &r->n_said, &r->n_quoted, &r->n_replaced, &r->n_dropped };
    (*n[how])++;
}

static void give(sm_gate *g, const sm_gated *one)
{
    count(&g->report, one->how);
    if (g->o.take)
        g->o.take(g->o.ctx, one);
}

static void drop(sm_gate *g, const sm_heard *h, const char *code, const sm_verdict *v)
{
    give(g, &(sm_gated){ .how = SM_GATED_DROPPED, .wrote = h->raw, .code = code, .verdict = v });
}

/* What two passages say in the same words, each of its own matter, is not the same. */
static uint64_t hash_of(sm_gate *g, const sm_gated *one)
{
    bool quoted = one->how == SM_GATED_QUOTED || one->how == SM_GATED_REPLACED;
    uint64_t of = quoted && one->n_sources ? one->source[0].passage + 1 : 0;
    return sm_hash64(sm_text_normal(g->scratch, one->text), of);
}

/* False when it was shown before. */
static bool is_new(sm_gate *g, const sm_gated *one)
{
    uint64_t h = hash_of(g, one);
    for (size_t i = 0; i < g->n_hashes; i++)
        if (g->shown[i] == h)
            return false;
    g->shown[g->n_hashes++] = h;
    return true;
}

static void show(sm_gate *g, const sm_heard *h, sm_gated *one)
{
    if (!is_new(g, one)) {
        drop(g, h, "repeat", one->verdict);
        return;
    }
    one->wrote = h->raw;
    give(g, one);
    if (++g->n_shown >= g->o.max_sentences)
        g->closed = true;
}

static void fail(sm_gate *g)
{
    if (++g->n_failed < g->o.max_failures)
        return;
    g->closed = g->report.gave_up = true;
}

/* --------------------------------------------------------------- the evidence's own words */

typedef struct quote {
    size_t passage, first, last; /* sentences, from 0, last included */
    sm_str lead;                 /* what leads in to them and stands further up */
} quote;

static size_t sentences(const sm_gate *g, size_t passage, const sm_str **out)
{
    return sm_evidence_sentences(g->e, passage, out);
}

static bool is_listed(sm_str sentence)
{
    return sm_text_mark(sentence).kind >= SM_MARK_TWO;
}

/* "答：可以。" would answer any question. */
static bool is_answer(sm_str sentence)
{
    return sm_str_starts(sentence, SM_STR("答：")) || sm_str_starts(sentence, SM_STR("答:"));
}

static bool asks(sm_str sentence)
{
    return sm_str_starts(sentence, SM_STR("问：")) || sm_str_starts(sentence, SM_STR("问:")) ||
           sm_str_ends(sentence, SM_STR("？")) || sm_str_ends(sentence, SM_STR("?"));
}

/* Where a list's head ends in a sentence: behind the last colon that nothing or an item follows.
 * 0: it is none. */
static size_t lead_end(sm_str sentence)
{
    static const char *const colons[] = { "：", ":" };
    size_t last = 0;
    for (size_t k = 0; k < SM_LEN(colons); k++)
        for (size_t at = 0; (at = sm_str_find(sentence, sm_str_of(colons[k]), at)) != SIZE_MAX;) {
            at += strlen(colons[k]);
            sm_str rest = sm_str_trim(sm_str_sub(sentence, at, sentence.n));
            if (at > last && (rest.n == 0 || is_listed(rest)))
                last = at;
        }
    return last;
}

/* "有下列情形之一的，不予办理：" of its items, which mean nothing alone, or an answer's question.
 */
static void find_lead(const sm_str *s, quote *q)
{
    size_t i = q->first;
    if (i > 0 && is_answer(s[i]) && asks(s[i - 1])) {
        q->first--;
        return;
    }
    sm_mark_kind kind = sm_text_mark(s[i]).kind;
    while (i > 0 && is_listed(s[q->first]) && is_listed(s[i - 1]) &&
           (sm_text_mark(s[i - 1]).kind >= kind || !lead_end(s[i - 1])))
        i--; /* items beside it, and their own items */
    size_t end = i ? lead_end(s[i - 1]) : 0;
    if (end && end == s[i - 1].n && i == q->first)
        q->first = i - 1;
    else if (end && is_listed(s[q->first]))
        q->lead = sm_str_sub(s[i - 1], 0, end);
}

/* "但……" and "……除外" take back a part of what stands before them. */
static bool takes_back(sm_str sentence)
{
    static const char *const openings[] = { "但", "不过", "然而", "（但", "例外" };
    for (size_t i = 0; i < SM_LEN(openings); i++)
        if (sm_str_starts(sentence, sm_str_of(openings[i])))
            return true;
    return sm_str_ends(sentence, SM_STR("除外。")) || sm_str_ends(sentence, SM_STR("除外；"));
}

/* "以上标准只适用于……" says it of whatever stands before it. */
static bool points_back(sm_str sentence)
{
    static const char *const openings[] = { "以上", "上述", "前款",  "前项", "前述",
                                            "其余", "其他", "其中",  "否则", "不在此限",
                                            "除此", "该",   "此外的" };
    for (size_t i = 0; i < SM_LEN(openings); i++)
        if (sm_str_starts(sentence, sm_str_of(openings[i])))
            return true;
    return takes_back(sentence);
}

/* What the first sentence takes up comes with it.  False: it stands elsewhere. */
static bool find_before(const sm_str *s, quote *q)
{
    for (int k = 0; k < MOST_AFTER && points_back(s[q->first]); k++)
        if (q->first-- == 0)
            return false;
    return true;
}

/* A rule says too much without what takes a part of it back, a question nothing without its
 * answer, and the first half of an answer another thing than all of it. */
static void find_rest(const sm_str *s, size_t n, quote *q)
{
    bool answers = is_answer(s[q->last]) || asks(s[q->last]);
    for (int k = 0; k < MOST_AFTER && q->last + 1 < n; k++) {
        sm_str next = s[q->last + 1];
        if (!takes_back(next) && !(answers && !sm_str_starts(next, SM_STR("问"))))
            return;
        q->last++;
    }
}

static bool is_used(const sm_gate *g, const quote *q, size_t first)
{
    for (size_t i = first; i <= q->last; i++)
        if (!g->used[q->passage][i])
            return false;
    return true;
}

/* With a sign of its own. */
static bool ends(sm_str sentence)
{
    static const char *const signs[] = { "。", "；", "：", "！", "？", "，", "、",
                                         ";",  ":",  "!",  "?",  "）", "”" };
    return sm_str_ends_any(sentence, signs, SM_LEN(signs));
}

static sm_str text_of(sm_gate *g, const quote *q, const sm_str *s)
{
    sm_buf b;
    sm_buf_init(&b, QUOTE_BYTES);
    sm_buf_add(&b, q->lead);
    for (size_t i = q->first; i <= q->last; i++) {
        if (i > q->first && !ends(s[i - 1]))
            sm_buf_add(&b, SM_STR("；")); /* a row of a table ends with its figure */
        sm_buf_add(&b, s[i]);
    }
    sm_str text = b.failed ? (sm_str){ 0 } : sm_str_dup(g->scratch, sm_buf_str(&b));
    sm_buf_done(&b);
    return text;
}

/* "可以不交的有：" says something of what follows, which may be dropped: alone it says anything. */
static bool leads_in(sm_str text)
{
    return sm_str_ends(text, SM_STR("：")) || sm_str_ends(text, SM_STR(":"));
}

/* A passage is not parted: conditions, exceptions, heads and units that belong to a sentence stand
 * in it, however they are written.  One this long is not quoted at all. */
static bool is_long(const sm_gate *g, size_t passage)
{
    return !g->o.by_sentence &&
           sm_utf8_count(sm_evidence_source(g->e, passage)->text) > SM_GATE_WHOLE_CHARS;
}

/* Why what was to be quoted is not shown. */
static const char *not_quoted(const sm_gate *g, size_t passage)
{
    return is_long(g, passage) ? "long" : "repeat";
}

/* The sentences with what belongs to them; false: it cannot be told. */
static bool widen(const sm_gate *g, quote *q, size_t *first)
{
    const sm_str *s;
    size_t n = sentences(g, q->passage, &s);
    if (!g->o.by_sentence) {
        *q = (quote){ q->passage, *first = 0, n - 1, { 0 } };
        return true;
    }
    if (!find_before(s, q))
        return false;
    *first = q->first;
    find_lead(s, q);
    find_rest(s, n, q);
    return true;
}

/* Puts the sentences in; false when there is nothing new in them, or too much. */
static bool put_quote(sm_gate *g, const sm_heard *h, quote q, sm_gated *one)
{
    const sm_str *s;
    size_t first;
    sm_str whole = sm_evidence_source(g->e, q.passage)->text;
    sentences(g, q.passage, &s);
    if (is_long(g, q.passage) || !sm_rest_usable(g->rests, q.passage) || !widen(g, &q, &first))
        return false;
    one->text = g->o.by_sentence ? text_of(g, &q, s) : sm_str_trim(whole);
    if (is_used(g, &q, first) || one->text.n == 0 || leads_in(s[q.last]))
        return false;
    for (size_t i = first; i <= q.last; i++)
        g->used[q.passage][i] = true;
    size_t at = (size_t)(s[q.first].p - whole.p);
    size_t end = (size_t)(s[q.last].p - whole.p) + s[q.last].n;
    one->source[one->n_sources++] = (sm_span){ q.passage, at, end - at };
    if (q.lead.n)
        one->source[one->n_sources++] =
            (sm_span){ q.passage, (size_t)(q.lead.p - whole.p), q.lead.n };
    show(g, h, one);
    return true;
}

static void quote_pointer(sm_gate *g, const sm_heard *h)
{
    const sm_str *s;
    sm_gated one = { .how = SM_GATED_QUOTED, .code = "ok" };
    size_t p = h->passage, n = p && p <= sm_evidence_n(g->e) ? sentences(g, p - 1, &s) : 0;
    if (h->first == 0 || h->first > h->last || h->last > n ||
        h->last - h->first >= QUOTED_AT_ONCE) {
        drop(g, h, "pointer", NULL);
        fail(g);
        return;
    }
    if (!put_quote(g, h, (quote){ p - 1, h->first - 1, h->last - 1, { 0 } }, &one))
        drop(g, h, not_quoted(g, p - 1), NULL);
    else
        g->n_failed = 0;
}

/* ------------------------------------------------------------------ the writer's words */

static void add_source(sm_gated *one, sm_span s)
{
    for (size_t i = 0; i < one->n_sources; i++)
        if (one->source[i].passage == s.passage)
            return;
    if (one->n_sources < SM_GATED_SOURCES && s.n)
        one->source[one->n_sources++] = s;
}

/* The sentence of the evidence that a verdict is nearest to; false: none. */
static bool nearest_sentence(const sm_gate *g, const sm_verdict *v, quote *q)
{
    const sm_str *s;
    size_t p = v->nearest.passage, i = 0;
    if (v->nearest.n == 0 || p >= sm_evidence_n(g->e))
        return false;
    const char *at = sm_evidence_source(g->e, p)->text.p + v->nearest.at;
    size_t n = sentences(g, p, &s);
    while (i < n && s[i].p + s[i].n <= at)
        i++;
    *q = (quote){ p, i, i, { 0 } };
    return i < n;
}

static double share_in(sm_gate *g, sm_str part, sm_str whole)
{
    return sm_text_shared(g->scratch, part, whole);
}

/* What is true where it stands and misleads alone: an item of "有下列情形之一的，不予办理：", a
 * rule without the exception behind it, a question without its answer.  NULL: it may stand alone.
 */
static const char *lacks(sm_gate *g, sm_str text, const quote *at)
{
    const sm_str *s;
    quote q = *at;
    size_t n = sentences(g, q.passage, &s), i = q.first;
    if (points_back(s[i]))
        return "condition";
    find_lead(s, &q);
    find_rest(s, n, &q);
    sm_str lead = q.lead.n ? q.lead : q.first < i ? s[q.first] : (sm_str){ 0 };
    if (q.last > i && (asks(s[i]) || share_in(g, s[i + 1], text) < ALL_OF_IT))
        return "exception";
    bool only_item = lead.n && share_in(g, text, s[i]) >= ALL_OF_IT;
    return only_item && share_in(g, lead, text) < NEAR_ENOUGH ? "condition" : NULL;
}

static bool is_letter(uint32_t c)
{
    return sm_is_han(c) || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (c >= 0xc0 && c < 0x2000) || (c >= 0x2460 && c <= 0x2bff) ||
           (c >= 0x3040 && c < 0xff00) || (c >= 0xff10 && c <= 0xff5a) || c >= 0x10000;
}

/* The next letter or figure; 0: there is none. */
static uint32_t next_letter(sm_str *s)
{
    while (s->n) {
        uint32_t c = sm_utf8_next(s);
        if (is_letter(c))
            return c;
    }
    return 0;
}

/* But for signs and blanks. */
static bool same_words(sm_str a, sm_str b)
{
    uint32_t x, y;
    do {
        x = next_letter(&a);
        y = next_letter(&b);
    } while (x && x == y);
    return x == y;
}

/* The sentences themselves that a supported one rests on. */
static void say_own_words(sm_gate *g, const sm_heard *h, const sm_verdict *v)
{
    sm_resting at = sm_rests_on(g->scratch, g->rests, h->text);
    bool any = false;
    for (size_t i = 0; i < at.n && !g->closed; i++) {
        sm_gated one = { .how = SM_GATED_REPLACED, .code = "own_words", .verdict = v };
        quote q = { at.on[i].passage, at.on[i].sentence, at.on[i].sentence, { 0 } };
        any |= put_quote(g, h, q, &one);
    }
    if (!any)
        drop(g, h, at.n ? not_quoted(g, at.on[0].passage) : "repeat", v);
}

/* In the writer's words, which a further reader has found in the evidence. */
static void say_as_it_came(sm_gate *g, const sm_heard *h, const sm_verdict *v)
{
    sm_gated one = { .how = SM_GATED_SAID, .text = h->text, .code = "ok", .verdict = v };
    add_source(&one, v->nearest);
    for (size_t i = 0; i < v->n_facts; i++)
        if (v->fact[i].ok)
            add_source(&one, v->fact[i].where);
    show(g, h, &one);
}

static bool is_trusted(const sm_gate *g, sm_str text)
{
    for (size_t i = 0; i < SM_LEN(g->o.trusted) && g->o.trusted[i]; i++)
        if (sm_str_eq(text, sm_str_of(g->o.trusted[i])))
            return true;
    return false;
}

/* Cited passages first; what holds on others holds. */
static void check(sm_gate *g, const sm_heard *h, sm_verdict *v)
{
    size_t cited[SM_HEARD_CITES], n = 0;
    for (size_t i = 0; i < h->n_cites; i++)
        if (h->cite[i] > 0 && h->cite[i] <= sm_evidence_n(g->e))
            cited[n++] = h->cite[i] - 1;
    v->kind = SM_UNSUPPORTED;
    if (n)
        sm_ground_check(g->scratch, g->e, h->text, cited, n, v);
    if (v->kind != SM_SUPPORTED)
        sm_ground_check(g->scratch, g->e, h->text, NULL, 0, v);
}

/* The sentence of the evidence that was meant, when one is near enough. */
static bool replace(sm_gate *g, const sm_heard *h, const sm_verdict *v)
{
    const sm_str *s;
    quote q;
    sm_gated one = { .how = SM_GATED_REPLACED, .code = v->code, .verdict = v };
    if (!nearest_sentence(g, v, &q))
        return false;
    sentences(g, q.passage, &s);
    return share_in(g, h->text, s[q.first]) >= MEANT && put_quote(g, h, q, &one);
}

/* Signs and blanks apart, a sentence of the evidence: there is nothing to be judged. */
static bool is_verbatim(const sm_gate *g, sm_str text, quote *q)
{
    const sm_str *s;
    for (size_t p = 0; p < sm_evidence_n(g->e); p++)
        for (size_t i = 0, n = sentences(g, p, &s); i < n && sm_rest_usable(g->rests, p); i++)
            if (same_words(text, s[i])) {
                *q = (quote){ p, i, i, { 0 } };
                return true;
            }
    return false;
}

/* As it is stored, with what it must not stand without. */
static void say_verbatim(sm_gate *g, const sm_heard *h, const quote *q)
{
    const sm_str *s;
    bool part = sentences(g, q->passage, &s) > 1 && !g->o.by_sentence;
    const char *code = part ? NULL : lacks(g, h->text, q);
    if (leads_in(s[q->first])) {
        drop(g, h, "heading", NULL);
        return;
    }
    sm_gated one = { .how = part   ? SM_GATED_QUOTED
                            : code ? SM_GATED_REPLACED
                                   : SM_GATED_SAID,
                     .code = part   ? "whole"
                             : code ? code
                                    : "ok" };
    g->n_failed = 0;
    if (part || code) {
        if (!put_quote(g, h, *q, &one))
            drop(g, h, not_quoted(g, q->passage), NULL);
        return;
    }
    one.text = s[q->first];
    size_t at = (size_t)(one.text.p - sm_evidence_source(g->e, q->passage)->text.p);
    add_source(&one, (sm_span){ q->passage, at, one.text.n });
    show(g, h, &one);
}

/* The further reader's vote, where there is one: on what is supported and may stand alone, and
 * where nothing but the wording decided.  False: it is waited for. */
static bool hear_vote(sm_gate *g, const sm_heard *h, sm_verdict *v, bool *voted)
{
    quote q;
    if (!g->o.vote || (!v->open && v->kind != SM_SUPPORTED) ||
        (nearest_sentence(g, v, &q) && lacks(g, h->text, &q)))
        return true;
    switch (g->o.vote(g->o.ctx, h->text)) {
    case SM_VOTE_WAIT:
        g->waits = g->closed = true;
        return false;
    case SM_VOTE_HOLDS:
        v->kind = SM_SUPPORTED;
        *voted = true;
        break;
    case SM_VOTE_FAILS:
        v->kind = v->kind == SM_SUPPORTED ? SM_UNSUPPORTED : v->kind;
        v->code = "voted";
        v->why = SM_STR("另一个模型读了证据，认为没有这样说");
        break;
    case SM_VOTE_NONE:
        break;
    }
    return true;
}

static void judge(sm_gate *g, const sm_heard *h)
{
    sm_verdict v;
    quote q;
    bool voted = false;
    if (is_verbatim(g, h->text, &q)) {
        say_verbatim(g, h, &q);
        return;
    }
    check(g, h, &v);
    if (!hear_vote(g, h, &v, &voted))
        return;
    if (v.kind == SM_SUPPORTED) {
        g->n_failed = 0;
        (voted ? say_as_it_came : say_own_words)(g, h, &v);
        return;
    }
    g->report.n_contradicted += v.kind == SM_CONTRADICTED;
    if (v.kind == SM_CONTRADICTED || !replace(g, h, &v))
        drop(g, h, v.code, &v);
    fail(g);
}

static void hear(void *gate, const sm_heard *h)
{
    sm_gate *g = gate;
    if (g->closed)
        return;
    if (h->kind == SM_HEARD_POINTER) {
        quote_pointer(g, h);
    } else if (h->kind == SM_HEARD_HEADING || leads_in(h->text)) {
        drop(g, h, "heading", NULL);
    } else if (h->kind == SM_HEARD_TOO_LONG) {
        drop(g, h, "too_long", NULL);
        fail(g);
    } else if (is_trusted(g, h->text)) {
        show(g, h, &(sm_gated){ .how = SM_GATED_SAID, .text = h->text, .code = "ok" });
    } else {
        judge(g, h);
    }
    sm_arena_reset(g->scratch);
}

/* ------------------------------------------------------------------------- the gate */

static void close_scratch(void *arena)
{
    sm_arena_close(arena);
}

sm_gate *sm_gate_open(sm_op *op, const sm_evidence *e, const sm_gate_options *o)
{
    sm_gate *g = SM_NEW(op->arena, sm_gate);
    g->e = e;
    g->o = *o;
    g->o.max_bytes = o->max_bytes ? o->max_bytes : BYTES;
    g->o.max_sentences = o->max_sentences ? o->max_sentences : SENTENCES;
    g->o.max_failures = o->max_failures ? o->max_failures : FAILURES;
    g->scratch = sm_arena_open();
    sm_arena_defer(op->arena, close_scratch, g->scratch);
    g->shown = SM_NEWS(op->arena, uint64_t, g->o.max_sentences + 1);
    g->used = SM_NEWS(op->arena, bool *, sm_evidence_n(e) + 1);
    g->rests = sm_rest_index_of(op->arena, e);
    for (size_t i = 0; i < sm_evidence_n(e); i++) {
        const sm_str *s;
        size_t n = sentences(g, i, &s);
        g->used[i] = SM_NEWS(op->arena, bool, n + 1);
    }
    sm_reader_begin(&g->reader, e, hear, g);
    return g;
}

bool sm_gate_add(sm_gate *g, sm_str bytes)
{
    size_t room = g->o.max_bytes - g->n_read;
    if (!g->closed)
        sm_reader_add(&g->reader, sm_str_sub(bytes, 0, room));
    g->n_read += SM_MIN(room, bytes.n);
    return !g->closed && g->n_read < g->o.max_bytes;
}

bool sm_gate_waits(const sm_gate *g)
{
    return g->waits;
}

void sm_gate_end(sm_gate *g, bool cut, sm_gate_report *out)
{
    if (!g->closed)
        sm_reader_end(&g->reader, cut || g->n_read >= g->o.max_bytes);
    g->closed = true;
    *out = g->report;
}
