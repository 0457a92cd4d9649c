/*
 * Tables from the lines that are drawn on a page: strokes that touch belong together, their places
 * make a raster of fields, and fields without a line between them are one cell.
 */
#include "format/laid.h"

#include <math.h>
#include <stdlib.h>

#define NEAR     0.6 /* mm: lines this near meet */
#define SAME     0.4 /* mm: lines this near are one */
#define SHORTEST 1.5 /* mm: less is a dot or a stroke of a drawing */

enum { MAX_PAIRS = 4000000, MAX_FIELDS = 20000 }; /* more is a drawing */

static bool is_flat(const sm_stroke *s)
{
    return s->x1 - s->x0 >= s->y1 - s->y0;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_height(const void *a, const void *b)
{
    const sm_stroke *s = a, *t = b;
    int c = compare(s->y0, t->y0);
    return c ? c : compare(s->x0, t->x0);
}

static int by_width(const void *a, const void *b)
{
    const sm_stroke *s = a, *t = b;
    int c = compare(s->x0, t->x0);
    return c ? c : compare(s->y0, t->y0);
}

/* Sorted strokes of one direction: what continues another joins it. */
static size_t join_strokes(sm_stroke *s, size_t n, bool flat)
{
    size_t kept = 0;
    for (size_t i = 0, first = 0; i < n; i++) {
        double at = flat ? s[i].y0 : s[i].x0, from = flat ? s[i].x0 : s[i].y0;
        if (i && (kept == 0 || at - (flat ? s[first].y0 : s[first].x0) > SAME))
            first = kept;
        bool joined = false;
        for (size_t k = kept; k > first && !joined; k--) {
            sm_stroke *t = &s[k - 1];
            double end = flat ? t->x1 : t->y1, begin = flat ? t->x0 : t->y0;
            joined = t->colour == s[i].colour && from <= end + NEAR &&
                     (flat ? s[i].x1 : s[i].y1) >= begin - NEAR;
            if (joined && flat)
                t->x0 = SM_MIN(t->x0, s[i].x0), t->x1 = SM_MAX(t->x1, s[i].x1);
            else if (joined)
                t->y0 = SM_MIN(t->y0, s[i].y0), t->y1 = SM_MAX(t->y1, s[i].y1);
            if (kept - k >= 16) /* dotted all over: not worth a longer look */
                break;
        }
        if (!joined)
            s[kept++] = s[i];
    }
    return kept;
}

/* Flat ones first, then upright ones; dots are left out. */
static size_t sort_strokes(sm_stroke *stroke, size_t n, size_t *n_flat)
{
    size_t flat = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (SM_MAX(stroke[i].x1 - stroke[i].x0, stroke[i].y1 - stroke[i].y0) >= SHORTEST)
            stroke[kept++] = stroke[i];
    for (size_t i = 0; i < kept; i++)
        if (is_flat(&stroke[i])) {
            sm_stroke s = stroke[i];
            stroke[i] = stroke[flat];
            stroke[flat++] = s;
        }
    if (kept == 0)
        return *n_flat = 0;
    qsort(stroke, flat, sizeof(*stroke), by_height);
    qsort(stroke + flat, kept - flat, sizeof(*stroke), by_width);
    *n_flat = join_strokes(stroke, flat, true);
    size_t n_upright = join_strokes(stroke + flat, kept - flat, false);
    for (size_t i = 0; i < n_upright; i++)
        stroke[*n_flat + i] = stroke[flat + i];
    return *n_flat + n_upright;
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static bool meet(const sm_stroke *h, const sm_stroke *v)
{
    return h->y0 >= v->y0 - NEAR && h->y0 <= v->y1 + NEAR && v->x0 >= h->x0 - NEAR &&
           v->x0 <= h->x1 + NEAR;
}

static int by_value(const void *a, const void *b)
{
    return compare(*(const double *)a, *(const double *)b);
}

/* The distinct places, ascending. */
static size_t distinct(double *v, size_t n)
{
    size_t kept = 0;
    if (n == 0)
        return 0;
    qsort(v, n, sizeof(*v), by_value);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || v[i] - v[kept - 1] > NEAR)
            v[kept++] = v[i];
    return kept;
}

static size_t place_of(const double *v, size_t n, double at)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(v[i] - at) <= NEAR)
            return i;
    return n;
}

/* What is known of a grid's fields: whether a line stands at their right and below. */
struct fields {
    bool *right, *below;
};

static void draw_borders(const sm_grid *g, const sm_stroke *s, struct fields *f)
{
    bool flat = is_flat(s);
    size_t n = flat ? g->n_cols : g->n_rows;
    const double *along = flat ? g->xs : g->ys;
    size_t at =
        flat ? place_of(g->ys, g->n_rows + 1, s->y0) : place_of(g->xs, g->n_cols + 1, s->x0);
    double from = flat ? s->x0 : s->y0, to = flat ? s->x1 : s->y1;
    if (at == 0 || at > (flat ? g->n_rows : g->n_cols))
        return;
    for (size_t i = 0; i < n; i++) {
        double mid = (along[i] + along[i + 1]) / 2;
        if (mid < from || mid > to)
            continue;
        if (flat)
            f->below[(at - 1) * g->n_cols + i] = true;
        else
            f->right[i * g->n_cols + at - 1] = true;
    }
}

