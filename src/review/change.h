/*
 * review/change.h - private: one part of a DOCX being changed at single places, with the marks of
 * tracked changes.
 */
#ifndef SM_REVIEW_CHANGE_H
#define SM_REVIEW_CHANGE_H

#include "format/parts.h"
#include "review/mend.h"

/* Bytes from … to give way to `put`. */
typedef struct sm_splice {
    size_t from, to;
    sm_str put;
    size_t order; /* of two at one place the one added first stands first */
} sm_splice;

typedef struct sm_change {
    sm_op *op;
    const char *name; /* of the part */
    sm_str xml;
    sm_element *el;
    size_t n_el;
    sm_str prefix; /* of WordprocessingML's names, "w:" */
    sm_str by;     /* author and date as attributes, a blank before each */
    uint32_t id;   /* the next free number of a mark */
    sm_splice *splice;
    size_t n_splices, cap;
    sm_mended *done;
    size_t cap_left;
} sm_change;

/* E_INVALID for a part whose names have no prefix. */
sm_rc sm_change_begin(sm_op *op, sm_str docx, const char *name, const sm_mend_options *o,
                      sm_mended *done, sm_change *c);
/* In any order; they may not overlap. */
void sm_change_splice(sm_change *c, size_t from, size_t to, sm_str put);
sm_rc sm_change_end(sm_change *c, sm_str docx, sm_buf *out);

/* <w:NAME w:id w:author w:date> with a number of its own. */
sm_str sm_change_mark(sm_change *c, const char *name);
/* Element e from its first byte to `to`; its id and that of a change recorded in it are new ones.
 */
sm_str sm_change_copy(sm_change *c, size_t e, size_t to);
void sm_change_leave(sm_change *c, size_t finding, const char *why);

/* The <w:t> that holds the run's text; SIZE_MAX: it is not where the layout says. */
size_t sm_change_text(const sm_change *c, const sm_run *r);

#endif
