#include "model/json.h"

#include <string.h>

static json_t *words_of(sm_str list)
{
    json_t *all = json_array();
    sm_str one;
    while (sm_str_cut(&list, ',', &one))
        json_array_append_new(all, sm_json_of(one));
    return all;
}

/* ------------------------------------------------------------------ back ends */

static json_t *engine_json(const sm_engine_options *o)
{
    json_t *lora = json_array();
    for (size_t i = 0; i < o->n_loras; i++)
        json_array_append_new(lora, sm_json_of(o->lora[i]));
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:b,s:o}", "parallel", (json_int_t)o->parallel, "ctx",
                     (json_int_t)o->ctx_tokens, "threads", (json_int_t)o->threads, "batch",
                     (json_int_t)o->batch, "gpu_layers", (json_int_t)o->gpu_layers, "no_draft",
                     (int)o->no_draft, "lora", lora);
}

json_t *sm_backend_json(const sm_backend *b)
{
    json_t *can = json_object();
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        json_object_set_new(can, sm_capability_name(i), json_boolean(b->can & 1u << i));
    json_t *j = json_pack(
        "{s:I,s:o,s:s,s:s,s:s,s:o,s:o,s:o}", "id", (json_int_t)b->id, "name", sm_json_of(b->name),
        "kind", sm_backend_kind_name(b->kind), "state", sm_backend_state_name(b->state),
        "state_text", sm_backend_state_text(b->state), "source", sm_json_of(b->source), "key_from",
        sm_json_of(b->key_from), "remote_name", sm_json_of(b->remote_name));
    json_t *more = json_pack(
        "{s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:o,s:I,s:I,s:o,s:f,s:f,s:f,s:I}", "sm3",
        sm_json_of(b->sm3), "sha256", sm_json_of(b->sha256), "bytes", (json_int_t)b->bytes,
        "architecture", sm_json_of(b->architecture), "quantisation", sm_json_of(b->quantisation),
        "template", sm_json_of(b->template), "licence", sm_json_of(b->licence), "registration_no",
        sm_json_of(b->registration_no), "context", (json_int_t)b->context_tokens, "n_embd",
        (json_int_t)b->n_embd, "capabilities", can, "probed", (json_int_t)b->probed_ms, "slots",
        (json_int_t)b->slots, "engine", engine_json(&b->engine), "price_in", b->price_in,
        "price_out", b->price_out, "watts", b->watts, "created", (json_int_t)b->created_ms);
    json_object_update(j, more);
    json_decref(more);
    return j;
}

