#include "format/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MOST_SECONDS = 60,
    MOST_CPU_SECONDS = 60,
    MOST_MEMORY_MB = 4096,
    MOST_FILE_MB = 256,
    MOST_DOCX = 64 << 20,
    NAP_US = 20000,
    OPEN_AT_ONCE = 32
};

#define LETTER(c) c, 0

/* The stream of a text document in a compound file, and of one with a password. */
static const char text_stream[] = { LETTER('W'), LETTER('o'), LETTER('r'), LETTER('d'),
                                    LETTER('D'), LETTER('o'), LETTER('c'), LETTER('u'),
                                    LETTER('m'), LETTER('e'), LETTER('n'), LETTER('t') };
static const char locked_stream[] = { LETTER('E'), LETTER('n'), LETTER('c'), LETTER('r'),
                                      LETTER('y'), LETTER('p'), LETTER('t'), LETTER('e'),
                                      LETTER('d'), LETTER('P'), LETTER('a'), LETTER('c') };

bool sm_convertible(sm_str bytes)
{
    return sm_str_starts(bytes, SM_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) &&
           sm_str_has(bytes, (sm_str){ text_stream, sizeof(text_stream) }) &&
           !sm_str_has(bytes, (sm_str){ locked_stream, sizeof(locked_stream) });
}

/* -------------------------------------------------------------- the program */

static const char *program(sm_arena *a)
{
    const char *given = getenv("SUNMAO_SOFFICE"), *path = getenv("PATH");
    sm_str rest = sm_str_of(path ? path : "/usr/bin"), dir;
    if (given)
        return access(given, X_OK) == 0 ? given : NULL;
    while (sm_str_cut(&rest, ':', &dir)) {
        const char *file = sm_path(a, sm_cstr(a, dir), "soffice");
        if (access(file, X_OK) == 0)
            return file;
    }
    return NULL;
}

typedef struct job {
    sm_op *op;
    const char *name;
    char *dir; /* its own */
    char **argv, **env;
} job;

static void prepare(job *j, const char *soffice)
{
    sm_arena *a = j->op->arena;
    const char *const words[] = {
        soffice,
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "docx",
        "--outdir",
        sm_path(a, j->dir, "out"),
        sm_path(a, j->dir, "in.doc"),
    };
    j->argv = SM_NEWS(a, char *, SM_LEN(words) + 2);
    j->argv[0] = sm_cstr(a, sm_str_of(words[0]));
    j->argv[1] = sm_cstr(a, sm_strf(a, "-env:UserInstallation=file://%s/profile", j->dir));
    for (size_t i = 1; i < SM_LEN(words); i++)
        j->argv[i + 1] = sm_cstr(a, sm_str_of(words[i]));
    j->env = SM_NEWS(a, char *, 5);
    j->env[0] = sm_cstr(a, sm_strf(a, "HOME=%s", j->dir));
    j->env[1] = sm_cstr(a, sm_strf(a, "TMPDIR=%s", j->dir));
    j->env[2] = sm_cstr(a, SM_STR("PATH=/usr/local/bin:/usr/bin:/bin"));
    j->env[3] = sm_cstr(a, SM_STR("LANG=C.UTF-8"));
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit r = { most, most };
    setrlimit(what, &r);
}

/* Between fork and exec of a process with threads: system calls only. */
static _Noreturn void become(const job *j)
{
    setsid(); /* it starts others: all end together */
    limit(RLIMIT_CPU, MOST_CPU_SECONDS);
    limit(RLIMIT_AS, (rlim_t)MOST_MEMORY_MB << 20);
    limit(RLIMIT_FSIZE, (rlim_t)MOST_FILE_MB << 20);
    limit(RLIMIT_CORE, 0);
    unshare(CLONE_NEWUSER | CLONE_NEWNET); /* where it is not allowed the site's firewall remains */
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null >= 0; fd++)
        dup2(null, fd);
    execve(j->argv[0], j->argv, j->env);
    _exit(127);
}

static sm_rc wait_for(job *j, pid_t pid)
{
    int64_t until = sm_now_us() + MOST_SECONDS * 1000000LL;
    int status = 0;
    sm_rc rc = SM_OK;
    while (rc == SM_OK && waitpid(pid, &status, WNOHANG) == 0) {
        rc = sm_op_check(j->op);
        if (rc == SM_OK && sm_now_us() > until)
            rc = sm_fail(j->op, SM_E_TIMEOUT,
                         "转换 %s 超过 %d 秒，已停止；请用 WPS 或 Word 另存为 DOCX 后再提交",
                         j->name, MOST_SECONDS);
        usleep(NAP_US);
    }
    kill(-pid, SIGKILL);
    while (rc < 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return rc;
}

static sm_rc run(job *j)
{
    pid_t pid = fork();
    if (pid == 0)
        become(j);
    if (pid < 0)
        return sm_fail(j->op, SM_E_UNAVAILABLE, "启动不了 LibreOffice（%s）", strerror(errno));
    return wait_for(j, pid);
}

/* ------------------------------------------------------------------ its folder */

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void)s, (void)kind, (void)at;
    return remove(path);
}

static sm_rc open_folder(job *j)
{
    const char *tmp = getenv("TMPDIR");
    sm_arena *a = j->op->arena;
    j->dir = sm_cstr(a, sm_strf(a, "%s/sunmao-convert-XXXXXX", tmp ? tmp : "/tmp"));
    return mkdtemp(j->dir) ? SM_OK
                           : sm_fail(j->op, SM_E_UNAVAILABLE, "建不了临时文件夹 %s（%s）", j->dir,
                                     strerror(errno));
}

static sm_rc convert_in(job *j, const char *soffice, sm_str bytes, sm_str *out)
{
    sm_arena *a = j->op->arena;
    prepare(j, soffice);
    sm_rc rc = sm_file_write(j->op, sm_path(a, j->dir, "in.doc"), bytes);
    if (rc == SM_OK)
        rc = run(j);
    if (rc < 0)
        return rc;
    const char *made = sm_path(a, j->dir, "out/in.docx");
    if (!sm_file_exists(made))
        return sm_fail(j->op, SM_E_CORRUPT,
                       "LibreOffice 打不开 %s；请用 WPS 或 Word 另存为 DOCX 后再提交", j->name);
    return sm_file_read(j->op, made, MOST_DOCX, out);
}

sm_rc sm_convert(sm_op *op, const char *name, sm_str bytes, sm_str *out)
{
    job j = { .op = op, .name = name };
    const char *soffice = program(op->arena);
    if (!soffice)
        return sm_fail(op, SM_E_UNAVAILABLE,
                       "本机没有 LibreOffice，不能转换 %s；请用 WPS 或 Word 另存为 DOCX 后再提交",
                       name);
    sm_rc rc = open_folder(&j);
    if (rc < 0)
        return rc;
    rc = convert_in(&j, soffice, bytes, out);
    nftw(j.dir, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
    return rc;
}
