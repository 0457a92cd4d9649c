/* What a text in the wording's notation says: shared by the mask's test and fuzzer. */
#ifndef SM_TESTS_SAID_H
#define SM_TESTS_SAID_H

#include <string.h>

#include "base/base.h"

/* Citations and pointers are no part of what is said. */
static inline sm_str without_marks(sm_arena *a, sm_str text)
{
    sm_buf b;
    sm_buf_init(&b, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        size_t k = i + 1;
        while (k < text.n && strchr("0123456789.-", text.p[k]))
            k++;
        char close = text.p[i] == '[' ? ']' : '>';
        if ((text.p[i] == '[' || text.p[i] == '<') && k > i + 1 && k < text.n &&
            text.p[k] == close) {
            if (close == '>')
                sm_buf_addc(&b, '\n');
            i = k;
        } else {
            sm_buf_addc(&b, text.p[i]);
        }
    }
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

#endif
