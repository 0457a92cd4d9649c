/* The body of a DOCX, a header, a footer, its notes: ISO/IEC 29500-1 chapter 17.  What is deleted
 * or hidden is left out, what is inserted is taken; a text box follows the paragraph that anchors
 * it. */
#include "format/shapes.h"
#include "format/story.h"

#include "text/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_PREFIX = 16,
    MAX_FIELDS = 16,
    MAX_FIELD_NAME = 24,
    MAX_COLUMNS = 1000,
    TWIPS_A_POINT = 20,
};
static const double MM_A_TWIP = 25.4 / 1440, TWIPS_A_LINE = 240;

/* What is open.  Text and runs of a paragraph lie on the story's stacks from where it began: one
 * inside a text box begins where the outer one has come to. */
struct frame {
    char kind; /* 'p', 't'able, 'r'ow, 'c'ell, text 'b'ox */
    int depth;
    /* of a paragraph */
    size_t par, text_from, run_from, at;
    const sm_wml_style *style;
    sm_wml_par own;
    sm_wml_run mark, run; /* run: of the one being read */
    sm_wml_run look;      /* of the same; valid when looked */
    bool in_run, looked, breaks, deleted, ends_section;
    bool ruled;
    uint32_t rule_colour;
    /* of tables, rows and cells */
    int table, row, col, span;
    sm_str table_style;
};

struct field {
    char name[MAX_FIELD_NAME];
    size_t n_name;
    bool named, shown, any; /* its instruction is over, its result has text */
};

struct story {
    sm_stories *d;
    sm_op *op;
    sm_par_place place;
    sm_par_pages pages;
    int section;
    uint16_t part;
    sm_str raw;
    char prefix[MAX_PREFIX + 1];
    size_t n_prefix;
    bool begun;
    int depth, skip_from;
    struct frame *frame;
    size_t n_frames;
    struct frame carry; /* a paragraph whose mark is deleted: the next one goes on with it */
    bool carried;
    sm_buf text;
    sm_run *run;
    size_t n_runs, cap_runs;
    struct field field[MAX_FIELDS];
    size_t n_fields; /* may be beyond MAX_FIELDS */
    bool *chosen;    /* of each AlternateContent that is open */
    size_t n_chosen;
    sm_wml_shape shape;
    int math;
    sm_wml_run *in_run_props;
    bool in_par_props, in_row_props, in_section, next_breaks;
    bool in_text, in_code, keeps_blanks;
    size_t text_from, text_at;
    sm_section now; /* being read */
    double grid_pitch, grid_chars;
    const char *grid_type;
    bool continuous, was_section;
};

typedef sm_rc story_fn(struct story *s, const char **atts);

static struct frame *top(struct story *s, char kind)
{
    struct frame *f = s->n_frames ? &s->frame[s->n_frames - 1] : NULL;
    return f && f->kind == kind ? f : NULL;
}

/* The innermost cell, row or table that no text box parts from here. */
static struct frame *around(struct story *s, char kind)
{
    for (size_t i = s->n_frames; i-- > 0 && s->frame[i].kind != 'b';)
        if (s->frame[i].kind == kind)
            return &s->frame[i];
    return NULL;
}

static sm_layout *layout(const struct story *s)
{
    return s->d->b->l;
}

static sm_rc skip(struct story *s, const char **atts)
{
    (void)atts;
    s->skip_from = s->depth;
    return SM_OK;
}

static sm_rc skip_change(struct story *s, const char **atts)
{
    layout(s)->flags |= SM_LAYOUT_CHANGES;
    return skip(s, atts);
}

static sm_rc note_change(struct story *s, const char **atts)
{
    (void)atts;
    layout(s)->flags |= SM_LAYOUT_CHANGES;
    return SM_OK;
}

/* ------------------------------------------------------------------ runs */

static const sm_wml_style *table_style(struct story *s)
{
    const struct frame *t = around(s, 't');
    return t && t->table_style.n ? sm_wml_find_style(s->d->wml, "table", t->table_style) : NULL;
}

static const sm_wml_run *look_of(struct story *s, struct frame *f)
{
    static const sm_wml_run none = { 0 };
    if (!f->looked)
        f->look = sm_wml_run_look(s->d->wml, table_style(s), f->style, f->in_run ? &f->run : &none);
    f->looked = true;
    return &f->look;
}

static sm_run as_run(const sm_wml_run *look, uint16_t part)
{
    return (sm_run){ .font = look->east,
                     .latin = look->latin,
                     .size = look->size,
                     .bold = look->bold,
                     .italic = look->italic,
                     .underlined = look->underlined,
                     .colour = look->colour,
                     .part = part };
}

