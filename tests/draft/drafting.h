/* A drafter over the demo city's registry, for the tests of drafts. */
#ifndef TEST_DRAFTING_H
#define TEST_DRAFTING_H

#include "draft/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHARE    SM_SOURCE_DIR "/share"
#define REGISTRY SM_SOURCE_DIR "/demo/registry"
#define TESTS    SM_SOURCE_DIR "/tests/draft/"

static sm_drafter *drafter;

static int open_drafter(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_rc rc = sm_drafter_open(&op, SHARE, REGISTRY, &drafter);
    if (rc < 0)
        fprintf(stderr, "%.*s\n", SM_ARG(op.msg));
    sm_op_end(&op);
    return rc;
}

static int close_drafter(void **state)
{
    (void)state;
    sm_drafter_close(drafter);
    return 0;
}

static inline sm_draft_ask ask_of(const char *organ, const char *text)
{
    return (sm_draft_ask){ .text = sm_str_of(text),
                           .organ = sm_str_of(organ),
                           .today = sm_date_of(2026, 11, 23),
                           .date = SM_DATE_NONE };
}

static inline sm_draft *made(sm_op *op, const sm_draft_ask *ask)
{
    sm_draft *d = NULL;
    sm_rc rc = sm_draft_make(op, drafter, ask, &d);
    if (rc < 0)
        fprintf(stderr, "%.*s\n", SM_ARG(op->msg));
    assert_int_equal(rc, SM_OK);
    return d;
}

static inline bool has_element(const sm_draft *d, const char *role)
{
    for (size_t i = 0; i < d->n_elements; i++)
        if (sm_str_eq(d->element[i].role, sm_str_of(role)))
            return true;
    return false;
}

/* It must be there. */
static inline const sm_draft_element *element(const sm_draft *d, const char *role)
{
    assert_true(has_element(d, role));
    size_t i = 0;
    while (!sm_str_eq(d->element[i].role, sm_str_of(role)))
        i++;
    return &d->element[i];
}

static inline void assert_text(sm_str got, const char *want)
{
    if (!sm_str_eq(got, sm_str_of(want)))
        fprintf(stderr, "“%.*s”, not “%s”\n", SM_ARG(got), want);
    assert_true(sm_str_eq(got, sm_str_of(want)));
}

/* Calls fn with each line of a file of tests/draft. */
typedef void each_fn(sm_op *op, const json_t *j, void *ctx);
static inline void each_line(const char *file, each_fn *fn, void *ctx)
{
    sm_op op;
    sm_str text, line;
    sm_op_begin(&op);
    assert_int_equal(sm_file_read(&op, file, 1 << 20, &text), SM_OK);
    while (sm_str_cut(&text, '\n', &line)) {
        sm_op one;
        json_t *j;
        sm_op_begin(&one);
        if (line.n) {
            assert_int_equal(sm_json_parse(&one, line, file, &j), SM_OK);
            fn(&one, j, ctx);
        }
        sm_op_end(&one);
    }
    sm_op_end(&op);
}

static inline sm_draft *made_of(sm_op *op, const json_t *j)
{
    sm_draft_ask ask = { .text = sm_json_str(j, "text"),
                         .organ = sm_json_str(j, "organ"),
                         .today = sm_date_of(2026, 11, 23),
                         .date = SM_DATE_NONE };
    return made(op, &ask);
}

#endif
