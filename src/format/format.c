#include "format/reader.h"

#include "text/text.h"

#include <string.h>
#include <strings.h>

enum { MAX_TITLE_CHARS = 200 }; /* a first line may be the whole file */

/* What a file is called and who reads it. */
static const struct {
    const char *endings[5];
    sm_rc (*read)(sm_reader *r, sm_str bytes);
} formats[] = {
    [SM_FORMAT_AUTO] = { .read = NULL },
    [SM_FORMAT_MARKDOWN] = { { ".md", ".markdown" }, sm_markdown_read },
    [SM_FORMAT_TEXT] = { { ".txt", ".text" }, sm_plain_read },
    [SM_FORMAT_HTML] = { { ".html", ".htm", ".shtml", ".xhtml" }, sm_html_read },
    [SM_FORMAT_DOCX] = { { ".docx", ".docm" }, sm_docx_read },
    [SM_FORMAT_JSONL] = { { ".jsonl", ".ndjson" }, sm_jsonl_read },
    /* Read as layouts alone: the reader of packages says what they are. */
    [SM_FORMAT_OFD] = { { ".ofd" }, sm_docx_read },
    [SM_FORMAT_PDF] = { { ".pdf" }, sm_docx_read },
    [SM_FORMAT_XLSX] = { { ".xlsx", ".xlsm" }, sm_docx_read },
};

#define MAGIC(lit)              \
    {                           \
        "" lit, sizeof(lit) - 1 \
    }

/* Files that are known and not read; told by their first bytes, since names lie. */
static const struct {
    sm_str magic;
    const char *advice;
} strangers[] = {
    { MAGIC("%PDF-"), "是 PDF，不能直接读取；请另存为 .docx 或 .txt 后再导入" },
    { MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
      "是设有密码的 Office 文档或旧版 .doc/.wps；请用 Word 或 WPS 打开，取消密码，"
      "另存为 .docx 后再导入" },
    { MAGIC("{\\rtf"), "是 RTF，不能直接读取；请另存为 .docx 后再导入" },
    { MAGIC("\xff\xfe"), "是 UTF-16 编码的文本；请另存为 UTF-8 编码后再导入" },
    { MAGIC("\xfe\xff"), "是 UTF-16 编码的文本；请另存为 UTF-8 编码后再导入" },
    { MAGIC("Rar!"), "是 RAR 压缩包；请解压后导入其中的文件" },
    { MAGIC("7z\xbc\xaf"), "是 7z 压缩包；请解压后导入其中的文件" },
};

/* The first bytes of formats whose name says nothing. */
static const struct {
    sm_str magic;
    sm_format format;
} openings[] = {
    { MAGIC("PK\x03\x04"), SM_FORMAT_DOCX }, { MAGIC("PK\x05\x06"), SM_FORMAT_DOCX },
    { MAGIC("---\n"), SM_FORMAT_MARKDOWN },  { MAGIC("---\r\n"), SM_FORMAT_MARKDOWN },
    { MAGIC("# "), SM_FORMAT_MARKDOWN },     { MAGIC("## "), SM_FORMAT_MARKDOWN },
    { MAGIC("{\""), SM_FORMAT_JSONL },       { MAGIC("<!doctype html"), SM_FORMAT_HTML },
    { MAGIC("<html"), SM_FORMAT_HTML },      { MAGIC("<head"), SM_FORMAT_HTML },
    { MAGIC("<body"), SM_FORMAT_HTML },      { MAGIC("<meta"), SM_FORMAT_HTML },
    { MAGIC("<div"), SM_FORMAT_HTML },       { MAGIC("<table"), SM_FORMAT_HTML },
    { MAGIC("<p>"), SM_FORMAT_HTML },        { MAGIC("%PDF-"), SM_FORMAT_PDF },
};

static bool ends_as(sm_str name, const char *ending)
{
    size_t n = strlen(ending);
    return name.n > n && strncasecmp(name.p + name.n - n, ending, n) == 0;
}

