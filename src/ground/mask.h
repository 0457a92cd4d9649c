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

enum {
    SM_MASK_TAIL = 640,        /* bytes of what was written last that may still matter */
    SM_MASK_LIVE = 6,          /* surfaces half written at once */
    SM_MASK_ITEMS_MAX = 20000, /* names of the catalogue */
    SM_MASK_ITEM_BYTES = 240,  /* of one that can be written; longer ones cannot */
    SM_GROUND_GBNF_BYTES = 200 * 1024
};

typedef struct sm_mask sm_mask;

/* A surface begun: those from lo to hi begin with the `depth` bytes written.  `sure` is one that is
 * known to end well. */
typedef struct sm_mask_live {
    uint32_t lo, hi, sure;
    uint16_t depth;
} sm_mask_live;

typedef struct sm_mask_state {
    bool rest;        /* the text may end here */
    bool may_be_free; /* the character begun may be any free one, `aim` for one */
    uint8_t n_part;   /* bytes of that character, the tail's last */
    uint8_t after;    /* a citation or a pointer has just ended (mask_inner.h) */
    uint8_t n_live;
    uint8_t calm; /* characters since the last that the scanner might look at; 255: or more */
    uint16_t n_tail;
    uint32_t aim;
    sm_mask_live live[SM_MASK_LIVE];
    uint8_t tail[SM_MASK_TAIL];
} sm_mask_state;

/* `item`: names of the catalogue, which may be written 《…》 or “…” only as they are; may be none.
 * The evidence outlives the mask, which lives in op's arena.  E_LIMIT for too many names. */
sm_rc sm_mask_open(sm_op *op, const sm_evidence *e, const sm_str *item, size_t n_items,
                   sm_mask **out);
void sm_mask_begin(const sm_mask *m, sm_mask_state *s);
/* Whether these bytes may be written next; then *s has them.  Else *s is as it was.  Whatever was
 * let through can be brought to an end: by what may be written next, or by ending there. */
bool sm_mask_write(const sm_mask *m, sm_mask_state *s, sm_str bytes);
/* The same, and nothing is written. */
bool sm_mask_allows(const sm_mask *m, const sm_mask_state *s, sm_str bytes);
/* Whether the text may end here: nothing is half written. */
bool sm_mask_may_end(const sm_mask *m, const sm_mask_state *s);
/* How much of a text may stand if it is broken off: up to the last place where it might have
 * ended. */
size_t sm_mask_settled(const sm_mask *m, sm_str text);

/* {"sentences":[{"text","cites":[ids]}]} with the evidence's ids; with a pattern, of its facts and
 * quotations only, for servers that obey one. */
json_t *sm_ground_schema(const sm_evidence *e, bool with_pattern);
/* GBNF of the gate's own notation; llama-server, vLLM and SGLang (xgrammar) read it.  E_LIMIT when
 * it would be longer than SM_GROUND_GBNF_BYTES. */
sm_rc sm_ground_gbnf(sm_op *op, const sm_evidence *e, sm_str *out);

#endif
