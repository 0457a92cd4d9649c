#include "engine/tools.h"

#include "engine/schema.h"

#include <string.h>

/* ----------------------------------------------------------------- requests */

static bool sound_name(sm_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '_' && c != '-')
            return false;
    }
    return s.n > 0 && s.n <= SM_TOOL_NAME_MAX_BYTES;
}

static sm_str name_of(const json_t *tool)
{
    return sm_json_str(json_object_get(tool, "function"), "name");
}

static sm_rc check_tool(sm_op *op, const json_t *tools, size_t at)
{
    const json_t *tool = json_array_get(tools, at), *f = json_object_get(tool, "function");
    const json_t *parameters = json_object_get(f, "parameters");
    const json_t *description = json_object_get(f, "description");
    if (!sm_str_eq(sm_json_str(tool, "type"), SM_STR("function")))
        return sm_fail(op, SM_E_INVALID, "tools[%zu].type 要是 function", at);
    if (!sound_name(name_of(tool)))
        return sm_fail(op, SM_E_INVALID,
                       "tools[%zu].function.name 要由字母、数字、_、- 组成，不超过 %d 字节", at,
                       SM_TOOL_NAME_MAX_BYTES);
    if (parameters && !json_is_object(parameters))
        return sm_fail(op, SM_E_INVALID, "tools[%zu].function.parameters 要是对象", at);
    if (description && !json_is_string(description))
        return sm_fail(op, SM_E_INVALID, "tools[%zu].function.description 要是文字", at);
    for (size_t i = 0; i < at; i++)
        if (sm_str_eq(name_of(json_array_get(tools, i)), name_of(tool)))
            return sm_fail(op, SM_E_INVALID, "tools[%zu].function.name 与前面的重名", at);
    return SM_OK;
}

static const struct {
    const char *name;
    sm_tool_choice choice;
} choices[] = {
    { "none", SM_TOOL_CHOICE_NONE },
    { "auto", SM_TOOL_CHOICE_AUTO },
    { "required", SM_TOOL_CHOICE_REQUIRED },
};

static sm_rc read_named(sm_op *op, const json_t *v, const json_t *tools, sm_tools *t)
{
    t->name = name_of(v);
    t->choice = SM_TOOL_CHOICE_NAMED;
    for (size_t i = 0; i < json_array_size(tools); i++)
        if (t->name.n && sm_str_eq(name_of(json_array_get(tools, i)), t->name))
            return SM_OK;
    return sm_fail(op, SM_E_INVALID, "tool_choice 指定的工具不在 tools 里");
}

static sm_rc read_choice(sm_op *op, const json_t *v, const json_t *tools, sm_tools *t)
{
    bool any = json_array_size(tools) > 0;
    t->choice = any ? SM_TOOL_CHOICE_AUTO : SM_TOOL_CHOICE_NONE;
    if (!v || json_is_null(v))
        return SM_OK;
    if (json_is_object(v))
        return read_named(op, v, tools, t);
    for (size_t i = 0; i < SM_LEN(choices); i++)
        if (json_is_string(v) && strcmp(json_string_value(v), choices[i].name) == 0) {
            if (!any && choices[i].choice == SM_TOOL_CHOICE_REQUIRED)
                return sm_fail(op, SM_E_INVALID, "tool_choice 是 required，但是没有 tools");
            t->choice = any ? choices[i].choice : SM_TOOL_CHOICE_NONE;
            return SM_OK;
        }
    return sm_fail(op, SM_E_INVALID, "tool_choice 要是 none、auto、required 或指定一个函数");
}

sm_rc sm_tools_read(sm_op *op, const json_t *request, sm_tools *out)
{
    const json_t *tools = json_object_get(request, "tools");
    const json_t *parallel = json_object_get(request, "parallel_tool_calls");
    sm_tools t = { .parallel = !json_is_false(parallel) };
    if (tools && !json_is_array(tools) && !json_is_null(tools))
        return sm_fail(op, SM_E_INVALID, "tools 要是数组");
    if (json_array_size(tools) > SM_TOOLS_MAX)
        return sm_fail(op, SM_E_LIMIT, "tools 超过 %d 个", SM_TOOLS_MAX);
    if (parallel && !json_is_boolean(parallel) && !json_is_null(parallel))
        return sm_fail(op, SM_E_INVALID, "parallel_tool_calls 要是 true 或 false");
    for (size_t i = 0; i < json_array_size(tools); i++) {
        sm_rc rc = check_tool(op, tools, i);
        if (rc < 0)
            return rc;
    }
    sm_rc rc = read_choice(op, json_object_get(request, "tool_choice"), tools, &t);
    if (rc < 0)
        return rc;
    if (t.choice != SM_TOOL_CHOICE_NONE)
        t.tools = tools;
    *out = t;
    return SM_OK;
}

