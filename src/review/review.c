/*
 * Runs the rules over a document as its parts are recognised, and puts what they find in order.
 */
#include "review/review.h"

#include <stdlib.h>
#include <string.h>

#include "review/pack.h"

enum { MAX_PARS = 20000, MAX_FINDINGS = 20000 };

/* ---------------------------------------------------------------- findings */

/* The review has failed: what is found from now on is written over the last one. */
static sm_finding *one_too_many(sm_check *c)
{
    sm_fail(c->op, SM_E_LIMIT, "发现的问题超过%d处，请先核对这是不是一份公文", MAX_FINDINGS);
    return &c->found[MAX_FINDINGS - 1];
}

/* start and end are bytes until the review is over (in_characters). */
sm_finding *sm_find(sm_check *c, const sm_rule *rule, const sm_line *line, size_t at, size_t n)
{
    if (c->n_found >= MAX_FINDINGS)
        return one_too_many(c);
    SM_GROW(c->a, c->found, c->n_found, c->cap);
    sm_finding *f = &c->found[c->n_found++];
    *f = (sm_finding){ .rule = rule, .para = -1, .why = rule->why, .confidence = .9 };
    if (!line)
        return f;
    f->para = line->para;
    f->text = sm_str_sub(line->par->text, at, at + n);
    f->start = SM_MIN(at, line->par->text.n);
    f->end = f->start + f->text.n;
    f->page = line->par->page;
    return f;
}

sm_finding *sm_find_slice(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str slice)
{
    return sm_find(c, rule, line, (size_t)(slice.p - line->par->text.p), slice.n);
}

void sm_propose(sm_finding *f, sm_str text)
{
    f->suggests = true;
    f->suggest = text;
    f->deletes = text.n == 0;
}

void sm_because(sm_check *c, sm_finding *f, const char *fmt, ...)
{
    char text[2048];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    sm_str s = { text, n < 0 ? 0 : SM_MIN((size_t)n, sizeof(text) - 1) };
    f->why = sm_str_dup(c->a, sm_utf8_fit(s, s.n));
}

static int by_place(const void *a, const void *b)
{
    const sm_finding *x = a, *y = b;
    if (x->para != y->para)
        return x->para < y->para ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1; /* the wider one first */
    if (x->rule->severity != y->rule->severity)
        return x->rule->severity < y->rule->severity ? -1 : 1;
    return sm_str_cmp(x->rule->id, y->rule->id);
}

static bool same(const sm_finding *x, const sm_finding *y)
{
    return x->rule == y->rule && x->para == y->para && x->start == y->start && x->end == y->end &&
           sm_str_eq(x->suggest, y->suggest) && sm_str_eq(x->why, y->why);
}

static void in_order(sm_check *c)
{
    if (!c->n_found)
        return;
    qsort(c->found, c->n_found, sizeof(*c->found), by_place);
    size_t n = 1;
    for (size_t i = 1; i < c->n_found; i++)
        if (!same(&c->found[i], &c->found[n - 1]))
            c->found[n++] = c->found[i];
    c->n_found = n;
}

/* In one walk over each paragraph, for they are in order. */
static void in_characters(sm_check *c)
{
    int para = -1;
    size_t bytes = 0, characters = 0;
    for (size_t i = 0; i < c->n_found; i++) {
        sm_finding *f = &c->found[i];
        if (f->para < 0)
            continue;
        if (f->para != para) {
            para = f->para;
            bytes = characters = 0;
        }
        sm_str text = c->doc->par[para].text;
        characters += sm_utf8_count(sm_str_sub(text, bytes, f->start));
        bytes = f->start;
        f->start = characters;
        f->end = characters + sm_utf8_count(f->text);
    }
}

/* ------------------------------------------------------------ what is run */

bool sm_named(const json_t *list, sm_str name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (sm_str_eq((sm_str){ json_string_value(v), json_string_length(v) }, name))
            return true;
    }
    return false;
}

static bool in_effect(const sm_rule *r, sm_str today)
{
    if (!today.n)
        return true;
    return (!r->from.n || sm_str_cmp(today, r->from) >= 0) &&
           (!r->to.n || sm_str_cmp(today, r->to) <= 0);
}

/* Any rule may be for some kinds of document alone: params kinds, not_kinds. */
static bool is_for(const sm_check *c, const sm_rule *r)
{
    if (c->opt->only)
        return sm_str_eq(r->id, sm_str_of(c->opt->only));
    return r->on && in_effect(r, c->opt->today);
}

static bool of_kind(const sm_check *c, const sm_rule *r)
{
    const json_t *kinds = sm_param(r, "kinds");
    return (!kinds || sm_named(kinds, c->o->kind)) &&
           !sm_named(sm_param(r, "not_kinds"), c->o->kind);
}

bool sm_rule_applies(const sm_check *c, const sm_rule *r)
{
    return is_for(c, r) && of_kind(c, r);
}

static sm_rc run_rules(sm_check *c)
{
    for (size_t i = 0; i < c->rules->n; i++) {
        const sm_rule *r = &c->rules->rule[i];
        if (!sm_rule_applies(c, r))
            continue;
        sm_rc rc = sm_op_check(c->op);
        if (rc != SM_OK)
            return rc;
        size_t before = c->n_found;
        sm_checker_named(r->checker)->run(c, r);
        if (c->op->rc != SM_OK)
            return c->op->rc;
        double sure = sm_param_num(r, "confidence", -1);
        for (size_t k = before; sure >= 0 && k < c->n_found; k++)
            c->found[k].confidence = sure;
    }
    return SM_OK;
}

