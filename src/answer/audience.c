/*
 * Who a clause is for, where its first words tell ("外来务工人员申请的，应当…"), and who asks: the
 * figures of one are not those of the other.
 */
#include "answer/compose.h"

#include "text/text.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

/* How a question and a clause name the same people; NULL ends. */
static const struct {
    const char *asked[10], *clause[6];
} audiences[] = {
    { { "外地", "外来", "外省", "外市", "打工", "务工", "没有本市户", "没本地户", "不是本地" },
      { "外来务工", "非本市户籍", "流动人口", "进城务工" } },
    { { "刚毕业", "新毕业", "应届", "大学生", "毕业生", "刚工作", "新就业" },
      { "新就业", "毕业生" } },
    { { "本地人", "本地户", "本市户", "城镇户" }, { "本市户籍", "城镇", "本市居民" } },
};

/* Of whom the question is; SIZE_MAX: nobody in particular. */
static size_t asker(sm_str question)
{
    for (size_t i = 0; i < SM_LEN(audiences); i++)
        if (HAS(question, audiences[i].asked))
            return i;
    return SIZE_MAX;
}

static bool opens_with(const sm_clause *c, size_t who)
{
    sm_str opening = sm_str_sub(c->text, 0, sm_str_find(c->text, SM_STR("，"), 0));
    return sm_str_has(opening, SM_STR("申请")) && HAS(opening, audiences[who].clause);
}

/* It opens with somebody, and not with who asks. */
static bool is_for_others(const sm_clause *c, size_t who)
{
    bool others = false;
    for (size_t i = 0; i < SM_LEN(audiences); i++)
        others |= i != who && opens_with(c, i);
    return others && !opens_with(c, who);
}

sm_rc sm_clause_for_asker(sm_op *op, sm_db *db, sm_str question, sm_clause **clause)
{
    size_t who = asker(question), n;
    sm_clause *all;
    if (who == SIZE_MAX || !is_for_others(*clause, who))
        return SM_OK;
    sm_rc rc = sm_corpus_clauses(op, db, (*clause)->version, &all, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (opens_with(&all[i], who)) {
            *clause = &all[i];
            break;
        }
    return rc;
}
