/*
 * Writes a GGUF model with random weights: small ones for tests, large ones so that speed can be
 * measured without anybody's weights.  The same arguments give the same bytes on every machine.
 *
 * The tokenizer is a real one, taken from a file of vocabulary only (ggml-vocab-*.gguf).  Weights
 * are drawn uniformly, straight into the blocks of their type, and written as they are drawn: a
 * large model needs no more memory than its vocabulary.  Scales are chosen so that greedy text
 * varies and depends on what came before: every projection keeps its input's size, attention is
 * peaked, the residual stream is what the layers wrote rather than the token itself, and logits
 * have a standard deviation of LOGIT_SPREAD.
 *
 *   sunmao-make-tiny --kind KIND --vocab FILE.gguf --out FILE [--size SIZE] [--type TYPE]
 *                    [--seed N] [--template NAME]
 */
#include "gguf/gguf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 20, MAX_TENSORS = 2048, ALIGNMENT = 32, LORA_RANK = 8 };

#define LOGIT_SPREAD 2.5

/* ggml's numbers, and general.file_type's. */
enum { F32 = 0, F16 = 1, Q4_0 = 2, Q8_0 = 8, Q4_K = 12 };

static const struct weight_type {
    const char *name;
    uint32_t type, file_type, block, block_bytes;
} weight_types[] = {
    { "f16", F16, 1, 1, 2 },
    { "q8_0", Q8_0, 7, 32, 34 },
    { "q4_0", Q4_0, 2, 32, 18 },
    { "q4_k", Q4_K, 14, 256, 144 },
};

static const struct weight_type f32_type = { "f32", F32, 0, 1, 4 };

struct size {
    const char *name;
    int n_embed, n_layers, n_heads, n_kv_heads, n_ff, n_context;
    bool tied; /* the output uses the embedding's weights */
};

static const struct size decoder_sizes[] = {
    { "tiny", 64, 4, 4, 2, 128, 8192, true },
    { "1.5B", 1536, 28, 12, 2, 8960, 32768, true },
    { "7B", 3584, 28, 28, 4, 18944, 32768, false },
};
static const struct size encoder_sizes[] = { { "tiny", 64, 2, 4, 4, 128, 512, false } };

struct tensor {
    char name[SM_GGUF_MAX_NAME_BYTES + 1];
    uint64_t dim[3];
    const struct weight_type *type;
    double mean, spread; /* spread: standard deviation */
    uint64_t n_bytes, offset;
};

struct maker {
    sm_op op;
    const struct kind *kind;
    const struct size *size;
    const struct weight_type *type;
    sm_str template;
    uint64_t seed;
    int n_vocab;
    sm_buf values; /* the metadata, as it will stand in the file */
    uint64_t n_values;
    struct tensor tensor[MAX_TENSORS];
    size_t n_tensors;
};

struct kind {
    const char *name, *architecture, *template;
    const struct size *sizes;
    size_t n_sizes;
    void (*describe)(struct maker *m);
};

/* ----------------------------------------------------------- metadata */

static void add_le(sm_buf *b, uint64_t v, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        sm_buf_addc(b, (char)(v >> (8 * i) & 0xff));
}

static void add_string(sm_buf *b, sm_str s)
{
    add_le(b, s.n, 8);
    sm_buf_add(b, s);
}

static void begin_value(struct maker *m, const char *key, sm_gguf_type type)
{
    add_string(&m->values, sm_str_of(key));
    add_le(&m->values, type, 4);
    m->n_values++;
}

static void set_text(struct maker *m, const char *key, sm_str text)
{
    begin_value(m, key, SM_GGUF_STRING);
    add_string(&m->values, text);
}

static const char *own_key(struct maker *m, const char *key)
{
    return sm_strf(m->op.arena, "%s.%s", m->kind->architecture, key).p;
}

static void set_count(struct maker *m, const char *key, int n)
{
    begin_value(m, own_key(m, key), SM_GGUF_U32);
    add_le(&m->values, (uint64_t)n, 4);
}

static void set_real(struct maker *m, const char *key, float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    begin_value(m, key, SM_GGUF_F32);
    add_le(&m->values, bits, 4);
}

static void set_flag(struct maker *m, const char *key, bool on)
{
    begin_value(m, own_key(m, key), SM_GGUF_BOOL);
    sm_buf_addc(&m->values, (char)on);
}

