#include "engine/ask.h"

#include <math.h>
#include <string.h>

#include <sys/random.h>

/* One reading of a request: where its failure goes, and what it becomes. */
typedef struct asking {
    sm_op *op; /* the job's */
    const sm_offer *o;
    sm_refused *why;
    json_t *v;
    sm_job *job;
    sm_reply *reply;
} asking;

sm_rc sm_refuse(sm_op *op, sm_refused *why, sm_refusal_code code, const char *param,
                const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    *why = (sm_refused){ code, param };
    return sm_fail(op, SM_E_INVALID, "%s", text);
}

/* ------------------------------------------------------------------ fields */

static sm_rc wrong(asking *a, const char *name, const char *what)
{
    return sm_refuse(a->op, a->why, SM_REFUSED_INVALID, name, "参数 %s %s", name, what);
}

static bool is_given(const json_t *v)
{
    return v && !json_is_null(v);
}

static sm_rc get_number(asking *a, const char *name, double lo, double hi, double *out)
{
    const json_t *v = json_object_get(a->v, name);
    char text[80];
    if (!is_given(v))
        return SM_OK;
    double x = json_is_number(v) ? json_number_value(v) : lo - 1;
    if (x >= lo && x <= hi) {
        *out = x;
        return SM_OK;
    }
    snprintf(text, sizeof(text), "应当是 %g 到 %g 的数", lo, hi);
    return wrong(a, name, text);
}

static sm_rc get_integer(asking *a, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
    const json_t *v = json_object_get(a->v, name);
    char text[80];
    if (!is_given(v))
        return SM_OK;
    if (json_is_integer(v) && json_integer_value(v) >= lo && json_integer_value(v) <= hi) {
        *out = json_integer_value(v);
        return SM_OK;
    }
    snprintf(text, sizeof(text), "应当是 %lld 到 %lld 的整数", (long long)lo, (long long)hi);
    return wrong(a, name, text);
}

static sm_rc get_bool(asking *a, const json_t *from, const char *name, bool *out)
{
    const json_t *v = json_object_get(from, name);
    if (!is_given(v))
        return SM_OK;
    if (!json_is_boolean(v))
        return wrong(a, name, "应当是 true 或 false");
    *out = json_is_true(v);
    return SM_OK;
}

/* ---------------------------------------------------------------- sampling */

static sm_rc read_bias(asking *a)
{
    const json_t *v = json_object_get(a->v, "logit_bias");
    size_t n = json_object_size(v);
    const char *key;
    json_t *x;
    if (!is_given(v))
        return SM_OK;
    if (!json_is_object(v) || n > SM_MAX_BIAS)
        return wrong(a, "logit_bias", "应当是词元编号到数值的对象，至多 1024 项");
    sm_bias *b = SM_NEWS(a->op->arena, sm_bias, n);
    n = 0;
    json_object_foreach((json_t *)(uintptr_t)v, key, x)
    {
        int64_t token;
        if (!sm_str_to_int(sm_str_of(key), &token) || !sm_lm_is_token(a->o->m, token) ||
            !json_is_number(x) || !(fabs(json_number_value(x)) <= 100))
            return wrong(a, "logit_bias", "的键应当是词元编号，值应当在 -100 到 100 之间");
        float add = (float)json_number_value(x);
        b[n++] = (sm_bias){ (int32_t)token, add <= -100 ? -INFINITY : add };
    }
    a->job->sampling.bias = b;
    a->job->sampling.n_bias = n;
    return SM_OK;
}

static sm_rc read_seed(asking *a)
{
    int64_t seed = -1;
    sm_rc rc = get_integer(a, "seed", INT64_MIN, INT64_MAX, &seed);
    if (rc < 0)
        return rc;
    a->job->sampling.seed = (uint64_t)seed;
    if (seed == -1 && getrandom(&a->job->sampling.seed, sizeof(uint64_t), 0) < 0)
        return sm_fail(a->op, SM_E_INTERNAL, "系统没有给出随机数");
    return SM_OK;
}

