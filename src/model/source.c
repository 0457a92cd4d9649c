#include "model/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "gguf/gguf.h"
#include "text/text.h"

enum { MAX_URL = 512, MAX_KEY_BYTES = 4096, READ_BYTES = 1 << 20, MAX_LICENCE_CHARS = 1000 };

/* ----------------------------------------------------------------- addresses */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool all_of(sm_str s, const char *more)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_name_char(s.p[i]) && (!s.p[i] || !strchr(more, s.p[i])))
            return false;
    return true;
}

static bool port_fits(sm_str port)
{
    int64_t n;
    return port.n == 0 || (port.p[0] == ':' && all_of(port, ":") &&
                           sm_str_to_int(sm_str_sub(port, 1, port.n), &n) && n >= 1 && n <= 65535);
}

/* host, host:port, [::1]:port */
static bool authority_fits(sm_str a)
{
    size_t end = sm_str_find(a, SM_STR(":"), 0);
    if (a.n && a.p[0] == '[') {
        end = sm_str_find(a, SM_STR("]"), 0);
        if (end == SIZE_MAX || end < 3)
            return false;
        return all_of(sm_str_sub(a, 1, end), ":.") && port_fits(sm_str_sub(a, end + 1, a.n));
    }
    sm_str host = sm_str_sub(a, 0, end == SIZE_MAX ? a.n : end);
    return host.n && all_of(host, ".-") && port_fits(sm_str_sub(a, host.n, a.n));
}

static sm_str without_tail(sm_str url)
{
    while (sm_str_ends(url, SM_STR("/")))
        url.n--;
    if (sm_str_ends(url, SM_STR("/v1")))
        url.n -= 3;
    while (sm_str_ends(url, SM_STR("/")))
        url.n--;
    return url;
}

static sm_rc check_web(sm_op *op, sm_str url, size_t scheme_bytes)
{
    sm_str rest = sm_str_sub(url, scheme_bytes, url.n);
    size_t slash = sm_str_find(rest, SM_STR("/"), 0);
    sm_str authority = sm_str_sub(rest, 0, slash == SIZE_MAX ? rest.n : slash);
    if (sm_str_has(rest, SM_STR("@"))) /* not quoted: it holds a secret */
        return sm_fail(op, SM_E_INVALID,
                       "地址里不能写用户名和密码；密钥用 --key-from file:/路径 或 env:变量名 给出");
    if (!authority_fits(authority))
        return sm_fail(op, SM_E_INVALID, "地址 %.*s 的主机或端口写得不对", SM_ARG(url));
    if (!all_of(sm_str_sub(rest, authority.n, rest.n), "/.-~%+:,="))
        return sm_fail(op, SM_E_INVALID, "地址 %.*s 的路径里有不能用的字符", SM_ARG(url));
    return SM_OK;
}

sm_rc sm_source_url(sm_op *op, sm_str url, sm_str *out)
{
    sm_rc rc;
    if (url.n > MAX_URL)
        return sm_fail(op, SM_E_INVALID, "地址太长，最多 %d 字节", (int)MAX_URL);
    url = without_tail(url);
    if (sm_str_starts(url, SM_STR("http://")))
        rc = check_web(op, url, 7);
    else if (sm_str_starts(url, SM_STR("https://")))
        rc = check_web(op, url, 8);
    else if (sm_str_starts(url, SM_STR("unix:/")) && all_of(sm_str_sub(url, 5, url.n), "/.-"))
        rc = SM_OK;
    else
        rc = sm_fail(op, SM_E_INVALID, "地址应当以 http://、https:// 或 unix:/ 开头");
    if (rc == SM_OK)
        *out = sm_str_dup(op->arena, url);
    return rc;
}

/* ---------------------------------------------------------------------- keys */

sm_rc sm_source_key(sm_op *op, sm_str from)
{
    if (from.n == 0)
        return SM_OK;
    sm_str name = sm_str_starts(from, SM_STR("env:")) ? sm_str_sub(from, 4, from.n) : (sm_str){ 0 };
    if (name.n && name.n <= 128 && all_of(name, "") && !(name.p[0] >= '0' && name.p[0] <= '9'))
        return SM_OK;
    if (sm_str_starts(from, SM_STR("file:/")) && from.n < PATH_MAX && !memchr(from.p, 0, from.n) &&
        !memchr(from.p, '\n', from.n))
        return SM_OK;
    return sm_fail(op, SM_E_INVALID,
                   "密钥的来处应当是 file:/绝对路径 或 env:变量名；不能直接写密钥");
}

sm_rc sm_key_source_read(sm_op *op, sm_str from, sm_str *out)
{
    sm_str key = { 0 };
    sm_rc rc = sm_source_key(op, from);
    if (rc < 0 || from.n == 0) {
        *out = rc == SM_OK ? key : *out;
        return rc;
    }
    if (sm_str_starts(from, SM_STR("env:")))
        key = sm_str_of(getenv(sm_cstr(op->arena, sm_str_sub(from, 4, from.n))));
    else
        rc = sm_file_read(op, sm_cstr(op->arena, sm_str_sub(from, 5, from.n)), MAX_KEY_BYTES, &key);
    key = sm_str_trim(key);
    bool fine = rc == SM_OK && key.n > 0;
    for (size_t i = 0; fine && i < key.n; i++) /* it becomes a header's value */
        fine = key.p[i] > ' ' && key.p[i] < 0x7f;
    if (!fine) {
        sm_op_clear(op);
        return sm_fail(op, SM_E_UNAVAILABLE, "读不到密钥：%.*s 不存在、是空的或有不能用的字符",
                       SM_ARG(from));
    }
    *out = sm_str_dup(op->arena, key);
    return SM_OK;
}

