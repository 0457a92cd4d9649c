#include "format/parts.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "format/package.h"
#include "text/text.h"

enum {
    MAX_ELEMENTS = 8 << 20,
    DOS_1980_01_01 = 1 << 5 | 1, /* of every new entry: the same bytes on any day */
    BEST = 9
};

/* ----------------------------------------------------------------- reading */

static const sm_format_limits usual_limits = SM_FORMAT_LIMITS_INIT;

sm_rc sm_part_read(sm_op *op, sm_str zip, const char *name, const sm_format_limits *limits,
                   sm_str *out)
{
    sm_reader r = { .op = op, .name = "原件", .limits = limits ? limits : &usual_limits };
    sm_package *p = NULL;
    sm_rc rc = sm_package_open(&r, zip, &p);
    if (rc < 0)
        return rc;
    size_t i = sm_package_find(p, sm_str_of(name));
    sm_str data = { 0 };
    if (i != SIZE_MAX)
        rc = sm_package_unpack(p, i, &data);
    sm_package_close(p);
    if (rc == SM_OK)
        *out = data;
    return rc;
}

/* ----------------------------------------------------------------- writing */

static sm_rc fail_zip(sm_op *op, const char *why)
{
    return sm_fail(op, SM_E_CORRUPT, "文件的压缩包不能写出（%s）；请另存为 .docx 后再试", why);
}

/* A part that is exchanged keeps its time; a new one has none of its own. */
static sm_rc put_part(sm_op *op, zip_t *zip, const sm_part *part)
{
    zip_int64_t at = -1;
    for (zip_int64_t i = 0; at < 0 && i < zip_get_num_entries(zip, 0); i++)
        if (sm_str_eq(sm_str_of(zip_get_name(zip, (zip_uint64_t)i, 0)), part->name))
            at = i;
    zip_source_t *data = zip_source_buffer(zip, part->data.p, part->data.n, 0);
    if (!data)
        return fail_zip(op, zip_strerror(zip));
    zip_stat_t st;
    bool timed =
        at >= 0 && zip_stat_index(zip, (zip_uint64_t)at, 0, &st) == 0 && st.valid & ZIP_STAT_MTIME;
    const char *name = sm_cstr(op->arena, part->name);
    if (at >= 0 ? zip_file_replace(zip, (zip_uint64_t)at, data, 0) < 0
                : (at = zip_file_add(zip, name, data, ZIP_FL_ENC_UTF_8)) < 0) {
        zip_source_free(data);
        return fail_zip(op, zip_strerror(zip));
    }
    zip_uint64_t i = (zip_uint64_t)at;
    int rc = timed ? zip_file_set_mtime(zip, i, st.mtime, 0)
                   : zip_file_set_dostime(zip, i, 0, DOS_1980_01_01, 0);
    if (rc < 0 || zip_set_file_compression(zip, i, ZIP_CM_DEFLATE, BEST) < 0)
        return fail_zip(op, zip_strerror(zip));
    return SM_OK;
}

static sm_rc take_bytes(sm_op *op, zip_source_t *source, sm_buf *out)
{
    zip_stat_t st;
    if (zip_source_open(source) < 0 || zip_source_stat(source, &st) < 0)
        return fail_zip(op, zip_error_strerror(zip_source_error(source)));
    char *p = sm_alloc(op->arena, st.size + 1);
    zip_int64_t n = zip_source_read(source, p, st.size);
    zip_source_close(source);
    if (n < 0 || (zip_uint64_t)n != st.size)
        return fail_zip(op, "读不回来");
    sm_buf_add(out, (sm_str){ p, (size_t)n });
    return out->failed ? sm_fail(op, SM_E_LIMIT, "写出的文件超过 %zu 字节", out->max) : SM_OK;
}

static sm_rc write_into(sm_op *op, zip_source_t *source, bool fresh, const sm_part *part, size_t n)
{
    zip_error_t err;
    zip_error_init(&err);
    zip_t *zip = zip_open_from_source(source, fresh ? ZIP_TRUNCATE : 0, &err);
    if (!zip) {
        sm_rc rc = fail_zip(op, zip_error_strerror(&err));
        zip_error_fini(&err);
        return rc;
    }
    zip_source_keep(source); /* zip_close lets go of it */
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        rc = put_part(op, zip, &part[i]);
    if (rc == SM_OK && zip_close(zip) == 0)
        return SM_OK;
    if (rc == SM_OK)
        rc = fail_zip(op, zip_strerror(zip));
    zip_discard(zip);
    return rc;
}

