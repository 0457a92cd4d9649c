/*
 * How much of what is wrong in a set of documents a review finds.  Each document is reviewed as its
 * notation lays it out, as the DOCX that is written of that, and as OFD where a file is there.
 */
#include "eval/eval.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "format/official.h"
#include "text/text.h"

enum {
    MAX_DOCUMENTS = 10000,
    MAX_TEXT_BYTES = 8 << 20,
    MAX_FILE_BYTES = 64 << 20,
    MAX_GROUPS = 64
};

typedef enum form { AS_TEXT, AS_DOCX, AS_OFD, N_FORMS } form;
static const char *const form_names[] = { "text", "DOCX", "OFD" };

/* One seeded error, a line of NAME.errors.jsonl. */
typedef struct seed {
    sm_str rule, text, suggest;
    bool outside;    /* of every dictionary */
    size_t line_no;  /* of the notation */
    bool of_page;    /* its line is @page's */
    int first, last; /* paragraphs that its line became */
    bool counts;     /* not behind a mark of secrecy */
} seed;

/* Where it stands in one form. */
typedef struct place {
    int para; /* -1 the page; -2 nowhere */
    size_t start, end;
    bool in_text; /* its words stand there, so that they can be put right */
} place;

typedef struct document {
    sm_op *op;
    const char *name; /* without .txt */
    sm_str text;
    sm_layout *l;
    seed *seed;
    size_t n, cap;
    bool clean, stops;
} document;

typedef struct share {
    size_t n, same, any;
} share;

typedef struct group {
    char name[8];
    share s;
} group;

typedef struct score {
    size_t n_docs, n_clean, n_seeded, n_stopped, n_left_out;
    share all, outside;
    size_t to_mend, proposed, right; /* of those found that stand in the text */
    size_t alarms, hints, others;
    group group[MAX_GROUPS];
    size_t n_groups;
} score;

typedef struct eval {
    const sm_reviewer *r;
    const char *dir, *ofd;
    FILE *misses; /* NULL: none wanted */
    score score[N_FORMS];
} eval;

/* ---------------------------------------------------------------- documents */

/* The end of line n, 0 before the first. */
static size_t end_of_line(sm_str text, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n && at < text.n; i++) {
        size_t end = sm_str_find(text, SM_STR("\n"), at);
        at = end == SIZE_MAX ? text.n : end + 1;
    }
    return at;
}

/* How many paragraphs the first n lines make. */
static sm_rc pars_of(document *d, size_t n, int *out)
{
    sm_layout *l;
    sm_rc rc =
        sm_official_read(d->op, d->name, sm_str_sub(d->text, 0, end_of_line(d->text, n)), &l);
    if (rc == SM_OK)
        *out = (int)l->n_body;
    return rc;
}

static sm_rc place_seed(document *d, seed *s)
{
    int before = 0, after = 0;
    size_t from = end_of_line(d->text, s->line_no - 1);
    sm_str line = sm_str_sub(d->text, from, end_of_line(d->text, s->line_no));
    s->of_page = sm_str_starts(line, SM_STR("@page{"));
    sm_rc rc = pars_of(d, s->line_no - 1, &before);
    if (rc == SM_OK)
        rc = pars_of(d, s->line_no, &after);
    s->last = SM_MAX(after - 1, 0);
    s->first = after > before ? before : s->last; /* signers stand in the number's line */
    return rc;
}

static sm_rc read_seed(document *d, sm_str line, size_t line_no, size_t n_lines)
{
    json_t *j;
    sm_rc rc = sm_json_parse(d->op, line, d->name, &j);
    if (rc < 0)
        return rc;
    json_int_t at = json_integer_value(json_object_get(j, "line"));
    seed s = { .rule = sm_json_str(j, "rule"),
               .text = sm_json_str(j, "text"),
               .suggest = sm_json_str(j, "suggest"),
               .outside = json_is_true(json_object_get(j, "outside")),
               .line_no = (size_t)at,
               .counts = true };
    if (!s.rule.n || !s.text.n || at < 1 || (size_t)at > n_lines)
        return sm_fail(d->op, SM_E_INVALID,
                       "%s.errors.jsonl 第 %zu 行：要有 rule、text 和文中有的 line", d->name,
                       line_no);
    rc = place_seed(d, &s);
    SM_GROW(d->op->arena, d->seed, d->n, d->cap);
    d->seed[d->n++] = s;
    return rc;
}

