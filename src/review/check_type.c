/*
 * Types of documents and who may write what to whom (group A).
 *
 * Some checkers rest on the pattern (pattern.c) and read less than it: "title" the whole title as
 * one line, "main" the document itself, its title as one line, without what it sends along.
 */
#include <string.h>

#include "review/organs.h"
#include "review/pack.h"

/* ---------------------------------------------------------------- patterns */

static void take_over(sm_check *c, const sm_check *other)
{
    c->found = other->found;
    c->n_found = other->n_found;
    c->cap = other->cap;
}

/* What goes over the end of a line is a finding in each. */
static void place_in_titles(sm_check *c, sm_finding f, size_t at)
{
    sm_str text = f.text, suggest = f.suggest;
    size_t from = 0;
    for (size_t i = 0; i < c->o->n && text.n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role != SM_ROLE_TITLE)
            continue;
        size_t end = from + l->text.n;
        if (at < end) {
            sm_str here = sm_str_sub(text, 0, end - at);
            bool whole = here.n == text.n;
            size_t k = whole ? 0 : sm_str_find(suggest, here, 0);
            sm_finding *one = sm_find_slice(c, f.rule, l, sm_str_sub(l->text, at - from, end));
            *one = (sm_finding){ .rule = f.rule,
                                 .para = l->para,
                                 .start = one->start,
                                 .end = one->start + here.n,
                                 .text = here,
                                 .why = f.why,
                                 .confidence = f.confidence,
                                 .page = one->page };
            if (f.suggests && k != SIZE_MAX)
                sm_propose(one, whole ? suggest : sm_str_sub(suggest, 0, k + here.n));
            suggest = whole || k == SIZE_MAX ? suggest : sm_str_sub(suggest, k + here.n, suggest.n);
            at += here.n;
            text = sm_str_sub(text, here.n, text.n);
        }
        from = end;
    }
}

static bool is_headed(const sm_outline *o)
{
    return (o->mark.n || o->number.n) && !o->order && !o->minutes;
}

static void run_title(sm_check *c, const sm_rule *rule)
{
    if (!c->o->title.n || (sm_param(rule, "headed") && !is_headed(c->o)))
        return;
    sm_par par = { .text = c->o->title };
    sm_line line = { .par = &par, .role = SM_ROLE_TITLE, .text = c->o->title };
    sm_outline one = *c->o;
    one.line = &line;
    one.n = 1;
    sm_check inner = *c;
    inner.o = &one;
    inner.n_found = inner.cap = 0;
    inner.found = NULL;
    sm_pattern_run(&inner, rule);
    for (size_t i = 0; i < inner.n_found; i++)
        place_in_titles(c, inner.found[i], inner.found[i].start);
}

static void run_main(sm_check *c, const sm_rule *rule)
{
    sm_outline own = *c->o;
    own.line = SM_NEWS(c->a, sm_line, own.n);
    own.n = 0;
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].doc == 0 && c->o->line[i].role != SM_ROLE_TITLE)
            own.line[own.n++] = c->o->line[i];
    sm_check inner = *c;
    inner.o = &own;
    sm_pattern_run(&inner, rule);
    take_over(c, &inner);
    run_title(c, rule);
}

/* --------------------------------------------------------- 印发, 转发, 批转 */

static const char *const verbs[] = { "印发", "转发", "批转" };

/* The verb of 现将《…》印发给你们; the last one, for the title's words may stand before. */
static sm_str verb_of_body(sm_str s)
{
    sm_str found = { 0 };
    size_t first = sm_str_find(s, SM_STR("现"), 0);
    for (size_t i = 0; first != SIZE_MAX && i < SM_LEN(verbs); i++)
        for (size_t at = sm_str_find(s, sm_str_of(verbs[i]), first); at != SIZE_MAX;
             at = sm_str_find(s, sm_str_of(verbs[i]), at + 6))
            if (sm_str_starts(sm_str_sub(s, at + 6, s.n), SM_STR("给你")))
                found = sm_str_sub(s, at, at + 6);
    return found;
}

static sm_str verb_of_title(sm_str title)
{
    sm_str found = { 0 };
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < SM_LEN(verbs); i++) {
        size_t at = sm_str_find(title, sm_str_of(verbs[i]), 0);
        if (at < first) {
            first = at;
            found = sm_str_sub(title, at, at + 6);
        }
    }
    return found;
}

