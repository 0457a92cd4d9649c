/*
 * format/reader.h - private: the document under construction, and what the
 * readers of the formats share.  A reader adds blocks and meta in the file's
 * order; the first failure is in the op and comes back as the code.
 */
#ifndef SM_FORMAT_READER_H
#define SM_FORMAT_READER_H

#include "format/format.h"

typedef struct sm_reader {
    sm_op *op;
    const char *name; /* of the file, for messages */
    const sm_format_limits *limits;
    sm_document *doc;
    size_t cap_meta, cap_blocks;
    size_t text_bytes; /* taken so far */
} sm_reader;

/* One reader per format; `bytes` is the whole file, within limits->file_bytes. */
sm_rc sm_markdown_read(sm_reader *r, sm_str bytes);
sm_rc sm_plain_read(sm_reader *r, sm_str bytes);
sm_rc sm_html_read(sm_reader *r, sm_str bytes);
sm_rc sm_docx_read(sm_reader *r, sm_str bytes);
sm_rc sm_jsonl_read(sm_reader *r, sm_str bytes);

/* Takes the front matter off *rest, if it begins with one. */
sm_rc sm_front_matter_read(sm_reader *r, sm_str *rest);

/* Adds raw text as one line: runs of blanks become one space, a line break
 * between two Chinese characters becomes nothing.  What is then empty is left
 * out.  E_LIMIT over the limits of text and blocks. */
sm_rc sm_reader_block(sm_reader *r, sm_block_kind kind, int level, sm_str raw, size_t pos);
/* The same for text in the arena that is one clean line already: kept as it is. */
sm_rc sm_reader_line(sm_reader *r, sm_block_kind kind, sm_str line, size_t pos);
sm_rc sm_reader_meta(sm_reader *r, sm_str name, sm_str value);

/* Inside the raw text of a table row; no text of a file holds them as text. */
enum { SM_PIECE_END = 1, SM_CELL_END = 2 };

/* Adds a row, cells parted by SM_CELL_END, paragraphs in them by SM_PIECE_END.
 * A row that only lays out a page (one cell of several paragraphs, or one with
 * very many) comes out as paragraphs. */
sm_rc sm_reader_row(sm_reader *r, sm_block_kind kind, sm_str raw, size_t pos);

/* The file as UTF-8: `bytes` itself, or converted from GB18030.  `charset` is
 * what the file says of itself, "" for nothing.  E_CORRUPT when it is no text. */
sm_rc sm_reader_decode(sm_reader *r, sm_str bytes, sm_str charset, sm_str *out);

/* An HTML character reference at the front of s (which begins with '&'): the
 * bytes it takes there, 0 when it is none; its UTF-8 in out. */
size_t sm_entity_take(sm_str s, char out[4], size_t *n_out);

size_t sm_line_of(sm_str text, size_t at);   /* from 1 */
bool sm_str_is(sm_str s, const char *ascii); /* without regard to ASCII case */
sm_str sm_str_after(sm_str s, size_t n);     /* s without its first n bytes */

#endif
