/* Whose turn it is: stories on a schedule of a few departments and back ends. */
#include "city.h"

#define CITIZEN SM_CLASS_CITIZEN
#define STAFF   SM_CLASS_STAFF
#define BATCH   SM_CLASS_BATCH

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

/* Runs n calls one after another on the one slot there is; how many of them were `who`'s (the first
 * letter of the name). */
static int served_of(struct city *c, const char *who, int n)
{
    int of_who = 0;
    for (int i = 0; i < n; i++) {
        sm_start start;
        assert_true(sm_schedule_next(c->s, c->now_us, &start));
        of_who += *(const char *)start.user == *who;
        city_done(c, start.call);
    }
    return of_who;
}

static void ask_many(struct city *c, const char *department, sm_class class, int n)
{
    for (int i = 0; i < n; i++)
        assert_non_null(city_ask(c, department, class, department));
}

/* ---------------------------------------------------------- departments */

static void weights_share_a_back_end(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 3);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "a", STAFF, 100);
    ask_many(c, "b", STAFF, 100);
    assert_in_range(served_of(c, "a", 100), 74, 76);
}

static void a_tree_shares_level_by_level(void **state)
{
    struct city *c = *state;
    city_department(c, "x", "", 1);
    city_department(c, "y", "", 1);
    city_department(c, "a", "x", 1);
    city_department(c, "b", "x", 3);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "a", STAFF, 100);
    ask_many(c, "b", STAFF, 100);
    ask_many(c, "y", STAFF, 100);
    int y = served_of(c, "y", 40);
    int a = served_of(c, "a", 80);
    assert_in_range(y, 19, 21);
    assert_in_range(a, 9, 11);
}

static void a_departments_own_calls_count_as_one_more_child(void **state)
{
    struct city *c = *state;
    city_department(c, "x", "", 1);
    city_department(c, "a", "x", 2);
    city_department(c, "b", "x", 4);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "a", STAFF, 100);
    ask_many(c, "b", STAFF, 100);
    ask_many(c, "x", STAFF, 100);
    assert_in_range(served_of(c, "x", 90), 29, 31); /* weight 3 of 9 */
}

static void long_calls_pay_for_their_length(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    for (int i = 0; i < 100; i++)
        city_ask_of(c, "a", STAFF, 700, 100, c->all, 1, "a");
    ask_many(c, "b", STAFF, 100);
    int a = 0;
    for (int i = 0; i < 50; i++) {
        sm_start start;
        assert_true(sm_schedule_next(c->s, 0, &start));
        bool is_a = *(const char *)start.user == 'a';
        a += is_a;
        sm_schedule_finish(c->s, start.call, is_a ? 700 : 100, 100, SM_OUTCOME_DONE, 0);
    }
    assert_in_range(a, 9, 11); /* 800 tokens to 200 */
}

static void what_a_call_cost_in_truth_is_put_right(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "a", STAFF, 200);
    ask_many(c, "b", STAFF, 200);
    double tokens[2] = { 0 };
    for (int i = 0; i < 200; i++) {
        sm_start start;
        assert_true(sm_schedule_next(c->s, 0, &start));
        bool is_a = *(const char *)start.user == 'a';
        uint32_t generated = is_a ? 900 : 0; /* nine times what was to be expected at first */
        tokens[is_a] += 100 + generated;
        sm_schedule_finish(c->s, start.call, 100, generated, SM_OUTCOME_GONE, 0);
    }
    assert_true(tokens[1] / tokens[0] > 0.9 && tokens[1] / tokens[0] < 1.1);
}

static void who_was_idle_has_banked_nothing(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "a", STAFF, 200);
    served_of(c, "a", 100);
    ask_many(c, "b", STAFF, 100);
    assert_in_range(served_of(c, "b", 20), 9, 11);
}

static void two_names_for_one_model_are_no_second_share(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    static const sm_candidate other = { .back_end = 1, .weight = 7 };
    ask_many(c, "a", STAFF, 100);
    ask_many(c, "b", STAFF, 100);
    for (int i = 0; i < 100; i++)
        city_ask_of(c, "b", STAFF, 100, 100, &other, 1, "b");
    assert_in_range(served_of(c, "a", 100), 49, 51);
}

