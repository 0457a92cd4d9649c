/* The body of a DOCX, a header, a footer, its notes: ISO/IEC 29500-1 chapter 17.  What is deleted
 * or hidden is left out, what is inserted is taken; a text box follows the paragraph that anchors
 * it. */
#include "format/story_inner.h"

#include "text/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 1000 };
static const double TWIPS_A_LINE = 240;

struct sm_story_frame *sm_story_top(struct sm_story *s, char kind)
{
    struct sm_story_frame *f = s->n_frames ? &s->frame[s->n_frames - 1] : NULL;
    return f && f->kind == kind ? f : NULL;
}

/* The innermost cell, row or table that no text box parts from here. */
struct sm_story_frame *sm_story_around(struct sm_story *s, char kind)
{
    for (size_t i = s->n_frames; i-- > 0 && s->frame[i].kind != 'b';)
        if (s->frame[i].kind == kind)
            return &s->frame[i];
    return NULL;
}

sm_layout *sm_story_layout(const struct sm_story *s)
{
    return s->d->b->l;
}

sm_rc sm_story_skip(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->skip_from = s->depth;
    return SM_OK;
}

sm_rc sm_story_skip_change(struct sm_story *s, const char **atts)
{
    sm_story_layout(s)->flags |= SM_LAYOUT_CHANGES;
    return sm_story_skip(s, atts);
}

sm_rc sm_story_note_change(struct sm_story *s, const char **atts)
{
    (void)atts;
    sm_story_layout(s)->flags |= SM_LAYOUT_CHANGES;
    return SM_OK;
}

/* ------------------------------------------------------------ paragraphs */

/* The size that characters of an indent are counted in: the first ones'. */
static double char_size(const struct sm_story *s, const struct sm_story_frame *f,
                        const sm_wml_run *mark)
{
    return s->n_runs > f->run_from ? s->run[f->run_from].size : mark->size;
}

static double chars_or(const sm_wml_par *look, unsigned bit, double chars, double size,
                       double twips)
{
    return look->set & bit && chars != 0 ? chars / 100 * size : twips / SM_STORY_TWIPS_A_POINT;
}

