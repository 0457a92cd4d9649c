/*
 * Which paragraph is what.  What people paste has no fonts, and what they lay out is not always
 * laid out right: words decide first, sizes and colours where words leave it open.
 *
 * The head is read first (mark, number, signers, title, recipients), then everything below it line
 * by line; a new document begins with 附件1, with a page that a title begins, and in bare text with
 * what follows the signature.
 */
#include <stdlib.h>
#include <string.h>

#include "review/parts.h"

enum { HEAD_LINES = 16, UNTITLED_LINES = 6, TITLE_LINES = 6, SIGN_LINES = 6 };

static const char *const role_names[SM_N_ROLES] = {
    [SM_ROLE_NONE] = "none",       [SM_ROLE_COPYNO] = "copyno",
    [SM_ROLE_SECRECY] = "secrecy", [SM_ROLE_URGENCY] = "urgency",
    [SM_ROLE_MARK] = "mark",       [SM_ROLE_NUMBER] = "number",
    [SM_ROLE_SIGNER] = "signer",   [SM_ROLE_TITLE] = "title",
    [SM_ROLE_TO] = "to",           [SM_ROLE_TEXT] = "p",
    [SM_ROLE_H1] = "h1",           [SM_ROLE_H2] = "h2",
    [SM_ROLE_H3] = "h3",           [SM_ROLE_H4] = "h4",
    [SM_ROLE_NOTE] = "note",       [SM_ROLE_SIGN] = "sign",
    [SM_ROLE_DATE] = "date",       [SM_ROLE_REMARK] = "remark",
    [SM_ROLE_ATTACH] = "attach",   [SM_ROLE_ATITLE] = "atitle",
    [SM_ROLE_CELL] = "row",        [SM_ROLE_ATTENDANCE] = "attendance",
    [SM_ROLE_CC] = "cc",           [SM_ROLE_PRINTER] = "printer",
};

const char *sm_line_role_name(sm_role r)
{
    return role_names[r];
}

bool sm_line_role_parse(sm_str name, sm_role *out)
{
    for (size_t i = 1; i < SM_N_ROLES; i++)
        if (sm_str_eq(name, sm_str_of(role_names[i]))) {
            *out = (sm_role)i;
            return true;
        }
    return false;
}

size_t sm_outline_next(const sm_outline *o, sm_role role, size_t i)
{
    while (i < o->n && o->line[i].role != role)
        i++;
    return SM_MIN(i, o->n);
}

/* ------------------------------------------------------------------- lines */

typedef struct reading {
    sm_op *op;
    const sm_layout *doc;
    sm_outline *o;
    size_t cap;
    bool titled; /* its title was read, over the number */
    /* below the head */
    int part;       /* the document that is being read: sm_line.doc */
    size_t begun;   /* its first line */
    bool titling;   /* its title is being read */
    bool signed_;   /* its signature, date or remark was seen */
    bool imprinted; /* 抄送 or the printing line was seen */
    bool statute;   /* it is made of 第…条 */
} reading;

static sm_line *add_line(reading *r, const sm_par *par, int para, sm_str text)
{
    sm_outline *o = r->o;
    SM_GROW(r->op->arena, o->line, o->n, r->cap);
    sm_line *l = &o->line[o->n++];
    sm_str label = sm_part_label(text);
    *l = (sm_line){ .par = par, .para = para, .text = text, .label = label };
    l->rest = sm_str_trim(sm_str_sub(text, label.n, text.n));
    return l;
}

/* The number and the signers of an upward document share a line: each is one here. */
static void add_paragraph(reading *r, int i)
{
    const sm_par *par = &r->doc->par[i];
    sm_str text = sm_str_trim(par->text);
    size_t at = sm_str_find(text, SM_STR("签发人"), 0);
    if (at != SIZE_MAX && at > 0) {
        sm_str number = sm_str_trim(sm_str_sub(text, 0, at));
        if (sm_part_is_number(number)) {
            add_line(r, par, i, number);
            text = sm_str_sub(text, at, text.n);
        }
    }
    add_line(r, par, i, text);
}

