/*
 * What a reader of pages makes of one table or one note: two, which are reviewed as one.  And what
 * findings of layout propose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/review.h"

#define RULES  SM_SOURCE_DIR "/share/review/rules"
#define TITLE  "@title 云澜市民政局关于做好有关工作的通知\n"
#define TABLED TITLE "@p 全年实施的项目共4项，具体如下：\n@row 序号|项目\n@row 1|甲\n@row 2|乙\n"
#define REST   "@row 3|丙\n@row 4|丁\n"

static sm_rules *rules;

static const sm_review *review(sm_op *op, sm_layout *l, const char *only)
{
    sm_review *r = NULL;
    sm_review_options o = { .today = SM_STR("2026-11-23"), .only = only };
    assert_int_equal(sm_review_run(op, l, rules, &o, &r), SM_OK);
    return r;
}

static sm_layout *read(sm_op *op, const char *text)
{
    sm_layout *l = NULL;
    assert_int_equal(sm_official_read(op, "例", sm_str_of(text), &l), SM_OK);
    return l;
}

/* Page 1 up to paragraph `from`, page 2 from there; its rows are a table of their own. */
static void part(sm_layout *l, size_t from)
{
    for (size_t i = 0; i < l->n_pars; i++) {
        l->par[i].page = i < from ? 1 : 2;
        if (i < from || l->par[i].row < 0 || l->par[i].table < 0)
            continue;
        l->par[i].row -= 3;
        l->par[i].table++;
    }
}

static size_t first_of(const sm_layout *l, const char *text)
{
    for (size_t i = 0; i < l->n_pars; i++)
        if (sm_str_eq(l->par[i].text, sm_str_of(text)))
            return i;
    fail();
    return 0;
}

static void a_numbered_table_goes_on(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = read(&op, TABLED REST);
    assert_int_equal(review(&op, l, "F08")->n, 0);
    part(l, first_of(l, "3"));
    assert_int_equal(review(&op, l, "F08")->n, 0);
    /* one row of four is missing, on whatever page */
    l = read(&op, TABLED "@row 3|丙\n");
    assert_int_equal(review(&op, l, "F08")->n, 1);
    part(l, first_of(l, "3"));
    assert_int_equal(review(&op, l, "F08")->n, 1);
    sm_op_end(&op);
}

static void a_note_in_two_lines(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = read(&op, TITLE "@p （2026年8月21日云澜市第十六届人民代表大会常务委员会第三\n"
                                   "@p 十五次会议通过）\n@p 会议听取了报告。\n");
    assert_int_equal(review(&op, l, "I06")->n, 2);
    part(l, l->n_pars);
    assert_int_equal(review(&op, l, "I06")->n, 0);
    sm_op_end(&op);
}

/* A proposal is words of the text. */
static void layout_proposes_nothing(void **state)
{
    (void)state;
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = read(&op, "@page{top=30,bottom=20}\n@mark{colour=000000} 云澜市人民政府文件\n"
                             "@number 澜政发〔2026〕12号\n"
                             "@title{font=黑体,align=left} 关于做好供暖工作的通知\n"
                             "@to 各区县人民政府：\n@h1{font=宋体} 一、目标\n"
                             "@p{font=宋体,indent=0,line=20,bold=1} 请认真落实。\n");
    const sm_review *r = review(&op, l, NULL);
    size_t n = 0, errors = 0;
    for (size_t i = 0; i < r->n; i++) {
        const sm_finding *f = &r->finding[i];
        if (!sm_str_starts(f->rule->id, SM_STR("FM-")))
            continue;
        n++;
        assert_false(f->suggests);
        assert_true(sm_str_has(f->why, SM_STR("应")) || sm_str_has(f->why, SM_STR("不加")));
        if (sm_str_eq(f->rule->id, SM_STR("FM-02"))) {
            bool top = sm_str_has(f->why, SM_STR("上边距"));
            errors += f->rule->severity == SM_ERROR;
            assert_int_equal(f->rule->severity, top ? SM_ERROR : SM_WARNING);
        }
    }
    assert_true(n >= 8);
    assert_int_equal(errors, 1);
    sm_op_end(&op);
}

int main(void)
{
    sm_op op;
    sm_op_begin(&op);
    if (sm_rules_open(&op, RULES, NULL, &rules) != SM_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_numbered_table_goes_on),
        cmocka_unit_test(a_note_in_two_lines),
        cmocka_unit_test(layout_proposes_nothing),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sm_rules_close(rules);
    sm_op_end(&op);
    return failed;
}
