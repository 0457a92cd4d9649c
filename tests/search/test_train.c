#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search/train.h"
#include "store/store.h"

#define DEMO  SM_SOURCE_DIR "/demo/"
#define SHARE SM_SOURCE_DIR "/share"
enum { N_ITEMS = 24, N_FLIPS = 400 };

/* The first items of the demo city in a data directory of their own. */
struct city {
    sm_op op;
    char dir[64];
    sm_db *db;
    sm_pair *pair; /* the items' logged questions, item after item */
    size_t n;
};

static void check(const sm_op *op, sm_rc rc)
{
    if (rc < 0)
        print_error("%.*s\n", SM_ARG(op->msg));
    assert_int_equal(rc, SM_OK);
}

/* Lines from … to of the demo's items, imported and indexed. */
static void import_items(struct city *c, size_t from, size_t to)
{
    sm_str text, line;
    sm_buf b;
    sm_import_report *report;
    sm_buf_init(&b, 64 << 20);
    check(&c->op, sm_file_read(&c->op, DEMO "items.jsonl", 64 << 20, &text));
    for (size_t i = 0; sm_str_cut(&text, '\n', &line) && i < to; i++)
        if (i >= from) {
            sm_buf_add(&b, line);
            sm_buf_addc(&b, '\n');
        }
    const char *path = sm_path(c->op.arena, c->dir, "items.jsonl");
    check(&c->op, sm_file_write(&c->op, path, sm_buf_str(&b)));
    sm_buf_done(&b);
    check(&c->op, sm_corpus_import(&c->op, c->db, SM_KIND_ITEM, &path, 1, false, &report));
    assert_int_equal(report->n_new, to - from);
    check(&c->op, sm_index_refresh(&c->op, c->dir, c->db));
}

static bool is_item(struct city *c, sm_str id)
{
    sm_doc *doc;
    bool found = sm_corpus_doc(&c->op, c->db, id, &doc) == SM_OK;
    if (!found)
        sm_op_clear(&c->op);
    return found;
}

static void read_pairs(struct city *c)
{
    sm_str text, line;
    size_t cap = 0;
    json_t *j;
    check(&c->op, sm_file_read(&c->op, DEMO "queries-train.jsonl", 64 << 20, &text));
    while (sm_str_cut(&text, '\n', &line)) {
        if (line.n == 0)
            continue;
        check(&c->op, sm_json_parse(&c->op, line, "pairs", &j));
        if (!is_item(c, sm_json_str(j, "id")))
            continue;
        SM_GROW(c->op.arena, c->pair, c->n, cap);
        c->pair[c->n++] = (sm_pair){ .text = sm_json_str(j, "text"), .id = sm_json_str(j, "id") };
    }
}

static void city_open(struct city *c)
{
    *c = (struct city){ .dir = "/tmp/test_train.XXXXXX" };
    assert_non_null(mkdtemp(c->dir));
    sm_op_begin(&c->op);
    check(&c->op, sm_db_open(&c->op, c->dir, SM_DB_CORPUS, SM_DB_CREATE, &c->db));
    import_items(c, 0, N_ITEMS);
    read_pairs(c);
    assert_true(c->n >= 200);
}

static void city_close(struct city *c)
{
    char command[100];
    sm_db_close(c->db);
    sm_op_end(&c->op);
    snprintf(command, sizeof(command), "rm -rf '%s'", c->dir);
    assert_int_equal(system(command), 0);
}

/* Every step-th pair from the first. */
static size_t some(struct city *c, size_t first, size_t step, size_t most, sm_pair **out)
{
    size_t n = 0;
    *out = SM_NEWS(c->op.arena, sm_pair, most);
    for (size_t i = first; i < c->n && n < most; i += step)
        (*out)[n++] = c->pair[i];
    return n;
}

static sm_train_report *train(struct city *c, const sm_pair *pair, size_t n, bool force)
{
    sm_train_report *r;
    sm_train_options o = { .gbdt = true, .force = force };
    check(&c->op, sm_train(&c->op, c->dir, SHARE, c->db, SM_KIND_ITEM, pair, n, &o, &r));
    return r;
}

static sm_matches *match(struct city *c, sm_str text)
{
    sm_searcher *s;
    const sm_snapshot *snap;
    sm_matches *m, *copy = SM_NEW(c->op.arena, sm_matches);
    sm_op op;
    check(&c->op, sm_searcher_open(&c->op, c->dir, SHARE, &s));
    sm_op_begin(&op);
    check(&op, sm_searcher_pin(&op, s, &snap));
    check(&op, sm_match(&op, snap, SM_KIND_ITEM, text, NULL, 5, &m));
    *copy = *m;
    copy->hit = SM_NEWS(c->op.arena, sm_hit, m->n + 1);
    for (size_t i = 0; i < m->n; i++) {
        copy->hit[i] = m->hit[i];
        copy->hit[i].id = sm_str_dup(c->op.arena, m->hit[i].id);
    }
    sm_op_end(&op);
    sm_searcher_close(s);
    return copy;
}

