/*
 * DOCX (ISO/IEC 29500 WordprocessingML, transitional and strict): the text of
 * paragraphs, tables, page headers and footers, as a reader sees it: deleted
 * and hidden text is left out, a text box is read once.  Numbers that Word
 * computes are not.
 */
#include "format/package.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PREFIX = 16, MAX_STYLES = 1000, MAX_BASED_ON = 16, MAX_PART_NAME = 64 };

/* A style that is a heading, or is based on one. */
struct style {
    sm_str id, based_on;
    int level;
};

struct docx {
    sm_reader *r;
    sm_package *package;
    sm_str main_part;
    bool main_named; /* by a relationship, the first one */
    struct style *style;
    size_t n_styles, cap_styles;
};

/* The prefix that a part's root gives to the namespace of interest. */
struct prefix {
    char text[MAX_PREFIX + 1];
    size_t n;
};

static sm_rc on_nothing(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return SM_OK;
}

/* Word's own prefix, unless the root element says another. */
static struct prefix prefix_of(const char **atts, const char *usual, const char *uri_end)
{
    struct prefix p = { .n = strlen(usual) };
    memcpy(p.text, usual, p.n);
    for (; atts[0]; atts += 2) {
        sm_str name = sm_str_of(atts[0]);
        if (!sm_str_starts(name, SM_STR("xmlns")) ||
            !sm_str_ends(sm_str_of(atts[1]), sm_str_of(uri_end)))
            continue;
        name = sm_str_after(name, name.n > 5 && name.p[5] == ':' ? 6 : 5);
        if (name.n > MAX_PREFIX)
            continue;
        p = (struct prefix){ .n = name.n };
        if (name.n)
            memcpy(p.text, name.p, name.n);
    }
    return p;
}

/* The name without the prefix, or NULL when it has another one. */
static const char *local_name(const struct prefix *p, const char *name)
{
    if (p->n == 0)
        return strchr(name, ':') ? NULL : name;
    return strncmp(name, p->text, p->n) == 0 && name[p->n] == ':' ? name + p->n + 1 : NULL;
}

/* The value of an attribute by its local name, or "". */
static const char *attribute(const char **atts, const char *local)
{
    for (; atts[0]; atts += 2) {
        const char *colon = strrchr(atts[0], ':');
        if (strcmp(colon ? colon + 1 : atts[0], local) == 0)
            return atts[1];
    }
    return "";
}

/* ---------------------------------------------------------------- styles */

/* "heading 2", "Heading2", "标题 2": 2; "Title", "标题": 1; else 0 */
static int level_of_name(const char *name)
{
    static const char *const words[] = { "heading", "标题" };
    if (strcasecmp(name, "title") == 0 || strcmp(name, "标题") == 0)
        return 1;
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(name, words[i], n) != 0)
            continue;
        name += n + (name[n] == ' ');
        if (name[0] >= '1' && name[0] <= '9' && !name[1])
            return SM_MIN(name[0] - '0', 6);
    }
    return 0;
}

/* Outline levels 0 to 8 are headings, 9 is body text. */
static int level_of_outline(const char *value)
{
    return value[0] >= '0' && value[0] <= '8' && !value[1] ? SM_MIN(value[0] - '0' + 1, 6) : 0;
}

struct style_parse {
    struct docx *d;
    struct prefix w;
    bool begun, in_style;
};

static sm_rc on_style_start(void *ctx, const char *name, const char **atts)
{
    struct style_parse *s = ctx;
    struct docx *d = s->d;
    sm_arena *a = d->r->op->arena;
    if (!s->begun)
        s->w = prefix_of(atts, "w", "/wordprocessingml/main");
    s->begun = true;
    const char *local = local_name(&s->w, name);
    if (!local)
        return SM_OK;
    if (strcmp(local, "style") == 0) {
        s->in_style = strcmp(attribute(atts, "type"), "paragraph") == 0 && d->n_styles < MAX_STYLES;
        if (!s->in_style)
            return SM_OK;
        SM_GROW(a, d->style, d->n_styles, d->cap_styles);
        sm_str id = sm_str_of(attribute(atts, "styleId"));
        d->style[d->n_styles++] = (struct style){ .id = sm_str_dup(a, id) };
    }
    if (!s->in_style)
        return SM_OK;
    struct style *style = &d->style[d->n_styles - 1];
    const char *value = attribute(atts, "val");
    if (strcmp(local, "name") == 0 && !style->level)
        style->level = level_of_name(value);
    else if (strcmp(local, "basedOn") == 0)
        style->based_on = sm_str_dup(a, sm_str_of(value));
    else if (strcmp(local, "outlineLvl") == 0)
        style->level = level_of_outline(value);
    return SM_OK;
}

