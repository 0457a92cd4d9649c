/*
 * OFD (GB/T 33190-2016): the package, its documents, resources and templates.  What stands on the
 * pages is ofd_page.c's; lines and paragraphs are join.c's.
 */
#include "format/ofd.h"

#include <math.h>
#include <string.h>

enum { MAX_RESOURCES = 2000, MAX_PATH_BYTES = 512 };

#define FARTHEST        1e5 /* mm: no page is so large */
#define MOST_UNREADABLE .2  /* of the glyphs: with more the text layer is of no use */

/* ----------------------------------------------------------- numbers */

bool sm_ofd_number(sm_str *s, double *out)
{
    double v = 0, scale = 1;
    size_t i = 0, digits = 0;
    bool minus = false;
    while (i < s->n && (unsigned char)s->p[i] <= ' ')
        i++;
    if (i < s->n && (s->p[i] == '-' || s->p[i] == '+'))
        minus = s->p[i++] == '-';
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, digits++)
        v = SM_MIN(v * 10 + (s->p[i] - '0'), 1e12);
    if (i < s->n && s->p[i] == '.')
        for (i++; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, digits++)
            v += (s->p[i] - '0') * (scale /= 10);
    if (digits == 0)
        return false;
    int64_t power = 0;
    if (i < s->n && (s->p[i] == 'e' || s->p[i] == 'E')) {
        size_t from = ++i;
        while (i < s->n && (s->p[i] == '-' || s->p[i] == '+' || (s->p[i] >= '0' && s->p[i] <= '9')))
            i++;
        if (i == from || i - from > 4 || !sm_str_to_int(sm_str_sub(*s, from, i), &power))
            return false;
        v *= sm_ten_to((int)power);
    }
    v = SM_MIN(v, FARTHEST);
    *out = minus ? -v : v;
    *s = sm_str_after(*s, i);
    return true;
}

size_t sm_ofd_numbers(sm_str s, double *out, size_t max)
{
    size_t n = 0;
    while (n < max && sm_ofd_number(&s, &out[n]))
        n++;
    return n;
}

static size_t colour_values(sm_str s, double *v, size_t max)
{
    size_t n = 0;
    for (sm_str word; n < max && sm_str_cut(&s, ' ', &word);) {
        if (word.n == 0)
            continue;
        if (word.p[0] != '#') {
            n += sm_ofd_number(&word, &v[n]);
            continue;
        }
        v[n] = 0;
        for (size_t i = 1; i < word.n && i < 5; i++) {
            int c = word.p[i] | 32;
            int digit = c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - '0';
            v[n] = digit >= 0 && digit < 16 ? v[n] * 16 + digit : 0;
        }
        n++;
    }
    return n;
}

uint32_t sm_ofd_colour(const char *value)
{
    double v[4] = { 0 };
    size_t n = colour_values(sm_str_of(value), v, SM_LEN(v));
    if (n == 0 || n == 2)
        return SM_OFD_NO_COLOUR;
    if (n == 1)
        v[1] = v[2] = v[0];
    uint32_t colour = 0;
    for (size_t i = 0; i < 3; i++) {
        double part = n == 4 ? (255 - v[i]) * (255 - v[3]) / 255 : v[i];
        colour = colour << 8 | (uint32_t)SM_MIN(SM_MAX(part, 0), 255);
    }
    return colour;
}

uint32_t sm_ofd_param_colour(const sm_ofd *o, uint64_t id, bool stroke)
{
    enum { MAX_RELATIVES = 8 };
    for (int k = 0; k < MAX_RELATIVES && id; k++) {
        size_t i = o->n_params;
        while (i > 0 && o->param[i - 1].id != id)
            i--;
        if (i == 0)
            break;
        const sm_ofd_param *p = &o->param[i - 1];
        uint32_t colour = stroke ? p->stroke : p->fill;
        if (colour != SM_OFD_NO_COLOUR)
            return colour;
        id = p->relative;
    }
    return SM_OFD_NO_COLOUR;
}

