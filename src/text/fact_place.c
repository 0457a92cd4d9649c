/*
 * Addresses: a road and its number, a building, a floor, a room, a window.
 */
#include "text/fact.h"

#include <string.h>

enum { MAX_ROAD_CHARS = 10, MAX_PARTS = 6 };

/* What a number in an address is of; `alone`: says an address by itself. */
static const struct part {
    const char *text, *name, *not_before;
    bool alone;
} parts[] = {
    { "号服务窗口", "号窗口", "", true },
    { "号综合窗口", "号窗口", "", true },
    { "号窗口", "号窗口", "", true },
    { "号柜台", "号柜台", "", true },
    { "号窗", "号窗口", "", true },
    { "号楼", "号楼", "", true },
    { "号院", "号院", "", true },
    { "号", "号", "线码召令文牌", false },
    { "单元", "单元", "", true },
    { "楼", "楼", "盘市", true },
    { "层", "楼", "次级", false },
    { "室", "室", "内外", true },
    { "栋", "栋", "", false },
    { "幢", "栋", "", false },
    { "座", "座", "谈位", false },
    { "区", "区", "域别", false },
    { "厅", "厅", "", false },
};

static const char *const roads[] = { "大道", "路",   "街", "巷", "道", "胡同", "弄", "里", "村",
                                     "大厦", "广场", "苑", "园", "坊", "院",   "镇", "城" };

/* Words that end like a road. */
static bool no_road(const sm_scan *x, size_t at)
{
    static const char *const words[] = { "知道", "渠道", "通道", "这里", "那里", "哪里",
                                         "公里", "道路", "线路", "公路", "铁路", "网络",
                                         "医院", "法院", "学院", "本院", "以及" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (at >= n && sm_scan_word(x, at - n, words[i]))
            return true;
    }
    return false;
}

/* A number or a letter of an address: bytes read, *no as in a key. */
static size_t number_at(const sm_scan *x, size_t at, sm_str *no)
{
    int64_t v;
    double han;
    size_t n_digits, below = sm_scan_word(x, at, "负") ? 3 : sm_scan_word(x, at, "地下") ? 6 : 0;
    size_t i = at + below, n = sm_digits_at(x->s, i, &v, &n_digits);
    sm_scan_spend(x, n);
    if (n > 0 && n_digits <= 5) {
        size_t more = 0, sign = sm_scan_word(x, i + n, "-") ? 1 : 0;
        int64_t v2 = 0;
        if (sign && (more = sm_digits_at(x->s, i + n + 1, &v2, &n_digits)) > 0 && n_digits <= 4)
            *no = sm_strf(x->a, "%lld-%lld", (long long)v, (long long)v2);
        else
            *no = sm_strf(x->a, "%s%lld", below ? "-" : "", (long long)v);
        return below + n + (more && n_digits <= 4 ? 1 + more : 0);
    }
    if (n == 0 && (n = sm_han_at(x->s, i, &han)) > 0 && han >= 0 && han < 10000) {
        *no = sm_strf(x->a, "%s%d", below ? "-" : "", (int)han);
        return below + n;
    }
    bool letter = below == 0 && at < x->s.n && x->s.p[at] >= 'A' && x->s.p[at] <= 'Z';
    if (letter)
        *no = sm_str_sub(x->s, at, at + 1);
    return letter ? 1 : 0;
}

/* 2楼, 3号窗口, A座: bytes read. */
static size_t part_at(const sm_scan *x, size_t at, sm_str *no, const struct part **part)
{
    size_t gap = sm_scan_gap(x, at), n = number_at(x, at + gap, no), i = at + gap + n;
    bool letter = n == 1 && x->s.p[at + gap] >= 'A';
    i += n ? sm_scan_gap(x, i) : 0;
    for (size_t k = 0; n && k < SM_LEN(parts); k++) {
        if (!sm_scan_word(x, i, parts[k].text))
            continue;
        size_t m = strlen(parts[k].text);
        bool of_letters = strcmp(parts[k].name, "座") == 0 || strcmp(parts[k].name, "区") == 0 ||
                          strcmp(parts[k].name, "厅") == 0 || strcmp(parts[k].name, "栋") == 0;
        if (letter != of_letters && (letter || strcmp(parts[k].name, "栋") != 0))
            return 0;
        bool of_road = sm_str_starts(sm_str_of(parts[k].name), SM_STR("号"));
        if (sm_str_has(sm_str_sub(*no, 1, no->n), SM_STR("-")) &&
            (!of_road || strcmp(parts[k].name, "号窗口") == 0))
            return 0; /* 5-8号窗口 are several */
        *part = &parts[k];
        return sm_scan_one_of(x, i + m, parts[k].not_before) ? 0 : i + m - at;
    }
    return 0;
}

