#include "ground/reader.h"

#include <string.h>

#include "text/text.h"

enum { MAX_THOUGHTS = 1000, TAIL_BLANKS = 4 };

void sm_reader_begin(sm_reader *r, const sm_evidence *e, sm_heard_fn *heard, void *ctx)
{
    memset(r, 0, sizeof(*r));
    r->evidence = e;
    r->heard = heard;
    r->ctx = ctx;
    r->line_begins = true;
}

/* ------------------------------------------------------------------ a sentence */

static sm_str held(const sm_reader *r, size_t from, size_t to)
{
    return (sm_str){ r->held + from, to - from };
}

void sm_reader_tell(sm_reader *r, sm_heard *h, sm_str raw)
{
    h->raw = raw;
    for (size_t i = 0; i < r->n_given && h->n_cites < SM_HEARD_CITES; i++)
        h->cite[h->n_cites++] = r->given[i];
    r->heard(r->ctx, h);
}

static void tell_sentence(sm_reader *r, size_t to)
{
    char plain[SM_HEARD_BYTES + 8];
    sm_heard h = { 0 };
    sm_str raw = sm_str_trim(held(r, 0, to));
    if (raw.n == 0)
        return;
    sm_plain(raw, r->line_begins, plain, &h);
    r->line_begins = false;
    if (h.text.n)
        sm_reader_tell(r, &h, raw);
}

static void tell_too_long(sm_reader *r)
{
    sm_str head = sm_utf8_fit(held(r, 0, r->n_held), SM_HEARD_HEAD_BYTES);
    sm_heard h = { .kind = SM_HEARD_TOO_LONG, .text = head };
    sm_reader_tell(r, &h, head);
}

static void drop_front(sm_reader *r, size_t n)
{
    memmove(r->held, r->held + n, r->n_held - n);
    r->n_held -= n;
    r->end_at = 0;
}

static bool ends(uint32_t c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff1b || c == 0xff61 || c == '!' ||
           c == '?' || c == ';' || c == '\n';
}

/* What may follow an end and belongs to its sentence. */
static bool closes(uint32_t c)
{
    static const uint32_t all[] = { 0x201d, 0x2019, 0x300b, 0x3009, 0xff09, ')', 0x300f, 0x300d,
                                    0x3011, 0x3015, ']',    0xff3d, '*',    '_', '`',    '~' };
    for (size_t i = 0; i < SM_LEN(all); i++)
        if (all[i] == c)
            return true;
    return false;
}

/* ? and ; within a web address, ; after an entity: no end. */
static bool goes_on(const sm_reader *r, uint32_t next)
{
    char last = r->held[r->end_at - 1];
    bool ascii = last == '?' || last == ';' || last == '!';
    return ascii && next < 0x80 && next > ' ' && !closes(next) && !ends(next) && next != '[' &&
           next != '<' && next != '"' && next != '\'' && next != '|';
}

static bool ends_entity(const sm_reader *r)
{
    size_t i = r->n_held - 1, n = 0;
    while (i > 0 && n < 9 && r->held[i - 1] != '&') {
        char c = r->held[i - 1];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '#'))
            return false;
        i--;
        n++;
    }
    return n > 0 && i > 0 && r->held[i - 1] == '&';
}

static void begin_anew(sm_reader *r)
{
    r->n_held = r->end_at = 0;
    r->too_long = false;
}

/* A newline ends whatever there is. */
static void end_line(sm_reader *r)
{
    if (r->too_long)
        tell_too_long(r);
    else
        tell_sentence(r, r->n_held);
    begin_anew(r);
    r->line_begins = true;
}

