/*
 * ground/mask_inner.h - private to the mask.
 *
 *   mask.c           what may come next
 *   mask_surface.c   what the evidence has that may be written, sorted
 *   grammar.c        the same for other servers
 *   mask_class.c     which characters are free, and ordinary words with numerals in them
 */
#ifndef SM_GROUND_MASK_INNER_H
#define SM_GROUND_MASK_INNER_H

#include "ground/mask.h"

/* ------------------------------------------------------------- characters */

/* Free characters need no source; all others are written only as part of a surface. */
bool sm_mask_is_free(uint32_t c);
/* A digit or a numeral of any script's that we know: two in a row are one number. */
bool sm_mask_is_numeral(uint32_t c);
/* 。！？； and the end of a line. */
bool sm_mask_is_boundary(uint32_t c);
/* Words that look like a fact and say none: 一般, 统一, 十分; 部门 after 民政. */
size_t sm_mask_words(const char *const **out);

/* Of the words that a grammar lets through (grammar.c), those that the scanner may take for
 * something else; none, as a test says. */
size_t sm_grammar_wrong_words(void);

/* --------------------------------------------------------------- surfaces */

typedef enum sm_surface_kind {
    SM_SURFACE_TEXT,
    SM_SURFACE_CITE,
    SM_SURFACE_POINTER
} sm_surface_kind;

/* Bytes that may be written as a whole: body, with marks around it. */
typedef struct sm_surface {
    const char *body;
    uint16_t n; /* of the body */
    uint8_t mark, kind;
} sm_surface;

enum { SM_SURFACE_BYTES = 256 }; /* of one, marks and all */

typedef struct sm_surfaces {
    sm_surface *item; /* in the order of their bytes, each once */
    size_t n, cap;
} sm_surfaces;

size_t sm_surface_bytes(const sm_surface *s);
int sm_surface_byte(const sm_surface *s, size_t at); /* -1 after its end */
void sm_surface_copy(const sm_surface *s, size_t from, char *to);

/* Keys that may be said. */
typedef struct sm_keys {
    sm_str *slot;
    size_t n, n_slots; /* a power of two */
} sm_keys;

void sm_keys_add(sm_arena *a, sm_keys *k, sm_str key);
void sm_keys_read(sm_arena *a, sm_keys *k, sm_str text); /* those of its facts */
bool sm_keys_has(const sm_keys *k, sm_str key);
/* Whether every protected fact of a text has its key among them. */
bool sm_keys_hold(const sm_keys *k, sm_str text);

/* All that evidence and catalogue have to say, and the keys of their facts. */
sm_rc sm_surfaces_read(sm_op *op, const sm_evidence *e, const sm_str *item, size_t n_items,
                       sm_surfaces *out, sm_keys *keys);

struct sm_mask {
    sm_surfaces surface;
    sm_keys keys;
};

enum { SM_AFTER_NOTHING, SM_AFTER_CITE, SM_AFTER_POINTER }; /* sm_mask_state.after */

#endif
