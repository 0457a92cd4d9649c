#include "engine/draft.h"
#include "engine/lanes.h"
#include "fake_lm.h"

#include <setjmp.h>

#include <cmocka.h>

struct bench {
    sm_lm m;
    sm_lanes lanes;
    int32_t text[FAKE_CTX];
};

/* A text of n tokens: its first `same` are those of every text, the rest its own. */
static const int32_t *text(struct bench *b, size_t same, size_t n, int32_t own)
{
    for (size_t i = 0; i < n; i++)
        b->text[i] = i < same ? (int32_t)i : own;
    return b->text;
}

static sm_lane *take(struct bench *b, size_t same, size_t n, int32_t own)
{
    return sm_lanes_take(&b->lanes, -1, text(b, same, n, own), n);
}

static void compute(sm_lane *l)
{
    l->n_done = l->n_tokens;
}

static void finish(struct bench *b, sm_lane *l)
{
    compute(l);
    sm_lanes_give_back(&b->lanes, l);
}

static int set_up(void **state)
{
    static struct bench b;
    b = (struct bench){ .m = fake_lm() };
    sm_lanes_open(&b.m, &b.lanes);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    sm_lanes_close(&((struct bench *)*state)->lanes);
    return 0;
}

static void a_text_that_goes_on_stays_where_it_is(void **state)
{
    struct bench *b = *state;
    sm_lane *l = take(b, 100, 100, 0);
    assert_int_equal(l->n_done, 0);
    finish(b, l);
    sm_lane *again = take(b, 120, 120, 0);
    assert_ptr_equal(again, l);
    assert_int_equal(again->n_done, 100);
    assert_int_equal(b->m.n_copies, 0);
    finish(b, again);
    assert_int_equal(take(b, 120, 120, 0)->n_done, 119); /* the last token is computed anew */
}

static void a_shared_beginning_is_copied_from_whoever_has_it(void **state)
{
    struct bench *b = *state;
    sm_lane *first = take(b, 60, 200, 500);
    compute(first);
    sm_lane *second = take(b, 60, 100, 600); /* the first is busy */
    assert_ptr_not_equal(second, first);
    assert_int_equal(second->n_done, 60);
    assert_int_equal(b->m.n_copies, 1);
    compute(second);
    sm_lanes_give_back(&b->lanes, first);
    sm_lane *third = take(b, 60, 100, 700); /* the first is kept: most of it is its own */
    assert_ptr_not_equal(third, first);
    assert_int_equal(third->n_done, 60);
    assert_int_equal(first->n_done, 200);
}

static void an_adapters_cache_is_its_own(void **state)
{
    struct bench *b = *state;
    finish(b, take(b, 100, 100, 0));
    sm_lane *l = sm_lanes_take(&b->lanes, 2, text(b, 100, 100, 0), 100);
    assert_int_equal(l->n_done, 0);
    assert_int_equal(l->lora, 2);
}

static void the_one_used_longest_ago_goes(void **state)
{
    struct bench *b = *state;
    sm_lane *l[FAKE_SEQUENCES];
    for (int i = 0; i < FAKE_SEQUENCES; i++) {
        l[i] = take(b, 0, 50, 1000 + i);
        compute(l[i]);
    }
    for (int i = 0; i < FAKE_SEQUENCES; i++)
        sm_lanes_give_back(&b->lanes, l[(i + 2) % FAKE_SEQUENCES]);
    for (int i = 0; i < FAKE_SEQUENCES; i++)
        l[i]->used_us = i == 3 ? 1 : 2 + i;
    assert_ptr_equal(take(b, 0, 40, 5000), l[3]);
}

static void busy_lanes_are_brought_side_by_side(void **state)
{
    struct bench *b = *state;
    sm_lane *l[4], *from = NULL, *to = NULL;
    int owner[4];
    for (int i = 0; i < 4; i++) {
        l[i] = take(b, 0, 50, 1000 + i);
        l[i]->owner = &owner[i];
        compute(l[i]);
        assert_int_equal(l[i]->sequence, i);
    }
    assert_false(sm_lanes_pack(&b->lanes, &from, &to));
    sm_lanes_give_back(&b->lanes, l[1]);
    assert_true(sm_lanes_pack(&b->lanes, &from, &to));
    assert_ptr_equal(from, l[3]); /* 0 . 2 3 becomes 0 3 2 . */
    assert_ptr_equal(to, l[1]);
    assert_ptr_equal(to->owner, &owner[3]);
    assert_int_equal(to->n_done, 50);
    assert_int_equal(to->token[0], 1003);
    assert_true(to->busy && !from->busy && !from->owner);
    assert_int_equal(b->lanes.n_busy, 3);
    assert_false(sm_lanes_pack(&b->lanes, &from, &to));
}

