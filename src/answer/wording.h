/*
 * answer/wording.h - a model words an answer: the prompt is made from the answer's own evidence,
 * and what comes back goes through the gate, sentence by sentence.
 *
 * The model is somebody else's matter: whoever has one sends the request (_request) and feeds what
 * it writes (_add); without one the answer stays as it was composed.  So nothing here waits.
 *
 * Rests on ground and answer.h.  A wording lives in its op's arena and belongs to one thread at a
 * time.
 */
#ifndef SM_ANSWER_WORDING_H
#define SM_ANSWER_WORDING_H

#include "answer/answer.h"
#include "ground/gate.h"

/* The prompts of share/prompts, read once: a version each, the same bytes for as long as it is the
 * same version. */
typedef struct sm_prompts sm_prompts;
sm_rc sm_prompts_open(sm_op *op, const char *share_dir, sm_prompts **out);
void sm_prompts_close(sm_prompts *p); /* NULL is fine */

typedef enum sm_wording_kind {
    SM_WORDING_SHORT,   /* a short answer from the evidence */
    SM_WORDING_COMPARE, /* policies held against each other */
    SM_WORDING_STEPS    /* what to do in a situation */
} sm_wording_kind;

typedef struct sm_wording sm_wording;

typedef struct sm_wording_ask {
    sm_wording_kind kind;
    sm_str question;
    sm_str correction;     /* a sentence of ours that must come first; "" for none */
    const sm_source *more; /* evidence beside what the answer cites */
    size_t n_more;
} sm_wording_ask;

/* E_NOTFOUND (not recorded) when the answer has nothing to be worded. */
sm_rc sm_wording_begin(sm_op *op, const sm_prompts *p, const sm_answer *answer,
                       const sm_wording_ask *ask, sm_wording **out);
/* The body of a streamed chat completion, with the evidence for engines that can be held to it. */
sm_str sm_wording_request(const sm_wording *w, sm_str model);
/* SM3, hex, of evidence, prompt and `model` (who it is and which state): the answer's name in a
 * cache. */
sm_str sm_wording_key(const sm_wording *w, sm_str model);
/* Text as the model writes it.  False: it may be stopped.  Each claim that passes is told. */
typedef void sm_claim_fn(void *ctx, const sm_claim *claim);
bool sm_wording_add(sm_wording *w, sm_str text, sm_claim_fn *told, void *ctx);
/* The claims that passed, before those that were composed; with none of them the answer is as it
 * was.  `cut`: the writer did not finish.  What the gate did, as JSON for the trace. */
sm_rc sm_wording_end(sm_wording *w, bool cut, sm_claim_fn *told, void *ctx, sm_answer **out,
                     json_t **report);

#endif
