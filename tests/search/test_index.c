#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search/current.h"
#include "search/index.h"
#include "store/store.h"
#include "text/text.h"

#define DEMO  SM_SOURCE_DIR "/demo/"
#define SHARE SM_SOURCE_DIR "/share"
enum { N_FLIPS = 600, N_MANY = 1200, MAX_TEXT = 1 << 26 };

struct place {
    sm_op op;
    char dir[64];
    sm_builder *b;
};

static void check(const sm_op *op, sm_rc rc)
{
    if (rc < 0)
        print_error("%.*s\n", SM_ARG(op->msg));
    assert_int_equal(rc, SM_OK);
}

static void place_open(struct place *p)
{
    *p = (struct place){ .dir = "/tmp/test_index.XXXXXX" };
    assert_non_null(mkdtemp(p->dir));
    sm_op_begin(&p->op);
    check(&p->op, sm_dir_make(&p->op, sm_path(p->op.arena, p->dir, "index")));
}

static void place_close(struct place *p)
{
    char command[100];
    sm_op_end(&p->op);
    snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
}

static const char *file_in(struct place *p, const char *name)
{
    return sm_strf(p->op.arena, "%s/index/%s", p->dir, name).p;
}

/* ------------------------------------------------------------------ making */

static sm_passage passage(const char *id, const char *title, const char *body)
{
    return (sm_passage){ .id = sm_str_of(id),
                         .title = sm_str_of(title),
                         .body = sm_str_of(body),
                         .row = 7,
                         .parent = SM_STR("民政局"),
                         .audience = SM_AUDIENCE_ALL,
                         .effective = SM_DATE_NONE,
                         .ends = SM_DATE_NONE };
}

static void begin(struct place *p, const sm_index *base)
{
    check(&p->op, sm_builder_open(&p->op, base, &p->b));
}

static void add(struct place *p, sm_passage one)
{
    check(&p->op, sm_builder_add(&p->op, p->b, &one));
}

static sm_index *finish(struct place *p, const char *name)
{
    sm_index *x;
    check(&p->op, sm_builder_write(&p->op, p->b, file_in(p, name)));
    check(&p->op, sm_index_open(&p->op, file_in(p, name), &x));
    return x;
}

static size_t find(struct place *p, const sm_index *x, const char *text, const sm_filter *f,
                   size_t top, sm_ranked **out)
{
    uint64_t token[64];
    sm_scores s;
    size_t n = sm_text_tokens(sm_text_normal(p->op.arena, sm_str_of(text)),
                              SM_TOKEN_UNI | SM_TOKEN_BI, token, SM_LEN(token));
    sm_index_score(p->op.arena, x, SM_FIELD_ALL, token, n, &s);
    return sm_scores_top(p->op.arena, &s, x, f, top, out);
}

static sm_index *three_items(struct place *p)
{
    begin(p, NULL);
    add(p, passage("A", "结婚登记", "男女双方自愿结婚的，应当亲自到婚姻登记机关申请结婚登记。"));
    add(p, passage("B", "离婚登记", "夫妻双方自愿离婚的，应当签订书面离婚协议。"));
    add(p, passage("C", "养犬登记", "饲养犬只的，应当办理养犬登记并接种狂犬病疫苗。"));
    return finish(p, "three.idx");
}

/* ------------------------------------------------------------------- files */

static void an_index_gives_back_what_was_put_in(void **state)
{
    struct place p;
    sm_ranked *r;
    (void)state;
    place_open(&p);
    sm_index *x = three_items(&p);
    assert_int_equal(sm_index_n(x), 3);
    assert_true(sm_str_eq(sm_index_id(x, 1), SM_STR("B")));
    assert_int_equal(sm_index_clause(x, 1).n, 0);
    assert_int_equal(sm_index_row(x, 2), 7);
    assert_int_equal(sm_index_n_parents(x), 1);
    assert_true(sm_index_whole(x));
    assert_int_equal(find(&p, x, "狗要办养犬证吗", NULL, 10, &r), 1);
    assert_int_equal(r[0].passage, 2);
    assert_int_equal(find(&p, x, "我要离婚", NULL, 10, &r), 2); /* 婚 is in both */
    assert_int_equal(r[0].passage, 1);
    assert_true(r[0].score > r[1].score);
    assert_int_equal(find(&p, x, "我要离婚", NULL, 1, &r), 1);
    assert_int_equal(find(&p, x, "我要离婚", NULL, 0, &r), 0);
    sm_index_close(x);
    place_close(&p);
}

