#include "engine/think.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct seen {
    sm_buf reasoning, content;
};

static void take(void *ctx, bool reasoning, sm_str text)
{
    struct seen *s = ctx;
    assert_true(text.n > 0);
    sm_buf_add(reasoning ? &s->reasoning : &s->content, text);
}

static const struct {
    const char *text;
    bool opened;
    const char *reasoning, *content;
} cases[] = {
    { "答案是三。", false, "", "答案是三。" },
    { "<think>\n想一想\n</think>\n\n答案是三。", false, "想一想", "答案是三。" },
    { "想一想\n</think>\n\n答案是三。", true, "想一想", "答案是三。" },
    { "<think>\n想一想</think>答", true, "想一想", "答" },
    { "<think>\n\n</think>\n\n答", false, "", "答" },
    { "甲<think>乙</think>丙", false, "乙", "甲丙" },
    { "没有想完", true, "没有想完", "" },
    { "a < b, <b>粗</b> <thin> <<think>x</think>", false, "x", "a < b, <b>粗</b> <thin> <" },
    { "1 <\n2\n\n", false, "", "1 <\n2\n\n" },
    { "想</thin", true, "想</thin", "" },
    { "甲</think>乙", false, "", "甲乙" },
    { "  甲", false, "", "甲" },
    { "", false, "", "" },
    { "段一\n\n段二 \n<think", false, "", "段一\n\n段二 \n<think" },
};

static void split(sm_str text, bool opened, size_t step, struct seen *s)
{
    sm_think t;
    sm_buf_init(&s->reasoning, 1 << 16);
    sm_buf_init(&s->content, 1 << 16);
    sm_think_init(&t, opened);
    for (size_t i = 0; i < text.n; i += step)
        sm_think_feed(&t, sm_str_sub(text, i, i + step), take, s);
    sm_think_end(&t, take, s);
}

static void done(struct seen *s)
{
    sm_buf_done(&s->reasoning);
    sm_buf_done(&s->content);
}

static void reasoning_and_answer_are_divided_wherever_the_chunks_are_cut(void **state)
{
    (void)state;
    for (size_t k = 0; k < SM_LEN(cases); k++)
        for (size_t step = 1; step < 40; step++) {
            struct seen s;
            split(sm_str_of(cases[k].text), cases[k].opened, step, &s);
            if (!sm_str_eq(sm_buf_str(&s.reasoning), sm_str_of(cases[k].reasoning)) ||
                !sm_str_eq(sm_buf_str(&s.content), sm_str_of(cases[k].content)))
                fail_msg("\"%s\" by %zu: \"%.*s\" | \"%.*s\"", cases[k].text, step,
                         SM_ARG(sm_buf_str(&s.reasoning)), SM_ARG(sm_buf_str(&s.content)));
            done(&s);
        }
}

static void blanks_longer_than_what_is_held_are_kept(void **state)
{
    (void)state;
    struct seen s;
    char text[204];
    memset(text, ' ', sizeof(text));
    text[0] = 'a';
    text[203] = 'b';
    split((sm_str){ text, sizeof(text) }, false, 7, &s);
    assert_true(sm_str_eq(sm_buf_str(&s.content), (sm_str){ text, sizeof(text) }));
    done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasoning_and_answer_are_divided_wherever_the_chunks_are_cut),
        cmocka_unit_test(blanks_longer_than_what_is_held_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
