#include "text/text.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STR(s) sm_str_of(s)

static int set_up(void **state)
{
    setenv("SUNMAO_TODAY", "2026-11-23", 1);
    *state = sm_arena_open();
    return 0;
}

static int tear_down(void **state)
{
    sm_arena_close(*state);
    return 0;
}

static void assert_str(sm_arena *a, sm_str got, const char *want, const char *about)
{
    if (!sm_str_eq(got, STR(want)))
        fail_msg("%s: got \"%s\", want \"%s\"", about, sm_cstr(a, got), want);
}

/* --------------------------------------------------------------- UTF-8 */

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n, bad_at;
    } bad[] = {
        { "\xff", 1, 0 },
        { "a\xc0\x80", 3, 1 },
        { "\xe4\xba", 2, 0 },
        { "\xed\xa0\x80", 3, 0 },
        { "\xf4\x90\x80\x80", 4, 0 },
        { "ok\x80", 3, 2 },
        { "\xf0\x80\x80\x80", 4, 0 },
        { "\xe0\x80\x80", 3, 0 },
        { "中\xe4", 4, 3 },
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        size_t at = 99;
        assert_false(sm_utf8_valid((sm_str){ bad[i].bytes, bad[i].n }, &at));
        assert_int_equal(at, bad[i].bad_at);
        assert_false(sm_utf8_valid((sm_str){ bad[i].bytes, bad[i].n }, NULL));
    }
    assert_true(sm_utf8_valid(STR("a中é😀\xef\xbf\xbd"), NULL));
    assert_true(sm_utf8_valid((sm_str){ 0 }, NULL));
}

static void code_points_are_taken_and_put(void **state)
{
    (void)state;
    static const uint32_t points[] = { 'a',    0x7f,   0x80,    0x7ff,   0x800,
                                       0x4e2d, 0xffff, 0x10000, 0x1f600, 0x10ffff };
    for (size_t i = 0; i < SM_LEN(points); i++) {
        char b[4];
        size_t n = sm_utf8_put(points[i], b);
        sm_str s = { b, n };
        assert_int_equal(sm_utf8_next(&s), points[i]);
        assert_int_equal(s.n, 0);
    }
    sm_str bad = STR("\xff中");
    assert_int_equal(sm_utf8_next(&bad), 0xfffd);
    assert_int_equal(bad.n, 3);
}

static void heads_and_counts_are_in_characters(void **state)
{
    (void)state;
    assert_int_equal(sm_utf8_count(STR("中a文")), 3);
    assert_int_equal(sm_utf8_count((sm_str){ 0 }), 0);
    assert_int_equal(sm_utf8_head(STR("中a文"), 2).n, 4);
    assert_int_equal(sm_utf8_head(STR("中a文"), 9).n, 7);
    assert_int_equal(sm_utf8_head(STR("中"), 0).n, 0);
}

static void han_is_told_from_the_rest(void **state)
{
    (void)state;
    static const uint32_t han[] = { 0x4e00, 0x9fff, 0x3400, 0x3007, 0x20000, 0xf900 };
    static const uint32_t not_han[] = { 'a', 0x3002, 0xff01, 0x3042, 0xac00, 0xfffd };
    for (size_t i = 0; i < SM_LEN(han); i++)
        assert_true(sm_is_han(han[i]));
    for (size_t i = 0; i < SM_LEN(not_han); i++)
        assert_false(sm_is_han(not_han[i]));
}

static void mending_replaces_only_what_is_not_utf8(void **state)
{
    sm_arena *a = *state;
    sm_str fine = STR("好");
    assert_ptr_equal(sm_utf8_mend(a, fine).p, fine.p);
    assert_str(a, sm_utf8_mend(a, STR("好\xffo\xe4\xba")), "好\uFFFDo\uFFFD\uFFFD", "mend");
}

/* --------------------------------------------------------- normal form */

