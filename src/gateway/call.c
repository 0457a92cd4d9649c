/*
 * A call's life.  It is taken up, queued by the schedule, sent to a back end; when that fails
 * before the caller has had a byte, and the budget of retries allows, it is queued again for
 * another one. Whatever happens, it ends once.
 */
#include "gateway/inner.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_ATTEMPTS = 4,
    USUAL_MAX_TOKENS = 4096, /* when the request does not say */
    COMPLETE_US = 1000000, /* for a body to end after its [DONE], so that its connection is kept */
    FULL_LOOK_US = 20000,
    FULL_MOST_US = 120000000 /* then a caller that does not read is taken for gone */
};
#define RETRY_SHARE    0.2 /* so many retries to a call, on the whole */
#define RETRY_A_SECOND 2.0 /* and so many at least */
#define RETRY_MOST     20.0

/* ---------------------------------------------------------------- making one */

static void new_trace(char to[static SM_CALL_TRACE_CHARS + 1])
{
    static atomic_uint_fast64_t count;
    uint64_t n = atomic_fetch_add(&count, 1);
    uint64_t v = sm_mix64(((uint64_t)sm_wall_ms() << 20) + n);
    snprintf(to, SM_CALL_TRACE_CHARS + 1, "%016llx", (unsigned long long)v);
}

void sm_model_call_done(sm_model_call *c)
{
    if (atomic_fetch_sub(&c->users, 1) != 1)
        return;
    sm_buf_done(&c->notes);
    sm_buf_done(&c->sent);
    sm_buf_done(&c->whole);
    sm_sse_done(&c->sse);
    free(c);
}

const char *sm_model_call_trace(const sm_model_call *c)
{
    return c->trace;
}

static void copy_text(char *to, size_t n, sm_str from)
{
    snprintf(to, n, "%.*s", SM_ARG(from));
}

static void take_up(void *call);
static void cancel_now(void *call);
static void on_timer(void *call);
static void on_limit(void *call);

static sm_model_call *new_call(sm_models *m, const sm_call_ask *ask)
{
    sm_model_call *c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    atomic_store(&c->users, 2);
    c->m = m;
    c->ask = *ask;
    c->wanted = *ask->wanted;
    copy_text(c->model, sizeof(c->model), ask->wanted->model);
    copy_text(c->clerk, sizeof(c->clerk), ask->clerk);
    new_trace(c->trace);
    if (!c->ask.request_id[0])
        memcpy(c->ask.request_id, c->trace, sizeof(c->trace));
    c->post = (sm_post){ .fn = take_up, .ctx = c };
    c->cancel_post = (sm_post){ .fn = cancel_now, .ctx = c };
    c->timer = (sm_timer){ .fn = on_timer, .ctx = c };
    c->limit = (sm_timer){ .fn = on_limit, .ctx = c };
    c->prompt_tokens = c->generated_tokens = -1;
    c->asked_us = sm_now_us();
    return c;
}

sm_model_call *sm_models_call(sm_models *m, const sm_call_ask *ask)
{
    sm_model_call *c = new_call(m, ask);
    atomic_fetch_add(&m->n_calls, 1);
    if (atomic_load(&m->started))
        sm_loop_do(m->loop, &c->post);
    else
        sm_call_end_with(c, 404, "invalid_request_error", "model_not_found", 0, "没有“%s”这个模型",
                         c->model);
    return c;
}

void sm_models_cancel(sm_model_call *c)
{
    if (atomic_exchange(&c->cancel_asked, true) || !atomic_load(&c->m->started))
        return;
    atomic_fetch_add(&c->users, 1);
    sm_loop_post(c->m->loop, &c->cancel_post);
}

/* -------------------------------------------------------------------- ending */

static void unlink_call(sm_model_call *c)
{
    sm_models *m = c->m;
    if (c->prev)
        c->prev->next = c->next;
    else if (m->calls == c)
        m->calls = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->next = c->prev = NULL;
}

