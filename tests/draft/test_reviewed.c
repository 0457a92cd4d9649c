/*
 * What is drafted stands a review: as a DOCX that is read again, by all rules and the registry,
 * nothing is found but blanks.
 */
#include "drafting.h"

#include "format/official.h"
#include "sunmao/sunmao.h"

static sm_reviewer *reviewer;

static int open_both(void **state)
{
    sm_op op;
    sm_reviewer_options o = { .share_dir = SHARE,
                              .own_dir = REGISTRY,
                              .today = sm_date_of(2026, 11, 23) };
    sm_op_begin(&op);
    sm_rc rc = sm_reviewer_open(&op, &o, &reviewer);
    sm_op_end(&op);
    return rc < 0 ? rc : open_drafter(state);
}

static int close_both(void **state)
{
    sm_reviewer_close(reviewer);
    return close_drafter(state);
}

static sm_review *reviewed(sm_op *op, const sm_draft *d)
{
    sm_buf b;
    sm_layout *l;
    sm_review *v = NULL;
    sm_buf_init(&b, 16 << 20);
    assert_int_equal(sm_draft_docx(op, d, NULL, &b), SM_OK);
    assert_int_equal(sm_reviewer_read(op, reviewer, "稿.docx", sm_buf_str(&b), NULL, &l, &v),
                     SM_OK);
    sm_buf_done(&b);
    return v;
}

typedef struct tally {
    size_t n, bad, theirs;
    json_t *kinds;
} tally;

static void look(sm_op *op, const json_t *j, void *ctx)
{
    tally *t = ctx;
    const sm_draft *d = made_of(op, j);
    if (!d->clear)
        return;
    const sm_review *v = reviewed(op, d);
    t->n++;
    json_object_set_new(t->kinds, sm_cstr(op->arena, d->kind), json_true());
    for (size_t i = 0; i < v->n; i++) {
        const sm_finding *f = &v->finding[i];
        if (sm_str_has(f->text, SM_STR("（待填：")))
            continue;
        /* 一把手到会: the speller doubts what the person wrote, not what we did. */
        if (sm_str_starts(f->rule->id, SM_STR("SP-")) && sm_str_has(d->text, f->text)) {
            t->theirs++;
            continue;
        }
        t->bad++;
        fprintf(stderr, "%.*s: %.*s “%.*s” %.*s\n", SM_ARG(sm_json_str(j, "text")),
                SM_ARG(f->rule->id), SM_ARG(f->text), SM_ARG(f->why));
    }
}

static void nothing_is_found_in_a_draft_but_blanks(void **state)
{
    (void)state;
    tally t = { .kinds = json_object() };
    each_line(TESTS "descriptions.jsonl", look, &t);
    fprintf(stderr,
            "%zu drafts, %zu findings that are no blanks, %zu doubted words of descriptions\n", t.n,
            t.bad, t.theirs);
    assert_int_equal(json_object_size(t.kinds), 15);
    assert_int_equal(t.bad, 0);
    json_decref(t.kinds);
}

static void blanks_are_found(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府办公室", "给各区政府发通知，要求10月底前完成老旧电梯排查");
    const sm_review *v = reviewed(&op, made(&op, &ask));
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += sm_str_eq(v->finding[i].rule->id, SM_STR("M07"));
    assert_true(n >= 4);
    assert_text(v->kind, "通知");
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_found_in_a_draft_but_blanks),
        cmocka_unit_test(blanks_are_found),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
