/*
 * How an answer came about, beside its record in the ledger and no part of the chain.
 */
#include "access/access.h"

sm_rc sm_trace_keep(sm_op *op, sm_db *db, int64_t id, sm_str json)
{
    if (json.n > SM_TRACE_MAX_BYTES)
        return SM_OK;
    return sm_db_run(op, db, "INSERT OR REPLACE INTO trace(id, time_ms, json) VALUES(?,?,?)", "iis",
                     id, sm_wall_ms(), json);
}

sm_rc sm_trace_read(sm_op *op, sm_db *db, int64_t id, sm_str *json)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT json FROM trace WHERE id = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_NOTFOUND, "没有第 %lld 条记录的经过，或者已经删除、过了保存期限",
                       (long long)id);
    if (rc < 0)
        return rc;
    *json = sm_stmt_str(op, q, 0);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_trace_sweep(sm_op *op, sm_db *db, int64_t before_ms)
{
    return sm_db_run(op, db, "DELETE FROM trace WHERE time_ms < ?", "i", before_ms);
}
