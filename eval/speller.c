/*
 * The speller on sentences with their corrections, by folds.  Sentences with the same correction
 * are in one fold, so that none is learned from and measured on.
 */
#include "eval/speller.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "eval/eval.h"
#include "text/text.h"

enum { FOLDS = 5, OWN_WEIGHT = 3, MAX_FILE_BYTES = 256 << 20, MAX_SENTENCES = 100000 };
/* The share of right sentences that may be flagged, on those the bar is set by. */
static const double allowed[] = { 0.005, 0.01, 0.02, 0.025, 0.03, 0.05, 0.1 };
static const double AMONG_WRONG = 1; /* how much lower the bar is beside a wrong character */

typedef struct sentence {
    sm_str src, tgt;
    int fold;
} sentence;

typedef struct set {
    sm_op *op;
    sentence *one;
    size_t n, cap;
    sm_speller *by[FOLDS]; /* learned without the fold */
    sm_spell_row *row;
    size_t n_rows, row_cap;
} set;

/* -------------------------------------------------------------- sentences */

static bool right(const sentence *s)
{
    return sm_str_eq(s->src, s->tgt);
}

static sm_rc read_sentence(set *v, const json_t *j)
{
    sentence s = { .src = sm_json_str(j, "src"), .tgt = sm_json_str(j, "tgt") };
    if (v->n == MAX_SENTENCES)
        return sm_fail(v->op, SM_E_LIMIT, "超过%d句", MAX_SENTENCES);
    if (sm_utf8_count(s.src) != sm_utf8_count(s.tgt)) /* a character too many is another matter */
        return SM_OK;
    s.fold = (int)(sm_hash64(s.tgt, 1) % FOLDS);
    SM_GROW(v->op->arena, v->one, v->n, v->cap);
    v->one[v->n++] = s;
    return SM_OK;
}

/* Lines of {"text"} go to the counts (NULL: they have been there), those of {"src","tgt"} to the
 * set. */
static sm_rc read_file(sm_op *op, const char *path, sm_spell_counts *c, set *v)
{
    sm_str text, line;
    sm_rc rc = sm_file_read(op, path, MAX_FILE_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line)) {
        json_t *j;
        if (!sm_str_trim(line).n)
            continue;
        rc = sm_json_parse(op, line, path, &j);
        if (rc == SM_OK && json_is_string(json_object_get(j, "tgt")))
            rc = read_sentence(v, j);
        else if (rc == SM_OK && c)
            rc = sm_spell_counts_add(op, c, sm_json_str(j, "text"), 1);
    }
    return rc;
}

/* --------------------------------------------------------------- learning */

/* The right sentences of the other folds, each once. */
static sm_rc add_others(set *v, sm_spell_counts *c, int fold, int weight)
{
    sm_rc rc = SM_OK;
    const sentence *last = NULL;
    for (size_t i = 0; rc == SM_OK && i < v->n; i++) {
        const sentence *s = &v->one[i];
        if (s->fold != fold && (!last || !sm_str_eq(last->tgt, s->tgt)))
            rc = sm_spell_counts_add(v->op, c, s->tgt, weight);
        last = s;
    }
    return rc;
}

static sm_rc learn(set *v, sm_spell_counts *c, int fold)
{
    sm_str bytes;
    sm_rc rc = add_others(v, c, fold, OWN_WEIGHT);
    if (rc == SM_OK)
        rc = sm_spell_counts_pack(v->op, c, &bytes);
    if (rc == SM_OK)
        rc = sm_speller_of(v->op, bytes, &v->by[fold]);
    if (rc == SM_OK)
        rc = add_others(v, c, fold, -OWN_WEIGHT);
    return rc;
}

static uint32_t character(sm_str s, size_t at)
{
    uint32_t c = 0;
    for (size_t i = 0; s.n && i <= at; i++)
        c = sm_utf8_next(&s);
    return c;
}

static void add_rows(set *v, size_t i)
{
    const sentence *s = &v->one[i];
    sm_spell_case *one;
    sm_arena *a = sm_arena_open();
    size_t n = sm_speller_cases(a, v->by[s->fold], s->src, &one);
    for (size_t k = 0; k < n; k++) {
        SM_GROW(v->op->arena, v->row, v->n_rows, v->row_cap);
        sm_spell_row *r = &v->row[v->n_rows++];
        *r = (sm_spell_row){ .sentence = i, .fold = s->fold };
        r->right = character(s->tgt, one[k].at) == one[k].right;
        memcpy(r->x, one[k].x, sizeof(r->x));
    }
    sm_arena_close(a);
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x > y ? -1 : x < y;
}

