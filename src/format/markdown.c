/*
 * Markdown as public bodies write it: front matter, # headings, paragraphs,
 * lists, tables, fences.  A long line that does not end a sentence is joined
 * with the next one, unless that begins a numbered paragraph of its own
 * (第二条 …): so wrapped text, one line per paragraph, and the short lines of a
 * signature all come out right.
 */
#include "format/inline.h"
#include "format/reader.h"

#include "text/text.h"

#include <string.h>

enum { MIN_WRAPPED_BYTES = 60 }; /* 20 Chinese characters */

struct markdown {
    sm_reader *r;
    const char *base; /* of the file's UTF-8, for positions */
    sm_buf para;
    size_t para_pos, last_line_bytes;
    char fence; /* the character of the fence we are in, or 0 */
    bool in_table, in_comment;
};

static size_t pos_of(const struct markdown *m, sm_str at)
{
    return (size_t)(at.p - m->base);
}

static sm_rc add_inline(struct markdown *m, sm_block_kind kind, int level, sm_str raw, size_t pos)
{
    sm_buf b;
    sm_buf_init(&b, raw.n + 16);
    sm_inline_plain(raw, &b);
    sm_rc rc = sm_reader_block(m->r, kind, level, sm_buf_str(&b), pos);
    sm_buf_done(&b);
    return rc;
}

static sm_rc end_para(struct markdown *m)
{
    sm_rc rc = add_inline(m, SM_BLOCK_PARA, 0, sm_buf_str(&m->para), m->para_pos);
    m->para.n = 0;
    return rc;
}

static bool ends_a_sentence(sm_str s)
{
    static const char *const marks[] = { "。",  "！", "？", "；", "：", "。”",
                                         "！”", ".",  "!",  "?",  ";",  ":" };
    return sm_str_ends_any(s, marks, SM_LEN(marks));
}

static sm_rc add_to_para(struct markdown *m, sm_str line)
{
    sm_str text = sm_str_trim(line);
    sm_str so_far = sm_buf_str(&m->para);
    sm_rc rc = SM_OK;
    if (so_far.n && (m->last_line_bytes < MIN_WRAPPED_BYTES || ends_a_sentence(so_far) ||
                     sm_text_mark(text).kind != SM_MARK_NONE))
        rc = end_para(m);
    if (m->para.n == 0)
        m->para_pos = pos_of(m, text);
    else
        sm_buf_addc(&m->para, '\n');
    bool hard_break = sm_str_ends(line, SM_STR("  ")) || sm_str_ends(text, SM_STR("\\"));
    if (sm_str_ends(text, SM_STR("\\")))
        text.n--;
    sm_buf_add(&m->para, text);
    m->last_line_bytes = text.n;
    if (rc == SM_OK && hard_break)
        rc = end_para(m);
    return rc;
}

/* --------------------------------------------------------------- tables */

static bool has_only(sm_str s, const char *set)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(set, s.p[i]) || !s.p[i])
            return false;
    return s.n > 0;
}

/* |---|:---:| */
static bool is_separator(sm_str line)
{
    line = sm_str_trim(line);
    return has_only(line, "|:- \t") && sm_str_has(line, SM_STR("-")) &&
           sm_str_has(line, SM_STR("|"));
}

static sm_rc add_row(struct markdown *m, sm_str line)
{
    size_t pos = pos_of(m, line);
    if (sm_str_starts(line, SM_STR("|")))
        line = sm_str_after(line, 1);
    if (sm_str_ends(line, SM_STR("|")) && !sm_str_ends(line, SM_STR("\\|")))
        line.n--;
    sm_buf row, cell;
    sm_buf_init(&row, line.n * 2 + 16);
    sm_buf_init(&cell, line.n + 16);
    for (size_t i = 0; i <= line.n; i++) {
        bool escaped = i + 1 < line.n && line.p[i] == '\\' && line.p[i + 1] == '|';
        if (i == line.n || line.p[i] == '|') {
            sm_inline_plain(sm_str_trim(sm_buf_str(&cell)), &row);
            if (i < line.n)
                sm_buf_addc(&row, SM_CELL_END);
            cell.n = 0;
        } else {
            i += escaped;
            sm_buf_addc(&cell, line.p[i]);
        }
    }
    sm_rc rc = sm_reader_row(m->r, SM_BLOCK_ROW, sm_buf_str(&row), pos);
    sm_buf_done(&row);
    sm_buf_done(&cell);
    return rc;
}

/* ---------------------------------------------------------------- lines */

