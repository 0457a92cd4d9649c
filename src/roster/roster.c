/*
 * The registry: three tab-separated tables, '#' begins a line of comment.
 */
#include "roster/roster.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_FILE_BYTES = 8 << 20, MAX_ROWS = 100000, MAX_COLUMNS = 9 };

struct sm_roster {
    sm_op own; /* its arena holds everything */
    sm_roster_organ *organ;
    size_t n_organs, organ_cap;
    sm_roster_person *person;
    size_t n_people, person_cap;
    sm_roster_term *term;
    size_t n_terms, term_cap;
    struct name *name; /* of organs, full and short, by hash, then as the table has them */
    size_t n_names, name_cap;
};

typedef struct name {
    uint64_t hash;
    uint32_t at; /* the organ */
    sm_str text;
} name;

typedef struct row {
    sm_str cell[MAX_COLUMNS];
    size_t n;
    const char *file;
    size_t line_no;
} row;

static sm_rc bad(sm_op *op, const row *w, const char *what)
{
    return sm_fail(op, SM_E_INVALID, "%s 第%zu行：%s", w->file, w->line_no, what);
}

/* YYYY, YYYY-MM or YYYY-MM-DD. */
static bool is_day(sm_str s)
{
    if (!s.n || sm_date_parse(s) != SM_DATE_NONE)
        return true;
    int64_t year, month;
    if (s.n < 4 || !sm_str_to_int(sm_str_sub(s, 0, 4), &year))
        return false;
    return s.n == 4 || (s.n == 7 && s.p[4] == '-' && sm_str_to_int(sm_str_sub(s, 5, 7), &month) &&
                        month >= 1 && month <= 12);
}

static sm_rc read_int(sm_op *op, const row *w, size_t col, const char *why, int *out)
{
    int64_t v = 0;
    if (w->cell[col].n && (!sm_str_to_int(w->cell[col], &v) || v < -1000000 || v > 1000000))
        return bad(op, w, why);
    *out = (int)v;
    return SM_OK;
}

static sm_rc add_organ(sm_roster *r, const row *w)
{
    sm_roster_organ o = { .full = w->cell[0],
                          .shorts = w->cell[1],
                          .codes = w->cell[2],
                          .level = w->cell[3],
                          .superior = w->cell[4],
                          .from = w->cell[6],
                          .to = w->cell[7],
                          .renamed = w->cell[8] };
    if (!o.full.n)
        return bad(&r->own, w, "缺少全称（full）");
    if (!is_day(o.from) || !is_day(o.to))
        return bad(&r->own, w, "日期（from、to）要写成YYYY-MM-DD、YYYY-MM或YYYY");
    sm_rc rc = read_int(&r->own, w, 5, "排序（order）要是整数", &o.order);
    if (rc != SM_OK)
        return rc;
    SM_GROW(r->own.arena, r->organ, r->n_organs, r->organ_cap);
    r->organ[r->n_organs++] = o;
    return SM_OK;
}

static sm_rc add_person(sm_roster *r, const row *w)
{
    sm_roster_person p = { .name = w->cell[0],
                           .post = w->cell[1],
                           .organ = w->cell[2],
                           .from = w->cell[3],
                           .to = w->cell[4] };
    if (!p.name.n || !p.post.n)
        return bad(&r->own, w, "缺少姓名（name）或职务（post）");
    if (!is_day(p.from) || !is_day(p.to))
        return bad(&r->own, w, "日期（from、to）要写成YYYY-MM-DD、YYYY-MM或YYYY");
    sm_rc rc = read_int(&r->own, w, 5, "位次（rank）要是整数", &p.rank);
    if (rc != SM_OK)
        return rc;
    SM_GROW(r->own.arena, r->person, r->n_people, r->person_cap);
    r->person[r->n_people++] = p;
    return SM_OK;
}

static sm_rc add_term(sm_roster *r, const row *w)
{
    static const char *const kinds[] = { "place", "meeting",   "phrase",
                                         "unit",  "forbidden", "preferred" };
    sm_roster_term t = {
        .kind = w->cell[0], .wrong = w->cell[1], .right = w->cell[2], .note = w->cell[3]
    };
    bool known = false;
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        known |= sm_str_eq(t.kind, sm_str_of(kinds[i]));
    if (!known)
        return bad(&r->own, w, "不认识的种类（kind）");
    if (!t.wrong.n && !t.right.n)
        return bad(&r->own, w, "错误写法（wrong）和正确写法（right）都是空的");
    SM_GROW(r->own.arena, r->term, r->n_terms, r->term_cap);
    r->term[r->n_terms++] = t;
    return SM_OK;
}