static void postings_are_ascending_and_in_range(void **state)
{
    struct place p;
    (void)state;
    place_open(&p);
    sm_index *x = three_items(&p);
    for (uint32_t t = 0; t < sm_index_n_terms(x); t++) {
        sm_postings l;
        assert_true(sm_index_postings(x, SM_FIELD_ALL, sm_index_term(x, t), &l));
        assert_true(l.n > 0 && l.idf > 0);
        for (uint32_t i = 0; i < l.n; i++) {
            assert_in_range(l.impact[i], 1, 31);
            assert_true(l.passage[i] < 3 && (i == 0 || l.passage[i] > l.passage[i - 1]));
        }
    }
    sm_postings none;
    assert_false(sm_index_postings(x, SM_FIELD_ALL, 12345, &none));
    assert_false(sm_index_postings(x, SM_FIELD_TITLE, UINT64_MAX, &none));
    sm_index_close(x);
    place_close(&p);
}

static void equal_scores_come_in_order_of_number(void **state)
{
    struct place p;
    sm_ranked *r;
    (void)state;
    place_open(&p);
    begin(&p, NULL);
    for (int i = 0; i < 200; i++)
        add(&p, passage("X", "灵活就业社保补贴", "申请灵活就业社保补贴。"));
    sm_index *x = finish(&p, "same.idx");
    assert_int_equal(find(&p, x, "社保补贴", NULL, 70, &r), 70);
    for (uint32_t i = 0; i < 70; i++)
        assert_int_equal(r[i].passage, i);
    sm_index_close(x);
    place_close(&p);
}

static void an_index_of_nothing_finds_nothing(void **state)
{
    struct place p;
    sm_ranked *r;
    (void)state;
    place_open(&p);
    begin(&p, NULL);
    sm_index *x = finish(&p, "none.idx");
    assert_int_equal(sm_index_n(x), 0);
    assert_int_equal(find(&p, x, "社保", NULL, 10, &r), 0);
    sm_index_close(x);
    place_close(&p);
}

static void copy_flipped(struct place *p, sm_str whole, sm_rng *rng, const char *to)
{
    char *bytes = sm_cstr(p->op.arena, whole);
    /* half of them where the places and counts are */
    size_t range = sm_rng_below(rng, 2) ? whole.n : 512, at = sm_rng_below(rng, (uint32_t)range);
    bytes[at] = (char)(bytes[at] ^ (char)(1u << sm_rng_below(rng, 8)));
    check(&p->op, sm_file_write(&p->op, to, (sm_str){ bytes, whole.n }));
}

static void a_damaged_file_is_refused_or_told_by_its_digest(void **state)
{
    struct place p;
    sm_rng rng = { 4 };
    sm_str whole;
    sm_index *x;
    (void)state;
    place_open(&p);
    sm_index_close(three_items(&p));
    check(&p.op, sm_file_read(&p.op, file_in(&p, "three.idx"), MAX_TEXT, &whole));
    const char *bad = file_in(&p, "bad.idx");
    for (int i = 0; i < N_FLIPS; i++) {
        copy_flipped(&p, whole, &rng, bad);
        sm_rc rc = sm_index_open(&p.op, bad, &x);
        if (rc == SM_OK) {
            sm_ranked *r;
            size_t n =
                find(&p, x, "养犬登记 结婚登记", &(sm_filter){ .as_of = 0, .audience = 1 }, 10, &r);
            assert_true(n <= 3);
            for (uint32_t k = 0; k < sm_index_n(x); k++)
                assert_true(sm_index_id(x, k).n < 1000 &&
                            sm_index_parent(x, k) < sm_index_n_parents(x));
            assert_false(sm_index_whole(x));
            sm_index_close(x);
            continue;
        }
        assert_int_equal(rc, SM_E_CORRUPT);
        assert_true(sm_str_has(p.op.msg, SM_STR("损坏")));
        sm_op_clear(&p.op);
    }
    for (size_t n = 0; n < whole.n; n += 97) {
        check(&p.op, sm_file_write(&p.op, bad, (sm_str){ whole.p, n }));
        assert_true(sm_index_open(&p.op, bad, &x) < 0);
        sm_op_clear(&p.op);
    }
    place_close(&p);
}

