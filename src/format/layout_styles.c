/* Styles, the theme's fonts and the settings of a DOCX, and what they come to: ISO/IEC 29500-1
 * 17.7.2 (the order in which properties apply) and 17.7.3 (toggles). */
#include "format/wordml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_STYLES = 10000,
    MAX_BASED_ON = 32,
    TWIPS_A_POINT = 20,
    MAX_DIGITS = 9,
};
static const double MAX_MEASURE = 1e6, STANDARD_SIZE = 10; /* twips; 17.3.2.38 */

struct sm_wml_style {
    sm_str type, id, name, based_on;
    bool standard;
    sm_wml_par par;
    sm_wml_run run;
    bool resolved, resolving;
};

/* Fonts of one half of the theme. */
struct theme_fonts {
    sm_str latin, east, script; /* script: for the document's own East Asian language */
};

struct sm_wml {
    sm_reader *r;
    sm_package *package;
    struct theme_fonts theme[2]; /* major, minor */
    const char *script;
    bool even_differs;
    sm_wml_style **style; /* by type and id */
    size_t n_styles, cap_styles;
    const sm_wml_style *standard[4]; /* of each type */
    size_t n_standard;
    sm_wml_par par; /* the document's defaults */
    sm_wml_run run;
    sm_wml_lists *lists;
};

/* ------------------------------------------------------------- in common */

const char *sm_wml_local(const char *prefix, size_t n, const char *name)
{
    if (n == 0)
        return strchr(name, ':') ? NULL : name;
    return strncmp(name, prefix, n) == 0 && name[n] == ':' ? name + n + 1 : NULL;
}

const char *sm_wml_any_local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *sm_wml_attr(const char **atts, const char *local)
{
    for (; atts[0]; atts += 2)
        if (strcmp(sm_wml_any_local(atts[0]), local) == 0)
            return atts[1];
    return "";
}

static bool has_attr(const char **atts, const char *local, const char **value)
{
    for (; atts[0]; atts += 2)
        if (strcmp(sm_wml_any_local(atts[0]), local) == 0) {
            *value = atts[1];
            return true;
        }
    return false;
}

bool sm_wml_on(const char **atts)
{
    const char *v = sm_wml_attr(atts, "val");
    return strcmp(v, "0") != 0 && strcmp(v, "false") != 0 && strcmp(v, "off") != 0;
}

/* The number at the front of s; NULL when there is none. */
static const char *number_at(const char *s, double *out)
{
    bool minus = *s == '-';
    double v = 0, unit = 1;
    int n = 0;
    s += minus || *s == '+';
    for (; *s >= '0' && *s <= '9'; s++, n++)
        v = n < MAX_DIGITS ? v * 10 + (*s - '0') : MAX_MEASURE;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++, n++)
            v += n < MAX_DIGITS ? (unit /= 10) * (*s - '0') : 0;
    if (n == 0)
        return NULL;
    *out = minus ? -v : v;
    return s;
}

bool sm_wml_number(const char *s, double *out)
{
    double v;
    const char *end = number_at(s, &v);
    if (!end || *end)
        return false;
    *out = v;
    return true;
}

