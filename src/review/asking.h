/*
 * review/asking.h - what a model is asked about a document: rules that are judged by meaning, and
 * wrong characters that the speller (speller.h) is not sure enough of.  Whatever it writes, a
 * finding is taken only where the document bears it out, and shows the document's own words.
 *
 * The model is somebody else's matter: whoever has one sends the requests and gives back what it
 * wrote; without one nothing is asked.  So nothing here waits.
 *
 * Rests on review.h and ground.  An asking lives in its op's arena and belongs to one thread at a
 * time; it copies what it needs of the document, the rules and the review, which may go.
 */
#ifndef SM_REVIEW_ASKING_H
#define SM_REVIEW_ASKING_H

#include "ground/ground.h"
#include "review/review.h"

enum {
    SM_ASKING_CHARS = 3000,     /* of the document in one request */
    SM_ASKING_LONGEST = 8000,   /* of one paragraph, which is a request of its own over the above */
    SM_ASKING_REQUESTS = 40,    /* a document */
    SM_ASKING_RULES = 40,       /* of a pack */
    SM_ASKING_FINDINGS = 30,    /* a document */
    SM_ASKING_DOUBTS = 24,      /* words in one request */
    SM_ASKING_MAX_DOUBTS = 48,  /* a document; the likeliest */
    SM_ASKING_REPLY = 64 * 1024 /* bytes; a longer one is none */
};

typedef struct sm_asking sm_asking;

/* `without`: the review as it is without a model.  The prompts outlive it. */
sm_rc sm_asking_begin(sm_op *op, const sm_prompts *p, const sm_layout *doc, const sm_rules *rules,
                      const sm_review_options *o, const sm_review *without, sm_asking **out);
size_t sm_asking_n(const sm_asking *x); /* requests; 0: there is nothing to ask */
/* Paragraphs that no request has: over the limits, or beside words that would order the model. */
size_t sm_asking_left(const sm_asking *x);
sm_str sm_asking_version(const sm_asking *x); /* of the prompts: "review-1 spelling-1" */

/* The body of a streamed chat completion that answers {"findings":[{"rule","para","quote","why"}]}
 * or {"yes":[1,3]}. */
sm_str sm_asking_request(const sm_asking *x, size_t i, sm_str model);
/* What came back.  False: it is no answer of this kind, and nothing of it is taken. */
bool sm_asking_replied(sm_asking *x, size_t i, sm_str reply);
/* What was taken, as a reviewer reads; none of it among those `without`. */
size_t sm_asking_found(sm_asking *x, const sm_finding **out);

#endif
