#include "text/text.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = sm_arena_open();
    return 0;
}

static int tear_down(void **state)
{
    sm_arena_close(*state);
    return 0;
}

static void assert_str(sm_str s, const char *wanted)
{
    if (!sm_str_eq(s, sm_str_of(wanted)))
        fail_msg("\"%.*s\", wanted \"%s\"", SM_ARG(s), wanted);
}

/* ---------------------------------------------------------------- facts */

/* The keys of all facts, blanks between. */
static const char *keys_of(sm_arena *a, sm_str text)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    sm_str all = { "", 0 };
    for (size_t i = 0; i < n; i++)
        all = sm_strf(a, "%.*s%s%.*s", SM_ARG(all), i ? " " : "", SM_ARG(f[i].key));
    return sm_cstr(a, all);
}

static const struct {
    const char *text, *keys;
} forms[] = {
    /* money */
    { "补贴5000元", "money:5000" },
    { "补贴5万元", "money:50000" },
    { "补贴５万元", "money:50000" },
    { "最高五十万元", "money:500000" },
    { "1,200.50元", "money:1200.5" },
    { "注册资本1.5亿元", "money:150000000" },
    { "收费40元/证", "money:40/证" },
    { "按60元／平方米计", "money:60/平方米" },
    { "二十块钱一张", "money:20" },
    { "人民币壹万贰仟元整", "money:12000" },
    { "不超过3千元", "money:3000" },
    { "每人每月300元", "money:300" },
    { "10至20万元", "money:100000 money:200000" },
    { "3—5万元", "money:30000 money:50000" },
    { "5 万元", "money:50000" },
    { "0.5角", "money:0.05" },
    { "一百零五元", "money:105" },
    { "两万三千元", "money:23000" },
    { "一千零二十元", "money:1020" },
    { "两百五十元", "money:250" },
    { "二〇〇元", "money:200" },
    /* percent */
    { "按15%补贴", "percent:15" },
    { "按15％补贴", "percent:15" },
    { "百分之十五", "percent:15" },
    { "百分之80", "percent:80" },
    { "首付三成", "percent:30" },
    { "利率3.25%", "percent:3.25" },
    { "万分之五", "percent:0.05" },
    { "千分之三", "percent:0.3" },
    { "5‰", "percent:0.5" },
    /* lengths of time */
    { "20个工作日", "workdays:20" },
    { "二十个工作日内", "workdays:20" },
    { "3至5个工作日", "workdays:3 workdays:5" },
    { "5工作日", "workdays:5" },
    { "30日内", "days:30" },
    { "三十日", "days:30" },
    { "15天", "days:15" },
    { "七个自然日", "days:7" },
    { "6个月", "months:6" },
    { "十二个月", "months:12" },
    { "满3年", "years:3" },
    { "两年内", "years:2" },
    { "连续5周年", "years:5" },
    { "24小时", "number:24小时" },
    { "满18周岁", "age:18" },
    { "60岁以上", "age:60" },
    { "不满十八周岁", "age:18" },
    /* dates */
    { "2026年11月23日", "date:2026-11-23" },
    { "2026-11-23", "date:2026-11-23" },
    { "2026/1/3起", "date:2026-01-03" },
    { "2026.01.03", "date:2026-01-03" },
    { "二〇二四年四月一日", "date:2024-04-01" },
    { "２０２４年４月１日", "date:2024-04-01" },
    { "2025年6月", "date:2025-06" },
    { "3月15日前", "date:03-15" },
    { "2025年度", "date:2025" },
    { "自2024年起", "date:2024" },
    { "五月一日", "date:05-01" },
    { "2024年2月29日", "date:2024-02-29" },
    { "2026 年 11 月 23 日", "date:2026-11-23" },
    { "2026年1月1日至2026年12月31日", "date:2026-01-01 date:2026-12-31" },
    /* times */
    { "8:30—12:00", "time:08:30 time:12:00" },
    { "上午9：00", "time:09:00" },
    { "17时30分", "time:17:30" },
    { "9时", "time:09:00" },
    { "8:30", "time:08:30" },
    /* articles, document numbers, titles */
    { "第十二条", "article:12" },
    { "第12条", "article:12" },
    { "第一百零五条", "article:105" },
    { "第十二条之一", "article:12-1" },
    { "依据澜政规〔2024〕3号", "doc_no:澜政规2024-3" },
    { "（澜政规〔2024〕3号）", "doc_no:澜政规2024-3" },
    { "澜人社发[2023]15号", "doc_no:澜人社发2023-15" },
    { "国务院令第722号", "number:722" },
    { "《云澜市停车条例》", "title:云澜市停车条例" },
    { "《关于印发〈办法〉的通知》", "title:关于印发〈办法〉的通知" },
    { "《婚姻登记条例》第九条", "title:婚姻登记条例 article:9" },
    /* phones */
    { "拨打12345", "phone:12345" },
    { "0999-6123456", "phone:09996123456" },
    { "400-800-1234", "phone:4008001234" },
    { "手机13812345678", "phone:13812345678" },
    { "12345元", "money:12345" },
    /* counts and measures */
    { "16平方米", "number:16平方米" },
    { "90㎡", "number:90平方米" },
    { "复印件2份", "number:2份" },
    { "三份", "number:3份" },
    { "100人", "number:100人" },
    { "3名", "number:3人" },
    { "2.5倍", "number:2.5倍" },
    { "编号123456789012", "number:123456789012" },
    { "共3类", "number:3" },
    { "3公里", "number:3公里" },
    { "五楼", "number:5楼" },
    /* no facts */
    { "一次性告知", "" },
    { "万一不行呢", "" },
    { "十分方便", "" },
    { "第一次办", "" },
    { "一般情况", "" },
    { "星期一至星期五", "" },
    { "周五下午", "" },
    { "千万别忘了", "" },
    { "带上身份证", "" },
    { "《没有结束", "" },
    { "", "" },
    /* words around that must not hide a fact */
    { "一个月内", "months:1" },
    { "一个工作日", "workdays:1" },
    { "两个月", "months:2" },
    { "第二年", "" },
    { "一年内", "years:1" },
    { "一天", "days:1" },
    { "一万元", "money:10000" },
    { "最高10万", "number:100000" },
    { "半年", "months:6" },
    { "半个月", "months:0.5" },
    { "满半年的", "months:6" },
    { "上半年", "" },
    { "半小时", "number:0.5小时" },
    { "一年半载", "years:1" },
    { "两天半", "days:2.5" },
    { "20 个工作日", "workdays:20" },
    { "公安部令第78号", "number:78" },
    { "见澜政规〔2024〕3号", "doc_no:澜政规2024-3" },
    { "一万五千元", "money:15000" },
    { "三百六", "" },
    { "三百六十元", "money:360" },
    { "40元/人次", "money:40/人次" },
    { "一年半", "years:1.5" },
};