static void text_has_one_normal_form(void **state)
{
    static const char *const cases[][2] = {
        { "營業執照", "营业执照" },
        { "ＡＢＣ１２３", "abc123" },
        { "  办  理　流程 ", "办 理 流程" },
        { "Wi-Fi", "wi-fi" },
        { "！？：（）", "!?:()" },
        { "①", "1" },
        { "㎡", "m2" },
        { "ﬁn", "fin" },
        { "ｶﾞ", "ガ" },
        { "e\u0301", "é" },
        { "É", "é" },
        { "ß", "ss" },
        { "a\u200b b", "a b" },
        { "a \u200b", "a" },
        { "a\u2003\u3000b", "a b" },
        { "", "" },
        { "   ", "" },
        { "\xff中", "\uFFFD中" },
        { "⼀", "一" },
        { "豈", "岂" },
        { "《條例》、。", "《条例》、。" },
        { "…", "..." },
        { "a\r\n\tb", "a b" },
        { "\u00a8x", "\u0308x" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_str(*state, sm_text_normal(*state, STR(cases[i][0])), cases[i][1], cases[i][0]);
    assert_str(*state, sm_text_normal(*state, (sm_str){ "a \0 b", 5 }), "a b", "NUL");
}

static void a_normal_form_is_its_own(void **state)
{
    sm_arena *a = *state;
    char b[8];
    for (uint32_t c = 1; c < 0x30000; c++) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        sm_arena_reset(a);
        size_t n = sm_utf8_put(c, b);
        sm_str once = sm_text_normal(a, (sm_str){ b, n });
        sm_str twice = sm_text_normal(a, once);
        if (!sm_str_eq(once, twice))
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void question_words_are_cut_and_their_sides_not_glued(void **state)
{
    static const sm_str words[] = { { "怎么办理", 12 }, { "怎么", 6 }, { "请问", 6 }, { "", 0 } };
    static const char *const cases[][2] = {
        { "请问营业执照怎么办理", "营业执照" },
        { "身份证怎么补办", "身份证 补办" },
        { "请问怎么办理", "请问怎么办理" },
        { "请问 怎么?", "请问 怎么?" },
        { "", "" },
        { "甲怎么 请问乙", "甲 乙" },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_str(*state, sm_text_strip(*state, STR(cases[i][0]), words, SM_LEN(words)),
                   cases[i][1], cases[i][0]);
}

/* -------------------------------------------------------------- tokens */

static size_t tokens(const char *s, unsigned flags, uint64_t *out)
{
    return sm_text_tokens(STR(s), flags, out, 64);
}

static void han_gives_one_two_and_three_and_words_give_one(void **state)
{
    (void)state;
    uint64_t t[64], u[64];
    assert_int_equal(tokens("营业执照", SM_TOKEN_UNI, t), 4);
    assert_int_equal(tokens("营业执照", SM_TOKEN_BI, t), 3);
    assert_int_equal(tokens("营业执照", SM_TOKEN_TRI, t), 2);
    assert_int_equal(tokens("营业执照", SM_TOKEN_UNI | SM_TOKEN_BI | SM_TOKEN_TRI, t), 9);
    assert_int_equal(tokens("5万元", SM_TOKEN_BI, t), 2);
    assert_int_equal(tokens("5", SM_TOKEN_UNI, u), 1);
    assert_true(t[0] == u[0]);
    assert_int_equal(tokens("abc123 x", 0, t), 2);
    assert_int_equal(tokens("甲,乙", SM_TOKEN_BI, t), 0);
    assert_int_equal(tokens("甲a乙", SM_TOKEN_BI, t), 1);
    assert_int_equal(tokens("", SM_TOKEN_UNI, t), 0);
    assert_int_equal(tokens("。\xff", SM_TOKEN_UNI, t), 0);
}

static void tokens_keep_their_order_and_stop_at_the_maximum(void **state)
{
    (void)state;
    uint64_t t[8], one[2];
    assert_int_equal(sm_text_tokens(STR("甲乙甲"), SM_TOKEN_UNI, t, 8), 3);
    assert_true(t[0] == t[2] && t[0] != t[1] && t[0] != 0);
    assert_int_equal(sm_text_tokens(STR("甲乙甲"), SM_TOKEN_UNI | SM_TOKEN_BI, t, 2), 2);
    sm_text_tokens(STR("甲乙"), SM_TOKEN_BI, one, 1);
    sm_text_tokens(STR("乙甲"), SM_TOKEN_BI, one + 1, 1);
    assert_true(one[0] != one[1]);
}

/* ----------------------------------------------------------- sentences */

static void sentences_end_where_they_do(void **state)
{
    sm_arena *a = *state;
    sm_str *s;
    assert_int_equal(sm_text_sentences(a, STR("甲。乙！\n 丙；“丁。”（戊？）己"), &s), 6);
    static const char *const want[] = { "甲。", "乙！", "丙；", "“丁。”", "（戊？）", "己" };
    for (size_t i = 0; i < 6; i++)
        assert_str(a, s[i], want[i], "sentence");
    assert_int_equal(sm_text_sentences(a, STR("真的？！好"), &s), 2);
    assert_int_equal(sm_text_sentences(a, STR(" \n\n "), &s), 0);
    assert_int_equal(sm_text_sentences(a, (sm_str){ 0 }, &s), 0);
    assert_int_equal(sm_text_sentences(a, STR("收费3.5元"), &s), 1);
}

/* --------------------------------------------------------------- facts */

static const struct {
    const char *text, *keys; /* keys parted by one blank */
} facts[] = {
    /* money */
    { "收费40元", "money:40" },
    { "收费40元/证，当场办结", "money:40/证" },
    { "40元/证工本费", "money:40/证" },
    { "10元/平方米以上", "money:10/平方米" },
    { "10元／㎡", "money:10/平方米" },
    { "260元/辆·年", "money:260/辆/年" },
    { "5万元", "money:50000" },
    { "5 万元", "money:50000" },
    { "1.5亿元", "money:150000000" },
    { "2万亿元", "money:2000000000000" },
    { "1,200.50元", "money:1200.5" },
    { "３００元", "money:300" },
    { "壹万贰仟元整", "money:12000" },
    { "伍佰圆", "money:500" },
    { "一万二千元", "money:12000" },
    { "两亿三千万元", "money:230000000" },
    { "3元5角", "money:3.5" },
    { "叁元伍角整", "money:3.5" },
    { "5角", "money:0.5" },
    { "三十块钱", "money:30" },
    { "￥500.00", "money:500" },
    { "100美元", "number:100美元" },
    { "500元月补贴", "money:500" },
    /* shares */
    { "15%", "percent:15" },
    { "15．5％", "number:15 percent:5" },
    { "0.5‰", "percent:0.05" },
    { "百分之十五", "percent:15" },
    { "百分之百", "percent:100" },
    { "百分之三至五", "percent:3 percent:5" },
    { "百分之零点五", "percent:0.5" },
    { "万分之五", "percent:0.05" },
    { "三成", "percent:30" },
    { "三分之二以上", "number:2/3" },
    { "提高2个百分点", "number:2百分点" },
    { "5%-10%", "percent:5 percent:10" },
    /* lengths of time */
    { "20个工作日", "workdays:20" },
    { "二十个工作日", "workdays:20" },
    { "一个工作日内", "workdays:1" },
    { "两个月", "months:2" },
    { "15日内", "days:15" },
    { "十五日内", "days:15" },
    { "30天才申报", "days:30" },
    { "7个自然日", "days:7" },
    { "每月5日报送", "days:5" },
    { "满3年", "years:3" },
    { "三年", "years:3" },
    { "2小时", "number:2小时" },
    { "2个小时", "number:2小时" },
    { "30分钟", "number:30分钟" },
    { "一分钟", "number:1分钟" },
    { "72时", "number:72小时" },
    { "3至5个工作日", "workdays:3 workdays:5" },
    { "三至五个工作日", "workdays:3 workdays:5" },
    { "5-10日", "days:5 days:10" },
    { "5～10日", "days:5 days:10" },
    { "5万-10万元", "money:50000 money:100000" },
    { "5至10万元", "money:50000 money:100000" },
    { "800至1万元", "money:800 money:10000" },
    { "5—10元/平方米", "money:5/平方米 money:10/平方米" },
    { "5-6日", "days:5 days:6" },
    /* ages and counts */
    { "年满60周岁", "age:60" },
    { "18岁以上", "age:18" },
    { "十八周岁", "age:18" },
    { "16平方米", "number:16平方米" },
    { "1.2平方公里", "number:1.2平方公里" },
    { "3倍", "number:3倍" },
    { "三点五倍", "number:3.5倍" },
    { "2件", "number:2件" },
    { "3所学校", "number:3所" },
    { "60分", "number:60分" },
    { "8.5折", "number:8.5折" },
    { "5公里", "number:5公里" },
    { "5千米", "number:5公里" },
    { "3米", "number:3米" },
    { "3名单位职工", "number:3人" },
    { "三人", "number:3人" },
    { "三次", "number:3次" },
    { "12户", "number:12户" },
    { "12", "number:12" },
    { "0.50", "number:0.5" },
    { "1199000000000004和1199000000000005", "number:1199000000000004 number:1199000000000005" },
    /* dates and times */
    { "2026年11月23日", "date:2026-11-23" },
    { "2026 年 11 月 23 日", "date:2026-11-23" },
    { "二〇二六年十一月二十三日", "date:2026-11-23" },
    { "2026年11月", "date:2026-11" },
    { "2026年度", "date:2026" },
    { "11月23日", "date:11-23" },
    { "2026-11-23", "date:2026-11-23" },
    { "2026/11/23", "date:2026-11-23" },
    { "2026.11.23", "date:2026-11-23" },
    { "2026年3月1日至5月31日", "date:2026-03-01 date:05-31" },
    { "每年3月至5月", "number:3月 number:5月" },
    { "8:00", "time:08:00" },
    { "８：３０", "time:08:30" },
    { "17时30分", "time:17:30" },
    { "上午9点", "time:09:00" },
    { "上午九点半", "time:09:30" },
    { "下午3点至5点", "time:15:00 time:17:00" },
    { "9:00-17:30", "time:09:00 time:17:30" },
    { "九点五十分", "time:09:50" },
    { "中午12点", "time:12:00" },
    { "24时", "time:24:00" },
    /* articles, documents, phones, titles */
    { "第十二条之一", "article:12-1" },
    { "第3条", "article:3" },
    { "依照第十二、十三条", "article:12 article:13" },
    { "第三至五条", "article:3 article:5" },
    { "澜政规〔2024〕3号", "doc_no:澜政规2024-3" },
    { "根据澜政规[2024]3号", "doc_no:澜政规2024-3" },
    { "《办法》（澜政规（2024）第3号）", "title:办法 doc_no:澜政规2024-3" },
    { "澜政规〔2023〕1号和澜政规〔2024〕3号", "doc_no:澜政规2023-1 doc_no:澜政规2024-3" },
    { "公安部令第162号", "number:162" },
    { "0999-81100001", "phone:099981100001" },
    { "（0999）81100001", "phone:099981100001" },
    { "0999 8110001", "phone:09998110001" },
    { "0999-8110001-802", "phone:09998110001-802" },
    { "12345", "phone:12345" },
    { "12345件", "number:12345件" },
    { "400-810-1234", "phone:4008101234" },
    { "13800138000", "phone:13800138000" },
    { "80000-90000元", "money:80000 money:90000" },
    { "《条例〈试行〉》", "title:条例〈试行〉" },
    { "《甲《乙》丙》", "title:甲《乙》丙" },
    /* what only looks like a fact */
    { "一起", "" },
    { "一般", "" },
    { "万一", "" },
    { "三方", "" },
    { "第三人", "" },
    { "第十五人", "" },
    { "一次性", "" },
    { "十分重要", "" },
    { "统一", "" },
    { "唯一", "" },
    { "一件事", "" },
    { "三五天", "" },
    { "十二三岁", "" },
    { "一人一档", "" },
    { "三角形", "" },
    { "任一条件", "" },
    { "一、二级", "" },
    { "七年级", "" },
    { "同一人", "" },
    { "千万不要", "" },
    { "《没有结尾", "" },
    { "第一条件", "" },
    { "", "" },
    { "一成不变", "" },
    { "一时", "" },
    { "三点意见", "" },
    { "百分之", "" },
    { "\xff\xfe", "" },
};

static void every_fact_is_found_and_nothing_else(void **state)
{
    sm_arena *a = *state;
    for (size_t i = 0; i < SM_LEN(facts); i++) {
        sm_fact *f;
        size_t n = sm_text_facts(a, STR(facts[i].text), &f);
        sm_str keys = { 0 };
        for (size_t k = 0; k < n; k++)
            keys = sm_strf(a, "%.*s%s%.*s", SM_ARG(keys), k ? " " : "", SM_ARG(f[k].key));
        assert_str(a, keys, facts[i].keys, facts[i].text);
    }
}

static void a_fact_holds_its_value_and_its_place(void **state)
{
    sm_arena *a = *state;
    sm_fact *f;
    sm_str s = STR("自2026年11月23日起，收费5万元，上午9点开门。");
    assert_int_equal(sm_text_facts(a, s, &f), 3);
    assert_int_equal(f[0].kind, SM_FACT_DATE);
    assert_true(f[0].value == sm_date_of(2026, 11, 23));
    assert_str(a, f[0].text, "2026年11月23日", "text");
    assert_true(f[0].text.p == s.p + 3);
    assert_true(f[1].kind == SM_FACT_MONEY && f[1].value == 50000);
    assert_true(f[2].kind == SM_FACT_TIME && f[2].value == 540);
    assert_str(a, f[2].text, "上午9点", "text");
}

static void workdays_are_no_days(void **state)
{
    sm_fact *f, *g;
    assert_int_equal(sm_text_facts(*state, STR("20个工作日"), &f), 1);
    assert_int_equal(sm_text_facts(*state, STR("20日"), &g), 1);
    assert_false(sm_str_eq(f->key, g->key));
}

static void integers_are_read_in_both_scripts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        { "二十", 20 },
        { "廿三", 23 },
        { "１２", 12 },
        { "一百零五", 105 },
        { "十五", 15 },
        { "二〇二四", 2024 },
        { "一万二", 12000 },
        { "一百五", 150 },
        { "十", 10 },
        { "零", 0 },
        { " 7 ", 7 },
        { "壹佰贰拾", 120 },
        { "一亿零五万", 100050000 },
        { "", -1 },
        { "三五", -1 },
        { "3.5", -1 },
        { "五个", -1 },
        { "abc", -1 },
        { "万", -1 },
        { "-3", -1 },
        { "十十", -1 },
        { "99999999999999999999", -1 },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++)
        if (sm_text_integer(STR(cases[i].text)) != cases[i].value)
            fail_msg("%s: %lld", cases[i].text, (long long)sm_text_integer(STR(cases[i].text)));
}

/* ------------------------------------------------------- personal data */

static const struct {
    const char *text, *masked; /* NULL: stays */
    size_t n;
} masks[] = {
    { "110101199003071234", "110101********1234", 1 },
    { "证号11010119900307123X。", "证号110101********123X。", 1 },
    { "11010119900307123x", "110101********123x", 1 },
    { "１１０１０１１９９００３０７１２３４", "１１０１０１********１２３４", 1 },
    { "110101 19900307 1234", "110101 ******** 1234", 1 },
    { "110101-1990-0307-1234", "110101-****-****-1234", 1 },
    { "11010119900307123 X", "110101********123 X", 1 },
    { "1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 4", "1 1 0 1 0 1 * * * * * * * * 1 2 3 4", 1 },
    { "110101199013071234", NULL, 0 }, /* no such month */
    { "110101199002301234", NULL, 0 }, /* no such day */
    { "110101189903071234", NULL, 0 }, /* too old */
    { "110101202703071234", NULL, 0 }, /* not born yet */
    { "1101011990030712345678", NULL, 0 },
    { "手机13800138000", "手机138****8000", 1 },
    { "138 0013 8000", "138 **** 8000", 1 },
    { "138-0013-8000", "138-****-8000", 1 },
    { "１３８００１３８０００", "１３８****８０００", 1 },
    { "+8613800138000", "+86138****8000", 1 },
    { "+86 138 0013 8000", "+86 138 **** 8000", 1 },
    { "13800138000 13900139000", "138****8000 139****9000", 2 },
    { "13800138000、13900139000", "138****8000、139****9000", 2 },
    { "110101 19900307 1234 13800138000", "110101 ******** 1234 138****8000", 2 },
    { "12800138000", NULL, 0 },
    { "138001380001", NULL, 0 },
    { "6222021001116245102", NULL, 0 }, /* fails Luhn */
    { "4111111111111111", "************1111", 1 },
    { "4111 1111 1111 1111", "**** **** **** 1111", 1 },
    { "4111-1111-1111-1112", NULL, 0 },
    { "0999-81100001", NULL, 0 },
    { "热线12345，400-810-1234", NULL, 0 },
    { "2024-04-01 2026-11-23", NULL, 0 },
    { "事项编码11990000000000236", NULL, 0 },
    { "没有数字", NULL, 0 },
    { "", NULL, 0 },
};

static void personal_numbers_are_masked_and_others_stay(void **state)
{
    sm_arena *a = *state;
    for (size_t i = 0; i < SM_LEN(masks); i++) {
        size_t n = 10;
        sm_str in = STR(masks[i].text), out = sm_text_mask(a, in, &n);
        assert_str(a, out, masks[i].masked ? masks[i].masked : masks[i].text, masks[i].text);
        assert_int_equal(n, 10 + masks[i].n);
        if (!masks[i].masked)
            assert_ptr_equal(out.p, in.p);
    }
}

static void a_secrecy_mark_is_a_line_of_its_own(void **state)
{
    static const char *const marks[] = {
        "秘密★3年",
        "机密★",
        "绝密★30年",
        "秘密",
        "机密",
        "密级：秘密",
        "【机密】",
        "机密 ★ 10年",
        "秘 密",
        "  机 密★1年 ",
        "绝密★启用前",
        "秘密★三年",
        "密级:机密★",
        "密级：【秘密】",
        "（秘密）",
        "秘密★长期",
        "机密★１０年",
        "机密★1年 特急",
        "000001 机密★1年",
        "秘密级",
        "密级　秘密★2027年1月1日前",
        "〔绝密〕",
    };
    static const char *const others[] = {
        "",
        "不得泄露国家秘密",
        "国家秘密的范围",
        "秘密事项",
        "机密文件管理办法",
        "密级：公开",
        "商业秘密",
        "保守秘密",
        "秘密三号工程",
        "绝密级国家秘密载体的管理要求",
        "密级",
        "★",
        "工作秘密",
        "\xff\xff",
    };
    sm_arena *a = *state;
    for (size_t i = 0; i < SM_LEN(marks); i++)
        assert_str(a, sm_text_secret_mark(STR(marks[i])), sm_cstr(a, sm_str_trim(STR(marks[i]))),
                   marks[i]);
    for (size_t i = 0; i < SM_LEN(others); i++)
        assert_str(a, sm_text_secret_mark(STR(others[i])), "", others[i]);
}

static void secret_series_are_told_by_their_letters(void **state)
{
    (void)state;
    assert_true(sm_text_secret_doc_no(STR("澜政密〔2026〕2号")));
    assert_true(sm_text_secret_doc_no(STR("澜密发[2026]2号")));
    assert_true(sm_text_secret_doc_no(STR("新密政密（2026）2号")));
    assert_false(sm_text_secret_doc_no(STR("澜政规〔2026〕2号")));
    assert_false(sm_text_secret_doc_no(STR("新密市规〔2026〕2号")));
    assert_false(sm_text_secret_doc_no((sm_str){ 0 }));
}

/* ----------------------------------------------------------- numbering */

static const struct {
    const char *line;
    sm_mark_kind kind;
    const char *label, *rest;
} lines[] = {
    { "第一编 总则", SM_MARK_PART, "第一编", "总则" },
    { "第一章 总 则", SM_MARK_CHAPTER, "第一章", "总 则" },
    { "第十二章　附则", SM_MARK_CHAPTER, "第十二章", "附则" },
    { "第二节 申请", SM_MARK_SECTION, "第二节", "申请" },
    { "第一条 为了规范", SM_MARK_ARTICLE, "第一条", "为了规范" },
    { "第一条　规定如下", SM_MARK_ARTICLE, "第一条", "规定如下" },
    { "第十二条之一 本办法", SM_MARK_ARTICLE, "第十二条之一", "本办法" },
    { "第3条 申请", SM_MARK_ARTICLE, "第3条", "申请" },
    { "第二条本办法所称", SM_MARK_ARTICLE, "第二条", "本办法所称" },
    { "第二十条", SM_MARK_ARTICLE, "第二十条", "" },
    { "一、总体要求", SM_MARK_ONE, "一、", "总体要求" },
    { "十二、附则", SM_MARK_ONE, "十二、", "附则" },
    { "一、一般规定", SM_MARK_ONE, "一、", "一般规定" },
    { "二、三年行动目标", SM_MARK_ONE, "二、", "三年行动目标" },
    { "（二）申请条件", SM_MARK_TWO, "（二）", "申请条件" },
    { "(二) 申请条件", SM_MARK_TWO, "(二)", "申请条件" },
    { "（十一）其他", SM_MARK_TWO, "（十一）", "其他" },
    { "㈠其他", SM_MARK_TWO, "㈠", "其他" },
    { "1. 申请表", SM_MARK_THREE, "1.", "申请表" },
    { "1.申请表", SM_MARK_THREE, "1.", "申请表" },
    { "12．申请表", SM_MARK_THREE, "12．", "申请表" },
    { "１、申请表", SM_MARK_THREE, "１、", "申请表" },
    { "1、18周岁以上", SM_MARK_THREE, "1、", "18周岁以上" },
    { "1. 5个工作日", SM_MARK_THREE, "1.", "5个工作日" },
    { "（1）身份证", SM_MARK_FOUR, "（1）", "身份证" },
    { "(12)身份证", SM_MARK_FOUR, "(12)", "身份证" },
    { "（１）身份证", SM_MARK_FOUR, "（１）", "身份证" },
    { "①身份证", SM_MARK_FOUR, "①", "身份证" },
    { "　　一、总体", SM_MARK_ONE, "一、", "总体" },
    { "1.5万元以上", SM_MARK_NONE, "", "" },
    { "１．５万元", SM_MARK_NONE, "", "" },
    { "2026年起", SM_MARK_NONE, "", "" },
    { "2026. 起", SM_MARK_NONE, "", "" },
    { "2024、2025年", SM_MARK_NONE, "", "" },
    { "一、二级医院", SM_MARK_NONE, "", "" },
    { "一、二、三等功", SM_MARK_NONE, "", "" },
    { "1、2号楼", SM_MARK_NONE, "", "" },
    { "第三条规定的", SM_MARK_NONE, "", "" },
    { "第三条第二款", SM_MARK_NONE, "", "" },
    { "第三条所称", SM_MARK_NONE, "", "" },
    { "第三条、第四条", SM_MARK_NONE, "", "" },
    { "第三条和第四条", SM_MARK_NONE, "", "" },
    { "第三条至第五条", SM_MARK_NONE, "", "" },
    { "第三条的规定", SM_MARK_NONE, "", "" },
    { "第三条，", SM_MARK_NONE, "", "" },
    { "第五条之规定", SM_MARK_NONE, "", "" },
    { "第一条件", SM_MARK_NONE, "", "" },
    { "第一节课", SM_MARK_NONE, "", "" },
    { "第三人", SM_MARK_NONE, "", "" },
    { "（2024）澜民初3号", SM_MARK_NONE, "", "" },
    { "（试行）", SM_MARK_NONE, "", "" },
    { "一般规定", SM_MARK_NONE, "", "" },
    { "万、千", SM_MARK_NONE, "", "" },
    { "", SM_MARK_NONE, "", "" },
    { "\xe2\x91", SM_MARK_NONE, "", "" },
};

static void paragraphs_begin_with_their_number(void **state)
{
    for (size_t i = 0; i < SM_LEN(lines); i++) {
        sm_mark m = sm_text_mark(STR(lines[i].line));
        if (m.kind != lines[i].kind)
            fail_msg("%s: kind %d", lines[i].line, (int)m.kind);
        assert_str(*state, m.label, lines[i].label, lines[i].line);
        assert_str(*state, m.rest, lines[i].rest, lines[i].line);
    }
}

static void the_first_of_many_words_is_told(void **state)
{
    sm_arena *a = *state;
    static const struct {
        const char *text;
        size_t first;
    } cases[] = { { "我在北京和上海之间", 1 },
                  { "上海人", 2 },
                  { "从武汉出发", 3 },
                  { "沪上", 4 },
                  { "上海北", 2 },
                  { "", SIZE_MAX },
                  { "无此地", SIZE_MAX } };
    const sm_str word[] = { SM_STR("北京市"), SM_STR("北京"), SM_STR("上海"),
                            SM_STR("武汉"),   SM_STR("沪"),   SM_STR("上海") };
    const sm_words *w = sm_words_of(a, word, SM_LEN(word));
    for (size_t i = 0; i < SM_LEN(cases); i++)
        assert_int_equal(sm_words_first(w, STR(cases[i].text)), cases[i].first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(utf8_is_told_from_other_bytes),
        TEST(code_points_are_taken_and_put),
        TEST(heads_and_counts_are_in_characters),
        TEST(han_is_told_from_the_rest),
        TEST(mending_replaces_only_what_is_not_utf8),
        TEST(text_has_one_normal_form),
        TEST(a_normal_form_is_its_own),
        TEST(the_first_of_many_words_is_told),
        TEST(question_words_are_cut_and_their_sides_not_glued),
        TEST(han_gives_one_two_and_three_and_words_give_one),
        TEST(tokens_keep_their_order_and_stop_at_the_maximum),
        TEST(sentences_end_where_they_do),
        TEST(every_fact_is_found_and_nothing_else),
        TEST(a_fact_holds_its_value_and_its_place),
        TEST(workdays_are_no_days),
        TEST(integers_are_read_in_both_scripts),
        TEST(personal_numbers_are_masked_and_others_stay),
        TEST(a_secrecy_mark_is_a_line_of_its_own),
        TEST(secret_series_are_told_by_their_letters),
        TEST(paragraphs_begin_with_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
