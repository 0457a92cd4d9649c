/*
 * format/readers.h - private: a layout under construction, and the readers that fill one.
 *
 * A reader adds what it finds in the file's order through the calls below, which hold the limits.
 * The first failure is in the op and comes back as the code.
 */
#ifndef SM_FORMAT_READERS_H
#define SM_FORMAT_READERS_H

#include "format/layout.h"
#include "format/reader.h"

typedef struct sm_layout_build {
    sm_reader *r; /* op, name, limits; without a document */
    sm_layout *l; /* in the op's arena; its format is set */
    size_t cap_pars, cap_sections, cap_parts, cap_props, n_runs;
} sm_layout_build;

/* One reader per format; `bytes` is the whole file, within limits->file_bytes, not empty.  Each
 * sets l->n_body; a layout without a section gets an empty one, one without a part the file. */
sm_rc sm_docx_layout(sm_layout_build *b, sm_str bytes);
sm_rc sm_ofd_layout(sm_layout_build *b, sm_str bytes);
sm_rc sm_pdf_layout(sm_layout_build *b, sm_str bytes);
sm_rc sm_xlsx_layout(sm_layout_build *b, sm_str bytes);

/* A new paragraph, in no table, else all zero; *out holds until the next one is added.  E_LIMIT
 * over limits->blocks. */
sm_rc sm_layout_add_par(sm_layout_build *b, sm_par **out);
/* Gives a paragraph its text (one line of UTF-8) and runs (slices of that text), both in the arena
 * already.  E_LIMIT over limits->text_bytes, or with far more runs than any document has. */
sm_rc sm_layout_set_text(sm_layout_build *b, sm_par *par, sm_str text, sm_run *run, size_t n_runs);
/* E_LIMIT when `n_more` runs would be so many. */
sm_rc sm_layout_check_runs(const sm_layout_build *b, size_t n_more);
/* Text in the arena as one run of which nothing is known. */
sm_rc sm_layout_set_plain(sm_layout_build *b, sm_par *par, sm_str text);
/* Trimmed copies; nothing without a name. */
sm_rc sm_layout_add_prop(sm_layout_build *b, sm_str name, sm_str value);
sm_section *sm_layout_add_section(sm_layout_build *b); /* all zero */
sm_rc sm_layout_add_part(sm_layout_build *b, sm_str name, uint16_t *index);

#endif