static void facts_have_the_keys_of_the_table(void **state)
{
    int wrong = 0;
    for (size_t i = 0; i < SM_LEN(forms); i++) {
        const char *got = keys_of(*state, sm_str_of(forms[i].text));
        if (strcmp(got, forms[i].keys) != 0) {
            print_error("%s: \"%s\", wanted \"%s\"\n", forms[i].text, got, forms[i].keys);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void equal_facts_written_differently_have_equal_keys(void **state)
{
    static const char *const pairs[][2] = {
        { "五万元", "50000元" },        { "百分之十五", "15%" },
        { "二十个工作日", "20工作日" }, { "2026年11月23日", "2026-11-23" },
        { "３０日", "三十天" },         { "第十二条", "第12条" },
        { "一千二百元", "1,200元" },    { "16平米", "十六平方米" },
        { "十八周岁", "18岁" },         { "澜政规〔2024〕3号", "澜政规[2024]3号" },
    };
    for (size_t i = 0; i < SM_LEN(pairs); i++)
        assert_string_equal(keys_of(*state, sm_str_of(pairs[i][0])),
                            keys_of(*state, sm_str_of(pairs[i][1])));
}

static void different_facts_have_different_keys(void **state)
{
    static const char *const pairs[][2] = {
        { "20个工作日", "20日" }, { "15%", "15元" },        { "40元/证", "40元" },
        { "1年", "1个月" },       { "第3条", "第3条之一" }, { "2024年4月", "2024年4月1日" },
        { "3份", "3件" },         { "18岁", "18年" },       { "5万元", "5元" },
    };
    for (size_t i = 0; i < SM_LEN(pairs); i++)
        assert_string_not_equal(keys_of(*state, sm_str_of(pairs[i][0])),
                                keys_of(*state, sm_str_of(pairs[i][1])));
}

static void facts_are_in_order_apart_and_slices_of_the_text(void **state)
{
    sm_str s = SM_STR(
        "依据《条例》第九条，2026年11月23日起20个工作日内办结，收费40元/证，电话0999-6123456。");
    sm_fact *f;
    size_t n = sm_text_facts(*state, s, &f);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        assert_true(f[i].text.p >= s.p && f[i].text.p + f[i].text.n <= s.p + s.n);
        assert_true(i == 0 || f[i].text.p >= f[i - 1].text.p + f[i - 1].text.n);
    }
    assert_str(f[3].text, "20个工作日");
    assert_str(f[4].text, "40元/证");
    assert_int_equal(f[2].kind, SM_FACT_DATE);
    assert_int_equal((sm_date)f[2].value, sm_date_of(2026, 11, 23));
    assert_true(f[3].value > 19.9 && f[3].value < 20.1);
}

static void integers_are_read_in_both_scripts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "二十", 20 },
        { "廿三", 23 },
        { "１２", 12 },
        { "一百零五", 105 },
        { "十", 10 },
        { "十二", 12 },
        { "二〇二四", 2024 },
        { "一万二千", 12000 },
        { "两百五", 250 },
        { "一亿零三", 100000003 },
        { "三十万五千", 305000 },
        { "1,200", 1200 },
        { " 7 ", 7 },
        { "零", 0 },
        { "0", 0 },
        { "壹拾贰", 12 },
        { "一千零一十", 1010 },
        { "卅一", 31 },
        { "一万五", 15000 },
        { "二万零五百", 20500 },
        { "", -1 },
        { "十a", -1 },
        { "1.5", -1 },
        { "第三", -1 },
        { "万", -1 },
        { "a", -1 },
        { "-3", -1 },
        { "一千二百三十四亿五千六百七十八万九千零一十二", 123456789012 },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        int64_t got = sm_text_integer(sm_str_of(rows[i].text));
        if (got != rows[i].value)
            fail_msg("%s: %lld, wanted %lld", rows[i].text, (long long)got,
                     (long long)rows[i].value);
    }
}

