/*
 * The governance report: what a keeper has to look at.
 */
#include "corpus/governance.h"

enum { MANY = 20 }; /* items without one element, from which they are reported together */

static const struct {
    const char *name, *title;
} kinds[SM_N_FINDINGS] = {
    [SM_FINDING_EXPIRED] = { "expired", "已失效的文件" },
    [SM_FINDING_NOT_YET] = { "not_yet", "尚未施行的文件" },
    [SM_FINDING_SUPERSEDED] = { "superseded", "已被替代的文件" },
    [SM_FINDING_NEAR_DUPLICATE] = { "near_duplicate", "内容近乎相同的文件" },
    [SM_FINDING_CONFLICT] = { "conflict", "说法不一致的政策" },
    [SM_FINDING_ITEM_CONFLICT] = { "item_conflict", "办事指南与政策不一致" },
    [SM_FINDING_MISSING] = { "missing", "缺少的要素" },
    [SM_FINDING_DEAD_REFERENCE] = { "dead_reference", "引用不到的法律条款" },
    [SM_FINDING_PERSONAL] = { "personal", "隐去过个人信息的文件" },
    [SM_FINDING_REFUSED] = { "refused", "因涉密标志拒收的文件" },
    [SM_FINDING_UNANSWERED] = { "unanswered", "没有答上的问题" },
};

const char *sm_defect_name(sm_defect_kind kind)
{
    return kind < SM_N_FINDINGS ? kinds[kind].name : "";
}

const char *sm_defect_title(sm_defect_kind kind)
{
    return kind < SM_N_FINDINGS ? kinds[kind].title : "";
}

void sm_report_add(sm_report *r, sm_defect f)
{
    SM_GROW(r->op->arena, r->f, r->n, r->cap);
    r->f[r->n++] = f;
}

/* --------------------------------------------------------------- validity */

static void check_validity(sm_report *r, const sm_subject *s)
{
    sm_arena *a = r->op->arena;
    const sm_doc *d = s->doc;
    sm_str ends = sm_date_chinese(a, d->ends), starts = sm_date_chinese(a, d->effective);
    if (s->state == SM_STATE_NOT_YET)
        sm_report_add(
            r, (sm_defect){
                   .kind = SM_FINDING_NOT_YET,
                   .a = d->id,
                   .a_value = starts,
                   .text = sm_strf(
                       a, "%.*s《%.*s》自%.*s起才施行，之前不会用来回答；请备好相关指南的修改",
                       SM_ARG(d->id), SM_ARG(d->title), SM_ARG(starts)) });
    if (s->state == SM_STATE_REPEALED)
        sm_report_add(
            r, (sm_defect){ .kind = SM_FINDING_EXPIRED,
                             .a = d->id,
                             .a_value = ends,
                             .text = sm_strf(a, "%.*s《%.*s》已废止%s%.*s；请确认指南里不再引用它",
                                             SM_ARG(d->id), SM_ARG(d->title),
                                             ends.n ? "，最后一天是" : "", SM_ARG(ends)) });
    else if (s->state == SM_STATE_EXPIRED ||
             (s->state == SM_STATE_REPLACED && d->expires != SM_DATE_NONE && d->expires < r->as_of))
        sm_report_add(
            r, (sm_defect){ .kind = SM_FINDING_EXPIRED,
                             .a = d->id,
                             .a_value = ends,
                             .text = sm_strf(a, "%.*s《%.*s》到%.*s为止有效，已失效；%s",
                                             SM_ARG(d->id), SM_ARG(d->title), SM_ARG(ends),
                                             d->superseded_by.n
                                                 ? "已有接续的文件"
                                                 : "没有登记接续的文件，请确认是否另有新规定") });
}

static bool lists(sm_str ids, sm_str id)
{
    sm_str one;
    while (sm_str_cut(&ids, ',', &one))
        if (sm_str_eq(sm_str_trim(one), id))
            return true;
    return false;
}

bool sm_docs_succeed(const sm_doc *a, const sm_doc *b)
{
    return lists(a->superseded_by, b->id) || lists(b->superseded_by, a->id) ||
           lists(a->supersedes, b->id) || lists(b->supersedes, a->id);
}

/* Once for a pair, whichever side names the other. */
static void check_successors(sm_report *r, const sm_doc *old)
{
    for (size_t i = 0; i < r->n_policies; i++) {
        const sm_doc *next = r->policy[i].doc;
        if (!lists(old->superseded_by, next->id) && !lists(next->supersedes, old->id))
            continue;
        bool later = next->effective != SM_DATE_NONE && next->effective > r->as_of;
        sm_report_add(r, (sm_defect){ .kind = SM_FINDING_SUPERSEDED,
                                       .a = old->id,
                                       .b = next->id,
                                       .text = sm_strf(
                                           r->op->arena, "%.*s《%.*s》%s被 %.*s《%.*s》替代%s",
                                           SM_ARG(old->id), SM_ARG(old->title), later ? "将" : "已",
                                           SM_ARG(next->id), SM_ARG(next->title),
                                           later ? "，之前仍用旧文件回答" : "，不再用来回答") });
    }
}

/* ------------------------------------------------------- elements, notes */

static void missing(sm_report *r, const sm_doc *d, const char *path, const char *what)
{
    sm_report_add(r, (sm_defect){ .kind = SM_FINDING_MISSING,
                                   .a = d->id,
                                   .a_path = sm_str_of(path),
                                   .text = sm_strf(r->op->arena, "%.*s《%.*s》没有%s，请补上",
                                                   SM_ARG(d->id), SM_ARG(d->title), what) });
}

