/*
 * A change tried before it goes live: a folder beside the organisation's own with the one file
 * changed, and the documents that are kept reviewed by either.
 */
#include "server/rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/text.h"

enum {
    MOST_DOCUMENTS = 200,
    MOST_US = 20000000, /* of time; what is left then is told */
    AROUND = 20         /* characters beside what was found */
};

/* ------------------------------------------------------------- the folder */

/* What it leads to is not followed: a link to a folder of the organisation's own goes, and what
 * stands there stays. */
static void remove_links(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        unlinkat(fd, e->d_name, 0);
    if (d)
        closedir(d);
}

static void remove_folder(void *dir)
{
    char rules[PATH_MAX];
    remove_links(dir);
    int n = snprintf(rules, sizeof(rules), "%s/rules", (const char *)dir);
    if (n > 0 && (size_t)n < sizeof(rules)) {
        remove_links(rules);
        rmdir(rules);
    }
    rmdir(dir);
}

/* Links to all that stands in `from` but `not_this`. */
static sm_rc link_all(sm_op *op, const char *from, const char *to, const char *not_this)
{
    sm_rc rc = SM_OK;
    DIR *d = opendir(from);
    for (struct dirent *e; d && rc == SM_OK && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, not_this) == 0)
            continue;
        if (symlink(sm_path(op->arena, from, e->d_name), sm_path(op->arena, to, e->d_name)) < 0)
            rc = sm_fail(op, SM_E_UNAVAILABLE, "建不了试用的文件夹：%s", strerror(errno));
    }
    if (d)
        closedir(d);
    return rc;
}

static sm_rc fill_folder(sm_op *op, const char *own, const char *to, const sm_own_edit *edit)
{
    char real[PATH_MAX];
    const char *slash = strrchr(edit->file, '/'), *rules = sm_path(op->arena, to, "rules");
    bool there = realpath(own, real) != NULL;
    sm_rc rc = there ? link_all(op, real, to, slash ? "rules" : edit->file) : SM_OK;
    if (rc == SM_OK && slash)
        rc = sm_dir_make(op, rules);
    if (rc == SM_OK && slash && there)
        rc = link_all(op, sm_path(op->arena, real, "rules"), rules, slash + 1);
    return rc == SM_OK ? sm_file_write(op, sm_path(op->arena, to, edit->file), edit->text) : rc;
}

static sm_rc make_folder(sm_op *op, sm_server *sv, const sm_own_edit *edit, const char **out)
{
    char *dir = sm_cstr(op->arena, sm_str_of(sm_path(op->arena, sv->spool_dir, "rules-XXXXXX")));
    if (!mkdtemp(dir))
        return sm_fail(op, SM_E_UNAVAILABLE, "建不了试用的文件夹：%s", strerror(errno));
    sm_arena_defer(op->arena, remove_folder, dir);
    *out = dir;
    return fill_folder(op, sm_own_dir(op->arena, sv), dir, edit);
}

/* ------------------------------------------------------------------ trouble */

sm_own_trouble sm_own_trouble_of(const char *dir, sm_str message)
{
    sm_own_trouble t = { .message = message, .row = -1 };
    sm_str folder = sm_str_of(dir), no;
    size_t at = sm_str_find(message, folder, 0), line = sm_str_find(message, SM_STR(" 第"), 0),
           end = sm_str_find(message, SM_STR("行："), 0);
    if (at != 0 || line == SIZE_MAX || end == SIZE_MAX || line < folder.n + 1 || end < line)
        return t;
    no = sm_str_sub(message, line + SM_STR(" 第").n, end);
    if (!sm_str_to_int(no, &t.line))
        return t;
    t.file = sm_str_sub(message, folder.n + 1, line);
    t.message = sm_str_sub(message, end + SM_STR("行：").n, message.n);
    return t;
}

