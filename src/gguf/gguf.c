#include "gguf/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_HEAD_BYTES = 1 << 20 };

static sm_rc fail_open(sm_op *op, const char *path)
{
    sm_rc rc = errno == ENOENT || errno == ENOTDIR ? SM_E_NOTFOUND
               : errno == EACCES                   ? SM_E_DENIED
                                                   : SM_E_INTERNAL;
    return sm_fail(op, rc, "打开 %s 失败：%s", path, strerror(errno));
}

/* A file that shrinks meanwhile is read short; it is never mapped, so no signal ends us. */
static sm_rc read_bytes(sm_op *op, int fd, const char *path, sm_str into)
{
    char *p = (char *)(uintptr_t)into.p;
    for (size_t have = 0; have < into.n;) {
        ssize_t n = pread(fd, p + have, into.n - have, (off_t)have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sm_fail(op, SM_E_INTERNAL, "读取 %s 失败：%s", path, strerror(errno));
        if (n == 0)
            return sm_fail(op, SM_E_CORRUPT, "%s：读取时文件变短了", path);
        have += (size_t)n;
    }
    return SM_OK;
}

/* The head's length is not written anywhere: more is read until it is all there. */
static sm_rc read_head(sm_op *op, int fd, const char *path, uint64_t file_bytes, sm_gguf **out)
{
    uint64_t most = SM_MIN(file_bytes, (uint64_t)SM_GGUF_MAX_HEAD_BYTES);
    for (uint64_t n = SM_MIN(most, (uint64_t)FIRST_HEAD_BYTES);; n = SM_MIN(most, n * 4)) {
        bool more = false;
        char *p = malloc((size_t)n);
        if (!p)
            return sm_fail(op, SM_E_LIMIT, "读取 %s 的文件头时内存不足", path);
        sm_str head = { p, (size_t)n };
        sm_rc rc = read_bytes(op, fd, path, head);
        if (rc == SM_OK)
            rc = sm_gguf_parse_head(op, path, head, file_bytes, &more, out);
        if (rc == SM_OK)
            sm_arena_defer(op->arena, free, p);
        else
            free(p);
        if (!more || n == most)
            return rc;
        sm_op_clear(op);
    }
}

sm_rc sm_gguf_read(sm_op *op, const char *path, sm_gguf **out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_open(op, path);
    sm_rc rc;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        rc = sm_fail(op, SM_E_INVALID, "%s 不是普通文件", path);
    else if (st.st_size < 24)
        rc = sm_fail(op, SM_E_CORRUPT, "%s：只有 %lld 字节，不是 GGUF 模型文件", path,
                     (long long)st.st_size);
    else
        rc = read_head(op, fd, path, (uint64_t)st.st_size, out);
    close(fd);
    return rc;
}

const sm_gguf_value *sm_gguf_find(const sm_gguf *g, sm_str key)
{
    for (size_t i = 0; i < g->n_values; i++)
        if (sm_str_eq(g->value[i].key, key))
            return &g->value[i];
    return NULL;
}

sm_str sm_gguf_text(const sm_gguf *g, const char *key)
{
    const sm_gguf_value *v = sm_gguf_find(g, sm_str_of(key));
    return v && v->type == SM_GGUF_STRING ? v->bytes : (sm_str){ 0 };
}

static bool is_signed(sm_gguf_type t)
{
    return t == SM_GGUF_I8 || t == SM_GGUF_I16 || t == SM_GGUF_I32 || t == SM_GGUF_I64;
}

static bool is_integer(sm_gguf_type t)
{
    return is_signed(t) || t == SM_GGUF_U8 || t == SM_GGUF_U16 || t == SM_GGUF_U32 ||
           t == SM_GGUF_U64;
}

bool sm_gguf_integer(const sm_gguf *g, const char *key, int64_t *out)
{
    const sm_gguf_value *v = sm_gguf_find(g, sm_str_of(key));
    uint64_t n = 0;
    if (!v || !is_integer(v->type))
        return false;
    size_t bits = v->bytes.n * 8;
    for (size_t i = v->bytes.n; i-- > 0;)
        n = n << 8 | (uint8_t)v->bytes.p[i];
    if (is_signed(v->type) && bits < 64 && n >> (bits - 1))
        n |= UINT64_MAX << bits;
    if (!is_signed(v->type) && n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}
