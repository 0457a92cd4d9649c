/*
 * format/pdf.h - private: the text layer of a PDF by poppler's pdftotext, a program of its own (it
 * is under the GPL: never linked) with limits on time, memory and files.
 */
#ifndef SM_FORMAT_PDF_H
#define SM_FORMAT_PDF_H

#include "format/reader.h"

/* What `pdftotext -bbox-layout` says of at most `n_pages` pages, made safe for an XML parser.
 * SUNMAO_PDFTOTEXT in the environment names another program.  E_UNAVAILABLE when there is none,
 * E_INVALID for what needs a password, E_TIMEOUT, E_LIMIT. */
sm_rc sm_pdf_text(sm_reader *r, sm_str bytes, int n_pages, sm_str *out);

#endif
