/*
 * format/label.h - the implicit label of what an AI made (GB 45438-2025; 标识办法 art. 5;
 * TC260-PG-20258A): property AIGC of a DOCX's docProps/custom.xml.
 *
 * For reviewed copies and for drafts.  Pure like format.h.
 */
#ifndef SM_FORMAT_LABEL_H
#define SM_FORMAT_LABEL_H

#include "base/base.h"

typedef struct sm_label_text {
    sm_str label;    /* "1" generated, "2" possibly, "3" suspected */
    sm_str producer; /* name or 27-character code: of the deploying organ, never made up */
    sm_str produce_id;
    sm_str reserved1;
    sm_str propagator, propagate_id, reserved2;
} sm_label_text;

/* A label that is there is exchanged: a file has one.  What was written is read back: E_INTERNAL
 * when it is not what it should be; E_INVALID without label, producer or id. */
sm_rc sm_docx_label(sm_op *op, sm_str docx, const sm_label_text *label, sm_buf *out);

#endif
