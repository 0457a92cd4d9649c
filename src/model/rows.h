/*
 * model/rows.h - private to model: what the registry's files share.
 */
#ifndef SM_MODEL_ROWS_H
#define SM_MODEL_ROWS_H

#include "model/registry.h"

/* Of "model m"; sm_backend_read takes them from column 0 on. */
#define SM_BACKEND_COLUMNS                                                                 \
    "m.id, m.name, m.kind, m.state, m.source, m.key_from, m.remote_name, m.sm3, m.sha256," \
    " m.bytes, m.architecture, m.quantisation, m.template, m.licence, m.registration_no,"  \
    " m.context, m.n_embd, m.can, m.probed, m.slots, m.engine, m.price_in, m.price_out,"   \
    " m.watts, m.created"
sm_rc sm_backend_read(sm_op *op, const sm_stmt *q, sm_backend *out);

#define SM_DEPT_COLUMNS \
    "d.id, d.name, d.parent, d.weight, d.per_minute, d.per_day, d.per_month, d.concurrency"
void sm_dept_read(sm_op *op, const sm_stmt *q, sm_dept *out);

#define SM_KEY_COLUMNS                                                                         \
    "k.id, k.name, k.department, k.digest, k.hint, k.class, k.models, k.addresses, k.created," \
    " k.expires, k.revoked, k.used"
sm_rc sm_app_key_read(sm_op *op, const sm_stmt *q, sm_app_key *out);

#define SM_ALIAS_COLUMNS "a.name, a.scope, a.model, a.weight, a.tier"
void sm_alias_read(sm_op *op, const sm_stmt *q, sm_alias *out);

sm_str sm_engine_options_text(sm_arena *a, const sm_engine_options *o); /* JSON */
sm_rc sm_engine_options_parse(sm_op *op, sm_str json, sm_engine_options *out);
sm_str sm_can_text(sm_arena *a, unsigned can); /* "chat,tools" */
unsigned sm_can_parse(sm_str text);

/* Commits when rc is SM_OK, else rolls back and returns rc. */
sm_rc sm_registry_end(sm_op *op, sm_db *db, sm_rc rc);
/* In a transaction: a new revision, an event, an act of the ledger ("model.add", object `name`). */
sm_rc sm_registry_note(sm_op *op, sm_db *db, sm_str by, const char *act, sm_str name);
/* The same with scope, and with what was before and is now. */
sm_rc sm_registry_note_change(sm_op *op, sm_db *db, sm_str by, const char *act, sm_str name,
                              sm_str scope, sm_str before, sm_str after);

/* E_INVALID unless it can name a back end, an alias: 1 … 64 of a-z A-Z 0-9 . _ : - /, the first one
 * a letter or a digit. */
sm_rc sm_check_called(sm_op *op, const char *what, sm_str name);
/* E_INVALID unless it is UTF-8 of at most so many bytes without control characters. */
sm_rc sm_check_line(sm_op *op, const char *what, sm_str s, size_t max_bytes);
sm_rc sm_check_range(sm_op *op, const char *what, int64_t v, int64_t lo, int64_t hi);
/* Whether a row is there; the query has one parameter. */
sm_rc sm_row_exists(sm_op *op, sm_db *db, const char *sql, const char *bind, sm_str text,
                    int64_t number, bool *out);

#endif
