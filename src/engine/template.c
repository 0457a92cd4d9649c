#include "engine/template.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------- recognition */

static const sm_str qwen_system = { "You are Qwen, created by Alibaba Cloud. You are a helpful "
                                    "assistant.",
                                    68 };

#define IM_END           \
    {                    \
        "<|im_end|>", 10 \
    }
#define DS_END                      \
    {                               \
        "<｜end▁of▁sentence｜>", 27 \
    }
#define HELPFUL                            \
    {                                      \
        "You are a helpful assistant.", 28 \
    }

static const sm_template known[] = {
    { "chatml", SM_FAMILY_CHATML, SM_TOOL_FORM_TAGS, { 0 }, IM_END, false, false },
    { "qwen2", SM_FAMILY_CHATML, SM_TOOL_FORM_TAGS, HELPFUL, IM_END, false, false },
    { "qwen2.5", SM_FAMILY_CHATML, SM_TOOL_FORM_TAGS, { 0 }, IM_END, false, false },
    { "qwen3", SM_FAMILY_CHATML, SM_TOOL_FORM_TAGS, { 0 }, IM_END, true, false },
    { "qwen3-thinking", SM_FAMILY_CHATML, SM_TOOL_FORM_TAGS, { 0 }, IM_END, true, true },
    { "deepseek-v2", SM_FAMILY_DEEPSEEK_V2, SM_TOOL_FORM_NONE, { 0 }, DS_END, false, false },
    { "deepseek-v3", SM_FAMILY_DEEPSEEK_V3, SM_TOOL_FORM_DEEPSEEK, { 0 }, DS_END, false, false },
    { "deepseek-r1", SM_FAMILY_DEEPSEEK_V3, SM_TOOL_FORM_DEEPSEEK, { 0 }, DS_END, true, true },
    { "deepseek-r1-open",
      SM_FAMILY_DEEPSEEK_V3,
      SM_TOOL_FORM_DEEPSEEK,
      { 0 },
      DS_END,
      true,
      false },
    { "deepseek-v3.1",
      SM_FAMILY_DEEPSEEK_V31,
      SM_TOOL_FORM_DEEPSEEK_V31,
      { 0 },
      DS_END,
      true,
      false },
};

static bool has(sm_str text, const char *what)
{
    return sm_str_has(text, sm_str_of(what));
}

static const char *name_chatml(sm_str text)
{
    if (has(text, "<|im_start|>assistant\\n<think>") || has(text, "<|im_start|>assistant\n<think>"))
        return "qwen3-thinking";
    if (has(text, "<think>"))
        return "qwen3";
    if (sm_str_has(text, qwen_system))
        return "qwen2.5";
    return has(text, "You are a helpful assistant") ? "qwen2" : "chatml";
}

static const char *name_deepseek(sm_str text)
{
    if (has(text, "set thinking") || has(text, "not thinking"))
        return "deepseek-v3.1";
    if (has(text, "<｜Assistant｜><think>"))
        return "deepseek-r1";
    return has(text, "</think>") ? "deepseek-r1-open" : "deepseek-v3";
}

/* Formats newer than these reuse their tokens, so what is theirs alone is looked for first. */
static const char *name_of(sm_str text)
{
    if (has(text, "｜DSML｜") || has(text, "<|channel|>"))
        return NULL;
    if (has(text, "<|im_start|>"))
        return name_chatml(text);
    if (has(text, "<｜User｜>") && has(text, "<｜Assistant｜>"))
        return name_deepseek(text);
    bool v2 = (has(text, "'User: '") || has(text, "User: {{")) && has(text, "Assistant:") &&
              has(text, "eos_token");
    return v2 ? "deepseek-v2" : NULL;
}

static const struct {
    const char *pre, *name;
} by_tokenizer[] = {
    { "qwen2", "chatml" },
    { "deepseek-llm", "deepseek-v2" },
    { "deepseek-v3", "deepseek-v3" },
    { "deepseek-r1-qwen", "deepseek-r1" },
};

