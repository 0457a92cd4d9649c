/*
 * The public API over the inner face: C strings in, JSON texts out.
 */
#include "sunmao/inner.h"

#include <stdlib.h>
#include <string.h>

enum { DRAFT_BYTES = 64 << 20 };

struct sunmao {
    sm_sunmao *inner;
};

const char *sunmao_version(void)
{
    return SM_VERSION;
}

const char *sunmao_rc_name(int rc)
{
    return sm_rc_name((sm_rc)rc);
}

void sunmao_free(char *text)
{
    free(text);
}

static char *heap_copy(sm_str s)
{
    char *p = malloc(s.n + 1);
    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = 0;
    }
    return p;
}

/* Ends the op; hands out the JSON on success, the message on failure. */
static int finish(sm_op *op, sm_rc rc, json_t *json, char **json_out, char **err)
{
    if (rc == SM_OK && json_out) {
        *json_out = heap_copy(sm_json_dump(op->arena, json));
        if (!*json_out)
            rc = SM_E_LIMIT;
    }
    json_decref(json);
    if (rc < 0 && err)
        *err = heap_copy(op->msg.n ? op->msg : sm_str_of(sm_rc_text(rc)));
    sm_op_end(op);
    return rc;
}

static sm_rc read_date(sm_op *op, const char *text, sm_date *out)
{
    *out = SM_DATE_NONE;
    if (!text || !*text)
        return SM_OK;
    *out = sm_date_parse(sm_str_of(text));
    if (*out == SM_DATE_NONE)
        return sm_fail(op, SM_E_INVALID, "日期 %s 不是 YYYY-MM-DD 的形式", text);
    return SM_OK;
}

int sunmao_open(const sunmao_options *options, sunmao **out, char **err)
{
    sm_op op;
    sm_op_begin(&op);
    sm_sunmao_options o = { .today = SM_DATE_NONE };
    sm_rc rc = SM_OK;
    sunmao *s = calloc(1, sizeof(*s));
    if (!s || !options || !out || options->version != 1)
        rc = sm_fail(&op, SM_E_INVALID, "选项应当用 SUNMAO_OPTIONS_INIT 起头");
    if (rc == SM_OK) {
        o.data_dir = options->data_dir;
        o.share_dir = options->share_dir;
        o.read_only = options->read_only != 0;
        rc = read_date(&op, options->today, &o.today);
    }
    if (rc == SM_OK)
        rc = sm_sunmao_open(&op, &o, &s->inner);
    if (rc == SM_OK)
        *out = s;
    else
        free(s);
    return finish(&op, rc, NULL, NULL, err);
}

void sunmao_close(sunmao *s)
{
    if (!s)
        return;
    sm_sunmao_close(s->inner);
    free(s);
}

int sunmao_ask(sunmao *s, const char *text, const sunmao_ask_options *options, char **json_out,
               char **err)
{
    sm_op op;
    sm_op_begin(&op);
    sm_question q = { .text = sm_str_of(text), .as_of = SM_DATE_NONE };
    sm_reply *reply;
    json_t *json = NULL;
    sm_rc rc = text ? SM_OK : sm_fail(&op, SM_E_INVALID, "没有给出问题");
    if (rc == SM_OK && options) {
        q.session = sm_str_of(options->session);
        q.region = sm_str_of(options->region);
        q.audience = sm_str_of(options->audience);
        rc = read_date(&op, options->as_of, &q.as_of);
    }
    if (rc == SM_OK)
        rc = sm_sunmao_ask(&op, s->inner, &q, &reply);
    if (rc == SM_OK)
        json = sm_reply_json(reply);
    return finish(&op, rc, json, json_out, err);
}

