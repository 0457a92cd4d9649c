/*
 * Organs in a text: found from their ends, since their beginnings look like any word.
 */
#include "text/fact.h"
#include "text/organ.h"

#include <string.h>

enum {
    LAST_BYTES = 6,
    MAX_ORGAN_BYTES = 120,
    MAX_NAME_CHARS = 4,
    MAX_OFFICE_CHARS = 7,
    MAX_PLACE_CHARS = 3,
    MAX_ZONE_CHARS = 14,
    MAX_PLACES = 3
};

/* ------------------------------------------------------------- registry */

struct organ {
    sm_str name;
    sm_str body; /* as written, without its place */
    sm_str full; /* place and body written out */
    size_t next; /* of those with the same last two characters, + 1 */
};

struct sm_organs {
    struct organ *organ;
    size_t n, *head, n_heads;
    sm_str *place; /* different ones */
    size_t n_places, cap_places;
    uint64_t ends[1024]; /* last characters, one bit each */
};

/* Bytes of the place that a name begins with: 云澜市, 云澜市滨湖区. */
static size_t place_before(sm_str name)
{
    enum { MAX_CHARS = 5 };
    size_t end = 0;
    for (size_t i = 3, chars = 1; i + 6 <= name.n && chars < MAX_CHARS; i += 3, chars++)
        if (sm_organ_ends_place(sm_str_sub(name, end, i + 3)) && chars >= 2) {
            end = i + 3;
            chars = 0;
        }
    return end;
}

static void add_place(sm_arena *a, sm_organs *o, sm_str place)
{
    for (size_t i = 0; i < o->n_places; i++)
        if (sm_str_eq(o->place[i], place))
            return;
    SM_GROW(a, o->place, o->n_places, o->cap_places);
    o->place[o->n_places++] = place;
}

/* What a longer name may begin with before what was said of it: 云澜 before 市公安局, too. */
static bool may_lack(const sm_organs *o, sm_str full, sm_str said)
{
    sm_str before = sm_str_sub(full, 0, full.n - said.n);
    if (sm_organ_may_lack(before))
        return true;
    sm_str with_sign = sm_str_sub(full, 0, before.n + 3);
    for (size_t i = 0; i < o->n_places; i++)
        if (sm_str_ends(with_sign, o->place[i]))
            return true;
    return false;
}

static uint32_t last_character(sm_str s)
{
    sm_str last = sm_str_sub(s, s.n >= 3 ? s.n - 3 : 0, s.n);
    return last.n ? sm_utf8_next(&last) : 0;
}

static size_t *head_of(const sm_organs *o, sm_str s)
{
    sm_str last = sm_str_sub(s, s.n - LAST_BYTES, s.n);
    return &o->head[sm_hash64(last, 0) & (o->n_heads - 1)];
}

sm_organs *sm_organs_of(sm_arena *a, const sm_str *name, size_t n)
{
    sm_organs *o = SM_NEW(a, sm_organs);
    o->organ = SM_NEWS(a, struct organ, n);
    for (o->n_heads = 16; o->n_heads < 2 * n;)
        o->n_heads *= 2;
    o->head = SM_NEWS(a, size_t, o->n_heads);
    for (size_t i = 0; i < n; i++) {
        sm_str s = sm_str_trim(name[i]);
        if (s.n < LAST_BYTES || s.n > MAX_ORGAN_BYTES)
            continue;
        size_t place = place_before(s);
        sm_str body = sm_str_sub(s, place, s.n), full = sm_organ_written_out(a, body);
        struct organ *one = &o->organ[o->n++];
        if (place)
            add_place(a, o, sm_str_sub(s, 0, place));
        *one = (struct organ){ s, body, sm_strf(a, "%.*s%.*s", (int)place, s.p, SM_ARG(full)), 0 };
        if (one->full.n >= LAST_BYTES) {
            size_t *head = head_of(o, one->full);
            one->next = *head;
            *head = o->n;
        }
        uint32_t c = last_character(s);
        if (c < 0x10000)
            o->ends[c / 64] |= 1ULL << c % 64;
    }
    return o;
}

