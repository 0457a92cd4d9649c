#include "fuzz_target.h"

#include <string.h>

#include "ground/ground.h"

#define OURS "依据《补领办法》第四条。"

static const char *const texts[] = {
    "补领身份证每证收费40元；但低保对象免收。",
    "自受理之日起20个工作日内办结。",
    "有下列情形之一的，不予补贴：\n（一）已经享受过住房补贴的；\n（二）在本市有自有住房的。\n补贴由"
    "市公安局发放。",
};

typedef struct seen {
    sm_op op;
    const sm_evidence *evidence;
    sm_buf all;
} seen;

/* Whole sentences of one passage, one after another, perhaps behind what leads in to them. */
static bool is_made_of(sm_str text, const sm_str *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t colon = sm_str_find(s[i], SM_STR("："), 0);
        sm_str lead = colon == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(s[i], 0, colon + 3);
        for (int with = 0; with < 2; with++)
            for (size_t k = 0; k < n; k++) {
                sm_str rest = text;
                if (with && (lead.n == 0 || !sm_str_starts(rest, lead)))
                    break;
                rest = sm_str_sub(rest, with ? lead.n : 0, rest.n);
                for (size_t m = k; m < n && sm_str_starts(rest, s[m]); m++) {
                    rest = sm_str_sub(rest, s[m].n, rest.n);
                    if (rest.n == 0)
                        return true;
                }
            }
    }
    return false;
}

static bool is_evidence(const sm_evidence *e, sm_str text)
{
    const sm_str *s;
    for (size_t p = 0; p < sm_evidence_n(e); p++) {
        size_t n = sm_evidence_sentences(e, p, &s);
        if (sm_str_eq(text, sm_evidence_source(e, p)->text) || is_made_of(text, s, n))
            return true;
    }
    return false;
}

static void take(void *ctx, const sm_gated *g)
{
    seen *s = ctx;
    sm_verdict v;
    sm_buf_addf(&s->all, "%d|%.*s|%s\n", (int)g->how, SM_ARG(g->text), g->code);
    if (g->how == SM_GATED_DROPPED) {
        fuzz_must(g->text.n == 0);
        return;
    }
    fuzz_must(g->text.n > 0 && sm_utf8_valid(g->text, NULL));
    bool theirs = is_evidence(s->evidence, g->text);
    for (sm_str rest = g->text; rest.n;) {
        uint32_t c = sm_utf8_next(&rest);
        fuzz_must((theirs || c != '\n') && !sm_is_hidden(c));
    }
    sm_ground_check(s->op.arena, s->evidence, g->text, NULL, 0, &v);
    bool said = v.kind == SM_SUPPORTED || sm_str_eq(g->text, SM_STR(OURS));
    for (size_t i = 0; i < g->n_sources && !said; i++) { /* where passages differ */
        sm_ground_check(s->op.arena, s->evidence, g->text, &g->source[i].passage, 1, &v);
        said = v.kind == SM_SUPPORTED;
    }
    fuzz_must(theirs || (g->how == SM_GATED_SAID && said));
}

static void through(seen *s, sm_str all, size_t piece, bool cut, bool by_sentence)
{
    sm_source source[SM_LEN(texts)];
    sm_evidence *e;
    sm_gate_report report;
    static const char *const ids[] = { "HJ-001/fee", "HJ-001/time", "P01/4" };
    for (size_t i = 0; i < SM_LEN(texts); i++)
        source[i] = (sm_source){ sm_str_of(ids[i]), SM_STR("办事指南"), sm_str_of(texts[i]) };
    sm_op_begin(&s->op);
    sm_buf_init(&s->all, 64 << 20);
    fuzz_must(sm_evidence_read(&s->op, source, SM_LEN(source), &e) == SM_OK);
    s->evidence = e;
    sm_gate *g = sm_gate_open(&s->op, e,
                              &(sm_gate_options){ .max_failures = 1000,
                                                  .by_sentence = by_sentence,
                                                  .trusted = { OURS },
                                                  .take = take,
                                                  .ctx = s });
    for (size_t at = 0; at < all.n; at += piece)
        sm_gate_add(g, sm_str_sub(all, at, at + piece));
    sm_gate_end(g, cut, &report);
    sm_buf_addf(&s->all, "%zu %zu %zu %zu", report.n_said, report.n_quoted, report.n_replaced,
                report.n_dropped);
}

static void done(seen *s)
{
    sm_buf_done(&s->all);
    sm_op_end(&s->op);
}

/* Whatever bytes come, what is shown is the evidence's, ours, or supported; and however they come,
 * it is the same.  The first byte says whether the writer broke off and passages may be parted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64 };
    seen whole, parts;
    if (size == 0 || size > 20000)
        return 0;
    bool cut = data[0] & 1, by_sentence = data[0] & 2;
    sm_str all = { (const char *)data + 1, size - 1 };
    through(&whole, all, size, cut, by_sentence);
    for (size_t i = 0; i < SM_LEN(pieces); i++) {
        through(&parts, all, pieces[i], cut, by_sentence);
        fuzz_must(sm_str_eq(sm_buf_str(&whole.all), sm_buf_str(&parts.all)));
        done(&parts);
    }
    done(&whole);
    return 0;
}
