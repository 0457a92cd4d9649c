/*
 * The notation of official.h, laid out by GB/T 9704-2012.
 *
 * Blank lines of the standard are gaps, not empty paragraphs, so that a paragraph of the layout is
 * a line of the notation; the number and the signers of an upward document share one, and an empty
 * paragraph carries the imprint's first line.
 */
#include "format/official.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_BYTES = 8 << 20, MAX_PARS = 200000, MAX_KEYS = 16, RED = 0xff0000 };

#define SONG   "方正小标宋简体"
#define FANG   "仿宋_GB2312"
#define KAI    "楷体_GB2312"
#define HEI    "黑体"
#define LATIN  "Times New Roman"
#define PITCH  28.95  /* 22 lines in 225 mm */
#define SIZE_3 16.0   /* 3号 */
#define SIZE_4 14.0   /* 4号 */
#define MM     2.8346 /* points */
#define WIDTH  (156 * MM)

typedef enum form { DOCUMENT, LETTER, ORDER, MINUTES } form;
static const char *const form_names[] = { "document", "letter", "order", "minutes" };

/* How a role is set; lengths in characters of its own size, gaps in lines. */
typedef struct look {
    const char *role;
    const char *font;
    const char *head; /* font of what stands before the first 。 or ：, where that differs */
    double size;
    sm_align align;
    double first, left, right;
    double before;
} look;

static const look looks[] = {
    { "copyno", FANG, NULL, SIZE_3, SM_ALIGN_LEFT, 0, 0, 0, 0 },
    { "secrecy", HEI, NULL, SIZE_3, SM_ALIGN_LEFT, 0, 0, 0, 0 },
    { "urgency", HEI, NULL, SIZE_3, SM_ALIGN_LEFT, 0, 0, 0, 0 },
    { "mark", SONG, NULL, 42, SM_ALIGN_CENTER, 0, 0, 0, 0 },
    { "number", FANG, NULL, SIZE_3, SM_ALIGN_CENTER, 0, 0, 0, 2 },
    { "signer", FANG, NULL, SIZE_3, SM_ALIGN_RIGHT, 0, 0, 1, 0 },
    { "title", SONG, NULL, 22, SM_ALIGN_CENTER, 0, 0, 0, 0 },
    { "to", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, 0, 0, 0, 1 },
    { "p", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "h1", FANG, HEI, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "h2", FANG, KAI, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "h3", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "h4", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "note", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, -3, 5, 0, 0 },
    { "sign", FANG, NULL, SIZE_3, SM_ALIGN_RIGHT, 0, 0, 4, 0 },
    { "date", FANG, NULL, SIZE_3, SM_ALIGN_RIGHT, 0, 0, 4, 0 },
    { "remark", FANG, NULL, SIZE_3, SM_ALIGN_BOTH, 2, 0, 0, 0 },
    { "attach", HEI, NULL, SIZE_3, SM_ALIGN_LEFT, 0, 0, 0, 0 },
    { "atitle", SONG, NULL, 22, SM_ALIGN_CENTER, 0, 0, 0, 0 },
    { "row", FANG, NULL, SIZE_4, SM_ALIGN_CENTER, 0, 0, 0, 0 },
    { "cc", FANG, NULL, SIZE_4, SM_ALIGN_BOTH, -3, 4, 1, 0 },
    { "printer", FANG, NULL, SIZE_4, SM_ALIGN_BOTH, 0, 1, 1, 0 },
    { "attendance", FANG, HEI, SIZE_3, SM_ALIGN_BOTH, -3, 5, 0, 0 },
};

typedef struct keys {
    sm_str name[MAX_KEYS], value[MAX_KEYS];
    size_t n;
} keys;

typedef struct reader {
    sm_op *op;
    const char *name;
    size_t line_no;
    sm_layout *l;
    size_t cap;
    form form;
    bool numbers;    /* of the pages */
    bool break_next; /* @pagebreak was read */
    bool imprint;    /* its first line is drawn */
    int table, row;  /* of the last row; table -1: none yet */
    size_t n_signs;  /* signatures right over this line */
    sm_str last;     /* role of the line before */
    keys key;
} reader;

