/*
 * format/laid.h - private: a laid-out document under construction, and the pages that are put
 * together from what stands where: glyphs to lines, ruled lines to tables, lines to paragraphs.
 *
 * Millimetres from the page's upper left corner everywhere; a glyph's y is its base line.
 */
#ifndef SM_FORMAT_LAID_H
#define SM_FORMAT_LAID_H

#include "format/readers.h"

#define SM_MM_PER_PT (25.4 / 72)

enum { SM_LAID_MAX_PAGES = 5000, SM_LAID_MAX_GLYPHS = 2000000, SM_LAID_MAX_STROKES = 20000 };

/* What a stretch of text looks like. */
typedef struct sm_look {
    sm_str font;
    double size; /* points, 0 unknown */
    int8_t bold, italic;
    uint32_t colour;
} sm_look;

typedef struct sm_glyph {
    uint32_t code;
    uint32_t look;    /* index into sm_laid.look */
    uint32_t stretch; /* glyphs of one number were set together: no blank is missing between them */
    uint32_t cell;    /* 0: of none, else from 1 on this page */
    double x, y, wide, em; /* wide: of its advance */
    bool bold;             /* drawn twice */
} sm_glyph;

/* A straight horizontal or vertical line drawn on the page. */
typedef struct sm_stroke {
    double x0, y0, x1, y1; /* x0 <= x1, y0 <= y1 */
    uint32_t colour;
} sm_stroke;

/* One line of text; its glyphs in reading order. */
typedef struct sm_line {
    sm_glyph *glyph;
    size_t n;
    double x, y, right, em; /* of its ink; em: of its largest character */
    int page;               /* from 1 */
} sm_line;

/* What a page holds, in the order in which it is read. */
typedef struct sm_item {
    enum { SM_ITEM_LINE, SM_ITEM_CELL, SM_ITEM_RULE, SM_ITEM_ASIDE } kind;
    sm_line line;        /* of CELL: empty when the cell is */
    bool margin;         /* a page header, footer or number */
    bool number;         /* a page number */
    bool broken;         /* begins where the paragraph's line before was ended by hand */
    int table, row, col; /* CELL */
    double left, right;  /* CELL: its inside */
    sm_stroke stroke;    /* RULE */
    int page, section;
    uint16_t part;
} sm_item;

typedef struct sm_laid {
    sm_layout_build *to;
    sm_arena *a; /* the op's */
    sm_look *look;
    size_t n_looks, cap_looks;
    sm_item *item;
    size_t n_items, cap_items;
    sm_par *margin; /* page headers and footers: they come behind the body */
    size_t n_margin, cap_margin;
    int n_tables;
} sm_laid;

sm_laid sm_laid_begin(sm_layout_build *to);
uint32_t sm_laid_look(sm_laid *b, const sm_look *look);
/* Adds a paragraph; page headers and footers are kept until sm_laid_end. */
sm_rc sm_laid_par(sm_laid *b, const sm_par *par);
/* The section of that page size, the last one or a new one. */
int sm_laid_section(sm_laid *b, double wide, double high);
sm_rc sm_laid_end(sm_laid *b);

/* One page of glyphs and strokes becomes items.  E_LIMIT when there are too many. */
typedef struct sm_sheet {
    sm_glyph *glyph;
    size_t n_glyphs, cap_glyphs;
    sm_glyph *aside; /* turned text: watermarks, stamps */
    size_t n_aside, cap_aside;
    sm_stroke *stroke;
    size_t n_strokes, cap_strokes;
    int page, section;
    double wide; /* of the page */
    uint16_t part;
} sm_sheet;
sm_rc sm_sheet_compose(sm_laid *b, sm_sheet *s);
void sm_laid_item(sm_laid *b, const sm_item *item);

bool sm_is_blank(uint32_t code);
double sm_advance_of(uint32_t code, double em); /* where the file does not tell */
/* Sets x, y, right and em from the glyphs; false when the line shows nothing. */
bool sm_line_measure(sm_line *line);

/* The cells that ruled lines make. */
typedef struct sm_cell {
    double x0, y0, x1, y1;
    int row, col;
} sm_cell;
typedef struct sm_grid {
    double x0, y0, x1, y1;
    double *xs, *ys; /* its n_cols + 1 and n_rows + 1 lines */
    size_t n_cols, n_rows;
    uint32_t first_cell; /* of all the page's, from 1 */
    uint32_t *cell_at;   /* which cell a field belongs to, row by row */
    sm_cell *cell;       /* by row, then column */
    size_t n_cells;
} sm_grid;
/* Joins strokes that lie in one line, and takes those out of *n that make tables or frames. */
size_t sm_grids_of(sm_arena *a, sm_stroke *stroke, size_t *n, sm_grid **out);

/* All pages' items become paragraphs; sections get their measured margins. */
sm_rc sm_laid_join(sm_laid *b);

#endif
