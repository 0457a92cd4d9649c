/*
 * simulate [SEED]: is the schedule fair where no test machine is large enough?  Departments of
 * unequal weights flood as staff while citizens ask at a steady rate; simulated back ends, the real
 * schedule. Says what it found, and exits with 1 when a target is missed.
 */
#include <math.h>
#include <stdlib.h>

#include "schedule/simulate.h"

enum {
    MAX_DEPARTMENTS = 2100,
    MAX_BUREAUS = 50,
    MAX_BACK_ENDS = 200,
    MAX_LISTS = 20,
    N_BROKE = 10
};

/* What one scenario is made of. */
struct scenario {
    const char *name;
    int n_bureaus, n_departments, n_back_ends, n_lists;
    uint32_t slots, outstanding;
    double citizens_per_second, prompt_tokens, generated_tokens, measured_s;
};

struct world {
    const struct scenario *of;
    sm_op op;
    sm_rng rng;
    sm_schedule_config config;
    sm_department department[MAX_DEPARTMENTS];
    double share[MAX_DEPARTMENTS]; /* of all, by weights */
    bool broke[MAX_DEPARTMENTS];   /* has a budget it soon uses up */
    sm_back_end back_end[MAX_BACK_ENDS];
    sm_candidate candidate[MAX_LISTS][MAX_BACK_ENDS];
    sm_sim_list list[MAX_LISTS];
    sm_sim_source source[2 * MAX_DEPARTMENTS];
    size_t n_floods, n_sources;
    int at[2 * MAX_DEPARTMENTS]; /* the source's department */
};

/* What one card may do with a 7B model. */
static const double PREFILL = 3000, DECODE = 300; /* tokens per second */

static void add_department(struct world *w, const char *id, const char *parent, uint32_t weight)
{
    w->department[w->config.n_departments++] =
        (sm_department){ .id = sm_str_dup(w->op.arena, sm_str_of(id)),
                         .parent = sm_str_dup(w->op.arena, sm_str_of(parent)),
                         .weight = weight };
}

static int bureau_of(const struct world *w, int d)
{
    return w->of->n_bureaus ? (d - w->of->n_bureaus) % w->of->n_bureaus : -1;
}

static int list_of(const struct world *w, int d)
{
    return d % w->of->n_lists;
}

/* Of what is asked of one list of back ends: its bureau's part of all bureaus there, times its own
 * part of the bureau. */
static void find_shares(struct world *w, int list)
{
    double bureaus = 0, below[MAX_BUREAUS + 1] = { 0 };
    int n = (int)w->config.n_departments;
    for (int d = w->of->n_bureaus; d < n; d++) {
        int b = bureau_of(w, d);
        if (list_of(w, d) != list)
            continue;
        if (b >= 0 && below[b + 1] <= 0)
            bureaus += w->department[b].weight;
        below[b + 1] += w->department[d].weight;
    }
    for (int d = w->of->n_bureaus; d < n; d++) {
        int b = bureau_of(w, d);
        if (list_of(w, d) != list)
            continue;
        w->share[d] = w->department[d].weight / below[b + 1];
        if (b >= 0)
            w->share[d] *= w->department[b].weight / bureaus;
        w->share[d] /= w->of->n_lists;
    }
}

static void make_departments(struct world *w)
{
    const struct scenario *of = w->of;
    char id[16], parent[16] = "";
    for (int i = 0; i < of->n_bureaus; i++) {
        snprintf(id, sizeof id, "b%d", i);
        add_department(w, id, "", 1 + sm_rng_below(&w->rng, 10));
    }
    for (int i = 0; i < of->n_departments; i++) {
        snprintf(id, sizeof id, "d%d", i);
        if (of->n_bureaus)
            snprintf(parent, sizeof parent, "b%d", i % of->n_bureaus);
        add_department(w, id, parent, 1 + sm_rng_below(&w->rng, 10));
    }
    for (int l = 0; l < of->n_lists; l++)
        find_shares(w, l);
}

