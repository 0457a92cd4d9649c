/*
 * search/search.h - finding passages and matching questions to them: a lexical
 * index, a question memory, a learned fusion, and the snapshot that readers see.
 *
 * Rests on base, text, store, access, corpus.  A data directory's `current`
 * file names the index files and models of one generation; writers build new
 * files beside and rename `current` last, so a reader has one generation whole.
 * sm_searcher may be shared by threads; what it gives out is pinned for an op.
 */
#ifndef SM_SEARCH_SEARCH_H
#define SM_SEARCH_SEARCH_H

#include "base/base.h"
#include "corpus/corpus.h"
#include "store/store.h"

/* ------------------------------------------------------------- snapshot */

typedef struct sm_searcher sm_searcher;
typedef struct sm_snapshot sm_snapshot;

/* share_dir holds questionwords.txt and lexicon.tsv.  A directory without any
 * index yet is fine: it finds nothing. */
sm_rc sm_searcher_open(sm_op *op, const char *data_dir, const char *share_dir, sm_searcher **out);
void sm_searcher_close(sm_searcher *s);
/* The newest generation (looked for at most every 200 ms), pinned until the op's
 * arena closes. */
sm_rc sm_searcher_pin(sm_op *op, sm_searcher *s, const sm_snapshot **out);
int64_t sm_snapshot_revision(const sm_snapshot *snap);           /* corpus revision */
sm_str sm_snapshot_model(const sm_snapshot *snap, sm_kind kind); /* digest, "" when untrained */
size_t sm_snapshot_n_passages(const sm_snapshot *snap, sm_kind kind);
/* Reads every index file and model of the snapshot against its digest; E_CORRUPT names the file. */
sm_rc sm_snapshot_verify(sm_op *op, const sm_snapshot *snap, int64_t *n_files);

/* --------------------------------------------------------------- search */

typedef enum sm_pass { SM_PASS_IN_FORCE, SM_PASS_REST, SM_PASS_ALL } sm_pass;

typedef struct sm_filter {
    sm_date as_of; /* SM_DATE_NONE: dates are not looked at */
    sm_pass pass;
    const sm_str *regions; /* allowed; passages without region always are */
    size_t n_regions;      /* 0: any */
    unsigned audience;     /* 0: any */
} sm_filter;

typedef struct sm_hit {
    sm_str id, clause; /* live as long as the snapshot is pinned */
    int64_t row;
    uint32_t passage; /* number within the kind's index */
    double score;     /* comparable within one question */
    double coverage;  /* sm_search only: share of the question's idf mass that the passage holds */
    double p; /* calibrated probability of being the one asked for; 0 untrained law search */
} sm_hit;

enum { SM_MAX_SEVERAL = 6 };

/* What is known of a question as a whole, for deciding what to do with it. */
struct sm_model;
struct sm_alike;
typedef struct sm_matches {
    sm_hit *hit; /* best first */
    size_t n;
    bool trained;
    double coverage; /* of the best hit */
    double novel;    /* share of its bigrams that the corpus and the question memory never saw */
    double nearest;  /* likeness of the nearest known question, 0 … 1 */
    size_t n_terms;  /* bigrams and runs looked up */
    /* Logged questions that point at one id, and at several (nobody could tell which is meant):
     * likeness of the nearest of each; what the latter point at, most alike first. */
    double near_one, near_several;
    double first_one, first_several; /* the same among those that point at the first hit's id */
    const struct sm_model *model;    /* for sm_match_likeness; NULL when untrained */
    const struct sm_alike *alike;
    struct sm_pointed {
        sm_str id;
        double vote;
    } several[SM_MAX_SEVERAL];
    size_t n_several;
} sm_matches;

/* The text, normalised, with the first official word in place of each lay word (share/lexicon.tsv).
 */
sm_str sm_formal_text(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text);
/* The n bytes of a text from `at` on are part of a longer lay word that stands there. */
bool sm_in_lay_word(const sm_snapshot *snap, sm_kind kind, sm_str text, size_t at, size_t n);

/* Lexical ranking only (BM25F, parent smoothing). */
sm_rc sm_search(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, const sm_filter *f,
                size_t top, sm_matches **out);
/* The fused ranking of the trained model, or of the shipped weights without one. */
sm_rc sm_match(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, const sm_filter *f,
               size_t top, sm_matches **out);

/* The same under each of several filters; out has room for as many. */
sm_rc sm_match_each(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text,
                    const sm_filter *f, size_t n_filters, size_t top, sm_matches **out);
/* What sm_search under a filter would say of `coverage` for some passages; 0 for one that is not
 * among its best `top`. */
