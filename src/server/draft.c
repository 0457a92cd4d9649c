/*
 * Official documents drafted for the staff: a draft from a description, its body written by a model
 * where the settings name one, and the DOCX of what a person has made of it.  Nothing is kept here
 * but that it was done.
 */
#include "server/inner.h"

#include "draft/draft.h"
#include "text/text.h"

enum {
    TEXT_BYTES = 64 * 1024, /* of one text; draft.h has the limits in characters */
    MAX_CHARS = 20000,      /* of what a person has made of it, on the whole */
    MAX_CLAUSES = 30,
    CLAUSES_CHARS = 8000, /* of all together */
    MAX_TOKENS = 3000,
    WRITE_MS = 60000,
    DOCX_BYTES = 64 << 20
};

/* -------------------------------------------------------------------- asking */

static sm_rc read_attached(sm_op *op, const json_t *j, sm_draft_ask *ask)
{
    const json_t *list = json_object_get(j, "attached"), *one;
    size_t n = json_array_size(list), i;
    if (list && !json_is_array(list))
        return sm_fail(op, SM_E_INVALID, "attached 应当是列表");
    if (n > SM_DRAFT_MAX_ATTACHED)
        return sm_fail(op, SM_E_LIMIT, "附件超过 %d 个", SM_DRAFT_MAX_ATTACHED);
    sm_str *name = SM_NEWS(op->arena, sm_str, n + 1);
    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one))
            return sm_fail(op, SM_E_INVALID, "attached 里应当是文字");
        name[i] = (sm_str){ json_string_value(one), json_string_length(one) };
    }
    ask->attached = name;
    ask->n_attached = n;
    return SM_OK;
}

static sm_rc read_ask(sm_op *op, const json_t *j, sm_date today, sm_draft_ask *ask)
{
    sm_str date = { 0 };
    *ask = (sm_draft_ask){ .today = today, .date = SM_DATE_NONE };
    const struct {
        const char *key;
        sm_str *to;
    } texts[] = { { "description", &ask->text },
                  { "kind", &ask->kind },
                  { "organ", &ask->organ },
                  { "to", &ask->to },
                  { "cc", &ask->cc },
                  { "number", &ask->number },
                  { "signer", &ask->signer },
                  { "title", &ask->title },
                  { "date", &date } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(texts); i++)
        rc = sm_json_text(op, j, texts[i].key, TEXT_BYTES, texts[i].to);
    if (rc == SM_OK)
        rc = read_attached(op, j, ask);
    if (rc < 0)
        return rc;
    ask->date = sm_date_parse(date);
    if (date.n && ask->date == SM_DATE_NONE)
        return sm_fail(op, SM_E_INVALID, "date 应当是 YYYY-MM-DD 的形式");
    return SM_OK;
}

static sm_rc draft_of(sm_op *op, sm_server *sv, const json_t *j, const sm_drafter **d,
                      sm_draft **draft)
{
    sm_draft_ask *ask = SM_NEW(op->arena, sm_draft_ask);
    sm_rc rc = read_ask(op, j, sm_sunmao_today(sv->s), ask);
    if (rc == SM_OK)
        rc = sm_sunmao_drafter(op, sv->s, NULL, d);
    return rc == SM_OK ? sm_draft_make(op, *d, ask, draft) : rc;
}

/* What the body may be written by, besides the description: [{"title","text"}]. */
static sm_rc read_clauses(sm_op *op, const json_t *j, sm_source **out, size_t *n)
{
    const json_t *list = json_object_get(j, "clauses");
    size_t chars = 0;
    *n = json_array_size(list);
    if (list && !json_is_array(list))
        return sm_fail(op, SM_E_INVALID, "clauses 应当是列表");
    if (*n > MAX_CLAUSES)
        return sm_fail(op, SM_E_LIMIT, "依据超过 %d 条", MAX_CLAUSES);
    *out = SM_NEWS(op->arena, sm_source, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        sm_source *s = &(*out)[i];
        s->id = SM_STR("clause");
        sm_rc rc = sm_json_text(op, json_array_get(list, i), "title", TEXT_BYTES, &s->title);
        if (rc == SM_OK)
            rc = sm_json_text(op, json_array_get(list, i), "text", TEXT_BYTES, &s->text);
        if (rc < 0)
            return rc;
        chars += sm_utf8_count(s->title) + sm_utf8_count(s->text);
    }
    return chars > CLAUSES_CHARS
               ? sm_fail(op, SM_E_LIMIT, "依据有 %zu 字，超过 %d 字", chars, CLAUSES_CHARS)
               : SM_OK;
}

/* ----------------------------------------------------------------- recording */

typedef struct done {
    sm_request *r;
    const char *act;
    sm_str who, object;
} done;

static sm_rc record(sm_op *op, sm_db *db, void *ctx)
{
    const done *d = ctx;
    return sm_ledger_act(op, db, d->who, d->act, d->object);
}

