/*
 * format/package.h - private: a zip of XML parts, opened and unpacked under
 * limits.  No size that the file declares is believed: an entry is unpacked in
 * pieces and left at the first piece over a limit.  A DOCTYPE is refused, and
 * with it every entity of the file's own.
 */
#ifndef SM_FORMAT_PACKAGE_H
#define SM_FORMAT_PACKAGE_H

#include "format/reader.h"

typedef struct sm_package sm_package;

/* E_CORRUPT when it is no zip, E_LIMIT with too many entries. */
sm_rc sm_package_open(sm_reader *r, sm_str bytes, sm_package **out);
void sm_package_close(sm_package *p); /* NULL is fine */

size_t sm_package_count(const sm_package *p);
/* "" for an entry without a name; borrowed. */
sm_str sm_package_name(const sm_package *p, size_t index);
/* SIZE_MAX when there is none. */
size_t sm_package_find(const sm_package *p, sm_str name);

/* Gets the elements of one part.  A failure (already in the op) ends the parse. */
typedef struct sm_part_handler {
    sm_rc (*start)(void *ctx, const char *name, const char **atts);
    sm_rc (*end)(void *ctx, const char *name);
    sm_rc (*text)(void *ctx, sm_str s); /* may be NULL */
    void *ctx;
} sm_part_handler;

sm_rc sm_package_parse(sm_package *p, size_t index, const sm_part_handler *handler);

/* The part as it was unpacked, in the arena. */
sm_rc sm_package_unpack(sm_package *p, size_t index, sm_str *out);
/* sm_package_parse over the bytes that were unpacked. */
sm_rc sm_package_parse_text(sm_package *p, size_t index, sm_str text,
                            const sm_part_handler *handler);
/* Where in the part the tag stands that a handler was called for: an empty element's end is an
 * empty stretch behind it. */
void sm_package_place(const sm_package *p, size_t *from, size_t *to);

#endif