static void set_general(struct maker *m, const char *type)
{
    set_text(m, "general.architecture", sm_str_of(m->kind->architecture));
    set_text(m, "general.type", sm_str_of(type));
    set_text(m, "general.name", sm_strf(m->op.arena, "random %s %s", m->kind->name, m->size->name));
    set_text(m, "general.license", SM_STR("none: random weights"));
    begin_value(m, "general.file_type", SM_GGUF_U32);
    add_le(&m->values, m->type->file_type, 4);
}

/* What every transformer has. */
static void set_shape(struct maker *m)
{
    const struct size *s = m->size;
    set_general(m, "model");
    set_count(m, "block_count", s->n_layers);
    set_count(m, "context_length", s->n_context);
    set_count(m, "embedding_length", s->n_embed);
    set_count(m, "feed_forward_length", s->n_ff);
    set_count(m, "attention.head_count", s->n_heads);
    set_count(m, "vocab_size", m->n_vocab);
}

/* ------------------------------------------------------------ tensors */

static struct tensor *add_tensor(struct maker *m, const struct weight_type *type, int a, int b,
                                 int c)
{
    struct tensor *t = &m->tensor[m->n_tensors++];
    if (m->n_tensors > MAX_TENSORS)
        abort();
    *t = (struct tensor){ .dim = { (uint64_t)a, (uint64_t)b, (uint64_t)c }, .type = type };
    /* A row that its blocks do not fill is kept in smaller blocks. */
    if (t->dim[0] % type->block)
        t->type = t->dim[0] % 32 ? &weight_types[0] : &weight_types[1];
    t->n_bytes = t->dim[0] / t->type->block * t->type->block_bytes * t->dim[1] * t->dim[2];
    return t;
}

/* A projection of a inputs to b outputs that keeps their size, times gain. */
static void add_projection(struct maker *m, int layer, const char *name, int a, int b, double gain)
{
    struct tensor *t = add_tensor(m, m->type, a, b, 1);
    snprintf(t->name, sizeof(t->name), "blk.%d.%s.weight", layer, name);
    t->spread = gain / sqrt(a);
}

static void add_experts(struct maker *m, int layer, const char *name, int a, int b, int n)
{
    struct tensor *t = add_tensor(m, m->type, a, b, n);
    snprintf(t->name, sizeof(t->name), "blk.%d.%s.weight", layer, name);
    t->spread = 1 / sqrt(a);
}

static void add_table(struct maker *m, const char *name, int a, int b, double spread)
{
    struct tensor *t = add_tensor(m, m->type, a, b, 1);
    snprintf(t->name, sizeof(t->name), "%s", name);
    t->spread = spread;
}

static void add_small(struct maker *m, const char *name, int a, int b, double mean, double spread)
{
    struct tensor *t = add_tensor(m, &f32_type, a, b, 1);
    snprintf(t->name, sizeof(t->name), "%s", name);
    t->mean = mean;
    t->spread = spread;
}

static void add_vector(struct maker *m, int layer, const char *name, int n, double mean,
                       double spread)
{
    char full[SM_GGUF_MAX_NAME_BYTES + 1];
    snprintf(full, sizeof(full), "blk.%d.%s", layer, name);
    add_small(m, full, n, 1, mean, spread);
}

/* The residual stream leaves the layers near size 1, the embedding is far smaller: a token does not
 * foretell itself. */
static const double embed_spread = 0.05, output_spread = 0.05, attention_gain = 2;

static void add_ends(struct maker *m)
{
    int d = m->size->n_embed;
    add_table(m, "token_embd.weight", d, m->n_vocab, embed_spread);
    if (!m->size->tied)
        add_table(m, "output.weight", d, m->n_vocab, output_spread);
    add_small(m, "output_norm.weight", d, 1, LOGIT_SPREAD / (output_spread * sqrt(d)), 0);
}

static void add_gated(struct maker *m, int layer, const char *suffix, int d, int n_ff)
{
    add_projection(m, layer, sm_strf(m->op.arena, "ffn_gate%s", suffix).p, d, n_ff, 1);
    add_projection(m, layer, sm_strf(m->op.arena, "ffn_up%s", suffix).p, d, n_ff, 1);
    add_projection(m, layer, sm_strf(m->op.arena, "ffn_down%s", suffix).p, n_ff, d, 2);
}

