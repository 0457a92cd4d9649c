/*
 * The files of an organisation's rules and registry, read line by line and written again with rows
 * changed.  Comments and lines that nobody changes stay as they are.
 */
#include "server/rules.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum {
    MAX_FILE_BYTES = 8 << 20,
    MAX_FILES = 500,
    MAX_COLUMNS = 9,
    MAX_CELL_BYTES = 2000,
    MAX_RULE_BYTES = 64 << 10,
    MAX_LINE_BYTES = 1 << 20
};
static const char NEW_RULES[] = "rules/own.jsonl";

static const struct {
    const char *name, *file;
    size_t columns;
} lists[SM_N_OWN_LISTS] = { [SM_OWN_RULES] = { "rules", NULL, 0 },
                            [SM_OWN_ORGANS] = { "organs", "organs.tsv", 9 },
                            [SM_OWN_PEOPLE] = { "people", "people.tsv", 6 },
                            [SM_OWN_TERMS] = { "terms", "terms.tsv", 4 } };

const char *sm_own_list_name(sm_own_list l)
{
    return lists[l].name;
}

bool sm_own_list_parse(sm_str name, sm_own_list *out)
{
    for (size_t i = 0; i < SM_LEN(lists); i++)
        if (sm_str_eq(name, sm_str_of(lists[i].name))) {
            *out = (sm_own_list)i;
            return true;
        }
    return false;
}

const char *sm_own_dir(sm_arena *a, const sm_server *sv)
{
    return sm_path(a, sm_sunmao_data_dir(sv->s), "review");
}

/* -------------------------------------------------------------------- files */

static sm_rc read_file(sm_op *op, const char *dir, const char *file, sm_str *out)
{
    const char *path = sm_path(op->arena, dir, file);
    *out = (sm_str){ 0 };
    return sm_file_exists(path) ? sm_file_read(op, path, MAX_FILE_BYTES, out) : SM_OK;
}

static int by_name(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

/* Those of a folder within `dir`, relative to it, sorted; none when there is no such folder. */
static sm_rc files_of(sm_op *op, const char *dir, const char *folder, const char *ending,
                      sm_str **out, size_t *n)
{
    sm_str *name = NULL;
    size_t cap = 0;
    *n = 0;
    DIR *d = opendir(sm_path(op->arena, dir, folder));
    for (struct dirent *e; d && *n <= MAX_FILES && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || !sm_str_ends(sm_str_of(e->d_name), sm_str_of(ending)))
            continue;
        SM_GROW(op->arena, name, *n, cap);
        name[(*n)++] = sm_strf(op->arena, "%s/%s", folder, e->d_name);
    }
    if (d)
        closedir(d);
    if (*n > MAX_FILES)
        return sm_fail(op, SM_E_LIMIT, "%s/%s 里的文件超过 %d 个", dir, folder, MAX_FILES);
    if (*n)
        qsort(name, *n, sizeof(*name), by_name);
    *out = name;
    return SM_OK;
}

static sm_rc count_file(sm_op *op, const char *dir, const char *file, sm_str *digest)
{
    sm_str text;
    sm_rc rc = read_file(op, dir, file, &text);
    if (rc < 0)
        return rc;
    sm_digest d = sm_sm3(text);
    sm_str hex = sm_digest_hex(op->arena, &d);
    d = sm_sm3(sm_strf(op->arena, "%.*s%s %.*s", SM_ARG(*digest), file, SM_ARG(hex)));
    *digest = sm_digest_hex(op->arena, &d);
    return SM_OK;
}

sm_rc sm_own_digest(sm_op *op, const char *dir, sm_str *out)
{
    static const struct {
        const char *folder, *ending;
    } folders[] = { { "rules", ".jsonl" }, { "words", ".tsv" } };
    sm_str digest = { 0 }, *name;
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(lists); i++)
        if (lists[i].file)
            rc = count_file(op, dir, lists[i].file, &digest);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(folders); i++) {
        size_t n = 0;
        rc = files_of(op, dir, folders[i].folder, folders[i].ending, &name, &n);
        for (size_t k = 0; rc == SM_OK && k < n; k++)
            rc = count_file(op, dir, sm_cstr(op->arena, name[k]), &digest);
    }
    if (rc == SM_OK)
        *out = digest;
    return rc;
}

/* -------------------------------------------------------------------- lines */

typedef struct lines {
    sm_own_line *line;
    size_t n, cap;
} lines_of;

static void read_cells(sm_arena *a, sm_own_line *l)
{
    sm_str rest = l->text, cell, *cells = SM_NEWS(a, sm_str, MAX_COLUMNS);
    while (l->n_cells < MAX_COLUMNS && sm_str_cut(&rest, '\t', &cell))
        cells[l->n_cells++] = sm_str_trim(cell);
    while (l->n_cells && !cells[l->n_cells - 1].n)
        l->n_cells--;
    l->cell = cells;
}