static const char *name_by_tokenizer(sm_str pre)
{
    for (size_t i = 0; i < SM_LEN(by_tokenizer); i++)
        if (sm_str_eq(pre, sm_str_of(by_tokenizer[i].pre)))
            return by_tokenizer[i].name;
    return NULL;
}

static sm_rc fail_unknown(sm_op *op, const char *name)
{
    sm_buf b;
    sm_str list;
    sm_buf_init(&b, 1 << 12);
    for (size_t i = 0; i < SM_LEN(known); i++)
        sm_buf_addf(&b, "%s%s", i ? "、" : "", known[i].name);
    sm_rc rc = sm_buf_take(op, &b, &list);
    if (rc < 0)
        return rc;
    return sm_fail(op, SM_E_INVALID, "%s%s；支持的有：%.*s，可以用 --chat-template 指定",
                   name ? "没有这种对话模板：" : "不认识这个模型的对话模板", name ? name : "",
                   SM_ARG(list));
}

sm_rc sm_template_choose(sm_op *op, const char *name, sm_str text, sm_str pre_tokenizer,
                         sm_template *out)
{
    const char *found = name ? name : text.n ? name_of(text) : name_by_tokenizer(pre_tokenizer);
    for (size_t i = 0; found && i < SM_LEN(known); i++) {
        if (strcmp(known[i].name, found) != 0)
            continue;
        *out = known[i];
        if (strcmp(found, "qwen2.5") == 0)
            out->default_system = qwen_system;
        if (strcmp(found, "qwen2") == 0 && !name && !sm_str_has(text, out->default_system))
            out->default_system.n--; /* older ones end it without a full stop */
        /* Calls as XML (Qwen3-Coder, Qwen3.5) are another form. */
        if (!name && has(text, "<function="))
            out->tools = SM_TOOL_FORM_NONE;
        return SM_OK;
    }
    return fail_unknown(op, name);
}

/* -------------------------------------------------------------- messages */

enum role { SYSTEM, USER, ASSISTANT, TOOL };

struct message {
    enum role role;
    sm_str content, reasoning;
    const json_t *calls; /* NULL when there are none */
};

static const struct {
    const char *name;
    enum role role;
} roles[] = {
    { "system", SYSTEM },       { "developer", SYSTEM }, { "user", USER },
    { "assistant", ASSISTANT }, { "tool", TOOL },
};

static sm_str text_of(const json_t *v)
{
    return (sm_str){ json_string_value(v), json_string_length(v) };
}

static sm_rc read_parts(sm_op *op, const json_t *parts, size_t at, sm_str *out)
{
    sm_buf b;
    sm_buf_init(&b, SM_PROMPT_MAX_BYTES);
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i), *text = json_object_get(part, "text");
        if (!sm_str_eq(sm_json_str(part, "type"), SM_STR("text")) || !json_is_string(text)) {
            sm_buf_done(&b);
            return sm_fail(op, SM_E_INVALID,
                           "messages[%zu].content[%zu]：只支持 {\"type\":\"text\",\"text\":…}", at,
                           i);
        }
        sm_buf_add(&b, text_of(text));
    }
    return sm_buf_take(op, &b, out);
}

static sm_rc read_role(sm_op *op, const json_t *m, size_t at, enum role *out)
{
    sm_str name = sm_json_str(m, "role");
    for (size_t i = 0; i < SM_LEN(roles); i++)
        if (sm_str_eq(name, sm_str_of(roles[i].name))) {
            *out = roles[i].role;
            return SM_OK;
        }
    return sm_fail(op, SM_E_INVALID,
                   "messages[%zu].role 要是 system、developer、user、assistant 或 tool", at);
}

