#include "gguf/inner.h"

/* general.file_type, by llama.cpp's numbers: how most of the weights are kept. */
static const char *const file_type[] = {
    [0] = "F32",      [1] = "F16",      [2] = "Q4_0",    [3] = "Q4_1",    [7] = "Q8_0",
    [8] = "Q5_0",     [9] = "Q5_1",     [10] = "Q2_K",   [11] = "Q3_K_S", [12] = "Q3_K_M",
    [13] = "Q3_K_L",  [14] = "Q4_K_S",  [15] = "Q4_K_M", [16] = "Q5_K_S", [17] = "Q5_K_M",
    [18] = "Q6_K",    [19] = "IQ2_XXS", [20] = "IQ2_XS", [21] = "Q2_K_S", [22] = "IQ3_XS",
    [23] = "IQ3_XXS", [24] = "IQ1_S",   [25] = "IQ4_NL", [26] = "IQ3_S",  [27] = "IQ3_M",
    [28] = "IQ2_S",   [29] = "IQ2_M",   [30] = "IQ4_XS", [31] = "IQ1_M",  [32] = "BF16",
    [36] = "TQ1_0",   [37] = "TQ2_0",   [38] = "MXFP4",  [39] = "NVFP4",
};

static sm_str most_bytes(const sm_gguf *g)
{
    uint64_t sum[64] = { 0 };
    uint32_t best = 0;
    for (size_t i = 0; i < g->n_tensors; i++)
        sum[g->tensor[i].type % SM_LEN(sum)] += g->tensor[i].n_bytes;
    for (uint32_t t = 1; t < SM_LEN(sum); t++)
        if (sum[t] > sum[best])
            best = t;
    return sum[best] ? sm_str_of(sm_gguf_tensor_type_name(best)) : (sm_str){ 0 };
}

static sm_str quantisation(const sm_gguf *g)
{
    int64_t t;
    if (sm_gguf_integer(g, "general.file_type", &t) && t >= 0 && t < (int64_t)SM_LEN(file_type) &&
        file_type[t])
        return sm_str_of(file_type[t]);
    return most_bytes(g);
}

/* Of the architecture's own: "qwen2.context_length". */
static int64_t own(sm_op *op, const sm_gguf *g, sm_str arch, const char *key)
{
    int64_t n = 0;
    sm_str full = sm_strf(op->arena, "%.*s.%s", SM_ARG(arch), key);
    return sm_gguf_integer(g, full.p, &n) && n >= 0 ? n : 0;
}

static sm_gguf_pooling pooling(sm_op *op, const sm_gguf *g, sm_str arch)
{
    int64_t n;
    sm_str key = sm_strf(op->arena, "%.*s.pooling_type", SM_ARG(arch));
    if (!sm_gguf_integer(g, key.p, &n) || n < 0 || n > SM_GGUF_POOLING_RANK)
        return SM_GGUF_POOLING_UNKNOWN;
    return (sm_gguf_pooling)n;
}

static bool is_utf8(sm_str s)
{
    json_t *v = json_stringn(s.p ? s.p : "", s.n);
    json_decref(v);
    return v;
}

static sm_rc check_texts(sm_op *op, const sm_gguf_facts *f)
{
    const sm_str text[] = { f->kind,          f->architecture, f->name,
                            f->licence,       f->licence_link, f->size_label,
                            f->chat_template, f->tokenizer,    f->pre_tokenizer };
    for (size_t i = 0; i < SM_LEN(text); i++)
        if (!is_utf8(text[i]))
            return sm_fail(op, SM_E_CORRUPT, "模型的元数据中有不是 UTF-8 的文字");
    return SM_OK;
}

static bool sound_name(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
            s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n > 0 && s.n <= 64;
}

static sm_rc check_model(sm_op *op, const sm_gguf_facts *f)
{
    if (!sm_str_eq(f->kind, SM_STR("model")))
        return SM_OK;
    if (f->n_layers == 0 || f->n_layers > SM_GGUF_MAX_LAYERS)
        return sm_fail(op, SM_E_CORRUPT, "模型的层数（block_count）缺失或不合理");
    if (f->n_embed == 0 || f->n_context_tokens == 0)
        return sm_fail(op, SM_E_CORRUPT, "模型的元数据缺少 embedding_length 或 context_length");
    return SM_OK;
}

static void read_texts(const sm_gguf *g, sm_gguf_facts *f)
{
    f->kind = sm_gguf_text(g, "general.type");
    if (!f->kind.n)
        f->kind = SM_STR("model");
    f->name = sm_gguf_text(g, "general.name");
    f->licence = sm_gguf_text(g, "general.license");
    f->licence_link = sm_gguf_text(g, "general.license.link");
    f->size_label = sm_gguf_text(g, "general.size_label");
    f->chat_template = sm_gguf_text(g, "tokenizer.chat_template");
    f->tokenizer = sm_gguf_text(g, "tokenizer.ggml.model");
    f->pre_tokenizer = sm_gguf_text(g, "tokenizer.ggml.pre");
    f->quantisation = quantisation(g);
}

static void read_figures(sm_op *op, const sm_gguf *g, sm_gguf_facts *f)
{
    sm_str a = f->architecture;
    const sm_gguf_value *tokens = sm_gguf_find(g, SM_STR("tokenizer.ggml.tokens"));
    f->n_context_tokens = own(op, g, a, "context_length");
    f->n_embed = own(op, g, a, "embedding_length");
    f->n_layers = own(op, g, a, "block_count");
    f->n_heads = own(op, g, a, "attention.head_count");
    f->n_vocab = tokens && tokens->item == SM_GGUF_STRING ? (int64_t)tokens->n_items
                                                          : own(op, g, a, "vocab_size");
    f->n_experts = own(op, g, a, "expert_count");
    f->n_experts_used = own(op, g, a, "expert_used_count");
    if (!sm_gguf_integer(g, "split.count", &f->n_splits) || f->n_splits < 1)
        f->n_splits = 1;
    f->pooling = pooling(op, g, a);
    for (size_t i = 0; i < g->n_tensors; i++) {
        const uint64_t *d = g->tensor[i].dim;
        f->n_parameters += d[0] * d[1] * d[2] * d[3];
        f->n_weight_bytes += g->tensor[i].n_bytes;
    }
}

sm_rc sm_gguf_facts_of(sm_op *op, const sm_gguf *g, sm_gguf_facts *out)
{
    sm_gguf_facts f = { .architecture = sm_gguf_text(g, "general.architecture") };
    if (!sound_name(f.architecture))
        return sm_fail(op, SM_E_CORRUPT, "模型的元数据缺少 general.architecture，或不合格");
    read_texts(g, &f);
    read_figures(op, g, &f);
    f.is_embedder = sm_str_has(f.architecture, SM_STR("bert")) || f.pooling > SM_GGUF_POOLING_NONE;
    sm_rc rc = check_texts(op, &f);
    if (rc == SM_OK)
        rc = check_model(op, &f);
    if (rc == SM_OK)
        *out = f;
    return rc;
}