static bool is_cell(const sm_line *l)
{
    return l->par->place == SM_PAR_CELL;
}

/* The next line at or after i that has words and is no cell; n: none. */
static size_t next_line(const sm_outline *o, size_t i)
{
    while (i < o->n && (!o->line[i].text.n || is_cell(&o->line[i])))
        i++;
    return i;
}

static double size_of(const sm_line *l)
{
    return l->par->n_runs ? l->par->run[0].size : 0;
}

/* Set as a title is, whatever its font. */
static bool is_big(const sm_line *l)
{
    return size_of(l) >= 18;
}

static bool is_red(const sm_line *l)
{
    if (!l->par->n_runs || l->par->run[0].colour == SM_COLOUR_AUTO)
        return false;
    uint32_t c = l->par->run[0].colour;
    return (c >> 16 & 0xff) >= 0xa0 && (c >> 8 & 0xff) < 0x60 && (c & 0xff) < 0x60;
}

/* The next that has words, cells included: of the head, which often stands in a table. */
static size_t next_text(const sm_outline *o, size_t i)
{
    while (i < o->n && !o->line[i].text.n)
        i++;
    return i;
}

/* A paragraph of the body, not of the head; pasted, two blanks stand in front of it. */
static bool is_indented(const sm_line *l)
{
    sm_str two = SM_STR("　　"), s = l->par->text;
    if (sm_str_starts(s, two) && !sm_str_starts(sm_str_sub(s, two.n, s.n), SM_STR("　")))
        return true;
    return l->par->align != SM_ALIGN_CENTER && (l->par->first_chars > 0 || l->par->first > 4);
}

/* -------------------------------------------------------------------- head */

/* A line of the body: nothing of a head stands under it. */
static bool is_body(const sm_line *l)
{
    return l->label.n || is_indented(l) || sm_str_has(l->text, SM_STR("。")) ||
           sm_str_ends(l->text, SM_STR("："));
}

/* The line that is the document's number, in the first lines; n: none. */
static size_t find_number(const sm_outline *o)
{
    size_t i = next_text(o, 0);
    for (int seen = 0; i < o->n && seen < HEAD_LINES; seen++, i = next_text(o, i + 1)) {
        if (sm_part_is_number(o->line[i].text))
            return i;
        if (is_body(&o->line[i]))
            break;
    }
    return o->n;
}

static bool is_mark_text(sm_str s)
{
    static const char *const ends[] = { "文件", "令", "纪要" };
    if (sm_utf8_count(s) > 40 || sm_str_has(s, SM_STR("关于")))
        return false;
    return sm_str_ends_any(s, ends, SM_LEN(ends));
}

/* What stands over the title and says itself what it is. */
static sm_role head_role(const sm_line *l)
{
    if (sm_text_secret_mark(l->text).n)
        return SM_ROLE_SECRECY;
    if (sm_part_is_copyno(l->text))
        return SM_ROLE_COPYNO;
    if (sm_part_is_urgency(l->text))
        return SM_ROLE_URGENCY;
    if (sm_str_starts(l->text, SM_STR("签发人")))
        return SM_ROLE_SIGNER;
    return SM_ROLE_NONE;
}

/* Where the title stands over the number, as on many sites. */
static bool is_title_over_number(const sm_outline *o, size_t i, size_t number)
{
    for (size_t k = i; k < number; k++)
        if (sm_str_has(o->line[k].text, SM_STR("关于")))
            return sm_part_type_end(o->line[k].text).n || k == i;
    return false;
}