static sm_rc read_message(sm_op *op, const json_t *j, size_t at, struct message *m)
{
    const json_t *content = json_object_get(j, "content"),
                 *calls = json_object_get(j, "tool_calls");
    sm_rc rc = json_is_object(j) ? read_role(op, j, at, &m->role)
                                 : sm_fail(op, SM_E_INVALID, "messages[%zu] 要是一个对象", at);
    if (rc < 0)
        return rc;
    if (calls && !json_is_null(calls) && (!json_is_array(calls) || m->role != ASSISTANT))
        return sm_fail(op, SM_E_INVALID, "messages[%zu].tool_calls 要是数组，而且只属于 assistant",
                       at);
    m->calls = json_array_size(calls) ? calls : NULL;
    m->reasoning = sm_json_str(j, "reasoning_content");
    if (json_is_array(content))
        return read_parts(op, content, at, &m->content);
    if (json_is_string(content))
        m->content = text_of(content);
    else if (!m->calls || (content && !json_is_null(content)))
        return sm_fail(op, SM_E_INVALID, "messages[%zu].content 要是文字", at);
    return SM_OK;
}

/* ---------------------------------------------------------------- pieces */

struct out {
    sm_op *op;
    const sm_template *t;
    sm_buf text;
    struct span {
        size_t from;
        bool special;
    } * span;
    size_t n, cap;
    bool cut; /* the next piece begins anew, whatever it is */
};

static void add(struct out *o, sm_str s, bool special)
{
    if (!s.n)
        return;
    if (o->cut || special || o->n == 0 || o->span[o->n - 1].special) {
        SM_GROW(o->op->arena, o->span, o->n, o->cap);
        o->span[o->n++] = (struct span){ o->text.n, special };
    }
    o->cut = false;
    sm_buf_add(&o->text, s);
}

/* Tags that are tokens in the vocabularies of models that reason; tool_call in all of them. */
static const sm_str tags[] = { { "<tool_call>", 11 },     { "</tool_call>", 12 },
                               { "<think>", 7 },          { "</think>", 8 },
                               { "<tool_response>", 15 }, { "</tool_response>", 16 } };
enum { N_TAGS_WITHOUT_REASONING = 2 };

static bool is_at(sm_str s, size_t at, sm_str what)
{
    return sm_str_starts(sm_str_sub(s, at, s.n), what);
}

/* How long the token is that is spelled at s[at]; 0 when none is. */
static size_t token_length(const struct out *o, sm_str s, size_t at)
{
    static const sm_str bars[][2] = { { { "<|", 2 }, { "|>", 2 } },
                                      { { "<｜", 4 }, { "｜>", 4 } } };
    size_t n_tags = o->t->reasons ? SM_LEN(tags) : N_TAGS_WITHOUT_REASONING;
    for (size_t i = 0; i < n_tags && o->t->family == SM_FAMILY_CHATML; i++)
        if (is_at(s, at, tags[i]))
            return tags[i].n;
    for (size_t i = 2; i < 4 && o->t->reasons; i++)
        if (is_at(s, at, tags[i]))
            return tags[i].n;
    for (size_t i = 0; i < SM_LEN(bars); i++)
        if (is_at(s, at, bars[i][0])) {
            size_t end = sm_str_find(s, bars[i][1], at);
            return end == SIZE_MAX ? 0 : end + bars[i][1].n - at;
        }
    return 0;
}

/* Text of ours: what spells a token in it is that token. */
static void ours(struct out *o, const char *text)
{
    sm_str s = sm_str_of(text);
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t n = s.p[i] == '<' ? token_length(o, s, i) : 0;
        if (!n)
            continue;
        add(o, sm_str_sub(s, from, i), false);
        add(o, sm_str_sub(s, i, i + n), true);
        from = i + n;
        i += n - 1;
    }
    add(o, sm_str_sub(s, from, s.n), false);
}

static bool may_spell_token(sm_str s, size_t at)
{
    if (is_at(s, at, SM_STR("<|")) || is_at(s, at, SM_STR("<｜")))
        return true;
    for (size_t i = 0; i < SM_LEN(tags); i++)
        if (is_at(s, at, tags[i]))
            return true;
    return false;
}

/* Text of somebody else: cut inside whatever spells a token, since some vocabularies take tokens of
 * their own making out of plain text, too. */
static void theirs(struct out *o, sm_str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '<' && may_spell_token(s, i)) {
            add(o, sm_str_sub(s, from, i + 1), false);
            o->cut = true;
            from = i + 1;
        }
    add(o, sm_str_sub(s, from, s.n), false);
}