static int64_t row_of(const sm_own_edit *edit, const sm_own_trouble *t)
{
    if (!sm_str_eq(t->file, sm_str_of(edit->file)))
        return -1;
    for (size_t i = 0; i < edit->n_rows; i++)
        if (edit->line_no[i] == (size_t)t->line)
            return (int64_t)i;
    return -1;
}

sm_rc sm_own_open_with(sm_op *op, sm_server *sv, const sm_own_edit *edit, const sm_reviewer **out,
                       sm_own_trouble *trouble)
{
    const char *dir = NULL;
    *trouble = (sm_own_trouble){ .row = -1 };
    sm_rc rc = make_folder(op, sv, edit, &dir);
    if (rc < 0)
        return rc;
    rc = sm_sunmao_reviewer_with(op, sv->s, dir, out);
    if (rc < 0) {
        *trouble = sm_own_trouble_of(dir, op->msg);
        trouble->row = row_of(edit, trouble);
    }
    return rc;
}

/* -------------------------------------------------------------------- trying */

typedef struct trial {
    sm_request *r;
    sm_db *db;
    const sm_reviewer *now, *then;
    const json_t *never;
    json_t *places; /* owned by the request's arena */
    int64_t documents, left, unread, added, removed, altered;
} trial;

typedef struct kept {
    int64_t id, user;
    sm_str name, digest;
} kept;

/* Each document once, newest first. */
static sm_rc list_kept(sm_op *op, sm_db *db, kept **out, size_t *n)
{
    sm_stmt *q;
    kept *k = NULL;
    size_t cap = 0;
    *n = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT max(f.review), r.user, r.name, r.digest FROM review_file f"
                           " JOIN review r ON r.id = f.review GROUP BY r.digest ORDER BY 1 DESC",
                           "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, k, *n, cap);
        k[(*n)++] = (kept){ sm_stmt_int(q, 0), sm_stmt_int(q, 1), sm_stmt_str(op, q, 2),
                            sm_stmt_str(op, q, 3) };
    }
    *out = k;
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

static bool same_place(const sm_finding *a, const sm_finding *b)
{
    return a->para == b->para && a->start == b->start && a->end == b->end &&
           sm_str_eq(a->rule->id, b->rule->id);
}

static bool same_words(const sm_finding *a, const sm_finding *b)
{
    return a->rule->severity == b->rule->severity && a->suggests == b->suggests &&
           sm_str_eq(a->suggest, b->suggest) && sm_str_eq(a->why, b->why);
}

static json_t *place_json(trial *t, const kept *k, const sm_layout *l, const char *what,
                          const sm_finding *f)
{
    bool mine = k->user == sm_request_user(t->r)->id;
    sm_str text = f->para >= 0 ? l->par[f->para].text : (sm_str){ 0 };
    sm_str before = sm_utf8_head(text, f->start), upto = sm_utf8_head(text, f->end);
    size_t n_before = sm_utf8_count(before);
    sm_str skip = sm_utf8_head(before, n_before > AROUND ? n_before - AROUND : 0);
    before = sm_str_sub(before, skip.n, before.n);
    sm_str behind = sm_utf8_head(sm_str_sub(text, upto.n, text.n), AROUND);
    json_t *j = sm_review_finding_json(f);
    json_object_set_new(j, "what", json_string(what));
    json_object_set_new(j, "title", sm_json_of(f->rule->title));
    json_object_set_new(j, "review", json_integer((json_int_t)(mine ? k->id : 0)));
    json_object_set_new(j, "name", sm_json_of(mine ? k->name : (sm_str){ "", 0 }));
    json_object_set_new(j, "before", sm_json_of(before.n ? before : SM_STR("")));
    json_object_set_new(j, "behind", sm_json_of(behind.n ? behind : SM_STR("")));
    return j;
}

static void count(trial *t, const kept *k, const sm_layout *l, const char *what,
                  const sm_finding *f, int64_t *counter)
{
    ++*counter;
    if (json_array_size(t->places) < SM_TRIED_PLACES)
        json_array_append_new(t->places, place_json(t, k, l, what, f));
}

