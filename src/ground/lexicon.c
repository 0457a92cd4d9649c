/*
 * Words that say the same, words that say nothing by themselves, and words that turn a meaning.
 *
 * A line is a group, words parted by blanks; the first names it, and * before it says that the
 * group names who, where, which paper or when.  Longest match wins, so that a
 * line may also keep a word whole (社会, 应用, 不动产) that a shorter entry would cut.
 */
#include "ground/lexicon.h"

#include "ground/synonyms.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- turn a meaning */

static const struct {
    unsigned cue;
    const char *words;
} cues[] = {
    { SM_CUE_NOT, "不 没 没有 未 无 非 并非 不是 并不 并不是 不再 尚未 从未 没法 未经 不曾 不会 "
                  "不予 拒绝 不给 不让 不作 不做 "
                  "不属于 不算 不在 不包括 不含 不含有 不适用 不适用于 不支持 不纳入 不列入 不享受 "
                  "排除 不提供 不发 不受 没能 未能 未曾 无权 "
                  "不再是" },
    { SM_CUE_NEED_NOT, "无需 无须 不需要 不需 不必 不用 毋须 毋需 免于 免去 免 不要求 不再要求 "
                       "用不着 不必要 不用再 无需再 不必再 免交 "
                       "免提交 不要 不一定要 不需要再 可以不 可不 可免 可免于 可以免 可以免交 "
                       "可免交 可以免于 免缴 不强制 免予" },
    { SM_CUE_MAY_NOT, "不得 不能 不可以 不可 禁止 严禁 不准 不许 不允许 不应 不应当 不该 不应该 "
                      "不能够 不接受 不宜 不行 谢绝 "
                      "不得以 不能再 不可再 没资格 无资格 办不了 不了 用不了 领不了 无法 没办法 "
                      "不受理 不予受理 不予办理 不予批准 "
                      "不予发放 不予登记" },
    { SM_CUE_MUST, "应当 应 必须 须 需 需要 要 得 务必 一定要 应该 必需 只能 还需 还要 还得 "
                   "还需要 非要 不得不 必须得 需先 要先 必得 有义务 均需 都需 就要 就得 也要 "
                   "也得 也需 仍需 仍要 都应 均应 都要 都需要 才要 才需要 才需 还须 还应 都得 "
                   "均须 仍须 必须要 须要" },
    { SM_CUE_MAY, "可以 可 能 能够 允许 准许  均可 也可 有权 可以自愿 自愿 可由 也能 "
                  "也可以 都能 都可以 可自行 可自愿 都可 就能 就可以 仍可 仍能 仍可以 还能 "
                  "还可以 依然可以 照样可以 照样能 便可 均可以 皆可 就可 才能 才可以 方可 方能 "
                  "才可 可以继续 继续可以 一样能 一样可以 也照样" },
    { SM_CUE_ONLY, "只 仅 只有 只能 仅限 只限 唯一 只可以 只可 仅可 仅能 限于 仅限于 只限于 "
                   "仅由 只由 只收 只需 只用 只要求 除此以外 限 限养 限补 限购 限一 单纯 只针对 "
                   "只接受" },
    { SM_CUE_ALL, "所有 任何 一律 全都 人人 谁都 凡是 无论 不管 不论 随便 一概 全体 任何人 "
                  "所有人 每个人 永远 始终 总是 从来 没有例外 无一例外 无条件 什么都 完全 全部" },
    { SM_CUE_BOTH, "并且 且 既 又 缺一不可 两样 都要 双方都 同时 同时具备 缺一样 两者都 二者都 "
                   "全都要 两个都 都得 都达到 都符合 都满足 都须 都需 都应当 均应 均须" },
    { SM_CUE_EITHER, "或 或者 之一 任一 任选 任意一 其中一项 一项即可 二选一 有一样 其中一 任何一 "
                     "一方 之一即可 其一 任选其一 一项 "
                     "一样即可 一种 可任选 其中一方 一方 任一方 任意一方 一人 一个人 有一个人 "
                     "一个就行 满足一个 符合一项" },
    { SM_CUE_EXCEPT, "除 除外 除了 以外 之外 但 但是 不过 然而 例外 另有规定 的除外 除非" },
    { SM_CUE_IF, "如 如果 若 只要 一旦 的话 假如 要是 情形 情况下 凡 仅当 当 倘若" },
    { SM_CUE_FIRST, "先 首先 事先 要先 需先 先要 先由 先行 预先 先去" },
    { SM_CUE_BEFORE, "之前 以前 前" },
    { SM_CUE_AFTER, "之后 以后 后 完了" },
    { SM_CUE_OPENING, "您好 你好 请注意 注意 温馨提示 提示 按规定 根据规定 依照规定 按照规定 "
                      "依规定 需要注意的是 也就是说 请您 "
                      "谢谢 另外 此外 还有 是的 对的 好的 没问题 就是说 答 问 办事指南 写明" },
    { SM_CUE_PLAIN,
      "您好 你好 请注意 注意 温馨提示 提示 按规定 根据规定 依照规定 按照规定 依规定 根据 按照 依据 "
      "依照 需要注意的是 "
      "也就是说 请您 请 谢谢 您 你 另外 此外 还有 是的 对的 好的 没问题 就是说 答 问 规定 办事指南 "
      "写明 指出 明确 文件 "
      "可以 不可以 不能 能 需要 不需要 不用 不会 会 是 不是 也 都 就 的 了 要 和 与 为 在 或 或者 "
      "以及 并 且 而 则 "
      "由 对 向 从 到 把 被 给 让 至 自 等 等等 其 该 此 这 那 个 人 者 所 时 后 前 内 之 以 于 将 "
      "已 已经 还 再 才 才能 "
      "只 仅 即可 就行 就可以 应当 应 应该 必须 须 需 得 有 没有 无 不 未 如果 如 若 的话 时候 "
      "以后 之后 以前 之前 以内 之内 "
      "以上 以下 不超过 最多 至少 满 不满 未满 不足 不到 超过 达到 一共 总共 共 合计 加起来 每 各 "
      "各自 自己 本人 这个 那个 "
      "哪个 什么 怎么 同时 一起 一并 分别 只要 只有 凡是 所有 是否 也可以 也能 都可以 都能 都要 "
      "还要 还得 还需 "
      "上 下 里 中 外 间 一个 一种 一项 一次 办 办理 做 交 提交 带 拿 用 去 来 找 看 说" },
    { SM_CUE_BY, "由 归 应由 须由 再由 先由 并由 可由 均由 只由 仅由" },
    { SM_CUE_NOW, "现在 目前 现行 当前 眼下 现" },
    { SM_CUE_ONCE, "原来 原先 以前 过去 曾 曾经 旧办法 旧政策 旧标准 旧的 原办法 那份办法 当年的 老标准 那时 试行期间 试行公告 试行的时候 那时候 那会儿 原方案 当时 失效 废止 已失效 已废止 "
                   "停止执行 不再执行 之前 此前 原办法 原规定 "
                   "原政策 老办法 老政策 旧规定 尚未施行 还没施行 起施行 将来 今后 到期" },
    { SM_CUE_THEN,
      "再 然后 最后 随后 接着 才 方可 才能 才可以 后再 再由 才可 方能 之后再 再去 接下来" },
};

