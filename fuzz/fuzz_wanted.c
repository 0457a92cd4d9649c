#include "fuzz_target.h"

#include "gateway/raw.h"
#include "gateway/wanted.h"
#include "model/model.h"

/* What is written for a back end is the request with another model's name, and nothing else. */
static void check_written(const sm_wanted *w, sm_op *op)
{
    sm_buf b;
    json_t *before = NULL, *after = NULL;
    sm_buf_init(&b, w->body.n + 1024);
    sm_wanted_write(w, SM_STR("a \"name\""), SM_CAN_GROUND, &b);
    fuzz_must(!b.failed && sm_raw_check(sm_buf_str(&b), NULL));
    if (sm_json_parse(op, w->body, "输入", &before) == SM_OK) {
        fuzz_must(sm_json_parse(op, sm_buf_str(&b), "输出", &after) == SM_OK);
        fuzz_must(sm_str_eq(sm_json_str(after, "model"), SM_STR("a \"name\"")));
        const json_t *options = json_object_get(after, "stream_options");
        fuzz_must(!w->stream || json_is_true(json_object_get(options, "include_usage")));
        json_object_del(after, "model");
        json_object_del(before, "model");
        if (w->stream) {
            json_object_del(after, "stream_options");
            json_object_del(before, "stream_options");
        }
        fuzz_must(json_equal(before, after));
    }
    sm_buf_done(&b);
}

/* Evidence becomes something else for those who do not know it, and nothing else changes. */
static void check_ground(const sm_wanted *w, sm_op *op, unsigned can)
{
    static const char *const forms[] = { "grammar", "structured_outputs", "ebnf", "response_format",
                                         "sunmao_ground" };
    sm_buf b;
    json_t *before = NULL, *after = NULL;
    sm_buf_init(&b, sm_wanted_most_bytes(w));
    sm_wanted_write(w, SM_STR("m"), can, &b);
    fuzz_must(!b.failed && sm_raw_check(sm_buf_str(&b), NULL));
    if (w->ground_at.n && !w->stream && sm_json_parse(op, w->body, "输入", &before) == SM_OK) {
        fuzz_must(sm_json_parse(op, sm_buf_str(&b), "输出", &after) == SM_OK);
        fuzz_must(!json_object_get(after, "sunmao_ground"));
        fuzz_must(!(can & SM_CAN_GRAMMAR) || json_is_string(json_object_get(after, "grammar")));
        for (size_t i = 0; i < SM_LEN(forms); i++) {
            json_object_del(before, forms[i]);
            json_object_del(after, forms[i]);
        }
        json_object_del(before, "model");
        json_object_del(after, "model");
        fuzz_must(json_equal(before, after));
    }
    sm_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str text = { (const char *)data, size };
    json_t *v;
    sm_op op;
    sm_op_begin(&op);
    bool sound = sm_raw_check(text, NULL);
    if (sm_json_parse(&op, text, "输入", &v) == SM_OK)
        fuzz_must(sound);
    for (int s = SM_SERVICE_CHAT; s <= SM_SERVICE_RERANK; s++) {
        sm_wanted w;
        const char *param;
        sm_op_clear(&op);
        if (sm_wanted_read(&op, (sm_service)s, text, &w, &param) == SM_OK) {
            fuzz_must(sound && w.model.n > 0);
            check_written(&w, &op);
            check_ground(&w, &op, 0);
            check_ground(&w, &op, SM_CAN_GRAMMAR);
            check_ground(&w, &op, SM_CAN_STRUCTURED);
            check_ground(&w, &op, SM_CAN_EBNF);
            check_ground(&w, &op, SM_CAN_JSON_SCHEMA | SM_CAN_PATTERN);
        } else {
            fuzz_must(op.msg.n > 0);
        }
    }
    sm_op_end(&op);
    return 0;
}