static const struct style *find_style(const struct docx *d, sm_str id)
{
    for (size_t i = 0; i < d->n_styles; i++)
        if (sm_str_eq(d->style[i].id, id))
            return &d->style[i];
    return NULL;
}

/* Keeps the headings alone, those by inheritance included: paragraphs look
 * their style up in this list. */
static void keep_headings(struct docx *d)
{
    for (size_t i = 0; i < d->n_styles; i++) {
        const struct style *s = &d->style[i];
        for (int k = 0; s && !s->level && s->based_on.n && k < MAX_BASED_ON; k++)
            s = find_style(d, s->based_on);
        if (s && s->level)
            d->style[i].level = s->level;
    }
    size_t kept = 0;
    for (size_t i = 0; i < d->n_styles; i++)
        if (d->style[i].level)
            d->style[kept++] = d->style[i];
    d->n_styles = kept;
}

static sm_rc read_styles(struct docx *d)
{
    size_t index = sm_package_find(d->package, SM_STR("word/styles.xml"));
    if (index == SIZE_MAX)
        return SM_OK;
    struct style_parse s = { .d = d };
    sm_part_handler handler = { .start = on_style_start, .end = on_nothing, .ctx = &s };
    sm_rc rc = sm_package_parse(d->package, index, &handler);
    if (rc == SM_OK)
        keep_headings(d);
    return rc;
}

/* ------------------------------------------------------------- the story */

/* A body, header or footer being read.  One buffer holds what is open: a
 * paragraph inside a text box inside a paragraph begins where the outer one
 * has come to, and is cut off again when it ends. */
struct frame {
    char kind;   /* 'p', 'r'ow, 'c'ell, text 'b'ox */
    size_t from; /* in text */
    int level;   /* of the paragraph */
    size_t n_cells;
};

struct story {
    struct docx *d;
    sm_block_kind kind; /* SM_BLOCK_PARA, or SM_BLOCK_HEADER for all of it */
    struct prefix w, mc;
    bool begun;
    int depth, skip_from; /* skip_from: the depth of what is left out, or 0 */
    struct frame *frame;  /* one per depth at most */
    size_t n_frames;
    sm_buf text;
    bool in_run, in_text, hidden;
};

typedef sm_rc story_fn(struct story *s, const char **atts);

static struct frame *top(struct story *s)
{
    return s->n_frames ? &s->frame[s->n_frames - 1] : NULL;
}

static sm_rc push(struct story *s, char kind)
{
    s->frame[s->n_frames++] = (struct frame){ .kind = kind, .from = s->text.n };
    return SM_OK;
}

static bool in_frame(struct story *s, char kind)
{
    return top(s) && top(s)->kind == kind;
}

static sm_rc on_para(struct story *s, const char **atts)
{
    (void)atts;
    return push(s, 'p');
}

static sm_rc on_para_end(struct story *s, const char **atts)
{
    (void)atts;
    if (!in_frame(s, 'p'))
        return SM_OK;
    struct frame f = s->frame[--s->n_frames];
    if (in_frame(s, 'c')) { /* stays in the cell */
        sm_buf_addc(&s->text, SM_PIECE_END);
        return SM_OK;
    }
    sm_str raw = sm_str_after(sm_buf_str(&s->text), f.from);
    sm_block_kind kind = s->kind != SM_BLOCK_PARA ? s->kind
                         : f.level                ? SM_BLOCK_HEADING
                                                  : SM_BLOCK_PARA;
    sm_rc rc = sm_reader_block(s->d->r, kind, kind == SM_BLOCK_HEADING ? f.level : 0, raw, 0);
    s->text.n = f.from;
    return rc;
}

