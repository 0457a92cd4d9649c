/*
 * A document set to GB/T 9704 by tracked format changes: what the properties were is kept beside
 * what they are.  Only properties that a finding is about are set, and only in the elements they
 * stand in; the rest of the part stays.
 */
#include <stdlib.h>
#include <string.h>

#include "review/change.h"
#include "review/inner.h"

#define SONG "方正小标宋简体"
#define FANG "仿宋_GB2312"
#define KAI  "楷体_GB2312"
#define HEI  "黑体"

/* Twips, half points and hundredths of a character (fact: GB/T 9704-2012, 5.1 and 5.2). */
enum {
    PAGE_WIDE = 11906,
    PAGE_HIGH = 16838,
    MARGIN_TOP = 2098,
    MARGIN_BOTTOM = 1984,
    MARGIN_LEFT = 1588,
    MARGIN_RIGHT = 1474,
    PITCH = 579,
    BODY_HALF = 32,
    TITLE_HALF = 44,
    INDENT_CHARS = 200,
    INDENT = 640
};

/* What is to be set in a paragraph. */
enum {
    SET_FONT = 1,
    SET_CENTER = 2,
    SET_PITCH = 4,
    SET_INDENT = 8,
    SET_PLAIN = 16,
    SET_ROMAN = 32
};

enum { MAX_PROPS = 8 };

typedef struct prop {
    const char *name;
    sm_str xml;
} prop;

/* An element of properties: the order of its children, and which of them no change records. */
typedef struct holder {
    const char *name, *change;
    const char *order, *outside; /* names, each with a blank on both sides */
} holder;

static const holder run_holder = {
    .name = "rPr",
    .change = "rPrChange",
    .order = " rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss "
             "imprint noProof snapToGrid vanish webHidden color spacing w kern position sz szCs "
             "highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout "
             "specVanish oMath rPrChange ",
    .outside = "",
};
static const holder par_holder = {
    .name = "pPr",
    .change = "pPrChange",
    .order = " pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr "
             "suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap "
             "overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid "
             "spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection "
             "textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange ",
    .outside = " rPr sectPr ",
};
static const holder section_holder = {
    .name = "sectPr",
    .change = "sectPrChange",
    .order = " headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc "
             "pgBorders lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection "
             "bidi rtlGutter docGrid printerSettings sectPrChange ",
    .outside = " headerReference footerReference ",
};

typedef struct typeset {
    sm_change c;
    sm_arena *a;
    const sm_layout *l;
    const sm_finding *f;
    size_t n;
    sm_outline o;
    const sm_line **line; /* of each paragraph; NULL: none that has a role */
    unsigned *set;        /* of each paragraph */
    bool *others;         /* somebody else's format change is in it: it stays */
    bool page, margins, page_others;
} typeset;

/* -------------------------------------------------------------- properties */

/* Where a name stands in the order; -1: it is not ours. */
static int place_of(const char *order, sm_str local)
{
    for (const char *at = order; (at = strstr(at, " ")) && at[1]; at++)
        if (strncmp(at + 1, local.p, local.n) == 0 && at[1 + local.n] == ' ')
            return (int)(at - order);
    return -1;
}

static sm_str raw(const typeset *s, size_t e)
{
    return sm_str_sub(s->c.xml, s->c.el[e].at, s->c.el[e].end);
}

static size_t child_of(const typeset *s, size_t e, const char *name)
{
    return e == SIZE_MAX ? SIZE_MAX : sm_element_child(s->c.el, e, name);
}

static size_t drop_those_there(const typeset *s, size_t e, prop *p, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t child = child_of(s, e, p[i].name);
        if (child == SIZE_MAX || !sm_str_eq(raw(s, child), p[i].xml))
            p[kept++] = p[i];
    }
    return kept;
}

