/*
 * Random calls, ends, failures, yields, outages and reconfigurations against a plain mirror of what
 * must hold: nothing is lost, no slot stays free that a waiting call could use, limits and strict
 * budgets hold, the figures add up.  And the bound of start-time fair queueing on shares.
 */
#include "city.h"

enum { N_DEPARTMENTS = 12, N_BACK_ENDS = 6, N_LISTS = 8, MAX_CALLS = 400, N_STEPS = 6000 };

struct shadow {
    sm_call *call; /* NULL: free */
    int dept, list;
    sm_class class;
    uint32_t prompt, max;
    int64_t back_end; /* 0: waiting */
    uint64_t excluded;
};

struct world {
    struct city c;
    sm_rng rng;
    struct shadow shadow[MAX_CALLS];
    sm_candidate list[N_LISTS][N_BACK_ENDS];
    size_t n_list[N_LISTS];
    int parent[N_DEPARTMENTS];
    char id[N_DEPARTMENTS][4];
    int64_t used[N_DEPARTMENTS]; /* its own */
    uint64_t submitted, ended;
    bool no_headroom; /* so that no slot may stay free while a call waits */
};

static uint32_t below(struct world *w, uint32_t n)
{
    return sm_rng_below(&w->rng, n);
}

/* ------------------------------------------------------------ the world */

static void make_departments(struct world *w)
{
    w->c.config.n_departments = 0;
    for (int i = 0; i < N_DEPARTMENTS; i++) {
        snprintf(w->id[i], sizeof w->id[i], "d%d", i);
        w->parent[i] = i && below(w, 2) ? (int)below(w, (uint32_t)i) : -1;
        const char *parent = w->parent[i] < 0 ? "" : w->id[w->parent[i]];
        sm_department *d = city_department(&w->c, w->id[i], parent, 1 + below(w, 9));
        d->concurrency = below(w, 3) ? 0 : 1 + below(w, 6);
        d->day_tokens = below(w, 3) ? 0 : 20000 + below(w, 40000);
        d->minute_tokens = below(w, 4) ? 0 : 5000 + below(w, 5000);
    }
}

static void make_back_ends(struct world *w)
{
    w->c.config.n_back_ends = 0;
    for (int i = 0; i < N_BACK_ENDS; i++)
        city_back_end(&w->c, i + 1, 1 + below(w, 6));
}

static void make_lists(struct world *w)
{
    for (int l = 0; l < N_LISTS; l++) {
        w->n_list[l] = 0;
        for (int b = 0; b < N_BACK_ENDS; b++)
            if (w->n_list[l] == 0 ? b == N_BACK_ENDS - 1 || below(w, 3) == 0 : below(w, 2))
                w->list[l][w->n_list[l]++] = (sm_candidate){ .back_end = b + 1,
                                                             .weight = 1 + below(w, 4),
                                                             .tier = below(w, 2) };
    }
}

static sm_back_end *back_end(struct world *w, int64_t id)
{
    return &w->c.back_end[id - 1];
}

/* ------------------------------------------------------- what must hold */

static bool is_above(const struct world *w, int up, int d)
{
    for (; d >= 0; d = w->parent[d])
        if (d == up)
            return true;
    return false;
}

static uint32_t running_below(const struct world *w, int up)
{
    uint32_t n = 0;
    for (int i = 0; i < MAX_CALLS; i++)
        n += w->shadow[i].call && w->shadow[i].back_end && is_above(w, up, w->shadow[i].dept);
    return n;
}

static bool path_is_full(const struct world *w, int d)
{
    for (; d >= 0; d = w->parent[d]) {
        uint32_t most = w->c.department[d].concurrency;
        if (most && running_below(w, d) >= most)
            return true;
    }
    return false;
}

static uint32_t running_on(const struct world *w, int64_t id)
{
    uint32_t n = 0;
    for (int i = 0; i < MAX_CALLS; i++)
        n += w->shadow[i].call && w->shadow[i].back_end == id;
    return n;
}