/* libzip gets a copy that it may free: it frees what it was only lent when it keeps the front of
 * an archive (1.7.3). */
static zip_source_t *source_of(sm_str zip)
{
    char *copy = NULL;
    if (zip.n) {
        copy = malloc(zip.n);
        if (!copy)
            return NULL;
        memcpy(copy, zip.p, zip.n);
    }
    zip_source_t *source = zip_source_buffer_create(copy, zip.n, 1, NULL);
    if (!source)
        free(copy);
    return source;
}

sm_rc sm_parts_write(sm_op *op, sm_str zip, const sm_part *part, size_t n, sm_buf *out)
{
    zip_source_t *source = source_of(zip);
    if (!source)
        return sm_fail(op, SM_E_INTERNAL, "写文件时内存不足");
    sm_rc rc = write_into(op, source, zip.n == 0, part, n);
    if (rc == SM_OK)
        rc = take_bytes(op, source, out);
    zip_source_free(source);
    return rc;
}

/* ---------------------------------------------------------------- elements */

struct walk {
    sm_op *op;
    const char *name;
    sm_str xml;
    int max_depth;
    XML_Parser parser;
    sm_element *all;
    size_t n, cap;
    size_t open; /* index of the innermost open element */
    int depth;
    sm_rc rc;
};