static void count_usage(const sm_model_call *c, const sm_call_end *e, int64_t backend)
{
    bool ours = e->error.status && c->attempt == 0;
    sm_usage u = { .department = c->ask.department,
                   .backend = backend,
                   .class_ = c->ask.class,
                   .calls = !e->error.status || c->cancelled,
                   .refused = ours && !c->cancelled,
                   .failed = e->error.status && !ours && !c->cancelled,
                   .prompt_tokens = e->prompt_tokens,
                   .generated_tokens = e->generated_tokens,
                   .busy_ms = c->sent_us ? (sm_now_us() - c->sent_us) / 1000 : 0 };
    if (e->first_us >= 0)
        sm_usage_first(&u, e->first_us / 1000);
    sm_keeper_used(c->m->keeper, &u);
    if (c->ask.key)
        sm_keeper_key_used(c->m->keeper, c->ask.key);
}

static void end(sm_model_call *c, sm_call_end *e, int64_t backend)
{
    sm_models *m = c->m;
    if (c->ended)
        return;
    c->ended = true;
    e->begun = c->begun;
    e->cancelled = c->cancelled;
    e->total_us = sm_now_us() - c->asked_us;
    e->queued_us = c->queued_us;
    e->first_us = c->first_us ? c->first_us - c->asked_us : -1;
    if (m->past) {
        sm_timer_stop(m->loop, &c->timer);
        sm_timer_stop(m->loop, &c->limit);
        unlink_call(c);
        sm_past_add(m->past, c, e);
        if (!c->cancelled || e->prompt_tokens || e->generated_tokens)
            count_usage(c, e, backend);
    }
    c->ask.calls->end(c->ask.ctx, c->trace, e);
    if (atomic_fetch_sub(&m->n_calls, 1) == 1 && atomic_load(&m->refusing)) {
        pthread_mutex_lock(&m->lock);
        pthread_cond_broadcast(&m->idle);
        pthread_mutex_unlock(&m->lock);
    }
    sm_model_call_done(c);
}

static void fill_error(sm_model_error *e, int status, const char *type, const char *code,
                       int64_t retry_after_s, const char *fmt, va_list ap)
{
    *e = (sm_model_error){
        .status = status, .type = type, .code = code, .retry_after_s = retry_after_s
    };
    vsnprintf(e->message, sizeof(e->message), fmt, ap);
}

void sm_call_end_with(sm_model_call *c, int status, const char *type, const char *code,
                      int64_t retry_after_s, const char *fmt, ...)
{
    sm_call_end e = { .status = status };
    va_list ap;
    va_start(ap, fmt);
    fill_error(&e.error, status, type, code, retry_after_s, fmt, ap);
    va_end(ap);
    end(c, &e, 0);
}

static void fill(sm_model_error *e, int status, const char *type, const char *code,
                 int64_t retry_after_s, const char *fmt, ...) SM_PRINTF(6, 7);

static void fill(sm_model_error *e, int status, const char *type, const char *code,
                 int64_t retry_after_s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill_error(e, status, type, code, retry_after_s, fmt, ap);
    va_end(ap);
}

/* In the middle of an attempt that was finished: what it used is the caller's all the same. */
static void end_cut(sm_model_call *c, const sm_model_error *error)
{
    sm_call_end e = { .status = error->status, .error = *error };
    if (c->host) {
        e.prompt_tokens = c->prompt_tokens;
        e.generated_tokens = c->generated_tokens;
        e.backend = c->host->b.name;
    }
    end(c, &e, c->host ? c->host->b.id : 0);
}

static void end_cancelled(sm_model_call *c)
{
    sm_model_error e;
    c->cancelled = true;
    if (c->late)
        fill(&e, 504, "server_error", "too_late", 0, "模型在规定的时间内没有答完");
    else
        fill(&e, 499, "invalid_request_error", "cancelled", 0, "请求已取消");
    end_cut(c, &e);
}

static void end_stopping(sm_model_call *c)
{
    sm_model_error e;
    fill(&e, 503, "server_error", "stopping", 5, "服务正在停止，请稍后再试");
    end_cut(c, &e);
}

/* ------------------------------------------------------------------- refusing */

