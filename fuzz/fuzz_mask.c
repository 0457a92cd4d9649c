/* The evidence's text up to a NUL, then what a writer sends: a byte that says how many come at
 * once, and those. */
#include "fuzz_target.h"

#include "../tests/ground/said.h"
#include "ground/mask_inner.h"

static void check_facts(const sm_mask *m, sm_str text)
{
    sm_arena *a = sm_arena_open();
    sm_fact *fact;
    fuzz_must(sm_utf8_valid(text, NULL));
    size_t n = sm_text_facts_all(a, without_marks(a, text), NULL, &fact);
    for (size_t i = 0; i < n; i++)
        fuzz_must(sm_keys_has(&m->keys, fact[i].key));
    sm_arena_close(a);
}

/* There is a way on from everywhere. */
static void go_on_somehow(const sm_mask *m, const sm_mask_state *s)
{
    sm_mask_state next = *s;
    bool any = sm_mask_may_end(m, s);
    for (int b = 0; !any && b < 256; b++) {
        char c = (char)b;
        any = sm_mask_write(m, &next, (sm_str){ &c, 1 });
    }
    fuzz_must(any);
}

static void write_all(const sm_mask *m, sm_str sent)
{
    sm_mask_state s;
    sm_buf text;
    sm_buf_init(&text, sent.n + 1);
    sm_mask_begin(m, &s);
    while (sent.n > 1) {
        size_t n = SM_MIN((uint8_t)sent.p[0] % 8 + (size_t)1, sent.n - 1);
        sm_str piece = sm_str_sub(sent, 1, 1 + n);
        sent = sm_str_sub(sent, 1 + n, sent.n);
        if (sm_mask_write(m, &s, piece))
            sm_buf_add(&text, piece);
        if (sm_mask_may_end(m, &s))
            check_facts(m, sm_buf_str(&text));
        go_on_somehow(m, &s);
    }
    fuzz_must(sm_mask_settled(m, sm_buf_str(&text)) <= text.n);
    sm_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_str sent = { (const char *)data, size }, text = { 0 };
    sm_evidence *e;
    sm_mask *m;
    sm_op_begin(&op);
    sm_str_cut(&sent, '\0', &text);
    sm_source source = { SM_STR("a"), SM_STR("《办法》"), sm_utf8_mend(op.arena, text) };
    if (sm_evidence_read(&op, &source, 1, &e) == SM_OK &&
        sm_mask_open(&op, e, &text, sm_utf8_valid(text, NULL), &m) == SM_OK)
        write_all(m, sent);
    sm_op_end(&op);
    return 0;
}
