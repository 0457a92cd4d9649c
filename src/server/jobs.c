/*
 * What takes longer than a request: an import, a governance check, a model's test.  One at a time
 * of each sm_jobs, since imports and checks need the writer's turn; the last ones can be looked at
 * for as long as the server runs.
 */
#include "server/inner.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_JOBS = 64, MAX_QUEUED = 16, NAME_BYTES = 200, LEFT_OVER_S = 24 * 3600 };
static const char IMPORTS[] = "import"; /* in spool_dir: what is being imported */

typedef enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED } job_state;
static const char *const state_names[] = { [JOB_WAITING] = "running",
                                           [JOB_RUNNING] = "running",
                                           [JOB_DONE] = "done",
                                           [JOB_FAILED] = "failed" };

typedef struct job {
    int64_t id;
    const char *kind; /* "import", "check", a task's; NULL: a free place */
    char who[40];
    job_state state;
    sm_job_fn *task; /* neither import nor check: writes its own act */
    int64_t object;  /* the task's */
    /* of an import */
    sm_kind of;
    bool strict;
    char *folder, *file; /* ours to remove; the file bears the name it was given */
    /* how far it is */
    char *stage; /* NULL: not begun */
    size_t done, total;
    json_t *report;
    char code[24], *message;
} job;

struct sm_jobs {
    sm_server *sv;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    job job[MAX_JOBS];
    int64_t last;
    bool closing;
    atomic_bool cancel; /* the tasks': closing */
};

/* ------------------------------------------------------------------ the work */

static void forget(job *j)
{
    json_decref(j->report);
    free(j->stage);
    free(j->folder);
    free(j->file);
    free(j->message);
    *j = (job){ 0 };
}

static void remove_upload(job *j)
{
    if (j->file)
        unlink(j->file);
    if (j->folder)
        rmdir(j->folder);
}

struct progress {
    sm_jobs *jobs;
    job *j;
};

static void note_progress(void *ctx, const char *stage, size_t done, size_t total)
{
    struct progress *p = ctx;
    pthread_mutex_lock(&p->jobs->lock);
    free(p->j->stage);
    p->j->stage = strdup(stage);
    p->j->done = done;
    p->j->total = total;
    pthread_mutex_unlock(&p->jobs->lock);
}

/* An import is known by its file's path: what the last one of that name had to say is replaced.  So
 * it is read from the same place each time. */
static sm_rc move_to_its_place(sm_op *op, sm_server *sv, job *j)
{
    const char *folder = sm_path(op->arena, sv->spool_dir, IMPORTS);
    char *place = strdup(sm_path(op->arena, folder, strrchr(j->file, '/') + 1));
    if (!place)
        abort();
    sm_rc rc = sm_dir_make(op, folder);
    if (rc == SM_OK && rename(j->file, place) < 0)
        rc = sm_fail(op, SM_E_UNAVAILABLE, "存不下上传的文件：%s", strerror(errno));
    if (rc < 0) {
        free(place);
        return rc;
    }
    free(j->file);
    j->file = place;
    return SM_OK;
}

static sm_rc import(sm_op *op, sm_server *sv, job *j, json_t **report)
{
    sm_import_report *r;
    sm_rc rc = move_to_its_place(op, sv, j);
    if (rc < 0)
        return rc;
    const char *path = j->file;
    rc = sm_sunmao_import(op, sv->s, j->of, &path, 1, j->strict, &r);
    if (rc == SM_OK)
        *report = sm_import_json(r);
    return rc;
}

static sm_rc check(sm_op *op, sm_server *sv, json_t **report)
{
    sm_defect *f;
    size_t n;
    sm_rc rc = sm_sunmao_check(op, sv->s, sm_sunmao_today(sv->s), &f, &n);
    if (rc == SM_OK)
        *report = json_pack("{s:I}", "findings", (json_int_t)n);
    return rc;
}

static sm_rc note_act(sm_op *op, sm_db *db, void *ctx)
{
    const job *j = ctx;
    return sm_ledger_act(op, db, sm_str_of(j->who),
                         strcmp(j->kind, "import") == 0 ? "corpus.import" : "corpus.check",
                         sm_strf(op->arena, "job:%lld", (long long)j->id));
}

static sm_rc do_work(sm_op *op, sm_jobs *jobs, job *j, json_t **report)
{
    if (j->task) {
        op->cancel = &jobs->cancel;
        return j->task(op, jobs->sv, sm_str_of(j->who), j->object, report);
    }
    sm_rc rc = sm_recorder_run(jobs->sv->recorder, op, note_act, j);
    if (rc < 0)
        return rc;
    return strcmp(j->kind, "import") == 0 ? import(op, jobs->sv, j, report)
                                          : check(op, jobs->sv, report);
}

