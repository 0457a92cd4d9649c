/*
 * engine/think.h - divides what a reasoning model writes into its reasoning and its answer, as it
 * comes: <think> ... </think> may be cut anywhere between two chunks.
 *
 * Rests on base.  Caller's storage, one thread at a time; nothing is allocated.
 */
#ifndef SM_ENGINE_THINK_H
#define SM_ENGINE_THINK_H

#include "base/base.h"

enum { SM_THINK_HELD_BYTES = 64 };

typedef struct sm_think {
    bool reasoning; /* where the next byte belongs */
    bool at_start;  /* of a part: its leading blanks are dropped */
    size_t n_tag;   /* bytes at the end of held that begin a tag */
    size_t n_held;
    char held[SM_THINK_HELD_BYTES]; /* blanks, then the beginning of a tag */
} sm_think;

/* Text of one part, in order; never empty.  Borrowed for the call. */
typedef void sm_think_sink(void *ctx, bool reasoning, sm_str text);

/* opened: the prompt ended with <think>, so the model begins inside it. */
void sm_think_init(sm_think *t, bool opened);

/* Every <think> opens, wherever it stands, so that no reasoning is ever taken for an answer; a tag
 * that changes nothing is dropped.  Blanks around a tag belong to neither part.  No character is
 * cut that the chunks do not cut. */
void sm_think_feed(sm_think *t, sm_str chunk, sm_think_sink *sink, void *ctx);

/* The text is over: what was held back is given out. */
void sm_think_end(sm_think *t, sm_think_sink *sink, void *ctx);

#endif
