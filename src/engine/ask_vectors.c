#include "engine/ask_inner.h"

static sm_rc begin_vectors(sm_asking *a, size_t n_text, size_t n_each)
{
    sm_job *j = a->job;
    if (n_text == 0 || n_text > SM_ASK_MAX_TEXTS)
        return sm_refuse(a->op, a->why, SM_REFUSED_INVALID, NULL, "一次应当有 1 到 %d 段文本",
                         SM_ASK_MAX_TEXTS);
    j->n_text = n_text;
    j->n_each = n_each;
    j->vector = SM_NEWS(a->op->arena, float, n_text *n_each);
    return SM_OK;
}

static sm_rc check_text(sm_asking *a, const sm_run *r, const char *param)
{
    unsigned n_ctx = sm_lm_about(a->o->m)->n_ctx;
    if (r->n == 0)
        return sm_asking_wrong(a, param, "里有空的文本");
    if (r->n > n_ctx)
        return sm_refuse(a->op, a->why, SM_REFUSED_CONTEXT, param,
                         "一段文本至多 %u 个词元，而有一段是 %zu 个", n_ctx, r->n);
    return SM_OK;
}

static sm_rc read_inputs(sm_asking *a)
{
    const json_t *v = json_object_get(a->v, "input");
    bool many = json_is_array(v) && !json_is_integer(json_array_get(v, 0));
    size_t n = many ? json_array_size(v) : 1;
    sm_rc rc = begin_vectors(a, n, (size_t)sm_lm_about(a->o->m)->n_embd);
    sm_run *text = rc == SM_OK ? SM_NEWS(a->op->arena, sm_run, n) : NULL;
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        const json_t *one = many ? json_array_get(v, i) : v;
        if (json_is_string(one) && json_string_length(one) == 0)
            return sm_asking_wrong(a, "input", "里有空的文本");
        rc = sm_asking_text(a, one, "input", &text[i]);
        if (rc == SM_OK)
            rc = check_text(a, &text[i], "input");
    }
    a->job->text = text;
    return rc;
}

static sm_rc read_embeddings(sm_asking *a, sm_str body)
{
    sm_rc rc;
    if ((rc = sm_asking_kind(a, SM_LM_EMBED, "做向量")) < 0 || (rc = sm_asking_body(a, body)) < 0 ||
        (rc = sm_asking_model(a)) < 0 || (rc = read_inputs(a)) < 0)
        return rc;
    sm_str format = sm_json_str(a->v, "encoding_format");
    if (format.n && !sm_str_eq(format, SM_STR("float")) && !sm_str_eq(format, SM_STR("base64")))
        return sm_asking_wrong(a, "encoding_format", "应当是 float 或 base64");
    int64_t n = sm_lm_about(a->o->m)->n_embd;
    return sm_asking_integer(a, "dimensions", 1, n, &n);
}

sm_rc sm_ask_embeddings(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                        sm_refused *why)
{
    sm_asking a;
    sm_asking_begin(&a, o, why);
    sm_rc rc = sm_asking_end(&a, op, read_embeddings(&a, body));
    if (rc < 0)
        return rc;
    *out = a.job;
    *extra = a.v;
    return SM_OK;
}

/* [BOS] query [EOS] [SEP] document [EOS], each as far as the model has it. */
static sm_rc read_pair(sm_asking *a, sm_str query, const json_t *document, sm_run *out)
{
    const sm_lm_facts *f = sm_lm_about(a->o->m);
    sm_tokens to = { 0 };
    sm_str text = sm_json_str(document, "text");
    if (json_is_string(document))
        text = (sm_str){ json_string_value(document), json_string_length(document) };
    sm_rc rc;
    if (text.n == 0)
        return sm_asking_wrong(a, "documents", "的每一项应当是文本，或有 text 的对象");
    const int32_t between[] = { f->eos, f->sep };
    if (f->add_bos && f->bos >= 0)
        sm_tokens_add(a, &to, f->bos);
    if ((rc = sm_tokens_add_text(a, &to, query, false)) < 0)
        return rc;
    for (size_t i = 0; i < SM_LEN(between); i++)
        if (between[i] >= 0 && !(i == 1 && f->sep == f->eos && !f->add_bos))
            sm_tokens_add(a, &to, between[i]);
    if ((rc = sm_tokens_add_text(a, &to, text, false)) < 0)
        return rc;
    if (f->eos >= 0)
        sm_tokens_add(a, &to, f->eos);
    *out = (sm_run){ to.t, to.n };
    return check_text(a, out, "documents");
}

static sm_rc read_rerank(sm_asking *a, sm_str body)
{
    sm_rc rc;
    if ((rc = sm_asking_kind(a, SM_LM_RANK, "重排")) < 0 || (rc = sm_asking_body(a, body)) < 0 ||
        (rc = sm_asking_model(a)) < 0)
        return rc;
    const json_t *documents = json_object_get(a->v, "documents");
    sm_str query = sm_json_str(a->v, "query");
    size_t n = json_array_size(documents);
    if (query.n == 0)
        return sm_asking_wrong(a, "query", "应当是文本");
    if ((rc = begin_vectors(a, n, 1)) < 0)
        return rc;
    sm_run *text = SM_NEWS(a->op->arena, sm_run, n);
    for (size_t i = 0; i < n; i++)
        if ((rc = read_pair(a, query, json_array_get(documents, i), &text[i])) < 0)
            return rc;
    a->job->text = text;
    int64_t top_n = 0;
    return sm_asking_integer(a, "top_n", 1, INT32_MAX, &top_n);
}

sm_rc sm_ask_rerank(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                    sm_refused *why)
{
    sm_asking a;
    sm_asking_begin(&a, o, why);
    sm_rc rc = sm_asking_end(&a, op, read_rerank(&a, body));
    if (rc < 0)
        return rc;
    *out = a.job;
    *extra = a.v;
    return SM_OK;
}
