/*
 * ground/mask.h - the same promise at decoding: an automaton over the evidence that says which
 * bytes may come next, and the same intent as a schema or a grammar for servers that are not ours.
 *
 * Free text may be written, but a protected fact, a quotation 「…」, a citation [n], a pointer
 * <n.m> and a name of the catalogue only as the evidence has them.
 *
 * Rests on ground.h.  A mask never changes and may be shared by threads; a state belongs to one.
 */
#ifndef SM_GROUND_MASK_H
#define SM_GROUND_MASK_H

#include "ground/ground.h"

typedef struct sm_mask sm_mask;

typedef struct sm_mask_state {
    uint8_t tail[96]; /* what was written last, as far back as it matters */
    uint8_t n_tail;
    uint32_t mode, at; /* mask.c */
    uint32_t more[6];
} sm_mask_state;

/* `item`: names of the catalogue, which may be written 《…》 or “…” only as they are; may be none.
 */
sm_rc sm_mask_open(sm_op *op, const sm_evidence *e, const sm_str *item, size_t n_items,
                   sm_mask **out);
void sm_mask_begin(const sm_mask *m, sm_mask_state *s);
/* Whether these bytes may be written next; then *s has them.  Else *s is as it was. */
bool sm_mask_write(const sm_mask *m, sm_mask_state *s, sm_str bytes);
/* Whether the text may end here: nothing is half written. */
bool sm_mask_may_end(const sm_mask *m, const sm_mask_state *s);

/* {"sentences":[{"text","cites":[ids]}]} with ids, facts and quotations from the evidence. */
json_t *sm_ground_schema(const sm_evidence *e);
/* GBNF of the gate's own notation; llama-server, vLLM and SGLang (xgrammar) read it. */
sm_rc sm_ground_gbnf(sm_op *op, const sm_evidence *e, sm_str *out);

#endif
