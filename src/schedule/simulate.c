#include "schedule/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/inner.h"

static const double US = 1e6;

typedef struct job {
    sm_call *call;
    uint32_t source, prompt, generated;
    uint32_t attempt; /* an end that was planned for an earlier one is void */
    int64_t asked_us, started_us;
    bool measured, started;
} job;

typedef struct event {
    int64_t at_us;
    uint64_t seq;
    job *of; /* NULL: an arrival */
    uint32_t source, attempt;
} event;

typedef struct values {
    double *v;
    size_t n, cap;
} values;

typedef struct run {
    const sm_sim *sim;
    sm_arena *arena;
    sm_schedule *s;
    sm_rng rng;
    int64_t now_us, from_us, to_us;
    event *heap;
    size_t n_events, cap_events;
    uint64_t seq;
    job **spare;
    size_t n_spare, cap_spare;
    sm_sim_count *count;
    values first[SM_N_CLASSES], wait[SM_N_CLASSES];
    double busy_us; /* slots × time, measured */
    uint32_t n_running;
} run;

/* ---------------------------------------------------------------- events */

static bool earlier(const event *a, const event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->seq < b->seq;
}

static void plan(run *r, event e)
{
    e.seq = r->seq++;
    SM_GROW(r->arena, r->heap, r->n_events, r->cap_events);
    size_t at = r->n_events++;
    for (size_t up; at > 0 && earlier(&e, &r->heap[up = (at - 1) / 2]); at = up)
        r->heap[at] = r->heap[up];
    r->heap[at] = e;
}

static event take(run *r)
{
    event first = r->heap[0], last = r->heap[--r->n_events];
    size_t at = 0;
    for (;;) {
        size_t down = 2 * at + 1;
        if (down + 1 < r->n_events && earlier(&r->heap[down + 1], &r->heap[down]))
            down++;
        if (down >= r->n_events || !earlier(&r->heap[down], &last))
            break;
        r->heap[at] = r->heap[down];
        at = down;
    }
    r->heap[at] = last;
    return first;
}

static double draw(run *r, double mean)
{
    return -mean * sm_log(1 - sm_rng_unit(&r->rng));
}

static uint32_t tokens(run *r, double mean, uint32_t most)
{
    double n = draw(r, mean);
    return n < 1 ? 1 : n > most ? most : (uint32_t)n;
}

static void note(run *r, values *v, double x)
{
    SM_GROW(r->arena, v->v, v->n, v->cap);
    v->v[v->n++] = x;
}

static bool is_measured(const run *r)
{
    return r->now_us >= r->from_us;
}

/* ----------------------------------------------------------------- calls */

static job *job_new(run *r)
{
    return r->n_spare ? r->spare[--r->n_spare] : SM_NEW(r->arena, job);
}

static void job_free(run *r, job *j)
{
    SM_GROW(r->arena, r->spare, r->n_spare, r->cap_spare);
    r->spare[r->n_spare++] = j;
}

static void come_again(run *r, uint32_t source, double in_s)
{
    plan(r, (event){ .at_us = r->now_us + (int64_t)(in_s * US), .source = source });
}

static void submit(run *r, uint32_t source)
{
    enum { MOST_PROMPT = 1 << 20 };
    const sm_sim_source *from = &r->sim->source[source];
    const sm_sim_list *list = &r->sim->list[from->list];
    uint32_t prompt = tokens(r, from->prompt_tokens, MOST_PROMPT);
    job *j = job_new(r);
    *j = (job){ .attempt = j->attempt, /* goes on: planned ends of its last life are void */
                .source = source,
                .prompt = prompt,
                .generated =
                    from->max_tokens ? tokens(r, from->generated_tokens, from->max_tokens) : 0,
                .asked_us = r->now_us,
                .measured = is_measured(r) };
    sm_call_spec spec = { .department = from->department,
                          .class = from->class,
                          .prompt_tokens = prompt,
                          .max_tokens = from->max_tokens,
                          .candidate = list->candidate,
                          .n_candidates = list->n,
                          .user = j };
    sm_admission said;
    j->call = sm_schedule_submit(r->s, &spec, r->now_us, &said);
    r->count[source].submitted += j->measured;
    if (j->call)
        return;
    r->count[source].refused[said.refused]++;
    job_free(r, j);
    if (from->per_second <= 0)
        come_again(r, source, SM_MAX(said.retry_after_s, 1U));
}

static void saw_wait(run *r, const job *j)
{
    double s = (double)(r->now_us - j->asked_us) / US;
    sm_sim_count *c = &r->count[j->source];
    c->longest_wait_s = SM_MAX(c->longest_wait_s, s);
}

static void start(run *r, const sm_start *st)
{
    job *j = st->user;
    sm_class class = r->sim->source[j->source].class;
    double reads = j->prompt / r->sim->prefill_per_second;
    double stays = r->sim->slots * (reads + j->generated / r->sim->decode_per_second);
    j->attempt++;
    j->started_us = r->now_us;
    r->n_running++;
    plan(r, (event){ .at_us = r->now_us + (int64_t)(stays * US), .of = j, .attempt = j->attempt });
    if (!j->measured || j->started)
        return;
    j->started = true;
    r->count[j->source].started++;
    saw_wait(r, j);
    double waited = (double)(r->now_us - j->asked_us) / US;
    note(r, &r->wait[class], waited);
    note(r, &r->first[class], waited + reads);
}

