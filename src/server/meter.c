/*
 * What was used, for people and for Prometheus; the back ends and queues as they are now.
 */
#include "server/inner.h"

#include <string.h>

enum { MAX_DAYS = 366, MAX_METRICS_BYTES = 16 << 20 };

/* --------------------------------------------------------------------- groups */

/* Rows added up by a key of two numbers. */
typedef struct group {
    int64_t a, b;
    sm_priced p;
} group;

typedef struct groups {
    sm_arena *arena;
    group *g;
    size_t n, cap;
    uint32_t *slot; /* 1 + index, by hash; 0: free */
    size_t n_slots;
} groups;

static void grow_slots(groups *s)
{
    s->n_slots = s->n_slots ? s->n_slots * 2 : 64;
    s->slot = SM_NEWS(s->arena, uint32_t, s->n_slots);
    for (size_t i = 0; i < s->n; i++) {
        size_t at = (size_t)sm_mix64((uint64_t)s->g[i].a * 31 + (uint64_t)s->g[i].b);
        while (s->slot[at % s->n_slots])
            at++;
        s->slot[at % s->n_slots] = (uint32_t)i + 1;
    }
}

static sm_priced *group_of(groups *s, int64_t a, int64_t b)
{
    if (2 * (s->n + 1) > s->n_slots)
        grow_slots(s);
    size_t at = (size_t)sm_mix64((uint64_t)a * 31 + (uint64_t)b);
    for (; s->slot[at % s->n_slots]; at++) {
        group *g = &s->g[s->slot[at % s->n_slots] - 1];
        if (g->a == a && g->b == b)
            return &g->p;
    }
    SM_GROW(s->arena, s->g, s->n, s->cap);
    s->g[s->n] = (group){ .a = a, .b = b };
    s->slot[at % s->n_slots] = (uint32_t)s->n + 1;
    return &s->g[s->n++].p;
}

/* ---------------------------------------------------------------------- names */

typedef struct names {
    sm_backend *backend;
    sm_dept *dept;
    size_t n_backends, n_depts;
} names;

static sm_rc read_names(sm_op *op, sm_db *db, names *n)
{
    sm_rc rc = sm_backend_list(op, db, &n->backend, &n->n_backends);
    return rc == SM_OK ? sm_dept_list(op, db, &n->dept, &n->n_depts) : rc;
}

static const sm_backend *backend_of(const names *n, int64_t id)
{
    for (size_t i = 0; i < n->n_backends; i++)
        if (n->backend[i].id == id)
            return &n->backend[i];
    return NULL;
}

/* Of a removed department: its number. */
static sm_str dept_name(sm_arena *a, const names *n, int64_t id)
{
    for (size_t i = 0; i < n->n_depts; i++)
        if (n->dept[i].id == id)
            return n->dept[i].name;
    return id ? sm_strf(a, "%lld", (long long)id) : SM_STR("本站");
}

static sm_str backend_name(const names *n, int64_t id)
{
    const sm_backend *b = backend_of(n, id);
    return b ? b->name : (sm_str){ 0 };
}

/* ---------------------------------------------------------------------- usage */

typedef struct report {
    sm_arena *arena;
    names names;
    sm_priced total;
    groups day, dept, backend, class, pair;
} report;

static void add_row(report *t, const sm_usage *u)
{
    const sm_backend *b = backend_of(&t->names, u->backend);
    sm_priced_add(&t->total, u, b);
    sm_priced_add(group_of(&t->day, u->day, 0), u, b);
    sm_priced_add(group_of(&t->dept, u->department, 0), u, b);
    sm_priced_add(group_of(&t->backend, u->backend, 0), u, b);
    sm_priced_add(group_of(&t->class, (int64_t)u->class_, 0), u, b);
    sm_priced_add(group_of(&t->pair, u->department, u->backend), u, b);
}