static void run(sm_jobs *jobs, job *j)
{
    sm_op op;
    json_t *report = NULL;
    struct progress p = { jobs, j };
    sm_op_begin(&op);
    op.progress = note_progress;
    op.progress_ctx = &p;
    sm_rc rc = do_work(&op, jobs, j, &report);
    remove_upload(j);
    pthread_mutex_lock(&jobs->lock);
    j->report = report;
    j->state = rc < 0 ? JOB_FAILED : JOB_DONE;
    if (rc < 0) {
        snprintf(j->code, sizeof(j->code), "%s", sm_rc_name(rc));
        j->message = strndup(op.msg.n ? op.msg.p : sm_rc_text(rc),
                             op.msg.n ? op.msg.n : strlen(sm_rc_text(rc)));
    }
    pthread_mutex_unlock(&jobs->lock);
    sm_op_end(&op);
}

static job *next_waiting(sm_jobs *jobs)
{
    job *first = NULL;
    for (size_t i = 0; i < MAX_JOBS; i++) {
        job *j = &jobs->job[i];
        if (j->kind && j->state == JOB_WAITING && (!first || j->id < first->id))
            first = j;
    }
    return first;
}

static void *work(void *p)
{
    sm_jobs *jobs = p;
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->closing) {
        job *j = next_waiting(jobs);
        if (!j) {
            pthread_cond_wait(&jobs->work, &jobs->lock);
            continue;
        }
        j->state = JOB_RUNNING;
        pthread_mutex_unlock(&jobs->lock);
        run(jobs, j);
        pthread_mutex_lock(&jobs->lock);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

/* What a server that was killed had received: older than any upload in work may be. */
static void remove_old(const char *dir, int depth)
{
    sm_arena *a = sm_arena_open();
    DIR *d = opendir(dir);
    int64_t now_s = sm_wall_ms() / 1000;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        const char *path = sm_path(a, dir, e->d_name);
        struct stat st;
        if (e->d_name[0] == '.' || lstat(path, &st) < 0 || st.st_mtime > now_s - LEFT_OVER_S)
            continue;
        if (!S_ISDIR(st.st_mode)) {
            unlink(path);
        } else if (depth == 0) {
            remove_old(path, depth + 1);
            rmdir(path);
        }
    }
    if (d)
        closedir(d);
    sm_arena_close(a);
}

sm_jobs *sm_jobs_open(sm_server *sv)
{
    remove_old(sv->spool_dir, 0);
    sm_jobs *jobs = calloc(1, sizeof(*jobs));
    if (!jobs)
        abort();
    jobs->sv = sv;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->work, NULL);
    if (pthread_create(&jobs->thread, NULL, work, jobs) != 0) {
        free(jobs);
        return NULL;
    }
    return jobs;
}

