#include "laid_test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/confine.h"

static sm_rc read_apart(struct state *t, const char *program, const char *name, sm_str bytes,
                        const sm_format_limits *limits)
{
    sm_op_clear(&t->op);
    t->l = NULL;
    return sm_layout_read_apart(&t->op, program, name, bytes, limits, &t->l);
}

static const char *ours(void)
{
    const char *program = getenv("SUNMAO_BIN");
    assert_non_null(program);
    return program;
}

/* Skips where the kernel (or who plays it) has no seccomp. */
static void need_seccomp(struct state *t)
{
    if (read_apart(t, ours(), "a.txt", SM_STR("甲"), NULL) == SM_E_UNAVAILABLE &&
        sm_str_has(t->op.msg, SM_STR("seccomp")))
        skip();
}

#define DOCUMENT                                                                            \
    "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>甲</w:t></w:r></w:p><w:p/></w:body>" \
    "</w:document>"

static sm_str docx(struct state *t)
{
    const struct part parts[] = { { "[Content_Types].xml", "<Types/>" },
                                  { "word/document.xml", DOCUMENT } };
    return zip_of(t, parts, SM_LEN(parts));
}

static sm_str dump(struct state *t, const sm_layout *l)
{
    json_t *j = sm_layout_json(l);
    sm_json_own(t->op.arena, j);
    return sm_json_dump(t->op.arena, j);
}

static void a_child_reads_as_we_do(void **state)
{
    struct state *t = *state;
    need_seccomp(t);
    struct {
        const char *name;
        sm_str bytes;
    } files[] = { { "a.docx", docx(t) },
                  { "-a b.txt", SM_STR("甲\n\n乙") },
                  { "a.txt", SM_STR("\xb9\xd8\xd3\xda") }, /* its conversion is a file of libc's */
                  { "a.md", SM_STR("# 题") } };
    for (size_t i = 0; i < SM_LEN(files); i++) {
        sm_layout *here;
        if (read_apart(t, ours(), files[i].name, files[i].bytes, NULL) < 0)
            fail_msg("%.*s", SM_ARG(t->op.msg));
        assert_int_equal(
            sm_layout_read(&t->op, files[i].name, files[i].bytes, SM_FORMAT_AUTO, NULL, &here),
            SM_OK);
        assert_true(sm_str_eq(dump(t, here), dump(t, t->l)));
    }
}

static void a_childs_error_is_ours(void **state)
{
    struct state *t = *state;
    need_seccomp(t);
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    assert_int_equal(
        read_apart(t, ours(), "旧.doc", SM_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL),
        SM_E_INVALID);
    assert_says(t, "旧.doc");
    assert_int_equal(read_apart(t, ours(), "断.docx", SM_STR("PK\x03\x04"), NULL), SM_E_CORRUPT);
    assert_says(t, "压缩包的结尾");
    limits.blocks = 1;
    assert_int_equal(read_apart(t, ours(), "a.docx", docx(t), &limits), SM_E_LIMIT);
    assert_says(t, "段落超过 1 个");
    limits.file_bytes = 3;
    assert_int_equal(read_apart(t, ours(), "a.docx", docx(t), &limits), SM_E_LIMIT);
}

