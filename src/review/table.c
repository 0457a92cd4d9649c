/*
 * Tables that checkers in C look things up in.
 */
#include "review/pack.h"

enum { MAX_ROWS = 100000 };

static void read_row(struct sm_table_row *row, sm_str line)
{
    for (size_t i = 0; i < SM_TABLE_COLUMNS; i++) {
        sm_str cell = { 0 };
        if (!sm_str_cut(&line, '\t', &cell))
            return;
        row->cell[i] = sm_str_trim(cell);
    }
}

sm_rc sm_table_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                    const void **made)
{
    sm_table *t = SM_NEW(op->arena, sm_table);
    sm_rc rc = sm_rule_file(op, rule, "table", folder, read);
    sm_str rest = *read, line;
    while (rc == SM_OK && sm_str_cut(&rest, '\n', &line)) {
        if (!sm_str_trim(line).n || line.p[0] == '#')
            continue;
        if (t->n == MAX_ROWS)
            return sm_fail(op, SM_E_LIMIT, "规则%.*s：词表超过%d行", SM_ARG(rule->id), MAX_ROWS);
        SM_GROW(op->arena, t->row, t->n, t->cap);
        t->row[t->n] = (struct sm_table_row){ 0 };
        read_row(&t->row[t->n++], line);
    }
    *made = t;
    return rc;
}
