/*
 * Lines to paragraphs.  The text area's edges are measured first: a line that reaches the right one
 * goes on in the next, a line that is indented begins a paragraph.
 */
#include "format/laid.h"
#include "text/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL      2.2  /* characters: nearer to the right edge than this, a line is full */
#define INDENTED  0.7  /* characters: less is no indent */
#define HANGING   8    /* characters: what begins further in was set to the right */
#define GAP       1.35 /* of the usual pitch: more parts paragraphs */
#define UNDER     12.0 /* mm: a line drawn within this belongs to the text above it */
#define FOOT      0.85 /* of the page's height: page numbers stand below */
#define HEAD      0.12
#define CELL_ROOM 4.0  /* mm: a cell's own margins */
#define ASCENT    0.88 /* of a Chinese character above its base line */
#define TITLE_PT  18.0 /* a title is at least this large */

/* The text area of one section as its lines show it. */
struct area {
    double left, right, em, pitch;
    double top, bottom; /* of the ink */
    bool right_known, bottom_known;
};

struct joining {
    sm_laid *b;
    struct area *area;   /* by section */
    sm_item *line[4096]; /* of the paragraph being put together */
    size_t n;
    sm_par par;
    bool open;
    size_t last_body; /* index of the last paragraph of text on this page; SIZE_MAX */
};

/* -------------------------------------------------------------- text */

struct writing {
    sm_laid *b;
    char *p;
    size_t n, cap_runs, run_from;
    uint32_t look;
    bool bold, begun;
    sm_par *par;
};

static bool has_han(sm_str s)
{
    while (s.n)
        if (sm_is_han(sm_utf8_next(&s)))
            return true;
    return false;
}

static void end_run(struct writing *w)
{
    if (w->n == w->run_from)
        return;
    const sm_look *look = &w->b->look[w->look];
    sm_str text = { w->p + w->run_from, w->n - w->run_from };
    bool han = has_han(text) || text.p[0] < 0;
    sm_run run = { .text = text,
                   .font = han ? look->font : (sm_str){ 0 },
                   .latin = han ? (sm_str){ 0 } : look->font,
                   .size = look->size,
                   .bold = w->bold ? 1 : look->bold,
                   .italic = look->italic,
                   .underlined = -1,
                   .colour = look->colour,
                   .part = w->par->part };
    SM_GROW(w->b->a, w->par->run, w->par->n_runs, w->cap_runs);
    w->par->run[w->par->n_runs++] = run;
    w->run_from = w->n;
}

static bool is_letter(uint32_t c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool lacks_blank(const sm_glyph *last, const sm_glyph *g, bool same_line)
{
    if (!last || sm_is_blank(last->code) || sm_is_blank(g->code))
        return false;
    if (!same_line) /* between words; a number may go on in the next line */
        return is_letter(last->code) && is_letter(g->code);
    return last->stretch != g->stretch &&
           g->x - (last->x + last->wide) > .6 * SM_MAX(last->em, g->em);
}

static void write_glyph(struct writing *w, const sm_glyph *g)
{
    if (!w->begun || g->look != w->look || g->bold != w->bold) {
        end_run(w);
        w->look = g->look, w->bold = g->bold, w->begun = true;
    }
    w->n += sm_utf8_put(g->code, w->p + w->n);
}

static void add_break(struct writing *w)
{
    static const char line_break[] = "\u2028";
    memcpy(w->p + w->n, line_break, strlen(line_break));
    w->n += strlen(line_break);
}

/* The paragraph's text and runs from its lines. */
static void write_text(sm_laid *b, sm_item *const *line, size_t n, sm_par *par)
{
    size_t n_glyphs = 0;
    for (size_t i = 0; i < n; i++)
        n_glyphs += line[i]->line.n;
    struct writing w = { .b = b, .par = par, .p = sm_alloc(b->a, n_glyphs * 5 + n * 3 + 1) };
    const sm_glyph *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (line[i]->broken)
            add_break(&w);
        for (size_t k = 0; k < line[i]->line.n; k++) {
            const sm_glyph *g = &line[i]->line.glyph[k];
            if (!(k == 0 && line[i]->broken) && lacks_blank(last, g, k > 0))
                w.p[w.n++] = ' ';
            write_glyph(&w, g);
            last = g;
        }
    }
    end_run(&w);
    par->text = (sm_str){ w.p, w.n };
}

