/*
 * ground/gate.h - the gate: whatever wrote the text, only what the evidence supports gets through.
 *
 * Bytes go in as they come; out come whole sentences, each checked before anybody sees it.  How the
 * bytes are cut makes no difference.  A sentence that is supported gives way to the evidence's own
 * that say it, unless a further reader finds it there as it is worded; one that is not, to the
 * nearest, or it is dropped; a contradicted one is dropped; all are reported.
 * Markers of the wording are read here: [2] at a sentence's end cites passage 2, <2.3> and <2.3-5>
 * stand for stored sentences 3 (to 5) of passage 2, which the gate puts in.  Numbers begin at 1.
 * {"sentences":[{"text","cites"}]} is read as well.  Thoughts (<think>…</think>), markup, and
 * characters that show nothing are taken off.
 *
 * Rests on ground.h, which includes it.  A gate belongs to one thread at a time and lives in its
 * op's arena; it keeps no more than its limits, however long it is written to.
 */
#ifndef SM_GROUND_GATE_H
#define SM_GROUND_GATE_H

#include "ground/ground.h"

typedef struct sm_gate sm_gate;

typedef enum sm_gated_how {
    SM_GATED_SAID,     /* as it came: a stored sentence, one of ours, one that was voted for */
    SM_GATED_QUOTED,   /* stored bytes that a pointer or a sentence of them stands for */
    SM_GATED_REPLACED, /* the evidence's words in place of what did not hold */
    SM_GATED_DROPPED   /* reported, never shown */
} sm_gated_how;
const char *sm_gated_how_name(sm_gated_how how); /* "said" … */

enum {
    SM_GATED_SOURCES = 4,
    SM_GATE_WHOLE_CHARS = 600 /* of a passage that is shown whole; a longer one is not quoted */
};

typedef struct sm_gated {
    sm_gated_how how;
    sm_str text;  /* to be shown, without markers; "" when dropped */
    sm_str wrote; /* what came in */
    /* ok, or why it is not said as it came: a verdict's code; "own_words" (the evidence's say it as
     * well), "whole" (it is a part of a passage, which is shown whole), "condition", "exception"
     * (without which it would mislead); "heading", "repeat", "long" (so is its passage, and parts
     * of one are not shown), "too_long", "pointer" (to nothing) */
    const char *code;
    const sm_verdict *verdict;        /* NULL: it was not checked */
    sm_span source[SM_GATED_SOURCES]; /* what it rests on, the nearest first */
    size_t n_sources;
} sm_gated;

/* What a further reader says of a sentence whose verdict is open. */
typedef enum sm_vote {
    SM_VOTE_NONE, /* nobody to ask: the verdict stands */
    SM_VOTE_WAIT, /* to be asked: nothing from here on is given, however much is read */
    SM_VOTE_HOLDS,
    SM_VOTE_FAILS
} sm_vote;

typedef struct sm_gate_options {
    size_t max_bytes;     /* of what comes in; 0: 16 KiB; more is not read */
    size_t max_sentences; /* shown; 0: 40 */
    size_t max_failures;  /* in a row that do not hold, before the writer is given up; 0: 6 */
    bool by_sentence;     /* short passages may be parted: for a writer whose sources lie beside */
    const char *trusted[8]; /* sentences of ours that may be said as they are; NULL ends */
    /* Each sentence, dropped ones, too, in order; what it points to is good during the call only.
     */
    void (*take)(void *ctx, const sm_gated *g);
    void *ctx;
    /* NULL: there is no further reader.  Asked with the ctx above; the same sentence may be asked
     * about again. */
    sm_vote (*vote)(void *ctx, sm_str sentence);
} sm_gate_options;

/* The options are copied; the trusted sentences must stay. */
sm_gate *sm_gate_open(sm_op *op, const sm_evidence *e, const sm_gate_options *o);
/* False: nothing more will be read (limits, or given up); the writer may be stopped. */
bool sm_gate_add(sm_gate *g, sm_str bytes);
/* True once it waits for a vote; what comes is read no more, though it may be sent. */
bool sm_gate_waits(const sm_gate *g);

typedef struct sm_gate_report {
    size_t n_said, n_quoted, n_replaced, n_dropped, n_contradicted;
    bool gave_up;
} sm_gate_report;
/* What is left is read as a last sentence, unless `cut`: then a half sentence is dropped. */
void sm_gate_end(sm_gate *g, bool cut, sm_gate_report *out);

#endif
