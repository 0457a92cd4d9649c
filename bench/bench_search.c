/*
 * Figures of the index, as a Markdown table:
 *
 *   SUNMAO_DATA=/path/to/data bench_search [laws] [stard] [million] [peers]    (none: all)
 *
 *   laws     140,097 articles: build, size, memory, time of a question for the best 100
 *   stard    quantised against exact BM25F: R@10 and how far the best ten agree
 *   million  1,000,000 passages made of halves of articles: time and cost of a posting
 *   peers    Xapian and SQLite FTS5 over the same articles and bigrams, in the same run
 *
 * $SUNMAO_DATA/laws and /stard hold JSONL (.xz is read through `xz -dc`); without it the program
 * says that it skips.  Works in a folder of its own under /tmp, in one thread.  No figure is
 * asserted.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "search/current.h"
#include "search/index.h"
#include "search_bench.h"
#include "text/text.h"

#define SHARE SM_SOURCE_DIR "/share"
enum { TOP = 100, MILLION = 1000000, ROUNDS = 3, HITS = 10 };

struct timing {
    double mean_ms, p95_ms, postings; /* postings: mean of a question */
};

static const char *command;

static void row(const char *figure, const char *fmt, ...) SM_PRINTF(2, 3);
static void row(const char *figure, const char *fmt, ...)
{
    va_list args;
    printf("| %s | ", figure);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf(" | `bench_search %s` |\n", command);
    fflush(stdout);
}

static void must(sm_op *op, sm_rc rc, const char *doing)
{
    if (rc == SM_OK)
        return;
    fprintf(stderr, "bench_search: %s: %.*s\n", doing, SM_ARG(op->msg));
    exit(1);
}

static double seconds_since(int64_t began_us)
{
    return (double)(sm_now_us() - began_us) / 1e6;
}

/* ----------------------------------------------------------------- building */

/* A data directory whose laws are these passages, as a writer leaves it. */
static const char *data_dir_of(sm_op *op, const char *tmp, const char *name,
                               const struct passages *p, double *build_s)
{
    sm_op step;
    sm_builder *b;
    const char *dir = sm_path(op->arena, tmp, name);
    sm_generation g = { .revision = 1 };
    g.kind[SM_KIND_LAW].base = SM_STR("law-1.idx");
    g.kind[SM_KIND_LAW].base_revision = 1;
    sm_op_begin(&step);
    must(&step, sm_dir_make(&step, sm_path(step.arena, dir, "index")), "folder");
    int64_t began = sm_now_us();
    must(&step, sm_builder_open(&step, NULL, &b), "build");
    for (size_t i = 0; i < p->n; i++)
        must(&step, sm_builder_add(&step, b, &p->p[i]), "build");
    must(&step, sm_builder_write(&step, b, sm_path(step.arena, dir, "index/law-1.idx")), "write");
    *build_s = seconds_since(began);
    must(&step, sm_current_write(&step, dir, &g), "current");
    sm_op_end(&step);
    return dir;
}

static sm_index *index_of(sm_op *op, const char *dir)
{
    sm_index *x;
    must(op, sm_index_open(op, sm_path(op->arena, dir, "index/law-1.idx"), &x), "open");
    return x;
}

static double postings(const sm_index *x)
{
    sm_postings p;
    double n = 0;
    for (uint32_t t = 0; t < sm_index_n_terms(x); t++)
        if (sm_index_postings(x, SM_FIELD_ALL, sm_index_term(x, t), &p))
            n += p.n;
    return n;
}

/* ------------------------------------------------------------------- asking */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static struct timing timing_of(double *ms, size_t n)
{
    struct timing t = { 0 };
    qsort(ms, n, sizeof(*ms), by_value);
    for (size_t i = 0; i < n; i++)
        t.mean_ms += ms[i] / (double)n;
    t.p95_ms = n ? ms[n * 95 / 100] : 0;
    return t;
}

/* From a question's tokens to its best 100 by BM25F, the best of three rounds over all questions.
 */
