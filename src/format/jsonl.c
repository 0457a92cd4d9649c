#include "format/reader.h"

enum { MAX_LINE_BYTES = 1 << 20 };

sm_rc sm_jsonl_next(sm_op *op, sm_str *rest, size_t max_line_bytes, size_t *line_no, sm_str *line)
{
    for (sm_str next; sm_str_cut(rest, '\n', &next);) {
        if (++*line_no == 1 && sm_str_starts(next, SM_STR("\xef\xbb\xbf")))
            next = sm_str_after(next, 3);
        next = sm_str_trim(next);
        if (next.n > max_line_bytes)
            return sm_fail(op, SM_E_LIMIT,
                           "第 %zu 行有 %zu 字节，超过每行 %zu 字节的上限；请拆成几条较短的记录",
                           *line_no, next.n, max_line_bytes);
        if (next.n) {
            *line = next;
            return SM_OK;
        }
    }
    return SM_E_NOTFOUND;
}

/* Tabs and returns may part the tokens of a record, never stand inside one. */
static sm_str one_line(sm_arena *a, sm_str record)
{
    char *p = sm_cstr(a, record);
    for (size_t i = 0; i < record.n; i++)
        if ((unsigned char)p[i] < ' ')
            p[i] = ' ';
    return (sm_str){ p, record.n };
}

/* A fresh operation for each line, so that its values are gone with the line. */
static sm_rc check_line(sm_reader *r, size_t line_no, sm_str line)
{
    sm_op once;
    sm_op_begin(&once);
    json_t *v;
    sm_str what = sm_strf(once.arena, "文件 %s 第 %zu 行", r->name, line_no);
    sm_rc rc = sm_json_parse(&once, line, what.p, &v);
    if (rc < 0)
        sm_fail(r->op, rc, "%.*s；请改正这一行后再导入", SM_ARG(once.msg));
    sm_op_end(&once);
    return rc;
}

sm_rc sm_jsonl_read(sm_reader *r, sm_str bytes)
{
    sm_str text = { 0 };
    sm_rc rc = sm_reader_decode(r, bytes, (sm_str){ 0 }, &text);
    if (rc < 0)
        return rc;
    sm_str rest = text, line = { 0 };
    for (size_t line_no = 0;;) {
        rc = sm_jsonl_next(r->op, &rest, MAX_LINE_BYTES, &line_no, &line);
        if (rc == SM_E_NOTFOUND)
            return SM_OK;
        if (rc == SM_OK)
            rc = check_line(r, line_no, line);
        if (rc == SM_OK)
            rc = sm_reader_line(r, SM_BLOCK_PARA, one_line(r->op->arena, line),
                                (size_t)(line.p - text.p));
        if (rc < 0)
            return rc;
    }
}
