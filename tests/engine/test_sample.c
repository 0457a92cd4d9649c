#include "engine/sample.h"
#include "fake_lm.h"

#include <math.h>
#include <setjmp.h>

#include <cmocka.h>

static sm_sampling plain(double temperature)
{
    return (
        sm_sampling){ .temperature = temperature, .top_p = 1, .repeat = 1, .n_top = -1, .seed = 3 };
}

/* One choice from a copy of the row; -1 for a failure. */
static int32_t pick(sm_sampler *s, const float *row, sm_pick *out)
{
    float copy[FAKE_VOCAB];
    sm_op op;
    memcpy(copy, row, sizeof(copy));
    sm_op_begin(&op);
    sm_rc rc = sm_sampler_pick(&op, s, copy, out);
    sm_op_end(&op);
    return rc < 0 ? -1 : out->token;
}

static int32_t pick_once(const sm_sampling *how, const float *row, sm_run before, sm_pick *out)
{
    sm_lm m = fake_lm();
    sm_room *room = sm_room_open(&m);
    sm_sampler *s = sm_sampler_open(&m, room, how, before);
    int32_t t = pick(s, row, out);
    sm_sampler_close(s);
    sm_room_close(room);
    return t;
}

static void of_equal_ones_the_lowest_number_is_taken(void **state)
{
    static const float row[] = { 0, 1, 3, 3, 2, 3, 1, 0 };
    sm_sampling how = plain(0);
    sm_pick p;
    (void)state;
    assert_int_equal(pick_once(&how, row, (sm_run){ 0 }, &p), 2);
}

static void what_is_no_number_is_never_taken(void **state)
{
    static const float some[] = { NAN, -INFINITY, NAN, 1, 0, NAN, -2, NAN };
    static const float none[] = { NAN, NAN, NAN, -INFINITY, NAN, NAN, NAN, NAN };
    sm_pick p;
    (void)state;
    for (double t = 0; t < 1.5; t += 0.7) {
        sm_sampling how = plain(t);
        int32_t got = pick_once(&how, some, (sm_run){ 0 }, &p);
        assert_true(got == 3 || (t > 0 && (got == 4 || got == 6)));
        assert_int_equal(pick_once(&how, none, (sm_run){ 0 }, &p), -1);
    }
}

static void chances_are_logarithms_of_shares(void **state)
{
    static const float row[] = { 0, 1, 2, 0, 1, 0, 0, 0 };
    sm_sampling how = plain(0);
    sm_pick p;
    double sum = 0;
    (void)state;
    how.n_top = FAKE_VOCAB;
    pick_once(&how, row, (sm_run){ 0 }, &p);
    assert_int_equal(p.n_top, FAKE_VOCAB);
    for (size_t i = 0; i < p.n_top; i++) {
        sum += exp((double)p.top[i].logprob);
        assert_true(i == 0 || p.top[i].logprob <= p.top[i - 1].logprob);
    }
    assert_true(fabs(sum - 1) < 1e-5);
    assert_int_equal(p.top[0].token, 2);
    assert_true(fabsf(p.logprob - p.top[0].logprob) < 1e-6F);
    assert_int_equal(p.top[1].token, 1); /* before 4, as likely */
}

static void drawing_follows_the_weights_and_the_cuts(void **state)
{
    static const float row[] = { -INFINITY, 2, 1, 0, -1, -2, -3, -4 };
    const struct {
        int64_t top_k;
        double top_p, min_p;
        int32_t last; /* the least likely that may come */
    } cases[] = { { 0, 1, 0, 7 },   { 2, 1, 0, 2 },   { 1, 1, 0, 1 },   { 0, 0.6, 0, 1 },
                  { 0, 0.7, 0, 2 }, { 0, 1, 0.1, 3 }, { 3, 0.99, 0, 3 } };
    sm_lm m = fake_lm();
    sm_room *room = sm_room_open(&m);
    (void)state;
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_sampling how = plain(1);
        int n[FAKE_VOCAB] = { 0 };
        sm_pick p;
        how.top_k = cases[i].top_k;
        how.top_p = cases[i].top_p;
        how.min_p = cases[i].min_p;
        sm_sampler *s = sm_sampler_open(&m, room, &how, (sm_run){ 0 });
        for (int k = 0; k < 20000; k++)
            n[pick(s, row, &p)]++;
        sm_sampler_close(s);
        for (int32_t t = 1; t < FAKE_VOCAB; t++)
            assert_true((n[t] > 0) == (t <= cases[i].last));
        if (cases[i].last > 1) /* e to one */
            assert_true(fabs((double)n[1] / n[2] - exp(1)) < 0.2);
    }
    sm_room_close(room);
}