/* The bar that a share of the right sentences outside a fold gets over. */
static void set_bar(const set *v, int without, double share, sm_spell_weights *w)
{
    size_t n = 0;
    double *best = SM_NEWS(v->op->arena, double, v->n + 1), *kept = best;
    for (size_t i = 0; i < v->n; i++)
        best[i] = -100;
    for (size_t k = 0; k < v->n_rows; k++) {
        double odds = sm_spell_odds(w->w, v->row[k].x);
        best[v->row[k].sentence] = SM_MAX(best[v->row[k].sentence], odds);
    }
    for (size_t i = 0; i < v->n; i++)
        if (v->one[i].fold != without && right(&v->one[i]))
            kept[n++] = best[i];
    qsort(kept, n, sizeof(*kept), falling);
    w->first = n ? kept[(size_t)((double)(n - 1) * share)] : 0;
    w->next = w->first - AMONG_WRONG;
}

/* -------------------------------------------------------------- measuring */

typedef struct tally {
    size_t wrong, right;                  /* sentences */
    size_t touched, mended, flagged;      /* changed; to what they should be; right ones changed */
    size_t errors, found, changed, fixed; /* characters */
} tally;

static bool apply(sm_arena *a, sm_str src, const sm_misspelt *m, size_t n, sm_str *out)
{
    char *p = sm_alloc(a, src.n + 4 * n + 1);
    size_t len = 0, k = 0;
    for (size_t at = 0; src.n; at++) {
        uint32_t c = sm_utf8_next(&src);
        if (k < n && m[k].at == at)
            c = m[k++].right;
        len += sm_utf8_put(c, p + len);
    }
    *out = (sm_str){ p, len };
    return n > 0;
}

static void compare(sm_str src, sm_str tgt, sm_str got, tally *t)
{
    while (src.n && tgt.n && got.n) {
        uint32_t s = sm_utf8_next(&src), r = sm_utf8_next(&tgt), g = sm_utf8_next(&got);
        t->errors += s != r;
        t->changed += s != g;
        t->found += s != r && s != g;
        t->fixed += s != r && g == r;
    }
}

static void measure(const set *v, size_t i, const sm_spell_weights *w, tally *t)
{
    const sentence *s = &v->one[i];
    sm_arena *a = sm_arena_open();
    sm_misspelt *m;
    sm_str got;
    size_t n = sm_speller_check(a, v->by[s->fold], s->src, w, &m);
    bool touched = apply(a, s->src, m, n, &got);
    t->wrong += !right(s);
    t->right += right(s);
    t->touched += touched;
    t->flagged += touched && right(s);
    t->mended += touched && !right(s) && sm_str_eq(got, s->tgt);
    compare(s->src, s->tgt, got, t);
    sm_arena_close(a);
}

static double part(size_t a, size_t b)
{
    return b ? (double)a / (double)b : 0;
}