/* Which member asks for what no back end has. */
static const char *param_of(unsigned lacks)
{
    if (lacks & SM_CAN_TOOLS)
        return "tools";
    if (lacks & SM_CAN_JSON_SCHEMA)
        return "response_format";
    if (lacks & SM_CAN_GRAMMAR)
        return "grammar";
    return lacks & SM_CAN_LOGPROBS ? "logprobs" : "model";
}

static const char *lacking_text(unsigned lacks)
{
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        if (lacks & (1u << i))
            return sm_capability_text(i);
    return "";
}

static void refuse_unable(sm_model_call *c, const sm_route_found *f)
{
    sm_call_end e = { .status = 400, .error = { .status = 400, .type = "invalid_request_error" } };
    if (f->n_too_small) {
        e.error.code = "context_length_exceeded";
        e.error.param = c->wanted.service == SM_SERVICE_CHAT ? "messages" : "prompt";
        snprintf(e.error.message, sizeof(e.error.message),
                 "请求连同要生成的内容超过了模型“%s”的上下文长度", c->model);
    } else {
        e.error.code = "unsupported_parameter";
        e.error.param = param_of(f->lacks);
        snprintf(e.error.message, sizeof(e.error.message), "模型“%s”不支持：%s", c->model,
                 lacking_text(f->lacks));
    }
    end(c, &e, 0);
}

static void refuse_unroutable(sm_model_call *c, const sm_route_found *f)
{
    int64_t wait_us = f->soonest_us ? f->soonest_us - sm_loop_now(c->m->loop) : 5000000;
    int64_t wait_s = SM_MAX(1, (wait_us + 999999) / 1000000);
    if (f->n_known == 0)
        sm_call_end_with(c, 404, "invalid_request_error", "model_not_found", 0,
                         "没有“%s”这个模型，或者不能用它", c->model);
    else if (f->n_lacking + f->n_too_small == f->n_known)
        refuse_unable(c, f);
    else if (f->n_resting)
        sm_call_end_with(c, 429, "requests", "rate_limit_exceeded", wait_s,
                         "模型“%s”现在太忙，请 %lld 秒后再试", c->model, (long long)wait_s);
    else
        sm_call_end_with(c, 503, "server_error", "no_backend", wait_s,
                         "模型“%s”暂时不可用，请稍后再试", c->model);
}

/* status, type and code of a refusal of the schedule's */
static const struct {
    int status;
    const char *type, *code;
} refusals[SM_N_REFUSALS] = {
    [SM_REFUSED_QUEUE] = { 429, "requests", "rate_limit_exceeded" },
    [SM_REFUSED_MINUTE] = { 429, "tokens", "rate_limit_exceeded" },
    [SM_REFUSED_DAY] = { 429, "insufficient_quota", "insufficient_quota" },
    [SM_REFUSED_MONTH] = { 429, "insufficient_quota", "insufficient_quota" },
    [SM_REFUSED_BACK_END] = { 503, "server_error", "no_backend" },
    [SM_REFUSED_DEPARTMENT] = { 403, "invalid_request_error", "no_department" },
    [SM_REFUSED_SIZE] = { 429, "insufficient_quota", "insufficient_quota" },
    [SM_REFUSED_WAIT] = { 429, "requests", "rate_limit_exceeded" },
};

static void refuse_scheduled(sm_model_call *c, sm_refusal_kind kind, int64_t retry_after_s,
                             uint32_t position)
{
    sm_call_end e = { .status = refusals[kind].status,
                      .error = { .status = refusals[kind].status,
                                 .type = refusals[kind].type,
                                 .code = refusals[kind].code,
                                 .retry_after_s = retry_after_s,
                                 .position = position } };
    snprintf(e.error.message, sizeof(e.error.message), "%s", sm_refusal_text(kind));
    if (kind == SM_REFUSED_QUEUE)
        snprintf(e.error.message, sizeof(e.error.message), "%s（现在来排在第 %u 位）",
                 sm_refusal_text(kind), (unsigned)position);
    sm_note(c, (sm_str){ 0 }, "refused: %s", sm_refusal_id(kind));
    end(c, &e, 0);
}