static void a_busy_model_holds_up_no_other(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    city_configure(c);
    city_ask_of(c, "a", STAFF, 100, 100, &c->all[0], 1, "x");
    city_ask_of(c, "a", STAFF, 100, 100, &c->all[0], 1, "y");
    city_ask_of(c, "a", STAFF, 100, 100, &c->all[1], 1, "z");
    assert_starts(c, "x@1 z@2");
}

static void concurrency_holds_for_a_department_with_all_below(void **state)
{
    struct city *c = *state;
    city_department(c, "x", "", 1)->concurrency = 2;
    city_department(c, "a", "x", 1);
    city_department(c, "b", "x", 1);
    city_department(c, "y", "", 1);
    city_back_end(c, 1, 8);
    city_configure(c);
    sm_call *a = city_ask(c, "a", CITIZEN, "a");
    city_ask(c, "a", CITIZEN, "a2");
    city_ask(c, "b", CITIZEN, "b");
    city_ask(c, "x", CITIZEN, "x");
    city_ask(c, "y", CITIZEN, "y");
    sm_str first = city_starts(c);
    sm_department_figures f;
    size_t i;
    assert_true(sm_schedule_find_department(c->s, SM_STR("x"), &i));
    sm_schedule_department(c->s, i, 0, &f);
    assert_int_equal(f.running, 2);
    assert_true(sm_str_has(first, SM_STR("y@1")));
    if (sm_call_is_running(a))
        city_done(c, a);
    assert_int_equal(city_starts(c).n, strlen("x@1"));
}

/* --------------------------------------------------------------- classes */

static void citizens_go_first_then_staff_then_batch(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    city_ask(c, "a", BATCH, "batch");
    city_ask(c, "a", STAFF, "staff");
    city_ask(c, "a", CITIZEN, "citizen");
    for (int i = 0; i < 3; i++) {
        static const char *const order[] = { "citizen", "staff", "batch" };
        sm_start start;
        assert_true(sm_schedule_next(c->s, 0, &start));
        assert_string_equal(start.user, order[i]);
        city_done(c, start.call);
    }
}

static void lower_classes_leave_slots_free(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 8);
    city_configure(c);
    ask_many(c, "a", BATCH, 20);
    assert_starts(c, "a@1 a@1 a@1 a@1 a@1 a@1");
    ask_many(c, "a", STAFF, 20);
    assert_starts(c, "a@1");
    ask_many(c, "a", CITIZEN, 20);
    assert_starts(c, "a@1");
}

static uint32_t staff_beside(struct city *c, int n_citizens)
{
    sm_call *citizen[CITY_MAX];
    for (int i = 0; i < n_citizens; i++)
        citizen[i] = city_ask(c, "a", CITIZEN, "citizen");
    city_starts(c);
    c->now_us += 1000 * 1000000LL;
    for (int i = 0; i < n_citizens; i++)
        city_done(c, citizen[i]);
    ask_many(c, "a", STAFF, 50);
    city_starts(c);
    sm_class_figures f;
    sm_schedule_class(c->s, STAFF, &f);
    return f.running;
}

static void headroom_follows_the_citizens_to_its_limit(void **state)
{
    static const struct {
        int citizens;
        uint32_t staff;
    } rows[] = { { 0, 39 }, { 4, 37 }, { 8, 36 }, { 20, 31 }, { 36, 24 } };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        struct city *c = *state;
        city_end(c);
        city_begin(c);
        city_department(c, "a", "", 1);
        city_back_end(c, 1, 40);
        city_configure(c);
        assert_int_equal(staff_beside(c, rows[i].citizens), rows[i].staff);
    }
}

static void one_slot_is_every_classs(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    city_ask(c, "a", BATCH, "batch");
    assert_starts(c, "batch@1");
}

