/*
 * What a back end can: each capability by a call that needs it, believed only when the answer has
 * it.
 */
#include "model/probe.h"

#include <string.h>

enum {
    PROBE_CALL_MS = 60 * 1000,
    MAX_TOKENS = 200 /* a call of a tool, written a character a token */
};

typedef struct probe {
    sm_op *op;
    sm_remote *remote;
    sm_str model; /* as the server calls it */
    sm_backend *b;
    bool heard;  /* anything at all */
    bool denied; /* 401 or 403 */
    bool says_ground;
} probe;

/* The answer's JSON when it is a 200, else NULL.  A call that breaks is an answer, too: it cannot.
 */
static json_t *ask(probe *p, const char *path, json_t *body)
{
    sm_op one;
    sm_heard heard;
    json_t *answer = NULL;
    sm_op_begin(&one);
    one.cancel = p->op->cancel;
    one.deadline_us = p->op->deadline_us;
    if (sm_remote_call(&one, p->remote, path, body, &heard) == SM_OK) {
        p->heard = true;
        p->denied |= heard.status == 401 || heard.status == 403;
        if (heard.status == 200 && heard.json)
            answer = json_incref(heard.json);
    }
    sm_op_end(&one);
    json_decref(body);
    if (answer)
        sm_json_own(p->op->arena, answer);
    return answer;
}

/* choices[0].message of a chat with these members besides. */
static const json_t *chat(probe *p, const char *question, json_t *more, const json_t **choice)
{
    json_t *body =
        json_pack("{s:o,s:[{s:s,s:s}],s:i,s:i}", "model", sm_json_of(p->model), "messages", "role",
                  "user", "content", question, "max_tokens", MAX_TOKENS, "temperature", 0);
    if (more) {
        json_object_update(body, more);
        json_decref(more);
    }
    const json_t *answer = ask(p, "/v1/chat/completions", body);
    const json_t *first = json_array_get(json_object_get(answer, "choices"), 0);
    if (choice)
        *choice = first;
    return json_object_get(first, "message");
}

static bool one_of(sm_str s, sm_str a, sm_str b)
{
    s = sm_str_trim(s);
    return sm_str_eq(s, a) || sm_str_eq(s, b);
}

/* --------------------------------------------------------------- capabilities */

static bool can_chat(probe *p)
{
    const json_t *m = chat(p, "1+1 等于几？", NULL, NULL);
    sm_str text = sm_json_str(m, "content");
    if (sm_json_str(m, "reasoning_content").n || sm_str_starts(text, SM_STR("<think>")))
        p->b->can |= SM_CAN_REASONING;
    return json_is_object(m);
}

static json_t *as_schema(json_t *answer)
{
    return json_pack("{s:{s:s,s:{s:s,s:b,s:{s:s,s:{s:o},s:[s],s:b}}}}", "response_format", "type",
                     "json_schema", "json_schema", "name", "answer", "strict", 1, "schema", "type",
                     "object", "properties", "answer", answer, "required", "answer",
                     "additionalProperties", 0);
}

/* What it answers where only 甲 and 乙 are allowed. */
static bool obeys_schema(probe *p, json_t *answer)
{
    const json_t *m = chat(p, "水是湿的吗？", as_schema(answer), NULL);
    sm_str text = sm_json_str(m, "content");
    json_t *j = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
    bool obeyed =
        json_object_size(j) == 1 && one_of(sm_json_str(j, "answer"), SM_STR("甲"), SM_STR("乙"));
    json_decref(j);
    return obeyed;
}

static bool can_json_schema(probe *p)
{
    return obeys_schema(p, json_pack("{s:s,s:[s,s]}", "type", "string", "enum", "甲", "乙"));
}

static bool can_pattern(probe *p)
{
    return obeys_schema(p, json_pack("{s:s,s:s}", "type", "string", "pattern", "^(甲|乙)$"));
}

static const char two_answers[] = "root ::= \"甲\" | \"乙\"";

static bool obeys(probe *p, json_t *more)
{
    const json_t *m = chat(p, "水是湿的吗？", more, NULL);
    return one_of(sm_json_str(m, "content"), SM_STR("甲"), SM_STR("乙"));
}

static bool can_grammar(probe *p) /* llama-server, our engine */
{
    return obeys(p, json_pack("{s:s}", "grammar", two_answers));
}

