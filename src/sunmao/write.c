/*
 * Import, check, train: what the one writer does.
 */
#include "sunmao/inner.h"

#include <stdlib.h>
#include <string.h>

/* The pairs of the last training, by kind: the guide's classifiers learn from their wording. */
static const char *const pairs_files[SM_N_KINDS] = {
    [SM_KIND_ITEM] = "model/pairs-item.jsonl", [SM_KIND_POLICY] = "model/pairs-policy.jsonl"
};

static sm_rc check_and_keep(sm_op *op, sm_sunmao *s, sm_db *db, sm_date as_of, sm_defect **out,
                            size_t *n)
{
    sm_str laws;
    sm_rc rc =
        sm_file_read(op, sm_path(op->arena, s->share_dir, "laws.tsv"), SM_LAWS_MAX_BYTES, &laws);
    if (rc == SM_OK)
        rc = sm_corpus_check(op, db, as_of, laws, out, n);
    if (rc == SM_OK)
        rc = sm_task_save(op, db, as_of, *out, *n);
    return rc;
}

static sm_rc kept_pairs(sm_op *op, sm_sunmao *s, sm_kind kind, sm_pair **pair, size_t *n)
{
    const char *path = sm_path(op->arena, s->data_dir, pairs_files[kind]);
    *n = 0;
    return sm_file_exists(path) ? sm_pairs_read(op, path, pair, n) : SM_OK;
}

sm_rc sm_learn_guide(sm_op *op, sm_sunmao *s, sm_db *db)
{
    sm_pair *item = NULL, *policy = NULL;
    sm_guide_texts texts = { 0 };
    sm_rc rc = kept_pairs(op, s, SM_KIND_ITEM, &item, &texts.n_items);
    if (rc == SM_OK)
        rc = kept_pairs(op, s, SM_KIND_POLICY, &policy, &texts.n_policies);
    if (rc < 0)
        return rc;
    texts.item = item;
    texts.policy = policy;
    return sm_guide_learn(op, s->data_dir, s->share_dir, db, &texts);
}

static sm_rc load_known(sm_op *op, sm_sunmao *s, sm_db *db)
{
    sm_str jsonl;
    const char *path = sm_path(op->arena, s->share_dir, "questions.jsonl");
    if (!sm_file_exists(path))
        return SM_OK;
    sm_rc rc = sm_file_read(op, path, SM_PAIRS_MAX_BYTES, &jsonl);
    return rc == SM_OK ? sm_known_load(op, db, jsonl) : rc;
}

static sm_rc import(sm_op *op, sm_sunmao *s, sm_db *db, sm_kind kind, const char *const *paths,
                    size_t n_paths, bool strict, sm_import_report **out)
{
    sm_defect *finding;
    size_t n;
    sm_rc rc = kind == SM_KIND_ITEM ? load_known(op, s, db) : SM_OK;
    if (rc == SM_OK)
        rc = sm_corpus_import(op, db, kind, paths, n_paths, strict, out);
    if (rc < 0)
        return rc;
    bool changed = (*out)->n_new + (*out)->n_changed > 0;
    if (kind != SM_KIND_LAW && changed)
        rc = check_and_keep(op, s, db, sm_sunmao_today(s), &finding, &n);
    if (rc == SM_OK)
        rc = sm_index_refresh(op, s->data_dir, db);
    if (rc == SM_OK && kind != SM_KIND_LAW && changed)
        rc = sm_learn_guide(op, s, db);
    return rc;
}

sm_rc sm_sunmao_import(sm_op *op, sm_sunmao *s, sm_kind kind, const char *const *paths,
                       size_t n_paths, bool strict, sm_import_report **out)
{
    sm_writing w;
    sm_rc rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = import(op, s, w.db, kind, paths, n_paths, strict, out);
    sm_write_end(&w);
    return rc;
}

sm_rc sm_sunmao_regions(sm_op *op, sm_sunmao *s, const char *path)
{
    sm_writing w;
    sm_str tsv;
    sm_rc rc = sm_file_read(op, path, 1 << 20, &tsv);
    if (rc < 0)
        return rc;
    rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = sm_region_import(op, w.db, path, tsv);
    sm_write_end(&w);
    return rc;
}

