/*
 * Proposals become tracked changes.  A finding is first cut down to what really differs, then to
 * one piece for each <w:t> that it touches; runs are split at the pieces' edges, each part keeping
 * the run's properties.  The deleted bytes themselves stay where they are.
 */
#include "review/mend.h"

#include <stdlib.h>
#include <string.h>

#include "review/change.h"
#include "text/text.h"

/* What is to change in one <w:t>: bytes of the part. */
typedef struct cut {
    size_t t; /* index of the element */
    size_t from, to;
    sm_str put;
    size_t order; /* of its finding */
} cut;

typedef struct mend {
    sm_change c;
    const sm_layout *l;
    const sm_finding *f;
    cut *cut;
    size_t n_cuts, cap_cuts;
    const sm_par *par; /* of the last edit, and the first run that it or a later one can touch */
    size_t run;
} mend;

/* -------------------------------------------------------------- findings */

/* A proposal as bytes of a paragraph's text. */
typedef struct edit {
    const sm_par *par;
    size_t from, to;
    sm_str put;
} edit;

static sm_rc fail_place(mend *m, const sm_finding *f)
{
    return sm_fail(m->c.op, SM_E_CONFLICT,
                   "第 %d 段第 %zu 字起不是“%.*s”：文件在审核之后改过，请重新审核", f->para + 1,
                   f->start + 1, SM_ARG(f->text));
}

static sm_rc place(mend *m, const sm_finding *f, edit *e)
{
    if (f->para < 0 || (size_t)f->para >= m->l->n_body || f->end < f->start)
        return fail_place(m, f);
    e->par = &m->l->par[f->para];
    e->from = sm_utf8_head(e->par->text, f->start).n;
    e->to = sm_utf8_head(e->par->text, f->end).n;
    e->put = f->suggests && !f->deletes ? f->suggest : SM_STR("");
    bool same = sm_str_eq(sm_str_sub(e->par->text, e->from, e->to), f->text);
    return same ? SM_OK : fail_place(m, f);
}

/* What both begin or end with stays. */
static void cut_down(edit *e)
{
    sm_str text = e->par->text;
    while (e->put.n && e->from < e->to) {
        sm_str old = sm_str_sub(text, e->from, e->to), put = e->put;
        if (sm_utf8_next(&old) != sm_utf8_next(&put))
            break;
        e->from = e->to - old.n;
        e->put = put;
    }
    for (;;) {
        size_t n = 1;
        while (n < 4 && n < e->put.n && ((unsigned char)e->put.p[e->put.n - n] & 0xc0) == 0x80)
            n++;
        if (!e->put.n || e->to - e->from < n ||
            !sm_str_ends(sm_str_sub(text, e->from, e->to),
                         sm_str_sub(e->put, e->put.n - n, SIZE_MAX)))
            break;
        e->put.n -= n;
        e->to -= n;
    }
}

static const char *why_not_put(sm_str put)
{
    for (sm_str s = put; s.n;)
        if (sm_utf8_next(&s) < 0x20)
            return "建议里有换行或制表符，请手工修改";
    return NULL;
}

/* ------------------------------------------------------------------ places */

static size_t run_at(const sm_par *p, const sm_run *r)
{
    return (size_t)(r->text.p - p->text.p);
}

/* Elements that may stand between a paragraph and a run whose text may change. */
static const char *const around[] = { "hyperlink", "ins",       "sdt", "sdtContent",
                                      "smartTag",  "customXml", "dir", "bdo" };

static const char *why_not_there(const mend *m, size_t t)
{
    const sm_element *el = m->c.el;
    size_t i = el[t].parent;
    if (i == SIZE_MAX || !sm_element_is(&el[i], "r"))
        return "不在普通文字里，请手工修改";
    for (i = el[i].parent; i != SIZE_MAX && !sm_element_is(&el[i], "p"); i = el[i].parent) {
        size_t k = 0;
        while (k < SM_LEN(around) && !sm_element_is(&el[i], around[k]))
            k++;
        if (k == SM_LEN(around))
            return "在域、注音或他人尚未处理的移动里，请手工修改";
    }
    return NULL;
}