/* The lowest tier with a back end that is up and not excluded; UINT32_MAX: none. */
static uint32_t tier_of(struct world *w, const struct shadow *s)
{
    uint32_t tier = UINT32_MAX;
    for (size_t i = 0; i < w->n_list[s->list]; i++) {
        const sm_candidate *c = &w->list[s->list][i];
        if (back_end(w, c->back_end)->state == SM_BACK_END_UP && !(s->excluded >> c->back_end & 1))
            tier = SM_MIN(tier, c->tier);
    }
    return tier;
}

static bool could_go(struct world *w, const struct shadow *s, int64_t id)
{
    uint32_t tier = tier_of(w, s);
    for (size_t i = 0; i < w->n_list[s->list]; i++) {
        const sm_candidate *c = &w->list[s->list][i];
        if (c->back_end == id)
            return c->tier == tier && !(s->excluded >> id & 1) &&
                   back_end(w, id)->state == SM_BACK_END_UP &&
                   running_on(w, id) < back_end(w, id)->slots;
    }
    return false;
}

static void nothing_could_start(struct world *w)
{
    for (int i = 0; i < MAX_CALLS; i++) {
        const struct shadow *s = &w->shadow[i];
        if (!s->call || s->back_end || path_is_full(w, s->dept))
            continue;
        for (int64_t id = 1; id <= N_BACK_ENDS; id++)
            assert_false(could_go(w, s, id));
    }
}

static void figures_add_up(struct world *w)
{
    uint64_t in = 0, out = 0;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        sm_class_figures f;
        sm_schedule_class(w->c.s, (sm_class)k, &f);
        in += f.waiting + f.running;
        out += f.done + f.failed + f.gone + f.refused[SM_REFUSED_WAIT];
    }
    assert_int_equal(in, w->submitted - w->ended);
    assert_true(out <= w->ended);
    for (int d = 0; d < N_DEPARTMENTS; d++) {
        sm_department_figures f;
        size_t i;
        assert_true(sm_schedule_find_department(w->c.s, sm_str_of(w->id[d]), &i));
        sm_schedule_department(w->c.s, i, w->c.now_us, &f);
        assert_int_equal(f.own_day_tokens, w->used[d]);
        assert_int_equal(f.running, running_below(w, d));
        if (w->c.config.strict && w->c.department[d].day_tokens)
            assert_true(f.day_used + f.held <= w->c.department[d].day_tokens);
    }
}

/* ----------------------------------------------------------------- steps */

static struct shadow *some(struct world *w, bool running)
{
    uint32_t from = below(w, MAX_CALLS);
    for (uint32_t i = 0; i < MAX_CALLS; i++) {
        struct shadow *s = &w->shadow[(from + i) % MAX_CALLS];
        if (s->call && (s->back_end != 0) == running)
            return s;
    }
    return NULL;
}

static void end(struct world *w, struct shadow *s, uint32_t used)
{
    w->used[s->dept] += used;
    w->ended++;
    s->call = NULL;
}

static void submit(struct world *w)
{
    struct shadow *s = w->shadow;
    while (s < w->shadow + MAX_CALLS && s->call)
        s++;
    if (s == w->shadow + MAX_CALLS)
        return;
    *s = (struct shadow){ .dept = (int)below(w, N_DEPARTMENTS),
                          .list = (int)below(w, N_LISTS),
                          .class = (sm_class)below(w, SM_N_CLASSES),
                          .prompt = below(w, 300),
                          .max = below(w, 300) };
    s->call = city_ask_of(&w->c, w->id[s->dept], s->class, s->prompt, s->max, w->list[s->list],
                          w->n_list[s->list], (const char *)s);
    w->submitted += s->call != NULL;
    if (!s->call && w->c.last.refused == SM_REFUSED_BACK_END)
        assert_int_equal(tier_of(w, s), UINT32_MAX);
}

