/*
 * Sets an official document in our notation (format/official.h) as OFD by the rules of GB/T
 * 33190-2016 and GB/T 9704-2012, in the manner of several producers: for tests and for the demo
 * city.  The same arguments give the same bytes.
 *
 *   sunmao-make-ofd [--habit=N] IN.txt OUT.ofd
 *
 * Habits: 0 plain; 1 no prefix, the old namespace, a byte order mark, paths from the root; 2 an
 * object for every character; 3 sizes and places by CTM; 4 a template page with the red head, lines
 * as thin filled shapes, boundaries as large as the page; 5 nested blocks, boxes for cells, bold by
 * drawing twice, offsets without repeats.
 */
#include "format/official.h"
#include "text/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum {
    MAX_IN_BYTES = 8 << 20,
    MAX_PART_BYTES = 64 << 20,
    MAX_FONTS = 100,
    MAX_LINE = 400,
    N_HABITS = 6
};

#define MM     (25.4 / 72)
#define ASCENT .88
#define RED    0xff0000u

/* Characters of one line, each with its width. */
struct cell_text {
    const sm_par *par;
    size_t from, to; /* of its text */
    double wide;     /* as set */
    size_t n;        /* characters */
};

struct maker {
    sm_op op;
    const sm_layout *l;
    const sm_section *s;
    int habit;
    sm_str font[MAX_FONTS];
    size_t n_fonts;
    sm_buf page[512]; /* objects of each page; [0]: of the template */
    int n_pages;
    double y; /* top of the next line */
    int id;
};

static double bottom_of(const struct maker *m)
{
    return m->s->high - m->s->bottom;
}

static double right_of(const struct maker *m)
{
    return m->s->wide - m->s->right;
}

static sm_buf *page_of(struct maker *m)
{
    return &m->page[m->n_pages];
}

static void open_page(struct maker *m)
{
    if (m->n_pages + 1 >= (int)SM_LEN(m->page)) {
        fprintf(stderr, "文件超过 %zu 页\n", SM_LEN(m->page) - 2);
        exit(1);
    }
    sm_buf_init(&m->page[++m->n_pages], MAX_PART_BYTES);
    m->y = m->s->top;
}

/* ------------------------------------------------------------- objects */

static const char *prefix(const struct maker *m)
{
    return m->habit == 1 ? "" : "ofd:";
}

static void add_escaped(sm_buf *b, sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '<':
            sm_buf_add(b, SM_STR("&lt;"));
            break;
        case '>':
            sm_buf_add(b, SM_STR("&gt;"));
            break;
        case '&':
            sm_buf_add(b, SM_STR("&amp;"));
            break;
        case '"':
            sm_buf_add(b, SM_STR("&quot;"));
            break;
        default:
            sm_buf_addc(b, s.p[i]);
        }
}

static size_t font_of(struct maker *m, sm_str name)
{
    for (size_t i = 0; i < m->n_fonts; i++)
        if (sm_str_eq(m->font[i], name))
            return i + 1;
    if (m->n_fonts == MAX_FONTS) {
        fprintf(stderr, "字体超过 %d 种\n", MAX_FONTS);
        exit(1);
    }
    m->font[m->n_fonts++] = name;
    return m->n_fonts;
}

/* "5.57 5.57 5.57 2.79": "g 3 5.57 2.79" where repeats are written so. */
static void add_deltas(const struct maker *m, sm_buf *b, const double *wide, size_t n, double unit)
{
    for (size_t i = 0, k; i + 1 < n; i = k) {
        k = i + 1;
        while (m->habit != 5 && k + 1 < n && fabs(wide[k] - wide[i]) < 1e-9)
            k++;
        sm_buf_add(b, i ? SM_STR(" ") : SM_STR(""));
        if (k - i > 1)
            sm_buf_addf(b, "g %zu ", k - i);
        sm_buf_addf(b, "%.4f", wide[i] / unit);
    }
}