/* Where the name of the road begins that ends at `at`; `at` when none does. */
static size_t road_before(const sm_scan *x, size_t at)
{
    size_t number = at;
    at -= at > x->last && x->s.p[at - 1] == ' ' ? 1 : 0;
    static const char stops[] = "在到于位址向往由至从为和与及或是的经距离至即去找有靠近赴请该";
    static const char *const wider[] = { "省", "市", "区", "县", "镇", "乡", "街道" };
    size_t ends = 0, start = at;
    for (size_t i = 0; i < SM_LEN(roads) && !ends; i++) {
        size_t n = strlen(roads[i]);
        ends = at >= x->last + n && sm_scan_word(x, at - n, roads[i]) ? n : 0;
    }
    if (!ends || no_road(x, at))
        return number;
    start -= ends;
    for (int chars = 0; chars < MAX_ROAD_CHARS && start >= x->last + 3; chars++) {
        if ((uint8_t)x->s.p[start - 3] < 0xe4 || (uint8_t)x->s.p[start - 3] > 0xe9 ||
            sm_scan_one_of(x, start - 3, stops))
            break;
        bool wide = false;
        for (size_t i = 0; i < SM_LEN(wider); i++) {
            size_t n = strlen(wider[i]);
            wide |= start >= x->last + n && sm_scan_word(x, start - n, wider[i]);
        }
        if (wide && start < at - ends)
            break;
        start -= 3;
    }
    return start < at - ends ? start : number;
}

/* 5 of 5-8号窗口: bytes read. */
static size_t first_of_windows(sm_scan *x, size_t at)
{
    const struct part *part = NULL;
    int64_t v;
    sm_str no;
    size_t n_digits, n = sm_digits_at(x->s, at, &v, &n_digits),
                     sign = sm_scan_range_sign(x, at + n);
    if (n == 0 || n_digits > 3 || sign == 0 || part_at(x, at + n + sign, &no, &part) == 0 ||
        !part->alone)
        return 0;
    sm_scan_add(x, SM_FACT_ADDRESS, 0, sm_strf(x->a, "address:%lld%s", (long long)v, part->name),
                at, at + n);
    return n;
}

size_t sm_read_address(sm_scan *x, size_t at)
{
    const struct part *part;
    sm_str no, key = { 0 };
    size_t n = part_at(x, at, &no, &part), i = at, parts_read = 0;
    if (n == 0)
        return first_of_windows(x, at);
    size_t start = strcmp(part->name, "号") == 0 || strcmp(part->name, "号楼") == 0 ||
                           strcmp(part->name, "号院") == 0
                       ? road_before(x, at)
                       : at;
    const struct part *first = part;
    if (start < at)
        key = sm_str_trim(sm_str_sub(x->s, start, at));
    bool inside = at > 0 && x->n && x->last == at && x->fact[x->n - 1].kind == SM_FACT_ORGAN;
    for (; n && parts_read < MAX_PARTS; n = part_at(x, i, &no, &part), parts_read++) {
        key = sm_strf(x->a, "%.*s%s%.*s%s", SM_ARG(key), parts_read ? "/" : "", SM_ARG(no),
                      part->name);
        i += n;
    }
    static const char *const halls[] = { "大厅", "办事", "政务", "窗口", "会议",
                                         "东",   "西",   "南",   "北" };
    bool says = start < at || first->alone || parts_read > 1 || inside ||
                (strcmp(first->name, "号") != 0 && sm_scan_any(x, i, halls, SM_LEN(halls)));
    if (!says)
        return 0;
    sm_scan_add(x, SM_FACT_ADDRESS, 0, sm_strf(x->a, "address:%.*s", SM_ARG(key)), start, i);
    return i - at;
}
