/* The text of a story: runs with their looks and places, and fields. */
#include "format/story_inner.h"

#include "text/text.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ runs */

const sm_wml_style *sm_story_table_style(struct sm_story *s)
{
    const struct sm_story_frame *t = sm_story_around(s, 't');
    return t && t->table_style.n ? sm_wml_find_style(s->d->wml, "table", t->table_style) : NULL;
}

static const sm_wml_run *look_of(struct sm_story *s, struct sm_story_frame *f)
{
    static const sm_wml_run none = { 0 };
    if (!f->looked)
        f->look = sm_wml_run_look(s->d->wml, sm_story_table_style(s), f->style,
                                  f->in_run ? &f->run : &none);
    f->looked = true;
    return &f->look;
}

sm_run sm_story_as_run(const sm_wml_run *look, uint16_t part)
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

static sm_str field_name(struct sm_story *s)
{
    for (size_t i = SM_MIN(s->n_fields, (size_t)SM_STORY_FIELDS); i-- > 0;) {
        sm_str name = { s->field[i].name, s->field[i].n_name };
        if (!is_written(name))
            return sm_str_dup(s->op->arena, name);
    }
    return (sm_str){ 0 };
}

/* Instructions of fields are never seen, nor what is computed inside one. */
static bool is_shown(const struct sm_story *s)
{
    for (size_t i = 0; i < SM_MIN(s->n_fields, (size_t)SM_STORY_FIELDS); i++)
        if (!s->field[i].shown)
            return false;
    return true;
}

/* The `n` bytes that are last on the stack of text become a run. */
static sm_rc push_run(struct sm_story *s, struct sm_story_frame *f, size_t n, size_t at,
                      size_t n_at)
{
    sm_rc rc = sm_layout_check_runs(s->d->b, s->n_runs);
    if (rc < 0)
        return rc;
    SM_GROW(s->op->arena, s->run, s->n_runs, s->cap_runs);
    sm_run *run = &s->run[s->n_runs++];
    *run = sm_story_as_run(look_of(s, f), s->part);
    run->text.n = n;
    run->at = n_at ? at : 0;
    run->n_at = n_at;
    run->field = field_name(s);
    for (size_t i = 0; i < SM_MIN(s->n_fields, (size_t)SM_STORY_FIELDS); i++)
        s->field[i].any = true;
    return SM_OK;
}

/* The paragraph that takes text now; NULL: none does. */
static struct sm_story_frame *taker(struct sm_story *s)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    return f && (f->in_run || s->math) && is_shown(s) && !look_of(s, f)->hidden ? f : NULL;
}

static sm_rc add_made(struct sm_story *s, sm_str text)
{
    struct sm_story_frame *f = taker(s);
    if (!f)
        return SM_OK;
    sm_buf_add(&s->text, text);
    return push_run(s, f, text.n, 0, 0);
}

static sm_rc on_tab(struct sm_story *s, const char **atts)
{
    (void)atts;
    return add_made(s, SM_STR("\t"));
}

static sm_rc on_hyphen(struct sm_story *s, const char **atts)
{
    (void)atts;
    return add_made(s, SM_STR("-"));
}

static sm_rc on_br(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    const char *type = sm_wml_attr(atts, "type");
    if (f && strcmp(type, "page") == 0) {
        if (s->text.n > f->text_from)
            s->next_breaks = true;
        else
            f->breaks = true;
    }
    return *type && strcmp(type, "textWrapping") != 0 ? SM_OK : add_made(s, SM_STR("\u2028"));
}

/* Where a page began when the file was last set and saved. */
static sm_rc on_page(struct sm_story *s, const char **atts)
{
    (void)atts;
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (s->place != SM_PAR_BODY)
        return SM_OK;
    s->page++;
    if (f && s->text.n == f->text_from)
        sm_story_layout(s)->par[f->par].page = s->page;
    return SM_OK;
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

static sm_rc on_sym(struct sm_story *s, const char **atts)
{
    unsigned long c = strtoul(sm_wml_attr(atts, "char"), NULL, 16);
    char text[4];
    if (c < 0x20 || c > 0xffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    return add_made(s, (sm_str){ text, sm_utf8_put(symbol((uint32_t)c), text) });
}

sm_rc sm_story_begin_text(struct sm_story *s, const char **atts)
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
static void trim_last(struct sm_story *s, sm_str *raw)
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

sm_rc sm_story_end_text(struct sm_story *s, const char **atts)
{
    (void)atts;
    size_t end, behind;
    struct sm_story_frame *f = sm_story_top(s, 'p');
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

static sm_rc on_r(struct sm_story *s, const char **atts)
{
    (void)atts;
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (f) {
        f->in_run = true;
        f->looked = false;
        f->run = (sm_wml_run){ 0 };
    }
    return SM_OK;
}

static sm_rc on_r_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (f)
        f->in_run = f->looked = false;
    return SM_OK;
}

static sm_rc on_run_props(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (!f || !f->in_run)
        return sm_story_skip(s, atts);
    f->looked = false;
    s->in_run_props = &f->run;
    return SM_OK;
}

static sm_rc on_run_props_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_run_props = NULL;
    return SM_OK;
}

/* Properties of a run or of a paragraph's mark; what was deleted may be the mark itself. */
sm_rc sm_story_run_prop(struct sm_story *s, const char *local, const char **atts)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    bool of_mark = f && s->in_run_props == &f->mark;
    if (strcmp(local, "rPrChange") == 0)
        return sm_story_skip_change(s, atts);
    if (of_mark && (strcmp(local, "del") == 0 || strcmp(local, "moveFrom") == 0)) {
        f->deleted = true;
        return sm_story_note_change(s, atts);
    }
    if (of_mark && (strcmp(local, "ins") == 0 || strcmp(local, "moveTo") == 0))
        return sm_story_note_change(s, atts);
    sm_wml_run_property(s->d->wml, s->in_run_props, local, atts);
    return SM_OK;
}