/* ------------------------------------------------------------------ grammar */

/* How a form writes: around all calls, between two, around a call's name and arguments. */
static const struct form {
    const char *begin_all, *between, *end_all;
    const char *begin, *middle, *end;
} forms[] = {
    [SM_TOOL_FORM_TAGS] = { "", "\n", "", "<tool_call>\n{\"name\": \"",
                            "\", \"arguments\": ", "}\n</tool_call>" },
    [SM_TOOL_FORM_DEEPSEEK] = { "<｜tool▁calls▁begin｜>", "\n", "<｜tool▁calls▁end｜>",
                                "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```json\n",
                                "\n```<｜tool▁call▁end｜>" },
    [SM_TOOL_FORM_DEEPSEEK_V31] = { "<｜tool▁calls▁begin｜>", "", "<｜tool▁calls▁end｜>",
                                    "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>",
                                    "<｜tool▁call▁end｜>" },
};

static sm_str quoted(sm_op *op, const char *text)
{
    return sm_schema_quote(op->arena, sm_str_of(text));
}

static sm_rc add_call(sm_op *op, sm_schema *s, const json_t *tool, const struct form *f,
                      sm_str *out)
{
    sm_str arguments;
    const json_t *parameters = json_object_get(json_object_get(tool, "function"), "parameters");
    if (!json_object_size(parameters)) {
        json_t *any = json_pack("{s:s}", "type", "object");
        sm_json_own(op->arena, any);
        parameters = any;
    }
    sm_rc rc = sm_schema_add(s, parameters, sm_cstr(op->arena, name_of(tool)), &arguments);
    if (rc == SM_OK)
        *out = sm_strf(op->arena, "%.*s \"%.*s\" %.*s %.*s %.*s", SM_ARG(quoted(op, f->begin)),
                       SM_ARG(name_of(tool)), SM_ARG(quoted(op, f->middle)), SM_ARG(arguments),
                       SM_ARG(quoted(op, f->end)));
    return rc;
}

sm_rc sm_tools_grammar(sm_op *op, const sm_tools *t, sm_tool_form form, sm_str *out)
{
    const struct form *f = &forms[form];
    sm_schema *s = sm_schema_begin(op);
    sm_str call = { 0 };
    if (form == SM_TOOL_FORM_NONE)
        return sm_fail(op, SM_E_INVALID, "这个模型不支持工具调用");
    for (size_t i = 0; i < json_array_size(t->tools); i++) {
        const json_t *tool = json_array_get(t->tools, i);
        sm_str one = { 0 };
        if (t->choice == SM_TOOL_CHOICE_NAMED && !sm_str_eq(name_of(tool), t->name))
            continue;
        sm_rc rc = add_call(op, s, tool, f, &one);
        if (rc < 0)
            return rc;
        call = call.n ? sm_strf(op->arena, "%.*s | %.*s", SM_ARG(call), SM_ARG(one)) : one;
    }
    sm_str more = { 0 };
    if (t->parallel && t->choice == SM_TOOL_CHOICE_REQUIRED)
        more = sm_strf(op->arena, "( %.*s ( %.*s ) ){0,%d}", SM_ARG(quoted(op, f->between)),
                       SM_ARG(call), SM_CALLS_FORCED_MAX - 1);
    sm_str root = sm_strf(op->arena, "%.*s ( %.*s ) %.*s %.*s", SM_ARG(quoted(op, f->begin_all)),
                          SM_ARG(call), SM_ARG(more), SM_ARG(quoted(op, f->end_all)));
    return sm_schema_end(s, root, out);
}

/* -------------------------------------------------------------------- calls */

enum { TAG_BEGIN, TAG_END, TAG_DROPPED, MAX_TAGS = 4, MAX_HELD_BLANKS = 64 };

