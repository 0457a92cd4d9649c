#include "fuzz_target.h"

#include "gateway/sse.h"

typedef struct seen {
    sm_buf text, data; /* of all events; data of each with a zero after it */
    size_t n;
} seen;

static bool note(void *ctx, const sm_sse_event *e)
{
    seen *s = ctx;
    fuzz_must(e->text.n > 0);
    fuzz_must(!e->many || e->data.n == 0);
    fuzz_must(!e->comment || !e->has_data);
    sm_buf_add(&s->text, e->text);
    sm_buf_add(&s->data, e->data);
    sm_buf_addc(&s->data, 0);
    s->n++;
    return true;
}

/* In pieces of so many bytes. */
static void cut(sm_str all, size_t piece, seen *out)
{
    sm_sse s;
    *out = (seen){ 0 };
    sm_buf_init(&out->text, all.n + 1);
    sm_buf_init(&out->data, 2 * all.n + 16);
    sm_sse_init(&s);
    for (size_t at = 0; at < all.n; at += piece)
        fuzz_must(sm_sse_push(&s, sm_str_sub(all, at, at + piece), note, out));
    sm_sse_done(&s);
}

static void done(seen *s)
{
    sm_buf_done(&s->text);
    sm_buf_done(&s->data);
}

/* However the bytes come, the events are the same ones, and all of it but the last, unfinished one.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64 };
    sm_str all = { (const char *)data, size };
    seen whole, parts;
    if (size > 100000)
        return 0;
    cut(all, size + 1, &whole);
    fuzz_must(sm_str_starts(all, sm_buf_str(&whole.text)));
    for (size_t i = 0; i < SM_LEN(pieces); i++) {
        cut(all, pieces[i], &parts);
        fuzz_must(sm_str_eq(sm_buf_str(&whole.data), sm_buf_str(&parts.data)));
        done(&parts);
    }
    done(&whole);
    return 0;
}
