/*
 * model/model.h - the face of model: the registry, the gate to production, what was used.
 */
#ifndef SM_MODEL_MODEL_H
#define SM_MODEL_MODEL_H

#include "model/engine.h"
#include "model/eval.h"
#include "model/json.h"
#include "model/probe.h"
#include "model/registry.h"
#include "model/remote.h"
#include "model/usage.h"

#endif
