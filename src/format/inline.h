/*
 * format/inline.h - private: the inside of a Markdown paragraph as plain text.
 */
#ifndef SM_FORMAT_INLINE_H
#define SM_FORMAT_INLINE_H

#include "base/base.h"

/* Appends `raw` without the marks of emphasis and code, links as their words,
 * escapes and character references resolved.  Marks without a partner are text
 * (138****1234, 3 * 4).  Never longer than raw. */
void sm_inline_plain(sm_str raw, sm_buf *out);

#endif
