/* The planner: its formula against known values and against the simulation, its answers against
 * what was asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schedule/plan.h"
#include "schedule/simulate.h"

#define CITIZEN SM_CLASS_CITIZEN
#define STAFF   SM_CLASS_STAFF
#define BATCH   SM_CLASS_BATCH

static int set_up(void **state)
{
    static sm_op op;
    sm_op_begin(&op);
    *state = &op;
    return 0;
}

static int tear_down(void **state)
{
    sm_op_end(*state);
    return 0;
}

static void assert_near(double value, double expected, double part)
{
    if (value < expected * (1 - part) || value > expected * (1 + part))
        print_error("%f is not within %.0f %% of %f\n", value, 100 * part, expected);
    assert_true(value >= expected * (1 - part) && value <= expected * (1 + part));
}

/* Values as in printed tables of Erlang's C. */
static void erlangs_c_is_as_printed(void **state)
{
    (void)state;
    static const double rows[][3] = {
        { 1, .5, .5 }, { 2, 1, 1.0 / 3 }, { 5, 4, .5541 }, { 10, 8, .4092 }, { 100, 90, .2169 }
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        assert_near(sm_erlang_c(rows[i][0], rows[i][1]), rows[i][2], .001);
    assert_true(sm_erlang_c(3, 3) >= 1 && sm_erlang_c(1000, 1) < 1e-12);
}

static double mean(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return n ? sum / (double)n : 0;
}

/* Calls that write only, exponentially long: M/M/c with a mean of 10 s; no headroom, no shares. */
static sm_sim_result run_plain(sm_op *op, uint32_t slots, const double *per_second)
{
    static sm_back_end card = { .id = 1 };
    static const sm_candidate candidate = { .back_end = 1 };
    static sm_schedule_config config;
    static sm_sim_source source[SM_N_CLASSES];
    sm_sim_list list = { &candidate, 1 };
    sm_sim_result r;
    card.slots = slots;
    sm_schedule_config_init(&config);
    config.back_end = &card;
    config.n_back_ends = 1;
    size_t n = 0;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        config.rules[k].headroom = config.rules[k].share = 0;
        config.rules[k].wait_us = 0;
        config.rules[k].queue_max = 1000000;
        if (per_second[k] > 0)
            source[n++] = (sm_sim_source){ .class = (sm_class)k,
                                           .per_second = per_second[k],
                                           .prompt_tokens = 1,
                                           .generated_tokens = 10000,
                                           .max_tokens = 1000000 };
    }
    sm_sim sim = { .config = &config,
                   .source = source,
                   .n_sources = n,
                   .list = &list,
                   .prefill_per_second = 1e9,
                   .decode_per_second = 1000.0 * slots,
                   .slots = slots,
                   .warm_up_s = 10000,
                   .measured_s = 600000,
                   .seed = 3 };
    assert_int_equal(sm_simulate(op, &sim, &r), SM_OK);
    return r;
}

static void one_class_waits_as_erlang_says(void **state)
{
    static const struct {
        uint32_t slots;
        double load;
    } rows[] = { { 1, .7 }, { 4, .6 }, { 4, .85 }, { 16, .9 } };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        double n = rows[i].slots, erlangs = n * rows[i].load, c = sm_erlang_c(n, erlangs);
        double per_second[SM_N_CLASSES] = { erlangs / 10 };
        sm_sim_result r = run_plain(*state, rows[i].slots, per_second);
        const sm_sim_waits *w = &r.waits[CITIZEN];
        size_t waited = 0;
        for (size_t j = 0; j < w->n; j++)
            waited += w->wait_s[j] > 0;
        assert_near(r.busy, rows[i].load, .02);
        assert_near((double)waited / (double)w->n, c, .06);
        assert_near(mean(w->wait_s, w->n), c * 10 / (n - erlangs), .12);
        assert_near(sm_quantile(w->wait_s, w->n, .95), 10 / (n - erlangs) * sm_log(c / .05), .12);
    }
}

/* Cobham; Kella and Yechiali. */
static void classes_wait_as_priorities_say(void **state)
{
    static const uint32_t n = 8;
    double per_second[SM_N_CLASSES] = { .3, .38 };
    sm_sim_result r = run_plain(*state, n, per_second);
    double above = .3 * 10 / n, to = .68 * 10 / n, c = sm_erlang_c(n, 6.8);
    const sm_sim_waits *citizen = &r.waits[CITIZEN], *staff = &r.waits[STAFF];
    assert_near(mean(citizen->wait_s, citizen->n), c * 10 / n / (1 - above), .08);
    assert_near(mean(staff->wait_s, staff->n), c * 10 / n / (1 - above) / (1 - to), .15);
}

