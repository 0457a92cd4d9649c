/* Which reader a file is for, by what it holds rather than by its name; plain text, and what
 * Markdown and HTML say of themselves; the layout under construction. */
#include "format/official.h"
#include "format/package.h"
#include "format/readers.h"

#include "text/text.h"

#include <string.h>
#include <strings.h>

enum { MAX_PROPS = 1000, RUNS_A_BLOCK = 8, OPENING_BYTES = 1024 };

/* ------------------------------------------------------------- building */

sm_rc sm_layout_add_par(sm_layout_build *b, sm_par **out)
{
    sm_layout *l = b->l;
    sm_reader *r = b->r;
    if (l->n_pars >= r->limits->blocks)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 的段落超过 %zu 个的上限；请拆分成几个文件后再提交", r->name,
                       r->limits->blocks);
    if (l->n_pars % 1024 == 0 && sm_op_check(r->op) < 0)
        return r->op->rc;
    SM_GROW(r->op->arena, l->par, l->n_pars, b->cap_pars);
    l->par[l->n_pars] = (sm_par){ .table = -1, .row = -1, .col = -1 };
    *out = &l->par[l->n_pars++];
    return SM_OK;
}

static sm_rc count_text(sm_layout_build *b, size_t n)
{
    sm_reader *r = b->r;
    r->text_bytes += n;
    if (r->text_bytes <= r->limits->text_bytes)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件后再提交",
                   r->name, r->limits->text_bytes);
}

sm_rc sm_layout_check_runs(const sm_layout_build *b, size_t n_more)
{
    const sm_reader *r = b->r;
    if ((b->n_runs + n_more) / RUNS_A_BLOCK <= r->limits->blocks)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT,
                   "文件 %s 的文字切成了 %zu 个以上的小段，超过上限；请用 WPS 或 Word "
                   "打开，全选后复制到新文档，另存后再提交",
                   r->name, r->limits->blocks * RUNS_A_BLOCK);
}

sm_rc sm_layout_set_text(sm_layout_build *b, sm_par *par, sm_str text, sm_run *run, size_t n_runs)
{
    sm_rc rc = sm_layout_check_runs(b, n_runs);
    if (rc < 0)
        return rc;
    b->n_runs += n_runs;
    par->text = text;
    par->run = run;
    par->n_runs = n_runs;
    return count_text(b, text.n);
}

sm_rc sm_layout_set_plain(sm_layout_build *b, sm_par *par, sm_str text)
{
    sm_run *run = NULL;
    if (text.n) {
        run = SM_NEW(b->r->op->arena, sm_run);
        *run = (sm_run){
            .text = text, .bold = -1, .italic = -1, .underlined = -1, .colour = SM_COLOUR_AUTO
        };
    }
    return sm_layout_set_text(b, par, text, run, run != NULL);
}

sm_rc sm_layout_add_prop(sm_layout_build *b, sm_str name, sm_str value)
{
    sm_layout *l = b->l;
    sm_arena *a = b->r->op->arena;
    name = sm_str_trim(name);
    value = sm_str_trim(value);
    if (name.n == 0)
        return SM_OK;
    if (l->n_props >= MAX_PROPS)
        return sm_fail(b->r->op, SM_E_LIMIT,
                       "文件 %s 的属性超过 %d 项的上限；请删去不需要的项后再提交", b->r->name,
                       MAX_PROPS);
    sm_rc rc = count_text(b, name.n + value.n);
    if (rc < 0)
        return rc;
    SM_GROW(a, l->prop, l->n_props, b->cap_props);
    l->prop[l->n_props++] = (sm_meta){ sm_str_dup(a, name), sm_str_dup(a, value) };
    return SM_OK;
}

sm_section *sm_layout_add_section(sm_layout_build *b)
{
    sm_layout *l = b->l;
    SM_GROW(b->r->op->arena, l->section, l->n_sections, b->cap_sections);
    l->section[l->n_sections] = (sm_section){ 0 };
    return &l->section[l->n_sections++];
}