static void start_all(struct world *w)
{
    sm_start start;
    while (sm_schedule_next(w->c.s, w->c.now_us, &start)) {
        struct shadow *s = start.user;
        assert_ptr_equal(start.call, s->call);
        assert_int_equal(s->back_end, 0);
        assert_false(path_is_full(w, s->dept));
        assert_true(could_go(w, s, start.back_end));
        s->back_end = start.back_end;
        assert_true(running_on(w, s->back_end) <= back_end(w, s->back_end)->slots);
    }
    if (w->no_headroom)
        nothing_could_start(w);
}

static void finish(struct world *w, sm_outcome outcome)
{
    struct shadow *s = some(w, true);
    if (!s)
        return;
    uint32_t generated = s->max ? below(w, s->max + 1) : 0;
    if (below(w, 2))
        sm_schedule_progress(w->c.s, s->call, generated, w->c.now_us);
    sm_schedule_finish(w->c.s, s->call, s->prompt, generated, outcome, w->c.now_us);
    end(w, s, s->prompt + generated);
}

static void fail_over(struct world *w)
{
    struct shadow *s = some(w, true);
    if (!s)
        return;
    uint64_t excluded = s->excluded | 1ULL << s->back_end;
    if (sm_schedule_retry(w->c.s, s->call, 1, 1, true, w->c.now_us)) {
        s->excluded = excluded;
        s->back_end = 0;
        return;
    }
    sm_schedule_finish(w->c.s, s->call, 0, 0, SM_OUTCOME_FAILED, w->c.now_us);
    end(w, s, 0);
}

static void cancel(struct world *w)
{
    struct shadow *s = some(w, below(w, 2));
    if (!s)
        return;
    uint32_t used = s->back_end ? s->prompt : 0;
    if (s->back_end)
        sm_schedule_progress(w->c.s, s->call, 0, w->c.now_us);
    sm_schedule_cancel(w->c.s, s->call, w->c.now_us);
    end(w, s, used);
}

static void yield_all(struct world *w)
{
    for (sm_call *call; (call = sm_schedule_preempt(w->c.s));) {
        struct shadow *s = sm_call_user(call);
        assert_int_equal(s->class, SM_CLASS_BATCH);
        assert_int_not_equal(s->back_end, 0);
        if (sm_schedule_retry(w->c.s, call, 0, 0, false, w->c.now_us)) {
            s->back_end = 0;
            continue;
        }
        sm_schedule_finish(w->c.s, call, 0, 0, SM_OUTCOME_FAILED, w->c.now_us);
        end(w, s, 0);
    }
}

static void expire_all(struct world *w)
{
    sm_expired gone;
    while (sm_schedule_expire(w->c.s, w->c.now_us, &gone)) {
        struct shadow *s = gone.user;
        assert_int_equal(s->back_end, 0);
        end(w, s, 0);
    }
}

static void outage(struct world *w)
{
    int64_t id = 1 + below(w, N_BACK_ENDS);
    sm_back_end *b = back_end(w, id);
    b->state = (sm_back_end_state)below(w, 3);
    assert_true(sm_schedule_back_end(w->c.s, id, b->state, 0));
}

/* Weights, limits and back ends, but the same tree: the mirror's sums would not follow a new one.
 */
static void reconfigure(struct world *w)
{
    for (int i = 0; i < N_DEPARTMENTS; i++)
        w->c.department[i].weight = 1 + below(w, 9);
    for (int i = 0; i < N_BACK_ENDS; i++)
        w->c.back_end[i].state = below(w, 4) ? SM_BACK_END_UP : w->c.back_end[i].state;
    city_configure(&w->c);
}