int sunmao_search(sunmao *s, const char *kind, const char *text, int top, char **json_out,
                  char **err)
{
    sm_op op;
    sm_op_begin(&op);
    sm_kind k;
    sm_found *found;
    size_t n;
    json_t *json = NULL;
    sm_rc rc = SM_OK;
    if (!text || !sm_kind_parse(sm_str_of(kind), &k) || top < 1 || top > 1000)
        rc = sm_fail(&op, SM_E_INVALID, "kind 应当是 item、policy 或 law，top 在 1 到 1000 之间");
    if (rc == SM_OK)
        rc = sm_sunmao_search(&op, s->inner, k, sm_str_of(text), (size_t)top, SM_DATE_NONE, true,
                              &found, &n, false);
    if (rc == SM_OK) {
        json = json_array();
        for (size_t i = 0; i < n; i++)
            json_array_append_new(
                json,
                json_pack("{s:o,s:o,s:o,s:o,s:f}", "id", sm_json_of(found[i].hit.id), "clause",
                          sm_json_of(found[i].hit.clause), "title", sm_json_of(found[i].title),
                          "text", sm_json_of(found[i].text), "score", found[i].hit.score));
    }
    return finish(&op, rc, json, json_out, err);
}

int sunmao_import(sunmao *s, const char *kind, const char *const *paths, size_t n_paths, int strict,
                  char **json_out, char **err)
{
    sm_op op;
    sm_op_begin(&op);
    sm_kind k;
    sm_import_report *report;
    json_t *json = NULL;
    sm_rc rc = SM_OK;
    if (!sm_kind_parse(sm_str_of(kind), &k) || n_paths == 0)
        rc = sm_fail(&op, SM_E_INVALID, "kind 应当是 item、policy 或 law，并至少给出一个文件");
    if (rc == SM_OK)
        rc = sm_sunmao_import(&op, s->inner, k, paths, n_paths, strict != 0, &report);
    if (rc == SM_OK)
        json = sm_import_json(report);
    return finish(&op, rc, json, json_out, err);
}

int sunmao_train(sunmao *s, const char *kind, const char *pairs_path, char **json_out, char **err)
{
    sm_op op;
    sm_op_begin(&op);
    sm_kind k;
    sm_pair *pair;
    size_t n;
    sm_train_report *report;
    sm_train_options o = { .gbdt = true };
    json_t *json = NULL;
    sm_rc rc = SM_OK;
    if (!sm_kind_parse(sm_str_of(kind), &k) || !pairs_path)
        rc = sm_fail(&op, SM_E_INVALID, "kind 应当是 item、policy 或 law，并给出训练文件");
    if (rc == SM_OK)
        rc = sm_pairs_read(&op, pairs_path, &pair, &n);
    if (rc == SM_OK)
        rc = sm_sunmao_train(&op, s->inner, k, pair, n, &o, &report);
    if (rc == SM_OK)
        json = sm_train_json(report);
    return finish(&op, rc, json, json_out, err);
}

int sunmao_ground(sunmao *s, const char *json, char **json_out, char **err)
{
    sm_op op;
    sm_op_begin(&op);
    json_t *asked, *said = NULL;
    sm_organs *organs = NULL;
    sm_rc rc = json ? sm_json_parse(&op, sm_str_of(json), "证据与句子", &asked)
                    : sm_fail(&op, SM_E_INVALID, "没有给出证据与句子");
    if (rc == SM_OK && s)
        rc = sm_sunmao_organs(&op, s->inner, &organs);
    if (rc == SM_OK)
        rc = sm_ground_answer(&op, asked, organs, &said);
    return finish(&op, rc, said, json_out, err);
}

static void close_reviewer(void *r)
{
    sm_reviewer_close(r);
}

/* The handle's own, or one for this call. */
static sm_rc reviewer_for(sm_op *op, sunmao *s, const sunmao_review_options *o,
                          const sm_reviewer **out)
{
    if (s && !o->own_dir && !o->as_of)
        return sm_sunmao_reviewer(op, s->inner, out);
    sm_reviewer *r;
    sm_reviewer_options how = { .own_dir = o->own_dir };
    sm_rc rc = read_date(op, o->as_of, &how.today);
    if (rc == SM_OK && s)
        sm_sunmao_review_options(op->arena, s->inner, &how);
    if (rc == SM_OK)
        rc = sm_reviewer_open(op, &how, &r);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, close_reviewer, r);
    *out = r;
    return SM_OK;
}

