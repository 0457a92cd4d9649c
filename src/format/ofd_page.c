/* What stands on an OFD page: text with the place of every glyph, lines, pictures. */
#include "format/ofd.h"
#include "text/text.h"

#include <math.h>
#include <string.h>

enum { MAX_QUEUED = 2000, MAX_NESTED = 8 };

#define THIN        1.2 /* mm: a filled shape this thin is a line */
#define STRAIGHT    .1  /* mm: a line that leaves its direction by less is straight */
#define TURNED      .2  /* sine: text turned by more stands in no line */
#define SCAN_SHARE  .3  /* of the page: a picture this large without text is a scan */
#define BOLD_WEIGHT 600

/* x' = a x + c y + e, y' = b x + d y + f */
struct matrix {
    double a, b, c, d, e, f;
};

static const struct matrix unmoved = { 1, 0, 0, 1, 0, 0 };

static struct matrix product(const struct matrix *m, const struct matrix *outer)
{
    return (struct matrix){ m->a * outer->a + m->b * outer->c,
                            m->a * outer->b + m->b * outer->d,
                            m->c * outer->a + m->d * outer->c,
                            m->c * outer->b + m->d * outer->d,
                            m->e * outer->a + m->f * outer->c + outer->e,
                            m->e * outer->b + m->f * outer->d + outer->f };
}

static void move(const struct matrix *m, double x, double y, double *out_x, double *out_y)
{
    *out_x = m->a * x + m->c * y + m->e;
    *out_y = m->b * x + m->d * y + m->f;
}

/* A composite graphic or template that is drawn once its part's turn comes. */
struct queued {
    uint64_t unit; /* of the part; 0: all of it */
    size_t part;
    struct matrix at;
    int nested;
};

struct page {
    sm_ofd *o;
    sm_sheet sheet;
    struct queued *queue, now;
    size_t n_queued, cap_queued;
    bool inside;        /* the unit that is to be drawn, or the page's content */
    int depth, skipped; /* 0: nothing is skipped, else below this depth */
    double wide, high, pictures;
    uint64_t layer_param;
    uint32_t n_stretches;
    /* the object being read */
    enum { NO_OBJECT, TEXT, PATH } object;
    struct matrix m;
    double size, hscale, x, y;
    uint64_t font, param;
    uint32_t fill, stroke;
    bool bold, italic, turned, stroked, filled, has_glyphs;
    size_t first_glyph, first_aside, first_stroke;
    sm_str delta_x, delta_y;
};

