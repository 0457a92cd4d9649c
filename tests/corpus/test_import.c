#include "../fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "corpus/corpus.h"

static sm_op op;
static const char *dir;
static sm_sunmao *city;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    dir = fresh_dir(&op);
    city = open_city(&op, dir);
    must(&op, sm_sunmao_regions(&op, city, DEMO "/regions.tsv"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sm_sunmao_close(city);
    remove_dir(dir);
    sm_op_end(&op);
    return 0;
}

static const sm_note *note_of(const sm_import_report *r, const char *code)
{
    for (size_t i = 0; i < r->n_notes; i++)
        if (sm_str_eq(r->note[i].code, sm_str_of(code)))
            return &r->note[i];
    return NULL;
}

static void all_413_items_of_the_demo_import(void **state)
{
    (void)state;
    sm_import_report *r = import(&op, city, SM_KIND_ITEM, DEMO "/items.jsonl");
    assert_int_equal(r->n_new, 413);
    assert_int_equal(r->n_refused, 0);
    assert_true(r->n_warnings > 0);
}

static void importing_again_changes_nothing(void **state)
{
    (void)state;
    int64_t before, after;
    sm_db *db;
    import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_revision(&op, db, &before));
    sm_import_report *r = import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    must(&op, sm_corpus_revision(&op, db, &after));
    assert_int_equal(r->n_new + r->n_changed, 0);
    assert_int_equal(r->n_same, 47);
    assert_int_equal(before, after);
}

static bool file_holds(const char *path, const char *what)
{
    sm_str data;
    if (sm_file_read(&op, path, 1 << 30, &data) < 0) {
        sm_op_clear(&op);
        return false;
    }
    return sm_str_has(data, sm_str_of(what));
}

static void a_file_with_a_secrecy_mark_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    sm_import_report *r = import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    const sm_note *n = note_of(r, "SECRET_MARK");
    assert_non_null(n);
    assert_true(n && n->level == SM_NOTE_ALERT);
    assert_int_equal(r->n_refused, 1);
    const char *words = "节假日政务信息系统值守内部工作方案";
    assert_false(file_holds(sm_path(op.arena, dir, "corpus.db"), words));
    assert_false(file_holds(sm_path(op.arena, dir, "corpus.db-wal"), words));
}

static void personal_data_is_masked_before_it_is_stored(void **state)
{
    (void)state;
    sm_import_report *r = import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    assert_int_equal(r->n_masked, 19);
    assert_false(file_holds(sm_path(op.arena, dir, "corpus.db"), "999901197804123021"));
    assert_false(file_holds(sm_path(op.arena, dir, "corpus.db-wal"), "999901197804123021"));
    assert_false(file_holds(sm_path(op.arena, dir, "corpus.db-wal"), "19900001011"));
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = sm_path(op.arena, dir, name);
    must(&op, sm_file_write(&op, path, sm_str_of(text)));
    return path;
}

static void a_changed_file_makes_a_version_and_the_old_one_stays_readable(void **state)
{
    (void)state;
    const char *path = write_file(
        "t.md", "---\nid: T1\ntitle: 试行办法\neffective: 2025-01-01\n---\n# 试行办法\n\n"
                "第一条 补贴100元。\n\n第二条 自发布之日起施行。\n");
    sm_db *db;
    sm_doc *doc;
    sm_clause *old, *now;
    import(&op, city, SM_KIND_POLICY, path);
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("T1"), SM_STR("第一条"), &old));
    write_file("t.md", "---\nid: T1\ntitle: 试行办法\neffective: 2025-01-01\n---\n# 试行办法\n\n"
                       "第一条 补贴200元。\n\n第二条 自发布之日起施行。\n");
    assert_int_equal(import(&op, city, SM_KIND_POLICY, path)->n_changed, 1);
    must(&op, sm_corpus_doc(&op, db, SM_STR("T1"), &doc));
    assert_int_equal(doc->seq, 2);
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("T1"), SM_STR("第一条"), &now));
    assert_true(sm_str_has(now->text, SM_STR("200元")));
    must(&op, sm_corpus_clause(&op, db, old->row, &old));
    assert_true(sm_str_has(old->text, SM_STR("100元")));
}