/* One that cannot be read is told by who opens the rules. */
static void read_rule(sm_op *op, sm_own_line *l)
{
    sm_op own = { .arena = op->arena };
    json_t *j;
    if (sm_json_parse(&own, l->text, "规则", &j) == SM_OK && json_is_object(j))
        l->rule = j;
}

static sm_rc add_lines(sm_op *op, const char *dir, const char *file, sm_own_list l, lines_of *out)
{
    sm_str text, line;
    sm_rc rc = read_file(op, dir, file, &text);
    for (size_t no = 1; rc == SM_OK && sm_str_cut(&text, '\n', &line); no++) {
        if (!sm_str_trim(line).n || (l != SM_OWN_RULES && line.p[0] == '#'))
            continue;
        if (!sm_utf8_valid(line, NULL))
            return sm_fail(op, SM_E_INVALID, "%s/%s 第%zu行：不是UTF-8", dir, file, no);
        SM_GROW(op->arena, out->line, out->n, out->cap);
        sm_own_line *at = &out->line[out->n++];
        *at = (sm_own_line){ .file = sm_str_of(file), .line_no = no, .text = line };
        if (l == SM_OWN_RULES)
            read_rule(op, at);
        else
            read_cells(op->arena, at);
    }
    return rc;
}

sm_rc sm_own_lines(sm_op *op, const char *dir, sm_own_list l, sm_own_line **out, size_t *n)
{
    lines_of all = { 0 };
    sm_str *name = NULL;
    size_t n_names = 0;
    sm_rc rc = SM_OK;
    if (lists[l].file)
        rc = add_lines(op, dir, lists[l].file, l, &all);
    else
        rc = files_of(op, dir, "rules", ".jsonl", &name, &n_names);
    for (size_t i = 0; rc == SM_OK && i < n_names; i++)
        rc = add_lines(op, dir, sm_cstr(op->arena, name[i]), l, &all);
    *out = all.line;
    *n = all.n;
    return rc;
}

/* ----------------------------------------------------------- what may be written */

static sm_rc check_cell(sm_op *op, const json_t *v, size_t column)
{
    sm_str s = { json_string_value(v), json_string_length(v) };
    if (!json_is_string(v))
        return sm_fail(op, SM_E_INVALID, "每一格应当是文字");
    if (s.n > MAX_CELL_BYTES)
        return sm_fail(op, SM_E_LIMIT, "第 %zu 格超过 %d 个字节", column + 1, MAX_CELL_BYTES);
    for (sm_str rest = s; rest.n;) {
        uint32_t c = sm_utf8_next(&rest);
        if (c < ' ' || c == 0x7f || sm_is_hidden(c))
            return sm_fail(op, SM_E_INVALID, "第 %zu 格里有制表符、换行或看不见的字符", column + 1);
    }
    return SM_OK;
}

static sm_rc line_of_cells(sm_op *op, sm_own_list l, const json_t *cells, sm_str *out)
{
    size_t n = json_array_size(cells);
    sm_str line = { 0 };
    if (!json_is_array(cells) || n > lists[l].columns)
        return sm_fail(op, SM_E_INVALID, "一行应当是至多 %zu 格文字", lists[l].columns);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(cells, i);
        sm_rc rc = check_cell(op, v, i);
        if (rc < 0)
            return rc;
        sm_str s = sm_str_trim((sm_str){ json_string_value(v), json_string_length(v) });
        line = sm_strf(op->arena, "%.*s%s%.*s", SM_ARG(line), i ? "\t" : "", SM_ARG(s));
    }
    while (line.n && line.p[line.n - 1] == '\t')
        line.n--;
    if (!line.n || line.p[0] == '#')
        return sm_fail(op, SM_E_INVALID, line.n ? "第一格不能以 # 开头：那是注释" : "这一行是空的");
    *out = line;
    return SM_OK;
}

static const sm_rule *rule_named(const sm_rules *all, sm_str id, bool *shipped)
{
    const sm_rule *rule;
    size_t n = all ? sm_rules_all(all, &rule) : 0;
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(rule[i].id, id)) {
            *shipped = i < sm_rules_shipped(all);
            return &rule[i];
        }
    return NULL;
}

/* A rule that ships is switched and weighed; what it looks for is not for a page to change. */
static sm_rc check_shipped(sm_op *op, const json_t *rule, const sm_rule *is)
{
    static const char *const may[] = { "id", "on", "severity" };
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)rule, key, v)
    {
        bool fine = false;
        for (size_t i = 0; i < SM_LEN(may); i++)
            fine |= strcmp(key, may[i]) == 0;
        if (!fine)
            return sm_fail(op, SM_E_INVALID,
                           "规则%.*s随程序安装，这里只能开关和改轻重（on、severity）",
                           SM_ARG(is->id));
    }
    return sm_str_eq(is->checker, SM_STR("secrecy"))
               ? sm_fail(op, SM_E_INVALID, "规则%.*s管密级标志，不能改", SM_ARG(is->id))
               : SM_OK;
}