struct stretch {
    sm_str text;
    const double *wide;
    size_t n;
    double x, base, size; /* mm */
    size_t font;
    uint32_t colour;
    bool bold;
};

static void add_colour(const struct maker *m, sm_buf *b, const char *name, uint32_t colour)
{
    if (colour != SM_COLOUR_AUTO)
        sm_buf_addf(b, "<%s%s Value=\"%u %u %u\"/>", prefix(m), name, colour >> 16 & 255,
                    colour >> 8 & 255, colour & 255);
}

static void add_text_object(struct maker *m, sm_buf *b, const struct stretch *t, double shift)
{
    const char *p = prefix(m);
    double total = 0, top = t->base - ASCENT * t->size, unit = m->habit == 3 ? t->size : 1;
    for (size_t i = 0; i < t->n; i++)
        total += t->wide[i];
    sm_buf_addf(b, "<%sTextObject ID=\"%d\" ", p, ++m->id);
    if (m->habit == 4)
        sm_buf_addf(b, "Boundary=\"0 0 %g %g\" ", m->s->wide, m->s->high);
    else
        sm_buf_addf(b, "Boundary=\"%.4f %.4f %.4f %.4f\" ", t->x + shift, top, total, t->size);
    sm_buf_addf(b, "Font=\"%zu\" Size=\"%.4f\"", t->font, t->size / unit);
    if (m->habit == 3)
        sm_buf_addf(b, " CTM=\"%.4f 0 0 %.4f 0 0\"", unit, unit);
    if (t->bold && m->habit != 5)
        sm_buf_add(b, SM_STR(" Weight=\"700\""));
    sm_buf_addc(b, '>');
    add_colour(m, b, "FillColor", t->colour);
    sm_buf_addf(b, "<%sTextCode X=\"%.4f\" Y=\"%.4f\"", p, m->habit == 4 ? t->x + shift : 0.0,
                m->habit == 4 ? t->base : ASCENT * t->size / unit);
    if (t->n > 1) {
        sm_buf_add(b, SM_STR(" DeltaX=\""));
        add_deltas(m, b, t->wide, t->n, unit);
        sm_buf_addc(b, '"');
    }
    sm_buf_addc(b, '>');
    add_escaped(b, t->text);
    sm_buf_addf(b, "</%sTextCode></%sTextObject>\n", p, p);
}

static void add_stretch(struct maker *m, sm_buf *b, const struct stretch *t)
{
    struct stretch one = *t;
    sm_str rest = t->text;
    if (m->habit != 2) {
        add_text_object(m, b, t, 0);
        if (t->bold && m->habit == 5)
            add_text_object(m, b, t, .2);
        return;
    }
    for (size_t i = 0; rest.n; i++) {
        const char *from = rest.p;
        sm_utf8_next(&rest);
        one.text = (sm_str){ from, (size_t)(rest.p - from) };
        one.wide = &t->wide[i];
        one.n = 1;
        add_text_object(m, b, &one, 0);
        one.x += t->wide[i];
    }
}

static void add_line(struct maker *m, sm_buf *b, double x0, double y0, double x1, double y1,
                     double thick, uint32_t colour)
{
    const char *p = prefix(m);
    if (m->habit == 4) {
        bool flat = x1 - x0 > y1 - y0;
        double w = flat ? x1 - x0 : thick, h = flat ? thick : y1 - y0;
        sm_buf_addf(b,
                    "<%sPathObject ID=\"%d\" Boundary=\"%.4f %.4f %.4f %.4f\" Stroke=\"false\" "
                    "Fill=\"true\">",
                    p, ++m->id, flat ? x0 : x0 - thick / 2, flat ? y0 - thick / 2 : y0, w, h);
        add_colour(m, b, "FillColor", colour);
        sm_buf_addf(b,
                    "<%sAbbreviatedData>M 0 0 L %.4f 0 L %.4f %.4f L 0 %.4f C</%sAbbreviatedData>",
                    p, w, w, h, h, p);
    } else {
        sm_buf_addf(b,
                    "<%sPathObject ID=\"%d\" Boundary=\"%.4f %.4f %.4f %.4f\" LineWidth=\"%.2f\">",
                    p, ++m->id, x0, y0, x1 - x0, SM_MAX(y1 - y0, thick), thick);
        add_colour(m, b, "StrokeColor", colour);
        sm_buf_addf(b, "<%sAbbreviatedData>M 0 0 L %.4f %.4f</%sAbbreviatedData>", p, x1 - x0,
                    y1 - y0, p);
    }
    sm_buf_addf(b, "</%sPathObject>\n", p);
}

