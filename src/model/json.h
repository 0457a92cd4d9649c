/*
 * model/json.h - the registry as JSON, for the command line and the server's API alike
 * (share/openapi.json names the members).  Each returns a new object.
 */
#ifndef SM_MODEL_JSON_H
#define SM_MODEL_JSON_H

#include "model/eval.h"
#include "model/registry.h"
#include "model/usage.h"

json_t *sm_backend_json(const sm_backend *b);
/* `now`: the back end as it is now, to tell whether the evaluation is of it; NULL: it is not. */
json_t *sm_evaluation_json(sm_op *op, const sm_evaluation *e, const sm_backend *now);
/* One object for each name and scope. */
json_t *sm_aliases_json(sm_op *op, const sm_alias *a, size_t n, const sm_backend *b,
                        size_t n_backends, const sm_dept *d, size_t n_depts);
json_t *sm_dept_json(const sm_dept *d);
json_t *sm_key_json(const sm_app_key *k, const sm_dept *d, size_t n_depts);
json_t *sm_model_event_json(const sm_model_event *e);
/* Cost and energy are of `b`'s rates, 0 when it is NULL or has none; see sm_usage_priced. */
typedef struct sm_priced {
    sm_usage sum;
    double cost_yuan, energy_wh;
} sm_priced;
/* Adds a row with what it cost: by tokens and prices; by time, power and the slots it is shared by.
 */
void sm_priced_add(sm_priced *p, const sm_usage *u, const sm_backend *b);
json_t *sm_priced_json(const sm_priced *p);
/* Puts what an operator may set (key_from, remote_name … watts), where the object has it, over *b.
 * E_INVALID for a member of the wrong type. */
sm_rc sm_backend_settings(sm_op *op, const json_t *from, sm_backend *b);

#endif
