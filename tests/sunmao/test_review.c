#include "../fixture.h"

#include <sys/wait.h>

#include "format/official.h"
#include "sunmao/laws.h"

#define TEXT                                       \
    "云澜市人民政府文件\n澜政发[2026]" \
    "12号\n云澜市人民政府关于做好防汛工作的通知\n各区县人民政府：\n"

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

static void write_file(sm_op *op, const char *dir, const char *name, const char *text)
{
    must(op, sm_file_write(op, sm_path(op->arena, dir, name), sm_str_of(text)));
}

/* Three rules of those that are shipped, so that others may come. */
static const char *small_share(sm_op *op, const char *dir)
{
    static const char *const ids[] = { "\"id\":\"B01\"", "\"id\":\"B02\"", "\"id\":\"B12\"" };
    const char *share = sm_path(op->arena, dir, "share");
    sm_str all, line, kept;
    sm_buf b;
    must(op, sm_dir_make(op, sm_path(op->arena, share, "review/rules")));
    must(op, sm_file_read(op, SM_SOURCE_DIR "/share/review/rules/B.jsonl", 1 << 20, &all));
    sm_buf_init(&b, 1 << 20);
    while (sm_str_cut(&all, '\n', &line))
        if (sm_str_has_any(line, ids, SM_LEN(ids)))
            sm_buf_addf(&b, "%.*s\n", SM_ARG(line));
    must(op, sm_buf_take(op, &b, &kept));
    write_file(op, share, "review/rules/B.jsonl", sm_cstr(op->arena, kept));
    write_file(op, share, "laws.tsv", "");
    return share;
}

static sm_review *review(sm_op *op, const sm_reviewer *r, const char *text, sm_layout **l)
{
    sm_review *v;
    must(op, sm_reviewer_read(op, r, "a.txt", sm_str_of(text), NULL, l, &v));
    return v;
}

static void the_shipped_rules_alone_find_and_propose(void **state)
{
    sm_op *op = *state;
    sm_reviewer *r;
    sm_layout *l;
    const char *dir = fresh_dir(op);
    sm_reviewer_options o = { .share_dir = small_share(op, dir), .today = SM_DATE_NONE };
    must(op, sm_reviewer_open(op, &o, &r));
    sm_review *v = review(op, r, TEXT, &l);
    assert_int_equal(v->n, 1);
    assert_true(sm_str_eq(v->finding[0].rule->id, SM_STR("B01")));
    assert_int_equal(v->finding[0].start, 3);
    assert_int_equal(v->finding[0].end, 9);
    json_t *line = sm_review_json("a.txt", v, 1.5, false);
    assert_string_equal(
        sm_json_dump(op->arena, line).p,
        "{\"file\":\"a.txt\",\"findings\":[{\"rule\":\"B01\",\"severity\":\"error\","
        "\"para\":1,\"start\":3,\"end\":9,\"text\":\"[2026]\",\"suggest\":\"〔2026〕\","
        "\"why\":\"发文字号的年份应当用六角括号“〔〕”括入\"}],\"ms\":1.5}");
    json_decref(line);
    sm_reviewer_close(r);
    remove_dir(dir);
}

static void an_own_folder_adds_rules_and_switches_others(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op), *rules = sm_path(op->arena, dir, "rules"),
               *words = sm_path(op->arena, dir, "words");
    sm_reviewer *r;
    sm_layout *l;
    must(op, sm_dir_make(op, rules));
    must(op, sm_dir_make(op, words));
    write_file(op, words, "ours.tsv", "# wrong right\n防汛\t防汛抗旱\n");
    write_file(op, rules, "own.jsonl",
               "{\"id\":\"B01\",\"on\":false}\n"
               "{\"id\":\"X-1\",\"severity\":\"hint\",\"title\":\"提法\",\"why\":\"按本市提法\","
               "\"source\":\"本市\",\"status\":\"H\",\"checker\":\"dictionary\","
               "\"params\":{\"file\":\"words/ours.tsv\"}}\n");
    sm_reviewer_options o = { .share_dir = small_share(op, dir),
                              .own_dir = dir,
                              .today = SM_DATE_NONE };
    must(op, sm_reviewer_open(op, &o, &r));
    sm_review *v = review(op, r, TEXT, &l);
    assert_int_equal(v->n, 1);
    assert_true(sm_str_eq(v->finding[0].rule->id, SM_STR("X-1")));
    assert_true(sm_str_eq(v->finding[0].suggest, SM_STR("防汛抗旱")));
    sm_reviewer_close(r);
    remove_dir(dir);
}