/* Of the ways to give a grammar one is enough. */
static bool has_grammar(const probe *p)
{
    return p->b->can & (SM_CAN_GRAMMAR | SM_CAN_STRUCTURED | SM_CAN_GUIDED);
}

static bool can_structured(probe *p) /* vLLM */
{
    return !has_grammar(p) &&
           obeys(p, json_pack("{s:{s:s}}", "structured_outputs", "grammar", two_answers));
}

static bool can_guided(probe *p) /* vLLM before 0.12 */
{
    return !has_grammar(p) && obeys(p, json_pack("{s:s}", "guided_grammar", two_answers));
}

static bool can_ebnf(probe *p) /* SGLang */
{
    return !has_grammar(p) && obeys(p, json_pack("{s:s}", "ebnf", two_answers));
}

/* Held to evidence that has no figure, it says none. */
static bool can_ground(probe *p)
{
    if (!p->says_ground) /* others pass over what they do not know, and may be right by chance */
        return false;
    const json_t *m = chat(p, "1+1 等于几？只写数字。",
                           json_pack("{s:{s:[{s:s,s:s}]}}", "sunmao_ground", "evidence", "id", "1",
                                     "text", "请带身份证。"),
                           NULL);
    sm_str text = sm_json_str(m, "content");
    bool figure = false;
    for (size_t i = 0; i < text.n; i++)
        figure |= text.p[i] >= '0' && text.p[i] <= '9';
    return json_is_object(m) && !figure;
}

static bool can_tools(probe *p)
{
    json_t *more = json_pack(
        "{s:[{s:s,s:{s:s,s:s,s:{s:s,s:{s:{s:s,s:[s,s]}},s:[s]}}}],s:{s:s,s:{s:s}}}", "tools",
        "type", "function", "function", "name", "look_up", "description", "查一查", "parameters",
        "type", "object", "properties", "what", "type", "string", "enum", "甲", "乙", "required",
        "what", "tool_choice", "type", "function", "function", "name", "look_up");
    const json_t *m = chat(p, "查一查甲", more, NULL);
    const json_t *call = json_array_get(json_object_get(m, "tool_calls"), 0);
    return sm_str_eq(sm_json_str(json_object_get(call, "function"), "name"), SM_STR("look_up"));
}

static bool can_logprobs(probe *p)
{
    const json_t *choice;
    chat(p, "你好", json_pack("{s:b,s:i}", "logprobs", 1, "top_logprobs", 2), &choice);
    return json_array_size(json_object_get(json_object_get(choice, "logprobs"), "content")) > 0;
}

static bool can_complete(probe *p)
{
    const json_t *answer = ask(p, "/v1/completions",
                               json_pack("{s:o,s:s,s:i,s:i}", "model", sm_json_of(p->model),
                                         "prompt", "从前", "max_tokens", 4, "temperature", 0));
    const json_t *choice = json_array_get(json_object_get(answer, "choices"), 0);
    return json_is_string(json_object_get(choice, "text"));
}

static bool can_embed(probe *p)
{
    const json_t *answer =
        ask(p, "/v1/embeddings",
            json_pack("{s:o,s:[s]}", "model", sm_json_of(p->model), "input", "身份证丢了怎么补"));
    const json_t *v =
        json_object_get(json_array_get(json_object_get(answer, "data"), 0), "embedding");
    if (!json_is_number(json_array_get(v, 0)))
        return false;
    p->b->n_embd = (int64_t)json_array_size(v);
    return true;
}

static bool can_rerank(probe *p)
{
    const json_t *answer =
        ask(p, "/v1/rerank",
            json_pack("{s:o,s:s,s:[s,s]}", "model", sm_json_of(p->model), "query", "补办身份证",
                      "documents", "身份证丢失补领", "公积金提取"));
    const json_t *one = json_array_get(json_object_get(answer, "results"), 1);
    return json_is_number(json_object_get(one, "relevance_score"));
}

/* In this order; one that needs another which it has not is not asked. */
static const struct {
    unsigned can, needs;
    bool (*asked)(probe *p);
} asks[] = {
    { SM_CAN_CHAT, 0, can_chat },
    { SM_CAN_JSON_SCHEMA, SM_CAN_CHAT, can_json_schema },
    { SM_CAN_PATTERN, SM_CAN_CHAT | SM_CAN_JSON_SCHEMA, can_pattern },
    { SM_CAN_GRAMMAR, SM_CAN_CHAT, can_grammar },
    { SM_CAN_STRUCTURED, SM_CAN_CHAT, can_structured },
    { SM_CAN_GUIDED, SM_CAN_CHAT, can_guided },
    { SM_CAN_EBNF, SM_CAN_CHAT, can_ebnf },
    { SM_CAN_GROUND, SM_CAN_CHAT, can_ground },
    { SM_CAN_TOOLS, SM_CAN_CHAT, can_tools },
    { SM_CAN_LOGPROBS, SM_CAN_CHAT, can_logprobs },
    { SM_CAN_COMPLETIONS, 0, can_complete },
    { SM_CAN_EMBED, 0, can_embed },
    { SM_CAN_RERANK, 0, can_rerank },
};

