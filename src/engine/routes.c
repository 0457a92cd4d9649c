#include "engine/routes.h"

#include <math.h>
#include <string.h>

static sm_engine *engine_of(const sm_request *r)
{
    return sm_request_ctx(r);
}

static sm_rc refuse(sm_request *r, sm_refusal_code code, const char *param, sm_str message)
{
    if (code == SM_REFUSED_QUEUE || code == SM_REFUSED_LOADING)
        sm_respond_header(r, "Retry-After", "1");
    return sm_respond_json(r, sm_refusal_status(code), sm_refusal_json(code, param, message));
}

static sm_rc refuse_loading(sm_request *r)
{
    return refuse(r, SM_REFUSED_LOADING, NULL, SM_STR("模型正在载入，请稍后再试"));
}

/* What asking failed with; the failure is answered, so the op forgets it. */
static sm_rc refuse_asked(sm_request *r, const sm_refused *why)
{
    sm_op *op = sm_request_op(r);
    sm_str message = op->msg;
    sm_op_clear(op);
    return refuse(r, why->code, why->param, message);
}

static bool is_ready(const sm_request *r)
{
    return atomic_load(&engine_of(r)->ready);
}

static void mark_gone(void *job)
{
    atomic_store(&((sm_job *)job)->gone, true);
}

/* ------------------------------------------------------------------- text */

static sm_rc answer_text(sm_request *r)
{
    sm_reply *p = sm_request_kept(r);
    sm_request_on_gone(r, NULL, NULL);
    sm_str body = sm_str_dup(sm_request_op(r)->arena, sm_buf_str(&p->chunk));
    int status = p->status;
    sm_reply_close(p);
    return sm_respond_bytes(r, status, "application/json; charset=utf-8", body);
}

static sm_rc hand_over(sm_request *r, sm_reply *p)
{
    sm_engine *e = engine_of(r);
    if (!sm_worker_promise(e->worker)) {
        sm_reply_close(p);
        return refuse(r, SM_REFUSED_QUEUE, NULL, SM_STR("等候的请求太多，请稍后再试"));
    }
    if (p->streams) {
        p->s = sm_respond_stream(r);
        sm_stream_on_gone(p->s, mark_gone, p->job);
    } else {
        p->r = r;
        sm_request_keep(r, p);
        sm_request_wait(r, answer_text);
        sm_request_on_gone(r, mark_gone, p->job);
    }
    sm_worker_put(e->worker, p->job);
    return SM_OK;
}

typedef sm_rc ask_fn(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why);

static sm_rc run_text(sm_request *r, ask_fn *ask)
{
    sm_reply *p;
    sm_refused why;
    if (!is_ready(r))
        return refuse_loading(r);
    if (ask(sm_request_op(r), &engine_of(r)->offer, sm_request_body(r), &p, &why) < 0)
        return refuse_asked(r, &why);
    return hand_over(r, p);
}

static sm_rc chat(sm_request *r)
{
    return run_text(r, sm_ask_chat);
}

static sm_rc completions(sm_request *r)
{
    return run_text(r, sm_ask_completion);
}

/* ---------------------------------------------------------------- vectors */

/* A request for vectors while its job is under way; of the job's arena. */
typedef struct waiting {
    sm_job *job;
    sm_request *r;
    json_t *asked;
    sm_finish why;
} waiting;

static void vectors_end(sm_job *j, sm_finish why)
{
    waiting *w = j->ctx;
    w->why = why;
    sm_request_go_on(w->r);
}

static size_t count_tokens(const sm_job *j)
{
    size_t n = 0;
    for (size_t i = 0; i < j->n_text; i++)
        n += j->text[i].n;
    return n;
}

/* To length 1; the first n numbers only. */
static void normalize(float *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    float scale = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
    for (size_t i = 0; i < n; i++)
        v[i] *= scale;
}

static void add_base64(sm_buf *b, const uint8_t *p, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t x = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                     (left > 2 ? (uint32_t)p[i + 2] : 0);
        char out[4] = { digit[x >> 18], digit[x >> 12 & 63], left > 1 ? digit[x >> 6 & 63] : '=',
                        left > 2 ? digit[x & 63] : '=' };
        sm_buf_add(b, (sm_str){ out, sizeof(out) });
    }
}

static void add_vector(sm_buf *b, const float *v, size_t n, bool base64)
{
    if (base64) {
        sm_buf_addc(b, '"');
        add_base64(b, (const uint8_t *)v, n * sizeof(*v));
        sm_buf_addc(b, '"');
        return;
    }
    sm_buf_addc(b, '[');
    for (size_t i = 0; i < n; i++)
        sm_buf_addf(b, i ? ",%.9g" : "%.9g", (double)v[i]);
    sm_buf_addc(b, ']');
}