static void penalties_and_bias_move_what_they_name(void **state)
{
    static const float row[] = { 0, 3, 2.5F, 0, 0, 0, 0, 0 };
    static const int32_t before[] = { 1, 1 };
    static const sm_bias bias[] = { { 5, 4 }, { 1, -INFINITY } };
    sm_run prompt = { before, 2 };
    sm_sampling how = plain(0);
    sm_pick p;
    (void)state;
    how.repeat = 1.5;
    assert_int_equal(pick_once(&how, row, prompt, &p), 2); /* 3 / 1.5, once */
    how = plain(0);
    how.presence = 1; /* of what is written, not of the prompt */
    sm_lm m = fake_lm();
    sm_room *room = sm_room_open(&m);
    sm_sampler *s = sm_sampler_open(&m, room, &how, prompt);
    assert_int_equal(pick(s, row, &p), 1);
    sm_sampler_accept(s, 1);
    assert_int_equal(pick(s, row, &p), 2);
    sm_sampler_close(s);
    sm_room_close(room);
    how = plain(0);
    how.bias = bias;
    how.n_bias = 1;
    assert_int_equal(pick_once(&how, row, prompt, &p), 5);
    how.bias = bias + 1;
    assert_int_equal(pick_once(&how, row, prompt, &p), 2);
}

static void a_grammar_is_written_out_and_ended(void **state)
{
    static const float row[] = { 9, 0, 1, 2, 8, 7, 6, 5 };
    sm_lm m = fake_lm();
    sm_room *room = sm_room_open(&m);
    (void)state;
    for (double temperature = 0; temperature < 2; temperature += 0.9) {
        sm_grammar g = { .text = SM_STR("abcabba") };
        sm_sampling how = plain(temperature);
        how.grammar = &g;
        sm_sampler *s = sm_sampler_open(&m, room, &how, (sm_run){ 0 });
        int32_t t = -1;
        sm_pick p;
        for (int i = 0; i < 20 && t != FAKE_END; i++) {
            t = pick(s, row, &p);
            assert_true(t > 0);
            sm_sampler_accept(s, t);
        }
        assert_int_equal(t, FAKE_END);
        assert_int_equal(g.at, g.text.n);
        sm_sampler_close(s);
    }
    sm_room_close(room);
}

static void refuse_all(void *ctx, const int32_t *token, size_t n, bool *ok)
{
    (void)ctx;
    (void)token;
    memset(ok, 0, n);
}

static void only_c(void *ctx, const int32_t *token, size_t n, bool *ok)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        ok[i] = token[i] == 6;
}

static void a_filter_has_the_last_word(void **state)
{
    static const float row[] = { 9, 8, 7, 6, 5, 4, -3, 2 };
    sm_pick p;
    (void)state;
    for (double t = 0; t < 1; t += 0.8) {
        sm_sampling how = plain(t);
        how.filter.check = only_c;
        assert_int_equal(pick_once(&how, row, (sm_run){ 0 }, &p), 6);
        how.filter.check = refuse_all;
        assert_int_equal(pick_once(&how, row, (sm_run){ 0 }, &p), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_equal_ones_the_lowest_number_is_taken),
        cmocka_unit_test(what_is_no_number_is_never_taken),
        cmocka_unit_test(chances_are_logarithms_of_shares),
        cmocka_unit_test(drawing_follows_the_weights_and_the_cuts),
        cmocka_unit_test(penalties_and_bias_move_what_they_name),
        cmocka_unit_test(a_grammar_is_written_out_and_ended),
        cmocka_unit_test(a_filter_has_the_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
