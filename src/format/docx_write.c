/*
 * A layout as a DOCX (ISO/IEC 29500, transitional): what it says of paragraphs and runs becomes
 * their direct formatting, over one style that is a body text of GB/T 9704.
 *
 * Page headers and footers: paragraphs of one part of the original are one; of a layout that was
 * made, each paragraph is one.  In a section they stand in this order: odd (or all) pages', even
 * pages', the first one's.  Notes of the foot stand as paragraphs at the end.
 */
#include "format/docx_write.h"

#include <math.h>
#include <string.h>

#include "text/text.h"

enum {
    MAX_COLS = 1000,
    MAX_COL_CHARS = 30, /* a column is not made wider for the sake of one long cell */
    MIN_COL_CHARS = 3,  /* nor so narrow that its heading breaks */
    RULE_EIGHTHS = 8,   /* 0.35 mm */
    RED_RULE_EIGHTHS = 12,
    RED_RULE_SPACE_PT = 11, /* 4 mm */
    TWIPS = 20,
    LINE_SEPARATOR = 0x2028
};
#define TWIPS_PER_MM (1440 / 25.4)

static int twips(double points)
{
    return (int)lround(points * TWIPS);
}

static int mm_twips(double mm)
{
    return (int)lround(mm * TWIPS_PER_MM);
}

/* -------------------------------------------------------------------- runs */

static void put_toggle(sm_docx_writer *w, const char *name, int8_t v)
{
    if (v >= 0)
        sm_buf_addf(w->b, v ? "<w:%s/>" : "<w:%s w:val=\"0\"/>", name);
}

static void put_run_look(sm_docx_writer *w, const sm_run *r)
{
    sm_docx_put(w, "<w:rPr>");
    if (r->font.n || r->latin.n) {
        sm_docx_put(w, "<w:rFonts w:hint=\"eastAsia\"");
        sm_docx_put_attr(w, "w:ascii", r->latin);
        sm_docx_put_attr(w, "w:hAnsi", r->latin);
        sm_docx_put_attr(w, "w:eastAsia", r->font);
        sm_docx_put_attr(w, "w:cs", r->latin);
        sm_docx_put(w, "/>");
    }
    put_toggle(w, "b", r->bold);
    put_toggle(w, "i", r->italic);
    if (r->colour < SM_COLOUR_AUTO)
        sm_buf_addf(w->b, "<w:color w:val=\"%06X\"/>", (unsigned)r->colour);
    int half = (int)lround(r->size * 2);
    if (half > 0)
        sm_buf_addf(w->b, "<w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/>", half, half);
    if (r->underlined >= 0)
        sm_buf_addf(w->b, "<w:u w:val=\"%s\"/>", r->underlined ? "single" : "none");
    sm_docx_put(w, "</w:rPr>");
}

/* Tabs and line breaks are elements. */
static void put_run_text(sm_docx_writer *w, sm_str s)
{
    while (s.n) {
        sm_str rest = s;
        uint32_t c = 0;
        while (rest.n) {
            sm_str after = rest;
            c = sm_utf8_next(&after);
            if (c == '\t' || c == '\n' || c == LINE_SEPARATOR)
                break;
            rest = after;
        }
        if (rest.n < s.n) {
            sm_docx_put(w, "<w:t xml:space=\"preserve\">");
            sm_xml_put(w->b, sm_str_sub(s, 0, s.n - rest.n));
            sm_docx_put(w, "</w:t>");
        }
        if (rest.n) {
            sm_docx_put(w, c == '\t' ? "<w:tab/>" : "<w:br/>");
            sm_utf8_next(&rest);
        }
        s = rest;
    }
}

static void put_run(sm_docx_writer *w, const sm_run *look, sm_str text)
{
    if (look && look->field.n) {
        sm_docx_put(w, "<w:fldSimple w:instr=\" ");
        sm_xml_put(w->b, look->field);
        sm_docx_put(w, " \">");
    }
    sm_docx_put(w, "<w:r>");
    if (look)
        put_run_look(w, look);
    put_run_text(w, text);
    sm_docx_put(w, look && look->field.n ? "</w:r></w:fldSimple>" : "</w:r>");
}

/* Where the run's text begins in the paragraph's; SIZE_MAX: not in it at or after `from`. */
static size_t offset_of(const sm_par *p, const sm_run *r, size_t from)
{
    uintptr_t text = (uintptr_t)p->text.p, run = (uintptr_t)r->text.p;
    if (run < text || run - text < from || run - text + r->text.n > p->text.n)
        return SIZE_MAX;
    return run - text;
}

