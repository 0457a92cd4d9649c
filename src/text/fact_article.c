/*
 * What 第 begins: articles with their paragraphs and items, numbers of orders and announcements.
 */
#include "text/fact.h"

#include <string.h>

struct article {
    double v;
    size_t at, end;
};

static void add_article(sm_scan *x, const struct article *one, double under)
{
    sm_str no = sm_number_text(x->a, one->v), sub = sm_number_text(x->a, under);
    sm_str key = under > 0 ? sm_strf(x->a, "article:%.*s-%.*s", SM_ARG(no), SM_ARG(sub))
                           : sm_strf(x->a, "article:%.*s", SM_ARG(no));
    sm_scan_add(x, SM_FACT_ARTICLE, one->v, key, one->at, one->end);
}

/* The numbers of 第十二、十三条 and 第三至五条 up to 条: bytes read. */
static size_t article_numbers(const sm_scan *x, size_t at, struct article *list, size_t max,
                              size_t *n)
{
    static const char *const joins[] = { "、", "至", "到", "和", "或", "—", "-" };
    size_t i = at, count = 0;
    while (count < max) {
        sm_quantity q;
        size_t start = count ? i : at - 3, gap = sm_scan_gap(x, i);
        size_t k = sm_scan_quantity(x, i + gap, &q);
        if (k == 0 || q.v < 0)
            return 0;
        i += gap + k;
        list[count++] = (struct article){ q.v, start, i };
        size_t join = sm_scan_any(x, i, joins, SM_LEN(joins));
        if (join == 0)
            break;
        i += join;
    }
    *n = count;
    return i - at;
}

/* --------------------------------------------------- paragraphs and items */

enum { MAX_LISTED = 8 };

typedef struct place {
    int64_t no[4]; /* article, paragraph, item, point; 0: not said */
    int depth;     /* of those said */
} place;

static const struct level {
    const char *sign;
    int at;
    const char *not_before;
} levels[] = { { "款", 1, "项式" }, { "项", 2, "目" }, { "目", 3, "标的录" } };

/* 第二款, 第（三）项, （三）项 after 、: bytes read, *p told more. */
static size_t level_at(const sm_scan *x, size_t at, bool order, place *p)
{
    static const char *const opens[] = { "（", "(" }, *const closes[] = { "）", ")" };
    size_t i = at + (order && sm_scan_word(x, at, "第") ? 3 : 0);
    if (order && i == at)
        return 0;
    size_t open = sm_scan_any(x, i, opens, SM_LEN(opens));
    sm_quantity q;
    size_t n = sm_scan_quantity(x, i + open, &q);
    i += open + n;
    size_t close = open ? sm_scan_any(x, i, closes, SM_LEN(closes)) : 0;
    if (n == 0 || q.v < 1 || q.v > 999 || q.big > 0 || (open && !close))
        return 0;
    i += close;
    for (size_t k = 0; k < SM_LEN(levels); k++)
        if (sm_scan_word(x, i, levels[k].sign) && !sm_scan_one_of(x, i + 3, levels[k].not_before)) {
            for (int l = levels[k].at; l < 4; l++)
                p->no[l] = 0;
            p->no[levels[k].at] = (int64_t)q.v;
            p->depth = levels[k].at;
            return i + 3 - at;
        }
    return 0;
}

/* One number of a list of paragraphs or items, （二） or 二: bytes read. */
static size_t listed_at(const sm_scan *x, size_t at, bool *brackets, int64_t *no)
{
    static const char *const opens[] = { "（", "(" }, *const closes[] = { "）", ")" };
    size_t open = sm_scan_any(x, at, opens, SM_LEN(opens));
    sm_quantity q;
    size_t n = sm_scan_quantity(x, at + open, &q);
    size_t close = open ? sm_scan_any(x, at + open + n, closes, SM_LEN(closes)) : 0;
    if (n == 0 || q.v < 1 || q.v > 999 || (open && !close))
        return 0;
    *brackets = open > 0;
    *no = (int64_t)q.v;
    return open + n + close;
}

