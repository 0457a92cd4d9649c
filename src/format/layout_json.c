/*
 * A layout as JSON and back, the same to the last bit: how it comes out of the child process that
 * read it.  What is usual is left out.  The looks of runs, few and often the same, stand once:
 * "looks" [[font, latin, field, size, bold, italic, underlined, colour]]; a run is
 * [look, from, bytes, part, at, bytes in the part].  What comes back is held against every promise
 * of layout.h, since the child may have been taken over by what it read.
 */
#include "format/layout.h"

#include "text/text.h"

#include <string.h>

enum { LOOK_BACK = 64, LOOK_MEMBERS = 8, RUN_MEMBERS = 6 };

static const char *const format_names[] = {
    [SM_FORMAT_AUTO] = "",     [SM_FORMAT_MARKDOWN] = "markdown", [SM_FORMAT_TEXT] = "text",
    [SM_FORMAT_HTML] = "html", [SM_FORMAT_DOCX] = "docx",         [SM_FORMAT_JSONL] = "jsonl",
    [SM_FORMAT_OFD] = "ofd",   [SM_FORMAT_PDF] = "pdf",           [SM_FORMAT_XLSX] = "xlsx",
};

/* --------------------------------------------------------------- members */

typedef enum kind { REAL, INT, UINT, BOOL, SIZE, PART } kind;

struct member {
    const char *name;
    kind kind;
    size_t at;
    int64_t usual, least, most; /* of whole numbers */
};

#define MEMBER_REAL(type, member)                      \
    {                                                  \
#member, REAL, offsetof(type, member), 0, 0, 0 \
    }
#define MEMBER_BOOL(type, member)                      \
    {                                                  \
#member, BOOL, offsetof(type, member), 0, 0, 1 \
    }
#define MEMBER_INT(type, member, usual, least, most)             \
    {                                                            \
#member, INT, offsetof(type, member), usual, least, most \
    }

#define R(member) MEMBER_REAL(sm_section, member)
#define B(member) MEMBER_BOOL(sm_section, member)
static const struct member section_members[] = {
    R(wide),       R(high),      R(top),           R(bottom),       R(left),
    R(right),      R(header),    R(footer),        R(grid_line),    R(grid_lines),
    R(grid_chars), B(landscape), B(first_differs), B(even_differs),
};
#undef R
#undef B

#define R(member)                     MEMBER_REAL(sm_par, member)
#define B(member)                     MEMBER_BOOL(sm_par, member)
#define I(member, usual, least, most) MEMBER_INT(sm_par, member, usual, least, most)
static const struct member par_members[] = {
    I(outline, 0, 0, 9),
    I(section, 0, 0, INT32_MAX),
    I(table, -1, -1, INT32_MAX),
    I(row, -1, -1, INT32_MAX),
    I(col, -1, -1, INT32_MAX),
    I(page, 0, 0, INT32_MAX),
    R(first),
    R(first_chars),
    R(left),
    R(right),
    R(line),
    R(line_times),
    R(before),
    R(after),
    R(x),
    R(y),
    R(wide),
    R(high),
    B(line_at_least),
    B(breaks),
    B(ruled),
    { "rule_colour", UINT, offsetof(sm_par, rule_colour), 0, 0, SM_COLOUR_AUTO },
    { "part", PART, offsetof(sm_par, part), 0, 0, UINT16_MAX },
    { "at", SIZE, offsetof(sm_par, at), 0, 0, INT64_MAX },
    { "n_at", SIZE, offsetof(sm_par, n_at), 0, 0, INT64_MAX },
};
#undef R
#undef B
#undef I

static int64_t whole(const void *p, kind k)
{
    int64_t v = 0;
    switch (k) {
    case INT:
        v = *(const int *)p;
        break;
    case UINT:
        v = *(const uint32_t *)p;
        break;
    case BOOL:
        v = *(const bool *)p;
        break;
    case SIZE:
        v = (int64_t) * (const size_t *)p;
        break;
    case PART:
        v = *(const uint16_t *)p;
        break;
    case REAL:
        break;
    }
    return v;
}

static void set_whole(void *p, kind k, int64_t v)
{
    switch (k) {
    case INT:
        *(int *)p = (int)v;
        break;
    case UINT:
        *(uint32_t *)p = (uint32_t)v;
        break;
    case BOOL:
        *(bool *)p = v != 0;
        break;
    case SIZE:
        *(size_t *)p = (size_t)v;
        break;
    case PART:
        *(uint16_t *)p = (uint16_t)v;
        break;
    case REAL:
        break;
    }
}