/* Lines up to the number; what is left over is the mark.  Gives the first line of the rest. */
static size_t read_over_number(reading *r, size_t number)
{
    sm_outline *o = r->o;
    for (size_t i = next_text(o, 0); i < number; i = next_text(o, i + 1)) {
        sm_role role = head_role(&o->line[i]);
        r->titled |= role == SM_ROLE_NONE && is_title_over_number(o, i, number);
        if (role == SM_ROLE_NONE)
            role = r->titled ? SM_ROLE_TITLE : SM_ROLE_MARK;
        o->line[i].role = role;
    }
    o->line[number].role = SM_ROLE_NUMBER;
    size_t i = next_text(o, number + 1);
    while (i < o->n) { /* a letter has its urgency beside or under the number */
        sm_role role = head_role(&o->line[i]);
        if (role == SM_ROLE_NONE)
            break;
        o->line[i].role = role;
        i = next_text(o, i + 1);
    }
    return next_line(o, i);
}

/* Without a number the head ends where nothing says what it is. */
static size_t read_without_number(sm_outline *o)
{
    size_t i = next_line(o, 0);
    for (; i < o->n; i = next_line(o, i + 1)) {
        sm_line *l = &o->line[i];
        sm_role role = is_indented(l) ? SM_ROLE_NONE : head_role(l);
        if (role == SM_ROLE_NONE && (is_red(l) || (is_mark_text(l->text) && !is_indented(l))))
            role = SM_ROLE_MARK;
        if (role == SM_ROLE_NONE)
            break;
        l->role = role;
    }
    return i;
}

/* A line that a title may have: short, unnumbered, no sentence. */
static bool may_be_title(const sm_line *l)
{
    static const char *const ends[] = { "；", "，" }, *const signs[] = { "\t", "。" };
    sm_str s = l->text;
    if (is_cell(l) || l->label.n || is_indented(l) || sm_utf8_count(s) > 45 ||
        sm_str_starts(s, SM_STR("（")) || sm_str_starts(s, SM_STR("(")))
        return false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        if (sm_str_ends(s, sm_str_of(ends[i])))
            return false;
    if (sm_str_ends(s, SM_STR("。")))
        s = sm_str_sub(s, 0, s.n - 3);
    return !sm_str_has_any(s, signs, SM_LEN(signs));
}

/* Where the title that begins at i ends, by its size. */
static size_t title_by_size(const sm_outline *o, size_t i)
{
    size_t end = i;
    for (int n = 0; i < o->n && n < TITLE_LINES && is_big(&o->line[i]) && !is_red(&o->line[i]);
         n++) {
        end = i + 1;
        i = next_line(o, i + 1);
    }
    return end;
}

/* By its words: up to the recipients, or the last of its lines that ends as a title does. */
static size_t title_by_words(const sm_outline *o, size_t i)
{
    size_t end = i, first = i;
    for (int n = 0; i < o->n && n < TITLE_LINES; n++, i = next_line(o, i + 1)) {
        const sm_line *l = &o->line[i];
        if (i > first && sm_part_is_to(l->text, end > first))
            return i;
        if (!may_be_title(l))
            break;
        if (sm_part_type_end(l->text).n || sm_str_ends(l->text, SM_STR("》")))
            end = i + 1;
    }
    return end;
}

static size_t read_title(const reading *r, size_t i)
{
    sm_outline *o = r->o;
    size_t end = r->o->laid_out ? title_by_size(o, i) : i;
    if (end == i)
        end = title_by_words(o, i);
    for (; i < end; i++)
        if (o->line[i].text.n && !is_cell(&o->line[i]))
            o->line[i].role = SM_ROLE_TITLE;
    return next_line(o, end);
}

/* A level with a star or a term is a mark wherever it stands near the top. */
static bool is_full_mark(sm_str s)
{
    static const char *const signs[] = { "★", "☆", "年", "长期" };
    return sm_text_secret_mark(s).n && sm_str_has_any(s, signs, SM_LEN(signs));
}

/* In mark position, a table's cells and text boxes there included: over the title, and where there
 * is none, in the first lines; a full one in any of those. */
