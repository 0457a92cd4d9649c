/*
 * The parts of the demo city's documents, recognised as they are laid out and as bare text.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/inner.h"

#define DOCUMENTS SM_SOURCE_DIR "/demo/documents"

enum { MAX_FILES = 100, MAX_LINES = 2000 };

typedef struct wanted {
    sm_str role[MAX_LINES];
    size_t n;
} wanted;

typedef struct tally {
    size_t right, all;
} tally;

static bool verbose; /* SUNMAO_VERBOSE: every line that is taken for another */

/* The roles that a document's source names, a cell or (bare) a row of a table each. */
static void read_wanted(sm_str source, bool bare, wanted *w)
{
    sm_str line;
    w->n = 0;
    while (sm_str_cut(&source, '\n', &line)) {
        size_t end = 1;
        while (end < line.n && line.p[end] != ' ' && line.p[end] != '{')
            end++;
        sm_str role = line.n && line.p[0] == '@' ? sm_str_sub(line, 1, end) : SM_STR("p");
        if (!line.n || sm_str_eq(role, SM_STR("form")) || sm_str_eq(role, SM_STR("page")) ||
            sm_str_eq(role, SM_STR("pagebreak")))
            continue;
        sm_str cells = sm_str_sub(line, end, line.n), cell;
        bool row = sm_str_eq(role, SM_STR("row"));
        if (!row || bare)
            w->role[w->n++] = role;
        while (row && !bare && sm_str_cut(&cells, '|', &cell))
            if (sm_str_trim(cell).n)
                w->role[w->n++] = role;
    }
}

/* What is left when the document is pasted: lines, and tabs between the cells of a row. */
static sm_layout *bared(sm_op *op, const sm_layout *l)
{
    sm_layout *b = SM_NEW(op->arena, sm_layout);
    b->par = SM_NEWS(op->arena, sm_par, l->n_body);
    for (size_t i = 0; i < l->n_body; i++) {
        const sm_par *p = &l->par[i];
        if (p->place == SM_PAR_CELL && p->col > 0) {
            sm_par *row = &b->par[b->n_body - 1];
            row->text = sm_strf(op->arena, "%.*s\t%.*s", SM_ARG(row->text), SM_ARG(p->text));
            continue;
        }
        b->par[b->n_body++] = (sm_par){ .text = p->text, .table = -1, .row = -1, .col = -1 };
    }
    b->n_pars = b->n_body;
    b->section = l->section;
    b->n_sections = 1;
    return b;
}

static void compare(const char *file, const wanted *w, const sm_outline *o, tally *t)
{
    size_t k = 0;
    for (size_t i = 0; i < o->n; i++) {
        const sm_line *l = &o->line[i];
        if (!l->text.n)
            continue;
        assert_true(k < w->n);
        bool same = sm_str_eq(w->role[k], sm_str_of(sm_line_role_name(l->role)));
        t->right += same;
        t->all++;
        if (!same && verbose)
            print_message("%s%s: %.*s, not %s: %.*s\n", file, o->laid_out ? "" : " (bare)",
                          SM_ARG(w->role[k]), sm_line_role_name(l->role), SM_ARG(l->text));
        k++;
    }
    assert_int_equal(k, w->n);
}

static void try_file(const char *file, tally *laid_out, tally *bare)
{
    static wanted w;
    sm_op op;
    sm_op_begin(&op);
    sm_str source;
    sm_layout *l;
    sm_outline o;
    assert_int_equal(sm_file_read(&op, sm_path(op.arena, DOCUMENTS, file), 1 << 20, &source),
                     SM_OK);
    assert_int_equal(sm_official_read(&op, file, source, &l), SM_OK);
    read_wanted(source, false, &w);
    assert_int_equal(sm_outline_read(&op, l, NULL, &o), SM_OK);
    assert_true(o.laid_out);
    compare(file, &w, &o, laid_out);
    read_wanted(source, true, &w);
    assert_int_equal(sm_outline_read(&op, bared(&op, l), NULL, &o), SM_OK);
    assert_false(o.laid_out);
    compare(file, &w, &o, bare);
    sm_op_end(&op);
}

static double share(const tally *t)
{
    return (double)t->right / (double)t->all;
}