/* ------------------------------------------------------------------- out */

static void put_members(json_t *to, const void *from, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = (const char *)from + m[i].at;
        if (m[i].kind == REAL) {
            double v = *(const double *)(const void *)p;
            if (v < 0 || v > 0)
                json_object_set_new(to, m[i].name, json_real(v));
        } else if (whole(p, m[i].kind) != m[i].usual) {
            json_object_set_new(to, m[i].name, json_integer(whole(p, m[i].kind)));
        }
    }
}

struct looks {
    json_t *json;
    const sm_run **run; /* the first of each look */
    size_t n, cap;
    sm_arena *arena;
};

static bool same_look(const sm_run *a, const sm_run *b)
{
    return sm_str_eq(a->font, b->font) && sm_str_eq(a->latin, b->latin) &&
           sm_str_eq(a->field, b->field) && !(a->size < b->size) && !(a->size > b->size) &&
           a->bold == b->bold && a->italic == b->italic && a->underlined == b->underlined &&
           a->colour == b->colour;
}

static size_t look_of(struct looks *k, const sm_run *r)
{
    for (size_t i = k->n; i-- > 0 && i + LOOK_BACK >= k->n;)
        if (same_look(k->run[i], r))
            return i;
    SM_GROW(k->arena, k->run, k->n, k->cap);
    k->run[k->n] = r;
    json_t *look = json_array();
    json_array_append_new(look, sm_json_of(r->font));
    json_array_append_new(look, sm_json_of(r->latin));
    json_array_append_new(look, sm_json_of(r->field));
    json_array_append_new(look, json_real(r->size));
    json_array_append_new(look, json_integer(r->bold));
    json_array_append_new(look, json_integer(r->italic));
    json_array_append_new(look, json_integer(r->underlined));
    json_array_append_new(look, json_integer(r->colour));
    json_array_append_new(k->json, look);
    return k->n++;
}

static json_t *runs_json(const sm_par *p, struct looks *looks)
{
    json_t *all = json_array();
    for (size_t i = 0; i < p->n_runs; i++) {
        const sm_run *r = &p->run[i];
        size_t from = r->text.n ? (size_t)(r->text.p - p->text.p) : 0;
        const size_t member[RUN_MEMBERS] = { look_of(looks, r), from,  r->text.n,
                                             r->part,           r->at, r->n_at };
        json_t *run = json_array();
        for (size_t k = 0; k < RUN_MEMBERS; k++)
            json_array_append_new(run, json_integer((json_int_t)member[k]));
        json_array_append_new(all, run);
    }
    return all;
}

static json_t *par_json(const sm_par *p, struct looks *looks)
{
    json_t *o = json_object();
    json_object_set_new(o, "text", sm_json_of(p->text));
    if (p->place)
        json_object_set_new(o, "place", json_integer(p->place));
    if (p->pages)
        json_object_set_new(o, "pages", json_integer(p->pages));
    if (p->align)
        json_object_set_new(o, "align", json_integer(p->align));
    if (p->style.n)
        json_object_set_new(o, "style", sm_json_of(p->style));
    put_members(o, p, par_members, SM_LEN(par_members));
    if (p->n_runs)
        json_object_set_new(o, "runs", runs_json(p, looks));
    return o;
}

static json_t *props_json(const sm_layout *l)
{
    json_t *all = json_array();
    for (size_t i = 0; i < l->n_props; i++) {
        json_t *one = json_array();
        json_array_append_new(one, sm_json_of(l->prop[i].name));
        json_array_append_new(one, sm_json_of(l->prop[i].value));
        json_array_append_new(all, one);
    }
    return all;
}