/* Behind an end: does this belong to the sentence? */
static void look_behind_end(sm_reader *r, uint32_t c, size_t n)
{
    sm_str suffix = held(r, r->end_at, r->n_held);
    if (suffix.n == n && (closes(c) || ends(c))) {
        r->end_at = r->n_held;
        return;
    }
    if (suffix.n == n && goes_on(r, c)) {
        r->end_at = 0;
        return;
    }
    size_t blanks = 0;
    while (blanks < suffix.n && suffix.p[blanks] == ' ')
        blanks++;
    size_t mark =
        blanks > TAIL_BLANKS ? SIZE_MAX : sm_plain_mark(sm_str_sub(suffix, blanks, suffix.n));
    if (mark == 0)
        return;
    if (mark != SIZE_MAX) {
        r->end_at = r->n_held;
        return;
    }
    if (suffix.p[0] == '[' && r->held[r->end_at - 1] == '!') { /* an image */
        r->end_at = 0;
        return;
    }
    tell_sentence(r, r->end_at);
    drop_front(r, r->end_at);
    r->end_at = ends(c) ? r->n_held : 0;
}

static void put(sm_reader *r, uint32_t c)
{
    if (c == '\n') {
        end_line(r);
        return;
    }
    if (r->too_long) {
        if (ends(c)) {
            tell_too_long(r);
            begin_anew(r);
        }
        return;
    }
    size_t n = sm_utf8_put(c, r->held + r->n_held);
    r->n_held += n;
    if (r->end_at)
        look_behind_end(r, c, n);
    else if (ends(c) && !(c == ';' && ends_entity(r)))
        r->end_at = r->n_held;
    r->too_long = r->n_held > SM_HEARD_BYTES;
}

void sm_reader_flush(sm_reader *r, bool drop)
{
    if (r->too_long)
        tell_too_long(r);
    else if (r->end_at || !drop)
        tell_sentence(r, drop ? r->end_at : r->n_held);
    begin_anew(r);
}

/* --------------------------------------------------------------- tags and thoughts */

static bool is_named(sm_str tag, const char *const *name, size_t n_names)
{
    size_t n = 0;
    while (n < tag.n && (((tag.p[n] | 32) >= 'a' && (tag.p[n] | 32) <= 'z') ||
                         (tag.p[n] >= '0' && tag.p[n] <= '9')))
        n++;
    for (size_t i = 0; i < n_names; i++)
        if (strlen(name[i]) == n && strncasecmp(tag.p, name[i], n) == 0)
            return true;
    return false;
}

static bool is_thought(sm_str tag)
{
    static const char *const names[] = { "think",     "thinking",   "thought",   "thoughts",
                                         "reasoning", "scratchpad", "reflection" };
    return is_named(tag, names, SM_LEN(names));
}

static bool is_block(sm_str tag)
{
    static const char *const names[] = { "br", "p",  "li", "ul", "ol", "div", "tr", "table", "hr",
                                         "h1", "h2", "h3", "h4", "h5", "h6",  "td", "th" };
    return is_named(tag, names, SM_LEN(names));
}

/* What was held back as the beginning of a tag is text. */
static void tag_is_text(sm_reader *r)
{
    size_t n = r->n_tag;
    r->n_tag = 0;
    if (r->mode == SM_READ_START && !r->thoughts)
        r->mode = SM_READ_PLAIN;
    for (size_t i = 0; i < n && !r->thoughts; i++)
        put(r, (unsigned char)r->tag[i]);
}

static void tell_pointer(sm_reader *r, sm_heard *h)
{
    sm_reader_flush(r, false);
    h->kind = SM_HEARD_POINTER;
    r->mode = r->mode == SM_READ_START ? SM_READ_PLAIN : r->mode;
    sm_reader_tell(r, h, (sm_str){ r->tag, r->n_tag });
}

static void end_thought(sm_reader *r)
{
    if (r->thoughts)
        r->thoughts--;
    else
        begin_anew(r); /* one that began before we listened: so much of it as is still held */
}

