#include "engine/reply.h"

#include <stdlib.h>
#include <string.h>

#include <sys/random.h>

/* ---------------------------------------------------------------- refusals */

static const struct refusal {
    int status;
    const char *type, *code;
} refusals[] = {
    [SM_REFUSED_INVALID] = { 400, "invalid_request_error", NULL },
    [SM_REFUSED_CONTEXT] = { 400, "invalid_request_error", "context_length_exceeded" },
    [SM_REFUSED_UNSUPPORTED] = { 400, "invalid_request_error", "unsupported" },
    [SM_REFUSED_MODEL] = { 404, "invalid_request_error", "model_not_found" },
    [SM_REFUSED_QUEUE] = { 429, "rate_limit_error", "queue_full" },
    [SM_REFUSED_LOADING] = { 503, "server_error", "model_loading" },
    [SM_REFUSED_FAILED] = { 500, "server_error", "engine_failed" },
    [SM_REFUSED_ROUTE] = { 404, "invalid_request_error", "unknown_url" },
};

json_t *sm_refusal_json(sm_refusal_code code, const char *param, sm_str message)
{
    const struct refusal *r = &refusals[code];
    return json_pack("{s:{s:o,s:s,s:s?,s:s?}}", "error", "message", sm_json_of(message), "type",
                     r->type, "code", r->code, "param", param);
}

int sm_refusal_status(sm_refusal_code code)
{
    return refusals[code].status;
}

/* ------------------------------------------------------------------- UTF-8 */

/* The length of the character that begins at p, 0 when it is none: then *bad bytes are no part of
 * any, and *cut says that they might have become one. */
static size_t character(const char *p, size_t n, size_t *bad, bool *cut)
{
    const uint8_t *b = (const uint8_t *)p;
    size_t want = b[0] < 0x80   ? 1
                  : b[0] < 0xc2 ? 0
                  : b[0] < 0xe0 ? 2
                  : b[0] < 0xf0 ? 3
                  : b[0] < 0xf5 ? 4
                                : 0;
    size_t i = 1;
    for (; i < want && i < n; i++) {
        uint8_t lo = 0x80, hi = 0xbf;
        if (i == 1) {
            lo = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : lo;
            hi = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : hi;
        }
        if (b[i] < lo || b[i] > hi)
            break;
    }
    *bad = i;
    *cut = i < want && i == n;
    return i == want ? want : 0;
}

static void quote_one(sm_buf *b, char c)
{
    if (c == '\n')
        sm_buf_add(b, SM_STR("\\n"));
    else if (c == '"' || c == '\\')
        sm_buf_addf(b, "\\%c", c);
    else
        sm_buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
}

void sm_reply_quote(sm_buf *b, sm_str text)
{
    size_t bad, n;
    bool cut;
    sm_buf_addc(b, '"');
    for (size_t i = 0, from = 0; i <= text.n; i += n) {
        bool end = i == text.n;
        n = end ? 1 : character(text.p + i, text.n - i, &bad, &cut);
        char c = end ? '\0' : text.p[i];
        if (n > 1 || (n == 1 && c >= ' ' && c != '"' && c != '\\'))
            continue;
        sm_buf_add(b, sm_str_sub(text, from, i)); /* what stood well before */
        if (n == 0) {
            n = bad;
            sm_buf_add(b, SM_STR("\xef\xbf\xbd"));
        } else if (!end) {
            quote_one(b, c);
        }
        from = i + n;
    }
    sm_buf_addc(b, '"');
}

/* How much of the end is a character that is not complete yet. */
static size_t cut_length(sm_str text)
{
    for (size_t back = 1; back <= 3 && back <= text.n; back++) {
        bool cut;
        size_t bad;
        uint8_t c = (uint8_t)text.p[text.n - back];
        if ((c & 0xc0) == 0x80)
            continue;
        character(text.p + text.n - back, back, &bad, &cut);
        return cut ? back : 0;
    }
    return 0;
}

/* ------------------------------------------------------------------ chunks */

static void begin_chunk(sm_reply *p)
{
    p->chunk.n = 0;
    sm_buf_add(&p->chunk, sm_buf_str(&p->head));
}

static void send_chunk(sm_reply *p)
{
    if (!sm_stream_send(p->s, NULL, 0, sm_buf_str(&p->chunk)))
        atomic_store(&p->job->gone, true);
}

