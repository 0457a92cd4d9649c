#include "server/reviews.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GRACE_MS = 3000 }; /* for calls in work, when the server ends */

static const sm_route_list *const lists[] = {
    &sm_routes_ask,         &sm_routes_read,           &sm_routes_talk,         &sm_routes_desk,
    &sm_routes_keeper,      &sm_routes_people,         &sm_routes_audit,        &sm_routes_jobs,
    &sm_routes_site,        &sm_routes_models,         &sm_routes_shares,       &sm_routes_meter,
    &sm_routes_plan,        &sm_routes_gateway,        &sm_routes_ground,       &sm_routes_review,
    &sm_routes_review_copy, &sm_routes_review_compare, &sm_routes_review_rules, &sm_routes_draft,
};

static void write_text(sm_server *sv, const char *text)
{
    pthread_mutex_lock(&sv->log_lock);
    fprintf(sv->log, "%s\n", text);
    fflush(sv->log);
    pthread_mutex_unlock(&sv->log_lock);
}

/* One JSON line for what failed; what went well is in the ledger. */
static void write_line(void *ctx, const sm_http_line *l)
{
    sm_server *sv = ctx;
    if (!sv->log || (l->rc == SM_OK && l->status < 400))
        return;
    json_t *j = json_pack("{s:I,s:o,s:o,s:o,s:i,s:s,s:o,s:f}", "time", (json_int_t)sm_wall_ms(),
                          "trace", sm_json_of(l->trace), "method", sm_json_of(l->method), "route",
                          sm_json_of(l->route), "status", l->status, "code", sm_rc_name(l->rc),
                          "message", sm_json_of(l->message), "ms", l->ms);
    char *text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    if (!text)
        return;
    write_text(sv, text);
    free(text);
}

/* The folder given; beside the program, built or installed. */
static const char *pages_dir(sm_arena *a, const sm_server *sv)
{
    const char *given = sv->set->web;
    if (*given)
        return given;
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? (exe[n] = 0, strrchr(exe, '/')) : NULL;
    if (slash) {
        *slash = 0;
        const char *built = sm_path(a, exe, "../web");
        if (sm_file_exists(sm_path(a, built, "index.html")))
            return built;
    }
    return sm_path(a, sm_sunmao_share_dir(sv->s), "web");
}

static void write_model_line(void *ctx, json_t *line)
{
    sm_server *sv = ctx;
    char *text = sv->log ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    if (text)
        write_text(sv, text);
    free(text);
}

static sm_class_limits waiting(unsigned queue_max, unsigned wait_s)
{
    return (sm_class_limits){ .queue_max = queue_max, .wait_ms = wait_s * INT64_C(1000) };
}

static sm_rc open_models(sm_op *op, sm_server *sv)
{
    const sm_settings *set = sv->set;
    return sm_models_open(
        op,
        &(sm_models_options){
            .data_dir = sm_sunmao_data_dir(sv->s),
            .engine = set->engine,
            .ca = set->ca,
            .first_byte_ms = SM_MAX(1, set->first_byte_s) * INT64_C(1000),
            .idle_ms = SM_MAX(1, set->idle_s) * INT64_C(1000),
            .total_ms = SM_MAX(1, set->answer_s) * INT64_C(1000),
            .health_ms = SM_MAX(1, set->health_s) * INT64_C(1000),
            .engine_bytes = (uint64_t)set->engine_gb << 30,
            .max_answer_bytes = (size_t)SM_MAX(1, set->answer_mb) << 20,
            .slots = SM_MAX(1, set->slots),
            .class = { [SM_CLASS_CITIZEN] = waiting(set->citizen_queue, set->citizen_wait_s),
                       [SM_CLASS_STAFF] = waiting(set->staff_queue, set->staff_wait_s),
                       [SM_CLASS_BATCH] = waiting(set->batch_queue, set->batch_wait_s) },
            .batch_stays = !set->batch_yields,
            .strict_budgets = set->strict_budgets,
            .log = write_model_line,
            .ctx = sv,
        },
        &sv->models);
}

/* Documents are read by children (review.c): they start from one that stands by, if it does. */
static void stand_by(sm_op *op, sm_server *sv)
{
    const char *program = sm_own_program(sv->own);
    if (program && sm_layout_standby(op, program) < 0)
        sm_op_clear(op);
}

static sm_rc forget_models(sm_op *op, sm_db *db, void *ctx)
{
    (void)ctx;
    return sm_reviews_interrupted(op, db);
}