static void jains_index_is_one_when_all_are_equal(void **state)
{
    (void)state;
    static const double equal[] = { 3, 3, 3, 3 }, one_has_all[] = { 1, 0, 0, 0 };
    assert_near(sm_jain(equal, 4), 1, 1e-9);
    assert_near(sm_jain(one_has_all, 4), .25, 1e-9);
}

/* ------------------------------------------------------------- the plan */

static sm_plan_ask a_city(void)
{
    return (sm_plan_ask){ .per_hour = { 3000, 1500, 600 },
                          .wait_s = { 1, 5, 0 },
                          .quantile = .95,
                          .prompt_tokens = 1200,
                          .generated_tokens = 250,
                          .prefill_per_second = 5000,
                          .decode_per_second = 500,
                          .slots = 8 };
}

static void the_plan_meets_what_was_asked_and_one_card_less_does_not(void **state)
{
    sm_plan_ask ask = a_city();
    sm_plan p, less;
    assert_int_equal(sm_plan_cards(*state, &ask, &p), SM_OK);
    assert_true(p.class[CITIZEN].wait_s <= 1 && p.class[STAFF].wait_s <= 5);
    assert_true(p.class[BATCH].refused < .001);
    assert_in_range(p.formula_cards, p.cards - 1, p.cards + 1);
    /* 5100 calls an hour of 0.74 s of a card each */
    assert_near(p.busy * p.cards, 5100 / 3600.0 * .74, .05);
    assert_true(p.cards > 1);
    assert_int_equal(sm_plan_try(*state, &ask, p.cards - 1, 1, &less), SM_OK);
    assert_true(less.class[CITIZEN].wait_s > 1 || less.class[STAFF].wait_s > 5 ||
                less.class[BATCH].refused > .001);
}

/* Not below what the simulation says, and where there is a wait to speak of, not twice as much. */
static void assert_safe(double simulated, double formula)
{
    if (formula < simulated || (formula > 1 && formula > 2 * simulated))
        print_error("simulated %f, by formula %f\n", simulated, formula);
    assert_true(formula >= simulated && (formula <= 1 || formula <= 2 * simulated));
}

static void the_formula_is_on_the_safe_side_and_close(void **state)
{
    static const double load[] = { .5, .7, .8 };
    sm_plan_ask ask = a_city();
    ask.quantile = .9;
    for (size_t i = 0; i < SM_LEN(load); i++) {
        double per_hour = load[i] * 4 / .74 * 3600;
        sm_plan p;
        ask.per_hour[CITIZEN] = .4 * per_hour;
        ask.per_hour[STAFF] = .6 * per_hour;
        ask.per_hour[BATCH] = 0; /* it yields, which is another model than the formula's */
        assert_int_equal(sm_plan_try(*state, &ask, 4, 5, &p), SM_OK);
        assert_safe(p.class[CITIZEN].wait_s, p.class[CITIZEN].formula_wait_s);
        assert_safe(p.class[STAFF].wait_s, p.class[STAFF].formula_wait_s);
    }
}

static void more_calls_need_no_fewer_cards(void **state)
{
    uint32_t before = 0;
    for (double per_hour = 500; per_hour < 20000; per_hour *= 3) {
        sm_plan_ask ask = a_city();
        sm_plan p;
        ask.per_hour[CITIZEN] = per_hour;
        assert_int_equal(sm_plan_cards(*state, &ask, &p), SM_OK);
        assert_true(p.cards >= before);
        before = p.cards;
    }
}

static void nonsense_is_refused(void **state)
{
    sm_op *op = *state;
    sm_plan_ask ask[6];
    for (size_t i = 0; i < SM_LEN(ask); i++)
        ask[i] = a_city();
    memset(ask[0].per_hour, 0, sizeof ask[0].per_hour);
    ask[1].quantile = 1;
    ask[2].decode_per_second = 0;
    ask[3].slots = 0;
    ask[4].prompt_tokens = -1;
    ask[5].per_hour[STAFF] = -3;
    for (size_t i = 0; i < SM_LEN(ask); i++) {
        sm_plan p;
        assert_int_equal(sm_plan_cards(op, &ask[i], &p), SM_E_INVALID);
        sm_op_clear(op);
    }
    sm_plan_ask huge = a_city();
    huge.per_hour[CITIZEN] = 1e8;
    sm_plan p;
    assert_int_equal(sm_plan_cards(op, &huge, &p), SM_E_LIMIT);
}

#define STORY(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(erlangs_c_is_as_printed),
        STORY(one_class_waits_as_erlang_says),
        STORY(classes_wait_as_priorities_say),
        STORY(jains_index_is_one_when_all_are_equal),
        STORY(the_plan_meets_what_was_asked_and_one_card_less_does_not),
        STORY(the_formula_is_on_the_safe_side_and_close),
        STORY(more_calls_need_no_fewer_cards),
        STORY(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