static bool is_true(const char *value, bool usual)
{
    if (!value[0])
        return usual;
    return strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

static double number_of(const char **atts, const char *name, double usual)
{
    sm_str s = sm_str_of(sm_ofd_attribute(atts, name));
    double v;
    return sm_ofd_number(&s, &v) ? v : usual;
}

/* ---------------------------------------------------------------- text */

static struct matrix matrix_of(const struct page *p, const char **atts)
{
    double box[4] = { 0 }, t[6];
    struct matrix m = unmoved;
    sm_ofd_numbers(sm_str_of(sm_ofd_attribute(atts, "Boundary")), box, 4);
    if (sm_ofd_numbers(sm_str_of(sm_ofd_attribute(atts, "CTM")), t, 6) == 6)
        m = (struct matrix){ t[0], t[1], t[2], t[3], t[4], t[5] };
    m.e += box[0], m.f += box[1];
    return product(&m, &p->now.at);
}

static void begin_object(struct page *p, const char **atts)
{
    p->m = matrix_of(p, atts);
    p->param = sm_ofd_id(sm_ofd_attribute(atts, "DrawParam"));
    if (!p->param)
        p->param = p->layer_param;
    p->fill = p->stroke = SM_OFD_NO_COLOUR;
    p->first_glyph = p->sheet.n_glyphs;
    p->first_aside = p->sheet.n_aside;
    p->first_stroke = p->sheet.n_strokes;
}

/* hypot()'s last bit differs from processor to processor. */
static double length_of(double x, double y)
{
    return sqrt(x * x + y * y);
}

static sm_rc on_text_object(struct page *p, const char **atts)
{
    begin_object(p, atts);
    p->object = TEXT;
    p->size = number_of(atts, "Size", 0);
    p->hscale = number_of(atts, "HScale", 1);
    p->font = sm_ofd_id(sm_ofd_attribute(atts, "Font"));
    p->bold = number_of(atts, "Weight", 400) >= BOLD_WEIGHT;
    p->italic = is_true(sm_ofd_attribute(atts, "Italic"), false);
    p->has_glyphs = false;
    p->x = p->y = 0;
    double across = length_of(p->m.a, p->m.b);
    p->turned = fabs(p->m.b) > TURNED * across || p->m.a <= 0 ||
                number_of(atts, "ReadDirection", 0) != 0 ||
                number_of(atts, "CharDirection", 0) != 0;
    return SM_OK;
}

static sm_rc on_text_code(struct page *p, const char **atts)
{
    sm_arena *a = p->o->laid.a;
    p->x = number_of(atts, "X", p->x);
    p->y = number_of(atts, "Y", p->y);
    p->delta_x = sm_str_dup(a, sm_str_of(sm_ofd_attribute(atts, "DeltaX")));
    p->delta_y = sm_str_dup(a, sm_str_of(sm_ofd_attribute(atts, "DeltaY")));
    return SM_OK;
}

/* The offsets between glyphs: numbers, "g n v" for n times v, the last one for all that follow. */
struct deltas {
    sm_str rest;
    double value;
    int64_t left;
    bool any;
};

static double next_delta(struct deltas *d)
{
    double n;
    if (d->left > 0) {
        d->left--;
        return d->value;
    }
    sm_str s = sm_str_trim(d->rest);
    bool repeated = s.n && (s.p[0] == 'g' || s.p[0] == 'G');
    if (repeated) {
        s = sm_str_after(s, 1);
        if (!sm_ofd_number(&s, &n))
            s.n = 0;
        d->left = s.n ? (int64_t)n - 1 : 0;
    }
    if (sm_ofd_number(&s, &n))
        d->value = n;
    else
        s.n = 0; /* what is no number ends the list */
    d->rest = s;
    return d->value;
}

static double advance_of(const struct page *p, uint32_t code, double delta)
{
    double em = p->size * length_of(p->m.a, p->m.b) * p->hscale, wide = sm_advance_of(code, em);
    delta *= length_of(p->m.a, p->m.b);
    if (delta <= 0)
        return wide;
    if (code < 0x2000)
        return delta < 1.2 * em ? delta : wide;
    return SM_MIN(wide, delta);
}

static sm_rc add_glyph(struct page *p, uint32_t code, double x, double y, double delta, bool turned)
{
    sm_ofd *o = p->o;
    const sm_reader *r = o->laid.to->r;
    sm_sheet *s = &p->sheet;
    if (++o->n_glyphs > SM_LAID_MAX_GLYPHS)
        return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的字数超过 %d 的上限；请拆分成几个文件", r->name,
                       SM_LAID_MAX_GLYPHS);
    bool private_use = (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
    o->n_unreadable += p->has_glyphs && (private_use || sm_is_blank(code));
    sm_glyph g = { .code = code,
                   .stretch = p->n_stretches,
                   .em = p->size * length_of(p->m.c, p->m.d) };
    move(&p->m, x, y, &g.x, &g.y);
    g.wide = advance_of(p, code, delta);
    if (turned) {
        SM_GROW(o->laid.a, s->aside, s->n_aside, s->cap_aside);
        s->aside[s->n_aside++] = g;
    } else {
        SM_GROW(o->laid.a, s->glyph, s->n_glyphs, s->cap_glyphs);
        s->glyph[s->n_glyphs++] = g;
    }
    return SM_OK;
}

static sm_rc on_text_code_end(struct page *p, sm_str text)
{
    struct deltas dx = { .rest = p->delta_x }, dy = { .rest = p->delta_y };
    bool given = sm_str_trim(p->delta_x).n > 0, down = sm_str_trim(p->delta_y).n > 0;
    bool upright = down && !given && sm_utf8_count(text) > 1;
    double x = p->x, y = p->y;
    p->n_stretches++;
    while (text.n) {
        uint32_t code = sm_utf8_next(&text);
        if (code < ' ')
            continue; /* the XML's own line breaks */
        double step = given ? next_delta(&dx) : 0;
        /* The last one's width is not told by where another stands. */
        sm_rc rc = add_glyph(p, code, x, y, text.n ? step : 0, p->turned || upright);
        if (rc < 0)
            return rc;
        /* Without any offset all would be on one spot: viewers take the font's own. */
        x += given || down ? step : sm_advance_of(code, p->size * p->hscale);
        y += down ? next_delta(&dy) : 0;
    }
    return SM_OK;
}

static void end_text(struct page *p)
{
    sm_ofd *o = p->o;
    if (p->sheet.n_glyphs == p->first_glyph && p->sheet.n_aside == p->first_aside)
        return;
    sm_look look = { .size = p->size * length_of(p->m.c, p->m.d) / SM_MM_PER_PT };
    size_t f = o->n_fonts;
    while (f > 0 && o->font[f - 1].id != p->font)
        f--;
    look.size = round(look.size * 10) / 10;
    look.bold = p->bold || (f && o->font[f - 1].bold);
    look.italic = p->italic || (f && o->font[f - 1].italic);
    if (f)
        look.font = o->font[f - 1].name;
    if (p->fill == SM_OFD_NO_COLOUR)
        p->fill = sm_ofd_param_colour(o, p->param, false);
    look.colour = p->fill == SM_OFD_NO_COLOUR ? SM_COLOUR_AUTO : p->fill;
    uint32_t index = sm_laid_look(&o->laid, &look);
    for (size_t i = p->first_glyph; i < p->sheet.n_glyphs; i++)
        p->sheet.glyph[i].look = index;
    for (size_t i = p->first_aside; i < p->sheet.n_aside; i++)
        p->sheet.aside[i].look = index;
}

/* --------------------------------------------------------------- lines */

static sm_rc on_path_object(struct page *p, const char **atts)
{
    begin_object(p, atts);
    p->object = PATH;
    p->stroked = is_true(sm_ofd_attribute(atts, "Stroke"), true);
    p->filled = is_true(sm_ofd_attribute(atts, "Fill"), false);
    return SM_OK;
}

static sm_rc add_stroke(struct page *p, double x0, double y0, double x1, double y1)
{
    const sm_reader *r = p->o->laid.to->r;
    sm_sheet *s = &p->sheet;
    double wide = fabs(x1 - x0), high = fabs(y1 - y0);
    if (wide > STRAIGHT && high > STRAIGHT)
        return SM_OK;
    if (s->n_strokes == SM_LAID_MAX_STROKES)
        return sm_fail(r->op, SM_E_LIMIT, "文件 %s 第 %d 页的线条超过 %d 条的上限；请拆分或简化",
                       r->name, s->page, SM_LAID_MAX_STROKES);
    SM_GROW(p->o->laid.a, s->stroke, s->n_strokes, s->cap_strokes);
    s->stroke[s->n_strokes++] = (sm_stroke){
        .x0 = SM_MIN(x0, x1), .y0 = SM_MIN(y0, y1), .x1 = SM_MAX(x0, x1), .y1 = SM_MAX(y0, y1)
    };
    return SM_OK;
}

/* AbbreviatedData: where the pen is, where it began, what it has touched. */
struct pen {
    double x, y, from_x, from_y, x0, y0, x1, y1;
    bool touched;
};

static void touch(struct pen *pen, double x, double y)
{
    pen->x0 = pen->touched ? SM_MIN(pen->x0, x) : x;
    pen->y0 = pen->touched ? SM_MIN(pen->y0, y) : y;
    pen->x1 = pen->touched ? SM_MAX(pen->x1, x) : x;
    pen->y1 = pen->touched ? SM_MAX(pen->y1, y) : y;
    pen->touched = true;
}

static sm_rc draw(struct page *p, struct pen *pen, char command, const double *v, size_t n)
{
    double x = pen->from_x, y = pen->from_y;
    sm_rc rc = SM_OK;
    if (n >= 2)
        move(&p->m, v[n - 2], v[n - 1], &x, &y);
    if ((command == 'L' || command == 'C') && p->stroked)
        rc = add_stroke(p, pen->x, pen->y, x, y);
    if (command == 'M' || command == 'S')
        pen->from_x = x, pen->from_y = y;
    pen->x = x, pen->y = y;
    touch(pen, x, y);
    return rc;
}

/* A thin filled shape is a line. */
static sm_rc draw_filled(struct page *p, const struct pen *pen)
{
    double wide = pen->x1 - pen->x0, high = pen->y1 - pen->y0;
    double x = (pen->x0 + pen->x1) / 2, y = (pen->y0 + pen->y1) / 2;
    if (!pen->touched || !p->filled || p->stroked || SM_MIN(wide, high) > THIN)
        return SM_OK;
    return wide > high ? add_stroke(p, pen->x0, y, pen->x1, y)
                       : add_stroke(p, x, pen->y0, x, pen->y1);
}

static sm_rc on_path_data(struct page *p, sm_str data)
{
    static const struct {
        char command;
        size_t n_values;
    } commands[] = { { 'M', 2 }, { 'S', 2 }, { 'L', 2 }, { 'Q', 4 },
                     { 'B', 6 }, { 'A', 7 }, { 'C', 0 } };
    struct pen pen = { 0 };
    while ((data = sm_str_trim(data)).n) {
        double v[7];
        size_t i = 0, n = 0;
        while (i < SM_LEN(commands) && commands[i].command != data.p[0])
            i++;
        data = sm_str_after(data, 1);
        if (i == SM_LEN(commands))
            continue;
        while (n < commands[i].n_values && sm_ofd_number(&data, &v[n]))
            n++;
        if (n < commands[i].n_values)
            break;
        sm_rc rc = draw(p, &pen, commands[i].command, v, n);
        if (rc < 0)
            return rc;
    }
    return draw_filled(p, &pen);
}

static void end_path(struct page *p)
{
    bool stroke = p->stroked;
    uint32_t colour = stroke ? p->stroke : p->fill;
    if (colour == SM_OFD_NO_COLOUR)
        colour = sm_ofd_param_colour(p->o, p->param, stroke);
    for (size_t i = p->first_stroke; i < p->sheet.n_strokes; i++)
        p->sheet.stroke[i].colour = colour == SM_OFD_NO_COLOUR ? SM_COLOUR_AUTO : colour;
}

/* ----------------------------------------------------- other objects */

static sm_rc enqueue(struct page *p, const struct queued *q)
{
    const sm_reader *r = p->o->laid.to->r;
    if (p->n_queued == MAX_QUEUED || q->nested > MAX_NESTED)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 第 %d 页的模板和复合图元过多或嵌套过深；请用版式软件重新导出 OFD",
                       r->name, p->sheet.page);
    SM_GROW(p->o->laid.a, p->queue, p->n_queued, p->cap_queued);
    p->queue[p->n_queued++] = *q;
    return SM_OK;
}