json_t *sm_layout_json(const sm_layout *l)
{
    json_t *o = json_object(), *parts = json_array(), *sections = json_array(),
           *pars = json_array();
    struct looks looks = { .json = json_array(), .arena = sm_arena_open() };
    for (size_t i = 0; i < l->n_parts; i++)
        json_array_append_new(parts, sm_json_of(l->part[i]));
    for (size_t i = 0; i < l->n_sections; i++) {
        json_t *section = json_object();
        put_members(section, &l->section[i], section_members, SM_LEN(section_members));
        json_array_append_new(sections, section);
    }
    for (size_t i = 0; i < l->n_pars; i++)
        json_array_append_new(pars, par_json(&l->par[i], &looks));
    sm_arena_close(looks.arena);
    json_object_set_new(o, "format", json_string(format_names[l->format]));
    json_object_set_new(o, "flags", json_integer(l->flags));
    json_object_set_new(o, "n_pages", json_integer(l->n_pages));
    json_object_set_new(o, "n_body", json_integer((json_int_t)l->n_body));
    json_object_set_new(o, "props", props_json(l));
    json_object_set_new(o, "parts", parts);
    json_object_set_new(o, "sections", sections);
    json_object_set_new(o, "looks", looks.json);
    json_object_set_new(o, "pars", pars);
    return o;
}

/* -------------------------------------------------------------------- in */

struct back {
    sm_op *op;
    sm_layout *l;
    sm_run *look;
    size_t n_looks;
    bool bad; /* sticky */
};

static void need(struct back *b, bool promise)
{
    b->bad |= !promise;
}

static int64_t take_int(struct back *b, const json_t *v, int64_t least, int64_t most)
{
    int64_t n = json_integer_value(v);
    bool fine = json_is_integer(v) && n >= least && n <= most;
    need(b, fine);
    return fine ? n : least;
}

static int64_t take_usual(struct back *b, const json_t *v, int64_t most)
{
    return v ? take_int(b, v, 0, most) : 0;
}

static double take_real(struct back *b, const json_t *v)
{
    need(b, json_is_number(v));
    return json_number_value(v);
}

static sm_str take_str(struct back *b, const json_t *v)
{
    need(b, json_is_string(v));
    sm_str s = { json_string_value(v), json_string_length(v) };
    return s.p ? sm_str_dup(b->op->arena, s) : (sm_str){ 0 };
}

static void take_members(struct back *b, const json_t *from, void *to, const struct member *m,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_object_get(from, m[i].name);
        char *p = (char *)to + m[i].at;
        if (m[i].kind == REAL)
            *(double *)(void *)p = v ? take_real(b, v) : 0;
        else
            set_whole(p, m[i].kind, v ? take_int(b, v, m[i].least, m[i].most) : m[i].usual);
    }
}

static sm_run take_look(struct back *b, const json_t *v)
{
    need(b, json_array_size(v) == LOOK_MEMBERS);
    return (sm_run){ .font = take_str(b, json_array_get(v, 0)),
                     .latin = take_str(b, json_array_get(v, 1)),
                     .field = take_str(b, json_array_get(v, 2)),
                     .size = take_real(b, json_array_get(v, 3)),
                     .bold = (int8_t)take_int(b, json_array_get(v, 4), -1, 1),
                     .italic = (int8_t)take_int(b, json_array_get(v, 5), -1, 1),
                     .underlined = (int8_t)take_int(b, json_array_get(v, 6), -1, 1),
                     .colour = (uint32_t)take_int(b, json_array_get(v, 7), 0, SM_COLOUR_AUTO) };
}

static bool begins_character(sm_str s, size_t at)
{
    return at >= s.n || ((unsigned char)s.p[at] & 0xc0) != 0x80;
}

static sm_run take_run(struct back *b, const json_t *v, sm_str text)
{
    size_t m[RUN_MEMBERS];
    need(b, json_array_size(v) == RUN_MEMBERS);
    for (size_t i = 0; i < RUN_MEMBERS; i++)
        m[i] = (size_t)take_int(b, json_array_get(v, i), 0, INT64_MAX);
    bool fits = m[0] < b->n_looks && m[1] <= text.n && m[2] <= text.n - m[1] &&
                m[3] < b->l->n_parts && begins_character(text, m[1]) &&
                begins_character(text, m[1] + m[2]);
    need(b, fits);
    if (!fits)
        return (sm_run){ 0 };
    sm_run run = b->look[m[0]];
    run.text = sm_str_sub(text, m[1], m[1] + m[2]);
    run.part = (uint16_t)m[3];
    run.at = m[4];
    run.n_at = m[5];
    return run;
}

