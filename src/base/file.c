#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static sm_rc fail_errno(sm_op *op, const char *path, const char *doing)
{
    int e = errno;
    sm_rc rc = e == ENOENT || e == ENOTDIR ? SM_E_NOTFOUND
               : e == EACCES || e == EPERM ? SM_E_DENIED
               : e == ENOSPC || e == EFBIG ? SM_E_LIMIT
                                           : SM_E_INTERNAL;
    return sm_fail(op, rc, "%s %s 失败：%s", doing, path, strerror(e));
}

static sm_rc read_all(sm_op *op, int fd, const char *path, size_t max_bytes, sm_str *out)
{
    sm_buf b;
    sm_buf_init(&b, max_bytes);
    static const size_t chunk = 1 << 16;
    char *piece = sm_alloc(op->arena, chunk);
    for (;;) {
        ssize_t n = read(fd, piece, chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            sm_buf_done(&b);
            return fail_errno(op, path, "读取");
        }
        if (n == 0)
            break;
        sm_buf_add(&b, (sm_str){ piece, (size_t)n });
        if (b.failed) {
            sm_buf_done(&b);
            return sm_fail(op, SM_E_LIMIT, "文件 %s 超过 %zu 字节的上限", path, max_bytes);
        }
    }
    return sm_buf_take(op, &b, out);
}

sm_rc sm_file_read(sm_op *op, const char *path, size_t max_bytes, sm_str *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(op, path, "打开");
    struct stat st;
    sm_rc rc = SM_OK;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        rc = sm_fail(op, SM_E_INVALID, "%s 是文件夹，不是文件", path);
    else
        rc = read_all(op, fd, path, max_bytes, out);
    close(fd);
    return rc;
}

static bool write_all(int fd, sm_str data)
{
    while (data.n) {
        ssize_t n = write(fd, data.p, data.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data = (sm_str){ data.p + n, data.n - (size_t)n };
    }
    return true;
}

/* The rename is durable only once its folder is. */
static void sync_parent(sm_arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dir = slash ? sm_cstr(a, (sm_str){ path, (size_t)(slash - path) + 1 }) : ".";
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

sm_rc sm_file_write(sm_op *op, const char *path, sm_str data)
{
    static atomic_uint serial;
    const char *tmp =
        sm_strf(op->arena, "%s.tmp-%d-%u", path, (int)getpid(), atomic_fetch_add(&serial, 1)).p;
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail_errno(op, tmp, "新建");
    bool ok = write_all(fd, data) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && rename(tmp, path) == 0;
    if (!ok) {
        sm_rc rc = fail_errno(op, path, "写入");
        unlink(tmp);
        return rc;
    }
    sync_parent(op->arena, path);
    return SM_OK;
}

bool sm_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

sm_rc sm_dir_make(sm_op *op, const char *path)
{
    char *p = sm_cstr(op->arena, sm_str_of(path));
    for (char *s = p + 1;; s++) {
        if (*s && *s != '/')
            continue;
        char kept = *s;
        *s = 0;
        if (mkdir(p, 0750) < 0 && errno != EEXIST)
            return fail_errno(op, p, "新建文件夹");
        if (!kept)
            return SM_OK;
        *s = kept;
    }
}

const char *sm_path(sm_arena *a, const char *dir, const char *name)
{
    return sm_strf(a, "%s/%s", dir, name).p;
}

sm_rc sm_map_open(sm_op *op, const char *path, sm_map *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(op, path, "打开");
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_size <= 0) {
        close(fd);
        return sm_fail(op, SM_E_CORRUPT, "%s 是空文件", path);
    }
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return fail_errno(op, path, "映射");
    *out = (sm_map){ p, (size_t)st.st_size };
    return SM_OK;
}

void sm_map_close(sm_map *m)
{
    if (m->p)
        munmap((void *)(uintptr_t)m->p, m->n);
    *m = (sm_map){ 0 };
}

sm_rc sm_lock_open(sm_op *op, const char *path, int wait_ms, int *out_fd)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail_errno(op, path, "打开");
    int64_t until = sm_now_us() + (int64_t)wait_ms * 1000;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            close(fd);
            return fail_errno(op, path, "锁定");
        }
        if (sm_now_us() >= until) {
            close(fd);
            return sm_fail(op, SM_E_CONFLICT, "另一个导入或训练正在进行，请稍后再试（锁：%s）",
                           path);
        }
        nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
    }
    *out_fd = fd;
    return SM_OK;
}

void sm_lock_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