/* Every list has its own back ends but for one that it shares with the next. */
static void make_back_ends(struct world *w)
{
    const struct scenario *of = w->of;
    int each = of->n_back_ends / of->n_lists;
    for (int i = 0; i < of->n_back_ends; i++)
        w->back_end[i] = (sm_back_end){ .id = i + 1, .slots = of->slots };
    w->config.n_back_ends = (size_t)of->n_back_ends;
    for (int l = 0; l < of->n_lists; l++) {
        int n = l + 1 < of->n_lists ? each + 1 : each;
        for (int i = 0; i < n; i++)
            w->candidate[l][i] = (sm_candidate){ .back_end = l * each + i + 1 };
        w->list[l] = (sm_sim_list){ w->candidate[l], (size_t)n };
    }
}

static void add_source(struct world *w, int d, sm_class class, double per_second)
{
    w->at[w->n_sources] = d;
    w->source[w->n_sources++] =
        (sm_sim_source){ .department = w->department[d].id,
                         .class = class,
                         .per_second = per_second,
                         .outstanding = w->of->outstanding,
                         .prompt_tokens = w->of->prompt_tokens,
                         .generated_tokens = w->of->generated_tokens,
                         .max_tokens = (uint32_t)(4 * w->of->generated_tokens),
                         .list = (size_t)list_of(w, d) };
}

static void make_sources(struct world *w)
{
    const struct scenario *of = w->of;
    for (int i = 0; i < of->n_departments; i++)
        add_source(w, of->n_bureaus + i, SM_CLASS_STAFF, 0);
    w->n_floods = w->n_sources;
    int n = SM_MIN(of->n_departments, 200);
    for (int i = 0; i < n; i++)
        add_source(w, of->n_bureaus + i, SM_CLASS_CITIZEN, of->citizens_per_second / n);
}

static struct world *world_new(const struct scenario *of, uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->of = of;
    w->rng.s = seed;
    sm_op_begin(&w->op);
    sm_schedule_config_init(&w->config);
    w->config.department = w->department;
    w->config.back_end = w->back_end;
    w->config.rules[SM_CLASS_STAFF].queue_max = 1000000;
    w->config.rules[SM_CLASS_STAFF].wait_us = 0; /* what would starve shall be seen */
    make_departments(w);
    make_back_ends(w);
    make_sources(w);
    return w;
}

static void world_free(struct world *w)
{
    sm_op_end(&w->op);
    free(w);
}

/* ------------------------------------------------------------------ runs */

enum load { IDLE, FLOODED, SOME_BROKE };

static sm_sim_result simulate(struct world *w, enum load load, uint64_t seed)
{
    for (int i = 0; load == SOME_BROKE && i < N_BROKE && i < w->of->n_departments / 2; i++) {
        int d = w->of->n_bureaus + i;
        w->department[d].day_tokens = (int64_t)(20 * w->of->prompt_tokens);
        w->broke[d] = true;
    }
    size_t skip = load == IDLE ? w->n_floods : 0;
    sm_sim sim = { .config = &w->config,
                   .source = w->source + skip,
                   .n_sources = w->n_sources - skip,
                   .list = w->list,
                   .prefill_per_second = PREFILL,
                   .decode_per_second = DECODE,
                   .slots = w->of->slots,
                   .warm_up_s = 120,
                   .measured_s = w->of->measured_s,
                   .seed = seed };
    sm_sim_result r = { 0 };
    if (sm_simulate(&w->op, &sim, &r) < 0) {
        fprintf(stderr, "%.*s\n", SM_ARG(w->op.msg));
        exit(2);
    }
    return r;
}

struct figures {
    double jain, least, tokens, longest, fair_wait, refused;
};