/* A chunk with the text, or, for a chat, with "field":value in its delta. */
static void send_delta(sm_reply *p, const char *field, sm_str value)
{
    sm_buf *b = &p->chunk;
    begin_chunk(p);
    if (p->chat)
        sm_buf_addf(b, "\"delta\":{%s\"%s\":%.*s}", p->begun ? "" : "\"role\":\"assistant\",",
                    field, SM_ARG(value));
    else
        sm_buf_addf(b, "\"text\":%.*s", SM_ARG(value));
    sm_chances_add(p, b);
    sm_buf_add(b, SM_STR(",\"finish_reason\":null}]}"));
    p->begun = true;
    send_chunk(p);
}

static void send_text(sm_reply *p, const char *field, sm_str text)
{
    sm_buf b;
    sm_buf_init(&b, SM_REPLY_BYTES);
    sm_reply_quote(&b, text);
    send_delta(p, field, sm_buf_str(&b));
    sm_buf_done(&b);
}

/* What has come together since the last chunk. */
static void send_parts(sm_reply *p)
{
    if (p->reasoning.n)
        send_text(p, "reasoning_content", sm_buf_str(&p->reasoning));
    if (p->content.n)
        send_text(p, "content", sm_buf_str(&p->content));
    p->reasoning.n = p->content.n = 0;
}

/* ------------------------------------------------------------------- parts */

static void take_text(void *reply, sm_str text)
{
    sm_buf_add(&((sm_reply *)reply)->content, text);
}

static void add_call(sm_buf *b, const sm_tool_call *call)
{
    sm_buf_addf(b, "{\"index\":%zu,\"id\":", call->index);
    sm_reply_quote(b, call->id);
    sm_buf_add(b, SM_STR(",\"type\":\"function\",\"function\":{\"name\":"));
    sm_reply_quote(b, call->name);
    sm_buf_add(b, SM_STR(",\"arguments\":"));
    sm_reply_quote(b, call->arguments);
    sm_buf_add(b, SM_STR("}}"));
}

static void take_call(void *reply, const sm_tool_call *call)
{
    sm_reply *p = reply;
    sm_buf *b = &p->made_calls;
    if (!p->streams) {
        if (b->n)
            sm_buf_addc(b, ',');
        add_call(b, call);
        return;
    }
    send_parts(p); /* what stood before it */
    b->n = 0;
    sm_buf_addc(b, '[');
    add_call(b, call);
    sm_buf_addc(b, ']');
    send_delta(p, "tool_calls", sm_buf_str(b));
}

static sm_calls_sink calls_sink(sm_reply *p)
{
    return (sm_calls_sink){ take_text, take_call, p };
}

static void take_part(void *reply, bool reasoning, sm_str text)
{
    sm_reply *p = reply;
    sm_calls_sink sink = calls_sink(p);
    if (reasoning && !p->drops_reasoning)
        sm_buf_add(&p->reasoning, text);
    else if (!reasoning && p->tool_form != SM_TOOL_FORM_NONE)
        sm_calls_feed(&p->calls, text, &sink);
    else if (!reasoning)
        sm_buf_add(&p->content, text);
}

static void give_until(sm_reply *p, size_t end)
{
    sm_str text = sm_str_sub(sm_buf_str(&p->text), p->n_given, end);
    p->n_given = end;
    if (text.n == 0)
        return;
    if (p->chat)
        sm_think_feed(&p->think, text, take_part, p);
    else
        take_text(p, text);
    if (p->streams)
        send_parts(p);
}

/* Where the first stop begins, SIZE_MAX when there is none. */
static size_t find_stop(const sm_reply *p, size_t from)
{
    size_t best = SIZE_MAX;
    sm_str text = sm_buf_str(&p->text);
    from = from > p->longest_stop ? from - p->longest_stop : 0;
    for (size_t i = 0; i < p->n_stops; i++)
        best = SM_MIN(best, sm_str_find(text, p->stop[i], SM_MAX(from, p->n_given)));
    return best;
}

/* How much of the end may be the beginning of a stop. */
static size_t stop_begun(const sm_reply *p)
{
    sm_str text = sm_str_sub(sm_buf_str(&p->text), p->n_given, p->text.n);
    for (size_t n = SM_MIN(text.n, p->longest_stop); n > 0; n--)
        for (size_t i = 0; i < p->n_stops; i++)
            if (sm_str_starts(p->stop[i], sm_str_sub(text, text.n - n, text.n)))
                return n;
    return 0;
}

/* Some vocabularies call the marks of reasoning and of calls control tokens, which are no text;
 * here they are. */
static sm_str piece_of(const sm_reply *p, int32_t token)
{
    static const char *const mark[] = { "<think>", "</think>", "<tool_call>", "</tool_call>",
                                        "<｜tool▁" };
    sm_str piece = sm_lm_piece(p->m, token), name = sm_lm_name(p->m, token);
    for (size_t i = 0; p->chat && piece.n == 0 && i < SM_LEN(mark); i++)
        if (sm_str_starts(name, sm_str_of(mark[i])))
            return name;
    return piece;
}