static void read_secrecy(sm_outline *o, size_t body, bool titled)
{
    int seen = 0;
    for (size_t i = 0; i < o->n; i++) {
        sm_line *l = &o->line[i];
        if (!l->text.n)
            continue;
        bool over = i < body || (!titled && seen < UNTITLED_LINES);
        bool near = seen++ < HEAD_LINES;
        if (!over && !near)
            return;
        if (over ? sm_text_secret_mark(l->text).n > 0 : is_full_mark(l->text))
            l->role = SM_ROLE_SECRECY;
    }
}

static size_t read_head(reading *r)
{
    sm_outline *o = r->o;
    size_t number = find_number(o);
    size_t i = number < o->n ? read_over_number(r, number) : read_without_number(o);
    if (!r->titled)
        i = read_title(r, i);
    if (i < o->n && !is_cell(&o->line[i]) && sm_part_is_to(o->line[i].text, true)) {
        o->line[i].role = SM_ROLE_TO;
        i = next_line(o, i + 1);
    }
    bool titled = sm_outline_next(o, SM_ROLE_TITLE, 0) < o->n;
    read_secrecy(o, i, titled || number < o->n);
    return i;
}

/* -------------------------------------------------------------------- body */

static void begin_part(reading *r, size_t i)
{
    r->part++;
    r->begun = i;
    r->titling = true;
    r->signed_ = r->statute = false;
}

static const sm_line *before(const sm_outline *o, size_t i)
{
    while (i-- > 0)
        if (o->line[i].text.n)
            return &o->line[i];
    return NULL;
}

static bool has_role_before(const sm_outline *o, size_t i, sm_role role)
{
    const sm_line *l = before(o, i);
    return l && l->role == role;
}

static sm_role heading_role(const reading *r, const sm_line *l)
{
    switch (sm_part_level(l->label)) {
    case 1:
        return SM_ROLE_H1;
    case 2:
        return r->statute ? SM_ROLE_TEXT : SM_ROLE_H2;
    case 3:
        return r->statute ? SM_ROLE_TEXT : SM_ROLE_H3;
    case 4:
        return r->statute ? SM_ROLE_TEXT : SM_ROLE_H4;
    default:
        return SM_ROLE_TEXT;
    }
}

/* The lines over a date are its signature: names, not sentences, at most a few. */
static void read_signature(const reading *r, size_t date)
{
    sm_outline *o = r->o;
    int n = 0;
    for (size_t i = date; i-- > r->begun && n < SIGN_LINES;) {
        sm_line *l = &o->line[i];
        if (!l->text.n)
            continue;
        bool right = l->par->align == SM_ALIGN_RIGHT;
        if (l->role != SM_ROLE_TEXT || !sm_part_is_signature(l->text, n == 0 || right))
            return;
        l->role = SM_ROLE_SIGN;
        n++;
    }
}

/* What a line is by its own words, wherever it stands below the head. */
static sm_role role_by_words(const reading *r, size_t i)
{
    const sm_outline *o = r->o;
    const sm_line *l = &o->line[i];
    sm_str s = l->text;
    if (r->titling && sm_text_secret_mark(s).n) /* of an attachment */
        return SM_ROLE_SECRECY;
    if (sm_part_is_attach(s))
        return SM_ROLE_ATTACH;
    if (sm_part_is_note(s))
        return SM_ROLE_NOTE;
    if (has_role_before(o, i, SM_ROLE_NOTE) && sm_part_level(l->label) == 3 &&
        sm_utf8_count(s) <= 80 && !sm_str_has(s, SM_STR("。")))
        return SM_ROLE_NOTE;
    if (sm_part_is_cc(s))
        return SM_ROLE_CC;
    if (sm_part_is_printer(s, has_role_before(o, i, SM_ROLE_CC)))
        return SM_ROLE_PRINTER;
    if (sm_part_is_attendance(s))
        return SM_ROLE_ATTENDANCE;
    if (sm_part_is_remark(s, has_role_before(o, i, SM_ROLE_DATE) ||
                                 has_role_before(o, i, SM_ROLE_SIGN)))
        return SM_ROLE_REMARK;
    return SM_ROLE_NONE;
}

