/*
 * What is laid out otherwise in the other version, in words.
 */
#include "review/compare.h"

#include <math.h>
#include <string.h>

#include "text/text.h"

enum { MOST_SHOWN = 12 /* characters of the text that is meant */ };
#define A_LITTLE .05 /* points, millimetres: not a difference */

typedef struct list {
    sm_arena *a;
    sm_str *text;
    size_t n, cap;
} list;

static void add(list *l, sm_str text)
{
    SM_GROW(l->a, l->text, l->n, l->cap);
    l->text[l->n++] = text;
}

static void add_change(list *l, const char *what, sm_str from, sm_str to)
{
    if (!sm_str_eq(from, to)) /* as they are told */
        add(l, sm_strf(l->a, "%s由%.*s改为%.*s", what, SM_ARG(from), SM_ARG(to)));
}

/* Millimetres come of twentieths of a point: their hundredths are no one's doing. */
static sm_str number(sm_arena *a, double v, const char *unit)
{
    double parts = strcmp(unit, "毫米") == 0 ? 10 : 100;
    return sm_strf(a, "%g%s", round(v * parts) / parts, unit);
}

/* Both are known and not the same. */
static void add_number(list *l, const char *what, double x, double y, const char *unit)
{
    if (x > 0 && y > 0 && fabs(x - y) > A_LITTLE)
        add_change(l, what, number(l->a, x, unit), number(l->a, y, unit));
}

/* GB/T 9704 counts in 号. */
static sm_str size_of(sm_arena *a, double pt)
{
    static const struct {
        double pt;
        const char *name;
    } named[] = { { 42, "初号" }, { 36, "小初" }, { 26, "一号" },   { 24, "小一" },
                  { 22, "二号" }, { 18, "小二" }, { 16, "三号" },   { 15, "小三" },
                  { 14, "四号" }, { 12, "小四" }, { 10.5, "五号" }, { 9, "小五" } };
    for (size_t i = 0; i < SM_LEN(named); i++)
        if (fabs(named[i].pt - pt) < A_LITTLE)
            return sm_strf(a, "%s（%g磅）", named[i].name, pt);
    return number(a, pt, "磅");
}

/* --------------------------------------------------------------------- runs */

static void compare_flag(list *l, int8_t x, int8_t y, const char *on, const char *off)
{
    if (x >= 0 && y >= 0 && x != y)
        add(l, sm_str_of(y ? on : off));
}

static sm_str colour_of(sm_arena *a, uint32_t c)
{
    return c == SM_COLOUR_AUTO || c == 0 ? SM_STR("黑色")
           : c == 0xff0000               ? SM_STR("红色")
                                         : sm_strf(a, "#%06X", c & 0xffffff);
}

static void compare_runs(list *l, const sm_run *x, const sm_run *y)
{
    sm_arena *a = l->a;
    if (x->font.n && y->font.n && !sm_str_eq(x->font, y->font))
        add_change(l, "字体", x->font, y->font);
    if (x->latin.n && y->latin.n && !sm_str_eq(x->latin, y->latin))
        add_change(l, "西文字体", x->latin, y->latin);
    if (x->size > 0 && y->size > 0 && fabs(x->size - y->size) > A_LITTLE)
        add_change(l, "字号", size_of(a, x->size), size_of(a, y->size));
    compare_flag(l, x->bold, y->bold, "改为加粗", "改为不加粗");
    compare_flag(l, x->italic, y->italic, "改为斜体", "改为不倾斜");
    compare_flag(l, x->underlined, y->underlined, "加了下划线", "去了下划线");
    sm_str from = colour_of(a, x->colour), to = colour_of(a, y->colour);
    if (!sm_str_eq(from, to))
        add_change(l, "颜色", from, to);
}

/* The run that holds byte `at` of the paragraph, and where it ends. */
static const sm_run *run_at(const sm_par *p, size_t at, size_t *end)
{
    for (size_t i = 0; i < p->n_runs; i++) {
        const sm_run *r = &p->run[i];
        size_t from = r->text.n ? (size_t)(r->text.p - p->text.p) : 0;
        if (r->text.n && from <= at && at < from + r->text.n) {
            *end = from + r->text.n;
            return r;
        }
    }
    *end = at + 1;
    return NULL;
}

/* A change of runs, as often as it was met. */
typedef struct met {
    sm_str text, first; /* what changed; the first words it changed of */
    size_t n;           /* bytes of text it changed of */
} met;

typedef struct meetings {
    met *m;
    size_t n, cap;
} meetings;

static void meet(sm_arena *a, meetings *all, sm_str what, sm_str words)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->m[i].text, what)) {
            all->m[i].n += words.n;
            return;
        }
    SM_GROW(a, all->m, all->n, all->cap);
    all->m[all->n++] = (met){ what, words, words.n };
}

static void compare_stretch(sm_arena *a, meetings *all, const sm_par *x, const sm_par *y,
                            const sm_shared_text *t)
{
    for (size_t at = 0; at < t->n;) {
        size_t end_x, end_y;
        const sm_run *rx = run_at(x, t->a + at, &end_x), *ry = run_at(y, t->b + at, &end_y);
        size_t to = SM_MIN(t->n, SM_MIN(end_x - t->a, end_y - t->b));
        list found = { .a = a };
        if (rx && ry)
            compare_runs(&found, rx, ry);
        for (size_t i = 0; i < found.n; i++)
            meet(a, all, found.text[i], sm_str_sub(x->text, t->a + at, t->a + to));
        at = to;
    }
}

