#include "corpus/import.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "text/text.h"

enum {
    MAX_LINE_BYTES = 4 << 20,
    MAX_FILE_BYTES = 32 << 20,
    MAX_JSONL_BYTES = 1 << 30,
    MAX_FILES = 100000,
    MAX_FOLDER_DEPTH = 16,
    MAX_ID_BYTES = 200,
};

/* ------------------------------------------------------------- metadata */

/* The front matter's names, Chinese labels beside them. */
static const char *const meta_names[][4] = {
    { "id", "编号", NULL, NULL },
    { "title", "标题", "名称", NULL },
    { "doc_no", "文号", "发文字号", NULL },
    { "issuer", "发文机关", "发布机关", NULL },
    { "level", "层级", NULL, NULL },
    { "region", "区域", "地区", "适用地区" },
    { "audience", "适用对象", "对象", NULL },
    { "issued", "成文日期", "发布日期", NULL },
    { "effective", "施行日期", "生效日期", NULL },
    { "expires", "失效日期", "有效期至", "废止日期" },
    { "status", "效力状态", "状态", "有效性" },
    { "supersedes", "替代", NULL, NULL },
    { "superseded_by", "被替代", NULL, NULL },
    { "secret", "密级", "classification", "security" },
};

typedef sm_str get_fn(const void *from, const char *name);

static sm_str meta(const void *from, get_fn *get, const char *name)
{
    for (size_t i = 0; i < SM_LEN(meta_names); i++) {
        if (strcmp(meta_names[i][0], name) != 0)
            continue;
        for (size_t k = 0; k < 4 && meta_names[i][k]; k++) {
            sm_str v = sm_str_trim(get(from, meta_names[i][k]));
            if (v.n)
                return v;
        }
    }
    return (sm_str){ 0 };
}

static sm_str from_document(const void *from, const char *name)
{
    return sm_document_meta(from, name);
}

static sm_str from_json(const void *from, const char *name)
{
    return sm_json_str(from, name);
}

static sm_date any_date(sm_arena *a, sm_str s)
{
    sm_date d = sm_date_parse(sm_str_sub(s, 0, 10));
    if (d != SM_DATE_NONE || s.n == 0)
        return d;
    sm_fact *f;
    size_t n = sm_text_facts(a, s, &f);
    return n && f[0].kind == SM_FACT_DATE ? (sm_date)f[0].value : SM_DATE_NONE;
}

/* An unreadable date is no open end: what it bounds would be answered with for good. */
static sm_rc read_date(sm_op *op, const void *from, get_fn *get, const char *name, sm_date *out)
{
    static const char *const open[] = { "长期",       "长期有效", "永久", "无",
                                        "无固定期限", "-",        "—",    "null" };
    sm_str v = meta(from, get, name);
    *out = any_date(op->arena, v);
    if (*out != SM_DATE_NONE || v.n == 0)
        return SM_OK;
    for (size_t i = 0; i < SM_LEN(open); i++)
        if (sm_str_eq(v, sm_str_of(open[i])))
            return SM_OK;
    return sm_fail(op, SM_E_INVALID, "%s 写成“%.*s”，读不懂；请写成 YYYY-MM-DD", name,
                   SM_ARG(sm_utf8_head(v, 40)));
}

static sm_rc read_meta(sm_op *op, const void *from, get_fn *get, sm_doc *d)
{
    d->id = meta(from, get, "id");
    d->title = meta(from, get, "title");
    d->doc_no = meta(from, get, "doc_no");
    d->issuer = meta(from, get, "issuer");
    d->level = meta(from, get, "level");
    d->region = meta(from, get, "region");
    d->audience = meta(from, get, "audience");
    d->status = meta(from, get, "status");
    d->supersedes = meta(from, get, "supersedes");
    d->superseded_by = meta(from, get, "superseded_by");
    sm_rc rc = read_date(op, from, get, "issued", &d->issued);
    if (rc == SM_OK)
        rc = read_date(op, from, get, "effective", &d->effective);
    if (rc == SM_OK)
        rc = read_date(op, from, get, "expires", &d->expires);
    d->ends = d->expires;
    return rc;
}

