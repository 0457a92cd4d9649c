#include "format/pdf.h"

#include "text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MOST_SECONDS = 20,
    MOST_MEMORY = 1 << 30,
    MOST_FILES = 16,
    POLL_MS = 100,
    CANNOT_OPEN = 1, /* pdftotext's exit codes */
    NOT_ALLOWED = 3
};

static const char *find_program(void)
{
    static const char *const places[] = { "/usr/bin/pdftotext", "/usr/local/bin/pdftotext",
                                          "/bin/pdftotext" };
    const char *named = getenv("SUNMAO_PDFTOTEXT");
    if (named)
        return access(named, X_OK) == 0 ? named : NULL;
    for (size_t i = 0; i < SM_LEN(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

static bool limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit old, now;
    if (getrlimit(what, &old) < 0)
        return false;
    now.rlim_cur = now.rlim_max = SM_MIN(most, old.rlim_max);
    return setrlimit(what, &now) == 0;
}

/* In the child: what may be called after a fork, and no more.  It reads a file that has no name and
 * writes into a pipe; it may make no file of its own. */
_Noreturn static void become(char *const *argv, int in, int out, pid_t parent)
{
    static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
    char *env[] = { path, locale, NULL };
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (getppid() != parent || !limit(RLIMIT_CPU, MOST_SECONDS) || !limit(RLIMIT_FSIZE, 0) ||
        !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_AS, MOST_MEMORY) ||
        !limit(RLIMIT_NOFILE, MOST_FILES))
        _exit(126);
    int null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 || chdir("/") < 0)
        _exit(126);
    syscall(SYS_close_range, 3U, ~0U, 0);
    execve(argv[0], argv, env);
    _exit(127);
}

/* A file in memory, so that the program may seek in it. */
static int file_of(sm_str bytes)
{
    int fd = memfd_create("pdf", MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < bytes.n;) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Until the pipe ends. */
static sm_rc read_all(sm_reader *r, int fd, sm_buf *b)
{
    int64_t until = sm_now_us() + MOST_SECONDS * 1000000LL;
    char chunk[1 << 16];
    for (;;) {
        sm_rc rc = sm_op_check(r->op);
        if (rc < 0)
            return rc;
        if (sm_now_us() > until)
            return sm_fail(r->op, SM_E_TIMEOUT, "读取文件 %s 超过 %d 秒；请拆分后再提交", r->name,
                           MOST_SECONDS);
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, POLL_MS) <= 0)
            continue;
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return SM_OK;
        sm_buf_add(b, (sm_str){ chunk, (size_t)n });
        if (b->failed)
            return sm_fail(r->op, SM_E_LIMIT,
                           "文件 %s 的文字展开后超过 %zu 字节的上限；请拆分后再提交", r->name,
                           b->max);
    }
}

static sm_rc tell_exit(sm_reader *r, sm_str bytes, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code == 0)
        return SM_OK;
    if (code == NOT_ALLOWED || (code == CANNOT_OPEN && sm_str_has(bytes, SM_STR("/Encrypt"))))
        return sm_fail(
            r->op, SM_E_INVALID,
            "文件 %s 是加密或禁止复制文字的 PDF，不能读取；请用原软件取消密码和限制后再提交",
            r->name);
    if (code < 0)
        return sm_fail(
            r->op, SM_E_LIMIT,
            "文件 %s 用尽了读取 PDF 的时间或内存上限，读取被终止；请拆分或重新导出后再提交",
            r->name);
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 不是完整的 PDF，或已损坏；请重新导出，或提交 DOCX、OFD", r->name);
}

static pid_t start(sm_arena *a, const char *program, int n_pages, int in, int *out)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    char *argv[] = { sm_cstr(a, sm_str_of(program)),
                     sm_cstr(a, SM_STR("-bbox-layout")),
                     sm_cstr(a, SM_STR("-enc")),
                     sm_cstr(a, SM_STR("UTF-8")),
                     sm_cstr(a, SM_STR("-l")),
                     sm_cstr(a, sm_strf(a, "%d", n_pages)),
                     sm_cstr(a, SM_STR("-")),
                     sm_cstr(a, SM_STR("-")),
                     NULL };
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(argv, in, ends[1], parent);
    close(ends[1]);
    *out = ends[0];
    if (pid < 0)
        close(ends[0]);
    return pid;
}

/* Characters that no XML may hold become blanks. */
static sm_str cleaned(sm_arena *a, sm_str text)
{
    text = sm_utf8_mend(a, text);
    char *p = sm_cstr(a, text);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)p[i];
        if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
            p[i] = ' ';
        if (c == 0xef && i + 2 < text.n && (unsigned char)p[i + 1] == 0xbf &&
            (unsigned char)p[i + 2] >= 0xbe)
            memcpy(p + i, "   ", 3);
    }
    return (sm_str){ p, text.n };
}

sm_rc sm_pdf_text(sm_reader *r, sm_str bytes, int n_pages, sm_str *out)
{
    const char *program = find_program();
    int status = 0, from = -1, in;
    if (!program)
        return sm_fail(r->op, SM_E_UNAVAILABLE,
                       "读取 PDF 文件 %s 需要 pdftotext，本机没有；请管理员安装软件包 "
                       "poppler-utils，或提交 DOCX、OFD",
                       r->name);
    in = file_of(bytes);
    pid_t pid = in < 0 ? -1 : start(r->op->arena, program, n_pages, in, &from);
    if (in >= 0)
        close(in);
    if (pid < 0)
        return sm_fail(r->op, SM_E_UNAVAILABLE, "读取 PDF 文件 %s 的程序启动失败；请稍后再试",
                       r->name);
    sm_buf b;
    sm_buf_init(&b, r->limits->xml_bytes);
    sm_rc rc = read_all(r, from, &b);
    close(from);
    if (rc < 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (rc == SM_OK)
        rc = tell_exit(r, bytes, status);
    if (rc == SM_OK)
        *out = cleaned(r->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return rc;
}