static void stop(struct walk *w, sm_rc rc)
{
    w->rc = rc;
    XML_StopParser(w->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **atts)
{
    (void)atts;
    struct walk *w = ctx;
    if (w->rc < 0)
        return;
    if (++w->depth > w->max_depth || w->n >= MAX_ELEMENTS) {
        stop(w,
             sm_fail(w->op, SM_E_LIMIT, "%s 嵌套超过 %d 层，或者内容过多", w->name, w->max_depth));
        return;
    }
    size_t at = (size_t)XML_GetCurrentByteIndex(w->parser);
    size_t inside = at + (size_t)XML_GetCurrentByteCount(w->parser);
    SM_GROW(w->op->arena, w->all, w->n, w->cap);
    w->all[w->n] = (sm_element){
        .name = { w->xml.p + at + 1, strlen(name) }, .at = at, .inside = inside, .parent = w->open
    };
    w->open = w->n++;
}

static void on_end(void *ctx, const XML_Char *name)
{
    (void)name;
    struct walk *w = ctx;
    if (w->rc < 0)
        return;
    sm_element *e = &w->all[w->open];
    size_t at = (size_t)XML_GetCurrentByteIndex(w->parser);
    bool empty = w->xml.p[e->inside - 2] == '/'; /* no other tag can end in "/>" */
    e->inside_end = empty ? e->inside : at;
    e->end = empty ? e->inside : at + (size_t)XML_GetCurrentByteCount(w->parser);
    e->n_within = w->n - w->open - 1;
    w->open = e->parent;
    w->depth--;
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal)
{
    (void)name, (void)system_id, (void)public_id, (void)internal;
    struct walk *w = ctx;
    stop(w, sm_fail(w->op, SM_E_CORRUPT, "%s 含有 DOCTYPE 声明，为安全起见不予处理", w->name));
}

sm_rc sm_elements_read(sm_op *op, const char *name, sm_str xml, const sm_format_limits *limits,
                       sm_element **out, size_t *n)
{
    const sm_format_limits *l = limits ? limits : &usual_limits;
    if (!sm_utf8_valid(xml, NULL) || xml.n > l->xml_bytes || xml.n > INT32_MAX)
        return sm_fail(op, SM_E_CORRUPT, "%s 不是 UTF-8 的 XML，或者过大，不能修改", name);
    struct walk w = { .op = op,
                      .name = name,
                      .xml = xml,
                      .max_depth = l->xml_depth,
                      .parser = XML_ParserCreate("UTF-8"),
                      .open = SIZE_MAX };
    if (!w.parser)
        return sm_fail(op, SM_E_INTERNAL, "读取 %s 时内存不足", name);
    XML_SetUserData(w.parser, &w);
    XML_SetElementHandler(w.parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(w.parser, on_doctype);
    if (XML_Parse(w.parser, xml.p, (int)xml.n, 1) != XML_STATUS_OK && w.rc == SM_OK)
        w.rc = sm_fail(op, SM_E_CORRUPT, "%s 第 %lu 行不是合格的 XML（%s）", name,
                       XML_GetCurrentLineNumber(w.parser),
                       XML_ErrorString(XML_GetErrorCode(w.parser)));
    XML_ParserFree(w.parser);
    if (w.rc < 0)
        return w.rc;
    *out = w.all;
    *n = w.n;
    return SM_OK;
}

sm_str sm_element_local(const sm_element *e)
{
    size_t colon = sm_str_find(e->name, SM_STR(":"), 0);
    return colon == SIZE_MAX ? e->name : sm_str_sub(e->name, colon + 1, e->name.n);
}

bool sm_element_is(const sm_element *e, const char *local)
{
    return sm_str_eq(sm_element_local(e), sm_str_of(local));
}

sm_str sm_element_attrs(sm_str xml, const sm_element *e)
{
    return sm_str_sub(xml, e->at + 1 + e->name.n, e->inside);
}

/* The tag is well-formed: NAME="VALUE" or NAME='VALUE', blanks around. */
bool sm_element_attr_next(sm_str *rest, sm_str *whole, sm_str *local, sm_str *value)
{
    size_t eq = sm_str_find(*rest, SM_STR("="), 0);
    if (eq == SIZE_MAX)
        return false;
    size_t open = eq + 1;
    while (open < rest->n && rest->p[open] != '"' && rest->p[open] != '\'')
        open++;
    size_t close = sm_str_find(*rest, sm_str_sub(*rest, open, open + 1), open + 1);
    if (open >= rest->n || close == SIZE_MAX)
        return false;
    sm_str name = sm_str_trim(sm_str_sub(*rest, 0, eq));
    size_t colon = sm_str_find(name, SM_STR(":"), 0);
    *local = sm_str_sub(name, colon == SIZE_MAX ? 0 : colon + 1, name.n);
    *value = sm_str_sub(*rest, open + 1, close);
    *whole = sm_str_sub(*rest, 0, close + 1);
    *rest = sm_str_after(*rest, close + 1);
    return true;
}

sm_str sm_element_attr(sm_str xml, const sm_element *e, const char *local)
{
    sm_str rest = sm_element_attrs(xml, e), whole, name, value;
    while (sm_element_attr_next(&rest, &whole, &name, &value))
        if (sm_str_eq(name, sm_str_of(local)))
            return value;
    return SM_STR("");
}

size_t sm_element_child(const sm_element *all, size_t i, const char *local)
{
    size_t end = i + 1 + all[i].n_within;
    for (size_t k = i + 1; k < end; k += 1 + all[k].n_within)
        if (sm_str_eq(sm_element_local(&all[k]), sm_str_of(local)))
            return k;
    return SIZE_MAX;
}

/* -------------------------------------------------------------------- text */

bool sm_xml_take(sm_str *rest, uint32_t *c)
{
    if (!rest->n || rest->p[0] == '<')
        return false;
    if (rest->p[0] != '&') {
        *c = sm_utf8_next(rest);
        return true;
    }
    char one[4];
    size_t n = 0, taken = sm_entity_take(*rest, one, &n);
    if (!taken)
        return false;
    sm_str s = { one, n };
    *c = sm_utf8_next(&s);
    *rest = sm_str_after(*rest, taken);
    return true;
}

/* XML 1.0, production 2. */
static bool is_xml_char(uint32_t c)
{
    return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

void sm_xml_put(sm_buf *b, sm_str text)
{
    while (text.n) {
        sm_str before = text;
        uint32_t c = sm_utf8_next(&text);
        if (c == '&')
            sm_buf_add(b, SM_STR("&amp;"));
        else if (c == '<')
            sm_buf_add(b, SM_STR("&lt;"));
        else if (c == '>')
            sm_buf_add(b, SM_STR("&gt;"));
        else if (c == '"')
            sm_buf_add(b, SM_STR("&quot;"));
        else if (!is_xml_char(c) || c == 0xfffd)
            sm_buf_add(b, SM_STR("\xef\xbf\xbd"));
        else
            sm_buf_add(b, (sm_str){ before.p, before.n - text.n });
    }
}
