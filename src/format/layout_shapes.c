/* Drawn lines: a flat line, connector or thin bar of DrawingML or VML, anchored in a paragraph. */
#include "format/shapes.h"

#include <string.h>

static const double THIN = 144000; /* EMU: 4 mm, a bar and no box */

static double absolute(double v)
{
    return v < 0 ? -v : v;
}

/* "width:441pt" in a style of VML. */
static bool css_length(const char *style, const char *name, double *twips)
{
    char value[32];
    size_t n = strlen(name);
    for (const char *s = style; s && *s; s = strchr(s, ';'), s += s != NULL) {
        while (*s == ' ')
            s++;
        if (strncmp(s, name, n) != 0 || s[n] != ':')
            continue;
        size_t k = strcspn(s + n + 1, ";");
        if (k >= sizeof(value))
            return false;
        memcpy(value, s + n + 1, k);
        value[k] = 0;
        return sm_wml_twips(value, twips);
    }
    return false;
}

/* "0,12pt" */
static bool point_of(const char *s, double *x, double *y)
{
    char first[32];
    size_t n = strcspn(s, ",");
    if (n >= sizeof(first) || s[n] != ',')
        return false;
    memcpy(first, s, n);
    first[n] = 0;
    return sm_wml_twips(first, x) && sm_wml_twips(s + n + 1, y);
}

static bool is_flat(double wide, double high)
{
    return wide > 0 && absolute(high) * 20 <= wide;
}

static bool vml_line(const char **atts)
{
    double x1, y1, x2, y2;
    return point_of(sm_wml_attr(atts, "from"), &x1, &y1) &&
           point_of(sm_wml_attr(atts, "to"), &x2, &y2) && is_flat(absolute(x2 - x1), y2 - y1);
}

static bool vml_shape(const char *local, const char **atts)
{
    const char *style = sm_wml_attr(atts, "style"), *type = sm_wml_attr(atts, "type");
    double wide, high;
    bool straight = strstr(type, "_x0000_t32") || strstr(type, "_x0000_t20");
    if (!straight && strcmp(local, "rect") != 0)
        return false;
    return css_length(style, "width", &wide) && css_length(style, "height", &high) &&
           is_flat(wide, high);
}

static void vml_start(sm_wml_shape *s, const char *local, const char **atts)
{
    bool is_line = strcmp(local, "line") == 0;
    if (is_line ? !vml_line(atts) : !vml_shape(local, atts))
        return;
    const char *stroke = sm_wml_attr(atts, "strokecolor"), *fill = sm_wml_attr(atts, "fillcolor");
    bool bar = strcmp(local, "rect") == 0 && *fill;
    s->found = true;
    s->colour = sm_wml_colour(bar ? fill : stroke);
}

/* "line": any straight one; "rect": a bar. */
static void preset(sm_wml_shape *s, const char *name)
{
    s->straight = strcmp(name, "line") == 0 || strcmp(name, "straightConnector1") == 0;
    s->bar = strcmp(name, "rect") == 0;
}

static void drawing_start(sm_wml_shape *s, const char *local, const char **atts)
{
    if (strcmp(local, "wsp") == 0 || strcmp(local, "cxnSp") == 0) {
        *s = (sm_wml_shape){ .within = true, .colour = SM_COLOUR_AUTO };
    } else if (!s->within) {
        return;
    } else if (strcmp(local, "prstGeom") == 0) {
        preset(s, sm_wml_attr(atts, "prst"));
    } else if (strcmp(local, "ext") == 0 && *sm_wml_attr(atts, "cx")) {
        sm_wml_number(sm_wml_attr(atts, "cx"), &s->wide);
        sm_wml_number(sm_wml_attr(atts, "cy"), &s->high);
    } else if (strcmp(local, "ln") == 0) {
        s->in_line = true;
    } else if (strcmp(local, "srgbClr") == 0 && (s->in_line || s->bar)) {
        s->colour = sm_wml_colour(sm_wml_attr(atts, "val"));
    }
}

void sm_wml_shape_start(sm_wml_shape *s, const char *local, const char **atts)
{
    if (strcmp(local, "line") == 0 || strcmp(local, "shape") == 0 || strcmp(local, "rect") == 0)
        vml_start(s, local, atts);
    else
        drawing_start(s, local, atts);
}

bool sm_wml_shape_end(sm_wml_shape *s, const char *local, uint32_t *colour)
{
    if (strcmp(local, "ln") == 0)
        s->in_line = false;
    if (s->within && (strcmp(local, "wsp") == 0 || strcmp(local, "cxnSp") == 0)) {
        s->within = false;
        s->found = is_flat(s->wide, s->high) && (s->straight || (s->bar && s->high <= THIN));
    }
    bool found = s->found;
    s->found = false;
    *colour = s->colour;
    return found;
}
