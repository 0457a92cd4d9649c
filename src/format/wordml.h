/*
 * format/wordml.h - private: how WordprocessingML says what text looks like: styles, the theme's
 * fonts, lists; and what they come to for one paragraph and one run.
 *
 * Elements are known by their local names beside the root's own prefix, so that the transitional,
 * the strict and vendors' namespaces read alike.
 */
#ifndef SM_FORMAT_WORDML_H
#define SM_FORMAT_WORDML_H

#include "format/layout.h"
#include "format/package.h"

enum { SM_WML_LEVELS = 9 };

/* Which properties are set. */
enum {
    SM_WML_EAST = 1,
    SM_WML_LATIN = 1 << 1,
    SM_WML_SIZE = 1 << 2,
    SM_WML_BOLD = 1 << 3,
    SM_WML_ITALIC = 1 << 4,
    SM_WML_HIDDEN = 1 << 5,
    SM_WML_UNDERLINE = 1 << 6,
    SM_WML_COLOUR = 1 << 7,
};

/* Of runs (rPr). */
typedef struct sm_wml_run {
    unsigned set;
    sm_str east, latin, style;
    double size; /* points */
    bool bold, italic, hidden, underlined;
    uint32_t colour;
} sm_wml_run;

enum {
    SM_WML_ALIGN = 1,
    SM_WML_FIRST = 1 << 1,
    SM_WML_FIRST_CHARS = 1 << 2,
    SM_WML_LEFT = 1 << 3,
    SM_WML_LEFT_CHARS = 1 << 4,
    SM_WML_RIGHT = 1 << 5,
    SM_WML_RIGHT_CHARS = 1 << 6,
    SM_WML_LINE = 1 << 7,
    SM_WML_RULE = 1 << 8, /* how `line` is meant */
    SM_WML_BEFORE = 1 << 9,
    SM_WML_BEFORE_LINES = 1 << 10,
    SM_WML_AFTER = 1 << 11,
    SM_WML_AFTER_LINES = 1 << 12,
    SM_WML_OUTLINE = 1 << 13,
    SM_WML_BREAKS = 1 << 14,
    SM_WML_BORDER = 1 << 15,
    SM_WML_NUM = 1 << 16,
    SM_WML_LEVEL = 1 << 17,
};

typedef enum sm_wml_rule { SM_WML_AUTO, SM_WML_EXACT, SM_WML_AT_LEAST } sm_wml_rule;

/* Of paragraphs (pPr); lengths in twips, characters and lines in hundredths, as written. */
typedef struct sm_wml_par {
    unsigned set;
    sm_align align;
    double first, first_chars, left, left_chars, right, right_chars;
    double line, before, before_lines, after, after_lines;
    sm_wml_rule rule;
    int outline; /* 1 … 9, 0 none */
    bool breaks, border;
    uint32_t border_colour;
    int64_t num; /* 0: none, on purpose */
    int level;
} sm_wml_par;

typedef struct sm_wml sm_wml; /* of one document, in its arena */
typedef struct sm_wml_style sm_wml_style;

sm_wml *sm_wml_open(sm_reader *r, sm_package *p);

/* The parts, in this order; SIZE_MAX: there is none. */
sm_rc sm_wml_read_settings(sm_wml *w, size_t part);
sm_rc sm_wml_read_theme(sm_wml *w, size_t part);
sm_rc sm_wml_read_numbering(sm_wml *w, size_t part);
sm_rc sm_wml_read_styles(sm_wml *w, size_t part);
bool sm_wml_even_differs(const sm_wml *w);

/* The style of that type ("paragraph", …), its default one for an empty id; NULL: none. */
const sm_wml_style *sm_wml_find_style(const sm_wml *w, const char *type, sm_str id);
sm_str sm_wml_style_name(const sm_wml_style *s); /* NULL: "" */
double sm_wml_normal_size(sm_wml *w);            /* of the default paragraph style */

/* An element inside rPr or pPr; others are nothing. */
void sm_wml_run_property(sm_wml *w, sm_wml_run *to, const char *local, const char **atts);
void sm_wml_par_property(sm_wml *w, sm_wml_par *to, const char *local, const char **atts);

/* What holds: the document's defaults, the table's style, the paragraph's style with its list, the
 * list of the paragraph itself, its own properties. `style` and `table` may be NULL. */
sm_wml_par sm_wml_par_look(sm_wml *w, const sm_wml_style *table, const sm_wml_style *style,
                           const sm_wml_par *own);
sm_wml_run sm_wml_run_look(sm_wml *w, const sm_wml_style *table, const sm_wml_style *style,
                           const sm_wml_run *own);

/* The next label of the list that the paragraph is in, "" for none, and what its level says of the
 * label's looks, over those of the paragraph's mark. */
sm_rc sm_wml_next_label(sm_wml *w, const sm_wml_par *look, sm_str *label, sm_wml_run *mark);

/* ----------------------------------------------------------------- in common */

/* Behind the prefix that `prefix` (of `n` bytes) is; NULL: another prefix. */
const char *sm_wml_local(const char *prefix, size_t n, const char *name);
const char *sm_wml_any_local(const char *name);
const char *sm_wml_attr(const char **atts, const char *local); /* "" absent */
bool sm_wml_on(const char **atts);                             /* a toggle's w:val */
bool sm_wml_number(const char *s, double *out);                /* -12.5; false: none */
bool sm_wml_twips(const char *s, double *out);                 /* 567, 1cm, 28.35pt */
uint32_t sm_wml_colour(const char *s);                         /* FF0000, #f00, red, auto */
void sm_wml_lay_run(sm_wml_run *to, const sm_wml_run *over);
void sm_wml_lay_par(sm_wml_par *to, const sm_wml_par *over);

/* Lists; layout_numbering.c. */
typedef struct sm_wml_lists sm_wml_lists;
sm_rc sm_wml_lists_read(sm_wml *w, sm_reader *r, sm_package *p, size_t part, sm_wml_lists **out);
/* The level that a paragraph is on: its properties, NULL for none.  `style` is the id of the style
 * that brought the list, or "". */
const sm_wml_par *sm_wml_lists_par(const sm_wml_lists *l, int64_t num, int level);
int sm_wml_lists_level_of(const sm_wml_lists *l, int64_t num, sm_str style); /* -1 none */
sm_rc sm_wml_lists_next(sm_wml_lists *l, int64_t num, int level, sm_str *label, sm_wml_run *mark);
/* The list that a numbering style stands for; 0 none. */
int64_t sm_wml_list_of_style(const sm_wml *w, sm_str id);

#endif