sm_rc sm_sunmao_check(sm_op *op, sm_sunmao *s, sm_date as_of, sm_defect **out, size_t *n)
{
    sm_writing w;
    sm_rc rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = check_and_keep(op, s, w.db, as_of, out, n);
    sm_write_end(&w);
    return rc;
}

/* The act is written first and committed last: nothing is settled without a record of it. */
static sm_rc settle(sm_op *op, sm_sunmao *s, sm_db *corpus, int64_t id, sm_str by, sm_str note)
{
    sm_db *record;
    sm_rc rc = sm_sunmao_record_db(op, s, &record);
    if (rc == SM_OK)
        rc = sm_db_begin(op, record);
    if (rc < 0)
        return rc;
    rc = sm_ledger_act(op, record, by, "task.settle", sm_strf(op->arena, "%lld", (long long)id));
    if (rc == SM_OK)
        rc = sm_task_settle(op, corpus, id, by, note);
    if (rc == SM_OK)
        return sm_db_commit(op, record);
    sm_db_rollback(record);
    return rc;
}

sm_rc sm_sunmao_settle_task(sm_op *op, sm_sunmao *s, int64_t id, sm_str by, sm_str note)
{
    sm_writing w;
    sm_rc rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = settle(op, s, w.db, id, by, note);
    sm_write_end(&w);
    return rc;
}

/* --------------------------------------------------------------- training */

enum { MAX_IDS = 8 };

/* The ids of a line: "id", or "ids". */
static size_t ids_of(const json_t *line, sm_str id[MAX_IDS])
{
    const json_t *list = json_object_get(line, "ids");
    size_t n = 0;
    id[0] = sm_json_str(line, "id");
    if (!json_is_array(list))
        return id[0].n > 0;
    for (size_t i = 0; i < json_array_size(list) && n < MAX_IDS; i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_string(one) || json_string_length(one) == 0)
            return 0;
        id[n++] = (sm_str){ json_string_value(one), json_string_length(one) };
    }
    return n;
}

static void read_offered(const json_t *line, sm_pair *p)
{
    const char *first = json_string_value(json_array_get(json_object_get(line, "offered"), 0));
    if (!first)
        return;
    p->after = sm_str_of(first);
    p->offered = true;
}

sm_rc sm_pairs_read(sm_op *op, const char *path, sm_pair **out, size_t *n)
{
    sm_str text, line, id[MAX_IDS];
    sm_pair *pair = NULL;
    size_t cap = 0, line_no = 0;
    sm_rc rc = sm_file_read(op, path, SM_PAIRS_MAX_BYTES, &text);
    if (rc < 0)
        return rc;
    *n = 0;
    while (sm_str_cut(&text, '\n', &line)) {
        json_t *j;
        line_no++;
        if (sm_str_trim(line).n == 0)
            continue;
        rc = sm_json_parse(op, line, sm_strf(op->arena, "%s 第 %zu 行", path, line_no).p, &j);
        if (rc < 0)
            return rc;
        size_t n_ids = ids_of(j, id);
        sm_pair p = { .text = sm_json_str(j, "text"),
                      .time = sm_json_str(j, "time"),
                      .facet = sm_json_str(j, "facet"),
                      .two = json_is_true(json_object_get(j, "two")),
                      .after = sm_json_str(j, "after") };
        read_offered(j, &p);
        if (p.text.n == 0 || n_ids == 0)
            return sm_fail(op, SM_E_INVALID, "%s 第 %zu 行：要有不空的 text 和 id（或 ids）", path,
                           line_no);
        for (size_t i = 0; i < n_ids; i++) {
            p.id = id[i];
            SM_GROW(op->arena, pair, *n, cap);
            pair[(*n)++] = p;
        }
    }
    *out = pair;
    return SM_OK;
}

static int by_text(const void *a, const void *b)
{
    return sm_str_cmp(((const sm_pair *)a)->text, ((const sm_pair *)b)->text);
}

