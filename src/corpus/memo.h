/*
 * corpus/memo.h - private to corpus: what was read of a database, kept for the next question.
 *
 * A handle taken from a sm_memo finds here what another has read.  All that is kept goes when a
 * handle sees that the file has changed, and is freed when the last op that borrowed from it has
 * ended.
 */
#ifndef SM_CORPUS_MEMO_H
#define SM_CORPUS_MEMO_H

#include "corpus/corpus.h"

typedef enum sm_memo_kind {
    SM_MEMO_DOC,
    SM_MEMO_VERSION,
    SM_MEMO_CLAUSE,
    SM_MEMO_CLAUSE_AT,
    SM_MEMO_CLAUSES,
    SM_MEMO_ABOVE,
    SM_MEMO_HOME,
    SM_MEMO_PLACES,
    SM_MEMO_CONFLICTS
} sm_memo_kind;

/* A list that was read; shared by threads, never changed. */
typedef struct sm_kept sm_kept;
typedef struct sm_kept_list {
    const void *item;
    size_t n;
    const sm_kept *of; /* for sm_memo_json */
} sm_kept_list;

/* False when nothing is kept under that key, or the handle keeps nothing. */
bool sm_memo_find(sm_db *db, sm_memo_kind kind, sm_str key, sm_kept_list *out);
/* Copies n items of `size` bytes; `dup` copies what one points to and returns how many bytes that
 * took.  Does nothing when there is no more room. */
typedef size_t sm_memo_dup(sm_arena *a, void *item);
void sm_memo_keep(sm_db *db, sm_memo_kind kind, sm_str key, const void *item, size_t n, size_t size,
                  sm_memo_dup *dup);
size_t sm_memo_dup_str(sm_arena *a, void *str);
/* The JSON of a document that is kept, read once; NULL when it is to be read by the caller. */
json_t *sm_memo_json(const sm_kept *kept, sm_str text);

static inline sm_str sm_memo_row(const int64_t *row)
{
    return (sm_str){ (const char *)row, sizeof(*row) };
}

#endif
