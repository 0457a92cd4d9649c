#include "review/inner.h"

const sm_checker sm_checkers_layout[] = { { NULL, NULL } };
