#include "engine/ask_inner.h"

#include <math.h>
#include <string.h>

#include <sys/random.h>

#define LEAST_TEMPERATURE 1e-4

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

sm_rc sm_asking_wrong(sm_asking *a, const char *name, const char *what)
{
    return sm_refuse(a->op, a->why, SM_REFUSED_INVALID, name, "参数 %s %s", name, what);
}

bool sm_asking_has(const json_t *v)
{
    return v && !json_is_null(v);
}

static sm_rc get_number(sm_asking *a, const char *name, double lo, double hi, double *out)
{
    const json_t *v = json_object_get(a->v, name);
    char text[80];
    if (!sm_asking_has(v))
        return SM_OK;
    double x = json_is_number(v) ? json_number_value(v) : lo - 1;
    if (x >= lo && x <= hi) {
        *out = x;
        return SM_OK;
    }
    snprintf(text, sizeof(text), "应当是 %g 到 %g 的数", lo, hi);
    return sm_asking_wrong(a, name, text);
}

sm_rc sm_asking_integer(sm_asking *a, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
    const json_t *v = json_object_get(a->v, name);
    char text[80];
    if (!sm_asking_has(v))
        return SM_OK;
    if (json_is_integer(v) && json_integer_value(v) >= lo && json_integer_value(v) <= hi) {
        *out = json_integer_value(v);
        return SM_OK;
    }
    snprintf(text, sizeof(text), "应当是 %lld 到 %lld 的整数", (long long)lo, (long long)hi);
    return sm_asking_wrong(a, name, text);
}

sm_rc sm_asking_bool(sm_asking *a, const json_t *from, const char *name, bool *out)
{
    const json_t *v = json_object_get(from, name);
    if (!sm_asking_has(v))
        return SM_OK;
    if (!json_is_boolean(v))
        return sm_asking_wrong(a, name, "应当是 true 或 false");
    *out = json_is_true(v);
    return SM_OK;
}

/* ---------------------------------------------------------------- sampling */

static sm_rc read_bias(sm_asking *a)
{
    const json_t *v = json_object_get(a->v, "logit_bias");
    size_t n = json_object_size(v);
    const char *key;
    json_t *x;
    if (!sm_asking_has(v))
        return SM_OK;
    if (!json_is_object(v) || n > SM_MAX_BIAS)
        return sm_asking_wrong(a, "logit_bias", "应当是词元编号到数值的对象，至多 1024 项");
    sm_bias *b = SM_NEWS(a->op->arena, sm_bias, n);
    n = 0;
    json_object_foreach((json_t *)(uintptr_t)v, key, x)
    {
        int64_t token;
        if (!sm_str_to_int(sm_str_of(key), &token) || !sm_lm_is_token(a->o->m, token) ||
            !json_is_number(x) || !(fabs(json_number_value(x)) <= 100))
            return sm_asking_wrong(a, "logit_bias",
                                   "的键应当是词元编号，值应当在 -100 到 100 之间");
        float add = (float)json_number_value(x);
        b[n++] = (sm_bias){ (int32_t)token, add <= -100 ? -INFINITY : add };
    }
    a->job->sampling.bias = b;
    a->job->sampling.n_bias = n;
    return SM_OK;
}

static sm_rc read_seed(sm_asking *a)
{
    int64_t seed = -1;
    sm_rc rc = sm_asking_integer(a, "seed", INT64_MIN, INT64_MAX, &seed);
    if (rc < 0)
        return rc;
    a->job->sampling.seed = (uint64_t)seed;
    if (seed == -1 && getrandom(&a->job->sampling.seed, sizeof(uint64_t), 0) < 0)
        return sm_fail(a->op, SM_E_INTERNAL, "系统没有给出随机数");
    return SM_OK;
}