/* As Python writes it: a blank behind every comma and colon. */
static void add_json(struct out *o, const json_t *v)
{
    char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(16));
    theirs(o, sm_str_dup(o->op->arena, sm_str_of(s)));
    free(s);
}

static sm_rc finish(struct out *o, sm_prompt *p)
{
    sm_str all;
    if (o->text.failed) {
        sm_buf_done(&o->text);
        return sm_fail(o->op, SM_E_LIMIT, "对话超过 %d 字节的上限", SM_PROMPT_MAX_BYTES);
    }
    sm_rc rc = sm_buf_take(o->op, &o->text, &all);
    if (rc < 0)
        return rc;
    p->piece = SM_NEWS(o->op->arena, sm_piece, o->n + 1);
    p->n_pieces = o->n;
    for (size_t i = 0; i < o->n; i++) {
        size_t to = i + 1 < o->n ? o->span[i + 1].from : all.n;
        p->piece[i] = (sm_piece){ sm_str_sub(all, o->span[i].from, to), o->span[i].special };
    }
    return SM_OK;
}

/* ----------------------------------------------------------------- calls */

static sm_rc read_call(sm_op *op, const json_t *call, sm_str *name, json_t **arguments)
{
    const json_t *f = json_object_get(call, "function"), *a = json_object_get(f, "arguments");
    *name = sm_json_str(f, "name");
    if (!name->n || !json_is_string(a))
        return sm_fail(op, SM_E_INVALID,
                       "tool_calls 中的每一项都要有 function.name 和文字形式的 function.arguments");
    sm_rc rc = sm_json_parse(op, text_of(a), "function.arguments", arguments);
    if (rc == SM_OK && !json_is_object(*arguments))
        rc = sm_fail(op, SM_E_INVALID, "function.arguments 要是一个 JSON 对象");
    return rc;
}

static sm_rc add_call(struct out *o, const json_t *call, bool first)
{
    sm_str name;
    json_t *arguments;
    sm_rc rc = read_call(o->op, call, &name, &arguments);
    if (rc < 0)
        return rc;
    switch (o->t->tools) {
    case SM_TOOL_FORM_TAGS:
        ours(o, "<tool_call>\n{\"name\": \"");
        theirs(o, name);
        ours(o, "\", \"arguments\": ");
        add_json(o, arguments);
        ours(o, "}\n</tool_call>");
        break;
    case SM_TOOL_FORM_DEEPSEEK:
        ours(o, first ? "<｜tool▁call▁begin｜>function<｜tool▁sep｜>"
                      : "\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>");
        theirs(o, name);
        ours(o, "\n```json\n");
        add_json(o, arguments);
        ours(o, "\n```<｜tool▁call▁end｜>");
        break;
    case SM_TOOL_FORM_DEEPSEEK_V31:
        ours(o, "<｜tool▁call▁begin｜>");
        theirs(o, name);
        ours(o, "<｜tool▁sep｜>");
        add_json(o, arguments);
        ours(o, "<｜tool▁call▁end｜>");
        break;
    case SM_TOOL_FORM_NONE:
        return sm_fail(o->op, SM_E_INVALID, "这个模型的对话模板（%s）不支持工具调用", o->t->name);
    }
    return SM_OK;
}

/* ---------------------------------------------------------------- ChatML */

static sm_str strip_newlines(sm_str s, bool left, bool right)
{
    while (left && s.n && s.p[0] == '\n')
        s = sm_str_sub(s, 1, s.n);
    while (right && s.n && s.p[s.n - 1] == '\n')
        s.n--;
    return s;
}

/* Reasoning that a caller left inside the answer is taken out, as the templates do; true if any. */
static bool divide(struct message *m)
{
    sm_str open = SM_STR("<think>"), close = SM_STR("</think>");
    size_t end = sm_str_find(m->content, close, 0);
    if (end == SIZE_MAX)
        return false;
    sm_str before = sm_str_sub(m->content, 0, end);
    for (size_t k; (k = sm_str_find(m->content, close, end + close.n)) != SIZE_MAX;)
        end = k;
    m->content = sm_str_sub(m->content, end + close.n, m->content.n);
    size_t begin = sm_str_find(before, open, 0);
    if (begin != SIZE_MAX)
        before = sm_str_sub(before, begin + open.n, before.n);
    if (!m->reasoning.n)
        m->reasoning = before;
    return true;
}