/* -------------------------------------------------------- marks of secrecy */

/* A pack without the rule stops all the same. */
static const sm_rule secrecy_rule = {
    .id = { "B12", 3 },
    .severity = SM_ERROR,
    .title = { "密级标志", 12 },
    .why = { "非涉密系统不得处理带密级标志的文件", 51 },
    .source = { "保守国家秘密法", 21 },
    .status = { "H", 1 },
    .on = true,
};

static const sm_rule *rule_of_secrecy(const sm_rules *rules)
{
    for (size_t i = 0; i < rules->n; i++)
        if (sm_str_eq(rules->rule[i].id, secrecy_rule.id))
            return &rules->rule[i];
    return &secrecy_rule;
}

/* A page's own header or footer that is one. */
static sm_str mark_of_page(const sm_layout *l)
{
    for (size_t i = l->n_body; i < l->n_pars; i++)
        if ((l->par[i].place == SM_PAR_HEADER || l->par[i].place == SM_PAR_FOOTER) &&
            sm_text_secret_mark(l->par[i].text).n)
            return sm_str_trim(l->par[i].text);
    return (sm_str){ 0 };
}

static sm_str mark_of_properties(const sm_layout *l)
{
    for (size_t i = 0; i < l->n_props; i++)
        if (sm_text_secret_mark(l->prop[i].value).n)
            return l->prop[i].value;
    return (sm_str){ 0 };
}

/* In mark position, or a number of a secret series. */
static const sm_line *line_of_secrecy(const sm_outline *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == SM_ROLE_SECRECY ||
            (o->line[i].role == SM_ROLE_NUMBER && sm_text_secret_doc_no(o->line[i].text)))
            return &o->line[i];
    return NULL;
}

static bool stops(sm_check *c)
{
    const sm_rule *rule = rule_of_secrecy(c->rules);
    const sm_line *line = line_of_secrecy(c->o);
    if (line) {
        sm_find_slice(c, rule, line, line->text);
        return true;
    }
    sm_str mark = mark_of_page(c->doc);
    mark = mark.n ? mark : mark_of_properties(c->doc);
    if (mark.n)
        sm_find(c, rule, NULL, 0, 0)->text = mark;
    return mark.n > 0;
}

/* ------------------------------------------------------------------ review */

static sm_rc check_input(sm_op *op, const sm_layout *doc)
{
    if (doc->n_body > MAX_PARS)
        return sm_fail(op, SM_E_LIMIT, "文件超过%d段", MAX_PARS);
    for (size_t i = 0; i < doc->n_body; i++)
        if (!sm_utf8_valid(doc->par[i].text, NULL))
            return sm_fail(op, SM_E_INVALID, "第%zu段不是UTF-8文字", i + 1);
    return SM_OK;
}

sm_rc sm_review_run(sm_op *op, const sm_layout *doc, const sm_rules *rules,
                    const sm_review_options *o, sm_review **out)
{
    sm_outline outline = { 0 };
    sm_rc rc = check_input(op, doc);
    if (rc == SM_OK)
        rc = sm_outline_read(op, doc, o->roster, &outline);
    if (rc != SM_OK)
        return rc;
    sm_check c = { .op = op,
                   .a = op->arena,
                   .doc = doc,
                   .o = &outline,
                   .opt = o,
                   .roster = o->roster,
                   .rules = rules };
    sm_review *r = SM_NEW(op->arena, sm_review);
    /* A rule that is tried alone sees what stands in the mark's place. */
    bool other = o->only && !sm_str_eq(sm_str_of(o->only), secrecy_rule.id);
    r->classified = !other && stops(&c);
    if (!r->classified)
        rc = run_rules(&c);
    if (rc != SM_OK)
        return rc;
    in_order(&c);
    in_characters(&c);
    r->finding = c.found;
    r->n = c.n_found;
    r->kind = outline.kind;
    *out = r;
    return SM_OK;
}

json_t *sm_review_finding_json(const sm_finding *f)
{
    json_t *j = json_object();
    json_object_set_new(j, "rule", sm_json_of(f->rule->id));
    json_object_set_new(j, "severity", json_string(sm_severity_name(f->rule->severity)));
    json_object_set_new(j, "para", json_integer(f->para));
    json_object_set_new(j, "start", json_integer((json_int_t)f->start));
    json_object_set_new(j, "end", json_integer((json_int_t)f->end));
    json_object_set_new(j, "text", sm_json_of(f->text));
    json_object_set_new(j, "suggest", f->suggests ? sm_json_of(f->suggest) : json_null());
    json_object_set_new(j, "why", sm_json_of(f->why));
    json_object_set_new(j, "source", sm_json_of(f->rule->source));
    json_object_set_new(j, "status", sm_json_of(f->rule->status));
    json_object_set_new(j, "confidence", json_real(f->confidence));
    json_object_set_new(j, "model", json_boolean(f->by_model));
    json_object_set_new(j, "page", json_integer(f->page));
    return j;
}