/* Words that exclude each other, by one word of each side's group. */
static const char *const opposites[][2] = {
    { "有效", "废止" },       { "免费", "收费" },
    { "提高", "降低" },       { "增加", "减少" },
    { "原件", "复印件" },     { "线上", "线下" },
    { "首次", "再次" },       { "新", "旧" },
    { "买方", "卖方" },       { "父亲", "母亲" },
    { "男性", "女性" },       { "法定", "承诺" },
    { "个人", "单位" },       { "个人", "法人" },
    { "本市", "外地" },       { "上浮", "下浮" },
    { "当年", "次年" },       { "当年", "上年" },
    { "当天", "次日" },       { "当月", "次月" },
    { "房东", "租客" },       { "父母", "子女" },
    { "丈夫", "妻子" },       { "一方", "双方" },
    { "首套", "二套" },       { "二孩", "三孩" },
    { "一孩", "二孩" },       { "一孩", "三孩" },
    { "博士", "硕士" },       { "博士", "本科" },
    { "硕士", "本科" },       { "本科", "专科" },
    { "户籍地", "居住地" },   { "城镇", "农村" },
    { "结婚", "离婚" },       { "出生", "死亡" },
    { "购买", "出售" },       { "购买", "租赁" },
    { "换领", "补领" },       { "全额", "减半" },
    { "纸质", "电子" },       { "国外", "国内" },
    { "职工", "居民" },       { "职工医保", "居民医保" },
    { "工作日", "节假日" },   { "白天", "夜间" },
    { "施行", "废止" },       { "申领", "注销" },
    { "每年", "每月" },       { "每月", "每次" },
    { "每年", "每次" },       { "每月", "每日" },
    { "每年", "每日" },       { "必要", "按情形" },
    { "延长", "缩短" },       { "自愿", "强制" },
    { "公办", "民办" },       { "受理", "拒绝" },
    { "同意", "反对" },       { "住宅", "商铺" },
    { "市级", "区级" },       { "市级", "省级" },
    { "当场", "次日" },       { "初审", "复核" },
    { "全国", "本市" },       { "失业", "在职" },
    { "企业", "个体工商户" },
};

