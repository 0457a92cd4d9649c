/*
 * model/probe.h - reaching one back end outside of serving, and finding out what it can by asking
 * it.
 *
 * Rests on remote.h.  One thread.
 */
#ifndef SM_MODEL_PROBE_H
#define SM_MODEL_PROBE_H

#include "model/registry.h"
#include "model/remote.h"

typedef struct sm_reach sm_reach;

/* A server as it is; for a file, an engine of its own in <data_dir>/run, until closed.  E_NOTFOUND
 * without the engine's program, E_CORRUPT with its reason when it refuses the file, E_UNAVAILABLE.
 */
sm_rc sm_reach_open(sm_op *op, const char *data_dir, const sm_backend *b, sm_reach **out);
sm_remote *sm_reach_remote(const sm_reach *r);
void sm_reach_close(sm_reach *r); /* NULL is fine */

/* Puts what it can (`can`, context_tokens, n_embd, slots where unknown) into *b, each by a call of
 * its own: what is not answered as asked it cannot.  E_UNAVAILABLE when nothing is answered at all;
 * E_DENIED when the key is refused. */
sm_rc sm_probe(sm_op *op, sm_remote *r, sm_backend *b);

#endif