static sm_rc find_queued(struct page *p, const sm_ofd_part *list, size_t n, struct queued q,
                         uint64_t id)
{
    const sm_reader *r = p->o->laid.to->r;
    for (size_t i = 0; i < n; i++)
        if (list[i].id == id) {
            q.part = list[i].part;
            q.nested = p->now.nested + 1;
            return enqueue(p, &q);
        }
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 第 %d 页引用的模板或复合图元不存在；请用版式软件重新导出 OFD", r->name,
                   p->sheet.page);
}

static sm_rc on_template(struct page *p, const char **atts)
{
    const sm_ofd *o = p->o;
    struct queued q = { .at = unmoved };
    return find_queued(p, o->template, o->n_templates, q,
                       sm_ofd_id(sm_ofd_attribute(atts, "TemplateID")));
}

static sm_rc on_composite(struct page *p, const char **atts)
{
    const sm_ofd *o = p->o;
    uint64_t id = sm_ofd_id(sm_ofd_attribute(atts, "ResourceID"));
    struct queued q = { .unit = id, .at = matrix_of(p, atts) };
    return find_queued(p, o->unit, o->n_units, q, id);
}

static sm_rc on_image(struct page *p, const char **atts)
{
    double box[4] = { 0 };
    sm_ofd_numbers(sm_str_of(sm_ofd_attribute(atts, "Boundary")), box, 4);
    p->pictures += fabs(box[2] * box[3]);
    return SM_OK;
}

