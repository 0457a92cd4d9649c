/*
 * sunmao/inner.h - private to sunmao: the opened data directory and the writer's turn.
 */
#ifndef SM_SUNMAO_INNER_H
#define SM_SUNMAO_INNER_H

#include "sunmao/sunmao.h"

#include <pthread.h>

enum { SM_LOCK_WAIT_MS = 10000, SM_LAWS_MAX_BYTES = 32 << 20, SM_PAIRS_MAX_BYTES = 256 << 20 };

#define SM_SPELLER_FILE "speller.bin" /* in the folder model */

struct sm_sunmao {
    sm_arena *own;
    const char *data_dir, *share_dir;
    sm_date today;
    bool read_only;
    sm_searcher *searcher;
    pthread_mutex_t guide_lock;        /* guards `guide` */
    struct sm_held_guide *guide;       /* opened by the first ask, and anew when its file changes */
    sm_db_pool *corpus, *record;       /* lent to callers */
    pthread_mutex_t review_lock;       /* guards what follows */
    struct sm_held_reviewer *reviewer; /* NULL: not opened yet */
    uint64_t review_stamp;             /* of the files that were last tried */
    char *review_trouble;              /* why they were not taken up; NULL: they were */
};

/* A guide in use; one that a newer file has replaced goes with its last user. */
typedef struct sm_held_guide {
    sm_guide *guide;
    int64_t stamp; /* of the classifier file it was opened with */
    int users;
    bool replaced;
} sm_held_guide;
/* Lets go of the current guide. */
void sm_drop_guide(sm_sunmao *s);

/* One in use that newer files have replaced goes with its last user. */
typedef struct sm_held_reviewer sm_held_reviewer;
/* Lets go of the current one. */
void sm_drop_reviewer(sm_sunmao *s);

/* What this data directory is reviewed by, where `o` leaves it open. */
void sm_sunmao_review_options(sm_arena *a, const sm_sunmao *s, sm_reviewer_options *o);

/* The one writer's turn: the lock and the database. */
typedef struct sm_writing {
    int lock;
    sm_db *db;
} sm_writing;
sm_rc sm_write_begin(sm_op *op, sm_sunmao *s, sm_writing *w); /* on failure _end is still due */
void sm_write_end(sm_writing *w);

/* Learns the guide's classifiers again from the corpus and the pairs kept from training. */
sm_rc sm_learn_guide(sm_op *op, sm_sunmao *s, sm_db *db);

#endif