/* Reads T1's first clause through a handle of the memo, under an op of its own. */
static sm_str kept_text(sm_op *one, sm_memo *memo)
{
    sm_db *db;
    sm_doc *doc;
    sm_clause *c;
    must(one, sm_memo_take(one, memo, &db));
    must(one, sm_corpus_doc(one, db, SM_STR("T1"), &doc));
    must(one, sm_corpus_clause_at(one, db, doc->id, SM_STR("第一条"), &c));
    sm_memo_give(memo, db);
    return c->text;
}

static void what_was_kept_goes_when_the_file_changes_and_is_good_until_then(void **state)
{
    (void)state;
    static const char text[] = "---\nid: T1\ntitle: 试行办法\neffective: 2025-01-01\n---\n"
                               "# 试行办法\n\n第一条 补贴%d元。\n\n第二条 自发布之日起施行。\n";
    sm_op before, again, after;
    sm_op_begin(&before);
    sm_op_begin(&again);
    sm_op_begin(&after);
    const char *path = write_file("t.md", sm_strf(op.arena, text, 100).p);
    import(&op, city, SM_KIND_POLICY, path);
    sm_memo *memo = sm_memo_open(dir);
    sm_str old = kept_text(&before, memo), same = kept_text(&again, memo);
    assert_ptr_equal(kept_text(&before, memo).p, same.p); /* read once */
    write_file("t.md", sm_strf(op.arena, text, 200).p);
    import(&op, city, SM_KIND_POLICY, path);
    assert_true(sm_str_has(kept_text(&after, memo), SM_STR("200元")));
    sm_memo_close(memo); /* what was borrowed lives on with its op */
    assert_true(sm_str_has(old, SM_STR("100元")));
    assert_true(sm_str_has(same, SM_STR("100元")));
    sm_op_end(&before);
    sm_op_end(&after);
    sm_op_end(&again);
}

static void one_refused_entry_never_stops_the_others(void **state)
{
    (void)state;
    static const char good[] =
        "{\"code\":\"A-1\",\"name\":\"甲\",\"dept\":\"市局\",\"case_kind\":\"承诺件\","
        "\"promised_limit\":{\"value\":5,\"unit\":\"工作日\"},\"fee\":{\"charged\":false}}\n";
    static const char bad[] =
        "{\"code\":\"A-2\",\"name\":\"乙\"}\n{\"code\":\n"
        "{\"code\":\"A-3\",\"name\":\"丙\",\"dept\":\"市局\",\"case_kind\":\"即办件\","
        "\"promised_limit\":{\"value\":5,\"unit\":\"工作日\"},\"fee\":{\"charged\":false}}\n";
    const char *path = write_file("i.jsonl", sm_strf(op.arena, "%s%s", bad, good).p);
    sm_import_report *r = import(&op, city, SM_KIND_ITEM, path);
    assert_int_equal(r->n_new, 1);
    assert_int_equal(r->n_refused, 3);
    assert_non_null(note_of(r, "SI-01"));
    sm_import_report *none;
    assert_int_equal(sm_sunmao_import(&op, city, SM_KIND_ITEM, &path, 1, true, &none),
                     SM_E_INVALID);
    sm_op_clear(&op);
}

static void the_national_spelling_is_accepted(void **state)
{
    (void)state;
    const char *path = write_file(
        "n.json", "[{\"task_code\":\"X1\",\"task_name\":\"某证核发\",\"dept_name\":\"市局\",\"task_"
                  "type\":\"01\","
                  "\"project_type\":\"2\",\"promise_day\":\"10\",\"promise_type\":\"1\","
                  "\"anticipate_day\":20,"
                  "\"accept_condition\":\"年满18周岁\",\"is_fee\":\"0\",\"server_type\":\"1,2\"}]");
    sm_import_report *r = import(&op, city, SM_KIND_ITEM, path);
    assert_int_equal(r->n_new, 1);
    sm_db *db;
    sm_clause *c;
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("X1"), SM_STR("promised_limit"), &c));
    assert_true(sm_str_has(c->text, SM_STR("10个工作日")));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("X1"), SM_STR("conditions/c1"), &c));
    assert_true(sm_str_has(c->text, SM_STR("18周岁")));
}

static sm_import_report *import_text(sm_kind kind, const char *name, const char *text)
{
    return import(&op, city, kind, write_file(name, text));
}

