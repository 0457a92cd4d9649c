/* Shared by the tests of the schedule: departments and back ends in a line each, calls by name. */
#ifndef SM_TESTS_MODEL_CITY_H
#define SM_TESTS_MODEL_CITY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schedule/schedule.h"

enum { CITY_MAX = 64 };

struct city {
    sm_op op;
    sm_schedule *s;
    sm_schedule_config config;
    sm_department department[CITY_MAX];
    sm_back_end back_end[CITY_MAX];
    sm_candidate all[CITY_MAX]; /* every back end, tier 0, weight 1 */
    int64_t now_us;
    sm_admission last;
};

static inline void city_begin(struct city *c)
{
    memset(c, 0, sizeof *c);
    sm_op_begin(&c->op);
    c->s = sm_schedule_open();
    sm_schedule_config_init(&c->config);
    c->config.department = c->department;
    c->config.back_end = c->back_end;
}

static inline void city_end(struct city *c)
{
    sm_schedule_close(c->s);
    sm_op_end(&c->op);
}

static inline sm_department *city_department(struct city *c, const char *id, const char *parent,
                                             uint32_t weight)
{
    sm_department *d = &c->department[c->config.n_departments++];
    *d = (sm_department){ .id = sm_str_of(id), .parent = sm_str_of(parent), .weight = weight };
    return d;
}

static inline sm_back_end *city_back_end(struct city *c, int64_t id, uint32_t slots)
{
    size_t i = c->config.n_back_ends++;
    c->back_end[i] = (sm_back_end){ .id = id, .slots = slots };
    c->all[i] = (sm_candidate){ .back_end = id, .weight = 1 };
    return &c->back_end[i];
}

static inline void city_configure(struct city *c)
{
    sm_rc rc = sm_schedule_configure(&c->op, c->s, &c->config, c->now_us);
    if (rc != SM_OK)
        print_error("%.*s\n", SM_ARG(c->op.msg));
    assert_int_equal(rc, SM_OK);
}

static inline sm_call *city_ask_of(struct city *c, const char *department, sm_class class,
                                   uint32_t prompt, uint32_t max, const sm_candidate *candidate,
                                   size_t n, const char *name)
{
    sm_call_spec spec = { .department = sm_str_of(department),
                          .class = class,
                          .prompt_tokens = prompt,
                          .max_tokens = max,
                          .candidate = candidate,
                          .n_candidates = n,
                          .user = (void *)(uintptr_t)name };
    return sm_schedule_submit(c->s, &spec, c->now_us, &c->last);
}

/* 100 tokens in, at most 100 out, to any back end. */
static inline sm_call *city_ask(struct city *c, const char *department, sm_class class,
                                const char *name)
{
    return city_ask_of(c, department, class, 100, 100, c->all, c->config.n_back_ends, name);
}

/* Starts what can start: "a1@1 b1@2". */
static inline sm_str city_starts(struct city *c)
{
    sm_buf b;
    sm_start start;
    sm_buf_init(&b, 1 << 20);
    while (sm_schedule_next(c->s, c->now_us, &start))
        sm_buf_addf(&b, "%s%s@%lld", b.n ? " " : "", (const char *)start.user,
                    (long long)start.back_end);
    sm_str all = sm_str_dup(c->op.arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return all;
}

static inline void assert_starts(struct city *c, const char *expected)
{
    assert_string_equal(sm_cstr(c->op.arena, city_starts(c)), expected);
}

static inline sm_refusal_kind city_refused(struct city *c, const char *department, sm_class class)
{
    assert_null(city_ask(c, department, class, "no"));
    return c->last.refused;
}

/* Ends with 100 in, 100 out. */
static inline void city_done(struct city *c, sm_call *call)
{
    sm_schedule_finish(c->s, call, 100, 100, SM_OUTCOME_DONE, c->now_us);
}

#endif
