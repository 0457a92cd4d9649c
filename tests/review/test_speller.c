/*
 * The speller over a small corpus of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "review/speller.h"
#include "text/text.h"

#define CHARS SM_SOURCE_DIR "/share/review/spell/chars.tsv"

static const char corpus[] = "各级人民政府应当加强对安全生产工作的领导，建立健全安全生产责任制。\n"
                             "有关部门应当依法履行监督管理职责，对违法行为依法追究责任。\n"
                             "公民、法人和其他组织对行政处罚决定不服的，可以依法申请行政复议。\n"
                             "申请人应当如实提供有关材料，并对材料的真实性负责。\n"
                             "本办法自2026年1月1日起施行，由市人民政府办公室负责解释。\n"
                             "项目单位应当在三十日内向主管部门提交验收报告。\n";

static sm_op op;
static sm_speller *speller;
static sm_str packed;

static sm_spell_counts *counts(int weight)
{
    sm_spell_counts *c;
    assert_int_equal(sm_spell_counts_open(&op, CHARS, &c), SM_OK);
    assert_int_equal(sm_spell_counts_add(&op, c, sm_str_of(corpus), weight), SM_OK);
    return c;
}

static int open_speller(void **state)
{
    (void)state;
    sm_op_begin(&op);
    sm_spell_counts *c = counts(50);
    assert_int_equal(sm_spell_counts_pack(&op, c, &packed), SM_OK);
    assert_int_equal(sm_speller_of(&op, packed, &speller), SM_OK);
    sm_spell_counts_close(c);
    return 0;
}

static int close_speller(void **state)
{
    (void)state;
    sm_speller_close(speller);
    sm_op_end(&op);
    return 0;
}

/* The text with everything put right. */
static sm_str mended(const char *text)
{
    sm_misspelt *m;
    sm_str rest = sm_str_of(text);
    size_t n = sm_speller_check(op.arena, speller, rest, NULL, &m), k = 0, len = 0;
    char *out = sm_alloc(op.arena, rest.n + 4 * n + 1);
    for (size_t at = 0; rest.n; at++) {
        uint32_t c = sm_utf8_next(&rest);
        len += sm_utf8_put(k < n && m[k].at == at ? m[k++].right : c, out + len);
    }
    assert_int_equal(k, n);
    return (sm_str){ out, len };
}

static void assert_mends(const char *wrong, const char *right)
{
    sm_str got = mended(wrong);
    if (!sm_str_eq(got, sm_str_of(right)))
        fail_msg("%s gives %.*s", wrong, SM_ARG(got));
}

static void finds_what_sounds_or_looks_alike(void **state)
{
    (void)state;
    assert_mends("各级人民政府应当加强对安全生产工作的领岛，建立健全安全生产责任制。",
                 "各级人民政府应当加强对安全生产工作的领导，建立健全安全生产责任制。");
    assert_mends("对违法行为依法追究贵任。", "对违法行为依法追究责任。");
    assert_mends("可以依法申请行政复义。", "可以依法申请行政复议。");
}

static void finds_several_in_one_sentence(void **state)
{
    (void)state;
    assert_mends("有关部门应当依法履行坚督管理职责，对违法形为依法追究责任。",
                 "有关部门应当依法履行监督管理职责，对违法行为依法追究责任。");
}

static void leaves_what_is_right_and_what_it_does_not_know(void **state)
{
    (void)state;
    const char *const right[] = { "申请人应当如实提供有关材料，并对材料的真实性负责。",
                                  "春眠不觉晓，处处闻啼鸟。",
                                  "项目单位应当在二十日内向主管部门提交验收报告。",
                                  "",
                                  "2026年",
                                  "，。！",
                                  "abc ａｂｃ \t" };
    for (size_t i = 0; i < SM_LEN(right); i++)
        assert_mends(right[i], right[i]);
}

static void reads_any_bytes(void **state)
{
    (void)state;
    sm_misspelt *m;
    sm_spell_case *k;
    sm_rng rng = { 7 };
    char bytes[3000];
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (char)sm_rng_below(&rng, 256);
        sm_speller_check(op.arena, speller, (sm_str){ bytes, sizeof(bytes) }, NULL, &m);
        sm_speller_cases(op.arena, speller, (sm_str){ bytes, sizeof(bytes) }, &k);
    }
}

