/*
 * The implicit label of AI-made content in a DOCX (GB 45438-2025, TC260-PG-20258A): one custom
 * property, with the part registered where office suites look for it.
 */
#include "format/label.h"

#include <string.h>

#include "format/parts.h"
#include "text/text.h"

#define OFFICE      "http://schemas.openxmlformats.org/officeDocument/2006/"
#define CUSTOM_PART "docProps/custom.xml"
#define CUSTOM_TYPE "application/vnd.openxmlformats-officedocument.custom-properties+xml"
#define RELATIONS   "_rels/.rels"
#define TYPES       "[Content_Types].xml"
#define EMPTY_CUSTOM                                                  \
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n" \
    "<Properties xmlns=\"" OFFICE "custom-properties\"></Properties>"

enum { FIRST_PID = 2, MAX_PID = 1000000, MAX_PARTS = 3 };

typedef struct xml {
    sm_str text;
    sm_element *el;
    size_t n;
} xml;

typedef struct labeller {
    sm_op *op;
    sm_str docx;
    sm_str json;   /* what the property holds */
    sm_str custom; /* name of the part */
    sm_part part[MAX_PARTS];
    size_t n_parts;
} labeller;

static sm_rc read_xml(labeller *l, sm_str docx, const char *name, xml *x)
{
    *x = (xml){ 0 };
    sm_rc rc = sm_part_read(l->op, docx, name, NULL, &x->text);
    if (rc == SM_OK && x->text.n)
        rc = sm_elements_read(l->op, name, x->text, NULL, &x->el, &x->n);
    return rc;
}

static sm_rc need_xml(labeller *l, const char *name, xml *x)
{
    sm_rc rc = read_xml(l, l->docx, name, x);
    if (rc == SM_OK && !x->n)
        rc = sm_fail(l->op, SM_E_CORRUPT, "文件里没有 %s：不是完整的 DOCX", name);
    return rc;
}

/* The prefix of a part's own names, with its colon. */
static sm_str prefix_of(const xml *x)
{
    size_t colon = sm_str_find(x->el[0].name, SM_STR(":"), 0);
    return colon == SIZE_MAX ? SM_STR("") : sm_str_sub(x->el[0].name, 0, colon + 1);
}

/* The root's end with `put` in front of it; an empty root is opened. */
static sm_str append(const labeller *l, const xml *x, sm_str put)
{
    const sm_element *root = &x->el[0];
    sm_arena *a = l->op->arena;
    if (root->inside < root->end)
        return sm_strf(a, "%.*s%.*s%.*s", SM_ARG(sm_str_sub(x->text, 0, root->inside_end)),
                       SM_ARG(put), SM_ARG(sm_str_sub(x->text, root->inside_end, x->text.n)));
    sm_str tag = sm_str_sub(x->text, 0, root->inside - strlen("/>"));
    return sm_strf(a, "%.*s>%.*s</%.*s>%.*s", SM_ARG(tag), SM_ARG(put), SM_ARG(root->name),
                   SM_ARG(sm_str_sub(x->text, root->end, x->text.n)));
}

static void keep(labeller *l, sm_str name, sm_str data)
{
    l->part[l->n_parts++] = (sm_part){ name, data };
}

/* ------------------------------------------------------------- where it is */

static bool has_id(const xml *x, sm_str id)
{
    for (size_t i = 1; i < x->n; i++)
        if (sm_str_eq(sm_element_attr(x->text, &x->el[i], "Id"), id))
            return true;
    return false;
}

static sm_rc relate(labeller *l)
{
    xml x;
    sm_rc rc = need_xml(l, RELATIONS, &x);
    if (rc < 0)
        return rc;
    int number = 1;
    for (size_t i = 1; i < x.n; i++) {
        sm_str target = sm_element_attr(x.text, &x.el[i], "Target");
        if (sm_str_ends(sm_element_attr(x.text, &x.el[i], "Type"), SM_STR("/custom-properties"))) {
            l->custom =
                sm_str_starts(target, SM_STR("/")) ? sm_str_sub(target, 1, target.n) : target;
            return SM_OK;
        }
    }
    while (has_id(&x, sm_strf(l->op->arena, "rIdAIGC%d", number)))
        number++;
    l->custom = SM_STR(CUSTOM_PART);
    sm_str put = sm_strf(l->op->arena,
                         "<%.*sRelationship Id=\"rIdAIGC%d\" Type=\"" OFFICE
                         "relationships/custom-properties\" Target=\"" CUSTOM_PART "\"/>",
                         SM_ARG(prefix_of(&x)), number);
    keep(l, SM_STR(RELATIONS), append(l, &x, put));
    return SM_OK;
}

static sm_rc declare(labeller *l)
{
    xml x;
    sm_rc rc = need_xml(l, TYPES, &x);
    if (rc < 0)
        return rc;
    sm_str name = sm_strf(l->op->arena, "/%.*s", SM_ARG(l->custom));
    for (size_t i = 1; i < x.n; i++)
        if (sm_str_eq(sm_element_attr(x.text, &x.el[i], "PartName"), name))
            return SM_OK;
    sm_str put =
        sm_strf(l->op->arena, "<%.*sOverride PartName=\"%.*s\" ContentType=\"" CUSTOM_TYPE "\"/>",
                SM_ARG(prefix_of(&x)), SM_ARG(name));
    keep(l, SM_STR(TYPES), append(l, &x, put));
    return SM_OK;
}

/* --------------------------------------------------------------- property */