static double f1(double p, double r)
{
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

static void print_row(const tally *t, double share, FILE *to)
{
    double p = part(t->mended, t->touched), r = part(t->mended, t->wrong);
    double looser = part(t->mended, t->mended + t->flagged);
    double cp = part(t->fixed, t->changed), cr = part(t->fixed, t->errors);
    fprintf(to, "| %.1f%% | %.1f%% | %.3f | %.3f | **%.3f** | %.3f | %.3f | %.3f | %.3f | %.3f |\n",
            100 * share, 100 * part(t->flagged, t->right), p, r, f1(p, r), f1(looser, r), cp, cr,
            f1(cp, cr), f1(part(t->found, t->changed), part(t->found, t->errors)));
}

static void print_head(const set *v, const char *name, FILE *to)
{
    size_t wrong = 0;
    for (size_t i = 0; i < v->n; i++)
        wrong += !right(&v->one[i]);
    fprintf(
        to,
        "\n%s：%zu句，%zu句有错\n\n| 定限时允许 | 误报（无错句） | 句准确率 | 句召回率 | 句F1 | "
        "句F1（误报只计无错句） | 字准确率 | 字召回率 | 字F1 | 检出F1 |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n",
        name, v->n, wrong);
}

static void print_weights(const set *v, FILE *to)
{
    sm_spell_weights w;
    sm_spell_fit(v->row, v->n_rows, -1, w.w);
    set_bar(v, -1, 0.01, &w);
    fprintf(to, "    .w = {");
    for (size_t k = 0; k <= SM_SPELL_FEATURES; k++)
        fprintf(to, "%s%.4f", k == 0 ? " " : k % 8 ? ", " : ",\n           ", w.w[k]);
    fprintf(to, " },\n    .first = %.3f,\n    .next = %.3f,\n", w.first, w.next);
}

static void print_folds(const set *v, const char *name, FILE *to)
{
    sm_spell_weights w[FOLDS];
    int64_t start = 0, spent = 0;
    for (int f = 0; f < FOLDS; f++)
        sm_spell_fit(v->row, v->n_rows, f, w[f].w);
    print_head(v, name, to);
    for (size_t k = 0; k < SM_LEN(allowed); k++) {
        tally t = { 0 };
        for (int f = 0; f < FOLDS; f++)
            set_bar(v, f, allowed[k], &w[f]);
        start = sm_now_us();
        for (size_t i = 0; i < v->n; i++)
            measure(v, i, &w[v->one[i].fold], &t);
        spent = sm_now_us() - start;
        print_row(&t, allowed[k], to);
    }
    fprintf(to, "\n每秒%.0f句\n", (double)v->n * 1e6 / (double)SM_MAX(spent, 1));
}

static sm_rc measure_set(sm_spell_counts *c, set *v, const char *name, FILE *to, FILE *weights)
{
    sm_rc rc = SM_OK;
    for (int f = 0; rc == SM_OK && f < FOLDS; f++)
        rc = learn(v, c, f);
    for (size_t i = 0; rc == SM_OK && i < v->n; i++)
        add_rows(v, i);
    if (rc == SM_OK)
        print_folds(v, name, to);
    if (rc == SM_OK && weights)
        print_weights(v, weights);
    for (int f = 0; f < FOLDS; f++)
        sm_speller_close(v->by[f]);
    return rc;
}

/* ----------------------------------------------------------------- folder */

static int jsonl_file(const struct dirent *d)
{
    return d->d_name[0] != '.' && sm_str_ends(sm_str_of(d->d_name), SM_STR(".jsonl"));
}

/* Each file under an operation of its own: what was read of it goes with it. */
static sm_rc one_file(sm_op *op, const char *path, sm_spell_counts *c, bool texts, FILE *to,
                      FILE *weights)
{
    sm_op own;
    sm_op_begin(&own);
    set v = { .op = &own };
    sm_rc rc = read_file(&own, path, texts ? c : NULL, &v);
    if (rc == SM_OK && !texts && v.n)
        rc = measure_set(c, &v, strrchr(path, '/') + 1, to, weights);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(own.msg));
    sm_op_end(&own);
    return rc;
}

sm_rc sm_eval_speller(sm_op *op, const char *chars_tsv, const char *dir, FILE *to, FILE *weights)
{
    struct dirent **name;
    sm_spell_counts *c = NULL;
    int n = scandir(dir, &name, jsonl_file, alphasort);
    if (n < 0) {
        fprintf(to, "没有文件夹 %s，略过。\n", dir);
        return SM_OK;
    }
    int64_t start = sm_now_us();
    sm_rc rc = sm_spell_counts_open(op, chars_tsv, &c);
    for (int pass = 0; rc == SM_OK && pass < 2; pass++) {
        for (int i = 0; rc == SM_OK && i < n; i++)
            rc = one_file(op, sm_path(op->arena, dir, name[i]->d_name), c, pass == 0, to, weights);
        if (rc == SM_OK && pass == 0)
            fprintf(to, "学习%llu字，%.1f秒\n", (unsigned long long)sm_spell_counts_chars(c),
                    (double)(sm_now_us() - start) / 1e6);
    }
    for (int i = 0; i < n; i++)
        free(name[i]);
    free(name);
    sm_spell_counts_close(c);
    return rc;
}
