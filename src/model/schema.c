#include "model/schema.h"

#include <string.h>

enum { MAX_DEPTH = 16 };

static bool fits(const json_t *schema, const json_t *v, int depth);

static bool has_type(const char *type, const json_t *v)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"
    };
    return strcmp(type, names[json_typeof(v)]) == 0 ||
           (json_is_integer(v) && strcmp(type, "number") == 0);
}

static bool is_one_of(const json_t *list, const json_t *v)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), v))
            return true;
    return false;
}

static bool object_fits(const json_t *schema, const json_t *v, int depth)
{
    const json_t *known = json_object_get(schema, "properties"),
                 *required = json_object_get(schema, "required");
    const char *key;
    json_t *member;
    for (size_t i = 0; i < json_array_size(required); i++)
        if (!json_object_get(v, json_string_value(json_array_get(required, i))))
            return false;
    json_object_foreach((json_t *)(uintptr_t)v, key, member)
    {
        const json_t *s = json_object_get(known, key);
        if (!s && json_is_false(json_object_get(schema, "additionalProperties")))
            return false;
        if (s && !fits(s, member, depth))
            return false;
    }
    return true;
}

static bool array_fits(const json_t *schema, const json_t *v, int depth)
{
    const json_t *least = json_object_get(schema, "minItems"),
                 *most = json_object_get(schema, "maxItems"),
                 *item = json_object_get(schema, "items");
    json_int_t n = (json_int_t)json_array_size(v);
    if ((least && n < json_integer_value(least)) || (most && n > json_integer_value(most)))
        return false;
    for (size_t i = 0; item && i < json_array_size(v); i++)
        if (!fits(item, json_array_get(v, i), depth))
            return false;
    return true;
}

/* In characters. */
static bool text_fits(const json_t *schema, const json_t *v)
{
    const json_t *most = json_object_get(schema, "maxLength");
    json_int_t n = 0;
    for (const char *p = json_string_value(v); *p; p++)
        n += (*p & 0xc0) != 0x80;
    return !most || n <= json_integer_value(most);
}

static bool number_fits(const json_t *schema, const json_t *v)
{
    const json_t *lo = json_object_get(schema, "minimum"), *hi = json_object_get(schema, "maximum");
    double n = json_number_value(v);
    return (!lo || n >= json_number_value(lo)) && (!hi || n <= json_number_value(hi));
}

static bool fits(const json_t *schema, const json_t *v, int depth)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    const json_t *choices = json_object_get(schema, "enum"),
                 *only = json_object_get(schema, "const");
    if (!v || depth > MAX_DEPTH || (type && !has_type(type, v)) ||
        (choices && !is_one_of(choices, v)) || (only && !json_equal(only, v)))
        return false;
    if (json_is_object(v))
        return object_fits(schema, v, depth + 1);
    if (json_is_array(v))
        return array_fits(schema, v, depth + 1);
    if (json_is_string(v))
        return text_fits(schema, v);
    return !json_is_number(v) || number_fits(schema, v);
}

bool sm_schema_fits(const json_t *schema, const json_t *value)
{
    return fits(schema, value, 0);
}
