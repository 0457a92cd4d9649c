/*
 * search/current.h - private to search: the `current` file, which names one generation.
 */
#ifndef SM_SEARCH_CURRENT_H
#define SM_SEARCH_CURRENT_H

#include "search/search.h"

typedef struct sm_generation {
    int64_t revision; /* of the corpus */
    struct {
        sm_str base, delta, model; /* file names, "" for none */
        int64_t base_revision;
    } kind[SM_N_KINDS];
} sm_generation;

/* A directory without the file gives an empty generation. */
sm_rc sm_current_read(sm_op *op, const char *data_dir, sm_generation *out);
sm_rc sm_current_write(sm_op *op, const char *data_dir, const sm_generation *g);

/* An index's companion (own questions, lengths) lies beside it. */
sm_str sm_companion_name(sm_arena *a, sm_str index_name);

#endif
