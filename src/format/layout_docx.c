/* A DOCX as it is laid out: its parts found through relationships (ISO/IEC 29500-2), what it says
 * of itself, and its stories in order. */
#include "format/readers.h"
#include "format/story.h"

#include <string.h>

enum { MAX_RELATIONS = 20000, MAX_STEPS = 64, PROPERTY_BYTES = 1 << 16 };

struct relation {
    sm_str id, type, target;
    bool outside;
};

struct relations {
    struct relation *item;
    size_t n, cap;
};

struct docx {
    sm_layout_build *b;
    sm_package *package;
    size_t main;
    sm_str folder; /* of the main part, with its slash */
    struct relations root, own;
};

/* --------------------------------------------------------- relationships */

static sm_str folder_of(sm_str part)
{
    size_t n = part.n;
    while (n && part.p[n - 1] != '/')
        n--;
    return sm_str_sub(part, 0, n);
}

/* The part that a target names, seen from a folder; what leads out of the package is none. */
static sm_str target_of(sm_arena *a, sm_str folder, sm_str target)
{
    sm_str whole = sm_str_starts(target, SM_STR("/"))
                       ? target
                       : sm_strf(a, "%.*s%.*s", SM_ARG(folder), SM_ARG(target));
    sm_str step[MAX_STEPS], one;
    size_t n = 0;
    while (sm_str_cut(&whole, '/', &one)) {
        if (one.n == 0 || sm_str_eq(one, SM_STR(".")))
            continue;
        bool up = sm_str_eq(one, SM_STR(".."));
        if (up ? n == 0 : n == MAX_STEPS)
            return (sm_str){ 0 };
        if (up)
            n--;
        else
            step[n++] = one;
    }
    sm_str out = { 0 };
    for (size_t i = 0; i < n; i++)
        out = i ? sm_strf(a, "%.*s/%.*s", SM_ARG(out), SM_ARG(step[i])) : step[i];
    return out;
}

struct relation_parse {
    struct docx *d;
    sm_str folder;
    struct relations *to; /* NULL: only looked at */
};

/* A link is there to be followed by a reader; anything else outside is a part of the document. */
static void note_outside(struct docx *d, sm_str type)
{
    if (!sm_str_ends(type, SM_STR("/hyperlink")))
        d->b->l->flags |= SM_LAYOUT_EXTERNAL;
}

static sm_rc on_relation(void *ctx, const char *name, const char **atts)
{
    struct relation_parse *p = ctx;
    sm_op *op = p->d->b->r->op;
    if (strcmp(sm_wml_any_local(name), "Relationship") != 0)
        return SM_OK;
    sm_str type = sm_str_of(sm_wml_attr(atts, "Type"));
    bool outside = strcmp(sm_wml_attr(atts, "TargetMode"), "External") == 0;
    if (outside)
        note_outside(p->d, type);
    if (!p->to)
        return SM_OK;
    if (p->to->n >= MAX_RELATIONS)
        return sm_fail(op, SM_E_LIMIT,
                       "文件 %s 的部件关系超过 %d 条的上限；请把内容复制到新文档，另存后再提交",
                       p->d->b->r->name, MAX_RELATIONS);
    SM_GROW(op->arena, p->to->item, p->to->n, p->to->cap);
    sm_str target = sm_str_of(sm_wml_attr(atts, "Target"));
    p->to->item[p->to->n++] = (struct relation){
        .id = sm_str_dup(op->arena, sm_str_of(sm_wml_attr(atts, "Id"))),
        .type = sm_str_dup(op->arena, type),
        .target = outside ? (sm_str){ 0 }
                          : sm_str_dup(op->arena, target_of(op->arena, p->folder, target)),
        .outside = outside,
    };
    return SM_OK;
}

static sm_rc on_nothing(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return SM_OK;
}

static sm_rc read_relations(struct docx *d, size_t part, sm_str folder, struct relations *to)
{
    struct relation_parse p = { d, folder, to };
    sm_part_handler handler = { .start = on_relation, .end = on_nothing, .ctx = &p };
    return sm_package_parse(d->package, part, &handler);
}

static const struct relation *relation_of_type(const struct relations *r, const char *ending)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->item[i].outside && sm_str_ends(r->item[i].type, sm_str_of(ending)))
            return &r->item[i];
    return NULL;
}

static const struct relation *relation_of_id(const struct relations *r, sm_str id)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->item[i].outside && sm_str_eq(r->item[i].id, id))
            return &r->item[i];
    return NULL;
}