/* The change element with what the properties were. */
static sm_str recorded(typeset *s, const holder *h, size_t e)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    sm_buf_add(&b, sm_change_mark(&s->c, h->change));
    sm_buf_addf(&b, "<%.*s%s>", SM_ARG(s->c.prefix), h->name);
    const sm_element *el = s->c.el;
    size_t end = e == SIZE_MAX ? 0 : e + 1 + el[e].n_within;
    for (size_t k = e == SIZE_MAX ? 0 : e + 1; k < end; k += 1 + el[k].n_within)
        if (place_of(h->outside, sm_element_local(&el[k])) < 0)
            sm_buf_add(&b, raw(s, k));
    sm_buf_addf(&b, "</%.*s%s></%.*s%s>", SM_ARG(s->c.prefix), h->name, SM_ARG(s->c.prefix),
                h->change);
    sm_str out = { 0 };
    sm_buf_take(s->c.op, &b, &out);
    return out;
}

/* The element whole, where there is none or an empty one: bytes from … to. */
static void put_holder(typeset *s, const holder *h, size_t e, size_t from, size_t to, const prop *p,
                       size_t n)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    sm_buf_addf(&b, "<%.*s%s>", SM_ARG(s->c.prefix), h->name);
    for (size_t i = 0; i < n; i++)
        sm_buf_add(&b, p[i].xml);
    sm_buf_add(&b, recorded(s, h, e));
    sm_buf_addf(&b, "</%.*s%s>", SM_ARG(s->c.prefix), h->name);
    sm_str put = { 0 };
    sm_buf_take(s->c.op, &b, &put);
    sm_change_splice(&s->c, from, to, put);
}

static void put_prop(typeset *s, const holder *h, size_t e, const prop *p)
{
    const sm_element *el = s->c.el;
    size_t child = sm_element_child(el, e, p->name);
    if (child != SIZE_MAX) {
        sm_change_splice(&s->c, el[child].at, el[child].end, p->xml);
        return;
    }
    int place = place_of(h->order, sm_str_of(p->name));
    size_t at = el[e].inside_end, end = e + 1 + el[e].n_within;
    for (size_t k = e + 1; k < end; k += 1 + el[k].n_within)
        if (place_of(h->order, sm_element_local(&el[k])) > place) {
            at = el[k].at;
            break;
        }
    sm_change_splice(&s->c, at, at, p->xml);
}

/* Sets the properties in element e, or, when it is SIZE_MAX, in a new one at `at`.  In the order of
 * the schema.  False: somebody else's change is recorded there, and nothing was set. */
static bool set_props(typeset *s, const holder *h, size_t e, size_t at, prop *p, size_t n)
{
    n = drop_those_there(s, e, p, n);
    if (!n)
        return true;
    if (child_of(s, e, h->change) != SIZE_MAX)
        return false;
    const sm_element *el = s->c.el;
    if (e == SIZE_MAX || el[e].n_within == 0) {
        put_holder(s, h, e, e == SIZE_MAX ? at : el[e].at, e == SIZE_MAX ? at : el[e].end, p, n);
        return true;
    }
    for (size_t i = 0; i < n; i++)
        put_prop(s, h, e, &p[i]);
    sm_change_splice(&s->c, el[e].inside_end, el[e].inside_end, recorded(s, h, e));
    return true;
}

/* <w:NAME, the attributes of the child that is there but those in `without`, and `more`/>. */
static prop prop_of(typeset *s, size_t e, const char *name, const char *without, sm_str more)
{
    size_t child = child_of(s, e, name);
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    sm_buf_addf(&b, "<%.*s%s", SM_ARG(s->c.prefix), name);
    if (child != SIZE_MAX) {
        sm_str rest = sm_element_attrs(s->c.xml, &s->c.el[child]), whole, local, value;
        while (sm_element_attr_next(&rest, &whole, &local, &value))
            if (place_of(without, local) < 0)
                sm_buf_add(&b, whole);
    }
    /* "name=value …", written with this part's prefix */
    sm_str one, left;
    while (sm_str_cut(&more, ' ', &one)) {
        sm_str_cut(&one, '=', &left);
        sm_buf_addf(&b, " %.*s%.*s=\"%.*s\"", SM_ARG(s->c.prefix), SM_ARG(left), SM_ARG(one));
    }
    sm_buf_add(&b, SM_STR("/>"));
    prop p = { .name = name };
    sm_buf_take(s->c.op, &b, &p.xml);
    return p;
}