/* Why this run may not be changed; NULL: it may. */
static const char *why_not_run(const mend *m, const sm_run *r)
{
    if (r->field.n)
        return "在自动计算的域里，请手工修改";
    if (!r->n_at)
        return "有自动编号或制表符，请手工修改";
    if (r->part != 0)
        return "不在正文部件里，请手工修改";
    if (sm_str_has(sm_str_sub(m->c.xml, r->at, r->at + r->n_at), SM_STR("<")))
        return "文字的写法少见，请手工修改"; /* CDATA or a comment */
    size_t t = sm_change_text(&m->c, r);
    return t == SIZE_MAX ? NULL : why_not_there(m, t);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* From the run's text to the bytes that stand for it.  False: something else stands there. */
static bool raw_of(const mend *m, const sm_run *r, size_t from, size_t to, cut *out)
{
    sm_str raw = sm_str_sub(m->c.xml, r->at, r->at + r->n_at), text = r->text;
    out->from = out->to = r->at + r->n_at;
    for (;;) {
        size_t done = r->text.n - text.n, at = r->at + r->n_at - raw.n;
        if (done == from)
            out->from = at;
        if (done == to)
            out->to = at;
        uint32_t is, said;
        if (!text.n || !sm_xml_take(&raw, &is))
            break;
        said = sm_utf8_next(&text);
        if (is != said && !(is_blank(is) && is_blank(said)))
            return false;
    }
    return !text.n && !raw.n;
}

static sm_rc add_cut(mend *m, const sm_run *r, size_t from, size_t to, sm_str put)
{
    cut k = { .t = sm_change_text(&m->c, r), .put = put, .order = m->n_cuts };
    if (k.t == SIZE_MAX || !raw_of(m, r, from, to, &k))
        return sm_fail(m->c.op, SM_E_CONFLICT,
                       "文件里的文字与审核时读到的不同（“%.*s”），请重新审核", SM_ARG(r->text));
    SM_GROW(m->c.op->arena, m->cut, m->n_cuts, m->cap_cuts);
    m->cut[m->n_cuts++] = k;
    return SM_OK;
}

/* Edits come in order: the runs before the last one's are not looked at again. */
static size_t first_run(mend *m, const edit *e)
{
    if (m->par != e->par)
        m->run = 0;
    m->par = e->par;
    while (m->run < e->par->n_runs) {
        const sm_run *r = &e->par->run[m->run];
        if (r->text.n && run_at(e->par, r) + r->text.n >= e->from)
            break;
        m->run++;
    }
    return m->run;
}

/* Where nothing is taken away the new text goes to the run before it, that has its look; else to
 * the one behind it. */
static const sm_run *run_to_extend(mend *m, const edit *e)
{
    const sm_run *behind = NULL;
    for (size_t i = first_run(m, e); i < e->par->n_runs; i++) {
        const sm_run *r = &e->par->run[i];
        size_t at = run_at(e->par, r), end = at + r->text.n;
        if (r->text.n && at > e->from)
            break;
        if (!r->text.n || why_not_run(m, r))
            continue;
        if (at < e->from && e->from <= end)
            return r;
        if (at == e->from)
            behind = r;
    }
    return behind;
}

/* What of the run the edit takes away: bytes of the paragraph. */
static bool touched(const edit *e, const sm_run *r, size_t *from, size_t *to)
{
    if (!r->text.n)
        return false;
    size_t at = run_at(e->par, r);
    *from = SM_MAX(at, e->from);
    *to = SM_MIN(at + r->text.n, e->to);
    return *from < *to;
}

static const char *why_not_edit(mend *m, const edit *e)
{
    if (e->from == e->to)
        return run_to_extend(m, e) ? NULL : "这里没有可以修改的文字，请手工修改";
    size_t covered = 0;
    for (size_t i = first_run(m, e); i < e->par->n_runs && covered < e->to - e->from; i++) {
        size_t from, to;
        const sm_run *r = &e->par->run[i];
        if (!touched(e, r, &from, &to))
            continue;
        const char *why = why_not_run(m, r);
        if (why)
            return why;
        covered += to - from;
    }
    return covered == e->to - e->from ? NULL : "有自动编号或制表符，请手工修改";
}

/* One cut for each run; the new text stands behind the first piece, with that one's look. */
static sm_rc cut_runs(mend *m, const edit *e)
{
    if (e->from == e->to) {
        const sm_run *r = run_to_extend(m, e);
        size_t at = e->from - run_at(e->par, r);
        return add_cut(m, r, at, at, e->put);
    }
    sm_str put = e->put;
    sm_rc rc = SM_OK;
    size_t done = e->from;
    for (size_t i = first_run(m, e); rc == SM_OK && i < e->par->n_runs && done < e->to; i++) {
        size_t from, to;
        const sm_run *r = &e->par->run[i];
        if (!touched(e, r, &from, &to))
            continue;
        size_t at = run_at(e->par, r);
        rc = add_cut(m, r, from - at, to - at, put);
        put = SM_STR("");
        done = to;
    }
    return rc;
}

static sm_rc add_finding(mend *m, size_t i)
{
    edit e;
    sm_rc rc = place(m, &m->f[i], &e);
    if (rc < 0)
        return rc;
    cut_down(&e);
    const char *why = why_not_put(e.put);
    if (!why && e.from == e.to && !e.put.n)
        why = "建议与原文相同";
    if (!why)
        why = why_not_edit(m, &e);
    if (why) {
        sm_change_leave(&m->c, i, why);
        return SM_OK;
    }
    m->c.done->n_fixed++;
    return cut_runs(m, &e);
}

/* ------------------------------------------------------------------ splices */

/* The properties of a run: its first child or nothing. */
static size_t look_of(const mend *m, size_t r)
{
    bool has = m->c.el[r].n_within && sm_element_is(&m->c.el[r + 1], "rPr");
    return has ? r + 1 : SIZE_MAX;
}

/* The places of one <w:t> and its run. */
typedef struct piece {
    size_t t, r;
    bool first, last; /* nothing but properties before it in the run; nothing behind it */
    bool kept;        /* its blanks are */
} piece;

static piece piece_of(const mend *m, size_t t)
{
    const sm_element *el = m->c.el;
    piece p = { .t = t, .r = el[t].parent };
    size_t look = look_of(m, p.r);
    p.first = t == (look == SIZE_MAX ? p.r + 1 : look + 1 + el[look].n_within);
    p.last = t + 1 + el[t].n_within == p.r + 1 + el[p.r].n_within;
    p.kept = sm_str_eq(sm_element_attr(m->c.xml, &el[t], "space"), SM_STR("preserve"));
    return p;
}

/* <w:r> with the properties of the piece's run. */
static void open_run(mend *m, sm_buf *b, const piece *p)
{
    sm_change *c = &m->c;
    const sm_element *r = &c->el[p->r];
    sm_buf_add(b, sm_str_sub(c->xml, r->at, r->inside));
    size_t look = look_of(m, p->r);
    if (look != SIZE_MAX)
        sm_buf_add(b, sm_change_copy(c, look, c->el[look].end));
}

static void close_run(const mend *m, sm_buf *b)
{
    sm_buf_addf(b, "</%.*sr>", SM_ARG(m->c.prefix));
}

static void open_text(const mend *m, sm_buf *b, const char *name, bool kept)
{
    sm_buf_addf(b, "<%.*s%s%s>", SM_ARG(m->c.prefix), name, kept ? " xml:space=\"preserve\"" : "");
}

static void close_text(const mend *m, sm_buf *b, const char *name)
{
    sm_buf_addf(b, "</%.*s%s>", SM_ARG(m->c.prefix), name);
}

static void put_insertion(mend *m, sm_buf *b, const piece *p, sm_str text)
{
    sm_change *c = &m->c;
    size_t outer = c->el[p->r].parent;
    bool inside = sm_element_is(&c->el[outer], "ins"); /* somebody else's: ours stands beside it */
    if (inside)
        close_text(m, b, "ins");
    sm_buf_add(b, sm_change_mark(c, "ins"));
    open_run(m, b, p);
    open_text(m, b, "t", true);
    sm_xml_put(b, text);
    close_text(m, b, "t");
    close_run(m, b);
    close_text(m, b, "ins");
    if (inside)
        sm_buf_add(b, sm_change_copy(c, outer, c->el[outer].inside));
}

static void take_splice(mend *m, size_t from, size_t to, sm_buf *b)
{
    sm_str put = { 0 };
    sm_buf_take(m->c.op, b, &put);
    sm_change_splice(&m->c, from, to, put);
}

static bool blank_at(const mend *m, size_t at)
{
    return is_blank((unsigned char)m->c.xml.p[at]);
}

/* Ends what is open before the cut; `before` is the one before it in the same element, or NULL. */
static void begin_cut(mend *m, const piece *p, const cut *k, const cut *before)
{
    const sm_element *t = &m->c.el[p->t];
    size_t from = k->from;
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    if (k->from > (before ? before->to : t->inside)) {
        if (!before && !p->kept && blank_at(m, k->from - 1)) {
            open_text(m, &b, "t", true);
            take_splice(m, t->at, t->inside, &b);
            sm_buf_init(&b, SIZE_MAX / 2);
        }
        close_text(m, &b, "t");
        close_run(m, &b);
    } else if (!before) {
        from = p->first ? m->c.el[p->r].at : t->at;
        if (!p->first)
            close_run(m, &b);
    }
    if (k->from < k->to) {
        sm_buf_add(&b, sm_change_mark(&m->c, "del"));
        open_run(m, &b, p);
        open_text(m, &b, "delText", true);
    }
    take_splice(m, from, k->from, &b);
}

/* Opens again what follows the cut; `next` is the one behind it in the same element, or NULL. */
static void end_cut(mend *m, const piece *p, const cut *k, const cut *next)
{
    const sm_element *t = &m->c.el[p->t];
    size_t to = k->to;
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    if (k->from < k->to) {
        close_text(m, &b, "delText");
        close_run(m, &b);
        close_text(m, &b, "del");
    }
    if (k->put.n)
        put_insertion(m, &b, p, k->put);
    if ((next ? next->from : t->inside_end) > k->to) {
        open_run(m, &b, p);
        open_text(m, &b, "t", p->kept || blank_at(m, k->to));
    } else if (!next) {
        to = p->last ? m->c.el[p->r].end : t->end;
        if (!p->last)
            open_run(m, &b, p);
    }
    take_splice(m, k->to, to, &b);
}

static int cut_order(const void *a, const void *b)
{
    const cut *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void splice_cuts(mend *m)
{
    if (m->n_cuts)
        qsort(m->cut, m->n_cuts, sizeof(*m->cut), cut_order);
    for (size_t i = 0; i < m->n_cuts; i++) {
        const cut *k = &m->cut[i];
        bool before = i > 0 && k[-1].t == k->t, next = i + 1 < m->n_cuts && k[1].t == k->t;
        piece p = piece_of(m, k->t);
        begin_cut(m, &p, k, before ? k - 1 : NULL);
        end_cut(m, &p, k, next ? k + 1 : NULL);
    }
}

/* -------------------------------------------------------------------- order */

typedef struct ordered {
    const sm_finding *f;
    size_t i;
} ordered;

static int finding_order(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    if (x->f->para != y->f->para)
        return x->f->para < y->f->para ? -1 : 1;
    if (x->f->start != y->f->start)
        return x->f->start < y->f->start ? -1 : 1;
    return x->i < y->i ? -1 : x->i > y->i;
}

/* Those with a proposal for a place in the text, by their places. */
static size_t in_order(mend *m, size_t n, ordered **out)
{
    ordered *v = SM_NEWS(m->c.op->arena, ordered, n);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!m->f[i].suggests && !m->f[i].deletes)
            continue;
        if (m->f[i].para < 0)
            sm_change_leave(&m->c, i, "关于整页，不在文字里");
        else
            v[kept++] = (ordered){ &m->f[i], i };
    }
    if (kept)
        qsort(v, kept, sizeof(*v), finding_order);
    *out = v;
    return kept;
}