/* -------------------------------------------------------------- parts */

static const char *local_of(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *sm_ofd_attribute(const char **atts, const char *local)
{
    for (; atts[0]; atts += 2)
        if (strcmp(local_of(atts[0]), local) == 0)
            return atts[1];
    return "";
}

uint64_t sm_ofd_id(const char *text)
{
    sm_str s = sm_str_trim(sm_str_of(text));
    return s.n ? sm_hash64(s, 0) | 1 : 0;
}

static sm_rc on_start(void *ctx, const char *name, const char **atts)
{
    sm_ofd_walk *w = ctx;
    w->text.n = 0;
    return w->start ? w->start(w->ctx, local_of(name), atts) : SM_OK;
}

static sm_rc on_end(void *ctx, const char *name)
{
    sm_ofd_walk *w = ctx;
    sm_rc rc = w->end ? w->end(w->ctx, local_of(name), sm_buf_str(&w->text)) : SM_OK;
    w->text.n = 0;
    return rc;
}

static sm_rc on_text(void *ctx, sm_str s)
{
    sm_ofd_walk *w = ctx;
    const sm_reader *r = w->o->laid.to->r;
    sm_buf_add(&w->text, s);
    if (!w->text.failed)
        return SM_OK;
    return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的文字超过 %zu 字节的上限；请拆分成几个文件",
                   r->name, r->limits->text_bytes);
}

sm_rc sm_ofd_walk_part(sm_ofd *o, size_t part, sm_ofd_walk *walk)
{
    walk->o = o;
    sm_buf_init(&walk->text, o->laid.to->r->limits->text_bytes);
    sm_part_handler handler = { on_start, on_end, on_text, walk };
    sm_rc rc = sm_package_parse(o->package, part, &handler);
    sm_buf_done(&walk->text);
    return rc;
}

/* A place in the package: from its root with a leading "/", else from the folder of the part that
 * names it.  False when it leaves the package. */
static bool resolve(sm_arena *a, sm_str from, sm_str loc, sm_str *out)
{
    size_t n = 0;
    char *p = sm_alloc(a, from.n + loc.n + 2);
    if (loc.n && (loc.p[0] == '/' || loc.p[0] == '\\'))
        from.n = 0;
    while (from.n && from.p[from.n - 1] != '/')
        from.n--;
    sm_str both = sm_strf(a, "%.*s%.*s", SM_ARG(from), SM_ARG(loc));
    for (char *c = sm_cstr(a, both), *rest = c; c; c = rest) {
        rest = strpbrk(c, "/\\");
        sm_str step = { c, rest ? (size_t)(rest++ - c) : strlen(c) };
        if (step.n == 0 || sm_str_eq(step, SM_STR(".")))
            continue;
        if (sm_str_eq(step, SM_STR(".."))) {
            if (n == 0)
                return false;
            while (n > 0 && p[--n] != '/')
                continue;
            continue;
        }
        if (n)
            p[n++] = '/';
        memcpy(p + n, step.p, step.n);
        n += step.n;
    }
    *out = (sm_str){ p, n };
    return true;
}

/* The part that `loc` in the part `from` names. */
static sm_rc find_part(sm_ofd *o, sm_str from, sm_str loc, size_t *out)
{
    const sm_reader *r = o->laid.to->r;
    sm_str path = { 0 };
    loc = sm_str_trim(loc);
    if (loc.n > MAX_PATH_BYTES || !resolve(r->op->arena, from, loc, &path))
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 的 %.*s 指向文件以外的位置，为安全起见不予读取；"
                       "请确认文件来源，用版式软件重新导出 OFD",
                       r->name, SM_ARG(from));
    const sm_str tries[] = { path, sm_strf(r->op->arena, "/%.*s", SM_ARG(path)), sm_str_trim(loc) };
    for (size_t i = 0; i < SM_LEN(tries); i++)
        if ((*out = sm_package_find(o->package, tries[i])) != SIZE_MAX)
            return SM_OK;
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 缺少部件 %.*s（%.*s 中引用）；请重新取得文件，或用版式软件重新导出 OFD",
                   r->name, SM_ARG(path), SM_ARG(from));
}

