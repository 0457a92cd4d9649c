/*
 * The types of documents as data (share/draft/types.jsonl), the prompt, the registry.
 */
#include <stdlib.h>
#include <string.h>

#include "draft/inner.h"
#include "format/format.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_LINE_BYTES = 64 * 1024, MAX_TYPES = 40 };

static const char *const direction_names[] = { "", "up", "down", "level", "public" };

const char *sm_direction_name(sm_direction d)
{
    return direction_names[d];
}

/* ---------------------------------------------------------------- one line */

typedef struct line {
    sm_op *op;
    const char *what; /* file and line, for messages */
    const json_t *j;
} line;

static sm_rc need_text(const line *l, const char *key, sm_str *out)
{
    *out = sm_json_str(l->j, key);
    if (out->n)
        return SM_OK;
    return sm_fail(l->op, SM_E_INVALID, "%s：缺少 %s", l->what, key);
}

static sm_rc read_pattern(const line *l, const json_t *j, const sm_pattern **out)
{
    sm_str text = sm_json_str(j, "match");
    *out = NULL;
    return text.n ? sm_pattern_read(l->op, text, l->what, out) : SM_OK;
}

static sm_rc need_pattern(const line *l, const json_t *j, const sm_pattern **out)
{
    return sm_pattern_read(l->op, sm_json_str(j, "match"), l->what, out);
}

static sm_rc read_cues(const line *l, sm_type *t)
{
    static const struct {
        const char *key;
        double sign;
    } lists[] = { { "toward", 1 }, { "away", -1 } };
    size_t n = json_array_size(json_object_get(l->j, "toward")) +
               json_array_size(json_object_get(l->j, "away"));
    t->cue = SM_NEWS(l->op->arena, sm_cue, n + 1);
    for (size_t k = 0; k < SM_LEN(lists); k++) {
        const json_t *list = json_object_get(l->j, lists[k].key);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *j = json_array_get(list, i);
            sm_cue *c = &t->cue[t->n_cues++];
            c->weight = lists[k].sign * json_number_value(json_object_get(j, "weight"));
            c->why = sm_json_str(j, "why");
            sm_rc rc = need_pattern(l, j, &c->match);
            if (rc < 0)
                return rc;
        }
    }
    return SM_OK;
}

static sm_rc read_shapes(const line *l, const char *key, sm_shape **out, size_t *n)
{
    const json_t *list = json_object_get(l->j, key);
    *out = SM_NEWS(l->op->arena, sm_shape, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *j = json_array_get(list, i);
        sm_shape *s = &(*out)[(*n)++];
        s->put = sm_json_str(j, "put");
        sm_rc rc = need_pattern(l, j, &s->match);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

static sm_rc read_texts(const line *l, const json_t *list, sm_str **out, size_t *n)
{
    *out = SM_NEWS(l->op->arena, sm_str, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *j = json_array_get(list, i);
        if (!json_is_string(j))
            return sm_fail(l->op, SM_E_INVALID, "%s：列表里应当都是文字", l->what);
        (*out)[(*n)++] = (sm_str){ json_string_value(j), json_string_length(j) };
    }
    return SM_OK;
}

static sm_rc read_skeletons(const line *l, sm_type *t)
{
    const json_t *list = json_object_get(l->j, "bodies");
    if (!json_array_size(list))
        return sm_fail(l->op, SM_E_INVALID, "%s：缺少 bodies", l->what);
    t->skeleton = SM_NEWS(l->op->arena, sm_skeleton, json_array_size(list));
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < json_array_size(list); i++) {
        const json_t *j = json_array_get(list, i);
        sm_skeleton *s = &t->skeleton[t->n_skeletons++];
        s->title = sm_json_str(j, "title");
        s->encloses = sm_json_str(j, "encloses");
        rc = read_texts(l, json_object_get(j, "lines"), &s->line, &s->n);
        if (rc == SM_OK)
            rc = read_pattern(l, j, &s->match);
    }
    if (rc == SM_OK && t->skeleton[t->n_skeletons - 1].match)
        rc = sm_fail(l->op, SM_E_INVALID, "%s：最后一个 bodies 应当没有 match", l->what);
    return rc;
}

static sm_rc read_type(const line *l, sm_type *t)
{
    const json_t *toward = json_object_get(l->j, "direction");
    t->aliases = sm_json_str(l->j, "aliases");
    t->mark = sm_json_str(l->j, "mark");
    t->to = json_is_true(json_object_get(l->j, "to"));
    t->signer = json_is_true(json_object_get(l->j, "signer"));
    t->seal = !json_is_false(json_object_get(l->j, "seal"));
    t->common = json_number_value(json_object_get(l->j, "common"));
    for (size_t i = 1; i < SM_N_DIRECTIONS; i++)
        t->toward[i] = json_number_value(json_object_get(toward, direction_names[i]));
    sm_rc rc = need_text(l, "name", &t->face.name);
    if (rc == SM_OK)
        rc = need_text(l, "use", &t->face.use);
    if (rc == SM_OK)
        rc = need_text(l, "decides", &t->face.decides);
    if (rc == SM_OK)
        rc = need_text(l, "form", &t->face.form);
    if (rc == SM_OK)
        rc = read_cues(l, t);
    if (rc == SM_OK)
        rc = read_shapes(l, "matter", &t->shape, &t->n_shapes);
    if (rc == SM_OK)
        rc = read_shapes(l, "finish", &t->finish, &t->n_finish);
    if (rc == SM_OK)
        rc = read_texts(l, json_object_get(l->j, "codes"), &t->code, &t->n_codes);
    return rc == SM_OK ? read_skeletons(l, t) : rc;
}

/* The line without a name is of all types. */
static sm_rc read_common(sm_drafter *d, const line *l)
{
    sm_rc rc = read_shapes(l, "clean", &d->clean, &d->n_clean);
    if (rc == SM_OK)
        rc = read_shapes(l, "trim", &d->trim, &d->n_trim);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "public"), l->what, &d->public_words);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "group"), l->what, &d->group);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "before"), l->what, &d->before);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "behind"), l->what, &d->behind);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "mutual"), l->what, &d->mutual);
    if (rc == SM_OK)
        rc = sm_pattern_read(l->op, sm_json_str(l->j, "origin"), l->what, &d->origin);
    return rc;
}

