/* A zip, a PDF or any other file as it comes; XML becomes the parts of a sound DOCX, parted by form
 * feeds: main part, styles, numbering, settings. */
#include "fuzz_target.h"

#include "format/layout.h"

#include <zip.h>

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

static void read_layout(const char *name, sm_str bytes)
{
    static const sm_format_limits limits = {
        .file_bytes = 1u << 20,
        .text_bytes = 1u << 20,
        .blocks = 5000,
        .zip_entries = 200,
        .zip_ratio = 200,
        .xml_bytes = 8u << 20,
        .xml_depth = 64,
    };
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = NULL;
    sm_rc rc = sm_layout_read(&op, name, bytes, SM_FORMAT_AUTO, &limits, &l);
    fuzz_must((rc == SM_OK) == (l != NULL) && op.rc == rc);
    fuzz_must(rc == SM_OK || (op.msg.n > 0 && sm_str_has(op.msg, sm_str_of(name))));
    for (size_t i = 0; l && i < l->n_pars; i++)
        check_par(l, &l->par[i]);
    if (l) {
        fuzz_must(l->n_body <= l->n_pars);
        check_back(&op, l);
    }
    sm_op_end(&op);
}

static void read_parts(sm_str data)
{
    zip_error_t err;
    zip_error_init(&err);
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, &err);
    fuzz_must(archive);
    zip_source_keep(archive);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, &err);
    fuzz_must(zip);
    sm_str part;
    for (size_t i = 0; i < SM_LEN(part_names) && sm_str_cut(&data, '\f', &part); i++) {
        zip_source_t *source = zip_source_buffer(zip, part.p, part.n, 0);
        zip_int64_t at = zip_file_add(zip, part_names[i], source, ZIP_FL_ENC_UTF_8);
        fuzz_must(at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
    }
    fuzz_must(zip_close(zip) == 0 && zip_source_open(archive) == 0);
    zip_stat_t st;
    fuzz_must(zip_source_stat(archive, &st) == 0);
    char *bytes = malloc(st.size + 1);
    fuzz_must(bytes && zip_source_read(archive, bytes, st.size) == (zip_int64_t)st.size);
    read_layout("a.docx", (sm_str){ bytes, st.size });
    free(bytes);
    zip_source_close(archive);
    zip_source_free(archive);
    zip_error_fini(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str bytes = { (const char *)data, size };
    if (size && data[0] == '<')
        read_parts(bytes);
    else if (!sm_str_starts(bytes, SM_STR("%PDF-"))) /* another program's */
        read_layout("a", bytes);
    return 0;
}
