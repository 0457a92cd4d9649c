/*
 * Secrecy marks (GB/T 9704-2012, 7.2.2) and the numbers of secret documents.
 */
#include "text/numeral.h"
#include "text/text.h"

#include <string.h>

enum { MAX_MARK_BYTES = 96, COPY_NO_DIGITS = 6 };

static size_t any_of(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(words[i])))
            return strlen(words[i]);
    return 0;
}

/* The line without blanks between its characters, in `out`; empty when it is too long for a mark.
 */
static sm_str without_blanks(sm_str s, char out[MAX_MARK_BYTES])
{
    size_t n = 0;
    while (s.n) {
        sm_str at = s;
        uint32_t c = sm_utf8_next(&s);
        size_t k = at.n - s.n;
        if (c == ' ' || c == '\t' || c == 0x3000 || c == 0xa0 || c == '*') /* ** of Markdown */
            continue;
        if (n + k > MAX_MARK_BYTES)
            return (sm_str){ 0 };
        memcpy(out + n, at.p, k);
        n += k;
    }
    return (sm_str){ out, n };
}

/* The copy's number that may stand before the mark on the same line. */
static sm_str past_copy_no(sm_str s)
{
    int64_t v;
    size_t n_digits, n = sm_digits_at(s, 0, &v, &n_digits);
    return n_digits == COPY_NO_DIGITS ? sm_str_sub(s, n, s.n) : s;
}

/* ★, a term, an urgency, closing brackets: all that may follow the level. */
static bool only_term(sm_str s)
{
    static const char *const parts[] = { "★",    "☆",    "*",    "级",       "年",   "个月",
                                         "月",   "日",   "天",   "前",       "后",   "长期",
                                         "启用", "启封", "解密", "特急",     "加急", "急件",
                                         "平急", "】",   "]",    "］",       "）",   ")",
                                         "〕",   "（",   "(",    "保密期限", "：",   ":" };
    while (s.n) {
        sm_str ahead = s;
        size_t k = any_of(s, parts, SM_LEN(parts));
        if (k == 0)
            k = sm_digit_at(s, 0, NULL);
        if (k == 0 && sm_is_han_numeral(sm_utf8_next(&ahead)))
            k = s.n - ahead.n;
        if (k == 0)
            return false;
        s = sm_str_sub(s, k, s.n);
    }
    return true;
}

sm_str sm_text_secret_mark(sm_str line)
{
    static const char *const levels[] = { "绝密", "机密", "秘密" };
    static const char *const names[] = { "密级标识", "密级", "保密等级", "秘密等级", "涉密等级" };
    static const char *const signs[] = { "：", ":", "【", "[", "［", "（", "(", "〔", "★" };
    char buf[MAX_MARK_BYTES];
    line = sm_str_trim(line);
    sm_str s = past_copy_no(without_blanks(line, buf));
    for (int brackets = 0; brackets < 2; brackets++) { /* 【密级：机密】 and 密级：【机密】 */
        s = sm_str_sub(s, any_of(s, signs, SM_LEN(signs)), s.n);
        s = sm_str_sub(s, any_of(s, names, SM_LEN(names)), s.n);
    }
    s = sm_str_sub(s, any_of(s, signs, SM_LEN(signs)), s.n);
    if (any_of(s, levels, SM_LEN(levels)) && only_term(sm_str_sub(s, 6, s.n)))
        return line;
    return (sm_str){ 0 };
}

bool sm_text_secret_doc_no(sm_str doc_no)
{
    static const char *const kinds[] = { "发", "字", "电", "函", "办", "传" };
    static const char *const opens[] = { "〔", "[", "［", "(", "（", "【" };
    for (size_t at = 0; (at = sm_str_find(doc_no, SM_STR("密"), at)) != SIZE_MAX;) {
        at += strlen("密");
        sm_str rest = sm_str_sub(doc_no, at, doc_no.n);
        rest = sm_str_sub(rest, any_of(rest, kinds, SM_LEN(kinds)), rest.n);
        if (any_of(sm_str_trim(rest), opens, SM_LEN(opens)))
            return true;
    }
    return false;
}
