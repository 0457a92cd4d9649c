/*
 * One sentence against the evidence.
 */
#include "ground/inner.h"

static const sm_fact *fact_with(const sm_read_passage *p, sm_str key)
{
    for (size_t k = 0; k < p->n_facts; k++)
        if (sm_str_eq(p->fact[k].key, key))
            return &p->fact[k];
    return NULL;
}

static sm_span span_of(const sm_evidence *e, size_t passage, sm_str part)
{
    return (sm_span){ passage, (size_t)(part.p - e->passage[passage].source.text.p), part.n };
}

void sm_ground_check(sm_arena *a, const sm_evidence *e, sm_str sentence, const size_t *among,
                     size_t n_among, sm_verdict *out)
{
    sm_fact *fact;
    sm_verdict v = { .kind = SM_SUPPORTED, .code = "ok" };
    size_t n = among ? n_among : e->n, n_facts = sm_text_facts(a, sentence, &fact), bad = 0;
    sm_wordset words = sm_wordset_of(a, sentence);
    v.fact = SM_NEWS(a, sm_checked_fact, n_facts + 1);
    v.n_facts = n_facts;
    for (size_t i = 0; i < n_facts; i++) {
        v.fact[i] =
            (sm_checked_fact){ fact[i].text, sm_fact_kind_name(fact[i].kind), false, { 0 } };
        for (size_t k = 0; k < n && !v.fact[i].ok; k++) {
            size_t p = among ? among[k] : k;
            const sm_fact *f = fact_with(&e->passage[p], fact[i].key);
            if (f)
                v.fact[i] = (sm_checked_fact){ fact[i].text, sm_fact_kind_name(fact[i].kind), true,
                                               span_of(e, p, f->text) };
        }
        bad += !v.fact[i].ok;
    }
    for (size_t k = 0; k < n; k++) {
        size_t p = among ? among[k] : k;
        double cover = sm_wordset_shared(&words, &e->passage[p].words);
        if (cover > v.cover && e->passage[p].n_sentences) {
            v.cover = cover;
            v.nearest = span_of(e, p, e->passage[p].sentence[0]);
        }
    }
    if (sm_str_trim(sentence).n == 0 || bad || v.cover < 0.5) {
        v.kind = SM_UNSUPPORTED;
        v.code = bad ? "fact_absent" : "wording";
    } else if (v.cover < 0.8) {
        v.kind = SM_PARTIAL;
        v.code = "wording";
    }
    *out = v;
}
