/*
 * What may come next.
 *
 * The text is at rest where it might end: then the scanner, asked about what was written, finds no
 * fact that the evidence does not have.  From a rest a free character may follow if that is a rest
 * again.  Or surfaces are begun (mask_surface.c), of which one at least, its surety, is known to
 * lead to a rest: so there is always a way on, and whatever the scanner takes for a fact cannot
 * stand at a rest.  Numerals, quotation marks and brackets are not free: they are written only
 * within a surface.
 *
 * The scanner is asked about the tail alone, which is cut where no fact can reach over the cut.
 */
#include "ground/mask_inner.h"

#include <string.h>

enum {
    NONE = UINT32_MAX, /* no surety yet */
    MAX_ASKED = 24,    /* surfaces held against the tail, for one surety */
    MAX_AIMED = 8,     /* characters tried, for one begun */
    CALM = 12,         /* characters: no fact reaches so far over such as are no sign of one */
    TRIM_OVER = 288,   /* bytes of tail that are cut */
    TRIM_TO = 144,     /* more than any name reaches back */
    TRIM_EVERY = 32,
    MAX_CUTS = 4
};

sm_rc sm_mask_open(sm_op *op, const sm_evidence *e, const sm_str *item, size_t n_items,
                   sm_mask **out)
{
    sm_mask *m = SM_NEW(op->arena, sm_mask);
    *m = (sm_mask){ 0 };
    sm_rc rc = sm_surfaces_read(op, e, item, n_items, &m->surface, &m->keys);
    if (rc == SM_OK)
        *out = m;
    return rc;
}

void sm_mask_begin(const sm_mask *m, sm_mask_state *s)
{
    (void)m;
    *s = (sm_mask_state){ .rest = true, .calm = UINT8_MAX };
}

static sm_str tail_of(const sm_mask_state *s)
{
    return (sm_str){ (const char *)s->tail, s->n_tail };
}

/* Of a text that ends with a whole character; U+0 when it is empty. */
static uint32_t last_character(sm_str s)
{
    size_t n = SM_MIN(s.n, (size_t)1);
    while (n < s.n && n < 4 && ((uint8_t)s.p[s.n - n] & 0xc0) == 0x80)
        n++;
    sm_str last = sm_str_sub(s, s.n - n, s.n);
    return n ? sm_utf8_next(&last) : 0;
}

/* What was written before the character that is being written. */
static sm_str before_part(const sm_mask_state *s)
{
    return (sm_str){ (const char *)s->tail, (size_t)s->n_tail - s->n_part };
}

static bool is_start_of_sentence(sm_str before)
{
    return before.n == 0 || sm_mask_is_boundary(last_character(before));
}

/* -------------------------------------------------------------- characters */

/* What may follow a citation or a pointer: what closes its sentence, another one, or, where the
 * sentence had been closed before it, anything. */
static bool may_follow_mark(const sm_mask_state *s, uint32_t c)
{
    static const uint32_t closers[] = { 0xff0c, 0x3002, 0xff1b, 0xff01, 0xff1f,
                                        0x3001, 0xff1a, 0xff09, '\n',   '[' };
    sm_str before = before_part(s);
    if (s->after == SM_AFTER_NOTHING ||
        (s->after == SM_AFTER_CITE && before.n && is_start_of_sentence(before)))
        return true;
    for (size_t i = 0; i < SM_LEN(closers); i++)
        if (c == closers[i])
            return true;
    return s->after == SM_AFTER_POINTER && c == '<';
}

/* 三 after 二十 is one number with it, and 9 after 6: only within a surface.  9 after 周六 is not.
 */
static bool joins(uint32_t before, uint32_t c)
{
    return sm_mask_is_numeral(before) && sm_mask_is_numeral(c) && sm_is_han(before) == sm_is_han(c);
}

static bool may_begin(const sm_mask_state *s, uint32_t c)
{
    sm_str before = before_part(s);
    if (c == '<' && !is_start_of_sentence(before))
        return false;
    return may_follow_mark(s, c) && !joins(last_character(before), c);
}

static bool may_be_free(const sm_mask_state *s, uint32_t c)
{
    return sm_mask_is_free(c) && may_follow_mark(s, c);
}

/* ------------------------------------------------------------- the surfaces */