static void describe_qwen2(struct maker *m)
{
    const struct size *s = m->size;
    int d = s->n_embed, kv = d / s->n_heads * s->n_kv_heads;
    set_shape(m);
    set_count(m, "attention.head_count_kv", s->n_kv_heads);
    set_real(m, own_key(m, "rope.freq_base"), 1e6f);
    set_real(m, own_key(m, "attention.layer_norm_rms_epsilon"), 1e-6f);
    add_ends(m);
    for (int i = 0; i < s->n_layers; i++) {
        add_vector(m, i, "attn_norm.weight", d, 1, 0);
        add_projection(m, i, "attn_q", d, d, attention_gain);
        add_projection(m, i, "attn_k", d, kv, attention_gain);
        add_projection(m, i, "attn_v", d, kv, 1);
        add_vector(m, i, "attn_q.bias", d, 0, 0.1);
        add_vector(m, i, "attn_k.bias", kv, 0, 0.1);
        add_vector(m, i, "attn_v.bias", kv, 0, 0.1);
        add_projection(m, i, "attn_output", d, d, 1);
        add_vector(m, i, "ffn_norm.weight", d, 1, 0);
        add_gated(m, i, "", d, s->n_ff);
    }
}

/* Attention through one compressed key and value for all heads; experts from the second layer on.
 */
enum { N_NOPE = 32, N_ROPE = 32, N_VALUE = 32, N_LATENT = 64, N_QUERY = 64, N_EXPERTS = 8 };

static void set_deepseek2(struct maker *m)
{
    set_shape(m);
    set_count(m, "attention.head_count_kv", 1);
    set_count(m, "attention.q_lora_rank", N_QUERY);
    set_count(m, "attention.kv_lora_rank", N_LATENT);
    set_count(m, "attention.key_length", N_LATENT + N_ROPE);
    set_count(m, "attention.value_length", N_LATENT);
    set_count(m, "attention.key_length_mla", N_NOPE + N_ROPE);
    set_count(m, "attention.value_length_mla", N_VALUE);
    set_count(m, "rope.dimension_count", N_ROPE);
    set_count(m, "leading_dense_block_count", 1);
    set_count(m, "expert_count", N_EXPERTS);
    set_count(m, "expert_used_count", 2);
    set_count(m, "expert_shared_count", 1);
    set_count(m, "expert_feed_forward_length", m->size->n_ff / 2);
    set_count(m, "expert_gating_func", 1);
    set_flag(m, "expert_weights_norm", false);
    set_real(m, own_key(m, "expert_weights_scale"), 1);
    set_real(m, own_key(m, "rope.freq_base"), 1e4f);
    set_real(m, own_key(m, "attention.layer_norm_rms_epsilon"), 1e-6f);
}

static void add_latent_attention(struct maker *m, int i)
{
    int d = m->size->n_embed, n_heads = m->size->n_heads;
    add_vector(m, i, "attn_norm.weight", d, 1, 0);
    add_projection(m, i, "attn_q_a", d, N_QUERY, 1);
    add_vector(m, i, "attn_q_a_norm.weight", N_QUERY, 1, 0);
    add_projection(m, i, "attn_q_b", N_QUERY, n_heads * (N_NOPE + N_ROPE), attention_gain);
    add_projection(m, i, "attn_kv_a_mqa", d, N_LATENT + N_ROPE, attention_gain);
    add_vector(m, i, "attn_kv_a_norm.weight", N_LATENT, 1, 0);
    add_experts(m, i, "attn_k_b", N_NOPE, N_LATENT, n_heads);
    add_experts(m, i, "attn_v_b", N_LATENT, N_VALUE, n_heads);
    add_projection(m, i, "attn_output", n_heads * N_VALUE, d, 1);
    add_vector(m, i, "ffn_norm.weight", d, 1, 0);
}

