#include "ground/copied.h"

#include <string.h>

#include "text/text.h"

enum {
    MAX_CHARS = 160, /* of a clause; a longer one is not compared */
    ALIKE = 92,      /* per cent of the characters of both, so that one is the other's copy */
    FEW = 4          /* characters that must be the same altogether */
};

typedef enum turn { MAY, MAY_NOT, MUST, NEED_NOT, NOT, UP, DOWN, N_TURNS, NONE } turn;

/* Words that turn a clause, and words that only look like them. */
static const struct {
    turn turn;
    const char *words;
} lists[] = {
    { MAY, "可以 可 能 能够 可予" },
    { MAY_NOT, "不可以 不能 不得 不可 禁止 不准 不予 不应当 不应 不许 不能够 不再" },
    { MUST, "应当 应 必须 须 需 需要 要 应该" },
    { NEED_NOT, "不用 不需要 无须 无需 不必 免 不要求 不须 不需 不要 不必须" },
    { NOT, "不 未 没有 没 无 非 否 并非 不是" },
    { UP,
      "以上 不少于 至少 不低于 超过 高于 满 年满 以后 之后 以外 及以上 最低 最少 大于 多于 最短" },
    { DOWN,
      "不能超过 不得超过 没超过 不到 以下 以内 不超过 至多 最多 不满 未满 不足 以前 之前 低于 "
      "及以下 最高 不高于 小于 少于 未超过 之内 最长 不长于 不大于" },
    { NONE, "不动产 不动 无人 无障碍 无线 非遗 非营运 非居民 非机动车 非税 能力 能效 机能 功能 "
            "性能 智能 节能 "
            "能源 新能源 可能 要点 重要 主要 要求 需求 必要 非必要 应用 应急 相应 供应 无房 不良 "
            "不利 满意 "
            "满分 记满 未成年 未来 未婚 无偿 不同 不论 不受 不满足 不符 免疫 免检 免抽 免冠 免税 "
            "免征 要件 "
            "无犯罪 无业 非全日制 非公 许可 认可 可靠 可供 非本人 非住宅 非因 非婚 无主 无效 不服 "
            "不便 非学科 不过" }
};

typedef struct clause {
    sm_str text;
    uint32_t *rest; /* characters that belong to no such word */
    size_t n;
    uint8_t turns[N_TURNS];
} clause;

struct sm_copied {
    clause *clause;
    size_t n, cap;
};

/* -------------------------------------------------------------------- clauses */

/* The longest word of the lists that s begins with: its bytes; 0: none. */
static size_t word_at(sm_str s, turn *out)
{
    size_t best = 0;
    for (size_t i = 0; i < SM_LEN(lists); i++) {
        sm_str words = sm_str_of(lists[i].words), word;
        while (sm_str_cut(&words, ' ', &word)) {
            if (word.n <= best || !sm_str_starts(s, word))
                continue;
            best = word.n;
            *out = lists[i].turn;
        }
    }
    return best;
}

/* Of a character that no word begins with. */
static bool begins_none(sm_str s)
{
    static const char *const first[] = { "可", "能", "不", "应", "必", "须", "需", "要", "无",
                                         "免", "未", "没", "非", "否", "并", "以", "至", "超",
                                         "高", "满", "年", "之", "及", "最", "大", "多", "低",
                                         "小", "少", "机", "功", "性", "智", "节", "新", "重",
                                         "主", "相", "供", "记", "许", "认", "禁" };
    for (size_t i = 0; i < SM_LEN(first); i++)
        if (memcmp(s.p, first[i], 3) == 0)
            return false;
    return true;
}

static clause read_clause(sm_arena *a, sm_str s)
{
    clause c = { .text = s, .rest = SM_NEWS(a, uint32_t, s.n + 1) };
    while (s.n) {
        turn t = NONE;
        size_t n = s.n < 3 || begins_none(s) ? 0 : word_at(s, &t);
        if (n && t != NONE) {
            c.turns[t]++;
            s = sm_str_sub(s, n, s.n);
            continue;
        }
        size_t to = n ? s.n - n : s.n - 1;
        while (s.n > to)
            c.rest[c.n++] = sm_utf8_next(&s);
    }
    return c;
}