sm_rc sm_layout_add_part(sm_layout_build *b, sm_str name, uint16_t *index)
{
    sm_layout *l = b->l;
    sm_arena *a = b->r->op->arena;
    if (l->n_parts > UINT16_MAX)
        return sm_fail(b->r->op, SM_E_LIMIT, "文件 %s 的部件超过 %d 个的上限；请拆分后再提交",
                       b->r->name, UINT16_MAX);
    SM_GROW(a, l->part, l->n_parts, b->cap_parts);
    *index = (uint16_t)l->n_parts;
    l->part[l->n_parts++] = sm_str_dup(a, name);
    return SM_OK;
}

/* ----------------------------------------------------------------- text */

/* Takes a line off *rest, whatever ends it. */
static sm_str take_line(sm_str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    sm_str line = sm_str_sub(*rest, 0, n);
    bool both = n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n';
    *rest = sm_str_after(*rest, n + (both ? 2 : 1));
    return line;
}

static sm_rc text_layout(sm_layout_build *b, sm_str bytes)
{
    sm_str text = { 0 };
    sm_rc rc = sm_reader_decode(b->r, bytes, (sm_str){ 0 }, &text);
    bool as_is = text.p == bytes.p; /* else converted, and its places are not the file's */
    sm_str rest = text;
    if (sm_str_starts(rest, SM_STR("\xef\xbb\xbf")))
        rest = sm_str_after(rest, 3);
    while (rc == SM_OK && rest.n) {
        sm_par *par = NULL;
        sm_str line = take_line(&rest);
        rc = sm_layout_add_par(b, &par);
        if (rc == SM_OK)
            rc = sm_layout_set_plain(b, par, sm_str_dup(b->r->op->arena, line));
        if (rc == SM_OK && as_is && line.n) {
            par->run->at = (size_t)(line.p - text.p);
            par->run->n_at = line.n;
        }
    }
    b->l->n_body = b->l->n_pars;
    return rc;
}

/* A row was put together with " | " (reader.h). */
static sm_rc add_row(sm_layout_build *b, sm_str text, int table, int row)
{
    sm_rc rc = SM_OK;
    for (int col = 0; rc == SM_OK; col++) {
        size_t end = sm_str_find(text, SM_STR(" | "), 0);
        sm_par *par = NULL;
        rc = sm_layout_add_par(b, &par);
        if (rc < 0)
            break;
        par->place = SM_PAR_CELL;
        par->table = table, par->row = row, par->col = col;
        rc = sm_layout_set_plain(b, par, sm_str_trim(sm_str_sub(text, 0, end)));
        if (end == SIZE_MAX)
            break;
        text = sm_str_after(text, end + 3);
    }
    return rc;
}

static sm_rc add_blocks(sm_layout_build *b, const sm_document *doc)
{
    sm_rc rc = SM_OK;
    int table = -1, row = 0;
    for (size_t i = 0; rc == SM_OK && i < doc->n_meta; i++)
        rc = sm_layout_add_prop(b, doc->meta[i].name, doc->meta[i].value);
    for (size_t i = 0; rc == SM_OK && i < doc->n_blocks; i++) {
        const sm_block *k = &doc->block[i];
        if (k->kind == SM_BLOCK_ROW) {
            bool first = i == 0 || doc->block[i - 1].kind != SM_BLOCK_ROW;
            table += first;
            row = first ? 0 : row + 1;
            rc = add_row(b, k->text, table, row);
            continue;
        }
        sm_par *par = NULL;
        rc = sm_layout_add_par(b, &par);
        if (rc < 0)
            break;
        par->outline = k->level;
        rc = sm_layout_set_plain(b, par, k->text);
    }
    b->l->n_body = b->l->n_pars;
    return rc;
}