/* Who, which type, the SM3 of what came of it, whether a model wrote any of it. */
static done *done_of(sm_request *r, const sm_user *user, const char *act, const sm_draft *draft,
                     sm_str bytes)
{
    sm_arena *a = sm_request_op(r)->arena;
    sm_digest digest = sm_sm3(bytes);
    done *d = SM_NEW(a, done);
    *d = (done){ r, act, user->name,
                 sm_strf(a, "%.*s %.*s%s", SM_ARG(draft->kind), SM_ARG(sm_digest_hex(a, &digest)),
                         draft->by_model ? " 模型" : "") };
    return d;
}

/* ------------------------------------------------------------------- drafting */

typedef struct drafting {
    sm_server *sv;
    const sm_user *user; /* the request keeps this in the login's place */
    const sm_drafter *d;
    sm_draft *draft;
    sm_source *clause;
    size_t n_clauses;
    sm_write_job *job; /* NULL: no model was asked */
    sm_draft_taken taken;
    bool wrote; /* it finished */
} drafting;

static json_t *model_json(const drafting *g)
{
    if (!g->job)
        return json_null();
    json_t *j = sm_draft_taken_json(&g->taken);
    json_object_set_new(j, "state",
                        json_string(!g->wrote            ? "failed"
                                    : g->draft->by_model ? "wrote"
                                                         : "nothing"));
    json_object_set_new(j, "ms", json_real(sm_write_ms(g->job)));
    return j;
}

static sm_rc answer(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    const drafting *g = sm_request_kept(r);
    if (op->rc < 0) /* it could not be recorded */
        return op->rc;
    json_t *j = sm_draft_json(g->draft);
    json_object_set_new(j, "model", model_json(g));
    return sm_respond_json(r, 200, j);
}

static void recorded(void *done_)
{
    const done *d = done_;
    sm_request_go_on(d->r);
}

static sm_rc record_and_answer(sm_request *r, const drafting *g)
{
    sm_str text;
    sm_op *op = sm_request_op(r);
    if (!g->draft->clear)
        return answer(r);
    sm_rc rc = sm_draft_notation(op, g->draft, &text);
    if (rc < 0)
        return rc;
    done *d = done_of(r, g->user, "draft.make", g->draft, text);
    sm_request_wait(r, answer);
    sm_recorder_put(g->sv->recorder, op, record, recorded, d);
    return SM_OK;
}

/* Whatever went wrong with the model, the skeleton stays. */
static sm_rc take(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    drafting *g = sm_request_kept(r);
    sm_str wrote = sm_write_text(g->job);
    sm_request_on_gone(r, NULL, NULL);
    g->wrote = wrote.n > 0;
    if (g->wrote &&
        sm_draft_take(op, g->d, g->draft, g->clause, g->n_clauses, wrote, &g->taken) < 0) {
        sm_op_clear(op);
        g->wrote = false;
    }
    return record_and_answer(r, g);
}

static void wrote(void *request)
{
    sm_request_go_on(request);
}

static void close_job(void *job)
{
    sm_write_close(job);
}

static sm_rc ask_model(sm_request *r, drafting *g)
{
    sm_op *op = sm_request_op(r);
    sm_draft_prompt prompt;
    sm_rc rc = sm_draft_prompt_make(op, g->d, g->draft, g->clause, g->n_clauses, &prompt);
    if (rc < 0)
        return rc;
    sm_str request =
        sm_draft_request(op->arena, &prompt, sm_str_of(g->sv->set->model__), MAX_TOKENS, true);
    g->job = sm_write_open(g->sv, &(sm_write_ask){ .op = op,
                                                   .request = request,
                                                   .class = SM_CLASS_STAFF,
                                                   .most_ms = WRITE_MS,
                                                   .max_bytes = SM_DRAFT_MAX_WROTE,
                                                   .done = wrote,
                                                   .ctx = r });
    sm_arena_defer(op->arena, close_job, g->job);
    sm_request_wait(r, take);
    sm_request_on_gone(r, sm_write_cancel, g->job);
    sm_write_start(g->job);
    return SM_OK;
}

static sm_rc make(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    drafting *g = SM_NEW(op->arena, drafting);
    json_t *j;
    bool plain = false;
    g->sv = sm_server_of(r);
    g->user = sm_request_user(r);
    sm_request_keep(r, g);
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = sm_json_flag(op, j, "without_model", &plain);
    if (rc == SM_OK)
        rc = read_clauses(op, j, &g->clause, &g->n_clauses);
    if (rc == SM_OK)
        rc = draft_of(op, g->sv, j, &g->d, &g->draft);
    if (rc < 0)
        return rc;
    bool asks = g->draft->clear && !plain && *g->sv->set->model__;
    return asks ? ask_model(r, g) : record_and_answer(r, g);
}

/* -------------------------------------------------------------------- writing */

