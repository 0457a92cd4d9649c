/*
 * review/figure.h - private to review: the figures of a document, as checkers of sums and of facts
 * said twice compare them.
 */
#ifndef SM_REVIEW_FIGURE_H
#define SM_REVIEW_FIGURE_H

#include "review/inner.h"

/* A number as it is written. */
typedef struct sm_number {
    sm_str text;  /* digits, commas and point */
    double value; /* of these digits */
    int decimals;
    bool grouped; /* 1,234 */
} sm_number;
/* The number that s begins with: bytes read, 0 none. */
size_t sm_number_read(sm_str s, sm_number *out);
/* v as n is written: so many decimals, more only where v needs them, grouped where it is. */
sm_str sm_number_like(sm_arena *a, const sm_number *n, double v);
/* How many digits were changed, left out, added or swapped with the next to come from one to the
 * other. */
int sm_number_distance(sm_str a, sm_str b);

typedef struct sm_figure {
    const sm_line *line;
    sm_fact_kind kind; /* NUMBER, MONEY, PERCENT */
    sm_str text;       /* slice of the line: number and what the scanner knows as its unit */
    sm_str unit;       /* "户", "元", "%"; of what it does not know the next character, or "" */
    size_t at, end;    /* bytes of line->text */
    double value;      /* in 元, in 件 where it reads 41.6万件 */
    double half;       /* what rounding may hide */
    sm_number number;
    bool exact; /* no bound, no range; nothing that is counted each, compared or an ordinal */
} sm_figure;

/* In order; capitals and Chinese numerals are not among them. */
size_t sm_figures_of(sm_check *c, const sm_line *line, sm_figure **out);
/* The same figure with another value, unit kept. */
sm_str sm_figure_like(sm_arena *a, const sm_figure *f, double value);
/* Equal but for rounding. */
bool sm_figure_near(double a, double b, double half);

/* The words before byte `at` that hold no mark: the clause it stands in. */
sm_str sm_clause_before(sm_str text, size_t at);

#endif