/* Citizens keep every slot busy for ever: the share of the others. */
static void a_flood_of_citizens_does_not_starve_the_others(void **state)
{
    struct city *c = *state;
    city_department(c, "citizens", "", 1);
    city_department(c, "staff", "", 1);
    city_department(c, "batch", "", 1);
    city_back_end(c, 1, 1);
    c->config.preempts = false;
    city_configure(c);
    ask_many(c, "citizens", CITIZEN, 900);
    ask_many(c, "staff", STAFF, 900);
    ask_many(c, "batch", BATCH, 900);
    int n[3] = { 0 };
    for (int i = 0; i < 800; i++) {
        sm_start start;
        assert_true(sm_schedule_next(c->s, 0, &start));
        n[sm_call_class(start.call)]++;
        city_done(c, start.call);
    }
    assert_in_range(n[STAFF], n[CITIZEN] / 5 - 1, n[CITIZEN] / 5 + 1);
    assert_in_range(n[BATCH], n[CITIZEN] / 20 - 1, n[CITIZEN] / 20 + 1);
}

static void citizens_of_one_department_do_not_starve_those_of_another(void **state)
{
    struct city *c = *state;
    city_department(c, "flood", "", 1);
    city_department(c, "quiet", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    ask_many(c, "flood", CITIZEN, 500);
    served_of(c, "flood", 5);
    city_ask(c, "quiet", CITIZEN, "quiet");
    assert_int_equal(served_of(c, "quiet", 2), 1);
}

static void a_running_batch_call_yields_to_a_live_one(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 2);
    city_configure(c);
    city_ask(c, "a", BATCH, "old");
    assert_starts(c, "old@1");
    assert_null(sm_schedule_preempt(c->s));
    ask_many(c, "a", STAFF, 2);
    assert_starts(c, ""); /* the other slot is the citizens' */
    sm_call *yields = sm_schedule_preempt(c->s);
    assert_non_null(yields);
    assert_string_equal(sm_call_user(yields), "old");
    assert_null(sm_schedule_preempt(c->s)); /* named once */
    city_ask(c, "a", BATCH, "new");
    assert_true(sm_schedule_retry(c->s, yields, 100, 7, false, 0));
    assert_starts(c, "a@1");
    sm_class_figures f;
    sm_schedule_class(c->s, BATCH, &f);
    assert_int_equal(f.preempted, 1);
    assert_int_equal(f.wasted_tokens, 107);
    assert_int_equal(f.waiting, 2);
}

static void a_yielded_call_is_its_departments_next_and_paid_for(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    city_ask(c, "a", BATCH, "a1");
    city_ask(c, "a", BATCH, "a2");
    assert_starts(c, "a1@1");
    city_ask(c, "b", BATCH, "b1");
    sm_call *staff = city_ask(c, "b", STAFF, "s");
    sm_call *a1 = sm_schedule_preempt(c->s);
    assert_true(sm_schedule_retry(c->s, a1, 0, 0, false, 0));
    assert_starts(c, "s@1");
    city_done(c, staff);
    sm_start b1, again;
    assert_true(sm_schedule_next(c->s, 0, &b1)); /* b has had nothing yet */
    assert_string_equal(b1.user, "b1");
    city_done(c, b1.call);
    assert_true(sm_schedule_next(c->s, 0, &again));
    assert_string_equal(again.user, "a1");
    assert_int_equal(again.attempt, 2);
}

static void a_call_yields_no_third_time(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    city_ask(c, "a", BATCH, "batch");
    for (int i = 0; i < 3; i++) {
        assert_starts(c, "batch@1");
        sm_call *live = city_ask(c, "a", STAFF, "live");
        sm_call *batch = sm_schedule_preempt(c->s);
        if (i == SM_SCHEDULE_MAX_YIELDS) {
            assert_null(batch);
            return;
        }
        assert_true(sm_schedule_retry(c->s, batch, 0, 0, false, 0));
        assert_starts(c, "live@1");
        city_done(c, live);
    }
}

/* ------------------------------------------------------------- back ends */

static void the_least_loaded_back_end_takes_the_call(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 4);
    city_back_end(c, 2, 8);
    city_configure(c);
    city_ask(c, "a", CITIZEN, "x");
    city_ask(c, "a", CITIZEN, "y");
    city_ask(c, "a", CITIZEN, "z");
    assert_starts(c, "x@2 y@1 z@2");
}

static void weights_hold_when_nothing_is_busy(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 4);
    city_back_end(c, 2, 4);
    c->all[0].weight = 95;
    c->all[1].weight = 5;
    city_configure(c);
    int canary = 0;
    for (int i = 0; i < 1000; i++) {
        sm_call *call = city_ask(c, "a", CITIZEN, "x");
        sm_start start;
        assert_true(sm_schedule_next(c->s, 0, &start));
        canary += start.back_end == 2;
        city_done(c, call);
    }
    assert_in_range(canary, 45, 55);
}

