/*
 * Verdicts as JSON, and the batch contract: evidence and a sentence in, a verdict out.
 */
#include "ground/inner.h"

#include <string.h>

const char *sm_verdict_name(sm_verdict_kind k)
{
    static const char *const names[] = { "supported", "partial", "unsupported", "contradicted" };
    return names[k];
}

static json_t *id_json(const sm_evidence *e, const sm_span *s)
{
    return s->n ? sm_json_of(e->passage[s->passage].source.id) : json_null();
}

static json_t *nearest_json(const sm_evidence *e, const sm_span *s)
{
    if (s->n == 0)
        return json_null();
    sm_str text = sm_str_sub(e->passage[s->passage].source.text, s->at, s->at + s->n);
    return json_pack("{s:o,s:o}", "id", id_json(e, s), "text", sm_json_of(text));
}

json_t *sm_verdict_json(const sm_evidence *e, const sm_verdict *v)
{
    json_t *facts = json_array();
    for (size_t i = 0; i < v->n_facts; i++) {
        const sm_checked_fact *f = &v->fact[i];
        json_array_append_new(facts, json_pack("{s:o,s:s,s:b,s:o}", "text", sm_json_of(f->text),
                                               "kind", f->kind, "ok", f->ok, "where",
                                               f->ok ? id_json(e, &f->where) : json_null()));
    }
    return json_pack("{s:s,s:o,s:o,s:s,s:o,s:b}", "verdict", sm_verdict_name(v->kind), "facts",
                     facts, "why", sm_json_of(v->why), "code", v->code, "nearest",
                     nearest_json(e, &v->nearest), "open", (int)v->open);
}

/* ------------------------------------------------------------ the contract */

static sm_rc member(sm_op *op, const json_t *in, const char *key, const char *where, bool required,
                    sm_str *out)
{
    const json_t *v = json_object_get(in, key);
    if (!v && !required)
        return SM_OK;
    if (!json_is_string(v))
        return sm_fail(op, SM_E_INVALID, "%s%s 应当是文字", where, key);
    *out = sm_json_str(in, key);
    return SM_OK;
}

static sm_rc read_source(sm_op *op, const json_t *in, size_t i, sm_source *out)
{
    char where[64];
    snprintf(where, sizeof(where), "evidence 第 %zu 条的 ", i + 1);
    if (!json_is_object(in))
        return sm_fail(op, SM_E_INVALID, "evidence 第 %zu 条应当是对象", i + 1);
    sm_rc rc = member(op, in, "id", where, true, &out->id);
    if (rc == SM_OK)
        rc = member(op, in, "title", where, false, &out->title);
    return rc == SM_OK ? member(op, in, "text", where, true, &out->text) : rc;
}

sm_rc sm_evidence_parse(sm_op *op, const json_t *list, const sm_organs *organs, sm_evidence **out)
{
    if (!json_is_array(list))
        return sm_fail(op, SM_E_INVALID, "evidence 应当是列表");
    size_t n = json_array_size(list);
    if (n > SM_EVIDENCE_MAX)
        return sm_fail(op, SM_E_LIMIT, "evidence 超过 %d 条", SM_EVIDENCE_MAX);
    sm_source *source = SM_NEWS(op->arena, sm_source, n + 1);
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = read_source(op, json_array_get(list, i), i, &source[i]);
        if (rc < 0)
            return rc;
    }
    return sm_evidence_read_with(op, source, n, organs, out);
}

sm_rc sm_ground_line(sm_op *op, json_t *in, json_t **last)
{
    json_t *evidence = json_object_get(in, "evidence");
    const char *sign = json_string_value(evidence);
    if (sign && strcmp(sign, "=") == 0) {
        if (!*last)
            return sm_fail(op, SM_E_INVALID, "evidence 写作“=”，前面却没有证据");
        json_object_set(in, "evidence", *last);
    } else if (evidence) {
        json_decref(*last);
        *last = json_incref(evidence);
    }
    return SM_OK;
}

sm_rc sm_ground_answer(sm_op *op, const json_t *asked, const sm_organs *organs, json_t **out)
{
    sm_evidence *e;
    sm_str sentence = { 0 };
    sm_verdict v;
    if (!json_is_object(asked))
        return sm_fail(op, SM_E_INVALID, "不是 JSON 对象");
    sm_rc rc = member(op, asked, "sentence", "", true, &sentence);
    if (rc == SM_OK && sentence.n > SM_SENTENCE_MAX_BYTES)
        rc = sm_fail(op, SM_E_LIMIT, "sentence 超过 %d 字节", SM_SENTENCE_MAX_BYTES);
    if (rc == SM_OK)
        rc = sm_evidence_parse(op, json_object_get(asked, "evidence"), organs, &e);
    if (rc < 0)
        return rc;
    sm_ground_check(op->arena, e, sentence, NULL, 0, &v);
    json_t *said = json_object(), *id = json_object_get(asked, "id"), *j = sm_verdict_json(e, &v);
    json_object_set_new(said, "id", id ? json_deep_copy(id) : json_null());
    json_object_update(said, j);
    json_decref(j);
    *out = said;
    return SM_OK;
}
