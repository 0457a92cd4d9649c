/*
 * model/model.h - the face of model: the registry and its gate, what was used, and the door to the
 * back ends.
 */
#ifndef SM_MODEL_MODEL_H
#define SM_MODEL_MODEL_H

#include "model/eval.h"
#include "model/json.h"
#include "model/probe.h"
#include "model/models.h"
#include "model/registry.h"
#include "model/remote.h"
#include "model/usage.h"

#endif