static void describe_deepseek2(struct maker *m)
{
    int d = m->size->n_embed, n_ff = m->size->n_ff;
    set_deepseek2(m);
    add_ends(m);
    for (int i = 0; i < m->size->n_layers; i++) {
        add_latent_attention(m, i);
        if (i == 0) {
            add_gated(m, i, "", d, n_ff);
            continue;
        }
        char gate[SM_GGUF_MAX_NAME_BYTES];
        snprintf(gate, sizeof(gate), "blk.%d.ffn_gate_inp.weight", i);
        add_small(m, gate, d, N_EXPERTS, 0, 1 / sqrt(d));
        add_experts(m, i, "ffn_gate_exps", d, n_ff / 2, N_EXPERTS);
        add_experts(m, i, "ffn_up_exps", d, n_ff / 2, N_EXPERTS);
        add_experts(m, i, "ffn_down_exps", n_ff / 2, d, N_EXPERTS);
        add_gated(m, i, "_shexp", d, n_ff / 2);
    }
}

static void add_norm(struct maker *m, int i, const char *name)
{
    int d = m->size->n_embed;
    add_vector(m, i, sm_strf(m->op.arena, "%s.weight", name).p, d, 1, 0);
    add_vector(m, i, sm_strf(m->op.arena, "%s.bias", name).p, d, 0, 0.1);
}

static void add_with_bias(struct maker *m, int i, const char *name, int a, int b, double gain)
{
    add_projection(m, i, name, a, b, gain);
    add_vector(m, i, sm_strf(m->op.arena, "%s.bias", name).p, b, 0, 0.1);
}

static void describe_bert(struct maker *m)
{
    const struct size *s = m->size;
    int d = s->n_embed;
    set_shape(m);
    set_real(m, own_key(m, "attention.layer_norm_epsilon"), 1e-12f);
    set_flag(m, "attention.causal", false);
    bool ranks = strcmp(m->kind->name, "reranker") == 0;
    set_count(m, "pooling_type", ranks ? SM_GGUF_POOLING_RANK : SM_GGUF_POOLING_CLS);
    add_table(m, "token_embd.weight", d, m->n_vocab, 1);
    add_small(m, "token_types.weight", d, 2, 0, 0.1);
    add_small(m, "position_embd.weight", d, s->n_context, 0, 0.3);
    add_small(m, "token_embd_norm.weight", d, 1, 1, 0);
    add_small(m, "token_embd_norm.bias", d, 1, 0, 0.1);
    for (int i = 0; i < s->n_layers; i++) {
        add_with_bias(m, i, "attn_q", d, d, attention_gain);
        add_with_bias(m, i, "attn_k", d, d, attention_gain);
        add_with_bias(m, i, "attn_v", d, d, 1);
        add_with_bias(m, i, "attn_output", d, d, 1);
        add_norm(m, i, "attn_output_norm");
        add_with_bias(m, i, "ffn_up", d, s->n_ff, 1);
        add_with_bias(m, i, "ffn_down", s->n_ff, d, 1);
        add_norm(m, i, "layer_output_norm");
    }
    if (ranks) {
        add_small(m, "cls.weight", d, d, 0, 1 / sqrt(d));
        add_small(m, "cls.bias", d, 1, 0, 0.1);
        add_small(m, "cls.output.weight", d, 1, 0, 2 / sqrt(d));
        add_small(m, "cls.output.bias", 1, 1, 0, 0);
    }
}

static void add_pair(struct maker *m, int layer, const char *name, int a, int b)
{
    struct tensor *t = add_tensor(m, &weight_types[0], a, LORA_RANK, 1);
    snprintf(t->name, sizeof(t->name), "blk.%d.%s.weight.lora_a", layer, name);
    t->spread = 1 / sqrt(a);
    t = add_tensor(m, &weight_types[0], LORA_RANK, b, 1);
    snprintf(t->name, sizeof(t->name), "blk.%d.%s.weight.lora_b", layer, name);
    t->spread = 1 / sqrt(LORA_RANK);
}

/* For the qwen2 model of the same size: as strong as its weights, so that its text changes. */
static void describe_lora(struct maker *m)
{
    const struct size *s = m->size;
    int d = s->n_embed;
    set_general(m, "adapter");
    set_text(m, "adapter.type", SM_STR("lora"));
    set_real(m, "adapter.lora.alpha", LORA_RANK);
    for (int i = 0; i < s->n_layers; i++) {
        add_pair(m, i, "attn_q", d, d);
        add_pair(m, i, "attn_v", d, d / s->n_heads * s->n_kv_heads);
        add_pair(m, i, "ffn_down", s->n_ff, d);
    }
}