static sm_rc read_report(sm_op *op, sm_db *db, sm_date from, sm_date to, report *t)
{
    sm_usage *u;
    size_t n;
    *t = (report){ .arena = op->arena,
                   .day.arena = op->arena,
                   .dept.arena = op->arena,
                   .backend.arena = op->arena,
                   .class.arena = op->arena,
                   .pair.arena = op->arena };
    sm_rc rc = read_names(op, db, &t->names);
    if (rc == SM_OK)
        rc = sm_usage_read(op, db, from, to, &u, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        add_row(t, &u[i]);
    return rc;
}

typedef void label_fn(const report *t, const group *g, json_t *to);

static void label_day(const report *t, const group *g, json_t *to)
{
    json_object_set_new(to, "date", sm_json_of(sm_date_iso(t->arena, (sm_date)g->a)));
}

static void label_dept(const report *t, const group *g, json_t *to)
{
    json_object_set_new(to, "department", json_integer((json_int_t)g->a));
    json_object_set_new(to, "name", sm_json_of(dept_name(t->arena, &t->names, g->a)));
}

static void label_backend(const report *t, const group *g, json_t *to)
{
    json_object_set_new(to, "model", json_integer((json_int_t)g->a));
    json_object_set_new(to, "name", sm_json_of(backend_name(&t->names, g->a)));
}

static void label_class(const report *t, const group *g, json_t *to)
{
    (void)t;
    json_object_set_new(to, "class", json_string(sm_class_id((sm_class)g->a)));
    json_object_set_new(to, "text", json_string(sm_class_text((sm_class)g->a)));
}

static void label_pair(const report *t, const group *g, json_t *to)
{
    (void)t;
    json_object_set_new(to, "department", json_integer((json_int_t)g->a));
    json_object_set_new(to, "model", json_integer((json_int_t)g->b));
}

static json_t *groups_json(const report *t, const groups *s, label_fn *label)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->n; i++) {
        json_t *one = sm_priced_json(&s->g[i].p);
        label(t, &s->g[i], one);
        json_array_append_new(all, one);
    }
    return all;
}

static sm_rc usage(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    report t;
    int64_t days;
    sm_date today = sm_today();
    sm_rc rc = sm_request_int(r, "days", 1, MAX_DAYS, 7, &days);
    if (rc == SM_OK)
        rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = read_report(op, db, today - (sm_date)days + 1, today, &t);
    if (rc < 0)
        return rc;
    return sm_respond_json(
        r, 200,
        json_pack("{s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "from",
                  sm_json_of(sm_date_iso(op->arena, today - (sm_date)days + 1)), "to",
                  sm_json_of(sm_date_iso(op->arena, today)), "days", (json_int_t)days, "total",
                  sm_priced_json(&t.total), "by_day", groups_json(&t, &t.day, label_day),
                  "by_department", groups_json(&t, &t.dept, label_dept), "by_model",
                  groups_json(&t, &t.backend, label_backend), "by_class",
                  groups_json(&t, &t.class, label_class), "by_department_and_model",
                  groups_json(&t, &t.pair, label_pair)));
}

/* ----------------------------------------------------------------- Prometheus */

static const struct counter {
    const char *name, *help;
    size_t at;
} counters[] = {
    { "calls_total", "Calls answered, whole or in part.", offsetof(sm_usage, calls) },
    { "prompt_tokens_total", "Tokens of prompts.", offsetof(sm_usage, prompt_tokens) },
    { "generated_tokens_total", "Tokens generated.", offsetof(sm_usage, generated_tokens) },
    { "refused_total", "Calls refused by the gateway.", offsetof(sm_usage, refused) },
    { "failed_total", "Calls that the model failed.", offsetof(sm_usage, failed) },
    { "busy_milliseconds_total", "Time from sent to ended, of all calls.",
      offsetof(sm_usage, busy_ms) },
};

/* The exposition format's escapes of a label's value. */
static void add_label(sm_buf *b, const char *name, sm_str value)
{
    sm_buf_addf(b, "%s=\"", name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == '"')
            sm_buf_addc(b, '\\');
        if (c == '\n')
            sm_buf_add(b, SM_STR("\\n"));
        else
            sm_buf_addc(b, c);
    }
    sm_buf_addc(b, '"');
}

