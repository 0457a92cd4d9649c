/* What a DOCX has beside its text. */
#include "format/docx_write.h"

#include <string.h>

#include "text/text.h"

enum { MAX_PART_BYTES = 256 << 20 };

void sm_docx_put(sm_docx_writer *w, const char *xml)
{
    sm_buf_add(w->b, sm_str_of(xml));
}

void sm_docx_put_attr(sm_docx_writer *w, const char *name, sm_str value)
{
    if (!value.n)
        return;
    sm_buf_addf(w->b, " %s=\"", name);
    sm_xml_put(w->b, value);
    sm_docx_put(w, "\"");
}

static void put_element(sm_docx_writer *w, const char *name, sm_str text)
{
    if (!text.n)
        return;
    sm_buf_addf(w->b, "<%s>", name);
    sm_xml_put(w->b, text);
    const char *blank = strchr(name, ' ');
    sm_buf_addf(w->b, "</%.*s>", blank ? (int)(blank - name) : (int)strlen(name), name);
}

void sm_docx_begin(sm_docx_writer *w, sm_buf *b)
{
    sm_buf_init(b, MAX_PART_BYTES);
    w->b = b;
}

sm_rc sm_docx_end(sm_docx_writer *w, sm_str name)
{
    sm_part *p = &w->part[w->n_parts++];
    p->name = name;
    return sm_buf_take(w->op, w->b, &p->data);
}

static bool is_known(const sm_str *known, size_t n, sm_str name)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(known[i], name))
            return true;
    return false;
}

size_t sm_docx_style(const sm_docx_writer *w, sm_str name)
{
    for (size_t i = 0; i < w->n_styles; i++)
        if (sm_str_eq(w->style[i], name))
            return i + 1;
    return 0;
}

static void find_styles(sm_docx_writer *w)
{
    for (size_t i = 0; i < w->l->n_pars; i++) {
        sm_str name = w->l->par[i].style;
        if (!name.n || sm_str_eq(name, SM_STR("Normal")) || is_known(w->style, w->n_styles, name))
            continue;
        SM_GROW(w->op->arena, w->style, w->n_styles, w->cap_styles);
        w->style[w->n_styles++] = name;
    }
}

#define BODY_LOOK                                                                 \
    "<w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" "   \
    "w:eastAsia=\"仿宋_GB2312\" w:cs=\"Times New Roman\"/><w:sz w:val=\"%d\"/>" \
    "<w:szCs w:val=\"%d\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr>"

/* The size stands in the style, too: office suites take the grid's characters from there. */
static sm_rc write_styles(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, PART("w:styles", "") "<w:docDefaults><w:rPrDefault>");
    sm_buf_addf(&b, BODY_LOOK, SM_DOCX_BODY_PT * 2, SM_DOCX_BODY_PT * 2);
    sm_docx_put(w, "</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
                   "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">"
                   "<w:name w:val=\"Normal\"/><w:qFormat/>");
    sm_buf_addf(&b, BODY_LOOK, SM_DOCX_BODY_PT * 2, SM_DOCX_BODY_PT * 2);
    sm_docx_put(w, "</w:style>"
                   "<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\">"
                   "<w:name w:val=\"Normal Table\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/>"
                   "<w:tblCellMar><w:left w:w=\"108\" w:type=\"dxa\"/><w:right w:w=\"108\" "
                   "w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>");
    for (size_t i = 0; i < w->n_styles; i++) {
        sm_buf_addf(&b, "<w:style w:type=\"paragraph\" w:styleId=\"S%zu\"><w:name", i + 1);
        sm_docx_put_attr(w, "w:val", w->style[i]);
        sm_docx_put(w, "/><w:basedOn w:val=\"Normal\"/></w:style>");
    }
    sm_docx_put(w, "</w:styles>");
    return sm_docx_end(w, SM_STR("word/styles.xml"));
}

static sm_rc write_settings(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, PART("w:settings", ""));
    if (w->even)
        sm_docx_put(w, "<w:evenAndOddHeaders/>");
    sm_docx_put(w, "<w:characterSpacingControl w:val=\"compressPunctuation\"/><w:compat>"
                   "<w:compatSetting w:name=\"compatibilityMode\" "
                   "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
                   "</w:settings>");
    return sm_docx_end(w, SM_STR("word/settings.xml"));
}

