#include "format/reader.h"

#include "text/text.h"

#include <string.h>
#include <strings.h>

enum {
    MAX_META = 1000,
    MAX_CELL_PIECES = 8, /* a cell of more paragraphs lays out a page */
    CHECK_EVERY = 1024,  /* blocks between two looks at the clock */
};

size_t sm_line_of(sm_str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

bool sm_str_is(sm_str s, const char *ascii)
{
    return s.n == strlen(ascii) && (s.n == 0 || strncasecmp(s.p, ascii, s.n) == 0);
}

sm_str sm_str_after(sm_str s, size_t n)
{
    return sm_str_sub(s, n, s.n);
}

/* The bytes of the blank at the front of s, 0 for none; says if it ends a line. */
static size_t blank_at(sm_str s, bool *line_end)
{
    unsigned char c = (unsigned char)s.p[0];
    if (c <= ' ' || c == 0x7f) {
        *line_end |= c == '\n' || c == '\r';
        return 1;
    }
    if (sm_str_starts(s, SM_STR("\u00a0")))
        return 2;
    if (s.n > 2 && sm_str_starts(s, SM_STR("\xe2\x80")) && (unsigned char)s.p[2] <= 0x8a)
        return 3; /* U+2000 to U+200A */
    if (sm_str_starts(s, SM_STR("\xc2\x85")) || sm_str_starts(s, SM_STR("\u2028")) ||
        sm_str_starts(s, SM_STR("\u2029"))) {
        *line_end = true;
        return c == 0xc2 ? 2 : 3;
    }
    return 0;
}

/* Characters that are never seen: zero width, soft hyphen. */
static size_t nothing_at(sm_str s)
{
    static const char *const unseen[] = { "\u200b", "\u200c", "\ufeff", "\u00ad" };
    for (size_t i = 0; i < SM_LEN(unseen); i++)
        if (sm_str_starts(s, sm_str_of(unseen[i])))
            return strlen(unseen[i]);
    return 0;
}

/* One line of text, trimmed, in the arena. */
static sm_str squeeze(sm_arena *a, sm_str raw)
{
    raw = sm_utf8_mend(a, sm_str_trim(raw));
    char *p = sm_alloc(a, raw.n + 1);
    size_t n = 0;
    bool gap = false, line_end = false;
    while (raw.n) {
        size_t k = blank_at(raw, &line_end);
        if (k) {
            gap = true;
        } else if ((k = nothing_at(raw)) == 0) {
            bool wrapped =
                line_end && n && (unsigned char)p[n - 1] >= 0x80 && (unsigned char)raw.p[0] >= 0x80;
            if (gap && n && !wrapped)
                p[n++] = ' ';
            p[n++] = raw.p[0];
            gap = line_end = false;
            k = 1;
        }
        raw = sm_str_after(raw, k);
    }
    return sm_str_trim((sm_str){ p, n });
}

static sm_rc count_text(sm_reader *r, size_t n)
{
    r->text_bytes += n;
    if (r->text_bytes <= r->limits->text_bytes)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件后再导入",
                   r->name, r->limits->text_bytes);
}

static sm_rc add_block(sm_reader *r, sm_block block)
{
    sm_document *d = r->doc;
    if (block.text.n == 0)
        return SM_OK;
    if (d->n_blocks >= r->limits->blocks)
        return sm_fail(r->op, SM_E_LIMIT,
                       "文件 %s 的段落超过 %zu 个的上限；请拆分成几个文件后再导入", r->name,
                       r->limits->blocks);
    sm_rc rc = count_text(r, block.text.n);
    if (rc == SM_OK && d->n_blocks % CHECK_EVERY == 0)
        rc = sm_op_check(r->op);
    if (rc < 0)
        return rc;
    SM_GROW(r->op->arena, d->block, d->n_blocks, r->cap_blocks);
    d->block[d->n_blocks++] = block;
    return SM_OK;
}

sm_rc sm_reader_block(sm_reader *r, sm_block_kind kind, int level, sm_str raw, size_t pos)
{
    return add_block(r, (sm_block){ kind, level, squeeze(r->op->arena, raw), pos });
}

sm_rc sm_reader_line(sm_reader *r, sm_block_kind kind, sm_str line, size_t pos)
{
    return add_block(r, (sm_block){ kind, 0, line, pos });
}

sm_rc sm_reader_meta(sm_reader *r, sm_str name, sm_str value)
{
    sm_document *d = r->doc;
    sm_meta m = { squeeze(r->op->arena, name), squeeze(r->op->arena, value) };
    if (m.name.n == 0)
        return SM_OK;
    if (d->n_meta >= MAX_META)
        return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的元数据超过 %d 项的上限；请删去不需要的项",
                       r->name, MAX_META);
    sm_rc rc = count_text(r, m.name.n + m.value.n);
    if (rc < 0)
        return rc;
    SM_GROW(r->op->arena, d->meta, d->n_meta, r->cap_meta);
    d->meta[d->n_meta++] = m;
    return SM_OK;
}

/* ----------------------------------------------------------------- rows */

static bool lays_out_a_page(sm_str raw)
{
    size_t n_cells = 0, most = 0;
    for (sm_str cell; sm_str_cut(&raw, SM_CELL_END, &cell); n_cells++) {
        size_t n = 0;
        for (sm_str piece; sm_str_cut(&cell, SM_PIECE_END, &piece);)
            n += sm_str_trim(piece).n > 0;
        most = SM_MAX(most, n);
    }
    return most > (n_cells == 1 ? 1 : MAX_CELL_PIECES);
}

static sm_rc add_paragraphs(sm_reader *r, sm_block_kind kind, sm_str raw, size_t pos)
{
    kind = kind == SM_BLOCK_ROW ? SM_BLOCK_PARA : kind;
    for (sm_str cell; sm_str_cut(&raw, SM_CELL_END, &cell);)
        for (sm_str piece; sm_str_cut(&cell, SM_PIECE_END, &piece);) {
            sm_rc rc = sm_reader_block(r, kind, 0, piece, pos);
            if (rc < 0)
                return rc;
        }
    return SM_OK;
}

sm_rc sm_reader_row(sm_reader *r, sm_block_kind kind, sm_str raw, size_t pos)
{
    if (lays_out_a_page(raw))
        return add_paragraphs(r, kind, raw, pos);
    sm_buf b;
    sm_buf_init(&b, raw.n * 4 + 16); /* a one-byte mark becomes " | " at most */
    size_t n_cells = 0, n_filled = 0;
    for (sm_str cell; sm_str_cut(&raw, SM_CELL_END, &cell); n_cells++) {
        sm_str text = squeeze(r->op->arena, cell);
        if (n_cells)
            sm_buf_add(&b, SM_STR(" | "));
        sm_buf_add(&b, text);
        n_filled += text.n > 0;
    }
    sm_rc rc = SM_OK;
    if (n_filled)
        rc = sm_reader_line(r, kind, sm_str_dup(r->op->arena, sm_str_trim(sm_buf_str(&b))), pos);
    sm_buf_done(&b);
    return rc;
}