/* -------------------------------------------------------------- paragraphs */

static sm_role role_of(const typeset *s, size_t i)
{
    return s->line[i] ? s->line[i]->role : SM_ROLE_NONE;
}

static bool is_title(sm_role r)
{
    return r == SM_ROLE_TITLE || r == SM_ROLE_ATITLE;
}

static bool is_body(sm_role r)
{
    return r == SM_ROLE_TEXT || (r >= SM_ROLE_H1 && r <= SM_ROLE_H4);
}

static const char *font_of(sm_role r)
{
    if (is_title(r))
        return SONG;
    return r == SM_ROLE_H1 || r == SM_ROLE_ATTACH ? HEI : r == SM_ROLE_H2 ? KAI : FANG;
}

/* A heading ends with its first full stop: what follows in the paragraph is body text. */
static size_t heading_end(sm_role r, sm_str text)
{
    size_t stop =
        r == SM_ROLE_H1 || r == SM_ROLE_H2 ? sm_str_find(text, SM_STR("。"), 0) : SIZE_MAX;
    return stop == SIZE_MAX ? text.n : stop;
}

/* The run's font; NULL: it is heading and text in one, and stays. */
static const char *run_font(const typeset *s, size_t i, const sm_run *r)
{
    const sm_par *par = &s->l->par[i];
    size_t at = (size_t)(r->text.p - par->text.p), end = heading_end(role_of(s, i), par->text);
    if (at < end && at + r->text.n > end + strlen("。"))
        return NULL;
    return at < end ? font_of(role_of(s, i)) : FANG;
}

static bool set_run(typeset *s, size_t i, const sm_run *r, size_t run)
{
    unsigned set = s->set[i];
    size_t e = child_of(s, run, "rPr"), n = 0;
    const char *font = set & SET_FONT ? run_font(s, i, r) : NULL;
    prop p[MAX_PROPS];
    if (font)
        p[n++] =
            prop_of(s, e, "rFonts", " eastAsia eastAsiaTheme ", sm_strf(s->a, "eastAsia=%s", font));
    if (set & (SET_PLAIN | SET_ROMAN))
        p[n++] = prop_of(s, SIZE_MAX, "b", "", SM_STR("val=0"));
    if (set & SET_PLAIN) {
        p[n++] = prop_of(s, SIZE_MAX, "i", "", SM_STR("val=0"));
        p[n++] = prop_of(s, SIZE_MAX, "color", "", SM_STR("val=auto"));
    }
    if (font) {
        int half = is_title(role_of(s, i)) ? TITLE_HALF : BODY_HALF;
        p[n++] = prop_of(s, SIZE_MAX, "sz", "", sm_strf(s->a, "val=%d", half));
        p[n++] = prop_of(s, SIZE_MAX, "szCs", "", sm_strf(s->a, "val=%d", half));
    }
    if (set & SET_PLAIN)
        p[n++] = prop_of(s, SIZE_MAX, "u", "", SM_STR("val=none"));
    return set_props(s, &run_holder, e, s->c.el[run].inside, p, n);
}

static bool set_runs(typeset *s, size_t i)
{
    const sm_par *par = &s->l->par[i];
    size_t last = SIZE_MAX;
    bool fine = true;
    for (size_t k = 0; k < par->n_runs; k++) {
        const sm_run *r = &par->run[k];
        size_t t = r->n_at && r->part == 0 ? sm_change_text(&s->c, r) : SIZE_MAX;
        size_t run = t == SIZE_MAX ? SIZE_MAX : s->c.el[t].parent;
        if (run == SIZE_MAX || run == last || !sm_element_is(&s->c.el[run], "r"))
            continue;
        fine = set_run(s, i, r, run) && fine;
        last = run;
    }
    return fine;
}