static sm_rc read_sampling(asking *a)
{
    sm_sampling *s = &a->job->sampling;
    sm_rc rc;
    if ((rc = get_number(a, "temperature", 0, 2, &s->temperature)) < 0 ||
        (rc = get_number(a, "top_p", 0, 1, &s->top_p)) < 0 ||
        (rc = get_number(a, "min_p", 0, 1, &s->min_p)) < 0 ||
        (rc = get_number(a, "presence_penalty", -2, 2, &s->presence)) < 0 ||
        (rc = get_number(a, "frequency_penalty", -2, 2, &s->frequency)) < 0 ||
        (rc = get_number(a, "repeat_penalty", 0.1, 10, &s->repeat)) < 0 ||
        (rc = get_integer(a, "top_k", -1, INT32_MAX, &s->top_k)) < 0 || (rc = read_bias(a)) < 0 ||
        (rc = read_seed(a)) < 0)
        return rc;
    a->job->may_draft = true;
    return get_bool(a, a->v, "draft", &a->job->may_draft);
}

static sm_rc read_chat_logprobs(asking *a)
{
    bool wanted = false;
    int64_t n = 0;
    sm_rc rc;
    if ((rc = get_bool(a, a->v, "logprobs", &wanted)) < 0 ||
        (rc = get_integer(a, "top_logprobs", 0, SM_MAX_TOP_LOGPROBS, &n)) < 0)
        return rc;
    if (n && !wanted)
        return wrong(a, "top_logprobs", "需要 logprobs 为 true");
    a->job->sampling.n_top = wanted ? (int)n : -1;
    return SM_OK;
}

static sm_rc read_completion_logprobs(asking *a)
{
    int64_t n = -1;
    sm_rc rc = get_integer(a, "logprobs", 0, SM_MAX_TOP_LOGPROBS, &n);
    a->job->sampling.n_top = (int)n;
    return rc;
}

static sm_rc read_one_stop(asking *a, const json_t *v)
{
    sm_reply *p = a->reply;
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > SM_STOP_BYTES ||
        p->n_stops == SM_MAX_STOPS)
        return wrong(a, "stop", "应当是字符串，或至多 16 个字符串，每个 1 到 256 字节");
    p->stop[p->n_stops++] =
        sm_str_dup(a->op->arena, (sm_str){ json_string_value(v), json_string_length(v) });
    return SM_OK;
}

static sm_rc read_stops(asking *a)
{
    const json_t *v = json_object_get(a->v, "stop");
    size_t i;
    json_t *one;
    if (!is_given(v))
        return SM_OK;
    if (!json_is_array(v))
        return read_one_stop(a, v);
    json_array_foreach(v, i, one)
    {
        sm_rc rc = read_one_stop(a, one);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

static sm_rc read_stream(asking *a)
{
    const json_t *options = json_object_get(a->v, "stream_options");
    sm_rc rc = get_bool(a, a->v, "stream", &a->reply->streams);
    if (rc < 0 || !is_given(options))
        return rc;
    if (!json_is_object(options) || !a->reply->streams)
        return wrong(a, "stream_options", "应当是对象，且只用于 stream 为 true 的请求");
    return get_bool(a, options, "include_usage", &a->reply->tells_usage);
}

/* One answer to each request; and what is asked of nobody else is not silently left out. */
static sm_rc read_unsupported(asking *a)
{
    static const char *const one[] = { "n", "best_of" };
    static const char *const none[] = { "suffix", "audio", "functions", "web_search_options" };
    for (size_t i = 0; i < SM_LEN(one); i++) {
        const json_t *v = json_object_get(a->v, one[i]);
        if (is_given(v) && json_integer_value(v) != 1)
            return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, one[i],
                             "一次请求只给一个答案：%s 只能是 1", one[i]);
    }
    for (size_t i = 0; i < SM_LEN(none); i++)
        if (is_given(json_object_get(a->v, none[i])))
            return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, none[i], "不支持参数 %s",
                             none[i]);
    return SM_OK;
}

/* ----------------------------------------------------------- model and size */

static int find_lora(const sm_offer *o, sm_str name)
{
    for (size_t i = 0; i < o->n_lora; i++)
        if (sm_str_eq(name, sm_str_of(o->lora[i].name)))
            return (int)i;
    return -1;
}