static sm_rc read_sampling(sm_asking *a)
{
    sm_sampling *s = &a->job->sampling;
    sm_rc rc;
    if ((rc = get_number(a, "temperature", 0, 2, &s->temperature)) < 0 ||
        (rc = get_number(a, "top_p", 0, 1, &s->top_p)) < 0 ||
        (rc = get_number(a, "min_p", 0, 1, &s->min_p)) < 0 ||
        (rc = get_number(a, "presence_penalty", -2, 2, &s->presence)) < 0 ||
        (rc = get_number(a, "frequency_penalty", -2, 2, &s->frequency)) < 0 ||
        (rc = get_number(a, "repeat_penalty", 0.1, 10, &s->repeat)) < 0 ||
        (rc = sm_asking_integer(a, "top_k", -1, INT32_MAX, &s->top_k)) < 0 ||
        (rc = read_bias(a)) < 0 || (rc = read_seed(a)) < 0)
        return rc;
    if (s->temperature < LEAST_TEMPERATURE) /* nothing is left to chance there */
        s->temperature = 0;
    a->job->may_draft = true;
    return sm_asking_bool(a, a->v, "draft", &a->job->may_draft);
}

static sm_rc read_one_stop(sm_asking *a, const json_t *v)
{
    sm_reply *p = a->reply;
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > SM_STOP_BYTES ||
        p->n_stops == SM_MAX_STOPS)
        return sm_asking_wrong(a, "stop", "应当是字符串，或至多 16 个字符串，每个 1 到 256 字节");
    p->stop[p->n_stops++] =
        sm_str_dup(a->op->arena, (sm_str){ json_string_value(v), json_string_length(v) });
    return SM_OK;
}

static sm_rc read_stops(sm_asking *a)
{
    const json_t *v = json_object_get(a->v, "stop");
    size_t i;
    json_t *one;
    if (!sm_asking_has(v))
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

static sm_rc read_stream(sm_asking *a)
{
    const json_t *options = json_object_get(a->v, "stream_options");
    sm_rc rc = sm_asking_bool(a, a->v, "stream", &a->reply->streams);
    if (rc < 0 || !sm_asking_has(options))
        return rc;
    if (!json_is_object(options) || !a->reply->streams)
        return sm_asking_wrong(a, "stream_options", "应当是对象，且只用于 stream 为 true 的请求");
    return sm_asking_bool(a, options, "include_usage", &a->reply->tells_usage);
}

/* One answer to each request; and what is asked of nobody else is not silently left out. */
static sm_rc read_unsupported(sm_asking *a)
{
    static const char *const one[] = { "n", "best_of" };
    static const char *const none[] = { "suffix", "audio", "functions", "web_search_options" };
    for (size_t i = 0; i < SM_LEN(one); i++) {
        const json_t *v = json_object_get(a->v, one[i]);
        if (sm_asking_has(v) && json_integer_value(v) != 1)
            return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, one[i],
                             "一次请求只给一个答案：%s 只能是 1", one[i]);
    }
    for (size_t i = 0; i < SM_LEN(none); i++)
        if (sm_asking_has(json_object_get(a->v, none[i])))
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
sm_rc sm_asking_model(sm_asking *a)
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
        return sm_refuse(a->op, a->why, SM_REFUSED_INVALID, "lora", "没有适配器“%.*s”",
                         SM_ARG(sm_str_sub(lora, 0, 100)));
    return SM_OK;
}

static sm_rc too_long(sm_asking *a, size_t n_prompt, size_t n_wanted)
{
    return sm_refuse(a->op, a->why, SM_REFUSED_CONTEXT, "messages",
                     "上下文至多 %u 个词元，而提示有 %zu 个，要生成 %zu 个",
                     sm_lm_about(a->o->m)->n_ctx, n_prompt, n_wanted);
}

sm_rc sm_asking_length(sm_asking *a)
{
    size_t n_ctx = sm_lm_about(a->o->m)->n_ctx, n = a->job->prompt.n;
    int64_t max = 0;
    sm_rc rc;
    if ((rc = sm_asking_integer(a, "max_tokens", 1, INT32_MAX, &max)) < 0 ||
        (rc = sm_asking_integer(a, "max_completion_tokens", 1, INT32_MAX, &max)) < 0)
        return rc;
    if (n + (size_t)SM_MAX(max, 1) > n_ctx)
        return too_long(a, n, (size_t)SM_MAX(max, 1));
    a->job->max_tokens = max ? (size_t)max : n_ctx - n;
    return SM_OK;
}

/* ------------------------------------------------------------------ tokens */