/* Text that no run tells of is written as well. */
static void put_runs(sm_docx_writer *w, const sm_par *p)
{
    size_t done = 0;
    for (size_t i = 0; i < p->n_runs; i++) {
        const sm_run *r = &p->run[i];
        size_t at = r->text.n ? offset_of(p, r, done) : SIZE_MAX;
        if (at == SIZE_MAX)
            continue;
        if (at > done)
            put_run(w, NULL, sm_str_sub(p->text, done, at));
        put_run(w, r, r->text);
        done = at + r->text.n;
    }
    if (done < p->text.n)
        put_run(w, NULL, sm_str_sub(p->text, done, p->text.n));
}

/* -------------------------------------------------------------- paragraphs */

static void put_rule(sm_docx_writer *w, const sm_par *p)
{
    if (!p->ruled)
        return;
    bool red = p->rule_colour != 0 && p->rule_colour < SM_COLOUR_AUTO;
    sm_buf_addf(w->b,
                "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"%d\" w:space=\"%d\" "
                "w:color=\"%06X\"/></w:pBdr>",
                red ? RED_RULE_EIGHTHS : RULE_EIGHTHS, red ? RED_RULE_SPACE_PT : 1,
                red ? (unsigned)p->rule_colour : 0);
}

static void put_spacing(sm_docx_writer *w, const sm_par *p)
{
    sm_buf_addf(w->b, "<w:spacing w:before=\"%d\" w:after=\"%d\"", twips(SM_MAX(p->before, 0)),
                twips(SM_MAX(p->after, 0)));
    if (p->line > 0)
        sm_buf_addf(w->b, " w:line=\"%d\" w:lineRule=\"%s\"", twips(p->line),
                    p->line_at_least ? "atLeast" : "exact");
    else
        sm_buf_addf(w->b, " w:line=\"%d\" w:lineRule=\"auto\"",
                    (int)lround((p->line_times > 0 ? p->line_times : 1) * 240));
    sm_docx_put(w, "/>");
}

static void put_indent(sm_docx_writer *w, const sm_par *p)
{
    sm_buf_addf(w->b, "<w:ind w:left=\"%d\" w:right=\"%d\"", twips(p->left), twips(p->right));
    if (p->first_chars > 0)
        sm_buf_addf(w->b, " w:firstLineChars=\"%d\"", (int)lround(p->first_chars * 100));
    if (p->first < 0)
        sm_buf_addf(w->b, " w:hanging=\"%d\"", twips(-p->first));
    else
        sm_buf_addf(w->b, " w:firstLine=\"%d\"", twips(p->first));
    sm_docx_put(w, "/>");
}

static void put_section(sm_docx_writer *w, int section);

/* `ends` is the section that ends with this paragraph, or -1. */
static void put_par(sm_docx_writer *w, const sm_par *p, int ends)
{
    static const char *const jc[] = { NULL, "left", "center", "right", "both" };
    sm_docx_put(w, "<w:p><w:pPr>");
    size_t style = sm_docx_style(w, p->style);
    if (style)
        sm_buf_addf(w->b, "<w:pStyle w:val=\"S%zu\"/>", style);
    if (p->breaks)
        sm_docx_put(w, "<w:pageBreakBefore/>");
    put_rule(w, p);
    put_spacing(w, p);
    put_indent(w, p);
    if (p->align)
        sm_buf_addf(w->b, "<w:jc w:val=\"%s\"/>", jc[p->align]);
    if (p->outline)
        sm_buf_addf(w->b, "<w:outlineLvl w:val=\"%d\"/>", p->outline - 1);
    if (ends >= 0)
        put_section(w, ends);
    sm_docx_put(w, "</w:pPr>");
    put_runs(w, p);
    sm_docx_put(w, "</w:p>");
}

static void put_empty_par(sm_docx_writer *w, int ends)
{
    static const sm_par empty = { .line = 1 };
    put_par(w, &empty, ends);
}

/* ------------------------------------------------------------------ tables */

/* The paragraphs of one table. */
typedef struct table {
    const sm_par *par;
    size_t n;
    int cols;
    double chars[MAX_COLS]; /* width of each column */
    double all_chars;
} table;

static double width_of(sm_str s)
{
    double chars = 0;
    while (s.n)
        chars += sm_utf8_next(&s) < 0x80 ? .5 : 1;
    return chars;
}

