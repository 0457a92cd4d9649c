/*
 * ground/prompt.h - what a model is told: what to do comes from files, what it is told about is
 * data between fences that nothing in it can forge; and what comes back as an object.
 *
 * Rests on base and text.  The prompts never change once they are open and may be shared.
 */
#ifndef SM_GROUND_PROMPT_H
#define SM_GROUND_PROMPT_H

#include "base/base.h"

/* The prompts of share/prompts, read once: a version each, the same bytes for as long as it is the
 * same version. */
typedef struct sm_prompts sm_prompts;
typedef struct sm_prompt {
    const char *name;     /* the file's: "short", "compare", "steps", "rewrite", "vote", "review",
                           * "spelling", "draft" */
    sm_str version, text; /* "short-1"; what the model is told to do */
} sm_prompt;

sm_rc sm_prompts_open(sm_op *op, const char *share_dir, sm_prompts **out);
void sm_prompts_close(sm_prompts *p);                                    /* NULL is fine */
const sm_prompt *sm_prompt_named(const sm_prompts *p, const char *name); /* NULL: there is none */

/* A text that goes into a prompt as data: in one line, without what shows nothing, and with no
 * bracket that a prompt's own fences, markers or a model's control words are made of. */
sm_str sm_prompt_inert(sm_arena *a, sm_str text);

typedef struct sm_prompt_ask {
    const sm_prompt *prompt;
    sm_str model;
    sm_str data;     /* lines of inert texts, fenced as 【资料】; "" for none */
    sm_str question; /* as it came: it is made inert and fenced as 【问题】 */
    size_t max_tokens;
    bool stream;
    json_t *ground; /* "sunmao_ground"; borrowed; NULL: none */
    json_t *format; /* "response_format"; borrowed; NULL: none */
} sm_prompt_ask;
/* The body of a chat completion at temperature 0; what changes least comes first. */
sm_str sm_prompt_body(sm_arena *a, const sm_prompt_ask *ask);

/* The object of a reply, models like to put thoughts before it and words around it; lives as long
 * as op.  False: there is none. */
bool sm_prompt_object(sm_op *op, sm_str reply, json_t **out);

#endif