static sm_rc bad(const reader *r, const char *what, sm_str which)
{
    return sm_fail(r->op, SM_E_INVALID, "%s 第%zu行：%s“%.*s”", r->name, r->line_no, what,
                   SM_ARG(which));
}

static bool is(sm_str s, const char *word)
{
    return sm_str_eq(s, sm_str_of(word));
}

static bool number_of(sm_str s, double *out)
{
    char text[32];
    if (!s.n || s.n >= sizeof(text))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *end;
    double v = strtod(text, &end);
    if (*end || !(v >= -1000 && v <= 10000))
        return false;
    *out = v;
    return true;
}

/* ------------------------------------------------------------------- lines */

static sm_rc read_keys(reader *r, sm_str s)
{
    r->key.n = 0;
    sm_str one;
    while (sm_str_cut(&s, ',', &one)) {
        sm_str name;
        one = sm_str_trim(one);
        if (!sm_str_has(one, SM_STR("=")) || !sm_str_cut(&one, '=', &name))
            return bad(r, "键要写成“名=值”：", one);
        if (r->key.n == MAX_KEYS)
            return bad(r, "键太多：", name);
        r->key.name[r->key.n] = sm_str_trim(name);
        r->key.value[r->key.n++] = sm_str_trim(one);
    }
    return SM_OK;
}

/* "@role{keys} text": a line without @ is a paragraph. */
static sm_rc split_line(reader *r, sm_str line, sm_str *role, sm_str *text)
{
    r->key.n = 0;
    *role = SM_STR("p");
    *text = sm_str_trim(line);
    if (line.p[0] != '@')
        return SM_OK;
    size_t n = 1;
    while (n < line.n &&
           ((line.p[n] >= 'a' && line.p[n] <= 'z') || (line.p[n] >= '0' && line.p[n] <= '9')))
        n++;
    *role = sm_str_sub(line, 1, n);
    *text = sm_str_trim(sm_str_sub(line, n, line.n));
    if (n == line.n || line.p[n] != '{')
        return SM_OK;
    size_t end = sm_str_find(line, SM_STR("}"), n);
    if (end == SIZE_MAX)
        return bad(r, "缺少“}”：", line);
    *text = sm_str_trim(sm_str_sub(line, end + 1, line.n));
    return read_keys(r, sm_str_sub(line, n + 1, end));
}

/* ------------------------------------------------------------- paragraphs */

static sm_par *add_par(reader *r, sm_par_place place, sm_str text)
{
    sm_layout *l = r->l;
    SM_GROW(r->op->arena, l->par, l->n_pars, r->cap);
    sm_par *p = &l->par[l->n_pars++];
    *p = (sm_par){ .place = place,
                   .text = sm_str_dup(r->op->arena, text),
                   .line = PITCH,
                   .table = -1,
                   .row = -1,
                   .col = -1 };
    return p;
}

static sm_run *add_run(const reader *r, sm_par *p, size_t from, size_t to, const char *font,
                       double size)
{
    if (!p->run)
        p->run = SM_NEWS(r->op->arena, sm_run, 4);
    sm_run *run = &p->run[p->n_runs++];
    *run = (sm_run){ .text = sm_str_sub(p->text, from, to),
                     .font = sm_str_of(font),
                     .latin = SM_STR(LATIN),
                     .size = size,
                     .colour = SM_COLOUR_AUTO };
    return run;
}

/* In characters: what is not ASCII is one wide, the rest half. */
static double width_of(sm_str s)
{
    double w = 0;
    while (s.n)
        w += sm_utf8_next(&s) < 0x80 ? .5 : 1;
    return w;
}

/* The end of what is set in the font of a heading: the whole line, or up to its first full stop
 * with text behind it; of a list of people, its label. */