/* A page's own beginning, or in bare text what follows a signature, begins another document when it
 * reads like a title. */
static bool begins_part(const reading *r, const sm_line *l)
{
    if (!may_be_title(l) || sm_str_ends(l->text, SM_STR("：")))
        return false;
    if (l->par->breaks)
        return is_big(l) || l->par->align == SM_ALIGN_CENTER;
    return r->signed_ && !r->imprinted;
}

static bool goes_on_titling(const reading *r, size_t i)
{
    const sm_line *l = &r->o->line[i];
    if (r->o->laid_out && is_big(&r->o->line[r->begun]))
        return is_big(l);
    size_t n = 0;
    for (size_t k = r->begun; k < i; k++)
        n += r->o->line[k].role == SM_ROLE_ATITLE;
    return n < 3 && may_be_title(l) && !sm_str_ends(l->text, SM_STR("。")) &&
           !sm_part_is_to(l->text, true);
}

static sm_role role_in_body(reading *r, size_t i)
{
    sm_line *l = &r->o->line[i];
    sm_str iso;
    if (sm_part_is_date(r->op->arena, l->text, &iso)) {
        read_signature(r, i);
        r->signed_ = true;
        return SM_ROLE_DATE;
    }
    if (r->titling && goes_on_titling(r, i))
        return SM_ROLE_ATITLE;
    bool after_title = r->titling;
    r->titling = false;
    if (after_title && sm_part_is_to(l->text, true))
        return SM_ROLE_TO;
    if (begins_part(r, l)) {
        begin_part(r, i);
        return SM_ROLE_ATITLE;
    }
    r->statute |= sm_part_is_article(l->label);
    return heading_role(r, l);
}

static sm_role role_of(reading *r, size_t i)
{
    const sm_line *l = &r->o->line[i];
    if (!l->text.n || sm_part_is_page_number(l->text))
        return SM_ROLE_NONE;
    if (is_cell(l) || (!r->o->laid_out && sm_part_is_row(l->text))) {
        r->titling = false;
        return SM_ROLE_CELL;
    }
    sm_role role = role_by_words(r, i);
    if (role == SM_ROLE_ATTACH)
        begin_part(r, i + 1);
    return role == SM_ROLE_NONE ? role_in_body(r, i) : role;
}

static void read_line(reading *r, size_t i)
{
    sm_line *l = &r->o->line[i];
    if (l->role == SM_ROLE_SECRECY)
        return;
    l->role = role_of(r, i);
    bool imprint = l->role == SM_ROLE_CC || l->role == SM_ROLE_PRINTER;
    r->imprinted |= imprint;
    l->doc = imprint ? 0 : r->part;
}

/* A signature whose date was forgotten: an organ's name alone, before what ends a document. */
static void read_undated(const sm_outline *o)
{
    for (size_t i = 0; i < o->n; i++) {
        sm_line *l = &o->line[i];
        if (l->role != SM_ROLE_TEXT || !sm_part_is_organ(l->text))
            continue;
        size_t next = next_line(o, i + 1);
        sm_role role = next < o->n ? o->line[next].role : SM_ROLE_NONE;
        if (next == o->n || role == SM_ROLE_REMARK || role == SM_ROLE_ATTACH ||
            role == SM_ROLE_CC || role == SM_ROLE_PRINTER || role == SM_ROLE_NOTE)
            l->role = SM_ROLE_SIGN;
    }
}

/* ------------------------------------------------------------------- whole */

static sm_str joined(const reading *r, sm_role role)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < r->o->n; i++)
        if (r->o->line[i].role == role)
            sm_buf_add(&b, r->o->line[i].text);
    sm_str out = { 0 };
    sm_buf_take(r->op, &b, &out);
    return out;
}

