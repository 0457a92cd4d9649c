/* format/confine.h - private: a process gives up what reading a document does not need. */
#ifndef SM_FORMAT_CONFINE_H
#define SM_FORMAT_CONFINE_H

#include "base/base.h"

/* Time, memory, files; before a byte is read that a stranger wrote. */
sm_rc sm_confine_limits(sm_op *op);
/* For good: from here on the process can compute, read and write what is open, and end.  With
 * `pdf_bytes` above 0 it may still start pdftotext over so many bytes, which inherits the rest.
 * E_UNAVAILABLE where the kernel has no seccomp. */
sm_rc sm_confine_calls(sm_op *op, size_t pdf_bytes);

enum { SM_CONFINE_SECONDS = 30, SM_CONFINE_MB = 1024 };

#endif