static void stop_running(run *r, const job *j)
{
    r->n_running--;
    r->busy_us += (double)SM_MAX(r->now_us - SM_MAX(j->started_us, r->from_us), 0);
}

static void ended(run *r, uint32_t source)
{
    if (r->sim->source[source].per_second <= 0)
        submit(r, source);
}

static void finish(run *r, job *j)
{
    uint32_t source = j->source;
    sm_sim_count *c = &r->count[source];
    stop_running(r, j);
    sm_schedule_finish(r->s, j->call, j->prompt, j->generated, SM_OUTCOME_DONE, r->now_us);
    c->done += is_measured(r);
    c->tokens += is_measured(r) ? (double)j->prompt + j->generated : 0;
    job_free(r, j);
    ended(r, source);
}

static void yield_some(run *r)
{
    for (sm_call *call; (call = sm_schedule_preempt(r->s));) {
        job *j = sm_call_user(call);
        stop_running(r, j);
        r->count[j->source].preempted += is_measured(r);
        if (sm_schedule_retry(r->s, call, 0, 0, false, r->now_us))
            j->attempt++; /* its end is void */
    }
}

static void expire_some(run *r)
{
    sm_expired gone;
    while (sm_schedule_expire(r->s, r->now_us, &gone)) {
        job *j = gone.user;
        uint32_t source = j->source;
        saw_wait(r, j);
        r->count[source].refused[gone.refused]++;
        job_free(r, j);
        ended(r, source);
    }
}

static void settle(run *r)
{
    sm_start st;
    expire_some(r);
    for (;;) {
        while (sm_schedule_next(r->s, r->now_us, &st))
            start(r, &st);
        uint32_t was = r->n_running;
        yield_some(r);
        if (r->n_running == was)
            return;
    }
}

/* ------------------------------------------------------------------ a run */

static void begin(run *r)
{
    for (uint32_t i = 0; i < r->sim->n_sources; i++) {
        const sm_sim_source *from = &r->sim->source[i];
        if (from->per_second > 0)
            come_again(r, i, draw(r, 1 / from->per_second));
        for (uint32_t k = 0; from->per_second <= 0 && k < from->outstanding; k++)
            submit(r, i);
    }
    settle(r);
}

static void step(run *r, event e)
{
    r->now_us = e.at_us;
    if (e.of) {
        if (e.of->attempt != e.attempt || !e.of->call)
            return;
        finish(r, e.of);
    } else {
        double rate = r->sim->source[e.source].per_second;
        if (rate > 0)
            come_again(r, e.source, draw(r, 1 / rate));
        submit(r, e.source);
    }
    settle(r);
}

static void see_who_still_waits(run *r)
{
    r->now_us = r->to_us;
    for (int k = 0; k < SM_N_CLASSES; k++)
        for (sm_call *c = r->s->class[k].order.first; c; c = c->link[SM_IN_ORDER].after)
            saw_wait(r, c->user);
    for (sm_call *c = r->s->running.first; c; c = c->link[SM_IN_ORDER].after)
        stop_running(r, c->user);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *ascending(values *v)
{
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, by_value);
    return v->v;
}

static void report(run *r, sm_sim_result *out)
{
    double slots = 0;
    for (size_t i = 0; i < r->sim->config->n_back_ends; i++)
        slots += r->sim->config->back_end[i].slots;
    out->source = r->count;
    out->busy = r->busy_us / (slots * r->sim->measured_s * US);
    for (int k = 0; k < SM_N_CLASSES; k++)
        out->waits[k] = (sm_sim_waits){ .first_token_s = ascending(&r->first[k]),
                                        .wait_s = ascending(&r->wait[k]),
                                        .n = r->wait[k].n };
}

sm_rc sm_simulate(sm_op *op, const sm_sim *sim, sm_sim_result *out)
{
    run r = { .sim = sim,
              .arena = op->arena,
              .s = sm_schedule_open(),
              .rng = { sim->seed },
              .from_us = (int64_t)(sim->warm_up_s * US),
              .to_us = (int64_t)((sim->warm_up_s + sim->measured_s) * US),
              .count = SM_NEWS(op->arena, sm_sim_count, sim->n_sources) };
    sm_rc rc = sm_schedule_configure(op, r.s, sim->config, 0);
    if (rc >= 0)
        begin(&r);
    while (rc >= 0 && r.n_events && r.heap[0].at_us < r.to_us) {
        step(&r, take(&r));
        rc = sm_op_check(op);
    }
    if (rc >= 0) {
        see_who_still_waits(&r);
        report(&r, out);
    }
    sm_schedule_close(r.s);
    return rc;
}

double sm_quantile(const double *v, size_t n, double q)
{
    if (!n)
        return 0;
    size_t at = (size_t)(q * (double)n);
    return v[SM_MIN(at, n - 1)];
}

double sm_jain(const double *v, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        squares += v[i] * v[i];
    }
    return squares > 0 ? sum * sum / ((double)n * squares) : 0;
}