static void run_forwarding(sm_check *c, const sm_rule *rule)
{
    size_t before = c->n_found;
    run_title(c, rule);
    sm_str title = verb_of_title(c->o->title);
    c->n_found = SM_MIN(c->n_found, before + 1); /* several patterns may speak of the one verb */
    if (!title.n || c->n_found > before)
        return;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        sm_str body =
            l->doc == 0 && l->role == SM_ROLE_TEXT ? verb_of_body(l->text) : (sm_str){ 0 };
        if (!body.n || sm_str_eq(body, title))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, body);
        sm_propose(f, title);
        sm_because(c, f, "标题是“%.*s”，正文写“%.*s”", SM_ARG(title), SM_ARG(body));
    }
}

/* -------------------------------------------------------- what is asked for */

/* What can be asked for, by kinds: more than one of them is more than one matter. */
static const char *const matters[][6] = {
    { "编制", "岗位", "职数", "人员" },
    { "资金", "经费", "补助", "补贴", "投资", "预算" },
    { "用地", "土地", "用房" },
    { "车辆", "执法车", "救护车", "公务用车" },
    { "机构", "更名" },
    { "表彰", "奖励" },
    { "减免", "免征" },
};

static bool asks_for(sm_str s, size_t kind)
{
    for (size_t i = 0; i < SM_LEN(matters[kind]) && matters[kind][i]; i++)
        if (sm_str_has(s, sm_str_of(matters[kind][i])))
            return true;
    return false;
}

/* 另请…, 同时恳请…: a request for what the title does not speak of. */
static bool is_second_matter(const sm_outline *o, sm_str sentence)
{
    static const char *const begins[] = { "另", "此外", "同时", "一并", "并请", "顺便" };
    static const char *const asks[] = { "请市", "请省", "请区",   "请县",   "恳请",   "请求",
                                        "申请", "请予", "请批准", "请同意", "请解决", "请安排" };
    bool begun = false;
    for (size_t i = 0; i < SM_LEN(begins); i++)
        begun |= sm_str_starts(sentence, sm_str_of(begins[i]));
    if (!begun || !sm_str_has_any(sentence, asks, SM_LEN(asks)))
        return false;
    for (size_t k = 0; k < SM_LEN(matters); k++)
        if (asks_for(sentence, k) && !asks_for(o->title, k))
            return true;
    return false;
}

static void run_one_matter(sm_check *c, const sm_rule *rule)
{
    run_title(c, rule);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        sm_str *sentence;
        size_t n = l->doc == 0 && l->role == SM_ROLE_TEXT
                       ? sm_text_sentences(c->a, l->text, &sentence)
                       : 0;
        for (size_t k = 0; k < n; k++)
            if (is_second_matter(c->o, sentence[k])) {
                sm_finding *f = sm_find_slice(c, rule, l, sentence[k]);
                sm_propose(f, SM_STR(""));
                sm_because(c, f, "请示应当一文一事，这一句是另一件事，请另写请示");
            }
    }
}

/* A title without a type does not hide that the body reports. */
static void run_report_asks(sm_check *c, const sm_rule *rule)
{
    const char *body = c->o->kind.n ? NULL : sm_type_of_body(c->o);
    if (sm_is_kind(c->o, "报告") || (body && strcmp(body, "报告") == 0))
        run_main(c, rule);
}

/* The organ that a person stands for, without the name of its place: 市人民政府. */
static sm_str organ_of_person(const sm_check *c, sm_str text)
{
    const sm_roster_person *p;
    size_t n = c->roster ? sm_roster_people(c->roster, &p) : 0;
    for (size_t i = 0; i < n; i++) {
        if (!sm_str_has(text, p[i].name) ||
            (c->o->date.n && p[i].to.n && sm_str_cmp(p[i].to, c->o->date) < 0))
            continue;
        size_t city = sm_str_find(p[i].organ, SM_STR("市"), 3);
        bool local = city != SIZE_MAX && city <= 9;
        return sm_strf(c->a, "%.*s：",
                       SM_ARG(sm_str_sub(p[i].organ, local ? city : 0, p[i].organ.n)));
    }
    return (sm_str){ 0 };
}

static void run_to_person(sm_check *c, const sm_rule *rule)
{
    size_t before = c->n_found;
    run_main(c, rule);
    for (size_t i = before; i < c->n_found; i++) {
        sm_str organ = organ_of_person(c, c->found[i].text);
        if (organ.n)
            sm_propose(&c->found[i], organ);
    }
}

