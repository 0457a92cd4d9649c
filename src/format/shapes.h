/* format/shapes.h - private: whether a drawing of a DOCX is a line, and of which colour. */
#ifndef SM_FORMAT_SHAPES_H
#define SM_FORMAT_SHAPES_H

#include "format/layout.h"
#include "format/wordml.h"

/* All zero to begin with. */
typedef struct sm_wml_shape {
    bool within, in_line; /* a shape of DrawingML, and its outline */
    bool straight, bar, found;
    double wide, high; /* EMU */
    uint32_t colour;
} sm_wml_shape;

/* Each element that is not WordprocessingML's own, by its local name. */
void sm_wml_shape_start(sm_wml_shape *s, const char *local, const char **atts);
/* True when a line has just ended. */
bool sm_wml_shape_end(sm_wml_shape *s, const char *local, uint32_t *colour);

#endif