static bool is_label(const xml *x, size_t i)
{
    return sm_element_is(&x->el[i], "property") &&
           sm_str_eq(sm_element_attr(x->text, &x->el[i], "name"), SM_STR("AIGC"));
}

static int next_pid(const xml *x)
{
    int64_t most = FIRST_PID - 1, pid;
    for (size_t i = 1; i < x->n; i++)
        if (sm_str_to_int(sm_element_attr(x->text, &x->el[i], "pid"), &pid) && pid < MAX_PID)
            most = SM_MAX(most, pid);
    return (int)most + 1;
}

static sm_str without_labels(const labeller *l, const xml *x)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    size_t done = 0;
    for (size_t i = 1; i < x->n; i++)
        if (is_label(x, i) && x->el[i].at >= done) {
            sm_buf_add(&b, sm_str_sub(x->text, done, x->el[i].at));
            done = x->el[i].end;
        }
    sm_buf_add(&b, sm_str_sub(x->text, done, x->text.n));
    sm_str s = { 0 };
    sm_buf_take(l->op, &b, &s);
    return s;
}

static sm_str property_of(const labeller *l, const xml *x)
{
    sm_str prefix = prefix_of(x), s = { 0 };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    sm_buf_addf(&b,
                "<%.*sproperty fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"%d\" "
                "name=\"AIGC\"><vt:lpwstr xmlns:vt=\"" OFFICE "docPropsVTypes\">",
                SM_ARG(prefix), next_pid(x));
    sm_xml_put(&b, l->json);
    sm_buf_addf(&b, "</vt:lpwstr></%.*sproperty>", SM_ARG(prefix));
    sm_buf_take(l->op, &b, &s);
    return s;
}

static sm_rc set_property(labeller *l)
{
    xml x;
    const char *name = sm_cstr(l->op->arena, l->custom);
    sm_rc rc = read_xml(l, l->docx, name, &x);
    if (rc == SM_OK && x.n && !sm_element_is(&x.el[0], "Properties"))
        rc = sm_fail(l->op, SM_E_CORRUPT, "%s 不是文件属性，AI 标识无处可写", name);
    if (rc < 0)
        return rc;
    x.text = x.n ? without_labels(l, &x) : SM_STR(EMPTY_CUSTOM);
    rc = sm_elements_read(l->op, name, x.text, NULL, &x.el, &x.n);
    if (rc == SM_OK)
        keep(l, l->custom, append(l, &x, property_of(l, &x)));
    return rc;
}

/* What the file says now is what it should. */
static sm_rc verify(labeller *l, sm_str docx)
{
    xml x;
    sm_rc rc = read_xml(l, docx, sm_cstr(l->op->arena, l->custom), &x);
    if (rc < 0)
        return rc;
    size_t labels = 0;
    bool same = true;
    for (size_t i = 1; i < x.n; i++) {
        if (!is_label(&x, i))
            continue;
        labels++;
        size_t value = sm_element_child(x.el, i, "lpwstr");
        sm_str raw = value == SIZE_MAX
                         ? SM_STR("")
                         : sm_str_sub(x.text, x.el[value].inside, x.el[value].inside_end);
        sm_buf b;
        sm_buf_init(&b, 1 << 20);
        sm_xml_put(&b, l->json);
        same = same && sm_str_eq(sm_buf_str(&b), raw);
        sm_buf_done(&b);
    }
    if (labels == 1 && same)
        return SM_OK;
    return sm_fail(l->op, SM_E_INTERNAL, "AI 标识写入后读不回来，文件没有生成");
}

/* Seven string members in the standard's order. */
static sm_str json_of(sm_op *op, const sm_label_text *t)
{
    const struct {
        const char *name;
        sm_str value;
    } members[] = {
        { "Label", t->label },
        { "ContentProducer", t->producer },
        { "ProduceID", t->produce_id },
        { "ReservedCode1", t->reserved1 },
        { "ContentPropagator", t->propagator },
        { "PropagateID", t->propagate_id },
        { "ReservedCode2", t->reserved2 },
    };
    json_t *o = json_object();
    sm_json_own(op->arena, o);
    for (size_t i = 0; i < SM_LEN(members); i++)
        json_object_set_new(o, members[i].name,
                            sm_json_of(sm_utf8_mend(op->arena, members[i].value)));
    return sm_json_dump(op->arena, o);
}

static sm_rc check(sm_op *op, const sm_label_text *t)
{
    bool known = t->label.n == 1 && t->label.p[0] >= '1' && t->label.p[0] <= '3';
    if (!known || !t->producer.n || !t->produce_id.n)
        return sm_fail(op, SM_E_INVALID,
                       "AI 标识要写明标签（1、2 或 3）、生成服务提供者和内容编号");
    return SM_OK;
}

sm_rc sm_docx_label(sm_op *op, sm_str docx, const sm_label_text *label, sm_buf *out)
{
    sm_rc rc = check(op, label);
    if (rc < 0)
        return rc;
    labeller l = { .op = op, .docx = docx, .json = json_of(op, label) };
    rc = relate(&l);
    if (rc == SM_OK)
        rc = declare(&l);
    if (rc == SM_OK)
        rc = set_property(&l);
    if (rc < 0)
        return rc;
    sm_buf b;
    sm_buf_init(&b, out->max);
    rc = sm_parts_write(op, docx, l.part, l.n_parts, &b);
    if (rc == SM_OK)
        rc = verify(&l, sm_buf_str(&b));
    if (rc == SM_OK)
        sm_buf_add(out, sm_buf_str(&b));
    sm_buf_done(&b);
    return rc;
}