static size_t head_end(const look *k, sm_str s)
{
    sm_str stop = strcmp(k->role, "attendance") == 0 ? SM_STR("：") : SM_STR("。");
    size_t at = sm_str_find(s, stop, 0);
    return at == SIZE_MAX ? s.n : at + stop.n;
}

static void set_look(const reader *r, sm_par *p, const look *k)
{
    p->align = k->align;
    p->first_chars = k->first > 0 ? k->first : 0;
    p->first = k->first * k->size;
    p->left = k->left * k->size;
    p->right = k->right * k->size;
    p->before = k->before * PITCH;
    if (!p->text.n)
        return;
    size_t head = k->head ? head_end(k, p->text) : 0;
    if (head)
        add_run(r, p, 0, head, k->head, k->size);
    if (head < p->text.n)
        add_run(r, p, head, p->text.n, k->font, k->size);
}

static sm_rc set_align(const reader *r, sm_par *p, sm_str v)
{
    static const char *const names[] = { "left", "center", "right", "both" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (is(v, names[i])) {
            p->align = (sm_align)(SM_ALIGN_LEFT + (int)i);
            return SM_OK;
        }
    return bad(r, "不认识的对齐方式：", v);
}

static sm_rc set_colour(const reader *r, sm_par *p, sm_str v)
{
    if (v.n != 6)
        return bad(r, "颜色要写成六位十六进制：", v);
    char *end;
    unsigned long c = strtoul(sm_cstr(r->op->arena, v), &end, 16);
    if (*end)
        return bad(r, "颜色要写成六位十六进制：", v);
    for (size_t i = 0; i < p->n_runs; i++)
        p->run[i].colour = (uint32_t)c;
    return SM_OK;
}

/* A key of the runs; false: it is none. */
static bool set_run_key(sm_par *p, sm_str name, sm_str value, double v)
{
    static const char *const names[] = { "font", "latin", "size", "bold", "italic", "underline" };
    size_t which = 0;
    while (which < SM_LEN(names) && !is(name, names[which]))
        which++;
    if (which == SM_LEN(names))
        return false;
    for (size_t i = 0; i < p->n_runs; i++) {
        sm_run *run = &p->run[i];
        if (which == 0)
            run->font = value;
        else if (which == 1)
            run->latin = value;
        else if (which == 2)
            run->size = v;
        else
            *(which == 3 ? &run->bold : which == 4 ? &run->italic : &run->underlined) = v != 0;
    }
    return true;
}

static sm_rc set_key(const reader *r, sm_par *p, sm_str name, sm_str value)
{
    bool words = is(name, "font") || is(name, "latin") || is(name, "align") || is(name, "colour");
    double v = 0;
    if (!words && !number_of(value, &v))
        return bad(r, "要写一个数：", value);
    if (set_run_key(p, name, value, v))
        return SM_OK;
    if (is(name, "align"))
        return set_align(r, p, value);
    if (is(name, "colour"))
        return set_colour(r, p, value);
    if (is(name, "indent")) {
        p->first_chars = v;
        p->first = v * (p->n_runs ? p->run[0].size : SIZE_3);
    } else if (is(name, "line"))
        p->line = v;
    else if (is(name, "before"))
        p->before = v;
    else if (is(name, "after"))
        p->after = v;
    else
        return bad(r, "不认识的键：", name);
    return SM_OK;
}

static sm_rc set_keys(const reader *r, sm_par *p)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < r->key.n; i++) {
        sm_str value = sm_str_dup(r->op->arena, r->key.value[i]);
        rc = set_key(r, p, r->key.name[i], value);
    }
    return rc;
}

/* ------------------------------------------------------------------ roles */

static void gap(sm_par *p, double lines)
{
    p->before = lines * PITCH;
}