/* "model" may name the model, or one of its adapters; "lora" names an adapter, too. */
static sm_rc read_model(asking *a)
{
    sm_str model = sm_json_str(a->v, "model"), lora = sm_json_str(a->v, "lora");
    a->job->lora = -1;
    if (model.n && !sm_str_eq(model, sm_str_of(a->o->id))) {
        a->job->lora = find_lora(a->o, model);
        if (a->job->lora < 0)
            return sm_refuse(a->op, a->why, SM_REFUSED_MODEL, "model", "没有模型“%.*s”",
                             SM_ARG(sm_str_sub(model, 0, 100)));
    }
    if (lora.n && (a->job->lora = find_lora(a->o, lora)) < 0)
        return sm_refuse(a->op, a->why, SM_REFUSED_MODEL, "lora", "没有适配器“%.*s”",
                         SM_ARG(sm_str_sub(lora, 0, 100)));
    return SM_OK;
}

static sm_rc too_long(asking *a, size_t n_prompt, size_t n_wanted)
{
    return sm_refuse(a->op, a->why, SM_REFUSED_CONTEXT, "messages",
                     "上下文至多 %u 个词元，而提示有 %zu 个，要生成 %zu 个",
                     sm_lm_about(a->o->m)->n_ctx, n_prompt, n_wanted);
}

static sm_rc read_length(asking *a)
{
    size_t n_ctx = sm_lm_about(a->o->m)->n_ctx, n = a->job->prompt.n;
    int64_t max = 0;
    sm_rc rc;
    if ((rc = get_integer(a, "max_tokens", 1, INT32_MAX, &max)) < 0 ||
        (rc = get_integer(a, "max_completion_tokens", 1, INT32_MAX, &max)) < 0)
        return rc;
    if (n + (size_t)SM_MAX(max, 1) > n_ctx)
        return too_long(a, n, (size_t)SM_MAX(max, 1));
    a->job->max_tokens = max ? (size_t)max : n_ctx - n;
    return SM_OK;
}

/* ----------------------------------------------------------------- grammar */

static sm_rc set_grammar(asking *a, const char *param, sm_str gbnf)
{
    if (sm_grammar_open(a->op, a->o->m, gbnf, &a->job->sampling.grammar) < 0) {
        *a->why = (sm_refused){ SM_REFUSED_INVALID, param };
        return a->op->rc;
    }
    return SM_OK;
}

static sm_rc read_format(asking *a)
{
    const json_t *grammar = json_object_get(a->v, "grammar");
    const json_t *format = json_object_get(a->v, "response_format");
    if (is_given(grammar) && !json_is_string(grammar))
        return wrong(a, "grammar", "应当是字符串（GBNF）");
    if (is_given(grammar) && json_string_length(grammar))
        return set_grammar(a, "grammar", sm_json_str(a->v, "grammar"));
    sm_str type = sm_json_str(format, "type");
    if (!is_given(format) || sm_str_eq(type, SM_STR("text")))
        return SM_OK;
    return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "response_format",
                     "不支持 response_format 的类型“%.*s”", SM_ARG(sm_str_sub(type, 0, 40)));
}

/* ------------------------------------------------------------------ prompt */

typedef struct tokens {
    int32_t *t;
    size_t n, cap;
} tokens;

static sm_rc add_tokens(asking *a, tokens *to, sm_str text, bool special)
{
    int32_t *t;
    size_t n;
    sm_rc rc = sm_lm_tokens(a->op, a->o->m, text, special, false, &t, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        SM_GROW(a->op->arena, to->t, to->n, to->cap);
        to->t[to->n++] = t[i];
    }
    return rc;
}

static sm_rc add_message(asking *a, tokens *to, const json_t *m)
{
    sm_str role = sm_json_str(m, "role"), content = sm_json_str(m, "content");
    sm_rc rc;
    if ((rc = add_tokens(a, to, SM_STR("<|im_start|>"), true)) < 0 ||
        (rc = add_tokens(a, to, role, false)) < 0 ||
        (rc = add_tokens(a, to, SM_STR("\n"), false)) < 0 ||
        (rc = add_tokens(a, to, content, false)) < 0)
        return rc;
    return add_tokens(a, to, SM_STR("<|im_end|>\n"), true);
}