/* -------------------------------------------------------- personal data */

/* Well-formed, and no one's: the birth dates and serials are made up. */
static const struct {
    const char *text, *masked;
    size_t n;
} personal[] = {
    { "身份证110101199003074517。", "身份证110101********4517。", 1 },
    { "11010119900307451X", "110101********451X", 1 },
    { "11010119900307451x", "110101********451x", 1 },
    { "１１０１０１１９９００３０７４５１７", "１１０１０１********４５１７", 1 },
    { "110101 19900307 4517", "110101 ******** 4517", 1 },
    { "110101-19900307-4517", "110101-********-4517", 1 },
    { "110101199013074517", "110101199013074517", 0 }, /* month 13 */
    { "电话13812345678", "电话138****5678", 1 },
    { "138 1234 5678", "138 **** 5678", 1 },
    { "138-1234-5678", "138-****-5678", 1 },
    { "１３８１２３４５６７８", "１３８****５６７８", 1 },
    { "+8613812345678", "+86138****5678", 1 },
    { "卡号6222020000000000075", "卡号***************0075", 1 },
    { "4111111111111111", "************1111", 1 },
    { "4111 1111 1111 1111", "**** **** **** 1111", 1 },
    { "4111111111111112", "4111111111111112", 0 }, /* Luhn fails */
    { "12345热线", "12345热线", 0 },
    { "0999-6123456", "0999-6123456", 0 },
    { "12812345678", "12812345678", 0 },   /* 12x is no mobile */
    { "138123456789", "138123456789", 0 }, /* one digit too many */
    { "编码123456789012345678901234567890", "编码123456789012345678901234567890", 0 },
    { "13812345678和13912345679", "138****5678和139****5679", 2 },
    { "2026年11月23日 13812345678", "2026年11月23日 138****5678", 1 },
    { "统一社会信用代码91330100MA2B12345X", "统一社会信用代码91330100MA2B12345X", 0 },
    { "三份 13812345678 18 周岁", "三份 138****5678 18 周岁", 1 },
    { "", "", 0 },
};

