/*
 * format/layout.h - a document as it is laid out: every paragraph, empty ones and table cells too,
 * with its fonts, sizes, spacing and place, and where each run stands in the original.
 *
 * For those who review or mend a document; the corpus reads sm_document (format.h).  Pure like it.
 * What a format does not tell is unknown, never guessed: 0, "" or -1 as said below.  Lengths are
 * points, places on a page millimetres from its upper left corner.
 */
#ifndef SM_FORMAT_LAYOUT_H
#define SM_FORMAT_LAYOUT_H

#include "format/format.h"

typedef enum sm_par_place {
    SM_PAR_BODY,
    SM_PAR_CELL,   /* of a table */
    SM_PAR_BOX,    /* of a text box: red headers often stand in one */
    SM_PAR_HEADER, /* of the page */
    SM_PAR_FOOTER,
    SM_PAR_NOTE /* footnote or endnote */
} sm_par_place;

typedef enum sm_par_pages { SM_PAGES_ALL, SM_PAGES_EVEN, SM_PAGES_FIRST } sm_par_pages;

typedef enum sm_align {
    SM_ALIGN_UNKNOWN,
    SM_ALIGN_LEFT,
    SM_ALIGN_CENTER,
    SM_ALIGN_RIGHT,
    SM_ALIGN_BOTH
} sm_align;

enum { SM_COLOUR_AUTO = 0x1000000 }; /* the standard one: black on paper */

typedef struct sm_run {
    sm_str text; /* slice of its paragraph's text */
    sm_str font; /* of its Chinese characters; "" unknown */
    sm_str latin;
    double size;                     /* 0 unknown */
    int8_t bold, italic, underlined; /* -1 unknown */
    uint32_t colour;                 /* 0xRRGGBB or SM_COLOUR_AUTO */
    sm_str field;                    /* "PAGE": computed, not written; "" for plain text */
    /* Where the text stands in the original: bytes of that part as it was unpacked (DOCX: from the
     * beginning to the end of what its <w:t> holds); n_at 0: nowhere, it was made (a list's
     * number). */
    uint16_t part; /* index into sm_layout.part */
    size_t at, n_at;
} sm_run;

typedef struct sm_par {
    sm_par_place place;
    sm_par_pages pages; /* of a header or footer: on which pages, where the section says so */
    sm_str text; /* one line of valid UTF-8, not trimmed, perhaps empty; U+2028 where a line was
                  * broken within the paragraph */
    sm_run *run;
    size_t n_runs;
    sm_str style; /* its name; "" none */
    int outline;  /* 1 … 9; 0 none */
    sm_align align;
    double first, first_chars; /* indent of the first line, below 0 when it hangs; in characters
                                * when it is given so, else 0 */
    double left, right;        /* indent of all lines */
    double line, line_times;   /* exact pitch, or a multiple of the font's; 0 unknown */
    bool line_at_least;        /* `line` is a least one */
    double before, after;      /* gaps */
    bool breaks;               /* begins a page */
    bool ruled;                /* a line is drawn under it (its border, or one of the page's) */
    uint32_t rule_colour;      /* of that line */
    int section;               /* index into sm_layout.section */
    int table, row, col;       /* of a cell, from 0; else -1 */
    int page;                  /* from 1; 0 unknown */
    double x, y, wide, high;   /* of its ink on the page; 0 unknown */
    uint16_t part;             /* where <w:p> stands: index, bytes from … to; 0, 0: nowhere */
    size_t at, n_at;
} sm_par;

typedef struct sm_section {
    double wide, high;                           /* mm; 0 unknown */
    double top, bottom, left, right;             /* margins, mm */
    double header, footer;                       /* from the page's edges, mm */
    bool landscape, first_differs, even_differs; /* headers and footers */
    double grid_line, grid_lines,
        grid_chars; /* pitch in points, lines a page, characters a line; 0 none */
} sm_section;

typedef enum sm_layout_flag {
    SM_LAYOUT_MACROS = 1,   /* it holds programs: none was run */
    SM_LAYOUT_CHANGES = 2,  /* tracked changes: read as if accepted */
    SM_LAYOUT_COMMENTS = 4, /* left out */
    SM_LAYOUT_EXTERNAL = 8, /* it refers to files elsewhere: none was opened */
    SM_LAYOUT_SEALED = 16,  /* seals or signatures */
    SM_LAYOUT_PAGES = 32    /* `page`, `x` and `y` are known */
} sm_layout_flag;

/* All slices lie in the op's arena. */
typedef struct sm_layout {
    sm_format format;
    sm_meta *prop; /* title, creator, … as the file has them */
    size_t n_props;
    sm_str *part; /* names of the parts that runs stand in; [0] is the main one */
    size_t n_parts;
    sm_section *section; /* at least one */
    size_t n_sections;
    sm_par *par; /* in the order in which they are read: boxes where they are anchored, page
                  * headers, footers and notes behind the body */
    size_t n_pars;
    size_t n_body; /* of the first pars: those of body, cells and boxes, which a finding's `para`
                      counts */
    unsigned flags;
    int n_pages; /* 0 unknown */
} sm_layout;

/* Reads DOCX, OFD, PDF, XLSX, HTML, Markdown and text here in this process.  Errors as
 * sm_format_read; E_INVALID for .doc, .wps, scans and encrypted files says what to do. */
sm_rc sm_layout_read(sm_op *op, const char *name, sm_str bytes, sm_format format,
                     const sm_format_limits *limits, sm_layout **out);

/* The same in a child process without files, network or other rights, with limits on time and
 * memory; whatever happens to it is an error here.  `program` is what runs `PROGRAM read-layout
 * NAME`, which reads the bytes on its input and writes sm_layout_json on its output (our own
 * executable). */
sm_rc sm_layout_read_apart(sm_op *op, const char *program, const char *name, sm_str bytes,
                           const sm_format_limits *limits, sm_layout **out);

/* What that program does: gives up all rights but to read `in` and write `out`, for good, then
 * reads. `limits` is what the parent passed behind NAME, "" for the standard ones.  On `out` comes
 * {"error":{"code","message"}} where it failed. */
_Noreturn void sm_layout_apart_child(sm_op *op, const char *name, const char *limits, int in,
                                     int out);

/* Has one of the program stand by, so that children are forked off it, which costs a thirtieth of
 * starting one: for who reads many.  For the whole process; it ends with us.  Whatever goes wrong
 * with it, children are started as without. */
sm_rc sm_layout_standby(sm_op *op, const char *program);
/* What that one does (`PROGRAM read-layout`): reads nothing of any document itself. */
_Noreturn void sm_layout_standby_child(sm_op *op, int from);

json_t *sm_layout_json(const sm_layout *l); /* a new object */
sm_rc sm_layout_parse(sm_op *op, const json_t *j, sm_layout **out);

#endif
