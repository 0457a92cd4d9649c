/*
 * Figures of matching, as a Markdown table:
 *
 *   bench_match [demo] [new] [stard] [weights]      (none: demo new stard)
 *
 *   demo     the demo city, without and with the everyday questions that ship: untrained and
 *            trained, on queries-dev; calibration; time of one match; a second training must give
 *            the same bytes
 *   new      ten rotations with an item's questions left out
 *   stard    $SUNMAO_DATA/stard, five-fold cross-validation; skipped when absent
 *   weights  the weights to ship (src/search/fusion.c), fitted on demo/queries-train.jsonl
 *
 * Works in a folder of its own under /tmp.  No figure is asserted.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/train.h"
#include "store/store.h"

#define DEMO  SM_SOURCE_DIR "/demo/"
#define SHARE SM_SOURCE_DIR "/share"

static void die(sm_op *op, const char *doing)
{
    fprintf(stderr, "bench_match: %s: %.*s\n", doing, SM_ARG(op->msg));
    exit(1);
}

static sm_str read_text(sm_op *op, const char *path)
{
    sm_str s;
    if (sm_file_read(op, path, (size_t)1 << 30, &s) < 0)
        die(op, path);
    return s;
}

static const char *temporary(sm_op *op)
{
    char *dir = sm_cstr(op->arena, SM_STR("/tmp/bench_match.XXXXXX"));
    if (!mkdtemp(dir))
        abort();
    return dir;
}

static void remove_folder(const char *dir)
{
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command) != 0)
        fprintf(stderr, "bench_match: %s is left behind\n", dir);
}

/* Lines {"text", id_key: id or [id, …]} */
static size_t read_pairs(sm_op *op, const char *path, const char *id_key, sm_pair **out)
{
    sm_str text = read_text(op, path), line;
    size_t n = 0, cap = 0;
    *out = NULL;
    while (sm_str_cut(&text, '\n', &line)) {
        json_t *j;
        if (line.n == 0)
            continue;
        if (sm_json_parse(op, line, path, &j) < 0)
            die(op, path);
        const json_t *id = json_object_get(j, id_key);
        if (json_is_array(id))
            id = json_array_get(id, 0);
        SM_GROW(op->arena, *out, n, cap);
        (*out)[n++] =
            (sm_pair){ .text = sm_json_str(j, "text"), .id = sm_str_of(json_string_value(id)) };
    }
    return n;
}

/* known: with the everyday questions that ship. */
static sm_db *import(sm_op *op, const char *dir, sm_kind kind, const char *path, bool known)
{
    sm_db *db;
    sm_import_report *report;
    if (sm_db_open(op, dir, SM_DB_CORPUS, SM_DB_CREATE, &db) < 0)
        die(op, "open");
    if (known && sm_known_load(op, db, read_text(op, SHARE "/questions.jsonl")) < 0)
        die(op, "known questions");
    int64_t began = sm_now_us();
    if (sm_corpus_import(op, db, kind, &path, 1, false, &report) < 0)
        die(op, "import");
    int64_t imported = sm_now_us();
    if (sm_index_refresh(op, dir, db) < 0)
        die(op, "index");
    fprintf(stderr, "imported %lld in %.1f s, indexed in %.1f s\n", (long long)report->n_new,
            (double)(imported - began) / 1e6, (double)(sm_now_us() - imported) / 1e6);
    return db;
}

/* ----------------------------------------------------------------- demo */

struct tally {
    double n, hit1, hit3, hit10, p, ms;
    double bin_n[10], bin_p[10], bin_right[10];
};

static void measure(sm_op *op, const char *dir, const sm_pair *pair, size_t n, struct tally *t)
{
    sm_searcher *s;
    *t = (struct tally){ .n = (double)n };
    if (sm_searcher_open(op, dir, SHARE, &s) < 0)
        die(op, "open");
    for (size_t i = 0; i < n; i++) {
        sm_op one;
        const sm_snapshot *snap;
        sm_matches *m;
        sm_op_begin(&one);
        if (sm_searcher_pin(&one, s, &snap) < 0)
            die(&one, "pin");
        int64_t began = sm_now_us();
        if (sm_match(&one, snap, SM_KIND_ITEM, pair[i].text, NULL, 10, &m) < 0)
            die(&one, "match");
        t->ms += (double)(sm_now_us() - began) / 1e3 / (double)n;
        size_t rank = 0;
        while (rank < m->n && !sm_str_eq(m->hit[rank].id, pair[i].id))
            rank++;
        bool found = rank < m->n;
        t->hit1 += rank == 0 && found;
        t->hit3 += rank < 3 && found;
        t->hit10 += found;
        if (m->n) {
            int bin = (int)SM_MIN(m->hit[0].p * 10, 9.0);
            t->p += m->hit[0].p / (double)n;
            t->bin_n[bin]++;
            t->bin_p[bin] += m->hit[0].p;
            t->bin_right[bin] += rank == 0;
        }
        sm_op_end(&one);
    }
    sm_searcher_close(s);
}