static void personal_data_is_masked_as_in_the_table(void **state)
{
    int wrong = 0;
    for (size_t i = 0; i < SM_LEN(personal); i++) {
        size_t n = 0;
        sm_str s = sm_str_of(personal[i].text);
        sm_str got = sm_text_mask(*state, s, &n);
        if (!sm_str_eq(got, sm_str_of(personal[i].masked)) || n != personal[i].n) {
            print_error("%s: \"%.*s\" (%zu), wanted \"%s\" (%zu)\n", personal[i].text, SM_ARG(got),
                        n, personal[i].masked, personal[i].n);
            wrong++;
        }
        if (n == 0)
            assert_ptr_equal(got.p, s.p);
    }
    assert_int_equal(wrong, 0);
}

static void masking_twice_changes_nothing_and_the_count_is_added_to(void **state)
{
    size_t n = 5;
    sm_str once =
        sm_text_mask(*state, SM_STR("110101199003074517 13812345678 4111111111111111"), &n);
    assert_int_equal(n, 8);
    sm_str twice = sm_text_mask(*state, once, &n);
    assert_int_equal(n, 8);
    assert_ptr_equal(twice.p, once.p);
}

/* --------------------------------------------------------------- secrecy */

static void a_line_that_is_a_secrecy_mark_is_found(void **state)
{
    (void)state;
    static const char *const marks[] = {
        "机密",   "绝密★长期",     "秘密★10年",    "机密★启用前",    "密级：秘密",   "【机密】",
        "机 密",  "　机密★20年　", "秘密☆5年",     "密级:绝密★长期", "（秘密）",     "机密★６个月",
        "绝密级", "秘密★十年",     "**机密★5年**", "密级　机密",     "机密 ★ 10 年",
    };
    for (size_t i = 0; i < SM_LEN(marks); i++) {
        sm_str got = sm_text_secret_mark(sm_str_of(marks[i]));
        if (!sm_str_eq(got, sm_str_trim(sm_str_of(marks[i]))))
            fail_msg("%s: \"%.*s\"", marks[i], SM_ARG(got));
    }
}

static void a_sentence_that_speaks_of_secrets_is_no_mark(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "涉及国家秘密的不予公开",
        "商业秘密",
        "秘密。",
        "机密文件管理办法",
        "不涉密",
        "密级",
        "保守秘密的义务",
        "机密级事项的审批",
        "绝密、机密、秘密三级",
        "国家秘密",
        "10年",
        "★",
        "秘密分为三级",
        "秘书",
    };
    for (size_t i = 0; i < SM_LEN(lines); i++) {
        sm_str got = sm_text_secret_mark(sm_str_of(lines[i]));
        if (got.n)
            fail_msg("%s: \"%.*s\"", lines[i], SM_ARG(got));
    }
}

static void a_number_of_a_secret_series_is_known(void **state)
{
    (void)state;
    static const char *const yes[] = { "澜密〔2026〕2号", "澜办密发〔2026〕2号", "澜密[2026]2号",
                                       "密电〔2025〕1号" };
    static const char *const no[] = { "澜政规〔2024〕3号", "", "密云区〔2024〕1号" };
    for (size_t i = 0; i < SM_LEN(yes); i++)
        if (!sm_text_secret_doc_no(sm_str_of(yes[i])))
            fail_msg("%s is secret", yes[i]);
    for (size_t i = 0; i < SM_LEN(no); i++)
        if (sm_text_secret_doc_no(sm_str_of(no[i])))
            fail_msg("%s is not secret", no[i]);
}

/* ------------------------------------------------------------- numbering */

