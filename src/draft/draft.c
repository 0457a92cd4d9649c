/*
 * A draft from a description: read it, choose the type, fill in the elements, lay out the body.
 */
#include "draft/inner.h"

static const char *const source_names[SM_DRAFT_N_SOURCES] = {
    [SM_DRAFT_BLANK] = "blank",       [SM_DRAFT_RULE] = "rule",
    [SM_DRAFT_REGISTRY] = "registry", [SM_DRAFT_DESCRIPTION] = "description",
    [SM_DRAFT_OPTION] = "option",     [SM_DRAFT_MODEL] = "model",
};

const char *sm_draft_source_name(sm_draft_source s)
{
    return source_names[s];
}

enum { MAX_OPTION_CHARS = 500 };

static sm_rc check(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, const sm_type **told)
{
    const sm_str options[] = { ask->organ, ask->to, ask->number, ask->signer, ask->title, ask->cc };
    sm_str kind = sm_said_clean(op->arena, ask->kind);
    *told = kind.n ? sm_type_named(d, kind) : NULL;
    if (kind.n && !*told)
        return sm_fail(op, SM_E_INVALID, "没有“%.*s”这种公文", SM_ARG(sm_utf8_head(kind, 20)));
    for (size_t i = 0; i < SM_LEN(options); i++)
        if (sm_utf8_count(options[i]) > MAX_OPTION_CHARS)
            return sm_fail(op, SM_E_LIMIT, "选项超过%d字", MAX_OPTION_CHARS);
    if (ask->n_attached > SM_DRAFT_MAX_ATTACHED)
        return sm_fail(op, SM_E_LIMIT, "附件超过%d个", SM_DRAFT_MAX_ATTACHED);
    for (size_t i = 0; i < ask->n_attached; i++)
        if (!sm_said_clean(op->arena, ask->attached[i]).n ||
            sm_utf8_count(ask->attached[i]) > MAX_OPTION_CHARS)
            return sm_fail(op, SM_E_INVALID, "附件的名称是空的或者超过%d字", MAX_OPTION_CHARS);
    return SM_OK;
}

/* What the rules of writing upwards and downwards say about it. */
static void add_notes(sm_op *op, const sm_said *s, const sm_type *t, sm_draft *out)
{
    if (!s->organ.n)
        sm_draft_note(op->arena, out, SM_STR("没有说由谁发文，发文机关留空待填"));
    if (s->direction != SM_DIR_UNKNOWN && t->toward[s->direction] < 0)
        sm_draft_note(op->arena, out,
                      sm_strf(op->arena, "%.*s一般不这样行文：%.*s", SM_ARG(t->face.name),
                              SM_ARG(t->face.use)));
}

sm_rc sm_draft_make(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, sm_draft **out)
{
    const sm_type *told;
    sm_said *s = SM_NEW(op->arena, sm_said);
    sm_draft *draft = SM_NEW(op->arena, sm_draft);
    sm_rc rc = check(op, d, ask, &told);
    if (rc == SM_OK)
        rc = sm_said_read(op, d, ask, s);
    if (rc < 0)
        return rc;
    draft->text = s->text;
    draft->direction = sm_str_of(sm_direction_name(s->direction));
    const sm_type *t = sm_draft_choose(op, d, s, told, draft);
    if (t) {
        draft->kind = t->face.name;
        draft->form = t->face.form;
        draft->matter = sm_said_matter(op->arena, d, s, t);
        add_notes(op, s, t, draft);
        sm_draft_elements(op, d, ask, s, t, draft);
        sm_draft_body(op, s, t, draft);
    }
    *out = draft;
    return sm_op_check(op);
}
