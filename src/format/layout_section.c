/* The sections of a body: page, margins, grid, and the headers and footers they name. */
#include "format/story_inner.h"

#include <string.h>

static const double MM_A_TWIP = 25.4 / 1440;

/* -------------------------------------------------------------- sections */

sm_rc sm_story_begin_section(struct sm_story *s, const char **atts)
{
    struct sm_story_frame *f = sm_story_top(s, 'p');
    if (s->place != SM_PAR_BODY)
        return sm_story_skip(s, atts);
    s->in_section = true;
    s->now = (sm_section){ .even_differs = sm_wml_even_differs(s->d->wml) };
    s->grid_pitch = s->grid_chars = 0;
    s->grid_type = "";
    s->continuous = false;
    if (f)
        f->ends_section = true;
    return SM_OK;
}

static sm_rc add_margin(struct sm_story *s, sm_par_place place, const char **atts)
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

static void on_page_grid(struct sm_story *s, const char **atts)
{
    static const char *const types[] = { "lines", "linesAndChars", "snapToChars" };
    const char *type = sm_wml_attr(atts, "type");
    for (size_t i = 0; i < SM_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            s->grid_type = types[i];
    sm_wml_twips(sm_wml_attr(atts, "linePitch"), &s->grid_pitch);
    sm_wml_number(sm_wml_attr(atts, "charSpace"), &s->grid_chars);
}

sm_rc sm_story_section_prop(struct sm_story *s, const char *local, const char **atts)
{
    const char *value = sm_wml_attr(atts, "val");
    if (strcmp(local, "sectPrChange") == 0)
        return sm_story_skip_change(s, atts);
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
static void set_grid(struct sm_story *s)
{
    static const double points_a_mm = 72 / 25.4;
    sm_section *now = &s->now;
    if (!*s->grid_type || s->grid_pitch <= 0)
        return;
    now->grid_line = s->grid_pitch / SM_STORY_TWIPS_A_POINT;
    now->grid_lines = whole((now->high - now->top - now->bottom) * points_a_mm / now->grid_line);
    double one = s->d->normal_size + s->grid_chars / 4096;
    if (strcmp(s->grid_type, "lines") != 0 && one > 0)
        now->grid_chars = whole((now->wide - now->left - now->right) * points_a_mm / one);
}

/* A section that begins a page makes its first paragraph begin one. */
static void break_before(struct sm_story *s)
{
    sm_layout *l = sm_story_layout(s);
    for (size_t i = l->n_pars; i-- > 0 && l->par[i].section == s->section;)
        if (i == 0 || l->par[i - 1].section != s->section)
            l->par[i].breaks |= i > 0;
}

sm_rc sm_story_end_section(struct sm_story *s, const char **atts)
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
