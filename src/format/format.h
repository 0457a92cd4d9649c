/*
 * format/format.h - files in: Markdown with front matter, plain text, HTML,
 * DOCX and JSON Lines, all read into one shape, the sm_document.
 *
 * Rests on base, text, expat and libzip.  Pure: bytes in, arena out; may be
 * called from any thread.  Every limit is checked before memory is spent.
 * What is read is text and nothing else: no script, link or macro is followed.
 */
#ifndef SM_FORMAT_FORMAT_H
#define SM_FORMAT_FORMAT_H

#include "base/base.h"

typedef enum sm_format {
    SM_FORMAT_AUTO, /* by the name's ending, then by the first bytes */
    SM_FORMAT_MARKDOWN,
    SM_FORMAT_TEXT,
    SM_FORMAT_HTML,
    SM_FORMAT_DOCX,
    SM_FORMAT_JSONL,
    SM_FORMAT_OFD, /* these are read as layouts alone (layout.h) */
    SM_FORMAT_PDF,
    SM_FORMAT_XLSX,
} sm_format;

typedef enum sm_block_kind {
    SM_BLOCK_PARA,
    SM_BLOCK_HEADING, /* level 1 … 6 */
    SM_BLOCK_ROW,     /* one row of a table, cells joined by " | " */
    SM_BLOCK_HEADER,  /* page header or footer (DOCX) */
} sm_block_kind;

typedef struct sm_block {
    sm_block_kind kind;
    int level;   /* of a heading, else 0 */
    sm_str text; /* trimmed, one line, valid UTF-8, never empty */
    size_t pos;  /* byte offset of its source in the file as UTF-8 (0 in a DOCX) */
} sm_block;

typedef struct sm_meta {
    sm_str name, value; /* trimmed */
} sm_meta;

/* A file as read.  All slices lie in the op's arena. */
typedef struct sm_document {
    sm_format format;
    /* metadata's title, else the first heading level 1, else the first line;
     * at most 200 characters */
    sm_str title;
    sm_meta *meta;
    size_t n_meta;
    sm_block *block;
    size_t n_blocks;
} sm_document;

typedef struct sm_format_limits {
    size_t file_bytes; /* of the file as it comes */
    size_t text_bytes; /* of all text taken out of it */
    size_t blocks;
    size_t zip_entries;
    size_t zip_ratio; /* uncompressed over compressed, per entry */
    size_t xml_bytes; /* of all parts unpacked from one DOCX */
    int xml_depth;
} sm_format_limits;

#define SM_FORMAT_LIMITS_INIT                                                                    \
    {                                                                                            \
        .file_bytes = 32u << 20, .text_bytes = 16u << 20, .blocks = 200000, .zip_entries = 2000, \
        .zip_ratio = 200, .xml_bytes = 256u << 20, .xml_depth = 64                               \
    }

sm_format sm_format_guess(const char *name, sm_str bytes);

/* Reads one file.  `name` is for messages and for guessing.
 * E_LIMIT over a limit (zip bombs included), E_CORRUPT when the bytes are not
 * what they claim, E_INVALID for front matter that cannot be read (line named).
 * Text in GB18030 without UTF-8 is converted; other invalid UTF-8 is E_CORRUPT. */
sm_rc sm_format_read(sm_op *op, const char *name, sm_str bytes, sm_format format,
                     const sm_format_limits *limits, sm_document **out);

sm_str sm_document_meta(const sm_document *doc, const char *name); /* "" when absent */

/* Walks a JSON Lines text: *rest shrinks, *line is the next non-blank line
 * (at most max_line_bytes, else E_LIMIT with the line's number and the walk can
 * go on), *line_no counts from 1.  SM_E_NOTFOUND (not recorded in op) at the end. */
sm_rc sm_jsonl_next(sm_op *op, sm_str *rest, size_t max_line_bytes, size_t *line_no, sm_str *line);

#endif
