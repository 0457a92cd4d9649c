/*
 * What a stream's events say, for a caller within this program.
 */
#include "gateway/inner.h"

#include <string.h>

static bool is_cut(const json_t *choice)
{
    sm_str why = sm_json_str(choice, "finish_reason");
    return why.n && !sm_str_eq(why, SM_STR("stop"));
}

static bool read_chunk(sm_str data, sm_events *e)
{
    json_t *j = json_loadb(data.p, data.n, 0, NULL);
    const json_t *choice = json_array_get(json_object_get(j, "choices"), 0);
    sm_str text = sm_json_str(json_object_get(choice, "delta"), "content");
    e->cut |= is_cut(choice);
    bool more = text.n == 0 || e->text(e->ctx, text);
    json_decref(j);
    return more;
}

bool sm_events_read(sm_events *e, sm_str bytes)
{
    sm_str line;
    while (sm_str_cut(&bytes, '\n', &line)) {
        if (!sm_str_starts(line, SM_STR("data:")))
            continue;
        line = sm_str_trim(sm_str_sub(line, 5, line.n));
        if (line.n && line.p[0] == '{' && !read_chunk(line, e))
            return false;
    }
    return true;
}
