/*
 * The elements: each from the registry, the description, the options or a rule, else a blank.
 */
#include <string.h>

#include "draft/inner.h"

enum { MAX_ELEMENTS = 16, TEXT_BYTES = 16 * 1024 };

typedef struct maker {
    sm_op *op;
    sm_arena *a;
    const sm_drafter *d;
    const sm_draft_ask *ask;
    const sm_said *s;
    const sm_type *t;
    sm_draft *out;
} maker;

static bool is_form(const maker *m, const char *form)
{
    return sm_str_eq(m->t->face.form, sm_str_of(form));
}

bool sm_has_blank(sm_str text)
{
    return sm_str_has(text, SM_STR(SM_BLANK_BEGIN));
}

static void put(maker *m, const char *role, const char *name, sm_str text, sm_draft_source source,
                const char *why)
{
    bool blank = sm_has_blank(text);
    m->out->element[m->out->n_elements++] = (sm_draft_element){
        .role = sm_str_of(role),
        .name = sm_str_of(name),
        .text = text,
        .source = source,
        .why = sm_str_of(why),
        .locked =
            text.n && !blank &&
            (source == SM_DRAFT_REGISTRY || source == SM_DRAFT_RULE || source == SM_DRAFT_OPTION),
        .blank = blank,
    };
}

static sm_str organ(const maker *m)
{
    return m->s->organ.n ? m->s->organ : SM_STR(SM_BLANK("发文机关"));
}

static sm_draft_source organ_source(const maker *m)
{
    return m->s->organ.n ? m->s->organ_source : SM_DRAFT_BLANK;
}

static const char *organ_why(const maker *m)
{
    return !m->s->organ.n ? "描述和选项都没有说由谁发文"
           : m->s->from   ? "名录中的全称"
                          : "名录中没有这个机关，照给出的名称";
}

/* ------------------------------------------------------------- mark, number */

/* 专题会议: what kind of meeting the description tells of. */
static sm_str meeting(const maker *m)
{
    static const char *const kinds[] = { "常务会议",   "专题会议",   "局长办公会", "市长办公会",
                                         "区长办公会", "主任办公会", "办公会议",   "党组会议",
                                         "党委会议",   "全体会议",   "主任会议",   "协调会",
                                         "座谈会",     "现场会",     "联席会议",   "工作会议" };
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (sm_str_has(m->s->text, sm_str_of(kinds[i]))) {
            bool whole = sm_str_ends(sm_str_of(kinds[i]), SM_STR("会议"));
            return sm_strf(m->a, "%s%s", kinds[i], whole ? "" : "议");
        }
    return SM_STR(SM_BLANK("会议名称"));
}

static void put_mark(maker *m)
{
    sm_str text = is_form(m, "minutes")
                      ? sm_strf(m->a, "%.*s%.*s纪要", SM_ARG(organ(m)), SM_ARG(meeting(m)))
                      : sm_strf(m->a, "%.*s%.*s", SM_ARG(organ(m)), SM_ARG(m->t->mark));
    put(m, "mark", "发文机关标志", text, organ_source(m), organ_why(m));
}

/* The organ's code that goes with the type: 澜政函 for a letter. */
static sm_str code_of(const maker *m)
{
    sm_str first = { 0 };
    for (size_t k = 0; k < m->t->n_codes; k++) {
        sm_str list = m->s->from->codes;
        for (sm_str sep = SM_STR(SM_LIST_SEP); list.n;) {
            size_t at = sm_str_find(list, sep, 0);
            sm_str code = sm_str_trim(sm_str_sub(list, 0, at));
            first = first.n ? first : code;
            if (sm_str_ends(code, m->t->code[k]))
                return code;
            list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + sep.n, list.n);
        }
    }
    return first;
}

static void put_number(maker *m)
{
    if (m->ask->number.n) {
        put(m, "number", "发文字号", sm_said_clean(m->a, m->ask->number), SM_DRAFT_OPTION,
            "选项给出");
        return;
    }
    if (is_form(m, "order")) {
        put(m, "number", "令号", SM_STR("第" SM_BLANK("序号") "号"), SM_DRAFT_BLANK,
            "序号由办公室编");
        return;
    }
    sm_str code = m->s->from ? code_of(m) : (sm_str){ 0 };
    sm_str year = m->s->day.n ? sm_str_sub(m->s->day, 0, 4) : SM_STR(SM_BLANK("年份"));
    put(m, "number", "发文字号",
        sm_strf(m->a, "%.*s〔%.*s〕" SM_BLANK("序号") "号",
                SM_ARG(code.n ? code : SM_STR(SM_BLANK("机关代字"))), SM_ARG(year)),
        code.n ? SM_DRAFT_REGISTRY : SM_DRAFT_BLANK,
        code.n ? "机关代字取自名录，序号由办公室编" : "名录中没有机关代字，序号由办公室编");
}