static void a_lower_tier_serves_only_when_the_upper_is_down(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    c->all[1].tier = 1;
    city_configure(c);
    city_ask(c, "a", CITIZEN, "x");
    city_ask(c, "a", CITIZEN, "y");
    assert_starts(c, "x@1");
    assert_true(sm_schedule_back_end(c->s, 1, SM_BACK_END_DOWN, 0));
    assert_starts(c, "y@2");
    assert_true(sm_schedule_back_end(c->s, 1, SM_BACK_END_UP, 2));
    city_ask(c, "a", CITIZEN, "z");
    assert_starts(c, "z@1");
}

static void a_failed_call_goes_elsewhere_and_at_last_nowhere(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    c->all[1].tier = 1;
    city_configure(c);
    sm_call *x = city_ask(c, "a", CITIZEN, "x");
    assert_starts(c, "x@1");
    city_ask(c, "a", CITIZEN, "y");
    assert_true(sm_schedule_retry(c->s, x, 0, 0, true, 0));
    assert_starts(c, "x@2 y@1");
    assert_false(sm_schedule_retry(c->s, x, 0, 0, true, 0));
    assert_true(sm_call_is_running(x));
    sm_schedule_finish(c->s, x, 0, 0, SM_OUTCOME_FAILED, 0);
    sm_class_figures f;
    sm_schedule_class(c->s, CITIZEN, &f);
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.retried, 1);
    assert_int_equal(f.running, 1);
}

static void calls_wait_for_a_back_end_that_comes_back_soon(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1)->state = SM_BACK_END_SOON;
    city_configure(c);
    sm_expired gone;
    city_ask(c, "a", CITIZEN, "x");
    assert_starts(c, "");
    assert_false(sm_schedule_expire(c->s, 0, &gone));
    assert_true(sm_schedule_back_end(c->s, 1, SM_BACK_END_UP, 0));
    assert_starts(c, "x@1");
}

static void no_back_end_is_said_at_once(void **state)
{
    struct city *c = *state;
    static const sm_candidate unknown = { .back_end = 9 };
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    assert_null(city_ask_of(c, "a", CITIZEN, 1, 1, &unknown, 1, "x"));
    assert_int_equal(c->last.refused, SM_REFUSED_BACK_END);
    assert_null(city_ask_of(c, "a", CITIZEN, 1, 1, NULL, 0, "x"));
    assert_int_equal(c->last.refused, SM_REFUSED_BACK_END);
    sm_schedule_back_end(c->s, 1, SM_BACK_END_DOWN, 0);
    assert_int_equal(city_refused(c, "a", CITIZEN), SM_REFUSED_BACK_END);
    assert_int_equal(city_refused(c, "nobody", CITIZEN), SM_REFUSED_DEPARTMENT);
    assert_int_equal(c->last.retry_after_s, 0);
}

static void calls_that_wait_for_what_went_down_are_told(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    city_configure(c);
    sm_call *runs = city_ask_of(c, "a", CITIZEN, 1, 1, &c->all[0], 1, "runs");
    assert_starts(c, "runs@1");
    city_ask_of(c, "a", CITIZEN, 1, 1, &c->all[0], 1, "x");
    city_ask(c, "a", CITIZEN, "any");
    sm_schedule_back_end(c->s, 1, SM_BACK_END_DOWN, 0);
    assert_int_equal(sm_schedule_next_event_us(c->s), 0);
    sm_expired gone;
    assert_true(sm_schedule_expire(c->s, 0, &gone));
    assert_string_equal(gone.user, "x");
    assert_int_equal(gone.refused, SM_REFUSED_BACK_END);
    assert_false(sm_schedule_expire(c->s, 0, &gone));
    assert_starts(c, "any@2");
    sm_schedule_finish(c->s, runs, 1, 0, SM_OUTCOME_FAILED, 0);
}

