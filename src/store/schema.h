/*
 * store/schema.h - private to store: the migrations of both files, applied in order; an applied
 * one is never changed, a change is a new step.
 */
#ifndef SM_STORE_SCHEMA_H
#define SM_STORE_SCHEMA_H

#include <stddef.h>

typedef struct sm_schema {
    const char *const *step;
    size_t n;
} sm_schema;
extern const sm_schema sm_schemas[]; /* by sm_db_file */

#endif