static void a_secrecy_mark_is_seen_wherever_it_may_stand(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } marked[] = {
        { "a.txt", "机密★5年\n关于某事的通知\n各单位：现通知如下。\n" },
        { "b.md", "# 关于某事的通知\n\n机密★1年\n\n澜政办发〔2026〕9号\n\n各单位：正文。\n" },
        { "c.txt", "澜政办密〔2026〕9号\n关于某事的通知\n各单位：正文。\n" },
        { "d.txt", "000012\n秘密\n特急\n关于某事的通知\n各单位：正文。\n" },
        { "e.md", "---\nid: E\n密级: 秘密\n---\n# 通知\n\n正文。\n" },
        { "f.md",
          "---\nid: F\nclassification: Confidential\neffective: 不明\n---\n# 通知\n\n正文。\n" },
        { "g.jsonl", "{\"id\":\"G\",\"title\":\"通知\",\"text\":\"绝密★30年\\n通知\\n正文\"}\n" },
        { "h.jsonl", "{\"id\":\"H\",\"title\":\"通知\",\"text\":\"正文\",\"密级\":\"机密\"}\n" },
    };
    for (size_t i = 0; i < SM_LEN(marked); i++) {
        sm_import_report *r = import_text(SM_KIND_POLICY, marked[i].name, marked[i].text);
        const sm_note *note = note_of(r, "SECRET_MARK");
        if (!note || r->n_new)
            print_error("%s\n", marked[i].name);
        assert_non_null(note);
        assert_int_equal(r->n_new, 0);
    }
}

static void a_text_about_secrets_is_no_secret(void **state)
{
    (void)state;
    static const char text[] =
        "# 保密工作办法\n\n第一条 国家秘密的密级分为绝密、机密、秘密三级。\n\n"
        "第二条 根据澜政办密〔2020〕1号文件制定。\n\n第三条 数据保密（试行）。\n";
    assert_int_equal(import_text(SM_KIND_POLICY, "ok.md", text)->n_new, 1);
}

static void a_broken_line_is_not_quoted(void **state)
{
    (void)state;
    sm_import_report *r =
        import_text(SM_KIND_POLICY, "x.jsonl", "{\"id\":\"X\",\"text\":\"某某内部方案\n");
    assert_int_equal(r->n_refused, 1);
    for (size_t i = 0; i < r->n_notes; i++)
        assert_false(sm_str_has(r->note[i].text, SM_STR("内部方案")));
}

#define ITEM                                                                                            \
    "\"name\":\"甲\",\"dept\":\"市局\",\"case_kind\":\"承诺件\",\"promised_limit\":{\"value\":5," \
    "\"unit\":\"工作日\"}"

static void a_phone_number_written_as_a_number_is_masked_and_the_item_stays_readable(void **state)
{
    (void)state;
    sm_db *db;
    sm_doc *doc;
    json_t *item;
    sm_import_report *r =
        import_text(SM_KIND_ITEM, "m.jsonl",
                    "{\"code\":\"M1\"," ITEM
                    ",\"fee\":{\"charged\":false},\"link\":{\"tel\":[13912345678]}}\n");
    assert_int_equal(r->n_new, 1);
    assert_int_equal(r->n_masked, 1);
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_doc(&op, db, SM_STR("M1"), &doc));
    must(&op, sm_item_json(&op, doc, &item));
    assert_false(sm_str_has(doc->json, SM_STR("13912345678")));
}

static void what_would_be_a_wrong_fact_is_refused_not_guessed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"code\":\"B1\"," ITEM ",\"fee\":{\"charged\":\"是\"}}",
        "{\"code\":\"B2\",\"name\":\"甲\",\"dept\":\"市局\",\"case_kind\":\"即办件\",\"promised_"
        "limit\":"
        "{\"value\":-1,\"unit\":\"工作日\"},\"fee\":{\"charged\":false}}",
        "{\"code\":\"B3\"," ITEM ",\"fee\":{\"charged\":false},\"effective_from\":\"明年\"}",
        "{\"task_code\":\"B4\",\"task_name\":\"甲\",\"dept_name\":\"局\",\"project_type\":\"2\","
        "\"promise_day\":5,"
        "\"promise_type\":\"9\",\"is_fee\":\"0\"}",
        "{\"task_code\":\"B5\",\"task_name\":\"甲\",\"dept_name\":\"局\",\"project_type\":\"2\","
        "\"promise_day\":5,"
        "\"promise_type\":\"1\",\"is_fee\":\"未定\"}",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_import_report *r = import_text(SM_KIND_ITEM, "b.jsonl", bad[i]);
        assert_int_equal(r->n_refused, 1);
        assert_true(sm_str_has(r->note[0].text, sm_strf(op.arena, "B%zu", i + 1)));
    }
    sm_import_report *r = import_text(SM_KIND_POLICY, "d.md",
                                      "---\nid: D\nexpires: 2024-02-31\n---\n# 通知\n\n正文。\n");
    assert_int_equal(r->n_refused, 1);
}