static sm_rc measure_table(sm_docx_writer *w, table *t, size_t at)
{
    *t = (table){ .par = &w->l->par[at] };
    while (at + t->n < w->l->n_pars && t->par[t->n].place == SM_PAR_CELL &&
           t->par[t->n].table == t->par->table) {
        const sm_par *p = &t->par[t->n++];
        if (p->col < 0 || p->col >= MAX_COLS)
            return sm_fail(w->op, SM_E_LIMIT, "表格超过 %d 列，不能写成 DOCX", MAX_COLS);
        t->cols = SM_MAX(t->cols, p->col + 1);
        double wide = SM_MIN(width_of(p->text) + 1, MAX_COL_CHARS);
        t->chars[p->col] = SM_MAX(t->chars[p->col], SM_MAX(wide, MIN_COL_CHARS));
    }
    for (int c = 0; c < t->cols; c++)
        t->all_chars += t->chars[c] = SM_MAX(t->chars[c], MIN_COL_CHARS);
    return SM_OK;
}

static int cols_twips(const sm_docx_writer *w, const table *t, int from, int to)
{
    const sm_section *s = &w->l->section[t->par->section];
    double room = s->wide > 0 ? (s->wide - s->left - s->right) * TWIPS_PER_MM : 8844;
    double chars = 0;
    for (int c = from; c < to; c++)
        chars += t->chars[c];
    return (int)(SM_MAX(room, 1000) * chars / t->all_chars);
}

static void put_cell_begin(sm_docx_writer *w, const table *t, int col, int to)
{
    sm_buf_addf(w->b, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>",
                cols_twips(w, t, col, to));
    if (to > col + 1)
        sm_buf_addf(w->b, "<w:gridSpan w:val=\"%d\"/>", to - col);
    sm_docx_put(w, "<w:vAlign w:val=\"center\"/></w:tcPr>");
}

/* The row that begins at paragraph i; gives the one behind it.  Cells that are missing are empty
 * ones, but at the row's end the last one spans their columns. */
static size_t put_row(sm_docx_writer *w, const table *t, size_t i)
{
    int row = t->par[i].row, col = 0;
    sm_docx_put(w, "<w:tr><w:trPr><w:cantSplit/>");
    sm_docx_put(w, i == 0 ? "<w:tblHeader/></w:trPr>" : "</w:trPr>");
    while (i < t->n && t->par[i].row == row && t->par[i].col >= col) {
        int here = t->par[i].col;
        for (; col < here; col++) {
            put_cell_begin(w, t, col, col + 1);
            put_empty_par(w, -1);
            sm_docx_put(w, "</w:tc>");
        }
        size_t end = i;
        while (end < t->n && t->par[end].row == row && t->par[end].col == here)
            end++;
        bool last = end == t->n || t->par[end].row != row || t->par[end].col < here;
        put_cell_begin(w, t, here, last ? t->cols : here + 1);
        for (; i < end; i++)
            put_par(w, &t->par[i], -1);
        sm_docx_put(w, "</w:tc>");
        col = here + 1;
    }
    sm_docx_put(w, "</w:tr>");
    return i;
}

