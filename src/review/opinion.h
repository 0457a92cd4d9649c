/*
 * review/opinion.h - what a model is asked about a document: rules that are judged by meaning, and
 * wrong characters that the speller (speller.h) is not sure enough of.  Whatever it writes, a
 * finding is taken only where the document bears it out, and shows the document's own words.
 *
 * The model is somebody else's matter: whoever has one sends the requests and gives back what it
 * wrote; without one nothing is asked.  So nothing here waits.
 *
 * Rests on review.h and ground.  An opinion lives in its op's arena and belongs to one thread at a
 * time; it copies what it needs of the document, the rules and the review, which may go.
 */
#ifndef SM_REVIEW_OPINION_H
#define SM_REVIEW_OPINION_H

#include "ground/ground.h"
#include "review/review.h"

enum {
    SM_OPINION_CHARS = 3000,    /* of the document in one request */
    SM_OPINION_LONGEST = 8000,  /* of one paragraph, which is a request of its own over the above */
    SM_OPINION_REQUESTS = 40,   /* a document */
    SM_OPINION_RULES = 40,      /* of a pack */
    SM_OPINION_FINDINGS = 30,   /* a document */
    SM_OPINION_DOUBTS = 24,     /* words in one request */
    SM_OPINION_MAX_DOUBTS = 48, /* a document; the likeliest */
    SM_OPINION_REPLY = 64 * 1024 /* bytes; a longer one is none */
};

typedef struct sm_opinion sm_opinion;

/* `without`: the review as it is without a model.  The prompts outlive it. */
sm_rc sm_opinion_begin(sm_op *op, const sm_prompts *p, const sm_layout *doc, const sm_rules *rules,
                       const sm_review_options *o, const sm_review *without, sm_opinion **out);
size_t sm_opinion_n(const sm_opinion *x); /* requests; 0: there is nothing to ask */
/* Paragraphs that no request has: over the limits, or beside words that would order the model. */
size_t sm_opinion_left(const sm_opinion *x);
sm_str sm_opinion_version(const sm_opinion *x); /* of the prompts: "review-1 spelling-1" */

/* The body of a streamed chat completion that answers {"findings":[{"rule","para","quote","why"}]}
 * or {"yes":[1,3]}. */
sm_str sm_opinion_request(const sm_opinion *x, size_t i, sm_str model);
/* What came back.  False: it is no answer of this kind, and nothing of it is taken. */
bool sm_opinion_replied(sm_opinion *x, size_t i, sm_str reply);
/* What was taken, as a reviewer reads; none of it among those `without`. */
size_t sm_opinion_found(sm_opinion *x, const sm_finding **out);

#endif
