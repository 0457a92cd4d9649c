#include "guide/guide.h"

sm_rc sm_talk_known(sm_op *op, sm_db *record, sm_str session, bool *known)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, record, &q, "SELECT 1 FROM session WHERE id = ?", "s", session);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    *known = rc == SM_OK;
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}
