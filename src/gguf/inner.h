/*
 * gguf/inner.h - what the folder's files share.
 */
#ifndef SM_GGUF_INNER_H
#define SM_GGUF_INNER_H

#include "gguf/gguf.h"

/* How ggml keeps a type: blocks of so many items in so many bytes. */
typedef struct sm_gguf_block {
    const char *name;
    uint16_t n_items, n_bytes; /* of one block */
} sm_gguf_block;

const sm_gguf_block *sm_gguf_block_of(uint32_t type); /* NULL when not known */

/* As sm_gguf_parse; *more, when it fails only because the head given is not all of the head. */
sm_rc sm_gguf_parse_head(sm_op *op, const char *name, sm_str head, uint64_t file_bytes, bool *more,
                         sm_gguf **out);

#endif
