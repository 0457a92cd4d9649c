#include "../fixture.h"

#include "format/official.h"
#include "review/compare.h"
#include "review/diff.h"

static int begin(void **state)
{
    sm_op *op = calloc(1, sizeof(*op));
    sm_op_begin(op);
    *state = op;
    return 0;
}

static int end(void **state)
{
    sm_op_end(*state);
    free(*state);
    return 0;
}

/* ----------------------------------------------------------------- rows at all */

/* The length of the longest row both have, the slow way. */
static size_t longest(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
    size_t *best = calloc((n + 1) * (m + 1), sizeof(*best));
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            size_t up = best[(i - 1) * (m + 1) + k], left = best[i * (m + 1) + k - 1];
            best[i * (m + 1) + k] =
                a[i - 1] == b[k - 1] ? best[(i - 1) * (m + 1) + k - 1] + 1 : SM_MAX(up, left);
        }
    size_t is = best[(n + 1) * (m + 1) - 1];
    free(best);
    return is;
}

static size_t check_match(const uint64_t *a, size_t n, const uint64_t *b, size_t m,
                          const int32_t *match)
{
    int32_t last = -1;
    size_t matched = 0;
    for (size_t i = 0; i < n; i++) {
        if (match[i] < 0)
            continue;
        assert_true(match[i] > last && (size_t)match[i] < m);
        assert_int_equal(a[i], b[match[i]]);
        last = match[i];
        matched++;
    }
    return matched;
}

static void few_changes_are_the_fewest(void **state)
{
    sm_op *op = *state;
    sm_rng rng = { 7 };
    for (int round = 0; round < 2000; round++) {
        uint64_t a[40], b[40];
        int32_t match[40];
        size_t n = sm_rng_below(&rng, 40), m = sm_rng_below(&rng, 40);
        uint32_t letters = 1 + sm_rng_below(&rng, 6);
        for (size_t i = 0; i < n; i++)
            a[i] = sm_rng_below(&rng, letters);
        for (size_t i = 0; i < m; i++)
            b[i] = sm_rng_below(&rng, letters);
        must(op, sm_diff(op, a, n, b, m, match));
        assert_int_equal(check_match(a, n, b, m, match), longest(a, n, b, m));
    }
}

static void many_changes_are_found_all_the_same(void **state)
{
    sm_op *op = *state;
    enum { N = 30000 };
    sm_rng rng = { 9 };
    uint64_t *a = SM_NEWS(op->arena, uint64_t, N), *b = SM_NEWS(op->arena, uint64_t, N);
    int32_t *match = SM_NEWS(op->arena, int32_t, N);
    for (size_t i = 0; i < N; i++) {
        a[i] = sm_rng_below(&rng, 50);
        b[i] = i % 3 ? a[i] : sm_rng_below(&rng, 50);
    }
    must(op, sm_diff(op, a, N, b, N, match));
    assert_true(check_match(a, N, b, N, match) > N / 2);
    for (size_t i = 0; i < N; i++)
        b[i] = 1000 + i;
    must(op, sm_diff(op, a, N, b, N, match));
    assert_int_equal(check_match(a, N, b, N, match), 0);
}

/* ------------------------------------------------------------------ documents */

static sm_layout *layout_of(sm_op *op, const char *notation)
{
    sm_layout *l;
    must(op, sm_official_read(op, "a.txt", sm_str_of(notation), &l));
    return l;
}

static sm_str told(sm_op *op, const char *a, const char *b)
{
    sm_comparison *c;
    sm_buf buf;
    sm_str text;
    must(op, sm_compare(op, layout_of(op, a), layout_of(op, b), &c));
    sm_buf_init(&buf, 1 << 20);
    sm_comparison_text(c, &buf);
    must(op, sm_buf_take(op, &buf, &text));
    return text;
}

static void assert_told(void *state, const char *a, const char *b, const char *wanted)
{
    sm_op *op = state;
    assert_string_equal(sm_cstr(op->arena, told(op, a, b)), wanted);
}

static void the_same_has_no_change(void **state)
{
    assert_told(*state, "@title 通知\n@p 甲。\n", "@title 通知\n@p 甲。\n",
                "改动 0 段：改字 0 段，增加 0 段，删去 0 段，版式 0 段\n");
}

static void words_are_marked_by_sign(void **state)
{
    assert_told(
        *state, "@p 请各部门认真贯彻落实，，于2026年3月1日前报送。\n",
        "@p 请各区各部门认真贯彻落实，于2027年3月1日前报送。\n",
        "改动 1 段：改字 1 段，增加 0 段，删去 0 段，版式 0 段\n"
        "原件第 1 段：请各{+区各+}部门认真贯彻落实，[-，-]于[-2026-]{+2027+}年3月1日前报送。\n");
}