void sm_tokens_add(sm_asking *a, sm_tokens *to, int32_t token)
{
    SM_GROW(a->op->arena, to->t, to->n, to->cap);
    to->t[to->n++] = token;
}

/* Cutting megabytes into tokens takes seconds: not for what cannot fit whatever its tokens are. */
static sm_rc check_bytes(sm_asking *a, sm_str text)
{
    const sm_lm_facts *f = sm_lm_about(a->o->m);
    size_t least = text.n / SM_MAX(f->max_piece_bytes, 1);
    if (least <= f->n_ctx)
        return SM_OK;
    return sm_refuse(a->op, a->why, SM_REFUSED_CONTEXT, "messages",
                     "上下文至多 %u 个词元，而文本有 %zu 字节", f->n_ctx, text.n);
}

sm_rc sm_tokens_add_text(sm_asking *a, sm_tokens *to, sm_str text, bool special)
{
    int32_t *t;
    size_t n;
    sm_rc rc = check_bytes(a, text);
    if (rc == SM_OK)
        rc = sm_lm_tokens(a->op, a->o->m, text, special, false, &t, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        sm_tokens_add(a, to, t[i]);
    return rc;
}

static sm_rc read_token_list(sm_asking *a, const json_t *v, const char *param, sm_run *out)
{
    size_t n = json_array_size(v), i;
    int32_t *t = SM_NEWS(a->op->arena, int32_t, n);
    json_t *x;
    json_array_foreach(v, i, x)
    {
        if (!json_is_integer(x) || !sm_lm_is_token(a->o->m, json_integer_value(x)))
            return sm_asking_wrong(a, param, "里有不是词元编号的东西");
        t[i] = (int32_t)json_integer_value(x);
    }
    *out = (sm_run){ t, n };
    return SM_OK;
}

/* A text, or its tokens. */
sm_rc sm_asking_text(sm_asking *a, const json_t *v, const char *param, sm_run *out)
{
    int32_t *t;
    size_t n;
    if (json_is_array(v) && json_is_integer(json_array_get(v, 0)))
        return read_token_list(a, v, param, out);
    if (!json_is_string(v))
        return sm_asking_wrong(a, param, "应当是文本，或词元编号的数组");
    sm_str text = { json_string_value(v), json_string_length(v) };
    sm_rc rc = check_bytes(a, text);
    if (rc == SM_OK)
        rc = sm_lm_tokens(a->op, a->o->m, text, false, true, &t, &n);
    if (rc == SM_OK)
        *out = (sm_run){ t, n };
    return rc;
}

/* -------------------------------------------------------------------- asks */

sm_rc sm_asking_kind(sm_asking *a, sm_lm_kind kind, const char *what)
{
    if (sm_lm_about(a->o->m)->kind == kind)
        return SM_OK;
    return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "model", "模型 %s 不能用来%s", a->o->id,
                     what);
}

sm_rc sm_asking_body(sm_asking *a, sm_str body)
{
    sm_rc rc = sm_json_parse(a->op, body, "请求", &a->v);
    if (rc < 0)
        *a->why = (sm_refused){ SM_REFUSED_INVALID, NULL };
    return rc;
}

void sm_asking_begin(sm_asking *a, const sm_offer *o, sm_refused *why)
{
    sm_job *j = sm_job_open();
    *a = (sm_asking){ .op = &j->op, .o = o, .why = why, .job = j };
    *why = (sm_refused){ SM_REFUSED_FAILED, NULL };
}

sm_rc sm_asking_end(sm_asking *a, sm_op *op, sm_rc rc)
{
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(a->job->op.msg));
        sm_job_close(a->job);
    }
    return rc;
}

sm_rc sm_asking_common(sm_asking *a)
{
    sm_rc rc;
    if ((rc = read_unsupported(a)) < 0 || (rc = sm_asking_model(a)) < 0 ||
        (rc = read_stream(a)) < 0 || (rc = read_sampling(a)) < 0 || (rc = read_stops(a)) < 0)
        return rc;
    a->reply->model = sm_str_dup(
        a->op->arena, sm_str_of(a->job->lora < 0 ? a->o->id : a->o->lora[a->job->lora].name));
    return SM_OK;
}
