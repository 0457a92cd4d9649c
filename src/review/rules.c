/*
 * The rule pack: JSON Lines, one rule a line, read once and never changed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "review/opinion.h"
#include "review/pack.h"

enum {
    MAX_RULES = 5000,
    MAX_FILES = 500,
    MAX_FILE_BYTES = 8 << 20,
    MAX_LINE_BYTES = 1 << 20,
    MAX_ID_BYTES = 40,
    MAX_QUESTION_BYTES = 600
};

/* Marks of secrecy the review itself looks for, before any rule is run; what a model alone judges
 * is asked elsewhere (opinion.h) and silent without one. */
static void run_nothing(sm_check *c, const sm_rule *rule)
{
    (void)c;
    (void)rule;
}

const sm_checker sm_checkers_basic[] = { { "pattern", sm_pattern_run },
                                         { "dictionary", sm_dictionary_run },
                                         { "secrecy", run_nothing },
                                         { "model", run_nothing },
                                         { NULL, NULL } };

static const sm_checker *const tables[] = {
    sm_checkers_basic,   sm_checkers_type,   sm_checkers_head,     sm_checkers_structure,
    sm_checkers_figures, sm_checkers_signs,  sm_checkers_cited,    sm_checkers_names,
    sm_checkers_wording, sm_checkers_layout, sm_checkers_spelling,
};

const sm_checker *sm_checker_named(sm_str name)
{
    for (size_t i = 0; i < SM_LEN(tables); i++)
        for (const sm_checker *c = tables[i]; c->name; c++)
            if (sm_str_eq(name, sm_str_of(c->name)))
                return c;
    return NULL;
}

static const char *const severities[] = { "error", "warning", "hint" };

const char *sm_severity_name(sm_severity s)
{
    return severities[s];
}

/* -------------------------------------------------------------- parameters */

const json_t *sm_param(const sm_rule *rule, const char *key)
{
    return json_object_get(rule->params, key);
}

sm_str sm_param_str(const sm_rule *rule, const char *key, const char *other)
{
    return json_is_string(sm_param(rule, key)) ? sm_json_str(rule->params, key) : sm_str_of(other);
}

double sm_param_num(const sm_rule *rule, const char *key, double other)
{
    const json_t *v = sm_param(rule, key);
    return json_is_number(v) ? json_number_value(v) : other;
}

bool sm_rule_where(const sm_rule *rule, unsigned *mask)
{
    const json_t *list = sm_param(rule, "where");
    *mask = ~1u;
    if (!list)
        return true;
    *mask = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        sm_str name = { json_string_value(v), json_string_length(v) };
        sm_role role;
        if (sm_str_eq(name, SM_STR("body")))
            *mask |= 1u << SM_ROLE_TEXT | 1u << SM_ROLE_H1 | 1u << SM_ROLE_H2 | 1u << SM_ROLE_H3 |
                     1u << SM_ROLE_H4 | 1u << SM_ROLE_CELL;
        else if (sm_line_role_parse(name, &role))
            *mask |= 1u << role;
        else
            return false;
    }
    return *mask != 0;
}

bool sm_rule_reads(const sm_rule *rule, const sm_line *line)
{
    unsigned mask;
    return sm_rule_where(rule, &mask) && mask >> line->role & 1;
}

const void *sm_rule_made(const sm_check *c, const sm_rule *rule)
{
    return c->rules->made[rule - c->rules->rule];
}

/* -------------------------------------------------------------------- lines */

static bool known_date(sm_str s)
{
    return !s.n || sm_date_parse(s) != SM_DATE_NONE;
}

static sm_rc read_severity(sm_op *op, const json_t *j, sm_rule *rule)
{
    sm_str name = sm_json_str(j, "severity");
    for (size_t i = 0; i < SM_LEN(severities); i++)
        if (sm_str_eq(name, sm_str_of(severities[i]))) {
            rule->severity = (sm_severity)i;
            return SM_OK;
        }
    return sm_fail(op, SM_E_INVALID, "规则%.*s：severity要是error、warning或hint",
                   SM_ARG(rule->id));
}