static void national_words_do_as_well_as_codes(void **state)
{
    (void)state;
    sm_db *db;
    sm_clause *c;
    sm_import_report *r =
        import_text(SM_KIND_ITEM, "n.json",
                    "{\"task_code\":\"W1\",\"task_name\":\"甲\",\"dept_name\":\"局\",\"task_type\":"
                    "\"行政许可\",\"project_type\":\"承诺件\","
                    "\"promise_day\":\"2\",\"promise_type\":\"个月\",\"is_fee\":\"是\",\"fee_"
                    "items\":[{\"name\":\"费\",\"standard\":\"9元\"}],"
                    "\"transact_addr\":\"大厅\",\"transact_time\":\"9:00-17:00\",\"is_online\":0,"
                    "\"limit_scene_num\":1,"
                    "\"handle_flow\":[\"受理\",\"办结\"],\"materials\":[{\"name\":\"表\","
                    "\"required\":3,\"form\":\"1\",\"kind\":\"2\",\"copies\":\"2\"}]}");
    assert_int_equal(r->n_new, 1);
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    static const char *const says[][2] = {
        { "promised_limit", "2个月" }, { "fee", "费 9元" },
        { "places/1", "9:00-17:00" },  { "online", "仅窗口" },
        { "steps/2", "办结" },         { "materials/m1", "容缺后补，复印件，纸质，2份" },
    };
    for (size_t i = 0; i < SM_LEN(says); i++) {
        must(&op, sm_corpus_clause_at(&op, db, SM_STR("W1"), sm_str_of(says[i][0]), &c));
        assert_true(sm_str_has(c->text, sm_str_of(says[i][1])));
    }
}

static void two_entries_of_one_id_in_a_batch_are_one_and_a_refusal(void **state)
{
    (void)state;
    static const char two[] = "{\"id\":\"L\",\"title\":\"某法第一条\",\"text\":\"甲\"}\n"
                              "{\"id\":\"L\",\"title\":\"某法第二条\",\"text\":\"乙\"}\n";
    sm_import_report *r = import_text(SM_KIND_LAW, "l.jsonl", two);
    assert_int_equal(r->n_new, 1);
    assert_int_equal(r->n_refused, 1);
    r = import_text(SM_KIND_LAW, "l.jsonl", two);
    assert_int_equal(r->n_new + r->n_changed, 0);
}

static void a_database_that_fails_keeps_nothing_of_the_import(void **state)
{
    (void)state;
    sm_db *db;
    sm_import_report *r;
    const char *full = sm_path(op.arena, dir, "full"), *items = DEMO "/items.jsonl";
    must(&op, sm_dir_make(&op, full));
    must(&op, sm_db_open(&op, full, SM_DB_CORPUS, SM_DB_CREATE, &db));
    must(&op, sm_db_exec(&op, db, "PRAGMA max_page_count = 200"));
    assert_int_equal(sm_corpus_import(&op, db, SM_KIND_ITEM, &items, 1, false, &r), SM_E_LIMIT);
    sm_op_clear(&op);
    sm_doc *doc;
    size_t n;
    must(&op, sm_corpus_docs(&op, db, SM_KIND_ITEM, &doc, &n));
    assert_int_equal(n, 0);
    sm_db_close(db);
}

static void a_files_notes_are_those_of_its_last_import(void **state)
{
    (void)state;
    sm_db *db;
    sm_stmt *q;
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    import_text(SM_KIND_POLICY, "p.md", "# 名单\n\n电话13912345678。\n");
    must(&op, sm_db_query(&op, db, &q, "SELECT code FROM import_note", ""));
    must(&op, sm_stmt_step(&op, q));
    assert_true(sm_str_eq(sm_stmt_str(&op, q, 0), SM_STR("MASKED")));
    sm_stmt_reset(q);
    import_text(SM_KIND_POLICY, "p.md", "# 名单\n\n电话见官网。\n");
    must(&op, sm_db_query(&op, db, &q, "SELECT code FROM import_note", ""));
    assert_int_equal(sm_stmt_step(&op, q), SM_E_NOTFOUND);
}