static sm_rc read_seeds(document *d, const char *path)
{
    sm_str text, line, lines = d->text;
    size_t line_no = 0, n_lines = 0;
    while (sm_str_cut(&lines, '\n', &line))
        n_lines++;
    sm_rc rc = sm_file_read(d->op, path, MAX_TEXT_BYTES, &text);
    while (rc == SM_OK &&
           (rc = sm_jsonl_next(d->op, &text, MAX_TEXT_BYTES, &line_no, &line)) == SM_OK)
        rc = read_seed(d, line, line_no, n_lines);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* Behind a mark of secrecy nothing is reviewed. */
static void leave_out(document *d)
{
    for (size_t i = 0; i < d->n; i++)
        d->stops |= sm_str_eq(d->seed[i].rule, SM_STR("B12"));
    for (size_t i = 0; i < d->n && d->stops; i++)
        d->seed[i].counts = sm_str_eq(d->seed[i].rule, SM_STR("B12"));
}

static sm_rc read_document(const eval *e, document *d)
{
    sm_arena *a = d->op->arena;
    const char *path = sm_path(a, e->dir, sm_strf(a, "%s.txt", d->name).p),
               *errors = sm_path(a, e->dir, sm_strf(a, "%s.errors.jsonl", d->name).p);
    sm_rc rc = sm_file_read(d->op, path, MAX_TEXT_BYTES, &d->text);
    if (rc == SM_OK)
        rc = sm_official_read(d->op, path, d->text, &d->l);
    d->clean = !sm_file_exists(errors);
    if (rc == SM_OK && !d->clean)
        rc = read_seeds(d, errors);
    leave_out(d);
    return rc;
}

/* *out NULL: there is none in this form. */
static sm_rc in_form(const eval *e, document *d, form f, sm_layout **out)
{
    sm_arena *a = d->op->arena;
    sm_str bytes;
    sm_buf b;
    sm_rc rc = SM_OK;
    *out = NULL;
    if (f == AS_TEXT) {
        *out = d->l;
        return SM_OK;
    }
    const char *name = sm_strf(a, "%s.%s", d->name, f == AS_DOCX ? "docx" : "ofd").p;
    if (f == AS_OFD) {
        const char *path = sm_path(a, e->ofd, name);
        if (!sm_file_exists(path))
            return SM_OK;
        rc = sm_file_read(d->op, path, MAX_FILE_BYTES, &bytes);
    } else {
        sm_buf_init(&b, MAX_FILE_BYTES);
        rc = sm_docx_write(d->op, d->l, &b);
        if (rc < 0)
            sm_buf_done(&b);
        else
            rc = sm_buf_take(d->op, &b, &bytes);
    }
    return rc < 0 ? rc : sm_layout_read(d->op, name, bytes, SM_FORMAT_AUTO, NULL, out);
}

/* ------------------------------------------------------------------- places */

static bool set_place(const sm_layout *l, int para, sm_str words, place *p)
{
    size_t at = sm_str_find(l->par[para].text, words, 0);
    if (at == SIZE_MAX)
        return false;
    p->para = para;
    p->start = sm_utf8_count(sm_str_sub(l->par[para].text, 0, at));
    p->end = p->start + sm_utf8_count(words);
    p->in_text = true;
    return true;
}

static int par_count(const sm_layout *l)
{
    return (int)l->n_body;
}

/* The nearest paragraph to `para` with just this text; -2 none. */
static int same_par(const sm_layout *l, int para, sm_str text)
{
    for (int far = 0; far < par_count(l) + para + 1; far++)
        for (int side = -1; side <= 1; side += 2) {
            int i = para + side * far;
            if (i >= 0 && i < par_count(l) && sm_str_eq(l->par[i].text, text))
                return i;
        }
    return -2;
}

/* Readers may part the paragraphs otherwise: then where the words stand. */
static place place_in(const document *d, const seed *s, const sm_layout *l)
{
    place p = { .para = -2 };
    if (s->of_page)
        return (place){ .para = -1 };
    for (int i = s->first; i <= s->last && i < par_count(d->l); i++) {
        int there = same_par(l, i, d->l->par[i].text);
        if (there >= 0 && set_place(l, there, s->text, &p))
            return p;
    }
    for (int i = 0; i < par_count(l) && l != d->l; i++)
        if (set_place(l, i, s->text, &p))
            return p;
    if (s->last >= par_count(d->l))
        return p;
    sm_str line = d->l->par[s->last].text;
    p.para = same_par(l, s->last, line);
    for (int i = 0; p.para < 0 && i < par_count(l); i++)
        if (sm_str_has(l->par[i].text, line))
            p.para = i;
    p.end = p.para >= 0 ? sm_utf8_count(l->par[p.para].text) : 0;
    return p;
}

/* --------------------------------------------------------------------- judging */

static bool is_of_layout(sm_str rule)
{
    return sm_str_starts(rule, SM_STR("FM-"));
}

static bool same_rule(const sm_finding *f, const seed *s, const place *p)
{
    if (!sm_str_eq(f->rule->id, s->rule))
        return false;
    /* of fonts and sizes the page may be told in place of the paragraph */
    return f->para == p->para || (f->para == -1 && is_of_layout(s->rule));
}

/* How words are set says nothing of what is wrong with them. */
static bool overlaps(const sm_finding *f, const seed *s, const place *p)
{
    if (is_of_layout(f->rule->id) != is_of_layout(s->rule))
        return false;
    return f->para >= 0 && f->para == p->para && f->start < SM_MAX(p->end, p->start + 1) &&
           SM_MAX(f->end, f->start + 1) > p->start;
}

static sm_str put_in(sm_arena *a, sm_str text, size_t start, size_t end, sm_str words)
{
    sm_str head = sm_utf8_head(text, start),
           tail = sm_str_sub(text, sm_utf8_head(text, end).n, text.n);
    return sm_strf(a, "%.*s%.*s%.*s", SM_ARG(head), SM_ARG(words), SM_ARG(tail));
}

/* Whether a finding's proposal makes of the paragraph what the seed's would; where its rule has
 * several within the seed's words, all of them together. */
static bool is_right(sm_arena *a, const sm_layout *l, const sm_review *v, const sm_finding *f,
                     const seed *s, const place *p)
{
    sm_str text = l->par[p->para].text, made = text,
           right = put_in(a, text, p->start, p->end, s->suggest);
    for (const sm_finding *g = v->finding + v->n; g-- > v->finding;) /* from the end: places stay */
        if (g->rule == f->rule && g->para == f->para && g->suggests && g->start >= p->start &&
            g->end <= p->end)
            made = put_in(a, made, g->start, g->end, g->suggest);
    return sm_str_eq(put_in(a, text, f->start, f->end, f->suggest), right) ||
           sm_str_eq(made, right);
}

static group *group_of(score *c, sm_str rule)
{
    char name[8] = "";
    size_t n = 0;
    while (n < rule.n && n + 1 < sizeof(name) && rule.p[n] >= 'A' && rule.p[n] <= 'Z')
        n++;
    memcpy(name, rule.p, n);
    for (size_t i = 0; i < c->n_groups; i++)
        if (strcmp(c->group[i].name, name) == 0)
            return &c->group[i];
    if (c->n_groups == MAX_GROUPS)
        return &c->group[MAX_GROUPS - 1];
    memcpy(c->group[c->n_groups].name, name, sizeof(name));
    return &c->group[c->n_groups++];
}

static void count_in(share *s, bool same, bool any)
{
    s->n++;
    s->same += same;
    s->any += any;
}

static void tell(const eval *e, form f, const document *d, const seed *s, const char *what,
                 const sm_finding *said)
{
    if (!e->misses)
        return;
    fprintf(e->misses, "%s %s %s.txt:%zu %.*s “%.*s”→“%.*s”", what, form_names[f], d->name,
            s->line_no, SM_ARG(s->rule), SM_ARG(s->text), SM_ARG(s->suggest));
    if (said)
        fprintf(e->misses, " <- %.*s “%.*s”→“%.*s”", SM_ARG(said->rule->id), SM_ARG(said->text),
                SM_ARG(said->suggest));
    fputc('\n', e->misses);
}

static void judge_seed(eval *e, form as, const document *d, const sm_layout *l, const sm_review *v,
                       const seed *s)
{
    score *c = &e->score[as];
    place p = place_in(d, s, l);
    const sm_finding *first = NULL; /* that proposes something */
    bool same = false, any = false;
    for (size_t i = 0; i < v->n; i++) {
        const sm_finding *f = &v->finding[i];
        bool here = overlaps(f, s, &p);
        same |= same_rule(f, s, &p);
        any |= here;
        if (!first && f->suggests && f->para >= 0 && (here || same_rule(f, s, &p)))
            first = f;
    }
    any |= same;
    count_in(&c->all, same, any);
    count_in(&group_of(c, s->rule)->s, same, any);
    if (s->outside)
        count_in(&c->outside, same, any);
    if (!any)
        tell(e, as, d, s, "missed", NULL);
    /* a layout is not mended by words, and a mark of secrecy not for us to take away */
    if (!any || !p.in_text || d->stops || is_of_layout(s->rule))
        return;
    bool right = first && is_right(d->op->arena, l, v, first, s, &p);
    c->to_mend++;
    c->proposed += first != NULL;
    c->right += right;
    if (!right)
        tell(e, as, d, s, first ? "corrected otherwise" : "not corrected", first);
}

static bool is_seeded(const document *d, const sm_layout *l, const sm_finding *f)
{
    for (size_t i = 0; i < d->n; i++) {
        place p = place_in(d, &d->seed[i], l);
        if (same_rule(f, &d->seed[i], &p) || overlaps(f, &d->seed[i], &p))
            return true;
    }
    return false;
}

static void judge_alarms(eval *e, form as, const document *d, const sm_layout *l,
                         const sm_review *v)
{
    score *c = &e->score[as];
    for (size_t i = 0; i < v->n; i++) {
        const sm_finding *f = &v->finding[i];
        if (is_seeded(d, l, f))
            continue;
        *(d->clean ? &c->alarms : &c->others) += 1;
        c->hints += d->clean && f->rule->severity == SM_HINT;
        if (e->misses)
            fprintf(e->misses, "%s %s %s.txt para %d %.*s “%.*s”: %.*s\n",
                    d->clean ? "alarm" : "other", form_names[as], d->name, f->para,
                    SM_ARG(f->rule->id), SM_ARG(f->text), SM_ARG(f->why));
    }
}

/* What the contract promises of a finding (docs/batch.md). */
static sm_rc check_words(sm_op *op, const sm_layout *l, const sm_review *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const sm_finding *f = &v->finding[i];
        if (f->para < 0)
            continue;
        sm_str text = l->par[f->para].text;
        sm_str there =
            sm_str_sub(text, sm_utf8_head(text, f->start).n, sm_utf8_head(text, f->end).n);
        if (!f->text.n || !sm_str_eq(there, f->text))
            return sm_fail(op, SM_E_INTERNAL, "规则 %.*s 在第 %d 段说的“%.*s”不是那里的文字",
                           SM_ARG(f->rule->id), f->para + 1, SM_ARG(f->text));
    }
    return SM_OK;
}