/* Service by share, of floods with no budget. */
static struct figures figures_of(const struct world *w, const sm_sim_result *r)
{
    struct figures f = { .least = HUGE_VAL };
    double *by_share = SM_NEWS(w->op.arena, double, w->n_floods), shares = 0;
    size_t n = 0;
    double served = 0, calls = 0;
    for (size_t i = 0; i < w->n_floods; i++) {
        int d = w->at[i];
        const sm_sim_count *c = &r->source[i];
        f.refused += (double)c->refused[SM_REFUSED_DAY];
        if (w->broke[d])
            continue;
        by_share[n++] = c->tokens / w->share[d];
        f.longest = SM_MAX(f.longest, c->longest_wait_s * w->share[d]);
        served += c->tokens;
        calls += (double)c->done;
        shares += w->share[d];
    }
    for (size_t i = 0; i < n; i++)
        f.least = SM_MIN(f.least, by_share[i] * shares / served);
    f.jain = sm_jain(by_share, n);
    f.tokens = served;
    /* A department's calls wait, at its share of the calls served, for all it has outstanding. */
    f.fair_wait = w->of->outstanding / (calls / w->of->measured_s) * shares;
    return f;
}

static double first_token(const sm_sim_result *r, double q)
{
    const sm_sim_waits *w = &r->waits[SM_CLASS_CITIZEN];
    return sm_quantile(w->first_token_s, w->n, q);
}

static bool target(const char *what, double value, bool met)
{
    printf("  %-64s %9.3f  %s\n", what, value, met ? "ok" : "MISSED");
    return met;
}

static bool show(const struct scenario *of, uint64_t seed)
{
    struct world *w = world_new(of, seed);
    sm_sim_result idle = simulate(w, IDLE, seed), flood = simulate(w, FLOODED, seed);
    struct figures f = figures_of(w, &flood);
    sm_sim_result broke = simulate(w, SOME_BROKE, seed);
    struct figures b = figures_of(w, &broke);
    printf("%s: %d departments, %d back ends of %u slots, %d models; %.0f s, seed %llu\n", of->name,
           of->n_departments, of->n_back_ends, of->slots, of->n_lists, of->measured_s,
           (unsigned long long)seed);
    printf("  slots busy %.3f idle, %.3f flooded; citizens' first token ms, p50 p99: "
           "%.0f %.0f idle, %.0f %.0f flooded\n",
           idle.busy, flood.busy, 1e3 * first_token(&idle, .5), 1e3 * first_token(&idle, .99),
           1e3 * first_token(&flood, .5), 1e3 * first_token(&flood, .99));
    double p99 = first_token(&flood, .99) / first_token(&idle, .99);
    double p50 = first_token(&flood, .5) / first_token(&idle, .5);
    bool ok = target("Jain's index of service by weight (>= 0.95)", f.jain, f.jain >= .95);
    ok &= target("least served department, of its share (> 0.5)", f.least, f.least > .5);
    ok &= target("longest wait, of what its share lets expect (<= 4)", f.longest / f.fair_wait,
                 f.longest <= 4 * f.fair_wait);
    ok &= target("citizens' first token p99, flooded to idle (<= 2)", p99, p99 <= 2);
    ok &= target("citizens' first token p50, flooded to idle (<= 2)", p50, p50 <= 2);
    ok &= target("over budget: refused", b.refused, b.refused > 0);
    ok &= target("over budget: service of the others, to before (>= 0.99)", b.tokens / f.tokens,
                 b.tokens >= .99 * f.tokens);
    world_free(w);
    return ok;
}

int main(int argc, char **argv)
{
    static const struct scenario all[] = {
        { "city", 50, 2000, 200, 1, 8, 8, 40, 600, 200, 3000 },
        { "many models", 50, 2000, 200, 20, 8, 8, 40, 600, 200, 3000 },
        { "small", 0, 10, 2, 1, 8, 20, 0.2, 600, 200, 6000 },
        { "one card", 0, 10, 1, 1, 8, 20, 0.04, 600, 200, 60000 },
        { "one small card", 0, 10, 1, 1, 4, 20, 0.04, 600, 200, 60000 },
    };
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    bool ok = true;
    for (size_t i = 0; i < SM_LEN(all); i++)
        ok &= show(&all[i], seed);
    return ok ? 0 : 1;
}