static void add_met(list *l, const meetings *all, size_t n_shared)
{
    for (size_t i = 0; i < all->n; i++) {
        const met *m = &all->m[i];
        sm_str head = sm_utf8_head(m->first, MOST_SHOWN);
        if (m->n >= n_shared)
            add(l, m->text);
        else
            add(l, sm_strf(l->a, "“%.*s%s”%s：%.*s", SM_ARG(head), head.n < m->first.n ? "…" : "",
                           m->n > m->first.n ? "等处" : "", SM_ARG(m->text)));
    }
}

/* --------------------------------------------------------------- paragraphs */

static sm_str indent_of(sm_arena *a, const sm_par *p)
{
    return p->first_chars > 0 || p->first_chars < 0 ? number(a, p->first_chars, "字符")
                                                    : number(a, p->first, "磅");
}

static sm_str pitch_of(sm_arena *a, const sm_par *p)
{
    if (p->line > 0)
        return sm_strf(a, "%s%g磅", p->line_at_least ? "最小" : "固定", round(p->line * 100) / 100);
    return number(a, p->line_times, "倍");
}

static void compare_paragraphs(list *l, const sm_par *x, const sm_par *y)
{
    static const char *const aligns[] = { [SM_ALIGN_UNKNOWN] = "",
                                          [SM_ALIGN_LEFT] = "左对齐",
                                          [SM_ALIGN_CENTER] = "居中",
                                          [SM_ALIGN_RIGHT] = "右对齐",
                                          [SM_ALIGN_BOTH] = "两端对齐" };
    sm_arena *a = l->a;
    if (x->align && y->align && x->align != y->align)
        add_change(l, "对齐", sm_str_of(aligns[x->align]), sm_str_of(aligns[y->align]));
    if (fabs(x->first - y->first) > A_LITTLE || fabs(x->first_chars - y->first_chars) > A_LITTLE)
        add_change(l, "首行缩进", indent_of(a, x), indent_of(a, y));
    if (fabs(x->left - y->left) > A_LITTLE)
        add_change(l, "左缩进", number(a, x->left, "磅"), number(a, y->left, "磅"));
    if (fabs(x->right - y->right) > A_LITTLE)
        add_change(l, "右缩进", number(a, x->right, "磅"), number(a, y->right, "磅"));
    bool known = (x->line > 0 || x->line_times > 0) && (y->line > 0 || y->line_times > 0);
    sm_str from = pitch_of(a, x), to = pitch_of(a, y);
    if (known && !sm_str_eq(from, to))
        add_change(l, "行距", from, to);
    if (fabs(x->before - y->before) > A_LITTLE)
        add_change(l, "段前", number(a, x->before, "磅"), number(a, y->before, "磅"));
    if (fabs(x->after - y->after) > A_LITTLE)
        add_change(l, "段后", number(a, x->after, "磅"), number(a, y->after, "磅"));
    if (x->breaks != y->breaks)
        add(l, sm_str_of(y->breaks ? "改为另起一页" : "改为不另起一页"));
}

/* A text without layout says nothing of it. */
static bool is_laid_out(const sm_par *p)
{
    bool runs = p->n_runs && (p->run[0].size > 0 || p->run[0].font.n);
    return runs || p->align || p->line > 0 || p->line_times > 0;
}

sm_str *sm_compare_layout(sm_arena *a, const sm_par *x, const sm_par *y, const sm_shared_text *text,
                          size_t n_texts, size_t *n)
{
    list l = { .a = a };
    meetings all = { 0 };
    size_t n_shared = 0;
    if (is_laid_out(x) && is_laid_out(y))
        compare_paragraphs(&l, x, y);
    for (size_t i = 0; i < n_texts; i++) {
        compare_stretch(a, &all, x, y, &text[i]);
        n_shared += text[i].n;
    }
    add_met(&l, &all, n_shared);
    *n = l.n;
    return l.text;
}

/* -------------------------------------------------------------------- pages */

static void compare_sections(list *l, const sm_section *x, const sm_section *y)
{
    sm_arena *a = l->a;
    bool known = x->wide > 0 && x->high > 0 && y->wide > 0 && y->high > 0;
    if (known && (fabs(x->wide - y->wide) > .5 || fabs(x->high - y->high) > .5))
        add_change(l, "纸张", sm_strf(a, "%.0f×%.0f毫米", x->wide, x->high),
                   sm_strf(a, "%.0f×%.0f毫米", y->wide, y->high));
    add_number(l, "上边距", x->top, y->top, "毫米");
    add_number(l, "下边距", x->bottom, y->bottom, "毫米");
    add_number(l, "左边距", x->left, y->left, "毫米");
    add_number(l, "右边距", x->right, y->right, "毫米");
    add_number(l, "页眉距边界", x->header, y->header, "毫米");
    add_number(l, "页脚距边界", x->footer, y->footer, "毫米");
    add_number(l, "网格行距", x->grid_line, y->grid_line, "磅");
    add_number(l, "每页行数", x->grid_lines, y->grid_lines, "行");
    add_number(l, "每行字数", x->grid_chars, y->grid_chars, "字");
}

sm_str *sm_compare_pages(sm_arena *a, const sm_layout *x, const sm_layout *y, size_t *n)
{
    list l = { .a = a };
    size_t both = SM_MIN(x->n_sections, y->n_sections);
    for (size_t i = 0; i < both; i++) {
        list one = { .a = a };
        compare_sections(&one, &x->section[i], &y->section[i]);
        for (size_t k = 0; k < one.n; k++)
            add(&l,
                both > 1 ? sm_strf(a, "第%zu节：%.*s", i + 1, SM_ARG(one.text[k])) : one.text[k]);
    }
    if (x->n_sections != y->n_sections && x->format == y->format)
        add(&l, sm_strf(a, "分节由%zu节改为%zu节", x->n_sections, y->n_sections));
    *n = l.n;
    return l.text;
}
