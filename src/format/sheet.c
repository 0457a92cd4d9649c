/*
 * A page of glyphs and strokes: which glyphs stand in which cell, which make a line, and in what
 * order all that is read.
 */
#include "format/laid.h"
#include "text/text.h"

#include <math.h>
#include <stdlib.h>

#define LINE_TOLERANCE 0.3 /* of the character's size: base lines this near are one */
#define TWICE          0.15 /* of the size: the same character so near was drawn twice to look bold */
#define RULE_SHARE     0.4 /* of the page's width: a shorter line underlines words */

bool sm_is_blank(uint32_t c)
{
    return c <= ' ' || c == 0x7f || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200b) ||
           c == 0xfeff;
}

double sm_advance_of(uint32_t c, double em)
{
    /* Quotes, dashes and ellipses are as wide as Chinese characters beside them. */
    return c < 0x2000 ? em / 2 : em;
}

bool sm_line_measure(sm_line *line)
{
    bool inked = false;
    for (size_t i = 0; i < line->n; i++) {
        const sm_glyph *g = &line->glyph[i];
        if (sm_is_blank(g->code))
            continue;
        line->x = inked ? SM_MIN(line->x, g->x) : g->x;
        line->right = inked ? SM_MAX(line->right, g->x + g->wide) : g->x + g->wide;
        if (!inked || g->em > line->em)
            line->em = g->em, line->y = g->y;
        inked = true;
    }
    return inked;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_cell_and_height(const void *a, const void *b)
{
    const sm_glyph *g = a, *h = b;
    int c = (g->cell > h->cell) - (g->cell < h->cell);
    c = c ? c : compare(g->y, h->y);
    return c ? c : compare(g->x, h->x);
}

static int by_place(const void *a, const void *b)
{
    const sm_glyph *g = a, *h = b;
    int c = compare(g->x, h->x);
    return c ? c : compare(g->y, h->y);
}

static size_t drop_doubles(sm_glyph *g, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        sm_glyph *last = kept ? &g[kept - 1] : NULL;
        if (last && last->code == g[i].code && fabs(last->x - g[i].x) < TWICE * g[i].em &&
            fabs(last->y - g[i].y) < TWICE * g[i].em)
            last->bold = true;
        else
            g[kept++] = g[i];
    }
    return kept;
}

/* Takes one line off the front of glyphs sorted by height. */
static size_t take_line(sm_glyph *g, size_t n, sm_line *line)
{
    size_t k = 1;
    double em = g[0].em;
    while (k < n && g[k].cell == g[0].cell && g[k].y - g[0].y <= LINE_TOLERANCE * em) {
        em = SM_MAX(em, g[k].em);
        k++;
    }
    qsort(g, k, sizeof(*g), by_place);
    *line = (sm_line){ .glyph = g, .n = drop_doubles(g, k) };
    return k;
}

/* ------------------------------------------------------------- cells */

static size_t slot_of(const double *v, size_t n, double at)
{
    size_t lo = 0, hi = n;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (v[mid] <= at)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static void place_in_cells(const sm_grid *grid, size_t n_grids, sm_glyph *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = g[i].x + g[i].wide / 2, y = g[i].y - g[i].em * .35;
        for (size_t k = 0; k < n_grids && !g[i].cell; k++) {
            const sm_grid *t = &grid[k];
            if (x < t->x0 || x >= t->x1 || y < t->y0 || y >= t->y1)
                continue;
            size_t row = slot_of(t->ys, t->n_rows, y), col = slot_of(t->xs, t->n_cols, x);
            g[i].cell = t->first_cell + t->cell_at[row * t->n_cols + col] - 1;
        }
    }
}

/* ------------------------------------------------------------- order */

struct entry {
    double y;
    size_t order;
    const sm_grid *grid; /* or */
    sm_item item;
};

static int by_entry(const void *a, const void *b)
{
    const struct entry *e = a, *f = b;
    int c = compare(e->y, f->y);
    return c ? c : (e->order > f->order) - (e->order < f->order);
}

struct composing {
    sm_laid *b;
    const sm_sheet *s;
    sm_line *line;
    size_t n_lines, cap_lines;
    struct entry *entry;
    size_t n_entries, cap_entries;
};

static sm_item item_of(const sm_sheet *s, int kind)
{
    sm_item item = { .page = s->page, .section = s->section, .part = s->part };
    item.kind = kind;
    return item;
}

