#include "review/inner.h"

const sm_checker sm_checkers_head[] = { { NULL, NULL } };
