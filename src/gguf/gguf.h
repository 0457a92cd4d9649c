/*
 * gguf/gguf.h - the head of a GGUF file: metadata and the table of tensors, read and checked before
 * anything is done with the file.  The weights themselves are never read.
 *
 * The file is a stranger's: every count, length, type, shape and offset is held against the file's
 * size and the limits below.  Format: the GGUF specification, versions 2 and 3, little-endian.
 *
 * Rests on base.  What is read belongs to the op's arena and may be read by any thread.
 */
#ifndef SM_GGUF_GGUF_H
#define SM_GGUF_GGUF_H

#include "base/base.h"

enum {
    SM_GGUF_MAX_HEAD_BYTES = 96 << 20, /* metadata and tensor table: vocabularies dominate */
    SM_GGUF_MAX_VALUES = 4096,
    SM_GGUF_MAX_TENSORS = 1 << 17,
    SM_GGUF_MAX_KEY_BYTES = 1024,
    SM_GGUF_MAX_NAME_BYTES = 64, /* of a tensor */
    SM_GGUF_MAX_STRING_BYTES = 4 << 20,
    SM_GGUF_MAX_NESTING = 2, /* an array of arrays, no more */
    SM_GGUF_MAX_DIMS = 4,
    SM_GGUF_MAX_LAYERS = 4096
};

typedef enum sm_gguf_type {
    SM_GGUF_U8,
    SM_GGUF_I8,
    SM_GGUF_U16,
    SM_GGUF_I16,
    SM_GGUF_U32,
    SM_GGUF_I32,
    SM_GGUF_F32,
    SM_GGUF_BOOL,
    SM_GGUF_STRING,
    SM_GGUF_ARRAY,
    SM_GGUF_U64,
    SM_GGUF_I64,
    SM_GGUF_F64,
    SM_GGUF_N_TYPES
} sm_gguf_type;

typedef struct sm_gguf_value {
    sm_str key;
    sm_gguf_type type;
    sm_gguf_type item; /* of an array */
    size_t n_items;
    sm_str bytes; /* a string's text; else as in the file, an array's items one behind another */
    sm_str raw;   /* key, type and value as they stand in the file */
} sm_gguf_value;

typedef struct sm_gguf_tensor {
    sm_str name;
    uint32_t type; /* ggml's number */
    uint32_t n_dims;
    uint64_t dim[SM_GGUF_MAX_DIMS]; /* 1 where there is none */
    uint64_t offset;                /* from the file's begin */
    uint64_t n_bytes;
} sm_gguf_tensor;

typedef struct sm_gguf {
    uint32_t version;
    uint64_t file_bytes, alignment, data_offset;
    size_t n_values, n_tensors;
    const sm_gguf_value *value;
    const sm_gguf_tensor *tensor;
} sm_gguf;

/* E_NOTFOUND, E_DENIED; E_CORRUPT with the place when it is no sound GGUF file, E_LIMIT when it
 * goes beyond a limit above. */
sm_rc sm_gguf_read(sm_op *op, const char *path, sm_gguf **out);

/* The same of a file's first bytes; file_bytes is the size of all of it. */
sm_rc sm_gguf_parse(sm_op *op, const char *name, sm_str head, uint64_t file_bytes, sm_gguf **out);

const sm_gguf_value *sm_gguf_find(const sm_gguf *g, sm_str key); /* NULL when absent */
sm_str sm_gguf_text(const sm_gguf *g, const char *key);          /* "" unless a string */
/* false unless an integer of any width that fits. */
bool sm_gguf_integer(const sm_gguf *g, const char *key, int64_t *out);

const char *sm_gguf_tensor_type_name(uint32_t type); /* "Q4_K"; NULL when not known */

/* What the registry and the engine want to know of a model. */
typedef enum sm_gguf_pooling {
    SM_GGUF_POOLING_UNKNOWN = -1,
    SM_GGUF_POOLING_NONE,
    SM_GGUF_POOLING_MEAN,
    SM_GGUF_POOLING_CLS,
    SM_GGUF_POOLING_LAST,
    SM_GGUF_POOLING_RANK /* a reranker */
} sm_gguf_pooling;

typedef struct sm_gguf_facts {
    sm_str kind;         /* "model", "adapter" (LoRA), ... */
    sm_str architecture; /* "qwen2", "deepseek2", "bert", ... */
    sm_str name, licence, licence_link, size_label;
    sm_str quantisation;             /* "Q4_K_M"; by most bytes where the file does not say */
    sm_str chat_template;            /* "" when there is none */
    sm_str tokenizer, pre_tokenizer; /* "gpt2", "qwen2" */
    int64_t n_context_tokens, n_embed, n_layers, n_heads, n_vocab; /* 0 when not said */
    int64_t n_experts, n_experts_used;
    int64_t n_splits; /* files the model is cut into; 1 for a whole one */
    uint64_t n_parameters, n_weight_bytes;
    sm_gguf_pooling pooling;
    bool is_embedder; /* made for embeddings or reranking: answers no chat */
} sm_gguf_facts;

/* E_CORRUPT when what every model must say is missing or out of range, or a text is no UTF-8. */
sm_rc sm_gguf_facts_of(sm_op *op, const sm_gguf *g, sm_gguf_facts *out);

#endif
