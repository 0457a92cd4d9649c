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

/* The length of the character that begins at p, 0 when it is none; *cut when it may become one. */
static size_t character(const char *p, size_t n, bool *cut)
{
    const uint8_t *b = (const uint8_t *)p;
    size_t want = b[0] < 0x80   ? 1
                  : b[0] < 0xc2 ? 0
                  : b[0] < 0xe0 ? 2
                  : b[0] < 0xf0 ? 3
                  : b[0] < 0xf5 ? 4
                                : 0;
    *cut = false;
    for (size_t i = 1; i < want && i < n; i++) {
        uint8_t lo = 0x80, hi = 0xbf;
        if (i == 1) {
            lo = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : lo;
            hi = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : hi;
        }
        if (b[i] < lo || b[i] > hi)
            return 0;
    }
    *cut = want > n;
    return want > n ? 0 : want;
}

void sm_reply_quote(sm_buf *b, sm_str text)
{
    sm_buf_addc(b, '"');
    for (size_t i = 0; i < text.n;) {
        bool cut;
        size_t from = i, n = character(text.p + i, text.n - i, &cut);
        for (; n && (n > 1 || (text.p[i] >= ' ' && text.p[i] != '"' && text.p[i] != '\\'));
             n = i < text.n ? character(text.p + i, text.n - i, &cut) : 0)
            i += n;
        sm_buf_add(b, sm_str_sub(text, from, i));
        if (i == text.n)
            break;
        char c = text.p[i++];
        if (n == 0)
            sm_buf_add(b, SM_STR("\xef\xbf\xbd"));
        else if (c == '\n')
            sm_buf_add(b, SM_STR("\\n"));
        else if (c == '"' || c == '\\')
            sm_buf_addf(b, "\\%c", c);
        else
            sm_buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
    }
    sm_buf_addc(b, '"');
}

/* How much of the end is a character that is not complete yet. */
static size_t cut_length(sm_str text)
{
    for (size_t back = 1; back <= 3 && back <= text.n; back++) {
        bool cut;
        uint8_t c = (uint8_t)text.p[text.n - back];
        if ((c & 0xc0) == 0x80)
            continue;
        character(text.p + text.n - back, back, &cut);
        return cut ? back : 0;
    }
    return 0;
}

/* ------------------------------------------------------------------ chances */

static void add_bytes(sm_buf *b, sm_str s)
{
    sm_buf_addc(b, '[');
    for (size_t i = 0; i < s.n; i++)
        sm_buf_addf(b, i ? ",%u" : "%u", (unsigned)(uint8_t)s.p[i]);
    sm_buf_addc(b, ']');
}

static void add_chance(sm_buf *b, const sm_lm *m, int32_t token, float logprob)
{
    sm_str name = sm_lm_name(m, token);
    sm_buf_add(b, SM_STR("{\"token\":"));
    sm_reply_quote(b, name);
    sm_buf_addf(b, ",\"logprob\":%.6g,\"bytes\":", (double)SM_MAX(logprob, -9999.0F));
    add_bytes(b, name);
}

static void keep_chances(sm_reply *p, const sm_pick *pick)
{
    sm_buf *b = &p->chances;
    if (p->job->sampling.n_top < 0)
        return;
    if (b->n)
        sm_buf_addc(b, ',');
    add_chance(b, p->m, pick->token, pick->logprob);
    sm_buf_add(b, SM_STR(",\"top_logprobs\":["));
    for (size_t i = 0; i < pick->n_top; i++) {
        if (i)
            sm_buf_addc(b, ',');
        add_chance(b, p->m, pick->top[i].token, pick->top[i].logprob);
        sm_buf_addc(b, '}');
    }
    sm_buf_add(b, SM_STR("]}"));
}

