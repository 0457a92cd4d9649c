/*
 * search/train.h - private to search: what training works on, and its steps.
 *
 * Seeded; the same result for the same input, threads or not.
 */
#ifndef SM_SEARCH_TRAIN_H
#define SM_SEARCH_TRAIN_H

#include "search/model.h"

/* ------------------------------------------------------- learning: learn.c */

typedef struct sm_question {
    sm_str text, time;
    uint64_t hash;  /* of the normalised text */
    uint32_t *name; /* of the catalogue, distinct */
    uint32_t *gold; /* passages, distinct */
    size_t n_names, n_gold;
    sm_query query;
    uint32_t *hard; /* BM25's best, with their scores */
    float *hard_score;
    uint32_t n_hard;
} sm_question;

/* What training works on: one index file, its own questions, the logged questions. */
typedef struct sm_catalogue {
    const sm_index *x;
    sm_bound bound; /* without a model */
    sm_forward docs;
    const sm_lexicon *lexicon;
    const sm_str *words;
    size_t n_words;
    sm_str *name; /* ids that logged questions point at, sorted */
    size_t n_names;
    uint32_t *aim_off, *aim; /* names' passages */
    const sm_own *own;
    size_t n_own;
    sm_question *question; /* in order of their hash */
    size_t n_questions, n_skipped;
} sm_catalogue;

/* `c` comes with bound (without a model), own, lexicon and words; the rest is filled in. */
sm_rc sm_catalogue_open(sm_op *op, const sm_pair *pair, size_t n, sm_catalogue *c);
/* Learns memory, classifier and bi-encoder from the questions kept, without the names
 * dropped (either NULL: all, none). */
sm_rc sm_learn(sm_op *op, const sm_catalogue *c, const uint8_t *keep, const uint8_t *drop,
               uint64_t seed, sm_model *out);

/* ------------------------------------------- weights: fusion.c, gbdt.c, rank.c */

/* A training set: groups of candidates, one group a question.  On the heap, grows. */
typedef struct sm_rows {
    size_t n_groups, n, cap_groups, cap;
    size_t *off;    /* n_groups + 1 */
    float *x;       /* n x SM_N_FEATURES */
    uint8_t *known; /* n */
    uint8_t *gold;  /* n */
    sm_group *group;
} sm_rows;
/* Adds the golds and the `keep` most promising others. */
void sm_rows_add(sm_rows *r, const sm_cands *c, const uint32_t *gold, size_t n_gold, size_t keep);
void sm_rows_append(sm_rows *r, const sm_rows *more);
void sm_rows_done(sm_rows *r);

/* Listwise softmax; held to `prior` the more, the fewer rows; no weight but the length's
 * below 0.  From `start`: the prior itself, or weights fitted on most of these rows, which takes
 * half the steps. */
void sm_fusion_fit(const sm_rows *rows, const sm_fusion *prior, const sm_fusion *start,
                   sm_fusion *out);
/* Boosted trees on top of the linear score, listwise softmax. */
sm_rc sm_gbdt_fit(sm_op *op, const sm_rows *rows, const sm_fusion *base, sm_str *blob);
/* Fits P(first is right) on the rows and, lightly, on the same with their golds taken away: what a
 * question outside the catalogue looks like. */
void sm_calibration_fit(const sm_rows *rows, const sm_fusion *f, const sm_gbdt *gbdt,
                        sm_calibration *out);

/* ----------------------------------------------------- fitting: fit.c, train.c */

/* What one question came to under one method. */
typedef struct sm_result {
    float hit1, hit3, r10, r100, rr10;
} sm_result;
/* The view of a catalogue with a model learned from it, its vectors worked out; b lives as long
 * as the view. */
sm_rc sm_catalogue_view(sm_op *op, const sm_catalogue *c, const sm_model *m, sm_bound *b,
                        sm_view *out);
/* Out-of-fold rows of the questions kept; two threads, the same rows in the same order. */
sm_rc sm_fit_rows(sm_op *op, const sm_catalogue *c, const uint8_t *keep, uint64_t seed,
                  sm_rows *rows);
/* One question's candidates as a group of `rows`. */
void sm_fit_row(sm_arena *a, const sm_view *v, const sm_query *q, const sm_question *of,
                sm_rows *rows);
/* Ranks the question's candidates and looks where its golds are. */
void sm_question_result(const sm_view *v, const sm_catalogue *c, const sm_question *q,
                        const sm_fusion *f, const sm_gbdt *gbdt, sm_result *out);

/* An open catalogue of a data directory's current index with the pairs to learn from. */
typedef struct sm_study {
    sm_searcher *searcher;
    const sm_snapshot *snap;
    const sm_view *now; /* with the current model, if any */
    sm_catalogue c;
} sm_study;
/* E_NOTFOUND without an index, E_INVALID without a usable pair. */
sm_rc sm_study_open(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db, sm_kind kind,
                    const sm_pair *pair, size_t n, sm_study *out);

#endif