static sm_rc on_row(struct story *s, const char **atts)
{
    (void)atts;
    return push(s, 'r');
}

static sm_rc on_row_end(struct story *s, const char **atts)
{
    (void)atts;
    if (!in_frame(s, 'r'))
        return SM_OK;
    struct frame f = s->frame[--s->n_frames];
    sm_str raw = sm_str_after(sm_buf_str(&s->text), f.from);
    sm_block_kind kind = s->kind == SM_BLOCK_PARA ? SM_BLOCK_ROW : s->kind;
    sm_rc rc = sm_reader_row(s->d->r, kind, raw, 0);
    s->text.n = f.from;
    return rc;
}

static sm_rc on_cell(struct story *s, const char **atts)
{
    (void)atts;
    if (in_frame(s, 'r') && top(s)->n_cells++)
        sm_buf_addc(&s->text, SM_CELL_END);
    return push(s, 'c');
}

static sm_rc on_cell_end(struct story *s, const char **atts)
{
    (void)atts;
    if (in_frame(s, 'c'))
        s->n_frames--;
    return SM_OK;
}

static sm_rc on_box(struct story *s, const char **atts)
{
    (void)atts;
    return push(s, 'b');
}

static sm_rc on_box_end(struct story *s, const char **atts)
{
    (void)atts;
    if (in_frame(s, 'b'))
        s->n_frames--;
    return SM_OK;
}

static sm_rc on_run(struct story *s, const char **atts)
{
    (void)atts;
    s->in_run = true;
    s->hidden = false;
    return SM_OK;
}

static sm_rc on_run_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_run = s->hidden = false;
    return SM_OK;
}

static sm_rc on_vanish(struct story *s, const char **atts)
{
    const char *value = attribute(atts, "val");
    s->hidden |= s->in_run && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
    return SM_OK;
}

static sm_rc on_text_start(struct story *s, const char **atts)
{
    (void)atts;
    s->in_text = true;
    return SM_OK;
}

static sm_rc on_text_end(struct story *s, const char **atts)
{
    (void)atts;
    s->in_text = false;
    return SM_OK;
}

static void add_in_run(struct story *s, sm_str text)
{
    if (s->in_run && !s->hidden && in_frame(s, 'p'))
        sm_buf_add(&s->text, text);
}

static sm_rc on_tab(struct story *s, const char **atts)
{
    (void)atts;
    add_in_run(s, SM_STR("\t"));
    return SM_OK;
}

static sm_rc on_br(struct story *s, const char **atts)
{
    (void)atts;
    add_in_run(s, top(s) && top(s)->level ? SM_STR("\n") : SM_STR(" "));
    return SM_OK;
}

static sm_rc on_hyphen(struct story *s, const char **atts)
{
    (void)atts;
    add_in_run(s, SM_STR("-"));
    return SM_OK;
}

static sm_rc on_para_style(struct story *s, const char **atts)
{
    struct frame *f = top(s);
    const char *id = attribute(atts, "val");
    const struct style *style = find_style(s->d, sm_str_of(id));
    if (f && f->kind == 'p')
        f->level = style ? style->level : level_of_name(id);
    return SM_OK;
}

static sm_rc on_outline(struct story *s, const char **atts)
{
    struct frame *f = top(s);
    if (f && f->kind == 'p')
        f->level = level_of_outline(attribute(atts, "val"));
    return SM_OK;
}

static sm_rc on_skip(struct story *s, const char **atts)
{
    (void)atts;
    s->skip_from = s->depth;
    return SM_OK;
}

static const struct element {
    const char *name;
    story_fn *start, *end;
} elements[] = {
    { "p", on_para, on_para_end },
    { "r", on_run, on_run_end },
    { "t", on_text_start, on_text_end },
    { "tr", on_row, on_row_end },
    { "tc", on_cell, on_cell_end },
    { "txbxContent", on_box, on_box_end },
    { "tab", on_tab, NULL },
    { "ptab", on_tab, NULL },
    { "br", on_br, NULL },
    { "cr", on_br, NULL },
    { "noBreakHyphen", on_hyphen, NULL },
    { "pStyle", on_para_style, NULL },
    { "outlineLvl", on_outline, NULL },
    { "vanish", on_vanish, NULL },
    { "del", on_skip, NULL },
    { "moveFrom", on_skip, NULL },
    { "pPrChange", on_skip, NULL }, /* the look before a tracked change */
    { "rPrChange", on_skip, NULL },
    { "rt", on_skip, NULL }, /* the reading beside a word */
};