/* ----------------------------------------------------------------- filters */

static sm_index *dated_items(struct place *p)
{
    sm_passage now = passage("now", "停车费", "停车费标准"), then = now, soon = now, far = now,
               firm = now;
    begin(p, NULL);
    then.id = SM_STR("then");
    then.ends = sm_date_of(2024, 12, 31);
    soon.id = SM_STR("soon");
    soon.effective = sm_date_of(2027, 1, 1);
    far.id = SM_STR("far");
    far.region = SM_STR("江北区");
    firm.id = SM_STR("firm");
    firm.audience = SM_AUDIENCE_FIRM;
    add(p, now);
    add(p, then);
    add(p, soon);
    add(p, far);
    add(p, firm);
    return finish(p, "dated.idx");
}

static void found(struct place *p, const sm_index *x, const sm_filter *f, const char *ids)
{
    sm_ranked *r;
    char got[100] = "";
    size_t n = find(p, x, "停车费", f, 10, &r);
    for (size_t i = 0; i < n; i++) {
        sm_str id = sm_index_id(x, r[i].passage);
        strncat(strncat(got, id.p, id.n), " ", 2);
    }
    assert_string_equal(got, ids);
}

static void filters_hold_inside_the_search(void **state)
{
    struct place p;
    const sm_str region[] = { SM_STR("江北区"), SM_STR("云澜市") }, other[] = { SM_STR("江南区") };
    sm_date day = sm_date_of(2026, 11, 23);
    (void)state;
    place_open(&p);
    sm_index *x = dated_items(&p);
    found(&p, x, NULL, "now then soon far firm ");
    found(&p, x, &(sm_filter){ .as_of = SM_DATE_NONE }, "now then soon far firm ");
    found(&p, x, &(sm_filter){ .as_of = day }, "now far firm ");
    found(&p, x, &(sm_filter){ .as_of = day, .pass = SM_PASS_REST }, "then soon ");
    found(&p, x, &(sm_filter){ .as_of = day, .pass = SM_PASS_ALL }, "now then soon far firm ");
    found(&p, x, &(sm_filter){ .as_of = sm_date_of(2024, 12, 31) }, "now then far firm ");
    found(&p, x, &(sm_filter){ .as_of = sm_date_of(2027, 1, 1) }, "now soon far firm ");
    found(&p, x, &(sm_filter){ .as_of = day, .audience = SM_AUDIENCE_PERSON }, "now far ");
    found(&p, x, &(sm_filter){ .as_of = day, .regions = other, .n_regions = 1 }, "now firm ");
    found(&p, x, &(sm_filter){ .as_of = day, .regions = region, .n_regions = 2 }, "now far firm ");
    sm_index_close(x);
    place_close(&p);
}

/* What the filter refuses takes no place among the best. */
static void the_one_allowed_passage_is_found_behind_many_better_ones(void **state)
{
    struct place p;
    sm_ranked *r;
    (void)state;
    place_open(&p);
    begin(&p, NULL);
    for (int i = 0; i < 500; i++) {
        sm_passage old = passage("old", "居住证办理", "居住证");
        old.ends = sm_date_of(2020, 1, 1);
        add(&p, old);
    }
    add(&p, passage("new", "流动人口", "持身份证等材料申领居住证，并提交住所证明与就业证明。"));
    sm_index *x = finish(&p, "many.idx");
    assert_int_equal(
        find(&p, x, "居住证办理", &(sm_filter){ .as_of = sm_date_of(2026, 1, 1) }, 3, &r), 1);
    assert_int_equal(r[0].passage, 500);
    sm_index_close(x);
    place_close(&p);
}

/* -------------------------------------------------------- parts and snapshots */

static const char *const WORDS[] = { "公积金", "提取", "户口",     "迁移", "医保", "报销",
                                     "护照",   "补办", "营业执照", "注销", "退休", "养老金",
                                     "低保",   "申请", "房屋",     "租赁", "备案", "残疾人" };