/* Places are counted over the whole text, however long. */
static void tells_the_place_in_a_long_text(void **state)
{
    (void)state;
    enum { FILLER = 5000 };
    sm_buf b;
    sm_misspelt *m;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < FILLER; i++)
        sm_buf_add(&b, SM_STR("　"));
    sm_buf_add(&b, SM_STR("对违法行为依法追究贵任。"));
    assert_int_equal(sm_speller_check(op.arena, speller, sm_buf_str(&b), NULL, &m), 1);
    assert_int_equal(m[0].at, FILLER + 9);
    assert_int_equal(m[0].right, 0x8d23); /* 责 */
    sm_buf_done(&b);
}

static void same_texts_give_the_same_file(void **state)
{
    (void)state;
    sm_str again;
    sm_spell_counts *c = counts(50);
    assert_int_equal(sm_spell_counts_pack(&op, c, &again), SM_OK);
    assert_true(sm_str_eq(packed, again));
    assert_true(packed.n <= SM_SPELL_MAX_BYTES);
    sm_spell_counts_close(c);
}

static void what_is_taken_out_again_is_gone(void **state)
{
    (void)state;
    sm_spell_counts *c = counts(50);
    uint64_t n = sm_spell_counts_chars(c);
    sm_str more = SM_STR("科学技术奖励条例规定了奖励的种类。"), bytes;
    sm_speller *s;
    sm_misspelt *m;
    assert_int_equal(sm_spell_counts_add(&op, c, more, 50), SM_OK);
    assert_int_equal(sm_spell_counts_add(&op, c, more, -50), SM_OK);
    assert_int_equal(sm_spell_counts_chars(c), n);
    assert_int_equal(sm_spell_counts_pack(&op, c, &bytes), SM_OK);
    assert_int_equal(sm_speller_of(&op, bytes, &s), SM_OK);
    assert_int_equal(sm_speller_check(op.arena, s, SM_STR("科学技术将励条例"), NULL, &m), 0);
    sm_speller_close(s);
    sm_spell_counts_close(c);
}

static void assert_corrupt(sm_str bytes)
{
    sm_speller *s;
    assert_int_equal(sm_speller_of(&op, bytes, &s), SM_E_CORRUPT);
    sm_op_clear(&op);
}

static void refuses_a_file_that_is_none(void **state)
{
    (void)state;
    assert_corrupt((sm_str){ packed.p, 0 });
    assert_corrupt((sm_str){ packed.p, 10 });
    assert_corrupt((sm_str){ packed.p, packed.n - 1 });
    for (size_t at = 0; at < 24; at += 4) { /* magic, and each size of the head */
        char *bytes = sm_alloc(op.arena, packed.n);
        memcpy(bytes, packed.p, packed.n);
        memset(bytes + at, 0xff, 4);
        assert_corrupt((sm_str){ bytes, packed.n });
    }
}

static void names_the_line_of_a_bad_table(void **state)
{
    (void)state;
    sm_spell_counts *c;
    char path[] = "/tmp/sunmao-chars-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(sm_file_write(&op, path, SM_STR("# 字\n一\tyi1\tM\t二\n二\n")), SM_OK);
    assert_int_equal(sm_spell_counts_open(&op, path, &c), SM_E_INVALID);
    assert_true(sm_str_has(op.msg, SM_STR("第3行")));
    sm_op_clear(&op);
    sm_lock_close(fd);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_sounds_or_looks_alike),
        cmocka_unit_test(finds_several_in_one_sentence),
        cmocka_unit_test(leaves_what_is_right_and_what_it_does_not_know),
        cmocka_unit_test(reads_any_bytes),
        cmocka_unit_test(tells_the_place_in_a_long_text),
        cmocka_unit_test(same_texts_give_the_same_file),
        cmocka_unit_test(what_is_taken_out_again_is_gone),
        cmocka_unit_test(refuses_a_file_that_is_none),
        cmocka_unit_test(names_the_line_of_a_bad_table),
    };
    return cmocka_run_group_tests(tests, open_speller, close_speller);
}