/* ------------------------------------------------------------------ taking up */

static bool queue(sm_model_call *c, const sm_route_found *f)
{
    bool generates = c->wanted.service <= SM_SERVICE_COMPLETIONS;
    char department[24];
    sm_admission a;
    snprintf(department, sizeof(department), "%lld", (long long)c->ask.department);
    uint32_t max = c->wanted.max_tokens ? c->wanted.max_tokens : USUAL_MAX_TOKENS;
    c->queued_us = -sm_loop_now(c->m->loop);
    c->ticket = sm_schedule_submit(c->m->schedule,
                                   &(sm_call_spec){ .department = sm_str_of(department),
                                                    .class = c->ask.class,
                                                    .prompt_tokens = c->wanted.prompt_tokens,
                                                    .max_tokens = generates ? max : 0,
                                                    .candidate = f->candidate,
                                                    .n_candidates = f->n,
                                                    .user = c },
                                   sm_loop_now(c->m->loop), &a);
    if (c->ticket)
        return true;
    c->queued_us = 0;
    refuse_scheduled(c, a.refused, a.retry_after_s, a.position);
    return false;
}

static void earn_retries(sm_models *m)
{
    int64_t now = sm_loop_now(m->loop);
    double time = (double)(now - m->retries_us) * RETRY_A_SECOND / 1e6;
    m->retries = SM_MIN(m->retries + RETRY_SHARE + time, RETRY_MOST);
    m->retries_us = now;
}

/* When the call's own time is over; 0: never. */
static int64_t limit_us(const sm_model_call *c)
{
    int64_t first = c->begun ? 0 : c->ask.first_ms, most = c->ask.most_ms;
    int64_t ms = first && most ? SM_MIN(first, most) : SM_MAX(first, most);
    return ms ? c->asked_us + ms * 1000 : 0;
}

static void set_limit(sm_model_call *c)
{
    int64_t us = limit_us(c);
    if (us)
        sm_timer_set(c->m->loop, &c->limit, us);
}

static void take_up(void *call)
{
    sm_model_call *c = call;
    sm_models *m = c->m;
    sm_route_found f;
    c->next = m->calls;
    if (c->next)
        c->next->prev = c;
    m->calls = c;
    if (atomic_load(&c->cancel_asked)) {
        end_cancelled(c);
        return;
    }
    if (atomic_load(&m->refusing)) {
        end_stopping(c);
        return;
    }
    earn_retries(m);
    set_limit(c);
    sm_call_route(c, &f);
    if (f.n == 0)
        refuse_unroutable(c, &f);
    else if (queue(c, &f))
        sm_models_pump(m);
}

/* -------------------------------------------------------------------- sending */

static int64_t due_us(const sm_model_call *c)
{
    const sm_models_options *o = &c->m->o;
    int64_t total = c->sent_us + o->total_ms * 1000;
    if (!c->wanted.stream)
        return total;
    if (c->complete) /* all is said; the back end need not end its body for that */
        return c->event_us + COMPLETE_US;
    int64_t next =
        c->begun ? c->event_us + o->idle_ms * 1000 : c->sent_us + o->first_byte_ms * 1000;
    return SM_MIN(total, next);
}

/* Of a whole answer that nobody waited for there are no figures: by the time it took. */
static int64_t generated_unseen(const sm_model_call *c)
{
    double s = (double)(sm_loop_now(c->m->loop) - c->sent_us) / 1e6;
    int64_t most = c->wanted.max_tokens ? c->wanted.max_tokens : USUAL_MAX_TOKENS;
    if (c->wanted.stream || c->wanted.service > SM_SERVICE_COMPLETIONS)
        return c->n_events;
    return SM_MIN((int64_t)(s * c->host->figures.tokens_per_s), most);
}