static sm_rc add_findings(mend *m, size_t n)
{
    ordered *v;
    size_t n_ordered = in_order(m, n, &v);
    const sm_finding *last = NULL;
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n_ordered; i++) {
        const sm_finding *f = v[i].f;
        if (last && last->para == f->para &&
            (f->start < last->end || (f->start == last->start && f->end == last->end))) {
            sm_change_leave(&m->c, v[i].i, "与前一处修改相重，接受或拒绝之后请再审一次");
            continue;
        }
        size_t fixed = m->c.done->n_fixed;
        rc = sm_op_check(m->c.op);
        if (rc == SM_OK)
            rc = add_finding(m, v[i].i);
        if (m->c.done->n_fixed > fixed)
            last = f;
    }
    return rc;
}

sm_rc sm_mend_fix(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                  const sm_mend_options *o, sm_buf *out, sm_mended *done)
{
    if (l->format != SM_FORMAT_DOCX || !l->n_parts)
        return sm_fail(op, SM_E_INVALID, "只有 DOCX 能写入修订；请先另存为 .docx 再审核");
    mend m = { .l = l, .f = f };
    sm_mended told;
    sm_rc rc = sm_change_begin(op, docx, sm_cstr(op->arena, l->part[0]), o, &told, &m.c);
    if (rc == SM_OK)
        rc = add_findings(&m, n);
    if (rc < 0)
        return rc;
    splice_cuts(&m);
    rc = sm_change_end(&m.c, docx, out);
    if (rc == SM_OK)
        *done = told;
    return rc;
}
