/*
 * format/docx_write.h - private: a DOCX being written, part by part.
 *
 *   docx_write.c   the document, its page headers and footers
 *   docx_parts.c   everything else: styles, settings, fonts, properties, the package
 */
#ifndef SM_FORMAT_DOCX_WRITE_H
#define SM_FORMAT_DOCX_WRITE_H

#include "format/official.h"
#include "format/parts.h"

enum {
    SM_DOCX_BODY_PT = 16,
    SM_DOCX_MAX_PARTS = 400 /* page headers and footers, and the rest */
};

#define W_NS               "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define R_NS               "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PKG_NS             "http://schemas.openxmlformats.org/package/2006"
#define WML_TYPE           "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define XML_HEAD           "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define PART(root, spaces) XML_HEAD "<" root " xmlns:w=\"" W_NS "\"" spaces ">"

/* One page header or footer. */
typedef struct sm_docx_margin {
    sm_par_place place;
    int section;
    const char *type; /* "default", "even", "first" */
    size_t from, to;  /* its paragraphs */
    int number;       /* of its part, and of its relationship */
} sm_docx_margin;

typedef struct sm_docx_writer {
    sm_op *op;
    const sm_layout *l;
    sm_buf *b; /* the part being written */
    sm_docx_margin *margin;
    size_t n_margins, cap_margins;
    sm_str *style;
    size_t n_styles, cap_styles;
    bool even; /* some section's even pages differ: a setting of the whole document */
    sm_part part[SM_DOCX_MAX_PARTS];
    size_t n_parts;
} sm_docx_writer;

void sm_docx_put(sm_docx_writer *w, const char *xml);
/* NAME="VALUE" with a blank before it; nothing for "". */
void sm_docx_put_attr(sm_docx_writer *w, const char *name, sm_str value);

void sm_docx_begin(sm_docx_writer *w, sm_buf *b); /* a part, written into b */
sm_rc sm_docx_end(sm_docx_writer *w, sm_str name);

size_t sm_docx_style(const sm_docx_writer *w, sm_str name); /* its number; 0 none */
/* All parts but the document and its page headers and footers, which are known. */
sm_rc sm_docx_write_parts(sm_docx_writer *w);

#endif
