#include "format/package.h"

#include <expat.h>
#include <zip.h>

enum {
    CHUNK_BYTES = 1 << 16,
    RATIO_FROM_BYTES = 1 << 20, /* below this a high ratio harms nobody */
    MAX_TOKEN_BYTES = 1 << 20,  /* one tag; expat rereads what is unfinished */
    END_RECORD_BYTES = 22,      /* of a zip, without its comment */
};

struct sm_package {
    sm_reader *r;
    sm_str bytes;
    zip_t *zip;
    size_t unpacked; /* of all parts so far */
    char *chunk;
    XML_Parser parser; /* of the part being parsed, else NULL */
};

/* The number of entries the zip's end record gives, looked at before libzip
 * makes room for them; SIZE_MAX when there is no such record. */
static size_t declared_entries(sm_str b)
{
    if (b.n < END_RECORD_BYTES)
        return SIZE_MAX;
    size_t last = b.n - END_RECORD_BYTES;
    size_t first = last > UINT16_MAX ? last - UINT16_MAX : 0;
    for (size_t i = last + 1; i-- > first;)
        if (sm_str_starts(sm_str_after(b, i), SM_STR("PK\x05\x06")))
            return (size_t)(unsigned char)b.p[i + 10] | (size_t)(unsigned char)b.p[i + 11] << 8;
    return SIZE_MAX;
}

static sm_rc fail_open(sm_reader *r, zip_error_t *err)
{
    sm_rc rc = sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 的压缩包结构已损坏（%s）；请用 Word 或 WPS 打开并另存为 .docx "
                       "后再导入",
                       r->name, zip_error_strerror(err));
    zip_error_fini(err);
    return rc;
}

static sm_rc check_entries(sm_reader *r, size_t n)
{
    if (n <= r->limits->zip_entries)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT,
                   "文件 %s 的压缩包里有 %zu 个部件，超过 %zu 个的上限；"
                   "请把正文另存为新的 .docx 后再导入",
                   r->name, n, r->limits->zip_entries);
}

sm_rc sm_package_open(sm_reader *r, sm_str bytes, sm_package **out)
{
    size_t declared = declared_entries(bytes);
    if (declared == SIZE_MAX)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 不是完整的 .docx（找不到压缩包的结尾）；请重新取得文件，"
                       "或用 Word、WPS 另存为 .docx 后再导入",
                       r->name);
    sm_rc rc = check_entries(r, declared);
    if (rc < 0)
        return rc;
    zip_error_t err;
    zip_error_init(&err);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &err);
    if (!source)
        return fail_open(r, &err);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, &err);
    if (!zip) {
        zip_source_free(source);
        return fail_open(r, &err);
    }
    zip_error_fini(&err);
    sm_package *p = SM_NEW(r->op->arena, sm_package);
    *p = (sm_package){ .r = r, .bytes = bytes, .zip = zip };
    rc = check_entries(r, sm_package_count(p));
    if (rc < 0) {
        zip_discard(zip);
        return rc;
    }
    p->chunk = sm_alloc(r->op->arena, CHUNK_BYTES);
    *out = p;
    return SM_OK;
}

void sm_package_close(sm_package *p)
{
    if (p)
        zip_discard(p->zip);
}

size_t sm_package_count(const sm_package *p)
{
    zip_int64_t n = zip_get_num_entries(p->zip, 0);
    return n < 0 ? 0 : (size_t)n;
}

sm_str sm_package_name(const sm_package *p, size_t index)
{
    return sm_str_of(zip_get_name(p->zip, index, 0));
}

size_t sm_package_find(const sm_package *p, sm_str name)
{
    for (size_t i = 0; i < sm_package_count(p); i++)
        if (sm_str_eq(sm_package_name(p, i), name))
            return i;
    return SIZE_MAX;
}

/* ----------------------------------------------------------------- XML */

struct parse {
    sm_package *p;
    const sm_part_handler *handler;
    XML_Parser parser;
    sm_str part;
    int depth;
    size_t fed, packed;
    sm_rc rc;
};

