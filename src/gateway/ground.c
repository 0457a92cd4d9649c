/*
 * Evidence for back ends that are not our engine: the same intent as a grammar or a schema, in the
 * member that the back end was seen to obey.  Where there is none it is left out: the gate that the
 * answer goes through holds all the same.
 */
#include "ground/ground.h"
#include "gateway/raw.h"
#include "gateway/wanted.h"
#include "model/model.h"

static sm_rc read_ground(sm_op *op, sm_str value, sm_evidence **out)
{
    json_t *v = NULL;
    sm_rc rc = sm_json_parse(op, value, "sunmao_ground", &v);
    if (rc == SM_OK && !json_is_object(v))
        rc = sm_fail(op, SM_E_INVALID, "sunmao_ground 应当是对象：{\"evidence\":[…]}");
    return rc < 0 ? rc : sm_evidence_parse(op, json_object_get(v, "evidence"), NULL, out);
}

sm_rc sm_wanted_check_ground(sm_op *op, sm_str value)
{
    sm_evidence *e;
    return read_ground(op, value, &e);
}

/* A member whose value is the grammar, or an object with it. */
static void write_grammar(sm_op *op, const sm_evidence *e, const char *before, const char *after,
                          sm_buf *out)
{
    sm_str gbnf;
    if (sm_ground_gbnf(op, e, &gbnf) < 0) /* it is too long: none, then */
        return;
    sm_buf_add(out, sm_str_of(before));
    sm_raw_add_string(out, gbnf);
    sm_buf_add(out, sm_str_of(after));
}

static void write_schema(sm_op *op, const sm_evidence *e, unsigned can, sm_buf *out)
{
    json_t *schema = sm_ground_schema(e, can & SM_CAN_PATTERN);
    sm_buf_add(out,
               SM_STR("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                      "\"grounded\",\"strict\":true,\"schema\":"));
    sm_buf_add(out, sm_json_dump(op->arena, schema));
    sm_buf_add(out, SM_STR("}}"));
    json_decref(schema);
}

/* The surest first. */
static const struct {
    unsigned can;
    const char *before, *after;
} grammars[] = {
    { SM_CAN_GRAMMAR, "\"grammar\":", "" },
    { SM_CAN_STRUCTURED, "\"structured_outputs\":{\"grammar\":", "}" },
    { SM_CAN_GUIDED, "\"guided_grammar\":", "" },
    { SM_CAN_EBNF, "\"ebnf\":", "" },
};

bool sm_wanted_write_ground(const sm_wanted *w, unsigned can, sm_buf *out)
{
    sm_op op;
    sm_evidence *e;
    size_t from = out->n;
    sm_str value = sm_str_sub(w->body, w->ground_at.at, w->ground_at.at + w->ground_at.n);
    sm_op_begin(&op);
    if (read_ground(&op, value, &e) == SM_OK) {
        for (size_t i = 0; i < SM_LEN(grammars) && out->n == from; i++)
            if (can & grammars[i].can)
                write_grammar(&op, e, grammars[i].before, grammars[i].after, out);
        if (out->n == from && w->service == SM_SERVICE_CHAT && can & SM_CAN_JSON_SCHEMA)
            write_schema(&op, e, can, out);
    }
    sm_op_end(&op);
    return out->n > from;
}