static void finish(sm_model_call *c, sm_outcome outcome)
{
    int64_t prompt = c->prompt_tokens, generated = c->generated_tokens;
    if (outcome == SM_OUTCOME_FAILED && !c->begun)
        prompt = generated = 0;
    if (prompt < 0)
        prompt = c->wanted.prompt_tokens;
    if (generated < 0)
        generated = outcome == SM_OUTCOME_GONE ? generated_unseen(c) : c->n_events;
    sm_schedule_finish(c->m->schedule, c->ticket, (uint32_t)SM_MIN(prompt, UINT32_MAX),
                       (uint32_t)SM_MIN(generated, UINT32_MAX), outcome, sm_loop_now(c->m->loop));
    c->ticket = NULL;
    c->prompt_tokens = prompt;
    c->generated_tokens = generated;
}

static void count_tokens(sm_model_call *c, sm_host *h)
{
    sm_host_figures *f = &h->figures;
    f->prompt_tokens += (uint64_t)c->prompt_tokens;
    f->generated_tokens += (uint64_t)c->generated_tokens;
    int64_t from = c->first_us ? c->first_us : c->sent_us;
    double s = (double)(sm_loop_now(c->m->loop) - from) / 1e6;
    if (s > 0 && c->generated_tokens > 1) {
        double speed = (double)c->generated_tokens / s;
        f->tokens_per_s = f->tokens_per_s > 0 ? 0.9 * f->tokens_per_s + 0.1 * speed : speed;
    }
}

/* The host may be gone from the registry with this call as its last. */
static void leave_host(sm_model_call *c)
{
    sm_host *h = c->host;
    c->host = NULL;
    if (h->gone && h->n_running == 0)
        sm_models_drop_host(h);
}

static void end_well(sm_model_call *c)
{
    sm_host *h = c->host;
    int64_t backend = h->b.id;
    sm_call_end e = { .status = c->status, .body = &c->whole, .backend = h->b.name };
    finish(c, SM_OUTCOME_DONE);
    count_tokens(c, h);
    e.prompt_tokens = c->prompt_tokens;
    e.generated_tokens = c->generated_tokens;
    end(c, &e, backend);
}

/* What the caller is told of a fault. */
static const struct {
    int status;
    const char *type, *code, *text;
} told[] = {
    [SM_FAULT_BUSY] = { 429, "requests", "rate_limit_exceeded", "模型服务现在太忙，请稍后再试" },
    [SM_FAULT_TIMEOUT] = { 504, "server_error", "upstream_timeout", "模型服务太久没有回应" },
    [SM_FAULT_STALL] = { 504, "server_error", "upstream_timeout", "模型服务太久没有回应" },
    [SM_FAULT_REQUEST] = { 400, "invalid_request_error", "upstream_refused",
                           "模型服务不接受这个请求，没有给出完整的回答" },
};

static void end_failed(sm_model_call *c, sm_fault fault)
{
    int64_t backend = c->host->b.id;
    sm_call_end e = { .backend = c->host->b.name };
    finish(c, SM_OUTCOME_FAILED);
    if (fault < SM_LEN(told) && told[fault].status)
        fill(&e.error, told[fault].status, told[fault].type, told[fault].code,
             fault == SM_FAULT_BUSY ? SM_MAX(1, c->retry_after_s) : 0, "%s", told[fault].text);
    else
        fill(&e.error, 502, "server_error", "upstream_error", 0,
             "模型服务出错，没有给出完整的回答");
    e.status = e.error.status;
    e.prompt_tokens = c->prompt_tokens;
    e.generated_tokens = c->generated_tokens;
    end(c, &e, backend);
}

/* An engine of ours that fell over is back in a moment: its calls may wait for it, once. */
static bool is_back_soon(const sm_model_call *c)
{
    bool may_be_why = c->wanted.needs & SM_CAN_GRAMMAR; /* the engine ended over its grammar */
    return !may_be_why && c->host->child && c->attempt == 1 && !c->host->gone;
}

