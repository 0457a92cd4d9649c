/* Budgets: who is over is refused at once and told when to come back; nobody else notices. */
#include "city.h"

#define CITIZEN SM_CLASS_CITIZEN
#define STAFF   SM_CLASS_STAFF

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

static int set_up(void **state)
{
    static struct city c;
    city_begin(&c);
    *state = &c;
    return 0;
}

static int tear_down(void **state)
{
    city_end(*state);
    return 0;
}

static sm_department_figures figures(struct city *c, const char *id)
{
    sm_department_figures f;
    size_t i = 0;
    assert_true(sm_schedule_find_department(c->s, sm_str_of(id), &i));
    sm_schedule_department(c->s, i, c->now_us, &f);
    return f;
}

/* Asks, starts and ends one call of 100 tokens in and so many out. */
static void serve(struct city *c, const char *id, uint32_t generated)
{
    sm_start start;
    assert_non_null(city_ask(c, id, CITIZEN, id));
    assert_true(sm_schedule_next(c->s, c->now_us, &start));
    sm_schedule_finish(c->s, start.call, 100, generated, SM_OUTCOME_DONE, c->now_us);
}

static void a_minutes_budget_is_new_every_minute(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->minute_tokens = 500;
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    c->now_us = 10 * SECOND;
    serve(c, "a", 100);
    serve(c, "a", 100);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_MINUTE);
    assert_int_equal(c->last.retry_after_s, 50);
    assert_true(sm_str_eq(c->last.department, SM_STR("a")));
    serve(c, "b", 100);
    c->now_us = MINUTE;
    assert_int_equal(figures(c, "a").minute_left, 500);
    serve(c, "a", 100);
}

static void what_a_call_did_not_use_is_given_back(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->minute_tokens = 300;
    city_back_end(c, 1, 1);
    city_configure(c);
    serve(c, "a", 0); /* 200 were held back, 100 used */
    assert_int_equal(figures(c, "a").minute_used, 100);
    assert_non_null(city_ask(c, "a", CITIZEN, "a"));
}

static void days_and_months_follow_the_calendar(void **state)
{
    struct city *c = *state;
    sm_department *a = city_department(c, "a", "", 1);
    a->day_tokens = 200;
    a->month_tokens = 500;
    city_back_end(c, 1, 1);
    city_configure(c);
    sm_schedule_calendar(c->s, 20261129, 202611, 3600LL * SECOND, 7200LL * SECOND);
    assert_int_equal(sm_schedule_next_event_us(c->s), 3600LL * SECOND);
    serve(c, "a", 100);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_DAY);
    assert_int_equal(c->last.retry_after_s, 3600);
    sm_schedule_calendar(c->s, 20261130, 202611, 7200LL * SECOND, 7200LL * SECOND);
    serve(c, "a", 100);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_MONTH);
    assert_int_equal(c->last.retry_after_s, 7200);
    sm_schedule_calendar(c->s, 20261201, 202612, INT64_MAX, INT64_MAX);
    serve(c, "a", 100);
    assert_int_equal(figures(c, "a").month_used, 200);
}

static void a_budget_covers_all_below(void **state)
{
    struct city *c = *state;
    city_department(c, "up", "", 1)->day_tokens = 400;
    city_department(c, "a", "up", 1);
    city_department(c, "b", "up", 1);
    city_department(c, "other", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    serve(c, "a", 100);
    serve(c, "b", 100);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_DAY);
    assert_true(sm_str_eq(c->last.department, SM_STR("up")));
    assert_int_equal(figures(c, "up").own_day_tokens, 0);
    assert_int_equal(figures(c, "up").day_used, 400);
    assert_int_equal(figures(c, "").day_used, 400);
    serve(c, "other", 100);
}

static void a_call_greater_than_the_budget_need_not_come_back(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->month_tokens = 150;
    city_back_end(c, 1, 1);
    city_configure(c);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_SIZE);
    assert_int_equal(c->last.retry_after_s, 0);
}

