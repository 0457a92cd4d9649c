/*
 * Whether sentences follow from evidence that comes with them.
 */
#include "server/inner.h"

enum { MAX_ITEMS = 100, GROUND_BODY_BYTES = 4 << 20 };

/* Each under its own op: what is wrong with one stays with it. */
static sm_rc answer_items(sm_op *op, const json_t *list, const sm_organs *organs, json_t **out)
{
    size_t n = json_array_size(list);
    if (n > MAX_ITEMS)
        return sm_fail(op, SM_E_LIMIT, "items 超过 %d 条", MAX_ITEMS);
    json_t *said = json_array();
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        json_t *one = NULL;
        rc = sm_op_check(op);
        if (rc == SM_OK)
            rc = sm_ground_answer(op, json_array_get(list, i), organs, &one);
        if (rc == SM_OK)
            json_array_append_new(said, one);
    }
    if (rc < 0)
        json_decref(said);
    else
        *out = json_pack("{s:o}", "items", said);
    return rc;
}

static sm_rc ground(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    json_t *j, *said = NULL;
    sm_organs *organs;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_sunmao_organs(op, sm_server_of(r)->s, &organs);
    if (rc < 0)
        return rc;
    const json_t *items = json_object_get(j, "items");
    if (items && !json_is_array(items))
        return sm_fail(op, SM_E_INVALID, "items 应当是列表");
    rc = items ? answer_items(op, items, organs, &said) : sm_ground_answer(op, j, organs, &said);
    return rc < 0 ? rc : sm_respond_json(r, 200, said);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/ground",
      .run = ground,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = GROUND_BODY_BYTES,
      .slow = true },
};
const sm_route_list sm_routes_ground = { routes, SM_LEN(routes) };
