/*
 * cost: what the schedule itself takes at 2,000 departments, 200 back ends and 100,000 waiting
 * calls: microseconds per submit, next and finish.
 */
#include <stdlib.h>

#include "schedule/schedule.h"

enum {
    N_DEPARTMENTS = 2000,
    N_BUREAUS = 50,
    N_BACK_ENDS = 200,
    N_WAITING = 100000,
    N_CALLS = 300000
};

struct measure {
    sm_op op;
    sm_schedule *s;
    sm_schedule_config config;
    sm_department department[N_DEPARTMENTS + N_BUREAUS];
    char id[N_DEPARTMENTS + N_BUREAUS][8];
    sm_back_end back_end[N_BACK_ENDS];
    sm_candidate candidate[N_BACK_ENDS];
    size_t n_candidates;
    sm_rng rng;
    sm_call *running[N_BACK_ENDS * 8];
    size_t n_running;
};

static void make(struct measure *m)
{
    for (int i = 0; i < N_BUREAUS + N_DEPARTMENTS; i++) {
        snprintf(m->id[i], sizeof m->id[i], "d%d", i);
        m->department[i] =
            (sm_department){ .id = sm_str_of(m->id[i]),
                             .parent = sm_str_of(i < N_BUREAUS ? "" : m->id[i % N_BUREAUS]),
                             .weight = 1 + sm_rng_below(&m->rng, 10),
                             .day_tokens = 1000000000000 };
    }
    for (int i = 0; i < N_BACK_ENDS; i++) {
        m->back_end[i] = (sm_back_end){ .id = i + 1, .slots = 8 };
        m->candidate[i] = (sm_candidate){ .back_end = i + 1 };
    }
    sm_schedule_config_init(&m->config);
    m->config.department = m->department;
    m->config.n_departments = N_BUREAUS + N_DEPARTMENTS;
    m->config.back_end = m->back_end;
    m->config.n_back_ends = N_BACK_ENDS;
    for (int k = 0; k < SM_N_CLASSES; k++)
        m->config.rules[k].queue_max = 2 * N_WAITING;
}

/* To all back ends, or to a stretch of so many. */
static void submit(struct measure *m)
{
    sm_admission said;
    size_t from =
        sm_rng_below(&m->rng, (uint32_t)(N_BACK_ENDS / m->n_candidates)) * m->n_candidates;
    sm_call_spec spec = {
        .department = m->department[N_BUREAUS + sm_rng_below(&m->rng, N_DEPARTMENTS)].id,
        .class = (sm_class)sm_rng_below(&m->rng, SM_N_CLASSES),
        .prompt_tokens = 1 + sm_rng_below(&m->rng, 1000),
        .max_tokens = 1 + sm_rng_below(&m->rng, 1000),
        .candidate = m->candidate + from,
        .n_candidates = m->n_candidates,
    };
    if (!sm_schedule_submit(m->s, &spec, 0, &said))
        abort();
}

static void start_all(struct measure *m)
{
    sm_start start;
    while (sm_schedule_next(m->s, 0, &start))
        m->running[m->n_running++] = start.call;
}

static void finish_one(struct measure *m)
{
    size_t i = sm_rng_below(&m->rng, (uint32_t)m->n_running);
    sm_call *call = m->running[i];
    m->running[i] = m->running[--m->n_running];
    sm_schedule_finish(m->s, call, 300, sm_rng_below(&m->rng, 500), SM_OUTCOME_DONE, 0);
}

static double us_each(int64_t from, int n)
{
    return (double)(sm_now_us() - from) / n;
}

static void measure(size_t n_candidates)
{
    struct measure *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    m->n_candidates = n_candidates;
    m->rng.s = 1;
    sm_op_begin(&m->op);
    make(m);
    m->s = sm_schedule_open();
    if (sm_schedule_configure(&m->op, m->s, &m->config, 0) < 0)
        abort();
    int64_t t = sm_now_us();
    for (int i = 0; i < N_WAITING; i++)
        submit(m);
    double submitting = us_each(t, N_WAITING);
    start_all(m);
    int64_t finishing = 0, starting = 0, again = 0;
    for (int i = 0; i < N_CALLS / 100; i++) {
        int64_t a = sm_now_us();
        for (int k = 0; k < 100; k++)
            finish_one(m);
        int64_t b = sm_now_us();
        start_all(m);
        int64_t c = sm_now_us();
        for (int k = 0; k < 100; k++)
            submit(m);
        finishing += b - a;
        starting += c - b;
        again += sm_now_us() - c;
    }
    t = sm_now_us();
    if (sm_schedule_configure(&m->op, m->s, &m->config, 0) < 0)
        abort();
    printf("%zu candidates a call: submit %.2f us (filling %.2f), next %.2f us, finish %.2f us; "
           "a new configuration %.1f ms\n",
           n_candidates, (double)again / N_CALLS, submitting, (double)starting / N_CALLS,
           (double)finishing / N_CALLS, (double)(sm_now_us() - t) / 1e3);
    sm_schedule_close(m->s);
    sm_op_end(&m->op);
    free(m);
}

int main(void)
{
    measure(200);
    measure(20);
    measure(2);
    return 0;
}