static const struct kind kinds[] = {
    { "qwen2", "qwen2", "chatml", decoder_sizes, SM_LEN(decoder_sizes), describe_qwen2 },
    { "deepseek2", "deepseek2", "deepseek-v2", decoder_sizes, 1, describe_deepseek2 },
    { "bert", "bert", "none", encoder_sizes, SM_LEN(encoder_sizes), describe_bert },
    { "reranker", "bert", "none", encoder_sizes, SM_LEN(encoder_sizes), describe_bert },
    { "lora", "qwen2", "none", decoder_sizes, SM_LEN(decoder_sizes), describe_lora },
};

/* Ours, in the forms of the families that the names say. */
static const struct {
    const char *name, *text;
} templates[] = {
    { "none", "" },
    { "chatml", "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
                "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}" },
    { "qwen3", "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
               "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
               "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}" },
    { "deepseek-v2", "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}"
                     "User: {{ m.content }}\n\n{% elif m.role == 'assistant' %}"
                     "Assistant: {{ m.content }}{{ eos_token }}{% else %}{{ m.content }}\n\n"
                     "{% endif %}{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}" },
    { "deepseek-v3", "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}"
                     "<｜User｜>{{ m.content }}{% elif m.role == 'assistant' %}<｜Assistant｜>"
                     "{{ m.content }}<｜end▁of▁sentence｜>{% else %}{{ m.content }}{% endif %}"
                     "{% endfor %}{% if add_generation_prompt %}<｜Assistant｜>{% endif %}" },
    { "deepseek-r1", "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}"
                     "<｜User｜>{{ m.content }}{% elif m.role == 'assistant' %}<｜Assistant｜>"
                     "{{ m.content.split('</think>')[-1] }}<｜end▁of▁sentence｜>{% else %}"
                     "{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}"
                     "<｜Assistant｜><think>\n{% endif %}" },
};

/* ------------------------------------------------------------- weights */

/* Nearest half-precision number; every weight here lies well inside its range. */
static uint16_t half_of(double x)
{
    int e;
    double f = frexp(fabs(x), &e); /* x = f * 2^e, f in [0.5, 1) */
    uint16_t sign = x < 0 ? 0x8000 : 0;
    if (x == 0 || e < -24)
        return sign;
    if (e < -13)
        return (uint16_t)(sign | (uint16_t)lround(ldexp(fabs(x), 24)));
    return (uint16_t)(sign | ((uint16_t)((e + 14) << 10) + (uint16_t)lround((f * 2 - 1) * 1024)));
}

static void put_half(uint8_t *p, double x)
{
    uint16_t h = half_of(x);
    p[0] = (uint8_t)h;
    p[1] = (uint8_t)(h >> 8);
}

static void put_random(uint8_t *p, size_t n, sm_rng *r)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t v = sm_rng_next(r);
        memcpy(p + i, &v, SM_MIN(n - i, (size_t)8));
    }
}

static double draw(const struct tensor *t, sm_rng *r)
{
    return t->mean + t->spread * sqrt(12) * (sm_rng_unit(r) - 0.5);
}

static void fill_f32(const struct tensor *t, uint8_t *p, sm_rng *r)
{
    float x = (float)draw(t, r);
    memcpy(p, &x, 4);
}

static void fill_f16(const struct tensor *t, uint8_t *p, sm_rng *r)
{
    put_half(p, draw(t, r));
}

/* -127 ... 127 have a standard deviation of 73.3; -128 is never written by a quantiser. */
static void fill_q8_0(const struct tensor *t, uint8_t *p, sm_rng *r)
{
    put_half(p, t->spread / 73.3);
    put_random(p + 2, 32, r);
    for (size_t i = 2; i < 34; i++)
        if (p[i] == 0x80)
            p[i] = 0x81;
}

/* 1 ... 15, less 8, of standard deviation 4.3: a 0, which has no opposite, becomes an 8, so that
 * the mean is none.  With one, all rows would agree and so would all tokens. */