static bool begins_as(sm_str s, sm_str opening)
{
    return s.n >= opening.n && strncasecmp(s.p, opening.p, opening.n) == 0;
}

sm_format sm_format_guess(const char *name, sm_str bytes)
{
    sm_str called = sm_str_of(name);
    for (size_t f = 0; f < SM_LEN(formats); f++)
        for (size_t i = 0; i < SM_LEN(formats[f].endings) && formats[f].endings[i]; i++)
            if (ends_as(called, formats[f].endings[i]))
                return (sm_format)f;
    if (sm_str_starts(bytes, SM_STR("\xef\xbb\xbf")))
        bytes = sm_str_after(bytes, 3);
    bytes = sm_str_trim(sm_str_sub(bytes, 0, 1024));
    for (size_t i = 0; i < SM_LEN(openings); i++)
        if (begins_as(bytes, openings[i].magic))
            return openings[i].format;
    return SM_FORMAT_TEXT;
}

static bool names_title(sm_str name)
{
    /* ArticleTitle is what government sites put beside a <title> that also
     * holds the site's name (国办发〔2017〕47号《政府网站发展指引》附件). */
    return sm_str_is(name, "ArticleTitle") || sm_str_is(name, "title");
}

static sm_str title_of(const sm_document *doc)
{
    sm_str title = { 0 };
    for (size_t i = 0; i < doc->n_meta; i++)
        if (doc->meta[i].value.n && names_title(doc->meta[i].name) &&
            (title.n == 0 || sm_str_is(doc->meta[i].name, "ArticleTitle")))
            title = doc->meta[i].value;
    for (size_t i = 0; title.n == 0 && i < doc->n_blocks; i++)
        if (doc->block[i].kind == SM_BLOCK_HEADING && doc->block[i].level == 1)
            title = doc->block[i].text;
    for (size_t i = 0; title.n == 0 && i < doc->n_blocks; i++)
        if (doc->block[i].kind != SM_BLOCK_HEADER)
            title = doc->block[i].text;
    return sm_str_trim(sm_utf8_head(title, MAX_TITLE_CHARS));
}

sm_rc sm_format_read(sm_op *op, const char *name, sm_str bytes, sm_format format,
                     const sm_format_limits *limits, sm_document **out)
{
    static const sm_format_limits standard = SM_FORMAT_LIMITS_INIT;
    sm_reader r = { .op = op,
                    .name = name ? name : "（未命名）",
                    .limits = limits ? limits : &standard };
    if (bytes.n > r.limits->file_bytes)
        return sm_fail(op, SM_E_LIMIT,
                       "文件 %s 有 %zu 字节，超过 %zu 字节的上限；请拆分成几个文件后再导入", r.name,
                       bytes.n, r.limits->file_bytes);
    for (size_t i = 0; i < SM_LEN(strangers); i++)
        if (sm_str_starts(bytes, strangers[i].magic))
            return sm_fail(op, SM_E_CORRUPT, "文件 %s %s", r.name, strangers[i].advice);
    if (format == SM_FORMAT_AUTO)
        format = sm_format_guess(name, bytes);
    if ((size_t)format >= SM_LEN(formats) || !formats[format].read)
        return sm_fail(op, SM_E_INVALID, "文件 %s：没有编号为 %d 的格式", r.name, (int)format);
    r.doc = SM_NEW(op->arena, sm_document);
    r.doc->format = format;
    sm_rc rc = formats[format].read(&r, bytes);
    if (rc < 0)
        return rc;
    r.doc->title = title_of(r.doc);
    *out = r.doc;
    return SM_OK;
}

sm_str sm_document_meta(const sm_document *doc, const char *name)
{
    sm_str wanted = sm_str_of(name);
    for (size_t i = 0; i < doc->n_meta; i++)
        if (sm_str_eq(doc->meta[i].name, wanted))
            return doc->meta[i].value;
    return (sm_str){ 0 };
}
