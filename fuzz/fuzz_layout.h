/*
 * fuzz/fuzz_layout.h - the promises of a laid-out document that the targets of its readers hold it
 * to, and packages made of parts.
 */
#ifndef SM_FUZZ_FUZZ_LAYOUT_H
#define SM_FUZZ_FUZZ_LAYOUT_H

#include "format/layout.h"
#include "fuzz_target.h"

#include <zip.h>

static inline void fuzz_check_par(const sm_layout *l, const sm_par *p, bool body)
{
    fuzz_must(sm_utf8_valid(p->text, NULL));
    fuzz_must(p->text.n == 0 || !memchr(p->text.p, '\n', p->text.n));
    fuzz_must((size_t)p->section < l->n_sections && p->part < l->n_parts);
    fuzz_must((p->place == SM_PAR_CELL) == (p->table >= 0 && p->row >= 0 && p->col >= 0));
    fuzz_must(p->page >= 0 && p->page <= l->n_pages);
    fuzz_must(!body || p->place == SM_PAR_BODY || p->place == SM_PAR_CELL ||
              p->place == SM_PAR_BOX);
    size_t at = 0; /* runs follow one another and leave nothing out */
    for (size_t i = 0; i < p->n_runs; i++) {
        const sm_run *r = &p->run[i];
        fuzz_must(r->text.n > 0 && r->text.p == p->text.p + at && r->part < l->n_parts);
        at += r->text.n;
    }
    fuzz_must(at == p->text.n);
}

typedef void fuzz_layout_check(sm_op *op, const sm_layout *l);

static inline void fuzz_check_layout(sm_op *op, const sm_layout *l)
{
    (void)op;
    fuzz_must(l->n_sections > 0 && l->n_parts > 0);
    for (size_t i = 0; i < l->n_pars; i++)
        fuzz_check_par(l, &l->par[i], i < l->n_body);
}

static inline void fuzz_layout(const char *name, const uint8_t *data, size_t size,
                               fuzz_layout_check *check)
{
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = NULL;
    sm_str bytes = { (const char *)data, size };
    sm_rc rc = sm_layout_read(&op, name, bytes, SM_FORMAT_AUTO, &fuzz_limits, &l);
    fuzz_must((rc == SM_OK) == (l != NULL) && op.rc == rc);
    fuzz_must(rc == SM_OK || (op.msg.n > 0 && sm_str_has(op.msg, sm_str_of(name))));
    fuzz_must(!l || l->n_body <= l->n_pars);
    if (l)
        check(&op, l);
    sm_op_end(&op);
}

struct fuzz_part {
    const char *name;
    sm_str text;
};

static inline void fuzz_layout_package(const char *name, const struct fuzz_part *part, size_t n,
                                       fuzz_layout_check *check)
{
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    fuzz_must(archive);
    zip_source_keep(archive);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    fuzz_must(zip);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *s = zip_source_buffer(zip, part[i].text.p, part[i].text.n, 0);
        zip_int64_t at = zip_file_add(zip, part[i].name, s, ZIP_FL_ENC_UTF_8);
        fuzz_must(at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
    }
    fuzz_must(zip_close(zip) == 0 && zip_source_open(archive) == 0);
    zip_stat_t st;
    fuzz_must(zip_source_stat(archive, &st) == 0);
    uint8_t *bytes = malloc(st.size + 1);
    fuzz_must(bytes && zip_source_read(archive, bytes, st.size) == (zip_int64_t)st.size);
    fuzz_layout(name, bytes, st.size, check);
    free(bytes);
    zip_source_close(archive);
    zip_source_free(archive);
}

#endif