static int heading_level(sm_str line)
{
    int level = 0;
    while ((size_t)level < line.n && line.p[level] == '#')
        level++;
    bool alone = (size_t)level == line.n;
    return level >= 1 && level <= 6 && (alone || line.p[level] == ' ' || line.p[level] == '\t')
               ? level
               : 0;
}

static sm_rc add_heading(struct markdown *m, sm_str line, int level)
{
    sm_str text = sm_str_trim(sm_str_after(line, (size_t)level));
    size_t n = text.n;
    while (n && text.p[n - 1] == '#')
        n--;
    if (n == 0 || text.p[n - 1] == ' ')
        text.n = n;
    return add_inline(m, SM_BLOCK_HEADING, level, text, pos_of(m, line));
}

/* ---, ***, ___ or ===, blanks allowed between */
static bool is_rule(sm_str line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == ' ')
            continue;
        if (line.p[i] != line.p[0])
            return false;
        n++;
    }
    return n >= 3 && strchr("-*_=", line.p[0]);
}

static char fence_of(sm_str line)
{
    if (sm_str_starts(line, SM_STR("```")))
        return '`';
    return sm_str_starts(line, SM_STR("~~~")) ? '~' : 0;
}

static bool take_bullet(sm_str *line)
{
    if (line->n < 2 || !strchr("-*+", line->p[0]) || (line->p[1] != ' ' && line->p[1] != '\t'))
        return false;
    *line = sm_str_trim(sm_str_after(*line, 1));
    static const char *const boxes[] = { "[ ] ", "[x] ", "[X] " };
    for (size_t i = 0; i < SM_LEN(boxes); i++)
        if (sm_str_starts(*line, sm_str_of(boxes[i])))
            *line = sm_str_after(*line, 4);
    return true;
}

static bool take_comment(struct markdown *m, sm_str line)
{
    if (!m->in_comment && !sm_str_starts(line, SM_STR("<!--")))
        return false;
    m->in_comment = !sm_str_has(line, SM_STR("-->"));
    return true;
}

/* A line that is not text of a paragraph; false when it is. */
static bool take_special(struct markdown *m, sm_str line, sm_str next, sm_rc *rc)
{
    int level = heading_level(line);
    bool row = sm_str_starts(line, SM_STR("|")) ||
               (sm_str_has(line, SM_STR("|")) && (m->in_table || is_separator(next)));
    if (line.n && !row && !level && !is_rule(line) && !fence_of(line))
        return false;
    *rc = end_para(m);
    m->in_table = row;
    if (*rc < 0)
        return true;
    if (row && !is_separator(line))
        *rc = add_row(m, line);
    else if (level)
        *rc = add_heading(m, line, level);
    else
        m->fence = fence_of(line);
    return true;
}

static sm_rc take_line(struct markdown *m, sm_str raw, sm_str next)
{
    sm_str line = sm_str_trim(raw);
    sm_rc rc = SM_OK;
    if (m->fence) {
        if (fence_of(line) == m->fence)
            m->fence = 0;
        else
            rc = sm_reader_block(m->r, SM_BLOCK_PARA, 0, line, pos_of(m, line));
        return rc;
    }
    if (take_comment(m, line))
        return end_para(m);
    while (sm_str_starts(line, SM_STR(">")))
        line = sm_str_trim(sm_str_after(line, 1));
    if (take_special(m, line, next, &rc))
        return rc;
    m->in_table = false;
    if (take_bullet(&line)) {
        rc = end_para(m);
        raw = line;
    } else if (raw.n && raw.p[raw.n - 1] == '\r') {
        raw.n--;
    }
    if (sm_str_starts(sm_str_trim(raw), SM_STR(">")))
        raw = line;
    return rc < 0 ? rc : add_to_para(m, raw);
}

sm_rc sm_markdown_read(sm_reader *r, sm_str bytes)
{
    sm_str text = { 0 };
    sm_rc rc = sm_reader_decode(r, bytes, (sm_str){ 0 }, &text);
    if (rc < 0)
        return rc;
    struct markdown m = { .r = r, .base = text.p };
    sm_str rest = text, line = { 0 };
    if (sm_str_starts(rest, SM_STR("\xef\xbb\xbf")))
        rest = sm_str_after(rest, 3);
    rc = sm_front_matter_read(r, &rest);
    sm_buf_init(&m.para, text.n + 16);
    while (rc == SM_OK && sm_str_cut(&rest, '\n', &line)) {
        sm_str peek = rest, next = { 0 };
        sm_str_cut(&peek, '\n', &next);
        rc = take_line(&m, line, next);
    }
    if (rc == SM_OK)
        rc = end_para(&m);
    sm_buf_done(&m.para);
    return rc;
}
