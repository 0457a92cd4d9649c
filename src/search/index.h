/*
 * search/index.h - private to search: one index file, read and written.
 *
 * Postings of character uni- and bigrams with 5-bit BM25F impacts (k1 1.2, b .75;
 * weights body 1, title 2, heading 1, alias 2), term at a time into u16
 * accumulators.  See docs/search.md.
 */
#ifndef SM_SEARCH_INDEX_H
#define SM_SEARCH_INDEX_H

#include "search/search.h"

typedef struct sm_index sm_index;
typedef struct sm_builder sm_builder;

/* `base` non-NULL makes a delta whose statistics (df, average lengths) are the base's. */
sm_rc sm_builder_open(sm_op *op, const sm_index *base,
                      sm_builder **out); /* closed with the arena */
sm_rc sm_builder_add(sm_op *op, sm_builder *b, const sm_passage *p);
sm_rc sm_builder_write(sm_op *op, sm_builder *b, const char *path);

sm_rc sm_index_open(sm_op *op, const char *path, sm_index **out); /* checked; E_CORRUPT */
void sm_index_close(sm_index *x);
bool sm_index_whole(const sm_index *x); /* the file's digest holds */

uint32_t sm_index_n(const sm_index *x);
sm_str sm_index_id(const sm_index *x, uint32_t passage);
sm_str sm_index_clause(const sm_index *x, uint32_t passage);
int64_t sm_index_row(const sm_index *x, uint32_t passage);
uint32_t sm_index_parent(const sm_index *x, uint32_t passage); /* number of its parent */
uint32_t sm_index_n_parents(const sm_index *x);
bool sm_index_allows(const sm_index *x, uint32_t passage, const sm_filter *f);
/* Of every passage whether the filter allows it; `hidden` and `f` may be NULL. */
void sm_index_allowed(const sm_index *x, const sm_filter *f, const uint8_t *hidden, uint8_t *out);

/* One term's postings: ascending passages with their impacts 1 … 31. */
typedef struct sm_postings {
    const uint32_t *passage;
    const uint8_t *impact;
    uint32_t n;
    float idf;
} sm_postings;
/* Which field set a list speaks of. */
typedef enum sm_field { SM_FIELD_ALL, SM_FIELD_TITLE, SM_FIELD_PARENT } sm_field;
/* SM_FIELD_PARENT lists parents, not passages. false when the term is unknown. */
bool sm_index_postings(const sm_index *x, sm_field field, uint64_t term, sm_postings *out);
/* The same for n terms; a list of n 0 for an unknown one. */
void sm_index_lists(const sm_index *x, sm_field field, const uint64_t *term, size_t n,
                    sm_postings *out);
/* The distinct terms of SM_FIELD_ALL by number, 0 … n-1: training walks them all. */
uint32_t sm_index_n_terms(const sm_index *x);
uint64_t sm_index_term(const sm_index *x, uint32_t number);

/* BM25F scores of the whole index, quantised: score[passage] for n passages. */
typedef struct sm_scores {
    uint16_t *v; /* aligned, n rounded up to 64 */
    uint32_t n;
    float scale; /* score = v * scale; differs from question to question and list to list */
} sm_scores;
/* Fills *s (good until the arena closes) with the sum over terms; at most 64 terms of
 * highest idf, those in over 30 % of passages skipped when there are 1,000 or more. */
void sm_index_score(sm_arena *a, const sm_index *x, sm_field field, const uint64_t *term,
                    size_t n_terms, sm_scores *s);

typedef struct sm_ranked {
    uint32_t passage;
    float score;
} sm_ranked;
/* What is looked at while the best are chosen; each may be NULL. */
typedef struct sm_pick {
    const sm_filter *filter;
    const uint8_t *hidden;       /* passages that a newer part replaces */
    const uint16_t *parent_adds; /* per parent, in the unit of the passages' scores */
} sm_pick;
/* The best `top` allowed passages by score, best first (ties: lower number). */
size_t sm_scores_best(sm_arena *a, const sm_scores *s, const sm_index *x, const sm_pick *pick,
                      size_t top, sm_ranked **out);
size_t sm_scores_top(sm_arena *a, const sm_scores *s, const sm_index *x, const sm_filter *f,
                     size_t top, sm_ranked **out);

/* The view of a kind in a pinned snapshot, for the matcher (model.h); NULL when there is no index.
 */
struct sm_view;
const struct sm_view *sm_snapshot_view(const sm_snapshot *snap, sm_kind kind);
/* For each parent of the delta its number in the base, where that still has passages that are not
 * hidden: the base's score of it is the better one.  Else UINT32_MAX.  NULL when there is no delta.
 */
const uint32_t *sm_snapshot_delta_parents(const sm_snapshot *snap, sm_kind kind);
/* Where the kind's base index file of the snapshot lies. */
const char *sm_snapshot_index_path(sm_op *op, const sm_snapshot *snap, const char *data_dir,
                                   sm_kind kind);
/* One index file without a delta, at the database's revision: what training works on.  The caller
 * holds the writer lock. */
sm_rc sm_index_compact(sm_op *op, const char *data_dir, sm_db *db, sm_kind kind);
/* Names the kind's model file (in <data>/model) in `current`, keeping the rest; the caller holds
 * the writer lock. */
sm_rc sm_current_set_model(sm_op *op, const char *data_dir, sm_kind kind, sm_str file);

#endif