static void take_cell(sm_grid *g, const struct fields *f, size_t row, size_t col)
{
    size_t right = col, below = row;
    const uint32_t number = (uint32_t)g->n_cells + 1;
    while (right + 1 < g->n_cols && !f->right[row * g->n_cols + right] &&
           !g->cell_at[row * g->n_cols + right + 1])
        right++;
    while (below + 1 < g->n_rows && !f->below[below * g->n_cols + col])
        below++;
    for (size_t r = row; r <= below; r++)
        for (size_t c = col; c <= right; c++)
            if (!g->cell_at[r * g->n_cols + c])
                g->cell_at[r * g->n_cols + c] = number;
    g->cell[g->n_cells++] = (sm_cell){ .x0 = g->xs[col],
                                       .y0 = g->ys[row],
                                       .x1 = g->xs[right + 1],
                                       .y1 = g->ys[below + 1],
                                       .row = (int)row,
                                       .col = (int)col };
}

/* False when the strokes make no table. */
static bool make_grid(sm_arena *a, const sm_stroke *stroke, const uint32_t *member, size_t n,
                      sm_grid *g)
{
    size_t nx = 0, ny = 0;
    *g = (sm_grid){ .xs = SM_NEWS(a, double, n), .ys = SM_NEWS(a, double, n) };
    for (size_t i = 0; i < n; i++) {
        const sm_stroke *s = &stroke[member[i]];
        if (is_flat(s))
            g->ys[ny++] = s->y0;
        else
            g->xs[nx++] = s->x0;
    }
    nx = distinct(g->xs, nx), ny = distinct(g->ys, ny);
    if (nx < 2 || ny < 2 || (nx - 1) * (ny - 1) > MAX_FIELDS)
        return false;
    g->n_cols = nx - 1, g->n_rows = ny - 1;
    g->x0 = g->xs[0], g->x1 = g->xs[nx - 1], g->y0 = g->ys[0], g->y1 = g->ys[ny - 1];
    size_t n_fields = g->n_cols * g->n_rows;
    struct fields f = { SM_NEWS(a, bool, n_fields), SM_NEWS(a, bool, n_fields) };
    for (size_t i = 0; i < n; i++)
        draw_borders(g, &stroke[member[i]], &f);
    g->cell_at = SM_NEWS(a, uint32_t, n_fields);
    g->cell = SM_NEWS(a, sm_cell, n_fields);
    for (size_t i = 0; i < n_fields; i++)
        if (!g->cell_at[i])
            take_cell(g, &f, i / g->n_cols, i % g->n_cols);
    return true;
}

/* Which strokes hang together: the number of one of them for each. */
static uint32_t *group_strokes(sm_arena *a, const sm_stroke *stroke, size_t n, size_t n_flat)
{
    uint32_t *parent = SM_NEWS(a, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        parent[i] = (uint32_t)i;
    for (size_t h = 0; h < n_flat; h++)
        for (size_t v = n_flat; v < n; v++)
            if (meet(&stroke[h], &stroke[v]))
                parent[root_of(parent, (uint32_t)h)] = root_of(parent, (uint32_t)v);
    return parent;
}

size_t sm_grids_of(sm_arena *a, sm_stroke *stroke, size_t *n, sm_grid **out)
{
    size_t n_flat = 0, n_grids = 0, cap = 0, kept = 0;
    uint32_t next_cell = 1;
    *n = sort_strokes(stroke, *n, &n_flat);
    if (n_flat < 2 || *n - n_flat < 2 || n_flat * *n > MAX_PAIRS)
        return 0;
    uint32_t *parent = group_strokes(a, stroke, *n, n_flat), *member = SM_NEWS(a, uint32_t, *n);
    bool *taken = SM_NEWS(a, bool, *n);
    for (size_t i = 0; i < n_flat; i++) {
        size_t m = 0;
        if (taken[i])
            continue;
        for (size_t k = 0; k < *n; k++)
            if (root_of(parent, (uint32_t)k) == root_of(parent, (uint32_t)i))
                member[m++] = (uint32_t)k;
        sm_grid g;
        if (m < 4 || !make_grid(a, stroke, member, m, &g))
            continue;
        for (size_t k = 0; k < m; k++)
            taken[member[k]] = true;
        if (g.n_cells < 2) /* a frame around something */
            continue;
        SM_GROW(a, *out, n_grids, cap);
        g.first_cell = next_cell;
        next_cell += (uint32_t)g.n_cells;
        (*out)[n_grids++] = g;
    }
    for (size_t i = 0; i < *n; i++)
        if (!taken[i])
            stroke[kept++] = stroke[i];
    *n = kept;
    return n_grids;
}
