/*
 * XLSX (ISO/IEC 29500 SpreadsheetML): every cell that shows something, as it shows it; formulas by
 * the value that was stored with them.  Hidden sheets, rows and columns are read like others.
 */
#include "format/package.h"
#include "format/readers.h"
#include "format/xlsx.h"
#include "text/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SHEETS = 1000,
    MAX_ROWS = 1048576, /* what the format itself allows */
    MAX_COLS = 16384,
    MAX_STRINGS = 2000000,
    MAX_STYLES = 70000,
    MAX_FORMATS = 5000,
    MAX_MERGED = 100000,
    MAX_MERGED_LOOKS = 100000000, /* of cells at merged ones */
    MAX_PATH_BYTES = 512
};

struct font {
    sm_str name;
    double size;
    bool bold, italic;
    uint32_t colour;
};

struct sheet {
    sm_str name, relation, path;
};

struct merged {
    int row0, col0, row1, col1;
};

struct xlsx {
    sm_layout_build *b;
    sm_reader *r;
    sm_package *package;
    struct sheet sheet[MAX_SHEETS];
    size_t n_sheets;
    sm_str strings_path, styles_path;
    sm_str *string;
    size_t n_strings, cap_strings;
    struct style {
        sm_str code;
        int font;
    } * style;
    size_t n_styles, cap_styles;
    struct format {
        int id;
        sm_str code;
    } * format;
    size_t n_formats, cap_formats;
    struct font *font;
    size_t n_fonts, cap_fonts;
    bool from_1904;
};

/* One part being read: its text is collected where `keep` is set. */
struct reading {
    struct xlsx *x;
    sm_buf text;
    bool keep, phonetic, in_item, in_fonts, in_formats;
    /* of a sheet */
    int table, row, col, at_row, at_col;
    uint16_t part;
    char type[16];
    size_t style;
    sm_str value;
    bool has_value;
    struct merged *merged;
    size_t n_merged, cap_merged;
    size_t first_par;
};

static const char *local_of(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static const char *attribute(const char **atts, const char *local)
{
    for (; atts[0]; atts += 2)
        if (strcmp(local_of(atts[0]), local) == 0)
            return atts[1];
    return "";
}

static int integer_of(const char *text, int usual)
{
    int64_t v;
    return sm_str_to_int(sm_str_of(text), &v) && v >= 0 && v <= INT32_MAX ? (int)v : usual;
}

static sm_rc on_text(void *ctx, sm_str s)
{
    struct reading *g = ctx;
    const sm_reader *r = g->x->r;
    if (!g->keep)
        return SM_OK;
    sm_buf_add(&g->text, s);
    if (!g->text.failed)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件",
                   r->name, r->limits->text_bytes);
}

static sm_rc on_nothing(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return SM_OK;
}

static sm_rc too_many(const struct xlsx *x, const char *what, int most)
{
    return sm_fail(x->r->op, SM_E_LIMIT, "文件 %s 的%s超过 %d 个的上限；请拆分成几个文件",
                   x->r->name, what, most);
}

static sm_rc read_part(struct xlsx *x, sm_str path, struct reading *g, sm_part_handler handler)
{
    size_t index = sm_package_find(x->package, path);
    if (index == SIZE_MAX)
        return sm_fail(x->r->op, SM_E_CORRUPT,
                       "文件 %s 缺少部件 %.*s；请重新取得文件，或用 WPS、Excel 打开并另存为 XLSX",
                       x->r->name, SM_ARG(path));
    g->x = x;
    handler.ctx = g;
    sm_buf_init(&g->text, x->r->limits->text_bytes);
    sm_rc rc = sm_package_parse(x->package, index, &handler);
    sm_buf_done(&g->text);
    return rc;
}

/* ------------------------------------------------------------ workbook */

static sm_rc on_workbook(void *ctx, const char *name, const char **atts)
{
    struct reading *g = ctx;
    struct xlsx *x = g->x;
    sm_arena *a = x->r->op->arena;
    const char *flag = attribute(atts, "date1904");
    name = local_of(name);
    if (strcmp(name, "workbookPr") == 0)
        x->from_1904 = strcmp(flag, "1") == 0 || strcmp(flag, "true") == 0;
    if (strcmp(name, "externalReference") == 0)
        x->b->l->flags |= SM_LAYOUT_EXTERNAL;
    if (strcmp(name, "sheet") != 0)
        return SM_OK;
    if (x->n_sheets == MAX_SHEETS)
        return too_many(x, "工作表", MAX_SHEETS);
    struct sheet *s = &x->sheet[x->n_sheets++];
    for (; atts[0]; atts += 2) /* r:id, beside sheetId */
        if (strcmp(local_of(atts[0]), "id") == 0)
            s->relation = sm_str_dup(a, sm_str_of(atts[1]));
        else if (strcmp(atts[0], "name") == 0)
            s->name = sm_str_dup(a, sm_str_of(atts[1]));
    return sm_layout_add_prop(x->b, SM_STR("sheet"), s->name);
}

