/*
 * Evidence: the passages read once, so that each sentence costs only its own reading.
 */
#include "ground/inner.h"

#include <string.h>

static sm_rc check_source(sm_op *op, const sm_source *p, size_t i, size_t *bytes)
{
    *bytes += p[i].text.n + p[i].title.n;
    if (*bytes > SM_EVIDENCE_MAX_BYTES)
        return sm_fail(op, SM_E_LIMIT, "证据合起来超过 %d 字节", SM_EVIDENCE_MAX_BYTES);
    if (p[i].id.n == 0)
        return sm_fail(op, SM_E_INVALID, "第 %zu 条证据没有 id", i + 1);
    if (!sm_utf8_valid(p[i].id, NULL) || !sm_utf8_valid(p[i].title, NULL) ||
        !sm_utf8_valid(p[i].text, NULL))
        return sm_fail(op, SM_E_INVALID, "第 %zu 条证据不是 UTF-8 文字", i + 1);
    for (size_t k = 0; k < i; k++)
        if (sm_str_eq(p[k].id, p[i].id))
            return sm_fail(op, SM_E_INVALID, "证据里有两条的 id 都是 %.*s", SM_ARG(p[i].id));
    return SM_OK;
}

sm_rc sm_evidence_read(sm_op *op, const sm_source *passage, size_t n, sm_evidence **out)
{
    size_t bytes = 0;
    if (n > SM_EVIDENCE_MAX)
        return sm_fail(op, SM_E_LIMIT, "证据超过 %d 条", SM_EVIDENCE_MAX);
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = check_source(op, passage, i, &bytes);
        if (rc < 0)
            return rc;
    }
    sm_evidence *e = SM_NEW(op->arena, sm_evidence);
    e->n = n;
    e->passage = SM_NEWS(op->arena, sm_read_passage, n + 1);
    for (size_t i = 0; i < n; i++) {
        sm_read_passage *p = &e->passage[i];
        p->source = passage[i];
        p->n_sentences = sm_text_sentences(op->arena, p->source.text, &p->sentence);
        p->n_facts = sm_text_facts(op->arena, p->source.text, &p->fact);
        p->words =
            sm_wordset_of(op->arena, sm_strf(op->arena, "%.*s\n%.*s", SM_ARG(p->source.title),
                                             SM_ARG(p->source.text)));
    }
    *out = e;
    return SM_OK;
}

size_t sm_evidence_n(const sm_evidence *e)
{
    return e->n;
}

const sm_source *sm_evidence_source(const sm_evidence *e, size_t i)
{
    return &e->passage[i].source;
}

size_t sm_evidence_sentences(const sm_evidence *e, size_t passage, const sm_str **out)
{
    *out = e->passage[passage].sentence;
    return e->passage[passage].n_sentences;
}