/* Names of fields whose results somebody wrote. */
static bool is_written(sm_str name)
{
    static const char *const names[] = { "HYPERLINK", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (sm_str_is(name, names[i]))
            return true;
    return name.n == 0;
}

static sm_str field_name(struct story *s)
{
    for (size_t i = SM_MIN(s->n_fields, (size_t)MAX_FIELDS); i-- > 0;) {
        sm_str name = { s->field[i].name, s->field[i].n_name };
        if (!is_written(name))
            return sm_str_dup(s->op->arena, name);
    }
    return (sm_str){ 0 };
}

/* Instructions of fields are never seen, nor what is computed inside one. */
static bool is_shown(const struct story *s)
{
    for (size_t i = 0; i < SM_MIN(s->n_fields, (size_t)MAX_FIELDS); i++)
        if (!s->field[i].shown)
            return false;
    return true;
}

/* The `n` bytes that are last on the stack of text become a run. */
static sm_rc push_run(struct story *s, struct frame *f, size_t n, size_t at, size_t n_at)
{
    sm_rc rc = sm_layout_check_runs(s->d->b, s->n_runs);
    if (rc < 0)
        return rc;
    SM_GROW(s->op->arena, s->run, s->n_runs, s->cap_runs);
    sm_run *run = &s->run[s->n_runs++];
    *run = as_run(look_of(s, f), s->part);
    run->text.n = n;
    run->at = n_at ? at : 0;
    run->n_at = n_at;
    run->field = field_name(s);
    for (size_t i = 0; i < SM_MIN(s->n_fields, (size_t)MAX_FIELDS); i++)
        s->field[i].any = true;
    return SM_OK;
}

/* The paragraph that takes text now; NULL: none does. */
static struct frame *taker(struct story *s)
{
    struct frame *f = top(s, 'p');
    return f && (f->in_run || s->math) && is_shown(s) && !look_of(s, f)->hidden ? f : NULL;
}

static sm_rc add_made(struct story *s, sm_str text)
{
    struct frame *f = taker(s);
    if (!f)
        return SM_OK;
    sm_buf_add(&s->text, text);
    return push_run(s, f, text.n, 0, 0);
}

static sm_rc on_tab(struct story *s, const char **atts)
{
    (void)atts;
    return add_made(s, SM_STR("\t"));
}

static sm_rc on_hyphen(struct story *s, const char **atts)
{
    (void)atts;
    return add_made(s, SM_STR("-"));
}

static sm_rc on_br(struct story *s, const char **atts)
{
    struct frame *f = top(s, 'p');
    const char *type = sm_wml_attr(atts, "type");
    if (f && strcmp(type, "page") == 0) {
        if (s->text.n > f->text_from)
            s->next_breaks = true;
        else
            f->breaks = true;
    }
    return *type && strcmp(type, "textWrapping") != 0 ? SM_OK : add_made(s, SM_STR("\u2028"));
}

/* Signs of symbol fonts lie in the private area: those that documents use by what they show, the
 * others by a sign that says there is one. */
static uint32_t symbol(uint32_t c)
{
    static const struct {
        uint32_t code, shows;
    } signs[] = { { 0x52, 0x2611 }, { 0x6c, 0x25cf }, { 0x6e, 0x25a0 }, { 0x6f, 0x25a1 },
                  { 0x71, 0x25a1 }, { 0x75, 0x25c6 }, { 0xa3, 0x25a1 }, { 0xa8, 0x25a1 },
                  { 0xfb, 0x2717 }, { 0xfc, 0x2713 }, { 0xfd, 0x2612 }, { 0xfe, 0x2611 } };
    if (c < 0xe000 || c > 0xf8ff)
        return c;
    for (size_t i = 0; i < SM_LEN(signs); i++)
        if ((c & 0xff) == signs[i].code)
            return signs[i].shows;
    return 0xfffd;
}

static sm_rc on_sym(struct story *s, const char **atts)
{
    unsigned long c = strtoul(sm_wml_attr(atts, "char"), NULL, 16);
    char text[4];
    if (c < 0x20 || c > 0xffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    return add_made(s, (sm_str){ text, sm_utf8_put(symbol((uint32_t)c), text) });
}

static sm_rc on_t(struct story *s, const char **atts)
{
    size_t from;
    sm_package_place(s->d->package, &from, &s->text_at);
    s->in_text = taker(s) != NULL;
    s->text_from = s->text.n;
    s->keeps_blanks = strcmp(sm_wml_attr(atts, "space"), "preserve") == 0;
    return SM_OK;
}

/* Whether `raw` says this text, as whoever mends it will read it: a line's end reads as a blank. */
static bool says(sm_str raw, sm_str text)
{
    while (raw.n && text.n) {
        char c[4] = { raw.p[0] };
        size_t n = 1, used = raw.p[0] == '&' ? sm_entity_take(raw, c, &n) : 1;
        if (c[0] == '\n' || c[0] == '\t')
            c[0] = ' ';
        if (used == 0 || n > text.n || memcmp(c, text.p, n) != 0)
            return false;
        raw = sm_str_after(raw, used);
        text = sm_str_after(text, n);
    }
    return raw.n == 0 && text.n == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Blanks at the ends are no text, but where it is said that they are kept. */
static void trim_last(struct story *s, sm_str *raw)
{
    size_t lead = 0;
    while (s->text_from + lead < s->text.n && is_blank(s->text.p[s->text_from + lead]))
        lead++;
    if (lead) {
        s->text.n -= lead;
        memmove(s->text.p + s->text_from, s->text.p + s->text_from + lead,
                s->text.n - s->text_from);
    }
    while (s->text.n > s->text_from && is_blank(s->text.p[s->text.n - 1]))
        s->text.n--;
    while (raw->n && is_blank(raw->p[0]))
        *raw = sm_str_after(*raw, 1);
    while (raw->n && is_blank(raw->p[raw->n - 1]))
        raw->n--;
}

static sm_rc on_t_end(struct story *s, const char **atts)
{
    (void)atts;
    size_t end, behind;
    struct frame *f = top(s, 'p');
    if (!s->in_text || !f)
        return SM_OK;
    s->in_text = false;
    sm_package_place(s->d->package, &end, &behind);
    sm_str raw = sm_str_sub(s->raw, s->text_at, end);
    if (!s->keeps_blanks)
        trim_last(s, &raw);
    sm_str text = sm_str_after(sm_buf_str(&s->text), s->text_from);
    if (text.n == 0)
        return SM_OK;
    size_t n_at = !s->math && says(raw, text) ? raw.n : 0;
    return push_run(s, f, text.n, (size_t)(raw.p - s->raw.p), n_at);
}

static sm_rc on_r(struct story *s, const char **atts)
{
    (void)atts;
    struct frame *f = top(s, 'p');
    if (f) {
        f->in_run = true;
        f->looked = false;
        f->run = (sm_wml_run){ 0 };
    }
    return SM_OK;
}

static sm_rc on_r_end(struct story *s, const char **atts)
{
    (void)atts;
    struct frame *f = top(s, 'p');
    if (f)
        f->in_run = f->looked = false;
    return SM_OK;
}

static sm_rc on_run_props(struct story *s, const char **atts)
{
    struct frame *f = top(s, 'p');
    if (!f || !f->in_run)
        return skip(s, atts);
    f->looked = false;
    s->in_run_props = &f->run;
    return SM_OK;
}

static sm_rc on_run_props_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_run_props = NULL;
    return SM_OK;
}

/* Properties of a run or of a paragraph's mark; what was deleted may be the mark itself. */
static sm_rc on_run_prop(struct story *s, const char *local, const char **atts)
{
    struct frame *f = top(s, 'p');
    bool of_mark = f && s->in_run_props == &f->mark;
    if (strcmp(local, "rPrChange") == 0)
        return skip_change(s, atts);
    if (of_mark && (strcmp(local, "del") == 0 || strcmp(local, "moveFrom") == 0)) {
        f->deleted = true;
        return note_change(s, atts);
    }
    if (of_mark && (strcmp(local, "ins") == 0 || strcmp(local, "moveTo") == 0))
        return note_change(s, atts);
    sm_wml_run_property(s->d->wml, s->in_run_props, local, atts);
    return SM_OK;
}

/* ---------------------------------------------------------------- fields */

static void begin_field(struct story *s)
{
    if (s->n_fields < MAX_FIELDS)
        s->field[s->n_fields] = (struct field){ 0 };
    s->n_fields++;
}

static struct field *field(struct story *s)
{
    return s->n_fields && s->n_fields <= MAX_FIELDS ? &s->field[s->n_fields - 1] : NULL;
}

/* The first word of the instruction, which may come in pieces. */
static void add_code(struct field *f, sm_str code)
{
    for (size_t i = 0; i < code.n && !f->named; i++) {
        bool blank = is_blank(code.p[i]) || code.p[i] == '\\';
        if (blank && f->n_name == 0)
            continue;
        f->named = blank || f->n_name == MAX_FIELD_NAME || (code.p[i] & 0x80);
        if (!f->named)
            f->name[f->n_name++] = code.p[i];
    }
}

/* A field without a result is still seen. */
static sm_rc end_field(struct story *s)
{
    struct field *f = field(s);
    struct frame *p = top(s, 'p');
    bool bare = f && p && !f->any && f->n_name;
    sm_rc rc = SM_OK;
    if (bare) {
        f->shown = true;
        if (is_shown(s) && !is_written((sm_str){ f->name, f->n_name }))
            rc = push_run(s, p, 0, 0, 0);
    }
    s->n_fields -= s->n_fields > 0;
    return rc;
}

static sm_rc on_field_char(struct story *s, const char **atts)
{
    const char *type = sm_wml_attr(atts, "fldCharType");
    if (strcmp(type, "begin") == 0)
        begin_field(s);
    else if (strcmp(type, "separate") == 0 && field(s))
        field(s)->shown = true;
    else if (strcmp(type, "end") == 0)
        return end_field(s);
    return SM_OK;
}

static sm_rc on_simple_field(struct story *s, const char **atts)
{
    begin_field(s);
    if (field(s)) {
        add_code(field(s), sm_str_of(sm_wml_attr(atts, "instr")));
        field(s)->shown = true;
    }
    return SM_OK;
}

static sm_rc on_simple_field_end(struct story *s, const char **atts)
{
    (void)atts;
    return end_field(s);
}

static sm_rc on_code(struct story *s, const char **atts)
{
    (void)atts;
    s->in_code = true;
    return SM_OK;
}

static sm_rc on_code_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_code = false;
    return SM_OK;
}

/* ------------------------------------------------------------ paragraphs */

/* The size that characters of an indent are counted in: the first ones'. */
static double char_size(const struct story *s, const struct frame *f, const sm_wml_run *mark)
{
    return s->n_runs > f->run_from ? s->run[f->run_from].size : mark->size;
}

static double chars_or(const sm_wml_par *look, unsigned bit, double chars, double size,
                       double twips)
{
    return look->set & bit && chars != 0 ? chars / 100 * size : twips / TWIPS_A_POINT;
}

/* A gap in lines comes with what it was in twips when the file was written. */
static double gap(const sm_wml_par *look, unsigned bit, double twips, unsigned lines_bit,
                  double lines)
{
    if (look->set & lines_bit && lines != 0 && !(look->set & bit))
        twips = lines / 100 * TWIPS_A_LINE;
    return twips / TWIPS_A_POINT;
}

static void set_look(sm_par *p, const sm_wml_par *k, double size)
{
    p->outline = k->outline;
    p->align = k->align;
    p->first_chars = k->set & SM_WML_FIRST_CHARS ? k->first_chars / 100 : 0;
    p->first = chars_or(k, SM_WML_FIRST_CHARS, k->first_chars, size, k->first);
    p->left = chars_or(k, SM_WML_LEFT_CHARS, k->left_chars, size, k->left);
    p->right = chars_or(k, SM_WML_RIGHT_CHARS, k->right_chars, size, k->right);
    if (k->rule == SM_WML_AUTO) {
        p->line_times = k->line / TWIPS_A_LINE;
    } else {
        p->line = k->line / TWIPS_A_POINT;
        p->line_at_least = k->rule == SM_WML_AT_LEAST;
    }
    p->before = gap(k, SM_WML_BEFORE, k->before, SM_WML_BEFORE_LINES, k->before_lines);
    p->after = gap(k, SM_WML_AFTER, k->after, SM_WML_AFTER_LINES, k->after_lines);
    p->breaks |= k->breaks;
    if (k->border) {
        p->ruled = true;
        p->rule_colour = k->border_colour;
    }
}

/* Text and runs leave the stacks, the label of a list in front of them. */
static sm_rc take_text(struct story *s, const struct frame *f, sm_str label,
                       const sm_wml_run *label_look)
{
    sm_par *p = &layout(s)->par[f->par];
    sm_arena *a = s->op->arena;
    sm_str text = sm_str_after(sm_buf_str(&s->text), f->text_from);
    size_t n_runs = s->n_runs - f->run_from + (label.n > 0);
    char *to = text.n + label.n ? sm_alloc(a, text.n + label.n) : NULL;
    sm_run *run = n_runs ? SM_NEWS(a, sm_run, n_runs) : NULL;
    if (label.n) {
        memcpy(to, label.p, label.n);
        run[0] = as_run(label_look, s->part);
        run[0].text.n = label.n;
    }
    if (text.n)
        memcpy(to + label.n, text.p, text.n);
    if (s->n_runs > f->run_from)
        memcpy(run + (label.n > 0), s->run + f->run_from, (s->n_runs - f->run_from) * sizeof(*run));
    size_t at = 0;
    for (size_t i = 0; i < n_runs; i++) {
        run[i].text.p = to ? to + at : "";
        at += run[i].text.n;
    }
    s->text.n = f->text_from;
    s->n_runs = f->run_from;
    return sm_layout_set_text(s->d->b, p, (sm_str){ to, text.n + label.n }, run, n_runs);
}

static sm_rc finish_par(struct story *s, const struct frame *f)
{
    const sm_wml_style *table = table_style(s), *style = f->style;
    sm_wml_par look = sm_wml_par_look(s->d->wml, table, style, &f->own);
    sm_wml_run mark = sm_wml_run_look(s->d->wml, table, style, &f->mark), level = { 0 };
    sm_str label = { 0 };
    sm_par *p = &layout(s)->par[f->par];
    set_look(p, &look, char_size(s, f, &mark));
    p->style = sm_wml_style_name(style);
    if (f->ruled) {
        p->ruled = true;
        p->rule_colour = f->rule_colour;
    }
    if (f->breaks) {
        bool empty = s->text.n == f->text_from;
        p->breaks |= !empty;
        s->next_breaks |= empty;
    }
    sm_rc rc = sm_wml_next_label(s->d->wml, &look, &label, &level);
    sm_wml_lay_run(&mark, &level);
    return rc < 0 ? rc : take_text(s, f, label, &mark);
}

/* Nothing came to go on with it. */
static sm_rc drop_carry(struct story *s)
{
    if (!s->carried)
        return SM_OK;
    s->carried = false;
    return finish_par(s, &s->carry);
}

static sm_rc push(struct story *s, char kind)
{
    sm_rc rc = drop_carry(s);
    s->frame[s->n_frames++] = (struct frame){ .kind = kind, .depth = s->depth, .span = 1 };
    return rc;
}

static sm_rc pop(struct story *s)
{
    sm_rc rc = drop_carry(s);
    s->n_frames--;
    return rc;
}

static void place_par(struct story *s, sm_par *p)
{
    const struct frame *cell = around(s, 'c'), *row = around(s, 'r');
    bool boxed = false;
    for (size_t i = 0; i < s->n_frames; i++)
        boxed |= s->frame[i].kind == 'b';
    p->place = s->place != SM_PAR_BODY ? s->place
               : cell                  ? SM_PAR_CELL
               : boxed                 ? SM_PAR_BOX
                                       : SM_PAR_BODY;
    p->pages = s->pages;
    p->section = s->section;
    p->part = s->part;
    p->breaks = s->next_breaks;
    s->next_breaks = false;
    if (cell && row) {
        p->table = row->table;
        p->row = row->row;
        p->col = cell->col;
    }
}

static sm_rc on_p(struct story *s, const char **atts)
{
    (void)atts;
    size_t at, behind;
    sm_package_place(s->d->package, &at, &behind);
    struct frame f = { .kind = 'p', .depth = s->depth };
    f.text_from = s->text.n;
    f.run_from = s->n_runs;
    f.at = at;
    f.style = sm_wml_find_style(s->d->wml, "paragraph", (sm_str){ 0 });
    if (s->carried) { /* with its text and its place, but none of its looks */
        f.par = s->carry.par;
        f.text_from = s->carry.text_from;
        f.run_from = s->carry.run_from;
        f.at = s->carry.at;
        f.breaks = s->carry.breaks;
        f.ruled = s->carry.ruled;
        f.rule_colour = s->carry.rule_colour;
        s->carried = false;
    } else {
        sm_par *p;
        sm_rc rc = sm_layout_add_par(s->d->b, &p);
        if (rc < 0)
            return rc;
        place_par(s, p);
        f.par = layout(s)->n_pars - 1;
    }
    s->frame[s->n_frames++] = f;
    return SM_OK;
}

static sm_rc on_p_end(struct story *s, const char **atts)
{
    (void)atts;
    size_t from, to;
    sm_rc rc = top(s, 'p') ? drop_carry(s) : SM_OK;
    if (rc < 0 || !top(s, 'p'))
        return rc;
    sm_package_place(s->d->package, &from, &to);
    struct frame f = s->frame[--s->n_frames];
    sm_par *p = &layout(s)->par[f.par];
    p->at = f.at;
    p->n_at = to - f.at;
    if (f.deleted && !f.ends_section) {
        s->carry = f;
        s->carried = true;
        return SM_OK;
    }
    rc = finish_par(s, &f);
    s->section += f.ends_section;
    return rc;
}

static sm_rc on_par_props(struct story *s, const char **atts)
{
    if (!top(s, 'p'))
        return skip(s, atts);
    s->in_par_props = true;
    return SM_OK;
}

static sm_rc on_par_props_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_par_props = false;
    return SM_OK;
}