static sm_rc judge(eval *e, form as, document *d)
{
    score *c = &e->score[as];
    sm_layout *l;
    sm_review *v;
    sm_rc rc = in_form(e, d, as, &l);
    if (rc < 0 || !l)
        return rc;
    rc = sm_reviewer_run(d->op, e->r, l, &v);
    if (rc == SM_OK)
        rc = check_words(d->op, l, v);
    if (rc < 0)
        return rc;
    c->n_docs++;
    c->n_clean += d->clean;
    c->n_seeded += !d->clean;
    c->n_stopped += d->stops;
    for (size_t i = 0; i < d->n; i++)
        if (d->seed[i].counts)
            judge_seed(e, as, d, l, v, &d->seed[i]);
        else
            c->n_left_out++;
    judge_alarms(e, as, d, l, v);
    return SM_OK;
}

/* -------------------------------------------------------------------- printing */

static double of(size_t part, size_t all)
{
    return all ? (double)part / (double)all : 0;
}

static void print_forms(const eval *e, FILE *to)
{
    fputs("| as | documents | seeded errors | found by their rule | found by any rule | of those "
          "outside every dictionary | right correction first | proposed at all | false alarms a "
          "clean document | hints among them | others a seeded document |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|\n",
          to);
    for (int f = 0; f < N_FORMS; f++) {
        const score *c = &e->score[f];
        if (c->n_docs)
            fprintf(
                to, "| %s | %zu | %zu | %.3f | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f |\n",
                form_names[f], c->n_docs, c->all.n, of(c->all.same, c->all.n),
                of(c->all.any, c->all.n), of(c->outside.any, c->outside.n),
                of(c->right, c->to_mend), of(c->proposed, c->to_mend), of(c->alarms, c->n_clean),
                of(c->hints, c->n_clean), of(c->others, c->n_seeded));
    }
    const score *c = &e->score[AS_TEXT];
    if (c->n_stopped)
        fprintf(to,
                "\nA mark of secrecy stops the review: %zu documents have one, and their %zu other "
                "errors are not counted.\n",
                c->n_stopped, c->n_left_out);
}