static void add_vector_usage(sm_buf *b, const sm_engine *e, const sm_job *j)
{
    size_t n = count_tokens(j);
    sm_buf_add(b, SM_STR("\"model\":"));
    sm_reply_quote(b, sm_str_of(j->lora < 0 ? e->offer.id : e->offer.lora[j->lora].name));
    sm_buf_addf(b, ",\"usage\":{\"prompt_tokens\":%zu,\"total_tokens\":%zu}}", n, n);
}

static void write_embeddings(sm_buf *b, const sm_engine *e, const waiting *w)
{
    const sm_job *j = w->job;
    bool base64 = sm_str_eq(sm_json_str(w->asked, "encoding_format"), SM_STR("base64"));
    const json_t *dimensions = json_object_get(w->asked, "dimensions");
    size_t n = json_is_integer(dimensions) ? (size_t)json_integer_value(dimensions) : j->n_each;
    sm_buf_add(b, SM_STR("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < j->n_text; i++) {
        float *v = j->vector + i * j->n_each;
        normalize(v, n);
        sm_buf_addf(b, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":", i ? "," : "", i);
        add_vector(b, v, n, base64);
        sm_buf_addc(b, '}');
    }
    sm_buf_add(b, SM_STR("],"));
    add_vector_usage(b, e, j);
}

/* The best first, of equal ones the first; top_n of them. */
static void write_ranks(sm_buf *b, const sm_engine *e, const waiting *w)
{
    const sm_job *j = w->job;
    const json_t *top_n = json_object_get(w->asked, "top_n");
    size_t n =
        json_is_integer(top_n) ? SM_MIN((size_t)json_integer_value(top_n), j->n_text) : j->n_text;
    bool *told = SM_NEWS(j->op.arena, bool, j->n_text);
    sm_buf_add(b, SM_STR("{\"object\":\"list\",\"results\":["));
    for (size_t k = 0; k < n; k++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < j->n_text; i++)
            if (!told[i] && (best == SIZE_MAX || j->vector[i] > j->vector[best]))
                best = i;
        told[best] = true;
        sm_buf_addf(b, "%s{\"index\":%zu,\"relevance_score\":%.9g}", k ? "," : "", best,
                    (double)j->vector[best]);
    }
    sm_buf_add(b, SM_STR("],"));
    add_vector_usage(b, e, j);
}

static sm_rc answer_vectors(sm_request *r)
{
    const sm_engine *e = engine_of(r);
    waiting *w = sm_request_kept(r);
    sm_job *j = w->job;
    sm_op *op = sm_request_op(r);
    sm_buf b;
    sm_str body;
    sm_request_on_gone(r, NULL, NULL);
    if (w->why == SM_FINISH_FAILED) {
        sm_str message = sm_str_dup(op->arena, j->op.msg);
        sm_refusal_code code =
            j->op.rc == SM_E_UNAVAILABLE ? SM_REFUSED_LOADING : SM_REFUSED_FAILED;
        sm_job_close(j);
        return refuse(r, code, NULL, message);
    }
    sm_buf_init(&b, (size_t)1 << 30);
    if (sm_lm_about(e->offer.m)->kind == SM_LM_RANK)
        write_ranks(&b, e, w);
    else
        write_embeddings(&b, e, w);
    sm_job_close(j);
    sm_rc rc = sm_buf_take(op, &b, &body);
    return rc < 0 ? rc : sm_respond_bytes(r, 200, "application/json; charset=utf-8", body);
}

typedef sm_rc ask_vectors_fn(sm_op *op, const sm_offer *o, sm_str body, sm_job **out,
                             json_t **extra, sm_refused *why);

static sm_rc run_vectors(sm_request *r, ask_vectors_fn *ask)
{
    sm_engine *e = engine_of(r);
    sm_job *j;
    json_t *asked;
    sm_refused why;
    if (!is_ready(r))
        return refuse_loading(r);
    if (ask(sm_request_op(r), &e->offer, sm_request_body(r), &j, &asked, &why) < 0)
        return refuse_asked(r, &why);
    if (!sm_worker_promise(e->worker)) {
        sm_job_close(j);
        return refuse(r, SM_REFUSED_QUEUE, NULL, SM_STR("等候的请求太多，请稍后再试"));
    }
    waiting *w = SM_NEW(j->op.arena, waiting);
    *w = (waiting){ .job = j, .r = r, .asked = asked };
    j->ctx = w;
    j->end = vectors_end;
    sm_request_keep(r, w);
    sm_request_wait(r, answer_vectors);
    sm_request_on_gone(r, mark_gone, j);
    sm_worker_put(e->worker, j);
    return SM_OK;
}

