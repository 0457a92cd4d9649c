#include "sunmao/sunmao.h"

static const char *const levels[] = {
    [SM_NOTE_WARNING] = "warning", [SM_NOTE_REFUSED] = "refused", [SM_NOTE_ALERT] = "alert"
};

json_t *sm_import_json(const sm_import_report *r)
{
    json_t *notes = json_array();
    for (size_t i = 0; i < r->n_notes; i++)
        json_array_append_new(
            notes, json_pack("{s:s,s:o,s:o,s:o}", "level", levels[r->note[i].level], "code",
                             sm_json_of(r->note[i].code), "where", sm_json_of(r->note[i].where),
                             "text", sm_json_of(r->note[i].text)));
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "seen", (json_int_t)r->n_seen, "new",
                     (json_int_t)r->n_new, "changed", (json_int_t)r->n_changed, "same",
                     (json_int_t)r->n_same, "refused", (json_int_t)r->n_refused, "warnings",
                     (json_int_t)r->n_warnings, "masked", (json_int_t)r->n_masked, "clauses",
                     (json_int_t)r->n_clauses, "notes", notes);
}

json_t *sm_train_json(const sm_train_report *r)
{
    return json_pack("{s:I,s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:b,s:b,s:o,s:I,s:f,s:o}", "pairs",
                     (json_int_t)r->n_pairs, "holdout", (json_int_t)r->n_holdout, "skipped",
                     (json_int_t)r->n_skipped, "hit1", r->hit1, "hit3", r->hit3, "recall10",
                     r->recall10, "mrr10", r->mrr10, "old_hit1", r->old_hit1, "old_recall10",
                     r->old_recall10, "not_worse", r->p_not_worse, "swapped", (int)r->swapped,
                     "gbdt", (int)r->used_gbdt, "digest", sm_json_of(r->digest), "bytes",
                     (json_int_t)r->model_bytes, "seconds", r->seconds, "text",
                     sm_json_of(r->text));
}

json_t *sm_defect_json(const sm_defect *f)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "kind", sm_defect_name(f->kind), "a",
                     sm_json_of(f->a), "a_path", sm_json_of(f->a_path), "a_value",
                     sm_json_of(f->a_value), "b", sm_json_of(f->b), "b_path", sm_json_of(f->b_path),
                     "b_value", sm_json_of(f->b_value), "text", sm_json_of(f->text));
}

json_t *sm_task_json(const sm_task *t)
{
    json_t *j = sm_defect_json(&t->finding);
    json_object_set_new(j, "id", json_integer(t->id));
    json_object_set_new(j, "title", json_string(sm_defect_title(t->finding.kind)));
    json_object_set_new(j, "first_seen", json_integer(t->first_seen_ms));
    json_object_set_new(j, "settled", json_boolean(t->settled));
    json_object_set_new(j, "note", sm_json_of(t->note));
    json_object_set_new(j, "settled_by", sm_json_of(t->settled_by));
    json_object_set_new(j, "settled_ms", json_integer(t->settled_ms));
    return j;
}