static void what_cannot_be_read_is_said(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op);
    sm_reviewer *r;
    sm_reviewer_options o = { .own_dir = "/tmp/sunmao-test-none", .today = SM_DATE_NONE };
    assert_int_equal(sm_reviewer_open(op, &o, &r), SM_E_NOTFOUND);
    sm_op_clear(op);
    write_file(op, dir, "organs.tsv", "\t市府办\n");
    o.own_dir = dir;
    assert_int_equal(sm_reviewer_open(op, &o, &r), SM_E_INVALID);
    assert_true(sm_str_has(op->msg, SM_STR("organs.tsv 第1行")));
    remove_dir(dir);
}

/* ---------------------------------------------------------------------- laws */

static const char laws[] =
    "{\"id\":\"a1\",\"title\":\"云澜市养犬管理条例第一条\",\"text\":\"为了规范养犬，制定本条例。\"}"
    "\n"
    "{\"id\":\"a2\",\"title\":\"云澜市养犬管理条例第二条\",\"text\":\"本市养犬适用本条例。\"}\n"
    "{\"id\":\"b7\",\"title\":\"云澜市河道条例第七条\",\"text\":\"河道由水务部门管理。\"}\n";

static const sm_laws *hold(sm_op *op, sm_law_shelf *shelf)
{
    const sm_laws *l;
    must(op, sm_law_shelf_hold(op, shelf, &l));
    return l;
}

static void laws_of_the_corpus_are_known_with_their_articles(void **state)
{
    sm_op *op = *state, later;
    const char *dir = fresh_dir(op), *path = sm_path(op->arena, dir, "laws.jsonl");
    sm_law_shelf *shelf;
    bool there = false, in_force = false;
    sm_date day = sm_date_of(2026, 11, 23);
    write_file(op, dir, "laws.jsonl", laws);
    sm_sunmao *s = open_city(op, sm_path(op->arena, dir, "data"));
    import(op, s, SM_KIND_LAW, path);
    must(op, sm_law_shelf_open(op, sm_sunmao_data_dir(s), &shelf));
    sm_op_begin(&later);
    const sm_laws *l = hold(&later, shelf);
    assert_true(sm_laws_find(l, SM_STR("《云澜市养犬管理条例》"), SM_STR("第二条"), day, &there,
                             &in_force));
    assert_true(there && in_force);
    assert_true(sm_laws_find(l, SM_STR("云澜市养犬管理条例（试行）"), SM_STR("第三条"), day, &there,
                             &in_force));
    assert_false(there);
    /* of this one the corpus does not have all articles */
    assert_true(
        sm_laws_find(l, SM_STR("云澜市河道条例"), SM_STR("第八条"), day, &there, &in_force));
    assert_true(there);
    assert_false(sm_laws_find(l, SM_STR("养犬管理条例"), SM_STR(""), day, &there, &in_force));

    /* what is imported in the meantime is known to the next one who asks */
    write_file(
        op, dir, "laws.jsonl",
        "{\"id\":\"c1\",\"title\":\"云澜市绿化条例第一条\",\"text\":\"为了绿化，制定本条例。\"}\n");
    import(op, s, SM_KIND_LAW, path);
    assert_true(sm_laws_find(hold(op, shelf), SM_STR("云澜市绿化条例"), SM_STR("第一条"), day,
                             &there, &in_force));
    assert_false(sm_laws_find(l, SM_STR("云澜市绿化条例"), SM_STR(""), day, &there, &in_force));
    sm_op_end(&later);
    sm_arena_reset(op->arena); /* gives back what was held */
    sm_law_shelf_close(shelf);
    sm_sunmao_close(s);
}

/* ------------------------------------------------------------ the handle's own */

static void review_two(void *ctx, size_t i)
{
    sm_op op;
    sm_layout *l;
    sm_review *v;
    (void)i;
    sm_op_begin(&op);
    must(&op, sm_sunmao_review(&op, ctx, "a.txt", sm_str_of(TEXT), NULL, &l, &v));
    sm_op_end(&op);
}

struct replacing {
    sm_sunmao *s;
    const char *rules;
};

static const sm_rule *rule_of(const sm_reviewer *r, const char *id)
{
    const sm_rule *rule;
    size_t n = sm_rules_all(sm_reviewer_rules(r), &rule);
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(rule[i].id, sm_str_of(id)))
            return &rule[i];
    fail_msg("no rule %s", id);
    return NULL;
}

