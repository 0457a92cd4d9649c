/*
 * format/convert.h - .doc and .wps made DOCX by LibreOffice, where it is installed and the site
 * allows it.
 *
 * Rests on base.  LibreOffice is a program of half a million lines that reads what a stranger made:
 * it gets limits of time, memory and files, a folder of its own that goes with it, and no network
 * where the kernel lets us take it away.  It is not held as closely as our own readers are
 * (layout.h), which read what it makes.
 */
#ifndef SM_FORMAT_CONVERT_H
#define SM_FORMAT_CONVERT_H

#include "base/base.h"

/* Whether the bytes are a text document of that kind, without a password. */
bool sm_convertible(sm_str bytes);
/* *out: the DOCX, in the op's arena.  E_UNAVAILABLE without LibreOffice (soffice in PATH, or
 * SUNMAO_SOFFICE), E_CORRUPT when it makes nothing of it, E_TIMEOUT after a minute. */
sm_rc sm_convert(sm_op *op, const char *name, sm_str bytes, sm_str *out);

#endif