static sm_rc put_table(sm_docx_writer *w, size_t at, size_t *next)
{
    table t;
    sm_rc rc = measure_table(w, &t, at);
    if (rc < 0)
        return rc;
    static const char *const sides[] = { "top", "left", "bottom", "right", "insideH", "insideV" };
    sm_docx_put(w, "<w:tbl><w:tblPr>");
    sm_buf_addf(w->b, "<w:tblW w:w=\"%d\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblBorders>",
                cols_twips(w, &t, 0, t.cols));
    for (size_t i = 0; i < SM_LEN(sides); i++)
        sm_buf_addf(w->b, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
                    sides[i]);
    sm_docx_put(w, "</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
    for (int c = 0; c < t.cols; c++)
        sm_buf_addf(w->b, "<w:gridCol w:w=\"%d\"/>", cols_twips(w, &t, c, c + 1));
    sm_docx_put(w, "</w:tblGrid>");
    for (size_t i = 0; i < t.n;)
        i = put_row(w, &t, i);
    sm_docx_put(w, "</w:tbl>");
    *next = at + t.n;
    return SM_OK;
}

/* ---------------------------------------------------------------- sections */

static const sm_docx_margin *margin_of(const sm_docx_writer *w, int section, sm_par_place place,
                                       const char *type)
{
    for (size_t i = 0; i < w->n_margins; i++) {
        const sm_docx_margin *m = &w->margin[i];
        if (m->section == section && m->place == place && strcmp(m->type, type) == 0)
            return m;
    }
    return NULL;
}

/* Where even pages do not differ in this section, but do in another, they have what all have. */
static void put_margins(sm_docx_writer *w, int section, sm_par_place place)
{
    static const char *const types[] = { "default", "even", "first" };
    const char *name = place == SM_PAR_HEADER ? "header" : "footer";
    for (size_t i = 0; i < SM_LEN(types); i++) {
        const sm_docx_margin *m = margin_of(w, section, place, types[i]);
        if (!m && i == 1 && w->even)
            m = margin_of(w, section, place, "default");
        if (m)
            sm_buf_addf(w->b, "<w:%sReference w:type=\"%s\" r:id=\"rId%d\"/>", name, types[i],
                        m->number);
    }
}

static const sm_section usual_section = { .wide = 210,
                                          .high = 297,
                                          .top = 37,
                                          .bottom = 35,
                                          .left = 28,
                                          .right = 26,
                                          .header = 15,
                                          .footer = 24 };

static void put_section(sm_docx_writer *w, int section)
{
    const sm_section *s = &w->l->section[section];
    if (!(s->wide > 0 && s->high > 0))
        s = &usual_section;
    sm_docx_put(w, "<w:sectPr>");
    put_margins(w, section, SM_PAR_HEADER);
    put_margins(w, section, SM_PAR_FOOTER);
    sm_buf_addf(w->b, "<w:pgSz w:w=\"%d\" w:h=\"%d\"%s/>", mm_twips(s->wide), mm_twips(s->high),
                s->landscape ? " w:orient=\"landscape\"" : "");
    sm_buf_addf(w->b,
                "<w:pgMar w:top=\"%d\" w:right=\"%d\" w:bottom=\"%d\" w:left=\"%d\" "
                "w:header=\"%d\" w:footer=\"%d\" w:gutter=\"0\"/>",
                mm_twips(s->top), mm_twips(s->right), mm_twips(s->bottom), mm_twips(s->left),
                mm_twips(s->header), mm_twips(s->footer));
    if (s->first_differs)
        sm_docx_put(w, "<w:titlePg/>");
    if (s->grid_line > 0) {
        double wide = (s->wide - s->left - s->right) * TWIPS_PER_MM / TWIPS;
        sm_buf_addf(w->b, "<w:docGrid w:type=\"%s\" w:linePitch=\"%d\"",
                    s->grid_chars > 0 ? "linesAndChars" : "lines", twips(s->grid_line));
        if (s->grid_chars > 0)
            sm_buf_addf(w->b, " w:charSpace=\"%d\"",
                        (int)lround((wide / s->grid_chars - SM_DOCX_BODY_PT) * 4096));
        sm_docx_put(w, "/>");
    }
    sm_docx_put(w, "</w:sectPr>");
}

/* The paragraphs that make one page header or footer with paragraph i. */
static size_t margin_end(const sm_layout *l, size_t i)
{
    const sm_par *p = &l->par[i];
    size_t end = i + 1;
    while (p->n_at && end < l->n_pars && l->par[end].place == p->place &&
           l->par[end].section == p->section && l->par[end].pages == p->pages &&
           l->par[end].part == p->part)
        end++;
    return end;
}

/* By what it says of its pages, else by its order. */
static const char *margin_type(const sm_docx_writer *w, const sm_par *p)
{
    int section = p->section;
    sm_par_place place = p->place;
    const sm_section *s = &w->l->section[section];
    if (p->pages != SM_PAGES_ALL) {
        const char *said = p->pages == SM_PAGES_EVEN ? "even" : "first";
        return margin_of(w, section, place, said) ? NULL : said;
    }
    if (!margin_of(w, section, place, "default"))
        return "default";
    if (s->even_differs && !margin_of(w, section, place, "even"))
        return "even";
    if (s->first_differs && !margin_of(w, section, place, "first"))
        return "first";
    return NULL;
}

static sm_rc find_margins(sm_docx_writer *w)
{
    const sm_layout *l = w->l;
    for (size_t i = 0; i < l->n_pars;) {
        const sm_par *p = &l->par[i];
        if (p->place != SM_PAR_HEADER && p->place != SM_PAR_FOOTER) {
            i++;
            continue;
        }
        const char *type = margin_type(w, p);
        if (!type || w->n_margins + 20 > SM_DOCX_MAX_PARTS)
            return sm_fail(w->op, SM_E_INVALID, "第 %d 节的页眉或页脚过多，不能写成 DOCX",
                           p->section + 1);
        SM_GROW(w->op->arena, w->margin, w->n_margins, w->cap_margins);
        sm_docx_margin *m = &w->margin[w->n_margins++];
        *m = (sm_docx_margin){ .place = p->place,
                               .section = p->section,
                               .type = type,
                               .from = i,
                               .to = margin_end(l, i),
                               .number = (int)w->n_margins };
        i = m->to;
    }
    return SM_OK;
}

/* ------------------------------------------------------------------- parts */

static bool is_body(const sm_par *p)
{
    return p->place != SM_PAR_HEADER && p->place != SM_PAR_FOOTER;
}

static size_t next_body(const sm_layout *l, size_t i)
{
    while (i < l->n_pars && !is_body(&l->par[i]))
        i++;
    return i;
}

static sm_rc put_body(sm_docx_writer *w)
{
    const sm_layout *l = w->l;
    int last = (int)l->n_sections - 1;
    sm_rc rc = SM_OK;
    size_t i = next_body(l, 0);
    while (rc == SM_OK && i < l->n_pars) {
        const sm_par *p = &l->par[i];
        bool cell = p->place == SM_PAR_CELL;
        size_t next = i + 1;
        if (cell)
            rc = put_table(w, i, &next);
        next = next_body(l, next);
        bool end = next == l->n_pars;
        int follows = end ? last : l->par[next].section;
        int ends = p->place != SM_PAR_NOTE && follows > p->section ? p->section : -1;
        if (!cell)
            put_par(w, p, ends);
        else if (ends >= 0 || end || l->par[next].place == SM_PAR_CELL)
            put_empty_par(w, ends); /* two tables would be one, and none may be last */
        for (int k = p->section + 1; ends >= 0 && k < follows; k++)
            put_empty_par(w, k); /* a section without a paragraph */
        i = next;
    }
    put_section(w, last);
    return rc;
}

static sm_rc write_document(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, PART("w:document", " xmlns:r=\"" R_NS "\"") "<w:body>");
    sm_rc rc = put_body(w);
    sm_docx_put(w, "</w:body></w:document>");
    if (rc == SM_OK)
        return sm_docx_end(w, SM_STR("word/document.xml"));
    sm_buf_done(&b);
    return rc;
}