static sm_rc read_types(sm_drafter *d, const char *share_dir)
{
    sm_op *op = &d->own;
    sm_str rest, text;
    size_t line_no = 0;
    const char *path = sm_path(op->arena, share_dir, "draft/types.jsonl");
    sm_rc rc = sm_file_read(op, path, MAX_FILE_BYTES, &rest);
    d->type = SM_NEWS(op->arena, sm_type, MAX_TYPES);
    d->face = SM_NEWS(op->arena, sm_draft_type, MAX_TYPES);
    if (rc < 0)
        return rc;
    while (rc == SM_OK) {
        rc = sm_jsonl_next(op, &rest, MAX_LINE_BYTES, &line_no, &text);
        if (rc == SM_E_NOTFOUND)
            break;
        const char *what = sm_strf(op->arena, "%s 第%zu行", path, line_no).p;
        json_t *j;
        if (rc == SM_OK)
            rc = sm_json_parse(op, text, what, &j);
        if (rc < 0)
            return rc;
        line l = { op, what, j };
        if (!json_object_get(j, "name"))
            rc = read_common(d, &l);
        else if (d->n_types == MAX_TYPES)
            rc = sm_fail(op, SM_E_LIMIT, "%s：超过%d种", path, MAX_TYPES);
        else if ((rc = read_type(&l, &d->type[d->n_types])) == SM_OK) {
            d->face[d->n_types] = d->type[d->n_types].face;
            d->n_types++;
        }
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    bool whole = d->n_types && d->origin;
    return whole ? SM_OK : sm_fail(op, SM_E_INVALID, "%s：没有文种或没有公共的一行", path);
}

static void read_names(sm_drafter *d)
{
    const sm_roster_organ *organ;
    size_t n = sm_roster_organs(d->roster, &organ);
    sm_str *name = SM_NEWS(d->own.arena, sm_str, n + 1);
    for (size_t i = 0; i < n; i++)
        name[i] = organ[i].full;
    d->organs = sm_organs_of(d->own.arena, name, n);
}

/* ------------------------------------------------------------------ opening */

void sm_drafter_close(sm_drafter *d)
{
    if (!d)
        return;
    sm_roster_close(d->roster);
    sm_prompts_close(d->prompts);
    sm_op own = d->own;
    sm_op_end(&own);
}

sm_rc sm_drafter_open(sm_op *op, const char *share_dir, const char *own_dir, sm_drafter **out)
{
    sm_op holder;
    sm_op_begin(&holder);
    sm_drafter *d = SM_NEW(holder.arena, sm_drafter);
    d->own = holder;
    sm_rc rc = read_types(d, share_dir);
    if (rc == SM_OK)
        rc = sm_prompts_open(&d->own, share_dir, &d->prompts);
    if (rc == SM_OK && own_dir)
        rc = sm_roster_open(&d->own, own_dir, &d->roster);
    if (rc == SM_OK && d->roster)
        read_names(d);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(d->own.msg));
        sm_drafter_close(d);
        return rc;
    }
    *out = d;
    return SM_OK;
}

size_t sm_drafter_types(const sm_drafter *d, const sm_draft_type **out)
{
    *out = d->face;
    return d->n_types;
}

static bool listed(sm_str list, sm_str name)
{
    for (sm_str sep = SM_STR(SM_LIST_SEP); list.n;) {
        size_t at = sm_str_find(list, sep, 0);
        if (sm_str_eq(sm_str_sub(list, 0, at), name))
            return true;
        list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + sep.n, list.n);
    }
    return false;
}

const sm_type *sm_type_named(const sm_drafter *d, sm_str name)
{
    for (size_t i = 0; i < d->n_types; i++)
        if (sm_str_eq(d->type[i].face.name, name) || listed(d->type[i].aliases, name))
            return &d->type[i];
    return NULL;
}