/* ---------------------------------------------------------------- relation */

static bool is_lower_list(const sm_organ *issuer, sm_str name)
{
    static const char *const all[] = {
        "各", "局属", "所属", "直属", "下属", "辖区", "区属", "县属"
    };
    static const char *const same[] = { "各区", "各县", "各市", "各相关", "各有关" };
    bool lower = false, level = false;
    for (size_t i = 0; i < SM_LEN(all); i++)
        lower |= sm_str_starts(name, sm_str_of(all[i]));
    for (size_t i = 0; i < SM_LEN(same); i++)
        level |= sm_str_starts(name, sm_str_of(same[i]));
    return lower && !(level && issuer->level >= SM_LEVEL_COUNTY);
}

/* 市儿童福利院 of 市民政局: what is no organ and stands under none that is known. */
static bool is_institution(const sm_organ *issuer, const sm_organ *o)
{
    static const char *const ends[] = { "院", "站", "馆", "所", "中心", "学校", "大队", "园" };
    bool ends_so = false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        ends_so |= sm_str_ends(o->name, sm_str_of(ends[i]));
    return ends_so && issuer->works && issuer->level == o->level && !o->known &&
           !sm_str_ends(o->name, SM_STR("法院")) && !sm_str_ends(o->name, SM_STR("检察院"));
}

/* 请示 and 报告 are not copied to lower organs. */
static void run_copied_below(sm_check *c, const sm_rule *rule)
{
    const sm_line *cc = sm_own_line(c->o, SM_ROLE_CC);
    sm_organ issuer = sm_organ_of(c, c->o->issuer);
    sm_listed *l;
    size_t n = cc && issuer.level ? sm_listed_in(c->a, cc, &l) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_organ o = sm_organ_of(c, l[i].name);
        bool below = o.known && issuer.known ? sm_organ_above(c, &issuer, &o) && !issuer.works
                                             : o.level > issuer.level;
        if (!below && !is_lower_list(&issuer, l[i].name) && !is_institution(&issuer, &o))
            continue;
        sm_finding *f = sm_find_slice(c, rule, cc, l[i].with);
        sm_propose(f, SM_STR(""));
        sm_because(c, f, "%.*s不得抄送下级机关“%.*s”", SM_ARG(c->o->kind), SM_ARG(l[i].name));
    }
}

static const sm_line *last_title(const sm_outline *o)
{
    const sm_line *last = NULL;
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == SM_ROLE_TITLE)
            last = &o->line[i];
    return last;
}

/* The word at the title's end that says its type. */
static bool type_word(const sm_outline *o, const sm_line **line, sm_str *word)
{
    *line = last_title(o);
    size_t at = SIZE_MAX;
    if (!*line || !o->kind.n)
        return false;
    for (size_t k = sm_str_find((*line)->text, o->kind, 0); k != SIZE_MAX;
         k = sm_str_find((*line)->text, o->kind, k + 3))
        at = k;
    if (at == SIZE_MAX)
        return false;
    *word = sm_str_sub((*line)->text, at, at + o->kind.n);
    return true;
}

/* The one recipient of a document, as an organ; false: several, or none. */
static bool one_recipient(const sm_check *c, sm_organ *out)
{
    const sm_line *to = sm_own_line(c->o, SM_ROLE_TO);
    sm_listed *l;
    if (!to || sm_listed_in(c->a, to, &l) != 1)
        return false;
    *out = sm_organ_of(c, l[0].name);
    return true;
}

static void propose_letter(sm_check *c, const sm_rule *rule, const char *right, const sm_organ *to)
{
    const sm_line *line;
    sm_str word;
    if (!type_word(c->o, &line, &word))
        return;
    sm_finding *f = sm_find_slice(c, rule, line, word);
    sm_propose(f, sm_str_of(right));
    sm_because(c, f, "“%.*s”与“%.*s”没有隶属关系，应当用%s", SM_ARG(c->o->issuer), SM_ARG(to->name),
               right);
}

/* 请示 goes to who stands above. */
static void run_request_beside(sm_check *c, const sm_rule *rule)
{
    sm_organ to, issuer = sm_organ_of(c, c->o->issuer);
    if (!one_recipient(c, &to) || !issuer.level || !to.level || sm_organ_above(c, &to, &issuer))
        return;
    bool under_departments = issuer.governs && to.works && to.level <= issuer.level;
    if (sm_organ_beside(&issuer, &to) || under_departments ||
        (to.governs && issuer.governs && to.level == issuer.level))
        propose_letter(c, rule, "函", &to);
}