static void a_retried_call_is_told_when_its_last_hope_goes_down(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    city_configure(c);
    sm_call *x = city_ask_of(c, "a", CITIZEN, 1, 1, c->all, 2, "x");
    city_ask_of(c, "a", CITIZEN, 1, 1, c->all, 2, "y");
    assert_starts(c, "x@1 y@2");
    assert_true(sm_schedule_retry(c->s, x, 1, 0, true, 0));
    assert_starts(c, ""); /* 2 is busy, 1 is not for x */
    sm_schedule_back_end(c->s, 2, SM_BACK_END_DOWN, 0);
    sm_expired gone;
    assert_true(sm_schedule_expire(c->s, 0, &gone));
    assert_string_equal(gone.user, "x");
    assert_int_equal(gone.refused, SM_REFUSED_BACK_END);
}

/* ------------------------------------------------------- queues and time */

static void a_flood_leaves_room_in_the_queue(void **state)
{
    struct city *c = *state;
    city_department(c, "flood", "", 1);
    city_department(c, "quiet", "", 1);
    city_back_end(c, 1, 1);
    c->config.rules[STAFF].queue_max = 10;
    city_configure(c);
    int n = 0;
    while (city_ask(c, "flood", STAFF, "flood"))
        n++;
    assert_int_equal(n, 5);
    assert_int_equal(c->last.refused, SM_REFUSED_QUEUE);
    assert_int_equal(c->last.position, 6);
    assert_int_equal(c->last.class_waiting, 5);
    assert_true(c->last.retry_after_s >= 1);
    assert_non_null(city_ask(c, "quiet", STAFF, "quiet"));
    assert_int_equal(c->last.position, 1);
}

static void waiting_too_long_ends_in_a_refusal(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    c->config.rules[CITIZEN].wait_us = 1000;
    city_configure(c);
    city_ask(c, "a", CITIZEN, "runs");
    assert_starts(c, "runs@1");
    c->now_us = 500;
    city_ask(c, "a", CITIZEN, "waits");
    sm_expired gone;
    assert_int_equal(sm_schedule_next_event_us(c->s), 1500);
    assert_false(sm_schedule_expire(c->s, 1499, &gone));
    assert_true(sm_schedule_expire(c->s, 1500, &gone));
    assert_string_equal(gone.user, "waits");
    assert_int_equal(gone.refused, SM_REFUSED_WAIT);
    assert_int_equal(sm_schedule_next_event_us(c->s), INT64_MAX);
}

static void a_cancelled_call_leaves_nothing_behind(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1)->day_tokens = 1000;
    city_back_end(c, 1, 1);
    city_configure(c);
    sm_call *runs = city_ask(c, "a", CITIZEN, "runs"), *waits = city_ask(c, "a", CITIZEN, "waits");
    assert_starts(c, "runs@1");
    sm_schedule_progress(c->s, runs, 30, 0);
    sm_schedule_cancel(c->s, waits, 0);
    sm_schedule_cancel(c->s, runs, 0);
    sm_department_figures f;
    sm_schedule_department(c->s, 1, 0, &f);
    assert_int_equal(f.held, 0);
    assert_int_equal(f.day_used, 130);
    assert_int_equal(f.class[CITIZEN].gone, 2);
    assert_int_equal(f.class[CITIZEN].waiting + f.class[CITIZEN].running, 0);
    city_ask(c, "a", CITIZEN, "next");
    assert_starts(c, "next@1");
}

/* --------------------------------------------------------- configuration */

static void calls_live_through_a_new_configuration(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_department(c, "b", "", 1);
    city_back_end(c, 1, 1);
    city_back_end(c, 2, 1);
    city_configure(c);
    sm_call *a1 = city_ask_of(c, "a", STAFF, 100, 100, c->all, 1, "a1");
    assert_starts(c, "a1@1");
    city_ask_of(c, "a", STAFF, 100, 100, c->all, 1, "a2");
    city_ask_of(c, "b", STAFF, 100, 100, c->all, 1, "b1");
    /* b goes away, a gets a child, back end 1 two more slots, of which one is the citizens' */
    c->config.n_departments = 1;
    city_department(c, "below", "a", 1);
    c->config.n_back_ends = 1;
    c->back_end[0].slots = 3;
    city_configure(c);
    assert_int_equal(city_refused(c, "b", STAFF), SM_REFUSED_DEPARTMENT);
    assert_starts(c, "b1@1");
    city_done(c, a1);
    city_ask(c, "below", STAFF, "below");
    assert_starts(c, "a2@1");
    sm_class_figures f;
    sm_schedule_class(c->s, STAFF, &f);
    assert_int_equal(f.waiting, 1);
    assert_int_equal(f.running, 2);
}

