/* The head of a model file.  What is accepted lies inside the file, aligned and apart; the file is
 * said to be as long as the input, and once far longer, so that tensors need no bytes to be there.
 */
#include "fuzz_target.h"

#include "gguf/gguf.h"

enum { REST_BYTES = 1 << 24 };

static void check_apart(const sm_gguf *g, const sm_gguf_tensor *t)
{
    for (size_t i = 0; i < g->n_tensors; i++) {
        const sm_gguf_tensor *o = &g->tensor[i];
        fuzz_must(o == t || o->offset + o->n_bytes <= t->offset ||
                  t->offset + t->n_bytes <= o->offset || o->n_bytes == 0 || t->n_bytes == 0);
    }
}

static void check(sm_op *op, const sm_gguf *g, sm_str head)
{
    sm_gguf_facts f = { .n_layers = -77 };
    int64_t n;
    for (size_t i = 0; i < g->n_values; i++) {
        const sm_gguf_value *v = &g->value[i];
        fuzz_must(v->raw.p >= head.p && v->raw.p + v->raw.n <= head.p + head.n);
        fuzz_must(sm_gguf_find(g, v->key) == v);
        sm_gguf_integer(g, sm_cstr(op->arena, v->key), &n);
    }
    for (size_t i = 0; i < g->n_tensors; i++) {
        const sm_gguf_tensor *t = &g->tensor[i];
        fuzz_must(sm_gguf_tensor_type_name(t->type) && t->offset >= g->data_offset);
        fuzz_must(t->offset % g->alignment == 0 || g->data_offset % g->alignment != 0);
        fuzz_must(t->offset <= g->file_bytes && t->n_bytes <= g->file_bytes - t->offset);
        if (g->n_tensors < 100)
            check_apart(g, t);
    }
    sm_rc rc = sm_gguf_facts_of(op, g, &f);
    fuzz_must(rc == SM_OK ? f.architecture.n > 0 && sm_utf8_valid(f.chat_template, NULL)
                          : rc == SM_E_CORRUPT && op->msg.n > 0 && f.n_layers == -77);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str head = { (const char *)data, size };
    for (int k = 0; k < 2; k++) {
        sm_op op;
        sm_gguf *g = NULL;
        sm_op_begin(&op);
        sm_rc rc = sm_gguf_parse(&op, "模型", head, size + (k ? REST_BYTES : 0), &g);
        fuzz_must((rc == SM_OK) == (g != NULL));
        if (g)
            check(&op, g, head);
        else
            fuzz_must((rc == SM_E_CORRUPT || rc == SM_E_LIMIT) && op.msg.n > 0);
        sm_op_end(&op);
    }
    return 0;
}