/* Characters of the texts of a list; E_INVALID for what is no such list. */
static sm_rc count(sm_op *op, const json_t *j, const char *what, size_t *n)
{
    const json_t *list = json_object_get(j, what), *one;
    size_t i;
    if (!json_is_array(list))
        return sm_fail(op, SM_E_INVALID, "%s 应当是列表", what);
    json_array_foreach(list, i, one)
    {
        sm_str text;
        sm_rc rc = sm_json_text(op, one, "text", SM_BODY_ASK, &text);
        if (rc < 0)
            return rc;
        *n += sm_utf8_count(text);
    }
    return SM_OK;
}

static sm_rc check_size(sm_op *op, const json_t *j)
{
    size_t n = 0;
    sm_rc rc = count(op, j, "elements", &n);
    if (rc == SM_OK)
        rc = count(op, j, "body", &n);
    if (rc == SM_OK && n > MAX_CHARS)
        rc = sm_fail(op, SM_E_LIMIT, "草稿有 %zu 字，超过 %d 字", n, MAX_CHARS);
    return rc;
}

static const json_t *element_of(const json_t *list, sm_str role)
{
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one) if (sm_str_eq(sm_json_str(one, "role"), role)) return one;
    return NULL;
}

/* What is locked stays as it was just made: what the person sent of it is not read. */
static void fill_in(json_t *made, const json_t *j)
{
    const json_t *list = json_object_get(j, "elements");
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(made, "elements"), i, one)
    {
        const json_t *theirs = element_of(list, sm_json_str(one, "role"));
        if (theirs && json_is_false(json_object_get(one, "locked")))
            json_object_set_new(one, "text", sm_json_of(sm_json_str(theirs, "text")));
    }
}

/* The draft made again from what was asked, with what the person filled in and wrote. */
static sm_rc edited(sm_op *op, sm_server *sv, const json_t *j, sm_draft **out)
{
    const sm_drafter *d;
    sm_draft *fresh;
    bool by_model = false;
    sm_rc rc = check_size(op, j);
    if (rc == SM_OK)
        rc = sm_json_flag(op, j, "by_model", &by_model);
    if (rc == SM_OK)
        rc = draft_of(op, sv, json_object_get(j, "ask"), &d, &fresh);
    if (rc == SM_OK && !fresh->clear)
        rc = sm_fail(op, SM_E_INVALID, "文种还没有定：ask 里要有 kind");
    if (rc < 0)
        return rc;
    json_t *made = sm_draft_json(fresh);
    sm_json_own(op->arena, made);
    fill_in(made, j);
    json_object_set(made, "body", json_object_get(j, "body"));
    json_object_set_new(made, "by_model", json_boolean(by_model));
    return sm_draft_parse(op, made, out);
}

static sm_rc docx(sm_request *r, const sm_draft *draft, sm_str *out)
{
    sm_op *op = sm_request_op(r);
    sm_label_text label = { .label = SM_STR("1") };
    sm_str text;
    sm_buf b;
    sm_rc rc = sm_draft_notation(op, draft, &text);
    if (rc == SM_OK && draft->by_model)
        rc = sm_producer_of(op, sm_server_of(r)->set, sm_request_user(r), &label.producer);
    if (rc < 0)
        return rc;
    sm_digest digest = sm_sm3(text);
    label.produce_id = sm_strf(op->arena, "draft-%.*s", SM_ARG(sm_digest_hex(op->arena, &digest)));
    sm_buf_init(&b, DOCX_BYTES);
    rc = sm_draft_docx(op, draft, draft->by_model ? &label : NULL, &b);
    if (rc == SM_OK)
        return sm_buf_take(op, &b, out);
    sm_buf_done(&b);
    return rc;
}

static sm_str name_of(const sm_draft *draft)
{
    for (size_t i = 0; i < draft->n_elements; i++)
        if (sm_str_eq(draft->element[i].role, SM_STR("title")) && draft->element[i].text.n)
            return draft->element[i].text;
    return draft->kind;
}

static sm_rc write_out(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_draft *draft;
    sm_str bytes;
    json_t *j;
    sm_rc rc = sm_request_json(r, &j);
    if (rc == SM_OK)
        rc = edited(op, sm_server_of(r), j, &draft);
    if (rc == SM_OK)
        rc = docx(r, draft, &bytes);
    if (rc == SM_OK)
        rc = sm_recorder_run(sm_server_of(r)->recorder, op, record,
                             done_of(r, sm_request_user(r), "draft.write", draft, bytes));
    return rc < 0 ? rc : sm_respond_docx(r, sm_utf8_head(name_of(draft), 60), bytes);
}

static const sm_route routes[] = {
    { .method = "POST",
      .path = "/v1/drafts",
      .run = make,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = SM_BODY_ASK },
    { .method = "POST",
      .path = "/v1/drafts/docx",
      .run = write_out,
      .allow = SM_FOR_ALL_STAFF,
      .max_body = SM_BODY_ASK,
      .slow = true },
};
const sm_route_list sm_routes_draft = { routes, SM_LEN(routes) };