static struct timing time_index(const sm_index *x, const struct token_lists *q)
{
    struct timing best = { .mean_ms = 1e9 };
    sm_arena *a = sm_arena_open();
    double *ms = calloc(q->n + 1, sizeof(*ms)), n_postings = 0;
    for (int round = 0; round < ROUNDS && ms; round++) {
        for (size_t i = 0; i < q->n; i++) {
            sm_scores s;
            sm_ranked *r;
            struct timespec from, to;
            clock_gettime(CLOCK_MONOTONIC, &from);
            sm_index_score(a, x, SM_FIELD_ALL, q->token + q->off[i], q->off[i + 1] - q->off[i], &s);
            sm_scores_top(a, &s, x, NULL, TOP, &r);
            sm_arena_reset(a);
            clock_gettime(CLOCK_MONOTONIC, &to);
            ms[i] =
                (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        }
        struct timing t = timing_of(ms, q->n);
        best = t.mean_ms < best.mean_ms ? t : best;
    }
    for (size_t i = 0; i < q->off[q->n]; i++) {
        sm_postings p;
        if (sm_index_postings(x, SM_FIELD_ALL, q->token[i], &p) && p.n <= 0.3 * sm_index_n(x))
            n_postings += p.n;
    }
    best.postings = n_postings / (double)q->n;
    free(ms);
    sm_arena_close(a);
    return best;
}

/* Text to hits: normal form, question words out, passages, their laws, coverage. */
static struct timing time_search(sm_op *op, const char *dir, const struct questions *q)
{
    struct timing best = { .mean_ms = 1e9 };
    sm_searcher *s;
    double *ms = SM_NEWS(op->arena, double, q->n);
    must(op, sm_searcher_open(op, dir, SHARE, &s), "searcher");
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < q->n; i++) {
            sm_op one;
            const sm_snapshot *snap;
            sm_matches *m;
            sm_op_begin(&one);
            must(&one, sm_searcher_pin(&one, s, &snap), "pin");
            int64_t began = sm_now_us();
            must(&one, sm_search(&one, snap, SM_KIND_LAW, q->text[i], NULL, TOP, &m), "search");
            ms[i] = (double)(sm_now_us() - began) / 1e3;
            sm_op_end(&one);
        }
        struct timing t = timing_of(ms, q->n);
        best = t.mean_ms < best.mean_ms ? t : best;
    }
    sm_searcher_close(s);
    return best;
}

static double resident_bytes(void)
{
    char line[200];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtod(line + 6, NULL);
    if (f)
        fclose(f);
    return kib * 1024;
}