/* --------------------------------------------------------------- lines */

static const sm_run *run_at(const sm_par *p, size_t at)
{
    size_t end = 0;
    for (size_t i = 0; i < p->n_runs; i++)
        if (at < (end += p->run[i].text.n))
            return &p->run[i];
    return NULL;
}

/* 28 characters of 16 pt in 156 mm: a little less than their own size each. */
static double advance(const struct maker *m, const sm_run *run, uint32_t c)
{
    double size = run->size * MM;
    if (run->size == 16 && m->s->grid_chars > 0)
        size = (right_of(m) - m->s->left) / m->s->grid_chars;
    return c < 0x80 ? size / 2 : size;
}

/* What may not begin a line. */
static bool closes(uint32_t c)
{
    static const char *const marks = "，。、；：？！）》」』】〕”’%,.;:?!)";
    for (sm_str s = sm_str_of(marks); s.n;)
        if (sm_utf8_next(&s) == c)
            return true;
    return false;
}

/* The next line of a paragraph from `from`: as many characters as fit; one less before what may not
 * begin a line. */
static struct cell_text break_line(const struct maker *m, const sm_par *p, size_t from, double room)
{
    struct cell_text line = { .par = p, .from = from, .to = from };
    sm_str rest = sm_str_sub(p->text, from, p->text.n);
    double last = 0;
    while (rest.n && line.n < MAX_LINE) {
        size_t at = (size_t)(rest.p - p->text.p);
        sm_str before = rest;
        uint32_t c = sm_utf8_next(&rest);
        double wide = advance(m, run_at(p, at), c);
        if (line.n && line.wide + wide > room + .01) {
            if (closes(c) && line.n > 1) {
                do
                    line.to--;
                while (((unsigned char)p->text.p[line.to] & 0xc0) == 0x80);
                line.wide -= last, line.n--;
            }
            return line;
        }
        line.wide += wide, line.n++;
        line.to += before.n - rest.n;
        last = wide;
    }
    return line;
}

static void set_line(struct maker *m, sm_buf *b, const struct cell_text *line, double x,
                     double base, double stretch)
{
    const sm_par *p = line->par;
    for (size_t at = line->from; at < line->to;) {
        const sm_run *run = run_at(p, at);
        size_t end = SM_MIN((size_t)(run->text.p - p->text.p) + run->text.n, line->to);
        double wide[MAX_LINE], all = 0;
        struct stretch t = { .text = sm_str_sub(p->text, at, end), .wide = wide, .x = x };
        for (sm_str rest = t.text; rest.n; all += wide[t.n++])
            wide[t.n] = advance(m, run, sm_utf8_next(&rest)) + stretch;
        t.base = base, t.size = run->size * MM, t.colour = run->colour;
        t.font = font_of(m, run->font), t.bold = run->bold == 1;
        add_stretch(m, b, &t);
        x += all;
        at = end;
    }
}

static double size_of(const sm_par *p)
{
    double size = 0;
    for (size_t i = 0; i < p->n_runs; i++)
        size = SM_MAX(size, p->run[i].size);
    return (size > 0 ? size : 16) * MM;
}

static double pitch_of(const sm_par *p)
{
    return p->line > 0 ? p->line * MM : size_of(p) * 1.3;
}

