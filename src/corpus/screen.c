/*
 * What happens to a document before anything of it is kept: secrecy marks turn it away, personal
 * data is masked; and what its own words say of number and dates, for files without metadata.
 */
#include "corpus/import.h"

#include <string.h>

#include "text/text.h"

/* ------------------------------------------------------------ secrecy marks */

enum { HEAD_BLOCKS = 12, UNTITLED_HEAD = 6 };

/* A level in a field that is there to hold one. */
bool sm_is_classified_level(sm_arena *a, sm_str value)
{
    static const char *const english[] = { "secret", "top secret", "confidential", "classified" };
    if (sm_text_secret_mark(value).n > 0)
        return true;
    sm_str plain = sm_text_normal(a, value);
    for (size_t i = 0; i < SM_LEN(english); i++)
        if (sm_str_eq(plain, sm_str_of(english[i])))
            return true;
    return false;
}

/* The document number that a line consists of, or "". */
static sm_str doc_no_line(sm_arena *a, sm_str line)
{
    sm_fact *f;
    if (line.n > 120)
        return (sm_str){ 0 };
    size_t n = sm_text_facts(a, line, &f);
    return n == 1 && f[0].kind == SM_FACT_DOC_NO && f[0].text.n + 6 >= line.n ? f[0].text
                                                                              : (sm_str){ 0 };
}

/* A mark in the line, or in a cell of a table's row (the head of a document is often a table). */
static bool has_mark(const sm_block *b)
{
    if (sm_text_secret_mark(b->text).n)
        return true;
    sm_str rest = b->text, cell;
    while (b->kind == SM_BLOCK_ROW && sm_str_cut(&rest, '|', &cell))
        if (sm_text_secret_mark(cell).n)
            return true;
    return false;
}

/* A level with a star or a term is a mark wherever it stands near the top. */
static bool is_full(sm_str text)
{
    return sm_str_has(text, SM_STR("★")) || sm_str_has(text, SM_STR("☆")) ||
           sm_str_has(text, SM_STR("年")) || sm_str_has(text, SM_STR("长期"));
}

/* The first blocks that are not page headers. */
static size_t head_of(const sm_document *doc, const sm_block *head[HEAD_BLOCKS])
{
    size_t n = 0;
    for (size_t i = 0; i < doc->n_blocks && n < HEAD_BLOCKS; i++)
        if (doc->block[i].kind != SM_BLOCK_HEADER)
            head[n++] = &doc->block[i];
    return n;
}

/* Up to the title or the document number, whichever stands lower. */
static size_t head_end(sm_arena *a, const sm_block *const *head, size_t n, sm_str title)
{
    size_t end = 0;
    bool titled = false;
    for (size_t i = 0; i < n; i++) {
        bool is_title = !titled && !has_mark(head[i]) &&
                        (head[i]->kind == SM_BLOCK_HEADING || sm_str_eq(head[i]->text, title));
        titled |= is_title;
        if (is_title || doc_no_line(a, head[i]->text).n)
            end = i;
    }
    return end ? end : SM_MIN(n, (size_t)UNTITLED_HEAD);
}

bool sm_is_classified(sm_arena *a, const sm_document *doc, sm_str title, sm_str doc_no)
{
    const sm_block *head[HEAD_BLOCKS];
    size_t n = head_of(doc, head), end = head_end(a, head, n, title);
    if (sm_text_secret_doc_no(doc_no) || sm_text_secret_mark(title).n)
        return true;
    for (size_t i = 0; i < n; i++)
        if ((has_mark(head[i]) && (i <= end || is_full(head[i]->text))) ||
            sm_text_secret_doc_no(doc_no_line(a, head[i]->text)))
            return true;
    for (size_t i = 0; i < doc->n_blocks; i++)
        if (doc->block[i].kind == SM_BLOCK_HEADER &&
            (has_mark(&doc->block[i]) || sm_text_secret_doc_no(doc_no_line(a, doc->block[i].text))))
            return true;
    return false;
}

bool sm_is_classified_record(sm_arena *a, sm_str title, sm_str doc_no, sm_str text)
{
    sm_str line;
    if (sm_text_secret_doc_no(doc_no) || sm_text_secret_mark(title).n)
        return true;
    for (int i = 0; i < UNTITLED_HEAD && sm_str_cut(&text, '\n', &line); i++)
        if (sm_str_has(line, SM_STR("密")) && /* every mark has it, few of 140,000 articles do */
            (sm_text_secret_mark(line).n ||
             sm_text_secret_doc_no(doc_no_line(a, sm_str_trim(line)))))
            return true;
    return false;
}

/* ----------------------------------------------------------- personal data */

size_t sm_mask_doc(sm_arena *a, sm_doc *d, sm_pieces *p)
{
    size_t n = 0;
    d->title = sm_text_mask(a, d->title, &n);
    size_t again = 0; /* the same words in another place count once */
    d->parent = sm_text_mask(a, d->parent, &again);
    d->issuer = sm_text_mask(a, d->issuer, &n);
    for (size_t i = 0; i < p->n; i++) {
        p->piece[i].text = sm_text_mask(a, p->piece[i].text, &n);
        p->piece[i].heading = sm_text_mask(a, p->piece[i].heading, &again);
    }
    return n;
}