/* A child of another kind: a script. */
static const char *script(struct state *t, const char *text)
{
    const char *dir = getenv("TMPDIR");
    char *path = sm_cstr(t->op.arena, sm_strf(t->op.arena, "%s/sunmao-apart-%d.sh",
                                              dir ? dir : "/tmp", (int)getpid()));
    sm_str body = sm_strf(t->op.arena, "#!/bin/sh\n%s\n", text);
    assert_int_equal(sm_file_write(&t->op, path, body), SM_OK);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

static void every_end_of_a_child_is_an_error_that_says_so(void **state)
{
    struct state *t = *state;
    static const struct {
        const char *text, *says;
        sm_rc rc;
    } cases[] = {
        { "kill -SEGV $$", "出错退出", SM_E_CORRUPT },
        { "kill -ABRT $$", "内存的上限", SM_E_LIMIT },
        { "kill -XCPU $$", "处理时间", SM_E_TIMEOUT },
        { "kill -KILL $$", "处理时间或内存", SM_E_TIMEOUT },
        { "kill -SYS $$", "攻击", SM_E_CORRUPT },
        { "exit 3", "出错退出", SM_E_CORRUPT },
        { "exit 0", "出错退出", SM_E_CORRUPT },
        { "echo '{\"format\":\"docx\"'", "出错退出", SM_E_CORRUPT },
        { "echo '{\"format\":\"docx\"}'", "不合约定", SM_E_CORRUPT },
        { "echo '{\"error\":{\"code\":\"OK\",\"message\":\"x\"}}'", "出错退出", SM_E_CORRUPT },
        { "echo '{\"error\":{\"code\":\"E_DENIED\",\"message\":\"就是不\"}}'", "就是不",
          SM_E_DENIED },
    };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        sm_rc rc = read_apart(t, script(t, cases[i].text), "a.docx", SM_STR("x"), NULL);
        if (rc != cases[i].rc)
            fail_msg("%s: %s %.*s", cases[i].text, sm_rc_name(rc), SM_ARG(t->op.msg));
        assert_says(t, cases[i].says);
        assert_null(t->l);
    }
    unlink(script(t, ""));
    assert_int_equal(read_apart(t, "/nowhere/sunmao", "a.docx", SM_STR("x"), NULL),
                     SM_E_UNAVAILABLE);
    assert_says(t, "/nowhere/sunmao");
}

static void a_child_that_does_not_end_is_ended_at_the_deadline(void **state)
{
    struct state *t = *state;
    static const char *const cases[] = { "exec sleep 100", "exec sleep 100 >&-",
                                         "while :; do :; done" };
    for (size_t i = 0; i < SM_LEN(cases); i++) {
        const char *program = script(t, cases[i]);
        sm_op_clear(&t->op);
        t->op.deadline_us = sm_now_us() + 300000;
        assert_int_equal(sm_layout_read_apart(&t->op, program, "a.docx", SM_STR("x"), NULL, &t->l),
                         SM_E_TIMEOUT);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* none is left */
    }
    t->op.deadline_us = 0;
    atomic_bool cancel = true;
    t->op.cancel = &cancel;
    assert_int_equal(read_apart(t, script(t, "exec sleep 100"), "a.docx", SM_STR("x"), NULL),
                     SM_E_CANCELLED);
    t->op.cancel = NULL;
    unlink(script(t, ""));
}

static void a_child_gets_no_secrets_and_no_files_of_ours(void **state)
{
    struct state *t = *state;
    setenv("SUNMAO_SECRET", "geheim", 1);
    const char *program =
        script(t, "printf '{\"error\":{\"code\":\"E_DENIED\",\"message\":\"%s %s %s\"}}' "
                  "\"[$SUNMAO_SECRET]\" \"$(cat)\" \"$1 $2 $3\"");
    assert_int_equal(read_apart(t, program, "a.docx", SM_STR("bytes"), NULL), SM_E_DENIED);
    assert_says(t, "[] bytes read-layout -- a.docx");
    unlink(program);
}

/* ----------------------------------------------------------- one that stands by */

static void one_that_stands_by_makes_children_that_read_as_any(void **state)
{
    need_seccomp(*state);
    struct state *t = *state;
    assert_int_equal(sm_layout_standby(&t->op, ours()), SM_OK);
    for (int i = 0; i < 3; i++) {
        a_child_reads_as_we_do(state);
        a_childs_error_is_ours(state);
    }
}

static void it_dies_and_reading_goes_on(void **state)
{
    need_seccomp(*state);
    struct state *t = *state;
    char *long_name = sm_alloc(t->op.arena, 6000);
    memset(long_name, 'a', 5999);
    assert_int_equal(sm_layout_standby(&t->op, ours()), SM_OK);
    assert_int_equal(read_apart(t, ours(), long_name, SM_STR("甲"), NULL), SM_OK);
    assert_int_equal(sm_layout_standby(&t->op, "/bin/false"), SM_OK);
    assert_int_equal(read_apart(t, "/bin/false", "a.txt", SM_STR("甲"), NULL), SM_E_CORRUPT);
    assert_int_equal(sm_layout_standby(&t->op, "/bin/false"), SM_OK);
    a_child_reads_as_we_do(state);
    assert_int_equal(sm_layout_standby(&t->op, "/nowhere/sunmao"), SM_E_UNAVAILABLE);
    a_child_reads_as_we_do(state);
}