static sm_rc on_section(struct story *s, const char **atts);

static sm_rc on_par_prop(struct story *s, const char *local, const char **atts)
{
    struct frame *f = top(s, 'p');
    if (!f)
        return SM_OK;
    if (strcmp(local, "rPr") == 0)
        s->in_run_props = &f->mark;
    else if (strcmp(local, "sectPr") == 0)
        return on_section(s, atts);
    else if (strcmp(local, "pPrChange") == 0)
        return skip_change(s, atts);
    else if (strcmp(local, "numberingChange") == 0)
        return note_change(s, atts);
    else if (strcmp(local, "pStyle") == 0)
        f->style = sm_wml_find_style(s->d->wml, "paragraph", sm_str_of(sm_wml_attr(atts, "val")));
    else
        sm_wml_par_property(s->d->wml, &f->own, local, atts);
    return SM_OK;
}

/* ---------------------------------------------------------------- tables */

static sm_rc on_tbl(struct story *s, const char **atts)
{
    (void)atts;
    sm_rc rc = push(s, 't');
    struct frame *t = top(s, 't');
    t->table = s->d->n_tables++;
    t->row = -1;
    return rc;
}

static sm_rc on_tr(struct story *s, const char **atts)
{
    (void)atts;
    struct frame *t = top(s, 't');
    int table = t ? t->table : -1, row = t ? ++t->row : -1;
    sm_rc rc = push(s, 'r');
    struct frame *r = top(s, 'r');
    r->table = table;
    r->row = row;
    return rc;
}