/* Which of two parts of one name is meant, nobody can say. */
static sm_rc find_part(struct docx *d, sm_str name, size_t *index)
{
    const sm_reader *r = d->b->r;
    size_t n = 0;
    for (size_t i = 0; i < sm_package_count(d->package); i++)
        if (sm_str_eq(sm_package_name(d->package, i), name)) {
            *index = i;
            n++;
        }
    if (n <= 1)
        return n ? SM_OK : SM_E_NOTFOUND;
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 里有 %zu 个 %.*s，不知道以哪个为准；"
                   "请用 WPS 或 Word 打开并另存后再提交",
                   r->name, n, SM_ARG(name));
}

static sm_rc fail_missing(struct docx *d, sm_str part)
{
    const sm_reader *r = d->b->r;
    return sm_fail(r->op, SM_E_CORRUPT,
                   "文件 %s 缺少部件 %.*s，内容不完整；请重新取得文件，"
                   "或用 WPS、Word 打开并另存后再提交",
                   r->name, SM_ARG(part));
}

/* The part of that type, by a relationship or, without one, by its usual name; SIZE_MAX: none. */
static sm_rc part_of_type(struct docx *d, const struct relations *from, const char *ending,
                          sm_str usual, size_t *index)
{
    const struct relation *found = relation_of_type(from, ending);
    sm_rc rc = find_part(d, found ? found->target : usual, index);
    if (rc != SM_E_NOTFOUND)
        return rc;
    *index = SIZE_MAX;
    return found ? fail_missing(d, found->target) : SM_OK;
}

static sm_str beside_main(struct docx *d, const char *name)
{
    return sm_strf(d->b->r->op->arena, "%.*s%s", SM_ARG(d->folder), name);
}

static sm_rc find_main(struct docx *d)
{
    size_t rels;
    sm_rc rc = find_part(d, SM_STR("_rels/.rels"), &rels);
    if (rc == SM_OK)
        rc = read_relations(d, rels, (sm_str){ 0 }, &d->root);
    else if (rc == SM_E_NOTFOUND)
        rc = SM_OK;
    if (rc < 0)
        return rc;
    const struct relation *named = relation_of_type(&d->root, "/officeDocument");
    sm_str name = named ? named->target : SM_STR("word/document.xml");
    rc = find_part(d, name, &d->main);
    if (rc == SM_E_NOTFOUND)
        return fail_missing(d, name);
    d->folder = folder_of(name);
    return rc;
}

static sm_rc read_own_relations(struct docx *d)
{
    sm_str name = sm_package_name(d->package, d->main);
    sm_str rels = sm_strf(d->b->r->op->arena, "%.*s_rels/%.*s.rels", SM_ARG(d->folder),
                          SM_ARG(sm_str_after(name, d->folder.n)));
    size_t index;
    sm_rc rc = find_part(d, rels, &index);
    return rc == SM_E_NOTFOUND ? SM_OK : rc < 0 ? rc : read_relations(d, index, d->folder, &d->own);
}

/* --------------------------------------------------- what it says of itself */

struct property_parse {
    struct docx *d;
    int depth;
    bool custom; /* named by an attribute */
    sm_str name;
    sm_buf value;
};

static bool is_list(const char *name)
{
    return strcmp(name, "HeadingPairs") == 0 || strcmp(name, "TitlesOfParts") == 0 ||
           strcmp(name, "HLinks") == 0;
}

static sm_rc on_property(void *ctx, const char *name, const char **atts)
{
    struct property_parse *p = ctx;
    const char *local = sm_wml_any_local(name);
    if (++p->depth != 2)
        return SM_OK;
    p->custom = strcmp(local, "property") == 0;
    const char *called = p->custom ? sm_wml_attr(atts, "name") : is_list(local) ? "" : local;
    p->name = sm_str_dup(p->d->b->r->op->arena, sm_str_of(called));
    p->value.n = 0;
    return SM_OK;
}

static sm_rc on_property_end(void *ctx, const char *name)
{
    struct property_parse *p = ctx;
    sm_reader *r = p->d->b->r;
    (void)name;
    if (p->depth-- != 2)
        return SM_OK;
    if (p->value.failed)
        return sm_fail(r->op, SM_E_LIMIT, "文件 %s 的一项属性超过 %d 字节的上限；请删短后再提交",
                       r->name, PROPERTY_BYTES);
    sm_str value = sm_str_trim(sm_buf_str(&p->value));
    return value.n ? sm_layout_add_prop(p->d->b, p->name, value) : SM_OK;
}

static sm_rc on_property_text(void *ctx, sm_str text)
{
    struct property_parse *p = ctx;
    if (p->depth >= 2 && p->name.n)
        sm_buf_add(&p->value, text);
    return SM_OK;
}