/* As the files are now. */
static bool is_on(sm_sunmao *s, const char *id)
{
    const sm_reviewer *r;
    sm_op op;
    sm_op_begin(&op);
    must(&op, sm_sunmao_reviewer(&op, s, &r));
    bool on = rule_of(r, id)->on;
    sm_op_end(&op);
    return on;
}

static void a_data_directory_is_reviewed_by_its_folder_and_by_threads_at_once(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op), *rules = sm_path(op->arena, dir, "review/rules");
    must(op, sm_dir_make(op, rules));
    write_file(op, rules, "own.jsonl", "{\"id\":\"B02\",\"on\":false}\n");
    sm_sunmao *s = open_city(op, dir);
    sm_parallel(20, review_two, s);
    assert_false(is_on(s, "B02"));
    sm_sunmao_close(s);
    remove_dir(dir);
}

static void changed_files_are_taken_up_and_a_review_in_work_keeps_the_old(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op), *rules = sm_path(op->arena, dir, "review/rules");
    const sm_reviewer *old, *same, *now;
    sm_op work;
    sm_sunmao *s = open_city(op, dir);
    sm_op_begin(&work);
    must(&work, sm_sunmao_reviewer(&work, s, &old));
    must(&work, sm_sunmao_reviewer(&work, s, &same));
    assert_ptr_equal(same, old);
    assert_true(is_on(s, "B02"));
    must(op, sm_dir_make(op, rules));
    write_file(op, rules, "own.jsonl", "{\"id\":\"B02\",\"on\":false}\n");
    must(&work, sm_sunmao_reviewer(&work, s, &now));
    assert_ptr_not_equal(now, old);
    assert_true(rule_of(old, "B02")->on);
    assert_false(rule_of(now, "B02")->on);
    assert_int_equal(sm_sunmao_review_trouble(&work, s).n, 0);

    write_file(op, rules, "own.jsonl", "{\"id\":\"B02\",\"on\":true}\n{\"id\":\"\"}\n");
    assert_false(is_on(s, "B02"));
    assert_true(sm_str_has(sm_sunmao_review_trouble(&work, s), SM_STR("own.jsonl 第2行")));
    write_file(op, rules, "own.jsonl", "{\"id\":\"B02\",\"on\":true}\n");
    assert_true(is_on(s, "B02"));
    assert_int_equal(sm_sunmao_review_trouble(&work, s).n, 0);
    sm_op_end(&work);
    sm_sunmao_close(s);
    remove_dir(dir);
}

static void a_new_speller_is_taken_up(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op), *model = sm_path(op->arena, dir, "model");
    const sm_reviewer *r;
    sm_op work;
    sm_sunmao *s = open_city(op, dir);
    assert_true(is_on(s, "B02"));
    must(op, sm_dir_make(op, model));
    write_file(op, model, "speller.bin", "not a speller");
    assert_true(is_on(s, "B02"));
    sm_op_begin(&work);
    must(&work, sm_sunmao_reviewer(&work, s, &r));
    assert_true(sm_str_has(sm_sunmao_review_trouble(&work, s), SM_STR("错别字模型")));
    sm_op_end(&work);
    sm_sunmao_close(s);
    remove_dir(dir);
}

static void replace_and_review(void *ctx, size_t i)
{
    struct replacing *x = ctx;
    sm_op op;
    sm_op_begin(&op);
    if (i % 2)
        write_file(&op, x->rules, "own.jsonl",
                   i % 4 == 1 ? "{\"id\":\"B02\",\"on\":false}\n" : "{\"id\":\"B02\"}\n");
    sm_op_end(&op);
    review_two(x->s, i);
}

static void files_change_while_others_review(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op);
    struct replacing x = { open_city(op, dir), sm_path(op->arena, dir, "review/rules") };
    must(op, sm_dir_make(op, x.rules));
    sm_parallel(24, replace_and_review, &x);
    sm_sunmao_close(x.s);
    remove_dir(dir);
}

/* ------------------------------------------------------------------ a DOCX mended */

static sm_str docx_of(sm_op *op, const char *notation)
{
    sm_layout *l;
    sm_str bytes;
    sm_buf b;
    must(op, sm_official_read(op, "a.txt", sm_str_of(notation), &l));
    sm_buf_init(&b, 1 << 24);
    must(op, sm_docx_write(op, l, &b));
    must(op, sm_buf_take(op, &b, &bytes));
    return bytes;
}

