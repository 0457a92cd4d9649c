/*
 * fuzz/fuzz_target.h - what every target defines, and the promises of a
 * document that the targets of format hold it to.
 */
#ifndef SM_FUZZ_FUZZ_TARGET_H
#define SM_FUZZ_FUZZ_TARGET_H

#include "format/format.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_must(bool promise)
{
    if (!promise)
        abort();
}

/* One line, trimmed, UTF-8. */
static inline void fuzz_check_line(sm_str s)
{
    fuzz_must(sm_utf8_valid(s, NULL));
    fuzz_must(sm_str_trim(s).n == s.n);
    fuzz_must(s.n == 0 || (!memchr(s.p, '\n', s.n) && !memchr(s.p, '\r', s.n)));
}

/* Small, so that a run is quick. */
static const sm_format_limits fuzz_limits = {
    .file_bytes = 1u << 20,
    .text_bytes = 1u << 20,
    .blocks = 5000,
    .zip_entries = 200,
    .zip_ratio = 200,
    .xml_bytes = 8u << 20,
    .xml_depth = 64,
};

static inline void fuzz_read(const char *name, sm_format format, const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    sm_document *doc = NULL;
    sm_str bytes = { (const char *)data, size };
    sm_rc rc = sm_format_read(&op, name, bytes, format, &fuzz_limits, &doc);
    fuzz_must((rc == SM_OK) == (doc != NULL) && op.rc == rc);
    if (rc < 0)
        fuzz_must(op.msg.n > 0 && (rc == SM_E_TIMEOUT || sm_str_has(op.msg, sm_str_of(name))));
    for (size_t i = 0; doc && i < doc->n_blocks; i++) {
        const sm_block *b = &doc->block[i];
        fuzz_check_line(b->text);
        fuzz_must(b->text.n > 0 && b->pos <= size * 3);
        fuzz_must(b->kind == SM_BLOCK_HEADING ? b->level >= 1 && b->level <= 6 : b->level == 0);
    }
    for (size_t i = 0; doc && i < doc->n_meta; i++) {
        fuzz_must(doc->meta[i].name.n > 0);
        fuzz_check_line(doc->meta[i].name);
        fuzz_check_line(doc->meta[i].value);
    }
    sm_op_end(&op);
}

#endif