static void put_signer(maker *m)
{
    if (m->s->direction != SM_DIR_UP || is_form(m, "letter"))
        return;
    const sm_roster_person *p = sm_organ_head(m->d, m->s->from, m->s->day);
    sm_str name = m->ask->signer.n ? sm_said_clean(m->a, m->ask->signer)
                  : p              ? p->name
                                   : SM_STR(SM_BLANK("姓名"));
    put(m, "signer", "签发人", sm_strf(m->a, "签发人：%.*s", SM_ARG(name)),
        m->ask->signer.n ? SM_DRAFT_OPTION
        : p              ? SM_DRAFT_REGISTRY
                         : SM_DRAFT_BLANK,
        m->ask->signer.n ? "选项给出"
        : p              ? "上行文由主要负责人签发，名录中的主要负责人"
                         : "上行文要写签发人，名录中没有主要负责人");
}

/* --------------------------------------------------------- title, recipients */

static void put_title(maker *m)
{
    const sm_skeleton *k = sm_draft_skeleton(m->t, m->s);
    if (m->ask->title.n) {
        put(m, "title", "标题", sm_said_clean(m->a, m->ask->title), SM_DRAFT_OPTION, "选项给出");
        return;
    }
    if (is_form(m, "order"))
        return;
    sm_str matter = m->out->matter.n ? m->out->matter : SM_STR(SM_BLANK("事由"));
    sm_str shape = k->title.n ? k->title : SM_STR("{organ}关于{matter}的{type}");
    sm_str text = sm_fill(m->a, shape, "{organ}", organ(m));
    text = sm_fill(m->a, text, "{matter}", matter);
    text = sm_fill(m->a, text, "{type}", m->t->face.name);
    bool known = m->out->matter.n && m->s->organ.n;
    put(m, "title", "标题", text, known ? SM_DRAFT_DESCRIPTION : SM_DRAFT_BLANK,
        "发文机关、事由和文种；事由取自描述，可以改");
}