static void a_file_without_metadata_gives_its_own_dates(void **state)
{
    (void)state;
    sm_db *db;
    sm_doc *doc;
    import_text(SM_KIND_POLICY, "自带日期.txt",
                "某某办法\n澜政规〔2024〕7号\n第一条 为了便民。\n"
                "第二条 "
                "本办法自2024年4月1日起施行，有效期五年。《旧办法》自2023年1月1日起施行的同时废止。"
                "\n2024年3月1日\n");
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_doc(&op, db, SM_STR("自带日期"), &doc));
    assert_string_equal(doc->title.p, "某某办法");
    assert_string_equal(doc->doc_no.p, "澜政规〔2024〕7号");
    assert_int_equal(doc->issued, sm_date_of(2024, 3, 1));
    assert_int_equal(doc->effective, sm_date_of(2024, 4, 1));
    assert_int_equal(doc->ends, sm_date_of(2029, 3, 31));
}

static sm_state state_of(sm_db *db, const char *id, int y, int m, int d)
{
    sm_doc *doc;
    must(&op, sm_corpus_doc(&op, db, sm_str_of(id), &doc));
    return sm_doc_state(doc, sm_date_of(y, m, d));
}

static void a_document_is_in_force_from_its_day_to_its_successors(void **state)
{
    (void)state;
    sm_db *db;
    import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    assert_int_equal(state_of(db, "P02", 2024, 3, 31), SM_STATE_IN_FORCE);
    assert_int_equal(state_of(db, "P02", 2024, 4, 1), SM_STATE_REPLACED);
    assert_int_equal(state_of(db, "P01", 2024, 3, 31), SM_STATE_NOT_YET);
    assert_int_equal(state_of(db, "P01", 2024, 4, 1), SM_STATE_IN_FORCE);
    assert_int_equal(state_of(db, "P36", 2026, 12, 31), SM_STATE_IN_FORCE);
    assert_int_equal(state_of(db, "P35", 2026, 12, 31), SM_STATE_NOT_YET);
    assert_int_equal(state_of(db, "P35", 2027, 1, 1), SM_STATE_IN_FORCE);
    assert_int_equal(state_of(db, "P39", 2026, 11, 23), SM_STATE_EXPIRED);
}

static void a_repealed_document_of_unknown_day_is_never_in_force(void **state)
{
    (void)state;
    sm_db *db;
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    import_text(SM_KIND_POLICY, "r.md",
                "---\nid: R\nstatus: 废止\neffective: 2020-01-01\n---\n# 旧办法\n\n正文。\n");
    assert_int_equal(state_of(db, "R", 2026, 11, 23), SM_STATE_REPEALED);
    import_text(SM_KIND_POLICY, "s.md",
                "---\nid: S\nstatus: 废止\neffective: 2020-01-01\nexpires: 2030-12-31\n---\n# "
                "旧办法\n\n正文。\n");
    assert_int_equal(state_of(db, "S", 2026, 11, 23), SM_STATE_REPEALED);
}

static void clauses_follow_the_documents_own_numbering(void **state)
{
    (void)state;
    sm_db *db;
    sm_clause *c;
    import(&op, city, SM_KIND_POLICY, DEMO "/policies");
    must(&op, sm_sunmao_corpus_db(&op, city, &db));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("P01"), SM_STR("第四条"), &c));
    assert_true(sm_str_has(c->text, SM_STR("8万元")));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("P13"), SM_STR("问1"), &c));
    must(&op, sm_corpus_clause_at(&op, db, SM_STR("P07"), SM_STR("二/（一）"), &c));
    assert_int_equal(c->digest.n, 64);
}

/* ------------------------------------------------------------- kill -9 */