static double start_of(const struct cell_text *line, sm_align align, double left, double right)
{
    if (align == SM_ALIGN_CENTER)
        return left + (right - left - line->wide) / 2;
    return align == SM_ALIGN_RIGHT ? right - line->wide : left;
}

/* ----------------------------------------------------------- paragraphs */

static void set_rule(struct maker *m, sm_buf *b, const sm_par *p)
{
    bool red = p->rule_colour == RED;
    double y = red ? m->y + 4 : m->y;
    add_line(m, b, m->s->left, y, right_of(m), y, red ? 1 : .35, red ? RED : SM_COLOUR_AUTO);
}

/* The red head goes into the template when the habit is so. */
static sm_buf *buffer_of(struct maker *m, const sm_par *p)
{
    bool red = p->n_runs && p->run[0].colour == RED;
    return m->habit == 4 && m->n_pages == 1 && red ? &m->page[0] : page_of(m);
}

/* How far the first line is set in, or out; later ones are not. */
static double first_of(const struct maker *m, const sm_par *p, size_t at)
{
    if (at)
        return 0;
    if (p->first_chars > 0 && p->n_runs && p->run[0].size == 16)
        return p->first_chars * advance(m, &p->run[0], 0x4e00);
    return p->first_chars != 0 ? p->first_chars * size_of(p) : p->first * MM;
}

static void set_par(struct maker *m, const sm_par *p)
{
    double pitch = pitch_of(p), size = size_of(p), left = m->s->left + p->left * MM;
    double right = right_of(m) - p->right * MM;
    if (m->y > m->s->top || p->before > 28.95 * 2.1)
        m->y += p->before * MM;
    for (size_t at = 0; at < p->text.n;) {
        double first = first_of(m, p, at);
        struct cell_text line = break_line(m, p, at, right - left - first);
        if (m->y + pitch > bottom_of(m) + .1)
            open_page(m);
        bool more = line.to < p->text.n;
        double slack = more && p->align == SM_ALIGN_BOTH
                           ? (right - left - first - line.wide) / (double)SM_MAX(line.n - 1, 1)
                           : 0;
        set_line(m, buffer_of(m, p), &line, start_of(&line, p->align, left + first, right),
                 m->y + (pitch - size) / 2 + ASCENT * size, slack);
        m->y += pitch;
        at = line.to;
    }
    if (p->ruled)
        set_rule(m, p->rule_colour == RED ? buffer_of(m, &m->l->par[0]) : page_of(m), p);
    m->y += p->after * MM;
}

static double height_of(const struct maker *m, const sm_par *p, double left, double right)
{
    double high = 0;
    for (size_t at = 0; at < p->text.n; high += pitch_of(p))
        at = break_line(m, p, at, right - left - first_of(m, p, at)).to;
    return high;
}

/* The imprint ends the last page. */
static void sink_imprint(struct maker *m, size_t from)
{
    double high = 0;
    for (size_t i = from; i < m->l->n_body; i++)
        high += height_of(m, &m->l->par[i], m->s->left + m->l->par[i].left * MM,
                          right_of(m) - m->l->par[i].right * MM);
    if (m->y + high > bottom_of(m))
        open_page(m);
    m->y = SM_MAX(m->y, bottom_of(m) - high - .2);
}

/* -------------------------------------------------------------- tables */

enum { PADDING_MM = 2 };

