#include "sunmao/inner.h"

enum { MAX_ORGANS = 4096 };

/* Issuers stand in one field, parted by 、. */
static size_t add_names(sm_str *name, size_t n, sm_str field)
{
    size_t end;
    do {
        end = sm_str_find(field, SM_STR("、"), 0);
        sm_str one = sm_str_trim(sm_str_sub(field, 0, end == SIZE_MAX ? field.n : end));
        bool known = one.n == 0;
        for (size_t i = 0; i < n && !known; i++)
            known = sm_str_eq(name[i], one);
        if (!known && n < MAX_ORGANS)
            name[n++] = one;
        field = end == SIZE_MAX ? field : sm_str_sub(field, end + 3, field.n);
    } while (end != SIZE_MAX);
    return n;
}

sm_rc sm_sunmao_organs(sm_op *op, sm_sunmao *s, sm_organs **out)
{
    static const sm_kind kinds[] = { SM_KIND_ITEM, SM_KIND_POLICY };
    sm_db *db;
    sm_str *name = SM_NEWS(op->arena, sm_str, MAX_ORGANS);
    size_t n = 0;
    sm_rc rc = sm_sunmao_corpus_db(op, s, &db);
    for (size_t k = 0; rc == SM_OK && k < SM_LEN(kinds); k++) {
        sm_doc *doc;
        size_t n_docs;
        rc = sm_corpus_docs(op, db, kinds[k], &doc, &n_docs);
        for (size_t i = 0; rc == SM_OK && i < n_docs; i++)
            n = add_names(name, n, kinds[k] == SM_KIND_ITEM ? doc[i].parent : doc[i].issuer);
    }
    if (rc == SM_OK)
        *out = sm_organs_of(op->arena, name, n);
    return rc;
}