static void set_mark(const reader *r, sm_par *p)
{
    static const double below_mm[] = { 35, 0, 20, 35 }; /* under the type area's upper edge */
    bool first = r->l->n_pars == 1;
    p->before = (first ? below_mm[r->form] : below_mm[r->form] / 2) * MM;
    p->line = 0;
    for (size_t i = 0; i < p->n_runs; i++) {
        p->run[i].colour = RED;
        /* Long names have to fit between the margins. */
        double fits = WIDTH / width_of(p->text);
        p->run[i].size = SM_MIN(p->run[i].size, SM_MAX(22, (double)(int)fits));
    }
    if (r->form == LETTER) {
        p->ruled = true;
        p->rule_colour = RED;
    }
}

static void set_number(const reader *r, sm_par *p)
{
    if (r->form == LETTER) {
        p->align = SM_ALIGN_RIGHT;
        gap(p, 0);
    } else if (r->form != ORDER) {
        p->ruled = true;
        p->rule_colour = RED;
    }
}

/* Both at the ends of a line that has room for n characters. */
static sm_str spread(const reader *r, sm_str left, sm_str right, double n)
{
    double room = n - width_of(left) - width_of(right);
    sm_buf b;
    sm_buf_init(&b, MAX_BYTES);
    sm_buf_add(&b, left);
    for (int i = 0; i < (int)SM_MAX(room, 1); i++)
        sm_buf_add(&b, SM_STR("　"));
    sm_buf_add(&b, right);
    sm_str out = { 0 };
    sm_buf_take(r->op, &b, &out);
    return out;
}

static const look *look_of(sm_str role)
{
    for (size_t i = 0; i < SM_LEN(looks); i++)
        if (is(role, looks[i].role))
            return &looks[i];
    return NULL;
}

/* Signers stand in the number's own line, it to the left. */
static sm_rc add_signer(const reader *r, sm_str text)
{
    sm_par *p = &r->l->par[r->l->n_pars - 1];
    const look *k = look_of(SM_STR("number"));
    size_t label = sm_str_find(text, SM_STR("："), 0);
    sm_str line = spread(r, p->text, text, WIDTH / SIZE_3 - 2);
    size_t name = label == SIZE_MAX ? line.n : line.n - text.n + label + 3;
    *p = (sm_par){ .place = SM_PAR_BODY,
                   .text = line,
                   .align = SM_ALIGN_LEFT,
                   .left = SIZE_3,
                   .right = SIZE_3,
                   .before = k->before * PITCH,
                   .line = PITCH,
                   .ruled = p->ruled,
                   .rule_colour = p->rule_colour,
                   .table = -1,
                   .row = -1,
                   .col = -1 };
    add_run(r, p, 0, name, FANG, SIZE_3);
    if (name < line.n)
        add_run(r, p, name, line.n, KAI, SIZE_3);
    return set_keys(r, p);
}

/* With a seal: the date ends four characters from the edge, the names over it are centred on it. */
static void place_signature(const reader *r)
{
    const sm_layout *l = r->l;
    const sm_par *date = &l->par[l->n_pars - 1];
    double wide = width_of(date->text);
    for (size_t i = 0; i < r->n_signs; i++) {
        sm_par *p = &l->par[l->n_pars - 2 - i];
        double right = 4 + (wide - width_of(p->text)) / 2;
        p->right = SM_MAX(right, 0) * SIZE_3;
    }
}

/* Notes after the first are aligned with its name's number. */
static void set_note(const reader *r, sm_par *p)
{
    if (!is(r->last, "note"))
        gap(p, 1);
    else
        p->first = 0;
}

static sm_rc add_row(reader *r, sm_str text)
{
    if (is(r->last, "row"))
        r->row++;
    else {
        r->table++;
        r->row = 0;
    }
    const look *k = look_of(SM_STR("row"));
    sm_rc rc = SM_OK;
    int col = 0;
    for (bool more = true; rc == SM_OK && more; col++) {
        size_t bar = sm_str_find(text, SM_STR("|"), 0);
        more = bar != SIZE_MAX;
        sm_str cell = sm_str_trim(sm_str_sub(text, 0, more ? bar : text.n));
        text = more ? sm_str_sub(text, bar + 1, text.n) : text;
        sm_par *p = add_par(r, SM_PAR_CELL, cell);
        set_look(r, p, k);
        p->line = 0;
        p->table = r->table;
        p->row = r->row;
        p->col = col;
        p->breaks = r->break_next && r->row == 0 && col == 0;
        rc = set_keys(r, p);
    }
    r->break_next = false;
    return rc;
}