static sm_rc write_margin(sm_docx_writer *w, const sm_docx_margin *m)
{
    bool header = m->place == SM_PAR_HEADER;
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, header ? PART("w:hdr", "") : PART("w:ftr", ""));
    for (size_t i = m->from; i < m->to; i++)
        put_par(w, &w->l->par[i], -1);
    sm_docx_put(w, header ? "</w:hdr>" : "</w:ftr>");
    return sm_docx_end(
        w, sm_strf(w->op->arena, "word/%s%d.xml", header ? "header" : "footer", m->number));
}

static sm_rc check(const sm_docx_writer *w)
{
    const sm_layout *l = w->l;
    bool fine = l->n_sections > 0 && l->n_sections <= INT32_MAX;
    for (size_t i = 0; fine && i < l->n_pars; i++)
        fine = l->par[i].section >= 0 && (size_t)l->par[i].section < l->n_sections;
    return fine ? SM_OK : sm_fail(w->op, SM_E_INVALID, "版面没有节，或者段落不在任何一节里");
}

sm_rc sm_docx_write(sm_op *op, const sm_layout *l, sm_buf *out)
{
    sm_docx_writer *w = SM_NEW(op->arena, sm_docx_writer);
    w->op = op;
    w->l = l;
    sm_rc rc = check(w);
    for (size_t i = 0; rc == SM_OK && i < l->n_sections; i++)
        w->even = w->even || l->section[i].even_differs;
    if (rc == SM_OK)
        rc = find_margins(w);
    if (rc == SM_OK)
        rc = sm_docx_write_parts(w);
    if (rc == SM_OK)
        rc = write_document(w);
    for (size_t i = 0; rc == SM_OK && i < w->n_margins; i++)
        rc = write_margin(w, &w->margin[i]);
    return rc < 0 ? rc : sm_parts_write(op, SM_STR(""), w->part, w->n_parts, out);
}