static void print_tally(const char *name, const struct tally *t)
{
    double error = 0;
    for (int b = 0; b < 10; b++)
        error += fabs(t->bin_p[b] - t->bin_right[b]) / t->n;
    printf("| %s | %.0f | %.3f | %.3f | %.3f | %.3f | %.3f | %.2f |\n", name, t->n, t->hit1 / t->n,
           t->hit3 / t->n, t->hit10 / t->n, t->p, error, t->ms);
}

static void measure_sets(sm_op *op, const char *dir, const char *state)
{
    static const char *const set[] = { "single", "in_scope", "out" };
    for (size_t i = 0; i < SM_LEN(set); i++) {
        sm_pair *pair;
        struct tally t;
        sm_str path = sm_strf(op->arena, DEMO "queries-dev/%s.jsonl", set[i]);
        size_t n = read_pairs(op, path.p, "codes", &pair);
        measure(op, dir, pair, n, &t);
        print_tally(
            sm_strf(op->arena, "%s, dev %s%s", state, set[i], i == 2 ? " (no right answer)" : "").p,
            &t);
    }
}

static void demo_city(bool known)
{
    sm_op op;
    sm_pair *train;
    sm_op_begin(&op);
    const char *dir = temporary(&op);
    sm_db *db = import(&op, dir, SM_KIND_ITEM, DEMO "items.jsonl", known);
    size_t n = read_pairs(&op, DEMO "queries-train.jsonl", "id", &train);
    printf("\n| demo city, %s share/questions.jsonl | questions | hit@1 | hit@3 | hit@10 | mean p "
           "| ECE | ms |\n"
           "|---|---|---|---|---|---|---|---|\n",
           known ? "with" : "without");
    measure_sets(&op, dir, "untrained");
    sm_train_report *first, *again;
    sm_train_options o = { .gbdt = true };
    if (sm_train(&op, dir, SHARE, db, SM_KIND_ITEM, train, n, &o, &first) < 0)
        die(&op, "train");
    measure_sets(&op, dir, "trained on queries-train");
    o.force = true;
    if (sm_train(&op, dir, SHARE, db, SM_KIND_ITEM, train, n, &o, &again) < 0)
        die(&op, "train again");
    printf(
        "\ntraining: %.1f s, %zu bytes, swapped %d (p %.2f), hold-out %zu: hit@1 %.3f, hit@3 %.3f;"
        " before %.3f; same bytes again: %s\n",
        first->seconds, first->model_bytes, first->swapped, first->p_not_worse, first->n_holdout,
        first->hit1, first->hit3, first->old_hit1,
        sm_str_eq(first->digest, again->digest) ? "yes" : "NO");
    sm_db_close(db);
    remove_folder(dir);
    sm_op_end(&op);
}

static void demo(void)
{
    demo_city(false);
    demo_city(true);
}

static void new_items(void)
{
    sm_op op;
    sm_pair *train;
    double hit1, hit3, loss;
    sm_op_begin(&op);
    const char *dir = temporary(&op);
    sm_db *db = import(&op, dir, SM_KIND_ITEM, DEMO "items.jsonl", false);
    size_t n = read_pairs(&op, DEMO "queries-train.jsonl", "id", &train);
    if (sm_leave_items_out(&op, dir, SHARE, db, train, n, 10, &hit1, &hit3, &loss) < 0)
        die(&op, "leave items out");
    printf("\n| new items, ten rotations | hit@1 | hit@3 | hit@3 lost by the others "
           "|\n|---|---|---|---|\n"
           "| demo city | %.3f | %.3f | %.4f |\n",
           hit1, hit3, loss);
    sm_db_close(db);
    remove_folder(dir);
    sm_op_end(&op);
}