/* 第（一）、（二）项 and 第一、二款: bytes read, the numbers and where each begins and ends. */
static size_t list_at(const sm_scan *x, size_t at, int64_t *no, size_t (*span)[2], size_t max,
                      size_t *n, int *level)
{
    static const char *const joins[] = { "、", "和", "或者", "或", "及", "至", "到" };
    bool brackets;
    size_t i = at + 3;
    if (!sm_scan_word(x, at, "第"))
        return 0;
    for (*n = 0; *n < max;) {
        size_t k = listed_at(x, i, &brackets, &no[*n]);
        if (k == 0)
            return 0;
        span[*n][0] = *n ? i : at;
        i += k;
        span[(*n)++][1] = i;
        size_t join = sm_scan_any(x, i, joins, SM_LEN(joins));
        if (!join && !(brackets && (sm_scan_word(x, i, "（") || sm_scan_word(x, i, "("))))
            break;
        i += join;
    }
    for (size_t k = 0; k < SM_LEN(levels); k++)
        if (sm_scan_word(x, i, levels[k].sign)) {
            *level = levels[k].at;
            span[*n - 1][1] = i + 3;
            return *n > 1 ? i + 3 - at : 0;
        }
    return 0;
}

/* .2.3 of article:10.2.3 */
static sm_str under(sm_arena *a, const place *p)
{
    sm_str s = { 0 };
    for (int i = 1; i <= p->depth; i++)
        s = sm_strf(a, "%.*s.%lld", SM_ARG(s), (long long)p->no[i]);
    return s;
}

/* All levels one after another: bytes read. */
static size_t levels_at(const sm_scan *x, size_t at, place *p)
{
    size_t i = at;
    for (size_t n; p->depth < 3; i += n) {
        place more = *p;
        if ((n = level_at(x, i, true, &more)) == 0 || more.depth <= p->depth)
            break;
        *p = more;
    }
    return i - at;
}

/* The article that 和, 、 or 至 joins to this place: its key without what is under it. */
static sm_str article_before(const sm_scan *x, size_t at, place *p)
{
    static const char *const joins[] = { "、", "和", "或者", "或", "及", "以及",
                                         "至", "到", "，",   "—",  "-" };
    const sm_fact *f = x->n ? &x->fact[x->n - 1] : NULL;
    size_t sign = f && f->kind == SM_FACT_ARTICLE && x->last < at
                      ? sm_scan_any(x, x->last, joins, SM_LEN(joins))
                      : 0;
    if (sign == 0 || x->last + sign != at)
        return SM_STR("article:0");
    sm_str rest = f->key, part;
    sm_str_cut(&rest, '.', &part);
    sm_str whole = part;
    for (p->depth = 0; p->depth < 3 && sm_str_cut(&rest, '.', &part);)
        sm_str_to_int(part, &p->no[++p->depth]);
    return whole;
}

/* 第三款 of 第十条第一款和第三款, 本条第二款; （二）项 of 第（一）、（二）项. */
static size_t levels_alone(sm_scan *x, size_t at)
{
    place p = { 0 };
    sm_str article = article_before(x, at, &p);
    bool joined = article.n > strlen("article:0") || p.depth > 0 || article.p[article.n - 1] != '0';
    bool order = sm_scan_word(x, at, "第");
    if (!order && !joined)
        return 0;
    size_t n = level_at(x, at, order, &p);
    if (n == 0)
        return 0;
    bool ordinary =
        !joined && p.depth != 1 && !sm_scan_word(x, at + 3, "（") && !sm_scan_word(x, at + 3, "(");
    if (ordinary) /* 第三项材料 */
        return 0;
    n += levels_at(x, at + n, &p);
    sm_scan_add(x, SM_FACT_ARTICLE, 0,
                sm_strf(x->a, "%.*s%.*s", SM_ARG(article), SM_ARG(under(x->a, &p))), at, at + n);
    return n;
}

size_t sm_read_item(sm_scan *x, size_t at)
{
    return x->n && x->fact[x->n - 1].kind == SM_FACT_ARTICLE ? levels_alone(x, at) : 0;
}

/* --------------------------------------------------- orders, announcements */

