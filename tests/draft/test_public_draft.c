/*
 * Drafts by the public call, and one drafter for many threads.
 */
#include "drafting.h"

#include <unistd.h>

#include <sunmao/sunmao.h>

#define LIFTS "给各区政府发通知，要求10月底前完成老旧电梯排查"

static void the_public_call_drafts_and_writes_a_file(void **state)
{
    (void)state;
    static const char *const attached[] = { "任务表", NULL };
    char path[] = "/tmp/draft-XXXXXX", *json = NULL, *err = NULL;
    int fd = mkstemp(path);
    sunmao_draft_options o = SUNMAO_DRAFT_OPTIONS_INIT;
    assert_true(fd >= 0);
    close(fd);
    o.own_dir = REGISTRY;
    o.organ = "市政府办公室";
    o.as_of = "2026-11-23";
    o.attached = attached;
    o.docx_path = path;
    assert_int_equal(sunmao_draft(NULL, LIFTS, &o, &json, &err), SUNMAO_OK);
    assert_non_null(strstr(json, "\"clear\":true,\"kind\":\"通知\""));
    assert_non_null(strstr(json, "澜政办发〔2026〕（待填：序号）号"));
    assert_non_null(strstr(json, "附件：任务表"));
    char head[2] = { 0 };
    FILE *f = fopen(path, "rb"); /* written beside and renamed */
    assert_non_null(f);
    assert_int_equal(fread(head, 1, 2, f), 2);
    assert_memory_equal(head, "PK", 2);
    fclose(f);
    sunmao_free(json);
    unlink(path);
}

static void the_public_call_asks_back_and_needs_no_registry(void **state)
{
    (void)state;
    char *json = NULL, *err = NULL;
    assert_int_equal(sunmao_draft(NULL, "写个材料", NULL, &json, &err), SUNMAO_OK);
    assert_non_null(strstr(json, "\"clear\":false"));
    assert_non_null(strstr(json, "\"elements\":[]"));
    sunmao_free(json);
}

static void the_public_call_says_what_is_wrong(void **state)
{
    (void)state;
    sunmao_draft_options o = SUNMAO_DRAFT_OPTIONS_INIT;
    char *json = NULL, *err = NULL;
    assert_int_equal(sunmao_draft(NULL, NULL, NULL, &json, &err), SUNMAO_E_INVALID);
    sunmao_free(err);
    o.date = "2026-02-30";
    assert_int_equal(sunmao_draft(NULL, LIFTS, &o, &json, &err), SUNMAO_E_INVALID);
    assert_non_null(strstr(err, "2026-02-30"));
    sunmao_free(err);
    o.date = NULL;
    o.kind = "方案";
    assert_int_equal(sunmao_draft(NULL, LIFTS, &o, &json, &err), SUNMAO_E_INVALID);
    sunmao_free(err);
    o.kind = NULL;
    o.own_dir = "/nowhere";
    assert_int_equal(sunmao_draft(NULL, LIFTS, &o, &json, &err), SUNMAO_E_NOTFOUND);
    sunmao_free(err);
    o.version = 2;
    assert_int_equal(sunmao_draft(NULL, LIFTS, &o, &json, &err), SUNMAO_E_INVALID);
    sunmao_free(err);
    assert_null(json);
}

static void draft_one(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    sm_op op;
    sm_op_begin(&op);
    sm_draft_ask ask = ask_of("市政府办公室", LIFTS);
    assert_text(made(&op, &ask)->kind, "通知");
    sm_op_end(&op);
}

static void threads_share_a_drafter(void **state)
{
    (void)state;
    sm_parallel(20, draft_one, NULL);
}

static void types_that_cannot_be_read_are_named_by_file_and_line(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"name\":\"通知\"}\n",
        "{\"public\":\"(\"}\n",
        "not json\n",
        "",
        "{\"public\":\"a\",\"group\":\"b\",\"before\":\"c\",\"behind\":\"d\",\"mutual\":\"e\","
        "\"origin\":\"f\"}\n",
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_op op;
        sm_drafter *d = NULL;
        char dir[] = "/tmp/draft-XXXXXX";
        sm_op_begin(&op);
        assert_non_null(mkdtemp(dir));
        const char *folder = sm_path(op.arena, dir, "draft");
        const char *file = sm_path(op.arena, folder, "types.jsonl");
        assert_int_equal(sm_dir_make(&op, folder), SM_OK);
        assert_int_equal(sm_file_write(&op, file, sm_str_of(bad[i])), SM_OK);
        assert_true(sm_drafter_open(&op, dir, NULL, &d) < 0);
        assert_true(sm_str_has(op.msg, SM_STR("types.jsonl")));
        assert_null(d);
        unlink(file);
        rmdir(folder);
        rmdir(dir);
        sm_op_end(&op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_call_drafts_and_writes_a_file),
        cmocka_unit_test(the_public_call_asks_back_and_needs_no_registry),
        cmocka_unit_test(the_public_call_says_what_is_wrong),
        cmocka_unit_test(threads_share_a_drafter),
        cmocka_unit_test(types_that_cannot_be_read_are_named_by_file_and_line),
    };
    return cmocka_run_group_tests(tests, open_drafter, close_drafter);
}