static void stop(struct parse *x, sm_rc rc)
{
    if (rc == SM_OK || x->rc < 0)
        return;
    x->rc = rc;
    XML_StopParser(x->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **atts)
{
    struct parse *x = ctx;
    sm_reader *r = x->p->r;
    if (x->rc < 0)
        return;
    if (++x->depth > r->limits->xml_depth)
        stop(x, sm_fail(r->op, SM_E_LIMIT,
                        "文件 %s 的 %.*s 第 %lu 行：嵌套超过 %d 层；"
                        "请用 Word 或 WPS 打开并另存后再导入",
                        r->name, SM_ARG(x->part), XML_GetCurrentLineNumber(x->parser),
                        r->limits->xml_depth));
    else
        stop(x, x->handler->start(x->handler->ctx, name, atts));
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct parse *x = ctx;
    x->depth--;
    if (x->rc == SM_OK)
        stop(x, x->handler->end(x->handler->ctx, name));
}

static void on_text(void *ctx, const XML_Char *s, int n)
{
    struct parse *x = ctx;
    if (x->rc == SM_OK && x->handler->text)
        stop(x, x->handler->text(x->handler->ctx, (sm_str){ s, (size_t)n }));
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal)
{
    (void)name, (void)system_id, (void)public_id, (void)internal;
    struct parse *x = ctx;
    stop(x, sm_fail(x->p->r->op, SM_E_CORRUPT,
                    "文件 %s 的 %.*s 含有 DOCTYPE 声明，正常的 .docx 没有，为安全起见不予读取；"
                    "请用 Word 或 WPS 打开并另存后再导入",
                    x->p->r->name, SM_ARG(x->part)));
}

static sm_rc fail_xml(struct parse *x)
{
    if (x->rc < 0)
        return x->rc;
    sm_reader *r = x->p->r;
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 的 %.*s 第 %lu 行不是合格的 XML（%s）；"
                   "请用 Word 或 WPS 打开并另存后再导入",
                   r->name, SM_ARG(x->part), XML_GetCurrentLineNumber(x->parser),
                   XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static sm_rc count_bytes(struct parse *x, size_t n)
{
    sm_reader *r = x->p->r;
    size_t packed = SM_MAX(x->packed, 1);
    x->fed += n;
    x->p->unpacked += n;
    if (x->fed > RATIO_FROM_BYTES && x->fed / packed >= r->limits->zip_ratio)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 的 %.*s 解压后超过压缩前的 %zu 倍，疑为压缩炸弹，不予读取；"
                       "请确认文件来源，用 Word 或 WPS 打开并另存后再导入",
                       r->name, SM_ARG(x->part), r->limits->zip_ratio);
    if (x->p->unpacked > r->limits->xml_bytes)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 解压后超过 %zu 字节的上限（读到 %.*s）；"
                       "请拆分成几个文件后再导入",
                       r->name, r->limits->xml_bytes, SM_ARG(x->part));
    return sm_op_check(r->op);
}

/* `whole` bytes have been fed with these. */
static sm_rc feed(struct parse *x, const char *bytes, size_t n, size_t whole)
{
    if (XML_Parse(x->parser, bytes, (int)n, n == 0) != XML_STATUS_OK)
        return fail_xml(x);
    XML_Index done = XML_GetCurrentByteIndex(x->parser);
    if (done >= 0 && whole - SM_MIN((size_t)done, whole) > MAX_TOKEN_BYTES)
        return sm_fail(x->p->r->op, SM_E_LIMIT,
                       "文件 %s 的 %.*s 第 %lu 行：一个标记超过 %d 字节；"
                       "请用 Word 或 WPS 打开并另存后再导入",
                       x->p->r->name, SM_ARG(x->part), XML_GetCurrentLineNumber(x->parser),
                       MAX_TOKEN_BYTES);
    return SM_OK;
}

/* The next piece of the part into p->chunk; *n is 0 at its end. */
static sm_rc read_piece(struct parse *x, zip_file_t *file, size_t *n)
{
    zip_int64_t got = zip_fread(file, x->p->chunk, CHUNK_BYTES);
    if (got < 0)
        return sm_fail(x->p->r->op, SM_E_CORRUPT,
                       "文件 %s 的 %.*s 解压失败（%s）；请重新取得文件，"
                       "或用 Word、WPS 另存为 .docx 后再导入",
                       x->p->r->name, SM_ARG(x->part), zip_file_strerror(file));
    *n = (size_t)got;
    return count_bytes(x, *n);
}

static sm_rc feed_all(struct parse *x, zip_file_t *file)
{
    for (;;) {
        size_t n = 0;
        sm_rc rc = read_piece(x, file, &n);
        if (rc == SM_OK)
            rc = feed(x, x->p->chunk, n, x->fed);
        if (rc < 0 || n == 0)
            return rc;
    }
}