static sm_rc on_relation(void *ctx, const char *name, const char **atts)
{
    struct reading *g = ctx;
    struct xlsx *x = g->x;
    sm_str id = sm_str_of(attribute(atts, "Id")), type = sm_str_of(attribute(atts, "Type"));
    sm_str target = sm_str_of(attribute(atts, "Target"));
    if (strcmp(local_of(name), "Relationship") != 0 || target.n > MAX_PATH_BYTES ||
        strcmp(attribute(atts, "TargetMode"), "External") == 0)
        return SM_OK;
    sm_str path = sm_str_starts(target, SM_STR("/"))
                      ? sm_str_dup(x->r->op->arena, sm_str_after(target, 1))
                      : sm_strf(x->r->op->arena, "xl/%.*s", SM_ARG(target));
    if (sm_str_ends(type, SM_STR("/sharedStrings")))
        x->strings_path = path;
    if (sm_str_ends(type, SM_STR("/styles")))
        x->styles_path = path;
    for (size_t i = 0; i < x->n_sheets; i++)
        if (sm_str_eq(x->sheet[i].relation, id))
            x->sheet[i].path = path;
    return SM_OK;
}

/* ------------------------------------------------------ strings, styles */

static sm_rc on_string(void *ctx, const char *name, const char **atts)
{
    struct reading *g = ctx;
    (void)atts;
    name = local_of(name);
    if (strcmp(name, "si") == 0)
        g->text.n = 0;
    else if (strcmp(name, "rPh") == 0)
        g->phonetic = true; /* how it is said, not what is written */
    else if (strcmp(name, "t") == 0)
        g->keep = !g->phonetic;
    return SM_OK;
}

static sm_rc on_string_end(void *ctx, const char *name)
{
    struct reading *g = ctx;
    struct xlsx *x = g->x;
    name = local_of(name);
    if (strcmp(name, "t") == 0)
        g->keep = false;
    if (strcmp(name, "rPh") == 0)
        g->phonetic = false;
    if (strcmp(name, "si") != 0)
        return SM_OK;
    if (x->n_strings == MAX_STRINGS)
        return too_many(x, "字符串", MAX_STRINGS);
    SM_GROW(x->r->op->arena, x->string, x->n_strings, x->cap_strings);
    x->string[x->n_strings++] = sm_str_dup(x->r->op->arena, sm_buf_str(&g->text));
    return SM_OK;
}

static sm_rc on_font(struct xlsx *x)
{
    if (x->n_fonts == MAX_STYLES)
        return too_many(x, "字体", MAX_STYLES);
    SM_GROW(x->r->op->arena, x->font, x->n_fonts, x->cap_fonts);
    x->font[x->n_fonts++] = (struct font){ .colour = SM_COLOUR_AUTO };
    return SM_OK;
}

static void on_font_part(struct font *f, sm_arena *a, const char *name, const char **atts)
{
    const char *val = attribute(atts, "val"), *rgb = attribute(atts, "rgb");
    bool on = strcmp(val, "0") != 0 && strcmp(val, "false") != 0;
    if (strcmp(name, "name") == 0)
        f->name = sm_str_dup(a, sm_str_of(val));
    else if (strcmp(name, "sz") == 0)
        f->size = SM_MIN(SM_MAX(strtod(val, NULL), 0), 1000);
    else if (strcmp(name, "b") == 0)
        f->bold = on;
    else if (strcmp(name, "i") == 0)
        f->italic = on;
    else if (strcmp(name, "color") == 0 && strlen(rgb) == 8)
        f->colour = (uint32_t)strtoul(rgb + 2, NULL, 16) & 0xffffff;
}

