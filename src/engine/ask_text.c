#include "engine/ask_inner.h"

#include <string.h>

#include "engine/schema.h"

/* ----------------------------------------------------------------- grammar */

/* What is wrong with a schema or a grammar is the caller's mistake; op says which. */
static sm_rc blame(sm_asking *a, const char *param, sm_rc rc)
{
    if (rc < 0)
        *a->why = (sm_refused){ SM_REFUSED_INVALID, param };
    return rc;
}

static sm_rc set_grammar(sm_asking *a, const char *param, sm_str gbnf)
{
    return blame(a, param, sm_grammar_open(a->op, a->o->m, gbnf, &a->job->sampling.grammar));
}

static sm_rc set_schema(sm_asking *a, const json_t *schema)
{
    sm_str gbnf;
    sm_rc rc = blame(a, "response_format", sm_schema_grammar(a->op, schema, &gbnf));
    return rc < 0 ? rc : set_grammar(a, "response_format", gbnf);
}

static sm_rc read_response_format(sm_asking *a, const json_t *format)
{
    sm_str type = sm_json_str(format, "type");
    const json_t *named = json_object_get(format, "json_schema");
    const json_t *schema = json_object_get(named, "schema");
    if (sm_str_eq(type, SM_STR("text")))
        return SM_OK;
    if (sm_str_eq(type, SM_STR("json_object")))
        return set_schema(a, json_object_get(format, "schema"));
    if (!sm_str_eq(type, SM_STR("json_schema")))
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "response_format",
                         "不支持 response_format 的类型“%.*s”", SM_ARG(sm_str_sub(type, 0, 40)));
    if (!sm_asking_has(schema))
        return sm_asking_wrong(a, "response_format", "缺少 json_schema.schema");
    return set_schema(a, schema);
}

static sm_rc read_format(sm_asking *a)
{
    const json_t *grammar = json_object_get(a->v, "grammar");
    const json_t *format = json_object_get(a->v, "response_format");
    bool has_grammar = json_is_string(grammar) && json_string_length(grammar);
    if (sm_asking_has(grammar) && !json_is_string(grammar))
        return sm_asking_wrong(a, "grammar", "应当是字符串（GBNF）");
    if (has_grammar && sm_asking_has(format))
        return sm_asking_wrong(a, "grammar", "不能与 response_format 同时给出");
    if (has_grammar)
        return set_grammar(a, "grammar", sm_json_str(a->v, "grammar"));
    return sm_asking_has(format) ? read_response_format(a, format) : SM_OK;
}

/* Holds alone: a grammar would say which facts may be written, and the evidence, too. */
static sm_rc read_ground(sm_asking *a)
{
    static const char *const others[] = { "grammar", "response_format", "tools" };
    const json_t *v = json_object_get(a->v, "sunmao_ground");
    if (!sm_asking_has(v))
        return SM_OK;
    for (size_t i = 0; i < SM_LEN(others); i++)
        if (sm_asking_has(json_object_get(a->v, others[i])))
            return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, others[i],
                             "参数 %s 不能与 sunmao_ground 同时给出", others[i]);
    sm_rc rc = blame(a, "sunmao_ground", sm_grounded_open(a->op, a->o->m, v, &a->reply->ground));
    if (rc == SM_OK)
        a->job->sampling.filter = sm_grounded_filter(a->reply->ground);
    return rc;
}

/* ----------------------------------------------------------- conversations */

static sm_rc read_chat_logprobs(sm_asking *a)
{
    bool wanted = false;
    int64_t n = 0;
    sm_rc rc;
    if ((rc = sm_asking_bool(a, a->v, "logprobs", &wanted)) < 0 ||
        (rc = sm_asking_integer(a, "top_logprobs", 0, SM_MAX_TOP_LOGPROBS, &n)) < 0)
        return rc;
    if (n && !wanted)
        return sm_asking_wrong(a, "top_logprobs", "需要 logprobs 为 true");
    a->job->sampling.n_top = wanted ? (int)n : -1;
    return SM_OK;
}

/* enable_thinking, as vLLM and SGLang have it: inside chat_template_kwargs, or beside it. */
static sm_rc read_thinking(sm_asking *a, sm_thinking *out)
{
    const json_t *inside = json_object_get(a->v, "chat_template_kwargs");
    bool on = true, reasoning = true;
    bool said = sm_asking_has(json_object_get(inside, "enable_thinking")) ||
                sm_asking_has(json_object_get(a->v, "enable_thinking"));
    sm_rc rc;
    if ((rc = sm_asking_bool(a, inside, "enable_thinking", &on)) < 0 ||
        (rc = sm_asking_bool(a, a->v, "enable_thinking", &on)) < 0 ||
        (rc = sm_asking_bool(a, a->v, "include_reasoning", &reasoning)) < 0)
        return rc;
    a->reply->drops_reasoning = !reasoning;
    *out = !said ? SM_THINKING_DEFAULT : on ? SM_THINKING_ON : SM_THINKING_OFF;
    if (a->job->sampling.grammar || a->reply->ground) /* they hold from the first byte */
        *out = SM_THINKING_OFF;
    return SM_OK;
}