/* A gap in lines comes with what it was in twips when the file was written. */
static double gap(const sm_wml_par *look, unsigned bit, double twips, unsigned lines_bit,
                  double lines)
{
    if (look->set & lines_bit && lines != 0 && !(look->set & bit))
        twips = lines / 100 * TWIPS_A_LINE;
    return twips / SM_STORY_TWIPS_A_POINT;
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
        p->line = k->line / SM_STORY_TWIPS_A_POINT;
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
static sm_rc take_text(struct sm_story *s, const struct sm_story_frame *f, sm_str label,
                       const sm_wml_run *label_look)
{
    sm_par *p = &sm_story_layout(s)->par[f->par];
    sm_arena *a = s->op->arena;
    sm_str text = sm_str_after(sm_buf_str(&s->text), f->text_from);
    size_t n_runs = s->n_runs - f->run_from + (label.n > 0);
    char *to = text.n + label.n ? sm_alloc(a, text.n + label.n) : NULL;
    sm_run *run = n_runs ? SM_NEWS(a, sm_run, n_runs) : NULL;
    if (label.n) {
        memcpy(to, label.p, label.n);
        run[0] = sm_story_as_run(label_look, s->part);
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

static sm_rc finish_par(struct sm_story *s, const struct sm_story_frame *f)
{
    const sm_wml_style *table = sm_story_table_style(s), *style = f->style;
    sm_wml_par look = sm_wml_par_look(s->d->wml, table, style, &f->own);
    sm_wml_run mark = sm_wml_run_look(s->d->wml, table, style, &f->mark), level = { 0 };
    sm_str label = { 0 };
    sm_par *p = &sm_story_layout(s)->par[f->par];
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
static sm_rc drop_carry(struct sm_story *s)
{
    if (!s->carried)
        return SM_OK;
    s->carried = false;
    return finish_par(s, &s->carry);
}

static sm_rc push(struct sm_story *s, const struct sm_story_frame *f)
{
    sm_rc rc = drop_carry(s);
    s->frame[s->n_frames] = *f;
    s->frame[s->n_frames++].depth = s->depth;
    return rc;
}

static sm_rc pop(struct sm_story *s)
{
    sm_rc rc = drop_carry(s);
    s->n_frames--;
    return rc;
}

static void place_par(struct sm_story *s, sm_par *p)
{
    const struct sm_story_frame *cell = sm_story_around(s, 'c'), *row = sm_story_around(s, 'r');
    bool boxed = false;
    for (size_t i = 0; i < s->n_frames; i++)
        boxed |= s->frame[i].kind == 'b';
    p->place = s->place != SM_PAR_BODY ? s->place
               : cell                  ? SM_PAR_CELL
               : boxed                 ? SM_PAR_BOX
                                       : SM_PAR_BODY;
    p->pages = s->pages;
    p->section = s->section;
    p->page = s->page;
    p->part = s->part;
    p->breaks = s->next_breaks;
    s->next_breaks = false;
    if (cell && row) {
        p->table = row->table;
        p->row = row->row;
        p->col = cell->col;
    }
}

static sm_rc on_p(struct sm_story *s, const char **atts)
{
    (void)atts;
    size_t at, behind;
    sm_package_place(s->d->package, &at, &behind);
    struct sm_story_frame f = { .kind = 'p', .depth = s->depth };
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
        f.par = sm_story_layout(s)->n_pars - 1;
    }
    s->frame[s->n_frames++] = f;
    return SM_OK;
}

static sm_rc on_p_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    size_t from, to;
    sm_rc rc = sm_story_top(s, 'p') ? drop_carry(s) : SM_OK;
    if (rc < 0 || !sm_story_top(s, 'p'))
        return rc;
    sm_package_place(s->d->package, &from, &to);
    struct sm_story_frame f = s->frame[--s->n_frames];
    sm_par *p = &sm_story_layout(s)->par[f.par];
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

static sm_rc on_par_props(struct sm_story *s, const char **atts)
{
    if (!sm_story_top(s, 'p'))
        return sm_story_skip(s, atts);
    s->in_par_props = true;
    return SM_OK;
}

static sm_rc on_par_props_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_par_props = false;
    return SM_OK;
}

static sm_rc on_par_prop(struct sm_story *s, const char *local, const char **atts)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (!f)
        return SM_OK;
    if (strcmp(local, "rPr") == 0)
        s->in_run_props = &f->mark;
    else if (strcmp(local, "sectPr") == 0)
        return sm_story_begin_section(s, atts);
    else if (strcmp(local, "pPrChange") == 0)
        return sm_story_skip_change(s, atts);
    else if (strcmp(local, "numberingChange") == 0)
        return sm_story_note_change(s, atts);
    else if (strcmp(local, "pStyle") == 0)
        f->style = sm_wml_find_style(s->d->wml, "paragraph", sm_str_of(sm_wml_attr(atts, "val")));
    else
        sm_wml_par_property(s->d->wml, &f->own, local, atts);
    return SM_OK;
}

/* ---------------------------------------------------------------- tables */

static sm_rc on_tbl(struct sm_story *s, const char **atts)
{
    (void)atts;
    struct sm_story_frame table = { .kind = 't', .table = s->d->n_tables++, .row = -1 };
    return push(s, &table);
}

static sm_rc on_tr(struct sm_story *s, const char **atts)
{
    (void)atts;
    struct sm_story_frame *t = sm_story_top(s, 't');
    struct sm_story_frame row = { .kind = 'r', .table = -1, .row = -1 };
    if (t) {
        row.table = t->table;
        row.row = ++t->row;
    }
    return push(s, &row);
}

static sm_rc on_tc(struct sm_story *s, const char **atts)
{
    (void)atts;
    const struct sm_story_frame *r = sm_story_top(s, 'r');
    struct sm_story_frame cell = { .kind = 'c', .col = r ? r->col : 0, .span = 1 };
    return push(s, &cell);
}

static sm_rc on_tbl_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    return sm_story_top(s, 't') ? pop(s) : SM_OK;
}

static sm_rc on_tr_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    return sm_story_top(s, 'r') ? pop(s) : SM_OK;
}

static sm_rc on_tc_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    if (!sm_story_top(s, 'c'))
        return SM_OK;
    int span = sm_story_top(s, 'c')->span;
    sm_rc rc = pop(s);
    struct sm_story_frame *r = sm_story_top(s, 'r');
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

static sm_rc on_grid_span(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *c = sm_story_top(s, 'c');
    if (c)
        c->span = SM_MAX(columns(atts), 1);
    return SM_OK;
}

