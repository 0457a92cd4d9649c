/*
 * Layout by GB/T 9704-2012, from what a document's file says of itself: page, fonts, pitch, indents
 * and places.  Nothing is said of what is not known.
 *
 * A fault that a run of paragraphs shares is one finding, at the first of them: of all the lines
 * that a rule looks at, those that follow one another.  How it should be set is told in `why`, for
 * a proposal is words that stand in the text's place.
 */
#include <math.h>
#include <string.h>

#include "review/inner.h"

#define MM    2.8346 /* points */
#define PITCH 28.95

/* ---------------------------------------------------------------- findings */

/* One fault that goes on from line to line. */
typedef struct streak {
    sm_str what; /* with the measured value; "" none */
    size_t n;
    sm_finding *f;
} streak;

static sm_str required(const sm_rule *rule)
{
    return sm_param_str(rule, "required", "");
}

/* `what` "" ends the streak; the same as before goes on; else a new finding begins. */
static void see(sm_check *c, const sm_rule *rule, streak *s, const sm_line *l, sm_str slice,
                sm_str what)
{
    if (!what.n) {
        *s = (streak){ 0 };
        return;
    }
    if (s->n && sm_str_eq(s->what, what)) {
        s->n++;
        sm_because(c, s->f, "%.*s（连续%zu处）", SM_ARG(what), s->n);
        return;
    }
    *s = (streak){ .what = what, .n = 1, .f = sm_find_slice(c, rule, l, slice) };
    s->f->why = what;
}

static sm_finding *page_finding(sm_check *c, const sm_rule *rule)
{
    return sm_find(c, rule, NULL, 0, 0);
}

/* A file of paragraphs tells their indents, lines and fields; one of pages shows ink. */
static bool knows_indents(const sm_layout *doc)
{
    return doc->format == SM_FORMAT_DOCX || doc->format == SM_FORMAT_TEXT;
}

/* ------------------------------------------------------------------- fonts */

static bool in_list(const json_t *list, sm_str name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (sm_str_eq(name, (sm_str){ json_string_value(v), json_string_length(v) }))
            return true;
    }
    return false;
}

static bool has_han(sm_str s)
{
    while (s.n)
        if (sm_is_han(sm_utf8_next(&s)))
            return true;
    return false;
}

/* What a run of this font and size has wrong; "" nothing, or not known. */
static sm_str font_fault(const sm_check *c, const sm_rule *rule, const json_t *fonts,
                         const sm_run *run, double least, double most)
{
    bool font = run->font.n && !in_list(fonts, run->font);
    bool size = run->size > 0 && (run->size < least || run->size > most);
    sm_str want = required(rule);
    if (!font && !size)
        return (sm_str){ 0 };
    return sm_strf(c->a, "此处是%.*s%s%s，应为%.*s", SM_ARG(font ? run->font : (sm_str){ 0 }),
                   font && size ? "、" : "",
                   size ? sm_cstr(c->a, sm_strf(c->a, "%g磅", run->size)) : "", SM_ARG(want));
}

static sm_str overlap(sm_str a, sm_str b)
{
    const char *from = SM_MAX(a.p, b.p), *end = SM_MIN(a.p + a.n, b.p + b.n);
    return end > from ? (sm_str){ from, (size_t)(end - from) } : (sm_str){ 0 };
}

/* The first run within a part of a line whose Chinese is set wrong. */
static sm_str first_fault(const sm_check *c, const sm_rule *rule, const json_t *fonts,
                          const sm_line *l, sm_str part, sm_str *where)
{
    double least = sm_param_num(rule, "least", 15.75), most = sm_param_num(rule, "most", 16);
    for (size_t i = 0; i < l->par->n_runs; i++) {
        *where = sm_str_trim(overlap(l->par->run[i].text, part));
        sm_str fault = has_han(*where) ? font_fault(c, rule, fonts, &l->par->run[i], least, most)
                                       : (sm_str){ 0 };
        if (fault.n)
            return fault;
    }
    return (sm_str){ 0 };
}