static sm_rc on_format(struct xlsx *x, const char **atts)
{
    if (x->n_formats == MAX_FORMATS)
        return too_many(x, "数字格式", MAX_FORMATS);
    SM_GROW(x->r->op->arena, x->format, x->n_formats, x->cap_formats);
    x->format[x->n_formats++] =
        (struct format){ integer_of(attribute(atts, "numFmtId"), 0),
                         sm_str_dup(x->r->op->arena, sm_str_of(attribute(atts, "formatCode"))) };
    return SM_OK;
}

static sm_str code_of(const struct xlsx *x, int id)
{
    for (size_t i = 0; i < x->n_formats; i++)
        if (x->format[i].id == id)
            return x->format[i].code;
    return sm_xlsx_builtin(id);
}

static sm_rc on_style(void *ctx, const char *name, const char **atts)
{
    struct reading *g = ctx;
    struct xlsx *x = g->x;
    name = local_of(name);
    if (strcmp(name, "numFmt") == 0)
        return on_format(x, atts);
    if (strcmp(name, "fonts") == 0)
        g->in_fonts = true;
    else if (strcmp(name, "cellXfs") == 0)
        g->in_formats = true;
    else if (g->in_fonts && strcmp(name, "font") == 0)
        return on_font(x);
    else if (g->in_fonts && x->n_fonts)
        on_font_part(&x->font[x->n_fonts - 1], x->r->op->arena, name, atts);
    if (!g->in_formats || strcmp(name, "xf") != 0)
        return SM_OK;
    if (x->n_styles == MAX_STYLES)
        return too_many(x, "单元格样式", MAX_STYLES);
    SM_GROW(x->r->op->arena, x->style, x->n_styles, x->cap_styles);
    x->style[x->n_styles++] =
        (struct style){ code_of(x, integer_of(attribute(atts, "numFmtId"), 0)),
                        integer_of(attribute(atts, "fontId"), 0) };
    return SM_OK;
}

static sm_rc on_style_end(void *ctx, const char *name)
{
    struct reading *g = ctx;
    name = local_of(name);
    if (strcmp(name, "fonts") == 0)
        g->in_fonts = false;
    if (strcmp(name, "cellXfs") == 0)
        g->in_formats = false;
    return SM_OK;
}

/* --------------------------------------------------------------- sheets */