static sm_rc on_grid_before(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *r = sm_story_top(s, 'r');
    if (r)
        r->col += columns(atts);
    return SM_OK;
}

static sm_rc on_table_style(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *t = sm_story_top(s, 't');
    if (t)
        t->table_style = sm_str_dup(s->op->arena, sm_str_of(sm_wml_attr(atts, "val")));
    return SM_OK;
}

static sm_rc on_row_props(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_row_props = true;
    return SM_OK;
}

static sm_rc on_row_props_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    s->in_row_props = false;
    return SM_OK;
}

/* Deleted text, or, among its properties, a whole row. */
static sm_rc on_del(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *r = sm_story_top(s, 'r');
    sm_story_skip_change(s, atts);
    if (s->in_row_props && r) {
        s->skip_from = r->depth;
        s->in_row_props = false;
        s->n_frames--;
    }
    return SM_OK;
}

static sm_rc on_box(struct sm_story *s, const char **atts)
{
    (void)atts;
    return push(s, &(struct sm_story_frame){ .kind = 'b' });
}

static sm_rc on_box_end(struct sm_story *s, const char **atts)
{
    (void)atts;
    return sm_story_top(s, 'b') ? pop(s) : SM_OK;
}

/* ---------------------------------------------------------------- others */

static sm_rc on_note(struct sm_story *s, const char **atts)
{
    const char *type = sm_wml_attr(atts, "type");
    return *type && strcmp(type, "normal") != 0 ? sm_story_skip(s, atts) : SM_OK;
}

static sm_rc on_comment(struct sm_story *s, const char **atts)
{
    (void)atts;
    sm_story_layout(s)->flags |= SM_LAYOUT_COMMENTS;
    return SM_OK;
}

static const sm_story_element elements[] = {
    /* in the order of bytes */
    { "cellDel", sm_story_note_change, NULL },
    { "cellIns", sm_story_note_change, NULL },
    { "commentReference", on_comment, NULL },
    { "del", on_del, NULL },
    { "endnote", on_note, NULL },
    { "footnote", on_note, NULL },
    { "gridBefore", on_grid_before, NULL },
    { "gridSpan", on_grid_span, NULL },
    { "ins", sm_story_note_change, NULL },
    { "moveFrom", sm_story_skip_change, NULL },
    { "moveTo", sm_story_note_change, NULL },
    { "p", on_p, on_p_end },
    { "pPr", on_par_props, on_par_props_end },
    { "rt", sm_story_skip, NULL }, /* the reading beside a word */
    { "sdtPr", sm_story_skip, NULL },
    { "sectPr", sm_story_begin_section, sm_story_end_section },
    { "tbl", on_tbl, on_tbl_end },
    { "tblGridChange", sm_story_skip_change, NULL },
    { "tblPrChange", sm_story_skip_change, NULL },
    { "tblStyle", on_table_style, NULL },
    { "tc", on_tc, on_tc_end },
    { "tcPrChange", sm_story_skip_change, NULL },
    { "tr", on_tr, on_tr_end },
    { "trPr", on_row_props, on_row_props_end },
    { "trPrChange", sm_story_skip_change, NULL },
    { "txbxContent", on_box, on_box_end },
};

static int compare_name(const void *name, const void *element)
{
    return strcmp(name, ((const sm_story_element *)element)->name);
}

static const sm_story_element *element_of(const char *local)
{
    const sm_story_element *e =
        bsearch(local, sm_story_text_elements, sm_story_n_text_elements, sizeof(*e), compare_name);
    return e ? e : bsearch(local, elements, SM_LEN(elements), sizeof(*e), compare_name);
}

/* --------------------------------------------------- other vocabularies */

/* mc:AlternateContent is there to be read once: its first choice, or what stands in for all. */
static sm_rc on_choice(struct sm_story *s, const char **atts)
{
    if (s->n_chosen == 0)
        return SM_OK;
    if (s->chosen[s->n_chosen - 1])
        return sm_story_skip(s, atts);
    s->chosen[s->n_chosen - 1] = true;
    return SM_OK;
}