static const struct {
    const char *line;
    sm_mark_kind kind;
    const char *label, *rest;
} numbered[] = {
    { "第一编 总则", SM_MARK_PART, "第一编", "总则" },
    { "第三章　法律责任", SM_MARK_CHAPTER, "第三章", "法律责任" },
    { "第二节 申请", SM_MARK_SECTION, "第二节", "申请" },
    { "第一条 为了规范停车，制定本办法。", SM_MARK_ARTICLE, "第一条",
      "为了规范停车，制定本办法。" },
    { "第12条 申请", SM_MARK_ARTICLE, "第12条", "申请" },
    { "第十二条之一 新增", SM_MARK_ARTICLE, "第十二条之一", "新增" },
    { "第一百零五条　施行", SM_MARK_ARTICLE, "第一百零五条", "施行" },
    { "第三条", SM_MARK_ARTICLE, "第三条", "" },
    { "第三条规定的情形", SM_MARK_NONE, "", "" },
    { "第三条第二款所称", SM_MARK_NONE, "", "" },
    { "第三条、第四条", SM_MARK_NONE, "", "" },
    { "第三条至第五条", SM_MARK_NONE, "", "" },
    { "第三方机构", SM_MARK_NONE, "", "" },
    { "第　条", SM_MARK_NONE, "", "" },
    { "一、总体要求", SM_MARK_ONE, "一、", "总体要求" },
    { "十二、附则", SM_MARK_ONE, "十二、", "附则" },
    { "一、二级医院", SM_MARK_NONE, "", "" },
    { "（一）申请条件", SM_MARK_TWO, "（一）", "申请条件" },
    { "(二) 材料", SM_MARK_TWO, "(二)", "材料" },
    { "（十一）其他", SM_MARK_TWO, "（十一）", "其他" },
    { "1. 身份证", SM_MARK_THREE, "1.", "身份证" },
    { "1．身份证", SM_MARK_THREE, "1．", "身份证" },
    { "2、户口簿", SM_MARK_THREE, "2、", "户口簿" },
    { "12.其他材料", SM_MARK_THREE, "12.", "其他材料" },
    { "１．身份证", SM_MARK_THREE, "１．", "身份证" },
    { "１、身份证", SM_MARK_THREE, "１、", "身份证" },
    { "1.5万元", SM_MARK_NONE, "", "" },
    { "2024.3.1起施行", SM_MARK_NONE, "", "" },
    { "（1）原件", SM_MARK_FOUR, "（1）", "原件" },
    { "(1)原件", SM_MARK_FOUR, "(1)", "原件" },
    { "（１）原件", SM_MARK_FOUR, "（１）", "原件" },
    { "① 原件", SM_MARK_FOUR, "①", "原件" },
    { "⑳末项", SM_MARK_FOUR, "⑳", "末项" },
    { "（试行）", SM_MARK_NONE, "", "" },
    { "（一", SM_MARK_NONE, "", "" },
    { "一般规定", SM_MARK_NONE, "", "" },
    { "2026年11月23日", SM_MARK_NONE, "", "" },
    { "　　第五条　申请人", SM_MARK_ARTICLE, "第五条", "申请人" },
    { "第", SM_MARK_NONE, "", "" },
    { "", SM_MARK_NONE, "", "" },
};

