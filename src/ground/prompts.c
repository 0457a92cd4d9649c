/*
 * The prompts: what the model is told to do comes from files, what it is told it about is data
 * between fences that nothing in it can forge.
 */
#include "ground/ground.h"

#include <stdlib.h>

#include "text/text.h"

enum { PROMPT_BYTES = 16 * 1024, BODY_BYTES = 4 << 20 };

static const char *const names[] = { "short", "compare", "steps",   "rewrite",
                                     "vote",  "review",  "spelling", "draft" };

struct sm_prompts {
    sm_arena *own;
    sm_prompt prompt[SM_LEN(names)];
};

/* "version: short-1", then the text. */
static sm_rc read_prompt(sm_op *op, sm_arena *own, const char *path, const char *name,
                         sm_prompt *out)
{
    static const char word[] = "version: ";
    sm_str text, line;
    sm_rc rc = sm_file_read(op, path, PROMPT_BYTES, &text);
    if (rc < 0)
        return rc;
    bool versioned = sm_str_cut(&text, '\n', &line) && sm_str_starts(line, sm_str_of(word));
    if (!versioned || !sm_utf8_valid(text, NULL) || sm_str_trim(text).n == 0)
        return sm_fail(op, SM_E_CORRUPT, "%s 不是提示词文件：第一行应当是 version: …", path);
    *out = (sm_prompt){ .name = name,
                        .version = sm_str_dup(
                            own, sm_str_trim(sm_str_sub(line, sizeof(word) - 1, line.n))),
                        .text = sm_str_dup(own, sm_str_trim(text)) };
    return SM_OK;
}

sm_rc sm_prompts_open(sm_op *op, const char *share_dir, sm_prompts **out)
{
    sm_prompts *p = calloc(1, sizeof(*p));
    if (!p)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    p->own = sm_arena_open();
    for (size_t i = 0; i < SM_LEN(names); i++) {
        const char *file = sm_strf(op->arena, "prompts/%s.txt", names[i]).p;
        sm_rc rc =
            read_prompt(op, p->own, sm_path(op->arena, share_dir, file), names[i], &p->prompt[i]);
        if (rc < 0) {
            sm_prompts_close(p);
            return rc;
        }
    }
    *out = p;
    return SM_OK;
}

void sm_prompts_close(sm_prompts *p)
{
    if (!p)
        return;
    sm_arena_close(p->own);
    free(p);
}

const sm_prompt *sm_prompt_named(const sm_prompts *p, const char *name)
{
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (sm_str_eq(sm_str_of(name), sm_str_of(p->prompt[i].name)))
            return &p->prompt[i];
    return NULL;
}

/* ------------------------------------------------------------------------ data */

/* Fences 【】, markers and control words <…> and [INST], as letters that look the same. */
static const struct {
    uint32_t from, to;
} inert[] = { { 0x3010, 0x3016 }, { 0x3011, 0x3017 }, { '<', 0xff1c }, { '>', 0xff1e },
              { '[', 0xff3b },    { ']', 0xff3d },    { '\n', ' ' },   { '\r', ' ' },
              { '\t', ' ' },      { '`', '\'' },      { 0x2028, ' ' }, { 0x2029, ' ' } };

sm_str sm_prompt_inert(sm_arena *a, sm_str text)
{
    char *to = SM_NEWS(a, char, 3 * text.n + 4);
    size_t n = 0;
    while (text.n) {
        uint32_t c = sm_utf8_next(&text);
        for (size_t i = 0; i < SM_LEN(inert); i++)
            if (c == inert[i].from) {
                c = inert[i].to;
                break;
            }
        if (!sm_is_hidden(c))
            n += sm_utf8_put(c, to + n);
    }
    return sm_str_trim((sm_str){ to, n });
}

sm_str sm_prompt_body(sm_arena *a, const sm_prompt_ask *ask)
{
    sm_buf b;
    sm_buf_init(&b, BODY_BYTES);
    if (ask->data.n)
        sm_buf_addf(&b, "【资料】\n%.*s\n【资料完】\n", SM_ARG(ask->data));
    sm_buf_addf(&b, "【问题】\n%.*s\n【问题完】", SM_ARG(sm_prompt_inert(a, ask->question)));
    json_t *body = json_pack("{s:o,s:b,s:i,s:I,s:[{s:s,s:o},{s:s,s:o}]}", "model",
                             sm_json_of(ask->model), "stream", (int)ask->stream, "temperature", 0,
                             "max_tokens", (json_int_t)ask->max_tokens, "messages", "role",
                             "system", "content", sm_json_of(ask->prompt->text), "role", "user",
                             "content", sm_json_of(sm_buf_str(&b)));
    sm_buf_done(&b);
    if (ask->ground)
        json_object_set(body, "sunmao_ground", ask->ground);
    if (ask->format)
        json_object_set(body, "response_format", ask->format);
    sm_str text = sm_json_dump(a, body);
    json_decref(body);
    return text;
}

/* ----------------------------------------------------------------------- reply */

/* What stands between the first brace and the last: models like to put words around it. */
static sm_str object_in(sm_str reply)
{
    size_t from = sm_str_find(reply, SM_STR("{"), 0), to = reply.n;
    while (to > 0 && reply.p[to - 1] != '}')
        to--;
    return from < to ? sm_str_sub(reply, from, to) : (sm_str){ 0 };
}

bool sm_prompt_object(sm_op *op, sm_str reply, json_t **out)
{
    sm_str end = SM_STR("</think>");
    size_t thought = sm_str_find(reply, end, 0);
    if (thought != SIZE_MAX)
        reply = sm_str_sub(reply, thought + end.n, reply.n);
    if (sm_json_parse(op, object_in(reply), "模型的回答", out) < 0) {
        sm_op_clear(op);
        return false;
    }
    return true;
}
