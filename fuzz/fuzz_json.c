#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    json_t *v = NULL, *again = NULL;
    if (sm_json_parse(&op, (sm_str){ (const char *)data, size }, "输入", &v) == SM_OK) {
        sm_str line = sm_json_dump(op.arena, v);
        fuzz_must(sm_utf8_valid(line, NULL) && !memchr(line.p, '\n', line.n));
        fuzz_must(sm_json_parse(&op, line, "输出", &again) == SM_OK && json_equal(v, again));
    } else {
        fuzz_must(!v && op.rc < 0 && op.msg.n > 0);
    }
    sm_op_end(&op);
    return 0;
}
