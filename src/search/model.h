/*
 * search/model.h - private to search: what a question and a passage have in common, how that is
 * weighed, and the file a trained model lies in.
 *
 * A model speaks of `names` (document ids), never of passage numbers, so that it outlives the
 * index it was trained on; sm_bound ties it to one index file.  All of it is read-only after
 * it was made and may be shared by threads.
 */
#ifndef SM_SEARCH_MODEL_H
#define SM_SEARCH_MODEL_H

#include "search/index.h"
#include "search/learned.h"
#include "search/search.h"

/* ------------------------------------------------------ features: features.c */

/* name, learned from logged questions (weight never negative) */
#define SM_FEATURE_TABLE(X)                            \
    X(BM25F, bm25f, 0)                                 \
    X(UNI, characters, 0)                              \
    X(BI, bigrams, 0)                                  \
    X(COVER, coverage, 0)                              \
    X(TITLE, title, 0)                                 \
    X(PARENT, parent, 0)                               \
    X(LEXICON, lexicon, 0)                             \
    X(LENGTH, length, 0)                               \
    X(OWN, own questions, 0)                           \
    X(OWN_MAX, nearest own question, 0)                \
    X(COS, bi - encoder, 1)                            \
    X(COS_PARENT, best bi - encoder within parent, 1)  \
    X(NEAR, logged questions, 1)                       \
    X(NEAR_MAX, nearest logged question, 1)            \
    X(NEAR_PARENT, logged questions of parent, 1)      \
    X(PRIOR_PARENT, how often parent was asked for, 1) \
    X(CLASS, classifier, 1)                            \
    X(CLASS_P, classifier probability, 1)
typedef enum sm_feature {
#define SM_FEATURE_ENUM(name, text, logged) SM_F_##name,
    SM_FEATURE_TABLE(SM_FEATURE_ENUM)
#undef SM_FEATURE_ENUM
        SM_N_FEATURES
} sm_feature;
const char *sm_feature_name(int feature);

struct sm_model; /* below */

/* A model, if there is one, tied to one index file. */
typedef struct sm_bound {
    const sm_index *x;
    uint32_t n;
    const uint32_t *name;    /* n: the passage's name in the model or UINT32_MAX */
    const uint8_t *known;    /* n: that has logged questions in the model; or NULL */
    const uint32_t *aim_off; /* n_names + 1: passages of each name */
    const uint32_t *aim;
    const uint32_t *parent;    /* n */
    const float *parent_prior; /* log(1 + logged questions of the parent) */
    const float *length;       /* n: log of the number of distinct terms; or NULL */
    const int8_t *vec;         /* n x SM_DIM, or NULL */
    sm_memory own;             /* aims are passages */
} sm_bound;

/* An index file's companion, made with it: its own questions and passage lengths. */
typedef struct sm_own {
    sm_str normal; /* a name, an alias, a question from the guide */
    uint32_t passage;
} sm_own;
sm_str sm_companion_build(sm_arena *a, const sm_index *x, const sm_own *own, size_t n);
/* Parents, names, own questions; vectors when the model has some.  `companion` may be empty.
 * E_CORRUPT when it is not one of this index. */
sm_rc sm_bound_make(sm_op *op, const sm_index *x, sm_str companion, const struct sm_model *m,
                    sm_bound *out);

/* Only the part that ties the model's names to passages. */
void sm_bound_names(sm_op *op, const struct sm_model *m, sm_bound *b);

/* Lay words and the official ones they stand for (share/lexicon.tsv). */
typedef struct sm_lay_word {
    sm_str lay, formal; /* normalised; formal words parted by blanks */
} sm_lay_word;
typedef struct sm_lexicon {
    sm_lay_word *line; /* in order of lay */
    size_t n;
    struct sm_lay_first {
        uint32_t c;
        uint32_t line; /* the first that begins with this character */
    } * first;         /* in order of c */
    size_t n_firsts;
} sm_lexicon;

/* lexicon.tsv and questionwords.txt of a folder (NULL: neither), in the op's arena. */
sm_rc sm_shared_read(sm_op *op, const char *share_dir, sm_lexicon *lexicon, sm_str **words,
                     size_t *n_words);

