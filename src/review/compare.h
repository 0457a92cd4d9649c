/*
 * review/compare.h - two versions of a document: what was inserted, deleted, changed and laid out
 * otherwise.
 *
 * Paragraphs are aligned, headers, footers and notes too, then what stands in them.  What a format
 * does not tell of its layout is not compared.
 */
#ifndef SM_REVIEW_COMPARE_H
#define SM_REVIEW_COMPARE_H

#include "format/layout.h"

typedef enum sm_piece_kind { SM_PIECE_SAME, SM_PIECE_DELETED, SM_PIECE_INSERTED } sm_piece_kind;

typedef struct sm_piece {
    sm_piece_kind kind;
    sm_str text;
} sm_piece;

typedef struct sm_compared {
    int a, b; /* index into par of either; -1: it is not there */
    sm_par_place place;
    const sm_piece *piece;
    size_t n_pieces;
    const sm_str *layout; /* in Chinese, a change each */
    size_t n_layout;
    bool changed; /* its words are other ones: not only inserted, deleted or laid out otherwise */
} sm_compared;

typedef struct sm_comparison {
    sm_compared *row; /* as one reads */
    size_t n;
    const sm_str *page; /* changes of the pages' layout, in Chinese */
    size_t n_page;
    /* paragraphs with something in them; a paragraph may count as changed and as laid out
     * otherwise */
    size_t n_inserted, n_deleted, n_changed, n_layout;
} sm_comparison;

/* E_LIMIT over 20,000 paragraphs. */
sm_rc sm_compare(sm_op *op, const sm_layout *a, const sm_layout *b, sm_comparison **out);
/* Whether a row is to be shown as a change. */
bool sm_compared_differs(const sm_compared *c);
/* {"changes","inserted","deleted","changed","layout","page":[…],
 *  "rows":[{"a","b","place","change","pieces":[{"kind","text"}],"layout":[…]}]}, `change` from 1, 0
 * none: a new object. */
json_t *sm_comparison_json(const sm_comparison *c);
/* The same for people: [-deleted-] {+inserted+}, without the paragraphs that are the same. */
void sm_comparison_text(const sm_comparison *c, sm_buf *out);

/* What is laid out otherwise, in Chinese.  `at` and `n`: of the texts that both have, where they
 * stand in either, in bytes. */
typedef struct sm_shared_text {
    size_t a, b, n;
} sm_shared_text;
sm_str *sm_compare_layout(sm_arena *a, const sm_par *x, const sm_par *y, const sm_shared_text *text,
                          size_t n_texts, size_t *n);
sm_str *sm_compare_pages(sm_arena *a, const sm_layout *x, const sm_layout *y, size_t *n);

#endif