static void paragraphs_come_and_go(void **state)
{
    assert_told(*state, "@p 第一段说明情况。\n@p 第二段要删。\n@p 第三段提出要求。\n",
                "@p 第一段说明情况。\n@p 第三段提出要求。\n@p 完全是新写的话语。\n",
                "改动 2 段：改字 0 段，增加 1 段，删去 1 段，版式 0 段\n"
                "原件第 2 段：[-第二段要删。-]\n"
                "新件第 3 段：{+完全是新写的话语。+}\n");
}

static void a_date_written_otherwise_is_one_paragraph(void **state)
{
    assert_told(*state, "@p 甲。\n@p 二〇二六年三月二十日\n@p 乙。\n",
                "@p 甲。\n@p 2026年3月20日\n@p 乙。\n",
                "改动 1 段：改字 1 段，增加 0 段，删去 0 段，版式 0 段\n"
                "原件第 2 段：[-二〇二六-]{+2026+}年[-三-]{+3+}月[-二十-]{+20+}日\n");
}

static void a_rewritten_sentence_is_not_cut_to_crumbs(void **state)
{
    sm_str s = told(*state, "@p 为了加强全市的防汛工作，现将有关事项通知如下。\n",
                    "@p 为进一步做好我市防汛抗旱工作，现就有关事项通知如下。\n");
    assert_true(sm_str_has(s, SM_STR("工作，")));
    assert_false(sm_str_has(s, SM_STR("]的[")));
}

static void layout_is_told_in_words(void **state)
{
    assert_told(*state, "@p{size=14,align=left} 请认真落实。\n",
                "@p{size=16,align=both} 请认真落实。\n",
                "改动 1 段：改字 0 段，增加 0 段，删去 0 段，版式 1 段\n"
                "原件第 1 段：请认真落实。\n"
                "  版式：对齐由左对齐改为两端对齐\n"
                "  版式：字号由四号（14磅）改为三号（16磅）\n");
    sm_str page = told(*state, "@page{top=30}\n@p 甲。\n", "@page{top=37}\n@p 甲。\n");
    assert_true(sm_str_has(page, SM_STR("页面：上边距由30毫米改为37毫米\n")));
}

static void the_parts_of_a_row_make_both_texts_again(void **state)
{
    sm_op *op = *state;
    static const char *const alphabet[] = { "的", "市", "，", "a", "7", "防汛", "😀", " " };
    sm_rng rng = { 3 };
    for (int round = 0; round < 300; round++) {
        sm_buf a, b;
        sm_buf_init(&a, 1 << 16);
        sm_buf_init(&b, 1 << 16);
        for (uint32_t i = sm_rng_below(&rng, 60); i; i--) {
            const char *w = alphabet[sm_rng_below(&rng, SM_LEN(alphabet))];
            if (sm_rng_below(&rng, 4))
                sm_buf_add(&a, sm_str_of(w));
            if (sm_rng_below(&rng, 4))
                sm_buf_add(&b, sm_str_of(w));
        }
        sm_par x = { .text = sm_buf_str(&a), .table = -1 }, y = { .text = sm_buf_str(&b) };
        sm_section s = { 0 };
        sm_layout l = { .par = &x, .n_pars = 1, .section = &s, .n_sections = 1 }, m = l;
        m.par = &y;
        sm_comparison *c;
        sm_buf p, q;
        must(op, sm_compare(op, &l, &m, &c));
        sm_buf_init(&p, 1 << 16);
        sm_buf_init(&q, 1 << 16);
        for (size_t i = 0; i < c->n; i++)
            for (size_t k = 0; k < c->row[i].n_pieces; k++) {
                const sm_piece *one = &c->row[i].piece[k];
                if (one->kind != SM_PIECE_INSERTED)
                    sm_buf_add(&p, one->text);
                if (one->kind != SM_PIECE_DELETED)
                    sm_buf_add(&q, one->text);
            }
        assert_true(sm_str_eq(sm_buf_str(&a), sm_buf_str(&p)));
        assert_true(sm_str_eq(sm_buf_str(&b), sm_buf_str(&q)));
        sm_buf_done(&a), sm_buf_done(&b), sm_buf_done(&p), sm_buf_done(&q);
    }
}

static void too_long_is_an_error(void **state)
{
    sm_op *op = *state;
    sm_par *p = SM_NEWS(op->arena, sm_par, 20001);
    sm_layout l = { .par = p, .n_pars = 20001 };
    sm_comparison *c;
    assert_int_equal(sm_compare(op, &l, &l, &c), SM_E_LIMIT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(few_changes_are_the_fewest),
        TEST(many_changes_are_found_all_the_same),
        TEST(the_same_has_no_change),
        TEST(words_are_marked_by_sign),
        TEST(paragraphs_come_and_go),
        TEST(a_date_written_otherwise_is_one_paragraph),
        TEST(a_rewritten_sentence_is_not_cut_to_crumbs),
        TEST(layout_is_told_in_words),
        TEST(the_parts_of_a_row_make_both_texts_again),
        TEST(too_long_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
