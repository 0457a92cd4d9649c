/*
 * answer/wording.h - a model words an answer: the prompt is made from the answer's own evidence,
 * and what comes back goes through the gate, sentence by sentence.
 *
 * The model is somebody else's matter: whoever has one sends the request (_request) and feeds what
 * it writes (_add); without one the answer stays as it was composed.  So nothing here waits.
 *
 * Rests on ground (its prompts among it) and answer.h, which includes it.  A wording lives in its
 * op's arena and belongs to one thread at a time; the prompts and the cache may be shared.
 */
#ifndef SM_ANSWER_WORDING_H
#define SM_ANSWER_WORDING_H

#include "answer/answer.h"
#include "ground/ground.h"

/* -------------------------------------------------- a further reader's vote */

enum { SM_VOTES_MAX = 24 }; /* sentences in one request */

typedef struct sm_vote_ask {
    sm_str model, data; /* as in sm_prompt_ask */
    const sm_str *sentence;
    size_t n; /* 1 … SM_VOTES_MAX */
} sm_vote_ask;
/* The body of a streamed chat completion that answers {"holds":[1,3]}. */
sm_str sm_vote_request(sm_arena *a, const sm_prompts *p, const sm_vote_ask *ask);
/* What came back: which of the n hold.  False: it is no answer of this kind. */
bool sm_vote_read(sm_op *op, sm_str reply, size_t n, bool *holds);

/* ------------------------------------------------------------- wording */

typedef enum sm_wording_kind {
    SM_WORDING_SHORT,   /* a short answer from the evidence */
    SM_WORDING_COMPARE, /* policies held against each other */
    SM_WORDING_STEPS    /* what to do in a situation */
} sm_wording_kind;

/* Whether a composed answer gains from being worded: it is long, or of several documents. */
bool sm_wording_gains(const sm_answer *answer);
sm_wording_kind sm_wording_kind_of(const sm_answer *answer);

typedef struct sm_wording sm_wording;

typedef struct sm_wording_ask {
    sm_wording_kind kind;
    sm_str question;
    bool corrects;         /* the answer's first claim corrects the question: it comes first */
    bool voted;            /* sentences whose verdict is open wait for a further reader */
    const sm_source *more; /* evidence beside what the answer cites */
    size_t n_more;
} sm_wording_ask;

/* E_NOTFOUND (not recorded) when the answer has nothing to be worded, or must stay as it is. */
sm_rc sm_wording_begin(sm_op *op, const sm_prompts *p, const sm_answer *answer,
                       const sm_wording_ask *ask, sm_wording **out);
/* The body of a streamed chat completion, with the evidence for engines that can be held to it. */
sm_str sm_wording_request(const sm_wording *w, sm_str model);
/* SM3, hex, of evidence, prompt and `model` (who it is and which state): the answer's name in a
 * cache. */
sm_str sm_wording_key(const sm_wording *w, sm_str model);
sm_str sm_wording_version(const sm_wording *w); /* of its prompt */

/* Text as the model writes it.  False: it may be stopped.  Each claim that passes is told. */
typedef void sm_claim_fn(void *ctx, const sm_claim *claim);
bool sm_wording_add(sm_wording *w, sm_str text, sm_claim_fn *told, void *ctx);
/* In place of a model: what sm_wording_kept gave for the same key.  False: it cannot be read. */
bool sm_wording_recall(sm_wording *w, sm_str kept, sm_claim_fn *told, void *ctx);
/* Where a further reader is to be heard, after the last _add: how many sentences wait for it (`cut`
 * as below); 0: none, go on to _end.  Else the request is sent, and _voted is given what came back
 * ("" for nothing) before _end. */
size_t sm_wording_open(sm_wording *w, bool cut);
sm_str sm_wording_vote_request(const sm_wording *w, sm_str model);
void sm_wording_voted(sm_wording *w, sm_str reply);
/* `cut`: the writer did not finish.  The claims that passed, with the sentence that names their
 * sources, before those that were composed; NULL when none did: the answer is as it was.  *report
 * is what the gate did, for the trace: a new object. */
sm_answer *sm_wording_end(sm_wording *w, bool cut, sm_claim_fn *told, void *ctx, json_t **report);
/* After _end of one that was not cut: what passed, for a cache. */
sm_str sm_wording_kept(const sm_wording *w);

/* --------------------------------------------------------------- cache */

/* The least recently used go when it is full.  Any thread. */
typedef struct sm_answer_cache sm_answer_cache;
typedef struct sm_cache_figures {
    uint64_t hits, misses, n;
    size_t bytes;
} sm_cache_figures;

sm_answer_cache *sm_answer_cache_open(size_t max_bytes); /* 0: keeps nothing */
void sm_answer_cache_close(sm_answer_cache *c);          /* NULL is fine */
/* "" when it is not there; else a copy. */
sm_str sm_answer_cache_get(sm_answer_cache *c, sm_arena *a, sm_str key);
void sm_answer_cache_put(sm_answer_cache *c, sm_str key, sm_str value);
sm_cache_figures sm_answer_cache_figures(sm_answer_cache *c);

#endif
