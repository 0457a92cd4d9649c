/*
 * The models as their operator sees them: the registry, tests and evaluations, aliases, what was
 * changed.  Files are added by the command line only, and here a key's place is one of those set
 * aside for keys: what a page may name must not be any file of this machine.
 */
#include "server/inner.h"

#include <string.h>

enum { MAX_EVENTS = 500, MAX_EVALUATIONS = 20 };

/* ------------------------------------------------------------------- answers */

/* What another process changes is noticed a little later; what fails here is, too. */
void sm_registry_changed_here(sm_request *r)
{
    sm_op own;
    sm_op_begin(&own);
    sm_models_reload(&own, sm_server_of(r)->models);
    sm_op_end(&own);
}

static sm_rc respond_model(sm_request *r, sm_db *db, int64_t id)
{
    sm_backend *b;
    sm_rc rc = sm_backend_get(sm_request_op(r), db, id, &b);
    return rc < 0 ? rc : sm_respond_json(r, 200, json_pack("{s:o}", "model", sm_backend_json(b)));
}

static sm_rc respond_changed(sm_request *r, sm_db *db, int64_t id)
{
    sm_registry_changed_here(r);
    return respond_model(r, db, id);
}

static json_t *capabilities_json(void)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        json_array_append_new(all, json_pack("{s:s,s:s}", "name", sm_capability_name(i), "text",
                                             sm_capability_text(i)));
    return all;
}

static json_t *classes_json(void)
{
    json_t *all = json_array();
    for (int c = 0; c < SM_N_CLASSES; c++)
        json_array_append_new(all, json_pack("{s:s,s:s}", "class", sm_class_id((sm_class)c), "text",
                                             sm_class_text((sm_class)c)));
    return all;
}

static sm_rc list(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_backend *b;
    size_t n;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_list(op, db, &b, &n);
    if (rc < 0)
        return rc;
    json_t *models = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(models, sm_backend_json(&b[i]));
    return sm_respond_json(r, 200,
                           json_pack("{s:o,s:o,s:o}", "models", models, "capabilities",
                                     capabilities_json(), "classes", classes_json()));
}

static sm_rc show(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_backend *b;
    sm_evaluation *e;
    size_t n;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_get(op, db, id, &b);
    if (rc == SM_OK)
        rc = sm_evaluation_list(op, db, id, MAX_EVALUATIONS, &e, &n);
    if (rc < 0)
        return rc;
    json_t *evaluations = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(evaluations, sm_evaluation_json(op, &e[i], b));
    return sm_respond_json(
        r, 200, json_pack("{s:o,s:o}", "model", sm_backend_json(b), "evaluations", evaluations));
}

/* -------------------------------------------------------------------- changes */

static bool is_set_aside(sm_arena *a, const sm_server *sv, sm_str from)
{
    sm_str keys = sm_strf(a, "file:%s/keys/", sm_sunmao_data_dir(sv->s));
    if (from.n == 0 || sm_str_starts(from, SM_STR("env:SUNMAO_KEY_")))
        return true;
    return sm_str_starts(from, keys) && !sm_str_has(from, SM_STR("/.."));
}

/* What only the command line may name stays as it was. */
static sm_rc check_places(sm_request *r, const sm_backend *old, const sm_backend *b)
{
    sm_op *op = sm_request_op(r);
    bool same_loras = old->engine.n_loras == b->engine.n_loras;
    for (size_t i = 0; same_loras && i < b->engine.n_loras; i++)
        same_loras = sm_str_eq(old->engine.lora[i], b->engine.lora[i]);
    if (!same_loras)
        return sm_fail(op, SM_E_INVALID, "LoRA 的文件由命令行登记");
    if (!sm_str_eq(old->key_from, b->key_from) &&
        !is_set_aside(op->arena, sm_server_of(r), b->key_from))
        return sm_fail(op, SM_E_INVALID,
                       "密钥的来处在这里只能是 env:SUNMAO_KEY_… 或数据目录 keys 文件夹里的文件"
                       "（file:%s/keys/…）；别的用命令行设置",
                       sm_sunmao_data_dir(sm_server_of(r)->s));
    return SM_OK;
}