static const struct element *element_of(const struct story *s, const char *name)
{
    const char *local = local_name(&s->w, name);
    for (size_t i = 0; local && i < SM_LEN(elements); i++)
        if (strcmp(local, elements[i].name) == 0)
            return &elements[i];
    return NULL;
}

static sm_rc on_story_start(void *ctx, const char *name, const char **atts)
{
    struct story *s = ctx;
    if (!s->begun) {
        s->w = prefix_of(atts, "w", "/wordprocessingml/main");
        s->mc = prefix_of(atts, "mc", "/markup-compatibility/2006");
        s->begun = true;
    }
    s->depth++;
    if (s->skip_from)
        return SM_OK;
    const char *compatible = local_name(&s->mc, name);
    if (compatible && strcmp(compatible, "Fallback") == 0)
        return on_skip(s, atts);
    const struct element *e = element_of(s, name);
    return e ? e->start(s, atts) : SM_OK;
}

static sm_rc on_story_end(void *ctx, const char *name)
{
    struct story *s = ctx;
    int depth = s->depth--;
    if (s->skip_from) {
        s->skip_from = depth == s->skip_from ? 0 : s->skip_from;
        return SM_OK;
    }
    const struct element *e = element_of(s, name);
    return e && e->end ? e->end(s, NULL) : SM_OK;
}

static sm_rc on_story_text(void *ctx, sm_str text)
{
    struct story *s = ctx;
    if (s->in_text && !s->skip_from)
        add_in_run(s, text);
    if (!s->text.failed)
        return SM_OK;
    return sm_fail(s->d->r->op, SM_E_LIMIT,
                   "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件后再导入", s->d->r->name,
                   s->d->r->limits->text_bytes);
}

static sm_rc read_story(struct docx *d, size_t index, sm_block_kind kind)
{
    struct story s = { .d = d, .kind = kind };
    int depth = SM_MAX(d->r->limits->xml_depth, 0);
    s.frame = SM_NEWS(d->r->op->arena, struct frame, (size_t)depth + 1);
    sm_buf_init(&s.text, d->r->limits->text_bytes);
    sm_part_handler handler = { on_story_start, on_story_end, on_story_text, &s };
    sm_rc rc = sm_package_parse(d->package, index, &handler);
    sm_buf_done(&s.text);
    return rc;
}

/* ------------------------------------------------- what the package says */

/* _rels/.rels: newer Word may call its main part word/document2.xml. */
static sm_rc on_relationship(void *ctx, const char *name, const char **atts)
{
    struct docx *d = ctx;
    (void)name;
    sm_str type = sm_str_of(attribute(atts, "Type"));
    sm_str target = sm_str_of(attribute(atts, "Target"));
    if (sm_str_starts(target, SM_STR("/")))
        target = sm_str_after(target, 1);
    if (d->main_named || !sm_str_ends(type, SM_STR("/officeDocument")))
        return SM_OK;
    d->main_named = true;
    if (sm_package_find(d->package, target) != SIZE_MAX)
        d->main_part = sm_str_dup(d->r->op->arena, target);
    return SM_OK;
}

struct core_parse {
    struct docx *d;
    bool in_title;
    sm_buf title;
};

static sm_rc on_core_start(void *ctx, const char *name, const char **atts)
{
    struct core_parse *c = ctx;
    (void)atts;
    c->in_title = sm_str_ends(sm_str_of(name), SM_STR(":title")) && c->title.n == 0;
    return SM_OK;
}

static sm_rc on_core_end(void *ctx, const char *name)
{
    (void)name;
    ((struct core_parse *)ctx)->in_title = false;
    return SM_OK;
}

