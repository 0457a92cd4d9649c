/* Stubs: the face is fixed, what is behind it comes next. */
#include "draft/draft.h"

sm_rc sm_drafter_open(sm_op *op, const char *share_dir, const char *own_dir, sm_drafter **out)
{
    (void)share_dir, (void)own_dir, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

void sm_drafter_close(sm_drafter *d)
{
    (void)d;
}

size_t sm_drafter_types(const sm_drafter *d, const sm_draft_type **out)
{
    (void)d, (void)out;
    return 0;
}

const char *sm_draft_source_name(sm_draft_source s)
{
    static const char *const names[] = { "blank",       "rule",   "registry",
                                         "description", "option", "model" };
    return names[s];
}

sm_rc sm_draft_make(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, sm_draft **out)
{
    (void)d, (void)ask, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

sm_rc sm_draft_prompt_make(sm_op *op, const sm_drafter *d, const sm_draft *draft,
                           const sm_source *clause, size_t n, sm_draft_prompt *out)
{
    (void)d, (void)draft, (void)clause, (void)n, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

sm_str sm_draft_request(sm_arena *a, const sm_draft_prompt *p, sm_str model, int max_tokens,
                        bool stream)
{
    (void)a, (void)p, (void)model, (void)max_tokens, (void)stream;
    return (sm_str){ 0 };
}

sm_rc sm_draft_take(sm_op *op, const sm_drafter *d, sm_draft *draft, const sm_source *clause,
                    size_t n, sm_str wrote, sm_draft_taken *out)
{
    (void)d, (void)draft, (void)clause, (void)n, (void)wrote, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

sm_rc sm_draft_notation(sm_op *op, const sm_draft *draft, sm_str *out)
{
    (void)draft, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

sm_rc sm_draft_docx(sm_op *op, const sm_draft *draft, const sm_label_text *label, sm_buf *out)
{
    (void)draft, (void)label, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}

json_t *sm_draft_json(const sm_draft *draft)
{
    (void)draft;
    return json_object();
}

json_t *sm_draft_taken_json(const sm_draft_taken *t)
{
    (void)t;
    return json_object();
}

sm_rc sm_draft_parse(sm_op *op, const json_t *j, sm_draft **out)
{
    (void)j, (void)out;
    return sm_fail(op, SM_E_UNAVAILABLE, "还不能起草");
}