static void add_qwen_tools(struct out *o, const json_t *tools)
{
    ours(o, "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
            "You are provided with function signatures within <tools></tools> XML tags:\n<tools>");
    for (size_t i = 0; i < json_array_size(tools); i++) {
        ours(o, "\n");
        add_json(o, json_array_get(tools, i));
    }
    ours(o, "\n</tools>\n\nFor each function call, return a json object with function name and "
            "arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n"
            "{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>");
}

/* The system message with the tools below it; true when it took the first message. */
static bool add_chatml_system(struct out *o, const struct message *m, size_t n, const json_t *tools)
{
    bool given = n > 0 && m[0].role == SYSTEM;
    sm_str text = given ? m[0].content : o->t->default_system;
    if (!given && !text.n && !tools)
        return false;
    ours(o, "<|im_start|>system\n");
    theirs(o, text);
    if (tools) {
        ours(o, text.n ? "\n\n" : "");
        add_qwen_tools(o, tools);
    }
    ours(o, "<|im_end|>\n");
    return given;
}

static sm_rc add_chatml_answer(struct out *o, struct message *m, bool after_query, bool last)
{
    ours(o, "<|im_start|>assistant\n");
    if (o->t->reasons) {
        if (divide(m))
            m->content = strip_newlines(m->content, true, false);
        if (after_query && (last || m->reasoning.n)) {
            ours(o, "<think>\n");
            theirs(o, strip_newlines(m->reasoning, true, true));
            ours(o, "\n</think>\n\n");
            m->content = strip_newlines(m->content, true, false);
        }
    }
    theirs(o, m->content);
    for (size_t i = 0; i < json_array_size(m->calls); i++) {
        if (i > 0 || m->content.n)
            ours(o, "\n");
        sm_rc rc = add_call(o, json_array_get(m->calls, i), i == 0);
        if (rc < 0)
            return rc;
    }
    ours(o, "<|im_end|>\n");
    return SM_OK;
}

static void add_chatml_result(struct out *o, const struct message *m, size_t i, size_t n)
{
    if (i == 0 || m[i - 1].role != TOOL)
        ours(o, "<|im_start|>user");
    ours(o, "\n<tool_response>\n");
    theirs(o, m[i].content);
    ours(o, "\n</tool_response>");
    if (i + 1 == n || m[i + 1].role != TOOL)
        ours(o, "<|im_end|>\n");
}

static size_t last_query(const struct message *m, size_t n)
{
    for (size_t i = n; i-- > 0;)
        if (m[i].role == USER)
            return i;
    return n - 1;
}

static sm_rc render_chatml(struct out *o, struct message *m, size_t n, const json_t *tools,
                           sm_thinking thinking, sm_prompt *p)
{
    size_t query = last_query(m, n);
    for (size_t i = add_chatml_system(o, m, n, tools) ? 1 : 0; i < n; i++) {
        if (m[i].role == TOOL) {
            add_chatml_result(o, m, i, n);
        } else if (m[i].role == ASSISTANT) {
            sm_rc rc = add_chatml_answer(o, &m[i], i > query, i + 1 == n);
            if (rc < 0)
                return rc;
        } else {
            ours(o, m[i].role == USER ? "<|im_start|>user\n" : "<|im_start|>system\n");
            theirs(o, m[i].content);
            ours(o, "<|im_end|>\n");
        }
    }
    ours(o, "<|im_start|>assistant\n");
    if (o->t->reasons && thinking == SM_THINKING_OFF)
        ours(o, "<think>\n\n</think>\n\n");
    else if (o->t->opens_think)
        ours(o, "<think>\n");
    p->in_think = o->t->opens_think && thinking != SM_THINKING_OFF;
    return SM_OK;
}

/* -------------------------------------------------------------- DeepSeek */

