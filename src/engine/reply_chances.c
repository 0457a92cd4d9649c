/*
 * Log-probabilities, as a chat's answer has them, and for a completion in the older form as well:
 * four lists side by side.
 */
#include "engine/reply.h"

enum { TOKENS, LOGPROBS, TOPS, OFFSETS };

static const char *const legacy_name[SM_N_LEGACY] = {
    [TOKENS] = "tokens",
    [LOGPROBS] = "token_logprobs",
    [TOPS] = "top_logprobs",
    [OFFSETS] = "text_offset",
};

static void add_bytes(sm_buf *b, sm_str s)
{
    sm_buf_addc(b, '[');
    for (size_t i = 0; i < s.n; i++)
        sm_buf_addf(b, i ? ",%u" : "%u", (unsigned)(uint8_t)s.p[i]);
    sm_buf_addc(b, ']');
}

static double number(float logprob) /* JSON has no -inf */
{
    return (double)SM_MAX(logprob, -9999.0F);
}

static void add_chance(sm_buf *b, const sm_lm *m, int32_t token, float logprob)
{
    sm_str name = sm_lm_name(m, token);
    sm_buf_add(b, SM_STR("{\"token\":"));
    sm_reply_quote(b, name);
    sm_buf_addf(b, ",\"logprob\":%.6g,\"bytes\":", number(logprob));
    add_bytes(b, name);
}

/* In characters of all that was written. */
static size_t offset_of(sm_reply *p)
{
    for (; p->n_counted < p->text.n; p->n_counted++)
        p->n_characters += ((uint8_t)p->text.p[p->n_counted] & 0xc0) != 0x80;
    return p->n_characters;
}

static void keep_legacy(sm_reply *p, const sm_pick *pick)
{
    for (size_t i = 0; i < SM_N_LEGACY; i++)
        if (p->legacy[i].n)
            sm_buf_addc(&p->legacy[i], ',');
    sm_reply_quote(&p->legacy[TOKENS], sm_lm_name(p->m, pick->token));
    sm_buf_addf(&p->legacy[LOGPROBS], "%.6g", number(pick->logprob));
    sm_buf_addf(&p->legacy[OFFSETS], "%zu", offset_of(p));
    sm_buf_addc(&p->legacy[TOPS], '{');
    for (size_t i = 0; i < pick->n_top; i++) {
        if (i)
            sm_buf_addc(&p->legacy[TOPS], ',');
        sm_reply_quote(&p->legacy[TOPS], sm_lm_name(p->m, pick->top[i].token));
        sm_buf_addf(&p->legacy[TOPS], ":%.6g", number(pick->top[i].logprob));
    }
    sm_buf_addc(&p->legacy[TOPS], '}');
}

void sm_chances_keep(sm_reply *p, const sm_pick *pick)
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
    if (!p->chat)
        keep_legacy(p, pick);
}

void sm_chances_add(sm_reply *p, sm_buf *b)
{
    if (p->job->sampling.n_top < 0)
        return;
    sm_buf_addf(b, ",\"logprobs\":{\"content\":[%.*s]", SM_ARG(sm_buf_str(&p->chances)));
    p->chances.n = 0;
    for (size_t i = 0; !p->chat && i < SM_N_LEGACY; i++) {
        sm_buf_addf(b, ",\"%s\":[%.*s]", legacy_name[i], SM_ARG(sm_buf_str(&p->legacy[i])));
        p->legacy[i].n = 0;
    }
    sm_buf_addc(b, '}');
}