/* ---------------------------------------------------------------- fields */

static void begin_field(struct sm_story *s)
{
    if (s->n_fields < SM_STORY_FIELDS)
        s->field[s->n_fields] = (struct sm_story_field){ 0 };
    s->n_fields++;
}

static struct sm_story_field *field(struct sm_story *s)
{
    return s->n_fields && s->n_fields <= SM_STORY_FIELDS ? &s->field[s->n_fields - 1] : NULL;
}

/* The first word of the instruction, which may come in pieces. */
static void add_code(struct sm_story_field *f, sm_str code)
{
    for (size_t i = 0; i < code.n && !f->named; i++) {
        bool blank = is_blank(code.p[i]) || code.p[i] == '\\';
        if (blank && f->n_name == 0)
            continue;
        f->named = blank || f->n_name == SM_STORY_FIELD_NAME || (code.p[i] & 0x80);
        if (!f->named)
            f->name[f->n_name++] = code.p[i];
    }
}

/* A field without a result is still seen. */
static sm_rc end_field(struct sm_story *s)
{
    struct sm_story_field *f = field(s);
    struct sm_story_frame *p = sm_story_top(s, 'p');
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

static sm_rc on_field_char(struct sm_story *s, const char **atts)
{
    const char *type = sm_wml_attr(atts, "fldCharType");
    struct sm_story_field *f = field(s);
    if (strcmp(type, "begin") == 0)
        begin_field(s);
    else if (strcmp(type, "separate") == 0 && f)
        f->shown = true;
    else if (strcmp(type, "end") == 0)
        return end_field(s);
    return SM_OK;
}

static sm_rc on_simple_field(struct sm_story *s, const char **atts)
{
    begin_field(s);
    struct sm_story_field *f = field(s);
    if (f) {
        add_code(f, sm_str_of(sm_wml_attr(atts, "instr")));
        f->shown = true;
    }
    return SM_OK;
}

static sm_rc on_simple_field_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    return end_field(s);
}

static sm_rc on_code(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_code = true;
    return SM_OK;
}

static sm_rc on_code_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_code = false;
    return SM_OK;
}

sm_rc sm_story_fail_text(struct sm_story *s)
{
    return sm_fail(s->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件后再提交",
                   s->d->b->r->name, s->d->b->r->limits->text_bytes);
}

sm_rc sm_story_text(void *ctx, sm_str text)
{
    struct sm_story *s = ctx;
    if (s->skip_from)
        return SM_OK;
    struct sm_story_field *f = field(s);
    if (s->in_code && f && !f->shown)
        add_code(f, text);
    if (!s->in_text)
        return SM_OK;
    size_t from = s->text.n;
    sm_buf_add(&s->text, text);
    for (size_t i = from; !s->text.failed && i < s->text.n; i++)
        if (is_blank(s->text.p[i]))
            s->text.p[i] = ' ';
    return s->text.failed ? sm_story_fail_text(s) : SM_OK;
}

const sm_story_element sm_story_text_elements[] = {
    /* in the order of bytes */
    { "br", on_br, NULL },
    { "cr", on_br, NULL },
    { "fldChar", on_field_char, NULL },
    { "fldSimple", on_simple_field, on_simple_field_end },
    { "instrText", on_code, on_code_end },
    { "lastRenderedPageBreak", on_page, NULL },
    { "noBreakHyphen", on_hyphen, NULL },
    { "ptab", on_tab, NULL },
    { "r", on_r, on_r_end },
    { "rPr", on_run_props, on_run_props_end },
    { "sym", on_sym, NULL },
    { "t", sm_story_begin_text, sm_story_end_text },
    { "tab", on_tab, NULL },
};
const size_t sm_story_n_text_elements = SM_LEN(sm_story_text_elements);
