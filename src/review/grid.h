/*
 * review/grid.h - private to review: tables as grids of numbers, and the checks that look across
 * them.
 */
#ifndef SM_REVIEW_GRID_H
#define SM_REVIEW_GRID_H

#include "review/figure.h"

typedef struct sm_cell {
    const sm_line *line; /* NULL: there is no such cell */
    sm_str text;         /* trimmed slice of the line */
    sm_number number;    /* where it begins with one */
    bool has;            /* it is a number, with a unit or % at most */
    bool percent;
} sm_cell;

typedef struct sm_grid {
    sm_cell *cell; /* by row */
    size_t n_rows, n_cols;
} sm_grid;

/* The tables of the document, in order; rows of pasted text, too. */
size_t sm_tables_of(sm_check *c, sm_grid **out);
static inline const sm_cell *sm_grid_at(const sm_grid *g, size_t row, size_t col)
{
    return &g->cell[row * g->n_cols + col];
}
/* 合计, 总计 …: */
bool sm_is_total_label(sm_str s);

/* Sums of columns and rows, and shares: findings of `rule`. */
void sm_grids_check(sm_check *c, const sm_rule *rule);
/* Shares told with what they come to, products, periods: findings of `rule`. */
void sm_relations_check(sm_check *c, const sm_rule *rule);
/* One thing with two values, in text, tables and capitals. */
void sm_twice_check(sm_check *c, const sm_rule *rule);
/* What is left, limits, rates and appointments, against what else is said of them. */
void sm_agree_check(sm_check *c, const sm_rule *rule);

#endif