/* An id is shown, listed with commas and looked up: one short line. */
static sm_rc check_id(sm_op *op, sm_str id)
{
    bool bad = id.n > MAX_ID_BYTES;
    for (size_t i = 0; i < id.n && !bad; i++)
        bad = (unsigned char)id.p[i] < ' ' || id.p[i] == ',';
    return bad ? sm_fail(op, SM_E_INVALID, "编号太长（最多 %d 字节），或含有逗号、换行",
                         MAX_ID_BYTES)
               : SM_OK;
}

/* --------------------------------------------------------------- one entry */

static void note_masked(sm_importing *im, size_t n, sm_str where)
{
    if (n == 0)
        return;
    im->report->n_masked += (int64_t)n;
    sm_import_note(im, SM_NOTE_ALERT, "MASKED", where,
                   "已隐去 %zu 处个人信息（身份证号、手机号、银行卡号）", n);
}

/* Personal data out before anything is kept. */
static sm_rc keep(sm_importing *im, sm_doc *d, sm_pieces *p, sm_str where)
{
    note_masked(im, sm_mask_doc(im->step->arena, d, p), where);
    sm_pieces_number(p);
    return sm_version_write(im, d, p);
}

static sm_str digest_of(sm_arena *a, sm_str bytes)
{
    sm_digest d = sm_sm3(bytes);
    return sm_digest_hex(a, &d);
}

static sm_rc refuse(sm_importing *im, sm_str where, sm_rc rc)
{
    im->report->n_refused++;
    sm_import_note(im, SM_NOTE_REFUSED, sm_rc_name(rc), where, "%.*s", SM_ARG(im->step->msg));
    return SM_OK;
}

static sm_rc refuse_secret(sm_importing *im, sm_str where)
{
    im->report->n_refused++;
    sm_import_note(im, SM_NOTE_ALERT, "SECRET_MARK", where,
                   "带有国家秘密标志，已拒收，内容没有留下任何副本；请按保密规定处理源文件");
    return SM_OK;
}

/* Up to 第…条: the law's own name. */
static sm_str law_name(sm_str title)
{
    for (size_t at = 0; (at = sm_str_find(title, SM_STR("第"), at)) != SIZE_MAX; at += 3) {
        size_t end = sm_str_find(title, SM_STR("条"), at);
        if (end == SIZE_MAX)
            break;
        if (sm_text_integer(sm_str_sub(title, at + 3, end)) >= 0)
            return sm_str_trim(sm_str_sub(title, 0, at));
    }
    return title;
}

static sm_rc import_law(sm_importing *im, const json_t *j, sm_str line, sm_str where)
{
    sm_op *op = im->step;
    sm_doc d = { .kind = SM_KIND_LAW };
    sm_pieces p = { .a = op->arena };
    sm_str text = sm_str_trim(sm_json_str(j, "text")), law = sm_json_str(j, "law");
    sm_rc rc = read_meta(op, j, from_json, &d);
    if (sm_is_classified_level(op->arena, meta(j, from_json, "secret")) ||
        sm_is_classified_record(op->arena, d.title, d.doc_no, text))
        return refuse_secret(im, where);
    if (rc == SM_OK && (d.id.n == 0 || text.n == 0))
        rc = sm_fail(op, SM_E_INVALID, "缺少 id 或 text");
    if (rc == SM_OK)
        rc = check_id(op, d.id);
    if (rc < 0)
        return rc;
    d.parent = law.n ? law : law_name(d.title);
    if (d.title.n == 0)
        d.title = sm_strf(op->arena, "%.*s%.*s", SM_ARG(law), SM_ARG(sm_json_str(j, "art")));
    if (d.effective == SM_DATE_NONE)
        d.effective = any_date(op->arena, sm_json_str(j, "date"));
    d.digest = digest_of(op->arena, line);
    sm_piece_add(&p, SM_STR("全文"), sm_json_str(j, "chapter"), text, 0);
    return keep(im, &d, &p, where);
}