/* Passage i of a made-up collection; `changed`: with what it says anew. */
static void add_made(struct place *p, uint32_t i, bool changed)
{
    sm_rng rng = { i * 77 + (changed ? 1 : 0) };
    sm_buf body;
    sm_buf_init(&body, 4000);
    for (int k = 0; k < 30; k++)
        sm_buf_addf(&body, "%s的", WORDS[sm_rng_below(&rng, SM_LEN(WORDS))]);
    if (changed)
        sm_buf_addf(&body, "新业态从业者%s", i % 2 ? "职业伤害保障" : "职业伤害");
    sm_passage one = passage(sm_strf(p->op.arena, "D%u", i).p, WORDS[i % SM_LEN(WORDS)], "");
    one.body = sm_str_dup(p->op.arena, sm_buf_str(&body));
    one.parent = sm_strf(p->op.arena, "部门%u", i % 9);
    sm_buf_done(&body);
    add(p, one);
}

static void name_current(struct place *p, int64_t revision, const char *base, const char *delta)
{
    sm_generation g = { .revision = revision };
    g.kind[SM_KIND_ITEM].base = sm_str_of(base);
    g.kind[SM_KIND_ITEM].delta = sm_str_of(delta);
    check(&p->op, sm_current_write(&p->op, p->dir, &g));
}

static sm_matches *search(struct place *p, const char *text, size_t top)
{
    sm_searcher *s;
    const sm_snapshot *snap;
    sm_matches *m, *copy = SM_NEW(p->op.arena, sm_matches);
    sm_op one;
    sm_op_begin(&one);
    check(&one, sm_searcher_open(&one, p->dir, SHARE, &s));
    check(&one, sm_searcher_pin(&one, s, &snap));
    check(&one, sm_search(&one, snap, SM_KIND_ITEM, sm_str_of(text), NULL, top, &m));
    *copy = *m;
    copy->hit = SM_NEWS(p->op.arena, sm_hit, m->n + 1);
    for (size_t i = 0; i < m->n; i++) {
        copy->hit[i] = m->hit[i];
        copy->hit[i].id = sm_str_dup(p->op.arena, m->hit[i].id);
    }
    sm_op_end(&one);
    sm_searcher_close(s);
    return copy;
}

static bool is_changed(uint32_t i)
{
    return i % 100 == 17;
}

/* base.idx and delta.idx, and all.idx with the same passages in one. */
static void make_parts(struct place *p)
{
    begin(p, NULL);
    for (uint32_t i = 0; i < N_MANY; i++)
        add_made(p, i, false);
    sm_index *base = finish(p, "base.idx");
    begin(p, base);
    for (uint32_t i = 0; i < N_MANY; i++)
        if (is_changed(i))
            add_made(p, i, true);
    sm_index_close(finish(p, "delta.idx"));
    sm_index_close(base);
    begin(p, NULL);
    for (uint32_t i = 0; i < N_MANY; i++)
        add_made(p, i, is_changed(i));
    sm_index_close(finish(p, "all.idx"));
}

static bool id_changed(sm_str id)
{
    int64_t i;
    return sm_str_to_int(sm_str_sub(id, 1, id.n), &i) && is_changed((uint32_t)i);
}

static const sm_hit *hit_of(const sm_matches *m, sm_str id)
{
    for (size_t i = 0; i < m->n; i++)
        if (sm_str_eq(m->hit[i].id, id))
            return &m->hit[i];
    return NULL;
}

/* A delta is weighed by its base's statistics, a rebuild by its own: a passage may change places
 * with one that is as good within a hundredth. */
static void same_ranking(const sm_matches *one, const sm_matches *two)
{
    size_t n_changed = 0;
    assert_int_equal(one->n, two->n);
    for (size_t i = 0; i < one->n; i++) {
        const sm_hit *other = hit_of(two, one->hit[i].id);
        assert_non_null(other);
        if (!id_changed(one->hit[i].id))
            continue;
        n_changed++;
        assert_true(other->score > 0.99 * one->hit[i].score &&
                    other->score < 1.01 * one->hit[i].score);
    }
    assert_int_equal(n_changed, N_MANY / 100);
}

