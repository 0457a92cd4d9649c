/*
 * bench_ground PAIRS.jsonl …: how many sentences a second are held against 8 passages on one core,
 * the evidence read once; what reading the evidence costs; and the gate, with all it does, sentence
 * by sentence as a model would write them.  Markdown rows.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ground/ground.h"

enum { N_PASSAGES = 8, MAX_CASES = 4096, ROUNDS = 5, PIECE = 12 };

typedef struct bench_case {
    sm_evidence *e;
    sm_str sentence;
} bench_case;

/* Of this process alone: others may have the core meanwhile. */
static int64_t spent_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(sm_op *op, const char *doing)
{
    fprintf(stderr, "bench_ground: %s: %.*s\n", doing, SM_ARG(op->msg));
    exit(1);
}

/* The pair's own passages first, filled up with those of the pair before. */
static size_t passages_of(const json_t *in, sm_source *kept, size_t n_kept, sm_source *out)
{
    size_t n = 0;
    const json_t *list = json_object_get(in, "evidence");
    for (size_t i = 0; i < json_array_size(list) && n < N_PASSAGES; i++) {
        const json_t *one = json_array_get(list, i);
        out[n++] = (sm_source){ sm_json_str(one, "id"), sm_json_str(one, "title"),
                                sm_json_str(one, "text") };
    }
    for (size_t i = 0; i < n_kept && n < N_PASSAGES; i++) {
        bool there = false;
        for (size_t k = 0; k < n && !there; k++)
            there = sm_str_eq(out[k].id, kept[i].id);
        if (!there)
            out[n++] = kept[i];
    }
    return n;
}

static size_t read_cases(sm_op *op, int argc, char **argv, bench_case *c, double *read_us)
{
    sm_source kept[N_PASSAGES];
    size_t n = 0, n_kept = 0;
    json_t *last = NULL;
    int64_t spent = 0;
    for (int f = 1; f < argc; f++) {
        sm_str text, line;
        if (sm_file_read(op, argv[f], (size_t)64 << 20, &text) < 0)
            die(op, argv[f]);
        while (sm_str_cut(&text, '\n', &line) && n < MAX_CASES) {
            json_t *in;
            if (sm_json_parse(op, line, argv[f], &in) < 0 || sm_ground_line(op, in, &last) < 0)
                die(op, argv[f]);
            sm_source *p = SM_NEWS(op->arena, sm_source, N_PASSAGES);
            size_t n_p = passages_of(in, kept, n_kept, p);
            memcpy(kept, p, n_p * sizeof(*p));
            n_kept = n_p;
            int64_t from = spent_us();
            if (sm_evidence_read(op, p, n_p, &c[n].e) < 0)
                die(op, "evidence");
            spent += spent_us() - from;
            c[n++].sentence = sm_json_str(in, "sentence");
        }
    }
    json_decref(last);
    *read_us = n ? (double)spent / (double)n : 0;
    return n;
}

/* Microseconds a sentence, its gate opened, written to in pieces and ended. */
static double through_gate(const bench_case *c, size_t n)
{
    sm_gate_report report;
    double best = 0;
    for (int r = 0; r < ROUNDS && n; r++) {
        int64_t from = spent_us();
        for (size_t i = 0; i < n; i++) {
            sm_op op;
            sm_op_begin(&op);
            sm_gate *g = sm_gate_open(&op, c[i].e, &(sm_gate_options){ 0 });
            for (size_t at = 0; at < c[i].sentence.n; at += PIECE)
                sm_gate_add(g, sm_str_sub(c[i].sentence, at, at + PIECE));
            sm_gate_end(g, false, &report);
            sm_op_end(&op);
        }
        double us = (double)(spent_us() - from) / (double)n;
        best = r == 0 || us < best ? us : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    sm_op op;
    double read_us, best = 0;
    sm_op_begin(&op);
    bench_case *c = SM_NEWS(op.arena, bench_case, MAX_CASES);
    size_t n = read_cases(&op, argc, argv, c, &read_us);
    sm_arena *a = sm_arena_open();
    for (int r = 0; r < ROUNDS && n; r++) {
        int64_t from = spent_us();
        for (size_t i = 0; i < n; i++) {
            sm_verdict v;
            sm_ground_check(a, c[i].e, c[i].sentence, NULL, 0, &v);
            sm_arena_reset(a);
        }
        double rate = (double)n * 1e6 / (double)(spent_us() - from);
        best = rate > best ? rate : best;
    }
    printf(
        "| sentences held against %d passages, one core, evidence read once | %.0f /s (%zu pairs; "
        "reading the evidence %.0f µs) | `bench_ground eval/ground/dev-*.jsonl` |\n",
        N_PASSAGES, best, n, read_us);
    printf("| a sentence through the gate, opened for it, in pieces of %d bytes | %.0f µs | "
           "`bench_ground eval/ground/dev-*.jsonl` |\n",
           PIECE, through_gate(c, n));
    sm_arena_close(a);
    sm_op_end(&op);
    return 0;
}
