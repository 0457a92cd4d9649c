/*
 * format/standby.h - private: how a child that reads a document comes to be.
 *
 * A program is started for it; or, where one of the same program stands by (sm_layout_standby), that
 * one forks, which costs a thirtieth: it is loaded and has read nothing a stranger wrote.  Either
 * way the child is ours to wait for.
 */
#ifndef SM_FORMAT_STANDBY_H
#define SM_FORMAT_STANDBY_H

#include <sys/types.h>

#include "base/base.h"

typedef struct sm_child {
    const char *program, *name, *limits; /* PROGRAM read-layout -- NAME LIMITS */
} sm_child;

/* With `in` and `out` as its input and output.  0, or what errno would say. */
int sm_child_start(sm_arena *a, const sm_child *c, int in, int out, pid_t *pid);

#endif