/* A heading ends at its first full stop with text behind it. */
static sm_str head_of(const sm_line *l)
{
    size_t at = sm_str_find(l->text, SM_STR("。"), 0);
    return at == SIZE_MAX ? l->text : sm_str_sub(l->text, 0, at + 3);
}

static bool is_heading(const sm_line *l)
{
    return l->role >= SM_ROLE_H1 && l->role <= SM_ROLE_H4;
}

static sm_str body_of(const sm_line *l)
{
    return is_heading(l) ? sm_str_sub(l->text, head_of(l).n, l->text.n) : l->text;
}

static bool in_text(const sm_line *l)
{
    return l->role == SM_ROLE_TEXT || is_heading(l);
}

/* --------------------------------------------------------------- FM-01, 02 */

static void run_page(sm_check *c, const sm_rule *rule)
{
    double off = sm_param_num(rule, "off", .5);
    for (size_t i = 0; i < c->doc->n_sections; i++) {
        const sm_section *s = &c->doc->section[i];
        if (!c->o->laid_out || s->wide <= 0 || s->high <= 0)
            continue;
        bool turned = i > 0 && s->landscape; /* for a wide table */
        double wide = turned ? s->high : s->wide, high = turned ? s->wide : s->high;
        if (fabs(wide - 210) <= off && fabs(high - 297) <= off)
            continue;
        sm_finding *f = page_finding(c, rule);
        sm_because(c, f, "纸张是%.1f毫米×%.1f毫米，应为210毫米×297毫米、纵向", s->wide, s->high);
        return;
    }
}

typedef struct side {
    const char *name;
    double is, should;
} side;

/* What two sides have wrong is one finding. */
static void check_sides(sm_check *c, const sm_rule *rule, const side s[2])
{
    double off = sm_param_num(rule, "off", 1);
    sm_str why = SM_STR("");
    for (size_t i = 0; i < 2; i++)
        if (fabs(s[i].is - s[i].should) > off + .05)
            why = sm_strf(c->a, "%.*s%s%s边距%.1f毫米，应为%g毫米", SM_ARG(why), why.n ? "；" : "",
                          s[i].name, s[i].is, s[i].should);
    if (why.n)
        page_finding(c, rule)->why = why;
}

/* 天头 and 订口 are required; the other two follow from the type area, which may be a little off.
 */
static void run_margins(sm_check *c, const sm_rule *rule)
{
    const sm_section *s = c->doc->section;
    if (!c->o->laid_out || s->top <= 0 || s->left <= 0 || s->landscape || !knows_indents(c->doc))
        return;
    sm_rule *lesser = SM_NEW(c->a, sm_rule);
    *lesser = *rule;
    lesser->severity = SM_WARNING;
    check_sides(c, rule, (side[2]){ { "上", s->top, 37 }, { "左", s->left, 28 } });
    check_sides(c, lesser, (side[2]){ { "下", s->bottom, 35 }, { "右", s->right, 26 } });
}

/* --------------------------------------------------------- FM-03, 04, 05 */

static bool in_roles(const sm_rule *rule, const sm_line *l)
{
    return sm_rule_reads(rule, l) && l->role != SM_ROLE_CELL;
}

static void run_body_font(sm_check *c, const sm_rule *rule)
{
    const json_t *fonts = sm_param(rule, "fonts");
    streak s = { 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        sm_str where = { 0 };
        if (in_roles(rule, l) && body_of(l).n) {
            sm_str fault = first_fault(c, rule, fonts, l, body_of(l), &where);
            see(c, rule, &s, l, where, fault);
        }
    }
}

static void run_title(sm_check *c, const sm_rule *rule)
{
    const json_t *fonts = sm_param(rule, "fonts");
    streak font = { 0 }, place = { 0 }, bold = { 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role != SM_ROLE_TITLE)
            continue;
        sm_str where = { 0 }, none = { 0 };
        sm_str fault = first_fault(c, rule, fonts, l, l->text, &where);
        see(c, rule, &font, l, where, fault);
        sm_align a = l->par->align;
        bool aside = a == SM_ALIGN_LEFT || a == SM_ALIGN_RIGHT || a == SM_ALIGN_BOTH;
        see(c, rule, &place, l, l->text, aside ? SM_STR("标题没有居中，应当居中排布") : none);
        bool fat = l->par->n_runs && l->par->run[0].bold == 1;
        see(c, rule, &bold, l, l->text, fat ? SM_STR("标题加粗，2号小标宋不加粗") : none);
    }
}