/* A title in book marks that asks: 《…的请示》. */
static sm_str cited_request(sm_str s)
{
    static const char *const ends[] = { "请示》", "报告》", "函》", "意见》", "申请》" };
    for (size_t i = 0; i < SM_LEN(ends); i++) {
        size_t to = sm_str_find(s, sm_str_of(ends[i]), 0), from = sm_str_find(s, SM_STR("《"), 0);
        if (to != SIZE_MAX && from < to)
            return sm_str_sub(s, from, to + strlen(ends[i]));
    }
    return (sm_str){ 0 };
}

/* A letter was answered. */
static bool answers_letter(const sm_outline *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const sm_line *l = &o->line[i];
        if (l->doc == 0 && l->role == SM_ROLE_TEXT)
            return sm_str_ends(cited_request(l->text), SM_STR("函》"));
    }
    return false;
}

/* 批复 goes to who asked from below. */
static void run_reply_beside(sm_check *c, const sm_rule *rule)
{
    sm_organ to, issuer = sm_organ_of(c, c->o->issuer);
    if (!one_recipient(c, &to) || sm_organ_above(c, &issuer, &to))
        return;
    bool organs =
        (to.works || to.governs) && (issuer.works || issuer.governs) && to.level && issuer.level;
    if ((organs && to.level <= issuer.level) || answers_letter(c->o))
        propose_letter(c, rule, "复函", &to);
}

static bool is_copied(const sm_check *c, const sm_organ *o)
{
    const sm_line *cc = sm_own_line(c->o, SM_ROLE_CC);
    sm_listed *l;
    size_t n = cc ? sm_listed_in(c->a, cc, &l) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_organ one = sm_organ_of(c, l[i].name);
        if (sm_str_eq(one.name, o->name) || (one.known && one.known == o->known) ||
            (!o->known && one.governs && one.level == o->level))
            return true;
    }
    return false;
}

/* Who was passed over between two: by the registry the issuer's own superior, else a county
 * between a town and a city.  false: nobody. */
static bool passed_over(const sm_check *c, const sm_organ *issuer, const sm_organ *to,
                        sm_organ *out)
{
    if (issuer->known && issuer->known->superior.n) {
        *out = sm_organ_of(c, issuer->known->superior);
        return to->governs && out->governs && out->level > to->level &&
               (!to->known || to->known != out->known);
    }
    *out = (sm_organ){ .name = SM_STR("县（区）人民政府"), .level = SM_LEVEL_COUNTY };
    return to->governs && issuer->level == SM_LEVEL_TOWN && to->level <= SM_LEVEL_CITY;
}

static void run_level_skipped(sm_check *c, const sm_rule *rule)
{
    sm_organ to, over, issuer = sm_organ_of(c, c->o->issuer);
    const sm_line *line = sm_own_line(c->o, SM_ROLE_TO);
    if (!one_recipient(c, &to) || !to.level || !issuer.level ||
        !passed_over(c, &issuer, &to, &over) || is_copied(c, &over))
        return;
    sm_finding *f = sm_find_slice(c, rule, line, to.name);
    if (over.known)
        sm_propose(f, over.known->full);
    f->confidence = .7;
    sm_because(c, f, "越过“%.*s”向“%.*s”行文，应当抄送被越过的机关并说明理由", SM_ARG(over.name),
               SM_ARG(to.name));
}

/* 经市政府同意 is said somewhere. */
static bool says_consent(const sm_outline *o)
{
    static const char *const by[] = { "经", "受", "根据", "按照" };
    static const char *const words[] = { "同意", "批准", "授权", "审议通过", "委托", "工作部署" };
    for (size_t i = 0; i < o->n; i++) {
        sm_str s = o->line[i].text;
        for (size_t at = sm_str_find(s, SM_STR("政府"), 0); at != SIZE_MAX;
             at = sm_str_find(s, SM_STR("政府"), at + 6)) {
            sm_str near = sm_str_sub(s, at < 45 ? 0 : at - 45, at),
                   after = sm_str_sub(s, at, at + 60);
            if (sm_str_has_any(near, by, SM_LEN(by)) && sm_str_has_any(after, words, SM_LEN(words)))
                return true;
        }
    }
    return false;
}