static sm_rc document_layout(sm_layout_build *b, sm_str bytes)
{
    sm_document *doc;
    sm_rc rc = sm_format_read(b->r->op, b->r->name, bytes, b->l->format, b->r->limits, &doc);
    return rc < 0 ? rc : add_blocks(b, doc);
}

/* ------------------------------------------------------ which reader it is */

/* NULL: known by this name, not read here. */
static sm_rc (*const readers[])(sm_layout_build *b, sm_str bytes) = {
    [SM_FORMAT_AUTO] = NULL,           [SM_FORMAT_MARKDOWN] = document_layout,
    [SM_FORMAT_TEXT] = text_layout,    [SM_FORMAT_HTML] = document_layout,
    [SM_FORMAT_DOCX] = sm_docx_layout, [SM_FORMAT_JSONL] = NULL,
    [SM_FORMAT_OFD] = sm_ofd_layout,   [SM_FORMAT_PDF] = sm_pdf_layout,
    [SM_FORMAT_XLSX] = sm_xlsx_layout,
};

#define MAGIC(lit)              \
    {                           \
        "" lit, sizeof(lit) - 1 \
    }
#define SCAN "是图片（扫描件），没有可读的文字；请先做文字识别（OCR），另存为 DOCX 后再提交"

/* Files that are known and not read; told by their first bytes, since names lie. */
static const struct {
    sm_str magic;
    const char *advice;
} strangers[] = {
    { MAGIC("{\\rtf"), "是 RTF 文档，不能直接读取；请用 WPS 或 Word 另存为 DOCX 后再提交" },
    { MAGIC("\xff\xfe"), "是 UTF-16 编码的文本；请另存为 UTF-8 编码后再提交" },
    { MAGIC("\xfe\xff"), "是 UTF-16 编码的文本；请另存为 UTF-8 编码后再提交" },
    { MAGIC("Rar!"), "是 RAR 压缩包；请解压后提交其中的文件" },
    { MAGIC("7z\xbc\xaf"), "是 7z 压缩包；请解压后提交其中的文件" },
    { MAGIC("\x89PNG"), SCAN },
    { MAGIC("\xff\xd8\xff"), SCAN },
    { MAGIC("GIF8"), SCAN },
    { MAGIC("II*\0"), SCAN },
    { MAGIC("MM\0*"), SCAN },
    { MAGIC("Founder CEB"), "是 CEB 版式文件，不能直接读取；请另存为 OFD、PDF 或 DOCX 后再提交" },
    { MAGIC("MIME-Version:"), "是网页归档（MHT）；请用 WPS 或 Word 另存为 DOCX 后再提交" },
};

/* What a compound file holds, by the names of its streams. */
static const struct {
    const char *stream, *advice;
} compounds[] = {
    { "EncryptedPackage",
      "设有打开密码，不能读取；请用 WPS 或 Word 打开，取消密码，另存为 DOCX 后再提交" },
    { "WordDocument", "是旧版 .doc 或 .wps 文档，不能直接读取；请用 WPS 或 Word 另存为 DOCX "
                      "后再提交" },
    { "Workbook", "是旧版 .xls 或 .et 表格，不能直接读取；请用 WPS 或 Excel 另存为 XLSX "
                  "后再提交" },
    { "PowerPoint Document", "是演示文稿，不能审核；请把文字另存为 DOCX 后再提交" },
    { "MatOST", "是 Microsoft Works 文档，不能读取；请用原来的软件另存为 DOCX 后再提交" },
};

static bool has_stream(sm_str bytes, const char *name)
{
    char wide[64];
    size_t n = 0;
    for (; *name && n + 2 <= sizeof(wide); name++) {
        wide[n++] = *name;
        wide[n++] = 0;
    }
    return sm_str_has(bytes, (sm_str){ wide, n });
}