bool sm_organs_end(const sm_organs *o, uint32_t c)
{
    return o && c < 0x10000 && (o->ends[c / 64] >> c % 64 & 1);
}

/* Does a name with 市 alone before it name an organ under one of that 市: 市交警支队? */
static bool under_place(const struct organ *one, sm_str said)
{
    sm_str sign = sm_str_sub(said, 0, 3), rest = sm_str_sub(said, 3, said.n);
    sm_str before = sm_str_sub(one->full, 0, one->full.n - rest.n);
    return rest.n >= LAST_BYTES && sm_organ_ends_place(sign) && sm_str_ends(one->full, rest) &&
           sm_organ_may_lack(before) && sm_str_has(before, sign);
}

static bool may_mean(const sm_organs *o, const struct organ *one, sm_str said)
{
    if (one->full.n >= said.n)
        return (sm_str_ends(one->full, said) && may_lack(o, one->full, said)) ||
               under_place(one, said);
    return one->full.n > one->body.n && sm_str_ends(said, one->full) &&
           sm_organ_ends_place(sm_str_sub(said, 0, said.n - one->full.n));
}

/* The one organ that is called so, or NULL when there is none or more than one. */
static const struct organ *called(const sm_organs *o, sm_str said)
{
    const struct organ *only = NULL;
    if (!o || said.n < LAST_BYTES)
        return NULL;
    for (size_t i = *head_of(o, said); i; i = o->organ[i - 1].next) {
        const struct organ *one = &o->organ[i - 1];
        if (sm_str_eq(one->full, said) || sm_str_eq(one->name, said))
            return one;
        if (!may_mean(o, one, said))
            continue;
        if (only && !sm_str_eq(only->full, one->full))
            return NULL;
        only = one;
    }
    return only;
}

/* The longest name of the registry, with or without its place, that s ends with. */
static size_t registered(const sm_organs *o, sm_str s, sm_str *body)
{
    size_t best = 0;
    if (!o || s.n < LAST_BYTES)
        return 0;
    for (size_t i = *head_of(o, s); i; i = o->organ[i - 1].next) {
        sm_str one = o->organ[i - 1].body;
        if (one.n > best && sm_str_ends(s, one)) {
            best = one.n;
            *body = one;
        }
    }
    return best;
}

/* ------------------------------------------------------- names and places */

static bool is_han_at(const sm_scan *x, size_t at)
{
    sm_str one = sm_str_sub(x->s, at, at + 3);
    return one.n == 3 && (uint8_t)one.p[0] >= 0xe4 && sm_is_han(sm_utf8_next(&one)) && one.n == 0;
}

static bool ends_at(const sm_scan *x, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at >= x->last + n && memcmp(x->s.p + at - n, word, n) == 0;
}

/* Does a word that ends before a name stand at `at`?  Not when it is half of 就业 or 数据. */
static bool parts(const sm_scan *x, size_t at)
{
    static const char stops[] =
        "到在向由经报找请据对从为与和及或是的了将把被按交至给让去问系询往归于以"
        "其各该此有等即可应须需得均都也又后前属打看见联赴因如若则录访除跟同地每"
        "个名你我您他她本并且但就能会要想拟已未不无所这那哪里内外中者任一照求受告予级";
    static const char *const words[] = { "就业",   "对外",   "交通", "交易", "应急", "国有",
                                         "后勤",   "经济",   "经营", "地方", "地产", "地震",
                                         "外事",   "外商",   "中小", "中医", "中心", "数据",
                                         "会展",   "会计",   "能源", "能力", "经贸", "第一",
                                         "消费者", "劳动者", "无线", "同胞", "归国", "受理",
                                         "公告",   "联合",   "联络", "报废", "无障", "不动" };
    if (!sm_scan_one_of(x, at, stops))
        return false;
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_scan_word(x, at, words[i]) || ends_at(x, at + 3, words[i]))
            return false;
    return true;
}