static void paragraphs_begin_with_the_marks_of_the_table(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < SM_LEN(numbered); i++) {
        sm_mark m = sm_text_mark(sm_str_of(numbered[i].line));
        if (m.kind != numbered[i].kind || !sm_str_eq(m.label, sm_str_of(numbered[i].label)) ||
            !sm_str_eq(m.rest, sm_str_of(numbered[i].rest))) {
            print_error("%s: %d [%.*s] [%.*s]\n", numbered[i].line, (int)m.kind, SM_ARG(m.label),
                        SM_ARG(m.rest));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ----------------------------------------------------------------- UTF-8 */

static void what_is_not_utf8_is_found_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n, bad_at; /* SIZE_MAX: well-formed */
    } rows[] = {
        { "", 0, SIZE_MAX },
        { "a\0b", 3, SIZE_MAX },
        { "云澜", 6, SIZE_MAX },
        { "\xf0\xa0\x80\x80", 4, SIZE_MAX },
        { "\xf4\x8f\xbf\xbf", 4, SIZE_MAX },
        { "\xed\x9f\xbf\xee\x80\x80", 6, SIZE_MAX },
        { "a\x80", 2, 1 },    /* a lone tail */
        { "\xc0\xaf", 2, 0 }, /* overlong / */
        { "\xc1\xbf", 2, 0 },
        { "\xe0\x80\xaf", 3, 0 }, /* overlong in three */
        { "\xe0\x9f\xbf", 3, 0 },
        { "\xf0\x80\x80\xaf", 4, 0 },
        { "\xf0\x8f\xbf\xbf", 4, 0 },
        { "云\xed\xa0\x80", 6, 3 }, /* surrogates */
        { "\xed\xbf\xbf", 3, 0 },
        { "\xf4\x90\x80\x80", 4, 0 }, /* past U+10FFFF */
        { "\xf5\x80\x80\x80", 4, 0 },
        { "\xff", 1, 0 },
        { "ab\xe4\xba", 4, 2 }, /* cut short */
        { "\xe4\xba"
          "a",
          3, 0 },
        { "\xf0\xa0\x80", 3, 0 },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        size_t at = SIZE_MAX;
        bool ok = sm_utf8_valid((sm_str){ rows[i].bytes, rows[i].n }, &at);
        if (ok != (rows[i].bad_at == SIZE_MAX) || at != rows[i].bad_at)
            fail_msg("row %zu: %d at %zu", i, ok, at);
    }
    assert_false(sm_utf8_valid(SM_STR("\xff"), NULL));
}

static void every_code_point_goes_out_and_comes_back(void **state)
{
    (void)state;
    char b[4];
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c == 0xd800)
            c = 0xe000;
        sm_str s = { b, sm_utf8_put(c, b) };
        assert_true(sm_utf8_valid(s, NULL));
        assert_int_equal(sm_utf8_next(&s), c);
        assert_int_equal(s.n, 0);
    }
}

static void broken_bytes_read_as_the_replacement_character(void **state)
{
    sm_str s = SM_STR("甲\xff\xe4\xba乙");
    assert_str(sm_utf8_mend(*state, s), "甲\uFFFD\uFFFD\uFFFD乙");
    sm_str fine = SM_STR("甲乙");
    assert_ptr_equal(sm_utf8_mend(*state, fine).p, fine.p);
    assert_int_equal(sm_utf8_count(s), 5);
    assert_str(sm_utf8_head(fine, 1), "甲");
    assert_str(sm_utf8_head(fine, 9), "甲乙");
    assert_str(sm_utf8_head(fine, 0), "");
    assert_int_equal(sm_utf8_count((sm_str){ 0 }), 0);
}

/* ----------------------------------------------------------- normal form */