static sm_rc embeddings(sm_request *r)
{
    return run_vectors(r, sm_ask_embeddings);
}

static sm_rc rerank(sm_request *r)
{
    return run_vectors(r, sm_ask_rerank);
}

/* ------------------------------------------------------------------ tokens */

static sm_rc tokenize(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    json_t *v, *list;
    int32_t *t;
    size_t n;
    if (!is_ready(r))
        return refuse_loading(r);
    if (sm_request_json(r, &v) < 0)
        return refuse_asked(r, &(sm_refused){ SM_REFUSED_INVALID, NULL });
    bool special = json_is_true(json_object_get(v, "parse_special")),
         edges = json_is_true(json_object_get(v, "add_special"));
    sm_str text = sm_json_str(v, "content");
    if (sm_lm_tokens(op, engine_of(r)->offer.m, text, special, edges, &t, &n) < 0)
        return refuse_asked(r, &(sm_refused){ SM_REFUSED_INVALID, "content" });
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(t[i]));
    return sm_respond_json(r, 200, json_pack("{s:o}", "tokens", list));
}

static sm_rc detokenize(sm_request *r)
{
    json_t *v, *x;
    size_t i;
    sm_buf b, out;
    sm_str body;
    if (!is_ready(r))
        return refuse_loading(r);
    if (sm_request_json(r, &v) < 0)
        return refuse_asked(r, &(sm_refused){ SM_REFUSED_INVALID, NULL });
    const sm_lm *m = engine_of(r)->offer.m;
    sm_buf_init(&b, SM_REPLY_BYTES);
    json_array_foreach(json_object_get(v, "tokens"), i, x)
    {
        if (!json_is_integer(x) || !sm_lm_is_token(m, json_integer_value(x))) {
            sm_buf_done(&b);
            return refuse(r, SM_REFUSED_INVALID, "tokens", SM_STR("tokens 应当是词元编号的数组"));
        }
        sm_buf_add(&b, sm_lm_name(m, (int32_t)json_integer_value(x)));
    }
    sm_buf_init(&out, 3 * SM_REPLY_BYTES);
    sm_buf_add(&out, SM_STR("{\"content\":"));
    sm_reply_quote(&out, sm_buf_str(&b));
    sm_buf_addc(&out, '}');
    sm_buf_done(&b);
    sm_rc rc = sm_buf_take(sm_request_op(r), &out, &body);
    return rc < 0 ? rc : sm_respond_bytes(r, 200, "application/json; charset=utf-8", body);
}

/* ------------------------------------------------------------------- state */

static sm_rc health(sm_request *r)
{
    bool ready = is_ready(r);
    return sm_respond_json(r, ready ? 200 : 503,
                           json_pack("{s:s}", "status", ready ? "ok" : "loading"));
}

static json_t *capabilities(const sm_engine *e, const sm_lm_facts *f)
{
    bool text = f->kind == SM_LM_TEXT;
    const struct {
        const char *name;
        bool has;
    } list[] = { { "chat", text },
                 { "completions", text },
                 { "embed", f->kind == SM_LM_EMBED },
                 { "rerank", f->kind == SM_LM_RANK },
                 { "grammar", text },
                 { "json_schema", text },
                 { "ground", text },
                 { "tools", text && e->offer.template.tools != SM_TOOL_FORM_NONE },
                 { "reasoning", text && e->offer.template.reasons },
                 { "logprobs", text },
                 { "draft", text && f->can_trim && e->may_draft },
                 { "lora", e->offer.n_lora > 0 } };
    json_t *v = json_object();
    for (size_t i = 0; i < SM_LEN(list); i++)
        json_object_set_new(v, list[i].name, json_boolean(list[i].has));
    return v;
}

static json_t *meta(const sm_engine *e)
{
    const sm_lm_facts *f = sm_lm_about(e->offer.m);
    return json_pack("{s:o,s:s,s:s?,s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:I,s:I}", "capabilities",
                     capabilities(e, f), "arch", f->arch, "chat_template", e->offer.template.name,
                     "name", f->name, "description", f->desc, "n_ctx", (int)f->n_ctx, "n_ctx_train",
                     (int)f->n_ctx_train, "n_vocab", (int)f->n_vocab, "n_embd", (int)f->n_embd,
                     "parallel", (int)f->n_sequences, "n_params", (json_int_t)f->n_params,
                     "size_bytes", (json_int_t)f->n_bytes);
}

static json_t *model_entry(const sm_engine *e, const char *id)
{
    return json_pack("{s:s,s:s,s:I,s:s}", "id", id, "object", "model", "created",
                     (json_int_t)e->created_s, "owned_by", "sunmao");
}