/* Does a word end at `at` that no name holds: 审议, 支持, 相关? */
static bool word_ends(const sm_scan *x, size_t at)
{
    static const char *const words[] = {
        "审议", "协助", "支持", "鼓励", "配合", "参加", "授权", "抄送", "印发", "列入", "列席",
        "通过", "超出", "制定", "设立", "建立", "加强", "变更", "评议", "指导", "监督", "委托",
        "要求", "依照", "按照", "参照", "遵照", "报请", "提请", "申请", "联系", "咨询", "前往",
        "组织", "协调", "会同", "报告", "报送", "提交", "送交", "移送", "移交", "责令", "通知",
        "告知", "转交", "呈报", "上报", "经过", "根据", "依据", "遵守", "执行", "服从", "听取",
        "接受", "代表", "邀请", "召集", "选举", "任命", "撤销", "批准", "同意", "聘请", "督促",
        "协同", "以及", "包括", "属于", "位于", "隶属", "主管", "相关", "有关", "所在", "所属",
        "当地", "其他", "简称", "上届", "拨打", "登录", "办理", "提供", "出具", "核发", "颁发",
        "签发", "取得", "领取", "负责", "承担", "属地", "就近", "选择", "现场", "网上", "线上",
        "线下", "直接", "可以", "应当", "必须", "需要", "不得", "进入", "来到", "到达", "关注",
        "致电", "携带", "提醒", "感谢", "欢迎", "具体", "分别", "共同", "联合", "本人", "申报",
        "备案", "登记", "注册", "审核", "审批", "复核", "核准", "受理", "转报", "印制", "公布",
        "发布", "实施", "管理", "开展", "举办", "成立", "确定", "指定", "任一", "任何", "或者",
        "并且", "户籍", "住地", "作为", "成为", "认为", "均为", "即为", "按为", "称为", "以下",
        "下列", "上述", "超过", "调查", "评价", "规范", "补选", "完善", "促进", "帮助", "引导",
        "推动", "扶持", "退出", "加入", "违反", "方便", "提出", "发挥", "回答", "回复", "征求",
        "决定", "完成", "安排", "依托", "依法", "实行", "转入", "省市", "进出", "编制", "推进",
        "统称", "全国", "保障", "符合", "检测", "书面", "健全", "注销", "解散", "部分", "原审",
        "同意", "凭证", "返回", "迁回", "持有", "充分"
    };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (ends_at(x, at, words[i]))
            return true;
    return false;
}

/* The characters of a name that end at `at` and begin after a word that parts: at most `max`, *cut
 * when there are more. */
static size_t name_before(const sm_scan *x, size_t at, size_t max, bool *cut)
{
    size_t start = at, n = 0;
    *cut = false;
    while (start >= x->last + 3 && is_han_at(x, start - 3) && !parts(x, start - 3) &&
           !word_ends(x, start)) {
        if (n++ == max) {
            *cut = true;
            break;
        }
        start -= 3;
    }
    return at - start;
}

/* Words that begin as places end. */
static const char *const no_places[] = { "市场", "市民", "市政", "市区", "区域", "县域",
                                         "省级", "市级", "区级", "县级", "州级", "市容",
                                         "乡村", "镇村", "省内", "市内" };

/* 城市, 社区: words that end as places do. */
static bool no_place(const sm_scan *x, size_t at)
{
    static const char *const none[] = { "城市", "超市", "门市",   "都市", "社区", "辖区", "小区",
                                        "园区", "地区", "城区",   "郊区", "山区", "学区", "片区",
                                        "景区", "厂区", "乡镇",   "城镇", "各市", "区县", "县区",
                                        "市县", "市区", "乡镇级", "各区", "各县", "各省" };
    for (size_t i = 0; i < SM_LEN(none); i++)
        if (ends_at(x, at, none[i]))
            return true;
    return false;
}

