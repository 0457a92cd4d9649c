/*
 * A back end as it runs.  Its health is what calls tell and, where they are silent, what a look at
 * it tells; the breaker hears the calls only.
 */
#include "gateway/inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHECK_TOTAL_MS = 5000,
    CHECK_BYTES = 1 << 20,
    CHECK_BAD_MS = 1000,    /* while it is down */
    CHECK_STARTING_MS = 50, /* an engine that is loading */
    CHECK_SUSPECTED_MS = 20,
    CHECK_ENGINE_MS = 1000, /* its socket may be taken away */
    MOST_BUSY_S = 300,      /* a Retry-After is believed so far */
    ENGINE_SLOTS = 4,       /* when nobody says */
    BAD_CHECKS = 3          /* then an engine that runs is taken for hung */
};

/* ------------------------------------------------------------------- state */

static bool is_local(const sm_host *h)
{
    return h->b.kind == SM_BACKEND_FILE;
}

uint32_t sm_host_slots(const sm_host *h)
{
    int64_t n = h->b.slots;
    if (n <= 0)
        n = is_local(h) ? (h->b.engine.parallel > 0 ? h->b.engine.parallel : ENGINE_SLOTS)
                        : (int64_t)h->m->o.slots;
    return (uint32_t)SM_MAX(1, SM_MIN(n, SM_SCHEDULE_MAX_SLOTS));
}

static sm_back_end_state child_state(const sm_host *h)
{
    static const sm_back_end_state states[] = { [SM_CHILD_WAITING] = SM_BACK_END_SOON,
                                                [SM_CHILD_STARTING] = SM_BACK_END_SOON,
                                                [SM_CHILD_UP] = SM_BACK_END_UP,
                                                [SM_CHILD_REFUSED] = SM_BACK_END_DOWN };
    return h->child ? states[sm_child_state_of(h->child)] : SM_BACK_END_UP;
}

sm_back_end_state sm_host_state(sm_host *h)
{
    if (h->gone || h->misconfigured || h->health == SM_HOST_BAD)
        return SM_BACK_END_DOWN;
    sm_back_end_state s = child_state(h);
    int64_t now = sm_loop_now(h->m->loop);
    sm_breaker_lets(&h->breaker, now); /* open becomes half open in time */
    if (s == SM_BACK_END_UP && h->suspected)
        return SM_BACK_END_SOON;
    if (s == SM_BACK_END_UP && h->breaker.state == SM_BREAKER_OPEN)
        return SM_BACK_END_DOWN;
    return s == SM_BACK_END_UP && h->busy_until_us > now ? SM_BACK_END_SOON : s;
}

const char *sm_host_why(sm_host *h)
{
    if (h->child && child_state(h) != SM_BACK_END_UP)
        return sm_child_why(h->child);
    if (h->suspected)
        return "a connection to it broke";
    if (h->why[0] && (h->misconfigured || h->health == SM_HOST_BAD))
        return h->why;
    if (h->breaker.state == SM_BREAKER_OPEN)
        return "its calls failed, the breaker is open";
    return h->busy_until_us > sm_loop_now(h->m->loop) ? "it asked to come back later" : "";
}

void sm_host_tell(sm_host *h)
{
    sm_back_end_state s = sm_host_state(h);
    uint32_t slots = h->breaker.state == SM_BREAKER_HALF ? 1 : sm_host_slots(h);
    if (h->breaker.state == SM_BREAKER_OPEN)
        sm_timer_set(h->m->loop, &h->state_timer, h->breaker.until_us);
    else if (h->busy_until_us > sm_loop_now(h->m->loop))
        sm_timer_set(h->m->loop, &h->state_timer, h->busy_until_us);
    if (h->gone || (s == h->told_state && slots == h->told_slots))
        return;
    if (s != h->told_state)
        sm_models_log(h->m, s == SM_BACK_END_UP ? "info" : "warning", "BACKEND", h->b.name,
                      "%s%s%s",
                      s == SM_BACK_END_UP     ? "up"
                      : s == SM_BACK_END_SOON ? "soon"
                                              : "down",
                      s == SM_BACK_END_UP ? "" : ": ", sm_host_why(h));
    h->told_state = s;
    h->told_slots = slots;
    sm_schedule_back_end(h->m->schedule, h->b.id, s, slots);
    sm_models_pump(h->m);
}

