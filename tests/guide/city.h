/* The demo city, imported and trained once for a program's tests.  SUNMAO_DEMO_DATA names a
 * directory that is ready (make check has the release program make one: training under a sanitizer
 * takes minutes); without it the city is made here. */
#ifndef SM_TESTS_CITY_H
#define SM_TESTS_CITY_H

#include "../fixture.h"

static sm_op all;
static const char *dir;
static sm_sunmao *city;

/* All that tools/demo-data.sh trains on. */
static inline sm_pair *item_pairs(size_t *n)
{
    static const char *const files[] = { "queries", "short",     "amounts", "asks",
                                         "facets",  "ambiguous", "multi",   "steps" };
    sm_pair *all_pairs = NULL, *pair;
    size_t cap = 0, n_one;
    *n = 0;
    for (size_t i = 0; i < SM_LEN(files); i++) {
        must(&all, sm_pairs_read(&all, sm_strf(all.arena, DEMO "/%s-train.jsonl", files[i]).p,
                                 &pair, &n_one));
        for (size_t k = 0; k < n_one; k++) {
            SM_GROW(all.arena, all_pairs, *n, cap);
            all_pairs[(*n)++] = pair[k];
        }
    }
    return all_pairs;
}

static inline void make_city(void)
{
    sm_pair *pair;
    size_t n;
    sm_train_report *r;
    sm_train_options o = { .gbdt = true };
    city = open_city(&all, dir);
    must(&all, sm_sunmao_regions(&all, city, DEMO "/regions.tsv"));
    import(&all, city, SM_KIND_POLICY, DEMO "/policies");
    must(&all, sm_pairs_read(&all, DEMO "/policy-train.jsonl", &pair, &n));
    must(&all, sm_sunmao_train(&all, city, SM_KIND_POLICY, pair, n, &o, &r));
    import(&all, city, SM_KIND_ITEM, DEMO "/items.jsonl");
    pair = item_pairs(&n);
    must(&all, sm_sunmao_train(&all, city, SM_KIND_ITEM, pair, n, &o, &r));
    assert_true(r->swapped);
}

static inline void copy_city(const char *ready)
{
    sm_sunmao *from = open_city(&all, ready);
    must(&all, sm_sunmao_backup(&all, from, dir));
    sm_sunmao_close(from);
    city = open_city(&all, dir);
}

static inline int setup_city(void **state)
{
    (void)state;
    const char *ready = getenv("SUNMAO_DEMO_DATA");
    sm_op_begin(&all);
    dir = fresh_dir(&all);
    if (ready)
        copy_city(ready);
    else
        make_city();
    return 0;
}

static inline int teardown_city(void **state)
{
    (void)state;
    sm_sunmao_close(city);
    remove_dir(dir);
    sm_op_end(&all);
    return 0;
}

#define OP(op) \
    sm_op op;  \
    sm_op_begin(&op)

/* A first question, by nobody, today. */
static inline sm_reply *ask_first(sm_op *op, const char *text)
{
    sm_reply *r;
    sm_question q = { .text = sm_str_of(text), .as_of = SM_DATE_NONE, .no_record = true };
    must(op, sm_sunmao_ask(op, city, &q, &r));
    return r;
}

/* clause: "" for any. */
static inline bool cites(const sm_reply *r, const char *doc, const char *clause)
{
    for (size_t i = 0; i < r->n_claims; i++)
        for (size_t k = 0; k < r->claim[i].n_cites; k++) {
            const sm_cite *c = &r->claim[i].cite[k];
            if (sm_str_eq(c->doc, sm_str_of(doc)) &&
                (!clause[0] || sm_str_eq(c->clause, sm_str_of(clause))))
                return true;
        }
    return false;
}

/* The next message of a conversation; each test has sessions of its own. */
static inline sm_reply *say(sm_op *op, const char *session, const char *text)
{
    sm_reply *r;
    sm_question q = { .text = sm_str_of(text),
                      .session = sm_str_of(session),
                      .as_of = SM_DATE_NONE,
                      .no_record = true };
    must(op, sm_sunmao_ask(op, city, &q, &r));
    return r;
}

struct expected_source {
    const char *text, *doc, *clause, *never; /* cited; "" any; a document that must not be */
};

static inline void check_answers(const struct expected_source *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        OP(op);
        sm_reply *r = ask_first(&op, e[i].text);
        if (!cites(r, e[i].doc, e[i].clause) || (e[i].never[0] && cites(r, e[i].never, "")))
            fail_msg("%s: %.*s", e[i].text, SM_ARG(r->answer));
        sm_op_end(&op);
    }
}

#endif
