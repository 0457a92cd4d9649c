/*
 * format/ofd.h - private: what the two halves of the OFD reader share (GB/T 33190-2016): the
 * package with its resources, and what stands on its pages.
 *
 * Elements and attributes are told by their local names: producers differ in prefix and namespace.
 */
#ifndef SM_FORMAT_OFD_H
#define SM_FORMAT_OFD_H

#include "format/laid.h"
#include "format/package.h"

#define SM_OFD_NO_COLOUR 0x4000000u

typedef struct sm_ofd_font {
    uint64_t id; /* hash of its ID */
    sm_str name;
    bool bold, italic;
} sm_ofd_font;

typedef struct sm_ofd_param { /* DrawParam */
    uint64_t id, relative;
    uint32_t fill, stroke; /* or SM_OFD_NO_COLOUR */
} sm_ofd_param;

typedef struct sm_ofd_part { /* something by ID that stands in a part */
    uint64_t id;
    size_t part; /* of the package */
} sm_ofd_part;

typedef struct sm_ofd {
    sm_laid laid;
    sm_package *package;
    sm_ofd_font *font;
    sm_ofd_param *param;
    sm_ofd_part *unit, *template, *page; /* composite graphics; template pages; pages */
    size_t n_fonts, n_params, n_units, n_templates, n_pages;
    size_t cap_fonts, cap_params, cap_units, cap_templates, cap_pages;
    double wide, high; /* of a page that does not say; 0 none */
    size_t n_glyphs;   /* of all pages so far */
    int n_scanned, first_scanned;
    size_t n_unreadable; /* glyphs without a character */
} sm_ofd;

/* Gets every element of a part: its local name; at its end the text it holds outside of others. */
typedef struct sm_ofd_walk {
    sm_ofd *o;
    sm_rc (*start)(void *ctx, const char *name, const char **atts); /* may be NULL */
    sm_rc (*end)(void *ctx, const char *name, sm_str text);         /* may be NULL */
    void *ctx;
    sm_buf text;
} sm_ofd_walk;
sm_rc sm_ofd_walk_part(sm_ofd *o, size_t part, sm_ofd_walk *walk);

const char *sm_ofd_attribute(const char **atts, const char *local); /* "" when absent */
uint64_t sm_ofd_id(const char *text);
/* Takes a number off the front; false when none is left or it is no number. */
bool sm_ofd_number(sm_str *s, double *out);
size_t sm_ofd_numbers(sm_str s, double *out, size_t max);
/* "255 0 0", "#FF #00 #00", one value of grey, four of CMYK. */
uint32_t sm_ofd_colour(const char *value);
uint32_t sm_ofd_param_colour(const sm_ofd *o, uint64_t id, bool stroke);

/* Reads one page into items. */
sm_rc sm_ofd_page_read(sm_ofd *o, size_t part);

#endif
