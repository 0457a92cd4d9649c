#include "engine/think.h"

#include <string.h>

static const sm_str open_tag = { "<think>", 7 }, close_tag = { "</think>", 8 };

void sm_think_init(sm_think *t, bool opened)
{
    *t = (sm_think){ .reasoning = opened, .at_start = true };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Whether held, with c behind it, is still blanks and the beginning of a tag.  No tag holds a blank
 * or a second '<', so what does not fit can only begin anew at c. */
static bool fits(const sm_think *t, char c)
{
    size_t n = t->n_tag;
    const char *tag = t->held + t->n_held - n;
    if (t->n_held == SM_THINK_HELD_BYTES)
        return false;
    if (n == 0)
        return c == '<' || is_blank(c);
    return (n < open_tag.n && c == open_tag.p[n] && memcmp(tag, open_tag.p, n) == 0) ||
           (n < close_tag.n && c == close_tag.p[n] && memcmp(tag, close_tag.p, n) == 0);
}

static void hold(sm_think *t, char c)
{
    t->held[t->n_held++] = c;
    if (t->n_tag || c == '<')
        t->n_tag++;
    if (c != '>')
        return;
    t->reasoning = t->n_tag == open_tag.n;
    t->at_start = true;
    t->n_held = t->n_tag = 0;
}

static void give(sm_think *t, sm_str text, sm_think_sink *sink, void *ctx)
{
    while (t->at_start && text.n && is_blank(text.p[0]))
        text = sm_str_sub(text, 1, text.n);
    if (!text.n)
        return;
    t->at_start = false;
    sink(ctx, t->reasoning, text);
}

static void give_held(sm_think *t, sm_think_sink *sink, void *ctx)
{
    give(t, (sm_str){ t->held, t->n_held }, sink, ctx);
    t->n_held = t->n_tag = 0;
}

void sm_think_feed(sm_think *t, sm_str chunk, sm_think_sink *sink, void *ctx)
{
    size_t from = 0; /* of the plain text not given out yet */
    for (size_t i = 0; i < chunk.n; i++) {
        char c = chunk.p[i];
        bool plain = c != '<' && !is_blank(c);
        if (t->n_held == 0 && plain)
            continue;
        if (t->n_held == 0)
            give(t, sm_str_sub(chunk, from, i), sink, ctx);
        else if (!fits(t, c))
            give_held(t, sink, ctx);
        from = i + 1;
        if (t->n_held == 0 && plain)
            from = i;
        else
            hold(t, c);
    }
    if (t->n_held == 0)
        give(t, sm_str_sub(chunk, from, chunk.n), sink, ctx);
}

void sm_think_end(sm_think *t, sm_think_sink *sink, void *ctx)
{
    if (!t->reasoning || t->n_tag)
        give_held(t, sink, ctx);
}