static void say_why(sm_host *h, const char *text)
{
    snprintf(h->why, sizeof(h->why), "%s", text);
}

static void set_health(sm_host *h, sm_host_health health, const char *why)
{
    h->health = health;
    say_why(h, why);
    sm_host_tell(h);
}

static void on_state_timer(void *host)
{
    sm_host_tell(host);
}

/* ------------------------------------------------------------------ checks */

static int64_t next_check_ms(const sm_host *h)
{
    if (h->child && sm_child_state_of(h->child) == SM_CHILD_STARTING)
        return CHECK_STARTING_MS;
    if (h->suspected)
        return CHECK_SUSPECTED_MS;
    if (h->health == SM_HOST_BAD || h->breaker.state == SM_BREAKER_OPEN)
        return SM_MIN(CHECK_BAD_MS, h->m->o.health_ms);
    return h->child ? SM_MIN(CHECK_ENGINE_MS, h->m->o.health_ms) : h->m->o.health_ms;
}

void sm_host_check_soon(sm_host *h, int64_t in_ms)
{
    sm_timer_set(h->m->loop, &h->timer, sm_loop_now(h->m->loop) + in_ms * 1000);
}

static bool check_head(void *host, const sm_reply_head *head)
{
    ((sm_host *)host)->check_status = head->status;
    return true;
}

static bool check_bytes(void *host, sm_str bytes)
{
    (void)host, (void)bytes;
    return true;
}

static void check_was_good(sm_host *h)
{
    h->n_bad_checks = 0;
    h->misconfigured = h->suspected = false;
    if (h->child)
        sm_child_answers(h->child);
    set_health(h, SM_HOST_GOOD, "");
}

static void check_was_bad(sm_host *h, sm_fault fault)
{
    char why[128];
    h->n_bad_checks++;
    if (h->child) { /* loading, or dead, which its end will tell, or hung */
        if (sm_child_state_of(h->child) == SM_CHILD_UP && h->n_bad_checks >= BAD_CHECKS)
            sm_child_restart(h->child, "it does not answer");
        return;
    }
    if (fault == SM_FAULT_NONE)
        snprintf(why, sizeof(why), "its health check answered %d", h->check_status);
    else
        snprintf(why, sizeof(why), "%s", sm_fault_text(fault));
    set_health(h, SM_HOST_BAD, why);
}

static void check_end(void *host, sm_fault fault)
{
    sm_host *h = host;
    int status = h->check_status;
    h->check = NULL;
    if (fault == SM_FAULT_NONE && (status == 401 || status == 403)) {
        h->misconfigured = h->key_doubted = true;
        say_why(h, "it refuses our key");
        sm_host_tell(h);
    } else if (fault == SM_FAULT_NONE && status < 500 && (status == 200 || !h->child)) {
        check_was_good(h);
    } else {
        check_was_bad(h, fault);
    }
    sm_host_check_soon(h, next_check_ms(h));
}

static const sm_exchange_calls check_calls = { check_head, check_bytes, check_end };

/* The secret may have been put right since: it is read again. */
static bool read_target(sm_host *h)
{
    sm_op op;
    sm_str key = { 0 };
    if (h->target && h->key_doubted && h->n_running == 0 && !h->check) {
        sm_target_close(h->target);
        h->target = NULL;
    }
    if (h->target)
        return true;
    sm_op_begin(&op);
    sm_rc rc = is_local(h) ? SM_OK : sm_key_source_read(&op, h->b.key_from, &key);
    bool socket = *h->socket != 0;
    if (rc == SM_OK)
        h->target = sm_target_open(socket ? "http://localhost" : sm_cstr(h->own, h->b.source),
                                   h->socket, key);
    else
        say_why(h, "its key cannot be read");
    h->key_doubted = false;
    h->misconfigured = h->misconfigured || rc < 0; /* until a look at it is good */
    sm_op_end(&op);
    sm_host_tell(h);
    return rc == SM_OK;
}