/* 各区县人民政府 as 市民政局 would write to them: 各区县民政局. */
static sm_str own_kind_below(const sm_check *c, const sm_organ *issuer, sm_str government)
{
    sm_str full = issuer->known ? issuer->known->full : issuer->name;
    size_t city = sm_str_find(full, SM_STR("市"), 0);
    if (city == SIZE_MAX || !sm_str_ends(full, SM_STR("局")) ||
        !sm_str_ends(government, SM_STR("人民政府")))
        return (sm_str){ 0 };
    return sm_strf(c->a, "%.*s%.*s", SM_ARG(sm_str_sub(government, 0, government.n - 12)),
                   SM_ARG(sm_str_sub(full, city + 3, full.n)));
}

static void orders(sm_check *c, const sm_rule *rule, const sm_line *l, const sm_organ *issuer,
                   sm_str government)
{
    sm_finding *f = sm_find_slice(c, rule, l, government);
    sm_str own = own_kind_below(c, issuer, government);
    if (own.n)
        sm_propose(f, own);
    f->confidence = .7;
    sm_because(c, f,
               "部门不得向下级政府“%.*s”发布指令性公文；经政府同意的，正文要注明“经…政府同意”",
               SM_ARG(government));
}

/* 各区县人民政府务必… */
static void orders_in_body(sm_check *c, const sm_rule *rule, const sm_line *l,
                           const sm_organ *issuer)
{
    static const char *const words[] = { "各区县人民政府务必", "各区人民政府务必",
                                         "各县人民政府务必",   "各区县人民政府必须",
                                         "各区人民政府必须",   "各县人民政府必须" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(l->text, sm_str_of(words[i]), 0);
        if (at != SIZE_MAX)
            orders(c, rule, l, issuer, sm_str_sub(l->text, at, at + strlen(words[i]) - 6));
    }
}

/* Departments write orders to their own kind below, not to governments. */
static void run_orders_below(sm_check *c, const sm_rule *rule)
{
    const sm_line *to = sm_own_line(c->o, SM_ROLE_TO);
    sm_organ issuer = sm_organ_of(c, c->o->issuer);
    if (!issuer.works || !issuer.level || issuer.level > SM_LEVEL_CITY || says_consent(c->o))
        return;
    sm_listed *l;
    size_t n = to ? sm_listed_in(c->a, to, &l) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_organ o = sm_organ_of(c, l[i].name);
        if (o.governs && o.level > issuer.level && sm_str_ends(l[i].name, SM_STR("政府")))
            orders(c, rule, to, &issuer, l[i].name);
    }
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].doc == 0 && c->o->line[i].role >= SM_ROLE_TEXT &&
            c->o->line[i].role <= SM_ROLE_H4)
            orders_in_body(c, rule, &c->o->line[i], &issuer);
}

/* ------------------------------------------------------------------- reply */

static bool is_number_at(sm_str s, size_t at)
{
    sm_str near = sm_utf8_head(sm_str_sub(s, at, s.n), 30);
    size_t open = sm_str_find(near, SM_STR("（"), 0);
    return open != SIZE_MAX && open <= 12 && sm_str_has(near, SM_STR("号"));
}

/* 你区关于…的请示（青政〔2026〕8号）收悉, without book marks */
static bool cites_plainly(sm_str s)
{
    size_t at = sm_str_find(s, SM_STR("请示"), 0);
    return at != SIZE_MAX && is_number_at(s, at + 6);
}

static sm_str first_clause(sm_str s)
{
    static const char *const stops[] = { "，", "。", "：" };
    size_t end = s.n;
    for (size_t i = 0; i < SM_LEN(stops); i++)
        end = SM_MIN(end, sm_str_find(s, sm_str_of(stops[i]), 0));
    return sm_str_sub(s, 0, end);
}

/* 批复 names what it answers by title and number. */
static void run_reply_cites(sm_check *c, const sm_rule *rule)
{
    const sm_line *first = NULL;
    int seen = 0;
    for (size_t i = 0; i < c->o->n && seen < 3; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->doc || l->role != SM_ROLE_TEXT)
            continue;
        seen++;
        first = first ? first : l;
        sm_str cited = cited_request(l->text);
        if (!cited.n) {
            if (cites_plainly(l->text))
                return;
            continue;
        }
        if (!is_number_at(l->text, (size_t)(cited.p + cited.n - l->text.p))) {
            sm_finding *f = sm_find_slice(c, rule, l, cited);
            sm_because(c, f, "批复应当引来文的标题和发文字号，“%.*s”后面没有发文字号",
                       SM_ARG(cited));
        }
        return;
    }
    if (first)
        sm_find_slice(c, rule, first, first_clause(first->text));
}