static sm_rc on_tc(struct story *s, const char **atts)
{
    (void)atts;
    struct frame *r = top(s, 'r');
    int col = r ? r->col : 0;
    sm_rc rc = push(s, 'c');
    top(s, 'c')->col = col;
    return rc;
}

static sm_rc on_tbl_end(struct story *s, const char **atts)
{
    (void)atts;
    return top(s, 't') ? pop(s) : SM_OK;
}

static sm_rc on_tr_end(struct story *s, const char **atts)
{
    (void)atts;
    return top(s, 'r') ? pop(s) : SM_OK;
}

static sm_rc on_tc_end(struct story *s, const char **atts)
{
    (void)atts;
    if (!top(s, 'c'))
        return SM_OK;
    int span = top(s, 'c')->span;
    sm_rc rc = pop(s);
    struct frame *r = top(s, 'r');
    if (r)
        r->col = SM_MIN(r->col + span, MAX_COLUMNS);
    return rc;
}

static int columns(const char **atts)
{
    int64_t v;
    bool said = sm_str_to_int(sm_str_of(sm_wml_attr(atts, "val")), &v);
    return said ? (int)SM_MAX(SM_MIN(v, MAX_COLUMNS), 0) : 0;
}

static sm_rc on_grid_span(struct story *s, const char **atts)
{
    struct frame *c = top(s, 'c');
    if (c)
        c->span = SM_MAX(columns(atts), 1);
    return SM_OK;
}