static void run_heading_font(sm_check *c, const sm_rule *rule)
{
    static const char *const keys[] = { "h1", "h2", "h3", "h3" };
    static const char *const wants[] = { "3号黑体", "3号楷体", "3号仿宋", "3号仿宋" };
    streak s[4] = { 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!is_heading(l))
            continue;
        int k = (int)(l->role - SM_ROLE_H1);
        sm_rule own = *rule; /* what is required differs from level to level */
        json_t *params = json_pack("{s:s}", "required", wants[k]);
        sm_json_own(c->a, params);
        own.params = params;
        sm_str where = { 0 };
        sm_str fault = first_fault(c, &own, sm_param(rule, keys[k]), l, head_of(l), &where);
        see(c, rule, &s[k], l, where, fault);
    }
}

/* -------------------------------------------------------------- FM-06, 07 */

static const sm_section *section_of(const sm_check *c, const sm_line *l)
{
    int i = l->par->section;
    return &c->doc->section[i >= 0 && (size_t)i < c->doc->n_sections ? i : 0];
}

static bool has_grid(const sm_section *s)
{
    return (s->grid_line >= 28 && s->grid_line <= 29.5) ||
           (s->grid_lines >= 21.5 && s->grid_lines <= 22.5);
}

static sm_str pitch_fault(sm_check *c, const sm_line *l)
{
    const sm_par *p = l->par;
    if (p->line > 0 && (p->line < 27.95 || p->line > 29.55))
        return sm_strf(c->a, "行距%s%.2f磅，应为固定值28—29.5磅", p->line_at_least ? "最小" : "",
                       p->line);
    if (p->line > 0 || p->line_times <= 0 || has_grid(section_of(c, l)))
        return (sm_str){ 0 };
    return sm_strf(c->a, "行距是%g倍，应为固定值28—29.5磅", p->line_times);
}

static void run_pitch(sm_check *c, const sm_rule *rule)
{
    streak s = { 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (in_text(l))
            see(c, rule, &s, l, l->text, pitch_fault(c, l));
    }
}

static sm_str indent_fault(sm_check *c, const sm_line *l, double off, sm_str *where)
{
    const sm_par *p = l->par;
    double size = p->n_runs && p->run[0].size > 0 ? p->run[0].size : 16;
    size_t lead = (size_t)(l->text.p - p->text.p);
    *where = l->text;
    if (lead && p->first <= off && p->first_chars <= 0) {
        *where = sm_str_sub(p->text, 0, lead);
        return SM_STR("用空格代替首行缩进，应当设置首行缩进2字符");
    }
    double is = p->first_chars > 0 ? p->first_chars : p->first / size;
    if (p->left > off && p->first >= -off && fabs(p->left + p->first - 2 * size) <= off)
        return (sm_str){ 0 };
    if (fabs(is - 2) * size <= off || p->first < 0)
        return (sm_str){ 0 };
    return sm_strf(c->a, "首行缩进%.1f字符，应为2字符", is);
}

static void run_indent(sm_check *c, const sm_rule *rule)
{
    streak s = { 0 };
    double off = sm_param_num(rule, "off", 2);
    for (size_t i = 0; c->o->laid_out && knows_indents(c->doc) && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!in_text(l) || l->par->align == SM_ALIGN_CENTER || l->par->align == SM_ALIGN_RIGHT ||
            l->par->place != SM_PAR_BODY)
            continue;
        sm_str where, fault = indent_fault(c, l, off, &where);
        see(c, rule, &s, l, where, fault);
    }
}

/* ------------------------------------------------------------------- FM-08 */

static const sm_run *page_field(const sm_par *p)
{
    for (size_t i = 0; i < p->n_runs; i++)
        if (sm_str_eq(p->run[i].field, SM_STR("PAGE")))
            return &p->run[i];
    return NULL;
}

