#include "text/text.h"

static bool ends_sentence(uint32_t c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff1b || c == '!' || c == '?' ||
           c == ';' || c == '\n';
}

static bool closes(uint32_t c)
{
    return c == 0x201d || c == 0x2019 || c == 0x300b || c == 0x3009 || c == 0xff09 || c == ')' ||
           c == 0x300f || c == 0x300d || c == 0x3011 || c == 0x3015 || c == ']' || c == 0xff3d;
}

size_t sm_text_sentences(sm_arena *a, sm_str s, sm_str **out)
{
    sm_str *list = NULL;
    size_t n = 0, cap = 0;
    sm_str rest = s;
    const char *from = s.p;
    while (rest.n) {
        uint32_t last = sm_utf8_next(&rest);
        bool end = ends_sentence(last);
        while (end && last != '\n' && rest.n) {
            sm_str ahead = rest;
            uint32_t c = sm_utf8_next(&ahead);
            if (!closes(c) && !ends_sentence(c))
                break;
            rest = ahead;
            last = c;
        }
        if (!end && rest.n)
            continue;
        sm_str one = sm_str_trim((sm_str){ from, (size_t)(rest.p - from) });
        from = rest.p;
        if (one.n == 0)
            continue;
        SM_GROW(a, list, n, cap);
        list[n++] = one;
    }
    *out = list;
    return n;
}

bool sm_text_phrase(sm_str *rest, sm_str *phrase)
{
    const char *from = rest->p;
    if (rest->n == 0)
        return false;
    while (rest->n) {
        const char *at = rest->p;
        uint32_t c = sm_utf8_next(rest);
        if (c == 0xff0c || c == ',' || c == ' ' || c == 0x3001 || ends_sentence(c)) {
            *phrase = (sm_str){ from, (size_t)(at - from) };
            return true;
        }
    }
    *phrase = (sm_str){ from, (size_t)(rest->p - from) };
    return true;
}