static const struct {
    sm_str text;
    int means;
} tags[][MAX_TAGS] = {
    [SM_TOOL_FORM_NONE] = { { { 0 }, 0 } },
    [SM_TOOL_FORM_TAGS] = { { { "<tool_call>", 11 }, TAG_BEGIN },
                            { { "</tool_call>", 12 }, TAG_END } },
    [SM_TOOL_FORM_DEEPSEEK] = { { { "<｜tool▁call▁begin｜>", 27 }, TAG_BEGIN },
                                { { "<｜tool▁call▁end｜>", 25 }, TAG_END },
                                { { "<｜tool▁calls▁begin｜>", 28 }, TAG_DROPPED },
                                { { "<｜tool▁calls▁end｜>", 26 }, TAG_DROPPED } },
    [SM_TOOL_FORM_DEEPSEEK_V31] = { { { "<｜tool▁call▁begin｜>", 27 }, TAG_BEGIN },
                                    { { "<｜tool▁call▁end｜>", 25 }, TAG_END },
                                    { { "<｜tool▁calls▁begin｜>", 28 }, TAG_DROPPED },
                                    { { "<｜tool▁calls▁end｜>", 26 }, TAG_DROPPED } },
};

void sm_calls_init(sm_calls *c, sm_tool_form form, sm_str request_id)
{
    *c = (sm_calls){ .form = form, .seed = sm_hash64(request_id, 0) };
    sm_buf_init(&c->held, SM_CALL_MAX_BYTES + MAX_HELD_BLANKS);
}