/* "— 1 —", whatever the number is. */
static bool is_dashed(sm_str s)
{
    s = sm_str_trim(s);
    return sm_str_starts(s, SM_STR("—")) && sm_str_ends(s, SM_STR("—")) && s.n > 6;
}

static sm_str number_fault(sm_check *c, const sm_par *p)
{
    const sm_run *field = page_field(p);
    sm_str text = sm_str_trim(p->text);
    if (!is_dashed(text))
        return sm_strf(c->a, "页码写作“%.*s”，应为“— 1 —”的形式", SM_ARG(text));
    if (field->size > 0 && (field->size < 13.9 || field->size > 14.1))
        return sm_strf(c->a, "页码字号%g磅，应为4号（14磅）", field->size);
    return (sm_str){ 0 };
}

static sm_str sides_fault(const sm_check *c, size_t n, const bool *has)
{
    if (c->doc->n_pages == 1 || (has[SM_ALIGN_RIGHT] && has[SM_ALIGN_LEFT]) ||
        has[SM_ALIGN_UNKNOWN])
        return (sm_str){ 0 };
    if (n && has[SM_ALIGN_CENTER])
        return SM_STR("页码居中，应当单页居右、双页居左，各空一字");
    return SM_STR("单页和双页的页码在同一侧，应当单页居右、双页居左，各空一字");
}

static void run_page_number(sm_check *c, const sm_rule *rule)
{
    if (!c->o->laid_out || !knows_indents(c->doc))
        return;
    bool has[SM_ALIGN_BOTH + 1] = { false };
    size_t n = 0;
    sm_str fault = { 0 };
    for (size_t i = c->doc->n_body; i < c->doc->n_pars; i++) {
        const sm_par *p = &c->doc->par[i];
        if ((p->place != SM_PAR_FOOTER && p->place != SM_PAR_HEADER) || !page_field(p))
            continue;
        n++;
        has[p->align] = true;
        fault = fault.n ? fault : number_fault(c, p);
    }
    if (!n && c->doc->n_pages != 1)
        fault = SM_STR("没有页码，应当在版心下边缘之下编排“— 1 —”形式的4号半角宋体页码");
    else if (n && !fault.n)
        fault = sides_fault(c, n, has);
    if (fault.n)
        page_finding(c, rule)->why = fault;
}

/* ------------------------------------------------------------------- FM-09 */

static bool is_red(uint32_t colour)
{
    return colour != SM_COLOUR_AUTO && (colour >> 16 & 0xff) >= 0xa0 &&
           (colour >> 8 & 0xff) < 0x60 && (colour & 0xff) < 0x60;
}

static void check_mark_colour(sm_check *c, const sm_rule *rule)
{
    streak s = { 0 };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role != SM_ROLE_MARK || !l->par->n_runs)
            continue;
        bool red = is_red(l->par->run[0].colour);
        see(c, rule, &s, l, l->text,
            red ? (sm_str){ 0 } : SM_STR("发文机关标志不是红色，应为红色"));
    }
}

/* The line is drawn under the number, or stands between it and the title. */
static void check_red_line(sm_check *c, const sm_rule *rule, size_t number)
{
    const sm_outline *o = c->o;
    const sm_line *l = &o->line[number];
    bool there = false;
    for (size_t i = 0; i < o->n && o->line[i].role != SM_ROLE_TITLE && o->line[i].doc == 0 &&
                       !in_text(&o->line[i]);
         i++) {
        there |= o->line[i].par->ruled;
        if (o->line[i].par->ruled && is_red(o->line[i].par->rule_colour))
            return;
    }
    sm_finding *f = sm_find_slice(c, rule, l, l->text);
    f->why = there ? SM_STR("发文字号下的分隔线不是红色，应为红色")
                   : SM_STR("发文字号之下4毫米处没有与版心等宽的红色分隔线");
}