/* The imprint's first line stands over its first element. */
static void begin_imprint(reader *r)
{
    if (r->imprint)
        return;
    sm_par *p = add_par(r, SM_PAR_BODY, SM_STR(""));
    p->ruled = true;
    r->imprint = true;
}

static void set_rest(reader *r, sm_par *p, sm_str role)
{
    if (is(role, "mark"))
        set_mark(r, p);
    else if (is(role, "number"))
        set_number(r, p);
    else if (is(role, "note"))
        set_note(r, p);
    else if (is(role, "date"))
        place_signature(r);
    else if (is(role, "attach"))
        p->breaks = true;
    else if (is(role, "cc") || is(role, "printer"))
        p->ruled = true;
    else if (is(role, "title") && !is(r->last, "title"))
        gap(p, 2);
    else if (is(role, "atitle") && !is(r->last, "atitle"))
        gap(p, 1);
    else if ((is(role, "sign") && !is(r->last, "sign")) ||
             (is(role, "attendance") && !is(r->last, "attendance")) ||
             (is(role, "p") && is(r->last, "atitle")) || (is(role, "h1") && is(r->last, "atitle")))
        gap(p, 1);
}

static sm_str printer_text(const reader *r, sm_str text)
{
    size_t bar = sm_str_find(text, SM_STR("|"), 0);
    if (bar == SIZE_MAX)
        return text;
    return spread(r, sm_str_trim(sm_str_sub(text, 0, bar)),
                  sm_str_trim(sm_str_sub(text, bar + 1, text.n)), WIDTH / SIZE_4 - 2);
}

static sm_rc add_line(reader *r, sm_str role, sm_str text)
{
    const look *k = look_of(role);
    if (!k)
        return bad(r, "不认识的要素：", role);
    if (r->l->n_pars >= MAX_PARS)
        return sm_fail(r->op, SM_E_LIMIT, "%s：超过%d段", r->name, MAX_PARS);
    if (is(role, "row"))
        return add_row(r, text);
    if (is(role, "signer") && is(r->last, "number"))
        return add_signer(r, text);
    if (is(role, "cc") || is(role, "printer"))
        begin_imprint(r);
    if (is(role, "printer"))
        text = printer_text(r, text);
    sm_par *p = add_par(r, SM_PAR_BODY, text);
    set_look(r, p, k);
    p->breaks = r->break_next;
    r->break_next = false;
    set_rest(r, p, role);
    return set_keys(r, p);
}

/* ------------------------------------------------------------------- pages */

static sm_rc set_page(reader *r)
{
    sm_section *s = r->l->section;
    const struct {
        const char *name;
        double *mm;
    } lengths[] = { { "top", &s->top },     { "bottom", &s->bottom }, { "left", &s->left },
                    { "right", &s->right }, { "wide", &s->wide },     { "high", &s->high } };
    for (size_t i = 0; i < r->key.n; i++) {
        sm_str name = r->key.name[i], value = r->key.value[i];
        if (is(name, "numbers")) {
            r->numbers = !is(value, "no");
            continue;
        }
        size_t k = 0;
        while (k < SM_LEN(lengths) && !is(name, lengths[k].name))
            k++;
        if (k == SM_LEN(lengths))
            return bad(r, "不认识的键：", name);
        if (!number_of(value, lengths[k].mm) || *lengths[k].mm < 0)
            return bad(r, "要写一个数：", value);
    }
    s->landscape = s->wide > s->high;
    return SM_OK;
}