static void normal_form_is_that_of_the_table(void **state)
{
    static const char *const rows[][2] = {
        { "身分證遺失了怎麼補辦", "身分证遗失了怎么补办" },
        { "ＡＢＣ　１２３", "abc 123" },
        { "  Hello \t\r\n World  ", "hello world" },
        { "（一）", "(一)" },
        { "①", "1" },
        { "㎡", "m2" },
        { "ﬁ", "fi" },
        { "臺灣　省", "台湾 省" },
        { "a\u200b b", "a b" },
        { "a \u200b b", "a b" },
        { "a \u200b", "a" },
        { "a\u2003\u2003b", "a b" },
        { "\u2003a\u00a0", "a" },
        { "e\u0301", "é" },
        { "É", "é" },
        { "ｶﾞ", "ガ" },
        { "한국", "한국" },
        { "\u1112\u1161\u11ab", "한" },
        { "Straße", "strasse" },
        { "\uf900", "岂" }, /* a compatibility ideograph of 豈 */
        { "“引号”—《书》。", "“引号”—《书》。" },
        { "㈠", "(一)" },
        { "½", "1⁄2" },
        { "", "" },
        { " ", "" },
        { "\xff甲", "\uFFFD甲" },
    };
    int wrong = 0;
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        sm_str got = sm_text_normal(*state, sm_str_of(rows[i][0]));
        if (!sm_str_eq(got, sm_str_of(rows[i][1]))) {
            print_error("%s: \"%.*s\", wanted \"%s\"\n", rows[i][0], SM_ARG(got), rows[i][1]);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void normal_form_of_any_character_is_its_own_normal_form(void **state)
{
    char b[4];
    for (uint32_t c = 1; c < 0x30000; c++) {
        if (c == 0xd800)
            c = 0xe000;
        sm_str s = { b, sm_utf8_put(c, b) };
        sm_str once = sm_text_normal(*state, s), twice = sm_text_normal(*state, once);
        if (!sm_str_eq(once, twice))
            fail_msg("U+%04X: \"%.*s\" becomes \"%.*s\"", c, SM_ARG(once), SM_ARG(twice));
        if (c % 4096 == 0)
            sm_arena_reset(*state);
    }
}

static void a_long_text_of_growing_characters_is_normalised_whole(void **state)
{
    enum { N = 3000 };
    char *p = sm_alloc(*state, 3 * N);
    for (size_t i = 0; i < N; i++)
        memcpy(p + 3 * i, "\xef\xb7\xba", 3); /* U+FDFA becomes eighteen characters */
    sm_str once = sm_text_normal(*state, (sm_str){ p, 3 });
    sm_str all = sm_text_normal(*state, (sm_str){ p, 3 * (size_t)N });
    assert_int_equal(all.n, once.n * N);
    assert_true(sm_utf8_valid(all, NULL));
}

/* utf8proc alone would order them in quadratic time: minutes. */
static void a_long_run_of_marks_is_normalised_in_pieces(void **state)
{
    enum { N = 200000 };
    char *p = sm_alloc(*state, 1 + 2 * N);
    p[0] = 'x';
    for (size_t i = 0; i < N; i++)
        memcpy(p + 1 + 2 * i, i % 2 ? "\xcc\x81" : "\xcc\xa3", 2);
    sm_str all = sm_text_normal(*state, (sm_str){ p, 1 + 2 * (size_t)N });
    assert_true(sm_utf8_valid(all, NULL));
    assert_int_equal(sm_utf8_count(all), N + 1);
}

static void question_words_are_taken_out_unless_nothing_is_left(void **state)
{
    static const sm_str words[] = { { "请问", 6 }, { "怎么办", 9 }, { "怎么", 6 }, { "", 0 } };
    sm_arena *a = *state;
    assert_str(sm_text_strip(a, SM_STR("请问户口怎么办"), words, SM_LEN(words)), "户口");
    assert_str(sm_text_strip(a, SM_STR("怎么办"), words, SM_LEN(words)), "怎么办");
    assert_str(sm_text_strip(a, SM_STR("户口"), words, SM_LEN(words)), "户口");
    assert_str(sm_text_strip(a, SM_STR("户口"), NULL, 0), "户口");
    assert_str(sm_text_strip(a, SM_STR(""), words, SM_LEN(words)), "");
}

/* ---------------------------------------------------------------- tokens */

static void tokens_are_characters_pairs_and_threes_in_order(void **state)
{
    (void)state;
    uint64_t uni[8], bi[8], tri[8], all[32];
    sm_str s = SM_STR("身份证");
    assert_int_equal(sm_text_tokens(s, SM_TOKEN_UNI, uni, 8), 3);
    assert_int_equal(sm_text_tokens(s, SM_TOKEN_BI, bi, 8), 2);
    assert_int_equal(sm_text_tokens(s, SM_TOKEN_TRI, tri, 8), 1);
    assert_int_equal(sm_text_tokens(s, SM_TOKEN_UNI | SM_TOKEN_BI | SM_TOKEN_TRI, all, 32), 6);
    const uint64_t wanted[] = { uni[0], uni[1], bi[0], uni[2], bi[1], tri[0] };
    assert_memory_equal(all, wanted, sizeof(wanted));
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(all[i] && all[i] != all[k]);
}

static void runs_of_letters_and_digits_are_one_token_under_any_flag(void **state)
{
    (void)state;
    uint64_t a[8], b[8];
    assert_int_equal(sm_text_tokens(SM_STR("etc卡"), SM_TOKEN_UNI, a, 8), 2);
    assert_int_equal(sm_text_tokens(SM_STR("etc"), SM_TOKEN_BI, b, 8), 1);
    assert_true(a[0] == b[0]);
    assert_int_equal(sm_text_tokens(SM_STR("12345 67"), SM_TOKEN_TRI, b, 8), 2);
    assert_int_equal(sm_text_tokens(SM_STR("甲1乙"), SM_TOKEN_BI, b, 8), 0 + 1);
    assert_int_equal(sm_text_tokens(SM_STR("甲，乙"), SM_TOKEN_BI, b, 8), 0);
    assert_int_equal(sm_text_tokens(SM_STR("甲 乙丙"), SM_TOKEN_BI | SM_TOKEN_TRI, b, 8), 1);
}

static void tokens_stop_at_the_maximum(void **state)
{
    (void)state;
    uint64_t t[5] = { 0 };
    for (size_t max = 0; max <= 4; max++) {
        t[max] = 77;
        assert_true(sm_text_tokens(SM_STR("身份证办理abc"), 7, t, max) == max);
        assert_int_equal(t[max], 77);
    }
}

static void rare_characters_and_their_order_make_different_tokens(void **state)
{
    (void)state;
    uint64_t a[4], b[4];
    assert_int_equal(sm_text_tokens(SM_STR("\xf0\xa0\x80\x80\xf0\xa0\x80\x81"), SM_TOKEN_BI, a, 4),
                     1);
    assert_int_equal(sm_text_tokens(SM_STR("\xf0\xa0\x80\x81\xf0\xa0\x80\x80"), SM_TOKEN_BI, b, 4),
                     1);
    assert_true(a[0] != b[0]);
    assert_int_equal(sm_text_tokens(SM_STR("\xff\xfe"), 7, a, 4), 0);
}

/* ------------------------------------------------------------- sentences */

static void sentences_end_at_their_marks_and_keep_closing_quotes(void **state)
{
    static const char *const rows[][2] = {
        { "先申请。再领取！好吗？", "先申请。|再领取！|好吗？" },
        { "他说：“可以办。”然后走了。", "他说：“可以办。”|然后走了。" },
        { "一；二;三", "一；|二;|三" },
        { "第一行\n\n　第二行 ", "第一行|第二行" },
        { "什么？！真的", "什么？！|真的" },
        { "（可以。）好", "（可以。）|好" },
        { "没有结尾", "没有结尾" },
        { "。。。", "。。。" },
        { "", "" },
        { " \n ", "" },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++) {
        sm_str *list, all = { "", 0 };
        size_t n = sm_text_sentences(*state, sm_str_of(rows[i][0]), &list);
        for (size_t k = 0; k < n; k++)
            all = sm_strf(*state, "%.*s%s%.*s", SM_ARG(all), k ? "|" : "", SM_ARG(list[k]));
        assert_str(all, rows[i][1]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facts_have_the_keys_of_the_table),
        TEST(equal_facts_written_differently_have_equal_keys),
        TEST(different_facts_have_different_keys),
        TEST(facts_are_in_order_apart_and_slices_of_the_text),
        TEST(integers_are_read_in_both_scripts),
        TEST(personal_data_is_masked_as_in_the_table),
        TEST(masking_twice_changes_nothing_and_the_count_is_added_to),
        TEST(a_line_that_is_a_secrecy_mark_is_found),
        TEST(a_sentence_that_speaks_of_secrets_is_no_mark),
        TEST(a_number_of_a_secret_series_is_known),
        TEST(paragraphs_begin_with_the_marks_of_the_table),
        TEST(what_is_not_utf8_is_found_at_its_place),
        TEST(every_code_point_goes_out_and_comes_back),
        TEST(broken_bytes_read_as_the_replacement_character),
        TEST(normal_form_is_that_of_the_table),
        TEST(normal_form_of_any_character_is_its_own_normal_form),
        TEST(a_long_text_of_growing_characters_is_normalised_whole),
        TEST(a_long_run_of_marks_is_normalised_in_pieces),
        TEST(question_words_are_taken_out_unless_nothing_is_left),
        TEST(tokens_are_characters_pairs_and_threes_in_order),
        TEST(runs_of_letters_and_digits_are_one_token_under_any_flag),
        TEST(tokens_stop_at_the_maximum),
        TEST(rare_characters_and_their_order_make_different_tokens),
        TEST(sentences_end_at_their_marks_and_keep_closing_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