static sm_str text_of(sm_laid *b, sm_item *item)
{
    sm_par par = { 0 };
    write_text(b, &item, 1, &par);
    return sm_str_trim(par.text);
}

/* ------------------------------------------------- headers and footers */

/* "— 3 —", "3", "第3页", "第 3 页 共 5 页", "3/5" */
static bool is_page_number(sm_str s)
{
    static const char *const marks[] = { "—",  "－", "-", "–",  "·",  "•", "第", "页",
                                         "共", "/",  " ", "　", "，", "~", "～" };
    size_t digits = 0, groups = 0;
    if (s.n > 48)
        return false;
    while (s.n) {
        size_t i = 0;
        if (s.p[0] >= '0' && s.p[0] <= '9') {
            for (; s.n && s.p[0] >= '0' && s.p[0] <= '9'; digits++)
                s = sm_str_after(s, 1);
            groups++;
            continue;
        }
        while (i < SM_LEN(marks) && !sm_str_starts(s, sm_str_of(marks[i])))
            i++;
        if (i == SM_LEN(marks))
            return false;
        s = sm_str_after(s, strlen(marks[i]));
    }
    return digits && digits <= 8 && groups <= 2;
}

static double page_high(const sm_laid *b, const sm_item *item)
{
    return b->to->l->section[item->section].high;
}

