/*
 * model/engine.h - our engine as a process: which program, which command line, what it may know and
 * use.  Whoever starts one, for a test or for serving, starts it here.
 *
 * Rests on registry.h.  Any thread.
 */
#ifndef SM_MODEL_ENGINE_H
#define SM_MODEL_ENGINE_H

#include "model/registry.h"

#include <sys/types.h>

enum { SM_ENGINE_REFUSED = 7 /* its status when it does not take the file */ };

/* Where the program is: `given`, unless ""; SUNMAO_ENGINE; beside this one, ../libexec/sunmao,
 * ../libexec; NULL: nowhere. */
const char *sm_engine_program(sm_arena *a, const char *given);

typedef struct sm_engine_start {
    const char *program, *socket; /* paths */
    const sm_backend *backend;
    int errors;          /* its standard error; it has no other descriptor of ours */
    uint64_t most_bytes; /* of its own memory; 0: any */
} sm_engine_start;

/* The process, or -1 with errno.  It dies with the calling thread, leads a group of its own, knows
 * of our environment only what its libraries read, and leaves no core. */
pid_t sm_engine_spawn(const sm_engine_start *s);

#endif