static sm_rc render_chat(asking *a)
{
    const json_t *messages = json_object_get(a->v, "messages");
    tokens to = { 0 };
    size_t i;
    json_t *m;
    sm_rc rc;
    if (!json_is_array(messages) || json_array_size(messages) == 0 ||
        json_array_size(messages) > SM_ASK_MAX_MESSAGES)
        return wrong(a, "messages", "应当是 1 到 4096 条消息的数组");
    json_array_foreach(messages, i, m)
    {
        if (!sm_json_str(m, "role").n || !json_is_string(json_object_get(m, "content")))
            return wrong(a, "messages", "的每条应当有 role 和 content");
        if ((rc = add_message(a, &to, m)) < 0)
            return rc;
    }
    if ((rc = add_tokens(a, &to, SM_STR("<|im_start|>"), true)) < 0 ||
        (rc = add_tokens(a, &to, SM_STR("assistant\n"), false)) < 0)
        return rc;
    a->job->prompt = (sm_run){ to.t, to.n };
    return SM_OK;
}

static sm_rc read_token_list(asking *a, const json_t *v, const char *param, sm_run *out)
{
    size_t n = json_array_size(v), i;
    int32_t *t = SM_NEWS(a->op->arena, int32_t, n);
    json_t *x;
    json_array_foreach(v, i, x)
    {
        if (!json_is_integer(x) || !sm_lm_is_token(a->o->m, json_integer_value(x)))
            return wrong(a, param, "里有不是词元编号的东西");
        t[i] = (int32_t)json_integer_value(x);
    }
    *out = (sm_run){ t, n };
    return SM_OK;
}

/* A text, or its tokens. */
static sm_rc read_text(asking *a, const json_t *v, const char *param, sm_run *out)
{
    int32_t *t;
    size_t n;
    if (json_is_array(v) && json_is_integer(json_array_get(v, 0)))
        return read_token_list(a, v, param, out);
    if (!json_is_string(v))
        return wrong(a, param, "应当是文本，或词元编号的数组");
    sm_str text = { json_string_value(v), json_string_length(v) };
    sm_rc rc = sm_lm_tokens(a->op, a->o->m, text, false, true, &t, &n);
    if (rc == SM_OK)
        *out = (sm_run){ t, n };
    return rc;
}

static sm_rc read_prompt(asking *a)
{
    const json_t *v = json_object_get(a->v, "prompt");
    if (json_is_array(v) && json_array_size(v) == 1 && !json_is_integer(json_array_get(v, 0)))
        v = json_array_get(v, 0);
    else if (json_is_array(v) && json_is_string(json_array_get(v, 0)))
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "prompt",
                         "一次请求只有一个 prompt");
    sm_rc rc = read_text(a, v, "prompt", &a->job->prompt);
    if (rc == SM_OK && a->job->prompt.n == 0)
        return wrong(a, "prompt", "是空的");
    return rc;
}

/* -------------------------------------------------------------------- asks */

static sm_rc need_kind(asking *a, sm_lm_kind kind, const char *what)
{
    if (sm_lm_about(a->o->m)->kind == kind)
        return SM_OK;
    return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "model", "模型 %s 不能用来%s", a->o->id,
                     what);
}

static sm_rc read_body(asking *a, sm_str body)
{
    sm_rc rc = sm_json_parse(a->op, body, "请求", &a->v);
    if (rc < 0)
        *a->why = (sm_refused){ SM_REFUSED_INVALID, NULL };
    return rc;
}

static void begin(asking *a, const sm_offer *o, sm_refused *why, bool chat)
{
    sm_job *j = sm_job_open();
    sm_reply *p = SM_NEW(j->op.arena, sm_reply);
    *a = (asking){ .op = &j->op, .o = o, .why = why, .job = j, .reply = p };
    *why = (sm_refused){ SM_REFUSED_FAILED, NULL };
    p->job = j;
    p->m = o->m;
    p->chat = p->thinks = chat;
    p->legacy_logprobs = !chat;
    j->ctx = p;
    j->take = sm_reply_take;
    j->end = sm_reply_end;
}

