/*
 * format/parts.h - a DOCX taken apart and put together again: one part as it was unpacked, the
 * places of its elements, and the zip with some parts exchanged and everything else as it was.
 *
 * For those who write or mend one.  Pure like format.h, with its limits.
 */
#ifndef SM_FORMAT_PARTS_H
#define SM_FORMAT_PARTS_H

#include "format/format.h"

typedef struct sm_part {
    sm_str name, data;
} sm_part;

/* `limits` NULL: SM_FORMAT_LIMITS_INIT.  *out is empty when there is no such part; E_CORRUPT,
 * E_LIMIT as sm_format_read. */
sm_rc sm_part_read(sm_op *op, sm_str zip, const char *name, const sm_format_limits *limits,
                   sm_str *out);

/* The zip with these parts in the place of its own of the same name, or behind them; every other
 * entry is copied packed as it is.  `zip` empty: a new one.  The same gives the same bytes. */
sm_rc sm_parts_write(sm_op *op, sm_str zip, const sm_part *part, size_t n, sm_buf *out);

/* One element of a part: bytes of "<", behind the start tag, of the end tag, behind it; all but the
 * first are the same for <empty/>. */
typedef struct sm_element {
    sm_str name; /* with its prefix; slice of the part */
    size_t at, inside, inside_end, end;
    size_t parent;   /* index; SIZE_MAX for the root */
    size_t n_within; /* elements in it: the next beside it is at index + 1 + n_within */
} sm_element;

/* All elements in their order.  E_CORRUPT when it is not XML in UTF-8 or has a DOCTYPE, E_LIMIT
 * when it is too deep or has over 8 million elements. */
sm_rc sm_elements_read(sm_op *op, const char *name, sm_str xml, const sm_format_limits *limits,
                       sm_element **out, size_t *n);

sm_str sm_element_local(const sm_element *e); /* the name without its prefix */
bool sm_element_is(const sm_element *e, const char *local);
/* The value of an attribute by its local name as it stands there (references unresolved); ""
 * absent. */
sm_str sm_element_attr(sm_str xml, const sm_element *e, const char *local);
/* Takes the next attribute, the blank before it included, off the front of *rest, which is what
 * sm_element_attrs gave; false at the end. */
sm_str sm_element_attrs(sm_str xml, const sm_element *e);
bool sm_element_attr_next(sm_str *rest, sm_str *whole, sm_str *local, sm_str *value);
/* The first child of that local name; SIZE_MAX: none. */
size_t sm_element_child(const sm_element *all, size_t i, const char *local);

/* Takes one character off the front of an element's text; false for what is neither a character
 * nor a reference to one (a tag, a comment, CDATA). */
bool sm_xml_take(sm_str *rest, uint32_t *c);
/* Text, or the value of an attribute, with < > & " as references and what XML cannot hold as
 * U+FFFD. */
void sm_xml_put(sm_buf *b, sm_str text);

#endif
