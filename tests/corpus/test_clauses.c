#include "../fixture.h"

#include "corpus/corpus.h"

static sm_op op;
static const char *dir;
static sm_db *db;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    must(&op, sm_db_open(&op, dir, SM_DB_CORPUS, SM_DB_CREATE, &db));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sm_db_close(db);
    remove_dir(dir);
    sm_op_end(&op);
    return 0;
}

/* The paths of a document written to t.<ending> and imported, blanks between. */
static const char *paths_of(const char *name, const char *text, sm_clause **clause, size_t *n)
{
    sm_doc *doc;
    sm_import_report *r;
    sm_buf b;
    const char *path = sm_path(op.arena, dir, name);
    must(&op, sm_file_write(&op, path, sm_str_of(text)));
    must(&op, sm_corpus_import(&op, db, SM_KIND_POLICY, &path, 1, true, &r));
    must(&op, sm_corpus_doc(&op, db, SM_STR("t"), &doc));
    must(&op, sm_corpus_clauses(&op, db, doc->version, clause, n));
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < *n; i++)
        sm_buf_addf(&b, "%s%.*s", i ? " " : "", SM_ARG((*clause)[i].path));
    sm_str s = { 0 };
    must(&op, sm_buf_take(&op, &b, &s));
    return s.p ? s.p : "";
}

static const char *repeat(const char *text, int times)
{
    sm_buf b;
    sm_str s = { 0 };
    sm_buf_init(&b, 1 << 20);
    for (int i = 0; i < times; i++)
        sm_buf_add(&b, sm_str_of(text));
    must(&op, sm_buf_take(&op, &b, &s));
    return s.p;
}

static void articles_stand_under_their_chapters(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    assert_string_equal(
        paths_of("t.txt",
                 "某某条例\n第一章 总则\n第一条 为了便民。\n第二条 下列人员适用：\n（一）甲；\n"
                 "（二）乙。\n第二章 附则\n第三条 即日起施行。\n",
                 &c, &n),
        "第一条 第二条 第三条");
    assert_true(sm_str_eq(c[0].heading, SM_STR("第一章 总则")));
    assert_true(sm_str_eq(c[1].text, SM_STR("第二条 下列人员适用：\n（一）甲；\n（二）乙。")));
    assert_true(sm_str_eq(c[2].heading, SM_STR("第二章 附则")));
}

static void a_long_article_is_cut_at_its_items_each_with_what_leads_in_and_closes(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    const char *item = repeat("应当提交有关证明并经核验，", 20);
    const char *text =
        sm_strf(op.arena,
                "某某办法\n第一条 为了便民。\n第二条 补贴标准为：\n（一）%s\n（二）%s\n（三）%s\n"
                "外省户籍人员不享受前款补贴。\n",
                item, item, item)
            .p;
    assert_string_equal(paths_of("t.txt", text, &c, &n),
                        "第一条 第二条/（一） 第二条/（二） 第二条/（三）");
    assert_true(sm_str_has(c[3].heading, SM_STR("补贴标准为：")));
    for (size_t i = 1; i < n; i++) {
        assert_true(sm_str_starts(c[i].text, SM_STR("第二条 补贴标准为：\n（")));
        assert_true(sm_str_ends(c[i].text, SM_STR("，\n外省户籍人员不享受前款补贴。")));
    }
}

static void of_what_leads_in_at_length_each_item_has_the_last_sentence(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    const char *item = repeat("应当提交有关证明并经核验，", 20);
    const char *text = sm_strf(op.arena,
                               "某某办法\n第一条 为了便民。\n第二条 %s有下列情形的不予补贴：\n"
                               "（一）%s\n（二）%s\n（三）%s\n",
                               repeat("补贴按月发放到账户。", 30), item, item, item)
                           .p;
    assert_string_equal(paths_of("t.txt", text, &c, &n),
                        "第一条 第二条 第二条/（一） 第二条/（二） 第二条/（三）");
    for (size_t i = 2; i < n; i++)
        assert_true(sm_str_starts(c[i].text, SM_STR("有下列情形的不予补贴：\n（")));
}

static void numbered_paragraphs_are_cut_no_deeper_than_needed(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    const char *item = repeat("按月发放到本人账户。", 16);
    const char *text = sm_strf(op.arena,
                               "某某通知\n各区县：\n一、标准\n（一）%s\n（二）%"
                               "s\n二、时间\n（一）一月。\n（二）二月。\n",
                               item, item)
                           .p;
    assert_string_equal(paths_of("t.txt", text, &c, &n), "序 一/（一） 一/（二） 二");
    assert_true(sm_str_eq(c[1].heading, SM_STR("一、标准")));
    assert_true(sm_str_starts(c[2].text, SM_STR("一、标准\n（二）")));
    text = sm_strf(op.arena, "某某通知\n一、标准\n（一）%s\n（二）%s\n某某局\n二、时间\n略。\n",
                   item, item)
               .p;
    paths_of("t.txt", text, &c, &n);
    assert_false(sm_str_has(c[0].text, SM_STR("某某局"))); /* it closes no list */
}

static void questions_keep_their_answers(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    assert_string_equal(paths_of("t.md",
                                 "# "
                                 "问答\n\n现解读如下。\n\n问：有吗？\n\n答：有。\n\n共两项。\n\n问"
                                 "：多少？\n\n答：一百元。\n",
                                 &c, &n),
                        "序 问1 问2");
    assert_true(sm_str_eq(c[1].text, SM_STR("问：有吗？\n答：有。\n共两项。")));
}

