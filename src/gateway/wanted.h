/*
 * gateway/wanted.h - what a request in the words of OpenAI's API asks for, and the same request as
 * it goes to a back end.
 *
 * Rests on base, ground and raw.h.  The body is read where it lies: it is passed on as it came, but
 * for the model's name, stream_options and sunmao_ground.  Any thread.
 */
#ifndef SM_GATEWAY_WANTED_H
#define SM_GATEWAY_WANTED_H

#include "base/base.h"

typedef enum sm_service {
    SM_SERVICE_CHAT,
    SM_SERVICE_COMPLETIONS,
    SM_SERVICE_EMBED,
    SM_SERVICE_RERANK
} sm_service;

enum {
    SM_WANTED_MAX_MEMBERS = 64,
    SM_WANTED_NAME_BYTES = 200,
    SM_WANTED_GROUND_BYTES = 512 * 1024 /* of what takes the evidence's place */
};

typedef struct sm_wanted {
    sm_service service;
    sm_str body;    /* borrowed */
    sm_str model;   /* borrowed from it */
    sm_str lora;    /* an adapter's name, too; "": none */
    unsigned needs; /* SM_CAN_…, the service itself among them */
    bool stream;
    bool usage;             /* a stream's caller asked to be told the usage */
    uint32_t prompt_tokens; /* estimated */
    uint32_t least_tokens;  /* what the prompt has at the very least */
    uint32_t max_tokens;    /* of all choices; 0: not told, or nothing is generated */
    /* where the values lie in the body; n = 0: absent */
    struct {
        size_t at, n;
    } model_at, options_at, ground_at;
    size_t open_at; /* after the brace */
} sm_wanted;

const char *sm_service_path(sm_service s); /* "/v1/chat/completions" */

/* E_INVALID with a message for people; *param names the member that is wrong, NULL when it is the
 * text itself.  E_DENIED: content that a back end would have to fetch from an address. */
sm_rc sm_wanted_read(sm_op *op, sm_service service, sm_str body, sm_wanted *out,
                     const char **param);

/* The body for a back end that calls the model `name` and can do what `can` says; of a stream,
 * usage is asked for.  Evidence goes to a back end that masks by it as it came; for others it
 * becomes what they understand (ground.c). */
void sm_wanted_write(const sm_wanted *w, sm_str name, unsigned can, sm_buf *out);
size_t sm_wanted_most_bytes(const sm_wanted *w); /* of what is written */

/* ground.c: whether it is evidence; and the member that takes its place, if any does: false when
 * none is written. */
sm_rc sm_wanted_check_ground(sm_op *op, sm_str value);
bool sm_wanted_write_ground(const sm_wanted *w, unsigned can, sm_buf *out);

#endif