static bool parts(uint32_t c)
{
    static const uint32_t all[] = { ' ',    '\n',   ',',    ':',    ';',    '!',    '?',
                                    '(',    ')',    0x3001, 0x3002, 0x201c, 0x201d, 0x300a,
                                    0x300b, 0x300c, 0x300d, '"',    0x2018, 0x2019 };
    for (size_t i = 0; i < SM_LEN(all); i++)
        if (c == all[i])
            return true;
    return false;
}

/* The next clause of normalised text off *s; false at its end. */
static bool next_clause(sm_str *s, sm_str *out)
{
    while (s->n) {
        sm_str rest = *s, from = *s;
        while (rest.n && !parts(sm_utf8_next(&rest)))
            *s = rest;
        *out = (sm_str){ from.p, (size_t)(s->p - from.p) };
        *s = rest;
        if (out->n)
            return true;
    }
    return false;
}

static void add_clauses(sm_arena *a, sm_copied *all, sm_str text)
{
    sm_str *sentence, part;
    size_t n = sm_text_sentences(a, text, &sentence);
    for (size_t i = 0; i < n; i++) {
        sm_str s = sm_text_normal(a, sentence[i]);
        if (sm_str_ends(s, SM_STR("?")) || sm_str_starts(s, SM_STR("问:")))
            continue;
        while (next_clause(&s, &part)) {
            SM_GROW(a, all->clause, all->n, all->cap);
            all->clause[all->n++] = read_clause(a, part);
        }
    }
}

sm_copied *sm_copied_of(sm_arena *a, const sm_source *source, size_t n)
{
    sm_copied *all = SM_NEW(a, sm_copied);
    for (size_t i = 0; i < n; i++)
        add_clauses(a, all, source[i].text);
    return all;
}

/* ------------------------------------------------------------------ comparing */

/* Characters that both have in the same order. */
static size_t common(const clause *a, const clause *b)
{
    uint16_t row[MAX_CHARS + 1] = { 0 };
    for (size_t i = 0; i < a->n; i++) {
        uint16_t corner = 0;
        for (size_t k = 0; k < b->n; k++) {
            uint16_t above = row[k + 1];
            if (a->rest[i] == b->rest[k])
                row[k + 1] = (uint16_t)(corner + 1);
            else if (row[k] > above)
                row[k + 1] = row[k];
            corner = above;
        }
    }
    return row[b->n];
}

static bool copies(const clause *a, const clause *b)
{
    size_t both = a->n + b->n, least = SM_MIN(a->n, b->n);
    if (a->n > MAX_CHARS || b->n > MAX_CHARS || 200 * least < ALIKE * both)
        return false;
    size_t same = common(a, b);
    return a->n < FEW ? same == a->n && same == b->n : 200 * same >= ALIKE * both;
}

/* One has more of x and less of y than the other. */
static bool exchanged(const clause *a, const clause *b, turn x, turn y)
{
    return (a->turns[x] > b->turns[x] && a->turns[y] < b->turns[y]) ||
           (a->turns[x] < b->turns[x] && a->turns[y] > b->turns[y]);
}

static unsigned denials(const clause *c)
{
    return 0u + c->turns[MAY_NOT] + c->turns[NEED_NOT] + c->turns[NOT];
}

static bool agree(const clause *a, const clause *b)
{
    return denials(a) == denials(b) && !exchanged(a, b, MAY_NOT, NEED_NOT) &&
           !exchanged(a, b, MAY, MUST) && !exchanged(a, b, UP, DOWN);
}

static bool is_turned(const sm_copied *of, const clause *c)
{
    bool copied = false;
    for (size_t i = 0; i < of->n; i++) {
        if (!copies(c, &of->clause[i]))
            continue;
        if (agree(c, &of->clause[i]))
            return false;
        copied = true;
    }
    return copied;
}

sm_str sm_copied_turned(sm_arena *a, const sm_copied *of, sm_str sentence)
{
    sm_str s = sm_text_normal(a, sentence), part;
    while (next_clause(&s, &part)) {
        clause c = read_clause(a, part);
        if (c.n > 1 && is_turned(of, &c))
            return part;
    }
    return (sm_str){ 0 };
}