static void take(const json_t *j, const char *key, sm_str *out)
{
    if (json_is_string(json_object_get(j, key)))
        *out = sm_json_str(j, key);
}

/* A later line of the same id changes members, and single parameters. */
static sm_rc merge_params(sm_op *op, const json_t *j, sm_rule *rule)
{
    json_t *more = json_object_get(j, "params");
    if (!more)
        return SM_OK;
    if (!json_is_object(more))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：params要是一个对象", SM_ARG(rule->id));
    json_t *all = rule->params ? json_copy((json_t *)(uintptr_t)rule->params) : json_object();
    sm_json_own(op->arena, all);
    json_object_update(all, more);
    rule->params = all;
    return SM_OK;
}

static sm_rc read_rule(sm_op *op, const json_t *j, bool known, sm_rule *rule)
{
    rule->id = sm_json_str(j, "id");
    const struct {
        const char *key;
        sm_str *out;
    } texts[] = {
        { "title", &rule->title },   { "why", &rule->why },         { "source", &rule->source },
        { "status", &rule->status }, { "checker", &rule->checker }, { "from", &rule->from },
        { "to", &rule->to }
    };
    for (size_t i = 0; i < SM_LEN(texts); i++)
        take(j, texts[i].key, texts[i].out);
    const json_t *on = json_object_get(j, "on");
    rule->on = json_is_boolean(on) ? json_is_true(on) : known ? rule->on : true;
    for (int i = 0; i < 2; i++) {
        const json_t *list = json_object_get(j, i ? "right" : "wrong");
        if (json_is_array(list))
            *(i ? &rule->right : &rule->wrong) = list;
    }
    if (!known || json_object_get(j, "severity")) {
        sm_rc rc = read_severity(op, j, rule);
        if (rc != SM_OK)
            return rc;
    }
    return merge_params(op, j, rule);
}

/* What a model is asked, null takes it back; a rule that only a model judges has a question. */
static sm_rc check_question(sm_op *op, const sm_rule *rule)
{
    const json_t *model = sm_param(rule, "model");
    bool asks = json_is_string(model) && sm_str_trim(sm_json_str(rule->params, "model")).n &&
                json_string_length(model) <= MAX_QUESTION_BYTES;
    bool none = !model || json_is_null(model);
    if (none ? sm_str_eq(rule->checker, SM_STR("model")) : !asks)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：model要是问模型的一句话，最多%d个字节",
                       SM_ARG(rule->id), MAX_QUESTION_BYTES);
    return SM_OK;
}

static sm_rc check_rule(sm_op *op, const sm_rule *rule)
{
    unsigned mask;
    if (!rule->title.n)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：缺少title", SM_ARG(rule->id));
    if (!sm_checker_named(rule->checker))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：没有检查方法“%.*s”", SM_ARG(rule->id),
                       SM_ARG(rule->checker));
    if (!known_date(rule->from) || !known_date(rule->to))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：from和to要写成YYYY-MM-DD", SM_ARG(rule->id));
    if (!sm_rule_where(rule, &mask))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：where里有不认识的要素", SM_ARG(rule->id));
    return check_question(op, rule);
}

static sm_rule *rule_named(const sm_rules *r, sm_str id)
{
    for (size_t i = 0; i < r->n; i++)
        if (sm_str_eq(r->rule[i].id, id))
            return &r->rule[i];
    return NULL;
}

/* A new rule, or the one of the shared folder that an organisation's own changes; NULL: it was
 * refused. */
