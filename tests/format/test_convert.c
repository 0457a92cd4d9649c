#include "format/convert.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OLD  "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#define TEXT "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"
#define LOCK "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e"

static char folder[64], script[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sunmao-test-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    strcpy(script, folder);
    strcat(script, "/soffice");
    return setenv("TMPDIR", folder, 1) + setenv("SUNMAO_SOFFICE", script, 1);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(script);
    return rmdir(folder); /* whatever a conversion left would keep it */
}

/* What stands for LibreOffice; its outdir is the eighth word. */
static void write_script(sm_op *op, const char *text)
{
    assert_int_equal(sm_file_write(op, script, sm_strf(op->arena, "#!/bin/sh\n%s\n", text)), SM_OK);
    assert_int_equal(chmod(script, 0700), 0);
}

static void a_text_document_of_old_is_told_by_its_stream(void **state)
{
    (void)state;
    assert_true(sm_convertible(SM_STR(OLD "....." TEXT)));
    assert_false(sm_convertible(SM_STR(OLD "....." TEXT "..." LOCK)));
    assert_false(sm_convertible(SM_STR(OLD ".....")));
    assert_false(sm_convertible(SM_STR("PK" TEXT)));
    assert_false(sm_convertible(SM_STR("")));
}

static void what_it_makes_is_given_and_its_folder_goes(void **state)
{
    (void)state;
    sm_op op;
    sm_str out;
    sm_op_begin(&op);
    write_script(&op,
                 "mkdir \"$8\"; cat \"$9\" >\"$8/in.docx\"; echo $HOME-$SECRET >>\"$8/in.docx\"");
    setenv("SECRET", "geheim", 1);
    if (sm_convert(&op, "旧.doc", SM_STR("bytes "), &out) < 0)
        fail_msg("%.*s", SM_ARG(op.msg));
    assert_true(sm_str_starts(out, SM_STR("bytes /")));
    assert_false(sm_str_has(out, SM_STR("geheim")));
    sm_op_end(&op);
}

static void what_goes_wrong_is_an_error_that_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        sm_rc rc;
    } cases[] = { { "exit 0", "打不开", SM_E_CORRUPT },
                  { "kill -SEGV $$", "打不开", SM_E_CORRUPT },
                  { "sleep 100 & sleep 100", "", SM_E_TIMEOUT } };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_op op;
        sm_str out;
        sm_op_begin(&op);
        write_script(&op, cases[i].text);
        op.deadline_us = sm_now_us() + (cases[i].rc == SM_E_TIMEOUT ? 300000 : 60000000);
        assert_int_equal(sm_convert(&op, "旧.doc", SM_STR("x"), &out), cases[i].rc);
        assert_true(sm_str_has(op.msg, sm_str_of(cases[i].says)));
        sm_op_end(&op);
    }
    sm_op op;
    sm_str out;
    sm_op_begin(&op);
    setenv("SUNMAO_SOFFICE", "/nowhere/soffice", 1);
    assert_int_equal(sm_convert(&op, "旧.doc", SM_STR("x"), &out), SM_E_UNAVAILABLE);
    assert_true(sm_str_has(op.msg, SM_STR("LibreOffice")));
    sm_op_end(&op);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_text_document_of_old_is_told_by_its_stream),
        TEST(what_it_makes_is_given_and_its_folder_goes),
        TEST(what_goes_wrong_is_an_error_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
