/* Reading in a child process: what it is given, what it gives back, and every way in which it may
 * end. */
#include "format/confine.h"
#include "format/layout.h"
#include "format/standby.h"

#include "text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MOST_SECONDS = 60, /* by the clock */
    POLL_MS = 20,
    NAP_US = 200,
    MOST_OUTPUT = 256 << 20,
    N_LIMITS = 7,
};

/* The limits as one argument of the child's. */
static sm_str limits_text(sm_arena *a, const sm_format_limits *l)
{
    return sm_strf(a, "%zu,%zu,%zu,%zu,%zu,%zu,%d", l->file_bytes, l->text_bytes, l->blocks,
                   l->zip_entries, l->zip_ratio, l->xml_bytes, l->xml_depth);
}

static bool parse_limits(const char *text, sm_format_limits *l)
{
    static const sm_format_limits standard = SM_FORMAT_LIMITS_INIT;
    int64_t v[N_LIMITS];
    size_t n = 0;
    sm_str rest = sm_str_of(text), one;
    *l = standard;
    if (rest.n == 0)
        return true;
    while (n < N_LIMITS && sm_str_cut(&rest, ',', &one))
        if (!sm_str_to_int(one, &v[n]) || v[n++] < 0)
            return false;
    if (n < N_LIMITS || rest.n || v[N_LIMITS - 1] > INT32_MAX)
        return false;
    *l = (sm_format_limits){ .file_bytes = (size_t)v[0],
                             .text_bytes = (size_t)v[1],
                             .blocks = (size_t)v[2],
                             .zip_entries = (size_t)v[3],
                             .zip_ratio = (size_t)v[4],
                             .xml_bytes = (size_t)v[5],
                             .xml_depth = (int)v[6] };
    return true;
}

/* ------------------------------------------------------------- the child */