static sm_rc read_properties(struct docx *d)
{
    static const struct {
        const char *type, *usual;
    } parts[] = { { "/core-properties", "docProps/core.xml" },
                  { "/extended-properties", "docProps/app.xml" },
                  { "/custom-properties", "docProps/custom.xml" } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(parts); i++) {
        size_t index;
        rc = part_of_type(d, &d->root, parts[i].type, sm_str_of(parts[i].usual), &index);
        if (rc < 0 || index == SIZE_MAX)
            continue;
        struct property_parse p = { .d = d };
        sm_part_handler handler = { on_property, on_property_end, on_property_text, &p };
        sm_buf_init(&p.value, PROPERTY_BYTES);
        rc = sm_package_parse(d->package, index, &handler);
        sm_buf_done(&p.value);
    }
    return rc;
}

static sm_rc look_at_entries(struct docx *d)
{
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < sm_package_count(d->package); i++) {
        sm_str name = sm_package_name(d->package, i);
        if (sm_str_ends(name, SM_STR("vbaProject.bin")) || sm_str_has(name, SM_STR("/activeX/")))
            d->b->l->flags |= SM_LAYOUT_MACROS;
        if (sm_str_starts(name, SM_STR("_xmlsignatures/")))
            d->b->l->flags |= SM_LAYOUT_SEALED;
        if (sm_str_ends(name, SM_STR(".rels")))
            rc = read_relations(d, i, (sm_str){ 0 }, NULL);
    }
    return rc;
}

/* ------------------------------------------------------------ the stories */

static sm_rc read_looks(struct docx *d, sm_wml *w)
{
    static const struct {
        const char *type, *usual;
        sm_rc (*read)(sm_wml *w, size_t part);
    } parts[] = { { "/settings", "settings.xml", sm_wml_read_settings },
                  { "/theme", "theme/theme1.xml", sm_wml_read_theme },
                  { "/numbering", "numbering.xml", sm_wml_read_numbering },
                  { "/styles", "styles.xml", sm_wml_read_styles } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(parts); i++) {
        size_t index;
        rc = part_of_type(d, &d->own, parts[i].type, beside_main(d, parts[i].usual), &index);
        if (rc == SM_OK)
            rc = parts[i].read(w, index);
    }
    return rc;
}

/* Headers and footers, each once, for the first section that names it. */
static sm_rc read_margins(struct docx *d, sm_stories *s)
{
    bool *read = SM_NEWS(d->b->r->op->arena, bool, sm_package_count(d->package));
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < s->n_margins; i++) {
        const sm_story_margin *m = &s->margin[i];
        const struct relation *to = relation_of_id(&d->own, m->id);
        size_t part;
        if (!to)
            return fail_missing(d, m->id);
        rc = find_part(d, to->target, &part);
        if (rc == SM_E_NOTFOUND)
            return fail_missing(d, to->target);
        if (rc == SM_OK && !read[part]) {
            read[part] = true;
            rc = sm_story_read(s, part, m->place, m);
        }
    }
    return rc;
}

static sm_rc read_notes(struct docx *d, sm_stories *s)
{
    static const struct {
        const char *type, *usual;
    } parts[] = { { "/footnotes", "footnotes.xml" }, { "/endnotes", "endnotes.xml" } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(parts); i++) {
        size_t index;
        rc = part_of_type(d, &d->own, parts[i].type, beside_main(d, parts[i].usual), &index);
        if (rc == SM_OK && index != SIZE_MAX)
            rc = sm_story_read(s, index, SM_PAR_NOTE, NULL);
    }
    return rc;
}

static sm_rc read_stories(struct docx *d)
{
    sm_wml *w = sm_wml_open(d->b->r, d->package);
    sm_rc rc = read_looks(d, w);
    if (rc < 0)
        return rc;
    sm_stories s = {
        .b = d->b, .package = d->package, .wml = w, .normal_size = sm_wml_normal_size(w)
    };
    rc = sm_story_read(&s, d->main, SM_PAR_BODY, NULL);
    d->b->l->n_body = d->b->l->n_pars;
    if (rc == SM_OK)
        rc = read_margins(d, &s);
    return rc < 0 ? rc : read_notes(d, &s);
}

sm_rc sm_docx_layout(sm_layout_build *b, sm_str bytes)
{
    struct docx d = { .b = b };
    sm_rc rc = sm_package_open(b->r, bytes, &d.package);
    if (rc == SM_OK)
        rc = find_main(&d);
    if (rc == SM_OK)
        rc = read_own_relations(&d);
    if (rc == SM_OK)
        rc = look_at_entries(&d);
    if (rc == SM_OK)
        rc = read_properties(&d);
    if (rc == SM_OK)
        rc = read_stories(&d);
    sm_package_close(d.package);
    return rc;
}