/* The same words at the same end of most pages are a header or footer. */
static void mark_repeated(sm_laid *b, sm_item **end, size_t n, size_t n_pages)
{
    uint64_t *key = SM_NEWS(b->a, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        key[i] = sm_hash64(text_of(b, end[i]), 1);
    uint64_t *sorted = SM_NEWS(b->a, uint64_t, n + 1);
    memcpy(sorted, key, n * sizeof(*key));
    sm_sort_u64(sorted, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = sm_find_u64(sorted, n, key[i]), same = 0;
        while (at > 0 && sorted[at - 1] == key[i])
            at--;
        while (at + same < n && sorted[at + same] == key[i])
            same++;
        end[i]->margin = end[i]->margin || (same >= 3 && same * 2 > n_pages);
    }
}

static void find_margins(sm_laid *b)
{
    size_t n_pages = (size_t)SM_MAX(b->to->l->n_pages, 1), n_first = 0, n_last = 0;
    sm_item **first = SM_NEWS(b->a, sm_item *, n_pages + 1);
    sm_item **last = SM_NEWS(b->a, sm_item *, n_pages + 1);
    for (size_t i = 0, k; i < b->n_items; i = k) {
        sm_item *low = NULL, *high = NULL;
        for (k = i; k < b->n_items && b->item[k].page == b->item[i].page; k++) {
            sm_item *item = &b->item[k];
            if (item->kind != SM_ITEM_LINE)
                continue;
            double at = item->line.y / page_high(b, item);
            if ((at > FOOT || at < HEAD) && is_page_number(text_of(b, item)))
                item->margin = item->number = true;
            else if (at < HEAD && !high)
                high = item;
            else if (at > FOOT + .05)
                low = item;
        }
        if (high && n_first < n_pages)
            first[n_first++] = high;
        if (low && n_last < n_pages)
            last[n_last++] = low;
    }
    mark_repeated(b, first, n_first, n_pages);
    mark_repeated(b, last, n_last, n_pages);
}

/* -------------------------------------------------------------- measure */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first place where several lines agree, from the front; the front when none do. */
static double edge_of(double *v, size_t n, bool *agreed)
{
    size_t wanted = SM_MAX(2, n / 30);
    qsort(v, n, sizeof(*v), by_value);
    for (size_t i = 0; i + wanted <= n; i++)
        if (v[i + wanted - 1] - v[i] < .8) {
            *agreed = true;
            return v[i];
        }
    return n ? v[0] : 0;
}

static double middle_of(double *v, size_t n)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

static void measure_height(const sm_laid *b, int section, struct area *a)
{
    int last_page = 0;
    a->top = HUGE_VAL;
    for (size_t i = 0; i < b->n_items; i++)
        if (b->item[i].section == section)
            last_page = b->item[i].page;
    for (size_t i = 0; i < b->n_items; i++) {
        const sm_item *item = &b->item[i];
        if (item->kind != SM_ITEM_LINE || item->margin || item->section != section)
            continue;
        double lead = SM_MAX(a->pitch - a->em, 0) / 2;
        a->top = SM_MIN(a->top, item->line.y - ASCENT * item->line.em - lead);
        a->bottom = SM_MAX(a->bottom, item->line.y + (1 - ASCENT) * item->line.em + lead);
        a->bottom_known = a->bottom_known || item->page < last_page;
    }
}

static void measure_section(sm_laid *b, int section, struct area *a)
{
    sm_arena *m = b->a;
    double *left = SM_NEWS(m, double, b->n_items + 1), *right = SM_NEWS(m, double, b->n_items + 1);
    double *em = SM_NEWS(m, double, b->n_items + 1), *pitch = SM_NEWS(m, double, b->n_items + 1);
    size_t n = 0, n_pitch = 0;
    const sm_item *last = NULL;
    for (size_t i = 0; i < b->n_items; i++) {
        const sm_item *item = &b->item[i];
        bool line = item->kind == SM_ITEM_LINE && !item->margin && item->section == section;
        if (line) {
            left[n] = item->line.x, right[n] = -item->line.right, em[n++] = item->line.em;
            if (last && last->page == item->page && fabs(last->line.em - item->line.em) < .2)
                pitch[n_pitch++] = item->line.y - last->line.y;
        }
        last = line ? item : NULL;
    }
    bool ignored = false;
    a->left = edge_of(left, n, &ignored);
    a->right = -edge_of(right, n, &a->right_known);
    a->em = middle_of(em, n);
    a->pitch = middle_of(pitch, n_pitch);
    if (n)
        measure_height(b, section, a);
}

/* Margins are the edges of the ink: what the file has of them otherwise is nobody's promise. */
static void tell_margins(sm_section *s, const struct area *a)
{
    if (a->em <= 0)
        return;
    s->left = SM_MAX(a->left, 0);
    s->top = SM_MAX(a->top, 0);
    if (a->right_known)
        s->right = SM_MAX(s->wide - a->right, 0);
    if (a->bottom_known)
        s->bottom = SM_MAX(s->high - a->bottom, 0);
}

/* ------------------------------------------------------------ paragraphs */

static bool is_full(const struct area *a, const sm_line *l)
{
    return l->right >= a->right - FULL * l->em;
}

/* As far from the one edge as from the other. */
static bool is_balanced(const struct area *a, const sm_line *l)
{
    return fabs((l->x - a->left) - (a->right - l->right)) < 1.2 * l->em;
}

static bool is_heading(const struct area *a, const sm_line *l)
{
    return l->em > 1.1 * a->em && l->em >= TITLE_PT * SM_MM_PER_PT;
}

static bool is_centred(const struct area *a, const sm_line *l)
{
    return is_balanced(a, l) && (is_heading(a, l) || l->x - a->left > 1.5 * l->em);
}

static uint32_t colour_of(const sm_laid *b, const sm_line *l)
{
    return l->n ? b->look[l->glyph[0].look].colour : SM_COLOUR_AUTO;
}

static bool begins_numbered(sm_laid *b, sm_item *item)
{
    return sm_text_mark(text_of(b, item)).kind != SM_MARK_NONE;
}

static bool title_goes_on(const sm_laid *b, const struct area *a, const sm_line *last,
                          const sm_line *next)
{
    return is_heading(a, next) && is_balanced(a, last) && is_balanced(a, next) &&
           colour_of(b, last) != 0xff0000;
}

/* Whether `next` is one more line of the paragraph. */
static bool goes_on(struct joining *j, sm_item *next_item)
{
    const sm_laid *b = j->b;
    const sm_item *first_item = j->line[0], *last_item = j->line[j->n - 1];
    const struct area *a = &j->area[next_item->section];
    const sm_line *first = &first_item->line, *last = &last_item->line, *next = &next_item->line;
    if (j->n == SM_LEN(j->line) || fabs(last->em - next->em) > .1 * next->em ||
        last_item->section != next_item->section || colour_of(b, last) != colour_of(b, next))
        return false;
    double pitch = SM_MAX(a->pitch, next->em * 1.2);
    double step = next->y - last->y;
    if (last->page == next->page &&
        (step > GAP * SM_MAX(pitch, next->em * 1.5) || step < next->em / 2))
        return false;
    if (title_goes_on(b, a, last, next)) {
        next_item->broken = !is_full(a, last);
        return last->page == next->page;
    }
    if (!is_full(a, last))
        return false;
    if (next->x <= a->left + INDENTED * next->em)
        return true;
    /* What hangs stands further in than its first line, and alike from its second on. */
    if (next->x > a->left + HANGING * next->em || begins_numbered(j->b, next_item))
        return false;
    return j->n > 1 && first->x < last->x - next->em ? fabs(next->x - last->x) < next->em * .5
                                                     : next->x > first->x + 1.5 * next->em;
}

static bool cell_goes_on(struct joining *j, sm_item *next)
{
    const sm_item *last = j->line[j->n - 1];
    if (last->table != next->table || last->row != next->row || last->col != next->col ||
        j->n == SM_LEN(j->line))
        return false;
    double room = last->right - last->left - (last->line.right - last->line.x);
    return room < FULL * next->line.em + CELL_ROOM && !begins_numbered(j->b, next);
}

static void set_place(struct joining *j)
{
    sm_par *p = &j->par;
    const sm_line *first = &j->line[0]->line;
    double right = first->right, x = first->x, low = first->y;
    for (size_t i = 0; i < j->n; i++) {
        const sm_line *l = &j->line[i]->line;
        if (l->page != first->page)
            break;
        x = SM_MIN(x, l->x), right = SM_MAX(right, l->right), low = l->y;
    }
    p->page = first->page;
    p->x = x, p->y = first->y - ASCENT * first->em;
    p->wide = right - x, p->high = low + (1 - ASCENT) * first->em - p->y;
}

static void set_indents(struct joining *j, const struct area *a)
{
    sm_par *p = &j->par;
    const sm_line *first = &j->line[0]->line;
    double rest = j->n > 1 ? j->line[1]->line.x : 0;
    for (size_t i = 1; i < j->n; i++)
        rest = SM_MIN(rest, j->line[i]->line.x);
    double left = j->n > 1 ? SM_MAX(rest - a->left, 0) : 0;
    if (left < INDENTED * first->em)
        left = 0;
    p->left = left / SM_MM_PER_PT;
    double indent = first->x - a->left - left, chars = indent / first->em;
    if (fabs(chars) < .3)
        return;
    p->first = indent / SM_MM_PER_PT;
    if (fabs(chars - round(chars)) < .2)
        p->first_chars = round(chars);
}

static void set_alignment(struct joining *j)
{
    const struct area *a = &j->area[j->line[0]->section];
    const sm_line *first = &j->line[0]->line;
    sm_par *p = &j->par;
    bool centred = is_centred(a, first);
    for (size_t i = 1; i < j->n; i++)
        centred = centred && is_centred(a, &j->line[i]->line);
    if (centred && (j->n == 1 || is_heading(a, first))) {
        p->align = SM_ALIGN_CENTER;
    } else if (j->n == 1 && first->x - a->left > (a->right - a->left) * .4 &&
               a->right - first->right < 6 * first->em) {
        p->align = SM_ALIGN_RIGHT;
        p->right = SM_MAX(a->right - first->right, 0) / SM_MM_PER_PT;
    } else {
        p->align = j->n > 1 ? SM_ALIGN_BOTH : SM_ALIGN_LEFT;
        set_indents(j, a);
    }
}

static void set_pitch(struct joining *j)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 1; i < j->n; i++) {
        const sm_line *l = &j->line[i]->line, *last = &j->line[i - 1]->line;
        if (l->page == last->page)
            sum += l->y - last->y, n++;
    }
    if (n)
        j->par.line = round(sum / (double)n / SM_MM_PER_PT * 10) / 10;
}