static void on_timer(void *host)
{
    sm_host *h = host;
    int64_t now = sm_loop_now(h->m->loop);
    if (h->child)
        sm_child_look(h->child);
    bool runs = !h->child || sm_child_state_of(h->child) == SM_CHILD_STARTING ||
                sm_child_state_of(h->child) == SM_CHILD_UP;
    bool heard = h->heard_us && now - h->heard_us < h->m->o.health_ms * 1000 &&
                 h->health != SM_HOST_BAD && h->breaker.state == SM_BREAKER_CLOSED;
    if (h->check || !runs || heard || !read_target(h)) {
        sm_host_check_soon(h, next_check_ms(h));
        return;
    }
    h->check_status = 0;
    h->check = sm_client_send(h->m->client, &(sm_sent){ .to = h->target,
                                                        .path = h->child ? "/health" : "/v1/models",
                                                        .max_bytes = CHECK_BYTES,
                                                        .total_ms = CHECK_TOTAL_MS,
                                                        .calls = &check_calls,
                                                        .ctx = h });
}

/* ------------------------------------------------------------ open and close */

static sm_backend copy_backend(sm_arena *a, const sm_backend *b)
{
    sm_backend c = *b;
    sm_str *strings[] = { &c.name,         &c.source,       &c.key_from,       &c.remote_name,
                          &c.sm3,          &c.sha256,       &c.template,       &c.licence,
                          &c.architecture, &c.quantisation, &c.registration_no };
    for (size_t i = 0; i < SM_LEN(strings); i++)
        *strings[i] = sm_str_dup(a, *strings[i]);
    c.engine.lora = SM_NEWS(a, sm_str, b->engine.n_loras + 1);
    for (size_t i = 0; i < b->engine.n_loras; i++)
        c.engine.lora[i] = sm_str_dup(a, b->engine.lora[i]);
    return c;
}

sm_host *sm_host_open(sm_models *m, const sm_backend *b)
{
    sm_host *h = calloc(1, sizeof(*h));
    if (!h)
        abort();
    h->m = m;
    h->own = sm_arena_open();
    h->b = copy_backend(h->own, b);
    h->timer = (sm_timer){ .fn = on_timer, .ctx = h };
    h->state_timer = (sm_timer){ .fn = on_state_timer, .ctx = h };
    h->socket = sm_str_starts(h->b.source, SM_STR("unix:"))
                    ? sm_cstr(h->own, sm_str_sub(h->b.source, 5, h->b.source.n))
                    : "";
    h->told_state = is_local(h) ? SM_BACK_END_SOON : SM_BACK_END_UP;
    h->told_slots = sm_host_slots(h);
    if (is_local(h)) {
        h->socket = sm_strf(h->own, "%s/engine-%lld-%llx.sock", m->run_dir, (long long)b->id,
                            (unsigned long long)(sm_now_us() & 0xffffff))
                        .p;
        h->child = sm_child_open(h);
    }
    read_target(h);
    sm_host_check_soon(h, 0);
    return h;
}

void sm_host_close(sm_host *h, bool wait)
{
    if (h->check)
        sm_exchange_cancel(h->check);
    sm_timer_stop(h->m->loop, &h->timer);
    sm_timer_stop(h->m->loop, &h->state_timer);
    sm_child_close(h->child, wait);
    sm_target_close(h->target);
    sm_arena_close(h->own);
    free(h);
}

static bool same_engine(const sm_engine_options *a, const sm_engine_options *b)
{
    if (a->n_loras != b->n_loras)
        return false;
    for (size_t i = 0; i < a->n_loras; i++)
        if (!sm_str_eq(a->lora[i], b->lora[i]))
            return false;
    return a->parallel == b->parallel && a->ctx_tokens == b->ctx_tokens &&
           a->threads == b->threads && a->batch == b->batch && a->gpu_layers == b->gpu_layers &&
           a->no_draft == b->no_draft;
}

bool sm_host_fits(const sm_host *h, const sm_backend *b)
{
    return h->b.kind == b->kind && sm_str_eq(h->b.source, b->source) &&
           sm_str_eq(h->b.key_from, b->key_from) && sm_str_eq(h->b.sm3, b->sm3) &&
           sm_str_eq(h->b.name, b->name) && sm_str_eq(h->b.remote_name, b->remote_name) &&
           same_engine(&h->b.engine, &b->engine);
}

void sm_host_update(sm_host *h, const sm_backend *b)
{
    h->b.can = b->can;
    h->b.probed_ms = b->probed_ms;
    h->b.state = b->state;
    h->b.context_tokens = b->context_tokens;
    h->b.slots = b->slots;
    h->b.price_in = b->price_in;
    h->b.price_out = b->price_out;
    h->b.watts = b->watts;
}

