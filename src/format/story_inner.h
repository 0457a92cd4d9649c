/*
 * format/story_inner.h - private to layout_story.c (paragraphs, tables, the walk), layout_text.c
 * (runs and fields) and layout_section.c: a story while it is read.
 */
#ifndef SM_FORMAT_STORY_INNER_H
#define SM_FORMAT_STORY_INNER_H

#include "format/shapes.h"
#include "format/story.h"

enum {
    SM_STORY_PREFIX = 16,
    SM_STORY_FIELDS = 16,
    SM_STORY_FIELD_NAME = 24,
    SM_STORY_TWIPS_A_POINT = 20,
};

/* What is open.  Text and runs of a paragraph lie on the story's stacks from where it began: one
 * inside a text box begins where the outer one has come to. */
struct sm_story_frame {
    char kind; /* 'p', 't'able, 'r'ow, 'c'ell, text 'b'ox */
    int depth;
    /* of a paragraph */
    size_t par, text_from, run_from, at;
    const sm_wml_style *style;
    sm_wml_par own;
    sm_wml_run mark, run; /* run: of the one being read */
    sm_wml_run look;      /* of the same; valid when looked */
    bool in_run, looked, breaks, deleted, ends_section;
    bool ruled;
    uint32_t rule_colour;
    /* of tables, rows and cells */
    int table, row, col, span;
    sm_str table_style;
};

struct sm_story_field {
    char name[SM_STORY_FIELD_NAME];
    size_t n_name;
    bool named, shown, any; /* its instruction is over, its result has text */
};

struct sm_story {
    sm_stories *d;
    sm_op *op;
    sm_par_place place;
    sm_par_pages pages;
    int section;
    int page; /* that is being read, from 1, if the file tells where pages begin */
    uint16_t part;
    sm_str raw;
    char prefix[SM_STORY_PREFIX + 1];
    size_t n_prefix;
    bool begun;
    int depth, skip_from;
    struct sm_story_frame *frame;
    size_t n_frames;
    struct sm_story_frame
        carry; /* a paragraph whose mark is deleted: the next one goes on with it */
    bool carried;
    sm_buf text;
    sm_run *run;
    size_t n_runs, cap_runs;
    struct sm_story_field field[SM_STORY_FIELDS];
    size_t n_fields; /* may be beyond SM_STORY_FIELDS */
    bool *chosen;    /* of each AlternateContent that is open */
    size_t n_chosen;
    sm_wml_shape shape;
    int math;
    sm_wml_run *in_run_props;
    bool in_par_props, in_row_props, in_section, next_breaks;
    bool in_text, in_code, keeps_blanks;
    size_t text_from, text_at;
    sm_section now; /* being read */
    double grid_pitch, grid_chars;
    const char *grid_type;
    bool continuous;
};

typedef sm_rc sm_story_fn(struct sm_story *s, const char **atts);

/* What is done where an element begins and ends. */
typedef struct sm_story_element {
    const char *name;
    sm_story_fn *start, *end; /* NULL: nothing */
} sm_story_element;

/* Of runs, in the order of their names. */
extern const sm_story_element sm_story_text_elements[];
extern const size_t sm_story_n_text_elements;

/* The innermost thing that is open, if it is of that kind. */
struct sm_story_frame *sm_story_top(struct sm_story *s, char kind);
/* The innermost cell, row or table that no text box parts from here. */
struct sm_story_frame *sm_story_around(struct sm_story *s, char kind);
sm_layout *sm_story_layout(const struct sm_story *s);
sm_story_fn sm_story_skip, sm_story_skip_change, sm_story_note_change;

/* layout_text.c */
sm_story_fn sm_story_begin_text, sm_story_end_text;
sm_rc sm_story_text(void *story, sm_str text); /* for sm_part_handler */
sm_rc sm_story_fail_text(struct sm_story *s);
/* Inside s->in_run_props. */
sm_rc sm_story_run_prop(struct sm_story *s, const char *local, const char **atts);
const sm_wml_style *sm_story_table_style(struct sm_story *s);
sm_run sm_story_as_run(const sm_wml_run *look, uint16_t part);

/* layout_section.c */
sm_story_fn sm_story_begin_section, sm_story_end_section;
sm_rc sm_story_section_prop(struct sm_story *s, const char *local, const char **atts);

#endif