/* The element that begins at a byte; SIZE_MAX: none. */
static size_t element_at(const sm_change *c, size_t at)
{
    size_t lo = 0, hi = c->n_el;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->el[mid].at < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->n_el && c->el[lo].at == at ? lo : SIZE_MAX;
}

static bool set_par(typeset *s, size_t i)
{
    const sm_par *par = &s->l->par[i];
    size_t p_at = par->n_at && par->part == 0 ? element_at(&s->c, par->at) : SIZE_MAX;
    if (p_at == SIZE_MAX || !sm_element_is(&s->c.el[p_at], "p"))
        return false;
    size_t e = child_of(s, p_at, "pPr"), n = 0;
    prop p[MAX_PROPS];
    if (s->set[i] & SET_PITCH)
        p[n++] = prop_of(s, e, "spacing", " line lineRule ",
                         sm_strf(s->a, "line=%d lineRule=exact", PITCH));
    if (s->set[i] & SET_INDENT)
        p[n++] = prop_of(s, e, "ind", " firstLine firstLineChars hanging hangingChars ",
                         sm_strf(s->a, "firstLineChars=%d firstLine=%d", INDENT_CHARS, INDENT));
    if (s->set[i] & SET_CENTER)
        p[n++] = prop_of(s, SIZE_MAX, "jc", "", SM_STR("val=center"));
    bool fine = set_props(s, &par_holder, e, s->c.el[p_at].inside, p, n);
    return set_runs(s, i) && fine;
}

/* ---------------------------------------------------------------- sections */

static bool set_section(typeset *s, size_t e, size_t at)
{
    prop p[MAX_PROPS];
    size_t n = 0;
    if (s->page)
        p[n++] =
            prop_of(s, e, "pgSz", " w h orient ", sm_strf(s->a, "w=%d h=%d", PAGE_WIDE, PAGE_HIGH));
    if (s->margins)
        p[n++] = prop_of(s, e, "pgMar", " top right bottom left ",
                         sm_strf(s->a, "top=%d right=%d bottom=%d left=%d", MARGIN_TOP,
                                 MARGIN_RIGHT, MARGIN_BOTTOM, MARGIN_LEFT));
    return set_props(s, &section_holder, e, at, p, n);
}

/* What a change records is not a section of the document. */
static bool is_section(const typeset *s, size_t i)
{
    const sm_element *el = s->c.el;
    return sm_element_is(&el[i], "sectPr") && el[i].parent != SIZE_MAX &&
           !sm_element_is(&el[el[i].parent], "sectPrChange");
}

static void set_sections(typeset *s)
{
    bool any = false;
    for (size_t i = 0; i < s->c.n_el; i++)
        if (is_section(s, i)) {
            any = true;
            if (!set_section(s, i, 0))
                s->page_others = true;
        }
    size_t body = sm_element_child(s->c.el, 0, "body");
    if (!any && body != SIZE_MAX)
        set_section(s, SIZE_MAX, s->c.el[body].inside_end);
}

/* ---------------------------------------------------------------- findings */

/* What a rule sets, and in which lines where its finding is of the whole page. */
static const struct rule {
    const char *id;
    unsigned set;
    bool page, margins, titles, headings;
} rules[] = {
    { .id = "FM-01", .page = true },
    { .id = "FM-02", .margins = true },
    { .id = "FM-03", .set = SET_FONT },
    { .id = "FM-04", .set = SET_FONT | SET_CENTER | SET_ROMAN, .titles = true },
    { .id = "FM-05", .set = SET_FONT, .headings = true },
    { .id = "FM-06", .set = SET_PITCH },
    { .id = "FM-07", .set = SET_INDENT },
    { .id = "FM-13", .set = SET_PLAIN },
};