static bool try_elsewhere(sm_model_call *c)
{
    sm_models *m = c->m;
    int64_t now = sm_loop_now(m->loop);
    if (c->begun || c->attempt >= MOST_ATTEMPTS || atomic_load(&m->refusing))
        return false;
    if (m->retries < 1) {
        sm_note(c, c->host->b.name, "not tried elsewhere: too many calls fail at present");
        return false;
    }
    if (!sm_schedule_retry(m->schedule, c->ticket, 0, 0, true, now) &&
        !(is_back_soon(c) && sm_schedule_retry(m->schedule, c->ticket, 0, 0, false, now)))
        return false;
    m->retries -= 1;
    c->queued_us -= now;
    return true;
}

static void note_failure(sm_model_call *c, sm_fault fault)
{
    sm_models *m = c->m;
    int64_t now = sm_loop_now(m->loop);
    sm_note(c, c->host->b.name, "failed (%s): %s", sm_fault_id(fault), c->fault_note);
    if (now - m->logged_us < 100000) /* the trace has the others */
        return;
    m->logged_us = now;
    sm_models_log(m, "warning", "CALL", c->host->b.name, "trace %s failed (%s): %s", c->trace,
                  sm_fault_id(fault), c->fault_note);
}

void sm_call_attempt_ended(sm_model_call *c, sm_fault of_exchange)
{
    sm_fault fault = sm_reply_fault(c, of_exchange);
    sm_host *h = c->host;
    c->exchange = NULL;
    sm_timer_stop(c->m->loop, &c->timer);
    atomic_fetch_add(&c->users, 1); /* it may end in here */
    if (c->cancelled) {
        sm_host_heard(h, SM_FAULT_STOPPED, 0, "");
        finish(c, SM_OUTCOME_GONE);
        end_cancelled(c);
    } else if (fault == SM_FAULT_NONE) {
        sm_host_heard(h, fault, 0, "");
        end_well(c);
    } else {
        note_failure(c, fault);
        sm_host_heard(h, fault, c->retry_after_s, c->fault_note);
        if (fault == SM_FAULT_REQUEST || !try_elsewhere(c))
            end_failed(c, fault);
    }
    leave_host(c);
    sm_models_pump(c->m);
    sm_model_call_done(c);
}

void sm_call_start(sm_model_call *c, const sm_start *s)
{
    sm_models *m = c->m;
    sm_host *h = sm_models_host(m, s->back_end);
    c->attempt++;
    c->queued_us += sm_loop_now(m->loop);
    if (!h || !h->target) { /* gone, or not to be called as it is */
        sm_note(c, (sm_str){ 0 }, "back end %lld is not there any more", (long long)s->back_end);
        if (sm_schedule_retry(m->schedule, c->ticket, 0, 0, true, sm_loop_now(m->loop))) {
            c->queued_us -= sm_loop_now(m->loop);
            return;
        }
        finish(c, SM_OUTCOME_FAILED);
        sm_call_end_with(c, 503, "server_error", "no_backend", 1, "%s",
                         sm_refusal_text(SM_REFUSED_BACK_END));
        return;
    }
    c->host = h;
    c->sent_us = c->event_us = sm_loop_now(m->loop);
    if (c->attempt > 1)
        sm_note(c, h->b.name, "sent");
    sm_reply_begin(c);
    sm_buf_done(&c->sent);
    sm_buf_init(&c->sent, sm_wanted_most_bytes(&c->wanted));
    sm_wanted_write(&c->wanted, h->b.remote_name.n ? h->b.remote_name : h->b.name, h->b.can,
                    &c->sent);
    sm_host_sent(h);
    c->exchange = sm_client_send(m->client, &(sm_sent){ .to = h->target,
                                                        .path = sm_service_path(c->wanted.service),
                                                        .post = true,
                                                        .body = sm_buf_str(&c->sent),
                                                        .trace = c->ask.request_id,
                                                        .max_bytes = m->o.max_answer_bytes,
                                                        .calls = &sm_reply_calls,
                                                        .ctx = c });
    sm_timer_set(m->loop, &c->timer, due_us(c));
}

/* --------------------------------------------------------------------- events */

