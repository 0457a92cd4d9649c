/*
 * What records are found by: document numbers, phone numbers, titles.
 */
#include "text/fact.h"

#include <string.h>

enum { MAX_TITLE_BYTES = 600, MAX_ORGAN_CHARS = 10 };

/* ----------------------------------------------------- document numbers */

/* Where the letters of the issuing organ before 〔 begin: words of the sentence are cut off. */
static size_t organ_start(const sm_scan *x, size_t at)
{
    static const char *const words[] = { "执行", "印发", "发布", "转发", "下发", "废止", "文件",
                                         "文号", "关于", "通知", "修订", "修改", "公布", "制定",
                                         "出台", "代替", "替代", "现行", "我市", "本市", "我县",
                                         "本县", "我省", "本省", "按",   "见",   "以",   "由",
                                         "与",   "及",   "或",   "的",   "是",   "为",   "据",
                                         "照",   "在" };
    size_t start = at;
    for (int chars = 0; chars < MAX_ORGAN_CHARS && start >= x->last + 3; chars++) {
        sm_str one = sm_str_sub(x->s, start - 3, start);
        if (!sm_is_han(sm_utf8_next(&one)))
            break;
        start -= 3;
    }
    if (start == x->last && x->n && sm_scan_word(x, start, "和"))
        start += 3;
    for (size_t i = start, cut; i < at; i += 3)
        if ((cut = sm_scan_any(x, i, words, SM_LEN(words))) > 0 && i + cut <= at)
            start = i + cut;
    return start;
}

size_t sm_read_doc_no(sm_scan *x, size_t at)
{
    static const char *const opens[] = { "〔", "[", "［", "(", "（", "【" };
    static const char *const closes[] = { "〕", "]", "］", ")", "）", "】" };
    size_t open = sm_scan_any(x, at, opens, SM_LEN(opens)), i = at + open, n_digits;
    int64_t y, no;
    size_t n = sm_digits_at(x->s, i, &y, &n_digits);
    if (open == 0 || n_digits != 4)
        return 0;
    i += n;
    size_t close = sm_scan_any(x, i, closes, SM_LEN(closes));
    if (close == 0)
        return 0;
    i += close;
    i += sm_scan_gap(x, i);
    i += sm_scan_word(x, i, "第") ? 3 : 0;
    n = sm_digits_at(x->s, i, &no, &n_digits);
    size_t gap = sm_scan_gap(x, i + n);
    if (n == 0 || n_digits > 6 || !sm_scan_word(x, i + n + gap, "号"))
        return 0;
    size_t end = i + n + gap + 3, start = organ_start(x, at);
    sm_str organ = sm_str_sub(x->s, start, at);
    sm_scan_add(x, SM_FACT_DOC_NO, (double)no,
                sm_strf(x->a, "doc_no:%.*s%lld-%lld", SM_ARG(organ), (long long)y, (long long)no),
                start, end);
    return end - at;
}

/* --------------------------------------------------------------- phones */

/* A phone number as written: groups of digits and what parts them. */
struct dialled {
    char digit[24];
    size_t group[4]; /* digits in each */
    size_t n, n_groups, end;
    size_t bytes, first_bytes; /* of all, of the first group */
};

/* Groups parted by single hyphens; the first may be in brackets or before a blank. */
static bool read_dialled(const sm_scan *x, size_t at, struct dialled *p)
{
    static const char *const opens[] = { "(", "（" };
    static const char *const parts[] = { "-", "－", "—", ")-", "）-", ")", "）" };
    size_t open = sm_scan_any(x, at, opens, SM_LEN(opens)), i = at + open;
    *p = (struct dialled){ 0 };
    while (p->n_groups < SM_LEN(p->group)) {
        size_t k, part = 0;
        int d = 0;
        if (p->n_groups == 1)
            part = open                 ? sm_scan_any(x, i, parts + 3, 4)
                   : p->digit[0] == '0' ? sm_scan_gap(x, i)
                                        : 0;
        if (part == 0 && p->n_groups)
            part = sm_scan_any(x, i, parts, 3);
        if (p->n_groups && (part == 0 || !sm_digit_at(x->s, i + part, NULL)))
            break;
        i += part;
        for (; (k = sm_digit_at(x->s, i, &d)) > 0; i += k) {
            if (p->n == sizeof(p->digit))
                return false;
            p->digit[p->n++] = (char)('0' + d);
            p->group[p->n_groups]++;
        }
        if (p->group[p->n_groups++] == 0)
            return false;
        p->end = i;
        p->bytes = i - at;
        p->first_bytes = p->n_groups == 1 ? i - at : p->first_bytes;
        if (open && p->n_groups == 1 && !sm_scan_any(x, i, parts + 3, 4))
            return false;
    }
    return true;
}

static bool starts(const struct dialled *p, const char *digits)
{
    size_t n = strlen(digits);
    return p->n >= n && memcmp(p->digit, digits, n) == 0;
}

/* A bare number without a unit: 12345 and not 12345元. */
static bool no_amount(const sm_scan *x, const struct dialled *p)
{
    static const char *const amounts[] = { ".", "万", "亿", "%", "余", "多", "个" };
    sm_scan alone = { .a = x->a, .s = x->s, .steps = x->steps };
    size_t at = p->end - p->bytes;
    return !sm_scan_any(x, p->end, amounts, SM_LEN(amounts)) &&
           sm_read_number(&alone, at) == p->bytes && alone.n == 1 &&
           alone.fact[0].key.n == strlen("number:") + p->n;
}

