/*
 * What a rule leaves out by name: "二手住房、公寓不纳入补贴范围" against "买二手房也能领吧"; what
 * it spares: "不需要劳动合同" against "必须有劳动合同".
 */
#include <string.h>

#include "guide/premise.h"

static const double OBJECT_ALIKE = 0.45; /* of what one need not, in what is said to be needed */
enum { NAME_BYTES = 6, TERM_BYTES = 18, OBJECT_BYTES = 60 };

static const char *const leaving_out[] = { "不纳入", "不适用本", "不属于", "不再补贴", "不予补贴" };

/* The next of what is named one after another: 、 parts them. */
static bool next_name(sm_str *rest, sm_str *name)
{
    if (rest->n == 0)
        return false;
    size_t at = sm_str_find(*rest, SM_STR("、"), 0);
    *name = sm_str_sub(*rest, 0, at);
    *rest = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*rest, at + strlen("、"), rest->n);
    return true;
}

/* "不属于…的，由区财政发放" tells what becomes of it, and leaves nothing out. */
static bool is_condition(sm_str rest)
{
    sm_str one;
    return sm_text_phrase(&rest, &one) && sm_str_ends(sm_str_trim(one), SM_STR("的")) && rest.n > 0;
}

/* One of the things named is in the phrase, and is not the matter itself. */
static bool names_one(sm_str phrase, sm_str things, sm_str matter)
{
    sm_str name;
    while (next_name(&things, &name)) {
        sm_str known_by = sm_str_sub(name, 0, NAME_BYTES);
        if (name.n >= NAME_BYTES && name.n <= TERM_BYTES && sm_str_has(phrase, known_by) &&
            !sm_str_has(matter, known_by))
            return true;
    }
    return false;
}

bool sm_leaves_out(sm_arena *a, sm_str phrase, sm_str matter, const sm_clause *clause,
                   sm_str *sentence)
{
    sm_str *s;
    size_t n = sm_text_sentences(a, clause->text, &s);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < SM_LEN(leaving_out); k++) {
            size_t at = sm_str_find(s[i], sm_str_of(leaving_out[k]), 0);
            if (at == SIZE_MAX || is_condition(sm_str_sub(s[i], at, s[i].n)) ||
                !names_one(phrase, sm_str_sub(s[i], 0, at), matter))
                continue;
            *sentence = s[i];
            return true;
        }
    return false;
}

bool sm_sets_no_limit(sm_arena *a, sm_str phrase, sm_str text, sm_str *sentence)
{
    static const char *const nots[] = { "没有", "不受", "不设", "不限", "无", "取消" };
    static const char *const limits[] = { "年限", "时间限制", "期限" };
    sm_str *s;
    size_t n = sm_text_sentences(a, text, &s);
    for (size_t i = 0; i < n; i++) {
        sm_str rest = s[i], one;
        while (sm_text_phrase(&rest, &one))
            for (size_t k = 0; k < SM_LEN(limits); k++) {
                size_t at = sm_str_find(one, sm_str_of(limits[k]), 0);
                sm_str of = at == SIZE_MAX || at < NAME_BYTES
                                ? (sm_str){ 0 }
                                : sm_str_sub(one, at - NAME_BYTES, at);
                if (!of.n || !sm_str_has(phrase, of) ||
                    !sm_str_has_any(sm_str_sub(one, 0, at), nots, SM_LEN(nots)))
                    continue;
                *sentence = s[i];
                return true;
            }
    }
    return false;
}

bool sm_spares(sm_arena *a, sm_str sentence, const sm_wordset *object)
{
    static const char *const words[] = { "不需要", "不用", "无需", "不必", "取消了" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(sentence, sm_str_of(words[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str rest = sm_str_sub(sentence, at + strlen(words[i]), sentence.n), what;
        if (!sm_text_phrase(&rest, &what) || what.n < 6 || what.n > OBJECT_BYTES)
            continue;
        sm_wordset spared = sm_wordset_of(a, what);
        if (sm_wordset_shared(object, &spared) >= OBJECT_ALIKE)
            return true;
    }
    return false;
}