/* Only what office suites write: deflated or stored, without a password. */
static sm_rc check_entry(struct parse *x, size_t index)
{
    sm_reader *r = x->p->r;
    zip_stat_t st;
    const zip_uint64_t needed = ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(x->p->zip, index, 0, &st) < 0 || (st.valid & needed) != needed)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 的压缩包目录已损坏（%.*s）；请重新取得文件后再导入", r->name,
                       SM_ARG(x->part));
    if (st.encryption_method != ZIP_EM_NONE)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 设有密码，不能读取；请在 Word 或 WPS 中取消密码，"
                       "另存为 .docx 后再导入",
                       r->name);
    if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 的 %.*s 用了少见的压缩方法（%d）；"
                       "请用 Word 或 WPS 打开并另存后再导入",
                       r->name, SM_ARG(x->part), (int)st.comp_method);
    x->packed =
        st.valid & ZIP_STAT_COMP_SIZE ? (size_t)SM_MIN(st.comp_size, x->p->bytes.n) : x->p->bytes.n;
    return SM_OK;
}

static sm_rc open_entry(struct parse *x, size_t index, zip_file_t **file)
{
    sm_rc rc = check_entry(x, index);
    if (rc < 0)
        return rc;
    *file = zip_fopen_index(x->p->zip, index, 0);
    if (!*file)
        return sm_fail(x->p->r->op, SM_E_CORRUPT,
                       "文件 %s 的 %.*s 打不开（%s）；请重新取得文件，"
                       "或用 Word、WPS 另存为 .docx 后再导入",
                       x->p->r->name, SM_ARG(x->part), zip_strerror(x->p->zip));
    return SM_OK;
}

static sm_rc open_parser(struct parse *x)
{
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser)
        return sm_fail(x->p->r->op, SM_E_INTERNAL, "读取 %s 时内存不足", x->p->r->name);
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    x->p->parser = x->parser;
    return SM_OK;
}

static void close_parser(struct parse *x)
{
    x->p->parser = NULL;
    if (x->parser)
        XML_ParserFree(x->parser);
}

sm_rc sm_package_parse(sm_package *p, size_t index, const sm_part_handler *handler)
{
    struct parse x = { .p = p, .handler = handler, .part = sm_package_name(p, index) };
    zip_file_t *file;
    sm_rc rc = open_entry(&x, index, &file);
    if (rc < 0)
        return rc;
    rc = open_parser(&x);
    if (rc == SM_OK)
        rc = feed_all(&x, file);
    close_parser(&x);
    zip_fclose(file);
    return rc;
}

sm_rc sm_package_unpack(sm_package *p, size_t index, sm_str *out)
{
    struct parse x = { .p = p, .part = sm_package_name(p, index) };
    zip_file_t *file;
    sm_rc rc = open_entry(&x, index, &file);
    if (rc < 0)
        return rc;
    sm_buf b;
    sm_buf_init(&b, p->r->limits->xml_bytes);
    for (size_t n = 1; rc == SM_OK && n;) {
        rc = read_piece(&x, file, &n);
        if (rc == SM_OK)
            sm_buf_add(&b, (sm_str){ p->chunk, n });
    }
    zip_fclose(file);
    if (rc == SM_OK)
        return sm_buf_take(p->r->op, &b, out);
    sm_buf_done(&b);
    return rc;
}

sm_rc sm_package_parse_text(sm_package *p, size_t index, sm_str text,
                            const sm_part_handler *handler)
{
    struct parse x = { .p = p, .handler = handler, .part = sm_package_name(p, index) };
    sm_rc rc = open_parser(&x);
    for (size_t fed = 0, n = 1; rc == SM_OK && n; fed += n) {
        n = SM_MIN(text.n - fed, (size_t)CHUNK_BYTES);
        rc = feed(&x, text.p + fed, n, fed + n);
        if (rc == SM_OK)
            rc = sm_op_check(p->r->op);
    }
    close_parser(&x);
    return rc;
}

void sm_package_place(const sm_package *p, size_t *from, size_t *to)
{
    XML_Index at = p->parser ? XML_GetCurrentByteIndex(p->parser) : 0;
    *from = at > 0 ? (size_t)at : 0;
    *to = *from + (p->parser ? (size_t)XML_GetCurrentByteCount(p->parser) : 0);
}