static void add_counters(sm_buf *b, const char *of, const report *t, const groups *s,
                         sm_str (*name)(const report *t, int64_t id))
{
    for (size_t k = 0; k < SM_LEN(counters); k++) {
        sm_buf_addf(b, "# HELP sunmao_%s_%s %s\n# TYPE sunmao_%s_%s counter\n", of,
                    counters[k].name, counters[k].help, of, counters[k].name);
        for (size_t i = 0; i < s->n; i++) {
            const char *sum = (const char *)&s->g[i].p.sum;
            int64_t v = *(const int64_t *)(const void *)(sum + counters[k].at);
            sm_buf_addf(b, "sunmao_%s_%s{", of, counters[k].name);
            add_label(b, of, name(t, s->g[i].a));
            sm_buf_addf(b, "} %lld\n", (long long)v);
        }
    }
}

static sm_str class_name(const report *t, int64_t id)
{
    (void)t;
    return sm_str_of(sm_class_id((sm_class)id));
}

static sm_str dept_label(const report *t, int64_t id)
{
    return dept_name(t->arena, &t->names, id);
}

static sm_str model_label(const report *t, int64_t id)
{
    return id ? backend_name(&t->names, id) : SM_STR("none");
}

static void add_waits(sm_buf *b, const report *t, const groups *s)
{
    static const char name[] = "sunmao_model_first_token_seconds";
    sm_buf_addf(b, "# HELP %s Wait for the first token.\n# TYPE %s histogram\n", name, name);
    for (size_t i = 0; i < s->n; i++) {
        const sm_usage *u = &s->g[i].p.sum;
        int64_t below = 0;
        for (int k = 0; k < SM_USAGE_BUCKETS; k++) {
            below += u->bucket[k];
            sm_buf_addf(b, "%s_bucket{", name);
            add_label(b, "model", model_label(t, s->g[i].a));
            if (k + 1 < SM_USAGE_BUCKETS)
                sm_buf_addf(b, ",le=\"%.3f\"} %lld\n", (double)sm_usage_bound_ms[k] / 1000,
                            (long long)below);
            else
                sm_buf_addf(b, ",le=\"+Inf\"} %lld\n", (long long)below);
        }
        sm_buf_addf(b, "%s_sum{", name);
        add_label(b, "model", model_label(t, s->g[i].a));
        sm_buf_addf(b, "} %.3f\n%s_count{", (double)u->first_ms / 1000, name);
        add_label(b, "model", model_label(t, s->g[i].a));
        sm_buf_addf(b, "} %lld\n", (long long)u->n_first);
    }
}

static void add_registry(sm_buf *b, const names *n)
{
    sm_buf_add(b, SM_STR("# HELP sunmao_info The program.\n# TYPE sunmao_info gauge\n"
                         "sunmao_info{version=\"" SM_VERSION "\"} 1\n"
                         "# HELP sunmao_model_state 1 for the state that a model is in.\n"
                         "# TYPE sunmao_model_state gauge\n"));
    for (size_t i = 0; i < n->n_backends; i++) {
        sm_buf_add(b, SM_STR("sunmao_model_state{"));
        add_label(b, "model", n->backend[i].name);
        sm_buf_addf(b, ",state=\"%s\"} 1\n", sm_backend_state_name(n->backend[i].state));
    }
}

static const struct gauge {
    const char *list, *label, *key, *name, *help;
} gauges[] = {
    { "classes", "class", "waiting", "sunmao_queue_waiting", "Calls waiting for a model." },
    { "classes", "class", "running", "sunmao_queue_running", "Calls being answered." },
    { "classes", "class", "oldest_ms", "sunmao_queue_oldest_milliseconds",
      "How long the oldest one waits." },
    { "backends", "name", "running", "sunmao_backend_running", "Calls that a model answers." },
    { "backends", "name", "slots", "sunmao_backend_slots", "Calls that it takes at once." },
};