static bool is_silenced(trial *t, sm_arena *a, const sm_finding *f)
{
    sm_str key = sm_reviews_never_key(a, f->rule->id, f->text);
    return json_object_getn(t->never, key.p, key.n) != NULL;
}

/* Of one rule at one place there may be several: each is matched once. */
static const sm_finding *take_same(const sm_finding *f, const sm_review *v, bool *taken,
                                   size_t *from)
{
    while (*from < v->n &&
           (v->finding[*from].para < f->para ||
            (v->finding[*from].para == f->para && v->finding[*from].start < f->start)))
        ++*from;
    for (size_t i = *from; i < v->n; i++) {
        const sm_finding *g = &v->finding[i];
        if (g->para != f->para || g->start != f->start)
            break;
        if (!taken[i] && same_place(f, g)) {
            taken[i] = true;
            return g;
        }
    }
    return NULL;
}

/* Both lists are in the order of their places. */
static void count_differences(trial *t, sm_arena *a, const kept *k, const sm_layout *l,
                              const sm_review *now, const sm_review *then)
{
    bool *taken = SM_NEWS(a, bool, then->n + 1);
    size_t from = 0;
    for (size_t i = 0; i < now->n; i++) {
        const sm_finding *f = &now->finding[i], *g = take_same(f, then, taken, &from);
        if (is_silenced(t, a, f))
            continue;
        if (!g)
            count(t, k, l, "removed", f, &t->removed);
        else if (!same_words(f, g))
            count(t, k, l, "altered", g, &t->altered);
    }
    for (size_t i = 0; i < then->n; i++)
        if (!taken[i] && !is_silenced(t, a, &then->finding[i]))
            count(t, k, l, "added", &then->finding[i], &t->added);
}

/* Under an operation of its own: documents may be large. */
static void try_one(trial *t, const kept *k)
{
    sm_op op;
    sm_review_file file;
    sm_layout *l;
    sm_review *now, *then;
    sm_op_begin(&op);
    sm_rc rc = sm_reviews_file(&op, t->db, k->id, &file);
    if (rc == SM_OK)
        rc = sm_review_read(&op, k->name, file.bytes, &l);
    if (rc == SM_OK)
        rc = sm_reviewer_run(&op, t->now, l, &now);
    if (rc == SM_OK)
        rc = sm_reviewer_run(&op, t->then, l, &then);
    if (rc == SM_OK)
        count_differences(t, op.arena, k, l, now, then);
    *(rc == SM_OK ? &t->documents : &t->unread) += 1;
    sm_op_end(&op);
}

sm_rc sm_own_try(sm_request *r, sm_db *db, const sm_reviewer *now, const sm_reviewer *then,
                 json_t **out)
{
    sm_op *op = sm_request_op(r);
    trial t = { .r = r, .db = db, .now = now, .then = then, .places = json_array() };
    int64_t began = sm_now_us();
    json_t *never;
    kept *k;
    size_t n = 0;
    sm_json_own(op->arena, t.places);
    sm_rc rc = sm_reviews_never(op, db, &never);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, never);
    t.never = never;
    rc = list_kept(op, db, &k, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        if (i == MOST_DOCUMENTS || sm_now_us() - began > MOST_US) {
            t.left = (int64_t)(n - i);
            break;
        }
        try_one(&t, &k[i]);
        rc = sm_op_check(op);
    }
    if (rc < 0)
        return rc;
    *out =
        json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:O}", "documents", (json_int_t)t.documents, "left",
                  (json_int_t)t.left, "unread", (json_int_t)t.unread, "added", (json_int_t)t.added,
                  "removed", (json_int_t)t.removed, "altered", (json_int_t)t.altered, "ms",
                  (double)(sm_now_us() - began) / 1000, "places", t.places);
    return SM_OK;
}