/* What is absent stays; what is there has this type. */
static sm_rc take_text(sm_op *op, const json_t *from, const char *key, sm_str *out)
{
    const json_t *v = json_object_get(from, key);
    if (!v)
        return SM_OK;
    if (!json_is_string(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是文字", key);
    *out = sm_str_dup(op->arena, sm_json_str(from, key));
    return SM_OK;
}

static sm_rc take_number(sm_op *op, const json_t *from, const char *key, double *out)
{
    const json_t *v = json_object_get(from, key);
    if (v && !json_is_number(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是数", key);
    if (v)
        *out = json_number_value(v);
    return SM_OK;
}

static sm_rc take_integer(sm_op *op, const json_t *from, const char *key, int64_t *out)
{
    const json_t *v = json_object_get(from, key);
    if (v && !json_is_integer(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是整数", key);
    if (v)
        *out = json_integer_value(v);
    return SM_OK;
}

static sm_rc take_loras(sm_op *op, const json_t *list, sm_engine_options *o)
{
    if (!list)
        return SM_OK;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > 64)
        return sm_fail(op, SM_E_INVALID, "lora 应当是不太长的列表");
    sm_str *lora = SM_NEWS(op->arena, sm_str, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_string(one))
            return sm_fail(op, SM_E_INVALID, "lora 里应当是文字");
        lora[i] =
            sm_str_dup(op->arena, (sm_str){ json_string_value(one), json_string_length(one) });
    }
    o->lora = lora;
    o->n_loras = n;
    return SM_OK;
}

static sm_rc take_engine(sm_op *op, const json_t *from, sm_engine_options *o)
{
    const json_t *flag = json_object_get(from, "no_draft");
    if (!from)
        return SM_OK;
    if (!json_is_object(from) || (flag && !json_is_boolean(flag)))
        return sm_fail(op, SM_E_INVALID, "engine 写得不对");
    if (flag)
        o->no_draft = json_is_true(flag);
    sm_rc rc = take_integer(op, from, "parallel", &o->parallel);
    if (rc == SM_OK)
        rc = take_integer(op, from, "ctx", &o->ctx_tokens);
    if (rc == SM_OK)
        rc = take_integer(op, from, "threads", &o->threads);
    if (rc == SM_OK)
        rc = take_integer(op, from, "batch", &o->batch);
    if (rc == SM_OK)
        rc = take_integer(op, from, "gpu_layers", &o->gpu_layers);
    return rc == SM_OK ? take_loras(op, json_object_get(from, "lora"), o) : rc;
}

sm_rc sm_backend_settings(sm_op *op, const json_t *from, sm_backend *b)
{
    struct {
        const char *key;
        sm_str *at;
    } texts[] = { { "key_from", &b->key_from },
                  { "remote_name", &b->remote_name },
                  { "template", &b->template },
                  { "licence", &b->licence },
                  { "registration_no", &b->registration_no } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(texts); i++)
        rc = take_text(op, from, texts[i].key, texts[i].at);
    if (rc == SM_OK)
        rc = take_integer(op, from, "slots", &b->slots);
    if (rc == SM_OK)
        rc = take_number(op, from, "price_in", &b->price_in);
    if (rc == SM_OK)
        rc = take_number(op, from, "price_out", &b->price_out);
    if (rc == SM_OK)
        rc = take_number(op, from, "watts", &b->watts);
    return rc == SM_OK ? take_engine(op, json_object_get(from, "engine"), &b->engine) : rc;
}

json_t *sm_evaluation_json(sm_op *op, const sm_evaluation *e, const sm_backend *now)
{
    json_t *figures = json_loadb(e->figures.p ? e->figures.p : "", e->figures.n, 0, NULL);
    bool stands = now && sm_str_eq(e->subject, sm_backend_subject(op->arena, now));
    return json_pack("{s:I,s:I,s:I,s:o,s:b,s:b,s:b,s:o,s:o}", "id", (json_int_t)e->id, "model",
                     (json_int_t)e->backend, "time", (json_int_t)e->time_ms, "by",
                     sm_json_of(e->by), "passed", (int)e->passed, "quality", (int)e->quality,
                     "stands", (int)stands, "digest", sm_json_of(e->digest), "figures",
                     figures ? figures : json_object());
}

/* -------------------------------------------------------------------- aliases */

static const sm_dept *dept_of(const sm_dept *d, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].id == id)
            return &d[i];
    return NULL;
}

static sm_str scope_text(sm_arena *a, sm_str scope, const sm_dept *d, size_t n)
{
    int64_t id = 0;
    if (sm_str_starts(scope, SM_STR("clerk:")))
        return sm_strf(a, "智能体 %.*s", SM_ARG(sm_str_sub(scope, 6, scope.n)));
    if (scope.n == 0 || !sm_str_to_int(sm_str_sub(scope, 11, scope.n), &id))
        return SM_STR("全部");
    const sm_dept *one = dept_of(d, n, id);
    return sm_strf(a, "部门 %.*s", SM_ARG(one ? one->name : scope));
}

static json_t *target_json(const sm_alias *a, const sm_backend *b, size_t n)
{
    const sm_backend *one = NULL;
    for (size_t i = 0; !one && i < n; i++)
        if (b[i].id == a->backend)
            one = &b[i];
    return json_pack("{s:I,s:o,s:s,s:I,s:I}", "model", (json_int_t)a->backend, "name",
                     sm_json_of(one ? one->name : (sm_str){ 0 }), "state",
                     one ? sm_backend_state_name(one->state) : "", "weight", (json_int_t)a->weight,
                     "tier", (json_int_t)a->tier);
}

json_t *sm_aliases_json(sm_op *op, const sm_alias *a, size_t n, const sm_backend *b,
                        size_t n_backends, const sm_dept *d, size_t n_depts)
{
    json_t *all = json_array(), *targets = NULL;
    for (size_t i = 0; i < n; i++) {
        bool goes_on =
            i && sm_str_eq(a[i].name, a[i - 1].name) && sm_str_eq(a[i].scope, a[i - 1].scope);
        if (!goes_on) {
            targets = json_array();
            json_array_append_new(
                all, json_pack("{s:o,s:o,s:o,s:o}", "name", sm_json_of(a[i].name), "scope",
                               sm_json_of(a[i].scope), "scope_text",
                               sm_json_of(scope_text(op->arena, a[i].scope, d, n_depts)), "targets",
                               targets));
        }
        json_array_append_new(targets, target_json(&a[i], b, n_backends));
    }
    return all;
}

/* A state's name, JSON, or nothing. */
static json_t *change_json(sm_str text)
{
    if (text.n == 0)
        return json_null();
    json_t *j = json_loadb(text.p, text.n, 0, NULL);
    return j ? j : sm_json_of(text);
}

json_t *sm_model_event_json(const sm_model_event *e)
{
    return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "id", (json_int_t)e->id, "time",
                     (json_int_t)e->time_ms, "by", sm_json_of(e->by), "act", sm_json_of(e->act),
                     "name", sm_json_of(e->name), "scope", sm_json_of(e->scope), "before",
                     change_json(e->before), "after", change_json(e->after));
}

/* ------------------------------------------------------- departments and keys */

json_t *sm_dept_json(const sm_dept *d)
{
    return json_pack("{s:I,s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "id", (json_int_t)d->id, "name",
                     sm_json_of(d->name), "parent", (json_int_t)d->parent, "weight",
                     (json_int_t)d->weight, "per_minute", (json_int_t)d->per_minute, "per_day",
                     (json_int_t)d->per_day, "per_month", (json_int_t)d->per_month, "concurrency",
                     (json_int_t)d->concurrency);
}

json_t *sm_key_json(const sm_app_key *k, const sm_dept *d, size_t n_depts)
{
    const sm_dept *dept = dept_of(d, n_depts, k->department);
    const char *state = k->revoked_ms                     ? "revoked"
                        : sm_key_expired(k, sm_wall_ms()) ? "expired"
                                                          : "active";
    return json_pack("{s:I,s:o,s:I,s:o,s:o,s:s,s:s,s:o,s:o,s:I,s:I,s:I,s:I}", "id",
                     (json_int_t)k->id, "name", sm_json_of(k->name), "department",
                     (json_int_t)k->department, "department_name",
                     sm_json_of(dept ? dept->name : (sm_str){ 0 }), "hint", sm_json_of(k->hint),
                     "state", state, "class", sm_class_id(k->highest), "models",
                     words_of(k->models), "addresses", words_of(k->addresses), "created",
                     (json_int_t)k->created_ms, "expires", (json_int_t)k->expires_ms, "revoked",
                     (json_int_t)k->revoked_ms, "used", (json_int_t)k->used_ms);
}

/* ---------------------------------------------------------------------- usage */

void sm_priced_add(sm_priced *p, const sm_usage *u, const sm_backend *b)
{
    sm_usage_sum(&p->sum, u);
    if (!b)
        return;
    double slots = (double)SM_MAX(b->slots, 1);
    p->cost_yuan +=
        ((double)u->prompt_tokens * b->price_in + (double)u->generated_tokens * b->price_out) /
        1000;
    p->energy_wh += b->watts / slots * (double)u->busy_ms / 3600e3;
}

json_t *sm_priced_json(const sm_priced *p)
{
    const sm_usage *u = &p->sum;
    double mean = u->n_first ? (double)u->first_ms / (double)u->n_first : -1;
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:f}", "calls", (json_int_t)u->calls,
                     "prompt_tokens", (json_int_t)u->prompt_tokens, "generated_tokens",
                     (json_int_t)u->generated_tokens, "refused", (json_int_t)u->refused, "failed",
                     (json_int_t)u->failed, "busy_s", (double)u->busy_ms / 1000, "first_ms_mean",
                     mean, "first_ms_p50", sm_usage_quantile(u, 0.5), "first_ms_p99",
                     sm_usage_quantile(u, 0.99), "cost", p->cost_yuan, "energy_wh", p->energy_wh);
}