static sm_par_place place_of(const sm_item *item, double high)
{
    if (item->kind == SM_ITEM_CELL)
        return SM_PAR_CELL;
    if (item->kind == SM_ITEM_ASIDE)
        return SM_PAR_BOX;
    if (!item->margin)
        return SM_PAR_BODY;
    return item->line.y < high / 2 ? SM_PAR_HEADER : SM_PAR_FOOTER;
}

/* The first number of a page number's line is computed. */
static void tell_field(sm_laid *b, sm_par *p)
{
    enum { MOST = 3 };
    if (p->n_runs == 0)
        return;
    size_t from = 0, to, n = 0;
    while (from < p->text.n && (p->text.p[from] < '0' || p->text.p[from] > '9'))
        from++;
    for (to = from; to < p->text.n && p->text.p[to] >= '0' && p->text.p[to] <= '9';)
        to++;
    sm_run like = p->run[0], *run = SM_NEWS(b->a, sm_run, MOST);
    const size_t cut[] = { 0, from, to, p->text.n };
    for (size_t i = 0; i < MOST; i++) {
        like.text = sm_str_sub(p->text, cut[i], cut[i + 1]);
        like.field = i == 1 ? SM_STR("PAGE") : (sm_str){ 0 };
        if (like.text.n)
            run[n++] = like;
    }
    p->run = run, p->n_runs = n;
}