static sm_str first_of(const sm_outline *o, sm_role role)
{
    size_t i = sm_outline_next(o, role, 0);
    return i < o->n && o->line[i].doc == 0 ? o->line[i].text : (sm_str){ 0 };
}

static sm_str without_end(sm_str s, const char *end)
{
    sm_str e = sm_str_of(end);
    return sm_str_ends(s, e) && s.n > e.n ? sm_str_sub(s, 0, s.n - e.n) : s;
}

/* From the mark, the signature, or what stands before 关于 in the title. */
static sm_str issuer_of(const sm_outline *o)
{
    sm_str s = o->mark;
    if (o->minutes) {
        size_t at = sm_str_find(s, SM_STR("人民政府"), 0);
        s = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(s, 0, at + 12);
    } else
        s = without_end(without_end(without_end(s, "文件"), "令"), "命");
    if (s.n)
        return s;
    s = first_of(o, SM_ROLE_SIGN);
    if (sm_part_is_organ(s))
        return s;
    size_t at = sm_str_find(o->title, SM_STR("关于"), 0);
    return at == SIZE_MAX ? (sm_str){ 0 } : sm_str_trim(sm_str_sub(o->title, 0, at));
}

/* Minutes without a head have their title where the mark would be. */
static void mend_minutes(sm_outline *o)
{
    size_t mark = sm_outline_next(o, SM_ROLE_MARK, 0);
    if (mark < o->n && sm_outline_next(o, SM_ROLE_TITLE, 0) == o->n && !is_red(&o->line[mark]) &&
        sm_outline_next(o, SM_ROLE_NUMBER, 0) == o->n &&
        sm_str_ends(o->line[mark].text, SM_STR("纪要")))
        o->line[mark].role = SM_ROLE_TITLE;
}

static void read_whole(const reading *r)
{
    sm_outline *o = r->o;
    mend_minutes(o);
    o->mark = joined(r, SM_ROLE_MARK);
    o->title = joined(r, SM_ROLE_TITLE);
    o->number = first_of(o, SM_ROLE_NUMBER);
    sm_part_is_date(r->op->arena, first_of(o, SM_ROLE_DATE), &o->date);
    o->kind = sm_part_type_end(o->title);
    o->order = sm_str_ends(o->mark, SM_STR("令"));
    o->minutes = sm_str_ends(o->mark, SM_STR("纪要")) || sm_str_eq(o->kind, SM_STR("纪要"));
    if (o->order && !o->kind.n)
        o->kind = SM_STR("命令");
    if (o->minutes && !o->kind.n)
        o->kind = SM_STR("纪要");
    o->letter = o->mark.n && !o->order && !o->minutes && !sm_str_ends(o->mark, SM_STR("文件"));
    o->issuer = issuer_of(o);
}

static bool has_fonts(const sm_layout *doc)
{
    for (size_t i = 0; i < doc->n_body; i++)
        for (size_t k = 0; k < doc->par[i].n_runs; k++)
            if (doc->par[i].run[k].size > 0)
                return true;
    return false;
}

sm_rc sm_outline_read(sm_op *op, const sm_layout *doc, const sm_roster *roster, sm_outline *out)
{
    (void)roster;
    *out = (sm_outline){ .laid_out = has_fonts(doc) };
    reading r = { .op = op, .doc = doc, .o = out };
    for (size_t i = 0; i < doc->n_body; i++)
        add_paragraph(&r, (int)i);
    size_t body = read_head(&r);
    for (size_t i = 0; i < out->n; i++) /* cells over the body that are no part of its head, too */
        if (i >= body || (is_cell(&out->line[i]) && out->line[i].role == SM_ROLE_NONE))
            read_line(&r, i);
    read_undated(out);
    read_whole(&r);
    return op->rc;
}