static void a_model_that_cannot_forget_begins_anew(void **state)
{
    struct bench *b = *state;
    b->m.facts.can_trim = false;
    finish(b, take(b, 100, 100, 0));
    assert_int_equal(take(b, 50, 80, 9)->n_done, 0);
}

/* ------------------------------------------------------------------ guesses */

static void what_followed_the_longest_match_is_guessed(void **state)
{
    const int32_t t[] = { 1, 2, 3, 4, 5, 9, 2, 3, 4, 6, 7, 1, 2, 3, 4 };
    int32_t out[4];
    (void)state;
    assert_int_equal(sm_draft_find(t, SM_LEN(t), 4, out), 4);
    assert_memory_equal(out, (&(int32_t[]){ 5, 9, 2, 3 }),
                        sizeof(out)); /* after 1 2 3 4, not 2 3 4 */
    const int32_t none[] = { 1, 2, 3, 4, 5, 6, 3, 4 };
    assert_int_equal(sm_draft_find(none, SM_LEN(none), 4, out), 0); /* two alike are too few */
    const int32_t loop[] = { 8, 9, 8, 9, 8, 9 };
    assert_int_equal(sm_draft_find(loop, SM_LEN(loop), 4, out), 4);
    assert_memory_equal(out, (&(int32_t[]){ 8, 9, 8, 9 }), sizeof(out));
    assert_int_equal(sm_draft_find(loop, 2, 4, out), 0);
}

static void guesses_stop_when_they_do_not_pay(void **state)
{
    sm_cost cheap = { .us = { [1] = 100, [4] = 105, [8] = 120, [16] = 140 } };
    sm_cost dear = { .us = { [1] = 100, [4] = 390, [8] = 750, [16] = 1500 } };
    sm_draft d;
    (void)state;
    sm_draft_init(&d);
    assert_int_equal(sm_draft_length(&d, &dear, 1, 15), 0);
    for (int i = 0; i < 20; i++)
        sm_draft_learn(&d, 15, 15);
    assert_int_equal(sm_draft_length(&d, &cheap, 1, 15), 15);
    assert_int_equal(sm_draft_length(&d, &cheap, 1, 2), 2);
    for (int i = 0; i < 40; i++)
        sm_draft_learn(&d, 15, 0);
    assert_int_equal(sm_draft_length(&d, &cheap, 1, 15), 0);
    int waited = 0;
    while (sm_draft_length(&d, &cheap, 1, 15) == 0 && waited < 1000)
        waited++;
    assert_in_range(waited, 1, 999); /* it is tried again some day */
}

static void costs_between_seen_ones_lie_between(void **state)
{
    sm_cost c = { 0 };
    (void)state;
    assert_true(sm_cost_of(&c, 4) == 0);
    sm_cost_learn(&c, 2, 200);
    sm_cost_learn(&c, 6, 400);
    assert_true(sm_cost_of(&c, 2) == 200 && sm_cost_of(&c, 4) == 300);
    assert_true(sm_cost_of(&c, 1) == 200 && sm_cost_of(&c, 8) > 400);
    for (int i = 0; i < 100; i++)
        sm_cost_learn(&c, 2, 100);
    assert_true(sm_cost_of(&c, 2) < 101);
    sm_cost_learn(&c, SM_COST_ROWS + 1, 5);
    sm_cost_learn(&c, 0, 5);
}

#define LANE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LANE_TEST(a_text_that_goes_on_stays_where_it_is),
        LANE_TEST(a_shared_beginning_is_copied_from_whoever_has_it),
        LANE_TEST(an_adapters_cache_is_its_own),
        LANE_TEST(the_one_used_longest_ago_goes),
        LANE_TEST(busy_lanes_are_brought_side_by_side),
        LANE_TEST(a_model_that_cannot_forget_begins_anew),
        cmocka_unit_test(what_followed_the_longest_match_is_guessed),
        cmocka_unit_test(guesses_stop_when_they_do_not_pay),
        cmocka_unit_test(costs_between_seen_ones_lie_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
