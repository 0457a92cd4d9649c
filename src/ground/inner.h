/*
 * ground/inner.h - private to ground: evidence as it is read.
 */
#ifndef SM_GROUND_INNER_H
#define SM_GROUND_INNER_H

#include "ground/ground.h"

typedef struct sm_read_passage {
    sm_source source;
    sm_str *sentence;
    size_t n_sentences;
    sm_fact *fact;
    size_t n_facts;
    sm_wordset words;
} sm_read_passage;

struct sm_evidence {
    sm_read_passage *passage;
    size_t n;
};

#endif
