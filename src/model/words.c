/*
 * The names of kinds, states and capabilities.
 */
#include "model/registry.h"

static const char *const kinds[] = { [SM_BACKEND_FILE] = "file", [SM_BACKEND_SERVER] = "server" };

static const struct {
    const char *name, *text;
} states[] = { [SM_BACKEND_TEST] = { "test", "测试" },
               [SM_BACKEND_PRODUCTION] = { "production", "生产" },
               [SM_BACKEND_RETIRED] = { "retired", "停用" } },
  capabilities[] = {
#define ROW(id, can_name, can_text) [SM_CAN_##id##_BIT] = { can_name, can_text },
      SM_CAPABILITY_TABLE(ROW)
#undef ROW
  };

const char *sm_backend_kind_name(sm_backend_kind k)
{
    return kinds[k];
}

bool sm_backend_kind_parse(sm_str name, sm_backend_kind *out)
{
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (sm_str_eq(name, sm_str_of(kinds[i]))) {
            *out = (sm_backend_kind)i;
            return true;
        }
    return false;
}

const char *sm_backend_state_name(sm_backend_state s)
{
    return states[s].name;
}

const char *sm_backend_state_text(sm_backend_state s)
{
    return states[s].text;
}

bool sm_backend_state_parse(sm_str name, sm_backend_state *out)
{
    for (size_t i = 0; i < SM_LEN(states); i++)
        if (sm_str_eq(name, sm_str_of(states[i].name))) {
            *out = (sm_backend_state)i;
            return true;
        }
    return false;
}

const char *sm_capability_name(unsigned bit_no)
{
    return capabilities[bit_no].name;
}

const char *sm_capability_text(unsigned bit_no)
{
    return capabilities[bit_no].text;
}