static void fill_q4_0(const struct tensor *t, uint8_t *p, sm_rng *r)
{
    put_half(p, t->spread / 4.3);
    put_random(p + 2, 16, r);
    for (size_t i = 2; i < 18; i++) {
        if ((p[i] & 0x0f) == 0)
            p[i] |= 0x08;
        if ((p[i] & 0xf0) == 0)
            p[i] |= 0x80;
    }
}

/* All eight scales and minima of a block are 32, packed in six bits each; the minimum takes the
 * mean of 0 ... 15 off. */
static void fill_q4_k(const struct tensor *t, uint8_t *p, sm_rng *r)
{
    put_half(p, t->spread / (32 * 4.61));
    put_half(p + 2, 7.5 * t->spread / (32 * 4.61));
    memset(p + 4, 0xa0, 8);
    memset(p + 12, 0, 4);
    put_random(p + 16, 128, r);
}

static const struct {
    uint32_t type;
    void (*fill)(const struct tensor *t, uint8_t *block, sm_rng *r);
} fills[] = { { F32, fill_f32 },
              { F16, fill_f16 },
              { Q8_0, fill_q8_0 },
              { Q4_0, fill_q4_0 },
              { Q4_K, fill_q4_k } };

static bool write_tensor(const struct maker *m, const struct tensor *t, FILE *f)
{
    static uint8_t chunk[CHUNK_BYTES];
    sm_rng r = { sm_hash64(sm_str_of(t->name), m->seed) };
    size_t k = 0, step = t->type->block_bytes, used = 0;
    while (fills[k].type != t->type->type)
        k++;
    for (uint64_t at = 0; at < t->n_bytes; at += step) {
        fills[k].fill(t, chunk + used, &r);
        used += step;
        if (used + step > sizeof(chunk) || at + step == t->n_bytes) {
            if (fwrite(chunk, 1, used, f) != used)
                return false;
            used = 0;
        }
    }
    size_t gap = (size_t)((ALIGNMENT - t->n_bytes % ALIGNMENT) % ALIGNMENT);
    return fwrite((const uint8_t[ALIGNMENT]){ 0 }, 1, gap, f) == gap;
}

/* ---------------------------------------------------------------- file */

