/* Shared by the tests: temporary data directories and the demo city in them. */
#ifndef SM_TESTS_FIXTURE_H
#define SM_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sunmao/sunmao.h"

#define DEMO SM_SOURCE_DIR "/demo"

static inline const char *fresh_dir(sm_op *op)
{
    char *dir = sm_cstr(op->arena, SM_STR("/tmp/sunmao-test-XXXXXX"));
    assert_non_null(mkdtemp(dir));
    return dir;
}

static inline void remove_dir(const char *dir)
{
    char command[512];
    if (strncmp(dir, "/tmp/sunmao-test-", 17) != 0)
        return;
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static inline void must_(sm_op *op, sm_rc rc, const char *file, int line)
{
    if (rc == SM_OK)
        return;
    print_error("%s: %.*s\n", sm_rc_name(rc), SM_ARG(op->msg));
    _fail(file, line);
}
#define must(op, call) must_((op), (call), __FILE__, __LINE__)

static inline sm_sunmao *open_city(sm_op *op, const char *dir)
{
    sm_sunmao *s;
    sm_sunmao_options o = { .data_dir = dir, .today = sm_date_of(2026, 11, 23) };
    must(op, sm_sunmao_open(op, &o, &s));
    return s;
}

static inline sm_import_report *import(sm_op *op, sm_sunmao *s, sm_kind kind, const char *path)
{
    sm_import_report *r;
    must(op, sm_sunmao_import(op, s, kind, &path, 1, false, &r));
    return r;
}

#endif
