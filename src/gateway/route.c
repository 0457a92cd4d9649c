/*
 * Which back ends may take a call.  A back end that lacks what the request needs is never used, not
 * even when nothing else is left; why one was skipped stands in the call's trace.
 */
#include "gateway/inner.h"

#include <string.h>

/* Never asked what it can: the common services are taken for granted, nothing else. */
enum {
    TAKEN_FOR_GRANTED =
        SM_CAN_CHAT | SM_CAN_COMPLETIONS | SM_CAN_EMBED | SM_CAN_RERANK | SM_CAN_LOGPROBS
};

static unsigned lacks(const sm_host *h, unsigned needs)
{
    unsigned can = h->b.probed_ms || h->b.can ? h->b.can : TAKEN_FOR_GRANTED;
    return needs & ~can;
}

static const char *first_name(unsigned bits)
{
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        if (bits & (1u << i))
            return sm_capability_name(i);
    return "";
}

static bool too_small(const sm_host *h, const sm_wanted *w)
{
    return h->b.context_tokens > 0 &&
           (int64_t)w->least_tokens + w->max_tokens > h->b.context_tokens;
}

static void rests_until(sm_route_found *f, int64_t us)
{
    if (us && (f->soonest_us == 0 || us < f->soonest_us))
        f->soonest_us = us;
}

static bool may_take(sm_model_call *c, sm_host *h, sm_route_found *f)
{
    unsigned missing = lacks(h, c->wanted.needs);
    int64_t now = sm_loop_now(c->m->loop);
    if (missing) {
        f->n_lacking++;
        f->lacks |= missing;
        sm_note(c, h->b.name, "skipped: it lacks %s", first_name(missing));
    } else if (too_small(h, &c->wanted)) {
        f->n_too_small++;
        sm_note(c, h->b.name, "skipped: the request does not fit its %lld tokens",
                (long long)h->b.context_tokens);
    } else if (h->busy_until_us > now) {
        f->n_resting++;
        rests_until(f, h->busy_until_us);
        sm_note(c, h->b.name, "skipped: it asked to come back later");
    } else if (sm_host_state(h) == SM_BACK_END_DOWN) {
        rests_until(f, h->breaker.until_us > now ? h->breaker.until_us : 0);
        sm_note(c, h->b.name, "skipped: %s", sm_host_why(h));
    } else {
        return true;
    }
    return false;
}

static void consider(sm_model_call *c, int64_t backend, int64_t weight, int64_t tier,
                     sm_route_found *f)
{
    sm_host *h = sm_models_host(c->m, backend);
    f->n_known++;
    if (!h) {
        sm_note(c, (sm_str){ 0 }, "skipped: back end %lld is not served", (long long)backend);
        return;
    }
    if (f->n == SM_ROUTE_MAX || !may_take(c, h, f))
        return;
    /* a weight of 0 is a fallback of its tier: it comes between this one and the next */
    f->candidate[f->n++] = (sm_candidate){ .back_end = backend,
                                           .weight = (uint32_t)SM_MAX(1, weight),
                                           .tier = (uint32_t)(2 * tier + (weight == 0)) };
}

void sm_call_route(sm_model_call *c, sm_route_found *out)
{
    const sm_registry *r = c->m->books->registry;
    size_t n = 0;
    sm_str name = sm_str_of(c->model);
    *out = (sm_route_found){ 0 };
    const sm_alias *row = sm_registry_alias(r, name, c->ask.department, sm_str_of(c->clerk), &n);
    for (size_t i = 0; i < n; i++)
        consider(c, row[i].backend, row[i].weight, row[i].tier, out);
    if (n)
        return;
    const sm_backend *b = c->ask.by_name ? sm_registry_backend_named(r, name) : NULL;
    if (b)
        consider(c, b->id, 1, 0, out);
}