static sm_rc import_policy(sm_importing *im, sm_document *doc, sm_doc *d, sm_str bytes,
                           sm_str where)
{
    sm_op *op = im->step;
    sm_pieces p = { .a = op->arena };
    sm_rc rc = check_id(op, d->id);
    if (rc < 0)
        return rc;
    sm_doc_read_text(op->arena, doc, d);
    sm_cut_document(&p, doc);
    if (p.n == 0)
        return sm_fail(op, SM_E_INVALID, "没有正文");
    d->kind = im->kind;
    if (d->kind == SM_KIND_LAW)
        d->parent = law_name(d->title);
    d->digest = digest_of(op->arena, bytes);
    return keep(im, d, &p, where);
}

static sm_rc import_policy_record(sm_importing *im, const json_t *j, sm_str line, sm_str where)
{
    sm_op *op = im->step;
    sm_doc d = { 0 };
    sm_document *doc;
    const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    sm_str text = sm_json_str(j, "text");
    sm_rc rc = read_meta(op, j, from_json, &d);
    if (sm_is_classified_level(op->arena, meta(j, from_json, "secret")) ||
        sm_is_classified_record(op->arena, d.title, d.doc_no, text))
        return refuse_secret(im, where);
    if (rc == SM_OK && (d.id.n == 0 || text.n == 0))
        rc = sm_fail(op, SM_E_INVALID, "缺少 id 或 text");
    if (rc == SM_OK)
        rc = sm_format_read(op, im->file, text, SM_FORMAT_TEXT, &limits, &doc);
    if (rc < 0)
        return rc;
    if (d.title.n == 0)
        d.title = doc->title;
    return sm_is_classified(op->arena, doc, d.title, d.doc_no)
               ? refuse_secret(im, where)
               : import_policy(im, doc, &d, line, where);
}

static sm_rc check_item(sm_importing *im, const json_t *item, sm_str where, bool *refused)
{
    sm_note *note;
    size_t n;
    sm_rc rc = sm_item_check(im->step, item, where, &note, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_import_note(im, note[i].level, sm_cstr(im->step->arena, note[i].code), where, "%.*s",
                       SM_ARG(note[i].text));
        *refused |= note[i].level == SM_NOTE_REFUSED;
    }
    return rc;
}

static void describe_item(const json_t *item, sm_doc *d)
{
    const json_t *audience = json_object_get(item, "audience");
    d->title = sm_json_str(item, "name");
    d->parent = sm_json_str(item, "dept");
    d->issuer = d->parent;
    d->level = sm_json_str(item, "level");
    d->effective = sm_date_parse(sm_json_str(item, "effective_from"));
    d->expires = d->ends = sm_date_parse(sm_json_str(item, "effective_to"));
    d->audience = json_array_size(audience) == 1
                      ? sm_str_of(json_string_value(json_array_get(audience, 0)))
                      : SM_STR("全部");
}

static sm_rc import_item(sm_importing *im, const json_t *j, sm_str where)
{
    sm_op *op = im->step;
    json_t *item;
    bool refused = false;
    sm_doc d = { .kind = SM_KIND_ITEM, .issued = SM_DATE_NONE };
    sm_pieces p = { .a = op->arena };
    if (sm_is_classified_level(op->arena, meta(j, from_json, "secret")) ||
        sm_is_classified_record(op->arena, sm_json_str(j, "name"), sm_json_str(j, "doc_no"),
                                sm_json_str(j, "scope")))
        return refuse_secret(im, where);
    sm_rc rc = sm_item_read(op, j, &item);
    if (rc == SM_OK)
        rc = check_id(op, sm_json_str(item, "code"));
    if (rc < 0)
        return rc;
    d.id = sm_str_dup(op->arena, sm_json_str(item, "code"));
    where = sm_strf(op->arena, "%.*s %.*s", SM_ARG(where), SM_ARG(d.id));
    rc = check_item(im, item, where, &refused);
    if (rc < 0)
        return rc;
    if (refused) {
        im->report->n_refused++;
        return SM_OK;
    }
    size_t left = 0, n = sm_mask_json(op->arena, item);
    d.json = sm_json_dump(op->arena, item);
    sm_text_mask(op->arena, d.json, &left);
    if (left)
        return sm_fail(op, SM_E_INVALID, "%.*s 的键名里有个人信息，请改成普通的键名", SM_ARG(d.id));
    describe_item(item, &d);
    d.digest = digest_of(op->arena, d.json);
    sm_item_pieces(&p, item);
    note_masked(im, n, where);
    return keep(im, &d, &p, where);
}