/* ------------------------------------------------------------------- fonts */

/* Where a font is not installed, its kind is what another is chosen by. */
static void put_font(sm_docx_writer *w, sm_str name)
{
    bool east = false;
    for (sm_str s = name; s.n && !east;)
        east = sm_utf8_next(&s) >= 0x80;
    bool sans = sm_str_has(name, SM_STR("黑"));
    sm_docx_put(w, "<w:font");
    sm_docx_put_attr(w, "w:name", name);
    sm_buf_addf(w->b, "><w:charset w:val=\"%s\"/><w:family w:val=\"%s\"/></w:font>",
                east ? "86" : "00", sans ? "swiss" : "roman");
}

enum { MAX_FONTS = 64 }; /* the table is a help, not the text */

static sm_rc write_fonts(sm_docx_writer *w)
{
    sm_str known[MAX_FONTS] = { SM_STR("Times New Roman"), SM_STR("仿宋_GB2312") };
    size_t n = 2;
    for (size_t i = 0; i < w->l->n_pars; i++) {
        const sm_par *p = &w->l->par[i];
        for (size_t k = 0; k < 2 * p->n_runs && n < MAX_FONTS; k++) {
            sm_str name = k % 2 ? p->run[k / 2].latin : p->run[k / 2].font;
            if (name.n && !is_known(known, n, name))
                known[n++] = name;
        }
    }
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, PART("w:fonts", ""));
    for (size_t i = 0; i < n; i++)
        put_font(w, known[i]);
    sm_docx_put(w, "</w:fonts>");
    return sm_docx_end(w, SM_STR("word/fontTable.xml"));
}

/* -------------------------------------------------------------- properties */

/* Those of core.xml in the order they are written; all others are custom ones. */
static const struct core_prop {
    const char *name, *element;
} core_props[] = {
    { "title", "dc:title" },
    { "subject", "dc:subject" },
    { "creator", "dc:creator" },
    { "keywords", "cp:keywords" },
    { "description", "dc:description" },
    { "lastModifiedBy", "cp:lastModifiedBy" },
    { "created", "dcterms:created xsi:type=\"dcterms:W3CDTF\"" },
    { "modified", "dcterms:modified xsi:type=\"dcterms:W3CDTF\"" },
    { "category", "cp:category" },
};

static bool is_core(sm_str name)
{
    for (size_t i = 0; i < SM_LEN(core_props); i++)
        if (sm_str_eq(name, sm_str_of(core_props[i].name)))
            return true;
    return false;
}

static sm_str prop_of(const sm_layout *l, const char *name)
{
    for (size_t i = 0; i < l->n_props; i++)
        if (sm_str_eq(l->prop[i].name, sm_str_of(name)))
            return l->prop[i].value;
    return SM_STR("");
}

static sm_rc write_core(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD "<cp:coreProperties xmlns:cp=\"" PKG_NS "/metadata/core-properties\" "
                            "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                            "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
                            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">");
    for (size_t i = 0; i < SM_LEN(core_props); i++)
        put_element(w, core_props[i].element, prop_of(w->l, core_props[i].name));
    sm_docx_put(w, "</cp:coreProperties>");
    return sm_docx_end(w, SM_STR("docProps/core.xml"));
}

static sm_rc write_app(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD
                "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
                "extended-properties\"><Application>榫卯</Application></Properties>");
    return sm_docx_end(w, SM_STR("docProps/app.xml"));
}

static size_t count_custom(const sm_layout *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n_props; i++)
        n += l->prop[i].name.n && !is_core(l->prop[i].name);
    return n;
}

static sm_rc write_custom(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD
                "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
                "custom-properties\" xmlns:vt=\"http://schemas.openxmlformats.org/"
                "officeDocument/2006/docPropsVTypes\">");
    int pid = 2; /* 0 and 1 are taken */
    for (size_t i = 0; i < w->l->n_props; i++) {
        const sm_meta *m = &w->l->prop[i];
        if (!m->name.n || is_core(m->name))
            continue;
        sm_buf_addf(&b, "<property fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"%d\"",
                    pid++);
        sm_docx_put_attr(w, "name", m->name);
        sm_docx_put(w, "><vt:lpwstr>");
        sm_xml_put(&b, m->value);
        sm_docx_put(w, "</vt:lpwstr></property>");
    }
    sm_docx_put(w, "</Properties>");
    return sm_docx_end(w, SM_STR("docProps/custom.xml"));
}

