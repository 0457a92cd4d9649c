/*
 * The capacity planner: how many cards for which wait.
 */
#include "server/inner.h"

#include <math.h>

enum { PATIENCE_S = 30 };

static sm_rc read_number(sm_op *op, const json_t *j, const char *key, double otherwise, double *out)
{
    const json_t *v = json_object_get(j, key);
    if (v && (!json_is_number(v) || !(json_number_value(v) >= 0) || json_number_value(v) > 1e12))
        return sm_fail(op, SM_E_INVALID, "%s 应当是不小于 0 的数", key);
    *out = v ? json_number_value(v) : otherwise;
    return SM_OK;
}

/* One number for each class, by its name. */
static sm_rc read_classes(sm_op *op, const json_t *j, const char *key, double out[SM_N_CLASSES])
{
    const json_t *of = json_object_get(j, key);
    if (of && !json_is_object(of))
        return sm_fail(op, SM_E_INVALID, "%s 应当是 {citizen, staff, batch}", key);
    for (int k = 0; k < SM_N_CLASSES; k++) {
        sm_rc rc = read_number(op, of, sm_class_id((sm_class)k), out[k], &out[k]);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

static sm_rc read_ask(sm_op *op, const json_t *j, sm_plan_ask *ask, double *cards)
{
    double slots = 0;
    struct {
        const char *key;
        double otherwise, *at;
    } numbers[] = { { "quantile", 0.95, &ask->quantile },
                    { "prompt_tokens", 0, &ask->prompt_tokens },
                    { "generated_tokens", 0, &ask->generated_tokens },
                    { "prefill_per_second", 0, &ask->prefill_per_second },
                    { "decode_per_second", 0, &ask->decode_per_second },
                    { "slots", 0, &slots },
                    { "cards", 0, cards } };
    *ask = (sm_plan_ask){ .wait_s = { 1, 10, 0 } };
    sm_rc rc = read_classes(op, j, "per_hour", ask->per_hour);
    if (rc == SM_OK)
        rc = read_classes(op, j, "wait_s", ask->wait_s);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(numbers); i++)
        rc = read_number(op, j, numbers[i].key, numbers[i].otherwise, numbers[i].at);
    if (rc == SM_OK && (slots > SM_SCHEDULE_MAX_SLOTS || *cards > SM_PLAN_MAX_CARDS))
        rc = sm_fail(op, SM_E_INVALID, "slots 最大 %d，cards 最大 %d", (int)SM_SCHEDULE_MAX_SLOTS,
                     (int)SM_PLAN_MAX_CARDS);
    if (rc == SM_OK)
        ask->slots = (uint32_t)slots;
    return rc;
}

static json_t *plan_json(const sm_plan_ask *ask, const sm_plan *p)
{
    json_t *classes = json_array();
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_plan_class *one = &p->class[k];
        if (ask->per_hour[k] > 0)
            json_array_append_new(
                classes, json_pack("{s:s,s:s,s:f,s:f,s:f,s:f}", "class", sm_class_id((sm_class)k),
                                   "text", sm_class_text((sm_class)k), "wait_s", one->wait_s,
                                   "first_token_s", one->first_token_s, "refused", one->refused,
                                   "formula_wait_s", SM_MIN(one->formula_wait_s, 1e9)));
    }
    return json_pack("{s:I,s:I,s:f,s:f,s:f,s:o}", "cards", (json_int_t)p->cards, "formula_cards",
                     (json_int_t)p->formula_cards, "busy", p->busy, "hold_s", p->hold_s, "quantile",
                     ask->quantile, "classes", classes);
}

static sm_rc plan(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_plan_ask ask;
    sm_plan p = { 0 };
    json_t *j;
    double wanted = 0;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = read_ask(op, j, &ask, &wanted);
    if (rc < 0)
        return rc;
    uint32_t cards = p.cards = (uint32_t)wanted;
    op->deadline_us = sm_now_us() + PATIENCE_S * INT64_C(1000000);
    rc = cards ? sm_plan_try(op, &ask, cards, 1, &p) : sm_plan_cards(op, &ask, &p);
    return rc < 0 ? rc : sm_respond_json(r, 200, plan_json(&ask, &p));
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/admin/plan",
      .run = plan,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_plan = { routes, SM_LEN(routes) };
