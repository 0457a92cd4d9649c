/*
 * For office.py: one DOCX mended, set, labelled and reported on, with what its text should be.
 *
 *   office_files IN.docx DIR       mended.docx typeset.docx labelled.docx report.docx
 *                                  original.txt accepted.txt in DIR
 *   office_files IN.docx           the text of its paragraphs, as read, on the output
 */
#include "format/label.h"
#include "review/mend.h"

#include <stdlib.h>
#include <string.h>

#include "format/parts.h"
#include "text/text.h"

enum { MAX_BYTES = 64 << 20, MAX_FOUND = 20000 };

typedef struct work {
    sm_op op;
    const char *dir;
    sm_str docx;
    sm_layout *l;
    sm_finding *f;
    size_t n;
} work;

static void need(work *w, sm_rc rc, const char *what)
{
    if (rc == SM_OK)
        return;
    fprintf(stderr, "%s: %s: %.*s\n", what, sm_rc_name(rc), SM_ARG(w->op.msg));
    exit(1);
}

static void save(work *w, const char *name, sm_buf *b)
{
    sm_str s = { 0 };
    need(w, sm_buf_take(&w->op, b, &s), name);
    need(w, sm_file_write(&w->op, sm_path(w->op.arena, w->dir, name), s), name);
}

/* In every paragraph: its third character becomes two, its last one goes, something comes after
 * the fifth. */
static void propose(work *w)
{
    static const sm_rule rule = { .id = { "X-1", 3 }, .source = { "测试", 6 } };
    static const struct {
        size_t from, to;
        const char *put;
    } edits[] = { { 2, 3, "〇甲" }, { 4, 5, NULL }, { SIZE_MAX, 0, "" } };
    w->f = SM_NEWS(w->op.arena, sm_finding, MAX_FOUND);
    for (size_t i = 0; i < w->l->n_body && w->n + 3 < MAX_FOUND; i++) {
        sm_str text = w->l->par[i].text;
        size_t chars = sm_utf8_count(text);
        for (size_t k = 0; chars >= 8 && k < SM_LEN(edits); k++) {
            size_t from = edits[k].from == SIZE_MAX ? chars - 1 : edits[k].from;
            size_t to = edits[k].from == SIZE_MAX ? chars : edits[k].to;
            size_t a = sm_utf8_head(text, from).n, b = sm_utf8_head(text, to).n;
            sm_finding *f = &w->f[w->n++];
            *f = (sm_finding){ .rule = &rule,
                               .para = (int)i,
                               .start = from,
                               .end = to,
                               .text = sm_str_sub(text, a, b),
                               .suggests = true,
                               .why = SM_STR("试验") };
            f->suggest = edits[k].put ? sm_str_of(edits[k].put)
                                      : sm_strf(w->op.arena, "%.*s&", SM_ARG(f->text));
            f->deletes = !f->suggest.n;
        }
    }
}

static bool is_left(const sm_mended *done, size_t finding)
{
    for (size_t i = 0; i < done->n_left; i++)
        if (done->left[i].finding == finding)
            return true;
    return false;
}

static void save_text(work *w, const char *name, const sm_mended *done)
{
    sm_buf b;
    sm_buf_init(&b, MAX_BYTES);
    size_t k = 0;
    for (size_t i = 0; i < w->l->n_body; i++) {
        sm_str text = w->l->par[i].text;
        size_t at = 0;
        for (; done && k < w->n && w->f[k].para == (int)i; k++) {
            if (is_left(done, k))
                continue;
            size_t from = sm_utf8_head(text, w->f[k].start).n;
            sm_buf_add(&b, sm_str_sub(text, at, from));
            sm_buf_add(&b, w->f[k].suggest);
            at = from + w->f[k].text.n;
        }
        sm_buf_add(&b, sm_str_sub(text, at, text.n));
        sm_buf_addc(&b, '\n');
    }
    save(w, name, &b);
}

static void mend(work *w)
{
    sm_mend_options o = { .date = SM_STR("2026-11-23T09:30:00Z") };
    sm_mended done;
    sm_buf b;
    propose(w);
    sm_buf_init(&b, MAX_BYTES);
    need(w, sm_mend_fix(&w->op, w->docx, w->l, w->f, w->n, &o, &b, &done), "mended");
    save(w, "mended.docx", &b);
    save_text(w, "original.txt", NULL);
    save_text(w, "accepted.txt", &done);
    printf("%zu findings, %zu fixed, %zu left\n", w->n, done.n_fixed, done.n_left);
}

static void typeset(work *w)
{
    static const char *const ids[] = { "FM-01", "FM-02", "FM-03", "FM-05", "FM-06", "FM-07" };
    sm_rule rule[SM_LEN(ids)];
    sm_finding f[SM_LEN(ids)];
    for (size_t i = 0; i < SM_LEN(ids); i++) {
        rule[i] = (sm_rule){ .id = sm_str_of(ids[i]) };
        f[i] = (sm_finding){ .rule = &rule[i], .para = -1 };
    }
    sm_mended done;
    sm_buf b;
    sm_buf_init(&b, MAX_BYTES);
    need(w, sm_mend_typeset(&w->op, w->docx, w->l, f, SM_LEN(ids), NULL, &b, &done), "typeset");
    save(w, "typeset.docx", &b);
}

static void label(work *w)
{
    sm_label_text t = { .label = SM_STR("2"),
                             .producer = SM_STR("试验"),
                             .produce_id = SM_STR("1") };
    sm_buf b;
    sm_buf_init(&b, MAX_BYTES);
    need(w, sm_docx_label(&w->op, w->docx, &t, &b), "labelled");
    save(w, "labelled.docx", &b);
}

static void report(work *w)
{
    sm_review v = { .finding = w->f, .n = w->n };
    sm_report_options o = { .document = SM_STR("试验.docx"), .digest = SM_STR("SM3 00") };
    sm_buf b;
    sm_buf_init(&b, MAX_BYTES);
    need(w, sm_review_report(&w->op, &v, &o, &b), "report");
    save(w, "report.docx", &b);
}

int main(int argc, char **argv)
{
    work w = { 0 };
    if (argc < 2)
        return 2;
    sm_op_begin(&w.op);
    need(&w, sm_file_read(&w.op, argv[1], MAX_BYTES, &w.docx), argv[1]);
    need(&w, sm_layout_read(&w.op, argv[1], w.docx, SM_FORMAT_DOCX, NULL, &w.l), argv[1]);
    if (argc == 2) {
        for (size_t i = 0; i < w.l->n_body; i++)
            printf("%.*s\n", SM_ARG(w.l->par[i].text));
    } else {
        w.dir = argv[2];
        mend(&w);
        typeset(&w);
        label(&w);
        report(&w);
    }
    sm_op_end(&w.op);
    return 0;
}
