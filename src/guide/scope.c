/*
 * What an item's scope says does not belong to it: "出境旅游业务另行许可",
 * "高级职称（由省级评审）不在本项".
 */
#include <stdlib.h>
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { MAX_TOKENS = 1024 };
static const double HALF_AT = 2; /* so many bigrams count half of what can be */

/* The part of a scope between two semicolons speaks of what is not meant. */
static bool leaves_out(sm_str part)
{
    static const char *const words[] = { "不在本", "不属于", "不属", "不适用", "另行",   "由省",
                                         "省级",   "国家级", "免办", "不包括", "不含",   "应当办",
                                         "的办",   "应办",   "请到", "不予",   "不受理", "另办",
                                         "不再本", "走",     "按",   "不能",   "须先" };
    return sm_str_has_any(part, words, SM_LEN(words));
}

struct bag {
    uint64_t *key;
    size_t n;
};

static void add_text(sm_turn *t, struct bag *b, sm_str text)
{
    b->n += sm_text_tokens(sm_text_normal(t->op->arena, text), SM_TOKEN_BI, b->key + b->n,
                           MAX_TOKENS - b->n);
}

static void sort_bag(struct bag *b)
{
    b->n = sm_distinct_u64(b->key, b->n);
}

static bool holds(const struct bag *b, uint64_t key)
{
    return sm_find_u64(b->key, b->n, key) != SIZE_MAX;
}

/* "（不含限制使用农药）" of a name. */
static void add_name(sm_turn *t, sm_str name, struct bag *in, struct bag *out)
{
    size_t open = sm_str_find(name, SM_STR("（"), 0);
    sm_str rest = sm_str_sub(name, open == SIZE_MAX ? name.n : open, name.n);
    bool negative = sm_str_has(rest, SM_STR("不含")) || sm_str_has(rest, SM_STR("除"));
    add_text(t, in, negative ? sm_str_sub(name, 0, open) : name);
    if (negative)
        add_text(t, out, rest);
}

static void add_list(sm_turn *t, const json_t *list, struct bag *in)
{
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e)
    {
        add_text(t, in, sm_str_of(json_string_value(e)));
    }
}

static bool next_part(sm_str *rest, sm_str *part)
{
    if (rest->n == 0)
        return false;
    size_t at = SM_MIN(sm_str_find(*rest, SM_STR("；"), 0), sm_str_find(*rest, SM_STR("。"), 0));
    *part = sm_str_sub(*rest, 0, at == SIZE_MAX ? rest->n : at);
    *rest = sm_str_sub(*rest, at == SIZE_MAX ? rest->n : at + strlen("；"), rest->n);
    return true;
}

/* "许可销售除限制使用农药以外的农药": what stands between 除 and 以外. */
static sm_str excepted(sm_str part)
{
    size_t from = sm_str_find(part, SM_STR("除"), 0);
    size_t to = from == SIZE_MAX ? from : sm_str_find(part, SM_STR("外"), from);
    return to == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(part, from + strlen("除"), to);
}

double sm_left_out(sm_turn *t, const json_t *item)
{
    uint64_t key[3][MAX_TOKENS];
    struct bag in = { key[0], 0 }, out = { key[1], 0 }, asked = { key[2], 0 };
    sm_str rest = sm_json_str(item, "scope"), part;
    add_name(t, sm_json_str(item, "name"), &in, &out);
    add_list(t, json_object_get(item, "aliases"), &in);
    add_list(t, json_object_get(item, "keywords"), &in);
    while (next_part(&rest, &part)) {
        sm_str but = excepted(part);
        add_text(t, leaves_out(part) ? &out : &in,
                 but.n ? sm_str_sub(part, 0, (size_t)(but.p - part.p)) : part);
        add_text(t, &out, but);
        if (but.n)
            add_text(t, &in, sm_str_sub(part, (size_t)(but.p - part.p) + but.n, part.n));
    }
    add_text(t, &asked, t->text);
    sort_bag(&in);
    sort_bag(&out);
    sort_bag(&asked);
    size_t n = 0;
    for (size_t i = 0; i < asked.n; i++)
        n += holds(&out, asked.key[i]) && !holds(&in, asked.key[i]);
    return (double)n / ((double)n + HALF_AT);
}