static sm_rc render_deepseek_v2(struct out *o, const struct message *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (m[i].calls || m[i].role == TOOL)
            return sm_fail(o->op, SM_E_INVALID, "这个模型的对话模板（%s）不支持工具调用",
                           o->t->name);
        if (m[i].role != SYSTEM)
            ours(o, m[i].role == USER ? "User: " : "Assistant: ");
        theirs(o, m[i].content);
        ours(o, m[i].role == ASSISTANT ? o->t->end.p : "\n\n");
    }
    ours(o, "Assistant:");
    return SM_OK;
}

static void add_deepseek_tools(struct out *o, const json_t *tools)
{
    bool v31 = o->t->tools == SM_TOOL_FORM_DEEPSEEK_V31;
    ours(o, "## Tools\nYou have access to the following tools:\n\n");
    for (size_t i = 0; i < json_array_size(tools); i++) {
        const json_t *f = json_object_get(json_array_get(tools, i), "function");
        const json_t *parameters = json_object_get(f, "parameters");
        ours(o, "### ");
        theirs(o, sm_json_str(f, "name"));
        ours(o, "\nDescription: ");
        theirs(o, sm_json_str(f, "description"));
        ours(o, "\n\nParameters: ");
        if (parameters)
            add_json(o, parameters);
        else
            ours(o, "{}");
        ours(o, "\n\n");
    }
    ours(o, "IMPORTANT: ALWAYS adhere to this exact format for tool use:\n<｜tool▁calls▁begin｜>");
    ours(o, v31 ? "<｜tool▁call▁begin｜>tool_call_name<｜tool▁sep｜>tool_call_arguments"
                : "<｜tool▁call▁begin｜>function<｜tool▁sep｜>tool_call_name\n```json\n"
                  "tool_call_arguments\n```");
    ours(o, "<｜tool▁call▁end｜>{additional_tool_calls}<｜tool▁calls▁end｜>\n\nWhere:\n"
            "- `tool_call_name` must be an exact match to one of the available tools\n"
            "- `tool_call_arguments` must be valid JSON that strictly follows the tool's "
            "Parameters Schema\n");
    ours(o, v31 ? "- For multiple tool calls, chain them directly without separators or spaces"
                : "- For multiple tool calls, chain them with a newline as separator");
}

/* All system messages stand at the begin, whatever their place. */
static void add_deepseek_system(struct out *o, const struct message *m, size_t n,
                                const json_t *tools)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (m[i].role != SYSTEM || !m[i].content.n)
            continue;
        ours(o, any ? "\n\n" : "");
        theirs(o, m[i].content);
        any = true;
    }
    if (tools) {
        ours(o, any ? "\n\n" : "");
        add_deepseek_tools(o, tools);
    }
}

static sm_rc add_deepseek_calls(struct out *o, const json_t *calls)
{
    ours(o, "<｜tool▁calls▁begin｜>");
    for (size_t i = 0; i < json_array_size(calls); i++) {
        sm_rc rc = add_call(o, json_array_get(calls, i), i == 0);
        if (rc < 0)
            return rc;
    }
    ours(o, "<｜tool▁calls▁end｜>");
    return SM_OK;
}

/* What may come before an answer depends on what stands before it: results of tools are closed, and
 * answered without a word about who speaks. */
static void begin_deepseek_answer(struct out *o, bool after_results)
{
    bool v31 = o->t->family == SM_FAMILY_DEEPSEEK_V31;
    if (!after_results)
        ours(o, v31 ? "<｜Assistant｜></think>" : "<｜Assistant｜>");
    else if (!v31)
        ours(o, "<｜tool▁outputs▁end｜>");
}

static sm_rc add_deepseek_answer(struct out *o, struct message *m, enum role before)
{
    bool v31 = o->t->family == SM_FAMILY_DEEPSEEK_V31;
    if (!v31 || before != ASSISTANT)
        begin_deepseek_answer(o, before == TOOL);
    if (o->t->reasons)
        divide(m);
    theirs(o, m->content);
    if (m->calls) {
        sm_rc rc = add_deepseek_calls(o, m->calls);
        if (rc < 0)
            return rc;
    }
    ours(o, "<｜end▁of▁sentence｜>");
    return SM_OK;
}