/* ---------------------------------------------------------------- STARD */

static size_t stard_pairs(sm_op *op, const char *folder, sm_pair **out)
{
    enum { MAX_ID = 100000 };
    sm_str *question = SM_NEWS(op->arena, sm_str, MAX_ID);
    sm_str text = read_text(op, sm_path(op->arena, folder, "queries-train.jsonl")), line, id, gold;
    size_t n = 0, cap = 0;
    int64_t k;
    json_t *j;
    *out = NULL;
    while (sm_str_cut(&text, '\n', &line))
        if (line.n && sm_json_parse(op, line, "queries", &j) == SM_OK &&
            sm_str_to_int(sm_json_str(j, "id"), &k) && k >= 0 && k < MAX_ID)
            question[k] = sm_json_str(j, "text");
    text = read_text(op, sm_path(op->arena, folder, "qrels-train.tsv"));
    while (sm_str_cut(&text, '\n', &line)) {
        if (!sm_str_cut(&line, '\t', &id) || !sm_str_cut(&line, '\t', &gold) ||
            !sm_str_to_int(id, &k) || k < 0 || k >= MAX_ID || question[k].n == 0)
            continue;
        SM_GROW(op->arena, *out, n, cap);
        (*out)[n++] = (sm_pair){ .text = question[k], .id = gold };
    }
    return n;
}

static void time_laws(sm_op *op, const char *dir, const sm_pair *pair, size_t n)
{
    sm_searcher *s;
    const sm_snapshot *snap;
    sm_matches *m;
    int64_t began = sm_now_us();
    if (sm_searcher_open(op, dir, SHARE, &s) < 0 || sm_searcher_pin(op, s, &snap) < 0)
        die(op, "open");
    double open_ms = (double)(sm_now_us() - began) / 1e3;
    began = sm_now_us();
    for (size_t i = 0; i < n; i++) {
        sm_op one;
        sm_op_begin(&one);
        if (sm_match(&one, snap, SM_KIND_LAW, pair[i].text, NULL, 10, &m) < 0)
            die(&one, "match");
        sm_op_end(&one);
    }
    printf("trained laws: open %.0f ms, match %.2f ms\n", open_ms,
           (double)(sm_now_us() - began) / 1e3 / (double)n);
}

/* A data directory with STARD's articles, or NULL. */
static const char *stard_folder(sm_op *op, sm_db **db, sm_pair **pair, size_t *n)
{
    const char *data = getenv("SUNMAO_DATA");
    char command[600];
    const char *folder = sm_path(op->arena, data ? data : ".", "stard");
    if (!data || !sm_file_exists(sm_path(op->arena, folder, "corpus.jsonl.xz"))) {
        printf("\nSTARD: skipped, no %s (set SUNMAO_DATA)\n", folder);
        return NULL;
    }
    const char *dir = temporary(op), *laws = sm_path(op->arena, dir, "laws.jsonl");
    snprintf(command, sizeof(command), "xz -dc '%s/corpus.jsonl.xz' > '%s'", folder, laws);
    if (system(command) != 0) {
        printf("\nSTARD: skipped, xz failed\n");
        remove_folder(dir);
        return NULL;
    }
    *db = import(op, dir, SM_KIND_LAW, laws, false);
    *n = stard_pairs(op, folder, pair);
    return dir;
}