static sm_rc open_parts(sm_op *op, sm_server *sv)
{
    sm_arena *a = sv->own;
    sv->spool_dir = sm_path(a, sm_sunmao_data_dir(sv->s), "upload");
    sm_rc rc = sm_office_parse(op, sm_str_of(sv->set->office_hours), &sv->office);
    if (rc == SM_OK)
        rc = sm_dir_make(op, sv->spool_dir);
    if (rc == SM_OK)
        rc = sm_recorder_open(op, sv->s, &sv->recorder);
    if (rc == SM_OK)
        rc = sm_recorder_run(sv->recorder, op, forget_models, NULL);
    if (rc == SM_OK)
        rc = sm_sweeper_open(op, sv->recorder, sv->set->days, SM_SWEEP_MS, &sv->sweeper);
    if (rc == SM_OK)
        rc = open_models(op, sv);
    if (rc == SM_OK)
        rc = sm_worder_open(op, sv, &sv->worder);
    if (rc < 0)
        return rc;
    stand_by(op, sv);
    sv->limits = sm_limits_open();
    sv->hub = sm_hub_open();
    sv->jobs = sm_jobs_open(sv);
    sv->model_jobs = sm_jobs_open(sv);
    sv->pages = sm_pages_open(pages_dir(a, sv), sv->set->frame_ancestors);
    return sv->jobs && sv->model_jobs ? SM_OK : sm_fail(op, SM_E_LIMIT, "开不了新的线程");
}

static sm_rc start(sm_op *op, sm_server *sv)
{
    const sm_settings *set = sv->set;
    sm_route_list *all = SM_NEWS(sv->own, sm_route_list, SM_LEN(lists));
    for (size_t i = 0; i < SM_LEN(lists); i++)
        all[i] = *lists[i];
    return sm_http_open(op,
                        &(sm_http_options){ .listen = set->listen,
                                            .routes = all,
                                            .n_routes = SM_LEN(lists),
                                            .admit = sm_admit,
                                            .fallback = sm_serve_page,
                                            .failure = sm_gateway_failure,
                                            .log = write_line,
                                            .ctx = sv,
                                            .spool_dir = sv->spool_dir,
                                            .trust_proxy = set->trust_proxy,
                                            .threads = set->threads,
                                            .workers = set->workers,
                                            .max_connections = set->connections,
                                            .max_per_address = set->connections_per_address },
                        &sv->http);
}

sm_rc sm_server_open(sm_op *op, sm_sunmao *s, const sm_settings *settings, FILE *log,
                     sm_server **out)
{
    sm_server *sv = calloc(1, sizeof(*sv));
    if (!sv)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    *sv = (sm_server){ .own = sm_arena_open(), .s = s, .set = settings, .log = log };
    pthread_mutex_init(&sv->log_lock, NULL);
    sm_rc rc = open_parts(op, sv);
    if (rc == SM_OK)
        rc = start(op, sv);
    if (rc < 0) {
        sm_server_close(sv);
        return rc;
    }
    if (log && !sm_pages_there(sv->pages))
        fprintf(log,
                "{\"time\":%lld,\"code\":\"W_NO_PAGES\",\"message\":\"no pages found; the API "
                "works all the same\"}\n",
                (long long)sm_wall_ms());
    *out = sv;
    return SM_OK;
}

static sm_rc nothing(sm_op *op, sm_db *db, void *ctx)
{
    (void)op, (void)db, (void)ctx;
    return SM_OK;
}

/* What calls that have just ended came to is on the disk, and told, before the streams end. */
static void write_what_came(sm_server *sv)
{
    sm_op op;
    sm_op_begin(&op);
    if (sv->recorder)
        sm_recorder_run(sv->recorder, &op, nothing, NULL);
    sm_op_end(&op);
}

void sm_server_close(sm_server *sv)
{
    if (!sv)
        return;
    sm_models_quiesce(sv->models, GRACE_MS);
    write_what_came(sv);
    sm_http_close(sv->http);
    sm_jobs_close(sv->jobs);
    sm_jobs_close(sv->model_jobs);
    sm_models_close(sv->models);
    sm_hub_close(sv->hub);
    sm_sweeper_close(sv->sweeper);
    sm_recorder_close(sv->recorder);
    sm_worder_close(sv->worder);
    sm_limits_close(sv->limits);
    sm_pages_close(sv->pages);
    pthread_mutex_destroy(&sv->log_lock);
    sm_arena_close(sv->own);
    free(sv);
}

const char *sm_server_address(const sm_server *sv)
{
    return sm_http_address(sv->http);
}