static sm_par take_par(struct back *b, const json_t *v)
{
    const json_t *runs = json_object_get(v, "runs"), *style = json_object_get(v, "style");
    sm_par p = { .text = take_str(b, json_object_get(v, "text")) };
    need(b,
         p.text.n == 0 || (!memchr(p.text.p, '\n', p.text.n) && !memchr(p.text.p, '\r', p.text.n)));
    p.place = (sm_par_place)take_usual(b, json_object_get(v, "place"), SM_PAR_NOTE);
    p.pages = (sm_par_pages)take_usual(b, json_object_get(v, "pages"), SM_PAGES_FIRST);
    p.align = (sm_align)take_usual(b, json_object_get(v, "align"), SM_ALIGN_BOTH);
    p.style = style ? take_str(b, style) : (sm_str){ 0 };
    take_members(b, v, &p, par_members, SM_LEN(par_members));
    need(b, (size_t)p.section < b->l->n_sections && p.part < b->l->n_parts);
    need(b, !runs || json_is_array(runs));
    p.n_runs = json_array_size(runs);
    p.run = p.n_runs ? SM_NEWS(b->op->arena, sm_run, p.n_runs) : NULL;
    for (size_t i = 0; i < p.n_runs && !b->bad; i++)
        p.run[i] = take_run(b, json_array_get(runs, i), p.text);
    return p;
}

static void take_head(struct back *b, const json_t *j)
{
    sm_layout *l = b->l;
    const char *name = json_string_value(json_object_get(j, "format"));
    for (size_t i = 0; name && i < SM_LEN(format_names); i++)
        if (strcmp(name, format_names[i]) == 0)
            l->format = (sm_format)i;
    need(b, l->format != SM_FORMAT_AUTO);
    l->flags = (unsigned)take_int(b, json_object_get(j, "flags"), 0, INT32_MAX);
    l->n_pages = (int)take_int(b, json_object_get(j, "n_pages"), 0, INT32_MAX);
    l->n_body = (size_t)take_int(b, json_object_get(j, "n_body"), 0, INT32_MAX);
}

static void take_lists(struct back *b, const json_t *j)
{
    sm_layout *l = b->l;
    sm_arena *a = b->op->arena;
    const json_t *props = json_object_get(j, "props"), *parts = json_object_get(j, "parts");
    const json_t *sections = json_object_get(j, "sections"), *looks = json_object_get(j, "looks");
    l->n_props = json_array_size(props);
    l->prop = SM_NEWS(a, sm_meta, l->n_props);
    for (size_t i = 0; i < l->n_props; i++) {
        const json_t *one = json_array_get(props, i);
        l->prop[i].name = take_str(b, json_array_get(one, 0));
        l->prop[i].value = take_str(b, json_array_get(one, 1));
    }
    l->n_parts = json_array_size(parts);
    l->part = SM_NEWS(a, sm_str, l->n_parts);
    for (size_t i = 0; i < l->n_parts; i++)
        l->part[i] = take_str(b, json_array_get(parts, i));
    l->n_sections = json_array_size(sections);
    need(b, l->n_sections > 0);
    l->section = SM_NEWS(a, sm_section, l->n_sections);
    for (size_t i = 0; i < l->n_sections; i++)
        take_members(b, json_array_get(sections, i), &l->section[i], section_members,
                     SM_LEN(section_members));
    b->n_looks = json_array_size(looks);
    b->look = SM_NEWS(a, sm_run, b->n_looks);
    for (size_t i = 0; i < b->n_looks; i++)
        b->look[i] = take_look(b, json_array_get(looks, i));
}

sm_rc sm_layout_parse(sm_op *op, const json_t *j, sm_layout **out)
{
    struct back b = { .op = op, .l = SM_NEW(op->arena, sm_layout) };
    const json_t *pars = json_object_get(j, "pars");
    take_head(&b, j);
    take_lists(&b, j);
    b.l->n_pars = json_array_size(pars);
    b.l->par = SM_NEWS(op->arena, sm_par, b.l->n_pars);
    for (size_t i = 0; i < b.l->n_pars && !b.bad; i++)
        b.l->par[i] = take_par(&b, json_array_get(pars, i));
    need(&b, json_is_array(pars) && b.l->n_body <= b.l->n_pars);
    if (b.bad)
        return sm_fail(op, SM_E_CORRUPT,
                       "读取文件的结果不合约定；请用 WPS 或 Word "
                       "打开文件并另存为 DOCX 后再提交");
    *out = b.l;
    return SM_OK;
}