enum { SM_SHARES = 3 };
typedef struct sm_shares {
    const sm_filter *filter;
    uint32_t passage[SM_SHARES];
    size_t n;
    double coverage[SM_SHARES];
} sm_shares;
sm_rc sm_search_shares(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text, size_t top,
                       sm_shares *of, size_t n);
/* The same as sm_match for a piece of a question, of which only the ranking is wanted: first_one,
 * first_several and sm_match_likeness tell nothing of it. */
sm_rc sm_match_piece(sm_op *op, const sm_snapshot *snap, sm_kind kind, sm_str text,
                     const sm_filter *f, size_t top, sm_matches **out);

/* Likeness of the nearest logged question that points at an id, 0 … 1. */
double sm_match_likeness(const sm_matches *m, sm_str id);

/* -------------------------------------------------------------- writing */

/* Brings index files up to the database's revision: a small delta for few changes, a
 * rebuild otherwise; swaps `current`.  The caller holds the writer lock. */
sm_rc sm_index_refresh(sm_op *op, const char *data_dir, sm_db *db);

typedef struct sm_pair {
    sm_str text, id;
    sm_str time; /* ISO, may be "" */
    /* For the guide; training does not look at them. */
    sm_str facet; /* what of it is asked, may be "" */
    bool two;     /* one of two things asked at once */
    sm_str after; /* said with this in hand, or offered among others; "" for a first question */
    bool offered;
} sm_pair;

typedef struct sm_train_options {
    uint64_t seed; /* 0: the standard one */
    bool gbdt;     /* allow the boosted trees where the hold-out says they win */
    bool force;    /* swap in without comparing */
} sm_train_options;

typedef struct sm_train_report {
    size_t n_pairs, n_holdout, n_skipped; /* skipped: unknown id */
    double hit1, hit3, recall10, mrr10;   /* new model on the hold-out */
    double old_hit1, old_recall10;        /* current model (or lexical) on the hold-out */
    double p_not_worse;                   /* paired bootstrap */
    bool swapped, used_gbdt;
    sm_str digest; /* of the model file */
    size_t model_bytes;
    double seconds;
    sm_str text; /* Chinese summary */
} sm_train_report;

/* Learns a model for `kind` and swaps it in if it is not worse (see docs/training.md).
 * Bit for bit the same for the same pairs, corpus and seed.  Holds the writer lock
 * while swapping: the caller has it. */
sm_rc sm_train(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db, sm_kind kind,
               const sm_pair *pair, size_t n, const sm_train_options *o, sm_train_report **out);

/* Cross-validation of the whole chain over pairs grouped by text; prints nothing.
 * rows: one per method ("lexical", "linear", "gbdt"). */
typedef struct sm_cv_row {
    const char *method;
    double r10, r100, mrr10, hit1, hit3;
} sm_cv_row;
sm_rc sm_cross_validate(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db,
                        sm_kind kind, const sm_pair *pair, size_t n, int folds, sm_cv_row **rows,
                        size_t *n_rows);
/* In `rotations` turns each id's questions are left out once and used as the test:
 * hit@1, hit@3 over them ("new items"), and over the ids kept ("others"). */
sm_rc sm_leave_items_out(sm_op *op, const char *data_dir, const char *share_dir, sm_db *db,
                         const sm_pair *pair, size_t n, int rotations, double *new_hit1,
                         double *new_hit3, double *others_loss);

/* -------------------------------------------- a linear n-gram classifier */

/* Softmax over character 1-3-grams, trained here and now; small enough to train in a
 * second for a few thousand rows.  Used by the guide for intents and facets. */
typedef struct sm_linear sm_linear;
typedef struct sm_row {
    sm_str text;
    int label; /* 0 … n_labels-1 */
} sm_row;
sm_rc sm_linear_train(sm_op *op, const sm_row *row, size_t n, int n_labels, uint64_t seed,
                      sm_str *blob);
/* `blob` must outlive the result, which lies in the arena; E_CORRUPT when it is not one. */
sm_rc sm_linear_open(sm_op *op, sm_str blob, sm_linear **out);
int sm_linear_labels(const sm_linear *l);
void sm_linear_predict(const sm_linear *l, sm_str text, double *p); /* p[n_labels], sums to 1 */
/* The same for several classifiers over one text. */
enum { SM_LINEAR_GRAMS = 512 };
typedef struct sm_grams {
    uint64_t key[SM_LINEAR_GRAMS];
    size_t n;
} sm_grams;
void sm_linear_grams(sm_str text, sm_grams *out);
void sm_linear_predict_grams(const sm_linear *l, const sm_grams *g, double *p);

#endif