void sm_jobs_close(sm_jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->closing = true;
    atomic_store(&jobs->cancel, true);
    pthread_cond_signal(&jobs->work);
    pthread_mutex_unlock(&jobs->lock);
    pthread_join(jobs->thread, NULL);
    for (size_t i = 0; i < MAX_JOBS; i++) {
        if (jobs->job[i].state == JOB_WAITING)
            remove_upload(&jobs->job[i]);
        forget(&jobs->job[i]);
    }
    pthread_cond_destroy(&jobs->work);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

/* A place for a new job: a free one, else that of the oldest that is over. */
static job *place_for(sm_jobs *jobs)
{
    job *place = NULL;
    size_t queued = 0;
    for (size_t i = 0; i < MAX_JOBS; i++) {
        job *j = &jobs->job[i];
        queued += j->kind && j->state == JOB_WAITING;
        bool over = !j->kind || j->state >= JOB_DONE;
        if (over && (!place || (place->kind && (!j->kind || j->id < place->id))))
            place = j;
    }
    return queued < MAX_QUEUED ? place : NULL;
}

/* Takes `new`'s folder and file over. */
static sm_rc put(sm_request *r, sm_jobs *jobs, job new)
{
    const sm_user *user = sm_request_user(r);
    snprintf(new.who, sizeof(new.who), "%.*s", SM_ARG(user->name));
    pthread_mutex_lock(&jobs->lock);
    job *j = place_for(jobs);
    if (j) {
        forget(j);
        new.id = ++jobs->last;
        *j = new;
        pthread_cond_signal(&jobs->work);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (!j) {
        remove_upload(&new);
        forget(&new);
        return sm_fail(sm_request_op(r), SM_E_UNAVAILABLE, "排队的任务太多，请等它们做完再来");
    }
    return sm_respond_json(
        r, 202,
        json_pack("{s:o}", "job",
                  sm_json_of(sm_strf(sm_request_op(r)->arena, "%lld", (long long)new.id))));
}

/* ---------------------------------------------------------------- the routes */

/* The name a file was given shows in the notes of the import and tells its format; nothing of it
 * may lead elsewhere. */
static sm_rc file_name(sm_request *r, sm_str *out)
{
    sm_str name = sm_request_query(r, "name");
    bool plain = name.n && name.n <= NAME_BYTES && name.p[0] != '.' &&
                 !sm_str_has(name, SM_STR("/")) && !sm_str_has(name, SM_STR("\\"));
    if (!plain)
        return sm_fail(sm_request_op(r), SM_E_INVALID,
                       "name 应当是文件名（不带路径，最长 %d 字节），例如 items.jsonl", NAME_BYTES);
    *out = name;
    return SM_OK;
}

/* Beside the spooled body, in a folder of its own, under the name it was given. */
static sm_rc place_upload(sm_request *r, sm_str name, job *j)
{
    sm_op *op = sm_request_op(r);
    char *folder =
        sm_cstr(op->arena, sm_strf(op->arena, "%s/import-XXXXXX", sm_server_of(r)->spool_dir));
    if (!mkdtemp(folder))
        return sm_fail(op, SM_E_UNAVAILABLE, "存不下上传的文件");
    j->folder = strdup(folder);
    j->file = strdup(sm_path(op->arena, folder, sm_cstr(op->arena, name)));
    if (!j->folder || !j->file)
        abort();
    if (rename(sm_request_file(r).p, j->file) < 0) {
        remove_upload(j);
        forget(j);
        return sm_fail(op, SM_E_UNAVAILABLE, "存不下上传的文件");
    }
    return SM_OK;
}

static sm_rc start_import(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    job new = { .kind = "import" };
    sm_str name;
    new.strict = sm_str_eq(sm_request_query(r, "strict"), SM_STR("1"));
    if (!sm_kind_parse(sm_request_query(r, "kind"), &new.of))
        return sm_fail(op, SM_E_INVALID, "kind 应当是 item、policy 或 law");
    sm_rc rc = file_name(r, &name);
    if (rc == SM_OK)
        rc = place_upload(r, name, &new);
    return rc < 0 ? rc : put(r, sm_server_of(r)->jobs, new);
}

static sm_rc start_check(sm_request *r)
{
    return put(r, sm_server_of(r)->jobs, (job){ .kind = "check" });
}

sm_rc sm_jobs_put(sm_request *r, sm_jobs *jobs, const char *kind, sm_job_fn *task, int64_t object)
{
    return put(r, jobs, (job){ .kind = kind, .task = task, .object = object });
}

static json_t *job_json(const job *j)
{
    json_t *error =
        j->message ? json_pack("{s:s,s:s}", "code", j->code, "message", j->message) : json_null();
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)j->id);
    return json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:O,s:o}", "job", id, "kind", j->kind, "state",
                     state_names[j->state], "stage", j->stage ? j->stage : "", "done",
                     (json_int_t)j->done, "total", (json_int_t)j->total, "report",
                     j->report ? j->report : json_null(), "error", error);
}

sm_rc sm_jobs_show(sm_request *r, sm_jobs *jobs)
{
    int64_t id;
    json_t *out = NULL;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&jobs->lock);
    for (size_t i = 0; i < MAX_JOBS; i++)
        if (jobs->job[i].kind && jobs->job[i].id == id) {
            json_t *shared = job_json(&jobs->job[i]);
            out = json_deep_copy(shared); /* the report is another thread's, too */
            json_decref(shared);
        }
    pthread_mutex_unlock(&jobs->lock);
    if (!out)
        return sm_fail(sm_request_op(r), SM_E_NOTFOUND, "没有这个任务，或服务重启过");
    return sm_respond_json(r, 200, out);
}

static sm_rc show(sm_request *r)
{
    return sm_jobs_show(r, sm_server_of(r)->jobs);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/import",
      .run = start_import,
      .allow = SM_FOR(KEEPER),
      .max_body = SM_BODY_IMPORT,
      .slow = true,
      .spool = true },
    { .method = "POST",
      .path = "/v1/checks",
      .run = start_check,
      .allow = SM_FOR(KEEPER),
      .max_body = SM_BODY_SMALL,
      .slow = true },
    { .method = "GET",
      .path = "/v1/jobs/{id}",
      .run = show,
      .allow = SM_FOR(KEEPER),
      .slow = true },
};
const sm_route_list sm_routes_jobs = { routes, SM_LEN(routes) };