static void stard(void)
{
    sm_op op;
    sm_db *db;
    sm_pair *pair;
    sm_cv_row *row;
    size_t n_rows, n;
    sm_op_begin(&op);
    const char *dir = stard_folder(&op, &db, &pair, &n);
    if (!dir) {
        sm_op_end(&op);
        return;
    }
    int64_t began = sm_now_us();
    if (sm_cross_validate(&op, dir, SHARE, db, SM_KIND_LAW, pair, n, 5, &row, &n_rows) < 0)
        die(&op, "cross-validate");
    fprintf(stderr, "cross-validated in %.1f s\n", (double)(sm_now_us() - began) / 1e6);
    printf(
        "\n| STARD, 5-fold | R@10 | R@100 | MRR@10 | hit@1 | hit@3 |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n_rows; i++)
        printf("| %s | %.3f | %.3f | %.3f | %.3f | %.3f |\n", row[i].method, row[i].r10,
               row[i].r100, row[i].mrr10, row[i].hit1, row[i].hit3);
    sm_train_report *r;
    sm_train_options o = { .gbdt = true };
    if (sm_train(&op, dir, SHARE, db, SM_KIND_LAW, pair, n, &o, &r) < 0)
        die(&op, "train");
    printf("\ntraining: %.1f s, %zu bytes, trees %d, swapped %d, hold-out %zu: R@10 %.3f; before "
           "%.3f\n",
           r->seconds, r->model_bytes, r->used_gbdt, r->swapped, r->n_holdout, r->recall10,
           r->old_recall10);
    time_laws(&op, dir, pair, n);
    sm_db_close(db);
    remove_folder(dir);
    sm_op_end(&op);
}

/* -------------------------------------------------------------- weights */

static void print_weights(const char *name, const float *w)
{
    printf("%s\n", name);
    for (int k = 0; k < SM_N_FEATURES; k++)
        if (fabsf(w[k]) > 1e-6f)
            printf("  %-34s %8.3f\n", sm_feature_name(k), (double)w[k]);
}

static void print_calibration(const sm_calibration *c)
{
    printf("calibration {");
    for (int k = 0; k < SM_N_STATS; k++)
        printf(" %.3ff,", (double)c->w[k]);
    printf(" }, %.3ff\n", (double)c->bias);
}

/* Without a model: rows of every question on item texts alone. */
static void untrained_weights(sm_op *op, const sm_study *s, sm_kind kind)
{
    sm_bound b;
    sm_view v;
    sm_rows rows = { 0 };
    sm_fusion f;
    sm_calibration c;
    static const sm_gbdt none = { 0 };
    sm_arena *a = sm_arena_open();
    if (sm_catalogue_view(op, &s->c, NULL, &b, &v) < 0)
        die(op, "view");
    for (size_t i = 0; i < s->c.n_questions; i++) {
        sm_fit_row(a, &v, &s->c.question[i].query, &s->c.question[i], &rows);
        sm_arena_reset(a);
    }
    sm_arena_close(a);
    sm_fusion_fit(&rows, sm_fusion_shipped(kind), sm_fusion_shipped(kind), &f);
    print_weights(sm_kind_name(kind), f.w[0]);
    sm_calibration_fit(&rows, sm_fusion_shipped(kind), &none, &c);
    print_calibration(&c);
    sm_rows_done(&rows);
}

static void weights(void)
{
    sm_op op;
    sm_pair *train;
    sm_study s;
    sm_rows rows = { 0 };
    sm_fusion f;
    sm_op_begin(&op);
    const char *dir = temporary(&op);
    sm_db *db = import(&op, dir, SM_KIND_ITEM, DEMO "items.jsonl", false);
    size_t n = read_pairs(&op, DEMO "queries-train.jsonl", "id", &train);
    if (sm_study_open(&op, dir, SHARE, db, SM_KIND_ITEM, train, n, &s) < 0)
        die(&op, "open");
    untrained_weights(&op, &s, SM_KIND_ITEM);
    if (sm_fit_rows(&op, &s.c, NULL, 1, &rows) < 0)
        die(&op, "rows");
    sm_fusion_fit(&rows, sm_fusion_shipped(SM_KIND_ITEM), sm_fusion_shipped(SM_KIND_ITEM), &f);
    print_weights("item, trained, nothing logged", f.w[0]);
    print_weights("item, trained, logged", f.w[1]);
    printf("bias %.3f\n", (double)f.bias);
    sm_rows_done(&rows);
    sm_db_close(db);
    remove_folder(dir);
    dir = stard_folder(&op, &db, &train, &n);
    if (dir) {
        if (sm_study_open(&op, dir, SHARE, db, SM_KIND_LAW, train, n, &s) < 0)
            die(&op, "open");
        untrained_weights(&op, &s, SM_KIND_LAW);
        sm_db_close(db);
        remove_folder(dir);
    }
    sm_op_end(&op);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
        bool always;
    } parts[] = { { "demo", demo, true },
                  { "new", new_items, true },
                  { "stard", stard, true },
                  { "weights", weights, false } };
    for (size_t i = 0; i < SM_LEN(parts); i++) {
        bool asked = argc < 2 && parts[i].always;
        for (int k = 1; k < argc; k++)
            asked |= strcmp(argv[k], parts[i].name) == 0;
        if (asked)
            parts[i].run();
        fflush(stdout);
    }
    return 0;
}