/* ----------------------------------------------------------------- closing */

static sm_str last_sentence(sm_str s)
{
    size_t end = sm_str_ends(s, SM_STR("。")) ? s.n - 3 : s.n, from = 0;
    for (size_t at = sm_str_find(s, SM_STR("。"), 0); at < end;
         at = sm_str_find(s, SM_STR("。"), at + 3))
        from = at + 3;
    return sm_str_sub(s, from, s.n);
}

/* params: closings {words: [types they close]}, usual {type: what closes it}. */
static void check_closing(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    bool views_up = sm_is_kind(c->o, "意见") && sm_is_upward(c);
    sm_str s = last_sentence(l->text), kind = views_up ? SM_STR("上行意见") : c->o->kind;
    const char *words;
    json_t *kinds, *all = json_object_get(rule->params, "closings");
    if (sm_utf8_count(s) > 20)
        return;
    json_object_foreach(all, words, kinds)
    {
        if (!sm_str_has(s, sm_str_of(words)))
            continue;
        if (sm_named(kinds, kind))
            return;
        sm_finding *f = sm_find_slice(c, rule, l, s);
        bool reply = sm_str_ends(c->o->title, SM_STR("复函"));
        sm_propose(f, sm_json_str(sm_param(rule, "usual"), reply ? "复函" : sm_cstr(c->a, kind)));
        sm_because(c, f, "“%.*s”不是%.*s的结束语", SM_ARG(s), SM_ARG(kind));
        return;
    }
}

static void run_closing(sm_check *c, const sm_rule *rule)
{
    if (!c->o->kind.n)
        return;
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].doc == 0 && c->o->line[i].role == SM_ROLE_TEXT)
            check_closing(c, rule, &c->o->line[i]);
}

/* ------------------------------------------------------------------ powers */

static bool may_issue(const sm_organ *issuer, const json_t *power)
{
    const json_t *ends = json_object_get(power, "ends");
    if (issuer->level == SM_LEVEL_NATION)
        return true;
    for (size_t i = 0; i < json_array_size(ends); i++)
        if (sm_str_ends(issuer->name, sm_str_of(json_string_value(json_array_get(ends, i)))))
            return true;
    return false;
}

/* params: powers [{"kind", "ends": what names of organs that may use it end with, "suggest"}]. */
static void run_issuer_power(sm_check *c, const sm_rule *rule)
{
    const json_t *powers = sm_param(rule, "powers");
    sm_organ issuer = sm_organ_of(c, c->o->issuer);
    for (size_t i = 0; issuer.name.n && i < json_array_size(powers); i++) {
        const json_t *power = json_array_get(powers, i);
        if (!sm_str_eq(sm_json_str(power, "kind"), c->o->kind) || may_issue(&issuer, power))
            continue;
        const sm_line *line;
        sm_str word;
        sm_finding *f = NULL;
        if (type_word(c->o, &line, &word)) {
            f = sm_find_slice(c, rule, line, word);
            sm_propose(f, sm_json_str(power, "suggest"));
        } else if ((line = sm_own_line(c->o, SM_ROLE_MARK)) != NULL)
            f = sm_find_slice(c, rule, line, line->text);
        if (f)
            sm_because(c, f, "“%.*s”无权使用“%.*s”", SM_ARG(issuer.name), SM_ARG(c->o->kind));
    }
}

const sm_checker sm_checkers_type[] = {
    { "title", run_title },
    { "main", run_main },
    { "forwarding", run_forwarding },
    { "one_matter", run_one_matter },
    { "report_asks", run_report_asks },
    { "to_person", run_to_person },
    { "copied_below", run_copied_below },
    { "request_beside", run_request_beside },
    { "reply_beside", run_reply_beside },
    { "reply_cites", run_reply_cites },
    { "level_skipped", run_level_skipped },
    { "orders_below", run_orders_below },
    { "closing", run_closing },
    { "issuer_power", run_issuer_power },
    { NULL, NULL },
};
