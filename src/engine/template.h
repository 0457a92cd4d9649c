/*
 * engine/template.h - a conversation as the prompt its model was trained on: the formats of the
 * families DeepSeek (V2, V3, V3.1, R1 and its distillations), Qwen2, 2.5 and 3, and plain ChatML.
 *
 * A model's own template is a program in another language (Jinja); it is never run.  It is only
 * recognised, and the family's format, written here, is used.  What people wrote is kept apart from
 * the tokens that give a prompt its form: it comes in pieces that are never read as such tokens.
 *
 * Rests on base and tools.h.  Results live in the op's arena.
 */
#ifndef SM_ENGINE_TEMPLATE_H
#define SM_ENGINE_TEMPLATE_H

#include "base/base.h"
#include "engine/tools.h"

enum { SM_PROMPT_MAX_BYTES = 16 << 20, SM_PROMPT_MAX_MESSAGES = 4096 };

typedef enum sm_family {
    SM_FAMILY_CHATML, /* Qwen2, 2.5, 3 and all that speak like them */
    SM_FAMILY_DEEPSEEK_V2,
    SM_FAMILY_DEEPSEEK_V3, /* R1 too */
    SM_FAMILY_DEEPSEEK_V31
} sm_family;

typedef struct sm_template {
    const char *name; /* "qwen3": what --chat-template takes, what the registry shows */
    sm_family family;
    sm_tool_form tools;
    sm_str default_system; /* said when the caller gives no system message; often "" */
    sm_str end;            /* the token that ends an answer, should the vocabulary not say so */
    bool reasons;          /* it may write <think> ... </think> */
    bool opens_think;      /* the prompt does so for it */
} sm_template;

/* By name when one is given, else by the model's template, else (where it has none) by its
 * tokenizer.  E_INVALID says which are known. */
sm_rc sm_template_choose(sm_op *op, const char *name, sm_str text, sm_str pre_tokenizer,
                         sm_template *out);

typedef enum sm_thinking { SM_THINKING_DEFAULT, SM_THINKING_ON, SM_THINKING_OFF } sm_thinking;

/* A run of the prompt.  special: exactly one token of the vocabulary by its text.  Else plain text,
 * to be tokenized without special tokens, each piece for itself: pieces are cut where two of them
 * together would spell one. */
typedef struct sm_piece {
    sm_str text;
    bool special;
} sm_piece;

typedef struct sm_prompt {
    bool bos; /* the vocabulary's first token comes before all, if it has one */
    sm_piece *piece;
    size_t n_pieces;
    bool in_think; /* the answer begins inside <think> */
} sm_prompt;

/* messages and tools as OpenAI's API has them (tools NULL or empty: none); ends where the
 * assistant's answer begins.  E_INVALID names the message that is not as it should be or what the
 * family cannot do; E_LIMIT. */
sm_rc sm_template_render(sm_op *op, const sm_template *t, const json_t *messages,
                         const json_t *tools, sm_thinking thinking, sm_prompt *out);

#endif
