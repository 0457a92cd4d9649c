#include "answer/answer.h"

static const struct {
    const char *name, *text;
} facets[SM_N_FACETS] = {
#define SM_FACET_ROW(id, name, text) [SM_FACET_##id] = { name, text },
    SM_FACET_TABLE(SM_FACET_ROW)
#undef SM_FACET_ROW
};

const char *sm_facet_name(sm_facet f)
{
    return f < SM_N_FACETS ? facets[f].name : "none";
}

const char *sm_facet_text(sm_facet f)
{
    return f < SM_N_FACETS ? facets[f].text : "";
}

bool sm_facet_parse(sm_str name, sm_facet *out)
{
    for (size_t i = 0; i < SM_N_FACETS; i++)
        if (sm_str_eq(name, sm_str_of(facets[i].name))) {
            *out = (sm_facet)i;
            return true;
        }
    return false;
}