static void add_deepseek_result(struct out *o, const struct message *m, enum role before)
{
    if (o->t->family == SM_FAMILY_DEEPSEEK_V3)
        ours(o, before == TOOL ? "\n" : "<｜tool▁outputs▁begin｜>");
    ours(o, "<｜tool▁output▁begin｜>");
    theirs(o, m->content);
    ours(o, "<｜tool▁output▁end｜>");
}

static void begin_generation(struct out *o, enum role before, sm_thinking thinking, sm_prompt *p)
{
    bool v31 = o->t->family == SM_FAMILY_DEEPSEEK_V31;
    if (before == TOOL) {
        ours(o, v31 ? "" : "<｜tool▁outputs▁end｜>");
        return;
    }
    ours(o, "<｜Assistant｜>");
    if (v31) {
        p->in_think = thinking == SM_THINKING_ON;
        ours(o, p->in_think ? "<think>" : "</think>");
    } else if (o->t->reasons && thinking == SM_THINKING_OFF) {
        ours(o, "<think>\n\n</think>\n\n");
    } else if (o->t->opens_think) {
        p->in_think = true;
        ours(o, "<think>\n");
    }
}

static sm_rc render_deepseek(struct out *o, struct message *m, size_t n, const json_t *tools,
                             sm_thinking thinking, sm_prompt *p)
{
    enum role before = SYSTEM;
    add_deepseek_system(o, m, n, tools);
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = SM_OK;
        if (m[i].role == SYSTEM)
            continue;
        if (m[i].role == USER) {
            if (before == TOOL && o->t->family == SM_FAMILY_DEEPSEEK_V3)
                ours(o, "<｜tool▁outputs▁end｜>");
            ours(o, "<｜User｜>");
            theirs(o, m[i].content);
        } else if (m[i].role == TOOL) {
            add_deepseek_result(o, &m[i], before);
        } else {
            rc = add_deepseek_answer(o, &m[i], before);
        }
        if (rc < 0)
            return rc;
        before = m[i].role;
    }
    begin_generation(o, before, thinking, p);
    return SM_OK;
}

/* ---------------------------------------------------------------- render */

static sm_rc render(struct out *o, struct message *m, size_t n, const json_t *tools,
                    sm_thinking thinking, sm_prompt *p)
{
    if (tools && o->t->tools == SM_TOOL_FORM_NONE)
        return sm_fail(o->op, SM_E_INVALID, "这个模型的对话模板（%s）不支持工具调用", o->t->name);
    if (o->t->family == SM_FAMILY_CHATML)
        return render_chatml(o, m, n, tools, thinking, p);
    p->bos = true;
    if (o->t->family == SM_FAMILY_DEEPSEEK_V2)
        return render_deepseek_v2(o, m, n);
    return render_deepseek(o, m, n, tools, thinking, p);
}

sm_rc sm_template_render(sm_op *op, const sm_template *t, const json_t *messages,
                         const json_t *tools, sm_thinking thinking, sm_prompt *out)
{
    size_t n = json_array_size(messages);
    if (!json_is_array(messages) || n == 0)
        return sm_fail(op, SM_E_INVALID, "messages 要是不空的数组");
    if (n > SM_PROMPT_MAX_MESSAGES)
        return sm_fail(op, SM_E_LIMIT, "messages 超过 %d 条", SM_PROMPT_MAX_MESSAGES);
    struct message *m = SM_NEWS(op->arena, struct message, n);
    sm_rc rc = SM_OK;
    for (size_t i = 0; i < n && rc == SM_OK; i++)
        rc = read_message(op, json_array_get(messages, i), i, &m[i]);
    if (rc < 0)
        return rc;
    struct out o = { .op = op, .t = t };
    sm_prompt p = { 0 };
    sm_buf_init(&o.text, SM_PROMPT_MAX_BYTES);
    rc = render(&o, m, n, json_array_size(tools) ? tools : NULL, thinking, &p);
    if (rc < 0)
        sm_buf_done(&o.text);
    else
        rc = finish(&o, &p);
    if (rc == SM_OK)
        *out = p;
    return rc;
}
