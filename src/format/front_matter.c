/*
 * The front matter of a Markdown file: lines `name: value` between two lines
 * `---`.  The look of YAML, none of its depth: no lists, no nesting, no types.
 */
#include "format/reader.h"

#include <string.h>

enum { MAX_NAME_BYTES = 64 };

static sm_rc fail_line(sm_reader *r, size_t line_no, const char *what)
{
    return sm_fail(r->op, SM_E_INVALID, "文件 %s 第 %zu 行：%s", r->name, line_no, what);
}

/* `s` begins with a double quote; false when it is not closed or escapes badly. */
static bool unquote_double(sm_str s, sm_buf *b)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '"')
            return sm_str_trim(sm_str_after(s, i + 1)).n == 0;
        if (s.p[i] != '\\') {
            sm_buf_addc(b, s.p[i]);
            continue;
        }
        char c = ++i < s.n ? s.p[i] : 0;
        if (c == 'n' || c == 't')
            sm_buf_addc(b, ' ');
        else if (c == '"' || c == '\\' || c == '/')
            sm_buf_addc(b, c);
        else
            return false;
    }
    return false;
}

static bool unquote_single(sm_str s, sm_buf *b)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '\'' && (i + 1 == s.n || s.p[i + 1] != '\''))
            return sm_str_trim(sm_str_after(s, i + 1)).n == 0;
        i += s.p[i] == '\'';
        sm_buf_addc(b, s.p[i]);
    }
    return false;
}

static sm_rc read_value(sm_reader *r, size_t line_no, sm_str name, sm_str value)
{
    if (sm_str_is(value, "|") || sm_str_is(value, ">"))
        return fail_line(r, line_no, "值不能分成多行；请写在同一行");
    if (value.n == 0 || (value.p[0] != '"' && value.p[0] != '\''))
        return sm_reader_meta(r, name, value);
    sm_buf b;
    sm_buf_init(&b, value.n);
    bool ok = value.p[0] == '"' ? unquote_double(value, &b) : unquote_single(value, &b);
    sm_rc rc = ok ? sm_reader_meta(r, name, sm_buf_str(&b))
                  : fail_line(r, line_no, "引号没有配对；请在值的末尾补上引号，或去掉引号");
    sm_buf_done(&b);
    return rc;
}

static bool is_name(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("[]{}\"'|>", s.p[i]))
            return false;
    return s.n > 0 && s.n <= MAX_NAME_BYTES;
}

static sm_rc read_line(sm_reader *r, size_t line_no, sm_str line)
{
    if (sm_str_trim(line).n == 0 || line.p[0] == '#')
        return SM_OK;
    if (line.p[0] == ' ' || line.p[0] == '\t' || line.p[0] == '-')
        return fail_line(r, line_no, "只支持“名称: 值”，一行一项，不能缩进或写成列表；请顶格改写");
    size_t colon = sm_str_find(line, SM_STR(":"), 0);
    sm_str name = sm_str_trim(sm_str_sub(line, 0, colon));
    if (colon == SIZE_MAX)
        return fail_line(r, line_no,
                         sm_str_has(line, SM_STR("：")) ? "冒号应为半角；请写成“名称: 值”"
                                                        : "缺少冒号；请写成“名称: 值”");
    if (!is_name(name))
        return fail_line(r, line_no,
                         "冒号前的名称为空、过长或含有空格、引号、括号；请写成“名称: 值”");
    if (sm_document_meta(r->doc, sm_cstr(r->op->arena, name)).p)
        return fail_line(r, line_no,
                         sm_strf(r->op->arena, "“%.*s”写了两次；请删去一处", SM_ARG(name)).p);
    return read_value(r, line_no, name, sm_str_trim(sm_str_after(line, colon + 1)));
}

sm_rc sm_front_matter_read(sm_reader *r, sm_str *rest)
{
    sm_str after = *rest, line = { 0 };
    if (!sm_str_cut(&after, '\n', &line) || line.n < 3 || line.p[0] != '-' ||
        !sm_str_is(sm_str_trim(line), "---"))
        return SM_OK;
    for (size_t line_no = 2; sm_str_cut(&after, '\n', &line); line_no++) {
        if (sm_str_ends(line, SM_STR("\r")))
            line.n--;
        if (line.n && line.p[0] == '-' && sm_str_is(sm_str_trim(line), "---")) {
            *rest = after;
            return SM_OK;
        }
        sm_rc rc = read_line(r, line_no, line);
        if (rc < 0)
            return rc;
    }
    return fail_line(r, 1, "开头的“---”没有配对的结束行；请在元数据之后另起一行写“---”");
}
