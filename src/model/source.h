/*
 * model/source.h - private to model: where a back end comes from, checked: a file with its digests
 * and header, a server's address, the place of a server's key.
 */
#ifndef SM_MODEL_SOURCE_H
#define SM_MODEL_SOURCE_H

#include "model/registry.h"

/* "http://host[:port][/path]", "https://…", "unix:/path": ASCII, no user, no query, no blank.  The
 * "/v1" and slashes at the end are taken off.  E_INVALID says what is wrong. */
sm_rc sm_source_url(sm_op *op, sm_str url, sm_str *out);
/* "", "file:/path", "env:NAME"; E_INVALID for anything else, which is never quoted: it may be the
 * key itself. */
sm_rc sm_source_key(sm_op *op, sm_str key_from);
#endif
