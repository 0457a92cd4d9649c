/*
 * engine/lanes.h - which text is in which sequence of the context, and what of it is kept.
 *
 * Rests on base and lm.h.  A lane is a sequence and the tokens in its cache; a finished text stays
 * in its lane until the place is needed, so that the next one that begins alike (the same system
 * prompt, the same evidence) need not compute that again.  Of the worker's thread.
 */
#ifndef SM_ENGINE_LANES_H
#define SM_ENGINE_LANES_H

#include "engine/lm.h"

typedef struct sm_lane {
    unsigned sequence;
    int lora;        /* its cache was computed with */
    bool busy;       /* a text is being written */
    int32_t *token;  /* n_ctx of room */
    size_t n_tokens; /* of the text */
    size_t n_done;   /* of those, in the cache */
    int64_t used_us; /* last */
    void *owner;     /* of the worker */
} sm_lane;

typedef struct sm_lanes {
    sm_lm *m;
    sm_lane *lane;
    size_t n, n_busy;
    bool packed; /* busy lanes side by side are computed in one pass */
} sm_lanes;

void sm_lanes_open(sm_lm *m, sm_lanes *out);
void sm_lanes_close(sm_lanes *l);
/* A free lane (there must be one) made busy with the text; what is in its cache of it already is
 * n_done, at most n - 1: the last token has to be computed anew. */
sm_lane *sm_lanes_take(sm_lanes *l, int lora, const int32_t *token, size_t n);
void sm_lanes_give_back(sm_lanes *l, sm_lane *lane);
/* Nothing of its cache past n tokens is of use. */
void sm_lane_trim(sm_lanes *l, sm_lane *lane, size_t n);
/* Moves one busy lane next to the others if that makes fewer passes of a batch; true if it did.
 * The text goes into the other lane, owner and all. */
bool sm_lanes_pack(sm_lanes *l, sm_lane **from, sm_lane **to);

#endif