static void a_delta_ranks_changed_passages_as_a_rebuild_does(void **state)
{
    static const char *const ask[] = { "新业态从业者职业伤害保障", "职业伤害的公积金提取",
                                       "职业伤害，护照补办" };
    struct place p;
    (void)state;
    place_open(&p);
    make_parts(&p);
    for (size_t q = 0; q < SM_LEN(ask); q++) {
        name_current(&p, 1, "all.idx", "");
        sm_matches *all = search(&p, ask[q], N_MANY);
        name_current(&p, 1, "base.idx", "delta.idx");
        sm_matches *parts = search(&p, ask[q], N_MANY);
        same_ranking(all, parts);
        for (size_t i = 0; i < N_MANY / 100; i++)
            assert_true(id_changed(parts->hit[i].id) && id_changed(all->hit[i].id));
    }
    place_close(&p);
}

static void a_replaced_passage_is_not_found_any_more(void **state)
{
    struct place p;
    (void)state;
    place_open(&p);
    sm_index *base = three_items(&p);
    begin(&p, base);
    add(&p, passage("B", "婚姻关系解除", "协议解除婚姻关系的，双方到场申请。"));
    sm_index_close(finish(&p, "delta.idx"));
    sm_index_close(base);
    name_current(&p, 1, "three.idx", "delta.idx");
    sm_matches *m = search(&p, "离婚协议", 10);
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (sm_str_eq(m->hit[i].id, SM_STR("B"))) {
            assert_int_equal(m->hit[i].passage, 3); /* the delta's, numbered on from the base */
            n++;
        }
    assert_int_equal(n, 1);
    place_close(&p);
}

static void questions_of_any_length_are_answered(void **state)
{
    struct place p;
    sm_buf b;
    (void)state;
    place_open(&p);
    sm_index_close(three_items(&p));
    name_current(&p, 1, "three.idx", "");
    assert_int_equal(search(&p, "", 10)->n, 0);
    assert_int_equal(search(&p, "  ？！\n", 10)->n, 0);
    assert_int_equal(search(&p, "qwerty", 10)->n, 0);
    assert_int_equal(search(&p, "养犬", 0)->n, 0);
    assert_int_equal(search(&p, "\xff\xfe养\xe4", 10)->n, 1);
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < 25000; i++)
        sm_buf_addf(&b, "养犬登记");
    sm_buf_addc(&b, 0);
    sm_matches *m = search(&p, b.p, 10);
    assert_int_equal(m->n, 3);
    assert_true(sm_str_eq(m->hit[0].id, SM_STR("C")));
    assert_true(m->hit[0].coverage > 0.5 && m->hit[0].coverage <= 1.0);
    sm_buf_done(&b);
    place_close(&p);
}

static void a_reader_sees_a_swap_within_a_second(void **state)
{
    struct place p;
    sm_searcher *s;
    int64_t seen = 0;
    (void)state;
    place_open(&p);
    check(&p.op, sm_searcher_open(&p.op, p.dir, NULL, &s));
    sm_index_close(three_items(&p));
    name_current(&p, 5, "three.idx", "");
    int64_t began = sm_now_us();
    while (seen != 5 && sm_now_us() - began < 1000000) {
        const sm_snapshot *snap;
        sm_op one;
        sm_op_begin(&one);
        check(&one, sm_searcher_pin(&one, s, &snap));
        seen = sm_snapshot_revision(snap);
        sm_op_end(&one);
        usleep(10000);
    }
    assert_int_equal(seen, 5);
    sm_searcher_close(s);
    place_close(&p);
}

static void what_was_pinned_stays_while_a_newer_generation_comes(void **state)
{
    struct place p;
    sm_searcher *s;
    const sm_snapshot *old, *new;
    sm_matches *m;
    sm_op one, two;
    (void)state;
    place_open(&p);
    sm_index_close(three_items(&p));
    sm_index_close(dated_items(&p));
    name_current(&p, 1, "three.idx", "");
    check(&p.op, sm_searcher_open(&p.op, p.dir, NULL, &s));
    sm_op_begin(&one);
    sm_op_begin(&two);
    check(&one, sm_searcher_pin(&one, s, &old));
    name_current(&p, 2, "dated.idx", "");
    assert_int_equal(unlink(file_in(&p, "three.idx")), 0);
    usleep(250000);
    check(&two, sm_searcher_pin(&two, s, &new));
    assert_int_equal(sm_snapshot_revision(old), 1);
    assert_int_equal(sm_snapshot_revision(new), 2);
    check(&one, sm_search(&one, old, SM_KIND_ITEM, SM_STR("养犬"), NULL, 5, &m));
    assert_int_equal(m->n, 1);
    sm_op_end(&one);
    check(&two, sm_search(&two, new, SM_KIND_ITEM, SM_STR("停车费"), NULL, 5, &m));
    assert_int_equal(m->n, 5);
    sm_op_end(&two);
    sm_searcher_close(s);
    place_close(&p);
}