static sm_rc check_rule(sm_op *op, const json_t *rule, const sm_rules *all)
{
    sm_str id = sm_json_str(rule, "id"), checker = sm_json_str(rule, "checker");
    bool shipped = false;
    const sm_rule *is = rule_named(all, id, &shipped);
    if (is && shipped)
        return check_shipped(op, rule, is);
    if (!sm_str_starts(id, SM_STR("X-")) || id.n < 3)
        return sm_fail(op, SM_E_INVALID, "本单位规则的编号要以 X- 开头，例如 X-01");
    if (!sm_str_eq(checker, SM_STR("pattern")) && !sm_str_eq(checker, SM_STR("dictionary")))
        return sm_fail(op, SM_E_INVALID, "检查方法要是 pattern（样式）或 dictionary（词表）");
    return SM_OK;
}

static sm_rc line_of_rule(sm_op *op, const json_t *rule, const sm_rules *all, sm_str *out)
{
    if (!json_is_object(rule))
        return sm_fail(op, SM_E_INVALID, "规则要是一个对象");
    sm_rc rc = check_rule(op, rule, all);
    if (rc < 0)
        return rc;
    *out = sm_json_dump(op->arena, rule);
    return out->n > MAX_RULE_BYTES
               ? sm_fail(op, SM_E_LIMIT, "一条规则超过 %d KB", MAX_RULE_BYTES / 1024)
               : SM_OK;
}

/* ------------------------------------------------------------------ editing */

/* A line of the file, comments too. */
typedef struct edited {
    sm_str text;
    const sm_own_line *was; /* NULL: a comment, an empty one, or new */
    size_t row;             /* of the change; SIZE_MAX none */
    bool gone;
} edited;

typedef struct editing {
    sm_op *op;
    sm_own_list list;
    const sm_rules *all;
    sm_own_line *line; /* of all files of the list */
    size_t n_lines;
    sm_str file; /* the one that is changed; "" not known yet */
    edited *e;
    size_t n, cap;
} editing;

static sm_str cell_of(const json_t *cells, size_t i)
{
    const json_t *v = json_array_get(cells, i);
    return sm_str_trim((sm_str){ json_string_value(v), json_string_length(v) });
}

static bool same_cells(const sm_own_line *l, const json_t *cells)
{
    size_t n = json_array_size(cells);
    while (n && !cell_of(cells, n - 1).n)
        n--;
    bool is = json_is_array(cells) && n == l->n_cells;
    for (size_t i = 0; is && i < n; i++)
        is = sm_str_eq(cell_of(cells, i), l->cell[i]);
    return is;
}

static bool same(const editing *x, const sm_own_line *l, const json_t *was)
{
    return x->list == SM_OWN_RULES ? l->rule && json_equal(l->rule, was) : same_cells(l, was);
}

static const sm_own_line *line_with_id(const editing *x, sm_str id)
{
    for (size_t i = 0; i < x->n_lines; i++)
        if (x->line[i].rule && sm_str_eq(sm_json_str(x->line[i].rule, "id"), id))
            return &x->line[i];
    return NULL;
}

/* Which file it is: the one that the first row stands in. */
static sm_rc choose_file(editing *x, const json_t *rows)
{
    x->file = sm_str_of(lists[x->list].file ? lists[x->list].file : NEW_RULES);
    size_t i;
    json_t *row;
    if (lists[x->list].file)
        return SM_OK;
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        const sm_own_line *l = line_with_id(x, sm_json_str(json_object_get(row, "was"), "id"));
        if (l) {
            x->file = l->file;
            return SM_OK;
        }
    }
    return SM_OK;
}

static void add_edited(editing *x, edited e)
{
    SM_GROW(x->op->arena, x->e, x->n, x->cap);
    x->e[x->n++] = e;
}

static sm_rc read_edited(editing *x, const char *dir)
{
    sm_str text, line;
    sm_rc rc = read_file(x->op, dir, sm_cstr(x->op->arena, x->file), &text);
    size_t k = 0;
    for (size_t no = 1; rc == SM_OK && sm_str_cut(&text, '\n', &line); no++) {
        while (k < x->n_lines && (!sm_str_eq(x->line[k].file, x->file) || x->line[k].line_no < no))
            k++;
        bool is = k < x->n_lines && x->line[k].line_no == no;
        add_edited(x, (edited){ line, is ? &x->line[k] : NULL, SIZE_MAX, false });
    }
    return rc;
}

