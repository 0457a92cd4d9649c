/* What a model writes, cut anywhere: reasoning and answer, calls and text.  Cut elsewhere, the same
 * comes out; and nothing comes out that was not written. */
#include "fuzz_target.h"

#include "engine/think.h"
#include "engine/tools.h"

struct seen {
    sm_buf reasoning, text, calls;
    sm_calls parser;
};

static void take_text(void *ctx, sm_str text)
{
    fuzz_must(text.n > 0);
    sm_buf_add(&((struct seen *)ctx)->text, text);
}

static void take_call(void *ctx, const sm_tool_call *call)
{
    fuzz_must(call->name.n > 0 && call->arguments.p[0] == '{');
    sm_buf_addf(&((struct seen *)ctx)->calls, "%zu %.*s %.*s;", call->index, SM_ARG(call->name),
                SM_ARG(call->arguments));
}

static void take_part(void *ctx, bool reasoning, sm_str text)
{
    struct seen *s = ctx;
    fuzz_must(text.n > 0);
    if (reasoning)
        sm_buf_add(&s->reasoning, text);
    else
        sm_calls_feed(&s->parser, text, &(sm_calls_sink){ take_text, take_call, s });
}

static void run(sm_tool_form form, bool opened, sm_str all, size_t step, struct seen *s)
{
    sm_think t;
    sm_buf_init(&s->reasoning, 1 << 22);
    sm_buf_init(&s->text, 1 << 22);
    sm_buf_init(&s->calls, 1 << 22);
    sm_calls_init(&s->parser, form, SM_STR("id"));
    sm_think_init(&t, opened);
    for (size_t i = 0; i < all.n; i += step)
        sm_think_feed(&t, sm_str_sub(all, i, i + step), take_part, s);
    sm_think_end(&t, take_part, s);
    sm_calls_end(&s->parser, &(sm_calls_sink){ take_text, take_call, s });
    sm_calls_done(&s->parser);
}

static void done(struct seen *s)
{
    sm_buf_done(&s->reasoning);
    sm_buf_done(&s->text);
    sm_buf_done(&s->calls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, parts;
    if (size < 2)
        return 0;
    sm_tool_form form = (sm_tool_form)(data[0] & 3);
    bool opened = data[0] & 4;
    sm_str all = { (const char *)data + 2, size - 2 };
    run(form, opened, all, all.n + 1, &whole);
    run(form, opened, all, 1 + data[1] % 16, &parts);
    fuzz_must(sm_str_eq(sm_buf_str(&whole.reasoning), sm_buf_str(&parts.reasoning)));
    fuzz_must(sm_str_eq(sm_buf_str(&whole.text), sm_buf_str(&parts.text)));
    fuzz_must(sm_str_eq(sm_buf_str(&whole.calls), sm_buf_str(&parts.calls)));
    fuzz_must(whole.reasoning.n + whole.text.n <= all.n);
    done(&whole);
    done(&parts);
    return 0;
}