/* ----------------------------------------------------------------- package */

static void put_override(sm_docx_writer *w, const char *part, const char *type)
{
    sm_buf_addf(w->b, "<Override PartName=\"/%s\" ContentType=\"%s\"/>", part, type);
}

static sm_rc write_types(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD
                "<Types xmlns=\"" PKG_NS "/content-types\"><Default Extension=\"rels\" "
                "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                "<Default Extension=\"xml\" ContentType=\"application/xml\"/>");
    put_override(w, "word/document.xml", WML_TYPE "document.main+xml");
    put_override(w, "word/styles.xml", WML_TYPE "styles+xml");
    put_override(w, "word/settings.xml", WML_TYPE "settings+xml");
    put_override(w, "word/fontTable.xml", WML_TYPE "fontTable+xml");
    for (size_t i = 0; i < w->n_margins; i++) {
        const char *name = w->margin[i].place == SM_PAR_HEADER ? "header" : "footer";
        sm_buf_addf(&b,
                    "<Override PartName=\"/word/%s%d.xml\" ContentType=\"" WML_TYPE "%s+xml\"/>",
                    name, w->margin[i].number, name);
    }
    put_override(w, "docProps/core.xml",
                 "application/vnd.openxmlformats-package.core-properties+xml");
    put_override(w, "docProps/app.xml",
                 "application/vnd.openxmlformats-officedocument.extended-properties+xml");
    if (count_custom(w->l))
        put_override(w, "docProps/custom.xml",
                     "application/vnd.openxmlformats-officedocument.custom-properties+xml");
    sm_docx_put(w, "</Types>");
    return sm_docx_end(w, SM_STR("[Content_Types].xml"));
}

static void put_relation(sm_docx_writer *w, int id, const char *type, const char *target)
{
    sm_buf_addf(w->b, "<Relationship Id=\"rId%d\" Type=\"%s\" Target=\"%s\"/>", id, type, target);
}

static sm_rc write_root_relations(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD "<Relationships xmlns=\"" PKG_NS "/relationships\">");
    put_relation(w, 1, R_NS "/officeDocument", "word/document.xml");
    put_relation(w, 2, PKG_NS "/relationships/metadata/core-properties", "docProps/core.xml");
    put_relation(w, 3, R_NS "/extended-properties", "docProps/app.xml");
    if (count_custom(w->l))
        put_relation(w, 4, R_NS "/custom-properties", "docProps/custom.xml");
    sm_docx_put(w, "</Relationships>");
    return sm_docx_end(w, SM_STR("_rels/.rels"));
}

static sm_rc write_relations(sm_docx_writer *w)
{
    sm_buf b;
    sm_docx_begin(w, &b);
    sm_docx_put(w, XML_HEAD "<Relationships xmlns=\"" PKG_NS "/relationships\">");
    int id = 0;
    for (size_t i = 0; i < w->n_margins; i++) {
        const sm_docx_margin *m = &w->margin[i];
        const char *name = m->place == SM_PAR_HEADER ? "header" : "footer";
        id = m->number;
        sm_buf_addf(&b, "<Relationship Id=\"rId%d\" Type=\"" R_NS "/%s\" Target=\"%s%d.xml\"/>", id,
                    name, name, id);
    }
    put_relation(w, id + 1, R_NS "/styles", "styles.xml");
    put_relation(w, id + 2, R_NS "/settings", "settings.xml");
    put_relation(w, id + 3, R_NS "/fontTable", "fontTable.xml");
    sm_docx_put(w, "</Relationships>");
    return sm_docx_end(w, SM_STR("word/_rels/document.xml.rels"));
}

sm_rc sm_docx_write_parts(sm_docx_writer *w)
{
    find_styles(w);
    static sm_rc (*const steps[])(
        sm_docx_writer *) = { write_types,    write_root_relations, write_relations, write_styles,
                              write_settings, write_fonts,          write_core,      write_app };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(steps); i++)
        rc = steps[i](w);
    return rc < 0 || !count_custom(w->l) ? rc : write_custom(w);
}