static sm_str joined_recipients(const maker *m, size_t from, size_t to)
{
    sm_buf b;
    sm_buf_init(&b, TEXT_BYTES);
    for (size_t i = from; i < to; i++) {
        bool parted = m->s->to[i].group || (i > from && m->s->to[i - 1].group);
        sm_buf_add(&b, i == from ? SM_STR("") : parted ? SM_STR("，") : SM_STR("、"));
        sm_buf_add(&b, m->s->to[i].name);
    }
    sm_str s = sm_str_dup(m->a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* 请示 and 报告 have one main recipient (条例第十五条). */
static size_t n_main(maker *m)
{
    bool one = m->s->direction == SM_DIR_UP && m->s->n_to > 1;
    if (!one)
        return m->s->n_to;
    sm_draft_note(
        m->a, m->out,
        sm_strf(m->a, "%.*s只写一个主送机关，其余的写在抄送里，请核对", SM_ARG(m->t->face.name)));
    return 1;
}

static void put_to(maker *m, size_t n)
{
    if (!m->t->to && !m->ask->to.n)
        return;
    const sm_named *first = m->s->n_to ? &m->s->to[0] : NULL;
    sm_str text = n ? joined_recipients(m, 0, n) : SM_STR(SM_BLANK("主送机关"));
    sm_draft_source source = !first                          ? SM_DRAFT_BLANK
                             : m->ask->to.n && !first->organ ? SM_DRAFT_OPTION
                             : first->organ || (first->group && m->d->roster)
                                 ? SM_DRAFT_REGISTRY
                                 : SM_DRAFT_DESCRIPTION;
    put(m, "to", "主送机关", sm_strf(m->a, "%.*s：", SM_ARG(text)), source, "");
    m->out->element[m->out->n_elements - 1].why =
        first ? first->why : SM_STR("描述和选项都没有说发给谁");
}

/* --------------------------------------------------------------------- end */

static void put_note(maker *m)
{
    sm_buf b;
    size_t n = m->ask->n_attached;
    if (!n)
        return;
    sm_buf_init(&b, TEXT_BYTES);
    m->out->attached = SM_NEWS(m->a, sm_str, n + 1);
    for (size_t i = 0; i < n; i++) {
        sm_str name = sm_said_clean(m->a, m->ask->attached[i]);
        m->out->attached[m->out->n_attached++] = name;
        sm_buf_add(&b, i ? SM_STR("\n") : SM_STR("附件："));
        if (n > 1)
            sm_buf_addf(&b, "%zu. ", i + 1);
        sm_buf_add(&b, name);
    }
    put(m, "note", "附件说明", sm_str_dup(m->a, sm_buf_str(&b)), SM_DRAFT_OPTION, "选项给出");
    sm_buf_done(&b);
}

/* 市长　王明远, where a person signs and not the organ. */
static void put_person(maker *m)
{
    const sm_roster_person *p = sm_organ_head(m->d, m->s->from, m->s->day);
    sm_str post = p ? p->post : SM_STR(SM_BLANK("职务"));
    size_t last = 0;
    for (size_t at; (at = sm_str_find(post, SM_STR(SM_LIST_SEP), last)) != SIZE_MAX;)
        last = at + 3;
    sm_str name = m->ask->signer.n ? sm_said_clean(m->a, m->ask->signer)
                  : p              ? p->name
                                   : SM_STR(SM_BLANK("姓名"));
    bool other = m->ask->signer.n && p && !sm_str_eq(name, p->name);
    post = other ? SM_STR(SM_BLANK("职务")) : sm_str_sub(post, last, post.n);
    put(m, "sign", "签署人", sm_strf(m->a, "%.*s　%.*s", SM_ARG(post), SM_ARG(name)),
        m->ask->signer.n ? SM_DRAFT_OPTION
        : p              ? SM_DRAFT_REGISTRY
                         : SM_DRAFT_BLANK,
        p ? "由主要负责人签署，名录中的主要负责人" : "由主要负责人签署，名录中没有");
}

static void put_signature(maker *m)
{
    bool given = m->ask->date != SM_DATE_NONE;
    if (m->t->signer)
        put_person(m);
    else if (m->t->seal)
        put(m, "sign", "发文机关署名", organ(m), organ_source(m), organ_why(m));
    if (m->t->signer || m->t->seal)
        put(m, "date", "成文日期",
            given ? sm_date_chinese(m->a, m->ask->date) : SM_STR(SM_BLANK("成文日期")),
            given ? SM_DRAFT_OPTION : SM_DRAFT_BLANK, given ? "选项给出" : "签发之日，签发后填");
    if (sm_str_eq(m->t->face.name, SM_STR("请示")))
        put(m, "remark", "附注", SM_STR(SM_BLANK("联系人的姓名和电话")), SM_DRAFT_BLANK,
            "请示要在附注处写明联系人和电话");
}

static void put_cc(maker *m, size_t n)
{
    sm_str text = { 0 };
    sm_draft_source source = SM_DRAFT_BLANK;
    if (m->ask->cc.n) {
        text = sm_said_clean(m->a, m->ask->cc);
        source = SM_DRAFT_OPTION;
    } else if (n < m->s->n_to) {
        text = joined_recipients(m, n, m->s->n_to);
        source = SM_DRAFT_REGISTRY;
    }
    bool stop = sm_str_ends(text, SM_STR("。"));
    if (text.n)
        text = sm_strf(m->a, "抄送：%.*s%s", SM_ARG(text), stop ? "" : "。");
    put(m, "cc", "抄送机关", text, source, text.n ? "" : "没有要抄送的可以不写");
}

static void put_printer(maker *m)
{
    if (is_form(m, "letter") || is_form(m, "order"))
        return;
    const sm_roster_organ *o = sm_organ_office(m->d, m->s->from, m->s->day);
    sm_str name = o ? o->full : SM_STR(SM_BLANK("印发机关"));
    put(m, "printer", "印发机关和印发日期",
        sm_strf(m->a, "%.*s|" SM_BLANK("印发日期") "印发", SM_ARG(name)),
        o ? SM_DRAFT_REGISTRY : SM_DRAFT_BLANK,
        o ? "名录中的办公室；日期为送印日期" : "名录中没有它的办公室；日期为送印日期");
}

void sm_draft_elements(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, const sm_said *s,
                       const sm_type *t, sm_draft *out)
{
    maker m = { op, op->arena, d, ask, s, t, out };
    out->element = SM_NEWS(op->arena, sm_draft_element, MAX_ELEMENTS);
    size_t n = n_main(&m);
    put_mark(&m);
    put_number(&m);
    put_signer(&m);
    put_title(&m);
    put_to(&m, n);
    put_note(&m);
    put_signature(&m);
    if (is_form(&m, "minutes"))
        put(&m, "attendance", "出席人员", SM_STR("出席：" SM_BLANK("出席人员")), SM_DRAFT_BLANK,
            "描述没有说谁出席");
    put_cc(&m, n);
    put_printer(&m);
}

const sm_draft_element *sm_draft_element_of(const sm_draft *draft, const char *role)
{
    for (size_t i = 0; i < draft->n_elements; i++)
        if (sm_str_eq(draft->element[i].role, sm_str_of(role)))
            return &draft->element[i];
    return NULL;
}