/* — 1 —: odd pages to the right, even ones to the left, one character from the edge. */
static void add_footer(reader *r, sm_align align)
{
    sm_par *p = add_par(r, SM_PAR_FOOTER, SM_STR("— 1 —"));
    p->align = align;
    p->line = 0;
    *(align == SM_ALIGN_RIGHT ? &p->right : &p->left) = SIZE_4;
    size_t digit = sm_str_find(p->text, SM_STR("1"), 0);
    add_run(r, p, 0, digit, "宋体", SIZE_4);
    add_run(r, p, digit, digit + 1, "宋体", SIZE_4)->field = SM_STR("PAGE");
    add_run(r, p, digit + 1, p->text.n, "宋体", SIZE_4);
    for (size_t i = 0; i < p->n_runs; i++)
        p->run[i].latin = SM_STR("宋体");
}

/* In this order: odd pages', even pages', the first one's (a letter's has none). */
static void add_footers(reader *r)
{
    if (!r->numbers)
        return;
    sm_section *s = r->l->section;
    s->even_differs = true;
    add_footer(r, SM_ALIGN_RIGHT);
    add_footer(r, SM_ALIGN_LEFT);
    if (r->form == LETTER) {
        s->first_differs = true;
        add_par(r, SM_PAR_FOOTER, SM_STR(""));
    }
}

/* -------------------------------------------------------------------- read */

static sm_rc read_form(reader *r, sm_str text)
{
    for (size_t i = 0; i < SM_LEN(form_names); i++)
        if (is(text, form_names[i])) {
            r->form = (form)i;
            return SM_OK;
        }
    return bad(r, "不认识的格式：", text);
}

static bool has_controls(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' && s.p[i] != '\t')
            return true;
    return false;
}

static sm_rc read_line(reader *r, sm_str line)
{
    sm_str role, text;
    if (has_controls(line))
        return bad(r, "有控制字符：", SM_STR(""));
    sm_rc rc = split_line(r, line, &role, &text);
    if (rc != SM_OK)
        return rc;
    if (is(role, "form"))
        rc = read_form(r, text);
    else if (is(role, "page"))
        rc = set_page(r);
    else if (is(role, "pagebreak"))
        r->break_next = true;
    else
        rc = add_line(r, role, text);
    r->n_signs = is(role, "sign") ? r->n_signs + 1 : 0;
    r->last = role;
    return rc;
}

static void begin(reader *r)
{
    sm_arena *a = r->op->arena;
    r->l = SM_NEW(a, sm_layout);
    r->l->format = SM_FORMAT_TEXT;
    r->l->part = SM_NEWS(a, sm_str, 1);
    r->l->n_parts = 1;
    r->l->section = SM_NEW(a, sm_section);
    r->l->n_sections = 1;
    *r->l->section = (sm_section){ .wide = 210,
                                   .high = 297,
                                   .top = 37,
                                   .bottom = 35,
                                   .left = 28,
                                   .right = 26,
                                   .header = 15,
                                   .footer = 24, /* 7 mm under the type area */
                                   .grid_line = PITCH,
                                   .grid_lines = 22,
                                   .grid_chars = 28 };
}

sm_rc sm_official_read(sm_op *op, const char *name, sm_str text, sm_layout **out)
{
    if (text.n > MAX_BYTES)
        return sm_fail(op, SM_E_LIMIT, "%s：超过%dMB", name, MAX_BYTES >> 20);
    size_t at;
    if (!sm_utf8_valid(text, &at))
        return sm_fail(op, SM_E_INVALID, "%s：第%zu字节不是UTF-8", name, at);
    reader r = { .op = op, .name = name, .numbers = true, .table = -1 };
    begin(&r);
    sm_str line;
    while (sm_str_cut(&text, '\n', &line)) {
        r.line_no++;
        line = sm_str_trim(line);
        sm_rc rc = line.n ? read_line(&r, line) : SM_OK;
        if (rc != SM_OK)
            return rc;
    }
    r.l->n_body = r.l->n_pars;
    add_footers(&r);
    *out = r.l;
    return op->rc;
}
