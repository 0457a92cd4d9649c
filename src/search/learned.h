/*
 * search/learned.h - private to search: the parts that are learned from questions, each a run of
 * bytes that can be read in place: the question memory, the classifier, the bi-encoder.
 *
 * Read-only once made; may be shared by threads.  A blob must outlive what was opened on it.
 */
#ifndef SM_SEARCH_LEARNED_H
#define SM_SEARCH_LEARNED_H

#include "search/index.h"

enum {
    SM_DIM = 32,             /* of the bi-encoder */
    SM_QUESTION_TERMS = 160, /* looked up of one question */
    SM_QUESTION_CHARS = 400, /* read of one question */
    SM_NEAR = 20,            /* neighbours in the question memory */
};

/* ------------------------------------------------------------ questions */

/* The distinct uni- and bigrams and runs of a text, by first appearance. */
typedef struct sm_bag {
    uint64_t *key;
    float *tf;
    bool *pair; /* a bigram (false: a character or a run) */
    size_t n;
} sm_bag;
/* `normal` is normalised text. */
void sm_bag_of(sm_arena *a, sm_str normal, sm_bag *out);

/* An n-gram of a table with its weight in one text. */
typedef struct sm_gram {
    uint32_t id;
    float x;
} sm_gram;
/* The n-grams that the table of n_keys ascending keys has, by their idf, scaled to unit length;
 * out has room for n. */
size_t sm_gram_vector(const uint64_t *key, const float *idf, size_t n_keys, const uint64_t *gram,
                      size_t n, sm_gram *out);

/* -------------------------------------------------- question memory: knn.c */

/* Postings over known questions.  Likeness of q to q' = BM25(q, q') / BM25(q, q), at most 1
 * (k1 1.2, b .75, term counts ignored).  Every question points at targets: passages in an
 * index's own memory, names in a model's. */
typedef struct sm_memory {
    uint32_t n_questions, n_terms;
    const uint64_t *key;     /* n_terms, ascending */
    const float *idf;        /* n_terms */
    const uint32_t *off;     /* n_terms + 1 */
    const uint32_t *post;    /* question numbers */
    const float *norm;       /* n_questions: k1 (1 - b + b length / average) */
    const uint32_t *aim_off; /* n_questions + 1 */
    const uint32_t *aim;
    /* The norms by number: they are few, since a question has few terms.  NULL before _ready. */
    const uint8_t *norm_no;   /* n_questions */
    const float *one_of_norm; /* 1 + norm, n_norms */
    uint32_t n_norms;
} sm_memory;

typedef struct sm_memory_row {
    sm_bag bag;
    const uint32_t *aim;
    size_t n_aims;
} sm_memory_row;

sm_str sm_memory_build(sm_arena *a, const sm_memory_row *row, size_t n);
/* False when the bytes are no memory or an aim is not below n_aims. */
bool sm_memory_open(sm_str blob, uint32_t n_aims, sm_memory *out);
/* Makes an opened memory faster to ask; what that takes lies in the arena. */
void sm_memory_ready(sm_arena *a, sm_memory *m);

typedef struct sm_near {
    uint32_t question;
    float like;
} sm_near;
/* Of every question its BM25 with q; the likeness is worked out of those that are looked at. */
typedef struct sm_alike {
    const float *score; /* n, with zeros behind up to a multiple of 32 */
    uint32_t n;
    float self; /* of q with itself, as if it were of average length */
} sm_alike;
static inline float sm_like_of(const sm_alike *a, float score)
{
    return score > 0 ? SM_MIN(score / a->self, 1.0f) : 0;
}
void sm_memory_weigh(sm_arena *a, const sm_memory *m, const sm_bag *q, sm_alike *out);
/* The nearest at most SM_NEAR of them, most alike first. */
size_t sm_memory_near(sm_arena *a, const sm_alike *alike, sm_near out[SM_NEAR]);

/* ------------------------------------------------ closed catalogue: maxent.c */

/* Softmax over names; a weight exists only where an n-gram (1-3 characters) and a name were
 * seen together in training, so size and time follow the questions, not names x n-grams. */
typedef struct sm_maxent {
    uint32_t n_labels, n_grams;
    const uint64_t *key;   /* n_grams, ascending */
    const float *idf;      /* n_grams */
    const float *scale;    /* n_grams: weight = scale * w / 127 */
    const uint32_t *off;   /* n_grams + 1 */
    const uint32_t *label; /* ascending within an n-gram */
    const int8_t *w;
    const uint8_t *has; /* n_labels: any row in training */
} sm_maxent;

typedef struct sm_maxent_row {
    sm_str normal;
    uint32_t label;
} sm_maxent_row;
/* What a name's own text says: its n-grams with their weight there; training starts from it. */
typedef struct sm_maxent_word {
    uint64_t key;
    uint32_t label;
    float w;
} sm_maxent_word;
sm_str sm_maxent_train(sm_arena *a, const sm_maxent_row *row, size_t n, const sm_maxent_word *word,
                       size_t n_words, uint32_t n_labels, uint64_t seed);
bool sm_maxent_open(sm_str blob, uint32_t n_labels, sm_maxent *out);
/* log p of every label, -INFINITY for those without rows. */
void sm_maxent_predict(const sm_maxent *m, sm_str normal, float *log_p);

/* ------------------------------------------------------ bi-encoder: bienc.c */

/* Two tables of n-gram vectors.  A text's vector is the unit-length weighted sum of its
 * n-grams'; cos(question, passage) is trained as a residual on BM25. */
typedef struct sm_table {
    uint32_t n;
    const uint64_t *key; /* ascending */
    const float *idf;
    const float *scale; /* value = scale * v / 127 */
    const int8_t *v;    /* n x SM_DIM */
} sm_table;
typedef struct sm_bienc {
    sm_table q, d;
} sm_bienc;

/* Documents as the rows of a sparse matrix over the index's terms. */
typedef struct sm_forward {
    uint32_t n_docs, n_terms;
    const uint64_t *key; /* of each term, in the index's order */
    const float *idf;
    uint32_t *off;  /* n_docs + 1 */
    uint32_t *term; /* heaviest first */
    float *w;       /* idf x impact / 31 */
} sm_forward;
/* At most `max_terms` heaviest terms a document. */
sm_rc sm_forward_build(sm_op *op, const sm_index *x, uint32_t max_terms, sm_forward *out);

typedef struct sm_bienc_row {
    const sm_bag *bag;
    uint32_t gold;           /* a document */
    const uint32_t *golds;   /* all golds of the question, never a negative */
    const uint32_t *hard;    /* BM25's best, */
    const float *hard_score; /* with their scores */
    uint32_t n_golds, n_hard;
} sm_bienc_row;
sm_rc sm_bienc_train(sm_op *op, const sm_forward *docs, const sm_bienc_row *row, size_t n,
                     uint64_t seed, sm_str *blob);
bool sm_bienc_open(sm_str blob, sm_bienc *out);
/* Unit length; all 0 when no n-gram is known. */
void sm_bienc_question(const sm_bienc *e, const sm_bag *q, float out[SM_DIM]);
/* Passages' vectors, unit length x 127: n_docs x SM_DIM. */
int8_t *sm_bienc_passages(sm_arena *a, const sm_bienc *e, const sm_index *x);

#endif