static edited *find_was(editing *x, const json_t *was)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->e[i].was && x->e[i].row == SIZE_MAX && same(x, x->e[i].was, was))
            return &x->e[i];
    return NULL;
}

static sm_rc check_new_id(editing *x, const json_t *was, const json_t *now)
{
    sm_str id = sm_json_str(now, "id");
    if (x->list != SM_OWN_RULES || !json_is_object(now))
        return SM_OK;
    if (json_is_object(was))
        return sm_str_eq(sm_json_str(was, "id"), id)
                   ? SM_OK
                   : sm_fail(x->op, SM_E_INVALID, "规则的编号不能改；要换编号请另加一条");
    for (size_t i = 0; i < x->n; i++)
        if (!x->e[i].was && x->e[i].row != SIZE_MAX &&
            sm_str_has(x->e[i].text, sm_strf(x->op->arena, "\"id\":\"%.*s\"", SM_ARG(id))))
            return sm_fail(x->op, SM_E_INVALID, "规则%.*s写了两次", SM_ARG(id));
    return line_with_id(x, id) ? sm_fail(x->op, SM_E_CONFLICT, "规则%.*s已经有了", SM_ARG(id))
                               : SM_OK;
}

static sm_rc apply_row(editing *x, size_t row, const json_t *was, const json_t *now)
{
    sm_str text = { 0 };
    bool has_was = was && !json_is_null(was), has_now = now && !json_is_null(now);
    if (!has_was && !has_now)
        return sm_fail(x->op, SM_E_INVALID, "一行要有原来的（was）或改成的（now）");
    sm_rc rc = check_new_id(x, was, now);
    if (rc == SM_OK && has_now)
        rc = x->list == SM_OWN_RULES ? line_of_rule(x->op, now, x->all, &text)
                                     : line_of_cells(x->op, x->list, now, &text);
    if (rc < 0)
        return rc;
    if (!has_was) {
        add_edited(x, (edited){ text, NULL, row, false });
        return SM_OK;
    }
    edited *e = find_was(x, was);
    if (!e)
        return sm_fail(x->op, SM_E_CONFLICT, "原来的那一行已经改过或者没有了，请刷新后再改");
    *e = (edited){ text, e->was, row, !has_now };
    return SM_OK;
}

static sm_rc put_together(editing *x, sm_own_edit *out)
{
    sm_buf b;
    size_t no = 0;
    sm_buf_init(&b, MAX_FILE_BYTES);
    for (size_t i = 0; i < x->n; i++) {
        if (x->e[i].gone)
            continue;
        sm_buf_add(&b, x->e[i].text);
        sm_buf_addc(&b, '\n');
        no++;
        if (x->e[i].row != SIZE_MAX)
            out->line_no[x->e[i].row] = no;
    }
    if (b.failed) {
        sm_buf_done(&b);
        return sm_fail(x->op, SM_E_LIMIT, "文件超过 %d MB", MAX_FILE_BYTES >> 20);
    }
    out->file = sm_cstr(x->op->arena, x->file);
    return sm_buf_take(x->op, &b, &out->text);
}

sm_rc sm_own_apply(sm_op *op, const char *dir, sm_own_list l, const json_t *rows,
                   const sm_rules *all, sm_own_edit *out)
{
    editing x = { .op = op, .list = l, .all = all };
    size_t n = json_array_size(rows);
    *out = (sm_own_edit){ .n_rows = n, .bad_row = SIZE_MAX };
    if (!json_is_array(rows) || n == 0 || n > SM_CHANGE_ROWS)
        return sm_fail(op, SM_E_INVALID, "rows 应当是 1 到 %d 行", SM_CHANGE_ROWS);
    out->line_no = SM_NEWS(op->arena, size_t, n);
    sm_rc rc = sm_own_lines(op, dir, l, &x.line, &x.n_lines);
    if (rc == SM_OK)
        rc = choose_file(&x, rows);
    if (rc == SM_OK)
        rc = read_edited(&x, dir);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        rc = apply_row(&x, i, json_object_get(row, "was"), json_object_get(row, "now"));
        if (rc < 0)
            out->bad_row = i;
    }
    return rc < 0 ? rc : put_together(&x, out);
}

json_t *sm_own_reverse(const json_t *rows)
{
    json_t *list = json_array(), *row;
    for (size_t i = json_array_size(rows); i > 0; i--) {
        row = json_array_get(rows, i - 1);
        json_t *was = json_object_get(row, "was"), *now = json_object_get(row, "now");
        json_array_append_new(list,
                              json_pack("{s:o,s:o}", "was", now ? json_incref(now) : json_null(),
                                        "now", was ? json_incref(was) : json_null()));
    }
    return list;
}
