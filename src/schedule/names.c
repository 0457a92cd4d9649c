/*
 * The names of the schedule's classes and refusals.
 */
#include "schedule/schedule.h"

const char *sm_class_id(sm_class c)
{
    static const char *const id[] = {
#define CLASS_ID(name, id, text, bound, wait, share, headroom) id,
        SM_CLASS_TABLE(CLASS_ID)
#undef CLASS_ID
    };
    return id[c];
}

const char *sm_class_text(sm_class c)
{
    static const char *const text[] = {
#define CLASS_TEXT(name, id, text, bound, wait, share, headroom) text,
        SM_CLASS_TABLE(CLASS_TEXT)
#undef CLASS_TEXT
    };
    return text[c];
}

bool sm_class_parse(sm_str id, sm_class *out)
{
    for (int c = 0; c < SM_N_CLASSES; c++)
        if (sm_str_eq(id, sm_str_of(sm_class_id((sm_class)c)))) {
            *out = (sm_class)c;
            return true;
        }
    return false;
}

const char *sm_refusal_id(sm_refusal_kind k)
{
    static const char *const id[] = {
#define REFUSAL_ID(name, id, text) id,
        SM_REFUSAL_TABLE(REFUSAL_ID)
#undef REFUSAL_ID
    };
    return id[k];
}

const char *sm_refusal_text(sm_refusal_kind k)
{
    static const char *const text[] = {
#define REFUSAL_TEXT(name, id, text) text,
        SM_REFUSAL_TABLE(REFUSAL_TEXT)
#undef REFUSAL_TEXT
    };
    return text[k];
}

void sm_schedule_config_init(sm_schedule_config *c)
{
    static const sm_class_rules rules[] = {
#define CLASS_RULES(name, id, text, bound, wait, part, room) \
    { .queue_max = (bound), .wait_us = (wait)*1000LL, .share = (part), .headroom = (room) },
        SM_CLASS_TABLE(CLASS_RULES)
#undef CLASS_RULES
    };
    *c = (sm_schedule_config){ .preempts = true };
    for (int k = 0; k < SM_N_CLASSES; k++)
        c->rules[k] = rules[k];
}
