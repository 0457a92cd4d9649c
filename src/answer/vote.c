/*
 * A further reader's vote: a model is shown the evidence and the sentences whose verdict is open
 * (ground/gate.h), and names those that hold.  It can let a sentence pass that only its wording
 * stood against, or stop one that passed narrowly; on facts it has no say.
 */
#include "answer/wording.h"

#include "text/text.h"

enum { BODY_BYTES = 64 * 1024, MAX_TOKENS = 120 };

/* {"holds":[1 … n]} */
static json_t *format_of(size_t n)
{
    json_t *numbers = json_array();
    for (size_t i = 1; i <= n; i++)
        json_array_append_new(numbers, json_integer((json_int_t)i));
    return json_pack("{s:s,s:{s:s,s:b,s:{s:s,s:b,s:[s],s:{s:{s:s,s:I,s:{s:s,s:o}}}}}}", "type",
                     "json_schema", "json_schema", "name", "vote", "strict", 1, "schema", "type",
                     "object", "additionalProperties", 0, "required", "holds", "properties",
                     "holds", "type", "array", "maxItems", (json_int_t)n, "items", "type",
                     "integer", "enum", numbers);
}

sm_str sm_vote_request(sm_arena *a, const sm_prompts *p, const sm_vote_ask *ask)
{
    sm_buf b;
    sm_buf_init(&b, BODY_BYTES);
    for (size_t i = 0; i < ask->n; i++)
        sm_buf_addf(&b, "%s%zu. %.*s", i ? "；" : "", i + 1, SM_ARG(ask->sentence[i]));
    json_t *format = format_of(ask->n);
    sm_str body = sm_prompt_body(a, &(sm_prompt_ask){ .prompt = sm_prompt_named(p, "vote"),
                                                      .model = ask->model,
                                                      .data = ask->data,
                                                      .question = sm_buf_str(&b),
                                                      .max_tokens = MAX_TOKENS,
                                                      .stream = true,
                                                      .format = format });
    sm_buf_done(&b);
    json_decref(format);
    return body;
}

bool sm_vote_read(sm_op *op, sm_str reply, size_t n, bool *holds)
{
    json_t *j;
    size_t i;
    const json_t *one;
    if (!sm_prompt_object(op, reply, &j))
        return false;
    const json_t *list = json_object_get(j, "holds");
    for (i = 0; i < n; i++)
        holds[i] = false;
    json_array_foreach(list, i, one)
    {
        json_int_t k = json_integer_value(one);
        if (!json_is_integer(one) || k < 1 || (size_t)k > n)
            return false;
        holds[k - 1] = true;
    }
    return json_is_array(list);
}