static void a_damaged_generation_says_so_in_chinese(void **state)
{
    struct place p;
    sm_searcher *s;
    const sm_snapshot *snap;
    int64_t n_files;
    (void)state;
    place_open(&p);
    sm_index_close(three_items(&p));
    const char *current = sm_path(p.op.arena, p.dir, "current");
    check(&p.op, sm_file_write(&p.op, current, SM_STR("{\"revision\": ")));
    check(&p.op, sm_searcher_open(&p.op, p.dir, NULL, &s));
    assert_int_equal(sm_searcher_pin(&p.op, s, &snap), SM_E_CORRUPT);
    assert_true(sm_str_has(p.op.msg, SM_STR("重新导入")));
    sm_op_clear(&p.op);
    name_current(&p, 1, "gone.idx", "");
    assert_true(sm_searcher_pin(&p.op, s, &snap) < 0);
    sm_op_clear(&p.op);
    name_current(&p, 1, "three.idx", "");
    check(&p.op, sm_searcher_pin(&p.op, s, &snap));
    check(&p.op, sm_snapshot_verify(&p.op, snap, &n_files));
    assert_int_equal(n_files, 1);
    sm_searcher *again;
    sm_str whole;
    check(&p.op, sm_file_read(&p.op, file_in(&p, "three.idx"), MAX_TEXT, &whole));
    char *bytes = sm_cstr(p.op.arena, whole);
    bytes[whole.n - 1] ^= 1; /* a bit of a name's hash */
    check(&p.op, sm_file_write(&p.op, file_in(&p, "three.idx"), (sm_str){ bytes, whole.n }));
    check(&p.op, sm_searcher_open(&p.op, p.dir, NULL, &again));
    sm_op one;
    sm_op_begin(&one);
    check(&one, sm_searcher_pin(&one, again, &snap));
    assert_int_equal(sm_snapshot_verify(&one, snap, &n_files), SM_E_CORRUPT);
    assert_true(sm_str_has(one.msg, SM_STR("three.idx")));
    sm_op_end(&one);
    sm_searcher_close(again);
    sm_arena_reset(p.op.arena); /* unpins */
    sm_searcher_close(s);
    place_close(&p);
}

/* ----------------------------------------------------------------- refresh */

/* Lines from … to of the demo's items, some word in them replaced, imported; the index refreshed.
 */
static void import_items(struct place *p, sm_db *db, size_t from, size_t to, const char *word,
                         const char *by)
{
    sm_str text, line;
    sm_import_report *report;
    sm_buf b;
    sm_buf_init(&b, MAX_TEXT);
    check(&p->op, sm_file_read(&p->op, DEMO "items.jsonl", MAX_TEXT, &text));
    for (size_t i = 0; sm_str_cut(&text, '\n', &line) && i < to; i++) {
        if (i < from)
            continue;
        for (size_t at; word && (at = sm_str_find(line, sm_str_of(word), 0)) != SIZE_MAX;) {
            sm_buf_add(&b, sm_str_sub(line, 0, at));
            sm_buf_add(&b, sm_str_of(by));
            line = sm_str_sub(line, at + strlen(word), line.n);
        }
        sm_buf_add(&b, line);
        sm_buf_addc(&b, '\n');
    }
    const char *path = sm_path(p->op.arena, p->dir, "items.jsonl");
    check(&p->op, sm_file_write(&p->op, path, sm_buf_str(&b)));
    sm_buf_done(&b);
    check(&p->op, sm_corpus_import(&p->op, db, SM_KIND_ITEM, &path, 1, false, &report));
    check(&p->op, sm_index_refresh(&p->op, p->dir, db));
}

static sm_generation current(struct place *p)
{
    sm_generation g;
    check(&p->op, sm_current_read(&p->op, p->dir, &g));
    return g;
}