/* "AB12": from 0; false when it is no cell. */
static bool cell_of(sm_str s, int *row, int *col)
{
    int64_t r = 0, c = 0;
    size_t i = 0;
    for (; i < s.n && i < 3 && (s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'; i++)
        c = c * 26 + (s.p[i] | 32) - 'a' + 1;
    if (i == 0 || !sm_str_to_int(sm_str_after(s, i), &r) || r < 1 || r > MAX_ROWS || c > MAX_COLS)
        return false;
    *row = (int)r - 1, *col = (int)c - 1;
    return true;
}

static sm_rc fail_cell(const struct xlsx *x, sm_str ref)
{
    return sm_fail(x->r->op, SM_E_CORRUPT,
                   "文件 %s 的单元格位置“%.*s”不对；请用 WPS 或 Excel 打开并另存为 XLSX",
                   x->r->name, SM_ARG(sm_utf8_head(ref, 20)));
}

static sm_rc on_merged(struct reading *g, sm_str ref)
{
    struct xlsx *x = g->x;
    sm_str first = { 0 }, rest = ref;
    struct merged m;
    sm_str_cut(&rest, ':', &first);
    if (!cell_of(first, &m.row0, &m.col0) || !cell_of(rest.n ? rest : first, &m.row1, &m.col1))
        return fail_cell(x, ref);
    if (g->n_merged == MAX_MERGED)
        return too_many(x, "合并单元格", MAX_MERGED);
    SM_GROW(x->r->op->arena, g->merged, g->n_merged, g->cap_merged);
    g->merged[g->n_merged++] = m;
    return SM_OK;
}

static sm_rc on_row(struct reading *g, const char **atts)
{
    const char *r = attribute(atts, "r");
    g->row = r[0] ? integer_of(r, 0) - 1 : g->row + 1;
    g->col = -1;
    return g->row >= 0 && g->row < MAX_ROWS ? SM_OK : fail_cell(g->x, sm_str_of(r));
}

static sm_rc on_cell(struct reading *g, const char **atts)
{
    sm_str ref = sm_str_of(attribute(atts, "r"));
    if (ref.n == 0)
        g->at_row = g->row, g->at_col = g->col + 1;
    else if (!cell_of(ref, &g->at_row, &g->at_col))
        return fail_cell(g->x, ref);
    if (g->at_row < 0 || g->at_col >= MAX_COLS)
        return fail_cell(g->x, ref);
    g->col = g->at_col;
    snprintf(g->type, sizeof(g->type), "%s", attribute(atts, "t"));
    g->style = (size_t)integer_of(attribute(atts, "s"), 0);
    g->value = (sm_str){ 0 };
    g->has_value = false;
    g->text.n = 0;
    return SM_OK;
}

static sm_rc on_sheet(void *ctx, const char *name, const char **atts)
{
    struct reading *g = ctx;
    name = local_of(name);
    if (strcmp(name, "row") == 0)
        return on_row(g, atts);
    if (strcmp(name, "c") == 0) {
        g->in_item = true;
        return on_cell(g, atts);
    }
    if (strcmp(name, "mergeCell") == 0)
        return on_merged(g, sm_str_of(attribute(atts, "ref")));
    if (strcmp(name, "rPh") == 0)
        g->phonetic = true;
    /* <f> is the formula: its value stands in <v> */
    g->keep = g->in_item && !g->phonetic && (strcmp(name, "v") == 0 || strcmp(name, "t") == 0);
    g->has_value = g->has_value || g->keep;
    return SM_OK;
}

/* One line, and what no reader sees left out. */
static sm_str one_line(sm_arena *a, sm_str s)
{
    char *p = sm_cstr(a, s);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r')
            p[n++] = s.p[i] == '\n' || s.p[i] == '\t' ? ' ' : s.p[i];
    return (sm_str){ p, n };
}

static sm_rc shown_text(struct reading *g, sm_str raw, sm_str *out)
{
    struct xlsx *x = g->x;
    sm_arena *a = x->r->op->arena;
    char *end;
    int64_t index;
    *out = (sm_str){ 0 };
    if (strcmp(g->type, "s") == 0) {
        if (!sm_str_to_int(sm_str_trim(raw), &index) || index < 0 || (size_t)index >= x->n_strings)
            return sm_fail(x->r->op, SM_E_CORRUPT,
                           "文件 %s 的单元格引用了不存在的字符串；请用 WPS 或 Excel 打开并另存",
                           x->r->name);
        *out = one_line(a, x->string[index]);
        return SM_OK;
    }
    if (strcmp(g->type, "b") == 0) {
        *out = sm_str_eq(sm_str_trim(raw), SM_STR("1")) ? SM_STR("TRUE") : SM_STR("FALSE");
        return SM_OK;
    }
    const char *text = sm_cstr(a, sm_str_trim(raw));
    double v = strtod(text, &end);
    if ((g->type[0] && strcmp(g->type, "n") != 0) || end == text || *end || !isfinite(v))
        *out = one_line(a, raw); /* str, inlineStr, e, d: as it stands */
    else
        *out = sm_xlsx_number(a, v,
                              g->style < x->n_styles ? x->style[g->style].code : SM_STR("General"),
                              x->from_1904);
    return SM_OK;
}

static sm_run look_of(const struct xlsx *x, size_t style)
{
    sm_run run = { .bold = -1, .italic = -1, .underlined = -1, .colour = SM_COLOUR_AUTO };
    size_t font = style < x->n_styles ? (size_t)x->style[style].font : SIZE_MAX;
    if (font >= x->n_fonts)
        return run;
    const struct font *f = &x->font[font];
    run.font = run.latin = f->name;
    run.size = f->size;
    run.bold = f->bold, run.italic = f->italic;
    run.colour = f->colour;
    return run;
}

static sm_rc on_cell_end(struct reading *g)
{
    struct xlsx *x = g->x;
    sm_par *p;
    sm_str text = { 0 };
    g->in_item = false;
    sm_rc rc = g->has_value ? shown_text(g, sm_buf_str(&g->text), &text) : SM_OK;
    if (rc < 0 || text.n == 0)
        return rc;
    rc = sm_layout_add_par(x->b, &p);
    if (rc < 0)
        return rc;
    p->place = SM_PAR_CELL;
    p->table = g->table, p->row = g->at_row, p->col = g->at_col;
    p->part = g->part;
    sm_run *run = SM_NEW(x->r->op->arena, sm_run);
    *run = look_of(x, g->style);
    run->text = text;
    run->part = g->part;
    return sm_layout_set_text(x->b, p, text, run, 1);
}

static sm_rc on_sheet_end(void *ctx, const char *name)
{
    struct reading *g = ctx;
    name = local_of(name);
    if (strcmp(name, "rPh") == 0)
        g->phonetic = false;
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
        g->keep = false;
    return strcmp(name, "c") == 0 ? on_cell_end(g) : SM_OK;
}

static int by_row(const void *a, const void *b)
{
    const struct merged *m = a, *n = b;
    return (m->row0 > n->row0) - (m->row0 < n->row0);
}

static bool is_covered(const struct merged *m, const sm_par *p)
{
    return p->row >= m->row0 && p->row <= m->row1 && p->col >= m->col0 && p->col <= m->col1 &&
           (p->row != m->row0 || p->col != m->col0);
}

/* Merged cells show the first one alone.  A cell looks at those that begin not further above it
 * than the tallest is: few, in a table that people made. */
static sm_rc drop_covered(struct reading *g)
{
    sm_layout *l = g->x->b->l;
    size_t kept = g->first_par, low = 0, looks = 0;
    int tallest = 0;
    if (g->n_merged == 0)
        return SM_OK;
    qsort(g->merged, g->n_merged, sizeof(*g->merged), by_row);
    for (size_t i = 0; i < g->n_merged; i++)
        tallest = SM_MAX(tallest, g->merged[i].row1 - g->merged[i].row0);
    for (size_t i = g->first_par, k; i < l->n_pars && looks < MAX_MERGED_LOOKS; i++, looks++) {
        sm_par par = l->par[i];
        bool covered = false;
        while (low > 0 && g->merged[low - 1].row0 >= par.row - tallest)
            low--, looks++;
        while (low < g->n_merged && g->merged[low].row0 < par.row - tallest)
            low++, looks++;
        for (k = low; k < g->n_merged && g->merged[k].row0 <= par.row && !covered; k++, looks++)
            covered = is_covered(&g->merged[k], &par);
        if (!covered)
            l->par[kept++] = par;
    }
    if (looks >= MAX_MERGED_LOOKS)
        return too_many(g->x, "合并单元格与单元格的组合", MAX_MERGED_LOOKS);
    l->n_pars = kept;
    return SM_OK;
}

static sm_rc read_sheet(struct xlsx *x, size_t i)
{
    struct reading g = { .table = (int)i, .row = -1, .first_par = x->b->l->n_pars };
    if (x->sheet[i].path.n == 0)
        return sm_fail(x->r->op, SM_E_CORRUPT,
                       "文件 %s 的工作表“%.*s”没有内容；请用 WPS 或 Excel 打开并另存为 XLSX",
                       x->r->name, SM_ARG(x->sheet[i].name));
    sm_rc rc = sm_layout_add_part(x->b, x->sheet[i].path, &g.part);
    if (rc == SM_OK)
        rc =
            read_part(x, x->sheet[i].path, &g,
                      (sm_part_handler){ .start = on_sheet, .end = on_sheet_end, .text = on_text });
    return rc == SM_OK ? drop_covered(&g) : rc;
}

static sm_rc read_parts(struct xlsx *x)
{
    struct reading g = { 0 };
    sm_rc rc = read_part(x, SM_STR("xl/workbook.xml"), &g,
                         (sm_part_handler){ .start = on_workbook, .end = on_nothing });
    if (rc == SM_OK)
        rc = read_part(x, SM_STR("xl/_rels/workbook.xml.rels"), &g,
                       (sm_part_handler){ .start = on_relation, .end = on_nothing });
    if (rc == SM_OK && x->strings_path.n)
        rc = read_part(
            x, x->strings_path, &g,
            (sm_part_handler){ .start = on_string, .end = on_string_end, .text = on_text });
    if (rc == SM_OK && x->styles_path.n)
        rc = read_part(x, x->styles_path, &g,
                       (sm_part_handler){ .start = on_style, .end = on_style_end });
    for (size_t i = 0; i < x->n_sheets && rc == SM_OK; i++)
        rc = read_sheet(x, i);
    return rc;
}

sm_rc sm_xlsx_layout(sm_layout_build *b, sm_str bytes)
{
    struct xlsx *x = SM_NEW(b->r->op->arena, struct xlsx);
    x->b = b, x->r = b->r;
    sm_rc rc = sm_package_open(b->r, bytes, &x->package);
    if (rc == SM_OK && sm_package_find(x->package, SM_STR("xl/vbaProject.bin")) != SIZE_MAX)
        b->l->flags |= SM_LAYOUT_MACROS;
    if (rc == SM_OK)
        rc = read_parts(x);
    sm_package_close(x->package);
    b->l->n_body = b->l->n_pars;
    return rc;
}