/* Service numbers of five digits: 12345, 12366, 95533, 96311, 10086. */
static bool is_hotline(const char *digit, size_t n)
{
    static const char *const series[] = { "123", "1211", "1212",  "1258",
                                          "95",  "96",   "10086", "10010" };
    if (n != 5 || memcmp(digit + 2, "000", 3) == 0)
        return false;
    for (size_t i = 0; i < SM_LEN(series); i++)
        if (memcmp(digit, series[i], strlen(series[i])) == 0)
            return true;
    return false;
}

/* One row of digits. */
static bool is_plain_phone(const sm_scan *x, const struct dialled *p)
{
    bool mobile = p->n == 11 && p->digit[0] == '1' && p->digit[1] >= '3';
    bool land = (p->n == 11 || p->n == 12) && p->digit[0] == '0' && p->digit[1] != '0';
    bool service = p->n == 10 && (starts(p, "400") || starts(p, "800")) &&
                   memcmp(p->digit + 4, "000000", 6) != 0;
    return mobile || land || ((service || is_hotline(p->digit, p->n)) && no_amount(x, p));
}

/* How many groups are the number, an extension with them; 0 when they are no phone number. */
static size_t phone_groups(const struct dialled *p)
{
    const size_t *g = p->group;
    if (p->n_groups < 2)
        return 0;
    bool area = p->digit[0] == '0' && p->digit[1] != '0' && g[0] >= 3 && g[0] <= 4;
    if (area && is_hotline(p->digit + g[0], g[1]))
        return 2;
    if (area && g[1] >= 7 && g[1] <= 8)
        return p->n_groups >= 3 && g[2] <= 4 ? 3 : 2;
    if (!starts(p, "400") && !starts(p, "800"))
        return 0;
    if (g[0] == 3 && g[1] == 7)
        return 2;
    return p->n_groups >= 3 && (g[0] == 3 || g[0] == 4) && g[0] + g[1] + g[2] == 10 ? 3 : 0;
}

/* Offset of the end of the first n groups, read again from `at`. */
static size_t end_of_groups(const sm_scan *x, size_t at, const struct dialled *p, size_t n_groups)
{
    size_t digits = 0, i = at;
    for (size_t g = 0; g < n_groups; g++)
        digits += p->group[g];
    for (size_t seen = 0; seen < digits;) {
        size_t k = sm_digit_at(x->s, i, NULL);
        seen += k > 0;
        i += k ? k : 1;
    }
    return i;
}

/* 转8012 after a number: bytes read. */
static size_t extension(const sm_scan *x, size_t at, sm_str *digits)
{
    static const char *const words[] = { "转分机", "转", "分机", " 转" };
    size_t k = x->all ? sm_scan_any(x, at, words, SM_LEN(words)) : 0, n = 0, n_digits;
    int64_t v;
    n = k ? sm_digits_at(x->s, at + k, &v, &n_digits) : 0;
    if (n == 0 || n_digits > 6)
        return 0;
    *digits = sm_strf(x->a, "%0*lld", (int)n_digits, (long long)v);
    return k + n;
}

size_t sm_read_phone(sm_scan *x, size_t at)
{
    struct dialled p;
    if (!read_dialled(x, at, &p))
        return 0;
    size_t n_groups = phone_groups(&p);
    if (n_groups == 0) { /* the first row alone */
        p.n = p.group[0];
        p.bytes = p.first_bytes;
        p.end = at + p.bytes;
        if (!sm_digit_at(x->s, at, NULL) || !is_plain_phone(x, &p))
            return 0;
        n_groups = 1;
    }
    size_t digits = 0, end = end_of_groups(x, at, &p, n_groups);
    for (size_t g = 0; g < n_groups; g++)
        digits += p.group[g];
    sm_str inner = { 0 };
    end += extension(x, end, &inner);
    bool area = p.digit[0] == '0' && n_groups == 3;
    size_t main = area ? p.group[0] + p.group[1] : digits;
    sm_str key = sm_strf(x->a, "phone:%.*s%s%.*s%s%.*s", (int)main, p.digit, area ? "-" : "",
                         (int)(digits - main), p.digit + main, inner.n ? "-" : "", SM_ARG(inner));
    sm_scan_add(x, SM_FACT_PHONE, 0, key, at, end);
    return end - at;
}

/* --------------------------------------------------------------- titles */

size_t sm_read_title(sm_scan *x, size_t at)
{
    size_t most = x->s.n - at < MAX_TITLE_BYTES ? x->s.n : at + MAX_TITLE_BYTES, i = at;
    const char *line = memchr(x->s.p + at, '\n', most - at);
    int depth = 0;
    most = line ? (size_t)(line - x->s.p) : most;
    for (const char *p; (p = memchr(x->s.p + i, "《"[0], most - i)) != NULL; i++) {
        i = (size_t)(p - x->s.p);
        depth += sm_scan_word(x, i, "《") ? 1 : sm_scan_word(x, i, "》") ? -1 : 0;
        if (depth > 0)
            continue;
        sm_str name = sm_str_trim(sm_str_sub(x->s, at + 3, i));
        sm_scan_add(x, SM_FACT_TITLE, 0, sm_strf(x->a, "title:%.*s", SM_ARG(name)), at, i + 3);
        return i + 3 - at;
    }
    return 0;
}