/* One place right before `at`: bytes; `sign` is its last character when it stands alone. */
static size_t one_place(const sm_scan *x, size_t at)
{
    static const char *const alone[] = { "本市", "我市", "全市", "该市", "本区",
                                         "我区", "全区", "本县", "我县", "全县",
                                         "本省", "我省", "全省", "本镇", "本乡" };
    if (at < x->last + 3 || !sm_organ_ends_place(sm_str_sub(x->s, at - 3, at)) || no_place(x, at))
        return 0;
    for (size_t i = 0; i < SM_LEN(alone); i++)
        if (ends_at(x, at, alone[i]))
            return 3;
    for (size_t i = 0; x->organs && i < x->organs->n_places; i++) {
        sm_str known = x->organs->place[i];
        if (at >= x->last + known.n && memcmp(x->s.p + at - known.n, known.p, known.n) == 0)
            return known.n;
    }
    static const char *const zones[] = { "开发区", "高新区", "新区", "度假区", "保税区", "示范区" };
    bool cut, zone = false;
    for (size_t i = 0; i < SM_LEN(zones); i++)
        zone |= ends_at(x, at, zones[i]);
    size_t n = name_before(x, at - 3, zone ? MAX_ZONE_CHARS : MAX_PLACE_CHARS, &cut);
    return 3 + (!cut ? n : zone ? strlen("开发") : strlen("云澜"));
}

/* The places right before `at`, the widest first: bytes. */
static size_t places(const sm_scan *x, size_t at)
{
    size_t start = at;
    for (int i = 0; i < MAX_PLACES; i++) {
        size_t n = one_place(x, start);
        start -= n;
        if (n <= 3)
            break;
    }
    if (start == at && ends_at(x, at, "国家"))
        start -= strlen("国家");
    return at - start;
}

/* ---------------------------------------------------------------- reading */

/* The name goes on: 街道 of 街道办事处, 委 of 委员会, 部 of 部门. */
static bool goes_on(const sm_scan *x, size_t end)
{
    static const struct {
        const char *end, *next;
    } list[] = {
        { "街道", "办" },     { "国务院", "办" }, { "委", "员托派任" }, { "办", "事公理法证结件" },
        { "部", "门队分位" }, { "局", "域限" },   { "行", "政" },       { "社", "会区" },
        { "联", "合系" },     { "院", "校" },     { "海关", "总" },     { "管委会", "员" }
    };
    for (size_t i = 0; i < SM_LEN(list); i++)
        if (ends_at(x, end, list[i].end) && sm_scan_one_of(x, end, list[i].next))
            return true;
    return false;
}

/* 人社部发〔2021〕57号: the organ's letters belong to a number. */
static bool in_doc_no(const sm_scan *x, size_t end)
{
    static const char *const opens[] = { "〔", "[", "［", "(", "（", "【" };
    static const char *const closes[] = { "〕", "]", "］", ")", "）", "】" };
    enum { MAX_LETTERS = 4 };
    size_t i = end, n_digits;
    for (int n = 0; n < MAX_LETTERS && is_han_at(x, i); n++)
        i += 3;
    int64_t year;
    size_t open = sm_scan_any(x, i, opens, SM_LEN(opens));
    size_t n = open ? sm_digits_at(x->s, i + open, &year, &n_digits) : 0;
    return n && n_digits == 4 && sm_scan_any(x, i + open + n, closes, SM_LEN(closes)) > 0;
}

static void add_organ(sm_scan *x, sm_str said, size_t start, size_t end)
{
    const struct organ *one = called(x->organs, said);
    sm_str name = one ? one->name : said;
    sm_scan_add(x, SM_FACT_ORGAN, 0, sm_strf(x->a, "organ:%.*s", SM_ARG(name)), start, end);
}