/* --------------------------------------------------------------------- files */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

typedef struct digests {
    EVP_MD_CTX *sm3, *sha256;
} digests;

static void digests_done(digests *d)
{
    EVP_MD_CTX_free(d->sm3);
    EVP_MD_CTX_free(d->sha256);
}

static bool digests_init(digests *d)
{
    *d = (digests){ EVP_MD_CTX_new(), EVP_MD_CTX_new() };
    return d->sm3 && d->sha256 && EVP_DigestInit_ex(d->sm3, EVP_sm3(), NULL) == 1 &&
           EVP_DigestInit_ex(d->sha256, EVP_sha256(), NULL) == 1;
}

static bool digest_text(sm_arena *a, EVP_MD_CTX *c, sm_str *out)
{
    sm_digest d;
    unsigned n = sizeof(d.b);
    if (EVP_DigestFinal_ex(c, d.b, &n) != 1 || n != sizeof(d.b))
        return false;
    *out = sm_digest_hex(a, &d);
    return true;
}

/* Both in one pass: a file of 100 GB is read once. */
static sm_rc digest_file(sm_op *op, int fd, const char *path, sm_backend *b)
{
    __attribute__((cleanup(digests_done))) digests d;
    uint8_t *bytes = sm_alloc(op->arena, READ_BYTES);
    int64_t total = 0;
    ssize_t n;
    if (!digests_init(&d))
        return sm_fail(op, SM_E_INTERNAL, "密码库算不了摘要");
    while ((n = read(fd, bytes, READ_BYTES)) > 0) {
        if (EVP_DigestUpdate(d.sm3, bytes, (size_t)n) != 1 ||
            EVP_DigestUpdate(d.sha256, bytes, (size_t)n) != 1)
            return sm_fail(op, SM_E_INTERNAL, "密码库算不了摘要");
        total += n;
        sm_op_progress(op, "算摘要", (size_t)total, (size_t)SM_MAX(total, b->bytes));
        sm_rc rc = sm_op_check(op);
        if (rc < 0)
            return rc;
    }
    if (n < 0)
        return sm_fail(op, SM_E_DENIED, "%s 读不出来：%s", path, strerror(errno));
    if (total != b->bytes)
        return sm_fail(op, SM_E_CONFLICT, "%s 正在被改动：大小变了", path);
    if (!digest_text(op->arena, d.sm3, &b->sm3) || !digest_text(op->arena, d.sha256, &b->sha256))
        return sm_fail(op, SM_E_INTERNAL, "密码库算不了摘要");
    return SM_OK;
}

static sm_rc absolute(sm_op *op, sm_str path, sm_str *out)
{
    char real[PATH_MAX];
    const char *given = sm_cstr(op->arena, path);
    if (path.n == 0 || path.n >= PATH_MAX || memchr(path.p, 0, path.n))
        return sm_fail(op, SM_E_INVALID, "模型文件的路径写得不对");
    if (!realpath(given, real))
        return sm_fail(op, errno == EACCES ? SM_E_DENIED : SM_E_NOTFOUND, "找不到模型文件 %s：%s",
                       given, strerror(errno));
    *out = sm_str_dup(op->arena, sm_str_of(real));
    return SM_OK;
}

static sm_rc read_head(sm_op *op, const char *path, sm_backend *b)
{
    sm_gguf *g;
    sm_gguf_facts f;
    sm_rc rc = sm_gguf_read(op, path, &g);
    if (rc == SM_OK)
        rc = sm_gguf_facts_of(op, g, &f);
    if (rc < 0)
        return rc;
    if (f.kind.n && !sm_str_eq(f.kind, SM_STR("model")))
        return sm_fail(op, SM_E_INVALID, "%s 不是完整的模型（是 %.*s）", path, SM_ARG(f.kind));
    if (f.n_splits > 1)
        return sm_fail(op, SM_E_INVALID, "%s 是分成 %lld 份的模型之一，请先合并成一个文件", path,
                       (long long)f.n_splits);
    b->architecture = f.architecture;
    b->quantisation = f.quantisation;
    b->context_tokens = f.n_context_tokens;
    b->n_embd = f.n_embed;
    if (b->licence.n == 0)
        b->licence = sm_utf8_head(f.licence.n ? f.licence : f.licence_link, MAX_LICENCE_CHARS);
    return SM_OK;
}

/* The head first: what is no model is told at once. */
sm_rc sm_file_facts(sm_op *op, sm_str path, sm_backend *b)
{
    struct stat st;
    sm_rc rc = absolute(op, path, &b->source);
    if (rc < 0)
        return rc;
    const char *file = sm_cstr(op->arena, b->source);
    __attribute__((cleanup(close_fd))) int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return sm_fail(op, SM_E_DENIED, "打不开模型文件 %s：%s", file, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return sm_fail(op, SM_E_INVALID, "%s 不是文件", file);
    b->bytes = st.st_size;
    rc = read_head(op, file, b);
    return rc == SM_OK ? digest_file(op, fd, file, b) : rc;
}