static sm_rc on_grid_before(struct story *s, const char **atts)
{
    struct frame *r = top(s, 'r');
    if (r)
        r->col += columns(atts);
    return SM_OK;
}

static sm_rc on_table_style(struct story *s, const char **atts)
{
    struct frame *t = top(s, 't');
    if (t)
        t->table_style = sm_str_dup(s->op->arena, sm_str_of(sm_wml_attr(atts, "val")));
    return SM_OK;
}

static sm_rc on_row_props(struct story *s, const char **atts)
{
    (void)atts;
    s->in_row_props = true;
    return SM_OK;
}

static sm_rc on_row_props_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_row_props = false;
    return SM_OK;
}

/* Deleted text, or, among its properties, a whole row. */
static sm_rc on_del(struct story *s, const char **atts)
{
    struct frame *r = top(s, 'r');
    skip_change(s, atts);
    if (s->in_row_props && r) {
        s->skip_from = r->depth;
        s->in_row_props = false;
        s->n_frames--;
    }
    return SM_OK;
}

static sm_rc on_box(struct story *s, const char **atts)
{
    (void)atts;
    return push(s, 'b');
}

static sm_rc on_box_end(struct story *s, const char **atts)
{
    (void)atts;
    return top(s, 'b') ? pop(s) : SM_OK;
}