static sm_rc too_many(sm_ofd *o, const char *what, int most)
{
    const sm_reader *r = o->laid.to->r;
    return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的%s超过 %d 个的上限；请拆分成几个文件", r->name,
                   what, most);
}

/* ---------------------------------------------------------- resources */

static sm_rc on_font(sm_ofd *o, const char **atts)
{
    if (o->n_fonts == MAX_RESOURCES)
        return too_many(o, "字体", MAX_RESOURCES);
    sm_str name = sm_str_trim(sm_str_of(sm_ofd_attribute(atts, "FontName")));
    if (name.n == 0)
        name = sm_str_trim(sm_str_of(sm_ofd_attribute(atts, "FamilyName")));
    SM_GROW(o->laid.a, o->font, o->n_fonts, o->cap_fonts);
    o->font[o->n_fonts++] = (sm_ofd_font){
        .id = sm_ofd_id(sm_ofd_attribute(atts, "ID")),
        .name = sm_str_dup(o->laid.a, name),
        .bold = strcmp(sm_ofd_attribute(atts, "Bold"), "true") == 0,
        .italic = strcmp(sm_ofd_attribute(atts, "Italic"), "true") == 0,
    };
    return SM_OK;
}

static sm_rc on_param(sm_ofd *o, const char **atts)
{
    if (o->n_params == MAX_RESOURCES)
        return too_many(o, "绘制参数", MAX_RESOURCES);
    SM_GROW(o->laid.a, o->param, o->n_params, o->cap_params);
    o->param[o->n_params++] =
        (sm_ofd_param){ .id = sm_ofd_id(sm_ofd_attribute(atts, "ID")),
                        .relative = sm_ofd_id(sm_ofd_attribute(atts, "Relative")),
                        .fill = SM_OFD_NO_COLOUR,
                        .stroke = SM_OFD_NO_COLOUR };
    return SM_OK;
}

struct resources {
    sm_ofd *o;
    size_t part;
    bool in_param;
};

static sm_rc on_resource(void *ctx, const char *name, const char **atts)
{
    struct resources *r = ctx;
    sm_ofd *o = r->o;
    if (strcmp(name, "Font") == 0)
        return on_font(o, atts);
    if (strcmp(name, "DrawParam") == 0) {
        r->in_param = true;
        return on_param(o, atts);
    }
    if (strcmp(name, "CompositeGraphicUnit") == 0) {
        if (o->n_units == MAX_RESOURCES)
            return too_many(o, "复合图元", MAX_RESOURCES);
        SM_GROW(o->laid.a, o->unit, o->n_units, o->cap_units);
        o->unit[o->n_units++] = (sm_ofd_part){ sm_ofd_id(sm_ofd_attribute(atts, "ID")), r->part };
    }
    if (r->in_param && strcmp(name, "FillColor") == 0)
        o->param[o->n_params - 1].fill = sm_ofd_colour(sm_ofd_attribute(atts, "Value"));
    if (r->in_param && strcmp(name, "StrokeColor") == 0)
        o->param[o->n_params - 1].stroke = sm_ofd_colour(sm_ofd_attribute(atts, "Value"));
    return SM_OK;
}

static sm_rc on_resource_end(void *ctx, const char *name, sm_str text)
{
    (void)text;
    struct resources *r = ctx;
    if (strcmp(name, "DrawParam") == 0)
        r->in_param = false;
    return SM_OK;
}

/* ------------------------------------------------------------ document */

struct document {
    sm_ofd *o;
    sm_str part; /* its path */
    bool in_common, in_pages;
    size_t resource[64];
    size_t n_resources;
    sm_str annotations, attachments;
};