/* Numbers too: a phone number written without quotes is one. */
static json_t *masked_scalar(sm_arena *a, const json_t *v, size_t *n)
{
    size_t found = 0;
    sm_str text = json_is_string(v)    ? (sm_str){ json_string_value(v), json_string_length(v) }
                  : json_is_integer(v) ? sm_strf(a, "%lld", (long long)json_integer_value(v))
                                       : (sm_str){ 0 };
    sm_str masked = text.n ? sm_text_mask(a, text, &found) : text;
    *n += found;
    return found ? sm_json_of(masked) : NULL;
}

size_t sm_mask_json(sm_arena *a, json_t *v)
{
    size_t n = 0, i;
    const char *key;
    json_t *one, *better;
    json_array_foreach(v, i, one)
    {
        n += sm_mask_json(a, one);
        if ((better = masked_scalar(a, one, &n)) != NULL)
            json_array_set_new(v, i, better);
    }
    json_object_foreach(v, key, one)
    {
        n += sm_mask_json(a, one);
        if ((better = masked_scalar(a, one, &n)) != NULL)
            json_object_set_new(v, key, better);
    }
    return n;
}

/* ------------------------------------------------------ number and dates */

static sm_date years_later(sm_arena *a, sm_date d, int years)
{
    int64_t year = 0, month = 0, day = 0;
    sm_str iso = sm_date_iso(a, d);
    if (!sm_str_to_int(sm_str_sub(iso, 0, 4), &year) ||
        !sm_str_to_int(sm_str_sub(iso, 5, 7), &month) ||
        !sm_str_to_int(sm_str_sub(iso, 8, 10), &day))
        return SM_DATE_NONE;
    sm_date later = sm_date_of((int)year + years, (int)month, (int)day);
    return later != SM_DATE_NONE ? later : sm_date_of((int)year + years, 3, 1); /* 29 February */
}

static bool follows(sm_str sentence, const sm_fact *f, const char *const *words, size_t n)
{
    sm_str after =
        sm_str_trim(sm_str_sub(sentence, (size_t)(f->text.p + f->text.n - sentence.p), sentence.n));
    return sm_str_starts_any(after, words, n);
}

static bool precedes(sm_str sentence, const sm_fact *f, const char *const *words, size_t n)
{
    sm_str before = sm_str_trim(sm_str_sub(sentence, 0, (size_t)(f->text.p - sentence.p)));
    return sm_str_ends_any(before, words, n);
}

/* A sentence about the document itself; one that names another by title tells of that one. */
static void read_sentence(sm_arena *a, sm_str s, sm_doc *d)
{
    static const char *const starts[] = { "起施行", "起实施", "起执行", "起生效", "起试行" };
    static const char *const until[] = { "有效期至", "有效期限至", "有效期截至", "施行至",
                                         "执行至" };
    static const char *const lasts[] = { "有效期",     "有效期为", "有效期限",
                                         "有效期限为", "试行期",   "试行期为" };
    static const char *const issued[] = { "自发布之日起", "自印发之日起", "自公布之日起" };
    sm_fact *f;
    size_t n = sm_text_facts(a, s, &f);
    for (size_t i = 0; i < SM_LEN(issued); i++)
        if (d->effective == SM_DATE_NONE && sm_str_has(s, sm_str_of(issued[i])))
            d->effective = d->issued;
    for (size_t i = 0; i < n; i++) {
        if (f[i].kind == SM_FACT_DATE && follows(s, &f[i], starts, SM_LEN(starts)))
            d->effective = (sm_date)f[i].value;
        else if (f[i].kind == SM_FACT_DATE && precedes(s, &f[i], until, SM_LEN(until)))
            d->expires = (sm_date)f[i].value;
        else if (f[i].kind == SM_FACT_YEARS && d->effective != SM_DATE_NONE &&
                 precedes(s, &f[i], lasts, SM_LEN(lasts)) && f[i].value >= 1 && f[i].value <= 100)
            d->expires = years_later(a, d->effective, (int)f[i].value) - 1;
    }
}

/* A date alone on one of the last lines is that of the signature. */
static void read_signature(sm_arena *a, const sm_document *doc, sm_doc *d)
{
    for (size_t i = doc->n_blocks > 4 ? doc->n_blocks - 4 : 0; i < doc->n_blocks; i++) {
        sm_fact *f;
        sm_str line = doc->block[i].text;
        if (line.n < 60 && sm_text_facts(a, line, &f) == 1 && f[0].kind == SM_FACT_DATE &&
            f[0].text.n == line.n)
            d->issued = (sm_date)f[0].value;
    }
}

void sm_doc_read_text(sm_arena *a, const sm_document *doc, sm_doc *d)
{
    const sm_block *head[HEAD_BLOCKS];
    size_t n_head = head_of(doc, head);
    for (size_t i = 0; d->doc_no.n == 0 && i < n_head; i++)
        d->doc_no = doc_no_line(a, head[i]->text);
    bool dated =
        d->issued != SM_DATE_NONE || d->effective != SM_DATE_NONE || d->expires != SM_DATE_NONE;
    if (dated || d->status.n)
        return;
    read_signature(a, doc, d);
    for (size_t i = 0; i < doc->n_blocks; i++) {
        sm_str *s;
        size_t n = sm_text_sentences(a, doc->block[i].text, &s);
        for (size_t k = 0; k < n; k++)
            if (!sm_str_has(s[k], SM_STR("《")) || sm_str_starts(s[k], SM_STR("本")))
                read_sentence(a, s[k], d);
    }
    d->ends = d->expires;
}