static void waiting_calls_hold_their_tokens_back(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->day_tokens = 1000;
    city_back_end(c, 1, 1);
    city_configure(c);
    int n = 0;
    while (city_ask(c, "a", STAFF, "a"))
        n++;
    assert_int_equal(n, 5);
    assert_int_equal(c->last.refused, SM_REFUSED_DAY);
    assert_int_equal(figures(c, "a").held, 1000);
    assert_int_equal(figures(c, "a").day_left, 0);
}

/* The department usually generates little; then a call generates much. */
static void tokens_beyond_the_estimate_count_as_they_come(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->day_tokens = 1000;
    city_back_end(c, 1, 1);
    city_configure(c);
    serve(c, "a", 10);
    assert_non_null(city_ask_of(c, "a", CITIZEN, 100, 5000, c->all, 1, "long"));
    sm_start start;
    assert_true(sm_schedule_next(c->s, 0, &start));
    assert_int_equal(figures(c, "a").held, 110);
    sm_schedule_progress(c->s, start.call, 800, 0);
    assert_int_equal(figures(c, "a").held, 900);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_DAY);
    sm_schedule_finish(c->s, start.call, 100, 2000, SM_OUTCOME_DONE, 0);
    assert_int_equal(figures(c, "a").day_left, 1000 - 110 - 2100); /* one call's overrun */
}

static void strict_budgets_hold_back_the_most_a_call_may_take(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->day_tokens = 1000;
    city_back_end(c, 1, 1);
    c->config.strict = true;
    city_configure(c);
    serve(c, "a", 10);
    assert_non_null(city_ask_of(c, "a", CITIZEN, 100, 700, c->all, 1, "a"));
    assert_int_equal(figures(c, "a").held, 800);
    assert_null(city_ask_of(c, "a", CITIZEN, 50, 50, c->all, 1, "a"));
}

static void usage_is_loaded_and_read_out(void **state)
{
    struct city *c = *state;
    city_department(c, "up", "", 1);
    city_department(c, "a", "up", 1)->day_tokens = 1000;
    city_back_end(c, 1, 1);
    city_configure(c);
    sm_schedule_calendar(c->s, 1, 1, INT64_MAX, INT64_MAX);
    assert_true(sm_schedule_usage_load(c->s, SM_STR("a"), 900, 5000));
    assert_false(sm_schedule_usage_load(c->s, SM_STR("nobody"), 1, 1));
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_DAY);
    assert_int_equal(figures(c, "a").own_day_tokens, 900);
    assert_int_equal(figures(c, "up").month_used, 5000);
    city_configure(c); /* stays through a new configuration */
    assert_int_equal(figures(c, "a").own_month_tokens, 5000);
    assert_int_equal(figures(c, "up").day_used, 900);
}

static void refusals_are_counted(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->day_tokens = 100;
    city_back_end(c, 1, 1);
    city_configure(c);
    city_refused(c, "a", CITIZEN);
    city_refused(c, "a", CITIZEN);
    city_refused(c, "nobody", CITIZEN);
    sm_class_figures k;
    sm_schedule_class(c->s, CITIZEN, &k);
    assert_int_equal(k.refused[SM_REFUSED_SIZE], 2);
    assert_int_equal(k.refused[SM_REFUSED_DEPARTMENT], 1);
    assert_int_equal(figures(c, "a").class[CITIZEN].refused[SM_REFUSED_SIZE], 2);
}

#define STORY(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_minutes_budget_is_new_every_minute),
        STORY(what_a_call_did_not_use_is_given_back),
        STORY(days_and_months_follow_the_calendar),
        STORY(a_budget_covers_all_below),
        STORY(a_call_greater_than_the_budget_need_not_come_back),
        STORY(waiting_calls_hold_their_tokens_back),
        STORY(tokens_beyond_the_estimate_count_as_they_come),
        STORY(strict_budgets_hold_back_the_most_a_call_may_take),
        STORY(usage_is_loaded_and_read_out),
        STORY(refusals_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