static sm_rc add_part(struct document *d, sm_ofd_part **list, size_t *n, size_t *cap,
                      const char **atts)
{
    sm_ofd *o = d->o;
    size_t part = 0;
    if (*n == SM_LAID_MAX_PAGES)
        return too_many(o, "页", SM_LAID_MAX_PAGES);
    sm_rc rc = find_part(o, d->part, sm_str_of(sm_ofd_attribute(atts, "BaseLoc")), &part);
    if (rc < 0)
        return rc;
    SM_GROW(o->laid.a, *list, *n, *cap);
    (*list)[(*n)++] = (sm_ofd_part){ sm_ofd_id(sm_ofd_attribute(atts, "ID")), part };
    return SM_OK;
}

static sm_rc on_document(void *ctx, const char *name, const char **atts)
{
    struct document *d = ctx;
    sm_ofd *o = d->o;
    if (strcmp(name, "CommonData") == 0)
        d->in_common = true;
    else if (strcmp(name, "Pages") == 0)
        d->in_pages = true;
    else if (d->in_common && strcmp(name, "TemplatePage") == 0)
        return add_part(d, &o->template, &o->n_templates, &o->cap_templates, atts);
    else if (d->in_pages && strcmp(name, "Page") == 0)
        return add_part(d, &o->page, &o->n_pages, &o->cap_pages, atts);
    return SM_OK;
}

static sm_rc on_document_end(void *ctx, const char *name, sm_str text)
{
    struct document *d = ctx;
    sm_ofd *o = d->o;
    if (strcmp(name, "CommonData") == 0)
        d->in_common = false;
    if (strcmp(name, "Pages") == 0)
        d->in_pages = false;
    if (strcmp(name, "Annotations") == 0)
        d->annotations = sm_str_dup(o->laid.a, text);
    if (strcmp(name, "Attachments") == 0)
        d->attachments = sm_str_dup(o->laid.a, text);
    double box[4];
    if (d->in_common && strcmp(name, "PhysicalBox") == 0 && sm_ofd_numbers(text, box, 4) == 4)
        o->wide = box[2], o->high = box[3];
    if (!d->in_common || (strcmp(name, "PublicRes") != 0 && strcmp(name, "DocumentRes") != 0))
        return SM_OK;
    if (d->n_resources == SM_LEN(d->resource))
        return too_many(o, "资源文件", (int)SM_LEN(d->resource));
    return find_part(o, d->part, text, &d->resource[d->n_resources++]);
}

/* ------------------------------------------------- what is beside the pages */

struct beside {
    sm_ofd *o;
    sm_str part;
    size_t file[SM_LAID_MAX_PAGES];
    size_t n_files;
};

static sm_rc on_annotation(void *ctx, const char *name, const char **atts)
{
    struct beside *x = ctx;
    if (strcmp(name, "Annot") == 0)
        x->o->laid.to->l->flags |= strcmp(sm_ofd_attribute(atts, "Type"), "Stamp") == 0
                                       ? SM_LAYOUT_SEALED
                                       : SM_LAYOUT_COMMENTS;
    return SM_OK;
}

static sm_rc on_annotation_file(void *ctx, const char *name, sm_str text)
{
    struct beside *x = ctx;
    if (strcmp(name, "FileLoc") != 0)
        return SM_OK;
    if (x->n_files == SM_LEN(x->file))
        return too_many(x->o, "注释文件", SM_LAID_MAX_PAGES);
    return find_part(x->o, x->part, text, &x->file[x->n_files++]);
}

static sm_rc read_annotations(sm_ofd *o, sm_str document, sm_str loc)
{
    size_t part = 0;
    struct beside *x = SM_NEW(o->laid.a, struct beside);
    if (sm_str_trim(loc).n == 0)
        return SM_OK;
    sm_rc rc = find_part(o, document, loc, &part);
    *x = (struct beside){ .o = o };
    if (rc == SM_OK) {
        x->part = sm_package_name(o->package, part);
        rc = sm_ofd_walk_part(o, part, &(sm_ofd_walk){ .end = on_annotation_file, .ctx = x });
    }
    for (size_t i = 0; i < x->n_files && rc == SM_OK; i++)
        rc = sm_ofd_walk_part(o, x->file[i], &(sm_ofd_walk){ .start = on_annotation, .ctx = x });
    return rc;
}