static bool among(const sm_matches *m, sm_str id, size_t top)
{
    for (size_t i = 0; i < m->n && i < top; i++)
        if (sm_str_eq(m->hit[i].id, id))
            return true;
    return false;
}

/* The id of the item after this one in the pairs' order, round and round. */
static sm_str next_id(const struct city *c, sm_str id)
{
    bool seen = false;
    for (size_t i = 0; i < c->n; i++) {
        seen |= sm_str_eq(c->pair[i].id, id);
        if (seen && !sm_str_eq(c->pair[i].id, id))
            return c->pair[i].id;
    }
    return c->pair[0].id;
}

/* ---------------------------------------------------------------- tests */

static void sixty_pairs_teach_the_way_they_ask(void **state)
{
    struct city c;
    sm_pair *pair;
    (void)state;
    city_open(&c);
    size_t n = some(&c, 0, 4, 60, &pair), found = 0;
    assert_false(match(&c, pair[0].text)->trained);
    sm_train_report *r = train(&c, pair, n, false);
    assert_true(r->swapped);
    assert_true(r->n_holdout > 0);
    assert_true(r->model_bytes < SM_MODEL_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        sm_matches *m = match(&c, pair[i].text);
        double sum = 0;
        assert_true(m->trained);
        for (size_t k = 0; k < m->n; k++) {
            assert_true(m->hit[k].p >= 0 && m->hit[k].p <= m->hit[0].p);
            sum += m->hit[k].p;
        }
        assert_true(sum < 1.0001);
        found += among(m, pair[i].id, 1);
    }
    assert_true(found * 10 >= n * 9); /* asked again in the same words */
    city_close(&c);
}

static void the_same_pairs_in_any_order_give_the_same_bytes(void **state)
{
    struct city a, b;
    sm_pair *pair, *other;
    (void)state;
    city_open(&a);
    city_open(&b);
    size_t n = some(&a, 0, 3, 60, &pair);
    some(&b, 0, 3, 60, &other);
    for (size_t i = 0; i < n / 2; i++) {
        sm_pair swap = other[i];
        other[i] = other[n - 1 - i];
        other[n - 1 - i] = swap;
    }
    sm_train_report *first = train(&a, pair, n, false), *second = train(&b, other, n, false);
    assert_true(sm_str_eq(first->digest, second->digest));
    assert_true(sm_str_eq(first->digest, train(&a, pair, n, true)->digest));
    city_close(&a);
    city_close(&b);
}

static void an_item_that_came_after_training_is_found(void **state)
{
    struct city c;
    sm_pair *pair;
    sm_doc *doc;
    size_t n_docs;
    (void)state;
    city_open(&c);
    size_t n = some(&c, 0, 4, 60, &pair), found = 0;
    assert_true(train(&c, pair, n, true)->swapped);
    import_items(&c, N_ITEMS, N_ITEMS + 8);
    check(&c.op, sm_corpus_docs(&c.op, c.db, SM_KIND_ITEM, &doc, &n_docs));
    assert_int_equal(n_docs, N_ITEMS + 8);
    for (size_t i = 0; i < n_docs; i++)
        found += among(match(&c, doc[i].title), doc[i].id, 3);
    assert_true(found + 1 >= n_docs);
    sm_train_report *r = train(&c, pair, n, true); /* the delta is folded in first */
    assert_int_equal(r->n_skipped, 0);
    city_close(&c);
}

static void pairs_with_unknown_ids_are_counted_and_none_at_all_is_refused(void **state)
{
    struct city c;
    sm_pair *pair;
    sm_train_report *r;
    (void)state;
    city_open(&c);
    size_t n = some(&c, 0, 4, 60, &pair);
    pair[3].id = pair[4].id = SM_STR("XX-999");
    assert_int_equal(train(&c, pair, n, true)->n_skipped, 2);
    for (size_t i = 0; i < n; i++)
        pair[i].id = SM_STR("XX-999");
    assert_int_equal(sm_train(&c.op, c.dir, SHARE, c.db, SM_KIND_ITEM, pair, n, NULL, &r),
                     SM_E_INVALID);
    city_close(&c);
}

