/*
 * What a back end answers, as it comes: a stream goes on event by event, a whole answer is kept
 * until it is complete.  Nothing reaches the caller before it was seen to be what it should be.
 */
#include "gateway/inner.h"

#include <string.h>

#include "text/text.h"

enum {
    ERROR_BYTES = 64 * 1024,
    FULL_LOOK_US = 20000,
    PROGRESS_EVENTS = 16,
    MOST_TOKENS = 100000000
};

static bool spoil(sm_model_call *c, sm_fault fault, const char *note)
{
    if (!c->fault) {
        c->fault = fault;
        snprintf(c->fault_note, sizeof(c->fault_note), "%s", note);
    }
    return false;
}

/* ------------------------------------------------------------------- usage */

static void read_count(sm_str usage, const char *name, int64_t *to)
{
    int64_t n;
    if (sm_raw_int(sm_raw_find(usage, name), &n) && n >= 0)
        *to = SM_MIN(n, MOST_TOKENS);
}

static void read_usage(sm_model_call *c, sm_str usage)
{
    if (usage.n == 0 || usage.p[0] != '{')
        return;
    read_count(usage, "prompt_tokens", &c->prompt_tokens);
    read_count(usage, "completion_tokens", &c->generated_tokens);
    if (c->generated_tokens < 0)
        c->generated_tokens = 0; /* of embeddings */
}

/* ------------------------------------------------------------------ streams */

/* What came in together goes out together: each handing on wakes somebody. */
static bool emit(sm_model_call *c, sm_str text)
{
    sm_buf_add(&c->m->out, text);
    return true;
}

static bool hand_on(sm_model_call *c)
{
    sm_buf *out = &c->m->out;
    if (out->n == 0)
        return true;
    sm_taken taken = out->failed ? SM_TAKEN_GONE : c->ask.calls->bytes(c->ask.ctx, sm_buf_str(out));
    if (taken == SM_TAKEN_FULL && !c->full) {
        c->full = true;
        c->full_us = sm_loop_now(c->m->loop);
        sm_exchange_pause(c->exchange);
        sm_timer_set(c->m->loop, &c->timer, c->full_us + FULL_LOOK_US);
    }
    if (taken == SM_TAKEN_GONE)
        c->cancelled = true;
    out->n = 0;
    return taken != SM_TAKEN_GONE;
}

static void begin(sm_model_call *c)
{
    if (c->begun)
        return;
    c->begun = true;
    c->first_us = sm_loop_now(c->m->loop);
    sm_host_first(c->host, c->first_us - c->sent_us);
    c->ask.calls->begin(c->ask.ctx, c->trace);
}

/* The event without a member of its object. */
static bool emit_without(sm_model_call *c, sm_str data, const sm_raw_member *m, size_t end)
{
    size_t from = m->from;
    while (from > 0 && data.p[from] != ',' && data.p[from] != '{')
        from--;
    if (data.p[from] == '{') { /* the first one: its comma comes after it */
        from++;
        while (end < data.n && data.p[end] != ',' && data.p[end] != '}')
            end++;
        end += end < data.n && data.p[end] == ',';
    }
    sm_buf b;
    sm_buf_init(&b, data.n + 16);
    sm_buf_add(&b, SM_STR("data: "));
    sm_buf_add(&b, sm_str_sub(data, 0, from));
    sm_buf_add(&b, sm_str_sub(data, end, data.n));
    sm_buf_add(&b, SM_STR("\n\n"));
    bool more = emit(c, sm_buf_str(&b));
    sm_buf_done(&b);
    return more;
}

/* We ask for the usage always, the caller perhaps not: then it is taken out, and what holds nothing
 * else is left out. */
static bool pass_with_usage(sm_model_call *c, const sm_sse_event *e)
{
    sm_raw_member m, usage = { 0 };
    size_t end = 0;
    bool empty = false;
    for (size_t pos = 0; sm_raw_next(e->data, &pos, &m);) {
        if (sm_str_eq(m.key, SM_STR("usage"))) {
            usage = m;
            end = pos;
        } else if (sm_str_eq(m.key, SM_STR("choices"))) {
            size_t at = 0;
            sm_str one;
            empty = !sm_raw_item(m.value, &at, &one);
        }
    }
    read_usage(c, usage.value);
    if (usage.value.n == 0 || c->wanted.usage)
        return emit(c, e->text);
    if (empty)
        return true;
    return emit_without(c, e->data, &usage, end);
}

/* An error in the middle of a stream, told by the back end itself. */
static bool told_error(sm_model_call *c, sm_str error)
{
    sm_str message, type;
    char note[160];
    if (error.p[0] != '{' || !sm_raw_plain(sm_raw_find(error, "message"), &message))
        message = (sm_str){ 0 };
    message = sm_utf8_head(message, 30);
    snprintf(note, sizeof(note), "it told an error: %.*s", SM_ARG(message));
    bool callers = error.p[0] == '{' && sm_raw_plain(sm_raw_find(error, "type"), &type) &&
                   sm_str_eq(type, SM_STR("invalid_request_error"));
    return spoil(c, callers ? SM_FAULT_REQUEST : SM_FAULT_STATUS, note);
}