static sm_rc on_layer(struct page *p, const char **atts)
{
    p->layer_param = sm_ofd_id(sm_ofd_attribute(atts, "DrawParam"));
    return SM_OK;
}

static sm_rc on_fill(struct page *p, const char **atts)
{
    p->fill = sm_ofd_colour(sm_ofd_attribute(atts, "Value"));
    return SM_OK;
}

static sm_rc on_stroke(struct page *p, const char **atts)
{
    p->stroke = sm_ofd_colour(sm_ofd_attribute(atts, "Value"));
    return SM_OK;
}

static sm_rc on_glyphs(struct page *p, const char **atts)
{
    (void)atts;
    p->has_glyphs = true;
    return SM_OK;
}

static sm_rc on_skipped(struct page *p, const char **atts)
{
    (void)atts;
    p->skipped = p->depth;
    return SM_OK;
}

static const struct {
    const char *name;
    sm_rc (*start)(struct page *p, const char **atts);
} elements[] = {
    { "TextObject", on_text_object },
    { "TextCode", on_text_code },
    { "PathObject", on_path_object },
    { "ImageObject", on_image },
    { "CompositeObject", on_composite },
    { "Template", on_template },
    { "Layer", on_layer },
    { "FillColor", on_fill },
    { "StrokeColor", on_stroke },
    { "CGTransform", on_glyphs },
    { "Clips", on_skipped }, /* shapes that cut, not shapes that show */
    { "Actions", on_skipped },
};