static void run_header(sm_check *c, const sm_rule *rule)
{
    size_t number = sm_outline_next(c->o, SM_ROLE_NUMBER, 0);
    if (!c->o->laid_out || !c->o->mark.n)
        return;
    check_mark_colour(c, rule);
    if (number < c->o->n && !c->o->order && !c->o->letter && knows_indents(c->doc))
        check_red_line(c, rule, number);
}

/* ------------------------------------------------------------------- FM-10 */

static double lines_of(const sm_par *p)
{
    double n = 0, size = p->n_runs && p->run[0].size > 0 ? p->run[0].size : 16;
    sm_str s = p->text;
    while (s.n)
        n += sm_utf8_next(&s) < 0x80 ? .45 : .95;
    double line = 156 * MM / size;
    return n > line ? ceil(n / line) : 1;
}

/* So high at least is what stands over the text; cells beside one another count once. */
static double height_before(const sm_outline *o, size_t body)
{
    double high = 0;
    for (size_t i = 0; i < body; i++) {
        const sm_par *p = o->line[i].par;
        double pitch = p->line > 0 ? p->line : p->n_runs && p->run[0].size > 0 ? p->run[0].size : 0;
        if (p->place == SM_PAR_BODY && (i == 0 || p != o->line[i - 1].par))
            high += p->before + p->after + pitch * lines_of(p);
    }
    return high;
}

static void run_first_page(sm_check *c, const sm_rule *rule)
{
    const sm_outline *o = c->o;
    size_t i = 0, to = sm_outline_next(o, SM_ROLE_TITLE, 0);
    while (i < o->n && !(in_text(&o->line[i]) && o->line[i].doc == 0))
        i++;
    if (!o->laid_out || i == o->n || to == o->n)
        return;
    const sm_line *l = &o->line[i];
    bool paged = c->doc->flags & SM_LAYOUT_PAGES && l->par->page > 0, breaks = l->par->breaks;
    for (size_t k = to + 1; k < i; k++)
        breaks |= o->line[k].par->breaks;
    double room = 225 * MM + PITCH;
    if (paged ? l->par->page == 1 : !breaks && height_before(o, i) <= room)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, l->text);
    if (paged)
        sm_because(c, f, "正文从第%d页开始，公文首页必须显示正文", l->par->page);
    else if (breaks)
        f->why = SM_STR("正文之前分页，公文首页必须显示正文");
    else
        sm_because(c, f, "正文之前的内容高约%.0f毫米，超过版心225毫米，公文首页必须显示正文",
                   height_before(o, i) / MM);
}

/* ------------------------------------------------------------------- FM-11 */

static bool is_imprint(const sm_line *l)
{
    return l->role == SM_ROLE_CC || l->role == SM_ROLE_PRINTER;
}

static void check_imprint_last(sm_check *c, const sm_rule *rule, size_t first, size_t last)
{
    const sm_outline *o = c->o;
    for (size_t i = last + 1; i < o->n; i++)
        if (o->line[i].text.n) {
            sm_finding *f = sm_find_slice(c, rule, &o->line[first], o->line[first].text);
            f->why = SM_STR("版记之后还有内容，版记应当置于公文最后一面的最后");
            return;
        }
}

static void check_imprint_lines(sm_check *c, const sm_rule *rule, size_t first, size_t last)
{
    const sm_outline *o = c->o;
    bool over = first > 0 && o->line[first - 1].par->ruled, under = o->line[last].par->ruled;
    if (o->letter || (over && under) || !knows_indents(c->doc))
        return;
    if (first > 0 && !o->line[first - 1].text.n && under)
        over = true; /* a line may be drawn over an empty paragraph, which is not told */
    if (over && under)
        return;
    sm_finding *f = sm_find_slice(c, rule, &o->line[first], o->line[first].text);
    f->why = over ? SM_STR("版记最后一条分隔线缺失，版记首末分隔线应与版心等宽")
             : under ? SM_STR("版记首条分隔线缺失，版记首末分隔线应与版心等宽")
                     : SM_STR("版记没有分隔线，版记首末分隔线应与版心等宽");
}

