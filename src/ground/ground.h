/*
 * ground/ground.h - evidence and claims: what may be said from the passages given.
 *
 * Rests on base and text.  Pure; evidence never changes once it is made and may be shared by
 * threads, each with an arena of its own for what it asks.  docs/grounding.md tells what is
 * checked, how, and what is not.
 */
#ifndef SM_GROUND_GROUND_H
#define SM_GROUND_GROUND_H

#include "base/base.h"
#include "text/text.h"

/* ------------------------------------------------------------- evidence */

typedef struct sm_source {
    sm_str id;    /* "HJ-001/fee"; what a citation names */
    sm_str title; /* what the passage is of: 《…》第四条, 办事指南《…》 */
    sm_str text;
} sm_source;

enum {
    SM_EVIDENCE_MAX = 64,               /* passages */
    SM_EVIDENCE_MAX_BYTES = 256 * 1024, /* of all texts and titles */
    SM_SENTENCE_MAX_BYTES = 16 * 1024   /* of one sentence that is checked */
};

typedef struct sm_evidence sm_evidence;

/* The passages read once: facts, sentences, what defines a short name.  The passages' bytes are
 * borrowed.  E_LIMIT over the limits above, E_INVALID for a text that is no UTF-8 or an id that is
 * empty or there twice. */
sm_rc sm_evidence_read(sm_op *op, const sm_source *passage, size_t n, sm_evidence **out);
/* With the names of organs that are known (NULL: by their suffixes only). */
sm_rc sm_evidence_read_with(sm_op *op, const sm_source *passage, size_t n, const sm_organs *organs,
                            sm_evidence **out);
/* The same from [{"id","title","text"}], which outlives it. */
sm_rc sm_evidence_parse(sm_op *op, const json_t *list, const sm_organs *organs, sm_evidence **out);
size_t sm_evidence_n(const sm_evidence *e);
const sm_source *sm_evidence_source(const sm_evidence *e, size_t i);
/* The sentences of a passage, numbered as pointers name them; slices of its text. */
size_t sm_evidence_sentences(const sm_evidence *e, size_t passage, const sm_str **out);

/* True when a text speaks to a program instead of to people (忽略以上规则, <system>): an order to
 * whoever words answers.  Its passage may be quoted; nothing is to be worded from it. */
bool sm_ground_orders(sm_arena *a, sm_str text);

/* ------------------------------------------------------------- verdicts */

typedef enum sm_verdict_kind {
    SM_SUPPORTED,
    SM_PARTIAL,     /* the facts stand, some of the wording rests on nothing */
    SM_UNSUPPORTED, /* a fact, or most of it, stands nowhere */
    SM_CONTRADICTED /* the evidence says otherwise */
} sm_verdict_kind;
const char *sm_verdict_name(sm_verdict_kind k); /* "supported" … */

typedef struct sm_span {
    size_t passage, at, n; /* bytes of its text */
} sm_span;

typedef struct sm_checked_fact {
    sm_str text;      /* slice of the sentence */
    const char *kind; /* sm_fact_kind_name, "quote" or "relation" */
    bool ok;
    sm_span where; /* when ok: where it stands */
} sm_checked_fact;

typedef struct sm_verdict {
    sm_verdict_kind kind;
    sm_checked_fact *fact;
    size_t n_facts;
    const char *code; /* stable: "ok", "fact_absent", "fact_slot", "bound", "negation", "condition",
                       * "exception", "modality", "organ", "subject", "quote", "wording", "empty",
                       * "voted" */
    sm_str why;       /* Chinese, for staff */
    sm_span nearest;  /* the evidence's sentence or clause that supports it or is nearest to it */
    double cover;     /* of its wording that the evidence has, 0 … 1 */
    bool open;        /* nothing but its wording decided, and not surely: a further reader may know
                       * better (gate.h) */
} sm_verdict;

/* One sentence against the evidence, or against those passages that `among` names (NULL: all).
 * Never fails: a sentence that cannot be read is unsupported. */
void sm_ground_check(sm_arena *a, const sm_evidence *e, sm_str sentence, const size_t *among,
                     size_t n_among, sm_verdict *out);
/* {"verdict","facts":[{"text","kind","ok","where"}],"why","code","nearest","open"}: a new object;
 * `where` is the passage's id. */
json_t *sm_verdict_json(const sm_evidence *e, const sm_verdict *v);

/* In a file of lines "evidence" may be "=": the same as in the line before.  It is put in from *last
 * (NULL before the first line; the caller releases it in the end), which then holds this line's.
 * E_INVALID when no line had any. */
sm_rc sm_ground_line(sm_op *op, json_t *in, json_t **last);

/* The batch contract: {"id","evidence":[{"id","title","text"}],"sentence"} to sm_verdict_json with
 * its "id".  E_INVALID says which member is wrong. */
sm_rc sm_ground_answer(sm_op *op, const json_t *asked, const sm_organs *organs, json_t **out);

/* ------------------------------------------------------- our own sentences */

/* True when every number with its unit, date, amount, percentage, document number, article, title
 * and phone of the sentence occurs in at least one of the passages: for sentences that the program
 * builds itself.  *missing (may be NULL) is the first that does not. */
bool sm_ground_holds(sm_arena *a, sm_str sentence, const sm_str *passage, size_t n_passages,
                     sm_str *missing);

#include "ground/gate.h"
#include "ground/mask.h"
#include "ground/prompt.h"

#endif