int sunmao_review(sunmao *s, const char *name, const void *bytes, size_t n,
                  const sunmao_review_options *options, char **json_out, char **err)
{
    static const sunmao_review_options standard = SUNMAO_REVIEW_OPTIONS_INIT;
    const sunmao_review_options *o = options ? options : &standard;
    int64_t began = sm_now_us();
    sm_op op;
    sm_op_begin(&op);
    const sm_reviewer *r;
    sm_layout *layout;
    sm_review *review;
    json_t *json = NULL;
    sm_rc rc = SM_OK;
    if (!name || (!bytes && n) || o->version != 1)
        rc = sm_fail(&op, SM_E_INVALID,
                     "要给出文件名和内容，选项用 SUNMAO_REVIEW_OPTIONS_INIT 起头");
    if (rc == SM_OK)
        rc = reviewer_for(&op, s, o, &r);
    if (rc == SM_OK)
        rc = sm_reviewer_read(&op, r, name, (sm_str){ bytes, n }, o->program, &layout, &review);
    if (rc == SM_OK)
        json = sm_review_json(name, review, (double)(sm_now_us() - began) / 1000, true);
    return finish(&op, rc, json, json_out, err);
}

/* ------------------------------------------------------------------ drafts */

static sm_rc draft_ask(sm_op *op, const char *text, const sunmao_draft_options *o,
                       sm_draft_ask *out)
{
    sm_str *attached = SM_NEWS(op->arena, sm_str, SM_DRAFT_MAX_ATTACHED + 1);
    *out = (sm_draft_ask){ .text = sm_str_of(text),
                           .kind = sm_str_of(o->kind),
                           .organ = sm_str_of(o->organ),
                           .to = sm_str_of(o->to),
                           .cc = sm_str_of(o->cc),
                           .number = sm_str_of(o->number),
                           .signer = sm_str_of(o->signer),
                           .title = sm_str_of(o->title),
                           .attached = attached };
    for (const char *const *p = o->attached; p && *p && out->n_attached <= SM_DRAFT_MAX_ATTACHED;
         p++)
        attached[out->n_attached++] = sm_str_of(*p);
    sm_rc rc = read_date(op, o->date, &out->date);
    if (rc == SM_OK)
        rc = read_date(op, o->as_of, &out->today);
    return rc;
}

static sm_rc write_draft(sm_op *op, const sm_draft *draft, const char *path)
{
    sm_buf b;
    sm_str bytes;
    sm_buf_init(&b, DRAFT_BYTES);
    sm_rc rc = sm_draft_docx(op, draft, NULL, &b);
    if (rc < 0) {
        sm_buf_done(&b);
        return rc;
    }
    rc = sm_buf_take(op, &b, &bytes);
    return rc < 0 ? rc : sm_file_write(op, path, bytes);
}

int sunmao_draft(sunmao *s, const char *description, const sunmao_draft_options *options,
                 char **json_out, char **err)
{
    static const sunmao_draft_options standard = SUNMAO_DRAFT_OPTIONS_INIT;
    const sunmao_draft_options *o = options ? options : &standard;
    sm_op op;
    sm_op_begin(&op);
    const sm_drafter *d;
    sm_draft_ask ask;
    sm_draft *draft;
    json_t *json = NULL;
    sm_rc rc = SM_OK;
    if (!description || o->version != 1)
        rc = sm_fail(&op, SM_E_INVALID, "要给出描述，选项用 SUNMAO_DRAFT_OPTIONS_INIT 起头");
    if (rc == SM_OK)
        rc = draft_ask(&op, description, o, &ask);
    if (rc == SM_OK && ask.today == SM_DATE_NONE)
        ask.today = s ? sm_sunmao_today(s->inner) : sm_today();
    if (rc == SM_OK)
        rc = sm_sunmao_drafter(&op, s ? s->inner : NULL, o->own_dir, &d);
    if (rc == SM_OK)
        rc = sm_draft_make(&op, d, &ask, &draft);
    if (rc == SM_OK && o->docx_path && draft->clear)
        rc = write_draft(&op, draft, o->docx_path);
    if (rc == SM_OK)
        json = sm_draft_json(draft);
    return finish(&op, rc, json, json_out, err);
}