static void add_entry(struct composing *c, double y, const sm_grid *grid, const sm_item *item)
{
    SM_GROW(c->b->a, c->entry, c->n_entries, c->cap_entries);
    struct entry *e = &c->entry[c->n_entries];
    *e = (struct entry){ .y = y, .order = c->n_entries++, .grid = grid };
    if (item)
        e->item = *item;
}

/* Cells in order, each with its lines; an empty one has one without glyphs. */
static void add_cells(struct composing *c, const sm_grid *g, size_t *next_line)
{
    int table = c->b->n_tables++;
    for (size_t i = 0; i < g->n_cells; i++) {
        const sm_cell *cell = &g->cell[i];
        sm_item item = item_of(c->s, SM_ITEM_CELL);
        item.table = table, item.row = cell->row, item.col = cell->col;
        item.left = cell->x0, item.right = cell->x1;
        size_t n = 0;
        for (; *next_line < c->n_lines && c->line[*next_line].glyph->cell == g->first_cell + i;
             ++*next_line, n++) {
            item.line = c->line[*next_line];
            sm_laid_item(c->b, &item);
        }
        if (n == 0) {
            item.line = (sm_line){ .page = c->s->page, .x = cell->x0, .y = cell->y0 };
            sm_laid_item(c->b, &item);
        }
    }
}

static void cut_lines(struct composing *c)
{
    const sm_sheet *s = c->s;
    for (size_t i = 0; i < s->n_glyphs;) {
        sm_line line;
        i += take_line(s->glyph + i, s->n_glyphs - i, &line);
        line.page = s->page;
        if (!sm_line_measure(&line))
            continue;
        SM_GROW(c->b->a, c->line, c->n_lines, c->cap_lines);
        c->line[c->n_lines++] = line;
    }
}

static void add_rules(struct composing *c)
{
    const sm_sheet *s = c->s;
    for (size_t i = 0; i < s->n_strokes; i++) {
        const sm_stroke *k = &s->stroke[i];
        if (k->x1 - k->x0 < RULE_SHARE * s->wide || k->y1 - k->y0 > k->x1 - k->x0)
            continue;
        sm_item item = item_of(s, SM_ITEM_RULE);
        item.stroke = *k;
        add_entry(c, k->y0, NULL, &item);
    }
}

/* Turned text, as it was drawn: it stands in no line. */
static void add_asides(struct composing *c)
{
    const sm_sheet *s = c->s;
    for (size_t i = 0, k; i < s->n_aside; i = k) {
        for (k = i + 1; k < s->n_aside && s->aside[k].stretch == s->aside[i].stretch;)
            k++;
        sm_item item = item_of(s, SM_ITEM_ASIDE);
        item.line = (sm_line){ .glyph = s->aside + i, .n = k - i, .page = s->page };
        if (sm_line_measure(&item.line))
            sm_laid_item(c->b, &item);
    }
}

sm_rc sm_sheet_compose(sm_laid *b, sm_sheet *s)
{
    struct composing c = { .b = b, .s = s };
    sm_grid *grid = NULL;
    size_t n_grids = sm_grids_of(b->a, s->stroke, &s->n_strokes, &grid), k = 0;
    place_in_cells(grid, n_grids, s->glyph, s->n_glyphs);
    if (s->n_glyphs)
        qsort(s->glyph, s->n_glyphs, sizeof(*s->glyph), by_cell_and_height);
    cut_lines(&c);
    for (; k < c.n_lines && !c.line[k].glyph->cell; k++) {
        sm_item item = item_of(s, SM_ITEM_LINE);
        item.line = c.line[k];
        add_entry(&c, item.line.y - item.line.em / 2, NULL, &item);
    }
    for (size_t i = 0; i < n_grids; i++)
        add_entry(&c, grid[i].y0, &grid[i], NULL);
    add_rules(&c);
    if (c.n_entries)
        qsort(c.entry, c.n_entries, sizeof(*c.entry), by_entry);
    for (size_t i = 0; i < c.n_entries; i++) {
        const struct entry *e = &c.entry[i];
        if (!e->grid) {
            sm_laid_item(b, &e->item);
            continue;
        }
        for (k = 0; k < c.n_lines && c.line[k].glyph->cell < e->grid->first_cell;)
            k++;
        add_cells(&c, e->grid, &k);
    }
    add_asides(&c);
    return sm_op_check(b->to->r->op);
}