static void the_parts_of_every_document_are_recognised(void **state)
{
    (void)state;
    tally t[2][2] = { 0 }; /* seeded with errors or clean; laid out, bare */
    struct dirent **e;
    int n = scandir(DOCUMENTS, &e, NULL, alphasort);
    assert_true(n > 60);
    for (int i = 0; i < n; i++) {
        sm_str name = sm_str_of(e[i]->d_name);
        if (sm_str_ends(name, SM_STR(".txt"))) {
            char errors[512];
            snprintf(errors, sizeof(errors), DOCUMENTS "/%.*s.errors.jsonl", (int)name.n - 4,
                     name.p);
            bool clean = !sm_file_exists(errors);
            try_file(e[i]->d_name, &t[clean][0], &t[clean][1]);
        }
        free(e[i]);
    }
    free(e);
    for (int clean = 1; clean >= 0; clean--)
        print_message("%s: laid out %zu of %zu (%.4f), bare %zu of %zu (%.4f)\n",
                      clean ? "clean" : "with errors", t[clean][0].right, t[clean][0].all,
                      share(&t[clean][0]), t[clean][1].right, t[clean][1].all, share(&t[clean][1]));
    assert_true(share(&t[1][0]) >= .97);
    assert_true(share(&t[1][1]) >= .93);
    assert_true(share(&t[0][0]) >= .97);
    assert_true(share(&t[0][1]) >= .93);
}

/* ---------------------------------------------------------- single documents */

/* "role text" of every line that has words, a line each, with its document in front where that is
 * not the first. */
static const char *roles(sm_op *op, const sm_outline *o)
{
    sm_str s = SM_STR("");
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].text.n) {
            if (o->line[i].doc)
                s = sm_strf(op->arena, "%.*s%d:", SM_ARG(s), o->line[i].doc);
            s = sm_strf(op->arena, "%.*s%s ", SM_ARG(s), sm_line_role_name(o->line[i].role));
        }
    return sm_cstr(op->arena, sm_str_trim(s));
}

/* Text as it is pasted: a paragraph a line. */
static sm_outline pasted(sm_op *op, const char *text)
{
    sm_str rest = sm_str_of(text), line;
    sm_layout l = { .par = SM_NEWS(op->arena, sm_par, 200) };
    while (sm_str_cut(&rest, '\n', &line))
        l.par[l.n_body++] = (sm_par){ .text = line, .table = -1, .row = -1, .col = -1 };
    l.n_pars = l.n_body;
    sm_outline o;
    assert_int_equal(sm_outline_read(op, &l, NULL, &o), SM_OK);
    return o;
}

static void assert_roles(const char *text, const char *as)
{
    sm_op op;
    sm_op_begin(&op);
    sm_outline o = pasted(&op, text);
    assert_string_equal(roles(&op, &o), as);
    sm_op_end(&op);
}

static void pasted_text_is_read_as_people_write_it(void **state)
{
    (void)state;
    assert_roles("云澜市人民政府关于做好防汛工作的通知\n澜政发〔2026〕12号\n\n各区县人民政府：\n"
                 "现将有关事项通知如下。\n云澜市人民政府\n2026年3月5日",
                 "title number to p sign date");
    assert_roles("关于做好防汛工作的通知\n\n各区县人民政府，市政府各部门。\n一、总体要求\n"
                 "（一）目标\n1. 任务\n（1）分工\n市水务局\n二〇二六年三月五日\n（此件公开发布）",
                 "title to h1 h2 h3 h4 sign date remark");
    assert_roles("现将有关情况报告如下。\n一、二级医院均已完成。\n3、5天内办结。\n3.5万元已拨付。",
                 "p p p p");
    assert_roles("000012\n特急\n云澜市民政局文件\n澜民报[2026]8号　　　签发人：沈国平\n"
                 "关于拨付经费的请示\n市政府：\n请予支持。\n附件：1. 甲表\n2. 乙表\n"
                 "云澜市民政局\n2026.3.5\n— 2 —\n附件1\n甲表\n序号\t金额\n1\t20\n附件2\n乙表\n"
                 "好。\n抄送：市财政局。\n云澜市民政局办公室　2026年3月6日印发",
                 "copyno urgency mark number signer title to p note note sign date none 1:attach "
                 "1:atitle 1:row 1:row 2:attach 2:atitle 2:p cc printer");
    assert_roles(
        "云澜市人民政府办公室关于印发《甲办法》的通知\n各区县人民政府：\n现印发给你们。\n"
        "云澜市人民政府办公室\n2026年3月5日\n甲办法\n第一章　总则\n第一条　为了好，制定本办法。\n"
        "（一）甲；\n第二条规定的除外。",
        "title to p sign date 1:atitle 1:p 1:p 1:p 1:p");
    assert_roles("关于甲的通知\n各区：\n1.\t甲\n附件：1.\t甲表\n2.\t乙表\n市水务局\n2026年3月5日\n"
                 "抄送：\t市委。\n市府办公室\t2026年3月6日印发",
                 "title to h3 note note sign date cc printer");
    assert_roles("", "");
}