static void set_cell(struct maker *m, const sm_par *p, double left, double right, double top,
                     double high)
{
    double inside = height_of(m, p, left + PADDING_MM, right - PADDING_MM);
    double y = top + (high - inside) / 2, size = size_of(p);
    for (size_t at = 0; at < p->text.n; y += pitch_of(p)) {
        struct cell_text line = break_line(m, p, at, right - left - 2 * PADDING_MM);
        set_line(m, page_of(m), &line,
                 start_of(&line, p->align, left + PADDING_MM, right - PADDING_MM),
                 y + (pitch_of(p) - size) / 2 + ASCENT * size, 0);
        at = line.to;
    }
    if (m->habit == 5) {
        sm_buf_addf(page_of(m),
                    "<ofd:PathObject ID=\"%d\" Boundary=\"%.4f %.4f %.4f %.4f\" LineWidth=\"0.35\">"
                    "<ofd:AbbreviatedData>M 0 0 L %.4f 0 L %.4f %.4f L 0 %.4f C"
                    "</ofd:AbbreviatedData></ofd:PathObject>\n",
                    ++m->id, left, top, right - left, high, right - left, right - left, high, high);
        return;
    }
    add_line(m, page_of(m), left, top, right, top, .35, SM_COLOUR_AUTO);
    add_line(m, page_of(m), left, top + high, right, top + high, .35, SM_COLOUR_AUTO);
    add_line(m, page_of(m), left, top, left, top + high, .35, SM_COLOUR_AUTO);
    add_line(m, page_of(m), right, top, right, top + high, .35, SM_COLOUR_AUTO);
}

/* One row; returns the index behind it. */
static size_t set_row(struct maker *m, size_t from, int n_cols)
{
    const sm_par *par = m->l->par;
    double wide = (right_of(m) - m->s->left) / n_cols, high = 10;
    size_t end = from;
    for (; end < m->l->n_body && par[end].place == SM_PAR_CELL &&
           par[end].table == par[from].table && par[end].row == par[from].row;
         end++)
        high = SM_MAX(high, height_of(m, &par[end], PADDING_MM, wide - PADDING_MM) + 3);
    if (m->y + high > bottom_of(m))
        open_page(m);
    for (size_t i = from; i < end; i++) {
        double left = m->s->left + wide * par[i].col;
        double right = i + 1 == end ? right_of(m) : left + wide; /* a short row is closed */
        set_cell(m, &par[i], left, right, m->y, high);
    }
    m->y += high;
    return end;
}

static size_t set_table(struct maker *m, size_t from)
{
    const sm_par *par = m->l->par;
    int table = par[from].table, n_cols = 1;
    size_t i = from;
    for (; i < m->l->n_body && par[i].place == SM_PAR_CELL && par[i].table == table; i++)
        n_cols = SM_MAX(n_cols, par[i].col + 1);
    size_t end = i;
    m->y += 3;
    for (i = from; i < end;)
        i = set_row(m, i, n_cols);
    m->y += 3;
    return end;
}

/* --------------------------------------------------------------- pages */

static void set_numbers(struct maker *m)
{
    const sm_layout *l = m->l;
    int n_pages = m->n_pages;
    for (int page = 1; page <= n_pages && l->n_pars > l->n_body + 1; page++) {
        sm_par p = l->par[l->n_body + (page % 2 == 0)];
        if (page == 1 && m->s->first_differs)
            continue;
        sm_run run = p.run[0];
        p.text = sm_strf(m->op.arena, "— %d —", page);
        run.text = p.text;
        p.run = &run, p.n_runs = 1;
        struct cell_text line = break_line(m, &p, 0, 100);
        m->n_pages = page;
        set_line(m, page_of(m), &line,
                 start_of(&line, p.align, m->s->left + p.left * MM, right_of(m) - p.right * MM),
                 bottom_of(m) + 7 + ASCENT * size_of(&p), 0);
    }
    m->n_pages = n_pages;
}

static void set_all(struct maker *m)
{
    const sm_layout *l = m->l;
    sm_buf_init(&m->page[0], MAX_PART_BYTES);
    open_page(m);
    for (size_t i = 0; i < l->n_body;) {
        const sm_par *p = &l->par[i];
        if (p->breaks)
            open_page(m);
        if (p->place == SM_PAR_CELL) {
            i = set_table(m, i);
            continue;
        }
        if (p->ruled && p->text.n == 0)
            sink_imprint(m, i);
        set_par(m, p);
        i++;
    }
    set_numbers(m);
}