bool sm_wml_twips(const char *s, double *out)
{
    static const struct {
        const char *name;
        double twips;
    } units[] = { { "", 1 },      { "pt", 20 },  { "cm", 1440 / 2.54 }, { "mm", 1440 / 25.4 },
                  { "in", 1440 }, { "pc", 240 }, { "pi", 240 } };
    double v;
    const char *end = number_at(s, &v);
    for (size_t i = 0; end && i < SM_LEN(units); i++)
        if (strcmp(end, units[i].name) == 0) {
            *out = SM_MAX(SM_MIN(v * units[i].twips, MAX_MEASURE), -MAX_MEASURE);
            return true;
        }
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

uint32_t sm_wml_colour(const char *s)
{
    uint32_t v = 0;
    int n = 0;
    if (strncasecmp(s, "red", 3) == 0)
        return 0xff0000;
    bool marked = *s == '#';
    for (s += marked; hex_digit(*s) >= 0 && n < 7; s++, n++)
        v = v << 4 | (uint32_t)hex_digit(*s);
    if (n == 3 && marked)
        return (v >> 8) * 0x110000 | (v >> 4 & 15) * 0x1100 | (v & 15) * 0x11;
    return n == 6 ? v : SM_COLOUR_AUTO;
}

/* --------------------------------------------------------- laying over */

void sm_wml_lay_run(sm_wml_run *to, const sm_wml_run *over)
{
    unsigned set = over->set;
    to->set |= set;
    if (set & SM_WML_EAST)
        to->east = over->east;
    if (set & SM_WML_LATIN)
        to->latin = over->latin;
    if (set & SM_WML_SIZE)
        to->size = over->size;
    if (set & SM_WML_BOLD)
        to->bold = over->bold;
    if (set & SM_WML_ITALIC)
        to->italic = over->italic;
    if (set & SM_WML_HIDDEN)
        to->hidden = over->hidden;
    if (set & SM_WML_UNDERLINE)
        to->underlined = over->underlined;
    if (set & SM_WML_COLOUR)
        to->colour = over->colour;
}

/* The numbers of a paragraph, for reading and for laying one over another. */
static const struct {
    unsigned bit;
    size_t at;
    const char *element, *names[2];
    int sign;
    bool hundredths; /* of a character or a line: no unit */
} measures[] = {
#define MEASURE(bit, member, ...)                      \
    {                                                  \
        bit, offsetof(sm_wml_par, member), __VA_ARGS__ \
    }
    MEASURE(SM_WML_FIRST, first, "ind", { "firstLine" }, 1, false),
    MEASURE(SM_WML_FIRST, first, "ind", { "hanging" }, -1, false),
    MEASURE(SM_WML_FIRST_CHARS, first_chars, "ind", { "firstLineChars" }, 1, true),
    MEASURE(SM_WML_FIRST_CHARS, first_chars, "ind", { "hangingChars" }, -1, true),
    MEASURE(SM_WML_LEFT, left, "ind", { "left", "start" }, 1, false),
    MEASURE(SM_WML_LEFT_CHARS, left_chars, "ind", { "leftChars", "startChars" }, 1, true),
    MEASURE(SM_WML_RIGHT, right, "ind", { "right", "end" }, 1, false),
    MEASURE(SM_WML_RIGHT_CHARS, right_chars, "ind", { "rightChars", "endChars" }, 1, true),
    MEASURE(SM_WML_LINE, line, "spacing", { "line" }, 1, false),
    MEASURE(SM_WML_BEFORE, before, "spacing", { "before" }, 1, false),
    MEASURE(SM_WML_BEFORE_LINES, before_lines, "spacing", { "beforeLines" }, 1, true),
    MEASURE(SM_WML_AFTER, after, "spacing", { "after" }, 1, false),
    MEASURE(SM_WML_AFTER_LINES, after_lines, "spacing", { "afterLines" }, 1, true),
#undef MEASURE
};

static double *measure_of(sm_wml_par *p, size_t i)
{
    return (double *)(void *)((char *)p + measures[i].at);
}

void sm_wml_lay_par(sm_wml_par *to, const sm_wml_par *over)
{
    sm_wml_par from = *over;
    to->set |= from.set;
    for (size_t i = 0; i < SM_LEN(measures); i++)
        if (from.set & measures[i].bit)
            *measure_of(to, i) = *measure_of(&from, i);
    if (from.set & SM_WML_ALIGN)
        to->align = from.align;
    if (from.set & SM_WML_RULE)
        to->rule = from.rule;
    if (from.set & SM_WML_OUTLINE)
        to->outline = from.outline;
    if (from.set & SM_WML_BREAKS)
        to->breaks = from.breaks;
    if (from.set & SM_WML_BORDER) {
        to->border = from.border;
        to->border_colour = from.border_colour;
    }
    if (from.set & SM_WML_NUM)
        to->num = from.num;
    if (from.set & SM_WML_LEVEL)
        to->level = from.level;
}

/* ------------------------------------------------------------ properties */

/* "minorEastAsia", "majorHAnsi"; the document's own script where the theme names no font. */
static sm_str theme_font(const sm_wml *w, const char *name)
{
    const struct theme_fonts *f = &w->theme[strncmp(name, "minor", 5) == 0];
    sm_str s = sm_str_of(name);
    if (sm_str_ends(s, SM_STR("EastAsia")))
        return f->east.n ? f->east : f->script;
    return sm_str_ends(s, SM_STR("Bidi")) ? (sm_str){ 0 } : f->latin;
}

static bool font_of(sm_wml *w, const char **atts, const char *themed, const char *plain,
                    sm_str *font)
{
    const char *value;
    if (has_attr(atts, themed, &value) && theme_font(w, value).n) {
        *font = theme_font(w, value);
        return true;
    }
    if (!has_attr(atts, plain, &value) || !*value)
        return false;
    *font = sm_str_dup(w->r->op->arena, sm_str_of(value));
    return true;
}

static void on_fonts(sm_wml *w, sm_wml_run *to, const char **atts)
{
    if (font_of(w, atts, "eastAsiaTheme", "eastAsia", &to->east))
        to->set |= SM_WML_EAST;
    if (font_of(w, atts, "asciiTheme", "ascii", &to->latin) ||
        font_of(w, atts, "hAnsiTheme", "hAnsi", &to->latin))
        to->set |= SM_WML_LATIN;
}

static void on_size(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    const char *value = sm_wml_attr(atts, "val");
    double v;
    if (sm_wml_number(value, &v))
        v /= 2; /* half points */
    else if (sm_wml_twips(value, &v))
        v /= TWIPS_A_POINT;
    else
        return;
    if (v > 0) {
        to->size = v;
        to->set |= SM_WML_SIZE;
    }
}

static void on_bold(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    to->bold = sm_wml_on(atts);
    to->set |= SM_WML_BOLD;
}

static void on_italic(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    to->italic = sm_wml_on(atts);
    to->set |= SM_WML_ITALIC;
}

static void on_vanish(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    to->hidden = sm_wml_on(atts);
    to->set |= SM_WML_HIDDEN;
}

static void on_underline(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    const char *v = sm_wml_attr(atts, "val");
    to->underlined = *v && strcmp(v, "none") != 0;
    to->set |= SM_WML_UNDERLINE;
}

static void on_colour(sm_wml *w, sm_wml_run *to, const char **atts)
{
    (void)w;
    to->colour = sm_wml_colour(sm_wml_attr(atts, "val"));
    to->set |= SM_WML_COLOUR;
}

static void on_run_style(sm_wml *w, sm_wml_run *to, const char **atts)
{
    to->style = sm_str_dup(w->r->op->arena, sm_str_of(sm_wml_attr(atts, "val")));
}

static const struct {
    const char *name;
    void (*take)(sm_wml *w, sm_wml_run *to, const char **atts);
} run_properties[] = {
    { "rFonts", on_fonts },  { "sz", on_size },          { "b", on_bold },
    { "i", on_italic },      { "u", on_underline },      { "color", on_colour },
    { "vanish", on_vanish }, { "rStyle", on_run_style },
};

void sm_wml_run_property(sm_wml *w, sm_wml_run *to, const char *local, const char **atts)
{
    for (size_t i = 0; i < SM_LEN(run_properties); i++)
        if (strcmp(local, run_properties[i].name) == 0) {
            run_properties[i].take(w, to, atts);
            return;
        }
}

static void on_align(sm_wml_par *to, const char **atts)
{
    static const struct {
        const char *name;
        sm_align align;
    } names[] = {
        { "left", SM_ALIGN_LEFT },       { "start", SM_ALIGN_LEFT }, { "center", SM_ALIGN_CENTER },
        { "right", SM_ALIGN_RIGHT },     { "end", SM_ALIGN_RIGHT },  { "both", SM_ALIGN_BOTH },
        { "distribute", SM_ALIGN_BOTH },
    };
    const char *v = sm_wml_attr(atts, "val");
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (strcmp(v, names[i].name) == 0) {
            to->align = names[i].align;
            to->set |= SM_WML_ALIGN;
        }
}

static void on_measures(sm_wml_par *to, const char *element, const char **atts)
{
    for (size_t i = 0; i < SM_LEN(measures); i++) {
        const char *value;
        double v;
        if (strcmp(element, measures[i].element) != 0 ||
            (!has_attr(atts, measures[i].names[0], &value) &&
             (!measures[i].names[1] || !has_attr(atts, measures[i].names[1], &value))))
            continue;
        if (measures[i].hundredths ? !sm_wml_number(value, &v) : !sm_wml_twips(value, &v))
            continue;
        *measure_of(to, i) = v * measures[i].sign;
        to->set |= measures[i].bit;
    }
}

static void on_spacing(sm_wml_par *to, const char **atts)
{
    const char *rule = sm_wml_attr(atts, "lineRule");
    on_measures(to, "spacing", atts);
    if (!*rule && !*sm_wml_attr(atts, "line"))
        return;
    to->rule = strcmp(rule, "exact") == 0     ? SM_WML_EXACT
               : strcmp(rule, "atLeast") == 0 ? SM_WML_AT_LEAST
                                              : SM_WML_AUTO;
    to->set |= SM_WML_RULE;
}

static void on_border(sm_wml_par *to, const char **atts)
{
    const char *v = sm_wml_attr(atts, "val");
    to->border = *v && strcmp(v, "nil") != 0 && strcmp(v, "none") != 0;
    to->border_colour = sm_wml_colour(sm_wml_attr(atts, "color"));
    to->set |= SM_WML_BORDER;
}

/* Outline levels 0 to 8 are headings, 9 is body text. */
static void on_outline(sm_wml_par *to, const char **atts)
{
    const char *v = sm_wml_attr(atts, "val");
    to->outline = v[0] >= '0' && v[0] <= '8' && !v[1] ? v[0] - '0' + 1 : 0;
    to->set |= SM_WML_OUTLINE;
}

static void on_list(sm_wml_par *to, const char **atts)
{
    int64_t v;
    if (sm_str_to_int(sm_str_of(sm_wml_attr(atts, "val")), &v)) {
        to->num = v;
        to->set |= SM_WML_NUM;
    }
}

static void on_level(sm_wml_par *to, const char **atts)
{
    int64_t v;
    if (sm_str_to_int(sm_str_of(sm_wml_attr(atts, "val")), &v) && v >= 0 && v < SM_WML_LEVELS) {
        to->level = (int)v;
        to->set |= SM_WML_LEVEL;
    }
}

void sm_wml_par_property(sm_wml *w, sm_wml_par *to, const char *local, const char **atts)
{
    (void)w;
    if (strcmp(local, "jc") == 0) {
        on_align(to, atts);
    } else if (strcmp(local, "ind") == 0) {
        on_measures(to, "ind", atts);
    } else if (strcmp(local, "spacing") == 0) {
        on_spacing(to, atts);
    } else if (strcmp(local, "bottom") == 0) {
        on_border(to, atts);
    } else if (strcmp(local, "outlineLvl") == 0) {
        on_outline(to, atts);
    } else if (strcmp(local, "numId") == 0) {
        on_list(to, atts);
    } else if (strcmp(local, "ilvl") == 0) {
        on_level(to, atts);
    } else if (strcmp(local, "pageBreakBefore") == 0) {
        to->breaks = sm_wml_on(atts);
        to->set |= SM_WML_BREAKS;
    }
}

/* ----------------------------------------------------------- the parts */

sm_wml *sm_wml_open(sm_reader *r, sm_package *p)
{
    sm_wml *w = SM_NEW(r->op->arena, sm_wml);
    *w = (sm_wml){ .r = r,
                   .package = p,
                   .script = "Hans",
                   .run = { .size = STANDARD_SIZE, .colour = SM_COLOUR_AUTO },
                   .par = { .align = SM_ALIGN_LEFT, .line = 240 } };
    return w;
}

static sm_rc on_nothing(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return SM_OK;
}

static sm_rc on_setting(void *ctx, const char *name, const char **atts)
{
    static const struct {
        const char *language, *script;
    } scripts[] = { { "zh-TW", "Hant" }, { "zh-HK", "Hant" }, { "ja", "Jpan" }, { "ko", "Hang" } };
    sm_wml *w = ctx;
    const char *local = sm_wml_any_local(name);
    if (strcmp(local, "evenAndOddHeaders") == 0)
        w->even_differs = sm_wml_on(atts);
    const char *language = strcmp(local, "themeFontLang") == 0 ? sm_wml_attr(atts, "eastAsia") : "";
    for (size_t i = 0; *language && i < SM_LEN(scripts); i++)
        if (strncasecmp(language, scripts[i].language, strlen(scripts[i].language)) == 0)
            w->script = scripts[i].script;
    return SM_OK;
}

sm_rc sm_wml_read_settings(sm_wml *w, size_t part)
{
    sm_part_handler handler = { .start = on_setting, .end = on_nothing, .ctx = w };
    return part == SIZE_MAX ? SM_OK : sm_package_parse(w->package, part, &handler);
}

struct theme_parse {
    sm_wml *w;
    struct theme_fonts *in;
};

static sm_rc on_theme(void *ctx, const char *name, const char **atts)
{
    struct theme_parse *t = ctx;
    sm_arena *a = t->w->r->op->arena;
    const char *local = sm_wml_any_local(name);
    sm_str face = sm_str_of(sm_wml_attr(atts, "typeface"));
    if (strcmp(local, "majorFont") == 0)
        t->in = &t->w->theme[0];
    else if (strcmp(local, "minorFont") == 0)
        t->in = &t->w->theme[1];
    else if (!t->in)
        return SM_OK;
    else if (strcmp(local, "latin") == 0)
        t->in->latin = sm_str_dup(a, face);
    else if (strcmp(local, "ea") == 0)
        t->in->east = sm_str_dup(a, face);
    else if (strcmp(local, "font") == 0 && strcmp(sm_wml_attr(atts, "script"), t->w->script) == 0)
        t->in->script = sm_str_dup(a, face);
    return SM_OK;
}

static sm_rc on_theme_end(void *ctx, const char *name)
{
    struct theme_parse *t = ctx;
    if (sm_str_ends(sm_str_of(name), SM_STR("orFont")))
        t->in = NULL;
    return SM_OK;
}

sm_rc sm_wml_read_theme(sm_wml *w, size_t part)
{
    struct theme_parse t = { .w = w };
    sm_part_handler handler = { .start = on_theme, .end = on_theme_end, .ctx = &t };
    return part == SIZE_MAX ? SM_OK : sm_package_parse(w->package, part, &handler);
}

sm_rc sm_wml_read_numbering(sm_wml *w, size_t part)
{
    return part == SIZE_MAX ? SM_OK : sm_wml_lists_read(w, w->r, w->package, part, &w->lists);
}

/* --------------------------------------------------------------- styles */

enum where { NOWHERE, IN_PAR, IN_RUN };

struct style_parse {
    sm_wml *w;
    sm_wml_style *style;
    sm_wml_par *par; /* of the style or the defaults */
    sm_wml_run *run;
    enum where where;
    int skip; /* depth inside what is left out */
};

static sm_rc on_style(struct style_parse *s, const char **atts)
{
    sm_wml *w = s->w;
    sm_arena *a = w->r->op->arena;
    if (w->n_styles >= MAX_STYLES)
        return sm_fail(w->r->op, SM_E_LIMIT,
                       "文件 %s 的样式超过 %d 个的上限；请把内容复制到新文档，另存后再提交",
                       w->r->name, MAX_STYLES);
    SM_GROW(a, w->style, w->n_styles, w->cap_styles);
    s->style = w->style[w->n_styles++] = SM_NEW(a, sm_wml_style);
    const char *type = sm_wml_attr(atts, "type");
    const char *standard = sm_wml_attr(atts, "default");
    s->style->type = *type ? sm_str_dup(a, sm_str_of(type)) : SM_STR("paragraph");
    s->style->id = sm_str_dup(a, sm_str_of(sm_wml_attr(atts, "styleId")));
    s->style->standard = *standard && strcmp(standard, "0") != 0 && strcmp(standard, "false") != 0;
    s->par = &s->style->par;
    s->run = &s->style->run;
    return SM_OK;
}

static bool is_skipped(const char *local)
{
    static const char *const names[] = { "tblStylePr", "pPrChange", "rPrChange" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (strcmp(local, names[i]) == 0)
            return true;
    return false;
}

static sm_rc on_style_start(void *ctx, const char *name, const char **atts)
{
    struct style_parse *s = ctx;
    sm_arena *a = s->w->r->op->arena;
    const char *local = sm_wml_any_local(name);
    if (s->skip || is_skipped(local)) {
        s->skip++;
    } else if (strcmp(local, "style") == 0) {
        return on_style(s, atts);
    } else if (strcmp(local, "pPrDefault") == 0 || strcmp(local, "rPrDefault") == 0) {
        s->par = &s->w->par;
        s->run = &s->w->run;
    } else if (strcmp(local, "pPr") == 0) {
        s->where = IN_PAR;
    } else if (strcmp(local, "rPr") == 0) {
        s->where = IN_RUN;
    } else if (s->where == IN_RUN && s->run) {
        sm_wml_run_property(s->w, s->run, local, atts);
    } else if (s->where == IN_PAR && s->par) {
        sm_wml_par_property(s->w, s->par, local, atts);
    } else if (s->style && strcmp(local, "name") == 0) {
        s->style->name = sm_str_dup(a, sm_str_of(sm_wml_attr(atts, "val")));
    } else if (s->style && strcmp(local, "basedOn") == 0) {
        s->style->based_on = sm_str_dup(a, sm_str_of(sm_wml_attr(atts, "val")));
    }
    return SM_OK;
}

static sm_rc on_style_end(void *ctx, const char *name)
{
    struct style_parse *s = ctx;
    const char *local = sm_wml_any_local(name);
    if (s->skip)
        s->skip--;
    else if (strcmp(local, "pPr") == 0 || strcmp(local, "rPr") == 0)
        s->where = NOWHERE;
    else if (strcmp(local, "style") == 0)
        s->style = NULL;
    return SM_OK;
}

static int compare_style(const void *a, const void *b)
{
    const sm_wml_style *x = *(sm_wml_style *const *)a, *y = *(sm_wml_style *const *)b;
    int c = sm_str_cmp(x->type, y->type);
    return c ? c : sm_str_cmp(x->id, y->id);
}

static const sm_wml_style *standard_style(const sm_wml *w, sm_str type)
{
    for (size_t i = 0; i < w->n_standard; i++)
        if (sm_str_eq(w->standard[i]->type, type))
            return w->standard[i];
    return NULL;
}

sm_rc sm_wml_read_styles(sm_wml *w, size_t part)
{
    struct style_parse s = { .w = w };
    sm_part_handler handler = { .start = on_style_start, .end = on_style_end, .ctx = &s };
    sm_rc rc = part == SIZE_MAX ? SM_OK : sm_package_parse(w->package, part, &handler);
    if (w->n_styles)
        qsort(w->style, w->n_styles, sizeof(*w->style), compare_style);
    for (size_t i = 0; i < w->n_styles && w->n_standard < SM_LEN(w->standard); i++)
        if (w->style[i]->standard && !standard_style(w, w->style[i]->type))
            w->standard[w->n_standard++] = w->style[i];
    return rc;
}

bool sm_wml_even_differs(const sm_wml *w)
{
    return w->even_differs;
}

const sm_wml_style *sm_wml_find_style(const sm_wml *w, const char *type, sm_str id)
{
    sm_wml_style wanted = { .type = sm_str_of(type), .id = id };
    sm_wml_style *key = &wanted, **found = NULL;
    if (id.n && w->n_styles)
        found = bsearch(&key, w->style, w->n_styles, sizeof(*w->style), compare_style);
    return found ? *found : standard_style(w, wanted.type);
}

sm_str sm_wml_style_name(const sm_wml_style *s)
{
    return s ? s->name : (sm_str){ 0 };
}

int64_t sm_wml_list_of_style(const sm_wml *w, sm_str id)
{
    const sm_wml_style *s = id.n ? sm_wml_find_style(w, "numbering", id) : NULL;
    return s && s->par.set & SM_WML_NUM ? s->par.num : 0;
}

/* ------------------------------------------------------------ what holds */

/* A list's level lies under what the one who joins the list says of itself. */
static void lay_with_list(sm_wml *w, sm_wml_par *to, const sm_wml_par *over, sm_str style)
{
    if (w->lists && over->set & (SM_WML_NUM | SM_WML_LEVEL)) {
        int64_t num = over->set & SM_WML_NUM ? over->num : to->num;
        int level = over->set & SM_WML_LEVEL ? over->level
                    : style.n                ? sm_wml_lists_level_of(w->lists, num, style)
                                             : to->level;
        const sm_wml_par *list = sm_wml_lists_par(w->lists, num, SM_MAX(level, 0));
        if (list)
            sm_wml_lay_par(to, list);
        to->level = SM_MAX(level, 0);
        to->set |= SM_WML_LEVEL;
    }
    int level = to->level;
    sm_wml_lay_par(to, over);
    if (!(over->set & SM_WML_LEVEL))
        to->level = level;
}

/* A style with all that it is based on; rounds end where they began. */
static void resolve(sm_wml *w, sm_wml_style *s, int depth)
{
    if (s->resolved || s->resolving)
        return;
    s->resolving = true;
    sm_wml_style wanted = { .type = s->type, .id = s->based_on };
    sm_wml_style *key = &wanted, **base = NULL;
    if (s->based_on.n && depth < MAX_BASED_ON)
        base = bsearch(&key, w->style, w->n_styles, sizeof(*w->style), compare_style);
    if (base && *base != s) {
        resolve(w, *base, depth + 1);
        sm_wml_par par = (*base)->par;
        sm_wml_run run = (*base)->run;
        lay_with_list(w, &par, &s->par, s->id);
        sm_wml_lay_run(&run, &s->run);
        s->par = par;
        s->run = run;
    } else {
        sm_wml_par par = { 0 };
        lay_with_list(w, &par, &s->par, s->id);
        s->par = par;
    }
    s->resolving = false;
    s->resolved = true;
}

/* Styles are const to all others: only what they come to is filled in here. */
static const sm_wml_style *resolved(sm_wml *w, const sm_wml_style *s)
{
    if (s)
        resolve(w, (sm_wml_style *)(uintptr_t)s, 0);
    return s;
}

sm_wml_par sm_wml_par_look(sm_wml *w, const sm_wml_style *table, const sm_wml_style *style,
                           const sm_wml_par *own)
{
    sm_wml_par look = w->par;
    if (resolved(w, table))
        sm_wml_lay_par(&look, &table->par);
    if (resolved(w, style))
        sm_wml_lay_par(&look, &style->par);
    lay_with_list(w, &look, own, (sm_str){ 0 });
    return look;
}

/* 17.7.3: a toggle of a style turns over what the styles below it say; the document's defaults and
 * the run's own word do not take part. */
static bool toggle(bool by_default, const bool *by_style, const unsigned *set, unsigned bit)
{
    bool on = false;
    for (size_t i = 0; i < 3; i++)
        on ^= set[i] & bit && by_style[i];
    return by_default || on;
}

static void set_toggles(const sm_wml *w, const sm_wml_style *const *by, const sm_wml_run *own,
                        sm_wml_run *look)
{
    unsigned set[3] = { 0 };
    bool bold[3] = { 0 }, italic[3] = { 0 }, hidden[3] = { 0 };
    for (size_t i = 0; i < 3; i++)
        if (by[i]) {
            set[i] = by[i]->run.set;
            bold[i] = by[i]->run.bold;
            italic[i] = by[i]->run.italic;
            hidden[i] = by[i]->run.hidden;
        }
    if (!(own->set & SM_WML_BOLD))
        look->bold = toggle(w->run.bold, bold, set, SM_WML_BOLD);
    if (!(own->set & SM_WML_ITALIC))
        look->italic = toggle(w->run.italic, italic, set, SM_WML_ITALIC);
    if (!(own->set & SM_WML_HIDDEN))
        look->hidden = toggle(w->run.hidden, hidden, set, SM_WML_HIDDEN);
}

sm_wml_run sm_wml_run_look(sm_wml *w, const sm_wml_style *table, const sm_wml_style *style,
                           const sm_wml_run *own)
{
    const sm_wml_style *by[3] = { table, style, NULL };
    if (own->style.n)
        by[2] = sm_wml_find_style(w, "character", own->style);
    sm_wml_run look = w->run;
    for (size_t i = 0; i < 3; i++)
        if (resolved(w, by[i]))
            sm_wml_lay_run(&look, &by[i]->run);
    sm_wml_lay_run(&look, own);
    set_toggles(w, by, own, &look);
    return look;
}

double sm_wml_normal_size(sm_wml *w)
{
    sm_wml_run none = { 0 };
    return sm_wml_run_look(w, NULL, sm_wml_find_style(w, "paragraph", (sm_str){ 0 }), &none).size;
}

sm_rc sm_wml_next_label(sm_wml *w, const sm_wml_par *look, sm_str *label, sm_wml_run *mark)
{
    *label = (sm_str){ 0 };
    if (!w->lists || !(look->set & SM_WML_NUM) || look->num == 0)
        return SM_OK;
    return sm_wml_lists_next(w->lists, look->num, look->level, label, mark);
}