static void import_until_killed(const char *to, int after_us)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sm_op mine;
        sm_op_begin(&mine);
        sm_sunmao *s = open_city(&mine, to);
        sm_import_report *r;
        const char *policies = DEMO "/policies", *items = DEMO "/items.jsonl";
        if (sm_sunmao_import(&mine, s, SM_KIND_POLICY, &policies, 1, false, &r) == SM_OK)
            sm_sunmao_import(&mine, s, SM_KIND_ITEM, &items, 1, false, &r);
        _exit(0);
    }
    usleep((useconds_t)after_us);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static int64_t count(sm_db *db, const char *sql)
{
    sm_stmt *q;
    must(&op, sm_db_query(&op, db, &q, sql, ""));
    must(&op, sm_stmt_step(&op, q));
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return n;
}

static void assert_whole(sm_op *one, const char *at)
{
    sm_db *db;
    must(one, sm_db_open(one, at, SM_DB_CORPUS, SM_DB_CREATE, &db));
    must(one, sm_db_check(one, db));
    int64_t policies = count(db, "SELECT count(*) FROM doc WHERE kind = 1");
    int64_t items = count(db, "SELECT count(*) FROM doc WHERE kind = 0");
    assert_true(policies == 0 || policies == 47);
    assert_true(items == 0 || items == 413);
    assert_int_equal(count(db, "SELECT count(*) FROM version v WHERE NOT EXISTS"
                               " (SELECT 1 FROM clause c WHERE c.version = v.row)"),
                     0);
    assert_int_equal(count(db, "SELECT count(*) FROM version"), policies + items);
    sm_db_close(db);
}

/* The documents of the round before are forgotten first, so that every round has all of it to do.
 */
static void one_directory_survives_fifty_crashes(void **state)
{
    (void)state;
    sm_rng rng = { 20261124 };
    const char *to = fresh_dir(&op);
    for (int round = 0; round < 50; round++) {
        sm_op one;
        sm_db *db;
        sm_op_begin(&one);
        import_until_killed(to, (int)sm_rng_below(&rng, 300000));
        assert_whole(&one, to);
        must(&one, sm_db_open(&one, to, SM_DB_CORPUS, SM_DB_WRITE, &db));
        must(&one,
             sm_db_exec(&one, db, "DELETE FROM clause; DELETE FROM doc; DELETE FROM version"));
        sm_db_close(db);
        sm_op_end(&one);
    }
    remove_dir(to);
}

static void a_crash_at_any_moment_leaves_the_database_whole(void **state)
{
    (void)state;
    sm_rng rng = { 20261123 };
    for (int round = 0; round < 50; round++) {
        sm_op one;
        sm_op_begin(&one);
        const char *to = fresh_dir(&one);
        import_until_killed(to, (int)sm_rng_below(&rng, 600000));
        if (sm_file_exists(sm_path(one.arena, to, "corpus.db")))
            assert_whole(&one, to);
        remove_dir(to);
        sm_op_end(&one);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(all_413_items_of_the_demo_import),
        EACH(importing_again_changes_nothing),
        EACH(a_file_with_a_secrecy_mark_is_refused_and_leaves_nothing),
        EACH(personal_data_is_masked_before_it_is_stored),
        EACH(a_changed_file_makes_a_version_and_the_old_one_stays_readable),
        EACH(what_was_kept_goes_when_the_file_changes_and_is_good_until_then),
        EACH(one_refused_entry_never_stops_the_others),
        EACH(the_national_spelling_is_accepted),
        EACH(a_secrecy_mark_is_seen_wherever_it_may_stand),
        EACH(a_text_about_secrets_is_no_secret),
        EACH(a_broken_line_is_not_quoted),
        EACH(a_phone_number_written_as_a_number_is_masked_and_the_item_stays_readable),
        EACH(what_would_be_a_wrong_fact_is_refused_not_guessed),
        EACH(national_words_do_as_well_as_codes),
        EACH(two_entries_of_one_id_in_a_batch_are_one_and_a_refusal),
        EACH(a_database_that_fails_keeps_nothing_of_the_import),
        EACH(a_files_notes_are_those_of_its_last_import),
        EACH(a_file_without_metadata_gives_its_own_dates),
        EACH(a_repealed_document_of_unknown_day_is_never_in_force),
        EACH(a_document_is_in_force_from_its_day_to_its_successors),
        EACH(clauses_follow_the_documents_own_numbering),
        EACH(one_directory_survives_fifty_crashes),
        EACH(a_crash_at_any_moment_leaves_the_database_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
