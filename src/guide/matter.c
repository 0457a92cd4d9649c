/*
 * What is asked, apart from where.
 */
#include "guide/turn.h"
#include "text/text.h"

static const double BARE_SURE = 0.82, BARE_SHARE = 0.3;
enum {
    LEAST_CHARS = 3,
    BARE_CHARS = 12,
    MAX_NAMES_BYTES = 1 << 16,
    MAX_ITEM_BYTES = 1 << 20,
    MAX_DEPTH = 6
};

/* "东城区的呢" asks nothing by itself. */
static bool asks_something(sm_str text)
{
    return sm_utf8_count(sm_str_trim(text)) >= LEAST_CHARS;
}

void sm_read_matter(sm_turn *t)
{
    t->matter = t->text;
    for (size_t i = 0; i < t->n_region_names; i++)
        t->matter = sm_without(t->op->arena, t->matter, t->region_name[i], " ");
    if (!asks_something(t->matter))
        t->matter = t->text;
}

/* Both have two characters that stand together. */
static bool has_pair(const sm_wordset *a, const sm_wordset *b)
{
    for (size_t i = 0; i < a->n[1]; i++)
        if (sm_find_u64(b->key[1], b->n[1], a->key[1][i]) != SIZE_MAX)
            return true;
    return false;
}

static void add_words(sm_buf *b, const json_t *list)
{
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e)
    {
        sm_buf_add(b, SM_STR("\n"));
        sm_buf_add(b, sm_str_of(json_string_value(e)));
    }
}

/* All that the item is called. */
static sm_wordset names_of(sm_turn *t, const sm_doc *item, const json_t *json)
{
    sm_buf b;
    sm_buf_init(&b, MAX_NAMES_BYTES);
    sm_buf_add(&b, item->title);
    add_words(&b, json_object_get(json, "aliases"));
    add_words(&b, json_object_get(json, "keywords"));
    sm_wordset set = sm_wordset_of(t->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return set;
}

/* A first, short text that shares no word with what the item is called, next to none with what it
 * says, and that the ranking is not sure of: "我爸90了能领多少钱" may mean anything. */
static bool is_bare(sm_turn *t, const sm_wordset *matter, const json_t *json)
{
    sm_wordset all = sm_item_words(t, json);
    size_t chars = sm_utf8_count(t->matter);
    return t->talk.n_turns == 0 && chars <= BARE_CHARS &&
           sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals) < BARE_SURE &&
           sm_wordset_shared(matter, &all) < BARE_SHARE;
}

sm_rc sm_names_no_matter(sm_turn *t, sm_str code, bool *none)
{
    sm_doc *doc;
    json_t *json;
    *none = false;
    sm_rc rc = sm_item_of_code(t, code, &doc, &json);
    if (rc < 0)
        return rc;
    sm_wordset names = names_of(t, doc, json), text = sm_wordset_of(t->op->arena, t->text),
               matter = sm_wordset_of(t->op->arena, t->matter);
    *none = !has_pair(&matter, &names) && (has_pair(&text, &names) || is_bare(t, &matter, json));
    return SM_OK;
}

static void add_all(sm_buf *b, const json_t *e, int depth)
{
    const char *key;
    size_t i;
    json_t *in;
    if (json_is_string(e)) {
        sm_buf_add(b, sm_str_of(json_string_value(e)));
        sm_buf_add(b, SM_STR("\n"));
    } else if (depth > 0 && json_is_array(e)) {
        json_array_foreach(e, i, in)
        {
            add_all(b, in, depth - 1);
        }
    } else if (depth > 0) {
        json_object_foreach((json_t *)(uintptr_t)e, key, in)
        {
            add_all(b, in, depth - 1);
        }
    }
}

sm_wordset sm_item_words(sm_turn *t, const json_t *item)
{
    sm_buf b;
    sm_buf_init(&b, MAX_ITEM_BYTES);
    add_all(&b, item, MAX_DEPTH);
    sm_wordset set = sm_wordset_of(t->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return set;
}

/* A rule for the ones is none for the others: what it calls them, and what people call the others.
 */
bool sm_is_for_others(sm_str title, sm_str text)
{
    static const char *const cycle[] = { "电动自行车", "非机动车" };
    static const char *const rides[] = { "骑",   "电动车", "电动自行车", "电瓶车", "电驴",
                                         "电车", "电马",   "自行车",     "单车",   "非机动车" };
    static const char *const drives[] = {
        "开车",   "汽车", "轿车", "小车",   "货车",   "摩托", "面包车", "私家车", "网约车",
        "出租车", "大巴", "驾照", "驾驶证", "行驶证", "扣分", "扣几分", "记分",   "记几分"
    };
    return sm_str_has_any(title, cycle, SM_LEN(cycle)) &&
           sm_str_has_any(text, drives, SM_LEN(drives)) &&
           !sm_str_has_any(text, rides, SM_LEN(rides));
}