/* The failure, if there is one, goes from the job's op to the request's. */
static sm_rc finish(asking *a, sm_op *op, sm_rc rc)
{
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(a->job->op.msg));
        sm_job_close(a->job);
    }
    return rc;
}

static sm_rc read_common(asking *a)
{
    sm_rc rc;
    if ((rc = read_unsupported(a)) < 0 || (rc = read_model(a)) < 0 || (rc = read_stream(a)) < 0 ||
        (rc = read_sampling(a)) < 0 || (rc = read_stops(a)) < 0)
        return rc;
    a->reply->model = sm_str_dup(
        a->op->arena, sm_str_of(a->job->lora < 0 ? a->o->id : a->o->lora[a->job->lora].name));
    return SM_OK;
}

static sm_rc read_chat(asking *a, sm_str body)
{
    bool reasoning = true;
    sm_rc rc;
    if ((rc = need_kind(a, SM_LM_TEXT, "对话")) < 0 || (rc = read_body(a, body)) < 0 ||
        (rc = read_common(a)) < 0 || (rc = read_chat_logprobs(a)) < 0 ||
        (rc = get_bool(a, a->v, "include_reasoning", &reasoning)) < 0 ||
        (rc = render_chat(a)) < 0 || (rc = read_length(a)) < 0)
        return rc;
    a->reply->drops_reasoning = !reasoning;
    return read_format(a);
}

sm_rc sm_ask_chat(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why)
{
    asking a;
    begin(&a, o, why, true);
    sm_rc rc = finish(&a, op, read_chat(&a, body));
    if (rc < 0)
        return rc;
    sm_think_init(&a.reply->think, false);
    sm_reply_begin(a.reply, "chatcmpl-");
    *out = a.reply;
    return SM_OK;
}

static sm_rc read_completion(asking *a, sm_str body)
{
    sm_rc rc;
    bool echo = false;
    if ((rc = need_kind(a, SM_LM_TEXT, "续写")) < 0 || (rc = read_body(a, body)) < 0 ||
        (rc = read_common(a)) < 0 || (rc = read_completion_logprobs(a)) < 0 ||
        (rc = get_bool(a, a->v, "echo", &echo)) < 0 || (rc = read_prompt(a)) < 0 ||
        (rc = read_length(a)) < 0)
        return rc;
    if (echo)
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "echo", "不支持参数 echo");
    return read_format(a);
}

sm_rc sm_ask_completion(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why)
{
    asking a;
    begin(&a, o, why, false);
    sm_rc rc = finish(&a, op, read_completion(&a, body));
    if (rc < 0)
        return rc;
    sm_reply_begin(a.reply, "cmpl-");
    *out = a.reply;
    return SM_OK;
}

/* ----------------------------------------------------------------- vectors */

static sm_rc begin_vectors(asking *a, size_t n_text, size_t n_each)
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

static sm_rc check_text(asking *a, const sm_run *r, const char *param)
{
    unsigned n_ctx = sm_lm_about(a->o->m)->n_ctx;
    if (r->n == 0)
        return wrong(a, param, "里有空的文本");
    if (r->n > n_ctx)
        return sm_refuse(a->op, a->why, SM_REFUSED_CONTEXT, param,
                         "一段文本至多 %u 个词元，而有一段是 %zu 个", n_ctx, r->n);
    return SM_OK;
}

static sm_rc read_inputs(asking *a)
{
    const json_t *v = json_object_get(a->v, "input");
    bool many = json_is_array(v) && !json_is_integer(json_array_get(v, 0));
    size_t n = many ? json_array_size(v) : 1;
    sm_rc rc = begin_vectors(a, n, (size_t)sm_lm_about(a->o->m)->n_embd);
    sm_run *text = rc == SM_OK ? SM_NEWS(a->op->arena, sm_run, n) : NULL;
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        rc = read_text(a, many ? json_array_get(v, i) : v, "input", &text[i]);
        if (rc == SM_OK)
            rc = check_text(a, &text[i], "input");
    }
    a->job->text = text;
    return rc;
}