/* As it is now, from the same that the operator's page shows. */
static void add_now(sm_buf *b, sm_models *m)
{
    json_t *now = sm_models_status(m);
    const json_t *one;
    size_t i;
    for (size_t k = 0; k < SM_LEN(gauges); k++) {
        const struct gauge *g = &gauges[k];
        sm_buf_addf(b, "# HELP %s %s\n# TYPE %s gauge\n", g->name, g->help, g->name);
        json_array_foreach(json_object_get(now, g->list), i, one)
        {
            sm_buf_addf(b, "%s{", g->name);
            add_label(b, strcmp(g->label, "name") == 0 ? "model" : g->label,
                      sm_json_str(one, g->label));
            sm_buf_addf(b, "} %.0f\n", json_number_value(json_object_get(one, g->key)));
        }
    }
    sm_buf_add(b, SM_STR("# HELP sunmao_backend_up 1 while a model can be called.\n"
                         "# TYPE sunmao_backend_up gauge\n"));
    json_array_foreach(json_object_get(now, "backends"), i, one)
    {
        sm_buf_add(b, SM_STR("sunmao_backend_up{"));
        add_label(b, "model", sm_json_str(one, "name"));
        sm_buf_addf(b, "} %d\n", sm_str_eq(sm_json_str(one, "health"), SM_STR("up")));
    }
    json_decref(now);
}

static void add_cache(sm_buf *b, sm_worder *w)
{
    sm_cache_figures f = sm_worder_cache(w);
    const struct {
        const char *name, *type, *help;
        uint64_t n;
    } rows[] = {
        { "hits_total", "counter", "Worded answers found in the cache.", f.hits },
        { "misses_total", "counter", "Worded answers that were not.", f.misses },
        { "answers", "gauge", "Worded answers in the cache.", f.n },
        { "bytes", "gauge", "Bytes of them.", f.bytes },
    };
    for (size_t i = 0; i < SM_LEN(rows); i++)
        sm_buf_addf(b,
                    "# HELP sunmao_answer_cache_%s %s\n# TYPE sunmao_answer_cache_%s %s\n"
                    "sunmao_answer_cache_%s %llu\n",
                    rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name,
                    (unsigned long long)rows[i].n);
}

/* From this machine, over a unix socket, or from an address of the setting. */
static bool may_scrape(const sm_request *r)
{
    sm_str from = sm_request_peer(r);
    sm_app_key listed = { .addresses = SM_STR("127.0.0.0/8,::1") };
    if (from.n == 0 || sm_key_admits(&listed, from))
        return true;
    listed.addresses = sm_str_of(sm_server_of(r)->set->metrics);
    return listed.addresses.n && sm_key_admits(&listed, from);
}

static sm_rc metrics(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_buf b;
    report t;
    sm_str text;
    if (!may_scrape(r))
        return sm_fail(op, SM_E_DENIED, "只有本机和设置 server.metrics 里的地址可以读指标");
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = read_report(op, db, 0, INT32_MAX, &t);
    if (rc < 0)
        return rc;
    sm_buf_init(&b, MAX_METRICS_BYTES);
    add_registry(&b, &t.names);
    add_counters(&b, "model", &t, &t.backend, model_label);
    add_counters(&b, "department", &t, &t.dept, dept_label);
    add_counters(&b, "class", &t, &t.class, class_name);
    add_waits(&b, &t, &t.backend);
    add_now(&b, sm_server_of(r)->models);
    add_cache(&b, sm_server_of(r)->worder);
    rc = sm_buf_take(op, &b, &text);
    return rc < 0 ? rc : sm_respond_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

/* ----------------------------------------------------------------- right now */

static sm_rc status(sm_request *r)
{
    return sm_respond_json(r, 200, sm_models_status(sm_server_of(r)->models));
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/admin/usage",
      .run = usage,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "GET",
      .path = "/v1/admin/status",
      .run = status,
      .allow = SM_FOR(AUDITOR) | SM_FOR(ADMINISTRATOR),
      .slow = true },
    { .method = "GET", .path = "/metrics", .run = metrics, .allow = SM_FOR(PUBLIC), .slow = true },
};
const sm_route_list sm_routes_meter = { routes, SM_LEN(routes) };