static sm_rc read_input(sm_op *op, int fd, size_t most, sm_buf *b)
{
    static const size_t chunk = 1 << 16;
    char *piece = sm_alloc(op->arena, chunk);
    sm_buf_init(b, most + 1); /* one more shows that there is more */
    for (;;) {
        ssize_t n = read(fd, piece, chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sm_fail(op, SM_E_INTERNAL, "读不到要读取的文件（%s）", strerror(errno));
        if (n == 0)
            return SM_OK;
        sm_buf_add(b, sm_str_sub((sm_str){ piece, (size_t)n }, 0, most + 1 - b->n));
        if (b->n > most)
            return SM_OK;
    }
}

static sm_rc confine(sm_op *op, sm_str bytes)
{
    /* iconv's table is a file; with one conversion open it stays at hand */
    static iconv_t kept;
    bool zip = sm_str_starts(bytes, SM_STR("PK")), pdf = sm_str_starts(bytes, SM_STR("%PDF-"));
    if (!zip && !pdf)
        kept = iconv_open("UTF-8", "GB18030");
    (void)kept;
    return sm_confine_calls(op, pdf ? bytes.n : 0);
}

static sm_rc read_confined(sm_op *op, const char *name, const char *limits, int in, sm_layout **out)
{
    sm_format_limits l;
    if (!parse_limits(limits, &l))
        return sm_fail(op, SM_E_INVALID, "上限的写法不对：%s", limits);
    sm_rc rc = sm_confine_limits(op);
    if (rc < 0)
        return rc;
    sm_buf b;
    rc = read_input(op, in, l.file_bytes, &b);
    if (rc == SM_OK)
        rc = confine(op, sm_buf_str(&b));
    if (rc == SM_OK)
        rc = sm_layout_read(op, name, sm_buf_str(&b), SM_FORMAT_AUTO, &l, out);
    return rc; /* the process ends soon: b is its */
}

/* jansson would go on without what it has no memory for. */
static void *must_alloc(size_t n)
{
    void *p = malloc(n);
    if (!p)
        abort();
    return p;
}

static int write_out(const char *p, size_t n, int fd)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

/* Writes in large pieces what jansson hands over in small ones. */
struct writer {
    int fd;
    size_t n;
    char piece[1 << 16];
};

static int flush(struct writer *w)
{
    int rc = write_out(w->piece, w->n, w->fd);
    w->n = 0;
    return rc;
}

static int write_piece(const char *p, size_t n, void *ctx)
{
    struct writer *w = ctx;
    if (n > sizeof(w->piece) - w->n && flush(w) < 0)
        return -1;
    if (n > sizeof(w->piece))
        return write_out(p, n, w->fd);
    memcpy(w->piece + w->n, p, n);
    w->n += n;
    return 0;
}

_Noreturn void sm_layout_apart_child(sm_op *op, const char *name, const char *limits, int in,
                                     int out)
{
    static struct writer w;
    sm_layout *l = NULL;
    json_set_alloc_funcs(must_alloc, free);
    sm_rc rc = read_confined(op, name, limits, in, &l);
    json_t *said = rc == SM_OK ? sm_layout_json(l)
                               : json_pack("{s:{s:s,s:o}}", "error", "code", sm_rc_name(rc),
                                           "message", sm_json_of(sm_utf8_mend(op->arena, op->msg)));
    w.fd = out;
    bool written = json_dump_callback(said, write_piece, &w, JSON_COMPACT) == 0 && flush(&w) == 0;
    /* Neither handlers of the end nor destructors: they may do what is no longer allowed. */
    _exit(written ? 0 : 1);
}

/* ------------------------------------------------------------- the parent */

struct apart {
    sm_op *op;
    const char *name;
    int64_t until_us;
    pid_t pid;
    int out; /* -1 closed */
    sm_buf said;
};

static sm_rc check_time(struct apart *x)
{
    sm_rc rc = sm_op_check(x->op);
    if (rc < 0)
        return rc;
    if (sm_now_us() < x->until_us)
        return SM_OK;
    return sm_fail(x->op, SM_E_TIMEOUT,
                   "读取文件 %s 超过 %d 秒，已停止；请用 WPS 或 Word 打开，拆分或另存后再提交",
                   x->name, MOST_SECONDS);
}

/* A file without a name, so that neither side waits for the other. */
static sm_rc input_of(struct apart *x, sm_str bytes, int *in)
{
    int fd = memfd_create("document", MFD_CLOEXEC);
    if (fd < 0 || write_out(bytes.p, bytes.n, fd) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        int e = errno;
        if (fd >= 0)
            close(fd);
        return sm_fail(x->op, SM_E_UNAVAILABLE, "没有内存读取文件 %s（%s）；请稍后再试", x->name,
                       strerror(e));
    }
    *in = fd;
    return SM_OK;
}

static sm_rc start(struct apart *x, const char *program, sm_str limits, sm_str bytes)
{
    int in = -1, ends[2];
    sm_rc rc = input_of(x, bytes, &in);
    if (rc < 0)
        return rc;
    int e = pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
    if (e == 0) {
        x->out = ends[0];
        e = sm_child_start(x->op->arena,
                           &(sm_child){ program, x->name, sm_cstr(x->op->arena, limits) }, in,
                           ends[1], &x->pid);
        close(ends[1]);
    }
    close(in);
    return e == 0 ? SM_OK
                  : sm_fail(x->op, SM_E_UNAVAILABLE,
                            "读取文件 %s 的进程启动失败（%s：%s）；请稍后再试，或告诉管理员",
                            x->name, program, strerror(e));
}

static sm_rc listen_to(struct apart *x)
{
    static const size_t chunk = 1 << 16;
    char *piece = sm_alloc(x->op->arena, chunk);
    for (;;) {
        sm_rc rc = check_time(x);
        if (rc < 0)
            return rc;
        struct pollfd p = { .fd = x->out, .events = POLLIN };
        if (poll(&p, 1, POLL_MS) <= 0)
            continue;
        ssize_t n = read(x->out, piece, chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return SM_OK;
        sm_buf_add(&x->said, (sm_str){ piece, (size_t)n });
        if (x->said.failed)
            return sm_fail(x->op, SM_E_LIMIT,
                           "文件 %s 读出的内容超过 %d MB 的上限；请拆分成几个文件后再提交", x->name,
                           MOST_OUTPUT >> 20);
    }
}

/* It has closed its output and should end now; it is not believed that it will. */
static sm_rc wait_for(struct apart *x, int *status)
{
    for (;;) {
        pid_t pid = waitpid(x->pid, status, WNOHANG);
        if (pid == x->pid)
            return SM_OK;
        if (pid < 0 && errno != EINTR)
            return sm_fail(x->op, SM_E_INTERNAL, "等不到读取文件 %s 的进程（%s）", x->name,
                           strerror(errno));
        sm_rc rc = check_time(x);
        if (rc < 0)
            return rc;
        usleep(NAP_US);
    }
}

static void stop(struct apart *x)
{
    kill(x->pid, SIGKILL);
    while (waitpid(x->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* What a signal means that ended it. */
static const struct {
    int signal;
    sm_rc rc;
    const char *why;
} ends[] = {
    { SIGXCPU, SM_E_TIMEOUT, "用尽了处理时间的上限" },
    { SIGKILL, SM_E_TIMEOUT, "用尽了处理时间或内存的上限" },
    { SIGABRT, SM_E_LIMIT, "用尽了内存的上限" },
    { SIGXFSZ, SM_E_LIMIT, "要写超过上限的文件" },
    { SIGSYS, SM_E_CORRUPT, "使读取程序要做不允许的事，可能含有攻击内容" },
};

static sm_rc tell_end(struct apart *x, int status)
{
    sm_rc rc = SM_E_CORRUPT;
    const char *why = "使读取程序出错退出";
    for (size_t i = 0; WIFSIGNALED(status) && i < SM_LEN(ends); i++)
        if (WTERMSIG(status) == ends[i].signal) {
            rc = ends[i].rc;
            why = ends[i].why;
        }
    return sm_fail(x->op, rc,
                   "文件 %s %s，读取已停止；请确认文件来源，用 WPS 或 Word 打开并另存为 DOCX "
                   "后再提交",
                   x->name, why);
}

/* Its own error, under one of our codes. */
static sm_rc tell_error(struct apart *x, const json_t *error)
{
    static const sm_rc codes[] = {
#define RC(name, code, http, text) SM_##name,
        SM_RC_TABLE(RC)
#undef RC
    };
    sm_str code = sm_json_str(error, "code"), message = sm_json_str(error, "message");
    for (size_t i = 0; i < SM_LEN(codes); i++)
        if (codes[i] < 0 && sm_str_eq(code, sm_str_of(sm_rc_name(codes[i]))))
            return sm_fail(x->op, codes[i], "%.*s", SM_ARG(message));
    return tell_end(x, 0);
}

static sm_rc take(struct apart *x, sm_layout **out)
{
    json_t *said;
    sm_rc rc = sm_json_parse(x->op, sm_buf_str(&x->said), x->name, &said);
    if (rc < 0) {
        sm_op_clear(x->op);
        return tell_end(x, 0);
    }
    const json_t *error = json_object_get(said, "error");
    return error ? tell_error(x, error) : sm_layout_parse(x->op, said, out);
}

static sm_rc run(struct apart *x, sm_layout **out)
{
    int status = 0;
    sm_rc rc = listen_to(x);
    if (rc == SM_OK)
        rc = wait_for(x, &status);
    if (rc < 0) {
        stop(x);
        return rc;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? take(x, out) : tell_end(x, status);
}

sm_rc sm_layout_read_apart(sm_op *op, const char *program, const char *name, sm_str bytes,
                           const sm_format_limits *limits, sm_layout **out)
{
    static const sm_format_limits standard = SM_FORMAT_LIMITS_INIT;
    limits = limits ? limits : &standard;
    struct apart x = { .op = op,
                       .name = name ? name : "（未命名）",
                       .until_us = sm_now_us() + MOST_SECONDS * 1000000LL,
                       .out = -1 };
    if (bytes.n > limits->file_bytes)
        return sm_fail(op, SM_E_LIMIT,
                       "文件 %s 有 %zu 字节，超过 %zu 字节的上限；请拆分成几个文件后再提交", x.name,
                       bytes.n, limits->file_bytes);
    sm_buf_init(&x.said, MOST_OUTPUT);
    sm_rc rc = start(&x, program, limits_text(op->arena, limits), bytes);
    if (rc == SM_OK)
        rc = run(&x, out);
    if (x.out >= 0)
        close(x.out);
    sm_buf_done(&x.said);
    return rc;
}
