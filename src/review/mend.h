/*
 * review/mend.h - what a review found, mended in the original DOCX as tracked changes that a person
 * accepts or rejects; its report.
 *
 * Rests on base, text and format.  Nothing is changed without being shown: a text change is a
 * deletion and an insertion, a format change keeps what was, and every other byte of the part and
 * every other part of the file stay as they are.  What cannot be mended so is left out and told.
 */
#ifndef SM_REVIEW_MEND_H
#define SM_REVIEW_MEND_H

#include "review/review.h"

typedef struct sm_mend_options {
    sm_str author; /* of the changes; "" 榫卯 */
    sm_str date;   /* of the changes, as 2026-11-23T09:30:00Z; "" none is given */
} sm_mend_options;

typedef struct sm_mend_left {
    size_t finding; /* its index */
    sm_str why;     /* for the reader */
} sm_mend_left;

typedef struct sm_mended {
    size_t n_fixed;
    sm_mend_left *left;
    size_t n_left; /* findings with a proposal that was not applied */
} sm_mended;

/* Applies the proposals of n findings to the DOCX that `l` was read from.  Where two overlap, the
 * later is left out.  E_CONFLICT when what stands at a finding's place is not what it says, E_LIMIT
 * over out's maximum, else as sm_format_read. */
sm_rc sm_mend_fix(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                  const sm_mend_options *o, sm_buf *out, sm_mended *done);

/* Sets the document to GB/T 9704 where findings of FM rules say that it is not: FM-01 page, FM-02
 * margins, FM-03 font and size of the body, FM-04 title, FM-05 headings, FM-06 line pitch, FM-07
 * first line's indent, FM-13 bold, italics, colours and underlines in the body.  A finding of the
 * page (para -1) is one of all paragraphs of the body.  Others are left out. */
sm_rc sm_mend_typeset(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                      const sm_mend_options *o, sm_buf *out, sm_mended *done);

/* ------------------------------------------------------------------ report */

typedef struct sm_report_options {
    sm_str document;        /* its name */
    sm_str digest;          /* of the reviewed bytes, hex, and of which kind */
    sm_str reviewer;        /* "" not signed yet */
    sm_str date;            /* of the review, as it is to be shown */
    const sm_str *decision; /* one for each finding: "采纳", …; NULL none */
} sm_report_options;

/* The report as a DOCX by GB/T 9704. */
sm_rc sm_review_report(sm_op *op, const sm_review *r, const sm_report_options *o, sm_buf *out);

#endif
