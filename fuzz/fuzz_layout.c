/* A zip, a PDF or any other file as it comes; XML becomes the parts of a sound DOCX, parted by form
 * feeds: main part, styles, numbering, settings. */
#include "fuzz_layout.h"

static const char *const part_names[] = { "word/document.xml", "word/styles.xml",
                                          "word/numbering.xml", "word/settings.xml" };

static void check_par(const sm_layout *l, const sm_par *p)
{
    size_t at = 0;
    fuzz_must(sm_utf8_valid(p->text, NULL) && sm_utf8_valid(p->style, NULL));
    fuzz_must(p->text.n == 0 ||
              (!memchr(p->text.p, '\n', p->text.n) && !memchr(p->text.p, '\r', p->text.n)));
    fuzz_must((size_t)p->section < l->n_sections && p->part < l->n_parts);
    fuzz_must(p->outline >= 0 && p->outline <= 9);
    for (size_t i = 0; i < p->n_runs; i++) {
        const sm_run *r = &p->run[i];
        fuzz_must(r->text.n <= p->text.n - at && r->part < l->n_parts);
        fuzz_must(r->text.n == 0 || r->text.p == p->text.p + at);
        fuzz_must(sm_utf8_valid(r->text, NULL));
        at += r->text.n;
    }
}

static void check_back(sm_op *op, const sm_layout *l)
{
    json_t *j = sm_layout_json(l), *read, *again;
    sm_layout *back = NULL;
    sm_json_own(op->arena, j);
    sm_str text = sm_json_dump(op->arena, j);
    fuzz_must(sm_json_parse(op, text, "layout", &read) == SM_OK);
    fuzz_must(sm_layout_parse(op, read, &back) == SM_OK);
    again = sm_layout_json(back);
    sm_json_own(op->arena, again);
    fuzz_must(sm_str_eq(text, sm_json_dump(op->arena, again)));
}

static void check(sm_op *op, const sm_layout *l)
{
    for (size_t i = 0; i < l->n_pars; i++)
        check_par(l, &l->par[i]);
    check_back(op, l);
}

static void read_parts(sm_str data)
{
    struct fuzz_part part[SM_LEN(part_names)];
    size_t n = 0;
    for (; n < SM_LEN(part_names) && sm_str_cut(&data, '\f', &part[n].text); n++)
        part[n].name = part_names[n];
    fuzz_layout_package("a.docx", part, n, check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str bytes = { (const char *)data, size };
    if (size && data[0] == '<')
        read_parts(bytes);
    else if (!sm_str_starts(bytes, SM_STR("%PDF-"))) /* another program's */
        fuzz_layout("a", data, size, check);
    return 0;
}