static void *read_many(void *name)
{
    sm_op op;
    sm_op_begin(&op);
    for (int i = 0; i < 20; i++) {
        sm_layout *l;
        sm_str text = sm_strf(op.arena, "%s\n%d", (const char *)name, i);
        if (sm_layout_read_apart(&op, ours(), name, text, NULL, &l) < 0 || l->n_pars != 2 ||
            !sm_str_eq(l->par[0].text, sm_str_of(name)))
            name = NULL;
        if (!name)
            break;
    }
    sm_op_end(&op);
    return name;
}

static void threads_share_it(void **state)
{
    static char names[][8] = { "a.txt", "b.txt", "c.txt", "d.txt" };
    pthread_t thread[SM_LEN(names)];
    need_seccomp(*state);
    struct state *t = *state;
    assert_int_equal(sm_layout_standby(&t->op, ours()), SM_OK);
    for (size_t i = 0; i < SM_LEN(names); i++)
        assert_int_equal(pthread_create(&thread[i], NULL, read_many, &names[i][0]), 0);
    for (size_t i = 0; i < SM_LEN(names); i++) {
        void *said;
        pthread_join(thread[i], &said);
        assert_ptr_equal(said, &names[i][0]);
    }
}

/* --------------------------------------------------------- what it may do */

static int open_file(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int open_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int start_program(void)
{
    char name[] = "/bin/true", *argv[] = { name, NULL };
    execve(name, argv, argv + 1);
    return errno;
}

static int start_process(void)
{
    return fork() < 0 ? errno : 0;
}

static int make_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? errno
               : 0;
}

static int kill_parent(void)
{
    return kill(getppid(), SIGUSR1) < 0 ? errno : 0;
}

static int use_memory(void)
{
    char *p = malloc(1 << 22);
    memset(p, 1, 1 << 22);
    int v = p[77] - 1;
    free(p);
    return v;
}

static int end_badly(void)
{
    abort();
}

/* How a process ends that does this after it gave up its rights: 0 … 99 its answer, 100 + signal.
 */
static int end_of(int (*what)(void), size_t pdf_bytes)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit none = { 0, 0 };
        sm_op op;
        sm_op_begin(&op);
        setrlimit(RLIMIT_CORE, &none);
        if (sm_confine_limits(&op) < 0 || sm_confine_calls(&op, pdf_bytes) < 0)
            _exit(99);
        _exit(what());
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_confined_process_can_compute_and_nothing_else(void **state)
{
    need_seccomp(*state);
    assert_int_equal(end_of(use_memory, 0), 0);
    assert_int_equal(end_of(open_file, 0), EPERM);
    assert_int_equal(end_of(open_socket, 0), 100 + SIGSYS);
    assert_int_equal(end_of(start_program, 0), 100 + SIGSYS);
    assert_int_equal(end_of(start_process, 0), 100 + SIGSYS);
    assert_int_equal(end_of(make_code, 0), 100 + SIGSYS);
    assert_int_equal(end_of(kill_parent, 0), 100 + SIGSYS);
    assert_int_equal(end_of(end_badly, 0), 100 + SIGABRT);
}

static int write_file(void)
{
    return open("/tmp/sunmao-apart-new", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static void one_that_reads_a_pdf_may_start_a_program_and_little_more(void **state)
{
    need_seccomp(*state);
    assert_int_equal(end_of(start_program, 100), 0);
    assert_int_equal(end_of(open_file, 100), 0);
    assert_int_equal(end_of(write_file, 100), EPERM);
    assert_int_equal(end_of(open_socket, 100), EPERM);
    assert_int_equal(end_of(kill_parent, 100), EPERM);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_child_reads_as_we_do),
        TEST(a_childs_error_is_ours),
        TEST(every_end_of_a_child_is_an_error_that_says_so),
        TEST(a_child_that_does_not_end_is_ended_at_the_deadline),
        TEST(a_child_gets_no_secrets_and_no_files_of_ours),
        TEST(one_that_stands_by_makes_children_that_read_as_any),
        TEST(it_dies_and_reading_goes_on),
        TEST(threads_share_it),
        TEST(a_confined_process_can_compute_and_nothing_else),
        TEST(one_that_reads_a_pdf_may_start_a_program_and_little_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