static sm_rc refuse_compound(sm_reader *r, sm_str bytes)
{
    for (size_t i = 0; i < SM_LEN(compounds); i++)
        if (has_stream(bytes, compounds[i].stream))
            return sm_fail(r->op, SM_E_INVALID, "文件 %s %s", r->name, compounds[i].advice);
    return sm_fail(r->op, SM_E_INVALID,
                   "文件 %s 是旧版 Office 文档或已残缺，不能读取；请用 WPS 或 Word "
                   "打开，另存为 DOCX 后再提交",
                   r->name);
}

/* Nothing is ever written by these names, but no honest file has them. */
static bool leads_out(sm_str name)
{
    if (sm_str_starts(name, SM_STR("/")) || sm_str_has(name, SM_STR("..\\")))
        return true;
    for (sm_str step; sm_str_cut(&name, '/', &step);)
        if (sm_str_eq(step, SM_STR("..")))
            return true;
    return false;
}

static const struct {
    const char *part;
    sm_format format;   /* or, if AUTO: */
    const char *advice; /* why not */
} packages[] = {
    { "OFD.xml", SM_FORMAT_OFD, NULL },
    { "xl/workbook.xml", SM_FORMAT_XLSX, NULL },
    { "ppt/presentation.xml", SM_FORMAT_AUTO,
      "是演示文稿，不能审核；请把文字另存为 DOCX 后再提交" },
    { "content.xml", SM_FORMAT_AUTO, "是 ODF 文档；请用 WPS 或 Word 另存为 DOCX 后再提交" },
    { "uof.xml", SM_FORMAT_AUTO, "是标文通（UOF）文档；请用 WPS 另存为 DOCX 后再提交" },
    { "[Content_Types].xml", SM_FORMAT_DOCX, NULL },
    { "word/document.xml", SM_FORMAT_DOCX, NULL },
};

static sm_rc look_into(sm_reader *r, const sm_package *p, sm_format *format)
{
    for (size_t i = 0; i < sm_package_count(p); i++)
        if (leads_out(sm_package_name(p, i)))
            return sm_fail(r->op, SM_E_CORRUPT,
                           "文件 %s 的压缩包里有指向包外的部件名（%.*s），为安全起见不予读取；"
                           "请确认文件来源，用 WPS 或 Word 打开并另存后再提交",
                           r->name, (int)SM_MIN(sm_package_name(p, i).n, (size_t)100),
                           sm_package_name(p, i).p);
    for (size_t i = 0; i < SM_LEN(packages); i++) {
        if (sm_package_find(p, sm_str_of(packages[i].part)) == SIZE_MAX)
            continue;
        *format = packages[i].format;
        return packages[i].advice
                   ? sm_fail(r->op, SM_E_INVALID, "文件 %s %s", r->name, packages[i].advice)
                   : SM_OK;
    }
    return sm_fail(r->op, SM_E_INVALID,
                   "文件 %s 是压缩包，里面没有文档正文；请解压后提交其中的文件，"
                   "或用 WPS、Word 另存为 DOCX 后再提交",
                   r->name);
}

static sm_rc look_into_zip(sm_reader *r, sm_str bytes, sm_format *format)
{
    sm_package *p = NULL;
    sm_rc rc = sm_package_open(r, bytes, &p);
    if (rc == SM_OK)
        rc = look_into(r, p, format);
    sm_package_close(p);
    return rc;
}

/* Word 2003's and UOF's one big XML; XHTML is not meant. */
static bool is_office_xml(sm_str bytes)
{
    bytes = sm_str_sub(bytes, 0, OPENING_BYTES);
    return sm_str_starts(bytes, SM_STR("<?xml")) &&
           (sm_str_has(bytes, SM_STR("wordDocument")) ||
            sm_str_has(bytes, SM_STR("opendocument")) || sm_str_has(bytes, SM_STR("uof")) ||
            sm_str_has(bytes, SM_STR("schemas.microsoft.com/office")));
}

