/*
 * corpus/known.h - private to corpus but for sm_known_load: everyday questions shipped with the
 * program (share/questions.jsonl, lines {"matter","text"}), tied to items by the matter's name.
 */
#ifndef SM_CORPUS_KNOWN_H
#define SM_CORPUS_KNOWN_H

#include "corpus/corpus.h"

/* A matter's name as it is compared. */
sm_str sm_matter_key(sm_arena *a, sm_str name);
/* Adds the questions about the matter of that name to out[*n …], up to `max` in all. */
sm_rc sm_known_of(sm_op *op, sm_db *db, sm_str name, sm_str *out, size_t max, size_t *n);

#endif