static sm_rc split_row(sm_op *op, row *w, sm_str line)
{
    memset(w->cell, 0, sizeof(w->cell));
    w->n = 0;
    sm_str cell;
    while (sm_str_cut(&line, '\t', &cell)) {
        if (w->n == MAX_COLUMNS)
            return bad(op, w, "列太多");
        w->cell[w->n++] = sm_str_trim(cell);
    }
    return SM_OK;
}

typedef sm_rc add_fn(sm_roster *r, const row *w);

static sm_rc read_table(sm_roster *r, const char *dir, const char *file, add_fn *add)
{
    sm_op *op = &r->own;
    const char *path = sm_path(op->arena, dir, file);
    if (!sm_file_exists(path))
        return SM_OK;
    sm_str text, line;
    sm_rc rc = sm_file_read(op, path, MAX_FILE_BYTES, &text);
    row w = { .file = path };
    if (rc == SM_OK && !sm_utf8_valid(text, NULL))
        rc = sm_fail(op, SM_E_INVALID, "%s：不是UTF-8", path);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line)) {
        w.line_no++;
        if (!sm_str_trim(line).n || line.p[0] == '#')
            continue;
        if (w.line_no > MAX_ROWS)
            return sm_fail(op, SM_E_LIMIT, "%s：超过%d行", path, MAX_ROWS);
        rc = split_row(op, &w, line);
        if (rc == SM_OK)
            rc = add(r, &w);
    }
    return rc;
}

static int by_hash(const void *a, const void *b)
{
    const name *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void add_name(sm_roster *r, sm_str text, size_t organ)
{
    if (!text.n)
        return;
    SM_GROW(r->own.arena, r->name, r->n_names, r->name_cap);
    r->name[r->n_names++] = (name){ sm_hash64(text, 0), (uint32_t)organ, text };
}

static void index_names(sm_roster *r)
{
    static const sm_str sep = { "、", 3 };
    for (size_t i = 0; i < r->n_organs; i++) {
        add_name(r, r->organ[i].full, i);
        for (sm_str list = r->organ[i].shorts; list.n;) {
            size_t at = sm_str_find(list, sep, 0);
            add_name(r, sm_str_trim(sm_str_sub(list, 0, at)), i);
            list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + sep.n, list.n);
        }
    }
    if (r->n_names)
        qsort(r->name, r->n_names, sizeof(*r->name), by_hash);
}

void sm_roster_close(sm_roster *r)
{
    if (!r)
        return;
    sm_op own = r->own;
    sm_op_end(&own);
}

sm_rc sm_roster_open(sm_op *op, const char *dir, sm_roster **out)
{
    sm_op holder;
    sm_op_begin(&holder);
    sm_roster *r = SM_NEW(holder.arena, sm_roster);
    r->own = holder;
    sm_rc rc = read_table(r, dir, "organs.tsv", add_organ);
    if (rc == SM_OK)
        rc = read_table(r, dir, "people.tsv", add_person);
    if (rc == SM_OK)
        rc = read_table(r, dir, "terms.tsv", add_term);
    if (rc != SM_OK) {
        sm_fail(op, rc, "%.*s", SM_ARG(r->own.msg));
        sm_roster_close(r);
        return rc;
    }
    index_names(r);
    *out = r;
    return SM_OK;
}

size_t sm_roster_organs(const sm_roster *r, const sm_roster_organ **out)
{
    *out = r->organ;
    return r->n_organs;
}

size_t sm_roster_people(const sm_roster *r, const sm_roster_person **out)
{
    *out = r->person;
    return r->n_people;
}

size_t sm_roster_terms(const sm_roster *r, const sm_roster_term **out)
{
    *out = r->term;
    return r->n_terms;
}

bool sm_roster_holds(sm_str from, sm_str to, sm_str day)
{
    size_t f = SM_MIN(from.n, day.n), t = SM_MIN(to.n, day.n);
    return sm_str_cmp(sm_str_sub(day, 0, f), sm_str_sub(from, 0, f)) >= 0 &&
           sm_str_cmp(sm_str_sub(day, 0, t), sm_str_sub(to, 0, t)) <= 0;
}

static size_t first_name(const sm_roster *r, uint64_t hash)
{
    size_t from = 0, to = r->n_names;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (r->name[mid].hash < hash)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

const sm_roster_organ *sm_roster_organ_named(const sm_roster *r, sm_str text, sm_str day)
{
    const sm_roster_organ *found = NULL;
    uint64_t hash = sm_hash64(text, 0);
    for (size_t i = first_name(r, hash); i < r->n_names && r->name[i].hash == hash; i++) {
        const sm_roster_organ *o = &r->organ[r->name[i].at];
        if (!sm_str_eq(r->name[i].text, text))
            continue;
        if (sm_roster_holds(o->from, o->to, day))
            return o;
        found = found ? found : o;
    }
    return found;
}