static void check_policy_elements(sm_report *r, const sm_doc *d)
{
    if (d->issuer.n == 0)
        missing(r, d, "issuer", "发文机关");
    if (d->doc_no.n == 0)
        missing(r, d, "doc_no", "发文字号");
    if (d->issued == SM_DATE_NONE)
        missing(r, d, "issued", "成文或发布日期");
    if (d->effective == SM_DATE_NONE)
        missing(r, d, "effective", "施行日期");
    if (d->region.n == 0)
        missing(r, d, "region", "适用地区");
}

static bool has_element(const sm_subject *s, const char *path)
{
    sm_str want = sm_str_of(path);
    for (size_t i = 0; i < s->n_clauses; i++) {
        sm_str at = s->clause[i].path;
        if (sm_str_starts(at, want) && (at.n == want.n || at.p[want.n] == '/'))
            return true;
    }
    return false;
}

/* One element that very many items lack is one finding: somebody has to fill a column, not a cell.
 */
static void check_item_element(sm_report *r, const char *path, const char *what)
{
    size_t n = 0;
    sm_str some = { 0 };
    for (size_t i = 0; i < r->n_items; i++) {
        if (has_element(&r->item[i], path))
            continue;
        if (n++ < 3)
            some = sm_strf(r->op->arena, "%.*s%s%.*s", SM_ARG(some), n > 1 ? "、" : "",
                           SM_ARG(r->item[i].doc->id));
    }
    for (size_t i = 0; n <= MANY && i < r->n_items; i++)
        if (!has_element(&r->item[i], path))
            missing(r, r->item[i].doc, path, what);
    if (n > MANY)
        sm_report_add(r, (sm_defect){ .kind = SM_FINDING_MISSING,
                                       .a_path = sm_str_of(path),
                                       .text = sm_strf(r->op->arena,
                                                       "%zu 件事项没有%s（%.*s 等），请成批补上", n,
                                                       what, SM_ARG(some)) });
}

static void check_item_elements(sm_report *r)
{
    static const struct {
        const char *path, *what;
    } elements[] = { { "scope", "适用范围" },           { "conditions", "受理条件" },
                     { "materials", "申请材料" },       { "steps", "办理流程" },
                     { "legal_limit", "法定办结时限" }, { "result", "办理结果" },
                     { "basis", "设定依据" },           { "places", "办理地点" },
                     { "consult", "咨询电话" },         { "complaint", "监督投诉电话" },
                     { "onsite_visits", "到现场次数" } };
    for (size_t i = 0; i < SM_LEN(elements); i++)
        check_item_element(r, elements[i].path, elements[i].what);
}

static sm_rc check_notes(sm_report *r)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        r->op, r->db, &q,
        "SELECT code, place, text FROM import_note WHERE code IN ('MASKED', 'SECRET_MARK')"
        " ORDER BY row",
        "");
    while (rc == SM_OK && (rc = sm_stmt_step(r->op, q)) == SM_OK) {
        sm_str code = sm_stmt_str(r->op, q, 0), place = sm_stmt_str(r->op, q, 1),
               text = sm_stmt_str(r->op, q, 2);
        bool masked = sm_str_eq(code, SM_STR("MASKED"));
        sm_report_add(r, (sm_defect){ .kind = masked ? SM_FINDING_PERSONAL : SM_FINDING_REFUSED,
                                       .a = place,
                                       .text = sm_strf(r->op->arena, "%.*s：%.*s", SM_ARG(place),
                                                       SM_ARG(text)) });
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* -------------------------------------------------------------- the report */

static sm_rc read_subject(sm_report *r, const sm_doc *d, sm_subject *out)
{
    sm_buf b;
    *out = (sm_subject){ .doc = d, .state = sm_doc_state(d, r->as_of) };
    sm_rc rc = sm_corpus_clauses(r->op, r->db, d->version, &out->clause, &out->n_clauses);
    if (rc < 0)
        return rc;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_add(&b, d->title);
    for (size_t i = 0; i < out->n_clauses; i++)
        sm_buf_addf(&b, "\n%.*s", SM_ARG(out->clause[i].text));
    return sm_buf_take(r->op, &b, &out->text);
}

static sm_rc read_subjects(sm_report *r, sm_kind kind, sm_subject **out, size_t *n)
{
    sm_doc *doc;
    sm_rc rc = sm_corpus_docs(r->op, r->db, kind, &doc, n);
    if (rc < 0)
        return rc;
    *out = SM_NEWS(r->op->arena, sm_subject, *n + 1);
    for (size_t i = 0; rc == SM_OK && i < *n; i++)
        rc = read_subject(r, &doc[i], &(*out)[i]);
    return rc;
}

sm_rc sm_corpus_check(sm_op *op, sm_db *db, sm_date as_of, sm_str laws_tsv, sm_defect **out,
                      size_t *n)
{
    sm_report r = { .op = op, .db = db, .as_of = as_of };
    sm_rc rc = read_subjects(&r, SM_KIND_POLICY, &r.policy, &r.n_policies);
    if (rc == SM_OK)
        rc = read_subjects(&r, SM_KIND_ITEM, &r.item, &r.n_items);
    for (size_t i = 0; rc == SM_OK && i < r.n_policies; i++) {
        check_validity(&r, &r.policy[i]);
        check_successors(&r, r.policy[i].doc);
        check_policy_elements(&r, r.policy[i].doc);
    }
    if (rc == SM_OK)
        check_item_elements(&r);
    if (rc == SM_OK)
        rc = sm_check_duplicates(&r);
    if (rc == SM_OK)
        rc = sm_check_conflicts(&r);
    if (rc == SM_OK)
        rc = sm_check_references(&r, laws_tsv);
    if (rc == SM_OK)
        rc = check_notes(&r);
    if (rc < 0)
        return rc;
    *out = r.f;
    *n = r.n;
    return SM_OK;
}