static sm_rc on_attachment(void *ctx, const char *name, const char **atts)
{
    sm_ofd *o = ctx;
    if (strcmp(name, "Attachment") != 0)
        return SM_OK;
    return sm_layout_add_prop(o->laid.to, SM_STR("attachment"),
                              sm_str_of(sm_ofd_attribute(atts, "Name")));
}

static sm_rc on_signature(void *ctx, const char *name, const char **atts)
{
    sm_ofd *o = ctx;
    (void)atts;
    if (strcmp(name, "Signature") == 0)
        o->laid.to->l->flags |= SM_LAYOUT_SEALED;
    return SM_OK;
}

static sm_rc read_beside(sm_ofd *o, sm_str from, sm_str loc,
                         sm_rc (*start)(void *ctx, const char *name, const char **atts))
{
    size_t part = 0;
    if (sm_str_trim(loc).n == 0)
        return SM_OK;
    sm_rc rc = find_part(o, from, loc, &part);
    return rc < 0 ? rc : sm_ofd_walk_part(o, part, &(sm_ofd_walk){ .start = start, .ctx = o });
}

static sm_rc read_document(sm_ofd *o, size_t part)
{
    struct document *d = SM_NEW(o->laid.a, struct document);
    *d = (struct document){ .o = o, .part = sm_package_name(o->package, part) };
    o->n_fonts = o->n_params = o->n_units = o->n_templates = o->n_pages = 0;
    o->wide = o->high = 0;
    uint16_t ignored;
    sm_rc rc = sm_layout_add_part(o->laid.to, d->part, &ignored);
    if (rc == SM_OK)
        rc = sm_ofd_walk_part(
            o, part, &(sm_ofd_walk){ .start = on_document, .end = on_document_end, .ctx = d });
    for (size_t i = 0; i < d->n_resources && rc == SM_OK; i++) {
        struct resources r = { .o = o, .part = d->resource[i] };
        rc = sm_ofd_walk_part(
            o, r.part, &(sm_ofd_walk){ .start = on_resource, .end = on_resource_end, .ctx = &r });
    }
    for (size_t i = 0; i < o->n_pages && rc == SM_OK; i++)
        rc = sm_ofd_page_read(o, o->page[i].part);
    if (rc == SM_OK)
        rc = read_annotations(o, d->part, d->annotations);
    return rc == SM_OK ? read_beside(o, d->part, d->attachments, on_attachment) : rc;
}

/* ------------------------------------------------------------- OFD.xml */

struct entrance {
    sm_ofd *o;
    sm_str root[16], signatures[16];
    size_t n_roots, n_signatures;
    sm_str custom; /* name of the CustomData being read */
    bool begun;
};

static sm_rc on_entrance(void *ctx, const char *name, const char **atts)
{
    struct entrance *e = ctx;
    const sm_reader *r = e->o->laid.to->r;
    bool first = !e->begun;
    e->begun = true;
    if (first && strcmp(name, "OFD") != 0)
        return sm_fail(r->op, SM_E_CORRUPT,
                       "文件 %s 的 OFD.xml 不是 OFD 的入口文件；请重新取得文件", r->name);
    if (strcmp(name, "CustomData") == 0)
        e->custom = sm_str_dup(r->op->arena, sm_str_of(sm_ofd_attribute(atts, "Name")));
    sm_str type = sm_str_of(sm_ofd_attribute(atts, "DocType"));
    return first && type.n ? sm_layout_add_prop(e->o->laid.to, SM_STR("doctype"), type) : SM_OK;
}

