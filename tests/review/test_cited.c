/*
 * Laws that the caller knows, and those of the pack's own table where it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/review.h"

#define RULES SM_SOURCE_DIR "/share/review/rules"

static sm_rules *rules;

/* A city's own regulation with ten articles, and one that was repealed. */
static bool known(void *ctx, sm_str title, sm_str article, bool *article_there, bool *in_force)
{
    (void)ctx;
    *in_force = !sm_str_eq(title, SM_STR("云澜市旧条例"));
    *article_there = !sm_str_eq(article, SM_STR("第十一条"));
    return sm_str_starts(title, SM_STR("云澜市"));
}

static const sm_review *review(sm_op *op, const char *sentence, bool with_laws)
{
    sm_layout *l;
    sm_review *r;
    sm_str doc = sm_strf(op->arena, "@title 云澜市民政局关于做好有关工作的通知\n@p %s", sentence);
    sm_review_options o = { .today = SM_STR("2026-11-23"),
                            .law = with_laws ? known : NULL,
                            .only = "J03" };
    assert_int_equal(sm_official_read(op, "例", doc, &l), SM_OK);
    assert_int_equal(sm_review_run(op, l, rules, &o, &r), SM_OK);
    return r;
}

static void expect(const char *sentence, bool with_laws, const char *text)
{
    sm_op op;
    sm_op_begin(&op);
    const sm_review *r = review(&op, sentence, with_laws);
    assert_int_equal(r->n, text ? 1 : 0);
    if (text)
        assert_true(sm_str_eq(r->finding[0].text, sm_str_of(text)));
    sm_op_end(&op);
}

static void the_callers_laws_are_asked_for_state_and_articles(void **state)
{
    (void)state;
    expect("根据《云澜市新条例》第十条、第十一条规定办理。", true, "第十一条");
    expect("根据《云澜市旧条例》第十条规定办理。", true, "《云澜市旧条例》");
    expect("根据《云澜市新条例》第十条规定办理。", true, NULL);
    expect("根据《云澜市旧条例》第十一条规定办理。", false, NULL);
}

static void what_the_caller_does_not_know_is_looked_up_in_the_table(void **state)
{
    (void)state;
    expect("根据《中华人民共和国行政处罚法》第八十七条规定办理。", true, "第八十七条");
    expect("根据《中华人民共和国行政处罚法》第八十六条规定办理。", true, NULL);
}

static void a_short_name_is_followed_to_its_law(void **state)
{
    (void)state;
    expect("《云澜市新条例》（以下简称《条例》）已经施行，依照《条例》第十一条办理。", true,
           "第十一条");
}

int main(void)
{
    sm_op op;
    sm_op_begin(&op);
    if (sm_rules_open(&op, RULES, NULL, &rules) != SM_OK) {
        print_error("%.*s\n", SM_ARG(op.msg));
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_callers_laws_are_asked_for_state_and_articles),
        cmocka_unit_test(what_the_caller_does_not_know_is_looked_up_in_the_table),
        cmocka_unit_test(a_short_name_is_followed_to_its_law),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    sm_rules_close(rules);
    sm_op_end(&op);
    return rc;
}