static sm_rc add(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    json_t *j;
    sm_backend b = { .kind = SM_BACKEND_SERVER };
    const sm_backend none = { 0 };
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "name", SM_BACKEND_NAME_BYTES, &b.name);
    if (rc == SM_OK)
        rc = sm_json_text(op, j, "source", 1000, &b.source);
    if (rc == SM_OK)
        rc = sm_backend_settings(op, j, &b);
    if (rc == SM_OK)
        rc = check_places(r, &none, &b);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_add(op, db, sm_request_user(r)->name, &b);
    return rc < 0 ? rc : respond_changed(r, db, b.id);
}

static sm_rc change(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    json_t *j;
    sm_backend *old, b;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_get(op, db, id, &old);
    if (rc < 0)
        return rc;
    b = *old;
    rc = sm_backend_settings(op, j, &b);
    if (rc == SM_OK)
        rc = check_places(r, old, &b);
    if (rc == SM_OK)
        rc = sm_backend_change(op, db, sm_request_user(r)->name, &b);
    return rc < 0 ? rc : respond_changed(r, db, id);
}

static sm_rc promote(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_promotion gate;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_promotion_read(op, db, sm_sunmao_share_dir(sm_server_of(r)->s), &gate);
    if (rc == SM_OK)
        rc = sm_backend_promote(op, db, sm_request_user(r)->name, id, &gate);
    return rc < 0 ? rc : respond_changed(r, db, id);
}

static sm_rc retire(sm_request *r)
{
    sm_db *db;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_retire(sm_request_op(r), db, sm_request_user(r)->name, id);
    return rc < 0 ? rc : respond_changed(r, db, id);
}

/* ------------------------------------------------------- tests and evaluations */

/* The back end reached and the database at hand, for as long as the task lasts. */
static sm_rc reach(sm_op *op, sm_server *sv, int64_t id, sm_db **db, sm_backend **b, sm_reach **out)
{
    sm_rc rc = sm_sunmao_record_db(op, sv->s, db);
    if (rc == SM_OK)
        rc = sm_backend_get(op, *db, id, b);
    return rc == SM_OK ? sm_reach_open(op, sm_sunmao_data_dir(sv->s), *b, out) : rc;
}

static sm_rc run_test(sm_op *op, sm_server *sv, sm_str who, int64_t id, json_t **report)
{
    sm_db *db;
    sm_backend *b;
    sm_reach *at;
    sm_rc rc = reach(op, sv, id, &db, &b, &at);
    if (rc < 0)
        return rc;
    rc = sm_probe(op, sm_reach_remote(at), b);
    sm_reach_close(at);
    if (rc == SM_OK)
        rc = sm_backend_probed(op, db, who, b);
    if (rc == SM_OK)
        rc = sm_backend_get(op, db, id, &b);
    if (rc == SM_OK)
        *report = json_pack("{s:o}", "model", sm_backend_json(b));
    return rc;
}

static sm_rc run_evaluation(sm_op *op, sm_server *sv, sm_str who, int64_t id, json_t **report)
{
    sm_db *db;
    sm_backend *b;
    sm_reach *at;
    sm_evaluation e;
    sm_rc rc = reach(op, sv, id, &db, &b, &at);
    if (rc < 0)
        return rc;
    rc = sm_eval_run_model(op, b, sm_reach_remote(at), sm_sunmao_share_dir(sv->s), &e);
    sm_reach_close(at);
    if (rc == SM_OK)
        rc = sm_evaluation_put(op, db, who, b, &e);
    if (rc == SM_OK)
        *report = json_pack("{s:o}", "evaluation", sm_evaluation_json(op, &e, b));
    return rc;
}

static sm_rc start(sm_request *r, const char *kind, sm_job_fn *task)
{
    sm_db *db;
    sm_backend *b;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_backend_get(sm_request_op(r), db, id, &b);
    return rc < 0 ? rc : sm_jobs_put(r, sm_server_of(r)->model_jobs, kind, task, id);
}

static sm_rc start_test(sm_request *r)
{
    return start(r, "model.test", run_test);
}

static sm_rc start_evaluation(sm_request *r)
{
    return start(r, "model.eval", run_evaluation);
}

static sm_rc show_job(sm_request *r)
{
    return sm_jobs_show(r, sm_server_of(r)->model_jobs);
}

/* -------------------------------------------------------------------- aliases */