/* Of the text up to `end`, what may be given out. */
static size_t fit_to_give(const sm_reply *p, size_t end)
{
    sm_str text = sm_str_sub(sm_buf_str(&p->text), 0, end);
    return p->ground ? SM_MAX(p->n_given, sm_grounded_settled(p->ground, text)) : end;
}

bool sm_reply_take(sm_job *j, const sm_pick *pick)
{
    sm_reply *p = j->ctx;
    size_t before = p->text.n;
    sm_chances_keep(p, pick);
    sm_buf_add(&p->text, piece_of(p, pick->token));
    p->n_reasoning_tokens += p->chat && p->think.reasoning;
    size_t stop = p->n_stops ? find_stop(p, before) : SIZE_MAX;
    if (stop != SIZE_MAX) {
        p->text.n = fit_to_give(p, stop);
        give_until(p, p->text.n);
        return false;
    }
    size_t held = SM_MAX(cut_length(sm_buf_str(&p->text)), p->n_stops ? stop_begun(p) : 0);
    if (p->text.n > p->n_given + held)
        give_until(p, fit_to_give(p, p->text.n - held));
    return !p->text.failed;
}

/* --------------------------------------------------------------------- end */

static void add_usage(const sm_reply *p, sm_buf *b)
{
    const sm_job *j = p->job;
    sm_buf_addf(b,
                "\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":%zu,\"total_tokens\":%zu,"
                "\"prompt_tokens_details\":{\"cached_tokens\":%zu},"
                "\"completion_tokens_details\":{\"reasoning_tokens\":%zu,"
                "\"accepted_prediction_tokens\":%zu,\"rejected_prediction_tokens\":%zu}}",
                j->prompt.n, j->n_written, j->prompt.n + j->n_written, j->n_cached,
                p->n_reasoning_tokens, j->n_accepted, j->n_drafted - j->n_accepted);
}

static const char *reason(const sm_reply *p, sm_finish why)
{
    if (why == SM_FINISH_LENGTH)
        return "length";
    return p->calls.n_calls ? "tool_calls" : "stop";
}

static void begin_answer(sm_reply *p)
{
    p->chunk.n = 0;
    sm_buf_addf(&p->chunk, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,\"model\":", p->id,
                p->chat ? "chat.completion" : "text_completion", (long long)p->created_s);
    sm_reply_quote(&p->chunk, p->model);
    sm_buf_add(&p->chunk, SM_STR(",\"choices\":[{\"index\":0,"));
}

static void add_message(const sm_reply *p, sm_buf *b)
{
    sm_buf_add(b, SM_STR("\"message\":{\"role\":\"assistant\",\"content\":"));
    if (p->made_calls.n && p->content.n == 0)
        sm_buf_add(b, SM_STR("null"));
    else
        sm_reply_quote(b, sm_buf_str(&p->content));
    if (p->reasoning.n) {
        sm_buf_add(b, SM_STR(",\"reasoning_content\":"));
        sm_reply_quote(b, sm_buf_str(&p->reasoning));
    }
    if (p->made_calls.n)
        sm_buf_addf(b, ",\"tool_calls\":[%.*s]", SM_ARG(sm_buf_str(&p->made_calls)));
    sm_buf_addc(b, '}');
}

static void write_answer(sm_reply *p, sm_finish why)
{
    sm_buf *b = &p->chunk;
    begin_answer(p);
    if (p->chat) {
        add_message(p, b);
    } else {
        sm_buf_add(b, SM_STR("\"text\":"));
        sm_reply_quote(b, sm_buf_str(&p->content));
    }
    sm_chances_add(p, b);
    sm_buf_addf(b, ",\"finish_reason\":\"%s\"}],", reason(p, why));
    add_usage(p, b);
    sm_buf_addc(b, '}');
    p->status = 200;
}

/* A failed job's message, in the words of the API. */
static json_t *failure_of(const sm_job *j, int *status)
{
    sm_refusal_code code = j->op.rc == SM_E_UNAVAILABLE ? SM_REFUSED_LOADING
                           : j->op.rc == SM_E_INVALID   ? SM_REFUSED_INVALID
                                                        : SM_REFUSED_FAILED;
    *status = sm_refusal_status(code);
    return sm_refusal_json(code, NULL, j->op.msg);
}

static void write_failure(sm_reply *p)
{
    json_t *v = failure_of(p->job, &p->status);
    p->chunk.n = 0;
    sm_buf_add(&p->chunk, sm_json_dump(p->job->op.arena, v));
    json_decref(v);
}