static void check_imprint_place(sm_check *c, const sm_rule *rule, size_t last)
{
    const sm_par *p = c->o->line[last].par;
    double bottom = p->y + p->high, off = sm_param_num(rule, "off", 2);
    const double under_ink = 5; /* the last line is drawn so far below the words */
    if (!(c->doc->flags & SM_LAYOUT_PAGES) || p->y <= 0 || p->high <= 0)
        return;
    if (bottom <= 262 + off && bottom >= 262 - under_ink - off)
        return;
    sm_finding *f = sm_find_slice(c, rule, &c->o->line[last], c->o->line[last].text);
    sm_because(c, f, "版记末行下缘在%.0f毫米处，最后一条分隔线应在版心下边缘（262毫米）", bottom);
}

/* A letter's imprint has no printing line. */
static void check_letter_imprint(sm_check *c, const sm_rule *rule)
{
    size_t i = sm_outline_next(c->o, SM_ROLE_PRINTER, 0);
    if (!c->o->letter || !sm_str_eq(c->o->kind, SM_STR("函")) || i == c->o->n)
        return;
    sm_finding *f = sm_find_slice(c, rule, &c->o->line[i], c->o->line[i].text);
    f->why = SM_STR("信函格式的版记不加印发机关和印发日期、分隔线");
    sm_propose(f, SM_STR(""));
}

static void run_imprint(sm_check *c, const sm_rule *rule)
{
    const sm_outline *o = c->o;
    size_t first = o->n, last = o->n;
    for (size_t i = 0; i < o->n; i++)
        if (is_imprint(&o->line[i])) {
            first = first == o->n ? i : first;
            last = i;
        }
    if (!o->laid_out || first == o->n)
        return;
    check_imprint_last(c, rule, first, last);
    check_letter_imprint(c, rule);
    check_imprint_lines(c, rule, first, last);
    check_imprint_place(c, rule, last);
}

/* ------------------------------------------------------------------- FM-12 */

static bool begins_page(const sm_check *c, size_t i)
{
    const sm_line *line = c->o->line;
    if (line[i].par->breaks)
        return true;
    while (i-- > 0) {
        if (c->doc->flags & SM_LAYOUT_PAGES && line[i].text.n && line[i].par->page > 0)
            return line[i + 1].par->page > line[i].par->page;
        if (line[i].par->section != line[i + 1].par->section)
            return true;
        if (line[i].text.n)
            return false;
        if (line[i].par->breaks)
            return true;
    }
    return true;
}

/* Blank lines and gaps between the label and the title, in lines; the label's own if none. */
static double gap_to_title(const sm_outline *o, size_t label, size_t *title)
{
    double gap = o->line[label].par->after / PITCH;
    for (size_t i = label + 1; i < o->n; i++) {
        const sm_line *l = &o->line[i];
        gap += l->par->before / PITCH;
        if (l->text.n) {
            *title = l->role == SM_ROLE_ATITLE ? i : o->n;
            return gap;
        }
        gap += 1 + l->par->after / PITCH;
    }
    *title = o->n;
    return gap;
}

static void check_attached(sm_check *c, const sm_rule *rule, size_t i)
{
    const sm_outline *o = c->o;
    size_t title;
    if (!begins_page(c, i)) {
        sm_finding *f = sm_find_slice(c, rule, &o->line[i], o->line[i].text);
        f->why = SM_STR("附件没有另面编排，应当另起一页");
    }
    double gap = gap_to_title(o, i, &title);
    if (title == o->n || (gap >= .5 && gap <= 1.6) || !knows_indents(c->doc))
        return;
    sm_finding *f = sm_find_slice(c, rule, &o->line[title], o->line[title].text);
    sm_because(c, f, "附件标题与“附件”之间空%.1f行，标题应当上空一行，在版心第三行", gap);
}

static void run_attachment(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++)
        if (c->o->line[i].role == SM_ROLE_ATTACH)
            check_attached(c, rule, i);
}

/* ------------------------------------------------------------------- FM-13 */

static bool is_black(uint32_t colour)
{
    return colour == SM_COLOUR_AUTO || ((colour >> 16 & 0xff) <= 0x30 &&
                                        (colour >> 8 & 0xff) <= 0x30 && (colour & 0xff) <= 0x30);
}