static void add_chances(sm_reply *p, sm_buf *b)
{
    if (p->job->sampling.n_top >= 0) {
        sm_buf_add(b, SM_STR(",\"logprobs\":{\"content\":["));
        sm_buf_add(b, sm_buf_str(&p->chances));
        sm_buf_add(b, SM_STR("]}"));
        p->chances.n = 0;
    }
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

/* delta is the field a chat's text goes into. */
static void send_text(sm_reply *p, const char *delta, sm_str text)
{
    sm_buf *b = &p->chunk;
    begin_chunk(p);
    if (p->chat)
        sm_buf_addf(b, "\"delta\":{%s\"%s\":", p->begun ? "" : "\"role\":\"assistant\",", delta);
    else
        sm_buf_add(b, SM_STR("\"text\":"));
    sm_reply_quote(b, text);
    if (p->chat)
        sm_buf_addc(b, '}');
    add_chances(p, b);
    sm_buf_add(b, SM_STR(",\"finish_reason\":null}]}"));
    p->begun = true;
    send_chunk(p);
}

static void give_part(void *reply, bool reasoning, sm_str text)
{
    sm_reply *p = reply;
    if (reasoning && p->drops_reasoning)
        return;
    sm_buf_add(reasoning ? &p->reasoning : &p->content, text);
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

static void give_until(sm_reply *p, size_t end)
{
    sm_str text = sm_str_sub(sm_buf_str(&p->text), p->n_given, end);
    p->n_given = end;
    if (text.n == 0)
        return;
    if (p->thinks)
        sm_think_feed(&p->think, text, give_part, p);
    else
        give_part(p, false, text);
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

bool sm_reply_take(sm_job *j, const sm_pick *pick)
{
    sm_reply *p = j->ctx;
    size_t before = p->text.n;
    keep_chances(p, pick);
    sm_buf_add(&p->text, sm_lm_piece(p->m, pick->token));
    p->n_reasoning_tokens += p->thinks && p->think.reasoning;
    size_t stop = p->n_stops ? find_stop(p, before) : SIZE_MAX;
    if (stop != SIZE_MAX) {
        p->text.n = stop;
        give_until(p, stop);
        return false;
    }
    size_t held = SM_MAX(cut_length(sm_buf_str(&p->text)), p->n_stops ? stop_begun(p) : 0);
    if (p->text.n > p->n_given + held)
        give_until(p, p->text.n - held);
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

static const char *reason(sm_finish why)
{
    return why == SM_FINISH_LENGTH ? "length" : "stop";
}

static void begin_answer(sm_reply *p)
{
    p->chunk.n = 0;
    sm_buf_addf(&p->chunk, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,\"model\":", p->id,
                p->chat ? "chat.completion" : "text_completion", (long long)p->created_s);
    sm_reply_quote(&p->chunk, p->model);
    sm_buf_add(&p->chunk, SM_STR(",\"choices\":[{\"index\":0,"));
}

static void write_answer(sm_reply *p, sm_finish why)
{
    sm_buf *b = &p->chunk;
    begin_answer(p);
    if (p->chat) {
        sm_buf_add(b, SM_STR("\"message\":{\"role\":\"assistant\",\"content\":"));
        sm_reply_quote(b, sm_buf_str(&p->content));
        if (p->reasoning.n) {
            sm_buf_add(b, SM_STR(",\"reasoning_content\":"));
            sm_reply_quote(b, sm_buf_str(&p->reasoning));
        }
        sm_buf_addc(b, '}');
    } else {
        sm_buf_add(b, SM_STR("\"text\":"));
        sm_reply_quote(b, sm_buf_str(&p->content));
    }
    add_chances(p, b);
    sm_buf_addf(b, ",\"finish_reason\":\"%s\"}],", reason(why));
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
        add_chances(p, b);
    sm_buf_addf(b, ",\"finish_reason\":\"%s\"}]}", reason(why));
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
    give_until(p, p->text.n);
    if (p->thinks)
        sm_think_end(&p->think, give_part, p);
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

void sm_reply_close(sm_reply *p)
{
    sm_buf *all[] = { &p->head, &p->text, &p->content, &p->reasoning, &p->chances, &p->chunk };
    for (size_t i = 0; i < SM_LEN(all); i++)
        sm_buf_done(all[i]);
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

void sm_reply_begin(sm_reply *p, const char *prefix)
{
    sm_buf *all[] = { &p->head, &p->text, &p->content, &p->reasoning, &p->chances, &p->chunk };
    for (size_t i = 0; i < SM_LEN(all); i++)
        sm_buf_init(all[i], SM_REPLY_BYTES);
    make_id(p, prefix);
    p->created_s = sm_wall_ms() / 1000;
    for (size_t i = 0; i < p->n_stops; i++)
        p->longest_stop = SM_MAX(p->longest_stop, p->stop[i].n);
    sm_buf_addf(&p->head, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,\"model\":", p->id,
                p->chat ? "chat.completion.chunk" : "text_completion", (long long)p->created_s);
    sm_reply_quote(&p->head, p->model);
    sm_buf_add(&p->head, SM_STR(",\"choices\":[{\"index\":0,"));
}