static void step(struct world *w)
{
    w->c.now_us += below(w, 300000);
    uint32_t what = below(w, 100);
    if (what < 50)
        submit(w);
    else if (what < 80)
        finish(w, (sm_outcome)below(w, 3));
    else if (what < 86)
        fail_over(w);
    else if (what < 90)
        cancel(w);
    else if (what < 96)
        yield_all(w);
    else if (what < 99)
        outage(w);
    else
        reconfigure(w);
    expire_all(w);
    start_all(w);
}

static void run_world(uint64_t seed, bool strict, bool no_headroom)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    city_begin(&w.c);
    w.rng.s = seed;
    make_departments(&w);
    make_back_ends(&w);
    make_lists(&w);
    w.c.config.strict = strict;
    w.no_headroom = no_headroom;
    for (int k = 0; no_headroom && k < SM_N_CLASSES; k++)
        w.c.config.rules[k].headroom = 0;
    w.c.config.rules[SM_CLASS_CITIZEN].wait_us = 20000000;
    city_configure(&w.c);
    for (int i = 0; i < N_STEPS; i++) {
        step(&w);
        if (i % 50 == 0)
            figures_add_up(&w);
    }
    for (int64_t id = 1; id <= N_BACK_ENDS; id++) {
        back_end(&w, id)->state = SM_BACK_END_UP;
        sm_schedule_back_end(w.c.s, id, SM_BACK_END_UP, 0);
    }
    while (w.submitted != w.ended) { /* all that was taken ends */
        start_all(&w);
        assert_non_null(some(&w, true));
        finish(&w, SM_OUTCOME_DONE);
    }
    figures_add_up(&w);
    assert_true(w.submitted > 1000);
    city_end(&w.c);
}

static void whatever_happens_the_rules_hold(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++)
        run_world(seed, seed & 1, seed & 2);
}

struct flow {
    char id[4];
    double weight, got;
    uint32_t greatest;
};

static void assert_close(const struct flow *a, const struct flow *b)
{
    double apart = a->got / a->weight - b->got / b->weight;
    double bound = a->greatest / a->weight + b->greatest / b->weight;
    assert_true(apart <= bound && apart >= -bound);
}

/* Goyal et al., theorem 1: between any two that always wait, what they got by weight differs by no
 * more than one greatest call each. */
static void shares_keep_to_the_bound(void **state)
{
    (void)state;
    enum { N = 10, N_EACH = 100, N_SERVED = 250, GREATEST = 400 };
    static struct flow flow[N];
    static uint32_t size[N * N_EACH]; /* what a call's user points to: flow i's from i × N_EACH */
    static struct city c;
    sm_rng rng = { 7 };
    city_begin(&c);
    for (int i = 0; i < N; i++) {
        snprintf(flow[i].id, sizeof flow[i].id, "%d", i);
        flow[i].weight = 1 + sm_rng_below(&rng, 8);
        city_department(&c, flow[i].id, "", (uint32_t)flow[i].weight);
    }
    city_back_end(&c, 1, 1);
    city_configure(&c);
    for (int i = 0; i < N * N_EACH; i++) {
        struct flow *f = &flow[i / N_EACH];
        size[i] = 1 + sm_rng_below(&rng, GREATEST);
        f->greatest = SM_MAX(f->greatest, size[i]);
        assert_non_null(
            city_ask_of(&c, f->id, SM_CLASS_BATCH, size[i], 0, c.all, 1, (const char *)&size[i]));
    }
    for (int n = 0; n < N_SERVED; n++) {
        sm_start start;
        assert_true(sm_schedule_next(c.s, 0, &start));
        const uint32_t *tokens = start.user;
        flow[(tokens - size) / N_EACH].got += *tokens;
        sm_schedule_finish(c.s, start.call, *tokens, 0, SM_OUTCOME_DONE, 0);
        for (int a = 0; a < N; a++)
            for (int b = 0; b < a; b++)
                assert_close(&flow[a], &flow[b]);
    }
    city_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_the_rules_hold),
        cmocka_unit_test(shares_keep_to_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
