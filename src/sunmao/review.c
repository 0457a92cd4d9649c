/*
 * Documents reviewed: the rule pack, an organisation's own folder and the laws known, put together.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/speller.h"
#include "sunmao/inner.h"
#include "sunmao/laws.h"

struct sm_reviewer {
    sm_rules *rules;
    sm_roster *roster;   /* NULL: none */
    sm_law_shelf *laws;  /* NULL: no corpus */
    sm_speller *speller; /* NULL: none was trained */
    sm_date today;
};

/* ---------------------------------------------------------------- opening */

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static sm_rc open_rules(sm_op *op, const char *shared, const char *own, sm_rules **out)
{
    const char *more = own ? sm_path(op->arena, own, "rules") : NULL;
    return sm_rules_open(op, sm_path(op->arena, shared, "rules"),
                         more && is_folder(more) ? more : NULL, out);
}

/* A registry without a line is none. */
static sm_rc open_roster(sm_op *op, const char *own, sm_roster **out)
{
    const sm_roster_organ *organ;
    const sm_roster_person *person;
    const sm_roster_term *term;
    sm_roster *r;
    sm_rc rc = sm_roster_open(op, own, &r);
    if (rc < 0)
        return rc;
    if (sm_roster_organs(r, &organ) + sm_roster_people(r, &person) + sm_roster_terms(r, &term) > 0)
        *out = r;
    else
        sm_roster_close(r);
    return SM_OK;
}

static sm_rc open_speller(sm_op *op, const char *data_dir, sm_speller **out)
{
    const char *path = sm_path(op->arena, data_dir, "model/" SM_SPELLER_FILE);
    return sm_file_exists(path) ? sm_speller_open(op, path, out) : SM_OK;
}

static sm_rc open_parts(sm_op *op, const sm_reviewer_options *o, sm_reviewer *r)
{
    sm_arena *a = op->arena;
    const char *share = o->share_dir ? o->share_dir : sm_share_dir(a);
    if (!share)
        return sm_fail(op, SM_E_NOTFOUND,
                       "找不到随程序安装的 share 文件夹；可用环境变量 SUNMAO_SHARE 指明");
    if (o->own_dir && !is_folder(o->own_dir))
        return sm_fail(op, SM_E_NOTFOUND, "没有文件夹 %s", o->own_dir);
    sm_rc rc = open_rules(op, sm_path(a, share, "review"), o->own_dir, &r->rules);
    if (rc == SM_OK && o->own_dir)
        rc = open_roster(op, o->own_dir, &r->roster);
    if (rc == SM_OK && o->data_dir)
        rc = sm_law_shelf_open(op, o->data_dir, &r->laws);
    if (rc == SM_OK && o->data_dir)
        rc = open_speller(op, o->data_dir, &r->speller);
    return rc;
}

sm_rc sm_reviewer_open(sm_op *op, const sm_reviewer_options *o, sm_reviewer **out)
{
    sm_reviewer *r = calloc(1, sizeof(*r));
    if (!r)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    r->today = o->today;
    sm_rc rc = open_parts(op, o, r);
    if (rc < 0) {
        sm_reviewer_close(r);
        return rc;
    }
    *out = r;
    return SM_OK;
}

void sm_reviewer_close(sm_reviewer *r)
{
    if (!r)
        return;
    sm_speller_close(r->speller);
    sm_law_shelf_close(r->laws);
    sm_roster_close(r->roster);
    sm_rules_close(r->rules);
    free(r);
}

const sm_rules *sm_reviewer_rules(const sm_reviewer *r)
{
    return r->rules;
}

void sm_sunmao_review_options(sm_arena *a, const sm_sunmao *s, sm_reviewer_options *o)
{
    const char *own = sm_path(a, s->data_dir, "review");
    o->share_dir = s->share_dir;
    o->data_dir = s->data_dir;
    if (!o->own_dir && is_folder(own))
        o->own_dir = own;
    if (o->today == SM_DATE_NONE)
        o->today = s->today;
}