static void a_bad_configuration_changes_nothing(void **state)
{
    struct city *c = *state;
    city_department(c, "a", "", 1);
    city_back_end(c, 1, 1);
    city_configure(c);
    struct {
        const char *id, *parent, *says;
        uint32_t weight;
    } rows[] = { { "a", "", "出现了两次", 1 },
                 { "", "", "不能为空", 1 },
                 { "b", "nobody", "不存在", 1 },
                 { "b", "b", "成了环", 1 },
                 { "b", "", "权重", SM_SCHEDULE_MAX_WEIGHT + 1 } };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        c->config.n_departments = 1;
        city_department(c, rows[i].id, rows[i].parent, rows[i].weight);
        assert_int_equal(sm_schedule_configure(&c->op, c->s, &c->config, 0), SM_E_INVALID);
        assert_true(sm_str_has(c->op.msg, sm_str_of(rows[i].says)));
        sm_op_clear(&c->op);
    }
    c->config.n_departments = 1;
    c->back_end[0].slots = 0;
    assert_int_equal(sm_schedule_configure(&c->op, c->s, &c->config, 0), SM_E_INVALID);
    sm_op_clear(&c->op);
    city_ask(c, "a", CITIZEN, "x");
    assert_starts(c, "x@1");
}

static void names_are_read_and_written(void **state)
{
    (void)state;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        sm_class read;
        assert_true(sm_class_parse(sm_str_of(sm_class_id((sm_class)k)), &read));
        assert_int_equal(read, k);
        assert_true(strlen(sm_class_text((sm_class)k)) > 0);
    }
    sm_class untouched = SM_CLASS_STAFF;
    assert_false(sm_class_parse(SM_STR("king"), &untouched));
    assert_int_equal(untouched, SM_CLASS_STAFF);
    assert_string_equal(sm_refusal_id(SM_REFUSED_DAY), "budget_day");
    assert_true(strlen(sm_refusal_text(SM_REFUSED_DAY)) > 0);
}

#define STORY(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(weights_share_a_back_end),
        STORY(a_tree_shares_level_by_level),
        STORY(a_departments_own_calls_count_as_one_more_child),
        STORY(long_calls_pay_for_their_length),
        STORY(what_a_call_cost_in_truth_is_put_right),
        STORY(who_was_idle_has_banked_nothing),
        STORY(two_names_for_one_model_are_no_second_share),
        STORY(a_busy_model_holds_up_no_other),
        STORY(concurrency_holds_for_a_department_with_all_below),
        STORY(citizens_go_first_then_staff_then_batch),
        STORY(lower_classes_leave_slots_free),
        STORY(headroom_follows_the_citizens_to_its_limit),
        STORY(one_slot_is_every_classs),
        STORY(a_flood_of_citizens_does_not_starve_the_others),
        STORY(citizens_of_one_department_do_not_starve_those_of_another),
        STORY(a_running_batch_call_yields_to_a_live_one),
        STORY(a_yielded_call_is_its_departments_next_and_paid_for),
        STORY(a_call_yields_no_third_time),
        STORY(the_least_loaded_back_end_takes_the_call),
        STORY(weights_hold_when_nothing_is_busy),
        STORY(a_lower_tier_serves_only_when_the_upper_is_down),
        STORY(a_failed_call_goes_elsewhere_and_at_last_nowhere),
        STORY(calls_wait_for_a_back_end_that_comes_back_soon),
        STORY(no_back_end_is_said_at_once),
        STORY(calls_that_wait_for_what_went_down_are_told),
        STORY(a_retried_call_is_told_when_its_last_hope_goes_down),
        STORY(a_flood_leaves_room_in_the_queue),
        STORY(waiting_too_long_ends_in_a_refusal),
        STORY(a_cancelled_call_leaves_nothing_behind),
        STORY(calls_live_through_a_new_configuration),
        STORY(a_bad_configuration_changes_nothing),
        STORY(names_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