/* -------------------------------------------------------------- sections */

static sm_rc on_section(struct story *s, const char **atts)
{
    struct frame *f = top(s, 'p');
    if (s->place != SM_PAR_BODY)
        return skip(s, atts);
    s->in_section = true;
    s->now = (sm_section){ .even_differs = sm_wml_even_differs(s->d->wml) };
    s->grid_pitch = s->grid_chars = 0;
    s->grid_type = "";
    s->continuous = false;
    if (f)
        f->ends_section = true;
    return SM_OK;
}

static sm_rc add_margin(struct story *s, sm_par_place place, const char **atts)
{
    static const char *const types[] = {
        [SM_PAGES_ALL] = "default", [SM_PAGES_EVEN] = "even", [SM_PAGES_FIRST] = "first"
    };
    sm_stories *d = s->d;
    const char *type = sm_wml_attr(atts, "type");
    sm_story_margin m = { .id = sm_str_dup(s->op->arena, sm_str_of(sm_wml_attr(atts, "id"))),
                          .section = s->section,
                          .place = place };
    for (size_t i = 0; i < SM_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            m.pages = (sm_par_pages)i;
    SM_GROW(s->op->arena, d->margin, d->n_margins, d->cap_margins);
    d->margin[d->n_margins++] = m;
    return SM_OK;
}

static void to_mm(const char **atts, const char *name, double *mm)
{
    double twips;
    if (sm_wml_twips(sm_wml_attr(atts, name), &twips))
        *mm = twips * MM_A_TWIP;
}

static void on_page_margins(sm_section *now, const char **atts)
{
    to_mm(atts, "top", &now->top);
    to_mm(atts, "bottom", &now->bottom);
    to_mm(atts, "left", &now->left);
    to_mm(atts, "right", &now->right);
    to_mm(atts, "header", &now->header);
    to_mm(atts, "footer", &now->footer);
}

static void on_page_grid(struct story *s, const char **atts)
{
    static const char *const types[] = { "lines", "linesAndChars", "snapToChars" };
    const char *type = sm_wml_attr(atts, "type");
    for (size_t i = 0; i < SM_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            s->grid_type = types[i];
    sm_wml_twips(sm_wml_attr(atts, "linePitch"), &s->grid_pitch);
    sm_wml_number(sm_wml_attr(atts, "charSpace"), &s->grid_chars);
}

static sm_rc on_section_prop(struct story *s, const char *local, const char **atts)
{
    const char *value = sm_wml_attr(atts, "val");
    if (strcmp(local, "sectPrChange") == 0)
        return skip_change(s, atts);
    if (strcmp(local, "headerReference") == 0)
        return add_margin(s, SM_PAR_HEADER, atts);
    if (strcmp(local, "footerReference") == 0)
        return add_margin(s, SM_PAR_FOOTER, atts);
    if (strcmp(local, "pgSz") == 0) {
        to_mm(atts, "w", &s->now.wide);
        to_mm(atts, "h", &s->now.high);
        s->now.landscape = strcmp(sm_wml_attr(atts, "orient"), "landscape") == 0;
    } else if (strcmp(local, "pgMar") == 0) {
        on_page_margins(&s->now, atts);
    } else if (strcmp(local, "docGrid") == 0) {
        on_page_grid(s, atts);
    } else if (strcmp(local, "titlePg") == 0) {
        s->now.first_differs = sm_wml_on(atts);
    } else if (strcmp(local, "type") == 0) {
        s->continuous = strcmp(value, "continuous") == 0 || strcmp(value, "nextColumn") == 0;
    }
    return SM_OK;
}

static double whole(double v)
{
    return v > 0 && v < 10000 ? (double)(int)(v + .05) : 0;
}

/* Lines of a page and characters of a line that fit the grid: 17.6.5. */
static void set_grid(struct story *s)
{
    static const double points_a_mm = 72 / 25.4;
    sm_section *now = &s->now;
    if (!*s->grid_type || s->grid_pitch <= 0)
        return;
    now->grid_line = s->grid_pitch / TWIPS_A_POINT;
    now->grid_lines = whole((now->high - now->top - now->bottom) * points_a_mm / now->grid_line);
    double one = s->d->normal_size + s->grid_chars / 4096;
    if (strcmp(s->grid_type, "lines") != 0 && one > 0)
        now->grid_chars = whole((now->wide - now->left - now->right) * points_a_mm / one);
}

/* A section that begins a page makes its first paragraph begin one. */
static void break_before(struct story *s)
{
    sm_layout *l = layout(s);
    for (size_t i = l->n_pars; i-- > 0 && l->par[i].section == s->section;)
        if (i == 0 || l->par[i - 1].section != s->section)
            l->par[i].breaks |= i > 0;
}

static sm_rc on_section_end(struct story *s, const char **atts)
{
    (void)atts;
    if (!s->in_section)
        return SM_OK;
    s->in_section = false;
    set_grid(s);
    if (!s->continuous)
        break_before(s);
    *sm_layout_add_section(s->d->b) = s->now;
    return SM_OK;
}

/* ---------------------------------------------------------------- others */

static sm_rc on_note(struct story *s, const char **atts)
{
    const char *type = sm_wml_attr(atts, "type");
    return *type && strcmp(type, "normal") != 0 ? skip(s, atts) : SM_OK;
}

static sm_rc on_comment(struct story *s, const char **atts)
{
    (void)atts;
    layout(s)->flags |= SM_LAYOUT_COMMENTS;
    return SM_OK;
}

static const struct element {
    const char *name;
    story_fn *start, *end;
} elements[] = {
    /* in the order of bytes */
    { "br", on_br, NULL },
    { "cellDel", note_change, NULL },
    { "cellIns", note_change, NULL },
    { "commentReference", on_comment, NULL },
    { "cr", on_br, NULL },
    { "del", on_del, NULL },
    { "endnote", on_note, NULL },
    { "fldChar", on_field_char, NULL },
    { "fldSimple", on_simple_field, on_simple_field_end },
    { "footnote", on_note, NULL },
    { "gridBefore", on_grid_before, NULL },
    { "gridSpan", on_grid_span, NULL },
    { "ins", note_change, NULL },
    { "instrText", on_code, on_code_end },
    { "moveFrom", skip_change, NULL },
    { "moveTo", note_change, NULL },
    { "noBreakHyphen", on_hyphen, NULL },
    { "p", on_p, on_p_end },
    { "pPr", on_par_props, on_par_props_end },
    { "ptab", on_tab, NULL },
    { "r", on_r, on_r_end },
    { "rPr", on_run_props, on_run_props_end },
    { "rt", skip, NULL }, /* the reading beside a word */
    { "sdtPr", skip, NULL },
    { "sectPr", on_section, on_section_end },
    { "sym", on_sym, NULL },
    { "t", on_t, on_t_end },
    { "tab", on_tab, NULL },
    { "tbl", on_tbl, on_tbl_end },
    { "tblGridChange", skip_change, NULL },
    { "tblPrChange", skip_change, NULL },
    { "tblStyle", on_table_style, NULL },
    { "tc", on_tc, on_tc_end },
    { "tcPrChange", skip_change, NULL },
    { "tr", on_tr, on_tr_end },
    { "trPr", on_row_props, on_row_props_end },
    { "trPrChange", skip_change, NULL },
    { "txbxContent", on_box, on_box_end },
};

static int compare_name(const void *name, const void *element)
{
    return strcmp(name, ((const struct element *)element)->name);
}

static const struct element *element_of(const char *local)
{
    return bsearch(local, elements, SM_LEN(elements), sizeof(*elements), compare_name);
}

/* --------------------------------------------------- other vocabularies */

/* mc:AlternateContent is there to be read once: its first choice, or what stands in for all. */
static sm_rc on_choice(struct story *s, const char **atts)
{
    if (s->n_chosen == 0)
        return SM_OK;
    if (s->chosen[s->n_chosen - 1])
        return skip(s, atts);
    s->chosen[s->n_chosen - 1] = true;
    return SM_OK;
}

static sm_rc on_alien(struct story *s, const char *local, const char **atts)
{
    if (strcmp(local, "AlternateContent") == 0)
        s->chosen[s->n_chosen++] = false;
    else if (strcmp(local, "Choice") == 0 || strcmp(local, "Fallback") == 0)
        return on_choice(s, atts);
    else if (strcmp(local, "oMath") == 0)
        s->math++;
    else if (strcmp(local, "t") == 0 && s->math)
        return on_t(s, atts);
    else
        sm_wml_shape_start(&s->shape, local, atts);
    return SM_OK;
}

static sm_rc on_alien_end(struct story *s, const char *local)
{
    struct frame *f = top(s, 'p');
    uint32_t colour;
    if (strcmp(local, "AlternateContent") == 0)
        s->n_chosen -= s->n_chosen > 0;
    else if (strcmp(local, "oMath") == 0)
        s->math -= s->math > 0;
    else if (strcmp(local, "t") == 0 && s->math)
        return on_t_end(s, NULL);
    else if (sm_wml_shape_end(&s->shape, local, &colour) && f) {
        f->ruled = true;
        f->rule_colour = colour;
    }
    return SM_OK;
}

/* ------------------------------------------------------------- the parse */

/* Its root's prefix is the story's, whatever namespace it stands for. */
static void learn_prefix(struct story *s, const char *root)
{
    const char *colon = strchr(root, ':');
    size_t n = colon ? (size_t)(colon - root) : 0;
    s->begun = true;
    if (n <= MAX_PREFIX) {
        memcpy(s->prefix, root, n);
        s->n_prefix = n;
    }
}

static sm_rc on_start(void *ctx, const char *name, const char **atts)
{
    struct story *s = ctx;
    if (!s->begun)
        learn_prefix(s, name);
    s->depth++;
    if (s->skip_from)
        return SM_OK;
    if (s->in_text && on_t_end(s, NULL) < 0) /* text holds no elements */
        return s->op->rc;
    const char *local = sm_wml_local(s->prefix, s->n_prefix, name);
    if (!local)
        return on_alien(s, sm_wml_any_local(name), atts);
    if (s->in_run_props)
        return on_run_prop(s, local, atts);
    if (s->in_section)
        return on_section_prop(s, local, atts);
    if (s->in_par_props)
        return on_par_prop(s, local, atts);
    const struct element *e = element_of(local);
    return e ? e->start(s, atts) : SM_OK;
}

static sm_rc on_end(void *ctx, const char *name)
{
    struct story *s = ctx;
    int depth = s->depth--;
    if (s->skip_from) {
        s->skip_from = depth == s->skip_from ? 0 : s->skip_from;
        return SM_OK;
    }
    const char *local = sm_wml_local(s->prefix, s->n_prefix, name);
    if (!local)
        return on_alien_end(s, sm_wml_any_local(name));
    const struct element *e = element_of(local);
    return e && e->end ? e->end(s, NULL) : SM_OK;
}

static sm_rc fail_text(struct story *s)
{
    return sm_fail(s->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件后再提交",
                   s->d->b->r->name, s->d->b->r->limits->text_bytes);
}

static sm_rc on_text(void *ctx, sm_str text)
{
    struct story *s = ctx;
    if (s->skip_from)
        return SM_OK;
    if (s->in_code && field(s) && !field(s)->shown)
        add_code(field(s), text);
    if (!s->in_text)
        return SM_OK;
    size_t from = s->text.n;
    sm_buf_add(&s->text, text);
    for (size_t i = from; !s->text.failed && i < s->text.n; i++)
        if (is_blank(s->text.p[i]))
            s->text.p[i] = ' ';
    return s->text.failed ? fail_text(s) : SM_OK;
}

static sm_rc parse(struct story *s, size_t part)
{
    sm_part_handler handler = { on_start, on_end, on_text, s };
    sm_rc rc = sm_package_parse_text(s->d->package, part, s->raw, &handler);
    if (rc == SM_OK)
        rc = drop_carry(s);
    if (rc == SM_OK && s->text.failed)
        rc = fail_text(s);
    if (s->place == SM_PAR_BODY && layout(s)->n_sections <= (size_t)s->section)
        sm_layout_add_section(s->d->b);
    return rc;
}

sm_rc sm_story_read(sm_stories *d, size_t part, sm_par_place place, const sm_story_margin *margin)
{
    sm_reader *r = d->b->r;
    struct story s = { .d = d,
                       .op = r->op,
                       .place = place,
                       .pages = margin ? margin->pages : SM_PAGES_ALL,
                       .section = margin ? margin->section : 0 };
    size_t depth = (size_t)SM_MAX(r->limits->xml_depth, 0) + 1;
    s.frame = SM_NEWS(r->op->arena, struct frame, depth);
    s.chosen = SM_NEWS(r->op->arena, bool, depth);
    sm_rc rc = sm_layout_add_part(d->b, sm_package_name(d->package, part), &s.part);
    if (rc == SM_OK)
        rc = sm_package_unpack(d->package, part, &s.raw);
    if (rc < 0)
        return rc;
    sm_buf_init(&s.text, r->limits->text_bytes);
    rc = parse(&s, part);
    sm_buf_done(&s.text);
    return rc;
}