/* ------------------------------------------------------------------- the model */

/* The first of these that is a positive integer. */
static int64_t first_number(const json_t *of, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t v = json_integer_value(json_object_get(of, names[i]));
        if (v > 0)
            return v;
    }
    return 0;
}

static void take_facts(probe *p, const json_t *model)
{
    static const char *const contexts[] = { "max_model_len", "n_ctx", "context_length",
                                            "n_ctx_train" },
                             *const slots[] = { "n_slots", "slots", "parallel" };
    const json_t *meta = json_object_get(model, "meta");
    int64_t context = first_number(model, contexts, SM_LEN(contexts));
    if (context == 0)
        context = first_number(meta, contexts, SM_LEN(contexts));
    if (context > 0)
        p->b->context_tokens = context;
    if (p->b->slots == 0)
        p->b->slots = first_number(meta, slots, SM_LEN(slots));
    const json_t *can = json_object_get(meta, "capabilities");
    if (json_is_true(json_object_get(can, "reasoning"))) /* a short probe may not show it */
        p->b->can |= SM_CAN_REASONING;
    p->says_ground = json_is_true(json_object_get(can, "ground"));
}

static sm_rc find_model(probe *p)
{
    const json_t *list = json_object_get(ask(p, "/v1/models", NULL), "data");
    sm_str names = { 0 };
    if (json_array_size(list) == 0)
        return SM_OK; /* some servers have no list */
    if (p->b->kind == SM_BACKEND_FILE) {
        take_facts(p, json_array_get(list, 0));
        return SM_OK;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        sm_str id = sm_json_str(one, "id");
        if (sm_str_eq(id, p->model)) {
            take_facts(p, one);
            return SM_OK;
        }
        if (names.n < 500)
            names =
                sm_strf(p->op->arena, "%.*s%s%.*s", SM_ARG(names), names.n ? "、" : "", SM_ARG(id));
    }
    return sm_fail(p->op, SM_E_NOTFOUND, "服务器上没有叫 %.*s 的模型；有：%.*s（--remote-name）",
                   SM_ARG(p->model), SM_ARG(names));
}

static sm_rc nothing_heard(const probe *p)
{
    sm_rc rc = sm_op_check(p->op);
    if (rc < 0)
        return rc;
    if (p->denied)
        return sm_fail(p->op, SM_E_DENIED, "模型服务器不接受密钥");
    if (!p->heard)
        return sm_fail(p->op, SM_E_UNAVAILABLE, "连不上模型，或它没有在限定时间内回答");
    return sm_fail(p->op, SM_E_UNAVAILABLE, "对话、续写、向量、重排，没有一种得到可用的回答");
}

sm_rc sm_probe(sm_op *op, sm_remote *r, sm_backend *b)
{
    enum { SERVICES = SM_CAN_CHAT | SM_CAN_COMPLETIONS | SM_CAN_EMBED | SM_CAN_RERANK };
    sm_backend found = *b;
    probe p = { .op = op, .remote = r, .b = &found };
    found.can = 0;
    p.model = b->kind == SM_BACKEND_SERVER && b->remote_name.n ? b->remote_name : b->name;
    sm_remote_patience(r, PROBE_CALL_MS);
    sm_rc rc = find_model(&p);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(asks); i++) {
        sm_op_progress(op, "探测能力", i, SM_LEN(asks));
        if (!p.heard && i > 0)
            break; /* nobody there: not once for each */
        if ((found.can & asks[i].needs) == asks[i].needs && asks[i].asked(&p))
            found.can |= asks[i].can;
        rc = sm_op_check(op);
    }
    sm_op_progress(op, "探测能力", SM_LEN(asks), SM_LEN(asks));
    if (rc == SM_OK && !(found.can & SERVICES))
        rc = nothing_heard(&p);
    if (rc == SM_OK)
        *b = found;
    return rc;
}
