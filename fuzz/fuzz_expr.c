#include "fuzz_target.h"

#include "answer/answer.h"

static const sm_str names[] = { { "age", 3 }, { "local", 5 }, { "a", 1 }, { "edu", 3 } };

/* What cannot be read is refused with its place, by next as by eval, and nothing is written. */
static void check_refused(sm_op *op, sm_str rule, sm_rc rc)
{
    const sm_str *next = &names[0];
    fuzz_must(rc == (rule.n > SM_EXPR_MAX_BYTES ? SM_E_LIMIT : SM_E_INVALID));
    fuzz_must(op->rc == rc && op->msg.n > 0);
    fuzz_must(rc != SM_E_INVALID || sm_str_has(op->msg, SM_STR("个字节处")));
    sm_op_clear(op);
    fuzz_must(sm_expr_next(op, rule, NULL, 0, names, SM_LEN(names), &next) == rc &&
              next == &names[0]);
    sm_op_clear(op);
}

static void check_next(sm_op *op, sm_str rule, sm_truth blank)
{
    const sm_str *next = NULL;
    fuzz_must(sm_expr_next(op, rule, NULL, 0, names, SM_LEN(names), &next) == SM_OK);
    fuzz_must(!next || (blank == SM_UNKNOWN && sm_str_has(rule, *next)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sm_binding bound[] = {
        { names[0], { .type = SM_VALUE_NUMBER, .number = 60 } },
        { names[1], { .type = SM_VALUE_BOOL, .truth = true } },
        { names[2], { .type = SM_VALUE_UNKNOWN } },
        { names[3], { .type = SM_VALUE_TEXT, .text = { "本科", 6 } } },
    };
    sm_op op;
    sm_op_begin(&op);
    sm_str rule = { (const char *)data, size };
    sm_truth blank = (sm_truth)77, full = (sm_truth)77;
    sm_rc rc = sm_expr_eval(&op, rule, NULL, 0, &blank);
    fuzz_must((rc == SM_OK) == (blank <= SM_UNKNOWN));
    if (rc < 0)
        check_refused(&op, rule, rc);
    else
        check_next(&op, rule, blank);
    /* More knowledge settles more, and never otherwise. */
    if (sm_expr_eval(&op, rule, bound, SM_LEN(bound), &full) == SM_OK)
        fuzz_must(rc == SM_OK && (blank == SM_UNKNOWN || blank == full));
    sm_op_end(&op);
    return 0;
}