static sm_str style_fault(const sm_run *r)
{
    static const char *const links[] = { "http", "www.", "@", ".gov" };
    if (r->bold == 1)
        return SM_STR("正文中手工加粗，应不加粗");
    if (r->italic == 1)
        return SM_STR("正文中使用斜体，应不倾斜");
    if (r->underlined == 1 && !r->field.n && !sm_str_has_any(r->text, links, SM_LEN(links)))
        return SM_STR("正文中使用下划线，应不加");
    if (!is_black(r->colour) && !r->field.n && !sm_str_has_any(r->text, links, SM_LEN(links)))
        return SM_STR("正文文字不是黑色，应为黑色");
    return (sm_str){ 0 };
}

static void run_style(sm_check *c, const sm_rule *rule)
{
    streak s = { 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!in_roles(rule, l))
            continue;
        sm_str fault = { 0 }, where = { 0 };
        for (size_t k = 0; k < l->par->n_runs && !fault.n; k++) {
            where = sm_str_trim(l->par->run[k].text);
            if (where.n)
                fault = style_fault(&l->par->run[k]);
        }
        see(c, rule, &s, l, where, fault);
    }
}

/* ------------------------------------------------------------------- FM-14 */

/* A font for the same use that every machine with official documents has. */
static sm_str likely_font(sm_str name)
{
    static const struct {
        const char *has, *use;
    } uses[] = { { "仿宋", "仿宋_GB2312" },
                 { "FangSong", "仿宋_GB2312" },
                 { "标宋", "方正小标宋简体" },
                 { "BiaoSong", "方正小标宋简体" },
                 { "楷", "楷体_GB2312" },
                 { "Kai", "楷体_GB2312" },
                 { "黑", "黑体" },
                 { "Hei", "黑体" },
                 { "宋", "宋体" },
                 { "Song", "宋体" } };
    for (size_t i = 0; i < SM_LEN(uses); i++)
        if (sm_str_has(name, sm_str_of(uses[i].has)))
            return sm_str_of(uses[i].use);
    return (sm_str){ 0 };
}

enum { MAX_FONTS = 200 };

typedef struct names {
    sm_str name[MAX_FONTS];
    size_t n;
} names;

static bool seen_before(names *all, sm_str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->name[i], name))
            return true;
    if (all->n < MAX_FONTS)
        all->name[all->n++] = name;
    return false;
}

static void check_font(sm_check *c, const sm_rule *rule, const sm_line *l, const sm_run *r,
                       sm_str name, names *all)
{
    sm_str where = sm_str_trim(r->text);
    if (!name.n || !where.n || in_list(sm_param(rule, "fonts"), name) || seen_before(all, name))
        return;
    sm_finding *f = sm_find_slice(c, rule, l, where);
    sm_str use = likely_font(name);
    f->confidence = .7;
    sm_because(c, f, "字体“%.*s”不是公文常用字体，换机打开时会被替换%s%.*s", SM_ARG(name),
               use.n ? "，可用" : "", SM_ARG(use));
}

static void run_fonts(sm_check *c, const sm_rule *rule)
{
    names all = { .n = 0 };
    for (size_t i = 0; c->o->laid_out && i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        for (size_t k = 0; k < l->par->n_runs; k++) {
            const sm_run *r = &l->par->run[k];
            if (has_han(r->text))
                check_font(c, rule, l, r, r->font, &all);
            else
                check_font(c, rule, l, r, r->latin, &all);
        }
    }
}

/* ------------------------------------------------------------------- table */

const sm_checker sm_checkers_layout[] = {
    { "page_size", run_page },
    { "page_margins", run_margins },
    { "body_font", run_body_font },
    { "title_font", run_title },
    { "heading_font", run_heading_font },
    { "line_pitch", run_pitch },
    { "indent", run_indent },
    { "page_number", run_page_number },
    { "header_mark", run_header },
    { "first_page", run_first_page },
    { "imprint_place", run_imprint },
    { "attachment_page", run_attachment },
    { "body_style", run_style },
    { "fonts_known", run_fonts },
    { NULL, NULL },
};
