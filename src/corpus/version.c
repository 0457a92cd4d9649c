#include "corpus/import.h"

#include <string.h>

#include "text/text.h"

void sm_import_note(sm_importing *im, sm_note_level level, const char *code, sm_str where,
                    const char *fmt, ...)
{
    char text[2048];
    size_t masked = 0;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sm_arena *a = im->op->arena;
    sm_import_report *r = im->report;
    if (level == SM_NOTE_WARNING)
        r->n_warnings++;
    if (level != SM_NOTE_ALERT && r->n_notes >= SM_IMPORT_MAX_NOTES)
        return;
    SM_GROW(a, r->note, r->n_notes, im->cap_notes);
    /* cut in the middle of a character: mended; a parser's message quotes what it stumbled over:
     * masked */
    sm_str told = sm_str_dup(a, sm_text_mask(a, sm_utf8_mend(a, sm_str_of(text)), &masked));
    r->note[r->n_notes++] =
        (sm_note){ level, sm_str_dup(a, sm_str_of(code)), sm_str_dup(a, where), told };
}

static sm_rc current_of(sm_importing *im, sm_str id, int64_t *version, int64_t *seq, sm_str *digest)
{
    sm_stmt *q;
    *version = *seq = 0;
    *digest = (sm_str){ 0 };
    sm_rc rc = sm_db_query(im->step, im->db, &q,
                           "SELECT v.row, v.seq, v.digest, v.kind FROM doc d JOIN version v"
                           " ON v.row = d.version WHERE d.id = ?",
                           "s", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(im->step, q);
    if (rc == SM_E_NOTFOUND)
        return SM_OK;
    if (rc < 0)
        return rc;
    int64_t kind = sm_stmt_int(q, 3);
    *version = sm_stmt_int(q, 0);
    *seq = sm_stmt_int(q, 1);
    *digest = sm_stmt_str(im->step, q, 2);
    sm_stmt_reset(q);
    if (kind != (int64_t)im->kind)
        return sm_fail(im->step, SM_E_CONFLICT, "编号 %.*s 已经用在另一种资料上，请换一个编号",
                       SM_ARG(id));
    return SM_OK;
}

static sm_rc insert_version(sm_importing *im, const sm_doc *d)
{
    return sm_db_run(
        im->step, im->db,
        "INSERT INTO version(doc, seq, revision, kind, title, parent, doc_no, issuer, level,"
        " region, status, audience, supersedes, superseded_by, issued, effective, expires, ends,"
        " digest, source, json) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "siiissssssssssiiiisss", d->id, d->seq, im->revision, (int64_t)d->kind, d->title, d->parent,
        d->doc_no, d->issuer, d->level, d->region, d->status, d->audience, d->supersedes,
        d->superseded_by, (int64_t)d->issued, (int64_t)d->effective, (int64_t)d->expires,
        (int64_t)d->ends, d->digest, sm_str_of(im->file), d->json);
}

static sm_rc insert_clauses(sm_importing *im, int64_t version, const sm_pieces *p)
{
    for (size_t i = 0; i < p->n; i++) {
        sm_digest digest = sm_sm3(p->piece[i].text);
        sm_rc rc = sm_db_run(im->step, im->db,
                             "INSERT INTO clause(version, seq, path, heading, text, digest, pos)"
                             " VALUES(?,?,?,?,?,?,?)",
                             "iissssi", version, (int64_t)i, p->piece[i].path, p->piece[i].heading,
                             p->piece[i].text, sm_digest_hex(im->step->arena, &digest),
                             (int64_t)p->piece[i].pos);
        if (rc < 0)
            return rc;
    }
    im->report->n_clauses += (int64_t)p->n;
    return SM_OK;
}

/* True the first time; a table of hashes that doubles at half full. */
static bool first_time(sm_importing *im, sm_str id)
{
    if (2 * (im->n_seen + 1) > im->cap_seen) {
        size_t cap = im->cap_seen ? 2 * im->cap_seen : 1024;
        uint64_t *more = SM_NEWS(im->op->arena, uint64_t, cap);
        for (size_t i = 0; i < im->cap_seen; i++) {
            size_t at = (size_t)(im->seen[i] >> 8) & (cap - 1);
            while (im->seen[i] && more[at])
                at = (at + 1) & (cap - 1);
            if (im->seen[i])
                more[at] = im->seen[i];
        }
        im->seen = more;
        im->cap_seen = cap;
    }
    uint64_t h = sm_hash64(id, 1) | 1;
    size_t at = (size_t)(h >> 8) & (im->cap_seen - 1);
    for (; im->seen[at]; at = (at + 1) & (im->cap_seen - 1))
        if (im->seen[at] == h)
            return false;
    im->seen[at] = h;
    im->n_seen++;
    return true;
}

static sm_rc write_version(sm_importing *im, sm_doc *doc, const sm_pieces *pieces)
{
    int64_t old, seq;
    sm_str digest;
    sm_rc rc = current_of(im, doc->id, &old, &seq, &digest);
    if (rc < 0)
        return rc;
    if (old && sm_str_eq(digest, doc->digest)) {
        im->report->n_same++;
        return SM_OK;
    }
    doc->seq = seq + 1;
    rc = insert_version(im, doc);
    if (rc < 0)
        return rc;
    doc->version = sm_db_last_id(im->db);
    rc = insert_clauses(im, doc->version, pieces);
    if (rc == SM_OK)
        rc = sm_db_run(im->step, im->db,
                       "INSERT INTO doc(id, kind, version) VALUES(?,?,?)"
                       " ON CONFLICT(id) DO UPDATE SET version = excluded.version",
                       "sii", doc->id, (int64_t)doc->kind, doc->version);
    if (rc < 0)
        return rc;
    *(old ? &im->report->n_changed : &im->report->n_new) += 1;
    im->wrote = true;
    return SM_OK;
}

sm_rc sm_version_write(sm_importing *im, sm_doc *doc, const sm_pieces *pieces)
{
    if (!first_time(im, doc->id))
        return sm_fail(im->step, SM_E_CONFLICT, "编号 %.*s 在这一批里已经有了，后一件没有收",
                       SM_ARG(doc->id));
    sm_rc rc = write_version(im, doc, pieces);
    bool clash = rc == SM_E_CONFLICT && sm_str_starts(im->step->msg, SM_STR("编号"));
    im->broken |= rc < 0 && !clash;
    return rc;
}

/* --------------------------------------------------------------- validity */

static bool names(sm_str list, sm_str id)
{
    sm_str one;
    while (sm_str_cut(&list, ',', &one))
        if (sm_str_eq(sm_str_trim(one), id))
            return true;
    return false;
}

static bool is_ended_by_status(sm_str status)
{
    static const char *const ended[] = { "废止", "失效", "已废止", "已失效", "已修订", "修订" };
    for (size_t i = 0; i < SM_LEN(ended); i++)
        if (sm_str_eq(status, sm_str_of(ended[i])))
            return true;
    return false;
}

static sm_date earlier(sm_date a, sm_date b)
{
    if (a == SM_DATE_NONE || b == SM_DATE_NONE)
        return a == SM_DATE_NONE ? b : a;
    return SM_MIN(a, b);
}

static void settle_one(sm_arena *a, sm_doc *d, const sm_doc *all, size_t n)
{
    d->ends = d->expires;
    bool dated = false; /* by a successor */
    for (size_t i = 0; i < n; i++) {
        const sm_doc *next = &all[i];
        if (next == d || !(names(next->supersedes, d->id) || names(d->superseded_by, next->id)))
            continue;
        if (!names(d->superseded_by, next->id))
            d->superseded_by =
                d->superseded_by.n
                    ? sm_strf(a, "%.*s,%.*s", SM_ARG(d->superseded_by), SM_ARG(next->id))
                    : next->id;
        if (next->effective != SM_DATE_NONE) {
            d->ends = earlier(d->ends, next->effective - 1);
            dated = true;
        }
    }
    /* Called off, but when is not known: never, rather than wrongly in force. */
    bool open = d->ends == SM_DATE_NONE || d->ends >= sm_today();
    if (is_ended_by_status(d->status) && open && !dated)
        d->ends = d->effective != SM_DATE_NONE ? d->effective - 1 : 0;
}

sm_rc sm_validity_settle(sm_op *op, sm_db *db, int64_t revision)
{
    sm_doc *doc;
    size_t n;
    sm_rc rc = sm_corpus_docs(op, db, SM_KIND_POLICY, &doc, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_date was = doc[i].ends;
        sm_str by = doc[i].superseded_by;
        settle_one(op->arena, &doc[i], doc, n);
        if (was != doc[i].ends || !sm_str_eq(by, doc[i].superseded_by))
            rc = sm_db_run(
                op, db,
                "UPDATE version SET ends = ?, superseded_by = ?, revision = ? WHERE row = ?",
                "isii", (int64_t)doc[i].ends, doc[i].superseded_by, revision, doc[i].version);
    }
    return rc;
}