/* ----------------------------------------------------------- what calls tell */

void sm_host_sent(sm_host *h)
{
    h->n_running++;
    h->figures.calls++;
    sm_breaker_sent(&h->breaker);
}

static void key_refused(sm_host *h, const char *note)
{
    h->misconfigured = h->key_doubted = true;
    say_why(h, note);
    sm_host_check_soon(h, CHECK_BAD_MS);
}

static void went_bad(sm_host *h, sm_fault fault)
{
    h->figures.failed++;
    h->heard_us = 0;
    if (h->child && (fault == SM_FAULT_CUT || fault == SM_FAULT_CONNECT)) {
        h->suspected = true;
        sm_breaker_none(&h->breaker);
    } else {
        sm_breaker_bad(&h->breaker, sm_loop_now(h->m->loop));
    }
    sm_host_check_soon(h, 0);
}

void sm_host_heard(sm_host *h, sm_fault fault, int64_t retry_after_s, const char *note)
{
    int64_t now = sm_loop_now(h->m->loop);
    h->n_running--;
    if (fault == SM_FAULT_NONE || fault == SM_FAULT_BUSY || fault == SM_FAULT_REQUEST) {
        sm_breaker_good(&h->breaker, now);
        h->heard_us = now;
        h->health = SM_HOST_GOOD;
        if (fault == SM_FAULT_BUSY)
            h->busy_until_us = now + SM_MAX(1, SM_MIN(retry_after_s, MOST_BUSY_S)) * 1000000;
    } else if (fault == SM_FAULT_STOPPED) {
        sm_breaker_none(&h->breaker);
    } else if (fault == SM_FAULT_KEY) {
        sm_breaker_none(&h->breaker);
        key_refused(h, note);
    } else {
        went_bad(h, fault);
    }
    sm_host_tell(h);
}

/* ----------------------------------------------------------------- figures */

void sm_host_first(sm_host *h, int64_t wait_us)
{
    double ms = SM_MAX(1.0, (double)wait_us / 1000.0);
    size_t i = (size_t)SM_MIN(4 * log2(ms), SM_WAIT_BUCKETS - 1);
    h->figures.wait[i]++;
    h->figures.n_waits++;
}

static double wait_quantile(const sm_host_figures *f, double q)
{
    double left = q * (double)f->n_waits;
    for (size_t i = 0; f->n_waits && i < SM_WAIT_BUCKETS; i++) {
        left -= f->wait[i];
        if (left <= 0)
            return exp2((double)(i + 1) / 4);
    }
    return 0;
}

json_t *sm_host_json(sm_host *h)
{
    static const char *const states[] = {
        [SM_BACK_END_UP] = "up", [SM_BACK_END_SOON] = "starting", [SM_BACK_END_DOWN] = "down"
    };
    const sm_host_figures *f = &h->figures;
    int64_t rests = h->busy_until_us - sm_loop_now(h->m->loop);
    json_t *j = json_pack(
        "{s:I,s:o,s:s,s:s,s:s,s:s,s:i,s:i,s:I,s:I,s:I,s:I,s:f,s:{s:f,s:f,s:f,s:f},s:f}", "id",
        (json_int_t)h->b.id, "name", sm_json_of(h->b.name), "kind", sm_backend_kind_name(h->b.kind),
        "health", states[sm_host_state(h)], "why", sm_host_why(h), "breaker",
        sm_breaker_name(h->breaker.state), "slots", (int)sm_host_slots(h), "running",
        (int)h->n_running, "calls", (json_int_t)f->calls, "failed", (json_int_t)f->failed,
        "prompt_tokens", (json_int_t)f->prompt_tokens, "generated_tokens",
        (json_int_t)f->generated_tokens, "tokens_per_s", f->tokens_per_s, "first_ms", "p50",
        wait_quantile(f, .5), "p90", wait_quantile(f, .9), "p95", wait_quantile(f, .95), "p99",
        wait_quantile(f, .99), "rests_s", rests > 0 ? (double)rests / 1e6 : 0.0);
    if (h->child)
        json_object_set_new(j, "engine", sm_child_json(h->child));
    return j;
}
