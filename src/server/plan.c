/*
 * The capacity planner: how many cards for which wait, and what one fewer or one more would do.  It
 * computes for a while and touches nothing.
 */
#include "server/inner.h"

enum { PLAN_US = 20 * 1000000 };

#define AT(field) offsetof(sm_plan_ask, field)
static const struct number {
    const char *name;
    size_t at;
} numbers[] = {
    { "quantile", AT(quantile) },
    { "prompt_tokens", AT(prompt_tokens) },
    { "generated_tokens", AT(generated_tokens) },
    { "prefill_per_second", AT(prefill_per_second) },
    { "decode_per_second", AT(decode_per_second) },
};

static sm_rc read_number(sm_op *op, const json_t *from, const char *name, double otherwise,
                         double *out)
{
    const json_t *v = json_object_get(from, name);
    if (v && !json_is_number(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是数", name);
    *out = v ? json_number_value(v) : otherwise;
    return SM_OK;
}

static sm_rc read_ask(sm_op *op, const json_t *j, sm_plan_ask *out)
{
    const json_t *per_hour = json_object_get(j, "per_hour"), *wait = json_object_get(j, "wait_s");
    double slots = 0;
    sm_rc rc = SM_OK;
    for (int k = 0; rc == SM_OK && k < SM_N_CLASSES; k++) {
        rc = read_number(op, per_hour, sm_class_id((sm_class)k), 0, &out->per_hour[k]);
        if (rc == SM_OK)
            rc = read_number(op, wait, sm_class_id((sm_class)k), 0, &out->wait_s[k]);
    }
    out->quantile = .95;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(numbers); i++) {
        double *at = (double *)(void *)((char *)out + numbers[i].at);
        rc = read_number(op, j, numbers[i].name, *at, at);
    }
    if (rc == SM_OK)
        rc = read_number(op, j, "slots", 0, &slots);
    if (rc == SM_OK && !(slots >= 1 && slots <= SM_SCHEDULE_MAX_SLOTS))
        return sm_fail(op, SM_E_INVALID, "slots 应当在 1 到 %d 之间", SM_SCHEDULE_MAX_SLOTS);
    out->slots = (uint32_t)slots;
    return rc;
}

static json_t *try_json(const sm_plan_ask *ask, const sm_plan *p, uint32_t cards)
{
    static const double NO_END = 1e9;
    json_t *classes = json_array();
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_plan_class *c = &p->class[k];
        if (ask->per_hour[k] > 0)
            json_array_append_new(
                classes,
                json_pack("{s:s,s:s,s:f,s:f,s:f,s:f}", "class", sm_class_id((sm_class)k), "text",
                          sm_class_text((sm_class)k), "wait_s", c->wait_s, "formula_wait_s",
                          c->formula_wait_s < NO_END ? c->formula_wait_s : -1, "first_token_s",
                          c->first_token_s, "refused", c->refused));
    }
    return json_pack("{s:I,s:f,s:b,s:o}", "cards", (json_int_t)cards, "busy", p->busy, "meets",
                     (int)sm_plan_meets(ask, p), "classes", classes);
}

/* One card fewer, as many as are needed, one more. */
static sm_rc add_tries(sm_op *op, const sm_plan_ask *ask, const sm_plan *found, json_t *to)
{
    for (uint32_t n = SM_MAX(found->cards, 2U) - 1; n <= found->cards + 1; n++) {
        sm_plan p = *found;
        sm_rc rc = n == found->cards ? SM_OK : sm_plan_try(op, ask, n, 1, &p);
        if (rc < 0)
            return rc;
        json_array_append_new(to, try_json(ask, &p, n));
    }
    return SM_OK;
}

static sm_rc plan(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    json_t *j, *tries = json_array();
    sm_plan_ask ask = { 0 };
    sm_plan p;
    sm_json_own(op->arena, tries);
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = read_ask(op, j, &ask);
    op->deadline_us = sm_now_us() + PLAN_US;
    if (rc == SM_OK)
        rc = sm_plan_cards(op, &ask, &p);
    if (rc == SM_OK)
        rc = add_tries(op, &ask, &p, tries);
    if (rc < 0)
        return rc;
    return sm_respond_json(r, 200,
                           json_pack("{s:I,s:I,s:f,s:O}", "cards", (json_int_t)p.cards,
                                     "formula_cards", (json_int_t)p.formula_cards, "hold_s",
                                     p.hold_s, "tries", tries));
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