static sm_rule *rule_for(sm_rules *r, sm_str id, const sm_rule_origin *from, size_t n_shared,
                         bool *known)
{
    sm_op *op = &r->own;
    sm_rule *rule = rule_named(r, id);
    *known = rule != NULL;
    if (*known && (size_t)(rule - r->rule) >= n_shared) {
        sm_fail(op, SM_E_INVALID, "规则%.*s写了两次", SM_ARG(id));
        return NULL;
    }
    if (*known)
        return rule;
    if (r->n == MAX_RULES) {
        sm_fail(op, SM_E_LIMIT, "规则超过%d条", MAX_RULES);
        return NULL;
    }
    SM_GROW(op->arena, r->origin, r->n, r->origin_cap);
    SM_GROW(op->arena, r->rule, r->n, r->cap);
    r->rule[r->n] = (sm_rule){ 0 };
    r->origin[r->n] = *from;
    return &r->rule[r->n++];
}

static sm_rc read_line(sm_rules *r, sm_str line, const sm_rule_origin *from, size_t n_shared)
{
    sm_op *op = &r->own;
    json_t *j;
    sm_rc rc = sm_json_parse(op, line, "规则", &j);
    if (rc != SM_OK)
        return rc;
    sm_str id = sm_json_str(j, "id");
    if (!id.n || id.n > MAX_ID_BYTES)
        return sm_fail(op, SM_E_INVALID, "规则没有id，或id过长");
    bool known;
    sm_rule *rule = rule_for(r, id, from, n_shared, &known);
    if (!rule)
        return op->rc;
    if (json_object_get(j, "params"))
        r->origin[rule - r->rule] = *from;
    rc = read_rule(op, j, known, rule);
    return rc == SM_OK ? check_rule(op, rule) : rc;
}

/* -------------------------------------------------------------------- files */

typedef struct names {
    sm_str *name;
    size_t n, cap;
} names;

static int by_name(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

static sm_rc list_files(sm_op *op, const char *folder, names *out)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return sm_fail(op, errno == EACCES ? SM_E_DENIED : SM_E_NOTFOUND, "打不开规则目录%s",
                       folder);
    for (struct dirent *e; (e = readdir(dir)) != NULL && out->n <= MAX_FILES;) {
        sm_str name = sm_str_of(e->d_name);
        if (name.p[0] == '.' || !sm_str_ends(name, SM_STR(".jsonl")))
            continue;
        SM_GROW(op->arena, out->name, out->n, out->cap);
        out->name[out->n++] = sm_str_dup(op->arena, name);
    }
    closedir(dir);
    if (out->n > MAX_FILES)
        return sm_fail(op, SM_E_LIMIT, "%s：规则文件超过%d个", folder, MAX_FILES);
    if (out->n)
        qsort(out->name, out->n, sizeof(*out->name), by_name);
    return SM_OK;
}

/* The version is that of all that was read, in order. */
static void count_in(sm_rules *r, sm_str text)
{
    sm_arena *a = r->own.arena;
    sm_digest d = sm_sm3(text);
    sm_str hex = sm_digest_hex(a, &d);
    sm_digest both = sm_sm3(sm_strf(a, "%.*s%.*s", SM_ARG(r->version), SM_ARG(hex)));
    r->version = sm_digest_hex(a, &both);
}

static sm_rc fail_at(sm_rules *r, const sm_rule_origin *from)
{
    sm_rc rc = r->own.rc;
    sm_str why = r->own.msg;
    sm_op_clear(&r->own);
    return sm_fail(&r->own, rc, "%s 第%zu行：%.*s", from->path, from->line_no, SM_ARG(why));
}

static sm_rc read_file(sm_rules *r, const char *folder, sm_str name, size_t n_shared)
{
    sm_op *op = &r->own;
    sm_rule_origin from = { .folder = folder,
                            .path = sm_path(op->arena, folder, sm_cstr(op->arena, name)) };
    sm_str text, line;
    sm_rc rc = sm_file_read(op, from.path, MAX_FILE_BYTES, &text);
    if (rc != SM_OK)
        return rc;
    count_in(r, text);
    while ((rc = sm_jsonl_next(op, &text, MAX_LINE_BYTES, &from.line_no, &line)) == SM_OK)
        if (read_line(r, line, &from, n_shared) != SM_OK)
            return fail_at(r, &from);
    return rc == SM_E_NOTFOUND ? SM_OK : fail_at(r, &from);
}