void sm_calls_done(sm_calls *c)
{
    sm_buf_done(&c->held);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static sm_str tag_of(const sm_calls *c, int means)
{
    size_t i = 0;
    while (tags[c->form][i].means != means)
        i++;
    return tags[c->form][i].text;
}

static void give(sm_calls *c, sm_str text, const sm_calls_sink *sink)
{
    while (c->after_call && text.n && is_blank(text.p[0]))
        text = sm_str_sub(text, 1, text.n);
    if (!text.n)
        return;
    c->after_call = false;
    sink->text(sink->ctx, text);
}

static void forget(sm_calls *c)
{
    c->held.n = c->n_tag = 0;
}

/* A call that was none: as the model wrote it. */
static void give_back(sm_calls *c, const sm_calls_sink *sink)
{
    c->inside = false;
    give(c, tag_of(c, TAG_BEGIN), sink);
    give(c, sm_buf_str(&c->held), sink);
    forget(c);
}

/* {"name": ..., "arguments": {...}} */
static sm_rc read_object(sm_op *op, sm_str body, sm_str *name, json_t **arguments)
{
    json_t *v;
    sm_rc rc = sm_json_parse(op, body, "tool_call", &v);
    if (rc < 0)
        return rc;
    *name = sm_json_str(v, "name");
    *arguments = json_object_get(v, "arguments");
    /* Some write the arguments as text, as the API does. */
    return json_is_string(*arguments)
               ? sm_json_parse(op, sm_json_str(v, "arguments"), "arguments", arguments)
               : SM_OK;
}

/* Fenced: kind, sep, name, a line, arguments between fences.  Plain: name, sep, arguments. */
static sm_rc read_separated(sm_op *op, sm_str body, sm_str *name, json_t **arguments)
{
    sm_str sep = SM_STR("<｜tool▁sep｜>");
    size_t at = sm_str_find(body, sep, 0);
    if (at == SIZE_MAX)
        return sm_fail(op, SM_E_INVALID, "没有 %s", sep.p);
    sm_str text = sm_str_trim(sm_str_sub(body, at + sep.n, body.n));
    *name = sm_str_sub(body, 0, at);
    if (text.n && text.p[0] != '{') {
        sm_str_cut(&text, '\n', name);
        text = sm_str_trim(text);
        if (sm_str_starts(text, SM_STR("```json")) && sm_str_ends(text, SM_STR("```")))
            text = sm_str_sub(text, 7, text.n - 3);
    }
    return sm_json_parse(op, text, "arguments", arguments);
}

static bool give_call(sm_calls *c, sm_str body, const sm_calls_sink *sink)
{
    sm_op op;
    sm_str name = { 0 };
    json_t *arguments = NULL;
    sm_op_begin(&op);
    sm_rc rc = c->form == SM_TOOL_FORM_TAGS ? read_object(&op, body, &name, &arguments)
                                            : read_separated(&op, body, &name, &arguments);
    name = sm_str_trim(name);
    bool ok = rc == SM_OK && sound_name(name) && json_is_object(arguments);
    if (ok) {
        uint64_t id = sm_mix64(c->seed + c->n_calls);
        const sm_tool_call call = {
            .index = c->n_calls++,
            .id = sm_strf(op.arena, "call_%016llx", (unsigned long long)id),
            .name = name,
            .arguments = sm_json_dump(op.arena, arguments),
        };
        sink->call(sink->ctx, &call);
    }
    sm_op_end(&op);
    return ok;
}

static void feed_inside(sm_calls *c, char byte, const sm_calls_sink *sink)
{
    sm_str end = tag_of(c, TAG_END);
    sm_buf_addc(&c->held, byte);
    sm_str held = sm_buf_str(&c->held);
    if (c->held.n >= SM_CALL_MAX_BYTES) {
        give_back(c, sink);
    } else if (byte == '>' && sm_str_ends(held, end)) {
        sm_str body = sm_str_sub(held, 0, held.n - end.n);
        if (c->n_calls == SM_CALLS_MAX || !give_call(c, body, sink)) {
            give_back(c, sink);
            return;
        }
        c->inside = false;
        c->after_call = true;
        forget(c);
    }
}

/* What the end of held, with byte behind it, is the whole (*whole) or the beginning of. */
static bool goes_on(const sm_calls *c, char byte, int *whole)
{
    size_t n = c->n_tag;
    sm_str tag = sm_str_sub(sm_buf_str(&c->held), c->held.n - n, c->held.n);
    if (n == 0)
        return byte == '<' || (is_blank(byte) && c->held.n < MAX_HELD_BLANKS);
    for (size_t i = 0; i < MAX_TAGS; i++) {
        sm_str t = tags[c->form][i].text;
        if (n >= t.n || t.p[n] != byte || !sm_str_starts(t, tag))
            continue;
        if (n + 1 == t.n)
            *whole = tags[c->form][i].means;
        return true;
    }
    return false;
}

static void feed_outside(sm_calls *c, char byte, const sm_calls_sink *sink)
{
    int whole = -1;
    if (!goes_on(c, byte, &whole)) {
        give(c, sm_buf_str(&c->held), sink);
        forget(c);
    }
    sm_buf_addc(&c->held, byte);
    if (c->n_tag || byte == '<')
        c->n_tag++;
    if (whole == -1)
        return;
    /* An end without a begin is dropped like what stands around all calls. */
    c->inside = whole == TAG_BEGIN;
    forget(c);
}

/* What goes through as it is: no tag, no blank, and nothing held that it could belong to. */
static size_t plain_length(sm_calls *c, sm_str s, const sm_calls_sink *sink)
{
    int whole = -1;
    size_t n = 0;
    if (c->inside)
        return 0;
    while (n < s.n && s.p[n] != '<' && !is_blank(s.p[n]))
        n++;
    if (n > 0 && c->held.n) {
        if (goes_on(c, s.p[0], &whole))
            return 0;
        give(c, sm_buf_str(&c->held), sink);
        forget(c);
    }
    return n;
}

void sm_calls_feed(sm_calls *c, sm_str chunk, const sm_calls_sink *sink)
{
    if (c->form == SM_TOOL_FORM_NONE) {
        give(c, chunk, sink);
        return;
    }
    for (size_t i = 0; i < chunk.n;) {
        sm_str rest = sm_str_sub(chunk, i, chunk.n);
        size_t n = plain_length(c, rest, sink);
        if (n > 0)
            give(c, sm_str_sub(rest, 0, n), sink);
        else if (c->inside)
            feed_inside(c, rest.p[0], sink);
        else
            feed_outside(c, rest.p[0], sink);
        i += n ? n : 1;
    }
}

void sm_calls_end(sm_calls *c, const sm_calls_sink *sink)
{
    if (c->inside)
        give_back(c, sink);
    give(c, sm_buf_str(&c->held), sink);
    forget(c);
}