static void a_worse_model_does_not_replace_the_one_in_use(void **state)
{
    struct city c;
    sm_pair *pair;
    (void)state;
    city_open(&c);
    size_t n = some(&c, 0, 2, 400, &pair);
    sm_train_report *good = train(&c, pair, n, true);
    /* What came in since: last year's labels are each of the next item, this year's are right. */
    sm_pair *bad = SM_NEWS(c.op.arena, sm_pair, c.n);
    size_t m = 0;
    for (size_t i = 1; i < c.n; i += 2) {
        bool right = m % 6 == 0;
        bad[m] = c.pair[i];
        bad[m].time = right ? SM_STR("2026-10-01") : SM_STR("2025-10-01");
        if (!right)
            bad[m].id = next_id(&c, bad[m].id);
        m++;
    }
    sm_train_report *r = train(&c, bad, m, false);
    assert_true(r->p_not_worse < 0.05);
    assert_false(r->swapped);
    assert_true(match(&c, pair[0].text)->trained);
    assert_true(r->text.n > 0);
    sm_searcher *s;
    const sm_snapshot *snap;
    check(&c.op, sm_searcher_open(&c.op, c.dir, SHARE, &s));
    sm_op op;
    sm_op_begin(&op);
    check(&op, sm_searcher_pin(&op, s, &snap));
    assert_true(sm_str_eq(sm_snapshot_model(snap, SM_KIND_ITEM), good->digest));
    sm_op_end(&op);
    sm_searcher_close(s);
    city_close(&c);
}

/* Opens and, where that goes well, uses a model file. */
static void try_model(struct city *c, const sm_view *now, const char *path, sm_str text)
{
    sm_op op;
    sm_model *m;
    sm_bound b = *now->part[0].bound;
    sm_view v = *now;
    sm_matches out;
    sm_map map = { 0 };
    (void)c;
    sm_op_begin(&op);
    if (sm_model_open(&op, path, &m) == SM_OK) {
        sm_bound_names(&op, m, &b);
        check(&op, sm_vectors_bind(&op, path, m, &b, &map));
        v.part[0].bound = &b;
        v.model = m;
        sm_match_view(op.arena, &v, SM_KIND_ITEM, text, NULL, 1, 5, true, &out);
        if (map.p)
            sm_map_close(&map);
        sm_model_close(m);
    } else {
        assert_int_equal(op.rc, SM_E_CORRUPT);
        assert_true(op.msg.n > 0);
    }
    sm_op_end(&op);
}

static void flipped_and_cut_model_files_never_crash(void **state)
{
    struct city c;
    sm_pair *pair;
    sm_str whole;
    sm_searcher *s;
    const sm_snapshot *snap;
    sm_op op;
    (void)state;
    city_open(&c);
    size_t n = some(&c, 0, 4, 60, &pair);
    sm_train_report *r = train(&c, pair, n, true);
    check(&c.op, sm_searcher_open(&c.op, c.dir, SHARE, &s));
    sm_op_begin(&op);
    check(&op, sm_searcher_pin(&op, s, &snap));
    const sm_view *v = sm_snapshot_view(snap, SM_KIND_ITEM);
    const char *path = sm_strf(op.arena, "%s/model/%.*s.model", c.dir, SM_ARG(r->digest)).p;
    check(&op, sm_file_read(&op, path, SM_MODEL_MAX_BYTES, &whole));
    assert_true(sm_model_whole(v->model));
    const char *damaged = sm_path(op.arena, c.dir, "damaged.model");
    sm_rng rng = { 5 };
    for (int i = 0; i < N_FLIPS; i++) {
        sm_str copy = sm_str_dup(op.arena, whole);
        uint32_t at = sm_rng_below(&rng, i % 3 ? (uint32_t)copy.n : 512);
        ((char *)(uintptr_t)copy.p)[at] ^= (char)(1u << sm_rng_below(&rng, 8));
        if (i % 7 == 0)
            copy.n = sm_rng_below(&rng, (uint32_t)copy.n);
        FILE *f = fopen(damaged, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(copy.p, 1, copy.n, f), copy.n);
        fclose(f);
        try_model(&c, v, damaged, pair[i % 60].text);
    }
    sm_op_end(&op);
    sm_searcher_close(s);
    city_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_pairs_teach_the_way_they_ask),
        cmocka_unit_test(the_same_pairs_in_any_order_give_the_same_bytes),
        cmocka_unit_test(an_item_that_came_after_training_is_found),
        cmocka_unit_test(pairs_with_unknown_ids_are_counted_and_none_at_all_is_refused),
        cmocka_unit_test(a_worse_model_does_not_replace_the_one_in_use),
        cmocka_unit_test(flipped_and_cut_model_files_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