static sm_rc respond_aliases(sm_request *r, sm_db *db)
{
    sm_op *op = sm_request_op(r);
    sm_alias *a;
    sm_backend *b;
    sm_dept *d;
    size_t n, n_backends, n_depts;
    sm_rc rc = sm_alias_list(op, db, &a, &n);
    if (rc == SM_OK)
        rc = sm_backend_list(op, db, &b, &n_backends);
    if (rc == SM_OK)
        rc = sm_dept_list(op, db, &d, &n_depts);
    if (rc < 0)
        return rc;
    return sm_respond_json(
        r, 200,
        json_pack("{s:o}", "aliases", sm_aliases_json(op, a, n, b, n_backends, d, n_depts)));
}

static sm_rc list_aliases(sm_request *r)
{
    sm_db *db;
    sm_rc rc = sm_request_record(r, &db);
    return rc < 0 ? rc : respond_aliases(r, db);
}

static sm_rc read_target(sm_op *op, const json_t *j, sm_alias *out)
{
    const json_t *weight = json_object_get(j, "weight"), *tier = json_object_get(j, "tier");
    if (!json_is_object(j) || (weight && !json_is_integer(weight)) ||
        (tier && !json_is_integer(tier)))
        return sm_fail(op, SM_E_INVALID, "targets 里应当是 {model, weight, tier}，都是整数");
    *out = (sm_alias){ .weight = weight ? json_integer_value(weight) : 1,
                       .tier = json_integer_value(tier) };
    return sm_json_number(op, json_object_get(j, "model"), "model", &out->backend);
}

static sm_rc read_alias(sm_request *r, json_t **j, sm_str *name, sm_str *scope)
{
    sm_op *op = sm_request_op(r);
    sm_rc rc = sm_request_json(r, j);
    if (rc == SM_OK)
        rc = sm_json_text(op, *j, "name", SM_BACKEND_NAME_BYTES, name);
    return rc == SM_OK ? sm_json_text(op, *j, "scope", 100, scope) : rc;
}

static sm_rc set_alias(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    json_t *j;
    sm_str name, scope;
    sm_alias target[SM_ALIAS_MAX_TARGETS];
    sm_rc rc = read_alias(r, &j, &name, &scope);
    if (rc < 0)
        return rc;
    const json_t *targets = json_object_get(j, "targets");
    size_t n = json_array_size(targets);
    if (!json_is_array(targets) || n > SM_LEN(target))
        return sm_fail(op, SM_E_INVALID, "targets 应当是最多 %d 个模型的列表",
                       (int)SM_ALIAS_MAX_TARGETS);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        rc = read_target(op, json_array_get(targets, i), &target[i]);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_alias_set(op, db, sm_request_user(r)->name, name, scope, target, n);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return respond_aliases(r, db);
}

static sm_rc roll_back(sm_request *r)
{
    sm_db *db;
    json_t *j;
    sm_str name, scope;
    sm_rc rc = read_alias(r, &j, &name, &scope);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_alias_rollback(sm_request_op(r), db, sm_request_user(r)->name, name, scope);
    if (rc < 0)
        return rc;
    sm_registry_changed_here(r);
    return respond_aliases(r, db);
}

static sm_rc list_events(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_model_event *e;
    size_t n;
    int64_t limit;
    sm_rc rc = sm_request_int(r, "limit", 1, MAX_EVENTS, 100, &limit);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_model_events(op, db, limit, &e, &n);
    if (rc < 0)
        return rc;
    json_t *events = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(events, sm_model_event_json(&e[i]));
    return sm_respond_json(r, 200, json_pack("{s:o}", "events", events));
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/admin/models",
      .run = list,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models",
      .run = add,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/models/{id}",
      .run = show,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models/{id}",
      .run = change,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models/{id}/test",
      .run = start_test,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models/{id}/evaluate",
      .run = start_evaluation,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models/{id}/promote",
      .run = promote,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/models/{id}/retire",
      .run = retire,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/jobs/{id}",
      .run = show_job,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/model-events",
      .run = list_events,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/aliases",
      .run = list_aliases,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/aliases",
      .run = set_alias,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "POST",
      .path = "/v1/admin/aliases/rollback",
      .run = roll_back,
      .allow = SM_FOR(ADMINISTRATOR),
      .max_body = SM_BODY_SMALL,
      .slow = true },
};
const sm_route_list sm_routes_models = { routes, SM_LEN(routes) };
