/*
 * The report of a review as a document by GB/T 9704: what was reviewed, by whom, and a table of
 * what was found.
 */
#include <string.h>

#include "format/official.h"
#include "review/mend.h"

#define SONG  "方正小标宋简体"
#define FANG  "仿宋_GB2312"
#define HEI   "黑体"
#define PITCH 28.95

enum { TITLE_PT = 22, BODY_PT = 16, CELL_PT = 12, NUMBER_PT = 14 };

typedef struct report {
    sm_op *op;
    sm_layout *l;
    size_t cap;
} report;

static sm_par *add(report *r, sm_par_place place, sm_str text, const char *font, double size)
{
    sm_arena *a = r->op->arena;
    SM_GROW(a, r->l->par, r->l->n_pars, r->cap);
    sm_par *p = &r->l->par[r->l->n_pars++];
    *p = (sm_par){ .place = place, .text = sm_str_dup(a, text), .table = -1, .row = -1, .col = -1 };
    if (!text.n)
        return p;
    p->run = SM_NEWS(a, sm_run, 3);
    p->run[p->n_runs++] = (sm_run){ .text = p->text,
                                    .font = sm_str_of(font),
                                    .latin = SM_STR("Times New Roman"),
                                    .size = size,
                                    .colour = SM_COLOUR_AUTO };
    return p;
}

static void add_line(report *r, sm_str text)
{
    sm_par *p = add(r, SM_PAR_BODY, text, FANG, BODY_PT);
    p->align = SM_ALIGN_BOTH;
    p->first_chars = 2;
    p->first = 2 * BODY_PT;
    p->line = PITCH;
}

static void add_field(report *r, const char *name, sm_str value)
{
    if (value.n)
        add_line(r, sm_strf(r->op->arena, "%s：%.*s", name, SM_ARG(value)));
}

static void add_title(report *r, sm_str text)
{
    sm_par *p = add(r, SM_PAR_BODY, text, SONG, TITLE_PT);
    p->align = SM_ALIGN_CENTER;
    p->line = PITCH;
    p->after = PITCH;
}

/* — n — in the middle: a report has no binding edge. */
static void add_footer(report *r)
{
    sm_par *p = add(r, SM_PAR_FOOTER, SM_STR("— 1 —"), "宋体", NUMBER_PT);
    p->align = SM_ALIGN_CENTER;
    size_t digit = strlen("— ");
    p->run[1] = p->run[2] = p->run[0];
    p->run[0].text = sm_str_sub(p->text, 0, digit);
    p->run[1].text = sm_str_sub(p->text, digit, digit + 1);
    p->run[1].field = SM_STR("PAGE");
    p->run[2].text = sm_str_sub(p->text, digit + 1, p->text.n);
    p->n_runs = 3;
}

/* ------------------------------------------------------------------- table */

static void add_cell(report *r, int row, int col, sm_str text)
{
    sm_par *p = add(r, SM_PAR_CELL, text, row ? FANG : HEI, CELL_PT);
    p->align = row ? SM_ALIGN_LEFT : SM_ALIGN_CENTER;
    p->table = 0;
    p->row = row;
    p->col = col;
}

static const char *severity_text(sm_severity s)
{
    static const char *const words[] = { "错误", "警告", "提示" };
    return words[s];
}

static sm_str place_of(const report *r, const sm_finding *f)
{
    if (f->para < 0)
        return SM_STR("全文");
    if (f->page > 0)
        return sm_strf(r->op->arena, "第%d页第%d段第%zu字", f->page, f->para + 1, f->start + 1);
    return sm_strf(r->op->arena, "第%d段第%zu字", f->para + 1, f->start + 1);
}

static sm_str proposal_of(const sm_finding *f)
{
    if (f->deletes)
        return SM_STR("（删去）");
    return f->suggests ? f->suggest : SM_STR("");
}

static void add_finding(report *r, size_t i, const sm_finding *f, sm_str decision)
{
    sm_str id = f->rule ? f->rule->id : SM_STR("");
    sm_str source = f->rule ? f->rule->source : SM_STR("");
    const char *severity = f->rule ? severity_text(f->rule->severity) : "";
    sm_arena *a = r->op->arena;
    const sm_str cells[] = { sm_strf(a, "%zu", i + 1),
                             sm_strf(a, "%.*s %s%s", SM_ARG(id), severity,
                                     f->by_model ? "（模型提示）" : ""),
                             place_of(r, f),
                             f->text,
                             proposal_of(f),
                             f->why,
                             source,
                             decision };
    for (size_t c = 0; c < SM_LEN(cells); c++)
        add_cell(r, (int)i + 1, (int)c, cells[c]);
}

static void add_table(report *r, const sm_review *v, const sm_str *decision)
{
    static const char *const heads[] = { "序号", "规则", "位置", "原文",
                                         "建议", "理由", "依据", "处理" };
    for (size_t c = 0; c < SM_LEN(heads); c++)
        add_cell(r, 0, (int)c, sm_str_of(heads[c]));
    for (size_t i = 0; i < v->n; i++)
        add_finding(r, i, &v->finding[i], decision ? decision[i] : SM_STR(""));
}

/* ------------------------------------------------------------------ report */

static void add_summary(report *r, const sm_review *v)
{
    size_t n[3] = { 0 };
    for (size_t i = 0; i < v->n; i++)
        if (v->finding[i].rule)
            n[v->finding[i].rule->severity]++;
    if (v->classified)
        add_line(r, SM_STR("文件带有密级标志，审核已停止，文件没有保存。"));
    else if (!v->n)
        add_line(r, SM_STR("按现行规则没有发现问题。"));
    else
        add_line(r, sm_strf(r->op->arena, "共发现%zu处：错误%zu处，警告%zu处，提示%zu处。", v->n,
                            n[SM_ERROR], n[SM_WARNING], n[SM_HINT]));
}

static sm_layout *begin(report *r, const sm_report_options *o)
{
    sm_arena *a = r->op->arena;
    sm_layout *l = r->l = SM_NEW(a, sm_layout);
    l->n_sections = 1;
    l->section = SM_NEW(a, sm_section);
    /* On its side: the table has eight columns. */
    *l->section = (sm_section){ .wide = 297,
                                .high = 210,
                                .landscape = true,
                                .top = 28,
                                .bottom = 26,
                                .left = 25,
                                .right = 25,
                                .header = 15,
                                .footer = 17 };
    l->n_props = 2;
    l->prop = SM_NEWS(a, sm_meta, 2);
    l->prop[0] = (sm_meta){ SM_STR("title"), sm_strf(a, "%.*s审核报告", SM_ARG(o->document)) };
    l->prop[1] = (sm_meta){ SM_STR("creator"), SM_STR("榫卯") };
    return l;
}

sm_rc sm_review_report(sm_op *op, const sm_review *v, const sm_report_options *o, sm_buf *out)
{
    report r = { .op = op };
    sm_layout *l = begin(&r, o);
    add_title(&r, SM_STR("公文审核报告"));
    add_field(&r, "文件", o->document);
    add_field(&r, "文种", v->kind);
    add_field(&r, "文件摘要", o->digest);
    add_field(&r, "审核日期", o->date);
    add_field(&r, "审核人", o->reviewer.n ? o->reviewer : SM_STR("（尚未签名）"));
    add_summary(&r, v);
    if (v->n)
        add_table(&r, v, o->decision);
    l->n_body = l->n_pars;
    add_footer(&r);
    return sm_docx_write(op, l, out);
}
