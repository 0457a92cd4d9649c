/*
 * guide/unclear.h - private to guide: whether a question tells an item from its neighbours.
 *
 * Every item has its known wordings (name, aliases, FAQ questions, training questions) as counts of
 * characters and pairs, and its neighbours (siblings, the items that its situations lead to).  A
 * question whose words are about as likely for a neighbour as for the item is unclear, the more so
 * the shorter it is.
 */
#ifndef SM_GUIDE_UNCLEAR_H
#define SM_GUIDE_UNCLEAR_H

#include "base/base.h"

typedef struct sm_wording {
    sm_str code, text;
} sm_wording;
typedef struct sm_neighbours {
    sm_str a, b;
    bool partner; /* no neighbours: people ask for both at once */
} sm_neighbours;

typedef struct sm_unclear sm_unclear;
/* Counts in the op's arena; deterministic. */
sm_str sm_unclear_build(sm_op *op, const sm_wording *w, size_t n, const sm_neighbours *e,
                        size_t n_edges);
/* `blob` must outlive the result. */
sm_rc sm_unclear_open(sm_op *op, sm_str blob, sm_unclear **out);

typedef struct sm_apart {
    double ratio;    /* log ratio of the words, the item against its nearest neighbour */
    size_t n_tokens; /* that it is a sum of */
    size_t n_near;   /* neighbours that fit about as well */
} sm_apart;
/* How well the question tells `code` from its neighbours. */
void sm_unclear_read(const sm_unclear *u, sm_arena *a, sm_str text, sm_str code, sm_apart *out);
/* How often the two were given as neighbours; 0: they are none. */
size_t sm_unclear_links(const sm_unclear *u, sm_str code, sm_str other);

size_t sm_unclear_kin_of(const sm_unclear *u, sm_str code, sm_str *out, size_t max);
/* How often they were asked for together. */
size_t sm_unclear_partnership(const sm_unclear *u, sm_str code, sm_str other);
/* What people ask for together with it. */
size_t sm_unclear_partners_of(const sm_unclear *u, sm_str code, sm_str *out, size_t max);
/* log P(words of the text | each item), up to what all have in common. */
void sm_unclear_weigh(const sm_unclear *u, sm_arena *a, sm_str text, const sm_str *code, size_t n,
                      double *log_p_of);

#endif
