/* How much processor time one question takes: to think it through, and to record it with others in
 * one transaction.
 *   bench_guide DATA QUESTIONS.jsonl [ROUNDS] */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sunmao/sunmao.h"

enum { MAX_BYTES = 64 << 20, MAX_QUESTIONS = 4000, BATCH = 64 };

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void must(sm_op *op, sm_rc rc)
{
    if (rc == SM_OK)
        return;
    fprintf(stderr, "bench_guide: %.*s [%s]\n", SM_ARG(op->msg), sm_rc_name(rc));
    exit(1);
}

static size_t read_questions(sm_op *op, const char *path, sm_str *out)
{
    sm_str text, line;
    size_t n = 0;
    must(op, sm_file_read(op, path, MAX_BYTES, &text));
    while (n < MAX_QUESTIONS && sm_str_cut(&text, '\n', &line)) {
        json_t *j;
        must(op, sm_json_parse(op, line, path, &j));
        if (sm_json_str(j, "text").n)
            out[n++] = sm_json_str(j, "text");
    }
    return n;
}

/* The least of all rounds counts: what disturbs a round is other programs. */
struct sums {
    int64_t think[MAX_QUESTIONS], record[MAX_QUESTIONS], end[MAX_QUESTIONS]; /* by first of batch */
};

static void least(int64_t *v, int64_t ns)
{
    *v = *v == 0 || ns < *v ? ns : *v;
}

/* One batch, as a server runs it: each thought under an op of its own. */
static void ask_batch(sm_sunmao *s, const sm_str *text, size_t first, size_t n, struct sums *sum)
{
    sm_op op[BATCH], all;
    sm_thought *thought[BATCH];
    sm_reply *reply;
    sm_db *db;
    for (size_t i = 0; i < n; i++) {
        sm_question q = { .text = text[first + i], .as_of = SM_DATE_NONE, .test = true };
        int64_t start = cpu_ns();
        sm_op_begin(&op[i]);
        must(&op[i], sm_sunmao_think(&op[i], s, &q, &thought[i]));
        least(&sum->think[first + i], cpu_ns() - start);
    }
    sm_op_begin(&all);
    int64_t start = cpu_ns();
    must(&all, sm_sunmao_record_db(&all, s, &db));
    must(&all, sm_db_begin(&all, db));
    for (size_t i = 0; i < n; i++)
        must(&op[i], sm_guide_record(&op[i], db, thought[i], &reply));
    must(&all, sm_db_commit(&all, db));
    least(&sum->record[first], cpu_ns() - start);
    start = cpu_ns();
    sm_op_end(&all);
    for (size_t i = 0; i < n; i++)
        sm_op_end(&op[i]);
    least(&sum->end[first], cpu_ns() - start);
}

static void print(const char *what, const int64_t *ns, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ns[i];
    printf("| %s, CPU µs a question | %.1f |\n", what,
           (double)sum / 1000.0 / (double)SM_MAX(n, (size_t)1));
}

int main(int argc, char **argv)
{
    sm_op op;
    sm_sunmao *s;
    static struct sums sum;
    if (argc < 3) {
        fprintf(stderr, "bench_guide DATA QUESTIONS.jsonl [ROUNDS]\n");
        return 2;
    }
    sm_op_begin(&op);
    sm_sunmao_options o = { .data_dir = argv[1], .today = SM_DATE_NONE, .must_exist = true };
    must(&op, sm_sunmao_open(&op, &o, &s));
    sm_str *text = SM_NEWS(op.arena, sm_str, MAX_QUESTIONS);
    size_t n = read_questions(&op, argv[2], text);
    int rounds = argc > 3 ? atoi(argv[3]) : 3;
    for (int r = 0; r < rounds; r++)
        for (size_t i = 0; i < n; i += BATCH)
            ask_batch(s, text, i, SM_MIN(n - i, (size_t)BATCH), &sum);
    print("think", sum.think, n);
    print("record, with others in one commit", sum.record, n);
    print("giving the memory back", sum.end, n);
    sm_sunmao_close(s);
    sm_op_end(&op);
    return 0;
}