static sm_rc close_par(struct joining *j)
{
    if (!j->open)
        return SM_OK;
    sm_item *first = j->line[0];
    double high = page_high(j->b, first);
    j->par = (sm_par){ .place = place_of(first, high), .table = -1, .row = -1, .col = -1 };
    j->par.section = first->section;
    j->par.part = first->part;
    write_text(j->b, j->line, j->n, &j->par);
    if (first->kind == SM_ITEM_CELL)
        j->par.table = first->table, j->par.row = first->row, j->par.col = first->col;
    if (first->line.n)
        set_place(j);
    j->par.page = first->page;
    if (first->kind == SM_ITEM_LINE)
        set_alignment(j);
    set_pitch(j);
    if (first->number)
        tell_field(j->b, &j->par);
    j->open = false, j->n = 0;
    if (j->par.place == SM_PAR_BODY)
        j->last_body = j->b->to->l->n_pars;
    return sm_laid_par(j->b, &j->par);
}

/* A drawn line belongs to the text right above it; alone it is an empty paragraph with a line. */
static sm_rc add_rule(struct joining *j, const sm_item *item)
{
    const sm_stroke *s = &item->stroke;
    sm_rc rc = close_par(j);
    if (rc < 0)
        return rc;
    sm_par *above = j->last_body == SIZE_MAX ? NULL : &j->b->to->l->par[j->last_body];
    if (above && above->page == item->page && !above->ruled &&
        s->y0 - (above->y + above->high) < UNDER) {
        above->ruled = true;
        above->rule_colour = s->colour;
        return SM_OK;
    }
    sm_par p = { .table = -1, .row = -1, .col = -1 };
    p.section = item->section, p.page = item->page, p.part = item->part;
    p.ruled = true, p.rule_colour = s->colour;
    p.x = s->x0, p.y = s->y0, p.wide = s->x1 - s->x0;
    return sm_laid_par(j->b, &p);
}

static sm_rc add_line(struct joining *j, sm_item *item)
{
    bool more = j->open && j->line[0]->kind == item->kind && !item->margin &&
                item->kind != SM_ITEM_ASIDE && item->line.n && j->line[0]->line.n &&
                (item->kind == SM_ITEM_CELL ? cell_goes_on(j, item) : goes_on(j, item));
    sm_rc rc = more ? SM_OK : close_par(j);
    if (rc < 0)
        return rc;
    j->open = true;
    j->line[j->n++] = item;
    return SM_OK;
}

/* Page numbers first: a paragraph may go on behind them on the next page. */
static sm_rc add_margins(struct joining *j)
{
    for (size_t i = 0; i < j->b->n_items; i++) {
        sm_item *item = &j->b->item[i];
        if (item->kind != SM_ITEM_LINE || !item->margin)
            continue;
        sm_rc rc = add_line(j, item);
        if (rc == SM_OK)
            rc = close_par(j);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

sm_rc sm_laid_join(sm_laid *b)
{
    sm_layout *l = b->to->l;
    struct joining *j = SM_NEW(b->a, struct joining);
    *j = (struct joining){ .b = b, .last_body = SIZE_MAX };
    j->area = SM_NEWS(b->a, struct area, l->n_sections + 1);
    find_margins(b);
    for (size_t i = 0; i < l->n_sections; i++) {
        measure_section(b, (int)i, &j->area[i]);
        tell_margins(&l->section[i], &j->area[i]);
    }
    sm_rc rc = add_margins(j);
    for (size_t i = 0; i < b->n_items && rc == SM_OK; i++) {
        sm_item *item = &b->item[i];
        if (item->kind == SM_ITEM_RULE)
            rc = add_rule(j, item);
        else if (!item->margin)
            rc = add_line(j, item);
    }
    return rc == SM_OK ? close_par(j) : rc;
}