static bool pass_json(sm_model_call *c, const sm_sse_event *e)
{
    if (e->data.n == 0 || e->data.p[0] != '{' || !sm_raw_check(e->data, NULL))
        return spoil(c, SM_FAULT_GARBAGE, "an event of its stream is no JSON object");
    if (memmem(e->data.p, e->data.n, "\"error\"", 7)) {
        sm_str error = sm_raw_find(e->data, "error");
        if (error.n && !sm_raw_is(error, "null"))
            return told_error(c, error);
    }
    begin(c);
    c->n_events++;
    if (c->n_events % PROGRESS_EVENTS == 0)
        sm_schedule_progress(c->m->schedule, c->ticket, c->n_events, c->event_us);
    if (memmem(e->data.p, e->data.n, "\"usage\"", 7))
        return pass_with_usage(c, e);
    return emit(c, e->text);
}

static bool on_event(void *call, const sm_sse_event *e)
{
    sm_model_call *c = call;
    c->event_us = sm_loop_now(c->m->loop);
    if (c->complete) /* nothing comes after the end */
        return true;
    if (!e->has_data) /* comments: a sign of life */
        return !c->begun || emit(c, e->text);
    if (e->many)
        return spoil(c, SM_FAULT_GARBAGE, "an event of its stream has several lines");
    if (!sm_str_eq(e->data, SM_STR("[DONE]")))
        return pass_json(c, e);
    if (!c->begun)
        return spoil(c, SM_FAULT_GARBAGE, "its stream has nothing in it");
    c->complete = true;
    if (!c->full)
        sm_timer_set(c->m->loop, &c->timer, c->event_us); /* it looks how long there is still */
    return emit(c, SM_STR("data: [DONE]\n\n"));
}

/* ------------------------------------------------------------------- exchange */

void sm_reply_begin(sm_model_call *c)
{
    c->status = 0;
    c->fault = SM_FAULT_NONE;
    c->fault_note[0] = 0;
    c->streams = c->complete = false;
    c->retry_after_s = 0;
    c->prompt_tokens = c->generated_tokens = -1;
    c->n_events = 0;
    sm_buf_done(&c->whole);
    sm_sse_done(&c->sse);
}

static bool on_head(void *call, const sm_reply_head *h)
{
    sm_model_call *c = call;
    bool events = sm_str_starts(h->type, SM_STR("text/event-stream"));
    c->status = h->status;
    c->retry_after_s = h->retry_after_s;
    c->streams = h->status == 200 && c->wanted.stream && events;
    if (h->status == 200 && c->wanted.stream != events)
        return spoil(c, SM_FAULT_GARBAGE,
                     events ? "it streams what was asked for whole" : "it does not stream");
    if (c->streams)
        sm_sse_init(&c->sse);
    else
        sm_buf_init(&c->whole, h->status == 200 ? c->m->o.max_answer_bytes : ERROR_BYTES);
    return true;
}

static bool on_bytes(void *call, sm_str bytes)
{
    sm_model_call *c = call;
    if (c->cancelled || c->fault)
        return false;
    if (!c->streams) {
        sm_buf_add(&c->whole, bytes);
        return !c->whole.failed || spoil(c, SM_FAULT_SIZE, sm_fault_text(SM_FAULT_SIZE));
    }
    bool sound = sm_sse_push(&c->sse, bytes, on_event, c);
    if (!hand_on(c))
        return false;
    return sound || spoil(c, SM_FAULT_SIZE, "an event of its stream is too long");
}

static void on_end(void *call, sm_fault fault)
{
    sm_call_attempt_ended(call, fault);
}

const sm_exchange_calls sm_reply_calls = { on_head, on_bytes, on_end };

/* ------------------------------------------------------------ what it came to */

static sm_fault fault_of_whole(sm_model_call *c)
{
    static const char *const holds[] = { "choices", "choices", "data", "results" };
    sm_str text = sm_buf_str(&c->whole);
    if (text.n == 0 || !sm_raw_check(text, NULL) || sm_str_trim(text).p[0] != '{' ||
        sm_raw_find(text, holds[c->wanted.service]).n == 0) {
        spoil(c, SM_FAULT_GARBAGE, "its answer is not the JSON it should be");
        return SM_FAULT_GARBAGE;
    }
    read_usage(c, sm_raw_find(text, "usage"));
    return SM_FAULT_NONE;
}

static sm_fault fault_of_stream(sm_model_call *c)
{
    if (c->complete)
        return SM_FAULT_NONE;
    spoil(c, SM_FAULT_CUT, "its stream ended before its end");
    return SM_FAULT_CUT;
}

static sm_fault fault_of_status(sm_model_call *c)
{
    int s = c->status;
    sm_fault fault = SM_FAULT_NONE;
    if (s == 401 || s == 403)
        fault = SM_FAULT_KEY;
    else if (s == 404)
        fault = SM_FAULT_KEY; /* of the model's name or the address: as wrong as a key */
    else if (s == 429 || (s == 503 && c->retry_after_s > 0))
        fault = SM_FAULT_BUSY;
    else if (s < 400)
        fault = SM_FAULT_GARBAGE;
    else if (s >= 500 || s == 408 || s == 425)
        fault = SM_FAULT_STATUS;
    if (fault)
        snprintf(c->fault_note, sizeof(c->fault_note), "it answered %d", s);
    return fault;
}

sm_fault sm_reply_fault(sm_model_call *c, sm_fault of_exchange)
{
    if (c->fault)
        return c->fault;
    if (c->complete)
        return SM_FAULT_NONE;
    if (of_exchange) {
        snprintf(c->fault_note, sizeof(c->fault_note), "%s", sm_fault_text(of_exchange));
        return of_exchange;
    }
    if (c->status != 200)
        return fault_of_status(c);
    return c->streams ? fault_of_stream(c) : fault_of_whole(c);
}