/* What one question is looked up in. */
typedef struct sm_view {
    struct sm_part {
        const sm_bound *bound;
        uint32_t first;        /* number of its passage 0 in the whole */
        const uint8_t *hidden; /* passages a newer part replaces; may be NULL */
    } part[2];
    size_t n_parts;
    const struct sm_model *model; /* NULL: untrained */
    const sm_lexicon *lexicon;    /* may be NULL */
    const sm_str *words;          /* question words to take out, longest first */
    size_t n_words;
} sm_view;

/* Passages of each name ("id" or "id#clause"), and each passage's nearest name. */
void sm_names_aim(sm_arena *a, const sm_index *x, const sm_str *name, uint32_t n_names,
                  uint32_t **name_of, uint32_t **aim_off, uint32_t **aim);

/* A question made ready. */
typedef struct sm_query {
    sm_str normal, bare; /* as written; without question words */
    sm_bag bag;          /* of bare */
    uint64_t *extra;     /* terms of the official words */
    size_t n_extra;
} sm_query;
void sm_query_of(sm_arena *a, const sm_view *v, sm_str text, sm_query *out);

/* A name with the summed likeness of the questions that point at it. */
typedef struct sm_named_vote {
    uint32_t name;
    float vote;
} sm_named_vote;

/* One question's candidates with their features, a column each. */
#define SM_FEATURE_BIT(f) (UINT32_C(1) << (f))
#define SM_FEATURES_ALL   (SM_FEATURE_BIT(SM_N_FEATURES) - 1)
typedef struct sm_cands {
    uint32_t *passage;
    float *x[SM_N_FEATURES]; /* NULL for what was not wanted */
    uint8_t *known;          /* the passage has logged questions in the model */
    size_t n;
    bool all;      /* nothing was left out, not even what the filter does not allow */
    double mass;   /* sum of the question's idf */
    double novel;  /* share of its bigrams that neither corpus nor memory knows */
    float nearest; /* likeness of the nearest question of both memories */
    float near_one, near_several; /* of the nearest logged one with one name, with several */
    sm_alike alike;               /* to every logged question; nothing without a model */
    const float *log_p;           /* of every name; NULL without a classifier */
    sm_named_vote several[SM_MAX_SEVERAL]; /* the names of the latter, most alike first */
    size_t n_several;
    size_t n_terms;
    sm_postings *term[2]; /* of each part; n 0 for a term that is not there */
} sm_cands;
/* All passages of a small catalogue (2,000), else of those allowed the best 150 by BM25F, 150 with
 * the bi-encoder and those the nearest questions point at.  `wanted`: features by their bits;
 * NEAR_MAX and OWN_MAX must be among them for sm_cands_top. */
void sm_cands_of(sm_arena *a, const sm_view *v, const sm_query *q, const sm_filter *f,
                 uint32_t wanted, sm_cands *out);
bool sm_cands_take_all(const sm_view *v); /* the former */
/* What the calibration asks of the first. */
typedef struct sm_top {
    float cover, near, class_p;
    bool known;
} sm_top;
void sm_cands_top(const sm_view *v, const sm_cands *c, size_t row, sm_top *out);

/* --------------------------------------------------- fusion: fusion.c, gbdt.c */

/* What is known of one question beside its candidates. */
typedef struct sm_group {
    uint32_t golds; /* in all, among the candidates or not; training only */
    uint32_t n_terms;
    float nearest, novel;
} sm_group;

/* score = x . w[known] + known x bias */
typedef struct sm_fusion {
    float w[2][SM_N_FEATURES];
    float bias;
} sm_fusion;
float sm_fusion_score(const sm_fusion *f, const float *x, bool known);
/* The shipped weights, for catalogues that nobody has asked anything of yet. */
const sm_fusion *sm_fusion_shipped(sm_kind kind);

typedef struct sm_gbdt_node {
    uint16_t feature; /* SM_N_FEATURES: known; UINT16_MAX: a leaf */
    uint16_t left, right, reserved;
    float at; /* x <= at goes left; a leaf's value */
} sm_gbdt_node;
typedef struct sm_gbdt {
    uint32_t n_trees;
    const uint32_t *root; /* n_trees + 1: first node of each tree */
    const sm_gbdt_node *node;
} sm_gbdt;
bool sm_gbdt_open(sm_str blob, sm_gbdt *out);
float sm_gbdt_score(const sm_gbdt *g, const float *x, bool known);