static size_t count_files(struct place *p)
{
    DIR *d = opendir(sm_path(p->op.arena, p->dir, "index"));
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strstr(e->d_name, ".idx") != NULL && !strstr(e->d_name, ".vec");
    closedir(d);
    return n;
}

static void few_changes_make_a_delta_and_many_a_rebuild(void **state)
{
    struct place p;
    sm_db *db;
    (void)state;
    place_open(&p);
    check(&p.op, sm_db_open(&p.op, p.dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
    import_items(&p, db, 0, 60, NULL, NULL);
    sm_generation one = current(&p), two;
    assert_true(one.kind[SM_KIND_ITEM].base.n > 0);
    assert_int_equal(one.kind[SM_KIND_ITEM].delta.n, 0);
    import_items(&p, db, 0, 1, "新生儿", "小月龄宝贝");
    two = current(&p);
    assert_true(sm_str_eq(one.kind[SM_KIND_ITEM].base, two.kind[SM_KIND_ITEM].base));
    assert_true(sm_str_ends(two.kind[SM_KIND_ITEM].delta, SM_STR("-delta.idx")));
    sm_matches *m = search(&p, "小月龄宝贝", 5);
    assert_true(sm_str_eq(m->hit[0].id, SM_STR("HJ-001")) && m->hit[0].passage == 60);
    import_items(&p, db, 60, 413, NULL, NULL);
    two = current(&p);
    assert_int_equal(two.kind[SM_KIND_ITEM].delta.n, 0);
    assert_false(sm_str_eq(one.kind[SM_KIND_ITEM].base, two.kind[SM_KIND_ITEM].base));
    assert_int_equal(count_files(&p), 3); /* the new base, and the generation before */
    import_items(&p, db, 1, 2, "云澜市", "云澜");
    assert_int_equal(count_files(&p), 2);
    m = search(&p, "小月龄宝贝", 5);
    assert_true(sm_str_eq(m->hit[0].id, SM_STR("HJ-001")));
    sm_db_close(db);
    place_close(&p);
}

static void a_refresh_makes_anew_what_is_gone_or_damaged(void **state)
{
    struct place p;
    sm_db *db;
    sm_str text = SM_STR("not an index");
    (void)state;
    place_open(&p);
    check(&p.op, sm_db_open(&p.op, p.dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
    import_items(&p, db, 0, 20, NULL, NULL);
    const char *base = sm_cstr(p.op.arena, current(&p).kind[SM_KIND_ITEM].base);
    check(&p.op, sm_file_write(&p.op, file_in(&p, base), text));
    check(&p.op, sm_index_refresh(&p.op, p.dir, db));
    assert_true(search(&p, "宝宝落户", 5)->n > 0);
    assert_int_equal(unlink(file_in(&p, base)), 0);
    check(&p.op, sm_index_refresh(&p.op, p.dir, db));
    assert_true(search(&p, "宝宝落户", 5)->n > 0);
    check(&p.op, sm_file_write(&p.op, sm_path(p.op.arena, p.dir, "current"), text));
    check(&p.op, sm_index_refresh(&p.op, p.dir, db));
    assert_true(search(&p, "宝宝落户", 5)->n > 0);
    sm_db_close(db);
    place_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_gives_back_what_was_put_in),
        cmocka_unit_test(postings_are_ascending_and_in_range),
        cmocka_unit_test(equal_scores_come_in_order_of_number),
        cmocka_unit_test(an_index_of_nothing_finds_nothing),
        cmocka_unit_test(a_damaged_file_is_refused_or_told_by_its_digest),
        cmocka_unit_test(filters_hold_inside_the_search),
        cmocka_unit_test(the_one_allowed_passage_is_found_behind_many_better_ones),
        cmocka_unit_test(a_delta_ranks_changed_passages_as_a_rebuild_does),
        cmocka_unit_test(a_replaced_passage_is_not_found_any_more),
        cmocka_unit_test(questions_of_any_length_are_answered),
        cmocka_unit_test(a_reader_sees_a_swap_within_a_second),
        cmocka_unit_test(what_was_pinned_stays_while_a_newer_generation_comes),
        cmocka_unit_test(a_damaged_generation_says_so_in_chinese),
        cmocka_unit_test(few_changes_make_a_delta_and_many_a_rebuild),
        cmocka_unit_test(a_refresh_makes_anew_what_is_gone_or_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