static void add_tensor_table(struct maker *m, sm_buf *b)
{
    uint64_t offset = 0;
    for (size_t i = 0; i < m->n_tensors; i++) {
        struct tensor *t = &m->tensor[i];
        uint32_t n_dims = t->dim[2] > 1 ? 3 : t->dim[1] > 1 ? 2 : 1;
        add_string(b, sm_str_of(t->name));
        add_le(b, n_dims, 4);
        for (uint32_t k = 0; k < n_dims; k++)
            add_le(b, t->dim[k], 8);
        add_le(b, t->type->type, 4);
        add_le(b, offset, 8);
        offset += (t->n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}

static sm_rc write_model(struct maker *m, const char *path)
{
    sm_buf head;
    FILE *f = fopen(path, "wb");
    if (!f)
        return sm_fail(&m->op, SM_E_INTERNAL, "%s 无法写入", path);
    sm_buf_init(&head, SM_GGUF_MAX_HEAD_BYTES);
    sm_buf_add(&head, SM_STR("GGUF"));
    add_le(&head, 3, 4);
    add_le(&head, m->n_tensors, 8);
    add_le(&head, m->n_values, 8);
    sm_buf_add(&head, sm_buf_str(&m->values));
    add_tensor_table(m, &head);
    while (head.n % ALIGNMENT)
        sm_buf_addc(&head, 0);
    bool ok = !head.failed && fwrite(head.p, 1, head.n, f) == head.n;
    sm_buf_done(&head);
    for (size_t i = 0; i < m->n_tensors && ok; i++)
        ok = write_tensor(m, &m->tensor[i], f);
    ok = fclose(f) == 0 && ok;
    return ok ? SM_OK : sm_fail(&m->op, SM_E_INTERNAL, "%s 没有写完（磁盘满了？）", path);
}

/* The tokenizer, as it stands in the file of vocabulary, but for its chat template. */
static sm_rc take_vocabulary(struct maker *m, const char *path)
{
    sm_gguf *g;
    sm_rc rc = sm_gguf_read(&m->op, path, &g);
    if (rc < 0)
        return rc;
    const sm_gguf_value *tokens = sm_gguf_find(g, SM_STR("tokenizer.ggml.tokens"));
    if (!tokens)
        return sm_fail(&m->op, SM_E_INVALID, "%s 里没有词表", path);
    m->n_vocab = (int)tokens->n_items;
    for (size_t i = 0; i < g->n_values; i++) {
        const sm_gguf_value *v = &g->value[i];
        if (!sm_str_starts(v->key, SM_STR("tokenizer.")) ||
            sm_str_eq(v->key, SM_STR("tokenizer.chat_template")))
            continue;
        sm_buf_add(&m->values, v->raw);
        m->n_values++;
    }
    if (m->template.n)
        set_text(m, "tokenizer.chat_template", m->template);
    return SM_OK;
}

/* ----------------------------------------------------------- arguments */

struct arguments {
    const char *kind, *size, *type, *vocab, *out, *seed, *template;
};

static int usage(const char *what)
{
    fprintf(stderr,
            "sunmao-make-tiny: %s\n"
            "用法：sunmao-make-tiny --kind qwen2|deepseek2|bert|reranker|lora --vocab 词表.gguf\n"
            "        --out 文件 [--size tiny|1.5B|7B] [--type f16|q8_0|q4_0|q4_k] [--seed N]\n"
            "        [--template none|chatml|qwen3|deepseek-v2|deepseek-v3|deepseek-r1]\n",
            what);
    return 2;
}

static const char *read_arguments(int argc, char **argv, struct arguments *a)
{
    const struct {
        const char *name, **to;
    } option[] = { { "--kind", &a->kind },        { "--size", &a->size }, { "--type", &a->type },
                   { "--vocab", &a->vocab },      { "--out", &a->out },   { "--seed", &a->seed },
                   { "--template", &a->template } };
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        while (k < SM_LEN(option) && strcmp(option[k].name, argv[i]) != 0)
            k++;
        if (k == SM_LEN(option))
            return "不认识的参数";
        if (i + 1 == argc)
            return "参数缺少值";
        *option[k].to = argv[i + 1];
    }
    return a->kind && a->out && a->vocab ? NULL : "缺少 --kind、--vocab 或 --out";
}

static const char *choose_template(struct maker *m, const char *name)
{
    for (size_t i = 0; i < SM_LEN(templates); i++)
        if (strcmp(templates[i].name, name) == 0) {
            m->template = sm_str_of(templates[i].text);
            return NULL;
        }
    return "没有这种对话模板";
}

static const char *choose(struct maker *m, const struct arguments *a)
{
    int64_t seed;
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (strcmp(kinds[i].name, a->kind) == 0)
            m->kind = &kinds[i];
    for (size_t i = 0; m->kind && i < m->kind->n_sizes; i++)
        if (strcmp(m->kind->sizes[i].name, a->size) == 0)
            m->size = &m->kind->sizes[i];
    for (size_t i = 0; i < SM_LEN(weight_types); i++)
        if (strcmp(weight_types[i].name, a->type) == 0)
            m->type = &weight_types[i];
    if (!m->kind || !m->size || !m->type)
        return !m->kind ? "没有这种模型" : !m->size ? "这种模型没有这个大小" : "没有这种权重类型";
    if (!sm_str_to_int(sm_str_of(a->seed), &seed))
        return "--seed 要一个整数";
    m->seed = (uint64_t)seed;
    return choose_template(m, a->template ? a->template : m->kind->template);
}

int main(int argc, char **argv)
{
    static struct maker m;
    struct arguments a = { .size = "tiny", .type = "q8_0", .seed = "1" };
    const char *wrong = read_arguments(argc, argv, &a);
    if (!wrong)
        wrong = choose(&m, &a);
    if (wrong)
        return usage(wrong);
    sm_op_begin(&m.op);
    sm_buf_init(&m.values, SM_GGUF_MAX_HEAD_BYTES);
    sm_rc rc = strcmp(a.kind, "lora") == 0 ? SM_OK : take_vocabulary(&m, a.vocab);
    if (rc == SM_OK) {
        m.kind->describe(&m);
        rc = write_model(&m, a.out);
    }
    if (rc < 0)
        fprintf(stderr, "sunmao-make-tiny: %.*s\n", SM_ARG(m.op.msg));
    sm_buf_done(&m.values);
    sm_op_end(&m.op);
    return rc < 0;
}