static int run_review(sm_op *op, const char *dir, const char *arguments)
{
    const char *program = getenv("SUNMAO_BIN");
    int status =
        system(sm_strf(op->arena, "cd '%s' && SUNMAO_SHARE=share '%s' review %s >/dev/null 2>&1",
                       dir, program, arguments)
                   .p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_the_program_has_mended_is_not_found_again(void **state)
{
    sm_op *op = *state;
    const char *dir = fresh_dir(op);
    sm_str before = docx_of(op, "@mark 云澜市人民政府文件\n@number 澜政发[2026]012号\n"
                                "@title 云澜市人民政府关于做好防汛工作的通知\n@p 请认真落实。\n"),
           after;
    sm_layout *l, *mended;
    sm_reviewer *r;
    sm_review *v;
    if (!getenv("SUNMAO_BIN"))
        skip();
    const char *share = small_share(op, dir);
    must(op, sm_file_write(op, sm_path(op->arena, dir, "a.docx"), before));
    assert_int_equal(run_review(op, dir, "--fix b.docx --typeset b.docx --report r.docx a.docx"),
                     1);
    assert_int_equal(run_review(op, dir, "b.docx"), 0);
    assert_int_equal(run_review(op, dir, "r.docx --json"), 0);
    must(op, sm_file_read(op, sm_path(op->arena, dir, "b.docx"), 1 << 24, &after));
    sm_reviewer_options o = { .share_dir = share, .today = SM_DATE_NONE };
    must(op, sm_reviewer_open(op, &o, &r));
    must(op, sm_reviewer_read(op, r, "a.docx", before, NULL, &l, &v));
    must(op, sm_reviewer_read(op, r, "b.docx", after, getenv("SUNMAO_BIN"), &mended, &v));
    assert_int_equal(l->n_body, mended->n_body);
    for (size_t i = 0; i < l->n_body; i++)
        if (!sm_str_has(l->par[i].text, SM_STR("[2026]")))
            assert_true(sm_str_eq(l->par[i].text, mended->par[i].text));
        else
            assert_true(sm_str_eq(mended->par[i].text, SM_STR("澜政发〔2026〕12号")));
    sm_reviewer_close(r);
    remove_dir(dir);
}

/* ------------------------------------------------------------------- public API */

static void the_public_call_needs_no_data_directory(void **state)
{
    char *json = NULL, *err = NULL;
    (void)state;
    assert_int_equal(sunmao_review(NULL, "a.txt", TEXT, strlen(TEXT), NULL, &json, &err),
                     SUNMAO_OK);
    assert_non_null(strstr(json, "\"kind\":\"通知\",\"classified\":false"));
    assert_non_null(strstr(json, "\"rule\":\"B01\""));
    assert_non_null(strstr(json, "\"source\":"));
    sunmao_free(json);
}

static void the_public_call_says_what_is_wrong(void **state)
{
    sunmao_review_options o = SUNMAO_REVIEW_OPTIONS_INIT;
    char *json = NULL, *err = NULL;
    (void)state;
    assert_int_equal(sunmao_review(NULL, NULL, "", 0, NULL, &json, &err), SUNMAO_E_INVALID);
    sunmao_free(err);
    o.as_of = "2026-02-30";
    assert_int_equal(sunmao_review(NULL, "a.txt", TEXT, strlen(TEXT), &o, &json, &err),
                     SUNMAO_E_INVALID);
    assert_non_null(strstr(err, "2026-02-30"));
    sunmao_free(err);
    o.as_of = NULL;
    o.program = "/nowhere/sunmao";
    assert_int_equal(sunmao_review(NULL, "a.txt", TEXT, strlen(TEXT), &o, &json, &err),
                     SUNMAO_E_UNAVAILABLE);
    sunmao_free(err);
    assert_null(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(the_shipped_rules_alone_find_and_propose),
        TEST(an_own_folder_adds_rules_and_switches_others),
        TEST(what_cannot_be_read_is_said),
        TEST(laws_of_the_corpus_are_known_with_their_articles),
        TEST(a_data_directory_is_reviewed_by_its_folder_and_by_threads_at_once),
        TEST(changed_files_are_taken_up_and_a_review_in_work_keeps_the_old),
        TEST(a_new_speller_is_taken_up),
        TEST(files_change_while_others_review),
        TEST(what_the_program_has_mended_is_not_found_again),
        TEST(the_public_call_needs_no_data_directory),
        TEST(the_public_call_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
