/* A request's messages and tools, in every family's format: whatever people write, no piece of
 * plain text spells a token that gives a prompt its form. */
#include "fuzz_target.h"

#include "engine/template.h"

static const char *const families[] = { "chatml",         "qwen2.5",      "qwen3",
                                        "qwen3-thinking", "deepseek-v2",  "deepseek-v3",
                                        "deepseek-r1",    "deepseek-v3.1" };

static void check_piece(const sm_piece *p)
{
    static const char *const never[] = { "<|", "<｜", "</think>", "</tool_call>" };
    fuzz_must(p->text.n > 0 && sm_utf8_valid(p->text, NULL));
    if (p->special)
        fuzz_must(p->text.p[0] == '<' && p->text.p[p->text.n - 1] == '>' && p->text.n < 40);
    else
        fuzz_must(!sm_str_has_any(p->text, never, SM_LEN(never)));
}

static void render(sm_op *op, const char *family, const json_t *request)
{
    sm_template t;
    sm_tools tools;
    sm_prompt p = { .n_pieces = SIZE_MAX };
    fuzz_must(sm_template_choose(op, family, SM_STR(""), SM_STR(""), &t) == SM_OK);
    if (sm_tools_read(op, request, &tools) < 0) {
        fuzz_must(op->msg.n > 0);
        return;
    }
    for (int thinking = 0; thinking < 3; thinking++) {
        sm_op_clear(op);
        sm_rc rc = sm_template_render(op, &t, json_object_get(request, "messages"), tools.tools,
                                      (sm_thinking)thinking, &p);
        fuzz_must((rc == SM_OK) == (p.n_pieces != SIZE_MAX));
        fuzz_must(rc == SM_OK || ((rc == SM_E_INVALID || rc == SM_E_LIMIT) && op->msg.n > 0));
        for (size_t i = 0; rc == SM_OK && i < p.n_pieces; i++)
            check_piece(&p.piece[i]);
        fuzz_must(rc < 0 || p.n_pieces > 0);
        p.n_pieces = SIZE_MAX;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    json_t *request = NULL;
    if (sm_json_parse(&op, (sm_str){ (const char *)data, size }, "request", &request) == SM_OK)
        for (size_t i = 0; i < SM_LEN(families); i++) {
            render(&op, families[i], request);
            sm_op_clear(&op);
        }
    sm_op_end(&op);
    return 0;
}
