#include "format/laid.h"

#include <math.h>

sm_laid sm_laid_begin(sm_layout_build *to)
{
    return (sm_laid){ .to = to, .a = to->r->op->arena };
}

static sm_rc add(sm_laid *b, const sm_par *par)
{
    sm_par *p;
    sm_rc rc = sm_layout_add_par(b->to, &p);
    if (rc < 0)
        return rc;
    *p = *par;
    return sm_layout_set_text(b->to, p, par->text, par->run, par->n_runs);
}

sm_rc sm_laid_par(sm_laid *b, const sm_par *par)
{
    if (par->place != SM_PAR_HEADER && par->place != SM_PAR_FOOTER)
        return add(b, par);
    SM_GROW(b->a, b->margin, b->n_margin, b->cap_margin);
    b->margin[b->n_margin++] = *par;
    return SM_OK;
}

int sm_laid_section(sm_laid *b, double wide, double high)
{
    sm_layout *l = b->to->l;
    if (l->n_sections) {
        const sm_section *s = &l->section[l->n_sections - 1];
        if (fabs(s->wide - wide) < .5 && fabs(s->high - high) < .5)
            return (int)l->n_sections - 1;
    }
    sm_section *s = sm_layout_add_section(b->to);
    s->wide = wide, s->high = high, s->landscape = wide > high;
    return (int)l->n_sections - 1;
}

uint32_t sm_laid_look(sm_laid *b, const sm_look *look)
{
    enum { RECENT = 32 }; /* most text looks like what stands just before it */
    for (size_t i = b->n_looks; i > 0 && i + RECENT > b->n_looks; i--) {
        const sm_look *k = &b->look[i - 1];
        if (sm_str_eq(k->font, look->font) && k->size == look->size && k->bold == look->bold &&
            k->italic == look->italic && k->colour == look->colour)
            return (uint32_t)(i - 1);
    }
    SM_GROW(b->a, b->look, b->n_looks, b->cap_looks);
    b->look[b->n_looks] = *look;
    return (uint32_t)b->n_looks++;
}

void sm_laid_item(sm_laid *b, const sm_item *item)
{
    SM_GROW(b->a, b->item, b->n_items, b->cap_items);
    b->item[b->n_items++] = *item;
}

sm_rc sm_laid_end(sm_laid *b)
{
    sm_rc rc = sm_laid_join(b);
    b->to->l->n_body = b->to->l->n_pars;
    for (size_t i = 0; i < b->n_margin && rc == SM_OK; i++)
        rc = add(b, &b->margin[i]);
    return rc;
}