/* A word that may stand for any of those after it. */
static const char *const wider[] = {
    "子女 新生儿 婴幼儿 儿童 未成年人 未成年子女 学生 每孩",
    "新生儿 婴幼儿",
    "婴幼儿 新生儿",
    "儿童 未成年人 婴幼儿",
    "交 提交 缴纳 退回 补缴 送达",
    "给 发放 提交 兑付 补发",
    "提交 交 缴纳 申领",
    "申领 申请 发放 提取 享受",
    "拿 申领 提交",
    "发放 兑付 申领",
    "兑付 发放",
    "免费 免缴 减免",
    "免缴 免费",
    "收费 缴纳 费用 工本费",
    "费用 工本费 收费 医药费",
    "缴纳 收费 交 补缴",
    "补贴 补助 育儿补贴 高龄津贴 生育津贴 贴息",
    "证件 身份证 居住证 营业执照 驾驶证 许可 证明",
    "照片 证件",
    "车 电动自行车 新能源汽车 小型车 二手车",
    "房子 公租房 二手房 新建商品住房 楼",
    "楼 房子",
    "职工 参保人 个人",
    "老人 父母",
    "父母 父亲 母亲 监护人",
    "夫妻 配偶 双方 父母",
    "配偶 夫妻",
    "双方 夫妻 父母",
    "亲属 近亲属 配偶 子女 父母",
    "外地 本省 外省 异地",
    "公示 公开",
    "变更 换领 迁移",
    "换领 变更",
    "补领 换领 补发",
    "办结 发放 送达 登记",
    "处置 办理",
    "养 饲养",
    "就业 参保",
    "死者 逝者",
    "逝者 死者",
    "线上 平台 网站 小程序 手机应用",
    "线下 窗口",
    "处罚 罚款 警告 责令改正",
    "公司 单位 企业",
    "追回 退回",
    "入学 就读",
    "困难 低保 特困人员",
    "核验 审核 鉴定 确认",
    "审核 核验 许可",
    "延期 续签",
    "停止 停发 暂停",
    "暂停 停止 停发",
    "终止 停止",
    "取消 停止 注销",
    "到期 逾期 过期",
    "逾期 到期",
    "过期 逾期 到期",
    "累计 累加",
    "二手房 房子",
    "个人 每人",
    "单位 法人 企业",
    "法人 单位 企业",
    "转借 转租",
    "有效 使用",
    "购买 签订",
    "建 设立",
    "许可 同意 备案",
    "高 提高 增加",
    "同意 许可",
};

uint64_t sm_pair_key(uint32_t first, uint32_t second)
{
    return sm_mix64((uint64_t)first << 32 | second) | 1;
}

uint64_t sm_group_key(uint32_t group)
{
    return sm_mix64(UINT64_C(0xabcdef) << 40 | group) | 1;
}

/* ---------------------------------------------------------------- the trie */

enum { N_BUCKETS = 16384, MAX_WORD = SM_MAX_WORD };

typedef struct entry {
    uint32_t c[MAX_WORD];
    uint8_t n;
    sm_word w;
    struct entry *next; /* longest first */
} entry;