/* -------------------------------------------------------------- reviewing */

/* What one review looks up; the corpus is asked when a rule first does. */
struct lookup {
    sm_op *op;
    const sm_reviewer *r;
    const sm_laws *laws;
    sm_date day;
};

/* A failure to read is the operation's: the review ends with it. */
static bool look_up(void *ctx, sm_str title, sm_str article, bool *article_there, bool *in_force)
{
    struct lookup *x = ctx;
    if (!x->laws && sm_law_shelf_hold(x->op, x->r->laws, &x->laws) < 0)
        return false;
    return sm_laws_find(x->laws, title, article, x->day, article_there, in_force);
}

static sm_date day_of(const sm_reviewer *r)
{
    return r->today != SM_DATE_NONE ? r->today : sm_today();
}

sm_rc sm_reviewer_run(sm_op *op, const sm_reviewer *r, const sm_layout *l, sm_review **out)
{
    struct lookup x = { .op = op, .r = r, .day = day_of(r) };
    sm_review_options o = { .today = sm_date_iso(op->arena, x.day),
                            .roster = r->roster,
                            .speller = r->speller,
                            .law = r->laws ? look_up : NULL,
                            .ctx = &x };
    return sm_review_run(op, l, r->rules, &o, out);
}

sm_rc sm_reviewer_opinion(sm_op *op, const sm_reviewer *r, const sm_prompts *p, const sm_layout *l,
                          const sm_review *without, sm_opinion **out)
{
    sm_review_options o = { .today = sm_date_iso(op->arena, day_of(r)),
                            .roster = r->roster,
                            .speller = r->speller };
    return sm_opinion_begin(op, p, l, r->rules, &o, without, out);
}

sm_rc sm_reviewer_read(sm_op *op, const sm_reviewer *r, const char *name, sm_str bytes,
                       const char *program, sm_layout **layout, sm_review **out)
{
    sm_layout *l;
    sm_rc rc = program ? sm_layout_read_apart(op, program, name, bytes, NULL, &l)
                       : sm_layout_read(op, name, bytes, SM_FORMAT_AUTO, NULL, &l);
    if (rc == SM_OK)
        rc = sm_reviewer_run(op, r, l, out);
    if (rc == SM_OK)
        *layout = l;
    return rc;
}

sm_rc sm_sunmao_review(sm_op *op, sm_sunmao *s, const char *name, sm_str bytes, const char *program,
                       sm_layout **layout, sm_review **out)
{
    const sm_reviewer *r;
    sm_rc rc = sm_sunmao_reviewer(op, s, &r);
    return rc < 0 ? rc : sm_reviewer_read(op, r, name, bytes, program, layout, out);
}

const char *sm_own_program(sm_arena *a)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    return n > 0 ? sm_cstr(a, (sm_str){ exe, (size_t)n }) : NULL;
}

/* ------------------------------------------------------------------- JSON */

static json_t *contract_of(const sm_finding *f)
{
    return json_pack("{s:o,s:s,s:i,s:I,s:I,s:o,s:o,s:o}", "rule", sm_json_of(f->rule->id),
                     "severity", sm_severity_name(f->rule->severity), "para", f->para, "start",
                     (json_int_t)f->start, "end", (json_int_t)f->end, "text", sm_json_of(f->text),
                     "suggest", f->suggests ? sm_json_of(f->suggest) : json_null(), "why",
                     sm_json_of(f->why));
}

json_t *sm_review_json(const char *file, const sm_review *v, double ms, bool all)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(list, all ? sm_review_finding_json(&v->finding[i])
                                        : contract_of(&v->finding[i]));
    json_t *j = json_object();
    json_object_set_new(j, "file", sm_json_of(sm_str_of(file)));
    if (all) {
        json_object_set_new(j, "kind", sm_json_of(v->kind));
        json_object_set_new(j, "classified", json_boolean(v->classified));
    }
    json_object_set_new(j, "findings", list);
    json_object_set_new(j, "ms", json_real(ms));
    return j;
}