static sm_rc on_core_text(void *ctx, sm_str s)
{
    struct core_parse *c = ctx;
    if (c->in_title)
        sm_buf_add(&c->title, s);
    return SM_OK;
}

static sm_rc read_core(struct docx *d)
{
    size_t index = sm_package_find(d->package, SM_STR("docProps/core.xml"));
    if (index == SIZE_MAX)
        return SM_OK;
    struct core_parse c = { .d = d };
    sm_buf_init(&c.title, d->r->limits->text_bytes);
    sm_part_handler handler = { on_core_start, on_core_end, on_core_text, &c };
    sm_rc rc = sm_package_parse(d->package, index, &handler);
    if (rc == SM_OK && sm_str_trim(sm_buf_str(&c.title)).n)
        rc = sm_reader_meta(d->r, SM_STR("title"), sm_buf_str(&c.title));
    sm_buf_done(&c.title);
    return rc;
}

/* Parts word/<what>….xml, in the order of the package. */
static sm_rc read_margins(struct docx *d, sm_str what)
{
    for (size_t i = 0; i < sm_package_count(d->package); i++) {
        sm_str name = sm_package_name(d->package, i);
        if (name.n > MAX_PART_NAME || !sm_str_starts(name, what) ||
            !sm_str_ends(name, SM_STR(".xml")) || sm_str_has(sm_str_after(name, 5), SM_STR("/")))
            continue;
        sm_rc rc = read_story(d, i, SM_BLOCK_HEADER);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}

static sm_rc find_main_part(struct docx *d, size_t *index)
{
    static const struct {
        const char *part, *what;
    } others[] = {
        { "OFD.xml", "是 OFD 版式文件" },
        { "xl/workbook.xml", "是 Excel 表格" },
        { "ppt/presentation.xml", "是演示文稿" },
        { "content.xml", "是 ODF 文档" },
    };
    size_t n_main = 0;
    for (size_t i = 0; i < sm_package_count(d->package); i++)
        if (sm_str_eq(sm_package_name(d->package, i), d->main_part)) {
            *index = i;
            n_main++;
        }
    if (n_main == 1)
        return SM_OK;
    if (n_main > 1)
        return sm_fail(
            d->r->op, SM_E_CORRUPT,
            "文件 %s 里有 %zu 个 %.*s，无法确定正文；请用 Word 或 WPS 打开并另存后再导入",
            d->r->name, n_main, SM_ARG(d->main_part));
    const char *what = "是压缩包，里面没有 Word 正文（word/document.xml）";
    for (size_t i = 0; i < SM_LEN(others); i++)
        if (sm_package_find(d->package, sm_str_of(others[i].part)) != SIZE_MAX)
            what = others[i].what;
    return sm_fail(d->r->op, SM_E_CORRUPT, "文件 %s %s，不是 .docx；请另存为 .docx 后再导入",
                   d->r->name, what);
}

static sm_rc read_parts(struct docx *d)
{
    size_t rels = sm_package_find(d->package, SM_STR("_rels/.rels"));
    sm_part_handler handler = { .start = on_relationship, .end = on_nothing, .ctx = d };
    sm_rc rc = SM_OK;
    size_t main_part = 0;
    if (rels != SIZE_MAX)
        rc = sm_package_parse(d->package, rels, &handler);
    if (rc == SM_OK)
        rc = find_main_part(d, &main_part);
    if (rc == SM_OK)
        rc = read_core(d);
    if (rc == SM_OK)
        rc = read_styles(d);
    if (rc == SM_OK)
        rc = read_margins(d, SM_STR("word/header"));
    if (rc == SM_OK)
        rc = read_story(d, main_part, SM_BLOCK_PARA);
    if (rc == SM_OK)
        rc = read_margins(d, SM_STR("word/footer"));
    return rc;
}

sm_rc sm_docx_read(sm_reader *r, sm_str bytes)
{
    struct docx d = { .r = r, .main_part = SM_STR("word/document.xml") };
    sm_rc rc = sm_package_open(r, bytes, &d.package);
    if (rc == SM_OK)
        rc = read_parts(&d);
    sm_package_close(d.package);
    return rc;
}
