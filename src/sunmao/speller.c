/*
 * The speller learned from an organisation's own texts: laws, policies and items of the corpus,
 * past documents from files.
 */
#include <string.h>

#include "format/layout.h"
#include "review/speller.h"
#include "sunmao/inner.h"

enum {
    OWN_WEIGHT = 3, /* a place's own words against those of the whole country's laws */
    LEAST_CHARS = 1000000,
    MAX_FILE_BYTES = 256 << 20
};

/* --------------------------------------------------------------- the corpus */

typedef struct learning {
    sm_spell_counts *counts;
    int weight;
} learning;

static sm_rc learn_passage(sm_op *op, void *ctx, const sm_passage *p)
{
    learning *l = ctx;
    sm_rc rc = sm_spell_counts_add(op, l->counts, p->title, 1);
    return rc < 0 ? rc : sm_spell_counts_add(op, l->counts, p->body, l->weight);
}

static sm_rc learn_corpus(sm_op *op, sm_db *db, sm_spell_counts *c)
{
    static const struct {
        sm_kind kind;
        int weight;
    } all[] = { { SM_KIND_LAW, 1 }, { SM_KIND_POLICY, OWN_WEIGHT }, { SM_KIND_ITEM, 1 } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(all); i++) {
        learning l = { c, all[i].weight };
        rc = sm_corpus_passages(op, db, all[i].kind, 0, learn_passage, &l);
    }
    return rc;
}

/* -------------------------------------------------------------------- files */

/* "text" of each line. */
static sm_rc learn_lines(sm_op *op, const char *path, sm_str bytes, sm_spell_counts *c)
{
    sm_str line;
    sm_rc rc = SM_OK;
    for (size_t no = 1; rc == SM_OK && sm_str_cut(&bytes, '\n', &line); no++) {
        sm_op each;
        json_t *j;
        if (!sm_str_trim(line).n)
            continue;
        sm_op_begin(&each);
        each.cancel = op->cancel;
        each.deadline_us = op->deadline_us;
        rc = sm_json_parse(&each, line, sm_strf(each.arena, "%s 第 %zu 行", path, no).p, &j);
        if (rc == SM_OK)
            rc = sm_spell_counts_add(&each, c, sm_json_str(j, "text"), 1);
        if (rc < 0)
            sm_fail(op, rc, "%.*s", SM_ARG(each.msg));
        sm_op_end(&each);
    }
    return rc;
}

static sm_rc learn_document(sm_op *op, const char *path, sm_str bytes, sm_spell_counts *c)
{
    sm_layout *l;
    sm_rc rc = sm_layout_read(op, path, bytes, SM_FORMAT_AUTO, NULL, &l);
    for (size_t i = 0; rc == SM_OK && i < l->n_body; i++)
        rc = sm_spell_counts_add(op, c, l->par[i].text, OWN_WEIGHT);
    return rc;
}

/* Under an operation of its own: what was read of a file goes with it. */
static sm_rc learn_file(sm_op *op, const char *path, sm_spell_counts *c)
{
    sm_op own;
    sm_str bytes;
    sm_op_begin(&own);
    own.cancel = op->cancel;
    own.deadline_us = op->deadline_us;
    sm_rc rc = sm_file_read(&own, path, MAX_FILE_BYTES, &bytes);
    if (rc == SM_OK && sm_str_ends(sm_str_of(path), SM_STR(".jsonl")))
        rc = learn_lines(&own, path, bytes, c);
    else if (rc == SM_OK)
        rc = learn_document(&own, path, bytes, c);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(own.msg));
    sm_op_end(&own);
    return rc;
}

/* ----------------------------------------------------------------- training */

static sm_rc learn(sm_op *op, sm_db *db, const char *const *paths, size_t n, sm_spell_counts *c)
{
    sm_rc rc = learn_corpus(op, db, c);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_op_progress(op, "学习用字", i, n);
        rc = learn_file(op, paths[i], c);
    }
    uint64_t chars = sm_spell_counts_chars(c);
    if (rc == SM_OK && chars < LEAST_CHARS)
        return sm_fail(op, SM_E_INVALID,
                       "只有%llu字，少于%d字学不出用字的规律；请先导入法规（sunmao import --kind "
                       "law），或者给出以往的公文",
                       (unsigned long long)chars, LEAST_CHARS);
    return rc;
}

static sm_rc keep(sm_op *op, sm_sunmao *s, sm_spell_counts *c, sm_spell_report *r)
{
    sm_str bytes;
    const char *dir = sm_path(op->arena, s->data_dir, "model");
    sm_rc rc = sm_spell_counts_pack(op, c, &bytes);
    if (rc == SM_OK)
        rc = sm_dir_make(op, dir);
    if (rc == SM_OK)
        rc = sm_file_write(op, sm_path(op->arena, dir, SM_SPELLER_FILE), bytes);
    if (rc == SM_OK)
        *r = (sm_spell_report){ sm_spell_counts_chars(c), bytes.n };
    return rc;
}

sm_rc sm_sunmao_train_speller(sm_op *op, sm_sunmao *s, const char *const *paths, size_t n,
                              sm_spell_report *out)
{
    sm_writing w;
    sm_spell_counts *c = NULL;
    sm_rc rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = sm_spell_counts_open(op, sm_path(op->arena, s->share_dir, "review/spell/chars.tsv"),
                                  &c);
    if (rc == SM_OK)
        rc = learn(op, w.db, paths, n, c);
    if (rc == SM_OK)
        rc = keep(op, s, c, out);
    sm_spell_counts_close(c);
    sm_write_end(&w);
    return rc;
}