static void text_without_numbers_is_cut_by_paragraphs_short_ones_together(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    assert_string_equal(
        paths_of("t.md",
                 "# 公告\n\n名单如下。\n\n| 序号 | 名称 |\n|---|---|\n| 1 | 甲 |\n\n特此公告。\n",
                 &c, &n),
        "段1");
    assert_true(sm_str_has(c[0].text, SM_STR("1 | 甲\n特此公告。")));
    const char *many = repeat("按月发放到账户。", 20);
    paths_of("t.txt", sm_strf(op.arena, "公告\n%s\n村庄除外。\n%s\n", many, many).p, &c, &n);
    assert_int_equal(n, 2);
    assert_true(sm_str_ends(c[0].text, SM_STR("村庄除外。")));
    many = repeat("| 某某检查费 | 一百元 |\n", 90); /* of a long table each part has its columns */
    paths_of("t.md", sm_strf(op.arena, "# 公告\n\n| 项目 | 标准 |\n|---|---|\n%s\n", many).p, &c,
             &n);
    assert_true(n > 1);
    for (size_t i = 0; i < n; i++)
        assert_true(sm_str_starts(c[i].text, SM_STR("项目 | 标准\n某某检查费")));
}

static void a_clause_says_where_it_stands_in_the_source(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    static const char text[] = "某某办法\n第一条 甲。\n第二条 乙。\n";
    paths_of("t.txt", text, &c, &n);
    assert_int_equal(n, 2);
    assert_true(sm_str_starts(sm_str_sub(sm_str_of(text), (size_t)c[1].pos, sizeof(text)),
                              SM_STR("第二条")));
}

static void numbers_that_begin_again_in_an_annex_get_paths_of_their_own(void **state)
{
    (void)state;
    sm_clause *c;
    size_t n;
    assert_string_equal(
        paths_of("t.txt",
                 "某某办法\n第一条 甲。\n第二条 乙。\n附件：细则\n第一条 丙。\n第二条 丁。\n", &c,
                 &n),
        "第一条 第二条 第一条·2 第二条·2");
    sm_clause *one;
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("t"), SM_STR("第一条·2"), &one));
    assert_true(sm_str_has(one->text, SM_STR("丙")));
}

static sm_str element(const char *path)
{
    sm_clause *c;
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("A-1"), sm_str_of(path), &c));
    return c->text;
}

static void every_element_of_an_item_can_be_cited(void **state)
{
    (void)state;
    static const char item[] = "{\"code\":\"A-1\",\"name\":\"甲证\",\"dept\":\"市局\",\"case_"
                               "kind\":\"承诺件\",\"audience\":[\"自然人\",\"法人\"],"
                               "\"promised_limit\":{\"value\":15,\"unit\":\"工作日\"},\"legal_"
                               "limit\":{\"value\":2,\"unit\":\"年\"},"
                               "\"fee\":{\"charged\":true,\"items\":[{\"name\":\"工本费\","
                               "\"standard\":\"40元/证\"},{\"name\":\"快递费\","
                               "\"standard\":\"12元/"
                               "件\"}],\"basis\":\"某号文\",\"online_pay\":true},\"conditions\":[{"
                               "\"id\":\"c1\",\"text\":\"年满18周岁\"}],"
                               "\"materials\":[{\"name\":\"身份证\",\"required\":\"必要\",\"kind\":"
                               "\"原件\",\"copies\":1,\"source\":\"政府部门核发\","
                               "\"issuer\":\"公安机关\",\"check_points\":[\"在有效期内\"]}],"
                               "\"steps\":[{\"name\":\"受理\",\"text\":\"窗口受理\"}],"
                               "\"basis\":[{\"law\":\"某法\",\"article\":\"第七条\"}],\"places\":["
                               "\"大厅2楼\"],\"faq\":[{\"q\":\"要钱吗\",\"a\":\"要\"}],"
                               "\"effective_from\":\"2025-01-01\",\"rule_explain\":\"年满18周岁\"}";
    const char *path = sm_path(op.arena, dir, "i.json");
    sm_import_report *r;
    must(&op, sm_file_write(&op, path, sm_str_of(item)));
    must(&op, sm_corpus_import(&op, db, SM_KIND_ITEM, &path, 1, true, &r));
    static const struct {
        const char *path, *text;
    } says[] = {
        { "promised_limit", "承诺办结时限：15个工作日" },
        { "legal_limit", "法定办结时限：2年" },
        { "fee", "收费：工本费 40元/证；快递费 12元/件（收费依据：某号文）" },
        { "conditions/c1", "年满18周岁" },
        { "materials/m1",
          "身份证（必要，原件，1份，来源：政府部门核发、公安机关）。要点：在有效期内" },
        { "steps/1", "第1步 受理：窗口受理" },
        { "basis/1", "《某法》第七条" },
        { "places/1", "大厅2楼" },
        { "faq/1", "问：要钱吗\n答：要" },
        { "eligibility", "年满18周岁" },
        { "audience", "服务对象：自然人、法人" },
        { "effective_from", "施行日期：2025年1月1日" },
    };
    for (size_t i = 0; i < SM_LEN(says); i++)
        assert_string_equal(element(says[i].path).p, says[i].text);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(articles_stand_under_their_chapters),
        EACH(a_long_article_is_cut_at_its_items_each_with_what_leads_in_and_closes),
        EACH(of_what_leads_in_at_length_each_item_has_the_last_sentence),
        EACH(numbered_paragraphs_are_cut_no_deeper_than_needed),
        EACH(questions_keep_their_answers),
        EACH(text_without_numbers_is_cut_by_paragraphs_short_ones_together),
        EACH(a_clause_says_where_it_stands_in_the_source),
        EACH(numbers_that_begin_again_in_an_annex_get_paths_of_their_own),
        EACH(every_element_of_an_item_can_be_cited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