static sm_rc on_alien(struct sm_story *s, const char *local, const char **atts)
{
    if (strcmp(local, "AlternateContent") == 0)
        s->chosen[s->n_chosen++] = false;
    else if (strcmp(local, "Choice") == 0 || strcmp(local, "Fallback") == 0)
        return on_choice(s, atts);
    else if (strcmp(local, "oMath") == 0)
        s->math++;
    else if (strcmp(local, "t") == 0 && s->math)
        return sm_story_begin_text(s, atts);
    else
        sm_wml_shape_start(&s->shape, local, atts);
    return SM_OK;
}

static sm_rc on_alien_end(struct sm_story *s, const char *local)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    uint32_t colour;
    if (strcmp(local, "AlternateContent") == 0)
        s->n_chosen -= s->n_chosen > 0;
    else if (strcmp(local, "oMath") == 0)
        s->math -= s->math > 0;
    else if (strcmp(local, "t") == 0 && s->math)
        return sm_story_end_text(s, NULL);
    else if (sm_wml_shape_end(&s->shape, local, &colour) && f) {
        f->ruled = true;
        f->rule_colour = colour;
    }
    return SM_OK;
}

/* ------------------------------------------------------------- the parse */

/* Its root's prefix is the story's, whatever namespace it stands for. */
static void learn_prefix(struct sm_story *s, const char *root)
{
    const char *colon = strchr(root, ':');
    size_t n = colon ? (size_t)(colon - root) : 0;
    s->begun = true;
    if (n <= SM_STORY_PREFIX) {
        memcpy(s->prefix, root, n);
        s->n_prefix = n;
    }
}

static sm_rc on_start(void *ctx, const char *name, const char **atts)
{
    struct sm_story *s = ctx;
    if (!s->begun)
        learn_prefix(s, name);
    s->depth++;
    if (s->skip_from)
        return SM_OK;
    if (s->in_text && sm_story_end_text(s, NULL) < 0) /* text holds no elements */
        return s->op->rc;
    const char *local = sm_wml_local(s->prefix, s->n_prefix, name);
    if (!local)
        return on_alien(s, sm_wml_any_local(name), atts);
    if (s->in_run_props)
        return sm_story_run_prop(s, local, atts);
    if (s->in_section)
        return sm_story_section_prop(s, local, atts);
    if (s->in_par_props)
        return on_par_prop(s, local, atts);
    const sm_story_element *e = element_of(local);
    return e ? e->start(s, atts) : SM_OK;
}

static sm_rc on_end(void *ctx, const char *name)
{
    struct sm_story *s = ctx;
    int depth = s->depth--;
    if (s->skip_from) {
        s->skip_from = depth == s->skip_from ? 0 : s->skip_from;
        return SM_OK;
    }
    const char *local = sm_wml_local(s->prefix, s->n_prefix, name);
    if (!local)
        return on_alien_end(s, sm_wml_any_local(name));
    const sm_story_element *e = element_of(local);
    return e && e->end ? e->end(s, NULL) : SM_OK;
}

/* A file that tells nothing of pages may have one or many. */
static void number_pages(struct sm_story *s)
{
    sm_layout *l = sm_story_layout(s);
    if (s->page > 1)
        l->n_pages = s->page;
    for (size_t i = 0; i < l->n_pars && s->page == 1; i++)
        l->par[i].page = 0;
}

static sm_rc parse(struct sm_story *s, size_t part)
{
    sm_part_handler handler = { on_start, on_end, sm_story_text, s };
    sm_rc rc = sm_package_parse_text(s->d->package, part, s->raw, &handler);
    if (rc == SM_OK)
        rc = drop_carry(s);
    if (rc == SM_OK && s->text.failed)
        rc = sm_story_fail_text(s);
    if (s->place == SM_PAR_BODY && sm_story_layout(s)->n_sections <= (size_t)s->section)
        sm_layout_add_section(s->d->b);
    if (s->place == SM_PAR_BODY)
        number_pages(s);
    return rc;
}

sm_rc sm_story_read(sm_stories *d, size_t part, sm_par_place place, const sm_story_margin *margin)
{
    sm_reader *r = d->b->r;
    struct sm_story s = { .d = d,
                          .op = r->op,
                          .place = place,
                          .pages = margin ? margin->pages : SM_PAGES_ALL,
                          .section = margin ? margin->section : 0,
                          .page = place == SM_PAR_BODY };
    size_t depth = (size_t)SM_MAX(r->limits->xml_depth, 0) + 1;
    s.frame = SM_NEWS(r->op->arena, struct sm_story_frame, depth);
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