static void a_head_may_stand_in_a_table(void **state)
{
    (void)state;
    static const char *const cells[] = { "云澜市民政局",      "文件",          "云澜市财政局", "",
                                         "澜民报〔2026〕8号", "签发人：沈国平" };
    sm_op op;
    sm_op_begin(&op);
    sm_par par[9] = { 0 };
    for (int i = 0; i < 6; i++)
        par[i] = (sm_par){
            .place = SM_PAR_CELL, .text = sm_str_of(cells[i]), .row = i / 2, .col = i % 2
        };
    par[6].text = SM_STR("关于拨付经费的请示");
    par[7].text = SM_STR("市政府：");
    par[8] = (sm_par){ .place = SM_PAR_CELL, .text = SM_STR("澜民报〔2026〕7号") };
    sm_layout l = { .par = par, .n_pars = 9, .n_body = 9 };
    sm_outline o;
    assert_int_equal(sm_outline_read(&op, &l, NULL, &o), SM_OK);
    assert_string_equal(roles(&op, &o), "mark mark mark number signer title to row");
    sm_op_end(&op);
}

static void assert_whole(const char *text, const char *as)
{
    sm_op op;
    sm_op_begin(&op);
    sm_outline o = pasted(&op, text);
    sm_str s = sm_strf(op.arena, "%.*s|%.*s|%.*s|%.*s%s%s%s", SM_ARG(o.kind), SM_ARG(o.issuer),
                       SM_ARG(o.number), SM_ARG(o.date), o.letter ? " letter" : "",
                       o.order ? " order" : "", o.minutes ? " minutes" : "");
    assert_string_equal(sm_cstr(op.arena, s), as);
    sm_op_end(&op);
}

static void a_document_says_what_it_is_and_whose(void **state)
{
    (void)state;
    assert_whole(
        "云澜市人民政府文件\n澜政发〔2026〕1号\n关于甲的通知。\n各区：\n好。\n云澜市人民政府\n"
        "2026年03月05日",
        "通知|云澜市人民政府|澜政发〔2026〕1号|2026-03-05");
    assert_whole(
        "云澜市民政局\n澜民函〔26〕1号\n关于甲的复函\n市水务局：\n好。\n云澜市民政局\n26年3月5日",
        "函|云澜市民政局|澜民函〔26〕1号|2026-03-05 letter");
    assert_whole(
        "云澜市人民政府令\n第28号\n《甲规定》现予公布。\n市长　王明远\n二〇二六年十一月十日",
        "命令|云澜市人民政府|第28号|2026-11-10 order");
    assert_whole("云澜市人民政府专题会议纪要\n澜政阅〔2026〕9号\n关于研究甲的纪要\n好。",
                 "纪要|云澜市人民政府|澜政阅〔2026〕9号| minutes");
    assert_whole("江北区人民政府关于甲的请示报告\n市政府：\n好。\n江北区人民政府\n2026年2月30日",
                 "请示|江北区人民政府||");
}

int main(void)
{
    verbose = getenv("SUNMAO_VERBOSE") != NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_every_document_are_recognised),
        cmocka_unit_test(pasted_text_is_read_as_people_write_it),
        cmocka_unit_test(a_head_may_stand_in_a_table),
        cmocka_unit_test(a_document_says_what_it_is_and_whose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