static sm_rc read_folder(sm_rules *r, const char *folder)
{
    folder = sm_cstr(r->own.arena, sm_str_of(folder));
    names files = { 0 };
    size_t n_shared = r->n;
    sm_rc rc = list_files(&r->own, folder, &files);
    for (size_t i = 0; rc == SM_OK && i < files.n; i++)
        rc = read_file(r, folder, files.name[i], n_shared);
    return rc;
}

static bool is_one_of(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(s, sm_str_of(words[i])))
            return true;
    return false;
}

/* Checkers in C that rest on the two of sm_checkers_basic: they take the same parameters. */
static const char *const by_pattern[] = { "pattern",    "title",       "main",     "forwarding",
                                          "one_matter", "report_asks", "to_person" };
static const char *const by_words[] = { "terms",      "one_term",    "dictionary",
                                        "organ_gone", "organ_short", "title_break" };

static sm_rc count_questions(sm_rules *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->rule[i].on && json_is_string(sm_param(&r->rule[i], "model"));
    return n <= SM_OPINION_RULES
               ? SM_OK
               : sm_fail(&r->own, SM_E_LIMIT, "问模型的规则超过%d条", SM_OPINION_RULES);
}

static sm_rc make_all(sm_rules *r)
{
    sm_op *op = &r->own;
    r->made = SM_NEWS(op->arena, const void *, r->n);
    for (size_t i = 0; i < r->n; i++) {
        const sm_rule *rule = &r->rule[i];
        sm_rc rc = SM_OK;
        sm_str read = { 0 };
        if (sm_param(rule, "table"))
            rc = sm_table_make(op, rule, r->origin[i].folder, &read, &r->made[i]);
        /* A checker in C may have patterns beside what it does itself. */
        else if (is_one_of(rule->checker, by_pattern, SM_LEN(by_pattern)) ||
                 sm_param(rule, "patterns"))
            rc = sm_pattern_make(op, rule, &r->made[i]);
        else if (is_one_of(rule->checker, by_words, SM_LEN(by_words)))
            rc = sm_dictionary_make(op, rule, r->origin[i].folder, &read, &r->made[i]);
        if (rc != SM_OK)
            return fail_at(r, &r->origin[i]);
        if (read.n)
            count_in(r, read);
    }
    return SM_OK;
}

static void close_rules(sm_rules *r)
{
    sm_op own = r->own;
    sm_op_end(&own);
}

sm_rc sm_rules_open(sm_op *op, const char *dir, const char *own, sm_rules **out)
{
    sm_op holder;
    sm_op_begin(&holder);
    sm_rules *r = SM_NEW(holder.arena, sm_rules);
    r->own = holder;
    sm_rc rc = read_folder(r, dir);
    r->n_shipped = r->n;
    if (rc == SM_OK && own)
        rc = read_folder(r, own);
    if (rc == SM_OK)
        rc = count_questions(r);
    if (rc == SM_OK)
        rc = make_all(r);
    if (rc != SM_OK) {
        sm_fail(op, rc, "%.*s", SM_ARG(r->own.msg));
        close_rules(r);
        return rc;
    }
    *out = r;
    return SM_OK;
}

void sm_rules_close(sm_rules *r)
{
    if (r)
        close_rules(r);
}

size_t sm_rules_all(const sm_rules *r, const sm_rule **out)
{
    *out = r->rule;
    return r->n;
}

size_t sm_rules_shipped(const sm_rules *r)
{
    return r->n_shipped;
}

sm_str sm_rules_version(const sm_rules *r)
{
    return r->version;
}
