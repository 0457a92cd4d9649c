/*
 * engine/tools.h - tools as OpenAI's API has them: reading what a request offers, and finding the
 * calls in what the model writes, as it comes.
 *
 * Rests on base and schema.h.  An sm_calls is its caller's storage, one thread at a time.
 */
#ifndef SM_ENGINE_TOOLS_H
#define SM_ENGINE_TOOLS_H

#include "base/base.h"

enum {
    SM_TOOLS_MAX = 128,
    SM_TOOL_NAME_MAX_BYTES = 64,
    SM_CALL_MAX_BYTES = 256 << 10, /* of one call */
    SM_CALLS_MAX = 64,             /* in one answer */
    SM_CALLS_FORCED_MAX = 8        /* by a grammar */
};

/* How a family writes a call. */
typedef enum sm_tool_form {
    SM_TOOL_FORM_NONE,
    SM_TOOL_FORM_TAGS,        /* <tool_call>\n{"name": ..., "arguments": ...}\n</tool_call> */
    SM_TOOL_FORM_DEEPSEEK,    /* V3, R1: function, name, fenced arguments between tokens */
    SM_TOOL_FORM_DEEPSEEK_V31 /* name and arguments between tokens */
} sm_tool_form;

typedef enum sm_tool_choice {
    SM_TOOL_CHOICE_NONE,
    SM_TOOL_CHOICE_AUTO,
    SM_TOOL_CHOICE_REQUIRED,
    SM_TOOL_CHOICE_NAMED
} sm_tool_choice;

typedef struct sm_tools {
    const json_t *tools; /* checked; NULL when none are to be offered */
    sm_tool_choice choice;
    sm_str name; /* of the one that must be called */
    bool parallel;
} sm_tools;

/* From a request's tools, tool_choice and parallel_tool_calls.  E_INVALID names what is wrong,
 * E_LIMIT.  choice NONE leaves tools NULL: the model does not hear of them. */
sm_rc sm_tools_read(sm_op *op, const json_t *request, sm_tools *out);

/* A grammar (GBNF) that admits nothing but calls of the chosen tools with arguments that fit their
 * schemas.  For REQUIRED and NAMED; it holds from the answer's first byte, so the prompt must be
 * rendered with thinking off.  Of a schema what sm_schema_grammar says. */
sm_rc sm_tools_grammar(sm_op *op, const sm_tools *t, sm_tool_form form, sm_str *out);

typedef struct sm_tool_call {
    size_t index;
    sm_str id, name, arguments; /* arguments: one JSON object, one line */
} sm_tool_call;

typedef struct sm_calls_sink {
    void (*text)(void *ctx, sm_str text);              /* outside of calls, never empty */
    void (*call)(void *ctx, const sm_tool_call *call); /* whole; borrowed for the call */
    void *ctx;
} sm_calls_sink;

typedef struct sm_calls {
    sm_tool_form form;
    uint64_t seed;
    size_t n_calls;
    bool after_call; /* blanks there are dropped */
    bool inside;     /* between a call's begin and its end */
    sm_buf held;     /* inside: the call so far; outside: blanks, then the beginning of a tag */
    size_t n_tag;    /* bytes at the end of held that may be a tag's beginning */
} sm_calls;

/* Texts of special tokens must be among what is fed.  request_id makes the calls' ids. */
void sm_calls_init(sm_calls *c, sm_tool_form form, sm_str request_id);
void sm_calls_done(sm_calls *c);
/* What looks like a call but cannot be read is given as text, whole.  No character is cut that the
 * chunks do not cut. */
void sm_calls_feed(sm_calls *c, sm_str chunk, const sm_calls_sink *sink);
void sm_calls_end(sm_calls *c, const sm_calls_sink *sink);

#endif