/* A file named so whose first bytes are another's is no file of that kind. */
static sm_rc check_name(sm_reader *r)
{
    static const char *const endings[] = { ".docx", ".docm", ".ofd", ".pdf", ".xlsx" };
    size_t n = strlen(r->name);
    for (size_t i = 0; i < SM_LEN(endings); i++) {
        size_t k = strlen(endings[i]);
        if (n > k && strcasecmp(r->name + n - k, endings[i]) == 0)
            return sm_fail(r->op, SM_E_CORRUPT,
                           "文件 %s 的内容不是 %s（开头不对，可能没有传完或改过扩展名）；"
                           "请重新取得文件，或用 WPS、Word 另存为 DOCX 后再提交",
                           r->name, endings[i] + 1);
    }
    return SM_OK;
}

static sm_rc decide(sm_reader *r, sm_str bytes, sm_format *format)
{
    if (bytes.n == 0)
        return sm_fail(r->op, SM_E_INVALID, "文件 %s 是空的（0 字节）；请重新取得文件后再提交",
                       r->name);
    if (bytes.n > r->limits->file_bytes)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 有 %zu 字节，超过 %zu 字节的上限；请拆分成几个文件后再提交",
                       r->name, bytes.n, r->limits->file_bytes);
    if (sm_str_starts(bytes, SM_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
        return refuse_compound(r, bytes);
    for (size_t i = 0; i < SM_LEN(strangers); i++)
        if (sm_str_starts(bytes, strangers[i].magic))
            return sm_fail(r->op, SM_E_INVALID, "文件 %s %s", r->name, strangers[i].advice);
    if (is_office_xml(bytes))
        return sm_fail(r->op, SM_E_INVALID,
                       "文件 %s 是 XML 格式的 Office 文档；请用 WPS 或 Word 另存为 DOCX 后再提交",
                       r->name);
    if (sm_str_starts(bytes, SM_STR("%PDF-"))) {
        *format = SM_FORMAT_PDF;
        return SM_OK;
    }
    if (sm_str_starts(bytes, SM_STR("PK\x03\x04")) || sm_str_starts(bytes, SM_STR("PK\x05\x06")))
        return look_into_zip(r, bytes, format);
    if (*format == SM_FORMAT_AUTO)
        *format = sm_format_guess(r->name, bytes);
    return check_name(r);
}

static sm_rc complete(sm_layout_build *b)
{
    uint16_t index;
    if (b->l->n_sections == 0)
        sm_layout_add_section(b);
    return b->l->n_parts ? SM_OK
                         : sm_layout_add_part(
                               b, sm_utf8_mend(b->r->op->arena, sm_str_of(b->r->name)), &index);
}

sm_rc sm_layout_read(sm_op *op, const char *name, sm_str bytes, sm_format format,
                     const sm_format_limits *limits, sm_layout **out)
{
    static const sm_format_limits standard = SM_FORMAT_LIMITS_INIT;
    sm_reader r = { .op = op,
                    .name = name ? name : "（未命名）",
                    .limits = limits ? limits : &standard };
    sm_layout_build b = { .r = &r, .l = SM_NEW(op->arena, sm_layout) };
    sm_rc rc = decide(&r, bytes, &format);
    if (rc < 0)
        return rc;
    if ((size_t)format >= SM_LEN(readers) || !readers[format])
        return sm_fail(op, SM_E_INVALID, "文件 %s 的格式还不能审核；请另存为 DOCX 后再提交",
                       r.name);
    if (format == SM_FORMAT_TEXT && sm_str_starts(bytes, SM_STR("@form ")))
        return sm_official_read(op, r.name, bytes, out); /* the notation, laid out */
    b.l->format = format;
    rc = readers[format](&b, bytes);
    if (rc == SM_OK)
        rc = complete(&b);
    if (rc < 0)
        return rc;
    *out = b.l;
    return SM_OK;
}