static sm_rc read_embeddings(asking *a, sm_str body)
{
    sm_rc rc;
    if ((rc = need_kind(a, SM_LM_EMBED, "做向量")) < 0 || (rc = read_body(a, body)) < 0 ||
        (rc = read_model(a)) < 0 || (rc = read_inputs(a)) < 0)
        return rc;
    sm_str format = sm_json_str(a->v, "encoding_format");
    if (format.n && !sm_str_eq(format, SM_STR("float")) && !sm_str_eq(format, SM_STR("base64")))
        return wrong(a, "encoding_format", "应当是 float 或 base64");
    int64_t n = sm_lm_about(a->o->m)->n_embd;
    return get_integer(a, "dimensions", 1, n, &n);
}

sm_rc sm_ask_embeddings(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                        sm_refused *why)
{
    asking a;
    begin(&a, o, why, false);
    sm_rc rc = finish(&a, op, read_embeddings(&a, body));
    if (rc < 0)
        return rc;
    *out = a.job;
    *extra = a.v;
    return SM_OK;
}

/* [BOS] query [EOS] [SEP] document [EOS], each as far as the model has it. */
static sm_rc read_pair(asking *a, sm_str query, const json_t *document, sm_run *out)
{
    const sm_lm_facts *f = sm_lm_about(a->o->m);
    tokens to = { 0 };
    sm_str text = sm_json_str(document, "text");
    if (json_is_string(document))
        text = (sm_str){ json_string_value(document), json_string_length(document) };
    sm_rc rc;
    if (text.n == 0)
        return wrong(a, "documents", "的每一项应当是文本，或有 text 的对象");
    const int32_t between[] = { f->eos, f->sep };
    if (f->add_bos && f->bos >= 0) {
        SM_GROW(a->op->arena, to.t, to.n, to.cap);
        to.t[to.n++] = f->bos;
    }
    if ((rc = add_tokens(a, &to, query, false)) < 0)
        return rc;
    for (size_t i = 0; i < SM_LEN(between); i++)
        if (between[i] >= 0 && !(i == 1 && f->sep == f->eos && !f->add_bos)) {
            SM_GROW(a->op->arena, to.t, to.n, to.cap);
            to.t[to.n++] = between[i];
        }
    if ((rc = add_tokens(a, &to, text, false)) < 0)
        return rc;
    if (f->eos >= 0) {
        SM_GROW(a->op->arena, to.t, to.n, to.cap);
        to.t[to.n++] = f->eos;
    }
    *out = (sm_run){ to.t, to.n };
    return check_text(a, out, "documents");
}

static sm_rc read_rerank(asking *a, sm_str body)
{
    sm_rc rc;
    if ((rc = need_kind(a, SM_LM_RANK, "重排")) < 0 || (rc = read_body(a, body)) < 0 ||
        (rc = read_model(a)) < 0)
        return rc;
    const json_t *documents = json_object_get(a->v, "documents");
    sm_str query = sm_json_str(a->v, "query");
    size_t n = json_array_size(documents);
    if (query.n == 0)
        return wrong(a, "query", "应当是文本");
    if ((rc = begin_vectors(a, n, 1)) < 0)
        return rc;
    sm_run *text = SM_NEWS(a->op->arena, sm_run, n);
    for (size_t i = 0; i < n; i++)
        if ((rc = read_pair(a, query, json_array_get(documents, i), &text[i])) < 0)
            return rc;
    a->job->text = text;
    int64_t top_n = 0;
    return get_integer(a, "top_n", 1, INT32_MAX, &top_n);
}

sm_rc sm_ask_rerank(sm_op *op, const sm_offer *o, sm_str body, sm_job **out, json_t **extra,
                    sm_refused *why)
{
    asking a;
    begin(&a, o, why, false);
    sm_rc rc = finish(&a, op, read_rerank(&a, body));
    if (rc < 0)
        return rc;
    *out = a.job;
    *extra = a.v;
    return SM_OK;
}
