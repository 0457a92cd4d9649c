/*
 * The calls' traces, and the last ones of them for the status.
 */
#include "gateway/inner.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

void sm_note(sm_model_call *c, sm_str backend, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (c->notes.max == 0)
        sm_buf_init(&c->notes, SM_NOTES_BYTES);
    sm_buf_addf(&c->notes, "%s{\"us\":%lld,\"backend\":", c->notes.n ? "," : "",
                (long long)(sm_now_us() - c->asked_us));
    sm_raw_add_string(&c->notes, backend);
    sm_buf_add(&c->notes, SM_STR(",\"note\":"));
    sm_raw_add_string(&c->notes, sm_str_of(text));
    sm_buf_addc(&c->notes, '}');
}

typedef struct past_call {
    char trace[SM_CALL_TRACE_CHARS + 1], model[64], backend[64], code[40];
    int64_t wall_ms, department, key, queued_us, first_us, total_us, prompt_tokens,
        generated_tokens;
    int status;
    unsigned attempts;
    sm_class class;
    char *notes; /* NULL: none */
} past_call;

struct sm_past {
    past_call call[SM_LAST_CALLS];
    size_t n; /* ever */
};

sm_past *sm_past_open(void)
{
    sm_past *p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    return p;
}

void sm_past_close(sm_past *p)
{
    for (size_t i = 0; p && i < SM_LAST_CALLS; i++)
        free(p->call[i].notes);
    free(p);
}

void sm_past_add(sm_past *p, const sm_model_call *c, const sm_call_end *e)
{
    past_call *to = &p->call[p->n++ % SM_LAST_CALLS];
    free(to->notes);
    *to = (past_call){ .wall_ms = sm_wall_ms(),
                       .department = c->ask.department,
                       .key = c->ask.key,
                       .class = c->ask.class,
                       .queued_us = e->queued_us,
                       .first_us = e->first_us,
                       .total_us = e->total_us,
                       .prompt_tokens = e->prompt_tokens,
                       .generated_tokens = e->generated_tokens,
                       .status = e->status,
                       .attempts = c->attempt };
    memcpy(to->trace, c->trace, sizeof(to->trace));
    snprintf(to->model, sizeof(to->model), "%.*s",
             SM_ARG(sm_utf8_fit(sm_str_of(c->model), sizeof(to->model) - 1)));
    snprintf(to->backend, sizeof(to->backend), "%.*s",
             SM_ARG(sm_utf8_fit(e->backend, sizeof(to->backend) - 1)));
    snprintf(to->code, sizeof(to->code), "%s", e->error.status ? e->error.code : "");
    if (c->notes.n && !c->notes.failed)
        to->notes = strndup(c->notes.p, c->notes.n);
}

/* Times as they are read: milliseconds. */
static json_t *ms(int64_t us)
{
    return us < 0 ? json_null() : json_real((double)us / 1000.0);
}

static json_t *past_json(const past_call *c)
{
    json_t *steps = NULL;
    if (c->notes) {
        sm_buf b;
        sm_buf_init(&b, SM_NOTES_BYTES + 2);
        sm_buf_addf(&b, "[%s]", c->notes);
        steps = json_loadb(b.p, b.n, 0, NULL);
        sm_buf_done(&b);
    }
    return json_pack("{s:s,s:I,s:s,s:s,s:i,s:s,s:I,s:I,s:s,s:i,s:o,s:o,s:o,s:I,s:I,s:o}", "trace",
                     c->trace, "time", (json_int_t)c->wall_ms, "model", c->model, "backend",
                     c->backend, "status", c->status, "code", c->code, "department",
                     (json_int_t)c->department, "key", (json_int_t)c->key, "class",
                     sm_class_id(c->class), "attempts", (int)c->attempts, "queued_ms",
                     ms(c->queued_us), "first_ms", ms(c->first_us), "total_ms", ms(c->total_us),
                     "prompt_tokens", (json_int_t)c->prompt_tokens, "generated_tokens",
                     (json_int_t)c->generated_tokens, "steps", steps ? steps : json_array());
}

json_t *sm_past_json(const sm_past *p)
{
    json_t *list = json_array();
    for (size_t i = 0; i < SM_MIN(p->n, SM_LAST_CALLS); i++)
        json_array_append_new(list, past_json(&p->call[(p->n - 1 - i) % SM_LAST_CALLS]));
    return list;
}
