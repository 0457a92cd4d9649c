/*
 * format/official.h - an official document written down as roles and text, laid out by GB/T 9704.
 *
 * The notation is ours: a paragraph a line, "@role text" or "@role{key=value,…} text"; a line
 * without @ is
 * "@p".  docs/review.md lists roles and keys.  Used to export drafts, to make the demo city's
 * documents and in tests.
 */
#ifndef SM_FORMAT_OFFICIAL_H
#define SM_FORMAT_OFFICIAL_H

#include "format/layout.h"

/* Roles: form copyno secrecy urgency mark number signer title to p h1 h2 h3 h4 note sign date
 * remark attach atitle row cc printer attendance pagebreak page.  Keys: font, latin, size (pt),
 * bold, italic, underline, colour (RRGGBB), align (left center right both), indent (characters),
 * line (pt), before, after (pt); of @page: top, bottom, left, right, wide, high (mm), numbers (no:
 * without page numbers). E_INVALID names the line. */
sm_rc sm_official_read(sm_op *op, const char *name, sm_str text, sm_layout **out);

/* Any layout as a DOCX that opens cleanly: styles, sections, tables, page numbers, the red line,
 * properties. The same layout gives the same bytes. */
sm_rc sm_docx_write(sm_op *op, const sm_layout *l, sm_buf *out);

#endif
