/*
 * engine/schema.h - a JSON Schema as a grammar (GBNF, as libllama reads it), so that what a model
 * writes fits the schema by construction.
 *
 * What the grammar admits always satisfies the schema; where JSON leaves a choice, it takes one:
 * members come in the order of `properties`, and blanks are few.  A keyword that cannot be honoured
 * is refused by name, never passed over; only annotations (title, description, default, ...) are.
 * oneOf admits what anyOf does.
 *
 * Rests on base.  Results live in the op's arena.
 */
#ifndef SM_ENGINE_SCHEMA_H
#define SM_ENGINE_SCHEMA_H

#include "base/base.h"

enum {
    SM_SCHEMA_MAX_DEPTH = 32,
    SM_SCHEMA_MAX_RULES = 4096,
    SM_SCHEMA_MAX_PROPERTIES = 512, /* of one object */
    SM_SCHEMA_MAX_NAME_BYTES = 256,
    SM_SCHEMA_MAX_CHOICES = 1024,  /* of one enum or anyOf */
    SM_SCHEMA_MAX_LENGTH = 100000, /* maxLength, maxItems */
    SM_SCHEMA_MAX_PATTERN_BYTES = 512,
    SM_SCHEMA_MAX_GRAMMAR_BYTES = 512 << 10
};

typedef struct sm_schema sm_schema; /* a grammar in the making */

sm_schema *sm_schema_begin(sm_op *op);

/* Adds rules for a schema; *out is the name of the one to refer to.  what names the schema in
 * messages ("response_format", a tool's name).  E_INVALID names the keyword and its place, E_LIMIT.
 */
sm_rc sm_schema_add(sm_schema *s, const json_t *schema, const char *what, sm_str *out);

/* The grammar: root, as a rule's right side, and all rules added. */
sm_rc sm_schema_end(sm_schema *s, sm_str root, sm_str *out);

/* A literal in a grammar, quoted. */
sm_str sm_schema_quote(sm_arena *a, sm_str text);

/* The three in one.  schema NULL: any JSON object. */
sm_rc sm_schema_grammar(sm_op *op, const json_t *schema, sm_str *out);

#endif
