/* A JSON Schema: a grammar comes of it or a reason why not, and the grammar is small and says what
 * every name it uses means. */
#include "fuzz_target.h"

#include "engine/schema.h"

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Behind a literal or a class that begins at i. */
static size_t skip_quoted(sm_str g, size_t i)
{
    char end = g.p[i] == '"' ? '"' : ']';
    for (i++; i < g.n && g.p[i] != end; i++)
        if (g.p[i] == '\\')
            i++;
    fuzz_must(i < g.n);
    return i;
}

static void check_names(sm_op *op, sm_str g)
{
    sm_str with_line = sm_strf(op->arena, "\n%.*s", SM_ARG(g));
    for (size_t i = 0; i < g.n; i++) {
        size_t from = i;
        if (g.p[i] == '"' || g.p[i] == '[') {
            i = skip_quoted(g, i);
        } else if (g.p[i] == '{') {
            while (g.p[i] != '}')
                fuzz_must(++i < g.n);
        } else if (is_name(g.p[i])) {
            while (i + 1 < g.n && is_name(g.p[i + 1]))
                i++;
            sm_str rule = sm_strf(op->arena, "\n%.*s ::= ", (int)(i + 1 - from), g.p + from);
            fuzz_must(sm_str_has(with_line, rule));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    json_t *v = NULL;
    sm_str g = { 0 };
    if (sm_json_parse(&op, (sm_str){ (const char *)data, size }, "schema", &v) == SM_OK) {
        sm_rc rc = sm_schema_grammar(&op, v, &g);
        fuzz_must((rc == SM_OK) == (g.p != NULL));
        fuzz_must(rc == SM_OK || ((rc == SM_E_INVALID || rc == SM_E_LIMIT) && op.msg.n > 0));
        if (g.p && g.n < 20000)
            check_names(&op, g);
        fuzz_must(!g.p || sm_utf8_valid(g, NULL));
    }
    sm_op_end(&op);
    return 0;
}