/* ------------------------------------------------------ ranking: rank.c */

/* Calibration: logistic over what the ranked list looks like. */
enum { SM_N_STATS = 12 };
typedef struct sm_calibration {
    float w[SM_N_STATS];
    float bias;
} sm_calibration;

typedef struct sm_rank {
    uint32_t at; /* among the candidates */
    float score;
    float share; /* of the softmax over the best SM_LIST */
} sm_rank;
enum { SM_LIST = 64 };
/* Candidates to be ranked; those that are not allowed (NULL: all are) as if they were not there. */
typedef struct sm_ranking {
    const float *const *x; /* columns */
    const uint8_t *known, *allowed;
    size_t n;
} sm_ranking;
/* The features that a ranking looks at. */
uint32_t sm_rank_wants(const sm_fusion *f, const sm_gbdt *gbdt);
/* The best `top` (SM_LIST when `top` is less), best first; ties: the earlier.  `gbdt` may be NULL.
 * Gives how many are allowed. */
size_t sm_rank_list(sm_arena *a, const sm_fusion *f, const sm_gbdt *gbdt, const sm_ranking *r,
                    size_t top, sm_rank **out);
void sm_stats_of(const sm_rank *list, size_t n, const sm_top *top, const sm_group *g,
                 float out[SM_N_STATS]);
double sm_calibrated(const sm_calibration *c, const float stats[SM_N_STATS]);
const sm_calibration *sm_calibration_shipped(sm_kind kind);

/* ---------------------------------------------------------------- model */

typedef struct sm_model {
    uint64_t seed;
    sm_digest digest;
    uint32_t n_names;
    const uint32_t *name_off; /* n_names + 1, into name_text */
    const char *name_text;
    const uint32_t *name_count; /* logged questions */
    sm_memory memory;
    /* Of each name the logged questions that point at it; NULL in a model that is being made. */
    const uint32_t *question_off, *question;
    uint32_t *name_slot; /* likewise; a name's number + 1 by its hash */
    size_t name_mask;
    sm_arena *own; /* likewise; what was worked out when the file was opened */
    sm_maxent maxent;
    sm_bienc bienc;
    sm_fusion fusion;
    sm_gbdt gbdt; /* n_trees 0: linear only */
    sm_calibration calibration;
    sm_str figures; /* JSON */
    sm_str memory_blob, maxent_blob, bienc_blob, gbdt_blob;
    sm_map map; /* when it came from a file */
} sm_model;

sm_str sm_model_name(const sm_model *m, uint32_t name);
/* The number of a name (they are sorted), UINT32_MAX for none. */
uint32_t sm_model_find(const sm_model *m, sm_str name);

/* A model file is mapped and every offset, count and number in it checked before use;
 * E_CORRUPT.  It is at most SM_MODEL_MAX_BYTES and the same bytes for the same input. */
#define SM_MODEL_MAX_BYTES (32u << 20)
sm_rc sm_model_open(sm_op *op, const char *path, sm_model **out); /* outlives the op */
void sm_model_close(sm_model *m);                                 /* NULL is fine */
bool sm_model_whole(const sm_model *m);                           /* the file's own SM3 holds */
sm_rc sm_model_bytes(sm_op *op, const sm_model *m, sm_str *out);  /* also sets no digest in m */

/* The passages' vectors of one index under one model lie beside the index (FILE.vec) so that a
 * start needs not work them out (.2 s for 60,000 passages).  _write after training and after an
 * index was built; _bind maps the file when it is of this model and index, else works them out
 * in op's arena.  *map is empty or to be closed by the caller. */
sm_rc sm_vectors_write(sm_op *op, const char *index_path, const sm_index *x, const sm_model *m);
sm_rc sm_vectors_bind(sm_op *op, const char *index_path, const sm_model *m, sm_bound *b,
                      sm_map *map);

/* sm_match_each on a view; `keep`: for sm_match_likeness.  `f` may be NULL for one. */
void sm_match_view(sm_arena *a, const sm_view *v, sm_kind kind, sm_str text, const sm_filter *f,
                   size_t n_filters, size_t top, bool keep, sm_matches *m);

#endif