static const struct rule *rule_of(const sm_finding *f)
{
    for (size_t i = 0; f->rule && i < SM_LEN(rules); i++)
        if (sm_str_eq(f->rule->id, sm_str_of(rules[i].id)))
            return &rules[i];
    return NULL;
}

static bool is_layout_rule(const sm_finding *f)
{
    return f->rule && sm_str_starts(f->rule->id, SM_STR("FM-"));
}

static bool is_meant(const typeset *s, const struct rule *r, const sm_finding *f, size_t i)
{
    if (f->para >= 0)
        return (size_t)f->para == i;
    sm_role role = role_of(s, i);
    if (r->titles)
        return is_title(role);
    return is_body(role) && (!r->headings || role != SM_ROLE_TEXT);
}

static sm_rc read_findings(typeset *s)
{
    for (size_t k = 0; k < s->n; k++) {
        const sm_finding *f = &s->f[k];
        const struct rule *r = rule_of(f);
        if (f->para >= 0 && (size_t)f->para >= s->l->n_body)
            return sm_fail(s->c.op, SM_E_CONFLICT, "没有第 %d 段：文件在审核之后改过，请重新审核",
                           f->para + 1);
        if (!r)
            continue;
        s->page = s->page || r->page;
        s->margins = s->margins || r->margins;
        size_t from = f->para >= 0 ? (size_t)f->para : 0;
        size_t to = f->para >= 0 ? from + 1 : s->l->n_body;
        for (size_t i = from; r->set && i < to; i++)
            s->set[i] |= is_meant(s, r, f, i) ? r->set : 0;
    }
    return SM_OK;
}

static void tell(typeset *s)
{
    for (size_t k = 0; k < s->n; k++) {
        const sm_finding *f = &s->f[k];
        const struct rule *r = rule_of(f);
        if (!is_layout_rule(f))
            continue;
        bool others =
            r && (r->page || r->margins ? s->page_others : f->para >= 0 && s->others[f->para]);
        if (!r)
            sm_change_leave(&s->c, k, "不能自动调整，请手工修改");
        else if (others)
            sm_change_leave(&s->c, k, "这里有他人尚未处理的格式修订，请先接受或拒绝");
        else
            s->c.done->n_fixed++;
    }
}

static sm_rc read_lines(typeset *s)
{
    sm_rc rc = sm_outline_read(s->c.op, s->l, NULL, &s->o);
    if (rc < 0)
        return rc;
    s->line = SM_NEWS(s->a, const sm_line *, s->l->n_body);
    s->set = SM_NEWS(s->a, unsigned, s->l->n_body);
    s->others = SM_NEWS(s->a, bool, s->l->n_body);
    for (size_t i = 0; i < s->o.n; i++)
        if (s->o.line[i].para >= 0 && (size_t)s->o.line[i].para < s->l->n_body)
            s->line[s->o.line[i].para] = &s->o.line[i];
    return SM_OK;
}

sm_rc sm_mend_typeset(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                      const sm_mend_options *o, sm_buf *out, sm_mended *done)
{
    if (l->format != SM_FORMAT_DOCX || !l->n_parts)
        return sm_fail(op, SM_E_INVALID, "只有 DOCX 能写入修订；请先另存为 .docx 再审核");
    typeset s = { .a = op->arena, .l = l, .f = f, .n = n };
    sm_mended told;
    sm_rc rc = sm_change_begin(op, docx, sm_cstr(op->arena, l->part[0]), o, &told, &s.c);
    if (rc == SM_OK)
        rc = read_lines(&s);
    if (rc == SM_OK)
        rc = read_findings(&s);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < l->n_body; i++)
        s.others[i] = s.set[i] && !set_par(&s, i);
    if (s.page || s.margins)
        set_sections(&s);
    tell(&s);
    rc = sm_change_end(&s.c, docx, out);
    if (rc == SM_OK)
        *done = told;
    return rc;
}
