/*
 * gateway/raw.h - JSON as it lies in its text: checked, looked into and changed without being
 * built.
 *
 * Rests on base and text.  What passes through the gateway is read and written a token at a time; a
 * tree of each event would cost more than all the rest.  Everything here borrows.  Any thread.
 */
#ifndef SM_GATEWAY_RAW_H
#define SM_GATEWAY_RAW_H

#include "base/base.h"

enum { SM_RAW_MAX_DEPTH = 64 };

/* Whether it is one JSON text (RFC 8259) in strict UTF-8, at most SM_RAW_MAX_DEPTH deep; *at is
 * where it is not. */
bool sm_raw_check(sm_str text, size_t *at);

typedef struct sm_raw_member {
    sm_str key;   /* between its quotes, escapes as written */
    sm_str value; /* without blanks around */
    size_t from;  /* of the key's quote, in the object's text */
} sm_raw_member;

/* The next member of an object that was checked; *pos is 0 at first.  False at its end, and when
 * it is no object. */
bool sm_raw_next(sm_str object, size_t *pos, sm_raw_member *out);
/* The value of the first member of that name; empty when there is none. */
sm_str sm_raw_find(sm_str object, const char *key);
/* The next element of an array that was checked, as _next. */
bool sm_raw_item(sm_str array, size_t *pos, sm_str *out);

bool sm_raw_is_string(sm_str value);
bool sm_raw_is(sm_str value, const char *word); /* true, false, null */
/* Of a string, without quotes, when nothing in it is escaped; false otherwise. */
bool sm_raw_plain(sm_str value, sm_str *out);
/* Of an integer without fraction and exponent. */
bool sm_raw_int(sm_str value, int64_t *out);

/* Appends `text` as a JSON string, quotes and all. */
void sm_raw_add_string(sm_buf *b, sm_str text);

#endif