static sm_rc models(sm_request *r)
{
    const sm_engine *e = engine_of(r);
    if (!is_ready(r))
        return refuse_loading(r);
    json_t *list = json_array(), *first = model_entry(e, e->offer.id);
    json_object_set_new(first, "meta", meta(e));
    json_array_append_new(list, first);
    for (size_t i = 0; i < e->offer.n_lora; i++) {
        json_t *v = model_entry(e, e->offer.lora[i].name);
        json_object_set_new(v, "parent", json_string(e->offer.id));
        json_array_append_new(list, v);
    }
    return sm_respond_json(r, 200, json_pack("{s:s,s:o}", "object", "list", "data", list));
}

/* name, type, what it is, its value */
#define FIGURES(X)                                                                               \
    X("requests_total", "counter", "requests that ended", f.n_jobs)                              \
    X("requests_failed_total", "counter", "of those, with an error", f.n_failed)                 \
    X("requests_gone_total", "counter", "of those, because the client left", f.n_gone)           \
    X("requests_refused_total", "counter", "requests for which the queue was full", f.n_refused) \
    X("requests_running", "gauge", "requests in the context", f.n_running)                       \
    X("requests_waiting", "gauge", "requests in the queue", f.n_queued)                          \
    X("prompt_tokens_total", "counter", "tokens of prompts and texts", f.n_prompt)               \
    X("prompt_tokens_cached_total", "counter", "of those, found computed", f.n_cached)           \
    X("generated_tokens_total", "counter", "tokens written", f.n_written)                        \
    X("draft_tokens_total", "counter", "tokens guessed", f.n_drafted)                            \
    X("draft_tokens_accepted_total", "counter", "of those, that held", f.n_accepted)             \
    X("batches_total", "counter", "batches computed", f.n_batches)                               \
    X("first_tokens_total", "counter", "first tokens written", f.n_first)

#define SECONDS(X)                                                       \
    X("prompt_seconds_total", "time of batches of prompts", f.prompt_us) \
    X("write_seconds_total", "time of batches that write", f.write_us)   \
    X("first_token_seconds_total", "from requests' arrival to their first tokens", f.first_us)

static sm_rc metrics(sm_request *r)
{
    sm_worker_figures f;
    sm_buf b;
    sm_str body;
    if (!is_ready(r))
        return refuse_loading(r);
    sm_worker_figures_read(engine_of(r)->worker, &f);
    sm_buf_init(&b, 64 * 1024);
#define ADD_FIGURE(name, type, help, value)                                                        \
    sm_buf_addf(&b,                                                                                \
                "# HELP sunmao_engine_%s %s\n# TYPE sunmao_engine_%s %s\nsunmao_engine_%s %llu\n", \
                name, help, name, type, name, (unsigned long long)(value));
    FIGURES(ADD_FIGURE)
#undef ADD_FIGURE
#define ADD_SECONDS(name, help, value)                                                          \
    sm_buf_addf(                                                                                \
        &b,                                                                                     \
        "# HELP sunmao_engine_%s %s\n# TYPE sunmao_engine_%s counter\nsunmao_engine_%s %.6f\n", \
        name, help, name, name, (double)(value) / 1e6);
    SECONDS(ADD_SECONDS)
#undef ADD_SECONDS
    sm_rc rc = sm_buf_take(sm_request_op(r), &b, &body);
    return rc < 0 ? rc : sm_respond_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", body);
}

sm_rc sm_engine_fallback(sm_request *r)
{
    return refuse(r, SM_REFUSED_ROUTE, NULL, SM_STR("没有这个接口"));
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/chat/completions",
      .run = chat,
      .max_body = SM_ASK_BODY_BYTES },
    { .method = "POST",
      .path = "/v1/completions",
      .run = completions,
      .max_body = SM_ASK_BODY_BYTES },
    { .method = "POST",
      .path = "/v1/embeddings",
      .run = embeddings,
      .max_body = SM_ASK_BODY_BYTES },
    { .method = "POST", .path = "/v1/rerank", .run = rerank, .max_body = SM_ASK_BODY_BYTES },
    { .method = "GET", .path = "/v1/models", .run = models },
    { .method = "POST", .path = "/tokenize", .run = tokenize, .max_body = SM_ASK_BODY_BYTES },
    { .method = "POST", .path = "/detokenize", .run = detokenize, .max_body = SM_ASK_BODY_BYTES },
    { .method = "GET", .path = "/health", .run = health },
    { .method = "GET", .path = "/metrics", .run = metrics },
};

sm_route_list sm_engine_routes(void)
{
    return (sm_route_list){ routes, SM_LEN(routes) };
}
