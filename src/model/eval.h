/*
 * model/eval.h - the gate to production: a back end is put through the prompts of
 * share/model-eval.jsonl, and the figures are kept with the digest of what was judged by what.
 *
 * Rests on base, store, access, libcurl.  Two parts.  The mechanical one holds for any weights,
 * random ones too: what a caller relies on whatever the model knows (schemas and choices obeyed,
 * the same answer twice, refusals that are told).  The quality part is what the weights are worth:
 * facts copied from evidence, refusal without it.  Both are measured and recorded; `passed` is the
 * mechanical part's, `quality` says that the other one passed, too.
 */
#ifndef SM_MODEL_EVAL_H
#define SM_MODEL_EVAL_H

#include "model/registry.h"
#include "model/remote.h"

typedef struct sm_evaluation {
    int64_t id, backend, time_ms;
    sm_str figures; /* JSON */
    sm_str subject; /* SM3 of what was judged, hex */
    sm_str digest;  /* SM3 of subject and prompts, hex */
    bool passed, quality;
    sm_str by;
} sm_evaluation;

/* SM3, hex, of what decides on a back end's answers: the file's digest, template, adapters; or URL
 * and remote name. */
sm_str sm_backend_subject(sm_arena *a, const sm_backend *b);
/* Of a subject judged by prompts of that digest. */
sm_str sm_evaluation_digest(sm_arena *a, sm_str subject, sm_str prompts);
/* E_CONFLICT, with what to do, unless one stands (registry.h, sm_promotion). */
sm_rc sm_evaluation_stands(sm_op *op, sm_db *db, const sm_backend *b, const sm_promotion *gate);
/* The gate of this site: today's prompts, and whether quality gates, too (the setting
 * "model_require_quality" of record.db). */
sm_rc sm_promotion_read(sm_op *op, sm_db *db, const char *share_dir, sm_promotion *out);
sm_rc sm_promotion_set(sm_op *op, sm_db *db, sm_str by, bool require_quality);
/* Records it with the ledger act "model.eval"; e->id and time come back. */
sm_rc sm_evaluation_put(sm_op *op, sm_db *db, sm_str by, const sm_backend *b, sm_evaluation *e);
/* Newest first; backend 0: all of them. */
sm_rc sm_evaluation_list(sm_op *op, sm_db *db, int64_t backend, int64_t limit, sm_evaluation **out,
                         size_t *n);

/* The prompts, and the hex digest of their file. */
sm_rc sm_eval_prompts(sm_op *op, const char *share_dir, json_t **out, sm_str *digest);
/* Asks them all; figures, passed, quality, subject and digest come back in *out, which is not
 * recorded yet.  Failures of single prompts are figures; E_UNAVAILABLE when the back end does not
 * answer at all. */
sm_rc sm_eval_run_model(sm_op *op, const sm_backend *b, sm_remote *r, const char *share_dir,
                        sm_evaluation *out);

#endif
