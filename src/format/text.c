/* Plain text, and the way every text file becomes UTF-8. */
#include "format/reader.h"

#include "text/text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

static bool says_gb(sm_str charset)
{
    static const char *const names[] = { "gb2312", "gbk", "gb18030", "x-gbk", "cp936" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (sm_str_is(charset, names[i]))
            return true;
    return false;
}

/* What the bytes look like as UTF-8: bytes in long sequences, bytes in none. */
struct look {
    size_t n_long, n_bad;
};

static struct look look_at(sm_str s)
{
    struct look k = { 0 };
    while (s.n) {
        size_t before = s.n;
        bool ascii = (unsigned char)s.p[0] < 0x80;
        bool marked = sm_str_starts(s, SM_STR("\ufffd"));
        uint32_t c = sm_utf8_next(&s);
        size_t n = before - s.n;
        if (c == 0xfffd && !marked)
            k.n_bad += n;
        else if (!ascii && n > 2)
            k.n_long += n;
    }
    return k;
}

static sm_rc convert(iconv_t cd, sm_str bytes, sm_buf *b, size_t *bad_at)
{
    char *in = (char *)(uintptr_t)bytes.p; /* iconv reads only */
    size_t left = bytes.n;
    char piece[4096];
    for (;;) {
        char *to = piece;
        size_t room = sizeof(piece);
        size_t n = iconv(cd, left ? &in : NULL, &left, &to, &room);
        int e = errno;
        sm_buf_add(b, (sm_str){ piece, sizeof(piece) - room });
        if (n == (size_t)-1 && e != E2BIG) {
            *bad_at = bytes.n - left;
            return SM_E_CORRUPT;
        }
        if (b->failed)
            return SM_E_LIMIT;
        if (n != (size_t)-1 && left == 0)
            return SM_OK;
    }
}

static sm_rc from_gb18030(sm_reader *r, sm_str bytes, sm_str *out)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    if ((intptr_t)cd == -1)
        return sm_fail(r->op, SM_E_UNAVAILABLE,
                       "文件 %s 是 GB18030 编码，本机的 iconv 不支持；请另存为 UTF-8 编码后再导入",
                       r->name);
    sm_buf b;
    size_t bad_at = 0;
    sm_buf_init(&b, bytes.n * 3 + 16); /* no GB18030 byte becomes more than 3 */
    sm_rc rc = convert(cd, bytes, &b, &bad_at);
    iconv_close(cd);
    if (rc == SM_OK)
        return sm_buf_take(r->op, &b, out);
    sm_buf_done(&b);
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 第 %zu 行（第 %zu 字节）既不是 UTF-8 也不是 GB18030；"
                   "请用原来的软件打开，另存为 UTF-8 编码后再导入",
                   r->name, sm_line_of(bytes, bad_at), bad_at + 1);
}

sm_rc sm_reader_decode(sm_reader *r, sm_str bytes, sm_str charset, sm_str *out)
{
    const char *nul = bytes.n ? memchr(bytes.p, 0, bytes.n) : NULL;
    if (nul)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 不是文本（第 %zu 字节为零）；请确认文件类型，"
                       "或另存为 UTF-8 编码的文本后再导入",
                       r->name, (size_t)(nul - bytes.p) + 1);
    size_t bad_at = 0;
    bool utf8 = sm_utf8_valid(bytes, &bad_at);
    struct look k = look_at(bytes);
    if (utf8 && (!says_gb(charset) || k.n_long || bytes.n == 0)) {
        *out = bytes;
        return SM_OK;
    }
    bool marked = sm_str_starts(bytes, SM_STR("\xef\xbb\xbf"));
    bool damaged = !says_gb(charset) && k.n_bad * 4 < k.n_long;
    if (marked || damaged || (sm_str_is(charset, "utf-8") && k.n_bad < k.n_long))
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 第 %zu 行（第 %zu 字节）的 UTF-8 编码已损坏；"
                       "请重新取得文件，或另存为 UTF-8 编码后再导入",
                       r->name, sm_line_of(bytes, bad_at), bad_at + 1);
    if (charset.n && !says_gb(charset) && !sm_str_is(charset, "utf-8"))
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 自称为 %.*s 编码，不能读取；请另存为 UTF-8 编码后再导入", r->name,
                       SM_ARG(charset));
    return from_gb18030(r, bytes, out);
}

/* A line is a paragraph: that is how Chinese plain text is written. */
sm_rc sm_plain_read(sm_reader *r, sm_str bytes)
{
    sm_str text = { 0 };
    sm_rc rc = sm_reader_decode(r, bytes, (sm_str){ 0 }, &text);
    sm_str rest = text;
    for (sm_str line; rc == SM_OK && sm_str_cut(&rest, '\n', &line);)
        rc = sm_reader_block(r, SM_BLOCK_PARA, 0, line, (size_t)(line.p - text.p));
    return rc;
}
