/*
 * engine/overdue.h - ends the process when libllama does not come back from a grammar.
 *
 * Rests on base.  A grammar may be so ambiguous that one token takes for ever, and nothing in
 * libllama stops that; the process can be started again, a thread that is lost in there cannot.
 * Any thread.
 */
#ifndef SM_ENGINE_OVERDUE_H
#define SM_ENGINE_OVERDUE_H

#include "base/base.h"

enum { SM_OVERDUE_MOST_MS = 5000, SM_OVERDUE_EXIT = 9 };

sm_rc sm_overdue_open(sm_op *op); /* once a process; its thread stays */
/* Around what may not come back; not nested. */
void sm_overdue_begin(void);
void sm_overdue_end(void);

#endif