/* 公安局 and 交警支队 one after the other are one organ. */
static bool joined(sm_scan *x, sm_str place, sm_str full, size_t start, size_t end)
{
    sm_fact *last = x->n ? &x->fact[x->n - 1] : NULL;
    static const char *const bureaus[] = { "局", "厅", "部", "委", "委员会", "法院" };
    bool nation = last && sm_str_ends(last->text, SM_STR("总局")), may = false;
    for (size_t i = 0; last && i < SM_LEN(bureaus); i++)
        may |= sm_str_ends(last->text, sm_str_of(bureaus[i]));
    if (!may || last->kind != SM_FACT_ORGAN || x->last != start || (place.n && !nation))
        return false;
    sm_str above = sm_str_sub(last->key, strlen("organ:"), last->key.n);
    sm_str said = sm_strf(x->a, "%.*s%.*s%.*s", SM_ARG(above), SM_ARG(place), SM_ARG(full));
    start = (size_t)(last->text.p - x->s.p);
    x->n--;
    add_organ(x, said, start, end);
    return true;
}

/* A bureau that no table names, right after its place: 区教科体局.  Bytes of it and of the place.
 */
static size_t bureau_of_place(const sm_scan *x, size_t at, size_t *place)
{
    enum { MAX_CHARS = 9 };
    static const char ordinary[] = "布格结当时战残大全出开定赌败僵饭骗书平该本我分各";
    if (!(sm_scan_word(x, at, "局") || sm_scan_word(x, at, "厅")) ||
        sm_scan_one_of(x, at - 3, ordinary))
        return 0;
    size_t start = at;
    for (int n = 0;
         n < MAX_CHARS && start >= x->last + 3 && is_han_at(x, start - 3) && !parts(x, start - 3);
         n++, start -= 3) {
        if (n < 2 || !sm_organ_ends_place(sm_str_sub(x->s, start - 3, start)))
            continue;
        if (sm_scan_any(x, start - 3, no_places, SM_LEN(no_places)))
            return 0;
        *place = one_place(x, start);
        return *place ? at + 3 - start : 0;
    }
    return 0;
}

size_t sm_read_organ(sm_scan *x, size_t at)
{
    size_t end = at + 3, from = end > x->last + MAX_ORGAN_BYTES ? end - MAX_ORGAN_BYTES : x->last;
    sm_str near = sm_str_sub(x->s, from, end), full = { 0 }, body = { 0 };
    sm_organ_named named = SM_ORGAN_ALONE;
    bool cut = false;
    size_t n = sm_organ_body(x->a, near, &full, &named), k = registered(x->organs, near, &body);
    sm_scan_spend(x, near.n);
    if (k > n) {
        n = k;
        full = body;
        named = SM_ORGAN_ALONE;
    }
    if (n == 0 && at >= 3) {
        size_t place = 0;
        n = bureau_of_place(x, at, &place);
        full = sm_str_sub(x->s, end - n, end);
    }
    if (n == 0 || goes_on(x, end) || in_doc_no(x, end))
        return 0;
    size_t start = end - n, place = places(x, start);
    if (place == 0 && named != SM_ORGAN_ALONE && !(x->n && x->last == start)) {
        size_t max = named == SM_ORGAN_NAMED ? MAX_OFFICE_CHARS : MAX_NAME_CHARS;
        size_t name = no_place(x, start) ? 0 : name_before(x, start, max, &cut);
        name = name == 3 ? 0 : name; /* 持法院, 回派出所 */
        sm_str said = sm_str_sub(x->s, start - name, start);
        if (named == SM_ORGAN_NAMED && (name == 0 || cut || sm_str_eq(said, SM_STR("行业"))))
            return 0;
        if (name && !cut)
            full = sm_strf(x->a, "%.*s%.*s", (int)name, x->s.p + start - name, SM_ARG(full));
        start -= cut ? 0 : name;
        place = places(x, start);
    }
    sm_str where = sm_str_sub(x->s, start - place, start);
    start -= place;
    if (!joined(x, where, full, start, end))
        add_organ(x, sm_strf(x->a, "%.*s%.*s", SM_ARG(where), SM_ARG(full)), start, end);
    return 3;
}
