#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    sm_str rest = { (const char *)data, size }, line = { 0 };
    size_t line_no = 0, before = 0;
    for (sm_rc rc; (rc = sm_jsonl_next(&op, &rest, 100, &line_no, &line)) != SM_E_NOTFOUND;) {
        fuzz_must(line_no > before && (rc == SM_OK || rc == SM_E_LIMIT));
        fuzz_must((rc == SM_OK) == (op.rc == SM_OK));
        if (rc == SM_OK)
            fuzz_must(line.n > 0 && line.n <= 100 && !memchr(line.p, '\n', line.n));
        sm_op_clear(&op);
        before = line_no;
    }
    fuzz_must(rest.n == 0 && op.rc == SM_OK);
    sm_op_end(&op);
    fuzz_read("a.jsonl", SM_FORMAT_JSONL, data, size);
    return 0;
}