static int by_group(const void *a, const void *b)
{
    return strcmp(((const group *)a)->name, ((const group *)b)->name);
}

static void print_groups(eval *e, FILE *to)
{
    score *c = &e->score[AS_TEXT];
    if (c->n_groups == 0)
        return;
    qsort(c->group, c->n_groups, sizeof(*c->group), by_group);
    fputs("\n| rules | seeded errors | found by their rule | found by any rule |\n"
          "|---|---|---|---|\n",
          to);
    for (size_t i = 0; i < c->n_groups; i++) {
        const group *g = &c->group[i];
        fprintf(to, "| %s | %zu | %.3f | %.3f |\n", g->name, g->s.n, of(g->s.same, g->s.n),
                of(g->s.any, g->s.n));
    }
}

/* --------------------------------------------------------------------- running */

static int by_text(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

static sm_rc list_documents(sm_op *op, const char *dir, sm_str **out, size_t *n)
{
    sm_str *name = NULL;
    size_t cap = 0;
    DIR *d = opendir(dir);
    if (!d)
        return sm_fail(op, SM_E_NOTFOUND, "打不开文件夹 %s", dir);
    *n = 0;
    for (struct dirent *f; (f = readdir(d)) != NULL && *n < MAX_DOCUMENTS;) {
        sm_str s = sm_str_of(f->d_name);
        if (s.p[0] == '.' || !sm_str_ends(s, SM_STR(".txt")))
            continue;
        SM_GROW(op->arena, name, *n, cap);
        name[(*n)++] = sm_str_dup(op->arena, sm_str_sub(s, 0, s.n - 4));
    }
    closedir(d);
    if (*n == 0 || *n == MAX_DOCUMENTS)
        return sm_fail(op, SM_E_INVALID, "%s 里没有公文（.txt），或多到 %d 件", dir, MAX_DOCUMENTS);
    qsort(name, *n, sizeof(*name), by_text);
    *out = name;
    return SM_OK;
}

static sm_rc judge_document(sm_op *op, eval *e, sm_str name)
{
    sm_op one;
    sm_op_begin(&one);
    document d = { .op = &one, .name = sm_cstr(one.arena, name) };
    sm_rc rc = read_document(e, &d);
    for (int f = 0; rc == SM_OK && f < N_FORMS; f++)
        rc = judge(e, (form)f, &d);
    if (rc < 0)
        sm_fail(op, rc, "%.*s：%.*s", SM_ARG(name), SM_ARG(one.msg));
    sm_op_end(&one);
    return rc;
}

sm_rc sm_eval_review(sm_op *op, const sm_reviewer *r, const char *dir, const char *ofd, FILE *to,
                     FILE *misses)
{
    eval *e = SM_NEW(op->arena, eval);
    *e = (eval){ .r = r, .dir = dir, .ofd = ofd ? ofd : dir, .misses = misses };
    sm_str *name = NULL;
    size_t n = 0;
    sm_rc rc = list_documents(op, dir, &name, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        rc = judge_document(op, e, name[i]);
        sm_op_progress(op, "评测", i + 1, n);
    }
    if (rc < 0)
        return rc;
    print_forms(e, to);
    print_groups(e, to);
    return SM_OK;
}
