/*
 * Items that differ in whom or how much they are for: a bound in the name ("1000人以上不满5000人"),
 * or who and where it is restricted to ("涉外、涉港澳台居民及华侨结婚登记").
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

enum { LOOKED_AT = 6 };
/* Likeness to a wording given for the item; its probability. */
static const double AS_GOOD_AS_KNOWN = 0.75, SURELY_MEANT = 0.9;

/* ---------------------------------------------------------------- bounds */

/* "人" of "number:1000人"; with its kind, what a figure measures. */
static sm_str unit_of(const sm_fact *f)
{
    size_t at = f->key.n;
    while (at > 0 && !(f->key.p[at - 1] >= '0' && f->key.p[at - 1] <= '9'))
        at--;
    return sm_str_sub(f->key, at, f->key.n);
}

static bool measures_the_same(const sm_fact *a, const sm_fact *b)
{
    sm_str unit = unit_of(a);
    return a->kind == b->kind && sm_str_eq(unit, unit_of(b)) &&
           (a->kind != SM_FACT_NUMBER || unit.n);
}

static bool holds(const sm_fact *bound, double value)
{
    switch (bound->bound) {
    case SM_BOUND_AT_LEAST:
    case SM_BOUND_FROM:
        return value >= bound->value;
    case SM_BOUND_AT_MOST:
    case SM_BOUND_TO:
        return value <= bound->value;
    case SM_BOUND_MORE:
        return value > bound->value;
    case SM_BOUND_LESS:
        return value < bound->value;
    case SM_BOUND_NONE:
    case SM_BOUND_ABOUT:
        break;
    }
    return true;
}

enum fit { UNTOLD, FITS, IS_OUTSIDE };

/* How the figures of the question stand to the bounds in a name. */
static enum fit fit_of(sm_turn *t, sm_str name)
{
    sm_fact *bound, *asked;
    enum fit fit = UNTOLD;
    size_t n = sm_text_facts(t->op->arena, name, &bound);
    size_t n_asked = n ? sm_text_facts(t->op->arena, t->text, &asked) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_asked; k++) {
            if (bound[i].bound == SM_BOUND_NONE || !measures_the_same(&bound[i], &asked[k]))
                continue;
            if (!holds(&bound[i], asked[k].value))
                return IS_OUTSIDE;
            fit = FITS;
        }
    return fit;
}

static void swap(sm_hit *a, sm_hit *b)
{
    sm_hit one = *a;
    *a = *b;
    *b = one;
    double p = a->p; /* the places keep theirs */
    a->p = b->p;
    b->p = p;
}

sm_rc sm_keep_bounds(sm_turn *t)
{
    sm_matches *m = t->item;
    sm_str name;
    sm_rc rc = m->n ? sm_item_name(t, m->hit[0].id, &name) : SM_OK;
    if (rc < 0 || m->n == 0 || fit_of(t, name) != IS_OUTSIDE)
        return rc;
    for (size_t i = 1; rc == SM_OK && i < m->n && i < LOOKED_AT; i++) {
        rc = sm_item_name(t, m->hit[i].id, &name);
        if (rc == SM_OK && fit_of(t, name) == FITS) {
            swap(&m->hit[0], &m->hit[i]);
            break;
        }
    }
    return rc;
}

/* ----------------------------------------------------------- restrictions */

/* What restricts an item, as its name has it, and any word by which a question meets it. */
static const struct {
    const char *name[6], *met[16]; /* NULL ends */
} restrictions[] = {
    { { "涉外", "港澳台", "外国人", "华侨" },
      { "外", "国", "港", "澳", "台", "侨", "境", "洋", "籍", "护照", "签证", "人" } },
    { { "跨省", "异地", "市外" },
      { "省", "外", "异地", "跨", "老家", "回", "别的", "其他", "另", "转", "搬", "迁", "去",
        "来" } },
};

/* The name has a restriction that the question does not speak of. */
static bool is_restricted(const sm_turn *t, sm_str name)
{
    for (size_t i = 0; i < SM_LEN(restrictions); i++)
        if (HAS(name, restrictions[i].name) && !HAS(t->text, restrictions[i].met) &&
            sm_words_first(t->g->cities, t->text) == SIZE_MAX)
            return true;
    return false;
}

static sm_rc sibling_of(sm_turn *t, sm_str code, sm_str *out)
{
    sm_doc *doc;
    json_t *json;
    sm_rc rc = sm_item_of_code(t, code, &doc, &json);
    if (rc == SM_OK)
        *out = sm_json_str(json, "sibling_of");
    return rc;
}

sm_rc sm_plainer_sibling(sm_turn *t, sm_str *out)
{
    const sm_hit *best = &t->item->hit[0];
    sm_str name, sibling = { 0 };
    *out = (sm_str){ 0 };
    sm_rc rc = sm_item_name(t, best->id, &name);
    if (rc < 0 || !is_restricted(t, name) || best->p >= SURELY_MEANT ||
        t->item->first_one >= AS_GOOD_AS_KNOWN)
        return rc;
    rc = sibling_of(t, best->id, &sibling);
    if (rc < 0 || !sibling.n)
        return rc;
    rc = sm_item_name(t, sibling, &name);
    if (rc == SM_E_NOTFOUND) { /* the catalogue does not have it */
        sm_op_clear(t->op);
        return SM_OK;
    }
    if (rc == SM_OK && !is_restricted(t, name))
        *out = sibling;
    return rc;
}