/* 令第722号, 公告2025年第3号, 第722号令: bytes read from `at`, which is at 第. */
static size_t order_no(sm_scan *x, size_t at)
{
    static const char *const names[] = { "令", "公告", "通告", "决定", "公报" };
    int64_t no;
    double han;
    size_t n_digits, n = sm_digits_at(x->s, at + 3, &no, &n_digits);
    if (n == 0 && (n = sm_han_at(x->s, at + 3, &han)) > 0)
        no = han >= 0 && han < 1e6 ? (int64_t)han : 0;
    size_t end = at + 3 + n;
    if (n == 0 || no < 1 || no > 999999 || !sm_scan_word(x, end, "号"))
        return 0;
    end += 3;
    sm_fact *year = x->n ? &x->fact[x->n - 1] : NULL;
    bool dated =
        year && x->last == at && year->kind == SM_FACT_DATE && year->key.n == strlen("date:2026");
    size_t start = dated ? at - year->text.n : at, bracket = 0;
    if (start >= 3 && (sm_scan_word(x, start - 3, "（") || sm_scan_word(x, start - 3, "〔")))
        bracket = 3;
    for (size_t i = 0; i < SM_LEN(names); i++) {
        size_t k = strlen(names[i]);
        bool before = start - bracket >= k && sm_scan_word(x, start - bracket - k, names[i]);
        bool after = sm_scan_word(x, end, names[i]);
        if (!before && !after)
            continue;
        sm_str y = dated ? sm_str_sub(year->key, 5, 9) : (sm_str){ 0 };
        x->n -= dated;
        start -= before && !bracket ? k : 0;
        end += before ? 0 : k;
        sm_scan_add(x, SM_FACT_DOC_NO, (double)no,
                    sm_strf(x->a, "doc_no:%s%.*s%s%lld", names[i], SM_ARG(y), y.n ? "-" : "",
                            (long long)no),
                    start, end);
        return end - at;
    }
    return 0;
}

/* 第三章: bytes read. */
static size_t chapter(sm_scan *x, size_t at)
{
    sm_quantity q;
    size_t n = sm_scan_quantity(x, at + 3, &q), end = at + 3 + n;
    if (n == 0 || q.v < 1 || !(sm_scan_word(x, end, "章") || sm_scan_word(x, end, "编")))
        return 0;
    sm_str no = sm_number_text(x->a, q.v);
    sm_scan_add(x, SM_FACT_ARTICLE, q.v,
                sm_strf(x->a, "article:%.*s%.*s", 3, x->s.p + end, SM_ARG(no)), at, end + 3);
    return end + 3 - at;
}

/* 第二款第（三）项 right after the article just added, which takes it: bytes read. */
static size_t more_of_article(sm_scan *x, size_t at)
{
    place p = { 0 };
    size_t n = levels_at(x, at, &p), n_list = 0, span[MAX_LISTED][2];
    int64_t no[MAX_LISTED];
    int level = 0;
    size_t k = list_at(x, at + n, no, span, MAX_LISTED, &n_list, &level);
    sm_fact *f = &x->fact[x->n - 1];
    sm_str article = f->key;
    for (size_t i = 0; (n || k) && i < (k ? n_list : 1); i++) {
        place one = p;
        if (k) {
            one.no[level] = no[i];
            one.depth = level;
        }
        sm_str key = sm_strf(x->a, "%.*s%.*s", SM_ARG(article), SM_ARG(under(x->a, &one)));
        size_t end = k ? span[i][1] : at + n;
        if (i)
            sm_scan_add(x, SM_FACT_ARTICLE, f->value, key, span[i][0], end);
        f = &x->fact[x->n - 1];
        f->key = key;
        f->text.n = (size_t)(x->s.p + end - f->text.p);
        x->last = end;
    }
    return n + k;
}

static size_t read_more(sm_scan *x, size_t at)
{
    size_t n = order_no(x, at);
    n = n ? n : chapter(x, at);
    n = n ? n : levels_alone(x, at);
    return n ? n : sm_read_part_of_year(x, at);
}

size_t sm_read_ordinal(sm_scan *x, size_t at)
{
    struct article list[8];
    size_t n = 0, k = article_numbers(x, at + 3, list, SM_LEN(list), &n), i = at + 3 + k;
    static const char *const other_words[] = { "条件", "条龙", "条线" };
    size_t sign = k ? sm_scan_gap(x, i) : 0;
    if (k && sm_scan_word(x, i + sign, "条") &&
        !sm_scan_any(x, i + sign, other_words, SM_LEN(other_words))) {
        sm_quantity second = { 0 };
        i += sign + 3;
        size_t more = sm_scan_word(x, i, "之") ? sm_scan_quantity(x, i + 3, &second) : 0;
        bool has_under = more > 0 && second.v > 0;
        i += has_under ? 3 + more : 0;
        list[n - 1].end = i;
        for (size_t j = 0; j < n; j++)
            add_article(x, &list[j], has_under && j + 1 == n ? second.v : 0);
        return i + (x->all ? more_of_article(x, i) : 0) - at;
    }
    if (x->all && (k = read_more(x, at)) > 0)
        return k;
    sm_quantity q;
    static const char *const lengths[] = { "个工作日", "工作日" };
    k = sm_scan_quantity(x, at + 3, &q);
    bool counts = !q.han || sm_scan_any(x, at + 3 + k, lengths, SM_LEN(lengths));
    return k == 0 ? 0 : counts ? 3 : 3 + k; /* 第三人 is an order, 令第162号 a number */
}