static void on_full(sm_model_call *c, int64_t now)
{
    if (c->ask.calls->is_full(c->ask.ctx)) {
        if (now - c->full_us > FULL_MOST_US)
            sm_models_cancel(c);
        else
            sm_timer_set(c->m->loop, &c->timer, now + FULL_LOOK_US);
        return;
    }
    c->full = false;
    c->event_us = now;
    sm_timer_set(c->m->loop, &c->timer, due_us(c));
    sm_exchange_resume(c->exchange);
}

static void on_timer(void *call)
{
    sm_model_call *c = call;
    int64_t now = sm_loop_now(c->m->loop), due = due_us(c);
    if (c->full) {
        on_full(c, now);
    } else if (due > now) {
        sm_timer_set(c->m->loop, &c->timer, due);
    } else {
        sm_exchange_cancel(c->exchange);
        sm_call_attempt_ended(c, c->begun ? SM_FAULT_STALL : SM_FAULT_TIMEOUT);
    }
}

void sm_call_expired(sm_model_call *c, const sm_expired *e)
{
    c->ticket = NULL;
    c->queued_us += sm_loop_now(c->m->loop);
    refuse_scheduled(c, e->refused, e->retry_after_s, 0);
}

/* A stream that has begun cannot be taken back: it goes on. */
void sm_call_preempted(sm_model_call *c)
{
    int64_t now = sm_loop_now(c->m->loop);
    if (c->begun || !c->exchange)
        return;
    sm_exchange_cancel(c->exchange);
    c->exchange = NULL;
    sm_timer_stop(c->m->loop, &c->timer);
    sm_note(c, c->host->b.name, "put back for a live call");
    sm_host_heard(c->host, SM_FAULT_STOPPED, 0, "");
    if (sm_schedule_retry(c->m->schedule, c->ticket, 0, 0, false, now)) {
        c->attempt--;
        c->queued_us -= now;
    } else {
        finish(c, SM_OUTCOME_FAILED);
        sm_call_end_with(c, 503, "server_error", "no_backend", 1, "%s",
                         sm_refusal_text(SM_REFUSED_BACK_END));
    }
    leave_host(c);
    sm_models_pump(c->m); /* its slot is free */
}

static void cancel(sm_model_call *c)
{
    sm_models *m = c->m;
    c->cancelled = true;
    if (c->exchange) {
        sm_exchange_cancel(c->exchange);
        sm_call_attempt_ended(c, SM_FAULT_STOPPED);
    } else if (c->ticket) {
        sm_schedule_cancel(m->schedule, c->ticket, sm_loop_now(m->loop));
        c->ticket = NULL;
        end_cancelled(c);
        sm_models_pump(m);
    }
}

/* Has a user of its own. */
static void cancel_now(void *call)
{
    sm_model_call *c = call;
    if (!c->ended)
        cancel(c);
    sm_model_call_done(c);
}

static void on_limit(void *call)
{
    sm_model_call *c = call;
    if (limit_us(c) > sm_loop_now(c->m->loop)) { /* it has begun meanwhile */
        set_limit(c);
        return;
    }
    if (limit_us(c) == 0)
        return;
    c->late = true;
    atomic_fetch_add(&c->users, 1); /* it may end in here */
    cancel(c);
    sm_model_call_done(c);
}

void sm_call_stop(sm_model_call *c)
{
    atomic_fetch_add(&c->users, 1);
    if (c->exchange) {
        sm_exchange_cancel(c->exchange);
        c->exchange = NULL;
        sm_host_heard(c->host, SM_FAULT_STOPPED, 0, "");
        finish(c, SM_OUTCOME_GONE);
    } else if (c->ticket) {
        sm_schedule_cancel(c->m->schedule, c->ticket, sm_loop_now(c->m->loop));
        c->ticket = NULL;
    }
    end_stopping(c);
    if (c->host)
        leave_host(c);
    sm_model_call_done(c);
}

void sm_call_revoke(sm_model_call *c)
{
    if (!c->ticket || c->host)
        return;
    sm_schedule_cancel(c->m->schedule, c->ticket, sm_loop_now(c->m->loop));
    c->ticket = NULL;
    sm_call_end_with(c, 401, "invalid_request_error", "invalid_api_key", 0, "密钥已经吊销");
}