static sm_rc on_entrance_end(void *ctx, const char *name, sm_str text)
{
    static const struct {
        const char *element, *prop;
    } props[] = {
        { "Title", "title" },          { "Author", "creator" },      { "Subject", "subject" },
        { "Abstract", "description" }, { "Keyword", "keyword" },     { "CreationDate", "created" },
        { "ModDate", "modified" },     { "Creator", "application" }, { "DocUsage", "usage" },
    };
    struct entrance *e = ctx;
    sm_layout_build *to = e->o->laid.to;
    sm_arena *a = e->o->laid.a;
    text = sm_str_trim(text);
    if (strcmp(name, "DocRoot") == 0) {
        if (e->n_roots == SM_LEN(e->root))
            return too_many(e->o, "文档", (int)SM_LEN(e->root));
        e->root[e->n_roots++] = sm_str_dup(a, text);
    }
    if (strcmp(name, "Signatures") == 0 && e->n_signatures < SM_LEN(e->signatures))
        e->signatures[e->n_signatures++] = sm_str_dup(a, text);
    if (strcmp(name, "CustomData") == 0 && text.n)
        return sm_layout_add_prop(to, e->custom, text);
    for (size_t i = 0; i < SM_LEN(props); i++)
        if (strcmp(name, props[i].element) == 0 && text.n)
            return sm_layout_add_prop(to, sm_str_of(props[i].prop), text);
    return SM_OK;
}

static sm_rc read_all(sm_ofd *o)
{
    const sm_str entrance = SM_STR("OFD.xml");
    struct entrance e = { .o = o };
    size_t part = 0;
    sm_rc rc = find_part(o, (sm_str){ 0 }, entrance, &part);
    if (rc == SM_OK)
        rc = sm_ofd_walk_part(
            o, part, &(sm_ofd_walk){ .start = on_entrance, .end = on_entrance_end, .ctx = &e });
    for (size_t i = 0; i < e.n_roots && rc == SM_OK; i++) {
        rc = find_part(o, entrance, e.root[i], &part);
        if (rc == SM_OK)
            rc = read_document(o, part);
    }
    for (size_t i = 0; i < e.n_signatures && rc == SM_OK; i++)
        rc = read_beside(o, entrance, e.signatures[i], on_signature);
    return rc;
}

/* A page that is a picture has words that nobody here can read: better no answer than half of one.
 */
static sm_rc check_readable(const sm_ofd *o)
{
    const sm_reader *r = o->laid.to->r;
    if (o->n_scanned)
        return sm_fail(r->op, SM_E_INVALID,
                       "文件 %s 共 %d 页，其中 %d 页（从第 %d 页起）是扫描图像，没有文字；"
                       "请先用文字识别（OCR）软件转成带文字的 OFD，或提供原来的电子文件",
                       r->name, o->laid.to->l->n_pages, o->n_scanned, o->first_scanned);
    if ((double)o->n_unreadable > MOST_UNREADABLE * (double)o->n_glyphs)
        return sm_fail(r->op, SM_E_INVALID,
                       "文件 %s 的文字只有字形、没有对应的字符，读不出内容；"
                       "请用文字识别（OCR）软件处理，或提供原来的电子文件",
                       r->name);
    if (o->n_glyphs == 0)
        return sm_fail(r->op, SM_E_INVALID,
                       "文件 %s 里没有文字；若是扫描件，请先用文字识别（OCR）软件处理", r->name);
    return SM_OK;
}

sm_rc sm_ofd_layout(sm_layout_build *b, sm_str bytes)
{
    sm_ofd *o = SM_NEW(b->r->op->arena, sm_ofd);
    o->laid = sm_laid_begin(b);
    sm_rc rc = sm_package_open(b->r, bytes, &o->package);
    if (rc == SM_OK)
        rc = read_all(o);
    sm_package_close(o->package);
    if (rc == SM_OK)
        rc = check_readable(o);
    b->l->flags |= SM_LAYOUT_PAGES;
    return rc == SM_OK ? sm_laid_end(&o->laid) : rc;
}