/* Calls that must be made are made by a grammar; others are found in what is written. */
static sm_rc read_tools(sm_asking *a, sm_tools *out)
{
    sm_str gbnf;
    sm_tool_form form = a->o->template.tools;
    sm_rc rc = blame(a, "tools", sm_tools_read(a->op, a->v, out));
    if (rc < 0 || !out->tools)
        return rc;
    if (form == SM_TOOL_FORM_NONE)
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "tools", "模型 %s 不能调用工具",
                         a->o->id);
    a->reply->tool_form = form;
    if (out->choice == SM_TOOL_CHOICE_AUTO)
        return SM_OK;
    if (a->job->sampling.grammar)
        return sm_asking_wrong(a, "tool_choice", "要求调用工具时不能另给语法或 response_format");
    rc = blame(a, "tools", sm_tools_grammar(a->op, out, form, &gbnf));
    return rc < 0 ? rc : set_grammar(a, "tools", gbnf);
}

/* Form from the template, as tokens of their names; words of people, as nothing but words. */
static sm_rc add_pieces(sm_asking *a, const sm_prompt *p)
{
    const sm_lm_facts *f = sm_lm_about(a->o->m);
    sm_tokens to = { 0 };
    sm_rc rc = SM_OK;
    if (p->bos && f->bos >= 0 && f->add_bos)
        sm_tokens_add(a, &to, f->bos);
    for (size_t i = 0; rc == SM_OK && i < p->n_pieces; i++)
        rc = sm_tokens_add_text(a, &to, p->piece[i].text, p->piece[i].special);
    a->job->prompt = (sm_run){ to.t, to.n };
    return rc;
}

static sm_rc render(sm_asking *a)
{
    sm_tools tools;
    sm_thinking thinking;
    sm_prompt prompt;
    sm_rc rc;
    if ((rc = read_ground(a)) < 0 || (rc = read_format(a)) < 0 ||
        (rc = read_tools(a, &tools)) < 0 || (rc = read_thinking(a, &thinking)) < 0)
        return rc;
    rc = sm_template_render(a->op, &a->o->template, json_object_get(a->v, "messages"), tools.tools,
                            thinking, &prompt);
    if (blame(a, "messages", rc) < 0 || (rc = add_pieces(a, &prompt)) < 0)
        return rc;
    sm_think_init(&a->reply->think, prompt.in_think);
    return SM_OK;
}

static sm_rc read_chat(sm_asking *a, sm_str body)
{
    sm_rc rc;
    if ((rc = sm_asking_kind(a, SM_LM_TEXT, "对话")) < 0 || (rc = sm_asking_body(a, body)) < 0 ||
        (rc = sm_asking_common(a)) < 0 || (rc = read_chat_logprobs(a)) < 0 || (rc = render(a)) < 0)
        return rc;
    return sm_asking_length(a);
}

/* ------------------------------------------------------------------ prompts */

static sm_rc read_completion_logprobs(sm_asking *a)
{
    int64_t n = -1;
    sm_rc rc = sm_asking_integer(a, "logprobs", 0, SM_MAX_TOP_LOGPROBS, &n);
    a->job->sampling.n_top = (int)n;
    return rc;
}

static sm_rc read_prompt(sm_asking *a)
{
    const json_t *v = json_object_get(a->v, "prompt");
    if (json_is_array(v) && json_array_size(v) == 1 && !json_is_integer(json_array_get(v, 0)))
        v = json_array_get(v, 0);
    else if (json_is_array(v) && json_is_string(json_array_get(v, 0)))
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "prompt",
                         "一次请求只有一个 prompt");
    sm_rc rc = sm_asking_text(a, v, "prompt", &a->job->prompt);
    if (rc == SM_OK && a->job->prompt.n == 0)
        return sm_asking_wrong(a, "prompt", "是空的");
    return rc;
}

static sm_rc read_completion(sm_asking *a, sm_str body)
{
    sm_rc rc;
    bool echo = false;
    if ((rc = sm_asking_kind(a, SM_LM_TEXT, "续写")) < 0 || (rc = sm_asking_body(a, body)) < 0 ||
        (rc = sm_asking_common(a)) < 0 || (rc = read_completion_logprobs(a)) < 0 ||
        (rc = sm_asking_bool(a, a->v, "echo", &echo)) < 0 || (rc = read_prompt(a)) < 0 ||
        (rc = sm_asking_length(a)) < 0)
        return rc;
    if (echo)
        return sm_refuse(a->op, a->why, SM_REFUSED_UNSUPPORTED, "echo", "不支持参数 echo");
    rc = read_ground(a);
    return rc == SM_OK ? read_format(a) : rc;
}

/* --------------------------------------------------------------------- asks */

typedef sm_rc read_fn(sm_asking *a, sm_str body);

static sm_rc ask(sm_op *op, const sm_offer *o, sm_str body, bool chat, read_fn *read,
                 sm_reply **out, sm_refused *why)
{
    sm_asking a;
    sm_asking_begin(&a, o, why);
    sm_reply *p = SM_NEW(a.op->arena, sm_reply);
    *p = (sm_reply){ .job = a.job, .m = o->m, .chat = chat };
    a.reply = p;
    a.job->ctx = p;
    a.job->take = sm_reply_take;
    a.job->end = sm_reply_end;
    sm_rc rc = sm_asking_end(&a, op, read(&a, body));
    if (rc < 0)
        return rc;
    sm_reply_begin(p);
    *out = p;
    return SM_OK;
}

sm_rc sm_ask_chat(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why)
{
    return ask(op, o, body, true, read_chat, out, why);
}

sm_rc sm_ask_completion(sm_op *op, const sm_offer *o, sm_str body, sm_reply **out, sm_refused *why)
{
    return ask(op, o, body, false, read_completion, out, why);
}