static sm_rc on_start(void *ctx, const char *name, const char **atts)
{
    struct page *p = ctx;
    p->depth++;
    if (p->skipped)
        return SM_OK;
    if (p->now.unit && strcmp(name, "CompositeGraphicUnit") == 0)
        p->inside = sm_ofd_id(sm_ofd_attribute(atts, "ID")) == p->now.unit;
    if (!p->inside)
        return SM_OK;
    if (!is_true(sm_ofd_attribute(atts, "Visible"), true))
        return on_skipped(p, atts);
    for (size_t i = 0; i < SM_LEN(elements); i++)
        if (strcmp(name, elements[i].name) == 0)
            return elements[i].start(p, atts);
    return SM_OK;
}

static sm_rc on_end(void *ctx, const char *name, sm_str text)
{
    struct page *p = ctx;
    int depth = p->depth--;
    if (p->skipped) {
        p->skipped = depth == p->skipped ? 0 : p->skipped;
        return SM_OK;
    }
    double box[4];
    if (strcmp(name, "PhysicalBox") == 0 && p->now.nested == 0 && sm_ofd_numbers(text, box, 4) == 4)
        p->wide = box[2], p->high = box[3];
    if (p->now.unit && strcmp(name, "CompositeGraphicUnit") == 0)
        p->inside = false;
    if (p->object == TEXT && strcmp(name, "TextCode") == 0)
        return on_text_code_end(p, text);
    if (p->object == PATH && strcmp(name, "AbbreviatedData") == 0)
        return on_path_data(p, text);
    if (p->object == TEXT && strcmp(name, "TextObject") == 0) {
        end_text(p);
        p->object = NO_OBJECT;
    }
    if (p->object == PATH && strcmp(name, "PathObject") == 0) {
        end_path(p);
        p->object = NO_OBJECT;
    }
    return SM_OK;
}

static sm_rc draw_part(struct page *p, const struct queued *q)
{
    p->now = *q;
    p->inside = q->unit == 0;
    p->depth = p->skipped = 0;
    p->object = NO_OBJECT;
    p->layer_param = 0;
    return sm_ofd_walk_part(p->o, q->part,
                            &(sm_ofd_walk){ .start = on_start, .end = on_end, .ctx = p });
}

static sm_rc check_box(struct page *p)
{
    const sm_reader *r = p->o->laid.to->r;
    if (p->wide <= 0 || p->high <= 0)
        p->wide = p->o->wide, p->high = p->o->high;
    if (p->wide > 0 && p->high > 0)
        return SM_OK;
    return sm_fail(r->op, SM_E_CORRUPT, "文件 %s 第 %d 页没有页面尺寸；请用版式软件重新导出 OFD",
                   r->name, p->sheet.page);
}

sm_rc sm_ofd_page_read(sm_ofd *o, size_t part)
{
    sm_layout *l = o->laid.to->l;
    struct page *p = SM_NEW(o->laid.a, struct page);
    const struct queued whole = { .part = part, .at = unmoved };
    p->o = o;
    p->sheet.page = ++l->n_pages;
    if (l->n_pages > SM_LAID_MAX_PAGES)
        return sm_fail(o->laid.to->r->op, SM_E_LIMIT, "文件 %s 超过 %d 页的上限；请拆分成几个文件",
                       o->laid.to->r->name, SM_LAID_MAX_PAGES);
    sm_rc rc = sm_layout_add_part(o->laid.to, sm_package_name(o->package, part), &p->sheet.part);
    if (rc == SM_OK)
        rc = draw_part(p, &whole);
    if (rc == SM_OK)
        rc = check_box(p);
    for (size_t i = 0; i < p->n_queued && rc == SM_OK; i++)
        rc = draw_part(p, &p->queue[i]);
    if (rc < 0)
        return rc;
    if (p->sheet.n_glyphs + p->sheet.n_aside == 0 && p->pictures > SCAN_SHARE * p->wide * p->high) {
        o->first_scanned = o->n_scanned++ ? o->first_scanned : p->sheet.page;
        return SM_OK;
    }
    p->sheet.wide = p->wide;
    p->sheet.section = sm_laid_section(&o->laid, p->wide, p->high);
    return sm_sheet_compose(&o->laid, &p->sheet);
}