static void end_tag(sm_reader *r)
{
    sm_heard h = { 0 };
    sm_str inner = { r->tag + 1, r->n_tag - 2 };
    bool closing = inner.n && inner.p[0] == '/';
    sm_str name = closing ? sm_str_sub(inner, 1, inner.n) : inner;
    bool letter = name.n && (name.p[0] | 32) >= 'a' && (name.p[0] | 32) <= 'z';
    if (is_thought(name)) {
        if (closing)
            end_thought(r);
        else if (!sm_str_ends(inner, SM_STR("/")) && r->thoughts < MAX_THOUGHTS)
            r->thoughts++;
    } else if (r->thoughts) {
        ;
    } else if (sm_plain_pointer(inner, &h)) {
        tell_pointer(r, &h);
    } else if (!letter && !(inner.n && strchr("!?|", inner.p[0]))) {
        tag_is_text(r);
        return;
    } else if (is_block(name)) {
        put(r, '\n');
    }
    r->n_tag = 0;
}

/* Whether a tag may go on like this. */
static bool fits_tag(const sm_reader *r, uint32_t c)
{
    if (c < ' ' || c > '~' || c == '<' || r->n_tag + 1 >= SM_TAG_BYTES)
        return false;
    if (r->n_tag == 1)
        return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '/' ||
               c == '!' || c == '?' || c == '|';
    bool digits = r->tag[1] >= '0' && r->tag[1] <= '9';
    return !digits || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '>' || c == ' ';
}

void sm_reader_text(sm_reader *r, uint32_t c)
{
    if (r->n_tag) {
        if (fits_tag(r, c)) {
            r->tag[r->n_tag++] = (char)c;
            if (c == '>')
                end_tag(r);
            return;
        }
        tag_is_text(r);
    }
    if (c == '<') {
        r->tag[0] = '<';
        r->n_tag = 1;
    } else if (!r->thoughts) {
        put(r, c);
    }
}

/* ------------------------------------------------------------------ characters */

/* JSON, perhaps in a code block, perhaps after a thought; anything else is text. */
static void start(sm_reader *r, uint32_t c)
{
    if (r->n_tag || r->thoughts || c == '<') {
        sm_reader_text(r, c);
    } else if (r->in_fence && ((c >= 'a' && c <= 'z') || c == '`')) {
        ;
    } else if (c == ' ' || c == '\n') {
        r->in_fence = false;
    } else if (c == '`') {
        r->in_fence = true;
    } else {
        r->mode = c == '{' ? SM_READ_JSON : SM_READ_PLAIN;
        if (c == '{')
            sm_reader_json(r, c);
        else
            sm_reader_text(r, c);
    }
}

static uint32_t plain_blank(uint32_t c)
{
    if (c == '\r' || c == 0xb || c == 0xc || c == 0x85 || c == 0x2028 || c == 0x2029)
        return '\n';
    bool blank = c == '\t' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
                 c == 0x205f || c == 0x1680;
    return blank ? ' ' : c;
}

static void character(sm_reader *r, uint32_t c)
{
    c = plain_blank(c);
    if (sm_is_hidden(c))
        return;
    if (r->mode == SM_READ_JSON)
        sm_reader_json(r, c);
    else if (r->mode == SM_READ_START)
        start(r, c);
    else
        sm_reader_text(r, c);
}

static size_t length_of(unsigned char lead)
{
    return lead < 0x80   ? 1
           : lead < 0xc2 ? 0
           : lead < 0xe0 ? 2
           : lead < 0xf0 ? 3
           : lead < 0xf5 ? 4
                         : 0;
}

/* Bytes that make no character are none. */
static void byte(sm_reader *r, unsigned char b)
{
    if (r->n_tail && (b & 0xc0) != 0x80)
        r->n_tail = 0;
    if (r->n_tail == 0)
        r->need = length_of(b);
    if (r->need == 0)
        return;
    r->tail[r->n_tail++] = b;
    if (r->n_tail < r->need)
        return;
    sm_str one = { (const char *)r->tail, r->n_tail };
    r->n_tail = 0;
    character(r, sm_utf8_next(&one));
}

void sm_reader_add(sm_reader *r, sm_str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        byte(r, (unsigned char)bytes.p[i]);
}

void sm_reader_end(sm_reader *r, bool cut)
{
    if (r->mode == SM_READ_JSON)
        return; /* a text that was not closed is half a sentence */
    if (r->n_tag && !cut)
        tag_is_text(r);
    sm_reader_flush(r, cut);
}