/* The first surface from lo to hi whose byte at `depth` is at least b. */
static uint32_t lower(const sm_surfaces *o, uint32_t lo, uint32_t hi, size_t depth, int b)
{
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (sm_surface_byte(&o->item[mid], depth) < b)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Those of it that go on with this byte; false when none does. */
static bool narrow(const sm_mask *m, sm_mask_live *l, uint8_t b)
{
    uint32_t lo = lower(&m->surface, l->lo, l->hi, l->depth, b);
    uint32_t hi = lower(&m->surface, lo, l->hi, l->depth, b + 1);
    if (lo == hi)
        return false;
    *l = (sm_mask_live){ lo, hi, l->sure >= lo && l->sure < hi ? l->sure : NONE,
                         (uint16_t)(l->depth + 1) };
    return true;
}

static void narrow_all(const sm_mask *m, sm_mask_state *s, uint8_t b)
{
    uint8_t n = 0;
    for (uint8_t i = 0; i < s->n_live; i++) {
        sm_mask_live l = s->live[i];
        if (narrow(m, &l, b))
            s->live[n++] = l;
    }
    s->n_live = n;
}

/* From a rest, all that begin with this byte. */
static void begin_surfaces(const sm_mask *m, sm_mask_state *s, uint8_t b)
{
    sm_mask_live all = { 0, (uint32_t)m->surface.n, NONE, 0 };
    if (s->n_live < SM_MASK_LIVE && s->n_tail + SM_SURFACE_BYTES + 4 <= SM_MASK_TAIL &&
        narrow(m, &all, b))
        s->live[s->n_live++] = all;
}

static uint32_t first_character(const sm_surface *f)
{
    char c[4] = { 0 };
    size_t n = 0;
    for (int b; n < 4 && (b = sm_surface_byte(f, n)) >= 0; n++)
        c[n] = (char)b;
    sm_str s = { c, n };
    return n ? sm_utf8_next(&s) : 0;
}

/* Whether what was written may stand with the rest of this surface. */
static bool would_hold(const sm_mask *m, const sm_mask_state *s, const sm_surface *f, size_t depth)
{
    char text[SM_MASK_TAIL + SM_SURFACE_BYTES];
    if (depth == s->n_part && !may_begin(s, first_character(f)))
        return false;
    if (f->kind != SM_SURFACE_TEXT)
        return true;
    memcpy(text, s->tail, s->n_tail);
    sm_surface_copy(f, depth, text + s->n_tail);
    return sm_keys_hold(&m->keys, (sm_str){ text, s->n_tail + sm_surface_bytes(f) - depth });
}

static bool find_surety(const sm_mask *m, const sm_mask_state *s, sm_mask_live *l)
{
    uint32_t end = SM_MIN(l->hi, l->lo + MAX_ASKED);
    for (uint32_t i = l->lo; l->sure == NONE && i < end; i++)
        if (would_hold(m, s, &m->surface.item[i], l->depth))
            l->sure = i;
    return l->sure != NONE;
}

/* Only those stay that are known to end well; false when none is. */
static bool keep_sure(const sm_mask *m, sm_mask_state *s)
{
    uint8_t n = 0;
    for (uint8_t i = 0; i < s->n_live; i++)
        if (find_surety(m, s, &s->live[i]))
            s->live[n++] = s->live[i];
    s->n_live = n;
    return n > 0;
}

/* ------------------------------------------------------ characters cut in two */

/* Bytes of the character that begins with b; 0 for none. */
static size_t character_bytes(uint8_t b)
{
    return b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;
}

static bool is_rest(const sm_mask *m, const sm_mask_state *s)
{
    return sm_keys_hold(&m->keys, tail_of(s));
}

static bool aim_fits(const sm_mask_state *s)
{
    char c[4];
    size_t n = s->aim ? sm_utf8_put(s->aim, c) : 0;
    return n > s->n_part && memcmp(c, s->tail + s->n_tail - s->n_part, s->n_part) == 0;
}

static bool aims_at(const sm_mask *m, const sm_mask_state *s, uint32_t c)
{
    sm_mask_state with = *s;
    sm_str before = before_part(s);
    size_t n = sm_utf8_put(c, (char *)with.tail + before.n);
    with.n_tail = (uint16_t)(before.n + n);
    return is_rest(m, &with);
}

/* A free character that begins with the bytes written and leads to a rest. */
static bool find_aim(const sm_mask *m, sm_mask_state *s)
{
    static const uint8_t first_bits[] = { 0, 0, 0x1f, 0x0f, 0x07 };
    const uint8_t *p = s->tail + s->n_tail - s->n_part;
    size_t n = character_bytes(p[0]), asked = 0;
    uint32_t from = p[0] & first_bits[n];
    for (size_t i = 1; i < s->n_part; i++)
        from = from << 6 | (p[i] & 0x3fu);
    uint32_t span = 1u << 6 * (n - s->n_part);
    from *= span;
    for (uint32_t c = from; c < from + span && asked < MAX_AIMED; c++) {
        char bytes[4];
        if (!may_be_free(s, c) || sm_utf8_put(c, bytes) != n)
            continue;
        asked++;
        s->aim = c;
        if (aims_at(m, s, c))
            return true;
    }
    return false;
}

/* A token ends within a character: there must be one that it can become. */
static bool part_leads_on(const sm_mask *m, sm_mask_state *s)
{
    if (s->may_be_free && !aim_fits(s))
        s->may_be_free = find_aim(m, s);
    return s->may_be_free || keep_sure(m, s);
}

/* --------------------------------------------------------------- the tail */

/* Whether the facts are the same with the tail cut there. */
static bool same_facts_from(sm_str tail, size_t cut)
{
    sm_arena *a = sm_arena_open();
    sm_fact *whole, *part;
    size_t n = sm_text_facts_all(a, tail, NULL, &whole), i = 0;
    size_t n_part = sm_text_facts_all(a, sm_str_sub(tail, cut, tail.n), NULL, &part);
    while (i < n && whole[i].text.p + whole[i].text.n <= tail.p + cut)
        i++;
    bool same = n - i == n_part;
    for (size_t k = 0; same && k < n_part; k++)
        same = whole[i + k].text.p == part[k].text.p && sm_str_eq(whole[i + k].key, part[k].key);
    sm_arena_close(a);
    return same;
}

static void cut_tail(sm_mask_state *s, size_t at)
{
    memmove(s->tail, s->tail + at, s->n_tail - at);
    s->n_tail = (uint16_t)(s->n_tail - at);
}

/* Between letters that are no signs of anything: not within a run of Latin ones. */
static bool is_quiet(sm_str tail, size_t at)
{
    uint32_t before = last_character(sm_str_sub(tail, 0, at));
    sm_str rest = sm_str_sub(tail, at, tail.n);
    for (int i = 0; i < 3; i++) {
        uint32_t c = rest.n ? sm_utf8_next(&rest) : 0;
        if (!sm_mask_is_free(c) || sm_mask_is_numeral(c) || (c < 0x80 && before != ' '))
            return false;
    }
    return before == ' ' || (before >= 0x100 && sm_mask_is_free(before));
}

static void trim_tail(sm_mask_state *s, uint32_t last)
{
    sm_str tail = tail_of(s);
    char c[4];
    size_t cuts = 0;
    if (sm_mask_is_boundary(last)) {
        cut_tail(s, tail.n - sm_utf8_put(last, c));
        return;
    }
    if (tail.n < TRIM_OVER || tail.n % TRIM_EVERY > 4)
        return;
    for (size_t at = tail.n - TRIM_TO; at > 0 && cuts < MAX_CUTS; at--) {
        if (((uint8_t)tail.p[at] & 0xc0) == 0x80 || !is_quiet(tail, at))
            continue;
        if (same_facts_from(tail, at)) {
            cut_tail(s, at);
            return;
        }
        cuts++;
    }
}

/* ---------------------------------------------------------------- writing */

/* The gate takes a citation out, and so the scanner never sees it.  A pointer stands for whole
 * sentences. */
static void take_mark_out(sm_mask_state *s, const sm_surface *f)
{
    s->n_live = 0;
    s->rest = true;
    s->after = f->kind == SM_SURFACE_CITE ? SM_AFTER_CITE : SM_AFTER_POINTER;
    s->n_tail = (uint16_t)(s->n_tail - sm_surface_bytes(f));
    s->calm = 0;
    if (f->kind == SM_SURFACE_POINTER) {
        s->tail[0] = '\n';
        s->n_tail = 1;
    }
}

/* Whether a surface ends here, and whether it is a mark; what goes on stays alive. */
static bool surface_ends(const sm_mask *m, sm_mask_state *s, const sm_surface **mark)
{
    bool ends = false;
    uint8_t n = 0;
    for (uint8_t i = 0; i < s->n_live; i++) {
        sm_mask_live l = s->live[i];
        const sm_surface *f = &m->surface.item[l.lo];
        if (sm_surface_bytes(f) == l.depth) {
            ends = true;
            *mark = f->kind != SM_SURFACE_TEXT ? f : *mark;
            l.sure = l.sure == l.lo ? NONE : l.sure;
            l.lo++;
        }
        if (l.lo < l.hi)
            s->live[n++] = l;
    }
    s->n_live = n;
    return ends;
}

/* Surfaces that began with this character, and might not. */
static void drop_begun(sm_mask_state *s)
{
    uint8_t n = 0;
    for (uint8_t i = 0; i < s->n_live; i++)
        if (s->live[i].depth != s->n_part)
            s->live[n++] = s->live[i];
    s->n_live = n;
}

/* Latin letters are signs of an address, but only about a point or a colon. */
static bool is_sign(uint32_t c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !letter && c != ' ' && (c < 0x80 || !sm_mask_is_free(c) || sm_fact_sign(c));
}

/* Nothing near the end is the sign of a fact: then this character makes none. */
static bool stays_calm(sm_mask_state *s, uint32_t c)
{
    bool was = s->calm >= CALM;
    s->calm = is_sign(c) ? 0 : s->calm < UINT8_MAX ? (uint8_t)(s->calm + 1) : s->calm;
    return was && s->calm;
}

/* The character that the tail ends with is whole. */
static bool end_character(const sm_mask *m, sm_mask_state *s, uint32_t c)
{
    const sm_surface *mark = NULL;
    bool free = s->may_be_free && may_be_free(s, c), calm = stays_calm(s, c);
    if (!may_begin(s, c))
        drop_begun(s);
    s->n_part = 0;
    s->aim = 0;
    s->may_be_free = false;
    bool ends = surface_ends(m, s, &mark);
    if (mark) {
        take_mark_out(s, mark);
        return true;
    }
    s->after = SM_AFTER_NOTHING;
    s->rest = (free || ends) && ((free && calm) || is_rest(m, s));
    if (s->rest && s->n_live == 0)
        trim_tail(s, c);
    return s->rest || keep_sure(m, s);
}

static bool write_byte(const sm_mask *m, sm_mask_state *s, uint8_t b)
{
    bool first = s->n_part == 0;
    if (first ? character_bytes(b) == 0 || s->n_tail + 4 > SM_MASK_TAIL : (b & 0xc0) != 0x80)
        return false;
    narrow_all(m, s, b);
    if (first) {
        if (s->rest)
            begin_surfaces(m, s, b);
        s->may_be_free = s->rest;
        s->rest = false;
    }
    s->tail[s->n_tail++] = b;
    s->n_part++;
    sm_str part = { (const char *)s->tail + s->n_tail - s->n_part, s->n_part };
    if (s->n_part < character_bytes((uint8_t)part.p[0]))
        return s->may_be_free || s->n_live;
    uint32_t c = sm_utf8_next(&part);
    return part.n == 0 && end_character(m, s, c);
}

static bool write_bytes(const sm_mask *m, sm_mask_state *s, sm_str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        if (!write_byte(m, s, (uint8_t)bytes.p[i]))
            return false;
    return s->n_part == 0 || part_leads_on(m, s);
}

bool sm_mask_write(const sm_mask *m, sm_mask_state *s, sm_str bytes)
{
    sm_mask_state next = *s;
    if (!write_bytes(m, &next, bytes))
        return false;
    *s = next;
    return true;
}

bool sm_mask_allows(const sm_mask *m, const sm_mask_state *s, sm_str bytes)
{
    sm_mask_state next = *s;
    return write_bytes(m, &next, bytes);
}

bool sm_mask_may_end(const sm_mask *m, const sm_mask_state *s)
{
    (void)m;
    return s->rest;
}

size_t sm_mask_settled(const sm_mask *m, sm_str text)
{
    sm_mask_state s;
    size_t settled = 0;
    sm_mask_begin(m, &s);
    for (sm_str rest = text; rest.n;) {
        sm_str one = rest;
        sm_utf8_next(&rest);
        one.n -= rest.n;
        if (!sm_mask_write(m, &s, one))
            break;
        if (s.rest)
            settled = text.n - rest.n;
    }
    return settled;
}