/* ---------------------------------------------------------------- a file */

static sm_rc import_record(sm_importing *im, const json_t *j, sm_str line, sm_str where)
{
    im->report->n_seen++;
    if (im->kind == SM_KIND_ITEM)
        return import_item(im, j, where);
    if (!json_is_object(j))
        return sm_fail(im->step, SM_E_INVALID, "不是 JSON 对象");
    return im->kind == SM_KIND_LAW ? import_law(im, j, line, where)
                                   : import_policy_record(im, j, line, where);
}

/* An entry's failure is a note; a database that fails (a full disk) is nobody's entry and stops the
 * import: SQLite may have rolled back by itself, and what came after would be kept alone. */
static sm_rc settle(sm_importing *im, sm_rc rc, sm_str where)
{
    bool ours = rc == SM_E_INVALID || rc == SM_E_LIMIT || rc == SM_E_CORRUPT ||
                rc == SM_E_NOTFOUND || rc == SM_E_DENIED;
    bool clash = rc == SM_E_CONFLICT && sm_str_starts(im->step->msg, SM_STR("编号"));
    if (rc < 0 && !im->broken && (ours || clash))
        rc = refuse(im, where, rc);
    else if (rc < 0)
        sm_fail(im->op, rc, "%.*s：%.*s", SM_ARG(where), SM_ARG(im->step->msg));
    sm_arena_reset(im->step->arena);
    sm_op_clear(im->step);
    return rc < 0 ? rc : sm_op_check(im->op);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A parser's message quotes the text it stumbled over, and that text was not screened. */
static void unquote(sm_op *op)
{
    size_t at = sm_str_find(op->msg, SM_STR(" near '"), 0);
    if (at != SIZE_MAX)
        op->msg = sm_strf(op->arena, "%.*s）", (int)at, op->msg.p);
}

static sm_rc import_lines(sm_importing *im, sm_str text)
{
    const sm_str all = text;
    size_t line_no = 0;
    sm_rc rc = SM_OK;
    while (rc == SM_OK) {
        sm_str line;
        json_t *j;
        sm_rc got = sm_jsonl_next(im->step, &text, MAX_LINE_BYTES, &line_no, &line);
        if (got == SM_E_NOTFOUND)
            break;
        sm_str where = sm_strf(im->step->arena, "%s:%zu", base_name(im->file), line_no);
        if (got == SM_OK)
            got = sm_json_parse(im->step, line, where.p, &j);
        if (got == SM_OK) {
            got = import_record(im, j, line, where);
        } else {
            unquote(im->step);
            im->report->n_seen++;
        }
        rc = settle(im, got, where);
        if (line_no % 512 == 0)
            sm_op_progress(im->op, base_name(im->file), all.n - text.n, all.n);
    }
    sm_op_progress(im->op, base_name(im->file), all.n, all.n);
    return rc;
}

/* One JSON array or object over many lines. */
static sm_rc import_json(sm_importing *im, sm_str text)
{
    json_t *all, *one;
    size_t i;
    sm_op hold;
    sm_op_begin(&hold);
    sm_rc rc = sm_json_parse(&hold, text, base_name(im->file), &all);
    if (rc < 0) {
        unquote(&hold);
        im->report->n_seen++;
        sm_fail(im->step, rc, "%.*s", SM_ARG(hold.msg));
        rc = settle(im, rc, sm_str_of(base_name(im->file)));
    } else if (json_is_array(all)) {
        json_array_foreach(all, i, one)
        {
            sm_str where = sm_strf(im->step->arena, "%s#%zu", base_name(im->file), i + 1);
            if (rc == SM_OK)
                rc = settle(im, import_record(im, one, sm_json_dump(im->step->arena, one), where),
                            where);
        }
    } else {
        sm_str where = sm_str_dup(im->op->arena, sm_str_of(base_name(im->file)));
        rc = settle(im, import_record(im, all, text, where), where);
    }
    sm_op_end(&hold);
    return rc;
}

static sm_str id_from_name(sm_arena *a, const char *path)
{
    sm_str name = sm_str_of(base_name(path));
    const char *dot = strrchr(name.p, '.');
    return sm_str_dup(a, dot && dot > name.p ? (sm_str){ name.p, (size_t)(dot - name.p) } : name);
}

static sm_rc import_document(sm_importing *im, sm_str bytes)
{
    sm_document *doc;
    sm_doc d = { 0 };
    const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    sm_str where = sm_str_of(base_name(im->file));
    im->report->n_seen++;
    sm_rc rc = sm_format_read(im->step, base_name(im->file), bytes, SM_FORMAT_AUTO, &limits, &doc);
    if (rc < 0)
        return settle(im, rc, where);
    rc = read_meta(im->step, doc, from_document, &d);
    if (d.id.n == 0)
        d.id = id_from_name(im->step->arena, im->file);
    if (d.title.n == 0)
        d.title = doc->title;
    /* Before anything else: what makes the rest unreadable does not make it public. */
    if (sm_is_classified_level(im->step->arena, meta(doc, from_document, "secret")) ||
        sm_is_classified(im->step->arena, doc, d.title, d.doc_no)) {
        sm_op_clear(im->step);
        rc = refuse_secret(im, where);
    } else if (rc == SM_OK) {
        rc = import_policy(im, doc, &d, bytes, where);
    }
    return settle(im, rc, where);
}

static bool many_lines(sm_str s)
{
    sm_str t = sm_str_trim(sm_str_sub(s, 0, 4096));
    if (t.n == 0 || t.p[0] == '[')
        return false;
    size_t at = sm_str_find(s, SM_STR("\n"), 0);
    if (at == SIZE_MAX)
        return true;
    sm_str first = sm_str_trim(sm_str_sub(s, 0, at));
    return first.n && first.p[first.n - 1] == '}';
}

static bool ends(const char *path, const char *tail)
{
    return sm_str_ends(sm_str_of(path), sm_str_of(tail));
}

static sm_rc refuse_file(sm_importing *im, const sm_op *whole, sm_rc rc)
{
    im->report->n_seen++;
    sm_fail(im->step, rc, "%.*s", SM_ARG(whole->msg));
    return settle(im, rc, sm_str_of(base_name(im->file)));
}

/* Up to a gigabyte of lines is mapped, not read. */
static sm_rc import_jsonl(sm_importing *im, sm_op *whole)
{
    struct stat st;
    sm_map map = { 0 };
    if (stat(im->file, &st) == 0 && st.st_size == 0)
        return SM_OK;
    sm_rc rc = sm_map_open(whole, im->file, &map);
    if (rc == SM_OK && map.n > MAX_JSONL_BYTES)
        rc = sm_fail(whole, SM_E_LIMIT, "%s 超过 %d 字节", base_name(im->file), MAX_JSONL_BYTES);
    rc = rc < 0 ? refuse_file(im, whole, rc)
                : import_lines(im, (sm_str){ (const char *)map.p, map.n });
    sm_map_close(&map);
    return rc;
}

static sm_rc import_whole(sm_importing *im, sm_op *whole)
{
    sm_str bytes;
    bool json = im->kind == SM_KIND_ITEM || ends(im->file, ".json");
    sm_rc rc = sm_file_read(whole, im->file, MAX_FILE_BYTES, &bytes);
    if (rc < 0)
        return refuse_file(im, whole, rc);
    if (json && many_lines(bytes))
        return import_lines(im, bytes);
    return json ? import_json(im, bytes) : import_document(im, bytes);
}

/* What the last import of a file had to say replaces what the one before it said. */
static sm_rc save_notes(sm_importing *im, const char *path, size_t first)
{
    const sm_import_report *r = im->report;
    char *real = realpath(path, NULL);
    sm_str source = sm_str_dup(im->op->arena, sm_str_of(real ? real : path));
    free(real);
    sm_rc rc = sm_db_run(im->op, im->db, "DELETE FROM import_note WHERE source = ?", "s", source);
    for (size_t i = first; rc == SM_OK && i < r->n_notes; i++)
        if (r->note[i].level != SM_NOTE_WARNING)
            rc = sm_db_run(
                im->op, im->db,
                "INSERT INTO import_note(source, level, code, place, text) VALUES(?,?,?,?,?)",
                "sisss", source, (int64_t)r->note[i].level, r->note[i].code, r->note[i].where,
                r->note[i].text);
    return rc;
}

static sm_rc import_file(sm_importing *im, const char *path)
{
    sm_op whole; /* the file's bytes, given back after it */
    size_t first_note = im->report->n_notes;
    im->file = path;
    sm_op_begin(&whole);
    sm_rc rc = ends(path, ".jsonl") || ends(path, ".ndjson") ? import_jsonl(im, &whole)
                                                             : import_whole(im, &whole);
    sm_op_end(&whole);
    return rc == SM_OK ? save_notes(im, path, first_note) : rc;
}

/* ------------------------------------------------------------------ folders */

struct paths {
    char **p;
    size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static sm_rc walk(sm_op *op, struct paths *all, const char *path, int depth)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return sm_fail(op, SM_E_NOTFOUND, "没有文件 %s", path);
    if (all->n >= MAX_FILES || depth > MAX_FOLDER_DEPTH)
        return sm_fail(op, SM_E_LIMIT, "%s：文件太多或文件夹太深（最多 %d 个，%d 层）", path,
                       MAX_FILES, MAX_FOLDER_DEPTH);
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) /* a pipe or device would never end */
        return depth ? SM_OK : sm_fail(op, SM_E_INVALID, "%s 不是普通文件", path);
    if (!S_ISDIR(st.st_mode)) {
        SM_GROW(op->arena, all->p, all->n, all->cap);
        all->p[all->n++] = sm_cstr(op->arena, sm_str_of(path));
        return SM_OK;
    }
    DIR *dir = opendir(path);
    if (!dir)
        return sm_fail(op, SM_E_DENIED, "打不开文件夹 %s：%s", path, strerror(errno));
    sm_rc rc = SM_OK;
    size_t first = all->n;
    for (struct dirent *e; rc == SM_OK && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.' && !ends(e->d_name, ".tsv"))
            rc = walk(op, all, sm_path(op->arena, path, e->d_name), depth + 1);
    closedir(dir);
    qsort(all->p + first, all->n - first, sizeof(*all->p), by_name);
    return rc;
}

static sm_rc finish(sm_importing *im, bool strict)
{
    sm_op *op = im->op;
    if (strict && im->report->n_refused)
        return sm_fail(op, SM_E_INVALID, "--strict：有 %lld 件拒收，整批没有导入；首个：%.*s",
                       (long long)im->report->n_refused,
                       SM_ARG(im->report->n_notes ? im->report->note[0].text : (sm_str){ 0 }));
    sm_rc rc = SM_OK;
    if (im->wrote)
        rc = sm_db_set(op, im->db, "revision", sm_strf(op->arena, "%lld", (long long)im->revision));
    if (rc == SM_OK && im->wrote && im->kind == SM_KIND_POLICY)
        rc = sm_validity_settle(op, im->db, im->revision);
    return rc;
}

sm_rc sm_corpus_import(sm_op *op, sm_db *db, sm_kind kind, const char *const *paths, size_t n_paths,
                       bool strict, sm_import_report **out)
{
    sm_op step;
    struct paths all = { 0 };
    sm_importing im = { .op = op,
                        .step = &step,
                        .db = db,
                        .kind = kind,
                        .report = SM_NEW(op->arena, sm_import_report) };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n_paths; i++)
        rc = walk(op, &all, paths[i], 0);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    sm_op_begin(&step);
    rc = sm_corpus_revision(op, db, &im.revision);
    im.revision++;
    for (size_t i = 0; rc == SM_OK && i < all.n; i++) {
        rc = import_file(&im, all.p[i]);
        sm_op_progress(op, "导入", i + 1, all.n);
    }
    sm_op_end(&step);
    if (rc == SM_OK)
        rc = finish(&im, strict);
    if (rc == SM_OK)
        rc = sm_db_commit(op, db);
    else
        sm_db_rollback(db);
    if (rc == SM_OK)
        *out = im.report;
    return rc;
}
