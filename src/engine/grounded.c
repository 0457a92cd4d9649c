#include "engine/grounded.h"

#include "ground/ground.h"

struct sm_grounded {
    const sm_lm *m;
    sm_mask *mask;
    sm_mask_state state;
    size_t n_written, n_settled; /* bytes */
};

static void check(void *ctx, const int32_t *token, size_t n, bool *ok)
{
    const sm_grounded *g = ctx;
    for (size_t i = 0; i < n; i++) {
        sm_str piece = sm_lm_piece(g->m, token[i]);
        if (sm_lm_ends(g->m, token[i]))
            ok[i] = sm_mask_may_end(g->mask, &g->state);
        else
            ok[i] = piece.n && sm_mask_allows(g->mask, &g->state, piece);
    }
}

static void accept(void *ctx, int32_t token)
{
    sm_grounded *g = ctx;
    sm_str piece = sm_lm_piece(g->m, token);
    g->n_written += piece.n;
    if (sm_mask_write(g->mask, &g->state, piece) && sm_mask_may_end(g->mask, &g->state))
        g->n_settled = g->n_written;
}

sm_filter sm_grounded_filter(sm_grounded *g)
{
    return (sm_filter){ .ctx = g, .check = check, .accept = accept };
}

/* Mostly it is asked about all that was written. */
size_t sm_grounded_settled(const sm_grounded *g, sm_str text)
{
    return text.n >= g->n_settled ? g->n_settled : sm_mask_settled(g->mask, text);
}

static sm_rc read_items(sm_op *op, const json_t *list, sm_str **item, size_t *n_items)
{
    size_t n = json_array_size(list), i;
    json_t *one;
    if (list && !json_is_array(list))
        return sm_fail(op, SM_E_INVALID, "items 应当是事项名称的数组");
    if (n > SM_MASK_ITEMS_MAX)
        return sm_fail(op, SM_E_LIMIT, "items 超过 %d 个", SM_MASK_ITEMS_MAX);
    *item = SM_NEWS(op->arena, sm_str, n + 1);
    *n_items = n;
    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one))
            return sm_fail(op, SM_E_INVALID, "items 里有不是名称的东西");
        (*item)[i] = (sm_str){ json_string_value(one), json_string_length(one) };
    }
    return SM_OK;
}

sm_rc sm_grounded_open(sm_op *op, const sm_lm *m, const json_t *asked, sm_grounded **out)
{
    sm_evidence *e;
    sm_str *item = NULL;
    size_t n_items = 0;
    sm_rc rc;
    sm_grounded *g = SM_NEW(op->arena, sm_grounded);
    *g = (sm_grounded){ .m = m };
    if (!json_is_object(asked))
        return sm_fail(op, SM_E_INVALID, "sunmao_ground 应当是对象：{\"evidence\":[…]}");
    if ((rc = sm_evidence_parse(op, json_object_get(asked, "evidence"), NULL, &e)) < 0 ||
        (rc = read_items(op, json_object_get(asked, "items"), &item, &n_items)) < 0 ||
        (rc = sm_mask_open(op, e, item, n_items, &g->mask)) < 0)
        return rc;
    sm_mask_begin(g->mask, &g->state);
    *out = g;
    return SM_OK;
}
