/*
 * format/story.h - private: one story of a DOCX (its body, a header, a footer, its notes) read into
 * paragraphs.
 */
#ifndef SM_FORMAT_STORY_H
#define SM_FORMAT_STORY_H

#include "format/readers.h"
#include "format/wordml.h"

/* A header or footer that a section names. */
typedef struct sm_story_margin {
    sm_str id; /* of the relationship */
    int section;
    sm_par_place place;
    sm_par_pages pages;
} sm_story_margin;

/* What the stories of one document share. */
typedef struct sm_stories {
    sm_layout_build *b;
    sm_package *package;
    sm_wml *wml;
    double normal_size;
    int n_tables;
    sm_story_margin *margin;
    size_t n_margins, cap_margins;
} sm_stories;

/* `place` is SM_PAR_BODY for the body, which brings the sections; else `margin` says which pages
 * and section the story is for (NULL: all). */
sm_rc sm_story_read(sm_stories *d, size_t part, sm_par_place place, const sm_story_margin *margin);

#endif