static void send_end(sm_reply *p, sm_finish why)
{
    sm_buf *b = &p->chunk;
    if (p->chat && !p->begun)
        send_text(p, "content", SM_STR(""));
    begin_chunk(p);
    sm_buf_add(b, p->chat ? SM_STR("\"delta\":{}") : SM_STR("\"text\":\"\""));
    if (p->chances.n)
        sm_chances_add(p, b);
    sm_buf_addf(b, ",\"finish_reason\":\"%s\"}]}", reason(p, why));
    send_chunk(p);
    if (p->tells_usage) { /* the head but for its choice */
        begin_chunk(p);
        b->n -= sizeof("{\"index\":0,") - 1;
        sm_buf_add(b, SM_STR("],"));
        add_usage(p, b);
        sm_buf_addc(b, '}');
        send_chunk(p);
    }
    sm_stream_send(p->s, NULL, 0, SM_STR("[DONE]"));
}

static void give_rest(sm_reply *p)
{
    sm_calls_sink sink = calls_sink(p);
    give_until(p, fit_to_give(p, p->text.n));
    if (p->chat)
        sm_think_end(&p->think, take_part, p);
    if (p->tool_form != SM_TOOL_FORM_NONE)
        sm_calls_end(&p->calls, &sink);
    if (p->streams)
        send_parts(p);
}

static void end_stream(sm_reply *p, sm_finish why)
{
    if (why == SM_FINISH_FAILED) {
        write_failure(p);
        sm_stream_send(p->s, NULL, 0, sm_buf_str(&p->chunk));
    } else if (why != SM_FINISH_GONE) {
        send_end(p, why);
    }
    sm_stream_close(p->s);
    sm_reply_close(p);
}

void sm_reply_end(sm_job *j, sm_finish why)
{
    sm_reply *p = j->ctx;
    if (why != SM_FINISH_GONE && why != SM_FINISH_FAILED)
        give_rest(p);
    if (p->text.failed || p->content.failed) {
        sm_fail(&j->op, SM_E_LIMIT, "输出太长");
        why = SM_FINISH_FAILED;
    }
    if (p->streams) {
        end_stream(p, why);
        return;
    }
    if (why == SM_FINISH_FAILED)
        write_failure(p);
    else
        write_answer(p, why);
    sm_request_go_on(p->r);
}

enum { N_BUFFERS = 7 + SM_N_LEGACY };

static void list_buffers(sm_reply *p, sm_buf *all[static N_BUFFERS])
{
    sm_buf *list[] = { &p->head,       &p->text,    &p->content, &p->reasoning,
                       &p->made_calls, &p->chances, &p->chunk };
    memcpy(all, list, sizeof(list));
    for (size_t i = 0; i < SM_N_LEGACY; i++)
        all[SM_LEN(list) + i] = &p->legacy[i];
}

void sm_reply_close(sm_reply *p)
{
    sm_buf *all[N_BUFFERS];
    list_buffers(p, all);
    for (size_t i = 0; i < N_BUFFERS; i++)
        sm_buf_done(all[i]);
    if (p->tool_form != SM_TOOL_FORM_NONE)
        sm_calls_done(&p->calls);
    sm_job_close(p->job);
}

/* ------------------------------------------------------------------- begin */

static void make_id(sm_reply *p, const char *prefix)
{
    uint64_t a[2] = { 0 };
    if (getrandom(a, sizeof(a), 0) != sizeof(a))
        abort();
    snprintf(p->id, sizeof(p->id), "%s%016llx%08llx", prefix, (unsigned long long)a[0],
             (unsigned long long)(a[1] >> 32));
}

void sm_reply_begin(sm_reply *p)
{
    sm_buf *all[N_BUFFERS];
    list_buffers(p, all);
    for (size_t i = 0; i < N_BUFFERS; i++)
        sm_buf_init(all[i], SM_REPLY_BYTES);
    make_id(p, p->chat ? "chatcmpl-" : "cmpl-");
    if (p->tool_form != SM_TOOL_FORM_NONE)
        sm_calls_init(&p->calls, p->tool_form, sm_str_of(p->id));
    p->created_s = sm_wall_ms() / 1000;
    for (size_t i = 0; i < p->n_stops; i++)
        p->longest_stop = SM_MAX(p->longest_stop, p->stop[i].n);
    sm_buf_addf(&p->head, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,\"model\":", p->id,
                p->chat ? "chat.completion.chunk" : "text_completion", (long long)p->created_s);
    sm_reply_quote(&p->head, p->model);
    sm_buf_add(&p->head, SM_STR(",\"choices\":[{\"index\":0,"));
}
