/*
 * engine/schema_inner.h - the grammar in the making, for the files that write parts of it.
 */
#ifndef SM_ENGINE_SCHEMA_INNER_H
#define SM_ENGINE_SCHEMA_INNER_H

#include "engine/schema.h"

typedef struct sm_schema_ref {
    const json_t *target;
    sm_str name;
    int nesting; /* of objects and arrays around it while it is written; -1 when it is done */
} sm_schema_ref;

struct sm_schema {
    sm_op *op;
    const json_t *root; /* where #/... begins */
    const char *what;
    sm_buf rules;
    size_t n_rules;
    unsigned base_rules; /* which of the fixed ones are needed, a bit each */
    int depth, nesting;
    sm_schema_ref *ref;
    size_t n_refs, refs_cap;
};

/* Fixed rules, written when they are asked for. */
typedef enum sm_base_rule {
    SM_BASE_SP,
    SM_BASE_CHAR,
    SM_BASE_STRING,
    SM_BASE_NUMBER,
    SM_BASE_INTEGER,
    SM_BASE_DATE,
    SM_BASE_TIME,
    SM_BASE_ANY,
    SM_N_BASE_RULES
} sm_base_rule;
sm_str sm_schema_base(sm_schema *s, sm_base_rule rule);

/* name ::= body; a new name. */
sm_str sm_schema_rule(sm_schema *s, sm_str body);
sm_rc sm_schema_fail(sm_schema *s, sm_rc rc, sm_str at, const char *fmt, ...) SM_PRINTF(4, 5);

enum { SM_SCHEMA_NO_MAX = -1 };
/* An expression for min to max of a rule, however many. */
sm_str sm_schema_repeat(sm_schema *s, sm_str rule, int64_t min, int64_t max);

/* A whole number from lo to hi, both within 18 digits. */
enum { SM_SCHEMA_MAX_DIGITS = 18 };
sm_str sm_schema_range(sm_schema *s, int64_t lo, int64_t hi);

/* The inside of a JSON string that a regular expression (of ECMA 262, without look-around, back
 * references and classes by property) matches somewhere. */
sm_rc sm_schema_pattern(sm_schema *s, sm_str pattern, sm_str at, sm_str *out);

/* What goes into a class or a literal, escaped as the grammar needs it. */
void sm_schema_add_char(sm_buf *b, uint32_t c);
/* The code point at *p, moved behind it; what is no UTF-8 is taken bytewise. */
uint32_t sm_schema_next_char(sm_str *rest);

#endif
