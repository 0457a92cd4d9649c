/*
 * model/schema.h - private to model: whether a value is as a JSON schema says, by the words that
 * the evaluation uses: type, enum, const, properties, required, additionalProperties (false),
 * items, minItems, maxItems, minimum, maximum, maxLength.
 */
#ifndef SM_MODEL_SCHEMA_H
#define SM_MODEL_SCHEMA_H

#include "base/base.h"

bool sm_schema_fits(const json_t *schema, const json_t *value);

#endif