static entry *bucket[N_BUCKETS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* By the first two characters. */
static size_t bucket_of(const uint32_t *c, size_t n)
{
    return sm_mix64((uint64_t)c[0] << 32 | (n > 1 ? c[1] : 0)) % N_BUCKETS;
}

static entry *find(const uint32_t *c, size_t n)
{
    for (entry *e = bucket[bucket_of(c, n)]; e; e = e->next)
        if (e->n == n && memcmp(e->c, c, n * sizeof(*c)) == 0)
            return e;
    return NULL;
}

static const sm_word *longest(const uint32_t *c, size_t n)
{
    for (size_t most = n > 1 ? 2 : 1; most > 0; most--)
        for (const entry *e = bucket[bucket_of(c, most)]; e; e = e->next)
            if (e->n <= n && memcmp(e->c, c, e->n * sizeof(*c)) == 0)
                return &e->w;
    return NULL;
}

static void insert(entry *e)
{
    entry **at = &bucket[bucket_of(e->c, e->n)];
    while (*at && (*at)->n >= e->n)
        at = &(*at)->next;
    e->next = *at;
    *at = e;
}

/* The first line that gives a word its group or weight keeps it; cues add up. */
static void add_word(sm_arena *a, sm_str text, const sm_word *as)
{
    uint32_t c[MAX_WORD] = { 0 };
    size_t n = 0;
    while (text.n && n < MAX_WORD)
        c[n++] = sm_utf8_next(&text);
    entry *e = find(c, n);
    if (!e) {
        e = SM_NEW(a, entry);
        memcpy(e->c, c, n * sizeof(*c));
        e->n = (uint8_t)n;
        e->w = (sm_word){ .n = (uint8_t)n, .kind = SM_WORD_NONE };
        insert(e);
    }
    if (e->w.kind == SM_WORD_NONE && as->kind != SM_WORD_NONE) {
        e->w.kind = as->kind;
        e->w.group = as->group;
        e->w.name = as->name;
    }
    e->w.cue |= as->cue;
}

static entry *find_text(sm_str text)
{
    uint32_t c[MAX_WORD];
    size_t n = 0;
    while (text.n && n < MAX_WORD)
        c[n++] = sm_utf8_next(&text);
    return n ? find(c, n) : NULL;
}

/* A line whose first word is of a group already goes on with that. */
static void add_line(sm_arena *a, const char *line, uint32_t *group, sm_word_kind kind,
                     unsigned cue)
{
    sm_str rest = sm_str_of(line), word;
    sm_word as = { .cue = cue };
    if (line[0] == '*') {
        rest = sm_str_sub(rest, 1, rest.n);
        kind = SM_WORD_NAME;
    }
    bool thing = kind == SM_WORD_THING || kind == SM_WORD_NAME;
    while (sm_str_cut(&rest, ' ', &word)) {
        if (word.n == 0)
            continue;
        const entry *known = thing && !as.group ? find_text(word) : NULL;
        if (known && known->w.group) {
            as.group = known->w.group;
            as.name = known->w.name;
            kind = known->w.kind;
        }
        if (!as.group || kind == SM_WORD_WHOLE) {
            as.group = ++*group;
            as.name = (uint32_t)sm_hash64(word, 0);
        }
        as.kind = (uint8_t)kind;
        add_word(a, word, &as);
    }
}

static uint32_t group_of(const char *word)
{
    const entry *e = find_text(sm_str_of(word));
    return e ? e->w.group : 0;
}

enum { MAX_SPELLED = 6 };

/* "不用 到场: 零跑动 …": what stands after the colon says the words before it. */
static void add_spelled(sm_arena *a, const char *line)
{
    sm_str s = sm_str_of(line), word;
    size_t colon = sm_str_find(s, SM_STR(": "), 0), n = 0;
    sm_str row = sm_str_sub(s, 0, colon), rest = sm_str_sub(s, colon + 2, s.n);
    const sm_word **said = SM_NEWS(a, const sm_word *, MAX_SPELLED);
    while (n < MAX_SPELLED && sm_str_cut(&row, ' ', &word)) {
        const entry *e = find_text(word);
        if (e)
            said[n++] = &e->w;
    }
    while (sm_str_cut(&rest, ' ', &word)) {
        add_word(a, word, &(sm_word){ .kind = SM_WORD_SPELLED });
        entry *e = find_text(word);
        if (e->w.kind == SM_WORD_SPELLED && !e->w.spelled) {
            e->w.spelled = said;
            e->w.n_spelled = (uint8_t)n;
        }
    }
}

static void add_tables(sm_arena *a, sm_word_kind kind, uint32_t *group)
{
    for (size_t i = 0; i < sm_n_word_tables; i++)
        for (size_t k = 0; sm_word_tables[i]->kind == kind && k < sm_word_tables[i]->n; k++)
            if (kind == SM_WORD_SPELLED)
                add_spelled(a, sm_word_tables[i]->line[k]);
            else
                add_line(a, sm_word_tables[i]->line[k], group, kind, 0);
}

enum { MAX_RELATED = 10 };

/* Groups that a group is related to. */
typedef struct relation {
    uint32_t group, n, other[MAX_RELATED];
} relation;

static relation opposed[2 * SM_LEN(opposites)], narrower[SM_LEN(wider)];
static size_t n_opposed, n_narrower;

static void relate(relation *list, size_t *n, uint32_t a, uint32_t b)
{
    size_t i = 0;
    while (i < *n && list[i].group != a)
        i++;
    if (i == *n)
        list[(*n)++].group = a;
    if (list[i].n < MAX_RELATED)
        list[i].other[list[i].n++] = b;
}

static size_t related(const relation *list, size_t n, uint32_t group, const uint32_t **out)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].group == group) {
            *out = list[i].other;
            return list[i].n;
        }
    return 0;
}

