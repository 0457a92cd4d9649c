#include "../fixture.h"

#include <pthread.h>

static sm_sunmao *city;
static atomic_bool done;
static atomic_int answered, failed;

/* Asks and searches until told to stop; whatever generation it sees must be whole. */
static void *reader(void *p)
{
    static const char *const questions[] = { "身份证丢了怎么补", "结婚登记要带什么",
                                             "公租房收入多少", "你好", "狗" };
    (void)p;
    for (int i = 0; !atomic_load(&done); i++) {
        sm_op op;
        sm_reply *r;
        sm_found *f;
        size_t n;
        sm_op_begin(&op);
        sm_question q = { .text = sm_str_of(questions[i % 5]),
                          .as_of = SM_DATE_NONE,
                          .test = true,
                          .session = i % 2 ? SM_STR("talk") : (sm_str){ 0 } };
        sm_rc rc = sm_sunmao_ask(&op, city, &q, &r);
        if (rc == SM_OK)
            rc = sm_sunmao_search(&op, city, SM_KIND_POLICY, q.text, 5, SM_DATE_NONE, true, &f, &n,
                                  false);
        if (rc == SM_OK)
            atomic_fetch_add(&answered, 1);
        else {
            print_error("%s: %.*s\n", sm_rc_name(rc), SM_ARG(op.msg));
            atomic_fetch_add(&failed, 1);
        }
        sm_op_end(&op);
    }
    return NULL;
}

enum { PAIRS = 120 };

/* Training and the governance check, as a keeper runs them. */
static void train_and_check(sm_op *op)
{
    sm_pair *pair;
    size_t n, n_findings;
    sm_train_report *r;
    sm_defect *finding;
    sm_train_options o = { .force = true };
    must(op, sm_pairs_read(op, DEMO "/queries-train.jsonl", &pair, &n));
    must(op, sm_sunmao_train(op, city, SM_KIND_ITEM, pair, SM_MIN(n, (size_t)PAIRS), &o, &r));
    assert_true(r->swapped);
    must(op, sm_sunmao_check(op, city, sm_today(), &finding, &n_findings));
    assert_true(n_findings > 0);
}

static void readers_go_on_while_a_writer_imports_trains_and_checks(void **state)
{
    (void)state;
    enum { READERS = 3 };
    pthread_t t[READERS];
    sm_op op;
    sm_op_begin(&op);
    const char *dir = fresh_dir(&op);
    city = open_city(&op, dir);
    must(&op, sm_sunmao_regions(&op, city, DEMO "/regions.tsv"));
    import(&op, city, SM_KIND_POLICY, DEMO "/policies/p01.md");
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, reader, NULL), 0);
    import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    import(&op, city, SM_KIND_ITEM, DEMO "/items.jsonl");
    train_and_check(&op);
    int before = atomic_load(&answered);
    usleep(400000);
    atomic_store(&done, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(atomic_load(&failed), 0);
    assert_true(before > 0 && atomic_load(&answered) > before);
    const sm_snapshot *snap;
    must(&op, sm_searcher_pin(&op, sm_sunmao_searcher(city), &snap));
    assert_true(sm_snapshot_model(snap, SM_KIND_ITEM).n > 0); /* the new model is taken up */
    assert_int_equal(sm_snapshot_n_passages(snap, SM_KIND_ITEM), 413);
    sm_op_end(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        readers_go_on_while_a_writer_imports_trains_and_checks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
