/*
 * Every example of every rule, as it stands in the pack.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/review.h"
#include "review/speller.h"

#define RULES    SM_SOURCE_DIR "/share/review/rules"
#define ROSTER   SM_SOURCE_DIR "/demo/registry"
#define CHARS    SM_SOURCE_DIR "/share/review/spell/chars.tsv"
#define POLICIES SM_SOURCE_DIR "/demo/policies"

enum { LEAST = 3 };

static sm_rules *rules;
static sm_roster *roster;
static sm_speller *speller;
static int n_bad;

static void complain(const sm_rule *rule, const char *what, sm_str doc, sm_str more)
{
    n_bad++;
    print_error("%.*s: %s\n    %.*s\n    %.*s\n", SM_ARG(rule->id), what, SM_ARG(doc),
                SM_ARG(more));
}

static sm_str member(const json_t *example, const char *key, const char *other)
{
    sm_str s = json_is_object(example) ? sm_json_str(example, key) : (sm_str){ 0 };
    return s.n ? s : sm_str_of(other);
}

static sm_str doc_of(const json_t *example)
{
    if (json_is_string(example))
        return (sm_str){ json_string_value(example), json_string_length(example) };
    return sm_json_str(example, "doc");
}

/* NULL: the example cannot be read, which was said. */
static const sm_review *review(sm_op *op, const sm_rule *rule, const json_t *example)
{
    sm_layout *l;
    sm_review *r = NULL;
    sm_str doc = doc_of(example);
    sm_review_options o = { .today = member(example, "today", "2026-11-23"),
                            .roster = roster,
                            .speller = speller,
                            .only = sm_cstr(op->arena, rule->id) };
    if (sm_official_read(op, "例", doc, &l) != SM_OK ||
        sm_review_run(op, l, rules, &o, &r) != SM_OK) {
        complain(rule, "cannot be reviewed", doc, op->msg);
        return NULL;
    }
    return r;
}

static sm_str all_of(sm_op *op, const sm_review *r)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < r->n; i++)
        sm_buf_addf(&b, "[%d:%zu-%zu “%.*s” -> “%.*s” %.*s] ", r->finding[i].para,
                    r->finding[i].start, r->finding[i].end, SM_ARG(r->finding[i].text),
                    SM_ARG(r->finding[i].suggest), SM_ARG(r->finding[i].why));
    sm_str out = { 0 };
    sm_buf_take(op, &b, &out);
    return out;
}

static bool is_wanted(const json_t *example, const sm_finding *f)
{
    const json_t *para = json_object_get(example, "para"),
                 *suggest = json_object_get(example, "suggest");
    sm_str severity = sm_json_str(example, "severity");
    if (!sm_str_eq(f->text, sm_json_str(example, "text")))
        return false;
    if (json_is_integer(para) && json_integer_value(para) != f->para)
        return false;
    if (severity.n && !sm_str_eq(severity, sm_str_of(sm_severity_name(f->rule->severity))))
        return false;
    return !json_is_string(suggest) ||
           (f->suggests && sm_str_eq(f->suggest, sm_json_str(example, "suggest")));
}

static void try_wrong(const sm_rule *rule, const json_t *example)
{
    sm_op op;
    sm_op_begin(&op);
    const sm_review *r = review(&op, rule, example);
    bool found = false;
    for (size_t i = 0; r && i < r->n; i++)
        found |= sm_str_eq(r->finding[i].rule->id, rule->id) && is_wanted(example, &r->finding[i]);
    if (r && !found)
        complain(rule, "does not find what is wrong", doc_of(example), all_of(&op, r));
    sm_op_end(&op);
}

static void try_right(const sm_rule *rule, const json_t *example)
{
    sm_op op;
    sm_op_begin(&op);
    const sm_review *r = review(&op, rule, example);
    if (r && r->n)
        complain(rule, "finds fault with what is right", doc_of(example), all_of(&op, r));
    sm_op_end(&op);
}

static void every_example_of_every_rule(void **state)
{
    (void)state;
    const sm_rule *rule;
    size_t n = sm_rules_all(rules, &rule), n_examples = 0;
    for (size_t i = 0; i < n; i++) {
        size_t n_wrong = json_array_size(rule[i].wrong), n_right = json_array_size(rule[i].right);
        if (n_wrong < LEAST || n_right < LEAST)
            complain(&rule[i], "has too few examples", rule[i].title, SM_STR(""));
        for (size_t k = 0; k < n_wrong; k++)
            try_wrong(&rule[i], json_array_get(rule[i].wrong, k));
        for (size_t k = 0; k < n_right; k++)
            try_right(&rule[i], json_array_get(rule[i].right, k));
        n_examples += n_wrong + n_right;
    }
    print_message("%zu rules, %zu examples, %d bad\n", n, n_examples, n_bad);
    assert_int_equal(n_bad, 0);
}

static void every_rule_says_why_and_by_what(void **state)
{
    (void)state;
    const sm_rule *rule;
    size_t n = sm_rules_all(rules, &rule);
    for (size_t i = 0; i < n; i++) {
        if (!rule[i].why.n || !rule[i].source.n)
            complain(&rule[i], "lacks why or source", rule[i].title, SM_STR(""));
        if (rule[i].status.n != 1 || !strchr("CHP", rule[i].status.p[0]))
            complain(&rule[i], "has no status", rule[i].title, rule[i].status);
    }
    assert_int_equal(n_bad, 0);
}

/* A speller that has seen the examples of what is right, and some policies. */
static sm_rc learn_spelling(sm_op *op)
{
    enum { OFTEN = 20 };
    const sm_rule *rule;
    sm_spell_counts *c = NULL;
    sm_str text;
    size_t n = sm_rules_all(rules, &rule);
    sm_rc rc = sm_spell_counts_open(op, CHARS, &c);
    for (int i = 1; rc == SM_OK && i < 10; i++) {
        const char *path = sm_strf(op->arena, "%s/p%02d.md", POLICIES, i).p;
        rc = sm_file_read(op, path, 1 << 20, &text);
        if (rc == SM_OK)
            rc = sm_spell_counts_add(op, c, text, OFTEN);
    }
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        for (size_t k = 0; rc == SM_OK && k < json_array_size(rule[i].right); k++)
            if (sm_str_eq(rule[i].checker, SM_STR("speller")))
                rc = sm_spell_counts_add(op, c, doc_of(json_array_get(rule[i].right, k)), OFTEN);
    if (rc == SM_OK)
        rc = sm_spell_counts_pack(op, c, &text);
    if (rc == SM_OK)
        rc = sm_speller_of(op, text, &speller);
    sm_spell_counts_close(c);
    return rc;
}

int main(void)
{
    sm_op op;
    sm_op_begin(&op);
    if (sm_rules_open(&op, RULES, NULL, &rules) != SM_OK ||
        sm_roster_open(&op, ROSTER, &roster) != SM_OK || learn_spelling(&op) != SM_OK) {
        print_error("%.*s\n", SM_ARG(op.msg));
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_of_every_rule),
        cmocka_unit_test(every_rule_says_why_and_by_what),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    sm_speller_close(speller);
    sm_roster_close(roster);
    sm_rules_close(rules);
    sm_op_end(&op);
    return rc;
}