size_t sm_opposites_of(uint32_t group, const uint32_t **out)
{
    return related(opposed, n_opposed, group, out);
}

size_t sm_narrower_of(uint32_t group, const uint32_t **out)
{
    return related(narrower, n_narrower, group, out);
}

static void read_wider(void)
{
    for (size_t i = 0; i < SM_LEN(wider); i++) {
        sm_str rest = sm_str_of(wider[i]), word;
        uint32_t first = 0;
        while (sm_str_cut(&rest, ' ', &word)) {
            char text[64];
            snprintf(text, sizeof(text), "%.*s", SM_ARG(word));
            uint32_t g = group_of(text);
            if (first && g && g != first)
                relate(narrower, &n_narrower, first, g);
            first = first ? first : g;
        }
    }
}

static void read_opposites(sm_arena *a, uint32_t *group)
{
    for (size_t i = 0; i < SM_LEN(opposites); i++) {
        uint32_t side[2];
        for (int k = 0; k < 2; k++) {
            side[k] = group_of(opposites[i][k]);
            if (side[k] == 0) { /* a word of no group is one by itself */
                add_line(a, opposites[i][k], group, SM_WORD_THING, 0);
                side[k] = *group;
            }
        }
        relate(opposed, &n_opposed, side[0], side[1]);
        relate(opposed, &n_opposed, side[1], side[0]);
    }
}

/* One stretch of a word: a word of the lexicon, or what it does not know. */
static size_t add_part(sm_word *w, const uint32_t *c, size_t n, size_t run, const sm_word *part)
{
    static const uint32_t turns = 1u << SM_CUE_NOT | 1u << SM_CUE_NEED_NOT | 1u << SM_CUE_MAY_NOT |
                                  1u << SM_CUE_MUST | 1u << SM_CUE_MAY;
    if (part && (part->cue & turns || part->kind == SM_WORD_SPELLED))
        return SIZE_MAX;
    if (part && part->group && part->kind != SM_WORD_WHOLE)
        w->part[n++] = part->kind == SM_WORD_GLUE ? 0 : sm_group_key(part->group);
    else if (run == 1 && !part)
        w->part[n++] = sm_pair_key(0, c[0]);
    else
        for (size_t i = 1; i < run && n < SM_MAX_PARTS; i++)
            w->part[n++] = sm_pair_key(c[i - 1], c[i]);
    return n > 0 && w->part[n - 1] == 0 ? n - 1 : n;
}

enum { MIN_MADE_UP = 3 };

/* 自行承担 is made of 自行 and 承担, should its own group stand nowhere. */
static void take_apart(entry *e)
{
    sm_word *w = &e->w;
    size_t n = 0, words = 0;
    if ((w->kind != SM_WORD_THING && w->kind != SM_WORD_NAME) || e->n < MIN_MADE_UP)
        return;
    for (size_t at = 0, run; at < e->n; at += run) {
        const sm_word *part = longest(e->c + at, at ? e->n - at : e->n - 1u);
        run = part ? part->n : 1;
        while (!part && at + run < e->n && !longest(e->c + at + run, e->n - at - run))
            run++;
        words += part && (part->kind == SM_WORD_THING || part->kind == SM_WORD_NAME);
        n = n < SM_MAX_PARTS ? add_part(w, e->c + at, n, run, part) : SIZE_MAX;
        if (n == SIZE_MAX)
            return;
    }
    w->n_parts = words ? (uint8_t)n : 0;
}

static void read_all(void)
{
    static sm_arena *a; /* lives as long as the process */
    uint32_t group = 0;
    a = sm_arena_open();
    add_tables(a, SM_WORD_THING, &group);
    read_opposites(a, &group);
    add_tables(a, SM_WORD_LIGHT, &group);
    add_tables(a, SM_WORD_GLUE, &group);
    read_wider();
    for (size_t i = 0; i < SM_LEN(cues); i++)
        add_line(a, cues[i].words, &group, SM_WORD_NONE, 1u << cues[i].cue);
    add_tables(a, SM_WORD_SPELLED, &group);
    add_tables(a, SM_WORD_WHOLE, &group);
    for (size_t i = 0; i < N_BUCKETS; i++)
        for (entry *e = bucket[i]; e; e = e->next)
            take_apart(e);
}

const sm_word *sm_word_at(const uint32_t *c, size_t n)
{
    pthread_once(&once, read_all);
    return longest(c, n);
}
