/* bench_layout PROGRAM FILE …: how long a document takes to be read as it is laid out, here and in
 * the child, and how many a second two at a time. */
#include "format/layout.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { ROUNDS = 50, APART = 100 };

struct file {
    const char *name;
    sm_str bytes;
};

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t read_once(const struct file *f, const char *program, size_t *n_pars)
{
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = NULL;
    int64_t began = sm_now_us();
    sm_rc rc = program ? sm_layout_read_apart(&op, program, f->name, f->bytes, NULL, &l)
                       : sm_layout_read(&op, f->name, f->bytes, SM_FORMAT_AUTO, NULL, &l);
    int64_t took = sm_now_us() - began;
    if (rc < 0) {
        fprintf(stderr, "%s: %.*s\n", f->name, SM_ARG(op.msg));
        exit(1);
    }
    *n_pars = l->n_pars;
    sm_op_end(&op);
    return took;
}

static void measure(const struct file *f, const char *program)
{
    int64_t took[ROUNDS];
    size_t n_pars = 0;
    for (size_t i = 0; i < ROUNDS; i++)
        took[i] = read_once(f, program, &n_pars);
    qsort(took, ROUNDS, sizeof(*took), compare);
    printf("%s: %zu bytes, %zu paragraphs, %s: median %.2f ms, slowest %.2f ms\n", f->name,
           f->bytes.n, n_pars, program ? "apart" : "here", (double)took[ROUNDS / 2] / 1000,
           (double)took[ROUNDS - 1] / 1000);
}

/* Seconds of processors that this process and its children have used. */
static double used(void)
{
    static const int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    double s = 0;
    for (size_t i = 0; i < SM_LEN(who); i++) {
        struct rusage u;
        if (getrusage(who[i], &u) == 0)
            s += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    }
    return s;
}

struct work {
    const struct file *f;
    const char *program;
};

static void *read_many(void *ctx)
{
    const struct work *w = ctx;
    size_t n_pars;
    for (size_t i = 0; i < APART; i++)
        read_once(w->f, w->program, &n_pars);
    return NULL;
}

int main(int argc, char **argv)
{
    sm_op op;
    sm_op_begin(&op);
    for (int i = 2; i < argc; i++) {
        struct file f = { .name = argv[i] };
        if (sm_file_read(&op, argv[i], 64u << 20, &f.bytes) < 0) {
            fprintf(stderr, "%.*s\n", SM_ARG(op.msg));
            return 1;
        }
        measure(&f, NULL);
        measure(&f, argv[1]);
        struct work w = { &f, argv[1] };
        pthread_t other;
        int64_t began = sm_now_us();
        double spent = used();
        if (pthread_create(&other, NULL, read_many, &w) != 0)
            return 1;
        read_many(&w);
        pthread_join(other, NULL);
        printf("%s: %.0f documents a second, two at a time; %.1f ms of a processor each\n", f.name,
               2.0 * APART * 1e6 / (double)(sm_now_us() - began),
               (used() - spent) * 1000 / (2.0 * APART));
    }
    sm_op_end(&op);
    return argc > 2 ? 0 : 2;
}