/* ------------------------------------------------------------- package */

struct part {
    const char *name;
    sm_str text;
};

static void begin_part(const struct maker *m, sm_buf *b, const char *root, const char *atts)
{
    sm_buf_init(b, MAX_PART_BYTES);
    if (m->habit == 1)
        sm_buf_addf(b,
                    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<%s xmlns=\"http://www.ofdspec.org\"%s>\n",
                    root, atts);
    else
        sm_buf_addf(b,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<ofd:%s xmlns:ofd=\"http://www.ofdspec.org/2016\"%s>\n",
                    root, atts);
}

static sm_str end_part(struct maker *m, sm_buf *b, const char *root)
{
    sm_str s = { 0 };
    sm_buf_addf(b, "</%s%s>\n", prefix(m), root);
    sm_buf_take(&m->op, b, &s);
    return s;
}

static sm_str entrance_part(struct maker *m)
{
    const char *p = prefix(m);
    sm_buf b;
    begin_part(m, &b, "OFD", " Version=\"1.1\" DocType=\"OFD\"");
    sm_buf_addf(&b,
                "<%sDocBody><%sDocInfo><%sDocID>00000000000000000000000000000001</%sDocID>"
                "<%sCreator>sunmao-make-ofd</%sCreator></%sDocInfo>"
                "<%sDocRoot>%sDoc_0/Document.xml</%sDocRoot></%sDocBody>\n",
                p, p, p, p, p, p, p, p, m->habit == 1 ? "/" : "", p, p);
    return end_part(m, &b, "OFD");
}

static sm_str document_part(struct maker *m)
{
    const char *p = prefix(m), *from = m->habit == 1 ? "/Doc_0/" : "";
    sm_buf b;
    begin_part(m, &b, "Document", "");
    sm_buf_addf(&b,
                "<%sCommonData><%sMaxUnitID>%d</%sMaxUnitID><%sPageArea><%sPhysicalBox>0 0 %g %g"
                "</%sPhysicalBox></%sPageArea><%sPublicRes>%sPublicRes.xml</%sPublicRes>",
                p, p, m->id + 20000, p, p, p, m->s->wide, m->s->high, p, p, p, from, p);
    if (m->habit == 4)
        sm_buf_addf(&b, "<%sTemplatePage ID=\"9999\" BaseLoc=\"Tpls/Tpl_0/Content.xml\"/>", p);
    sm_buf_addf(&b, "</%sCommonData>\n<%sPages>\n", p, p);
    for (int i = 0; i < m->n_pages; i++)
        sm_buf_addf(&b, "<%sPage ID=\"%d\" BaseLoc=\"%sPages/Page_%d/Content.xml\"/>\n", p,
                    10000 + i, from, i);
    sm_buf_addf(&b, "</%sPages>\n", p);
    return end_part(m, &b, "Document");
}

static sm_str resources_part(struct maker *m)
{
    const char *p = prefix(m);
    sm_buf b;
    begin_part(m, &b, "Res", " BaseLoc=\"Res\"");
    sm_buf_addf(&b, "<%sFonts>\n", p);
    for (size_t i = 0; i < m->n_fonts; i++) {
        sm_buf_addf(&b, "<%sFont ID=\"%zu\" FontName=\"", p, i + 1);
        add_escaped(&b, m->font[i]);
        sm_buf_add(&b, SM_STR("\"/>\n"));
    }
    sm_buf_addf(&b, "</%sFonts>\n", p);
    return end_part(m, &b, "Res");
}