/* What opening the directory and asking everything adds to a process of its own. */
static double memory_of(sm_op *op, const char *dir, const struct questions *q)
{
    int pipes[2];
    double grown = 0;
    if (pipe(pipes) < 0)
        return 0;
    pid_t child = fork();
    if (child == 0) {
        double before = resident_bytes();
        sm_searcher *s;
        must(op, sm_searcher_open(op, dir, SHARE, &s), "searcher");
        for (size_t i = 0; i < q->n; i++) {
            const sm_snapshot *snap;
            sm_matches *m;
            sm_op one;
            sm_op_begin(&one);
            must(&one, sm_searcher_pin(&one, s, &snap), "pin");
            must(&one, sm_search(&one, snap, SM_KIND_LAW, q->text[i], NULL, TOP, &m), "search");
            sm_op_end(&one);
        }
        grown = resident_bytes() - before;
        _exit(write(pipes[1], &grown, sizeof(grown)) == sizeof(grown) ? 0 : 1);
    }
    close(pipes[1]);
    if (child < 0 || read(pipes[0], &grown, sizeof(grown)) != sizeof(grown))
        grown = 0;
    close(pipes[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return grown;
}

/* ------------------------------------------------------------------- figures */

struct bench {
    sm_op op;
    const char *tmp;
    struct passages laws, stard;
    struct questions question;
    struct token_lists both, bigrams;
    struct timing laws_both, laws_bigrams;
    const char *laws_dir;
};

static void need_laws(struct bench *b)
{
    double s;
    if (b->laws_dir)
        return;
    b->laws_dir = data_dir_of(&b->op, b->tmp, "laws", &b->laws, &s);
    sm_index *x = index_of(&b->op, b->laws_dir);
    b->laws_both = time_index(x, &b->both);
    b->laws_bigrams = time_index(x, &b->bigrams);
    double n = (double)b->laws.n;
    row("laws: articles", "%zu", b->laws.n);
    row("laws: build, one thread, to the synced file", "%.2f s, %.0f articles/s", s, n / s);
    row("laws: postings", "%.1f million, %u terms", postings(x) / 1e6, sm_index_n_terms(x));
    int64_t began = sm_now_us();
    sm_index *again = index_of(&b->op, b->laws_dir);
    row("laws: opening and checking the file", "%.1f ms", seconds_since(began) * 1e3);
    sm_index_close(again);
    sm_index_close(x);
}

static void laws(struct bench *b)
{
    need_laws(b);
    double n = (double)b->laws.n;
    row("laws: question, uni- and bigrams, top 100", "mean %.3f ms, p95 %.3f ms",
        b->laws_both.mean_ms, b->laws_both.p95_ms);
    row("laws: question, bigrams only, top 100", "mean %.3f ms, p95 %.3f ms",
        b->laws_bigrams.mean_ms, b->laws_bigrams.p95_ms);
    struct timing t = time_search(&b->op, b->laws_dir, &b->question);
    row("laws: sm_search, text to hits with coverage, top 100", "mean %.3f ms, p95 %.3f ms",
        t.mean_ms, t.p95_ms);
    row("laws: memory of a searcher after all questions", "%.0f B an article",
        memory_of(&b->op, b->laws_dir, &b->question) / n);
}

static double recall(const struct gold *g, const uint32_t *top)
{
    double found = 0;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < HITS; k++)
            found += top[k] == g->passage[i];
    return g->n ? found / (double)g->n : 0;
}

static size_t agreeing(const uint32_t *a, const uint32_t *b)
{
    size_t n = 0;
    for (size_t i = 0; i < HITS; i++)
        for (size_t k = 0; k < HITS; k++)
            n += a[i] != UINT32_MAX && a[i] == b[k];
    return n;
}

/* R@10 of sm_search, with the laws' scores and without question words. */
static double search_recall(struct bench *b, const char *dir)
{
    double sum = 0;
    sm_searcher *s;
    must(&b->op, sm_searcher_open(&b->op, dir, SHARE, &s), "searcher");
    for (size_t i = 0; i < b->question.n; i++) {
        const sm_snapshot *snap;
        sm_matches *m;
        sm_op one;
        uint32_t top[HITS];
        sm_op_begin(&one);
        must(&one, sm_searcher_pin(&one, s, &snap), "pin");
        must(&one, sm_search(&one, snap, SM_KIND_LAW, b->question.text[i], NULL, HITS, &m),
             "search");
        for (size_t k = 0; k < HITS; k++)
            top[k] = k < m->n ? m->hit[k].passage : UINT32_MAX;
        sum += recall(&b->question.gold[i], top);
        sm_op_end(&one);
    }
    sm_searcher_close(s);
    return sum / (double)b->question.n;
}

/* The index's best ten of every question, as exact_top gives them. */
static void quantised_top(const sm_index *x, const struct token_lists *q, uint32_t *top)
{
    sm_arena *a = sm_arena_open();
    for (size_t i = 0; i < q->n; i++, top += HITS) {
        sm_scores score;
        sm_ranked *r;
        sm_index_score(a, x, SM_FIELD_ALL, q->token + q->off[i], q->off[i + 1] - q->off[i], &score);
        size_t n = sm_scores_top(a, &score, x, NULL, HITS, &r);
        for (size_t k = 0; k < HITS; k++)
            top[k] = k < n ? r[k].passage : UINT32_MAX;
        sm_arena_reset(a);
    }
    sm_arena_close(a);
}

static double mean_recall(const struct questions *q, const uint32_t *top)
{
    double sum = 0;
    for (size_t i = 0; i < q->n; i++)
        sum += recall(&q->gold[i], top + HITS * i);
    return 100 * sum / (double)q->n;
}

static double overlap(const uint32_t *a, const uint32_t *b, size_t n)
{
    double same = 0;
    for (size_t i = 0; i < n; i++)
        same += (double)agreeing(a + HITS * i, b + HITS * i);
    return same / (HITS * (double)n);
}

static void stard(struct bench *b)
{
    double s;
    size_t n = b->question.n;
    const char *dir = data_dir_of(&b->op, b->tmp, "stard", &b->stard, &s);
    sm_index *x = index_of(&b->op, dir);
    uint32_t *ours = SM_NEWS(b->op.arena, uint32_t, HITS * n),
             *all = SM_NEWS(b->op.arena, uint32_t, HITS * n);
    uint32_t *same = SM_NEWS(b->op.arena, uint32_t, HITS * n);
    quantised_top(x, &b->both, ours);
    sm_index_close(x);
    exact_top(&b->stard, &b->both, 1, all);
    exact_top(&b->stard, &b->both, 0.3, same);
    double r = mean_recall(&b->question, ours), exact = mean_recall(&b->question, all);
    row("STARD: articles, questions", "%zu, %zu", b->stard.n, n);
    row("STARD: R@10, floating-point BM25F", "%.2f", exact);
    row("STARD: R@10, floating-point BM25F without terms in over 30 % of articles", "%.2f",
        mean_recall(&b->question, same));
    row("STARD: R@10, quantised", "%.2f (%+.2f)", r, r - exact);
    row("STARD: share of the best ten that both have, floating-point with the index's terms",
        "%.4f", overlap(ours, same, n));
    row("STARD: the same, floating-point with all terms", "%.4f", overlap(ours, all, n));
    row("STARD: R@10, sm_search (question words out, laws' scores)", "%.2f",
        100 * search_recall(b, dir));
}

static void million(struct bench *b)
{
    double s;
    struct passages many = { 0 };
    sm_op step;
    need_laws(b);
    sm_op_begin(&step);
    recombine(&step, &b->laws, MILLION, &many);
    const char *dir = data_dir_of(&b->op, b->tmp, "million", &many, &s);
    sm_op_end(&step);
    sm_index *x = index_of(&b->op, dir);
    struct timing t = time_index(x, &b->both), small = b->laws_both;
    double here = t.mean_ms * 1e6 / t.postings, there = small.mean_ms * 1e6 / small.postings;
    row("million: build", "%.1f s, %.0f passages/s, %.0f million postings", s, MILLION / s,
        postings(x) / 1e6);
    row("million: question, uni- and bigrams, top 100", "mean %.3f ms, p95 %.3f ms", t.mean_ms,
        t.p95_ms);
    row("million: cost of a posting read", "%.3f ns (140k: %.3f ns; %.2f times)", here, there,
        here / there);
    sm_index_close(x);
}

static void peer(struct bench *b, const char *name,
                 int (*run)(const char *, const struct token_lists *, const struct token_lists *,
                            struct peer_result *),
                 const struct token_lists *text)
{
    struct peer_result r;
    if (run(b->tmp, text, &b->bigrams, &r) < 0)
        return;
    sm_str build = sm_strf(b->op.arena, "peers: %s build", name);
    sm_str ask = sm_strf(b->op.arena, "peers: %s question, bigrams, top 100", name);
    sm_str ratio = sm_strf(b->op.arena,
                           "peers: %s time over ours, bigrams; over ours with unigrams too", name);
    row(build.p, "%.1f s, %.0f MB", r.build_s, r.bytes / 1e6);
    row(ask.p, "mean %.3f ms, p95 %.3f ms", r.mean_ms, r.p95_ms);
    row(ratio.p, "%.1f; %.1f", r.mean_ms / b->laws_bigrams.mean_ms,
        r.mean_ms / b->laws_both.mean_ms);
}

static void peers(struct bench *b)
{
    need_laws(b);
    struct token_lists text = tokens_of(b->op.arena, &b->laws);
#ifdef SM_BENCH_XAPIAN
    peer(b, "Xapian", peer_xapian, &text);
#else
    fprintf(stderr, "bench_search: built without Xapian, skipped\n");
#endif
    peer(b, "SQLite FTS5", peer_fts5, &text);
}

static const struct {
    const char *name;
    void (*run)(struct bench *b);
} PARTS[] = { { "laws", laws }, { "stard", stard }, { "million", million }, { "peers", peers } };

static bool load(struct bench *b, const char *data)
{
    if (!data || !read_laws(&b->op, data, "national", &b->laws) ||
        !read_laws(&b->op, data, "local", &b->laws) ||
        !read_stard(&b->op, data, &b->stard, &b->question)) {
        fprintf(
            stderr,
            "bench_search: skipped: SUNMAO_DATA does not name a folder with laws/ and stard/\n");
        return false;
    }
    b->both = question_tokens(b->op.arena, &b->question, SM_TOKEN_UNI | SM_TOKEN_BI);
    b->bigrams = question_tokens(b->op.arena, &b->question, SM_TOKEN_BI);
    return true;
}

int main(int argc, char **argv)
{
    struct bench b = { 0 };
    char tmp[] = "/tmp/bench_search.XXXXXX", remove_all[100];
    sm_op_begin(&b.op);
    if (!load(&b, getenv("SUNMAO_DATA")))
        return 0;
    if (!(b.tmp = mkdtemp(tmp)))
        abort();
    printf("| figure | value | command |\n|---|---|---|\n");
    for (size_t i = 0; i < SM_LEN(PARTS); i++) {
        bool wanted = argc == 1;
        for (int k = 1; k < argc; k++)
            wanted = wanted || strcmp(argv[k], PARTS[i].name) == 0;
        command = PARTS[i].name;
        if (wanted)
            PARTS[i].run(&b);
    }
    sm_op_end(&b.op);
    snprintf(remove_all, sizeof(remove_all), "rm -rf '%s'", tmp);
    return system(remove_all) == 0 ? 0 : 1;
}