/* Adds the pairs of the last training, but for texts that people have judged since. */
static void add_kept(const sm_pair *kept, size_t n_kept, sm_pair *pair, size_t *n)
{
    size_t judged = *n;
    qsort(pair, judged, sizeof(*pair), by_text);
    for (size_t i = 0; i < n_kept; i++)
        if (!bsearch(&kept[i], pair, judged, sizeof(*pair), by_text))
            pair[(*n)++] = kept[i];
}

sm_rc sm_pairs_of_ledger(sm_op *op, sm_sunmao *s, sm_kind kind, sm_pair **out, size_t *n)
{
    sm_db *db;
    sm_ledger_row *row;
    sm_pair *kept = NULL;
    size_t n_rows, n_kept = 0;
    *n = 0;
    sm_rc rc = sm_sunmao_record_db(op, s, &db);
    if (rc == SM_OK)
        rc = sm_ledger_list(op, db, INT64_MAX, &row, &n_rows);
    if (rc == SM_OK)
        rc = kept_pairs(op, s, kind, &kept, &n_kept);
    if (rc < 0)
        return rc;
    *out = SM_NEWS(op->arena, sm_pair, n_kept + n_rows + 1);
    for (size_t i = 0; i < n_rows && kind == SM_KIND_ITEM; i++) {
        sm_str id = { 0 };
        if (sm_str_eq(row[i].verdict, SM_STR("right")))
            id = row[i].top;
        else if (sm_str_starts(row[i].verdict, SM_STR("chose:")))
            id = sm_str_sub(row[i].verdict, 6, row[i].verdict.n);
        if (id.n && row[i].question.n)
            (*out)[(*n)++] =
                (sm_pair){ .text = row[i].question,
                           .id = id,
                           .time = sm_date_iso(op->arena, (sm_date)(row[i].time_ms / 86400000)) };
    }
    if (*n)
        add_kept(kept, n_kept, *out, n);
    return SM_OK;
}

/* The guide's classifier learns that these are questions for us. */
static sm_rc keep_pairs(sm_op *op, sm_sunmao *s, sm_kind kind, const sm_pair *pair, size_t n)
{
    sm_buf b;
    sm_buf_init(&b, SM_PAIRS_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        json_t *j = json_pack("{s:o,s:o,s:o,s:o,s:b,s:o}", "text", sm_json_of(pair[i].text), "id",
                              sm_json_of(pair[i].id), "time", sm_json_of(pair[i].time), "facet",
                              sm_json_of(pair[i].facet), "two", (int)pair[i].two, "after",
                              sm_json_of(pair[i].after));
        if (pair[i].offered)
            json_object_set_new(j, "offered", json_pack("[o]", sm_json_of(pair[i].after)));
        sm_json_own(op->arena, j);
        sm_buf_add(&b, sm_json_dump(op->arena, j));
        sm_buf_addc(&b, '\n');
    }
    sm_rc rc = b.failed ? sm_fail(op, SM_E_LIMIT, "训练数据太大")
                        : sm_dir_make(op, sm_path(op->arena, s->data_dir, "model"));
    if (rc == SM_OK)
        rc = sm_file_write(op, sm_path(op->arena, s->data_dir, pairs_files[kind]), sm_buf_str(&b));
    sm_buf_done(&b);
    return rc;
}

sm_rc sm_sunmao_train(sm_op *op, sm_sunmao *s, sm_kind kind, const sm_pair *pair, size_t n,
                      const sm_train_options *o, sm_train_report **out)
{
    sm_writing w;
    sm_pair *one = SM_NEWS(op->arena, sm_pair, n + 1);
    size_t n_one = 0;
    for (size_t i = 0; i < n; i++)
        if (!pair[i].two && !pair[i].offered && !sm_str_eq(pair[i].after, pair[i].id))
            one[n_one++] = pair[i];
    sm_rc rc = sm_write_begin(op, s, &w);
    if (rc == SM_OK)
        rc = sm_train(op, s->data_dir, s->share_dir, w.db, kind, one, n_one, o, out);
    if (rc == SM_OK && kind != SM_KIND_LAW && (*out)->swapped) {
        rc = keep_pairs(op, s, kind, pair, n);
        if (rc == SM_OK)
            rc = sm_learn_guide(op, s, w.db);
    }
    sm_write_end(&w);
    return rc;
}