static sm_str page_part(struct maker *m, int page)
{
    const char *p = prefix(m);
    sm_buf b;
    begin_part(m, &b, "Page", "");
    if (m->habit == 4 && page == 1)
        sm_buf_addf(&b, "<%sTemplate TemplateID=\"9999\" ZOrder=\"Background\"/>\n", p);
    sm_buf_addf(&b,
                "<%sArea><%sPhysicalBox>0 0 %g %g</%sPhysicalBox></%sArea>\n"
                "<%sContent><%sLayer ID=\"%d\" Type=\"Body\">\n",
                p, p, m->s->wide, m->s->high, p, p, p, p, 11000 + page);
    if (m->habit == 5)
        sm_buf_addf(&b, "<%sPageBlock ID=\"%d\"><%sPageBlock ID=\"%d\">\n", p, 12000 + page, p,
                    13000 + page);
    sm_buf_add(&b, sm_buf_str(&m->page[page]));
    if (m->habit == 5)
        sm_buf_addf(&b, "</%sPageBlock></%sPageBlock>\n", p, p);
    sm_buf_addf(&b, "</%sLayer></%sContent>\n", p, p);
    return end_part(m, &b, "Page");
}

static bool add_part(zip_t *zip, const char *name, sm_str text)
{
    enum { DOS_DATE_1980 = 1 << 5 | 1 }; /* the same bytes every time */
    zip_source_t *source = zip_source_buffer(zip, text.p, text.n, 0);
    zip_int64_t at = source ? zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
    return at >= 0 && zip_file_set_dostime(zip, (zip_uint64_t)at, 0, DOS_DATE_1980, 0) == 0;
}

static bool add_parts(struct maker *m, zip_t *zip)
{
    bool ok = add_part(zip, "OFD.xml", entrance_part(m)) &&
              add_part(zip, "Doc_0/Document.xml", document_part(m)) &&
              add_part(zip, "Doc_0/PublicRes.xml", resources_part(m));
    if (m->habit == 4)
        ok = ok && add_part(zip, "Doc_0/Tpls/Tpl_0/Content.xml", page_part(m, 0));
    for (int i = 1; i <= m->n_pages && ok; i++)
        ok = add_part(
            zip,
            sm_cstr(m->op.arena, sm_strf(m->op.arena, "Doc_0/Pages/Page_%d/Content.xml", i - 1)),
            page_part(m, i));
    return ok;
}

static int write_package(struct maker *m, const char *path)
{
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (!archive)
        return 1;
    zip_source_keep(archive);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    zip_stat_t st;
    if (!zip || !add_parts(m, zip) || zip_close(zip) != 0 || zip_source_open(archive) != 0 ||
        zip_source_stat(archive, &st) != 0) {
        fprintf(stderr, "%s：压缩包写不出来\n", path);
        return 1;
    }
    char *bytes = sm_alloc(m->op.arena, st.size);
    zip_int64_t n = zip_source_read(archive, bytes, st.size);
    zip_source_close(archive);
    zip_source_free(archive);
    if (n < 0 || sm_file_write(&m->op, path, (sm_str){ bytes, (size_t)n }) < 0) {
        fprintf(stderr, "%.*s\n", SM_ARG(m->op.msg));
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct maker m;
    sm_str text;
    sm_layout *l;
    int first = 1, rc = 1;
    if (argc > 1 && strncmp(argv[1], "--habit=", 8) == 0)
        m.habit = atoi(argv[first++] + 8);
    if (argc - first != 2 || m.habit < 0 || m.habit >= N_HABITS) {
        fprintf(stderr, "用法：sunmao-make-ofd [--habit=0…%d] 公文.txt 输出.ofd\n", N_HABITS - 1);
        return 2;
    }
    sm_op_begin(&m.op);
    if (sm_file_read(&m.op, argv[first], MAX_IN_BYTES, &text) == SM_OK &&
        sm_official_read(&m.op, argv[first], text, &l) == SM_OK) {
        m.l = l;
        m.s = l->section;
        set_all(&m);
        rc = write_package(&m, argv[first + 1]);
    } else {
        fprintf(stderr, "%.*s\n", SM_ARG(m.op.msg));
    }
    for (int i = 0; i <= m.n_pages; i++)
        sm_buf_done(&m.page[i]);
    sm_op_end(&m.op);
    return rc;
}
